//! Responses as back matter: comments as Markdown without HTML, linkbacks as plain text, threads as they were.

use std::collections::HashSet;

use super::cleaning::{CleaningContext, CleaningNotes, clean};
use super::fidelity::ATTRIBUTION;
use super::html_tree::{self, HtmlElement, HtmlNode};
use super::markdown::{LinkTargets, write_comment};
use super::model::{ImportedResponse, ResponseState, without_mail};
use super::toml_text::{self, TomlLines};
use crate::html::fold_white_space;
use crate::linkback::{LinkbackKind, Relation};

/// The back matter of an entry, and the responses that are not in it.
#[derive(Debug, Default)]
pub(super) struct ResponseTexts {
    /// The file of the post; empty if it has no responses.
    pub(super) back_matter: String,
    pub(super) kept: usize,
    /// Those that wait for approval.
    pub(super) held: String,
    pub(super) held_count: usize,
    pub(super) binned: usize,
}

/// Writes the responses of an entry, oldest first.
pub(super) fn write_responses(
    mut responses: Vec<ImportedResponse>,
    context: &CleaningContext<'_>,
    links: &dyn LinkTargets,
) -> ResponseTexts {
    let mut texts = ResponseTexts::default();
    responses.sort_by(|a, b| {
        (&a.published, id_number(&a.id), &a.id).cmp(&(&b.published, id_number(&b.id), &b.id))
    });
    let kept: HashSet<String> = responses
        .iter()
        .filter(|response| response.state == ResponseState::Approved)
        .map(|response| response.id.clone())
        .collect();
    let mut used: HashSet<String> = HashSet::new();
    for mut response in responses {
        response.author = without_mail(&response.author);
        match response.state {
            ResponseState::Binned => {
                texts.binned += 1;
                continue;
            }
            // One that answers what is not shown stands at the top.
            ResponseState::Approved => {
                response.parent =
                    response.parent.filter(|parent| kept.contains(parent) && *parent != response.id);
            }
            ResponseState::Held => {}
        }
        while !used.insert(response.id.clone()) {
            response.id.push('x');
        }
        let text = entry(&response, context, links);
        if response.state == ResponseState::Held {
            texts.held_count += 1;
            texts.held.push_str(&text);
        } else {
            texts.kept += 1;
            texts.back_matter.push_str(&text);
        }
    }
    texts
}

fn id_number(id: &str) -> u64 {
    id.parse().unwrap_or(u64::MAX)
}

fn entry(response: &ImportedResponse, context: &CleaningContext<'_>, links: &dyn LinkTargets) -> String {
    let has_content = response.kind == LinkbackKind::Comment || response.relation == Some(Relation::Reply);
    let content =
        if response.content.is_empty() { String::new() } else { comment(&response.content, context, links) };
    let (content, excerpt) = if has_content {
        (content, response.excerpt.clone())
    } else {
        let words =
            if response.excerpt.is_empty() { plain(&response.content) } else { response.excerpt.clone() };
        (String::new(), words)
    };
    let mut lines = TomlLines::default();
    lines.text.push_str("[[linkback]]\n");
    lines.text("id", &response.id);
    lines.text("kind", response.kind.name());
    let relation = response.relation.filter(|relation| *relation != Relation::Mention);
    lines.text("type", relation.map_or("", Relation::name));
    lines.text("source", &response.source);
    lines.text("title", &response.title);
    lines.text("site", &response.site);
    lines.text("content", &content);
    lines.text("excerpt", &excerpt);
    lines.text("parent", response.parent.as_deref().unwrap_or_default());
    lines.text("anchor", response.anchor.as_deref().unwrap_or_default());
    if let Some(author) = author(response) {
        lines.raw("author", &author);
    }
    if let Some(published) = &response.published {
        lines.raw("published", published);
    }
    lines.text.push('\n');
    lines.text
}

fn author(response: &ImportedResponse) -> Option<String> {
    let name = toml_text::string(&response.author);
    match (response.author.is_empty(), response.author_url.is_empty()) {
        (true, true) => None,
        (false, true) => Some(format!("{{ name = {name} }}")),
        (true, false) => {
            Some(format!("{{ name = {0}, url = {0} }}", toml_text::string(&response.author_url)))
        }
        (false, false) => {
            Some(format!("{{ name = {name}, url = {} }}", toml_text::string(&response.author_url)))
        }
    }
}

/// The HTML of a comment as Markdown.
fn comment(html: &str, context: &CleaningContext<'_>, links: &dyn LinkTargets) -> String {
    let Ok(nodes) = html_tree::parse(html) else { return plain(html) };
    let nodes = clean(nodes, context, &mut CleaningNotes::default());
    write_comment(&simple(nodes), links)
}

/// Elements that a comment can have.
const ALLOWED: [&str; 16] = [
    "p",
    "br",
    "a",
    "b",
    "strong",
    "i",
    "em",
    "s",
    "del",
    "code",
    "pre",
    "blockquote",
    "ul",
    "ol",
    "li",
    "hr",
];

/// A tree of what Markdown has signs for; of everything else the words.
fn simple(nodes: Vec<HtmlNode>) -> Vec<HtmlNode> {
    let mut out = Vec::new();
    for node in nodes {
        match node {
            HtmlNode::Text(text) => out.push(HtmlNode::Text(text)),
            HtmlNode::Comment(_) => {}
            HtmlNode::Element(element) => out.extend(simple_element(element)),
        }
    }
    out
}

fn simple_element(mut element: HtmlElement) -> Vec<HtmlNode> {
    if element.name == "img" {
        let source = element.attribute("src").unwrap_or_default().to_owned();
        let alt = element.attribute("alt").unwrap_or_default().trim().to_owned();
        let words = if alt.is_empty() { source.clone() } else { alt };
        return vec![HtmlNode::Element(
            HtmlElement::new("a", vec![HtmlNode::Text(words)]).with("href", &source),
        )];
    }
    let has_blocks = element
        .children
        .iter()
        .any(|child| child.element().is_some_and(|inner| html_tree::is_block(&inner.name)));
    element.children = simple(std::mem::take(&mut element.children));
    if element.name == ATTRIBUTION {
        element.children.insert(0, HtmlNode::text("— "));
        "p".clone_into(&mut element.name);
    }
    if ALLOWED.contains(&element.name.as_str()) {
        element.attributes.retain(|attribute| attribute.name == "href" || attribute.name == "start");
        return vec![HtmlNode::Element(element)];
    }
    if html_tree::is_block(&element.name) && !has_blocks {
        return vec![HtmlNode::Element(HtmlElement::new("p", element.children))];
    }
    element.children
}

fn plain(html: &str) -> String {
    html_tree::parse(html)
        .map_or_else(|_| crate::html::plain_text(html), |nodes| fold_white_space(&html_tree::text_of(&nodes)))
}
