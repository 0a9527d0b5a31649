//! The settings of Hugo, from one file or from a folder of them. Its keys know no capitals.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::HugoMenuEntry;
use crate::import::account::Account;
use crate::import::engines::head::text_of;
use crate::import::engines::source_tree::{SourceTree, ending, file_name, stem};
use crate::spanned;

/// The settings, with keys in lower case.
#[derive(Debug, Default)]
pub(super) struct HugoSettings {
    all: Value,
    pub(super) default_language: String,
    /// Whether addresses of the default language begin with its name.
    pub(super) default_in_folder: bool,
    content: Vec<ContentFolder>,
    /// Languages with the folders of their content.
    languages: BTreeMap<String, String>,
    /// Whether some content lies in folders.
    pub(super) has_sections: bool,
}

/// A folder with texts.
#[derive(Debug, Clone)]
struct ContentFolder {
    folder: String,
    /// Of all that is in it.
    language: Option<String>,
}

const NAMES: [&str; 2] = ["hugo", "config"];
const ENDINGS: [&str; 4] = ["toml", "yaml", "yml", "json"];

/// Whether a file is one of the settings.
pub(super) fn is_settings(path: &str) -> bool {
    let is_known = ENDINGS.contains(&ending(path).as_str());
    let is_at_top = !path.contains('/') && NAMES.contains(&stem(path));
    is_known && (is_at_top || path.starts_with("config/"))
}

/// Whether a folder is a site of Hugo.
pub(super) fn is_in(tree: &SourceTree) -> bool {
    let has_own = tree.paths().any(|path| !path.contains('/') && stem(path) == "hugo" && is_settings(path));
    let has_folder = tree.paths().any(|path| path.starts_with("config/_default/") && is_settings(path));
    // The older name is also Zola's, whose address is called otherwise.
    let older = tree.paths().find(|path| !path.contains('/') && stem(path) == "config" && is_settings(path));
    let is_older =
        older.and_then(|path| tree.text(path)).is_some_and(|text| text.to_lowercase().contains("baseurl"));
    has_own || has_folder || is_older
}

impl HugoSettings {
    /// Reads them, the files of `config/production` over those of `config/_default`.
    pub(super) fn read(tree: &SourceTree, account: &mut Account) -> Self {
        let mut all = Value::Object(Map::new());
        let at_top = NAMES.iter().find_map(|name| {
            let mut endings = ENDINGS.iter().map(|ending| format!("{name}.{ending}"));
            endings.find(|path| tree.has(path))
        });
        let folders = ["config/_default/", "config/production/"];
        let in_folders =
            folders.iter().flat_map(|folder| tree.paths().filter(move |path| path.starts_with(folder)));
        let files: Vec<String> = at_top.into_iter().chain(in_folders.map(str::to_owned)).collect();
        for path in files.iter().filter(|path| is_settings(path)) {
            let text = tree.text(path).unwrap_or_default();
            let read =
                if path.ends_with(".toml") { spanned::toml(&text, 0) } else { spanned::yaml(&text, 0) };
            let mut value = match read {
                Ok(table) => lower_keys(spanned::table_to_json(&table)),
                Err(faults) => {
                    let why = faults.first().map(|fault| fault.message.clone()).unwrap_or_default();
                    account.remark(&format!("the settings cannot be read: {why}"), path);
                    continue;
                }
            };
            let name = stem(file_name(path)).to_lowercase();
            if !NAMES.contains(&name.as_str()) {
                // `menus.en.toml` holds the menus of a language, `languages.en.toml` the language itself.
                let (key, language) = name.split_once('.').unwrap_or((&name, ""));
                value = match (key, language.is_empty()) {
                    (_, true) => serde_json::json!({ key: value }),
                    ("languages", false) => serde_json::json!({ "languages": { language: value } }),
                    (_, false) => serde_json::json!({ "languages": { language: { key: value } } }),
                };
            }
            merge(&mut all, value);
        }
        let mut settings = Self { all, ..Self::default() };
        settings.read_languages();
        settings
    }

    fn read_languages(&mut self) {
        let named = [self.text("defaultcontentlanguage"), "en".to_owned()];
        self.default_language =
            named.into_iter().find(|name| !name.is_empty()).unwrap_or_default().to_lowercase();
        self.default_in_folder = self.all["defaultcontentlanguageinsubdir"] == true;
        let content = self.content_folder();
        for (name, language) in self.all["languages"].as_object().into_iter().flatten() {
            let folder = language.get("contentdir").and_then(text_of).unwrap_or_else(|| content.clone());
            self.languages.insert(name.clone(), folder.trim_matches('/').to_owned());
        }
        self.content = vec![ContentFolder { folder: content.clone(), language: None }];
        for (name, folder) in self.languages.iter().filter(|(_, folder)| **folder != content) {
            self.content.push(ContentFolder { folder: folder.clone(), language: Some(name.clone()) });
        }
        let mounts = self.mounts("content");
        if !mounts.is_empty() {
            self.content = mounts;
        }
        // Of folders within each other the inner one is meant.
        self.content.sort_by_key(|content| std::cmp::Reverse(content.folder.len()));
    }

    /// Folders of the site that stand for one of Hugo's own (`[[module.mounts]]`).
    fn mounts(&self, target: &str) -> Vec<ContentFolder> {
        let mut folders = Vec::new();
        for mount in self.all["module"]["mounts"].as_array().into_iter().flatten() {
            let is_meant = mount["target"].as_str().is_some_and(|to| to.trim_matches('/') == target);
            let source = mount.get("source").and_then(text_of).filter(|_| is_meant);
            let language = mount.get("lang").and_then(text_of);
            let language = language.or_else(|| text_of(&mount["sites"]["matrix"]["languages"]));
            folders.extend(
                source.map(|source| ContentFolder { folder: source.trim_matches('/').to_owned(), language }),
            );
        }
        folders
    }

    fn content_folder(&self) -> String {
        let named = self.text("contentdir");
        if named.is_empty() { "content".to_owned() } else { named.trim_matches('/').to_owned() }
    }

    /// A text at the top; of several languages that of the default one.
    pub(super) fn text(&self, key: &str) -> String {
        let own = self.all["languages"][&self.default_language].get(key).and_then(text_of);
        own.or_else(|| self.all.get(key).and_then(text_of)).unwrap_or_default()
    }

    pub(super) fn param(&self, key: &str) -> String {
        let of_language = self.all["languages"][&self.default_language]["params"].get(key).and_then(text_of);
        of_language.or_else(|| self.all["params"].get(key).and_then(text_of)).unwrap_or_default()
    }

    /// A value below `params`, by its path.
    pub(super) fn param_at(&self, path: &str) -> Option<String> {
        let mut value = &self.all["params"];
        for part in path.to_lowercase().split('.') {
            value = value.get(part)?;
        }
        text_of(value)
    }

    pub(super) fn author(&self) -> Option<String> {
        let named = [&self.all["params"]["author"], &self.all["author"]];
        named.into_iter().find_map(|author| author.get("name").and_then(text_of).or_else(|| text_of(author)))
    }

    /// The path of the site's address: empty, or `/blog`.
    pub(super) fn base_path(&self) -> String {
        let url = url::Url::parse(&self.text("baseurl"));
        url.map(|url| url.path().trim_end_matches('/').to_owned()).unwrap_or_default()
    }

    /// The path of a file below the content, and the language of its folder if it tells one.
    pub(super) fn below_content<'p>(&self, path: &'p str) -> Option<(&'p str, Option<String>)> {
        self.content.iter().find_map(|content| {
            let below = path.strip_prefix(content.folder.as_str())?.strip_prefix('/')?;
            Some((below, content.language.clone()))
        })
    }

    pub(super) fn below_static<'p>(&self, path: &'p str) -> Option<&'p str> {
        let mut named: Vec<String> = match &self.all["staticdir"] {
            Value::Array(folders) => folders.iter().filter_map(text_of).collect(),
            other => vec![text_of(other).unwrap_or_else(|| "static".to_owned())],
        };
        named.extend(self.mounts("static").into_iter().map(|mount| mount.folder));
        named.iter().find_map(|folder| path.strip_prefix(folder.trim_matches('/'))?.strip_prefix('/'))
    }

    pub(super) fn has_language(&self, name: &str) -> bool {
        self.languages.contains_key(&name.to_lowercase())
    }

    pub(super) fn is_multilingual(&self) -> bool {
        self.languages.len() > 1
    }

    /// The tag of a language of the settings.
    pub(super) fn language_tag(&self, name: &str) -> String {
        let settings = &self.all["languages"][name];
        let tag = ["locale", "languagecode"].iter().find_map(|key| settings.get(*key).and_then(text_of));
        tag.unwrap_or_else(|| name.to_owned()).replace('_', "-")
    }

    pub(super) fn site_language(&self) -> String {
        let tag = [self.text("locale"), self.text("languagecode")].into_iter().find(|tag| !tag.is_empty());
        tag.unwrap_or_else(|| self.default_language.clone()).replace('_', "-")
    }

    /// The keys of the head that are looked at for the date.
    pub(super) fn date_keys(&self) -> Vec<String> {
        const USUAL: [&str; 6] = ["date", "publishdate", "pubdate", "published", "lastmod", "modified"];
        let named = match &self.all["frontmatter"]["date"] {
            Value::Array(keys) => keys.iter().filter_map(text_of).collect(),
            other => text_of(other).into_iter().collect::<Vec<_>>(),
        };
        let mut keys: Vec<String> = Vec::new();
        for key in if named.is_empty() { vec![":default".to_owned()] } else { named } {
            match key.to_lowercase().as_str() {
                ":default" => keys.extend(USUAL.map(str::to_owned)),
                key => keys.push(key.to_owned()),
            }
        }
        keys
    }

    /// The pattern of a section, if it has one.
    pub(super) fn permalink(&self, section: &str) -> Option<String> {
        let all = &self.all["permalinks"];
        let tables = [&all["page"], all];
        let key = if section.is_empty() { "/" } else { section }.to_lowercase();
        tables.iter().find_map(|table| table.get(&key).and_then(Value::as_str)).map(str::to_owned)
    }

    /// Whether documents of a section are files instead of folders.
    pub(super) fn has_files_for(&self, section: &str) -> bool {
        match &self.all["uglyurls"] {
            Value::Bool(all) => *all,
            Value::Object(sections) => {
                sections.get(&section.to_lowercase()).is_some_and(|ugly| *ugly == Value::Bool(true))
            }
            _ => false,
        }
    }

    pub(super) fn keeps_capitals(&self) -> bool {
        self.all["disablepathtolower"] == true
    }

    pub(super) fn strips_accents(&self) -> bool {
        self.all["removepathaccents"] == true
    }

    /// The key of a taxonomy in heads, which is the name of its folder as well.
    pub(super) fn taxonomy(&self, singular: &str, usual: &str) -> String {
        let named = self.all["taxonomies"].get(singular).and_then(text_of);
        named.unwrap_or_else(|| usual.to_owned()).to_lowercase()
    }

    /// The folder of a taxonomy, if it is not the usual one.
    pub(super) fn term_folder(&self, singular: &str, usual: &str) -> String {
        let plural = self.taxonomy(singular, usual);
        if plural == usual { String::new() } else { format!("/{plural}/") }
    }

    /// The folder of the further pages of lists, and how many posts stand on each.
    pub(super) fn pagination(&self) -> (String, usize) {
        let newer = &self.all["pagination"];
        let folder = [newer["path"].as_str(), self.all["paginatepath"].as_str()];
        let folder = folder
            .into_iter()
            .flatten()
            .map(|folder| folder.trim_matches('/'))
            .find(|folder| !folder.is_empty());
        let on_page = newer["pagersize"].as_u64().or(self.all["paginate"].as_u64());
        let on_page = on_page.and_then(|count| usize::try_from(count).ok()).filter(|count| *count > 0);
        (folder.unwrap_or("page").to_owned(), on_page.unwrap_or(10))
    }

    /// What is given to all texts.
    pub(super) fn cascade(&self) -> Value {
        self.all["cascade"].clone()
    }

    /// Whether `:smile:` is an emoji.
    pub(super) fn has_emoji(&self) -> bool {
        self.all["enableemoji"] == true
    }

    pub(super) fn has_typographer(&self) -> bool {
        let typographer = &self.all["markup"]["goldmark"]["extensions"]["typographer"];
        *typographer != Value::Bool(false) && typographer.get("disable") != Some(&Value::Bool(true))
    }

    pub(super) fn has_formulas(&self) -> bool {
        let goldmark = &self.all["markup"]["goldmark"]["extensions"]["passthrough"]["enable"];
        let params = &self.all["params"];
        *goldmark == Value::Bool(true) || ["math", "katex", "mathjax"].iter().any(|key| params[*key] == true)
    }

    /// Whether HTML in Markdown is shown.
    pub(super) fn shows_html(&self) -> bool {
        self.all["markup"]["goldmark"]["renderer"]["unsafe"] == true
    }

    /// The main menu of the settings.
    pub(super) fn menu(&self) -> Vec<HugoMenuEntry> {
        let of_language = &self.all["languages"][&self.default_language];
        let places = [&of_language["menus"], &of_language["menu"], &self.all["menus"], &self.all["menu"]];
        let Some(main) = places.iter().find_map(|place| place["main"].as_array()) else { return Vec::new() };
        let entries = main.iter().map(|entry| HugoMenuEntry {
            weight: entry["weight"].as_i64().unwrap_or_default(),
            name: entry.get("name").and_then(text_of).unwrap_or_default(),
            url: entry
                .get("url")
                .or(entry.get("pageref"))
                .and_then(text_of)
                .map(|url| menu_address(&url))
                .unwrap_or_default(),
        });
        entries.collect()
    }
}

/// The address of an entry of a menu: a path of the site, or another site's.
fn menu_address(url: &str) -> String {
    if crate::path::has_scheme(url) || url.starts_with('#') {
        return url.to_owned();
    }
    let path = format!("/{}", url.trim_start_matches('/'));
    if path.ends_with('/') || file_name(&path).contains(['.', '#', '?']) { path } else { format!("{path}/") }
}

/// Names of keys in lower case, at all depths.
pub(super) fn lower_keys(value: Value) -> Value {
    match value {
        Value::Object(keys) => Value::Object(
            keys.into_iter().map(|(key, value)| (key.to_lowercase(), lower_keys(value))).collect(),
        ),
        Value::Array(items) => Value::Array(items.into_iter().map(lower_keys).collect()),
        other => other,
    }
}

fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}
