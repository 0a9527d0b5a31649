//! The runs of text between the borders of blocks: what one paragraph, heading or cell says.

use std::ops::Range;

use pulldown_cmark::{Event, LinkType, Tag};

use super::events::is_inline;
use super::html_elements::OpenElements;

/// What stands in one paragraph, heading or cell, by its bytes in the text.
#[derive(Debug, Default)]
pub(super) struct Leaf {
    /// Prose as it is written, in order and merged where nothing lies between.
    pub(super) prose: Vec<Range<usize>>,
    /// Code, HTML, addresses, pictures and footnotes: what no formula reaches into.
    pub(super) closed: Vec<Range<usize>>,
    /// Links whose address cannot be part of a formula.
    pub(super) links: Vec<Range<usize>>,
    /// Delimiters of emphasis that the parser has found.
    delimiters: Vec<Range<usize>>,
}

/// Whether two ranges have a byte in common.
pub(super) fn overlap(one: &Range<usize>, other: &Range<usize>) -> bool {
    one.start < other.end && other.start < one.end
}

impl Leaf {
    /// All bytes from the first to the last.
    pub(super) fn span(&self) -> Range<usize> {
        let start = self.ranges().map(|range| range.start).min().unwrap_or_default();
        start..self.ranges().map(|range| range.end).max().unwrap_or_default()
    }

    fn ranges(&self) -> impl Iterator<Item = &Range<usize>> {
        self.prose.iter().chain(&self.closed).chain(&self.delimiters)
    }

    /// Whether the byte at `at` is prose that a backslash before it has taken the meaning from.
    pub(super) fn is_escaped(&self, text: &str, at: usize) -> bool {
        text.as_bytes()[..at].last() == Some(&b'\\')
            && !self.prose.iter().any(|range| range.contains(&(at - 1)))
    }

    /// Runs of one character that emphasis is made of, whether the parser has taken them for that or not.
    pub(super) fn delimiter_runs(&self, text: &str) -> Vec<Range<usize>> {
        let mut bytes: Vec<usize> = self.delimiters.iter().cloned().flatten().collect();
        for range in &self.prose {
            let found = memchr::memchr3_iter(b'*', b'_', b'~', text[range.clone()].as_bytes());
            let found = found.map(|at| range.start + at);
            bytes.extend(found.filter(|&at| !self.is_escaped(text, at)));
        }
        bytes.sort_unstable();
        bytes.dedup();
        let mut runs: Vec<Range<usize>> = Vec::new();
        for at in bytes {
            match runs.last_mut() {
                Some(run) if run.end == at && text.as_bytes()[at - 1] == text.as_bytes()[at] => {
                    run.end = at + 1
                }
                _ => runs.push(at..at + 1),
            }
        }
        runs
    }

    fn is_empty(&self) -> bool {
        self.prose.is_empty() && self.closed.is_empty()
    }

    fn add_prose(&mut self, span: &Range<usize>) {
        match self.prose.last_mut() {
            Some(last) if last.end == span.start => last.end = span.end,
            _ => self.prose.push(span.clone()),
        }
    }
}

/// The leaves of a text. What is in a block of code or of HTML is in none.
pub(super) fn leaves(text: &str, list: &[(Event<'_>, Range<usize>)]) -> Vec<Leaf> {
    let mut leaves = Vec::new();
    let mut leaf = Leaf::default();
    let mut code = OpenElements::of_code();
    let (mut block_ends, mut address_ends) = (0, 0);
    for (event, span) in list {
        if !is_inline(event) {
            match event {
                Event::Html(html) => code.read_block(html),
                Event::Start(Tag::CodeBlock(_) | Tag::HtmlBlock) => block_ends = span.end,
                _ => {}
            }
            if !leaf.is_empty() {
                leaves.push(std::mem::take(&mut leaf));
                code.end_block();
            }
            continue;
        }
        match event {
            Event::Text(_) if span.start < block_ends => {}
            Event::Text(part) => {
                // An entity or an escape differs from the source, so a byte of its text is not a byte of the source.
                let is_verbatim = text[span.clone()] == **part;
                if !is_verbatim || code.any() || span.start < address_ends {
                    leaf.closed.push(span.clone());
                } else {
                    leaf.add_prose(span);
                }
            }
            Event::Code(_) | Event::FootnoteReference(_) => leaf.closed.push(span.clone()),
            Event::InlineHtml(html) => {
                code.read(html);
                if !could_be_inequality(html) {
                    leaf.closed.push(span.clone());
                }
            }
            Event::Start(Tag::Link { link_type: LinkType::Autolink | LinkType::Email, .. }) => {
                address_ends = span.end;
            }
            // `[a](b)` may be a part of a formula, but not with an address.
            Event::Start(Tag::Link { dest_url, .. }) if dest_url.contains([':', '/', '.', '#', '?']) => {
                leaf.links.push(span.clone());
            }
            Event::Start(Tag::Image { .. }) => leaf.links.push(span.clone()),
            // The parser has consumed these delimiters, but they are runs as the others are.
            Event::Start(Tag::Emphasis) => {
                leaf.delimiters.extend([span.start..span.start + 1, span.end - 1..span.end]);
            }
            Event::Start(Tag::Strong) => {
                leaf.delimiters.extend([span.start..span.start + 2, span.end - 2..span.end]);
            }
            Event::Start(Tag::Strikethrough) => {
                let len = if text[span.clone()].starts_with("~~") { 2 } else { 1 };
                leaf.delimiters.extend([span.start..span.start + len, span.end - len..span.end]);
            }
            _ => {}
        }
    }
    if !leaf.is_empty() {
        leaves.push(leaf);
    }
    leaves
}

/// Whether what the parser takes for a tag can be a part of a formula: `<b>` in `$a<b>c$`, `<n and m>` in `$i<n and m>j$`.
fn could_be_inequality(html: &str) -> bool {
    let mut chars = html.chars().skip(1);
    let is_letter = chars.next().is_some_and(|c| c.is_ascii_alphabetic());
    is_letter
        && !html.contains(['=', '/'])
        && chars.next().is_some_and(|c| !c.is_ascii_alphanumeric() && c != '-')
}
