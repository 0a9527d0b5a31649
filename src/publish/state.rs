//! What is kept of a target on this machine: its manifest, and how far a publish came that has not ended.
//!
//! All of it can be lost: then a publish that was broken off puts up again what may be there already.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use parking_lot::Mutex;

use crate::error::{Error, Result};
use crate::path::OutputPath;
use crate::publish::manifest::Manifest;
use crate::scan::STATE;
use crate::sys::atomic_file;
use crate::sys::lock::FileLock;

/// What is kept of a target, and the right to publish to it from this folder.
pub struct TargetState {
    folder: PathBuf,
    journal: Mutex<Option<File>>,
    _lock: FileLock,
}

/// A publish that has not ended.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct UnfinishedPublish {
    pub session: String,
    /// What it put there.
    pub arrived: BTreeSet<OutputPath>,
}

const MANIFEST: &str = "manifest.json";
const JOURNAL: &str = "journal";

impl TargetState {
    /// Opens the state of the target of a name. Only one program can at a time.
    pub fn open(root: &Path, name: &str) -> Result<Self> {
        let folder = root.join(STATE).join("publish").join(name);
        fs::create_dir_all(&folder).map_err(Error::io("make", &folder))?;
        let lock = FileLock::try_take(&folder.join("lock"))?.ok_or_else(|| Error::Target {
            name: name.to_owned(),
            source: "another `backmatter publish` of this site is running; wait for it to end".into(),
        })?;
        Ok(Self { folder, journal: Mutex::new(None), _lock: lock })
    }

    /// The manifest as it was after the last publish from here.
    pub fn manifest(&self) -> Option<Manifest> {
        Manifest::parse(&self.manifest_bytes()?).ok()
    }

    /// Its bytes.
    pub fn manifest_bytes(&self) -> Option<Vec<u8>> {
        fs::read(self.folder.join(MANIFEST)).ok()
    }

    /// A publish from here that did not end.
    pub fn unfinished(&self) -> Option<UnfinishedPublish> {
        let text = fs::read_to_string(self.folder.join(JOURNAL)).ok()?;
        // The last line may be cut off.
        let whole = &text[..text.rfind('\n')?];
        let mut lines = whole.split('\n');
        let session = lines.next()?.to_owned();
        Some(UnfinishedPublish { session, arrived: lines.filter_map(OutputPath::new).collect() })
    }

    /// Begins the journal of a publish, with what an earlier one had put there and this one relies on.
    pub fn begin(&self, session: &str, arrived: &BTreeSet<OutputPath>) -> Result<()> {
        let path = self.folder.join(JOURNAL);
        let mut text = format!("{session}\n");
        for path in arrived {
            text.push_str(path.as_str());
            text.push('\n');
        }
        // Half a journal would forget which publish it belongs to, so its beginning is written whole.
        let begun = atomic_file::replace(&path, text.as_bytes())
            .and_then(|()| File::options().append(true).open(&path));
        *self.journal.lock() = Some(begun.map_err(Error::io("write", &path))?);
        Ok(())
    }

    /// Notes that files are at the target.
    pub fn arrived(&self, paths: &[&OutputPath]) -> Result<()> {
        let lines: String = paths.iter().map(|path| format!("{path}\n")).collect();
        match self.journal.lock().as_mut() {
            Some(file) => {
                file.write_all(lines.as_bytes()).map_err(Error::io("write", &self.folder.join(JOURNAL)))
            }
            None => Ok(()),
        }
    }

    /// Keeps the manifest of a publish that has ended.
    pub fn end(&self, manifest: &[u8]) -> Result<()> {
        let path = self.folder.join(MANIFEST);
        atomic_file::replace(&path, manifest).map_err(Error::io("write", &path))?;
        let _ = fs::remove_file(self.folder.join(JOURNAL));
        Ok(())
    }

    /// The folder of all that is kept.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A folder for files on their way, empty.
    pub fn staging(&self) -> Result<PathBuf> {
        let folder = self.folder.join("staging");
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(Error::io("remove", &folder))?;
        }
        fs::create_dir_all(&folder).map_err(Error::io("make", &folder))?;
        Ok(folder)
    }
}
