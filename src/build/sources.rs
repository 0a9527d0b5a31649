//! From the files of a site to what they hold, reading only those that may have changed.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use crate::build::ledger::{Content, Known, Ledger};
use crate::config::Config;
use crate::diagnostic::{Diagnostic, Place};
use crate::hash::Hash;
use crate::linkback::back_matter;
use crate::path::SourcePath;
use crate::post::markdown::Body;
use crate::post::{self, Parsed};
use crate::render::Bodies;
use crate::scan::{Found, Origin, Role, Tree};

/// Everything the sources hold.
pub(super) struct Sources {
    /// By path, as the ledger keeps it.
    pub(super) known: BTreeMap<SourcePath, Known>,
    /// Bodies that were parsed on the way.
    pub(super) bodies: HashMap<SourcePath, Arc<Body>>,
    /// Faults of all sources, those of unchanged ones as well.
    pub(super) diagnostics: Vec<Diagnostic>,
    /// Whether anything differs from the ledger, be it only a stamp.
    pub(super) changed: bool,
}

/// A file as young as this when it was scanned may change again without another stamp: the clocks of file
/// systems tick every few milliseconds (git's "racily clean" rule).
const TICK: u64 = 20_000_000;

/// Bodies kept from parsing to rendering. What is over is parsed again, which costs less than memory.
const BODIES_KEPT: usize = 36 * 1024 * 1024;

/// Reads what may have changed.
pub(super) fn read(tree: &Tree, config: &Config, last: &Ledger, sources_key: Hash) -> Sources {
    let reader = Reader {
        config,
        last: (last.head.sources_key == sources_key).then_some(last),
        kept: AtomicUsize::new(0),
    };
    let files: Vec<(&SourcePath, &Found)> = tree.files.iter().collect();
    let read: Vec<Outcome> = files.par_iter().map(|(path, found)| reader.source(path, found)).collect();

    let mut sources = Sources {
        known: BTreeMap::new(),
        bodies: HashMap::new(),
        diagnostics: Vec::new(),
        changed: reader.last.is_none() || last.sources.len() != files.len(),
    };
    let mut known = Vec::with_capacity(files.len());
    for ((path, _), outcome) in files.into_iter().zip(read) {
        sources.changed |= outcome.changed;
        sources.diagnostics.extend(outcome.diagnostics);
        if let Some(body) = outcome.body {
            sources.bodies.insert(path.clone(), body);
        }
        if let Some(source) = outcome.known {
            known.push((path.clone(), source));
        }
    }
    sources.known = known.into_iter().collect();
    sources
}

/// What was read of one file.
#[derive(Default)]
struct Outcome {
    known: Option<Known>,
    body: Option<Arc<Body>>,
    diagnostics: Vec<Diagnostic>,
    changed: bool,
}

struct Reader<'a> {
    config: &'a Config,
    last: Option<&'a Ledger>,
    kept: AtomicUsize,
}

impl Reader<'_> {
    fn source(&self, path: &SourcePath, found: &Found) -> Outcome {
        let before = self.last.and_then(|last| last.sources.get(path));
        let scanned_at = self.last.map_or(0, |last| last.head.scanned_at);
        if let Some(known) = before
            && known.stamp == found.stamp
            && found.stamp.modified.max(found.stamp.inode.0).saturating_add(TICK) < scanned_at
        {
            return unchanged(known.clone(), false);
        }
        let bytes = match found.origin.read() {
            Ok(bytes) => bytes,
            Err(error) => {
                let reason =
                    std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
                let fault = Diagnostic::error(path.as_str(), format!("cannot be read: {reason}"))
                    .hint("give yourself the right to read it, or move it out of the site");
                return Outcome { diagnostics: vec![fault], changed: true, ..Outcome::default() };
            }
        };
        let hash = Hash::of(&bytes);
        match before {
            Some(known) if known.hash == hash => {
                unchanged(Known { stamp: found.stamp, ..known.clone() }, true)
            }
            _ => self.content(path, found, &bytes, hash),
        }
    }

    fn content(&self, path: &SourcePath, found: &Found, bytes: &[u8], hash: Hash) -> Outcome {
        let known = |content| Some(Known { stamp: found.stamp, hash, content });
        if found.role == Role::File {
            return Outcome {
                known: known(Content::File(image_size(path, bytes))),
                changed: true,
                ..Outcome::default()
            };
        }
        let text = match post::text_of(path, bytes) {
            Ok(text) => text,
            Err(fault) => return Outcome { diagnostics: vec![*fault], changed: true, ..Outcome::default() },
        };
        if found.role == Role::BackMatter {
            let (linkbacks, diagnostics) = back_matter::parse(path, text, self.config);
            return Outcome {
                known: known(Content::BackMatter(linkbacks)),
                diagnostics,
                changed: true,
                body: None,
            };
        }
        let Parsed { post, diagnostics } = parse_safely(path, text, self.config);
        let Some((post, body)) = post else {
            return Outcome { diagnostics, changed: true, ..Outcome::default() };
        };
        let size = body.html.len() + body.holes.len() * size_of::<crate::post::markdown::Hole>();
        let kept = self.kept.fetch_add(size, Ordering::Relaxed) + size <= BODIES_KEPT;
        Outcome {
            known: known(Content::Post(Arc::new(post), diagnostics.clone())),
            body: kept.then(|| Arc::new(body)),
            diagnostics,
            changed: true,
        }
    }
}

fn unchanged(known: Known, changed: bool) -> Outcome {
    let diagnostics = match &known.content {
        Content::Post(_, diagnostics) => diagnostics.clone(),
        _ => Vec::new(),
    };
    Outcome { known: Some(known), body: None, diagnostics, changed }
}

/// A fault of ours in one post is reported as such, and does not keep the others from being built.
fn parse_safely(path: &SourcePath, text: &str, config: &Config) -> Parsed {
    catch_unwind(AssertUnwindSafe(|| post::parse(path, text, config))).unwrap_or_else(|_| {
        let fault = Diagnostic::error(
            path.as_str(),
            "backmatter cannot parse this file, which is a fault of backmatter",
        )
        .hint("please report it with the file; until then, move the file out of `content/`");
        Parsed { post: None, diagnostics: vec![fault] }
    })
}

fn image_size(path: &SourcePath, bytes: &[u8]) -> Option<(u32, u32)> {
    let is_image = ["png", "jpg", "jpeg", "gif", "webp", "avif", "bmp", "ico", "tiff"]
        .contains(&path.extension().as_str());
    let size = imagesize::blob_size(bytes).ok().filter(|_| is_image)?;
    Some((u32::try_from(size.width).ok()?, u32::try_from(size.height).ok()?))
}

/// Bodies: those that were kept, and the others parsed when they are asked for.
pub(super) struct BodyStore {
    root: PathBuf,
    config: Config,
    /// A body is let go when its page has been rendered, unless a feed holds it as well.
    kept: HashMap<SourcePath, Mutex<Option<Arc<Body>>>>,
    in_feeds: HashSet<SourcePath>,
    /// The last few that were parsed on demand: feeds ask for the same ones again and again.
    recent: Mutex<Vec<(SourcePath, Arc<Body>)>>,
}

const RECENT: usize = 64;

impl BodyStore {
    pub(super) fn new(
        root: &Path,
        config: &Config,
        bodies: HashMap<SourcePath, Arc<Body>>,
        in_feeds: HashSet<SourcePath>,
    ) -> Self {
        let kept = bodies.into_iter().map(|(path, body)| (path, Mutex::new(Some(body)))).collect();
        Self { root: root.to_owned(), config: config.clone(), kept, in_feeds, recent: Mutex::default() }
    }

    fn kept(&self, path: &SourcePath) -> Option<std::sync::MutexGuard<'_, Option<Arc<Body>>>> {
        self.kept.get(path).map(|body| body.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn recent(&self) -> std::sync::MutexGuard<'_, Vec<(SourcePath, Arc<Body>)>> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Bodies for BodyStore {
    fn body(&self, path: &SourcePath) -> Result<Arc<Body>, Box<Diagnostic>> {
        if let Some(body) = self.kept(path).and_then(|kept| kept.clone()) {
            return Ok(body);
        }
        if let Some((_, body)) = self.recent().iter().find(|(known, _)| known == path) {
            return Ok(Arc::clone(body));
        }
        let gone = |reason: String| {
            Box::new(
                Diagnostic::error(path.as_str(), format!("changed while the site was built: {reason}"))
                    .hint("build again"),
            )
        };
        let bytes = fs::read(self.root.join(path.as_str())).map_err(|error| gone(error.to_string()))?;
        let text = post::text_of(path, &bytes)?;
        let (_, body) = parse_safely(path, text, &self.config)
            .post
            .ok_or_else(|| gone("it has faults now".to_owned()))?;
        let body = Arc::new(body);
        let mut recent = self.recent();
        if recent.len() >= RECENT {
            recent.remove(0);
        }
        recent.push((path.clone(), Arc::clone(&body)));
        Ok(body)
    }

    fn printed(&self, path: &SourcePath) {
        if !self.in_feeds.contains(path)
            && let Some(mut kept) = self.kept(path)
        {
            *kept = None;
        }
    }
}

/// Fills in the lines of places that were found without the file at hand.
pub fn fill_places(root: &Path, diagnostics: &mut [Diagnostic]) {
    let mut by_file: BTreeMap<String, Vec<&mut Place>> = BTreeMap::new();
    for diagnostic in diagnostics {
        if let Some(place) = diagnostic.place.as_mut().filter(|place| place.text.is_empty()) {
            by_file.entry(diagnostic.path.clone()).or_default().push(place);
        }
    }
    for (path, places) in by_file {
        let Ok(text) = fs::read_to_string(root.join(path)) else { continue };
        let starts: Vec<usize> =
            std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        for place in places {
            if let Some(&start) = starts.get(place.line.saturating_sub(1)) {
                *place = link_at(&text, start, place);
            }
        }
    }
}

/// A link that begins at a column of the line at `start`, up to the end of its address.
fn link_at(text: &str, start: usize, place: &Place) -> Place {
    let line = text[start..].lines().next().unwrap_or_default();
    let column: usize = line.chars().take(place.column.saturating_sub(1)).map(char::len_utf8).sum();
    let end = line[column..].find(')').map_or(line.len(), |at| column + at + 1);
    Place::on_line(text, start + column..start + end, place.line)
}

/// The stamp a build gives its scan.
pub(super) fn now_stamp() -> u64 {
    let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since_epoch.map_or(0, |age| u64::try_from(age.as_nanos()).unwrap_or(u64::MAX))
}

/// Whether a file can be copied from disk; otherwise it is in the binary.
pub(super) fn on_disk(origin: &Origin) -> Option<&Path> {
    match origin {
        Origin::Disk(path) => Some(path),
        Origin::BuiltIn(_) => None,
    }
}
