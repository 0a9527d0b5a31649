//! Old addresses and what answers to them on the new site.

use std::collections::HashMap;

use url::Url;

use super::fetching::WantedFile;
use super::markdown::LinkTargets;
use super::media::is_copied;
use super::naming::file_stem;
use crate::hash::Hash;
use crate::path::{SourcePath, UrlPath, has_scheme, percent_decode};

/// Where a text stood on the old blog: what its relative links start from.
#[derive(Debug, Clone)]
pub(super) struct Place {
    address: Option<Url>,
}

impl Place {
    /// The place of a page with this address.
    pub(super) fn of(address: &str) -> Self {
        Self { address: Url::parse(address).ok() }
    }
}

/// All addresses of the old blog that are known.
#[derive(Debug, Default)]
pub(super) struct AddressBook {
    /// The host, without `www.`.
    host: String,
    /// The path below which the blog stands: empty, or `/blog`.
    base_path: String,
    /// What answers, once each.
    answers: Vec<AddressAnswer>,
    /// Old paths and queries in the form of [`key`], by their fingerprints, and the place of what answers to each. A blog
    /// has many more addresses than posts, so their texts would be most of what an import keeps in memory.
    known: HashMap<u64, u32>,
    /// The new addresses by their fingerprints.
    by_address: HashMap<u64, u32>,
    /// The files by their fingerprints.
    by_file: HashMap<u64, u32>,
    /// Folders whose files have the same addresses as before.
    kept_folders: Vec<String>,
    /// The host whose files are fetched, if any are, without `www.`.
    fetched_host: Option<String>,
}

/// What answers to old addresses.
#[derive(Debug)]
struct AddressAnswer {
    /// The new address, percent-encoded.
    address: Box<str>,
    /// The file of the post that stands there.
    file: Option<SourcePath>,
}

/// An address as it is written on the new site.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RewrittenAddress {
    pub(super) address: String,
    /// The address, if it is one of the old blog's to which nothing answers.
    pub(super) dead: Option<String>,
}

/// What WordPress and others hang on the address of a post.
const ENDINGS: [&str; 8] =
    ["feed", "feed/atom", "feed/rss2", "amp", "embed", "trackback", "comment-page-1", "comments"];

impl AddressBook {
    /// The book of a blog at this address.
    pub(super) fn new(base_url: &str) -> Self {
        let url = Url::parse(base_url).ok();
        let host = url.as_ref().map(host_of).unwrap_or_default();
        let base_path = url.map(|url| url.path().trim_end_matches('/').to_owned()).unwrap_or_default();
        Self { host, base_path: percent_decode(&base_path), ..Self::default() }
    }

    /// The path of an old address below the blog's; nothing if it belongs to another site.
    pub(super) fn own_path(&self, address: &str) -> Option<String> {
        let url = Url::parse(address).ok()?;
        self.is_own(&url).then(|| self.below(&percent_decode(url.path())))?
    }

    /// Whether an address is one of the blog. Blogger sent readers to the domain of their country: `b.blogspot.co.uk`.
    fn is_own(&self, url: &Url) -> bool {
        let host = host_of(url);
        let name_at_blogger = |host: &str| host.split_once(".blogspot.").map(|(name, _)| name.to_owned());
        host == self.host
            || name_at_blogger(&host).is_some_and(|name| name_at_blogger(&self.host) == Some(name))
    }

    fn below(&self, path: &str) -> Option<String> {
        let rest = path.strip_prefix(&self.base_path)?;
        (rest.is_empty() || rest.starts_with('/'))
            .then(|| if rest.is_empty() { "/".to_owned() } else { rest.to_owned() })
    }

    /// Notes that an old path or query (`?p=1`) is answered by a new address. The first of several counts.
    pub(super) fn add(&mut self, old: &str, new: &UrlPath) {
        let answer = self.answer_at(new);
        self.known.entry(fingerprint(&key(old))).or_insert(answer);
    }

    /// Notes the file of the post at a new address.
    pub(super) fn add_file(&mut self, new: &UrlPath, file: &SourcePath) {
        let answer = self.answer_at(new);
        self.by_file.insert(fingerprint(file.as_str()), answer);
        if let Some(answer) = self.answers.get_mut(answer as usize) {
            answer.file = Some(file.clone());
        }
    }

    /// The place of what answers at a new address.
    fn answer_at(&mut self, new: &UrlPath) -> u32 {
        let address = new.encoded("");
        // More than 2^32 posts do not fit into a file that a disk holds.
        let next = u32::try_from(self.answers.len()).unwrap_or(u32::MAX);
        let place = *self.by_address.entry(fingerprint(&address)).or_insert(next);
        if place == next {
            self.answers.push(AddressAnswer { address: address.into(), file: None });
        }
        place
    }

    /// All new addresses, which are old ones as far as nothing moved.
    pub(super) fn addresses(&self) -> impl Iterator<Item = &str> {
        self.answers.iter().map(|answer| &*answer.address)
    }

    fn known(&self, key: &str) -> Option<&str> {
        self.address_of(self.known.get(&fingerprint(key))?)
    }

    fn address_of(&self, place: &u32) -> Option<&str> {
        self.answers.get(*place as usize).map(|answer| &*answer.address)
    }

    /// The file of the post at a new address.
    pub(super) fn file_of(&self, address: &str) -> Option<&SourcePath> {
        let place = self.by_address.get(&fingerprint(address))?;
        self.answers.get(*place as usize)?.file.as_ref()
    }

    /// Notes that the files in a folder stay where they are.
    pub(super) fn keep_folder(&mut self, folder: &str) {
        if !self.kept_folders.iter().any(|kept| kept == folder) {
            self.kept_folders.push(folder.to_owned());
        }
    }

    /// Notes that files of a host are fetched; without a name those of the blog's own. Returns the host.
    pub(super) fn fetch_from(&mut self, host: Option<&str>) -> String {
        let host = host.unwrap_or(&self.host).to_lowercase();
        let host = host.strip_prefix("www.").unwrap_or(&host).to_owned();
        self.fetched_host = Some(host.clone());
        host
    }

    /// The file that an address names, if it stands at the host whose files are fetched, and where it will stand. Files of
    /// the blog itself keep their paths.
    pub(super) fn wanted_file(&self, written: &str, place: &Place) -> Option<WantedFile> {
        let host = self.fetched_host.as_deref()?;
        let mut url = place.address.as_ref()?.join(written.trim()).ok()?;
        if host_of(&url) != host || url.path().ends_with('/') {
            return None;
        }
        url.set_fragment(None);
        let decoded = percent_decode(url.path());
        let path = if host == self.host {
            UrlPath::new(&self.below(&decoded)?)?.as_str().to_owned()
        } else {
            fetched_path(&decoded, url.query())
        };
        is_copied(path.trim_start_matches('/')).then(|| WantedFile { path, url: url.to_string() })
    }

    /// The address of a file of the blog itself, if its files are fetched.
    pub(super) fn own_file(&self, base_url: &str, path: &str) -> Option<String> {
        let is_own = self.fetched_host.as_deref() == Some(self.host.as_str());
        is_own.then(|| UrlPath::new(path).map(|path| format!("{base_url}{}", path.encoded("")))).flatten()
    }

    /// An address of a text as the new site has it.
    pub(super) fn rewrite(&self, written: &str, place: &Place) -> RewrittenAddress {
        let trimmed = written.trim();
        let as_written = RewrittenAddress { address: trimmed.to_owned(), dead: None };
        if let Some(fragment) = trimmed.strip_prefix('#') {
            return RewrittenAddress { address: format!("#{}", anchor(fragment)), dead: None };
        }
        let is_web = !has_scheme(trimmed) || trimmed.starts_with("http:") || trimmed.starts_with("https:");
        let Some(url) = place
            .address
            .as_ref()
            .filter(|_| is_web && !trimmed.is_empty())
            .and_then(|base| base.join(trimmed).ok())
        else {
            return as_written;
        };
        if !self.is_own(&url) {
            return RewrittenAddress {
                address: if has_scheme(trimmed) { as_written.address } else { url.to_string() },
                dead: None,
            };
        }
        let Some(path) = self.below(&percent_decode(url.path())) else {
            return RewrittenAddress { address: url.to_string(), dead: None };
        };
        let fragment = url.fragment().map(|fragment| format!("#{}", anchor(fragment))).unwrap_or_default();
        match self.answer(&path, url.query().unwrap_or_default()) {
            Some(address) => RewrittenAddress { address: format!("{address}{fragment}"), dead: None },
            None => {
                let address = UrlPath::new(&path).map_or(path.clone(), |path| path.encoded(""));
                let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
                RewrittenAddress {
                    address: format!("{address}{query}{fragment}"),
                    dead: Some(format!("{path}{query}")),
                }
            }
        }
    }

    /// The new address that answers to an old path and query.
    pub(super) fn answer(&self, path: &str, query: &str) -> Option<String> {
        let by_id = query.split('&').find_map(|pair| {
            let (name, id) = pair.split_once('=')?;
            let is_id = matches!(name, "p" | "page_id" | "attachment_id");
            is_id.then(|| self.known(&format!("?p={id}"))).flatten()
        });
        if let Some(found) = by_id.or_else(|| self.known(&key(path))) {
            return Some(found.to_owned());
        }
        if query.starts_with("s=") || query.contains("&s=") {
            return None;
        }
        let trimmed = path.trim_matches('/');
        if trimmed.is_empty() {
            return Some("/".to_owned());
        }
        if self.kept_folders.iter().any(|folder| path.starts_with(folder.as_str()))
            || is_date_archive(trimmed)
        {
            return UrlPath::new(path).map(|path| path.encoded(""));
        }
        if matches!(trimmed, "feed" | "feed/rss2" | "comments/feed" | "wp-rss2.php" | "rss.xml") {
            return Some("/rss.xml".to_owned());
        }
        if matches!(trimmed, "feed/atom" | "atom.xml") {
            return Some("/atom.xml".to_owned());
        }
        let parent = ENDINGS.iter().find_map(|ending| trimmed.strip_suffix(ending)?.strip_suffix('/'));
        let parent = parent.or_else(|| {
            // The second page of a post that was cut into pages.
            let (parent, last) = trimmed.rsplit_once('/')?;
            last.bytes().all(|byte| byte.is_ascii_digit()).then_some(parent)
        });
        self.known(&key(parent?)).map(str::to_owned)
    }
}

/// `2019`, `2019/03` and `2019/03/31`, which have their pages here as well.
fn is_date_archive(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    let lengths = [4, 2, 2];
    parts.len() <= 3
        && std::iter::zip(&parts, lengths)
            .all(|(part, length)| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The anchor of a comment is that of a response here.
fn anchor(fragment: &str) -> String {
    match fragment
        .strip_prefix("comment-")
        .filter(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()))
    {
        Some(id) => format!("linkback-{id}"),
        None => fragment.to_owned(),
    }
}

/// A host without `www.`, in lower case, with its port.
pub(super) fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default().to_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host);
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Where a file of another host stands on the new site.
fn fetched_path(path: &str, query: Option<&str>) -> String {
    let parts: Vec<String> = path.split('/').filter(|part| !part.is_empty()).map(file_stem).collect();
    let mut path = format!("/media/{}", parts.join("/"));
    if let Some(query) = query {
        // Two files may differ in their queries alone.
        let mark = format!("-{}", Hash::of_value(&query).short_hex());
        let at = path.rfind('.').filter(|at| !path[*at..].contains('/')).unwrap_or(path.len());
        path.insert_str(at, &mark);
    }
    path
}

/// The form in which old paths are looked up: decoded, without slashes around, in lower case.
fn key(old: &str) -> String {
    if old.starts_with('?') {
        return old.to_owned();
    }
    crate::path::nfc(percent_decode(old).trim_matches('/')).to_lowercase()
}

fn fingerprint(text: &str) -> u64 {
    Hash::of(text.as_bytes()).long()
}

/// The addresses as a file of the site writes them.
pub(super) struct LinksFrom<'a> {
    pub(super) book: &'a AddressBook,
    pub(super) file: &'a SourcePath,
}

impl LinkTargets for LinksFrom<'_> {
    fn destination(&self, address: &str) -> String {
        let (path, fragment) = address.split_at(address.find('#').unwrap_or(address.len()));
        match self.book.file_of(path) {
            Some(file) if file == self.file && !fragment.is_empty() => fragment.to_owned(),
            Some(file) => format!("{}{fragment}", relative(self.file, file)),
            None => address.to_owned(),
        }
    }

    fn address(&self, file: &SourcePath) -> Option<String> {
        let place = self.book.by_file.get(&fingerprint(file.as_str()))?;
        self.book.address_of(place).map(str::to_owned)
    }
}

/// The path of a file from the folder of another one.
fn relative(from: &SourcePath, to: &SourcePath) -> String {
    let folder: Vec<&str> = from.folder().split('/').collect();
    let parts: Vec<&str> = to.as_str().split('/').collect();
    let common = std::iter::zip(&folder, &parts[..parts.len() - 1]).take_while(|(a, b)| a == b).count();
    let up = "../".repeat(folder.len() - common);
    let path = format!("{up}{}", parts[common..].join("/"));
    let mut encoded = String::with_capacity(path.len());
    crate::path::percent_encode(&path, &mut encoded);
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book() -> AddressBook {
        let mut book = AddressBook::new("https://lantern.example/");
        let post = UrlPath::new("/2019/03/31/hour/").unwrap();
        book.add("/2019/03/31/hour/", &post);
        book.add("?p=101", &post);
        book.add("/2019/03/31/missing-hour/", &post);
        book.add_file(&post, &SourcePath::new("content/2019/hour.md").unwrap());
        book.keep_folder("/wp-content/uploads/");
        book
    }

    #[test]
    fn a_blog_of_blogger_stands_at_the_domain_of_each_country() {
        let mut book = AddressBook::new("http://quay.blogspot.com");
        book.add("/2009/05/two.html", &UrlPath::new("/two/").unwrap());
        let place = Place::of("http://quay.blogspot.com/");
        for (written, expected) in [
            ("http://quay.blogspot.co.uk/2009/05/two.html", "/two/"),
            ("https://quay.blogspot.de/2009/05/two.html?m=1", "/two/"),
            ("http://pier.blogspot.com/2009/05/two.html", "http://pier.blogspot.com/2009/05/two.html"),
        ] {
            assert_eq!(book.rewrite(written, &place).address, expected);
        }
    }

    #[test]
    fn every_spelling_of_an_address_is_known() {
        let book = book();
        let place = Place::of("https://lantern.example/2020/01/01/other/");
        for written in [
            "https://lantern.example/2019/03/31/hour/",
            "http://www.lantern.example/2019/03/31/hour",
            "//lantern.example/2019/03/31/HOUR/",
            "/2019/03/31/hour/?replytocom=2",
            "../../../../2019/03/31/hour/",
            "/?p=101",
            "https://lantern.example/index.php?p=101",
            "/2019/03/31/missing-hour/",
            "/2019/03/31/hour/feed/",
            "/2019/03/31/hour/2/",
            "/2019/03/31/h%6Fur/",
        ] {
            let read = book.rewrite(written, &place);
            assert_eq!((read.address.as_str(), read.dead), ("/2019/03/31/hour/", None), "{written}");
        }
    }

    #[test]
    fn others_stay_and_dead_ones_are_named() {
        let book = book();
        let place = Place::of("https://lantern.example/2020/01/01/other/");
        for (written, expected, dead) in [
            ("https://e.example/x?a=1&b=2#c", "https://e.example/x?a=1&b=2#c", None),
            ("//e.example/x", "https://e.example/x", None),
            ("mailto:a@e.example", "mailto:a@e.example", None),
            ("#comment-7", "#linkback-7", None),
            ("/2019/03/31/hour/#comment-7", "/2019/03/31/hour/#linkback-7", None),
            ("/wp-content/uploads/2019/a%20b.png", "/wp-content/uploads/2019/a%20b.png", None),
            ("/2021/", "/2021/", None),
            ("/feed/", "/rss.xml", None),
            ("/gone/", "/gone/", Some("/gone/")),
            ("/?s=word", "/?s=word", Some("/?s=word")),
        ] {
            let read = book.rewrite(written, &place);
            assert_eq!((read.address.as_str(), read.dead.as_deref()), (expected, dead), "{written}");
        }
    }

    #[test]
    fn links_to_posts_are_their_files() {
        let book = book();
        let from = |file: &str| SourcePath::new(file).unwrap();
        let file = from("content/pages/about/team.md");
        let links = LinksFrom { book: &book, file: &file };
        assert_eq!(links.destination("/2019/03/31/hour/#a"), "../../2019/hour.md#a");
        assert_eq!(links.destination("/elsewhere/"), "/elsewhere/");
    }

    #[test]
    fn files_are_wanted_from_one_host() {
        let mut book = book();
        let place = Place::of("https://lantern.example/2020/01/01/other/");
        assert_eq!(book.wanted_file("/wp-content/uploads/a.png", &place), None);
        assert_eq!(book.fetch_from(Some("www.Cdn.example")), "cdn.example");
        let path =
            |book: &AddressBook, written: &str| book.wanted_file(written, &place).map(|file| file.path);
        for (written, expected) in [
            ("https://cdn.example/max/800/1*a%20b.jpeg#x", Some("/media/max/800/1-a b.jpeg")),
            ("//www.cdn.example/a/../../../etc/passwd", Some("/media/etc/passwd")),
            ("https://cdn.example/%2e%2e/.htaccess", Some("/media/htaccess")),
            ("https://cdn.example/shell.php", None),
            ("https://cdn.example/", None),
            ("https://cdn.example.evil.example/a.png", None),
            ("https://other.example/a.png", None),
            ("data:image/png;base64,x", None),
        ] {
            assert_eq!(path(&book, written).as_deref(), expected, "{written}");
        }
        let with_query = |query: &str| path(&book, &format!("https://cdn.example/a.png?{query}"));
        assert_ne!(with_query("w=1"), with_query("w=2"));
        book.fetch_from(None);
        assert_eq!(
            path(&book, "/wp-content/uploads/2019/a%20b.png").as_deref(),
            Some("/wp-content/uploads/2019/a b.png")
        );
        assert_eq!(path(&book, "https://cdn.example/a.png"), None);
        assert_eq!(
            book.own_file("https://lantern.example", "/wp-content/é.png").as_deref(),
            Some("https://lantern.example/wp-content/%C3%A9.png")
        );
    }
}
