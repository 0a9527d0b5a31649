//! What is wrong with pages as readers get them: pictures without a text, headings that skip a level, ids that stand twice, data that
//! cannot be read, entries of feeds with the same id.
//!
//! Each fault names the file that it comes from. One that the theme causes is the same on many pages, and so printed once.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::Diagnostic;
use crate::dom::{Document, Node};
use crate::engine::in_memory::PageInMemory;
use crate::page::kinds::FileKind;

/// The faults of rendered pages.
pub(crate) fn of_pages(pages: &[PageInMemory]) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    for page in pages {
        let text = String::from_utf8_lossy(&page.bytes);
        match page.kind {
            FileKind::Post | FileKind::Page | FileKind::List => {
                if page.path.as_str().ends_with(".html") {
                    of_document(&Document::parse(&text), page, &mut faults);
                }
            }
            FileKind::Feed => of_feed(&text, page, &mut faults),
            FileKind::Asset | FileKind::Redirect | FileKind::Host => {}
        }
    }
    faults
}

fn of_document(document: &Document, page: &PageInMemory, faults: &mut Vec<Diagnostic>) {
    let mut ids: BTreeSet<&str> = BTreeSet::new();
    let mut level = 0;
    for node in document.elements() {
        if let Some(id) = node.attribute("id").filter(|id| !id.is_empty() && !ids.insert(id)) {
            let fault = Diagnostic::warning(page.source(), format!("the id `{id}` stands twice on the page"));
            faults.push(fault.hint("a link to it leads to the first; give one of them another id"));
        }
        match node.name() {
            "img" if node.attribute("alt").is_none() => {
                let source = node.attribute("src").unwrap_or_default();
                let fault =
                    Diagnostic::warning(page.source(), format!("the picture `{source}` has no `alt`"));
                faults.push(fault.hint("say what it shows, or write `alt=\"\"` if it only adorns"));
            }
            "img" if is_told_by_words(node) => {
                let source = node.attribute("src").unwrap_or_default();
                let fault = Diagnostic::warning(
                    page.source(),
                    format!("the picture `{source}` has no text that says what it shows"),
                );
                faults.push(fault.hint("write it between the brackets: `![A quay at low tide](…)`"));
            }
            name @ ("h1" | "h2" | "h3" | "h4" | "h5" | "h6") if is_of_text(node) => {
                let next = usize::from(name.as_bytes()[1] - b'0');
                if node.text_content().trim().is_empty() {
                    faults.push(
                        Diagnostic::warning(page.source(), "a heading has no text")
                            .hint("write one, or take it out"),
                    );
                }
                if level > 0 && next > level + 1 {
                    let message = format!("a heading of level {next} follows one of level {level}");
                    faults.push(
                        Diagnostic::warning(page.source(), message)
                            .hint("levels that are skipped confuse those who listen"),
                    );
                }
                level = next;
            }
            "a" if is_of_text(node) && says_nothing(node) => {
                let words = node.text_content();
                let message = format!("the text of a link is only `{}`", words.trim());
                faults.push(
                    Diagnostic::warning(page.source(), message).hint("let the words say where it leads"),
                );
            }
            "script" if node.attribute("type").is_some_and(|kind| kind == "application/ld+json") => {
                let text: String = node.children().filter_map(Node::text).collect();
                if let Err(error) = serde_json::from_str::<serde_json::Value>(&text) {
                    faults.push(Diagnostic::warning(
                        page.source(),
                        format!("the JSON-LD of the page cannot be read: {error}"),
                    ));
                }
            }
            _ => {}
        }
    }
}

/// Whether a picture of the text stands alone, so that nothing else says what it shows.
fn is_told_by_words(node: Node<'_>) -> bool {
    let is_empty = node.attribute("alt").is_some_and(|alt| alt.trim().is_empty());
    let parent = node.parent();
    let stands_alone = parent
        .is_some_and(|parent| matches!(parent.name(), "p" | "a") && parent.text_content().trim().is_empty());
    is_empty && is_of_text(node) && stands_alone && node.attribute("role").is_none()
}

fn is_of_text(node: Node<'_>) -> bool {
    node.ancestors().any(|node| node.words("class").any(|class| class == "e-content"))
}

fn says_nothing(node: Node<'_>) -> bool {
    const WORDS: [&str; 8] = ["here", "click here", "this", "link", "hier", "ici", "aquí", "qui"];
    WORDS.contains(&node.text_content().trim().to_lowercase().as_str())
}

/// Entries of a feed with one id are one to a reader.
fn of_feed(text: &str, page: &PageInMemory, faults: &mut Vec<Diagnostic>) {
    let mut ids: BTreeMap<String, usize> = BTreeMap::new();
    for entry in text.split("<entry>").skip(1) {
        if let Some(id) = entry.split_once("<id>").and_then(|(_, rest)| rest.split_once("</id>")) {
            *ids.entry(id.0.to_owned()).or_default() += 1;
        }
    }
    for (id, count) in ids.into_iter().filter(|(_, count)| *count > 1) {
        faults.push(
            Diagnostic::warning(page.source(), format!("{count} entries of the feed have the id `{id}`"))
                .hint("to a feed reader they are one; give one of the posts another `id`"),
        );
    }
}
