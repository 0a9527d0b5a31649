//! What an engine's first pass collects: documents with their old addresses and new files, terms, files to copy, redirects.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::RangeInclusive;

use super::EngineSurvey;
use super::head::EngineHead;
use super::source_tree::SourceTree;
use crate::date::Date;
use crate::import::addresses::{AddressBook, Place};
use crate::import::model::{
    BlogFacts, Entry, EntryBody, EntryState, FileToCopy, FurtherKeys, LinkbackSwitch, RedirectFact, Survey,
    TermFact, TermKind,
};
use crate::import::naming::FileNames;
use crate::import::permalinks::{PermalinkSample, PermalinkVotes};
use crate::path::{SourcePath, UrlPath};
use crate::post::slug::slugify;

/// A text of the old site on its way: its head is read, its body is not.
#[derive(Debug, Clone)]
pub(super) struct EngineDocument {
    /// The file it stands in.
    pub(super) source: String,
    pub(super) body_at: usize,
    /// All keys of its head, for tags that show them.
    pub(super) head: EngineHead,
    pub(super) entry: Entry,
}

/// Whether a document stands in lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DocumentKind {
    Post,
    Page,
}

/// Whether a document has files of its own beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DocumentShape {
    File,
    Folder,
}

/// What decides where a document goes.
pub(super) struct DocumentPlan<'a> {
    pub(super) source: &'a str,
    pub(super) body_at: usize,
    pub(super) kind: DocumentKind,
    pub(super) state: EntryState,
    pub(super) shape: DocumentShape,
    /// The folder of the new file below `content/`, or below `content/pages/`.
    pub(super) folder: &'a str,
    pub(super) stem: &'a str,
    /// Where it stood, or would have stood.
    pub(super) address: Option<UrlPath>,
    /// What feeds called it; its address without one.
    pub(super) id: Option<String>,
    pub(super) date: Option<Date>,
}

/// More pages of one list are not named one by one.
const MOST_LIST_PAGES: usize = 500;

/// Collects what the first pass finds.
pub(super) struct SiteCollector<'a> {
    names: &'a mut FileNames,
    base_url: String,
    pub(super) book: AddressBook,
    documents: Vec<EngineDocument>,
    votes: PermalinkVotes,
    pub(super) redirects: Vec<RedirectFact>,
    files: Vec<FileToCopy>,
    terms: BTreeMap<TermKey, TermFact>,
    ids: HashMap<String, usize>,
    authors: BTreeSet<String>,
    /// Files that no address can be given to.
    refused: Vec<String>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct TermKey {
    kind: TermKind,
    slug: String,
}

impl<'a> SiteCollector<'a> {
    /// Collects for a site at an address.
    pub(super) fn new(base_url: &str, names: &'a mut FileNames) -> Self {
        Self {
            names,
            base_url: base_url.to_owned(),
            book: AddressBook::new(base_url),
            documents: Vec::new(),
            votes: PermalinkVotes::default(),
            redirects: Vec::new(),
            files: Vec::new(),
            terms: BTreeMap::new(),
            ids: HashMap::new(),
            authors: BTreeSet::new(),
            refused: Vec::new(),
        }
    }

    /// Makes the entry of a document, with the keys that all engines have.
    pub(super) fn entry(&mut self, plan: &DocumentPlan<'_>) -> Entry {
        let path = plan.address.as_ref().map(|address| address.encoded("")).unwrap_or_default();
        let told = plan.id.clone().filter(|id| !id.is_empty());
        let by_address = plan.address.is_some().then(|| format!("{}{path}", self.base_url));
        let id = self.unique_id(told.or(by_address).unwrap_or_else(|| plan.source.to_owned()));
        let above = match (plan.kind, &plan.state) {
            (DocumentKind::Page, _) => "content/pages",
            (DocumentKind::Post, EntryState::Public) => "content",
            (DocumentKind::Post, EntryState::Draft(_)) => "content/drafts",
        };
        let folder =
            if plan.folder.is_empty() { above.to_owned() } else { format!("{above}/{}", plan.folder) };
        let file = match plan.shape {
            DocumentShape::File => self.names.place(&id, &folder, plan.stem),
            DocumentShape::Folder => self.names.place_folder(&id, &folder, plan.stem),
        };
        if let Some(address) = &plan.address {
            self.book.add(address.as_str(), address);
            self.book.add_file(address, &file);
        }
        Entry {
            name: format!("`{}`", plan.source),
            state: plan.state.clone(),
            title: String::new(),
            date: plan.date.map(|date| date.to_text()).filter(|_| plan.kind == DocumentKind::Post),
            updated: None,
            address: plan.address.clone(),
            id,
            aliases: Vec::new(),
            categories: Vec::new(),
            tags: Vec::new(),
            series: None,
            authors: Vec::new(),
            language: None,
            summary: None,
            description: None,
            image: None,
            link: None,
            accepts_linkbacks: LinkbackSwitch::Open,
            body: EntryBody::Markdown(String::new()),
            place: Place::of(&format!("{}{path}", self.base_url)),
            responses: Vec::new(),
            remarks: Vec::new(),
            more: FurtherKeys::default(),
            file,
        }
    }

    /// Feeds and a second run know an entry by its id, which no two may have.
    fn unique_id(&mut self, id: String) -> String {
        let count = self.ids.entry(id.clone()).or_default();
        *count += 1;
        if *count == 1 { id } else { format!("{id}#{count}") }
    }

    /// Takes an entry whose keys are complete.
    pub(super) fn add(&mut self, plan: &DocumentPlan<'_>, head: EngineHead, entry: Entry) {
        if let (Some(address), Some(date), DocumentKind::Post) = (&plan.address, plan.date, plan.kind) {
            let day = date.day().format("%Y-%m-%d").to_string();
            let category = entry.categories.first().map(|name| slugify(name));
            let slug = slugify(crate::date::day_in_name(plan.stem).map_or(plan.stem, |(_, rest)| rest));
            self.votes.add(&PermalinkSample {
                path: address.as_str(),
                date: &day,
                slug: &slug,
                category: category.as_deref(),
            });
        }
        self.authors.extend(entry.authors.iter().cloned());
        let (source, body_at) = (plan.source.to_owned(), plan.body_at);
        self.documents.push(EngineDocument { source, body_at, head, entry });
    }

    /// Notes another spelling of an address that is known.
    pub(super) fn also_at(&mut self, spelling: &str, address: &UrlPath) {
        self.book.add(spelling, address);
    }

    /// Notes a tag or category of an entry that is shown.
    pub(super) fn use_term(&mut self, kind: TermKind, name: &str, slug: &str) {
        let key = TermKey { kind, slug: slug.to_owned() };
        self.terms.entry(key).or_insert_with(|| TermFact {
            kind,
            name: name.to_owned(),
            slug: slug.to_owned(),
            is_used: true,
            ..TermFact::default()
        });
    }

    /// A file of the old site that keeps its address, given as a path below the top.
    pub(super) fn keep_file(&mut self, tree: &SourceTree, source: &str, address: &str) {
        let address = UrlPath::new(address);
        let to = address.as_ref().and_then(|address| SourcePath::new(&format!("static{}", address.as_str())));
        let (Some(address), Some(to)) = (address, to) else {
            self.refused.push(source.to_owned());
            return;
        };
        self.book.add(address.as_str(), &address);
        self.files.push(FileToCopy { from: tree.full_path(source), to, address: Some(address) });
    }

    /// A file that belongs to a document which is a folder; `name` is its path there.
    pub(super) fn keep_beside(&mut self, tree: &SourceTree, source: &str, owner: &Entry, name: &str) {
        let Some(to) = SourcePath::new(&format!("{}/{name}", owner.file.folder())) else {
            self.refused.push(source.to_owned());
            return;
        };
        let address = owner.address.as_ref().and_then(|address| {
            let folder = address.as_str().rsplit_once('/').map_or("", |(folder, _)| folder);
            UrlPath::new(&format!("{folder}/{name}"))
        });
        if let Some(address) = &address {
            self.book.add(address.as_str(), address);
            self.book.add_file(address, &to);
        }
        self.files.push(FileToCopy { from: tree.full_path(source), to, address });
    }

    /// An old address that belongs to no document.
    pub(super) fn redirect(&mut self, from: &str, to: &str) {
        if let Some(target) = UrlPath::new(to) {
            self.book.add(from, &target);
        }
        self.redirects.push(RedirectFact::of_address(from, to));
    }

    /// The further pages of a list. What stood on each stands on others now, so they lead to its first.
    pub(super) fn redirect_pages(
        &mut self,
        list: &str,
        pages: RangeInclusive<usize>,
        address: &dyn Fn(usize) -> String,
    ) {
        for page in pages.take(MOST_LIST_PAGES) {
            self.redirect(&address(page), list);
        }
    }

    /// The further pages of all lists below the first, in a folder of this name: `/tags/oil/page/2/`.
    pub(super) fn redirect_pages_below(&mut self, folder: &str) {
        self.redirects.push(RedirectFact::of_pattern(&format!("/*/{folder}/:number/"), "/*/"));
        self.redirects.push(RedirectFact::of_pattern(&format!("/{folder}/:number/"), "/"));
    }

    /// How many posts stand in lists.
    pub(super) fn listed_posts(&self) -> usize {
        let entries = self.documents.iter().map(|document| &document.entry);
        entries.filter(|entry| entry.state == EntryState::Public && entry.date.is_some()).count()
    }

    pub(super) fn documents(&self) -> &[EngineDocument] {
        &self.documents
    }

    pub(super) fn documents_mut(&mut self) -> &mut [EngineDocument] {
        &mut self.documents
    }

    /// The survey of the site. An author that all entries share is the site's.
    pub(super) fn finish(mut self, mut blog: BlogFacts) -> EngineSurvey {
        blog.base_url = self.base_url;
        blog.permalink = self.votes.winner().unwrap_or_default().to_owned();
        let shared = self.authors.first().filter(|_| self.authors.len() == 1);
        if blog.author.is_none() || shared == blog.author.as_ref() {
            blog.author = blog.author.or_else(|| shared.cloned());
            for document in &mut self.documents {
                if document.entry.authors.first() == blog.author.as_ref() && document.entry.authors.len() == 1
                {
                    document.entry.authors.clear();
                }
            }
        }
        blog.terms = self.terms.into_values().collect();
        let survey = Survey {
            blog,
            book: self.book,
            redirects: self.redirects,
            files: self.files,
            ..Survey::default()
        };
        EngineSurvey { survey, documents: self.documents, refused: self.refused }
    }
}

/// A head that cannot be read is a part of the text, and what it says of the entry is not known.
pub(super) fn keep_unread_head(entry: &mut Entry, head: &EngineHead) {
    if let Some(fault) = &head.fault {
        entry.remarks.push(format!("the front matter cannot be read, and is part of the text: {fault}"));
        entry.state = EntryState::Draft("its front matter cannot be read");
    }
}

/// Addresses that are old spellings of an entry: its aliases.
pub(super) fn add_aliases(entry: &mut Entry, written: impl IntoIterator<Item = String>) {
    for alias in written {
        match UrlPath::new(&alias) {
            Some(path) if Some(&path) == entry.address.as_ref() => {}
            Some(path) if entry.aliases.contains(&path) => {}
            Some(path) => entry.aliases.push(path),
            None => entry.remarks.push(format!("an old address that cannot be one: `{alias}`")),
        }
    }
}
