//! The one path of every build, full or incremental.
//!
//! [`run`] scans, reads what may have changed, assembles the site, plans its pages, renders those that are
//! stale, writes those whose bytes are new, removes what vanished, and saves the ledger last. A full build is a build
//! with an empty ledger; there is no other difference.

pub mod cache;
pub mod explain;
mod highlight_pool;
pub mod output;
pub mod snapshot;
mod sources;
pub mod staleness;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rayon::prelude::*;
use serde::Serialize;

use crate::config::{Config, FILE_NAME};
use crate::diagnostic::Diagnostic;
use crate::engine::cache::body_cache::BodyCache;
use crate::engine::cache::highlights::Highlights;
use crate::engine::cache::ledger::{Ledger, LedgerHeader, OutputEntry, SourceContent};
use crate::engine::explain::Explanation;
use crate::engine::output::OutputFolder;
use crate::engine::snapshot::{ScanResult, Snapshot};
use crate::engine::sources::OnError;
pub use crate::engine::sources::{fill_places, now_stamp};
use crate::engine::staleness::{FileState, StaleReason, staleness};
use crate::error::{Error, Result};
use crate::hash::Hash;
use crate::page::kind::PageKind;
use crate::page::question::{Ask, Question, Read};
use crate::page::{Page, Plan};
use crate::path::{OutputPath, SourcePath};
use crate::post::{self, Post};
use crate::render::{self, Renderer};
use crate::scan::{self, FileEntry, STATE, Stamp};
use crate::site::Site;
use crate::site::order::{Absence, Selection};
use crate::sys::lock::FileLock;
use crate::sys::worker;

/// What is to be built.
#[derive(Debug, Clone)]
pub struct Request {
    /// The folder of the site.
    pub root: PathBuf,
    /// The file of the settings, if it is not `backmatter.toml` in the root.
    pub settings: Option<PathBuf>,
    /// The output folder, if it is not the settings'.
    pub output: Option<PathBuf>,
    /// The base URL, if it is not the settings'.
    pub base_url: Option<String>,
    /// Where the receiver of linkbacks stands, if it is not where the settings say.
    pub receiver: Option<String>,
    /// What is shown besides posts that are due.
    pub selection: Selection,
    /// The moment the site is built for.
    pub now: chrono::DateTime<chrono::Utc>,
    /// Whether warnings stop the build.
    pub strict: bool,
    /// A page to explain: an output, an address or a source.
    pub why: Option<String>,
}

/// What a build did.
#[derive(Debug, Default, Serialize)]
pub struct BuildReport {
    /// The output folder.
    pub output: PathBuf,
    /// Whether the site was built; if not, nothing was written or removed that its faults have to do with.
    pub built: bool,
    /// All faults, errors first.
    pub diagnostics: Vec<Diagnostic>,
    /// Outputs that were rendered, sorted.
    pub rendered: Vec<OutputPath>,
    /// Outputs that were good.
    pub kept: usize,
    /// Files that were written.
    pub written: usize,
    /// Files that were removed.
    pub removed: usize,
    /// Posts that are shown.
    pub posts: usize,
    /// Posts and pages that are not.
    pub not_shown: NotShown,
    /// How long it took.
    #[serde(rename = "milliseconds", serialize_with = "milliseconds")]
    pub elapsed: Duration,
    /// Why the page that was asked about was rendered, or was not.
    pub why: Option<Explanation>,
}

/// Posts and pages that a build leaves out, by the reason.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct NotShown {
    /// Those that are not ready.
    pub drafts: usize,
    /// Those whose date is still to come.
    pub future: usize,
    /// Those that have expired.
    pub expired: usize,
}

impl NotShown {
    fn of(site: &Site) -> Self {
        let count = |because| site.absent.iter().filter(|absent| absent.because == because).count();
        Self {
            drafts: count(Absence::Draft),
            future: count(Absence::Future),
            expired: count(Absence::Expired),
        }
    }
}

fn milliseconds<S: serde::Serializer>(
    elapsed: &Duration,
    serializer: S,
) -> std::result::Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX))
}

/// Somebody who watches a build.
pub trait BuildObserver: Sync {
    /// Another build holds the lock, and this one waits.
    fn waiting(&self) {}
    /// So many pages will be rendered.
    fn rendering(&self, _pages: usize) {}
    /// One of them is done.
    fn rendered(&self) {}
    /// All are done.
    fn done(&self) {}
}

/// Observes nothing.
impl BuildObserver for () {}

/// The settings of a site, checked, with the command line laid over them.
pub fn settings(request: &Request) -> Result<(Config, Vec<Diagnostic>)> {
    let path = request.settings.clone().unwrap_or_else(|| request.root.join(FILE_NAME));
    // Faults name files as they are seen from the site's folder, if they are in it.
    let name = path.strip_prefix(&request.root).unwrap_or(&path).display().to_string();
    let (mut config, diagnostics) = Config::parse_file(&name, &scan::read_settings(&path)?);
    if let Some(url) = &request.base_url {
        config
            .set_base_url(url)
            .map_err(|reason| Error::Argument { given: format!("--base-url {url}"), reason })?;
    }
    if let Some(receiver) = &request.receiver {
        config.linkbacks.announce(receiver);
    }
    config.author = config.author.take().map(|author| config.link_author(author));
    Ok((config, diagnostics))
}

/// All posts of a site, drafts and all, without building anything.
pub fn posts(request: &Request) -> Result<(Vec<Arc<Post>>, Config, Vec<Diagnostic>)> {
    let (config, mut diagnostics) = settings(request)?;
    let tree = scan::scan(&request.root, &config);
    let sources = sources::read(&tree, &config, None, (&BodyCache::none(), OnError::Skip));
    diagnostics.extend(tree.diagnostics);
    diagnostics.extend(sources.diagnostics.into_values().flatten());
    diagnostics.sort_by(|a, b| a.order().cmp(&b.order()));
    let posts = sources.known.into_values().filter_map(|known| match known.content {
        SourceContent::Post(post, _) => Some(post),
        _ => None,
    });
    Ok((posts.collect(), config, diagnostics))
}

/// A site as a build would find it now, without making anything of it. What the last build knows of a source that is
/// unchanged is taken from its ledger.
pub fn snapshot(request: &Request) -> Result<Snapshot> {
    let (config, diagnostics) = settings(request)?;
    let folder = request.output.clone().unwrap_or_else(|| request.root.join(&config.output));
    let at = now_stamp();
    let (tree, last) = rayon::join(
        || scan::scan(&request.root, &config),
        || Ledger::load_sources(&ledger_path(request, &folder)),
    );
    let scanned = ScanResult { config, diagnostics, tree, at };
    Ok(Snapshot::of(request, scanned, &last.unwrap_or_default(), (BodyCache::none(), OnError::Skip)))
}

/// The file of the ledger for an output folder.
fn ledger_path(request: &Request, folder: &Path) -> PathBuf {
    cache::ledger::path_for(&request.root, &std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned()))
}

/// What a build knows of the site it made.
pub struct BuildOutputs {
    /// Every output, and what it shows.
    pub plan: Arc<Plan>,
    /// What is in the output folder, by path: fingerprints of the bytes, and lengths.
    pub outputs: BTreeMap<OutputPath, OutputEntry>,
}

/// Builds a site.
pub fn run(request: &Request, observer: &dyn BuildObserver) -> Result<BuildReport> {
    let (report, built) = run_and_keep(request, observer)?;
    // Giving back ten thousand posts piece by piece takes a tenth of a build in which nothing changed.
    worker::in_background("cleanup", move || drop(built));
    Ok(report)
}

/// Builds a site, and keeps what a program wants to know that does something with it. Nothing is kept of a site
/// that was not built.
pub fn run_and_keep(
    request: &Request,
    observer: &dyn BuildObserver,
) -> Result<(BuildReport, Option<BuildOutputs>)> {
    let began = Instant::now();
    // What is no site, or no place to write to, is refused before anything is written. What counts is read when no
    // other build can change it any more.
    open(request)?;
    let _lock = lock(&request.root, observer)?;
    let (config, diagnostics, output) = open(request)?;
    let folder = output.root().to_owned();
    let ledger_path = ledger_path(request, &folder);
    let scanned_at = now_stamp();
    let (tree, last) =
        rayon::join(|| scan::scan(&request.root, &config), || Ledger::load_with_journal(&ledger_path));
    let mut last = last.unwrap_or_default();
    let highlights = highlights(request, &config);
    let scanned = ScanResult { config, diagnostics, tree, at: scanned_at };
    let cache = BodyCache::new(&request.root.join(STATE), &highlights);
    let mut snapshot = Snapshot::of(request, scanned, &last, (cache, OnError::Skip));
    let mut report = BuildReport {
        output: folder,
        diagnostics: snapshot.diagnostics(),
        posts: snapshot.plan.site.posts.len(),
        not_shown: NotShown::of(&snapshot.plan.site),
        ..BuildReport::default()
    };
    let plan = &snapshot.plan;
    let build = Build { request, snapshot: &snapshot, plan, output: &output, last: &last, observer };
    let statuses = build.statuses();
    let stale: Vec<usize> = (0..plan.pages.len()).filter(|&index| statuses[index].is_some()).collect();
    // Where nothing is rendered the templates are those of the last build, which had no fault.
    let renderer = (!stale.is_empty()).then(|| {
        let (renderer, faults) = snapshot.renderer(request, &highlights);
        report.diagnostics.extend(faults);
        renderer
    });
    if refuses(&report.diagnostics, request.strict) {
        return Ok((finish(request, report, began), None));
    }
    report.why = request.why.as_deref().map(|page| build.explain(page, &statuses));
    report.kept = plan.pages.len() - stale.len();
    let vanished = build.vanished(&statuses);

    output.claim()?;
    if !stale.is_empty() || !vanished.is_empty() {
        build.clear_the_way(&vanished, &mut report)?;
    }
    let new = stale
        .iter()
        .filter(|&&index| statuses[index] == Some(StaleReason::New))
        .map(|&index| &plan.pages[index].to);
    Ledger::begin_journal(&ledger_path, new)?;
    let mut made = match &renderer {
        Some(renderer) => build.make(&stale, renderer, &mut report)?,
        None => Vec::new(),
    };
    // What pages were made of is let go before the ledger takes memory.
    drop(renderer);
    plan.forget_cards();
    let slow = highlights.take_diagnostics();
    spoil(&mut made, plan, &slow);
    report.diagnostics.extend(slow);
    let mut has_strangers = last.head.has_strangers;
    report.built = !report.diagnostics.iter().any(Diagnostic::is_error);
    if report.built {
        build.remove(&vanished, &mut report)?;
        if (last.outputs.is_empty() || has_strangers) && output.was_there() {
            let strangers = build.strangers();
            has_strangers = strangers.is_some();
            report.diagnostics.extend(strangers);
        }
    }
    let head = LedgerHeader { has_strangers, ..snapshot.head.clone() };
    let is_news = snapshot.changed || !made.is_empty() || !vanished.is_empty() || !last.head.same_keys(&head);
    if is_news {
        let gone = if report.built { vanished.as_slice() } else { &[] };
        let planned = stale.iter().map(|&index| &plan.pages[index].to);
        let outputs = next_outputs(std::mem::take(&mut last.outputs), gone, planned, made);
        last = Ledger { head, sources: std::mem::take(&mut snapshot.known), outputs };
    }
    let (highlights_saved, ledger_saved) = rayon::join(
        || highlights.save(stale.len() == plan.pages.len()),
        || if is_news { last.save(&ledger_path) } else { Ok(()) },
    );
    ledger_saved?;
    Ledger::end_journal(&ledger_path)?;
    if let Err(error) = highlights_saved {
        // Losing them costs time only.
        report.diagnostics.push(Diagnostic::warning(STATE, error.to_string()));
    }
    let report = finish(request, report, began);
    let plan = Arc::clone(plan);
    worker::in_background("cleanup", move || drop(snapshot));
    let built = report.built.then(|| BuildOutputs { plan, outputs: last.outputs });
    Ok((report, built))
}

/// Coloured code, as builds and previews of a site keep it.
pub fn highlights(request: &Request, config: &Config) -> Arc<Highlights> {
    Arc::new(Highlights::new(request.root.join(STATE).join("highlights"), config.highlight.clone()))
}

/// The settings and the output folder.
fn open(request: &Request) -> Result<(Config, Vec<Diagnostic>, OutputFolder)> {
    let (config, diagnostics) = settings(request)?;
    let folder = request.output.clone().unwrap_or_else(|| request.root.join(&config.output));
    let output = OutputFolder::open(&folder, &request.root)?;
    Ok((config, diagnostics, output))
}

/// The outputs the next build will know: those of the last one, less what is gone, with what was made. What was
/// stale and could not be made stays ours, and stale.
fn next_outputs<'p>(
    last: BTreeMap<OutputPath, OutputEntry>,
    gone: &[OutputPath],
    stale: impl Iterator<Item = &'p OutputPath>,
    made: Vec<(OutputPath, OutputEntry)>,
) -> BTreeMap<OutputPath, OutputEntry> {
    let mut outputs = last;
    for path in gone {
        outputs.remove(path);
    }
    for path in stale {
        if let Some(made) = outputs.get_mut(path) {
            made.fingerprint = Hash::default();
        }
    }
    outputs.extend(made);
    outputs
}

/// A page with code that took too long is tried again by the next build: whether it is coloured should not depend
/// on how busy the machine was.
fn spoil(made: &mut [(OutputPath, OutputEntry)], plan: &Plan, slow: &[Diagnostic]) {
    for fault in slow {
        let post =
            SourcePath::new(&fault.path).and_then(|path| plan.site.post(&path).map(|post| post.url.output()));
        for (_, made) in made.iter_mut().filter(|(path, _)| Some(path) == post.as_ref()) {
            made.fingerprint = Hash::default();
        }
    }
}

fn refuses(diagnostics: &[Diagnostic], strict: bool) -> bool {
    diagnostics.iter().any(|diagnostic| strict || diagnostic.is_error())
}

/// The engine: its version, and in development its very bytes, so that no output survives a change of the code.
fn engine_key() -> Hash {
    let version = env!("CARGO_PKG_VERSION");
    if cfg!(debug_assertions)
        && let Ok(executable) = std::env::current_exe()
        && let Ok(metadata) = fs::metadata(executable)
    {
        return Hash::of_value(&(version, Stamp::of(&metadata)));
    }
    Hash::of_value(&version)
}

fn sources_key(config: &Config) -> Hash {
    Hash::of_all(&[engine_key(), post::settings_fingerprint(config)])
}

fn highlight_key(config: &Config) -> Hash {
    Hash::of_value(&(&config.highlight, post::highlight::VERSION))
}

impl LedgerHeader {
    fn same_keys(&self, other: &Self) -> bool {
        (self.sources_key, self.outputs_key, self.selection, self.has_strangers)
            == (other.sources_key, other.outputs_key, other.selection, other.has_strangers)
    }
}

/// Keeps two builds of one site apart until it is dropped.
fn lock(root: &Path, observer: &dyn BuildObserver) -> Result<FileLock> {
    let path = state(root)?.join("lock");
    match FileLock::try_take(&path)? {
        Some(lock) => Ok(lock),
        None => {
            observer.waiting();
            FileLock::take(&path)
        }
    }
}

/// The folder of what can be made anew, which tells other programs so.
pub fn state(root: &Path) -> Result<PathBuf> {
    let state = root.join(STATE);
    if !state.is_dir() {
        fs::create_dir_all(&state).map_err(Error::io("make", &state))?;
        let ignore = state.join(".gitignore");
        fs::write(&ignore, "*\n").map_err(Error::io("write", &ignore))?;
        let tag = state.join("CACHEDIR.TAG");
        let text = "Signature: 8a477f597d28d172789f06886806bc55\n# Made by backmatter; deleting it costs time only.\n";
        fs::write(&tag, text).map_err(Error::io("write", &tag))?;
    }
    Ok(state)
}

/// A build under way.
struct Build<'a> {
    request: &'a Request,
    snapshot: &'a Snapshot,
    plan: &'a Plan,
    output: &'a OutputFolder,
    last: &'a Ledger,
    observer: &'a dyn BuildObserver,
}

impl Build<'_> {
    /// Whether each page is good.
    fn statuses(&self) -> Vec<Option<StaleReason>> {
        let same_settings = self.last.head.outputs_key == self.snapshot.head.outputs_key;
        let changed = if same_settings { self.other_answers() } else { HashMap::new() };
        self.plan
            .pages
            .par_iter()
            .map(|page| {
                let fingerprint = || self.plan.render_input(page).fingerprint();
                let made = self.last.outputs.get(&page.to);
                let on_disk = made.map_or(FileState::Missing, |made| self.output.state(&page.to, made));
                let other_answer = |made: &OutputEntry| changed.get(&place_of(&made.reads)).cloned();
                staleness(made, fingerprint, other_answer, same_settings, on_disk)
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
        let copied = match sources::on_disk(origin) {
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
                    "is no longer part of the site, but was changed by somebody else: it stays",
                )
                .hint("delete it yourself if nobody needs it");
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
            .hint("if nobody needs them, delete the folder and build again"),
        )
    }

    fn output_name(&self) -> String {
        let folder =
            self.request.output.clone().unwrap_or_else(|| PathBuf::from(&self.plan.site.config.output));
        folder.display().to_string()
    }

    fn explain(&self, page: &str, statuses: &[Option<StaleReason>]) -> Explanation {
        explain::explain(page, self.plan, statuses, self.last)
    }
}

/// The report of a build that has ended.
fn finish(request: &Request, mut report: BuildReport, began: Instant) -> BuildReport {
    if request.strict {
        for diagnostic in &mut report.diagnostics {
            diagnostic.severity = crate::diagnostic::Severity::Error;
        }
    }
    tidy(&request.root, &mut report.diagnostics);
    report.elapsed = began.elapsed();
    report
}

/// Puts faults in order, each once, with the lines they point at.
pub fn tidy(root: &Path, diagnostics: &mut Vec<Diagnostic>) {
    sources::fill_places(root, diagnostics);
    diagnostics.sort_by(|a, b| a.order().cmp(&b.order()));
    diagnostics.dedup();
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
    /// It cannot be written.
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
