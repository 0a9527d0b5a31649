//! Threads that colour code while others read posts and render pages.
//!
//! Rendering need not wait for a thread to wake up: blocks are begun as soon as they are known, long
//! before their page is rendered. A thread keeps to one language as long as there is work in it, because lines
//! it has coloured once cost it nothing again.
//!
//! A grammar may hang within a line. Whoever waits for its block gives up after a while, and another thread takes the place
//! of the one that is lost.

use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hashbrown::HashMap;
use parking_lot::{Condvar, Mutex};

use crate::hash::Hash;
use crate::post::highlight::{self, Memory};
use crate::sys::worker::Thread;

/// Loading the grammars, and compiling those of a language, is not the block's fault.
const FIRST_USE: Duration = Duration::from_secs(2);

/// How often a waiting thread checks for workers that hang.
const POLL: Duration = Duration::from_millis(250);

/// A block to colour.
#[derive(Debug, Clone)]
pub(super) struct HighlightJob {
    /// The name of a language that is known.
    pub(super) language: &'static str,
    pub(super) code: String,
    pub(super) budget: Duration,
}

/// What became of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum HighlightOutcome {
    Done(Box<str>),
    /// It cannot be coloured.
    Plain,
    TooLong,
}

/// How a block is coloured.
pub(super) type HighlightFn = fn(&HighlightJob, &mut Memory) -> HighlightOutcome;

/// The threads, and what they did so far.
pub(super) struct HighlightPool {
    shared: Arc<Shared>,
    /// How many threads work at once.
    most: usize,
}

struct Shared {
    colour: HighlightFn,
    queue: Mutex<Queue>,
    /// There is work, or there will never be any more.
    work: Condvar,
    /// A block is done.
    done: Condvar,
}

/// What is to do, and what is done.
#[derive(Default)]
struct Queue {
    waiting: BTreeMap<&'static str, VecDeque<(Hash, HighlightJob)>>,
    blocks: HashMap<Hash, Progress>,
    /// Blocks that are waited for, once for each waiting thread.
    awaited: Vec<Hash>,
    workers: usize,
    idle: usize,
    /// Names for workers.
    spawned: usize,
    is_closed: bool,
}

/// How far a block is.
enum Progress {
    Waiting,
    /// Some worker has it, and should be done by then.
    Begun {
        worker: usize,
        until: Instant,
    },
    Ended(HighlightOutcome),
}

impl HighlightPool {
    /// A pool of at most `most` threads, which are spawned as they are needed.
    pub(super) fn new(most: usize, colour: HighlightFn) -> Self {
        let shared = Shared { colour, queue: Mutex::default(), work: Condvar::new(), done: Condvar::new() };
        Self { shared: Arc::new(shared), most: most.max(1) }
    }

    /// Queues a block, which is identified by `key`, unless it is queued or done.
    pub(super) fn begin(&self, key: Hash, job: impl FnOnce() -> HighlightJob) {
        self.enlist(&mut self.shared.queue.lock(), key, job);
    }

    /// What became of a block, which is begun if it was not. Waits for its end.
    pub(super) fn outcome(&self, key: Hash, job: impl FnOnce() -> HighlightJob) -> HighlightOutcome {
        let mut queue = self.shared.queue.lock();
        self.enlist(&mut queue, key, job);
        loop {
            match queue.blocks.get(&key) {
                Some(Progress::Ended(HighlightOutcome::TooLong)) => {
                    // Whoever asks again may find the machine less busy.
                    queue.blocks.remove(&key);
                    return HighlightOutcome::TooLong;
                }
                Some(Progress::Ended(outcome)) => return outcome.clone(),
                Some(Progress::Waiting | Progress::Begun { .. }) => {}
                // Another waiting thread has noted that it took too long.
                None => return HighlightOutcome::TooLong,
            }
            queue.awaited.push(key);
            let timeout = self.shared.done.wait_for(&mut queue, POLL);
            if let Some(at) = queue.awaited.iter().position(|awaited| *awaited == key) {
                queue.awaited.swap_remove(at);
            }
            if timeout.timed_out() {
                self.replace_lost(&mut queue);
            }
        }
    }

    /// Calls a function with every block that was coloured.
    pub(super) fn with_done<T>(&self, take: impl FnOnce(Vec<(&Hash, &str)>) -> T) -> T {
        let queue = self.shared.queue.lock();
        let done = queue.blocks.iter().filter_map(|(key, progress)| match progress {
            Progress::Ended(HighlightOutcome::Done(html)) => Some((key, &**html)),
            _ => None,
        });
        take(done.collect())
    }

    fn enlist(&self, queue: &mut Queue, key: Hash, job: impl FnOnce() -> HighlightJob) {
        if queue.blocks.contains_key(&key) {
            return;
        }
        if queue.idle == 0 && queue.workers < self.most {
            self.spawn(queue);
        }
        if queue.workers == 0 {
            queue.blocks.insert(key, Progress::Ended(HighlightOutcome::Plain));
            return;
        }
        let job = job();
        queue.blocks.insert(key, Progress::Waiting);
        queue.waiting.entry(job.language).or_default().push_back((key, job));
        self.shared.work.notify_one();
    }

    fn spawn(&self, queue: &mut Queue) {
        let (shared, worker) = (Arc::clone(&self.shared), queue.spawned);
        if let Ok(thread) = Thread::start("highlight", move || shared.work(worker)) {
            // One that hangs in a block is given up, and not waited for.
            thread.detach();
            queue.workers += 1;
            queue.spawned += 1;
        }
    }

    /// Gives up on blocks that should have been done long ago, and on the threads that hang in them.
    fn replace_lost(&self, queue: &mut Queue) {
        let now = Instant::now();
        let is_late =
            |progress: &&mut Progress| matches!(progress, Progress::Begun { until, .. } if *until < now);
        let mut lost = 0;
        for progress in queue.blocks.values_mut().filter(is_late) {
            *progress = Progress::Ended(HighlightOutcome::TooLong);
            lost += 1;
        }
        queue.workers -= lost;
        for _ in 0..lost {
            self.spawn(queue);
        }
        if queue.workers == 0 {
            for (key, _) in std::mem::take(&mut queue.waiting).into_values().flatten() {
                queue.blocks.insert(key, Progress::Ended(HighlightOutcome::Plain));
            }
        }
    }
}

impl Drop for HighlightPool {
    fn drop(&mut self) {
        let mut queue = self.shared.queue.lock();
        queue.is_closed = true;
        queue.waiting.clear();
        self.shared.work.notify_all();
    }
}

impl Shared {
    /// Colours one block after another until there will be no more.
    fn work(&self, worker: usize) {
        let mut memory = Memory::default();
        let mut language = "";
        while let Some((key, job)) = self.take(worker, language) {
            language = job.language;
            let outcome = catch_unwind(AssertUnwindSafe(|| (self.colour)(&job, &mut memory)));
            if outcome.is_err() {
                memory = Memory::default();
            }
            if !self.put(worker, key, outcome.unwrap_or(HighlightOutcome::Plain)) {
                break;
            }
        }
    }

    /// The next block, of this language if there is one.
    fn take(&self, worker: usize, language: &str) -> Option<(Hash, HighlightJob)> {
        let mut queue = self.queue.lock();
        loop {
            if queue.is_closed {
                return None;
            }
            if let Some((key, job)) = queue.next(language) {
                let until = Instant::now() + job.budget * 2 + FIRST_USE;
                queue.blocks.insert(key, Progress::Begun { worker, until });
                return Some((key, job));
            }
            queue.idle += 1;
            self.work.wait(&mut queue);
            queue.idle -= 1;
        }
    }

    /// Notes what became of a block; `false` if this worker was given up.
    fn put(&self, worker: usize, key: Hash, outcome: HighlightOutcome) -> bool {
        let mut queue = self.queue.lock();
        match queue.blocks.get_mut(&key) {
            Some(progress @ Progress::Begun { .. }) if progress.is_with(worker) => {
                *progress = Progress::Ended(outcome);
            }
            _ => return false,
        }
        // Waking a thread for nothing costs as much as colouring some lines of code.
        if queue.awaited.contains(&key) {
            self.done.notify_all();
        }
        true
    }
}

impl Progress {
    fn is_with(&self, who: usize) -> bool {
        matches!(self, Progress::Begun { worker, .. } if *worker == who)
    }
}

impl Queue {
    /// A block of `language`, or else of the one with most work.
    fn next(&mut self, language: &str) -> Option<(Hash, HighlightJob)> {
        let language = match self.waiting.get_key_value(language) {
            Some((language, _)) => *language,
            None => self.waiting.iter().max_by_key(|(_, jobs)| jobs.len()).map(|(language, _)| *language)?,
        };
        let jobs = self.waiting.get_mut(language)?;
        let job = jobs.pop_front();
        if jobs.is_empty() {
            self.waiting.remove(language);
        }
        job
    }
}

/// Colours a block by its grammar.
pub(super) fn by_grammar(job: &HighlightJob, memory: &mut Memory) -> HighlightOutcome {
    let mut began: Option<Instant> = None;
    let mut late = false;
    let html = highlight::highlight(job.language, &job.code, memory, &mut || {
        // The clock starts with the first line: what was before it was loading.
        let elapsed = began.get_or_insert_with(Instant::now).elapsed();
        late = elapsed > job.budget;
        !late
    });
    match html {
        Some(html) => HighlightOutcome::Done(html.into_boxed_str()),
        None if late => HighlightOutcome::TooLong,
        None => HighlightOutcome::Plain,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn job(language: &'static str, code: &str) -> impl FnOnce() -> HighlightJob {
        let code = code.to_owned();
        move || HighlightJob { language, code, budget: Duration::ZERO }
    }

    fn key(code: &str) -> Hash {
        Hash::of(code.as_bytes())
    }

    fn done(html: &str) -> HighlightOutcome {
        HighlightOutcome::Done(html.into())
    }

    fn echo(job: &HighlightJob, _: &mut Memory) -> HighlightOutcome {
        done(&format!("{}: {}", job.language, job.code))
    }

    #[test]
    fn a_block_is_coloured_once_however_often_it_is_asked_for() {
        static CALLS: AtomicUsize = AtomicUsize::new(0);
        let pool = HighlightPool::new(2, |job, memory| {
            CALLS.fetch_add(1, Ordering::Relaxed);
            echo(job, memory)
        });
        pool.begin(key("a"), job("rust", "a"));
        pool.begin(key("a"), job("rust", "a"));
        for _ in 0..3 {
            assert_eq!(pool.outcome(key("a"), job("rust", "a")), done("rust: a"));
        }
        assert_eq!(pool.outcome(key("b"), job("python", "b")), done("python: b"));
        assert_eq!(CALLS.load(Ordering::Relaxed), 2);
        let mut all = pool.with_done(|all| all.iter().map(|(_, html)| html.to_string()).collect::<Vec<_>>());
        all.sort();
        assert_eq!(all, ["python: b", "rust: a"]);
    }

    #[test]
    fn a_panic_leaves_its_block_plain_and_harms_no_other() {
        let pool = HighlightPool::new(1, |job, memory| {
            assert_ne!(job.code, "bad", "as it should be");
            echo(job, memory)
        });
        assert_eq!(pool.outcome(key("bad"), job("rust", "bad")), HighlightOutcome::Plain);
        assert_eq!(pool.outcome(key("good"), job("rust", "good")), done("rust: good"));
    }

    #[test]
    fn a_thread_that_hangs_is_given_up_and_replaced() {
        let pool = HighlightPool::new(1, |job, memory| {
            if job.code == "endless" {
                loop {
                    std::thread::park();
                }
            }
            echo(job, memory)
        });
        pool.begin(key("endless"), job("rust", "endless"));
        // The only thread hangs, so that this one waits until another is there.
        assert_eq!(pool.outcome(key("a"), job("rust", "a")), done("rust: a"));
        assert_eq!(pool.outcome(key("endless"), job("rust", "endless")), HighlightOutcome::TooLong);
    }

    #[test]
    fn a_thread_keeps_to_its_language() {
        let mut queue = Queue::default();
        for (number, language) in ["rust", "python", "python", "python", "rust"].into_iter().enumerate() {
            let code = number.to_string();
            queue.waiting.entry(language).or_default().push_back((key(&code), job(language, &code)()));
        }
        let mut language = "";
        let mut order = Vec::new();
        while let Some((_, job)) = queue.next(language) {
            language = job.language;
            order.push(job.code);
        }
        assert_eq!(order, ["1", "2", "3", "0", "4"]);
        assert!(queue.waiting.is_empty());
    }
}
