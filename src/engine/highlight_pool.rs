//! Threads that colour code while others read posts and render pages.
//!
//! Nobody who asks for a block has to wait for a thread to wake up: blocks are begun as soon as they are known, long
//! before their page is rendered. A thread keeps to one language as long as there is work in it, because lines
//! it has coloured once cost it nothing again.
//!
//! A grammar may hang within a line. Whoever waits for its block gives up after a while, and another thread takes the place
//! of the one that is lost.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::hash::Hash;
use crate::post::highlight::{self, Memory};

/// Loading the grammars, and compiling those of a language, is not the block's fault.
const FIRST_USE: Duration = Duration::from_secs(2);

/// How often somebody who waits looks for threads that are lost.
const PATROL: Duration = Duration::from_millis(250);

/// A block to colour.
#[derive(Debug, Clone)]
pub(super) struct Job {
    /// The name of a language that is known.
    pub(super) language: &'static str,
    pub(super) code: String,
    pub(super) budget: Duration,
}

/// What became of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    Done(Box<str>),
    /// It cannot be coloured.
    Plain,
    TooLong,
}

/// How a block is coloured.
pub(super) type Colour = fn(&Job, &mut Memory) -> Outcome;

/// The threads, and what they did so far.
pub(super) struct Workshop {
    shop: Arc<Shop>,
    /// How many threads work at once.
    most: usize,
}

struct Shop {
    colour: Colour,
    bench: Mutex<Bench>,
    /// There is work, or there will never be any more.
    work: Condvar,
    /// A block is done.
    done: Condvar,
}

/// What is to do, and what is done.
#[derive(Default)]
struct Bench {
    waiting: BTreeMap<&'static str, VecDeque<(Hash, Job)>>,
    blocks: HashMap<Hash, Progress>,
    /// What somebody waits for, once for each who does.
    awaited: Vec<Hash>,
    hands: usize,
    idle: usize,
    /// Names for hands.
    hired: usize,
    is_closed: bool,
}

/// How far a block is.
enum Progress {
    Waiting,
    /// Some hand has it, and should be done by then.
    Begun {
        hand: usize,
        until: Instant,
    },
    Ended(Outcome),
}

impl Workshop {
    /// A workshop with at most so many threads, which are hired as they are needed.
    pub(super) fn new(most: usize, colour: Colour) -> Self {
        let shop = Shop { colour, bench: Mutex::default(), work: Condvar::new(), done: Condvar::new() };
        Self { shop: Arc::new(shop), most: most.max(1) }
    }

    /// Sees to it that a block is coloured. Blocks are told apart by `key`.
    pub(super) fn begin(&self, key: Hash, job: impl FnOnce() -> Job) {
        self.enlist(&mut self.shop.bench(), key, job);
    }

    /// What became of a block, which is begun if it was not. Waits for its end.
    pub(super) fn outcome(&self, key: Hash, job: impl FnOnce() -> Job) -> Outcome {
        let mut bench = self.shop.bench();
        self.enlist(&mut bench, key, job);
        loop {
            match bench.blocks.get(&key) {
                Some(Progress::Ended(Outcome::TooLong)) => {
                    // Whoever asks again may find the machine less busy.
                    bench.blocks.remove(&key);
                    return Outcome::TooLong;
                }
                Some(Progress::Ended(outcome)) => return outcome.clone(),
                Some(Progress::Waiting | Progress::Begun { .. }) => {}
                // Somebody else who waited has taken note that it took too long.
                None => return Outcome::TooLong,
            }
            bench.awaited.push(key);
            let waited = self.shop.done.wait_timeout(bench, PATROL);
            let (next, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            bench = next;
            if let Some(at) = bench.awaited.iter().position(|awaited| *awaited == key) {
                bench.awaited.swap_remove(at);
            }
            if timeout.timed_out() {
                self.replace_lost(&mut bench);
            }
        }
    }

    /// Gives every block that was coloured to somebody.
    pub(super) fn with_done<T>(&self, take: impl FnOnce(Vec<(&Hash, &str)>) -> T) -> T {
        let bench = self.shop.bench();
        let done = bench.blocks.iter().filter_map(|(key, progress)| match progress {
            Progress::Ended(Outcome::Done(html)) => Some((key, &**html)),
            _ => None,
        });
        take(done.collect())
    }

    fn enlist(&self, bench: &mut Bench, key: Hash, job: impl FnOnce() -> Job) {
        if bench.blocks.contains_key(&key) {
            return;
        }
        if bench.idle == 0 && bench.hands < self.most {
            self.hire(bench);
        }
        if bench.hands == 0 {
            bench.blocks.insert(key, Progress::Ended(Outcome::Plain));
            return;
        }
        let job = job();
        bench.blocks.insert(key, Progress::Waiting);
        bench.waiting.entry(job.language).or_default().push_back((key, job));
        self.shop.work.notify_one();
    }

    fn hire(&self, bench: &mut Bench) {
        let (shop, hand) = (Arc::clone(&self.shop), bench.hired);
        let builder = thread::Builder::new().name("highlight".to_owned());
        if builder.spawn(move || shop.work(hand)).is_ok() {
            bench.hands += 1;
            bench.hired += 1;
        }
    }

    /// Gives up on blocks that should have been done long ago, and on the threads that hang in them.
    fn replace_lost(&self, bench: &mut Bench) {
        let now = Instant::now();
        let is_late =
            |progress: &&mut Progress| matches!(progress, Progress::Begun { until, .. } if *until < now);
        let mut lost = 0;
        for progress in bench.blocks.values_mut().filter(is_late) {
            *progress = Progress::Ended(Outcome::TooLong);
            lost += 1;
        }
        bench.hands -= lost;
        for _ in 0..lost {
            self.hire(bench);
        }
        if bench.hands == 0 {
            for (key, _) in std::mem::take(&mut bench.waiting).into_values().flatten() {
                bench.blocks.insert(key, Progress::Ended(Outcome::Plain));
            }
        }
    }
}

impl Drop for Workshop {
    fn drop(&mut self) {
        let mut bench = self.shop.bench();
        bench.is_closed = true;
        bench.waiting.clear();
        self.shop.work.notify_all();
    }
}

impl Shop {
    /// A bench is never left half-written, so one that a panic left behind is as good as any.
    fn bench(&self) -> MutexGuard<'_, Bench> {
        self.bench.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Colours one block after another until there will be no more.
    fn work(&self, hand: usize) {
        let mut memory = Memory::default();
        let mut language = "";
        while let Some((key, job)) = self.take(hand, language) {
            language = job.language;
            let outcome = catch_unwind(AssertUnwindSafe(|| (self.colour)(&job, &mut memory)));
            if outcome.is_err() {
                memory = Memory::default();
            }
            if !self.put(hand, key, outcome.unwrap_or(Outcome::Plain)) {
                break;
            }
        }
    }

    /// The next block, of this language if there is one.
    fn take(&self, hand: usize, language: &str) -> Option<(Hash, Job)> {
        let mut bench = self.bench();
        loop {
            if bench.is_closed {
                return None;
            }
            if let Some((key, job)) = bench.next(language) {
                let until = Instant::now() + job.budget * 2 + FIRST_USE;
                bench.blocks.insert(key, Progress::Begun { hand, until });
                return Some((key, job));
            }
            bench.idle += 1;
            bench = self.work.wait(bench).unwrap_or_else(PoisonError::into_inner);
            bench.idle -= 1;
        }
    }

    /// Notes what became of a block; `false` if nobody expects that any more.
    fn put(&self, hand: usize, key: Hash, outcome: Outcome) -> bool {
        let mut bench = self.bench();
        match bench.blocks.get_mut(&key) {
            Some(progress @ Progress::Begun { .. }) if progress.is_with(hand) => {
                *progress = Progress::Ended(outcome);
            }
            _ => return false,
        }
        // To wake somebody for nothing costs as much as some lines of code.
        if bench.awaited.contains(&key) {
            self.done.notify_all();
        }
        true
    }
}

impl Progress {
    fn is_with(&self, who: usize) -> bool {
        matches!(self, Progress::Begun { hand, .. } if *hand == who)
    }
}

impl Bench {
    /// A block of `language`, or else of the one with most work.
    fn next(&mut self, language: &str) -> Option<(Hash, Job)> {
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
pub(super) fn by_grammar(job: &Job, memory: &mut Memory) -> Outcome {
    let mut began: Option<Instant> = None;
    let mut late = false;
    let html = highlight::highlight(job.language, &job.code, memory, &mut || {
        // The clock starts with the first line: what was before it was loading.
        let elapsed = began.get_or_insert_with(Instant::now).elapsed();
        late = elapsed > job.budget;
        !late
    });
    match html {
        Some(html) => Outcome::Done(html.into_boxed_str()),
        None if late => Outcome::TooLong,
        None => Outcome::Plain,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn job(language: &'static str, code: &str) -> impl FnOnce() -> Job {
        let code = code.to_owned();
        move || Job { language, code, budget: Duration::ZERO }
    }

    fn key(code: &str) -> Hash {
        Hash::of(code.as_bytes())
    }

    fn done(html: &str) -> Outcome {
        Outcome::Done(html.into())
    }

    fn echo(job: &Job, _: &mut Memory) -> Outcome {
        done(&format!("{}: {}", job.language, job.code))
    }

    #[test]
    fn a_block_is_coloured_once_however_often_it_is_asked_for() {
        static CALLS: AtomicUsize = AtomicUsize::new(0);
        let workshop = Workshop::new(2, |job, memory| {
            CALLS.fetch_add(1, Ordering::Relaxed);
            echo(job, memory)
        });
        workshop.begin(key("a"), job("rust", "a"));
        workshop.begin(key("a"), job("rust", "a"));
        for _ in 0..3 {
            assert_eq!(workshop.outcome(key("a"), job("rust", "a")), done("rust: a"));
        }
        assert_eq!(workshop.outcome(key("b"), job("python", "b")), done("python: b"));
        assert_eq!(CALLS.load(Ordering::Relaxed), 2);
        let mut all =
            workshop.with_done(|all| all.iter().map(|(_, html)| html.to_string()).collect::<Vec<_>>());
        all.sort();
        assert_eq!(all, ["python: b", "rust: a"]);
    }

    #[test]
    fn a_panic_leaves_its_block_plain_and_harms_no_other() {
        let workshop = Workshop::new(1, |job, memory| {
            assert_ne!(job.code, "bad", "as it should be");
            echo(job, memory)
        });
        assert_eq!(workshop.outcome(key("bad"), job("rust", "bad")), Outcome::Plain);
        assert_eq!(workshop.outcome(key("good"), job("rust", "good")), done("rust: good"));
    }

    #[test]
    fn a_thread_that_hangs_is_given_up_and_replaced() {
        let workshop = Workshop::new(1, |job, memory| {
            if job.code == "endless" {
                loop {
                    thread::park();
                }
            }
            echo(job, memory)
        });
        workshop.begin(key("endless"), job("rust", "endless"));
        // The only thread hangs, so that this one waits until another is there.
        assert_eq!(workshop.outcome(key("a"), job("rust", "a")), done("rust: a"));
        assert_eq!(workshop.outcome(key("endless"), job("rust", "endless")), Outcome::TooLong);
    }

    #[test]
    fn a_thread_keeps_to_its_language() {
        let mut bench = Bench::default();
        for (number, language) in ["rust", "python", "python", "python", "rust"].into_iter().enumerate() {
            let code = number.to_string();
            bench.waiting.entry(language).or_default().push_back((key(&code), job(language, &code)()));
        }
        let mut language = "";
        let mut order = Vec::new();
        while let Some((_, job)) = bench.next(language) {
            language = job.language;
            order.push(job.code);
        }
        assert_eq!(order, ["1", "2", "3", "0", "4"]);
        assert!(bench.waiting.is_empty());
    }
}
