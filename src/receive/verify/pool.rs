//! The threads that verify: two, never at one host at once.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::Mutex;

use crate::error::Result;
use crate::receive::metrics::VerificationOutcome;
use crate::receive::queue::store::{LinkbackStore, NextFetch, host_of};
use crate::receive::queue::work_signal::WorkSignal;
use crate::receive::verify::{VerificationReport, Verifier};
use crate::sys::worker::Thread;

/// Sources that are fetched at once.
const THREADS: usize = 2;

/// The longest wait for work that another program has added, and the wait after a failure of the database.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// How often old rows are pruned.
const PRUNE_INTERVAL: TimeDelta = TimeDelta::hours(1);

/// Called with each result, from the threads of the pool.
pub(crate) type OnVerified = Arc<dyn Fn(VerificationReport) + Send + Sync>;

/// The threads. When this is dropped they finish what they verify, and end.
pub(crate) struct VerifierPool {
    signal: Arc<WorkSignal>,
    threads: Vec<Thread>,
}

struct Shared {
    database: PathBuf,
    verifier: Verifier,
    signal: Arc<WorkSignal>,
    on_verified: OnVerified,
    /// Hosts that a thread fetches from now.
    busy: Mutex<BTreeSet<String>>,
    pruned: Mutex<DateTime<Utc>>,
}

impl VerifierPool {
    /// Starts the threads.
    pub(crate) fn start(
        database: &Path,
        verifier: Verifier,
        signal: &Arc<WorkSignal>,
        on_verified: OnVerified,
    ) -> Result<Self> {
        let shared = Arc::new(Shared {
            database: database.to_owned(),
            verifier,
            signal: Arc::clone(signal),
            on_verified,
            busy: Mutex::default(),
            pruned: Mutex::new(DateTime::UNIX_EPOCH),
        });
        let mut pool = Self { signal: Arc::clone(signal), threads: Vec::new() };
        for number in 1..=THREADS {
            let shared = Arc::clone(&shared);
            let store = LinkbackStore::open(&shared.database)?;
            let name = format!("verifier {number}");
            pool.threads.push(Thread::start(&name, move || shared.run(store))?);
        }
        Ok(pool)
    }
}

impl Drop for VerifierPool {
    fn drop(&mut self) {
        self.signal.close();
        self.threads.clear();
    }
}

impl Shared {
    fn run(&self, mut store: LinkbackStore) {
        while let Some(count) = self.signal.count() {
            self.prune(&mut store);
            let wait = match self.take(&store) {
                Ok(NextFetch::Now(item)) => {
                    let report = self.verifier.verify(&mut store, &item);
                    self.busy.lock().remove(&host_of(&item.source));
                    match report {
                        Ok(report) => {
                            report.into_iter().for_each(|report| (self.on_verified)(report));
                            continue;
                        }
                        Err(_) => self.database_failed(),
                    }
                }
                Ok(NextFetch::At(moment)) => {
                    self.verifier.clock.until(moment).map_or(LONGEST_WAIT, |wait| wait.min(LONGEST_WAIT))
                }
                Ok(NextFetch::Never) => LONGEST_WAIT,
                Err(_) => self.database_failed(),
            };
            self.signal.wait(count, wait);
        }
    }

    /// Counts a failure of the database in the metrics. Returns how long the database is left alone.
    fn database_failed(&self) -> Duration {
        self.verifier.metrics.verified(VerificationOutcome::Broken);
        LONGEST_WAIT
    }

    /// The next source, its host marked as busy.
    fn take(&self, store: &LinkbackStore) -> Result<NextFetch> {
        // Locked until the host is marked: both threads could take it.
        let mut busy = self.busy.lock();
        let next = store.next(&busy, self.verifier.clock.now())?;
        if let NextFetch::Now(item) = &next {
            busy.insert(host_of(&item.source));
        }
        Ok(next)
    }

    fn prune(&self, store: &mut LinkbackStore) {
        let now = self.verifier.clock.now();
        let mut pruned = self.pruned.lock();
        if (now - *pruned).abs() >= PRUNE_INTERVAL {
            *pruned = now;
            // What cannot be done now is done an hour later.
            let _ = store.catch_up(now);
            let hours = self.verifier.index.snapshot().config.linkbacks.sender_hours;
            let kept = TimeDelta::hours(i64::try_from(hours).unwrap_or(i64::MAX));
            let _ = store.forget_senders(now - kept);
            let _ = store.prune(now);
        }
    }
}
