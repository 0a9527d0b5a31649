//! Heads of Pelican: lines `Key: value` before the text, YAML between fences, `<meta>` in HTML; and code of Python-Markdown.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Map, Value};

use crate::import::engines::head::EngineHead;
use crate::import::engines::rst;
use crate::import::engines::source_tree::ending;

/// The head of a text.
pub(super) fn head(path: &str, text: &str) -> EngineHead {
    if matches!(ending(path).as_str(), "html" | "htm") {
        return EngineHead::of(head_of_html(text), 0);
    }
    if ending(path) == "rst" {
        // The text is read again with its head, which it does not show.
        return EngineHead::of(rst::read(text, &mut Vec::new()).keys, 0);
    }
    if let Some(mut head) = EngineHead::split(path, text).filter(|head| head.fault.is_none()) {
        head.lower_keys();
        return head;
    }
    lines(text)
}

/// Lines `Key: value`; one that is indented goes on with the value before it. An empty line ends them.
fn lines(text: &str) -> EngineHead {
    let mut keys: Vec<MetadataKey<'_>> = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let words = line.trim();
        let is_fence = matches!(words, "---" | "...");
        let more = (line.starts_with("    ") || line.starts_with('\t')) && !keys.is_empty();
        let key = line.split_once(':').filter(|(key, _)| is_key(key));
        match (words.is_empty(), key) {
            (true, _) if at > 0 || !keys.is_empty() => {
                at += line.len();
                break;
            }
            (true, _) => {}
            _ if is_fence => {}
            (false, _) if more => {
                if let Some(last) = keys.last_mut() {
                    last.lines.push(words);
                }
            }
            (false, Some((key, value))) => {
                keys.push(MetadataKey { name: key.trim(), lines: vec![value.trim()] });
            }
            (false, None) => break,
        }
        at += line.len();
    }
    let mut map = Map::new();
    for key in keys {
        let lines: Vec<&str> = key.lines.into_iter().filter(|line| !line.is_empty()).collect();
        let is_list = matches!(key.name.to_lowercase().as_str(), "tags" | "authors");
        map.insert(key.name.to_lowercase(), Value::String(lines.join(if is_list { ", " } else { "\n" })));
    }
    EngineHead::of(map, at)
}

struct MetadataKey<'t> {
    name: &'t str,
    lines: Vec<&'t str>,
}

fn is_key(key: &str) -> bool {
    let indent = key.len() - key.trim_start().len();
    let name = key.trim();
    indent < 4
        && !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}

static META: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?is)<meta\s+name\s*=\s*["']([^"']+)["']\s+content(?:s)?\s*=\s*(?:"([^"]*)"|'([^']*)')"#)
        .ok()
});
static TITLE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?is)<title[^>]*>(.*?)</title>").ok());
static BODY: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?is)<body[^>]*>(.*)</body>").ok());

fn head_of_html(text: &str) -> Map<String, Value> {
    let mut keys = Map::new();
    if let Some(title) = TITLE.as_ref().and_then(|title| title.captures(text)) {
        keys.insert("title".to_owned(), Value::String(crate::html::plain_text(&title[1])));
    }
    for found in META.as_ref().into_iter().flat_map(|meta| meta.captures_iter(text)) {
        let value = found.get(2).or_else(|| found.get(3)).map_or("", |value| value.as_str());
        keys.insert(found[1].to_lowercase(), Value::String(crate::html::plain_text(value)));
    }
    keys
}

/// What stands in the body of a page.
pub(super) fn body_of_html(text: &str) -> String {
    let found = BODY.as_ref().and_then(|body| body.captures(text));
    found.map_or_else(|| text.to_owned(), |body| body[1].trim().to_owned())
}

/// Code whose first line names its language (`:::python`, `#!python`) as fences, notes (`!!! note`) as alerts, and without the
/// mark of the contents, which the theme shows.
pub(super) fn with_fences(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let mut out: Vec<String> = Vec::with_capacity(lines.len());
    let mut at = 0;
    let mut is_fenced = false;
    while let Some(line) = lines.get(at) {
        is_fenced ^= line.trim_start().starts_with("```") || line.trim_start().starts_with("~~~");
        let above = out.last().is_none_or(|above| above.trim().is_empty());
        let block = if is_fenced || !above { None } else { code_options(line).or_else(|| note(line)) };
        if let Some(block) = block {
            let end = indented_end(&lines, at + 1, block.indent);
            let inner: Vec<&str> =
                lines[at + 1..end].iter().map(|line| line.get(block.indent..).unwrap_or_default()).collect();
            out.push(block.written(inner.join("\n").trim_end()));
            at = end;
            continue;
        }
        if line.trim() != "[TOC]" || is_fenced {
            out.push((*line).to_owned());
        }
        at += 1;
    }
    let mut whole = out.join("\n");
    if text.ends_with('\n') {
        whole.push('\n');
    }
    whole
}

/// A block that its first line announces.
struct AnnouncedBlock {
    indent: usize,
    kind: AnnouncedKind,
}

enum AnnouncedKind {
    Code(String),
    Note { kind: &'static str, title: String },
}

impl AnnouncedBlock {
    fn written(&self, inner: &str) -> String {
        match &self.kind {
            AnnouncedKind::Code(options) => crate::import::engines::replacements::fence(options, inner),
            AnnouncedKind::Note { kind, title } => {
                crate::import::engines::replacements::alert(kind, title, inner)
            }
        }
    }
}

/// The first line of indented code that names a language.
fn code_options(line: &str) -> Option<AnnouncedBlock> {
    let code = line.strip_prefix("    ")?;
    let (language, numbers) = match (code.strip_prefix(":::"), code.strip_prefix("#!")) {
        (Some(rest), _) => (rest, ""),
        (_, Some(rest)) if !rest.contains('/') => (rest, " linenos"),
        _ => return None,
    };
    let (language, marked) = language.trim().split_once(char::is_whitespace).unwrap_or((language.trim(), ""));
    let is_name =
        !language.is_empty() && language.chars().all(|c| c.is_alphanumeric() || "+#-_.".contains(c));
    let lines = marked
        .split_once("hl_lines=")
        .and_then(|(_, lines)| crate::import::engines::replacements::line_numbers(lines));
    let lines = lines.map(|lines| format!(" hl_lines=\"{lines}\"")).unwrap_or_default();
    is_name.then(|| AnnouncedBlock {
        indent: 4,
        kind: AnnouncedKind::Code(format!("{language}{numbers}{lines}")),
    })
}

/// `!!! note "Title"`, behind which an indented text stands.
fn note(line: &str) -> Option<AnnouncedBlock> {
    let rest = line.strip_prefix("!!!").or_else(|| line.strip_prefix("???"))?.trim_start_matches('+').trim();
    let (name, title) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let kind = crate::import::engines::replacements::alert_kind(name).unwrap_or("NOTE");
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic());
    let title =
        title.rsplit_once('"').and_then(|(title, _)| title.split_once('"')).map_or("", |(_, title)| title);
    is_name.then(|| AnnouncedBlock { indent: 4, kind: AnnouncedKind::Note { kind, title: title.to_owned() } })
}

/// Behind the last line of a block that is indented. Empty lines within it belong to it.
fn indented_end(lines: &[&str], from: usize, indent: usize) -> usize {
    let mut end = from;
    for (at, line) in lines.iter().enumerate().skip(from) {
        if line.trim().is_empty() {
            continue;
        }
        if line.len() < indent || !line.as_bytes()[..indent].iter().all(|byte| *byte == b' ') {
            break;
        }
        end = at + 1;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_lines_with_keys() {
        let text = "Title: First: with colon\nTags: a,\n    b\nSummary: Short *one*\n\nText: not a key\n";
        let mut head = head("a.md", text);
        assert_eq!(&text[head.body_at..], "Text: not a key\n");
        assert_eq!(head.text("title").as_deref(), Some("First: with colon"));
        assert_eq!(head.text("tags").as_deref(), Some("a,, b"));
        assert_eq!(head.text("summary").as_deref(), Some("Short *one*"));
        let text = "Only text, no head: x\n";
        assert_eq!(super::head("a.md", text).body_at, 0);
    }

    #[test]
    fn blocks_of_python_markdown_have_a_form() {
        for (text, expected) in [
            ("a\n\n    :::python\n    x = 1\n\n    y\nb\n", "a\n\n```python\nx = 1\n\ny\n```\nb\n"),
            ("    #!ruby\n    x\n", "```ruby linenos\nx\n```\n"),
            ("    #!/bin/sh\n    x\n", "    #!/bin/sh\n    x\n"),
            (
                "[TOC]\n\n!!! warning \"Mind\"\n    Words.\n\nb\n",
                "\n> [!WARNING]\n> **Mind**\n>\n> Words.\n\nb\n",
            ),
            ("```\n    :::python\n```\n", "```\n    :::python\n```\n"),
        ] {
            assert_eq!(with_fences(text), expected);
        }
    }
}
