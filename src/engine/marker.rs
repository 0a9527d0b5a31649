//! The marker of an output folder: it says that the folder is ours, and which bytes at which paths builds wrote there.
//!
//! The list is what a build without a usable ledger goes by: in a service that keeps the output folder and not the state,
//! after a build that was killed, beside a ledger of another time. It is extended before the first file is moved to its
//! place and exact after the last, so that no file a build wrote is ever missing from it. It holds fingerprints and no
//! paths: whoever edits it can lead no build out of the folder, and whoever reads it learns of no page that is not
//! linked.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use hashbrown::HashSet;

use crate::engine::cache::ledger::OutputEntry;
use crate::error::{Error, Result};
use crate::hash::Hash;
use crate::path::OutputPath;
use crate::sys::atomic_file;

/// Its name.
pub(crate) const FILE_NAME: &str = ".backmatter-output";

const TEXT: &str = "This folder is made by backmatter. Whatever lies here can be replaced or removed by the next build.\n\
    Below are fingerprints of the files that builds wrote here.\n";

/// A larger one was not written by a build: a million files take 17 MB.
const LARGEST: u64 = 256 * 1024 * 1024;

/// The fingerprints of files that builds wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Marker {
    files: HashSet<u64>,
}

/// Whether a folder bears the marker. A link is not one: it would be written through.
pub(super) fn is_in(folder: &Path) -> bool {
    folder.join(FILE_NAME).symlink_metadata().is_ok_and(|metadata| metadata.is_file())
}

/// Removes it.
pub(super) fn remove(folder: &Path) {
    // A folder that keeps it is ours all the same.
    let _ = fs::remove_file(folder.join(FILE_NAME));
}

impl Marker {
    /// Reads the bytes of the marker of a folder. What is not a fingerprint is passed over.
    pub(crate) fn bytes(folder: &Path) -> Vec<u8> {
        let path = folder.join(FILE_NAME);
        let is_small = path.symlink_metadata().is_ok_and(|found| found.is_file() && found.len() <= LARGEST);
        if is_small { fs::read(&path).unwrap_or_default() } else { Vec::new() }
    }

    /// What the bytes of a marker list.
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let lines = bytes.split(|byte| *byte == b'\n').filter(|line| line.len() == 16);
        let lines = lines.filter_map(|line| std::str::from_utf8(line).ok());
        Self { files: lines.filter_map(|line| u64::from_str_radix(line, 16).ok()).collect() }
    }

    /// Adds what another marker lists. Whether that was news.
    pub(crate) fn extend(&mut self, other: Self) -> bool {
        let before = self.files.len();
        self.files.extend(other.files);
        self.files.len() > before
    }

    /// Whether a build wrote a file with this content.
    pub(crate) fn lists(&self, path: &str, content: Hash) -> bool {
        self.files.contains(&fingerprint(path, content))
    }

    /// Writes the marker of a folder, unless it is there already, and returns the fingerprint of its bytes.
    pub(crate) fn write(&self, folder: &Path) -> Result<Hash> {
        let mut files: Vec<u64> = self.files.iter().copied().collect();
        files.sort_unstable();
        let mut text = String::with_capacity(TEXT.len() + files.len() * 17);
        text.push_str(TEXT);
        for file in files {
            let _ = writeln!(text, "{file:016x}");
        }
        let (path, key) = (folder.join(FILE_NAME), Hash::of(text.as_bytes()));
        if Hash::of(&Self::bytes(folder)) == key {
            return Ok(key);
        }
        atomic_file::replace(&path, text.as_bytes()).map_err(Error::io("write", &path))?;
        Ok(key)
    }
}

impl Marker {
    /// The marker that lists exactly some outputs.
    pub(crate) fn of(outputs: &BTreeMap<OutputPath, OutputEntry>) -> Self {
        outputs.iter().map(|(path, made)| (path.as_str(), made.content)).collect()
    }
}

impl<'a> FromIterator<(&'a str, Hash)> for Marker {
    fn from_iter<T: IntoIterator<Item = (&'a str, Hash)>>(files: T) -> Self {
        Self { files: files.into_iter().map(|(path, content)| fingerprint(path, content)).collect() }
    }
}

fn fingerprint(path: &str, content: Hash) -> u64 {
    Hash::of_all(&[Hash::of(path.as_bytes()), content]).long()
}
