//! The proof: what is written is read by Backmatter and compared with what was there. First all of a post at once, and block by
//! block only where that differs.

use super::blocks::{APART, WrittenBlock, is_empty, pieces, separate, write};
use super::{HtmlUse, LinkTargets, MarkdownStyle};
use crate::config::Config;
use crate::html::escape_to;
use crate::import::fidelity::{FidelityScore, PageFacts};
use crate::import::html_tree::{HtmlElement, HtmlNode, is_block, is_medium_alone};
use crate::path::SourcePath;
use crate::post::markdown::escape::{EscapeStyle, Escaping};
use crate::post::markdown::{self, Body, Fill};

/// What a text is proven with.
#[derive(Clone, Copy)]
pub(in crate::import) struct ProofContext<'a> {
    /// The settings the site will have.
    pub(in crate::import) config: &'a Config,
    /// The file the text will stand in.
    pub(in crate::import) path: &'a SourcePath,
    pub(in crate::import) language: &'a str,
    pub(in crate::import) links: &'a dyn LinkTargets,
}

/// A body in Markdown, and how true it is.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::import) struct ConvertedBody {
    pub(in crate::import) markdown: String,
    pub(in crate::import) score: FidelityScore,
    /// Words that came in addition.
    pub(in crate::import) added: Vec<String>,
    /// The elements that are HTML because Markdown has no form for them.
    pub(in crate::import) html_blocks: Vec<String>,
    /// Those that are HTML because they did not come back the same.
    pub(in crate::import) kept_blocks: Vec<String>,
}

/// A block on its way.
struct Candidate<'t> {
    piece: &'t [HtmlNode],
    written: WrittenBlock,
    is_kept: bool,
    /// Whether it would be read as a part of the block before it.
    is_apart: bool,
}

impl Candidate<'_> {
    fn name(&self) -> String {
        self.piece
            .iter()
            .find_map(HtmlNode::element)
            .map_or_else(|| "text".to_owned(), |element| element.name.clone())
    }
}

/// Writes the body of a post as Markdown.
pub(in crate::import) fn convert(nodes: &[HtmlNode], context: ProofContext<'_>) -> ConvertedBody {
    let style = MarkdownStyle {
        text: EscapeStyle { escaping: Escaping::Where, has_math: context.config.markdown.math },
        html: HtmlUse::Allowed,
        links: context.links,
    };
    let nodes = &with_paragraphs(nodes);
    let all = pieces(nodes);
    let mut blocks: Vec<Candidate<'_>> = all
        .iter()
        .filter(|piece| !is_empty(piece))
        .map(|piece| Candidate { piece, written: write(piece, style), is_kept: false, is_apart: false })
        .filter(|block| !block.written.text.is_empty())
        .collect();
    let old = PageFacts::of(nodes);
    let mut markdown = joined(&blocks);
    let mut new = facts(&markdown, context);
    let mut score = FidelityScore::of(&old, &new);
    if !score.is_whole() {
        for block in &mut blocks {
            improve(block, style, context);
        }
        part_quotes(&mut blocks, context);
        markdown = joined(&blocks);
        new = facts(&markdown, context);
        score = FidelityScore::of(&old, &new);
    }
    let html = blocks.iter().filter(|block| block.written.is_html);
    let (kept, html): (Vec<_>, Vec<_>) = html.partition(|block| block.is_kept);
    ConvertedBody {
        added: old.additions(&new),
        html_blocks: html.into_iter().map(Candidate::name).collect(),
        kept_blocks: kept.into_iter().map(Candidate::name).collect(),
        markdown,
        score,
    }
}

/// Parts quotes from lines beside them that would be taken for their sources.
fn part_quotes(blocks: &mut [Candidate<'_>], context: ProofContext<'_>) {
    for at in 1..blocks.len() {
        let [before, block] = [&blocks[at - 1], &blocks[at]];
        if before.name() != "blockquote" && block.name() != "blockquote" {
            continue;
        }
        let old = PageFacts::of(&[before.piece, block.piece].concat());
        let together = facts(&format!("{}\n\n{}", before.written.text, block.written.text), context);
        let apart = facts(&format!("{}{APART}{}", before.written.text, block.written.text), context);
        let [together, apart] = [together, apart].map(|new| FidelityScore::of(&old, &new).lowest().value);
        blocks[at].is_apart = apart > together;
    }
}

/// Lines that stand loose beside blocks are paragraphs; a medium that is alone in a paragraph needs none.
fn with_paragraphs(nodes: &[HtmlNode]) -> Vec<HtmlNode> {
    let all = pieces(nodes).into_iter().map(|mut piece| match piece.as_slice() {
        [HtmlNode::Element(element)] if element.name == "p" && is_medium_alone(&element.children) => {
            without_blanks(&element.children)
        }
        [HtmlNode::Element(element)] if is_block(&element.name) => piece,
        [HtmlNode::Comment(_)] => piece,
        loose if is_medium_alone(loose) => without_blanks(loose),
        _ => vec![HtmlNode::Element(HtmlElement::new("p", std::mem::take(&mut piece)))],
    });
    all.flatten().collect()
}

fn without_blanks(nodes: &[HtmlNode]) -> Vec<HtmlNode> {
    nodes.iter().filter(|node| !node.is_blank()).cloned().collect()
}

fn joined(blocks: &[Candidate<'_>]) -> String {
    let mut out = String::new();
    let mut before = "";
    for block in blocks {
        let name = block.piece[0].element().map_or("", |element| element.name.as_str());
        match block.is_apart {
            true => out.push_str(APART),
            false => separate(&mut out, before, name),
        }
        out.push_str(&block.written.text);
        before = if matches!(name, "ul" | "ol") && !block.written.is_html { name } else { "" };
    }
    out
}

/// Writes a block with more escapes, and then as HTML, until it comes back the same. Of those that do not, the best stays.
fn improve(block: &mut Candidate<'_>, style: MarkdownStyle<'_>, context: ProofContext<'_>) {
    // Notes are printed only if something refers to them, so they cannot be proven alone.
    if block.written.text.starts_with("[^") {
        return;
    }
    let old = PageFacts::of(block.piece);
    let mut best = rate(&old, &block.written, context);
    if best >= 1.0 {
        return;
    }
    let heavy = write(
        block.piece,
        MarkdownStyle { text: EscapeStyle { escaping: Escaping::Everything, ..style.text }, ..style },
    );
    for (candidate, is_kept) in [(heavy, false), (WrittenBlock::html(block.piece), true)] {
        let rated = rate(&old, &candidate, context);
        if rated > best {
            best = rated;
            block.is_kept = is_kept && !block.written.is_html;
            block.written = candidate;
        }
        if best >= 1.0 {
            return;
        }
    }
}

fn rate(old: &PageFacts, written: &WrittenBlock, context: ProofContext<'_>) -> f64 {
    let new = if written.text.contains("[^") {
        without_notes(&written.text, context)
    } else {
        facts(&written.text, context)
    };
    FidelityScore::of(old, &new).lowest().value
}

/// The facts of a block with marks of notes. A mark is one only where its note is, so each gets one that is taken out again.
fn without_notes(text: &str, context: ProofContext<'_>) -> PageFacts {
    let numbers: Vec<&str> =
        text.match_indices("[^").filter_map(|(at, _)| text[at + 2..].split(']').next()).collect();
    let notes: String = numbers.iter().map(|number| format!("\n\n[^{number}]: x")).collect();
    let mut html = rendered(&format!("{text}{notes}"), context);
    html.truncate(html.find("<div class=\"footnotes\"").unwrap_or(html.len()));
    // In a block that is alone they are numbered from 1.
    for (at, number) in numbers.iter().enumerate().rev() {
        let alone = at + 1;
        html = html.replace(
            &format!("href=\"#fn-{alone}\" role=\"doc-noteref\">{alone}<"),
            &format!("href=\"#fn-{number}\" role=\"doc-noteref\">{number}<"),
        );
    }
    PageFacts::of_html(&html)
}

fn facts(markdown: &str, context: ProofContext<'_>) -> PageFacts {
    PageFacts::of_html(&rendered(markdown, context))
}

/// The HTML that Backmatter makes of Markdown, before a theme puts it on a page.
pub(in crate::import) fn rendered(markdown: &str, context: ProofContext<'_>) -> String {
    let options = markdown::Options {
        config: context.config,
        language: context.language,
        stored: &[],
        // Lists of posts are not looked at here.
        summary: Some(""),
        take_title: false,
    };
    let mut ignored = Vec::new();
    let document = markdown::parse(context.path, markdown, 0, &options, &mut ignored);
    filled(&document.body, context)
}

fn filled(body: &Body, context: ProofContext<'_>) -> String {
    let mut html = String::with_capacity(body.html.len() + body.html.len() / 8);
    let mut written = 0;
    for hole in &body.holes {
        html.push_str(&body.html[written..hole.at]);
        written = hole.at;
        match &hole.fill {
            Fill::PostUrl(path, text) => {
                let address = context.links.address(path);
                escape_to(address.as_deref().unwrap_or(text), &mut html);
            }
            Fill::FileUrl(_, text) | Fill::Date(text) => escape_to(text, &mut html),
            Fill::Picture(picture) => {
                let address = picture.address.as_ref().unwrap_or(&picture.written);
                html.push_str(&picture.tag(&format!("{address}{}", picture.suffix), None, ""));
            }
            Fill::PictureRatio(_) | Fill::Word(_) => {}
            Fill::EmbedStart(_) => html.push_str("<p>"),
            Fill::EmbedEnd(_) => html.push_str("</p>"),
            Fill::Code(block) => {
                html.push_str("<pre><code>");
                escape_to(&block.code, &mut html);
                html.push_str("</code></pre>");
            }
        }
    }
    html.push_str(&body.html[written..]);
    html
}
