//! Values of TOML as people write them: short texts in one line, long ones in several.

use std::fmt::Write as _;

/// A text in one line.
pub(super) fn string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A text, in several lines if it has them.
pub(super) fn text(text: &str) -> String {
    if !text.contains('\n') {
        return string(text);
    }
    let mut out = String::from("\"\"\"\n");
    let mut quotes = 0;
    for (at, c) in text.char_indices() {
        quotes = if c == '"' { quotes + 1 } else { 0 };
        match c {
            // Three in a row end the text, and so does one before the end.
            '"' if quotes == 3 || at + 1 == text.len() => {
                out.push_str("\\\"");
                quotes = 0;
            }
            '\\' => out.push_str("\\\\"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push_str("\"\"\"");
    out
}

/// Keys and values below each other.
#[derive(Debug, Default)]
pub(super) struct TomlLines {
    pub(super) text: String,
}

impl TomlLines {
    /// A key with a value that is TOML already.
    pub(super) fn raw(&mut self, key: &str, value: &str) {
        let _ = writeln!(self.text, "{key} = {value}");
    }

    /// A key with a text; nothing for an empty one.
    pub(super) fn text(&mut self, key: &str, value: &str) {
        if !value.is_empty() {
            self.raw(key, &text(value));
        }
    }
}

/// Texts in one list.
pub(super) fn list<'t>(items: impl IntoIterator<Item = &'t str>) -> String {
    let items: Vec<String> = items.into_iter().map(string).collect();
    format!("[{}]", items.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for value in [
            "plain",
            "\"quoted\" and \\ back",
            "two\nlines",
            "ends in \"quotes\"\nand \"\"\" three\n\"",
            "\n\nstarts with lines \"\"\"\"\"",
            "a\u{7}b\nc\u{1b}d\te",
            "back\\slash\nat the end\\",
        ] {
            let table: toml::Table =
                toml::from_str(&format!("a = {}\nb = {}", text(value), string(value))).unwrap();
            assert_eq!(table["a"].as_str(), Some(value));
            assert_eq!(table["b"].as_str(), Some(value));
        }
    }
}
