//! The site as the receiver knows it, kept up while the site changes.
//!
//! The table of addresses is made anew when something below the site's folder changes, and when a post becomes due or
//! expires. A site that cannot be read at the moment leaves the last table in force.

pub mod addresses;

use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use chrono::{DateTime, Utc};
use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use parking_lot::RwLock;

use crate::config::{Config, FILE_NAME};
use crate::engine::{self, Request};
use crate::error::Result;
use crate::post::CONTENT;
use crate::receive::clock::Clock;
use crate::receive::endpoints::pages::ReceiverPages;
use crate::receive::moderation::policy::ModerationPolicy;
use crate::receive::site_index::addresses::TargetIndex;
use crate::scan::THEMES;
use crate::site::Site;

/// The site's posts by their addresses, at this moment.
pub struct SiteIndex {
    request: Request,
    known: RwLock<Arc<IndexSnapshot>>,
}

/// What is known of the site.
pub struct IndexSnapshot {
    /// Its settings.
    pub config: Config,
    /// Its addresses.
    pub addresses: Arc<TargetIndex>,
    /// Whom it trusts.
    pub judge: ModerationPolicy,
    /// What it says to people.
    pub words: Arc<ReceiverPages>,
    /// When a post will be shown, or no longer be, if nothing else changes.
    pub next_change: Option<DateTime<Utc>>,
}

impl SiteIndex {
    /// Reads the site.
    pub fn open(request: Request) -> Result<Self> {
        let known = RwLock::new(Arc::new(IndexSnapshot::read(&request)?));
        Ok(Self { request, known })
    }

    /// What is known.
    pub fn known(&self) -> Arc<IndexSnapshot> {
        Arc::clone(&self.known.read())
    }

    /// The site's addresses.
    pub fn addresses(&self) -> Arc<TargetIndex> {
        Arc::clone(&self.known().addresses)
    }

    /// The folder of the site.
    pub fn root(&self) -> &Path {
        &self.request.root
    }

    /// Reads the site again. If that fails, what was known stays.
    pub fn reload(&self, now: DateTime<Utc>) -> Result<()> {
        let known = IndexSnapshot::read(&Request { now, ..self.request.clone() })?;
        *self.known.write() = Arc::new(known);
        Ok(())
    }
}

impl IndexSnapshot {
    fn read(request: &Request) -> Result<Self> {
        let snapshot = engine::snapshot(request)?;
        let site = &snapshot.plan.site;
        Ok(Self {
            addresses: Arc::new(TargetIndex::of(&snapshot.plan)),
            judge: ModerationPolicy::of(&request.root, &snapshot.plan),
            words: Arc::new(ReceiverPages::of(&snapshot.theme, &snapshot.config)),
            next_change: next_change(site),
            config: snapshot.config,
        })
    }
}

/// When the first post to come will be shown, or the first that expires no longer be.
fn next_change(site: &Site) -> Option<DateTime<Utc>> {
    let to_come =
        site.absent.iter().filter(|absent| !absent.post.front.draft).filter_map(|absent| absent.post.date);
    let to_go = site.shown().filter_map(|post| post.front.expires);
    let later =
        to_come.chain(to_go).map(|date| date.time().to_utc()).filter(|time| *time > site.now.time().to_utc());
    later.min()
}

/// Somebody who reads the site again whenever it changes. It stops when it is dropped.
pub struct IndexUpdater {
    /// Dropped to stop.
    watcher: Option<RecommendedWatcher>,
    stop: mpsc::Sender<Event>,
    thread: Option<JoinHandle<()>>,
}

enum Event {
    Changed,
    Stop,
}

/// Editors and `git pull` touch many files at once; it is quiet when they are done.
const QUIET: Duration = Duration::from_millis(300);

/// How long to wait at most: for systems that tell nobody when files change, and for clocks that were set.
const LONGEST: Duration = Duration::from_secs(3600);

/// Where nobody tells, the site is read so often.
const UNWATCHED: Duration = Duration::from_secs(60);

impl IndexUpdater {
    /// Watches the folders of the site.
    pub fn watch(catalogue: Arc<SiteIndex>, clock: Clock) -> Result<Self> {
        let (sender, events) = mpsc::channel();
        let watcher = watcher(&catalogue.request, sender.clone());
        let longest = if watcher.is_some() { LONGEST } else { UNWATCHED };
        let thread = std::thread::Builder::new().name("catalogue".to_owned());
        let thread = thread
            .spawn(move || {
                while wait_for_change(&events, until_next(&catalogue, &clock).min(longest)) {
                    // A site that is broken right now is read again when it is mended.
                    let _ = catalogue.reload(clock());
                }
            })
            .map_err(crate::error::Error::io("start", Path::new("catalogue")))?;
        Ok(Self { watcher, stop: sender, thread: Some(thread) })
    }
}

impl Drop for IndexUpdater {
    fn drop(&mut self) {
        self.watcher = None;
        let _ = self.stop.send(Event::Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn watcher(request: &Request, sender: mpsc::Sender<Event>) -> Option<RecommendedWatcher> {
    let root = request.root.canonicalize().ok()?;
    let settings = request.settings.clone().unwrap_or_else(|| root.join(FILE_NAME));
    // Editors put another file in its place: it is the folder that is watched.
    let settings_folder = settings.parent().filter(|folder| !folder.as_os_str().is_empty());
    let settings_folder = settings_folder.unwrap_or(Path::new(".")).canonicalize().ok()?;
    let settings = settings_folder.join(settings.file_name()?);
    let (content, themes) = (root.join(CONTENT), root.join(THEMES));
    // What changes beside these, such as our own database, is no news.
    let sources = [content.clone(), themes.clone(), settings];
    let is_source = move |path: &PathBuf| sources.iter().any(|source| path.starts_with(source));
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        if event.is_ok_and(|event| !event.kind.is_access() && event.paths.iter().any(&is_source)) {
            let _ = sender.send(Event::Changed);
        }
    })
    .ok()?;
    watcher.watch(&root, RecursiveMode::NonRecursive).ok()?;
    if settings_folder != root {
        watcher.watch(&settings_folder, RecursiveMode::NonRecursive).ok()?;
    }
    for folder in [content, themes].into_iter().filter(|folder| folder.is_dir()) {
        watcher.watch(&folder, RecursiveMode::Recursive).ok()?;
    }
    Some(watcher)
}

fn until_next(catalogue: &SiteIndex, clock: &Clock) -> Duration {
    let next = catalogue.known().next_change;
    // A second later, it is due on every clock.
    next.map_or(LONGEST, |next| (next - clock()).to_std().unwrap_or_default() + Duration::from_secs(1))
}

/// Waits for a change, or for so long; `false` if it is over.
fn wait_for_change(events: &mpsc::Receiver<Event>, longest: Duration) -> bool {
    match events.recv_timeout(longest) {
        Ok(Event::Changed) => {}
        Err(mpsc::RecvTimeoutError::Timeout) => return true,
        Ok(Event::Stop) | Err(mpsc::RecvTimeoutError::Disconnected) => return false,
    }
    loop {
        match events.recv_timeout(QUIET) {
            Ok(Event::Changed) => {}
            Err(mpsc::RecvTimeoutError::Timeout) => return true,
            Ok(Event::Stop) | Err(mpsc::RecvTimeoutError::Disconnected) => return false,
        }
    }
}
