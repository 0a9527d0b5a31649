//! Writes submissions to the database: they come over many connections, and are written together.
//!
//! A transaction waits for the disk, whatever is in it. So one thread takes all submissions that came while it waited,
//! writes them in one transaction, and then answers each: a submission is acknowledged when it is on the disk, and a
//! hundred at once cost hardly more than one.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::sync::oneshot;

use crate::error::Result;
use crate::linkback::inbox::state::Submission;
use crate::receive::queue::store::{LinkbackStore, Receipt};
use crate::receive::queue::work_signal::WorkSignal;
use crate::sys::clock::Clock;
use crate::sys::random;
use crate::sys::worker::{BatchWorker, Batching, Unsent};

const BATCHING: Batching = Batching {
    // Each that waits for the disk has an open connection.
    waiting: Some(1024),
    most: 256,
    quiet: Duration::ZERO,
};

/// Hands submissions to the thread that writes.
#[derive(Clone)]
pub(crate) struct SubmissionWriter {
    worker: Arc<BatchWorker<PendingSubmission>>,
    delay: TimeDelta,
    signal: Arc<WorkSignal>,
}

/// How submissions are written.
pub(crate) struct WriterOptions {
    /// The most linkbacks that may wait to be verified.
    pub queue: usize,
    /// The longest wait of each before it is verified; the wait is random.
    pub delay: TimeDelta,
    pub clock: Clock,
    /// Notified when something was written.
    pub signal: Arc<WorkSignal>,
}

struct PendingSubmission {
    submission: Submission,
    delay: TimeDelta,
    receipt: oneshot::Sender<Receipt>,
}

/// The database could not take a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WriterFailed;

impl SubmissionWriter {
    /// Starts the thread. It ends when every [`SubmissionWriter`] is dropped.
    pub(crate) fn start(mut store: LinkbackStore, options: WriterOptions) -> Result<Self> {
        let delay = options.delay;
        let signal = Arc::clone(&options.signal);
        let worker = BatchWorker::start("submissions", BATCHING, move |batch| {
            write(&mut store, &options, batch);
        })?;
        Ok(Self { worker: Arc::new(worker), delay, signal })
    }

    /// Says that something is due which was not written here.
    pub(crate) fn notify(&self) {
        self.signal.notify();
    }

    /// Waits until a submission is on the disk.
    pub(crate) async fn submit(&self, submission: Submission) -> std::result::Result<Receipt, WriterFailed> {
        let (receipt, written) = oneshot::channel();
        let pending = PendingSubmission { submission, delay: random::jitter(self.delay), receipt };
        match self.worker.send(pending) {
            Ok(()) => written.await.map_err(|_| WriterFailed),
            Err(Unsent::Full) => Ok(Receipt::Full),
            Err(Unsent::Ended) => Err(WriterFailed),
        }
    }
}

fn write(store: &mut LinkbackStore, options: &WriterOptions, batch: Vec<PendingSubmission>) {
    let (submissions, receipts): (Vec<_>, Vec<_>) =
        batch.into_iter().map(|pending| ((pending.submission, pending.delay), pending.receipt)).unzip();
    // Dropped receipts are answered as a failure of the database; the senders try again later.
    let Ok(written) = store.submit(submissions, options.queue, options.clock.now()) else { return };
    for (receipt, written) in receipts.into_iter().zip(written) {
        // A sender that has hung up has submitted all the same.
        let _ = receipt.send(written);
    }
    options.signal.notify();
}
