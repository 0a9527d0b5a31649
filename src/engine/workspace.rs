//! A site opened once: its settings, its ledger and its files, shared by all that one command does with them.
//!
//! [`Workspace::open`] reads the settings. The tree and the ledger are read when the first
//! [snapshot](Workspace::snapshot) is asked for. After a change [`Workspace::refresh`] brings the snapshot up to date,
//! reading only the files that changed where that is enough.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::config::{Config, FILE_NAME};
use crate::diagnostic::Diagnostic;
use crate::engine::cache::body_cache::BodyCache;
use crate::engine::cache::highlights::Highlights;
use crate::engine::cache::ledger::{self, Ledger};
use crate::engine::snapshot::{Change, ScanResult, Snapshot};
use crate::engine::sources::{OnError, ReadOptions, now_stamp};
use crate::error::{Error, Result};
use crate::hash::Hash;
use crate::render::{RenderSources, Renderer};
use crate::scan::symlinks::{LinkEnd, SymlinkRule, leads_out};
use crate::scan::{self, STATE, Stamp};
use crate::site::order::Selection;
use crate::sys::watch::ChangedPaths;
use crate::sys::worker;

/// Which site is meant: where it is, and what the command line lays over its settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteSource {
    /// The folder of the site.
    pub root: PathBuf,
    /// The file of the settings, if it is not `backmatter.toml` in the root.
    pub settings: Option<PathBuf>,
    /// The output folder, if it is not the settings'.
    pub output: Option<PathBuf>,
    /// The base URL, if it is not the settings'.
    pub base_url: Option<String>,
    /// What becomes of links that lead out of the site.
    pub outside_links: OutsideLinks,
    /// The address of the linkback receiver, if it is not the settings'.
    pub receiver: Option<String>,
    /// What is shown besides posts that are due.
    pub selection: Selection,
}

/// What becomes of links of the file system that lead out of the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutsideLinks {
    /// They are followed where the settings allow it.
    AsAllowed,
    /// None is followed: the settings may be a stranger's.
    Refused,
}

impl SiteSource {
    /// The site in a folder, as its settings say.
    pub fn at(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            settings: None,
            output: None,
            base_url: None,
            outside_links: OutsideLinks::AsAllowed,
            receiver: None,
            selection: Selection::default(),
        }
    }

    /// The file of the settings.
    pub fn settings_file(&self) -> PathBuf {
        self.settings.clone().unwrap_or_else(|| self.root.join(FILE_NAME))
    }

    /// Reads the settings and lays the command line over them. Returns what is wrong with them as well.
    pub fn read_settings(&self) -> Result<(Config, Vec<Diagnostic>)> {
        let path = self.settings_file();
        // Faults name files as they are seen from the site's folder, if they are in it.
        let name = path.strip_prefix(&self.root).unwrap_or(&path).display().to_string();
        let (mut config, mut diagnostics) = Config::parse_file(&name, &scan::read_settings(&path)?);
        if self.outside_links == OutsideLinks::Refused {
            config.symlinks.allow.clear();
        }
        // Settings that are named by themselves are meant. Of others no line is printed before they may be read.
        if self.settings.is_none()
            && let Ok(real) = path.canonicalize()
            && SymlinkRule::of(&self.root, &Config { file: String::new(), ..config.clone() }).end(&real)
                == LinkEnd::Outside
        {
            diagnostics = vec![leads_out(&name, &real)];
        }
        if let Some(url) = &self.base_url {
            config
                .set_base_url(url)
                .map_err(|reason| Error::Argument { given: format!("--base-url {url}"), reason })?;
        }
        if let Some(receiver) = &self.receiver {
            config.linkbacks.announce(receiver);
        }
        config.author = config.author.take().map(|author| config.person(author));
        Ok((config, diagnostics))
    }

    /// Where coloured code is kept between builds and previews of the site.
    fn highlights(&self, config: &Config) -> Arc<Highlights> {
        let file = self.root.join(STATE).join("highlights");
        Arc::new(Highlights::new(file, config.highlight.clone()))
    }
}

/// What a workspace is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Nothing is written: what the ledger says of outputs is not read.
    Read,
    /// The site will be built.
    Build,
}

/// A site that is open.
pub struct Workspace {
    source: SiteSource,
    access: Access,
    now: DateTime<Utc>,
    config: Config,
    settings_faults: Vec<Diagnostic>,
    highlights: Option<Arc<Highlights>>,
    snapshot: Option<Arc<Snapshot>>,
    /// The ledger the snapshot was read with, until a build takes it.
    ledger: Option<LedgerRead>,
    /// A scan that was made before the site had to be read.
    scanned: Option<ScanResult>,
}

/// A ledger, and the stamp its file had.
struct LedgerRead {
    ledger: Ledger,
    stamp: Option<Stamp>,
}

impl Workspace {
    /// Reads the settings of a site, to show it as it is at `now`.
    pub fn open(source: &SiteSource, now: DateTime<Utc>, access: Access) -> Result<Self> {
        let (config, settings_faults) = source.read_settings()?;
        Ok(Self {
            source: source.clone(),
            access,
            now,
            config,
            settings_faults,
            highlights: None,
            snapshot: None,
            ledger: None,
            scanned: None,
        })
    }

    /// The site with the same settings, of which nothing else is read.
    #[must_use]
    pub fn unread(&self, access: Access) -> Self {
        Self {
            source: self.source.clone(),
            access,
            now: self.now,
            config: self.config.clone(),
            settings_faults: self.settings_faults.clone(),
            highlights: None,
            snapshot: None,
            ledger: None,
            scanned: None,
        }
    }

    /// Which site it is.
    pub fn source(&self) -> &SiteSource {
        &self.source
    }

    /// The settings, with the command line laid over them.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// What is wrong with the settings.
    pub fn settings_faults(&self) -> &[Diagnostic] {
        &self.settings_faults
    }

    /// The moment the site is shown at.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// The site as it was when it was last read, which is now if it was not read before.
    pub fn snapshot(&mut self) -> Arc<Snapshot> {
        match &self.snapshot {
            Some(snapshot) => Arc::clone(snapshot),
            None => {
                let snapshot = Arc::new(self.read());
                self.snapshot = Some(Arc::clone(&snapshot));
                snapshot
            }
        }
    }

    /// Brings the snapshot up to date after a change of files, to show the site as it is at `now`. If the settings cannot
    /// be read, all stays as it was; a source that cannot be used stays as it was when it could.
    ///
    /// Only the changed files are read where their paths tell enough. Whichever way is taken, the snapshot is the one that
    /// reading everything would give.
    pub fn refresh(&mut self, changed: &ChangedPaths, now: DateTime<Utc>) -> Result<Change> {
        let Some(mut snapshot) = self.snapshot.take() else {
            return self.reopen(now);
        };
        // A date that has come changes what is shown, though no file has changed.
        let is_due = snapshot.next_change().is_some_and(|due| due <= now);
        if !changed.and_others && !is_due {
            // A snapshot that others hold stays as they got it.
            let refreshed = Arc::make_mut(&mut snapshot).rescan(&self.source.root, now, &changed.paths);
            if let Some(change) = refreshed {
                (self.snapshot, self.now) = (Some(snapshot), now);
                return Ok(change);
            }
        }
        let (config, settings_faults) = match self.source.read_settings() {
            Ok(read) => read,
            Err(error) => {
                self.snapshot = Some(snapshot);
                return Err(error);
            }
        };
        // Other settings leave the colours of code as they are, and these are what takes longest to make.
        if config.highlight != self.config.highlight {
            self.highlights = None;
        }
        (self.config, self.settings_faults, self.now) = (config, settings_faults, now);
        let (next, change) = Snapshot::successor(snapshot, &self.source, now, self.scan());
        self.snapshot = Some(Arc::new(next));
        Ok(if is_due { change.max(Change::Content) } else { change })
    }

    /// Reads the settings again where nothing else was read yet.
    fn reopen(&mut self, now: DateTime<Utc>) -> Result<Change> {
        (self.config, self.settings_faults) = self.source.read_settings()?;
        (self.now, self.scanned) = (now, None);
        Ok(Change::Theme)
    }

    /// Compiles the templates of the snapshot, and reports their faults.
    pub fn renderer(&mut self) -> (Renderer, Vec<Diagnostic>) {
        let highlights = self.highlights();
        self.snapshot().renderer(&self.source.root, &highlights)
    }

    /// What a renderer of the snapshot needs besides templates.
    pub fn render_sources(&mut self) -> RenderSources {
        let highlights = self.highlights();
        self.snapshot().sources(&self.source.root, &highlights)
    }

    /// Coloured code, for everything that renders pages of this workspace.
    pub fn highlights(&mut self) -> Arc<Highlights> {
        let highlights = self.highlights.get_or_insert_with(|| self.source.highlights(&self.config));
        Arc::clone(highlights)
    }

    /// The output folder.
    pub fn output_folder(&self) -> PathBuf {
        self.source.output.clone().unwrap_or_else(|| self.source.root.join(&self.config.output))
    }

    /// The file of the ledger: each output folder has its own.
    pub(super) fn ledger_path(&self) -> PathBuf {
        ledger::path_for(&self.source.root, &self.absolute_output())
    }

    /// The file that says what a build with nothing to do would find.
    pub(super) fn settled_path(&self) -> PathBuf {
        ledger::state_path(&self.source.root, "settled", &self.absolute_output())
    }

    fn absolute_output(&self) -> PathBuf {
        let folder = self.output_folder();
        std::path::absolute(&folder).unwrap_or(folder)
    }

    /// The stamp of the ledger on the disk.
    pub(super) fn ledger_stamp(&self) -> Option<Stamp> {
        stamp_of(&self.ledger_path())
    }

    /// Scans the site and returns the fingerprint of all that a build reads. `None` if the site was read already: what
    /// was read may be older than what a scan finds now.
    pub(super) fn scan_inputs(&mut self) -> Option<Hash> {
        if self.snapshot.is_some() {
            return None;
        }
        let scanned = self.scan();
        let inputs = scanned.inputs(&self.source);
        // A build that has to read the site needs no second scan.
        self.scanned = Some(scanned);
        Some(inputs)
    }

    /// The ledger of the last build, for a build that holds the lock. If another build has saved one since the
    /// snapshot was read, the site is read again: the other build may have seen later changes.
    pub(super) fn take_ledger(&mut self) -> Result<Ledger> {
        self.access = Access::Build;
        let path = self.ledger_path();
        match self.ledger.take() {
            Some(read) if read.stamp == stamp_of(&path) => Ok(read.ledger),
            Some(_) => {
                self.refresh(&ChangedPaths::any(), self.now)?;
                Ok(Ledger::load(&path))
            }
            // The snapshot was read for reading only, without what the ledger says of outputs.
            None if self.snapshot.is_some() => Ok(Ledger::load(&path)),
            None => {
                self.snapshot();
                Ok(self.ledger.take().map(|read| read.ledger).unwrap_or_default())
            }
        }
    }

    /// Gives a ledger back that a build took and did not use up.
    pub(super) fn give_back_ledger(&mut self, ledger: Ledger) {
        let stamp = stamp_of(&self.ledger_path());
        self.ledger = Some(LedgerRead { ledger, stamp });
    }

    /// Reads the tree and the ledger, and puts the site together.
    fn read(&mut self) -> Snapshot {
        let path = self.ledger_path();
        // The scan waits for the file system, and the ledger is decoded meanwhile.
        let scanned = self.scanned.take();
        let (scanned, last) =
            rayon::join(|| scanned.unwrap_or_else(|| self.scan()), || read_ledger(&path, self.access));
        let cache = match self.access {
            Access::Read => BodyCache::none(),
            Access::Build => BodyCache::new(&self.source.root.join(STATE), &self.highlights()),
        };
        let options = ReadOptions { cache, on_error: OnError::Skip };
        let snapshot = Snapshot::of(&self.source, self.now, scanned, &last.ledger, options);
        self.ledger = (self.access == Access::Build).then_some(last);
        snapshot
    }

    fn scan(&self) -> ScanResult {
        // Taken before the scan: a file that changes while it runs counts as young.
        let at = now_stamp();
        let tree = scan::scan(&self.source.root, &self.config);
        ScanResult { config: self.config.clone(), diagnostics: self.settings_faults.clone(), tree, at }
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        let (snapshot, ledger) = (self.snapshot.take(), self.ledger.take());
        free((snapshot, ledger));
    }
}

/// Frees a value on a thread of its own: of ten thousand posts it takes a tenth of a build in which nothing changed.
pub(super) fn free(value: impl Send + 'static) {
    worker::in_background("free", move || drop(value));
}

fn read_ledger(path: &Path, access: Access) -> LedgerRead {
    // Before the file is read: if it is replaced meanwhile, the stamp differs.
    let stamp = stamp_of(path);
    let ledger = match access {
        Access::Read => Ledger::load_sources(path).unwrap_or_default(),
        Access::Build => Ledger::load(path),
    };
    LedgerRead { ledger, stamp }
}

fn stamp_of(path: &Path) -> Option<Stamp> {
    path.metadata().ok().map(|metadata| Stamp::of(&metadata))
}
