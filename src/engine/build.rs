//! One build of an open site: what is stale is rendered and written, what vanished is removed, and the ledger is saved
//! last.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use parking_lot::Mutex;
use rayon::prelude::*;

use crate::diagnostic::{Diagnostic, Severity};
use crate::engine::cache::highlights::{Highlights, RenderExtent};
use crate::engine::cache::ledger::{Ledger, LedgerHeader, NextLedger, OutputEntry};
use crate::engine::explain::explain;
use crate::engine::output::OutputFolder;
use crate::engine::snapshot::{self, Snapshot};
use crate::engine::sources::on_disk;
use crate::engine::staleness::{FileState, SettingsState, StaleReason, staleness};
use crate::engine::workspace::{SiteSource, Workspace, free};
use crate::engine::{
    BuildObserver, BuildOptions, BuildOutputs, BuildReport, MissingPosts, NotShown, Strictness, state, tidy,
};
use crate::error::{Error, Result};
use crate::hash::Hash;
use crate::page::kind::PageKind;
use crate::page::question::{Ask, Question, Read};
use crate::page::{Page, Plan};
use crate::path::{OutputPath, SourcePath};
use crate::render::{self, Renderer};
use crate::scan::{FileEntry, STATE};
use crate::sys::lock::FileLock;
use crate::sys::watch::ChangedPaths;

impl Workspace {
    /// Builds the site.
    pub fn build(&mut self, options: &BuildOptions, observer: &dyn BuildObserver) -> Result<BuildReport> {
        let (report, outputs) = self.build_and_keep(options, observer)?;
        free(outputs);
        Ok(report)
    }

    /// Builds the site, and returns its outputs for a program that does something with them; `None` if the site was not
    /// built.
    pub fn build_and_keep(
        &mut self,
        options: &BuildOptions,
        observer: &dyn BuildObserver,
    ) -> Result<(BuildReport, Option<BuildOutputs>)> {
        let began = Instant::now();
        // A folder that must not be written to is refused before the first file is written, the lock's as well.
        OutputFolder::open(&self.output_folder(), &self.source().root)?;
        let _lock = self.lock(observer)?;
        let last = self.take_ledger()?;
        // The settings may be others than before the lock.
        let output = OutputFolder::open(&self.output_folder(), &self.source().root)?;
        let (snapshot, highlights, ledger_path) = (self.snapshot(), self.highlights(), self.ledger_path());
        let build = Build {
            source: self.source(),
            options,
            snapshot: &snapshot,
            plan: &snapshot.plan,
            output: &output,
            last: &last,
            highlights: &highlights,
            observer,
        };
        let mut report = build.begin_report();
        let work = build.work();
        let renderer = build.renderer(&work, &mut report);
        if build.is_refused(&report) {
            return Ok((end_report(report, &self.source().root, options, began), None));
        }
        report.why = options
            .explain
            .as_deref()
            .map(|page| explain(page, build.plan, &work.statuses, &last, &report.diagnostics));
        report.kept = work.statuses.len() - work.stale.len();

        build.prepare_output(&work, &ledger_path, &mut report)?;
        let entries = build.write_pages(&work, renderer, &mut report)?;
        report.built = !report.diagnostics.iter().any(Diagnostic::stops_build);
        let header = build.remove_vanished(&work, &mut report)?;
        let is_news = build.is_news(&work, &entries, &header);
        let outputs = work.next_outputs(last.outputs, &snapshot.plan, entries, &report);
        let next = NextLedger { head: &header, sources: &snapshot.known, outputs: &outputs };
        let saved = is_news.then_some(next);
        save(saved, &ledger_path, &highlights, work.extent(), &mut report)?;
        let report = end_report(report, &self.source().root, options, began);
        let outputs = report.built.then(|| BuildOutputs { plan: Arc::clone(&snapshot.plan), outputs });
        free(last.sources);
        Ok((report, outputs))
    }

    /// Keeps two builds of one site apart until the lock is dropped.
    fn lock(&mut self, observer: &dyn BuildObserver) -> Result<FileLock> {
        let path = state(&self.source().root)?.join("lock");
        if let Some(lock) = FileLock::try_take(&path)? {
            return Ok(lock);
        }
        observer.waiting();
        let lock = FileLock::take(&path)?;
        // While this build waited the files may have changed.
        let now = self.now();
        self.refresh(&ChangedPaths::any(), now)?;
        Ok(lock)
    }
}

/// A build under way.
struct Build<'a> {
    source: &'a SiteSource,
    options: &'a BuildOptions,
    snapshot: &'a Snapshot,
    plan: &'a Plan,
    output: &'a OutputFolder,
    last: &'a Ledger,
    highlights: &'a Arc<Highlights>,
    observer: &'a dyn BuildObserver,
}

/// What a build has to do.
struct BuildWork {
    /// Whether each page of the plan is stale, and why.
    statuses: Vec<Option<StaleReason>>,
    /// The indices of the stale pages.
    stale: Vec<usize>,
    /// Outputs of the last build that this one does not have.
    vanished: Vec<OutputPath>,
}

/// The entries of the outputs that were made.
type OutputEntries = Vec<(OutputPath, OutputEntry)>;

impl Build<'_> {
    fn begin_report(&self) -> BuildReport {
        BuildReport {
            output: self.output.root().to_owned(),
            diagnostics: self.snapshot.diagnostics(),
            posts: self.plan.site.posts.len(),
            not_shown: NotShown::of(&self.plan.site),
            left_out: MissingPosts::of(self.snapshot),
            ..BuildReport::default()
        }
    }

    fn work(&self) -> BuildWork {
        let statuses = self.statuses();
        let is_stale = |index: &usize| statuses[*index].is_some();
        let stale = (0..statuses.len()).filter(is_stale).collect();
        let vanished = self.vanished(&statuses);
        BuildWork { statuses, stale, vanished }
    }

    /// The renderer, if there is anything to render. Where nothing is rendered the templates are those of the last build,
    /// which had no fault.
    fn renderer(&self, work: &BuildWork, report: &mut BuildReport) -> Option<Renderer> {
        if work.stale.is_empty() {
            return None;
        }
        let (renderer, faults) = self.snapshot.renderer(&self.source.root, self.highlights);
        report.diagnostics.extend(faults);
        Some(renderer)
    }

    fn is_refused(&self, report: &BuildReport) -> bool {
        let counts_all = self.options.strictness == Strictness::WarningsToo;
        report.diagnostics.iter().any(|diagnostic| counts_all || diagnostic.stops_build())
    }

    /// Makes the output folder ours and clears the way for what will be written.
    fn prepare_output(&self, work: &BuildWork, ledger_path: &Path, report: &mut BuildReport) -> Result<()> {
        self.output.claim()?;
        if !work.vanished.is_empty() {
            self.clear_the_way(&work.vanished, report)?;
        }
        // The journal comes before the first output: if the build is interrupted, the next one knows what is ours.
        let new = work.stale.iter().filter(|&&index| work.statuses[index] == Some(StaleReason::New));
        Ledger::begin_journal(ledger_path, new.map(|&index| &self.plan.pages[index].to))
    }

    /// Renders and writes the stale pages.
    fn write_pages(
        &self,
        work: &BuildWork,
        renderer: Option<Renderer>,
        report: &mut BuildReport,
    ) -> Result<OutputEntries> {
        let mut entries = match &renderer {
            Some(renderer) => self.make(&work.stale, renderer, report)?,
            None => Vec::new(),
        };
        // Templates and bodies are freed before the ledger takes memory.
        drop(renderer);
        self.plan.forget_cards();
        let slow = self.highlights.take_diagnostics();
        self.mark_slow_pages(&mut entries, &slow);
        report.diagnostics.extend(slow);
        Ok(entries)
    }

    /// Makes pages stale again whose code took too long to colour: whether it is coloured should not depend on how busy
    /// the machine was.
    fn mark_slow_pages(&self, entries: &mut OutputEntries, slow: &[Diagnostic]) {
        for fault in slow {
            let post = SourcePath::new(&fault.path).and_then(|path| self.plan.site.post(&path));
            let output = post.map(|post| post.url.output());
            for (_, entry) in entries.iter_mut().filter(|(path, _)| Some(path) == output.as_ref()) {
                entry.fingerprint = Hash::default();
            }
        }
    }

    /// Removes vanished outputs, and returns the header of the next ledger. After an error nothing is removed.
    fn remove_vanished(&self, work: &BuildWork, report: &mut BuildReport) -> Result<LedgerHeader> {
        let mut has_strangers = self.last.head.has_strangers;
        if report.built {
            self.remove(&work.vanished, report)?;
            // The walk over the whole folder is spared as long as the ledger knows of no foreign file.
            if (self.last.outputs.is_empty() || has_strangers) && self.output.was_there() {
                let strangers = self.strangers();
                has_strangers = strangers.is_some();
                report.diagnostics.extend(strangers);
            }
        }
        Ok(LedgerHeader { has_strangers, ..self.snapshot.head.clone() })
    }

    /// Whether the next build would find anything else than this one did in the ledger.
    fn is_news(&self, work: &BuildWork, entries: &OutputEntries, header: &LedgerHeader) -> bool {
        self.snapshot.changed
            || !entries.is_empty()
            || !work.vanished.is_empty()
            || !self.last.head.same_keys(header)
    }

    /// Whether each page is good.
    fn statuses(&self) -> Vec<Option<StaleReason>> {
        let (settings, changed) = match self.last.head.outputs_key == self.snapshot.head.outputs_key {
            true => (SettingsState::Same, self.other_answers()),
            // Every output is stale: the answers need not be compared.
            false => (SettingsState::Changed, HashMap::new()),
        };
        self.plan
            .pages
            .par_iter()
            .map(|page| {
                let fingerprint = || self.plan.render_input(page).fingerprint();
                let made = self.last.outputs.get(&page.to);
                let on_disk = made.map_or(FileState::Missing, |made| self.output.state(&page.to, made));
                let other_answer = |made: &OutputEntry| changed.get(&place_of(&made.reads)).cloned();
                staleness(made, fingerprint, other_answer, settings, on_disk)
            })
            .collect()
    }

    /// By the reads of the last build that have one: a question with another answer now.
    fn other_answers(&self) -> HashMap<usize, Question> {
        let shared: HashMap<usize, &Arc<[Read]>> =
            self.last.outputs.values().map(|made| (place_of(&made.reads), &made.reads)).collect();
        let questions: HashSet<&Question> =
            shared.values().flat_map(|reads| reads.iter().map(|read| &read.question)).collect();
        let questions: Vec<&Question> = questions.into_iter().collect();
        let answers: HashMap<&Question, Hash> =
            questions.par_iter().map(|&question| (question, self.plan.ask(question).hash)).collect();
        let is_other = |read: &&Read| answers.get(&read.question) != Some(&read.answer);
        let other = |reads: &[Read]| reads.iter().find(is_other).map(|read| read.question.clone());
        shared.into_iter().filter_map(|(place, reads)| Some((place, other(reads)?))).collect()
    }

    /// Outputs of the last build that this one does not have.
    fn vanished(&self, statuses: &[Option<StaleReason>]) -> Vec<OutputPath> {
        let were_there = statuses.iter().filter(|status| **status != Some(StaleReason::New)).count();
        if were_there == self.last.outputs.len() {
            return Vec::new();
        }
        let planned: HashSet<&OutputPath> = self.plan.pages.iter().map(|page| &page.to).collect();
        self.last.outputs.keys().filter(|path| !planned.contains(path)).cloned().collect()
    }

    /// Removes vanished files that stand where a folder has to be, and the other way round.
    fn clear_the_way(&self, vanished: &[OutputPath], report: &mut BuildReport) -> Result<()> {
        if vanished.is_empty() {
            return Ok(());
        }
        let planned: HashSet<&str> = self.plan.pages.iter().map(|page| page.to.as_str()).collect();
        let planned_folders: HashSet<&str> =
            self.plan.pages.iter().flat_map(|page| folders(page.to.as_str())).collect();
        // Where names differ in case only, removing the old one later would remove the new one.
        let folded: HashSet<String> = planned.iter().map(|path| path.to_lowercase()).collect();
        let in_the_way: Vec<OutputPath> = vanished
            .iter()
            .filter(|path| {
                planned_folders.contains(path.as_str())
                    || folded.contains(&path.as_str().to_lowercase())
                    || folders(path.as_str()).any(|folder| planned.contains(folder))
            })
            .cloned()
            .collect();
        self.remove(&in_the_way, report)
    }

    /// Renders and writes the stale pages.
    fn make(
        &self,
        stale: &[usize],
        renderer: &Renderer,
        report: &mut BuildReport,
    ) -> Result<Vec<(OutputPath, OutputEntry)>> {
        self.observer.rendering(stale.len());
        let tally = Tally::default();
        let mut order = stale.to_vec();
        order.sort_by_cached_key(|&index| self.plan.render_order(&self.plan.pages[index]));
        let next = AtomicUsize::new(0);
        let shared = SharedReads::default();
        let made = rayon::broadcast(|_| {
            let mut worker = None;
            let mut made = Vec::with_capacity(stale.len() / rayon::current_num_threads());
            while let Some(&index) = order.get(next.fetch_add(1, Ordering::Relaxed))
                && !tally.is_stopped()
            {
                let page = &self.plan.pages[index];
                let outcome = match &page.kind {
                    PageKind::Copy(file) => self.copy(page, &file.path),
                    _ => self.render(page, worker.get_or_insert_with(|| renderer.worker()), &shared),
                };
                self.observer.rendered();
                if let Some((what, was_written)) = tally.note(outcome) {
                    tally.written.fetch_add(usize::from(was_written), Ordering::Relaxed);
                    made.push((page.to.clone(), what));
                }
            }
            made
        });
        self.observer.done();
        report.written += tally.written.load(Ordering::Relaxed);
        let (faults, error) = tally.finish();
        report.diagnostics.extend(faults);
        if let Some(error) = error {
            return Err(error);
        }
        let made: Vec<_> = made.into_iter().flatten().collect();
        report.rendered = made.iter().map(|(path, _)| path.clone()).collect();
        report.rendered.sort();
        Ok(made)
    }

    fn render(&self, page: &Page, worker: &mut render::RenderWorker, shared: &SharedReads) -> PageOutcome {
        let input = self.plan.render_input(page);
        let rendered = match snapshot::render(page, &input, worker) {
            Ok(rendered) => rendered,
            Err(fault) => return PageOutcome::Fault(fault),
        };
        match self.output.write(&page.to, &rendered.bytes) {
            Ok((stamp, was_written)) => {
                let content = Hash::of(&rendered.bytes);
                let reads = shared.share(rendered.reads);
                PageOutcome::Written(
                    OutputEntry { fingerprint: input.fingerprint(), reads, content, stamp },
                    was_written,
                )
            }
            Err(error) => PageOutcome::Failed(error),
        }
    }

    fn copy(&self, page: &Page, path: &SourcePath) -> PageOutcome {
        let Some(FileEntry { origin, .. }) = self.snapshot.tree.files.get(path) else {
            return PageOutcome::Fault(Box::new(Diagnostic::error(
                path.as_str(),
                "vanished while the site was built",
            )));
        };
        let content = self.plan.site.files.get(path).map_or_else(Hash::default, |file| file.hash);
        let unchanged =
            self.last.outputs.get(&page.to).filter(|made| {
                made.content == content && self.output.state(&page.to, made) == FileState::Intact
            });
        let fingerprint = self.plan.render_input(page).fingerprint();
        if let Some(made) = unchanged {
            return PageOutcome::Written(OutputEntry { fingerprint, ..made.clone() }, false);
        }
        let copied = match on_disk(origin) {
            Some(from) => self.output.copy(&page.to, from).map(|stamp| (stamp, true)),
            None => origin.read().and_then(|bytes| self.output.write(&page.to, &bytes)),
        };
        match copied {
            Ok((stamp, was_written)) => PageOutcome::Written(
                OutputEntry { fingerprint, reads: Arc::default(), content, stamp },
                was_written,
            ),
            Err(error) => PageOutcome::Failed(error),
        }
    }

    fn remove(&self, paths: &[OutputPath], report: &mut BuildReport) -> Result<()> {
        for path in paths {
            let Some(made) = self.last.outputs.get(path) else { continue };
            let was_there = self.output.state(path, made) != FileState::Missing;
            if self.output.remove(path, made)? {
                report.removed += usize::from(was_there);
            } else {
                let fault = Diagnostic::warning(
                    path.as_str(),
                    "is no longer part of the site, but was changed by another program: it is kept",
                )
                .hint("delete it if it is not needed");
                report.diagnostics.push(fault);
            }
        }
        Ok(())
    }

    /// Files in the output folder that no ledger knows.
    fn strangers(&self) -> Option<Diagnostic> {
        let planned: BTreeSet<&str> = self.plan.pages.iter().map(|page| page.to.as_str()).collect();
        let strangers = self.output.strangers(&planned);
        let first = strangers.first()?;
        let others = match strangers.len() {
            1 => String::new(),
            count => format!(" and {} more", count - 1),
        };
        let path = self.output_name();
        Some(
            Diagnostic::warning(
                path,
                format!("the folder holds `{first}`{others}, which this build did not make"),
            )
            .hint("if they are not needed, delete the folder and build again"),
        )
    }

    /// The output folder as the user wrote it.
    fn output_name(&self) -> String {
        match &self.source.output {
            Some(folder) => folder.display().to_string(),
            None => self.plan.site.config.output.clone(),
        }
    }
}

impl BuildWork {
    fn extent(&self) -> RenderExtent {
        if self.stale.len() == self.statuses.len() { RenderExtent::AllPages } else { RenderExtent::SomePages }
    }

    /// The outputs the next build will know: those of the last one, less what is gone, with what was made. A page that
    /// was stale and could not be made stays ours, and stale.
    fn next_outputs(
        &self,
        last: BTreeMap<OutputPath, OutputEntry>,
        plan: &Plan,
        entries: OutputEntries,
        report: &BuildReport,
    ) -> BTreeMap<OutputPath, OutputEntry> {
        let mut outputs = last;
        // After an error nothing was removed.
        for path in self.vanished.iter().filter(|_| report.built) {
            outputs.remove(path);
        }
        for &index in &self.stale {
            if let Some(entry) = outputs.get_mut(&plan.pages[index].to) {
                entry.fingerprint = Hash::default();
            }
        }
        outputs.extend(entries);
        outputs
    }
}

/// Saves the coloured code and, last of all, the ledger.
fn save(
    ledger: Option<NextLedger<'_>>,
    path: &Path,
    highlights: &Highlights,
    extent: RenderExtent,
    report: &mut BuildReport,
) -> Result<()> {
    let (highlights_saved, ledger_saved) =
        rayon::join(|| highlights.save(extent), || ledger.map_or(Ok(()), |ledger| ledger.save(path)));
    ledger_saved?;
    Ledger::end_journal(path)?;
    if let Err(error) = highlights_saved {
        // Losing them costs time only.
        report.diagnostics.push(Diagnostic::warning(STATE, error.to_string()));
    }
    Ok(())
}

/// Completes the report of a build that has ended.
fn end_report(mut report: BuildReport, root: &Path, options: &BuildOptions, began: Instant) -> BuildReport {
    if options.strictness == Strictness::WarningsToo {
        for diagnostic in &mut report.diagnostics {
            diagnostic.severity = Severity::Error;
        }
    }
    tidy(root, &mut report.diagnostics);
    report.elapsed = began.elapsed();
    report
}

fn folders(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| &path[..at])
}

/// What the templates of this build asked, each list once.
#[derive(Default)]
struct SharedReads(Mutex<HashSet<Arc<[Read]>>>);

impl SharedReads {
    fn share(&self, reads: Vec<Read>) -> Arc<[Read]> {
        let mut known = self.0.lock();
        if let Some(reads) = known.get(reads.as_slice()) {
            return Arc::clone(reads);
        }
        let reads: Arc<[Read]> = reads.into();
        known.insert(Arc::clone(&reads));
        reads
    }
}

/// Tells shared reads from others without looking at them.
fn place_of(reads: &Arc<[Read]>) -> usize {
    reads.as_ptr().addr()
}

/// What became of a page.
enum PageOutcome {
    /// It was made; whether the file had to be written.
    Written(OutputEntry, bool),
    /// It cannot be made, by a fault of the site.
    Fault(Box<Diagnostic>),
    Failed(Error),
}

/// What the workers found, together.
#[derive(Default)]
struct Tally {
    written: AtomicUsize,
    stopped: AtomicBool,
    faults: Mutex<Vec<Diagnostic>>,
    error: Mutex<Option<Error>>,
}

impl Tally {
    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// Notes what went wrong. A full disk stops the others, as they would fail as well.
    fn note(&self, outcome: PageOutcome) -> Option<(OutputEntry, bool)> {
        match outcome {
            PageOutcome::Written(made, was_written) => return Some((made, was_written)),
            PageOutcome::Fault(fault) => self.faults.lock().push(*fault),
            PageOutcome::Failed(error) => {
                self.stopped.store(true, Ordering::Relaxed);
                let mut first = self.error.lock();
                first.get_or_insert(error);
            }
        }
        None
    }

    /// The faults: one for each place, however many pages it broke.
    fn finish(self) -> (Vec<Diagnostic>, Option<Error>) {
        let mut faults = self.faults.into_inner();
        faults.sort_by(|a, b| a.order().cmp(&b.order()));
        let mut by_place: Vec<(Diagnostic, usize)> = Vec::new();
        for fault in faults {
            match by_place.last_mut() {
                Some((first, others))
                    if first.path == fault.path && first.place == fault.place && first.place.is_some() =>
                {
                    *others += 1;
                }
                _ => by_place.push((fault, 0)),
            }
        }
        let faults = by_place.into_iter().map(|(mut fault, others)| {
            if others > 0 {
                fault.message = format!("{} and {others} more", fault.message);
            }
            fault
        });
        (faults.collect(), self.error.into_inner())
    }
}
