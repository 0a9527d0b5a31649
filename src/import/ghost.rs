//! Ghost: its export in JSON, with posts, tags, authors and comments in tables.

use std::collections::HashMap;

use chrono::DateTime;
use chrono_tz::Tz;
use serde_json::Value;

use super::account::{Account, ResponseFate};
use super::addresses::{AddressBook, Place};
use super::export_files::ExportFile;
use super::model::{
    BlogFacts, Entry, EntryBody, EntryState, FurtherKeys, ImportedResponse, LinkbackSwitch, ResponseState,
    Survey,
};
use super::naming::FileNames;
use super::{EntrySink, ImportOptions, Origin};
use crate::error::{Error, Result};
use crate::html::escape;
use crate::linkback::LinkbackKind;
use crate::path::UrlPath;

/// What stands for the address of the blog.
const GHOST_URL: &str = "__GHOST_URL__";

/// An export of Ghost.
pub(super) struct Ghost {
    data: Value,
    options: ImportOptions,
    base_url: String,
    zone: Tz,
    entries: Vec<Entry>,
}

impl Ghost {
    /// Reads an export. It is one value of JSON, so all of it is in memory.
    pub(super) fn open(file: &ExportFile, options: ImportOptions) -> Result<Self> {
        let whole: Value = serde_json::from_reader(file.open()?).map_err(|error| Error::Argument {
            given: file.name().to_owned(),
            reason: format!("this is not an export of Ghost: {error}"),
        })?;
        let data = match &whole["db"][0]["data"] {
            Value::Null => whole["data"].clone(),
            data => data.clone(),
        };
        Ok(Self { data, options, base_url: String::new(), zone: Tz::UTC, entries: Vec::new() })
    }

    fn rows(&self, table: &str) -> &[Value] {
        self.data[table].as_array().map_or(&[], Vec::as_slice)
    }

    fn setting(&self, key: &str) -> &str {
        let found = self.rows("settings").iter().find(|row| row["key"] == key);
        found.and_then(|row| row["value"].as_str()).unwrap_or_default()
    }

    /// The names that a table of joins gives to each post, in their order.
    fn joined(&self, join: &Join) -> HashMap<&str, Vec<String>> {
        let names: HashMap<&str, &Value> =
            self.rows(join.table).iter().filter_map(|row| Some((row["id"].as_str()?, row))).collect();
        let mut rows: Vec<&Value> = self.rows(join.joins).iter().collect();
        rows.sort_by_key(|row| row["sort_order"].as_i64().unwrap_or_default());
        let mut joined: HashMap<&str, Vec<String>> = HashMap::new();
        for row in rows {
            let Some(post) = row["post_id"].as_str() else { continue };
            let Some(found) = row[join.key].as_str().and_then(|id| names.get(id)) else { continue };
            let name = found["name"].as_str().unwrap_or_default();
            // Internal tags are for the theme.
            if found["visibility"] != "internal" && !name.starts_with('#') && !name.is_empty() {
                joined.entry(post).or_default().push(name.to_owned());
            }
        }
        joined
    }

    fn comments(&self) -> HashMap<&str, Vec<ImportedResponse>> {
        let members: HashMap<&str, &str> = self
            .rows("members")
            .iter()
            .filter_map(|row| Some((row["id"].as_str()?, row["name"].as_str().unwrap_or_default())))
            .collect();
        let mut comments: HashMap<&str, Vec<ImportedResponse>> = HashMap::new();
        for row in self.rows("comments") {
            let Some(post) = row["post_id"].as_str() else { continue };
            comments.entry(post).or_default().push(ImportedResponse {
                kind: LinkbackKind::Comment,
                relation: None,
                id: text(row, "id"),
                parent: [row["in_reply_to_id"].as_str(), row["parent_id"].as_str()]
                    .into_iter()
                    .flatten()
                    .next()
                    .map(str::to_owned),
                anchor: None,
                source: String::new(),
                title: String::new(),
                site: String::new(),
                author: row["member_id"]
                    .as_str()
                    .and_then(|id| members.get(id))
                    .map(|name| (*name).to_owned())
                    .unwrap_or_default(),
                author_url: String::new(),
                content: text(row, "html"),
                excerpt: String::new(),
                published: utc(row, "created_at")
                    .map(|moment| moment.format("%Y-%m-%dT%H:%M:%SZ").to_string()),
                state: if row["status"] == "published" {
                    ResponseState::Approved
                } else {
                    ResponseState::Binned
                },
            });
        }
        comments
    }
}

/// A table, and the one that joins it to posts.
struct Join {
    table: &'static str,
    joins: &'static str,
    key: &'static str,
}

const TAGS: Join = Join { table: "tags", joins: "posts_tags", key: "tag_id" };
const AUTHORS: Join = Join { table: "users", joins: "posts_authors", key: "author_id" };

fn text(row: &Value, key: &str) -> String {
    row[key].as_str().unwrap_or_default().to_owned()
}

fn utc(row: &Value, key: &str) -> Option<DateTime<chrono::Utc>> {
    let written = row[key].as_str()?;
    // Older versions write a blank for the `T`, and no zone.
    let read = DateTime::parse_from_rfc3339(written)
        .or_else(|_| DateTime::parse_from_rfc3339(&format!("{}Z", written.replace(' ', "T"))));
    read.ok().map(|moment| moment.to_utc())
}

impl Origin for Ghost {
    fn survey(&mut self, names: &mut FileNames, account: &mut Account) -> Result<Survey> {
        self.zone =
            self.options.timezone.or_else(|| self.setting("timezone").parse().ok()).unwrap_or(Tz::UTC);
        self.base_url = match &self.options.base_url {
            Some(given) => given.clone(),
            None => {
                account.remark("the export does not name the address of the blog: `https://example.com` stands in the settings (`--base-url URL` names another one)", "");
                "https://example.com".to_owned()
            }
        };
        let mut book = AddressBook::new(&self.base_url);
        book.keep_folder("/content/images/");
        book.keep_folder("/content/files/");
        book.keep_folder("/content/media/");
        let mut entries = Vec::new();
        {
            let (tags, authors, comments) = (self.joined(&TAGS), self.joined(&AUTHORS), self.comments());
            let has_several = self.rows("users").len() > 1;
            for row in self.rows("posts") {
                let id = row["id"].as_str().unwrap_or_default();
                let mut entry = self.entry(row, names);
                entry.tags = tags.get(id).cloned().unwrap_or_default();
                entry.authors = authors.get(id).cloned().filter(|_| has_several).unwrap_or_default();
                entry.responses = comments.get(id).cloned().unwrap_or_default();
                if let Some(address) = entry.address.as_ref().filter(|_| entry.state == EntryState::Public) {
                    book.add(address.as_str(), address);
                    book.add_file(address, &entry.file);
                }
                entries.push(entry);
            }
            let known: usize = entries.iter().map(|entry| entry.responses.len()).sum();
            account.respond(ResponseFate::WithItsPost, self.rows("comments").len() - known);
        }
        self.entries = entries;
        let language = [self.setting("locale"), self.setting("lang")].into_iter().find(|tag| !tag.is_empty());
        let blog = BlogFacts {
            title: self.setting("title").to_owned(),
            description: self.setting("description").to_owned(),
            base_url: self.base_url.clone(),
            language: language.unwrap_or_default().to_owned(),
            timezone: self.zone.name().to_owned(),
            permalink: "/:slug/".to_owned(),
            tag_folder: "/tag/".to_owned(),
            ..BlogFacts::default()
        };
        Ok(Survey { blog, book, media_folder: "/content/images/".to_owned(), ..Survey::default() })
    }

    fn entries(&mut self, _: &Survey, account: &mut Account, sink: &mut EntrySink<'_>) -> Result<()> {
        sink(std::mem::take(&mut self.entries), account)
    }
}

impl Ghost {
    fn entry(&self, row: &Value, names: &mut FileNames) -> Entry {
        let slug = text(row, "slug");
        let is_page = row["type"] == "page" || row["page"] == true || row["page"] == 1;
        let state = state(row);
        let moment = utc(row, "published_at").or_else(|| utc(row, "created_at"));
        let date =
            moment.map(|moment| moment.with_timezone(&self.zone).format("%Y-%m-%dT%H:%M:%S%:z").to_string());
        let year = date.as_deref().and_then(|date| date.get(..4)).unwrap_or("undated");
        let folder = match (is_page, state == EntryState::Public) {
            (true, _) => "content/pages".to_owned(),
            (_, true) => format!("content/{year}"),
            _ => "content/drafts".to_owned(),
        };
        let id =
            [text(row, "uuid"), text(row, "id")].into_iter().find(|id| !id.is_empty()).unwrap_or_default();
        let meta = self.rows("posts_meta").iter().find(|meta| meta["post_id"] == row["id"]);
        let description = [meta.map(|meta| &meta["meta_description"]), Some(&row["meta_description"])];
        let description =
            description.into_iter().flatten().find_map(Value::as_str).filter(|text| !text.is_empty());
        let address = UrlPath::new(&format!("/{slug}/")).filter(|_| !slug.is_empty());
        Entry {
            file: names.place(&id, &folder, &slug),
            name: format!("{} “{}”", if is_page { "page" } else { "post" }, text(row, "title")),
            state,
            title: text(row, "title"),
            date: date.filter(|_| !is_page),
            updated: None,
            address,
            id,
            aliases: Vec::new(),
            categories: Vec::new(),
            tags: Vec::new(),
            series: None,
            authors: Vec::new(),
            language: row["locale"].as_str().map(str::to_owned),
            summary: row["custom_excerpt"].as_str().map(|summary| format!("<p>{}</p>", escape(summary))),
            description: description.map(str::to_owned),
            image: row["feature_image"].as_str().map(|image| image.replace(GHOST_URL, "")),
            link: None,
            accepts_linkbacks: LinkbackSwitch::Open,
            body: EntryBody::Html(self.body(row)),
            place: Place::of(&format!("{}/{slug}/", self.base_url)),
            responses: Vec::new(),
            remarks: Vec::new(),
            more: FurtherKeys::default(),
        }
    }

    /// The HTML; where it was never made, the texts of the editor's own format.
    fn body(&self, row: &Value) -> String {
        let html = match row["html"].as_str() {
            Some(html) => html.to_owned(),
            None => {
                let stored = row["lexical"].as_str().unwrap_or_default();
                let tree: Value = serde_json::from_str(stored).unwrap_or_default();
                let mut html = String::new();
                lexical(&tree["root"], 0, &mut html);
                html
            }
        };
        html.replace(GHOST_URL, &self.base_url)
    }
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

/// Ghost's editor: a tree of paragraphs, headings, lists and texts with formats in bits.
fn lexical(node: &Value, depth: usize, html: &mut String) {
    const MAX_DEPTH: usize = 64;
    if depth > MAX_DEPTH {
        return;
    }
    let kind = node["type"].as_str().unwrap_or_default();
    let tag = match kind {
        "paragraph" => "p",
        "heading" | "extended-heading" => node["tag"]
            .as_str()
            .filter(|tag| matches!(*tag, "h1" | "h2" | "h3" | "h4" | "h5" | "h6"))
            .unwrap_or("h2"),
        "quote" | "extended-quote" | "aside" => "blockquote",
        "list" => {
            if node["listType"] == "number" {
                "ol"
            } else {
                "ul"
            }
        }
        "listitem" => "li",
        "link" => "a",
        _ => "",
    };
    match kind {
        "linebreak" => html.push_str("<br>"),
        "horizontalrule" => html.push_str("<hr>"),
        "codeblock" => html.push_str(&format!(
            "<pre><code class=\"language-{}\">{}</code></pre>",
            escape(node["language"].as_str().unwrap_or_default()),
            escape(node["code"].as_str().unwrap_or_default())
        )),
        "html" | "markdown" => {
            html.push_str(node["html"].as_str().or_else(|| node["markdown"].as_str()).unwrap_or_default())
        }
        "image" => html.push_str(&format!(
            "<figure><img src=\"{}\" alt=\"{}\"><figcaption>{}</figcaption></figure>",
            escape(node["src"].as_str().unwrap_or_default()),
            escape(node["alt"].as_str().unwrap_or_default()),
            node["caption"].as_str().unwrap_or_default()
        )),
        _ => {}
    }
    let format = node["format"].as_u64().unwrap_or_default();
    let marks = [(1, "strong"), (2, "em"), (4, "s"), (16, "code")]
        .map(|(bit, mark)| (format & bit != 0).then_some(mark));
    if let Some(text) = node["text"].as_str() {
        let open: String = marks.iter().flatten().map(|mark| format!("<{mark}>")).collect();
        let close: String = marks.iter().rev().flatten().map(|mark| format!("</{mark}>")).collect();
        html.push_str(&format!("{open}{}{close}", escape(text)));
    }
    match tag {
        "" => {}
        "a" => html.push_str(&format!("<a href=\"{}\">", escape(node["url"].as_str().unwrap_or_default()))),
        tag => html.push_str(&format!("<{tag}>")),
    }
    for child in node["children"].as_array().into_iter().flatten() {
        lexical(child, depth + 1, html);
    }
    if !tag.is_empty() {
        html.push_str(&format!("</{tag}>"));
    }
}
