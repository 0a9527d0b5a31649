//! Names of the files that an import writes: the slug where it can be one, and no two alike on any disk.

use std::collections::{HashMap, HashSet};

use crate::hash::Hash;
use crate::path::{SourcePath, nfc};

/// File systems allow 255 bytes; some room is left for `.backmatter.toml` and a number.
const LONGEST: usize = 200;
/// Names that Windows keeps for devices.
const RESERVED: [&str; 5] = ["con", "prn", "aux", "nul", "index"];

/// The names that are taken, and the entries that are there already.
#[derive(Debug, Default)]
pub(super) struct FileNames {
    /// The fingerprints of their [`key`]s.
    taken: HashSet<Hash>,
    /// The last number behind a name that is taken, as thousands of entries may be called the same.
    numbers: HashMap<Hash, usize>,
    /// Files of the site by the ids of their posts.
    existing: HashMap<String, SourcePath>,
}

impl FileNames {
    /// Notes a file of the site.
    pub(super) fn add_existing(&mut self, file: &SourcePath, id: &str) {
        self.taken.insert(key(file.as_str()));
        if !id.is_empty() {
            self.existing.entry(id.to_owned()).or_insert_with(|| file.clone());
        }
    }

    /// The file for an entry in a folder: the one that it has, else a new one with a name that nothing else has.
    pub(super) fn place(&mut self, id: &str, folder: &str, slug: &str) -> SourcePath {
        self.place_as(id, folder, slug, ".md")
    }

    /// The file for an entry that is a folder, with files of its own beside it.
    pub(super) fn place_folder(&mut self, id: &str, folder: &str, slug: &str) -> SourcePath {
        self.place_as(id, folder, slug, "/index.md")
    }

    fn place_as(&mut self, id: &str, folder: &str, slug: &str, ending: &str) -> SourcePath {
        if let Some(file) = self.existing.get(id) {
            return file.clone();
        }
        let stem = file_stem(slug);
        let number = self.numbers.entry(key(&format!("{folder}/{stem}"))).or_default();
        loop {
            *number += 1;
            let suffix = if *number == 1 { String::new() } else { format!("-{number}") };
            let path = format!("{folder}/{stem}{suffix}{ending}");
            let is_new = self.taken.insert(key(&path));
            if let Some(file) = SourcePath::new(&path).filter(|_| is_new) {
                return file;
            }
        }
    }
}

/// What two names are compared by: some disks know neither case nor forms of Unicode.
fn key(path: &str) -> Hash {
    Hash::of(nfc(path).to_lowercase().as_bytes())
}

/// A slug as the name of a file.
pub(super) fn file_stem(slug: &str) -> String {
    let slug = nfc(slug.trim());
    let mut stem: String = slug
        .chars()
        .map(|c| {
            if c.is_control() || matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' | '#' | '%')
            {
                '-'
            } else {
                c
            }
        })
        .collect();
    if stem.len() > LONGEST {
        let end = (0..=LONGEST).rev().find(|at| stem.is_char_boundary(*at)).unwrap_or_default();
        stem.truncate(end);
    }
    let stem = stem.trim_matches(|c: char| c == '.' || c == '-' || c.is_whitespace());
    let device = stem.to_lowercase();
    let is_port =
        ["com", "lpt"].iter().any(|port| device.strip_prefix(port).is_some_and(|rest| rest.len() == 1));
    if stem.is_empty() {
        "untitled".to_owned()
    } else if RESERVED.contains(&device.as_str()) || is_port {
        format!("{stem}-page")
    } else {
        stem.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_safe_and_unlike() {
        for (slug, expected) in [
            ("the-hour", "the-hour"),
            ("../../etc/passwd", "etc-passwd"),
            ("con", "con-page"),
            ("a:b?", "a-b"),
            ("...", "untitled"),
            ("灯と", "灯と"),
        ] {
            assert_eq!(file_stem(slug), expected);
        }
        assert_eq!(file_stem(&"é".repeat(5000)).len(), 200);
        let mut names = FileNames::default();
        names.add_existing(&SourcePath::new("content/2019/mine.md").unwrap(), "an id");
        let mut place = |id: &str, slug: &str| names.place(id, "content/2019", slug).as_str().to_owned();
        assert_eq!(place("1", "a"), "content/2019/a.md");
        assert_eq!(place("2", "A"), "content/2019/A-2.md");
        assert_eq!(place("an id", "other"), "content/2019/mine.md");
        assert_eq!(place("3", "mine"), "content/2019/mine-2.md");
    }
}
