//! The door: submissions come in from many connections, and go to the disk together.
//!
//! A transaction waits for the disk, whatever is in it. So one thread takes all submissions that have come while it
//! waited, writes them in one transaction, and only then answers each: nobody is told that a submission was taken
//! before it is on the disk, and a hundred at once cost hardly more than one.

use std::sync::Arc;
use std::thread::JoinHandle;

use chrono::TimeDelta;
use tokio::sync::{mpsc, oneshot};

use crate::error::Result;
use crate::linkback::inbox::state::Submission;
use crate::receive::chance;
use crate::receive::clock::{Bell, Clock};
use crate::receive::queue::store::{LinkbackStore, Receipt};

/// Submissions that are written together at most.
const BATCH: usize = 256;

/// Submissions that wait for the disk at most; each has an open connection.
const WAITING: usize = 1024;

/// Where submissions are handed in.
#[derive(Clone)]
pub struct SubmissionWriter {
    waiting: mpsc::Sender<Waiting>,
    delay: TimeDelta,
}

/// How submissions are taken in.
pub struct WriterOptions {
    /// How many may wait in the queue to be looked at.
    pub queue: usize,
    /// How long each waits there at most.
    pub delay: TimeDelta,
    /// What time it is.
    pub clock: Clock,
    /// Rung when something came in.
    pub bell: Arc<Bell>,
}

struct Waiting {
    submission: Submission,
    delay: TimeDelta,
    answer: oneshot::Sender<Receipt>,
}

/// The database could not take it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WriterFailed;

impl SubmissionWriter {
    /// Opens the door, with a thread behind it that ends when every [`SubmissionWriter`] is dropped.
    pub fn open(store: LinkbackStore, terms: WriterOptions) -> Result<(Self, JoinHandle<()>)> {
        let (sender, receiver) = mpsc::channel(WAITING);
        let delay = terms.delay;
        let thread = std::thread::Builder::new().name("intake".to_owned());
        let thread = thread
            .spawn(move || take_in(store, &terms, receiver))
            .map_err(crate::error::Error::io("start", std::path::Path::new("intake")))?;
        Ok((Self { waiting: sender, delay }, thread))
    }

    /// Hands a submission in, and waits until it is on the disk.
    pub async fn submit(&self, submission: Submission) -> std::result::Result<Receipt, WriterFailed> {
        let (answer, answered) = oneshot::channel();
        let waiting = Waiting { submission, delay: chance::part_of(self.delay), answer };
        if let Err(error) = self.waiting.try_send(waiting) {
            return match error {
                mpsc::error::TrySendError::Full(_) => Ok(Receipt::Full),
                mpsc::error::TrySendError::Closed(_) => Err(WriterFailed),
            };
        }
        answered.await.map_err(|_| WriterFailed)
    }
}

fn take_in(mut store: LinkbackStore, terms: &WriterOptions, mut waiting: mpsc::Receiver<Waiting>) {
    while let Some(first) = waiting.blocking_recv() {
        let mut batch = vec![first];
        while batch.len() < BATCH
            && let Ok(next) = waiting.try_recv()
        {
            batch.push(next);
        }
        let (submissions, answers): (Vec<_>, Vec<_>) =
            batch.into_iter().map(|waiting| ((waiting.submission, waiting.delay), waiting.answer)).unzip();
        // Without an answer its sender is told that the database is broken, and tries again later.
        let Ok(receipts) = store.submit(submissions, terms.queue, (terms.clock)()) else { continue };
        for (answer, receipt) in answers.into_iter().zip(receipts) {
            // Who hung up in the meantime has submitted all the same.
            let _ = answer.send(receipt);
        }
        terms.bell.ring();
    }
}
