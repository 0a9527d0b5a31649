//! The terms of the segments of the search index, kept from build to build: of an edited post alone the words are cut and
//! counted again.

use std::path::{Path, PathBuf};

use crate::engine::cache::state_file;
use crate::engine::engine_key;
use crate::hash::Hash;
use crate::render::CountedSegments;
use crate::scan::STATE;

const MAGIC: &[u8; 16] = b"backmatter srch1";

/// Where the counted terms lie.
pub(in crate::engine) struct CountedTermsCache {
    folder: PathBuf,
}

impl CountedTermsCache {
    /// The cache of a site.
    pub(in crate::engine) fn new(root: &Path) -> Self {
        Self { folder: root.join(STATE) }
    }

    fn path(&self, number: usize) -> PathBuf {
        self.folder.join(format!("search-{number}"))
    }
}

/// What another engine counted is of no use.
fn key() -> Vec<u8> {
    postcard::to_stdvec::<Hash>(&engine_key()).expect("all our values have known lengths")
}

impl CountedSegments for CountedTermsCache {
    fn last(&self, number: usize) -> Option<Vec<u8>> {
        state_file::read(&self.path(number), MAGIC, |content| {
            content.strip_prefix(&*key()).map(<[u8]>::to_vec)
        })
    }

    fn keep(&self, number: usize, terms: &[u8]) {
        // Losing it costs time only. Where there is no folder for it, nothing was built.
        let _ = state_file::write(&self.path(number), MAGIC, |file| {
            file.write(&key())?;
            file.write(terms)
        });
    }
}
