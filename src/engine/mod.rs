//! The one path of every build, full or incremental.
//!
//! A [`Workspace`](workspace::Workspace) reads the site once: it scans, reads what may have changed, assembles the site
//! and plans its pages. Its [`build`](workspace::Workspace::build) renders the pages that are stale, moves those whose
//! bytes are new to their places when all are rendered, removes what vanished, and saves the ledger last. A full build is a build with an empty ledger; there is
//! no other difference.

// A type of the public interface is documented to its last field.
#![warn(missing_docs)]

mod build;
pub(crate) mod cache;
pub(crate) mod explain;
mod highlight_pool;
pub(crate) mod in_memory;
pub(crate) mod marker;
pub(crate) mod output;
mod renditions;
mod settled_build;
pub(crate) mod site_id;
pub(crate) mod snapshot;
mod sources;
pub(crate) mod staleness;
pub(crate) mod workspace;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::engine::cache::ledger::{LedgerFault, LedgerHeader, OutputEntry};
use crate::engine::explain::Explanation;
use crate::engine::snapshot::Snapshot;
pub(crate) use crate::engine::sources::fill_places;
use crate::error::{Error, Result};
use crate::hash::Hash;
use crate::page::Plan;
use crate::path::OutputPath;
use crate::post;
use crate::scan::{STATE, Stamp};
use crate::site::Site;
use crate::site::order::Absence;

/// How a site is built.
#[derive(Debug, Clone, Default)]
pub struct BuildOptions {
    /// What warnings do to a build.
    pub strictness: Strictness,
    /// What becomes of files in the output folder that no build wrote.
    pub strangers: Strangers,
    /// Whether smaller pictures are made, or only named.
    pub renditions: RenditionWork,
    /// A page to explain: an output, an address or a source.
    pub explain: Option<String>,
}

/// What becomes of files in the output folder that no build wrote, or that were changed since.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Strangers {
    /// They are named.
    #[default]
    Keep,
    /// They are removed, but for those whose path begins with a dot.
    Remove,
}

/// Whether a build makes smaller pictures.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum RenditionWork {
    /// All that are not there yet.
    #[default]
    Made,
    /// None that would have to be encoded: pages name them, and what publishes the site makes those that it needs.
    Listed,
    /// Of those that would have to be encoded only these.
    Some(BTreeSet<OutputPath>),
}

/// What warnings do to a build.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Strictness {
    /// They are reported.
    #[default]
    ErrorsOnly,
    /// They count as errors.
    WarningsToo,
}

/// What a build did.
#[derive(Debug, Default, Serialize)]
pub struct BuildReport {
    /// The output folder.
    pub output: PathBuf,
    /// Whether the site was built; if not, the output folder is as it was.
    pub built: bool,
    /// All faults, errors first.
    pub diagnostics: Vec<Diagnostic>,
    /// Outputs that were rendered, sorted.
    pub rendered: Vec<OutputPath>,
    /// Outputs that were good.
    pub kept: usize,
    /// Files that were written.
    pub written: usize,
    /// Files that were removed.
    pub removed: usize,
    /// Posts that are shown.
    pub posts: usize,
    /// Posts and pages that are not.
    pub not_shown: NotShown,
    /// Posts and pages that cannot be shown.
    pub left_out: MissingPosts,
    /// Smaller pictures that were encoded.
    pub encoded: usize,
    /// How long it took.
    #[serde(rename = "milliseconds", serialize_with = "milliseconds")]
    pub elapsed: Duration,
    /// Why the build did not know what an earlier one had left in the output folder.
    pub ledger: Option<LedgerFault>,
    /// Why the page that was asked about was rendered, or was not.
    pub why: Option<Explanation>,
}

/// Posts and pages that a build leaves out, by the reason.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotShown {
    /// Those that are not ready.
    pub drafts: usize,
    /// Those whose date is still to come.
    pub future: usize,
    /// Those that have expired.
    pub expired: usize,
    /// Those that a key of their front matter hides.
    pub hidden: usize,
}

/// Posts and pages that should be shown and cannot be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingPosts {
    /// Those with errors, and those whose format or name is not read.
    pub files: usize,
    /// Posts and pages that were found, those included.
    pub of: usize,
}

impl MissingPosts {
    fn of(snapshot: &Snapshot) -> Self {
        let site = &snapshot.plan.site;
        let clashing = site.absent.iter().filter(|absent| absent.because == Absence::Clash).count();
        let unread = site.unreadable.len() + snapshot.tree.left_out;
        let found = site.posts.len() + site.pages.len() + site.absent.len() + unread;
        Self { files: unread + clashing, of: found }
    }
}

impl NotShown {
    pub(crate) fn of(site: &Site) -> Self {
        let count = |because| site.absent.iter().filter(|absent| absent.because == because).count();
        Self {
            drafts: count(Absence::Draft),
            future: count(Absence::Future),
            expired: count(Absence::Expired),
            hidden: count(Absence::Hidden),
        }
    }
}

fn milliseconds<S: serde::Serializer>(
    elapsed: &Duration,
    serializer: S,
) -> std::result::Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX))
}

/// Observes the progress of a build.
pub trait BuildObserver: Sync {
    /// Another build holds the lock, and this one waits.
    fn waiting(&self) {}
    /// This many pages will be rendered.
    fn rendering(&self, _pages: usize) {}
    /// One of them is done.
    fn rendered(&self) {}
    /// All of them are done.
    fn done(&self) {}
    /// Smaller versions of this many pictures will be made.
    fn making_pictures(&self, _pictures: usize) {}
    /// Those of one picture are done.
    fn picture_made(&self) {}
}

/// Observes nothing.
impl BuildObserver for () {}

/// What a build knows of the site it made.
pub struct BuildOutputs {
    /// Every output, and what it shows.
    pub plan: Arc<Plan>,
    /// What is in the output folder, by path: fingerprints of the bytes, and lengths.
    pub outputs: BTreeMap<OutputPath, OutputEntry>,
}

/// The engine: its version, and in development its very bytes, so that no output survives a change of the code.
fn engine_key() -> Hash {
    let version = env!("CARGO_PKG_VERSION");
    if cfg!(debug_assertions)
        && let Ok(executable) = std::env::current_exe()
        && let Ok(metadata) = fs::metadata(executable)
    {
        return Hash::of_value(&(version, Stamp::of(&metadata)));
    }
    Hash::of_value(&version)
}

fn sources_key(config: &Config) -> Hash {
    Hash::of_all(&[engine_key(), post::settings_fingerprint(config)])
}

fn highlight_key(config: &Config) -> Hash {
    Hash::of_value(&(&config.highlight, post::highlight::VERSION))
}

impl LedgerHeader {
    /// Whether the next build would find the same by either.
    fn same_keys(&self, other: &Self) -> bool {
        let keys = |header: &Self| (header.sources_key, header.outputs_key, header.selection, header.marker);
        keys(self) == keys(other)
            && self.strangers == other.strangers
            && self.unusable_pictures == other.unusable_pictures
    }
}

/// The state folder: what is in it can be made again, and files in it say so to other programs.
pub(crate) fn state(root: &Path) -> Result<PathBuf> {
    let state = root.join(STATE);
    if !state.is_dir() {
        fs::create_dir_all(&state).map_err(Error::io("make", &state))?;
        let ignore = state.join(".gitignore");
        fs::write(&ignore, "*\n").map_err(Error::io("write", &ignore))?;
        let tag = state.join("CACHEDIR.TAG");
        let text = "Signature: 8a477f597d28d172789f06886806bc55\n# Made by backmatter; deleting it costs time only.\n";
        fs::write(&tag, text).map_err(Error::io("write", &tag))?;
    }
    Ok(state)
}

pub(crate) use self::sources::keep_places;

/// Puts faults in order, each once, with the lines they point at.
pub(crate) fn tidy(root: &Path, diagnostics: &mut Vec<Diagnostic>) {
    sources::fill_places(root, diagnostics);
    diagnostics.sort_by(|a, b| a.order().cmp(&b.order()));
    diagnostics.dedup();
}
