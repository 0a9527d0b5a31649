//! Quoted words with a source: those of a text, and those that its front matter stores.

use serde::{Deserialize, Serialize};

use crate::post::attribution::{Attribution, leading_dash};

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
    let start = leading_dash(text);
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
