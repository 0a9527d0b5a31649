//! A page of another site as a tree: the HTML standard's own parser over a flat arena.
//!
//! [`decode`](charset::decode) makes text of a response's bytes, [`Document::parse`] a tree of the text, and a [`Node`] is a
//! place in it. Scripting counts as enabled, so what stands in `<noscript>` is text that is not shown; the
//! contents of a `<template>` are kept out of the tree, as in a browser.
//!
//! A stranger decides what is parsed, so its cost is bounded: by the number of nodes, by their depth, and by the
//! attributes of one tag. A page beyond a limit is read up to there, and [`Document::is_cut`] says so. Nothing here
//! calls itself, so no nesting exhausts the stack.

pub(crate) mod charset;
mod sink;

use html5ever::tendril::StrTendril;
use html5ever::{LocalName, QualName, ns};

/// A parsed page.
#[derive(Debug)]
pub struct Document {
    nodes: Vec<Entry>,
    is_cut: bool,
}

/// A place in a [`Document`]: an element, a text, or the document itself.
#[derive(Clone, Copy)]
pub struct Node<'a> {
    document: &'a Document,
    id: NodeId,
}

/// An attribute of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attribute<'a> {
    /// In lower case, but for those of drawings: `viewBox`.
    pub name: &'a str,
    /// Decoded.
    pub value: &'a str,
}

/// A step of a walk through a tree.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Step<'a> {
    /// Into a node, before all below it.
    Into(Node<'a>),
    /// Out of it, after all below it.
    OutOf(Node<'a>),
}

/// Which node of its document: the order of ids is the order in which the parser made the nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(usize);

/// A node and its neighbours.
#[derive(Debug)]
struct Entry {
    parent: Option<NodeId>,
    previous: Option<NodeId>,
    next: Option<NodeId>,
    first_child: Option<NodeId>,
    last_child: Option<NodeId>,
    /// How far below the root it was put in.
    depth: usize,
    data: Data,
}

#[derive(Debug)]
enum Data {
    /// The document, or the contents of a template.
    Root,
    Element {
        name: QualName,
        attributes: Vec<(LocalName, String)>,
        /// The root of a template's contents.
        template: Option<NodeId>,
        is_html_integration_point: bool,
    },
    Text(String),
    Comment(String),
    Other,
}

impl Document {
    /// How many nodes are read. A page of a mebibyte has a tenth of it.
    pub const MAX_NODES: usize = 100_000;
    /// How deep elements are read; browsers stop there too.
    pub const MAX_DEPTH: usize = 512;

    /// Parses a page. Whatever the text is, it is a page.
    pub fn parse(html: &str) -> Self {
        sink::parse(html)
    }

    /// Whether the page went beyond a limit, so that its end is missing.
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// The document itself, whose child is the element `html`.
    pub fn root(&self) -> Node<'_> {
        self.at(NodeId(0))
    }

    /// The elements of the page in document order, without those in templates.
    pub fn elements(&self) -> impl Iterator<Item = Node<'_>> {
        self.root().descendants().filter(|node| node.is_element())
    }

    fn at(&self, id: NodeId) -> Node<'_> {
        Node { document: self, id }
    }
}

impl<'a> Node<'a> {
    /// Which node it is.
    pub fn id(self) -> NodeId {
        self.id
    }

    fn entry(self) -> &'a Entry {
        &self.document.nodes[self.id.0]
    }

    fn to(self, id: Option<NodeId>) -> Option<Self> {
        id.map(|id| self.document.at(id))
    }

    /// Whether it is an element, of HTML or not.
    pub fn is_element(self) -> bool {
        matches!(self.entry().data, Data::Element { .. })
    }

    /// The name of an element of HTML in lower case; empty for anything else, such as the `title` of a drawing.
    pub fn name(self) -> &'a str {
        match &self.entry().data {
            Data::Element { name, .. } if name.ns == ns!(html) => &name.local,
            _ => "",
        }
    }

    /// Whether it is a link in a drawing (SVG 2, section 16.2).
    pub fn is_drawn_link(self) -> bool {
        matches!(&self.entry().data, Data::Element { name, .. } if name.ns == ns!(svg) && &*name.local == "a")
    }

    /// The name of an element in whatever namespace it has, as the parser writes it: `p`, `svg`, `linearGradient`. Empty
    /// for anything but an element.
    pub fn local_name(self) -> &'a str {
        match &self.entry().data {
            Data::Element { name, .. } => &name.local,
            _ => "",
        }
    }

    /// The attributes of an element, in the order in which they are written.
    pub fn attributes(self) -> impl Iterator<Item = Attribute<'a>> {
        let attributes: &'a [(LocalName, String)] = match &self.entry().data {
            Data::Element { attributes, .. } => attributes,
            _ => &[],
        };
        attributes.iter().map(|(name, value)| Attribute { name, value })
    }

    /// The value of an attribute.
    pub fn attribute(self, wanted: &str) -> Option<&'a str> {
        let Data::Element { attributes, .. } = &self.entry().data else { return None };
        attributes.iter().find(|(name, _)| &**name == wanted).map(|(_, value)| value.as_str())
    }

    /// The words of an attribute that is a list of them: `rel`, `class`.
    pub fn words(self, attribute: &str) -> impl Iterator<Item = &'a str> {
        self.attribute(attribute).unwrap_or_default().split_ascii_whitespace()
    }

    /// The text of a text node.
    pub fn text(self) -> Option<&'a str> {
        match &self.entry().data {
            Data::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text of a comment.
    pub fn comment(self) -> Option<&'a str> {
        match &self.entry().data {
            Data::Comment(text) => Some(text),
            _ => None,
        }
    }

    /// The node that holds this one.
    pub fn parent(self) -> Option<Self> {
        self.to(self.entry().parent)
    }

    /// The nodes that hold this one, from the nearest to the document.
    pub fn ancestors(self) -> impl Iterator<Item = Self> {
        std::iter::successors(self.parent(), |node| node.parent())
    }

    /// The nodes that this one holds, in order.
    pub fn children(self) -> impl Iterator<Item = Self> {
        std::iter::successors(self.to(self.entry().first_child), |node| node.to(node.entry().next))
    }

    /// All nodes below this one, in document order.
    pub fn descendants(self) -> impl Iterator<Item = Self> {
        std::iter::successors(self.to(self.entry().first_child), move |node| node.following(self))
    }

    /// The node after this one and all below it, in document order and below `top`.
    pub fn following_beside(self, top: Self) -> Option<Self> {
        let mut node = self;
        while node.id != top.id {
            if let Some(next) = node.to(node.entry().next) {
                return Some(next);
            }
            node = node.parent()?;
        }
        None
    }

    /// The node after this one in document order, below `top`.
    pub fn following(self, top: Self) -> Option<Self> {
        self.to(self.entry().first_child).or_else(|| self.following_beside(top))
    }

    /// A walk through this node and all below it: into each, and out of it again.
    pub fn steps(self) -> impl Iterator<Item = Step<'a>> {
        std::iter::successors(Some(Step::Into(self)), move |step| match *step {
            Step::Into(node) => {
                let child = node.to(node.entry().first_child);
                Some(child.map_or(Step::OutOf(node), Step::Into))
            }
            Step::OutOf(node) if node == self => None,
            Step::OutOf(node) => match node.to(node.entry().next) {
                Some(next) => Some(Step::Into(next)),
                None => node.parent().map(Step::OutOf),
            },
        })
    }

    /// Whether it stands below `other`.
    pub fn is_inside(self, other: Self) -> bool {
        self.ancestors().any(|node| node == other)
    }

    /// All text below this node that a reader is shown: without scripts, styles and what stands in `<noscript>`.
    pub fn text_content(self) -> String {
        let mut text = String::new();
        let mut next = Some(self);
        while let Some(node) = next {
            text.push_str(node.text().unwrap_or_default());
            next = if node.is_hidden() { node.following_beside(self) } else { node.following(self) };
        }
        text
    }

    /// Whether a browser never shows what is in it.
    pub fn is_hidden(self) -> bool {
        HIDDEN.contains(&self.name())
    }
}

/// Elements whose text is not the page's.
const HIDDEN: [&str; 7] = ["script", "style", "noscript", "template", "iframe", "noembed", "noframes"];

impl PartialEq for Node<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.document, other.document) && self.id == other.id
    }
}

impl std::fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} {:?}", self.id, self.entry().data)
    }
}

impl Entry {
    fn new(data: Data) -> Self {
        Self { parent: None, previous: None, next: None, first_child: None, last_child: None, depth: 0, data }
    }
}

/// The parser's text as ours, which may pass between threads.
fn owned(text: &StrTendril) -> String {
    text.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tree in one line: names with what they hold in brackets, texts in quotes.
    fn outline(node: Node<'_>) -> String {
        let inside: Vec<String> = node.children().map(outline).collect();
        match (node.text(), node.comment()) {
            (Some(text), _) => format!("{text:?}"),
            (_, Some(text)) => format!("<!--{text}-->"),
            _ => format!("{}[{}]", node.name(), inside.join(" ")),
        }
    }

    fn check(html: &str, expected: &str) {
        let document = Document::parse(html);
        assert!(!document.is_cut());
        let body = document.elements().find(|node| node.name() == "body").expect("every page has a body");
        assert_eq!(outline(body), format!("body[{expected}]"), "{html}");
    }

    #[test]
    fn a_page_is_the_tree_a_browser_makes() {
        check("<P>one<p>two &amp; <B>three", r#"p["one"] p["two & " b["three"]]"#);
        check("<p><b>a<i>b</b>c</i>", r#"p[b["a" i["b"]] i["c"]]"#);
        check("<table><a>x</a><tr><td>y", r#"a["x"] table[tbody[tr[td["y"]]]]"#);
        check("a<!-- <a href=x> -->b", r#""a" <!-- <a href=x> --> "b""#);
        check("<select><option>x</select>", r#"select[option["x"]]"#);
    }

    #[test]
    fn templates_are_empty_and_noscript_is_text() {
        check("a<template><a href=x>y</a></template>", r#""a" template[]"#);
        check("a<noscript><a href=x>y</a></noscript>", r#""a" noscript["<a href=x>y</a>"]"#);
    }

    #[test]
    fn foreign_elements_have_no_name() {
        let document = Document::parse("<svg><title>drawing</title></svg><title>page</title>");
        let titles: Vec<_> = document.elements().filter(|node| node.name() == "title").collect();
        assert_eq!(titles.iter().map(|node| node.text_content()).collect::<Vec<_>>(), ["page"]);
    }

    #[test]
    fn attributes_are_decoded_and_the_first_of_a_name_counts() {
        let document = Document::parse(r#"<a HREF="/?a=1&amp;b=2" href=no rel="Next  webmention">x</a>"#);
        let link = document.elements().find(|node| node.name() == "a").unwrap();
        assert_eq!(link.attribute("href"), Some("/?a=1&b=2"));
        assert_eq!(link.words("rel").collect::<Vec<_>>(), ["Next", "webmention"]);
        assert_eq!(link.attribute("title"), None);
    }

    #[test]
    fn nodes_know_their_place() {
        let document = Document::parse("<div id=a><p>one</p><p id=b>two</p></div><p id=c>three");
        let by_id = |id| document.elements().find(|node| node.attribute("id") == Some(id)).unwrap();
        let (a, b, c) = (by_id("a"), by_id("b"), by_id("c"));
        assert!(b.is_inside(a) && !c.is_inside(a) && !a.is_inside(a));
        assert_eq!(a.text_content(), "onetwo");
        assert_eq!(b.ancestors().map(Node::name).collect::<Vec<_>>(), ["div", "body", "html", ""]);
        assert_eq!(a.descendants().filter(|node| node.is_element()).count(), 2);
        assert_eq!(b.following_beside(document.root()), Some(c));
    }

    #[test]
    fn a_walk_goes_in_and_out_of_every_node() {
        let document = Document::parse("<p>a<b></b></p>c");
        let body = document.elements().find(|node| node.name() == "body").unwrap();
        let name = |node: Node<'_>| node.text().map_or_else(|| node.name().to_owned(), str::to_owned);
        let steps = body.steps().map(|step| match step {
            Step::Into(node) => name(node),
            Step::OutOf(node) => format!("/{}", name(node)),
        });
        assert_eq!(steps.collect::<Vec<_>>().join(" "), "body p a /a b /b /p c /c /body");
    }

    #[test]
    fn text_nobody_is_shown_is_no_text() {
        let html = "a<script>b</script><style>c</style><noscript>d</noscript><template>e</template><!--f-->g";
        assert_eq!(Document::parse(html).root().text_content(), "ag");
    }

    #[test]
    fn what_a_stranger_nests_ends_at_a_limit() {
        for piece in
            ["<div>", "<b>", "<p><b>", "<table><tr><td>", "<svg><g>", "<a><b>", "<template>", "<ul><li>"]
        {
            let document = Document::parse(&piece.repeat(60_000));
            assert!(document.is_cut(), "{piece}");
            assert!(document.nodes.len() > 100, "{piece}");
        }
        let flat = Document::parse(&"<br>".repeat(Document::MAX_NODES + 1000));
        assert!(flat.is_cut() && flat.nodes.len() < 2 * Document::MAX_NODES);
    }

    #[test]
    fn attributes_without_end_end_at_a_limit() {
        let attributes: String = (0..22_000).map(|number| format!("a{number} ")).collect();
        assert!(Document::parse(&format!("<p>x<a {attributes}>y</a>")).is_cut());
        let image = format!("<img src='data:image/png;base64,{}'>", "iVBORw0KGgo".repeat(80_000));
        assert!(!Document::parse(&image).is_cut());
    }
}
