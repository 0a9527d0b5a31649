//! The ledger on disk: one process at a time, and each change whole.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::build;
use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::error::{Error, Result};
use crate::linkback::sent::{self, FILE_NAME, Sent};
use crate::send::Status;

/// The ledger, held by this process alone.
pub(super) struct LedgerFile {
    path: PathBuf,
    pub(super) sent: Sent,
    _lock: fs::File,
}

impl LedgerFile {
    /// Reads the ledger of a site; an empty one if there is none.
    pub(super) fn open(root: &Path, config: &Config) -> Result<(Self, Vec<Diagnostic>)> {
        let lock = lock(root)?;
        let path = root.join(FILE_NAME);
        let (sent, faults) = load(&path, config)?;
        Ok((Self { path, sent, _lock: lock }, faults))
    }

    /// Writes it: to the disk, beside the old one first, then over it.
    pub(super) fn save(&self) -> Result<()> {
        let beside = self.path.with_extension("toml.new");
        let text = sent::write(&self.sent);
        let write = || {
            let mut file = fs::File::create(&beside)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()
        };
        write().map_err(Error::io("write", &beside))?;
        fs::rename(&beside, &self.path).map_err(Error::io("write", &self.path))
    }
}

fn load(path: &Path, config: &Config) -> Result<(Sent, Vec<Diagnostic>)> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(sent::parse(&text, config.timezone)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok((Sent::default(), Vec::new())),
        Err(error) => Err(Error::io("read", path)(error)),
    }
}

/// Keeps two runs of one site apart until the file is dropped: each would send what the other is sending.
fn lock(root: &Path) -> Result<fs::File> {
    let path = build::state(root)?.join("send.lock");
    let file = fs::File::create(&path).map_err(Error::io("write", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(Error::Busy { what: "`backmatter send`", path }),
        Err(fs::TryLockError::Error(error)) => Err(Error::io("lock", &path)(error)),
    }
}

/// The ledger of a site, for those who only look.
pub fn read(root: &Path, config: &Config) -> Result<Status> {
    let path = root.join(FILE_NAME);
    let (sent, diagnostics) = load(&path, config)?;
    Ok(Status { path, since: sent.since, records: sent.records.into_iter().collect(), diagnostics })
}
