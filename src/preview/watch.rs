//! When something happened to the files of a site. What it was is not asked here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender};

use notify::event::{AccessKind, AccessMode};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use crate::post::CONTENT;
use crate::scan::{STATIC, TEMPLATES, THEMES};

/// What the keeper waits for.
pub(super) enum Ring {
    /// Something happened to files.
    Touched(Touched),
    /// The preview ends.
    End,
}

/// The files something happened to.
#[derive(Debug, Default)]
pub(super) struct Touched {
    pub(super) paths: BTreeSet<PathBuf>,
    /// Whether there may be others.
    pub(super) and_others: bool,
}

impl Touched {
    /// Any file.
    pub(super) fn any() -> Self {
        Self { paths: BTreeSet::new(), and_others: true }
    }

    /// Adds what else happened.
    pub(super) fn add(&mut self, other: Self) {
        self.paths.extend(other.paths);
        self.and_others |= other.and_others;
    }
}

/// Wakes the keeper.
#[derive(Clone)]
pub(super) struct Bell(Sender<Ring>);

impl Bell {
    pub(super) fn new() -> (Self, Receiver<Ring>) {
        let (sender, receiver) = mpsc::channel();
        (Self(sender), receiver)
    }

    /// Something happened to files. Nobody hears when the keeper is gone.
    pub(super) fn touched(&self, touched: Touched) {
        let _ = self.0.send(Ring::Touched(touched));
    }

    /// The preview ends.
    pub(super) fn end(&self) {
        let _ = self.0.send(Ring::End);
    }
}

/// Where the files of a site are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Places {
    /// The folder of the site.
    pub(super) root: PathBuf,
    /// The file of the settings.
    pub(super) settings: PathBuf,
    /// The name of the theme.
    pub(super) theme: String,
}

impl Places {
    /// The folders whose files are read, with all that is in them.
    fn folders(&self) -> [PathBuf; 4] {
        [
            self.root.join(CONTENT),
            self.root.join(STATIC),
            self.root.join(TEMPLATES),
            self.root.join(THEMES).join(&self.theme),
        ]
    }

    /// Whether something that happened here can be about the site: the root holds other things as well.
    pub(super) fn hold(&self, path: &Path) -> bool {
        let themes = self.root.join(THEMES);
        path == self.settings
            || path == themes
            || self.folders().iter().any(|folder| path.starts_with(folder))
    }

    /// What is watched, and how far down.
    fn watched(&self) -> BTreeMap<PathBuf, RecursiveMode> {
        let settings_folder = self.settings.parent().unwrap_or(&self.root).to_owned();
        let flat = [self.root.clone(), settings_folder, self.root.join(THEMES)];
        let flat = flat.into_iter().map(|folder| (folder, RecursiveMode::NonRecursive));
        let deep = self.folders().into_iter().map(|folder| (folder, RecursiveMode::Recursive));
        flat.chain(deep).filter(|(folder, _)| folder.is_dir()).collect()
    }
}

/// Rings when the system tells of something.
pub(super) struct Watcher {
    system: RecommendedWatcher,
    watched: BTreeMap<PathBuf, RecursiveMode>,
}

impl Watcher {
    /// Begins to watch.
    pub(super) fn start(places: &Places, bell: Bell) -> notify::Result<Self> {
        let handler = move |event: notify::Result<notify::Event>| bell.touched(touched(event));
        let system = RecommendedWatcher::new(
            move |event| {
                if matters(&event) {
                    handler(event);
                }
            },
            notify::Config::default(),
        )?;
        let mut watcher = Self { system, watched: BTreeMap::new() };
        watcher.follow(places, &BTreeSet::new())?;
        Ok(watcher)
    }

    /// Watches what is there now. Folders that something happened to are watched anew: the one of that name may be
    /// another one.
    pub(super) fn follow(&mut self, places: &Places, touched: &BTreeSet<PathBuf>) -> notify::Result<()> {
        let wanted = places.watched();
        let gone: Vec<PathBuf> = self
            .watched
            .iter()
            .filter(|(folder, mode)| wanted.get(*folder) != Some(mode) || touched.contains(*folder))
            .map(|(folder, _)| folder.clone())
            .collect();
        for folder in gone {
            // It may be gone, and its watch with it.
            let _ = self.system.unwatch(&folder);
            self.watched.remove(&folder);
        }
        for (folder, mode) in wanted {
            if !self.watched.contains_key(&folder) {
                self.system.watch(&folder, mode)?;
                self.watched.insert(folder, mode);
            }
        }
        Ok(())
    }
}

/// Whether something may be other than it was. Our own reading is told of as well, and must not wake us.
fn matters(event: &notify::Result<notify::Event>) -> bool {
    match event {
        Ok(event) if event.need_rescan() => true,
        Ok(event) => match event.kind {
            EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
            EventKind::Access(_) => false,
            _ => true,
        },
        Err(_) => true,
    }
}

fn touched(event: notify::Result<notify::Event>) -> Touched {
    match event {
        Ok(event) => Touched { and_others: event.need_rescan(), paths: event.paths.into_iter().collect() },
        // What was lost with it is found by looking at all.
        Err(_) => Touched::any(),
    }
}
