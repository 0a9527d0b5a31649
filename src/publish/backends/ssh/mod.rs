//! A folder of another machine, over the system's ssh: by rsync or by sftp, with whatever keys, agents and hosts the
//! user's ssh knows. Neither needs a shell or the other one at the other end.
//!
//! Two publishes are kept apart by the manifest: it is read again after it was written, and once more before
//! anything is deleted.

pub(crate) mod rsync;
pub(crate) mod sftp;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::path::OutputPath;
use crate::publish::backends::tool::complaint;
use crate::publish::backends::{Backend, BackendError, PublishStart};

/// ssh does not prompt, prints errors only, and gives up on a machine that does not answer.
const OPTIONS: [&str; 5] = [
    "-oBatchMode=yes",
    "-oLogLevel=ERROR",
    "-oConnectTimeout=20",
    "-oServerAliveInterval=15",
    "-oServerAliveCountMax=4",
];

/// Files on their way, in a temporary folder.
struct Staging {
    folder: PathBuf,
    next: AtomicUsize,
}

impl Staging {
    /// In a folder that is ours, and empty.
    fn new(folder: PathBuf) -> Self {
        Self { folder, next: AtomicUsize::new(0) }
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<PathBuf, BackendError> {
        let file = self.folder.join(name);
        let folder = file.parent().expect("a file is in a folder");
        let written = fs::create_dir_all(folder).and_then(|()| fs::write(&file, bytes));
        written.map_err(|error| {
            BackendError::permanent(format!("cannot write `{}`: {error}", file.display())).caused_by(error)
        })?;
        Ok(file)
    }

    fn fresh(&self, name: &str) -> String {
        format!("{}/{name}", self.next.fetch_add(1, Ordering::Relaxed))
    }
}

/// Stores the manifest of a publish that begins, unless another one is there than was. Without a way to do both at
/// once it is read again afterwards.
fn begin_by_reading_again(
    target: &dyn Backend,
    opening: &PublishStart<'_>,
    store: impl Fn(&[u8]) -> Result<(), BackendError>,
) -> Result<(), BackendError> {
    if target.manifest()?.as_deref() != opening.old {
        return Err(BackendError::conflict());
    }
    store(opening.during)?;
    match target.manifest()?.as_deref() == Some(opening.during) {
        true => Ok(()),
        false => Err(BackendError::conflict()),
    }
}

fn read(file: &Path) -> Result<Vec<u8>, BackendError> {
    fs::read(file).map_err(|error| {
        BackendError::permanent(format!("cannot read `{}`: {error}", file.display())).caused_by(error)
    })
}

fn absolute(file: &Path) -> Result<PathBuf, BackendError> {
    std::path::absolute(file).map_err(|error| {
        BackendError::permanent(format!("cannot find `{}`: {error}", file.display())).caused_by(error)
    })
}

/// The folders of some paths, the deepest first.
fn folders_of<'p>(batch: &[&'p OutputPath]) -> Vec<&'p str> {
    let paths = batch.iter().map(|path| path.as_str());
    let mut all: Vec<&str> =
        paths.flat_map(|path| path.match_indices('/').map(move |(at, _)| &path[..at])).collect();
    all.sort_unstable_by_key(|folder| (std::cmp::Reverse(folder.matches('/').count()), *folder));
    all.dedup();
    all
}

/// What the listing of a folder says of one name.
enum Listing {
    /// The folder has an entry of that name.
    Has,
    /// The folder has no entry of that name.
    Lacks,
    /// The folder is not there, or cannot be listed.
    Unknown(BackendError),
}

/// Whether a file is there. Servers differ in what they say of a missing file, so a listing decides: that of its folder or,
/// where the folder cannot be listed, that of the nearest folder above it that can. `list` fails if the connection does.
fn is_there(
    folder: &str,
    name: &str,
    list: impl Fn(&str, &str) -> Result<Listing, BackendError>,
) -> Result<bool, BackendError> {
    let refused = match list(folder, name)? {
        Listing::Has => return Ok(true),
        Listing::Lacks => return Ok(false),
        Listing::Unknown(failure) => failure,
    };
    let mut below = folder;
    while let Some((above, entry)) = parent(below) {
        match list(above, entry)? {
            // The folder is there and keeps to itself what is in it.
            Listing::Has => break,
            Listing::Lacks => return Ok(false),
            Listing::Unknown(_) => below = above,
        }
    }
    Err(refused)
}

/// The folder that a folder of another machine is in, and its name there. A folder whose name says nothing about the one
/// above it, such as `~` or `..`, has none.
fn parent(folder: &str) -> Option<(&str, &str)> {
    let (above, name) = match folder.rsplit_once('/') {
        Some(("", name)) => ("/", name),
        Some((above, name)) => (above.trim_end_matches('/'), name),
        None if folder.starts_with('~') => return None,
        None => (".", folder),
    };
    let is_name = !matches!(name, "" | "." | "..");
    is_name.then_some((if above.is_empty() { "/" } else { above }, name))
}

/// The exit status of ssh, and of what runs it, if there is no connection. Whatever else fails is an answer of the other
/// machine.
const NO_CONNECTION: i32 = 255;

/// What ssh, and a program that runs it, make of what went wrong.
fn ssh_failure(program: &str, output: &Output, passing: &[i32]) -> BackendError {
    let said = complaint(&output.stderr);
    let reason = if said.is_empty() {
        format!("{program} ended with {}", output.status)
    } else {
        let said = said.strip_prefix(program).and_then(|rest| rest.strip_prefix(": ")).unwrap_or(&said);
        format!("{program}: {said}")
    };
    let is_final = [
        "Permission denied",
        "Host key verification failed",
        "No such file",
        "No space left",
        "Could not resolve",
        // What `rrsync` does not allow.
        "is not allowed",
        "has been disabled",
    ]
    .into_iter()
    .any(|sign| reason.contains(sign));
    let code = output.status.code().unwrap_or(NO_CONNECTION);
    let may_pass = !is_final && (code == NO_CONNECTION || passing.contains(&code));
    if may_pass { BackendError::transient(reason) } else { BackendError::permanent(reason) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether `FOLDER/file` is there on a machine that lists these folders: `FOLDER=name name`.
    fn found(folder: &str, folders: &[&str]) -> Result<bool, String> {
        let list = |folder: &str, name: &str| {
            let listed = folders.iter().filter_map(|line| line.split_once('=')).find(|(at, _)| *at == folder);
            Ok(match listed {
                Some((_, names)) if names.split(' ').any(|entry| entry == name) => Listing::Has,
                Some(_) => Listing::Lacks,
                None => Listing::Unknown(BackendError::permanent(format!("cannot list {folder}"))),
            })
        };
        is_there(folder, "file", list).map_err(|failure| failure.reason)
    }

    #[test]
    fn a_listing_says_whether_a_file_is_there() {
        assert_eq!(found("site", &["site=a file"]), Ok(true));
        assert_eq!(found("site", &["site=a"]), Ok(false));
        assert_eq!(found("site", &[".=other"]), Ok(false));
        assert_eq!(found("a/b/c", &[".=other", "a/b/d="]), Ok(false));
        assert_eq!(found("/srv/www/blog", &["/=srv", "/srv=home"]), Ok(false));
        assert_eq!(found("~/site", &["~=x"]), Ok(false));
        assert_eq!(found("site", &[".=site"]), Err("cannot list site".to_owned()));
        assert_eq!(found("/srv/blog", &["/=srv"]), Err("cannot list /srv/blog".to_owned()));
        assert_eq!(found("~", &[".=x"]), Err("cannot list ~".to_owned()));
        assert_eq!(found("..", &[".=x"]), Err("cannot list ..".to_owned()));
    }

    #[test]
    fn a_connection_that_fails_says_nothing_about_a_file() {
        let failure =
            is_there("site", "file", |_, _| Err(BackendError::transient("no connection"))).unwrap_err();
        assert_eq!(failure.reason, "no connection");
        let list = |folder: &str, _: &str| match folder {
            "site" => Ok(Listing::Unknown(BackendError::permanent("cannot list"))),
            _ => Err(BackendError::transient("connection lost")),
        };
        assert_eq!(is_there("site", "file", list).unwrap_err().reason, "connection lost");
    }

    #[test]
    fn a_folder_is_in_the_one_above_it() {
        assert_eq!(parent("a/b"), Some(("a", "b")));
        assert_eq!(parent("a//b"), Some(("a", "b")));
        assert_eq!(parent("a"), Some((".", "a")));
        assert_eq!(parent("/a"), Some(("/", "a")));
        assert_eq!(parent("//a"), Some(("/", "a")));
        assert_eq!(parent("~/a"), Some(("~", "a")));
        for folder in ["~", "~me", ".", "..", "a/..", "a/.", "/"] {
            assert_eq!(parent(folder), None, "{folder}");
        }
    }

    #[test]
    fn folders_are_removed_from_below() {
        let paths = ["a/b/c", "a/d", "e"].map(|path| OutputPath::new(path).unwrap());
        assert_eq!(folders_of(&paths.iter().collect::<Vec<_>>()), ["a/b", "a"]);
    }
}
