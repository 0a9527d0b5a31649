//! The log of sent linkbacks on disk: one process at a time, and each change as a whole.

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

/// The log, locked by this process.
pub(super) struct SendLogFile {
    path: PathBuf,
    pub(super) sent: SendLog,
    /// The state on disk.
    saved: SendLog,
    /// A file that exists since the log was first written.
    trace: PathBuf,
    /// Whether the log existed once and does not any more.
    pub(super) is_lost: bool,
    _lock: FileLock,
}

impl SendLogFile {
    /// Reads the log of a site; an empty one if there is no file.
    pub(super) fn open(root: &Path, config: &Config) -> Result<(Self, Vec<Diagnostic>)> {
        let lock = lock(root)?;
        let path = root.join(FILE_NAME);
        let trace = engine::state(root)?.join("sent");
        let is_lost = trace.exists() && !path.exists();
        let (sent, faults) = load(&path, config)?;
        Ok((Self { path, saved: sent.clone(), sent, trace, is_lost, _lock: lock }, faults))
    }

    /// Writes the log if it has changed, or if it was never written.
    pub(super) fn save_news(&self) -> Result<()> {
        if self.saved == self.sent && self.trace.exists() { Ok(()) } else { self.save() }
    }

    /// Writes the log as a whole and flushes it to disk.
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

/// Locks the log until the lock is dropped: two runs at a time would send the same messages.
fn lock(root: &Path) -> Result<FileLock> {
    let path = engine::state(root)?.join("send.lock");
    FileLock::try_take(&path)?.ok_or(Error::Busy { what: "`backmatter send`", path })
}

/// Reads the log of a site without the lock.
pub(crate) fn read(root: &Path, config: &Config) -> Result<SendStatus> {
    let path = root.join(FILE_NAME);
    let (sent, diagnostics) = load(&path, config)?;
    Ok(SendStatus { path, since: sent.since, records: sent.records.into_iter().collect(), diagnostics })
}
