//! What the last build knew: the heads of its sources and the fingerprints of its outputs.
//!
//! The ledger is disposable: a build without one is a full build. It is written last and by rename, so a
//! crash leaves outputs newer than the ledger, which are rendered again; which of them are ours, the
//! [marker](crate::engine::marker) of the output folder tells. A ledger that is damaged or of another version counts as none.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hashbrown::HashMap;
use rayon::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::date::Date;
use crate::diagnostic::Diagnostic;
use crate::engine::cache::state_file::{self, StateFileWriter};
use crate::error::Result;
use crate::hash::Hash;
use crate::linkback::Linkback;
use crate::page::question::Read;
use crate::path::{OutputPath, SourcePath};
use crate::picture::header::PictureHeader;
use crate::post::Post;
use crate::post::front_matter::folder_rule::FolderRule;
use crate::scan::{STATE, Stamp};
use crate::site::order::Selection;

/// Changes whenever the form of the ledger or the meaning of a fingerprint does.
const MAGIC: &[u8; 16] = b"backmatter led 9";

/// What the last build knew.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// What holds for all of it.
    pub head: LedgerHeader,
    pub sources: BTreeMap<SourcePath, SourceEntry>,
    pub outputs: BTreeMap<OutputPath, OutputEntry>,
    /// Why there is nothing in it, if it could not be used.
    pub fault: Option<LedgerFault>,
}

/// Why a build does not know what an earlier one left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LedgerFault {
    /// There is no ledger.
    Missing,
    /// It is damaged, or of another release.
    Unusable,
    /// The output folder is not the one that it describes: a build did not end, or one of the two was restored.
    Outdated,
}

/// What holds for the whole ledger.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct LedgerHeader {
    /// The engine and the settings that decide how sources are parsed. If it differs, sources count as unknown.
    pub sources_key: Hash,
    /// The engine, the theme and the settings that templates see. If it differs, outputs count as stale.
    pub outputs_key: Hash,
    /// When the scan began, in nanoseconds since 1970: a file as young as this may have changed in the same tick.
    pub scanned_at: u64,
    /// Pictures that could not be decoded, by their content, and why.
    pub unusable_pictures: BTreeMap<Hash, String>,
    pub selection: Selection,
    /// The moment it was built for.
    pub now: Option<Date>,
    /// Files in the output folder that no build wrote, or that were changed since. They are named in each build until they
    /// are gone.
    pub strangers: Vec<String>,
    /// The fingerprint of the marker of the output folder. With another one, the folder is not what this ledger knows.
    pub marker: Hash,
}

/// A source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SourceEntry {
    pub stamp: Stamp,
    /// The fingerprint of its bytes.
    pub hash: Hash,
    pub content: SourceContent,
}

/// What a source holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum SourceContent {
    /// A post's head, and its warnings.
    Post(Arc<Post>, Vec<Diagnostic>),
    /// The linkbacks of a back matter file, and its faults.
    BackMatter(Vec<Linkback>, Vec<Diagnostic>),
    /// A file to copy, and what its header says if it is a picture.
    File(Option<PictureHeader>),
    /// The author's `_redirects`.
    Redirects(Arc<str>),
    /// What the file of a folder says of its posts, and its faults.
    Folder(FolderRule, Vec<Diagnostic>),
}

/// An output.
#[derive(Debug, Clone, PartialEq)]
pub struct OutputEntry {
    /// The fingerprint of the data it was made of.
    pub fingerprint: Hash,
    /// What its template asked. Pages of a kind ask the same and get the same answers, so most of them share it.
    pub reads: Arc<[Read]>,
    /// The fingerprint of its bytes.
    pub content: Hash,
    /// The stamp of the file.
    pub stamp: Stamp,
}

/// An output in the file.
#[derive(Serialize, Deserialize)]
struct Entry {
    fingerprint: Hash,
    /// Which of the reads in the table before the outputs.
    reads: usize,
    content: Hash,
    stamp: Stamp,
}

/// Entries that are decoded together.
const CHUNK: usize = 256;
/// Chunks that are encoded together.
const BATCH: usize = 8;

/// The ledger of an output folder: each has its own, so that building to several does not mix them up.
pub(crate) fn path_for(root: &Path, output: &Path) -> PathBuf {
    state_path(root, "ledger", output)
}

/// A file of the state that belongs to an output folder.
pub(in crate::engine) fn state_path(root: &Path, kind: &str, output: &Path) -> PathBuf {
    let name = Hash::of(output.as_os_str().as_encoded_bytes()).short_hex();
    root.join(STATE).join(format!("{kind}-{name}"))
}

impl Ledger {
    /// Reads a ledger; an empty one if it cannot be used.
    pub(crate) fn load(path: &Path) -> Self {
        state_file::read(path, MAGIC, Self::parse).unwrap_or_else(|| {
            let fault = if path.exists() { LedgerFault::Unusable } else { LedgerFault::Missing };
            Self { fault: Some(fault), ..Self::default() }
        })
    }

    /// Reads a ledger for what it knows of the sources.
    pub(crate) fn load_sources(path: &Path) -> Option<Self> {
        state_file::read(path, MAGIC, |content| {
            let Chunks { head, sources, .. } = Chunks::of(content)?;
            Some(Self { head, sources: decode(&sources, Some)?, outputs: BTreeMap::new(), fault: None })
        })
    }

    fn parse(content: &[u8]) -> Option<Self> {
        let Chunks { head, sources, table, outputs } = Chunks::of(content)?;
        let table: Vec<Arc<[Read]>> = postcard::from_bytes(table).ok()?;
        let made = |entry: Entry| {
            let Entry { fingerprint, reads, content, stamp } = entry;
            Some(OutputEntry { fingerprint, reads: Arc::clone(table.get(reads)?), content, stamp })
        };
        let (sources, outputs) = rayon::join(|| decode(&sources, Some), || decode(&outputs, made));
        Some(Self { head, sources: sources?, outputs: outputs?, fault: None })
    }
}

/// What the next build will know.
#[derive(Clone, Copy)]
pub(crate) struct NextLedger<'a> {
    /// What holds for all of it.
    pub head: &'a LedgerHeader,
    pub sources: &'a BTreeMap<SourcePath, SourceEntry>,
    pub outputs: &'a BTreeMap<OutputPath, OutputEntry>,
}

impl<'a> NextLedger<'a> {
    /// Writes the ledger: to a file beside it first, then over it.
    pub(crate) fn save(self, path: &Path) -> Result<()> {
        state_file::write(path, MAGIC, |file| {
            file.chunk(&to_bytes(&(self.head, self.sources.len().div_ceil(CHUNK))))?;
            file.entries(&self.sources.iter().collect::<Vec<_>>())?;
            let (table, outputs) = self.entries();
            file.chunk(&to_bytes(&table))?;
            file.entries(&outputs)
        })
    }

    /// The outputs, and the table of what their templates asked.
    fn entries(self) -> (Vec<&'a [Read]>, Vec<(&'a OutputPath, Entry)>) {
        let mut table: Vec<&'a [Read]> = Vec::new();
        let mut numbers: HashMap<&[Read], usize> = HashMap::new();
        // Shared reads are recognised by their address; only new ones are compared.
        let mut met: HashMap<*const Read, usize> = HashMap::new();
        let outputs = self.outputs.iter().map(|(path, made)| {
            let reads = *met.entry(made.reads.as_ptr()).or_insert_with(|| {
                *numbers.entry(&made.reads).or_insert_with(|| {
                    table.push(&made.reads);
                    table.len() - 1
                })
            });
            let OutputEntry { fingerprint, content, stamp, .. } = *made;
            (path, Entry { fingerprint, reads, content, stamp })
        });
        let outputs = outputs.collect();
        (table, outputs)
    }
}

impl StateFileWriter<'_> {
    fn chunk(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write(&(bytes.len() as u64).to_le_bytes())?;
        self.write(bytes)
    }

    fn entries<T: Serialize + Sync>(&mut self, entries: &[T]) -> io::Result<()> {
        for batch in entries.chunks(CHUNK * BATCH) {
            let chunks: Vec<Vec<u8>> = batch.par_chunks(CHUNK).map(|chunk| to_bytes(&chunk)).collect();
            for chunk in chunks {
                self.chunk(&chunk)?;
            }
        }
        Ok(())
    }
}

/// A ledger taken apart, its entries not yet decoded.
struct Chunks<'a> {
    head: LedgerHeader,
    sources: Vec<&'a [u8]>,
    table: &'a [u8],
    outputs: Vec<&'a [u8]>,
}

impl<'a> Chunks<'a> {
    fn of(mut rest: &'a [u8]) -> Option<Self> {
        let mut chunks = Vec::new();
        while !rest.is_empty() {
            let (len, after) = rest.split_at_checked(8)?;
            let len = usize::try_from(u64::from_le_bytes(len.try_into().ok()?)).ok()?;
            let (chunk, after) = after.split_at_checked(len)?;
            chunks.push(chunk);
            rest = after;
        }
        let (head, chunks) = chunks.split_first()?;
        let (head, source_chunks): (LedgerHeader, usize) = postcard::from_bytes(head).ok()?;
        let (sources, chunks) = chunks.split_at_checked(source_chunks)?;
        let (table, outputs) = chunks.split_first()?;
        Some(Self { head, sources: sources.to_vec(), table, outputs: outputs.to_vec() })
    }
}

fn decode<K: DeserializeOwned + Ord + Send, E: DeserializeOwned, V: Send>(
    chunks: &[&[u8]],
    value: impl Fn(E) -> Option<V> + Sync,
) -> Option<BTreeMap<K, V>> {
    let decode = |chunk: &&[u8]| -> Option<Vec<(K, V)>> {
        let entries: Vec<(K, E)> = postcard::from_bytes(chunk).ok()?;
        entries.into_iter().map(|(key, entry)| Some((key, value(entry)?))).collect()
    };
    let decoded: Option<Vec<Vec<(K, V)>>> = chunks.par_iter().map(decode).collect();
    Some(decoded?.into_iter().flatten().collect())
}

fn to_bytes<T: Serialize>(value: &T) -> Vec<u8> {
    postcard::to_stdvec(value).expect("all our values have known lengths")
}
