//! Applying the difference: in stages, several files at a time, with second tries, and so that it can be broken
//! off anywhere.
//!
//! Before the first byte the target's manifest names everything that is about to be put there, so that whatever
//! arrives is known to be ours. Deletes come last, and only if every upload succeeded.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use parking_lot::Mutex;

use crate::path::OutputPath;
use crate::publish::backends::{Backend, BackendError, PublishStart, Retry, Visibility};
use crate::publish::desired::DesiredFiles;
use crate::publish::diff::{Delete, Diff, Upload};
use crate::publish::manifest::{Manifest, PublishSession, UploadStage};
use crate::publish::state::TargetState;

/// Somebody who watches a publish.
pub trait PublishObserver: Sync {
    /// So many files will be put there and taken away.
    fn begins(&self, _files: usize) {}
    /// So many of them are done.
    fn done(&self, _files: usize) {}
    /// Something failed and is tried again after a while.
    fn waits(&self, _reason: &str, _pause: Duration) {}
    /// All is done, or nothing more can be.
    fn ends(&self) {}
}

/// Observes nothing.
impl PublishObserver for () {}

/// What is applied, and to what.
pub struct ApplyInput<'a> {
    /// The target.
    pub target: &'a dyn Backend,
    /// What is wanted.
    pub local: &'a DesiredFiles,
    /// What is there.
    pub there: &'a Manifest,
    /// The bytes that say so.
    pub there_bytes: Option<&'a [u8]>,
    /// Of what was pending, what is there.
    pub arrived: &'a BTreeSet<OutputPath>,
    /// The difference.
    pub changes: &'a Diff,
}

/// What stands around a publish.
pub struct ApplyContext<'a> {
    /// What is kept on this machine.
    pub state: &'a TargetState,
    /// This publish.
    pub session: PublishSession,
    /// The address the site is published for.
    pub base_url: String,
    /// The moment.
    pub now: DateTime<Utc>,
    /// Somebody who watches.
    pub watch: &'a dyn PublishObserver,
    /// How to wait before another try.
    pub pause: &'a (dyn Fn(Duration) + Sync),
}

/// A publish that did not come to its end.
#[derive(Debug)]
pub struct ApplyError {
    /// Why.
    pub failure: BackendError,
    /// How many files had been put there.
    pub uploaded: usize,
    /// How many were to be.
    pub of: usize,
    /// Whether visitors see what had been put there.
    pub seen: Visibility,
}

/// So often a call is made before it counts as failed.
const TRIES: u32 = 5;
/// The pause after the first failure; it doubles with each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// No target is waited for longer at a time.
const LONGEST_PAUSE: Duration = Duration::from_secs(120);

/// Brings the target to what is wanted. Returns its new manifest.
pub fn apply(work: &ApplyInput<'_>, around: &ApplyContext<'_>) -> Result<Manifest, ApplyError> {
    let apply = Apply { work, around, uploaded: AtomicUsize::new(0) };
    around.watch.begins(work.changes.uploads.len() + work.changes.deleted());
    let applied = apply.run();
    around.watch.ends();
    applied.map_err(|failure| ApplyError {
        failure,
        uploaded: apply.uploaded.load(Ordering::Relaxed),
        of: work.changes.uploads.len(),
        seen: work.target.capabilities().seen,
    })
}

struct Apply<'a> {
    work: &'a ApplyInput<'a>,
    around: &'a ApplyContext<'a>,
    uploaded: AtomicUsize,
}

impl Apply<'_> {
    fn run(&self) -> Result<Manifest, BackendError> {
        let ApplyInput { target, changes, .. } = self.work;
        self.begin()?;
        self.delete(&changes.in_the_way)?;
        for stage in [UploadStage::Assets, UploadStage::Pages, UploadStage::Lists] {
            let uploads: Vec<&Upload> = changes.stage(stage).collect();
            self.upload(&uploads)?;
        }
        self.still_ours()?;
        self.delete(&changes.deletes)?;
        let manifest = self.after();
        let bytes = manifest.to_bytes();
        self.patiently(|| target.finish(&bytes))?;
        self.around.state.end(&bytes)?;
        Ok(manifest)
    }

    /// Says at the target what is about to come.
    fn begin(&self) -> Result<(), BackendError> {
        let ApplyInput { target, local, there_bytes, arrived, changes, .. } = self.work;
        let (during, after) = (self.before().to_bytes(), self.after().to_bytes());
        // What arrived with other bytes than are wanted by now counts as on its way again.
        let uploads: BTreeSet<&OutputPath> = changes.uploads.iter().map(|upload| &upload.path).collect();
        let kept = arrived.iter().filter(|path| !uploads.contains(path)).cloned().collect();
        self.around.state.begin(&self.around.session.id, &kept)?;
        let mut old = *there_bytes;
        self.patiently(|| {
            let begun = target.begin(&PublishStart { old, during: &during, after: &after, local, changes });
            // An answer that was lost: what is there is ours already.
            let is_ours = |stored: Option<Vec<u8>>| stored.as_deref() == Some(&*during);
            if begun.is_err() && target.manifest().is_ok_and(is_ours) {
                old = Some(&during);
            }
            begun
        })
    }

    /// The manifest while files go up.
    fn before(&self) -> Manifest {
        let ApplyInput { local, there, changes, .. } = self.work;
        let mut pending = there.pending.clone();
        for upload in &changes.uploads {
            pending.insert(upload.path.clone(), local.file(&upload.path).entry.clone());
        }
        Manifest {
            generation: there.generation + 1,
            base_url: self.around.base_url.clone(),
            at: Some(self.around.now),
            by: self.around.session.id.clone(),
            files: there.files.clone(),
            session: Some(self.around.session.clone()),
            pending,
        }
    }

    /// The manifest when all is done.
    fn after(&self) -> Manifest {
        let ApplyInput { local, there, .. } = self.work;
        Manifest {
            generation: there.generation + 1,
            base_url: self.around.base_url.clone(),
            at: Some(self.around.now),
            by: self.around.session.id.clone(),
            files: local.files.iter().map(|(path, file)| (path.clone(), file.entry.clone())).collect(),
            session: None,
            pending: Default::default(),
        }
    }

    fn upload(&self, uploads: &[&Upload]) -> Result<(), BackendError> {
        let capabilities = self.work.target.capabilities();
        let batches: Vec<&[&Upload]> = uploads.chunks(capabilities.batch.max(1)).collect();
        self.in_parallel(capabilities.workers, &batches, |batch| {
            let paths: Vec<&OutputPath> = batch.iter().map(|upload| &upload.path).collect();
            self.patiently(|| self.work.target.upload(&paths, self.work.local))?;
            if capabilities.seen == Visibility::Immediate {
                self.around.state.arrived(&paths)?;
            }
            self.uploaded.fetch_add(paths.len(), Ordering::Relaxed);
            Ok(paths.len())
        })
    }

    fn delete(&self, deletes: &[Delete]) -> Result<(), BackendError> {
        let capabilities = self.work.target.capabilities();
        let batches: Vec<&[Delete]> = deletes.chunks(capabilities.batch.max(1)).collect();
        self.in_parallel(capabilities.workers, &batches, |batch| {
            let paths: Vec<&OutputPath> = batch.iter().map(|delete| &delete.path).collect();
            self.patiently(|| self.work.target.delete(&paths))?;
            Ok(paths.len())
        })
    }

    /// Nothing is taken away if somebody else began a publish while files went up.
    fn still_ours(&self) -> Result<(), BackendError> {
        let ApplyInput { target, .. } = self.work;
        if target.capabilities().seen == Visibility::AtFinish {
            return Ok(());
        }
        let stored = self.patiently(|| target.manifest())?;
        let session = stored.and_then(|bytes| Manifest::parse(&bytes).ok()).and_then(|stored| stored.session);
        match session {
            Some(session) if session.id == self.around.session.id => Ok(()),
            _ => Err(BackendError::conflict()),
        }
    }

    /// Does the work of all batches, so many at a time. The first failure stops the others.
    fn in_parallel<B: Copy + Sync>(
        &self,
        workers: usize,
        batches: &[B],
        work: impl Fn(B) -> Result<usize, BackendError> + Sync,
    ) -> Result<(), BackendError> {
        let next = AtomicUsize::new(0);
        let stopped = AtomicBool::new(false);
        let first: Mutex<Option<BackendError>> = Mutex::new(None);
        let worker = || {
            while let Some(&batch) = batches.get(next.fetch_add(1, Ordering::Relaxed)) {
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                match work(batch) {
                    Ok(files) => self.around.watch.done(files),
                    Err(failure) => {
                        stopped.store(true, Ordering::Relaxed);
                        first.lock().get_or_insert(failure);
                    }
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..workers.clamp(1, batches.len().max(1)) {
                scope.spawn(worker);
            }
            worker();
        });
        match first.into_inner() {
            Some(failure) => Err(failure),
            None => Ok(()),
        }
    }

    /// Tries again what may work later, with longer and longer pauses.
    fn patiently<T>(&self, mut call: impl FnMut() -> Result<T, BackendError>) -> Result<T, BackendError> {
        let mut usual = FIRST_PAUSE;
        let mut tries = 1;
        loop {
            let failure = match call() {
                Ok(value) => return Ok(value),
                Err(failure) => failure,
            };
            let Retry::Later(asked) = failure.again else { return Err(failure) };
            if tries == TRIES {
                return Err(failure);
            }
            let pause = asked.unwrap_or(usual).min(LONGEST_PAUSE);
            self.around.watch.waits(&failure.reason, pause);
            (self.around.pause)(pause);
            usual = (usual * 2).min(LONGEST_PAUSE);
            tries += 1;
        }
    }
}
