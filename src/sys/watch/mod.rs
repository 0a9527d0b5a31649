//! When the files of a site change.
//!
//! A [`SiteWatcher`] belongs to the thread that reads the site: [`next`](SiteWatcher::next) waits until something has
//! changed and names the paths by which it is read. What has changed in them is found by reading.
//!
//! Folders and links on the way to a watched path are watched as well, whatever is replaced: the folder `content/`
//! itself, a folder above it, the target of a link, a link that leads to the whole site. Where the system cannot watch
//! (network file systems, too many folders), everything is reported as changed at an interval.

mod plan;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode};
use notify::{ErrorKind, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use parking_lot::RwLock;

pub(crate) use self::plan::WatchedPaths;
use self::plan::{Depth, FolderWatch, Need, WatchPlan};

/// How changes are noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watching {
    /// The system reports them.
    Events,
    /// Everything counts as changed after each interval: network file systems report nothing.
    Polling(Duration),
}

/// How changes are put together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timing {
    /// Changes with less than this between them are one.
    pub quiet: Duration,
    /// After this long, what has changed is reported although more is changing.
    pub longest: Duration,
    /// The interval of polling where the system turns out to report nothing.
    pub fallback: Duration,
}

/// Paths that may have changed.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct ChangedPaths {
    /// As they are read: below a watched folder, or a watched file.
    pub paths: BTreeSet<PathBuf>,
    /// Whether others may have changed as well.
    pub and_others: bool,
}

impl ChangedPaths {
    /// Any path.
    pub fn any() -> Self {
        Self { paths: BTreeSet::new(), and_others: true }
    }

    /// Adds what changed later.
    pub fn add(&mut self, other: Self) {
        self.paths.extend(other.paths);
        self.and_others |= other.and_others;
    }
}

/// Why waiting is over.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wake {
    Changed(ChangedPaths),
    Elapsed,
    /// The system cannot report all changes, for this reason. From now on the watcher polls. Returned once.
    Unwatchable(String),
    Stopped,
}

/// A new folder may have got files before the system watched it: everything is read once more after this long.
const SETTLING: Duration = Duration::from_millis(100);

/// Notices when the files of a site change.
pub(crate) struct SiteWatcher {
    paths: WatchedPaths,
    watching: Watching,
    timing: Timing,
    /// Shared with the system's thread, which drops what is about other files.
    plan: Arc<RwLock<WatchPlan>>,
    /// None if the system offers no watching, or it is not wanted.
    system: Option<RecommendedWatcher>,
    watched: BTreeMap<PathBuf, FolderWatch>,
    events: Receiver<Event>,
    /// When new folders are read once more.
    settled: Option<Instant>,
    /// Why the system cannot report all changes, until it has been said.
    failure: Option<String>,
    is_stopped: bool,
}

/// Stops a [`SiteWatcher`] from another thread.
#[derive(Debug, Clone)]
pub(crate) struct Stop(Sender<Event>);

impl Stop {
    /// Ends the waiting, now and in future.
    pub(crate) fn stop(&self) {
        // A watcher that is gone needs no stopping.
        let _ = self.0.send(Event::Stop);
    }
}

/// What the system's thread reports.
#[derive(Debug)]
enum Event {
    /// Something happened at these real paths.
    Touched(Vec<PathBuf>),
    Lost,
    /// A new folder cannot be watched.
    Failed(String),
    Stop,
}

/// What happened until it was quiet.
#[derive(Debug, Default)]
struct Batch {
    /// Real paths.
    touched: BTreeSet<PathBuf>,
    is_lost: bool,
}

impl SiteWatcher {
    /// Begins to watch absolute paths.
    pub(crate) fn start(paths: WatchedPaths, watching: Watching, timing: Timing) -> (Self, Stop) {
        let (sender, events) = mpsc::channel();
        let plan = Arc::default();
        let mut watcher = Self {
            paths,
            watching,
            timing,
            plan: Arc::clone(&plan),
            system: None,
            watched: BTreeMap::new(),
            events,
            settled: None,
            failure: None,
            is_stopped: false,
        };
        if watching == Watching::Events {
            let sender = sender.clone();
            let report = move |event| {
                if let Some(event) = relevant(event, &plan.read()) {
                    // The watcher ends before the system's thread does.
                    let _ = sender.send(event);
                }
            };
            // Where links lead is in the plan: followed by the system, two names of a folder would become one.
            let config = notify::Config::default().with_follow_symlinks(false);
            match RecommendedWatcher::new(report, config) {
                Ok(system) => watcher.system = Some(system),
                Err(error) => watcher.poll(error.to_string()),
            }
            watcher.follow(&Batch::default());
        }
        (watcher, Stop(sender))
    }

    /// Watches other paths from now on.
    pub(crate) fn watch(&mut self, paths: WatchedPaths) {
        if paths != self.paths {
            self.paths = paths;
            self.follow(&Batch::default());
        }
    }

    /// Waits until something has changed, and nothing more does; or until the time is over.
    pub(crate) fn next(&mut self, at_most: Option<Duration>) -> Wake {
        if let Some(reason) = self.failure.take().filter(|_| !self.is_stopped) {
            return Wake::Unwatchable(reason);
        }
        let now = Instant::now();
        let interval = match self.watching {
            Watching::Polling(interval) => Some(now + interval),
            Watching::Events => None,
        };
        let reread = [interval, self.settled].into_iter().flatten().min();
        let end = at_most.map(|at_most| now + at_most);
        let until = [reread, end].into_iter().flatten().min();
        match self.batch(until) {
            Some(batch) => {
                let changed = self.changed(&batch);
                match self.failure.take() {
                    // What it had to report is among everything that polling reports.
                    Some(reason) => Wake::Unwatchable(reason),
                    None => Wake::Changed(changed),
                }
            }
            None if self.is_stopped => Wake::Stopped,
            None if reread.is_some() && reread == until => {
                self.settled = None;
                Wake::Changed(ChangedPaths::any())
            }
            None => Wake::Elapsed,
        }
    }

    /// What else the system reports within some time.
    pub(crate) fn more(&mut self, within: Duration) -> Option<ChangedPaths> {
        let batch = self.batch(Some(Instant::now() + within))?;
        Some(self.changed(&batch))
    }

    /// Waits for events until a moment, and once there is one, until it is quiet.
    fn batch(&mut self, until: Option<Instant>) -> Option<Batch> {
        if self.is_stopped {
            return None;
        }
        let first = match until {
            Some(until) => self.events.recv_timeout(until.saturating_duration_since(Instant::now())),
            None => self.events.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        let mut event = match first {
            Ok(event) => event,
            Err(RecvTimeoutError::Timeout) => return None,
            Err(RecvTimeoutError::Disconnected) => {
                self.is_stopped = true;
                return None;
            }
        };
        let began = Instant::now();
        let mut batch = Batch::default();
        loop {
            match event {
                Event::Touched(paths) => batch.touched.extend(paths),
                Event::Lost => batch.is_lost = true,
                Event::Failed(reason) => {
                    batch.is_lost = true;
                    self.poll(reason);
                }
                Event::Stop => {
                    self.is_stopped = true;
                    return None;
                }
            }
            if began.elapsed() > self.timing.longest {
                return Some(batch);
            }
            match self.events.recv_timeout(self.timing.quiet) {
                Ok(next) => event = next,
                Err(_) => return Some(batch),
            }
        }
    }

    /// The paths a batch is about. What has to be watched for it is watched before they are returned, so that what
    /// happens while they are read is reported.
    fn changed(&mut self, batch: &Batch) -> ChangedPaths {
        let plan = self.plan.read();
        let leads_elsewhere = batch.touched.iter().any(|real| plan.leads_elsewhere(real));
        let paths = batch.touched.iter().flat_map(|real| plan.read_as(real)).collect();
        drop(plan);
        let has_folder = batch.touched.iter().any(|real| real.is_dir());
        if batch.is_lost
            || leads_elsewhere
            || batch.touched.iter().any(|real| real.is_symlink())
            || has_folder
        {
            self.follow(batch);
        }
        // A longer quiet has waited for it already.
        if (has_folder || leads_elsewhere) && self.timing.quiet < SETTLING {
            self.settled = Some(Instant::now() + SETTLING);
        }
        ChangedPaths { paths, and_others: batch.is_lost || leads_elsewhere }
    }

    /// Brings what is watched up to date. Folders that something happened to, or above which it did, are watched
    /// again: the one of that name may be another one.
    fn follow(&mut self, batch: &Batch) {
        let Some(system) = &mut self.system else { return };
        let plan = WatchPlan::of(&self.paths);
        let wanted = plan.watches.clone();
        // Before the watches: what they report is about the paths of this plan.
        *self.plan.write() = plan;
        let is_stale = |folder: &Path, watch: &FolderWatch| {
            batch.is_lost
                || wanted.get(folder).map(|wanted| wanted.depth) != Some(watch.depth)
                || batch.touched.iter().any(|real| folder.starts_with(real))
        };
        let stale: Vec<PathBuf> = self
            .watched
            .iter()
            .filter(|(folder, watch)| is_stale(folder, watch))
            .map(|(folder, _)| folder.clone())
            .collect();
        for folder in stale {
            // It may be gone, and its watch with it.
            let _ = system.unwatch(&folder);
            self.watched.remove(&folder);
        }
        let mut failure = None;
        for (folder, watch) in wanted {
            if self.watched.contains_key(&folder) {
                continue;
            }
            let mode = match watch.depth {
                Depth::Flat => RecursiveMode::NonRecursive,
                Depth::Tree => RecursiveMode::Recursive,
            };
            match system.watch(&folder, mode) {
                Ok(()) => {
                    self.watched.insert(folder, watch);
                }
                Err(error) if matters(&error, watch.need) => failure = Some(error.to_string()),
                Err(_) => {}
            }
        }
        if let Some(reason) = failure {
            self.poll(reason);
        }
    }

    /// The system does not report all changes: from now on, everything is read at an interval.
    fn poll(&mut self, reason: String) {
        if self.watching == Watching::Events {
            self.watching = Watching::Polling(self.timing.fallback);
            self.failure = Some(reason);
        }
    }
}

/// Whether changes are missed because a folder cannot be watched.
fn matters(error: &notify::Error, need: Need) -> bool {
    match &error.kind {
        ErrorKind::MaxFilesWatch => true,
        // It went after the plan was made, which the watch on the folder it was in reports.
        ErrorKind::PathNotFound => false,
        _ => need == Need::Required,
    }
}

/// What an event of the system means for the watched paths, if anything.
fn relevant(event: notify::Result<notify::Event>, plan: &WatchPlan) -> Option<Event> {
    match event {
        Ok(event) if event.need_rescan() => Some(Event::Lost),
        Ok(event) if is_reading(event.kind) => None,
        Ok(event) => {
            let touched: Vec<PathBuf> = event.paths.into_iter().filter(|path| plan.contains(path)).collect();
            (!touched.is_empty()).then_some(Event::Touched(touched))
        }
        Err(error) if matches!(error.kind, ErrorKind::MaxFilesWatch) => {
            Some(Event::Failed(error.to_string()))
        }
        // What was lost with it is found by reading everything.
        Err(_) => Some(Event::Lost),
    }
}

/// Whether a file was only read, as by the program itself.
fn is_reading(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => false,
        EventKind::Access(_) => true,
        _ => false,
    }
}
