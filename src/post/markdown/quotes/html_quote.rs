//! Blockquotes in HTML, as WordPress and others write them: `<blockquote><p>…</p><cite>…</cite></blockquote>`.
//!
//! They become the events of a blockquote of Markdown, whose words are blocks of HTML and whose attribution is a paragraph.
//! The source may stand in a `<cite>`, a `<footer>`, a `<figcaption>` or behind a dash; in the last paragraph or a
//! line of it, first in the quotation, or directly below it. A blockquote without a source stays as it is written.

use std::collections::BTreeSet;
use std::ops::Range;

use hashbrown::HashMap;
use pulldown_cmark::{CowStr, Event, Tag, TagEnd};

use crate::dom::Document;
use crate::html;
use crate::post::attribution::names_its_source;

use super::attribution_places::{self, LIKELY_SOURCE, LIKELY_SOURCE_HINT, SourceParts};
use crate::post::markdown::events::{self, Remark};
use crate::post::markdown::html_blocks::{HtmlBlock, HtmlPieces, HtmlTokenKind};

/// Events with their bytes of the text.
type Spanned<'t> = (Event<'t>, Range<usize>);

/// The events of a text in which quotations in HTML with a source are blockquotes.
pub(in crate::post::markdown) struct HtmlQuotes<'t> {
    pub(in crate::post::markdown) list: Vec<Spanned<'t>>,
    /// The `cite` attributes of these, by the byte at which each begins.
    pub(in crate::post::markdown) addresses: HashMap<usize, String>,
}

/// A quotation in HTML, taken apart.
struct QuoteParts {
    /// The tokens of the quoted words.
    words: Range<usize>,
    /// What closes the last paragraph of the words.
    closing: &'static str,
    attribution: AttributionPart,
}

/// Where the attribution of a quotation in HTML stands.
enum AttributionPart {
    /// In its own tokens, without the element around it.
    Tokens(Range<usize>),
    /// In Markdown, where it is found as in any blockquote.
    Markdown,
}

/// Elements that hold an attribution and nothing else.
const HOLDERS: [&str; 3] = ["cite", "footer", "small"];

/// Elements around quotations that mean nothing for them.
const CONTAINERS: [&str; 12] = [
    "div",
    "section",
    "article",
    "aside",
    "main",
    "center",
    "details",
    "ul",
    "ol",
    "li",
    "figure",
    "blockquote",
];

/// Elements within elements that are looked into.
const DEEPEST: usize = 16;

/// Whether a line of HTML can begin or hold a quotation with its source.
pub(in crate::post::markdown) fn begins_in(line: &str) -> bool {
    let is_quote = line.to_ascii_lowercase().contains("<blockquote");
    is_quote || HOLDERS.iter().any(|name| html::is_start_tag(line.trim_start(), name))
}

/// Turns quotations in HTML into blockquotes of Markdown.
pub(in crate::post::markdown) fn as_block_quotes<'t>(
    list: Vec<Spanned<'t>>,
    language: &str,
    remarks: &mut Vec<Remark>,
) -> HtmlQuotes<'t> {
    let mut addresses = HashMap::new();
    if !list.iter().any(|(event, _)| matches!(event, Event::Html(html) if begins_in(html))) {
        return HtmlQuotes { list, addresses };
    }
    let ends = events::ends(&list);
    let mut out: Vec<Spanned<'_>> = Vec::with_capacity(list.len());
    // A quotation that is never closed makes no other one be looked for to the end of the text.
    let mut may_go_on = true;
    let mut at = 0;
    while at < list.len() {
        if !matches!(list[at].0, Event::Start(Tag::HtmlBlock)) {
            out.push(list[at].clone());
            at += 1;
            continue;
        }
        let mut pieces = HtmlPieces::default();
        let mut next = add_block(&mut pieces, &list, &ends, at);
        while may_go_on && pieces.is_open() {
            if !matches!(list.get(next), Some((Event::Start(_) | Event::Rule, _))) {
                may_go_on = false;
                break;
            }
            next = add_block(&mut pieces, &list, &ends, next);
        }
        if pieces.is_open() {
            next = ends[at] + 1;
            pieces = HtmlPieces::default();
            add_block(&mut pieces, &list, &ends, at);
        }
        let all = 0..pieces.tokens.len();
        let mut reader = HtmlQuoteReader {
            pieces: &pieces,
            list: &list,
            out: Vec::new(),
            addresses: HashMap::new(),
            paragraphs: BTreeSet::new(),
            dash_below: is_dashed_paragraph(&list, &ends, next),
            language,
            remarks: &mut *remarks,
        };
        let whole = HtmlBlock { name: String::new(), outer: all.clone(), inner: all };
        if reader.within(&whole, 0) {
            out.extend(reader.out);
            addresses.extend(reader.addresses);
        } else if let Some(attribution) = attribution_alone(&pieces, &list, &out, next) {
            out.extend(attribution);
        } else {
            out.extend(list[at..next].iter().cloned());
        }
        at = next;
    }
    HtmlQuotes { list: out, addresses }
}

/// Adds a block to pieces of HTML. Returns the event behind it.
fn add_block(pieces: &mut HtmlPieces, list: &[Spanned<'_>], ends: &[usize], at: usize) -> usize {
    let next = ends[at] + 1;
    if matches!(list[at].0, Event::Start(Tag::HtmlBlock)) {
        for (event, span) in &list[at..next] {
            if let Event::Html(html) | Event::Text(html) = event {
                pieces.add_html(html, span.start);
            }
        }
        pieces.read_tags();
    } else {
        pieces.add_markdown(at..next);
    }
    next
}

/// Whether a paragraph of Markdown begins with a dash and has a link.
fn is_dashed_paragraph(list: &[Spanned<'_>], ends: &[usize], at: usize) -> bool {
    matches!(list.get(at), Some((Event::Start(Tag::Paragraph), _)))
        && attribution_places::begins_with_dash(&list[at + 1..ends[at]])
        && list[at + 1..ends[at]].iter().any(|(event, _)| matches!(event, Event::Start(Tag::Link { .. })))
}

/// The attribution that a block of HTML is, at the end of a blockquote of Markdown: a `<cite>` or `<footer>` alone.
fn attribution_alone<'t>(
    pieces: &HtmlPieces,
    list: &[Spanned<'t>],
    before: &[Spanned<'t>],
    next: usize,
) -> Option<Vec<Spanned<'t>>> {
    let ends_quote = matches!(list.get(next), Some((Event::End(TagEnd::BlockQuote(None)), _)));
    let follows_words = !matches!(before.last(), None | Some((Event::Start(Tag::BlockQuote(_)), _)));
    let tokens = pieces.trimmed(&(0..pieces.tokens.len()));
    let inner = holder(pieces, &tokens).filter(|_| ends_quote && follows_words)?;
    Some(attribution_events(pieces, &inner))
}

/// The tokens within an element that holds an attribution, if some tokens are one.
fn holder(pieces: &HtmlPieces, tokens: &Range<usize>) -> Option<Range<usize>> {
    let tokens = pieces.trimmed(tokens);
    let is_holder = !tokens.is_empty() && HOLDERS.iter().any(|name| pieces.is_start(tokens.start, name));
    (is_holder && pieces.closing(tokens.start, tokens.end) + 1 == tokens.end)
        .then(|| tokens.start + 1..tokens.end - 1)
}

struct HtmlQuoteReader<'p, 't, 'r> {
    pieces: &'p HtmlPieces,
    list: &'p [Spanned<'t>],
    out: Vec<Spanned<'t>>,
    addresses: HashMap<usize, String>,
    /// The start tags of paragraphs of quoted words.
    paragraphs: BTreeSet<usize>,
    /// Whether a paragraph of Markdown that can be an attribution follows.
    dash_below: bool,
    /// The primary subtag of the page's language.
    language: &'p str,
    remarks: &'r mut Vec<Remark>,
}

impl<'t> HtmlQuoteReader<'_, 't, '_> {
    /// Turns the quotations within an element into blockquotes. Whether there are any; if not, nothing is written.
    fn within(&mut self, block: &HtmlBlock, depth: usize) -> bool {
        let begin = self.out.len();
        let children = self.pieces.blocks(&block.inner);
        let mut from = block.outer.start;
        let mut has_any = false;
        let mut at = 0;
        while let Some(child) = children.get(at) {
            at += 1;
            // What stands before a child is written once it is known to hold a quotation: of many that hold none, all
            // before each would be written and taken back.
            let before = std::mem::take(&mut self.out);
            let start = from;
            if self.block(child, depth) {
                from = child.outer.end;
            } else if let Some(below) = self.attribution_below(child, children.get(at))
                && self.quote(child, below, depth)
            {
                at += 1;
                from = children[at - 1].outer.end;
            } else if depth == 0
                && at == children.len()
                && self.dash_below
                && child.name == "blockquote"
                && self.quote(child, self.unattributed(child), depth)
            {
                from = child.outer.end;
            } else {
                self.out = before;
                self.remark_on_likely_source(child);
                continue;
            }
            let quotation = std::mem::replace(&mut self.out, before);
            self.raw(start..child.outer.start, "");
            self.out.extend(quotation);
            has_any = true;
        }
        if has_any {
            self.raw(from..block.outer.end, "");
        } else {
            self.out.truncate(begin);
        }
        has_any
    }

    fn block(&mut self, block: &HtmlBlock, depth: usize) -> bool {
        if depth == DEEPEST || !CONTAINERS.contains(&block.name.as_str()) {
            return false;
        }
        if block.name == "blockquote"
            && let Some(parts) = self.parts(block)
        {
            return self.quote(block, parts, depth);
        }
        if block.name == "figure" {
            let children = self.pieces.blocks(&block.inner);
            let quote = children.iter().find(|child| child.name == "blockquote");
            let caption = children.iter().find(|child| child.name == "figcaption");
            if let ([_, _], Some(quote), Some(caption)) = (children.as_slice(), quote, caption) {
                let attribution = AttributionPart::Tokens(caption.inner.clone());
                let parts = QuoteParts { words: quote.inner.clone(), closing: "", attribution };
                return self.quote(quote, parts, depth);
            }
        }
        self.within(block, depth + 1)
    }

    fn unattributed(&self, block: &HtmlBlock) -> QuoteParts {
        QuoteParts { words: block.inner.clone(), closing: "", attribution: AttributionPart::Markdown }
    }

    /// A last paragraph that has the form of an attribution but for its dash: a name, and a link behind it.
    fn remark_on_likely_source(&mut self, block: &HtmlBlock) {
        if block.name != "blockquote" || is_embedded(self.pieces.html_of(block.outer.start)) {
            return;
        }
        let children = self.pieces.blocks(&block.inner);
        let [_, .., last] = children.as_slice() else { return };
        if !["p", "div", ""].contains(&last.name.as_str()) {
            return;
        }
        let inner = self.pieces.trimmed(&last.inner);
        let Some(link) = inner.clone().find(|&token| self.pieces.is_start(token, "a")) else { return };
        let end = self.pieces.closing(link, inner.end);
        let parts = SourceParts {
            before: &self.words_of(&(inner.start..link)),
            linked: &self.words_of(&(link + 1..end)),
            behind: &self.words_of(&((end + 1).min(inner.end)..inner.end)),
        };
        if parts.name_a_source(self.language) {
            self.remarks.push(Remark::new(self.span(&inner), LIKELY_SOURCE.to_owned(), LIKELY_SOURCE_HINT));
        }
    }

    /// The source in the element below a quotation: `</blockquote><cite>…</cite>`, `</blockquote><p>— …</p>`.
    fn attribution_below(&self, block: &HtmlBlock, next: Option<&HtmlBlock>) -> Option<QuoteParts> {
        let next =
            next.filter(|next| block.name == "blockquote" && ["", "p"].contains(&next.name.as_str()))?;
        let tokens = &next.inner;
        let names_a_source =
            self.begins_with_dash(tokens) && (self.has(tokens, "a") || self.has(tokens, "cite"));
        let attribution = holder(self.pieces, tokens)
            .filter(|_| self.pieces.is_start(tokens.start, "cite"))
            .or_else(|| names_a_source.then(|| tokens.clone()))?;
        Some(QuoteParts { attribution: AttributionPart::Tokens(attribution), ..self.unattributed(block) })
    }

    /// The text of some tokens, with its white space folded.
    fn words_of(&self, tokens: &Range<usize>) -> String {
        html::fold_white_space(&decoded(self.pieces.text_of(tokens)))
    }

    fn has(&self, tokens: &Range<usize>, name: &str) -> bool {
        tokens.clone().any(|token| self.pieces.is_start(token, name))
    }

    /// Whether the text of some tokens begins with a dash; with a hyphen if it has a link.
    fn begins_with_dash(&self, tokens: &Range<usize>) -> bool {
        let text = decoded(self.pieces.text_of(tokens));
        let text = text.trim_start();
        let is_hyphen = text.starts_with("- ") && self.has(tokens, "a");
        is_hyphen || text.starts_with(['—', '―', '–']) || text.starts_with("--") || text.starts_with("~ ")
    }

    /// Takes a quotation apart, if it names its source.
    fn parts(&self, block: &HtmlBlock) -> Option<QuoteParts> {
        let children = self.pieces.blocks(&block.inner);
        let [first, .., last] = children.as_slice() else {
            return self.in_last_line(block, children.first()?);
        };
        // Dashes before every paragraph are people speaking.
        let is_speech =
            children.iter().all(|child| self.begins_with_dash(&child.inner)) && !self.has(&last.inner, "a");
        if is_speech {
            return None;
        }
        if let HtmlTokenKind::Markdown(events) = &self.pieces.tokens[last.outer.start].kind {
            let inner = &self.list[events.start + 1..events.end - 1];
            let is_paragraph = matches!(self.list[events.start].0, Event::Start(Tag::Paragraph));
            let is_source = is_paragraph
                && (attribution_places::begins_with_dash(inner) || attribution_places::is_cite(inner));
            return is_source.then(|| self.unattributed(block));
        }
        if let Some(attribution) = self.attribution(last) {
            return Some(QuoteParts {
                words: block.inner.start..last.outer.start,
                closing: "",
                attribution: AttributionPart::Tokens(attribution),
            });
        }
        self.in_last_line(block, last).or_else(|| {
            let is_marked = self.has(&first.outer, "a") || holder(self.pieces, &first.outer).is_some();
            let attribution = self.attribution(first).filter(|_| is_marked)?;
            Some(QuoteParts {
                words: first.outer.end..block.inner.end,
                closing: "",
                attribution: AttributionPart::Tokens(attribution),
            })
        })
    }

    /// The attribution that a block is.
    fn attribution(&self, block: &HtmlBlock) -> Option<Range<usize>> {
        let inner = self.pieces.trimmed(&block.inner);
        match block.name.as_str() {
            _ if inner.is_empty() => None,
            "footer" | "figcaption" => Some(inner),
            "p" | "div" | "header" | "" => {
                let holder = holder(self.pieces, &inner);
                // `<cite>The Paper</cite>, 2026`
                let goes_on = self.pieces.is_start(inner.start, "cite") && {
                    let behind = self.pieces.closing(inner.start, inner.end) + 1;
                    let rest = self.pieces.text_of(&(behind.min(inner.end)..inner.end));
                    rest.trim_start().starts_with([',', '(', ';', ':'])
                };
                let names_its_source = self.has(&inner, "a")
                    && names_its_source(&decoded(self.pieces.text_of(&inner)), self.language);
                let is_source = goes_on || names_its_source || self.begins_with_dash(&inner);
                holder.or_else(|| is_source.then_some(inner))
            }
            _ => None,
        }
    }

    /// The attribution in the last line of the last paragraph, or behind a dash at its end.
    fn in_last_line(&self, block: &HtmlBlock, last: &HtmlBlock) -> Option<QuoteParts> {
        if !["p", ""].contains(&last.name.as_str()) {
            return None;
        }
        let inner = self.pieces.trimmed(&last.inner);
        let breaks = inner.clone().rev().filter(|&token| self.pieces.is_start(token, "br"));
        let line = breaks.map(|token| (token, self.pieces.trimmed(&(token + 1..inner.end)))).find_map(
            |(token, rest)| {
                let attribution = holder(self.pieces, &rest)
                    .or_else(|| (!rest.is_empty() && self.begins_with_dash(&rest)).then_some(rest))?;
                Some((token, attribution))
            },
        );
        let (end, attribution) = line.or_else(|| {
            let cite = inner.clone().rev().find(|&token| self.pieces.is_start(token, "cite"))?;
            let is_last = self.pieces.closing(cite, inner.end) + 1 == inner.end && cite > inner.start + 1;
            let is_dash = is_last && {
                let before = decoded(self.pieces.html_of(cite - 1));
                before.trim().trim_matches(['—', '―', '–']).is_empty() && !before.trim().is_empty()
            };
            is_dash.then_some((cite - 1, cite - 1..inner.end))
        })?;
        (end > inner.start).then(|| QuoteParts {
            words: block.inner.start..end,
            closing: if last.name == "p" { "</p>" } else { "" },
            attribution: AttributionPart::Tokens(attribution),
        })
    }

    /// Writes a quotation. Whether it can be one.
    fn quote(&mut self, block: &HtmlBlock, parts: QuoteParts, depth: usize) -> bool {
        let tag = self.pieces.html_of(block.outer.start).to_owned();
        let words = self.pieces.trimmed(&parts.words);
        if is_embedded(&tag) || words.is_empty() {
            return false;
        }
        let span = self.span(&block.outer);
        self.out.push((Event::Start(Tag::BlockQuote(None)), span.clone()));
        let paragraphs = self.pieces.blocks(&words).into_iter().filter(|child| child.name == "p");
        self.paragraphs.extend(paragraphs.map(|child| child.outer.start));
        let inner = HtmlBlock { name: String::new(), outer: words.clone(), inner: words.clone() };
        if !parts.closing.is_empty() || depth == DEEPEST || !self.within(&inner, depth + 1) {
            self.raw(words, parts.closing);
        }
        if let AttributionPart::Tokens(tokens) = &parts.attribution {
            let mut attribution = attribution_events(self.pieces, tokens);
            let end = attribution.len() - 1;
            let place = attribution[end].1.clone();
            if let Some(language) =
                html::attribute(&tag, "lang").filter(|tag| crate::config::is_language_tag(tag))
            {
                attribution.insert(end, (Event::Text(format!(" (lang: {language})").into()), place.clone()));
            }
            if let Some(id) = html::attribute(&tag, "id") {
                // Links to it lead to the caption, which stands first.
                let anchor = format!("<span id=\"{}\"></span>", html::escape(&id));
                attribution.insert(end, (Event::InlineHtml(anchor.into()), place));
            }
            self.out.extend(attribution);
        }
        if let Some(address) = html::attribute(&tag, "cite").filter(|address| !address.is_empty()) {
            self.addresses.insert(span.start, address);
        }
        self.out.push((Event::End(TagEnd::BlockQuote(None)), span));
        true
    }

    fn span(&self, tokens: &Range<usize>) -> Range<usize> {
        span_of(self.pieces, tokens)
    }

    /// Writes tokens as they are.
    fn raw(&mut self, tokens: Range<usize>, closing: &str) {
        let mut html = String::new();
        let mut from = tokens.start;
        for token in tokens.clone() {
            match &self.pieces.tokens[token].kind {
                HtmlTokenKind::Markdown(events) => {
                    let events = events.clone();
                    self.html_block(&mut html, from..token);
                    self.out.extend(self.list[events].iter().cloned());
                    from = token + 1;
                }
                HtmlTokenKind::Start(_) if self.paragraphs.contains(&token) => {
                    html.push_str(&html::with_class(self.pieces.html_of(token), "p-content"));
                }
                _ => html.push_str(self.pieces.html_of(token)),
            }
        }
        html.push_str(closing);
        self.html_block(&mut html, from..tokens.end);
    }

    fn html_block(&mut self, html: &mut String, tokens: Range<usize>) {
        let html = std::mem::take(html);
        if html.trim().is_empty() {
            return;
        }
        let span = self.span(&tokens);
        let html: CowStr<'t> = format!("{}\n", html.trim()).into();
        self.out.push((Event::Start(Tag::HtmlBlock), span.clone()));
        self.out.push((Event::Html(html), span.clone()));
        self.out.push((Event::End(TagEnd::HtmlBlock), span));
    }
}

/// The bytes of the text that some tokens are.
fn span_of(pieces: &HtmlPieces, tokens: &Range<usize>) -> Range<usize> {
    let start = pieces.tokens.get(tokens.start).map_or(0..0, |token| token.range.clone());
    let end = tokens
        .end
        .checked_sub(1)
        .and_then(|last| pieces.tokens.get(last))
        .map_or(start.end, |token| token.range.end);
    pieces.source_of(&(start.start..end.max(start.start)))
}

/// Whether a start tag is of a quotation that a script of another site turns into something else.
fn is_embedded(tag: &str) -> bool {
    let classes = html::attribute(tag, "class").unwrap_or_default();
    let is_known = classes.split_whitespace().any(|class| {
        class.contains("embed")
            || ["twitter-tweet", "twitter-video", "instagram-media", "imgur-embed-pub"].contains(&class)
    });
    is_known || tag.contains(" data-")
}

/// The events of a paragraph with a dash before some inline HTML, in the order of its author.
fn attribution_events<'t>(pieces: &HtmlPieces, tokens: &Range<usize>) -> Vec<Spanned<'t>> {
    let tokens = pieces.trimmed(tokens);
    let span = span_of(pieces, &tokens);
    let mut events = vec![(Event::Start(Tag::Paragraph), span.clone())];
    let text = decoded(pieces.text_of(&tokens));
    if !text.trim_start().starts_with(['—', '―']) {
        events.push((Event::Text(CowStr::Borrowed("— ")), span.start..span.start));
    }
    for at in tokens {
        let place = span_of(pieces, &(at..at + 1));
        let html = pieces.html_of(at).to_owned();
        match &pieces.tokens[at].kind {
            // A line feed in HTML is a space.
            HtmlTokenKind::Text => {
                events.push((Event::Text(decoded(&html).replace('\n', " ").into()), place))
            }
            HtmlTokenKind::Start(name) | HtmlTokenKind::End(name)
                if ["p", "div"].contains(&name.as_str()) => {}
            HtmlTokenKind::Start(_) | HtmlTokenKind::End(_) => {
                events.push((Event::InlineHtml(html.into()), place))
            }
            HtmlTokenKind::Comment | HtmlTokenKind::Markdown(_) => {}
        }
    }
    events.push((Event::End(TagEnd::Paragraph), span));
    events
}

/// The text of HTML without its tags and with its character references replaced.
fn decoded(html: &str) -> String {
    if !html.contains(['&', '<']) {
        return html.to_owned();
    }
    // The parser drops white space at the start of a page, not behind a letter.
    let page = Document::parse(&format!("x{html}"));
    page.root().text_content().split_off(1)
}

/// The text of quoted words in HTML, paragraph by paragraph.
pub(in crate::post::markdown) fn paragraphs(html: &str) -> Vec<String> {
    const BLOCKS: [&str; 12] = [
        "</p>",
        "</li>",
        "<br>",
        "<br/>",
        "<br />",
        "</div>",
        "</h2>",
        "</h3>",
        "</td>",
        "</th>",
        "</dd>",
        "<blockquote>",
    ];
    let marked = BLOCKS.iter().fold(html.to_owned(), |html, block| html.replace(block, "\u{1}"));
    let texts = marked
        .split('\u{1}')
        .map(|part| html::fold_white_space(&Document::parse(part).root().text_content()));
    texts.filter(|text| !text.is_empty()).collect()
}
