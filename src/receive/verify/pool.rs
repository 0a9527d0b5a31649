//! Those who look at sources all day: two threads, never at one host at once.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::Mutex;

use crate::error::{Error, Result};
use crate::receive::clock::Bell;
use crate::receive::metrics::VerificationOutcome;
use crate::receive::queue::store::{LinkbackStore, NextFetch, host_of};
use crate::receive::verify::{VerificationReport, Verifier};

/// Sources that are fetched at once.
const WORKERS: usize = 2;

/// How long to wait for work at most; and for a database that does not work.
const LONGEST: Duration = Duration::from_secs(60);

/// How often what is old is forgotten.
const BETWEEN_PRUNINGS: TimeDelta = TimeDelta::hours(1);

/// Told of everything that a look led to.
pub type OnVerified = Arc<dyn Fn(VerificationReport) + Send + Sync>;

/// The threads. They finish their look and end when this is dropped.
pub struct VerifierPool {
    bell: Arc<Bell>,
    threads: Vec<JoinHandle<()>>,
}

struct Shared {
    database: PathBuf,
    looker: Verifier,
    bell: Arc<Bell>,
    told: OnVerified,
    /// Hosts that a worker fetches from right now.
    busy: Mutex<BTreeSet<String>>,
    pruned: Mutex<DateTime<Utc>>,
}

impl VerifierPool {
    /// Starts them.
    pub fn start(database: &Path, looker: Verifier, bell: &Arc<Bell>, told: OnVerified) -> Result<Self> {
        let shared = Arc::new(Shared {
            database: database.to_owned(),
            looker,
            bell: Arc::clone(bell),
            told,
            busy: Mutex::default(),
            pruned: Mutex::new(DateTime::UNIX_EPOCH),
        });
        let mut workers = Self { bell: Arc::clone(bell), threads: Vec::new() };
        for number in 1..=WORKERS {
            let shared = Arc::clone(&shared);
            let store = LinkbackStore::open(&shared.database)?;
            let thread = std::thread::Builder::new().name(format!("worker {number}"));
            let thread =
                thread.spawn(move || shared.work(store)).map_err(Error::io("start", Path::new("worker")))?;
            workers.threads.push(thread);
        }
        Ok(workers)
    }
}

impl Drop for VerifierPool {
    fn drop(&mut self) {
        self.bell.end();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn work(&self, mut store: LinkbackStore) {
        while let Some(times) = self.bell.times() {
            self.prune(&mut store);
            let wait = match self.take(&store) {
                Ok(NextFetch::Now(item)) => {
                    let looked = self.looker.look(&mut store, &item);
                    self.busy.lock().remove(&host_of(&item.source));
                    match looked {
                        Ok(looked) => {
                            looked.into_iter().for_each(|looked| (self.told)(looked));
                            continue;
                        }
                        Err(_) => self.broken(),
                    }
                }
                Ok(NextFetch::At(moment)) => {
                    (moment - (self.looker.clock)()).to_std().unwrap_or_default().min(LONGEST)
                }
                Ok(NextFetch::Never) => LONGEST,
                Err(_) => self.broken(),
            };
            self.bell.wait(times, wait);
        }
    }

    /// Lets whoever watches the receiver know, and leaves the database alone for a while.
    fn broken(&self) -> Duration {
        self.looker.counts.looked(VerificationOutcome::Broken);
        LONGEST
    }

    /// The next source, its host marked as busy.
    fn take(&self, store: &LinkbackStore) -> Result<NextFetch> {
        let mut busy = self.busy.lock();
        let next = store.next(&busy, (self.looker.clock)())?;
        if let NextFetch::Now(item) = &next {
            busy.insert(host_of(&item.source));
        }
        Ok(next)
    }

    fn prune(&self, store: &mut LinkbackStore) {
        let now = (self.looker.clock)();
        let mut pruned = self.pruned.lock();
        if now - *pruned >= BETWEEN_PRUNINGS {
            *pruned = now;
            // What cannot be forgotten now is forgotten later.
            let _ = store.prune(now);
        }
    }
}
