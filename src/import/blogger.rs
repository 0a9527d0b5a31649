//! Blogger: the feed of a Takeout (`feed.atom`, since 2018), and the older export in XML, whose entries look otherwise.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::io::Read;

use chrono::DateTime;
use chrono_tz::Tz;

use super::account::{Account, EntryFate, ResponseFate};
use super::addresses::{AddressBook, Place};
use super::export_files::ExportFile;
use super::html_tree::{self, HtmlNode};
use super::model::{
    BlogFacts, Entry, EntryBody, EntryState, FurtherKeys, ImportedResponse, LinkbackSwitch, RedirectFact,
    ResponseState, Survey,
};
use super::naming::FileNames;
use super::xml::{SectionEnd, XmlError, XmlReader, XmlTag, XmlToken};
use super::{EntrySink, ImportOptions, Origin};
use crate::error::{Error, Result};
use crate::html::fold_white_space;
use crate::linkback::LinkbackKind;
use crate::path::{SourcePath, UrlPath, percent_encode};
use crate::post::slug::term_slug;

/// How many entries are converted at once.
const BATCH: usize = 256;

/// Addresses that every blog of Blogger has, and what is nearest to them.
const USUAL: [(&str, &str); 4] = [
    ("/feeds/posts/*", "/atom.xml"),
    ("/feeds/posts/default?alt=rss", "/rss.xml"),
    ("/search", "/"),
    ("/search/label/*", "/tags/"),
];

/// Feeds of Blogger.
pub(super) struct Blogger {
    files: Vec<ExportFile>,
    options: ImportOptions,
    heads: HashMap<String, BloggerHead>,
    comments: HashMap<String, Vec<ImportedResponse>>,
    zone: Tz,
    /// Whether the times are those of the blog, and not of UTC.
    has_zone: bool,
    has_several_authors: bool,
}

/// Where an entry will stand.
struct BloggerHead {
    file: SourcePath,
    address: Option<UrlPath>,
}

/// An entry of the feed.
#[derive(Debug, Default)]
struct FeedEntry {
    id: String,
    kind: FeedKind,
    is_draft: bool,
    is_trashed: bool,
    title: String,
    content: String,
    author: String,
    author_url: String,
    published: String,
    updated: String,
    /// The path of its address.
    filename: String,
    description: String,
    labels: Vec<String>,
    /// The entry it comments on.
    parent: String,
    /// The comment it answers.
    answers: String,
    /// Whether the file ends in it.
    is_cut: bool,
}

/// What the entries of the older export say of the blog.
#[derive(Debug, Default)]
struct BloggerSettings {
    title: String,
    description: String,
    language: String,
    timezone: Option<Tz>,
    host: String,
}

impl BloggerSettings {
    /// Takes a setting: its name stands at the end of the id of its entry.
    fn take(&mut self, entry: &FeedEntry) -> bool {
        let Some((_, name)) = entry.id.rsplit_once(".settings.") else { return false };
        let value = entry.content.trim();
        match name {
            "BLOG_NAME" => value.clone_into(&mut self.title),
            "BLOG_DESCRIPTION" => value.clone_into(&mut self.description),
            "BLOG_LOCALE" | "BLOG_LANGUAGE" => self.language = value.replace('_', "-"),
            "BLOG_TIME_ZONE" => self.timezone = value.parse().ok(),
            "BLOG_CUSTOM_DOMAIN" if value.contains('.') => value.clone_into(&mut self.host),
            "BLOG_SUBDOMAIN" if self.host.is_empty() && !value.is_empty() => {
                self.host = format!("{value}.blogspot.com");
            }
            _ => return false,
        }
        true
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum FeedKind {
    Post,
    Page,
    Comment,
    /// Templates and settings.
    #[default]
    Other,
}

/// The files that are feeds: an archive of Takeout has themes in XML as well. If none is one, all of them, so that the first
/// is named in the error.
pub(super) fn feeds(files: Vec<ExportFile>) -> Result<Vec<ExportFile>> {
    let mut feeds = Vec::new();
    for file in &files {
        if file.start(super::LOOKED_AT)?.contains("<feed") {
            feeds.push(file.clone());
        }
    }
    Ok(if feeds.is_empty() { files } else { feeds })
}

impl Blogger {
    pub(super) fn new(files: Vec<ExportFile>, options: ImportOptions) -> Self {
        let zone = options.timezone.unwrap_or(Tz::UTC);
        Self {
            files,
            has_zone: options.timezone.is_some(),
            options,
            heads: HashMap::new(),
            comments: HashMap::new(),
            zone,
            has_several_authors: false,
        }
    }
}

/// Reads the entries of one feed.
struct FeedReader {
    xml: XmlReader<Box<dyn Read>>,
    title: String,
    address: String,
}

impl FeedReader {
    fn open(file: &ExportFile) -> Result<Self> {
        let xml = XmlReader::open(file.open()?, "feed").map_err(|error| {
            let reason = match error {
                XmlError::Io(error) => return Error::io("read", file.path())(error),
                XmlError::NoRoot => "this is not an export of Blogger: it has no `<feed>`",
                XmlError::HasDoctype => "it has a document type declaration, which no export of Blogger has",
            };
            Error::Argument { given: file.name().to_owned(), reason: reason.to_owned() }
        })?;
        Ok(Self { xml, title: String::new(), address: String::new() })
    }

    fn next(&mut self) -> std::io::Result<Option<FeedEntry>> {
        loop {
            match self.xml.next()? {
                XmlToken::EndOfFile => return Ok(None),
                XmlToken::End(_) => {}
                XmlToken::Start(tag) => match tag.local_name() {
                    "entry" => return self.entry().map(Some),
                    "title" if self.title.is_empty() => {
                        self.title = self.xml.text(&tag, SectionEnd::First)?.text;
                    }
                    "link" if tag.attribute("rel") == Some("alternate") => {
                        self.address = tag.attribute("href").unwrap_or_default().to_owned();
                    }
                    _ => {}
                },
            }
        }
    }

    fn entry(&mut self) -> std::io::Result<FeedEntry> {
        let mut entry = FeedEntry::default();
        loop {
            match self.xml.next()? {
                XmlToken::EndOfFile => {
                    entry.is_cut = true;
                    return Ok(entry);
                }
                XmlToken::End(name) if name == "entry" => return Ok(entry),
                XmlToken::End(_) => {}
                XmlToken::Start(tag) => self.field(&tag, &mut entry)?,
            }
        }
    }

    fn field(&mut self, tag: &XmlTag, entry: &mut FeedEntry) -> std::io::Result<()> {
        match (tag.prefix(), tag.local_name()) {
            // What is in these is read element by element.
            (_, "author" | "control") => return Ok(()),
            ("", "category") => {
                let term = tag.attribute("term").unwrap_or_default().to_owned();
                match (tag.attribute("scheme").unwrap_or_default(), term.rsplit_once('#')) {
                    (scheme, Some((_, kind))) if scheme.ends_with("#kind") => entry.kind = kind_of(kind),
                    _ => entry.labels.push(term),
                }
                return Ok(());
            }
            ("", "link") => {
                let href = tag.attribute("href").unwrap_or_default();
                match tag.attribute("rel") {
                    Some("alternate") if entry.filename.is_empty() => {
                        // After the host, up to an anchor.
                        let path =
                            href.split("//").nth(1).and_then(|rest| rest.find('/').map(|at| &rest[at..]));
                        let path = path.unwrap_or_default().split(['?', '#']).next().unwrap_or_default();
                        path.clone_into(&mut entry.filename);
                    }
                    Some("related") => {
                        href.rsplit('/').next().unwrap_or_default().clone_into(&mut entry.answers)
                    }
                    _ => {}
                }
                return Ok(());
            }
            ("thr", "in-reply-to") => {
                tag.attribute("ref").unwrap_or_default().clone_into(&mut entry.parent);
                return Ok(());
            }
            _ => {}
        }
        let text = self.xml.text(tag, SectionEnd::First)?;
        entry.is_cut |= text.is_cut;
        let text = text.text;
        let text = if tag.local_name() == "content" { text } else { text.trim().to_owned() };
        match (tag.prefix(), tag.local_name()) {
            ("blogger", "type") if entry.kind == FeedKind::Other => entry.kind = kind_of(&text),
            ("blogger", "status") => entry.is_draft = text != "LIVE",
            ("app", "draft") => entry.is_draft |= text == "yes",
            ("blogger", "trashed") => entry.is_trashed = !text.is_empty(),
            ("blogger", "filename") => entry.filename = text,
            ("blogger", "parent") => entry.parent = text,
            ("blogger", "inReplyTo") => entry.answers = text,
            ("blogger", "metaDescription") => entry.description = text,
            ("", "id") => entry.id = text,
            ("", "title") => entry.title = text,
            ("", "content") => entry.content = text,
            ("", "name") => entry.author = text,
            ("", "uri") => entry.author_url = text,
            ("", "published") => entry.published = text,
            ("", "updated") => entry.updated = text,
            _ => {}
        }
        Ok(())
    }
}

fn kind_of(name: &str) -> FeedKind {
    match name.to_ascii_lowercase().as_str() {
        "post" => FeedKind::Post,
        "page" => FeedKind::Page,
        "comment" => FeedKind::Comment,
        _ => FeedKind::Other,
    }
}

/// The number at the end of an id: `tag:blogger.com,1999:blog-100.post-11`.
fn number(id: &str) -> &str {
    id.rsplit('-').next().unwrap_or(id)
}

impl FeedEntry {
    fn name(&self) -> String {
        let kind = if self.kind == FeedKind::Page { "page" } else { "post" };
        format!("{kind} {} “{}”", number(&self.id), crate::html::shorten(&self.title, 60))
    }

    fn slug(&self) -> String {
        let last = self.filename.rsplit('/').next().unwrap_or_default();
        let slug = last.strip_suffix(".html").unwrap_or(last);
        if slug.is_empty() { crate::post::slug::slugify(&self.title) } else { slug.to_owned() }
    }

    fn is_shown(&self) -> bool {
        !self.is_draft && !self.is_trashed
    }

    fn response(&self) -> ImportedResponse {
        let is_anonymous = matches!(self.author.as_str(), "Anonymous" | "Unknown" | "");
        ImportedResponse {
            kind: LinkbackKind::Comment,
            relation: None,
            id: number(&self.id).to_owned(),
            parent: Some(number(&self.answers).to_owned()).filter(|parent| !parent.is_empty()),
            anchor: Some(format!("c{}", number(&self.id))),
            source: String::new(),
            title: String::new(),
            site: String::new(),
            author: if is_anonymous { String::new() } else { self.author.clone() },
            author_url: self.author_url.clone(),
            content: self.content.clone(),
            excerpt: String::new(),
            published: moment(&self.published)
                .map(|moment| moment.to_utc().format("%Y-%m-%dT%H:%M:%SZ").to_string()),
            state: if self.is_trashed {
                ResponseState::Binned
            } else if self.is_draft {
                ResponseState::Held
            } else {
                ResponseState::Approved
            },
        }
    }
}

fn moment(text: &str) -> Option<DateTime<chrono::FixedOffset>> {
    DateTime::parse_from_rfc3339(text).ok()
}

impl Origin for Blogger {
    fn survey(&mut self, names: &mut FileNames, account: &mut Account) -> Result<Survey> {
        let mut title = String::new();
        let mut address = String::new();
        let mut settings = BloggerSettings::default();
        let mut found = Vec::new();
        let mut links = BTreeMap::new();
        let mut known = HashSet::new();
        for file in &self.files {
            let mut reader = FeedReader::open(file)?;
            while let Some(mut entry) = reader.next().map_err(Error::io("read", file.path()))? {
                // The same feed may be given twice.
                if !known.insert(entry.id.clone()) && !entry.id.is_empty() {
                    continue;
                }
                match entry.kind {
                    FeedKind::Comment => {
                        let of = number(&entry.parent).to_owned();
                        self.comments.entry(of).or_default().push(entry.response());
                    }
                    FeedKind::Post | FeedKind::Page => {
                        count_links(&entry.content, &mut links);
                        entry.content = String::new();
                        found.push(entry);
                    }
                    FeedKind::Other => {
                        settings.take(&entry);
                    }
                }
            }
            if title.is_empty() {
                title = reader.title;
            }
            if address.is_empty() {
                address = reader.address;
            }
        }
        let told = [address.trim_end_matches('/'), &format!("https://{}", settings.host)]
            .into_iter()
            .find(|address| !address.is_empty() && *address != "https://")
            .map(str::to_owned);
        let told = told.or_else(|| told_by_links(&links, &found));
        let base_url = self.options.base_url_or(told, account);
        match settings.timezone.filter(|_| !self.has_zone) {
            Some(zone) => (self.zone, self.has_zone) = (zone, true),
            None => self.options.remark_zone(account),
        }
        let authors: BTreeSet<&String> =
            found.iter().map(|entry| &entry.author).filter(|name| !name.is_empty()).collect();
        self.has_several_authors = authors.len() > 1;
        let author = authors.first().filter(|_| authors.len() == 1).map(|name| (*name).clone());
        let mut book = AddressBook::new(&base_url);
        let redirects = redirects(&found, &mut book);
        for entry in found {
            let address = UrlPath::new(&entry.filename).filter(|path| path.as_str() != "/");
            let year = entry.published.get(..4).unwrap_or("undated");
            let folder = match (entry.kind, entry.is_shown()) {
                (FeedKind::Page, _) => "content/pages".to_owned(),
                (_, true) => format!("content/{year}"),
                _ => "content/drafts".to_owned(),
            };
            let file = names.place(&entry.id, &folder, &entry.slug());
            if let Some(address) = address.as_ref().filter(|_| entry.is_shown()) {
                book.add(address.as_str(), address);
                book.add_file(address, &file);
            }
            self.heads.insert(entry.id.clone(), BloggerHead { file, address });
        }
        let blog = BlogFacts {
            title: if settings.title.is_empty() { title } else { settings.title },
            description: settings.description,
            language: settings.language,
            base_url,
            timezone: self.zone.name().to_owned(),
            permalink: "/:year/:month/:slug.html".to_owned(),
            author,
            ..BlogFacts::default()
        };
        Ok(Survey { blog, book, redirects, ..Survey::default() })
    }

    fn entries(&mut self, survey: &Survey, account: &mut Account, sink: &mut EntrySink<'_>) -> Result<()> {
        let mut batch = Vec::new();
        let mut known = HashSet::new();
        for file in self.files.clone() {
            let mut reader = FeedReader::open(&file)?;
            while let Some(entry) = reader.next().map_err(Error::io("read", file.path()))? {
                account.is_cut |= entry.is_cut;
                match entry.kind {
                    FeedKind::Comment => continue,
                    _ if !known.insert(entry.id.clone()) && !entry.id.is_empty() => {
                        account.item(EntryFate::Twice);
                    }
                    FeedKind::Other if BloggerSettings::default().take(&entry) => {
                        account.item(EntryFate::Settings);
                    }
                    FeedKind::Other => account.leave_out(entry.name(), "a template or a setting"),
                    _ if entry.is_trashed => {
                        let comments = self.comments.remove(number(&entry.id)).unwrap_or_default();
                        account.respond(ResponseFate::WithItsPost, comments.len());
                        account.leave_out(entry.name(), "it was in the bin");
                    }
                    _ => batch.extend(self.entry(entry, survey)),
                }
                if batch.len() >= BATCH {
                    sink(std::mem::take(&mut batch), account)?;
                }
            }
        }
        sink(batch, account)?;
        // In the order of the posts' numbers, so that the same export gives the same report.
        let orphans: BTreeMap<String, usize> =
            self.comments.drain().map(|(post, comments)| (post, comments.len())).collect();
        for (post, count) in orphans {
            account.remark("comments on a post that is not in the export", &post);
            account.respond(ResponseFate::WithItsPost, count);
        }
        Ok(())
    }
}

impl Blogger {
    fn entry(&mut self, entry: FeedEntry, survey: &Survey) -> Option<Entry> {
        let head = self.heads.get(&entry.id)?;
        let moment = moment(&entry.published);
        let at = format!("{}{}", survey.blog.base_url, entry.filename);
        let is_page = entry.kind == FeedKind::Page;
        let zone = self.zone;
        let date = moment.map(|moment| match self.has_zone {
            true => moment.with_timezone(&zone).format("%Y-%m-%dT%H:%M:%S%:z").to_string(),
            false => moment.format("%Y-%m-%dT%H:%M:%S%:z").to_string(),
        });
        Some(Entry {
            file: head.file.clone(),
            name: entry.name(),
            state: match (entry.is_cut, entry.is_draft) {
                (true, _) => EntryState::Draft("the export ends in it"),
                (_, true) => EntryState::Draft("a draft"),
                _ => EntryState::Public,
            },
            title: fold_white_space(&html_tree::text_of(&html_tree::parse(&entry.title).unwrap_or_default())),
            date: date.filter(|_| !is_page),
            updated: None,
            address: head.address.clone(),
            id: entry.id.clone(),
            aliases: Vec::new(),
            categories: Vec::new(),
            tags: entry.labels,
            series: None,
            authors: Some(entry.author).filter(|_| self.has_several_authors).into_iter().collect(),
            language: None,
            summary: None,
            description: Some(entry.description).filter(|text| !text.is_empty()),
            image: None,
            link: None,
            accepts_linkbacks: LinkbackSwitch::Open,
            body: EntryBody::Html(shown(&entry.content)),
            place: Place::of(&at),
            responses: self.comments.remove(number(&entry.id)).unwrap_or_default(),
            remarks: Vec::new(),
            more: FurtherKeys::default(),
        })
    }
}

/// What stands in a post, with the forms of its editor as HTML has them: the jump, two breaks as the end of a paragraph, a
/// table around a captioned picture, and thumbnails as the picture itself.
fn shown(content: &str) -> String {
    let jumps = ["<a name='more'></a>", "<a name=\"more\"></a>", "<a name='more'/>", "<a name=\"more\"/>"];
    let text = jumps.iter().fold(content.to_owned(), |text, jump| text.replace(jump, "<!--more-->"));
    let text = paragraphs(&captions(&text));
    match html_tree::parse(&text) {
        Ok(mut nodes) => {
            whole_pictures(&mut nodes);
            html_tree::to_html(&nodes)
        }
        Err(_) => text,
    }
}

/// A thumbnail that links to its picture is that picture: only the size in their addresses differs (`/s320/`, `/s1600/`).
fn whole_pictures(nodes: &mut [HtmlNode]) {
    for node in nodes {
        let HtmlNode::Element(element) = node else { continue };
        whole_pictures(&mut element.children);
        let href = element.attribute("href").map(str::to_owned).filter(|_| element.name == "a");
        for child in &mut element.children {
            let (Some(href), HtmlNode::Element(picture)) = (&href, child) else { continue };
            let is_same = picture.name == "img"
                && picture.attribute("src").is_some_and(|source| without_size(source) == without_size(href));
            if is_same {
                picture.set("src", href);
                picture.remove("width");
                picture.remove("height");
            }
        }
    }
}

/// The old lists and feeds that lead on: those of labels, and those of months in their oldest form.
fn redirects(found: &[FeedEntry], book: &mut AddressBook) -> Vec<RedirectFact> {
    let mut redirects: Vec<RedirectFact> =
        USUAL.iter().map(|(from, to)| RedirectFact::of_pattern(from, to)).collect();
    let shown: Vec<&FeedEntry> =
        found.iter().filter(|entry| entry.kind == FeedKind::Post && entry.is_shown()).collect();
    let labels: BTreeSet<&String> = shown.iter().flat_map(|entry| &entry.labels).collect();
    for label in labels {
        let mut old = "/search/label/".to_owned();
        percent_encode(label, &mut old);
        if let Some(new) = UrlPath::new(&format!("/tags/{}/", term_slug(label))) {
            book.add(&old, &new);
            redirects.push(RedirectFact::of_address(&old, new.as_str()));
        }
    }
    let months: BTreeSet<&str> = shown.iter().filter_map(|entry| entry.published.get(..7)).collect();
    for month in months {
        let old = format!("/{}_01_archive.html", month.replace('-', "_"));
        redirects.push(RedirectFact::of_address(&old, &format!("/{}/", month.replace('-', "/"))));
    }
    redirects
}

/// An address of a picture without the part that is its size.
fn without_size(address: &str) -> String {
    // The newest have it at their end: `…=s320`.
    let address = match address.rsplit_once('=') {
        Some((start, size)) if is_size(size) => start,
        _ => address,
    };
    address.split('/').filter(|part| !is_size(part)).collect::<Vec<_>>().join("/")
}

fn is_size(part: &str) -> bool {
    let rest = part.trim_start_matches(['s', 'w', 'h', '-']);
    rest.len() < part.len()
        && !rest.is_empty()
        && part.chars().all(|c| c.is_ascii_digit() || "swhcpd-".contains(c))
}

/// The site that most links lead to whose paths are those of posts.
fn told_by_links(links: &BTreeMap<OwnLink, usize>, found: &[FeedEntry]) -> Option<String> {
    let mut votes: BTreeMap<&str, usize> = BTreeMap::new();
    for (link, count) in links {
        if found.iter().any(|entry| entry.filename == link.path) {
            *votes.entry(&link.site).or_default() += count;
        }
    }
    let best = votes.into_iter().max_by_key(|(_, count)| *count);
    best.map(|(site, _)| site.to_owned())
}

/// A link that may lead to a post of the blog itself.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct OwnLink {
    /// Scheme and host.
    site: String,
    path: String,
}

/// The links of a text whose paths could be those of posts.
fn count_links(content: &str, links: &mut BTreeMap<OwnLink, usize>) {
    for part in content.split("href=").skip(1) {
        let address =
            part.trim_start_matches(['"', '\'']).split(['"', '\'', '?', '#', '>']).next().unwrap_or_default();
        let Some(host_end) =
            address.find("//").and_then(|at| address[at + 2..].find('/').map(|end| at + 2 + end))
        else {
            continue;
        };
        let (site, path) = address.split_at(host_end);
        if path.ends_with(".html") && links.len() < 100_000 {
            *links.entry(OwnLink { site: site.to_owned(), path: path.to_owned() }).or_default() += 1;
        }
    }
}

/// Two or more breaks in a row end a paragraph.
fn paragraphs(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    let mut breaks = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let is_break = rest.get(..3).is_some_and(|tag| tag.eq_ignore_ascii_case("<br"));
        let end = rest.find('>').filter(|end| is_break && *end < 16);
        if let Some(end) = end {
            breaks += 1;
            rest = rest[end + 1..].trim_start_matches(['\n', '\r', ' ']);
            continue;
        }
        match breaks {
            0 => {}
            1 => out.push_str("<br>"),
            _ => out.push_str("</p><p>"),
        }
        breaks = 0;
        let next = rest[1.min(rest.len())..].find('<').map_or(rest.len(), |at| at + 1);
        let next = if rest.starts_with('<') { rest.find('>').map_or(rest.len(), |at| at + 1) } else { next };
        let next = rest.ceil_char_boundary(next.max(1));
        out.push_str(&rest[..next]);
        rest = &rest[next..];
    }
    out
}

/// A table with the class `tr-caption-container` is a figure.
fn captions(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("tr-caption-container") {
        let Some(start) = rest[..at].rfind("<table") else { break };
        let Some(end) = rest[at..].find("</table>").map(|end| at + end + 8) else { break };
        out.push_str(&rest[..start]);
        out.push_str(&figure(&rest[start..end]).unwrap_or_else(|| rest[start..end].to_owned()));
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

fn figure(table: &str) -> Option<String> {
    let nodes = html_tree::parse(table).ok()?;
    let cells: Vec<_> =
        html_tree::elements(&nodes).into_iter().filter(|element| element.name == "td").collect();
    let [picture, caption] = cells[..] else { return None };
    let (picture, caption) = (html_tree::to_html(&picture.children), html_tree::to_html(&caption.children));
    Some(format!("<figure>{picture}<figcaption>{caption}</figcaption></figure>"))
}
