//! Mobiledoc, the format of Ghost's editor before version 5: sections of markers that open and close marks, with tables of
//! marks, atoms and cards beside them (mobiledoc-kit, MOBILEDOC.md, version 0.3).

use serde_json::Value;

use super::cards;
use crate::html::escape;

/// Marks that HTML has; others are their words.
const MARKS: [&str; 13] =
    ["a", "b", "code", "em", "i", "s", "strong", "sub", "sup", "u", "del", "mark", "strike"];

/// The HTML of a stored text.
pub(super) fn html(stored: &str, remarks: &mut Vec<String>) -> String {
    let document: Value = serde_json::from_str(stored).unwrap_or_default();
    let mut html = String::new();
    for section in document["sections"].as_array().into_iter().flatten() {
        match section[0].as_u64() {
            Some(1) => {
                let tag = section_tag(section[1].as_str().unwrap_or_default());
                push_block(tag, &section[2], &document, &mut html);
            }
            Some(2) => {
                let source = section[1].as_str().unwrap_or_default();
                html.push_str(&format!("<p><img src=\"{}\" alt=\"\"></p>", escape(source)));
            }
            Some(3) => {
                let tag = if section[1] == "ol" { "ol" } else { "ul" };
                html.push_str(&format!("<{tag}>"));
                for item in section[2].as_array().into_iter().flatten() {
                    push_block("li", item, &document, &mut html);
                }
                html.push_str(&format!("</{tag}>"));
            }
            Some(10) => {
                let card = entry(&document["cards"], &section[1]);
                let kind = card[0].as_str().unwrap_or_default();
                html.push_str(&cards::html(kind, &card[1], remarks));
            }
            _ => {}
        }
    }
    html
}

fn section_tag(tag: &str) -> &str {
    match tag {
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "blockquote" | "aside" => tag,
        "pull-quote" => "blockquote",
        _ => "p",
    }
}

/// The entry of a table that a number names.
fn entry<'v>(table: &'v Value, number: &Value) -> &'v Value {
    let at = number.as_u64().and_then(|at| usize::try_from(at).ok());
    at.and_then(|at| table.get(at)).unwrap_or(&Value::Null)
}

fn push_block(tag: &str, markers: &Value, document: &Value, html: &mut String) {
    html.push_str(&format!("<{tag}>"));
    let mut open: Vec<&str> = Vec::new();
    for marker in markers.as_array().into_iter().flatten() {
        // Of a marker: its kind, the marks that it opens, how many it closes, its text or the number of its atom.
        for mark in marker[1].as_array().into_iter().flatten() {
            let mark = entry(&document["markups"], mark);
            let name = mark[0].as_str().unwrap_or_default().to_ascii_lowercase();
            let name = MARKS.iter().find(|known| **known == name).copied().unwrap_or("span");
            html.push_str(&start_tag(name, &mark[1]));
            open.push(name);
        }
        match marker[0].as_u64() {
            Some(0) => html.push_str(&escape(marker[3].as_str().unwrap_or_default())),
            _ => {
                let atom = entry(&document["atoms"], &marker[3]);
                match atom[0].as_str() {
                    Some("soft-return" | "soft-break") => html.push_str("<br>"),
                    _ => html.push_str(&escape(atom[1].as_str().unwrap_or_default())),
                }
            }
        }
        for _ in 0..marker[2].as_u64().unwrap_or_default() {
            let Some(name) = open.pop() else { break };
            html.push_str(&format!("</{name}>"));
        }
    }
    for name in open.into_iter().rev() {
        html.push_str(&format!("</{name}>"));
    }
    html.push_str(&format!("</{tag}>"));
}

/// The start of a mark; its attributes stand in a list of names and values by turns.
fn start_tag(name: &str, attributes: &Value) -> String {
    let list: Vec<&str> = attributes.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let href = list.chunks_exact(2).find(|pair| pair[0] == "href").map(|pair| escape(pair[1]));
    match href.filter(|_| name == "a") {
        Some(href) => format!("<a href=\"{href}\">"),
        None => format!("<{name}>"),
    }
}
