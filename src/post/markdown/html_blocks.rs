//! HTML as a list of blocks: elements that stand by themselves, and what stands between them.
//!
//! A quotation in HTML may be interrupted by empty lines, behind which Markdown begins. So the blocks of Markdown between
//! two pieces of HTML are tokens beside its tags.

use std::ops::Range;

use crate::html;

/// HTML that is read as one, though it stands in several places of the text.
#[derive(Debug, Default)]
pub(super) struct HtmlPieces {
    pub(super) html: String,
    /// Where each piece begins, in order.
    places: Vec<PiecePlace>,
    /// How much of the HTML is in tokens.
    read: usize,
    /// How many quotations and figures are open at the end.
    open_quotes: usize,
    open_figures: usize,
    pub(super) tokens: Vec<HtmlToken>,
}

/// Where a piece of HTML stands.
#[derive(Debug)]
struct PiecePlace {
    /// Its first byte in [`HtmlPieces::html`].
    start: usize,
    /// Its first byte in the text.
    source: usize,
}

/// A token of HTML, by its bytes.
#[derive(Debug, Clone)]
pub(super) struct HtmlToken {
    pub(super) range: Range<usize>,
    pub(super) kind: HtmlTokenKind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum HtmlTokenKind {
    /// A start tag, by its name in lower case.
    Start(String),
    End(String),
    Text,
    Comment,
    /// A block of Markdown, by its events.
    Markdown(Range<usize>),
}

/// An element, or what stands between two elements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HtmlBlock {
    /// The name of its element; empty if it has none.
    pub(super) name: String,
    /// Its tokens.
    pub(super) outer: Range<usize>,
    /// Those within its tags.
    pub(super) inner: Range<usize>,
}

impl HtmlPieces {
    /// Adds a piece of HTML, which stands at `source`.
    pub(super) fn add_html(&mut self, html: &str, source: usize) {
        self.places.push(PiecePlace { start: self.html.len(), source });
        self.html.push_str(html);
    }

    /// Reads the tags of the HTML that was added since the last time.
    pub(super) fn read_tags(&mut self) {
        let mut at = self.read;
        while at < self.html.len() {
            let rest = &self.html[at..];
            let (length, kind) = token(rest);
            let text = &rest[..length];
            // A dash at the end of a text may belong to the element behind it.
            let dash = text.trim_end().trim_end_matches(['—', '―', '–']).len();
            let is_apart = dash > 0 && dash < text.trim_end().len() && kind == HtmlTokenKind::Text;
            if is_apart {
                self.tokens.push(HtmlToken { range: at..at + dash, kind: kind.clone() });
            }
            self.count_open(&kind);
            self.tokens.push(HtmlToken { range: at + if is_apart { dash } else { 0 }..at + length, kind });
            at += length;
        }
        self.read = at;
    }

    /// Counts as each token is read: to count all of them again behind each piece would take quadratic time.
    fn count_open(&mut self, kind: &HtmlTokenKind) {
        let count = match kind {
            HtmlTokenKind::Start(name) | HtmlTokenKind::End(name) if name == "blockquote" => {
                &mut self.open_quotes
            }
            HtmlTokenKind::Start(name) | HtmlTokenKind::End(name) if name == "figure" => {
                &mut self.open_figures
            }
            _ => return,
        };
        *count = match kind {
            HtmlTokenKind::Start(_) => *count + 1,
            _ => count.saturating_sub(1),
        };
    }

    /// Adds a block of Markdown, by its events.
    pub(super) fn add_markdown(&mut self, events: Range<usize>) {
        let at = self.html.len();
        self.tokens.push(HtmlToken { range: at..at, kind: HtmlTokenKind::Markdown(events) });
    }

    /// The bytes of the text from which a range of the HTML comes.
    pub(super) fn source_of(&self, range: &Range<usize>) -> Range<usize> {
        let start = self.source_at(range.start);
        // The place behind the last byte may be in another piece.
        start..if range.is_empty() { start } else { self.source_at(range.end - 1) + 1 }
    }

    fn source_at(&self, at: usize) -> usize {
        let before = self.places.partition_point(|place| place.start <= at).saturating_sub(1);
        self.places.get(before).map_or(0, |place| place.source + at - place.start)
    }

    /// Whether a quotation or a figure is open at the end.
    pub(super) fn is_open(&self) -> bool {
        self.open_quotes + self.open_figures > 0
    }

    pub(super) fn text_of(&self, tokens: &Range<usize>) -> &str {
        match self.tokens.get(tokens.clone()) {
            Some([first, .., last]) => &self.html[first.range.start..last.range.end],
            Some([only]) => &self.html[only.range.clone()],
            _ => "",
        }
    }

    pub(super) fn html_of(&self, token: usize) -> &str {
        &self.html[self.tokens[token].range.clone()]
    }

    pub(super) fn is_start(&self, token: usize, name: &str) -> bool {
        matches!(self.tokens.get(token), Some(HtmlToken { kind: HtmlTokenKind::Start(start), .. }) if start == name)
    }

    /// Whether a token shows nothing.
    pub(super) fn is_blank(&self, token: usize) -> bool {
        match self.tokens[token].kind {
            HtmlTokenKind::Comment => true,
            HtmlTokenKind::Text => self.html_of(token).trim().is_empty(),
            _ => false,
        }
    }

    /// A range of tokens without blank ones at its ends.
    pub(super) fn trimmed(&self, tokens: &Range<usize>) -> Range<usize> {
        let mut tokens = tokens.clone();
        while !tokens.is_empty() && self.is_blank(tokens.start) {
            tokens.start += 1;
        }
        while !tokens.is_empty() && self.is_blank(tokens.end - 1) {
            tokens.end -= 1;
        }
        tokens
    }

    /// The token that closes an element; the end of the range if none does.
    pub(super) fn closing(&self, start: usize, end: usize) -> usize {
        let HtmlTokenKind::Start(name) = &self.tokens[start].kind else { return start };
        let mut depth = 0_usize;
        for at in start..end {
            match &self.tokens[at].kind {
                HtmlTokenKind::Start(other) if other == name && (at == start || name != "p") => depth += 1,
                // A paragraph ends where another block begins (HTML, section 13.1.2.4).
                HtmlTokenKind::Start(other) if name == "p" && html::is_block_element(other) => {
                    return at;
                }
                HtmlTokenKind::End(other) if other == name => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return at;
                    }
                }
                _ => {}
            }
        }
        end
    }

    /// The blocks of a range of tokens. Blank ones are left out.
    pub(super) fn blocks(&self, tokens: &Range<usize>) -> Vec<HtmlBlock> {
        let mut blocks = Vec::new();
        let mut run: Option<usize> = None;
        let mut at = tokens.start;
        while at < tokens.end {
            let is_element = match &self.tokens[at].kind {
                HtmlTokenKind::Start(name) => html::is_block_element(name),
                HtmlTokenKind::Markdown(_) => true,
                _ => false,
            };
            if !is_element {
                run = run.or(Some(at));
                at += 1;
                continue;
            }
            self.end_run(run.take(), at, &mut blocks);
            let HtmlTokenKind::Start(name) = &self.tokens[at].kind else {
                blocks.push(HtmlBlock { name: String::new(), outer: at..at + 1, inner: at..at + 1 });
                at += 1;
                continue;
            };
            let close = self.closing(at, tokens.end);
            let is_closed = matches!(self.tokens.get(close).map(|token| &token.kind), Some(HtmlTokenKind::End(end)) if end == name)
                && close < tokens.end;
            let end = close + usize::from(is_closed);
            blocks.push(HtmlBlock { name: name.clone(), outer: at..end, inner: at + 1..close });
            at = end;
        }
        self.end_run(run, tokens.end, &mut blocks);
        blocks
    }

    fn end_run(&self, start: Option<usize>, end: usize, blocks: &mut Vec<HtmlBlock>) {
        let Some(start) = start else { return };
        let tokens = self.trimmed(&(start..end));
        if !tokens.is_empty() {
            blocks.push(HtmlBlock { name: String::new(), outer: tokens.clone(), inner: tokens });
        }
    }
}

/// The length and kind of the token that some HTML begins with.
fn token(html: &str) -> (usize, HtmlTokenKind) {
    if let Some(comment) = html.strip_prefix("<!--") {
        let end = comment.find("-->").map_or(html.len(), |at| "<!--".len() + at + "-->".len());
        return (end, HtmlTokenKind::Comment);
    }
    let rest = html.strip_prefix('<').unwrap_or_default();
    let name = rest.strip_prefix('/').unwrap_or(rest);
    let length = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(name.len());
    if length == 0 || !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        let next = html.char_indices().skip(1).find(|(_, c)| *c == '<').map_or(html.len(), |(at, _)| at);
        return (next, HtmlTokenKind::Text);
    }
    let end = html::tag_end(html);
    let name = name[..length].to_ascii_lowercase();
    (end, if rest.starts_with('/') { HtmlTokenKind::End(name) } else { HtmlTokenKind::Start(name) })
}
