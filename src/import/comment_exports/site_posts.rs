//! The posts of a site, by all that a service of comments may know of them: addresses, old addresses, ids, names.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::Path;

use url::Url;

use crate::config::Config;
use crate::error::{Error, Result};
use crate::import::addresses::AddressBook;
use crate::path::{SourcePath, UrlPath, percent_decode};
use crate::post::slug::slugify;
use crate::post::{self, front_matter};
use crate::spanned::SourceText;

/// The posts of a site.
pub(super) struct SitePosts {
    pub(super) book: AddressBook,
    base_url: String,
    /// Hosts and folders at which the blog stands or stood.
    homes: Vec<BlogHome>,
    ids: HashMap<String, SourcePath>,
    /// By the last part of an address; nothing if several have it.
    names: HashMap<String, Option<SourcePath>>,
    urls: HashMap<SourcePath, UrlPath>,
}

/// Where a blog stands.
struct BlogHome {
    host: String,
    base_path: String,
}

impl BlogHome {
    fn of(address: &str) -> Option<Self> {
        let url = Url::parse(address).ok()?;
        let base_path = percent_decode(url.path().trim_end_matches('/'));
        Some(Self { host: host_of(&url), base_path })
    }
}

/// A host without `www.`.
fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    host.strip_prefix("www.").unwrap_or(host).to_owned()
}

/// The post that belongs to a thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FoundPost {
    pub(super) file: SourcePath,
    /// The host, if it is none of the blog's.
    pub(super) foreign_host: Option<String>,
}

impl SitePosts {
    /// Reads the heads of the posts below a folder. `old_home` is where the blog stood, if it was another place.
    pub(super) fn read(root: &Path, config: &Config, old_home: Option<&str>) -> Result<Self> {
        let homes = [Some(config.base_url.as_str()), old_home];
        let mut posts = Self {
            book: AddressBook::new(&config.base_url),
            base_url: config.base_url.clone(),
            homes: homes.into_iter().flatten().filter_map(BlogHome::of).collect(),
            ids: HashMap::new(),
            names: HashMap::new(),
            urls: HashMap::new(),
        };
        let content = root.join(post::CONTENT);
        if content.is_dir() {
            for entry in walkdir::WalkDir::new(&content).sort_by_file_name() {
                let entry = entry.map_err(|error| Error::io("read", &content)(error.into()))?;
                let below = entry.path().strip_prefix(root).unwrap_or(entry.path());
                let path = SourcePath::new(&below.to_string_lossy().replace('\\', "/"));
                let Some(path) = path.filter(|path| entry.file_type().is_file() && path.is_markdown()) else {
                    continue;
                };
                let bytes = fs::read(entry.path()).map_err(Error::io("read", entry.path()))?;
                posts.add(&path, &String::from_utf8_lossy(&bytes), config);
            }
        }
        posts.add_redirects(config);
        Ok(posts)
    }

    fn add(&mut self, path: &SourcePath, text: &str, config: &Config) {
        // The body has no part in an address, and takes most of the time.
        let source = SourceText { path: path.as_str(), text };
        let body = front_matter::split(source).map_or(text.len(), |split| split.body);
        let head = text.get(..body).unwrap_or(text);
        let Some((post, _)) = post::parse(path, head, config).post else { return };
        self.book.add(post.url.as_str(), &post.url);
        self.book.add_file(&post.url, path);
        for alias in &post.front.aliases {
            self.book.add(alias.as_str(), &post.url);
        }
        for rule in post.front.alias_rules.iter().filter(|rule| !rule.query.is_empty()) {
            if let Some(id) = rule.query.iter().find(|pair| matches!(pair.name.as_str(), "p" | "page_id")) {
                self.book.add(&format!("?p={}", id.value), &post.url);
            }
        }
        if !post.id.is_empty() {
            self.ids.entry(post.id.clone()).or_insert_with(|| path.clone());
        }
        let last = post.url.as_str().trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let last = last.strip_suffix(".html").unwrap_or(last);
        let stem = path.without_extension().trim_end_matches("/index").rsplit('/').next().unwrap_or_default();
        // Many sites call the folder of the comments on `a.b.md` by the slug of its name, `a-b`.
        let names = [stem.to_lowercase(), last.to_lowercase(), slugify(stem), slugify(last)];
        for name in names.into_iter().filter(|name| !name.is_empty()).collect::<BTreeSet<_>>() {
            self.names.entry(name).and_modify(|found| *found = None).or_insert_with(|| Some(path.clone()));
        }
        self.urls.insert(path.clone(), post.url);
    }

    /// Old addresses of the settings that lead to posts.
    fn add_redirects(&mut self, config: &Config) {
        for redirect in config.redirects.iter().filter(|redirect| redirect.from.is_literal()) {
            let Some(to) = redirect.to.own_path() else { continue };
            match redirect.from.query.iter().find(|pair| matches!(pair.name.as_str(), "p" | "page_id")) {
                Some(id) => self.book.add(&format!("?p={}", id.value), &to),
                None if redirect.from.query.is_empty() => self.book.add(&redirect.from.path_text(), &to),
                None => {}
            }
        }
    }

    /// The address of a post with its host.
    pub(super) fn address(&self, file: &SourcePath) -> String {
        self.urls.get(file).map_or_else(String::new, |url| {
            format!("{}{}", self.base_url.trim_end_matches('/'), url.encoded(""))
        })
    }

    /// The post at an address or a path, or with an id or a name; of several words, as the plugin of Disqus for
    /// WordPress writes them (`101 https://a.example/?p=101`), that of the first that is known.
    pub(super) fn find(&self, place: &str) -> Option<FoundPost> {
        let place = place.trim();
        let whole = self.known_as(place);
        whole.or_else(|| place.split_whitespace().rev().find_map(|word| self.known_as(word)))
    }

    fn known_as(&self, place: &str) -> Option<FoundPost> {
        let own = |file: &SourcePath| FoundPost { file: file.clone(), foreign_host: None };
        if let Some(file) = self.ids.get(place) {
            return Some(own(file));
        }
        if let Ok(url) = Url::parse(place) {
            return url.has_host().then(|| self.at_url(&url)).flatten();
        }
        if place.starts_with("//") {
            return self.at_url(&Url::parse(&format!("https:{place}")).ok()?);
        }
        let (path, query) = place.split_once('?').unwrap_or((place, ""));
        if let Some(file) = self.at_path(&percent_decode(path), query) {
            return Some(own(file));
        }
        let name = path.trim_matches('/');
        let last = name.rsplit('/').next().unwrap_or_default();
        let last =
            [".md", ".markdown", ".html"].iter().find_map(|end| last.strip_suffix(end)).unwrap_or(last);
        let found = self.names.get(&last.to_lowercase()).or_else(|| self.names.get(&slugify(last)));
        found?.as_ref().map(own)
    }

    fn at_url(&self, url: &Url) -> Option<FoundPost> {
        let host = host_of(url);
        let path = percent_decode(url.path());
        let query = url.query().unwrap_or_default();
        for home in self.homes.iter().filter(|home| home.host == host) {
            let below = path.strip_prefix(&home.base_path).and_then(|below| self.at_path(below, query));
            if let Some(file) = below {
                return Some(FoundPost { file: file.clone(), foreign_host: None });
            }
        }
        if self.homes.iter().any(|home| home.host == host) || path == "/" {
            return None;
        }
        let file = self.at_path(&path, query)?;
        Some(FoundPost { file: file.clone(), foreign_host: Some(host) })
    }

    fn at_path(&self, path: &str, query: &str) -> Option<&SourcePath> {
        let stem = path.strip_suffix("index.html").or_else(|| path.strip_suffix(".html"));
        let with_ending = format!("{}.html", path.trim_end_matches('/'));
        [Some(path), stem, Some(&with_ending)]
            .into_iter()
            .flatten()
            .find_map(|path| self.book.file_of(&self.book.answer(path, query)?))
    }
}
