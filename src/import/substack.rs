//! Substack: an archive with `posts.csv` and a piece of HTML for each post, `posts/ID.SLUG.html`.

use std::collections::{BTreeMap, HashMap};

use chrono::DateTime;
use chrono_tz::Tz;
use url::Url;

use super::account::{Account, EntryFate};
use super::addresses::{AddressBook, Place};
use super::decoding::TextReader;
use super::export_files::ExportFile;
use super::html_tree::{self, HtmlNode};
use super::model::{BlogFacts, Entry, EntryBody, EntryState, FurtherKeys, LinkbackSwitch, Survey};
use super::naming::FileNames;
use super::xml::decode_entities;
use super::{EntrySink, ImportOptions, Origin};
use crate::error::{Error, Result};
use crate::html::{escape, shorten};
use crate::path::{SourcePath, UrlPath};

use self::widgets::{Shaped, shaped};

mod widgets;

/// How many posts are converted at once.
const BATCH: usize = 256;
/// The largest file that is read.
const MAX_FILE: u64 = 64 * 1024 * 1024;

/// An export of Substack.
pub(super) struct Substack {
    files: Vec<ExportFile>,
    options: ImportOptions,
    posts: Vec<SubstackPost>,
    /// Hosts at which the newsletter stands.
    hosts: Vec<String>,
}

/// A row of `posts.csv`, or a file that has none.
#[derive(Debug, Default)]
struct SubstackPost {
    /// The number of Substack.
    id: String,
    slug: String,
    date: String,
    is_published: bool,
    audience: String,
    kind: String,
    title: String,
    subtitle: String,
    podcast: String,
    /// The place of its file among those of the export.
    html: Option<usize>,
    file: Option<SourcePath>,
    is_unlisted: bool,
}

/// Whether a file is the list of posts.
fn is_list(file: &ExportFile) -> bool {
    file_name(file.inner()) == "posts.csv"
}

/// Whether a text is the start of the list of posts. Other services have files of the same name.
pub(super) fn is_start_of_list(start: &str) -> bool {
    let head = start.lines().next().unwrap_or_default();
    head.contains("post_id") && head.contains("post_date")
}

fn file_name(inner: &str) -> &str {
    inner.rsplit('/').next().unwrap_or(inner)
}

impl Substack {
    pub(super) fn new(files: Vec<ExportFile>, options: ImportOptions) -> Self {
        Self { files, options, posts: Vec::new(), hosts: Vec::new() }
    }

    fn zone(&self) -> Tz {
        self.options.timezone.unwrap_or(Tz::UTC)
    }

    /// The rows of all lists, and the files that belong to none.
    fn read_posts(&mut self, account: &mut Account) -> Result<()> {
        for file in self.files.iter().filter(|file| is_list(file)) {
            self.posts.extend(rows(&text_of(file)?));
        }
        let mut files: HashMap<&str, usize> = HashMap::new();
        for (at, file) in self.files.iter().enumerate() {
            if let Some(stem) = file_name(file.inner()).strip_suffix(".html") {
                files.entry(stem.split('.').next().unwrap_or(stem)).or_insert(at);
            }
        }
        let mut known = BTreeMap::new();
        for post in &mut self.posts {
            post.html = files.remove(post.id.as_str());
            *known.entry(post.id.clone()).or_insert(0_usize) += 1;
        }
        for count in known.values().filter(|count| **count > 1) {
            (1..*count).for_each(|_| account.item(EntryFate::Twice));
        }
        let mut seen = std::collections::HashSet::new();
        self.posts.retain(|post| seen.insert(post.id.clone()));
        let mut rest: Vec<usize> = files.into_values().collect();
        rest.sort_unstable();
        for at in rest {
            let stem = file_name(self.files[at].inner()).trim_end_matches(".html");
            let (id, slug) = stem.split_once('.').unwrap_or((stem, stem));
            self.posts.push(SubstackPost {
                id: id.to_owned(),
                slug: slug.to_owned(),
                title: slug.replace('-', " "),
                html: Some(at),
                is_unlisted: true,
                ..SubstackPost::default()
            });
        }
        Ok(())
    }

    /// The site that most links lead to whose paths are those of posts, and all of Substack's own that do.
    fn note_hosts(&mut self) -> Result<Option<String>> {
        let mut votes: BTreeMap<String, usize> = BTreeMap::new();
        for at in self.posts.iter().filter_map(|post| post.html) {
            let html = text_of(&self.files[at])?;
            for link in html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
                let Some(url) = link.contains("/p/").then(|| Url::parse(link).ok()).flatten() else {
                    continue;
                };
                let slug = url.path().strip_prefix("/p/").unwrap_or_default().trim_end_matches('/');
                if let Some(host) = url.host_str().filter(|_| self.posts.iter().any(|post| post.slug == slug))
                {
                    *votes.entry(host.to_owned()).or_default() += 1;
                }
            }
        }
        let best = votes.iter().max_by_key(|(_, count)| **count).map(|(host, _)| host.clone());
        self.hosts.extend(best.clone());
        Ok(best.map(|host| format!("https://{host}")))
    }
}

fn text_of(file: &ExportFile) -> Result<String> {
    let mut reader = TextReader::new(std::io::Read::take(file.open()?, MAX_FILE));
    let mut text = String::new();
    while reader.read_to(&mut text).map_err(Error::io("read", file.path()))? {}
    Ok(text)
}

/// The rows of a list. A program for tables may have changed commas to semicolons, and `true` to `TRUE`.
fn rows(text: &str) -> Vec<SubstackPost> {
    let head = text.lines().next().unwrap_or_default();
    let count = |sign: char| head.matches(sign).count();
    let delimiter =
        [',', ';', '\t'].into_iter().max_by_key(|sign| (count(*sign), *sign == ',')).unwrap_or(',');
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(u8::try_from(delimiter).unwrap_or(b','))
        .flexible(true)
        .from_reader(text.as_bytes());
    let head: Vec<String> = reader
        .headers()
        .map(|head| head.iter().map(|name| name.trim().to_ascii_lowercase()).collect())
        .unwrap_or_default();
    let records = reader.into_records().filter_map(std::result::Result::ok);
    let posts = records.map(|record| {
        let field = |name: &str| {
            let at = head.iter().position(|known| known == name);
            at.and_then(|at| record.get(at)).unwrap_or_default().trim().to_owned()
        };
        let named = field("post_id");
        let (id, slug) = named.split_once('.').unwrap_or((&named, ""));
        SubstackPost {
            id: id.to_owned(),
            slug: slug.to_owned(),
            date: field("post_date"),
            is_published: matches!(field("is_published").to_ascii_lowercase().as_str(), "true" | "1" | "yes"),
            audience: field("audience"),
            kind: field("type"),
            // Older exports have entities in them.
            title: decode_entities(&field("title")),
            subtitle: decode_entities(&field("subtitle")),
            podcast: field("podcast_url"),
            ..SubstackPost::default()
        }
    });
    posts.filter(|post| !post.id.is_empty()).collect()
}

impl SubstackPost {
    fn is_page(&self) -> bool {
        self.kind == "page"
    }

    /// Only what everyone could read is shown.
    fn state(&self) -> EntryState {
        match (self.is_published, self.audience.as_str(), self.kind.as_str()) {
            _ if self.is_unlisted => EntryState::Draft("it is not in the list of posts"),
            (false, _, _) => EntryState::Draft("a draft"),
            (_, _, "adhoc_email") => EntryState::Draft("sent by mail only"),
            (_, "everyone", _) => EntryState::Public,
            (_, "only_paid" | "founding", _) => EntryState::Draft("for paying subscribers"),
            _ => EntryState::Draft("for subscribers"),
        }
    }

    fn moment(&self) -> Option<DateTime<chrono::FixedOffset>> {
        let written = self.date.replace(' ', "T");
        let with_zone = [written.clone(), format!("{written}Z"), format!("{written}:00Z")];
        with_zone.iter().find_map(|date| DateTime::parse_from_rfc3339(date).ok())
    }

    fn name(&self) -> String {
        let kind = if self.is_page() { "page" } else { "post" };
        format!("{kind} {} “{}”", self.id, shorten(&self.title, 60))
    }

    fn address(&self) -> Option<UrlPath> {
        UrlPath::new(&format!("/p/{}/", self.slug)).filter(|_| !self.slug.is_empty())
    }
}

impl Origin for Substack {
    fn survey(&mut self, names: &mut FileNames, account: &mut Account) -> Result<Survey> {
        self.read_posts(account)?;
        let told = self.note_hosts()?;
        let base_url = self.options.base_url_or(told, account);
        self.options.remark_zone(account);
        self.hosts.extend(Url::parse(&base_url).ok().and_then(|url| url.host_str().map(str::to_owned)));
        if self.hosts.last().is_some_and(|host| host.ends_with(".substack.com")) {
            account.remark("the old addresses are below `substack.com`, which leads to other sites only from a domain of one's own; set `base_url` to the new address", "");
        }
        let mut book = AddressBook::new(&base_url);
        let zone = self.zone();
        for post in &mut self.posts {
            let is_shown = post.state() == EntryState::Public;
            let year = post.moment().map(|moment| moment.with_timezone(&zone).format("%Y").to_string());
            let folder = match (post.is_page(), is_shown) {
                (true, _) => "content/pages".to_owned(),
                (_, true) => format!("content/{}", year.unwrap_or_else(|| "undated".to_owned())),
                _ => "content/drafts".to_owned(),
            };
            let file = names.place(&feed_id(&base_url, post), &folder, &post.slug);
            if let Some(address) = post.address().filter(|_| is_shown) {
                book.add(address.as_str(), &address);
                book.add_file(&address, &file);
            }
            post.file = Some(file);
        }
        let blog = BlogFacts {
            base_url,
            timezone: self.zone().name().to_owned(),
            permalink: "/p/:slug/".to_owned(),
            ..BlogFacts::default()
        };
        Ok(Survey { blog, book, ..Survey::default() })
    }

    fn entries(&mut self, survey: &Survey, account: &mut Account, sink: &mut EntrySink<'_>) -> Result<()> {
        let mut batch = Vec::new();
        for post in std::mem::take(&mut self.posts) {
            let html = match post.html {
                Some(at) => text_of(&self.files[at])?,
                None => String::new(),
            };
            batch.extend(self.entry(post, &html, survey));
            if batch.len() >= BATCH {
                sink(std::mem::take(&mut batch), account)?;
            }
        }
        sink(batch, account)
    }
}

/// The id that the feed of a newsletter gives to a post.
fn feed_id(base_url: &str, post: &SubstackPost) -> String {
    match post.slug.as_str() {
        "" => format!("substack:{}", post.id),
        slug => format!("{base_url}/p/{slug}"),
    }
}

impl Substack {
    fn entry(&self, post: SubstackPost, html: &str, survey: &Survey) -> Option<Entry> {
        let base_url = &survey.blog.base_url;
        let mut remarks = Vec::new();
        let mut body = String::new();
        if !post.subtitle.is_empty() {
            body.push_str(&format!("<p><em>{}</em></p>", escape(&post.subtitle)));
        }
        if !post.podcast.is_empty() {
            let source = escape(&post.podcast);
            body.push_str(&format!(
                "<audio controls src=\"{source}\"><a href=\"{source}\">{source}</a></audio>"
            ));
        }
        match html_tree::parse(html) {
            Ok(mut nodes) => {
                self.lead(&mut nodes, base_url);
                let Shaped { html, left_out } = shaped(nodes);
                body.push_str(&html);
                remarks.extend(left_out);
            }
            // It is kept as it is written, and named by what converts it.
            Err(_) => body.push_str(html),
        }
        if post.html.is_none() {
            remarks.push("the export has no text of it".to_owned());
        }
        let is_page = post.is_page();
        let date = post
            .moment()
            .map(|moment| moment.with_timezone(&self.zone()).format("%Y-%m-%dT%H:%M:%S%:z").to_string());
        Some(Entry {
            file: post.file.clone()?,
            name: post.name(),
            state: post.state(),
            title: post.title.clone(),
            date: date.filter(|_| !is_page),
            updated: None,
            address: post.address(),
            id: feed_id(base_url, &post),
            aliases: Vec::new(),
            categories: Vec::new(),
            tags: Vec::new(),
            series: None,
            authors: Vec::new(),
            language: None,
            summary: Some(post.subtitle.as_str())
                .filter(|text| !text.is_empty())
                .map(|text| format!("<p>{}</p>", escape(text))),
            description: None,
            image: None,
            link: None,
            accepts_linkbacks: LinkbackSwitch::Open,
            body: EntryBody::Html(body),
            place: Place::of(&format!("{base_url}/p/{}", post.slug)),
            responses: Vec::new(),
            remarks,
            more: FurtherKeys::default(),
        })
    }

    /// Links to the newsletter's other hosts lead to the one that it has now.
    fn lead(&self, nodes: &mut [HtmlNode], base_url: &str) {
        for node in nodes {
            let HtmlNode::Element(element) = node else { continue };
            let href = element.attribute("href").and_then(|href| Url::parse(href).ok());
            if let Some(url) = href {
                let is_own = url.host_str().is_some_and(|host| self.hosts.iter().any(|own| own == host));
                if is_own && url.path().starts_with("/p/") {
                    let fragment = url.fragment().map(|fragment| format!("#{fragment}")).unwrap_or_default();
                    element.set("href", &format!("{base_url}{}{fragment}", url.path()));
                }
            }
            self.lead(&mut element.children, base_url);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_as_programs_for_tables_write_them() {
        let plain = "post_id,post_date,is_published,email_sent_at,type,audience,title,subtitle,podcast_url\n12.a,2020-01-02T03:04:05.678Z,true,,newsletter,everyone,\"One, \"\"two\"\"\nthree\",,\n";
        let changed = plain.replace(',', ";").replace("\"One; ", "\"One, ").replace("true", "TRUE");
        for text in [plain.to_owned(), format!("\u{feff}{plain}").replace('\u{feff}', ""), changed] {
            let posts = rows(&text);
            assert_eq!(posts.len(), 1, "{text}");
            assert_eq!((posts[0].id.as_str(), posts[0].slug.as_str()), ("12", "a"));
            assert_eq!(posts[0].title, "One, \"two\"\nthree");
            assert_eq!(posts[0].state(), EntryState::Public);
            assert!(posts[0].moment().is_some());
        }
        for text in [
            "",
            "post_id\n",
            "a,b\n1,2\n",
            "post_id,title\n\"12.a,unclosed\n",
            "post_id,title\n12.a\n13.b,x,y,z\n",
        ] {
            assert!(rows(text).len() <= 2, "{text}");
        }
    }

    #[test]
    fn only_what_everyone_could_read_is_shown() {
        for (published, audience, kind, is_public) in [
            ("true", "everyone", "newsletter", true),
            ("true", "everyone", "podcast", true),
            ("false", "everyone", "newsletter", false),
            ("true", "only_paid", "newsletter", false),
            ("true", "only_free", "newsletter", false),
            ("true", "founding", "newsletter", false),
            ("true", "", "newsletter", false),
            ("true", "everyone", "adhoc_email", false),
        ] {
            let text = format!("post_id,is_published,audience,type\n1.a,{published},{audience},{kind}\n");
            assert_eq!(rows(&text)[0].state() == EntryState::Public, is_public, "{text}");
        }
    }
}
