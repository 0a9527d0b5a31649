//! Bodies between parsing and rendering.
//!
//! A post is parsed once, for its head and its body, but its page can be rendered only when all heads are known. Until
//! then a [`BodyCache`] keeps the bodies: some thousand in memory, the others in a file without a name. Writing
//! and reading one takes a tenth of the time of parsing it again, and memory stays small however large the site.
//! The code in them is coloured meanwhile.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use hashbrown::HashMap;
use parking_lot::Mutex;

use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::engine::cache::highlights::Highlights;
use crate::engine::sources::parse_safely;
use crate::fifo_cache::FifoCache;
use crate::path::SourcePath;
use crate::post;
use crate::post::markdown::{Body, Hole};
use crate::render::Bodies;
use crate::scan;

/// Bytes of bodies kept in memory.
const IN_MEMORY: usize = 8 * 1024 * 1024;

/// Where bodies lie until they are printed.
#[derive(Default)]
pub(in crate::engine) struct BodyCache {
    /// Where the file is made, and who colours code; without them nothing is kept.
    build: Option<(PathBuf, Arc<Highlights>)>,
    in_memory: AtomicUsize,
    file: OnceLock<Option<Mutex<SpillFile>>>,
}

/// A body that was put in the cache.
pub(in crate::engine) enum CachedBody {
    InMemory(Arc<Body>),
    /// In the file: where it begins, and how long it is.
    InFile(u64, usize),
}

/// The bodies that were parsed while sources were read, and the cache that holds them.
#[derive(Default)]
pub(in crate::engine) struct ParsedBodies {
    pub(in crate::engine) cache: BodyCache,
    pub(in crate::engine) bodies: HashMap<SourcePath, CachedBody>,
}

/// The file, which is written to its end before it is read.
struct SpillFile {
    file: File,
    end: u64,
    /// A write has failed. What is in the file is good.
    is_full: bool,
}

impl BodyCache {
    /// A cache for a build whose state is in `folder`.
    pub(in crate::engine) fn new(folder: &Path, highlights: &Arc<Highlights>) -> Self {
        let build = Some((folder.to_owned(), Arc::clone(highlights)));
        Self { build, in_memory: AtomicUsize::new(0), file: OnceLock::new() }
    }

    /// A cache for a caller that prints nothing.
    pub(in crate::engine) fn none() -> Self {
        Self::default()
    }

    /// Keeps a body, if it can: it can always be parsed again.
    pub(in crate::engine) fn keep(&self, body: Body) -> Option<CachedBody> {
        let (folder, highlights) = self.build.as_ref()?;
        body.code().for_each(|block| highlights.begin(block));
        let size = body.html.len() + body.holes.len() * size_of::<Hole>();
        if self.in_memory.fetch_add(size, Ordering::Relaxed) + size <= IN_MEMORY {
            return Some(CachedBody::InMemory(Arc::new(body)));
        }
        let file = self.file.get_or_init(|| SpillFile::new(folder).ok().map(Mutex::new));
        let room = Vec::with_capacity(size + size / 8);
        let bytes = postcard::to_extend(&body, room).expect("all our values have known lengths");
        let at = file.as_ref()?.lock().write(&bytes)?;
        Some(CachedBody::InFile(at, bytes.len()))
    }

    fn fetch(&self, kept: &CachedBody) -> Option<Arc<Body>> {
        match kept {
            CachedBody::InMemory(body) => Some(Arc::clone(body)),
            CachedBody::InFile(at, len) => {
                let bytes = self.file.get()?.as_ref()?.lock().read(*at, *len).ok()?;
                postcard::from_bytes(&bytes).ok().map(Arc::new)
            }
        }
    }
}

impl SpillFile {
    /// Makes the file and takes its name away: it vanishes with the process, however that ends.
    fn new(folder: &Path) -> io::Result<Self> {
        let path = folder.join("bodies");
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(&path)?;
        fs::remove_file(&path)?;
        Ok(Self { file, end: 0, is_full: false })
    }

    fn write(&mut self, bytes: &[u8]) -> Option<u64> {
        if self.is_full || self.file.write_all(bytes).is_err() {
            self.is_full = true;
            return None;
        }
        let at = self.end;
        self.end += bytes.len() as u64;
        Some(at)
    }

    fn read(&mut self, at: u64, len: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; len];
        self.file.seek(SeekFrom::Start(at))?;
        self.file.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}

/// Bodies for a renderer: those in the cache, and the others parsed when they are asked for.
pub(in crate::engine) struct BodyStore {
    root: PathBuf,
    config: Config,
    cache: BodyCache,
    kept: HashMap<SourcePath, Mutex<Copies>>,
    /// The last few that were parsed on demand: feeds ask for the same ones again and again.
    recent: Mutex<FifoCache<SourcePath, Arc<Body>>>,
}

/// A body, let go when it has been printed wherever it stands.
struct Copies {
    body: Option<CachedBody>,
    /// How often it is still read: for its own page, for feeds, and for the index of the search page.
    left: usize,
}

const RECENT: usize = 64;

impl BodyStore {
    /// `uses` says how often the body of a post is read besides for its own page.
    pub(in crate::engine) fn new(
        root: &Path,
        config: &Config,
        parsed: ParsedBodies,
        uses: &HashMap<&SourcePath, usize>,
    ) -> Self {
        let copies = |(path, body)| {
            let left = 1 + uses.get(&path).copied().unwrap_or(0);
            (path, Mutex::new(Copies { body: Some(body), left }))
        };
        let ParsedBodies { cache, bodies } = parsed;
        let kept = bodies.into_iter().map(copies).collect();
        Self {
            root: root.to_owned(),
            config: config.clone(),
            cache,
            kept,
            recent: Mutex::new(FifoCache::new(RECENT)),
        }
    }

    fn kept(&self, path: &SourcePath) -> Option<Arc<Body>> {
        let copies = self.kept.get(path)?.lock();
        self.cache.fetch(copies.body.as_ref()?)
    }

    fn parsed(&self, path: &SourcePath) -> Result<Arc<Body>, Box<Diagnostic>> {
        if let Some(body) = self.recent.lock().get(path) {
            return Ok(Arc::clone(body));
        }
        let gone = |reason: String| {
            Box::new(
                Diagnostic::error(path.as_str(), format!("changed while the site was built: {reason}"))
                    .hint("build again"),
            )
        };
        let bytes =
            fs::read(scan::on_disk(&self.root, path.as_str())).map_err(|error| gone(error.to_string()))?;
        let text = post::text_of(path, &bytes)?;
        let (_, body) = parse_safely(path, text, &self.config)
            .post
            .ok_or_else(|| gone("it has faults now".to_owned()))?;
        let body = Arc::new(body);
        self.recent.lock().put(path.clone(), Arc::clone(&body));
        Ok(body)
    }
}

impl Bodies for BodyStore {
    fn body(&self, path: &SourcePath) -> Result<Arc<Body>, Box<Diagnostic>> {
        match self.kept(path) {
            Some(body) => Ok(body),
            None => self.parsed(path),
        }
    }

    fn printed(&self, path: &SourcePath) {
        if let Some(copies) = self.kept.get(path) {
            let mut copies = copies.lock();
            copies.left = copies.left.saturating_sub(1);
            if copies.left == 0 {
                copies.body = None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::markdown::Fill;

    fn cache(folder: &Path) -> BodyCache {
        let (config, _) = Config::parse("");
        let highlights = Highlights::new(folder.join("highlights"), config.highlight);
        BodyCache::new(folder, &Arc::new(highlights))
    }

    fn body(html: &str) -> Body {
        let hole = Hole { at: 1, fill: Fill::Word("more".into()) };
        Body { html: html.to_owned(), holes: vec![hole] }
    }

    #[test]
    fn what_memory_does_not_hold_is_in_a_file_without_a_name() {
        let folder = tempfile::tempdir().expect("there is a place for temporary files");
        let cache = cache(folder.path());
        let bodies: Vec<Body> = (0..40).map(|n| body(&format!("{n}é").repeat(200_000))).collect();
        let kept: Vec<CachedBody> = bodies.iter().filter_map(|body| cache.keep(body.clone())).collect();
        assert!(matches!(kept.first(), Some(CachedBody::InMemory(_))));
        assert!(matches!(kept.last(), Some(CachedBody::InFile(..))));
        let fetched: Vec<_> = kept.iter().rev().filter_map(|kept| cache.fetch(kept)).collect();
        assert_eq!(
            fetched.iter().rev().map(|body| &**body).collect::<Vec<_>>(),
            bodies.iter().collect::<Vec<_>>()
        );
        assert_eq!(fs::read_dir(folder.path()).expect("it is a folder").count(), 0);
    }

    #[test]
    fn what_cannot_be_written_is_not_kept() {
        let folder = tempfile::tempdir().expect("there is a place for temporary files");
        let cache = cache(&folder.path().join("is not there"));
        assert!(cache.keep(body(&"x".repeat(IN_MEMORY))).is_none());
        assert!(BodyCache::none().keep(body("x")).is_none());
    }
}
