//! Pulling linkbacks that arrived elsewhere: what is new, what is gone, and nothing twice.

use backmatter::internals::receive::queue::decisions::Decision;
use serde_json::{Value, json};

use crate::cli::{Run, backmatter};
use crate::fake_web::{Answer, Asked, FakeWeb};
use crate::moderate::{TOKEN, Web};
use crate::moderation::Desk;

/// A desk whose site may speak to this machine.
fn desk() -> Desk {
    let mut desk = Desk::new();
    desk.site.write(
        "backmatter.toml",
        "base_url = \"https://example.com\"\n[network]\nallow = [\"127.0.0.1:*\"]\n",
    );
    desk.site.write("token", TOKEN);
    assert_eq!(backmatter(desk.site.root(), ["build"]).code, Some(0));
    desk
}

fn pull(desk: &Desk, from: &str, more: &[&str]) -> Run {
    let arguments = ["linkbacks", "pull", "--from", from, "--token-file", "token"];
    backmatter(desk.site.root(), [&arguments, more].concat())
}

/// Pulls without a fault, and says what it said first.
#[track_caller]
fn pulls(desk: &Desk, from: &str, more: &[&str], expected: &str) {
    let run = pull(desk, from, more);
    let first = run.stdout.lines().next().unwrap_or_default();
    assert_eq!((first, run.stderr.as_str(), run.code), (expected, "", Some(0)));
}

fn entry(id: u64, host: &str, target: &str) -> Value {
    json!({
        "type": "entry", "wm-id": id, "wm-source": format!("https://{host}/"), "wm-target": target,
        "wm-property": "mention-of", "wm-private": false, "wm-received": "2026-11-20T08:00:00Z",
        "name": "News", "content": { "text": format!("words from {host}") },
        "author": { "type": "card", "name": "Ann", "url": format!("https://{host}/me"), "photo": "" },
        "url": format!("https://{host}/"), "published": null,
    })
}

/// The service's documented API: entries above `since_id`, a page of `per-page`, oldest first.
fn service(web: &FakeWeb, entries: Vec<Value>) {
    web.on_each("/api/mentions.jf2", move |asked: &Asked| {
        let query = asked.target.split_once('?').map_or("", |(_, query)| query);
        let query: Vec<(String, String)> =
            url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let get = |name: &str| query.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value);
        let number = |name: &str| get(name).parse::<u64>().unwrap_or(0);
        if (get("token"), get("domain"), get("sort-dir")) != (TOKEN, "example.com", "up") {
            return Answer::bytes(r#"{"error":"forbidden"}"#).with_status(401);
        }
        let (size, page) = (number("per-page"), number("page"));
        let above = entries.iter().filter(|entry| entry["wm-id"].as_u64() > Some(number("since_id")));
        let children: Vec<_> = above
            .skip(usize::try_from(size * page).expect("small"))
            .take(usize::try_from(size).expect("small"))
            .collect();
        Answer::bytes(json!({ "type": "feed", "name": "Webmentions", "children": children }).to_string())
    });
}

/// The back matter of the post `a`.
fn back_matter(desk: &Desk) -> String {
    std::fs::read_to_string(desk.site.path("content/2026/a.backmatter.toml")).expect("it is there")
}

const A: &str = "https://example.com/2026/11/01/a/";

#[test]
fn what_a_service_received_waits_unless_its_site_is_trusted() {
    let desk = desk();
    let web = FakeWeb::new();
    let from = web.url("/api/mentions.jf2");
    let mut private = entry(4, "secret.example", A);
    private["wm-private"] = json!(true);
    service(
        &web,
        vec![
            entry(1, "x.example", A),
            entry(2, "friend.example", "http://example.com/2026/11/01/a#x"),
            entry(3, "y.example", "https://example.com/nothing/"),
            private,
        ],
    );
    assert_eq!(backmatter(desk.site.root(), ["linkbacks", "trust", "friend.example"]).code, Some(0));
    pulls(
        &desk,
        &from,
        &[],
        "1 approved, 1 to be decided on, 1 for pages that are not here, 1 not understood or private",
    );
    desk.site.output("2026/11/01/a/index.html").find("words from friend.example").expect("it is printed");
    pulls(&desk, &from, &[], "nothing new");
    assert!(web.lines().last().is_some_and(|line| line.contains("since_id=4")), "{:?}", web.lines());
    pulls(
        &desk,
        &from,
        &["--full"],
        "2 as before, 1 for pages that are not here, 1 not understood or private",
    );
}

#[test]
fn what_is_gone_from_a_service_goes_here_and_what_was_rejected_here_stays_away() {
    let desk = desk();
    let web = FakeWeb::new();
    let from = web.url("/api/mentions.jf2");
    service(&web, vec![entry(1, "x.example", A), entry(2, "y.example", A), entry(3, "z.example", A)]);
    pulls(&desk, &from, &["--approve"], "3 approved");
    assert_eq!(backmatter(desk.site.root(), ["linkbacks", "reject", "1"]).code, Some(0));
    service(&web, vec![entry(1, "x.example", A), entry(3, "z.example", A)]);
    pulls(&desk, &from, &["--approve", "--full"], "1 taken away, 2 as before");
    let file =
        std::fs::read_to_string(desk.site.path("content/2026/a.backmatter.toml")).expect("it is there");
    assert_eq!(file.matches("[[linkback]]").count(), 1, "{file}");
    assert!(file.contains("z.example"), "{file}");
    pulls(&desk, &from, &["--full"], "2 as before");
}

#[test]
fn a_draft_keeps_what_was_pulled_for_it() {
    let mut desk = desk();
    let web = FakeWeb::new();
    let from = web.url("/api/mentions.jf2");
    service(&web, vec![entry(1, "x.example", A)]);
    pulls(&desk, &from, &["--approve"], "1 approved");
    desk.site.edit("content/2026/a.md", "+++\n", "+++\ndraft = true\n");
    pulls(&desk, &from, &["--full"], "1 for pages that are not here");
    let file = std::fs::read_to_string(desk.site.path("content/2026/a.backmatter.toml"));
    assert!(file.expect("it is there").contains("x.example"));
}

#[test]
fn many_pages_are_pulled_once() {
    let desk = desk();
    let web = FakeWeb::new();
    let from = web.url("/api/mentions.jf2");
    service(&web, (1..=250).map(|n| entry(n, &format!("x{n}.example"), A)).collect());
    pulls(&desk, &from, &[], "250 to be decided on");
    assert_eq!(web.lines().len(), 3);
    pulls(&desk, &from, &[], "nothing new");
}

#[test]
fn what_a_receiver_approved_is_approved_and_what_it_took_back_is_taken_away() {
    let mut there = Web::new();
    let ids = [
        there.desk.held("https://x.example/1", "a"),
        there.desk.held("https://y.example/2", "b"),
        there.desk.held("https://z.example/3", "b"),
    ];
    let here = desk();
    let from = format!("http://{}/", there.server.address());
    pulls(&here, &from, &[], "nothing new");
    there.desk.decide(&ids[..2], Decision::Approve);
    pulls(&here, &from, &[], "2 approved");
    here.site.output("2026/11/01/a/index.html").find("words around the link").expect("it is printed");
    pulls(&here, &from, &[], "nothing new");
    there.desk.decide(&ids[..1], Decision::Reject);
    pulls(&here, &from, &[], "1 taken away");
    assert!(!here.site.output("2026/11/01/a/index.html").contains("words around the link"));
    pulls(&here, &from, &["--full"], "1 as before");
    let exported = backmatter(here.site.root(), ["linkbacks", "export", "--format", "json"]);
    let exported: Value = serde_json::from_str(&exported.stdout).expect("it is JSON");
    assert_eq!(exported[0]["source"], "https://y.example/2");
    assert_eq!(exported.as_array().map(Vec::len), Some(1));
}

#[test]
fn what_cannot_be_pulled_says_why() {
    let desk = desk();
    let web = FakeWeb::new();
    web.on("/a/moderate/export.jf2", Answer::bytes("{}").with_status(401));
    web.on("/b/moderate/export.jf2", Answer::bytes("<html>"));
    web.on("/c/moderate/export.jf2", Answer::status(404));
    for (place, reason) in [
        ("/a", "it does not know this token"),
        ("/b", "this is not JSON: expected value at line 1 column 1"),
        ("/c", "there is no receiver, or it has no token and so no page to moderate at"),
    ] {
        let run = pull(&desk, &web.url(place), &[]);
        let error = format!("error: `{}`: {reason}\n", web.url(&format!("{place}/moderate/export.jf2")));
        assert_eq!((run.stderr.as_str(), run.code), (error.as_str(), Some(2)));
    }
    let run = pull(&desk, "ftp://x.example/", &[]);
    assert_eq!(run.stderr, "error: `ftp://x.example/`: an address is neither http nor https\n");
    let run = backmatter(desk.site.root(), ["linkbacks", "pull", "--from", "https://x.example"]);
    assert_eq!(
        run.stderr,
        "error: `pull`: it needs the token of the other side; set BACKMATTER_TOKEN, or name a file with `--token-file`\n"
    );
}

#[test]
fn a_page_can_be_added_by_hand() {
    let desk = desk();
    let web = FakeWeb::new();
    web.page("/good", format!("<title>Good</title><p>I read <a href='{A}'>this</a> today."));
    web.page("/bad", "<title>Bad</title>");
    let add = |path: &str, post: &str| {
        backmatter(desk.site.root(), ["linkbacks", "add", &web.url(path), "--post", post])
    };
    let run = add("/good", "content/2026/a.md");
    assert!(
        run.stdout.starts_with(&format!("1: approved: {}\n3 pages rendered, ", web.url("/good"))),
        "{}{}",
        run.stdout,
        run.stderr
    );
    desk.site.output("2026/11/01/a/index.html").find("I read this today").expect("it is printed");
    let run = add("/bad", "content/2026/a.md");
    let error = format!("error: `{}` was not added: the page has no link to the post\n", web.url("/bad"));
    assert_eq!((run.stderr.as_str(), run.code), (error.as_str(), Some(1)));
}

#[test]
fn comments_are_handed_on_and_forgotten_where_they_were_handed_to() {
    let mut there = Web::new();
    let said = there.desk.commented("I *counted* them.\n\nFourteen.", None);
    there.desk.decide(&[said], Decision::Approve);
    there.desk.write();
    let file = back_matter(&there.desk);
    let (_, id) = file.split_once("id = \"").expect("it has an id");
    let id = id.split_once('"').expect("it ends").0.to_owned();
    let answer = there.desk.commented("Fifteen, I say.", Some(&id));
    there.desk.decide(&[answer], Decision::Approve);
    there.desk.write();

    let here = desk();
    let from = format!("http://{}/", there.server.address());
    pulls(&here, &from, &[], "2 approved");
    assert_eq!(back_matter(&here), back_matter(&there.desk));
    here.site.output("2026/11/01/a/index.html").find("I <em>counted</em> them.").expect("it is printed");
    pulls(&here, &from, &[], "nothing new");

    let now = there.desk.now;
    there.desk.store.withdraw_comment(said, now).expect("the database works");
    let run = pull(&here, &from, &[]);
    assert_eq!((run.stdout.lines().next(), run.code), (Some("1 taken away"), Some(0)));
    // Its answer is kept, and is one to the post now.
    assert_eq!(run.stderr, "");
    let left = back_matter(&here);
    assert!(!left.contains("counted") && left.contains("Fifteen") && !left.contains("parent"), "{left}");
    pulls(&here, &from, &["--full"], "1 as before");
}
