//! The moderation page, over a socket: who comes in, what is shown, and what an act does to the site.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use backmatter::internals::dom::Document;
use backmatter::internals::engine::workspace::{Access, Workspace};
use backmatter::internals::http::server::{Listener, Server, ServerLimits};
use backmatter::internals::linkback::address::Targets;
use backmatter::internals::linkback::inbox::state::{InboxState, Mention};
use backmatter::internals::linkback::source::{self, LinkCheck};
use backmatter::internals::receive::moderation::web::{
    ModerationApp, ModerationOptions, ModerationToken, router,
};
use backmatter::internals::receive::notify::worker::NotificationQueue;
use backmatter::internals::receive::site_index::SiteIndex;
use backmatter::internals::sys::clock::Clock;
use url::Url;

use crate::fake_web::FakeWeb;
use crate::moderation::{Desk, words};
use crate::wire::{self, Answer, DEADLINE};

pub(crate) const TOKEN: &str = "a token that is long enough";
const PAGE_A: &str = "2026/11/01/a/index.html";

/// A desk with its page on the web.
pub(crate) struct Web {
    pub(crate) desk: Desk,
    pub(crate) server: Server,
    cookie: String,
}

impl Web {
    pub(crate) fn new() -> Self {
        let desk = Desk::new();
        let source = desk.site.source();
        let now = desk.now;
        let site = Workspace::open(&source, now, Access::Read).expect("the site has settings");
        let token = ModerationToken::new(TOKEN).expect("it is long");
        let notifications = NotificationQueue::start(source.clone(), Arc::new(|_| ())).expect("it starts");
        let app = ModerationApp::new(ModerationOptions {
            index: Arc::new(SiteIndex::of(site)),
            source,
            database: desk.site.path("linkbacks.db"),
            token,
            clock: Clock::fixed(now),
            notifications: Arc::new(notifications),
        });
        let router = router(Arc::new(app));
        let limits = ServerLimits {
            connections: 8,
            connections_of_one: 8,
            head_size: 16 * 1024,
            head_time: DEADLINE,
            answer_time: DEADLINE,
            write_time: DEADLINE,
            grace: Duration::from_millis(10),
        };
        let address: SocketAddr = "127.0.0.1:0".parse().expect("it is an address");
        let server =
            Listener::bind(address).and_then(|listener| listener.serve(router, limits)).expect("it starts");
        Self { desk, server, cookie: String::new() }
    }

    fn logged_in() -> Self {
        let mut web = Self::new();
        let answer = web.post("login", &[("token", TOKEN)]);
        assert_eq!((answer.status, answer.header("location")), (303, Some("./")));
        let cookie = answer.header("set-cookie").expect("there is a cookie");
        let (pair, rest) = cookie.split_once(';').expect("it has attributes");
        assert_eq!(rest, " Max-Age=43200; HttpOnly; SameSite=Strict");
        pair.clone_into(&mut web.cookie);
        web
    }

    fn get(&self, path: &str) -> Answer {
        wire::request(self.server.address(), "GET", &format!("/moderate/{path}"), &[("Cookie", &self.cookie)])
    }

    fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.post_with(path, fields, &[])
    }

    fn post_with(&self, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let mut text = format!(
            "POST /moderate/{path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nCookie: {}\r\nContent-Length: {}\r\n",
            self.server.address(),
            self.cookie,
            body.len()
        );
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        wire::raw(self.server.address(), &format!("{text}\r\n{body}"), "POST")
    }

    /// The mark of the session's forms.
    fn csrf(&self) -> String {
        let page = self.get("").text();
        let (_, rest) = page.split_once("name=\"csrf\" value=\"").expect("there is a form");
        rest.split_once('"').expect("it ends").0.to_owned()
    }

    #[track_caller]
    fn act(&self, fields: &[(&str, &str)]) -> String {
        let csrf = self.csrf();
        let answer = self.post("act", &[&[("csrf", csrf.as_str())], fields].concat());
        assert_eq!(answer.status, 303, "{}", answer.text());
        notices(&self.get("").text())
    }

    /// Ticks "all on this page", and sends the form with everything that is hidden in it.
    #[track_caller]
    fn act_on_all(&self, act: &str) -> String {
        let shown = self.shown();
        let shown = shown.iter().map(|number| ("shown", number.as_str()));
        self.act(&[("act", act), ("all", "yes")].into_iter().chain(shown).collect::<Vec<_>>())
    }

    /// What the form says that the page shows.
    fn shown(&self) -> Vec<String> {
        let document = Document::parse(&self.get("").text());
        let hidden = document.elements().filter(|node| node.attribute("name") == Some("shown"));
        hidden.filter_map(|node| node.attribute("value")).map(str::to_owned).collect()
    }

    #[track_caller]
    fn state(&self, id: i64, expected: InboxState) {
        let item = self.desk.store.item(id).expect("it can be asked").expect("it is there");
        assert_eq!(item.state, expected);
    }
}

/// What the page says at its top.
fn notices(page: &str) -> String {
    let document = Document::parse(page);
    let block = document.elements().find(|node| node.attribute("class") == Some("notices"));
    let lines = block.iter().flat_map(|block| block.children()).filter(|node| node.name() == "p");
    lines.map(|line| line.text_content()).collect::<Vec<_>>().join(" | ")
}

#[test]
fn nobody_comes_in_without_the_token() {
    let mut web = Web::new();
    let id = web.desk.held("https://x.example/1", "a");
    for path in ["", "?state=approved"] {
        let answer = web.get(path);
        assert_eq!((answer.status, answer.header("location")), (303, Some("login")));
    }
    for path in ["act", "undo", "logout"] {
        let answer = web.post(path, &[("act", "approve 1"), ("csrf", "")]);
        assert_eq!((answer.status, answer.header("location")), (303, Some("login")));
    }
    assert_eq!(web.get("feed.atom?key=").status, 403);
    assert_eq!(web.get("export.jf2").status, 401);
    web.cookie = format!("moderate={}", "0".repeat(64));
    assert_eq!(web.get("").status, 303);
    assert_eq!(web.post("login", &[("token", "a token that is long enougH")]).status, 403);
    web.state(id, InboxState::Held);
}

#[test]
fn guessing_is_slowed_down() {
    let web = Web::new();
    let statuses: Vec<u16> = (0..12).map(|_| web.post("login", &[("token", "guess")]).status).collect();
    assert_eq!(statuses, [vec![403; 10], vec![429; 2]].concat());
    let answer = web.post("login", &[("token", "guess")]);
    assert_eq!(web.post("login", &[("token", TOKEN)]).status, 303, "strangers cannot lock the owner out");
    assert!(answer.header("retry-after").is_some_and(|seconds| seconds.parse::<u32>().is_ok()));
}

#[test]
fn a_form_that_is_not_ours_does_nothing() {
    let mut web = Web::logged_in();
    let id = web.desk.held("https://x.example/1", "a");
    let csrf = web.csrf();
    for (csrf, headers) in [
        ("", vec![]),
        ("0000", vec![]),
        (csrf.as_str(), vec![("Origin", "https://evil.example")]),
        (csrf.as_str(), vec![("Sec-Fetch-Site", "cross-site")]),
    ] {
        let answer = web.post_with("act", &[("csrf", csrf), ("act", "approve 1")], &headers);
        assert_eq!(answer.status, 403, "{headers:?}");
    }
    assert_eq!(web.get("act").status, 405);
    web.state(id, InboxState::Held);
}

#[test]
fn every_answer_forbids_scripts_and_frames() {
    let web = Web::logged_in();
    for path in ["", "login", "style.css", "feed.atom", "export.jf2", "nothing"] {
        let answer = web.get(path);
        let policy = answer.header("content-security-policy").unwrap_or_default();
        let is_strict = policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'");
        assert!(is_strict, "{path}: {policy}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
    }
}

#[test]
fn what_a_page_links_to_is_served_by_its_type() {
    let web = Web::new();
    for (path, kind) in [("style.css", "text/css; charset=utf-8"), ("icon.svg", "image/svg+xml")] {
        let answer = web.get(path);
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(kind)), "{path}");
    }
}

#[test]
fn an_approval_changes_the_page_and_undoing_it_changes_it_back() {
    let mut web = Web::logged_in();
    let id = web.desk.held("https://x.example/1", "a");
    let before = web.desk.site.output(PAGE_A);
    assert_eq!(web.act(&[("act", "approve 1")]), "Approved: 1 linkback.");
    web.state(id, InboxState::Approved);
    web.desk.site.holds(PAGE_A, &["words around the link"]);
    let csrf = web.csrf();
    assert_eq!(web.post("undo", &[("csrf", &csrf)]).status, 303);
    assert_eq!(notices(&web.get("").text()), "Taken back: approve of 1 linkback.");
    assert_eq!(web.desk.site.output(PAGE_A), before);
}

#[test]
fn pressing_undo_twice_takes_one_decision_back() {
    let mut web = Web::logged_in();
    let ids: Vec<i64> = (1..=2).map(|n| web.desk.held(&format!("https://x{n}.example/"), "a")).collect();
    for id in &ids {
        web.act(&[("act", &format!("reject {id}"))]);
    }
    let page = Document::parse(&web.get("").text());
    let field = |name| page.elements().find(|node| node.attribute("name") == Some(name));
    let value = |name| field(name).and_then(|node| node.attribute("value")).expect("the form has it");
    let form = [("csrf", value("csrf")), ("batch", value("batch"))];
    for _ in 0..2 {
        assert_eq!(web.post("undo", &form).status, 303);
    }
    assert_eq!(
        notices(&web.get("").text()),
        "Taken back: reject of 1 linkback. | This decision was taken back already, or is not the last any more."
    );
    web.state(ids[0], InboxState::Rejected);
    web.state(ids[1], InboxState::Held);
}

#[test]
fn those_that_are_ticked_are_decided_on_together() {
    let mut web = Web::logged_in();
    let ids: Vec<i64> = (1..=3).map(|n| web.desk.held(&format!("https://x{n}.example/"), "a")).collect();
    let shown = web.shown();
    let late = web.desk.held("https://late.example/", "a");
    let seen: Vec<(&str, &str)> = shown.iter().map(|number| ("shown", number.as_str())).collect();
    let all = [("act", "approve"), ("all", "yes")];
    assert_eq!(web.act(&[&all[..], &seen].concat()), "Approved: 3 linkbacks.");
    web.state(late, InboxState::Held);
    assert_eq!(web.post("undo", &[("csrf", &web.csrf())]).status, 303);
    assert_eq!(web.act(&[("act", "reject"), ("number", &late.to_string())]), "Rejected: 1 linkback.");
    assert_eq!(web.act(&[("act", "spam")]), "No linkback is ticked.");
    assert_eq!(web.act(&[("act", "spam"), ("number", "1"), ("number", "3")]), "Marked as spam: 2 linkbacks.");
    web.state(ids[1], InboxState::Held);
    assert_eq!(web.act_on_all("trust"), "Approved: 1 linkback. From now on x2.example is trusted.");
    assert_eq!(web.act(&[("act", "approve 2")]), "Number 2 was left as it is: it was approved already.");
    assert_eq!(web.act(&[("act", "explode 2")]), "There is no such button.");
    let page = web.get("?state=spam").text();
    assert!(page.contains("x1.example") && !page.contains("x2.example"), "{page}");
}

#[test]
fn a_long_list_has_pages() {
    let mut web = Web::logged_in();
    for number in 1..=120 {
        web.desk.held(&format!("https://x{number}.example/"), "a");
    }
    // The numbers on a page, and where its links lead.
    let look = |web: &Web, path: &str| {
        let document = Document::parse(&web.get(path).text());
        let mut numbers: Vec<i64> = document
            .elements()
            .filter(|node| node.attribute("name") == Some("shown"))
            .filter_map(|node| node.attribute("value")?.parse().ok())
            .collect();
        numbers.sort_unstable();
        let nav = document.elements().find(|node| node.attribute("class") == Some("pages"));
        let said = nav.map_or_else(String::new, |nav| nav.text_content());
        let link = |rel| {
            let link = document.elements().find(|node| node.attribute("rel") == Some(rel));
            link.and_then(|node| node.attribute("href")).unwrap_or_default().to_owned()
        };
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        (numbers.first().copied(), numbers.last().copied(), said, link("prev"), link("next"))
    };
    let page = |first, last, said: &str, newer: &str, older: &str| {
        (Some(first), Some(last), said.to_owned(), newer.to_owned(), older.to_owned())
    };
    let second = page(21, 70, "Newer 51 to 100 of 120 Older", "./?after=70", "./?before=21");
    assert_eq!(look(&web, ""), page(71, 120, "1 to 50 of 120 Older", "", "./?before=71"));
    assert_eq!(look(&web, "?before=71"), second);
    assert_eq!(look(&web, "?before=21"), page(1, 20, "Newer 101 to 120 of 120", "./?after=20", ""));
    assert_eq!(look(&web, "?after=20"), second);
    assert_eq!(look(&web, "?after=110"), look(&web, ""), "a page is full if it can be");
    assert_eq!(look(&web, "?before=1"), look(&web, ""), "nothing is older");
    // Deciding on a page leads back to its place, where the next ones are now.
    let csrf = web.csrf();
    let mut form = vec![("csrf", csrf.as_str()), ("before", "71"), ("act", "reject"), ("all", "yes")];
    let shown: Vec<String> = (21..=70).map(|number: i64| number.to_string()).collect();
    form.extend(shown.iter().map(|number| ("shown", number.as_str())));
    let answer = web.post("act", &form);
    assert_eq!((answer.status, answer.header("location")), (303, Some("./?before=71")));
    assert_eq!(look(&web, "?before=71"), page(1, 20, "Newer 51 to 70 of 70", "./?after=20", ""));
    web.state(71, InboxState::Held);
    web.state(20, InboxState::Held);
    assert_eq!(look(&web, "?state=rejected").2, "");
}

#[test]
fn guessing_at_the_export_is_slowed_down() {
    let web = Web::new();
    let show = |token: &str| {
        let bearer = format!("Bearer {token}");
        wire::request(web.server.address(), "GET", "/moderate/export.jf2", &[("Authorization", &bearer)])
    };
    for _ in 0..30 {
        assert_eq!(show(TOKEN).status, 200, "who has the token may come as often as it likes");
    }
    let statuses: Vec<u16> = (0..11).map(|_| show("guess").status).collect();
    assert_eq!(statuses, [vec![401; 10], vec![429; 1]].concat());
    let answer = show("guess");
    assert_eq!(show(TOKEN).status, 200, "strangers cannot lock the owner out");
    assert!(answer.header("retry-after").is_some_and(|seconds| seconds.parse::<u32>().is_ok()));
    assert_eq!(web.get("feed.atom?key=guess").status, 429);
    assert_eq!(wire::request(web.server.address(), "POST", "/moderate/login", &[]).status, 429);
}

#[test]
fn the_feed_opens_with_its_key_and_the_key_with_nothing_else() {
    let mut web = Web::logged_in();
    web.desk.found("https://x.example/1", "a", words("<b>bold</b> & \u{1}"));
    let token = ModerationToken::new(TOKEN).expect("it is long");
    let key = token.feed_key();
    web.cookie.clear();
    let answer = web.get(&format!("feed.atom?key={key}"));
    assert_eq!(answer.header("content-type"), Some("application/atom+xml; charset=utf-8"));
    let text = answer.text();
    let feed = roxmltree::Document::parse(&text).expect("it is XML");
    let content = feed.descendants().find(|node| node.has_tag_name("content")).and_then(|node| node.text());
    assert_eq!(
        content,
        Some(
            "<b>bold</b> & \n\nhttps://x.example/1\n-> https://example.com/2026/11/01/a/\n\n- nothing from `x.example` was approved before"
        )
    );
    assert_eq!(web.post("login", &[("token", key)]).status, 403);
}

/// Pages of people who would like to run a script on ours.
const HOSTILE: [&str; 6] = [
    "<title>&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;</title><p>x <a href='TARGET'>y</a> \"onmouseover=alert(1) x=\"</p>",
    "<title>\"><img src=x onerror=alert(1)></title><div class=h-entry><a class='p-author h-card' href='javascript:alert(1)'>\"><svg onload=alert(1)></a>\
     <a class=u-in-reply-to href='TARGET'></a><div class=e-content>&lt;script&gt;alert(1)&lt;/script&gt; <a href='TARGET'>z</a></div></div>",
    "<meta property='og:site_name' content=\"'><script>alert(1)</script>\"><title>x</title><div class=h-entry><span class='p-author h-card'>\
     <a class=u-url href='data:text/html,<script>alert(1)</script>'>A</a><img class=u-photo src='javascript:alert(1)'></span>\
     <time class=dt-published datetime='2026-11-01\"><script>alert(1)</script>'></time><p class=e-content>a <a href='TARGET'>b</a> c</p></div>",
    "<title>j&#x41;vascript:alert(1) \u{202e}gpj.exe\u{2066}</title><article>\u{202e}evil\u{202c} <a href='TARGET'>{{ site }} {% raw %}</a></article>",
    "<script type='application/ld+json'>{\"@type\":\"Article\",\"headline\":\"</textarea><script>alert(1)\",\"author\":{\"name\":\"<img src=x onerror=alert(1)>\",\
     \"url\":\"JaVaScRiPt:alert(1)\"}}</script><p><a href='TARGET'>x</a></p>",
    "<title>]]>&amp;lt;script&amp;gt;</title><p><<SCRIPT>alert(1)//<</SCRIPT><a href='TARGET'>x</a> <iframe src='javascript:alert(1)'></p>",
];

/// What the page of a stranger becomes by the reader.
#[track_caller]
fn read(html: &str, target: &str) -> Mention {
    let url = Url::parse("https://x.example/").expect("it is an address");
    let html = html.replace("TARGET", target);
    let page =
        source::SourcePage { url: &url, content_type: "text/html; charset=utf-8", body: html.as_bytes() };
    match source::read(&page, &Targets::new([target])) {
        LinkCheck::Linked(found) => found.words,
        verdict => panic!("{verdict:?}: {html}"),
    }
}

/// A page of ours runs nothing of a stranger's.
#[track_caller]
pub(crate) fn is_harmless(page: &str) {
    let document = Document::parse(page);
    for node in document.elements() {
        let is_script = node.name() == "script" && node.attribute("type") != Some("application/ld+json");
        assert!(
            !is_script && !["iframe", "svg", "object", "embed"].contains(&node.name()),
            "<{}> in {page}",
            node.name()
        );
        for name in ["onerror", "onload", "onmouseover", "onclick", "srcdoc"] {
            assert_eq!(node.attribute(name), None, "{page}");
        }
        for name in ["href", "src", "action", "cite", "content"] {
            let value = node.attribute(name).unwrap_or_default().trim().to_lowercase();
            assert!(
                !value.starts_with("javascript:") && !value.starts_with("data:text"),
                "{value} in {page}"
            );
        }
    }
    for mark in ['\u{202a}', '\u{202d}', '\u{202e}', '\u{2066}', '\u{2067}'] {
        assert!(!page.contains(mark), "{mark:?} in {page}");
    }
}

#[test]
fn nothing_of_a_strangers_page_runs_on_ours() {
    let mut web = Web::logged_in();
    let target = "https://example.com/2026/11/01/a/";
    for (number, html) in HOSTILE.iter().enumerate() {
        web.desk.found(
            &format!("https://x.example/{number}?\"><script>alert(1)</script>"),
            "a",
            read(html, target),
        );
    }
    is_harmless(&web.get("").text());
    let said = web.act_on_all("approve");
    assert_eq!(said, format!("Approved: {} linkbacks.", HOSTILE.len()));
    is_harmless(&web.get("?state=approved").text());
    is_harmless(&web.desk.site.output(PAGE_A));
    web.desk.site.holds(PAGE_A, &["{{ site }} {% raw %}"]);
    web.desk.site.build();
}

/// What passes no reader, as in a database or file of somebody else's making.
#[test]
fn words_that_were_never_read_do_not_run_either() {
    let mut web = Web::logged_in();
    let attack = "\"'><script>alert(1)</script>";
    let author = backmatter::internals::config::Author {
        name: attack.to_owned(),
        url: Some("javascript:alert(1)".to_owned()),
        photo: Some("data:text/html,<script>alert(1)</script>".to_owned()),
        email: Some(attack.to_owned()),
    };
    let hostile = Mention {
        title: attack.to_owned(),
        site: attack.to_owned(),
        author: Some(author),
        excerpt: format!("{attack} </blockquote>"),
        ..words("")
    };
    let unusable = web.desk.found("javascript:alert(1)//\n\"><script>", "a", hostile.clone());
    let id = web.desk.found("https://a.example/\"><script>alert(1)</script>", "a", hostile);
    is_harmless(&web.get("").text());
    assert_eq!(
        web.act(&[("act", &format!("approve {unusable}"))]),
        "Approved: 1 linkback. | content/2026/a.backmatter.toml: “source”: an address is not absolute. The decision is kept."
    );
    assert_eq!(web.act(&[("act", &format!("reject {unusable}"))]), "Rejected: 1 linkback.");
    assert_eq!(web.act(&[("act", &format!("approve {id}"))]), "Approved: 1 linkback.");
    is_harmless(&web.get("?state=approved").text());
    is_harmless(&web.desk.site.output(PAGE_A));
}

/// A report on loopback, which the site of a desk may ask for.
fn report(web: &mut Web) -> FakeWeb {
    let report = FakeWeb::new();
    report.page(
        "/letter",
        "<!doctype html><html lang=en><meta property='og:site_name' content='Gazette'><title>A letter</title><h1>A letter</h1>\
         <p>It was a good question and it had a date on it.</p>",
    );
    let settings = "base_url = 'https://example.com'\n[network]\nallow = ['127.0.0.0/8:*']\n";
    web.desk.site.write("backmatter.toml", settings);
    report
}

#[test]
fn a_login_leads_back_to_the_form_for_quotations_and_nowhere_else() {
    let web = Web::new();
    let asked = web.get("quote?u=https%3A%2F%2Fa.example%2F");
    let login = "login?next=quote%3Fu%3Dhttps%253A%252F%252Fa.example%252F";
    assert_eq!((asked.status, asked.header("location")), (303, Some(login)));
    let page = Document::parse(&web.get(login).text());
    let next = page.elements().find(|node| node.attribute("name") == Some("next"));
    assert_eq!(next.and_then(|node| node.attribute("value")), Some("quote?u=https%3A%2F%2Fa.example%2F"));
    for (next, leads) in [
        ("quote?u=x", "quote?u=x"),
        ("quote", "quote"),
        ("", "./"),
        ("https://evil.example/", "./"),
        ("//evil.example/", "./"),
        ("quotes", "./"),
        ("quote\r\nX-Y: z", "./"),
        ("quote?\u{fc}", "./"),
    ] {
        let answer = web.post("login", &[("token", TOKEN), ("next", next)]);
        assert_eq!((answer.status, answer.header("location")), (303, Some(leads)), "{next:?}");
    }
    // The browser keeps a strict cookie back where another site leads here.
    let elsewhere = [("Sec-Fetch-Site", "cross-site")];
    let once_more = wire::request(web.server.address(), "GET", "/moderate/quote?u=%22x", &elsewhere);
    assert!(once_more.text().contains("content=\"0; url=quote?u=%22x\""), "{}", once_more.text());
}

#[test]
fn a_report_that_a_phone_shares_becomes_a_quotation() {
    let mut web = Web::logged_in();
    let report = report(&mut web);
    let shared = format!("“It was a good question” {}", report.url("/letter"));
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("title", "A letter"), ("text", &shared), ("url", "")])
        .finish();
    let page = web.get(&format!("quote?{query}"));
    assert!(page.text().contains(">It was a good question</textarea>"), "{}", page.text());
    assert!(!page.text().contains("<script"), "{}", page.text());
    assert!(
        page.header("content-security-policy").is_some_and(|policy| policy.contains("manifest-src 'self'"))
    );
    assert_eq!(report.asked(), [], "opening the form asks for nothing");
    let (url, csrf) = (report.url("/letter"), web.csrf());
    let send = |csrf: &str, place: &str| {
        let fields = [("csrf", csrf), ("u", &url), ("t", "It was a good question"), ("place", place)];
        web.post("quote", &fields)
    };
    assert_eq!(send("x", "new").status, 403);
    assert_eq!(report.asked(), []);
    let made = send(&csrf, "").text();
    assert!(made.contains("&gt; It was a good question"), "{made}");
    assert!(made.contains("the page does not say its author"), "{made}");
    let written = send(&csrf, "new").text();
    assert!(written.contains("<code>content/2026/a-letter.md</code>"), "{written}");
    assert!(send(&csrf, "new").text().contains("<code>content/2026/a-letter-2.md</code>"));
    let text =
        std::fs::read_to_string(web.desk.site.path("content/2026/a-letter.md")).expect("it was written");
    let quotation = format!("> It was a good question\n>\n> — [A letter]({url}), *Gazette*\n");
    assert!(text.starts_with("+++\ntitle = \"A letter\"\n") && text.contains("draft = true"), "{text}");
    assert!(text.ends_with(&quotation), "{text}");
    assert!(send(&csrf, "content/2026/a.md").text().contains("<code>content/2026/a.md</code>"));
    let post = std::fs::read_to_string(web.desk.site.path("content/2026/a.md")).expect("it is there");
    assert!(post.contains(quotation.trim_end()) && post.contains("Stairs."), "{post}");
    for place in ["content/2026/z.md", "../x.md", "backmatter.toml"] {
        assert!(send(&csrf, place).text().contains("there is no such post"), "{place}");
    }
}

#[test]
fn a_phone_can_take_the_form_into_its_menu_for_sharing() {
    let web = Web::new();
    let manifest = web.get("manifest.webmanifest");
    assert_eq!(manifest.header("content-type"), Some("application/manifest+json; charset=utf-8"));
    let manifest: serde_json::Value = serde_json::from_str(&manifest.text()).expect("it is JSON");
    let target = serde_json::json!({
        "action": "quote", "method": "GET", "params": { "title": "title", "text": "text", "url": "url" },
    });
    assert_eq!(manifest["share_target"], target);
}
