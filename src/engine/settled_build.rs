//! What a build of the same inputs would find and report.
//!
//! A build is a pure function of the files of the site, its settings and the moment. Where all of these are what they
//! were, the outputs are what they were as well, and the report too: nothing is planned, and the ledger is not read. What
//! is compared is what a build compares anyway: the stamps of the sources, of which none may be so young that a second
//! change would have left the same stamp, and those of the outputs.

use std::path::Path;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::diagnostic::Diagnostic;
use crate::engine::cache::state_file;
use crate::engine::{MissingPosts, NotShown};
use crate::error::Result;
use crate::hash::Hash;
use crate::path::OutputPath;
use crate::scan::Stamp;

/// Changes with the form of the file.
const MAGIC: &[u8; 16] = b"backmatter stl 2";

/// A build that left nothing to do, but for its outputs, which stand behind it: most builds have something to do, and need
/// not read these.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SettledBuild {
    /// The fingerprint of the settings, the theme and the stamps of all sources.
    pub(super) inputs: Hash,
    /// The stamp of the ledger that knows the rest.
    pub(super) ledger: Stamp,
    /// The fingerprint of the marker of the output folder.
    pub(super) marker: Hash,
    /// The moment it was built for, in milliseconds since 1970.
    pub(super) from: i64,
    /// When the next post appears or expires.
    pub(super) until: Option<i64>,
    /// What was reported.
    pub(super) report: SettledReport,
}

/// What a build that changes nothing reports.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SettledReport {
    pub(super) posts: usize,
    pub(super) not_shown: NotShown,
    pub(super) left_out: MissingPosts,
    /// In order, with the lines that they point at.
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// An output, and the stamp it has as long as no other program changes it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SettledOutput {
    pub(super) path: OutputPath,
    pub(super) stamp: Stamp,
}

/// The outputs of a build, as they were saved.
pub(super) struct SettledOutputs(Vec<u8>);

impl SettledOutputs {
    /// `None` if they cannot be read.
    pub(super) fn read(&self) -> Option<Vec<SettledOutput>> {
        postcard::from_bytes(&self.0).ok()
    }
}

impl SettledBuild {
    /// Reads what was saved. `None` if it cannot be used.
    pub(super) fn load(path: &Path) -> Option<(Self, SettledOutputs)> {
        state_file::read(path, MAGIC, |content| {
            let (settled, outputs) = postcard::take_from_bytes(content).ok()?;
            Some((settled, SettledOutputs(outputs.to_vec())))
        })
    }

    /// Writes it with its outputs, unless both are there already.
    pub(super) fn save(&self, outputs: &[SettledOutput], path: &Path) -> Result<()> {
        let bytes = postcard::to_stdvec(self).expect("all our values have known lengths");
        let bytes = postcard::to_extend(outputs, bytes).expect("all our values have known lengths");
        if state_file::read(path, MAGIC, |content| (content == bytes).then_some(())).is_some() {
            return Ok(());
        }
        state_file::write(path, MAGIC, |file| file.write(&bytes))
    }

    /// Whether it holds at a moment: no post has appeared or expired since.
    pub(super) fn holds_at(&self, now: DateTime<Utc>) -> bool {
        let now = now.timestamp_millis();
        self.from <= now && self.until.is_none_or(|until| now < until)
    }
}
