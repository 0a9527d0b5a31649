//! Tags, categories, series and authors: names that several posts share.

use std::borrow::Cow;
use std::sync::Arc;

use hashbrown::{HashMap, HashSet};
use icu_collator::options::CollatorOptions;
use icu_collator::{Collator, CollatorPreferences};
use icu_locale_core::Locale;

use crate::config::authors::{AuthorEntry, AuthorPages};
pub(crate) use crate::config::terms::Taxonomy;
use crate::config::terms::{TermEntries, TermEntry};
use crate::config::{Author, Config};
use crate::diagnostic::Diagnostic;
use crate::nearest_name::did_you_mean;
use crate::path::{fold_name, nfc};
use crate::post::Post;
use crate::post::slug::{term_path, term_slug};

/// A name and what it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// As the settings write it, else as the first post does.
    pub name: String,
    /// Its part of the address, with those of the terms above it: `oil`, `lamps/oil`.
    pub slug: String,
    /// Indices, in the order of the list they point into.
    pub members: Vec<usize>,
}

impl Term {
    /// The part of the address of the term above it.
    pub fn above(&self) -> Option<&str> {
        self.slug.rsplit_once('/').map(|(above, _)| above)
    }
}

/// All terms, each kind sorted by slug.
#[derive(Debug, Clone, Default)]
pub struct Taxonomies {
    tags: Vec<Term>,
    categories: Vec<Term>,
    series: Vec<Term>,
    /// Those who have a page.
    authors: Vec<Term>,
    /// What is known of each of them.
    people: Vec<Author>,
    /// The slugs of all names of each kind, as every post with them asks for them again.
    slugs: [HashMap<String, String>; 4],
    entries: TermEntries,
}

impl Taxonomies {
    pub(super) fn of(posts: &[Arc<Post>], config: &Config, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let entries = &config.terms;
        let mut slugs: [HashMap<String, String>; 4] = Default::default();
        let [tags, categories, series] =
            [Taxonomy::Tags, Taxonomy::Categories, Taxonomy::Series].map(|taxonomy| {
                let mut reader =
                    TermReader { entries, taxonomy, slugs: &mut slugs[taxonomy as usize], diagnostics };
                reader.read(posts)
            });
        let mut reader = AuthorReader { config, slugs: HashMap::new(), people: HashMap::new(), diagnostics };
        let mut authors = reader.read(posts);
        let AuthorReader { slugs: slugs_of_authors, mut people, .. } = reader;
        let have_pages = match config.archives.authors {
            AuthorPages::Auto => authors.len() > 1,
            AuthorPages::Always => true,
            AuthorPages::Never => false,
        };
        if have_pages {
            slugs[Taxonomy::Authors as usize] = slugs_of_authors;
        } else {
            authors.clear();
        }
        let people = authors.iter().map(|term| people.remove(&term.slug).unwrap_or_default()).collect();
        Self { tags, categories, series, authors, people, slugs, entries: entries.clone() }
    }

    /// The terms of one kind. A term's members are posts, newest first.
    pub fn terms(&self, taxonomy: Taxonomy) -> &[Term] {
        match taxonomy {
            Taxonomy::Tags => &self.tags,
            Taxonomy::Categories => &self.categories,
            Taxonomy::Series => &self.series,
            Taxonomy::Authors => &self.authors,
        }
    }

    /// Whether an author of posts has a page.
    pub fn has_author(&self, name: &str) -> bool {
        self.slugs[Taxonomy::Authors as usize].contains_key(name)
    }

    /// What is known of an author, by the index of their term.
    pub fn person(&self, author: usize) -> &Author {
        &self.people[author]
    }

    /// The part of a term's address that names it, with those of the terms above it.
    pub fn slug(&self, taxonomy: Taxonomy, name: &str) -> Cow<'_, str> {
        self.slugs[taxonomy as usize]
            .get(name)
            .map_or_else(|| term_path(&self.entries, taxonomy, name).into(), |slug| slug.as_str().into())
    }

    /// The term of a name.
    pub fn term(&self, taxonomy: Taxonomy, name: &str) -> Option<&Term> {
        if taxonomy == Taxonomy::Authors && !self.has_author(name) {
            // A spelling that no post has, while the slug may be one that the settings give.
            let folded = fold_name(name);
            return self.authors.iter().find(|term| fold_name(&term.name) == folded);
        }
        self.by_slug(taxonomy, &self.slug(taxonomy, name))
    }

    /// The term of a part of an address.
    pub fn by_slug(&self, taxonomy: Taxonomy, slug: &str) -> Option<&Term> {
        let terms = self.terms(taxonomy);
        terms.binary_search_by(|term| term.slug.as_str().cmp(slug)).ok().map(|at| &terms[at])
    }

    /// What the settings say of a term.
    pub fn entry(&self, taxonomy: Taxonomy, term: &Term) -> Option<&TermEntry> {
        self.entries.get(taxonomy, &term.name)
    }
}

/// The names of a post's terms; those of its authors are in tables of their own.
fn names(post: &Post, taxonomy: Taxonomy) -> &[String] {
    match taxonomy {
        Taxonomy::Tags => &post.front.tags,
        Taxonomy::Categories => &post.front.categories,
        Taxonomy::Series => post.front.series.as_slice(),
        Taxonomy::Authors => &[],
    }
}

/// A post's authors; the site's if it names none.
pub(crate) fn authors_of<'p>(config: &'p Config, post: &'p Post) -> &'p [Author] {
    if post.front.authors.is_empty() { config.author.as_slice() } else { &post.front.authors }
}

/// Reads the terms of one kind from posts.
struct TermReader<'a> {
    entries: &'a TermEntries,
    taxonomy: Taxonomy,
    slugs: &'a mut HashMap<String, String>,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl TermReader<'_> {
    fn read(&mut self, posts: &[Arc<Post>]) -> Vec<Term> {
        let mut terms = Terms::default();
        let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
        // From the oldest on, so that a new post does not change how a term is written.
        for (index, post) in posts.iter().enumerate().rev() {
            for name in names(post, self.taxonomy) {
                let line = by_name.entry(name).or_insert_with(|| self.line(&mut terms, name));
                if let Some(&own) = line.last() {
                    report_other_name(post, name, &terms.list[own], "terms", self.diagnostics);
                }
                // A post of a term is one of the terms above it as well.
                for &at in line.iter() {
                    let members = &mut terms.list[at].members;
                    if members.last() != Some(&index) {
                        members.push(index);
                    }
                }
            }
        }
        terms.sorted()
    }

    /// The indices of a name's term and of those above it, from the top.
    fn line(&mut self, terms: &mut Terms, name: &str) -> Vec<usize> {
        let line = self.entries.line_of(self.taxonomy, name);
        let line: Vec<usize> = line
            .into_iter()
            .map(|name| {
                let written = self.entries.get(self.taxonomy, name).map_or(name, |entry| &entry.name);
                terms.place(written, || term_path(self.entries, self.taxonomy, name))
            })
            .collect();
        if let Some(&own) = line.last() {
            self.slugs.insert(name.to_owned(), terms.list[own].slug.clone());
        }
        line
    }
}

/// Two names that are more than two spellings of one.
fn report_other_name(post: &Post, name: &str, term: &Term, table: &str, diagnostics: &mut Vec<Diagnostic>) {
    if term.name != *name && fold_name(&term.name) != fold_name(name) {
        let message = format!("`{name}` has the same address as `{}`: they are listed as one", term.name);
        diagnostics.push(Diagnostic::warning(post.path.as_str(), message).hint(format!(
            "write both alike, or give one of them another `slug` with `[[{table}]]` in the settings"
        )));
    }
}

/// Reads the authors from posts.
struct AuthorReader<'a> {
    config: &'a Config,
    slugs: HashMap<String, String>,
    /// By slug.
    people: HashMap<String, Author>,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl AuthorReader<'_> {
    fn read(&mut self, posts: &[Arc<Post>]) -> Vec<Term> {
        let mut terms = Terms::default();
        let mut by_name: HashMap<&str, usize> = HashMap::new();
        for (index, post) in posts.iter().enumerate().rev() {
            for author in authors_of(self.config, post).iter().filter(|author| !author.name.is_empty()) {
                let at = *by_name.entry(&author.name).or_insert_with(|| {
                    let written = self.config.authors.get(&author.name).and_then(|entry| entry.slug.clone());
                    let at = terms.place(&author.name, || written.unwrap_or_else(|| term_slug(&author.name)));
                    self.slugs.insert(author.name.clone(), terms.list[at].slug.clone());
                    report_other_name(post, &author.name, &terms.list[at], "authors", self.diagnostics);
                    at
                });
                let term = &mut terms.list[at];
                if term.members.last() != Some(&index) {
                    term.members.push(index);
                }
                self.know(&term.slug, author);
            }
        }
        terms.sorted()
    }

    /// What the newest post says of a person counts.
    fn know(&mut self, slug: &str, author: &Author) {
        let Some(known) = self.people.get_mut(slug) else {
            self.people.insert(slug.to_owned(), author.clone());
            return;
        };
        for (known, newer) in [
            (&mut known.url, &author.url),
            (&mut known.photo, &author.photo),
            (&mut known.email, &author.email),
        ] {
            if newer.is_some() && known != newer {
                known.clone_from(newer);
            }
        }
    }
}

/// Authors of the settings who wrote nothing, shown or not.
pub(super) fn unused_authors<'p>(
    config: &'p Config,
    posts: impl Iterator<Item = &'p Post> + Clone,
) -> Vec<Diagnostic> {
    let named = posts.flat_map(|post| authors_of(config, post)).map(|author| author.name.as_str());
    let named: HashSet<&str> = if config.authors.is_empty() { HashSet::new() } else { named.collect() };
    let folded: HashSet<String> = named.iter().map(|name| fold_name(name)).collect();
    let unused = config.authors.all().filter(|entry| !folded.contains(&fold_name(&entry.author.name)));
    let fault = |entry: &AuthorEntry| {
        let message = format!("no post has the author `{}`", entry.author.name);
        let mut unknown: Vec<&str> =
            named.iter().copied().filter(|name| config.authors.get(name).is_none()).collect();
        unknown.sort_unstable();
        let hint = did_you_mean(&entry.author.name, unknown);
        Diagnostic::warning(config.file.as_str(), message).placed(entry.place.clone()).maybe_hint(hint)
    };
    unused.map(fault).collect()
}

/// Terms of the settings that no post has, shown or not.
pub(super) fn unused<'p>(
    entries: &TermEntries,
    file: &str,
    posts: impl Iterator<Item = &'p Post> + Clone,
) -> Vec<Diagnostic> {
    let mut faults: Vec<Diagnostic> = Vec::new();
    if *entries == TermEntries::default() {
        return faults;
    }
    let listed = [Taxonomy::Tags, Taxonomy::Categories];
    let mut used: [HashSet<String>; 2] = Default::default();
    for (taxonomy, used) in listed.into_iter().zip(&mut used) {
        // Pages and posts share names, so that each is followed once.
        let names: HashSet<&String> = posts.clone().flat_map(|post| names(post, taxonomy)).collect();
        used.extend(names.iter().flat_map(|name| entries.line_of(taxonomy, name)).map(fold_name));
    }
    for (taxonomy, own) in listed.into_iter().zip(&used) {
        for entry in entries.of(taxonomy) {
            let is_used = own.contains(&fold_name(&entry.name))
                || (used.iter().any(|used| used.contains(&fold_name(&entry.name)))
                    && is_of_both(entries, entry));
            let is_told = faults.iter().any(|fault| fault.place == entry.place && entry.place.is_some());
            if !is_used && !is_told {
                let message = format!("no post has the term `{}`", entry.name);
                let known =
                    posts.clone().flat_map(|post| listed.map(|taxonomy| names(post, taxonomy)).concat());
                let known: Vec<String> = known.collect();
                let hint = did_you_mean(&entry.name, known.iter().map(String::as_str));
                faults.push(Diagnostic::warning(file, message).placed(entry.place.clone()).maybe_hint(hint));
            }
        }
    }
    faults
}

/// Whether an entry was written once for both taxonomies.
fn is_of_both(entries: &TermEntries, entry: &TermEntry) -> bool {
    let [tag, category] = [Taxonomy::Tags, Taxonomy::Categories]
        .map(|taxonomy| entries.get(taxonomy, &entry.name).and_then(|known| known.place.as_ref()));
    tag.is_some() && tag == category
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
    fn place(&mut self, name: &str, slug: impl FnOnce() -> String) -> usize {
        *self.by_fold.entry(fold_name(name)).or_insert_with(|| {
            let slug = slug();
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

/// Terms in the alphabetical order of a language, by Unicode's collation and CLDR's tailoring of it.
pub(crate) fn alphabetical<'t>(terms: impl IntoIterator<Item = &'t Term>, language: &str) -> Vec<&'t Term> {
    let mut terms: Vec<&Term> = terms.into_iter().collect();
    let preferences = Locale::try_from_str(language).map(CollatorPreferences::from).unwrap_or_default();
    match Collator::try_new(preferences, CollatorOptions::default()) {
        Ok(collator) => {
            terms.sort_by(|a, b| collator.compare(&a.name, &b.name).then_with(|| a.slug.cmp(&b.slug)));
        }
        // The data is compiled in, and a language without an order of its own has the common one.
        Err(_) => terms.sort_by_cached_key(|term| (fold_name(&term.name), &term.slug)),
    }
    terms
}

/// Publications of quotes; the members are indices into `quotes`.
pub(super) fn publications(posts: &[Arc<Post>], quotes: &[(usize, usize)]) -> Vec<Term> {
    let mut terms = Terms::default();
    for (index, &(post, quote)) in quotes.iter().enumerate().rev() {
        let name = &posts[post].quotes[quote].source.publication;
        if !name.is_empty() {
            let at = terms.place(name, || term_slug(name));
            terms.list[at].members.push(index);
        }
    }
    terms.sorted()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str], language: &str) -> Vec<String> {
        let term =
            |name: &&str| Term { name: (*name).to_owned(), slug: term_slug(name), members: Vec::new() };
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
}
