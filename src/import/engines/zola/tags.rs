//! The shortcodes of a text: `{{ name(argument="x") }}` and `{% name() %}…{% end %}`.

use crate::import::engines::shortcodes::{ShortcodeArgument, ShortcodeForm, ShortcodeSyntax, ShortcodeTag};

/// How Zola writes shortcodes.
pub(super) struct ZolaShortcodes;

impl ShortcodeSyntax for ZolaShortcodes {
    fn tags<'t>(&self, text: &'t str) -> Vec<ShortcodeTag<'t>> {
        tags(text)
    }

    fn arguments(&self, written: &str) -> Vec<ShortcodeArgument> {
        arguments(written)
    }

    /// `{% end %}` closes the last one.
    fn closes(&self, _: &ShortcodeTag<'_>, _: &ShortcodeTag<'_>) -> bool {
        true
    }
}

fn tags(text: &str) -> Vec<ShortcodeTag<'_>> {
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
            tags.push(ShortcodeTag { span, name: "", arguments: "", form: ShortcodeForm::Shown });
            continue;
        }
        let inner = inner.trim_matches('-').trim();
        let form = if end == "}}" { ShortcodeForm::Whole } else { ShortcodeForm::Opening };
        let call = inner.strip_suffix(')').and_then(|inner| inner.split_once('('));
        let tag = match call {
            Some((name, arguments)) if is_name(name.trim()) => {
                ShortcodeTag { span, name: name.trim(), arguments, form }
            }
            _ if inner == "end" && end == "%}" => {
                ShortcodeTag { span, name: "end", arguments: "", form: ShortcodeForm::Closing }
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
    use crate::import::engines::shortcodes::replaced;

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
            assert_eq!(replaced(text, &ZolaShortcodes, &mut remarks), expected);
            assert_eq!(remarks.len(), kept, "{text} {remarks:?}");
        }
    }
}
