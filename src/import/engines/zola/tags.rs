//! The shortcodes of a text: `{{ name(argument="x") }}` and `{% name() %}…{% end %}`.

use std::ops::Range;

use crate::import::engines::shortcodes::{ShortcodeArgument, ShortcodeCall, as_placed};

/// A tag of a text.
struct ZolaTag<'t> {
    span: Range<usize>,
    name: &'t str,
    arguments: &'t str,
    form: ZolaTagForm,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ZolaTagForm {
    /// `{{ x() }}`.
    Whole,
    /// `{% x() %}`, which `{% end %}` closes.
    Opening,
    Closing,
    /// `{{/* x() */}}`, which shows the tag.
    Shown,
}

/// How deep shortcodes may stand in each other.
const DEEPEST: usize = 16;

/// A text without the shortcodes that have a form here. Others stay as they are written, and are noted.
pub(super) fn replaced(text: &str, remarks: &mut Vec<String>) -> String {
    if !text.contains("{{") && !text.contains("{%") {
        return text.to_owned();
    }
    within(text, remarks, 0)
}

fn within(text: &str, remarks: &mut Vec<String>, depth: usize) -> String {
    let tags = tags(text);
    let closings = closings(&tags);
    let mut out = String::with_capacity(text.len());
    let (mut at, mut index) = (0, 0);
    while let Some(tag) = tags.get(index) {
        out.push_str(&text[at..tag.span.start]);
        let closing = closings[index].filter(|_| depth < DEEPEST);
        let inner =
            closing.map(|closing| within(&text[tag.span.end..tags[closing].span.start], remarks, depth + 1));
        let end = closing.map_or(tag.span.end, |closing| tags[closing].span.end);
        index = closing.map_or(index + 1, |closing| closing + 1);
        at = end;
        let written = &text[tag.span.clone()];
        if tag.form == ZolaTagForm::Shown {
            out.push_str(&written.replacen("/*", "", 1).replacen("*/", "", 1));
            continue;
        }
        let is_closing = tag.form == ZolaTagForm::Closing;
        let call = ShortcodeCall { name: tag.name.to_owned(), arguments: arguments(tag.arguments), inner };
        match call.replacement().filter(|_| !is_closing) {
            Some(known) => {
                let placed = as_placed(&known, &out, &text[end..]);
                out.push_str(&placed);
            }
            None => {
                if !is_closing {
                    let name = crate::html::shorten(tag.name, 40);
                    remarks.push(format!(
                        "`{name}` is kept as it is written: a shortcode that has no form here"
                    ));
                }
                out.push_str(written);
                if let (Some(inner), Some(closing)) = (&call.inner, closing) {
                    out.push_str(inner);
                    out.push_str(&text[tags[closing].span.clone()]);
                }
            }
        }
    }
    out.push_str(&text[at..]);
    out
}

fn tags(text: &str) -> Vec<ZolaTag<'_>> {
    let mut tags = Vec::new();
    let mut at = 0;
    for (start, _) in text.match_indices('{') {
        let end = match text[start + 1..].chars().next() {
            Some('{') => "}}",
            Some('%') => "%}",
            _ => continue,
        };
        if start < at {
            continue;
        }
        let Some(length) = text[start + 2..].find(end) else { continue };
        let inner = text[start + 2..start + 2 + length].trim();
        let span = start..start + 2 + length + 2;
        if inner.starts_with("/*") && inner.ends_with("*/") {
            at = span.end;
            tags.push(ZolaTag { span, name: "", arguments: "", form: ZolaTagForm::Shown });
            continue;
        }
        let inner = inner.trim_matches('-').trim();
        let form = if end == "}}" { ZolaTagForm::Whole } else { ZolaTagForm::Opening };
        let call = inner.strip_suffix(')').and_then(|inner| inner.split_once('('));
        let tag = match call {
            Some((name, arguments)) if is_name(name.trim()) => {
                ZolaTag { span, name: name.trim(), arguments, form }
            }
            _ if inner == "end" && end == "%}" => {
                ZolaTag { span, name: "end", arguments: "", form: ZolaTagForm::Closing }
            }
            _ => continue,
        };
        at = tag.span.end;
        tags.push(tag);
    }
    tags
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == ':')
}

/// For each tag the one that closes it.
fn closings(tags: &[ZolaTag<'_>]) -> Vec<Option<usize>> {
    let mut closings = vec![None; tags.len()];
    let mut open: Vec<usize> = Vec::new();
    for (index, tag) in tags.iter().enumerate() {
        match tag.form {
            ZolaTagForm::Opening => open.push(index),
            ZolaTagForm::Closing => {
                if let Some(opening) = open.pop() {
                    closings[opening] = Some(index);
                }
            }
            ZolaTagForm::Whole | ZolaTagForm::Shown => {}
        }
    }
    closings
}

/// Arguments `name="value", other=[1, 2], third=true`.
fn arguments(text: &str) -> Vec<ShortcodeArgument> {
    let mut arguments = Vec::new();
    let mut rest = text.trim();
    while let Some((name, behind)) = rest.split_once('=') {
        let behind = behind.trim_start();
        let mark = behind.chars().next().filter(|c| matches!(c, '"' | '`' | '\'' | '['));
        let length = mark.and_then(|mark| {
            let close = if mark == '[' { ']' } else { mark };
            behind[1..].find(close).map(|at| at + 2)
        });
        let length = length.unwrap_or_else(|| behind.find(',').unwrap_or(behind.len()));
        let value = behind[..length].trim().trim_matches(|c| matches!(c, '"' | '`' | '\'' | '[' | ']'));
        arguments.push(ShortcodeArgument { name: name.trim().to_owned(), value: value.to_owned() });
        rest = behind[length..].trim_start().trim_start_matches(',').trim_start();
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shortcodes_are_replaced_or_kept() {
        for (text, expected, kept) in [
            ("{% quote(author=\"Ida\") %}\nWords.\n{% end %}\n", "> Words.\n>\n> — Ida\n", 0),
            (
                "See {{ youtube(id=\"abc\", autoplay=true) }}.",
                "See <https://www.youtube.com/watch?v=abc>.",
                0,
            ),
            ("{{/* youtube(id=\"x\") */}}", "{{ youtube(id=\"x\") }}", 0),
            (
                "{% a() %}{% note(title=\"T\") %}x{% end %}{% end %}",
                "{% a() %}> [!NOTE]\n> **T**\n>\n> x{% end %}",
                1,
            ),
            ("{{ not.a.call }} {% if x %} {{ mine(n=1) }}", "{{ not.a.call }} {% if x %} {{ mine(n=1) }}", 1),
            ("{% end %}", "{% end %}", 0),
        ] {
            let mut remarks = Vec::new();
            assert_eq!(replaced(text, &mut remarks), expected);
            assert_eq!(remarks.len(), kept, "{text} {remarks:?}");
        }
    }
}
