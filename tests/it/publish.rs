//! Publishing: only differences travel, in a safe order; whatever fails or is killed on the way, the next publish
//! makes the target what it should be, and nobody else's file is touched.

use std::io::Read as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use backmatter::internals::config::publish::{DirectoryMode, PublishTarget};
use backmatter::internals::engine::BuildOptions;
use backmatter::internals::http::client::Client;
use backmatter::internals::path::OutputPath;
use backmatter::internals::publish::apply::ApplyError;
use backmatter::internals::publish::backends::directory::Directory;
use backmatter::internals::publish::backends::git::Git;
use backmatter::internals::publish::backends::{
    Backend, BackendContext, BackendError, Capabilities, PublishStart,
};
use backmatter::internals::publish::desired::DesiredFiles;
use backmatter::internals::publish::diff::Diff;
use backmatter::internals::publish::manifest::{FILE_NAME, Manifest};
use backmatter::internals::publish::state::TargetState;
use backmatter::internals::publish::wait_online;
use backmatter::internals::publish::{ForeignFiles, PublishPlan, PublishRequest, UnfinishedPolicy};

use crate::cli::{Run, backmatter, command, run};
use crate::dice::Dice;
use crate::fake_web::{Answer, FakeWeb};
use crate::site_test::{Files, SiteTest, files, put, same_files};

/// A site with some of everything, and a target beside it.
pub(crate) fn site(mode: &str) -> SiteTest {
    SiteTest::new(&format!(
        "\
-- backmatter.toml --
base_url = \"https://example.com\"
id = \"example.com\"
[network]
allow = [\"example.com\"]
[publish.web]
kind = \"directory\"
to = \"web\"
mode = \"{mode}\"
-- content/2016/aleppo.md --
+++
title = \"Aleppo\"
date = 2016-12-15
tags = [\"war\"]
aliases = [\"/old/aleppo/\"]
+++
Words of it.
-- content/2016/mosul.md --
+++
title = \"Mosul\"
date = 2016-12-18
+++
Words.
-- static/map.svg --
<svg xmlns=\"http://www.w3.org/2000/svg\"/>
"
    ))
}

/// Where visitors of a target look.
fn served(site: &SiteTest) -> PathBuf {
    let current = site.path("web/current");
    if current.exists() {
        current.canonicalize().expect("the link leads somewhere")
    } else {
        site.path("web")
    }
}

/// What visitors find, without our list of files.
pub(crate) fn found(site: &SiteTest) -> Files {
    let mut found = files(&served(site));
    found.remove(FILE_NAME);
    found
}

#[track_caller]
fn publish(site: &SiteTest, arguments: &[&str]) -> Run {
    let mut command = command(site.root(), ["publish", "--yes"].iter().chain(arguments));
    // git is where the tester's path says.
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    run(&mut command)
}

/// What the build made for a target that is not a git host.
pub(crate) fn wanted(site: &SiteTest) -> Files {
    let mut made = files(&site.path("public"));
    made.remove(".nojekyll");
    made
}

/// The target holds what the build made, and these files of others.
#[track_caller]
fn equals_output(site: &SiteTest, foreign: &[&str]) {
    let mut found = found(site);
    for path in foreign {
        assert!(found.remove(*path).is_some(), "`{path}`, which is not ours, is gone");
    }
    same_files(&found, &wanted(site));
}

#[test]
fn a_publish_puts_the_site_there_and_the_next_one_only_what_differs() {
    for mode in ["releases", "in-place"] {
        let mut site = site(mode);
        let first = publish(&site, &[]);
        assert_eq!((first.code, first.stderr.as_str()), (Some(0), ""));
        assert!(first.stdout.starts_with("web: 2 new posts, "), "{}", first.stdout);
        assert!(first.stdout.ends_with("25 files published, 0 deleted\n"), "{}", first.stdout);
        equals_output(&site, &[]);

        let stamps = crate::site_test::stamps(&served(&site));
        publish(&site, &[]).is(0, "web: nothing to publish, 25 files there\n", "");
        assert_eq!(crate::site_test::stamps(&served(&site)), stamps, "nothing travels if nothing changed");

        site.edit("content/2016/mosul.md", "Words.", "Other words.");
        let second = publish(&site, &[]);
        assert_eq!(
            second.stdout,
            "\
web: 1 changed post, 3 changed lists, 3 changed feeds
  ~ 2016/12/18/mosul/index.html  Mosul
  7 files to upload, 13.7 kB in all; 18 kept
web: 7 files published, 0 deleted
"
        );
        equals_output(&site, &[]);

        site.remove("content/2016/mosul.md");
        let third = publish(&site, &[]);
        assert!(third.stdout.contains("1 removed post, 1 removed list"), "{}", third.stdout);
        equals_output(&site, &[]);
    }
}

#[test]
fn what_somebody_else_put_there_stays() {
    for (mode, below) in [("in-place", "web"), ("releases", "web/current")] {
        let mut site = site(mode);
        publish(&site, &[]);
        put(&site.path(below).join("2016/12/18/mosul/theirs.txt"), b"theirs");
        put(&site.path(below).join(".well-known/x"), b"theirs");
        site.remove("content/2016/mosul.md");
        assert_eq!(publish(&site, &[]).code, Some(0));
        equals_output(&site, &["2016/12/18/mosul/theirs.txt", ".well-known/x"]);
    }
}

#[test]
fn a_file_of_somebody_else_is_replaced_only_if_that_is_said() {
    let mut site = site("in-place");
    let theirs = site.path("web/index.html");
    put(&theirs, b"theirs");
    let refused = publish(&site, &[]);
    assert_eq!(refused.code, Some(1));
    let said = format!("{}{}", refused.stdout, refused.stderr);
    assert!(said.contains("`index.html` is at the target already, and not from here"), "{said}");
    assert!(said.contains("`--overwrite`"), "{said}");
    assert_eq!(files(&site.path("web")).len(), 1, "nothing was put there");
    assert_eq!(std::fs::read(&theirs).expect("it is there"), b"theirs");
    assert_eq!(publish(&site, &["--overwrite"]).code, Some(0));
    equals_output(&site, &[]);

    // Later, too: a manifest that does not name it does not make it ours.
    put(&site.path("web/2017/about.txt"), b"theirs");
    site.write("static/2017/about.txt", "ours");
    assert_eq!(publish(&site, &[]).code, Some(1));
    assert_eq!(std::fs::read(site.path("web/2017/about.txt")).expect("it is there"), b"theirs");
}

#[test]
fn for_a_machine_a_publish_and_the_sending_after_it_are_one_object() {
    let site = site("in-place");
    for (arguments, is_sent) in
        [(&["--json"][..], true), (&["--json"], true), (&["--json", "--no-send"], false)]
    {
        let run = publish(&site, arguments);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
        let told: serde_json::Value =
            serde_json::from_str(&run.stdout).expect("one object, and nothing else");
        assert_eq!((&told["target"], told["sent"].is_object()), (&"web".into(), is_sent), "{told}");
    }
}

#[test]
fn a_compressed_sibling_holds_the_bytes_of_its_file() {
    let mut site = site("in-place");
    site.edit("backmatter.toml", "to = \"web\"", "to = \"web\"\ncompress = [\"gz\", \"br\"]");
    assert_eq!(publish(&site, &[]).code, Some(0));
    let read = |name: &str| std::fs::read(site.path("web").join(name)).expect("it was published");
    for name in ["index.html", "atom.xml"] {
        let (mut from_gzip, mut from_brotli) = (Vec::new(), Vec::new());
        flate2::read::GzDecoder::new(&*read(&format!("{name}.gz")))
            .read_to_end(&mut from_gzip)
            .expect("gzip");
        brotli::BrotliDecompress(&mut &*read(&format!("{name}.br")), &mut from_brotli).expect("brotli");
        assert!(from_gzip == read(name) && from_brotli == read(name), "`{name}`");
    }
}

#[test]
fn deletes_are_limited_as_the_help_says() {
    let site = site("in-place");
    let help = backmatter(site.root(), ["publish", "--help"]).stdout;
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(help.contains("[default: 10 files or 25%, whichever is more]"), "{help}");
    for (files, deleted, is_refused) in [(8, 10, false), (8, 12, true), (80, 25, false), (80, 40, true)] {
        let mut site = self::site("in-place");
        let names: Vec<String> = (0..files + deleted).map(|number| format!("static/{number}.txt")).collect();
        for name in &names {
            site.write(name, "x");
        }
        assert_eq!(publish(&site, &[]).code, Some(0));
        for name in &names[..deleted] {
            site.remove(name);
        }
        let run = publish(&site, &[]);
        assert_eq!(run.code == Some(1), is_refused, "{deleted} of {files} more: {}", run.stderr);
    }
}

#[test]
fn a_dry_run_and_a_refusal_change_nothing() {
    let mut site = site("in-place");
    let planned = backmatter(site.root(), ["publish", "--dry-run"]);
    assert_eq!((planned.code, planned.stderr.as_str()), (Some(0), ""));
    assert!(!site.path("web").exists());
    backmatter(site.root(), ["publish", "--quiet"]).is(
        2,
        "",
        "error: `publish`: this is not a terminal, so the question whether to publish cannot be asked; `--yes` publishes without asking, `--dry-run` only shows the plan\n",
    );
    assert!(!site.path("web").exists());
    publish(&site, &[]);
    let before = found(&site);
    site.remove("content/2016/mosul.md");
    let refused = publish(&site, &["--max-deletes", "1"]);
    refused.is(
        1,
        "",
        "\
error: 2 of 25 files would be deleted, which is more than the 1 that may be
--> backmatter.toml
 = help: if that is meant, say `--max-deletes 2`

error: 1 error: nothing was published
",
    );
    same_files(&found(&site), &before);
    assert_eq!(publish(&site, &["--max-deletes", "10%"]).code, Some(0));
    equals_output(&site, &[]);
}

#[test]
fn addresses_of_this_machine_are_not_published() {
    let mut site = site("in-place");
    site.edit("backmatter.toml", "https://example.com", "http://localhost:4000");
    publish(&site, &[]).is(
        1,
        "",
        "\
error: `base_url` is `http://localhost:4000`, which leads every reader to their own machine
--> backmatter.toml
 = help: set it to the address that readers type; to try things out, name its host in `[network] allow`

error: 1 error: nothing was published
",
    );
    assert!(!site.path("web").exists());
}

/// A publish of the site that is refused with these words, once `from` in its settings is `to`.
#[track_caller]
fn is_refused(mut site: SiteTest, (from, to): (&str, &str), expected: &str) {
    site.edit("backmatter.toml", from, to);
    let refused = publish(&site, &[]);
    let expected = format!("{expected}error: 1 error: nothing was published\n");
    refused.is(1, "", &expected);
}

#[test]
fn an_address_for_examples_is_not_published() {
    let mut site = site("in-place");
    site.edit("backmatter.toml", "allow = [\"example.com\"]", "");
    let expected = "\
warning: `base_url` is `https://example.com`, an address for examples: feeds, links to your pages and linkbacks would lead nowhere
--> backmatter.toml
 = help: set it to the address that readers type

";
    let run = publish(&site, &[]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), expected), "in a folder it may be meant");
    is_refused(site_in_git(), ("allow = [\"example.com\"]", ""), &expected.replace("warning", "error"));
    is_refused(
        site_in_git(),
        ("\"https://example.com\"", "\"https://blog.invalid/x\""),
        &expected.replace("warning", "error").replace("https://example.com", "https://blog.invalid/x"),
    );
}

#[test]
fn a_site_for_another_address_than_its_target_has_is_not_published() {
    let check = |base_url: &str, (key, value): (&str, &str), (file, text): (&str, &str), expected: &str| {
        let mut site = site_in_git();
        site.write(&format!("static/{file}"), text);
        site.edit("backmatter.toml", "wait = 0", &format!("wait = 0\n{key} = \"{value}\""));
        is_refused(site, ("\"https://example.com\"", &format!("\"{base_url}\"")), expected);
    };
    check(
        "https://www.blog.org",
        ("host", "github-pages"),
        ("CNAME", "blog.org\n"),
        "\
error: this file says that the host serves this target at `blog.org`, but `base_url` is `https://www.blog.org`
--> static/CNAME
 = help: set `base_url = \"https://blog.org\"`, or remove the file: the publish writes what the host needs

",
    );
    check(
        "https://blog.org/notes",
        ("host", "github-pages"),
        ("CNAME", "blog.org"),
        "\
error: this file says that the host serves this target at the top of `blog.org`, but `base_url` is `https://blog.org/notes`
--> static/CNAME
 = help: set `base_url = \"https://blog.org\"`, or remove the file if another repository claims the domain

",
    );
    check(
        "https://me.codeberg.page",
        ("host", "codeberg"),
        (".domains", "# The first one is the main one.\n\nblog.org\nwww.blog.org\n"),
        "\
error: this file says that the host serves this target at `blog.org`, but `base_url` is `https://me.codeberg.page`
--> static/.domains
 = help: set `base_url = \"https://blog.org\"`, or remove the file: the publish writes what the host needs

",
    );
    check(
        "https://blog.org",
        ("host", "github-pages"),
        ("CNAME", "\n"),
        "\
error: this file holds no domain
--> static/CNAME
 = help: write the domain of the site into it, or remove it: the publish writes what the host needs

",
    );
}

#[test]
fn a_domain_of_the_authors_own_is_published_as_it_is() {
    let mut site = site_in_git();
    site.write("static/CNAME", "Blog.org");
    site.edit("backmatter.toml", "wait = 0", "wait = 0\nhost = \"github-pages\"");
    site.edit("backmatter.toml", "https://example.com\"", "https://blog.org\"");
    let run = publish(&site, &["--no-send"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{}", run.stdout);
    assert_eq!(branch(&site.path("remote.git"), "pages")["CNAME"], b"Blog.org");
}

#[test]
fn a_repository_of_a_forge_has_the_address_of_its_name() {
    let mut site = site_in_git();
    // A remote of the site's own repository, as a service has it that publishes by itself.
    git(site.root(), &["init", "--quiet"]);
    git(site.root(), &["init", "--quiet", "--bare", "github.com/me/blog.git"]);
    let address = site.path("github.com/me/blog.git").canonicalize().expect("it is there");
    git(site.root(), &["remote", "add", "origin", &address.display().to_string()]);
    site.edit("backmatter.toml", "to = \"remote.git\"", "to = \"origin\"\nhost = \"github-pages\"");
    is_refused(
        site,
        ("\"https://example.com\"", "\"https://me.github.io\""),
        "\
error: `base_url` is `https://me.github.io`, but this target is served at `https://me.github.io/blog`
--> backmatter.toml
 = help: correct `base_url`, or write `base_url = \"https://me.github.io/blog\"` into `[publish.web]`

",
    );
}

#[test]
fn a_folder_of_the_site_itself_is_not_published_to() {
    for to in [".", "content", "./static/x", "public", "web/../content/2016", "themes", ".backmatter/web"] {
        for mode in ["releases", "in-place"] {
            let mut site = site(mode);
            site.edit("backmatter.toml", "to = \"web\"", &format!("to = \"{to}\""));
            let expected = format!(
                "\
error: `publish.web` leads to `{to}`, which is a folder of the site itself
--> backmatter.toml
 = help: name a folder that nothing is built from or into, such as `../www`
"
            );
            let refused = publish(&site, &[]);
            assert_eq!((refused.code, refused.stdout.as_str()), (Some(1), ""), "{to}, {mode}");
            assert!(refused.stderr.contains(&expected), "{to}, {mode}: {}", refused.stderr);
            for made in ["current", FILE_NAME] {
                assert!(!site.path(to).join(made).exists(), "{to}, {mode}: `{made}` was made");
            }
        }
    }
}

#[test]
fn a_folder_of_the_site_is_known_however_the_site_is_named() {
    let mut site = site("releases");
    let root = site.root().canonicalize().expect("the site is there");
    site.edit("backmatter.toml", "to = \"web\"", &format!("to = '{}'", root.join("content").display()));
    let name = root.file_name().expect("the site's folder has a name").to_str().expect("it is in UTF-8");
    let parent = root.parent().expect("it stands in another one");
    let refused = backmatter(parent, ["--root", name, "publish", "--yes"]);
    assert_eq!(refused.code, Some(1), "{}", refused.stderr);
    assert!(refused.stderr.contains("which is a folder of the site itself"), "{}", refused.stderr);

    // A link to one of its folders is one of its folders.
    std::os::unix::fs::symlink(root.join("static"), root.join("web")).expect("a link can be made");
    site.edit("backmatter.toml", &format!("to = '{}'", root.join("content").display()), "to = 'web/x'");
    let refused = publish(&site, &[]);
    assert_eq!(refused.code, Some(1), "{}", refused.stderr);
    assert!(refused.stderr.contains("`web/x`, which is a folder of the site itself"), "{}", refused.stderr);
}

#[test]
fn drafts_and_posts_of_the_future_stay_here_whatever_was_built_before() {
    let mut site = site("in-place");
    site.write("content/2016/secret.md", "+++\ntitle = \"S\"\ndate = 2016-12-19\ndraft = true\n+++\nX.\n");
    site.write("content/later.md", "+++\ntitle = \"L\"\ndate = 2999-01-01\n+++\nX.\n");
    assert_eq!(backmatter(site.root(), ["build", "--drafts", "--future"]).code, Some(0));
    assert_eq!(publish(&site, &[]).code, Some(0));
    let names: Vec<String> =
        found(&site).into_keys().filter(|path| path.contains("secret") || path.contains("later")).collect();
    assert_eq!(names, Vec::<String>::new());
}

#[test]
fn a_target_is_chosen_by_its_name() {
    let mut site = site("in-place");
    site.edit("backmatter.toml", "[publish.web]", "[publish.stage]\nkind = \"directory\"\nto = \"stage\"\nbase_url = \"https://stage.example.com\"\n[publish.web]");
    publish(&site, &[]).is(
        2,
        "",
        "error: `publish`: there are several targets; name one of `stage`, `web`\n",
    );
    publish(&site, &["wbe"]).is(
        2,
        "",
        "error: `wbe`: the settings have no `[publish.wbe]`; did you mean `web`?\n",
    );
    assert_eq!(publish(&site, &["stage"]).code, Some(0));
    let page = std::fs::read_to_string(site.path("stage/current/index.html")).expect("it was published");
    assert!(page.contains("https://stage.example.com/") && !page.contains("https://example.com/"), "{page}");
}

#[test]
fn a_file_can_take_the_place_of_a_folder_and_a_folder_that_of_a_file() {
    for mode in ["releases", "in-place"] {
        let mut site = site(mode);
        site.write("static/a", "file").write("static/b/c", "file");
        publish(&site, &[]);
        site.remove("static/a").remove("static/b").write("static/a/c", "file").write("static/b", "file");
        let run = publish(&site, &[]);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
        equals_output(&site, &[]);
    }
}

/// A folder in which one call fails.
struct Fragile {
    inner: Directory,
    calls: Arc<Mutex<Vec<String>>>,
    fails_at: usize,
}

impl Fragile {
    fn call(&self, what: String) -> Result<(), BackendError> {
        let mut calls = self.calls.lock().expect("no test panics here");
        calls.push(what);
        if calls.len() > self.fails_at { Err(BackendError::permanent("the cable is cut")) } else { Ok(()) }
    }
}

impl Backend for Fragile {
    fn capabilities(&self) -> Capabilities {
        // One file at a time, so that each call is one file.
        Capabilities { workers: 1, batch: 1, ..self.inner.capabilities() }
    }

    fn manifest(&self) -> Result<Option<Vec<u8>>, BackendError> {
        self.inner.manifest()
    }

    fn begin(&self, opening: &PublishStart<'_>) -> Result<(), BackendError> {
        self.call("begin".to_owned())?;
        self.inner.begin(opening)
    }

    fn upload(&self, batch: &[&OutputPath], local: &DesiredFiles) -> Result<(), BackendError> {
        self.call(format!("+ {}", batch[0]))?;
        self.inner.upload(batch, local)
    }

    fn delete(&self, batch: &[&OutputPath]) -> Result<(), BackendError> {
        self.call(format!("- {}", batch[0]))?;
        self.inner.delete(batch)
    }

    fn finish(&self, manifest: &[u8]) -> Result<(), BackendError> {
        self.call("finish".to_owned())?;
        self.inner.finish(manifest)
    }
}

/// A publish to a target whose calls fail from the one of a number on: the calls, and how it ended.
struct Attempt {
    calls: Vec<String>,
    ended: Result<Manifest, ApplyError>,
}

impl Attempt {
    fn count(&self, sign: char) -> usize {
        self.calls.iter().filter(|call| call.starts_with(sign)).count()
    }
}

fn attempt(site: &SiteTest, mode: DirectoryMode, fails_at: usize) -> Attempt {
    let (report, built) =
        site.open().build_and_keep(&BuildOptions::default(), &()).expect("the site can be built");
    let built = built.expect("the site has no errors");
    let settings = built.plan.site.config.publish[0].clone();
    let calls = Arc::new(Mutex::new(Vec::new()));
    let target =
        Fragile { inner: Directory::new(site.path("web"), mode), calls: Arc::clone(&calls), fails_at };
    let request = PublishRequest {
        root: site.root(),
        output: &report.output,
        built: &built,
        target: &settings,
        max_deletes: None,
        others: UnfinishedPolicy::Respect,
        foreign: ForeignFiles::Keep,
        now: site.time(),
    };
    let state = TargetState::open(site.root(), &settings.name).expect("nobody else publishes");
    let plan = PublishPlan::with_backend(&request, Box::new(target), state).expect("the target can be read");
    assert!(!plan.is_refused(), "{:?}", plan.faults);
    let pause = |_: Duration| panic!("what fails for good is not tried again");
    let ended = plan.apply(&(), &pause);
    let calls = calls.lock().expect("no test panics here").clone();
    Attempt { calls, ended }
}

/// What a second publish has to do: something new, something changed, something to take away.
fn edit(site: &mut SiteTest) {
    site.edit("content/2016/mosul.md", "Words.", "Other words.")
        .remove("content/2016/aleppo.md")
        .write(
            "content/2016/raqqa.md",
            "+++\ntitle = \"Raqqa\"\ndate = 2016-12-20\n+++\n![A map](/new.svg)\n",
        )
        .write("static/new.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>");
}

#[test]
fn pages_follow_what_they_need_and_deletes_come_last() {
    let mut site = site("in-place");
    publish(&site, &[]);
    edit(&mut site);
    let calls = attempt(&site, DirectoryMode::InPlace, usize::MAX).calls;
    assert_eq!(
        calls,
        [
            "begin",
            "+ new.svg",
            "+ 2016/12/18/mosul/index.html",
            "+ 2016/12/20/raqqa/index.html",
            "+ 2016/12/18/index.html",
            "+ 2016/12/20/index.html",
            "+ 2016/12/index.html",
            "+ 2016/index.html",
            "+ 404.html",
            "+ archives/index.html",
            "+ atom.xml",
            "+ feed.json",
            "+ index.html",
            "+ rss.xml",
            "+ sitemap.xml",
            "- 2016/12/15/aleppo/index.html",
            "- 2016/12/15/index.html",
            "- _redirects",
            "- old/aleppo/index.html",
            "- tags/index.html",
            "- tags/war/atom.xml",
            "- tags/war/feed.json",
            "- tags/war/index.html",
            "- tags/war/rss.xml",
            "finish",
        ]
    );
    equals_output(&site, &[]);
}

#[test]
fn a_publish_that_fails_anywhere_deletes_nothing_and_is_completed_by_the_next() {
    for (name, mode) in [("in-place", DirectoryMode::InPlace), ("releases", DirectoryMode::Releases(3))] {
        let mut fails_at = 0;
        loop {
            let mut site = site(name);
            assert_eq!(publish(&site, &[]).code, Some(0));
            put(&served(&site).join("theirs.txt"), b"theirs");
            let before = found(&site);
            edit(&mut site);
            let broken = attempt(&site, mode, fails_at);
            if broken.ended.is_ok() {
                assert!(fails_at > 20, "only {fails_at} calls could fail");
                break;
            }
            let after = found(&site);
            let uploaded = broken.calls.iter().take(fails_at).filter(|call| call.starts_with('+')).count();
            if mode == DirectoryMode::InPlace {
                let gone = before.keys().filter(|path| !after.contains_key(*path)).count();
                let deleted = broken.calls.iter().take(fails_at).filter(|call| call.starts_with('-')).count();
                assert_eq!(gone, deleted, "at call {fails_at}");
            } else {
                same_files(&after, &before);
            }
            let resumed = attempt(&site, mode, usize::MAX);
            assert!(resumed.ended.is_ok(), "{:?}", resumed.ended);
            if mode == DirectoryMode::InPlace {
                assert_eq!(
                    uploaded + resumed.count('+'),
                    14,
                    "what arrived before call {fails_at} travels again"
                );
            }
            equals_output(&site, &["theirs.txt"]);
            fails_at += 1;
        }
    }
}

#[test]
fn a_broken_publish_of_a_site_that_changed_since_leaves_nothing_behind() {
    let mut site = site("in-place");
    publish(&site, &[]);
    edit(&mut site);
    let broken = attempt(&site, DirectoryMode::InPlace, 5);
    assert!(broken.ended.is_err());
    // What went up is no longer wanted, or with other bytes.
    site.remove("static/new.svg").edit("content/2016/mosul.md", "Other words.", "Last words.");
    site.edit("content/2016/raqqa.md", "![A map](/new.svg)", "No map.");
    let run = publish(&site, &[]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    assert!(run.stdout.contains("goes on from a publish that was broken off"), "{}", run.stdout);
    equals_output(&site, &[]);
}

#[test]
fn a_publish_from_elsewhere_is_noticed() {
    let mut site = site("in-place");
    publish(&site, &[]);
    edit(&mut site);
    assert!(attempt(&site, DirectoryMode::InPlace, 5).ended.is_err());
    // Another checkout of the same site knows nothing of the one that was broken off here.
    std::fs::remove_dir_all(site.path(".backmatter/publish")).expect("it is there");
    let text = std::fs::read_to_string(site.path("web").join(FILE_NAME)).expect("it is there");
    let mut manifest = Manifest::parse(text.as_bytes()).expect("it is one of ours");
    let mut session = manifest.session.take().expect("a publish has begun");
    session.machine = "elsewhere".to_owned();
    session.since = chrono::Utc::now();
    manifest.session = Some(session.clone());
    put(&site.path("web").join(FILE_NAME), &manifest.to_bytes());
    let refused = publish(&site, &[]);
    let since = session.since.format("%Y-%m-%d %H:%M UTC");
    refused.is(
        1,
        "",
        &format!(
            "\
error: another publish to `web` began on `elsewhere` at {since} and has not ended
--> backmatter.toml
 = help: wait for it; if it is dead, `--take-over` goes on from what it left

error: 1 error: nothing was published
"
        ),
    );
    assert_eq!(publish(&site, &["--take-over"]).code, Some(0));
    equals_output(&site, &[]);
}

/// The program, publishing.
struct Publishing(Child);

impl Publishing {
    fn begin(site: &SiteTest) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_backmatter"));
        command.args(["publish", "--yes", "--quiet"]).current_dir(site.root()).env_clear();
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Self(child.expect("the program runs"))
    }

    /// Kills it as soon as something is so. `false` if it ended before.
    fn kill_when(mut self, is_so: impl Fn() -> bool) -> bool {
        let deadline = Instant::now() + Duration::from_secs(60);
        while !is_so() {
            assert!(Instant::now() < deadline, "nothing happened for a minute");
            if self.0.try_wait().expect("it can be waited for").is_some() {
                return false;
            }
        }
        self.0.kill().expect("it can be killed");
        self.0.wait().expect("it can be waited for");
        true
    }
}

#[test]
fn a_publish_that_is_killed_anywhere_is_completed_by_the_next() {
    for mode in ["in-place", "releases"] {
        let mut site = site(mode);
        for number in 0..300 {
            site.write(&format!("static/files/{number}.txt"), format!("{number}"));
        }
        put(&site.path("web/theirs.txt"), b"theirs");
        let mut killed = 0;
        for seed in 0..12 {
            let mut dice = Dice::new(seed);
            let before = if seed == 0 { Files::new() } else { found(&site) };
            for _ in 0..40 {
                let file = format!("static/files/{}.txt", dice.below(300));
                match site.path(&file).exists() && dice.once_in(3) {
                    true => site.remove(&file),
                    false => site.write(&file, format!("{seed}")),
                };
            }
            let seen = dice.below(60);
            let work = if mode == "in-place" {
                site.path("web/files")
            } else {
                site.path("web/releases/.next/files")
            };
            let young = std::time::SystemTime::now();
            let is_so = || {
                let entries = std::fs::read_dir(&work).into_iter().flatten().flatten();
                let written = entries.filter(|entry| {
                    entry.metadata().and_then(|data| data.modified()).is_ok_and(|time| time >= young)
                });
                written.count() >= seen
            };
            killed += usize::from(Publishing::begin(&site).kill_when(is_so));
            if mode == "releases" && seed > 0 {
                let after = found(&site);
                let whole = after == before || after == wanted(&site);
                assert!(whole, "seed {seed}: something is half live");
            }
            let run = publish(&site, &["--max-deletes", "100%"]);
            assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "seed {seed}");
            let foreign: &[&str] = if mode == "in-place" { &["theirs.txt"] } else { &[] };
            equals_output(&site, foreign);
        }
        assert!(killed > 0, "{mode}: every publish had ended before it could be killed");
        assert!(site.path("web/theirs.txt").exists());
    }
}

#[test]
fn a_publish_that_is_killed_after_its_last_step_has_published() {
    let mut site = site("in-place");
    let state = |name: &str| site.path(".backmatter/publish/web").join(name);
    let (manifest, journal, lock) =
        (state("manifest.json"), state("journal"), site.path("web/.backmatter-lock"));
    assert_eq!(publish(&site, &[]).code, Some(0));
    let before = std::fs::read(&manifest).expect("it was kept");
    site.write("content/2016/mosul.md", "+++\ntitle = \"Mosul\"\ndate = 2016-12-18\n+++\nOther words.\n");
    assert_eq!(publish(&site, &[]).code, Some(0));
    let there = std::fs::read_to_string(site.path("web").join(FILE_NAME)).expect("it is at the target");
    let there: serde_json::Value = serde_json::from_str(&there).expect("it is JSON");
    // As it is when the target has all and this machine has noted nothing of it.
    put(&manifest, &before);
    put(&journal, format!("{}\n", there["by"].as_str().expect("it names its session")).as_bytes());
    put(&lock, b"");
    let next = publish(&site, &[]);
    assert_eq!((next.code, next.stderr.as_str()), (Some(0), ""));
    assert!(next.stdout.contains("nothing to publish"), "{}", next.stdout);
    assert!(!journal.exists() && !lock.exists());
    // And one that is killed before its first step leaves no doubt about whose that was.
    put(&journal, b"another\n");
    let next = publish(&site, &[]);
    assert_eq!((next.code, next.stderr.as_str()), (Some(0), ""));
}

/// Runs git, without anything of the tester's own settings.
#[track_caller]
fn git(folder: &std::path::Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=A", "-c", "user.email=a@example.com"]).args(arguments);
    command.current_dir(folder).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
    let output = command.output().expect("git runs");
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("what it prints is text")
}

/// The files of a branch, without our list of them.
pub(crate) fn branch(repository: &std::path::Path, name: &str) -> Files {
    let listed = git(repository, &["ls-tree", "-r", "-z", "--name-only", name]);
    let names = listed.split('\0').filter(|path| !path.is_empty() && *path != FILE_NAME);
    let blob = |path: &str| {
        let mut command = Command::new("git");
        command.args(["cat-file", "blob", &format!("{name}:{path}")]);
        let output = command.current_dir(repository).output().expect("git runs");
        (path.to_owned(), output.stdout)
    };
    names.map(blob).collect()
}

/// A site that is published to a branch of a bare repository beside it.
pub(crate) fn site_in_git() -> SiteTest {
    let mut site = site("in-place");
    git(site.root(), &["init", "--quiet", "--bare", "remote.git"]);
    site.edit(
        "backmatter.toml",
        "kind = \"directory\"\nto = \"web\"\nmode = \"in-place\"",
        "kind = \"git\"\nto = \"remote.git\"\nbranch = \"pages\"\nwait = 0",
    );
    site
}

#[test]
fn a_branch_gets_one_commit_for_each_publish_and_nothing_is_forced() {
    let mut site = site_in_git();
    let remote = site.path("remote.git");
    assert_eq!(publish(&site, &[]).code, Some(0));
    same_files(&branch(&remote, "pages"), &files(&site.path("public")));
    publish(&site, &[]).is(0, "web: nothing to publish, 26 files there\n", "");

    // Somebody else commits to the branch; their file stays.
    git(site.root(), &["clone", "--quiet", "--branch", "pages", "remote.git", "clone"]);
    site.write("clone/theirs.txt", "theirs");
    git(&site.path("clone"), &["add", "."]);
    git(&site.path("clone"), &["commit", "--quiet", "--message", "Theirs"]);
    git(&site.path("clone"), &["push", "--quiet"]);
    edit(&mut site);
    site.write("static/we \"ird'.txt", "x");
    let run = publish(&site, &[]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let mut there = branch(&remote, "pages");
    assert!(there.remove("theirs.txt").is_some());
    same_files(&there, &files(&site.path("public")));
    let subjects = git(&remote, &["log", "--format=%s", "pages"]);
    assert_eq!(subjects, "Publish https://example.com\nTheirs\nPublish https://example.com\n");
}

#[test]
fn a_push_that_somebody_else_overtakes_is_refused() {
    let site = site_in_git();
    let remote = site.path("remote.git");
    assert_eq!(publish(&site, &[]).code, Some(0));
    let (config, _) = backmatter::internals::config::Config::parse("base_url = \"https://example.com\"\n");
    let context = BackendContext { root: site.root(), config: &config };
    let slow = Git::new(&context, site.path("cache.git"), "remote.git", "pages");
    let old = slow.manifest().expect("the branch can be read");
    assert_eq!(publish(&site, &["--quiet"]).code, Some(0));
    let local = local_of(&site);
    let opening = PublishStart {
        old: old.as_deref(),
        during: b"",
        after: b"",
        desired: &local,
        diff: &Diff::default(),
    };
    slow.begin(&opening).expect("a commit can be begun");
    git(site.root(), &["clone", "--quiet", "--branch", "pages", "remote.git", "clone"]);
    git(&site.path("clone"), &["commit", "--quiet", "--allow-empty", "--message", "Faster"]);
    git(&site.path("clone"), &["push", "--quiet"]);
    let before = git(&remote, &["rev-parse", "pages"]);
    let failure = slow.finish(b"{}").expect_err("it is no fast-forward");
    assert_eq!(failure.reason, BackendError::conflict().reason);
    assert_eq!(git(&remote, &["rev-parse", "pages"]), before);
}

/// What a git that is killed leaves in our repository, and what a damaged disk leaves of it.
#[test]
fn a_branch_is_published_whatever_became_of_our_repository() {
    let site = site_in_git();
    let remote = site.path("remote.git");
    assert_eq!(publish(&site, &[]).code, Some(0));
    // The site is in a repository of its own, with a branch that git finds when it looks in the folders above ours.
    git(site.root(), &["init", "--quiet"]);
    git(site.root(), &["checkout", "--quiet", "-b", "pages"]);
    for number in 0..3 {
        git(site.root(), &["commit", "--quiet", "--allow-empty", "--message", &number.to_string()]);
    }
    let own = || (git(site.root(), &["log", "--format=%H", "pages"]), git(site.root(), &["for-each-ref"]));
    let ours = site.path(".backmatter/publish/web/git");
    let damages: [(&str, &dyn Fn()); 9] = [
        ("a lock of a fetch", &|| put(&ours.join("shallow.lock"), b"")),
        ("a lock of the settings", &|| put(&ours.join("config.lock"), b"")),
        ("a lock of a branch", &|| put(&ours.join("refs/heads/published.lock"), b"")),
        ("a lock of all branches", &|| put(&ours.join("packed-refs.lock"), b"")),
        ("nothing but HEAD", &|| {
            std::fs::remove_dir_all(&ours).expect("it is there");
            put(&ours.join("HEAD"), b"ref: refs/heads/master\n");
        }),
        ("an empty HEAD", &|| put(&ours.join("HEAD"), b"")),
        ("settings cut off", &|| put(&ours.join("config"), b"[core")),
        ("no objects", &|| {
            std::fs::remove_dir_all(ours.join("objects")).expect("they are there");
            std::fs::create_dir_all(ours.join("objects/pack")).expect("there is room");
        }),
        ("a file in its place", &|| {
            std::fs::remove_dir_all(&ours).expect("it is there");
            put(&ours, b"");
        }),
    ];
    let before = own();
    for (number, (name, damage)) in damages.into_iter().enumerate() {
        damage();
        put(&site.path("static/number.txt"), number.to_string().as_bytes());
        let run = publish(&site, &[]);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{name}");
        assert!(run.stdout.contains("1 file to upload"), "{name}: {}", run.stdout);
        same_files(&branch(&remote, "pages"), &files(&site.path("public")));
        assert_eq!(own(), before, "{name}");
        assert!(!site.path(".git/shallow").exists(), "{name}");
    }
}

/// What a site wants at its first target.
fn local_of(site: &SiteTest) -> DesiredFiles {
    let (report, built) = site.open().build_and_keep(&BuildOptions::default(), &()).expect("it can be built");
    let built = built.expect("the site has no errors");
    DesiredFiles::list(&built, &report.output, &built.plan.site.config.publish[0])
}

#[test]
fn links_within_the_site_that_lead_nowhere_stop_a_publish() {
    let mut site = site("in-place");
    site.edit(
        "content/2016/mosul.md",
        "Words.",
        "<a href=\"/no/where/\">x</a> <a href=\"../../../../2016/\">y</a> [z](/no/page/)\n\n> A line of the report that is quoted here.\n>\n> — [The report](https://example.com/report)\n",
    );
    site.write("static/plain.html", "<a href=\"/no/file/\">x</a>");
    let day = "{% extends \"base.html\" %}{% block main %}<a href=\"/no/template/\">x</a>{% endblock main %}";
    site.write("templates/day.html", day);
    site.write("content/2016/draft.md", "+++\ndraft = true\n+++\nWords.\n");
    let refused = publish(&site, &[]);
    assert_eq!(refused.code, Some(1));
    assert!(
        refused.stderr.contains(
            "\
error: broken internal link: `/no/where/`
 --> content/2016/mosul.md:5:10
"
        ),
        "{}",
        refused.stderr
    );
    // Each once, though the page of a quotation, of its publication and of all quotations show it.
    for (link, place) in [
        ("/no/page/", "content/2016/mosul.md:5:62"),
        ("https://example.com/report", "content/2016/mosul.md:9:18"),
        ("/no/file/", "static/plain.html:1:10"),
        ("/no/template/`, here and on another page", "2016/12/15/index.html"),
    ] {
        let link = format!("broken internal link: `{}", link.trim_end_matches('`'));
        let found: Vec<&str> = refused.stderr.split("\n\n").filter(|fault| fault.contains(&link)).collect();
        assert_eq!(found.len(), 1, "{}", refused.stderr);
        assert!(found[0].contains(place), "{}", found[0]);
    }
    assert!(!refused.stderr.contains("/2016/`"), "{}", refused.stderr);
    assert!(!refused.stderr.contains("warning: nothing stands at `/no/"), "{}", refused.stderr);
    assert!(!site.path("web").exists());
    site.edit("backmatter.toml", "to = \"web\"", "to = \"web\"\ncheck_links = false");
    let published = publish(&site, &[]);
    assert_eq!(published.code, Some(0));
    assert!(
        published.stdout.contains("  1 post not shown: 1 draft (`backmatter list drafts`)"),
        "{}",
        published.stdout
    );
}

#[test]
fn posts_are_looked_at_until_they_are_online_and_the_hub_is_told() {
    let web = FakeWeb::new();
    web.on("/hub", Answer::status(204));
    let mut site = site("in-place");
    let hub = format!("to = \"web\"\nwait = 5\nhub = \"{}\"", web.url("/hub"));
    site.edit("backmatter.toml", "to = \"web\"", &hub);
    let (report, built) =
        site.open().build_and_keep(&BuildOptions::default(), &()).expect("the site can be built");
    let built = built.expect("the site has no errors");
    let settings = built.plan.site.config.publish[0].clone();
    let plan = PublishPlan::new(&PublishRequest {
        root: site.root(),
        output: &report.output,
        built: &built,
        target: &settings,
        max_deletes: None,
        others: UnfinishedPolicy::Respect,
        foreign: ForeignFiles::Keep,
        now: site.time(),
    })
    .expect("the target can be read");
    // What is at the addresses of the posts is served here, the first one only at the second look.
    let page = |path: &str| std::fs::read_to_string(site.path("public").join(path)).expect("it was built");
    let (first, second) = ("2016/12/15/aleppo/index.html", "2016/12/18/mosul/index.html");
    web.script("/2016/12/15/aleppo/", [Answer::status(404), Answer::html(page(first))]);
    web.page("/2016/12/18/mosul/", page(second).replace("</body>", "<script>host()</script></body>"));
    let network = backmatter::internals::config::Config::parse(&format!(
        "base_url = \"https://example.com\"\n[network]\nallow = [\"{}\"]\n",
        web.host()
    ))
    .0
    .network;
    let client = Client::new(&network, "https://example.com");
    let paused = Mutex::new(Duration::ZERO);
    let pause = |time: Duration| *paused.lock().expect("no test panics here") += time;
    let plan = plan.seen_at(&web.url(""));
    let online = wait_online::wait(&plan, &settings, &client, &pause);
    assert_eq!((online.live, online.late, online.hub), (2, Vec::new(), None));
    assert_eq!(*paused.lock().expect("no test panics here"), Duration::from_secs(1));
    // One that does not come online is named, with what is there.
    web.on("/2016/12/15/aleppo/", Answer::status(404));
    web.page("/2016/12/18/mosul/", "<main>Older words.</main>");
    let impatient = PublishTarget { wait: 1, hub: None, ..settings };
    let late = wait_online::wait(&plan, &impatient, &client, &pause).late;
    let late: Vec<_> = late.iter().map(|late| late.reason.as_str()).collect();
    assert_eq!(late, ["the answer has status 404", "another page is there, perhaps an older one"]);
    let told: Vec<_> =
        web.asked().into_iter().filter(|asked| asked.target == "/hub").map(|asked| asked.form()).collect();
    assert_eq!(told.len(), 6, "the feeds of the site, and of its tag: {told:?}");
    assert_eq!(told[0][0], ("hub.mode".to_owned(), "publish".to_owned()));
    for (name, element) in [("atom.xml", "link"), ("rss.xml", "atom:link")] {
        let feed = std::fs::read_to_string(site.path("public").join(name)).expect("it was built");
        assert!(feed.contains(&format!("<{element} rel=\"hub\" href=\"{}\"/>", web.url("/hub"))), "{feed}");
    }
}

/// The commands of ours in the file of a service.
fn commands(text: &str) -> Vec<Vec<&str>> {
    let lines =
        text.lines().map(|line| line.trim_start().trim_start_matches("- ").trim_start_matches("run: "));
    let ours = lines.filter_map(|line| line.strip_prefix("backmatter "));
    ours.map(|line| line.split(" || ").next().unwrap_or_default().split(' ').collect()).collect()
}

#[test]
fn a_service_gets_a_file_whose_commands_are_ours() {
    let mut site = site("in-place");
    site.edit(
        "backmatter.toml",
        "[network]",
        "[linkbacks]\nreceiver = \"https://hears.example.org\"\n[network]",
    );
    for service in backmatter::internals::publish::workflow::SERVICES {
        let _ = std::fs::remove_file(site.path(service.path));
        let from = "https://example.org/backmatter.git#v1";
        let run = backmatter(site.root(), ["publish", "--init", service.name, "--from", from]);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{}", service.name);
        assert!(run.stdout.starts_with(service.path), "{}", run.stdout);
        assert!(!run.stdout.contains("cannot install"), "{}", run.stdout);
        let text = std::fs::read_to_string(site.path(service.path)).expect("it was written");
        let keys = backmatter::internals::spanned::yaml(&text, 0)
            .unwrap_or_else(|error| panic!("{}: {error:?}\n{text}", service.name));
        assert!(!keys.is_empty());
        assert!(!text.contains('<') && !text.contains("#if") && !text.contains("example.com"), "{text}");
        for part in [
            "17 ",
            "cargo install ",
            "--locked --git https://example.org/backmatter.git --tag v1 backmatter\n",
            "BACKMATTER_TOKEN",
            "backmatter linkbacks pull --from https://hears.example.org",
            "git add --all -- '*.sent.toml'",
        ] {
            // GitLab gives every secret to every command.
            let is_given = part == "BACKMATTER_TOKEN" && service.name == "gitlab-pages";
            assert!(is_given || text.contains(part), "`{part}` is not in\n{text}");
        }
        for secret in service.secrets {
            assert!(text.contains(secret) && run.stdout.contains(secret), "`{secret}` is not in\n{text}");
        }

        // Every command is one that we know, and the settings that are asked for are whole.
        let commands = commands(&text);
        assert!(commands.iter().any(|command| command[0] == "publish"), "{commands:?}");
        for command in commands {
            let run = backmatter(site.root(), command.iter().copied().chain(["--help"]));
            assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{command:?}");
        }
        let (_, settings) =
            run.stdout.split_once("Add to backmatter.toml:\n\n").expect("the target is another one");
        let (settings, _) = settings.split_once("\n\n").expect("and then the secrets");
        let name = settings.split(['.', ']']).nth(1).expect("it begins with `[publish.NAME]`");
        assert!(text.contains(&format!("backmatter publish {name} --yes --no-outside-links")), "{text}");
        let written = format!("base_url = \"https://blog.org\"\n{settings}\n");
        let (config, faults) = backmatter::internals::config::Config::parse(&written);
        assert_eq!((faults, config.publish.len()), (vec![], 1), "{settings}");
    }
}

#[test]
fn a_service_publishes_to_the_target_that_fits_it() {
    let mut site = site("in-place");
    let mine = "[publish.mine]\nkind = \"netlify\"\nsite = \"mine.netlify.app\"\n[publish.web]";
    site.edit("backmatter.toml", "[publish.web]", mine);
    let run =
        backmatter(site.root(), ["publish", "--init", "netlify", "--from", "https://example.org/x.git"]);
    run.is(0, ".github/workflows/publish.yml\n\nGive the service these secrets: NETLIFY_AUTH_TOKEN\n", "");
    let text = std::fs::read_to_string(site.path(".github/workflows/publish.yml")).expect("it was written");
    assert!(text.contains("        run: backmatter publish mine --yes --no-outside-links\n"), "{text}");
    assert!(text.contains("          NETLIFY_AUTH_TOKEN: ${{ secrets.NETLIFY_AUTH_TOKEN }}\n"), "{text}");
}

#[test]
fn a_service_gets_its_file_once() {
    let site = site("in-place");
    let init = |service: &str| backmatter(site.root(), ["publish", "--init", service]);
    let first = init("webdav");
    assert_eq!(first.code, Some(0));
    assert!(first.stdout.contains("It cannot install Backmatter yet"), "{}", first.stdout);
    init("webdav").is(
        2,
        "",
        "error: `./.github/workflows/publish.yml` exists already; `publish --init` never overwrites a file\n"
            .replace("./", &format!("{}/", site.root().canonicalize().expect("it is there").display()))
            .as_str(),
    );
    init("githb-pages").is(2, "", "error: `--init githb-pages`: did you mean `github-pages`?\n");
    let bad = backmatter(site.root(), ["publish", "--init", "webdav", "--from", "https://x.org/$(rm)"]);
    assert_eq!(bad.code, Some(2), "{}", bad.stdout);
}

#[test]
fn what_a_plan_says_of_samples_and_of_where_visitors_look() {
    let folder = crate::site_test::folder();
    let root = folder.path().join("blog");
    assert_eq!(backmatter(folder.path(), ["init", "blog"]).code, Some(0));
    let mut settings = std::fs::read_to_string(root.join("backmatter.toml")).expect("there are settings");
    settings.push_str("\n[publish.web]\nkind = \"directory\"\nto = \"../www/\"\n");
    put(&root.join("backmatter.toml"), settings.as_bytes());
    let run = backmatter(&root, ["publish", "--dry-run"]);
    assert!(run.stdout.contains("visitors see it in `../www/current`"), "{}", run.stdout);
    assert_eq!(run.stderr.matches("this sample of `init` is as it was made").count(), 3, "{}", run.stderr);
    let year = std::fs::read_dir(root.join("content")).expect("it is there").flatten();
    let year =
        year.map(|entry| entry.path()).find(|path| path.join("a-note.md").exists()).expect("there is a note");
    let note = std::fs::read_to_string(year.join("a-note.md")).expect("it is text");
    put(&year.join("a-note.md"), format!("{note}\nMy own words.\n").as_bytes());
    let run = backmatter(&root, ["publish", "--dry-run"]);
    assert_eq!(run.stderr.matches("this sample of `init` is as it was made").count(), 2, "{}", run.stderr);
    let local = settings.replace("https://blog.example", "http://127.0.0.1:8000");
    put(&root.join("backmatter.toml"), local.as_bytes());
    let run = backmatter(&root, ["publish", "--dry-run"]);
    assert!(run.stderr.contains("name its host in `[network] allow`"), "{}", run.stderr);
}

#[test]
fn a_refused_address_is_shown_without_its_password() {
    let site = SiteTest::new(
        "-- backmatter.toml --\nbase_url = \"https://example.com\"\n[publish.dav]\nkind = \"webdav\"\nto = \"http://user:PaSsW0rd@host/blog\"\n",
    );
    let run = publish(&site, &[]);
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("•••••••••••••@host/blog"), "{}", run.stderr);
    let pulled = backmatter(site.root(), ["linkbacks", "pull", "--from", "http://user:PaSsW0rd@host/"]);
    for text in [&run.stderr, &run.stdout, &pulled.stderr, &pulled.stdout] {
        assert!(!text.contains("PaSsW0rd"), "{text}");
    }
}
