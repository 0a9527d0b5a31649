//! A folder of another machine, over the system's ssh: by rsync or by sftp, with whatever keys, agents and hosts the
//! user's ssh knows. Neither needs a shell or the other one at the other end.
//!
//! Two publishes are kept apart by the manifest: it is read again after it was written, and once more before
//! anything is deleted.

pub mod rsync;
pub mod sftp;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::path::OutputPath;
use crate::publish::target::tool::complaint;
use crate::publish::target::{Failure, Opening, Target};

/// ssh asks nobody, says only what is wrong, and gives up on a machine that does not answer.
const OPTIONS: [&str; 5] = [
    "-oBatchMode=yes",
    "-oLogLevel=ERROR",
    "-oConnectTimeout=20",
    "-oServerAliveInterval=15",
    "-oServerAliveCountMax=4",
];

/// Files on their way, in a folder of ours.
struct Staging {
    folder: PathBuf,
    next: AtomicUsize,
}

impl Staging {
    /// In a folder that is ours, and empty.
    fn new(folder: PathBuf) -> Self {
        Self { folder, next: AtomicUsize::new(0) }
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<PathBuf, Failure> {
        let file = self.folder.join(name);
        let folder = file.parent().expect("a file is in a folder");
        let written = fs::create_dir_all(folder).and_then(|()| fs::write(&file, bytes));
        written.map_err(|error| Failure::for_good(format!("cannot write `{}`: {error}", file.display())))?;
        Ok(file)
    }

    fn fresh(&self, name: &str) -> String {
        format!("{}/{name}", self.next.fetch_add(1, Ordering::Relaxed))
    }
}

/// Stores the manifest of a publish that begins, unless another one is there than was. Without a way to do both at
/// once it is read again afterwards.
fn begin_by_reading_again(
    target: &dyn Target,
    opening: &Opening<'_>,
    store: impl Fn(&[u8]) -> Result<(), Failure>,
) -> Result<(), Failure> {
    if target.manifest()?.as_deref() != opening.old {
        return Err(Failure::overtaken());
    }
    store(opening.during)?;
    match target.manifest()?.as_deref() == Some(opening.during) {
        true => Ok(()),
        false => Err(Failure::overtaken()),
    }
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(file).map_err(|error| Failure::for_good(format!("cannot read `{}`: {error}", file.display())))
}

fn absolute(file: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(file)
        .map_err(|error| Failure::for_good(format!("cannot find `{}`: {error}", file.display())))
}

/// The folders of some paths, the deepest first.
fn folders_of<'p>(batch: &[&'p OutputPath]) -> Vec<&'p str> {
    let folders = |path: &'p str| path.match_indices('/').map(move |(at, _)| &path[..at]);
    let mut all: Vec<&str> = batch.iter().flat_map(|path| folders(path.as_str())).collect();
    all.sort_unstable_by_key(|folder| (std::cmp::Reverse(folder.matches('/').count()), *folder));
    all.dedup();
    all
}

/// What ssh, and a program that runs it, make of what went wrong.
fn ssh_failure(program: &str, output: &Output, passing: &[i32]) -> Failure {
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
    ]
    .into_iter()
    .any(|sign| reason.contains(sign));
    let code = output.status.code().unwrap_or(255);
    let may_pass = !is_final && (code == 255 || passing.contains(&code));
    if may_pass { Failure::passing(reason) } else { Failure::for_good(reason) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_removed_from_below() {
        let paths = ["a/b/c", "a/d", "e"].map(|path| OutputPath::new(path).unwrap());
        assert_eq!(folders_of(&paths.iter().collect::<Vec<_>>()), ["a/b", "a"]);
    }
}
