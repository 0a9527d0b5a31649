//! Which folders have to be watched to see every change of some paths, and which of these paths an event is about.
//!
//! Paths are watched by their real names. The system reports one name for a folder, however many links lead to it;
//! so an event is translated back to every path by which the changed file is read.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::path::{Component, Path, PathBuf};

use walkdir::WalkDir;

/// The files and folders to watch, by the paths they are read at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct WatchedPaths {
    pub files: Vec<PathBuf>,
    /// Folders, with everything in them.
    pub folders: Vec<PathBuf>,
}

/// How much of a folder is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// Its entries.
    Flat,
    /// Everything below it.
    Tree,
}

/// What happens if a folder cannot be watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Need {
    /// Only the replacement of a folder further up would be missed.
    Optional,
    /// Changes of the watched paths would be missed.
    Required,
}

/// A folder to watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FolderWatch {
    pub(super) depth: Depth,
    pub(super) need: Need,
}

/// What to watch, at one moment.
#[derive(Debug, Default)]
pub(super) struct WatchPlan {
    /// By their real paths. No folder is below a [`Depth::Tree`].
    pub(super) watches: BTreeMap<PathBuf, FolderWatch>,
    /// The entries of folders that decide where a watched path or a link leads, by their real paths.
    entries: BTreeMap<PathBuf, Entry>,
    /// Real folders, and the paths by which they are read.
    aliases: BTreeSet<(PathBuf, PathBuf)>,
}

/// An entry of a folder on the way to watched paths.
#[derive(Debug)]
struct Entry {
    step: Step,
    /// The watched paths, or links below them, on whose way it is.
    read_as: BTreeSet<PathBuf>,
}

/// What stands at an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// A folder on the way.
    Through,
    /// A link, on the way or at the end.
    Link,
    /// A folder at the end.
    Folder,
    /// A file at the end.
    File,
    /// Nothing, or nothing that may be read.
    Missing,
}

impl Step {
    /// Whether the folder this is in has to be watched. What happens in a folder at the end is reported by the watch
    /// on that folder.
    fn need(self) -> Need {
        match self {
            Self::Link | Self::File => Need::Required,
            Self::Through | Self::Folder | Self::Missing => Need::Optional,
        }
    }
}

/// Links are followed this often, as Linux does (`path_resolution(7)`).
const MOST_LINKS: usize = 40;

/// The folders above are watched as well, so that a replaced one is noticed. macOS reports everything below a folder
/// to whoever watches it, which for `/` is all that happens on the machine.
const WATCHES_ABOVE: bool = cfg!(not(target_os = "macos"));

impl WatchPlan {
    /// What to watch now for some paths.
    pub(super) fn of(paths: &WatchedPaths) -> Self {
        let mut plan = Self::default();
        for file in &paths.files {
            plan.add(file);
        }
        for folder in &paths.folders {
            if plan.add(folder) {
                plan.add_links_below(folder);
            }
        }
        let trees: Vec<PathBuf> = plan.trees().cloned().collect();
        plan.watches.retain(|folder, _| !trees.iter().any(|tree| folder != tree && folder.starts_with(tree)));
        plan
    }

    /// Adds a path, and whatever decides where it leads. Returns whether that is a folder.
    fn add(&mut self, path: &Path) -> bool {
        let route = Route::of(path);
        self.add_steps(path, &route);
        let Some(end) = route.end.filter(|end| end.is_dir()) else { return false };
        self.watches.insert(end.clone(), FolderWatch { depth: Depth::Tree, need: Need::Required });
        self.aliases.insert((end, path.to_owned()));
        true
    }

    fn add_steps(&mut self, path: &Path, route: &Route) {
        for (entry, step) in &route.steps {
            let known = self.entries.entry(entry.clone());
            let known = known.or_insert_with(|| Entry { step: *step, read_as: BTreeSet::new() });
            known.read_as.insert(path.to_owned());
            // The same entry is the end of one path and on the way of another: what matters more is kept.
            if known.step == Step::Through {
                known.step = *step;
            }
            if let Some(folder) = entry.parent()
                && (WATCHES_ABOVE || *step != Step::Through)
            {
                let watch = FolderWatch { depth: Depth::Flat, need: step.need() };
                let known = self.watches.entry(folder.to_owned()).or_insert(watch);
                known.need = known.need.max(watch.need);
            }
        }
    }

    fn add_links_below(&mut self, folder: &Path) {
        for entry in WalkDir::new(folder).min_depth(1).follow_links(true) {
            match entry {
                Ok(entry) if entry.path_is_symlink() => {
                    self.add(entry.path());
                }
                Ok(_) => {}
                // A link that leads nowhere, or to a folder it is in. What it leads to is not watched, which may be
                // the whole disk; that the link is mended is noticed.
                Err(error) => {
                    if let Some(path) = error.path().filter(|path| path.is_symlink()) {
                        self.add_steps(path, &Route::of(path));
                    }
                }
            }
        }
    }

    fn trees(&self) -> impl Iterator<Item = &PathBuf> {
        self.watches.iter().filter(|(_, watch)| watch.depth == Depth::Tree).map(|(folder, _)| folder)
    }

    /// The paths by which the file or folder at a real path is read. None if it is not watched: the folders that are
    /// watched hold other things as well.
    pub(super) fn read_as(&self, real: &Path) -> BTreeSet<PathBuf> {
        let mut paths = self.entries.get(real).map_or_else(BTreeSet::new, |entry| entry.read_as.clone());
        let below =
            self.aliases.iter().filter_map(|(folder, path)| Some((real.strip_prefix(folder).ok()?, path)));
        paths.extend(below.map(|(below, path)| {
            // Joining an empty path would end in a slash.
            if below.as_os_str().is_empty() { path.clone() } else { path.join(below) }
        }));
        paths
    }

    /// Whether [`read_as`](Self::read_as) names a path. It is asked at every write of a database beside the settings.
    pub(super) fn contains(&self, real: &Path) -> bool {
        self.aliases.iter().any(|(folder, _)| real.starts_with(folder))
            || self.entries.get(real).is_some_and(|entry| !entry.read_as.is_empty())
    }

    /// Whether something happened at a real path after which a watched path may lead elsewhere. The content of a file
    /// at the end of the way does not matter.
    pub(super) fn leads_elsewhere(&self, real: &Path) -> bool {
        let Some(entry) = self.entries.get(real) else { return false };
        let is_file = fs::symlink_metadata(real).is_ok_and(|metadata| metadata.is_file());
        entry.step != Step::File || !is_file
    }
}

/// Where a path leads, links followed.
#[derive(Debug, Default)]
struct Route {
    /// The entries of folders it leads over, by their real paths.
    steps: Vec<(PathBuf, Step)>,
    /// The real path of what is there.
    end: Option<PathBuf>,
}

impl Route {
    /// Follows an absolute path.
    fn of(path: &Path) -> Self {
        let mut route = Self::default();
        let mut at = PathBuf::new();
        let mut ahead: Vec<OsString> = Vec::new();
        let push = |ahead: &mut Vec<OsString>, path: &Path| {
            ahead.extend(path.components().rev().map(|component| component.as_os_str().to_owned()));
        };
        push(&mut ahead, path);
        let mut links = 0;
        while let Some(next) = ahead.pop() {
            match Path::new(&next).components().next() {
                Some(Component::Normal(_)) => {}
                // `at` is a real path: its parent is the folder that `..` means.
                Some(Component::ParentDir) => {
                    at.pop();
                    continue;
                }
                Some(Component::CurDir) | None => continue,
                Some(Component::RootDir | Component::Prefix(_)) => {
                    at.push(&next);
                    continue;
                }
            }
            let entry = at.join(&next);
            match fs::symlink_metadata(&entry) {
                Ok(metadata) if metadata.is_symlink() => {
                    route.steps.push((entry.clone(), Step::Link));
                    links += 1;
                    let Ok(target) = fs::read_link(&entry) else { return route };
                    if links > MOST_LINKS {
                        return route;
                    }
                    if target.is_absolute() {
                        at = PathBuf::new();
                    }
                    push(&mut ahead, &target);
                }
                Ok(metadata) => {
                    let step = match ahead.is_empty() {
                        false => Step::Through,
                        true if metadata.is_dir() => Step::Folder,
                        true => Step::File,
                    };
                    route.steps.push((entry.clone(), step));
                    at = entry;
                }
                Err(_) => {
                    route.steps.push((entry, Step::Missing));
                    return route;
                }
            }
        }
        route.end = Some(at);
        route
    }
}
