//! The text of a page, as quoted words are looked for in it.
//!
//! All of the page is kept, as programs that look for "the article" drop what is quoted. What stands beside the report (menus,
//! sidebars, forms) comes last, and so does the text that JSON-LD gives of it, which stands behind many a paywall.

use crate::dom::{Document, Node, Step};
use crate::html::is_block_element;
use crate::linkback::source::excerpt::visible;
use crate::linkback::source::linked_data::{LinkedData, string};

/// A page's text: each block on a line of its own, white space folded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ReportText {
    text: String,
    /// Where the text of the report ends, and what stands beside it begins.
    report_end: usize,
}

impl ReportText {
    /// The text of a page.
    pub(crate) fn of(document: &Document) -> Self {
        let mut report = Lines::default();
        let mut beside = Lines::default();
        let mut outermost: Option<Node<'_>> = None;
        for step in visible(document.root()) {
            match step {
                Step::Into(node) if outermost.is_none() && stands_beside(node) => outermost = Some(node),
                Step::OutOf(node) if outermost == Some(node) => {
                    outermost = None;
                    beside.end_line();
                    report.end_line();
                }
                _ => {}
            }
            let lines = if outermost.is_some() { &mut beside } else { &mut report };
            match step {
                Step::Into(node) | Step::OutOf(node) if node.name() == "title" => lines.end_line(),
                Step::Into(node) | Step::OutOf(node) if is_block_element(node.name()) => lines.end_line(),
                Step::Into(node) => match node.name() {
                    "br" | "img" | "video" | "audio" => lines.push(" "),
                    _ => lines.push(node.text().unwrap_or_default()),
                },
                Step::OutOf(_) => {}
            }
        }
        report.end_line();
        beside.end_line();
        let mut text = report.text;
        let report_end = text.len();
        text.push_str(&beside.text);
        text.push_str(&body_of_data(document));
        Self { text, report_end }
    }

    /// A text that is not a page of HTML.
    pub(crate) fn of_plain(text: &str) -> Self {
        Self { text: text.to_owned(), report_end: text.len() }
    }

    /// All of the text.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The text without what stands beside the report.
    pub(crate) fn report(&self) -> &str {
        &self.text[..self.report_end]
    }
}

/// The words of a quotation, as its page prints them: each block is a line.
pub(crate) fn lines_of(top: Node<'_>) -> Vec<String> {
    let mut lines = Lines::default();
    for step in visible(top) {
        match step {
            Step::Into(node) | Step::OutOf(node) if is_block_element(node.name()) => lines.end_line(),
            Step::Into(node) if node.name() == "br" => lines.end_line(),
            Step::Into(node) => lines.push(node.text().unwrap_or_default()),
            Step::OutOf(_) => {}
        }
    }
    lines.text.lines().map(str::to_owned).collect()
}

/// Lines of text that are put together from pieces.
#[derive(Default)]
struct Lines {
    text: String,
    has_gap: bool,
}

impl Lines {
    fn push(&mut self, piece: &str) {
        for c in piece.chars() {
            if c.is_whitespace() {
                self.has_gap = true;
                continue;
            }
            if self.has_gap && !self.text.is_empty() && !self.text.ends_with('\n') {
                self.text.push(' ');
            }
            self.has_gap = false;
            self.text.push(c);
        }
    }

    fn end_line(&mut self) {
        self.has_gap = false;
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }
}

fn stands_beside(node: Node<'_>) -> bool {
    matches!(node.name(), "head" | "nav" | "aside" | "form")
}

/// `articleBody` of the page's JSON-LD.
fn body_of_data(document: &Document) -> String {
    let data = LinkedData::of(document);
    let bodies: Vec<String> = data.graph().things().map(|thing| string(thing, "articleBody")).collect();
    bodies.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_lines_and_what_stands_beside_comes_last() {
        let document = Document::parse(
            "<title>T</title><nav>Menu</nav><h1>Head</h1><p>One <b>t</b>wo<br>three.<aside>Pull</aside><p>Four.\
             <script>x</script><script type=application/ld+json>{\"@type\":\"NewsArticle\",\"articleBody\":\"All.\"}</script>",
        );
        let text = ReportText::of(&document);
        assert_eq!(text.report(), "Head\nOne two three.\nFour.\n");
        assert_eq!(text.as_str(), "Head\nOne two three.\nFour.\nT\nMenu\nPull\nAll.");
    }
}
