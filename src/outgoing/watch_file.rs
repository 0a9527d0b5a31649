//! The file of what is remembered of quoted reports, and the right to change it.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::citation::watch_list::{FILE_NAME, WatchList};
use crate::engine;
use crate::error::{Error, Result};
use crate::sys::atomic_file;
use crate::sys::lock::FileLock;

/// The file, held for one run.
pub(crate) struct WatchFile {
    path: PathBuf,
    pub(crate) list: WatchList,
    _lock: FileLock,
}

impl WatchFile {
    /// Reads the file of a site. Only one run at a time changes it.
    pub(crate) fn open(root: &Path) -> Result<Self> {
        let lock_path = engine::state(root)?.join("quotes.lock");
        let lock = FileLock::try_take(&lock_path)?
            .ok_or(Error::Busy { what: "`backmatter quotes check`", path: lock_path })?;
        Ok(Self { list: read(root)?, path: root.join(FILE_NAME), _lock: lock })
    }

    /// Writes the file as a whole.
    pub(crate) fn save(&self) -> Result<()> {
        atomic_file::replace_durably(&self.path, self.list.to_text().as_bytes())
    }
}

/// What is remembered of the reports of a site.
pub(crate) fn read(root: &Path) -> Result<WatchList> {
    let path = root.join(FILE_NAME);
    match fs::read_to_string(&path) {
        Ok(text) => {
            WatchList::parse(&text).map_err(|reason| Error::Argument { given: FILE_NAME.to_owned(), reason })
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(WatchList::default()),
        Err(error) => Err(Error::io("read", &path)(error)),
    }
}
