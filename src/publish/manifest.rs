//! The files that were published to a target: a list that is stored there, beside them, and kept here as well.
//!
//! By it only differences travel, and files of other origin are left alone: a file that it does not name is
//! never deleted. While a publish is under way it also names what may have been put there already.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

use crate::hash::Hash;
use crate::page::kinds::FileKind;
use crate::path::OutputPath;

/// The file at the target.
pub const FILE_NAME: &str = ".backmatter-manifest.json";

/// Changes whenever the meaning of the file does.
const FORMAT: u32 = 1;

/// The files that were published to a target.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manifest {
    /// How many publishes there have been.
    pub generation: u64,
    /// The address the site was published for.
    pub base_url: String,
    /// When the last publish ended, or the one under way began.
    pub at: Option<DateTime<Utc>>,
    pub by: String,
    pub files: BTreeMap<OutputPath, ManifestEntry>,
    /// The publish that is under way, or was broken off.
    pub session: Option<PublishSession>,
    /// What that publish is putting there: each may be there or not.
    pub pending: BTreeMap<OutputPath, ManifestEntry>,
}

/// A file at the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestEntry {
    /// The fingerprint of what it was made of.
    pub hash: Hash,
    /// Bytes of what it was made of.
    pub size: u64,
    /// What it is to its author.
    pub kind: FileKind,
    /// What is sent with it, where files carry headers of their own.
    pub headers: BTreeMap<String, String>,
}

impl AsRef<Self> for ManifestEntry {
    fn as_ref(&self) -> &Self {
        self
    }
}

/// A publish that has begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishSession {
    /// Made at random.
    pub id: String,
    /// The machine it runs on.
    pub machine: String,
    pub since: DateTime<Utc>,
}

impl FileKind {
    /// When it goes up: a page only after what it needs, a list only after the pages it leads to.
    pub fn stage(self) -> UploadStage {
        match self {
            Self::Asset => UploadStage::Assets,
            Self::Post | Self::Page | Self::Redirect => UploadStage::Pages,
            Self::List | Self::Feed | Self::Host => UploadStage::Lists,
        }
    }
}

/// The order in which files go up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum UploadStage {
    /// First.
    Assets,
    /// Then.
    Pages,
    /// Last.
    Lists,
}

/// The form of the file.
#[derive(Serialize, Deserialize)]
struct ManifestFile {
    format: u32,
    generation: u64,
    base_url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at: Option<String>,
    #[serde(default)]
    by: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    session: Option<PublishSession>,
    files: BTreeMap<String, ManifestFileEntry>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pending: BTreeMap<String, ManifestFileEntry>,
}

#[derive(Serialize, Deserialize)]
struct ManifestFileEntry {
    hash: String,
    size: u64,
    kind: FileKind,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<String, String>,
}

impl Manifest {
    /// Reads the file. The error says what is wrong with it.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        let format: Format = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if format.format != FORMAT {
            return Err(format!("it is of the form {}, and this program knows form {FORMAT}", format.format));
        }
        let written: ManifestFile = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        let at = written.at.and_then(|at| DateTime::parse_from_rfc3339(&at).ok()).map(|at| at.to_utc());
        Ok(Self {
            generation: written.generation,
            base_url: written.base_url,
            at,
            by: written.by,
            files: read_entries(written.files)?,
            session: written.session,
            pending: read_entries(written.pending)?,
        })
    }

    /// The bytes of the file: the same for the same manifest.
    pub fn to_bytes(&self) -> Vec<u8> {
        let written = ManifestFile {
            format: FORMAT,
            generation: self.generation,
            base_url: self.base_url.clone(),
            at: self.at.map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true)),
            by: self.by.clone(),
            session: self.session.clone(),
            files: write_entries(&self.files),
            pending: write_entries(&self.pending),
        };
        serde_json::to_vec(&written).expect("texts and numbers can be written as JSON")
    }

    /// Every path that is ours: there, or perhaps there.
    pub fn paths(&self) -> BTreeSet<&OutputPath> {
        self.files.keys().chain(self.pending.keys()).collect()
    }
}

/// What every form of the file has.
#[derive(Deserialize)]
struct Format {
    format: u32,
}

fn read_entries(
    written: BTreeMap<String, ManifestFileEntry>,
) -> Result<BTreeMap<OutputPath, ManifestEntry>, String> {
    let mut entries = BTreeMap::new();
    for (path, ManifestFileEntry { hash, size, kind, headers }) in written {
        // A path that leads out of the target would be deleted there.
        let path = OutputPath::new(&path)
            .filter(|normal| normal.as_str() == path)
            .ok_or_else(|| format!("`{}` is not a path of a site", path.escape_debug()))?;
        let hash = Hash::parse(&hash).ok_or_else(|| format!("`{hash}` is not a fingerprint"))?;
        entries.insert(path, ManifestEntry { hash, size, kind, headers });
    }
    Ok(entries)
}

fn write_entries(entries: &BTreeMap<OutputPath, ManifestEntry>) -> BTreeMap<String, ManifestFileEntry> {
    let written = entries.iter().map(|(path, entry)| {
        let mut hash = String::with_capacity(32);
        write!(hash, "{}", entry.hash).expect("writing to a string cannot fail");
        let written =
            ManifestFileEntry { hash, size: entry.size, kind: entry.kind, headers: entry.headers.clone() };
        (path.as_str().to_owned(), written)
    });
    written.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> OutputPath {
        OutputPath::new(text).unwrap()
    }

    #[test]
    fn what_is_written_is_read_again() {
        let entry = ManifestEntry {
            hash: Hash::of(b"x"),
            size: 1,
            kind: FileKind::Post,
            headers: BTreeMap::from([("Content-Type".to_owned(), "text/html".to_owned())]),
        };
        let manifest = Manifest {
            generation: 7,
            base_url: "https://example.com".to_owned(),
            at: DateTime::from_timestamp(1_700_000_000, 0),
            by: "ab".to_owned(),
            files: BTreeMap::from([(path("a/index.html"), entry.clone())]),
            session: Some(PublishSession {
                id: "ab".to_owned(),
                machine: "m".to_owned(),
                since: DateTime::from_timestamp(1_700_000_000, 0).unwrap(),
            }),
            pending: BTreeMap::from([(path("ü b.png"), entry)]),
        };
        assert_eq!(Manifest::parse(&manifest.to_bytes()), Ok(manifest));
    }

    #[test]
    fn a_manifest_that_leads_out_of_the_target_is_refused() {
        // The last would be a command of its own where files are deleted by a list of commands, as sftp does.
        for bad in ["../x", "/etc/passwd", "a/../../b", "", "./a", "a\\n!touch b"] {
            let text = format!(
                r#"{{"format":1,"generation":1,"base_url":"","files":{{"{bad}":{{"hash":"{}","size":1,"kind":"post"}}}}}}"#,
                Hash::of(b"")
            );
            assert!(
                Manifest::parse(text.as_bytes()).is_err_and(|error| error.contains("not a path")),
                "{bad}"
            );
        }
        assert!(Manifest::parse(b"{\"format\":9}").is_err_and(|error| error.contains("form 9")));
        assert!(Manifest::parse(b"<html>").is_err());
    }
}
