//! The preview over real sockets, while real files are written: it shows what a build would write, as soon as
//! it is saved.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use axum::Router;
use axum::routing::get;
use backmatter::internals::dom::Document;
use backmatter::internals::engine::workspace::{Access, SiteSource, Workspace};
use backmatter::internals::error::Error;
use backmatter::internals::http::server::Listener;
use backmatter::internals::preview::editor::EditorCommand;
use backmatter::internals::preview::{Preview, PreviewObserver, PreviewOptions, PreviewUpdate, Reload};
use backmatter::internals::site::order::Selection;
use backmatter::internals::sys::clock::Clock;
use backmatter::internals::sys::watch::Watching;

use crate::fake_web::FakeWeb;
use crate::random_edits::Script;
use crate::site_test::{Files, SiteTest, files};
use crate::wire::{self, Answer, DEADLINE, connect};

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

impl PreviewObserver for Ear {
    fn changed(&self, _: &PreviewUpdate<'_>) {
        let _ = self.0.lock().expect("nobody panics with it").send(());
    }

    fn unreadable(&self, error: &Error) {
        assert!(error.to_string().contains("backmatter.toml"), "{error}");
        let _ = self.0.lock().expect("nobody panics with it").send(());
    }

    fn readable_again(&self) {
        let _ = self.0.lock().expect("nobody panics with it").send(());
    }
}

fn options(site: &SiteTest) -> PreviewOptions {
    PreviewOptions {
        site: site.open(),
        clock: Clock::fixed(site.time()),
        reload: Reload::Live,
        watching: Watching::Events,
        editor: None,
        names: Vec::new(),
    }
}

fn open(source: &SiteSource, now: chrono::DateTime<chrono::Utc>) -> Workspace {
    Workspace::open(source, now, Access::Read).expect("the settings can be read")
}

fn look_at(files: &str) -> Look {
    let mut site = SiteTest::new(files);
    site.selection(ALL);
    look_with(site, |_| {})
}

fn look_with(site: SiteTest, change: impl FnOnce(&mut PreviewOptions)) -> Look {
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
    fn built(&self) -> Files {
        built(&self.site)
    }

    /// Every page is the built file, less what is added to it.
    #[track_caller]
    fn shows_what_a_build_writes(&self, base_path: &str) {
        if let Some(difference) = difference(self.address(), &self.built(), base_path) {
            panic!("{difference}");
        }
    }
}

/// What a build of a site would write, from nothing.
fn built(site: &SiteTest) -> Files {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let output = Some(folder.path().join("public"));
    let source = SiteSource { output, ..site.source() };
    let report = site.build_source(&source, &()).expect("it can be built");
    assert!(report.built, "{:?}", report.diagnostics);
    files(&folder.path().join("public"))
}

/// The first page that is not the built file, less what is added to it.
fn difference(at: SocketAddr, built: &Files, base_path: &str) -> Option<String> {
    built.iter().find_map(|(output, expected)| {
        let answer = wire::get(at, &address_of(output, base_path));
        let is_page =
            answer.header("content-type") == Some("text/html; charset=utf-8") && !is_copied(&answer);
        let shown = if is_page { without_frame(&answer.body) } else { answer.body };
        let (shown, expected) = (String::from_utf8_lossy(&shown), String::from_utf8_lossy(expected));
        (answer.status != 200 || shown != expected)
            .then(|| format!("`{output}` ({}):\n{shown}\nis built as:\n{expected}", answer.status))
    })
}

/// Whether a page is the author's own file, to which nothing is added.
fn is_copied(answer: &Answer) -> bool {
    !answer.text().contains("data-version=")
}

/// The address of an output, as a link would have it.
fn address_of(output: &str, base_path: &str) -> String {
    let mut url = format!("{base_path}/");
    let path = output.strip_suffix("index.html").filter(|rest| rest.is_empty() || rest.ends_with('/'));
    backmatter::internals::path::percent_encode(path.unwrap_or(output), &mut url);
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
fn a_smaller_picture_is_made_when_it_is_asked_for() {
    let mut site = SiteTest::new(
        "-- content/2016/trip/index.md --\n+++\ntitle = \"Trip\"\ndate = 2016-12-15\n+++\n![x](a.png)\n\n![y](cut.png)\n",
    );
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 600, 300);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().expect("it can be encoded");
    writer.write_image_data(&vec![120; 600 * 300 * 3]).expect("it can be encoded");
    drop(writer);
    let cut = bytes[..bytes.len() / 2].to_vec();
    site.write("content/2016/trip/a.png", &bytes).write("content/2016/trip/cut.png", &cut);
    let look = look_with(site, |_| {});
    let page = look.get("/2016/12/15/trip/").text();
    let addresses: Vec<&str> =
        page.split('"').flat_map(|part| part.split(' ')).filter(|part| part.starts_with("/i/")).collect();
    let of = |stem: &str| *addresses.iter().find(|address| address.contains(stem)).expect("it is named");
    let images = look.site.path(".backmatter/images");
    assert!(!images.exists());
    let answer = look.get(of("/a-"));
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("image/webp")));
    assert_eq!(&answer.body[8..12], b"WEBP");
    assert!(images.exists());
    assert_eq!(look.get(of("/a-")).body, answer.body);
    // What cannot be decoded is sent as it is, and browsers show what they can of it.
    assert_eq!(look.get(of("/cut-")).body, cut);
    assert_eq!(look.get("/i/gone-0123456789ab-480.webp").status, 404);
    drop(look.preview);
    let mut site = look.site;
    site.build_alone();
    site.holds("2016/12/15/trip/index.html", &["<picture>", "<img src=\"/2016/12/15/trip/cut.png\""]);
}

#[test]
fn old_addresses_without_a_page_lead_on_as_at_a_host() {
    let look = look_at(
        "\
-- backmatter.toml --
base_url = \"https://me.github.io/repo\"
[[redirects]]
from = \"/?p=101\"
to = \"/about/\"
[[redirects]]
from = \"/*/feed/\"
to = \"/rss.xml\"
[[redirects]]
from = \"/author/*\"
to = \"https://jo.example/*?x=1\"
-- content/pages/about.md --
About.
",
    );
    let leads = |path: &str| {
        let answer = look.get(path);
        (answer.status, answer.header("location").unwrap_or_default().to_owned())
    };
    assert_eq!(leads("/repo/?p=101"), (302, "/repo/about/".to_owned()));
    assert_eq!(leads("/repo/?utm=x&p=101"), (302, "/repo/about/".to_owned()));
    assert_eq!(leads("/repo/?p=102").0, 200);
    assert_eq!(leads("/repo/2016/x/feed/?a=1"), (302, "/repo/rss.xml".to_owned()));
    assert_eq!(leads("/repo/author/j%C3%B6/2"), (302, "https://jo.example/j%C3%B6/2?x=1".to_owned()));
    assert_eq!(leads("/repo/feeds/").0, 404);
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

#[test]
fn a_bookmarklet_opens_a_form_that_makes_a_quotation() {
    let report = FakeWeb::new();
    report.page(
        "/letter",
        "<!doctype html><title>A letter</title><h1>A letter</h1><p>It was a good question.</p>",
    );
    let mut site = SiteTest::new(BLOG);
    site.selection(ALL);
    let settings = site.path("backmatter.toml");
    let text = std::fs::read_to_string(&settings).unwrap_or_default();
    site.write("backmatter.toml", format!("{text}\n[network]\nallow = ['127.0.0.0/8:*']\n"));
    let look = look_with(site, |_| {});
    let url = report.url("/letter");
    let encode = |fields: &[(&str, &str)]| {
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
    };
    let opened =
        look.get(&format!("/_quote?{}", encode(&[("u", &url), ("t", "It was a \"good\" question.")])));
    let policy = opened.header("content-security-policy").unwrap_or_default().to_owned();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    assert!(!opened.text().contains("<script"), "{}", opened.text());
    let page = Document::parse(&opened.text());
    let words = page.elements().find(|node| node.attribute("id") == Some("t"));
    assert_eq!(words.map(|node| node.text_content()).as_deref(), Some("It was a \"good\" question."));
    let start = format!("javascript:void(open('http://{}/_quote?u='", look.address());
    assert!(page.elements().any(|node| node.attribute("href").is_some_and(|href| href.starts_with(&start))));
    assert_eq!(look.get("/.backmatter/quote.css").header("content-type"), Some("text/css; charset=utf-8"));
    assert_eq!(report.asked(), [], "opening the form asks for nothing");
    let post = "content/2016/aleppo.md";
    let fields = encode(&[("u", &url), ("t", "It was a good question."), ("place", post)]);
    let send = |origin: &str| {
        let headers = [("Origin", origin), ("Content-Type", "application/x-www-form-urlencoded")];
        wire::post(look.address(), "/_quote", &headers, fields.as_bytes())
    };
    assert_eq!(send("https://evil.example").status, 403);
    assert_eq!(report.asked(), []);
    let made = send(&format!("http://{}", look.address()));
    assert_eq!(made.status, 200, "{}", made.text());
    assert!(made.text().contains(&format!("<code>{post}</code>")), "{}", made.text());
    let text = std::fs::read_to_string(look.site.path(post)).expect("it is there");
    assert!(text.contains(&format!("> It was a good question.\n>\n> — [A letter]({url})")), "{text}");
    look.until_holds("/2016/12/15/aleppo/", "It was a good question.");
}

#[test]
fn the_form_for_quotations_is_in_the_language_of_the_site() {
    for (language, start, title) in [
        ("de", "<html lang=\"de\" dir=\"ltr\">", "<h1>Einen Bericht zitieren</h1>"),
        ("he", "<html lang=\"he\" dir=\"rtl\">", "<h1>ציטוט מכתבה</h1>"),
    ] {
        let mut site = SiteTest::new(BLOG);
        let settings = std::fs::read_to_string(site.path("backmatter.toml")).unwrap_or_default();
        site.write("backmatter.toml", format!("language = '{language}'\n{settings}"));
        let look = look_with(site, |_| {});
        let form = look.get("/_quote").text();
        assert!(form.contains(start) && form.contains(title), "{form}");
        let headers = [
            ("Origin", &*format!("http://{}", look.address())),
            ("Content-Type", "application/x-www-form-urlencoded"),
        ];
        let made = wire::post(look.address(), "/_quote", &headers, b"u=http://127.0.0.1:9/x&t=Words").text();
        // What the program remarks is in its own language.
        assert!(made.contains("lang=\"en\" dir=\"ltr\">"), "{made}");
        assert!(made.contains("the page was not read"), "{made}");
        let bad = wire::post(look.address(), "/_quote", &headers, b"u=gazette&t=Words&place=new").text();
        assert!(
            bad.contains("this is not the address of a page") && !bad.contains("id=\"markdown\""),
            "{bad}"
        );
        let bare = wire::post(look.address(), "/_quote", &headers, b"u=http://127.0.0.1:9/x").text();
        assert!(bare.contains("there are no words"), "{bare}");
    }
}

const NEWS: &str = "/2016/12/15/aleppo/";

#[test]
fn every_way_to_save_a_file_is_noticed() {
    let mut look = look_at(BLOG);
    let file = look.site.path("content/2016/aleppo.md");
    let text = |body: &str| format!("+++\ntitle = \"Aleppo\"\ndate = 2016-12-15\n+++\n{body}\n");
    // In place.
    look.site.write("content/2016/aleppo.md", text("In place."));
    look.until_holds(NEWS, "In place.");
    // Beside it, and renamed over it.
    look.site.write("content/2016/.aleppo.md.tmp", text("Renamed over."));
    look.site.rename("content/2016/.aleppo.md.tmp", "content/2016/aleppo.md");
    look.until_holds(NEWS, "Renamed over.");
    // Moved away, written anew, the old one deleted; with the file that tries out the folder before.
    look.site.write("content/2016/4913", "").remove("content/2016/4913");
    look.site.rename("content/2016/aleppo.md", "content/2016/aleppo.md~");
    look.site.write("content/2016/aleppo.md", text("Written anew.")).remove("content/2016/aleppo.md~");
    look.until_holds(NEWS, "Written anew.");
    // Twice in one tick of the clock, with the same length.
    look.site.write("content/2016/aleppo.md", text("Once.")).write("content/2016/aleppo.md", text("Last."));
    look.until_holds(NEWS, "Last.");
    // In two halves.
    let whole = text("Both halves.");
    let mut open = std::fs::File::create(&file).expect("it can be written");
    open.write_all(&whole.as_bytes()[..20]).and_then(|()| open.sync_all()).expect("it can be written");
    open.write_all(&whole.as_bytes()[20..]).expect("it can be written");
    drop(open);
    look.until_holds(NEWS, "Both halves.");
    look.shows_what_a_build_writes("");
}

#[test]
fn files_and_folders_that_come_go_and_move_are_noticed() {
    let mut look = look_at(BLOG);
    let post = |title: &str| format!("+++\ntitle = \"{title}\"\ndate = 2017-01-01\n+++\nWords.\n");
    look.site.write("content/deep/er/new.md", post("New"));
    look.until_holds("/2017/01/01/new/", "New");
    look.site.rename("content/deep", "content/moved");
    look.site.write("content/moved/er/second.md", post("Second"));
    look.until_holds("/2017/01/01/second/", "Second");
    look.site.write("content/moved/er/new.backmatter.toml", "[[linkback]]\nkind = \"webmention\"\nsource = \"https://a.example/1\"\nexcerpt = \"heard of\"\nreceived = 2026-11-01\n");
    look.until_holds("/2017/01/01/new/", "heard of");
    look.site.write("templates/page.html", "<p>mine: {{ content }}</p>");
    look.until_holds("/about/", "mine:");
    look.site.write("static/new/file.txt", "one");
    look.until_holds("/new/file.txt", "one");
    look.site.write("static/style.css", "own {}");
    look.until_holds("/style.css", "own {}");
    look.site.remove("static/style.css");
    look.until_holds("/style.css", "--");
    look.site.remove("content/moved");
    look.until("/2017/01/01/new/", |answer| answer.status == 404);
    look.site.remove("static/new").remove("templates");
    look.until("/new/file.txt", |answer| answer.status == 404);
    look.until("/about/", |answer| !answer.text().contains("mine:"));
    look.shows_what_a_build_writes("");
}

#[test]
fn hundreds_of_files_may_change_at_once() {
    let mut look = look_at(BLOG);
    for number in 0..400 {
        let text = format!("+++\ntitle = \"Post {number}\"\ndate = 2018-01-01\n+++\nWords.\n");
        look.site.write(&format!("content/many/{}/post-{number}.md", number % 7), text);
    }
    look.until_holds("/2018/01/01/post-399/", "Post 399");
    look.until("/2018/01/01/", |answer| answer.text().matches("Post ").count() >= 400);
    look.shows_what_a_build_writes("");
    look.site.remove("content/many");
    look.until("/2018/01/01/", |answer| answer.status == 404);
    look.shows_what_a_build_writes("");
}

#[test]
fn settings_are_followed() {
    let mut look = look_at(BLOG);
    look.site.write("backmatter.toml", "base_url = \"https://example.com/blog\"\ntitle = \"Renamed\"\n");
    look.until_holds("/blog/", "Renamed");
    assert_eq!(look.get("/").header("location"), Some("/blog/"));
    look.shows_what_a_build_writes("/blog");
    look.site.write("themes/plain/templates/home.html", "a plain home");
    look.site.write("backmatter.toml", "base_url = \"https://example.com\"\ntheme = \"plain\"\n");
    look.until_holds("/", "a plain home");
    look.site.write("themes/plain/templates/home.html", "a plainer home");
    look.until_holds("/", "a plainer home");
    look.shows_what_a_build_writes("");
}

#[test]
fn files_can_be_looked_at_again_and_again_instead() {
    let site = SiteTest::new(BLOG);
    let mut look = look_with(site, |options| {
        options.watching = Watching::Polling(std::time::Duration::from_millis(20));
    });
    look.site.edit("content/2016/aleppo.md", "What was said.", "What was meant.");
    look.until_holds(NEWS, "What was meant.");
    look.site.write("content/pages/new.md", "A new page.");
    look.until_holds("/new/", "A new page.");
    look.shows_what_a_build_writes("");
}

/// A post, and its page.
fn linked_post(body: &str) -> String {
    format!("+++\ntitle = \"Linked\"\npath = \"/linked/\"\n+++\n{body}\n")
}

fn link(target: impl AsRef<std::path::Path>, name: impl AsRef<std::path::Path>) {
    std::os::unix::fs::symlink(target, name).expect("a link can be made");
}

/// Lets links of a site lead to a folder outside.
fn allow(site: &mut SiteTest, folder: &std::path::Path) {
    let settings = site.text("backmatter.toml");
    site.write("backmatter.toml", format!("{settings}\n[symlinks]\nallow = [\"{}\"]\n", folder.display()));
}

#[test]
fn edits_of_posts_behind_links_are_noticed() {
    let vault = tempfile::tempdir().expect("there is room for a folder");
    let note = vault.path().join("note.md");
    let save = |body: &str| std::fs::write(&note, linked_post(body)).expect("it can be written");
    save("First.");
    // The post is a chain of links, one of which is a folder.
    link(vault.path(), vault.path().join("shelf"));
    link("shelf/note.md", vault.path().join("chain"));
    let mut site = SiteTest::new(BLOG);
    allow(&mut site, vault.path());
    link(vault.path().join("chain"), site.path("content/linked.md"));
    let look = look_with(site, |_| {});
    for body in ["First.", "Second.", "Third.", "Fourth."] {
        save(body);
        look.until_holds("/linked/", body);
    }
    std::fs::write(vault.path().join("temporary"), linked_post("Renamed over.")).expect("it can be written");
    std::fs::rename(vault.path().join("temporary"), &note).expect("it can be renamed");
    look.until_holds("/linked/", "Renamed over.");
    save("In place.");
    look.until_holds("/linked/", "In place.");
    look.shows_what_a_build_writes("");
}

#[test]
fn edits_of_settings_behind_a_link_are_noticed() {
    let elsewhere = tempfile::tempdir().expect("there is room for a folder");
    let settings = elsewhere.path().join("settings.toml");
    let save = |title: &str| {
        let allowed = settings.display();
        let text = format!(
            "base_url = \"https://example.com\"\ntitle = \"{title}\"\n[symlinks]\nallow = [\"{allowed}\"]\n"
        );
        std::fs::write(&settings, text).expect("it can be written");
    };
    save("First title");
    let mut site = SiteTest::new(BLOG);
    site.remove("backmatter.toml");
    link(&settings, site.path("backmatter.toml"));
    let look = look_with(site, |_| {});
    for title in ["First title", "Second title", "Third title"] {
        save(title);
        look.until_holds("/", title);
    }
    look.shows_what_a_build_writes("");
}

#[test]
fn a_folder_behind_a_link_may_be_replaced() {
    let elsewhere = tempfile::tempdir().expect("there is room for a folder");
    let folder = |name: &str, body: &str| {
        let folder = elsewhere.path().join(name);
        std::fs::create_dir(&folder).expect("there is room for a folder");
        std::fs::write(folder.join("note.md"), linked_post(body)).expect("it can be written");
        folder
    };
    let vault = folder("vault", "First.");
    let mut site = SiteTest::new(BLOG);
    allow(&mut site, elsewhere.path());
    link(&vault, site.path("content/vault"));
    let look = look_with(site, |_| {});
    look.until_holds("/linked/", "First.");
    std::fs::rename(&vault, elsewhere.path().join("old")).expect("it can be renamed");
    std::fs::rename(folder("new", "Second."), &vault).expect("it can be renamed");
    look.until_holds("/linked/", "Second.");
    std::fs::write(vault.join("note.md"), linked_post("Third.")).expect("it can be written");
    look.until_holds("/linked/", "Third.");
    std::fs::remove_dir_all(&vault).expect("it can be removed");
    look.until("/linked/", |answer| answer.status == 404);
    folder("vault", "Fourth.");
    look.until_holds("/linked/", "Fourth.");
    std::fs::write(vault.join("note.md"), linked_post("Fifth.")).expect("it can be written");
    look.until_holds("/linked/", "Fifth.");
    look.shows_what_a_build_writes("");
}

#[test]
fn folders_of_the_site_and_the_site_itself_may_be_replaced() {
    let releases = tempfile::tempdir().expect("there is room for a folder");
    let release = |name: &str, body: &str| {
        let content = releases.path().join(name).join("content");
        std::fs::create_dir_all(&content).expect("there is room for a folder");
        std::fs::write(content.join("linked.md"), linked_post(body)).expect("it can be written");
        let settings = "base_url = \"https://example.com\"\n";
        std::fs::write(releases.path().join(name).join("backmatter.toml"), settings)
            .expect("it can be written");
        content
    };
    release("1", "First.");
    let second = release("2", "Second.");
    let third = release("3", "Third.");
    let current = releases.path().join("current");
    link("1", &current);
    let site = SiteTest::new("");
    let source = SiteSource::at(&current);
    let look = look_with(site, |options| options.site = open(&source, options.site.now()));
    look.until_holds("/linked/", "First.");
    link("2", releases.path().join("next"));
    std::fs::rename(releases.path().join("next"), &current).expect("it can be renamed");
    look.until_holds("/linked/", "Second.");
    std::fs::write(second.join("linked.md"), linked_post("Mended.")).expect("it can be written");
    look.until_holds("/linked/", "Mended.");
    std::fs::rename(&second, releases.path().join("old")).expect("it can be renamed");
    std::fs::rename(&third, &second).expect("it can be renamed");
    look.until_holds("/linked/", "Third.");
    std::fs::write(second.join("linked.md"), linked_post("And mended.")).expect("it can be written");
    look.until_holds("/linked/", "And mended.");
}

#[test]
fn a_file_with_two_names_is_shown_by_both() {
    let site = SiteTest::new("-- static/real/a.txt --\none\n");
    link("real", site.path("static/linked"));
    link("real/a.txt", site.path("static/b.txt"));
    let mut look = look_with(site, |_| {});
    for text in ["two", "three"] {
        look.site.write("static/real/a.txt", text);
        for path in ["/real/a.txt", "/linked/a.txt", "/b.txt"] {
            look.until_holds(path, text);
        }
    }
}

#[test]
fn a_fault_is_shown_over_the_last_good_page_until_it_is_mended() {
    let mut look = look_at(BLOG);
    look.until_holds(NEWS, "What was said.");
    look.site.edit("content/2016/aleppo.md", "date = 2016-12-15", "date = yesterday");
    let page = look.until_holds(NEWS, "<backmatter-faults>").text();
    for text in ["What was said.", "1 error", "content/2016/aleppo.md:3:8", "date = <mark>yesterday</mark>"] {
        assert!(page.contains(text), "{text}:\n{page}");
    }
    // The others go on, and it stands in lists as it was.
    look.site.edit("content/pages/about.md", "Who writes.", "Who reads.");
    assert!(look.until_holds("/about/", "Who reads.").text().contains("<backmatter-faults>"));
    assert!(look.get("/2016/12/15/").text().contains("Aleppo"));
    look.site.edit("content/2016/aleppo.md", "date = yesterday", "date = 2016-12-15");
    look.until(NEWS, |answer| !answer.text().contains("<backmatter-faults>"));
    look.shows_what_a_build_writes("");
}

#[test]
fn a_fault_is_that_of_the_file_as_it_is_now() {
    let mut look = look_at(BLOG);
    // A new file that cannot be used, for two reasons in turn, and is thrown away.
    for (text, fault) in
        [("+++\ntitle=\n+++\n", "content/z.md:2:"), ("+++\ndate = 2016-11-31\n+++\n", "2016-11-31")]
    {
        look.site.write("content/z.md", text);
        look.until_holds("/about/", fault);
    }
    look.site.remove("content/z.md");
    look.until("/about/", |answer| !answer.text().contains("<backmatter-faults>"));
    // One that could be used before.
    look.site.edit("content/2016/aleppo.md", "date = 2016-12-15", "date = yesterday");
    look.until_holds("/about/", "<mark>yesterday</mark>");
    look.site.edit("content/2016/aleppo.md", "date = yesterday", "date = tomorrow");
    let page = look.until_holds("/about/", "<mark>tomorrow</mark>").text();
    assert!(!page.contains("yesterday"), "{page}");
    look.site.remove("content/2016/aleppo.md");
    look.until("/about/", |answer| !answer.text().contains("<backmatter-faults>"));
    look.shows_what_a_build_writes("");
}

#[test]
fn settings_that_are_gone_are_told_of_and_the_site_stays_as_it_was() {
    let mut look = look_at(BLOG);
    let before = look.get(NEWS).body;
    let settings = std::fs::read_to_string(look.site.path("backmatter.toml")).expect("there are settings");
    look.site.remove("backmatter.toml");
    look.news.recv_timeout(DEADLINE).expect("it is said");
    let page = look.until_holds(NEWS, "<backmatter-faults>").text();
    assert!(page.contains("cannot read") && page.contains("What was said."), "{page}");
    look.site.write("backmatter.toml", settings);
    look.news.recv_timeout(DEADLINE).expect("it is said that they are back");
    assert_eq!(look.until(NEWS, |answer| !answer.text().contains("<backmatter-faults>")).body, before);
    look.shows_what_a_build_writes("");
}

#[test]
fn a_change_of_a_post_does_not_mend_the_settings() {
    let mut look = look_at(BLOG);
    let settings = std::fs::read_to_string(look.site.path("backmatter.toml")).expect("there are settings");
    look.site.remove("backmatter.toml");
    look.news.recv_timeout(DEADLINE).expect("it is said");
    look.site.edit("content/2016/aleppo.md", "What was said.", "What was meant.");
    let news = look.news.recv_timeout(std::time::Duration::from_millis(1500));
    assert!(news.is_err(), "something was shown without settings");
    assert!(look.get(NEWS).text().contains("<backmatter-faults>"));
    look.site.write("backmatter.toml", settings);
    let page = look.until_holds(NEWS, "What was meant.").text();
    assert!(!page.contains("<backmatter-faults>"), "{page}");
    look.shows_what_a_build_writes("");
}

#[test]
fn a_feed_stays_as_it_was_while_a_post_in_it_is_broken() {
    let mut look = look_at(BLOG);
    for feed in ["/atom.xml", "/rss.xml", "/feed.json"] {
        let whole = look.until_holds(feed, "What was said.");
        assert_eq!(whole.header("x-backmatter-fault"), None, "{feed}");
    }
    look.site.edit("content/2016/aleppo.md", "date = 2016-12-15", "date = yesterday");
    look.until_holds(NEWS, "<backmatter-faults>");
    for feed in ["/atom.xml", "/rss.xml", "/feed.json"] {
        let answer = look.get(feed);
        assert_eq!(answer.status, 200, "{feed}: {}", answer.text());
        assert!(answer.text().contains("What was said."), "{feed}");
        let fault = answer.header("x-backmatter-fault").unwrap_or_default();
        assert!(fault.contains("content/2016/aleppo.md"), "{feed}: {fault}");
    }
    look.site.edit("content/2016/aleppo.md", "date = yesterday", "date = 2016-12-15");
    look.until(NEWS, |answer| !answer.text().contains("<backmatter-faults>"));
    assert_eq!(look.get("/atom.xml").header("x-backmatter-fault"), None);
}

#[test]
fn a_broken_template_leaves_the_pages_as_they_were() {
    let mut look = look_at(BLOG);
    look.until_holds("/about/", "Who writes.");
    look.site.write("templates/page.html", "{{ content }}\n{{ post.nothing }}");
    let page = look.until_holds("/about/", "<backmatter-faults>").text();
    for text in ["Who writes.", "templates/page.html:2:9", "{{ post.<mark>nothing</mark> }}"] {
        assert!(page.contains(text), "{text}:\n{page}");
    }
    look.site.write("templates/page.html", "{% if %}");
    let page = look.until_holds("/about/", "templates/page.html:1:").text();
    assert!(page.contains("Who writes."));
    // Posts can be written all the same.
    look.site.edit("content/2016/aleppo.md", "What was said.", "What was meant.");
    look.until_holds(NEWS, "What was meant.");
    look.site.write("templates/page.html", "mended {{ content }}");
    let page = look.until_holds("/about/", "mended").text();
    assert!(!page.contains("<backmatter-faults>"));
    look.shows_what_a_build_writes("");
}

#[test]
fn a_site_with_faults_can_be_looked_at_from_the_start() {
    let mut look = look_at("-- content/bad.md --\n+++\ntitle =\n+++\n-- templates/home.html --\n{% if %}\n");
    let page = look.get("/");
    assert_eq!(page.status, 200);
    assert!(page.text().contains("content/bad.md:2:") && page.text().contains("templates/home.html:1:"));
    look.site.remove("templates").write("content/bad.md", "+++\ntitle = \"Good\"\ndate = 2016-12-15\n+++\n");
    look.until_holds("/2016/12/15/bad/", "Good");
    look.until("/", |answer| !answer.text().contains("<backmatter-faults>"));
    look.shows_what_a_build_writes("");
}

#[test]
fn a_bar_says_why_a_post_is_not_live() {
    let bar = |answer: &Answer| {
        let text = answer.text();
        let start = text.find("<aside").expect("there is a bar");
        let end = text.find("</aside>").expect("it ends");
        backmatter::internals::html::plain_text(&text[start..end])
    };
    let look = look_at(BLOG);
    assert_eq!(bar(&look.get(NEWS)), "content/2016/aleppo.md");
    for (page, expected) in [
        ("/2016/12/20/draft/", "draftnot live because it is a draftcontent/draft.md"),
        ("/2030/01/02/future/", "futurenot live until 2030-01-02 03:04:00Zcontent/future.md"),
        ("/2016/01/01/expired/", "expirednot live because it expired on 2017-01-01content/expired.md"),
    ] {
        assert_eq!(bar(&look.get(page)), expected, "{page}");
    }
    assert!(!look.get("/").text().contains("<backmatter-bar>"));
    // As a build would show it.
    let look = look_with(SiteTest::new(BLOG), |_| {});
    let absent = look.get("/2016/12/20/draft/");
    assert_eq!(absent.status, 404);
    assert_eq!(bar(&absent), "draftnot live because it is a draftcontent/draft.md");
    look.shows_what_a_build_writes("");
}

#[test]
fn answers_are_those_of_a_good_host() {
    let look = look_at(BLOG);
    let at = look.address();
    let with = |method: &str, path: &str, headers: &[(&str, &str)]| wire::request(at, method, path, headers);
    let text = |answer: &Answer, name: &str| answer.header(name).unwrap_or_default().to_owned();
    // Content types.
    for (path, expected) in [
        ("/", "text/html; charset=utf-8"),
        ("/style.css", "text/css; charset=utf-8"),
        ("/favicon.svg", "image/svg+xml; charset=utf-8"),
        ("/atom.xml", "text/xml; charset=utf-8"),
        ("/feed.json", "application/json; charset=utf-8"),
        ("/robots.txt", "text/plain; charset=utf-8"),
        ("/2016/12/18/mosul/map.png", "image/png"),
        ("/data.bin", "application/octet-stream"),
        ("/nowhere/", "text/html; charset=utf-8"),
    ] {
        assert_eq!(text(&look.get(path), "content-type"), expected, "{path}");
    }
    // HEAD has the same head.
    let (head, whole) = (with("HEAD", NEWS, &[]), look.get(NEWS));
    assert_eq!(text(&head, "content-length"), whole.body.len().to_string());
    assert_eq!((head.status, text(&head, "etag")), (200, text(&whole, "etag")));
    // What the browser has is not sent again.
    for path in [NEWS, "/data.bin", "/style.css", "/atom.xml"] {
        let tag = text(&look.get(path), "etag");
        let again = with("GET", path, &[("If-None-Match", &tag)]);
        assert_eq!((again.status, again.body.len(), text(&again, "etag")), (304, 0, tag));
    }
    assert_eq!(text(&whole, "cache-control"), "no-cache");
    // Parts.
    let part = with("GET", "/data.bin", &[("Range", "bytes=2-4")]);
    assert_eq!((part.status, part.text().as_str()), (206, "234"));
    assert_eq!(text(&part, "content-range"), "bytes 2-4/11");
    assert_eq!(with("GET", "/data.bin", &[("Range", "bytes=-2")]).text(), "9\n");
    assert_eq!(with("GET", "/data.bin", &[("Range", "bytes=99-")]).status, 416);
    assert_eq!(with("GET", "/data.bin", &[("Range", "bytes=2-4"), ("If-Range", "\"old\"")]).status, 200);
    // Folders, and the names of their files.
    for (path, expected) in [
        ("/2016/12/15/aleppo", "/2016/12/15/aleppo/"),
        ("/2016/12/15/aleppo?a=1", "/2016/12/15/aleppo/?a=1"),
        ("/about", "/about/"),
    ] {
        let moved = look.get(path);
        assert_eq!((moved.status, text(&moved, "location").as_str()), (302, expected));
    }
    assert_eq!(look.get("/2016/12/15/aleppo/index.html").body, whole.body);
    // Names in any script.
    assert_eq!(look.get("/2016/12/18/mosul/%C3%BCn%C3%AF%20c%C3%B4d%C3%A9.txt").text(), "letters\n");
    // Missing, and what cannot be done.
    assert_eq!(look.get("/nowhere/").status, 404);
    let refused = with("POST", "/", &[("Content-Length", "0")]);
    assert_eq!((refused.status, text(&refused, "allow")), (405, "GET, HEAD".to_owned()));
}

#[test]
fn no_path_leads_out_of_the_site() {
    let site = SiteTest::new(BLOG);
    let outside = tempfile::tempdir().expect("there is room for a folder");
    std::fs::write(outside.path().join("secret.txt"), "secret").expect("it can be written");
    std::os::unix::fs::symlink(outside.path(), site.path("static/out")).expect("a link can be made");
    std::os::unix::fs::symlink(outside.path().join("secret.txt"), site.path("content/mosul/secret.txt"))
        .expect("a link can be made");
    std::os::unix::fs::symlink(site.path("static/data.bin"), site.path("static/inside.bin"))
        .expect("a link can be made");
    let look = look_with(site, |_| {});
    for path in [
        "/../backmatter.toml",
        "/%2e%2e/backmatter.toml",
        "/%2e%2e%2fbackmatter.toml",
        "/%252e%252e%252fbackmatter.toml",
        "/..%5cbackmatter.toml",
        "/static/../../etc/passwd",
        "/style.css/../../../etc/passwd",
        "//etc/passwd",
        "/backmatter.toml",
        "/.backmatter/lock",
        "/content/2016/aleppo.md",
        "/2016/12/15/aleppo/%00",
        "/out/secret.txt",
        "/2016/12/18/mosul/secret.txt",
    ] {
        let answer = look.get(path);
        assert!([400, 403, 404].contains(&answer.status), "`{path}` is answered by {}", answer.status);
        assert!(!answer.text().contains("secret\n") && answer.text() != "secret", "`{path}`");
    }
    assert_eq!(look.get("/inside.bin").text(), "0123456789\n");
}

#[test]
fn pages_of_strangers_are_turned_away() {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let opened = folder.path().join("opened");
    let script = folder.path().join("editor");
    std::fs::write(
        &script,
        format!("#!/bin/sh\necho \"$1 $2\" > {0}.new && mv {0}.new {0}\n", opened.display()),
    )
    .expect("it can be written");
    std::fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .expect("it is ours");
    let look = look_with(SiteTest::new(BLOG), |options| {
        options.editor = EditorCommand::parse(&format!("{} {{line}} {{file}}", script.display()));
        options.names = vec!["desk.example".to_owned()];
    });
    let at = look.address();
    let host = at.to_string();
    for (host, expected) in [("evil.example", 403), ("desk.example:80", 200), ("localhost", 200)] {
        for path in ["/", "/.backmatter/preview.js", "/data.bin"] {
            assert_eq!(wire::request(at, "GET", path, &[("Host", host)]).status, expected, "{host}{path}");
        }
    }
    assert!(look.get(NEWS).text().contains("Open in editor"));
    let open = |headers: &str, body: &str| {
        let request = format!(
            "POST /.backmatter/open HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        wire::raw(at, &request, "POST").status
    };
    let own = format!("Origin: http://{host}\r\n");
    let post = "file=content%2F2016%2Faleppo.md&line=3";
    assert_eq!(open("", post), 403);
    assert_eq!(open("Origin: https://evil.example\r\n", post), 403);
    assert_eq!(open("Origin: null\r\n", post), 403);
    assert_eq!(open(&own, "file=..%2F..%2Fetc%2Fpasswd&line=1"), 404);
    assert_eq!(open(&own, "file=static%2Fdata.bin&line=1"), 404);
    assert!(!opened.exists());
    assert_eq!(open(&own, post), 204);
    let began = Instant::now();
    while !opened.exists() {
        assert!(began.elapsed() < DEADLINE, "the editor was not started");
        std::thread::yield_now();
    }
    let file = look.site.path("content/2016/aleppo.md");
    assert_eq!(std::fs::read_to_string(&opened).expect("it is there"), format!("3 {}\n", file.display()));
}

/// A browser that has a page, and hears what there is to know of it.
struct Browser(BufReader<std::net::TcpStream>);

impl Browser {
    fn new(at: SocketAddr, page: &str, seen: &str) -> Self {
        let mut stream = connect(at);
        write!(stream, "GET /.backmatter/events?page={page}&seen={seen} HTTP/1.1\r\nHost: {at}\r\n\r\n")
            .expect("it can be sent");
        let mut lines = BufReader::new(stream);
        let mut line = String::new();
        while lines.read_line(&mut line).expect("there is an answer") > 2 {
            line.clear();
        }
        Self(lines)
    }

    /// The next event and its data.
    fn next(&mut self) -> (String, String) {
        let mut event = String::new();
        loop {
            let mut line = String::new();
            assert!(self.0.read_line(&mut line).expect("somebody speaks") > 0, "the stream ended");
            if let Some(name) = line.trim_end().strip_prefix("event: ") {
                event = name.to_owned();
            } else if let Some(data) = line.trim_end().strip_prefix("data: ") {
                return (event, data.to_owned());
            }
        }
    }
}

impl Browser {
    /// Listens until it hears something, and says how often it heard anything.
    fn until(&mut self, event: &str, data: &str) -> usize {
        let mut count = 1;
        while self.next() != (event.to_owned(), data.to_owned()) {
            count += 1;
        }
        count
    }
}

#[test]
fn only_those_are_told_whose_own_page_is_another_one() {
    let mut look = look_at(BLOG);
    let version = |answer: &Answer| answer.header("etag").expect("it has a tag").trim_matches('"').to_owned();
    let (post, about) = (version(&look.get(NEWS)), version(&look.get("/about/")));
    let mut at_post = Browser::new(look.address(), NEWS, &post);
    let mut at_about = Browser::new(look.address(), "/about/", &about);
    look.site.edit("content/2016/aleppo.md", "What was said.", "What was meant.");
    let shown = look.until_holds(NEWS, "What was meant.");
    at_post.until("page", &version(&shown));
    // The next thing that the other one hears is of its own page.
    look.site.edit("content/pages/about.md", "Who writes.", "Who reads.");
    let shown = look.until_holds("/about/", "Who reads.");
    at_about.until("page", &version(&shown));
    // Who was away is told at once.
    assert_eq!(Browser::new(look.address(), NEWS, &post).next().0, "page");
    // A file that pages may show.
    look.site.write("static/more.css", "p {}");
    look.until_holds("/more.css", "p {}");
    look.site.write("static/more.css", "q {}");
    at_post.until("files", "[\"/more.css\"]");
    at_about.until("files", "[\"/more.css\"]");
    // A page that goes, and comes again.
    look.site.remove("content/pages/about.md");
    assert_eq!(at_about.next().0, "page");
    assert_eq!(look.get("/about/").status, 404);
    look.site.write("content/pages/about.md", "Again.");
    assert_eq!(at_about.next().0, "page");
}

#[test]
fn without_live_reload_pages_have_no_script() {
    let look = look_with(SiteTest::new(BLOG), |options| options.reload = Reload::Off);
    assert!(!look.get("/").text().contains("<script src=\"/.backmatter"));
    assert!(look.get(NEWS).text().contains("<backmatter-bar>"));
}

#[test]
fn nothing_is_written() {
    let mut look = look_at(BLOG);
    look.get("/");
    look.site.edit("content/2016/aleppo.md", "What was said.", "What was meant.");
    look.until_holds(NEWS, "What was meant.");
    assert!(!look.site.path("public").exists());
    assert!(!look.site.path(".backmatter").exists());
}

#[test]
fn a_post_appears_when_it_falls_due() {
    let site = SiteTest::new("-- content/pages/about.md --\nWho.\n");
    let soon = chrono::Utc::now() + chrono::Duration::milliseconds(1500);
    let text = format!(
        "+++\ntitle = \"Soon\"\npath = \"/soon/\"\ndate = {}\n+++\n",
        soon.format("%Y-%m-%dT%H:%M:%S%.3fZ")
    );
    std::fs::write(site.path("content/soon.md"), text).expect("it can be written");
    let look = look_with(site, |options| {
        options.clock = Clock::system();
        options.site = open(options.site.source(), chrono::Utc::now());
    });
    look.until_holds("/soon/", "Soon");
}

const STORM: usize = 500;

/// What matters is the end: after any edits in any order every page is what a build from nothing makes.
#[test]
fn after_a_storm_of_edits_every_page_is_that_of_a_clean_build() {
    let seed = 7;
    let mut script = Script::new(seed);
    script.site.selection(ALL);
    let (sender, news) = mpsc::channel();
    let listener =
        backmatter::internals::http::server::Listener::bind("127.0.0.1:0".parse().expect("it is an address"));
    let preview = Preview::start(
        listener.expect("there is a port"),
        options(&script.site),
        |router| router,
        Arc::new(Ear(Mutex::new(sender))),
    )
    .expect("it starts");
    for edit in 1..=STORM {
        script.edit_at_random();
        // Somebody looks at it meanwhile.
        if edit % 5 == 0 {
            assert_ne!(wire::get(preview.address(), "/").status, 500);
        }
        if edit % 100 == 0 {
            calm(&preview, &news, &mut script);
        }
    }
}

/// Waits until every page is that of a clean build.
#[track_caller]
fn calm(preview: &Preview, news: &Receiver<()>, script: &mut Script) {
    let expected = built(&script.site);
    // A picture that cannot be decoded is found when a browser asks for it, and known from the next change on.
    ask_for_pictures(preview.address(), &expected);
    script.site.touch("backmatter.toml");
    while let Some(difference) = difference(preview.address(), &expected, "") {
        if news.recv_timeout(std::time::Duration::from_secs(3)).is_err() {
            panic!("{difference}\nafter:\n{}", script.done.join("\n"));
        }
    }
}

/// Asks for each picture that a page shows, as a browser does.
fn ask_for_pictures(at: SocketAddr, built: &Files) {
    let pages = built.keys().filter(|output| output.ends_with("index.html"));
    let shown: Vec<String> = pages.map(|output| wire::get(at, &address_of(output, "")).text()).collect();
    let pictures: BTreeSet<&str> =
        shown.iter().flat_map(|page| page.split(['"', ' '])).filter(|word| word.starts_with("/i/")).collect();
    for picture in pictures {
        assert_eq!(wire::get(at, picture).status, 200, "{picture}");
    }
}
