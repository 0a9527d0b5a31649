//! What only one process may do at a time.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// The right to do what only one process may do at a time, until it is dropped or the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct FileLock {
    file: File,
    path: PathBuf,
}

impl FileLock {
    /// Takes the lock that a file stands for, which is made if it is not there; `None` if it is taken.
    pub(crate) fn try_take(path: &Path) -> Result<Option<Self>> {
        let lock = Self::open(path)?;
        match lock.file.try_lock() {
            // A process that removed the file while this one opened it leaves a lock that no other process meets.
            Ok(()) => Ok(lock.is_at_its_path().then_some(lock)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(Error::io("lock", path)(error)),
        }
    }

    /// Takes the lock as soon as no other process has it.
    pub(crate) fn take(path: &Path) -> Result<Self> {
        loop {
            let lock = Self::open(path)?;
            lock.file.lock().map_err(Error::io("lock", path))?;
            if lock.is_at_its_path() {
                return Ok(lock);
            }
        }
    }

    fn open(path: &Path) -> Result<Self> {
        let file = File::create(path).map_err(Error::io("write", path))?;
        Ok(Self { file, path: path.to_owned() })
    }

    /// Removes the file with the lock, for folders in which nothing may stay behind.
    pub(crate) fn remove(self) {
        // While the lock is held: a process that opens the file now finds that it is no longer at its path. If it cannot
        // be removed, it is the lock of the next process.
        let _ = fs::remove_file(&self.path);
    }

    #[cfg(unix)]
    fn is_at_its_path(&self) -> bool {
        use std::os::unix::fs::MetadataExt as _;
        let (Ok(locked), Ok(found)) = (self.file.metadata(), fs::metadata(&self.path)) else { return false };
        locked.dev() == found.dev() && locked.ino() == found.ino()
    }

    #[cfg(not(unix))]
    fn is_at_its_path(&self) -> bool {
        self.path.exists()
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        // Closing the file would do, but for a program that another thread starts right now: until it runs it has a
        // copy of the file, and with it the lock.
        let _ = self.file.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_held_by_one_and_let_go_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let lock = FileLock::take(&path).unwrap();
        assert!(FileLock::try_take(&path).unwrap().is_none());
        // As a program has it that was just started.
        let copy = lock.file.try_clone().unwrap();
        drop(lock);
        assert!(FileLock::try_take(&path).unwrap().is_some());
        drop(copy);
    }

    #[cfg(unix)]
    #[test]
    fn a_lock_whose_file_was_removed_is_not_the_lock() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let opened = FileLock::open(&path).unwrap();
        assert!(opened.is_at_its_path());
        FileLock::take(&path).unwrap().remove();
        assert!(!path.exists() && !opened.is_at_its_path());
        // Another file of that name is another lock.
        let lock = FileLock::try_take(&path).unwrap();
        assert!(lock.is_some() && !opened.is_at_its_path());
    }
}
