//! `[[authors]]`: what the site says of the people who write it, and whether they have pages.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde::Serialize;

use crate::config::redirects::RedirectSource;
use crate::config::terms::{aliases, slug};
use crate::config::{Author, author_fields};
use crate::diagnostic::{Location, Severity};
use crate::path::fold_name;
use crate::spanned::{Fields, SourceText};

/// Whether each author has a page with their posts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum AuthorPages {
    /// If the posts have several authors.
    Auto,
    /// Also if there is only one.
    Always,
    /// There are no such pages.
    Never,
}

impl AuthorPages {
    /// All of them, by their names in the settings.
    pub(crate) const ALL: [(&str, Self); 3] =
        [("auto", Self::Auto), ("always", Self::Always), ("never", Self::Never)];
}

/// What the settings say of an author.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AuthorEntry {
    /// The person, with addresses as they are written.
    pub author: Author,
    /// The segment in the address of their page, if it is not made of the name. Posts may write it for the name.
    pub slug: Option<String>,
    /// Plain text for their page.
    pub description: String,
    /// Old addresses of their page.
    pub aliases: Vec<RedirectSource>,
    /// Where the name is written.
    #[serde(skip)]
    pub place: Option<Location>,
}

/// What the settings say of all authors.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct AuthorEntries {
    /// By folded name.
    entries: BTreeMap<String, AuthorEntry>,
}

impl AuthorEntries {
    /// What is said of an author, by name or slug.
    pub fn get(&self, written: &str) -> Option<&AuthorEntry> {
        // Most sites have none, and every post asks for its authors.
        if self.is_empty() {
            return None;
        }
        self.entries
            .get(&fold_name(written))
            .or_else(|| self.all().find(|entry| entry.slug.as_deref() == Some(written)))
    }

    /// Whether nothing is said of anyone.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// All entries, by name.
    pub fn all(&self) -> impl Iterator<Item = &AuthorEntry> {
        self.entries.values()
    }
}

impl AuthorEntry {
    /// The person as a post or the settings write them, with what the entry says besides.
    pub(super) fn complete(&self, author: Author) -> Author {
        let known = &self.author;
        Author {
            name: known.name.clone(),
            url: author.url.or_else(|| known.url.clone()),
            photo: author.photo.or_else(|| known.photo.clone()),
            email: author.email.or_else(|| known.email.clone()),
        }
    }
}

/// Reads the tables.
pub(super) fn read(source: SourceText<'_>, fields: &mut Fields<'_>) -> AuthorEntries {
    let mut authors = AuthorEntries::default();
    for table in fields.tables("authors") {
        let mut inner = Fields::new(source, "authors.", table.value, fields.diagnostics());
        let name = inner.text("name").filter(|name| !name.value.trim().is_empty());
        let details = author_fields(&mut inner);
        let slug = slug(&mut inner, "write one part of an address");
        let description =
            inner.text("description").map(|taken| taken.value.trim().to_owned()).unwrap_or_default();
        let aliases = aliases(&mut inner);
        inner.finish(Severity::Error, explain_foreign_key);
        let Some(name) = name else {
            fields.report(table.span, "an entry of `authors` needs a `name`", None);
            continue;
        };
        let author = Author { name: name.value.trim().to_owned(), ..details };
        match authors.entries.entry(fold_name(&author.name)) {
            Entry::Vacant(free) => {
                let place = Some(Location::of(source.text, name.span));
                free.insert(AuthorEntry { author, slug, description, aliases, place });
            }
            Entry::Occupied(_) => {
                let message = format!("`{}` stands twice among the authors", author.name);
                fields.report(name.span, message, Some("leave one of the two out".to_owned()));
            }
        }
    }
    authors
}

/// What other programs call these keys.
fn explain_foreign_key(key: &str) -> Option<String> {
    let hint = match key {
        "title" | "display_name" => "it is called `name` here",
        "bio" | "note" | "about" | "summary" | "text" => "it is called `description` here",
        "link" | "website" | "homepage" | "uri" => "it is called `url` here",
        "avatar" | "image" | "image_url" | "picture" => "it is called `photo` here",
        "mail" => "it is called `email` here",
        "id" | "key" | "login" | "username" | "path" => "it is called `slug` here",
        _ => return None,
    };
    Some(hint.to_owned())
}
