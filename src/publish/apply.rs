//! Applies a plan: in stages, several files at a time, with retries, and so that it can be interrupted anywhere.
//!
//! Before the first upload the target's manifest names everything that is about to be uploaded, so that a later publish
//! knows these files as its own. Deletes come last, and only if every upload succeeded.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;

use crate::path::OutputPath;
use crate::publish::PublishPlan;
use crate::publish::backends::{BackendError, PublishStart, Retry, Visibility};
use crate::publish::diff::{Delete, Upload};
use crate::publish::manifest::{Manifest, UploadStage};
use crate::sys::worker;

/// Observes the progress of a publish.
pub trait PublishObserver: Sync {
    /// The publish begins; this number of files will be uploaded or deleted.
    fn begins(&self, _files: usize) {}
    /// This number of further files is done.
    fn done(&self, _files: usize) {}
    /// A call failed and is made again after a pause.
    fn waits(&self, _reason: &str, _pause: Duration) {}
    /// The publish has ended, with or without success.
    fn ends(&self) {}
}

/// Observes nothing.
impl PublishObserver for () {}

/// A publish that stopped before its end.
#[derive(Debug)]
pub struct ApplyError {
    pub error: BackendError,
    /// How many files were uploaded before.
    pub uploaded: usize,
    /// How many the plan names.
    pub of: usize,
    /// Whether visitors see those files.
    pub visibility: Visibility,
}

/// How often a call is made before it counts as failed.
const TRIES: u32 = 5;
/// The pause after the first failure; it doubles with each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(120);

/// Uploads and deletes what a plan names. Returns the new manifest of the target.
pub(super) fn apply(
    plan: &PublishPlan,
    observer: &dyn PublishObserver,
    pause: &(dyn Fn(Duration) + Sync),
) -> Result<Manifest, ApplyError> {
    let apply = Apply { plan, observer, pause, uploaded: AtomicUsize::new(0) };
    observer.begins(plan.diff.uploads.len() + plan.diff.deleted());
    let applied = apply.run();
    observer.ends();
    applied.map_err(|error| ApplyError {
        error,
        uploaded: apply.uploaded.load(Ordering::Relaxed),
        of: plan.diff.uploads.len(),
        visibility: plan.backend.capabilities().visibility,
    })
}

struct Apply<'a> {
    plan: &'a PublishPlan,
    observer: &'a dyn PublishObserver,
    pause: &'a (dyn Fn(Duration) + Sync),
    uploaded: AtomicUsize,
}

impl Apply<'_> {
    fn run(&self) -> Result<Manifest, BackendError> {
        let PublishPlan { backend, diff, state, .. } = self.plan;
        self.begin()?;
        // Nothing can take the place of these before they are gone.
        self.delete(&diff.in_the_way)?;
        // What pages need comes before them, and lists come after the pages that they lead to: at no moment does a visitor
        // meet a page without its style sheet, or a link to a page that has not arrived.
        for stage in [UploadStage::Assets, UploadStage::Pages, UploadStage::Lists] {
            let uploads: Vec<&Upload> = diff.stage(stage).collect();
            self.upload(&uploads)?;
        }
        self.still_ours()?;
        self.delete(&diff.deletes)?;
        let manifest = self.after();
        let bytes = manifest.to_bytes();
        self.patiently(|| backend.finish(&bytes))?;
        state.end(&bytes)?;
        Ok(manifest)
    }

    /// Stores a manifest at the target that names everything about to be uploaded.
    fn begin(&self) -> Result<(), BackendError> {
        let PublishPlan { backend, desired, diff, .. } = self.plan;
        let (during, after) = (self.before().to_bytes(), self.after().to_bytes());
        self.begin_journal()?;
        let mut old = self.plan.remote.bytes.as_deref();
        self.patiently(|| {
            let begun = backend.begin(&PublishStart { old, during: &during, after: &after, desired, diff });
            // The answer may have been lost: then the manifest there is this one, and the next try replaces it.
            if begun.is_err() && backend.manifest().is_ok_and(|stored| stored.as_deref() == Some(&*during)) {
                old = Some(&during);
            }
            begun
        })
    }

    /// Begins the journal. A file that arrived with other bytes than are wanted by now is uploaded again.
    fn begin_journal(&self) -> Result<(), BackendError> {
        let PublishPlan { diff, arrived, state, session, .. } = self.plan;
        let uploads: BTreeSet<&OutputPath> = diff.uploads.iter().map(|upload| &upload.path).collect();
        let kept = arrived.iter().filter(|path| !uploads.contains(path)).cloned().collect();
        Ok(state.begin(&session.id, &kept)?)
    }

    /// The manifest while files are uploaded.
    fn before(&self) -> Manifest {
        let PublishPlan { desired, diff, remote, session, .. } = self.plan;
        // What an earlier publish was about to upload may be there as well, and is ours.
        let mut pending = remote.manifest.pending.clone();
        for upload in &diff.uploads {
            pending.insert(upload.path.clone(), desired.file(&upload.path).entry.clone());
        }
        Manifest {
            files: remote.manifest.files.clone(),
            session: Some(session.clone()),
            pending,
            ..self.manifest()
        }
    }

    /// The manifest when everything is done.
    fn after(&self) -> Manifest {
        let files = &self.plan.desired.files;
        Manifest {
            files: files.iter().map(|(path, file)| (path.clone(), file.entry.clone())).collect(),
            ..self.manifest()
        }
    }

    /// The head of the manifests of this publish.
    fn manifest(&self) -> Manifest {
        Manifest {
            generation: self.plan.remote.manifest.generation + 1,
            base_url: self.plan.base_url.clone(),
            at: Some(self.plan.now),
            by: self.plan.session.id.clone(),
            ..Manifest::default()
        }
    }

    fn upload(&self, uploads: &[&Upload]) -> Result<(), BackendError> {
        let capabilities = self.plan.backend.capabilities();
        let batches: Vec<&[&Upload]> = uploads.chunks(capabilities.batch.max(1)).collect();
        self.in_parallel(capabilities.workers, &batches, |batch| {
            let paths: Vec<&OutputPath> = batch.iter().map(|upload| &upload.path).collect();
            self.patiently(|| self.plan.backend.upload(&paths, &self.plan.desired))?;
            // What shows only at the end is lost if the publish breaks off: a note of it would be wrong.
            if capabilities.visibility == Visibility::Immediate {
                self.plan.state.arrived(&paths)?;
            }
            self.uploaded.fetch_add(paths.len(), Ordering::Relaxed);
            Ok(paths.len())
        })
    }

    fn delete(&self, deletes: &[Delete]) -> Result<(), BackendError> {
        let capabilities = self.plan.backend.capabilities();
        let batches: Vec<&[Delete]> = deletes.chunks(capabilities.batch.max(1)).collect();
        self.in_parallel(capabilities.workers, &batches, |batch| {
            let paths: Vec<&OutputPath> = batch.iter().map(|delete| &delete.path).collect();
            self.patiently(|| self.plan.backend.delete(&paths))?;
            Ok(paths.len())
        })
    }

    /// Nothing is deleted if another publish began while files were uploaded.
    fn still_ours(&self) -> Result<(), BackendError> {
        let PublishPlan { backend, session, .. } = self.plan;
        if backend.capabilities().visibility == Visibility::AtFinish {
            return Ok(());
        }
        let stored = self.patiently(|| backend.manifest())?;
        let stored = stored.and_then(|bytes| Manifest::parse(&bytes).ok()).and_then(|stored| stored.session);
        match stored {
            Some(stored) if stored.id == session.id => Ok(()),
            _ => Err(BackendError::conflict()),
        }
    }

    /// Does the work of all batches on several threads. The first error stops the others.
    fn in_parallel<B: Copy + Sync>(
        &self,
        workers: usize,
        batches: &[B],
        work: impl Fn(B) -> Result<usize, BackendError> + Sync,
    ) -> Result<(), BackendError> {
        let next = AtomicUsize::new(0);
        let stopped = AtomicBool::new(false);
        let first: Mutex<Option<BackendError>> = Mutex::new(None);
        worker::in_parallel(workers.clamp(1, batches.len().max(1)), |_| {
            while let Some(&batch) = batches.get(next.fetch_add(1, Ordering::Relaxed)) {
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                match work(batch) {
                    Ok(files) => self.observer.done(files),
                    Err(error) => {
                        stopped.store(true, Ordering::Relaxed);
                        // The others fail for the same reason, or because this one stopped them.
                        first.lock().get_or_insert(error);
                    }
                }
            }
        });
        match first.into_inner() {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    /// Tries again what may work later, with longer and longer pauses.
    fn patiently<T>(&self, mut call: impl FnMut() -> Result<T, BackendError>) -> Result<T, BackendError> {
        let mut usual = FIRST_PAUSE;
        let mut tries = 1;
        loop {
            let error = match call() {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            let Retry::Later(asked) = error.retry else { return Err(error) };
            if tries == TRIES {
                return Err(error);
            }
            // A target knows best when it is free again, but some ask for an hour, which looks like a program that hangs.
            let pause = asked.unwrap_or(usual).min(LONGEST_PAUSE);
            self.observer.waits(&error.reason, pause);
            (self.pause)(pause);
            usual = (usual * 2).min(LONGEST_PAUSE);
            tries += 1;
        }
    }
}
