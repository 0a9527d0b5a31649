//! Where the parser puts its nodes, and how long it may go on.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};

use html5ever::interface::{ElemName, ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::{StrTendril, TendrilSink};
use html5ever::{Attribute, LocalName, Namespace, ParseOpts, QualName, parse_document};

use super::{Data, Document, Entry, NodeId, owned};

/// How much is parsed between two looks at the limits: little enough that no piece costs much.
const PIECE: usize = 1024;

/// How many gaps between words the parser may read without giving us anything. It compares each attribute of a tag
/// with all before it, so the time a tag takes grows with the square of their number.
const MAX_GAPS: usize = 20_000;

/// Parses a page up to the limits.
pub(super) fn parse(html: &str) -> Document {
    let mut parser = parse_document(Sink::new(), ParseOpts::default());
    let mut rest = html;
    let mut gaps = 0;
    let mut is_cut = false;
    while !rest.is_empty() && !is_cut {
        let (piece, after) = rest.split_at(rest.ceil_char_boundary(PIECE));
        rest = after;
        parser.process(StrTendril::from_slice(piece));
        let sink = &parser.tokenizer.sink.sink;
        gaps = if sink.was_used.take() { 0 } else { gaps + gaps_in(piece) };
        is_cut = sink.is_full() || gaps > MAX_GAPS;
    }
    let mut document = if is_cut { parser.tokenizer.sink.sink.finish() } else { parser.finish() };
    document.is_cut = is_cut;
    document
}

/// How often another attribute could begin in a piece of a tag.
fn gaps_in(piece: &str) -> usize {
    piece.as_bytes().windows(2).filter(|pair| is_gap(pair[0]) && !is_gap(pair[1])).count()
}

fn is_gap(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'/' | b'"' | b'\'')
}

struct Sink {
    nodes: RefCell<Vec<Entry>>,
    deepest: Cell<usize>,
    /// Whether the parser gave us anything since the last look.
    was_used: Cell<bool>,
}

/// The name of an element, for the parser's questions.
#[derive(Debug)]
struct Name(QualName);

impl ElemName for Name {
    fn ns(&self) -> &Namespace {
        &self.0.ns
    }

    fn local_name(&self) -> &LocalName {
        &self.0.local
    }
}

impl Sink {
    fn new() -> Self {
        let root = Entry::new(Data::Root);
        Self { nodes: RefCell::new(vec![root]), deepest: Cell::new(0), was_used: Cell::new(false) }
    }

    fn is_full(&self) -> bool {
        self.nodes.borrow().len() > Document::MAX_NODES || self.deepest.get() > Document::MAX_DEPTH
    }

    fn add(&self, data: Data) -> NodeId {
        self.was_used.set(true);
        let mut nodes = self.nodes.borrow_mut();
        nodes.push(Entry::new(data));
        NodeId(nodes.len() - 1)
    }

    /// Takes a node out of its place; what is below it stays below it.
    fn detach(&self, id: NodeId) {
        let nodes = &mut *self.nodes.borrow_mut();
        let entry = &mut nodes[id.0];
        let (parent, previous, next) = (entry.parent.take(), entry.previous.take(), entry.next.take());
        match (previous, parent) {
            (Some(previous), _) => nodes[previous.0].next = next,
            (None, Some(parent)) => nodes[parent.0].first_child = next,
            (None, None) => {}
        }
        match (next, parent) {
            (Some(next), _) => nodes[next.0].previous = previous,
            (None, Some(parent)) => nodes[parent.0].last_child = previous,
            (None, None) => {}
        }
    }

    /// Puts a node below `parent`, before `next` or as the last.
    fn attach(&self, id: NodeId, parent: NodeId, next: Option<NodeId>) {
        self.detach(id);
        let nodes = &mut *self.nodes.borrow_mut();
        let previous = next.map_or(nodes[parent.0].last_child, |next| nodes[next.0].previous);
        let depth = nodes[parent.0].depth + 1;
        self.deepest.set(self.deepest.get().max(depth));
        let entry = &mut nodes[id.0];
        (entry.parent, entry.previous, entry.next, entry.depth) = (Some(parent), previous, next, depth);
        match previous {
            Some(previous) => nodes[previous.0].next = Some(id),
            None => nodes[parent.0].first_child = Some(id),
        }
        match next {
            Some(next) => nodes[next.0].previous = Some(id),
            None => nodes[parent.0].last_child = Some(id),
        }
    }

    /// Puts a node or text below `parent`; text that follows text becomes one with it.
    fn insert(&self, parent: NodeId, next: Option<NodeId>, child: NodeOrText<NodeId>) {
        self.was_used.set(true);
        let id = match child {
            NodeOrText::AppendNode(id) => id,
            NodeOrText::AppendText(text) => {
                let mut nodes = self.nodes.borrow_mut();
                let previous = next.map_or(nodes[parent.0].last_child, |next| nodes[next.0].previous);
                if let Some(Data::Text(before)) = previous.map(|id| &mut nodes[id.0].data) {
                    before.push_str(&text);
                    return;
                }
                drop(nodes);
                self.add(Data::Text(owned(&text)))
            }
        };
        self.attach(id, parent, next);
    }
}

impl TreeSink for Sink {
    type Handle = NodeId;
    type Output = Document;
    type ElemName<'a> = Name;

    fn finish(self) -> Document {
        Document { nodes: self.nodes.into_inner(), is_cut: false }
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> NodeId {
        NodeId(0)
    }

    fn elem_name<'a>(&'a self, target: &'a NodeId) -> Name {
        match &self.nodes.borrow()[target.0].data {
            Data::Element { name, .. } => Name(name.clone()),
            _ => unreachable!("the parser asks for the names of elements only"),
        }
    }

    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, flags: ElementFlags) -> NodeId {
        let template = flags.template.then(|| self.add(Data::Root));
        let attributes = attributes.into_iter().map(|one| (one.name.local, owned(&one.value))).collect();
        let is_html_integration_point = flags.mathml_annotation_xml_integration_point;
        self.add(Data::Element { name, attributes, template, is_html_integration_point })
    }

    fn create_comment(&self, text: StrTendril) -> NodeId {
        self.add(Data::Comment(owned(&text)))
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> NodeId {
        self.add(Data::Other)
    }

    fn append(&self, parent: &NodeId, child: NodeOrText<NodeId>) {
        self.insert(*parent, None, child);
    }

    fn append_before_sibling(&self, sibling: &NodeId, child: NodeOrText<NodeId>) {
        let parent = self.nodes.borrow()[sibling.0].parent;
        if let Some(parent) = parent {
            self.insert(parent, Some(*sibling), child);
        }
    }

    fn append_based_on_parent_node(&self, element: &NodeId, previous: &NodeId, child: NodeOrText<NodeId>) {
        if self.nodes.borrow()[element.0].parent.is_some() {
            self.append_before_sibling(element, child);
        } else {
            self.append(previous, child);
        }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    fn get_template_contents(&self, target: &NodeId) -> NodeId {
        let nodes = &mut *self.nodes.borrow_mut();
        let Entry { depth, data: Data::Element { template: Some(contents), .. }, .. } = nodes[target.0]
        else {
            unreachable!("the parser asks for the contents of templates only")
        };
        nodes[contents.0].depth = depth + 1;
        contents
    }

    fn same_node(&self, one: &NodeId, other: &NodeId) -> bool {
        one == other
    }

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn add_attrs_if_missing(&self, target: &NodeId, more: Vec<Attribute>) {
        self.was_used.set(true);
        let mut nodes = self.nodes.borrow_mut();
        let Data::Element { attributes, .. } = &mut nodes[target.0].data else { return };
        // Every `<html>` of a page may bring some, and each is compared with all before it.
        for one in more.into_iter().take(MAX_MORE_ATTRIBUTES.saturating_sub(attributes.len())) {
            if attributes.iter().all(|(name, _)| *name != one.name.local) {
                attributes.push((one.name.local, owned(&one.value)));
            }
        }
    }

    fn remove_from_parent(&self, target: &NodeId) {
        self.detach(*target);
    }

    fn reparent_children(&self, node: &NodeId, new_parent: &NodeId) {
        loop {
            // The borrow ends here, as attaching needs it.
            let first = self.nodes.borrow()[node.0].first_child;
            let Some(child) = first else { break };
            self.attach(child, *new_parent, None);
        }
    }

    fn is_mathml_annotation_xml_integration_point(&self, target: &NodeId) -> bool {
        let nodes = self.nodes.borrow();
        matches!(nodes[target.0].data, Data::Element { is_html_integration_point: true, .. })
    }
}

/// How many attributes `<html>` and `<body>` may gather.
const MAX_MORE_ATTRIBUTES: usize = 100;
