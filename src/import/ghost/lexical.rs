//! Ghost's editor since version 5: a tree of paragraphs, headings, lists, cards, and texts with formats in bits.

use serde_json::Value;

use super::cards;
use crate::html::escape;

/// A tree that a person made in an editor is not deeper.
const MAX_DEPTH: usize = 64;

/// Texts have their formats as bits of a number.
const FORMATS: [(u64, &str); 8] =
    [(1, "strong"), (2, "em"), (4, "s"), (8, "u"), (16, "code"), (32, "sub"), (64, "sup"), (128, "mark")];

/// The HTML of a stored text.
pub(super) fn html(stored: &str, remarks: &mut Vec<String>) -> String {
    let tree: Value = serde_json::from_str(stored).unwrap_or_default();
    let mut html = String::new();
    push(&tree["root"], 0, &mut html, remarks);
    html
}

fn push(node: &Value, depth: usize, html: &mut String, remarks: &mut Vec<String>) {
    if depth > MAX_DEPTH {
        remarks.push("a text is nested too deep, and its end is missing".to_owned());
        return;
    }
    let kind = node["type"].as_str().unwrap_or_default();
    let tag = match kind {
        "paragraph" => "p",
        "heading" | "extended-heading" => node["tag"]
            .as_str()
            .filter(|tag| matches!(*tag, "h1" | "h2" | "h3" | "h4" | "h5" | "h6"))
            .unwrap_or("h2"),
        "quote" | "extended-quote" => "blockquote",
        "aside" => "aside",
        "list" if node["listType"] == "number" => "ol",
        "list" => "ul",
        "listitem" => "li",
        "link" | "autolink" => "a",
        "linebreak" => {
            html.push_str("<br>");
            return;
        }
        "tab" => {
            html.push(' ');
            return;
        }
        _ => "",
    };
    if let Some(text) = node["text"].as_str() {
        push_text(text, node["format"].as_u64().unwrap_or_default(), html);
        return;
    }
    let children = node["children"].as_array();
    if tag.is_empty() && children.is_none() && !kind.is_empty() {
        html.push_str(&cards::html(kind, node, remarks));
        return;
    }
    match tag {
        "" => {}
        "a" => html.push_str(&format!("<a href=\"{}\">", escape(node["url"].as_str().unwrap_or_default()))),
        "ol" if node["start"].as_u64().is_some_and(|start| start != 1) => {
            html.push_str(&format!("<ol start=\"{}\">", node["start"]));
        }
        tag => html.push_str(&format!("<{tag}>")),
    }
    for child in children.into_iter().flatten() {
        push(child, depth + 1, html, remarks);
    }
    if !tag.is_empty() {
        html.push_str(&format!("</{tag}>"));
    }
}

fn push_text(text: &str, format: u64, html: &mut String) {
    let marks = FORMATS.iter().filter(|(bit, _)| format & bit != 0).map(|(_, mark)| *mark);
    for mark in marks.clone() {
        html.push_str(&format!("<{mark}>"));
    }
    html.push_str(&escape(text));
    for mark in marks.rev() {
        html.push_str(&format!("</{mark}>"));
    }
}
