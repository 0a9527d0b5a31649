//! Shortcodes: found as WordPress finds them (wp-includes/shortcodes.php), and written as what they show.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use regex::Regex;

/// A shortcode as it stands in a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Shortcode<'t> {
    pub(super) name: &'t str,
    attributes: Vec<ShortcodeAttribute<'t>>,
    /// What stands between its two tags; none if it has only one.
    pub(super) content: Option<&'t str>,
}

/// An attribute; without a name it counts by its place.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ShortcodeAttribute<'t> {
    name: &'t str,
    value: &'t str,
}

impl<'t> Shortcode<'t> {
    /// The value of an attribute.
    pub(super) fn attribute(&self, name: &str) -> Option<&'t str> {
        self.attributes.iter().find(|found| found.name.eq_ignore_ascii_case(name)).map(|found| found.value)
    }

    /// The first value without a name.
    pub(super) fn first_value(&self) -> Option<&'t str> {
        self.attributes.iter().find(|found| found.name.is_empty()).map(|found| found.value)
    }
}

static ATTRIBUTES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s'"]+))(?:\s|$)|"([^"]*)"(?:\s|$)|'([^']*)'(?:\s|$)|(\S+)(?:\s|$)"#,
    )
    .expect("the pattern is valid")
});

fn attributes(text: &str) -> Vec<ShortcodeAttribute<'_>> {
    let read = ATTRIBUTES.captures_iter(text).map(|found| {
        let group = |at: usize| found.get(at).map(|group| group.as_str());
        ShortcodeAttribute {
            name: group(1).unwrap_or_default(),
            value: (2..=7).find_map(group).unwrap_or_default().trim(),
        }
    });
    read.collect()
}

/// Replaces the shortcodes whose names are known by what `show` makes of them; one it returns nothing for stays.
/// `[[name]]` becomes `[name]`. Those within tags of HTML stay.
pub(super) fn replace(
    text: &str,
    is_known: &dyn Fn(&str) -> bool,
    show: &mut dyn FnMut(&Shortcode<'_>) -> Option<String>,
) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    // Names without an end tag in the rest: a text of openings alone would be searched to its end for each.
    let mut unclosed: HashSet<&str> = HashSet::new();
    while let Some(at) = rest.find(['[', '<']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if rest.starts_with('<') {
            let end = tag_end(rest);
            out.push_str(&rest[..end]);
            rest = &rest[end..];
            continue;
        }
        match found_at(rest, is_known, &mut unclosed) {
            Some(found) if found.is_escaped => {
                out.push_str(&rest[1..found.length - 1]);
                rest = &rest[found.length..];
            }
            Some(found) => {
                let written = &rest[..found.length];
                match show(&found.shortcode) {
                    Some(shown) => out.push_str(&shown),
                    None => out.push_str(written),
                }
                rest = &rest[found.length..];
            }
            None => {
                out.push('[');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// Where a tag or comment of HTML ends; 1 for a `<` that is text.
fn tag_end(text: &str) -> usize {
    if let Some(comment) = text.strip_prefix("<!--") {
        return comment.find("-->").map_or(text.len(), |at| at + 7);
    }
    let is_tag = text[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!');
    let end = text[1..].find(['<', '>']).map(|at| at + 1);
    match end {
        Some(end) if is_tag && text[end..].starts_with('>') => end + 1,
        _ => 1,
    }
}

/// A shortcode at the start of a text.
struct FoundShortcode<'t> {
    shortcode: Shortcode<'t>,
    length: usize,
    /// Whether it stands in double brackets.
    is_escaped: bool,
}

fn found_at<'t>(
    text: &'t str,
    is_known: &dyn Fn(&str) -> bool,
    unclosed: &mut HashSet<&'t str>,
) -> Option<FoundShortcode<'t>> {
    let has_second = text.starts_with("[[");
    let start = if has_second { 2 } else { 1 };
    let name_end = text[start..].find(|c: char| !c.is_alphanumeric() && c != '_' && c != '-')?;
    let name = &text[start..start + name_end];
    if name.is_empty() || !is_known(name) {
        return None;
    }
    let inner = &text[start + name_end..];
    // `[youtube=https://…]` is the form of WordPress.com.
    if !inner.starts_with([' ', '\t', '\n', '\r', ']', '/', '=', '\u{a0}']) {
        return None;
    }
    let close = closing_bracket(inner)?;
    let written = inner[..close].trim();
    let is_empty = written.ends_with('/');
    let mut length = start + name_end + close + 1;
    let mut content = None;
    if !is_empty && !unclosed.contains(name) {
        let after = &text[length..];
        let end_tag = format!("[/{name}]");
        // As in WordPress, one of the same name without an end tag before it ends the search.
        match after.find(&end_tag) {
            Some(end) => {
                content = Some(&after[..end]);
                length += end + end_tag.len();
            }
            None => {
                unclosed.insert(name);
            }
        }
    }
    let is_escaped = has_second && text[length..].starts_with(']');
    if has_second && !is_escaped {
        // `[[name]…` is a bracket before a shortcode, which is found one character later.
        return None;
    }
    if is_escaped {
        length += 1;
    }
    let shortcode = Shortcode { name, attributes: attributes(written.trim_end_matches('/')), content };
    Some(FoundShortcode { shortcode, length, is_escaped })
}

/// The bracket that closes a tag, over those in quoted values.
fn closing_bracket(text: &str) -> Option<usize> {
    let plain = text.find(']')?;
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, ']') => return Some(at),
            (None, '[') => return Some(plain),
            (None, '"' | '\'') if text[..at].ends_with('=') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            _ => {}
        }
    }
    Some(plain)
}

static LIKELY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\[([A-Za-z][A-Za-z0-9_-]{1,40})((?:\s[^\[\]]*)?)/?\]").expect("the pattern is valid")
});

/// The names of what looks like a shortcode and is not one that is known: with an attribute, or an end tag.
pub(super) fn unknown(text: &str, is_known: &dyn Fn(&str) -> bool) -> Vec<String> {
    let mut closed: HashMap<String, bool> = HashMap::new();
    let found = LIKELY.captures_iter(text).filter_map(|found| {
        let name = &found[1];
        // An escaped one has been read before, and its bracket is text.
        let mut is_closed =
            || *closed.entry(name.to_owned()).or_insert_with(|| text.contains(&format!("[/{name}]")));
        let is_likely = !is_known(name) && (found[2].contains('=') || is_closed());
        is_likely.then(|| name.to_owned())
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        replace(text, &|name| matches!(name, "a" | "b"), &mut |found| {
            Some(format!(
                "({}|{}|{}|{})",
                found.name,
                found.attribute("x").unwrap_or("-"),
                found.first_value().unwrap_or("-"),
                found.content.unwrap_or("-")
            ))
        })
    }

    #[test]
    fn shortcodes_are_found_as_wordpress_finds_them() {
        for (text, expected) in [
            ("[a]", "(a|-|-|-)"),
            ("[a x=\"1 ] 2\" y='3' z=4] t", "(a|1 ] 2|-|-) t"),
            ("[a https://v.example/?v=1]", "(a|-|https://v.example/?v=1|-)"),
            ("[a x=1]in[/a]side", "(a|1|-|in)side"),
            ("[a /]in[/a]", "(a|-|-|-)in[/a]"),
            ("[[a x=1]] [[b]c[/b]]", "[a x=1] [b]c[/b]"),
            ("[c] [ab] [a", "[c] [ab] [a"),
            ("<i title='[a]'>[a]</i> 1 < 2 [b]", "<i title='[a]'>(a|-|-|-)</i> 1 < 2 (b|-|-|-)"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    /// Each would be searched to the end of the text, which takes minutes.
    #[test]
    fn a_text_of_openings_alone_is_read_once() {
        let text = "[a]".repeat(200_000);
        assert_eq!(shown(&text).len(), "(a|-|-|-)".len() * 200_000);
        assert!(unknown(&"[xx] ".repeat(200_000), &|_| false).is_empty());
    }

    #[test]
    fn unknown_ones_are_named() {
        let text = "[sic] [box color=red]x[/box] [note]y[/note] [a x=1] [1]";
        assert_eq!(unknown(text, &|name| name == "a"), ["box", "note"]);
    }
}
