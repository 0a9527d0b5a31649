//! A folder of another machine, over the system's ssh: by rsync or by sftp, with whatever keys, agents and hosts the
//! user's ssh knows. Neither needs a shell at the other end; rsync leaves deleting to sftp.
//!
//! Two publishes are kept apart by the manifest: it is read again after it was written, and once more before
//! anything is deleted.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::config::publish::Shell;
use crate::hash::Hash;
use crate::path::OutputPath;
use crate::publish::local::Local;
use crate::publish::manifest;
use crate::publish::target::tool::{complaint, run};
use crate::publish::target::{Failure, Manner, Opening, Seen, Target};

/// ssh asks nobody, and gives up on a machine that does not answer.
const OPTIONS: [&str; 4] =
    ["-oBatchMode=yes", "-oConnectTimeout=20", "-oServerAliveInterval=15", "-oServerAliveCountMax=4"];

/// A file that is put there, and the name it has here.
struct Parcel<'a> {
    path: &'a str,
    file: PathBuf,
}

/// Files on their way, in a folder of ours.
struct Staging {
    folder: PathBuf,
    next: AtomicUsize,
}

impl Staging {
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

/// A folder of another machine, by sftp.
pub struct Sftp {
    shell: Shell,
    staging: Staging,
    /// Folders that are known to be there.
    folders: Mutex<BTreeSet<String>>,
}

impl Sftp {
    /// The folder; `staging` is ours, and empty.
    pub fn new(shell: Shell, staging: PathBuf) -> Self {
        let staging = Staging { folder: staging, next: AtomicUsize::new(0) };
        Self { shell, staging, folders: Mutex::default() }
    }

    fn run(&self, commands: &str) -> Result<Output, Failure> {
        let mut command = Command::new("sftp");
        command.args(OPTIONS).args(&self.shell.ssh).args(["-q", "-b", "-", &self.shell.host]);
        command.env("LC_ALL", "C");
        run(&mut command, commands.as_bytes())
    }

    fn checked(&self, commands: &str) -> Result<Output, Failure> {
        let output = self.run(commands)?;
        if output.status.success() { Ok(output) } else { Err(ssh_failure("sftp", &output, &[])) }
    }

    fn there(&self, path: &str) -> String {
        format!("{}/{path}", self.shell.folder)
    }

    /// Commands that make the folders of a path that are not known to be there.
    fn make_folders(&self, path: &str) -> String {
        let mut known = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        let mut commands = String::new();
        for (at, _) in path.match_indices('/').filter(|(at, _)| *at > 0) {
            if known.insert(path[..at].to_owned()) {
                // Most are there already, which is a failure to sftp.
                commands.push_str(&format!("-mkdir {}\n", word(&path[..at])));
            }
        }
        commands
    }

    fn put(&self, parcels: &[Parcel<'_>]) -> Result<(), Failure> {
        let mut commands = String::new();
        for parcel in parcels {
            let there = self.there(parcel.path);
            let beside = beside(&there);
            commands.push_str(&self.make_folders(&there));
            commands.push_str(&format!(
                "put {} {}\n",
                word(&parcel.file.display().to_string()),
                word(&beside)
            ));
            commands.push_str(&format!("rename {} {}\n", word(&beside), word(&there)));
        }
        let done = self.checked(&commands).map(|_| ());
        if done.is_err() {
            // Which of them were made is not known.
            self.folders.lock().unwrap_or_else(PoisonError::into_inner).clear();
        }
        done
    }
}

impl Target for Sftp {
    fn manner(&self) -> Manner {
        Manner { workers: 2, batch: 100, seen: Seen::AtOnce }
    }

    fn manifest(&self) -> Result<Option<Vec<u8>>, Failure> {
        let copy = self.staging.write(&self.staging.fresh(manifest::FILE_NAME), b"")?;
        let there = word(&self.there(manifest::FILE_NAME));
        let output = self.run(&format!("get {there} {}\n", word(&copy.display().to_string())))?;
        if output.status.success() {
            return read(&copy).map(Some);
        }
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        match ["not found", "No such file"].into_iter().any(|sign| said.contains(sign)) {
            true => Ok(None),
            false => Err(ssh_failure("sftp", &output, &[])),
        }
    }

    fn taken(&self, paths: &[&OutputPath]) -> Result<Vec<OutputPath>, Failure> {
        let commands: String =
            paths.iter().map(|path| format!("-ls -1 {}\n", word(&self.there(path.as_str())))).collect();
        let output = self.checked(&commands)?;
        // Each command is repeated, and below it stands what it found; names are not compared, as sftp writes many
        // of them in another way.
        let said = format!("\n{}", String::from_utf8_lossy(&output.stdout));
        let found = said.split("\nsftp> ").skip(1).map(|answer| answer.trim_end().lines().count() > 1);
        Ok(paths.iter().zip(found).filter(|(_, found)| *found).map(|(path, _)| (*path).clone()).collect())
    }

    fn begin(&self, opening: &Opening<'_>) -> Result<(), Failure> {
        begin_by_reading_again(self, opening, |bytes| {
            store(&self.staging, bytes, |parcel| self.put(&[parcel]))
        })
    }

    fn upload(&self, batch: &[&OutputPath], local: &Local) -> Result<(), Failure> {
        let mut parcels = Vec::with_capacity(batch.len());
        for path in batch {
            let bytes = local.bytes(path)?;
            let file = match local.on_disk(path) {
                Some(file) => absolute(&file)?,
                None => self.staging.write(&self.staging.fresh("file"), &bytes)?,
            };
            parcels.push(Parcel { path: path.as_str(), file });
        }
        self.put(&parcels)
    }

    fn delete(&self, batch: &[&OutputPath]) -> Result<(), Failure> {
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
            Some(line) => Err(Failure::for_good(format!("sftp: {line}"))),
            None => Ok(()),
        }
    }

    fn finish(&self, manifest: &[u8]) -> Result<(), Failure> {
        store(&self.staging, manifest, |parcel| self.put(&[parcel]))
    }
}

/// A folder of another machine, by rsync.
pub struct Rsync {
    shell: Shell,
    staging: Staging,
    sftp: Sftp,
}

impl Rsync {
    /// The folder; `staging` is ours, and empty.
    pub fn new(shell: Shell, staging: PathBuf) -> Self {
        let sftp = Sftp::new(shell.clone(), staging.join("sftp"));
        Self { shell, staging: Staging { folder: staging, next: AtomicUsize::new(0) }, sftp }
    }

    /// The ssh command that rsync runs.
    fn ssh(&self) -> String {
        let words = OPTIONS.into_iter().chain(self.shell.ssh.iter().map(String::as_str));
        let words: Vec<String> = words.map(|word| format!("'{word}'")).collect();
        format!("ssh {}", words.join(" "))
    }

    fn there(&self, path: &str) -> String {
        let host = if self.shell.host.contains(':') {
            format!("[{}]", self.shell.host)
        } else {
            self.shell.host.clone()
        };
        format!("{host}:{}/{path}", self.shell.folder)
    }

    fn run(&self, arguments: &[&str], list: &[u8]) -> Result<Output, Failure> {
        let mut command = Command::new("rsync");
        command.args(["--protect-args", "-e", &self.ssh()]).args(arguments).env("LC_ALL", "C");
        run(&mut command, list)
    }

    fn checked(&self, arguments: &[&str], list: &[u8]) -> Result<(), Failure> {
        let output = self.run(arguments, list)?;
        // Connections that broke, or were never made (rsync(1), "EXIT VALUES").
        if output.status.success() { Ok(()) } else { Err(ssh_failure("rsync", &output, &[10, 12, 30, 35])) }
    }

    /// Sends files of one folder under the names they have there.
    fn send(&self, from: &Path, paths: &[&str]) -> Result<(), Failure> {
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

impl Target for Rsync {
    fn manner(&self) -> Manner {
        Manner { workers: 1, batch: 500, seen: Seen::AtOnce }
    }

    fn manifest(&self) -> Result<Option<Vec<u8>>, Failure> {
        let copy = self.staging.folder.join(self.staging.fresh("manifest"));
        let copy_name = copy.display().to_string();
        fs::create_dir_all(copy.parent().expect("a file is in a folder"))
            .map_err(|error| Failure::for_good(format!("cannot make `{copy_name}`: {error}")))?;
        let output = self.run(&["--ignore-times", &self.there(manifest::FILE_NAME), &copy_name], b"")?;
        if output.status.success() {
            return read(&copy).map(Some);
        }
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        match output.status.code() {
            Some(3 | 23) if said.contains("No such file") => Ok(None),
            _ => Err(ssh_failure("rsync", &output, &[10, 12, 30, 35])),
        }
    }

    fn taken(&self, paths: &[&OutputPath]) -> Result<Vec<OutputPath>, Failure> {
        self.sftp.taken(paths)
    }

    fn begin(&self, opening: &Opening<'_>) -> Result<(), Failure> {
        begin_by_reading_again(self, opening, |bytes| self.finish(bytes))
    }

    fn upload(&self, batch: &[&OutputPath], local: &Local) -> Result<(), Failure> {
        let (mut outputs, mut made) = (Vec::new(), Vec::new());
        let staging = self.staging.fresh("made");
        for path in batch {
            let bytes = local.bytes(path)?;
            if local.is_output(path) {
                outputs.push(path.as_str());
            } else {
                self.staging.write(&format!("{staging}/{path}"), &bytes)?;
                made.push(path.as_str());
            }
        }
        self.send(local.folder(), &outputs)?;
        self.send(&self.staging.folder.join(staging), &made)
    }

    /// rsync deletes what is missing here, which is not what is ours there; sftp deletes what it is told to.
    fn delete(&self, batch: &[&OutputPath]) -> Result<(), Failure> {
        self.sftp.delete(batch)
    }

    fn finish(&self, manifest: &[u8]) -> Result<(), Failure> {
        let staging = self.staging.fresh("manifest");
        self.staging.write(&format!("{staging}/{}", manifest::FILE_NAME), manifest)?;
        self.send(&self.staging.folder.join(staging), &[manifest::FILE_NAME])
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

fn store(
    staging: &Staging,
    bytes: &[u8],
    put: impl FnOnce(Parcel<'_>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let file = staging.write(&staging.fresh(manifest::FILE_NAME), bytes)?;
    put(Parcel { path: manifest::FILE_NAME, file })
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

/// A name beside a file's, the same each time: what a killed publish left is found by the next one.
fn beside(path: &str) -> String {
    let (folder, name) = path.rsplit_once('/').unwrap_or((".", path));
    format!("{folder}/.{}.new", Hash::of(name.as_bytes()).short_hex())
}

/// A word of a batch file of sftp: between quotes, which also keep `*` from being a pattern.
fn word(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// What ssh, and a program that runs it, make of what went wrong.
fn ssh_failure(program: &str, output: &Output, passing: &[i32]) -> Failure {
    let said = complaint(&output.stderr);
    let reason = if said.is_empty() {
        format!("{program} ended with {}", output.status)
    } else {
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
