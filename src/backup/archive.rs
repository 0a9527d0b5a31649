//! Writes an archive.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

use chrono::{DateTime, SecondsFormat, Utc};
use walkdir::{DirEntry, WalkDir};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::{ArchivedDatabase, BackupDescription, DATABASE, DESCRIPTION, FORMAT};
use crate::config::{Config, FILE_NAME};
use crate::engine::marker;
use crate::error::{Error, Result};
use crate::scan::STATE;
use crate::scan::symlinks::{LinkEnd, SymlinkRule};
use crate::sys::atomic_file;

/// What an archive is made from.
pub(crate) struct BackupInput<'a> {
    /// The site's folder.
    pub root: &'a Path,
    /// The file of settings.
    pub settings: &'a Path,
    pub config: &'a Config,
    /// The receiver's database, and the copy that is to stand for it.
    pub database: &'a Path,
    pub copy: Option<CopiedDatabase<'a>>,
    pub now: DateTime<Utc>,
}

/// A copy of a database.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CopiedDatabase<'a> {
    pub file: &'a Path,
    pub linkbacks: usize,
}

/// The file that an archive is written to. It is not there yet.
#[derive(Debug)]
pub(crate) struct BackupTarget(PathBuf);

/// What an archive holds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BackupSummary {
    pub files: usize,
    pub bytes: u64,
    /// What the site names and the archive does not hold, with the reason.
    pub left_out: Vec<Omission>,
}

/// A file that is not in an archive.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Omission {
    pub path: String,
    pub reason: String,
}

impl BackupTarget {
    /// The file that was named. In a folder it is named after the site and the moment.
    pub(crate) fn of(named: &Path, root: &Path, config: &Config, now: DateTime<Utc>) -> Result<Self> {
        let file = match named.is_dir() {
            true => named.join(format!(
                "{}-{}.zip",
                config.host().trim_matches(['[', ']']),
                now.format("%Y%m%dT%H%M%SZ")
            )),
            false => named.to_owned(),
        };
        if file.symlink_metadata().is_ok() {
            return Err(Error::Exists { path: file, what: "`backup`" });
        }
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let real = folder.canonicalize().map_err(Error::io("find", folder))?;
        if root.canonicalize().is_ok_and(|root| real.starts_with(root)) {
            return Err(Error::Argument {
                given: file.display().to_string(),
                reason: "this is in the folder of the site, and would be a part of the next backup; name another folder"
                    .to_owned(),
            });
        }
        Ok(Self(file))
    }

    /// Its path.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

/// Writes an archive. It appears under its name when all of it is on the disk.
pub(crate) fn write(input: &BackupInput<'_>, target: &BackupTarget) -> Result<BackupSummary> {
    let written = atomic_file::replace_with(target.path(), |file| {
        make_private(file)?;
        let mut archive = ArchiveWriter {
            zip: ZipWriter::new(file),
            rule: SymlinkRule::of(input.root, input.config),
            summary: BackupSummary { files: 0, bytes: 0, left_out: Vec::new() },
        };
        archive.fill(input)?;
        let ArchiveWriter { zip, mut summary, .. } = archive;
        let file = zip.finish().map_err(io::Error::other)?;
        file.sync_all()?;
        summary.bytes = file.metadata()?.len();
        Ok(summary)
    });
    let mut summary = written.map_err(Error::io("write", target.path()))?;
    summary.left_out.extend(secrets_elsewhere(input));
    Ok(summary)
}

/// An archive can hold the token of the moderation page, and always has addresses of senders.
#[cfg(unix)]
fn make_private(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(fs::Permissions::from_mode(0o600))
}

/// Elsewhere the folder decides.
#[cfg(not(unix))]
fn make_private(_: &File) -> io::Result<()> {
    Ok(())
}

/// Files of secrets that the settings name outside the site.
fn secrets_elsewhere(input: &BackupInput<'_>) -> Vec<Omission> {
    let settings = &input.config.linkbacks.moderation;
    let files = [&settings.token_file, &settings.webhook_secret_file];
    let outside =
        files.into_iter().flatten().filter(|file| entry_name(input.root, &input.root.join(file)).is_none());
    outside
        .map(|file| Omission {
            path: file.clone(),
            reason: "this secret is not in the folder of the site".to_owned(),
        })
        .collect()
}

/// An archive that is being written.
struct ArchiveWriter<W: Write + io::Seek> {
    zip: ZipWriter<W>,
    rule: SymlinkRule,
    summary: BackupSummary,
}

impl<W: Write + io::Seek> ArchiveWriter<W> {
    fn fill(&mut self, input: &BackupInput<'_>) -> io::Result<()> {
        let settings = entry_name(input.root, input.settings);
        let own_entry = entry_name(input.root, input.database);
        let description = BackupDescription {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            made: input.now.to_rfc3339_opts(SecondsFormat::Secs, true),
            base_url: input.config.base_url.clone(),
            settings: settings.clone().unwrap_or_else(|| FILE_NAME.to_owned()),
            database: input.copy.map(|copy| ArchivedDatabase {
                entry: own_entry.clone().unwrap_or_else(|| DATABASE.to_owned()),
                outside: own_entry.is_none().then(|| input.database.display().to_string()),
                linkbacks: copy.linkbacks,
            }),
        };
        let text = serde_json::to_string_pretty(&description).map_err(io::Error::other)?;
        self.add(DESCRIPTION, SimpleFileOptions::default(), |zip| zip.write_all(text.as_bytes()))?;
        let mut skipped: BTreeSet<PathBuf> = BTreeSet::new();
        for ending in ["", "-wal", "-shm", "-journal", "-receiver"] {
            let mut file = input.database.as_os_str().to_owned();
            file.push(ending);
            skipped.insert(PathBuf::from(file));
        }
        if let (Some(copy), Some(database)) = (input.copy, &description.database) {
            self.add_file(&database.entry, copy.file)?;
        }
        if settings.is_none() {
            self.add_file(FILE_NAME, input.settings)?;
            skipped.insert(input.root.join(FILE_NAME));
        }
        self.add_folder(input.root, "", &skipped)
    }

    /// Adds what is in a folder under a path of the archive.
    fn add_folder(&mut self, folder: &Path, below: &str, skipped: &BTreeSet<PathBuf>) -> io::Result<()> {
        let walk = WalkDir::new(folder).min_depth(1).sort_by_file_name().into_iter();
        for entry in walk.filter_entry(|entry| !skipped.contains(entry.path()) && !can_be_made_again(entry)) {
            let entry = entry?;
            let Some(name) = entry_name(folder, entry.path()) else { continue };
            let name = format!("{below}{name}");
            let kind = entry.file_type();
            if kind.is_dir() {
                let is_empty = fs::read_dir(entry.path())?.next().is_none();
                if is_empty {
                    self.zip.add_directory(name, SimpleFileOptions::default()).map_err(io::Error::other)?;
                }
            } else if kind.is_symlink() {
                self.add_link(entry.path(), &name, skipped)?;
            } else if kind.is_file() {
                self.add_file(&name, entry.path())?;
            } else {
                self.leave_out(name, "this is neither a file nor a folder");
            }
        }
        Ok(())
    }

    /// Adds a link. Where the settings allow that it leads out of the site, what is there is a part of the site, and comes
    /// into the archive in its place.
    fn add_link(&mut self, link: &Path, name: &str, skipped: &BTreeSet<PathBuf>) -> io::Result<()> {
        let real = link.canonicalize().ok();
        let end = real.as_deref().map_or(LinkEnd::Inside, |real| self.rule.end(real));
        if let (Some(real), LinkEnd::Allowed) = (&real, end) {
            return match real.is_dir() {
                // A folder above the site would come with all of the site again.
                true if link.starts_with(real) => {
                    self.leave_out(name.to_owned(), "this link leads to a folder that the site is in");
                    Ok(())
                }
                true => self.add_folder(real, &format!("{name}/"), skipped),
                false => self.add_file(name, real),
            };
        }
        let target = fs::read_link(link)?;
        let Some(target) = relative_target(link, &target, real.as_deref()).filter(|_| end == LinkEnd::Inside)
        else {
            self.leave_out(
                name.to_owned(),
                &format!("this link leads out of the site, to `{}`", target.display()),
            );
            return Ok(());
        };
        self.summary.files += 1;
        self.zip.add_symlink(name, target, SimpleFileOptions::default()).map_err(io::Error::other)
    }

    fn add_file(&mut self, name: &str, file: &Path) -> io::Result<()> {
        let mut source = match File::open(file) {
            Ok(source) => source,
            // Editors and builds remove files while a folder is read.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(io::Error::new(error.kind(), format!("`{}`: {error}", file.display()))),
        };
        // 4 GiB and more need the longer form of an entry (APPNOTE 4.5.3).
        let is_large = source.metadata()?.len() >= u64::from(u32::MAX);
        let options = SimpleFileOptions::default().large_file(is_large).unix_permissions(mode_of(&source)?);
        self.summary.files += 1;
        self.add(name, options, |zip| io::copy(&mut source, zip).map(drop))
    }

    fn add(
        &mut self,
        name: &str,
        options: SimpleFileOptions,
        write: impl FnOnce(&mut ZipWriter<W>) -> io::Result<()>,
    ) -> io::Result<()> {
        self.zip.start_file(name, options).map_err(io::Error::other)?;
        write(&mut self.zip)
    }

    fn leave_out(&mut self, path: String, reason: &str) {
        self.summary.left_out.push(Omission { path, reason: reason.to_owned() });
    }
}

/// Output folders, the engine's memory, and what a writer that was killed has left.
fn can_be_made_again(entry: &DirEntry) -> bool {
    let is_state = entry.depth() == 1 && entry.file_name() == STATE;
    is_state || atomic_file::is_beside(entry.path()) || entry.path().join(marker::FILE_NAME).is_file()
}

/// The path of a file below a folder, as an archive has it; `None` if it is elsewhere, or has no name in UTF-8.
fn entry_name(folder: &Path, file: &Path) -> Option<String> {
    let below = file.strip_prefix(folder).ok()?;
    let parts = below.components().map(|part| match part {
        Component::Normal(part) => part.to_str(),
        _ => None,
    });
    Some(parts.collect::<Option<Vec<_>>>()?.join("/")).filter(|name| !name.is_empty())
}

/// The target of a link as it holds in another folder too. One that leads nowhere stays as it is.
fn relative_target(link: &Path, target: &Path, real: Option<&Path>) -> Option<String> {
    if target.is_relative() {
        return target.to_str().map(str::to_owned);
    }
    let from = link.parent()?.canonicalize().ok()?;
    let real = real?;
    let shared = from.components().zip(real.components()).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..", from.components().count() - shared);
    let down = real.components().skip(shared).map(|part| part.as_os_str().to_str());
    up.map(Some).chain(down).collect::<Option<Vec<_>>>().map(|parts| parts.join("/"))
}

#[cfg(unix)]
fn mode_of(file: &File) -> io::Result<u32> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(file.metadata()?.permissions().mode())
}

#[cfg(not(unix))]
fn mode_of(_: &File) -> io::Result<u32> {
    Ok(0o644)
}
