//! What only one process may do at a time.

use std::fs::{File, TryLockError};
use std::path::Path;

use crate::error::{Error, Result};

/// The right to do what only one process may do at a time, until it is dropped or the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct FileLock(File);

impl FileLock {
    /// Takes the lock that a file stands for, which is made if it is not there; `None` if it is taken.
    pub(crate) fn try_take(path: &Path) -> Result<Option<Self>> {
        let file = File::create(path).map_err(Error::io("write", path))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(Error::io("lock", path)(error)),
        }
    }

    /// Takes the lock as soon as no other process has it.
    pub(crate) fn take(path: &Path) -> Result<Self> {
        let file = File::create(path).map_err(Error::io("write", path))?;
        file.lock().map_err(Error::io("lock", path))?;
        Ok(Self(file))
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        // Closing the file would do, but for a program that another thread starts right now: until it runs it has a
        // copy of the file, and with it the lock.
        let _ = self.0.unlock();
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
        let copy = lock.0.try_clone().unwrap();
        drop(lock);
        assert!(FileLock::try_take(&path).unwrap().is_some());
        drop(copy);
    }
}
