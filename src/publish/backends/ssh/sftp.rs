//! By sftp: each file arrives under another name and is renamed.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Output;

use parking_lot::Mutex;

use crate::config::publish::SshTarget;
use crate::hash::Hash;
use crate::path::OutputPath;
use crate::publish::backends::ssh::{
    Listing, OPTIONS, Staging, absolute, begin_by_reading_again, folders_of, is_there, read, ssh_failure,
};
use crate::publish::backends::tool::run;
use crate::publish::backends::{Backend, BackendError, Capabilities, PublishStart, Visibility};
use crate::publish::desired::DesiredFiles;
use crate::publish::manifest;
use crate::sys::process;

/// A file that is put there, and the name it has here.
struct UploadFile<'a> {
    path: &'a str,
    file: PathBuf,
}

/// A folder of another machine, by sftp.
pub(crate) struct Sftp {
    shell: SshTarget,
    staging: Staging,
    /// Folders that are known to be there.
    folders: Mutex<BTreeSet<String>>,
}

impl Sftp {
    /// The folder; `staging` is ours, and empty.
    pub(crate) fn new(shell: SshTarget, staging: PathBuf) -> Self {
        Self { shell, staging: Staging::new(staging), folders: Mutex::default() }
    }

    fn run(&self, commands: &str) -> Result<Output, BackendError> {
        let mut command = process::command("sftp");
        command.args(OPTIONS).args(&self.shell.ssh).args(["-b", "-", &self.shell.host]);
        command.env("LC_ALL", "C");
        run(&mut command, commands.as_bytes())
    }

    fn checked(&self, commands: &str) -> Result<Output, BackendError> {
        let output = self.run(commands)?;
        if output.status.success() { Ok(output) } else { Err(ssh_failure("sftp", &output, &[])) }
    }

    fn there(&self, path: &str) -> String {
        format!("{}/{path}", self.shell.folder)
    }

    /// Asks for the entry of a name in a folder.
    fn list(&self, folder: &str, name: &str) -> Result<Listing, BackendError> {
        let output = self.checked(&format!("-ls -1a {}\n", word(folder)))?;
        let said = String::from_utf8_lossy(&output.stdout);
        // The first line repeats the command. Even an empty folder has `.` and `..` in it.
        let mut entries = said.lines().skip(1).map(|line| line.rsplit('/').next().unwrap_or(line)).peekable();
        if entries.peek().is_none() {
            return Ok(Listing::Unknown(ssh_failure("sftp", &output, &[])));
        }
        let shown = printed(name);
        Ok(if entries.any(|entry| entry == name || entry == shown) { Listing::Has } else { Listing::Lacks })
    }

    /// The folders of some paths that are not known to be there, each after the one it stands in.
    fn missing_folders(&self, files: &[UploadFile<'_>]) -> BTreeSet<String> {
        let known = self.folders.lock();
        let mut missing = BTreeSet::new();
        for file in files {
            let there = self.there(file.path);
            let folders = there.match_indices('/').filter(|(at, _)| *at > 0).map(|(at, _)| &there[..at]);
            missing.extend(folders.filter(|folder| !known.contains(*folder)).map(str::to_owned));
        }
        missing
    }

    fn put(&self, files: &[UploadFile<'_>]) -> Result<(), BackendError> {
        let folders = self.missing_folders(files);
        // Most are there already, or another batch makes them at the same time, which is a failure to sftp.
        let mut commands: String =
            folders.iter().map(|folder| format!("-mkdir {}\n", word(folder))).collect();
        for file in files {
            let there = self.there(file.path);
            let beside = beside(&there);
            let file = word(&file.file.display().to_string());
            commands.push_str(&format!("put {file} {}\n", word(&beside)));
            commands.push_str(&format!("rename {} {}\n", word(&beside), word(&there)));
        }
        self.checked(&commands)?;
        // Not before: another batch would count on folders that are still to be made.
        self.folders.lock().extend(folders);
        Ok(())
    }
}

impl Backend for Sftp {
    fn capabilities(&self) -> Capabilities {
        Capabilities { workers: 2, batch: 100, visibility: Visibility::Immediate }
    }

    fn manifest(&self) -> Result<Option<Vec<u8>>, BackendError> {
        let copy = self.staging.write(&self.staging.fresh(manifest::FILE_NAME), b"")?;
        let there = word(&self.there(manifest::FILE_NAME));
        let output = self.run(&format!("get {there} {}\n", word(&copy.display().to_string())))?;
        if output.status.success() {
            return read(&copy).map(Some);
        }
        let failure = ssh_failure("sftp", &output, &[]);
        // Whatever else it ends with, there is no connection.
        if output.status.code() != Some(1) {
            return Err(failure);
        }
        match is_there(&self.shell.folder, manifest::FILE_NAME, |folder, name| self.list(folder, name))? {
            true => Err(failure),
            false => Ok(None),
        }
    }

    fn taken(&self, paths: &[&OutputPath]) -> Result<Vec<OutputPath>, BackendError> {
        let commands: String =
            paths.iter().map(|path| format!("-ls -1 {}\n", word(&self.there(path.as_str())))).collect();
        let output = self.checked(&commands)?;
        // Each command is repeated, and below it stands what it found; names are not compared, as sftp writes many
        // of them in another way.
        let said = format!("\n{}", String::from_utf8_lossy(&output.stdout));
        let found = said.split("\nsftp> ").skip(1).map(|answer| answer.trim_end().lines().count() > 1);
        Ok(paths.iter().zip(found).filter(|(_, found)| *found).map(|(path, _)| (*path).clone()).collect())
    }

    fn begin(&self, opening: &PublishStart<'_>) -> Result<(), BackendError> {
        begin_by_reading_again(self, opening, |bytes| store(&self.staging, bytes, |file| self.put(&[file])))
    }

    fn upload(&self, batch: &[&OutputPath], desired: &DesiredFiles) -> Result<(), BackendError> {
        let mut files = Vec::with_capacity(batch.len());
        for path in batch {
            let bytes = desired.bytes(path)?;
            let file = match desired.on_disk(path) {
                Some(file) => absolute(&file)?,
                None => self.staging.write(&self.staging.fresh("file"), &bytes)?,
            };
            files.push(UploadFile { path: path.as_str(), file });
        }
        self.put(&files)
    }

    fn delete(&self, batch: &[&OutputPath]) -> Result<(), BackendError> {
        let mut commands = String::new();
        for path in batch {
            let there = self.there(path.as_str());
            commands.push_str(&format!("-rm {}\n-rm {}\n", word(&there), word(&beside(&there))));
        }
        // A folder with anything in it is not removed by this.
        for folder in folders_of(batch) {
            commands.push_str(&format!("-rmdir {}\n", word(&self.there(folder))));
        }
        let output = self.checked(&commands)?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let refused = said.lines().find(|line| {
            (line.contains("delete") || line.contains("remove")) && line.contains("ermission denied")
        });
        match refused {
            Some(line) => Err(BackendError::permanent(format!("sftp: {line}"))),
            None => Ok(()),
        }
    }

    fn finish(&self, manifest: &[u8]) -> Result<(), BackendError> {
        store(&self.staging, manifest, |file| self.put(&[file]))
    }
}

fn store(
    staging: &Staging,
    bytes: &[u8],
    put: impl FnOnce(UploadFile<'_>) -> Result<(), BackendError>,
) -> Result<(), BackendError> {
    let file = staging.write(&staging.fresh(manifest::FILE_NAME), bytes)?;
    put(UploadFile { path: manifest::FILE_NAME, file })
}

/// A name beside a file's, the same each time: what a killed publish left is found by the next one.
fn beside(path: &str) -> String {
    let (folder, name) = path.rsplit_once('/').unwrap_or((".", path));
    format!("{folder}/.{}.new", Hash::of(name.as_bytes()).short_hex())
}

/// A word of a batch file of sftp: between quotes, which also keep `*` from being a pattern.
fn word(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A name as sftp lists it where only ASCII is printed: every other byte as a backslash and three octal digits.
fn printed(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte.is_ascii() {
            true => text.push(char::from(byte)),
            false => text.push_str(&format!("\\{byte:03o}")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_again_in_what_sftp_lists() {
        assert_eq!(printed("a site\\b"), "a site\\b");
        assert_eq!(printed("ü x"), "\\303\\274 x");
    }
}
