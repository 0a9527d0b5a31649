//! Hearing from the sites that link here: three protocols, one queue, and what is kept of it.
//!
//! ```text
//! a request -> endpoints -> reception   who sends, which two pages; the site's own table is asked, nobody else
//!                -> intake -> store     on the disk, then acknowledged
//!    later: workers -> look             the source is fetched, searched for the link, and weighed
//!                -> store               held, let in, refused, or gone
//!        a person: desk                 decides; the back matter is written, the site built
//! ```
//!
//! [`Receiver`] is the part that runs by itself. What may become of a linkback is decided by
//! [`crate::linkback::inbox::state`], which is pure.

pub mod admission;
mod chance;
mod client_ip;
pub mod clock;
pub mod endpoints;
pub mod limits;
pub mod metrics;
pub mod moderation;
pub mod notify;
pub mod queue;
pub mod site_index;
pub mod sync;
pub mod verify;

use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use axum::Router;
use chrono::TimeDelta;

use crate::engine::Request;
use crate::error::{Error, Result};
use crate::http::client::Client;
use crate::http::server::Limits;

use self::admission::Admission;
use self::clock::{Bell, Clock};
use self::metrics::Metrics;
use self::queue::store::{FetchPace, LinkbackStore};
use self::queue::writer::{SubmissionWriter, WriterOptions};
use self::site_index::SiteIndex;
use self::site_index::updater::IndexUpdater;
use self::verify::Verifier;
use self::verify::pool::{OnVerified, VerifierPool};

/// What a receiver grants to those who ask. Pingbacks and webmentions are small, and sent by machines.
pub const LIMITS: Limits = Limits {
    connections: 1024,
    connections_of_one: 32,
    head_size: 8192,
    head_time: Duration::from_secs(10),
    answer_time: Duration::from_secs(10),
    grace: Duration::from_secs(5),
};

/// A host whose pages cannot be fetched is left alone for so long at most.
const LONGEST_REST: TimeDelta = TimeDelta::hours(6);

/// How a receiver is run.
pub struct ReceiverOptions {
    /// The site.
    pub request: Request,
    /// Its database, if it is not the settings'.
    pub database: Option<PathBuf>,
    /// What time it is.
    pub clock: Clock,
}

/// A receiver, ready to answer and to look. It stops when it is dropped.
pub struct Receiver {
    /// What fetches sources.
    pub looker: Verifier,
    /// The file of the database.
    pub database: PathBuf,
    bell: Arc<Bell>,
    // In this order they are dropped: nobody is answered any more, what was handed in is written, and all end.
    reception: Option<Arc<Admission>>,
    intake: Option<JoinHandle<()>>,
    workers: Option<VerifierPool>,
    _updater: IndexUpdater,
}

impl Receiver {
    /// Opens the database and reads the site. Nothing is fetched before [`Receiver::look`].
    pub fn open(setup: ReceiverOptions) -> Result<Self> {
        let ReceiverOptions { request, database, clock } = setup;
        let (index, updater) = IndexUpdater::start(request, Arc::clone(&clock), |_| ())?;
        let snapshot = index.snapshot();
        let settings = &snapshot.config.linkbacks;
        let database = database.unwrap_or_else(|| index.root().join(&settings.database));
        let (bell, counts) = (Arc::new(Bell::default()), Arc::new(Metrics::default()));
        let terms = WriterOptions {
            queue: settings.queue,
            delay: seconds(settings.delay),
            clock: Arc::clone(&clock),
            bell: Arc::clone(&bell),
        };
        let store = LinkbackStore::open(&database)?;
        // A deploy may let the path lead to another file later. Every connection of one receiver is to the same file.
        let database = database.canonicalize().map_err(Error::io("find", &database))?;
        let (intake, thread) = SubmissionWriter::open(store, terms)?;
        let questions = LinkbackStore::open(&database)?;
        let around = (Arc::clone(&clock), Arc::clone(&counts));
        let reception = Admission::new(settings, Arc::clone(&index), (intake, questions), around);
        let looker = Verifier {
            client: Client::new(&snapshot.config.network, &snapshot.config.base_url),
            pace: FetchPace { rest: seconds(settings.host_pause), longest_rest: LONGEST_REST },
            index,
            clock,
            counts,
        };
        Ok(Self {
            looker,
            database,
            bell,
            reception: Some(Arc::new(reception)),
            intake: Some(thread),
            workers: None,
            _updater: updater,
        })
    }

    /// The site as it knows it.
    pub fn index(&self) -> Arc<SiteIndex> {
        Arc::clone(&self.looker.index)
    }

    /// What it answers on the web.
    pub fn router(&self) -> Router {
        let reception = self.reception.as_ref().expect("it is there until the receiver is dropped");
        endpoints::router(Arc::clone(reception))
    }

    /// Begins to look at sources. `told` hears what each look led to.
    pub fn look(&mut self, told: OnVerified) -> Result<()> {
        self.workers = Some(VerifierPool::start(&self.database, self.looker.clone(), &self.bell, told)?);
        Ok(())
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.workers = None;
        let is_last = self.reception.take().is_some_and(|reception| Arc::into_inner(reception).is_some());
        // A router that is still in use keeps the door open; its thread ends with it.
        if let Some(thread) = self.intake.take().filter(|_| is_last) {
            let _ = thread.join();
        }
    }
}

fn seconds(count: usize) -> TimeDelta {
    TimeDelta::seconds(i64::try_from(count).unwrap_or(0))
}
