//! Programs that are killed at random moments: whatever is done to the site then, the next build makes what a build from
//! nothing makes, and a page that was withdrawn is gone.
//!
//! The moments are drawn from a seed. `BACKMATTER_KILLS=1000 cargo test --test it kills::` kills more often than a usual run.

use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use backmatter::internals::receive::queue::decisions::Decision;

use crate::cli::{backmatter, command};
use crate::dice::Dice;
use crate::fake_web::{Answer, FakeWeb};
use crate::moderation::Desk;
use crate::publish::{branch, site_in_git};
use crate::random_edits::Script;
use crate::receiver_process::{self, Process};
use crate::scale::large_site;
use crate::site_test::{SiteTest, files, same_files};
use crate::webdav::{self, WebdavServer};

const NOW: &str = "2026-11-22T12:00:00Z";

/// How often a test kills: the number it has by itself, or its share of what the tester asks for.
fn kills(usual: usize) -> usize {
    let asked = std::env::var("BACKMATTER_KILLS").ok().and_then(|text| text.parse::<usize>().ok());
    asked.map_or(usual, |asked| (asked / 4).max(1))
}

/// Starts the program with all that it starts in a group of its own.
fn start(folder: &Path, arguments: &[&str]) -> Child {
    let mut command = command(folder, arguments);
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).process_group(0);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program runs")
}

/// Kills a program and its group at a moment. `false` if it had ended before.
fn kill_after(mut child: Child, moment: Duration) -> bool {
    let began = Instant::now();
    while began.elapsed() < moment {
        if child.try_wait().expect("it can be waited for").is_some() {
            return false;
        }
        std::thread::yield_now();
    }
    let group = format!("-{}", child.id());
    let ended = Command::new("kill").args(["-9", "--", &group]).stderr(Stdio::null()).status();
    ended.expect("there is `kill`");
    child.wait().expect("it can be waited for").code().is_none()
}

/// How long a program takes that is not killed.
fn time_of(folder: &Path, arguments: &[&str]) -> Duration {
    let began = Instant::now();
    backmatter(folder, arguments);
    began.elapsed()
}

/// A random part of a time, and a little more than all of it at most.
fn part_of(time: Duration, dice: &mut Dice) -> Duration {
    time * u32::try_from(dice.below(1100)).expect("it is small") / 1000
}

/// Builds by the program, and compares the output folder with a build of the same files from nothing.
#[track_caller]
fn builds_as_from_nothing(site: &SiteTest, what: &str) {
    let build = backmatter(site.root(), ["build", "--now", NOW]);
    assert!(matches!(build.code, Some(0 | 3)), "{what}: {}", build.stderr);
    assert!(!build.stderr.contains("not of the site"), "{what}: {}", build.stderr);
    let clean = site.clean_copy();
    backmatter(clean.path(), ["build", "--now", NOW]);
    same_files(&files(&site.path("public")), &files(&clean.path().join("public")));
    assert!(!site.path("public/.backmatter-new").exists(), "{what}");
}

#[test]
fn whatever_becomes_of_posts_after_a_killed_build_their_pages_follow() {
    let mut killed = 0;
    for seed in 0..kills(60) as u64 {
        let mut script = Script::new(seed);
        let mut dice = Dice::new(seed);
        let whole = time_of(script.site.root(), &["build", "--now", NOW]);
        for _ in 0..2 {
            script.site.edit("backmatter.toml", "title = \"", "title = \"A");
            script.edit_at_random();
            let build = start(script.site.root(), &["build", "--now", NOW]);
            killed += usize::from(kill_after(build, part_of(whole, &mut dice)));
            for _ in 0..3 {
                script.edit_at_random();
            }
        }
        builds_as_from_nothing(&script.site, &format!("seed {seed}, after {:#?}", script.done));
    }
    assert!(killed > 0, "every build had ended before it could be killed");
}

#[test]
fn a_large_site_follows_as_well() {
    let mut site = large_site();
    let whole = time_of(site.root(), &["build", "--now", NOW]);
    let mut dice = Dice::new(0);
    for round in 0..kills(2) {
        site.write("backmatter.toml", format!("title = \"{round}\"\nbase_url = \"https://example.com\"\n"));
        // In the second half files are moved to their places.
        let moment = whole / 2 + part_of(whole, &mut dice) / 2;
        kill_after(start(site.root(), &["build", "--now", NOW]), moment);
        for number in (round..2000).step_by(kills(2).max(100)) {
            let day = chrono::NaiveDate::from_ymd_opt(2020, 1, 1).expect("it is a day")
                + chrono::Days::new(number as u64 / 2);
            let post = format!("content/{}/post-{number}.md", day.format("%Y/%m"));
            match dice.below(3) {
                0 => drop(std::fs::remove_file(site.path(&post))),
                1 => {
                    drop(std::fs::rename(site.path(&post), site.path(&format!("content/moved-{number}.md"))))
                }
                _ => drop(std::fs::write(
                    site.path(&post),
                    format!("+++\ndraft = true\ndate = {day}\n+++\nx\n"),
                )),
            }
        }
        builds_as_from_nothing(&site, &format!("round {round}"));
    }
}

#[test]
fn a_branch_is_published_after_any_kill() {
    let mut site = site_in_git();
    let arguments = ["publish", "--yes", "--quiet"];
    let whole = time_of(site.root(), &arguments);
    let mut dice = Dice::new(0);
    for round in 0..kills(20) {
        site.write("static/number.txt", round.to_string());
        kill_after(start(site.root(), &arguments), part_of(whole, &mut dice));
        if dice.once_in(3) {
            continue;
        }
        let mut publish = command(site.root(), arguments);
        publish.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        let run = crate::cli::run(&mut publish);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "round {round}");
        same_files(&branch(&site.path("remote.git"), "pages"), &files(&site.path("public")));
    }
}

#[test]
fn a_folder_is_published_after_any_kill() {
    for mode in ["releases", "in-place"] {
        let mut site = crate::publish::site(mode);
        let whole = time_of(site.root(), &["publish", "--yes", "--quiet"]);
        let mut dice = Dice::new(1);
        for round in 0..kills(15) {
            site.write("static/number.txt", round.to_string());
            kill_after(start(site.root(), &["publish", "--yes", "--quiet"]), part_of(whole, &mut dice));
            let run = backmatter(site.root(), ["publish", "--yes", "--quiet"]);
            assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{mode}, round {round}");
            same_files(&crate::publish::found(&site), &crate::publish::wanted(&site));
        }
    }
}

#[test]
fn a_webdav_server_has_the_site_after_any_kill() {
    let (web, server) = WebdavServer::start();
    let mut site = webdav::site_on(&web);
    let arguments = ["publish", "--yes", "--quiet"];
    let whole = time_of(site.root(), &arguments);
    let mut dice = Dice::new(3);
    for round in 0..kills(20) {
        site.write("static/number.txt", round.to_string());
        site.edit("backmatter.toml", "base_url", &format!("title = \"Round {round}\"\nbase_url"));
        kill_after(start(site.root(), &arguments), part_of(whole, &mut dice));
        site.edit("backmatter.toml", &format!("title = \"Round {round}\"\n"), "");
        if dice.once_in(3) {
            continue;
        }
        let run = backmatter(site.root(), arguments);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "round {round}");
        same_files(&webdav::held(&server).found(), &webdav::built(&site));
    }
}

#[test]
fn decisions_that_are_killed_are_in_the_site_after_the_next_build() {
    let page = "2026/11/01/a/index.html";
    for round in 0..kills(12) {
        let mut desk = Desk::new();
        let sources: Vec<String> = (0..12).map(|number| format!("https://x{number}.example/")).collect();
        let ids: Vec<i64> = sources.iter().map(|source| desk.held(source, "a")).collect();
        desk.decide(&ids[..6], Decision::Approve);
        drop(desk.store);
        let mut dice = Dice::new(round as u64);
        let moment = Duration::from_millis(dice.below(80) as u64);
        let act = *dice.pick(&["approve", "reject"]);
        let state = if act == "approve" { "held" } else { "approved" };
        kill_after(start(desk.site.root(), &["linkbacks", act, "--all", "--state", state]), moment);
        let build = backmatter(desk.site.root(), ["build", "--now", NOW]);
        assert_eq!(build.code, Some(0), "round {round}: {}", build.stderr);
        let listed = backmatter(desk.site.root(), ["linkbacks", "list", "--all", "--json"]).stdout;
        let listed: serde_json::Value = serde_json::from_str(&listed).expect("it is JSON");
        let html = desk.site.output(page);
        for item in listed.as_array().expect("it is a list") {
            let source = item["source"].as_str().expect("it has a source");
            let is_shown = html.contains(&format!("href=\"{source}\""));
            assert_eq!(is_shown, item["state"] == "approved", "round {round}, {act}: {item}");
        }
        let list = backmatter(desk.site.root(), ["linkbacks", "list"]);
        assert!(!list.stderr.contains("not in the site"), "round {round}: {}", list.stderr);
    }
}

/// Two senders, until the receiver answers no more or they are done. Returns what was acknowledged.
fn sources_acknowledged(process: Process, web: &FakeWeb, round: usize, moment: Duration) -> Vec<String> {
    const EACH: usize = 8;
    let address = process.address;
    let send = |sender: usize| -> Vec<String> {
        let sources = (0..EACH).map(|number| web.url(&format!("/{round}/{sender}/{number}")));
        sources.filter(|source| receiver_process::try_submit(address, source) == Some(201)).collect()
    };
    std::thread::scope(|scope| {
        let senders: Vec<_> = (0..2).map(|sender| scope.spawn(move || send(sender))).collect();
        let began = Instant::now();
        while began.elapsed() < moment {
            std::thread::yield_now();
        }
        process.kill();
        senders.into_iter().flat_map(|sender| sender.join().expect("a sender ends")).collect()
    })
}

#[test]
fn a_receiver_that_is_killed_anywhere_loses_and_doubles_nothing() {
    let web = FakeWeb::new();
    web.on("*", Answer::html(receiver_process::linking_page()));
    let site = receiver_process::site(&web);
    let (mut acknowledged, mut dice) = (Vec::new(), Dice::new(4));
    for round in 0..kills(20) {
        let moment = Duration::from_millis(dice.below(200) as u64);
        acknowledged.extend(sources_acknowledged(Process::start(&site), &web, round, moment));
        // A decision that is killed as well, of whatever was looked at.
        if dice.once_in(2) {
            let arguments = ["linkbacks", *dice.pick(&["approve", "reject"]), "--all"];
            kill_after(start(site.root(), &arguments), Duration::from_millis(dice.below(80) as u64));
        }
    }
    assert!(!acknowledged.is_empty(), "every receiver was killed before its first answer");
    let process = Process::start(&site);
    process.finish_queue(&site);
    process.kill();
    builds_as_from_nothing(&site, "after the receiver");
    let listed = backmatter(site.root(), ["linkbacks", "list", "--all", "--json"]).stdout;
    let listed: serde_json::Value = serde_json::from_str(&listed).expect("it is JSON");
    let items = listed.as_array().expect("it is a list");
    let html = site.output(receiver_process::PAGE);
    for source in &acknowledged {
        let found: Vec<_> = items.iter().filter(|item| item["source"] == source.as_str()).collect();
        let [item] = found.as_slice() else { panic!("`{source}` is there {} times", found.len()) };
        let is_shown = html.contains(&format!("href=\"{source}\""));
        assert_eq!(is_shown, item["state"] == "approved", "{item}");
    }
}
