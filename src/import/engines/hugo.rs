//! Hugo: settings in files or folders, sections, bundles, taxonomies, languages; shortcodes in the texts.

mod cascades;
mod permalinks;
mod settings;
mod tags;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono_tz::Tz;
use serde_json::Value;

use super::comments;
use super::head::{CommonKeys, EngineHead, TextsIn, date_of, text_of};
use super::markdown_parts::{has_html, with_emoji};
use super::shortcodes;
use super::site::{DocumentKind, DocumentPlan, DocumentShape, EngineDocument, SiteCollector, add_aliases};
use super::source_tree::{SourceTree, ending, file_name, folder_of, joined, stem};
use super::{EngineSurvey, SiteEngine, TOO_LONG};
use crate::date::{Date, day_in_name};
use crate::error::Result;
use crate::import::ImportOptions;
use crate::import::account::{Account, EntryFate};
use crate::import::markdown_links::{self, AddressPlace};
use crate::import::model::{BlogFacts, Entry, EntryBody, EntryState, MarkdownSettings, MenuFact, TermKind};
use crate::import::naming::FileNames;
use crate::path::UrlPath;

use self::cascades::HugoCascade;
use self::permalinks::{HugoNames, path_part};
use self::settings::HugoSettings;

const KEYS: CommonKeys = CommonKeys { updated: &["lastmod", "modified"], summary: &["summary"] };

/// A site of Hugo.
pub(in crate::import) struct Hugo {
    options: ImportOptions,
    settings: HugoSettings,
    zone: Tz,
    /// What references lead to, by the path below the content without language and ending.
    targets: HashMap<String, HugoTarget>,
    /// The same by the last part of the path, where that is clear.
    names: HashMap<String, Vec<String>>,
    menu: Vec<HugoMenuEntry>,
    /// Shortcodes of the site's own.
    own_shortcodes: BTreeSet<String>,
    /// Keys that a section gives to all below it, by its folder.
    cascades: Vec<HugoCascade>,
}

/// A document that a reference can lead to.
#[derive(Debug, Clone)]
struct HugoTarget {
    address: String,
    is_draft: bool,
}

struct HugoMenuEntry {
    weight: i64,
    name: String,
    url: String,
}

/// A file of the content.
struct HugoFile<'t> {
    source: &'t str,
    /// Below the folder of the content.
    below: &'t str,
    language: String,
    /// The name without language and ending.
    name: String,
    shape: DocumentShape,
}

const HTML: [&str; 2] = ["html", "htm"];
const MARKDOWN: [&str; 3] = ["md", "markdown", "mdown"];
/// Formats that other programs turn into HTML for Hugo.
const FOREIGN: [&str; 8] = ["org", "adoc", "asciidoc", "ad", "rst", "pandoc", "pdc", "ipynb"];

impl Hugo {
    pub(in crate::import) fn new(options: ImportOptions) -> Self {
        Self {
            options,
            settings: HugoSettings::default(),
            zone: Tz::UTC,
            targets: HashMap::new(),
            names: HashMap::new(),
            menu: Vec::new(),
            own_shortcodes: BTreeSet::new(),
            cascades: Vec::new(),
        }
    }

    /// The folders that Hugo writes.
    pub(in crate::import) const OUTPUTS: [&'static str; 2] = ["public", "resources"];

    /// Whether a folder is a site of Hugo.
    pub(in crate::import) fn is_in(tree: &SourceTree) -> bool {
        settings::is_in(tree)
    }

    /// A file of the content, told from its path.
    fn file<'t>(&self, source: &'t str) -> Option<HugoFile<'t>> {
        let (below, folder_language) = self.settings.below_content(source)?;
        let mut name = stem(file_name(below));
        let mut language = folder_language.unwrap_or_else(|| self.settings.default_language.clone());
        if let Some((rest, suffix)) =
            name.rsplit_once('.').filter(|(_, suffix)| self.settings.has_language(suffix))
        {
            name = rest;
            language = suffix.to_lowercase();
        }
        let shape = if name == "index" { DocumentShape::Folder } else { DocumentShape::File };
        Some(HugoFile { source, below, language, name: name.to_owned(), shape })
    }

    /// What addresses of a language begin with.
    fn prefix(&self, language: &str) -> String {
        if language == self.settings.default_language && !self.settings.default_in_folder {
            String::new()
        } else {
            format!("/{language}")
        }
    }

    /// The date of a head, by the keys that Hugo looks at.
    fn date(&self, head: &mut EngineHead, name: &str) -> Option<Date> {
        let of_name = || {
            day_in_name(name).and_then(|((year, month, day), _)| Date::of_day(year, month, day, self.zone))
        };
        let mut found = None;
        for key in self.settings.date_keys() {
            let date = match key.as_str() {
                ":filename" => of_name(),
                key => head.get(key).as_str().and_then(|text| date_of(text, self.zone)),
            };
            found = found.or(date);
        }
        head.take("date");
        found
    }

    /// Notes what the settings and the sections give to the texts below them, the nearest first.
    fn read_cascades(&mut self, tree: &SourceTree) {
        self.cascades = cascades::cascades("", self.settings.cascade());
        for path in tree.paths() {
            let Some(file) = self.file(path).filter(|file| file.name == "_index") else { continue };
            let text = tree.text(path).filter(|text| text.contains("cascade")).unwrap_or_default();
            let Some(mut head) = EngineHead::split(path, &text) else { continue };
            head.lower_keys();
            if let Some(cascade) = head.take("cascade") {
                let folder = folder_of(file.below);
                self.cascades.extend(cascades::cascades(folder, cascade));
            }
        }
        self.cascades.sort_by_key(|cascade| std::cmp::Reverse(cascade.depth()));
    }

    /// The head of a file, with what the sections above give to it.
    fn head(&self, file: &HugoFile<'_>, text: &str) -> EngineHead {
        let mut head = EngineHead::split(file.source, text).unwrap_or_default();
        head.lower_keys();
        for keys in self.cascades.iter().filter_map(|cascade| cascade.keys_for(file)) {
            head.add_defaults(keys);
        }
        head
    }

    fn add_document(&mut self, file: &HugoFile<'_>, text: &str, site: &mut SiteCollector<'_>) {
        let mut head = self.head(file, text);
        let whole = head.clone();
        let folder = folder_of(file.below);
        let (folder, base) = match file.shape {
            DocumentShape::Folder => (folder_of(folder), file_name(folder)),
            DocumentShape::File => (folder, file.name.as_str()),
        };
        let date = self.date(&mut head, base);
        let own_url = head.text("url");
        let slug = head.text("slug");
        let title = head.get("title").as_str().unwrap_or_default().to_owned();
        let (own_slug, content_base) = (slug.as_deref(), self.without_day(base));
        let names = HugoNames {
            date,
            title: &title,
            slug: own_slug,
            folder,
            base: content_base,
            settings: &self.settings,
        };
        let prefix = self.prefix(&file.language);
        let address = match own_url {
            Some(url) if url.starts_with('/') => url,
            Some(url) => format!("{prefix}/{url}"),
            None => format!("{prefix}{}", names.address()),
        };
        let state = self.state(&mut head);
        let is_listed = head
            .get("build")
            .get("list")
            .and_then(text_of)
            .is_none_or(|list| list != "never" && list != "false");
        let is_in_section = !folder.is_empty() || !self.settings.has_sections;
        let kind = if date.is_some() && is_in_section && is_listed {
            DocumentKind::Post
        } else {
            DocumentKind::Page
        };
        let stem = if file.shape == DocumentShape::File { stem(file_name(file.below)) } else { base };
        // Files of languages in folders of their own have the same names.
        let suffix = format!(".{}", file.language);
        let is_other = file.language != self.settings.default_language;
        let stem = &match is_other && !stem.to_lowercase().ends_with(&suffix) {
            true => format!("{stem}{suffix}"),
            false => stem.to_owned(),
        };
        let plan = DocumentPlan {
            source: file.source,
            body_at: head.body_at,
            kind,
            state,
            shape: file.shape,
            folder,
            stem,
            address: UrlPath::new(&with_end(&address)),
            id: None,
            date,
        };
        let mut entry = site.entry(&plan);
        if date.is_some() && kind == DocumentKind::Page && !is_listed {
            entry.remarks.push("it was published and not listed: it is a page here".to_owned());
        }
        self.note_target(file, &plan);
        self.fill(&mut entry, &mut head, file, &plan, site);
        entry.more.extra = head.extra();
        site.add(&plan, whole, entry);
    }

    /// A name without its date, if names are read for dates.
    fn without_day<'n>(&self, base: &'n str) -> &'n str {
        let reads_names = self.settings.date_keys().iter().any(|key| key == ":filename");
        day_in_name(base).filter(|_| reads_names).map_or(base, |(_, rest)| rest)
    }

    fn note_target(&mut self, file: &HugoFile<'_>, plan: &DocumentPlan<'_>) {
        let Some(address) = &plan.address else { return };
        let target = HugoTarget { address: address.encoded(""), is_draft: plan.state != EntryState::Public };
        let logical = logical_path(file.below, &file.name);
        let last = file_name(&logical).to_owned();
        for key in [format!("{}:{logical}", file.language), logical.clone()] {
            self.targets.entry(key).or_insert_with(|| target.clone());
        }
        let same = self.names.entry(last).or_default();
        if !same.contains(&logical) {
            same.push(logical);
        }
    }

    fn state(&self, head: &mut EngineHead) -> EntryState {
        let build = head.take("_build").or_else(|| head.take("build")).unwrap_or_default();
        let render = build.get("render").and_then(text_of);
        let is_listed = build.get("list").cloned().unwrap_or_default();
        if !is_listed.is_null() {
            head.put("build", serde_json::json!({ "list": is_listed }));
        }
        if head.flag("draft") == Some(true) {
            EntryState::Draft("a draft")
        } else if head.flag("headless") == Some(true)
            || render.is_some_and(|render| render == "never" || render == "false")
        {
            EntryState::Draft("without a page of its own")
        } else {
            EntryState::Public
        }
    }

    /// The keys that all documents have.
    fn fill(
        &mut self,
        entry: &mut Entry,
        head: &mut EngineHead,
        file: &HugoFile<'_>,
        plan: &DocumentPlan<'_>,
        site: &mut SiteCollector<'_>,
    ) {
        if let Some(fault) = &head.fault {
            entry.remarks.push(format!("the front matter cannot be read, and is part of the text: {fault}"));
            entry.state = EntryState::Draft("its front matter cannot be read");
        }
        head.take_common(entry, &KEYS, self.zone);
        entry.more.expires = head
            .first_text(&["expirydate", "unpublishdate"])
            .and_then(|text| date_of(&text, self.zone))
            .map(|date| date.to_text());
        let published = head
            .first_text(&["publishdate", "pubdate", "published"])
            .and_then(|text| date_of(&text, self.zone));
        entry.more.not_before =
            published.filter(|moment| Some(*moment) != plan.date).map(|date| date.to_text());
        entry.tags = head.texts(&self.settings.taxonomy("tag", "tags"), TextsIn::One);
        entry.categories = head.texts(&self.settings.taxonomy("category", "categories"), TextsIn::One);
        entry.series =
            head.texts(&self.settings.taxonomy("series", "series"), TextsIn::One).into_iter().next();
        entry.authors = head.authors("authors");
        if entry.authors.is_empty() {
            entry.authors = head.authors("author");
        }
        entry.image = head
            .take_picture(&PICTURE_KEYS, &PICTURE_ADDRESS)
            .map(|image| site.book.rewrite(&image, &entry.place).address);
        entry.link = head.first_text(&["externalurl", "external_url", "link"]);
        if file.language != self.settings.default_language || self.settings.is_multilingual() {
            entry.language = Some(self.settings.language_tag(&file.language));
        }
        let old = head.texts("aliases", TextsIn::One);
        let parent =
            plan.address.as_ref().map_or("", |address| folder_of(address.as_str().trim_end_matches('/')));
        let prefix = self.prefix(&file.language);
        add_aliases(
            entry,
            old.into_iter().map(|alias| {
                // One without a slash stands beside the page.
                if alias.starts_with('/') { format!("{prefix}{alias}") } else { format!("{parent}/{alias}") }
            }),
        );
        self.take_menu(head, entry);
        if entry.state == EntryState::Public && plan.kind == DocumentKind::Post {
            for tag in &entry.tags {
                site.use_term(TermKind::Tag, tag, &path_part(tag, &self.settings));
            }
            for category in &entry.categories {
                site.use_term(TermKind::Category, category, &path_part(category, &self.settings));
            }
        }
        for key in ["layout", "type", "slug", "url", "build", "resources", "outputs", "cascade"] {
            let value = head.take(key);
            if key == "resources" && value.is_some() {
                entry.remarks.push(
                    "titles and parameters of the files beside it were left out (`resources`)".to_owned(),
                );
            }
        }
    }

    /// The entry of a menu that a head asks for.
    fn take_menu(&mut self, head: &mut EngineHead, entry: &Entry) {
        let menu = head.take("menu").or_else(|| head.take("menus"));
        let Some(address) = entry.address.as_ref().filter(|_| entry.state == EntryState::Public) else {
            return;
        };
        let settings = match &menu {
            Some(Value::String(name)) if name == "main" => Value::Null,
            Some(Value::Array(names)) if names.iter().any(|name| name == "main") => Value::Null,
            Some(Value::Object(menus)) if menus.contains_key("main") => menus["main"].clone(),
            _ => return,
        };
        self.menu.push(HugoMenuEntry {
            weight: settings["weight"].as_i64().unwrap_or_default(),
            name: settings.get("name").and_then(text_of).unwrap_or_else(|| entry.title.clone()),
            url: address.encoded(""),
        });
    }

    /// The page of a section: its text if it has one, else a redirect to the archives.
    fn add_section(
        &mut self,
        file: &HugoFile<'_>,
        text: &str,
        site: &mut SiteCollector<'_>,
        account: &mut Account,
    ) {
        let mut head = self.head(file, text);
        let folder = folder_of(file.below);
        let prefix = self.prefix(&file.language);
        let named = head.text("url").unwrap_or_else(|| {
            let parts: Vec<String> = folder
                .split('/')
                .filter(|part| !part.is_empty())
                .map(|part| path_part(part, &self.settings))
                .collect();
            format!("{prefix}/{}", parts.join("/"))
        });
        let address = UrlPath::new(&with_end(&named));
        let whole = head.clone();
        let plan = DocumentPlan {
            source: file.source,
            body_at: head.body_at,
            kind: DocumentKind::Page,
            state: self.state(&mut head),
            shape: DocumentShape::File,
            folder: folder_of(folder),
            stem: if folder.is_empty() { "home" } else { file_name(folder) },
            address,
            id: None,
            date: None,
        };
        self.note_target(file, &plan);
        let has_text = text.get(head.body_at..).is_some_and(|body| !body.trim().is_empty());
        if has_text {
            let mut entry = site.entry(&plan);
            head.take("date");
            self.fill(&mut entry, &mut head, file, &plan, site);
            entry.more.extra = head.extra();
            site.add(&plan, whole, entry);
            return;
        }
        if let Some(address) =
            plan.address.as_ref().filter(|address| address.as_str() != "/" && !folder.is_empty())
        {
            site.redirect(address.as_str(), "/archives/");
        }
        account.leave_out(
            format!("`{}`", file.source),
            "the page of a section without a text; its address leads to the archives",
        );
    }

    /// The document that a reference means.
    fn target(&self, written: &str, document: &EngineDocument, language: &str) -> Option<&HugoTarget> {
        let path = written.trim().trim_end_matches('/');
        let mut path = path;
        for suffix in ["/_index.md", "/index.md", ".md", "/_index", "/index"] {
            path = path.strip_suffix(suffix).unwrap_or(path);
        }
        let (below, _) = self.settings.below_content(&document.source)?;
        let beside = joined(folder_of(below), path);
        // From within a bundle its neighbours are those of its folder.
        let above = joined(folder_of(folder_of(below)), path);
        let from_top = joined("", path);
        let candidates =
            if written.starts_with('/') { [from_top, None, None] } else { [beside, above, from_top] };
        for candidate in candidates.into_iter().flatten() {
            let candidate = candidate.to_lowercase();
            let found =
                self.targets.get(&format!("{language}:{candidate}")).or_else(|| self.targets.get(&candidate));
            if found.is_some() {
                return found;
            }
        }
        match self.names.get(&file_name(path).to_lowercase())?.as_slice() {
            [one] => self.targets.get(&format!("{language}:{one}")).or_else(|| self.targets.get(one)),
            _ => None,
        }
    }

    fn language_of(&self, document: &EngineDocument) -> String {
        self.file(&document.source).map(|file| file.language).unwrap_or_default()
    }

    fn facts(&mut self) -> BlogFacts {
        let settings = &self.settings;
        let mut menu = settings.menu();
        menu.append(&mut self.menu);
        // An entry without a weight stands behind those that have one.
        menu.sort_by_key(|entry| if entry.weight == 0 { i64::MAX } else { entry.weight });
        let mut entries: Vec<MenuFact> = Vec::new();
        for entry in menu {
            if !entries.iter().any(|known| known.url == entry.url)
                && !entry.name.is_empty()
                && !entry.url.is_empty()
            {
                entries.push(MenuFact { name: entry.name, url: entry.url });
            }
        }
        BlogFacts {
            title: settings.text("title"),
            description: settings.param("description"),
            language: settings.site_language(),
            timezone: self.zone.name().to_owned(),
            author: settings.author(),
            copyright: settings.text("copyright"),
            tag_folder: settings.term_folder("tag", "tags"),
            category_folder: settings.term_folder("category", "categories"),
            menu: entries,
            markdown: MarkdownSettings {
                smart_punctuation: settings.has_typographer(),
                math: settings.has_formulas(),
                autolink: true,
            },
            ..BlogFacts::default()
        }
    }
}

/// A path below the content by which references name a document.
fn logical_path(below: &str, name: &str) -> String {
    let folder = folder_of(below);
    let path = match name {
        "index" | "_index" => folder.to_owned(),
        name if folder.is_empty() => name.to_owned(),
        name => format!("{folder}/{name}"),
    };
    path.to_lowercase()
}

/// An address as that of a folder, unless it names a file.
fn with_end(address: &str) -> String {
    let is_file = file_name(address).contains('.')
        && [".html", ".htm", ".xml", ".txt", ".php"].iter().any(|end| address.ends_with(end));
    if is_file || address.ends_with('/') { address.to_owned() } else { format!("{address}/") }
}

/// Where themes have the picture of a document.
const PICTURE_KEYS: [&str; 7] =
    ["images", "image", "cover", "featured_image", "featuredimage", "thumbnail", "feature"];

/// Where its address stands if it is a table.
const PICTURE_ADDRESS: [&str; 4] = ["image", "src", "url", "path"];

impl SiteEngine for Hugo {
    fn survey(
        &mut self,
        tree: &SourceTree,
        names: &mut FileNames,
        account: &mut Account,
    ) -> Result<EngineSurvey> {
        self.settings = HugoSettings::read(tree, account);
        let named = self.settings.text("timezone").parse().ok();
        self.zone = self.options.timezone.or(named).unwrap_or(Tz::UTC);
        if named.is_none() {
            self.options.remark_zone(account);
        }
        let base_url = self.options.base_url_of(&self.settings.text("baseurl"), account);
        let mut site = SiteCollector::new(&base_url, names);
        self.settings.has_sections = tree
            .paths()
            .filter_map(|path| self.file(path))
            .any(|file| file.below.contains('/') && file.name != "index");
        self.read_cascades(tree);
        let bundles: BTreeSet<String> = tree
            .paths()
            .filter_map(|path| self.file(path))
            .filter(|file| file.name == "index" && is_content(file.source))
            .map(|file| folder_of(file.source).to_owned())
            .collect();
        let mut resources: Vec<&str> = Vec::new();
        let mut left_out: BTreeMap<String, usize> = BTreeMap::new();
        for path in tree.paths() {
            match self.file(path) {
                Some(file) => match bundle_of(path, &bundles) {
                    Some(_) if file.name != "index" || !is_content(path) => resources.push(path),
                    _ => self.content_file(tree, &file, &mut site, account),
                },
                None => self.other_file(tree, path, &mut site, account, &mut left_out),
            }
        }
        for (folder, count) in left_out {
            account.leave_out_all(&folder, count, "a part of the theme, or data for it");
        }
        keep_resources(tree, &resources, &bundles, &mut site, account);
        comments::attach(tree, self.zone, site.documents_mut(), account)?;
        site.redirect("/index.xml", "/rss.xml");
        let (folder, on_page) = self.settings.pagination();
        let pages = site.listed_posts().div_ceil(on_page);
        site.redirect_pages("/", 1..=pages, &|page| format!("/{folder}/{page}/"));
        site.redirect_pages_below(&folder);
        let facts = self.facts();
        Ok(site.finish(facts))
    }

    fn body(&self, document: &EngineDocument, written: &str, remarks: &mut Vec<String>) -> EntryBody {
        let language = self.language_of(document);
        let text = shortcodes::replaced(
            written,
            &tags::HugoPage { hugo: self, document, language: &language },
            remarks,
        );
        if HTML.contains(&ending(&document.source).as_str()) {
            return EntryBody::Html(text);
        }
        if !self.settings.shows_html() && has_html(&text) {
            remarks.push(
                "HTML in its text, which Hugo left out (`unsafe` is not set), is shown here".to_owned(),
            );
        }
        let text = if self.settings.has_emoji() { with_emoji(&text) } else { text };
        // Links to files of the content lead to where these stand.
        let text = markdown_links::replace(&text, &mut |address, _: AddressPlace| {
            let (path, fragment) = address.split_at(address.find('#').unwrap_or(address.len()));
            let is_file = path.ends_with(".md") && !crate::path::has_scheme(path);
            match Some(path).filter(|_| is_file).and_then(|path| self.target(path, document, &language)) {
                Some(target) => format!("{}{fragment}", self.absolute(&target.address)),
                None => address.to_owned(),
            }
        });
        EntryBody::Markdown(text)
    }
}

impl Hugo {
    /// An address as it stands in links, below the path of the site.
    fn absolute(&self, address: &str) -> String {
        format!("{}{address}", self.settings.base_path())
    }

    fn content_file(
        &mut self,
        tree: &SourceTree,
        file: &HugoFile<'_>,
        site: &mut SiteCollector<'_>,
        account: &mut Account,
    ) {
        let ending = ending(file.source);
        if ending == "gotmpl" {
            account.leave_out(format!("`{}`", file.source), "a program that made pages of data");
            return;
        }
        if FOREIGN.contains(&ending.as_str()) {
            let why = format!(
                "`.{ending}` is not read; bring it over by hand, or let pandoc make Markdown of it before"
            );
            account.leave_out(format!("`{}`", file.source), &why);
            return;
        }
        let is_text = MARKDOWN.contains(&ending.as_str())
            || HTML.contains(&ending.as_str()) && tree.begins_with_fence(file.source);
        if !is_text {
            site.keep_file(tree, file.source, &format!("{}/{}", self.prefix(&file.language), file.below));
            return;
        }
        match tree.text(file.source) {
            None => account.leave_out(format!("`{}`", file.source), TOO_LONG),
            Some(text) if file.name == "_index" => self.add_section(file, &text, site, account),
            Some(text) => self.add_document(file, &text, site),
        }
    }

    fn other_file(
        &mut self,
        tree: &SourceTree,
        path: &str,
        site: &mut SiteCollector<'_>,
        account: &mut Account,
        left_out: &mut BTreeMap<String, usize>,
    ) {
        if settings::is_settings(path) {
            account.item(EntryFate::Settings);
            return;
        }
        if comments::is_comment(path) {
            return;
        }
        if let Some(below) = self.settings.below_static(path) {
            site.keep_file(tree, path, &format!("/{below}"));
            return;
        }
        if let Some(name) =
            path.split_once("layouts/shortcodes/").or_else(|| path.split_once("layouts/_shortcodes/"))
        {
            self.own_shortcodes.insert(stem(name.1).to_owned());
        }
        let top = path.split_once('/').map_or(path, |(top, _)| top);
        *left_out.entry(top.to_owned()).or_default() += 1;
    }
}

fn is_content(path: &str) -> bool {
    let ending = ending(path);
    [&MARKDOWN[..], &HTML[..], &FOREIGN[..]].iter().any(|known| known.contains(&ending.as_str()))
}

/// The bundle that a file lies in: the nearest folder above it that is one.
fn bundle_of<'b>(path: &str, bundles: &'b BTreeSet<String>) -> Option<&'b str> {
    let mut folder = folder_of(path);
    while !folder.is_empty() {
        if let Some(found) = bundles.get(folder) {
            return Some(found);
        }
        folder = folder_of(folder);
    }
    None
}

/// Copies the files of bundles beside their documents.
fn keep_resources(
    tree: &SourceTree,
    resources: &[&str],
    bundles: &BTreeSet<String>,
    site: &mut SiteCollector<'_>,
    account: &mut Account,
) {
    let owners: HashMap<String, Entry> = site
        .documents()
        .iter()
        .map(|document| (folder_of(&document.source).to_owned(), document.entry.clone()))
        .collect();
    for path in resources {
        let bundle = bundle_of(path, bundles).unwrap_or_default();
        let Some(owner) = owners.get(bundle).filter(|_| !is_content(path)) else {
            account.leave_out(
                format!("`{path}`"),
                "a text within the folder of another page, which has no page of its own",
            );
            continue;
        };
        let name = path.strip_prefix(bundle).unwrap_or(path).trim_start_matches('/');
        site.keep_beside(tree, path, owner, name);
    }
}
