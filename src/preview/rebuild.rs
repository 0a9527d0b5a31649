//! Keeps what is shown true to the files: waits until something happens to them, looks what it was, and shows what
//! came of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tracing::{info, warn};

use crate::diagnostic::Diagnostic;
use crate::engine;
use crate::engine::snapshot::{Change, Snapshot};
use crate::engine::workspace::Workspace;
use crate::error::Result;
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

/// With more changed files than this the lines of all faults are read again.
const MOST_CHANGED: usize = 16;

/// Keeps what is shown.
pub(super) struct Rebuilder {
    site: Workspace,
    clock: Clock,
    watching: Watching,
    observer: Arc<dyn PreviewObserver>,
    /// The last templates that had no fault.
    renderer: Option<Renderer>,
    /// The faults of those there are now.
    template_faults: Vec<Diagnostic>,
    /// Why the site cannot be read, as it was said.
    unreadable: Option<String>,
    shared: Arc<PreviewState>,
}

impl Rebuilder {
    /// Reads the site.
    pub(super) fn open(options: PreviewOptions, observer: Arc<dyn PreviewObserver>) -> Result<Self> {
        let PreviewOptions { mut site, clock, reload, watching, editor, .. } = options;
        let (snapshot, root) = (site.snapshot(), site.source().root.clone());
        let (renderer, template_faults) = site.renderer();
        let is_broken = template_faults.iter().any(Diagnostic::is_error);
        let renderer = (!is_broken).then_some(renderer);
        let origins = origins(&snapshot);
        let mut faults: Vec<_> = snapshot.diagnostics().into_iter().chain(template_faults.clone()).collect();
        engine::tidy(&root, &mut faults);
        let shown = ServedSite::new(
            Arc::clone(&snapshot.plan),
            Arc::clone(&snapshot.theme),
            renderer.clone(),
            origins,
            faults,
        );
        let shared = Arc::new(PreviewState::new(shown, root, reload, editor));
        Ok(Self { site, clock, watching, observer, renderer, template_faults, unreadable: None, shared })
    }

    /// What the threads share.
    pub(super) fn shared(&self) -> Arc<PreviewState> {
        Arc::clone(&self.shared)
    }

    /// What there is at the start.
    pub(super) fn initial(&self) -> InitialState {
        let served = self.shared.now().site;
        InitialState {
            posts: served.plan.site.posts.len(),
            diagnostics: served.faults.clone(),
            base_path: self.site.config().base_path().to_owned(),
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
            let before = self.site.snapshot().health();
            let mut found = self.find_out(&changed);
            // Bad news may be half of a save: it waits for the other half.
            if (found.is_err() || self.site.snapshot().health().is_worse_than(before))
                && let Some(more) = watcher.more(PATIENCE)
            {
                changed.add(more);
                // An error says nothing of the files that it kept from being read.
                found = match found {
                    Ok(first) => self.find_out(&changed).map(|second| first.max(second)),
                    Err(_) => self.find_out(&ChangedPaths::any()),
                };
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
        let source = self.site.source();
        let (root, settings) = (&source.root, source.settings_file());
        let theme = root.join(THEMES).join(&self.site.config().theme);
        WatchedPaths {
            files: vec![std::path::absolute(&settings).unwrap_or(settings)],
            folders: vec![root.join(CONTENT), root.join(STATIC), root.join(TEMPLATES), theme],
        }
    }

    /// Waits until something has happened and nothing more does. `None` at the end of the preview.
    fn wait(&mut self, watcher: &mut SiteWatcher) -> Option<ChangedPaths> {
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
    fn until_due(&mut self) -> Option<Duration> {
        // The site cannot be read before a file changes, so what is due stays due: to wake up for it would never end.
        if self.unreadable.is_some() {
            return None;
        }
        self.clock.until(self.site.snapshot().next_change()?)
    }

    /// While the settings cannot be read, all stays as it is, and the terminal and the pages say so once.
    fn tell_whether_readable(&mut self, found: Result<Change>) -> Change {
        let error = match found {
            Ok(change) => {
                if self.unreadable.take().is_none() {
                    return change;
                }
                self.observer.readable_again();
                // The fault goes from the pages, also if nothing else has changed.
                return change.max(Change::Content);
            }
            Err(error) => error,
        };
        let reason = error.to_string();
        if self.unreadable.as_ref() != Some(&reason) {
            warn!(?reason, "the site cannot be read");
            // Who is notified may look at once: the pages have the fault by then.
            self.show_unreadable(&reason);
            self.observer.unreadable(&error);
            self.unreadable = Some(reason);
        }
        Change::Nothing
    }

    /// Shows the site as it was, with the reason why it cannot be read.
    fn show_unreadable(&self, reason: &str) {
        let before = self.shared.now().site;
        let mut faults = before.faults.clone();
        let settings = self.name(&self.site.source().settings_file());
        faults.retain(|fault| fault.path != settings);
        faults.insert(0, Diagnostic::error(settings, reason));
        let origins = Arc::clone(&before.origins);
        let shown = ServedSite::new(
            Arc::clone(&before.plan),
            Arc::clone(&before.theme),
            before.renderer.clone(),
            origins,
            faults,
        );
        self.shared.show(shown, Vec::new());
    }

    /// Brings the snapshot up to date.
    fn find_out(&mut self, changed: &ChangedPaths) -> Result<Change> {
        // A change of a post does not mend the settings, and leaves out what changed while they could not be read.
        let everything = self.unreadable.is_some().then(ChangedPaths::any);
        self.site.refresh(everything.as_ref().unwrap_or(changed), self.clock.now())
    }

    /// Shows the snapshot, and says so.
    fn show(&mut self, change: Change, changed: &ChangedPaths, began: Instant) {
        let before = self.shared.now().site;
        let shown = self.shown(change, changed, &before);
        let faults = shown.faults.clone();
        let files = changed_files(&before.plan, &shown.plan);
        self.shared.show(shown, files);
        let base_path = self.site.config().base_path();
        if base_path != before.plan.site.config.base_path() {
            self.observer.moved(base_path);
        }
        let paths = worth_naming(&changed.paths);
        let names: Vec<String> = paths.iter().take(3).map(|path| self.name(path)).collect();
        let took = began.elapsed();
        info!(files = ?names, count = paths.len(), ?took, faults = faults.len(), "shown");
        self.observer.changed(&PreviewUpdate {
            files: (&names, paths.len()),
            took,
            diagnostics: &faults,
            has_new_faults: faults != before.faults,
        });
    }

    /// What is shown of the snapshot now.
    fn shown(&mut self, change: Change, changed: &ChangedPaths, before: &ServedSite) -> ServedSite {
        let snapshot = self.site.snapshot();
        let renderer = match (&self.renderer, change) {
            (Some(renderer), Change::Content) => Some(renderer.over(self.site.render_sources())),
            _ => self.compiled(),
        };
        let faults = snapshot.diagnostics().into_iter().chain(self.template_faults.iter().cloned());
        let mut faults: Vec<Diagnostic> = faults.collect();
        let root = &self.site.source().root;
        // To read the files of a thousand broken links again would take longer than all else.
        if !changed.and_others && changed.paths.len() <= MOST_CHANGED {
            let is_same = |path: &str| {
                let file = scan::on_disk(root, path);
                !changed.paths.iter().any(|changed| file.starts_with(changed))
            };
            engine::keep_places(&mut faults, &before.faults, is_same);
        }
        engine::tidy(root, &mut faults);
        let same_files = Arc::ptr_eq(&before.plan.site.files, &snapshot.plan.site.files);
        let origins = if same_files { Arc::clone(&before.origins) } else { origins(&snapshot) };
        self.renderer.clone_from(&renderer);
        ServedSite::new(Arc::clone(&snapshot.plan), Arc::clone(&snapshot.theme), renderer, origins, faults)
    }

    /// The templates there are now; if they have a fault, the last that had none.
    fn compiled(&mut self) -> Option<Renderer> {
        let (renderer, faults) = self.site.renderer();
        self.template_faults = faults;
        if !self.template_faults.iter().any(Diagnostic::is_error) {
            return Some(renderer);
        }
        let last = self.renderer.as_ref()?;
        Some(last.over(self.site.render_sources()))
    }

    fn name(&self, path: &Path) -> String {
        path.strip_prefix(&self.site.source().root).unwrap_or(path).display().to_string()
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
