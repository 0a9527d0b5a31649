//! The output folder: the only place a build writes to, besides its own state.
//!
//! A folder is ours if it bears our [`marker`]; one that does not and holds anything is never touched.
//! All that a build writes is written into a [staging folder](STAGING) first, and moved to its places by renaming when
//! all of it is there: a build that fails or is killed before leaves every page as it was, and no page is ever half
//! written. A new output folder is staged as the tree that it will be, so that a whole folder is moved at once. A file is
//! removed only if the ledger or the marker says that a build wrote these bytes.
//!
//! Nothing here waits for the disk: all of it can be made again. A file that a power cut has left empty has another
//! length than its stamp in the ledger, and a ledger that is cut off counts as missing.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Component, Path, PathBuf};

use hashbrown::HashSet;
use parking_lot::Mutex;

use crate::engine::cache::ledger::OutputEntry;
use crate::engine::marker::{self, Marker};
use crate::engine::staleness::FileState;
use crate::error::{Error, Result};
use crate::hash::Hash;
use crate::path::OutputPath;
use crate::post::CONTENT;
use crate::scan::{STATE, STATIC, Stamp, TEMPLATES, THEMES};
use crate::sys::atomic_file;

/// The folder in the output folder that holds files on their way to their places. Being there, they get the owner, the
/// access rights and the security label that files of the output folder get.
pub(crate) const STAGING: &str = ".backmatter-new";

/// An output folder that is ours.
#[derive(Debug)]
pub(crate) struct OutputFolder {
    root: PathBuf,
    /// Whether there may be files of an earlier build.
    was_there: bool,
    /// The folders that were made for a new output folder.
    made: Mutex<HashSet<String>>,
}

/// A file in the staging folder: the worker that wrote it, and its number among the files of that worker.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StagedFile {
    pub worker: usize,
    pub number: usize,
}

impl OutputFolder {
    /// Opens the folder.
    pub(crate) fn open(folder: &Path, site: &Path) -> Result<Self> {
        check_place(folder, site)?;
        let was_there = match fs::read_dir(folder) {
            Ok(mut entries) => {
                let first = entries.next();
                if let Some(first) = &first
                    && !marker::is_in(folder)
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

    /// Makes the folder and marks it as ours, before the first file is written to it, and removes what a killed build
    /// left on its way.
    pub(crate) fn claim(&self) -> Result<()> {
        fs::create_dir_all(&self.root).map_err(Error::io("make", &self.root))?;
        if !marker::is_in(&self.root) {
            Marker::default().write(&self.root)?;
        }
        self.remove_staging()
    }

    /// Makes the staging folder, with a folder for each worker: one folder would be locked by each in turn.
    pub(crate) fn make_staging(&self, workers: usize) -> Result<()> {
        let staging = self.staging();
        let workers = if self.was_there { workers } else { 0 };
        let mut folders = (0..workers).map(|worker| staging.join(worker.to_string()));
        make_private(&staging)
            .and_then(|()| folders.try_for_each(fs::create_dir))
            .map_err(Error::io("make", &staging))
    }

    /// Removes the staging folder and all that is in it.
    pub(crate) fn remove_staging(&self) -> Result<()> {
        let staging = self.staging();
        match fs::remove_dir_all(&staging) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::io("remove", &staging)(error)),
            _ => Ok(()),
        }
    }

    /// Takes back all of a build that is given up before anything was moved. A folder that it has made is removed.
    pub(crate) fn discard(&self) {
        // The build has failed already; the next one removes what stays.
        let _ = self.remove_staging();
        if !self.was_there {
            marker::remove(&self.root);
            let _ = fs::remove_dir(&self.root);
        }
    }

    fn staging(&self) -> PathBuf {
        self.root.join(STAGING)
    }

    fn staged(&self, path: &OutputPath, file: StagedFile) -> PathBuf {
        if !self.was_there {
            return self.staging().join(path.as_str());
        }
        let StagedFile { worker, number } = file;
        self.staging().join(worker.to_string()).join(number.to_string())
    }

    /// The file that an output is staged in, in a folder that is there.
    fn new_file(&self, path: &OutputPath, to: StagedFile) -> PathBuf {
        if !self.was_there
            && let Some((folder, _)) = path.as_str().rsplit_once('/')
        {
            self.make_folders(folder);
        }
        self.staged(path, to)
    }

    /// What there is of an output.
    pub(crate) fn state(&self, path: &OutputPath, written: &Stamp) -> FileState {
        match fs::symlink_metadata(self.file(path)) {
            Ok(metadata) if metadata.is_file() && Stamp::of(&metadata).is_as_written(written) => {
                FileState::Intact
            }
            // Of a file that gave way to a folder nothing is left.
            Ok(metadata) if metadata.is_dir() => FileState::Missing,
            Ok(_) => FileState::Changed,
            Err(_) => FileState::Missing,
        }
    }

    /// Writes an output into the staging folder, and returns its stamp. The second value is whether it was necessary:
    /// the output folder may have these bytes already.
    pub(crate) fn stage(&self, path: &OutputPath, bytes: &[u8], to: StagedFile) -> Result<(Stamp, bool)> {
        if let Some(stamp) = self.same_bytes(path, bytes) {
            return Ok((stamp, false));
        }
        write_new(&self.new_file(path, to), bytes)
            .map(|stamp| (stamp, true))
            .map_err(Error::io("write", &self.file(path)))
    }

    /// Copies a file of the site into the staging folder, and returns the stamp of the copy.
    pub(crate) fn stage_copy(&self, path: &OutputPath, from: &Path, to: StagedFile) -> Result<Stamp> {
        let file = self.new_file(path, to);
        let copied = fs::copy(from, &file).and_then(|_| fs::metadata(&file));
        copied.map(|metadata| Stamp::of(&metadata)).map_err(|error| match error.kind() {
            // What cannot be read is named by what was to be read.
            ErrorKind::PermissionDenied if File::open(from).is_err() => Error::io("read", from)(error),
            _ => Error::io("write", &self.file(path))(error),
        })
    }

    /// The stamp of an output that has this content already.
    pub(crate) fn same_content(&self, path: &OutputPath, content: Hash) -> Option<Stamp> {
        let file = self.was_there.then(|| self.file(path))?;
        let metadata = fs::symlink_metadata(&file).ok().filter(fs::Metadata::is_file)?;
        (Hash::of(&fs::read(&file).ok()?) == content).then(|| Stamp::of(&metadata))
    }

    /// The fingerprint and the stamp of a file that is at the place of an output.
    pub(crate) fn content(&self, path: &OutputPath) -> Option<(Hash, Stamp)> {
        let file = self.was_there.then(|| self.file(path))?;
        let stamp = Stamp::of(&fs::symlink_metadata(&file).ok()?);
        content_of(&file).map(|content| (content, stamp))
    }

    fn same_bytes(&self, path: &OutputPath, bytes: &[u8]) -> Option<Stamp> {
        let file = self.was_there.then(|| self.file(path))?;
        let metadata = fs::symlink_metadata(&file).ok().filter(fs::Metadata::is_file)?;
        if metadata.len() != bytes.len() as u64 || fs::read(&file).ok()? != bytes {
            return None;
        }
        Some(Stamp::of(&metadata))
    }

    /// Moves all that was staged below a name of the top level to its place, in a new output folder. `false` if the files
    /// have to be moved one by one.
    pub(crate) fn place_whole(&self, name: &str) -> bool {
        // If another program has made a folder of this name in the meantime, the rename fails, and nothing is lost.
        !self.was_there && fs::rename(self.staging().join(name), self.root.join(name)).is_ok()
    }

    /// Moves a staged file to its place. Returns its stamp if that is another one now.
    pub(crate) fn place(&self, path: &OutputPath, from: StagedFile) -> Result<Option<Stamp>> {
        let (from, to) = (self.staged(path, from), self.file(path));
        move_to(&from, &to).map_err(Error::io("write", &to))
    }

    /// Removes an output of an earlier build, and the folders this leaves empty. `false` if a build did not write these
    /// bytes, and the file stays.
    pub(crate) fn remove(&self, path: &OutputPath, made: &OutputEntry, marker: &Marker) -> Result<bool> {
        let file = self.file(path);
        match self.state(path, &made.stamp) {
            // Its folders may be there all the same.
            FileState::Missing => self.remove_empty_folders(&file),
            FileState::Changed if !self.is_written(path, &file, made, marker) => return Ok(false),
            FileState::Changed | FileState::Intact => self.remove_file(&file)?,
        }
        Ok(true)
    }

    /// Whether a build wrote the bytes of a file whose stamp is another one: a cache or a copy may have put it there.
    fn is_written(&self, path: &OutputPath, file: &Path, made: &OutputEntry, marker: &Marker) -> bool {
        let content = content_of(file);
        content.is_some_and(|content| content == made.content || marker.lists(path.as_str(), content))
    }

    /// Removes a file, and the folders this leaves empty.
    pub(crate) fn remove_file(&self, file: &Path) -> Result<()> {
        fs::remove_file(file).map_err(Error::io("remove", file))?;
        self.remove_empty_folders(file);
        Ok(())
    }

    fn remove_empty_folders(&self, file: &Path) {
        let mut folder = file.parent();
        while let Some(empty) = folder.filter(|folder| *folder != self.root) {
            // A folder with anything in it is not removed by this.
            match fs::remove_dir(empty) {
                Err(error) if error.kind() != ErrorKind::NotFound => break,
                _ => folder = empty.parent(),
            }
        }
    }

    /// Whether an earlier build has written here.
    pub(crate) fn was_there(&self) -> bool {
        self.was_there
    }

    /// Files in the folder that are not among `known`, sorted. Links are not followed.
    pub(crate) fn others(&self, known: &HashSet<&str>) -> Vec<OtherFile> {
        let mut others = Vec::new();
        for entry in walkdir::WalkDir::new(&self.root).sort_by_file_name().into_iter().flatten() {
            let Ok(below) = entry.path().strip_prefix(&self.root) else { continue };
            let path = below.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/");
            if !entry.file_type().is_dir() && path != marker::FILE_NAME && !known.contains(path.as_str()) {
                others.push(OtherFile { path, file: entry.into_path() });
            }
        }
        others
    }

    /// Whether a build wrote a file: its bytes are listed, or its name is that of a file on its way.
    pub(crate) fn is_ours(other: &OtherFile, marker: &Marker) -> bool {
        atomic_file::is_beside(&other.file)
            || content_of(&other.file).is_some_and(|content| marker.lists(&other.path, content))
    }

    /// Whether something is at a path.
    pub(crate) fn holds(&self, path: &str) -> bool {
        self.root.join(path).symlink_metadata().is_ok_and(|metadata| !metadata.is_dir())
    }

    fn file(&self, path: &OutputPath) -> PathBuf {
        self.root.join(path.as_str())
    }

    /// Makes the folder of an output in the staging folder, after those above it. To find out by failing costs three calls
    /// for each of ten thousand folders. What goes wrong here is met again when the file is written.
    fn make_folders(&self, folder: &str) {
        if self.made.lock().contains(folder) {
            return;
        }
        let staging = self.staging();
        let ends = folder.match_indices('/').map(|(at, _)| at).chain([folder.len()]);
        for folder in ends.map(|end| &folder[..end]) {
            if !self.made.lock().contains(folder) {
                // Another worker may make it at the same time. It is noted when it is there, as both rely on the note.
                let _ = fs::create_dir(staging.join(folder));
                self.made.lock().insert(folder.to_owned());
            }
        }
    }
}

/// A file in the output folder that no page of the site stands for.
#[derive(Debug)]
pub(crate) struct OtherFile {
    /// Below the output folder.
    pub path: String,
    /// Where it is.
    pub file: PathBuf,
}

/// Writes a new file, and returns its stamp.
fn write_new(file: &Path, bytes: &[u8]) -> io::Result<Stamp> {
    let mut new = File::create_new(file)?;
    new.write_all(bytes)?;
    Ok(Stamp::of(&new.metadata()?))
}

/// Moves a file, also to a folder that is not there yet. Returns its stamp if that is another one now.
fn move_to(from: &Path, to: &Path) -> io::Result<Option<Stamp>> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            if let Some(folder) = to.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::rename(from, to)?;
        }
        // A folder of the output folder is mounted, or leads to another file system.
        Err(error) if error.kind() == ErrorKind::CrossesDevices => {
            atomic_file::replace(to, &fs::read(from)?)?;
            return Ok(Some(Stamp::of(&fs::metadata(to)?)));
        }
        moved => moved?,
    }
    Ok(None)
}

/// The fingerprint of a file's bytes. A link has none: its bytes are those of another file.
fn content_of(file: &Path) -> Option<Hash> {
    let is_file = fs::symlink_metadata(file).ok()?.is_file();
    is_file.then(|| fs::read(file).ok())?.map(|bytes| Hash::of(&bytes))
}

/// Makes a folder that other users cannot look into: what is on its way is not published yet.
fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(folder)
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
