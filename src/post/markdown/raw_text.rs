//! Scripts, styles and the like: elements of HTML whose text means itself, and that hide all that follows if they are
//! not closed.
//!
//! CommonMark reads the text of such an element as Markdown where it stands within a paragraph (section 6.6), so that
//! a script has curly quotes and a style sheet has emphasis. Here it is left alone, as in a block of HTML.

use std::ops::Range;

use pulldown_cmark::{CowStr, Event, Tag};

use crate::html::{self, Tags};

use super::events::{Remark, is_inline};
use super::mask::Mask;

/// The elements within paragraphs whose text means itself.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct RawText {
    /// From the start tag to behind the end tag, in order.
    elements: Vec<Range<usize>>,
}

impl RawText {
    /// Finds the elements, and hides their text from the parser.
    pub(super) fn hide(text: &str, list: &[(Event<'_>, Range<usize>)], mask: &mut Mask<'_>) -> Self {
        let mut raw = Self::default();
        for (index, (event, span)) in list.iter().enumerate() {
            let Event::InlineHtml(tag) = event else { continue };
            let Some(name) = html::raw_text_element(tag).filter(|_| !raw.contains(span)) else { continue };
            let inner = &text[span.end..end_of_block(&list[index..])];
            let Some(close) = html::find_end_tag(inner, name).map(|at| span.end + at) else { continue };
            let Some(end) = text[close..].find('>').map(|at| close + at + 1) else { continue };
            hide_marks(text, span.end..close, mask);
            raw.elements.push(span.start..end);
        }
        raw
    }

    pub(super) fn is_empty(&self) -> bool {
        self.elements.is_empty()
    }

    fn contains(&self, span: &Range<usize>) -> bool {
        self.elements.last().is_some_and(|last| span.start < last.end)
    }

    /// The events with each element as one of them. A start tag without an end, behind which a browser shows nothing, is
    /// text.
    pub(super) fn restore<'t>(
        &self,
        list: Vec<(Event<'t>, Range<usize>)>,
        remarks: &mut Vec<Remark>,
    ) -> Vec<(Event<'t>, Range<usize>)> {
        // Most texts have no HTML within paragraphs, and to move their events takes as long as to parse them.
        if self.is_empty() && !list.iter().any(|(event, _)| matches!(event, Event::InlineHtml(_))) {
            return list;
        }
        let mut restored: Vec<(Event<'t>, Range<usize>)> = Vec::with_capacity(list.len());
        let mut elements = self.elements.iter().peekable();
        let mut foreign = 0_usize;
        for (event, span) in list {
            while elements.next_if(|element| element.end <= span.start).is_some() {}
            let element =
                elements.peek().filter(|element| element.contains(&span.start) && is_inline(&event));
            match (element, event) {
                (Some(element), event) if span.start == element.start => {
                    restored.push((Event::InlineHtml(text_of(event)), element.start..element.end));
                }
                (Some(_), event) => {
                    if let Some((Event::InlineHtml(html), _)) = restored.last_mut() {
                        *html = format!("{html}{}", text_of(event)).into();
                    }
                }
                (None, Event::InlineHtml(tag)) => {
                    // XML, where every element can be closed by `/>`.
                    foreign += usize::from(["svg", "math"].iter().any(|name| html::is_start_tag(&tag, name)));
                    let is_closed = foreign > 0 && tag.ends_with("/>");
                    match html::raw_text_element(&tag).filter(|_| !is_closed) {
                        Some(name) => {
                            remarks.push(unclosed(name, &tag, span.clone(), "it is shown as it is written"));
                            // Not borrowed from the source: its quotation marks stay as they are.
                            restored.push((Event::Text(tag.into_string().into()), span));
                        }
                        None => restored.push((Event::InlineHtml(tag), span)),
                    }
                }
                (None, event) => {
                    if !is_inline(&event) {
                        foreign = 0;
                    }
                    restored.push((event, span));
                }
            }
        }
        restored
    }
}

/// Notes blocks of HTML with a comment or an element that hides all that follows.
pub(super) fn remark_unclosed(text: &str, list: &[(Event<'_>, Range<usize>)], remarks: &mut Vec<Remark>) {
    for (index, (event, span)) in list.iter().enumerate() {
        if !matches!(event, Event::Start(Tag::HtmlBlock)) {
            continue;
        }
        let lines = list[index + 1..].iter().take_while(|(event, _)| !matches!(event, Event::End(_)));
        let block: String = lines
            .filter_map(|(event, _)| match event {
                Event::Html(html) | Event::Text(html) => Some(&**html),
                _ => None,
            })
            .collect();
        let rest = &text[span.end.min(text.len())..];
        let behind = "a browser shows nothing of what follows";
        let last = Tags::of(&block).last();
        let opened = last.clone().and_then(|tag| {
            let name = html::raw_text_element(&block[tag.clone()])?;
            let is_open = html::find_end_tag(&block[tag.end..], name).is_none();
            (is_open && html::find_end_tag(rest, name).is_none()).then_some((name, tag))
        });
        let line = span.start..span.start + text[span.clone()].lines().next().unwrap_or_default().len();
        if let Some((name, tag)) = opened {
            remarks.push(unclosed(name, &block[tag], line, behind));
        } else if has_open_comment(&block[last.map_or(0, |tag| tag.end)..]) && !rest.contains("-->") {
            let message = format!("this comment is never closed: {behind}");
            remarks.push(Remark::new(line, message, "end it with `-->`"));
        }
    }
}

fn has_open_comment(html: &str) -> bool {
    let mut rest = html;
    while let Some(at) = rest.find("<!--") {
        match html::comment_end(&rest[at..]) {
            Some(end) => rest = &rest[at + end..],
            None => return true,
        }
    }
    false
}

fn unclosed(name: &str, tag: &str, span: Range<usize>, outcome: &str) -> Remark {
    let hint = "close it in the same paragraph or block, or put the tag between backticks to write about it";
    let tag = html::shorten(tag, 40);
    let message = match name {
        "plaintext" => format!("`{tag}` cannot be closed: {outcome}"),
        _ => format!("`{tag}` is not closed by `</{name}>`: {outcome}"),
    };
    Remark::new(span, message, hint)
}

/// Where the paragraph, heading or cell ends that the events begin in.
fn end_of_block(list: &[(Event<'_>, Range<usize>)]) -> usize {
    let next = list.iter().find(|(event, _)| !is_inline(event));
    match next {
        Some((Event::End(_), span)) => span.end,
        Some((_, span)) => span.start,
        None => list.last().map_or(0, |(_, span)| span.end),
    }
}

/// Lets the parser see letters for all that could mean something to it; but not the marks of block quotes at the start of
/// lines, which are not part of the text.
fn hide_marks(text: &str, range: Range<usize>, mask: &mut Mask<'_>) {
    let mut is_line_start = false;
    for (at, byte) in text.bytes().enumerate().take(range.end).skip(range.start) {
        match byte {
            b'\n' => is_line_start = true,
            b' ' | b'\t' => {}
            b'>' if is_line_start => {}
            byte => {
                is_line_start = false;
                if byte.is_ascii_punctuation() {
                    mask.letter(at);
                }
            }
        }
    }
}

fn text_of(event: Event<'_>) -> CowStr<'_> {
    match event {
        Event::Text(text) | Event::InlineHtml(text) => text,
        Event::SoftBreak | Event::HardBreak => "\n".into(),
        _ => "".into(),
    }
}
