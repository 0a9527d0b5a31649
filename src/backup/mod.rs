//! Backup and restore: one archive (ZIP, APPNOTE 6.3) with what a site cannot make again, and a folder made of it.
//!
//! In the archive is every file of the site's folder, but for output folders and the engine's memory, and a copy of the
//! receiver's database in the place of its files. The first entry says what the archive is.
//!
//! The database is copied before the files are read. A decision that is made in between is in the files and not in the
//! copy, where its linkback still waits: it can be made again. The other way round its words would be lost.

mod archive;
mod restore;

use serde::{Deserialize, Serialize};

pub(crate) use self::archive::{BackupInput, BackupSummary, BackupTarget, CopiedDatabase, write};
pub(crate) use self::restore::{RestoreInput, RestoreSummary, restore};

/// The entry that describes the archive. It is not restored.
const DESCRIPTION: &str = "backmatter-backup.json";

/// Where the copy of a database is that does not stand in the site's folder.
const DATABASE: &str = "backmatter-backup.db";

/// The form of the archive. A release reads all forms up to its own.
const FORMAT: u32 = 1;

/// What an archive says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct BackupDescription {
    format: u32,
    /// The release that wrote it.
    version: String,
    /// When, RFC 3339.
    made: String,
    base_url: String,
    /// The entry of the file of settings.
    settings: String,
    database: Option<ArchivedDatabase>,
}

/// A database in an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct ArchivedDatabase {
    entry: String,
    /// Where it stood, if that was not in the site's folder.
    outside: Option<String>,
    linkbacks: usize,
}
