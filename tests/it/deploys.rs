//! A site whose folders, links or settings are replaced while a receiver runs: it takes linkbacks for new posts at once.
//!
//! Senders take a refusal (400) as final, so a post that is not noticed loses its linkbacks.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Instant;

use tempfile::TempDir;

use crate::receiver_process::Process;
use crate::site_test::{folder, put};
use crate::wire;

const SETTINGS: &str = "base_url = \"https://example.com\"\n[linkbacks]\ndatabase = \"../linkbacks.db\"\nhourly = 100000\nburst = 10000\n[symlinks]\nallow = [\"..\"]\n";

/// A folder that holds a site, `site/`, with one post.
struct Deploy(TempDir);

impl Deploy {
    fn new() -> Self {
        let deploy = Self(folder());
        deploy.lay_out("site", &["old"]);
        deploy
    }

    fn path(&self, below: &str) -> PathBuf {
        self.0.path().join(below)
    }

    /// Writes a site with posts of these names.
    fn lay_out(&self, site: &str, posts: &[&str]) {
        put(&self.path(&format!("{site}/backmatter.toml")), SETTINGS.as_bytes());
        for post in posts {
            self.post(site, post);
        }
    }

    fn post(&self, site: &str, name: &str) {
        let text = b"+++\ndate = 2026-11-01\n+++\nText.\n";
        put(&self.path(&format!("{site}/content/2026/{name}.md")), text);
    }

    fn rename(&self, from: &str, to: &str) {
        fs::rename(self.path(from), self.path(to)).expect("it can be renamed");
    }

    fn remove(&self, folder: &str) {
        fs::remove_dir_all(self.path(folder)).expect("it can be removed");
    }

    fn link(&self, target: &str, link: &str) {
        symlink(self.path(target), self.path(link)).expect("links can be made");
    }

    /// Lets a link lead elsewhere in one step, as `ln -sfn` and deploy programs do.
    fn repoint(&self, target: &str, link: &str) {
        self.link(target, "passing");
        self.rename("passing", link);
    }

    fn receive(&self) -> Process {
        Process::run(&self.path("site"), &["receive", "--listen", "127.0.0.1:0"], "listening")
    }

    fn receive_by(&self, root: &Path) -> Process {
        let root = root.to_str().expect("it is UTF-8");
        let arguments = ["receive", "--listen", "127.0.0.1:0", "--root", root];
        Process::run(self.0.path(), &arguments, "listening")
    }
}

fn mention(process: &Process, post: &str) -> u16 {
    let body = format!("source=https://a.example/&target=https://example.com/2026/11/01/{post}/");
    let headers = [("Content-Type", "application/x-www-form-urlencoded")];
    wire::post(process.address, "/webmention", &headers, body.as_bytes()).status
}

/// Waits until a linkback of a post is answered with a status.
#[track_caller]
fn becomes(process: &Process, post: &str, status: u16) {
    let deadline = Instant::now() + wire::DEADLINE;
    loop {
        let found = mention(process, post);
        if found == status {
            return;
        }
        assert!(Instant::now() < deadline, "a linkback of `{post}` is answered with {found}, not {status}");
    }
}

#[test]
fn a_content_folder_that_is_replaced_is_followed() {
    let deploy = Deploy::new();
    let process = deploy.receive();
    assert_eq!((mention(&process, "old"), mention(&process, "new")), (201, 400));
    deploy.lay_out("next", &["old", "second"]);
    deploy.rename("site/content", "before");
    deploy.rename("next/content", "site/content");
    becomes(&process, "second", 201);
    // What happens in the new folder is noticed as well.
    deploy.post("site", "new");
    becomes(&process, "new", 201);
    fs::remove_file(deploy.path("site/content/2026/new.md")).expect("it is there");
    becomes(&process, "new", 400);
}

#[test]
fn a_checkout_that_makes_the_folder_again_is_followed() {
    let deploy = Deploy::new();
    let process = deploy.receive();
    deploy.remove("site/content");
    becomes(&process, "old", 400);
    deploy.post("site", "old");
    becomes(&process, "old", 201);
    deploy.post("site", "new");
    becomes(&process, "new", 201);
}

#[test]
fn a_link_to_the_site_that_is_repointed_is_followed() {
    for is_named in [true, false] {
        let deploy = Deploy::new();
        deploy.rename("site", "release1");
        deploy.link("release1", "site");
        let process = if is_named { deploy.receive_by(&deploy.path("site")) } else { deploy.receive() };
        assert_eq!((mention(&process, "old"), mention(&process, "new")), (201, 400));
        deploy.lay_out("release2", &["old", "new"]);
        deploy.repoint("release2", "site");
        becomes(&process, "new", 201);
        deploy.remove("release1");
        deploy.post("release2", "newer");
        becomes(&process, "newer", 201);
    }
}

#[test]
fn a_site_folder_that_is_replaced_is_followed() {
    let deploy = Deploy::new();
    let process = deploy.receive_by(&deploy.path("site"));
    deploy.lay_out("next", &["old", "new"]);
    deploy.rename("site", "before");
    deploy.rename("next", "site");
    becomes(&process, "new", 201);
    deploy.post("site", "newer");
    becomes(&process, "newer", 201);
}

#[test]
fn a_link_to_the_content_or_within_it_that_is_repointed_is_followed() {
    for link in ["site/content", "site/content/2026"] {
        let deploy = Deploy::new();
        deploy.rename(link, "posts1");
        deploy.link("posts1", link);
        let process = deploy.receive();
        assert_eq!((mention(&process, "old"), mention(&process, "new")), (201, 400), "{link}");
        let posts = if link.ends_with("2026") { "posts2" } else { "posts2/2026" };
        let text = b"+++\ndate = 2026-11-01\n+++\nText.\n";
        put(&deploy.path(&format!("{posts}/new.md")), text);
        deploy.repoint("posts2", link);
        becomes(&process, "new", 201);
        put(&deploy.path(&format!("{posts}/newer.md")), text);
        becomes(&process, "newer", 201);
    }
}

#[test]
fn settings_that_are_replaced_or_reached_by_a_link_are_followed() {
    let deploy = Deploy::new();
    deploy.rename("site/backmatter.toml", "settings1.toml");
    deploy.link("settings1.toml", "site/backmatter.toml");
    let process = deploy.receive();
    assert_eq!(mention(&process, "old"), 201);
    let closed = SETTINGS.replace("[linkbacks]", "[linkbacks]\nhosts = [\"www.example.com\"]");
    put(&deploy.path("settings2.toml"), closed.as_bytes());
    deploy.repoint("settings2.toml", "site/backmatter.toml");
    let body = "source=https://b.example/&target=https://www.example.com/2026/11/01/old/";
    let headers = [("Content-Type", "application/x-www-form-urlencoded")];
    let deadline = Instant::now() + wire::DEADLINE;
    while wire::post(process.address, "/webmention", &headers, body.as_bytes()).status != 201 {
        assert!(Instant::now() < deadline, "the new settings are not read");
    }
}
