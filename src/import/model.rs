//! What every format is read into: a blog, its entries and their responses.

use std::path::PathBuf;

use super::addresses::{AddressBook, Place};
use super::export_files::ExportFile;
use crate::linkback::{LinkbackKind, Relation};
use crate::path::{SourcePath, UrlPath};

/// What a blog says about itself, as far as its export has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct BlogFacts {
    pub(super) title: String,
    pub(super) description: String,
    /// With scheme, without a slash at the end.
    pub(super) base_url: String,
    /// BCP 47 tag; empty if it is not known.
    pub(super) language: String,
    /// The name of its time zone.
    pub(super) timezone: String,
    /// The pattern that most addresses of posts follow.
    pub(super) permalink: String,
    /// Where tags and categories had their pages.
    pub(super) tag_folder: String,
    pub(super) category_folder: String,
    /// Where authors had their pages, if there are several authors.
    pub(super) author_folder: String,
    /// Those who wrote, if there are several.
    pub(super) authors: Vec<AuthorFact>,
    pub(super) menu: Vec<MenuFact>,
    pub(super) terms: Vec<TermFact>,
    /// Whether it has the addresses of feeds and lists that WordPress has.
    pub(super) has_wordpress_feeds: bool,
    /// The one author of all, if there is only one.
    pub(super) author: Option<String>,
    pub(super) copyright: String,
    pub(super) markdown: MarkdownSettings,
}

/// How the old engine read Markdown, where that differs from what a new site does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct MarkdownSettings {
    pub(super) smart_punctuation: bool,
    pub(super) math: bool,
    pub(super) autolink: bool,
}

impl Default for MarkdownSettings {
    fn default() -> Self {
        Self { smart_punctuation: true, math: true, autolink: false }
    }
}

/// An entry of the navigation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MenuFact {
    pub(super) name: String,
    pub(super) url: String,
}

/// One of several authors.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct AuthorFact {
    pub(super) name: String,
    pub(super) slug: String,
    pub(super) url: String,
    pub(super) photo: String,
    pub(super) description: String,
}

/// A tag or category.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct TermFact {
    pub(super) kind: TermKind,
    pub(super) name: String,
    pub(super) slug: String,
    /// The slug of the one above it.
    pub(super) parent: String,
    pub(super) description: String,
    /// Whether a published entry has it, or one below it.
    pub(super) is_used: bool,
}

impl BlogFacts {
    /// The path of a term below its folder: `lamps/oil-lamps`.
    pub(super) fn term_path(&self, term: &TermFact) -> String {
        let mut path = term.slug.clone();
        for above in self.terms_above(term) {
            path = format!("{}/{path}", above.slug);
        }
        path
    }

    /// The terms above one, the nearest first.
    pub(super) fn terms_above(&self, term: &TermFact) -> Vec<&TermFact> {
        let mut above: Vec<&TermFact> = Vec::new();
        let mut parent = &term.parent;
        while let Some(next) =
            self.terms.iter().find(|other| other.kind == term.kind && other.slug == *parent)
        {
            // A tree that goes in circles ends where it closes.
            if next.slug == term.slug || above.iter().any(|known| known.slug == next.slug) {
                break;
            }
            above.push(next);
            parent = &next.parent;
        }
        above
    }
}

/// What a term is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum TermKind {
    #[default]
    Tag,
    Category,
}

/// What is known before the entries are read: where everything was, and where it will be.
#[derive(Debug, Default)]
pub(super) struct Survey {
    pub(super) blog: BlogFacts,
    pub(super) book: AddressBook,
    /// Old addresses that lead on and belong to no post.
    pub(super) redirects: Vec<RedirectFact>,
    /// Short addresses that lead to what the book has for them.
    pub(super) short_addresses: Vec<ShortAddress>,
    /// Addresses of lists and feeds that the old blog had.
    pub(super) old_lists: Vec<String>,
    /// Files that belong to `static/`: their path there, as the old blog has it.
    pub(super) media: Vec<String>,
    /// Files that are in the export itself.
    pub(super) packed: Vec<PackedFile>,
    /// The folder of the old blog that `--uploads` is.
    pub(super) media_folder: String,
    /// Files of the old site that are copied as they are.
    pub(super) files: Vec<FileToCopy>,
    pub(super) address_knowledge: AddressKnowledge,
}

/// How much of the old site's addresses its source tells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum AddressKnowledge {
    /// Plugins, themes or other programs may have made pages that it does not name.
    #[default]
    Some,
    /// A link to any other address led nowhere on the old site either.
    All,
}

/// A file of the old site, and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FileToCopy {
    pub(super) from: PathBuf,
    /// Below the folder of the new site.
    pub(super) to: SourcePath,
    /// Where readers find it.
    pub(super) address: Option<UrlPath>,
}

/// A file of the old blog that is in its export.
#[derive(Debug)]
pub(super) struct PackedFile {
    /// Where it will stand below `static`, with a slash before it.
    pub(super) path: String,
    pub(super) file: ExportFile,
}

/// An old address that leads on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RedirectFact {
    /// Below the blog's address, with a query if it has one; as `[[redirects]]` has it.
    pub(super) from: String,
    pub(super) to: String,
}

impl RedirectFact {
    /// For one address, in which `*` and `:name` mean themselves.
    pub(super) fn of_address(from: &str, to: &str) -> Self {
        let from = from.replace('*', "%2A").replace("/:", "/%3A");
        Self { from, to: to.to_owned() }
    }

    /// For all addresses of a pattern.
    pub(super) fn of_pattern(from: &str, to: &str) -> Self {
        Self { from: from.to_owned(), to: to.to_owned() }
    }

    pub(super) fn is_pattern(&self) -> bool {
        self.from.contains('*') || self.from.contains("/:")
    }
}

/// An address of WordPress by an id: `/?p=101`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ShortAddress {
    /// The name of the parameter.
    pub(super) query: &'static str,
    pub(super) id: u64,
}

/// A post or page on its way.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// Where it will stand.
    pub(super) file: SourcePath,
    /// What it is called in the report: `post 101`.
    pub(super) name: String,
    pub(super) state: EntryState,
    /// Plain text; empty if it has none.
    pub(super) title: String,
    /// As front matter has it: `2019-03-31T00:40:00+01:00`.
    pub(super) date: Option<String>,
    pub(super) updated: Option<String>,
    /// Where it stood, below the blog's address.
    pub(super) address: Option<UrlPath>,
    pub(super) id: String,
    pub(super) aliases: Vec<UrlPath>,
    pub(super) categories: Vec<String>,
    pub(super) tags: Vec<String>,
    pub(super) series: Option<String>,
    pub(super) authors: Vec<String>,
    pub(super) language: Option<String>,
    /// HTML.
    pub(super) summary: Option<String>,
    pub(super) description: Option<String>,
    pub(super) image: Option<String>,
    pub(super) link: Option<String>,
    pub(super) accepts_linkbacks: LinkbackSwitch,
    pub(super) body: EntryBody,
    /// Where it stood.
    pub(super) place: Place,
    pub(super) responses: Vec<ImportedResponse>,
    /// What a reader of the report has to know of it.
    pub(super) remarks: Vec<String>,
    pub(super) more: FurtherKeys,
}

/// Keys of front matter that only engines with files have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct FurtherKeys {
    /// Markdown.
    pub(super) summary: String,
    /// What the picture of the entry shows.
    pub(super) image_alt: String,
    /// As front matter has it.
    pub(super) expires: Option<String>,
    /// Before when it is not shown, besides its date.
    pub(super) not_before: Option<String>,
    /// Whether it stands above the list of posts.
    pub(super) is_pinned: bool,
    /// Keys of the site's own, with the table that they stand in, as TOML.
    pub(super) extra: String,
}

/// Whether a post accepts linkbacks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum LinkbackSwitch {
    #[default]
    Open,
    Closed,
}

/// Whether an entry is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum EntryState {
    /// Shown, or waiting for its date.
    Public,
    /// Not shown, and why.
    Draft(&'static str),
}

/// The text of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum EntryBody {
    /// HTML as the old blog showed it.
    Html(String),
    /// Markdown, which stays.
    Markdown(String),
}

/// What another person wrote about an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ImportedResponse {
    pub(super) kind: LinkbackKind,
    pub(super) relation: Option<Relation>,
    pub(super) id: String,
    pub(super) parent: Option<String>,
    /// The anchor it had on the old page.
    pub(super) anchor: Option<String>,
    pub(super) source: String,
    pub(super) title: String,
    pub(super) site: String,
    pub(super) author: String,
    pub(super) author_url: String,
    /// HTML of a comment.
    pub(super) content: String,
    /// Plain text of a linkback.
    pub(super) excerpt: String,
    /// As back matter has it.
    pub(super) published: Option<String>,
    pub(super) state: ResponseState,
}

impl ImportedResponse {
    /// An approved comment of which nothing is known but its id.
    pub(super) fn comment(id: &str) -> Self {
        Self {
            kind: LinkbackKind::Comment,
            relation: None,
            id: id.to_owned(),
            parent: None,
            anchor: None,
            source: String::new(),
            title: String::new(),
            site: String::new(),
            author: String::new(),
            author_url: String::new(),
            content: String::new(),
            excerpt: String::new(),
            published: None,
            state: ResponseState::Approved,
        }
    }
}

/// A name without addresses of mail, which are never written: of one that is an address, the part before its host.
pub(super) fn without_mail(name: &str) -> String {
    let is_mail = |word: &str| {
        let word = word.trim_matches(['<', '>', '(', ')']);
        let host = word.split_once('@').filter(|(user, _)| !user.is_empty()).map(|(_, host)| host);
        host.is_some_and(|host| host.contains('.') && !host.contains(['@', '/']))
    };
    if !name.contains('@') {
        return name.to_owned();
    }
    let words: Vec<&str> = name.split_whitespace().collect();
    let kept: Vec<&str> = words.iter().copied().filter(|word| !is_mail(word)).collect();
    match (kept.is_empty(), words.first()) {
        (true, Some(mail)) => mail.trim_matches(['<', '(']).split('@').next().unwrap_or_default().to_owned(),
        _ => kept.join(" "),
    }
}

/// Whether a response is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ResponseState {
    Approved,
    /// Waits for approval.
    Held,
    /// Thrown away.
    Binned,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_no_addresses_of_mail() {
        for (name, expected) in [
            ("Maud Ash", "Maud Ash"),
            ("maud@quay.example", "maud"),
            ("Maud <maud@quay.example>", "Maud"),
            ("@maud", "@maud"),
            ("@maud@quay.example", "@maud@quay.example"),
            ("a @ b", "a @ b"),
        ] {
            assert_eq!(without_mail(name), expected, "{name}");
        }
    }
}
