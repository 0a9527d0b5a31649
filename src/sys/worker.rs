//! Threads: named, and joined when what started them ends.

use std::path::Path;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, TrySendError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use crate::error::{Error, Result};

/// A thread, which is waited for when this is dropped.
#[derive(Debug)]
pub(crate) struct Thread(Option<JoinHandle<()>>);

impl Thread {
    /// Starts a thread with a name, which systems show up to its 15th byte.
    pub(crate) fn start(name: &str, work: impl FnOnce() + Send + 'static) -> Result<Self> {
        let thread = Builder::new().name(name.to_owned()).spawn(work);
        Ok(Self(Some(thread.map_err(Error::io("start", Path::new(name)))?)))
    }

    /// Lets the thread end when it likes.
    pub(crate) fn detach(mut self) {
        self.0 = None;
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        if let Some(thread) = self.0.take() {
            // Whatever holds this may be dropped last by the thread itself, which cannot wait for its own end.
            if thread.thread().id() != std::thread::current().id() {
                // A panic was reported where it happened.
                let _ = thread.join();
            }
        }
    }
}

/// Does some work on a thread that nothing waits for. It is not done if the system has no thread.
pub(crate) fn in_background(name: &str, work: impl FnOnce() + Send + 'static) {
    let _ = Thread::start(name, work).map(Thread::detach);
}

/// Calls `work` with each number below `count` at the same time, and returns the results in this order. The calling
/// thread is one of those that work; where the system has no other, it does all.
pub(crate) fn in_parallel<T: Send>(count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let work = &work;
    std::thread::scope(|scope| {
        let others: Vec<_> =
            (1..count).map(|number| Builder::new().spawn_scoped(scope, move || work(number)).ok()).collect();
        let mut results: Vec<T> = (0..count.min(1)).map(work).collect();
        for (number, thread) in (1..).zip(others) {
            results.push(match thread {
                Some(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
                None => work(number),
            });
        }
        results
    })
}

/// How a [`BatchWorker`] takes what it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Batching {
    /// How much may wait for it; any amount if `None`.
    pub waiting: Option<usize>,
    /// How much it takes at once.
    pub most: usize,
    /// What is sent within this time after the last is taken together with it. With zero, what waits already.
    pub quiet: Duration,
}

/// Why a [`BatchWorker`] was not sent something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unsent {
    /// Too much waits for it.
    Full,
    /// Its thread has ended by a panic.
    Ended,
}

/// A thread that works off what it is sent. When it is dropped, it works off what it was sent before, and ends.
#[derive(Debug)]
pub(crate) struct BatchWorker<T> {
    // Before the thread: it ends when nothing can be sent any more.
    sender: Sender<T>,
    _thread: Thread,
}

#[derive(Debug)]
enum Sender<T> {
    Limited(mpsc::SyncSender<T>),
    Unlimited(mpsc::Sender<T>),
}

impl<T: Send + 'static> BatchWorker<T> {
    /// Starts the thread. `work` is called with one or more of what was sent, in its order.
    pub(crate) fn start(
        name: &str,
        batching: Batching,
        mut work: impl FnMut(Vec<T>) + Send + 'static,
    ) -> Result<Self> {
        let (sender, receiver) = match batching.waiting {
            Some(waiting) => {
                let (sender, receiver) = mpsc::sync_channel(waiting);
                (Sender::Limited(sender), receiver)
            }
            None => {
                let (sender, receiver) = mpsc::channel();
                (Sender::Unlimited(sender), receiver)
            }
        };
        let thread = Thread::start(name, move || {
            while let Some(batch) = next_batch(&receiver, batching) {
                work(batch);
            }
        })?;
        Ok(Self { sender, _thread: thread })
    }

    /// Sends something to it. Does not wait.
    pub(crate) fn send(&self, value: T) -> std::result::Result<(), Unsent> {
        match &self.sender {
            Sender::Limited(sender) => sender.try_send(value).map_err(|error| match error {
                TrySendError::Full(_) => Unsent::Full,
                TrySendError::Disconnected(_) => Unsent::Ended,
            }),
            Sender::Unlimited(sender) => sender.send(value).map_err(|_| Unsent::Ended),
        }
    }
}

fn next_batch<T>(receiver: &Receiver<T>, batching: Batching) -> Option<Vec<T>> {
    let mut batch = vec![receiver.recv().ok()?];
    while batch.len() < batching.most {
        let next = match batching.quiet {
            Duration::ZERO => receiver.try_recv().map_err(|_| RecvTimeoutError::Timeout),
            quiet => receiver.recv_timeout(quiet),
        };
        match next {
            Ok(next) => batch.push(next),
            Err(_) => break,
        }
    }
    Some(batch)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use parking_lot::Mutex;

    use super::*;

    const AT_ONCE: Batching = Batching { waiting: Some(8), most: 3, quiet: Duration::ZERO };

    /// A worker that goes on after each batch when it is let.
    struct Hesitant {
        worker: BatchWorker<u32>,
        /// Dropped to let it go on.
        leave: mpsc::Sender<()>,
        begun: Receiver<()>,
        batches: Arc<Mutex<Vec<Vec<u32>>>>,
    }

    impl Hesitant {
        fn start(batching: Batching) -> Self {
            let (leave, waits) = mpsc::channel();
            let (begins, begun) = mpsc::channel();
            let batches: Arc<Mutex<Vec<Vec<u32>>>> = Arc::default();
            let kept = Arc::clone(&batches);
            let worker = BatchWorker::start("hesitant", batching, move |batch| {
                kept.lock().push(batch);
                begins.send(()).expect("the test goes on");
                let _ = waits.recv();
            });
            Self { worker: worker.expect("it starts"), leave, begun, batches }
        }

        /// What it took, when it has ended.
        fn end(self) -> Vec<Vec<u32>> {
            let Self { worker, leave, batches, begun } = self;
            drop((leave, worker));
            drop(begun);
            std::mem::take(&mut batches.lock())
        }
    }

    #[test]
    fn what_waits_is_worked_off_together_also_at_the_end() {
        let hesitant = Hesitant::start(AT_ONCE);
        hesitant.worker.send(0).expect("there is room");
        hesitant.begun.recv().expect("it begins");
        for number in 1..=8 {
            hesitant.worker.send(number).expect("there is room");
        }
        assert_eq!(hesitant.worker.send(9), Err(Unsent::Full));
        assert_eq!(hesitant.end(), [vec![0], vec![1, 2, 3], vec![4, 5, 6], vec![7, 8]]);
    }

    #[test]
    fn what_is_sent_soon_after_is_taken_with_it() {
        let hesitant = Hesitant::start(Batching { waiting: None, quiet: Duration::from_secs(20), ..AT_ONCE });
        for number in 0..3 {
            hesitant.worker.send(number).expect("there is room");
        }
        hesitant.begun.recv().expect("it begins when it has as many as it takes");
        assert_eq!(hesitant.end(), [vec![0, 1, 2]]);
    }

    #[test]
    fn a_worker_that_has_panicked_takes_nothing() {
        let worker =
            BatchWorker::start("panics", AT_ONCE, |_: Vec<()>| panic!("as it should")).expect("it starts");
        while worker.send(()) != Err(Unsent::Ended) {
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_thread_is_waited_for_and_has_a_name() {
        let (sender, receiver) = mpsc::channel();
        let send = move || {
            let name = std::thread::current().name().map(str::to_owned);
            sender.send(name).expect("the test goes on");
        };
        drop(Thread::start("a name", send).expect("it starts"));
        assert_eq!(receiver.try_recv(), Ok(Some("a name".to_owned())));
    }

    #[test]
    fn a_thread_may_be_dropped_by_itself() {
        let (sender, receiver) = mpsc::channel::<Thread>();
        let (done, is_done) = mpsc::channel();
        let thread = Thread::start("itself", move || {
            drop(receiver.recv());
            done.send(()).expect("the test goes on");
        });
        sender.send(thread.expect("it starts")).expect("it listens");
        assert_eq!(is_done.recv(), Ok(()));
    }

    #[test]
    fn parallel_results_are_in_order() {
        assert_eq!(in_parallel(4, |number| number * 10), [0, 10, 20, 30]);
        assert_eq!(in_parallel(1, |number| number), [0]);
        assert_eq!(in_parallel(0, |number| number), Vec::<usize>::new());
        // All at the same time: each waits for the others.
        let barrier = std::sync::Barrier::new(3);
        assert_eq!(
            in_parallel(3, |_| barrier.wait().is_leader()).into_iter().filter(|leads| *leads).count(),
            1
        );
    }
}
