//! One build of an open site: what is stale is rendered and staged, then moved to its place, what vanished is removed, and
//! the ledger is saved last.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use hashbrown::{HashMap, HashSet};
use parking_lot::Mutex;
use rayon::prelude::*;

use crate::diagnostic::{Diagnostic, Severity};
use crate::engine::cache::highlights::{Highlights, RenderExtent};
use crate::engine::cache::ledger::{Ledger, LedgerFault, LedgerHeader, NextLedger, OutputEntry};
use crate::engine::explain::explain;
use crate::engine::marker::Marker;
use crate::engine::output::{OutputFolder, StagedFile};
use crate::engine::settled_build::{SettledBuild, SettledOutput, SettledReport};
use crate::engine::snapshot::{self, Snapshot};
use crate::engine::sources::on_disk;
use crate::engine::staleness::{FileState, SettingsState, StaleReason, staleness};
use crate::engine::workspace::{SiteSource, Workspace, free};
use crate::engine::{
    BuildObserver, BuildOptions, BuildOutputs, BuildReport, MissingPosts, NotShown, Strangers, Strictness,
    keep_places, state, tidy,
};
use crate::error::{Error, Result};
use crate::hash::Hash;
use crate::imaging::cache::RenditionCache;
use crate::page::kinds::{PageKind, RenderOrder};
use crate::page::question::{Ask, Question, Read};
use crate::page::{Page, Plan};
use crate::path::{OutputPath, SourcePath};
use crate::picture::private_data;
use crate::render::{self, Renderer};
use crate::scan::{FileEntry, STATE};
use crate::sys::lock::FileLock;
use crate::sys::watch::ChangedPaths;

impl Workspace {
    /// Builds the site.
    pub fn build(&mut self, options: &BuildOptions, observer: &dyn BuildObserver) -> Result<BuildReport> {
        let began = Instant::now();
        // A folder that must not be written to is refused before the first file is written, the lock's as well.
        OutputFolder::open(&self.output_folder(), &self.source().root)?;
        let _lock = self.lock(observer)?;
        if let Some(report) = self.settled_report(options)? {
            return Ok(BuildReport { elapsed: began.elapsed(), ..report });
        }
        let (report, outputs) = self.build_rounds(options, observer, began)?;
        free(outputs);
        Ok(report)
    }

    /// The report of a build that has nothing to do, as all that it would read is what it was when the last build left
    /// nothing to do. `None` if that is not so, or if the site was read already.
    fn settled_report(&mut self, options: &BuildOptions) -> Result<Option<BuildReport>> {
        if options.explain.is_some() || options.strangers == Strangers::Remove {
            return Ok(None);
        }
        let output = OutputFolder::open(&self.output_folder(), &self.source().root)?;
        let Some((settled, outputs)) = SettledBuild::load(&self.settled_path()) else { return Ok(None) };
        let counts_all = options.strictness == Strictness::WarningsToo;
        let is_wanted = !counts_all || settled.report.diagnostics.is_empty();
        if !is_wanted
            || !settled.holds_at(self.now())
            || Some(settled.ledger) != self.ledger_stamp()
            || Some(settled.inputs) != self.scan_inputs()
            || Hash::of(&Marker::bytes(output.root())) != settled.marker
        {
            return Ok(None);
        }
        let Some(outputs) = outputs.read() else { return Ok(None) };
        if outputs.par_iter().any(|made| output.state(&made.path, &made.stamp) != FileState::Intact) {
            return Ok(None);
        }
        output.claim()?;
        let SettledReport { posts, not_shown, left_out, diagnostics } = settled.report;
        Ok(Some(BuildReport {
            output: output.root().to_owned(),
            built: true,
            kept: outputs.len(),
            diagnostics,
            posts,
            not_shown,
            left_out,
            ..BuildReport::default()
        }))
    }

    /// Builds the site, and returns its outputs for a program that does something with them; `None` if the site was not
    /// built.
    pub fn build_and_keep(
        &mut self,
        options: &BuildOptions,
        observer: &dyn BuildObserver,
    ) -> Result<(BuildReport, Option<BuildOutputs>)> {
        let began = Instant::now();
        OutputFolder::open(&self.output_folder(), &self.source().root)?;
        let _lock = self.lock(observer)?;
        self.build_rounds(options, observer, began)
    }

    /// Builds the site until all pictures that pages show can be decoded, under the lock.
    fn build_rounds(
        &mut self,
        options: &BuildOptions,
        observer: &dyn BuildObserver,
        began: Instant,
    ) -> Result<(BuildReport, Option<BuildOutputs>)> {
        loop {
            match self.build_once(options, observer, began)? {
                BuildRound::Done(report, outputs) => return Ok((*report, outputs)),
                // The pages that show these pictures are other ones now.
                BuildRound::Unusable(found) => {
                    let cache = RenditionCache::of(&self.source().root);
                    cache.add_unusable(&found).map_err(Error::io("write", cache.folder()))?;
                    let now = self.now();
                    self.refresh(&ChangedPaths::any(), now)?;
                }
            }
        }
    }

    /// One round of a build, under the lock.
    fn build_once(
        &mut self,
        options: &BuildOptions,
        observer: &dyn BuildObserver,
        began: Instant,
    ) -> Result<BuildRound> {
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
            return Ok(BuildRound::Done(
                Box::new(end_report(report, &self.source().root, options, began)),
                None,
            ));
        }
        report.why = options
            .explain
            .as_deref()
            .map(|page| explain(page, build.plan, &work.statuses, &last, &report.diagnostics));
        report.kept = work.statuses.len() - work.stale.len();

        let mut made = build.stage(&work, renderer, &mut report)?;
        let renditions = build.make_renditions(&work, &mut report).inspect_err(|_| output.discard())?;
        if !renditions.unusable.is_empty() {
            output.discard();
            self.give_back_ledger(last);
            return Ok(BuildRound::Unusable(renditions.unusable));
        }
        made.extend(renditions.made);
        report.built = !report.diagnostics.iter().any(Diagnostic::stops_build);
        let strangers = match report.built {
            true => build.apply(&work, &mut made, &mut report)?,
            false => build.discard(&mut made),
        };
        let is_news = build.is_news(&work, &made, &report);
        let outputs = work.next_outputs(last.outputs, &snapshot.plan, made, &report);
        let marker = match is_news && report.built {
            true => Marker::of(&outputs).write(output.root())?,
            false => last.head.marker,
        };
        let header = LedgerHeader { strangers, marker, ..snapshot.head.clone() };
        let next = NextLedger { head: &header, sources: &snapshot.known, outputs: &outputs };
        let is_news = is_news || !last.head.same_keys(&header);
        save(is_news.then_some(next), &ledger_path, &highlights, work.extent(), &mut report)?;
        let report = end_report(report, &self.source().root, options, began);
        if report.built && snapshot.is_settled(&header, &outputs) {
            self.settle(&snapshot, &header, &outputs, &report)?;
        }
        let outputs = report.built.then(|| BuildOutputs { plan: Arc::clone(&snapshot.plan), outputs });
        free(last.sources);
        Ok(BuildRound::Done(Box::new(report), outputs))
    }

    /// Saves what a build of the same inputs would find and report.
    fn settle(
        &self,
        snapshot: &Snapshot,
        header: &LedgerHeader,
        outputs: &BTreeMap<OutputPath, OutputEntry>,
        report: &BuildReport,
    ) -> Result<()> {
        let Some(ledger) = self.ledger_stamp() else { return Ok(()) };
        // Faults of templates are found by rendering, so the next build does not report them.
        let mut diagnostics = snapshot.diagnostics();
        keep_places(&mut diagnostics, &report.diagnostics, |_| true);
        tidy(&self.source().root, &mut diagnostics);
        let settled = SettledBuild {
            inputs: snapshot.inputs(),
            ledger,
            marker: header.marker,
            from: self.now().timestamp_millis(),
            until: snapshot.next_change().map(|due| due.timestamp_millis()),
            report: SettledReport {
                posts: report.posts,
                not_shown: report.not_shown,
                left_out: report.left_out,
                diagnostics,
            },
        };
        let outputs: Vec<SettledOutput> = outputs
            .iter()
            .map(|(path, made)| SettledOutput { path: path.clone(), stamp: made.stamp })
            .collect();
        settled.save(&outputs, &self.settled_path())
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

/// What came of a round of a build.
enum BuildRound {
    Done(Box<BuildReport>, Option<BuildOutputs>),
    /// Nothing was written, as these pictures cannot be decoded.
    Unusable(BTreeMap<Hash, String>),
}

/// A build under way.
pub(super) struct Build<'a> {
    pub(super) source: &'a SiteSource,
    pub(super) options: &'a BuildOptions,
    pub(super) snapshot: &'a Snapshot,
    pub(super) plan: &'a Plan,
    pub(super) output: &'a OutputFolder,
    pub(super) last: &'a Ledger,
    highlights: &'a Arc<Highlights>,
    pub(super) observer: &'a dyn BuildObserver,
}

/// What a build has to do.
pub(super) struct BuildWork {
    /// Whether each page of the plan is stale, and why.
    statuses: Vec<Option<StaleReason>>,
    /// The indices of the stale pages.
    pub(super) stale: Vec<usize>,
    /// Outputs of the last build that this one does not have.
    vanished: Vec<OutputPath>,
}

/// An output that was made.
pub(super) struct MadeOutput {
    pub(super) path: OutputPath,
    pub(super) entry: OutputEntry,
    /// The file that is to be moved to its place; none if the output folder has these bytes already.
    pub(super) staged: Option<StagedFile>,
}

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

    /// Makes the output folder ours, and renders the stale pages into its staging folder. After an error the output folder
    /// is as it was.
    fn stage(
        &self,
        work: &BuildWork,
        renderer: Option<Renderer>,
        report: &mut BuildReport,
    ) -> Result<Vec<MadeOutput>> {
        self.output.claim()?;
        let made = match &renderer {
            Some(renderer) => self.make(&work.stale, renderer, report).inspect_err(|_| self.output.discard()),
            None => Ok(Vec::new()),
        };
        // Templates and bodies are freed before the ledger takes memory.
        drop(renderer);
        let mut made = made?;
        self.plan.forget_cards();
        let slow = self.highlights.take_diagnostics();
        self.mark_slow_pages(&mut made, &slow);
        report.diagnostics.extend(slow);
        Ok(made)
    }

    /// Gives up what was staged. Returns the files of others that the next build will know.
    fn discard(&self, made: &mut Vec<MadeOutput>) -> Vec<String> {
        self.output.discard();
        made.clear();
        self.last.head.strangers.clone()
    }

    /// Moves what was staged to its places, and removes what vanished. Before the first file is moved the marker lists all
    /// that is ours then and before: if the build is killed, the next one knows its files. Returns the files of others in
    /// the output folder.
    fn apply(
        &self,
        work: &BuildWork,
        made: &mut [MadeOutput],
        report: &mut BuildReport,
    ) -> Result<Vec<String>> {
        let found = Marker::bytes(self.output.root());
        let is_known = !self.output.was_there()
            || self.last.head.marker == Hash::of(&found) && self.last.fault.is_none();
        if !is_known {
            report.ledger = Some(self.last.fault.unwrap_or(LedgerFault::Outdated));
        }
        let is_settled =
            is_known && work.vanished.is_empty() && made.iter().all(|made| made.staged.is_none());
        // Of ten thousand posts the list takes a millisecond to read.
        let mut marker = if is_settled { Marker::default() } else { Marker::parse(&found) };
        let staged = made.iter().filter(|made| made.staged.is_some());
        if marker.extend(staged.map(|made| (made.path.as_str(), made.entry.content)).collect()) {
            marker.write(self.output.root())?;
        }
        self.clear_the_way(&work.vanished, &marker, report)?;
        report.written = self.place(made)?;
        let mut strangers = self.known_strangers();
        strangers.extend(self.remove(&work.vanished, &marker, report)?);
        if !is_known || self.options.strangers == Strangers::Remove {
            strangers = self.sort_out(&marker, report)?;
        }
        self.output.remove_staging()?;
        strangers.sort_unstable();
        strangers.dedup();
        report.diagnostics.extend(self.strangers_warning(&strangers));
        Ok(strangers)
    }

    /// Moves staged files to their places, in the order of their paths. Returns how many there were.
    fn place(&self, made: &mut [MadeOutput]) -> Result<usize> {
        // Sorted, an error can say how far it came, and what lies below one folder follows on another.
        made.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        let of = made.iter().filter(|made| made.staged.is_some()).count();
        let (mut placed, mut last, mut whole) = (0, None::<&OutputPath>, None);
        for MadeOutput { path, entry, staged } in made {
            let Some(staged) = staged.take() else { continue };
            let name = path.as_str().split('/').next();
            if whole != name && name.is_some_and(|name| self.output.place_whole(name)) {
                whole = name;
            }
            if whole != name {
                let stamp = self.output.place(path, staged).map_err(|source| Error::PartlyBuilt {
                    placed,
                    of,
                    last: last.map_or_else(String::new, ToString::to_string),
                    source: Box::new(source),
                })?;
                entry.stamp = stamp.unwrap_or(entry.stamp);
            }
            placed += 1;
            last = Some(path);
        }
        Ok(placed)
    }

    /// Files of others that the last build met and that are still there.
    fn known_strangers(&self) -> Vec<String> {
        let known = &self.last.head.strangers;
        if known.is_empty() {
            return Vec::new();
        }
        let planned = self.planned();
        known
            .iter()
            .filter(|path| !planned.contains(path.as_str()) && self.output.holds(path))
            .cloned()
            .collect()
    }

    /// The paths of all outputs of this build.
    fn planned(&self) -> HashSet<&str> {
        self.plan.pages.iter().map(|page| page.to.as_str()).collect()
    }

    /// Looks at all files of the output folder that are not of this build: those that an earlier build wrote are
    /// removed. Returns the others, which stay unless they are to be removed as well.
    fn sort_out(&self, marker: &Marker, report: &mut BuildReport) -> Result<Vec<String>> {
        let mut strangers = Vec::new();
        for other in self.output.others(&self.planned()) {
            let is_removed = self.options.strangers == Strangers::Remove && !other.path.starts_with('.');
            if is_removed || OutputFolder::is_ours(&other, marker) {
                self.output.remove_file(&other.file)?;
                report.removed += 1;
            } else {
                strangers.push(other.path);
            }
        }
        Ok(strangers)
    }

    /// Whether the next build would find anything else in the ledger than this one did, apart from its header.
    fn is_news(&self, work: &BuildWork, made: &[MadeOutput], report: &BuildReport) -> bool {
        self.snapshot.changed || !made.is_empty() || !work.vanished.is_empty() || report.ledger.is_some()
    }

    /// Makes pages stale again whose code took too long to colour: whether it is coloured should not depend on how busy
    /// the machine was.
    fn mark_slow_pages(&self, made: &mut [MadeOutput], slow: &[Diagnostic]) {
        for fault in slow {
            let post = SourcePath::new(&fault.path).and_then(|path| self.plan.site.post(&path));
            let output = post.map(|post| post.url.output());
            for made in made.iter_mut().filter(|made| Some(&made.path) == output.as_ref()) {
                made.entry.fingerprint = Hash::default();
            }
        }
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
                let on_disk =
                    made.map_or(FileState::Missing, |made| self.output.state(&page.to, &made.stamp));
                let other_answer = |made: &OutputEntry| changed.get(&place_of(&made.reads)).cloned();
                staleness(made, fingerprint, other_answer, settings, on_disk)
            })
            .collect()
    }

    /// By the reads of the last build that have one: a question with another answer now.
    fn other_answers(&self) -> HashMap<usize, Question> {
        // Thousands of outputs share a few lists of answers, each of which is compared once.
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
    fn clear_the_way(
        &self,
        vanished: &[OutputPath],
        marker: &Marker,
        report: &mut BuildReport,
    ) -> Result<()> {
        if vanished.is_empty() {
            return Ok(());
        }
        let planned = self.planned();
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
        self.remove(&in_the_way, marker, report).map(drop)
    }

    /// Renders the stale pages into the staging folder.
    fn make(
        &self,
        stale: &[usize],
        renderer: &Renderer,
        report: &mut BuildReport,
    ) -> Result<Vec<MadeOutput>> {
        // One folder more is for the pictures.
        self.output.make_staging(rayon::current_num_threads() + 1)?;
        let is_page = |index: &usize| !matches!(self.plan.pages[*index].kind, PageKind::Rendition(_));
        let stale: Vec<usize> = stale.iter().copied().filter(is_page).collect();
        self.observer.rendering(stale.len());
        let tally = Tally::default();
        let mut order = stale.clone();
        order.sort_by_cached_key(|&index| self.plan.render_order(&self.plan.pages[index]));
        // Workers take one page after the other: shares of equal size would differ a hundredfold in time, as feeds and
        // redirects do. The files of a segment of the index are made at once, so one worker takes all of them and none
        // waits for it.
        let is_made_with = |one: &usize, other: &usize| match self.plan.render_order(&self.plan.pages[*one]) {
            order @ RenderOrder::Index(_) => order == self.plan.render_order(&self.plan.pages[*other]),
            _ => false,
        };
        let together: Vec<&[usize]> = order.chunk_by(is_made_with).collect();
        let next = AtomicUsize::new(0);
        let shared = SharedReads::default();
        let made = rayon::broadcast(|thread| {
            let mut worker = None;
            let mut made = Vec::with_capacity(stale.len() / rayon::current_num_threads());
            let mut own: &[usize] = &[];
            while !tally.is_stopped() {
                let Some((&index, rest)) = own.split_first() else {
                    let Some(&taken) = together.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
                    own = taken;
                    continue;
                };
                own = rest;
                let page = &self.plan.pages[index];
                let to = StagedFile { worker: thread.index(), number: made.len() };
                let outcome = match &page.kind {
                    PageKind::Copy(file) => self.copy(page, &file.path, to),
                    _ => self.render(page, worker.get_or_insert_with(|| renderer.worker()), &shared, to),
                };
                self.observer.rendered();
                if let Some((entry, staged)) = tally.note(outcome) {
                    made.push(MadeOutput { path: page.to.clone(), entry, staged });
                }
            }
            made
        });
        self.observer.done();
        let (faults, error) = tally.finish();
        report.diagnostics.extend(faults);
        if let Some(error) = error {
            return Err(error);
        }
        let made: Vec<_> = made.into_iter().flatten().collect();
        report.rendered = made.iter().map(|made| made.path.clone()).collect();
        report.rendered.sort();
        Ok(made)
    }

    fn render(
        &self,
        page: &Page,
        worker: &mut render::RenderWorker,
        shared: &SharedReads,
        to: StagedFile,
    ) -> PageOutcome {
        let input = self.plan.render_input(page);
        let rendered = match snapshot::render(page, &input, worker) {
            Ok(rendered) => rendered,
            Err(fault) => return PageOutcome::Fault(fault),
        };
        match self.output.stage(&page.to, &rendered.bytes, to) {
            Ok((stamp, is_staged)) => {
                let content = Hash::of(&rendered.bytes);
                let reads = shared.share(rendered.reads);
                let fingerprint = input.fingerprint();
                PageOutcome::Made(OutputEntry { fingerprint, reads, content, stamp }, is_staged.then_some(to))
            }
            Err(error) => PageOutcome::Failed(error),
        }
    }

    fn copy(&self, page: &Page, path: &SourcePath, to: StagedFile) -> PageOutcome {
        let Some(FileEntry { origin, .. }) = self.snapshot.tree.files.get(path) else {
            return PageOutcome::Fault(Box::new(Diagnostic::error(
                path.as_str(),
                "vanished while the site was built",
            )));
        };
        let content = self.plan.site.files.get(path).map_or_else(Hash::default, |file| file.hash);
        let fingerprint = self.plan.render_input(page).fingerprint();
        let made = |stamp| OutputEntry { fingerprint, reads: Arc::default(), content, stamp };
        let stamp = match self.last.outputs.get(&page.to).filter(|made| made.content == content) {
            Some(made) if self.output.state(&page.to, &made.stamp) == FileState::Intact => Some(made.stamp),
            // Its stamp is another one since the folder was copied or restored: to compare is less than to write.
            _ => self.output.same_content(&page.to, content),
        };
        if let Some(format) = self.plan.site.stripped(path) {
            let staged = origin.read().and_then(|bytes| {
                let bytes = private_data::without(format, &bytes);
                let (stamp, is_staged) = self.output.stage(&page.to, &bytes, to)?;
                Ok((OutputEntry { content: Hash::of(&bytes), ..made(stamp) }, is_staged.then_some(to)))
            });
            return match staged {
                Ok((entry, staged)) => PageOutcome::Made(entry, staged),
                Err(error) => PageOutcome::Failed(error),
            };
        }
        if let Some(stamp) = stamp {
            return PageOutcome::Made(made(stamp), None);
        }
        let copied = match on_disk(origin) {
            Some(from) => self.output.stage_copy(&page.to, from, to).map(|stamp| (stamp, true)),
            None => origin.read().and_then(|bytes| self.output.stage(&page.to, &bytes, to)),
        };
        match copied {
            Ok((stamp, is_staged)) => PageOutcome::Made(made(stamp), is_staged.then_some(to)),
            Err(error) => PageOutcome::Failed(error),
        }
    }

    /// Removes outputs that are not of this build. Returns those that stay, as another program changed them.
    fn remove(&self, paths: &[OutputPath], marker: &Marker, report: &mut BuildReport) -> Result<Vec<String>> {
        let mut strangers = Vec::new();
        for path in paths {
            let Some(made) = self.last.outputs.get(path) else { continue };
            let was_there = self.output.state(path, &made.stamp) != FileState::Missing;
            if self.output.remove(path, made, marker)? {
                report.removed += usize::from(was_there);
            } else {
                strangers.push(path.to_string());
            }
        }
        Ok(strangers)
    }

    /// Names all files in the output folder that are not of the site; a folder that holds no others by its name.
    fn strangers_warning(&self, strangers: &[String]) -> Option<Diagnostic> {
        let planned: HashSet<&str> =
            self.plan.pages.iter().flat_map(|page| folders(page.to.as_str())).collect();
        let mut by_name: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for path in strangers {
            let name = folders(path).find(|folder| !planned.contains(folder)).unwrap_or(path);
            by_name.entry(name).or_default().push(path);
        }
        let named = by_name.iter().map(|(name, files)| match files.as_slice() {
            [file] => format!("`{file}`"),
            files => format!("`{name}/` ({} files)", files.len()),
        });
        let named = named.collect::<Vec<_>>().join(", ");
        let message = match strangers.len() {
            0 => return None,
            1 => format!("the folder holds a file that is not of the site and stays: {named}"),
            count => format!("the folder holds {count} files that are not of the site and stay: {named}"),
        };
        let hint = "no build wrote them, or another program changed them; delete what is not needed, or build with `--clean`";
        Some(Diagnostic::warning(self.output_name(), message).hint(hint))
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
    /// was stale and was not made stays ours, and stale.
    fn next_outputs(
        &self,
        last: BTreeMap<OutputPath, OutputEntry>,
        plan: &Plan,
        made: Vec<MadeOutput>,
        report: &BuildReport,
    ) -> BTreeMap<OutputPath, OutputEntry> {
        let mut outputs = last;
        // A site that was not built keeps all that it has.
        for path in self.vanished.iter().filter(|_| report.built) {
            outputs.remove(path);
        }
        for &index in &self.stale {
            if let Some(entry) = outputs.get_mut(&plan.pages[index].to) {
                entry.fingerprint = Hash::default();
            }
        }
        outputs.extend(made.into_iter().map(|made| (made.path, made.entry)));
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
    /// It was made; in this file, if the output folder does not have its bytes already.
    Made(OutputEntry, Option<StagedFile>),
    /// It cannot be made, by a fault of the site.
    Fault(Box<Diagnostic>),
    Failed(Error),
}

/// What the workers found, together.
#[derive(Default)]
struct Tally {
    stopped: AtomicBool,
    faults: Mutex<Vec<Diagnostic>>,
    error: Mutex<Option<Error>>,
}

impl Tally {
    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// Notes what went wrong. A full disk stops the others, as they would fail as well.
    fn note(&self, outcome: PageOutcome) -> Option<(OutputEntry, Option<StagedFile>)> {
        match outcome {
            PageOutcome::Made(made, staged) => return Some((made, staged)),
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
