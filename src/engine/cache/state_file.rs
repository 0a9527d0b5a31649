//! Files of our own state: a mark of what they are, their content, and the fingerprint of both.
//!
//! What is damaged, cut off or of another version counts as not there: all of it can be made again.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use xxhash_rust::xxh3::{Xxh3, xxh3_128};

use crate::error::{Error, Result};
use crate::sys::atomic_file;

/// A file being written, piece by piece: as one buffer it would be the largest thing in memory.
pub(in crate::engine) struct StateFileWriter<'f> {
    file: io::BufWriter<&'f mut File>,
    seal: Xxh3,
}

impl StateFileWriter<'_> {
    /// Adds to the content.
    pub(in crate::engine) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
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
pub(in crate::engine) fn read<T>(
    path: &Path,
    magic: &[u8],
    parse: impl FnOnce(&[u8]) -> Option<T>,
) -> Option<T> {
    let bytes = fs::read(path).ok()?;
    let (content, seal) = bytes.split_at_checked(bytes.len().checked_sub(size_of::<u128>())?)?;
    if seal != xxh3_128(content).to_le_bytes() {
        return None;
    }
    parse(content.strip_prefix(magic)?)
}

/// Writes a file whole or not at all.
pub(in crate::engine) fn write(
    path: &Path,
    magic: &[u8],
    content: impl FnOnce(&mut StateFileWriter<'_>) -> io::Result<()>,
) -> Result<()> {
    let written = atomic_file::replace_with(path, |new| {
        let mut sealed =
            StateFileWriter { file: io::BufWriter::with_capacity(1 << 18, new), seal: Xxh3::new() };
        sealed.write(magic)?;
        content(&mut sealed)?;
        sealed.finish()
    });
    written.map_err(Error::io("write", path))
}
