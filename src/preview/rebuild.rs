//! Keeps what is shown true to the files: waits until something happens to them, looks what it was, and shows what
//! came of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use crate::config::FILE_NAME;
use crate::diagnostic::Diagnostic;
use crate::engine::cache::highlights::Highlights;
use crate::engine::cache::ledger::SourceContent;
use crate::engine::snapshot::{Change, Snapshot};
use crate::engine::{self, Request};
use crate::error::{Error, Result};
use crate::page::Plan;
use crate::path::{SourcePath, UrlPath};
use crate::post::CONTENT;
use crate::preview::served::{PreviewState, ServedSite};
use crate::preview::{InitialState, PreviewObserver, PreviewOptions, PreviewUpdate};
use crate::render::Renderer;
use crate::scan::{self, FileOrigin, STATIC, TEMPLATES, THEMES};
use crate::site::StaticFile;
use crate::sys::clock::Clock;
use crate::sys::watch::{ChangedPaths, SiteWatcher, Stop, Timing, Wake, WatchedPaths, Watching};
use crate::sys::worker::Thread;

const TIMING: Timing = Timing {
    // An editor may need several steps to save a file.
    quiet: Duration::from_millis(2),
    // Something is shown while a great many files are still being changed.
    longest: Duration::from_millis(250),
    fallback: Duration::from_millis(500),
};

/// A file that is empty, gone or broken may be so for a moment only, while it is saved.
const PATIENCE: Duration = Duration::from_millis(40);

/// Keeps what is shown.
pub(super) struct Rebuilder {
    request: Request,
    clock: Clock,
    watching: Watching,
    observer: Arc<dyn PreviewObserver>,
    highlights: Arc<Highlights>,
    snapshot: Snapshot,
    /// The last templates that had no fault.
    renderer: Option<Renderer>,
    /// The faults of those there are now.
    template_faults: Vec<Diagnostic>,
    /// When the next post appears or expires.
    due: Option<DateTime<Utc>>,
    /// Why the site cannot be read, as it was said.
    unreadable: Option<String>,
    shared: Arc<PreviewState>,
}

impl Rebuilder {
    /// Reads the site.
    pub(super) fn open(options: PreviewOptions, observer: Arc<dyn PreviewObserver>) -> Result<Self> {
        let PreviewOptions { mut request, clock, reload, watching, editor, .. } = options;
        // The system tells of files by their whole path.
        request.root = std::path::absolute(&request.root).map_err(Error::io("find", &request.root))?;
        let snapshot = engine::snapshot(&request)?;
        let highlights = engine::highlights(&request, &snapshot.config);
        let due = due(&snapshot, request.now);
        let (renderer, template_faults) = snapshot.renderer(&request, &highlights);
        let is_broken = template_faults.iter().any(Diagnostic::is_error);
        let renderer = (!is_broken).then_some(renderer);
        let origins = origins(&snapshot);
        let mut faults: Vec<_> = snapshot.diagnostics().into_iter().chain(template_faults.clone()).collect();
        engine::tidy(&request.root, &mut faults);
        let shown = ServedSite::new(Arc::clone(&snapshot.plan), renderer.clone(), origins, faults);
        let shared = Arc::new(PreviewState::new(shown, request.root.clone(), reload, editor));
        Ok(Self {
            request,
            clock,
            watching,
            observer,
            highlights,
            snapshot,
            renderer,
            template_faults,
            due,
            unreadable: None,
            shared,
        })
    }

    /// What the threads share.
    pub(super) fn shared(&self) -> Arc<PreviewState> {
        Arc::clone(&self.shared)
    }

    /// What there is at the start.
    pub(super) fn initial(&self) -> InitialState {
        InitialState {
            posts: self.snapshot.plan.site.posts.len(),
            diagnostics: self.shared.now().1.faults.clone(),
            base_path: self.snapshot.config.base_path().to_owned(),
        }
    }

    /// Begins to keep, on a thread of its own, until it is stopped.
    pub(super) fn keep(self) -> Result<Stop> {
        let (watcher, stop) = SiteWatcher::start(self.watched_paths(), self.watching, TIMING);
        Thread::start("rebuilder", move || self.run(watcher))?.detach();
        Ok(stop)
    }

    fn run(mut self, mut watcher: SiteWatcher) {
        // Something may have happened between the reading and the watching.
        let mut next = Some(ChangedPaths::any());
        while let Some(mut changed) = next {
            let began = Instant::now();
            let before = self.snapshot.health();
            let mut found = self.find_out(&changed);
            // Bad news may be half of a save: it waits for the other half.
            if (found.is_err() || self.snapshot.health().is_worse_than(before))
                && let Some(more) = watcher.more(PATIENCE)
            {
                let first = found.unwrap_or(Change::Nothing);
                found = self.find_out(&more).map(|second| first.max(second));
                changed.add(more);
            }
            let change = self.tell_whether_readable(found);
            watcher.watch(self.watched_paths());
            if change > Change::Nothing {
                self.show(change, &changed, began);
            }
            next = self.wait(&mut watcher);
        }
    }

    /// Where the files of the site are.
    fn watched_paths(&self) -> WatchedPaths {
        let root = &self.request.root;
        let settings = self.request.settings.clone().unwrap_or_else(|| root.join(FILE_NAME));
        let theme = root.join(THEMES).join(&self.snapshot.config.theme);
        WatchedPaths {
            files: vec![std::path::absolute(&settings).unwrap_or(settings)],
            folders: vec![root.join(CONTENT), root.join(STATIC), root.join(TEMPLATES), theme],
        }
    }

    /// Waits until something has happened and nothing more does. `None` at the end of the preview.
    fn wait(&self, watcher: &mut SiteWatcher) -> Option<ChangedPaths> {
        loop {
            match watcher.next(self.until_due()) {
                Wake::Changed(changed) => return Some(changed),
                Wake::Elapsed => return Some(ChangedPaths::any()),
                Wake::Unwatchable(reason) => self.observer.polling(&reason),
                Wake::Stopped => return None,
            }
        }
    }

    /// How long it takes until a post appears or expires.
    fn until_due(&self) -> Option<Duration> {
        self.clock.until(self.due?)
    }

    /// While the settings cannot be read, all stays as it is, and that is said once.
    fn tell_whether_readable(&mut self, found: Result<Change>) -> Change {
        let error = match found {
            Ok(change) => {
                if self.unreadable.take().is_some() {
                    self.observer.readable_again();
                }
                return change;
            }
            Err(error) => error,
        };
        let reason = error.to_string();
        if self.unreadable.as_ref() != Some(&reason) {
            self.observer.unreadable(&error);
            self.unreadable = Some(reason);
        }
        Change::Nothing
    }

    /// Brings the snapshot up to date.
    fn find_out(&mut self, changed: &ChangedPaths) -> Result<Change> {
        if !changed.and_others
            && let Some(change) = self.snapshot.look_again(&self.request, &changed.paths)
        {
            return Ok(change);
        }
        self.request.now = self.clock.now();
        let is_due = self.due.is_some_and(|due| due <= self.request.now);
        let change = self.snapshot.refresh(&self.request)?;
        self.due = due(&self.snapshot, self.request.now);
        Ok(if is_due { change.max(Change::Content) } else { change })
    }

    /// Shows the snapshot, and says so.
    fn show(&mut self, change: Change, changed: &ChangedPaths, began: Instant) {
        let before = self.shared.now().1;
        let shown = self.shown(change, &before);
        let faults = shown.faults.clone();
        let files = changed_files(&before.plan, &shown.plan);
        self.shared.show(shown, files);
        let base_path = self.snapshot.config.base_path();
        if base_path != before.plan.site.config.base_path() {
            self.observer.moved(base_path);
        }
        let paths = worth_naming(&changed.paths);
        let names: Vec<String> = paths.iter().take(3).map(|path| self.name(path)).collect();
        self.observer.changed(&PreviewUpdate {
            files: (&names, paths.len()),
            took: began.elapsed(),
            diagnostics: &faults,
            has_new_faults: faults != before.faults,
        });
    }

    /// What is shown of the snapshot now.
    fn shown(&mut self, change: Change, before: &ServedSite) -> ServedSite {
        if self.snapshot.config.highlight != before.plan.site.config.highlight {
            self.highlights = engine::highlights(&self.request, &self.snapshot.config);
        }
        let renderer = match (&self.renderer, change) {
            (Some(renderer), Change::Content) => {
                Some(renderer.over(self.snapshot.sources(&self.request, &self.highlights)))
            }
            _ => self.compiled(),
        };
        let faults = self.snapshot.diagnostics().into_iter().chain(self.template_faults.iter().cloned());
        let mut faults: Vec<Diagnostic> = faults.collect();
        engine::tidy(&self.request.root, &mut faults);
        let same_files = Arc::ptr_eq(&before.plan.site.files, &self.snapshot.plan.site.files);
        let origins = if same_files { Arc::clone(&before.origins) } else { origins(&self.snapshot) };
        self.renderer.clone_from(&renderer);
        ServedSite::new(Arc::clone(&self.snapshot.plan), renderer, origins, faults)
    }

    /// The templates there are now; if they have a fault, the last that had none.
    fn compiled(&mut self) -> Option<Renderer> {
        let (renderer, faults) = self.snapshot.renderer(&self.request, &self.highlights);
        self.template_faults = faults;
        if !self.template_faults.iter().any(Diagnostic::is_error) {
            return Some(renderer);
        }
        let last = self.renderer.as_ref()?;
        Some(last.over(self.snapshot.sources(&self.request, &self.highlights)))
    }

    fn name(&self, path: &Path) -> String {
        path.strip_prefix(&self.request.root).unwrap_or(path).display().to_string()
    }
}

/// The files without those that programs keep for a moment beside what they write, unless there are no others.
fn worth_naming(paths: &BTreeSet<PathBuf>) -> Vec<&Path> {
    let is_hidden =
        |path: &&PathBuf| path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    let (hidden, named): (Vec<&PathBuf>, Vec<&PathBuf>) = paths.iter().partition(is_hidden);
    let chosen = if named.is_empty() { hidden } else { named };
    chosen.into_iter().map(PathBuf::as_path).collect()
}

/// The first moment after `now` at which a post appears or expires.
fn due(snapshot: &Snapshot, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let dates = snapshot.known.values().filter_map(|known| match &known.content {
        SourceContent::Post(post, _) => Some([post.date, post.front.expires]),
        _ => None,
    });
    let moments = dates.flatten().flatten().map(|date| date.time().to_utc());
    moments.filter(|moment| *moment > now).min()
}

fn origins(snapshot: &Snapshot) -> Arc<BTreeMap<SourcePath, FileOrigin>> {
    let files = snapshot.tree.files.iter().filter(|(_, found)| found.role == scan::FileRole::File);
    Arc::new(files.map(|(path, found)| (path.clone(), found.origin.clone())).collect())
}

/// The addresses of copied files whose bytes are other ones.
fn changed_files(before: &Plan, now: &Plan) -> Vec<UrlPath> {
    if Arc::ptr_eq(&before.site.files, &now.site.files) {
        return Vec::new();
    }
    let is_other =
        |path, file: &StaticFile| before.site.files.get(path).is_some_and(|known| known.hash != file.hash);
    let files = now.site.files.iter().filter(|(path, file)| is_other(*path, file));
    files.map(|(_, file)| file.url.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_programs_keep_for_a_moment_is_not_named() {
        let check = |paths: &[&str], expected: &[&str]| {
            let paths: BTreeSet<PathBuf> = paths.iter().map(PathBuf::from).collect();
            assert_eq!(worth_naming(&paths), expected.iter().map(Path::new).collect::<Vec<_>>());
        };
        check(&["/a/.x.new", "/a/b.md"], &["/a/b.md"]);
        check(&["/a/.x.new"], &["/a/.x.new"]);
        check(&["/.a/b.md"], &["/.a/b.md"]);
        check(&[], &[]);
    }
}
