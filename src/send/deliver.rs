//! Delivers one linkback: checks the own page, finds the endpoint, waits for the host, sends, and records the outcome. What a
//! message says and what its answer means is in [message].

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use parking_lot::Mutex;
use url::Url;

use crate::error::Result;
use crate::http::client::{Client, Limits, Request};
use crate::linkback::LinkbackKind;
use crate::linkback::address::Targets;
use crate::linkback::inbox::state::Hints;
use crate::linkback::outbox::log::{LinkChange, SendLog, SendRecord, SendState};
use crate::linkback::outbox::plan::{self, SendOutcome, SendTask};
use crate::linkback::protocol::discovery::{self, Endpoint, TargetResponse};
use crate::linkback::source::{self, LinkCheck, SourcePage};
use crate::send::log_file::SendLogFile;
use crate::send::message::{self, LinkbackMessage};
use crate::send::pages::OnlinePageResult;
use crate::send::posts::Posts;
use crate::send::preflight::OnlinePage;
use crate::send::{Delivery, DeliveryOutcome, SendMode, SendObserver};
use crate::sys::clock::{self, Clock};

/// Delivers the messages of a run.
pub(super) struct LinkbackSender<'a> {
    client: &'a Client,
    posts: &'a Posts,
    log: Mutex<SendLogFile>,
    /// Our own pages as they are online, by address.
    pages: Mutex<HashMap<String, OnlinePageResult>>,
    /// When each host may get the next message.
    free: Mutex<HashMap<String, Instant>>,
    /// Hosts that asked in this run for a pause, and until when (RFC 9110, section 10.2.3: `Retry-After`).
    closed: Mutex<HashMap<String, DateTime<Utc>>>,
    options: SendOptions<'a>,
}

/// How messages are delivered.
#[derive(Clone, Copy)]
pub(super) struct SendOptions<'a> {
    pub(super) observer: &'a dyn SendObserver,
    pub(super) mode: SendMode,
    pub(super) preflight: PreflightLevel,
    /// The pause between two messages to one host.
    pub(super) pause: Duration,
    pub(super) clock: &'a Clock,
}

/// What the own page has to be before a message is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PreflightLevel {
    /// It has the link, and the text of the post: an older page may have the link as well.
    LinkAndText,
    /// It has the link. For a link named by hand its text is not compared.
    Link,
}

/// What the linked page says of its endpoint.
enum EndpointSearch {
    Endpoint(Endpoint),
    Nothing(SendOutcome),
}

impl<'a> LinkbackSender<'a> {
    pub(super) fn new(
        client: &'a Client,
        file: SendLogFile,
        posts: &'a Posts,
        options: SendOptions<'a>,
    ) -> Self {
        let free = busy_hosts(&file.sent, options);
        Self {
            client,
            posts,
            log: Mutex::new(file),
            pages: Mutex::default(),
            free: Mutex::new(free),
            closed: Mutex::default(),
            options,
        }
    }

    pub(super) fn observer(&self) -> &dyn SendObserver {
        self.options.observer
    }

    pub(super) fn into_log(self) -> SendLog {
        self.log.into_inner().sent
    }

    /// Delivers one message and records the outcome. An error means that it could not be recorded.
    pub(super) fn deliver(&self, task: &SendTask) -> Result<Delivery> {
        let record = self.log.lock().sent.records.get(&task.key).cloned();
        let record = record.unwrap_or_else(|| SendRecord::new(&task.key.post, &task.key.target, ""));
        let obstacle = self.check_page(&task.key.post, &record).err();
        if let Some(reason) = obstacle.as_ref().filter(|_| self.options.mode == SendMode::Send) {
            let outcome = DeliveryOutcome::NotYet { reason: reason.clone() };
            return Ok(Delivery::new(task, &record, None, outcome));
        }
        // After the own page, which costs no other server anything.
        let endpoint = match self.find(&record) {
            EndpointSearch::Endpoint(endpoint) => endpoint,
            EndpointSearch::Nothing(outcome) => {
                return Ok(Delivery::new(task, &record, None, self.settle(task, &outcome)?));
            }
        };
        let outcome = match self.options.mode {
            SendMode::DryRun => DeliveryOutcome::Would { but: obstacle },
            SendMode::Send | SendMode::MarkSent => self.send(task, &record, &endpoint)?,
        };
        Ok(Delivery::new(task, &record, Some(&endpoint), outcome))
    }

    /// Sends the message to an endpoint. The log says so before it is sent.
    fn send(&self, task: &SendTask, record: &SendRecord, endpoint: &Endpoint) -> Result<DeliveryOutcome> {
        if endpoint.kind == LinkbackKind::Trackback && record.told.is_some() {
            let reason = "a trackback cannot be changed or taken back".to_owned();
            let kept = SendOutcome::Told { answer: reason.clone(), status: String::new() };
            self.change(|sent, now| {
                plan::begin(sent, &task.key, endpoint, now);
                plan::settle(sent, &task.key, &kept, now);
            })?;
            return Ok(DeliveryOutcome::Kept { reason });
        }
        let host = endpoint.url.host_str().unwrap_or_default();
        if let Err(next) = self.wait_for(host) {
            self.change(|sent, _| plan::postpone(sent, &task.key, next))?;
            return Ok(DeliveryOutcome::Later { reason: format!("`{host}` asked for a pause"), next });
        }
        // If the program is killed while the message is on its way, the log says that it may have arrived.
        self.change(|sent, now| plan::begin(sent, &task.key, endpoint, now))?;
        let hints = self.hints(&task.key.post, record, endpoint.kind);
        let outcome = LinkbackMessage { record, hints }.send(endpoint, self.client, self.options.clock);
        let end = self.settle(task, &outcome)?;
        if let (SendOutcome::Later { after: Some(_), .. }, DeliveryOutcome::Later { next, .. }) =
            (&outcome, &end)
        {
            // One answer speaks for all endpoints of the host.
            self.closed.lock().insert(host.to_owned(), *next);
        }
        self.leave(host);
        Ok(end)
    }

    /// Changes the log and saves it before anything else is done. A dry run does not save it.
    fn change(&self, change: impl FnOnce(&mut SendLog, DateTime<Utc>)) -> Result<()> {
        let mut log = self.log.lock();
        change(&mut log.sent, self.options.clock.now());
        if self.options.mode == SendMode::Send { log.save() } else { Ok(()) }
    }

    fn settle(&self, task: &SendTask, outcome: &SendOutcome) -> Result<DeliveryOutcome> {
        self.change(|sent, now| plan::settle(sent, &task.key, outcome, now))?;
        let next = self.log.lock().sent.records.get(&task.key).and_then(|record| record.next);
        Ok(match outcome {
            SendOutcome::Told { answer, .. } => DeliveryOutcome::Told { answer: answer.clone() },
            SendOutcome::Silent => DeliveryOutcome::Silent,
            SendOutcome::Refused { reason } => DeliveryOutcome::Failed { reason: reason.clone() },
            SendOutcome::Later { reason, .. } => match next {
                Some(next) => DeliveryOutcome::Later { reason: reason.clone(), next },
                None => DeliveryOutcome::Failed { reason: reason.clone() },
            },
        })
    }

    /// Checks that the own page that is online is as the message says.
    fn check_page(&self, post: &str, record: &SendRecord) -> std::result::Result<(), String> {
        let target = Url::parse(&record.target).map_err(|error| error.to_string())?;
        let live = self.look_at(&record.source)?;
        let proved = match record.news {
            LinkChange::Link => live.links_to(&target),
            LinkChange::Removal => live.links_no_more_to(&target),
            LinkChange::Deletion => live.is_gone(),
        };
        proved.map_err(|not_yet| not_yet.to_string())?;
        match self.posts.page(post) {
            Some(written)
                if record.news == LinkChange::Link
                    && self.options.preflight == PreflightLevel::LinkAndText =>
            {
                live.says_what(&*written?).map_err(|not_yet| not_yet.to_string())
            }
            _ => Ok(()),
        }
    }

    /// An own page as it is online. Each is fetched once, or twice if two threads need it at the same moment.
    fn look_at(&self, source: &str) -> OnlinePageResult {
        if let Some(known) = self.pages.lock().get(source) {
            return known.clone();
        }
        let asked = Url::parse(source).map_err(|error| error.to_string())?;
        let limits = Limits { body: LONGEST_PAGE, ..Limits::default() };
        let request = Request::get(source).purpose("looking for our own page").limits(limits);
        let live = match self.client.fetch(&request) {
            Ok(page) => {
                let content_type = page.headers.first("content-type").unwrap_or_default();
                Ok(Arc::new(OnlinePage::read(&asked, page.status, &page.url, content_type, &page.body)))
            }
            Err(error) => Err(format!("the page cannot be fetched: {error}")),
        };
        self.pages.lock().insert(source.to_owned(), live.clone());
        live
    }

    /// The endpoint of the linked page. It is looked for each time, as the Recommendation demands.
    fn find(&self, record: &SendRecord) -> EndpointSearch {
        let request = Request::get(&record.target).purpose("looking for a Webmention or pingback endpoint");
        let page = match self.client.fetch(&request) {
            Ok(page) => page,
            Err(error) => return EndpointSearch::Nothing(message::of_failure(&error)),
        };
        if !page.is_success() {
            return EndpointSearch::Nothing(message::of_status(&page, self.options.clock));
        }
        let Ok(target) = Url::parse(&record.target) else {
            return EndpointSearch::Nothing(SendOutcome::Silent);
        };
        let links: Vec<&str> = page.headers.all("link").collect();
        let page = TargetResponse {
            target: &target,
            url: &page.url,
            links: &links,
            pingback: page.headers.first("x-pingback"),
            content_type: page.headers.first("content-type").unwrap_or_default(),
            body: &page.body,
        };
        let all = [LinkbackKind::Webmention, LinkbackKind::Pingback, LinkbackKind::Trackback];
        let spoken = if self.posts.config.send.trackbacks { &all[..] } else { &all[..2] };
        match discovery::discover(&page, spoken) {
            Some(endpoint) => EndpointSearch::Endpoint(endpoint),
            None => EndpointSearch::Nothing(SendOutcome::Silent),
        }
    }

    /// Waits until the host of an endpoint may get a message, and reserves the host. The error is the end of a pause that the
    /// host asked for, which is too long to wait for.
    fn wait_for(&self, host: &str) -> std::result::Result<(), DateTime<Utc>> {
        loop {
            if let Some(until) = self.closed.lock().get(host) {
                return Err(*until);
            }
            let now = Instant::now();
            // The lock is dropped before the sleep: other hosts need not wait.
            let left = {
                let mut free = self.free.lock();
                let at = free.get(host).copied().unwrap_or(now);
                if at <= now {
                    free.insert(host.to_owned(), now + self.options.pause);
                    return Ok(());
                }
                at - now
            };
            self.options.observer.waits(host, left);
            clock::sleep(left);
        }
    }

    /// Begins the pause of a host, at the end of a message, as the host may have been slow to answer.
    fn leave(&self, host: &str) {
        self.free.lock().insert(host.to_owned(), Instant::now() + self.options.pause);
    }

    /// What a trackback says of the post besides its address.
    fn hints(&self, post: &str, record: &SendRecord, kind: LinkbackKind) -> Hints {
        let site = self.posts.config.title.clone();
        match self.posts.by_id(post) {
            Some(post) => Hints { title: post.label(), excerpt: post.description.clone(), site },
            None if kind == LinkbackKind::Trackback => Hints { site, ..self.hints_of_page(record) },
            None => Hints { title: record.source.clone(), excerpt: String::new(), site },
        }
    }

    /// What a page says of itself that is not a post: its title, and the words around the link.
    fn hints_of_page(&self, record: &SendRecord) -> Hints {
        let nothing = Hints { title: record.source.clone(), ..Hints::default() };
        let request = Request::get(&record.source).purpose("reading our own page for a trackback");
        let Ok(page) = self.client.fetch(&request) else { return nothing };
        let read = SourcePage {
            url: &page.url,
            content_type: page.headers.first("content-type").unwrap_or_default(),
            body: &page.body,
        };
        match source::read(&read, &Targets::new([record.target.as_str()])) {
            LinkCheck::Linked(linking) => Hints {
                title: if linking.words.title.is_empty() { nothing.title } else { linking.words.title },
                excerpt: linking.words.excerpt,
                ..Hints::default()
            },
            LinkCheck::Missing(_) | LinkCheck::Gone => nothing,
        }
    }
}

/// The own pages are compared to their end.
const LONGEST_PAGE: usize = 32 << 20;

/// The hosts to which the run before sent a message a moment ago.
fn busy_hosts(sent: &SendLog, options: SendOptions<'_>) -> HashMap<String, Instant> {
    let now = options.clock.now();
    let mut free = HashMap::new();
    for record in sent.records.values().filter(|record| record.state != SendState::Waiting) {
        let Some(since) = record.time.and_then(|time| (now - time).to_std().ok()) else { continue };
        let Some(left) = options.pause.checked_sub(since) else { continue };
        let host = Url::parse(&record.endpoint).ok().and_then(|url| url.host_str().map(str::to_owned));
        if let Some(host) = host {
            let until = free.entry(host).or_insert_with(Instant::now);
            *until = (*until).max(Instant::now() + left);
        }
    }
    free
}
