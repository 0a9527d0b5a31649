//! Telling the sites that were linked: the difference between links wanted and links sent.
//!
//! [`run`] reads the posts, lets the [outbox](plan::plan) compare them with the ledger, and has each page told
//! that is to be: our own page is looked at where it is online, the page that is linked is asked where it wants to be told, and is told. The
//! ledger is written before and after each message, so that a process may be killed at any moment and nobody is
//! told twice.

mod deliver;
mod log_file;
mod message;
mod page_text;
mod pages;
mod posts;
mod preflight;
mod report;

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::Mutex;
use url::Url;

use crate::config::Config;
use crate::date::Date;
use crate::diagnostic::Diagnostic;
use crate::engine;
use crate::error::{Error, Result};
use crate::http::client::{Client, Request};
use crate::linkback::address::Address;
use crate::linkback::outbox::log::{SendKey, SendLog, SendRecord};
use crate::linkback::outbox::plan::{self, PlanScope, PostLinks, PublishedPost, SendTask};
use crate::path::SourcePath;
use crate::send::deliver::{LinkbackSender, PreflightLevel, SendOptions};
use crate::send::log_file::SendLogFile;
use crate::send::posts::Posts;

pub use crate::send::log_file::read as read_ledger;
pub use crate::send::report::{Delivery, DeliveryOutcome, FirstRun, FirstRunCause, SendReport};

/// What is to be sent.
#[derive(Debug, Clone)]
pub struct SendRequest {
    /// The site, and the moment.
    pub site: engine::Request,
    /// What it is about.
    pub whom: SendScope,
    /// From which day on posts are news; kept in the ledger.
    pub since: Option<String>,
    /// How far it goes.
    pub mode: SendMode,
    /// How long a host is left alone between two messages.
    pub pause: Duration,
}

/// What a run is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendScope {
    /// Everyone that any post has news for.
    All,
    /// Everyone that one post has news for; what waits or failed is tried at once.
    Post(SourcePath),
    /// One page, that is told of one other.
    Pair {
        /// The page with the link.
        source: String,
        /// The page it leads to.
        target: String,
    },
}

/// How far a run goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendMode {
    /// Up to finding out who would be told and how.
    DryRun,
    /// To the end.
    Send,
    /// Everything is written down as if it had been sent.
    MarkSent,
}

/// The pause between two messages to one host: WordPress refuses a second comment within 15 seconds.
pub const PAUSE: Duration = Duration::from_secs(15);

/// Somebody who watches a run.
pub trait SendObserver: Sync {
    /// A page was told, or was not.
    fn told(&self, _letter: &Delivery) {}
    /// A host is left alone for so long.
    fn waits(&self, _host: &str, _left: Duration) {}
}

/// Observes nothing.
impl SendObserver for () {}

/// The time of a run: it goes on from the moment it was asked for.
#[derive(Debug, Clone, Copy)]
struct RunClock {
    start: DateTime<Utc>,
    began: Instant,
}

impl RunClock {
    fn now(self) -> DateTime<Utc> {
        self.start + TimeDelta::from_std(self.began.elapsed()).unwrap_or_default()
    }
}

/// Tells whoever is to be told.
pub fn run(request: &SendRequest, watch: &dyn SendObserver) -> Result<SendReport> {
    let clock = RunClock { start: request.site.now, began: Instant::now() };
    let (mut file, mut diagnostics) =
        SendLogFile::open(&request.site.root, &engine::settings(&request.site)?.0)?;
    let mut posts = Posts::read(&request.site)?;
    diagnostics.append(&mut posts.errors);
    if diagnostics.iter().any(Diagnostic::is_error) {
        return Ok(SendReport { diagnostics, ..SendReport::default() });
    }
    let interrupted = plan::recover(&mut file.sent);
    let mut report = SendReport { diagnostics, interrupted, ..SendReport::default() };
    if let Some(since) = &request.since {
        file.sent.since = Some(day(since, &posts.config)?);
    }
    let published = posts.published(&file.sent, &request.whom)?;
    if request.mode == SendMode::MarkSent {
        plan::mark(&mut file.sent, &published, clock.now());
        file.save()?;
        report.marked = Some(published.len());
        return Ok(report);
    }
    report.surprise = surprise(&file, &published, request);
    let run = SendRun { request, posts: &posts, published: &published, clock };
    match (&report.surprise, request.mode) {
        (None, _) => run.tell(&mut report, file, watch)?,
        (Some(_), SendMode::DryRun) => report.letters = run.unasked(&mut file.sent, watch)?,
        (Some(_), _) => {}
    }
    Ok(report)
}

/// A run that may tell somebody.
struct SendRun<'a> {
    request: &'a SendRequest,
    posts: &'a Posts,
    published: &'a [PublishedPost],
    clock: RunClock,
}

impl SendRun<'_> {
    /// Has everyone told for whom there is news.
    fn tell(&self, report: &mut SendReport, mut file: SendLogFile, watch: &dyn SendObserver) -> Result<()> {
        let (mode, whom) = (self.request.mode, &self.request.whom);
        if *whom == SendScope::All && file.sent.since.is_none() {
            file.sent.since = Some(beginning(self.published, self.clock));
        }
        let tasks = self.tasks(&mut file.sent)?;
        let client = Client::new(&self.posts.config.network, &self.posts.config.base_url);
        let is_by_hand = matches!(whom, SendScope::Pair { .. });
        // A pair that a person named is written down when it turns out to be one.
        if mode == SendMode::Send && !is_by_hand {
            file.save_news()?;
            ask_for_verdicts(&client, &mut file, self.clock)?;
        }
        let proof = if is_by_hand { PreflightLevel::Link } else { PreflightLevel::LinkAndText };
        let options = SendOptions { watch, mode, proof, pause: self.request.pause, clock: self.clock };
        let sender = LinkbackSender::new(&client, file, self.posts, options);
        report.letters = deliver(&sender, tasks)?;
        // What is due already has an obstacle, which was named.
        let now = self.clock.now();
        let next = |record: SendRecord| record.next.filter(|next| *next > now);
        let waiting: Vec<_> = sender.into_ledger().records.into_values().filter_map(next).collect();
        report.waiting = waiting.len();
        report.next = waiting.into_iter().min();
        Ok(())
    }

    /// Who would be told of a blog that is older than its ledger. These may be thousands of pages on as many hosts: for
    /// a look at what there is, none of them is asked anything.
    fn unasked(&self, sent: &mut SendLog, watch: &dyn SendObserver) -> Result<Vec<Delivery>> {
        let tasks = self.tasks(sent)?;
        let letter = |task: &SendTask| {
            Some(Delivery::about(task, sent.records.get(&task.key)?, (None, DeliveryOutcome::Unasked)))
        };
        let letters: Vec<Delivery> = tasks.iter().filter_map(letter).collect();
        letters.iter().for_each(|letter| watch.told(letter));
        Ok(letters)
    }

    /// What is due, noted in the ledger.
    fn tasks(&self, sent: &mut SendLog) -> Result<Vec<SendTask>> {
        let (published, now) = (self.published, self.clock.now());
        Ok(match &self.request.whom {
            SendScope::All => plan::plan(sent, published, PlanScope::Site, now),
            SendScope::Post(_) => {
                published.iter().for_each(|post| plan::hurry(sent, &post.post));
                plan::plan(sent, published, PlanScope::Posts, now)
            }
            SendScope::Pair { source, target } => {
                let (source, target) = (address("--source", source)?, address("--target", target)?);
                let of = published.iter().find(|post| post.source == source);
                let (post, text) = of.map_or((source.as_str(), ""), |post| (&post.post, &post.text));
                let key = SendKey { post: post.to_owned(), target };
                vec![plan::add_by_hand(sent, &key, &source, text)]
            }
        })
    }
}

/// The moment a day begins.
fn day(text: &str, config: &Config) -> Result<DateTime<Utc>> {
    let date = Date::parse(text, config.timezone)
        .map_err(|reason| Error::Argument { given: format!("--since {text}"), reason })?;
    Ok(date.time().to_utc())
}

/// A post that is older than this was published before anybody thought of sending.
const OLD: TimeDelta = TimeDelta::days(7);

/// What nobody expects to go out: the links of old posts, at the first run of a blog that was there before; and those
/// of any post, if what was told of them is forgotten.
fn surprise(file: &SendLogFile, published: &[PublishedPost], request: &SendRequest) -> Option<FirstRun> {
    if file.sent.since.is_some() || request.whom != SendScope::All {
        return None;
    }
    let is_untold = |post: &PublishedPost, target: &String| {
        let key = SendKey { post: post.post.clone(), target: target.clone() };
        !file.sent.records.contains_key(&key)
    };
    let links = |post: &PublishedPost| match &post.links {
        PostLinks::Now(targets) => targets.iter().filter(|target| is_untold(post, target)).count(),
        PostLinks::Unchanged | PostLinks::Nobodys => 0,
    };
    let with_links: Vec<(&PublishedPost, usize)> =
        published.iter().map(|post| (post, links(post))).filter(|(_, links)| *links > 0).collect();
    let is_old = |(post, _): &(&PublishedPost, usize)| post.moment < request.site.now - OLD;
    let why = if file.is_lost { FirstRunCause::Lost } else { FirstRunCause::Old };
    let is_expected = if file.is_lost { with_links.is_empty() } else { !with_links.iter().any(is_old) };
    let links = with_links.iter().map(|(_, links)| links).sum();
    (!is_expected).then_some(FirstRun { why, posts: with_links.len(), links })
}

/// From when on the posts of a new blog are news.
fn beginning(published: &[PublishedPost], clock: RunClock) -> DateTime<Utc> {
    let news = published.iter().filter(|post| matches!(post.links, PostLinks::Now(_)));
    news.map(|post| post.moment).min().unwrap_or(clock.start).min(clock.start)
}

/// An address that a person typed.
fn address(option: &str, text: &str) -> Result<String> {
    match Address::parse(text) {
        Ok(address) => Ok(address.as_str().to_owned()),
        Err(refusal) => Err(Error::Argument {
            given: format!("{option} {text}"),
            reason: format!("{refusal}; write it as https://example.com/page/"),
        }),
    }
}

/// Hosts that are spoken to at the same time.
const AT_ONCE: usize = 4;

/// Tells everyone, one after the other on one host, several hosts at a time.
fn deliver(sender: &LinkbackSender<'_>, tasks: Vec<SendTask>) -> Result<Vec<Delivery>> {
    let mut hosts: BTreeMap<String, Vec<SendTask>> = BTreeMap::new();
    for task in tasks {
        let host = Url::parse(&task.key.target).ok().and_then(|url| url.host_str().map(str::to_owned));
        hosts.entry(host.unwrap_or_default()).or_default().push(task);
    }
    let queue: Mutex<VecDeque<Vec<SendTask>>> = Mutex::new(hosts.into_values().collect());
    let letters = Mutex::new(Vec::new());
    let next = || queue.lock().pop_front();
    let work = || -> Result<()> {
        while let Some(tasks) = next() {
            for task in tasks {
                // What cannot be written down must not be sent, and the others stop as well.
                let letter = sender.deliver(&task).inspect_err(|_| queue.lock().clear())?;
                sender.watch().told(&letter);
                letters.lock().push(letter);
            }
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().expect("delivering does not panic"))
    })?;
    let mut letters = letters.into_inner();
    letters.sort_by(|a: &Delivery, b: &Delivery| (&a.post, &a.target).cmp(&(&b.post, &b.target)));
    Ok(letters)
}

/// Asks the receivers that said where to ask what became of a linkback.
fn ask_for_verdicts(client: &Client, file: &mut SendLogFile, clock: RunClock) -> Result<()> {
    let open = plan::undecided(&file.sent, clock.now());
    let mut is_changed = false;
    for (key, status) in open {
        let ask = Request::get(&status)
            .purpose("asking what became of a webmention")
            .accept("application/json, */*;q=0.5");
        let Ok(response) = client.fetch(&ask) else { continue };
        // A server in trouble says nothing of the linkback; it is asked again by the next run.
        if message::is_passing(response.status) {
            continue;
        }
        if let Some(record) = file.sent.records.get_mut(&key) {
            record.verdict = message::verdict(&response);
            is_changed = true;
        }
    }
    if is_changed { file.save() } else { Ok(()) }
}

/// The ledger of a site, for those who only look.
#[derive(Debug)]
pub struct SendStatus {
    /// Where it is.
    pub path: PathBuf,
    /// From when on posts are news.
    pub since: Option<DateTime<Utc>>,
    /// Everything in it, in its order.
    pub records: Vec<(SendKey, SendRecord)>,
    /// Its faults.
    pub diagnostics: Vec<Diagnostic>,
}
