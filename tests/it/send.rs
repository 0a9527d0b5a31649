//! Sending: who is told, how, once, and what the ledger remembers of it. Blogs and targets are servers on loopback.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use backmatter::internals::engine::workspace::{Access, Workspace};
use backmatter::internals::linkback::LinkbackKind;
use backmatter::internals::linkback::outbox::log::{self, SendLog, SendRecord, SendState};
use backmatter::internals::send::{self, Delivery, DeliveryOutcome, SendMode, SendReport, SendScope};

use crate::fake_web::{Answer, Asked, FakeWeb};
use crate::site_test::SiteTest;

/// A blog that is online: its files, and a server that serves what was built of them.
struct Blog {
    site: SiteTest,
    web: FakeWeb,
    now: String,
    pause: Duration,
}

impl Blog {
    /// A blog of these posts, built and served.
    fn new(posts: &str) -> Self {
        Self::with_settings("", posts)
    }

    fn with_settings(settings: &str, posts: &str) -> Self {
        let web = FakeWeb::new();
        let settings = format!(
            "title = 'Alder'\nbase_url = '{}'\n{settings}\n[network]\nallow = ['127.0.0.0/8:*']\n",
            web.url("")
        );
        let site = SiteTest::new(&format!("-- backmatter.toml --\n{settings}\n{posts}"));
        web.folder(&site.path("public"));
        let mut blog = Self { site, web, now: "2026-11-22T12:00:00Z".to_owned(), pause: Duration::ZERO };
        blog.site.build_alone();
        blog
    }

    /// Builds what was edited and goes online with it.
    fn publish(&mut self) -> &mut Self {
        self.site.build_alone();
        self
    }

    fn at(&mut self, now: &str) -> &mut Self {
        self.now = now.to_owned();
        self.site.now(now);
        self
    }

    fn run(&self, scope: SendScope, mode: SendMode) -> SendReport {
        let now = crate::site_test::moment(&self.now);
        let mut site =
            Workspace::open(&self.site.source(), now, Access::Read).expect("the settings can be read");
        let request = send::SendRequest { scope, since: None, mode, pause: self.pause };
        send::run(&mut site, &request, &()).unwrap_or_else(|error| panic!("nothing could be sent: {error}"))
    }

    fn send(&self) -> SendReport {
        self.run(SendScope::All, SendMode::Send)
    }

    /// The address of a post by its slug.
    fn url(&self, slug: &str) -> String {
        self.web.url(&format!("/2026/11/22/{slug}/"))
    }

    fn ledger(&self) -> SendLog {
        let text = std::fs::read_to_string(self.site.path(log::FILE_NAME)).unwrap_or_default();
        let (sent, faults) = log::parse(&text, chrono_tz::Tz::UTC);
        assert_eq!(faults, [], "{text}");
        sent
    }

    #[track_caller]
    fn record(&self, target: &str) -> SendRecord {
        let sent = self.ledger();
        let found = sent.records.iter().find(|(key, _)| key.target == target);
        found.unwrap_or_else(|| panic!("`{target}` is not in the ledger: {sent:#?}")).1.clone()
    }
}

/// A post of the day with a text.
fn post(slug: &str, text: &str) -> String {
    format!("-- content/{slug}.md --\n+++\ntitle = 'On {slug}'\ndate = 2026-11-22\n+++\n{text}\n")
}

/// A page that takes webmentions at `/webmention`.
fn takes_webmentions(web: &FakeWeb) {
    web.page("/post", "<title>t</title><link rel=webmention href=/webmention>");
    web.on("/webmention", Answer::status(202));
}

fn ends(report: &SendReport) -> Vec<(String, DeliveryOutcome)> {
    report.deliveries.iter().map(|letter| (path_of(letter), letter.outcome.clone())).collect()
}

fn path_of(letter: &Delivery) -> String {
    let after_host = letter.target.splitn(4, '/').nth(3).unwrap_or_default();
    format!("/{after_host}")
}

fn told(answer: &str) -> DeliveryOutcome {
    DeliveryOutcome::Told { answer: answer.to_owned() }
}

/// What a server was sent by POST: path and form.
fn posts_to(web: &FakeWeb) -> Vec<(String, Vec<(String, String)>)> {
    let posts = web.asked().into_iter().filter(|asked| asked.method == "POST");
    posts.map(|asked| (asked.target.clone(), asked.form())).collect()
}

fn form(source: &str, target: &str) -> Vec<(String, String)> {
    vec![("source".to_owned(), source.to_owned()), ("target".to_owned(), target.to_owned())]
}

/// One of them: number, headers, head, body, endpoint.
type Rock = (usize, &'static [(&'static str, &'static str)], &'static str, &'static str, &'static str);

/// The discovery tests of webmention.rocks, as its pages and headers are: the number, the headers, what is in the page's head, what is
/// in its body, and where the webmention belongs. `ABS` is the address of the server.
const ROCKS: [Rock; 22] = [
    (1, &[("Link", "</test/1/webmention>; rel=webmention")], "", "", "/test/1/webmention"),
    (2, &[("Link", "<ABS/test/2/webmention>; rel=webmention")], "", "", "/test/2/webmention"),
    (3, &[], r#"<link rel="webmention" href="/test/3/webmention">"#, "", "/test/3/webmention"),
    (4, &[], r#"<link href="ABS/test/4/webmention" rel="webmention">"#, "", "/test/4/webmention"),
    (5, &[], "", r#"<a rel="webmention" href="/test/5/webmention">a</a>"#, "/test/5/webmention"),
    (6, &[], "", r#"<a href="ABS/test/6/webmention" rel="webmention">a</a>"#, "/test/6/webmention"),
    (7, &[("LinK", "<ABS/test/7/webmention>; rel=webmention")], "", "", "/test/7/webmention"),
    (8, &[("Link", r#"<ABS/test/8/webmention>; rel="webmention""#)], "", "", "/test/8/webmention"),
    (
        9,
        &[],
        r#"<link rel="webmention somethingelse" href="ABS/test/9/webmention">"#,
        "",
        "/test/9/webmention",
    ),
    (
        10,
        &[("Link", r#"<ABS/test/10/webmention>; rel="webmention somethingelse""#)],
        "",
        "",
        "/test/10/webmention",
    ),
    (
        11,
        &[("Link", "</test/11/webmention>; rel=webmention")],
        r#"<link rel="webmention" href="/test/11/webmention/error">"#,
        r#"<a href="/test/11/webmention/error" rel="webmention">a</a>"#,
        "/test/11/webmention",
    ),
    (
        12,
        &[],
        r#"<link rel="not-webmention" href="/test/12/webmention/error">"#,
        r#"<a href="/test/12/webmention" rel="webmention">a</a>"#,
        "/test/12/webmention",
    ),
    (
        13,
        &[],
        "",
        r#"<!-- <a href="/test/13/webmention/error" rel="webmention"></a> --><a href="/test/13/webmention" rel="webmention">a</a>"#,
        "/test/13/webmention",
    ),
    (
        14,
        &[],
        "",
        r#"<code>&lt;a href="/test/14/webmention/error" rel="webmention"&gt;&lt;/a&gt;</code><a href="/test/14/webmention" rel="webmention">a</a>"#,
        "/test/14/webmention",
    ),
    (15, &[], r#"<link rel="webmention" href="">"#, "", "/test/15"),
    (
        16,
        &[],
        "",
        r#"<a href="/test/16/webmention" rel="webmention">a</a><link rel="webmention" href="/test/16/webmention/error">"#,
        "/test/16/webmention",
    ),
    (
        17,
        &[],
        "",
        r#"<link rel="webmention" href="/test/17/webmention"><a href="/test/17/webmention/error" rel="webmention">a</a>"#,
        "/test/17/webmention",
    ),
    (
        18,
        &[
            ("Link", r#"</test/18/webmention/error>; rel="other""#),
            ("Link", r#"</test/18/webmention>; rel="webmention""#),
        ],
        "",
        "",
        "/test/18/webmention",
    ),
    (
        19,
        &[("Link", r#"</test/19/webmention/error>; rel="other", </test/19/webmention>; rel="webmention""#)],
        "",
        "",
        "/test/19/webmention",
    ),
    (
        20,
        &[],
        r#"<link rel="webmention">"#,
        r#"<a href="/test/20/webmention" rel="webmention">a</a>"#,
        "/test/20/webmention",
    ),
    (
        21,
        &[],
        r#"<link rel="webmention" href="/test/21/webmention?query=yes">"#,
        "",
        "/test/21/webmention?query=yes",
    ),
    (22, &[], r#"<link rel="webmention" href="22/webmention">"#, "", "/test/22/webmention"),
];

#[test]
fn every_endpoint_of_webmention_rocks_is_found() {
    let rocks = FakeWeb::new();
    let mut links = String::new();
    let mut expected = BTreeMap::new();
    for (number, headers, head, body, endpoint) in ROCKS {
        let with_host = |text: &str| text.replace("ABS", &rocks.url(""));
        let page = format!(
            "<!doctype html><html><head><meta charset=utf-8><title>Discovery {number}</title>{}</head><body>\
             <div class='post-container h-entry'><div class=e-content>{}</div></div></body></html>",
            with_host(head),
            with_host(body)
        );
        let mut answer = Answer::html(page);
        for (name, value) in headers {
            answer = answer.header(name, &with_host(value));
        }
        let path = format!("/test/{number}");
        rocks.on_each(&path, move |asked| match asked.method.as_str() {
            "GET" => answer.clone(),
            _ => Answer::status(202),
        });
        rocks.on(&format!("{path}/webmention"), Answer::status(202));
        links.push_str(&format!("- [Test {number}]({})\n", rocks.url(&path)));
        expected.insert(endpoint.to_owned(), rocks.url(&path));
    }
    // 23: each address works once, and what is found is relative to where the redirect led.
    let once = Arc::new(Mutex::new(Vec::new()));
    let single_use = move |path: &str, answer: Answer| {
        let mut used = once.lock().unwrap();
        if used.contains(&path.to_owned()) {
            return Answer::status(410);
        }
        used.push(path.to_owned());
        answer
    };
    rocks.on("/test/23/page", Answer::redirect(302, "page/key1"));
    rocks.on_each("/test/23/page/key1", move |asked: &Asked| {
        let page =
            Answer::html("<title>23</title>").header("Link", "<webmention-endpoint/key2>; rel=webmention");
        single_use(&asked.target, page)
    });
    rocks.on("/test/23/page/webmention-endpoint/key2", Answer::status(202));
    links.push_str(&format!("- [Test 23]({})\n", rocks.url("/test/23/page")));
    expected.insert("/test/23/page/webmention-endpoint/key2".to_owned(), rocks.url("/test/23/page"));

    let blog = Blog::new(&post("rocks", &links));
    let report = blog.send();
    assert_eq!(report.deliveries.len(), 23);
    let got: BTreeMap<_, _> = posts_to(&rocks).into_iter().collect();
    let source = blog.url("rocks");
    let wanted: BTreeMap<_, _> =
        expected.into_iter().map(|(endpoint, target)| (endpoint, form(&source, &target))).collect();
    assert_eq!(got, wanted);
    assert_eq!(posts_to(&rocks).len(), 23, "each is told once");
    assert!(!rocks.lines().iter().any(|line| line.starts_with("HEAD")), "one GET and no HEAD");
    assert!(report.deliveries.iter().all(|letter| letter.outcome == told("202")), "{:#?}", report.deliveries);
    let post = &rocks.asked().into_iter().find(|asked| asked.method == "POST").unwrap();
    assert!(post.header("content-type").unwrap().starts_with("application/x-www-form-urlencoded"));
    assert!(post.header("user-agent").unwrap().contains("Webmention"));
}

#[test]
fn a_second_send_sends_nothing() {
    let other = FakeWeb::new();
    takes_webmentions(&other);
    let blog = Blog::new(&post("one", &format!("I read [it]({}).", other.url("/post"))));
    assert_eq!(ends(&blog.send()), [("/post".to_owned(), told("202"))]);
    let ledger = blog.ledger();
    other.forget();
    assert_eq!(ends(&blog.send()), []);
    assert_eq!(other.lines(), Vec::<String>::new(), "not even a question");
    assert_eq!(blog.ledger(), ledger);
}

#[test]
fn webmention_rocks_update_1_a_link_is_added() {
    let rocks = FakeWeb::new();
    let blog_text =
        |blog: &Blog| std::fs::read_to_string(blog.site.path("public/2026/11/22/update/index.html")).unwrap();
    let keys = Arc::new(Mutex::new(0));
    // The endpoint is another one each time, so it has to be found each time.
    for part in ["/update/1", "/update/1/part/2"] {
        let keys = Arc::clone(&keys);
        rocks.on_each(part, move |asked| {
            let mut key = keys.lock().unwrap();
            *key += 1;
            Answer::html(format!(
                "<title>u</title><link rel=webmention href='{}/webmention?key={key}'>",
                asked.target
            ))
        });
        rocks.on(&format!("{part}/webmention"), Answer::status(202));
    }
    let mut blog = Blog::new(&post("update", &format!("First [one]({}).", rocks.url("/update/1"))));
    blog.send();
    assert_eq!(posts_to(&rocks).len(), 1);
    assert!(!blog_text(&blog).contains("/update/1/part/2"));
    rocks.forget();
    let second =
        format!("First [one]({}), then [two]({}).", rocks.url("/update/1"), rocks.url("/update/1/part/2"));
    blog.site
        .write("content/update.md", format!("+++\ntitle = 'On update'\ndate = 2026-11-22\n+++\n{second}\n"));
    blog.publish();
    blog.send();
    let source = blog.url("update");
    let told: Vec<_> =
        posts_to(&rocks).into_iter().map(|(path, form)| (path.contains("/part/2"), form)).collect();
    assert_eq!(
        told,
        [
            (false, form(&source, &rocks.url("/update/1"))),
            (true, form(&source, &rocks.url("/update/1/part/2")))
        ]
    );
    let used: Vec<_> = posts_to(&rocks).into_iter().map(|(path, _)| path).collect();
    assert!(used[0].ends_with("key=2") && used[1].ends_with("key=3"), "{used:?}");
}

#[test]
fn webmention_rocks_update_2_a_link_is_removed() {
    let rocks = FakeWeb::new();
    for part in ["/update/2", "/update/2/part/2"] {
        rocks.page(part, format!("<title>u</title><a rel=webmention href={part}/webmention>w</a>"));
        rocks.on(&format!("{part}/webmention"), Answer::status(202));
    }
    let text = format!("See [one]({}) and [two]({}).", rocks.url("/update/2"), rocks.url("/update/2/part/2"));
    let mut blog = Blog::new(&post("update", &text));
    blog.send();
    assert_eq!(posts_to(&rocks).len(), 2);
    rocks.forget();
    blog.site.edit("content/update.md", &format!(" and [two]({})", rocks.url("/update/2/part/2")), "");
    // The page that is online still has the link: nothing is said that is not true.
    let report = blog.send();
    let [DeliveryOutcome::NotYet { reason: kept }, DeliveryOutcome::NotYet { reason: removed }] =
        [&report.deliveries[0].outcome, &report.deliveries[1].outcome]
    else {
        panic!("{:#?}", report.deliveries)
    };
    assert!(
        kept.starts_with("the page that is online says") && kept.ends_with("; publish it first"),
        "{kept}"
    );
    assert_eq!(removed, "the link is still in the page that is online");
    assert_eq!(posts_to(&rocks), []);
    blog.publish();
    let both = ["/update/2", "/update/2/part/2"].map(|path| (path.to_owned(), told("202")));
    assert_eq!(ends(&blog.send()), both);
    let source = blog.url("update");
    let posted = |path: &str| (format!("{path}/webmention"), form(&source, &rocks.url(path)));
    assert_eq!(posts_to(&rocks), [posted("/update/2"), posted("/update/2/part/2")]);
    assert_eq!(blog.record(&rocks.url("/update/2/part/2")).state, SendState::Withdrawn);
    rocks.forget();
    assert_eq!(ends(&blog.send()), []);
    assert_eq!(posts_to(&rocks), []);
}

#[test]
fn nobody_is_told_of_other_words_before_they_are_online() {
    let other = FakeWeb::new();
    takes_webmentions(&other);
    let target = other.url("/post");
    let mut blog = Blog::new(&post("one", &format!("He called it [brave]({target}), and left.")));
    blog.send();
    other.forget();
    blog.site.edit("content/one.md", "and left", "and stayed");
    let reason = "the page that is online says `brave, and left.` where the post says `brave, and stayed.`; publish it first";
    let not_yet = || vec![("/post".to_owned(), DeliveryOutcome::NotYet { reason: reason.to_owned() })];
    assert_eq!(
        ends(&blog.run(SendScope::All, SendMode::DryRun))[0].1,
        DeliveryOutcome::Would { but: Some(reason.to_owned()) }
    );
    assert_eq!(ends(&blog.send()), not_yet());
    assert_eq!(ends(&blog.send()), not_yet(), "it is not forgotten");
    assert_eq!(posts_to(&other), []);
    // A title is what others show of a post as well, and a class says that a link is an answer.
    blog.publish();
    blog.site.edit("content/one.md", "On one", "On two");
    blog.site.edit(
        "content/one.md",
        &format!("[brave]({target})"),
        &format!("[brave]({target}){{.u-in-reply-to}}"),
    );
    assert!(matches!(blog.send().deliveries[0].outcome, DeliveryOutcome::NotYet { .. }));
    blog.publish();
    assert_eq!(ends(&blog.send()), [("/post".to_owned(), told("202"))]);
    assert_eq!(posts_to(&other).len(), 1);
}

#[test]
fn a_long_page_is_compared_to_its_end() {
    let other = FakeWeb::new();
    takes_webmentions(&other);
    let filler = format!("{}\n\n", "A-word-that-is-rather-long ".repeat(450)).repeat(100);
    let mut blog = Blog::new(&post("one", &format!("[x]({})\n\n{filler}The end.", other.url("/post"))));
    assert_eq!(ends(&blog.send()), [("/post".to_owned(), told("202"))]);
    blog.site.edit("content/one.md", "The end.", "The very end.");
    let DeliveryOutcome::NotYet { reason } = &blog.send().deliveries[0].outcome else {
        panic!("it is not online")
    };
    assert!(
        reason
            .contains("A-word-that-is-rather-long A-word-that-is-rather-long The end.` where the post says"),
        "{reason}"
    );
}

#[test]
fn a_host_that_changes_words_can_be_passed_by_hand() {
    let other = FakeWeb::new();
    takes_webmentions(&other);
    let mut blog = Blog::new(&post("one", &format!("I saw [it]({}) in grey.", other.url("/post"))));
    let path = blog.site.path("public/2026/11/22/one/index.html");
    let rewritten = std::fs::read_to_string(&path).unwrap().replace(" in grey.", " in gray.");
    blog.site.remove("public/2026/11/22/one/index.html");
    blog.web.page("/2026/11/22/one/", rewritten);
    assert!(matches!(blog.send().deliveries[0].outcome, DeliveryOutcome::NotYet { .. }));
    let scope = SendScope::Pair { source: blog.url("one"), target: other.url("/post") };
    assert_eq!(ends(&blog.run(scope, SendMode::Send)), [("/post".to_owned(), told("202"))]);
    assert_eq!(ends(&blog.at("2026-11-23T12:00:00Z").send()), []);
}

#[test]
fn webmention_rocks_delete_1_a_post_is_removed() {
    let rocks = FakeWeb::new();
    rocks.page("/delete/1", "<title>d</title><a rel=webmention href='/delete/1/webmention?key=1'>w</a>");
    rocks.on("/delete/1/webmention", Answer::status(202));
    let mut blog = Blog::new(&post("gone", &format!("See [it]({}).", rocks.url("/delete/1"))));
    blog.send();
    rocks.forget();
    blog.site.remove("content/gone.md");
    let report = blog.send();
    assert_eq!(
        report.deliveries[0].outcome,
        DeliveryOutcome::NotYet { reason: "the page is still online".to_owned() }
    );
    assert_eq!(posts_to(&rocks), []);
    blog.publish();
    assert_eq!(ends(&blog.send()), [("/delete/1".to_owned(), told("202"))]);
    assert_eq!(
        posts_to(&rocks),
        [("/delete/1/webmention?key=1".to_owned(), form(&blog.url("gone"), &rocks.url("/delete/1")))]
    );
    rocks.forget();
    assert_eq!(ends(&blog.send()), []);
    assert_eq!(posts_to(&rocks), []);
}

/// A page that has a pingback server, which gives this answer.
fn takes_pingbacks(web: &FakeWeb, path: &str, answer: &str) {
    let server = format!("{path}/xmlrpc");
    web.on(path, Answer::html("<title>t</title>").header("X-Pingback", &web.url(&server)));
    web.on(&server, Answer::xml(answer));
}

fn fault(code: i32, text: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?>\n<methodResponse>\n  <fault>\n    <value>\n      <struct>\n        <member>\n          \
         <name>faultCode</name>\n          <value><int>{code}</int></value>\n        </member>\n        <member>\n          \
         <name>faultString</name>\n          <value><string>{text}</string></value>\n        </member>\n      \
         </struct>\n    </value>\n  </fault>\n</methodResponse>"
    )
}

#[test]
fn pingbacks_are_sent_and_their_answers_understood() {
    let other = FakeWeb::new();
    let done = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<methodResponse>\n  <params>\n    <param>\n      <value>\n      \
                <string>Pingback registered. Keep the web talking! :-)</string>\n      </value>\n    </param>\n  </params>\n</methodResponse>\n";
    takes_pingbacks(&other, "/a-done", done);
    takes_pingbacks(&other, "/b-known", &fault(48, "The pingback has already been registered."));
    takes_pingbacks(&other, "/c-masked", &fault(0, ""));
    takes_pingbacks(&other, "/d-closed", &fault(33, "Not pingback-enabled."));
    takes_pingbacks(&other, "/e-no-link", &fault(17, "No link."));
    takes_pingbacks(&other, "/f-nonsense", "<html>404</html>");
    let paths = ["/a-done#part", "/b-known", "/c-masked", "/d-closed", "/e-no-link", "/f-nonsense"];
    let links: String = paths.iter().map(|path| format!("- [x]({})\n", other.url(path))).collect();
    let blog = Blog::new(&post("one", &links));
    let later = crate::site_test::moment("2026-11-22T12:15:00Z");
    let got: Vec<_> = blog.send().deliveries.into_iter().map(|letter| letter.outcome).collect();
    let failed = |reason: &str| DeliveryOutcome::Failed { reason: reason.to_owned() };
    assert_eq!(got[0], told("Pingback registered. Keep the web talking! :-)"));
    assert_eq!(got[1], told("fault 48: The pingback has already been registered."));
    assert_eq!(
        got[2],
        failed(
            "fault 0 without a word, which is all that WordPress says: no link found, pings closed, or no such post"
        )
    );
    assert_eq!(got[3], failed("fault 33: Not pingback-enabled."));
    let DeliveryOutcome::Later { reason, next } = &got[4] else { panic!("{:?}", got[4]) };
    assert_eq!((reason.as_str(), *next >= later), ("fault 17: No link.", true));
    assert_eq!(got[5], failed("the answer is not XML-RPC: the message is not a method response"));
    let ping = other.asked().into_iter().find(|asked| asked.target == "/a-done/xmlrpc").unwrap();
    assert_eq!(ping.header("content-type"), Some("text/xml"));
    // A fragment is no part of what is pinged.
    for part in ["pingback.ping", &blog.url("one"), &format!("{}<", other.url("/a-done"))] {
        assert!(ping.text().contains(part), "{part} in {}", ping.text());
    }
}

#[test]
fn a_page_that_offers_several_protocols_is_told_by_one() {
    let other = FakeWeb::new();
    let page = Answer::html("<title>t</title><link rel=webmention href=/webmention>");
    other.on("/post", page.header("X-Pingback", &other.url("/xmlrpc")));
    other.on("/webmention", Answer::status(200));
    let blog = Blog::new(&post("one", &format!("[x]({})", other.url("/post"))));
    blog.send();
    let paths: Vec<_> = posts_to(&other).into_iter().map(|(path, _)| path).collect();
    assert_eq!(paths, ["/webmention"]);
}

#[test]
fn trackbacks_are_sent_only_where_they_are_asked_for_and_only_once() {
    let other = FakeWeb::new();
    let rdf = format!(
        "<title>t</title><!-- <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:trackback=\"http://madskills.com/public/xml/rss/module/trackback/\">\
         <rdf:Description rdf:about=\"{0}\" dc:identifier=\"{0}\" dc:title=\"t\" trackback:ping=\"{1}\" /></rdf:RDF> -->",
        other.url("/post"),
        other.url("/tb")
    );
    other.page("/post", rdf);
    other.on("/tb", Answer::xml("<?xml version=\"1.0\"?><response><error>0</error></response>"));
    let text = post("one", &format!("Words of ours & [x]({}).", other.url("/post")));
    assert_eq!(ends(&Blog::new(&text).send()), [("/post".to_owned(), DeliveryOutcome::Silent)]);
    assert_eq!(posts_to(&other), []);
    let mut blog = Blog::with_settings("[send]\ntrackbacks = true", &text);
    assert_eq!(ends(&blog.send()), [("/post".to_owned(), told("taken"))]);
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let sent = &posts_to(&other)[0].1;
    for wanted in [
        field("title", "On one"),
        field("url", &blog.url("one")),
        field("blog_name", "Alder"),
        field("excerpt", "Words of ours &amp; x."),
    ] {
        assert!(sent.contains(&wanted), "{wanted:?} in {sent:?}");
    }
    other.forget();
    blog.site.edit("content/one.md", "Words of ours", "Other words");
    blog.publish();
    let end = DeliveryOutcome::Kept { reason: "a trackback cannot be changed or taken back".to_owned() };
    assert_eq!(ends(&blog.send()), [("/post".to_owned(), end)]);
    assert_eq!(posts_to(&other), []);
    let record = blog.record(&other.url("/post"));
    assert_eq!((record.state, record.protocol), (SendState::Sent, Some(LinkbackKind::Trackback)));
}

/// A page with its trackback address at `/tb` and the answer that it gives.
fn takes_trackbacks(web: &FakeWeb, path: &str, answer: Answer) {
    let ping = format!("/tb{path}");
    let rdf = format!(
        "<title>t</title><!-- <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:trackback=\"http://madskills.com/public/xml/rss/module/trackback/\">\
         <rdf:Description rdf:about=\"{0}\" dc:identifier=\"{0}\" dc:title=\"t\" trackback:ping=\"{1}\" /></rdf:RDF> -->",
        web.url(path),
        web.url(&ping)
    );
    web.page(path, rdf);
    web.on(&ping, answer);
}

#[test]
fn answers_to_trackbacks_are_those_of_real_servers() {
    let other = FakeWeb::new();
    let error = |error: &str| Answer::xml(format!("<?xml version=\"1.0\"?><response>{error}</response>"));
    let known = "There is already a ping from that URL for this post.";
    takes_trackbacks(&other, "/a", error(&format!("<error>1</error><message>{known}</message>")));
    // WordPress answers so at `/wp-trackback.php/7`, where it takes the trackback.
    takes_trackbacks(&other, "/b", error("<error>0</error>").with_status(404));
    takes_trackbacks(&other, "/c", error("<error>1</error><message>Closed.</message>"));
    takes_trackbacks(&other, "/d", Answer::html("<h1>Not found</h1>").with_status(404));
    let links: String = ["/a", "/b", "/c", "/d"].map(|path| format!("- [x]({})\n", other.url(path))).concat();
    let blog = Blog::with_settings("[send]\ntrackbacks = true", &post("one", &links));
    let got: Vec<_> = blog.send().deliveries.into_iter().map(|letter| letter.outcome).collect();
    let failed = |reason: &str| DeliveryOutcome::Failed { reason: reason.to_owned() };
    assert_eq!(got, [told(known), told("taken"), failed("refused: Closed."), failed("404: Not found")]);
}

#[test]
fn a_trackback_by_hand_says_what_the_page_says() {
    let other = FakeWeb::new();
    takes_trackbacks(&other, "/post", Answer::xml("<response><error>0</error></response>"));
    let words = format!("Words before the link to [the <stairs>]({}) & after it.", other.url("/post"));
    let words = words.replace("<stairs>", "\\<stairs>");
    let page = format!("-- content/pages/about.md --\n+++\ntitle = 'About <b> & us'\n+++\n{words}\n");
    let blog = Blog::with_settings("[send]\ntrackbacks = true", &page);
    let scope = SendScope::Pair { source: blog.web.url("/about/"), target: other.url("/post") };
    assert_eq!(ends(&blog.run(scope, SendMode::Send)), [("/post".to_owned(), told("taken"))]);
    let sent = &posts_to(&other)[0].1;
    let field = |name: &str| sent.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    assert_eq!(field("title"), Some("About &lt;b&gt; &amp; us"), "{sent:?}");
    let excerpt = field("excerpt").unwrap_or_default();
    assert!(excerpt.contains("Words before the link to the &lt;stairs&gt; &amp; after it."), "{sent:?}");
}

#[test]
fn an_endpoint_that_moved_is_said_to_have_moved() {
    let other = FakeWeb::new();
    other.page("/post", "<title>t</title><link rel=webmention href=/webmention>");
    other.on("/webmention", Answer::redirect(301, "/new-endpoint"));
    let blog = Blog::new(&post("one", &format!("[x]({})", other.url("/post"))));
    let reason = format!(
        "301: status 301: it has moved to {}, and the linked page still names the old address",
        other.url("/new-endpoint")
    );
    let failed = ("/post".to_owned(), DeliveryOutcome::Failed { reason });
    assert_eq!(ends(&blog.send()), [failed]);
    assert_eq!(posts_to(&other).len(), 1, "what is posted follows no redirect");
}

#[test]
fn what_a_status_page_says_is_printed_once() {
    let other = FakeWeb::new();
    other.page("/post", "<title>t</title><link rel=webmention href=/webmention>");
    other.on("/webmention", Answer::status(201).header("Location", "/status/1"));
    other.on("/status/1", Answer::bytes("{\"status\":\"approved\"}"));
    let blog = Blog::new(&post("one", &format!("[x]({})", other.url("/post"))));
    blog.send();
    let answer = format!("answer  {}, linked by `one`: approved\n", other.url("/post"));
    let run =
        |blog: &Blog| crate::cli::backmatter(blog.site.root(), ["send", "--now", "2026-11-22T12:00:00Z"]);
    let first = run(&blog);
    assert!(first.stdout.starts_with(&answer), "{}{}", first.stdout, first.stderr);
    assert!(!run(&blog).stdout.contains("answer"));
}

#[test]
fn what_became_of_a_webmention_is_asked_until_it_is_decided() {
    let other = FakeWeb::new();
    other.page("/post", "<title>t</title><link rel=webmention href=/webmention>");
    other.on("/webmention", Answer::status(201).header("Location", "/status/1"));
    let json = |status: &str| Answer::bytes(format!("{{\"status\":\"{status}\"}}"));
    other.script("/status/1", [json("queued"), Answer::status(503), json("success")]);
    let blog = Blog::new(&post("one", &format!("[x]({})", other.url("/post"))));
    blog.send();
    let verdict = || blog.record(&other.url("/post")).verdict;
    assert_eq!(blog.record(&other.url("/post")).status, other.url("/status/1"));
    assert_eq!(verdict(), "");
    for expected in ["queued", "queued", "success", "success"] {
        blog.send();
        assert_eq!(verdict(), expected);
    }
    assert_eq!(other.lines().iter().filter(|line| *line == "GET /status/1").count(), 3);
}

#[test]
fn failures_are_tried_again_later_and_not_for_ever() {
    let other = FakeWeb::new();
    other.page("/post", "<title>t</title><link rel=webmention href=/webmention>");
    other.script(
        "/webmention",
        [
            Answer::status(429).header("Retry-After", "3600"),
            Answer::status(503),
            Answer::hang_up(),
            Answer::status(500),
        ],
    );
    let mut blog = Blog::new(&post("one", &format!("[x]({})", other.url("/post"))));
    let count = |blog: &Blog| {
        blog.send();
        posts_to(&other).len()
    };
    assert_eq!(count(&blog), 1);
    let record = blog.record(&other.url("/post"));
    assert_eq!((record.state, record.answer.as_str()), (SendState::Waiting, "429: status 429"));
    assert_eq!(count(blog.at("2026-11-22T12:59:00Z")), 1, "an hour is what was asked for");
    assert_eq!(count(blog.at("2026-11-22T13:01:00Z")), 2);
    assert_eq!(count(blog.at("2026-11-22T15:00:00Z")), 2);
    assert_eq!(count(blog.at("2026-11-22T15:02:00Z")), 3);
    assert_eq!(count(blog.at("2026-11-23T15:01:00Z")), 3);
    assert_eq!(count(blog.at("2026-11-23T15:03:00Z")), 4);
    let record = blog.record(&other.url("/post"));
    assert_eq!((record.state, record.answer.as_str()), (SendState::Failed, "500: status 500"));
    assert_eq!(count(blog.at("2027-01-01T00:00:00Z")), 4);
    // Whoever names the post wants it to be tried.
    other.on("/webmention", Answer::status(200));
    let path = backmatter::internals::path::SourcePath::new("content/one.md").unwrap();
    assert_eq!(ends(&blog.run(SendScope::Post(path), SendMode::Send)), [("/post".to_owned(), told("200"))]);
}

#[test]
fn a_refusal_is_told_in_the_receivers_words() {
    let other = FakeWeb::new();
    for path in ["/json", "/html", "/gone"] {
        other.page(path, format!("<title>t</title><link rel=webmention href=/webmention{path}>"));
    }
    let json = r#"{"error":"no_link_found","error_description":"The source document does not link here"}"#;
    other.on("/webmention/json", Answer::bytes(json).with_status(400));
    other.on(
        "/webmention/html",
        Answer::html("<h1>Bad <i>request</i></h1>\n<script>x</script>").with_status(400),
    );
    other.on("/gone", Answer::status(410));
    let links: String =
        ["/json", "/html", "/gone"].map(|path| format!("- [x]({})\n", other.url(path))).concat();
    let blog = Blog::new(&post("one", &links));
    let failed =
        |path: &str, reason: &str| (path.to_owned(), DeliveryOutcome::Failed { reason: reason.to_owned() });
    assert_eq!(
        ends(&blog.send()),
        [
            failed("/gone", "410: status 410"),
            failed("/html", "400: Bad request"),
            failed("/json", "400: The source document does not link here"),
        ]
    );
}

#[test]
fn nobody_is_told_of_a_page_that_is_not_online() {
    let other = FakeWeb::new();
    takes_webmentions(&other);
    let mut blog = Blog::new("");
    blog.site.write(
        "content/one.md",
        format!("+++\ntitle = 'One'\ndate = 2026-11-22\n+++\n[x]({})\n", other.url("/post")),
    );
    let not_yet = DeliveryOutcome::NotYet { reason: "the page is not online yet".to_owned() };
    assert_eq!(ends(&blog.send()), [("/post".to_owned(), not_yet)]);
    assert_eq!(other.lines(), Vec::<String>::new());
    blog.publish();
    assert_eq!(ends(&blog.send()), [("/post".to_owned(), told("202"))]);
}

#[test]
fn only_what_its_author_wants_is_told() {
    let other = FakeWeb::new();
    other.on("*", Answer::html("<title>t</title><link rel=webmention href=/webmention>"));
    other.on("/webmention", Answer::status(202));
    let text = "+++\ntitle = 'One'\ndate = 2026-11-22\nno_linkbacks_to = ['WEB/excluded']\n+++\n\
        [in Markdown](WEB/a) and <a href=\"WEB/b\">in HTML</a>, <a rel=nofollow href=\"WEB/nofollow\">not this</a>, \
        [excluded](WEB/excluded), [home](WEB/), [own](/about/), <!-- [hidden](WEB/hidden) -->\n\n\
        > Quoted [words](WEB/quoted).\n>\n> — Jane Doe, [Headline](WEB/report), *The Example*\n";
    let quiet = "+++\ntitle = 'Two'\ndate = 2026-11-22\nlinkbacks = false\n+++\n[x](WEB/c)\n";
    let draft = "+++\ntitle = 'Three'\ndate = 2026-11-22\ndraft = true\n+++\n[x](WEB/d)\n";
    let future = "+++\ntitle = 'Four'\ndate = 2027-11-22\n+++\n[x](WEB/e)\n";
    let link = "+++\ntitle = 'Five'\ndate = 2026-11-22\nlink = 'WEB/linked'\n+++\nA link post.\n";
    let mut site = String::new();
    for (name, text) in [("one", text), ("two", quiet), ("three", draft), ("four", future), ("five", link)] {
        site.push_str(&format!("-- content/{name}.md --\n{}", text.replace("WEB", &other.url(""))));
    }
    let blog = Blog::new(&site);
    let told: Vec<_> = ends(&blog.send()).into_iter().map(|(path, _)| path).collect();
    assert_eq!(told, ["/linked", "/a", "/b", "/report"]);
    let targets: Vec<_> = posts_to(&other).into_iter().map(|(_, form)| form[1].1.clone()).collect();
    assert_eq!(targets.len(), 4, "{targets:?}");
    assert!(targets.contains(&other.url("/report")), "without the words to find: {targets:?}");
}

#[test]
fn posts_of_the_site_itself_are_told_only_if_that_is_asked_for() {
    let posts = format!("{}{}", post("one", "See [two](two.md)."), post("two", "Two."));
    assert_eq!(ends(&Blog::new(&posts).send()), []);
    let blog = Blog::with_settings("[send]\nown_site = true", &posts);
    assert_eq!(ends(&blog.send()), [("/2026/11/22/two/".to_owned(), DeliveryOutcome::Silent)]);
}

#[test]
fn the_guard_stands_before_every_request() {
    let (other, inside) = (FakeWeb::new(), FakeWeb::new());
    other.page(
        "/endpoint",
        format!("<title>t</title><link rel=webmention href='{}'>", inside.url("/webmention")),
    );
    other.on("/redirect", Answer::redirect(302, &inside.url("/post")));
    let web = FakeWeb::new();
    let site = SiteTest::new(&format!(
        "-- backmatter.toml --\nbase_url = '{}'\n[network]\nallow = ['{}', '{}']\n{}",
        web.url(""),
        web.host(),
        other.host(),
        post(
            "one",
            &format!(
                "[x]({}) [y]({}) [z]({})",
                other.url("/endpoint"),
                other.url("/redirect"),
                inside.url("/post")
            )
        )
    ));
    web.folder(&site.path("public"));
    let mut blog = Blog { site, web, now: "2026-11-22T12:00:00Z".to_owned(), pause: Duration::ZERO };
    blog.publish();
    let report = blog.send();
    assert_eq!(report.deliveries.len(), 3);
    for letter in &report.deliveries {
        let DeliveryOutcome::Failed { reason } = &letter.outcome else { panic!("{letter:?}") };
        assert!(reason.starts_with("`127.0.0.1` is not on the public internet"), "{reason}");
    }
    assert_eq!(inside.lines(), Vec::<String>::new());
}

#[test]
fn the_links_of_an_old_blog_do_not_go_out_by_surprise() {
    let other = FakeWeb::new();
    other.on("*", Answer::html("<title>t</title><link rel=webmention href=/webmention>"));
    other.on("/webmention", Answer::status(202));
    let mut posts = post("new", &format!("[x]({})", other.url("/new")));
    for year in 2014..2024 {
        posts.push_str(&format!(
            "-- content/{year}.md --\n+++\ntitle = 'Old'\ndate = {year}-05-05\n+++\n[x]({})\n",
            other.url(&format!("/{year}"))
        ));
    }
    let mut blog = Blog::new(&posts);
    let report = blog.send();
    assert_eq!(
        report.first_run,
        Some(send::FirstRun { why: send::FirstRunCause::Old, posts: 11, links: 11 })
    );
    assert_eq!(report.deliveries, []);
    // A look at what there is asks nobody either.
    let looked = blog.run(SendScope::All, SendMode::DryRun);
    assert_eq!(
        looked.deliveries.iter().filter(|letter| letter.outcome == DeliveryOutcome::Unasked).count(),
        11
    );
    assert_eq!((looked.deliveries.len(), looked.first_run), (11, report.first_run));
    assert_eq!(other.lines(), Vec::<String>::new());
    // One post can be told of, and the others stay a surprise.
    let path = backmatter::internals::path::SourcePath::new("content/2015.md").unwrap();
    assert_eq!(ends(&blog.run(SendScope::Post(path), SendMode::Send)), [("/2015".to_owned(), told("202"))]);
    assert!(blog.send().first_run.is_some());
    // All of it is marked as sent, and what comes later is news.
    assert_eq!(blog.run(SendScope::All, SendMode::MarkSent).marked, Some(11));
    assert_eq!(ends(&blog.send()), []);
    blog.site.write(
        "content/newest.md",
        format!("+++\ntitle = 'N'\ndate = 2026-11-22\n+++\n[x]({})\n", other.url("/newest")),
    );
    blog.site.edit("content/2020.md", "date = 2020-05-05", "date = 2020-05-05\nupdated = 2026-11-23");
    blog.at("2026-11-23T12:00:00Z").publish();
    assert_eq!(ends(&blog.send()), [("/2020".to_owned(), told("202")), ("/newest".to_owned(), told("202"))]);
}

#[test]
fn a_rehearsal_says_who_would_be_told_and_changes_nothing() {
    let other = FakeWeb::new();
    takes_webmentions(&other);
    takes_pingbacks(&other, "/pinged", &fault(48, ""));
    let links =
        format!("[x]({}) [y]({}) [z]({})", other.url("/post"), other.url("/pinged"), other.url("/none"));
    other.page("/none", "<title>t</title>");
    let blog = Blog::new(&post("one", &links));
    let report = blog.run(SendScope::All, SendMode::DryRun);
    let would = || DeliveryOutcome::Would { but: None };
    assert_eq!(
        ends(&report),
        [
            ("/none".to_owned(), DeliveryOutcome::Silent),
            ("/pinged".to_owned(), would()),
            ("/post".to_owned(), would()),
        ]
    );
    let endpoints: Vec<_> = report.deliveries.iter().map(|letter| letter.endpoint.clone()).collect();
    assert_eq!(endpoints, ["".to_owned(), other.url("/pinged/xmlrpc"), other.url("/webmention")]);
    assert_eq!(posts_to(&other), []);
    assert!(!blog.site.path(log::FILE_NAME).exists());
}

#[test]
fn a_pair_can_be_told_by_hand() {
    let other = FakeWeb::new();
    takes_webmentions(&other);
    let page =
        format!("-- content/pages/about.md --\n+++\ntitle = 'About'\n+++\n[x]({})\n", other.url("/post"));
    let blog = Blog::new(&page);
    assert_eq!(ends(&blog.send()), [], "pages are no news");
    let source = blog.web.url("/about/");
    let scope = SendScope::Pair { source: source.clone(), target: other.url("/post") };
    assert_eq!(ends(&blog.run(scope, SendMode::Send)), [("/post".to_owned(), told("202"))]);
    assert_eq!(posts_to(&other), [("/webmention".to_owned(), form(&source, &other.url("/post")))]);
    assert_eq!(ends(&blog.send()), [], "what was told by hand is no removed post");
    let scope = SendScope::Pair { source, target: other.url("/elsewhere") };
    let end = DeliveryOutcome::NotYet {
        reason: "the link is not in the first 150 KB of the page that is online".to_owned(),
    };
    assert_eq!(ends(&blog.run(scope, SendMode::Send)), [("/elsewhere".to_owned(), end)]);
    assert_eq!(blog.ledger().records.len(), 1, "what a person mistyped is not remembered");
}

#[test]
fn a_pair_that_failed_for_the_moment_is_tried_again_like_any_other() {
    let other = FakeWeb::new();
    other.page("/post", "<title>t</title><link rel=webmention href=/webmention>");
    other.script("/webmention", [Answer::status(503), Answer::status(202)]);
    let page =
        format!("-- content/pages/about.md --\n+++\ntitle = 'About'\n+++\n[x]({})\n", other.url("/post"));
    let mut blog = Blog::new(&page);
    let scope = SendScope::Pair { source: blog.web.url("/about/"), target: other.url("/post") };
    let report = blog.run(scope, SendMode::Send);
    assert!(matches!(report.deliveries[0].outcome, DeliveryOutcome::Later { .. }), "{report:#?}");
    assert_eq!(ends(&blog.send()), []);
    assert_eq!(ends(&blog.at("2026-11-22T12:16:00Z").send()), [("/post".to_owned(), told("202"))]);
}

#[test]
fn what_cannot_be_read_keeps_everything_from_being_sent() {
    let other = FakeWeb::new();
    takes_webmentions(&other);
    let text = post("one", &format!("[x]({})", other.url("/post")));
    let mut blog = Blog::new(&text);
    let ledger =
        "[[linkback]]\nsource = 'https://a.example/'\ntarget = 'https://b.example/'\nstate = 'send'\n";
    blog.site.write(log::FILE_NAME, ledger);
    let report = blog.send();
    let told: Vec<_> = report.diagnostics.iter().map(crate::site_test::tell).collect();
    assert_eq!(told, ["linkbacks.sent.toml:4:9: there is no state `send` (did you mean `sent`?)"]);
    blog.site.remove(log::FILE_NAME);
    blog.send();
    // A post that cannot be read is not one that is gone.
    other.forget();
    blog.site.write("content/one.md", "+++\ntitle = \n+++\n");
    std::fs::remove_dir_all(blog.site.path("public")).unwrap();
    assert!(blog.send().needs_attention());
    assert_eq!(other.lines(), Vec::<String>::new());
}

#[test]
fn a_host_is_left_alone_between_two_messages() {
    let other = FakeWeb::new();
    let times = Arc::new(Mutex::new(Vec::new()));
    let clock = Arc::clone(&times);
    other.on("*", Answer::html("<title>t</title><link rel=webmention href=/webmention>"));
    other.on_each("/webmention", move |_| {
        clock.lock().unwrap().push(std::time::Instant::now());
        Answer::status(202)
    });
    let links: String = (0..3).map(|n| format!("[x]({})\n", other.url(&format!("/{n}")))).collect();
    let mut blog = Blog::new(&post("one", &links));
    blog.pause = Duration::from_millis(50);
    blog.send();
    let times = times.lock().unwrap();
    assert_eq!(times.len(), 3);
    // It is a pause that is promised, not a speed: a busy machine only makes it longer.
    assert!(times.windows(2).all(|pair| pair[1] - pair[0] >= blog.pause));
}

#[test]
fn a_host_that_asks_to_be_left_alone_is_asked_nothing_more() {
    let other = FakeWeb::new();
    other.on("*", Answer::html("<title>t</title><link rel=webmention href=/webmention>"));
    other.on("/webmention", Answer::status(429).header("Retry-After", "3600"));
    let links: String = (0..3).map(|n| format!("[x]({})\n", other.url(&format!("/{n}")))).collect();
    let mut blog = Blog::new(&post("one", &links));
    let report = blog.send();
    assert_eq!(posts_to(&other).len(), 1);
    let reasons: Vec<_> = report
        .deliveries
        .iter()
        .map(|letter| match &letter.outcome {
            DeliveryOutcome::Later { reason, next } => (reason.as_str(), *next),
            end => panic!("{end:?}"),
        })
        .collect();
    let until = reasons[0].1;
    assert!(until >= crate::site_test::moment("2026-11-22T13:00:00Z"), "{until}");
    let alone = ("`127.0.0.1` asked for a pause", until);
    assert_eq!(reasons, [("429: status 429", until), alone, alone]);
    // It is no attempt, and nobody forgets it.
    let attempts =
        |blog: &Blog| blog.ledger().records.values().map(|record| record.attempts).collect::<Vec<_>>();
    assert_eq!(attempts(&blog), [1, 0, 0]);
    other.on("/webmention", Answer::status(202));
    assert_eq!(ends(&blog.at("2026-11-22T12:59:00Z").send()), []);
    let all = ["/0", "/1", "/2"].map(|path| (path.to_owned(), told("202")));
    assert_eq!(ends(&blog.at("2026-11-22T13:01:00Z").send()), all);
}

/// A blog with many links, each on a host of its own, for the program itself.
fn many_hosts(count: u8) -> (Blog, Vec<FakeWeb>) {
    let webs: Vec<FakeWeb> = (0..count)
        .map(|n| {
            let web = FakeWeb::at(format!("127.0.1.{}:0", n + 1).parse().unwrap());
            takes_webmentions(&web);
            web
        })
        .collect();
    let links: String = webs.iter().map(|web| format!("- [x]({})\n", web.url("/post"))).collect();
    (Blog::new(&post("one", &links)), webs)
}

#[test]
fn a_send_that_is_killed_at_any_moment_tells_nobody_twice() {
    const NOW: [&str; 3] = ["send", "--now", "2026-11-22T12:00:00Z"];
    let (blog, webs) = many_hosts(12);
    let mut dice = crate::dice::Dice::new(7);
    let sent = || webs.iter().map(|web| posts_to(web).len()).collect::<Vec<_>>();
    let mut kills = 0;
    // Each run is killed when so many more requests have come, whatever it is doing then.
    while sent().iter().sum::<usize>() < 12 && kills < 40 {
        let mut child = crate::cli::start(blog.site.root(), NOW);
        let before: usize = webs.iter().map(|web| web.lines().len()).sum();
        let wanted = before + 1 + dice.below(8);
        crate::fake_web::wait_until(|| {
            let ended = child.try_wait().expect("the child can be asked").is_some();
            ended || webs.iter().map(|web| web.lines().len()).sum::<usize>() >= wanted
        });
        let _ = child.kill();
        child.wait().expect("the child ends");
        kills += 1;
    }
    assert!(kills > 1, "it was killed at least once on the way");
    let last = crate::cli::backmatter(blog.site.root(), NOW);
    assert_eq!(last.code, Some(0), "{}{}", last.stdout, last.stderr);
    let counts = sent();
    assert!(counts.iter().all(|count| *count <= 1), "somebody was told twice: {counts:?}");
    // Whoever was not told is one whose message was interrupted, and the ledger says so.
    let ledger = blog.ledger();
    for (web, count) in webs.iter().zip(counts) {
        let record = blog.record(&web.url("/post"));
        assert_eq!(record.state, SendState::Sent);
        assert!(count == 1 || record.answer.starts_with("interrupted"), "{record:?}");
    }
    assert_eq!(ledger.records.len(), 12);
}

#[test]
fn what_cannot_be_written_down_is_not_sent() {
    let others = ["127.0.4.1:0", "127.0.4.2:0"].map(|at| FakeWeb::at(at.parse().unwrap()));
    let links: String = others.iter().map(|web| format!("[x]({})\n", web.url("/post"))).collect();
    let blog = Blog::new(&post("one", &links));
    let ledger = blog.site.path(log::FILE_NAME);
    for other in &others {
        takes_webmentions(other);
        // When the page is asked where it wants to be told, there is no place for the ledger any more.
        let in_the_way = ledger.join("in-the-way");
        other.on_each("/post", move |_| {
            let _ = std::fs::remove_file(in_the_way.parent().unwrap());
            std::fs::create_dir_all(&in_the_way).unwrap();
            Answer::html("<title>t</title><link rel=webmention href=/webmention>")
        });
    }
    let run = crate::cli::backmatter(blog.site.root(), ["send", "--now", "2026-11-22T12:00:00Z"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""));
    assert!(run.stderr.starts_with(&format!("error: cannot write `{}`", ledger.display())), "{}", run.stderr);
    assert_eq!(others.iter().flat_map(posts_to).count(), 0);
}

#[test]
fn two_sends_of_one_site_do_not_run_at_once() {
    let blog = Blog::new("");
    std::fs::create_dir_all(blog.site.path(".backmatter")).unwrap();
    let lock = std::fs::File::create(blog.site.path(".backmatter/send.lock")).unwrap();
    lock.lock().unwrap();
    let run = crate::cli::backmatter(blog.site.root(), ["send"]);
    let path = blog.site.path(".backmatter/send.lock");
    run.is(
        2,
        "",
        &format!(
            "error: `backmatter send` is running for this site already; wait for it to end (it holds `{}`)\n",
            path.display()
        ),
    );
}

/// What the program prints, with the places of this test's servers named as they are in it.
#[track_caller]
fn says(blog: &Blog, arguments: &[&str], code: i32, (stdout, stderr): (&str, &str)) {
    let at = ["send", "--now", "2026-11-22T12:00:00Z"];
    let run = crate::cli::backmatter(blog.site.root(), at.iter().chain(arguments));
    let named = |text: &str| blog.site.without_root(text).replace(&blog.web.url(""), "BLOG");
    assert_eq!((named(&run.stdout).as_str(), named(&run.stderr).as_str()), (stdout, stderr));
    assert_eq!(run.code, Some(code));
}

#[test]
fn the_program_says_who_was_told_and_why() {
    let other = FakeWeb::at("127.0.2.1:0".parse().unwrap());
    takes_webmentions(&other);
    other.page("/none", "<title>t</title>");
    let blog = Blog::new(&post("one", &format!("[x]({}) [y]({})", other.url("/post"), other.url("/none"))));
    let web = other.url("");
    let would = format!(
        "silent  {web}/none, linked by `one`: it takes no linkbacks\n\
         would   {web}/post by webmention at {web}/webmention, linked by `one`\n1 to be told, 1 silent\n"
    );
    says(&blog, &["--dry-run"], 0, (&would, ""));
    says(&blog, &["--status"], 0, ("", "nothing was sent yet; `ROOT/linkbacks.sent.toml` is empty\n"));
    let told = format!(
        "silent  {web}/none, linked by `one`: it takes no linkbacks\n\
         told    {web}/post by webmention, linked by `one`: 202\n1 told, 1 silent\n"
    );
    says(&blog, &[], 0, (&told, ""));
    says(&blog, &[], 0, ("nothing to send\n", ""));
    says(&blog, &["--quiet"], 0, ("", ""));
    let width = format!("{web}/post").len();
    let table = format!(
        "state   post  {:width$}  protocol    when                  answer\n\
         silent  one   {web}/none              2026-11-22 12:00 UTC  no endpoint\n\
         sent    one   {web}/post  webmention  2026-11-22 12:00 UTC  202\n",
        "target"
    );
    says(
        &blog,
        &["--status"],
        0,
        (&table, "no linkbacks are sent for posts from before 2026-11-22 12:00 UTC\n"),
    );
    let json = r#"{"diagnostics":[],"interrupted":[],"letters":[],"marked":null,"next":null,"surprise":null,"verdicts":[],"waiting":0}"#;
    says(&blog, &["--json"], 0, (&format!("{json}\n"), ""));
}

#[test]
fn the_program_says_to_a_machine_who_was_told_and_what_is_remembered() {
    // Hosts of their own, as there is a pause between two messages to one.
    let [other, busy] = ["127.0.3.1:0", "127.0.3.2:0"].map(|at| FakeWeb::at(at.parse().unwrap()));
    takes_webmentions(&other);
    busy.page("/busy", "<title>t</title><link rel=webmention href=/webmention>");
    busy.on("/webmention", Answer::status(503));
    other.page("/none", "<title>t</title>");
    let links = format!("[a]({}) [b]({}) [c]({})", busy.url("/busy"), other.url("/none"), other.url("/post"));
    let blog = Blog::new(&post("one", &links));
    let run = |arguments: &[&str]| -> serde_json::Value {
        let at = ["send", "--json", "--now", "2026-11-22T12:00:00Z"];
        let run = crate::cli::backmatter(blog.site.root(), at.iter().chain(arguments));
        assert_eq!(run.stderr, "");
        let named = run
            .stdout
            .replace(&blog.web.url(""), "BLOG")
            .replace(&other.url(""), "WEB")
            .replace(&busy.url(""), "BUSY");
        serde_json::from_str(&named).expect("it is JSON")
    };
    let source = "BLOG/2026/11/22/one/";
    let letter = |target: &str, rest: serde_json::Value| {
        let mut letter = serde_json::json!({
            "post": "one", "source": source, "target": target, "reason": "new",
            "protocol": null, "endpoint": "",
        });
        letter.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        letter
    };
    let rehearsed = run(&["--dry-run"]);
    let would = serde_json::json!({
        "end": "would", "but": null, "protocol": "webmention", "endpoint": "WEB/webmention",
    });
    assert_eq!(rehearsed["letters"][1], letter("WEB/post", would));
    let mut sent = run(&[]);
    // The clock runs, so that it is not known to the second.
    let next = sent["next"].take();
    assert!(next.as_str().unwrap().starts_with("2026-11-22T12:15:"), "{next}");
    let failed = serde_json::json!({
        "end": "later", "reason": "503: status 503", "next": next, "protocol": "webmention",
        "endpoint": "BUSY/webmention",
    });
    let told = serde_json::json!({
        "end": "told", "answer": "202", "protocol": "webmention", "endpoint": "WEB/webmention",
    });
    let letters = [
        letter("WEB/none", serde_json::json!({ "end": "silent" })),
        letter("WEB/post", told),
        letter("BUSY/busy", failed),
    ];
    let expected = serde_json::json!({
        "diagnostics": [], "interrupted": [], "letters": letters, "marked": null, "next": null, "surprise": null, "verdicts": [],
        "waiting": 1,
    });
    assert_eq!(sent, expected);
    let status = run(&["--status"]);
    let fields: Vec<_> = status["records"][1].as_object().unwrap().keys().cloned().collect();
    assert_eq!(
        fields,
        [
            "answer", "attempts", "endpoint", "news", "next", "post", "protocol", "source", "state",
            "status", "target", "text", "time", "told", "verdict"
        ]
    );
    let record = &status["records"][1];
    assert_eq!(
        (&record["post"], &record["state"], &record["protocol"], &record["answer"]),
        (&"one".into(), &"sent".into(), &"webmention".into(), &"202".into())
    );
    let says = crate::cli::backmatter(blog.site.root(), ["send", "--now", "2026-11-22T12:01:00Z"]);
    says.is(
        0,
        "nothing is due; 1 is tried again from 2026-11-22 12:15 UTC on, and with `--post` at once\n",
        "",
    );
}

#[test]
fn the_program_says_what_to_do_about_an_old_blog() {
    let text =
        "-- content/old.md --\n+++\ntitle = 'Old'\ndate = 2016-05-05\n+++\n[x](http://127.0.2.2:1/post)\n";
    let blog = Blog::new(text);
    let stderr = "error: no linkbacks were sent before for this blog, which has 1 link in 1 post, some of them older than a week\n  \
                  `backmatter send --mark-all-sent`     records them all as sent, and begins with the next post\n  \
                  `backmatter send --since 2026-11-01`  sends linkbacks of the posts from a day on\n  \
                  `backmatter send --post PATH`         sends linkbacks of one post\n  \
                  `backmatter send --dry-run`           shows what would be sent\n";
    says(&blog, &[], 1, ("", stderr));
    let marked = "all links are recorded as sent; linkbacks are sent for new and changed posts from now on\n";
    says(&blog, &["--mark-all-sent"], 0, (marked, ""));
    says(&blog, &[], 0, ("nothing to send\n", ""));
    let failed = "later   http://127.0.2.2:1/post, linked by `old`: nothing listens there; again after 2026-11-22 12:15 UTC\n\
                  1 to be tried again; run it again after 2026-11-22 12:15 UTC\n";
    says(&blog, &["--post", "content/old.md"], 0, (failed, ""));
}

#[test]
fn a_ledger_that_is_lost_is_missed() {
    let other = FakeWeb::new();
    takes_webmentions(&other);
    let mut blog = Blog::new(&post("one", &format!("[x]({})", other.url("/post"))));
    blog.send();
    let ledger = std::fs::read_to_string(blog.site.path(log::FILE_NAME)).unwrap();
    blog.site.remove(log::FILE_NAME);
    let report = blog.send();
    assert_eq!(report.first_run, Some(send::FirstRun { why: send::FirstRunCause::Lost, posts: 1, links: 1 }));
    let said = crate::cli::backmatter(blog.site.root(), ["send", "--now", "2026-11-22T12:00:00Z"]);
    let first = "error: `linkbacks.sent.toml`, the log of what was sent, is missing, so everything would be sent again: 1 link in \
                 1 post; put it back\n";
    assert!(said.stderr.starts_with(first), "{}", said.stderr);
    assert_eq!(posts_to(&other).len(), 1);
    blog.site.write(log::FILE_NAME, ledger);
    assert_eq!(ends(&blog.send()), []);
    // Or it is begun anew.
    blog.site.remove(log::FILE_NAME);
    blog.run(SendScope::All, SendMode::MarkSent);
    assert_eq!(ends(&blog.send()), []);
    assert_eq!(posts_to(&other).len(), 1);
}

#[test]
fn wrong_arguments_are_named() {
    let hidden = "-- content/draft.md --\n+++\ntitle = 'D'\ndraft = true\n+++\n\
                  -- content/closed.md --\n+++\ntitle = 'C'\ndate = 2026-11-22\nlinkbacks = false\n+++\n";
    let blog = Blog::new(&format!("{}{hidden}", post("one", "Words.")));
    for (arguments, message) in [
        (
            &["--post", "elsewhere/notes.txt"][..],
            "error: `--post elsewhere/notes.txt`: there is no such post; name its file, as in content/2016/aleppo.md\n",
        ),
        (
            &["--post", "content/ome.md"],
            "error: `--post content/ome.md`: there is no such post; did you mean `content/one.md`?\n",
        ),
        (&["--post", "draft"], "error: `--post draft`: no linkbacks are sent for it, as it is a draft\n"),
        (
            &["--post", "content/closed.md"],
            "error: `--post content/closed.md`: no linkbacks are sent for it, as it says `linkbacks = false`\n",
        ),
        (
            &["--since", "soon"],
            "error: `--since soon`: `soon` is not a date; write it as 2016-12-15 or 2016-12-15T22:32:00+01:00\n",
        ),
        (
            &["--source", "one", "--target", "https://a.example/x"],
            "error: `--source one`: an address is not absolute; write it as https://example.com/page/\n",
        ),
    ] {
        says(&blog, arguments, 2, ("", message));
    }
}

#[test]
fn a_tombstone_in_the_place_of_a_post_says_that_it_is_gone() {
    let other = FakeWeb::new();
    takes_webmentions(&other);
    let mut blog = Blog::new(&post("gone", &format!("See [it]({}).", other.url("/post"))));
    blog.send();
    blog.site.remove("content/gone.md");
    blog.site.write(
        "static/2026/11/22/gone/index.html",
        "<!doctype html>\n<meta http-equiv=\"status\" content=\"410 Gone\">\n<title>This post was removed</title>\n",
    );
    blog.publish();
    assert_eq!(ends(&blog.send()), [("/post".to_owned(), told("202"))]);
    assert_eq!(blog.record(&other.url("/post")).state, SendState::Withdrawn);
    // Sending makes the folder of what can be made anew as a build does.
    assert!(blog.site.path(".backmatter/.gitignore").exists());
}
