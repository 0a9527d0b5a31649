//! Pelican: `pelicanconf.py`, articles in folders, pages; Python-Markdown with heads of its own.

mod lists;
mod metadata;
mod python;
mod urls;

use std::collections::{BTreeMap, HashMap};

use chrono_tz::Tz;
use regex::Regex;
use serde_json::{Map, Value};

use super::head::{CommonKeys, EngineHead, TextsIn, date_of, text_of, texts_of, words_of_title};
use super::kramdown;
use super::liquid::{self, LiquidReference, LiquidSite};
use super::rst;
use super::site::{
    DocumentKind, DocumentPlan, DocumentShape, EngineDocument, SiteCollector, add_aliases, keep_unread_head,
};
use super::source_tree::{SourceTree, ending, file_name, folder_of, joined, stem};
use super::{EngineSurvey, SiteEngine, TOO_LONG};
use crate::date::Date;
use crate::error::Result;
use crate::import::ImportOptions;
use crate::import::account::{Account, EntryFate};
use crate::import::markdown_links::{self, AddressPlace};
use crate::import::model::{BlogFacts, Entry, EntryBody, EntryState, MarkdownSettings, MenuFact};
use crate::import::naming::FileNames;
use crate::path::UrlPath;
use crate::post::slug::term_slug;

use self::python::PythonSettings;
use self::urls::{PelicanSlugs, UrlValues};

/// The settings for trying out, and those for publishing, which go over them.
const SETTINGS: [&str; 3] = ["pelicanconf.py", "pelican.conf.py", "publishconf.py"];
const MARKDOWN: [&str; 4] = ["md", "markdown", "mkd", "mdown"];
const HTML: [&str; 2] = ["html", "htm"];

const KEYS: CommonKeys = CommonKeys { updated: &["modified"], summary: &["summary"] };

/// A site of Pelican.
pub(in crate::import) struct Pelican {
    options: ImportOptions,
    settings: PythonSettings,
    zone: Tz,
    slugs: PelicanSlugs,
    /// Addresses by the paths of files below the content.
    addresses: HashMap<String, String>,
    has_formulas: bool,
    site: Value,
}

impl Pelican {
    pub(in crate::import) fn new(options: ImportOptions) -> Self {
        Self {
            options,
            settings: PythonSettings::default(),
            zone: Tz::UTC,
            slugs: PelicanSlugs::default(),
            addresses: HashMap::new(),
            has_formulas: false,
            site: Value::Object(Map::new()),
        }
    }

    /// The folder that Pelican writes.
    pub(in crate::import) const OUTPUTS: [&'static str; 1] = ["output"];

    /// Whether a folder is a site of Pelican.
    pub(in crate::import) fn is_in(tree: &SourceTree) -> bool {
        tree.has(SETTINGS[0]) || tree.has(SETTINGS[1])
    }

    fn read_settings(&mut self, tree: &SourceTree, account: &mut Account) {
        for name in SETTINGS {
            if let Some(text) = tree.text(name) {
                self.settings.read(&text);
            }
        }
        for name in std::mem::take(&mut self.settings.unread) {
            account.remark("a setting that is code, which is not run", &format!("`{name}`"));
        }
        let named = self.text("TIMEZONE").parse().ok();
        self.zone = self.options.timezone.or(named).unwrap_or(Tz::UTC);
        if named.is_none() {
            self.options.remark_zone(account);
        }
        self.slugs = PelicanSlugs::of(self.settings.values.get("SLUG_REGEX_SUBSTITUTIONS"));
    }

    fn value(&self, key: &str) -> &Value {
        self.settings.values.get(key).unwrap_or(&Value::Null)
    }

    fn text(&self, key: &str) -> String {
        text_of(self.value(key)).unwrap_or_default()
    }

    fn text_or(&self, key: &str, usual: &str) -> String {
        match self.value(key) {
            Value::String(text) => text.clone(),
            _ => usual.to_owned(),
        }
    }

    fn paths(&self, key: &str, usual: &str) -> Vec<String> {
        match self.value(key) {
            Value::Array(_) | Value::String(_) => texts_of(self.value(key), TextsIn::One),
            _ => vec![usual.to_owned()],
        }
    }

    fn content(&self) -> String {
        let path = self.text_or("PATH", "content");
        path.trim_start_matches("./").trim_matches('/').to_owned()
    }

    fn below<'p>(&self, path: &'p str) -> Option<&'p str> {
        let content = self.content();
        if content.is_empty() || content == "." {
            return (!SETTINGS.contains(&path)).then_some(path);
        }
        path.strip_prefix(content.as_str())?.strip_prefix('/')
    }

    fn language(&self) -> String {
        self.text_or("DEFAULT_LANG", "en")
    }

    /// The head of a text: its own keys, then those that its name and the settings tell.
    fn head(&self, below: &str, text: &str) -> EngineHead {
        let mut head = metadata::head(below, text);
        for (key, subject) in [("FILENAME_METADATA", stem(file_name(below))), ("PATH_METADATA", below)] {
            let usual = if key == "FILENAME_METADATA" { r"(?P<date>\d{4}-\d{2}-\d{2}).*" } else { "" };
            let pattern = self.text_or(key, usual);
            head.add_defaults(&named_parts(&pattern, subject));
        }
        if let Some(defaults) = self.value("DEFAULT_METADATA").as_object() {
            head.add_defaults(defaults);
        }
        head
    }

    fn kind(&self, below: &str) -> DocumentKind {
        let pages = self.paths("PAGE_PATHS", "pages");
        let is_page = pages.iter().any(|folder| is_below(below, folder.trim_matches('/')));
        if is_page { DocumentKind::Page } else { DocumentKind::Post }
    }

    fn add_document(
        &mut self,
        source: &str,
        below: &str,
        text: &str,
        site: &mut SiteCollector<'_>,
        account: &mut Account,
    ) {
        self.has_formulas |= text.contains("$$");
        let mut head = self.head(below, text);
        let whole = head.clone();
        let status = head.text("status").unwrap_or_default().to_lowercase();
        if status == "skip" {
            account.leave_out(format!("`{source}`"), "its status is `skip`");
            return;
        }
        let mut kind = self.kind(below);
        let date =
            head.text("date").and_then(|text| date_of(&text, self.zone)).or_else(|| self.default_date());
        let is_hidden = status == "hidden";
        let state = match status.as_str() {
            "draft" => EntryState::Draft("a draft"),
            _ if date.is_none() && kind == DocumentKind::Post => {
                EntryState::Draft("an article without a date")
            }
            _ => EntryState::Public,
        };
        let title = head.get("title").as_str().unwrap_or_default().to_owned();
        let from_name = self.text("SLUGIFY_SOURCE") == "basename";
        let slug = head.text("slug").unwrap_or_else(|| {
            self.slugs.of_text(if from_name || title.is_empty() { stem(file_name(below)) } else { &title })
        });
        let language = head.text("lang").unwrap_or_else(|| self.language());
        let category =
            head.first_text(&["category", "categories"]).or_else(|| self.folder_category(below, kind));
        let authors = authors(&mut head);
        let address = self.address(
            &mut head,
            kind,
            &UrlValues {
                slug: &slug,
                date,
                language: &language,
                category: &self
                    .slugs
                    .of_text(category.as_deref().unwrap_or(&self.text_or("DEFAULT_CATEGORY", "misc"))),
                author: &self.slugs.of_text(authors.first().map_or("", String::as_str)),
                path: below,
            },
            &state,
            &language,
        );
        let id = address
            .as_ref()
            .filter(|_| kind == DocumentKind::Post)
            .and_then(|address| self.feed_id(address, date?));
        if is_hidden {
            kind = DocumentKind::Page;
        }
        let folder = folder_of(below);
        let folder = if kind == DocumentKind::Page {
            folder.trim_start_matches("pages").trim_start_matches('/')
        } else {
            folder
        };
        let plan = DocumentPlan {
            source,
            body_at: head.body_at,
            kind,
            state,
            shape: DocumentShape::File,
            folder,
            stem: stem(file_name(below)),
            address,
            id,
            date,
        };
        let mut entry = site.entry(&plan);
        if is_hidden {
            entry.remarks.push("it was hidden: published and not listed; it is a page here".to_owned());
        }
        entry.authors = authors;
        entry.categories.extend(category);
        entry.language = Some(language.replace('_', "-")).filter(|language| *language != self.language());
        self.finish(&plan, head, whole, entry, site);
    }

    /// The keys that articles and pages have.
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
        let tags = head.take("tags").or_else(|| head.take("keywords")).unwrap_or_default();
        entry.tags = parts(&tags);
        entry.series = head.text("series");
        let picture = head.first_text(&["image", "cover", "thumbnail", "featured_image", "og_image"]);
        let picture = picture.map(|image| self.referred(&image, plan.source).unwrap_or(image));
        entry.image = picture.map(|image| site.book.rewrite(&image, &entry.place).address);
        let old = parts(&head.take("aliases").or_else(|| head.take("alias")).unwrap_or_default());
        add_aliases(&mut entry, old.into_iter().map(|alias| format!("/{}", alias.trim_start_matches('/'))));
        for key in ["date", "slug", "translation", "template", "save_as", "url"] {
            head.take(key);
        }
        entry.more.extra = head.extra();
        if let Some(address) = &plan.address {
            let below = self.below(plan.source).unwrap_or(plan.source).to_owned();
            self.addresses.insert(below, address.encoded(""));
        }
        site.add(plan, whole, entry);
    }

    /// Whether files with this ending are texts. A reader can be turned off.
    fn reads(&self, ending: &str) -> bool {
        let is_known = MARKDOWN.contains(&ending) || HTML.contains(&ending) || ending == "rst";
        is_known && self.value("READERS").get(ending) != Some(&Value::Null)
    }

    fn folder_category(&self, below: &str, kind: DocumentKind) -> Option<String> {
        let name = file_name(folder_of(below));
        let uses = *self.value("USE_FOLDER_AS_CATEGORY") != Value::Bool(false);
        (uses && kind == DocumentKind::Post && !name.is_empty()).then(|| name.to_owned())
    }

    /// `DEFAULT_DATE = (2016, 1, 31)`.
    fn default_date(&self) -> Option<Date> {
        let parts: Vec<i64> =
            self.value("DEFAULT_DATE").as_array()?.iter().filter_map(Value::as_i64).collect();
        let [year, month, day, ..] = parts[..] else { return None };
        Date::of_day(
            i32::try_from(year).ok()?,
            u32::try_from(month).ok()?,
            u32::try_from(day).ok()?,
            self.zone,
        )
    }

    fn address(
        &self,
        head: &mut EngineHead,
        kind: DocumentKind,
        values: &UrlValues<'_>,
        state: &EntryState,
        language: &str,
    ) -> Option<UrlPath> {
        let saved = head.text("save_as");
        let own =
            head.text("url").or_else(|| saved.map(|path| path.trim_end_matches("index.html").to_owned()));
        let is_draft = *state == EntryState::Draft("a draft");
        let is_other = language != self.language();
        // Another language has addresses of its own.
        let name = match (kind, is_draft, is_other) {
            (DocumentKind::Post, false, false) => ("ARTICLE_URL", "{slug}.html"),
            (DocumentKind::Post, false, true) => ("ARTICLE_LANG_URL", "{slug}-{lang}.html"),
            (DocumentKind::Post, true, false) => ("DRAFT_URL", "drafts/{slug}.html"),
            (DocumentKind::Post, true, true) => ("DRAFT_LANG_URL", "drafts/{slug}-{lang}.html"),
            (DocumentKind::Page, false, false) => ("PAGE_URL", "pages/{slug}.html"),
            (DocumentKind::Page, false, true) => ("PAGE_LANG_URL", "pages/{slug}-{lang}.html"),
            (DocumentKind::Page, true, _) => ("DRAFT_PAGE_URL", "drafts/pages/{slug}.html"),
        };
        let pattern = own.unwrap_or_else(|| self.text_or(name.0, name.1));
        let address = values.filled(&pattern)?;
        UrlPath::new(&format!("/{}", address.trim_start_matches('/')))
    }

    /// What Pelican's feeds call an article (RFC 4151).
    fn feed_id(&self, address: &UrlPath, date: Date) -> Option<String> {
        let url = url::Url::parse(&self.text("SITEURL")).ok()?;
        let path = format!("{}{}", url.path().trim_end_matches('/'), address.encoded(""));
        Some(format!("tag:{},{}:{path}", url.host_str()?, date.day().format("%Y-%m-%d")))
    }

    /// The address that `{filename}x`, `{static}x` or `{attach}x` in a text leads to.
    fn referred(&self, written: &str, source: &str) -> Option<String> {
        let (kind, path) = reference(written)?;
        let (path, fragment) = path.split_at(path.find(['#', '?']).unwrap_or(path.len()));
        let path = crate::path::percent_decode(path);
        let base = url::Url::parse(&self.text("SITEURL"))
            .map(|url| url.path().trim_end_matches('/').to_owned())
            .unwrap_or_default();
        let address = match kind {
            "index" => "/".to_owned(),
            "tag" => format!("/tags/{}/", term_slug(&path)),
            "category" => format!("/categories/{}/", term_slug(&path)),
            _ => {
                let below = joined(folder_of(self.below(source).unwrap_or(source)), &path)?;
                let kept = self.addresses.get(&below).cloned();
                kept.or_else(|| matches!(kind, "static" | "attach").then(|| format!("/{below}")))?
            }
        };
        Some(format!("{base}{address}{fragment}"))
    }

    fn facts(&self) -> BlogFacts {
        let mut menu = Vec::new();
        for entry in self.value("MENUITEMS").as_array().into_iter().flatten() {
            if let (Some(name), Some(url)) = (text_of(&entry[0]), text_of(&entry[1])) {
                menu.push(MenuFact { name, url });
            }
        }
        BlogFacts {
            title: self.text("SITENAME"),
            description: self.text("SITESUBTITLE"),
            language: self.language().replace('_', "-"),
            timezone: self.zone.name().to_owned(),
            author: Some(self.text("AUTHOR")).filter(|author| !author.is_empty()),
            menu,
            markdown: MarkdownSettings {
                smart_punctuation: *self.value("TYPOGRIFY") == Value::Bool(true),
                math: self.has_formulas
                    || texts_of(self.value("PLUGINS"), TextsIn::One).iter().any(|name| name.contains("math")),
                autolink: false,
            },
            ..BlogFacts::default()
        }
    }
}

/// The kind of a reference and the path behind it: `{static}/x.png`, and in the older form `|static|/x.png`.
fn reference(written: &str) -> Option<(&str, &str)> {
    let (open, close) =
        if written.starts_with('{') || written.starts_with("%7B") { ("{", "}") } else { ("|", "|") };
    let rest = written.strip_prefix(open).or_else(|| written.strip_prefix("%7B"))?;
    let (kind, path) = rest.split_once(close).or_else(|| rest.split_once("%7D"))?;
    ["filename", "static", "attach", "index", "tag", "category"].contains(&kind).then_some((kind, path))
}

/// What a pattern with named groups finds in a name.
fn named_parts(pattern: &str, subject: &str) -> Map<String, Value> {
    let mut parts = Map::new();
    let Some(regex) =
        Some(pattern).filter(|pattern| !pattern.is_empty()).and_then(|pattern| Regex::new(pattern).ok())
    else {
        return parts;
    };
    // Python's `match` begins at the start.
    if let Some(found) =
        regex.captures(subject).filter(|found| found.get(0).is_some_and(|whole| whole.start() == 0))
    {
        for name in regex.capture_names().flatten() {
            if let Some(part) = found.name(name) {
                parts.insert(name.to_lowercase(), Value::String(part.as_str().to_owned()));
            }
        }
    }
    parts
}

fn is_below(path: &str, folder: &str) -> bool {
    folder.is_empty() || path == folder || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// Names at commas, or at semicolons if there are some.
fn parts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => {
            let mark = if text.contains(';') { ';' } else { ',' };
            let parts = text.split([mark, '\n']).map(str::trim).filter(|part| !part.is_empty());
            parts.map(str::to_owned).collect()
        }
        other => texts_of(other, TextsIn::One),
    }
}

fn authors(head: &mut EngineHead) -> Vec<String> {
    let several = head.take("authors").map(|value| parts(&value)).unwrap_or_default();
    let one = head.take("author").map(|value| parts(&value)).unwrap_or_default();
    if several.is_empty() { one } else { several }
}

impl SiteEngine for Pelican {
    fn survey(
        &mut self,
        tree: &SourceTree,
        names: &mut FileNames,
        account: &mut Account,
    ) -> Result<EngineSurvey> {
        self.read_settings(tree, account);
        let base_url = self.options.base_url_of(&self.text("SITEURL"), account);
        let mut site = SiteCollector::new(&base_url, names);
        let mut files: Vec<&str> = Vec::new();
        let mut left_out: BTreeMap<&str, usize> = BTreeMap::new();
        for path in tree.paths() {
            let Some(below) = self.below(path) else {
                if SETTINGS.contains(&path) {
                    account.item(EntryFate::Settings);
                } else {
                    *left_out.entry(path.split_once('/').map_or(path, |(top, _)| top)).or_default() += 1;
                }
                continue;
            };
            let ending = ending(path);
            let is_static = self
                .paths("STATIC_PATHS", "images")
                .iter()
                .any(|folder| !folder.is_empty() && is_below(below, folder.trim_matches('/')));
            if is_static {
                files.push(path);
            } else if self.reads(&ending) {
                match tree.text(path) {
                    Some(text) => self.add_document(path, below, &text, &mut site, account),
                    None => account.leave_out(format!("`{path}`"), TOO_LONG),
                }
            } else if ["adoc", "asc", "asciidoc", "org", "ipynb"].contains(&ending.as_str()) {
                let why = format!("`.{ending}` is not read; let pandoc make Markdown of it before");
                account.leave_out(format!("`{path}`"), &why);
            } else {
                files.push(path);
            }
        }
        self.keep_files(tree, &files, &mut site, account);
        for (folder, count) in left_out {
            account.leave_out_all(folder, count, "a part of the theme, or of how the site was built");
        }
        self.redirect_lists(&mut site);
        let facts = self.facts();
        Ok(site.finish(facts))
    }

    fn body(&self, document: &EngineDocument, written: &str, remarks: &mut Vec<String>) -> EntryBody {
        let ending = ending(&document.source);
        let is_html = HTML.contains(&ending.as_str()) || ending == "rst";
        let text = match ending.as_str() {
            "rst" => rst::read(written, remarks).html,
            _ if is_html => metadata::body_of_html(written),
            _ => {
                let text = liquid::render(written, &PelicanPage { site: &self.site }, remarks);
                kramdown::to_markdown(&metadata::with_fences(&text), remarks)
            }
        };
        let text = markdown_links::replace(&text, &mut |address, _: AddressPlace| match self
            .referred(address, &document.source)
        {
            Some(found) => found,
            None => {
                if reference(address).is_some() {
                    remarks.push(format!("a link to `{address}`, where nothing is"));
                }
                address.to_owned()
            }
        });
        if is_html { EntryBody::Html(text) } else { EntryBody::Markdown(text) }
    }
}

/// What plugins for tags of Liquid see of the site, which is nothing.
struct PelicanPage<'a> {
    site: &'a Value,
}

impl LiquidSite for PelicanPage<'_> {
    fn settings(&self) -> &Value {
        self.site
    }

    fn page(&self) -> &Value {
        self.site
    }

    fn include(&self, _: &str) -> Option<String> {
        None
    }

    fn include_relative(&self, _: &str) -> Option<String> {
        None
    }

    fn address(&self, _: LiquidReference<'_>) -> Option<String> {
        None
    }
}

impl Pelican {
    /// Copies the files that Pelican published: those of static folders, and those that a text refers to.
    fn keep_files(
        &mut self,
        tree: &SourceTree,
        files: &[&str],
        site: &mut SiteCollector<'_>,
        account: &mut Account,
    ) {
        let mut wanted: HashMap<String, String> = HashMap::new();
        for document in site.documents() {
            let text = tree.text(&document.source).unwrap_or_default();
            let folder = folder_of(self.below(&document.source).unwrap_or(&document.source)).to_owned();
            let beside = document
                .entry
                .address
                .as_ref()
                .map(|address| address.as_str().to_owned())
                .unwrap_or_default();
            for (mark, follows) in
                [("{static}", false), ("{attach}", true), ("|static|", false), ("{filename}", false)]
            {
                for written in text.split(mark).skip(1) {
                    let end = written.find([')', '"', '\'', ' ', '\n', '>', '#']).unwrap_or(written.len());
                    let Some(below) = joined(&folder, &crate::path::percent_decode(&written[..end])) else {
                        continue;
                    };
                    let address = if follows {
                        format!("{}/{}", folder_of(&beside), file_name(&below))
                    } else {
                        format!("/{below}")
                    };
                    wanted.entry(below).or_insert(address);
                }
            }
        }
        let statics = self.paths("STATIC_PATHS", "images");
        let extra = self.value("EXTRA_PATH_METADATA").clone();
        for path in files {
            let below = self.below(path).unwrap_or(path);
            let is_static = statics.iter().any(|folder| is_below(below, folder.trim_matches('/')));
            let moved = extra
                .get(below)
                .and_then(|extra| extra.get("path"))
                .and_then(text_of)
                .map(|path| format!("/{path}"));
            let own = wanted.get(below).cloned().or_else(|| is_static.then(|| format!("/{below}")));
            match moved.or(own) {
                Some(address) => {
                    site.keep_file(tree, path, &address);
                    let address =
                        UrlPath::new(&address).map(|address| address.encoded("")).unwrap_or(address);
                    self.addresses.insert(below.to_owned(), address);
                }
                None => account.leave_out(
                    format!("`{path}`"),
                    "no text refers to it, and it lies in no static folder (`STATIC_PATHS`)",
                ),
            }
        }
    }
}
