//! A copy of the database, made while a receiver writes to it.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::error::{Error, Result};
use crate::sys::atomic_file;

/// A copy of a database, which is removed when this is dropped.
#[derive(Debug)]
pub(crate) struct DatabaseCopy {
    pub path: PathBuf,
    /// How many linkbacks are in it.
    pub linkbacks: usize,
}

impl DatabaseCopy {
    /// Copies a database as it is at one moment (SQLite, `VACUUM INTO`), into a file beside another one. It is not brought
    /// up to date: the copy is for the release that wrote the original.
    pub(crate) fn beside(file: &Path, database: &Path) -> Result<Self> {
        if !database.exists() {
            return Err(Error::NoDatabase { path: database.to_owned() });
        }
        let mut name = atomic_file::beside(file).into_os_string();
        name.push(".db");
        let mut copy = Self { path: PathBuf::from(name), linkbacks: 0 };
        // What a process that was killed has left. SQLite takes a file that is there only if it is empty.
        let _ = std::fs::remove_file(&copy.path);
        // For the account alone, before the first byte of it: the database has secrets of senders.
        private_file(&copy.path).map_err(Error::io("write", &copy.path))?;
        let cause = match copy.fill(database) {
            Ok(Some(linkbacks)) => {
                copy.linkbacks = linkbacks;
                return Ok(copy);
            }
            Ok(None) => {
                "it is damaged: SQLite's `PRAGMA integrity_check` has found faults in the copy".into()
            }
            Err(error) => error.into(),
        };
        Err(Error::Database { path: database.to_owned(), source: cause })
    }

    /// Copies, checks and counts; `None` if the copy is damaged.
    fn fill(&self, database: &Path) -> rusqlite::Result<Option<usize>> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(database, flags)?;
        connection.busy_timeout(Duration::from_secs(60))?;
        connection.execute("VACUUM INTO ?1", [self.path.to_string_lossy()])?;
        let copy = Connection::open_with_flags(&self.path, flags)?;
        let verdict: String = copy.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        let linkbacks = copy.query_row("SELECT count(*) FROM linkbacks", [], |row| row.get(0))?;
        Ok((verdict == "ok").then_some(linkbacks))
    }
}

impl Drop for DatabaseCopy {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// A new file that no other account can read.
fn private_file(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}
