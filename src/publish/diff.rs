//! What has to travel: the difference between what is wanted at a target and what is there. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::page::kinds::FileKind;
use crate::path::{OutputPath, fold_name};
use crate::publish::manifest::{Manifest, ManifestEntry, UploadStage};

/// The difference, in the order in which it is applied.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// Published files that stand where a folder has to be, or the other way round, and those whose name a target may take
    /// for that of a wanted file: they go first, as nothing could take their place otherwise.
    pub in_the_way: Vec<Delete>,
    /// What is put there: assets, then pages, then lists and feeds.
    pub uploads: Vec<Upload>,
    /// What is taken away, after all uploads.
    pub deletes: Vec<Delete>,
    /// How many files are there already as they should be.
    pub kept: usize,
}

/// A file that is put there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    pub path: OutputPath,
    pub kind: FileKind,
    /// Why it is put there.
    pub why: UploadReason,
}

/// Why a file is put there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum UploadReason {
    New,
    /// Its bytes are other ones.
    Changed,
    /// What is sent with it is something else.
    Headers,
}

/// A file that is taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delete {
    pub path: OutputPath,
    pub kind: FileKind,
}

impl Diff {
    /// Compares what is wanted with what is there. Of what a broken publish left pending, `arrived` is known to be
    /// there, and of the rest nothing is known.
    pub fn between<T: AsRef<ManifestEntry>>(
        wanted: &BTreeMap<OutputPath, T>,
        there: &Manifest,
        arrived: &BTreeSet<OutputPath>,
    ) -> Self {
        let mut changes = Self::default();
        let gone: Vec<&OutputPath> =
            there.paths().into_iter().filter(|path| !wanted.contains_key(*path)).collect();
        // A target may take two names for one that differ in letter case or in the form of Unicode only: there a delete of
        // the old name takes the new file away. So it comes first, and the file is put there after it in any case.
        let gone_folded: BTreeSet<String> = gone.iter().map(|path| fold_name(path.as_str())).collect();
        for (path, entry) in wanted {
            let entry = entry.as_ref();
            let is_renamed = !gone_folded.is_empty() && gone_folded.contains(&fold_name(path.as_str()));
            match why(entry, path, there, arrived).or(is_renamed.then_some(UploadReason::Changed)) {
                Some(why) => changes.uploads.push(Upload { path: path.clone(), kind: entry.kind, why }),
                None => changes.kept += 1,
            }
        }
        changes.uploads.sort_by(|a, b| (a.kind.stage(), &a.path).cmp(&(b.kind.stage(), &b.path)));
        if gone.is_empty() {
            return changes;
        }
        let wanted_folded: BTreeSet<String> = wanted.keys().map(|path| fold_name(path.as_str())).collect();
        let wanted_folders: BTreeSet<&str> = wanted_folded.iter().flat_map(|path| folders(path)).collect();
        for path in gone {
            let entry = there.files.get(path).or_else(|| there.pending.get(path));
            let delete =
                Delete { path: path.clone(), kind: entry.map_or(FileKind::Asset, |entry| entry.kind) };
            let folded = fold_name(path.as_str());
            let is_in_the_way = wanted_folded.contains(&folded)
                || wanted_folders.contains(folded.as_str())
                || folders(&folded).any(|folder| wanted_folded.contains(folder));
            if is_in_the_way {
                changes.in_the_way.push(delete);
            } else {
                changes.deletes.push(delete);
            }
        }
        changes
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.uploads.is_empty() && self.deletes.is_empty() && self.in_the_way.is_empty()
    }

    /// How many files are taken away.
    pub fn deleted(&self) -> usize {
        self.in_the_way.len() + self.deletes.len()
    }

    /// What is put there at one stage.
    pub fn stage(&self, stage: UploadStage) -> impl Iterator<Item = &Upload> {
        self.uploads.iter().filter(move |upload| upload.kind.stage() == stage)
    }
}

/// Why a file has to be put there; `None` if it is there.
fn why(
    wanted: &ManifestEntry,
    path: &OutputPath,
    there: &Manifest,
    arrived: &BTreeSet<OutputPath>,
) -> Option<UploadReason> {
    let before = there.files.get(path);
    let entry = match there.pending.get(path) {
        Some(pending) if arrived.contains(path) => pending,
        // The old bytes or the new ones: whatever they are, they may not be the wanted ones.
        Some(_) => return Some(before.map_or(UploadReason::New, |_| UploadReason::Changed)),
        None => match before {
            Some(entry) => entry,
            None => return Some(UploadReason::New),
        },
    };
    // The fingerprint of a rendition is that of its name, and its length is not known before it is made.
    if entry.hash != wanted.hash {
        return Some(before.map_or(UploadReason::New, |_| UploadReason::Changed));
    }
    (entry.headers != wanted.headers).then_some(UploadReason::Headers)
}

/// The folders a path is in, the outermost first.
fn folders(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| &path[..at])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::Hash;

    /// `path=content` for each file; the kind follows from the name.
    fn entries(files: &[&str]) -> BTreeMap<OutputPath, ManifestEntry> {
        let entry = |file: &&str| {
            let (path, content) = file.split_once('=').expect("path=content");
            let kind = match path {
                path if path.ends_with(".css") => FileKind::Asset,
                "index.html" => FileKind::List,
                path if path.ends_with(".xml") => FileKind::Feed,
                _ => FileKind::Post,
            };
            let (content, header) = content.split_once('+').unwrap_or((content, ""));
            let headers = BTreeMap::from([("Cache-Control".to_owned(), header.to_owned())]);
            let hash = Hash::of(content.as_bytes());
            (
                OutputPath::new(path).unwrap(),
                ManifestEntry { hash, size: content.len() as u64, kind, headers },
            )
        };
        files.iter().map(entry).collect()
    }

    fn told(changes: &Diff) -> Vec<String> {
        let delete = |delete: &Delete| format!("- {}", delete.path);
        let upload = |upload: &Upload| format!("+ {} {:?}", upload.path, upload.why);
        let first = changes.in_the_way.iter().map(delete);
        first.chain(changes.uploads.iter().map(upload)).chain(changes.deletes.iter().map(delete)).collect()
    }

    #[track_caller]
    fn check(there: &[&str], wanted: &[&str], expected: &[&str]) {
        let there = Manifest { files: entries(there), ..Manifest::default() };
        let changes = Diff::between(&entries(wanted), &there, &BTreeSet::new());
        assert_eq!(told(&changes), expected);
    }

    #[test]
    fn only_differences_travel_in_a_safe_order() {
        check(&["a/index.html=1"], &["a/index.html=1"], &[]);
        check(
            &["old/index.html=1", "a/index.html=1", "index.html=1"],
            &["index.html=2", "atom.xml=1", "a/index.html=1", "b/index.html=1", "s.css=1"],
            &[
                "+ s.css New",
                "+ b/index.html New",
                "+ atom.xml New",
                "+ index.html Changed",
                "- old/index.html",
            ],
        );
    }

    #[test]
    fn other_headers_are_a_difference() {
        check(&["a.css=1+x"], &["a.css=1+y"], &["+ a.css Headers"]);
    }

    #[test]
    fn what_is_in_the_way_goes_first() {
        check(&["a=1"], &["a/b.css=1"], &["- a", "+ a/b.css New"]);
        check(&["a/b.css=1", "c=1"], &["a=1"], &["- a/b.css", "+ a New", "- c"]);
    }

    #[test]
    fn a_name_that_differs_in_case_only_goes_before_the_new_one() {
        check(&["Photo.css=1"], &["photo.css=1"], &["- Photo.css", "+ photo.css New"]);
        check(
            &["Hello/index.html=1", "x=1"],
            &["hello/index.html=1", "x=1"],
            &["- Hello/index.html", "+ hello/index.html New"],
        );
        // Both were there: what takes one away may take the other.
        check(&["A.css=1", "a.css=2"], &["a.css=2"], &["- A.css", "+ a.css Changed"]);
        check(&["A=1"], &["a/b.css=1"], &["- A", "+ a/b.css New"]);
        check(&["Straße.css=1"], &["STRASSE.css=1"], &["- Straße.css", "+ STRASSE.css New"]);
    }

    #[test]
    fn of_a_broken_publish_only_what_arrived_is_there() {
        let there = Manifest {
            files: entries(&["kept=1", "was=1"]),
            pending: entries(&["arrived=2", "lost=2", "was=2", "gone=2"]),
            ..Manifest::default()
        };
        let arrived = BTreeSet::from([OutputPath::new("arrived").unwrap(), OutputPath::new("gone").unwrap()]);
        let wanted = entries(&["kept=1", "arrived=2", "lost=2", "was=1"]);
        let changes = Diff::between(&wanted, &there, &arrived);
        assert_eq!(told(&changes), ["+ lost New", "+ was Changed", "- gone"]);
        assert_eq!(changes.kept, 2);
    }
}
