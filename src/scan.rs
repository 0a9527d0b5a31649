//! The only reader of the site tree: which files there are, their stamps, and the texts of the theme.
//!
//! A scan stats every file and reads none but the theme's texts; what has to be read is decided by
//! comparing stamps with those of the last build.

pub(crate) mod symlinks;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};
use walkdir::WalkDir;

use crate::config::{Config, FILE_NAME};
use crate::diagnostic::{Diagnostic, Reach};
use crate::error::{Error, Result};
use crate::linkback::back_matter;
use crate::nearest_name::did_you_mean;
use crate::path::{SourcePath, nfc};
use crate::post::CONTENT;
use crate::theme::{Layer, built_in, unchosen_files};

use self::symlinks::{LinkEnd, SymlinkRule, leads_out};

/// The folder of files that are copied.
pub(crate) const STATIC: &str = "static";
/// The folder of themes.
pub(crate) const THEMES: &str = "themes";
/// The folder of the site's own templates.
pub(crate) const TEMPLATES: &str = "templates";
/// The folder of everything that can be made again.
pub(crate) const STATE: &str = ".backmatter";

/// What tells that a file has not been written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Nanoseconds since 1970.
    pub modified: u64,
    /// Bytes.
    pub len: u64,
    /// When its inode changed, in nanoseconds since 1970, and which one it is, where the system tells: two files
    /// that change places keep the rest.
    pub inode: (u64, u64),
}

impl Stamp {
    /// The stamp of a file.
    pub fn of(metadata: &fs::Metadata) -> Self {
        let since_epoch = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let modified = since_epoch.map_or(0, |age| u64::try_from(age.as_nanos()).unwrap_or(u64::MAX));
        Self { modified, len: metadata.len(), inode: inode(metadata) }
    }

    /// Whether an output is as we wrote it: its right to be read, or the number of its names, may have changed.
    pub fn is_as_written(&self, other: &Self) -> bool {
        (self.modified, self.len) == (other.modified, other.len)
    }
}

#[cfg(unix)]
fn inode(metadata: &fs::Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    let nanoseconds = metadata.ctime().saturating_mul(1_000_000_000).saturating_add(metadata.ctime_nsec());
    (u64::try_from(nanoseconds).unwrap_or(0), metadata.ino())
}

#[cfg(not(unix))]
fn inode(_: &fs::Metadata) -> (u64, u64) {
    (0, 0)
}

/// What a file is to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileRole {
    /// Markdown in `content/`.
    Post,
    BackMatter,
    /// What other engines know of a folder: `_index.md`.
    Folder,
    File,
}

/// Where a file's bytes are.
#[derive(Debug, Clone)]
pub enum FileOrigin {
    Disk(PathBuf),
    BuiltIn(&'static [u8]),
}

/// A file of the site.
#[derive(Debug, Clone)]
pub struct FileEntry {
    pub role: FileRole,
    pub origin: FileOrigin,
    /// Its stamp; of a built-in file its length alone.
    pub stamp: Stamp,
}

/// All files of a site, and its theme's texts.
#[derive(Debug, Clone)]
pub struct SiteTree {
    /// By path. A theme's static file stands under the path it would have in `static/`.
    pub files: BTreeMap<SourcePath, FileEntry>,
    /// The layers of the theme, the lowest first.
    pub layers: Vec<Layer>,
    /// Static files of the theme that come with another choice of its options.
    unchosen: BTreeSet<SourcePath>,
    /// What could not be scanned.
    pub diagnostics: Vec<Diagnostic>,
    /// Files that are posts elsewhere, and are not read here.
    pub left_out: usize,
    /// Links that lead out of the site where the settings allow it.
    pub outside: Vec<OutsideLink>,
}

/// A link of the file system that leads out of the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutsideLink {
    /// Its path below the folder of the site.
    pub name: String,
    /// Where it leads, without further links.
    pub target: PathBuf,
}

/// The nearest folder at or above `start` that holds the settings.
pub(crate) fn find_root(start: &Path) -> Result<PathBuf> {
    let absolute = std::path::absolute(start).map_err(Error::io("find", start))?;
    let found = absolute.ancestors().find(|folder| folder.join(FILE_NAME).is_file());
    found.map(Path::to_owned).ok_or(Error::NoSite { start: absolute })
}

/// The text of the settings. A byte that is not UTF-8 becomes U+FFFD, which no setting may hold.
pub(crate) fn read_settings(path: &Path) -> Result<String> {
    let bytes = fs::read(path).map_err(Error::io("read", path))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Scans the site at `root`.
pub(crate) fn scan(root: &Path, config: &Config) -> SiteTree {
    let mut scan = Scan::new(root, config);
    let layers = scan.layers(config);
    let unchosen = unchosen_paths(&layers, config);
    scan.files.extend(
        built_in::static_files().filter_map(|(path, bytes)| Some((SourcePath::new(path)?, built_in(bytes)))),
    );
    scan.folder(&format!("{THEMES}/{}/{STATIC}", config.theme), STATIC);
    // Before the site's own files, which are published whatever the theme says.
    scan.files.retain(|path, _| !unchosen.contains(path));
    scan.folder(STATIC, STATIC);
    scan.folder(CONTENT, CONTENT);
    if !root.join(CONTENT).is_dir() {
        let fault = Diagnostic::warning(CONTENT, "the site has no folder `content/`, and so no posts")
            .hint("if this is not the site you mean, `--root DIR` names another one");
        scan.diagnostics.push(fault);
    }
    let Scan { files, diagnostics, left_out, outside, .. } = scan;
    SiteTree { files, layers, unchosen, diagnostics, left_out, outside }
}

struct Scan<'a> {
    root: &'a Path,
    rule: SymlinkRule,
    files: BTreeMap<SourcePath, FileEntry>,
    diagnostics: Vec<Diagnostic>,
    left_out: usize,
    outside: Vec<OutsideLink>,
}

impl<'a> Scan<'a> {
    fn new(root: &'a Path, config: &Config) -> Self {
        Self {
            root,
            rule: SymlinkRule::of(root, config),
            files: BTreeMap::new(),
            diagnostics: Vec::new(),
            left_out: 0,
            outside: Vec::new(),
        }
    }

    /// Scans a folder of the site as if it were the folder `place`.
    fn folder(&mut self, folder: &str, place: &str) {
        let start = self.root.join(folder);
        if !start.exists() {
            return;
        }
        for entry in self.walk(&start, place) {
            self.file(&entry, &start, place);
        }
    }

    /// The files below a folder of the site that is walked as `place`, behind links as well where these may lead there.
    fn walk(&mut self, start: &Path, place: &str) -> Vec<walkdir::DirEntry> {
        let mut files = Vec::new();
        // The folder itself may be a link, or stand in one.
        if !self.may_follow(start, Reach::File) {
            return files;
        }
        let reach = if [CONTENT, STATIC].contains(&place) { Reach::File } else { Reach::Site };
        let mut walk = WalkDir::new(start).follow_links(true).sort_by_file_name().into_iter();
        while let Some(entry) = walk.next() {
            match entry {
                Ok(entry) => {
                    let is_below = entry.depth() > 0;
                    if is_below && is_ignored(&entry.file_name().to_string_lossy(), place)
                        || is_below && entry.path_is_symlink() && !self.may_follow(entry.path(), reach)
                    {
                        if entry.file_type().is_dir() {
                            walk.skip_current_dir();
                        }
                    } else if entry.file_type().is_file() {
                        files.push(entry);
                    }
                }
                Err(error) => {
                    let name = error.path().and_then(Path::file_name).unwrap_or_default();
                    if !is_ignored(&name.to_string_lossy(), place) {
                        self.unreadable(&error);
                    }
                }
            }
        }
        files
    }

    /// Whether what a path leads to may be published; if not, that is an error.
    fn may_follow(&mut self, path: &Path, reach: Reach) -> bool {
        // One that leads nowhere is reported where it is read.
        let Ok(real) = path.canonicalize() else { return true };
        let name = path.strip_prefix(self.root).unwrap_or(path).display().to_string();
        match self.rule.end(&real) {
            LinkEnd::Inside => true,
            LinkEnd::Allowed => {
                self.outside.push(OutsideLink { name, target: real });
                true
            }
            LinkEnd::Outside => {
                self.diagnostics.push(leads_out(&name, &real).reaching(reach));
                false
            }
        }
    }

    fn file(&mut self, entry: &walkdir::DirEntry, start: &Path, place: &str) {
        let below = entry.path().strip_prefix(start).unwrap_or(entry.path());
        let Some(below) = to_slashes(below) else {
            let name = entry.path().display().to_string();
            let fault =
                Diagnostic::warning(name, "the file's name is not UTF-8: it is left out").hint("rename it");
            self.diagnostics.push(fault);
            return;
        };
        let Some(path) = SourcePath::new(&format!("{place}/{below}")) else { return };
        let role = match admitted(&path) {
            Ok(role) => role,
            Err(fault) => {
                self.diagnostics.push(*fault);
                self.left_out += usize::from(is_foreign_post(&path));
                return;
            }
        };
        match entry.metadata() {
            Ok(metadata) => {
                let found = found(role, entry.path(), &metadata);
                match self.files.get(&path) {
                    Some(FileEntry { origin: FileOrigin::Disk(other), .. }) if other.starts_with(start) => {
                        let message =
                            "two files have this name, in different forms of Unicode: one is left out";
                        let fault = Diagnostic::warning(path.as_str(), message);
                        self.diagnostics.push(fault.hint("rename or delete one of them"));
                    }
                    _ => {
                        self.files.insert(path, found);
                    }
                }
            }
            Err(error) => self.unreadable(&error),
        }
    }

    fn unreadable(&mut self, error: &walkdir::Error) {
        let path = error.path().unwrap_or(self.root);
        let name = path.strip_prefix(self.root).unwrap_or(path).display().to_string();
        let fault = match error.loop_ancestor() {
            Some(ancestor) => {
                let ancestor = ancestor.strip_prefix(self.root).unwrap_or(ancestor).display();
                Diagnostic::error(name, format!("this link leads back to `{ancestor}`, without end"))
                    .hint("delete the link")
            }
            None => {
                let reason =
                    error.io_error().map_or_else(|| "it cannot be read".to_owned(), io::Error::to_string);
                let is_link = path.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink());
                if is_link && !path.exists() {
                    Diagnostic::warning(name, "this link leads nowhere: it is left out")
                        .hint("mend it, or delete it")
                } else {
                    Diagnostic::error(name, format!("cannot be read: {reason}"))
                        .hint("give yourself the right to read it, or move it out of the site")
                }
            }
        };
        let is_text = path.strip_prefix(self.root).is_ok_and(|below| {
            below.starts_with(TEMPLATES)
                || (below.starts_with(THEMES) && !below.iter().any(|part| part == STATIC))
        });
        // Without a template no page is what it should be; a file that is missing is missed alone.
        self.diagnostics.push(if is_text { fault } else { fault.reaching(Reach::File) });
    }

    /// The theme in the binary, the site's theme, the site's own templates.
    fn layers(&mut self, config: &Config) -> Vec<Layer> {
        let built_in = built_in::FILES.iter().filter(|(path, _)| !path.starts_with("static/"));
        let built_in =
            built_in.map(|(path, bytes)| ((*path).to_owned(), String::from_utf8_lossy(bytes).into_owned()));
        let mut layers = vec![Layer { root: format!("{THEMES}/default"), files: built_in.collect() }];
        let theme = format!("{THEMES}/{}", config.theme);
        if self.root.join(&theme).is_dir() {
            let files = self.texts(&theme, |below| {
                below == "theme.toml" || below.starts_with("templates/") || below.starts_with("i18n/")
            });
            layers.push(Layer { root: theme, files });
        } else if config.theme != "default" {
            self.no_theme(&config.theme);
        }
        let own = self.texts(TEMPLATES, |_| true);
        let own = own.into_iter().map(|(below, text)| (format!("{TEMPLATES}/{below}"), text));
        layers.push(Layer { root: String::new(), files: own.collect() });
        layers
    }

    fn no_theme(&mut self, name: &str) {
        let folders = fs::read_dir(self.root.join(THEMES)).into_iter().flatten().flatten();
        let mut names: Vec<String> =
            folders.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort();
        let hint = did_you_mean(name, names.iter().map(String::as_str))
            .unwrap_or_else(|| "leave `theme` out for the one that is built in".to_owned());
        let fault = Diagnostic::error(FILE_NAME, format!("there is no folder `{THEMES}/{name}`")).hint(hint);
        self.diagnostics.push(fault);
    }

    /// The text files below a folder.
    fn texts(&mut self, folder: &str, wanted: impl Fn(&str) -> bool) -> BTreeMap<String, String> {
        let start = self.root.join(folder);
        let mut texts = BTreeMap::new();
        if !start.is_dir() {
            return texts;
        }
        for entry in self.walk(&start, folder) {
            let Some(below) = to_slashes(entry.path().strip_prefix(&start).unwrap_or(entry.path())) else {
                continue;
            };
            if !wanted(&below) {
                continue;
            }
            match fs::read(entry.path()).map(String::from_utf8) {
                Ok(Ok(text)) => {
                    texts.insert(below, text);
                }
                Ok(Err(_)) => {
                    let fault = Diagnostic::error(format!("{folder}/{below}"), "this is not UTF-8 text");
                    self.diagnostics.push(fault.hint("save it as UTF-8, or move it to `static/`"));
                }
                Err(error) => {
                    self.diagnostics.push(Diagnostic::error(
                        format!("{folder}/{below}"),
                        format!("cannot be read: {error}"),
                    ));
                }
            }
        }
        texts
    }
}

fn found(role: FileRole, path: &Path, metadata: &fs::Metadata) -> FileEntry {
    FileEntry { role, origin: FileOrigin::Disk(path.to_owned()), stamp: Stamp::of(metadata) }
}

/// What a file is to us, or why it is left out.
fn admitted(path: &SourcePath) -> std::result::Result<FileRole, Box<Diagnostic>> {
    let role = role(path);
    if is_foreign_post(path) {
        // It is not copied either: it may be a draft.
        let message = format!("`.{}` is not Markdown: the file is left out", path.extension());
        let hint = "turn it into Markdown; a file for readers to download goes into `static/`";
        return Err(Box::new(Diagnostic::warning(path.as_str(), message).hint(hint)));
    }
    if role == FileRole::Post && path.folder().split('/').any(|folder| PARTIALS.contains(&folder)) {
        let message = "other engines put a file of this folder into pages: it is left out";
        let hint = "move it into another folder to make it a page";
        return Err(Box::new(Diagnostic::warning(path.as_str(), message).hint(hint)));
    }
    Ok(role)
}

/// Folders whose files are parts of pages in Jekyll and Eleventy.
const PARTIALS: [&str; 3] = ["_includes", "_layouts", "_data"];

/// Whether a file is a post in a format that is not read here.
fn is_foreign_post(path: &SourcePath) -> bool {
    const FORMATS: [&str; 9] = ["mdx", "rst", "org", "adoc", "asciidoc", "textile", "rmd", "qmd", "dj"];
    path.below(CONTENT).is_some() && FORMATS.contains(&path.extension().as_str())
}

/// A file by the folder of the site it stands in.
struct TreeFile<'a> {
    folder: &'a str,
    below: &'a Path,
}

/// What came of looking at some files again.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Rescan {
    /// Files of the tree that were looked at, there or gone.
    pub files: BTreeSet<SourcePath>,
    /// Whether a text of the theme was among them.
    pub texts: bool,
}

impl SiteTree {
    /// Looks at some files again, by their whole paths, and at no others: afterwards the tree is what a scan would
    /// find if no other file has changed. `None` if only a scan can tell, as where folders or links are involved; the
    /// tree is then good for nothing else.
    pub fn rescan(&mut self, root: &Path, config: &Config, paths: &BTreeSet<PathBuf>) -> Option<Rescan> {
        if !self.diagnostics.is_empty() {
            // Which of them would be gone is not known.
            return None;
        }
        let mut rescan = Rescan::default();
        let theme = root.join(THEMES).join(&config.theme);
        for path in paths {
            if let Ok(below) = path.strip_prefix(root.join(CONTENT)) {
                rescan.files.extend(self.look_at(
                    path,
                    TreeFile { folder: CONTENT, below },
                    std::slice::from_ref(path),
                )?);
            } else if let Some(below) = [root.join(STATIC), theme.join(STATIC)]
                .iter()
                .find_map(|folder| path.strip_prefix(folder).ok())
            {
                // The site's own file lies over the theme's.
                let places = [root.join(STATIC).join(below), theme.join(STATIC).join(below)];
                rescan.files.extend(self.look_at(path, TreeFile { folder: STATIC, below }, &places)?);
            } else if path.starts_with(&theme) || path.starts_with(root.join(TEMPLATES)) {
                if path.is_dir() {
                    return None;
                }
                rescan.texts = true;
            } else {
                return None;
            }
        }
        if rescan.texts {
            let mut scan = Scan::new(root, config);
            self.layers = scan.layers(config);
            if !scan.diagnostics.is_empty() || unchosen_paths(&self.layers, config) != self.unchosen {
                return None;
            }
        }
        Some(rescan)
    }

    /// Looks at one file of the tree, which is the first there is of several places. Files that are ignored are none.
    fn look_at(&mut self, path: &Path, file: TreeFile<'_>, places: &[PathBuf]) -> Option<Option<SourcePath>> {
        let TreeFile { folder, below } = file;
        let below = to_slashes(below)?;
        if below.is_empty() {
            return None;
        }
        if below.split('/').any(|name| is_ignored(name, folder)) {
            return Some(None);
        }
        let source = SourcePath::new(&format!("{folder}/{below}"))?;
        let role = admitted(&source).ok()?;
        let inside = format!("{source}/");
        let after = (Bound::Excluded(inside.as_str()), Bound::Unbounded);
        let next = self.files.range::<str, _>(after).next();
        let was_folder = next.is_some_and(|(path, _)| path.as_str().starts_with(&inside));
        if is_folder(path) || was_folder || places.iter().any(|place| is_folder(place.as_path())) {
            return None;
        }
        // Of a file that comes with another choice only the site's own counts, which is the first of its places.
        let places = if self.unchosen.contains(&source) { &places[..1] } else { places };
        let on_disk = places.iter().find_map(|place| {
            let metadata = fs::metadata(place).ok().filter(fs::Metadata::is_file)?;
            Some(found(role, place, &metadata))
        });
        match on_disk.or_else(|| built_in_file(&source).filter(|_| !self.unchosen.contains(&source))) {
            Some(found) => {
                self.files.insert(source.clone(), found);
            }
            None => {
                self.files.remove(&source);
            }
        }
        Some(Some(source))
    }
}

/// The paths of the theme's files that the site has not chosen.
fn unchosen_paths(layers: &[Layer], config: &Config) -> BTreeSet<SourcePath> {
    let names = unchosen_files(layers, config);
    names.iter().filter_map(|name| SourcePath::new(&format!("{STATIC}/{name}"))).collect()
}

/// The static file of the theme in the binary at a path.
fn built_in_file(path: &SourcePath) -> Option<FileEntry> {
    let (_, bytes) = built_in::static_files().find(|(name, _)| *name == path.as_str())?;
    Some(built_in(bytes))
}

/// A static file of the theme in the binary.
fn built_in(bytes: &'static [u8]) -> FileEntry {
    let stamp = Stamp { modified: 0, len: bytes.len() as u64, inode: (0, 0) };
    FileEntry { role: FileRole::File, origin: FileOrigin::BuiltIn(bytes), stamp }
}

fn role(path: &SourcePath) -> FileRole {
    if path.below(CONTENT).is_none() {
        FileRole::File
    } else if path.as_str().ends_with(back_matter::SUFFIX) {
        FileRole::BackMatter
    } else if path.is_markdown() && path.file_name().starts_with("_index.") {
        FileRole::Folder
    } else if path.is_markdown() {
        FileRole::Post
    } else {
        FileRole::File
    }
}

fn is_folder(path: &Path) -> bool {
    path.is_dir() || path.is_symlink()
}

/// What editors, file managers and version control leave behind. In `static/` a name with a dot may be
/// meant: `.well-known`, `.htaccess`.
fn is_ignored(name: &str, folder: &str) -> bool {
    let is_litter = name.ends_with('~')
        || name.ends_with(".swp")
        || (name.starts_with('#') && name.ends_with('#'))
        || [".DS_Store", "Thumbs.db", ".git", ".hg", ".svn", ".gitkeep", ".gitignore"].contains(&name);
    is_litter || (folder != STATIC && name.starts_with('.'))
}

/// Where a file of the site is on the disk, whose names may be in another form of Unicode than NFC, which those of the
/// site are in. If there is no such file, where it would be.
pub(crate) fn on_disk(root: &Path, path: &str) -> PathBuf {
    let as_named = root.join(path);
    if path.is_ascii() || as_named.exists() {
        return as_named;
    }
    path.split('/').fold(root.to_owned(), |folder, name| {
        let mut entries = fs::read_dir(&folder).into_iter().flatten().flatten();
        let found = entries.find(|entry| entry.file_name().to_str().is_some_and(|other| nfc(other) == name));
        found.map_or_else(|| folder.join(name), |entry| entry.path())
    })
}

fn to_slashes(path: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = path.iter().map(|part| part.to_str()).collect();
    parts.map(|parts| parts.join("/"))
}

impl FileOrigin {
    /// The file's bytes.
    pub fn read(&self) -> Result<Vec<u8>> {
        match self {
            Self::Disk(path) => fs::read(path).map_err(Error::io("read", path)),
            Self::BuiltIn(bytes) => Ok(bytes.to_vec()),
        }
    }
}
