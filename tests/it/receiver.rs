//! The receiver over real sockets: what each protocol is answered, what a look at the source leads to, and what
//! attackers get.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use backmatter::internals::dom::Document;
use backmatter::internals::engine::workspace::{Access, Workspace};
use backmatter::internals::http::guard::Resolve;
use backmatter::internals::http::server::{Listener, Server, ServerLimits};
use backmatter::internals::linkback::LinkbackKind;
use backmatter::internals::linkback::inbox::signals::ModerationSignal;
use backmatter::internals::linkback::inbox::state::{InboxItem, InboxState};
use backmatter::internals::receive::LIMITS;
use backmatter::internals::receive::moderation::service::ModerationService;
use backmatter::internals::receive::queue::decisions::Decision;
use backmatter::internals::receive::queue::store::{ItemFilter, LinkbackStore};
use backmatter::internals::receive::receiver::{Receiver, ReceiverOptions};
use backmatter::internals::receive::verify::VerificationReport;
use backmatter::internals::sys::clock::Clock;
use backmatter::internals::sys::watch::ChangedPaths;
use chrono::{DateTime, TimeDelta, Utc};

use crate::fake_web::{Answer, FakeWeb};
use crate::site_test::{SiteTest, moment};
use crate::wire;

const POST: &str = "https://example.com/2026/11/01/stairs/";

const SITE: &str = "-- content/2026/stairs.md --\n+++\ntitle = \"Stairs\"\ndate = 2026-11-01\nid = \"7\"\naliases = [\"/old/stairs/\"]\n+++\nLow stairs.\n\
    -- content/2026/closed.md --\n+++\ntitle = \"Closed\"\ndate = 2026-11-02\nlinkbacks = false\n+++\nClosed.\n\
    -- content/2026/draft.md --\n+++\ntitle = \"Draft\"\ndate = 2026-11-02\ndraft = true\n+++\nNot yet.\n\
    -- content/2026/future.md --\n+++\ntitle = \"Future\"\ndate = 2027-11-02\n+++\nNot yet.\n";

/// A receiver that listens, a web for it to look at, and a clock that a test sets.
struct Hearing {
    site: SiteTest,
    web: FakeWeb,
    receiver: Receiver,
    server: Server,
    store: LinkbackStore,
    clock: Arc<Mutex<DateTime<Utc>>>,
}

impl Hearing {
    fn new() -> Self {
        Self::with("hourly = 100000\nburst = 10000\ndelay = 0\nhost_pause = 0\n")
    }

    /// With these settings of `[linkbacks]`.
    fn with(settings: &str) -> Self {
        Self::limited(settings, LIMITS)
    }

    fn limited(settings: &str, limits: ServerLimits) -> Self {
        let web = FakeWeb::new();
        let mut site = SiteTest::new(SITE);
        let settings = format!(
            "base_url = \"https://example.com\"\n[network]\nallow = [\"{}\"]\n[linkbacks]\nreceiver = \"https://example.com/hear\"\n{settings}",
            web.host()
        );
        site.write("backmatter.toml", settings);
        let clock = Arc::new(Mutex::new(moment("2026-11-22T12:00:00Z")));
        let shared = Arc::clone(&clock);
        let setup = ReceiverOptions {
            site: site.source(),
            database: None,
            clock: Clock::custom(move || *shared.lock().expect("no test panics while it holds the clock")),
            on_unwatchable: Box::new(|reason| panic!("{reason}")),
        };
        let receiver = Receiver::open(setup).expect("it opens");
        let store = LinkbackStore::open(&receiver.database).expect("it opens twice");
        let any: SocketAddr = "127.0.0.1:0".parse().expect("it is an address");
        let listener = Listener::bind(any).expect("a port is free");
        let server = listener.serve(receiver.router(), limits).expect("it serves");
        Self { site, web, receiver, server, store, clock }
    }

    fn at(&self) -> SocketAddr {
        self.server.address()
    }

    fn pass(&self, time: TimeDelta) {
        *self.clock.lock().expect("no test panics while it holds the clock") += time;
    }

    /// Looks at everything that is due.
    fn look(&mut self) -> Vec<VerificationReport> {
        self.receiver.verifier.verify_due(&mut self.store).expect("the database works")
    }

    fn items(&self) -> Vec<InboxItem> {
        self.store.list(&ItemFilter::default()).expect("the database works")
    }

    #[track_caller]
    fn item(&self) -> InboxItem {
        let mut items = self.items();
        assert_eq!(items.len(), 1, "{items:#?}");
        items.remove(0)
    }

    fn post(&self, path: &str, body: impl AsRef<[u8]>) -> wire::Answer {
        wire::post(self.at(), path, &[("Content-Type", "application/x-www-form-urlencoded")], body.as_ref())
    }

    fn mention(&self, source: &str, target: &str) -> wire::Answer {
        self.post("/webmention", form(&[("source", source), ("target", target)]))
    }

    /// Sends a webmention of a page of the web, and looks at it.
    fn hear(&mut self, path: &str) -> InboxItem {
        let url = self.web.url(path);
        assert_eq!(self.mention(&url, POST).status, 201);
        self.look();
        self.store.find(&url, POST).expect("the database works").expect("it is there")
    }

    fn ping(&self, source: &str, target: &str) -> (i32, String) {
        let answer = self.post("/xmlrpc.php", call(source, target));
        assert_eq!(answer.status, 200);
        fault_of(&answer.text())
    }
}

fn form(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// As WordPress 6.1 writes it.
fn call(source: &str, target: &str) -> String {
    let escape = |text: &str| text.replace('&', "&amp;");
    format!(
        "<?xml version=\"1.0\"?>\n<methodCall>\n<methodName>pingback.ping</methodName>\n<params>\n<param><value><string>{}</string></value></param>\n<param><value><string>{}</string></value></param>\n</params></methodCall>",
        escape(source),
        escape(target)
    )
}

/// The code and text of a fault; -1 and the text of what is none.
fn fault_of(xml: &str) -> (i32, String) {
    let document = roxmltree::Document::parse(xml).unwrap_or_else(|error| panic!("{error}: {xml}"));
    let texts: Vec<&str> =
        document.descendants().filter(roxmltree::Node::is_text).filter_map(|node| node.text()).collect();
    let texts: Vec<&str> = texts.into_iter().map(str::trim).filter(|text| !text.is_empty()).collect();
    match texts.as_slice() {
        ["faultCode", code, "faultString", text] => (code.parse().expect("a number"), (*text).to_owned()),
        texts => (-1, texts.join(" ")),
    }
}

fn page(link: &str) -> String {
    format!("<title>News</title><article><p>I read <a href=\"{link}\">about stairs</a> today.</p></article>")
}

// Webmention.

#[test]
fn a_webmention_is_acknowledged_looked_at_and_held() {
    let mut hearing = Hearing::new();
    hearing.web.page("/news/", page(POST));
    let answer = hearing.mention(&hearing.web.url("/news/"), &format!("{POST}#low"));
    assert_eq!(answer.status, 201);
    let item = hearing.item();
    assert_eq!(
        (item.state, item.target.as_str(), item.post.as_str()),
        (InboxState::Queued, POST, "content/2026/stairs.md")
    );
    let status = format!("/status/{}", item.token);
    assert_eq!(answer.header("location"), Some(format!("https://example.com/hear{status}").as_str()));
    assert!(wire::get(hearing.at(), &status).text().contains("\"status\":\"queued\""));
    hearing.look();
    let item = hearing.item();
    let words = item.words.clone().expect("it was found");
    assert_eq!(
        (item.state, words.title.as_str(), words.excerpt.as_str()),
        (InboxState::Held, "News", "I read about stairs today.")
    );
    let asked = &hearing.web.asked()[0];
    let agent = asked.header("user-agent").unwrap_or_default();
    assert!(
        agent.contains("verifying webmention from 127.0.0.1") && agent.contains("example.com"),
        "{agent}"
    );
    let text = wire::get(hearing.at(), &status).text();
    let expected = format!(
        "{{\"received\":\"2026-11-22T12:00:00Z\",\"source\":\"{}\",\"status\":\"held\",\"summary\":\"the link was found; a person decides whether it is shown\",\"target\":\"{POST}\"}}\n",
        hearing.web.url("/news/")
    );
    assert_eq!(text, expected);
}

#[test]
fn forms_without_two_usable_pages_are_answered_with_400() {
    let hearing = Hearing::new();
    let source = hearing.web.url("/news/");
    let check = |source: &str, target: &str, expected: &str| {
        let answer = hearing.mention(source, target);
        assert_eq!((answer.status, answer.text().as_str()), (400, expected), "{source} {target}");
    };
    check("jwoijgoisd", POST, "source: an address is not absolute\n");
    check(&source, "wofijwoif", "target: an address is not absolute\n");
    check("jwoijgoisd", "wofijwoif", "source: an address is not absolute\n");
    check("", POST, "source: an address is missing\n");
    check("ftp://a.example/", POST, "source: an address is neither http nor https\n");
    check("javascript:alert(1)", POST, "source: an address is neither http nor https\n");
    check("http://user:word@a.example/", POST, "source: an address has a name or password in it\n");
    check(&format!("http://a.example/{}", "a".repeat(2048)), POST, "source: an address is too long\n");
    let same = "source and target are the same page\n";
    check(POST, POST, same);
    check("http://EXAMPLE.com/2026/11/01/stairs#top", POST, same);
    check("https://example.com/?p=7", POST, same);
    check("https://example.com/old/stairs/", POST, same);
    for kind in ["application/json", "APPLICATION/LD+JSON; charset=utf-8", "text/xml"] {
        let not_a_form =
            wire::post(hearing.at(), "/webmention", &[("Content-Type", kind)], b"{\"source\":1}");
        assert_eq!(not_a_form.status, 415, "{kind}");
        assert!(not_a_form.text().contains("application/x-www-form-urlencoded"), "{}", not_a_form.text());
    }
    assert_eq!((hearing.items(), hearing.web.asked()), (vec![], vec![]));
}

#[test]
fn form_data_and_scripts_of_other_pages_are_understood() {
    let hearing = Hearing::new();
    hearing.web.page("/news/", page(POST));
    let source = hearing.web.url("/news/");
    let part = |name: &str, value: &str| {
        format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let body = format!("{}{}--x--\r\n", part("source", &source), part("target", POST));
    let kind = [("Content-Type", "multipart/form-data; boundary=x"), ("Origin", "https://a.example")];
    let taken = wire::post(hearing.at(), "/webmention", &kind, body.as_bytes());
    assert_eq!(taken.status, 201, "{}", taken.text());
    assert_eq!(taken.header("access-control-allow-origin"), Some("*"));
    let other = hearing.web.url("/other/");
    let body =
        format!("{}{}{}--x--\r\n", part("url", &other), part("title", "Tüte"), part("charset", "latin1"));
    let told = wire::post(hearing.at(), "/2026/11/01/stairs/trackback/", &kind, body.as_bytes());
    assert!(told.text().contains("<error>0</error>"), "{}", told.text());
    assert_eq!(hearing.items()[0].hints.title, "Tüte");
    for path in ["/webmention", "/xmlrpc.php", "/2026/11/01/stairs/trackback/"] {
        let asked =
            wire::request(hearing.at(), "OPTIONS", path, &[("Access-Control-Request-Method", "POST")]);
        let allowed = asked.header("access-control-allow-methods");
        assert_eq!((asked.status, allowed), (204, Some("GET, POST, OPTIONS")), "{path}");
    }
    assert_eq!(wire::get(hearing.at(), "/healthz").header("access-control-allow-origin"), None);
}

#[test]
fn a_database_has_one_receiver() {
    let hearing = Hearing::new();
    let setup = ReceiverOptions {
        site: hearing.site.source(),
        database: None,
        clock: Clock::system(),
        on_unwatchable: Box::new(|reason| panic!("{reason}")),
    };
    let refused = Receiver::open(setup).map(drop).map_err(|error| error.to_string());
    assert!(refused.is_err_and(|error| error.contains("another receiver uses this database")));
}

#[test]
fn a_clock_that_was_ahead_delays_nothing() {
    let mut hearing = Hearing::new();
    hearing.web.page("/news/", page(POST));
    hearing.pass(TimeDelta::days(365));
    assert_eq!(hearing.mention(&hearing.web.url("/news/"), POST).status, 201);
    hearing.pass(-TimeDelta::days(365));
    let now = *hearing.clock.lock().expect("nobody holds it");
    hearing.store.catch_up(now).expect("the database can be written to");
    hearing.look();
    assert_eq!(hearing.item().state, InboxState::Held);
}

#[test]
fn a_person_can_use_a_form() {
    let hearing = Hearing::new();
    let form_page =
        wire::get(hearing.at(), "/webmention?target=https://example.com/%22%3E%3Cscript%3E").text();
    assert!(form_page.contains("value=\"https://example.com/&quot;&gt;&lt;script&gt;\""), "{form_page}");
    let html = [
        ("Accept", "text/html,application/xhtml+xml"),
        ("Content-Type", "application/x-www-form-urlencoded"),
    ];
    let body = form(&[("source", "https://a.example/"), ("target", POST)]);
    let answer = wire::post(hearing.at(), "/webmention", &html, body.as_bytes());
    assert_eq!((answer.status, answer.header("content-type")), (201, Some("text/html; charset=utf-8")));
    assert!(
        answer
            .header("content-security-policy")
            .is_some_and(|policy| policy.starts_with("default-src 'none'"))
    );
    let status = wire::request(hearing.at(), "GET", &format!("/status/{}", hearing.item().token), &html[..1]);
    assert!(status.text().contains("<p>The page waits to be looked at.</p>"), "{}", status.text());
    let refused = |body: &str, why: &str| {
        let answer = wire::post(hearing.at(), "/webmention", &html, body.as_bytes());
        assert!(answer.text().contains(&format!("<p>{why}")), "{}", answer.text());
    };
    refused("source=x", "The address of the page with your response cannot be used.");
    refused(&form(&[("source", "https://a.example/"), ("target", "x")]), "At this address there is no post");
    refused(&form(&[("source", POST), ("target", POST)]), "Both addresses are those of the same page.");
}

#[test]
fn a_person_is_answered_in_the_sites_language() {
    let mut hearing = Hearing::new();
    let settings = std::fs::read_to_string(hearing.site.path("backmatter.toml")).expect("it was written");
    hearing.site.write("backmatter.toml", format!("language = \"de\"\n{settings}"));
    let now = *hearing.clock.lock().expect("nobody holds it");
    hearing.receiver.index().refresh(&ChangedPaths::any(), now).expect("the site can be read");
    let form_page = wire::get(hearing.at(), "/webmention").text();
    for text in [
        "<html lang=\"de\" dir=\"ltr\">",
        "<h1>Eine Reaktion melden</h1>",
        "<button class=\"first\">Absenden</button>",
    ] {
        assert!(form_page.contains(text), "{form_page}");
    }
    let html = [("Accept", "text/html"), ("Content-Type", "application/x-www-form-urlencoded")];
    let body = form(&[("source", "https://a.example/"), ("target", POST)]);
    let taken = wire::post(hearing.at(), "/webmention", &html, body.as_bytes()).text();
    assert!(taken.contains("Vielen Dank.") && taken.contains(">Zum Stand der Dinge</a>"), "{taken}");
    let status = format!("/status/{}", hearing.item().token);
    let page = wire::request(hearing.at(), "GET", &status, &html[..1]).text();
    assert!(page.contains("<p>Die Seite wird noch abgerufen.</p>"), "{page}");
    // Machines are told what they know.
    assert!(
        wire::get(hearing.at(), &status).text().contains("\"summary\":\"the page waits to be looked at\"")
    );
}

#[test]
fn every_spelling_of_a_post_is_one_linkback() {
    let mut hearing = Hearing::new();
    let written = format!("{POST}?utm_source=feed");
    hearing.web.page("/news/", page(&written));
    let source = hearing.web.url("/news/");
    for target in [
        POST,
        "http://example.com/2026/11/01/stairs",
        "https://example.com/?p=7",
        "https://example.com/old/stairs/",
    ] {
        assert_eq!(hearing.mention(&source, target).status, 201, "{target}");
    }
    hearing.look();
    assert_eq!(hearing.item().state, InboxState::Held, "a query makes no other page");
    hearing.pass(TimeDelta::hours(1));
    assert_eq!(hearing.mention(&format!("{source}#here"), &written).status, 201);
    hearing.look();
    assert_eq!(hearing.item().state, InboxState::Held, "a link as it was sent");
}

#[test]
fn every_spelling_of_a_source_is_one_linkback() {
    let mut hearing = Hearing::new();
    let canonical = format!("<link rel=canonical href=/can1.html>{}", page(POST));
    for path in ["/can1.html", "/%63an1.html", "/can1.html?utm_source=a"] {
        hearing.web.page(path, canonical.clone());
    }
    hearing.web.on("/r", Answer::redirect(301, "/can1.html"));
    let source = hearing.web.url("/can1.html");
    assert_eq!(hearing.mention(&source, POST).status, 201);
    hearing.look();
    assert_eq!(hearing.mention(&hearing.web.url("/%63an1.html"), POST).status, 201);
    assert_eq!(hearing.mention(&hearing.web.url("/can1.html/"), POST).status, 201);
    assert_eq!(hearing.items().len(), 1);
    for path in ["/can1.html?utm_source=a", "/r"] {
        assert_eq!(hearing.mention(&hearing.web.url(path), POST).status, 201);
        hearing.look();
    }
    let states: Vec<_> = hearing.items().iter().map(|item| item.state).collect();
    let held = states.iter().filter(|state| **state == InboxState::Held).count();
    assert_eq!((held, states.len()), (1, 3), "{states:?}");
}

#[test]
fn the_odd_spelling_of_a_source_may_come_first() {
    for first in ["/r", "/can1.html?utm_source=a"] {
        let mut hearing = Hearing::new();
        let canonical = format!("<link rel=canonical href=/can1.html>{}", page(POST));
        for path in ["/can1.html", "/can1.html?utm_source=a", "/can1.html?utm_source=b"] {
            hearing.web.page(path, canonical.clone());
        }
        hearing.web.on("/r", Answer::redirect(301, "/can1.html"));
        for path in [first, "/can1.html", "/can1.html?utm_source=b", "/%63an1.html"] {
            assert_eq!(hearing.mention(&hearing.web.url(path), POST).status, 201);
            hearing.look();
        }
        let held: Vec<_> =
            hearing.items().into_iter().filter(|item| item.state == InboxState::Held).collect();
        assert_eq!(held.len(), 1, "{held:#?}");
        assert_eq!(held[0].source, hearing.web.url(first));
    }
}

#[test]
fn a_page_that_is_gone_at_one_address_is_taken_at_another() {
    let mut hearing = Hearing::new();
    hearing.web.page("/news.html", page(POST));
    hearing.web.on("/r", Answer::redirect(301, "/news.html"));
    assert_eq!(hearing.mention(&hearing.web.url("/r"), POST).status, 201);
    hearing.look();
    hearing.web.on("/r", Answer::status(410));
    hearing.pass(TimeDelta::hours(1));
    assert_eq!(hearing.mention(&hearing.web.url("/r"), POST).status, 201);
    hearing.look();
    assert_eq!(hearing.item().state, InboxState::Gone);
    assert_eq!(hearing.mention(&hearing.web.url("/news.html"), POST).status, 201);
    hearing.look();
    let states: Vec<_> = hearing.items().iter().map(|item| item.state).collect();
    assert!(states.contains(&InboxState::Held), "{states:?}");
}

#[test]
fn pages_that_all_name_the_home_page_as_theirs_are_several() {
    let mut hearing = Hearing::new();
    for path in ["/one/", "/two/"] {
        hearing.web.page(path, format!("<link rel=canonical href=/>{}", page(POST)));
        assert_eq!(hearing.mention(&hearing.web.url(path), POST).status, 201);
        hearing.look();
    }
    let states: Vec<_> = hearing.items().iter().map(|item| item.state).collect();
    assert_eq!(states, [InboxState::Held, InboxState::Held]);
}

// Refusals.

#[test]
fn all_refused_targets_are_told_the_same_and_cost_no_fetch() {
    let hearing = Hearing::new();
    let source = hearing.web.url("/news/");
    let targets = [
        "https://example.com/2026/11/02/closed/",
        "https://example.com/2026/11/02/draft/",
        "https://example.com/2027/11/02/future/",
        "https://example.com/",
        "https://example.com/no/such/page/",
        "https://example.com/?p=8",
        "https://example.com/2026/11/01/stairs/../../../../etc/passwd",
        "https://example.com/%2e%2e/%2e%2e/etc/passwd",
        "https://example.com/2026/11/01/stairs/%00",
        "https://example.com.evil.example/2026/11/01/stairs/",
        "https://evil.example/?https://example.com/2026/11/01/stairs/",
        "https://example.com:8443/2026/11/01/stairs/",
        "http://127.0.0.1/2026/11/01/stairs/",
    ];
    let visible = |answer: &wire::Answer| {
        let headers: Vec<_> = answer.headers.iter().filter(|(name, _)| name != "date").cloned().collect();
        (answer.status, headers, answer.text())
    };
    let first = visible(&hearing.mention(&source, targets[0]));
    assert_eq!(
        (first.0, first.2.as_str()),
        (400, "target: no page on this site accepts linkbacks at that URL\n")
    );
    let ping = |target: &str| hearing.post("/pingback", call(&source, target));
    let first_ping = visible(&ping(targets[0]));
    assert_eq!(fault_of(&first_ping.2).0, 33);
    let trackback = |target: &str| {
        let path = target.strip_prefix("https://example.com/").unwrap_or(target);
        hearing.post(&format!("/trackback/{path}"), form(&[("url", &source), ("title", "x")]))
    };
    let first_trackback = visible(&trackback(targets[0]));
    assert_eq!(first_trackback.0, 200);
    for target in targets {
        assert_eq!(visible(&hearing.mention(&source, target)), first, "{target}");
        assert_eq!(visible(&ping(target)), first_ping, "{target}");
        assert_eq!(visible(&trackback(target)), first_trackback, "{target}");
        let listed =
            hearing.post("/pingback", call(&source, target).replace(".ping<", ".extensions.getPingbacks<"));
        // The first parameter is the target of that method; the source is none of our pages either.
        assert_eq!(fault_of(&listed.text()).0, 33, "{target}");
    }
    assert_eq!((hearing.items(), hearing.web.asked()), (vec![], vec![]));
}

#[test]
fn a_post_closes_by_hand_and_with_age() {
    let mut hearing = Hearing::with("close_after = 30\n");
    assert_eq!(hearing.mention("https://a.example/1", POST).status, 201);
    let now = *hearing.clock.lock().expect("nobody holds it");
    hearing.store.close("content/2026/stairs.md", now).expect("the database works");
    assert_eq!(hearing.mention("https://a.example/2", POST).status, 400);
    hearing.store.reopen("content/2026/stairs.md").expect("the database works");
    assert_eq!(hearing.mention("https://a.example/2", POST).status, 201);
    hearing.pass(TimeDelta::days(10));
    assert_eq!(hearing.mention("https://a.example/3", POST).status, 400);
}

// Comments.

const WITH_COMMENTS: &str = "hourly = 100000\nburst = 10000\ndelay = 0\nhost_pause = 0\ncomments = \"form\"\nblock = [\"casino.example\"]\n";

/// The hidden fields of the form for a post.
fn hidden_fields(hearing: &Hearing, query: &str) -> Vec<(String, String)> {
    hidden_fields_of(&wire::get(hearing.at(), &format!("/comment?{query}")).text())
}

fn hidden_fields_of(page: &str) -> Vec<(String, String)> {
    let document = Document::parse(page);
    let hidden = document.elements().filter(|node| node.attribute("type") == Some("hidden"));
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    hidden.filter_map(|field| Some(pair(field.attribute("name")?, field.attribute("value")?))).collect()
}

/// The answer to the form with these fields filled in.
fn comment(hearing: &Hearing, hidden: &[(String, String)], filled: &[(&str, &str)]) -> wire::Answer {
    let hidden = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let fields: Vec<(&str, &str)> = filled.iter().copied().chain(hidden).collect();
    hearing.post("/comment", form(&fields))
}

#[test]
fn there_is_no_form_for_comments_unless_the_settings_ask_for_it() {
    let query = form(&[("target", POST)]);
    assert_eq!(wire::get(Hearing::new().at(), &format!("/comment?{query}")).status, 404);
    let hearing = Hearing::with(WITH_COMMENTS);
    assert_eq!(wire::get(hearing.at(), &format!("/comment?{query}")).status, 200);
    for other in ["https://example.com/2026/11/02/closed/", "https://other.example/", "x"] {
        let query = form(&[("target", other)]);
        assert_eq!(wire::get(hearing.at(), &format!("/comment?{query}")).status, 404, "{other}");
    }
}

#[test]
fn a_comment_is_previewed_sent_approved_and_taken_back() {
    let mut hearing = Hearing::with(WITH_COMMENTS);
    let hidden = hidden_fields(&hearing, &form(&[("target", POST), ("parent", "linkback-201")]));
    let text = "I *counted* them.\r\n\r\n<b>Fourteen</b>, see [this](https://ida.example/).";
    let filled = [("name", "Ida"), ("url", "https://ida.example/"), ("text", text)];
    let send = [&filled[..], &[("act", "send")]].concat();
    hearing.pass(TimeDelta::seconds(2));
    let early = comment(&hearing, &hidden, &send);
    assert_eq!(early.status, 400, "nobody writes in no time");
    // The form that is shown again was opened when the first one was.
    assert_eq!(hidden_fields_of(&early.text()), hidden);
    hearing.pass(TimeDelta::seconds(1));
    let preview = comment(&hearing, &hidden, &[&filled[..], &[("act", "preview")]].concat());
    assert_eq!(preview.status, 200);
    let shown = "<p>I <em>counted</em> them.</p>\n<p>&lt;b&gt;Fourteen&lt;/b&gt;, see <a rel=\"ugc nofollow\" href=\"https://ida.example/\">this</a>.</p>";
    assert!(preview.text().contains(shown), "{}", preview.text());
    assert_eq!(preview.header("set-cookie"), None);
    assert_eq!(hearing.items(), []);

    let sent = comment(&hearing, &hidden, &send);
    assert_eq!(sent.status, 201, "{}", sent.text());
    hearing.look();
    let item = hearing.item();
    assert_eq!((item.state, item.protocols.first()), (InboxState::Held, Some(&LinkbackKind::Comment)));
    assert_eq!(
        sent.header("location"),
        Some(format!("https://example.com/hear/status/{}", item.token).as_str())
    );
    assert_eq!(hearing.web.asked(), [], "nothing is fetched for a comment");

    let apply = |hearing: &Hearing| {
        let now = *hearing.clock.lock().expect("nobody holds it");
        let site = Workspace::open(&hearing.site.source(), now, Access::Build).expect("it can be read");
        let mut desk =
            ModerationService::open(site, Some(&hearing.receiver.database)).expect("the site can be read");
        let applied = desk.apply_and_notify(&()).expect("the site is built");
        assert!(applied.is_complete(), "{applied:?}");
    };
    let now = *hearing.clock.lock().expect("nobody holds it");
    hearing.store.decide(&[item.id], Decision::Approve, now).expect("the database works");
    apply(&hearing);
    let file = std::fs::read_to_string(hearing.site.path("content/2026/stairs.backmatter.toml"));
    let file = file.expect("it was written");
    for line in [
        "kind = \"comment\"",
        "type = \"reply\"",
        "author = { name = \"Ida\", url = \"https://ida.example/\" }",
    ] {
        assert!(file.contains(line), "{file}");
    }
    assert!(!file.contains("parent") && !file.contains("source"), "what it answers is not there: {file}");
    let page = hearing.site.output("2026/11/01/stairs/index.html");
    assert!(page.contains("<p>I <em>counted</em> them.</p>"), "{page}");

    let status = format!("/status/{}", item.token);
    let page = wire::request(hearing.at(), "GET", &status, &[("Accept", "text/html")]).text();
    assert!(page.contains("value=\"withdraw\""), "{page}");
    assert_eq!(hearing.post(&status, "act=withdraw").status, 200);
    hearing.look();
    assert_eq!((hearing.item().state, hearing.item().words), (InboxState::Gone, None));
    apply(&hearing);
    assert!(!hearing.site.path("content/2026/stairs.backmatter.toml").exists());
    assert_eq!(hearing.post(&status, "act=withdraw").status, 404);
    // Nothing in the database holds the words any more, and undoing the approval does not bring them back.
    let database = rusqlite::Connection::open(&hearing.receiver.database).expect("it is there");
    for (table, column) in [("linkbacks", "words"), ("decisions", "before"), ("written", "words")] {
        let sql = format!("SELECT coalesce(group_concat({column}), '') FROM {table}");
        let kept: String = database.query_row(&sql, [], |row| row.get(0)).expect("it is text");
        assert!(!kept.contains("counted") && !kept.contains("Ida"), "{table}: {kept}");
    }
    hearing.store.undo(None, now).expect("the database works");
    hearing.look();
    assert_eq!((hearing.item().state, hearing.item().words), (InboxState::Gone, None));
}

#[test]
fn programs_and_blocked_addresses_write_no_comments() {
    let mut hearing = Hearing::with(WITH_COMMENTS);
    let query = form(&[("target", POST)]);
    let hidden = hidden_fields(&hearing, &query);
    hearing.pass(TimeDelta::seconds(30));
    let words = [("name", "Eve"), ("text", "Buy."), ("act", "send")];
    let answer = |more: &[(&str, &str)]| comment(&hearing, &hidden, &[more, &words].concat()).status;
    assert_eq!(answer(&[("website", "https://eve.example/")]), 200, "a program is not told");
    assert_eq!(answer(&[("mark", "0")]), 400);
    assert_eq!(answer(&[("opened", "0")]), 400);
    assert_eq!(
        answer(&[("target", "https://example.com/old/stairs/")]),
        400,
        "it was opened for another page"
    );
    assert_eq!(answer(&[("url", "javascript:alert(1)")]), 400);
    assert_eq!(answer(&[("name", " ")]), 400);
    assert_eq!(answer(&[("text", &"x".repeat(8001))]), 400);
    assert_eq!(hearing.items(), []);
    assert_eq!(answer(&[("url", "https://casino.example/")]), 201);
    hearing.look();
    assert_eq!(hearing.item().state, InboxState::Refused);
    hearing.pass(TimeDelta::days(2));
    let late = comment(&hearing, &hidden, &words);
    assert_eq!(late.status, 400, "a form is not open for ever");
    let renewed = hidden_fields_of(&late.text());
    assert_ne!(renewed, hidden);
    hearing.pass(TimeDelta::seconds(3));
    let words = [("url", "https://eve.example/"), ("name", "Eve"), ("text", "Hello."), ("act", "send")];
    assert_eq!(comment(&hearing, &renewed, &words).status, 201);
}

// Pingback.

#[test]
fn pingbacks_are_answered_at_once_with_the_codes_of_their_specification() {
    let mut hearing = Hearing::new();
    hearing.web.page("/news/", page(POST)).page("/other/", "<title>Other</title><p>nothing</p>");
    hearing.web.on("/trouble/", Answer::status(500)).on("/gone/", Answer::status(410));
    let url = |path: &str| hearing.web.url(path);
    let (news, other, trouble, missing, gone) =
        (url("/news/"), url("/other/"), url("/trouble/"), url("/missing/"), url("/gone/"));
    let text = format!("Pingback from {news} to {POST} received; it will be looked at.");
    assert_eq!(hearing.ping(&news, POST), (-1, text));
    for source in [&other, &trouble, &missing, &gone] {
        assert_eq!(hearing.ping(source, POST).0, -1, "{source}");
    }
    let known = (48, "The pingback has already been registered.".to_owned());
    assert_eq!(hearing.ping(&news, POST), known);
    hearing.look();
    assert_eq!(hearing.ping(&news, "https://example.com/?p=7"), known);
    // What only a look can tell, a sender is told who pings again at once.
    assert_eq!(hearing.ping(&other, POST).0, 17);
    assert_eq!(hearing.ping(&missing, POST).0, 16);
    assert_eq!(hearing.ping(&gone, POST).0, 16);
    for _ in 0..3 {
        hearing.pass(TimeDelta::days(1));
        hearing.look();
    }
    assert_eq!(hearing.ping(&trouble, POST).0, 50);
    hearing.pass(TimeDelta::days(1));
    assert_eq!(hearing.ping(&other, POST).0, -1, "later it gets another chance");
    // And what needs no look.
    assert_eq!(hearing.ping(POST, POST), (0, "source and target are the same page".to_owned()));
    assert_eq!(hearing.ping("ftp://a.example/", POST).0, 16);
    assert_eq!(hearing.ping(&news, "nothing").0, 32);
    assert_eq!(hearing.ping(&news, "https://other.example/").0, 33);
}

#[test]
fn xmlrpc_is_only_what_pingbacks_need() {
    let hearing = Hearing::new();
    let check = |body: &str, code: i32| {
        let answer = hearing.post("/xmlrpc.php", body);
        assert_eq!(answer.header("content-type"), Some("text/xml; charset=utf-8"));
        assert_eq!((answer.status, fault_of(&answer.text()).0), (200, code), "{body}");
    };
    let method = |name: &str| format!("<methodCall><methodName>{name}</methodName><params/></methodCall>");
    for name in
        ["system.multicall", "system.listMethods", "wp.getUsersBlogs", "metaWeblog.newPost", "demo.sayHello"]
    {
        check(&method(name), -32601);
    }
    check("", -32700);
    check("<html>", -32700);
    check("source=a&target=b", -32700);
    check("<methodResponse/>", -32600);
    check(&method("pingback.ping"), -32602);
    check(&format!("<!DOCTYPE x [<!ENTITY a \"b\">]>{}", call("https://a.example/", POST)), -32700);
    check(&"<a>".repeat(5000), -32700);
    check(&format!("<methodCall>{}</methodCall>", " ".repeat(17_000)), -32700);
    for (verb, path) in [("GET", "/xmlrpc.php"), ("PUT", "/xmlrpc.php"), ("GET", "/pingback")] {
        let answer = wire::request(hearing.at(), verb, path, &[]);
        let seen = (answer.status, answer.header("content-type"), answer.header("allow"), answer.text());
        let text = "XML-RPC server accepts POST requests only.".to_owned();
        assert_eq!(seen, (405, Some("text/plain; charset=utf-8"), Some("POST"), text), "{verb} {path}");
    }
    assert_eq!(hearing.items(), vec![]);
}

#[test]
fn messages_of_any_sender_are_understood() {
    let hearing = Hearing::new();
    let check = |number: usize, content_type: &str, body: &[u8]| {
        let answer = wire::post(hearing.at(), "/xmlrpc.php", &[("Content-Type", content_type)], body);
        assert_eq!(fault_of(&answer.text()).0, -1, "{}", answer.text());
        assert_eq!(hearing.items().len(), number, "{}", body.escape_ascii());
    };
    let plain = |source: &str| {
        format!(
            "<methodCall><methodName>pingback.ping</methodName><params><param><value>{source}</value></param><param><value>{POST}</value></param></params></methodCall>"
        )
    };
    check(
        1,
        "text/xml",
        format!("\u{feff}<?xml version='1.0'?>\n{}", plain("http://a.example/1")).as_bytes(),
    );
    check(2, "application/x-www-form-urlencoded", plain("http://a.example/?a=2&b=3").as_bytes());
    check(3, "image/png", plain("<![CDATA[http://a.example/?a=3&b=3]]>").as_bytes());
    let mut latin = b"<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>".to_vec();
    latin.extend(
        plain("http://a.example/caf\u{e9}")
            .chars()
            .map(|c| u8::try_from(u32::from(c)).expect("it is Latin-1")),
    );
    check(4, "text/xml", &latin);
    assert_eq!(hearing.items()[0].source, "http://a.example/caf%C3%A9");
}

#[test]
fn pingbacks_that_are_shown_are_listed() {
    let mut hearing = Hearing::new();
    hearing.web.page("/a/", page(POST)).page("/b/", page(POST));
    let (a, _) = (hearing.hear("/a/"), hearing.hear("/b/"));
    let now = *hearing.clock.lock().expect("nobody holds it");
    hearing.store.decide(&[a.id], Decision::Approve, now).expect("the database works");
    let list = format!(
        "<methodCall><methodName>pingback.extensions.getPingbacks</methodName><params><param><value>{POST}</value></param></params></methodCall>"
    );
    let answer = hearing.post("/xmlrpc.php", list).text();
    assert_eq!(fault_of(&answer), (-1, a.source));
}

// Trackback.

#[test]
fn trackbacks_are_taken_at_all_their_addresses() {
    let hearing = Hearing::new();
    let paths = [
        "/trackback/2026/11/01/stairs/",
        "/trackback/2026/11/01/stairs",
        "/trackback/https%3A%2F%2Fexample.com%2F2026%2F11%2F01%2Fstairs%2F",
        "/trackback/?p=7",
        "/2026/11/01/stairs/trackback/",
        "/2026/11/01/stairs/trackback",
        "/old/stairs/trackback/",
        "/wp-trackback.php?p=7",
        "/wp-trackback.php?tb_id=7",
        "/wp-trackback.php/7",
    ];
    for (number, path) in paths.iter().enumerate() {
        let source = format!("https://a.example/{number}");
        let taken = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<response>\n<error>0</error>\n</response>\n";
        let body = form(&[("url", &source), ("title", "T")]);
        let answer = hearing.post(path, &body);
        assert_eq!((answer.status, answer.text().as_str()), (200, taken), "{path}");
        assert_eq!(hearing.items()[0].source, source);
        let again = hearing.post(path, &body).text();
        assert!(
            again.contains("<error>1</error>\n<message>There is already a ping from that URL for this post."),
            "{again}"
        );
        let led = wire::get(hearing.at(), path);
        assert_eq!((led.status, led.header("location")), (302, Some(POST)), "{path}");
    }
    assert_eq!(hearing.items().len(), paths.len());
    assert_eq!(hearing.items()[0].target, POST);
    for path in [
        "/wp-trackback.php?p=8",
        "/wp-trackback.php",
        "/trackback/x",
        "/x/trackback/",
        "/trackback/../../etc/passwd",
    ] {
        assert_eq!(wire::get(hearing.at(), path).status, 404, "{path}");
        let answer = hearing.post(path, "url=https://a.example/x&title=T");
        let text = answer.text();
        assert!(
            answer.status == 200 && text.contains("<error>1</error>\n<message>target: no page on this site"),
            "{path} {text}"
        );
    }
    let nameless = hearing.post(paths[0], "title=T").text();
    assert!(nameless.contains("<error>1</error>\n<message>source: an address is missing"), "{nameless}");
}

#[test]
fn what_a_trackback_says_is_believed_only_where_its_page_is_silent() {
    let mut hearing = Hearing::new();
    hearing.web.page("/silent/", format!("<a href=\"{POST}\">stairs</a>")).page("/telling/", page(POST));
    for path in ["/silent/", "/telling/"] {
        // Escaped for HTML, as WordPress sends it.
        let body = form(&[
            ("url", &hearing.web.url(path)),
            ("title", "Alder &#038; Ash"),
            ("blog_name", "A &amp; B"),
        ]);
        hearing.post("/wp-trackback.php?p=7", body);
    }
    hearing.look();
    let titles: Vec<_> =
        hearing.items().into_iter().map(|item| item.words.map(|words| (words.title, words.site))).collect();
    let said = |title: &str| Some((title.to_owned(), "A & B".to_owned()));
    assert_eq!(titles, [said("News"), said("Alder & Ash")]);
}

#[test]
fn forged_trackbacks_come_to_nothing() {
    let mut hearing = Hearing::new();
    hearing.web.page("/innocent/", "<title>Innocent</title><p>No link.</p>").page("/linking/", page(POST));
    let forged = form(&[("url", &hearing.web.url("/innocent/")), ("title", "Casino"), ("excerpt", POST)]);
    hearing.post("/wp-trackback.php?p=7", forged);
    hearing.look();
    assert_eq!(hearing.item().state, InboxState::Refused);
    // Of a page that does link, but not sent by the machine it is on.
    let body = form(&[("url", &hearing.web.url("/linking/")), ("title", "T")]);
    let from = |address: &str| {
        let headers = [("Content-Type", "application/x-www-form-urlencoded"), ("X-Forwarded-For", address)];
        wire::post(hearing.at(), "/wp-trackback.php?p=7", &headers, body.as_bytes());
    };
    from("198.51.100.7");
    hearing.look();
    let item = &hearing.items()[0];
    assert_eq!((item.state, item.sender.as_str()), (InboxState::Held, "198.51.100.7"));
    assert!(item.reasons.contains(&ModerationSignal::OtherSender), "{:?}", item.reasons);
}

#[test]
fn what_a_trackback_says_is_shown_as_text_and_never_runs() {
    let mut hearing = Hearing::new();
    // The page itself is silent, so that the words are the trackback's.
    hearing.web.page("/silent/", format!("<a href=\"{POST}\">stairs</a>"));
    // As markup, which is no words, and escaped as WordPress sends it, which is.
    let said = |name: &str| {
        let markup = "</title>\"'><script>alert(1)</script><img src=x onerror=alert(1)>";
        format!("{name}{markup}&lt;script&gt;alert(2)&lt;/script&gt;")
    };
    let body = form(&[
        ("url", &hearing.web.url("/silent/")),
        ("title", &said("Title")),
        ("excerpt", &said("Excerpt")),
        ("blog_name", &said("Blog")),
    ]);
    let answer = hearing.post("/2026/11/01/stairs/trackback/", body);
    assert!(answer.text().contains("<error>0</error>"), "{}", answer.text());
    hearing.look();
    let item = hearing.item();
    assert_eq!(item.state, InboxState::Held, "{:?}", item.fault);
    let now = *hearing.clock.lock().expect("nobody holds it");
    let site = Workspace::open(&hearing.site.source(), now, Access::Build).expect("it can be read");
    let mut desk =
        ModerationService::open(site, Some(&hearing.receiver.database)).expect("the site can be read");
    desk.store.decide(&[item.id], Decision::Approve, now).expect("the database works");
    let brought = desk.apply_and_notify(&()).expect("the site is built");
    assert!(brought.is_complete(), "{brought:?}");
    let page = hearing.site.output("2026/11/01/stairs/index.html");
    crate::moderate::is_harmless(&page);
    let words = item.words.expect("it was found");
    let document = Document::parse(&page);
    let shown = document.elements().map(|node| node.text_content()).collect::<Vec<_>>().join("\n");
    for text in [&words.title, &words.site] {
        assert!(text.ends_with("\"'><script>alert(2)</script>"), "{text}");
        assert!(shown.contains(text.as_str()), "`{text}` is not shown as text:\n{page}");
    }
}

// What all share.

#[test]
fn one_page_is_one_linkback_whatever_the_protocol_and_however_often_it_is_sent() {
    let mut hearing = Hearing::new();
    hearing.web.page("/news/", page(POST));
    let source = hearing.web.url("/news/");
    for _ in 0..20 {
        hearing.mention(&source, POST);
        hearing.ping(&source, POST);
        hearing.post("/wp-trackback.php?p=7", form(&[("url", &source), ("title", "T")]));
    }
    hearing.look();
    for _ in 0..20 {
        hearing.mention(&source, POST);
    }
    hearing.look();
    let item = hearing.item();
    assert_eq!(
        item.protocols.into_iter().collect::<Vec<_>>(),
        [LinkbackKind::Pingback, LinkbackKind::Trackback, LinkbackKind::Webmention]
    );
    assert_eq!(hearing.web.lines(), ["GET /news/"], "it is fetched once, and again not before five minutes");
    hearing.pass(TimeDelta::minutes(6));
    hearing.look();
    assert_eq!(hearing.web.asked().len(), 2);
}

#[test]
fn links_count_where_a_reader_finds_them() {
    let mut hearing = Hearing::new();
    let prefix = &POST[..POST.len() - 3];
    let cases = [
        (format!("<p><a href='{POST}'>x</a>"), InboxState::Held),
        (format!("<p><A HREF='{POST}#low'>x</A>"), InboxState::Held),
        (format!("<img src='{POST}'>"), InboxState::Held),
        (format!("<video src='{POST}'></video>"), InboxState::Held),
        (format!("<audio src='{POST}'></audio>"), InboxState::Held),
        ("<base href='https://example.com/2026/'><a href='11/01/stairs/'>x</a>".to_owned(), InboxState::Held),
        (format!("<p>{POST}"), InboxState::Refused),
        (format!("<!-- <a href='{POST}'>x</a> -->"), InboxState::Refused),
        (format!("<script>'<a href=\"{POST}\">x</a>'</script>"), InboxState::Refused),
        (format!("<template><a href='{POST}'>x</a></template>"), InboxState::Refused),
        (format!("<a href='{POST}more/'>x</a>"), InboxState::Refused),
        (format!("<a href='{prefix}'>x</a>"), InboxState::Refused),
        (format!("&lt;a href='{POST}'&gt;x&lt;/a&gt;"), InboxState::Refused),
        (
            format!(
                "<div class=h-entry><p class=e-content>Hello</div><footer><a href='{POST}'>x</a></footer>"
            ),
            InboxState::Refused,
        ),
    ];
    for (number, (html, expected)) in cases.iter().enumerate() {
        let path = format!("/{number}/");
        hearing.web.page(&path, format!("<title>T</title>{html}"));
        assert_eq!(hearing.hear(&path).state, *expected, "{html}");
    }
}

#[test]
fn sources_are_fetched_within_limits() {
    let mut hearing = Hearing::new();
    let chain = |hearing: &Hearing, name: &str, length: usize| {
        for hop in 0..length {
            hearing.web.on(&format!("/{name}{hop}"), Answer::redirect(302, &format!("/{name}{}", hop + 1)));
        }
        hearing.web.page(&format!("/{name}{length}"), page(POST));
    };
    chain(&hearing, "short", 5);
    chain(&hearing, "long", 6);
    assert_eq!(hearing.hear("/short0").state, InboxState::Held);
    assert_eq!(hearing.hear("/long0").state, InboxState::Refused);
    hearing.web.on("/inward", Answer::redirect(302, "http://169.254.169.254/latest/meta-data/"));
    assert_eq!(hearing.hear("/inward").state, InboxState::Refused);
    let filler = "<p>filler</p>".repeat(100_000);
    hearing.web.page("/late", format!("<title>T</title>{filler}{}", page(POST)));
    hearing.web.page("/early", format!("{}{filler}", page(POST)));
    assert_eq!(hearing.hear("/late").state, InboxState::Refused);
    assert_eq!(hearing.hear("/early").state, InboxState::Held);
    hearing.web.on("/picture", Answer::bytes(POST).header("Content-Type", "image/png"));
    assert_eq!(hearing.hear("/picture").state, InboxState::Refused);
}

#[test]
fn what_stands_on_no_public_address_is_not_asked_and_nobody_learns_why() {
    let mut hearing = Hearing::new();
    let inner = FakeWeb::at("127.0.0.2:0".parse().expect("it is an address"));
    inner.page("/admin", page(POST));
    let closed = {
        let gone = FakeWeb::at("127.0.0.2:0".parse().expect("it is an address"));
        gone.url("/")
    };
    let port = inner.address().port();
    let sources = [
        inner.url("/admin"),
        closed,
        format!("http://localhost:{port}/admin"),
        format!("http://[::ffff:127.0.0.2]:{port}/admin"),
        format!("http://0x7f000002:{port}/admin"),
        format!("http://2130706434:{port}/admin"),
        "http://10.0.0.1/".to_owned(),
        "http://192.168.0.1/".to_owned(),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "http://[fe80::1]/".to_owned(),
        "http://[fd00::1]/".to_owned(),
        "http://0.0.0.0/".to_owned(),
    ];
    let mut seen = Vec::new();
    for source in &sources {
        let answer = hearing.mention(source, POST);
        assert_eq!(answer.status, 201, "{source}");
        hearing.look();
        let status = wire::get(hearing.at(), &format!("/status/{}", hearing.items()[0].token)).text();
        let value: serde_json::Value = serde_json::from_str(&status).expect("it is JSON");
        seen.push((value["status"].clone(), value["summary"].clone()));
    }
    assert_eq!(inner.asked(), vec![]);
    assert_eq!(seen, vec![("refused".into(), "not taken: the page could not be read".into()); sources.len()]);
}

#[test]
fn an_answer_in_a_status_page_is_escaped() {
    let hearing = Hearing::new();
    hearing.mention("https://a.example/\"><script>alert(1)</script>&'", POST);
    let html = [("Accept", "text/html")];
    let text = wire::request(hearing.at(), "GET", &format!("/status/{}", hearing.item().token), &html).text();
    assert!(!text.contains("<script>") && text.contains("https://a.example/"), "{text}");
    for token in ["x", "%00", "..%2f..%2fetc%2fpasswd", "' OR 1=1 --"] {
        assert_eq!(wire::get(hearing.at(), &format!("/status/{}", token.replace(' ', "%20"))).status, 404);
    }
}

// Afterwards.

#[test]
fn an_approved_one_keeps_its_words_until_the_new_ones_are_approved() {
    let mut hearing = Hearing::new();
    hearing.web.page("/news/", page(POST));
    let item = hearing.hear("/news/");
    let now = *hearing.clock.lock().expect("nobody holds it");
    hearing.store.decide(&[item.id], Decision::Approve, now).expect("the database works");
    hearing.web.page("/news/", page(POST).replace("I read", "We sell"));
    hearing.pass(TimeDelta::hours(1));
    let item = hearing.hear("/news/");
    let excerpt = |words: &Option<backmatter::internals::linkback::inbox::state::Mention>| {
        words.clone().map(|words| words.excerpt)
    };
    assert_eq!(item.state, InboxState::Approved);
    assert_eq!(excerpt(&item.words).as_deref(), Some("I read about stairs today."));
    assert_eq!(excerpt(&item.pending).as_deref(), Some("We sell about stairs today."));
    assert!(item.is_waiting());
}

#[test]
fn a_page_that_is_gone_for_good_goes_at_once_and_one_without_its_link_after_three_days() {
    let mut hearing = Hearing::new();
    let meta = "<meta http-equiv=status content='410 Gone'><title>Gone</title>";
    let states = |hearing: &mut Hearing, path: &str, answer: Answer, days: i64| {
        hearing.web.page(path, page(POST));
        hearing.hear(path);
        hearing.web.on(path, answer);
        let mut states = Vec::new();
        for _ in 0..days {
            hearing.pass(TimeDelta::days(1));
            states.push(hearing.hear(path).state);
        }
        states
    };
    use InboxState::{Gone, Held};
    assert_eq!(states(&mut hearing, "/a/", Answer::status(410), 1), [Gone]);
    assert_eq!(states(&mut hearing, "/b/", Answer::html(meta), 1), [Gone]);
    assert_eq!(states(&mut hearing, "/c/", Answer::html("<p>no link"), 3), [Held, Held, Gone]);
    assert_eq!(states(&mut hearing, "/d/", Answer::status(404), 3), [Held, Held, Gone]);
    for trouble in [Answer::status(500), Answer::status(503), Answer::status(403), Answer::hang_up()] {
        let path =
            format!("/trouble{:?}/", trouble).chars().filter(char::is_ascii_alphanumeric).collect::<String>();
        assert_eq!(states(&mut hearing, &format!("/{path}"), trouble, 5), [Held; 5]);
    }
}

#[test]
fn what_was_found_is_looked_at_again_by_itself() {
    let mut hearing = Hearing::new();
    hearing.web.page("/news/", page(POST));
    hearing.hear("/news/");
    let mut days = Vec::new();
    for day in 1..=40 {
        hearing.pass(TimeDelta::days(1));
        hearing.web.forget();
        hearing.look();
        days.extend(hearing.web.asked().iter().map(|_| day));
    }
    assert_eq!(days, [1, 7, 30]);
}

#[test]
fn what_a_person_refused_is_never_fetched_again_and_its_sender_is_not_told() {
    let mut hearing = Hearing::new();
    hearing.web.page("/news/", page(POST));
    let item = hearing.hear("/news/");
    let now = *hearing.clock.lock().expect("nobody holds it");
    hearing.store.decide(&[item.id], Decision::Spam, now).expect("the database works");
    hearing.web.forget();
    for _ in 0..3 {
        hearing.pass(TimeDelta::days(40));
        assert_eq!(hearing.hear("/news/").state, InboxState::Spam);
    }
    assert_eq!(hearing.web.asked(), vec![]);
    assert!(
        wire::get(hearing.at(), &format!("/status/{}", item.token)).text().contains("\"status\":\"held\"")
    );
}

#[test]
fn who_is_trusted_is_let_in_and_who_is_blocked_is_not_even_looked_at() {
    let web = FakeWeb::new();
    let mut hearing = Hearing::with(&format!("delay = 0\nhost_pause = 0\nblock = [\"{}\"]\n", web.host()));
    web.page("/news/", page(POST));
    assert_eq!(hearing.mention(&web.url("/news/"), POST).status, 201);
    hearing.look();
    assert_eq!((hearing.item().state, web.asked()), (InboxState::Refused, vec![]));
}

#[test]
fn a_site_that_changes_has_other_targets() {
    let mut hearing = Hearing::new();
    let new = "https://example.com/2026/11/03/new/";
    assert_eq!(hearing.mention("https://a.example/", new).status, 400);
    hearing.site.write("content/2026/new.md", "+++\ndate = 2026-11-03\n+++\nNew.\n");
    let now = moment("2026-11-22T12:00:00Z");
    hearing.receiver.index().refresh(&ChangedPaths::any(), now).expect("the site can be read");
    assert_eq!(hearing.mention("https://a.example/", new).status, 201);
    // A post to come is a target from its day on.
    let future = "https://example.com/2027/11/02/future/";
    assert_eq!(hearing.mention("https://a.example/", future).status, 400);
    let next = hearing.receiver.index().snapshot().next_change.expect("a post is to come");
    assert_eq!(next, moment("2027-11-02T00:00:00Z"));
    hearing.receiver.index().refresh(&ChangedPaths::any(), next).expect("the site can be read");
    assert_eq!(hearing.mention("https://a.example/", future).status, 201);
}

#[test]
fn a_new_post_is_noticed_while_the_receiver_runs() {
    let mut hearing = Hearing::new();
    hearing.site.write("content/2026/late.md", "+++\ndate = 2026-11-04\n+++\nLate.\n");
    let late = "https://example.com/2026/11/04/late/";
    let deadline = std::time::Instant::now() + wire::DEADLINE;
    while hearing.mention("https://a.example/", late).status != 201 {
        assert!(std::time::Instant::now() < deadline, "nobody noticed the new post");
    }
    assert_eq!(hearing.item().post, "content/2026/late.md");
}

// Limits.

#[test]
fn ten_at_once_and_then_one_a_minute_from_one_address() {
    let hearing = Hearing::with("");
    for number in 0..10 {
        assert_eq!(hearing.mention(&format!("https://a.example/{number}"), POST).status, 201);
    }
    let answer = hearing.mention("https://a.example/11", POST);
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("61")));
    // What is sent by another protocol, or is nonsense, counts as well.
    let ping = hearing.post("/xmlrpc.php", call("https://a.example/12", POST));
    assert_eq!((ping.status, ping.header("retry-after"), fault_of(&ping.text()).0), (200, Some("61"), 49));
    assert_eq!(hearing.post("/wp-trackback.php?p=7", "url=x").status, 429);
    let from = |address: &str| {
        let headers = [("Content-Type", "application/x-www-form-urlencoded"), ("X-Forwarded-For", address)];
        wire::post(
            hearing.at(),
            "/webmention",
            &headers,
            form(&[("source", "https://b.example/"), ("target", POST)]).as_bytes(),
        )
    };
    assert_eq!(from("198.51.100.7").status, 201, "another address has a share of its own");
    hearing.pass(TimeDelta::minutes(1));
    assert_eq!(hearing.mention("https://a.example/13", POST).status, 201);
    assert_eq!(hearing.items().len(), 12);
}

#[test]
fn a_full_queue_takes_nothing_new() {
    let hearing = Hearing::with("queue = 2\n");
    assert_eq!(hearing.mention("https://a.example/1", POST).status, 201);
    assert_eq!(hearing.mention("https://a.example/2", POST).status, 201);
    let answer = hearing.mention("https://a.example/3", POST);
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("300")));
    assert_eq!(hearing.ping("https://a.example/4", POST).0, 49);
    assert_eq!(hearing.mention("https://a.example/1", POST).status, 201, "what is there takes no room");
    assert_eq!(hearing.items().len(), 2);
}

#[test]
fn bodies_and_heads_have_limits() {
    let hearing = Hearing::new();
    let long = "a".repeat(16 * 1024 + 1);
    assert_eq!(hearing.post("/webmention", &long).status, 413);
    assert_eq!(fault_of(&hearing.post("/xmlrpc.php", &long).text()).0, -32700);
    assert!(hearing.post("/wp-trackback.php?p=7", &long).text().contains("<error>1</error>"));
    let chunked = format!(
        "POST /webmention HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n{}0\r\n\r\n",
        format!("1000\r\n{}\r\n", "a".repeat(4096)).repeat(5)
    );
    assert_eq!(wire::raw(hearing.at(), &chunked, "POST").status, 413);
    // A client that reads no answer before all is sent gets it as well.
    for path in ["/webmention", "/comment"] {
        assert_eq!(hearing.post(path, "a".repeat(900 * 1024)).status, 413, "{path}");
    }
    let flood: Vec<(String, String)> =
        (0..500).map(|number| (format!("X-{number}"), "y".repeat(20))).collect();
    let flood: Vec<(&str, &str)> =
        flood.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(wire::request(hearing.at(), "GET", "/healthz", &flood).status, 431);
    assert_eq!(wire::get(hearing.at(), "/healthz").text(), "ok\n");
}

#[test]
fn who_sends_drop_by_drop_is_cut_off() {
    let hearing = Hearing::limited(
        "",
        ServerLimits {
            head_time: Duration::from_millis(60),
            answer_time: Duration::from_millis(60),
            ..LIMITS
        },
    );
    let body =
        "POST /webmention HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 100\r\n\r\nsource=";
    assert_eq!(wire::raw(hearing.at(), body, "POST").status, 408);
    let mut silent = wire::connect(hearing.at());
    std::io::Write::write_all(&mut silent, b"POST /webmention HTTP/1.1\r\nHost:").expect("it can be sent");
    let mut rest = Vec::new();
    // Either way the other side has closed.
    let _ = std::io::Read::read_to_end(&mut silent, &mut rest);
    assert_eq!(hearing.items(), vec![]);
}

#[test]
fn numbers_are_told_to_whoever_watches() {
    let mut hearing = Hearing::new();
    hearing.web.page("/news/", page(POST));
    hearing.hear("/news/");
    hearing.ping("https://a.example/", POST);
    hearing.mention("x", POST);
    let answer = wire::get(hearing.at(), "/metrics");
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    let text = answer.text();
    let told: Vec<&str> =
        text.lines().filter(|line| !line.starts_with('#') && !line.ends_with(" 0")).collect();
    assert_eq!(
        told,
        [
            "backmatter_submissions_total{protocol=\"webmention\",outcome=\"new\"} 1",
            "backmatter_submissions_total{protocol=\"webmention\",outcome=\"malformed\"} 1",
            "backmatter_submissions_total{protocol=\"pingback\",outcome=\"new\"} 1",
            "backmatter_looks_total{found=\"found\"} 1",
            "backmatter_linkbacks{state=\"queued\"} 1",
            "backmatter_linkbacks{state=\"held\"} 1",
            "backmatter_targets 2",
        ]
    );
}

#[test]
fn a_linkback_that_cannot_be_read_holds_up_no_other() {
    let mut hearing = Hearing::new();
    hearing.web.page("/broken/", page(POST)).page("/whole/", page(POST));
    let (broken, whole) = (hearing.web.url("/broken/"), hearing.web.url("/whole/"));
    assert_eq!((hearing.mention(&broken, POST).status, hearing.mention(&whole, POST).status), (201, 201));
    let database = rusqlite::Connection::open(&hearing.receiver.database).expect("it opens once more");
    let sql = "UPDATE linkbacks SET hints = 'no JSON' WHERE source = ?1";
    database.execute(sql, [&broken]).expect("it can be written");
    hearing.look();
    let state = |source| hearing.store.find(source, POST).expect("the database works").map(|item| item.state);
    assert_eq!((state(&broken), state(&whole)), (Some(InboxState::Refused), Some(InboxState::Held)));
    // Whoever sends it again is answered as ever.
    hearing.pass(TimeDelta::hours(1));
    assert_eq!(hearing.hear("/broken/").state, InboxState::Held);
}

/// Names that all lead to this machine, and what was asked for.
#[derive(Debug, Default)]
struct Names(Mutex<Vec<String>>);

impl Resolve for Names {
    fn addresses(&self, host: &str) -> std::io::Result<Vec<IpAddr>> {
        self.0.lock().expect("no test panics while it holds the names").push(host.to_owned());
        Ok(vec!["127.0.0.1".parse().expect("it is an address")])
    }
}

#[test]
fn where_a_trackback_was_sent_from_is_asked_of_the_clients_own_resolver() {
    let mut hearing = Hearing::new();
    hearing.web.page("/news/", page(POST));
    let port = hearing.web.host().rsplit_once(':').expect("it has a port").1.to_owned();
    let names = Arc::new(Names::default());
    hearing.receiver.verifier.resolver = Arc::<Names>::clone(&names);
    let source = format!("http://news.example:{port}/news/");
    hearing.post("/wp-trackback.php?p=7", form(&[("url", &source), ("title", "T")]));
    hearing.look();
    let item = hearing.item();
    assert_eq!(item.state, InboxState::Held, "{:?}", item.fault);
    assert!(!item.reasons.contains(&ModerationSignal::OtherSender), "{:?}", item.reasons);
    let asked = names.0.lock().expect("nobody holds it").clone();
    assert_eq!(asked, ["news.example", "news.example"], "for the page, and for its sender");
}

#[test]
fn a_host_that_the_settings_allow_later_is_fetched_without_a_restart() {
    let mut hearing = Hearing::new();
    hearing.web.page("/news/", page(POST));
    let host = hearing.web.host();
    hearing.site.edit("backmatter.toml", &host, "127.0.0.1:9");
    let now = *hearing.clock.lock().expect("no test panics while it holds the clock");
    hearing.receiver.index().refresh(&ChangedPaths::any(), now).expect("the site can be read");
    assert_eq!(hearing.hear("/news/").state, InboxState::Refused);
    hearing.site.edit("backmatter.toml", "127.0.0.1:9", &host);
    hearing.pass(TimeDelta::hours(1));
    hearing.receiver.index().refresh(&ChangedPaths::any(), now).expect("the site can be read");
    assert_eq!(hearing.hear("/news/").state, InboxState::Held);
}

#[test]
fn a_database_that_cannot_be_read_shows_in_the_numbers() {
    let mut hearing = Hearing::new();
    hearing.web.page("/news/", page(POST));
    assert_eq!(hearing.mention(&hearing.web.url("/news/"), POST).status, 201);
    let database = rusqlite::Connection::open(&hearing.receiver.database).expect("it opens once more");
    database.execute("DROP TABLE hosts", []).expect("it can be written");
    hearing.receiver.start_verifying(Arc::new(|_| ())).expect("the workers start");
    let deadline = Instant::now() + Duration::from_secs(20);
    while wire::get(hearing.at(), "/metrics").text().contains("backmatter_looks_total{found=\"broken\"} 0") {
        assert!(Instant::now() < deadline, "nobody hears of it");
    }
}
