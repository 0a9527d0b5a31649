//! Tags, categories and series: names that several posts share.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use icu_casemap::CaseMapper;
use icu_collator::options::CollatorOptions;
use icu_collator::{Collator, CollatorPreferences};
use icu_locale_core::Locale;
use serde::{Deserialize, Serialize};

use crate::diagnostic::Diagnostic;
use crate::path::nfc;
use crate::post::Post;
use crate::post::slug::{fitting, slugify};

/// One of the three ways to group posts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Taxonomy {
    /// What it is about, many to a post.
    Tags,
    /// Where it belongs, few to a site.
    Categories,
    /// Posts to be read in order.
    Series,
}

impl Taxonomy {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Tags, Self::Categories, Self::Series];

    /// Its name in templates.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tags => "tags",
            Self::Categories => "categories",
            Self::Series => "series",
        }
    }
}

/// A name and what it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// As the first post writes it.
    pub name: String,
    /// Its segment in the address.
    pub slug: String,
    /// Indices, in the order of the list they point into.
    pub members: Vec<usize>,
}

/// All terms, each kind sorted by slug.
#[derive(Debug, Clone, Default)]
pub struct Taxonomies {
    tags: Vec<Term>,
    categories: Vec<Term>,
    series: Vec<Term>,
    /// The slugs of all names of each kind, as every post with them asks for them again.
    slugs: [HashMap<String, String>; 3],
}

impl Taxonomies {
    pub(super) fn of(posts: &[Arc<Post>], diagnostics: &mut Vec<Diagnostic>) -> Self {
        let mut slugs: [HashMap<String, String>; 3] = Default::default();
        let [tags, categories, series] =
            Taxonomy::ALL.map(|taxonomy| terms(posts, taxonomy, &mut slugs[taxonomy as usize], diagnostics));
        Self { tags, categories, series, slugs }
    }

    /// The terms of one kind. A term's members are posts, newest first.
    pub fn terms(&self, taxonomy: Taxonomy) -> &[Term] {
        match taxonomy {
            Taxonomy::Tags => &self.tags,
            Taxonomy::Categories => &self.categories,
            Taxonomy::Series => &self.series,
        }
    }

    /// The segment of a term's address.
    pub fn slug(&self, taxonomy: Taxonomy, name: &str) -> Cow<'_, str> {
        self.slugs[taxonomy as usize]
            .get(name)
            .map_or_else(|| term_slug(name).into(), |slug| slug.as_str().into())
    }

    /// The term of a name.
    pub fn term(&self, taxonomy: Taxonomy, name: &str) -> Option<&Term> {
        let slug = self.slug(taxonomy, name);
        let terms = self.terms(taxonomy);
        terms.binary_search_by(|term| term.slug.as_str().cmp(&slug)).ok().map(|at| &terms[at])
    }
}

/// The segment of a term's address.
fn term_slug(name: &str) -> String {
    let slug = slugify(name);
    // `C++` and `C#` are not `C`.
    let marks: Vec<&str> = name
        .chars()
        .filter_map(|c| match c {
            '+' => Some("plus"),
            '#' => Some("sharp"),
            _ => None,
        })
        .collect();
    fitting(match (slug.is_empty(), marks.is_empty()) {
        (true, true) => crate::hash::Hash::of(name.as_bytes()).short_hex(),
        (false, false) => format!("{slug}-{}", marks.join("-")),
        (true, false) => marks.join("-"),
        (false, true) => slug,
    })
}

fn names(post: &Post, taxonomy: Taxonomy) -> &[String] {
    match taxonomy {
        Taxonomy::Tags => &post.front.tags,
        Taxonomy::Categories => &post.front.categories,
        Taxonomy::Series => post.front.series.as_slice(),
    }
}

fn terms(
    posts: &[Arc<Post>],
    taxonomy: Taxonomy,
    slugs: &mut HashMap<String, String>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Term> {
    let mut terms = Terms::default();
    let mut by_name: HashMap<&str, usize> = HashMap::new();
    // From the oldest on, so that a new post does not change how a term is written.
    for (index, post) in posts.iter().enumerate().rev() {
        for name in names(post, taxonomy) {
            let at = *by_name.entry(name).or_insert_with(|| {
                let at = terms.place(name);
                slugs.insert(name.clone(), terms.list[at].slug.clone());
                at
            });
            let term = &mut terms.list[at];
            if term.name != *name && folded(&term.name) != folded(name) {
                let message =
                    format!("`{name}` has the same address as `{}`: they are listed as one", term.name);
                diagnostics.push(
                    Diagnostic::warning(post.path.as_str(), message)
                        .hint("write both alike, or change one of them by more than punctuation"),
                );
            }
            if term.members.last() != Some(&index) {
                term.members.push(index);
            }
        }
    }
    terms.sorted()
}

/// Terms as they are found, from the oldest post on.
#[derive(Default)]
struct Terms {
    list: Vec<Term>,
    by_slug: HashMap<String, usize>,
    by_fold: HashMap<String, usize>,
}

impl Terms {
    /// The index of a name's term, which is new if no name before has its address or differs by case alone: `Σίσυφος`
    /// ends in another letter than `ΣΊΣΥΦΟΣ`, and so has another address.
    fn place(&mut self, name: &str) -> usize {
        *self.by_fold.entry(folded(name)).or_insert_with(|| {
            let slug = term_slug(name);
            *self.by_slug.entry(slug.clone()).or_insert_with(|| {
                self.list.push(Term { name: nfc(name).into_owned(), slug, members: Vec::new() });
                self.list.len() - 1
            })
        })
    }

    /// The terms by slug, the members of each in the order of their indices.
    fn sorted(mut self) -> Vec<Term> {
        self.list.sort_unstable_by(|a, b| a.slug.cmp(&b.slug));
        for term in &mut self.list {
            term.members.reverse();
        }
        self.list
    }
}

/// A name without the differences of upper and lower case and of Unicode's forms, in which names are compared (The
/// Unicode Standard, section 5.18: full case folding).
fn folded(name: &str) -> String {
    nfc(&CaseMapper::new().fold_string(&nfc(name))).into_owned()
}

/// Terms in the alphabetical order of a language, by Unicode's collation and CLDR's tailoring of it.
pub(crate) fn alphabetical<'t>(terms: impl IntoIterator<Item = &'t Term>, language: &str) -> Vec<&'t Term> {
    let mut terms: Vec<&Term> = terms.into_iter().collect();
    let preferences = Locale::try_from_str(language).map(CollatorPreferences::from).unwrap_or_default();
    match Collator::try_new(preferences, CollatorOptions::default()) {
        Ok(collator) => {
            terms.sort_by(|a, b| collator.compare(&a.name, &b.name).then_with(|| a.slug.cmp(&b.slug)));
        }
        // The data is compiled in, and a language without an order of its own has the common one.
        Err(_) => terms.sort_by_cached_key(|term| (folded(&term.name), &term.slug)),
    }
    terms
}

/// Publications of quotes; the members are indices into `quotes`.
pub(super) fn publications(posts: &[Arc<Post>], quotes: &[(usize, usize)]) -> Vec<Term> {
    let mut terms = Terms::default();
    for (index, &(post, quote)) in quotes.iter().enumerate().rev() {
        let name = &posts[post].quotes[quote].source.publication;
        if !name.is_empty() {
            let at = terms.place(name);
            terms.list[at].members.push(index);
        }
    }
    terms.sorted()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str], language: &str) -> Vec<String> {
        let term = |name: &&str| Term { name: (*name).to_owned(), slug: slugify(name), members: Vec::new() };
        let terms: Vec<Term> = names.iter().map(term).collect();
        alphabetical(&terms, language).into_iter().map(|term| term.name.clone()).collect()
    }

    #[test]
    fn the_alphabet_is_that_of_the_language() {
        assert_eq!(
            names(&["weather", "Überwachung", "zoo", "Abend"], "de"),
            ["Abend", "Überwachung", "weather", "zoo"]
        );
        assert_eq!(names(&["öl", "zebra", "oktober", "ärlig"], "sv"), ["oktober", "zebra", "ärlig", "öl"]);
        assert_eq!(names(&["öl", "zebra", "oktober", "ärlig"], "de-AT"), ["ärlig", "oktober", "öl", "zebra"]);
        assert_eq!(names(&["хліб", "їжа", "Іспанія", "иней"], "uk"), ["иней", "Іспанія", "їжа", "хліб"]);
        assert_eq!(names(&["b", "A", "é"], "x-none"), ["A", "b", "é"]);
    }

    #[test]
    fn case_is_folded_in_full() {
        assert_eq!(folded("Σίσυφος"), folded("ΣΊΣΥΦΟΣ"));
        assert_eq!(folded("Straße"), folded("STRASSE"));
        assert_eq!(folded("U\u{308}ber"), folded("ÜBER"));
        assert_ne!(folded("ılık"), folded("ilik"));
    }
}
