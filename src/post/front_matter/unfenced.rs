//! Front matter without fences: the lines `Title: …` with which files of Pelican and MultiMarkdown begin.
//!
//! Both read `key: value` lines at the very start up to the first empty line; lines that are indented go on with the value
//! before them (the `meta` extension of Python-Markdown; MultiMarkdown's guide, "Metadata").

use std::ops::Range;

use crate::diagnostic::Diagnostic;
use crate::post::front_matter::Split;
use crate::spanned::{SourceText, Spanned, Value};

/// Keys of which one begins such a head. Prose begins with a word and a colon as well.
const FIRST: [&str; 14] = [
    "title", "date", "author", "authors", "category", "tags", "slug", "summary", "status", "lang",
    "modified", "subtitle", "template", "keywords",
];

/// A key with its value, and where both stand.
struct Line<'t> {
    key: &'t str,
    key_span: Range<usize>,
    value: String,
    value_span: Range<usize>,
}

/// Splits a file that begins, at byte `start`, with such lines.
pub(super) fn split(source: SourceText<'_>, start: usize) -> Option<Split> {
    let (lines, body) = lines(source.text, start);
    let first = lines.first()?;
    let is_named = lines.iter().any(|line| ["title", "date"].contains(&line.key.to_lowercase().as_str()));
    if !FIRST.contains(&first.key.to_lowercase().as_str()) || !is_named {
        return None;
    }
    // A single line may be the first sentence of a text that goes on.
    let is_closed = source.text[..body].ends_with("\n\n")
        || source.text[..body].ends_with("\n\r\n")
        || source.text[body..].trim().is_empty();
    if lines.len() == 1 && !is_closed {
        return None;
    }
    let message = "these lines are read as front matter, as Pelican and MultiMarkdown do (`Title: …`)";
    let hint = "put a line `---` before and behind them, and write their keys in lower case";
    let warning =
        Diagnostic::warning(source.path, message).at(source.text, first.key_span.clone()).hint(hint);
    Some(Split { table: lines.into_iter().map(entry).collect(), body, remark: Some(warning) })
}

/// The lines of the head, and where the body begins.
fn lines(text: &str, start: usize) -> (Vec<Line<'_>>, usize) {
    let mut lines: Vec<Line<'_>> = Vec::new();
    let mut at = start;
    for line in text[start..].split_inclusive('\n') {
        let written = line.trim_end();
        if written.is_empty() {
            // The empty line ends the head and is not part of the body; before a head there is none.
            return (lines, at + line.len());
        }
        let is_continuation = line.starts_with("    ") || line.starts_with('\t');
        match (key_of(written), lines.last_mut()) {
            (_, Some(last)) if is_continuation => {
                last.value = format!("{} {}", last.value, written.trim());
                last.value_span.end = at + written.len();
            }
            (Some((key, value)), _) if !is_continuation => {
                let value_start = at + written.len() - value.len();
                let key_start = at + (written.len() - written.trim_start().len());
                lines.push(Line {
                    key,
                    key_span: key_start..key_start + key.len(),
                    value: value.to_owned(),
                    value_span: value_start..value_start + value.len(),
                });
            }
            _ => return (lines, at),
        }
        at += line.len();
    }
    (lines, at)
}

/// `Key: value`, with up to three spaces before it. What follows the colon of an address is not a value.
fn key_of(line: &str) -> Option<(&str, &str)> {
    const LONGEST: usize = 40;
    let (key, value) = line.trim_start().split_once(':')?;
    let is_key = (1..=LONGEST).contains(&key.len())
        && key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key.chars().all(|c| c.is_ascii_alphanumeric() || "_- ".contains(c));
    (is_key && !value.starts_with("//")).then(|| (key.trim_end(), value.trim()))
}

/// An entry under the name that the key has here. Lists are separated by commas, and names of authors by semicolons.
fn entry(line: Line<'_>) -> (Spanned<String>, Spanned<Value>) {
    let name = line.key.to_lowercase().replace(' ', "_");
    let (name, value) = match name.as_str() {
        "tags" | "keywords" => ("tags", line.list(&[',', ';'])),
        "category" | "categories" => ("categories", line.list(&[','])),
        "author" | "authors" if line.value.contains(';') => ("authors", line.list(&[';'])),
        "author" | "authors" => ("authors", line.list(&[','])),
        "modified" => ("updated", Value::Text(line.value.clone())),
        "language" => ("lang", Value::Text(line.value.clone())),
        name => (name, Value::Text(line.value.clone())),
    };
    let key = Spanned { value: name.to_owned(), span: line.key_span.clone() };
    (key, Spanned { value, span: line.value_span })
}

impl Line<'_> {
    fn list(&self, separators: &[char]) -> Value {
        let names = self.value.split(separators).map(str::trim).filter(|name| !name.is_empty());
        let nodes =
            names.map(|name| Spanned { value: Value::Text(name.to_owned()), span: self.value_span.clone() });
        Value::List(nodes.collect())
    }
}
