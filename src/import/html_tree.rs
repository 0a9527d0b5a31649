//! HTML that is changed on its way to Markdown: a tree of owned nodes, made of a parsed text and written again.

use crate::dom::{Document, Node};
use crate::html::{escape_to, is_void_element};

/// How deep a tree may be that is converted. Deeper ones are kept as they are written.
pub(super) const MAX_DEPTH: usize = 128;

/// A node of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum HtmlNode {
    /// An element with what is in it.
    Element(HtmlElement),
    /// Text, decoded.
    Text(String),
    /// A comment without its marks.
    Comment(String),
}

/// An element.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct HtmlElement {
    /// In lower case for HTML.
    pub(super) name: String,
    pub(super) attributes: Vec<HtmlAttribute>,
    pub(super) children: Vec<HtmlNode>,
}

/// An attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HtmlAttribute {
    pub(super) name: String,
    /// Decoded.
    pub(super) value: String,
}

/// Why a text cannot be taken apart: it is larger or deeper than what is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooDeep;

/// The nodes of a piece of a page, as the HTML standard reads them in the body of a page.
pub(super) fn parse(html: &str) -> Result<Vec<HtmlNode>, TooDeep> {
    // Without the start of a body, a comment or a script at the beginning would stand outside of it; without the
    // doctype, a table would stay in the paragraph before it.
    let document = Document::parse(&format!("<!doctype html><body>{html}"));
    if document.is_cut() {
        return Err(TooDeep);
    }
    let body = document.elements().find(|node| node.name() == "body");
    body.map_or(Ok(Vec::new()), |body| children(body, 0))
}

fn children(node: Node<'_>, depth: usize) -> Result<Vec<HtmlNode>, TooDeep> {
    if depth > MAX_DEPTH {
        return Err(TooDeep);
    }
    let mut nodes = Vec::new();
    for child in node.children() {
        if let Some(text) = child.text() {
            nodes.push(HtmlNode::Text(text.to_owned()));
        } else if let Some(text) = child.comment() {
            nodes.push(HtmlNode::Comment(text.to_owned()));
        } else if child.is_element() {
            nodes.push(HtmlNode::Element(HtmlElement {
                name: child.local_name().to_owned(),
                attributes: child
                    .attributes()
                    .map(|attribute| HtmlAttribute::new(attribute.name, attribute.value))
                    .collect(),
                children: children(child, depth + 1)?,
            }));
        }
    }
    Ok(nodes)
}

impl HtmlAttribute {
    pub(super) fn new(name: &str, value: &str) -> Self {
        Self { name: name.to_owned(), value: value.to_owned() }
    }
}

impl HtmlNode {
    /// The element, if it is one.
    pub(super) fn element(&self) -> Option<&HtmlElement> {
        match self {
            Self::Element(element) => Some(element),
            _ => None,
        }
    }

    /// The element of this name, if it is one.
    pub(super) fn named(&self, name: &str) -> Option<&HtmlElement> {
        self.element().filter(|element| element.name == name)
    }

    /// Whether it is text of white space, or a comment.
    pub(super) fn is_blank(&self) -> bool {
        match self {
            Self::Element(_) => false,
            Self::Text(text) => text.chars().all(is_html_space),
            Self::Comment(_) => true,
        }
    }

    /// A text node.
    pub(super) fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// White space as HTML folds it: a no-break space is not any.
pub(super) fn is_html_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}')
}

impl HtmlElement {
    /// An element without attributes.
    pub(super) fn new(name: &str, children: Vec<HtmlNode>) -> Self {
        Self { name: name.to_owned(), attributes: Vec::new(), children }
    }

    /// The element with another attribute.
    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.set(name, value);
        self
    }

    /// The value of an attribute.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|attribute| attribute.name == name).map(|found| found.value.as_str())
    }

    /// Sets an attribute.
    pub(super) fn set(&mut self, name: &str, value: &str) {
        match self.attributes.iter_mut().find(|attribute| attribute.name == name) {
            Some(found) => value.clone_into(&mut found.value),
            None => self.attributes.push(HtmlAttribute::new(name, value)),
        }
    }

    /// Takes an attribute out.
    pub(super) fn remove(&mut self, name: &str) -> Option<String> {
        let at = self.attributes.iter().position(|attribute| attribute.name == name)?;
        Some(self.attributes.remove(at).value)
    }

    /// Whether a word stands in its `class`.
    pub(super) fn has_class(&self, class: &str) -> bool {
        self.classes().any(|word| word == class)
    }

    /// The words of its `class`.
    pub(super) fn classes(&self) -> impl Iterator<Item = &str> {
        self.attribute("class").unwrap_or_default().split_ascii_whitespace()
    }

    /// All elements in it, this one first, in document order.
    pub(super) fn elements(&self) -> Vec<&HtmlElement> {
        let mut found = vec![self];
        collect(&self.children, &mut found);
        found
    }

    /// Its text without that of scripts and styles.
    pub(super) fn text_content(&self) -> String {
        text_of(&self.children)
    }
}

fn collect<'t>(nodes: &'t [HtmlNode], found: &mut Vec<&'t HtmlElement>) {
    for element in nodes.iter().filter_map(HtmlNode::element) {
        found.push(element);
        collect(&element.children, found);
    }
}

/// All elements in document order.
pub(super) fn elements(nodes: &[HtmlNode]) -> Vec<&HtmlElement> {
    let mut found = Vec::new();
    collect(nodes, &mut found);
    found
}

/// The text of nodes without that of scripts and styles.
pub(super) fn text_of(nodes: &[HtmlNode]) -> String {
    let mut text = String::new();
    push_text(nodes, &mut text);
    text
}

fn push_text(nodes: &[HtmlNode], text: &mut String) {
    for node in nodes {
        match node {
            HtmlNode::Text(part) => text.push_str(part),
            HtmlNode::Element(element) if !is_raw_text(&element.name) => push_text(&element.children, text),
            _ => {}
        }
    }
}

/// Elements whose text is not parsed (HTML, section 13.3).
pub(super) fn is_raw_text(name: &str) -> bool {
    matches!(name, "script" | "style" | "iframe" | "noscript" | "xmp" | "noembed" | "noframes" | "plaintext")
}

/// Elements that show something of their own, and that Markdown has no sign for.
pub(super) fn is_medium(name: &str) -> bool {
    matches!(name, "iframe" | "audio" | "video" | "object" | "embed" | "svg" | "math")
}

/// Whether nodes are one such element and nothing else. A formula is a word of its paragraph.
pub(super) fn is_medium_alone(nodes: &[HtmlNode]) -> bool {
    let mut shown = nodes.iter().filter(|node| !node.is_blank());
    let first = shown.next().and_then(HtmlNode::element);
    let is_medium = first.is_some_and(|element| is_medium(&element.name) && element.name != "math");
    is_medium && shown.next().is_none()
}

/// Elements that stand beside paragraphs and not within them.
pub(super) fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "center"
            | "details"
            | "dialog"
            | "dir"
            | "div"
            | "dl"
            | "dd"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "frameset"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hgroup"
            | "hr"
            | "li"
            | "main"
            | "menu"
            | "nav"
            | "ol"
            | "p"
            | "pre"
            | "search"
            | "section"
            | "summary"
            | "table"
            | "tbody"
            | "td"
            | "tfoot"
            | "th"
            | "thead"
            | "tr"
            | "ul"
            | "caption"
            | "colgroup"
            | "legend"
            | "listing"
            | "plaintext"
            | "xmp"
    )
}

/// The nodes as HTML.
pub(super) fn to_html(nodes: &[HtmlNode]) -> String {
    let mut html = String::new();
    for node in nodes {
        write(node, &mut html);
    }
    html
}

fn write(node: &HtmlNode, html: &mut String) {
    match node {
        HtmlNode::Text(text) => escape_text(text, html),
        HtmlNode::Comment(text) => {
            html.push_str("<!--");
            html.push_str(text);
            html.push_str("-->");
        }
        HtmlNode::Element(element) => {
            write_start_tag(element, html);
            if is_void_element(&element.name) {
                return;
            }
            for child in &element.children {
                match child {
                    HtmlNode::Text(text) if is_raw_text(&element.name) => html.push_str(text),
                    child => write(child, html),
                }
            }
            html.push_str("</");
            html.push_str(&element.name);
            html.push('>');
        }
    }
}

/// Text between tags: a quotation mark needs no escape there.
fn escape_text(text: &str, html: &mut String) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '\u{a0}' => html.push_str("&nbsp;"),
            c => html.push(c),
        }
    }
}

/// The start tag of an element.
pub(super) fn write_start_tag(element: &HtmlElement, html: &mut String) {
    html.push('<');
    html.push_str(&element.name);
    for attribute in &element.attributes {
        html.push(' ');
        html.push_str(&attribute.name);
        if !attribute.value.is_empty() || !is_switch(&attribute.name) {
            html.push_str("=\"");
            escape_to(&attribute.value, html);
            html.push('"');
        }
    }
    html.push('>');
}

/// Attributes that are set by being there.
fn is_switch(name: &str) -> bool {
    matches!(
        name,
        "controls"
            | "open"
            | "allowfullscreen"
            | "autoplay"
            | "loop"
            | "muted"
            | "reversed"
            | "disabled"
            | "checked"
            | "hidden"
            | "async"
            | "defer"
            | "download"
            | "playsinline"
    )
}

/// Nodes with what stands for each element; other nodes stay.
pub(super) fn with_elements(
    nodes: Vec<HtmlNode>,
    shape: &mut dyn FnMut(HtmlElement) -> Vec<HtmlNode>,
) -> Vec<HtmlNode> {
    let mut out = Vec::with_capacity(nodes.len());
    for node in nodes {
        match node {
            HtmlNode::Element(element) => out.extend(shape(element)),
            node => out.push(node),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_written_as_it_was_read() {
        for html in [
            "<p>one <b>two</b></p>\n<hr><!-- more --><pre>a\n  b &lt;c&gt;</pre>",
            "<audio controls src=\"/a.mp3\"></audio>",
            "<script>if (a < b && c) {}</script>",
            "<svg viewBox=\"0 0 1 1\"><linearGradient></linearGradient></svg>",
        ] {
            assert_eq!(to_html(&parse(html).unwrap()), html);
        }
        assert_eq!(parse(&"<div>".repeat(MAX_DEPTH + 10)), Err(TooDeep));
        assert_eq!(parse(&"<b>".repeat(3000)), Err(TooDeep));
    }

    #[test]
    fn what_stands_first_is_in_the_tree() {
        assert_eq!(
            to_html(&parse("<!--more--><script>x</script><p>a<table></table>").unwrap()),
            "<!--more--><script>x</script><p>a</p><table></table>"
        );
    }
}
