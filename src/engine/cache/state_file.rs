//! Files of our own state: a mark of what they are, their content, and the fingerprint of both.
//!
//! What is damaged, cut off or of another version counts as not there: all of it can be made again.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use xxhash_rust::xxh3::{Xxh3, xxh3_128};

use crate::error::{Error, Result};

/// A file being written, piece by piece: as one buffer it would be the largest thing in memory.
pub(super) struct StateFileWriter {
    file: io::BufWriter<fs::File>,
    seal: Xxh3,
}

impl StateFileWriter {
    /// Adds to the content.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.seal.update(bytes);
        self.file.write_all(bytes)
    }

    fn finish(mut self) -> io::Result<()> {
        let seal = self.seal.digest128();
        self.file.write_all(&seal.to_le_bytes())?;
        self.file.flush()
    }
}

/// What `parse` makes of a file's content, if the file is whole and begins with `magic`.
pub(super) fn read<T>(path: &Path, magic: &[u8], parse: impl FnOnce(&[u8]) -> Option<T>) -> Option<T> {
    let bytes = fs::read(path).ok()?;
    let (content, seal) = bytes.split_at_checked(bytes.len().checked_sub(size_of::<u128>())?)?;
    if seal != xxh3_128(content).to_le_bytes() {
        return None;
    }
    parse(content.strip_prefix(magic)?)
}

/// Writes a file: beside it first, then over it.
pub(super) fn write(
    path: &Path,
    magic: &[u8],
    content: impl FnOnce(&mut StateFileWriter) -> io::Result<()>,
) -> Result<()> {
    let beside = path.with_extension("new");
    let write = || -> io::Result<()> {
        let file = io::BufWriter::with_capacity(1 << 18, fs::File::create(&beside)?);
        let mut sealed = StateFileWriter { file, seal: Xxh3::new() };
        sealed.write(magic)?;
        content(&mut sealed)?;
        sealed.finish()
    };
    write().map_err(Error::io("write", &beside))?;
    fs::rename(&beside, path).map_err(Error::io("write", path))
}
