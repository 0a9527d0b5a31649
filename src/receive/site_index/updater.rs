//! Keeps the index up to date: a thread that reads the site again whenever it changes.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::engine::workspace::{Access, SiteSource, Workspace};
use crate::error::Result;
use crate::post::CONTENT;
use crate::receive::site_index::SiteIndex;
use crate::scan::THEMES;
use crate::sys::clock::Clock;
use crate::sys::watch::{ChangedPaths, SiteWatcher, Stop, Timing, Wake, WatchedPaths, Watching};
use crate::sys::worker::Thread;

/// Editors and `git pull` change many files at once; the site is read when they are done.
const TIMING: Timing = Timing {
    quiet: Duration::from_millis(300),
    longest: Duration::from_secs(10),
    fallback: Duration::from_secs(60),
};

/// The site is read at least this often, whatever the clock and the system say.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// After a failure the site is read again this much later, if no change is reported before.
const RETRY: Duration = Duration::from_secs(60);

/// Called with the reason if changes cannot be watched and the site is read at an interval instead.
pub(crate) type OnUnwatchable = Box<dyn Fn(&str) + Send>;

/// The thread. It ends when this is dropped.
pub(crate) struct IndexUpdater {
    stop: Stop,
    _thread: Thread,
}

impl IndexUpdater {
    /// Reads a site, and keeps what was read up to date.
    pub(crate) fn start(
        source: &SiteSource,
        clock: Clock,
        on_unwatchable: OnUnwatchable,
    ) -> Result<(Arc<SiteIndex>, Self)> {
        // Watching begins before reading, so that a change in between is not missed.
        let (watcher, stop) = SiteWatcher::start(watched_paths(source), Watching::Events, TIMING);
        let site = Workspace::open(source, clock.now(), Access::Read)?;
        let index = Arc::new(SiteIndex::of(site));
        let shared = Arc::clone(&index);
        let thread = Thread::start("site index", move || {
            keep_up_to_date(watcher, &shared, &clock, &on_unwatchable);
        })?;
        Ok((index, Self { stop, _thread: thread }))
    }
}

impl Drop for IndexUpdater {
    fn drop(&mut self) {
        self.stop.stop();
    }
}

/// The files that decide which posts there are and what the receiver's pages say. Other changes below the site's
/// folder, such as those of its own database, are not reported.
fn watched_paths(source: &SiteSource) -> WatchedPaths {
    let root = absolute(&source.root);
    let settings = absolute(&source.settings_file());
    WatchedPaths { files: vec![settings], folders: vec![root.join(CONTENT), root.join(THEMES)] }
}

/// The absolute path of a file. Links in it stay: where they lead may change.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn keep_up_to_date(
    mut watcher: SiteWatcher,
    index: &SiteIndex,
    clock: &Clock,
    on_unwatchable: &OnUnwatchable,
) {
    let mut wait = until_next_change(index, clock);
    let mut changed = ChangedPaths::default();
    loop {
        match watcher.next(Some(wait)) {
            Wake::Changed(paths) => changed.add(paths),
            Wake::Elapsed => changed.add(ChangedPaths::any()),
            Wake::Unwatchable(reason) => {
                on_unwatchable(&reason);
                continue;
            }
            Wake::Stopped => return,
        }
        wait = match index.refresh(&changed, clock.now()) {
            Ok(()) => {
                changed = ChangedPaths::default();
                until_next_change(index, clock)
            }
            // The old index stays in force. A post that is due would have this thread read all the time.
            Err(_) => RETRY,
        };
    }
}

/// How long it takes until a post is published or expires.
fn until_next_change(index: &SiteIndex, clock: &Clock) -> Duration {
    let next = index.snapshot().next_change;
    next.and_then(|next| clock.until(next)).map_or(LONGEST_WAIT, |wait| wait.min(LONGEST_WAIT))
}
