//! Sends linkbacks: the difference between the links of the posts and the links recorded as sent.
//!
//! [`run`] reads the posts, lets the [`outbox`](crate::linkback::outbox) compare them with the log, and delivers a message for
//! each task: the own page is checked where it is online, the linked page is asked for its endpoint, and the endpoint gets
//! the message. The log is written before and after each message, so that a process may be killed at any moment and no
//! message is sent twice.

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
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::Mutex;
use url::Url;

use crate::config::Config;
use crate::date::Date;
use crate::diagnostic::Diagnostic;
use crate::engine::workspace::Workspace;
use crate::error::{Error, Result};
use crate::http::client::{Client, Request};
use crate::linkback::address::Address;
use crate::linkback::outbox::log::{SendKey, SendLog, SendRecord};
use crate::linkback::outbox::plan::{self, PlanScope, PostLinks, PublishedPost, SendTask};
use crate::path::SourcePath;
use crate::send::deliver::{LinkbackSender, PreflightLevel, SendOptions};
use crate::send::log_file::SendLogFile;
use crate::send::posts::Posts;
use crate::sys::clock::Clock;
use crate::sys::worker::in_parallel;

pub(crate) use crate::send::log_file::read as read_log;
pub(crate) use crate::send::report::ReceiverVerdict;
pub use crate::send::report::{Delivery, DeliveryOutcome, FirstRun, FirstRunCause, SendReport};

/// What is to be sent.
#[derive(Debug, Clone)]
pub struct SendRequest {
    /// The links it is about.
    pub scope: SendScope,
    /// The day from which posts are news; kept in the log.
    pub since: Option<String>,
    /// How far it goes.
    pub mode: SendMode,
    /// The pause between two messages to one host.
    pub pause: Duration,
}

impl SendRequest {
    /// Everything that is news, as it is sent after a publish.
    pub fn all() -> Self {
        Self { scope: SendScope::All, since: None, mode: SendMode::Send, pause: PAUSE }
    }
}

/// The links a run is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendScope {
    All,
    /// Those of one post, by its file or its id; what waits or failed is tried at once.
    Post(SourcePath),
    /// One link, named by hand.
    Pair {
        /// The page with the link.
        source: String,
        target: String,
    },
}

/// How far a run goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendMode {
    /// Endpoints are looked for, but no message is sent and nothing is recorded.
    DryRun,
    Send,
    /// All links are recorded as sent, and no message is sent.
    MarkSent,
}

/// The pause between two messages to one host: WordPress refuses a second comment within 15 seconds.
pub(crate) const PAUSE: Duration = Duration::from_secs(15);

/// Observes a run.
pub trait SendObserver: Sync {
    /// A task is done, whatever came of it.
    fn delivered(&self, _delivery: &Delivery) {}
    /// The next message to a host waits for this long.
    fn waits(&self, _host: &str, _left: Duration) {}
}

/// Observes nothing.
impl SendObserver for () {}

/// Sends linkbacks.
pub fn run(site: &mut Workspace, request: &SendRequest, observer: &dyn SendObserver) -> Result<SendReport> {
    let began = site.now();
    let clock = Clock::starting_at(began);
    let (mut file, mut diagnostics) = SendLogFile::open(&site.source().root, site.config())?;
    let mut posts = Posts::read(site);
    diagnostics.append(&mut posts.errors);
    if diagnostics.iter().any(Diagnostic::is_error) {
        return Ok(SendReport { diagnostics, ..SendReport::default() });
    }
    let interrupted = plan::recover(&mut file.sent);
    let mut report = SendReport { diagnostics, interrupted, ..SendReport::default() };
    if let Some(since) = &request.since {
        file.sent.since = Some(day(since, &posts.config)?);
    }
    let published = posts.published(&file.sent, &request.scope)?;
    if request.mode == SendMode::MarkSent {
        plan::mark(&mut file.sent, &published, clock.now());
        file.save()?;
        report.marked = Some(published.len());
        return Ok(report);
    }
    report.first_run = first_run(&file, &published, request, began);
    let run = SendRun { request, posts: &posts, published: &published, began, clock: &clock };
    match (&report.first_run, request.mode) {
        (None, _) => run.send(&mut report, file, observer)?,
        (Some(_), SendMode::DryRun) => report.deliveries = run.without_lookup(&mut file.sent, observer)?,
        (Some(_), _) => {}
    }
    Ok(report)
}

/// A run that may send messages.
struct SendRun<'a> {
    request: &'a SendRequest,
    posts: &'a Posts,
    published: &'a [PublishedPost],
    /// Runs on from the moment of the request.
    /// When the run began.
    began: DateTime<Utc>,
    clock: &'a Clock,
}

impl SendRun<'_> {
    fn send(
        &self,
        report: &mut SendReport,
        mut file: SendLogFile,
        observer: &dyn SendObserver,
    ) -> Result<()> {
        let (mode, scope) = (self.request.mode, &self.request.scope);
        if *scope == SendScope::All && file.sent.since.is_none() {
            file.sent.since = Some(first_moment(self.published, self.began));
        }
        let tasks = self.tasks(&mut file.sent)?;
        let client = Client::new(&self.posts.config.network, &self.posts.config.base_url);
        let is_by_hand = matches!(scope, SendScope::Pair { .. });
        // A pair named by hand is recorded when its endpoint is found.
        if mode == SendMode::Send && !is_by_hand {
            file.save_news()?;
            report.verdicts = ask_for_verdicts(&client, &mut file, self.clock)?;
        }
        let preflight = if is_by_hand { PreflightLevel::Link } else { PreflightLevel::LinkAndText };
        let options = SendOptions { observer, mode, preflight, pause: self.request.pause, clock: self.clock };
        let sender = LinkbackSender::new(&client, file, self.posts, options);
        report.deliveries = deliver(&sender, tasks)?;
        // A record that is due by now has an obstacle, which was reported.
        let now = self.clock.now();
        let records = sender.into_log().records.into_values();
        let waiting: Vec<_> = records.filter_map(|record| record.next.filter(|next| *next > now)).collect();
        report.waiting = waiting.len();
        report.next = waiting.into_iter().min();
        Ok(())
    }

    /// The tasks of a blog that is older than its log, without a request to any page: there may be thousands of them.
    fn without_lookup(&self, sent: &mut SendLog, observer: &dyn SendObserver) -> Result<Vec<Delivery>> {
        let mut deliveries = Vec::new();
        for task in self.tasks(sent)? {
            let Some(record) = sent.records.get(&task.key) else { continue };
            let delivery = Delivery::new(&task, record, None, DeliveryOutcome::Unasked);
            observer.delivered(&delivery);
            deliveries.push(delivery);
        }
        Ok(deliveries)
    }

    /// The tasks that are due, noted in the log.
    fn tasks(&self, sent: &mut SendLog) -> Result<Vec<SendTask>> {
        let (published, now) = (self.published, self.clock.now());
        Ok(match &self.request.scope {
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

/// The age from which a post counts as older than the first use of `send`.
const OLD: TimeDelta = TimeDelta::days(7);

/// The messages that an author does not expect to go out: those of old posts at the first run of an existing blog, and those
/// of all posts if the log is lost.
fn first_run(
    file: &SendLogFile,
    published: &[PublishedPost],
    request: &SendRequest,
    now: DateTime<Utc>,
) -> Option<FirstRun> {
    if file.sent.since.is_some() || request.scope != SendScope::All {
        return None;
    }
    let (mut posts, mut links, mut has_old) = (0, 0, false);
    for post in published {
        let unsent = unsent_links(post, &file.sent);
        if unsent > 0 {
            posts += 1;
            links += unsent;
            has_old |= post.moment < now - OLD;
        }
    }
    match file.is_lost {
        true if posts > 0 => Some(FirstRun { why: FirstRunCause::Lost, posts, links }),
        false if has_old => Some(FirstRun { why: FirstRunCause::Old, posts, links }),
        _ => None,
    }
}

/// How many links of a post the log does not know.
fn unsent_links(post: &PublishedPost, sent: &SendLog) -> usize {
    let PostLinks::Now(targets) = &post.links else { return 0 };
    let keys = targets.iter().map(|target| SendKey { post: post.post.clone(), target: target.clone() });
    keys.filter(|key| !sent.records.contains_key(key)).count()
}

/// The moment from which the posts of a new blog are news.
fn first_moment(published: &[PublishedPost], now: DateTime<Utc>) -> DateTime<Utc> {
    let news = published.iter().filter(|post| matches!(post.links, PostLinks::Now(_)));
    news.map(|post| post.moment).min().unwrap_or(now).min(now)
}

/// An address from the command line.
fn address(option: &str, text: &str) -> Result<String> {
    match Address::parse(text) {
        Ok(address) => Ok(address.as_str().to_owned()),
        Err(refusal) => Err(Error::Argument {
            given: format!("{option} {text}"),
            reason: format!("{refusal}; write it as https://example.com/page/"),
        }),
    }
}

/// How many hosts get messages at the same time.
const AT_ONCE: usize = 4;

/// Delivers all messages, one after the other to one host, to several hosts at a time.
fn deliver(sender: &LinkbackSender<'_>, tasks: Vec<SendTask>) -> Result<Vec<Delivery>> {
    let mut hosts: BTreeMap<String, Vec<SendTask>> = BTreeMap::new();
    for task in tasks {
        let host = Url::parse(&task.key.target).ok().and_then(|url| url.host_str().map(str::to_owned));
        hosts.entry(host.unwrap_or_default()).or_default().push(task);
    }
    let queue: Mutex<VecDeque<Vec<SendTask>>> = Mutex::new(hosts.into_values().collect());
    let deliveries = Mutex::new(Vec::new());
    in_parallel(AT_ONCE, |_| deliver_queue(sender, &queue, &deliveries))
        .into_iter()
        .collect::<Result<()>>()?;
    let mut deliveries = deliveries.into_inner();
    deliveries.sort_by(|a, b| (&a.post, &a.target).cmp(&(&b.post, &b.target)));
    Ok(deliveries)
}

/// Delivers the messages to one host after the other until the queue is empty.
fn deliver_queue(
    sender: &LinkbackSender<'_>,
    queue: &Mutex<VecDeque<Vec<SendTask>>>,
    deliveries: &Mutex<Vec<Delivery>>,
) -> Result<()> {
    loop {
        // The lock is not held while messages are sent.
        let Some(tasks) = queue.lock().pop_front() else { return Ok(()) };
        for task in tasks {
            // A message that cannot be recorded must not be sent, and the other threads stop as well.
            let delivery = sender.deliver(&task).inspect_err(|_| queue.lock().clear())?;
            sender.observer().delivered(&delivery);
            deliveries.lock().push(delivery);
        }
    }
}

/// Asks the receivers that gave a status address what became of a linkback.
fn ask_for_verdicts(client: &Client, file: &mut SendLogFile, clock: &Clock) -> Result<Vec<ReceiverVerdict>> {
    let open = plan::undecided(&file.sent, clock.now());
    let mut verdicts = Vec::new();
    for (key, status) in open {
        let ask = Request::get(&status)
            .purpose("asking what became of a webmention")
            .accept("application/json, */*;q=0.5");
        let Ok(response) = client.fetch(&ask) else { continue };
        // An error of the server says nothing about the linkback; the next run asks again.
        if message::is_passing(response.status) {
            continue;
        }
        if let Some(record) = file.sent.records.get_mut(&key) {
            let verdict = message::verdict(&response);
            if record.verdict != verdict {
                record.verdict.clone_from(&verdict);
                verdicts.push(ReceiverVerdict { post: key.post, target: key.target, verdict });
            }
        }
    }
    if !verdicts.is_empty() {
        file.save()?;
    }
    Ok(verdicts)
}

/// The log of a site.
#[derive(Debug)]
pub(crate) struct SendStatus {
    pub path: PathBuf,
    /// The moment from which posts are news.
    pub since: Option<DateTime<Utc>>,
    /// All records, in the order of the log.
    pub records: Vec<(SendKey, SendRecord)>,
    /// Faults of the log.
    pub diagnostics: Vec<Diagnostic>,
}
