//! The output folder: the only place a build writes to, besides its own state.
//!
//! A folder is ours if it bears our marker; one that does not and holds anything is never touched. A file
//! that is there already is replaced by rename, and removed only if the ledger says that we wrote it and it is
//! still as we wrote it.

use std::collections::{BTreeSet, HashSet};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Component, Path, PathBuf};

use parking_lot::Mutex;

use crate::engine::cache::ledger::OutputEntry;
use crate::engine::staleness::FileState;
use crate::error::{Error, Result};
use crate::path::OutputPath;
use crate::post::CONTENT;
use crate::scan::{STATE, STATIC, Stamp, TEMPLATES, THEMES};
use crate::sys::atomic_file::{self, beside};

/// The file by which we know our folders.
const MARKER: &str = ".backmatter-output";
const MARKER_TEXT: &str =
    "This folder is made by backmatter. Whatever lies here can be replaced or removed by the next build.\n";

/// An output folder that is ours.
#[derive(Debug)]
pub(crate) struct OutputFolder {
    root: PathBuf,
    /// Whether there may be files of an earlier build.
    was_there: bool,
    /// Folders of a new output that were made so far.
    made: Mutex<HashSet<String>>,
}

impl OutputFolder {
    /// Opens the folder, and makes it if it is not there.
    pub(crate) fn open(folder: &Path, site: &Path) -> Result<Self> {
        check_place(folder, site)?;
        let was_there = match fs::read_dir(folder) {
            Ok(mut entries) => {
                let first = entries.next();
                if let Some(first) = &first
                    && !folder.join(MARKER).is_file()
                {
                    let example = first
                        .as_ref()
                        .map_or_else(|_| String::new(), |e| e.file_name().to_string_lossy().into_owned());
                    return Err(Error::ForeignOutput { path: folder.to_owned(), example });
                }
                first.is_some()
            }
            Err(error) if error.kind() == ErrorKind::NotFound => false,
            Err(error) => return Err(Error::io("read", folder)(error)),
        };
        Ok(Self { root: folder.to_owned(), was_there, made: Mutex::default() })
    }

    /// The folder.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Makes the folder and marks it as ours, before the first file is written to it.
    pub(crate) fn claim(&self) -> Result<()> {
        fs::create_dir_all(&self.root).map_err(Error::io("make", &self.root))?;
        let marker = self.root.join(MARKER);
        if !marker.is_file() {
            fs::write(&marker, MARKER_TEXT).map_err(Error::io("write", &marker))?;
        }
        Ok(())
    }

    /// What there is of an output.
    pub(crate) fn state(&self, path: &OutputPath, made: &OutputEntry) -> FileState {
        match fs::symlink_metadata(self.file(path)) {
            Ok(metadata) if metadata.is_file() && Stamp::of(&metadata).is_as_written(&made.stamp) => {
                FileState::Intact
            }
            // Of a file that gave way to a folder nothing is left.
            Ok(metadata) if metadata.is_dir() => FileState::Missing,
            Ok(_) => FileState::Changed,
            Err(_) => FileState::Missing,
        }
    }

    /// Writes an output. Returns its stamp, and whether the file had to be written or had these bytes already.
    pub(crate) fn write(&self, path: &OutputPath, bytes: &[u8]) -> Result<(Stamp, bool)> {
        let file = self.file(path);
        if self.was_there
            && let Some(stamp) = same_bytes(&file, bytes)
        {
            return Ok((stamp, false));
        }
        if !self.was_there
            && let Some((folder, _)) = path.as_str().rsplit_once('/')
        {
            self.make(folder);
        }
        let written = match self.create(&file) {
            Ok(new) => write_new(new, &file, bytes),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => replace(&file, bytes),
            Err(error) => Err(error),
        };
        written.map(|stamp| (stamp, true)).map_err(Error::io("write", &file))
    }

    /// Copies a file of the site. Returns the stamp of the copy.
    pub(crate) fn copy(&self, path: &OutputPath, from: &Path) -> Result<Stamp> {
        let to = self.file(path);
        let copy = || -> io::Result<Stamp> {
            if let Some(folder) = to.parent() {
                fs::create_dir_all(folder)?;
            }
            let beside = beside(&to);
            let copied = fs::copy(from, &beside).and_then(|_| fs::rename(&beside, &to));
            if copied.is_err() {
                let _ = fs::remove_file(&beside);
            }
            copied?;
            Ok(Stamp::of(&fs::metadata(&to)?))
        };
        copy().map_err(|error| match error.kind() {
            // What cannot be read is named by what was to be read.
            ErrorKind::PermissionDenied if File::open(from).is_err() => Error::io("read", from)(error),
            _ => Error::io("write", &to)(error),
        })
    }

    /// Removes an output of an earlier build, and the folders this leaves empty. `false` if it is not as we
    /// wrote it, and stays.
    pub(crate) fn remove(&self, path: &OutputPath, made: &OutputEntry) -> Result<bool> {
        let file = self.file(path);
        match self.state(path, made) {
            // Its folders may be there all the same, if it could not be written into them.
            FileState::Missing => {}
            FileState::Changed if !made.is_unfinished() => return Ok(false),
            FileState::Changed | FileState::Intact => {
                fs::remove_file(&file).map_err(Error::io("remove", &file))?;
            }
        }
        let mut folder = file.parent();
        while let Some(empty) = folder.filter(|folder| *folder != self.root) {
            // A folder with anything in it is not removed by this.
            match fs::remove_dir(empty) {
                Err(error) if error.kind() != ErrorKind::NotFound => break,
                _ => folder = empty.parent(),
            }
        }
        Ok(true)
    }

    /// Whether an earlier build has written here.
    pub(crate) fn was_there(&self) -> bool {
        self.was_there
    }

    /// Files in the folder that are not among `known`: left from an earlier build whose ledger is lost, or
    /// put there by another program.
    pub(crate) fn strangers(&self, known: &BTreeSet<&str>) -> Vec<String> {
        let walk = walkdir::WalkDir::new(&self.root).sort_by_file_name().into_iter().flatten();
        let files = walk.filter(|entry| !entry.file_type().is_dir());
        let below = |entry: walkdir::DirEntry| {
            let path = entry.path().strip_prefix(&self.root).ok()?;
            Some(path.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/"))
        };
        files.filter_map(below).filter(|path| path != MARKER && !known.contains(path.as_str())).collect()
    }

    fn file(&self, path: &OutputPath) -> PathBuf {
        self.root.join(path.as_str())
    }

    /// Makes a folder of a new output, after those above it. To find out by failing costs three calls for each of
    /// ten thousand folders. What goes wrong here will be said when the file cannot be created.
    fn make(&self, folder: &str) {
        let is_new = |folder: &str| !self.made.lock().contains(folder);
        if !is_new(folder) {
            return;
        }
        let ends = folder.match_indices('/').map(|(at, _)| at).chain([folder.len()]);
        for folder in ends.map(|end| &folder[..end]).filter(|folder| is_new(folder)) {
            if fs::create_dir(self.root.join(folder)).is_ok() {
                self.made.lock().insert(folder.to_owned());
            }
        }
    }

    /// Creates a new file, and its folder if that is not there yet: asking for the folder first would cost a
    /// call for each of ten thousand files.
    fn create(&self, file: &Path) -> io::Result<File> {
        match File::create_new(file) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                if let Some(folder) = file.parent()
                    && fs::create_dir(folder).is_err()
                {
                    fs::create_dir_all(folder)?;
                }
                File::create_new(file)
            }
            created => created,
        }
    }
}

/// Refuses folders that hold the site, or parts of it.
fn check_place(folder: &Path, site: &Path) -> Result<()> {
    let inside = |name: &str| Err(Error::OutputInside { path: folder.to_owned(), folder: name.to_owned() });
    if is_within(site, folder) {
        return inside(".");
    }
    match source_around(folder, site) {
        Some(name) => inside(name),
        None => Ok(()),
    }
}

/// The folder of a site that a build reads, or keeps for the next one, if a path is it or leads below it.
pub(crate) fn source_around(path: &Path, site: &Path) -> Option<&'static str> {
    [CONTENT, STATIC, THEMES, TEMPLATES, STATE].into_iter().find(|name| is_within(path, &site.join(name)))
}

/// Whether a path is a folder or leads below it, whatever links lie on the way.
pub(crate) fn is_within(path: &Path, folder: &Path) -> bool {
    real(path).starts_with(real(folder))
}

/// The path without links, as far as it exists, and without `..`.
fn real(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut real = PathBuf::new();
    for part in absolute.components() {
        match part {
            Component::ParentDir => {
                real.pop();
            }
            part => {
                real.push(part);
                real = real.canonicalize().unwrap_or(real);
            }
        }
    }
    real
}

fn same_bytes(file: &Path, bytes: &[u8]) -> Option<Stamp> {
    let metadata = fs::symlink_metadata(file).ok().filter(fs::Metadata::is_file)?;
    if metadata.len() != bytes.len() as u64 || fs::read(file).ok()? != bytes {
        return None;
    }
    Some(Stamp::of(&metadata))
}

fn write_new(mut new: File, file: &Path, bytes: &[u8]) -> io::Result<Stamp> {
    let written = new.write_all(bytes).and_then(|()| new.metadata());
    if written.is_err() {
        // Half a page is worse than none.
        let _ = fs::remove_file(file);
    }
    Ok(Stamp::of(&written?))
}

fn replace(file: &Path, bytes: &[u8]) -> io::Result<Stamp> {
    atomic_file::replace(file, bytes)?;
    Ok(Stamp::of(&fs::metadata(file)?))
}
