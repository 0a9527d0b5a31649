//! A site in one string, edited and built in steps. Every build is checked against a build of the same files
//! from nothing, byte for byte and fault for fault.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use backmatter::internals::diagnostic::{Diagnostic, Severity};
use backmatter::internals::engine::workspace::{Access, SiteSource, Workspace};
use backmatter::internals::engine::{BuildObserver, BuildOptions, BuildReport, Strictness};
use backmatter::internals::site::order::Selection;
use chrono::{DateTime, Utc};
use tempfile::TempDir;

/// The settings of a site that has none of its own.
const SETTINGS: &str = "base_url = \"https://example.com\"\n";

/// Files by their path below some folder.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// A site in a folder of its own, which is removed with it.
#[must_use]
pub(crate) struct SiteTest {
    folder: TempDir,
    now: DateTime<Utc>,
    selection: Selection,
    strict: bool,
    report: Option<BuildReport>,
}

impl SiteTest {
    /// A site from text in which a line `-- path --` begins a file.
    pub(crate) fn new(files: &str) -> Self {
        let site = Self {
            folder: folder(),
            now: moment("2026-11-22T12:00:00Z"),
            selection: Selection::default(),
            strict: false,
            report: None,
        };
        for (path, text) in sections(files) {
            put(&site.path(&path), text.as_bytes());
        }
        if !site.path("backmatter.toml").exists() {
            put(&site.path("backmatter.toml"), SETTINGS.as_bytes());
        }
        site
    }

    /// The folder of the site.
    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    /// A path below the folder of the site.
    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    /// The moment of the builds that follow.
    pub(crate) fn now(&mut self, text: &str) -> &mut Self {
        self.now = moment(text);
        self
    }

    /// What the builds that follow show besides posts that are due.
    pub(crate) fn selection(&mut self, selection: Selection) -> &mut Self {
        self.selection = selection;
        self
    }

    /// Warnings count as errors in the builds that follow.
    pub(crate) fn strict(&mut self) -> &mut Self {
        self.strict = true;
        self
    }

    /// Writes a file, new or not.
    pub(crate) fn write(&mut self, path: &str, content: impl AsRef<[u8]>) -> &mut Self {
        put(&self.path(path), content.as_ref());
        self
    }

    /// Replaces some text of a file.
    #[track_caller]
    pub(crate) fn edit(&mut self, path: &str, from: &str, to: &str) -> &mut Self {
        let text = self.text(path);
        assert!(text.contains(from), "`{path}` does not hold `{from}`:\n{text}");
        self.write(path, text.replace(from, to))
    }

    /// Removes a file or a folder.
    #[track_caller]
    pub(crate) fn remove(&mut self, path: &str) -> &mut Self {
        let file = self.path(path);
        let removed = if file.is_dir() { fs::remove_dir_all(&file) } else { fs::remove_file(&file) };
        removed.unwrap_or_else(|error| panic!("cannot remove `{path}`: {error}"));
        self
    }

    /// Removes a link of the file system, and not what it leads to.
    #[track_caller]
    pub(crate) fn remove_link(&mut self, path: &str) -> &mut Self {
        fs::remove_file(self.path(path)).unwrap_or_else(|error| panic!("cannot remove `{path}`: {error}"));
        self
    }

    /// Moves a file or a folder.
    #[track_caller]
    pub(crate) fn rename(&mut self, from: &str, to: &str) -> &mut Self {
        let to = self.path(to);
        fs::create_dir_all(to.parent().expect("it is in the site")).expect("there is room for a folder");
        fs::rename(self.path(from), to).unwrap_or_else(|error| panic!("cannot move `{from}`: {error}"));
        self
    }

    /// Gives a file another time and the same bytes.
    #[track_caller]
    pub(crate) fn touch(&mut self, path: &str) -> &mut Self {
        self.date_file(path, SystemTime::now() - Duration::from_secs(3600))
    }

    /// Gives a file a certain time and the same bytes.
    #[track_caller]
    pub(crate) fn date_file(&mut self, path: &str, time: SystemTime) -> &mut Self {
        let file = fs::OpenOptions::new().append(true).open(self.path(path));
        let file = file.unwrap_or_else(|error| panic!("cannot open `{path}`: {error}"));
        file.set_modified(time).expect("a file of ours can be dated");
        self
    }

    /// Builds the site, which must succeed, and compares it with a build from nothing.
    #[track_caller]
    pub(crate) fn build(&mut self) -> &mut Self {
        self.build_alone().equals_clean();
        self
    }

    /// Builds the site, which must succeed, where a build from nothing cannot give the same: the output holds
    /// what somebody else put there.
    #[track_caller]
    pub(crate) fn build_alone(&mut self) -> &mut Self {
        let report = self.run(self.root()).unwrap_or_else(|error| panic!("the build failed: {error}"));
        let is_whole = report.built && told(&report.diagnostics, Severity::Error).is_empty();
        assert!(is_whole, "the site has errors:\n{}", all_told(&report.diagnostics).join("\n"));
        self.report = Some(report);
        self
    }

    /// Builds the site, which must find exactly these errors of files, as a build from nothing does, and shows the rest.
    #[track_caller]
    pub(crate) fn builds_without(&mut self, errors: &[&str]) -> &mut Self {
        let report = self.run(self.root()).unwrap_or_else(|error| panic!("the build failed: {error}"));
        assert_eq!(told(&report.diagnostics, Severity::Error), errors);
        assert!(report.built, "the site was not built");
        self.report = Some(report);
        self.equals_clean();
        self
    }

    /// Builds the site, which must find exactly these errors, as a build from nothing does, and leave the
    /// output untouched.
    #[track_caller]
    pub(crate) fn fails(&mut self, errors: &[&str]) -> &mut Self {
        let before = stamps(&self.path("public"));
        let report = self.run(self.root()).unwrap_or_else(|error| panic!("the build failed: {error}"));
        assert_eq!(told(&report.diagnostics, Severity::Error), errors);
        assert!(!report.built, "a site with errors was built");
        assert_eq!(stamps(&self.path("public")), before, "a failed build wrote to the output");
        let clean = self.clean_copy();
        let clean_report = self.run(clean.path()).expect("what can be built once can be built again");
        assert_eq!(all_told(&clean_report.diagnostics), all_told(&report.diagnostics));
        self.report = Some(report);
        self
    }

    /// Builds the site, of which some pages cannot be rendered, by exactly these errors. The output folder stays as it was.
    #[track_caller]
    pub(crate) fn fails_on(&mut self, errors: &[&str]) -> &mut Self {
        let before = stamps(&self.path("public"));
        let report = self.run(self.root()).unwrap_or_else(|error| panic!("the build failed: {error}"));
        assert_eq!(told(&report.diagnostics, Severity::Error), errors);
        assert!(!report.built, "a site with errors was built");
        assert_eq!((report.written, report.removed), (0, 0));
        assert_eq!(stamps(&self.path("public")), before, "the output of a site with errors was changed");
        self.report = Some(report);
        self
    }

    /// Builds the site, which cannot even begin, and compares what is said.
    #[track_caller]
    pub(crate) fn cannot(&mut self, message: &str) -> &mut Self {
        let error = self.run(self.root()).err().map(|error| self.without_root(&error.to_string()));
        assert_eq!(error.as_deref(), Some(message));
        self
    }

    /// What the last build did.
    #[track_caller]
    pub(crate) fn report(&self) -> &BuildReport {
        self.report.as_ref().expect("the site has been built")
    }

    /// The exact set of outputs that the last build rendered.
    #[track_caller]
    pub(crate) fn rendered(&mut self, expected: &[&str]) -> &mut Self {
        let mut expected: Vec<String> = expected.iter().flat_map(|path| alternatives(path)).collect();
        expected.sort_unstable();
        assert_eq!(self.rendered_now(), expected);
        self
    }

    /// The outputs that the last build rendered, sorted.
    #[track_caller]
    pub(crate) fn rendered_now(&self) -> Vec<&str> {
        self.report().rendered.iter().map(|path| path.as_str()).collect()
    }

    /// Builds once more: nothing is rendered, written or removed, and no file's time changes.
    #[track_caller]
    pub(crate) fn is_settled(&mut self) -> &mut Self {
        // A first build after an edit may find files too young to trust their stamps.
        let before = stamps(&self.path("public"));
        self.build().rendered(&[]);
        assert_eq!((self.report().written, self.report().removed), (0, 0));
        assert_eq!(stamps(&self.path("public")), before);
        self
    }

    /// The exact warnings of the last build.
    #[track_caller]
    pub(crate) fn warnings(&mut self, expected: &[&str]) -> &mut Self {
        assert_eq!(told(&self.report().diagnostics, Severity::Warning), expected);
        self
    }

    /// Looks at an output as text.
    #[track_caller]
    pub(crate) fn page(&mut self, path: &str, look: impl FnOnce(&str)) -> &mut Self {
        look(&self.output(path));
        self
    }

    /// An output holds each of some texts, in this order.
    #[track_caller]
    pub(crate) fn holds(&mut self, path: &str, texts: &[&str]) -> &mut Self {
        let page = self.output(path);
        let mut rest = page.as_str();
        for text in texts {
            let Some(at) = rest.find(text) else {
                panic!("`{path}` does not hold (here):\n{text}\nbut:\n{page}")
            };
            rest = &rest[at + text.len()..];
        }
        self
    }

    /// An output holds none of some texts.
    #[track_caller]
    pub(crate) fn lacks(&mut self, path: &str, texts: &[&str]) -> &mut Self {
        let page = self.output(path);
        for text in texts {
            assert!(!page.contains(text), "`{path}` holds:\n{text}\nin:\n{page}");
        }
        self
    }

    /// Compares the content of an output's `<main>`.
    #[track_caller]
    pub(crate) fn main_of(&mut self, path: &str, expected: &str) -> &mut Self {
        let page = self.output(path);
        let (_, rest) = page.split_once("<main id=\"_main\">").expect("the page has a `<main>`");
        let (main, _) = rest.split_once("</main>").expect("the page's `<main>` ends");
        assert_eq!(main.trim(), expected.trim());
        self
    }

    /// Compares what an output shows of a post's body: the content of its `.e-content`.
    #[track_caller]
    pub(crate) fn body_of(&mut self, path: &str, expected: &str) -> &mut Self {
        let page = self.output(path);
        let (_, rest) = page.split_once("<div class=\"e-content\">").expect("the page shows a body");
        assert_eq!(rest[..end_of_div(rest)].trim(), expected.trim());
        self
    }

    /// An output exists, or does not.
    #[track_caller]
    pub(crate) fn exists(&mut self, path: &str, expected: bool) -> &mut Self {
        let file = self.path("public").join(path);
        assert_eq!(file.exists(), expected, "`{path}`");
        self
    }

    /// An output as text.
    #[track_caller]
    pub(crate) fn output(&self, path: &str) -> String {
        self.text(&format!("public/{path}"))
    }

    /// All outputs, by path, without the marker of the folder.
    pub(crate) fn outputs(&self) -> Files {
        files(&self.path("public"))
    }

    #[track_caller]
    pub(crate) fn text(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("cannot read `{path}`: {error}"))
    }

    /// The site, for tests that open it by themselves.
    pub(crate) fn source(&self) -> SiteSource {
        self.source_at(self.root())
    }

    fn source_at(&self, root: &Path) -> SiteSource {
        SiteSource { selection: self.selection, ..SiteSource::at(root) }
    }

    /// The moment of the builds.
    pub(crate) fn time(&self) -> DateTime<Utc> {
        self.now
    }

    /// The site, open at the moment of the builds.
    #[track_caller]
    pub(crate) fn open(&self) -> Workspace {
        Workspace::open(&self.source(), self.now, Access::Build).expect("the settings can be read")
    }

    /// Builds a site at the moment of the builds.
    pub(crate) fn build_source(
        &self,
        source: &SiteSource,
        observer: &dyn BuildObserver,
    ) -> backmatter::internals::error::Result<BuildReport> {
        let strictness = if self.strict { Strictness::WarningsToo } else { Strictness::ErrorsOnly };
        let options = BuildOptions { strictness, ..BuildOptions::default() };
        Workspace::open(source, self.now, Access::Build)?.build(&options, observer)
    }

    fn run(&self, root: &Path) -> backmatter::internals::error::Result<BuildReport> {
        self.build_source(&self.source_at(root), &())
    }

    /// Builds an open site, and compares it with a build of the same files from nothing.
    #[track_caller]
    pub(crate) fn build_open(&mut self, site: &mut Workspace) {
        let report = site.build(&BuildOptions::default(), &()).expect("it can be built");
        self.report = Some(report);
        self.equals_clean();
    }

    /// Everything a person wrote, by path.
    pub(crate) fn written(&self) -> Files {
        let copy = self.clean_copy();
        files(copy.path())
    }

    /// A copy of everything a person wrote.
    pub(crate) fn clean_copy(&self) -> TempDir {
        let copy = folder();
        copy_tree(self.root(), copy.path(), &["public", ".backmatter"]);
        copy
    }

    #[track_caller]
    fn equals_clean(&self) {
        let clean = self.clean_copy();
        let report = self.run(clean.path()).expect("what can be built once can be built from nothing");
        assert!(
            report.built,
            "a build from nothing has errors:\n{}",
            all_told(&report.diagnostics).join("\n")
        );
        let output = |root: &Path, report: &BuildReport| {
            files(&root.join(report.output.file_name().expect("it has one")))
        };
        let (ours, clean_files) = (output(self.root(), self.report()), output(clean.path(), &report));
        same_files(&ours, &clean_files);
        let of_site = |report: &BuildReport| -> Vec<String> {
            let about_output = |d: &&Diagnostic| d.path == "public";
            report.diagnostics.iter().filter(|d| !about_output(d)).map(tell).collect()
        };
        assert_eq!(
            of_site(self.report()),
            of_site(&report),
            "the faults are not those of a build from nothing"
        );
        assert_eq!(self.report().posts, report.posts);
    }

    /// A text without the path of the site's folder.
    pub(crate) fn without_root(&self, text: &str) -> String {
        text.replace(&self.root().display().to_string(), "ROOT")
    }
}

/// A folder that is removed with its name: in memory where that can be had, as the tests make and remove a
/// hundred thousand files.
pub(crate) fn folder() -> TempDir {
    let in_memory = TempDir::new_in("/dev/shm");
    in_memory.or_else(|_| TempDir::new()).expect("there is room for a folder")
}

/// RFC 3339, or a day.
#[track_caller]
pub(crate) fn moment(text: &str) -> DateTime<Utc> {
    let full = if text.len() == 10 { format!("{text}T12:00:00Z") } else { text.to_owned() };
    DateTime::parse_from_rfc3339(&full).expect("the test writes a moment").to_utc()
}

/// The files of a text in which a line `-- path --` begins one.
fn sections(text: &str) -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = Vec::new();
    for line in text.split_inclusive('\n') {
        let name = line.trim_end().strip_prefix("-- ").and_then(|rest| rest.strip_suffix(" --"));
        match (name, files.last_mut()) {
            (Some(name), _) => files.push((name.to_owned(), String::new())),
            (None, Some((_, content))) => content.push_str(line),
            (None, None) => assert!(line.trim().is_empty(), "text before the first file: {line}"),
        }
    }
    files
}

pub(crate) fn put(file: &Path, content: &[u8]) {
    fs::create_dir_all(file.parent().expect("it is in the site")).expect("there is room for a folder");
    fs::write(file, content).unwrap_or_else(|error| panic!("cannot write `{}`: {error}", file.display()));
}

/// All files below a folder, without the marker of an output folder.
/// `tags/x/{atom,rss}.xml` as all that it stands for.
fn alternatives(path: &str) -> Vec<String> {
    let Some(((start, list), end)) =
        path.split_once('}').and_then(|(head, end)| Some((head.split_once('{')?, end)))
    else {
        return vec![path.to_owned()];
    };
    list.split(',').map(|name| format!("{start}{name}{end}")).collect()
}

pub(crate) fn files(folder: &Path) -> Files {
    let walk =
        walkdir::WalkDir::new(folder).into_iter().flatten().filter(|entry| !entry.file_type().is_dir());
    let read = |entry: walkdir::DirEntry| {
        let path = entry.path().strip_prefix(folder).expect("it is below").to_string_lossy().into_owned();
        (path, fs::read(entry.path()).unwrap_or_default())
    };
    walk.map(read).filter(|(path, _)| path != ".backmatter-output").collect()
}

/// The time and length of each file below a folder.
pub(crate) fn stamps(folder: &Path) -> BTreeMap<String, (SystemTime, u64)> {
    let walk =
        walkdir::WalkDir::new(folder).into_iter().flatten().filter(|entry| !entry.file_type().is_dir());
    let stamp = |entry: walkdir::DirEntry| {
        let metadata = entry.metadata().expect("the file is there");
        (entry.path().display().to_string(), (metadata.modified().expect("it has one"), metadata.len()))
    };
    walk.map(stamp).collect()
}

/// Two trees hold the same files with the same bytes; if not, the first that differs is shown.
#[track_caller]
pub(crate) fn same_files(ours: &Files, expected: &Files) {
    let names = |files: &Files| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(ours), names(expected), "other files than a build from nothing makes");
    for (path, bytes) in ours {
        if *bytes != expected[path] {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            assert_eq!(text(bytes), text(&expected[path]), "`{path}` is not what a build from nothing makes");
            panic!("`{path}` is not what a build from nothing makes");
        }
    }
}

fn copy_tree(from: &Path, to: &Path, except: &[&str]) {
    for entry in fs::read_dir(from).expect("the folder can be read").flatten() {
        let name = entry.file_name();
        if except.iter().any(|except| name == *except) {
            continue;
        }
        let (from, to) = (entry.path(), to.join(&name));
        let kind = entry.file_type().expect("a file has a type");
        if kind.is_symlink() {
            let target = fs::read_link(&from).expect("a link leads somewhere");
            std::os::unix::fs::symlink(target, to).expect("a link can be made");
        } else if kind.is_dir() {
            fs::create_dir(&to).expect("there is room for a folder");
            copy_tree(&from, &to, &[]);
        } else {
            fs::copy(from, to).expect("there is room for a file");
        }
    }
}

/// A fault in one line: ``content/a.md:3:1: message (hint)``.
pub(crate) fn tell(diagnostic: &Diagnostic) -> String {
    let place = diagnostic.place.as_ref().map_or_else(String::new, |p| format!(":{}:{}", p.line, p.column));
    let hint = diagnostic.hint.as_ref().map_or_else(String::new, |hint| format!(" ({hint})"));
    format!("{}{place}: {}{hint}", diagnostic.path, diagnostic.message)
}

fn told(diagnostics: &[Diagnostic], severity: Severity) -> Vec<String> {
    diagnostics.iter().filter(|d| d.severity == severity).map(tell).collect()
}

fn all_told(diagnostics: &[Diagnostic]) -> Vec<String> {
    diagnostics.iter().map(tell).collect()
}

/// Where the `<div>` ends whose content this is.
fn end_of_div(html: &str) -> usize {
    let mut depth = 1;
    let mut at = 0;
    while let Some(next) = html[at..].find("div").map(|found| at + found) {
        match &html[..next] {
            before if before.ends_with("</") => depth -= 1,
            before if before.ends_with('<') => depth += 1,
            _ => {}
        }
        if depth == 0 {
            return next - 2;
        }
        at = next + 3;
    }
    html.len()
}
