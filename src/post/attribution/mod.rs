//! The attribution of quoted words: who wrote them and where they stand, as the grammar reads it from a line.
//!
//! An attribution is a line of text with links and emphasis over it. It is cut into pieces, and the grammar says of each
//! what it is. Everything in it is optional, as people write `— Jane Doe` and full references alike; and everything in it is
//! printed, in the order of its author.

mod breaks;
mod grammar;
mod lexer;
mod line;
mod links;
mod names;
mod report_status;
mod vocabulary;

use serde::{Deserialize, Serialize};

pub(crate) use self::breaks::headline_breaks;
pub use self::grammar::read;
pub(crate) use self::grammar::{AttributionReading, LONGEST_LINE, is_direction_control};
pub(crate) use self::lexer::leading_dash;
pub use self::line::{AttributionLine, LineSpan, LineSpanKind};
pub(crate) use self::line::{DatePrint, Mark, MarkKind, UnreadReason};
pub(crate) use self::report_status::{ReportStatus, status_remarks};
pub(crate) use self::vocabulary::{looks_like_a_person, names_its_source, without_joining_words};

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
