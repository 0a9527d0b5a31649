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
    // Eight digits, as `beside` makes them: a file of an author's that ends in `.new` is not one.
    let digits = name.strip_prefix('.').and_then(|name| name.strip_suffix(".new"));
    digits.is_some_and(|digits| digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Writes beside the file and renames over it, so that a reader sees the old bytes or the new ones. A link is replaced by
/// a file: what an output folder or a cache holds is its own, wherever a link in it leads.
pub(crate) fn replace(file: &Path, bytes: &[u8]) -> io::Result<()> {
    replace_with(file, |new| new.write_all(bytes))
}

/// The same with bytes that are written piece by piece.
pub(crate) fn replace_with<T>(file: &Path, write: impl FnOnce(&mut File) -> io::Result<T>) -> io::Result<T> {
    let beside = beside(file);
    let written = create(&beside).and_then(|mut new| write(&mut new));
    clean(&beside, written.and_then(|value| fs::rename(&beside, file).map(|()| value)))
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

/// Replaces a file, and returns when the bytes are on the disk: for what cannot be made again. A link stays, and the file
/// that it leads to is replaced: a writer may keep such files in another folder.
pub(crate) fn replace_durably(file: &Path, bytes: &[u8]) -> Result<()> {
    let written = behind_links(file).and_then(|file| {
        replace_with(&file, |new| {
            new.write_all(bytes)?;
            // Before it has its name: after a power cut the name would lead to a file without its bytes.
            new.sync_all()
        })?;
        sync_folder(&file)
    });
    written.map_err(Error::io("write", file))
}

/// The path that links at the end of a path lead to, whether or not there is a file.
fn behind_links(file: &Path) -> io::Result<PathBuf> {
    // As many as Linux follows (path_resolution(7)).
    const MOST_LINKS: usize = 40;
    let mut file = file.to_owned();
    for _ in 0..MOST_LINKS {
        let Ok(target) = fs::read_link(&file) else { return Ok(file) };
        // A relative target begins at the folder of the link.
        file = file.parent().unwrap_or(Path::new("")).join(target);
    }
    Err(io::Error::other("too many symbolic links lead on to one another"))
}

/// Waits until all that was written to the file system of a folder is on its disk: for files that can be made again, but are
/// noted as being there.
#[cfg(target_os = "linux")]
pub(crate) fn flush_file_system(folder: &Path) -> io::Result<()> {
    // One call for thousands of files, each of which would wait for the disk by itself.
    Ok(rustix::fs::syncfs(File::open(folder)?)?)
}

/// Elsewhere there is no such call.
#[cfg(not(target_os = "linux"))]
pub(crate) fn flush_file_system(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Leaves nothing behind of what failed.
fn clean<T>(beside: &Path, written: io::Result<T>) -> io::Result<T> {
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

    #[cfg(unix)]
    #[test]
    fn a_file_that_cannot_be_made_again_is_replaced_behind_its_links() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let (site, elsewhere) = (folder.path().join("site"), folder.path().join("elsewhere"));
        for new in [&site, &elsewhere] {
            fs::create_dir(new).unwrap();
        }
        let (link, second, target) =
            (site.join("a.toml"), elsewhere.join("link.toml"), elsewhere.join("a.toml"));
        symlink("../elsewhere/link.toml", &link).unwrap();
        symlink(&target, &second).unwrap();
        // The first time the last link leads nowhere.
        for bytes in ["one", "two"] {
            replace_durably(&link, bytes.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(&target).unwrap(), bytes);
            assert!(link.is_symlink() && second.is_symlink() && !target.is_symlink());
        }
        replace(&link, b"cache").unwrap();
        assert!(!link.is_symlink());
        assert_eq!(fs::read_to_string(&target).unwrap(), "two");
        let names = |folder: &Path| fs::read_dir(folder).unwrap().count();
        assert_eq!((names(&site), names(&elsewhere)), (1, 2));

        let circle = site.join("circle");
        symlink("circle", &circle).unwrap();
        let error = replace_durably(&circle, b"x").unwrap_err().to_string();
        assert!(error.contains("symbolic links"), "{error}");
    }
}
