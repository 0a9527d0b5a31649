//! Files that are replaced whole or not at all, whoever reads them at the same time.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::hash::Hash;

/// A file beside another one, with a name that is short enough wherever the other one's is, and the same each time:
/// what a killed process left is written over by the next one.
pub(crate) fn beside(file: &Path) -> PathBuf {
    let name = file.file_name().unwrap_or_default();
    file.with_file_name(format!(".{}.new", Hash::of(name.as_encoded_bytes()).short_hex()))
}

/// Whether a file has the name of one beside another: a process that was killed has left it.
pub(crate) fn is_beside(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let digits = name.strip_prefix('.').and_then(|name| name.strip_suffix(".new"));
    digits.is_some_and(|digits| digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Writes beside the file and renames over it, so that a reader sees the old bytes or the new ones.
pub(crate) fn replace(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = beside(file);
    let written = create(&beside).and_then(|mut new| new.write_all(bytes));
    clean(&beside, written.and_then(|()| fs::rename(&beside, file)))
}

/// Creates a file. One that is there is removed before: it may be a link, which would be written through.
fn create(beside: &Path) -> io::Result<File> {
    match File::create_new(beside) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            fs::remove_file(beside)?;
            File::create_new(beside)
        }
        created => created,
    }
}

/// The same, and on the disk when it returns: for what cannot be made again.
pub(crate) fn replace_durably(file: &Path, bytes: &[u8]) -> Result<()> {
    let beside = beside(file);
    let write = || {
        let mut new = create(&beside)?;
        new.write_all(bytes)?;
        new.sync_all()?;
        fs::rename(&beside, file)?;
        sync_folder(file)
    };
    clean(&beside, write()).map_err(Error::io("write", file))
}

/// Leaves nothing behind of what failed.
fn clean(beside: &Path, written: io::Result<()>) -> io::Result<()> {
    if written.is_err() {
        let _ = fs::remove_file(beside);
    }
    written
}

/// The name of a file is part of its folder, which has to be on the disk as well.
#[cfg(unix)]
fn sync_folder(file: &Path) -> io::Result<()> {
    match file.parent() {
        // A name without a folder is in the one we are in.
        Some(folder) if folder.as_os_str().is_empty() => File::open(".")?.sync_all(),
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

/// Elsewhere folders cannot be opened, and the system sees to it.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.txt");
        let names = || fs::read_dir(folder.path()).unwrap().count();
        for bytes in ["one", "two"] {
            replace(&file, bytes.as_bytes()).unwrap();
            assert_eq!((fs::read_to_string(&file).unwrap().as_str(), names()), (bytes, 1));
            replace_durably(&file, b"durably").unwrap();
            assert_eq!((fs::read_to_string(&file).unwrap().as_str(), names()), ("durably", 1));
        }
        // A folder is in the way.
        fs::remove_file(&file).unwrap();
        fs::create_dir(&file).unwrap();
        assert!(replace(&file, b"x").is_err() && replace_durably(&file, b"x").is_err());
        assert_eq!(names(), 1);
    }
}
