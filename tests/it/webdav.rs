//! Publishing to a WebDAV server: a small copy of one, with the folders, conditions and refusals of RFC 4918 and RFC 9110.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use backmatter::internals::path::percent_decode;
use backmatter::internals::publish::manifest::FILE_NAME;

use crate::cli::{Run, backmatter};
use crate::fake_web::{Answer, Asked, FakeWeb};
use crate::site_test::{Files, SiteTest, files, same_files};

/// What a server keeps.
#[derive(Default)]
pub(crate) struct WebdavServer {
    /// Folders by their path, without slashes at its ends; the root is there always.
    folders: BTreeSet<String>,
    files: Files,
    /// Statuses that are answered to the next uploads instead of the real ones.
    refusals: Vec<u16>,
}

impl WebdavServer {
    /// A server with an empty folder `site`.
    pub(crate) fn start() -> (FakeWeb, Arc<Mutex<Self>>) {
        let (web, server) = (FakeWeb::new(), Arc::new(Mutex::new(Self::default())));
        let shared = Arc::clone(&server);
        web.on_each("*", move |asked| held(&shared).answer(asked));
        (web, server)
    }

    fn answer(&mut self, asked: &Asked) -> Answer {
        let path = percent_decode(asked.target.trim_matches('/'));
        let is_file = self.files.contains_key(&path);
        match asked.method.as_str() {
            "GET" | "HEAD" if is_file => {
                Answer::bytes(self.files[&path].clone()).header("ETag", &tag(&self.files[&path]))
            }
            // Section 9.3.1.
            "MKCOL" if is_file || self.folders.contains(&path) => Answer::status(405),
            "MKCOL" if !self.has_parent(&path) => Answer::status(409),
            "MKCOL" => {
                self.folders.insert(path);
                Answer::status(201)
            }
            "PUT" => self.put(path, asked),
            "DELETE" if is_file => {
                self.files.remove(&path);
                Answer::status(204)
            }
            _ => Answer::status(404),
        }
    }

    fn put(&mut self, path: String, asked: &Asked) -> Answer {
        let stored = self.files.get(&path);
        let is_refused = match (asked.header("if-match"), asked.header("if-none-match")) {
            (Some(expected), _) => stored.map(|bytes| tag(bytes)).as_deref() != Some(expected),
            (None, Some("*")) => stored.is_some(),
            _ => false,
        };
        if is_refused {
            return Answer::status(412);
        }
        if let Some(status) = self.refusals.pop() {
            return Answer::status(status);
        }
        // Section 9.7.1.
        if !self.has_parent(&path) || self.folders.contains(&path) {
            return Answer::status(409);
        }
        let status = if stored.is_some() { 204 } else { 201 };
        self.files.insert(path, asked.body.clone());
        Answer::status(status)
    }

    fn has_parent(&self, path: &str) -> bool {
        path.rsplit_once('/').is_none_or(|(parent, _)| self.folders.contains(parent))
    }

    /// What visitors of `site` find, without the list of the files.
    pub(crate) fn found(&self) -> Files {
        let below = |(path, bytes): (&String, &Vec<u8>)| {
            Some((path.strip_prefix("site/")?.to_owned(), bytes.clone()))
        };
        let mut found: BTreeMap<_, _> = self.files.iter().filter_map(below).collect();
        found.remove(FILE_NAME);
        found
    }
}

/// A strong tag (RFC 9110 section 8.8.3).
fn tag(bytes: &[u8]) -> String {
    let sum = bytes
        .iter()
        .fold(bytes.len() as u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(*byte)));
    format!("\"{sum:x}\"")
}

pub(crate) fn held(server: &Mutex<WebdavServer>) -> MutexGuard<'_, WebdavServer> {
    server.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The site of the tests of publishing, with the server as its target.
pub(crate) fn site_on(web: &FakeWeb) -> SiteTest {
    let mut site = crate::publish::site("in-place");
    let settings = site.text("backmatter.toml").replace("mode = \"in-place\"\n", "");
    let settings = settings.replace(
        "kind = \"directory\"\nto = \"web\"",
        &format!("kind = \"webdav\"\nto = \"{}\"\nwait = 0", web.url("/site")),
    );
    let settings = settings
        .replace("allow = [\"example.com\"]", &format!("allow = [\"example.com\", \"{}\"]", web.host()));
    site.write("backmatter.toml", settings);
    site
}

/// What a build made for such a server: the file that only GitHub looks for stays at home.
pub(crate) fn built(site: &SiteTest) -> Files {
    let mut files = files(&site.path("public"));
    files.remove(".nojekyll");
    files
}

fn publish(site: &SiteTest) -> Run {
    backmatter(site.root(), ["publish", "--yes", "--quiet"])
}

#[test]
fn a_server_gets_folders_first_and_only_what_differs() {
    let (web, server) = WebdavServer::start();
    let mut site = site_on(&web);
    publish(&site).is(0, "", "");
    same_files(&held(&server).found(), &built(&site));
    web.forget();
    publish(&site).is(0, "", "");
    assert!(web.lines().iter().all(|line| line.starts_with("GET ")), "{:?}", web.lines());
    site.remove("content/2016/mosul.md").write("static/a b/ü.txt", "x");
    publish(&site).is(0, "", "");
    same_files(&held(&server).found(), &built(&site));
    // A server that is out of room says 507 (section 11.5): nothing is deleted, and the next publish goes on.
    site.remove("static/map.svg").write("static/b.txt", "x");
    let before = held(&server).found();
    held(&server).refusals = vec![507; 40];
    let refused = publish(&site);
    assert_eq!(refused.code, Some(1), "{}", refused.stderr);
    assert!(refused.stderr.contains("507"), "{}", refused.stderr);
    let there = held(&server).found();
    assert!(before.keys().all(|path| there.contains_key(path)), "something was deleted");
    held(&server).refusals.clear();
    publish(&site).is(0, "", "");
    same_files(&held(&server).found(), &built(&site));
}

#[test]
fn of_two_publishes_to_one_server_one_is_refused() {
    let (web, server) = WebdavServer::start();
    let site = site_on(&web);
    publish(&site).is(0, "", "");
    let mut other = site_on(&web);
    other.write("static/other.txt", "x");
    // Between the plan and its first step the other one has begun.
    held(&server).refusals = vec![412];
    let refused = publish(&other);
    assert_eq!(refused.code, Some(1), "{}", refused.stderr);
    assert!(!held(&server).found().contains_key("other.txt"));
}
