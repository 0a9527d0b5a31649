//! Excerpted reports: who wrote the quoted words, where they stand, and how to find them there.
//!
//! [`parse`] reads the attribution paragraph at the end of a blockquote. Everything in it is
//! optional, as people write `— Jane Doe` and full references alike.

use serde::{Deserialize, Serialize};

use crate::config::is_language_tag;
use crate::html::fold_white_space;

/// A quote with a source, as lists of quotes and the JSON-LD of a post need it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Quote {
    /// Its anchor in the post: `q-3f2a9c01`.
    pub anchor: String,
    /// Where the words come from.
    pub source: Attribution,
    /// What the address means: another site, or a post of this one.
    pub target: Option<crate::post::Target>,
    /// The text fragment with its `#`, empty if there is no address or nothing to find.
    pub fragment: String,
    /// The quoted words as HTML without links.
    pub text_html: String,
    /// BCP 47 tag of the quoted words, if it is not the post's.
    pub language: Option<String>,
}

/// Where quoted words come from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Attribution {
    /// Who wrote them.
    pub author: String,
    /// The headline.
    pub title: String,
    /// The report's address.
    pub url: String,
    /// Who published them.
    pub publication: String,
    /// `2026-03-04`, `2026-03` or `2026`; else as it was written.
    pub published: String,
    /// When the author read the report.
    pub accessed: String,
    /// A copy of the report.
    pub archive: String,
    /// Where the author came across it: text and address.
    pub via: Option<(String, String)>,
    /// Anything else: `emphasis mine`, `translated from German`.
    pub notes: Vec<String>,
    /// BCP 47 tag of the quoted words.
    pub language: String,
}

impl Quote {
    /// What the tables of a site know of it: its anchor, who published it, and what it leads to.
    pub(super) fn place(&self) -> (&str, &str, Option<&crate::post::Target>) {
        (&self.anchor, &self.source.publication, self.target.as_ref())
    }
}

impl Attribution {
    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A report in front matter, under `[[quotes]]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredQuote {
    /// What `— @id` and `{@id}` call it.
    pub id: String,
    /// Where its words come from.
    pub source: Attribution,
    /// The words as Markdown; may be empty.
    pub text: String,
}

/// A part of an attribution paragraph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Plain text.
    Text(String),
    /// `*emphasis*`.
    Emphasis(String),
    /// `[text](url)`.
    Link {
        /// What is visible.
        text: String,
        /// Where it leads.
        url: String,
    },
}

/// Whether a paragraph, as it stands in the source, is an attribution: it starts with an em dash, a
/// horizontal bar or two hyphens. `\—` does not.
pub fn is_attribution(source: &str) -> bool {
    let source = source.trim_start();
    let rest = source
        .strip_prefix(['—', '―'])
        .or_else(|| source.strip_prefix("--").map(|rest| rest.trim_start_matches('-')));
    rest.is_some_and(|rest| !rest.trim().is_empty())
}

/// The id in an attribution `— @id`.
pub fn cited_id(source: &str) -> Option<&str> {
    let rest = source.trim().trim_start_matches(['—', '―', '-']).trim();
    rest.strip_prefix('@').filter(|id| is_id(id))
}

/// The id in a paragraph `{@id}`.
pub fn placed_id(source: &str) -> Option<&str> {
    source.trim().strip_prefix("{@")?.strip_suffix('}').filter(|id| is_id(id))
}

/// Whether a text can be the id of a quote.
pub fn is_id(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

/// Reads an attribution: authors, first link, `*publication*`, date, `(via …)`, `(archived …)`, notes.
pub fn parse(parts: &[Part]) -> Attribution {
    let mut reader = Reader::default();
    for (number, part) in parts.iter().enumerate() {
        match part {
            Part::Text(text) if number == 0 => {
                reader.text(text.trim_start().trim_start_matches(['—', '―', '–', '-']))
            }
            Part::Text(text) => reader.text(text),
            Part::Emphasis(text) => reader.emphasis(text),
            Part::Link { text, url } => reader.link(text, url),
        }
    }
    reader.finish()
}

/// What has been read, and the text and links not yet understood.
#[derive(Default)]
struct Reader {
    source: Attribution,
    /// Text outside parentheses since the last thing that was understood.
    pending: String,
    /// The text of the open parenthesis.
    aside: Option<String>,
    aside_link: Option<(String, String)>,
}

impl Reader {
    fn text(&mut self, text: &str) {
        for c in text.chars() {
            match (c, &mut self.aside) {
                ('(', None) => self.aside = Some(String::new()),
                (')', Some(_)) => self.close_aside(),
                (c, Some(aside)) => aside.push(c),
                (c, None) => self.pending.push(c),
            }
        }
    }

    fn emphasis(&mut self, text: &str) {
        if let Some(aside) = &mut self.aside {
            aside.push_str(text);
            return;
        }
        self.take_pending();
        if self.source.publication.is_empty() {
            text.clone_into(&mut self.source.publication);
        } else {
            self.source.notes.push(text.to_owned());
        }
    }

    fn link(&mut self, text: &str, url: &str) {
        if self.aside.is_some() {
            self.aside_link = Some((text.to_owned(), url.to_owned()));
            return;
        }
        self.take_pending();
        if self.source.url.is_empty() {
            text.clone_into(&mut self.source.title);
            url.clone_into(&mut self.source.url);
        } else if is_archive_word(text) {
            url.clone_into(&mut self.source.archive);
        } else if self.source.publication.is_empty() {
            text.clone_into(&mut self.source.publication);
        } else if self.source.via.is_none() {
            self.source.via = Some((text.to_owned(), url.to_owned()));
        }
    }

    /// `via X`, `archived 2026-03-05`, `lang: de`, or a note.
    fn close_aside(&mut self) {
        let text = fold_white_space(&self.aside.take().unwrap_or_default());
        let link = self.aside_link.take();
        let lower = text.to_lowercase();
        let rest_after = |word: &str| text.get(word.len()..).unwrap_or_default().trim().to_owned();
        if lower == "via" || lower.starts_with("via ") {
            self.source.via = match link {
                Some(link) => Some(link),
                None => Some((rest_after("via"), String::new())),
            };
        } else if let Some((link_text, url)) = link {
            if is_archive_word(&link_text) || is_archive_word(lower.split(' ').next().unwrap_or_default()) {
                self.source.archive = url;
            } else {
                let note = fold_white_space(&format!("{text} {link_text}"));
                self.source.notes.push(note);
            }
        } else if lower.starts_with("accessed ") || lower.starts_with("archived ") {
            let date = rest_after("accessed");
            self.source.accessed = iso_date(&date).unwrap_or(date);
        } else if let Some(tag) = language_note(&lower) {
            tag.clone_into(&mut self.source.language);
        } else if !text.is_empty() {
            self.source.notes.push(text);
        }
    }

    /// Understands the text before a link or emphasis, or at the end.
    fn take_pending(&mut self) {
        let pending = fold_white_space(&std::mem::take(&mut self.pending));
        let pending = pending.trim_matches(is_separator).to_owned();
        if pending.is_empty() {
            return;
        }
        if self.source.url.is_empty() && self.source.author.is_empty() && self.source.publication.is_empty() {
            self.before_the_link(&pending);
        } else {
            self.after_the_link(&pending);
        }
    }

    /// Authors, with a date behind them if nothing else follows: `Jane Doe, 4 March 2026`.
    fn before_the_link(&mut self, text: &str) {
        match split_date(text) {
            Some((author, date)) => {
                self.source.author = author;
                self.source.published = date;
            }
            None => text.clone_into(&mut self.source.author),
        }
    }

    /// A date, and the publication if it was written without emphasis.
    fn after_the_link(&mut self, text: &str) {
        let (words, date) = match split_date(text) {
            Some((words, date)) => (words, Some(date)),
            None => (text.to_owned(), None),
        };
        if let Some(date) = date.filter(|_| self.source.published.is_empty()) {
            self.source.published = date;
        }
        if words.is_empty() {
        } else if self.source.publication.is_empty() {
            self.source.publication = words;
        } else {
            self.source.notes.push(words);
        }
    }

    fn finish(mut self) -> Attribution {
        // An unclosed parenthesis is text.
        if let Some(aside) = self.aside.take() {
            self.pending.push('(');
            self.pending.push_str(&aside);
        }
        self.take_pending();
        self.source
    }
}

/// `lang: de`, `lang=de`, `lang de`.
fn language_note(note: &str) -> Option<&str> {
    let tag = note.strip_prefix("lang")?;
    let tag = tag.strip_prefix([':', '=', ' '])?.trim();
    is_language_tag(tag).then_some(tag)
}

fn is_archive_word(text: &str) -> bool {
    ["archive", "archived", "archived copy", "copy", "cached"].contains(&text.trim().to_lowercase().as_str())
}

/// Commas and semicolons of all scripts, and white space.
fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, ',' | ';' | '،' | '؛' | '，' | '、' | '；')
}

/// Takes a date off the end of a text: the rest without its comma, and the date in ISO form.
fn split_date(text: &str) -> Option<(String, String)> {
    let mut starts: Vec<usize> = vec![0];
    starts.extend(text.char_indices().filter(|(_, c)| is_separator(*c)).map(|(at, c)| at + c.len_utf8()));
    // No date has more than three words.
    starts[starts.len().saturating_sub(6)..].iter().find_map(|&start| {
        let date = iso_date(text[start..].trim())?;
        let rest = text[..start].trim_end_matches(is_separator);
        Some((rest.to_owned(), date))
    })
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// `2026-03-04`, `2026-03`, `4 March 2026`, `March 4, 2026`, `Mar. 2026`, `2026` as ISO 8601.
pub fn iso_date(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split([' ', ',']).filter(|word| !word.is_empty()).collect();
    match words.as_slice() {
        [date] => iso_parts(&date.split('-').collect::<Vec<_>>()),
        [month, year] => Some(format!("{}-{:02}", year_of(year)?, month_of(month)?)),
        [first, second, year] => {
            let (month, day) = match month_of(first) {
                Some(month) => (month, second),
                None => (month_of(second)?, first),
            };
            let day: u32 = day.trim_end_matches(['.', 's', 't', 'n', 'd', 'r', 'h']).parse().ok()?;
            let year = year_of(year)?;
            chrono::NaiveDate::from_ymd_opt(year.parse().ok()?, month, day).map(|date| date.to_string())
        }
        _ => None,
    }
}

fn iso_parts(parts: &[&str]) -> Option<String> {
    match parts {
        [year] => year_of(year),
        [year, month] => {
            let month: u32 = month.parse().ok().filter(|month| (1..=12).contains(month))?;
            Some(format!("{}-{month:02}", year_of(year)?))
        }
        [year, month, day] => {
            let year = year_of(year)?.parse().ok()?;
            chrono::NaiveDate::from_ymd_opt(year, month.parse().ok()?, day.parse().ok()?)
                .map(|date| date.to_string())
        }
        _ => None,
    }
}

fn year_of(text: &str) -> Option<String> {
    let four_digits = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    (four_digits && (text.starts_with('1') || text.starts_with('2'))).then(|| text.to_owned())
}

fn month_of(text: &str) -> Option<u32> {
    let text = text.trim_end_matches('.').to_lowercase();
    let at = MONTHS.iter().position(|month| text.len() >= 3 && month.starts_with(&text))?;
    u32::try_from(at + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Part {
        Part::Text(text.to_owned())
    }

    fn link(text: &str, url: &str) -> Part {
        Part::Link { text: text.to_owned(), url: url.to_owned() }
    }

    fn emphasis(text: &str) -> Part {
        Part::Emphasis(text.to_owned())
    }

    #[test]
    fn a_full_reference_is_read() {
        let source = parse(&[
            text("— Jane Doe, "),
            link("Library to close after vote", "https://example.com/lib"),
            text(", "),
            emphasis("The Example"),
            text(", 2026-03-04 (via "),
            link("X", "https://x.example/"),
            text(") (emphasis mine) ("),
            link("archived", "https://archive.example/1"),
            text(") (lang: de)"),
        ]);
        let expected = Attribution {
            author: "Jane Doe".to_owned(),
            title: "Library to close after vote".to_owned(),
            url: "https://example.com/lib".to_owned(),
            publication: "The Example".to_owned(),
            published: "2026-03-04".to_owned(),
            archive: "https://archive.example/1".to_owned(),
            via: Some(("X".to_owned(), "https://x.example/".to_owned())),
            notes: vec!["emphasis mine".to_owned()],
            language: "de".to_owned(),
            ..Attribution::default()
        };
        assert_eq!(source, expected);
    }

    #[test]
    fn everything_is_optional() {
        let plain = parse(&[text("— Jane Doe")]);
        assert_eq!((plain.author.as_str(), plain.url.as_str()), ("Jane Doe", ""));
        let bare_link = parse(&[text("-- "), link("Headline", "https://e.org/")]);
        assert_eq!((bare_link.author.as_str(), bare_link.title.as_str()), ("", "Headline"));
        let no_link = parse(&[text("– Jane Doe, "), emphasis("The Example"), text(", March 4, 2026")]);
        assert_eq!(no_link.publication, "The Example");
        assert_eq!(no_link.published, "2026-03-04");
        let plain_publication =
            parse(&[text("— "), link("H", "https://e.org/"), text(", The Example, 4 Mar. 2026")]);
        assert_eq!(
            (plain_publication.publication.as_str(), plain_publication.published.as_str()),
            ("The Example", "2026-03-04")
        );
        let unclosed = parse(&[text("— Jane Doe (of the Example")]);
        assert_eq!(unclosed.author, "Jane Doe (of the Example");
    }

    #[test]
    fn commas_of_other_scripts_separate() {
        let source = parse(&[
            text("— مريم مثال، "),
            link("إغلاق المكتبة", "https://e.org/"),
            text("، "),
            emphasis("الصحيفة"),
            text("، 2026-11-17"),
        ]);
        assert_eq!((source.author.as_str(), source.publication.as_str()), ("مريم مثال", "الصحيفة"));
        assert_eq!((source.published.as_str(), source.notes), ("2026-11-17", Vec::new()));
    }

    #[test]
    fn only_dashes_at_the_start_make_an_attribution() {
        assert!(is_attribution("— Jane"));
        assert!(is_attribution("-- Jane"));
        assert!(is_attribution("--- Jane"));
        assert!(!is_attribution("\\— Jane"));
        assert!(!is_attribution("- Jane"));
        assert!(!is_attribution("—"));
        assert_eq!(cited_id("— @lib"), Some("lib"));
        assert_eq!(cited_id("— @lib, 2016"), None);
        assert_eq!(placed_id("{@lib-2}\n"), Some("lib-2"));
        assert_eq!(placed_id("{@}"), None);
    }
}
