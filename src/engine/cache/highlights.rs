//! Coloured code, kept from build to build.
//!
//! Highlighting is nine tenths of a cold build of a blog about code. Each block is kept under the fingerprint
//! of the highlighter, the language and the code, in one file that is read when the first block is needed and
//! written when a build has added to it. A block gets a budget of time; one that exceeds it is shown plain.
//!
//! Blocks are coloured by threads of their own (`highlight_pool`), which begin as soon as a post is parsed.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use hashbrown::{HashMap, HashSet};
use parking_lot::Mutex;
use serde::Serialize;

use crate::config::HighlightConfig;
use crate::diagnostic::Diagnostic;
use crate::engine::cache::state_file;
use crate::engine::highlight_pool::{HighlightJob, HighlightOutcome, HighlightPool, by_grammar};
use crate::error::Result;
use crate::hash::Hash;
use crate::html;
use crate::path::SourcePath;
use crate::post::highlight::{self, FenceOptions};
use crate::post::markdown::CodeBlock;
use crate::render::Highlight;

const MAGIC: &[u8; 16] = b"backmatter hl  1";

/// Files above this are rewritten with only what the last full build used.
const LARGEST: usize = 64 * 1024 * 1024;

/// Which pages a build rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RenderExtent {
    /// Every page: what none of them used is not needed any more.
    AllPages,
    /// Not every page.
    SomePages,
}

/// All coloured code.
pub struct Highlights {
    path: PathBuf,
    config: HighlightConfig,
    kept: OnceLock<HashMap<Hash, Box<str>>>,
    used: Mutex<HashSet<Hash>>,
    /// Colours blocks that were not kept, and has those it coloured.
    pool: HighlightPool,
    diagnostics: Mutex<Vec<Diagnostic>>,
}

impl Highlights {
    /// The highlights kept in a file.
    pub fn new(path: PathBuf, config: HighlightConfig) -> Self {
        Self {
            path,
            config,
            kept: OnceLock::new(),
            used: Mutex::default(),
            pool: HighlightPool::new(rayon::current_num_threads(), by_grammar),
            diagnostics: Mutex::default(),
        }
    }

    /// Warnings of blocks that took too long, each once.
    pub fn take_diagnostics(&self) -> Vec<Diagnostic> {
        std::mem::take(&mut self.diagnostics.lock())
    }

    /// Lets a block be coloured that will be asked for later.
    pub(super) fn begin(&self, block: &CodeBlock) {
        if let Some((key, language)) = self.key(block)
            && !self.kept().contains_key(&key)
        {
            self.pool.begin(key, || self.job(language, block));
        }
    }

    /// Writes the file if anything was added. After a build that rendered every page, what none of them
    /// used can be dropped.
    pub fn save(&self, extent: RenderExtent) -> Result<()> {
        self.pool.with_done(|added| {
            if added.is_empty() {
                return Ok(());
            }
            let (kept, used) = (self.kept(), self.used.lock());
            let size: usize = kept.values().map(|html| html.len()).sum();
            let drop_unused = extent == RenderExtent::AllPages && size > LARGEST;
            let kept = kept.iter().filter(|(key, _)| !drop_unused || used.contains(*key));
            let mut entries: Vec<(&Hash, &str)> = kept.map(|(key, html)| (key, &**html)).collect();
            entries.extend(added);
            entries.sort_unstable_by_key(|(key, _)| **key);
            state_file::write(&self.path, MAGIC, |file| {
                file.write(&bytes(&entries.len()))?;
                entries.iter().try_for_each(|entry| file.write(&bytes(entry)))
            })
        })
    }

    fn kept(&self) -> &HashMap<Hash, Box<str>> {
        self.kept.get_or_init(|| load(&self.path).unwrap_or_default())
    }

    /// What a block is kept under, and its language; `None` if it is not to be coloured.
    fn key(&self, block: &CodeBlock) -> Option<(Hash, &'static str)> {
        let language = highlight::language_name(&block.options.language).filter(|_| self.config.enabled)?;
        Some((Hash::of_value(&(highlight::VERSION, &language, &block.code)), language))
    }

    fn job(&self, language: &'static str, block: &CodeBlock) -> HighlightJob {
        let budget = Duration::from_millis(self.config.budget_ms as u64);
        HighlightJob { language, code: block.code.clone(), budget }
    }

    fn coloured(&self, path: &SourcePath, block: &CodeBlock) -> Option<String> {
        let (key, language) = self.key(block)?;
        self.used.lock().insert(key);
        if let Some(html) = self.kept().get(&key) {
            return Some(html.to_string());
        }
        match self.pool.outcome(key, || self.job(language, block)) {
            HighlightOutcome::Done(html) => Some(html.into_string()),
            HighlightOutcome::Plain => None,
            HighlightOutcome::TooLong => {
                let message = format!(
                    "highlighting the code at line {} took more than {} ms: it is shown plain",
                    block.line, self.config.budget_ms
                );
                let hint = "raise `highlight.budget_ms` in the settings, or mark the block as `text`";
                self.diagnostics.lock().push(Diagnostic::warning(path.as_str(), message).hint(hint));
                None
            }
        }
    }
}

impl Highlight for Highlights {
    fn code(&self, path: &SourcePath, block: &CodeBlock) -> String {
        let html = self.coloured(path, block).unwrap_or_else(|| html::escape(&block.code));
        if self.config.line_numbers && block.options.line_numbers.is_none() {
            let options = FenceOptions { line_numbers: Some(1), ..block.options.clone() };
            return highlight::lines(&html, &options);
        }
        highlight::lines(&html, &block.options)
    }
}

fn bytes(value: &impl Serialize) -> Vec<u8> {
    postcard::to_stdvec(value).expect("all our values have known lengths")
}

fn load(path: &Path) -> Option<HashMap<Hash, Box<str>>> {
    let entries: Vec<(Hash, Box<str>)> =
        state_file::read(path, MAGIC, |content| postcard::from_bytes(content).ok())?;
    Some(entries.into_iter().collect())
}
