//! Addresses as Pelican makes them: patterns with `{slug}` and `{date:%Y}`, and its slugs.

use chrono::format::{Item, StrftimeItems};
use regex::Regex;
use serde_json::Value;

use crate::date::Date;
use crate::import::engines::source_tree::{file_name, folder_of, stem};

/// What patterns are filled with.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct UrlValues<'a> {
    pub(super) slug: &'a str,
    pub(super) date: Option<Date>,
    pub(super) language: &'a str,
    pub(super) category: &'a str,
    pub(super) author: &'a str,
    /// Of the file, below the content.
    pub(super) path: &'a str,
}

impl UrlValues<'_> {
    /// A pattern with its values; nothing if it asks for something that is not known.
    pub(super) fn filled(&self, pattern: &str) -> Option<String> {
        let mut out = String::new();
        let mut rest = pattern;
        while let Some((before, behind)) = rest.split_once('{') {
            let (field, behind) = behind.split_once('}')?;
            out.push_str(before);
            let (name, format) = field.split_once(':').unwrap_or((field, ""));
            match name {
                "slug" => out.push_str(self.slug),
                "lang" => out.push_str(self.language),
                "category" | "category.slug" => out.push_str(self.category),
                "author" | "author.slug" => out.push_str(self.author),
                "date" => out.push_str(&formatted(
                    self.date?,
                    if format.is_empty() { "%Y-%m-%d %H:%M:%S" } else { format },
                )?),
                "date.year" => out.push_str(&formatted(self.date?, "%Y")?),
                "filename" | "base_name" => out.push_str(stem(file_name(self.path))),
                "path_no_ext" => {
                    out.push_str(self.path.strip_suffix(self.path.rsplit('.').next()?)?.trim_end_matches('.'))
                }
                "relative_dir" => out.push_str(folder_of(self.path)),
                _ => return None,
            }
            rest = behind;
        }
        out.push_str(rest);
        Some(out)
    }
}

/// A date in a format of `strftime`, in English; nothing for one that is not known.
fn formatted(date: Date, format: &str) -> Option<String> {
    // An item that is not known would end the program when it is printed.
    let is_known = !StrftimeItems::new(format).any(|item| matches!(item, Item::Error));
    is_known.then(|| date.time().format(format).to_string())
}

/// How names become slugs: replacements by patterns, in their order.
#[derive(Debug, Default)]
pub(super) struct PelicanSlugs {
    /// Of the settings; the usual ones if there are none.
    own: Option<Vec<SlugReplacement>>,
}

#[derive(Debug)]
struct SlugReplacement {
    pattern: Regex,
    with: String,
}

impl PelicanSlugs {
    /// The replacements of the settings.
    pub(super) fn of(setting: Option<&Value>) -> Self {
        let own = setting.and_then(Value::as_array).map(|rules| {
            let rules = rules.iter().filter_map(|rule| {
                let pattern =
                    regex::RegexBuilder::new(rule[0].as_str()?).case_insensitive(true).build().ok()?;
                Some(SlugReplacement { pattern, with: with_groups(rule[1].as_str()?) })
            });
            rules.collect()
        });
        Self { own }
    }

    pub(super) fn of_text(&self, text: &str) -> String {
        let plain = deunicode::deunicode(text);
        let Some(rules) = &self.own else { return usual(&plain) };
        let mut slug = plain;
        for rule in rules {
            slug = rule.pattern.replace_all(&slug, rule.with.as_str()).into_owned();
        }
        slug.to_lowercase().trim().to_owned()
    }
}

/// A replacement whose groups are written `\1`, as the library of patterns has it: `${1}`.
fn with_groups(written: &str) -> String {
    let mut out = String::with_capacity(written.len());
    let mut rest = written.chars().peekable();
    while let Some(c) = rest.next() {
        match (c, rest.peek().filter(|next| next.is_ascii_digit())) {
            ('\\', Some(digit)) => {
                out.push_str(&format!("${{{digit}}}"));
                rest.next();
            }
            ('$', _) => out.push_str("$$"),
            (c, _) => out.push(c),
        }
    }
    out
}

/// Words joined by hyphens, without other marks.
fn usual(plain: &str) -> String {
    let kept: String = plain
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || c.is_whitespace() || matches!(c, '_' | '-'))
        .collect();
    let mut slug = String::with_capacity(kept.len());
    for c in kept.trim().chars() {
        if c == '-' || c.is_whitespace() {
            if !slug.ends_with('-') {
                slug.push('-');
            }
        } else {
            slug.push(c.to_ascii_lowercase());
        }
    }
    slug
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_and_slugs_are_those_of_pelican() {
        let date = Date::parse("2016-01-31 23:30", chrono_tz::Tz::UTC).ok();
        let values = UrlValues {
            slug: "first",
            date,
            language: "en",
            category: "harbour",
            author: "maud",
            path: "a/b/x.md",
        };
        for (pattern, expected) in [
            ("{date:%Y}/{date:%b}/{date:%d}/{slug}/", Some("2016/Jan/31/first/")),
            ("{category}/{slug}-{lang}.html", Some("harbour/first-en.html")),
            ("{path_no_ext}.html", Some("a/b/x.html")),
            ("{date:%Q}", None),
            ("{unknown}", None),
            ("{slug", None),
        ] {
            assert_eq!(values.filled(pattern).as_deref(), expected, "{pattern}");
        }
        let usual = PelicanSlugs::default();
        for (text, expected) in
            [("First: with colon", "first-with-colon"), ("Über C++ & co.", "uber-c-co"), (" a - b ", "a-b")]
        {
            assert_eq!(usual.of_text(text), expected);
        }
        let own = PelicanSlugs::of(Some(&serde_json::json!([
            ["[^\\w\\s-]", "_"],
            ["\\s+", "."],
            ["(C)_", "\\1x"]
        ])));
        assert_eq!(own.of_text("A C+ b"), "a.cx.b");
    }
}
