//! Tumblr: the export of a blog (a page of HTML for each post, and its media), `posts.xml`, and the JSON of its API, which
//! tools for backups write.

mod json;
mod npf;
mod page;
mod shape;
mod xml;

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use url::Url;

use self::shape::shaped;
use super::account::{Account, EntryFate};
use super::addresses::{AddressBook, Place};
use super::decoding::TextReader;
use super::export_files::ExportFile;
use super::html_tree;
use super::model::{
    BlogFacts, Entry, EntryBody, EntryState, FurtherKeys, LinkbackSwitch, PackedFile, Survey,
};
use super::naming::FileNames;
use super::{EntrySink, ImportOptions, Origin};
use crate::error::{Error, Result};
use crate::html::{fold_white_space, shorten};
use crate::path::{SourcePath, UrlPath};

/// How many posts are converted at once.
const BATCH: usize = 256;
/// The largest page or JSON file that is read.
const MAX_FILE: u64 = 256 * 1024 * 1024;
/// The files in the folder of media that are taken.
pub(super) const MEDIA: [&str; 12] =
    ["jpg", "jpeg", "png", "gif", "webp", "avif", "mp4", "mov", "webm", "mp3", "m4a", "ogg"];
/// Where media stand on the new site.
const MEDIA_FOLDER: &str = "/media/";

/// An export of Tumblr.
pub(super) struct Tumblr {
    files: Vec<ExportFile>,
    media: Vec<ExportFile>,
    options: ImportOptions,
    heads: BTreeMap<String, TumblrHead>,
    zone: Tz,
}

/// Where a post will stand.
struct TumblrHead {
    file: SourcePath,
    address: Option<UrlPath>,
}

/// A blog as an export tells it.
#[derive(Debug, Default)]
struct TumblrBlog {
    title: String,
    description: String,
    timezone: String,
    url: String,
}

/// A post in any of the forms.
#[derive(Debug, Default)]
struct TumblrPost {
    id: String,
    /// With scheme and host, without its slug.
    url: String,
    slug: String,
    published: Option<DateTime<Utc>>,
    /// `published`, `draft`, `queued`, `private`.
    state: String,
    tags: Vec<String>,
    /// HTML.
    title: String,
    link: Option<String>,
    /// HTML, as the blog showed it.
    body: String,
    /// Kinds of its blocks that are not known.
    unknown_blocks: Vec<String>,
    /// Whether it came from a page, which tells less than the other forms.
    is_of_page: bool,
}

/// Takes posts as they are read.
type PostSink<'s> = dyn FnMut(TumblrPost, &mut Account) -> Result<()> + 's;

/// Whether a text is the start of an export in XML.
pub(super) fn is_xml(start: &str) -> bool {
    start.contains("<tumblr") && start.contains("<post")
}

/// Whether a text is the start of posts as JSON.
pub(super) fn is_json(start: &str) -> bool {
    let is_post = ["\"reblog_key\"", "\"post_url\"", "\"blog_name\"", "\"note_count\""];
    start.trim_start().starts_with(['{', '['])
        && is_post.iter().filter(|key| start.contains(**key)).count() >= 2
}

/// Whether a text is the start of a page of an export.
pub(super) fn is_page(start: &str) -> bool {
    start.contains("id=\"footer\"") && start.contains("id=\"timestamp\"")
}

impl Tumblr {
    pub(super) fn new(files: Vec<ExportFile>, media: Vec<ExportFile>, options: ImportOptions) -> Self {
        let media = media.into_iter().filter(|file| folder(file) == "media").collect();
        Self { files, media, options, heads: BTreeMap::new(), zone: Tz::UTC }
    }

    /// Reads all posts, those that tell most first.
    fn read(&self, account: &mut Account, sink: &mut PostSink<'_>) -> Result<TumblrBlog> {
        let mut blog = TumblrBlog::default();
        let mut pages = Vec::new();
        for file in &self.files {
            let start = file.start(super::LOOKED_AT)?;
            if is_xml(&start) {
                blog.complete(xml::read(file, account, sink)?);
            } else if is_json(&start) {
                blog.complete(json::read(&text_of(file)?, file, account, sink)?);
            } else if is_page(&start) || folder(file) == "html" {
                pages.push(file);
            }
        }
        for file in pages {
            match page::read(&text_of(file)?, file_stem(file)) {
                Some(post) => sink(post, account)?,
                None => account
                    .leave_out(format!("page `{}`", file.inner()), "it is not a post, or is nested too deep"),
            }
        }
        Ok(blog)
    }

    /// The files of a post in the folder of media: `media/ID.jpg`, `media/ID_0.jpg`.
    fn media_of(&self, id: &str) -> Vec<String> {
        let names = self.media.iter().map(file_name);
        let mut own: Vec<&str> =
            names.filter(|name| name.split(['.', '_']).next() == Some(id) && !id.is_empty()).collect();
        own.sort_by_key(|name| (name.len(), *name));
        own.into_iter().map(|name| format!("{MEDIA_FOLDER}{name}")).collect()
    }
}

fn file_name(file: &ExportFile) -> &str {
    file.inner().rsplit('/').next().unwrap_or_default()
}

fn file_stem(file: &ExportFile) -> &str {
    let name = file_name(file);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// The name of the folder that a file is in.
fn folder(file: &ExportFile) -> &str {
    file.inner().rsplit('/').nth(1).unwrap_or_default()
}

fn text_of(file: &ExportFile) -> Result<String> {
    let mut reader = TextReader::new(std::io::Read::take(file.open()?, MAX_FILE));
    let mut text = String::new();
    while reader.read_to(&mut text).map_err(Error::io("read", file.path()))? {}
    Ok(text)
}

impl TumblrBlog {
    /// Takes over what is not known yet.
    fn complete(&mut self, other: Self) {
        for (own, other) in [
            (&mut self.title, other.title),
            (&mut self.description, other.description),
            (&mut self.timezone, other.timezone),
            (&mut self.url, other.url),
        ] {
            if own.is_empty() {
                *own = other;
            }
        }
    }
}

impl TumblrPost {
    fn name(&self) -> String {
        let words = if self.title.is_empty() { &self.body } else { &self.title };
        let nodes = html_tree::parse(&words.chars().take(2000).collect::<String>()).unwrap_or_default();
        format!("post {} “{}”", self.id, shorten(&fold_white_space(&html_tree::text_of(&nodes)), 60))
    }

    fn state(&self) -> EntryState {
        match self.state.as_str() {
            "" | "published" => EntryState::Public,
            "private" => EntryState::Draft("private"),
            "queued" | "queue" => EntryState::Draft("in the queue"),
            "submission" => EntryState::Draft("a submission that waits"),
            _ => EntryState::Draft("a draft"),
        }
    }

    /// Where it stood: `/post/123/its-slug`.
    fn address(&self) -> Option<UrlPath> {
        let slug = if self.slug.is_empty() { String::new() } else { format!("{}/", self.slug) };
        UrlPath::new(&format!("/post/{}/{slug}", self.id)).filter(|_| !self.id.is_empty())
    }

    /// Scheme and host of its address.
    fn home(&self) -> Option<String> {
        let host = Url::parse(&self.url).ok()?.host_str()?.to_owned();
        // Addresses of the dashboard are of all blogs.
        (host != "www.tumblr.com" && host != "tumblr.com").then(|| format!("https://{host}"))
    }
}

impl Origin for Tumblr {
    fn survey(&mut self, names: &mut FileNames, account: &mut Account) -> Result<Survey> {
        let mut posts = Vec::new();
        // What is to be said of the posts is said when they are written.
        let blog = self.read(&mut Account::default(), &mut |post, _| {
            posts.push(TumblrPost { body: String::new(), tags: Vec::new(), ..post });
            Ok(())
        })?;
        let mut homes: BTreeMap<String, usize> = BTreeMap::new();
        for home in posts.iter().filter_map(TumblrPost::home) {
            *homes.entry(home).or_default() += 1;
        }
        let home = homes.into_iter().max_by_key(|(_, count)| *count).map(|(home, _)| home);
        let told =
            home.or_else(|| Some(blog.url.trim_end_matches('/').to_owned()).filter(|url| !url.is_empty()));
        let base_url = self.options.base_url_or(told, account);
        self.zone = match (self.options.timezone, blog.timezone.parse::<Tz>()) {
            (Some(given), _) => given,
            (None, Ok(told)) => told,
            (None, Err(_)) => {
                self.options.remark_zone(account);
                Tz::UTC
            }
        };
        account.remark("notes (likes, reblogs and replies of others) are not in an export of Tumblr", "");
        let mut book = AddressBook::new(&base_url);
        book.keep_folder(MEDIA_FOLDER);
        let mut known = HashSet::new();
        for post in posts {
            if !known.insert(post.id.clone()) {
                continue;
            }
            let is_shown = post.state() == EntryState::Public;
            let year = post.published.map(|moment| moment.with_timezone(&self.zone).format("%Y").to_string());
            let folder = match year.filter(|_| is_shown) {
                Some(year) => format!("content/{year}"),
                None => "content/drafts".to_owned(),
            };
            let slug = if post.slug.is_empty() { &post.id } else { &post.slug };
            let file = names.place(&feed_id(&base_url, &post.id), &folder, slug);
            let address = post.address();
            if let Some(address) = address.as_ref().filter(|_| is_shown) {
                book.add(address.as_str(), address);
                book.add(&format!("/post/{}/", post.id), address);
                book.add_file(address, &file);
            }
            self.heads.insert(post.id, TumblrHead { file, address });
        }
        let blog = BlogFacts {
            title: blog.title,
            description: fold_white_space(&html_tree::text_of(
                &html_tree::parse(&blog.description).unwrap_or_default(),
            )),
            base_url,
            timezone: self.zone.name().to_owned(),
            tag_folder: "/tagged/".to_owned(),
            ..BlogFacts::default()
        };
        let packed = self.media.iter().map(|file| PackedFile {
            path: format!("{MEDIA_FOLDER}{}", file_name(file)),
            file: file.clone(),
        });
        Ok(Survey { blog, book, packed: packed.collect(), ..Survey::default() })
    }

    fn entries(&mut self, survey: &Survey, account: &mut Account, sink: &mut EntrySink<'_>) -> Result<()> {
        let mut batch = Vec::new();
        let mut known = HashSet::new();
        self.read(account, &mut |post, account| {
            if !known.insert(post.id.clone()) {
                account.item(EntryFate::Twice);
                return Ok(());
            }
            match self.heads.get(&post.id) {
                Some(head) => batch.push(self.entry(post, head, survey)),
                None => account.leave_out(post.name(), "it has no number"),
            }
            if batch.len() >= BATCH {
                sink(std::mem::take(&mut batch), account)?;
            }
            Ok(())
        })?;
        sink(batch, account)
    }
}

/// The id that the feed of a blog gives to a post.
fn feed_id(base_url: &str, id: &str) -> String {
    format!("{base_url}/post/{id}")
}

impl Tumblr {
    fn entry(&self, post: TumblrPost, head: &TumblrHead, survey: &Survey) -> Entry {
        let base_url = &survey.blog.base_url;
        let date = post
            .published
            .map(|moment| moment.with_timezone(&self.zone).format("%Y-%m-%dT%H:%M:%S%:z").to_string());
        let short = UrlPath::new(&format!("/post/{}/", post.id));
        let title = html_tree::text_of(&html_tree::parse(&post.title).unwrap_or_default());
        let mut remarks = Vec::new();
        if post.is_of_page {
            remarks
                .push("its page in the export tells neither its slug nor whether it was private".to_owned());
        }
        let unknown = post.unknown_blocks.iter();
        remarks
            .extend(unknown.map(|kind| format!("a block that is not known, `{kind}`, is the words in it")));
        Entry {
            file: head.file.clone(),
            name: post.name(),
            state: post.state(),
            title: fold_white_space(&title),
            date,
            updated: None,
            address: head.address.clone(),
            id: feed_id(base_url, &post.id),
            aliases: short.into_iter().filter(|short| head.address.as_ref() != Some(short)).collect(),
            categories: Vec::new(),
            tags: post.tags,
            series: None,
            authors: Vec::new(),
            language: None,
            summary: None,
            description: None,
            image: None,
            link: post.link,
            accepts_linkbacks: LinkbackSwitch::Open,
            body: EntryBody::Html(shaped(&post.body, &self.media_of(&post.id))),
            place: Place::of(&format!("{base_url}/post/{}", post.id)),
            responses: Vec::new(),
            remarks,
            more: FurtherKeys::default(),
        }
    }
}
