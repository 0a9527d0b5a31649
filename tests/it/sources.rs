//! Links, copies and differences, through the program. Other sites are servers on loopback.

use serde_json::Value;

use crate::cli::{backmatter, command, run};
use crate::fake_web::{Answer, FakeWeb};
use crate::site_test::SiteTest;

fn site(text: &str) -> SiteTest {
    SiteTest::new(&format!(
        "-- backmatter.toml --\nbase_url = 'https://low-stairs.example'\n[network]\nallow = ['127.0.0.0/8:*']\n-- content/2026/a.md --\n+++\n\
         title = 'A'\ndate = 2026-10-20\n+++\n{text}\n"
    ))
}

fn json(site: &SiteTest, arguments: &[&str]) -> (Value, Option<i32>) {
    let run = backmatter(site.root(), arguments);
    let value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}{}", run.stdout, run.stderr));
    (value, run.code)
}

/// The states of the links by the last part of their addresses, and the exit code.
fn states(site: &SiteTest, day: u32) -> (Vec<String>, Option<i32>) {
    let now = format!("2026-11-{day:02}T12:00:00Z");
    let (report, code) = json(site, &["check", "--json", "--all", "--pause", "0", "--now", &now]);
    let links = report["external"]["links"].as_array().expect("links are listed");
    let mut states: Vec<String> = links
        .iter()
        .map(|link| {
            let url = link["url"].as_str().unwrap_or_default();
            format!(
                "{} {}",
                url.rsplit('/').next().unwrap_or_default(),
                link["state"].as_str().unwrap_or_default()
            )
        })
        .collect();
    states.sort();
    (states, code)
}

#[test]
fn each_state_of_a_link_is_reported() {
    let web = FakeWeb::new();
    let long = "<p>Words of the quay and the ferry. </p>".repeat(80);
    web.on("/robots.txt", Answer::status(404))
        .page("/ok", format!("<h1>Fine</h1><p id=place>x</p>{long}"))
        .on("/moved", Answer::redirect(301, "/ok"))
        .on("/gone", Answer::status(410))
        .on("/old-page", Answer::redirect(302, "/"))
        .page("/", "<h1>Front</h1>")
        .on("/wall", Answer::status(403))
        .on("/broken", Answer::status(500))
        .page("/soft", "<title>Page not found</title><p>x")
        .page("/anchor", format!("<h1>Fine</h1>{long}"))
        .page("/words", format!("<h1>Fine</h1>{long}"));
    let link = |path: &str| format!("[the page {path}]({})", web.url(path));
    let links: Vec<String> = [
        "/ok#place",
        "/moved",
        "/gone",
        "/old-page",
        "/wall",
        "/broken",
        "/soft",
        "/anchor#nowhere",
        "/words#:~:text=never%20said",
    ]
    .iter()
    .map(|path| link(path))
    .collect();
    let site = site(&links.join(", "));
    let (first, code) = states(&site, 1);
    assert_eq!(
        first,
        [
            "anchor anchor-gone",
            "broken unknown",
            "gone failing",
            "moved moved",
            "ok ok",
            "old-page failing",
            "soft failing",
            "wall refused",
            "words words-gone"
        ]
    );
    assert_eq!(code, Some(1), "the words of a link are gone");
    states(&site, 4);
    let (third, _) = states(&site, 8);
    assert_eq!(third.iter().filter(|state| state.ends_with("dead")).count(), 3, "{third:?}");
    let (report, _) = json(&site, &["check", "--json", "--pause", "0", "--now", "2026-11-08T13:00:00Z"]);
    assert_eq!(report["external"]["asked"], 0, "every answer still holds");
}

#[test]
fn a_page_that_its_host_shows_for_every_address_is_missing() {
    let web = FakeWeb::new();
    let shell = "<!doctype html><title>The Quay Post</title><h1>The Quay Post</h1><p>Search our archive of ten years.</p>";
    web.on("/robots.txt", Answer::status(404)).page("/news/letter", shell);
    let hash = |folder: &str| backmatter::internals::hash::Hash::of(folder.as_bytes()).short_hex();
    web.page(&format!("/news/no-such-page-{}", hash("127.0.0.1/news")), shell);
    web.page("/short/note", "<title>A note</title><h1>A note</h1><p>It rained.</p>");
    let site = site(&format!("[letter]({}), [note]({})", web.url("/news/letter"), web.url("/short/note")));
    assert_eq!(states(&site, 1).0, ["letter failing", "note ok"]);
    let asked = |part: &str| web.asked().iter().filter(|asked| asked.target.contains(part)).count();
    assert_eq!((asked("/news/no-such"), asked("/short/no-such")), (1, 1));
    assert_eq!(states(&site, 4).0, ["letter failing", "note ok"]);
    assert_eq!(
        (asked("/news/no-such"), asked("/short/no-such")),
        (2, 1),
        "a page that is known is not doubted"
    );
    assert_eq!(states(&site, 8).0, ["letter dead", "note ok"]);
}

#[test]
fn a_difference_to_a_revision_of_git_leaves_the_repository_alone() {
    let mut site = site("Words of the post.");
    let git = |arguments: &[&str]| {
        let identity = ["-c", "user.name=x", "-c", "user.email=x@x.example", "-c", "init.defaultBranch=main"];
        let mut git = std::process::Command::new("git");
        let ended = git.current_dir(site.root()).args(identity).args(arguments).output().expect("git runs");
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
        String::from_utf8_lossy(&ended.stdout).trim().to_owned()
    };
    git(&["init", "--quiet"]);
    git(&["add", "content", "backmatter.toml"]);
    git(&["commit", "--quiet", "--message", "One"]);
    let root = site.root().to_owned();
    let status = git(&["status", "--porcelain", "--untracked-files=no"]);
    site.write("content/2026/a.md", "+++\ntitle = 'A'\ndate = 2026-10-20\n+++\nOther words.\n");
    let (report, code) = json(&site, &["diff", "--against", "git:HEAD", "--json"]);
    let words = report["groups"].as_array().unwrap().iter().find(|group| group["part"] == "words");
    let words = words.unwrap_or_else(|| panic!("{report}"));
    assert_eq!(
        (code, &words["removed"][0], &words["added"][0]),
        (Some(1), &"Words of the post.".into(), &"Other words.".into())
    );
    assert_eq!(status, "");
    assert!(!root.join(".backmatter/revision").exists());
    for unknown in ["git:nowhere", "git:--output=x", "git:"] {
        let run = backmatter(&root, ["diff", "--against", unknown]);
        assert!(
            run.code == Some(2) && run.stderr.contains("git rev-parse"),
            "{unknown}: {:?} {}",
            run.code,
            run.stderr
        );
    }
    assert!(!root.join("x").exists());
}

#[test]
fn a_difference_to_another_program_is_that_of_the_site_it_builds() {
    let mut site = site("Words of the post.");
    site.write("static/proof.txt", "proof");
    let program = env!("CARGO_BIN_EXE_backmatter");
    let (report, code) = json(&site, &["diff", "--against", program, "--json"]);
    assert_eq!((code, &report["changed"], &report["gone"]), (Some(0), &0.into(), &serde_json::json!([])));
    assert_eq!(report["new"], serde_json::json!([]));
    // The folder of its output is gone, and a second run finds none of an earlier one.
    assert_eq!(json(&site, &["diff", "--against", program, "--json"]).1, Some(0));
    site.write("static/program", "not a program");
    let run = backmatter(site.root(), ["diff", "--against", "static/program"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{}", run.stderr);
}

#[test]
fn faults_of_pages_are_reported_without_asking_others() {
    let site = site(
        "![](x.png)\n\n<img src=\"/y.png\">\n\n<p id=\"twice\">a</p><p id=\"twice\">b</p>\n\nClick [here](https://example.com/x).",
    );
    let (report, code) = json(&site, &["check", "--offline", "--json"]);
    let messages: Vec<&str> = report["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|fault| fault["message"].as_str())
        .collect();
    for part in ["has no `alt`", "the id `twice` stands twice", "the text of a link is only `here`"] {
        assert!(messages.iter().any(|message| message.contains(part)), "{part}: {messages:?}");
    }
    let place =
        report["diagnostics"].as_array().unwrap().iter().find(|fault| fault["place"]["line"].is_u64());
    assert_ne!(place.expect("a fault has a place")["place"]["text"], "", "{report}");
    assert_eq!((code, &report["external"]), (Some(0), &Value::Null));
    assert_eq!(json(&site, &["check", "--offline", "--fail-on", "warnings", "--json"]).1, Some(1));
}

#[test]
fn a_difference_is_grouped_by_its_cause() {
    let mut site = site("Words of the post.");
    for number in 0..6 {
        site.write(
            &format!("content/2026/p{number}.md"),
            format!("+++\ntitle = 'P{number}'\ndate = 2026-10-0{}\n+++\nText {number}.\n", number + 1),
        );
    }
    let settings = std::fs::read_to_string(site.path("backmatter.toml")).unwrap();
    site.write("backmatter.toml", format!("{settings}\n[search]\nenabled = true\n"));
    site.write("static/proof.txt", "proof").write("static/old/index.html", "<p>Old page.</p>");
    assert_eq!(backmatter(site.root(), ["build"]).code, Some(0));
    let (same, code) = json(&site, &["diff", "--json"]);
    assert_eq!((code, same["changed"].as_u64()), (Some(0), Some(0)), "{same}");
    assert_eq!((&same["gone"], &same["new"]), (&serde_json::json!([]), &serde_json::json!([])), "{same}");
    site.write("static/old/index.html", "<p>Old page, mended.</p>");
    let (report, _) = json(&site, &["diff", "--json"]);
    assert_eq!(report["groups"][0]["added"][0], "Old page, mended.", "{report}");
    site.write("static/old/index.html", "<p>Old page.</p>");
    site.write("templates/partials/foot_extra.html", "<p class=\"extra\">Everywhere.</p>");
    let (report, code) = json(&site, &["diff", "--json"]);
    let words: Vec<&Value> =
        report["groups"].as_array().unwrap().iter().filter(|group| group["part"] == "words").collect();
    assert_eq!((code, words.len()), (Some(1), 1), "{report}");
    assert!(
        words[0]["pages"].as_array().unwrap().len() > 7 && words[0]["added"][0] == "Everywhere.",
        "{report}"
    );
}

#[test]
fn copies_are_found_made_and_kept() {
    let web = FakeWeb::new();
    web.page("/letter", "<h1>Letter</h1><p>It rained on Monday, she said.</p>");
    web.on_each("/wayback/available", |_| Answer::bytes("{\"archived_snapshots\":{}}"));
    web.on_each("/cdx/search/cdx", |_| Answer::bytes("[]"));
    let site = site(&format!(
        "Own.\n\n> It rained on Monday, she said.\n>\n> — Ann Poe, [Letter]({})",
        web.url("/letter")
    ));
    let base = web.url("");
    let arguments = ["quotes", "save", "--keep", "--archive", &base, "--json"];
    let (report, _) = json(&site, &arguments);
    assert_eq!(report["copies"][0]["end"], "no-keys", "{report}");
    let file = report["copies"][0]["file"].as_str().unwrap();
    assert!(file.ends_with(".warc.gz") && std::fs::metadata(file).unwrap().len() > 100, "{file}");
    web.on("/save", Answer::bytes("{\"url\":\"x\",\"job_id\":\"spn2-1\"}"));
    let done = "{\"status\":\"success\",\"timestamp\":\"20261101000000\",\"original_url\":\"https://a.example/letter\"}";
    web.script("/save/status/spn2-1", [Answer::bytes("{\"status\":\"pending\"}"), Answer::bytes(done)]);
    let mut with_keys = command(site.root(), ["quotes", "save", "--archive", &base]);
    let made = run(with_keys.env("BACKMATTER_ARCHIVE_KEYS", "key:secret"));
    assert!(
        made.stdout.contains("copy made: ")
            && made.stdout.contains("/web/20261101000000/https://a.example/letter"),
        "{}{}",
        made.stdout,
        made.stderr
    );
    let asked = web.asked();
    let saved = asked.iter().find(|asked| asked.target == "/save").expect("a copy was asked for");
    assert_eq!(saved.header("authorization"), Some("LOW key:secret"));
    let text = std::fs::read_to_string(site.path("quotes.toml")).unwrap();
    assert!(text.contains("archive = "), "{text}");
    assert_eq!(json(&site, &arguments).0["known"], 1);
}
