//! A folder for a moment, outside of the one that is worked on.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use crate::hash::Hash;

/// A folder that only this user may look into. It is removed when the value is dropped.
#[derive(Debug)]
pub(crate) struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    /// Makes the folder that belongs to another one. It has the same name each time, so that what a build remembers by its output folder does not
    /// pile up; what a run left there that was broken off is removed.
    pub(crate) fn of(owner: &Path) -> io::Result<Self> {
        let owner = owner.canonicalize()?;
        let name = format!("backmatter-{}", Hash::of(owner.as_os_str().as_encoded_bytes()).short_hex());
        let folder = Self(env::temp_dir().join(name));
        match fs::remove_dir_all(&folder.0) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        {
            use std::os::unix::fs::DirBuilderExt as _;
            builder.mode(0o700);
        }
        // It fails if the folder is there: then it is another user's.
        builder.create(&folder.0)?;
        Ok(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
