//! A quotation as Markdown: the blockquote with its attribution, or a report in the front matter.
//!
//! Text is escaped so that it is read as what it is, and the attribution is written in the order that
//! [`attribution`](crate::post::attribution) reads without doubt.

use url::Url;

use crate::post::markdown::escape::{EscapeStyle, Escaping, TextPlace, escape_line_starts, push_escaped};

/// What is written of a quotation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct QuoteDraft {
    /// The words, by paragraphs, in plain text.
    pub(crate) paragraphs: Vec<String>,
    pub(crate) authors: Vec<String>,
    pub(crate) headline: String,
    pub(crate) url: String,
    pub(crate) publication: String,
    /// ISO 8601.
    pub(crate) published: String,
    /// A BCP 47 tag, if it is not the language of the site.
    pub(crate) language: String,
    /// The address of a copy.
    pub(crate) archive: String,
    /// ISO 8601.
    pub(crate) accessed: String,
    /// Remarks that are printed in parentheses.
    pub(crate) notes: Vec<String>,
}

impl QuoteDraft {
    /// The blockquote with its attribution.
    pub(crate) fn blockquote(&self) -> String {
        let mut lines: Vec<String> = Vec::new();
        for paragraph in &self.paragraphs {
            lines.extend(quoted(&escape_line_starts(&escaped(paragraph, TextPlace::Line))));
            lines.push(">".to_owned());
        }
        lines.push(format!("> — {}", self.attribution()));
        lines.join("\n")
    }

    /// The attribution, without its dash.
    pub(crate) fn attribution(&self) -> String {
        let mut parts: Vec<String> = Vec::new();
        if !self.authors.is_empty() {
            parts.push(joined(&self.authors));
        }
        let label = if self.headline.is_empty() { self.url.as_str() } else { self.headline.as_str() };
        if self.url.is_empty() {
            if !label.is_empty() {
                parts.push(format!("“{}”", escaped(label, TextPlace::Line)));
            }
        } else {
            parts.push(format!("[{}]({})", escaped(label, TextPlace::LinkText), destination(&self.url)));
        }
        if !self.publication.is_empty() {
            parts.push(format!("*{}*", escaped(&self.publication, TextPlace::Line)));
        }
        if !self.published.is_empty() {
            parts.push(self.published.clone());
        }
        let mut line = parts.join(", ");
        if !self.archive.is_empty() {
            line.push_str(&format!(" ([archived]({}))", destination(&self.archive)));
        }
        if !self.accessed.is_empty() {
            line.push_str(&format!(" (accessed {})", self.accessed));
        }
        for note in &self.notes {
            line.push_str(&format!(" ({})", escaped(note, TextPlace::Line)));
        }
        if !self.language.is_empty() {
            line.push_str(&format!(" (lang: {})", self.language));
        }
        line
    }

    /// The report as a table of the front matter, in TOML.
    pub(crate) fn stored_toml(&self, id: &str) -> String {
        let mut table = toml_edit::Table::new();
        for (key, value) in self.fields(id) {
            table.insert(key, toml_edit::value(value));
        }
        if !self.authors.is_empty() {
            let authors: toml_edit::Array = self.authors.iter().map(String::as_str).collect();
            table.insert("authors", toml_edit::value(authors));
        }
        if !self.published.is_empty()
            && let Ok(date) = self.published.parse::<toml_edit::Datetime>()
        {
            table.insert("published", toml_edit::value(date));
        }
        format!("[[quotes]]\n{}text = \"\"\"\n{}\n\"\"\"\n", table, toml_lines(&self.markdown_words()))
    }

    /// The same as an entry of a list, in YAML. Strings of JSON are strings of YAML.
    pub(crate) fn stored_yaml(&self, id: &str) -> String {
        let mut lines: Vec<String> = Vec::new();
        for (key, value) in self.fields(id) {
            lines.push(format!("{key}: {}", json_string(&value)));
        }
        if !self.authors.is_empty() {
            let authors: Vec<String> = self.authors.iter().map(|name| json_string(name)).collect();
            lines.push(format!("authors: [{}]", authors.join(", ")));
        }
        if !self.published.is_empty() {
            lines.push(format!("published: {}", self.published));
        }
        lines.push(format!("text: {}", json_string(&self.markdown_words())));
        format!("  - {}\n", lines.join("\n    "))
    }

    fn fields(&self, id: &str) -> Vec<(&'static str, String)> {
        let fields = [
            ("id", id),
            ("url", &self.url),
            ("title", &self.headline),
            ("publication", &self.publication),
            ("archive", &self.archive),
            ("accessed", &self.accessed),
            ("lang", &self.language),
        ];
        let fields = fields.into_iter().filter(|(_, value)| !value.is_empty());
        fields.map(|(key, value)| (key, value.to_owned())).collect()
    }

    /// The words as Markdown.
    pub(crate) fn markdown_words(&self) -> String {
        let paragraphs = self.paragraphs.iter();
        let paragraphs: Vec<String> =
            paragraphs.map(|text| escape_line_starts(&escaped(text, TextPlace::Line))).collect();
        paragraphs.join("\n\n")
    }
}

/// `A`, `A and B`, `A, B and C`.
fn joined(authors: &[String]) -> String {
    let names: Vec<String> = authors.iter().map(|name| escaped(name, TextPlace::Line)).collect();
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}

fn escaped(text: &str, place: TextPlace) -> String {
    let mut out = String::with_capacity(text.len());
    push_escaped(text, place, EscapeStyle { escaping: Escaping::Where, has_math: true }, &mut out);
    out
}

fn quoted(paragraph: &str) -> impl Iterator<Item = String> {
    paragraph.split('\n').map(|line| format!("> {line}"))
}

/// An address as the destination of a link.
pub(crate) fn destination(url: &str) -> String {
    url.replace('(', "%28").replace(')', "%29").replace(' ', "%20").replace('<', "%3C").replace('>', "%3E")
}

/// Text within `"""` of TOML.
fn toml_lines(text: &str) -> String {
    text.replace('\\', "\\\\").replace("\"\"\"", "\"\"\\\"")
}

fn json_string(text: &str) -> String {
    serde_json::Value::String(text.to_owned()).to_string()
}

/// An address without what statistics added to it, and without what is for the browser alone.
pub(crate) fn clean_address(url: &Url) -> Url {
    const TRACKING: [&str; 12] = [
        "fbclid", "gclid", "dclid", "msclkid", "mc_cid", "mc_eid", "igshid", "yclid", "_hsenc", "_hsmi",
        "cmpid", "smid",
    ];
    let mut url = url.clone();
    // A name and a password are the author's own; an address without a host has neither.
    let _ = url.set_username("").and_then(|()| url.set_password(None));
    let kept: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(name, _)| !name.starts_with("utm_") && !TRACKING.contains(&&**name))
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    if kept.len() < url.query_pairs().count() {
        url.set_query(None);
        if !kept.is_empty() {
            url.query_pairs_mut().extend_pairs(kept);
        }
    }
    url.set_fragment(None);
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> QuoteDraft {
        QuoteDraft {
            paragraphs: vec!["1. It was *late*, she said.".into(), "“No [reply]” came.".into()],
            authors: vec!["Samuel Ekwall".into(), "Mirren Vale".into()],
            headline: "A letter [1984] answered".into(),
            url: "https://gazette.example/a_(b)".into(),
            publication: "The Ferry Street Gazette".into(),
            published: "2026-11-11".into(),
            language: "de".into(),
            archive: String::new(),
            accessed: "2026-11-20".into(),
            notes: vec!["subscription".into()],
        }
    }

    #[test]
    fn a_quotation_is_a_blockquote_with_its_source() {
        let expected = "> 1\\. It was \\*late\\*, she said.\n>\n> “No [reply]” came.\n>\n> — Samuel Ekwall and Mirren Vale, \
            [A letter \\[1984\\] answered](https://gazette.example/a_%28b%29), *The Ferry Street Gazette*, 2026-11-11 \
            (accessed 2026-11-20) (subscription) (lang: de)";
        assert_eq!(draft().blockquote(), expected);
    }

    #[test]
    fn a_stored_quotation_is_read_back() {
        let toml: toml::Table = draft().stored_toml("letter").parse().unwrap();
        let quote = &toml["quotes"][0];
        assert_eq!(quote["authors"][1].as_str(), Some("Mirren Vale"));
        assert_eq!(quote["published"].to_string(), "2026-11-11");
        assert_eq!(quote["text"].as_str(), Some("1\\. It was \\*late\\*, she said.\n\n“No [reply]” came.\n"));
        assert!(draft().stored_yaml("letter").starts_with("  - id: \"letter\"\n    url: "));
    }

    #[test]
    fn statistics_are_cut_off_an_address() {
        for (url, clean) in [
            ("https://a.example/x?utm_source=b&id=7#:~:text=y", "https://a.example/x?id=7"),
            ("https://a.example/x?fbclid=b", "https://a.example/x"),
            ("https://a.example/x?q=a+b#sec", "https://a.example/x?q=a+b"),
        ] {
            assert_eq!(clean_address(&Url::parse(url).unwrap()).as_str(), clean);
        }
    }
}
