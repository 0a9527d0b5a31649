//! The smaller pictures of a build: those that are there already are taken, the others are made when all pages are.

use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::diagnostic::Diagnostic;
use crate::engine::build::{Build, BuildWork, MadeOutput};
use crate::engine::cache::ledger::OutputEntry;
use crate::engine::marker::Marker;
use crate::engine::output::StagedFile;
use crate::engine::staleness::FileState;
use crate::engine::{BuildReport, RenditionWork};
use crate::error::{Error, Result};
use crate::hash::Hash;
use crate::imaging::PictureFault;
use crate::imaging::cache::RenditionCache;
use crate::imaging::maker::{PictureOrder, make_all};
use crate::page::Page;
use crate::page::kinds::PageKind;
use crate::page::kinds::rendition::RenditionFile;
use crate::path::{OutputPath, SourcePath};
use crate::picture::renditions::Rendition;

impl RenditionWork {
    fn includes(&self, path: &OutputPath) -> bool {
        match self {
            Self::Made => true,
            Self::Listed => false,
            Self::Some(paths) => paths.contains(path),
        }
    }
}

/// What became of the smaller pictures of a build.
#[derive(Default)]
pub(super) struct RenditionOutcome {
    pub(super) made: Vec<MadeOutput>,
    /// Pictures that cannot be decoded, by their content, and why.
    pub(super) unusable: BTreeMap<Hash, String>,
}

/// A rendition that has to be encoded.
struct Missing<'a> {
    page: &'a Page,
    rendition: &'a Rendition,
}

impl Build<'_> {
    /// Makes the renditions that are stale, into the staging folder.
    pub(super) fn make_renditions(
        &self,
        work: &BuildWork,
        report: &mut BuildReport,
    ) -> Result<RenditionOutcome> {
        let mut outcome = RenditionOutcome::default();
        let stale = work.stale.iter().map(|&index| &self.plan.pages[index]);
        let stale: Vec<(&Page, &RenditionFile)> = stale
            .filter_map(|page| match &page.kind {
                PageKind::Rendition(file) => Some((page, file)),
                _ => None,
            })
            .collect();
        if stale.is_empty() {
            return Ok(outcome);
        }
        let cache = RenditionCache::of(&self.source.root);
        let marker = Marker::parse(&Marker::bytes(self.output.root()));
        let mut missing: BTreeMap<&SourcePath, Vec<Missing<'_>>> = BTreeMap::new();
        for (page, file) in stale {
            if let Some(entry) = self.there_already(page, &marker) {
                outcome.made.push(MadeOutput { path: page.to.clone(), entry, staged: None });
            } else if let Some(cached) = cache.get(&file.rendition) {
                let number = outcome.made.len();
                outcome.made.push(self.stage_rendition(page, &cached, number)?);
            } else if self.options.renditions.includes(&page.to) {
                missing.entry(&file.picture).or_default().push(Missing { page, rendition: &file.rendition });
            }
        }
        if !missing.is_empty() {
            self.encode(&missing, &cache, report, &mut outcome)?;
            let planned = self.plan.pages.iter().filter(|page| matches!(page.kind, PageKind::Rendition(_)));
            cache.sweep(planned.map(|page| &page.to));
        }
        report.rendered.extend(outcome.made.iter().map(|made| made.path.clone()));
        report.rendered.sort();
        Ok(outcome)
    }

    /// What the output folder has of a rendition. Its name states its content, so that it need not be made again unless
    /// another program has changed the file.
    fn there_already(&self, page: &Page, marker: &Marker) -> Option<OutputEntry> {
        let fingerprint = self.plan.render_input(page).fingerprint();
        match self.last.outputs.get(&page.to) {
            Some(made) if self.output.state(&page.to, &made.stamp) == FileState::Intact => {
                Some(OutputEntry { fingerprint, reads: Arc::default(), ..made.clone() })
            }
            Some(_) => None,
            None => {
                let (content, stamp) = self.output.content(&page.to)?;
                let is_ours = marker.lists(page.to.as_str(), content);
                is_ours.then(|| OutputEntry { fingerprint, reads: Arc::default(), content, stamp })
            }
        }
    }

    fn stage_rendition(&self, page: &Page, file: &Path, number: usize) -> Result<MadeOutput> {
        let bytes = fs::read(file).map_err(Error::io("read", file))?;
        let to = StagedFile { worker: rayon::current_num_threads(), number };
        let (stamp, is_staged) = self.output.stage(&page.to, &bytes, to)?;
        let fingerprint = self.plan.render_input(page).fingerprint();
        let entry = OutputEntry { fingerprint, reads: Arc::default(), content: Hash::of(&bytes), stamp };
        Ok(MadeOutput { path: page.to.clone(), entry, staged: is_staged.then_some(to) })
    }

    fn encode(
        &self,
        missing: &BTreeMap<&SourcePath, Vec<Missing<'_>>>,
        cache: &RenditionCache,
        report: &mut BuildReport,
        outcome: &mut RenditionOutcome,
    ) -> Result<()> {
        let orders = missing.iter().filter_map(|(path, missing)| {
            let order = self.order(path, missing)?;
            Some(((*path, missing.as_slice()), order))
        });
        let (pictures, orders): (Vec<(&SourcePath, &[Missing<'_>])>, Vec<PictureOrder<'_>>) = orders.unzip();
        self.observer.making_pictures(orders.len());
        let encoding = Mutex::new(Encoding { report, outcome, error: None });
        make_all(&orders, self.plan.site.config.images.memory_mb, |at, encoded| {
            self.observer.picture_made();
            let (path, missing) = pictures[at];
            match encoded {
                Ok(encoded) => self.keep(missing, &encoded, cache, &encoding),
                Err(fault) => {
                    encoding.lock().note(path, orders[at].hash, fault);
                    ControlFlow::Continue(())
                }
            }
        });
        self.observer.done();
        encoding.into_inner().error.map_or(Ok(()), Err)
    }

    /// Keeps what was encoded of one picture. A full disk ends all of it, as the others would fail as well.
    fn keep(
        &self,
        missing: &[Missing<'_>],
        encoded: &[Vec<u8>],
        cache: &RenditionCache,
        encoding: &Mutex<Encoding<'_>>,
    ) -> ControlFlow<()> {
        for (missing, bytes) in missing.iter().zip(encoded) {
            let cached = cache.put(missing.rendition, bytes).map_err(Error::io("write", cache.folder()));
            let mut encoding = encoding.lock();
            let number = encoding.outcome.made.len();
            match cached.and_then(|cached| self.stage_rendition(missing.page, &cached, number)) {
                Ok(made) => {
                    encoding.outcome.made.push(made);
                    encoding.report.encoded += 1;
                }
                Err(error) => {
                    encoding.error.get_or_insert(error);
                    return ControlFlow::Break(());
                }
            }
        }
        ControlFlow::Continue(())
    }

    fn order<'b>(&'b self, path: &SourcePath, missing: &[Missing<'b>]) -> Option<PictureOrder<'b>> {
        let file = self.plan.site.files.get(path)?;
        let origin = &self.snapshot.tree.files.get(path)?.origin;
        let wanted = missing.iter().map(|missing| missing.rendition).collect();
        Some(PictureOrder { origin, header: file.picture.as_ref()?, hash: file.hash, wanted })
    }
}

/// What is known while pictures are encoded.
struct Encoding<'a> {
    report: &'a mut BuildReport,
    outcome: &'a mut RenditionOutcome,
    error: Option<Error>,
}

impl Encoding<'_> {
    /// Notes a picture that was not made.
    fn note(&mut self, path: &SourcePath, hash: Hash, fault: PictureFault) {
        match fault {
            PictureFault::Undecodable(reason) => {
                self.outcome.unusable.insert(hash, reason);
            }
            PictureFault::Changed | PictureFault::Unreadable(_) => {
                let warning = Diagnostic::warning(
                    path.as_str(),
                    format!("no smaller pictures were made of it: {fault}"),
                );
                self.report.diagnostics.push(warning.hint("build once more"));
            }
        }
    }
}
