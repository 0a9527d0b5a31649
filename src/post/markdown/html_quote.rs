//! Blockquotes in HTML, as WordPress and others write them: `<blockquote><p>…</p><cite>…</cite></blockquote>`.
//!
//! They become the events of a blockquote of Markdown, whose words are a block of HTML and whose attribution is the `<cite>`
//! or `<footer>`.

use std::ops::Range;

use pulldown_cmark::{CowStr, Event, Tag, TagEnd};

use crate::dom::Document;
use crate::html;

/// Events with their bytes of the text.
type Spanned<'t> = (Event<'t>, Range<usize>);

/// A quotation in HTML, taken apart.
struct HtmlQuote<'h> {
    /// The HTML of the quoted words.
    words: &'h str,
    /// The HTML of the attribution, without the element around it.
    attribution: &'h str,
}

/// Elements that hold an attribution.
const HOLDERS: [&str; 2] = ["cite", "footer"];

/// Whether a line of HTML can begin or hold a quotation with its source.
pub(super) fn begins_in(line: &str) -> bool {
    line.contains("<blockquote") || HOLDERS.iter().any(|name| html::is_start_tag(line.trim_start(), name))
}

/// Turns quotations in HTML into blockquotes of Markdown.
pub(super) fn as_block_quotes(list: Vec<Spanned<'_>>) -> Vec<Spanned<'_>> {
    if !list.iter().any(|(event, _)| matches!(event, Event::Html(html) if begins_in(html))) {
        return list;
    }
    let mut out: Vec<Spanned<'_>> = Vec::with_capacity(list.len());
    let mut block: Option<usize> = None;
    let mut events = list.into_iter().peekable();
    while let Some((event, span)) = events.next() {
        match &event {
            Event::Start(Tag::HtmlBlock) => block = Some(out.len()),
            Event::End(TagEnd::HtmlBlock) => {
                let start = block.take().unwrap_or(out.len());
                let html: String = out[start + 1..].iter().filter_map(|(event, _)| as_html(event)).collect();
                // A `<cite>` or `<footer>` at the end of a blockquote of Markdown is its attribution.
                let ends_quote = matches!(events.peek(), Some((Event::End(TagEnd::BlockQuote(None)), _)));
                let follows_words =
                    start > 0 && !matches!(out[start - 1].0, Event::Start(Tag::BlockQuote(_)));
                if let Some(quote) = whole_quote(&html) {
                    let span = out[start].1.clone();
                    out.truncate(start);
                    out.extend(quote.events(&span));
                    continue;
                }
                if let Some(attribution) = alone(&html).filter(|_| ends_quote && follows_words) {
                    let span = out[start].1.clone();
                    out.truncate(start);
                    out.extend(attribution_events(attribution, &span));
                    continue;
                }
            }
            _ => {}
        }
        out.push((event, span));
    }
    out
}

fn as_html<'e>(event: &'e Event<'_>) -> Option<&'e str> {
    match event {
        Event::Html(html) | Event::Text(html) => Some(html),
        _ => None,
    }
}

impl HtmlQuote<'_> {
    fn events<'t>(&self, span: &Range<usize>) -> Vec<Spanned<'t>> {
        let words: CowStr<'t> = format!("{}\n", self.words.trim()).into();
        let mut events = vec![
            (Event::Start(Tag::BlockQuote(None)), span.clone()),
            (Event::Start(Tag::HtmlBlock), span.clone()),
            (Event::Html(words), span.clone()),
            (Event::End(TagEnd::HtmlBlock), span.clone()),
        ];
        events.extend(attribution_events(self.attribution, span));
        events.push((Event::End(TagEnd::BlockQuote(None)), span.clone()));
        events
    }
}

/// The one quotation that a block of HTML is, if it has a source. Comments and a figure may stand around it, as the editor
/// of WordPress writes them.
fn whole_quote(html: &str) -> Option<HtmlQuote<'_>> {
    let mut rest = without_comments(html);
    if html::is_start_tag(rest, "figure") {
        rest = rest[rest.find('>')? + 1..].trim_end().strip_suffix("</figure>")?.trim();
    }
    if !html::is_start_tag(rest, "blockquote") {
        return None;
    }
    let inner = rest[rest.find('>')? + 1..].trim_end().strip_suffix("</blockquote>")?.trim();
    // With another quotation in it, it is left to its author.
    if inner.contains("<blockquote") || inner.contains("</blockquote") {
        return None;
    }
    HOLDERS.iter().find_map(|name| {
        let end = format!("</{name}>");
        // `<p>…</p><cite>…</cite>`, or the element within the last paragraph.
        let (before_end, closes_paragraph) = match inner.strip_suffix("</p>") {
            Some(shorter) if shorter.trim_end().ends_with(&end) => (shorter.trim_end(), true),
            _ => (inner, false),
        };
        let content = before_end.strip_suffix(&end)?;
        let start =
            content.rfind(&format!("<{name}")).filter(|&at| html::is_start_tag(&content[at..], name))?;
        let attribution = &content[start + content[start..].find('>')? + 1..];
        let mut words = content[..start].trim_end();
        if closes_paragraph {
            let line = words.trim_end_matches(['—', '–', '-', ' ']).trim_end();
            let line = ["<br>", "<br/>", "<br />"]
                .iter()
                .fold(line, |line, tag| line.strip_suffix(tag).unwrap_or(line).trim_end());
            // Its paragraph is closed where the words end.
            words = match line.strip_suffix("<p>") {
                Some(before) => before.trim_end(),
                None => return None,
            };
        }
        (!words.is_empty()).then_some(HtmlQuote { words, attribution })
    })
}

/// The attribution of a block of HTML that is nothing else.
fn alone(html: &str) -> Option<&str> {
    let rest = html.trim();
    HOLDERS.iter().find_map(|name| {
        let inner = rest.strip_suffix(&format!("</{name}>")).filter(|_| html::is_start_tag(rest, name))?;
        Some(inner[inner.find('>')? + 1..].trim())
    })
}

fn without_comments(html: &str) -> &str {
    let mut rest = html.trim();
    while let Some(behind) = rest.strip_prefix("<!--").and_then(|comment| comment.split_once("-->")) {
        rest = behind.1.trim_start();
    }
    while rest.ends_with("-->") {
        let Some(start) = rest.rfind("<!--") else { break };
        rest = rest[..start].trim_end();
    }
    rest
}

/// The events of a paragraph with a dash before some inline HTML.
fn attribution_events<'t>(html: &str, span: &Range<usize>) -> Vec<Spanned<'t>> {
    let mut events = vec![
        (Event::Start(Tag::Paragraph), span.clone()),
        (Event::Text(CowStr::Borrowed("— ")), span.clone()),
    ];
    let mut rest = html.trim();
    while !rest.is_empty() {
        let open = rest.find('<').unwrap_or(rest.len());
        let (text, tag) = rest.split_at(open);
        if !text.is_empty() {
            events.push((Event::Text(decoded(text).into()), span.clone()));
        }
        let end = html::tag_end(tag);
        let is_block = ["<p", "</p", "<div", "</div"].iter().any(|block| tag.starts_with(block));
        if end > 0 && !is_block {
            events.push((Event::InlineHtml(tag[..end].to_owned().into()), span.clone()));
        }
        rest = &tag[end..];
    }
    events.push((Event::End(TagEnd::Paragraph), span.clone()));
    events
}

/// Text of HTML with its character references replaced.
fn decoded(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    // The parser drops white space at the start of a page, not behind a letter.
    let page = Document::parse(&format!("x{text}"));
    page.root().text_content().trim_start_matches('x').to_owned()
}

/// The text of quoted words in HTML, paragraph by paragraph.
pub(super) fn paragraphs(html: &str) -> Vec<String> {
    const BLOCKS: [&str; 8] = ["</p>", "</li>", "<br>", "<br/>", "<br />", "</div>", "</h2>", "</h3>"];
    let marked = BLOCKS.iter().fold(html.to_owned(), |html, block| html.replace(block, "\u{1}"));
    let texts = marked
        .split('\u{1}')
        .map(|part| html::fold_white_space(&Document::parse(part).root().text_content()));
    texts.filter(|text| !text.is_empty()).collect()
}
