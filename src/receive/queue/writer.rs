//! Writes submissions to the database: they come over many connections, and are written together.
//!
//! A transaction waits for the disk, whatever is in it. So one thread takes all submissions that came while it waited,
//! writes them in one transaction, and then answers each: a submission is acknowledged when it is on the disk, and a
//! hundred at once cost hardly more than one.

use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use chrono::TimeDelta;
use tokio::sync::{mpsc, oneshot};

use crate::error::{Error, Result};
use crate::linkback::inbox::state::Submission;
use crate::receive::chance;
use crate::receive::clock::Clock;
use crate::receive::queue::store::{LinkbackStore, Receipt};
use crate::receive::queue::work_signal::WorkSignal;

/// The most submissions that are written together.
const BATCH: usize = 256;

/// The most submissions that wait for the disk; each has an open connection.
const WAITING: usize = 1024;

/// Hands submissions to the thread that writes.
#[derive(Clone)]
pub struct SubmissionWriter {
    sender: mpsc::Sender<PendingSubmission>,
    delay: TimeDelta,
}

/// How submissions are written.
pub struct WriterOptions {
    /// The most linkbacks that may wait to be verified.
    pub queue: usize,
    /// The longest wait of each before it is verified; the wait is random.
    pub delay: TimeDelta,
    /// The time.
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
pub struct WriterFailed;

impl SubmissionWriter {
    /// Starts the thread. It ends when every [`SubmissionWriter`] is dropped.
    pub fn start(store: LinkbackStore, options: WriterOptions) -> Result<(Self, JoinHandle<()>)> {
        let (sender, receiver) = mpsc::channel(WAITING);
        let delay = options.delay;
        let thread = std::thread::Builder::new().name("submissions".to_owned());
        let thread = thread
            .spawn(move || write_all(store, &options, receiver))
            .map_err(Error::io("start", Path::new("submissions")))?;
        Ok((Self { sender, delay }, thread))
    }

    /// Waits until a submission is on the disk.
    pub async fn submit(&self, submission: Submission) -> std::result::Result<Receipt, WriterFailed> {
        let (receipt, written) = oneshot::channel();
        let pending = PendingSubmission { submission, delay: chance::part_of(self.delay), receipt };
        if let Err(error) = self.sender.try_send(pending) {
            return match error {
                mpsc::error::TrySendError::Full(_) => Ok(Receipt::Full),
                mpsc::error::TrySendError::Closed(_) => Err(WriterFailed),
            };
        }
        written.await.map_err(|_| WriterFailed)
    }
}

fn write_all(
    mut store: LinkbackStore,
    options: &WriterOptions,
    mut pending: mpsc::Receiver<PendingSubmission>,
) {
    while let Some(first) = pending.blocking_recv() {
        let mut batch = vec![first];
        while batch.len() < BATCH
            && let Ok(next) = pending.try_recv()
        {
            batch.push(next);
        }
        let (submissions, receipts): (Vec<_>, Vec<_>) =
            batch.into_iter().map(|pending| ((pending.submission, pending.delay), pending.receipt)).unzip();
        // Dropped receipts are answered as a failure of the database; the senders try again later.
        let Ok(written) = store.submit(submissions, options.queue, (options.clock)()) else { continue };
        for (receipt, written) in receipts.into_iter().zip(written) {
            // A sender that has hung up has submitted all the same.
            let _ = receipt.send(written);
        }
        options.signal.notify();
    }
}
