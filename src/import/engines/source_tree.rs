//! The files of an old site. Symbolic links are not followed, as they may lead out of it.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::import::account::Account;
use crate::import::decoding::TextReader;

/// The longest text that is read.
const LONGEST_TEXT: u64 = 16 * 1024 * 1024;

/// The files of a folder, by their paths below it.
pub(in crate::import) struct SourceTree {
    root: PathBuf,
    files: BTreeMap<String, u64>,
    links: Vec<String>,
    unnamed: usize,
    /// Folders that nothing is read from, with the number of their files.
    skipped: BTreeMap<String, usize>,
    /// Files above the folder with the texts that count all the same.
    above: BTreeMap<String, PathBuf>,
    /// What else lies beside that folder, with the number of its files.
    beside: BTreeMap<String, usize>,
}

/// Folders of tools and of builds, which hold nothing that was written for the site.
const NOT_READ: [&str; 11] = [
    ".git",
    ".hg",
    ".svn",
    ".jekyll-cache",
    ".sass-cache",
    ".bundle",
    ".hugo_build.lock",
    "node_modules",
    "__pycache__",
    ".venv",
    ".github",
];

impl SourceTree {
    /// The files below a folder, but for those in folders of tools and in `outputs`, which the engine writes.
    pub(in crate::import) fn read(root: &Path, outputs: &[&str]) -> Result<Self> {
        let mut tree = Self {
            root: root.to_owned(),
            files: BTreeMap::new(),
            links: Vec::new(),
            unnamed: 0,
            skipped: BTreeMap::new(),
            above: BTreeMap::new(),
            beside: BTreeMap::new(),
        };
        for entry in walkdir::WalkDir::new(root).sort_by_file_name() {
            let entry = entry.map_err(|error| Error::io("read", root)(error.into()))?;
            let Ok(below) = entry.path().strip_prefix(root) else { continue };
            let Some(path) = below.to_str() else {
                tree.unnamed += 1;
                continue;
            };
            let path = path.replace('\\', "/");
            if entry.file_type().is_symlink() && !path.is_empty() {
                tree.links.push(path);
            } else if entry.file_type().is_file() {
                let first = path.split('/').next().unwrap_or_default();
                let is_output = outputs.iter().any(|output| path.starts_with(&format!("{output}/")));
                match path.split('/').find(|part| NOT_READ.contains(part)) {
                    Some(part) => *tree.skipped.entry(part.to_owned()).or_default() += 1,
                    None if is_output => *tree.skipped.entry(first.to_owned()).or_default() += 1,
                    None => {
                        let size = entry.metadata().map(|found| found.len()).unwrap_or_default();
                        tree.files.insert(path, size);
                    }
                }
            }
        }
        Ok(tree)
    }

    /// The paths of all files, in their order.
    pub(in crate::import) fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    pub(in crate::import) fn has(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// Makes one of its folders the top. Of what lies beside it only some files count.
    pub(in crate::import) fn narrow(&mut self, folder: &str, kept: &[&str]) {
        for (path, size) in std::mem::take(&mut self.files) {
            let below = path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/'));
            match below {
                Some(below) if !self.above.contains_key(below) => {
                    self.files.insert(below.to_owned(), size);
                }
                None if kept.contains(&path.as_str()) => {
                    self.above.insert(path.clone(), self.root.join(&path));
                    self.files.insert(path, size);
                }
                _ => {
                    let top = path.split('/').next().unwrap_or_default().to_owned();
                    *self.beside.entry(top).or_default() += 1;
                }
            }
        }
        self.root.push(folder);
    }

    /// Where a file lies.
    pub(in crate::import) fn full_path(&self, path: &str) -> PathBuf {
        self.above.get(path).cloned().unwrap_or_else(|| self.root.join(path))
    }

    /// The text of a file, without a byte order mark; nothing if it is too long or cannot be read.
    pub(in crate::import) fn text(&self, path: &str) -> Option<String> {
        let size = *self.files.get(path)?;
        if size > LONGEST_TEXT {
            return None;
        }
        let file = fs::File::open(self.full_path(path)).ok()?;
        let mut reader = TextReader::new(file);
        let mut text = String::new();
        while reader.read_to(&mut text).ok()? {}
        let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        Some(text.split_off(start))
    }

    /// Whether a file begins with a fence of front matter.
    pub(in crate::import) fn begins_with_fence(&self, path: &str) -> bool {
        let mut start = Vec::new();
        let read = fs::File::open(self.full_path(path)).and_then(|file| file.take(8).read_to_end(&mut start));
        let start = start.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&start);
        read.is_ok()
            && (start.starts_with(b"---\n") || start.starts_with(b"---\r") || start.starts_with(b"--- "))
    }

    /// Names what no engine reads.
    pub(in crate::import) fn account_for_unread(&self, account: &mut Account) {
        for link in &self.links {
            account.leave_out(format!("`{link}`"), "a symbolic link, which is not followed");
        }
        account.leave_out_all("files whose names are not UTF-8", self.unnamed, "no address can name them");
        for (folder, count) in &self.skipped {
            account.leave_out_all(folder, *count, "a folder of a tool or of a build");
        }
        for (folder, count) in &self.beside {
            account.leave_out_all(folder, *count, "it lies outside of the folder with the texts (`source`)");
        }
    }
}

/// The name of a file without its folders.
pub(super) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The folder of a file; empty at the top.
pub(super) fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The name of a file without its last ending.
pub(super) fn stem(name: &str) -> &str {
    name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map_or(name, |(stem, _)| stem)
}

/// The last ending of a file's name, in lower case.
pub(super) fn ending(path: &str) -> String {
    file_name(path).rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default()
}

/// A path that is written in a file of a folder, below the top: `../b.md` of `posts` is `b.md`.
pub(super) fn joined(folder: &str, written: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    let start = if written.starts_with('/') { "" } else { folder };
    for part in start.split('/').chain(written.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
