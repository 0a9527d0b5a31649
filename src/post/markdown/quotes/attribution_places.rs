//! Puts the attributions of a text where one form of them is expected: in the last paragraph of the blockquote, behind a dash.
//!
//! People write them in other places as well: in the last line of the words, as the only item of a list, directly below the
//! quote or first in it, in a blockquote of its own, in a `<cite>`, in HTML; or the headline stands first, in the quote or above it. Here the events are put in order,
//! so that all that follows knows the one form. What can be meant otherwise is remarked on.

use std::collections::BTreeSet;
use std::ops::Range;

use hashbrown::HashMap;
use pulldown_cmark::{CowStr, Event, HeadingLevel, Tag, TagEnd};

use crate::html;
use crate::post::attribution::{leading_dash, looks_like_a_person, names_its_source, without_joining_words};
use crate::post::quote::{StoredQuote, cited_id};

use super::html_quote;
use crate::post::markdown::Options;
use crate::post::markdown::events::{self, Remark};

/// Events with their bytes of the text.
type Spanned<'t> = (Event<'t>, Range<usize>);

/// Events in order.
pub(in crate::post::markdown) struct ArrangedEvents<'t> {
    pub(in crate::post::markdown) list: Vec<Spanned<'t>>,
    /// The addresses that blockquotes in HTML name as theirs, by the byte at which each begins.
    pub(in crate::post::markdown) addresses: HashMap<usize, String>,
}

/// Puts the attributions of a text in order.
pub(in crate::post::markdown) fn arrange<'t>(
    list: Vec<Spanned<'t>>,
    text: &str,
    options: &Options<'_>,
    remarks: &mut Vec<Remark>,
) -> ArrangedEvents<'t> {
    let has_quotes = list.iter().any(|(event, _)| match event {
        Event::Start(Tag::BlockQuote(None)) => true,
        Event::Html(html) => html_quote::begins_in(html),
        _ => false,
    });
    if !has_quotes {
        return ArrangedEvents { list, addresses: HashMap::new() };
    }
    let language = options.language.split('-').next().unwrap_or_default();
    let html_quote::HtmlQuotes { list, addresses } = html_quote::as_block_quotes(list, language, remarks);
    let ends = events::ends(&list);
    let stored = options.stored;
    let edits = Edits::default();
    let mut arranger = Arranger { list: &list, ends: &ends, text, stored, language, edits, remarks };
    for (at, (event, _)) in list.iter().enumerate() {
        if matches!(event, Event::Start(Tag::BlockQuote(None))) {
            arranger.block_quote(at);
        }
    }
    let edits = arranger.edits;
    ArrangedEvents { list: edits.applied(list), addresses }
}

/// Changes to a list of events.
#[derive(Default)]
struct Edits<'t> {
    removed: BTreeSet<usize>,
    /// Events to stand before an index, in the order in which they were asked for.
    inserted: Vec<Insertion<'t>>,
}

struct Insertion<'t> {
    before: usize,
    event: Spanned<'t>,
}

impl<'t> Edits<'t> {
    fn remove(&mut self, at: usize) {
        self.removed.insert(at);
    }

    fn insert(&mut self, before: usize, event: Event<'t>, span: Range<usize>) {
        self.inserted.push(Insertion { before, event: (event, span) });
    }

    fn applied(mut self, list: Vec<Spanned<'t>>) -> Vec<Spanned<'t>> {
        if self.removed.is_empty() && self.inserted.is_empty() {
            return list;
        }
        self.inserted.sort_by_key(|insertion| insertion.before);
        let mut inserted = self.inserted.into_iter().peekable();
        let mut removed = self.removed.into_iter().peekable();
        let mut arranged = Vec::with_capacity(list.len() + 8);
        for (at, event) in list.into_iter().enumerate() {
            while let Some(insertion) = inserted.next_if(|insertion| insertion.before == at) {
                arranged.push(insertion.event);
            }
            if removed.next_if_eq(&at).is_none() {
                arranged.push(event);
            }
        }
        arranged.extend(inserted.map(|insertion| insertion.event));
        arranged
    }
}

struct Arranger<'l, 't> {
    list: &'l [Spanned<'t>],
    ends: &'l [usize],
    text: &'l str,
    /// The quotes of the front matter.
    stored: &'l [StoredQuote],
    /// The primary subtag of the page's language.
    language: &'l str,
    edits: Edits<'t>,
    remarks: &'l mut Vec<Remark>,
}

pub(in crate::post::markdown) const LIKELY_SOURCE: &str =
    "this looks like the source of the quote, and is one of the quoted words";
pub(in crate::post::markdown) const LIKELY_SOURCE_HINT: &str =
    "write the source as a last paragraph that begins with `—`: this one, or one behind it";

/// What the attribution of a blockquote names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AttributionKind {
    /// There is no attribution.
    Missing,
    /// An author or a publication alone.
    Name,
    Report,
}

/// Words with a link in them.
pub(in crate::post::markdown) struct SourceParts<'t> {
    pub(in crate::post::markdown) before: &'t str,
    pub(in crate::post::markdown) linked: &'t str,
    pub(in crate::post::markdown) behind: &'t str,
}

impl SourceParts<'_> {
    /// Whether they have the form of an attribution: nothing or a name before a headline, and nothing, a publication, an
    /// author or a date behind it.
    pub(in crate::post::markdown) fn name_a_source(&self, language: &str) -> bool {
        let before = self.before.trim_matches(is_between_parts);
        let name = without_joining_words(before, language);
        let behind = self.behind.trim_matches(is_between_parts);
        let is_led_in = behind.is_empty()
            || self.behind.trim_start().starts_with([',', ';', '(', '–', '—', '-', '|', '·', ':'])
            || without_joining_words(behind, language).len() < behind.len();
        let is_address = self.linked.starts_with("http");
        // `Jane, [Headline](…)`
        let is_short_name = name.starts_with(char::is_uppercase)
            && !name.contains(char::is_whitespace)
            && self.before.trim_end().ends_with([',', ':']);
        let names_it = !before.is_empty() || !behind.is_empty() || is_address || is_title(self.linked);
        let has_words = self.linked.contains(char::is_alphanumeric);
        has_words
            && names_it
            && (name.is_empty() || looks_like_a_person(name) || is_short_name)
            && is_led_in
            && behind.split_whitespace().count() <= 8
            && !self.behind.trim_end().ends_with(['.', '!', '?'])
    }
}

/// What stands between the parts of an attribution.
fn is_between_parts(c: char) -> bool {
    c.is_whitespace() || "([])“”\"„«»,:;-–—|·、，：".contains(c)
}

/// Whether the text of a link that stands alone is a headline or a name: not `Read more`, `here`, `Continue reading`.
fn is_title(linked: &str) -> bool {
    const MORE: [&str; 14] = [
        "More",
        "Here",
        "Link",
        "Continue",
        "Mehr",
        "Weiterlesen",
        "Hier",
        "Lire",
        "Ici",
        "Suite",
        "Leer",
        "Más",
        "Läs",
        "Mer",
    ];
    let words: Vec<&str> = linked.split_whitespace().collect();
    let begins_with_more = words.first().is_some_and(|first| MORE.contains(first));
    let are_capitalised =
        words.iter().all(|word| word.starts_with(|c: char| c.is_alphabetic() && !c.is_lowercase()));
    !begins_with_more && (words.len() > 3 || are_capitalised)
}

/// Whether the text of a link says that it leads to the source: `source`, `(via)`.
fn is_source_word(linked: &str) -> bool {
    const WORDS: [&str; 12] = [
        "source",
        "via",
        "quelle",
        "fuente",
        "fonte",
        "källa",
        "bron",
        "kilde",
        "źródło",
        "источник",
        "出典",
        "来源",
    ];
    let word = linked.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    WORDS.contains(&word.as_str())
}

/// How sure it is that some words behind a dash are an attribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Likeness {
    /// They have a link, emphasis or a year.
    Sure,
    Name,
    Sentence,
    /// They go on in lower case, as a sentence that was broken into lines.
    Continued,
}

impl<'t> Arranger<'_, 't> {
    fn span(&self, at: usize) -> Range<usize> {
        self.list[at].1.clone()
    }

    fn is_paragraph(&self, at: usize) -> bool {
        matches!(self.list.get(at), Some((Event::Start(Tag::Paragraph), _)))
    }

    fn children(&self, range: Range<usize>) -> Vec<Range<usize>> {
        events::children(self.ends, range)
    }

    fn block_quote(&mut self, start: usize) {
        // It may be a part of the one before it by now.
        if self.edits.removed.contains(&start) {
            return;
        }
        let end = self.ends[start];
        let children = self.children(start + 1..end);
        let Some(last) = children.last().cloned() else { return };
        let mut kind = self.attribution_within(&children, &last, end);
        if kind == AttributionKind::Missing {
            kind = self.attribution_first(&children, end);
        }
        if kind != AttributionKind::Missing {
            self.remark_on_second_source(end);
        }
        if kind == AttributionKind::Missing {
            kind = self.attribution_below(end);
        }
        if kind == AttributionKind::Missing {
            kind = self.quote_below(&children, end);
        }
        self.remark_on_sources_amid(&children);
        let has_headline = kind != AttributionKind::Report && self.headline_above(start);
        if kind == AttributionKind::Missing && !has_headline {
            self.remark_on_likely_source(&children, &last);
            self.remark_on_likely_source_below(end);
        }
    }

    /// A paragraph below the quote that is a source in parentheses or in emphasis, without a dash.
    fn remark_on_likely_source_below(&mut self, end: usize) {
        let start = end + 1;
        if !self.is_paragraph(start) {
            return;
        }
        let inner = start + 1..self.ends[start];
        let text = plain_text(&self.list[inner.clone()]);
        let text = text.trim();
        let is_in_brackets = text.starts_with('(') && text.ends_with(')');
        let is_emphasised = matches!(self.list[inner.start].0, Event::Start(Tag::Emphasis))
            && self.ends[inner.start] + 1 == inner.end;
        if (is_in_brackets || is_emphasised)
            && self.has_link(inner.clone())
            && self.is_likely_source(inner.clone())
        {
            self.remark(
                inner,
                "this paragraph looks like the source of the quote above it, and is not a part of it",
                "begin it with `—`, or write it as the last paragraph of the quote",
            );
        }
    }

    /// Where a source begins that stands in the line of the last words, behind their full stop: `… the end. — Jane Doe`,
    /// `… the end. ([Headline](…))`.
    fn source_in_last_line(&self, inner: &Range<usize>) -> Option<Range<usize>> {
        let text = plain_text(&self.list[inner.clone()]);
        let (at, sign) = ["— ", "– ", "-- ", "("]
            .into_iter()
            .filter_map(|sign| text.rfind(&format!(" {sign}")).map(|at| (at, sign)))
            .max_by_key(|(at, _)| *at)?;
        let ends_sentence =
            text[..at].trim_end().ends_with(['.', '!', '?', '…', '"', '”', '»', '“', '」', '。']);
        let tail = text[at + 1 + sign.len()..].trim();
        let link = inner.clone().rev().find(|&at| matches!(self.list[at].0, Event::Start(Tag::Link { .. })));
        let link = link.filter(|&link| plain_text(&self.list[inner.start..link]).len() > at);
        let is_source = match (link, sign) {
            (Some(link), _) => {
                let linked = plain_text(&self.list[link..=self.ends[link]]);
                tail.split_whitespace().count() <= 25
                    && (is_title(&linked) || is_source_word(&linked) || linked.starts_with("http"))
                    && (sign != "(" || tail.trim_end_matches('.').ends_with(')'))
            }
            (None, "(") => false,
            (None, _) => looks_like_a_person(tail) && tail.ends_with(char::is_alphanumeric),
        };
        // The words begin in the event that holds the sign.
        let mut length = 0;
        let event = inner.clone().find(|&event| {
            length += plain_text(&self.list[event..=event]).len();
            length > at + 1
        });
        (ends_sentence && is_source).then(|| event.unwrap_or(inner.start)..inner.end)
    }

    /// A last paragraph, its last line or a last heading that has the form of an attribution but for its dash.
    fn remark_on_likely_source(&mut self, children: &[Range<usize>], last: &Range<usize>) {
        let inner = last.start + 1..last.end - 1;
        if matches!(self.list[last.start].0, Event::Start(Tag::Heading { .. })) {
            let is_likely = self.begins_with_dash(inner.clone())
                || (self.has_link(inner.clone()) && self.is_likely_source(inner.clone()));
            if children.len() > 1 && is_likely {
                self.remark(inner, LIKELY_SOURCE, LIKELY_SOURCE_HINT);
            }
            return;
        }
        if !self.is_paragraph(last.start) {
            return;
        }
        let likely = if children.len() > 1 && self.is_likely_source(inner.clone()) {
            inner
        } else if let Some(source) = self.source_in_last_line(&inner) {
            source
        } else {
            let Some(&at) = self.outer_breaks(&inner).last() else { return };
            let line = at + 1..inner.end;
            let before = plain_text(&self.list[inner.start..at]);
            let ends_sentence =
                before.trim_end().ends_with(['.', '!', '?', '…', '"', '”', '»', '“', '」', '。']);
            let is_likely =
                ends_sentence && self.has_link(line.clone()) && self.is_likely_source(line.clone());
            if !is_likely {
                return;
            }
            line
        };
        self.remark(likely, LIKELY_SOURCE, LIKELY_SOURCE_HINT);
    }

    /// Whether words without a dash have the form of an attribution: a headline, a name before a headline, a name with a
    /// publication or a date, or a name alone.
    fn is_likely_source(&self, inner: Range<usize>) -> bool {
        let events = &self.list[inner.clone()];
        let text = plain_text(events);
        // A backslash before a dash says that it is not one.
        if text.starts_with('\\') || self.text[..self.span(inner.start).start].ends_with('\\') {
            return false;
        }
        let words = text.trim().trim_matches(['(', ')', '[', ']']).trim();
        let is_account = words.len() > 1 && words.starts_with('@') && !words.contains(char::is_whitespace);
        if is_account || is_source_word(words) && self.has_link(inner.clone()) {
            return true;
        }
        if words.split_whitespace().count() > 25 || words.ends_with(['.', '!', '?', ':', '…', '→', '»', '›'])
        {
            return false;
        }
        let link = events.iter().position(|(event, _)| matches!(event, Event::Start(Tag::Link { .. })));
        if let Some(link) = link {
            let close = (link..events.len()).find(|&at| matches!(events[at].0, Event::End(TagEnd::Link)));
            let parts = SourceParts {
                before: &plain_text(&events[..link]),
                linked: &plain_text(&events[link..close.unwrap_or(link)]),
                behind: &plain_text(&events[close.unwrap_or(link)..]),
            };
            return parts.name_a_source(self.language) && !self.has_picture(inner);
        }
        if let Some(at) = words.find("https://").or_else(|| words.find("http://")) {
            let end = words[at..].find(char::is_whitespace).map_or(words.len(), |end| at + end);
            let parts = SourceParts { before: &words[..at], linked: &words[at..end], behind: &words[end..] };
            return parts.name_a_source(self.language);
        }
        let name = words.split(',').next().unwrap_or_default().trim();
        // `Rain falls over Riga` has two capitals as well.
        let is_name = looks_like_a_person(name)
            && name.split_whitespace().filter(|word| word.starts_with(char::is_lowercase)).count() < 2
            && name.contains(char::is_uppercase)
            && name.split_whitespace().next_back().is_some_and(|word| word.starts_with(char::is_uppercase));
        let is_alone = name.len() == words.len();
        let has_emphasis = events.iter().any(|(event, _)| matches!(event, Event::Start(Tag::Emphasis)));
        is_name && (is_alone || has_emphasis || has_year(words))
    }

    /// Attributions with words of the same quote behind them.
    fn remark_on_sources_amid(&mut self, children: &[Range<usize>]) {
        let dashed: Vec<bool> = children
            .iter()
            .map(|child| {
                self.is_paragraph(child.start) && self.begins_with_dash(child.start + 1..child.end - 1)
            })
            .collect();
        for at in 1..children.len().saturating_sub(1) {
            // Dashes before several paragraphs are people speaking, or several sources.
            if !dashed[at] || dashed[at - 1] || dashed[at + 1] {
                continue;
            }
            let inner = children[at].start + 1..children[at].end - 1;
            if self.is_persons_name(inner.clone()) || self.likeness(inner.clone()) == Likeness::Sure {
                self.remark(
                    inner,
                    "this looks like a source, and stands amid the quoted words",
                    "end the blockquote behind it, with an empty line and a line of text before the next, or put `\\` before the dash",
                );
            }
        }
    }

    /// A paragraph with a dash and a link below a quote that has its attribution.
    fn remark_on_second_source(&mut self, end: usize) {
        let start = end + 1;
        if !self.is_paragraph(start) {
            return;
        }
        let inner = start + 1..self.ends[start];
        let ends_another =
            matches!(self.list.get(inner.end + 1), Some((Event::End(TagEnd::BlockQuote(_)), _)));
        let is_source = !ends_another
            && self.begins_with_dash(inner.clone())
            && self.has_link(inner.clone())
            && self.likeness(inner.clone()) == Likeness::Sure
            && !self.is_speech(start);
        if is_source {
            self.remark(
                inner,
                "this looks like a second source of the quote above it, and is a paragraph of its own",
                "write it as a line of the attribution, or put `\\` before the dash if it is not a source",
            );
        }
    }

    /// What of the forms within the blockquote there is.
    fn attribution_within(
        &mut self,
        children: &[Range<usize>],
        last: &Range<usize>,
        end: usize,
    ) -> AttributionKind {
        match &self.list[last.start].0 {
            Event::Start(Tag::Paragraph) => {
                let inner = last.start + 1..last.end - 1;
                let is_marked = self.is_cite(inner.clone()) || self.names_its_source(inner.clone());
                if is_marked && children.len() > 1 {
                    self.insert_dash(inner.start);
                    self.kept_from_own_words(inner.clone(), end);
                    self.kind_of(inner)
                } else if self.begins_with_dash(inner.clone()) {
                    let kind = self.paragraph_with_dash(children, inner, end);
                    if kind != AttributionKind::Missing {
                        self.join_sources(children);
                    }
                    kind
                } else {
                    let kind = self.last_lines(inner.clone(), end);
                    if kind == AttributionKind::Missing { self.behind_quoted_words(inner) } else { kind }
                }
            }
            Event::Start(Tag::List(None)) if children.len() > 1 => self.list_item(last, end),
            Event::Start(Tag::BlockQuote(None)) if children.len() > 1 => {
                let Some(inner) = self.source_alone(last.start) else { return AttributionKind::Missing };
                self.edits.remove(last.start);
                self.edits.remove(last.end - 1);
                self.mark_dash(inner.start);
                self.kind_of(inner)
            }
            _ => AttributionKind::Missing,
        }
    }

    /// A last paragraph that begins with a dash. With an em dash it is an attribution; other dashes begin speech as well.
    fn paragraph_with_dash(
        &mut self,
        children: &[Range<usize>],
        inner: Range<usize>,
        end: usize,
    ) -> AttributionKind {
        // Dashes before every paragraph are people speaking, but a link behind the last is a report.
        let names_a_report = children.len() > 1 && self.has_link(inner.clone());
        let mut blocks = children.iter();
        if !names_a_report
            && blocks.all(|child| {
                self.is_paragraph(child.start) && self.begins_with_dash(child.start + 1..child.end - 1)
            })
        {
            return AttributionKind::Missing;
        }
        let words = plain_text(&self.list[inner.clone()]);
        let is_em_dash = words.trim_start().starts_with(['—', '―']) || self.source_begins_with(&inner, "--");
        let likeness = self.likeness(inner.clone());
        // `-Wall` is an option of a program.
        if is_hyphenated(&words) && !self.is_persons_name(inner.clone()) && likeness != Likeness::Sure {
            return AttributionKind::Missing;
        }
        if !is_em_dash && !matches!(likeness, Likeness::Sure | Likeness::Name) {
            self.remark(
                inner,
                "this paragraph begins with a dash and reads as a sentence: it is part of the quoted words",
                "begin it with `—` if it is the source, or with `\\` before the dash if it is not",
            );
            return AttributionKind::Missing;
        }
        if !is_em_dash {
            self.mark_dash(inner.start);
        }
        self.kept_from_own_words(inner.clone(), end);
        self.kind_of(inner)
    }

    /// Several paragraphs with a dash at the end are several sources: they become lines of one.
    fn join_sources(&mut self, children: &[Range<usize>]) {
        for pair in children.windows(2).skip(1).rev() {
            let [before, last] = pair else { return };
            if !self.is_paragraph(before.start) || !self.begins_with_dash(before.start + 1..before.end - 1) {
                return;
            }
            let inner = before.start + 1..before.end - 1;
            if !self.has_link(inner.clone()) && !self.is_persons_name(inner.clone()) {
                return;
            }
            let span = self.span(last.start);
            self.edits.remove(before.end - 1);
            self.edits.remove(last.start);
            self.edits.insert(before.end - 1, Event::HardBreak, span.start..span.start);
            self.mark_dash(inner.start);
        }
    }

    /// Whether words behind a dash are the name of a person and nothing else.
    fn is_persons_name(&self, inner: Range<usize>) -> bool {
        let text = plain_text(&self.list[inner.clone()]);
        let words = text[leading_dash(&text)..].trim();
        self.likeness(inner) == Likeness::Name
            && looks_like_a_person(words)
            && !words.contains([',', '!', '?', ';'])
    }

    /// An attribution before the quoted words.
    fn attribution_first(&mut self, children: &[Range<usize>], end: usize) -> AttributionKind {
        let [first, .., last] = children else { return AttributionKind::Missing };
        if !self.is_paragraph(first.start) {
            return AttributionKind::Missing;
        }
        let inner = first.start + 1..first.end - 1;
        let is_cite = self.is_cite(inner.clone());
        // Dashes before several paragraphs are people speaking.
        let speaks = self.is_paragraph(last.start) && self.begins_with_dash(last.start + 1..last.end - 1);
        if speaks || !(is_cite || self.begins_with_dash(inner.clone())) {
            return AttributionKind::Missing;
        }
        if !is_cite && !self.has_link(inner.clone()) {
            if !self.is_persons_name(inner.clone()) {
                return AttributionKind::Missing;
            }
            self.remark(
                inner.clone(),
                "this paragraph is taken as the source of the quote below it",
                "write it as the last paragraph of the quote, or put `\\` before the dash if it is one of the quoted words",
            );
        }
        let moved: Vec<Spanned<'t>> = self.list[first.clone()].to_vec();
        let start = self.span(inner.start).start;
        for at in first.clone() {
            self.edits.remove(at);
        }
        for (number, (event, span)) in moved.into_iter().enumerate() {
            self.edits.insert(end, event, span);
            if number == 0 {
                self.edits.insert(end, Event::Text(CowStr::Borrowed("— ")), start..start);
            }
        }
        self.kind_of(inner)
    }

    /// An attribution in a blockquote of its own directly below this one.
    fn quote_below(&mut self, children: &[Range<usize>], end: usize) -> AttributionKind {
        let speaks = children.iter().all(|child| {
            self.is_paragraph(child.start) && self.begins_with_dash(child.start + 1..child.end - 1)
        });
        let next = end + 1;
        if speaks
            || self.edits.removed.contains(&end)
            || !matches!(self.list.get(next), Some((Event::Start(Tag::BlockQuote(None)), _)))
        {
            return AttributionKind::Missing;
        }
        let Some(inner) = self.source_alone(next) else { return AttributionKind::Missing };
        self.edits.remove(end);
        self.edits.remove(next);
        self.mark_dash(inner.start);
        self.kind_of(inner)
    }

    /// The events of the attribution that is all of a blockquote.
    fn source_alone(&mut self, start: usize) -> Option<Range<usize>> {
        let children = self.children(start + 1..self.ends[start]);
        let [only] = children.as_slice() else { return None };
        let inner = only.start + 1..only.end - 1;
        let is_cite = self.is_paragraph(only.start) && self.is_cite(inner.clone());
        if !self.is_paragraph(only.start) || !(is_cite || self.begins_with_dash(inner.clone())) {
            return None;
        }
        if !is_cite && !self.has_link(inner.clone()) {
            if !self.is_persons_name(inner.clone()) && self.likeness(inner.clone()) != Likeness::Sure {
                return None;
            }
            self.remark(
                inner.clone(),
                "this blockquote is taken as the source of the quote above it",
                "write it as the last paragraph of the quote, or put `\\` before the dash if it is not the source",
            );
        }
        Some(inner)
    }

    /// An attribution in the last lines of the last paragraph.
    fn last_lines(&mut self, inner: Range<usize>, end: usize) -> AttributionKind {
        let breaks: Vec<usize> = self.outer_breaks(&inner);
        let Some(&at) = breaks.iter().rev().find(|&&at| {
            let line = at + 1..inner.end;
            self.begins_with_dash(line.clone()) || self.is_cite(line.clone()) || self.names_its_source(line)
        }) else {
            return AttributionKind::Missing;
        };
        let line = at + 1..inner.end;
        let likeness =
            if self.begins_with_dash(line.clone()) { self.likeness(line.clone()) } else { Likeness::Sure };
        if is_hyphenated(&plain_text(&self.list[line.clone()]))
            && !self.is_persons_name(line.clone())
            && likeness != Likeness::Sure
        {
            return AttributionKind::Missing;
        }
        match likeness {
            Likeness::Sure | Likeness::Name => {}
            Likeness::Sentence => {
                self.remark(
                    line,
                    "this line begins with a dash and reads as a sentence: it is part of the quoted words",
                    "put a line with only `>` before it if it is the source, or `\\` before the dash if it is not",
                );
                return AttributionKind::Missing;
            }
            Likeness::Continued => return AttributionKind::Missing,
        }
        if likeness == Likeness::Name {
            self.remark(
                line.clone(),
                "this line is taken as the source of the quote, and not as its last words",
                "put a line with only `>` before it, or `\\` before the dash if it is one of the quoted words",
            );
        }
        let span = self.span(at);
        self.edits.remove(at);
        self.edits.insert(at, Event::End(TagEnd::Paragraph), span.clone());
        let whole = self.span(line.start).start..self.span(inner.end).end;
        self.edits.insert(at, Event::Start(Tag::Paragraph), whole);
        self.mark_dash(line.start);
        self.kept_from_own_words(line.clone(), end);
        self.kind_of(line)
    }

    /// `“Words.” — Jane Doe` in one line: quotation marks part the words from their source, which becomes a paragraph.
    fn behind_quoted_words(&mut self, inner: Range<usize>) -> AttributionKind {
        const OPENING: [char; 8] = ['“', '"', '„', '«', '»', '‘', '「', '『'];
        if !plain_text(&self.list[inner.clone()]).trim_start().starts_with(OPENING) {
            return AttributionKind::Missing;
        }
        let Some((at, dash)) = self.dash_behind_quoted(&inner) else { return AttributionKind::Missing };
        let (Event::Text(text), span) = &self.list[at] else { return AttributionKind::Missing };
        let tail = text[dash..].to_owned() + &plain_text(&self.list[at + 1..inner.end]);
        let name = tail[leading_dash(&tail)..].trim();
        let has_link = self.has_link(at + 1..inner.end);
        let is_source = name.split_whitespace().count() <= 12
            && (has_link || name.starts_with(char::is_uppercase))
            && !name.ends_with(['!', '?', '…', '"', '”', '»', '“'])
            && self.outer_breaks(&(at..inner.end)).is_empty();
        let source = &self.text[span.clone()];
        let split = match text[..dash].trim().is_empty() {
            true => span.start,
            false => span.start + source.rfind(&text[dash..]).unwrap_or(source.len()),
        };
        if !is_source || self.text[..split].ends_with('\\') {
            return AttributionKind::Missing;
        }
        let (words, named) = (text[..dash].to_owned(), text[dash..].to_owned());
        let (start, end) = (span.start, span.end);
        // The space before the dash ends the words.
        if let Some((Event::Text(before), span)) =
            self.list[inner.start..at].last().filter(|_| words.trim().is_empty())
        {
            self.edits.remove(at - 1);
            self.edits.insert(at - 1, Event::Text(before.trim_end().to_owned().into()), span.clone());
        }
        self.edits.remove(at);
        self.edits.insert(at, Event::Text(words.trim_end().to_owned().into()), start..split);
        self.edits.insert(at, Event::End(TagEnd::Paragraph), split..split);
        self.edits.insert(at, Event::Start(Tag::Paragraph), split..self.span(inner.end).end);
        if !named.starts_with(['—', '―']) {
            self.edits.insert(at, Event::Text(CowStr::Borrowed("— ")), split..split);
        }
        self.edits.insert(at, Event::Text(named.into()), split..end);
        if has_link { AttributionKind::Report } else { AttributionKind::Name }
    }

    /// The last text within no element that has a dash with a closing quotation mark before it and white space or the end
    /// behind it, and the byte of the dash in it.
    fn dash_behind_quoted(&self, inner: &Range<usize>) -> Option<(usize, usize)> {
        // A source is not longer, and what is longer would be read for each of its dashes.
        const LONGEST: usize = 400;
        let parts = self.children(inner.clone());
        let mut length = 0;
        for (number, part) in parts.iter().enumerate().rev() {
            if let Event::Text(text) = &self.list[part.start].0
                && text.contains(['—', '―', '–', '-'])
            {
                // A mark and a space are texts of their own.
                let prior = plain_text(&self.list[parts[number.saturating_sub(3)].start..part.start]);
                let near = text.char_indices().rev().take_while(|(dash, _)| text.len() - dash <= LONGEST);
                let dash = near.map(|(dash, _)| dash).find(|&dash| {
                    let rest = &text[dash..];
                    let behind = rest.strip_prefix(['—', '―', '–']).or_else(|| rest.strip_prefix("--"));
                    let before = if text[..dash].trim().is_empty() { &prior } else { &text[..dash] };
                    let is_spaced = text[..dash].ends_with(char::is_whitespace)
                        || (dash == 0 && prior.ends_with(char::is_whitespace));
                    behind.is_some_and(|behind| behind.is_empty() || behind.starts_with(char::is_whitespace))
                        && is_spaced
                        && before.trim_end().ends_with(['”', '"', '»', '“', '«', '’', '」', '』'])
                });
                if let Some(dash) = dash {
                    return Some((part.start, dash));
                }
            }
            length += plain_text(&self.list[part.clone()]).len();
            if length > LONGEST {
                break;
            }
        }
        None
    }

    /// `- Jane Doe, [Headline](…)`: the only item of a list that stands last.
    fn list_item(&mut self, list: &Range<usize>, end: usize) -> AttributionKind {
        let items = self.children(list.start + 1..list.end - 1);
        let Some(item) = items.last() else { return AttributionKind::Missing };
        let is_hyphen = self.text[self.span(item.start)].starts_with(['-', '–']);
        let inner = match self.children(item.start + 1..item.end - 1).as_slice() {
            [only] if self.is_paragraph(only.start) => only.start + 1..only.end - 1,
            _ if self.list[item.start + 1..item.end - 1].iter().all(|(event, _)| is_inline(event)) => {
                item.start + 1..item.end - 1
            }
            _ => return AttributionKind::Missing,
        };
        let likeness = self.likeness(inner.clone());
        let words = plain_text(&self.list[inner.clone()]);
        let cites =
            cited_id(&words).is_some_and(|cited| self.stored.iter().any(|quote| quote.id == cited.id));
        let has_link = cites || self.has_link(inner.clone());
        if !is_hyphen || items.len() > 1 {
            let names_somebody = has_link
                && (cites
                    || (!self.begins_with_link(inner.clone())
                        // A list of addresses is one of the quoted words.
                        && !words.trim_start().starts_with("http")
                        && self.is_likely_source(inner.clone())));
            if !names_somebody {
                return AttributionKind::Missing;
            }
            self.remark(
                inner,
                "this item of a list looks like the source of the quote, and is part of the quoted words",
                "write it as a paragraph that begins with `—`, behind a line with only `>`",
            );
            return AttributionKind::Missing;
        }
        let is_person = likeness == Likeness::Name && looks_like_a_person(words.trim());
        if !has_link && !is_person {
            return AttributionKind::Missing;
        }
        if is_person {
            self.remark(
                inner.clone(),
                "this item is taken as the source of the quote, and not as a list",
                "begin it with `—` instead of `-`, or with `*` if it is a list",
            );
        }
        for at in (list.start..list.end).filter(|at| !inner.contains(at)) {
            self.edits.remove(at);
        }
        let span = self.span(item.start);
        self.edits.insert(inner.start, Event::Start(Tag::Paragraph), span.clone());
        self.insert_dash(inner.start);
        self.edits.insert(inner.end, Event::End(TagEnd::Paragraph), span);
        self.kept_from_own_words(inner.clone(), end);
        self.kind_of(inner)
    }

    /// An attribution in a paragraph of its own directly below the blockquote.
    fn attribution_below(&mut self, end: usize) -> AttributionKind {
        let start = end + 1;
        if !self.is_paragraph(start) {
            return AttributionKind::Missing;
        }
        let inner = start + 1..self.ends[start];
        // The last paragraph of a quote around this one is that one's attribution.
        let ends_another =
            matches!(self.list.get(inner.end + 1), Some((Event::End(TagEnd::BlockQuote(_)), _)));
        let is_marked = matches!(self.list[inner.start].0, Event::InlineHtml(ref tag) if html::is_start_tag(tag, "cite"))
            && self.is_cite(inner.clone());
        let is_named = self.has_link(inner.clone()) && self.names_its_source(inner.clone());
        let is_dashed = self.begins_with_dash(inner.clone());
        if ends_another || !(is_dashed || is_marked || is_named) || self.is_speech(start) {
            return AttributionKind::Missing;
        }
        match self.likeness(inner.clone()) {
            Likeness::Sure => {}
            _ if is_marked || is_named => {}
            Likeness::Name => self.remark(
                inner.clone(),
                "this paragraph is taken as the source of the quote above it",
                "write it as the last paragraph of the quote, behind a line with only `>`, or put `\\` before the dash if it is not the source",
            ),
            Likeness::Sentence | Likeness::Continued => return AttributionKind::Missing,
        }
        if self.edits.removed.contains(&end) {
            return AttributionKind::Missing;
        }
        let span = self.span(end);
        self.edits.remove(end);
        self.edits.insert(self.ends[start] + 1, Event::End(TagEnd::BlockQuote(None)), span);
        self.mark_dash(inner.start);
        self.kind_of(inner)
    }

    /// Whether a paragraph with a dash is followed by another one: people speaking.
    fn is_speech(&self, start: usize) -> bool {
        let next = self.ends[start] + 1;
        self.is_paragraph(next) && self.begins_with_dash(next + 1..self.ends[next])
    }

    /// `[Headline](…)`, alone above the blockquote: it becomes the first of its blocks.
    fn headline_above(&mut self, start: usize) -> bool {
        let Some(before) = start.checked_sub(1) else { return false };
        // Where no block ends, the search for its start would pass through the whole text.
        if !matches!(self.list[before].0, Event::End(TagEnd::Paragraph | TagEnd::Heading(_))) {
            return false;
        }
        let Some(first) = (0..before).rev().find(|&at| self.ends[at] == before) else { return false };
        // A heading of level 1 that begins a text is its title.
        let is_title = first == 0
            && matches!(self.list[first].0, Event::Start(Tag::Heading { level: HeadingLevel::H1, .. }));
        let follows_quote = first > 0
            && matches!(self.list[first - 1].0, Event::End(TagEnd::BlockQuote(None)))
            && self.begins_with_dash(first + 1..before);
        if is_title || follows_quote || !is_headline(&self.list[first + 1..before]) {
            return false;
        }
        let (event, span) = self.list[start].clone();
        self.edits.remove(start);
        self.edits.insert(first, event, span);
        true
    }

    /// Words of the author's own that follow an attribution without an empty line, and are part of its paragraph.
    fn kept_from_own_words(&mut self, inner: Range<usize>, end: usize) {
        let is_quoted_line = self.text[..self.span(inner.start).start]
            .rsplit('\n')
            .next()
            .is_some_and(|line| line.contains('>'));
        let Some(lazy) = self
            .outer_breaks(&inner)
            .into_iter()
            .find(|&at| !self.has_sign_behind(at))
            .filter(|_| is_quoted_line)
        else {
            return;
        };
        let span = self.span(lazy);
        let rest = lazy + 1..inner.end;
        self.remark(
            rest.clone(),
            "this line follows an attribution without an empty line: it is not part of it",
            "put an empty line before it, or begin it with `>` if it is part of the attribution",
        );
        // The paragraph, and all blockquotes that end with it, end here.
        let mut quotes = end;
        while matches!(self.list.get(quotes), Some((Event::End(TagEnd::BlockQuote(_)), _))) {
            quotes += 1;
        }
        if (end..quotes).any(|quote| self.edits.removed.contains(&quote)) {
            return;
        }
        self.edits.remove(lazy);
        self.edits.insert(lazy, Event::End(TagEnd::Paragraph), span.clone());
        for quote in end..quotes {
            let (event, span) = self.list[quote].clone();
            self.edits.remove(quote);
            self.edits.insert(lazy, event, span);
        }
        let own = self.span(rest.start).start..self.span(inner.end).end;
        self.edits.insert(lazy, Event::Start(Tag::Paragraph), own);
        // The end of the paragraph of the attribution becomes that of the own one.
    }

    /// Whether the line behind a break begins with the sign of a blockquote.
    fn has_sign_behind(&self, at: usize) -> bool {
        self.text[self.span(at).end..].trim_start_matches([' ', '\t']).starts_with('>')
    }

    /// Breaks between lines that are within no element.
    fn outer_breaks(&self, inner: &Range<usize>) -> Vec<usize> {
        let mut breaks = Vec::new();
        let mut at = inner.start;
        while at < inner.end {
            if matches!(self.list[at].0, Event::SoftBreak | Event::HardBreak) {
                breaks.push(at);
            }
            at = self.ends[at] + 1;
        }
        breaks
    }

    /// Whether inline events begin with a dash that is not escaped.
    fn begins_with_dash(&self, inner: Range<usize>) -> bool {
        let Some(first) = self.list.get(inner.start) else { return false };
        let is_escaped = self.text[..first.1.start].ends_with('\\');
        !is_escaped && begins_with_dash(&self.list[inner])
    }

    fn source_begins_with(&self, inner: &Range<usize>, dash: &str) -> bool {
        self.text[self.span(inner.start).start..].trim_start_matches(['*', '_', ' ']).starts_with(dash)
    }

    /// Whether inline events begin with a word for a source: `Source: [Headline](…)`.
    fn names_its_source(&self, inner: Range<usize>) -> bool {
        // Each line of a long paragraph is asked, and a source is not as long.
        const LONGEST: usize = 1000;
        let (Some(first), Some(last)) = (self.list[inner.clone()].first(), self.list[inner.clone()].last())
        else {
            return false;
        };
        if last.1.end.saturating_sub(first.1.start) > LONGEST {
            return false;
        }
        let text = plain_text(&self.list[inner.clone()]);
        let count = text.split_whitespace().count();
        let is_sentence = text.trim_end().ends_with(['.', '!', '?']) && count > 8;
        count <= 25
            && !is_sentence
            && (self.has_link(inner) || text.contains([':', '：']))
            && names_its_source(&text, self.language)
    }

    fn is_cite(&self, inner: Range<usize>) -> bool {
        is_cite(&self.list[inner])
    }

    fn insert_dash(&mut self, before: usize) {
        let start = self.span(before).start;
        self.edits.insert(before, Event::Text(CowStr::Borrowed("— ")), start..start);
    }

    /// Puts an em dash before a line that begins with another dash, so that it is known as an attribution. The line keeps its
    /// own, of which nothing is printed.
    fn mark_dash(&mut self, at: usize) {
        if !plain_text(&self.list[at..at + 1]).trim_start().starts_with(['—', '―']) {
            self.insert_dash(at);
        }
    }

    fn has_link(&self, inner: Range<usize>) -> bool {
        self.list[inner].iter().any(|(event, _)| match event {
            Event::Start(Tag::Link { .. }) => true,
            Event::InlineHtml(html) => html::is_start_tag(html, "a"),
            Event::Text(text) => text.contains("https://") || text.contains("http://"),
            _ => false,
        })
    }

    fn has_picture(&self, inner: Range<usize>) -> bool {
        self.list[inner].iter().any(|(event, _)| matches!(event, Event::Start(Tag::Image { .. })))
    }

    fn begins_with_link(&self, inner: Range<usize>) -> bool {
        let first = self.list[inner]
            .iter()
            .find(|(event, _)| !matches!(event, Event::Start(Tag::Strong | Tag::Emphasis)));
        matches!(first, Some((Event::Start(Tag::Link { .. }), _)))
    }

    fn kind_of(&self, inner: Range<usize>) -> AttributionKind {
        let cites = plain_text(&self.list[inner.clone()]).contains('@') && !self.has_link(inner.clone());
        if self.has_link(inner) || cites { AttributionKind::Report } else { AttributionKind::Name }
    }

    fn likeness(&self, inner: Range<usize>) -> Likeness {
        let text = plain_text(&self.list[inner.clone()]);
        let words = text[leading_dash(&text)..].trim();
        let has_emphasis = self.list[inner.clone()].iter().any(|(event, _)| {
            matches!(event, Event::Start(Tag::Emphasis))
                || matches!(event, Event::InlineHtml(html) if html::is_start_tag(html, "cite"))
        });
        let ends_as_sentence = words.ends_with(['.', '!', '?', '…', '"', '”', '»', '“']);
        let count = words.split_whitespace().count();
        let begins_in_lower_case =
            words.chars().find(|c| c.is_alphanumeric()).is_some_and(char::is_lowercase);
        let is_short = count <= 25;
        if words.starts_with('@')
            || (is_short && self.has_link(inner))
            || (is_short
                && !begins_in_lower_case
                && (has_emphasis || has_year(words))
                && !(ends_as_sentence && count > 8))
        {
            Likeness::Sure
        } else if begins_in_lower_case {
            Likeness::Continued
        } else if ends_as_sentence || count > 6 {
            Likeness::Sentence
        } else {
            Likeness::Name
        }
    }

    fn remark(&mut self, inner: Range<usize>, message: &'static str, hint: &'static str) {
        let start = self.span(inner.start).start;
        let line = self.text[start..].lines().next().map_or(start, |line| start + line.len());
        self.remarks.push(Remark::new(
            start..line.max(start + 1).min(self.text.len()),
            message.to_owned(),
            hint,
        ));
    }
}

/// Whether a text has a year in it.
fn has_year(text: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric()).any(|word| {
        word.len() == 4 && word.starts_with(['1', '2']) && word.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// Whether a text begins with a hyphen that touches its first word: `-Jane Doe`.
fn is_hyphenated(text: &str) -> bool {
    text.trim_start().strip_prefix('-').is_some_and(|rest| rest.starts_with(char::is_alphabetic))
}

/// Whether inline events are a `<cite>` and nothing else.
pub(in crate::post::markdown) fn is_cite(events: &[Spanned<'_>]) -> bool {
    let mut shown = events.iter().map(|(event, _)| event).filter(|event| !is_blank(event));
    // Each line of a long paragraph is asked, so that what stands between the two is not looked at.
    let (Some(Event::InlineHtml(first)), Some(Event::InlineHtml(last))) = (shown.next(), shown.next_back())
    else {
        return false;
    };
    ["cite", "footer", "small"].iter().any(|name| {
        html::is_start_tag(first, name) && last.trim().eq_ignore_ascii_case(&format!("</{name}>"))
    })
}

fn is_inline(event: &Event<'_>) -> bool {
    !matches!(
        event,
        Event::Start(
            Tag::Paragraph
                | Tag::List(_)
                | Tag::Item
                | Tag::BlockQuote(_)
                | Tag::CodeBlock(_)
                | Tag::HtmlBlock
                | Tag::Heading { .. }
                | Tag::Table(_)
        ) | Event::TaskListMarker(_)
            | Event::Rule
            | Event::Html(_)
    )
}

/// Em dash, bar, en dash, figure dash, minus sign, and dashes of two and three em.
const DASHES: [char; 7] = ['—', '―', '–', '‒', '\u{2212}', '⸺', '⸻'];

/// Whether inline events begin with a dash, in emphasis or not: one of [`DASHES`], two hyphens, or a hyphen or a tilde before
/// a name.
pub(in crate::post::markdown) fn begins_with_dash(events: &[Spanned<'_>]) -> bool {
    let mut text = String::new();
    for (event, _) in events {
        match event {
            Event::Text(part) => text.push_str(part),
            Event::Start(Tag::Strong | Tag::Emphasis) | Event::InlineHtml(_) if text.trim().is_empty() => {}
            Event::SoftBreak | Event::HardBreak => break,
            _ if text.trim().is_empty() => break,
            // What follows the dash need not be text.
            _ => text.push('x'),
        }
        if text.chars().count() > 8 {
            break;
        }
    }
    let text = text.trim_start();
    let rest = text
        .strip_prefix(DASHES)
        .or_else(|| text.strip_prefix("--"))
        .or_else(|| text.strip_prefix('-').filter(|rest| rest.starts_with(char::is_uppercase)))
        .or_else(|| {
            text.strip_prefix('~').filter(|rest| {
                !rest.trim_start().starts_with(|c: char| c.is_ascii_digit() || c == '~' || c == '/')
            })
        });
    let mut behind = rest.map(|rest| rest.trim_start_matches(['-', '—', '–']));
    // `–5 degrees` is a number.
    if text.starts_with(['–', '\u{2212}'])
        && behind.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    {
        behind = None;
    }
    behind.is_some_and(|rest| !rest.trim().is_empty())
}

/// Whether inline events are a linked headline, with nothing behind it but what the grammar of attributions reads: a
/// publication, a date, remarks.
pub(in crate::post::markdown) fn is_headline(events: &[Spanned<'_>]) -> bool {
    let Some(at) = events.iter().position(|(event, _)| {
        !matches!(event, Event::Start(Tag::Strong | Tag::Emphasis)) && !is_opening_mark(event)
    }) else {
        return false;
    };
    if let [(Event::Text(text), _)] = &events[at..] {
        return ["https://", "http://"].iter().any(|start| text.starts_with(start))
            && !text.trim().contains(char::is_whitespace);
    }
    let Event::Start(Tag::Link { dest_url, .. }) = &events[at].0 else { return false };
    if dest_url.starts_with('#') || dest_url.starts_with("mailto:") {
        return false;
    }
    let Some(close) = events.iter().skip(at).position(|(event, _)| matches!(event, Event::End(TagEnd::Link)))
    else {
        return false;
    };
    let close = at + close;
    let has_picture =
        events[at..close].iter().any(|(event, _)| matches!(event, Event::Start(Tag::Image { .. })));
    if has_picture || plain_text(&events[at..close]).trim().is_empty() {
        return false;
    }
    let rest = plain_text(&events[close..]);
    let rest = rest
        .trim_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '.' | '"' | '”' | '»' | '“' | '«'));
    // A sentence that begins with a link goes on in words; a publication or a date follows a mark and is short.
    let is_more = rest.starts_with([',', ';', '(', '–', '—', '-', '|', '·']);
    let has_sign = events[close..]
        .iter()
        .any(|(event, _)| matches!(event, Event::Start(Tag::Emphasis | Tag::Link { .. })))
        || rest.contains(|c: char| c.is_ascii_digit() || c == '(');
    let count = rest.split_whitespace().count();
    rest.is_empty() || (is_more && count <= 12 && (has_sign || count <= 4) && !rest.ends_with(['!', '?']))
}

fn is_blank(event: &Event<'_>) -> bool {
    matches!(event, Event::SoftBreak) || matches!(event, Event::Text(text) if text.trim().is_empty())
}

fn is_opening_mark(event: &Event<'_>) -> bool {
    matches!(event, Event::Text(text) if matches!(&**text, "“" | "\"" | "„" | "«" | "»"))
}

fn plain_text(events: &[Spanned<'_>]) -> String {
    let mut text = String::new();
    for (event, _) in events {
        match event {
            Event::Text(part) | Event::Code(part) => text.push_str(part),
            Event::SoftBreak | Event::HardBreak => text.push(' '),
            _ => {}
        }
    }
    text
}
