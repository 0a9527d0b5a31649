//! The settings of a site: `backmatter.toml`, checked and with defaults filled in.
//!
//! An unknown key is an error, as a setting that does nothing is a promise broken silently.

// A type of the public interface is documented to its last field.
#![warn(missing_docs)]

pub(crate) mod authors;
pub(crate) mod images;
pub(crate) mod linkbacks;
pub(crate) mod moderation;
pub(crate) mod network;
pub(crate) mod publish;
pub(crate) mod redirects;
pub(crate) mod search;
pub(crate) mod send;
pub(crate) mod symlinks;
pub(crate) mod terms;

use std::collections::BTreeMap;

use chrono_tz::Tz;
use oxilangtag::LanguageTag;
use serde::{Deserialize, Serialize};

use crate::config::authors::{AuthorEntries, AuthorPages};
use crate::config::images::ImageSettings;
use crate::config::linkbacks::LinkbackSettings;
use crate::config::network::Network;
use crate::config::publish::PublishTarget;
use crate::config::redirects::RedirectEntry;
use crate::config::terms::TermEntries;
use crate::diagnostic::{Diagnostic, Location, Severity};
use crate::nearest_name::did_you_mean;
use crate::path::{UrlPath, is_own, percent_decode, with_origin};
use crate::spanned::{self, Fields, SourceText, Spanned};

/// The file a site is known by.
pub(crate) const FILE_NAME: &str = "backmatter.toml";

/// The settings, all of them valid.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Config {
    /// The file they stand in, as faults name it.
    #[serde(skip)]
    pub file: String,
    /// The blog's name.
    pub title: String,
    /// One sentence about it.
    pub description: String,
    /// Where it will stand, without a slash at the end.
    pub base_url: String,
    /// Where the settings say so.
    #[serde(skip)]
    pub base_url_place: Option<BaseUrlPlace>,
    /// What the ids of feeds are made of, if it is not the address.
    pub id: Option<String>,
    /// BCP 47 tag of its language.
    pub language: String,
    /// Where its days begin and end.
    #[serde(serialize_with = "zone_name")]
    pub timezone: Tz,
    /// Who writes what names no author.
    pub author: Option<Author>,
    /// The line at the foot of each page.
    pub copyright: String,
    /// The address of a post.
    pub permalink: Permalink,
    /// The folder in `themes/`.
    pub theme: String,
    /// The output folder, relative to the site.
    pub output: String,
    /// Posts on a page of a list.
    pub paginate: usize,
    /// Entries of the navigation.
    pub menu: Vec<MenuEntry>,
    /// Addresses of the lists that the engine makes.
    pub paths: Paths,
    /// Addresses that belong to no page any more.
    pub redirects: Vec<RedirectEntry>,
    /// What is said of tags and categories.
    pub terms: TermEntries,
    /// What is said of those who write.
    pub authors: AuthorEntries,
    /// What feeds hold.
    pub feed: FeedConfig,
    /// Which archives there are.
    pub archives: ArchiveConfig,
    /// How Markdown is read.
    pub markdown: MarkdownConfig,
    /// How pictures are shown.
    pub images: ImageSettings,
    /// How code is shown.
    pub highlight: HighlightConfig,
    /// What outbound requests may reach besides the public internet.
    pub network: Network,
    /// Where links of the file system may lead.
    pub symlinks: symlinks::Symlinks,
    /// Where other sites reach this one.
    pub linkbacks: LinkbackSettings,
    /// Where the site is published to, by name.
    pub publish: Vec<PublishTarget>,
    /// Whether and how the site is searched.
    pub search: search::SearchSettings,
    /// How linkbacks are sent.
    pub send: send::SendSettings,
    /// What the settings tell the theme, as JSON text.
    pub theme_options: String,
    /// Where the language is written.
    #[serde(skip)]
    pub language_place: Option<Location>,
    /// Where each of the theme's options is written.
    #[serde(skip)]
    pub theme_option_places: BTreeMap<String, Location>,
    /// What the settings tell templates of the site's own, as JSON text.
    pub extra: String,
}

/// A person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Author {
    /// The name as it is printed.
    pub name: String,
    /// Their page.
    pub url: Option<String>,
    /// Their picture.
    pub photo: Option<String>,
    /// Their address for letters.
    pub email: Option<String>,
}

/// An entry of the navigation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MenuEntry {
    /// The visible text.
    pub name: String,
    /// Its address: `/about/` on this site, or absolute.
    pub url: String,
}

/// Folders of the pages that the engine makes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Paths {
    /// The list of all posts: `/`, unless a text has the front page for itself.
    pub posts: UrlPath,
    /// The list of years.
    pub archives: UrlPath,
    /// Tags and their pages.
    pub tags: UrlPath,
    /// Categories and their pages.
    pub categories: UrlPath,
    /// Series and their pages.
    pub series: UrlPath,
    /// Authors and their pages.
    pub authors: UrlPath,
    /// Quotes and their pages.
    pub quotes: UrlPath,
    /// The search page and its index.
    pub search: UrlPath,
}

/// What feeds hold.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FeedConfig {
    /// The most entries of a feed.
    pub limit: usize,
    /// What the feeds of tags, categories, series and authors hold.
    pub terms: TermFeeds,
}

/// What the feeds of tags, categories, series and authors hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum TermFeeds {
    /// The full text of their posts.
    Full,
    /// The first words of their posts, as lists show them.
    Summary,
    /// There are no such feeds.
    None,
}

impl TermFeeds {
    const ALL: [(&str, Self); 3] = [("full", Self::Full), ("summary", Self::Summary), ("none", Self::None)];
}

/// Which archives there are besides those of years and months.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ArchiveConfig {
    /// Whether each day that has posts has a page.
    pub days: bool,
    /// Whether each author has a page.
    pub authors: AuthorPages,
}

/// How Markdown is read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MarkdownConfig {
    /// `"` becomes `“`, `--` becomes `–`.
    pub smart_punctuation: bool,
    /// `$x$` is a formula.
    pub math: bool,
    /// Headings link to themselves.
    pub heading_anchors: bool,
    /// Addresses in the text are links.
    pub autolink: bool,
    /// An address alone in its paragraph may be shown in a frame.
    pub embeds: bool,
    /// Marks instead of those of the language.
    pub quotes: Option<QuotationMarks>,
}

/// What stands for straight quotation marks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct QuotationMarks {
    /// For `"` before a quotation.
    pub open: String,
    /// For `"` behind a quotation.
    pub close: String,
    /// For `'` before a quotation.
    pub inner_open: String,
    /// For `'` behind a quotation.
    pub inner_close: String,
}

/// How code is shown.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HighlightConfig {
    /// Whether code is coloured at all.
    pub enabled: bool,
    /// Whether lines are numbered unless a block says otherwise.
    pub line_numbers: bool,
    /// Milliseconds a block may take before it is shown as plain text.
    pub budget_ms: usize,
}

/// The address of a post with places for its parts: `/:year/:month/:day/:slug/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Permalink(Vec<PermalinkPart>);

/// A part of a [`Permalink`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum PermalinkPart {
    /// As it stands.
    Literal(String),
    /// Four digits.
    Year,
    /// Two digits.
    Month,
    /// Two digits.
    Day,
    /// The slug: front matter's, else from the file name.
    Slug,
    /// The title as a slug.
    Title,
    /// The stable id as a slug.
    Id,
    /// The first category as a slug; `uncategorized` without one.
    Category,
    /// The tag of its language in lower case.
    Language,
    /// The folders of its file below `content/`, each as a slug; nothing without any.
    Folder,
    /// The first of these folders.
    Section,
    /// The first category and those above it; `uncategorized` without one.
    Categories,
}

const TOKENS: [(&str, PermalinkPart); 11] = [
    ("year", PermalinkPart::Year),
    ("month", PermalinkPart::Month),
    ("day", PermalinkPart::Day),
    ("slug", PermalinkPart::Slug),
    ("title", PermalinkPart::Title),
    ("id", PermalinkPart::Id),
    ("category", PermalinkPart::Category),
    ("lang", PermalinkPart::Language),
    ("folder", PermalinkPart::Folder),
    ("section", PermalinkPart::Section),
    ("categories", PermalinkPart::Categories),
];

impl Permalink {
    /// Reads a pattern. The error says what is wrong with it.
    pub fn parse(pattern: &str) -> Result<Self, String> {
        if !pattern.starts_with('/') {
            return Err("a permalink pattern starts with `/`".to_owned());
        }
        if UrlPath::new(pattern).is_none() {
            return Err("a permalink pattern cannot hold `..`, `\\` or control characters".to_owned());
        }
        let mut parts = Vec::new();
        let mut pieces = pattern.split(':');
        parts.push(PermalinkPart::Literal(pieces.next().unwrap_or_default().to_owned()));
        for piece in pieces {
            let end = piece.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(piece.len());
            let (name, literal) = piece.split_at(end);
            let Some((_, part)) = TOKENS.iter().find(|(token, _)| *token == name) else {
                let known = TOKENS.map(|(token, _)| format!("`:{token}`")).join(", ");
                return Err(format!("there is no `:{name}`; known are {known}"));
            };
            parts.push(part.clone());
            parts.push(PermalinkPart::Literal(literal.to_owned()));
        }
        if !pattern.ends_with('/') && !pattern.ends_with(".html") {
            // Anything else would be a file that hosts do not know for a page.
            return Err("a permalink pattern ends with `/` or `.html`".to_owned());
        }
        if !parts
            .iter()
            .any(|part| matches!(part, PermalinkPart::Slug | PermalinkPart::Title | PermalinkPart::Id))
        {
            return Err("a permalink pattern needs `:slug`, `:title` or `:id` to tell posts apart".to_owned());
        }
        Ok(Self(parts))
    }

    /// The parts in order.
    pub fn parts(&self) -> &[PermalinkPart] {
        &self.0
    }

    /// What stands before the first token, up to a slash: date archives stand below it, as they do in
    /// WordPress (`/blog/:year/…` has its archives in `/blog/2016/`).
    pub fn front(&self) -> UrlPath {
        let literal = match self.0.first() {
            Some(PermalinkPart::Literal(literal)) => literal.as_str(),
            _ => "/",
        };
        let folder = literal.rfind('/').map_or("/", |at| &literal[..=at]);
        UrlPath::new(folder).unwrap_or_else(|| UrlPath::new("/").expect("the root is an address"))
    }
}

impl Config {
    /// Reads the settings of a file of the usual name.
    pub fn parse(text: &str) -> (Self, Vec<Diagnostic>) {
        Self::parse_file(FILE_NAME, text)
    }

    /// Reads the settings of a file. With any error among the diagnostics the site cannot be built.
    pub fn parse_file(name: &str, text: &str) -> (Self, Vec<Diagnostic>) {
        let mut diagnostics = Vec::new();
        let source = SourceText { path: name, text };
        let table = spanned::toml(text, 0).unwrap_or_else(|errors| {
            for error in errors {
                diagnostics.push(Diagnostic::error(name, error.message).at(text, error.span));
            }
            spanned::Table::new()
        });
        let is_readable = diagnostics.is_empty();
        let config = Self::from_table(source, table, &mut diagnostics);
        // A file that cannot be parsed lacks everything; to say so as well would hide the real fault.
        diagnostics.retain(|diagnostic| is_readable || diagnostic.is_error());
        (config, diagnostics)
    }

    fn from_table(source: SourceText<'_>, table: spanned::Table, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let mut fields = Fields::new(source, "", table, diagnostics);
        let BaseUrl { base_url, place: base_url_place } = base_url(source, &mut fields);
        let (language, language_place) = language(source, &mut fields);
        let author = fields.take("author").and_then(|node| author_of(source, node, fields.diagnostics()));
        let theme_options = fields.table("theme_options").map(|taken| taken.value).unwrap_or_default();
        let config = Self {
            file: source.path.to_owned(),
            language_place,
            title: text_or(&mut fields, "title", "A blog"),
            description: text_or(&mut fields, "description", ""),
            base_url,
            base_url_place,
            id: site_id(&mut fields),
            language,
            timezone: timezone(&mut fields),
            author,
            copyright: text_or(&mut fields, "copyright", ""),
            permalink: permalink(&mut fields),
            theme: theme(&mut fields),
            output: text_or(&mut fields, "output", "public"),
            paginate: fields.integer("paginate", 1..=1000).unwrap_or(20),
            menu: menu(source, &mut fields),
            paths: paths(source, &mut fields),
            redirects: redirects::read(source, &mut fields),
            terms: terms::read(source, &mut fields),
            authors: authors::read(source, &mut fields),
            feed: feed(source, &mut fields),
            archives: archives(source, &mut fields),
            markdown: markdown(source, &mut fields),
            images: images::read(source, &mut fields),
            highlight: highlight(source, &mut fields),
            network: network::read(source, &mut fields),
            symlinks: symlinks::read(source, &mut fields),
            search: search::read(source, &mut fields),
            send: send::read(source, &mut fields),
            linkbacks: linkbacks::read(source, &mut fields),
            publish: publish::read(source, &mut fields),
            theme_option_places: theme_options
                .iter()
                .map(|(key, node)| (key.value.clone(), Location::of(source.text, node.span.clone())))
                .collect(),
            theme_options: spanned::table_to_json(&theme_options).to_string(),
            extra: json_table(&mut fields, "extra"),
        };
        fields.finish(Severity::Error, explain_foreign_key);
        config
    }

    /// The path of `base_url`: empty, or `/repo`.
    pub fn base_path(&self) -> &str {
        // The first two belong to the scheme, without which no address of a site is taken.
        let mut slashes = self.base_url.bytes().enumerate().filter(|(_, byte)| *byte == b'/');
        slashes.nth(2).map_or("", |(at, _)| &self.base_url[at..])
    }

    /// An address as the settings write it, for a link: one that begins with `/` is on this site.
    pub fn link_to(&self, written: &str) -> String {
        let (path, rest) = written.split_at(written.find(['?', '#']).unwrap_or(written.len()));
        match UrlPath::new(&percent_decode(path)).filter(|_| is_own(written)) {
            Some(url) => format!("{}{rest}", self.url(&url)),
            None => written.to_owned(),
        }
    }

    /// An address of [`Config::link_to`] with scheme and host.
    pub fn absolute_link(&self, link: &str) -> String {
        with_origin(link, self.origin())
    }

    /// A person as the settings or a post write them, with what `[[authors]]` says besides and with links for addresses.
    pub fn person(&self, written: Author) -> Author {
        let author = match self.authors.get(&written.name) {
            Some(entry) => entry.complete(written),
            None => written,
        };
        Author {
            url: author.url.map(|url| self.link_to(&url)),
            photo: author.photo.map(|url| self.link_to(&url)),
            ..author
        }
    }

    /// Scheme and host of `base_url`: `https://example.com`.
    pub fn origin(&self) -> &str {
        &self.base_url[..self.base_url.len() - self.base_path().len()]
    }

    /// The host of `base_url`, without a port.
    pub fn host(&self) -> &str {
        let origin = self.origin();
        let host = origin.find("://").map_or(origin, |at| &origin[at + 3..]);
        match host.find(']') {
            // An address of IPv6, which has colons of its own.
            Some(end) => &host[..=end],
            None => host.split(':').next().unwrap_or(host),
        }
    }

    /// What the ids of feeds are made of: `id`, else the host and the path of `base_url`.
    pub fn site_key(&self) -> String {
        self.id.clone().unwrap_or_else(|| format!("{}{}", self.host(), self.base_path()))
    }

    /// An address as it stands in a link.
    pub fn url(&self, path: &UrlPath) -> String {
        path.encoded(self.base_path())
    }

    /// An address with scheme and host.
    pub fn absolute(&self, path: &UrlPath) -> String {
        path.encoded(&self.base_url)
    }

    /// Replaces `base_url` by one from the command line.
    pub fn set_base_url(&mut self, url: &str) -> Result<(), String> {
        self.base_url = check_base_url(url)?;
        Ok(())
    }
}

fn zone_name<S: serde::Serializer>(zone: &Tz, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(zone.name())
}

fn text_or(fields: &mut Fields<'_>, key: &'static str, default: &str) -> String {
    fields.text(key).map_or_else(|| default.to_owned(), |taken| taken.value)
}

/// Where a site stands that has not said so.
const NO_BASE_URL: &str = "http://localhost:4000";

/// Where `base_url` is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrlPlace {
    /// The end of its value, in bytes of the file.
    pub end: usize,
    /// Its host as it is written, without a port.
    pub host: String,
}

struct BaseUrl {
    base_url: String,
    place: Option<BaseUrlPlace>,
}

fn base_url(source: SourceText<'_>, fields: &mut Fields<'_>) -> BaseUrl {
    let nowhere = BaseUrl { base_url: NO_BASE_URL.to_owned(), place: None };
    let Some(taken) = fields.text("base_url") else {
        let warning = Diagnostic::warning(source.path, "`base_url` is not set").hint(
            "add `base_url = \"https://your.site\"`; until then feeds and canonical links point to localhost",
        );
        fields.diagnostics().push(warning);
        return nowhere;
    };
    match check_base_url(&taken.value) {
        Ok(base_url) => {
            let written = taken.value.split("://").nth(1).unwrap_or_default();
            let host = written.split(['/', ':']).next().unwrap_or_default().to_owned();
            BaseUrl { base_url, place: Some(BaseUrlPlace { end: taken.span.end, host }) }
        }
        Err(message) => {
            fields.report(taken.span, message, None);
            nowhere
        }
    }
}

fn site_id(fields: &mut Fields<'_>) -> Option<String> {
    let taken = fields.text("id")?;
    let id = taken.value.trim().to_owned();
    if id.is_empty() {
        fields.report(
            taken.span,
            "`id` cannot be empty",
            Some("leave it out: a build writes one".to_owned()),
        );
        return None;
    }
    Some(id)
}

/// Whether a name is kept free for documents and tests (RFC 2606 sections 2 and 3).
pub(crate) fn is_for_examples(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_lowercase();
    ["example.com", "example.net", "example.org", "example", "test", "invalid"]
        .into_iter()
        .any(|name| host.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
}

/// Whether a host is this machine, or one without a name.
pub(crate) fn is_local(host: &str) -> bool {
    let name = host.trim_end_matches('.');
    name == "localhost"
        || name.ends_with(".localhost")
        || matches!(url::Host::parse(name), Ok(url::Host::Ipv4(_) | url::Host::Ipv6(_)))
}

fn check_base_url(url: &str) -> Result<String, String> {
    let url = url.trim().trim_end_matches('/');
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let host = rest.unwrap_or_default().split('/').next().unwrap_or_default();
    let is_clean = url.chars().all(|c| !c.is_whitespace() && !c.is_control() && !"<>\"?#\\^`{|}".contains(c));
    let parsed = url::Url::parse(url).ok().filter(|_| !host.is_empty() && !host.contains('@') && is_clean);
    let Some(parsed) = parsed else {
        return Err(format!(
            "`{url}` cannot be a base URL; write it as `https://example.com` or `https://example.com/blog`"
        ));
    };
    // What other programs get is a URI (RFC 3986): its host in ASCII, its path percent-encoded.
    let path = redirects::normal_path(parsed.path().trim_end_matches('/'));
    Ok(format!("{}{path}", parsed.origin().ascii_serialization()))
}

fn language(source: SourceText<'_>, fields: &mut Fields<'_>) -> (String, Option<Location>) {
    let Some(taken) = fields.text("language") else { return ("en".to_owned(), None) };
    if let Some(tag) = language_tag(&taken.value) {
        return (tag, Some(Location::of(source.text, taken.span)));
    }
    let message = format!("`{}` is not a language tag", taken.value);
    fields.report(taken.span, message, Some("write it as `en`, `de` or `pt-BR`".to_owned()));
    ("en".to_owned(), None)
}

/// Whether a text is a well-formed language tag (RFC 5646 section 2.2.9).
pub(crate) fn is_language_tag(text: &str) -> bool {
    LanguageTag::parse(text).is_ok()
}

/// A well-formed language tag. The name of a locale of POSIX (`zh_cn`, `pt_BR.UTF-8`) is read as
/// the tag it stands for.
pub(crate) fn language_tag(text: &str) -> Option<String> {
    let text = text.trim();
    if is_language_tag(text) || !text.is_ascii() {
        return is_language_tag(text).then(|| text.to_owned());
    }
    let name = text.split(['.', '@']).next().unwrap_or_default();
    let mut parts = name.split('_');
    let language = parts.next().unwrap_or_default().to_lowercase();
    let rest = parts.map(|part| match part.len() {
        2 => part.to_uppercase(),
        4 => part[..1].to_uppercase() + &part[1..].to_lowercase(),
        _ => part.to_owned(),
    });
    let tag = std::iter::once(language).chain(rest).collect::<Vec<_>>().join("-");
    is_language_tag(&tag).then_some(tag)
}

fn timezone(fields: &mut Fields<'_>) -> Tz {
    let Some(taken) = fields.text("timezone") else { return Tz::UTC };
    taken.value.parse().unwrap_or_else(|_| {
        let names = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
        let hint = did_you_mean(&taken.value, names)
            .unwrap_or_else(|| "write it as `Europe/Stockholm` or `America/New_York`".to_owned());
        fields.report(taken.span, format!("unknown time zone `{}`", taken.value), Some(hint));
        Tz::UTC
    })
}

fn permalink(fields: &mut Fields<'_>) -> Permalink {
    let default = Permalink::parse("/:year/:month/:day/:slug/").expect("the default pattern is valid");
    let Some(taken) = fields.text("permalink") else { return default };
    Permalink::parse(&taken.value).unwrap_or_else(|message| {
        fields.report(taken.span, message, None);
        default
    })
}

fn theme(fields: &mut Fields<'_>) -> String {
    let Some(taken) = fields.text("theme") else { return "default".to_owned() };
    if taken.value.is_empty() || taken.value.contains(['/', '\\']) || taken.value.starts_with('.') {
        fields.report(taken.span, "`theme` is the name of a folder in `themes/`", None);
        return "default".to_owned();
    }
    taken.value
}

fn author_of(
    source: SourceText<'_>,
    node: Spanned<spanned::Value>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Author> {
    match node.value {
        spanned::Value::Text(name) => Some(Author { name, ..Author::default() }),
        spanned::Value::Table(table) => {
            let mut fields = Fields::new(source, "author.", table, diagnostics);
            let author = author_fields(&mut fields);
            fields.finish(Severity::Error, |_| None);
            if author.name.is_empty() {
                let fault =
                    Diagnostic::error(source.path, "`author` needs a `name`").at(source.text, node.span);
                diagnostics.push(fault);
            }
            Some(author)
        }
        _ => {
            let fault = Diagnostic::error(source.path, "`author` must be a name or a table with a `name`")
                .at(source.text, node.span);
            diagnostics.push(fault);
            None
        }
    }
}

/// The fields of an author, wherever one is written.
pub(crate) fn author_fields(fields: &mut Fields<'_>) -> Author {
    let mut optional = |key| fields.text(key).map(|taken| taken.value);
    Author {
        name: optional("name").unwrap_or_default(),
        url: optional("url"),
        photo: optional("photo"),
        email: optional("email"),
    }
}

fn menu(source: SourceText<'_>, fields: &mut Fields<'_>) -> Vec<MenuEntry> {
    let mut entries = Vec::new();
    for table in fields.tables("menu") {
        let mut entry = Fields::new(source, "menu.", table.value, fields.diagnostics());
        let name = entry.text("name").map(|taken| taken.value);
        let url = entry.text("url").map(|taken| taken.value);
        entry.finish(Severity::Error, |_| None);
        match (name, url) {
            (Some(name), Some(url)) => entries.push(MenuEntry { name, url }),
            _ => fields.report(table.span, "an entry of `menu` needs a `name` and a `url`", None),
        }
    }
    entries
}

/// A table of the settings by its name; an empty one if it is not there.
fn section<T>(
    source: SourceText<'_>,
    fields: &mut Fields<'_>,
    key: &'static str,
    read: impl FnOnce(&mut Fields<'_>) -> T,
) -> T {
    let table = fields.table(key).map_or_else(Vec::new, |taken| taken.value);
    // A line that is added at the end of the file falls into its last table.
    let of_the_site = fields.known().to_vec();
    let prefix = format!("{key}.");
    let mut inner = Fields::new(source, &prefix, table, fields.diagnostics());
    let value = read(&mut inner);
    inner.finish(Severity::Error, |name| {
        let is_misplaced = of_the_site.contains(&name);
        is_misplaced.then(|| format!("`{name}` is a setting of the site: put it above the first `[…]`"))
    });
    value
}

fn paths(source: SourceText<'_>, fields: &mut Fields<'_>) -> Paths {
    section(source, fields, "paths", |fields| Paths {
        posts: folder(fields, "posts", "/"),
        archives: folder(fields, "archives", "/archives/"),
        tags: folder(fields, "tags", "/tags/"),
        categories: folder(fields, "categories", "/categories/"),
        series: folder(fields, "series", "/series/"),
        authors: folder(fields, "authors", "/authors/"),
        quotes: folder(fields, "quotes", "/quotes/"),
        search: folder(fields, "search", "/search/"),
    })
}

fn folder(fields: &mut Fields<'_>, key: &'static str, default: &str) -> UrlPath {
    let root = UrlPath::new(default).expect("the default is an address");
    let Some(taken) = fields.text(key) else { return root };
    let written = UrlPath::new(&format!("{}/", taken.value.trim_matches('/')));
    written.filter(|url| url.as_str() != "/" || *url == root).unwrap_or_else(|| {
        let example = if default == "/" { "/posts/" } else { default };
        fields.report(taken.span, format!("`paths.{key}` must be a folder such as `{example}`"), None);
        root
    })
}

fn feed(source: SourceText<'_>, fields: &mut Fields<'_>) -> FeedConfig {
    section(source, fields, "feed", |fields| FeedConfig {
        limit: fields.integer("limit", 1..=1000).unwrap_or(20),
        terms: choice(fields, "feed.terms", &TermFeeds::ALL).unwrap_or(TermFeeds::Full),
    })
}

/// One of several texts, by the last part of the key.
fn choice<T: Copy, const N: usize>(
    fields: &mut Fields<'_>,
    key: &'static str,
    known: &[(&'static str, T); N],
) -> Option<T> {
    let taken = fields.text(key.rsplit('.').next().unwrap_or(key))?;
    let found = known.iter().find(|(name, _)| *name == taken.value);
    if found.is_none() {
        let names = known.map(|(name, _)| name);
        let hint = did_you_mean(&taken.value, names).unwrap_or_else(|| {
            let names = names.map(|name| format!("`{name}`"));
            let (last, first) = names.split_last().expect("there are several");
            format!("write {} or {last}", first.join(", "))
        });
        fields.report(taken.span, format!("`{key}` cannot be `{}`", taken.value), Some(hint));
    }
    found.map(|(_, value)| *value)
}

fn archives(source: SourceText<'_>, fields: &mut Fields<'_>) -> ArchiveConfig {
    section(source, fields, "archives", |fields| ArchiveConfig {
        days: fields.bool("days").unwrap_or(true),
        authors: choice(fields, "archives.authors", &AuthorPages::ALL).unwrap_or(AuthorPages::Auto),
    })
}

fn markdown(source: SourceText<'_>, fields: &mut Fields<'_>) -> MarkdownConfig {
    section(source, fields, "markdown", |fields| MarkdownConfig {
        smart_punctuation: fields.bool("smart_punctuation").unwrap_or(true),
        math: fields.bool("math").unwrap_or(true),
        heading_anchors: fields.bool("heading_anchors").unwrap_or(true),
        autolink: fields.bool("autolink").unwrap_or(false),
        embeds: fields.bool("embeds").unwrap_or(true),
        quotes: quotation_marks(fields),
    })
}

fn quotation_marks(fields: &mut Fields<'_>) -> Option<QuotationMarks> {
    let marks = fields.texts("quotes");
    let span = marks.first()?.span.start..marks.last()?.span.end;
    let marks: Vec<String> = marks.into_iter().map(|mark| mark.value).collect();
    match <[String; 4]>::try_from(marks) {
        Ok([open, close, inner_open, inner_close]) => {
            Some(QuotationMarks { open, close, inner_open, inner_close })
        }
        Err(_) => {
            let hint =
                "write `quotes = [\"„\", \"“\", \"‚\", \"‘\"]`: around a quotation, and around one within it";
            fields.report(span, "`quotes` is a list of four marks", Some(hint.to_owned()));
            None
        }
    }
}

fn highlight(source: SourceText<'_>, fields: &mut Fields<'_>) -> HighlightConfig {
    section(source, fields, "highlight", |fields| HighlightConfig {
        enabled: fields.bool("enabled").unwrap_or(true),
        line_numbers: fields.bool("line_numbers").unwrap_or(false),
        budget_ms: fields.integer("budget_ms", 1..=60_000).unwrap_or(1000),
    })
}

fn json_table(fields: &mut Fields<'_>, key: &'static str) -> String {
    fields
        .table(key)
        .map_or_else(|| "{}".to_owned(), |taken| spanned::table_to_json(&taken.value).to_string())
}

/// What other engines call our settings.
fn explain_foreign_key(key: &str) -> Option<String> {
    let hint = match key {
        "baseURL" | "baseurl" | "url" | "site_url" => "it is called `base_url` here",
        "languageCode" | "default_language" | "locale" | "lang" => "it is called `language` here",
        "time_zone" | "timeZone" => "it is called `timezone` here",
        "permalinks" => "it is called `permalink` here, one pattern for all posts",
        "pagination" | "paginate_by" | "pagerSize" => "it is called `paginate` here",
        "taxonomies" => {
            "tags, categories and series need no setting; what is to be said of one stands in `[[terms]]`"
        }
        "params" => "it is called `extra` here, or `theme_options` for the theme's options",
        "generate_feeds" | "generate_feed" | "feed_filenames" => "feeds are always made",
        "build_search_index" => "write `[search]` and below it `enabled = true`",
        "compile_sass" | "minify_html" => "there is no such step here; leave it out",
        "output_dir" | "publishDir" | "destination" => "it is called `output` here",
        _ => return None,
    };
    Some(hint.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(text: &str) -> Vec<String> {
        let (_, diagnostics) = Config::parse(text);
        diagnostics
            .iter()
            .map(|d| {
                let line = d.place.as_ref().map_or(0, |place| place.line);
                format!(
                    "{line}: {}{}",
                    d.message,
                    d.hint.as_ref().map_or(String::new(), |hint| format!(" ({hint})"))
                )
            })
            .collect()
    }

    #[test]
    fn unknown_settings_are_errors_with_the_nearest_name() {
        assert_eq!(
            messages("base_url = 'https://e.org'\ntilte = 'x'\n[markdown]\nmaths = true\n[params]\na = 1\n"),
            [
                "4: unknown key `markdown.maths` (did you mean `math`?)",
                "5: unknown key `params` (it is called `extra` here, or `theme_options` for the theme's options)",
                "2: unknown key `tilte` (did you mean `title`?)",
            ]
        );
        assert_eq!(
            messages("base_url = 'https://e.org'\n[linkbacks]\ntheme = 'mine'\n"),
            [
                "3: unknown key `linkbacks.theme` (`theme` is a setting of the site: put it above the first `[…]`)"
            ]
        );
    }

    #[test]
    fn all_wrong_values_are_named_at_once() {
        let found = messages(
            "base_url = 'example.org'\ntimezone = 'Europe/Stokholm'\nlanguage = 'English please'\npermalink = '/:year/:slag/'\npaginate = 0\n",
        );
        assert_eq!(found.len(), 5, "{found:#?}");
        assert!(found[2].ends_with("(did you mean `Europe/Stockholm`?)"), "{found:#?}");
    }

    #[test]
    fn the_base_path_is_what_follows_the_host() {
        let (config, _) = Config::parse("base_url = 'https://me.github.io/repo/'");
        assert_eq!((config.origin(), config.base_path()), ("https://me.github.io", "/repo"));
        assert_eq!(config.url(&UrlPath::new("/ü/").unwrap()), "/repo/%C3%BC/");
        let (config, _) = Config::parse("base_url = 'http://localhost:8080'");
        assert_eq!(
            (config.origin(), config.base_path(), config.host()),
            ("http://localhost:8080", "", "localhost")
        );
    }

    #[test]
    fn date_archives_stand_below_the_permalinks_front() {
        let front = |pattern| Permalink::parse(pattern).unwrap().front().as_str().to_owned();
        assert_eq!(front("/:year/:month/:slug/"), "/");
        assert_eq!(front("/blog/:year/:slug/"), "/blog/");
        assert_eq!(front("/archives/p:id.html"), "/archives/");
    }
}
