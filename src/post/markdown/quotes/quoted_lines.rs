//! Quoted words as plain lines, from which a text fragment is made.

use std::ops::Range;

use pulldown_cmark::{Event, Tag};

use crate::html;
use crate::post::quote::{StoredQuote, placed_id};

use super::html_quote;
use crate::post::markdown::Options;
use crate::post::markdown::events::Events;

/// What lines are collected from.
#[derive(Clone, Copy)]
pub(in crate::post::markdown) struct QuotedText<'a, 't> {
    pub(in crate::post::markdown) events: &'a Events<'t>,
    /// The Markdown of the events.
    pub(in crate::post::markdown) text: &'a str,
    /// The quotes of the front matter, whose words may be placed within.
    pub(in crate::post::markdown) stored: &'a [StoredQuote],
    pub(in crate::post::markdown) options: &'a Options<'a>,
}

impl QuotedText<'_, '_> {
    /// The words that the report has, a line for each paragraph, cell, or line of verse. What is not of the report is
    /// left out: captions, alternative texts and the marks of footnotes.
    pub(in crate::post::markdown) fn lines(&self, range: Range<usize>) -> Vec<String> {
        let captions = self.captions(range.clone());
        let mut lines = vec![String::new()];
        let mut at = range.start;
        while at < range.end {
            let (event, span) = &self.events.list[at];
            at = match self.skipped(event, span, at, &captions) {
                Some(next) => {
                    lines.extend(self.placed(event, span));
                    lines.push(String::new());
                    next
                }
                None => {
                    push(event, &self.text[span.clone()], &mut lines);
                    at + 1
                }
            };
        }
        lines.into_iter().map(|line| html::fold_white_space(&line)).filter(|line| !line.is_empty()).collect()
    }

    /// The events of the attributions of quotes within.
    fn captions(&self, range: Range<usize>) -> Vec<Range<usize>> {
        let mut captions = Vec::new();
        for at in range {
            if !matches!(self.events.list[at].0, Event::Start(Tag::BlockQuote(None))) {
                continue;
            }
            let children = self.events.children(at + 1..self.events.ends[at]);
            if children.len() > 1 {
                captions.extend(
                    children
                        .last()
                        .filter(|child| self.events.is_attribution_paragraph(child, self.text))
                        .cloned(),
                );
            }
        }
        captions
    }

    /// Where to go on behind what is left out.
    fn skipped(
        &self,
        event: &Event<'_>,
        span: &Range<usize>,
        at: usize,
        captions: &[Range<usize>],
    ) -> Option<usize> {
        if let Some(caption) = captions.iter().find(|caption| caption.start == at) {
            return Some(caption.end);
        }
        let is_skipped = match event {
            Event::Start(Tag::Image { .. } | Tag::FootnoteDefinition(_)) => true,
            Event::Start(Tag::Paragraph) => placed_id(&self.text[span.clone()]).is_some(),
            _ => false,
        };
        is_skipped.then(|| self.events.ends[at] + 1)
    }

    /// The words of a stored quote that stand in the place of a paragraph `{@id}`.
    fn placed(&self, event: &Event<'_>, span: &Range<usize>) -> Vec<String> {
        let stored = match event {
            Event::Start(Tag::Paragraph) => placed_id(&self.text[span.clone()])
                .and_then(|id| self.stored.iter().find(|stored| stored.id == id)),
            _ => None,
        };
        let Some(stored) = stored else { return Vec::new() };
        let events = Events::parse(&stored.text, self.options);
        // A stored text places no other, so this ends.
        let text = QuotedText { events: &events, text: &stored.text, stored: &[], ..*self };
        text.lines(0..events.list.len())
    }
}

/// Adds an event, which is written as `source`.
fn push(event: &Event<'_>, source: &str, lines: &mut Vec<String>) {
    let text = match event {
        // Typographic marks are those of this page.
        Event::Text(_) if !source.is_empty() && source.trim_matches(['"', '\'', '-', '.']).is_empty() => {
            source
        }
        // Code has lines of its own.
        Event::Text(text) | Event::Code(text) => text,
        Event::SoftBreak => " ",
        // Formatting does not interrupt the words.
        Event::Start(Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Link { .. }) => return,
        Event::End(end) if is_inline(end) => return,
        Event::InlineHtml(tag) if is_formatting(tag) => return,
        Event::FootnoteReference(_) | Event::TaskListMarker(_) => return,
        Event::Html(html) => {
            lines.extend(html_quote::paragraphs(html));
            lines.push(String::new());
            return;
        }
        // The end of a block, a line break, a formula, a tag that may be anything.
        _ => {
            lines.push(String::new());
            return;
        }
    };
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 {
            lines.push(String::new());
        }
        lines.last_mut().into_iter().for_each(|last| last.push_str(line));
    }
}

fn is_inline(end: &pulldown_cmark::TagEnd) -> bool {
    use pulldown_cmark::TagEnd;
    matches!(end, TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link)
}

/// Whether a tag of HTML leaves the words beside it together.
fn is_formatting(tag: &str) -> bool {
    const FORMATTING: [&str; 24] = [
        "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "del", "dfn", "em", "font", "i", "ins", "kbd",
        "mark", "q", "s", "small", "span", "strong", "time", "u", "wbr",
    ];
    let name = tag.trim_start_matches('<').trim_start_matches('/');
    let end = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
    tag.starts_with("<!--") || FORMATTING.iter().any(|known| name[..end].eq_ignore_ascii_case(known))
}
