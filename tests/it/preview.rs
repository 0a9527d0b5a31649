//! The preview over real sockets, while real files are written: it shows what a build would write, as soon as
//! it is saved.

use std::net::SocketAddr;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use axum::Router;
use axum::routing::get;
use backmatter::build::{self, Request, Unwatched};
use backmatter::http::server::Listener;
use backmatter::preview::{Audience, Clock, News, Options, Preview, Reload, Watching};
use backmatter::site::order::Selection;

use crate::site_test::{Files, SiteTest, files};
use crate::wire::{self, Answer, DEADLINE};

/// What a preview shows besides what is due.
const ALL: Selection = Selection { drafts: true, future: true, expired: true };

/// A site and somebody who looks at it.
struct Look {
    preview: Preview,
    site: SiteTest,
    news: Receiver<()>,
}

/// Hears that something has changed.
struct Ear(Mutex<Sender<()>>);

impl Audience for Ear {
    fn changed(&self, _: &News<'_>) {
        let _ = self.0.lock().expect("nobody panics with it").send(());
    }
}

fn options(site: &SiteTest) -> Options {
    Options {
        request: site.request(site.root()),
        clock: Clock::Stopped,
        reload: Reload::Live,
        watching: Watching::Events,
        editor: None,
        names: Vec::new(),
    }
}

fn look_at(files: &str) -> Look {
    let mut site = SiteTest::new(files);
    site.selection(ALL);
    look_with(site, |_| {})
}

fn look_with(site: SiteTest, change: impl FnOnce(&mut Options)) -> Look {
    let mut options = options(&site);
    change(&mut options);
    let (sender, news) = mpsc::channel();
    let listener = Listener::bind("127.0.0.1:0".parse().expect("it is an address")).expect("there is a port");
    let more = Router::new().route("/receive", get(async || "received"));
    let preview =
        Preview::start(listener, options, |pages| pages.merge(more), Arc::new(Ear(Mutex::new(sender))));
    Look { preview: preview.expect("it starts"), site, news }
}

impl Look {
    fn address(&self) -> SocketAddr {
        self.preview.address()
    }

    fn get(&self, path: &str) -> Answer {
        wire::get(self.address(), path)
    }

    /// Looks at a page until it is as it should be: at once, and after each change.
    #[track_caller]
    fn until(&self, path: &str, is_right: impl Fn(&Answer) -> bool) -> Answer {
        let began = Instant::now();
        loop {
            let answer = self.get(path);
            if is_right(&answer) {
                return answer;
            }
            let left = DEADLINE.saturating_sub(began.elapsed());
            if self.news.recv_timeout(left).is_err() {
                panic!(
                    "`{path}` is not right, and nothing changes any more: {}\n{}",
                    answer.status,
                    answer.text()
                );
            }
        }
    }

    #[track_caller]
    fn until_holds(&self, path: &str, text: &str) -> Answer {
        self.until(path, |answer| answer.status == 200 && answer.text().contains(text))
    }

    /// What a build of the site would write.
    fn built(&self, base_url: Option<String>) -> Files {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let request = Request {
            output: Some(folder.path().join("public")),
            base_url,
            ..self.site.request(self.site.root())
        };
        let report = build::run(&request, &Unwatched).expect("it can be built");
        assert!(report.built, "{:?}", report.diagnostics);
        files(&folder.path().join("public"))
    }

    /// Every page is the built file, less what is added to it.
    #[track_caller]
    fn shows_what_a_build_writes(&self, base_path: &str) {
        for (output, expected) in self.built(None) {
            let answer = self.get(&address_of(&output, base_path));
            assert_eq!(answer.status, 200, "`{output}`");
            let shown =
                if answer.header("content-type") == Some("text/html; charset=utf-8") && !is_copied(&answer) {
                    without_frame(&answer.body)
                } else {
                    answer.body
                };
            assert!(
                shown == expected,
                "`{output}`:\n{}\nis built as:\n{}",
                String::from_utf8_lossy(&shown),
                String::from_utf8_lossy(&expected)
            );
        }
    }
}

/// Whether a page is the author's own file, to which nothing is added.
fn is_copied(answer: &Answer) -> bool {
    !answer.text().contains("data-version=")
}

/// The address of an output, as a link would have it.
fn address_of(output: &str, base_path: &str) -> String {
    let mut url = format!("{base_path}/");
    let path = output.strip_suffix("index.html").filter(|rest| rest.is_empty() || rest.ends_with('/'));
    backmatter::path::percent_encode(path.unwrap_or(output), &mut url);
    url
}

/// A page without the bar, the faults and the script.
fn without_frame(page: &[u8]) -> Vec<u8> {
    let text = String::from_utf8(page.to_vec()).expect("pages are text");
    let end = text.rfind("</script>").expect("the script is there") + "</script>".len();
    let start = ["<backmatter-bar>", "<backmatter-faults>", "<script src=\"/.backmatter/preview.js\""]
        .iter()
        .filter_map(|tag| text.find(tag))
        .min()
        .expect("it begins with one of them");
    format!("{}{}", &text[..start], &text[end..]).into_bytes()
}

const BLOG: &str = r#"
-- content/2016/aleppo.md --
+++
title = "Aleppo"
date = 2016-12-15
tags = ["town"]
+++
What was said.
-- content/mosul/index.md --
+++
title = "Mosul"
date = 2016-12-18
+++
See [Aleppo](../2016/aleppo.md) and ![a map](map.png).
-- content/mosul/map.png --
no picture
-- content/mosul/ünï côdé.txt --
letters
-- content/draft.md --
+++
title = "Not yet"
date = 2016-12-20
draft = true
+++
Half.
-- content/future.md --
+++
title = "Later"
date = 2030-01-02T03:04:00
+++
To come.
-- content/expired.md --
+++
title = "Over"
date = 2016-01-01
expires = 2017-01-01
+++
Gone.
-- content/pages/about.md --
+++
title = "About"
+++
Who writes.
-- static/robots.txt --
User-agent: *
-- static/own.html --
<!doctype html><title>Own</title>
-- static/data.bin --
0123456789
"#;

#[test]
fn every_page_is_the_built_file() {
    look_at(BLOG).shows_what_a_build_writes("");
    look_at(crate::pages::BLOG).shows_what_a_build_writes("/repo");
}

#[test]
fn a_saved_word_is_shown() {
    let mut look = look_at(BLOG);
    look.site.edit("content/2016/aleppo.md", "What was said.", "What was meant.");
    look.until_holds("/2016/12/15/aleppo/", "What was meant.");
    look.shows_what_a_build_writes("");
}

#[test]
fn routes_of_others_come_before_pages() {
    assert_eq!(look_at(BLOG).get("/receive").text(), "received");
}
