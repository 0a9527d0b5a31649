//! Ghost: its export in JSON, with posts, tags, authors and comments in tables.

mod cards;
mod lexical;
mod mobiledoc;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::DateTime;
use chrono_tz::Tz;
use serde_json::Value;
use url::Url;

use super::account::{Account, ResponseFate};
use super::addresses::{AddressBook, Place};
use super::export_files::ExportFile;
use super::model::{
    AuthorFact, BlogFacts, Entry, EntryBody, EntryState, FurtherKeys, ImportedResponse, LinkbackSwitch,
    MenuFact, RedirectFact, ResponseState, Survey, TermFact, TermKind,
};
use super::naming::FileNames;
use super::permalinks::{PermalinkSample, PermalinkVotes};
use super::{EntrySink, ImportOptions, Origin};
use crate::config::Permalink;
use crate::error::{Error, Result};
use crate::html::{escape, fold_white_space};
use crate::path::{UrlPath, percent_decode};

/// What stands for the address of the blog.
const GHOST_URL: &str = "__GHOST_URL__";

/// Addresses that every blog of Ghost has, and what is nearest to them.
const USUAL: [(&str, &str); 9] = [
    ("/rss/", "/rss.xml"),
    ("/*/rss/", "/rss.xml"),
    ("/page/*", "/"),
    ("/*/page/:number/", "/*/"),
    ("/*/amp/", "/*/"),
    ("/sitemap-posts.xml", "/sitemap.xml"),
    ("/sitemap-pages.xml", "/sitemap.xml"),
    ("/sitemap-tags.xml", "/sitemap.xml"),
    ("/sitemap-authors.xml", "/sitemap.xml"),
];

/// An export of Ghost.
pub(super) struct Ghost {
    data: Value,
    options: ImportOptions,
    base_url: String,
    permalink: String,
    zone: Tz,
    entries: Vec<Entry>,
}

impl Ghost {
    /// Reads the first of the files that is an export. It is one value of JSON, so all of it is in memory.
    pub(super) fn open(files: &[ExportFile], options: ImportOptions) -> Result<Self> {
        let mut fault = None;
        for file in files {
            match read(file)? {
                Ok(data) => {
                    let zone = Tz::UTC;
                    let (base_url, permalink) = (String::new(), String::new());
                    return Ok(Self { data, options, base_url, permalink, zone, entries: Vec::new() });
                }
                Err(reason) => {
                    fault.get_or_insert(Error::Argument { given: file.name().to_owned(), reason });
                }
            }
        }
        Err(fault.unwrap_or_else(|| super::nothing_in(std::path::Path::new(""))))
    }

    fn rows(&self, table: &str) -> &[Value] {
        self.data[table].as_array().map_or(&[], Vec::as_slice)
    }

    /// The first of several settings that is there: most changed their names once.
    fn setting(&self, keys: &[&str]) -> &str {
        let values = keys.iter().filter_map(|key| {
            let found = self.rows("settings").iter().find(|row| row["key"] == **key);
            found?["value"].as_str().filter(|value| !value.is_empty())
        });
        values.into_iter().next().unwrap_or_default()
    }

    /// The names that a table of joins gives to each post, in their order.
    fn joined(&self, join: &Join) -> HashMap<String, Vec<String>> {
        let names: HashMap<String, &Value> =
            self.rows(join.table).iter().map(|row| (id(&row["id"]), row)).collect();
        let mut rows: Vec<&Value> = self.rows(join.joins).iter().collect();
        rows.sort_by_key(|row| row["sort_order"].as_i64().unwrap_or_default());
        let mut joined: HashMap<String, Vec<String>> = HashMap::new();
        for row in rows {
            let Some(found) = names.get(&id(&row[join.key])) else { continue };
            if let Some(name) = shown_name(found) {
                joined.entry(id(&row["post_id"])).or_default().push(name.to_owned());
            }
        }
        joined
    }

    /// The authors of each post: before version 2 it has one.
    fn authors(&self) -> HashMap<String, Vec<String>> {
        let mut authors = self.joined(&AUTHORS);
        for post in self.rows("posts") {
            let author = ["author_id", "author"].iter().map(|key| id(&post[*key]));
            let author = author.into_iter().find(|author| !author.is_empty()).unwrap_or_default();
            let user = self.rows("users").iter().find(|user| id(&user["id"]) == author);
            if let Some(name) = user.and_then(shown_name) {
                authors.entry(id(&post["id"])).or_insert_with(|| vec![name.to_owned()]);
            }
        }
        authors
    }

    fn comments(&self) -> HashMap<String, Vec<ImportedResponse>> {
        let members: HashMap<String, &str> = self
            .rows("members")
            .iter()
            .map(|row| (id(&row["id"]), row["name"].as_str().unwrap_or_default()))
            .collect();
        let mut comments: HashMap<String, Vec<ImportedResponse>> = HashMap::new();
        for row in self.rows("comments") {
            let parents = [&row["in_reply_to_id"], &row["parent_id"]].map(id);
            let member = members.get(&id(&row["member_id"])).copied();
            comments.entry(id(&row["post_id"])).or_default().push(ImportedResponse {
                parent: parents.into_iter().find(|parent| !parent.is_empty()),
                author: member.unwrap_or_default().to_owned(),
                content: text(row, "html"),
                published: utc(row, "created_at")
                    .map(|moment| moment.format("%Y-%m-%dT%H:%M:%SZ").to_string()),
                state: match row["status"].as_str() {
                    Some("published") | None => ResponseState::Approved,
                    Some(_) => ResponseState::Binned,
                },
                ..ImportedResponse::comment(&id(&row["id"]))
            });
        }
        comments
    }

    /// The tags with the slugs of their pages.
    fn terms(&self, used: &BTreeSet<String>) -> Vec<TermFact> {
        let terms = self.rows("tags").iter().filter_map(|row| {
            let name = shown_name(row)?;
            Some(TermFact {
                kind: TermKind::Tag,
                name: name.to_owned(),
                slug: text(row, "slug"),
                description: fold_white_space(&text(row, "description")),
                is_used: used.contains(name) && row["slug"].as_str().is_some_and(|slug| !slug.is_empty()),
                ..TermFact::default()
            })
        });
        terms.collect()
    }

    /// What is known of those who wrote.
    fn people(&self, names: &BTreeSet<&String>) -> Vec<AuthorFact> {
        let facts = self.rows("users").iter().filter_map(|row| {
            let name = shown_name(row).filter(|name| names.iter().any(|known| known == name))?;
            Some(AuthorFact {
                name: name.to_owned(),
                slug: text(row, "slug"),
                url: text(row, "website"),
                photo: text(row, "profile_image").replace(GHOST_URL, ""),
                description: fold_white_space(&text(row, "bio")),
            })
        });
        let mut facts: Vec<AuthorFact> = facts.filter(|fact| !fact.slug.is_empty()).collect();
        facts.sort_by(|a, b| (&a.name, &a.slug).cmp(&(&b.name, &b.slug)));
        facts.dedup_by(|a, b| a.name == b.name);
        facts
    }

    /// The navigation, a list of JSON in a setting.
    fn menu(&self) -> Vec<MenuFact> {
        let entries: Vec<Value> = serde_json::from_str(self.setting(&["navigation"])).unwrap_or_default();
        let entries = entries.iter().map(|entry| {
            let url = text(entry, "url").replace(GHOST_URL, "");
            let url = url.strip_prefix(self.base_url.as_str()).unwrap_or(&url);
            MenuFact {
                name: text(entry, "label"),
                url: if url.is_empty() { "/".to_owned() } else { url.to_owned() },
            }
        });
        entries.filter(|entry| !entry.name.is_empty()).collect()
    }

    /// The pattern of the addresses: that of links between posts, as the routes of a blog are not in its export, else that
    /// of the settings of old versions.
    fn permalink_told(&self, account: &mut Account) -> String {
        let mut votes = PermalinkVotes::default();
        let posts: HashMap<&str, &Value> =
            self.rows("posts").iter().filter_map(|row| Some((row["slug"].as_str()?, row))).collect();
        let homes = [GHOST_URL, self.base_url.as_str()];
        for row in self.rows("posts") {
            let html = row["html"].as_str().unwrap_or_default();
            for href in html.split("href=\"").skip(1).filter_map(|rest| rest.split(['"', '?', '#']).next()) {
                let Some(path) = homes.iter().find_map(|home| href.strip_prefix(home)) else { continue };
                let slug = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
                let Some(target) = posts.get(percent_decode(slug).as_str()).filter(|row| !is_page(row))
                else {
                    continue;
                };
                let date = self.local(target).unwrap_or_default();
                votes.add(&PermalinkSample { path, date: &date, slug, category: None });
            }
        }
        if let Some(winner) = votes.winner() {
            return winner.to_owned();
        }
        let set = self.setting(&["permalinks"]);
        if Permalink::parse(set).is_ok() {
            return set.to_owned();
        }
        account.remark("the export does not name the addresses of posts (`routes.yaml` does): they are taken to be `/:slug/`; change `permalink` if they were others", "");
        "/:slug/".to_owned()
    }

    /// When a post was published, in the blog's own time.
    fn local(&self, row: &Value) -> Option<String> {
        let moment = utc(row, "published_at").or_else(|| utc(row, "created_at"))?;
        Some(moment.with_timezone(&self.zone).format("%Y-%m-%dT%H:%M:%S%:z").to_string())
    }
}

/// The tables of an export, or why it is none.
fn read(file: &ExportFile) -> Result<std::result::Result<Value, String>> {
    let mut whole: Value = match serde_json::from_reader(file.open()?) {
        Ok(whole) => whole,
        Err(error) => return Ok(Err(format!("this is not an export of Ghost: {error}"))),
    };
    let data = match &whole["db"] {
        Value::Array(_) => whole["db"][0]["data"].take(),
        Value::Object(_) => whole["db"]["data"].take(),
        _ => whole["data"].take(),
    };
    Ok(match data["posts"].is_array() {
        true => Ok(data),
        false => Err("this is not an export of Ghost: it has no table of posts".to_owned()),
    })
}

/// A table, and the one that joins it to posts.
struct Join {
    table: &'static str,
    joins: &'static str,
    key: &'static str,
}

const TAGS: Join = Join { table: "tags", joins: "posts_tags", key: "tag_id" };
const AUTHORS: Join = Join { table: "users", joins: "posts_authors", key: "author_id" };

/// An id, which was a number before version 1; empty if there is none.
fn id(value: &Value) -> String {
    match value {
        Value::String(id) => id.clone(),
        Value::Number(id) => id.to_string(),
        _ => String::new(),
    }
}

/// The name of a tag or a person. Internal tags are for the theme.
fn shown_name(row: &Value) -> Option<&str> {
    let name = row["name"].as_str()?.trim();
    let is_shown = row["visibility"] != "internal" && !name.starts_with('#') && !name.is_empty();
    is_shown.then_some(name)
}

fn is_page(row: &Value) -> bool {
    row["type"] == "page" || row["page"] == true || row["page"] == 1
}

fn text(row: &Value, key: &str) -> String {
    row[key].as_str().unwrap_or_default().to_owned()
}

fn utc(row: &Value, key: &str) -> Option<DateTime<chrono::Utc>> {
    // The oldest versions have milliseconds since 1970.
    if let Some(milliseconds) = row[key].as_i64() {
        return DateTime::from_timestamp_millis(milliseconds);
    }
    let written = row[key].as_str()?;
    // Older versions write a blank for the `T`, and no zone.
    let read = DateTime::parse_from_rfc3339(written)
        .or_else(|_| DateTime::parse_from_rfc3339(&format!("{}Z", written.replace(' ', "T"))));
    read.ok().map(|moment| moment.to_utc())
}

impl Origin for Ghost {
    fn survey(&mut self, names: &mut FileNames, account: &mut Account) -> Result<Survey> {
        let zone = self.setting(&["timezone", "active_timezone", "activeTimezone"]).parse().ok();
        self.zone = self.options.timezone.or(zone).unwrap_or(Tz::UTC);
        if zone.is_none() {
            self.options.remark_zone(account);
        }
        // Before version 4 links within a blog have its address.
        let told = Some(self.setting(&["url"])).filter(|url| Url::parse(url).is_ok());
        let told = told.map(|url| url.trim_end_matches('/').to_owned());
        self.base_url = self.options.base_url_or(told, account);
        self.permalink = self.permalink_told(account);
        let mut book = AddressBook::new(&self.base_url);
        for folder in ["/content/images/", "/content/files/", "/content/media/"] {
            book.keep_folder(folder);
        }
        let (tags, authors, comments) = (self.joined(&TAGS), self.authors(), self.comments());
        let names_of_authors: BTreeSet<&String> = authors.values().flatten().collect();
        let mut entries = Vec::new();
        let mut used = BTreeSet::new();
        for row in self.rows("posts") {
            let id = id(&row["id"]);
            let mut entry = self.entry(row, names);
            entry.tags = tags.get(&id).cloned().unwrap_or_default();
            entry.authors =
                authors.get(&id).cloned().filter(|_| names_of_authors.len() > 1).unwrap_or_default();
            entry.responses = comments.get(&id).cloned().unwrap_or_default();
            if let Some(address) = entry.address.as_ref().filter(|_| entry.state == EntryState::Public) {
                book.add(address.as_str(), address);
                book.add_file(address, &entry.file);
                used.extend(entry.tags.iter().cloned());
            }
            entries.push(entry);
        }
        let known: usize = entries.iter().map(|entry| entry.responses.len()).sum();
        account.respond(ResponseFate::WithItsPost, self.rows("comments").len() - known);
        let people = if names_of_authors.len() > 1 { self.people(&names_of_authors) } else { Vec::new() };
        let blog = BlogFacts {
            title: self.setting(&["title"]).to_owned(),
            description: self.setting(&["description"]).to_owned(),
            base_url: self.base_url.clone(),
            language: self.setting(&["locale", "lang", "default_locale", "defaultLang"]).to_owned(),
            timezone: self.zone.name().to_owned(),
            permalink: self.permalink.clone(),
            tag_folder: "/tag/".to_owned(),
            menu: self.menu(),
            terms: self.terms(&used),
            author_folder: if people.is_empty() { String::new() } else { "/author/".to_owned() },
            authors: people,
            author: names_of_authors
                .first()
                .filter(|_| names_of_authors.len() == 1)
                .map(|name| (*name).clone()),
            ..BlogFacts::default()
        };
        let mut redirects: Vec<RedirectFact> =
            USUAL.iter().map(|(from, to)| RedirectFact::of_pattern(from, to)).collect();
        let mut old_lists = Vec::new();
        for slug in self.rows("users").iter().filter_map(|user| user["slug"].as_str()) {
            let Some(address) = UrlPath::new(&format!("/author/{slug}/")) else { continue };
            if blog.authors.iter().any(|author| author.slug == slug) {
                book.add(address.as_str(), &address);
                old_lists.push(address.encoded(""));
            } else {
                redirects.push(RedirectFact::of_address(address.as_str(), "/"));
            }
        }
        for term in blog.terms.iter().filter(|term| term.is_used) {
            if let Some(address) = UrlPath::new(&format!("/tag/{}/", term.slug)) {
                book.add(address.as_str(), &address);
                old_lists.push(address.encoded(""));
            }
        }
        self.entries = entries;
        let media_folder = "/content/images/".to_owned();
        Ok(Survey { blog, book, redirects, old_lists, media_folder, ..Survey::default() })
    }

    fn entries(&mut self, _: &Survey, account: &mut Account, sink: &mut EntrySink<'_>) -> Result<()> {
        sink(std::mem::take(&mut self.entries), account)
    }
}

impl Ghost {
    fn entry(&self, row: &Value, names: &mut FileNames) -> Entry {
        let slug = text(row, "slug");
        let is_page = is_page(row);
        let state = state(row);
        let date = self.local(row);
        let year = date.as_deref().and_then(|date| date.get(..4)).unwrap_or("undated");
        let folder = match (is_page, state == EntryState::Public) {
            (true, _) => "content/pages".to_owned(),
            (_, true) => format!("content/{year}"),
            _ => "content/drafts".to_owned(),
        };
        let address = self.address(row, &slug, date.as_deref());
        let meta = self.rows("posts_meta").iter().find(|meta| meta["post_id"] == row["id"]);
        let of_meta = |key: &str| {
            let found = [meta.map(|meta| &meta[key]), Some(&row[key])];
            found.into_iter().flatten().find_map(Value::as_str).filter(|text| !text.is_empty())
        };
        let mut remarks = Vec::new();
        if let Some(caption) = of_meta("feature_image_caption") {
            remarks.push(format!("the caption of its picture is not shown: “{caption}”"));
        }
        if let Some(address) = row["canonical_url"].as_str().filter(|address| !address.is_empty()) {
            remarks.push(format!("it names another page as the original: `{address}`"));
        }
        for key in ["codeinjection_head", "codeinjection_foot"] {
            if row[key].as_str().is_some_and(|code| !code.trim().is_empty()) {
                remarks.push("code of its own in the head or at the end of the page was left out".to_owned());
            }
        }
        let image = ["feature_image", "image"].iter().find_map(|key| row[*key].as_str());
        let place = address.as_ref().map(|address| address.encoded("")).unwrap_or_else(|| "/".to_owned());
        Entry {
            file: names.place(&feed_id(row), &folder, &slug),
            name: format!("{} “{}”", if is_page { "page" } else { "post" }, text(row, "title")),
            state,
            title: text(row, "title"),
            date: date.filter(|_| !is_page),
            updated: None,
            address,
            id: feed_id(row),
            aliases: Vec::new(),
            categories: Vec::new(),
            tags: Vec::new(),
            series: None,
            authors: Vec::new(),
            language: row["locale"].as_str().map(str::to_owned),
            summary: row["custom_excerpt"].as_str().map(|summary| format!("<p>{}</p>", escape(summary))),
            description: of_meta("meta_description").map(str::to_owned),
            image: image.map(|image| image.replace(GHOST_URL, "")),
            link: None,
            accepts_linkbacks: LinkbackSwitch::Open,
            body: EntryBody::Html(self.body(row, &mut remarks)),
            place: Place::of(&format!("{}{place}", self.base_url)),
            responses: Vec::new(),
            remarks,
            more: FurtherKeys {
                image_alt: of_meta("feature_image_alt").unwrap_or_default().to_owned(),
                ..FurtherKeys::default()
            },
        }
    }

    /// Where an entry stood: pages are below the root, posts follow the pattern.
    fn address(&self, row: &Value, slug: &str, date: Option<&str>) -> Option<UrlPath> {
        if slug.is_empty() {
            return None;
        }
        if is_page(row) {
            return UrlPath::new(&format!("/{slug}/"));
        }
        let date = date.and_then(|date| date.get(..10)).unwrap_or_default();
        let names = [":year", ":month", ":day"];
        let mut parts: BTreeMap<&str, &str> = std::iter::zip(names, date.split('-')).collect();
        parts.insert(":slug", slug);
        let path = self.permalink.split('/').map(|token| parts.get(token).copied().unwrap_or(token));
        UrlPath::new(&path.collect::<Vec<_>>().join("/"))
    }

    /// The HTML; where it was never made, what the editor stored.
    fn body(&self, row: &Value, remarks: &mut Vec<String>) -> String {
        let stored = ["html", "lexical", "mobiledoc", "markdown"]
            .map(|key| row[key].as_str().filter(|stored| !stored.is_empty()));
        let html = match stored {
            [Some(html), ..] => html.to_owned(),
            [_, Some(lexical), ..] => lexical::html(lexical, remarks),
            [_, _, Some(mobiledoc), _] => mobiledoc::html(mobiledoc, remarks),
            [.., Some(markdown)] => super::comment_exports::html_of_markdown(markdown),
            _ => String::new(),
        };
        cards::shaped_html(&html.replace(GHOST_URL, &self.base_url), remarks)
    }
}

/// What the feed of a blog calls a post: its id since version 1, in which ids are not numbers any more, and before it
/// another one.
fn feed_id(row: &Value) -> String {
    let (id, uuid) = (id(&row["id"]), text(row, "uuid"));
    if (row["id"].is_number() || id.is_empty()) && !uuid.is_empty() { uuid } else { id }
}

/// What is for members, or was only sent by mail, was never public.
fn state(row: &Value) -> EntryState {
    match (row["visibility"].as_str().unwrap_or("public"), row["status"].as_str().unwrap_or("published")) {
        ("public", "published" | "scheduled") => EntryState::Public,
        ("public", "sent") => EntryState::Draft("sent by mail only"),
        ("public", _) => EntryState::Draft("a draft"),
        _ => EntryState::Draft("for members"),
    }
}
