//! Blocks: paragraphs, headings, lists, quotes, code, tables and figures; HTML for what Markdown has no form for.

use super::MarkdownStyle;
use super::inline::{LineBreaks, image, inline, longest_run};
use crate::import::fidelity::ATTRIBUTION;
use crate::import::formulas::LATEX;
use crate::import::html_tree::{
    HtmlElement, HtmlNode, is_block, is_html_space, is_medium, text_of, to_html, write_start_tag,
};
use crate::post::markdown::escape::{TextPlace, escape_line_starts};

/// The nodes of a page in pieces that are blocks: elements, and what stands loose between them.
pub(super) fn pieces(nodes: &[HtmlNode]) -> Vec<Vec<HtmlNode>> {
    let mut pieces: Vec<Vec<HtmlNode>> = Vec::new();
    let mut loose: Vec<HtmlNode> = Vec::new();
    for node in nodes {
        let stands_alone = match node {
            HtmlNode::Element(element) => is_block(&element.name) || element.name == ATTRIBUTION,
            HtmlNode::Comment(_) => true,
            HtmlNode::Text(_) => false,
        };
        if !stands_alone {
            loose.push(node.clone());
            continue;
        }
        flush(&mut loose, &mut pieces);
        pieces.push(vec![node.clone()]);
    }
    flush(&mut loose, &mut pieces);
    pieces
}

fn flush(loose: &mut Vec<HtmlNode>, pieces: &mut Vec<Vec<HtmlNode>>) {
    if loose.iter().any(|node| !node.is_blank()) {
        pieces.push(std::mem::take(loose));
    } else {
        loose.clear();
    }
}

/// A piece as Markdown, with HTML where it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WrittenBlock {
    pub(super) text: String,
    /// Whether it is HTML, as Markdown has no form for it.
    pub(super) is_html: bool,
}

impl WrittenBlock {
    fn markdown(text: String) -> Self {
        Self { text, is_html: false }
    }

    /// The piece as HTML.
    pub(super) fn html(nodes: &[HtmlNode]) -> Self {
        Self { text: html_block(nodes), is_html: true }
    }
}

/// Writes a piece.
pub(super) fn write(piece: &[HtmlNode], style: MarkdownStyle<'_>) -> WrittenBlock {
    let written = match piece {
        [HtmlNode::Element(element)] if is_block(&element.name) => block(element, style),
        [HtmlNode::Element(element)] if is_medium(&element.name) && element.attribute(LATEX).is_none() => {
            None
        }
        [HtmlNode::Comment(text)] => return WrittenBlock::markdown(format!("<!--{text}-->")),
        nodes => paragraph(nodes, style),
    };
    written.map_or_else(|| WrittenBlock::html(piece), WrittenBlock::markdown)
}

/// The words of a piece as a paragraph.
pub(super) fn words(piece: &[HtmlNode], style: MarkdownStyle<'_>) -> String {
    let text = vec![HtmlNode::Text(text_of(piece))];
    inline(&text, TextPlace::Line, LineBreaks::Backslash, style)
        .map(|text| escape_line_starts(&text))
        .unwrap_or_default()
}

/// Blocks below each other.
fn blocks(nodes: &[HtmlNode], style: MarkdownStyle<'_>) -> String {
    let mut out = String::new();
    let mut before = "";
    for piece in pieces(nodes) {
        let name = piece[0].element().map_or("", |element| element.name.as_str());
        let written = write(&piece, style);
        if written.text.is_empty() {
            continue;
        }
        separate(&mut out, before, name);
        out.push_str(&written.text);
        before = if matches!(name, "ul" | "ol") && !written.is_html {
            if name == "ul" { "ul" } else { "ol" }
        } else {
            ""
        };
    }
    out
}

/// Between two blocks that would be read as one.
pub(super) const APART: &str = "\n\n<!-- -->\n\n";

/// A blank line, and between two lists of one kind something that ends the first.
pub(super) fn separate(out: &mut String, before: &str, name: &str) {
    if out.is_empty() {
        return;
    }
    out.push_str(if !before.is_empty() && before == name { APART } else { "\n\n" });
}

fn block(element: &HtmlElement, style: MarkdownStyle<'_>) -> Option<String> {
    match element.name.as_str() {
        "p" if element.attributes.is_empty() => paragraph(&element.children, style),
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => heading(element, style),
        "ul" | "ol" => list(element, style),
        "blockquote" if element.attributes.is_empty() => quote(element, style),
        "pre" => code(element),
        "table" => table(element, style),
        "hr" if element.attributes.is_empty() => Some("---".to_owned()),
        "figure" => figure(element, style).or_else(|| wrapper(element, style)),
        "div" if element.has_class("footnotes") => Some(footnotes(element, style)),
        "div" | "section" | "article" | "aside" | "details" | "center" | "header" | "footer" | "main"
        | "nav" => wrapper(element, style),
        _ => None,
    }
}

fn paragraph(nodes: &[HtmlNode], style: MarkdownStyle<'_>) -> Option<String> {
    // A picture that is alone gets its title as a caption here, which a tooltip never was.
    let nodes = without_lone_title(nodes);
    let text = inline(&nodes, TextPlace::Line, LineBreaks::Backslash, style)?;
    if begins_html_block(&text) {
        return None;
    }
    Some(escape_line_starts(&text))
}

fn without_lone_title(nodes: &[HtmlNode]) -> Vec<HtmlNode> {
    let mut nodes = nodes.to_vec();
    let shown: Vec<usize> = (0..nodes.len()).filter(|at| !nodes[*at].is_blank()).collect();
    if let [lone] = shown[..] {
        let mut element = match &mut nodes[lone] {
            HtmlNode::Element(element) => Some(element),
            _ => None,
        };
        while let Some(inner) = element {
            if inner.name == "img" {
                inner.remove("title");
                break;
            }
            let children = &mut inner.children;
            element = match children.as_mut_slice() {
                [HtmlNode::Element(only)] => Some(only),
                _ => None,
            };
        }
    }
    nodes
}

/// Whether a line that begins with a tag would be a block of HTML (CommonMark 4.6).
fn begins_html_block(text: &str) -> bool {
    let Some(tag) = text.strip_prefix('<') else { return false };
    let name: String = tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
    let name = name.to_ascii_lowercase();
    if is_block(&name)
        || matches!(name.as_str(), "iframe" | "link" | "param" | "source" | "script" | "style" | "textarea")
    {
        return true;
    }
    // A complete tag alone in its line, if it is not an address.
    let line = text.lines().next().unwrap_or_default();
    !name.is_empty() && line.matches('<').count() == 1 && line.ends_with('>') && !line.contains("://")
}

fn heading(element: &HtmlElement, style: MarkdownStyle<'_>) -> Option<String> {
    let level: usize = element.name[1..].parse().ok()?;
    let has_more = element.attributes.iter().any(|attribute| attribute.name != "id");
    if has_more {
        return None;
    }
    let text = inline(&element.children, TextPlace::Line, LineBreaks::Tag, style)?;
    if text.is_empty() || text.contains('\n') {
        return None;
    }
    // Signs at the end are read as the closing ones, or as attributes.
    let text = match text.strip_suffix('#') {
        Some(start) => format!("{start}\\#"),
        None if text.ends_with('}') => return None,
        None => text,
    };
    let id = element.attribute("id").map(|id| format!(" {{#{id}}}")).unwrap_or_default();
    if id.contains(char::is_whitespace)
        && element.attribute("id").is_some_and(|id| id.contains(char::is_whitespace))
    {
        return None;
    }
    Some(format!("{} {text}{id}", "#".repeat(level)))
}

fn list(element: &HtmlElement, style: MarkdownStyle<'_>) -> Option<String> {
    let is_plain = element.attributes.iter().all(|attribute| attribute.name == "start");
    let items: Vec<&HtmlElement> = element.children.iter().filter_map(HtmlNode::element).collect();
    let has_loose_text = element.children.iter().any(|child| child.element().is_none() && !child.is_blank());
    let are_items = items.iter().all(|item| item.name == "li" && item.attributes.is_empty());
    if !is_plain || has_loose_text || !are_items || items.is_empty() {
        return None;
    }
    let first: u64 = match element.attribute("start") {
        Some(start) => start.trim().parse().ok().filter(|start| *start < 900_000_000)?,
        None => 1,
    };
    let is_loose = items.iter().any(|item| has_paragraphs(item));
    let mut out = String::new();
    for (number, item) in (first..).zip(items) {
        let marker = if element.name == "ol" { format!("{number}. ") } else { "- ".to_owned() };
        let inner = if is_loose { blocks(&item.children, style) } else { tight(&item.children, style) };
        if !out.is_empty() {
            out.push_str(if is_loose { "\n\n" } else { "\n" });
        }
        let indented = indent(&inner, marker.len());
        out.push_str(format!("{marker}{indented}").trim_end());
    }
    Some(out)
}

/// Blocks of an item without blank lines between text and lists.
fn tight(nodes: &[HtmlNode], style: MarkdownStyle<'_>) -> String {
    let written: Vec<String> =
        pieces(nodes).iter().map(|piece| write(piece, style).text).filter(|text| !text.is_empty()).collect();
    written.join("\n")
}

/// Whether an item has paragraphs, or blocks that need blank lines around them.
fn has_paragraphs(item: &HtmlElement) -> bool {
    item.children
        .iter()
        .filter_map(HtmlNode::element)
        .any(|child| is_block(&child.name) && !matches!(child.name.as_str(), "ul" | "ol"))
}

/// Every line but the first with `width` spaces before it.
fn indent(text: &str, width: usize) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, line) in text.split('\n').enumerate() {
        if at > 0 {
            out.push('\n');
            if !line.is_empty() {
                out.push_str(&" ".repeat(width));
            }
        }
        out.push_str(line);
    }
    out
}

fn quote(element: &HtmlElement, style: MarkdownStyle<'_>) -> Option<String> {
    let (source, words): (Vec<&HtmlNode>, Vec<&HtmlNode>) =
        element.children.iter().partition(|child| child.named(ATTRIBUTION).is_some());
    let words: Vec<HtmlNode> = words.into_iter().cloned().collect();
    let mut inner = guard_last_dash(&blocks(&words, style));
    if inner.is_empty() {
        return None;
    }
    if let Some(source) = source.first().and_then(|node| node.element()) {
        let line = inline(&source.children, TextPlace::Line, LineBreaks::Tag, style)?;
        if line.is_empty() || line.contains('\n') {
            return None;
        }
        inner.push_str(&format!("\n\n— {line}"));
    }
    let lines =
        inner.split('\n').map(|line| if line.is_empty() { ">".to_owned() } else { format!("> {line}") });
    Some(lines.collect::<Vec<_>>().join("\n"))
}

/// The last paragraph of a quote would be its source if it began with a dash.
fn guard_last_dash(inner: &str) -> String {
    let start = inner.rfind("\n\n").map_or(0, |at| at + 2);
    let (before, last) = inner.split_at(start);
    if last.starts_with(['—', '―']) || last.starts_with("--") {
        return format!("{before}\\{last}");
    }
    inner.to_owned()
}

/// Code between fences. What has elements of its own in it stays HTML.
fn code(element: &HtmlElement) -> Option<String> {
    let is_plain = element.elements().iter().skip(1).all(|inner| {
        matches!(inner.name.as_str(), "code" | "br" | "span" | "tt" | "samp")
            && inner.attribute("id").is_none()
    });
    if !is_plain || element.attribute("id").is_some() {
        return None;
    }
    let text = code_text(&element.children);
    let text = text.strip_suffix('\n').unwrap_or(&text);
    if text.trim().is_empty() {
        return None;
    }
    let fence = "`".repeat(longest_run(text, '`').max(2) + 1);
    let info = info_string(element);
    let text = text.replace('\0', "");
    Some(format!("{fence}{info}\n{text}\n{fence}"))
}

fn code_text(nodes: &[HtmlNode]) -> String {
    let mut text = String::new();
    for node in nodes {
        match node {
            HtmlNode::Text(part) => text.push_str(part),
            HtmlNode::Element(element) if element.name == "br" => text.push('\n'),
            HtmlNode::Element(element) => text.push_str(&code_text(&element.children)),
            HtmlNode::Comment(_) => {}
        }
    }
    text
}

/// What stands behind a fence: the language, and the options that highlighters have.
fn info_string(element: &HtmlElement) -> String {
    let inner = element.children.iter().find_map(|child| child.named("code"));
    let classes =
        [Some(element), inner].into_iter().flatten().filter_map(|element| element.attribute("class"));
    let classes: Vec<&str> = classes.collect();
    // WP-Syntax has the language in `lang`, which for other elements is that of their words.
    let named = element.attribute("lang").and_then(|language| language_of(&format!("lang-{language}")));
    let mut info = classes.iter().find_map(|class| language_of(class)).or(named).unwrap_or_default();
    for (option, name) in [("title", "name"), ("highlight", "hl_lines"), ("first-line", "linenostart")] {
        let value = classes.iter().find_map(|class| option_of(class, option));
        if let Some(value) = value.filter(|value| !value.is_empty() && !value.contains('"')) {
            let value = value.replace([',', ';'], " ");
            info.push_str(&format!(" {name}=\"{}\"", value.split_whitespace().collect::<Vec<_>>().join(" ")));
        }
    }
    info.trim().to_owned()
}

/// The language that a class names: `language-x`, `lang-x`, `lang:x`, `brush: x`.
fn language_of(class: &str) -> Option<String> {
    let words: Vec<&str> = class.split([' ', ';']).filter(|word| !word.is_empty()).collect();
    let found = words.iter().enumerate().find_map(|(at, word)| {
        let named =
            ["language-", "lang-", "lang:", "brush:"].iter().find_map(|start| word.strip_prefix(start))?;
        if named.is_empty() { words.get(at + 1).copied() } else { Some(named) }
    })?;
    let is_name = found.chars().all(|c| c.is_alphanumeric() || "+#-._".contains(c));
    let is_nothing = matches!(found, "none" | "plain" | "text" | "default" | "plaintext");
    (is_name && !is_nothing).then(|| found.to_lowercase())
}

/// An option in a class of a highlighter: `title: 'x'; highlight: [2,3]`.
fn option_of(class: &str, option: &str) -> Option<String> {
    class.split(';').find_map(|part| {
        let (name, value) = part.split_once(':')?;
        let name = name.trim().rsplit(' ').next().unwrap_or_default();
        (name == option).then(|| value.trim().trim_matches(['\'', '"', '[', ']']).to_owned())
    })
}

fn table(element: &HtmlElement, style: MarkdownStyle<'_>) -> Option<String> {
    let rows = rows(element)?;
    let (head, body) = rows.split_first()?;
    let is_head = head.iter().all(|cell| cell.name == "th");
    let is_even = body.iter().all(|row| row.len() == head.len() && row.iter().all(|cell| cell.name == "td"));
    if !is_head || !is_even || head.is_empty() {
        return None;
    }
    let alignments: Vec<&str> = (0..head.len())
        .map(|column| body.first().map_or_else(|| alignment(head[column]), |row| alignment(row[column])))
        .collect();
    let mut lines = vec![row_line(head, style)?];
    lines.push(format!(
        "|{}|",
        alignments.iter().map(|rule| format!(" {rule} ")).collect::<Vec<_>>().join("|")
    ));
    for row in body {
        lines.push(row_line(row, style)?);
    }
    Some(lines.join("\n"))
}

/// The cells of each row, if a table is only a head and rows.
fn rows(element: &HtmlElement) -> Option<Vec<Vec<&HtmlElement>>> {
    let mut rows = Vec::new();
    if element.attributes.iter().any(|attribute| attribute.name == "id") {
        return None;
    }
    for part in element.children.iter().filter_map(HtmlNode::element) {
        match part.name.as_str() {
            "thead" | "tbody" => {
                for row in part.children.iter().filter_map(HtmlNode::element) {
                    if row.name != "tr" {
                        return None;
                    }
                    rows.push(row.children.iter().filter_map(HtmlNode::element).collect());
                }
            }
            "colgroup" => {}
            _ => return None,
        }
    }
    Some(rows)
}

fn alignment(cell: &HtmlElement) -> &'static str {
    let style = cell.attribute("style").unwrap_or_default();
    let align = cell.attribute("align").unwrap_or_default();
    match (
        style.contains("text-align:right") || align == "right",
        style.contains("text-align:center") || align == "center",
    ) {
        (true, _) => "--:",
        (_, true) => ":-:",
        _ => "---",
    }
}

fn row_line(cells: &[&HtmlElement], style: MarkdownStyle<'_>) -> Option<String> {
    let mut line = String::from("|");
    for cell in cells {
        let is_spanning =
            ["colspan", "rowspan"].iter().any(|name| cell.attribute(name).is_some_and(|span| span != "1"));
        if is_spanning {
            return None;
        }
        let text = inline(&cell.children, TextPlace::Cell, LineBreaks::Tag, style)?;
        line.push_str(&format!(" {} |", text.replace('\n', " ")));
    }
    Some(line)
}

/// A picture with its caption.
fn figure(element: &HtmlElement, style: MarkdownStyle<'_>) -> Option<String> {
    if !element.attributes.is_empty() {
        return None;
    }
    let shown: Vec<&HtmlElement> = element
        .children
        .iter()
        .filter(|child| !child.is_blank())
        .map(HtmlNode::element)
        .collect::<Option<_>>()?;
    let [picture, caption] = shown[..] else { return None };
    if caption.name != "figcaption" || !caption.attributes.is_empty() {
        return None;
    }
    let caption = inline(&caption.children, TextPlace::Line, LineBreaks::Tag, style)?;
    if caption.is_empty() || caption.contains('\n') {
        return None;
    }
    match picture.name.as_str() {
        "img" => Some(image(picture, Some(&caption), style)),
        "a" => {
            let href = picture.attribute("href")?;
            let inner: Vec<&HtmlNode> = picture.children.iter().filter(|child| !child.is_blank()).collect();
            let [HtmlNode::Element(inner)] = inner[..] else { return None };
            if inner.name != "img" {
                return None;
            }
            let destination = super::inline::destination(&style.links.destination(href));
            Some(format!("[{}]({destination})", image(inner, Some(&caption), style)))
        }
        _ => None,
    }
}

/// An element of HTML with Markdown in it, which blank lines make possible.
fn wrapper(element: &HtmlElement, style: MarkdownStyle<'_>) -> Option<String> {
    let has_blocks = element
        .children
        .iter()
        .filter_map(HtmlNode::element)
        .any(|child| is_block(&child.name) && !matches!(child.name.as_str(), "summary" | "figcaption"));
    if !has_blocks {
        return None;
    }
    let mut start = String::new();
    write_start_tag(element, &mut start);
    let mut inner: Vec<HtmlNode> = element.children.clone();
    let summary = inner.iter().position(|child| child.named("summary").is_some());
    if let Some(at) = summary {
        start.push('\n');
        start.push_str(&html_block(&[inner.remove(at)]));
    }
    let caption = inner.iter().position(|child| child.named("figcaption").is_some());
    let caption = caption.map(|at| html_block(&[inner.remove(at)]));
    let caption = caption.map(|html| format!("{html}\n")).unwrap_or_default();
    Some(format!("{start}\n\n{}\n\n{caption}</{}>", blocks(&inner, style), element.name))
}

/// Notes, each with its number.
fn footnotes(element: &HtmlElement, style: MarkdownStyle<'_>) -> String {
    let items = element.elements().into_iter().filter(|inner| inner.name == "li");
    let notes = items.enumerate().map(|(at, item)| {
        let text = blocks(&item.children, style);
        format!("[^{}]: {}", at + 1, indent(&text, 4))
    });
    notes.collect::<Vec<_>>().join("\n\n")
}

/// Nodes as a block of HTML, which no blank line may stand in.
pub(super) fn html_block(nodes: &[HtmlNode]) -> String {
    let mut nodes = nodes.to_vec();
    let mut html = String::new();
    for node in &mut nodes {
        prepare_html(node);
    }
    html.push_str(&to_html(&nodes));
    let html = without_blank_lines(html.trim_matches(is_html_space));
    // What begins with another element than a block is a block only if its first line has nothing but the tag.
    let name: String =
        html.trim_start_matches('<').chars().take_while(|c| c.is_ascii_alphanumeric()).collect();
    let needs_line = html.starts_with('<') && !starts_block_of_html(&name);
    if let Some(end) = tag_end(&html).filter(|_| needs_line) {
        let (tag, rest) = html.split_at(end);
        return format!("{tag}\n{rest}");
    }
    if html.starts_with('<') { html } else { format!("<div>{html}</div>") }
}

fn starts_block_of_html(name: &str) -> bool {
    is_block(name)
        || matches!(name, "iframe" | "link" | "param" | "script" | "style" | "textarea" | "source" | "track")
}

fn tag_end(html: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in html.char_indices() {
        match (quote, c) {
            (None, '>') => return Some(at + 1),
            (None, '"') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            _ => {}
        }
    }
    None
}

/// Sources of quotes as HTML has them.
fn prepare_html(node: &mut HtmlNode) {
    if let HtmlNode::Element(element) = node {
        if element.name == ATTRIBUTION {
            "footer".clone_into(&mut element.name);
            element.children.insert(0, HtmlNode::text("— "));
        }
        element.children.iter_mut().for_each(prepare_html);
    }
}

/// Lines without those that are empty; in `<pre>` these are written as a reference.
fn without_blank_lines(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut depth = 0_usize;
    for (at, line) in html.split('\n').enumerate() {
        let was_in_pre = depth > 0;
        if line.trim().is_empty() && !was_in_pre {
            continue;
        }
        if at > 0 && !out.is_empty() {
            out.push_str(if was_in_pre && line.trim().is_empty() { "&#10;" } else { "\n" });
        }
        out.push_str(if was_in_pre { line } else { line.trim_start_matches([' ', '\t']) });
        depth = (depth + line.matches("<pre").count()).saturating_sub(line.matches("</pre>").count());
    }
    out
}

/// Whether nodes have words or anything else to show.
pub(super) fn is_empty(nodes: &[HtmlNode]) -> bool {
    let has_content = nodes.iter().filter_map(HtmlNode::element).any(|element| {
        element.elements().iter().any(|inner| {
            matches!(
                inner.name.as_str(),
                "img" | "iframe" | "audio" | "video" | "object" | "embed" | "svg" | "math" | "hr" | "table"
            ) || inner.name == "a" && inner.attribute("id").is_some()
        })
    });
    let is_comment = nodes.iter().any(|node| matches!(node, HtmlNode::Comment(_)));
    !has_content
        && !is_comment
        && text_of(nodes).trim_matches(|c: char| c.is_whitespace() || c == '\u{a0}').is_empty()
}
