//! Excerpted reports: who wrote the quoted words, where they stand, and how to find them there.
//!
//! An attribution is a line of text with links and emphasis over it. It is cut into pieces, and the grammar says of each
//! what it is. Everything in it is optional, as people write `— Jane Doe` and full references alike; and everything in it is
//! printed, in the order of its author.

mod breaks;
mod grammar;
mod lexer;
mod line;
mod links;
mod vocabulary;

use serde::{Deserialize, Serialize};

pub(crate) use self::breaks::headline_breaks;
pub use self::grammar::read;
pub(crate) use self::grammar::{AttributionReading, LONGEST_LINE, is_direction_control};
pub(crate) use self::lexer::leading_dash;
pub use self::line::{AttributionLine, LineSpan, LineSpanKind};
pub(crate) use self::line::{DatePrint, Mark, MarkKind};
pub(crate) use self::vocabulary::{looks_like_a_person, names_its_source, without_joining_words};

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
    /// Whether there are more words than these.
    pub is_cut: bool,
    /// BCP 47 tag of the quoted words, if it is not the post's.
    pub language: Option<String>,
}

/// Where quoted words come from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Attribution {
    pub authors: Vec<String>,
    pub title: String,
    /// The report's address.
    pub url: String,
    pub publication: String,
    /// In ISO 8601, as precisely as it is known: `2026-03-04`, `2026-03` or `2026`.
    pub published: String,
    /// When the author read the report.
    pub accessed: String,
    /// A copy of the report.
    pub archive: String,
    /// Where the author came across it.
    pub via: Option<ViaSource>,
    /// Further reports that the words stand in.
    pub further: Vec<FurtherReport>,
    /// Anything else: `emphasis mine`, `translated from German`.
    pub notes: Vec<String>,
    /// BCP 47 tag of the quoted words.
    pub language: String,
}

/// Where an author came across a report.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ViaSource {
    /// What it is called.
    pub text: String,
    /// Its address; empty if there is none.
    pub url: String,
}

/// A second or later report of one attribution.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FurtherReport {
    pub title: String,
    /// Its address, as it is written.
    pub url: String,
    /// What the address means.
    pub target: Option<crate::post::Target>,
}

impl Quote {
    /// What the addresses of its reports mean.
    pub fn targets(&self) -> impl Iterator<Item = &crate::post::Target> {
        self.target.iter().chain(self.source.further.iter().filter_map(|report| report.target.as_ref()))
    }

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

    /// All authors in one text.
    pub fn byline(&self) -> String {
        self.authors.join(", ")
    }

    /// Fills what this one does not say from `other`.
    pub fn fill_from(&mut self, other: &Self) {
        let pairs = [
            (&mut self.title, &other.title),
            (&mut self.url, &other.url),
            (&mut self.publication, &other.publication),
            (&mut self.published, &other.published),
            (&mut self.accessed, &other.accessed),
            (&mut self.archive, &other.archive),
            (&mut self.language, &other.language),
        ];
        for (own, others) in pairs {
            if own.is_empty() {
                own.clone_from(others);
            }
        }
        if self.authors.is_empty() {
            self.authors.clone_from(&other.authors);
        }
        if self.via.is_none() {
            self.via.clone_from(&other.via);
        }
        self.further.extend(other.further.iter().cloned());
        self.notes.extend(other.notes.iter().cloned());
    }
}

/// A report in front matter, under `[[quotes]]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredQuote {
    /// What `— @id` and `{@id}` call it.
    pub id: String,
    /// Where its words come from.
    pub source: Attribution,
    /// The words as Markdown; may be empty.
    pub text: String,
}

/// The id at the start of an attribution `— @id`, by its bytes of the text: `@` and all behind it.
pub fn cited_id(text: &str) -> Option<CitedId<'_>> {
    let start = lexer::leading_dash(text);
    let rest = text[start..].strip_prefix('@')?;
    let length = rest.find(|c: char| !is_id_char(c)).unwrap_or(rest.len());
    let id = rest[..length].trim_end_matches('.');
    let end = start + 1 + id.len();
    is_id(id).then(|| CitedId { id, end, is_alone: text[end..].trim_matches(['.', ' ', '\n']).is_empty() })
}

/// The id that an attribution begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CitedId<'t> {
    /// Without its `@`.
    pub id: &'t str,
    /// The byte of the attribution's text behind it.
    pub end: usize,
    pub is_alone: bool,
}

/// The id in a paragraph `{@id}`.
pub fn placed_id(source: &str) -> Option<&str> {
    source.trim().strip_prefix("{@")?.strip_suffix('}').filter(|id| is_id(id))
}

/// Whether a text can be the id of a quote.
pub(crate) fn is_id(text: &str) -> bool {
    !text.is_empty() && text.chars().all(is_id_char)
}

fn is_id_char(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_' | '.')
}
