//! Jekyll: `_config.yml`, `_posts`, `_drafts`, collections, pages; Liquid and kramdown in the texts.

mod permalinks;

use std::collections::{BTreeMap, HashMap};

use chrono_tz::Tz;
use serde_json::{Map, Value};

use super::comments;
use super::head::{CommonKeys, EngineHead, TextsIn, date_of, is_floating, text_of, texts_of, words_of_title};
use super::kramdown;
use super::liquid::{self, LiquidReference, LiquidSite};
use super::markdown_parts::with_emoji;
use super::site::{
    DocumentKind, DocumentPlan, DocumentShape, EngineDocument, SiteCollector, add_aliases, keep_unread_head,
};
use super::source_tree::{SourceTree, ending, file_name, folder_of, joined, stem};
use super::{EngineSurvey, SiteEngine, TOO_LONG};
use crate::date::{Date, day_in_name};
use crate::error::Result;
use crate::import::ImportOptions;
use crate::import::account::{Account, EntryFate};
use crate::import::model::{BlogFacts, Entry, EntryBody, EntryState, MarkdownSettings, TermKind};
use crate::import::naming::FileNames;
use crate::path::UrlPath;
use crate::post::slug::term_slug;
use crate::spanned;

use self::permalinks::{JekyllNames, PermalinkStyle};

pub(super) use self::permalinks::slugified;

/// Files of settings, of which Jekyll reads the first.
const SETTINGS: [&str; 3] = ["_config.yml", "_config.yaml", "_config.toml"];
/// What Jekyll leaves out by itself.
const LEFT_OUT: [&str; 8] = [
    "Gemfile",
    "Gemfile.lock",
    "gemfiles",
    "package.json",
    "package-lock.json",
    "Rakefile",
    "vendor",
    "yarn.lock",
];
const MARKDOWN: [&str; 5] = ["md", "markdown", "mkdown", "mkdn", "mkd"];
/// Ends of names behind which the text is HTML.
const HTML: [&str; 3] = ["html", "htm", "xhtml"];

/// A site of Jekyll.
pub(in crate::import) struct Jekyll {
    options: ImportOptions,
    settings: Value,
    zone: Tz,
    style: PermalinkStyle,
    /// `/blog`, as Jekyll prints it before addresses.
    base_path: String,
    /// Posts by the names of their files without folder and ending, and addresses of all files.
    posts: HashMap<String, String>,
    addresses: HashMap<String, String>,
    includes: HashMap<String, String>,
    /// Files that documents may include from beside them.
    beside: HashMap<String, String>,
    has_formulas: bool,
}

/// What a file of the tree is.
enum JekyllFile<'t> {
    Post {
        folders: &'t str,
        is_draft: DraftFolder,
    },
    Collection(&'t str),
    Page,
    Static,
    /// Left out, and why.
    Other(&'static str),
    Settings,
    /// Of Staticman.
    Comment,
}

/// Whether a post lies among the drafts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DraftFolder {
    Yes,
    No,
}

/// Why settings cannot be read.
struct SettingsFault {
    file: &'static str,
    why: String,
}

/// The settings as they are written.
fn settings(tree: &SourceTree) -> std::result::Result<Value, SettingsFault> {
    let file = SETTINGS.into_iter().find(|name| tree.has(name)).unwrap_or_default();
    let text = tree.text(file).unwrap_or_default();
    let table = if file.ends_with(".toml") { spanned::toml(&text, 0) } else { spanned::yaml(&text, 0) };
    table.map(|table| spanned::table_to_json(&table)).map_err(|faults| SettingsFault {
        file,
        why: faults.first().map(|fault| fault.message.clone()).unwrap_or_default(),
    })
}

impl Jekyll {
    pub(in crate::import) fn new(options: ImportOptions) -> Self {
        Self {
            options,
            settings: Value::Null,
            zone: Tz::UTC,
            style: PermalinkStyle::default(),
            base_path: String::new(),
            posts: HashMap::new(),
            addresses: HashMap::new(),
            includes: HashMap::new(),
            beside: HashMap::new(),
            has_formulas: false,
        }
    }

    /// Whether a folder is a site of Jekyll.
    pub(in crate::import) fn is_in(tree: &SourceTree) -> bool {
        SETTINGS.iter().any(|name| tree.has(name)) || tree.paths().any(|path| path.starts_with("_posts/"))
    }

    /// Makes the folder that the settings name (`source`, as every blog of Octopress has it) the top of the tree.
    pub(in crate::import) fn narrow(tree: &mut SourceTree) {
        let settings = settings(tree).unwrap_or_default();
        let named = settings.get("source").and_then(text_of).unwrap_or_default();
        let Some(named) = joined("", &named).filter(|named| !named.is_empty()) else { return };
        let is_there = tree.paths().any(|path| path.starts_with(&format!("{named}/")));
        // A build may have copied the texts there from another folder.
        let mut others: Vec<&str> =
            tree.paths().filter_map(|path| Some(path.split_once("/_posts/")?.0)).collect();
        others.dedup();
        let folder = match (is_there, &others[..]) {
            (true, _) => named,
            (false, [one]) => (*one).to_owned(),
            (false, _) => return,
        };
        tree.narrow(&folder, &SETTINGS);
    }

    /// The folder that Jekyll writes, as far as it is known before its settings are read.
    pub(in crate::import) const OUTPUTS: [&'static str; 1] = ["_site"];

    fn setting(&self, key: &str) -> String {
        self.settings.get(key).and_then(text_of).unwrap_or_default()
    }

    fn read_settings(&mut self, tree: &SourceTree, account: &mut Account) {
        self.settings = match settings(tree) {
            Ok(settings) => settings,
            Err(SettingsFault { file, why }) => {
                account.remark(&format!("the settings cannot be read: {why}"), file);
                Value::Object(Map::new())
            }
        };
        let named = self.setting("timezone").parse().ok();
        self.zone = self.options.timezone.or(named).unwrap_or(Tz::UTC);
        if named.is_none() {
            self.options.remark_zone(account);
        }
        self.style = PermalinkStyle::of(&self.setting("permalink"));
        let base_path = self.setting("baseurl");
        let base_path = base_path.trim_matches('/');
        self.base_path = if base_path.is_empty() { String::new() } else { format!("/{base_path}") };
        let data = data(tree);
        if let Value::Object(settings) = &mut self.settings {
            settings.insert("baseurl".to_owned(), Value::String(self.base_path.clone()));
            settings.insert("data".to_owned(), data);
        }
    }

    fn texts_setting(&self, key: &str) -> Vec<String> {
        self.settings.get(key).map(|value| texts_of(value, TextsIn::One)).unwrap_or_default()
    }

    fn has_plugin(&self, name: &str) -> bool {
        let named = ["plugins", "gems"].into_iter().flat_map(|key| self.texts_setting(key));
        named.into_iter().any(|plugin| plugin == name)
    }

    /// What the settings say of a collection.
    fn collection(&self, name: &str) -> Option<Value> {
        match self.settings.get("collections")? {
            Value::Object(collections) => collections.get(name).cloned(),
            Value::Array(names) => {
                names.iter().find(|found| found.as_str() == Some(name)).map(|_| Value::Null)
            }
            _ => None,
        }
    }

    fn kind<'t>(&self, tree: &SourceTree, path: &'t str) -> JekyllFile<'t> {
        if SETTINGS.contains(&path) {
            return JekyllFile::Settings;
        }
        let inner = match self.setting("collections_dir").trim_matches('/') {
            "" => path,
            folder => path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')).unwrap_or(path),
        };
        for (folder, is_draft) in [("_posts/", DraftFolder::No), ("_drafts/", DraftFolder::Yes)] {
            let at = inner.find(folder).filter(|at| *at == 0 || inner[..*at].ends_with('/'));
            if let Some(at) = at.filter(|at| !inner[..*at].split('/').any(|part| part.starts_with('_'))) {
                return if is_text(inner) {
                    JekyllFile::Post { folders: &inner[..at], is_draft }
                } else {
                    JekyllFile::Other("it lies among the posts, and is not Markdown or HTML")
                };
            }
        }
        let first = inner.split('/').next().unwrap_or_default();
        let is_included = self.texts_setting("include").iter().any(|kept| first == kept.trim_matches('/'));
        if let Some(name) = first.strip_prefix('_').filter(|_| inner.contains('/') && !is_included) {
            return self.underlined(tree, path, name);
        }
        if inner.split('/').any(|part| part.starts_with(['.', '_', '#']) || part.ends_with('~'))
            && !is_included
        {
            return JekyllFile::Other("Jekyll leaves out what begins with `.` or `_`");
        }
        let excluded = self.texts_setting("exclude");
        let is_excluded = LEFT_OUT.contains(&first)
            || excluded.iter().map(|name| name.trim_matches('/')).any(|name| {
                inner == name || inner.strip_prefix(name).is_some_and(|rest| rest.starts_with('/'))
            });
        if is_excluded && !is_included {
            return JekyllFile::Other("the settings leave it out (`exclude`)");
        }
        if tree.begins_with_fence(path) { JekyllFile::Page } else { JekyllFile::Static }
    }

    /// A file in a folder whose name begins with `_`.
    fn underlined<'t>(&self, tree: &SourceTree, path: &'t str, name: &'t str) -> JekyllFile<'t> {
        let is_shown =
            self.collection(name).is_some_and(|settings| settings.get("output") == Some(&Value::Bool(true)));
        match name {
            "includes" | "layouts" | "sass" | "plugins" => JekyllFile::Other("a part of the theme"),
            "data" if comments::is_comment(path) => JekyllFile::Comment,
            "data" => JekyllFile::Other("data for templates"),
            name if is_shown && tree.begins_with_fence(path) => JekyllFile::Collection(name),
            name if is_shown => JekyllFile::Other(if name.is_empty() {
                ""
            } else {
                "a file of a collection without front matter"
            }),
            _ if self.collection(name).is_some() => {
                JekyllFile::Other("a collection without pages of its own (`output` is not set)")
            }
            _ => JekyllFile::Other("Jekyll leaves out what begins with `.` or `_`"),
        }
    }

    /// The defaults of the settings for a file, the most special last.
    fn defaults(&self, path: &str, kind: &str) -> Map<String, Value> {
        let mut fitting: Vec<(usize, &Map<String, Value>)> = Vec::new();
        for rule in self.settings.get("defaults").and_then(Value::as_array).into_iter().flatten() {
            let scope = rule.get("scope").unwrap_or(&Value::Null);
            let folder = scope.get("path").and_then(Value::as_str).unwrap_or_default().trim_matches('/');
            let start = folder.split('*').next().unwrap_or_default();
            let is_below = path.strip_prefix(start).is_some_and(|rest| {
                folder.contains('*') || rest.is_empty() || rest.starts_with('/') || start.is_empty()
            });
            let wanted = scope.get("type").and_then(Value::as_str);
            if let Some(values) = rule
                .get("values")
                .and_then(Value::as_object)
                .filter(|_| is_below && wanted.is_none_or(|wanted| wanted == kind))
            {
                fitting.push((folder.len() * 2 + usize::from(wanted.is_some()), values));
            }
        }
        fitting.sort_by_key(|(weight, _)| *weight);
        fitting.into_iter().flat_map(|(_, values)| values.clone()).collect()
    }

    /// The date of the head, as Jekyll reads it: without quotes and zone it is UTC, with quotes it is in the site's zone.
    fn date(&self, head: &mut EngineHead) -> Option<Date> {
        let is_plain = head.has_plain_date;
        let text = head.text("date")?;
        let text = if is_plain && is_floating(&text) { format!("{text}Z") } else { text };
        date_of(&text, self.zone)
    }

    /// The head of a file; without one it is all body.
    fn head(&self, path: &str, text: &str, kind: &str) -> EngineHead {
        let mut head = EngineHead::split(path, text).unwrap_or_default();
        head.add_defaults(&self.defaults(path, kind));
        head
    }

    fn add_post(&mut self, file: &PostFile<'_>, text: &str, site: &mut SiteCollector<'_>) {
        let is_draft = file.is_draft == DraftFolder::Yes;
        let mut head = self.head(file.path, text, if is_draft { "drafts" } else { "posts" });
        let whole = head.clone();
        let name = stem(file_name(file.path));
        let named = day_in_name(name).filter(|_| !is_draft);
        let own_slug = head.text("slug");
        let slug = own_slug.unwrap_or_else(|| named.map_or(name, |(_, rest)| rest).to_owned());
        let day = named.and_then(|((year, month, day), _)| Date::of_day(year, month, day, self.zone));
        let date = self.date(&mut head).or(day);
        let mut categories: Vec<String> =
            file.folders.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect();
        for (key, apart) in [("category", TextsIn::One), ("categories", TextsIn::Words)] {
            let more = head.texts(key, apart);
            categories.extend(more.into_iter().filter(|name| !categories.contains(name)).collect::<Vec<_>>());
        }
        let names = JekyllNames {
            date,
            slug: &slug,
            categories: &categories,
            collection: "posts",
            path: &slug,
            name,
        };
        let own_address = head.text("permalink");
        let own_pattern = self.collection("posts").and_then(|posts| posts.get("permalink").and_then(text_of));
        let pattern = own_address.clone().or(own_pattern).unwrap_or_else(|| self.style.posts.clone());
        let address =
            UrlPath::new(&names.address(&pattern)).filter(|_| date.is_some() || own_address.is_some());
        let state = self.state(&mut head, file.is_draft);
        let plan = DocumentPlan {
            source: file.path,
            body_at: head.body_at,
            kind: if date.is_some() || is_draft { DocumentKind::Post } else { DocumentKind::Page },
            state,
            shape: DocumentShape::File,
            folder: &date
                .map(|date| date.day().format("%Y").to_string())
                .filter(|_| !is_draft)
                .unwrap_or_default(),
            stem: &slug,
            id: address.as_ref().map(|address| self.feed_id(address, &slug)),
            address,
            date,
        };
        let mut entry = site.entry(&plan);
        entry.categories = categories;
        if let Some(address) = &plan.address {
            self.posts
                .entry(name.to_owned())
                .or_insert_with(|| format!("{}{}", self.base_path, address.encoded("")));
        }
        self.finish(&plan, head, whole, entry, site);
    }

    /// What jekyll-feed calls a post: its address with its name for an end.
    fn feed_id(&self, address: &UrlPath, slug: &str) -> String {
        let folder = match address.as_str().strip_suffix('/') {
            Some(folder) => folder_of(folder).to_owned(),
            None => folder_of(address.as_str()).to_owned(),
        };
        format!("{}{}{folder}/{slug}", self.setting("url").trim_end_matches('/'), self.base_path)
    }

    fn state(&self, head: &mut EngineHead, is_draft: DraftFolder) -> EntryState {
        let published = head.flag("published");
        let draft = head.flag("draft");
        if is_draft == DraftFolder::Yes || draft == Some(true) {
            EntryState::Draft("a draft")
        } else if published == Some(false) {
            EntryState::Draft("not published")
        } else if head.get("redirect_to").is_null() {
            EntryState::Public
        } else {
            EntryState::Draft("its address led on to another one")
        }
    }

    fn add_page(&mut self, path: &str, text: &str, collection: Option<&str>, site: &mut SiteCollector<'_>) {
        let mut head = self.head(path, text, collection.unwrap_or("pages"));
        let whole = head.clone();
        let date = self.date(&mut head);
        let below = collection
            .and_then(|name| path.split_once(&format!("_{name}/")))
            .map_or(path, |(_, below)| below);
        let (folder, name) = (folder_of(below), stem(file_name(below)));
        let pattern = match collection {
            Some(collection) => {
                let own = self
                    .collection(collection)
                    .and_then(|settings| settings.get("permalink").and_then(text_of));
                own.unwrap_or_else(|| format!("/:collection/:path{}", self.style.suffix))
            }
            None if name == "index" => format!("/{folder}/"),
            None => format!("/{folder}/{name}{}", self.style.suffix),
        };
        let categories = head.texts("categories", TextsIn::Words);
        let path_below = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
        let collection_name = collection.unwrap_or_default();
        let names = JekyllNames {
            date,
            slug: name,
            categories: &categories,
            collection: collection_name,
            path: &path_below,
            name,
        };
        let written = head.text("permalink").unwrap_or(pattern);
        let state = self.state(&mut head, DraftFolder::No);
        let new_folder =
            [collection_name, folder.strip_prefix("_pages").map_or(folder, |below| below.trim_matches('/'))]
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join("/");
        let plan = DocumentPlan {
            source: path,
            body_at: head.body_at,
            kind: DocumentKind::Page,
            state,
            shape: DocumentShape::File,
            folder: &new_folder,
            stem: name,
            address: UrlPath::new(&names.address(&written)),
            id: None,
            date,
        };
        let entry = site.entry(&plan);
        self.finish(&plan, head, whole, entry, site);
    }

    /// The keys that all documents have.
    fn finish(
        &mut self,
        plan: &DocumentPlan<'_>,
        mut head: EngineHead,
        whole: EngineHead,
        mut entry: Entry,
        site: &mut SiteCollector<'_>,
    ) {
        keep_unread_head(&mut entry, &head);
        head.take_common(&mut entry, &KEYS, self.zone);
        entry.title = words_of_title(&entry.title);
        if entry.title.is_empty() && plan.kind == DocumentKind::Post {
            entry.title = permalinks::title_of(plan.stem);
        }
        entry.tags = head.texts("tag", TextsIn::One);
        let tags = head.texts("tags", TextsIn::Words);
        entry.tags.extend(tags);
        entry.authors = head.authors("author");
        entry.authors.extend(head.authors("authors"));
        entry.language = head.first_text(&["lang", "language", "locale"]).map(|tag| tag.replace('_', "-"));
        entry.link = head.first_text(&["link", "external-url", "external_url"]);
        entry.image = head
            .take_picture(&PICTURE_KEYS, &PICTURE_ADDRESS)
            .map(|image| site.book.rewrite(&image, &entry.place).address);
        let old = head.texts("redirect_from", TextsIn::One);
        add_aliases(&mut entry, old);
        if let (Some(to), Some(address)) = (head.text("redirect_to"), &plan.address) {
            let to = site.book.rewrite(&to, &entry.place).address;
            site.redirect(address.as_str(), &to);
        }
        for key in ["layout", "permalink", "slug", "date", "category", "categories"] {
            head.take(key);
        }
        entry.more.extra = head.extra();
        if let Some(address) = &plan.address {
            self.addresses
                .insert(plan.source.to_owned(), format!("{}{}", self.base_path, address.encoded("")));
            self.note_short(address, site);
        }
        if self.has_term_pages() && entry.state == EntryState::Public && plan.kind == DocumentKind::Post {
            for tag in &entry.tags {
                site.use_term(TermKind::Tag, tag, &slugified(tag));
            }
            for category in &entry.categories {
                site.use_term(TermKind::Category, category, &slugified(category));
            }
        }
        site.add(plan, whole, entry);
    }

    /// Whether a plugin made pages of tags and categories.
    fn has_term_pages(&self) -> bool {
        self.settings.get("jekyll-archives").is_some_and(|settings| !settings["enabled"].is_null())
    }

    /// The folder of tags or categories that the plugin for archives wrote.
    fn term_folder(&self, kind: &str) -> String {
        let pattern = self.settings["jekyll-archives"]["permalinks"][kind].as_str().map(str::to_owned);
        let usual = if self.has_term_pages() { format!("/{kind}/:name/") } else { String::new() };
        let pattern = pattern.filter(|_| self.has_term_pages()).unwrap_or(usual);
        pattern.strip_suffix(":name/").map(str::to_owned).unwrap_or_default()
    }

    fn facts(&self) -> BlogFacts {
        let author = self
            .settings
            .get("author")
            .and_then(|author| author.get("name").and_then(text_of).or_else(|| text_of(author)));
        BlogFacts {
            title: [self.setting("title"), self.setting("name")]
                .into_iter()
                .find(|title| !title.is_empty())
                .unwrap_or_default(),
            description: [self.setting("description"), self.setting("tagline")]
                .into_iter()
                .find(|text| !text.is_empty())
                .unwrap_or_default()
                .trim()
                .to_owned(),
            language: [self.setting("lang"), self.setting("locale")]
                .into_iter()
                .find(|tag| !tag.is_empty())
                .unwrap_or_default()
                .replace('_', "-"),
            timezone: self.zone.name().to_owned(),
            author,
            tag_folder: self.term_folder("tag"),
            category_folder: self.term_folder("category"),
            markdown: MarkdownSettings { math: self.has_formulas, ..MarkdownSettings::default() },
            ..BlogFacts::default()
        }
    }
}

/// The list whose pages a pattern names: `/blog/` of `/blog/page:num/`, if a page of posts is likely to stand there.
fn list_of(pattern: &str) -> String {
    let folder =
        pattern.split(":num").next().unwrap_or_default().trim_end_matches("page").trim_end_matches("page/");
    let folder = folder.rsplit_once('/').map_or("", |(folder, _)| folder);
    if folder.is_empty() { "/".to_owned() } else { format!("{folder}/") }
}

/// The files of `_data`, as `site.data`.
fn data(tree: &SourceTree) -> Value {
    let mut data = Value::Object(Map::new());
    for path in tree.paths().filter(|path| path.starts_with("_data/") && !comments::is_comment(path)) {
        if !["yml", "yaml", "json"].contains(&ending(path).as_str()) {
            continue;
        }
        // The reader of front matter takes tables alone, and a list below a key is one.
        let text = tree.text(path).unwrap_or_default();
        let text = text.trim_start().trim_start_matches("---");
        let read = spanned::yaml(text, 0).map(|table| spanned::table_to_json(&table));
        let value = read.or_else(|_| {
            let list = spanned::yaml(&format!("list:\n{text}"), 0);
            list.map(|table| spanned::table_to_json(&table)["list"].take())
        });
        let mut place = &mut data;
        let below = path.trim_start_matches("_data/");
        for part in below.split('/').map(stem) {
            if !place.is_object() {
                *place = Value::Object(Map::new());
            }
            place = &mut place[part];
        }
        *place = value.unwrap_or_default();
    }
    data
}

/// The file of a post.
struct PostFile<'a> {
    path: &'a str,
    folders: &'a str,
    is_draft: DraftFolder,
}

fn is_text(path: &str) -> bool {
    let ending = ending(path);
    MARKDOWN.contains(&ending.as_str()) || HTML.contains(&ending.as_str())
}

const KEYS: CommonKeys = CommonKeys {
    updated: &["last_modified_at", "updated", "modified_date", "last-modified-date"],
    summary: &["excerpt", "summary"],
};

/// Where themes have the picture of a document.
const PICTURE_KEYS: [&str; 4] = ["image", "thumbnail", "cover", "feature_image"];

/// Where its address stands if it is a table.
const PICTURE_ADDRESS: [&str; 4] = ["path", "url", "src", "feature"];

impl SiteEngine for Jekyll {
    fn survey(
        &mut self,
        tree: &SourceTree,
        names: &mut FileNames,
        account: &mut Account,
    ) -> Result<EngineSurvey> {
        self.read_settings(tree, account);
        let host = self.setting("url");
        let told = (!host.is_empty()).then(|| format!("{}{}", host.trim_end_matches('/'), self.base_path));
        let base_url = self.options.base_url_or(told, account);
        let mut site = SiteCollector::new(&base_url, names);
        let mut left_out: BTreeMap<(String, &'static str), usize> = BTreeMap::new();
        for path in tree.paths() {
            match self.kind(tree, path) {
                JekyllFile::Settings => account.item(EntryFate::Settings),
                JekyllFile::Comment => {}
                JekyllFile::Static => {
                    site.keep_file(tree, path, &format!("/{path}"));
                    self.addresses.insert(path.to_owned(), format!("{}/{path}", self.base_path));
                }
                JekyllFile::Other(why) => {
                    if let Some(name) = path.strip_prefix("_includes/") {
                        self.includes.extend(tree.text(path).map(|text| (name.to_owned(), text)));
                    }
                    *left_out.entry((top_of(path), why)).or_default() += 1;
                }
                JekyllFile::Post { folders, is_draft } => match tree.text(path) {
                    Some(text) => {
                        self.has_formulas |= text.contains("$$");
                        self.add_post(&PostFile { path, folders, is_draft }, &text, &mut site);
                    }
                    None => account.leave_out(format!("`{path}`"), TOO_LONG),
                },
                JekyllFile::Collection(name) => match tree.text(path) {
                    Some(text) => self.add_page(path, &text, Some(name), &mut site),
                    None => account.leave_out(format!("`{path}`"), TOO_LONG),
                },
                JekyllFile::Page => self.page(tree, path, &mut site, account),
            }
        }
        for ((what, why), count) in left_out {
            account.leave_out_all(&what, count, why);
        }
        let has_feed = self.has_plugin("jekyll-feed");
        let feed = self.settings["feed"]["path"].as_str().unwrap_or("feed.xml").to_owned();
        if has_feed && feed != "atom.xml" {
            site.redirect(&format!("/{}", feed.trim_start_matches('/')), "/atom.xml");
        }
        self.redirect_pages(&mut site);
        comments::attach(tree, self.zone, site.documents_mut(), account)?;
        self.note_neighbours(tree, site.documents());
        Ok(site.finish(self.facts()))
    }

    fn body(&self, document: &EngineDocument, written: &str, remarks: &mut Vec<String>) -> EntryBody {
        let own = document.head.get("excerpt_separator").as_str().map(str::to_owned);
        let separator = own.unwrap_or_else(|| self.setting("excerpt_separator"));
        let mut page = Value::Object(document.head.keys().clone());
        page["title"] = document.entry.title.clone().into();
        page["date"] = document.entry.date.clone().into();
        page["url"] = document.entry.address.as_ref().map(|address| address.encoded("")).into();
        let context = JekyllPage { jekyll: self, document, page };
        let text = liquid::render(written, &context, remarks);
        if HTML.contains(&ending(&document.source).as_str()) {
            return EntryBody::Html(text);
        }
        let text = with_divider(&text, separator.trim());
        let text = if self.has_plugin("jemoji") { with_emoji(&text) } else { text };
        EntryBody::Markdown(kramdown::to_markdown(&text, remarks))
    }
}

impl Jekyll {
    /// The pages of the front page, as either of the plugins for them wrote them.
    fn redirect_pages(&self, site: &mut SiteCollector<'_>) {
        let newer = &self.settings["pagination"];
        let is_newer = newer["enabled"] == true;
        let on_page = if is_newer {
            newer["per_page"].as_u64().or(Some(10))
        } else {
            self.settings["paginate"].as_u64()
        };
        let Some(on_page) = on_page.and_then(|count| usize::try_from(count).ok()).filter(|count| *count > 0)
        else {
            return;
        };
        let usual = if is_newer { "/page/:num/" } else { "/page:num/" };
        let named = if is_newer { &newer["permalink"] } else { &self.settings["paginate_path"] };
        let pattern = format!("/{}", named.as_str().unwrap_or(usual).trim_start_matches('/'));
        let (first, pages) = (list_of(&pattern), site.listed_posts().div_ceil(on_page));
        site.redirect_pages(&first, 2..=pages, &|page| {
            let address = pattern.replace(":num", &page.to_string());
            let is_file = file_name(&address).contains('.');
            if is_file || address.ends_with('/') { address } else { format!("{address}/") }
        });
    }

    fn page(&mut self, tree: &SourceTree, path: &str, site: &mut SiteCollector<'_>, account: &mut Account) {
        let Some(text) = tree.text(path) else {
            account.leave_out(format!("`{path}`"), TOO_LONG);
            return;
        };
        let ending = ending(path);
        let is_template = self.lists_documents(&text);
        if MARKDOWN.contains(&ending.as_str())
            || HTML.contains(&ending.as_str()) && !is_template && path != "404.html"
        {
            self.add_page(path, &text, None, site);
            return;
        }
        self.redirect_list(path, &text, site);
        if matches!(path, "rss.xml" | "feed.xml" | "feed/index.xml") {
            site.redirect(&format!("/{path}"), if path == "rss.xml" { "/rss.xml" } else { "/atom.xml" });
        }
        account.leave_out(
            format!("`{path}`"),
            "a template: lists, feeds and style sheets are those of the new theme",
        );
    }

    /// Whether a text lists what is a list of the new theme: posts, pages, terms, collections. Lists of data are read.
    fn lists_documents(&self, text: &str) -> bool {
        const LISTS: [&str; 8] = [
            "posts",
            "pages",
            "html_pages",
            "tags",
            "categories",
            "collections",
            "documents",
            "static_files",
        ];
        let collections = self.settings.get("collections").and_then(Value::as_object);
        let collections =
            collections.into_iter().flat_map(|collections| collections.keys().map(String::as_str));
        let has_loop = ["{% for ", "{%- for ", "{%for "].iter().any(|tag| text.contains(tag));
        let mut lists = LISTS.into_iter().chain(collections);
        text.contains("paginator") || has_loop && lists.any(|list| text.contains(&format!("site.{list}")))
    }

    /// A page that a template makes of all posts, tags or categories leads to the list of them here.
    fn redirect_list(&self, path: &str, text: &str, site: &mut SiteCollector<'_>) {
        let is_page = HTML.contains(&ending(path).as_str());
        let lists =
            [("site.categories", "/categories/"), ("site.tags", "/tags/"), ("site.posts", "/archives/")];
        let found = lists.iter().find_map(|(name, list)| Some((list, text.split_once(name)?.1)));
        let Some((list, rest)) = found.filter(|_| is_page) else { return };
        // `site.categories.release` is one of them.
        let term = rest.strip_prefix('.').map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_'));
        let term = term.and_then(|mut parts| parts.next()).filter(|term| !term.is_empty());
        let list = match term {
            Some(term) => format!("{list}{}/", term_slug(term)),
            None => (*list).to_owned(),
        };
        let (folder, name) = (folder_of(path), stem(file_name(path)));
        let usual = if name == "index" {
            format!("/{folder}/")
        } else {
            format!("/{folder}/{name}{}", self.style.suffix)
        };
        let mut head = self.head(path, text, "pages");
        let names = JekyllNames { date: None, slug: name, categories: &[], collection: "", path: name, name };
        let address = UrlPath::new(&names.address(&head.text("permalink").unwrap_or(usual)));
        if let Some(address) = address.filter(|address| address.as_str() != "/" && address.as_str() != list) {
            site.redirect(address.as_str(), &list);
            self.note_short(&address, site);
        }
    }

    /// Hosts find `name.html` by `name`.
    fn note_short(&self, address: &UrlPath, site: &mut SiteCollector<'_>) {
        if let Some(short) = address.as_str().strip_suffix(".html") {
            site.also_at(short, address);
        }
    }

    /// Reads what documents include from beside them.
    fn note_neighbours(&mut self, tree: &SourceTree, documents: &[EngineDocument]) {
        for document in documents {
            let Some(text) = tree.text(&document.source).filter(|text| text.contains("include_relative"))
            else {
                continue;
            };
            for written in text.split("include_relative").skip(1) {
                let name = written.split_whitespace().next().unwrap_or_default();
                let path = joined(folder_of(&document.source), name);
                if let Some((path, text)) = path.and_then(|path| Some((path.clone(), tree.text(&path)?))) {
                    self.beside.insert(path, text);
                }
            }
        }
    }
}

/// What a file is named with in the report: its folder, if that is one of the theme's.
fn top_of(path: &str) -> String {
    match path.split_once('/') {
        Some((first, _)) if first.starts_with(['_', '.']) || LEFT_OUT.contains(&first) => first.to_owned(),
        _ => path.to_owned(),
    }
}

/// A document with what Liquid sees of the site.
struct JekyllPage<'a> {
    jekyll: &'a Jekyll,
    document: &'a EngineDocument,
    page: Value,
}

impl LiquidSite for JekyllPage<'_> {
    fn settings(&self) -> &Value {
        &self.jekyll.settings
    }

    fn page(&self) -> &Value {
        &self.page
    }

    fn include(&self, name: &str) -> Option<String> {
        self.jekyll.includes.get(name).cloned()
    }

    fn include_relative(&self, path: &str) -> Option<String> {
        self.jekyll.beside.get(&joined(folder_of(&self.document.source), path)?).cloned()
    }

    fn address(&self, reference: LiquidReference<'_>) -> Option<String> {
        match reference {
            LiquidReference::Post(name) => self.jekyll.posts.get(file_name(name)).cloned(),
            LiquidReference::File(path) => self.jekyll.addresses.get(path.trim_start_matches('/')).cloned(),
        }
    }
}

/// The end of the summary as it is written here. One that is only an empty line is the usual.
fn with_divider(text: &str, separator: &str) -> String {
    let separator = if separator.is_empty() { "<!--more-->" } else { separator };
    match text.split_once(separator) {
        Some((summary, rest)) if !summary.trim().is_empty() => {
            format!("{}\n\n<!-- more -->\n\n{}", summary.trim_end(), rest.trim_start_matches(['\n', ' ']))
        }
        _ => text.to_owned(),
    }
}
