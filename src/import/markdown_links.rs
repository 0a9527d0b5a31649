//! Addresses in Markdown that stays as it is written: found by the parser, and replaced where they stand.

use std::ops::Range;
use std::sync::LazyLock;

use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, TagEnd};
use regex::Regex;

use super::markdown::destination;

/// Where an address stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AddressPlace {
    Markdown,
    /// An attribute.
    Html,
}

/// A text with more is left as it is.
const LONGEST: usize = 8 * 1024 * 1024;

/// Attributes whose value is one address.
static ATTRIBUTE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?i)\s(?:href|src|poster|data)\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)')"#).ok());

/// A change of the text.
struct LinkEdit {
    span: Range<usize>,
    text: String,
}

/// A link or picture whose end has not come yet.
struct OpenLink {
    span: Range<usize>,
    kind: LinkType,
    address: String,
    /// Behind the last of what is in it.
    inner_end: usize,
}

/// Replaces each address outside code. One that stays the same stays as it is written.
pub(super) fn replace(markdown: &str, new: &mut dyn FnMut(&str, AddressPlace) -> String) -> String {
    let has_any = ["](", "]:", "<", "]["].iter().any(|sign| markdown.contains(sign));
    if !has_any || markdown.len() > LONGEST {
        return markdown.to_owned();
    }
    let extensions = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_DEFINITION_LIST;
    let parser = Parser::new_ext(markdown, extensions);
    let mut edits: Vec<LinkEdit> = Vec::new();
    for (_, definition) in parser.reference_definitions().iter() {
        let span = definition.span.clone();
        let from = markdown[span.clone()].find("]:").map_or(span.end, |at| span.start + at + 2);
        let address = definition.dest.to_string();
        edits.extend(destination_edit(markdown, from..span.end, &address, new));
    }
    let mut open: Vec<OpenLink> = Vec::new();
    for (event, span) in parser.into_offset_iter() {
        match event {
            Event::Start(Tag::Link { link_type, dest_url, .. } | Tag::Image { link_type, dest_url, .. }) => {
                let inner_end = span.start + 1;
                open.push(OpenLink { span, kind: link_type, address: dest_url.to_string(), inner_end });
            }
            Event::End(TagEnd::Link | TagEnd::Image) => {
                let Some(link) = open.pop() else { continue };
                if let Some(around) = open.last_mut() {
                    around.inner_end = around.inner_end.max(link.span.end);
                }
                edits.extend(link_edit(markdown, &link, new));
            }
            Event::Html(_) | Event::InlineHtml(_) => html_edits(markdown, span, new, &mut edits),
            _ => {
                if let Some(around) = open.last_mut() {
                    around.inner_end = around.inner_end.max(span.end);
                }
            }
        }
    }
    edits.sort_by_key(|edit| edit.span.start);
    with_edits(markdown, &edits)
}

fn with_edits(text: &str, edits: &[LinkEdit]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut written = 0;
    for edit in edits.iter().filter(|edit| edit.span.start <= edit.span.end) {
        if edit.span.start >= written {
            out.push_str(&text[written..edit.span.start]);
            out.push_str(&edit.text);
            written = edit.span.end;
        }
    }
    out.push_str(&text[written..]);
    out
}

fn link_edit(
    markdown: &str,
    link: &OpenLink,
    new: &mut dyn FnMut(&str, AddressPlace) -> String,
) -> Option<LinkEdit> {
    match link.kind {
        LinkType::Inline => {
            let rest = markdown.get(link.inner_end..link.span.end)?;
            let from = link.inner_end + rest.find("](")? + 2;
            destination_edit(markdown, from..link.span.end, &link.address, new)
        }
        LinkType::Autolink => {
            let address = new(&link.address, AddressPlace::Markdown);
            let text = format!("[{}]({})", link.address, destination(&address));
            (address != link.address).then_some(LinkEdit { span: link.span.clone(), text })
        }
        // Its address stands in its definition.
        _ => None,
    }
}

/// The change of the destination that stands in a part of the text, behind blanks.
fn destination_edit(
    markdown: &str,
    part: Range<usize>,
    address: &str,
    new: &mut dyn FnMut(&str, AddressPlace) -> String,
) -> Option<LinkEdit> {
    let text = &markdown[part.clone()];
    let start = text.find(|c: char| !c.is_whitespace())?;
    let length = destination_length(&text[start..]);
    let replaced = new(address, AddressPlace::Markdown);
    let span = part.start + start..part.start + start + length;
    (replaced != address).then(|| LinkEdit { span, text: destination(&replaced) })
}

/// How long a destination is (CommonMark, section 6.3): in angle brackets, or without blanks and with balanced parentheses.
fn destination_length(text: &str) -> usize {
    if text.starts_with('<') {
        return text.find('>').map_or(text.len(), |at| at + 1);
    }
    let mut depth = 0_usize;
    let mut is_escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '(' => depth += 1,
            ')' if depth == 0 => return at,
            ')' => depth -= 1,
            c if c.is_whitespace() || c.is_control() => return at,
            _ => {}
        }
    }
    text.len()
}

fn html_edits(
    markdown: &str,
    span: Range<usize>,
    new: &mut dyn FnMut(&str, AddressPlace) -> String,
    edits: &mut Vec<LinkEdit>,
) {
    let Some(attribute) = ATTRIBUTE.as_ref() else { return };
    for found in attribute.captures_iter(&markdown[span.clone()]) {
        let Some(value) = found.get(1).or_else(|| found.get(2)) else { continue };
        let written = value.as_str().replace("&amp;", "&");
        let replaced = new(&written, AddressPlace::Html);
        if replaced != written && !written.is_empty() {
            edits.push(LinkEdit {
                span: span.start + value.start()..span.start + value.end(),
                text: crate::html::escape(&replaced),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_replaced_where_they_stand() {
        let mut upper = |address: &str, _: AddressPlace| {
            if address.starts_with('/') { address.to_uppercase() } else { address.to_owned() }
        };
        for (written, expected) in [
            ("[a](/b \"t\") and [c](d)", "[a](/B \"t\") and [c](d)"),
            ("[![a](/b.png)](/c_(d).html 'x')", "[![a](/B.PNG)](/C_(D).HTML 'x')"),
            ("[a](</b c>)", "[a](</B C>)"),
            ("[a][x] `[a](/b)`\n\n[x]: /c\n  \"title\"\n", "[a][x] `[a](/b)`\n\n[x]: /C\n  \"title\"\n"),
            ("    [a](/b)\n\n```\n[a](/b)\n```\n", "    [a](/b)\n\n```\n[a](/b)\n```\n"),
            (
                "<a href=\"/b?x=1&amp;y\">z</a> <img src='/c'>",
                "<a href=\"/B?X=1&amp;Y\">z</a> <img src='/C'>",
            ),
            ("[`](`](/b)", "[`](`](/B)"),
            ("| a |\n| - |\n| [x](/b) |\n", "| a |\n| - |\n| [x](/B) |\n"),
            ("[^n]: See [x](/b)\n\nA[^n]", "[^n]: See [x](/B)\n\nA[^n]"),
        ] {
            assert_eq!(replace(written, &mut upper), expected, "{written}");
        }
    }
}
