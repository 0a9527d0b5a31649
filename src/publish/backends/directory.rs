//! A folder of this machine: the root of a local web server, or something that another program carries away.
//!
//! As *releases*: each version is a folder of its own, made of hard links to the files of the one before, and the
//! link `current` is switched in one step. Or *in place*: each file is replaced by renaming. A file that is not
//! ours is carried along in the first case, and left alone in the second.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use parking_lot::Mutex;
use walkdir::WalkDir;

use crate::config::publish::DirectoryMode;
use crate::path::OutputPath;
use crate::publish::backends::{Backend, BackendError, Capabilities, PublishStart, Visibility};
use crate::publish::desired::DesiredFiles;
use crate::publish::manifest;
use crate::sys::atomic_file;
use crate::sys::lock::FileLock;

/// The folder of all releases.
const RELEASES: &str = "releases";
/// The link to the one that is served.
const CURRENT: &str = "current";
/// A release in the making.
const NEXT: &str = ".next";
/// What keeps two publishes apart.
const LOCK: &str = ".backmatter-lock";

/// A folder of this machine.
pub struct Directory {
    folder: PathBuf,
    mode: DirectoryMode,
    /// Held until the publish ends, however it ends.
    lock: Mutex<Option<FileLock>>,
}

impl Directory {
    /// The folder, which is made when the first publish begins.
    pub fn new(folder: PathBuf, mode: DirectoryMode) -> Self {
        Self { folder, mode, lock: Mutex::new(None) }
    }

    /// What visitors see.
    fn served(&self) -> PathBuf {
        match self.mode {
            DirectoryMode::InPlace => self.folder.clone(),
            DirectoryMode::Releases(_) => self.folder.join(CURRENT),
        }
    }

    /// Where files are put.
    fn work(&self) -> PathBuf {
        match self.mode {
            DirectoryMode::InPlace => self.folder.clone(),
            DirectoryMode::Releases(_) => self.folder.join(RELEASES).join(NEXT),
        }
    }

    fn hold(&self) -> Result<(), BackendError> {
        fs::create_dir_all(&self.folder).map_err(failed("make", &self.folder))?;
        let lock = FileLock::try_take(&self.folder.join(LOCK)).map_err(BackendError::from)?;
        let Some(lock) = lock else {
            let folder = self.folder.display();
            let reason = format!("another publish to `{folder}` is running; wait for it to end");
            return Err(BackendError::permanent(reason));
        };
        *self.lock.lock() = Some(lock);
        Ok(())
    }

    fn let_go(&self) {
        if let Some(lock) = self.lock.lock().take() {
            lock.remove();
        }
    }

    /// A copy of what is served, by hard links where the file system has them.
    fn begin_release(&self) -> Result<(), BackendError> {
        let next = self.work();
        // What a killed publish has left is not a copy of what is served now.
        if next.exists() {
            fs::remove_dir_all(&next).map_err(failed("remove", &next))?;
        }
        fs::create_dir_all(&next).map_err(failed("make", &next))?;
        let current = self.folder.join(CURRENT);
        match fs::symlink_metadata(&current) {
            Ok(metadata) if metadata.is_symlink() => clone_tree(&current, &next),
            Ok(_) => Err(BackendError::permanent(format!(
                "`{}` is not a link that a publish made; move it away, or set `mode = \"in-place\"` and publish into it",
                current.display()
            ))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(failed("read", &current)(error)),
        }
    }

    /// Gives the release a name of its own and switches the link.
    fn switch(&self, keep: usize) -> Result<(), BackendError> {
        let releases = self.folder.join(RELEASES);
        // Numbers, not dates: the clock of a machine may be set back.
        let number = numbers(&releases).max().unwrap_or(0) + 1;
        let name = format!("{number:06}");
        let release = releases.join(&name);
        fs::rename(self.work(), &release).map_err(failed("make", &release))?;
        let (link, current) = (self.folder.join(".current.new"), self.folder.join(CURRENT));
        // A publish that was killed here has left it.
        let _ = fs::remove_file(&link);
        make_link(&Path::new(RELEASES).join(&name), &link).map_err(failed("make", &link))?;
        fs::rename(&link, &current).map_err(failed("switch", &current))?;
        let old = numbers(&releases).filter(|old| *old + keep as u64 <= number);
        for old in old.collect::<Vec<_>>() {
            // It costs room only if it stays; the site is already live.
            let _ = fs::remove_dir_all(releases.join(format!("{old:06}")));
        }
        Ok(())
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        self.let_go();
    }
}

impl Backend for Directory {
    fn capabilities(&self) -> Capabilities {
        let visibility = match self.mode {
            DirectoryMode::InPlace => Visibility::Immediate,
            DirectoryMode::Releases(_) => Visibility::AtFinish,
        };
        Capabilities { workers: 4, batch: 16, visibility }
    }

    fn manifest(&self) -> Result<Option<Vec<u8>>, BackendError> {
        let path = self.served().join(manifest::FILE_NAME);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed("read", &path)(error)),
        }
    }

    fn taken(&self, paths: &[&OutputPath]) -> Result<Vec<OutputPath>, BackendError> {
        let served = self.served();
        // Renaming replaces everything but a folder, a link included.
        let there = paths.iter().filter(|path| {
            fs::symlink_metadata(served.join(path.as_str())).is_ok_and(|metadata| !metadata.is_dir())
        });
        Ok(there.map(|path| (*path).clone()).collect())
    }

    fn begin(&self, opening: &PublishStart<'_>) -> Result<(), BackendError> {
        self.hold()?;
        if self.manifest()?.as_deref() != opening.old {
            return Err(BackendError::conflict());
        }
        match self.mode {
            DirectoryMode::InPlace => replace(&self.folder.join(manifest::FILE_NAME), opening.during),
            DirectoryMode::Releases(_) => self.begin_release(),
        }
    }

    fn upload(&self, batch: &[&OutputPath], desired: &DesiredFiles) -> Result<(), BackendError> {
        let folder = self.work();
        for path in batch {
            replace(&folder.join(path.as_str()), &desired.bytes(path)?)?;
        }
        Ok(())
    }

    fn delete(&self, batch: &[&OutputPath]) -> Result<(), BackendError> {
        let root = self.work();
        for path in batch {
            let file = root.join(path.as_str());
            let _ = fs::remove_file(atomic_file::beside(&file));
            match fs::remove_file(&file) {
                Ok(()) => remove_empty_folders(&file, &root),
                Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
                Err(error) => return Err(failed("remove", &file)(error)),
            }
        }
        Ok(())
    }

    fn tidy(&self) {
        // Whoever holds it now removes it.
        if self.hold().is_ok() {
            self.let_go();
        }
    }

    fn finish(&self, manifest: &[u8]) -> Result<(), BackendError> {
        // The manifest says that the files are there, and no later publish looks at them: a power cut must not leave it with
        // files that are empty.
        let flush = || atomic_file::flush_file_system(&self.folder).map_err(failed("write", &self.folder));
        flush()?;
        replace(&self.work().join(manifest::FILE_NAME), manifest)?;
        if let DirectoryMode::Releases(keep) = self.mode {
            self.switch(keep)?;
        }
        flush()?;
        self.let_go();
        Ok(())
    }
}

/// The numbers of the releases in a folder.
fn numbers(releases: &Path) -> impl Iterator<Item = u64> {
    let entries = fs::read_dir(releases).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str().and_then(|name| name.parse().ok()))
}

fn clone_tree(from: &Path, to: &Path) -> Result<(), BackendError> {
    // The slash makes the walk begin behind the link.
    for entry in WalkDir::new(from.join("")).min_depth(1) {
        let entry = entry.map_err(|error| {
            BackendError::permanent(format!("cannot read `{}`: {error}", from.display())).caused_by(error)
        })?;
        let below = entry.path().strip_prefix(from).expect("a walk stays below its start");
        let copy = to.join(below);
        let copied = if entry.file_type().is_dir() {
            fs::create_dir_all(&copy)
        } else if entry.file_type().is_symlink() {
            fs::read_link(entry.path()).and_then(|target| make_link(&target, &copy))
        } else {
            fs::hard_link(entry.path(), &copy).or_else(|_| fs::copy(entry.path(), &copy).map(|_| ()))
        };
        copied.map_err(failed("write", &copy))?;
    }
    Ok(())
}

#[cfg(unix)]
fn make_link(target: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

#[cfg(windows)]
fn make_link(target: &Path, link: &Path) -> io::Result<()> {
    std::os::windows::fs::symlink_dir(target, link)
}

/// Replaces a file, in a folder that may not be there yet. The file of an older release, which may be the same, stays
/// as it is.
fn replace(file: &Path, bytes: &[u8]) -> Result<(), BackendError> {
    let replaced = match atomic_file::replace(file, bytes) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let folder = file.parent().expect("a file is in a folder");
            fs::create_dir_all(folder).and_then(|()| atomic_file::replace(file, bytes))
        }
        replaced => replaced,
    };
    replaced.map_err(failed("write", file))
}

fn remove_empty_folders(file: &Path, root: &Path) {
    let mut folder = file.parent();
    // A folder with anything in it is not removed by this.
    while let Some(empty) = folder.filter(|folder| *folder != root)
        && fs::remove_dir(empty).is_ok()
    {
        folder = empty.parent();
    }
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> BackendError {
    move |error| {
        BackendError::permanent(format!("cannot {action} `{}`: {error}", path.display())).caused_by(error)
    }
}
