//! `backmatter linkbacks`: exactly what it prints, and what it leaves behind.

use backmatter::internals::linkback::inbox::state::{SourceError, SourceErrorKind, Verification};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use crate::cli::{Run, backmatter};
use crate::fake_web::{Answer, FakeWeb};
use crate::moderation::{Desk, words};
use crate::site_test::put;

/// A desk whose site the program itself has built.
fn desk() -> Desk {
    let desk = Desk::new();
    built(&desk);
    desk
}

#[track_caller]
fn built(desk: &Desk) {
    assert_eq!(backmatter(desk.site.root(), ["build"]).code, Some(0));
}

#[track_caller]
fn run(desk: &Desk, arguments: &[&str]) -> Run {
    backmatter(desk.site.root(), [&["linkbacks"], arguments].concat())
}

#[track_caller]
fn is(desk: &Desk, arguments: &[&str], expected: (i32, &str, &str)) {
    let (code, stdout, stderr) = expected;
    run(desk, arguments).is(code, stdout, stderr);
}

#[track_caller]
fn json(desk: &Desk, arguments: &[&str]) -> Value {
    let run = run(desk, &[arguments, &["--json"]].concat());
    assert_eq!(run.stderr, "");
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.stdout))
}

fn approve(number: &str) -> String {
    format!(
        "{number}: approved: https://x.example/{number}\n3 pages rendered, 15 kept, 3 written, 0 removed in TIME\n"
    )
}

#[test]
fn a_linkback_is_listed_approved_and_taken_back() {
    let mut desk = desk();
    desk.held("https://x.example/1", "a");
    is(
        &desk,
        &["list"],
        (
            0,
            "    1  held       50 %  https://x.example/1\n                        -> content/2026/a.md\n                        Ann: News: words around the link\n                        nothing from `x.example` was approved before\n\n",
            "1 held\n",
        ),
    );
    is(&desk, &["approve", "1"], (0, &approve("1"), ""));
    desk.site.holds("2026/11/01/a/index.html", &["words around the link"]);
    is(&desk, &["list"], (0, "", "1 approved\n"));
    is(&desk, &["approve", "1"], (1, "", "error: linkback 1 was left as it is: it was approved already\n"));
    is(
        &desk,
        &["undo"],
        (
            0,
            "1: `approve` taken back, now held: https://x.example/1\n3 pages rendered, 15 kept, 3 written, 0 removed in TIME\n",
            "",
        ),
    );
    desk.site.lacks("2026/11/01/a/index.html", &["words around the link"]);
    is(&desk, &["undo"], (0, "", "there is no decision to take back\n"));
}

#[test]
fn many_are_decided_on_at_once() {
    let mut desk = desk();
    for (number, post) in [(1, "a"), (2, "a"), (3, "b"), (4, "b")] {
        desk.held(&format!("https://x{number}.example/"), post);
    }
    let states = |desk: &Desk| {
        let list = json(desk, &["list", "--all"]);
        let mut states: Vec<String> = list
            .as_array()
            .expect("it is a list")
            .iter()
            .map(|item| format!("{} {}", item["number"], item["state"]))
            .collect();
        states.sort_unstable();
        states.join(", ").replace('"', "")
    };
    assert_eq!(run(&desk, &["spam", "--host", "x1.example"]).code, Some(0));
    assert_eq!(run(&desk, &["reject", "--post", "content/2026/a.md"]).code, Some(0));
    assert_eq!(states(&desk), "1 spam, 2 rejected, 3 held, 4 held");
    let decided = json(&desk, &["approve", "--all"]);
    assert_eq!(decided["linkbacks"].as_array().map(Vec::len), Some(2));
    assert_eq!(
        decided["site"]["build"]["rendered"],
        serde_json::json!(["2026/11/02/b/index.html", "atom.xml", "rss.xml"])
    );
    assert_eq!(run(&desk, &["undo"]).code, Some(0));
    assert_eq!(states(&desk), "1 spam, 2 rejected, 3 held, 4 held");
    assert_eq!(run(&desk, &["approve", "--state", "spam,rejected"]).code, Some(0));
    assert_eq!(states(&desk), "1 approved, 2 approved, 3 held, 4 held");
}

#[test]
fn whom_to_trust_can_be_said_without_a_linkback() {
    let mut desk = desk();
    is(&desk, &["trust", "https://www.Friend.example/"], (0, "`friend.example` is trusted\n", ""));
    is(
        &desk,
        &["block", "medium.com/@Bob", "spam.example"],
        (0, "`medium.com/@bob` is blocked\n`spam.example` is blocked\n", ""),
    );
    is(&desk, &["trust", "friend.example"], (0, "`friend.example` is trusted already\n", ""));
    is(&desk, &["lists"], (0, "trust  friend.example\nblock  medium.com/@bob\nblock  spam.example\n", ""));
    is(&desk, &["forget", "spam.example"], (0, "`spam.example` is neither trusted nor blocked\n", ""));
    is(
        &desk,
        &["forget", "spam.example"],
        (
            1,
            "",
            "error: `spam.example` is on no list; `backmatter linkbacks lists` shows them, and the settings have their own\n",
        ),
    );
    is(
        &desk,
        &["trust", "nonsense"],
        (2, "", "error: `nonsense`: this is not a site; write it as `example.com` or `medium.com/@ann`\n"),
    );
    desk.held("https://medium.com/@ann/1", "a");
    let trusted = run(&desk, &["trust", "1"]);
    assert!(
        trusted.stdout.starts_with(
            "1: approved: https://medium.com/@ann/1, and `medium.com/@ann` is trusted from now on\n"
        ),
        "{}",
        trusted.stdout
    );
}

#[test]
fn what_is_not_there_is_said() {
    let desk = desk();
    is(&desk, &["list"], (0, "", "no linkbacks\n"));
    is(&desk, &["lists"], (0, "", "no decision has trusted or blocked a site or author\n"));
    is(
        &desk,
        &["show", "7"],
        (2, "", "error: `7`: there is no linkback of this number; `backmatter linkbacks list` shows them\n"),
    );
    is(
        &desk,
        &["approve"],
        (2, "", "error: `linkbacks`: name them by number, or all that wait with `--all`\n"),
    );
    is(
        &desk,
        &["approve", "7", "--all"],
        (2, "", "error: `linkbacks`: name them by number or by options, not both\n"),
    );
    is(&desk, &["approve", "--all"], (0, "", "no linkback matches\n"));
    is(
        &desk,
        &["close", "content/2026/c.md"],
        (2, "", "error: `content/2026/c.md`: there is no such post; name its Markdown file\n"),
    );
    is(&desk, &["close", "content/2026/b.md"], (0, "`content/2026/b.md` takes no more linkbacks\n", ""));
    is(&desk, &["reopen", "content/2026/b.md"], (0, "`content/2026/b.md` takes linkbacks\n", ""));
}

#[test]
fn a_database_that_is_not_there_is_not_made() {
    let mut desk = desk();
    let fault = |name: &str| {
        format!(
            "error: there is no database of linkbacks `{name}`; `backmatter receive` makes it, or name another one with `--db FILE`\n"
        )
    };
    for arguments in
        [&["list"][..], &["lists"], &["export"], &["show", "1"], &["approve", "--all"], &["undo"], &["retry"]]
    {
        let arguments = [arguments, &["--db", "missing.db"]].concat();
        is(&desk, &arguments, (2, "", &fault("missing.db")));
        assert!(!desk.site.path("missing.db").exists(), "{arguments:?}");
    }
    // A site that has heard nothing yet has nothing to list.
    desk.site
        .write("backmatter.toml", "base_url = \"https://example.com\"\n[linkbacks]\ndatabase = \"new.db\"\n");
    is(&desk, &["list"], (0, "", "no linkbacks\n"));
    is(&desk, &["lists"], (0, "", "no decision has trusted or blocked a site or author\n"));
    assert_eq!(run(&desk, &["export", "--format", "json"]).stdout, "[]\n");
    assert_eq!(run(&desk, &["approve", "1"]).code, Some(2));
    assert!(!desk.site.path("new.db").exists());
    // What is decided about sites is kept, whether one has written yet or not.
    is(&desk, &["block", "casino.example"], (0, "`casino.example` is blocked\n", ""));
    assert!(desk.site.path("new.db").exists());
}

#[test]
fn what_is_no_number_is_said_in_words_of_ours() {
    let desk = desk();
    for arguments in [["show", "abc"], ["approve", "abc"], ["retry", "-7x"]] {
        let run = run(&desk, &["--quiet", arguments[0], "--", arguments[1]]);
        let said = "expected a linkback number (see `backmatter linkbacks list`)";
        assert!(run.stderr.contains(said) && run.code == Some(2), "{}", run.stderr);
    }
}

#[test]
fn a_pull_looks_at_its_address_before_it_asks_for_a_token() {
    let desk = desk();
    is(&desk, &["pull", "--from", "nonsense"], (2, "", "error: `nonsense`: an address is not absolute\n"));
    let run = run(&desk, &["pull", "--from", "https://x.example/"]);
    assert!(run.stderr.starts_with("error: `pull`: it needs the token of the other side"), "{}", run.stderr);
}

#[test]
fn what_could_not_be_reached_is_refused_with_its_own_reason() {
    let mut desk = desk();
    let id = desk.held("https://x.example/1", "a");
    let now = desk.now;
    let unreachable = SourceError::new(SourceErrorKind::Withdrawn, "there is no host `x.example`");
    desk.store
        .change(id, |item| item.settle(Verification::Lost(unreachable), now))
        .expect("it can be changed");
    let said = "error: linkback 1 was left as it is: there is no host `x.example`\n";
    is(&desk, &["approve", "1"], (1, "", said));
    let again = run(&desk, &["retry", "1"]);
    assert!(again.stderr.contains("a running receiver begins in about 60 seconds"), "{}", again.stderr);
}

#[test]
fn all_of_a_linkback_is_shown() {
    let mut desk = desk();
    let id = desk.held("https://x.example/1", "a");
    assert_eq!(run(&desk, &["approve", "1"]).code, Some(0));
    desk.look(id, words("other words \u{1b}[31m"));
    let run = run(&desk, &["show", "1"]);
    let lines: Vec<&str> = run.stdout.lines().filter(|line| !line.contains("look")).collect();
    assert_eq!(
        lines,
        [
            "linkback 1",
            "  state       approved",
            "  source      https://x.example/1",
            "  target      https://example.com/2026/11/01/a/",
            "  post        content/2026/a.md",
            "  came as     webmention",
            "  sender      192.0.2.7",
            "  received    2026-11-22 12:00 UTC",
            "  type        mention",
            "  title       News",
            "  site        X",
            "  author      Ann",
            "  excerpt     words around the link",
            "  new type    mention",
            "  new title   News",
            "  new site    X",
            "  new author  Ann",
            "  new excerpt other words \u{fffd}[31m",
            "  likely      50 %",
            "  against     nothing from `x.example` was approved before",
        ]
    );
}

const HOOK: &str = "#!/bin/sh\ncat > told.json\necho \"$BACKMATTER_POSTS\" > told.txt\n";

/// A command of the site's author.
fn hook(desk: &mut Desk, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    desk.site.write(
        "backmatter.toml",
        "base_url = \"https://example.com\"\n[linkbacks]\non_change = [\"./hook.sh\"]\n",
    );
    put(&desk.site.path("hook.sh"), text.as_bytes());
    std::fs::set_permissions(desk.site.path("hook.sh"), std::fs::Permissions::from_mode(0o755))
        .expect("it is ours");
    built(desk);
}

#[test]
fn a_command_is_told_what_changed() {
    let mut desk = desk();
    hook(&mut desk, HOOK);
    desk.held("https://x.example/1", "a");
    is(&desk, &["approve", "1"], (0, &approve("1"), ""));
    let read = |name: &str| std::fs::read_to_string(desk.site.path(name)).unwrap_or_default();
    assert_eq!(read("told.txt"), "content/2026/a.md\n");
    let told: Value = serde_json::from_str(&read("told.json")).expect("it is JSON");
    assert_eq!(told["event"], "changed");
    assert_eq!(told["posts"][0]["url"], "https://example.com/2026/11/01/a/");
    assert_eq!(told["linkbacks"][0]["wm-source"], "https://x.example/1");
}

#[test]
fn a_command_that_fails_loses_no_decision() {
    let mut desk = desk();
    hook(&mut desk, "#!/bin/sh\necho no network >&2\nexit 3\n");
    desk.held("https://x.example/1", "a");
    is(
        &desk,
        &["approve", "1"],
        (
            1,
            &approve("1"),
            "error: the decision is kept, but a notification failed: `./hook.sh`: it ended with exit status: 3: no network\n",
        ),
    );
    desk.site.holds("2026/11/01/a/index.html", &["words around the link"]);
    desk.site.remove("hook.sh");
    desk.held("https://x.example/2", "a");
    let run = run(&desk, &["approve", "2"]);
    assert!(run.stderr.contains("`./hook.sh`: it cannot be run: "), "{}", run.stderr);
}

#[test]
fn a_command_that_does_not_end_is_ended() {
    let mut desk = desk();
    hook(&mut desk, "#!/bin/sh\necho waiting >&2\nsleep 1000\n");
    let settings =
        "base_url = \"https://example.com\"\n[linkbacks]\non_change = [\"./hook.sh\"]\non_change_limit = 1\n";
    desk.site.write("backmatter.toml", settings);
    built(&desk);
    desk.held("https://x.example/1", "a");
    let error = "error: the decision is kept, but a notification failed: `./hook.sh`: it was ended after the 1 s of `on_change_limit`: waiting\n";
    is(&desk, &["approve", "1"], (1, &approve("1"), error));
}

#[test]
fn a_site_with_errors_keeps_the_decision() {
    let mut desk = desk();
    desk.held("https://x.example/1", "a");
    desk.site.write("templates/broken.html", "{{ x ");
    let run = run(&desk, &["approve", "1"]);
    assert_eq!(run.code, Some(1));
    assert!(
        run.stderr.ends_with(
            "error: the decision is kept and written, but the site has errors and was not built\n"
        ),
        "{}",
        run.stderr
    );
    desk.site.remove("templates/broken.html").build();
    desk.site.holds("2026/11/01/a/index.html", &["words around the link"]);
}

#[test]
fn an_address_is_told_and_the_day_is_listed() {
    let mut desk = Desk::new();
    let web = FakeWeb::new();
    web.on_each("/told", |_| Answer::bytes("thanks")).on("/broken", Answer::status(500));
    let settings = |path: &str| {
        format!(
            "base_url = \"https://example.com\"\n[network]\nallow = [\"127.0.0.1:*\"]\n[linkbacks]\nwebhook = \"{}\"\nwebhook_secret_file = \"secret\"\ndigest = \"digests\"\n",
            web.url(path)
        )
    };
    desk.site.write("secret", "Jefe\n");
    desk.site.write("backmatter.toml", settings("/told"));
    built(&desk);
    let now = chrono::Utc::now();
    desk.now = now;
    let id = desk.found("https://x.example/1", "a", words("words <b>around</b> *the* link"));
    is(&desk, &["approve", "1"], (0, &approve("1"), ""));
    let asked = web.wait_for(1);
    let told: Value = serde_json::from_str(&asked[0].text()).expect("it is JSON");
    assert_eq!((&told["event"], &told["linkbacks"][0]["wm-id"]), (&"changed".into(), &id.into()));
    assert_eq!(asked[0].header("content-type"), Some("application/json"));
    let mut mac = Hmac::<Sha256>::new_from_slice(b"Jefe").expect("a key may have any length");
    mac.update(asked[0].text().as_bytes());
    let signature = backmatter::internals::hash::hex(&mac.finalize().into_bytes());
    assert_eq!(asked[0].header("x-hub-signature-256"), Some(format!("sha256={signature}").as_str()));
    let day = std::fs::read_to_string(desk.site.path(&format!("digests/{}.md", now.date_naive())));
    let day = day.unwrap_or_default();
    assert!(
        day.starts_with(&format!(
            "# Linkbacks of {}\n\n1 found, 0 to be decided on.\n\n## 1: News (approved)\n",
            now.date_naive()
        )),
        "{day}"
    );
    assert!(day.contains("> words \\<b\\>around\\</b\\> \\*the\\* link\n"), "{day}");
    desk.site.write("backmatter.toml", settings("/broken"));
    built(&desk);
    let undone = run(&desk, &["undo"]);
    // Who knows the path of a webhook may use it.
    let error = format!(
        "error: the decision is kept, but a notification failed: `{}`: it answered with status 500\n",
        web.url("")
    );
    assert_eq!((undone.stderr.as_str(), undone.code), (error.as_str(), Some(1)));
    // Without the secret nothing is sent that its receiver would have to refuse.
    for (secret, reason) in [(Some(" \n"), "there is no secret in it"), (None, "cannot read")] {
        match secret {
            Some(text) => desk.site.write("secret", text),
            None => desk.site.remove("secret"),
        };
        let before = web.asked().len();
        let decided = run(&desk, &[if secret.is_some() { "approve" } else { "reject" }, "1"]);
        assert!(decided.stderr.contains(reason), "{}", decided.stderr);
        assert_eq!(web.asked().len(), before);
    }
}
