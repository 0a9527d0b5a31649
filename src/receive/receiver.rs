//! The receiver: admission, queue and verification of one site.
//!
//! It does not act on what it finds: [`Service`](crate::receive::Service) does.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use chrono::TimeDelta;

use crate::engine::workspace::SiteSource;
use crate::error::{Error, Result};
use crate::http::guard::System;
use crate::receive::admission::Admission;
use crate::receive::endpoints;
use crate::receive::metrics::Metrics;
use crate::receive::queue::store::{FetchPace, LinkbackStore};
use crate::receive::queue::work_signal::WorkSignal;
use crate::receive::queue::writer::{SubmissionWriter, WriterOptions};
use crate::receive::site_index::SiteIndex;
use crate::receive::site_index::updater::{IndexUpdater, OnUnwatchable};
use crate::receive::verify::Verifier;
use crate::receive::verify::pool::{OnVerified, VerifierPool};
use crate::sys::clock::Clock;
use crate::sys::lock::FileLock;

/// The longest pause between fetches from a host that fails.
const LONGEST_REST: TimeDelta = TimeDelta::hours(6);

/// How a receiver is run.
pub struct ReceiverOptions {
    pub site: SiteSource,
    /// The file of the database, if it is not the settings'.
    pub database: Option<PathBuf>,
    pub clock: Clock,
    /// Called if changes of the site cannot be watched.
    pub on_unwatchable: OnUnwatchable,
}

/// A receiver. It stops when it is dropped.
pub struct Receiver {
    pub verifier: Verifier,
    pub database: PathBuf,
    signal: Arc<WorkSignal>,
    // Dropped in this order: what is verified is finished, then what was submitted is written. A router that is still
    // in use holds the admission, and so the writer.
    pool: Option<VerifierPool>,
    admission: Arc<Admission>,
    _updater: IndexUpdater,
    _lock: FileLock,
}

impl Receiver {
    /// Opens the database and reads the site. Nothing is fetched before [`Receiver::start_verifying`].
    pub fn open(options: ReceiverOptions) -> Result<Self> {
        let ReceiverOptions { site, database, clock, on_unwatchable } = options;
        let (index, updater) = IndexUpdater::start(&site, clock.clone(), on_unwatchable)?;
        let snapshot = index.snapshot();
        let settings = &snapshot.config.linkbacks;
        let database = database.unwrap_or_else(|| site.root.join(&settings.database));
        let store = LinkbackStore::open(&database)?;
        let lock = lock(&database)?;
        // A deploy may let the path lead to another file later. Every connection of one receiver is to the same file.
        let database = database.canonicalize().map_err(Error::io("find", &database))?;
        let (signal, metrics) = (Arc::new(WorkSignal::default()), Arc::new(Metrics::default()));
        let options = WriterOptions {
            queue: settings.queue,
            delay: seconds(settings.delay),
            clock: clock.clone(),
            signal: Arc::clone(&signal),
        };
        let writer = SubmissionWriter::start(store, options)?;
        let admission = Admission::new(
            settings,
            Arc::clone(&index),
            writer,
            LinkbackStore::open(&database)?,
            Arc::clone(&metrics),
            clock.clone(),
        );
        let verifier = Verifier {
            resolver: Arc::new(System),
            pace: FetchPace { rest: seconds(settings.host_pause), longest_rest: LONGEST_REST },
            index,
            clock,
            metrics,
        };
        Ok(Self {
            verifier,
            database,
            signal,
            pool: None,
            admission: Arc::new(admission),
            _updater: updater,
            _lock: lock,
        })
    }

    /// The index of the site.
    pub fn index(&self) -> &Arc<SiteIndex> {
        &self.verifier.index
    }

    /// The endpoints of the protocols.
    pub fn router(&self) -> Router {
        endpoints::router(Arc::clone(&self.admission))
    }

    /// Starts the threads that verify. `on_verified` is called with each result.
    pub fn start_verifying(&mut self, on_verified: OnVerified) -> Result<()> {
        let pool = VerifierPool::start(&self.database, self.verifier.clone(), &self.signal, on_verified)?;
        self.pool = Some(pool);
        Ok(())
    }
}

/// Takes the database for one receiver. Two would fetch each page twice, and a host from both at once.
fn lock(database: &Path) -> Result<FileLock> {
    let mut path = database.as_os_str().to_owned();
    path.push("-receiver");
    let lock = FileLock::try_take(Path::new(&path))?;
    lock.ok_or_else(|| Error::Argument {
        given: database.display().to_string(),
        reason: "another receiver uses this database; stop it, or give this one a database of its own with \
                 `[linkbacks] database`"
            .to_owned(),
    })
}

fn seconds(count: usize) -> TimeDelta {
    TimeDelta::seconds(i64::try_from(count).unwrap_or(0))
}
