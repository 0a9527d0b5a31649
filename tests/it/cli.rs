//! The program as a user meets it: what it prints, where, and how it ends.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::site_test::{files, folder, put, stamps};

/// What a run of the program left.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs the program in a folder, without anything of the tester's environment that could colour it.
pub(crate) fn backmatter<S: AsRef<OsStr>>(folder: &Path, arguments: impl IntoIterator<Item = S>) -> Run {
    run(&mut command(folder, arguments))
}

pub(crate) fn command<S: AsRef<OsStr>>(folder: &Path, arguments: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_backmatter"));
    command.args(arguments).current_dir(folder).env_clear().stdin(Stdio::null());
    command
}

/// Starts the program and does not wait for it.
pub(crate) fn start<S: AsRef<OsStr>>(folder: &Path, arguments: impl IntoIterator<Item = S>) -> Child {
    let mut command = command(folder, arguments);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program runs")
}

pub(crate) fn run(command: &mut Command) -> Run {
    let output = command.output().expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("what it prints is text");
    Run { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

impl Run {
    /// The exact ending and texts. The time a build took is left out.
    #[track_caller]
    pub(crate) fn is(&self, code: i32, stdout: &str, stderr: &str) {
        assert_eq!((without_time(&self.stdout).as_str(), self.stderr.as_str()), (stdout, stderr));
        assert_eq!(self.code, Some(code));
    }
}

/// `… removed in 12 ms` as `… removed in TIME`.
fn without_time(text: &str) -> String {
    match text.split_once(" removed in ") {
        Some((before, after)) => {
            let (time, rest) = after.split_once('\n').expect("a summary is a line");
            let (number, unit) = time.split_once(' ').expect("a time has a unit");
            assert!(number.parse::<f64>().is_ok() && ["ms", "s"].contains(&unit), "{time}");
            format!("{before} removed in TIME\n{rest}")
        }
        None => text.to_owned(),
    }
}

/// A folder with a site of two posts.
fn site() -> TempDir {
    let folder = folder();
    let write = |path: &str, text: &str| put(&folder.path().join(path), text.as_bytes());
    write("backmatter.toml", "base_url = \"https://example.com\"\ntimezone = \"Europe/Stockholm\"\n");
    write(
        "content/2016/aleppo.md",
        "+++\ntitle = \"Aleppo\"\ndate = 2016-12-15\ntags = [\"war\"]\n+++\nWords of it.\n",
    );
    write("content/2016/mosul.md", "+++\ntitle = \"Mosul\"\ndate = 2016-12-18 22:32\n+++\nWords.\n");
    folder
}

#[test]
fn init_makes_a_site_that_builds_without_a_warning() {
    let folder = folder();
    let made = backmatter(folder.path(), ["init", "blog"]);
    assert_eq!((made.code, made.stderr.as_str()), (Some(0), ""));
    let (list, last) = made.stdout.trim_end().rsplit_once("\n\n").expect("a list and a last line");
    let listed: Vec<_> = list.lines().map(|line| line.trim().to_owned()).collect();
    let mut sorted = listed.clone();
    sorted.sort_unstable();
    let on_disk: Vec<_> =
        files(&folder.path().join("blog")).into_keys().map(|path| format!("blog/{path}")).collect();
    assert_eq!(sorted, on_disk);
    let expected = format!(
        "A site of {} files. Build it with: cd blog && backmatter build\n\
         Before you publish it, set `base_url` in backmatter.toml: the address there is an example.",
        listed.len()
    );
    assert_eq!(last, expected);
    let blog = folder.path().join("blog");
    let built = backmatter(&blog, ["build", "--strict"]);
    assert_eq!((built.code, built.stderr.as_str()), (Some(0), ""));
    let samples = ["two-reports-caught-my-eye", "a-note", "what-a-post-can-hold"];
    let pages: Vec<_> = files(&blog.join("public")).into_keys().collect();
    for sample in samples {
        let page =
            pages.iter().find(|page| page.contains(sample)).unwrap_or_else(|| panic!("no page of {sample}"));
        let text = std::fs::read_to_string(blog.join("public").join(page)).expect("it is there");
        assert!(text.contains("<p>") && !text.contains("{{"), "{text}");
    }
}

#[test]
fn init_says_how_to_enter_a_folder_of_any_name() {
    let folder = TempDir::new().expect("there is room");
    for (name, typed) in [("blog", "blog"), ("a blog", "'a blog'"), ("it's", "'it'\\''s'"), ("-b", "-- '-b'")]
    {
        let run = backmatter(folder.path(), ["init", "--", name]);
        let said = format!("\nA site of 10 files. Build it with: cd {typed} && backmatter build\n");
        assert!(run.stdout.contains(&said), "{}", run.stdout);
    }
}

#[test]
fn faults_of_settings_name_the_file_that_was_given() {
    let folder = site();
    put(&folder.path().join("alt.toml"), b"base_url = \"https://example.com\"\ntitel = \"x\"\n");
    let there = folder.path().join("alt.toml").display().to_string();
    for given in ["alt.toml", "./alt.toml", &there] {
        let run = backmatter(folder.path(), ["--config", given, "build"]);
        assert!(run.stderr.contains("--> alt.toml:2:1\n"), "{given}: {}", run.stderr);
    }
    let nowhere = "base_url = \"https://example.com\"\n[[menu]]\nname = \"x\"\nurl = \"/nowhere/\"\n";
    put(&folder.path().join("alt.toml"), nowhere.as_bytes());
    let run = backmatter(folder.path(), ["--config", "alt.toml", "build"]);
    assert!(run.stderr.contains("`/nowhere/`") && run.stderr.contains("alt.toml"), "{}", run.stderr);
    assert!(!run.stderr.contains("backmatter.toml"), "{}", run.stderr);
}

#[test]
fn init_never_overwrites() {
    let folder = folder();
    put(&folder.path().join("content/pages/about.md"), b"mine");
    let before = stamps(folder.path());
    backmatter(folder.path(), ["init"]).is(
        2,
        "",
        "error: `./content/pages/about.md` exists already; `init` never overwrites a file\n",
    );
    assert_eq!(stamps(folder.path()), before, "nothing is made if anything is in the way");
}

#[test]
fn new_makes_a_post_and_prints_its_path() {
    let site = site();
    let path = |below: &str| format!("{below}\n");
    let read = |below: &str| std::fs::read_to_string(site.path().join(below)).expect("it was made");
    backmatter(site.path(), ["new", "Zwei Berichte: \"Ümlaut\" & 日本", "--date", "2016-12-15"]).is(
        0,
        &path("content/2016/zwei-berichte-umlaut-日本.md"),
        "",
    );
    assert_eq!(
        read("content/2016/zwei-berichte-umlaut-日本.md"),
        "+++\ntitle = \"Zwei Berichte: \\\"Ümlaut\\\" & 日本\"\ndate = 2016-12-15\ntags = []\n+++\n\n"
    );
    backmatter(site.path(), ["new", "A draft", "--draft", "--date", "2016-12-15T22:32"]).is(
        0,
        &path("content/2016/a-draft.md"),
        "",
    );
    assert_eq!(
        read("content/2016/a-draft.md"),
        "+++\ntitle = \"A draft\"\ndate = 2016-12-15T22:32:00+01:00\ntags = []\ndraft = true\n+++\n\n"
    );
    backmatter(site.path(), ["new", "A draft", "--date", "2016-12-16"]).is(
        2,
        "",
        &format!(
            "error: `{}` exists already; `new` never overwrites a file\n",
            site.path().join("content/2016/a-draft.md").display()
        ),
    );
    backmatter(site.path(), ["new", "x", "--date", "2016-13-40"]).is(
        2,
        "",
        "error: `--date 2016-13-40`: `2016-13-40` is not a date: there is no month 13\n",
    );
    // A title without a letter still needs a name.
    let symbols = backmatter(site.path(), ["new", "???", "--date", "2016-12-15"]);
    assert_eq!(symbols.code, Some(0));
    let built = backmatter(site.path(), ["build", "--strict"]);
    assert_eq!((built.code, built.stderr.as_str()), (Some(0), ""));
}

#[test]
fn new_below_the_site_finds_it() {
    let site = site();
    let below = site.path().join("content/2016");
    let made = backmatter(&below, ["new", "Below", "--date", "2017-01-02"]);
    assert_eq!(made.code, Some(0));
    assert!(site.path().join("content/2017/below.md").is_file());
}

#[test]
fn a_build_says_in_one_line_what_it_did() {
    let site = site();
    let all = files(site.path()).len();
    let built = backmatter(site.path(), ["build"]);
    let pages = files(&site.path().join("public")).len();
    built.is(0, &format!("{pages} pages rendered, 0 kept, {pages} written, 0 removed in TIME\n"), "");
    backmatter(site.path(), ["build"]).is(
        0,
        &format!("0 pages rendered, {pages} kept, 0 written, 0 removed in TIME\n"),
        "",
    );
    std::fs::remove_file(site.path().join("public/404.html")).expect("it was made");
    backmatter(site.path(), ["build"]).is(
        0,
        &format!("1 page rendered, {} kept, 1 written, 0 removed in TIME\n", pages - 1),
        "",
    );
    backmatter(site.path(), ["build", "--quiet"]).is(0, "", "");
    assert!(all < pages);
}

#[test]
fn a_build_of_many_pages_shows_no_bar_in_a_pipe() {
    let site = site();
    for number in 0..600 {
        put(&site.path().join(format!("content/pages/p{number}.md")), b"+++\ntitle = \"P\"\n+++\nWords.\n");
    }
    let built = backmatter(site.path(), ["build"]);
    assert_eq!((built.code, built.stderr.as_str()), (Some(0), ""));
    assert!(!built.stdout.contains(['\u{1b}', '\r']), "{}", built.stdout);
}

#[test]
fn json_is_one_document_for_machines() {
    let site = site();
    let built = backmatter(site.path(), ["build", "--json"]);
    assert_eq!((built.code, built.stderr.as_str()), (Some(0), ""));
    let report: Value = serde_json::from_str(&built.stdout).expect("it is JSON");
    let keys: Vec<_> = report.as_object().expect("it is an object").keys().cloned().collect();
    let expected = [
        "built",
        "diagnostics",
        "encoded",
        "kept",
        "ledger",
        "left_out",
        "milliseconds",
        "not_shown",
        "output",
        "posts",
        "removed",
        "rendered",
        "why",
        "written",
    ];
    assert_eq!(keys, expected);
    assert_eq!((&report["built"], &report["posts"], &report["kept"]), (&true.into(), &2.into(), &0.into()));
    assert!(report["rendered"].as_array().is_some_and(|paths| paths.contains(&"index.html".into())));

    put(&site.path().join("content/bad.md"), b"+++\ntilte = \"x\"\ndate = \"2016-13-40\"\n+++\nWords.\n");
    let failed = backmatter(site.path(), ["build", "--json"]);
    assert_eq!((failed.code, failed.stderr.as_str()), (Some(3), ""));
    let report: Value = serde_json::from_str(&failed.stdout).expect("it is JSON");
    assert_eq!(
        (&report["built"], &report["left_out"]),
        (&true.into(), &serde_json::json!({ "files": 1, "of": 3 }))
    );
    let expected = serde_json::json!([
        {"severity": "error", "reach": "file", "path": "content/bad.md", "message": "`2016-13-40` is not a date: there is no month 13", "hint": null,
         "place": {"line": 3, "column": 8, "width": 12, "skipped": 0, "text": "date = \"2016-13-40\""}},
        {"severity": "warning", "reach": "site", "path": "content/bad.md", "message": "unknown key `tilte`", "hint": "did you mean `title`?",
         "place": {"line": 2, "column": 1, "width": 5, "skipped": 0, "text": "tilte = \"x\""}},
    ]);
    assert_eq!(report["diagnostics"], expected);
    let nowhere = folder();
    let failed = backmatter(nowhere.path(), ["build", "--json"]);
    assert_eq!((failed.code, failed.stderr.as_str()), (Some(2), ""));
    let report: Value = serde_json::from_str(&failed.stdout).expect("it is JSON");
    assert!(report["error"].as_str().is_some_and(|error| error.starts_with("no `backmatter.toml` in ")));
    assert_eq!(report["causes"], serde_json::json!([]));
}

#[cfg(unix)]
#[test]
fn an_error_as_json_names_its_causes() {
    let site = site();
    // A file is where the folder of the target has to be (ENOTDIR, 20 on Linux and macOS).
    let taken = site.path().join("taken");
    put(&taken, b"a file");
    put(
        &site.path().join("backmatter.toml"),
        b"base_url = \"https://example.com\"\n[publish.web]\nkind = \"directory\"\nto = \"taken/www\"\n",
    );
    let failed = backmatter(site.path(), ["publish", "--yes", "--json"]);
    assert_eq!(failed.code, Some(2), "{}{}", failed.stdout, failed.stderr);
    let report: Value =
        serde_json::from_str(failed.stdout.lines().last().expect("a line")).expect("it is JSON");
    let causes = report["causes"].as_array().expect("a list");
    let codes: Vec<&Value> = causes.iter().map(|cause| &cause["os_error"]).collect();
    assert_eq!(codes.last(), Some(&&20.into()), "{report}");
    let messages: Vec<&str> = causes.iter().filter_map(|cause| cause["message"].as_str()).collect();
    // Each cause says less than the one before.
    assert!(report["error"].as_str().is_some_and(|error| error.contains(messages[0])), "{report}");
    assert!(messages.windows(2).all(|pair| pair[0].contains(pair[1])), "{report}");
}

#[test]
fn why_explains_a_page() {
    let site = site();
    let why = |page: &str| {
        let run = backmatter(site.path(), ["build", "--why", page]);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
        let (why, _) =
            run.stdout.rsplit_once('\n').expect("lines").0.rsplit_once('\n').expect("a summary follows");
        why.to_owned()
    };
    assert_eq!(
        why("/2016/12/15/aleppo/"),
        "2016/12/15/aleppo/index.html:\n  rendered because there is no ledger of an earlier build"
    );
    let kept = why("2016/12/15/aleppo");
    assert!(
        kept.starts_with("2016/12/15/aleppo/index.html:\n  kept: the data it shows is the same, and "),
        "{kept}"
    );
    let post = site.path().join("content/2016/mosul.md");
    let text = std::fs::read_to_string(&post).expect("it is there");
    put(&post, text.replace("Mosul", "Mossul").as_bytes());
    assert_eq!(
        why("content/2016/aleppo.md"),
        "2016/12/15/aleppo/index.html:\n  rendered because `newer.title` was `Mosul`, is now `Mossul`"
    );
    put(&post, text.replace("Mosul", "Mossul").replace("Words.", "Words!").as_bytes());
    let changed = why("2016/12/18/mosul/index.html");
    assert!(
        changed.contains("rendered because `content/2016/mosul.md` changed, which it prints"),
        "{changed}"
    );
    std::fs::remove_file(site.path().join("public/404.html")).expect("it was made");
    assert_eq!(why("/404.html"), "404.html:\n  rendered because its file is gone from the output folder");
    assert_eq!(
        why("/2016/12/15/alepo/"),
        "/2016/12/15/alepo/:\n  no page of the site is called so; did you mean `/2016/12/15/aleppo/`?"
    );
}

#[test]
fn strict_makes_warnings_errors() {
    let site = site();
    put(&site.path().join("content/x.md"), b"+++\ntilte = \"X\"\ndate = 2016-01-01\n+++\nWords.\n");
    let warning = "unknown key `tilte`\n --> content/x.md:2:1\n  |\n2 | tilte = \"X\"\n  | ^^^^^\n  |\n  = help: did you mean `title`?\n\n";
    let built = backmatter(site.path(), ["build"]);
    assert_eq!((built.code, built.stderr), (Some(0), format!("warning: {warning}")));
    backmatter(site.path(), ["build", "--strict"]).is(
        1,
        "",
        &format!("error: {warning}error: 1 error: the site was not built\n"),
    );
    let quiet = backmatter(site.path(), ["build", "--quiet"]);
    quiet.is(0, "", "");
    assert_eq!(backmatter(site.path(), ["build", "--quiet", "--strict"]).code, Some(1));
}

#[test]
fn the_repositorys_own_site_has_no_fault() {
    let folder = crate::site_test::folder();
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    if !repository.join("content").is_dir() {
        // The package that is uploaded has no site.
        return;
    }
    let parts = ["backmatter.toml", "content", "static", "themes"];
    for entry in parts.iter().flat_map(|part| walkdir::WalkDir::new(repository.join(part))).flatten() {
        if entry.file_type().is_file() {
            let below = entry.path().strip_prefix(repository).expect("it is below");
            put(&folder.path().join(below), &std::fs::read(entry.path()).expect("it can be read"));
        }
    }
    let built = backmatter(folder.path(), ["build", "--strict", "--quiet", "--now", "2026-12-31"]);
    built.is(0, "", "");
}

#[test]
fn strict_ends_as_it_says() {
    let site = site();
    assert_eq!(backmatter(site.path(), ["build"]).code, Some(0));
    std::fs::remove_dir_all(site.path().join(".backmatter")).expect("it was made");
    put(&site.path().join("public/somebodys.txt"), b"x");
    let strict = backmatter(site.path(), ["build", "--strict"]);
    assert!(
        strict
            .stderr
            .starts_with("error: the folder holds a file that is not of the site and stays: `somebodys.txt`"),
        "{}",
        strict.stderr
    );
    assert_eq!(strict.code, Some(1), "an error was shown");
}

#[test]
fn errors_are_shown_with_their_lines() {
    let site = site();
    put(&site.path().join("content/x.md"), "+++\ntitle = \"Zwölf\"\ntags = [\"a\", 7.5, {}]\ndate = 2016-01-01\n+++\nWords, see [x](nowhere.md).\n".as_bytes());
    put(&site.path().join("content/y.md"), b"+++\ntitle = \"Y\"\n");
    backmatter(site.path(), ["build"]).is(
        3,
        "23 pages rendered, 0 kept, 23 written, 0 removed in TIME\n",
        "error: `tags` must be a list of texts, but this is a table\n --> content/x.md:3:19\n  |\n3 | tags = [\"a\", 7.5, {}]\n  |                   ^^\n  |\n  = help: write them as `[\"…\", \"…\"]`, each one in quotes\n\n\
         error: the TOML front matter is never closed\n --> content/y.md:1:1\n  |\n1 | +++\n  | ^^^\n  |\n  = help: end it with a line `+++`, also if the post is empty\n\n\
         error: 2 errors: most of the site is missing: 2 of 4 posts and pages are left out\n",
    );
    assert!(!site.path().join("public/2016/01/01/x").exists());
}

#[test]
fn many_warnings_of_a_kind_are_counted() {
    let site = site();
    for number in 10..25 {
        put(
            &site.path().join(format!("content/w{number}.md")),
            b"+++\ntitle = \"X\"\nweight = 1\ndate = 2016-01-01\n+++\nx\n",
        );
    }
    let built = backmatter(site.path(), ["build"]);
    let first = "warning: unknown key `weight` (15 times, first here)\n --> content/w10.md:3:1";
    assert!(built.stderr.contains(first), "{}", built.stderr);
    assert_eq!(built.stderr.matches("`weight`").count(), 1);
    for number in 0..14 {
        let text = format!("+++\ntitle = \"X\"\nkey{} = 1\ndate = 2016-01-01\n+++\nx\n", number % 13);
        put(&site.path().join(format!("content/k{number:02}.md")), text.as_bytes());
    }
    let built = backmatter(site.path(), ["build"]);
    let rest = "warning: unknown key …: 19 more like these (`weight` 15 times, `key0`, `key10`, `key11`, `key12`); `--json` lists them all\n\n";
    assert!(built.stderr.ends_with(rest), "{}", built.stderr);
}

#[test]
fn list_shows_posts_newest_first() {
    let site = site();
    let write = |path: &str, text: &str| put(&site.path().join(path), text.as_bytes());
    write("content/d.md", "+++\ntitle = \"Not ready\"\ndate = 2016-01-01\ndraft = true\n+++\nx\n");
    write("content/f.md", "+++\ntitle = \"To come\"\ndate = 2099-01-01\n+++\nx\n");
    write("content/e.md", "+++\ntitle = \"Gone\"\ndate = 2015-01-01\nexpires = 2015-02-01\n+++\nx\n");
    write("content/n.md", "+++\ndate = 2016-12-16\n+++\nA note without a title.\n");
    write("content/pages/about.md", "+++\ntitle = \"About\"\n+++\nx\n");
    let list = |what: &[&str]| backmatter(site.path(), [&["list"], what].concat());
    let posts = "2016-12-18  content/2016/mosul.md  Mosul\n\
                 2016-12-16  content/n.md  A note without a title.\n\
                 2016-12-15  content/2016/aleppo.md  Aleppo\n";
    list(&[]).is(0, posts, "");
    list(&["posts"]).is(0, posts, "");
    list(&["drafts"]).is(0, "2016-01-01  content/d.md  Not ready\n", "");
    list(&["future"]).is(0, "2099-01-01  content/f.md  To come\n", "");
    list(&["expired"]).is(0, "2015-01-01  content/e.md  Gone\n", "");
    list(&["future", "--now", "2099-01-02"]).is(0, "", "no posts with a future date\n");
    list(&["posts", "--now", "2016-12-15T00:00:00Z"]).is(
        0,
        "2016-12-15  content/2016/aleppo.md  Aleppo\n",
        "",
    );
    let json: Value = serde_json::from_str(&list(&["posts", "--json"]).stdout).expect("it is JSON");
    let mosul = serde_json::json!({
        "path": "content/2016/mosul.md", "url": "/2016/12/18/mosul/", "title": "Mosul",
        "date": "2016-12-18T22:32:00+01:00", "draft": false, "absent": null, "hidden": null, "words": 1, "tags": [], "categories": [],
    });
    assert_eq!(json[0], mosul);
    assert!(!site.path().join("public").exists() && !site.path().join(".backmatter").exists());
}

#[test]
fn list_shows_the_errors_of_the_site_as_well() {
    let site = site();
    put(&site.path().join("content/y.md"), b"+++\ntitle = \"Y\"\n");
    let list = backmatter(site.path(), ["list"]);
    assert_eq!(list.code, Some(1));
    assert_eq!(list.stdout.lines().count(), 2);
    assert!(list.stderr.starts_with("error: the TOML front matter is never closed\n"), "{}", list.stderr);
}

#[test]
fn completions_are_printed_for_each_shell() {
    for (shell, sign) in
        [("bash", "_backmatter()"), ("zsh", "#compdef backmatter"), ("fish", "complete -c backmatter")]
    {
        let run = backmatter(Path::new("/"), ["completions", shell]);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
        assert!(run.stdout.contains(sign), "{shell}: {}", run.stdout);
        for command in ["init", "new", "build", "list", "completions"] {
            assert!(run.stdout.contains(command), "{shell} does not know `{command}`");
        }
    }
}

#[test]
fn manual_pages_are_written_for_each_command() {
    let to = folder();
    let pages = to.path().join("share/man1");
    backmatter(to.path(), ["man", "share/man1"]).is(0, "", "");
    let page = |name: &str| std::fs::read_to_string(pages.join(format!("{name}.1"))).unwrap();
    let main = page("backmatter");
    for command in ["init", "import", "new", "build", "serve", "publish", "receive", "linkbacks", "send"] {
        assert!(main.contains(&format!("backmatter\\-{command}(1)")), "`{command}` is not in\n{main}");
        assert!(page(&format!("backmatter-{command}")).starts_with(".ie"), "{command}");
    }
    assert!(page("backmatter-linkbacks-approve").contains("\\-\\-all"));
    assert!(!pages.join("backmatter-man.1").exists() && !pages.join("backmatter-help.1").exists());
}

#[test]
fn the_site_is_found_from_below_or_named() {
    let site = site();
    let elsewhere = folder();
    let built = |folder: &Path, arguments: &[&str]| {
        let _ = std::fs::remove_dir_all(site.path().join("public"));
        let run = backmatter(folder, arguments);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{arguments:?}");
        assert!(site.path().join("public/index.html").is_file(), "{arguments:?}");
    };
    let root = site.path().to_str().expect("its name is text");
    let settings = format!("{root}/backmatter.toml");
    built(&site.path().join("content/2016"), &["build"]);
    built(elsewhere.path(), &["build", "--root", root]);
    built(elsewhere.path(), &["--root", root, "build"]);
    built(elsewhere.path(), &["build", "--config", &settings]);
    let other = format!("{root}/other.toml");
    put(Path::new(&other), b"base_url = \"https://other.example\"\n");
    built(elsewhere.path(), &["build", "--config", &other, "--root", root]);
    let home = std::fs::read_to_string(site.path().join("public/index.html")).expect("it was made");
    assert!(home.contains("https://other.example/"), "{home}");
    built(site.path(), &["build", "--base-url", "https://third.example/sub"]);
    let home = std::fs::read_to_string(site.path().join("public/index.html")).expect("it was made");
    assert!(
        home.contains("https://third.example/sub/") && home.contains("href=\"/sub/2016/12/15/aleppo/\""),
        "{home}"
    );
    let out = elsewhere.path().join("out");
    let run = backmatter(site.path(), [OsStr::new("build"), OsStr::new("-o"), out.as_os_str()]);
    assert_eq!(run.code, Some(0));
    assert!(out.join("index.html").is_file());
}

#[test]
fn what_cannot_run_says_so_and_ends_with_two() {
    let nowhere = folder();
    let place = nowhere.path().display();
    backmatter(nowhere.path(), ["build"]).is(
        2,
        "",
        &format!(
            "error: no `backmatter.toml` in `{place}` or above it; `backmatter init` makes a new site, `--root DIR` names another one\n"
        ),
    );
    backmatter(nowhere.path(), ["build", "--config", "none.toml"]).is(
        2,
        "",
        "error: cannot read `none.toml`: No such file or directory (os error 2)\n",
    );
    backmatter(nowhere.path(), ["frobnicate"]).is(
        2,
        "",
        "error: unrecognized subcommand 'frobnicate'\n\nUsage: backmatter [OPTIONS] <COMMAND>\n\nFor more information, try '--help'.\n",
    );
    let none = backmatter(nowhere.path(), [""; 0]);
    assert_eq!((none.code, none.stdout.as_str()), (Some(2), ""));
    assert!(none.stderr.contains("Usage: backmatter"), "{}", none.stderr);
    let site = site();
    backmatter(site.path(), ["build", "--base-url", "example.com"]).is(
        2,
        "",
        "error: `--base-url example.com`: `example.com` cannot be a base URL; write it as `https://example.com` or `https://example.com/blog`\n",
    );
    backmatter(site.path(), ["build", "--now", "yesterday"]).is(
        2,
        "",
        "error: invalid value 'yesterday' for '--now <TIME>': write it as 2026-11-22 or 2026-11-22T12:00:00Z\n\nFor more information, try '--help'.\n",
    );
}

#[test]
fn help_and_version_are_no_errors() {
    let help = backmatter(Path::new("/"), ["--help"]);
    assert_eq!((help.code, help.stderr.as_str()), (Some(0), ""));
    for command in ["init", "new", "build", "list", "completions"] {
        assert!(help.stdout.contains(&format!("\n  {command}")), "{}", help.stdout);
    }
    backmatter(Path::new("/"), ["--version"]).is(
        0,
        concat!("backmatter ", env!("CARGO_PKG_VERSION"), "\n"),
        "",
    );
}

#[test]
fn colours_are_there_when_asked_for_and_only_then() {
    let site = site();
    put(&site.path().join("content/y.md"), b"+++\ntitle = \"Y\"\n");
    let colours = |arguments: &[&str], variables: &[(&str, &str)]| {
        let run = run(command(site.path(), arguments).envs(variables.iter().copied()));
        assert_eq!(run.code, Some(3));
        run.stderr.contains('\u{1b}')
    };
    assert!(!colours(&["build"], &[]), "a pipe has no colours");
    assert!(colours(&["build", "--color=always"], &[]));
    assert!(!colours(&["build", "--color=never"], &[("CLICOLOR_FORCE", "1")]));
    assert!(colours(&["build"], &[("CLICOLOR_FORCE", "1")]));
    assert!(!colours(&["build"], &[("NO_COLOR", "1")]));
    assert!(!colours(&["build", "--color=auto"], &[("NO_COLOR", "1"), ("TERM", "xterm-256color")]));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let site = site();
    let script = format!(
        "'{}' completions bash | head -c 1 >/dev/null; echo ${{PIPESTATUS[0]}}",
        env!("CARGO_BIN_EXE_backmatter")
    );
    let output = Command::new("bash").args(["-c", &script]).current_dir(site.path()).output();
    let Ok(output) = output else { return };
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "0");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn bytes_that_are_no_text_are_shown_as_one_mark() {
    let site = site();
    put(&site.path().join("content/latin.md"), b"Gr\xfc\xdfe.\nMore.\n");
    put(&site.path().join("content/nul.md"), &[b"ab".as_slice(), &[0; 5000], b"c"].concat());
    let help = "  |\n  = help: save the file as UTF-8, or move it to `static/` if it is not a post\n\n";
    backmatter(site.path(), ["build"]).is(
        3,
        "23 pages rendered, 0 kept, 23 written, 0 removed in TIME\n",
        &format!(
            "error: this is not UTF-8 text\n --> content/latin.md:1:3\n  |\n1 | Gr\u{fffd}e.\n  |   ^\n{help}\
             error: this is not text: it holds a NUL byte\n --> content/nul.md:1:3\n  |\n1 | ab\u{fffd}\n  |   ^\n{help}\
             error: 2 errors: most of the site is missing: 2 of 4 posts and pages are left out\n"
        ),
    );
}

#[test]
fn everything_said_is_json_if_that_is_asked_for() {
    let folder = folder();
    let said = |arguments: &[&str], code| {
        let run = backmatter(folder.path(), arguments);
        assert_eq!((run.code, run.stderr.as_str()), (Some(code), ""), "{arguments:?}");
        serde_json::from_str::<serde_json::Value>(&run.stdout).expect("one document")
    };
    let made = said(&["init", "blog", "--json"], 0);
    assert_eq!(made["folder"], "blog");
    assert_eq!(made["files"][0], "backmatter.toml");
    let new = said(&["--json", "new", "A title", "--date", "2016-12-15", "--root", "blog"], 0);
    assert_eq!(new, serde_json::json!({ "path": "blog/content/2016/a-title.md" }));
    assert_eq!(
        said(&["build", "--json", "--bogus"], 2),
        serde_json::json!({ "error": "unexpected argument '--bogus' found", "causes": [] })
    );
    let wrong = said(&["build", "--now", "today", "--json"], 2);
    assert_eq!(
        wrong["error"],
        "invalid value 'today' for '--now <TIME>': write it as 2026-11-22 or 2026-11-22T12:00:00Z"
    );
}

#[test]
fn a_terminal_is_never_told_what_a_file_says() {
    let site = site();
    let write = |path: &str, text: &str| put(&site.path().join(path), text.as_bytes());
    write("content/\u{1b}[2Jlisted.md", "---\ntitle: \"\\e[31mred\"\ndate: 2016-01-01\n---\nx\n");
    // A pipe gets no colours, whatever the text holds; a terminal gets what the program writes.
    let list = backmatter(site.path(), ["list", "--color=always"]);
    assert_eq!((list.code, list.stdout.lines().count()), (Some(0), 3));
    assert!(!list.stdout.contains('\u{1b}'), "{:?}", list.stdout);
    write("content/x.md", "+++\ntilte\u{1b}[2J = 1\n+++\n");
    write("content/\u{1b}[2Jy.md", "+++\ntitle = \"Y\"\n");
    write("content/z.md", "---\ntitle: Z\ndate: \"\\e[31m\"\n---\nx\n");
    let run = backmatter(site.path(), ["build", "--color=always"]);
    assert_eq!(run.code, Some(3));
    assert!(!run.stderr.contains("\u{1b}[2J") && !run.stderr.contains("\u{1b}[31m"), "{:?}", run.stderr);
}

#[test]
fn what_is_not_shown_is_counted_and_explained() {
    let site = site();
    put(&site.path().join("content/d.md"), b"+++\ndate = 2020-01-01\ndraft = true\n+++\nx\n");
    put(&site.path().join("content/f.md"), b"+++\ndate = 2030-01-01\n+++\nx\n");
    put(&site.path().join("content/e.md"), b"+++\ndate = 2020-01-02\nexpires = 2021-01-01\n+++\nx\n");
    let built = backmatter(site.path(), ["build", "--now", "2026-11-30"]);
    assert!(
        built
            .stdout
            .ends_with("\n3 posts not shown: 1 draft, 1 future, 1 expired (`backmatter list drafts`)\n"),
        "{}",
        built.stdout
    );
    let why = |asked: &str| {
        let run = backmatter(site.path(), ["build", "--now", "2026-11-30", "--why", asked]);
        run.stdout.lines().take(3).collect::<Vec<_>>().join("|")
    };
    let draft = "2020/01/01/d/index.html:|  not shown: it is a draft; `--drafts` shows it|  its file is `content/d.md`";
    for asked in
        ["content/d.md", "/2020/01/01/d/", "2020/01/01/d/index.html", "public/2020/01/01/d/index.html"]
    {
        assert_eq!(why(asked), draft, "{asked}");
    }
    assert!(
        why("content/f.md")
            .contains("not shown until 2030-01-01: its date is still to come; `--future` shows it")
    );
    assert!(why("content/e.md").contains("not shown since 2021-01-01: it has expired; `--expired` shows it"));
    let shown = backmatter(site.path(), ["build", "--drafts", "--future", "--expired"]);
    assert!(!shown.stdout.contains("not shown"), "{}", shown.stdout);
}

#[test]
fn what_other_engines_call_a_command_has_a_tip() {
    let site = site();
    for (arguments, tip) in [
        (vec!["deploy"], "`backmatter publish`"),
        (vec!["start"], "`backmatter serve`"),
        (vec!["generate"], "`backmatter build`"),
        (vec!["post"], "`backmatter new \"A title\"`"),
        (vec!["new", "post", "x"], "a title of several words is one argument"),
    ] {
        let run = backmatter(site.path(), &arguments);
        assert!(run.code == Some(2) && run.stderr.contains(tip), "{arguments:?}: {}", run.stderr);
    }
}

#[test]
fn new_takes_tags_categories_and_a_folder() {
    let site = site();
    let made = backmatter(
        site.path(),
        [
            "new",
            "A",
            "--tag",
            "one",
            "--tag",
            "t\"wo",
            "--category",
            "News",
            "--folder",
            "notes",
            "--date",
            "2016-12-15",
        ],
    );
    made.is(0, "content/notes/a.md\n", "");
    let text = std::fs::read_to_string(site.path().join("content/notes/a.md")).expect("it was made");
    assert_eq!(
        text,
        "+++\ntitle = \"A\"\ndate = 2016-12-15\ntags = [\"one\", \"t\\\"wo\"]\ncategories = [\"News\"]\n+++\n\n"
    );
    backmatter(site.path(), ["new", "B", "--folder", "../x"]).is(
        2,
        "",
        "error: `--folder ../x`: a folder in `content/` is named, such as `2026` or `pages/projects`\n",
    );
}

#[test]
fn new_takes_a_language() {
    let site = site();
    backmatter(site.path(), ["new", "Ein Brief", "--lang", "de_AT.UTF-8", "--date", "15. Dezember 2016"]).is(
        0,
        "content/2016/ein-brief.md\n",
        "",
    );
    let text = std::fs::read_to_string(site.path().join("content/2016/ein-brief.md")).expect("it was made");
    assert_eq!(text, "+++\ntitle = \"Ein Brief\"\ndate = 2016-12-15\nlang = \"de-AT\"\ntags = []\n+++\n\n");
    backmatter(site.path(), ["new", "B", "--lang", "a language"]).is(
        2,
        "",
        "error: `--lang a language`: a language is written as `en`, `de` or `pt-BR`\n",
    );
}

/// The editor is a program of the author's: here one that copies what it is given.
#[cfg(unix)]
#[test]
fn new_opens_the_editor_and_waits_for_it() {
    let site = site();
    let new = |title: &str, editor: Option<&str>| {
        let mut command = command(site.path(), ["new", title, "--edit", "--date", "2016-12-15"]);
        command.envs(editor.map(|editor| ("EDITOR", editor)));
        let Run { code, stderr, .. } = run(&mut command);
        (code, stderr)
    };
    assert_eq!(
        new("A", Some("sh -c 'cp \"$0\" copy.md; echo \"$1\" > line' {file} {line}")),
        (Some(0), String::new())
    );
    let copy = std::fs::read_to_string(site.path().join("copy.md")).expect("the editor has ended");
    assert!(copy.contains("title = \"A\""), "{copy}");
    assert_eq!(std::fs::read_to_string(site.path().join("line")).expect("the editor has ended"), "7\n");
    let (code, told) = new("B", Some("false"));
    assert!(code == Some(2) && told.contains("the editor ended with exit status: 1"), "{told}");
    assert!(site.path().join("content/2016/b.md").is_file());
    let (code, told) = new("C", Some("./no-such-editor"));
    assert!(code == Some(2) && told.contains("the editor cannot be run: "), "{told}");
    let (code, told) = new("D", None);
    assert!(code == Some(2) && told.contains("neither VISUAL nor EDITOR names an editor"), "{told}");
    assert!(!site.path().join("content/2016/d.md").exists());
}

#[test]
fn list_counts_the_posts_of_terms() {
    let site = site();
    for number in 1..=11 {
        let text = format!("+++\ndate = 2016-01-{number:02}\ntags = [\"harbour\"]\nseries = \"S\"\n+++\nx\n");
        put(&site.path().join(format!("content/{number}.md")), text.as_bytes());
    }
    put(
        &site.path().join("content/a.md"),
        "+++\ndate = 2016-02-01\ntags = [\"Äpfel\", \"zinc\"]\n+++\nx\n".as_bytes(),
    );
    put(
        &site.path().join("content/b.md"),
        b"+++\ndate = 2016-02-01\ntags = [\"unseen\"]\ndraft = true\n+++\nx\n",
    );
    backmatter(site.path(), ["list", "tags"]).is(0, " 1  Äpfel\n11  harbour\n 1  war\n 1  zinc\n", "");
    backmatter(site.path(), ["list", "series"]).is(0, "11  S\n", "");
    backmatter(site.path(), ["list", "categories"]).is(0, "", "no categories\n");
    backmatter(site.path(), ["list", "series", "--json"]).is(0, "[{\"name\":\"S\",\"posts\":11}]\n", "");
}
