//! The ledger on disk: one process at a time, and each change whole.

use std::fs;
use std::path::{Path, PathBuf};

use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::engine;
use crate::error::{Error, Result};
use crate::linkback::outbox::log::{self, FILE_NAME, SendLog};
use crate::send::SendStatus;
use crate::sys::atomic_file;
use crate::sys::lock::FileLock;

/// The ledger, held by this process alone.
pub(super) struct SendLogFile {
    path: PathBuf,
    pub(super) sent: SendLog,
    /// What is on the disk.
    saved: SendLog,
    /// A file that is there since there was a ledger.
    trace: PathBuf,
    /// Whether there was a ledger once, and is none now.
    pub(super) is_lost: bool,
    _lock: FileLock,
}

impl SendLogFile {
    /// Reads the ledger of a site; an empty one if there is none.
    pub(super) fn open(root: &Path, config: &Config) -> Result<(Self, Vec<Diagnostic>)> {
        let lock = lock(root)?;
        let path = root.join(FILE_NAME);
        let trace = engine::state(root)?.join("sent");
        let is_lost = trace.exists() && !path.exists();
        let (sent, faults) = load(&path, config)?;
        Ok((Self { path, saved: sent.clone(), sent, trace, is_lost, _lock: lock }, faults))
    }

    /// Writes it if anything is new in it, or if there is no trace of it yet.
    pub(super) fn save_news(&self) -> Result<()> {
        if self.saved == self.sent && self.trace.exists() { Ok(()) } else { self.save() }
    }

    /// Writes it, whole and to the disk.
    pub(super) fn save(&self) -> Result<()> {
        atomic_file::replace_durably(&self.path, log::write(&self.sent).as_bytes())?;
        if self.trace.exists() {
            return Ok(());
        }
        fs::write(&self.trace, "").map_err(Error::io("write", &self.trace))
    }
}

fn load(path: &Path, config: &Config) -> Result<(SendLog, Vec<Diagnostic>)> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(log::parse(&text, config.timezone)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok((SendLog::default(), Vec::new())),
        Err(error) => Err(Error::io("read", path)(error)),
    }
}

/// Keeps two runs of one site apart until it is dropped: each would send what the other is sending.
fn lock(root: &Path) -> Result<FileLock> {
    let path = engine::state(root)?.join("send.lock");
    FileLock::try_take(&path)?.ok_or(Error::Busy { what: "`backmatter send`", path })
}

/// The ledger of a site, for those who only look.
pub fn read(root: &Path, config: &Config) -> Result<SendStatus> {
    let path = root.join(FILE_NAME);
    let (sent, diagnostics) = load(&path, config)?;
    Ok(SendStatus { path, since: sent.since, records: sent.records.into_iter().collect(), diagnostics })
}
