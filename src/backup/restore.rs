//! Makes a folder of an archive.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, Read};
use std::path::{Component, Path, PathBuf};

use zip::ZipArchive;
use zip::read::ZipFile;

use super::{BackupDescription, DESCRIPTION, FORMAT};
use crate::error::{Error, Result};

/// What is restored.
pub(crate) struct RestoreInput<'a> {
    pub archive: &'a Path,
    /// The folder, which is empty or not there.
    pub folder: &'a Path,
    /// Where the database is to stand, if not where it stood.
    pub database: Option<&'a Path>,
}

/// What was restored.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct RestoreSummary {
    pub files: usize,
    /// When the archive was made, RFC 3339.
    pub made: String,
    pub base_url: String,
    /// How many linkbacks are in the database, if there is one.
    pub linkbacks: Option<usize>,
    pub database: Option<PathBuf>,
}

type BackupArchive = ZipArchive<BufReader<File>>;
type BackupEntry<'a> = ZipFile<'a, BufReader<File>>;

/// Restores a site. The settings come last: a folder that was not filled to the end is not a site.
pub(crate) fn restore(input: &RestoreInput<'_>) -> Result<RestoreSummary> {
    let RestoreInput { archive: path, folder, .. } = *input;
    let file = File::open(path).map_err(Error::io("read", path))?;
    let mut archive = ZipArchive::new(BufReader::new(file))
        .map_err(|error| not_a_backup(path, &format!("it is not a ZIP archive: {error}")))?;
    let description = describe(&mut archive, path)?;
    let plan = RestorePlan::of(&mut archive, input, &description)?;
    refuse_full_folder(folder)?;
    if let Some(database) = plan.database.as_ref().filter(|database| database.symlink_metadata().is_ok()) {
        return Err(Error::Argument {
            given: database.display().to_string(),
            reason: "a database is there already, and would be replaced; move it away, or name another file with `--db`"
                .to_owned(),
        });
    }
    fs::create_dir_all(folder).map_err(Error::io("make", folder))?;
    for place in &plan.places {
        let entry = archive.by_index(place.index).map_err(io::Error::other);
        let written = entry.and_then(|mut entry| unpack(&mut entry, &place.to));
        written.map_err(Error::io("write", &place.to))?;
    }
    Ok(RestoreSummary {
        files: plan.places.len(),
        made: description.made,
        base_url: description.base_url,
        linkbacks: description.database.as_ref().map(|database| database.linkbacks),
        database: plan.database,
    })
}

fn not_a_backup(path: &Path, reason: &str) -> Error {
    Error::Argument {
        given: path.display().to_string(),
        reason: format!("this is not a backup of a site: {reason}"),
    }
}

fn leads_out(path: &Path, entry: &str) -> Error {
    not_a_backup(path, &format!("`{entry}` in it would be written to another folder"))
}

/// What the archive says of itself.
fn describe(archive: &mut BackupArchive, path: &Path) -> Result<BackupDescription> {
    let mut text = String::new();
    let read = archive
        .by_name(DESCRIPTION)
        .map_err(io::Error::other)
        .and_then(|mut entry| entry.read_to_string(&mut text));
    read.map_err(|_| not_a_backup(path, &format!("it has no `{DESCRIPTION}`")))?;
    let description: BackupDescription = serde_json::from_str(&text)
        .map_err(|error| not_a_backup(path, &format!("its `{DESCRIPTION}` cannot be read: {error}")))?;
    if description.format > FORMAT {
        return Err(Error::Argument {
            given: path.display().to_string(),
            reason: format!(
                "it was made by backmatter {}, a later release; use that one",
                description.version
            ),
        });
    }
    Ok(description)
}

fn refuse_full_folder(folder: &Path) -> Result<()> {
    let first = match fs::read_dir(folder) {
        Ok(mut entries) => entries.next(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(Error::io("read", folder)(error)),
    };
    match first {
        None => Ok(()),
        Some(_) => Err(Error::Argument {
            given: folder.display().to_string(),
            reason: "the folder is not empty; a backup is restored into an empty folder, or a new one"
                .to_owned(),
        }),
    }
}

/// Which entry is written to which file.
struct RestorePlan {
    places: Vec<UnpackStep>,
    database: Option<PathBuf>,
}

struct UnpackStep {
    index: usize,
    to: PathBuf,
    order: PlaceOrder,
}

/// Links come after all files, so that no file is written through one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum PlaceOrder {
    File,
    Link,
    Settings,
}

impl RestorePlan {
    /// Finds a place for each entry, and refuses archives with one that would be written elsewhere.
    fn of(
        archive: &mut BackupArchive,
        input: &RestoreInput<'_>,
        description: &BackupDescription,
    ) -> Result<Self> {
        let mut plan = Self { places: Vec::new(), database: None };
        for index in 0..archive.len() {
            let mut entry =
                archive.by_index(index).map_err(|error| not_a_backup(input.archive, &error.to_string()))?;
            let name =
                entry.name().map_err(|error| not_a_backup(input.archive, &error.to_string()))?.into_owned();
            if name == DESCRIPTION {
                continue;
            }
            let path = Path::new(&name);
            if !path.components().all(|part| matches!(part, Component::Normal(_))) {
                return Err(leads_out(input.archive, &name));
            }
            let order = match entry.is_symlink() {
                true if !stays_inside(
                    path,
                    &link_target(&mut entry).map_err(Error::io("read", input.archive))?,
                ) =>
                {
                    return Err(leads_out(input.archive, &name));
                }
                true => PlaceOrder::Link,
                false if name == description.settings => PlaceOrder::Settings,
                false => PlaceOrder::File,
            };
            let mut to = input.folder.join(path);
            if let Some(database) = description.database.as_ref().filter(|database| database.entry == name) {
                let elsewhere =
                    input.database.map(Path::to_owned).or(database.outside.as_ref().map(PathBuf::from));
                to = elsewhere.unwrap_or(to);
                plan.database = Some(to.clone());
            }
            plan.places.push(UnpackStep { index, to, order });
        }
        plan.places.sort_by_key(|place| place.order);
        Ok(plan)
    }
}

/// Whether the target of a link, taken from the link's place, is in the folder (without following other links).
fn stays_inside(link: &Path, target: &Path) -> bool {
    let mut depth = link.components().count() - 1;
    target.components().all(|part| match part {
        Component::Normal(_) => {
            depth += 1;
            true
        }
        Component::CurDir => true,
        Component::ParentDir => match depth.checked_sub(1) {
            Some(above) => {
                depth = above;
                true
            }
            None => false,
        },
        Component::RootDir | Component::Prefix(_) => false,
    })
}

/// The content of the entry of a link.
fn link_target(entry: &mut BackupEntry<'_>) -> io::Result<PathBuf> {
    // As long as a path of Linux (limits.h, PATH_MAX).
    const LONGEST: u64 = 4096;
    let mut target = String::new();
    entry.take(LONGEST).read_to_string(&mut target)?;
    Ok(PathBuf::from(target))
}

/// Writes an entry to a file that is not there yet. A checksum that does not fit is an error.
fn unpack(entry: &mut BackupEntry<'_>, to: &Path) -> io::Result<()> {
    if entry.is_dir() {
        return fs::create_dir_all(to);
    }
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    if entry.is_symlink() {
        return make_link(&link_target(entry)?, to);
    }
    let mut file = create(to, entry.unix_mode().unwrap_or(0o644))?;
    io::copy(entry, &mut file)?;
    file.sync_all()
}

/// A new file with the rights that it had.
fn create(to: &Path, mode: u32) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode & 0o777);
    #[cfg(not(unix))]
    let _ = mode;
    options.open(to)
}

#[cfg(unix)]
fn make_link(target: &Path, to: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, to)
}

#[cfg(not(unix))]
fn make_link(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::Error::new(
        io::ErrorKind::Unsupported,
        "this is a symbolic link, which can be restored on Unix only",
    ))
}
