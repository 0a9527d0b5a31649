//! The whole circle, with the program itself at both ends: a blog quotes another one, is published, and its words stand under the post
//! that it quoted.

use std::net::SocketAddr;
use std::process::{Child, Stdio};

use chrono::Utc;
use serde_json::Value;

use crate::cli::{backmatter, command};
use crate::fake_web::{FakeWeb, wait_until};
use crate::site_test::SiteTest;

/// A receiver, for as long as it is held.
struct Receiver(Child);

impl Drop for Receiver {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn site(web: &FakeWeb, settings: &str, posts: &str) -> SiteTest {
    SiteTest::new(&format!(
        "-- backmatter.toml --\ntitle = 'A blog'\nbase_url = '{}'\n{settings}\n[network]\nallow = ['127.0.0.0/8:*']\n{posts}",
        web.url("")
    ))
}

/// At most a hundred characters before the link and after it, between words.
const EXCERPT: &str = "[…] the boats leave or heard the bell. Whoever wants to know why the swans moved should read what was \
    written about the low stairs this morning, and then walk there slowly with a lamp, past the house with the green door and \
    the […]";

#[test]
fn a_blog_quotes_another_and_its_words_stand_under_the_post() {
    let today = Utc::now().format("%Y-%m-%d");
    let (quay, stairs) = (FakeWeb::new(), FakeWeb::new());
    // A port that was free a moment ago, on an address that nobody else uses.
    let hears: SocketAddr = std::net::TcpListener::bind("127.0.0.10:0").unwrap().local_addr().unwrap();

    let answered = site(
        &stairs,
        &format!("[linkbacks]\nreceiver = 'http://{hears}'\ndelay = 0\nhost_pause = 0"),
        &format!(
            "-- content/low.md --\n+++\ntitle = 'Low stairs'\ndate = {today}\n+++\nThey fell down the landing.\n"
        ),
    );
    stairs.folder(&answered.path("public"));
    assert_eq!(backmatter(answered.root(), ["build"]).code, Some(0));
    let post = format!("{}/{}/low/", stairs.url(""), today.to_string().replace('-', "/"));
    let mut receive = command(answered.root(), ["receive", "--listen", &hears.to_string()]);
    let receiver = receive.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program runs");
    let _receiver = Receiver(receiver);
    wait_until(|| std::net::TcpStream::connect(hears).is_ok());

    let quotes = site(
        &quay,
        "[publish.web]\nkind = 'directory'\nto = 'web'",
        &format!(
            "-- content/quay.md --\n+++\ntitle = 'A walk along the quay'\ndate = {today}\n+++\n\
             The fog came in before noon and lay on the water until the lamps were lit, so that nobody saw the boats \
             leave or heard the bell. Whoever wants to know why the swans moved should read what was [written about the low stairs]({post}) \
             this morning, and then walk there slowly with a lamp, past the house with the green door and the two \
             chairs, as far as the wall where the cats sit when there is sun.\n"
        ),
    );
    quay.folder(&quotes.path("web/current"));
    let published = backmatter(quotes.root(), ["publish", "--yes"]);
    let expected = format!("told    {post} by webmention, linked by `quay`: 201\n1 told\n");
    assert!(published.stdout.ends_with(&expected), "{}{}", published.stdout, published.stderr);
    assert_eq!(published.code, Some(0));

    let list = || -> Vec<Value> {
        let list = backmatter(answered.root(), ["linkbacks", "list", "--json"]);
        serde_json::from_str(&list.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}{}", list.stdout, list.stderr))
    };
    wait_until(|| !list().is_empty());
    let number = list()[0]["number"].to_string();
    let approved = backmatter(answered.root(), ["linkbacks", "approve", &number]);
    assert_eq!(approved.code, Some(0), "{}{}", approved.stdout, approved.stderr);

    let path = format!("public/{}/low/index.html", today.to_string().replace('-', "/"));
    let page = std::fs::read_to_string(answered.path(&path)).expect("it was built");
    let excerpt =
        page.split("<p class=\"p-content\" dir=\"auto\">").nth(1).and_then(|rest| rest.split("</p>").next());
    assert_eq!(excerpt, Some(EXCERPT));
    assert!(page.contains("A walk along the quay"), "{page}");

    // Nothing is told twice, and a text that changes is told of again.
    let again = backmatter(quotes.root(), ["publish", "--yes"]);
    assert!(!again.stdout.contains("told"), "{}", again.stdout);
    let back_matter =
        std::fs::read_to_string(answered.path("content/low.backmatter.toml")).expect("it is there");
    assert!(back_matter.contains("kind = \"webmention\""), "{back_matter}");
}
