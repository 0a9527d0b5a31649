//! Files that others read or write at the same time: replaced whole or not at all, and kept by one process at a time.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::hash::Hash;

/// The right to do what only one process may do at a time, until it is dropped or the process ends, however it ends.
#[derive(Debug)]
pub struct Lock(File);

impl Lock {
    /// Takes the lock that a file stands for, which is made if it is not there; `None` if it is taken.
    pub fn try_take(path: &Path) -> Result<Option<Self>> {
        let file = File::create(path).map_err(Error::io("write", path))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(Error::io("lock", path)(error)),
        }
    }

    /// Takes the lock as soon as nobody else has it.
    pub fn take(path: &Path) -> Result<Self> {
        let file = File::create(path).map_err(Error::io("write", path))?;
        file.lock().map_err(Error::io("lock", path))?;
        Ok(Self(file))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing the file would do, but for a program that another thread starts right now: until it runs it has a
        // copy of the file, and with it the lock.
        let _ = self.0.unlock();
    }
}

/// A file beside another one, with a name that is short enough wherever the other one's is, and the same each time:
/// what a killed process left is written over by the next one.
pub fn beside(file: &Path) -> PathBuf {
    let name = file.file_name().unwrap_or_default();
    file.with_file_name(format!(".{}.new", Hash::of(name.as_encoded_bytes()).short_hex()))
}

/// Writes beside the file and renames over it, so that a reader sees the old bytes or the new ones.
pub fn replace(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = beside(file);
    clean(&beside, fs::write(&beside, bytes).and_then(|()| fs::rename(&beside, file)))
}

/// The same, and on the disk when it returns: for what cannot be made again.
pub fn replace_for_good(file: &Path, bytes: &[u8]) -> Result<()> {
    let beside = beside(file);
    let write = || {
        let mut new = File::create(&beside)?;
        new.write_all(bytes)?;
        new.sync_all()?;
        fs::rename(&beside, file)?;
        sync_folder(file)
    };
    clean(&beside, write()).map_err(Error::io("write", file))
}

/// Leaves nothing behind of what failed.
fn clean(beside: &Path, written: io::Result<()>) -> io::Result<()> {
    if written.is_err() {
        let _ = fs::remove_file(beside);
    }
    written
}

/// The name of a file is part of its folder, which has to be on the disk as well.
#[cfg(unix)]
fn sync_folder(file: &Path) -> io::Result<()> {
    match file.parent() {
        // A name without a folder is in the one we are in.
        Some(folder) if folder.as_os_str().is_empty() => File::open(".")?.sync_all(),
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

/// Elsewhere folders cannot be opened, and the system sees to it.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_held_by_one_and_let_go_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let lock = Lock::take(&path).unwrap();
        assert!(Lock::try_take(&path).unwrap().is_none());
        // As a program has it that was just started.
        let copy = lock.0.try_clone().unwrap();
        drop(lock);
        assert!(Lock::try_take(&path).unwrap().is_some());
        drop(copy);
    }

    #[test]
    fn a_file_is_replaced_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.txt");
        let names = || fs::read_dir(folder.path()).unwrap().count();
        for bytes in ["one", "two"] {
            replace(&file, bytes.as_bytes()).unwrap();
            assert_eq!((fs::read_to_string(&file).unwrap().as_str(), names()), (bytes, 1));
            replace_for_good(&file, b"for good").unwrap();
            assert_eq!((fs::read_to_string(&file).unwrap().as_str(), names()), ("for good", 1));
        }
        // A folder is in the way.
        fs::remove_file(&file).unwrap();
        fs::create_dir(&file).unwrap();
        assert!(replace(&file, b"x").is_err() && replace_for_good(&file, b"x").is_err());
        assert_eq!(names(), 1);
    }
}
