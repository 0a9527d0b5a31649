//! Zola: `config.toml`, sections, pages with assets, taxonomies, links from the top of the content; shortcodes in the texts.

mod tags;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono_tz::Tz;
use serde_json::Value;

use super::head::{CommonKeys, EngineHead, TextsIn, date_of, text_of, texts_of};
use super::shortcodes;
use super::site::{DocumentKind, DocumentPlan, DocumentShape, EngineDocument, SiteCollector, add_aliases};
use super::source_tree::{SourceTree, ending, file_name, folder_of, stem};
use super::{EngineSurvey, SiteEngine, TOO_LONG};
use crate::date::{Date, day_in_name};
use crate::error::Result;
use crate::import::ImportOptions;
use crate::import::account::{Account, EntryFate};
use crate::import::addresses::Place;
use crate::import::markdown_links::{self, AddressPlace};
use crate::import::model::{
    AddressKnowledge, BlogFacts, Entry, EntryBody, EntryState, MarkdownSettings, MenuFact, TermKind,
};
use crate::import::naming::FileNames;
use crate::path::{UrlPath, has_scheme};
use crate::spanned;

const SETTINGS: [&str; 2] = ["zola.toml", "config.toml"];

const KEYS: CommonKeys = CommonKeys { updated: &["updated"], summary: &[] };

/// A site of Zola.
pub(in crate::import) struct Zola {
    options: ImportOptions,
    settings: Value,
    zone: Tz,
    languages: BTreeSet<String>,
    default_language: String,
    /// What `@/` leads to, by the path below the content.
    targets: HashMap<String, ZolaTarget>,
    paged_lists: Vec<ZolaPagedList>,
    has_formulas: bool,
}

#[derive(Debug, Clone)]
struct ZolaTarget {
    address: String,
    is_draft: bool,
}

/// A file of the content.
struct ZolaFile<'t> {
    source: &'t str,
    /// Below `content/`.
    below: &'t str,
    language: String,
    /// The name without language and ending.
    name: &'t str,
}

/// A list that stands on several pages.
struct ZolaPagedList {
    /// The folder of its section below `content/`, with a slash; empty for the front page.
    folder: String,
    address: String,
    /// What stands before the number in the address of a page.
    path: String,
    on_page: usize,
}

/// A name of a file, and the date before it.
struct DatedName<'n> {
    date: Option<Date>,
    name: &'n str,
}

/// How names become parts of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ZolaSlugs {
    /// ASCII letters and digits, joined by hyphens.
    On,
    /// Without what file systems forbid.
    Safe,
    Off,
}

/// The address of a page, whose slash at the end may be left out where a section leads to it.
fn with_slash(address: &str) -> String {
    let end = address.find(['?', '#']).unwrap_or(address.len());
    let last = address[..end].rsplit('/').next().unwrap_or_default();
    match last.is_empty() || last.contains('.') || has_scheme(address) {
        true => address.to_owned(),
        false => format!("{}/{}", &address[..end], &address[end..]),
    }
}

impl Zola {
    pub(in crate::import) fn new(options: ImportOptions) -> Self {
        Self {
            options,
            settings: Value::Null,
            zone: Tz::UTC,
            languages: BTreeSet::new(),
            default_language: "en".to_owned(),
            targets: HashMap::new(),
            has_formulas: false,
            paged_lists: Vec::new(),
        }
    }

    /// The folder that Zola writes.
    pub(in crate::import) const OUTPUTS: [&'static str; 1] = ["public"];

    /// Whether a folder is a site of Zola.
    pub(in crate::import) fn is_in(tree: &SourceTree) -> bool {
        let text = SETTINGS.iter().find_map(|name| tree.text(name)).unwrap_or_default();
        tree.has("zola.toml") || text.contains("base_url")
    }

    fn setting(&self, key: &str) -> String {
        self.settings.get(key).and_then(text_of).unwrap_or_default()
    }

    fn read_settings(&mut self, tree: &SourceTree, account: &mut Account) {
        let found = SETTINGS.iter().find(|name| tree.has(name));
        let text = found.and_then(|name| tree.text(name)).unwrap_or_default();
        match spanned::toml(&text, 0) {
            Ok(table) => self.settings = spanned::table_to_json(&table),
            Err(faults) => {
                let why = faults.first().map(|fault| fault.message.clone()).unwrap_or_default();
                account.remark(&format!("the settings cannot be read: {why}"), found.unwrap_or(&""));
            }
        }
        self.zone = self.options.timezone.unwrap_or(Tz::UTC);
        self.options.remark_zone(account);
        if let Some(language) = self.settings.get("default_language").and_then(text_of) {
            self.default_language = language;
        }
        let named = self.settings.get("languages").and_then(Value::as_object);
        self.languages = named.into_iter().flatten().map(|(name, _)| name.clone()).collect();
    }

    fn file<'t>(&self, source: &'t str) -> Option<ZolaFile<'t>> {
        let below = source.strip_prefix("content/")?;
        let whole = stem(file_name(below));
        let (name, language) = match whole.rsplit_once('.') {
            Some((name, language)) if self.languages.contains(language) => (name, language.to_owned()),
            _ => (whole, self.default_language.clone()),
        };
        Some(ZolaFile { source, below, language, name })
    }

    fn slugs(&self, kind: &str) -> ZolaSlugs {
        match self.settings["slugify"][kind].as_str() {
            Some("safe") => ZolaSlugs::Safe,
            Some("off") => ZolaSlugs::Off,
            _ => ZolaSlugs::On,
        }
    }

    /// A name without the date that it begins with (`2021-01-01-first`, `2021-01-01T10:00:00Z_first`), and that date.
    fn dated_name<'n>(&self, written: &'n str) -> DatedName<'n> {
        let plain = DatedName { date: None, name: written };
        let end = match written.get(10..).and_then(|rest| rest.strip_prefix('T')) {
            Some(time) => {
                time.find(['Z', '+']).map(|at| 11 + at + if time[at..].starts_with('Z') { 1 } else { 6 })
            }
            None => day_in_name(written).map(|_| 10),
        };
        let Some(start) = end.and_then(|end| written.get(..end)) else { return plain };
        let Some(date) = date_of(start, self.zone) else { return plain };
        let rest = written[start.len()..].trim_start().trim_start_matches(['-', '_']);
        let keeps = self.settings["slugify"]["paths_keep_dates"] == true;
        DatedName { date: Some(date), name: if keeps || rest.is_empty() { written } else { rest } }
    }

    /// The address of a page below the content: its folders as they are, and its name as a slug.
    fn address(&self, file: &ZolaFile<'_>, folder: &str, slug: &str) -> String {
        let prefix = if file.language == self.default_language {
            String::new()
        } else {
            format!("/{}", file.language)
        };
        let folder = if folder.is_empty() { String::new() } else { format!("/{folder}") };
        format!("{prefix}{folder}/{slug}/")
    }

    fn add_page(&mut self, file: &ZolaFile<'_>, text: &str, site: &mut SiteCollector<'_>) {
        let mut head = EngineHead::split(file.source, text).unwrap_or_default();
        let whole = head.clone();
        self.has_formulas |= text.contains("$$");
        let folder = folder_of(file.below);
        let (shape, folder, written) = if file.name == "index" {
            (DocumentShape::Folder, folder_of(folder), file_name(folder))
        } else {
            (DocumentShape::File, folder, file.name)
        };
        let named = self.dated_name(written);
        let date = head.text("date").and_then(|text| date_of(&text, self.zone)).or(named.date);
        let slug = slug_of(&head.text("slug").unwrap_or_else(|| named.name.to_owned()), self.slugs("paths"));
        let address = match head.text("path") {
            Some(path) => format!("/{}/", path.trim_matches('/')),
            None => self.address(file, folder, &slug),
        };
        let state = self.state(&mut head);
        let language = file.language != self.default_language;
        let stem = if language { format!("{written}.{}", file.language) } else { written.to_owned() };
        let plan = DocumentPlan {
            source: file.source,
            body_at: head.body_at,
            kind: if date.is_some() { DocumentKind::Post } else { DocumentKind::Page },
            state,
            shape,
            folder,
            stem: &stem,
            address: UrlPath::new(&address),
            id: None,
            date,
        };
        let mut entry = site.entry(&plan);
        self.note_target(file, &plan);
        if plan.state == EntryState::Public {
            self.redirect_own_terms(head.get("taxonomies"), file, site);
        }
        self.fill(&mut entry, &mut head, file, site);
        self.use_terms(&entry, &plan, site);
        entry.more.extra = head.extra();
        site.add(&plan, whole, entry);
    }

    fn note_target(&mut self, file: &ZolaFile<'_>, plan: &DocumentPlan<'_>) {
        if let Some(address) = &plan.address {
            let is_draft = plan.state != EntryState::Public;
            self.targets.insert(file.below.to_owned(), ZolaTarget { address: address.encoded(""), is_draft });
        }
    }

    fn state(&self, head: &mut EngineHead) -> EntryState {
        let render = head.flag("render");
        if head.flag("draft") == Some(true) {
            EntryState::Draft("a draft")
        } else if render == Some(false) {
            EntryState::Draft("without a page of its own")
        } else {
            EntryState::Public
        }
    }

    /// The keys that pages and sections have.
    fn fill(&self, entry: &mut Entry, head: &mut EngineHead, file: &ZolaFile<'_>, site: &SiteCollector<'_>) {
        if let Some(fault) = &head.fault {
            entry.remarks.push(format!("the front matter cannot be read, and is part of the text: {fault}"));
            entry.state = EntryState::Draft("its front matter cannot be read");
        }
        head.take_common(entry, &KEYS, self.zone);
        entry.authors = head.authors("authors");
        let mut taxonomies = head.take("taxonomies").unwrap_or_default();
        entry.tags = texts_of(&taxonomies["tags"].take(), TextsIn::One);
        entry.categories = texts_of(&taxonomies["categories"].take(), TextsIn::One);
        entry.series = text_of(&taxonomies["series"].take());
        if entry.authors.is_empty() {
            entry.authors = texts_of(&taxonomies["authors"].take(), TextsIn::One);
        }
        for (name, terms) in
            taxonomies.as_object().into_iter().flatten().filter(|(_, terms)| !terms.is_null())
        {
            entry.remarks.push(format!("terms of the taxonomy `{name}` stand under `[extra]`"));
            head.put(name, terms.clone());
        }
        if !self.languages.is_empty() || file.language != self.default_language {
            entry.language = Some(file.language.replace('_', "-"));
        }
        // What is `[extra]` there is `[extra]` here.
        let extra = head.take("extra").unwrap_or_default();
        for (key, value) in extra.as_object().into_iter().flatten() {
            head.put(key, value.clone());
        }
        let picture = ["image", "cover", "thumbnail", "og_image"]
            .iter()
            .find_map(|key| extra.get(*key).and_then(text_of));
        entry.image = picture.map(|image| site.book.rewrite(&image, &entry.place).address);
        let old = head.texts("aliases", TextsIn::One);
        add_aliases(entry, old.into_iter().map(|alias| format!("/{}", alias.trim_start_matches('/'))));
        for key in ["template", "weight", "in_search_index", "slug", "path", "date"] {
            head.take(key);
        }
    }

    fn use_terms(&self, entry: &Entry, plan: &DocumentPlan<'_>, site: &mut SiteCollector<'_>) {
        if entry.state != EntryState::Public || plan.kind != DocumentKind::Post {
            return;
        }
        let slugs = self.slugs("taxonomies");
        for (kind, names) in [(TermKind::Tag, &entry.tags), (TermKind::Category, &entry.categories)] {
            for name in names {
                site.use_term(kind, name, &slug_of(name, slugs));
            }
        }
    }

    /// The lists of taxonomies of the site's own, which have none here.
    fn redirect_own_terms(&self, taxonomies: &Value, file: &ZolaFile<'_>, site: &mut SiteCollector<'_>) {
        let slugs = self.slugs("taxonomies");
        let own = taxonomies.as_object().into_iter().flatten();
        for (name, terms) in
            own.filter(|(name, _)| !matches!(name.as_str(), "tags" | "categories" | "series"))
        {
            let list = self.address(file, "", &slug_of(name, slugs));
            for term in texts_of(terms, TextsIn::One) {
                site.redirect(&format!("{list}{}/", slug_of(&term, slugs)), "/archives/");
            }
            site.redirect(&list, "/archives/");
        }
    }

    /// The page of a section: its text if it has one, else a redirect.
    fn add_section(
        &mut self,
        file: &ZolaFile<'_>,
        text: &str,
        site: &mut SiteCollector<'_>,
        account: &mut Account,
    ) {
        let mut head = EngineHead::split(file.source, text).unwrap_or_default();
        let whole = head.clone();
        let folder = folder_of(file.below);
        let address = if folder.is_empty() {
            self.address(file, "", "").replace("//", "/")
        } else {
            self.address(file, folder_of(folder), file_name(folder))
        };
        self.note_paged_list(&head, folder, &address);
        let leads_to = head.text("redirect_to");
        let (body_at, state) = (head.body_at, self.state(&mut head));
        let plan = DocumentPlan {
            source: file.source,
            body_at,
            kind: DocumentKind::Page,
            state,
            shape: DocumentShape::File,
            folder: folder_of(folder),
            stem: if folder.is_empty() { "home" } else { file_name(folder) },
            address: UrlPath::new(&address),
            id: None,
            date: None,
        };
        self.note_target(file, &plan);
        for key in [
            "sort_by",
            "paginate_by",
            "paginate_path",
            "paginate_reversed",
            "transparent",
            "insert_anchor_links",
            "generate_feeds",
            "generate_feed",
            "page_template",
        ] {
            head.take(key);
        }
        if leads_to.is_none() && text.get(body_at..).is_some_and(|body| !body.trim().is_empty()) {
            let mut entry = site.entry(&plan);
            self.fill(&mut entry, &mut head, file, site);
            entry.more.extra = head.extra();
            site.add(&plan, whole, entry);
            return;
        }
        let home = Place::of(&format!("{}/", self.setting("base_url").trim_end_matches('/')));
        let to = leads_to.map(|to| with_slash(&site.book.rewrite(&to, &home).address));
        let to = to.as_deref().unwrap_or("/archives/");
        if let Some(address) = plan.address.as_ref().filter(|address| address.as_str() != "/") {
            site.redirect(address.as_str(), to);
            for alias in head.texts("aliases", TextsIn::One) {
                let alias = format!("/{}", alias.trim_start_matches('/'));
                site.redirect(alias.strip_suffix("index.html").unwrap_or(&alias), to);
            }
        }
        account.leave_out(
            format!("`{}`", file.source),
            "the page of a section without a text; its address leads on",
        );
    }

    fn note_paged_list(&mut self, head: &EngineHead, folder: &str, address: &str) {
        let on_page = head.get("paginate_by").as_u64().and_then(|count| usize::try_from(count).ok());
        if let Some(on_page) = on_page.filter(|count| *count > 0) {
            self.paged_lists.push(ZolaPagedList {
                folder: if folder.is_empty() { String::new() } else { format!("{folder}/") },
                address: format!("{}/", address.trim_end_matches('/')),
                path: head.get("paginate_path").as_str().unwrap_or("page").trim_matches('/').to_owned(),
                on_page,
            });
        }
    }

    /// The pages of sections, and of terms, whose lists are the new site's.
    fn redirect_pages(&self, site: &mut SiteCollector<'_>) {
        for list in &self.paged_lists {
            let below = format!("content/{}", list.folder);
            let posts =
                site.documents().iter().filter(|document| document.source.starts_with(&below)).count();
            let pages = posts.div_ceil(list.on_page);
            site.redirect_pages(&list.address, 1..=pages, &|page| {
                format!("{}{}/{page}/", list.address, list.path)
            });
        }
        let terms = self.settings["taxonomies"].as_array().map(Vec::as_slice).unwrap_or_default();
        if let Some(terms) =
            terms.iter().find(|terms| terms["paginate_by"].as_u64().is_some_and(|count| count > 0))
        {
            site.redirect_pages_below(terms["paginate_path"].as_str().unwrap_or("page"));
        }
    }

    fn facts(&self) -> BlogFacts {
        let of_language = &self.settings["languages"][&self.default_language];
        let mut menu = Vec::new();
        for key in ["menu", "menu_items", "main_menu", "nav"] {
            for entry in self.settings["extra"].get(key).and_then(Value::as_array).into_iter().flatten() {
                let name = ["name", "title", "text"].iter().find_map(|key| entry.get(*key).and_then(text_of));
                let url = ["url", "path", "href"].iter().find_map(|key| entry.get(*key).and_then(text_of));
                if let (Some(name), Some(url)) = (name, url) {
                    let url = url.replace("$BASE_URL", "");
                    menu.push(MenuFact { name, url: if url.is_empty() { "/".to_owned() } else { url } });
                }
            }
        }
        BlogFacts {
            title: of_language.get("title").and_then(text_of).unwrap_or_else(|| self.setting("title")),
            description: of_language
                .get("description")
                .and_then(text_of)
                .unwrap_or_else(|| self.setting("description")),
            language: self.default_language.replace('_', "-"),
            timezone: self.zone.name().to_owned(),
            author: self.settings.get("author").and_then(text_of),
            menu,
            markdown: MarkdownSettings {
                smart_punctuation: self.settings["markdown"]["smart_punctuation"] == true,
                math: self.has_formulas,
                autolink: false,
            },
            ..BlogFacts::default()
        }
    }
}

/// A name as a part of an address.
fn slug_of(name: &str, slugs: ZolaSlugs) -> String {
    match slugs {
        ZolaSlugs::Off => name.to_owned(),
        ZolaSlugs::Safe => name.trim_end_matches([' ', '.']).replace(|c: char| "<>:\"/\\|?*".contains(c), ""),
        ZolaSlugs::On => {
            let mut slug = String::new();
            for c in deunicode::deunicode(name).chars() {
                if c.is_ascii_alphanumeric() {
                    slug.push(c.to_ascii_lowercase());
                } else if !slug.ends_with('-') && !slug.is_empty() {
                    slug.push('-');
                }
            }
            slug.trim_end_matches('-').to_owned()
        }
    }
}

impl SiteEngine for Zola {
    fn survey(
        &mut self,
        tree: &SourceTree,
        names: &mut FileNames,
        account: &mut Account,
    ) -> Result<EngineSurvey> {
        self.read_settings(tree, account);
        let base_url = self.options.base_url_of(&self.setting("base_url"), account);
        let mut site = SiteCollector::new(&base_url, names);
        let mut assets: Vec<&str> = Vec::new();
        let mut left_out: BTreeMap<&str, usize> = BTreeMap::new();
        for path in tree.paths() {
            match self.file(path) {
                Some(file) if ending(path) == "md" => match tree.text(path) {
                    None => account.leave_out(format!("`{path}`"), TOO_LONG),
                    Some(text) if file.name == "_index" => self.add_section(&file, &text, &mut site, account),
                    Some(text) => self.add_page(&file, &text, &mut site),
                },
                Some(_) => assets.push(path),
                None if SETTINGS.contains(&path) => account.item(EntryFate::Settings),
                None => match path.strip_prefix("static/") {
                    Some(below) => site.keep_file(tree, path, &format!("/{below}")),
                    None => {
                        *left_out.entry(path.split_once('/').map_or(path, |(top, _)| top)).or_default() += 1
                    }
                },
            }
        }
        keep_assets(tree, &assets, &mut site);
        self.redirect_pages(&mut site);
        for (folder, count) in left_out {
            account.leave_out_all(folder, count, "a part of the theme, or data for it");
        }
        let facts = self.facts();
        let mut found = site.finish(facts);
        // Zola has no plugins: each page is one of a text, a section, a term or a list.
        found.survey.address_knowledge = AddressKnowledge::All;
        Ok(found)
    }

    fn body(&self, _: &EngineDocument, written: &str, remarks: &mut Vec<String>) -> EntryBody {
        let text = shortcodes::replaced(written, &tags::ZolaShortcodes, remarks);
        let base_path = url::Url::parse(&self.setting("base_url"))
            .map(|url| url.path().trim_end_matches('/').to_owned())
            .unwrap_or_default();
        EntryBody::Markdown(markdown_links::replace(&text, &mut |address, _: AddressPlace| {
            let Some(path) = address.strip_prefix("@/") else { return address.to_owned() };
            let (path, fragment) = path.split_at(path.find('#').unwrap_or(path.len()));
            match self.targets.get(path) {
                Some(target) => {
                    if target.is_draft {
                        remarks.push(format!("a link to `@/{path}`, which is a draft"));
                    }
                    format!("{base_path}{}{fragment}", target.address)
                }
                None => {
                    remarks.push(format!("a link to `@/{path}`, where nothing is"));
                    address.to_owned()
                }
            }
        }))
    }
}

/// Copies files beside texts: those of a page that is a folder follow it, others keep their address.
fn keep_assets(tree: &SourceTree, assets: &[&str], site: &mut SiteCollector<'_>) {
    let owners: HashMap<String, Entry> = site
        .documents()
        .iter()
        .filter(|document| stem(file_name(&document.source)).split('.').next() == Some("index"))
        .map(|document| (folder_of(&document.source).to_owned(), document.entry.clone()))
        .collect();
    for path in assets {
        let mut folder = folder_of(path);
        while !folder.is_empty() && !owners.contains_key(folder) {
            folder = folder_of(folder);
        }
        match owners.get(folder) {
            Some(owner) => {
                let name = path.strip_prefix(folder).unwrap_or(path).trim_start_matches('/');
                site.keep_beside(tree, path, owner, name);
            }
            None => site.keep_file(tree, path, &format!("/{}", path.trim_start_matches("content/"))),
        }
    }
}
