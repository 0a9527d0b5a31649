//! `[[terms]]`: what the site says of a tag or category besides its name in posts.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::config::redirects::RedirectSource;
use crate::diagnostic::{Location, Severity};
use crate::path::{fold_name, percent_decode};
use crate::spanned::{Fields, SourceText, Spanned};

/// One of the ways to group posts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Taxonomy {
    /// What it is about, many to a post.
    Tags,
    /// Where it belongs, few to a site.
    Categories,
    /// Posts to be read in order.
    Series,
    /// Who wrote it.
    Authors,
}

impl Taxonomy {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Tags, Self::Categories, Self::Series, Self::Authors];

    /// Its name in templates.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tags => "tags",
            Self::Categories => "categories",
            Self::Series => "series",
            Self::Authors => "authors",
        }
    }
}

/// What the settings say of a term.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TermEntry {
    /// The term's name as it is printed.
    pub name: String,
    /// Its segment in the address, if it is not made of the name.
    pub slug: Option<String>,
    /// The name of the term above it.
    pub parent: Option<String>,
    /// Plain text for its page.
    pub description: String,
    /// Old addresses of its page.
    pub aliases: Vec<RedirectSource>,
    /// Where the name is written.
    #[serde(skip)]
    pub place: Option<Location>,
}

/// What the settings say of all terms.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct TermEntries {
    /// By taxonomy and folded name.
    entries: BTreeMap<(Taxonomy, String), TermEntry>,
}

impl TermEntries {
    /// What is said of a term.
    pub fn get(&self, taxonomy: Taxonomy, name: &str) -> Option<&TermEntry> {
        // Most sites have none, and every post asks for each of its terms.
        if self.entries.is_empty() {
            return None;
        }
        self.entries.get(&(taxonomy, fold_name(name)))
    }

    /// The names of a term and of those above it, from the top.
    pub fn line_of<'n>(&'n self, taxonomy: Taxonomy, name: &'n str) -> Vec<&'n str> {
        let mut line = vec![name];
        while let Some(parent) = line.last().and_then(|name| self.get(taxonomy, name)?.parent.as_deref()) {
            // A circle was reported when it was read.
            if line.contains(&parent) {
                break;
            }
            line.push(parent);
        }
        line.reverse();
        line
    }

    /// The entries of a taxonomy.
    pub fn of(&self, taxonomy: Taxonomy) -> impl Iterator<Item = &TermEntry> {
        self.entries.iter().filter(move |((known, _), _)| *known == taxonomy).map(|(_, entry)| entry)
    }
}

/// Reads the tables.
pub(super) fn read(source: SourceText<'_>, fields: &mut Fields<'_>) -> TermEntries {
    let mut terms = TermEntries::default();
    for table in fields.tables("terms") {
        let mut entry = Fields::new(source, "terms.", table.value, fields.diagnostics());
        let name = entry.text("name").filter(|name| !name.value.trim().is_empty());
        let taxonomies = taxonomies(&mut entry);
        let slug = slug(&mut entry, "write one part of an address; what stands above it is its `parent`");
        let parent = entry.text("parent").map(|taken| taken.value.trim().to_owned());
        let description =
            entry.text("description").map(|taken| taken.value.trim().to_owned()).unwrap_or_default();
        let aliases = aliases(&mut entry);
        entry.finish(Severity::Error, explain_foreign_key);
        let Some(name) = name else {
            fields.report(table.span, "an entry of `terms` needs a `name`", None);
            continue;
        };
        let place = Some(Location::of(source.text, name.span.clone()));
        let entry = TermEntry {
            name: name.value.trim().to_owned(),
            slug,
            parent: parent.filter(|parent| !parent.is_empty()),
            description,
            aliases,
            place,
        };
        add(&mut terms, fields, &entry, NewTerm { taxonomies, name });
    }
    report_circles(&terms, fields, source);
    terms
}

/// A term that is read.
struct NewTerm {
    taxonomies: Vec<Taxonomy>,
    name: Spanned<String>,
}

fn add(terms: &mut TermEntries, fields: &mut Fields<'_>, entry: &TermEntry, new: NewTerm) {
    for taxonomy in new.taxonomies {
        let key = (taxonomy, fold_name(&entry.name));
        match terms.entries.entry(key) {
            Entry::Vacant(free) => {
                free.insert(entry.clone());
            }
            Entry::Occupied(_) => {
                let message = format!("`{}` stands twice among the terms of {}", entry.name, taxonomy.name());
                let hint = "say which of the two is meant with `taxonomy = \"tags\"` or `\"categories\"`, or leave one out";
                fields.report(new.name.span.clone(), message, Some(hint.to_owned()));
            }
        }
    }
}

/// A term cannot stand below itself.
fn report_circles(terms: &TermEntries, fields: &mut Fields<'_>, source: SourceText<'_>) {
    let mut reported = HashSet::new();
    for ((taxonomy, _), entry) in &terms.entries {
        let mut above = entry.parent.as_deref();
        let mut steps = 0;
        while let Some(parent) = above {
            steps += 1;
            if fold_name(parent) == fold_name(&entry.name) && reported.insert(fold_name(&entry.name)) {
                let message = format!("`{}` stands below itself", entry.name);
                let fault = crate::diagnostic::Diagnostic::error(source.path, message)
                    .placed(entry.place.clone())
                    .hint("leave out the `parent` of one of the terms above it");
                fields.diagnostics().push(fault);
            }
            if steps > terms.entries.len() {
                break;
            }
            above = terms.get(*taxonomy, parent).and_then(|entry| entry.parent.as_deref());
        }
    }
}

/// Both, unless it is said.
fn taxonomies(fields: &mut Fields<'_>) -> Vec<Taxonomy> {
    let both = vec![Taxonomy::Tags, Taxonomy::Categories];
    let Some(taken) = fields.text("taxonomy") else { return both };
    match taken.value.trim() {
        "tags" | "tag" => vec![Taxonomy::Tags],
        "categories" | "category" => vec![Taxonomy::Categories],
        other => {
            let message = format!("there is no taxonomy `{other}`");
            let hint = match other {
                "authors" | "author" => "what is to be said of an author stands in `[[authors]]`",
                _ => "known are `tags` and `categories`",
            };
            fields.report(taken.span, message, Some(hint.to_owned()));
            both
        }
    }
}

/// A part of an address, with what to write where it is none.
pub(super) fn slug(fields: &mut Fields<'_>, hint: &str) -> Option<String> {
    let taken = fields.text("slug")?;
    let slug = percent_decode(taken.value.trim());
    let is_name = !slug.is_empty()
        && !matches!(slug.as_str(), "." | "..")
        && !slug.contains(['/', '\\', '?', '#'])
        && !slug.chars().any(char::is_control);
    if !is_name {
        fields.report(taken.span, format!("`{slug}` cannot be a slug"), Some(hint.to_owned()));
        return None;
    }
    Some(slug)
}

pub(super) fn aliases(fields: &mut Fields<'_>) -> Vec<RedirectSource> {
    let mut aliases = Vec::new();
    for taken in fields.texts("aliases") {
        let read = RedirectSource::parse(&taken.value);
        let read = read.and_then(|source| match source.is_literal() {
            true => Ok(source),
            false => Err("write patterns as `[[redirects]]`".to_owned()),
        });
        match read {
            Ok(source) => aliases.push(source),
            Err(reason) => {
                fields.report(taken.span, format!("`aliases` cannot be `{}`", taken.value), Some(reason));
            }
        }
    }
    aliases
}

/// What other programs call these keys.
fn explain_foreign_key(key: &str) -> Option<String> {
    let hint = match key {
        "title" | "term" => "it is called `name` here",
        "kind" | "type" => "it is called `taxonomy` here: `tags` or `categories`",
        "summary" | "text" => "it is called `description` here",
        "path" | "url" => "write its last part as `slug`; what stands above it is its `parent`",
        _ => return None,
    };
    Some(hint.to_owned())
}
