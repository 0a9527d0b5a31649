//! Coloured code, kept from build to build.
//!
//! Highlighting is nine tenths of a cold build of a blog about code. Each block is kept under the fingerprint
//! of the highlighter, the language and the code, in one file that is read when the first block is needed and
//! written when a build has added to it. A block gets a budget of time; one that exceeds it is shown plain.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::build::sealed;
use crate::config::HighlightConfig;
use crate::diagnostic::Diagnostic;
use crate::error::Result;
use crate::hash::Hash;
use crate::html;
use crate::path::SourcePath;
use crate::post::highlight::{self, FenceOptions, Memory};
use crate::post::markdown::CodeBlock;
use crate::render::Highlight;

const MAGIC: &[u8; 16] = b"backmatter hl  1";

/// Files above this are rewritten with only what the last full build used.
const LARGEST: usize = 64 * 1024 * 1024;

/// All coloured code.
pub struct Highlights {
    path: PathBuf,
    config: HighlightConfig,
    kept: OnceLock<HashMap<Hash, Box<str>>>,
    /// Blocks of this build that were not kept.
    added: Mutex<HashMap<Hash, Box<str>>>,
    used: Mutex<HashSet<Hash>>,
    /// Threads that wait for work. One that hangs in a grammar is left behind and does not come back.
    idle: Mutex<Vec<Hand>>,
    diagnostics: Mutex<Vec<Diagnostic>>,
}

impl Highlights {
    /// The highlights kept in a file.
    pub fn new(path: PathBuf, config: HighlightConfig) -> Self {
        Self {
            path,
            config,
            kept: OnceLock::new(),
            added: Mutex::default(),
            used: Mutex::default(),
            idle: Mutex::default(),
            diagnostics: Mutex::default(),
        }
    }

    /// Warnings of blocks that took too long, each once.
    pub fn take_diagnostics(&self) -> Vec<Diagnostic> {
        std::mem::take(&mut lock(&self.diagnostics))
    }

    /// Writes the file if anything was added. After a build that rendered every page, what none of them
    /// used can be dropped.
    pub fn save(&self, rendered_all: bool) -> Result<()> {
        let added = lock(&self.added);
        if added.is_empty() {
            return Ok(());
        }
        let used = lock(&self.used);
        let kept = self.kept();
        let size: usize = kept.values().map(|html| html.len()).sum();
        let drop_unused = rendered_all && size > LARGEST;
        let mut entries: Vec<(&Hash, &Box<str>)> =
            kept.iter().filter(|(key, _)| !drop_unused || used.contains(key)).chain(added.iter()).collect();
        entries.sort_unstable_by_key(|(key, _)| **key);
        let bytes = postcard::to_stdvec(&entries).expect("all our values have known lengths");
        sealed::write(&self.path, MAGIC, |file| file.write(&bytes))
    }

    fn kept(&self) -> &HashMap<Hash, Box<str>> {
        self.kept.get_or_init(|| load(&self.path).unwrap_or_default())
    }

    fn coloured(&self, path: &SourcePath, block: &CodeBlock) -> Option<String> {
        let language = highlight::language_name(&block.options.language)?;
        let key = Hash::of_value(&(highlight::VERSION, &language, &block.code));
        lock(&self.used).insert(key);
        if let Some(html) = self.kept().get(&key) {
            return Some(html.to_string());
        }
        if let Some(html) = lock(&self.added).get(&key) {
            return Some(html.to_string());
        }
        let job =
            Job { language: block.options.language.clone(), code: block.code.clone(), budget: self.budget() };
        match self.work(job) {
            Outcome::Done(html) => {
                lock(&self.added).insert(key, html.clone().into_boxed_str());
                Some(html)
            }
            Outcome::Plain => None,
            Outcome::TooLong => {
                let message = format!(
                    "highlighting the code at line {} took more than {} ms: it is shown plain",
                    block.line, self.config.budget_ms
                );
                let hint = "raise `highlight.budget_ms` in the settings, or mark the block as `text`";
                lock(&self.diagnostics).push(Diagnostic::warning(path.as_str(), message).hint(hint));
                None
            }
        }
    }

    fn budget(&self) -> Duration {
        Duration::from_millis(self.config.budget_ms as u64)
    }

    fn work(&self, job: Job) -> Outcome {
        let idle = lock(&self.idle).pop();
        let hand = match idle.or_else(Hand::hire) {
            Some(hand) => hand,
            None => return Outcome::Plain,
        };
        // The grammars look at the clock between lines; the rest is for one that hangs within a line.
        let patience = job.budget * 2 + FIRST_USE;
        if hand.jobs.send(job).is_err() {
            return Outcome::Plain;
        }
        match hand.outcomes.recv_timeout(patience) {
            Ok(outcome) => {
                lock(&self.idle).push(hand);
                outcome
            }
            Err(RecvTimeoutError::Timeout) => Outcome::TooLong,
            Err(RecvTimeoutError::Disconnected) => Outcome::Plain,
        }
    }
}

/// Loading the grammars, and compiling those of a language, is not the block's fault.
const FIRST_USE: Duration = Duration::from_secs(2);

impl Highlight for Highlights {
    fn code(&self, path: &SourcePath, block: &CodeBlock) -> String {
        let coloured = if self.config.enabled { self.coloured(path, block) } else { None };
        let html = coloured.unwrap_or_else(|| html::escape(&block.code));
        if self.config.line_numbers && block.options.line_numbers.is_none() {
            let options = FenceOptions { line_numbers: Some(1), ..block.options.clone() };
            return highlight::lines(&html, &options);
        }
        highlight::lines(&html, &block.options)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn load(path: &Path) -> Option<HashMap<Hash, Box<str>>> {
    let entries: Vec<(Hash, Box<str>)> =
        sealed::read(path, MAGIC, |content| postcard::from_bytes(content).ok())?;
    Some(entries.into_iter().collect())
}

/// A block to colour.
struct Job {
    language: String,
    code: String,
    budget: Duration,
}

/// What became of it.
enum Outcome {
    Done(String),
    /// It cannot be coloured.
    Plain,
    TooLong,
}

/// A thread that colours one block after another. It ends when its sender is dropped, or with the process
/// if it hangs.
struct Hand {
    jobs: Sender<Job>,
    outcomes: Receiver<Outcome>,
}

impl Hand {
    fn hire() -> Option<Self> {
        let (jobs, to_do) = mpsc::channel::<Job>();
        let (done, outcomes) = mpsc::channel();
        let work = move || {
            // Lines of one block stand in many others.
            let mut memory = Memory::default();
            while let Ok(job) = to_do.recv() {
                if done.send(colour(&job, &mut memory)).is_err() {
                    break;
                }
            }
        };
        thread::Builder::new().name("highlight".to_owned()).spawn(work).ok()?;
        Some(Self { jobs, outcomes })
    }
}

fn colour(job: &Job, memory: &mut Memory) -> Outcome {
    let mut began: Option<Instant> = None;
    let mut late = false;
    let html = highlight::highlight(&job.language, &job.code, memory, &mut || {
        // The clock starts with the first line: what was before it was loading.
        let elapsed = began.get_or_insert_with(Instant::now).elapsed();
        late = elapsed > job.budget;
        !late
    });
    match html {
        Some(html) => Outcome::Done(html),
        None if late => Outcome::TooLong,
        None => Outcome::Plain,
    }
}
