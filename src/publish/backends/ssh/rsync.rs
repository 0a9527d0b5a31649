//! By rsync, which is also asked what is there and told what to delete: some hosts allow nothing else.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use crate::config::publish::SshTarget;
use crate::path::OutputPath;
use crate::publish::backends::ssh::{
    Listing, NO_CONNECTION, OPTIONS, Staging, absolute, begin_by_reading_again, folders_of, is_there, parent,
    read, ssh_failure,
};
use crate::publish::backends::tool::run;
use crate::publish::backends::{Backend, BackendError, Capabilities, PublishStart, Visibility};
use crate::publish::desired::DesiredFiles;
use crate::publish::manifest;
use crate::sys::process;

/// A folder of another machine, by rsync.
pub(crate) struct Rsync {
    shell: SshTarget,
    staging: Staging,
}

impl Rsync {
    /// The folder; `staging` is ours, and empty.
    pub(crate) fn new(shell: SshTarget, staging: PathBuf) -> Self {
        Self { shell, staging: Staging::new(staging) }
    }

    /// The ssh command that rsync runs.
    fn ssh(&self) -> String {
        let words = OPTIONS.into_iter().chain(self.shell.ssh.iter().map(String::as_str));
        let words: Vec<String> = words.map(|word| format!("'{word}'")).collect();
        format!("ssh {}", words.join(" "))
    }

    fn there(&self, path: &str) -> String {
        self.address(&format!("{}/{path}", self.shell.folder))
    }

    /// A path of the other machine, as rsync takes it.
    fn address(&self, path: &str) -> String {
        let host = if self.shell.host.contains(':') {
            format!("[{}]", self.shell.host)
        } else {
            self.shell.host.clone()
        };
        format!("{host}:{path}")
    }

    fn run(&self, arguments: &[&str], list: &[u8]) -> Result<Output, BackendError> {
        let mut command = process::command("rsync");
        if !is_plain(&self.shell.folder) {
            // Only where it is needed: hosts that allow rsync and nothing else often refuse it.
            command.arg("--protect-args");
        }
        command.args(["-e", &self.ssh()]).args(arguments).env("LC_ALL", "C");
        run(&mut command, list)
    }

    fn checked(&self, arguments: &[&str], list: &[u8]) -> Result<(), BackendError> {
        let output = self.run(arguments, list)?;
        if output.status.success() { Ok(()) } else { Err(rsync_failure(&output)) }
    }

    /// An empty temporary folder.
    fn fresh_folder(&self) -> Result<PathBuf, BackendError> {
        let folder = self.staging.folder.join(self.staging.fresh("empty"));
        fs::create_dir_all(&folder).map_err(|error| {
            BackendError::permanent(format!("cannot make `{}`: {error}", folder.display())).caused_by(error)
        })?;
        Ok(folder)
    }

    /// Asks for the entry of a name in a folder. What is listed is the folder itself, and the entry.
    fn list(&self, folder: &str, name: &str) -> Result<Listing, BackendError> {
        let only = format!("--include=/{}", pattern(name));
        let folder = self.address(&format!("{}/", folder.trim_end_matches('/')));
        let output = self.run(&["--list-only", &only, "--exclude=*", &folder], b"")?;
        match output.status.code() {
            Some(0) if String::from_utf8_lossy(&output.stdout).lines().count() > 1 => Ok(Listing::Has),
            Some(0) => Ok(Listing::Lacks),
            Some(NO_CONNECTION) | None => Err(rsync_failure(&output)),
            Some(_) => Ok(Listing::Unknown(rsync_failure(&output))),
        }
    }

    /// Makes the folders above the target's own, which rsync makes by itself.
    fn make_parents(&self) -> Result<(), BackendError> {
        let Some((above, _)) = parent(&self.shell.folder) else { return Ok(()) };
        let (mut nearest, mut missing) = (above, Vec::new());
        while let Listing::Unknown(_) = self.list(nearest, manifest::FILE_NAME)? {
            // A host that lists nothing above the folder may have it all the same.
            let Some((next, name)) = parent(nearest) else { return Ok(()) };
            missing.insert(0, name);
            nearest = next;
        }
        if missing.is_empty() {
            return Ok(());
        }
        let from = self.fresh_folder()?;
        let folders: Vec<String> = (1..=missing.len()).map(|depth| missing[..depth].join("/")).collect();
        for folder in &folders {
            let here = from.join(folder);
            fs::create_dir_all(&here).map_err(|error| {
                BackendError::permanent(format!("cannot make `{}`: {error}", here.display())).caused_by(error)
            })?;
        }
        let from = format!("{}/", absolute(&from)?.display());
        let to = self.address(&format!("{}/", nearest.trim_end_matches('/')));
        self.checked(
            &["--chmod=D755", "--files-from=-", "--from0", &from, &to],
            folders.join("\0").as_bytes(),
        )
    }

    /// Takes files away, or folders with nothing in them. rsync deletes what is listed and missing here; whatever is not
    /// listed stays.
    fn take_away(&self, paths: &[&str]) -> Result<(), BackendError> {
        let from = format!("{}/", absolute(&self.fresh_folder()?)?.display());
        let arguments = [
            "--no-implied-dirs",
            "--delete-missing-args",
            "--files-from=-",
            "--from0",
            &from,
            &self.there(""),
        ];
        let output = self.run(&arguments, paths.join("\0").as_bytes())?;
        match output.status.code() {
            // "Vanished" is what it says of the folders that are missing here as well.
            Some(0 | 24) => Ok(()),
            _ => Err(rsync_failure(&output)),
        }
    }

    /// Sends files of one folder under the names they have there.
    fn send(&self, from: &Path, paths: &[&str]) -> Result<(), BackendError> {
        if paths.is_empty() {
            return Ok(());
        }
        let from = format!("{}/", absolute(from)?.display());
        // What is listed differs, whatever time and size say. All of a batch becomes visible when all is there.
        let arguments = [
            "--times",
            "--ignore-times",
            "--compress",
            "--delay-updates",
            "--chmod=D755,F644",
            "--files-from=-",
            "--from0",
            &from,
            &self.there(""),
        ];
        self.checked(&arguments, paths.join("\0").as_bytes())
    }
}

impl Backend for Rsync {
    fn capabilities(&self) -> Capabilities {
        Capabilities { workers: 1, batch: 500, visibility: Visibility::Immediate }
    }

    fn manifest(&self) -> Result<Option<Vec<u8>>, BackendError> {
        let copy = self.fresh_folder()?.join(manifest::FILE_NAME);
        let copy_name = copy.display().to_string();
        let output = self.run(&["--ignore-times", &self.there(manifest::FILE_NAME), &copy_name], b"")?;
        if output.status.success() {
            return read(&copy).map(Some);
        }
        let failure = rsync_failure(&output);
        if matches!(output.status.code(), Some(NO_CONNECTION) | None) {
            return Err(failure);
        }
        match is_there(&self.shell.folder, manifest::FILE_NAME, |folder, name| self.list(folder, name))? {
            true => Err(failure),
            false => Ok(None),
        }
    }

    /// rsync is asked what it would replace if it were to send all of them.
    fn taken(&self, paths: &[&OutputPath]) -> Result<Vec<OutputPath>, BackendError> {
        let folder = self.staging.fresh("names");
        for path in paths {
            self.staging.write(&format!("{folder}/{path}"), b"")?;
        }
        let from = format!("{}/", absolute(&self.staging.folder.join(folder))?.display());
        let arguments = [
            "--dry-run",
            "--existing",
            "--ignore-times",
            "--out-format=%n",
            "--8-bit-output",
            "--files-from=-",
            "--from0",
            &from,
            &self.there(""),
        ];
        let list: Vec<&str> = paths.iter().map(|path| path.as_str()).collect();
        let output = self.run(&arguments, list.join("\0").as_bytes())?;
        if !output.status.success() {
            let failure = rsync_failure(&output);
            // Some releases fail where the folder itself is still to be made.
            return match parent(&self.shell.folder) {
                Some((above, name)) if !is_there(above, name, |above, name| self.list(above, name))? => {
                    Ok(Vec::new())
                }
                _ => Err(failure),
            };
        }
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let names: BTreeSet<&str> = said.lines().collect();
        Ok(paths
            .iter()
            .filter(|path| names.contains(&*printed(path.as_str())))
            .map(|path| (*path).clone())
            .collect())
    }

    fn begin(&self, opening: &PublishStart<'_>) -> Result<(), BackendError> {
        begin_by_reading_again(self, opening, |bytes| {
            if opening.old.is_none() {
                self.make_parents()?;
            }
            self.finish(bytes)
        })
    }

    fn upload(&self, batch: &[&OutputPath], desired: &DesiredFiles) -> Result<(), BackendError> {
        let (mut outputs, mut made) = (Vec::new(), Vec::new());
        let staging = self.staging.fresh("made");
        for path in batch {
            let bytes = desired.bytes(path)?;
            if desired.is_output(path) {
                outputs.push(path.as_str());
            } else {
                self.staging.write(&format!("{staging}/{path}"), &bytes)?;
                made.push(path.as_str());
            }
        }
        self.send(desired.folder(), &outputs)?;
        self.send(&self.staging.folder.join(staging), &made)
    }

    fn delete(&self, batch: &[&OutputPath]) -> Result<(), BackendError> {
        let paths: Vec<&str> = batch.iter().map(|path| path.as_str()).collect();
        self.take_away(&paths)?;
        // A folder is looked at before what is in it, so each depth needs a run of its own.
        for folders in folders_of(batch).chunk_by(|a, b| a.matches('/').count() == b.matches('/').count()) {
            self.take_away(folders)?;
        }
        Ok(())
    }

    fn finish(&self, manifest: &[u8]) -> Result<(), BackendError> {
        let staging = self.staging.fresh("manifest");
        self.staging.write(&format!("{staging}/{}", manifest::FILE_NAME), manifest)?;
        self.send(&self.staging.folder.join(staging), &[manifest::FILE_NAME])
    }
}

/// Whether a folder needs no quotes in any shell.
fn is_plain(folder: &str) -> bool {
    folder.chars().all(|c| c.is_ascii_alphanumeric() || "/._~-+@%=,".contains(c))
}

/// A name as a pattern of rsync that fits nothing else: a backslash means itself unless there is a wildcard (rsync(1),
/// "PATTERN MATCHING RULES").
fn pattern(name: &str) -> String {
    if !name.contains(['*', '?', '[']) {
        return name.to_owned();
    }
    name.chars().flat_map(|c| "*?[\\".contains(c).then_some('\\').into_iter().chain([c])).collect()
}

/// What rsync makes of what went wrong. Connections that broke, or were never made, may pass (rsync(1), "EXIT VALUES").
fn rsync_failure(output: &Output) -> BackendError {
    ssh_failure("rsync", output, &[10, 12, 30, 35])
}

/// A name as rsync prints it: a control character as `\#` and three octal digits, and a backslash that would be read as
/// the beginning of one (rsync(1), `--8-bit-output`).
fn printed(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for (at, c) in name.char_indices() {
        let digits = name[at..].strip_prefix("\\#").and_then(|rest| rest.as_bytes().get(..3));
        let is_escape = digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_digit));
        if c.is_ascii_control() || is_escape {
            text.push_str(&format!("\\#{:03o}", u32::from(c)));
        } else {
            text.push(c);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_again_in_what_rsync_prints() {
        assert_eq!(printed("a/we ird[1]*.txt"), "a/we ird[1]*.txt");
        assert_eq!(printed("we\nird\\#012.txt"), "we\\#012ird\\#134#012.txt");
        assert_eq!(printed("ü\\#01"), "ü\\#01");
    }

    #[test]
    fn a_name_is_a_pattern_of_itself() {
        assert_eq!(pattern("a site"), "a site");
        assert_eq!(pattern("a\\b"), "a\\b");
        assert_eq!(pattern("a\\b[1]*?"), "a\\\\b\\[1]\\*\\?");
    }

    #[test]
    fn a_folder_that_a_shell_would_split_is_not_plain() {
        assert!(is_plain("/srv/www/blog-1") && is_plain("~/site"));
        assert!(!is_plain("/srv/a site") && !is_plain("$HOME/x") && !is_plain("a;b"));
    }
}
