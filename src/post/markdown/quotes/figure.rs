//! Quotes: a blockquote with its attribution as `figure.h-cite`.

use std::ops::Range;

use pulldown_cmark::{Event, Tag, TagEnd};

use crate::date::reader::DateReader;
use crate::hash::Hash;
use crate::html;
use crate::nearest_name::did_you_mean;
use crate::post::attribution::{
    self, Attribution, AttributionReading, LONGEST_LINE, LineSpanKind, Mark, MarkKind, ReportStatus,
};
use crate::post::quote::{CitedId, Quote, StoredQuote, cited_id, placed_id};
use crate::post::text_fragment;

use super::caption_line::{InlineLine, WrittenLine};
use super::quoted_lines::QuotedText;
use super::robust_link::RobustLink;
use super::{attribution_places, html_quote};
use crate::post::markdown::destination::Destination;
use crate::post::markdown::events::Events;
use crate::post::markdown::writer::{Mode, Writer};
use crate::post::markdown::{Context, Fill};

/// A blockquote taken apart.
pub(in crate::post::markdown) struct Quoted {
    /// The events of the quoted words.
    words: Range<usize>,
    source: Attribution,
    /// What its caption shows, in order.
    caption: Vec<CaptionPart>,
    /// The words from the front matter, if the blockquote has none of its own.
    stored_text: Option<String>,
    span: Range<usize>,
}

/// A part of a caption.
enum CaptionPart {
    /// What the front matter says of the source, in the order of the theme.
    Stored(Box<Attribution>),
    /// Words of the text.
    Line(Box<CaptionLine>),
}

/// A line of a caption as it stands in the text.
struct CaptionLine {
    /// The heading that it is, if it is one.
    heading: Option<CaptionHeading>,
    line: InlineLine,
    reading: AttributionReading,
}

/// A headline that is a heading, above the quote or in it.
#[derive(Clone, Copy)]
struct CaptionHeading {
    event: usize,
    /// Whether it stands above the quote: then it is one of the post's own.
    is_own: bool,
}

impl Writer<'_, '_> {
    /// Finds the attribution of the blockquote whose content is `inner`, at its end, at its start or at both. `None` if it has
    /// none.
    pub(in crate::post::markdown) fn quoted(&mut self, inner: Range<usize>) -> Option<Quoted> {
        let children = self.events.children(inner.clone());
        let attribution = self.attribution_of(&children);
        let cites = attribution.as_ref().is_some_and(|line| cited_in(line).is_some());
        let has_report = cites || attribution.as_ref().is_some_and(InlineLine::has_link);
        let headline = if has_report { None } else { self.headline_of(&children) };
        if attribution.is_none() && headline.is_none() {
            return None;
        }
        let first = usize::from(headline.is_some());
        let last = children.len() - usize::from(attribution.is_some());
        if first >= last && headline.is_some() {
            return None;
        }
        let words = children.get(first).map_or(inner.start, |child| child.start)
            ..children.get(last).map_or(inner.end, |child| child.start);
        let mut quoted = Quoted {
            words: words.start.min(words.end)..words.end,
            source: Attribution::default(),
            caption: Vec::new(),
            stored_text: None,
            span: self.events.list
                [if attribution.is_some() { children[last].start } else { children[0].start }]
            .1
            .clone(),
        };
        if let Some(line) = headline {
            let event = children[0].start;
            let is_own = inner.start > 0
                && self.events.list[event].1.start < self.events.list[inner.start - 1].1.start;
            let heading = (!self.events.is_paragraph(event)).then_some(CaptionHeading { event, is_own });
            self.add_line(&mut quoted, line, heading);
        }
        if let Some(line) = attribution {
            if cites {
                return self.cited(quoted, line);
            }
            self.add_line(&mut quoted, line, None);
        }
        let start = inner.start.checked_sub(1).map_or(0, |quote| self.events.list[quote].1.start);
        if let Some(address) = self.events.addresses.get(&start).filter(|_| quoted.source.url.is_empty()) {
            address.clone_into(&mut quoted.source.url);
        }
        Some(quoted)
    }

    /// Reads an attribution with the dates of the page's language; with those of the quoted words if more of it is understood.
    fn read_line(&self, line: &InlineLine) -> AttributionReading {
        let reading = attribution::read(&line.line, &DateReader::of(self.context.options.language));
        if reading.source.language.is_empty() || reading.unread.is_empty() {
            return reading;
        }
        let in_own_language = attribution::read(&line.line, &DateReader::of(&reading.source.language));
        if in_own_language.unread.len() < reading.unread.len() { in_own_language } else { reading }
    }

    fn add_line(&mut self, quoted: &mut Quoted, line: InlineLine, heading: Option<CaptionHeading>) {
        let reading = self.read_line(&line);
        self.warn_of_unread(&line, &reading);
        quoted.source.fill_from(&reading.source);
        quoted.caption.push(CaptionPart::Line(Box::new(CaptionLine { heading, line, reading })));
    }

    /// `— @id` and what may follow it.
    fn cited(&mut self, mut quoted: Quoted, line: InlineLine) -> Option<Quoted> {
        let CitedId { id, end, is_alone } = cited_in(&line)?;
        if !self.is_stored(id) && (!is_alone || self.context.options.stored.is_empty()) {
            // A name on a social network.
            if is_alone {
                let message = format!("`@{id}` is taken as a name: there is no quote `{id}`");
                let hint = "to cite a report by its id, describe it under `[[quotes]]` in the front matter";
                self.warn(&quoted.span, message, Some(hint.to_owned()));
            }
            self.add_line(&mut quoted, line, None);
            return Some(quoted);
        }
        let span = quoted.span.clone();
        let stored = self.stored(id, &span)?;
        quoted.stored_text = quoted.words.is_empty().then(|| stored.text.clone());
        quoted.source = stored.source.clone();
        let stored = Box::new(stored.source.clone());
        if !is_alone {
            let mut reading = self.read_line(&line);
            self.warn_of_unread(&line, &reading);
            reading.marks.retain(|mark| mark.range.start >= end && says_more(mark, &stored));
            reading.marks.push(Mark { range: 0..end, kind: MarkKind::Hidden });
            reading.source.authors.clear();
            quoted.source.fill_from(&reading.source);
            quoted.caption.push(CaptionPart::Stored(stored));
            quoted.caption.push(CaptionPart::Line(Box::new(CaptionLine { heading: None, line, reading })));
        } else {
            quoted.caption.push(CaptionPart::Stored(stored));
        }
        Some(quoted)
    }

    fn is_stored(&self, id: &str) -> bool {
        self.context.options.stored.iter().any(|quote| quote.id == id)
    }

    /// The last paragraph, if it is an attribution.
    fn attribution_of(&mut self, children: &[Range<usize>]) -> Option<InlineLine> {
        let last = children.last()?.clone();
        let stands_alone = children.len() == 1;
        if !self.events.is_attribution_paragraph(&last, self.context.text) {
            return None;
        }
        let line = InlineLine::of(self.events, last.start + 1..last.end - 1);
        // Dashes before every paragraph are people speaking, but a link behind the last is a report; a citation of a stored
        // quote can stand alone.
        let names_a_source = if stands_alone {
            cited_in(&line).is_some_and(|cited| cited.is_alone || self.is_stored(cited.id))
        } else {
            line.has_link()
        };
        if !names_a_source
            && children.iter().all(|child| self.events.is_attribution_paragraph(child, self.context.text))
        {
            return None;
        }
        if line.line.text.len() > LONGEST_LINE {
            let span = self.events.list[last.start].1.clone();
            let hint =
                "it is shown as the last paragraph of the quote; begin it with a backslash if that is right";
            self.warn(
                &span,
                "this paragraph is too long for an attribution".to_owned(),
                Some(hint.to_owned()),
            );
            return None;
        }
        Some(line)
    }

    /// The first block, if it is a linked headline and words follow it.
    fn headline_of(&self, children: &[Range<usize>]) -> Option<InlineLine> {
        let first = children.first()?.clone();
        let is_block =
            matches!(self.events.list[first.start].0, Event::Start(Tag::Paragraph | Tag::Heading { .. }));
        let inner = first.start + 1..first.end - 1;
        let is_headline = is_block && attribution_places::is_headline(self.events.list.get(inner.clone())?);
        is_headline
            .then(|| InlineLine::of(self.events, inner))
            .filter(|line| line.line.text.len() <= LONGEST_LINE)
    }

    /// A stored quote is placed by a paragraph of its own; elsewhere its id is text.
    pub(in crate::post::markdown) fn warn_of_inner_ids(&mut self) {
        let stored = self.context.options.stored;
        if stored.is_empty() || !self.is_full() {
            return;
        }
        let mut is_code = false;
        for (at, (event, span)) in self.events.list.iter().enumerate() {
            is_code = match event {
                Event::Start(Tag::CodeBlock(_)) => true,
                Event::End(TagEnd::CodeBlock) => false,
                _ => is_code,
            };
            let Event::Text(text) = event else { continue };
            let Some(start) = text.find("{@").filter(|_| !is_code) else { continue };
            let Some(end) = text[start..].find('}') else { continue };
            let placed = &text[start..start + end + 1];
            let is_placed = at > 0
                && self.events.is_paragraph(at - 1)
                && placed_id(&self.context.text[self.events.list[at - 1].1.clone()]).is_some();
            if is_placed || !placed_id(placed).is_some_and(|id| stored.iter().any(|quote| quote.id == id)) {
                continue;
            }
            let place = if text.len() == span.len() {
                span.start + start..span.start + start + placed.len()
            } else {
                span.clone()
            };
            let hint = "write it as a paragraph of its own, or cite it with `> — @id` below quoted words";
            self.warn(&place, format!("`{placed}` within a sentence places no quote"), Some(hint.to_owned()));
        }
    }

    /// The quote of the front matter that a paragraph `{@id}` places here.
    pub(in crate::post::markdown) fn placed(&mut self, id: &str, span: &Range<usize>) -> Option<Quoted> {
        let stored = self.stored(id, span)?;
        if stored.text.is_empty() {
            let fault = self
                .context
                .error(span, format!("the quote `{id}` has no `text` to place here"))
                .hint("add `text = \"\"\"…\"\"\"` to it, or cite it with `> — @id` below the quoted words");
            self.diagnostics.push(fault);
            return None;
        }
        let (source, stored_text) = (stored.source.clone(), Some(stored.text.clone()));
        Some(Quoted {
            words: 0..0,
            caption: vec![CaptionPart::Stored(Box::new(source.clone()))],
            source,
            stored_text,
            span: span.clone(),
        })
    }

    fn stored(&mut self, id: &str, span: &Range<usize>) -> Option<&'_ StoredQuote> {
        let stored = self.context.options.stored;
        let found = stored.iter().find(|quote| quote.id == id);
        if found.is_none() {
            let ids = stored.iter().map(|quote| quote.id.as_str());
            let hint = did_you_mean(id, ids).unwrap_or_else(|| {
                let known: Vec<_> = stored.iter().map(|quote| format!("`{}`", quote.id)).collect();
                match known.as_slice() {
                    [] => "the front matter has no `[[quotes]]`".to_owned(),
                    known => format!("the front matter has {}", known.join(", ")),
                }
            });
            let fault = self.context.error(span, format!("there is no quote `{id}`")).hint(hint);
            self.diagnostics.push(fault);
        }
        found
    }

    /// Writes a quote and remembers it.
    pub(in crate::post::markdown) fn quote(&mut self, mut quoted: Quoted) {
        let paragraphs = match &quoted.stored_text {
            Some(text) => raw_paragraphs(&Events::parse(text, self.context.options), text, None),
            None => raw_paragraphs(self.events, self.context.text, Some(quoted.words.clone())),
        };
        let plain = paragraphs.join("\n");
        let written = std::mem::take(&mut quoted.source.url);
        let address = text_fragment::split_directive(&written);
        address.clean.clone_into(&mut quoted.source.url);
        let source = &quoted.source;
        let destination = (!source.url.is_empty()).then(|| self.destination(&source.url));
        let anchor = self.anchors.unique(format!("q-{}", Hash::of_value(&(&plain, &source.url)).short_hex()));
        let language = Some(source.language.clone()).filter(|tag| crate::config::is_language_tag(tag));
        let mut fragment = match &destination {
            Some(destination) if destination.is_page() => {
                let language = language.as_deref().unwrap_or(self.context.options.language);
                text_fragment::text_fragment(&self.quoted_lines(&quoted), Some(language))
            }
            _ => String::new(),
        };
        if fragment.is_empty() && !address.directive.is_empty() {
            fragment = format!("#{}", address.directive);
        }
        let figure = Figure {
            anchor: &anchor,
            language: language.as_deref(),
            turns_direction: match &language {
                Some(language) => html::direction(language) != html::direction(self.context.options.language),
                None => html::turns_direction(&plain, self.context.options.language),
            },
            destination: destination.as_ref(),
            fragment: &fragment,
            status: ReportStatus::of_remarks(&quoted.source.notes),
            robust: RobustLink::of(&quoted.source),
        };
        let excerpt = self.figure(&figure, &quoted);
        // A letter or a call is not a report that an address leads to.
        let target = destination.filter(Destination::is_page).map(|destination| destination.target);
        let mut source = quoted.source;
        for report in &mut source.further {
            report.url = text_fragment::split_directive(&report.url).clean.to_owned();
            report.target =
                Some(self.destination(&report.url)).filter(Destination::is_page).map(|report| report.target);
        }
        let Excerpt { html: text_html, is_cut } = excerpt;
        self.document.quotes.push(Quote { anchor, source, target, fragment, text_html, is_cut, language });
    }

    fn destination(&self, written: &str) -> Destination {
        Destination::of(written, self.context.path, self.context.options.config)
    }

    /// Writes the words of a quote that stand in the front matter. Returns what lists show of them.
    fn stored_words(&mut self, text: &str) -> Excerpt {
        let events = Events::parse(text, self.context.options);
        let context = Context { text, offset: 0, file: "", ..self.context };
        let all = 0..events.list.len();
        let excerpt = excerpt(&events, context, all.clone());
        let mut writer = Writer::new(&events, context, Mode::Full, self.diagnostics);
        writer.warn_of_remarks();
        writer.quotes_around = self.quotes_around;
        writer.is_turned = self.is_turned;
        writer.is_foreign = self.is_foreign;
        // A text that is placed twice has each of its anchors twice.
        writer.anchors = std::mem::take(&mut self.anchors);
        writer.anchors.learn(&events);
        writer.quoted_blocks(all);
        self.anchors = std::mem::take(&mut writer.anchors);
        let document = writer.finish();
        self.document.words += document.words;
        self.document.pictures.extend(document.pictures);
        self.document.linked_files.extend(document.linked_files);
        self.document.links.extend(document.links);
        self.out.append(document.body);
        excerpt
    }

    /// The quoted words as lines.
    fn quoted_lines(&self, quoted: &Quoted) -> Vec<String> {
        let options = self.context.options;
        match &quoted.stored_text {
            Some(stored) => {
                let events = Events::parse(stored, options);
                QuotedText { events: &events, text: stored, stored: options.stored, options }
                    .lines(0..events.list.len())
            }
            None => {
                QuotedText { events: self.events, text: self.context.text, stored: options.stored, options }
                    .lines(quoted.words.clone())
            }
        }
    }

    /// Writes quoted words. `p-content` stands on each paragraph, in Microformats a property with several values.
    /// On the blockquote, Readability and its kin would count the word "content" for the quotation, and show a
    /// long one instead of the post.
    fn quoted_blocks(&mut self, words: Range<usize>) {
        for block in self.events.children(words) {
            if self.events.is_paragraph(block.start) {
                self.paragraph_start = "<p class=\"p-content\">";
            }
            self.run(block);
            self.paragraph_start = "<p>";
        }
    }

    /// Writes a quote. Returns what lists show of its words.
    fn figure(&mut self, figure: &Figure<'_>, quoted: &Quoted) -> Excerpt {
        self.out.push("<figure class=\"quote h-cite\" id=\"");
        self.out.push(figure.anchor);
        if let Some(status) = figure.status {
            self.out.push("\" data-status=\"");
            self.out.push(status.name());
        }
        // The quoted words around have a language and a direction of their own, which the caption does not share.
        let page = self.context.options.language;
        let direction = html::direction(page);
        self.out.push(&match (self.is_foreign, self.is_turned) {
            (true, _) => format!("\">\n<figcaption lang=\"{page}\" dir=\"{direction}\">"),
            (false, true) => format!("\">\n<figcaption dir=\"{direction}\">"),
            (false, false) => "\">\n<figcaption>".to_owned(),
        });
        self.caption(figure, quoted);
        self.out.push("</figcaption>\n<blockquote");
        if let Some(destination) = figure.destination.filter(|destination| destination.is_page()) {
            self.out.push(" cite=\"");
            self.write_destination(destination, "");
            self.out.push("\"");
        }
        if let Some(language) = figure.language {
            self.out.push(&format!(" lang=\"{language}\" dir=\"{}\"", html::direction(language)));
        } else if figure.turns_direction != self.is_turned {
            self.out.push(" dir=\"auto\"");
        }
        self.out.push(">\n");
        let start = self.out.html.len();
        let around = std::mem::replace(&mut self.is_turned, figure.turns_direction);
        let is_foreign = self.is_foreign || figure.language.is_some();
        let foreign_around = std::mem::replace(&mut self.is_foreign, is_foreign);
        self.quotes_around += 1;
        let excerpt = match &quoted.stored_text {
            Some(text) => self.stored_words(text),
            None => {
                self.quoted_blocks(quoted.words.clone());
                excerpt(self.events, self.context, quoted.words.clone())
            }
        };
        self.quotes_around -= 1;
        self.is_turned = around;
        self.is_foreign = foreign_around;
        html::join_in_wordpress(&mut self.out.html[start..]);
        self.out.push("</blockquote>\n</figure>\n");
        excerpt
    }

    fn caption(&mut self, figure: &Figure<'_>, quoted: &Quoted) {
        for (number, part) in quoted.caption.iter().enumerate() {
            match part {
                CaptionPart::Stored(stored) => self.stored_caption(figure, stored),
                CaptionPart::Line(line) => {
                    // What follows a stored source goes on in its line.
                    if number > 0
                        && matches!(&quoted.caption[0], CaptionPart::Line(first) if first.heading.is_none())
                    {
                        self.out.push("<br>\n");
                    }
                    self.caption_line(figure, line);
                }
            }
        }
        self.out.push(" <a class=\"quote-permalink\" href=\"#");
        self.out.push(figure.anchor);
        self.out.push("\" aria-label=\"");
        self.out.hole(Fill::Word("quote_permalink".into()));
        // The sign is the style sheet's, so that no copy and no excerpt has it.
        self.out.push("\"></a>");
    }

    fn caption_line(&mut self, figure: &Figure<'_>, part: &CaptionLine) {
        let written = WrittenLine {
            line: &part.line,
            reading: &part.reading,
            fragment: figure.fragment,
            robust: figure.robust.as_ref(),
        };
        let Some(heading) = part.heading else { return self.attribution(&written) };
        let Event::Start(Tag::Heading { level, id, .. }) = &self.events.list[heading.event].0 else { return };
        let level = *level as u8;
        let inner = heading.event + 1..self.events.ends[heading.event];
        let is_own = heading.is_own && self.quotes_around == 0;
        let anchor = is_own.then(|| self.heading_anchor(level, id.as_deref(), inner));
        self.open_heading(level, anchor.as_deref());
        self.attribution(&written);
        let start = self.out.html.len();
        self.close_heading(level, anchor.as_deref());
        // Behind the sign of the anchor.
        let end = self.out.html[start..].rfind("</h").map_or(start, |at| start + at);
        html::join_in_wordpress(&mut self.out.html[end..]);
    }

    /// What the front matter says of a source, in the order of the theme.
    fn stored_caption(&mut self, figure: &Figure<'_>, source: &Attribution) {
        let mut separator = "";
        for author in &source.authors {
            self.out.push(separator);
            self.out.push("<span class=\"p-author h-card\">");
            self.out.push_text(author);
            self.out.push("</span>");
            separator = ", ";
        }
        if !source.title.is_empty() || !source.url.is_empty() {
            if !separator.is_empty() {
                self.out.push(LINE_BREAK);
            }
            self.headline(figure, source);
            separator = LINE_BREAK;
        }
        if !source.publication.is_empty() {
            self.out.push(separator);
            self.out.push("<span class=\"p-publication\">");
            self.out.push_text(&source.publication);
            self.out.push("</span>");
            separator = ", ";
        }
        if !source.published.is_empty() {
            self.out.push(separator);
            self.date(&source.published);
        }
        if !source.archive.is_empty() {
            let archive = self.destination(&source.archive);
            self.remember_link(&archive, &source.archive, 0..0);
            self.out.push(" <a class=\"quote-archived\" href=\"");
            self.write_destination(&archive, "");
            self.out.push("\"");
            self.out.push(&robust_attributes(figure.robust.as_ref(), &source.archive));
            self.out.push(">");
            self.out.hole(Fill::Word("archived".into()));
            self.out.push("</a>");
        }
        for remark in &source.notes {
            self.out.push(" <span class=\"quote-note\">(");
            self.out.push_text(remark);
            self.out.push(")</span>");
        }
    }

    fn headline(&mut self, figure: &Figure<'_>, source: &Attribution) {
        let url = text_fragment::split_directive(&source.url).clean;
        let title = [&source.title, &source.publication, url].into_iter().find(|text| !text.is_empty());
        let title = title.unwrap_or_default();
        self.out.push("<cite class=\"p-name\">");
        // The address can stand in the line behind, which has a link of its own.
        match figure.destination.filter(|_| !url.is_empty()) {
            Some(destination) => {
                self.remember_link(destination, url, 0..0);
                self.out.push("<a class=\"u-url\" href=\"");
                self.write_destination(destination, figure.fragment);
                self.out.push("\"");
                self.out.push(&robust_attributes(figure.robust.as_ref(), url));
                self.out.push(">");
                self.out.push_text(title);
                self.out.push("</a>");
            }
            None => self.out.push_text(title),
        }
        self.out.push("</cite>");
    }

    fn date(&mut self, date: &str) {
        self.out.push("<time class=\"dt-published\" datetime=\"");
        self.out.push(date);
        self.out.push("\">");
        self.out.hole(Fill::Date(date.to_owned()));
        self.out.push("</time>");
    }
}

/// The separator beside a headline, where a theme can break the line.
const LINE_BREAK: &str = "<span class=\"quote-break\">, </span>";

/// Whether a mark behind the id of a stored quote says what the front matter does not say.
fn says_more(mark: &Mark, stored: &Attribution) -> bool {
    match &mark.kind {
        MarkKind::Via
        | MarkKind::Note
        | MarkKind::Archived
        | MarkKind::BareLink { .. }
        | MarkKind::LineBreak
        | MarkKind::Hidden => true,
        MarkKind::Publication => stored.publication.is_empty(),
        MarkKind::Published { .. } => stored.published.is_empty(),
        MarkKind::Title => stored.title.is_empty(),
        MarkKind::Report { .. } => stored.url.is_empty(),
        MarkKind::Author => false,
    }
}

/// What lists of quotes show of quoted words.
struct Excerpt {
    html: String,
    /// Whether there is more.
    is_cut: bool,
}

/// Bytes of HTML after which a list of quotes shows no further block of a quotation.
const LONGEST_EXCERPT: usize = 4000;

/// Quoted words for lists: without links, and no more than a screen or two.
fn excerpt(events: &Events<'_>, context: Context<'_>, words: Range<usize>) -> Excerpt {
    let mut ignored = Vec::new();
    let mut writer = Writer::new(events, context, Mode::Listed, &mut ignored);
    let blocks = events.children(words);
    let mut shown = 0;
    while shown < blocks.len() && writer.out.html.len() < LONGEST_EXCERPT {
        writer.quoted_blocks(blocks[shown].clone());
        shown += 1;
    }
    let html = writer.finish().body.html.trim_end().to_owned();
    if html.len() <= 2 * LONGEST_EXCERPT {
        return Excerpt { html, is_cut: shown < blocks.len() };
    }
    let text = html::shorten(&html::plain_text(&html), LONGEST_EXCERPT);
    Excerpt { html: format!("<p class=\"p-content\">{}</p>", html::escape(&text)), is_cut: true }
}

/// The id of a stored quote that a line begins with. What is a link is a name on a social network.
fn cited_in(line: &InlineLine) -> Option<CitedId<'_>> {
    let cited = cited_id(&line.line.text)?;
    let is_linked =
        line.line.spans.iter().any(|span| {
            matches!(span.kind, LineSpanKind::Link { .. }) && span.range.contains(&(cited.end - 1))
        });
    (!is_linked).then_some(cited)
}

/// What a quote's figure shows.
struct Figure<'a> {
    anchor: &'a str,
    language: Option<&'a str>,
    /// Whether the quoted words have another direction than the page.
    turns_direction: bool,
    destination: Option<&'a Destination>,
    fragment: &'a str,
    status: Option<ReportStatus>,
    robust: Option<RobustLink<'a>>,
}

/// What the link to a report and that to its copy say of each other.
pub(super) fn robust_attributes(robust: Option<&RobustLink<'_>>, url: &str) -> String {
    robust.map_or_else(String::new, |link| link.attributes_of(url))
}

/// The quoted words, paragraph by paragraph, as the author typed them: without typographic quotes and
/// dashes that only our own output has.
fn raw_paragraphs(events: &Events<'_>, text: &str, range: Option<Range<usize>>) -> Vec<String> {
    let range = range.unwrap_or(0..events.list.len());
    let mut paragraphs = vec![String::new()];
    for (event, span) in &events.list[range] {
        let paragraph = paragraphs.last_mut().expect("there is always one");
        match event {
            Event::Text(part) => {
                let typed = &text[span.clone()];
                let is_set = typed.bytes().all(|byte| b"\"'-.".contains(&byte));
                paragraph.push_str(if is_set { typed } else { part });
            }
            Event::Code(part) => paragraph.push_str(part),
            Event::Html(html) => paragraphs.extend(html_quote::paragraphs(html)),
            Event::SoftBreak | Event::HardBreak => paragraph.push(' '),
            Event::End(
                TagEnd::Paragraph | TagEnd::Item | TagEnd::Heading(_) | TagEnd::TableCell | TagEnd::CodeBlock,
            ) => {
                paragraphs.push(String::new());
            }
            _ => {}
        }
    }
    paragraphs
        .into_iter()
        .map(|paragraph| html::fold_white_space(&paragraph))
        .filter(|p| !p.is_empty())
        .collect()
}
