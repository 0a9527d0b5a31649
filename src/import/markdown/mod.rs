//! HTML to Markdown as Backmatter reads it: block by block, each proven by reading it back.
//!
//! What Markdown cannot say stays HTML. What it should say but does not come back the same is written with more escapes,
//! and then as HTML too. So faithfulness is the rule, and Markdown the form that has to earn its place.

mod blocks;
mod inline;
mod proof;

use super::html_tree::HtmlNode;
use crate::path::SourcePath;
use crate::post::markdown::escape::{EscapeStyle, Escaping};

pub(super) use self::inline::destination;
pub(super) use self::proof::{ConvertedBody, ProofContext, convert, rendered};

/// Whether HTML may stand in Markdown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HtmlUse {
    Allowed,
    /// It would be shown as it is written, as in comments.
    Forbidden,
}

/// Writes addresses for Markdown: a link to a post by its file.
pub(super) trait LinkTargets {
    /// The destination of a link that leads to `address`.
    fn destination(&self, address: &str) -> String;

    /// The address of the post in a file.
    fn address(&self, file: &SourcePath) -> Option<String>;
}

/// How Markdown is written.
#[derive(Clone, Copy)]
pub(super) struct MarkdownStyle<'a> {
    pub(super) text: EscapeStyle,
    pub(super) html: HtmlUse,
    pub(super) links: &'a dyn LinkTargets,
}

/// A comment as Markdown without HTML: what only HTML could say is its words.
pub(super) fn write_comment(nodes: &[HtmlNode], links: &dyn LinkTargets) -> String {
    let style = MarkdownStyle {
        text: EscapeStyle { escaping: Escaping::Where, has_math: true },
        html: HtmlUse::Forbidden,
        links,
    };
    let written = blocks::pieces(nodes).into_iter().map(|piece| {
        let written = blocks::write(&piece, style);
        if written.is_html { blocks::words(&piece, style) } else { written.text }
    });
    let written: Vec<String> = written.filter(|text| !text.is_empty()).collect();
    written.join("\n\n")
}
