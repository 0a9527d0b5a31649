//! A post: from the text of a file to its head and its body.
//!
//! [`parse`] is pure. The [`Post`] is the *head*: everything that any page but the post's own may show.
//! The [`Body`] is what only its own page and the feeds print. So an edited body makes no other page
//! stale. A post knows no other post; links between them stay symbolic until a page is rendered.

pub(crate) mod attribution;
pub(crate) mod front_matter;
pub(crate) mod highlight;
pub(crate) mod markdown;
pub(crate) mod math;
pub(crate) mod quote;
pub(crate) mod slug;
pub(crate) mod text_fragment;

use chrono::Datelike;
use serde::{Deserialize, Serialize};

use crate::config::terms::Taxonomy;
use crate::config::{Config, PermalinkPart};
use crate::date::{self, Date};
use crate::diagnostic::Diagnostic;
use crate::hash::Hash;
use crate::html;
use crate::path::{SourcePath, UrlPath};
use crate::post::front_matter::{FrontMatter, Overrides};
use crate::post::markdown::Body;
use crate::post::quote::Quote;
use crate::post::slug::{fitting, slugify, term_path};
use crate::spanned::SourceText;

/// The folder of the posts.
pub(crate) const CONTENT: &str = "content";

/// Whether a file lies where Jekyll and Hexo keep drafts.
pub(crate) fn is_in_drafts(path: &SourcePath) -> bool {
    path.folder().split('/').any(|folder| ["_drafts", "_draft"].contains(&folder))
}

/// What a file in `content/` becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// It has a date: it stands in lists, archives and feeds.
    Post,
    /// It has none: it stands at its address and nowhere else.
    Page,
}

/// Everything about a post but its body.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Post {
    pub path: SourcePath,
    /// The fingerprint of the whole file.
    pub hash: Hash,
    pub kind: Kind,
    /// The keys of its front matter that are kept as they are written.
    pub front: FrontMatter,
    /// What identifies it for ever: the front matter's `id`, else the file's path without `content/` and extension.
    pub id: String,
    pub url: UrlPath,
    /// Its title; empty for an untitled note.
    pub title: String,
    /// When it was published. Every [`Kind::Post`] has a date.
    pub date: Option<Date>,
    /// What lists show of it.
    pub summary_html: String,
    /// Whether it has more than its summary.
    pub has_more: bool,
    /// Plain text: what it is about.
    pub description: String,
    /// Words in the body.
    pub words: usize,
    /// Minutes a reader needs, at least 1 if there are words.
    pub minutes: usize,
    pub headings: Vec<Heading>,
    /// The reports it quotes, in order.
    pub quotes: Vec<Quote>,
    /// Where it links to, in order.
    pub links: Vec<Link>,
    /// Anchors in its raw HTML.
    pub anchors: Vec<String>,
    /// Files of the site that it shows as pictures.
    pub pictures: Vec<SourcePath>,
    /// Files of the site that it names otherwise.
    pub linked_files: Vec<SourcePath>,
}

/// A heading of a post.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Heading {
    /// 1 to 6.
    pub level: u8,
    pub id: String,
    /// Its text as HTML without links.
    pub title_html: String,
}

/// A link in a post, and its place for the message if it leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Link {
    pub target: Target,
    pub written: String,
    /// From 1.
    pub line: u32,
    /// In characters, from 1.
    pub column: u32,
}

impl Link {
    /// Where it stands: its line and its column, each from 1.
    pub fn position(&self) -> (usize, usize) {
        (self.line as usize, self.column as usize)
    }

    /// What it says, wherever it stands.
    fn destination(&self) -> (&Target, &str) {
        (&self.target, &self.written)
    }
}

/// Where a link leads.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Target {
    /// Another post by its file, and the anchor in it without `#`; empty if none.
    Post(SourcePath, String),
    /// A file beside the post, or below it.
    File(SourcePath),
    /// An address on this site, and the anchor without `#`.
    Address(UrlPath, String),
    /// An anchor of the post itself.
    Anchor(String),
    /// Another site.
    External(String),
}

/// What became of a file.
pub struct Parsed {
    /// The post and its body; none if its front matter cannot be read.
    pub post: Option<(Post, Body)>,
    pub diagnostics: Vec<Diagnostic>,
}

/// The fingerprint of the settings that decide how a post is parsed. Heads are kept from build to build
/// as long as it stays the same.
pub(crate) fn settings_fingerprint(config: &Config) -> Hash {
    Hash::of_value(&(
        &config.permalink,
        &config.terms,
        config.timezone.name(),
        &config.markdown,
        config.base_path(),
        &config.language,
        highlight::VERSION,
    ))
}

/// The text of a file, or why it is none.
pub fn text_of<'b>(path: &SourcePath, bytes: &'b [u8]) -> Result<&'b str, Box<Diagnostic>> {
    let (valid, fault) = match std::str::from_utf8(bytes) {
        Ok(text) => match text.find('\0') {
            Some(at) => (&text[..at], "this is not text: it holds a NUL byte"),
            None => return Ok(text),
        },
        Err(error) => {
            let valid = std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default();
            (valid, "this is not UTF-8 text")
        }
    };
    let shown = with_marks(valid, &bytes[valid.len()..]);
    Err(Box::new(
        Diagnostic::error(path.as_str(), fault)
            .at(&shown, valid.len()..valid.len() + UNREADABLE.len_utf8())
            .hint("save the file as UTF-8, or move it to `static/` if it is not a post"),
    ))
}

/// Stands for bytes that are not text.
const UNREADABLE: char = char::REPLACEMENT_CHARACTER;

/// Text and the rest of its last line, in which one mark stands for as many bytes as cannot be read.
fn with_marks(valid: &str, rest: &[u8]) -> String {
    // Much more than a terminal shows; a file may be one line of a gigabyte.
    let rest = &rest[..rest.len().min(400)];
    let line = rest.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let mut text = valid.to_owned();
    for char in String::from_utf8_lossy(line).replace('\0', "\u{fffd}").chars() {
        if char != UNREADABLE || !text.ends_with(UNREADABLE) {
            text.push(char);
        }
    }
    text
}

/// Parses a file of `content/`.
pub fn parse(path: &SourcePath, text: &str, config: &Config) -> Parsed {
    let source = SourceText { path: path.as_str(), text };
    let split = match front_matter::split(source) {
        Ok(split) => split,
        Err(diagnostics) => return Parsed { post: None, diagnostics },
    };
    let mut diagnostics: Vec<Diagnostic> = split.remark.into_iter().collect();
    // A text whose front matter was not recognised would be published with it.
    if split.table.is_empty() {
        diagnostics.extend(front_matter::overlooked(source, split.body));
    }
    let (front, mut overrides) = front_matter::read(source, split.table, config, &mut diagnostics);
    let options = markdown::Options {
        config,
        language: front.language.as_deref().unwrap_or(&config.language),
        stored: &overrides.quotes,
        summary: overrides.summary.as_deref(),
        take_title: overrides.title.is_none(),
    };
    let document = markdown::parse(path, text, split.body, &options, &mut diagnostics);
    // Before the address is made, as a permalink may hold the title.
    if overrides.title.is_none() {
        overrides.title.clone_from(&document.title);
    }
    let list_key = overrides.list_key.take();
    let (post, body) = assemble(path, text, front, overrides, document, config);
    if post.kind == Kind::Post && post.title.is_empty() && post.words == 0 {
        let fault = Diagnostic::warning(path.as_str(), "the post has neither a title nor any text")
            .hint("add `title = \"…\"` to its front matter");
        diagnostics.push(fault);
    }
    post.diagnose_address(&mut diagnostics);
    if let Some(place) = list_key.filter(|_| !post.is_front_page()) {
        let fault = Diagnostic::warning(path.as_str(), "`list` has a meaning at the address `/` only");
        diagnostics.push(fault.at(text, place).hint("leave it out"));
    }
    Parsed { post: Some((post, body)), diagnostics }
}

fn assemble(
    path: &SourcePath,
    text: &str,
    front: FrontMatter,
    overrides: Overrides,
    document: markdown::MarkdownDocument,
    config: &Config,
) -> (Post, Body) {
    let front = FrontMatter { draft: front.draft || is_in_drafts(path), ..front };
    let place = Place::of(path);
    let date = if place.is_page {
        // A page has a date only if it is given: figures in its address mean something else.
        overrides.date
    } else {
        overrides.date.or_else(|| {
            // The address that readers see counts more than the name of the file.
            let in_address =
                overrides.path.as_ref().and_then(|url| date::day_in_path(url.as_str().trim_matches('/')));
            let (year, month, day) = in_address.or_else(|| date::day_in_path(&place.id))?;
            Date::of_day(year, month, day, config.timezone)
        })
    };
    let kind = if place.is_page || date.is_none() { Kind::Page } else { Kind::Post };
    let title = overrides.title.unwrap_or_default();
    let id = overrides.id.unwrap_or_else(|| place.id.clone());
    let url = overrides.path.unwrap_or_else(|| {
        let named = Named {
            slug: overrides.slug.as_deref(),
            title: &title,
            id: &id,
            category: front.categories.first().map(String::as_str),
            language: front.language.as_deref().unwrap_or(&config.language),
        };
        match (kind, date) {
            (Kind::Post, Some(date)) => post_url(config, &date, &named, &place),
            _ => page_url(&named, &place),
        }
    });
    let description = match overrides.description {
        Some(description) => html::fold_white_space(&description),
        None => html::shorten(&document.description, 200),
    };
    let post = Post {
        path: path.clone(),
        hash: Hash::of(text.as_bytes()),
        kind,
        front,
        id,
        url,
        title,
        date,
        summary_html: document.summary_html,
        has_more: document.has_more,
        description,
        words: document.words,
        minutes: document.minutes,
        headings: document.headings,
        quotes: document.quotes,
        links: document.links,
        anchors: document.anchors,
        pictures: document.pictures,
        linked_files: document.linked_files,
    };
    (post, document.body)
}

impl Post {
    /// The title, or for an untitled note its first words.
    pub fn label(&self) -> String {
        if !self.title.is_empty() {
            return self.title.clone();
        }
        // A note that is only a quote has no description.
        let words = match self.quotes.first() {
            Some(quote) if self.description.is_empty() => html::plain_text(&quote.text_html),
            _ => self.description.clone(),
        };
        if words.is_empty() { self.url.as_str().to_owned() } else { html::shorten(&words, 60) }
    }

    /// Whether its date is still to come.
    pub fn is_future(&self, now: Date) -> bool {
        self.appears().is_some_and(|date| date.time() > now.time())
    }

    /// From when it is shown, if it has a date.
    pub fn appears(&self) -> Option<Date> {
        [self.date, self.front.not_before].into_iter().flatten().max_by_key(Date::time)
    }

    /// Whether it has expired.
    pub fn has_expired(&self, now: Date) -> bool {
        self.front.expires.is_some_and(|expires| expires.time() <= now.time())
    }

    /// Whether a link can lead to `#anchor` in it.
    pub fn has_anchor(&self, anchor: &str) -> bool {
        anchor.is_empty()
            || anchor.starts_with(":~:")
            || ["fn-", "fnref-", "linkback-"].iter().any(|prefix| anchor.starts_with(prefix))
            || self.headings.iter().any(|heading| heading.id == anchor)
            || self.quotes.iter().any(|quote| quote.anchor == anchor)
            || self.anchors.iter().any(|known| known == anchor)
    }

    /// Whether a site's tables and the checks of its links say the same of both: then one can take the place of the
    /// other without assembling the site again. What the tables do not know is named here; all else counts.
    pub fn stands_like(&self, other: &Self) -> bool {
        let in_tables = Self {
            hash: other.hash,
            title: other.title.clone(),
            summary_html: other.summary_html.clone(),
            has_more: other.has_more,
            description: other.description.clone(),
            words: other.words,
            minutes: other.minutes,
            headings: other.headings.clone(),
            quotes: other.quotes.clone(),
            links: other.links.clone(),
            front: FrontMatter {
                updated: other.front.updated,
                extra: other.front.extra.clone(),
                ..self.front.clone()
            },
            ..self.clone()
        };
        in_tables == *other
            && self.heading_ids().eq(other.heading_ids())
            && self.quotes.iter().map(Quote::place).eq(other.quotes.iter().map(Quote::place))
            && self.checked_links().map(Link::destination).eq(other.checked_links().map(Link::destination))
    }

    fn heading_ids(&self) -> impl Iterator<Item = &str> {
        self.headings.iter().map(|heading| heading.id.as_str())
    }

    /// Links inside the site, whose targets are checked.
    pub fn checked_links(&self) -> impl Iterator<Item = &Link> {
        self.links.iter().filter(|link| !matches!(link.target, Target::External(_)))
    }

    /// Whether its address is that of the site, so that it is the front page's own text.
    pub fn is_front_page(&self) -> bool {
        self.kind == Kind::Page && self.url.as_str() == "/"
    }

    fn diagnose_address(&self, diagnostics: &mut Vec<Diagnostic>) {
        if self.front.aliases.contains(&self.url) {
            let fault = Diagnostic::warning(
                self.path.as_str(),
                format!("`{}` is both its address and an alias", self.url),
            )
            .hint("leave the alias out");
            diagnostics.push(fault);
        }
    }
}

/// What a file's place in `content/` says.
struct Place {
    /// `2016/aleppo`: without `content/`, extension and `/index`.
    id: String,
    /// The last part of the id, without a date at its start.
    name: String,
    /// The folders before the name, without `pages/` at their start.
    folder: String,
    /// Whether it lies in `content/pages/`.
    is_page: bool,
}

impl Place {
    fn of(path: &SourcePath) -> Self {
        let relative = path.below(CONTENT).unwrap_or(path.as_str());
        let without_extension = relative.rsplit_once('.').map_or(relative, |(stem, _)| stem);
        // The index of all pages is that of the site: it belongs to the front page.
        let id = match without_extension {
            "pages/index" => without_extension,
            other => other.strip_suffix("/index").unwrap_or(other),
        };
        let (folder, last) = id.rsplit_once('/').unwrap_or(("", id));
        let is_page = relative.starts_with("pages/");
        let folder = if folder == "pages" { "" } else { folder.strip_prefix("pages/").unwrap_or(folder) };
        let name = match date::day_in_name(last) {
            Some((_, rest)) if !is_page && !rest.is_empty() => rest,
            _ => last,
        };
        Self { id: id.to_owned(), name: name.to_owned(), folder: folder.to_owned(), is_page }
    }

    /// The folders of an address. Jekyll's `_posts` is never part of one.
    fn folder_slugs(&self) -> Vec<String> {
        let folders = self.folder.split('/').filter(|folder| !folder.is_empty() && *folder != "_posts");
        folders.map(slug_of_name).collect()
    }
}

/// What a post can be called in its address.
struct Named<'a> {
    slug: Option<&'a str>,
    title: &'a str,
    id: &'a str,
    category: Option<&'a str>,
    language: &'a str,
}

/// The segment that stands for no category, as WordPress has it.
const UNCATEGORIZED: &str = "uncategorized";

fn post_url(config: &Config, date: &Date, named: &Named<'_>, place: &Place) -> UrlPath {
    let day = date.day();
    let mut url = String::new();
    for part in config.permalink.parts() {
        match part {
            PermalinkPart::Literal(literal) => url.push_str(literal),
            PermalinkPart::Year => url.push_str(&format!("{:04}", day.year())),
            PermalinkPart::Month => url.push_str(&format!("{:02}", day.month())),
            PermalinkPart::Day => url.push_str(&format!("{:02}", day.day())),
            PermalinkPart::Slug => url.push_str(&slug_of(named, place)),
            PermalinkPart::Title => {
                let title = fitting(slugify(named.title));
                url.push_str(&if title.is_empty() { slug_of(named, place) } else { title });
            }
            PermalinkPart::Id => url.push_str(&fitting(slugify(named.id))),
            PermalinkPart::Language => url.push_str(&slugify(named.language)),
            PermalinkPart::Folder => url.push_str(&place.folder_slugs().join("/")),
            PermalinkPart::Section => url.push_str(place.folder_slugs().first().map_or("", String::as_str)),
            PermalinkPart::Category => url.push_str(&category_slug(config, named)),
            PermalinkPart::Categories => match named.category {
                Some(name) => url.push_str(&term_path(&config.terms, Taxonomy::Categories, name)),
                None => url.push_str(UNCATEGORIZED),
            },
        }
    }
    UrlPath::new(&url).expect("a pattern was checked, and slugs hold no `..`")
}

/// The slug of the first category, whatever stands above it.
fn category_slug(config: &Config, named: &Named<'_>) -> String {
    let Some(name) = named.category else { return UNCATEGORIZED.to_owned() };
    let written = config.terms.get(Taxonomy::Categories, name).and_then(|entry| entry.slug.clone());
    written.unwrap_or_else(|| fitting(slugify(name)))
}

fn page_url(named: &Named<'_>, place: &Place) -> UrlPath {
    let mut url = String::from("/");
    for folder in place.folder.split('/').filter(|folder| !folder.is_empty()) {
        url.push_str(&slug_of_name(folder));
        url.push('/');
    }
    let at_root = place.folder.is_empty() && place.name == "index";
    if !at_root {
        url.push_str(&slug_of(named, place));
        url.push('/');
    }
    UrlPath::new(&url).expect("slugs hold no `..`")
}

/// The slug of the front matter, else that of the file's name.
fn slug_of(named: &Named<'_>, place: &Place) -> String {
    named.slug.map_or_else(|| slug_of_name(&place.name), str::to_owned)
}

/// The slug of a file's name. A name without letters or digits gets its fingerprint, as it needs some
/// address.
fn slug_of_name(name: &str) -> String {
    let slug = slugify(name);
    if slug.is_empty() { Hash::of(name.as_bytes()).short_hex() } else { fitting(slug) }
}
