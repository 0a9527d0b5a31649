//! Publishing to hosts that are reached by an API of their own, of which these are faithful small copies: what their
//! documentation says that they answer, refuse and keep.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use sha1::{Digest, Sha1};

use crate::cli::{Run, command, run};
use crate::fake_web::{Answer, Asked, FakeWeb};
use crate::site_test::{Files, SiteTest, same_files};

const SECRET: &str = "s3cret-t0ken";

fn sha1(bytes: &[u8]) -> String {
    Sha1::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn answer(value: &Value) -> Answer {
    Answer::bytes(value.to_string()).header("Content-Type", "application/json")
}

fn decoded(path: &str) -> String {
    backmatter::internals::path::percent_decode(path)
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A site with a target whose keys are these.
fn site(target: &str, web: &FakeWeb) -> SiteTest {
    SiteTest::new(&format!(
        "\
-- backmatter.toml --
base_url = \"https://example.com\"
[network]
allow = [\"example.com\", \"{}\"]
[publish.web]
wait = 0
{target}
-- content/2016/aleppo.md --
+++
title = \"Aleppo\"
date = 2016-12-15
aliases = [\"/old/\"]
+++
Words of it.
-- content/2016/mosul.md --
+++
title = \"Mosul\"
date = 2016-12-18
+++
Words.
-- static/a b&c.svg --
<svg xmlns=\"http://www.w3.org/2000/svg\"/>
",
        web.host()
    ))
}

fn publish(site: &SiteTest, secret: (&str, &str)) -> Run {
    publish_with(site, secret, &[])
}

#[track_caller]
fn publish_with(site: &SiteTest, secret: (&str, &str), options: &[&str]) -> Run {
    let mut command = command(site.root(), ["publish", "--yes"].iter().chain(options));
    command.env(secret.0, secret.1).env("PATH", std::env::var_os("PATH").unwrap_or_default());
    let run = run(&mut command);
    assert!(!format!("{}{}", run.stdout, run.stderr).contains(SECRET), "a secret was printed");
    run
}

/// A Netlify with one site.
#[derive(Default)]
struct Netlify {
    blobs: BTreeMap<String, Vec<u8>>,
    deploys: Vec<Deploy>,
    published: Option<usize>,
    /// Answers to uploads that come before the real ones.
    stumbles: Vec<u16>,
}

struct Deploy {
    files: BTreeMap<String, String>,
    required: BTreeSet<String>,
    looks: usize,
}

impl Netlify {
    fn start() -> (FakeWeb, Arc<Mutex<Self>>) {
        let (web, netlify) = (FakeWeb::new(), Arc::new(Mutex::new(Self::default())));
        let shared = Arc::clone(&netlify);
        web.on_each("*", move |asked| held(&shared).answer(asked));
        (web, netlify)
    }

    fn answer(&mut self, asked: &Asked) -> Answer {
        if asked.header("authorization") != Some(&format!("Bearer {SECRET}")) {
            return answer(&json!({ "code": 401, "message": "Access Denied" })).with_status(401);
        }
        let path = asked.target.split('?').next().unwrap_or_default();
        let parts: Vec<&str> = path.trim_start_matches("/api/v1/").splitn(4, '/').collect();
        match (asked.method.as_str(), parts.as_slice()) {
            ("GET", ["sites", "blog.netlify.app"]) => answer(&self.site()),
            ("GET", ["sites", "blog.netlify.app", "files"]) => answer(&self.listed()),
            ("GET", ["sites", "blog.netlify.app", "files", path]) => {
                let digest = self
                    .published
                    .and_then(|number| self.deploys[number].files.get(&format!("/{}", decoded(path))));
                digest.map_or_else(|| Answer::status(404), |digest| Answer::bytes(self.blobs[digest].clone()))
            }
            ("POST", ["sites", "blog.netlify.app", "deploys"]) => self.begin(&asked.text()),
            ("GET", ["deploys", id]) => self.look(id),
            ("PUT", ["deploys", id, "files", path]) => self.put(id, &decoded(path), &asked.body),
            _ => Answer::status(404),
        }
    }

    fn site(&self) -> Value {
        let published = self.published.map(|number| json!({ "id": number.to_string() }));
        json!({ "id": "1", "name": "blog", "published_deploy": published })
    }

    fn listed(&self) -> Value {
        let files = self.published.map(|number| &self.deploys[number].files).into_iter().flatten();
        files.map(|(path, digest)| json!({ "id": path, "path": path, "sha": digest })).collect()
    }

    fn begin(&mut self, body: &str) -> Answer {
        let body: Value = serde_json::from_str(body).expect("the digest is JSON");
        let files = body["files"].as_object().expect("it has files");
        let files: BTreeMap<String, String> = files
            .iter()
            .map(|(path, digest)| (path.clone(), digest.as_str().expect("a digest is text").to_owned()))
            .collect();
        assert!(files.keys().all(|path| path.starts_with('/')), "{files:?}");
        let required = files.values().filter(|digest| !self.blobs.contains_key(*digest)).cloned().collect();
        self.deploys.push(Deploy { files, required, looks: 0 });
        answer(&json!({ "id": (self.deploys.len() - 1).to_string(), "state": "preparing" }))
    }

    fn look(&mut self, id: &str) -> Answer {
        let number: usize = id.parse().expect("it is one of our ids");
        let deploy = &mut self.deploys[number];
        deploy.looks += 1;
        // The digest is looked at in the background.
        let state = match (deploy.looks, deploy.required.is_empty()) {
            (1, _) => "preparing",
            (_, false) => "prepared",
            (_, true) => {
                self.published = Some(number);
                "ready"
            }
        };
        answer(&json!({ "id": id, "state": state, "required": deploy.required }))
    }

    fn put(&mut self, id: &str, path: &str, body: &[u8]) -> Answer {
        if !self.stumbles.is_empty() {
            return Answer::status(self.stumbles.remove(0)).header("Retry-After", "0");
        }
        let deploy = &mut self.deploys[id.parse::<usize>().expect("it is one of our ids")];
        let digest = sha1(body);
        if deploy.files.get(&format!("/{path}")) != Some(&digest) {
            return answer(&json!({ "message": "the file is another one" })).with_status(422);
        }
        deploy.required.remove(&digest);
        self.blobs.insert(digest, body.to_vec());
        answer(&json!({ "path": path }))
    }

    /// What visitors see, without our list of files.
    fn seen(&self) -> Files {
        let files = self.published.map(|number| &self.deploys[number].files).into_iter().flatten();
        files
            .map(|(path, digest)| (path.trim_start_matches('/').to_owned(), self.blobs[digest].clone()))
            .filter(|(path, _)| path != ".backmatter-manifest.json")
            .collect()
    }
}

fn netlify_site(web: &FakeWeb) -> SiteTest {
    site(&format!("kind = \"netlify\"\nsite = \"blog.netlify.app\"\napi = \"{}\"", web.url("")), web)
}

/// What Netlify is given besides the site.
fn with_netlifys(site: &SiteTest) -> Files {
    let mut wanted = crate::publish::wanted(site);
    wanted.insert("_redirects".to_owned(), b"/old/ /2016/12/15/aleppo/ 301!\n".to_vec());
    let headers = "\
/style.css
  Cache-Control: public, max-age=31536000, immutable
/atom.xml
  Content-Type: application/atom+xml; charset=utf-8
/*/atom.xml
  Content-Type: application/atom+xml; charset=utf-8
/rss.xml
  Content-Type: application/rss+xml; charset=utf-8
/*/rss.xml
  Content-Type: application/rss+xml; charset=utf-8
/feed.json
  Content-Type: application/feed+json; charset=utf-8
/*/feed.json
  Content-Type: application/feed+json; charset=utf-8
";
    wanted.insert("_headers".to_owned(), headers.as_bytes().to_vec());
    wanted
}

#[test]
fn netlify_is_given_only_what_it_lacks() {
    let (web, netlify) = Netlify::start();
    let mut site = netlify_site(&web);
    let token = ("NETLIFY_AUTH_TOKEN", SECRET);
    let run = publish(&site, token);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{}", run.stdout);
    same_files(&held(&netlify).seen(), &with_netlifys(&site));

    web.forget();
    publish(&site, token).is(0, "web: nothing to publish, 21 files there\n", "");
    assert!(web.lines().iter().all(|line| line.starts_with("GET ")), "{:?}", web.lines());

    site.edit("content/2016/mosul.md", "Words.", "Other words.");
    web.forget();
    held(&netlify).stumbles = vec![429, 503];
    let run = publish(&site, token);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(
        run.stderr.contains("Netlify answered with status 429; trying again in 0.0 s\n"),
        "{}",
        run.stderr
    );
    same_files(&held(&netlify).seen(), &with_netlifys(&site));
    let deployed: Vec<_> = web.lines().into_iter().filter(|line| line.starts_with("PUT ")).collect();
    let paths: BTreeSet<&str> =
        deployed.iter().filter_map(|line| line.split_once("/files/")).map(|(_, path)| path).collect();
    assert!(paths.contains("2016/12/18/mosul/index.html") && !paths.contains("style.css"), "{paths:?}");
}

#[test]
fn a_deploy_of_netlify_that_fails_leaves_the_site_as_it_was() {
    let (web, netlify) = Netlify::start();
    let mut site = netlify_site(&web);
    let token = ("NETLIFY_AUTH_TOKEN", SECRET);
    assert_eq!(publish(&site, token).code, Some(0));
    let before = held(&netlify).seen();
    site.edit("content/2016/mosul.md", "Words.", "Other words.").remove("content/2016/aleppo.md");
    held(&netlify).stumbles = vec![500; 40];
    let run = publish(&site, token);
    assert_eq!(run.code, Some(1));
    let last = "error: `web`: Netlify answered with status 500\nthe site there is as it was; run the command again\n";
    assert!(run.stderr.ends_with(last), "{}", run.stderr);
    same_files(&held(&netlify).seen(), &before);
    held(&netlify).stumbles.clear();
    assert_eq!(publish(&site, token).code, Some(0));
    same_files(&held(&netlify).seen().into_iter().filter(|(path, _)| path != "_redirects").collect(), &{
        let mut wanted = with_netlifys(&site);
        wanted.remove("_redirects");
        wanted
    });
}

#[test]
fn files_of_others_stay_at_netlify() {
    let (web, netlify) = Netlify::start();
    let mut site = netlify_site(&web);
    let token = ("NETLIFY_AUTH_TOKEN", SECRET);
    let theirs = sha1(b"theirs");
    {
        let mut netlify = held(&netlify);
        netlify.blobs.insert(theirs.clone(), b"theirs".to_vec());
        let files = BTreeMap::from([("/theirs.txt".to_owned(), theirs)]);
        netlify.deploys.push(Deploy { files, required: BTreeSet::new(), looks: 2 });
        netlify.published = Some(0);
    }
    assert_eq!(publish(&site, token).code, Some(0));
    site.remove("content/2016/mosul.md");
    assert_eq!(publish(&site, token).code, Some(0));
    let mut seen = held(&netlify).seen();
    assert_eq!(seen.remove("theirs.txt").as_deref(), Some(&b"theirs"[..]));
    same_files(&seen, &with_netlifys(&site));
}

#[test]
fn a_key_that_is_missing_or_wrong_is_said_and_never_shown() {
    let (web, _) = Netlify::start();
    let site = netlify_site(&web);
    publish(&site, ("NETLIFY_AUTH_TOKEN", "")).is(
        2,
        "",
        "error: `web`: a secret is missing: set `NETLIFY_AUTH_TOKEN` or `BACKMATTER_WEB_TOKEN` in the environment, or `NETLIFY_AUTH_TOKEN_FILE` to the path of a file that holds it\n",
    );
    publish(&site, ("BACKMATTER_WEB_TOKEN", "wrong")).is(
        2,
        "",
        "error: `web`: Netlify answered with status 401: Access Denied; look at the key or the password, and at what it is allowed to do\n",
    );
}

#[test]
fn a_host_that_does_not_answer_is_named() {
    let (web, _) = Netlify::start();
    let mut site = netlify_site(&web);
    // Nothing can listen there.
    site.edit("backmatter.toml", &web.url(""), "http://127.0.0.1:1");
    site.edit("backmatter.toml", &web.host(), "127.0.0.1:1");
    publish(&site, ("NETLIFY_AUTH_TOKEN", SECRET)).is(
        2,
        "",
        "error: `web`: Netlify at `127.0.0.1:1`: nothing listens there; look at its address in the settings, and whether this machine is online\n",
    );
}

/// A Neocities with one site of a free account.
#[derive(Default)]
struct Neocities {
    files: Files,
}

impl Neocities {
    fn start() -> (FakeWeb, Arc<Mutex<Self>>) {
        let (web, neocities) = (FakeWeb::new(), Arc::new(Mutex::new(Self::default())));
        held(&neocities).files.insert("index.html".to_owned(), b"welcome".to_vec());
        let shared = Arc::clone(&neocities);
        web.on_each("*", move |asked| held(&shared).answer(asked));
        (web, neocities)
    }

    fn answer(&mut self, asked: &Asked) -> Answer {
        let refuse = |status, kind: &str, message: &str| {
            answer(&json!({ "result": "error", "error_type": kind, "message": message })).with_status(status)
        };
        if asked.header("authorization") != Some(&format!("Bearer {SECRET}")) {
            return refuse(
                403,
                "invalid_auth",
                "invalid credentials - please check your username and password (or your api key)",
            );
        }
        match (asked.method.as_str(), asked.target.as_str()) {
            ("GET", "/api/list") => {
                let listed: Vec<Value> = self
                    .files
                    .iter()
                    .map(|(path, bytes)| {
                        json!({ "path": path, "is_directory": false, "size": bytes.len(), "sha1_hash": sha1(bytes) })
                    })
                    .collect();
                answer(&json!({ "result": "success", "files": listed }))
            }
            ("POST", "/api/upload") => {
                let uploaded = parts(asked);
                for (path, _) in &uploaded {
                    let known = ["html", "css", "js", "xml", "json", "txt", "svg"];
                    if !known.iter().any(|extension| path.ends_with(&format!(".{extension}"))) {
                        return refuse(
                            400,
                            "invalid_file_type",
                            &format!("{path} is not an allowed file type"),
                        );
                    }
                }
                self.files.extend(uploaded);
                answer(
                    &json!({ "result": "success", "message": "your file(s) have been successfully uploaded" }),
                )
            }
            ("POST", "/api/delete") => {
                let form = asked.form();
                for (_, path) in &form {
                    if !self.files.contains_key(path) {
                        return refuse(
                            400,
                            "missing_files",
                            &format!("{path} was not found on your site, canceled deleting"),
                        );
                    }
                }
                for (name, path) in form {
                    assert_eq!(name, "filenames[]");
                    self.files.remove(&path);
                }
                answer(&json!({ "result": "success", "message": "file(s) have been deleted" }))
            }
            _ => refuse(404, "not_found", "not found"),
        }
    }
}

/// The files of a form (RFC 7578).
fn parts(asked: &Asked) -> Vec<(String, Vec<u8>)> {
    let content_type = asked.header("content-type").expect("a form has a type");
    let (_, boundary) = content_type.split_once("boundary=").expect("it has a boundary");
    let text: Vec<u8> = asked.body.clone();
    let delimiter = format!("--{boundary}");
    let mut files = Vec::new();
    for part in split(&text, delimiter.as_bytes()).into_iter().skip(1) {
        if part.starts_with(b"--") {
            break;
        }
        let head_end = part.windows(4).position(|window| window == b"\r\n\r\n").expect("a part has a head");
        let head = String::from_utf8_lossy(&part[..head_end]).into_owned();
        let (_, name) = head.split_once(" name=\"").expect("a part has a name");
        let (name, _) = name.split_once('"').expect("a name ends");
        files.push((decoded(name), part[head_end + 4..part.len() - 2].to_vec()));
    }
    files
}

fn split<'b>(bytes: &'b [u8], delimiter: &[u8]) -> Vec<&'b [u8]> {
    let mut parts = Vec::new();
    let mut rest = bytes;
    while let Some(at) = rest.windows(delimiter.len()).position(|window| window == delimiter) {
        parts.push(&rest[..at]);
        rest = &rest[at + delimiter.len()..];
    }
    parts.push(rest);
    parts
}

#[test]
fn neocities_gets_what_it_takes_and_keeps_what_is_not_ours() {
    let (web, neocities) = Neocities::start();
    let mut site = site(&format!("kind = \"neocities\"\nsite = \"blog\"\napi = \"{}\"", web.url("")), &web);
    let key = ("NEOCITIES_API_KEY", SECRET);
    held(&neocities).files.insert("theirs.txt".to_owned(), b"theirs".to_vec());
    let equals = |site: &SiteTest| {
        let mut there = held(&neocities).files.clone();
        assert!(there.remove("theirs.txt").is_some() && there.remove("backmatter-manifest.json").is_some());
        let mut wanted = crate::publish::wanted(site);
        // A name that a free account may not have.
        wanted.remove("_redirects");
        let not_found = wanted["404.html"].clone();
        wanted.insert("not_found.html".to_owned(), not_found);
        same_files(&there, &wanted);
    };
    // A new site there has a page of the host's, which may be somebody's by now.
    let refused = publish(&site, key);
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("`index.html` is at the target already"), "{}", refused.stderr);
    let run = publish_with(&site, key, &["--overwrite"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    equals(&site);

    web.forget();
    let again = publish(&site, key);
    assert_eq!(again.stdout, "web: nothing to publish, 20 files there\n");
    assert_eq!(web.lines(), ["GET /api/list"]);

    site.edit("content/2016/mosul.md", "Words.", "Other words.").remove("content/2016/aleppo.md");
    assert_eq!(publish(&site, key).code, Some(0));
    equals(&site);

    let refused = publish(&site, ("NEOCITIES_API_KEY", "wrong"));
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("Neocities: invalid credentials"), "{}", refused.stderr);
}
