//! From the files of a site to what they hold, reading only those that may have changed.

use std::collections::BTreeMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use hashbrown::HashMap;
use rayon::prelude::*;

use crate::config::Config;
use crate::diagnostic::{Diagnostic, Location, Reach};
use crate::engine::cache::body_cache::{BodyCache, CachedBody};
use crate::engine::cache::ledger::{Ledger, SourceContent, SourceEntry};
use crate::hash::Hash;
use crate::linkback::back_matter;
use crate::path::SourcePath;
use crate::picture::header::PictureHeader;
use crate::post::front_matter::folder_rule::{self, FolderRule};
use crate::post::{self, Parsed};
use crate::scan::{self, FileEntry, FileOrigin, FileRole, SiteTree, Stamp};
use crate::spanned::SourceText;
use crate::sys::clock;

/// Everything the sources hold.
pub(super) struct SourceSet {
    /// By path, as the ledger keeps it.
    pub(super) known: BTreeMap<SourcePath, SourceEntry>,
    /// Bodies that were parsed on the way.
    pub(super) bodies: HashMap<SourcePath, CachedBody>,
    /// Faults of all sources that have any, those of unchanged ones as well.
    pub(super) diagnostics: BTreeMap<SourcePath, Vec<Diagnostic>>,
    /// Whether anything differs from the ledger, be it only a stamp.
    pub(super) changed: bool,
}

/// A file as young as this when it was scanned may change again without another stamp: the clocks of file
/// systems tick every few milliseconds (git's "racily clean" rule).
const TICK: u64 = 20_000_000;

/// What becomes of a source that cannot be used, but could be when it was read last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OnError {
    /// It is left out.
    Skip,
    /// It is as it was then, and read again each time.
    KeepLast,
}

/// How sources are read.
pub(super) struct ReadOptions {
    /// Where the bodies go that are parsed on the way.
    pub(super) cache: BodyCache,
    /// What becomes of a source that cannot be used.
    pub(super) on_error: OnError,
}

/// The author's own redirects, in the form that Netlify began with.
const REDIRECTS: &str = "static/_redirects";

/// The stamp of no file.
const NEVER: Stamp = Stamp { modified: u64::MAX, len: u64::MAX, inode: (0, 0) };

/// Whether a file with this stamp cannot have changed again without another stamp, as it was last changed well before it
/// was scanned.
pub(super) fn is_old(stamp: &Stamp, scanned_at: u64) -> bool {
    stamp.modified.max(stamp.inode.0).saturating_add(TICK) < scanned_at
}

/// Reads what may have changed since `last`.
pub(super) fn read(
    tree: &SiteTree,
    config: &Config,
    last: Option<&Ledger>,
    options: &ReadOptions,
) -> SourceSet {
    let ReadOptions { cache, on_error } = options;
    let reader = Reader { config, last, cache, on_error: *on_error };
    let files: Vec<(&SourcePath, &FileEntry)> = tree.files.iter().collect();
    let read: Vec<SourceOutcome> = files.par_iter().map(|(path, found)| reader.source(path, found)).collect();

    let mut sources = SourceSet {
        known: BTreeMap::new(),
        bodies: HashMap::new(),
        diagnostics: BTreeMap::new(),
        changed: last.is_none_or(|last| last.sources.len() != files.len()),
    };
    let mut known = Vec::with_capacity(files.len());
    for ((path, _), outcome) in files.into_iter().zip(read) {
        sources.changed |= outcome.changed;
        if !outcome.diagnostics.is_empty() {
            sources.diagnostics.insert(path.clone(), outcome.diagnostics);
        }
        if let Some(body) = outcome.body {
            sources.bodies.insert(path.clone(), body);
        }
        if let Some(source) = outcome.known {
            known.push((path.clone(), source));
        }
    }
    // From a sorted list, a tree is built without a search for each key.
    sources.known = known.into_iter().collect();
    sources
}

/// Reads one file, whatever its stamp is. If it cannot be used, it stays as it was before.
pub(super) fn read_one(
    path: &SourcePath,
    found: &FileEntry,
    before: Option<&SourceEntry>,
    config: &Config,
) -> SourceOutcome {
    let reader = Reader { config, last: None, cache: &BodyCache::none(), on_error: OnError::KeepLast };
    reader.bytes(path, found, before)
}

/// What was read of one file.
#[derive(Default)]
pub(super) struct SourceOutcome {
    pub(super) known: Option<SourceEntry>,
    body: Option<CachedBody>,
    pub(super) diagnostics: Vec<Diagnostic>,
    changed: bool,
}

struct Reader<'a> {
    config: &'a Config,
    last: Option<&'a Ledger>,
    cache: &'a BodyCache,
    on_error: OnError,
}

impl Reader<'_> {
    fn source(&self, path: &SourcePath, found: &FileEntry) -> SourceOutcome {
        let before = self.last.and_then(|last| last.sources.get(path));
        let scanned_at = self.last.map_or(0, |last| last.head.scanned_at);
        // The stamp alone proves nothing of a file that was changed within one tick of the clock before the last scan: a
        // second change in that tick would have left the same stamp.
        if let Some(known) = before
            && known.stamp == found.stamp
            && is_old(&found.stamp, scanned_at)
        {
            return unchanged(known.clone());
        }
        self.bytes(path, found, before)
    }

    fn bytes(&self, path: &SourcePath, found: &FileEntry, before: Option<&SourceEntry>) -> SourceOutcome {
        let outcome = self.compared(path, found, before);
        let diagnostics = outcome.diagnostics.into_iter().map(of_file).collect();
        let outcome = SourceOutcome { diagnostics, ..outcome };
        match before {
            Some(before) if outcome.known.is_none() && self.on_error == OnError::KeepLast => {
                let known = SourceEntry { hash: Hash::default(), stamp: NEVER, ..before.clone() };
                SourceOutcome { known: Some(known), ..outcome }
            }
            _ => outcome,
        }
    }

    fn compared(&self, path: &SourcePath, found: &FileEntry, before: Option<&SourceEntry>) -> SourceOutcome {
        let bytes = match found.origin.read() {
            Ok(bytes) => bytes,
            Err(error) => {
                // The fault names the file already; the error would name it again, by its absolute path.
                let reason =
                    std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
                let fault = Diagnostic::error(path.as_str(), format!("cannot be read: {reason}"))
                    .hint("give yourself the right to read it, or move it out of the site");
                return unreadable(path, found, fault);
            }
        };
        let hash = Hash::of(&bytes);
        match before {
            Some(known) if known.hash == hash => {
                // The stamp is news.
                let known = SourceEntry { stamp: found.stamp, ..known.clone() };
                SourceOutcome { changed: true, ..unchanged(known) }
            }
            _ => self.content(path, found, &bytes, hash),
        }
    }

    fn content(&self, path: &SourcePath, found: &FileEntry, bytes: &[u8], hash: Hash) -> SourceOutcome {
        let known = |content| Some(SourceEntry { stamp: found.stamp, hash, content });
        if path.as_str() == REDIRECTS
            && let Ok(text) = std::str::from_utf8(bytes)
        {
            return SourceOutcome {
                known: known(SourceContent::Redirects(text.into())),
                changed: true,
                ..SourceOutcome::default()
            };
        }
        if found.role == FileRole::File && is_template(path, bytes) {
            // Its keys may say that it is hidden, and are not read.
            let message = "this file is HTML with front matter, a template elsewhere: it is left out";
            let hint =
                "rename it to `.md`, where HTML may stand, or take the front matter out to copy it as it is";
            let fault = Diagnostic::warning(path.as_str(), message).hint(hint).reaching(Reach::Public);
            return SourceOutcome { diagnostics: vec![fault], changed: true, ..SourceOutcome::default() };
        }
        if found.role == FileRole::File {
            return SourceOutcome {
                known: known(SourceContent::File(PictureHeader::of(path, bytes))),
                changed: true,
                ..SourceOutcome::default()
            };
        }
        let text = match post::text_of(path, bytes) {
            Ok(text) => text,
            Err(fault) => return unreadable(path, found, *fault),
        };
        if found.role == FileRole::BackMatter {
            let (linkbacks, diagnostics) = back_matter::read::parse(path, text, self.config);
            // What can be read of it is shown, and its faults are kept with that.
            let diagnostics: Vec<_> = diagnostics.into_iter().map(of_file).collect();
            return SourceOutcome {
                known: known(SourceContent::BackMatter(linkbacks, diagnostics.clone())),
                diagnostics,
                changed: true,
                body: None,
            };
        }
        if found.role == FileRole::Folder {
            let source = SourceText { path: path.as_str(), text };
            let (rule, diagnostics) = folder_rule::parse(source, self.config);
            // What cannot be read hides the posts, and its faults are kept with that.
            let diagnostics: Vec<_> = diagnostics.into_iter().map(of_file).collect();
            return SourceOutcome {
                known: known(SourceContent::Folder(rule, diagnostics.clone())),
                diagnostics,
                changed: true,
                body: None,
            };
        }
        let Parsed { post, diagnostics } = parse_safely(path, text, self.config);
        // A post with an error is left out: the key that cannot be read may be the one that hides it.
        let readable = post.filter(|_| !diagnostics.iter().any(Diagnostic::is_error));
        let Some((post, body)) = readable else {
            return SourceOutcome { diagnostics, changed: true, ..SourceOutcome::default() };
        };
        SourceOutcome {
            known: known(SourceContent::Post(Arc::new(post), diagnostics.clone())),
            body: self.cache.keep(body),
            diagnostics,
            changed: true,
        }
    }
}

/// A fault of one file, which keeps no other from being built.
fn of_file(fault: Diagnostic) -> Diagnostic {
    if fault.is_error() { fault.reaching(Reach::File) } else { fault }
}

/// Whether a file of `content/` is HTML with front matter.
fn is_template(path: &SourcePath, bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let first = bytes.split(|&byte| byte == b'\n').next().unwrap_or_default().trim_ascii_end();
    path.below(post::CONTENT).is_some()
        && ["html", "htm", "xhtml"].contains(&path.extension().as_str())
        && (first == b"---" || first == b"+++")
}

/// A file that cannot be read. That of a folder hides its posts, and is read again each time.
fn unreadable(path: &SourcePath, found: &FileEntry, fault: Diagnostic) -> SourceOutcome {
    let known = (found.role == FileRole::Folder).then(|| {
        let rule = FolderRule::of_unreadable(path.as_str());
        let content = SourceContent::Folder(rule, vec![of_file(fault.clone())]);
        SourceEntry { stamp: NEVER, hash: Hash::default(), content }
    });
    SourceOutcome { known, diagnostics: vec![fault], changed: true, body: None }
}

fn unchanged(known: SourceEntry) -> SourceOutcome {
    let diagnostics = match &known.content {
        SourceContent::Post(_, diagnostics)
        | SourceContent::BackMatter(_, diagnostics)
        | SourceContent::Folder(_, diagnostics) => diagnostics.clone(),
        SourceContent::File(_) | SourceContent::Redirects(_) => Vec::new(),
    };
    SourceOutcome { known: Some(known), body: None, diagnostics, changed: false }
}

/// A panic in the parser is reported as a fault of backmatter in one file, and the others are built.
pub(super) fn parse_safely(path: &SourcePath, text: &str, config: &Config) -> Parsed {
    catch_unwind(AssertUnwindSafe(|| post::parse(path, text, config))).unwrap_or_else(|_| {
        let fault = Diagnostic::error(
            path.as_str(),
            "backmatter cannot parse this file, which is a fault of backmatter",
        )
        .hint("please report it with the file; until then, move the file out of `content/`");
        Parsed { post: None, diagnostics: vec![fault] }
    })
}

/// Lines of one file that are shown: those of a hundred thousand broken links would take more memory than the site.
const MOST_LINES: usize = 1000;

/// Fills in the lines of places that were found without the file at hand.
pub(crate) fn fill_places(root: &Path, diagnostics: &mut [Diagnostic]) {
    let mut by_file: BTreeMap<String, Vec<&mut Location>> = BTreeMap::new();
    for diagnostic in diagnostics {
        if let Some(place) = diagnostic.place.as_mut().filter(|place| place.text.is_empty()) {
            by_file.entry(diagnostic.path.clone()).or_default().push(place);
        }
    }
    for (path, places) in by_file {
        let Ok(text) = fs::read_to_string(scan::on_disk(root, &path)) else { continue };
        let starts: Vec<usize> =
            std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        for place in places.into_iter().take(MOST_LINES) {
            if let Some(&start) = starts.get(place.line.saturating_sub(1)) {
                *place = link_at(&text, start, place);
            }
        }
    }
}

/// Takes the lines of places from the same faults as they were before, where the file is still the same.
pub(crate) fn keep_places(
    diagnostics: &mut [Diagnostic],
    before: &[Diagnostic],
    is_same: impl Fn(&str) -> bool,
) {
    let filled = before.iter().filter_map(|fault| {
        let place = fault.place.as_ref().filter(|place| !place.text.is_empty())?;
        Some(((fault.path.as_str(), place.line, place.column), place))
    });
    let filled: HashMap<_, &Location> = filled.collect();
    for Diagnostic { path, place, .. } in diagnostics {
        if let Some(place) = place.as_mut().filter(|place| place.text.is_empty())
            && let Some(known) = filled.get(&(path.as_str(), place.line, place.column))
            && is_same(path)
        {
            *place = Location::clone(known);
        }
    }
}

/// A link that begins at a column of the line at `start`, up to the end of its address.
fn link_at(text: &str, start: usize, place: &Location) -> Location {
    let line = text[start..].lines().next().unwrap_or_default();
    let column: usize = line.chars().take(place.column.saturating_sub(1)).map(char::len_utf8).sum();
    let end = line[column..].find(')').map_or(line.len(), |at| column + at + 1);
    Location::on_line(text, start + column..start + end, place.line)
}

/// The stamp a build gives its scan.
pub(crate) fn now_stamp() -> u64 {
    clock::nanoseconds()
}

/// Whether a file can be copied from disk; otherwise it is in the binary.
pub(super) fn on_disk(origin: &FileOrigin) -> Option<&Path> {
    match origin {
        FileOrigin::Disk(path) => Some(path),
        FileOrigin::BuiltIn(_) => None,
    }
}
