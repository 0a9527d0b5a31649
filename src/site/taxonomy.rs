//! Tags, categories and series: names that several posts share.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::diagnostic::Diagnostic;
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
    /// The slugs of all names, as every post with them asks for them again.
    slugs: HashMap<String, String>,
}

impl Taxonomies {
    pub(super) fn of(posts: &[Arc<Post>], diagnostics: &mut Vec<Diagnostic>) -> Self {
        let mut slugs = HashMap::new();
        let mut of = |taxonomy| terms(posts, taxonomy, &mut slugs, diagnostics);
        let (tags, categories, series) = (of(Taxonomy::Tags), of(Taxonomy::Categories), of(Taxonomy::Series));
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
    pub fn slug(&self, name: &str) -> Cow<'_, str> {
        self.slugs.get(name).map_or_else(|| term_slug(name).into(), |slug| slug.as_str().into())
    }

    /// The term of a name.
    pub fn term(&self, taxonomy: Taxonomy, name: &str) -> Option<&Term> {
        let slug = self.slug(name);
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
        Taxonomy::Tags => &post.tags,
        Taxonomy::Categories => &post.categories,
        Taxonomy::Series => post.series.as_slice(),
    }
}

fn terms(
    posts: &[Arc<Post>],
    taxonomy: Taxonomy,
    slugs: &mut HashMap<String, String>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Term> {
    let mut terms: Vec<Term> = Vec::new();
    let mut by_slug: HashMap<String, usize> = HashMap::new();
    let mut by_name: HashMap<&str, usize> = HashMap::new();
    // From the oldest on, so that a new post does not change how a term is written.
    for (index, post) in posts.iter().enumerate().rev() {
        for name in names(post, taxonomy) {
            let at = *by_name.entry(name).or_insert_with(|| {
                let slug = slugs.entry(name.clone()).or_insert_with(|| term_slug(name));
                *by_slug.entry(slug.clone()).or_insert_with(|| {
                    terms.push(Term { name: name.clone(), slug: slug.clone(), members: Vec::new() });
                    terms.len() - 1
                })
            });
            let term = &mut terms[at];
            if term.name != *name && term.name.to_lowercase() != name.to_lowercase() {
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
    terms.sort_unstable_by(|a, b| a.slug.cmp(&b.slug));
    for term in &mut terms {
        term.members.reverse();
    }
    terms
}

/// Publications of quotes; the members are indices into `quotes`.
pub(super) fn publications(posts: &[Arc<Post>], quotes: &[(usize, usize)]) -> Vec<Term> {
    let mut terms: BTreeMap<String, Term> = BTreeMap::new();
    for (index, &(post, quote)) in quotes.iter().enumerate().rev() {
        let name = &posts[post].quotes[quote].source.publication;
        if name.is_empty() {
            continue;
        }
        let slug = term_slug(name);
        let term = terms.entry(slug.clone()).or_insert_with(|| Term {
            name: name.clone(),
            slug,
            members: Vec::new(),
        });
        term.members.push(index);
    }
    let mut terms: Vec<Term> = terms.into_values().collect();
    for term in &mut terms {
        term.members.reverse();
    }
    terms
}
