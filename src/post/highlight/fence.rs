//! What the words behind an opening fence ask for, and the lines that they number and mark.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

/// Puts line numbers and marks into code that is highlighted, or escaped with no tag across lines.
///
/// A highlighted line, with its number and its end, becomes `<mark class="line">…</mark>`: the end
/// of the line is inside so that a style sheet may make the mark a block. A number is an empty
/// `<span class="ln" data-n="12"></span>` at the start of its line, so that it is not copied along.
/// A newline at the very end ends the last line and does not begin another.
pub(crate) fn lines(html_or_escaped: &str, options: &FenceOptions) -> String {
    let mut html = String::with_capacity(html_or_escaped.len() + html_or_escaped.len() / 2);
    for (index, line) in html_or_escaped.split_inclusive('\n').enumerate() {
        let marked = options.highlighted.iter().any(|range| range.contains(&(index + 1)));
        if marked {
            html.push_str("<mark class=\"line\">");
        }
        if let Some(first) = options.line_numbers {
            let number = first.saturating_add(index);
            html.push_str(&format!("<span class=\"ln\" data-n=\"{number}\"></span>"));
        }
        html.push_str(line);
        if marked {
            html.push_str("</mark>");
        }
    }
    html
}

/// What the words after an opening fence ask for, in the manner of rustdoc, Zola, Hugo or Pandoc.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FenceOptions {
    /// The first word in lower case, known or not; empty if there is none.
    pub language: String,
    /// Lines to mark, counted from 1 whatever number the first line shows; neither sorted nor
    /// bounded by the block, and never empty ranges.
    pub highlighted: Vec<RangeInclusive<usize>>,
    /// The number of the first line, if lines are to be numbered.
    pub line_numbers: Option<usize>,
    /// What the code is: the name of a file, or a title.
    pub name: Option<String>,
    /// Words and settings that mean nothing here, as written, for a warning.
    pub unknown: Vec<String>,
}

impl FenceOptions {
    /// Reads the info string of a fenced block.
    ///
    /// Never fails: what is not understood is listed in `unknown`.
    pub fn parse_info(info: &str) -> FenceOptions {
        let mut options = FenceOptions::default();
        let mut numbered = false;
        let mut start = 1;
        for (position, setting) in settings(info).into_iter().enumerate() {
            let (key, value) = (setting.key, setting.value.as_deref());
            let understood = match (key.trim_start_matches('.'), value) {
                (word, None) if word.starts_with(|c: char| c.is_ascii_digit()) => options.mark(word),
                ("linenos" | "numberLines" | "number-lines", _) => {
                    numbered = !matches!(value, Some("false" | "no" | "0"));
                    true
                }
                ("linenostart" | "startFrom", Some(number)) => {
                    number.parse().map(|number| start = number).is_ok()
                }
                ("hl_lines" | "highlight", Some(ranges)) => options.mark(ranges),
                ("name" | "title" | "filename" | "file", Some(name)) => {
                    options.name = Some(name.to_owned());
                    true
                }
                (word, None) if position == 0 => {
                    options.language = word.to_lowercase();
                    true
                }
                (word, None) => is_rustdoc(word),
                _ => false,
            };
            if !understood {
                options.unknown.push(setting.to_string());
            }
        }
        options.line_numbers = numbered.then_some(start);
        options
    }

    /// Adds `3-5 8`, `3-5,8` or `2,"4-6"` to the marked lines, or nothing if a part is not a range.
    fn mark(&mut self, ranges: &str) -> bool {
        let ranges: Option<Vec<_>> = ranges
            .split(|c: char| c.is_whitespace() || matches!(c, ',' | '"' | '\'' | '[' | ']'))
            .filter(|range| !range.is_empty())
            .map(line_range)
            .collect();
        match ranges {
            Some(ranges) if !ranges.is_empty() => self.highlighted.extend(ranges),
            _ => return false,
        }
        true
    }
}

/// `8` or `3-5`; lines count from 1, and a range must not run backwards.
fn line_range(text: &str) -> Option<RangeInclusive<usize>> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let range = first.parse().ok()?..=last.parse().ok()?;
    (*range.start() > 0 && !range.is_empty()).then_some(range)
}

/// Words for rustdoc and mdBook: they say how to test the code, which is not our concern.
fn is_rustdoc(word: &str) -> bool {
    const WORDS: [&str; 9] = [
        "ignore",
        "should_panic",
        "no_run",
        "compile_fail",
        "test_harness",
        "standalone_crate",
        "editable",
        "noplayground",
        "mdbook-runnable",
    ];
    WORDS.contains(&word)
        || word.starts_with("ignore-")
        || word.strip_prefix("edition").is_some_and(is_four_digits)
        || word.strip_prefix('E').is_some_and(is_four_digits)
}

fn is_four_digits(text: &str) -> bool {
    text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit())
}

/// One word of an info string: `linenos`, or `name="src/main.rs"` with the quotes gone.
struct Setting<'a> {
    key: &'a str,
    value: Option<String>,
}

impl std::fmt::Display for Setting<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.value {
            Some(value) => write!(f, "{}={value}", self.key),
            None => f.write_str(self.key),
        }
    }
}

fn separates(c: char) -> bool {
    c.is_whitespace() || matches!(c, ',' | '{' | '}')
}

/// Splits an info string at spaces, commas and braces, except within quotes and brackets.
fn settings(info: &str) -> Vec<Setting<'_>> {
    let mut settings = Vec::new();
    let mut rest = info.trim_start_matches(separates);
    while !rest.is_empty() {
        let end = rest.find(|c| separates(c) || c == '=').unwrap_or(rest.len());
        let (key, after) = rest.split_at(end);
        let (value, after) = match after.strip_prefix('=') {
            Some(after) => {
                let (value, after) = split_value(after, separates);
                (Some(value.to_owned()), after)
            }
            None => (None, after),
        };
        settings.push(Setting { key, value });
        rest = after.trim_start_matches(separates);
    }
    settings
}

/// The value at the start of `text`, without its quotes or brackets, and what follows it.
fn split_value(text: &str, separates: impl Fn(char) -> bool) -> (&str, &str) {
    let closing = match text.chars().next() {
        Some('[') => ']',
        Some(quote @ ('"' | '\'')) => quote,
        _ => return text.split_at(text.find(separates).unwrap_or(text.len())),
    };
    let inner = &text[1..];
    inner.split_once(closing).unwrap_or((inner, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(language: &str) -> FenceOptions {
        FenceOptions { language: language.to_owned(), ..FenceOptions::default() }
    }

    fn marked(language: &str, highlighted: &[RangeInclusive<usize>]) -> FenceOptions {
        FenceOptions { highlighted: highlighted.to_vec(), ..options(language) }
    }

    #[test]
    fn an_info_string_names_the_language_first() {
        for (info, language) in [
            ("", ""),
            ("  ", ""),
            ("Rust", "rust"),
            ("c++", "c++"),
            ("C# ", "c#"),
            ("rust,ignore", "rust"),
            ("rust,should_panic,edition2021,E0308", "rust"),
            ("{.rust}", "rust"),
            ("{rust}", "rust"),
        ] {
            assert_eq!(FenceOptions::parse_info(info), options(language), "{info}");
        }
    }

    #[test]
    fn lines_are_marked_in_every_manner() {
        for info in [
            "rs {3-5,8}",
            "rs{3-5, 8}",
            "rs hl_lines=\"3-5 8\"",
            "rs,hl_lines=3-5 8",
            "rs {hl_lines=[\"3-5\",8]}",
            "rs {hl_lines=[3-5, '8']}",
            "rs hl_lines='3-5,8'",
        ] {
            assert_eq!(FenceOptions::parse_info(info), marked("rs", &[3..=5, 8..=8]), "{info}");
        }
        assert_eq!(FenceOptions::parse_info("{2}"), marked("", &[2..=2]));
    }

    #[test]
    fn zola_and_hugo_settings_are_read() {
        let hugo = "python {linenos=true, linenostart=10, hl_lines=[2,\"4-6\"], name=\"src/main.rs\"}";
        let expected = FenceOptions {
            line_numbers: Some(10),
            name: Some("src/main.rs".to_owned()),
            ..marked("python", &[2..=2, 4..=6])
        };
        assert_eq!(FenceOptions::parse_info(hugo), expected);
        let zola = "rust,linenos,hl_lines=3-5,name=main.rs";
        let expected = FenceOptions {
            line_numbers: Some(1),
            name: Some("main.rs".to_owned()),
            ..marked("rust", &[3..=5])
        };
        assert_eq!(FenceOptions::parse_info(zola), expected);
        for (info, first) in [
            ("a {linenos=inline}", Some(1)),
            ("a {linenos=false}", None),
            ("a linenostart=3", None),
            ("{.a .numberLines startFrom=\"7\"}", Some(7)),
        ] {
            assert_eq!(FenceOptions::parse_info(info).line_numbers, first, "{info}");
        }
    }

    #[test]
    fn what_means_nothing_is_listed() {
        for (info, unknown) in [
            ("a b", &["b"][..]),
            ("a hide_lines=1-2,copy", &["hide_lines=1-2", "copy"]),
            ("a {5-3,0-1,x}", &["5-3", "0-1", "x"]),
            ("a hl_lines=\"1 b\"", &["hl_lines=1 b"]),
            ("a linenostart=b", &["linenostart=b"]),
            ("a =b", &["=b"]),
            ("a hl_lines=[]", &["hl_lines="]),
            ("a 99999999999999999999999", &["99999999999999999999999"]),
        ] {
            assert_eq!(FenceOptions::parse_info(info).unknown, unknown, "{info}");
        }
        assert_eq!(FenceOptions::parse_info("a name=\"b").name.as_deref(), Some("b"));
    }

    #[test]
    fn lines_are_numbered_and_marked() {
        let number = |n: usize| format!("<span class=\"ln\" data-n=\"{n}\"></span>");
        let both = FenceOptions { line_numbers: Some(9), ..marked("", &[2..=9]) };
        let expected = format!(
            "{}a\n<mark class=\"line\">{}b\n</mark><mark class=\"line\">{}c</mark>",
            number(9),
            number(10),
            number(11),
        );
        assert_eq!(lines("a\nb\nc", &both), expected);
        assert_eq!(lines("<i>a</i>\n\n", &options("")), "<i>a</i>\n\n");
        assert_eq!(lines("a\n", &marked("", &[1..=1, 1..=2])), "<mark class=\"line\">a\n</mark>");
        assert_eq!(lines("", &both), "");
    }

    #[test]
    fn a_final_newline_begins_no_line() {
        let numbered = FenceOptions { line_numbers: Some(1), ..options("") };
        assert_eq!(lines("a\n", &numbered).matches("data-n").count(), 1);
        assert_eq!(lines("a\n\n", &numbered).matches("data-n").count(), 2);
    }
}
