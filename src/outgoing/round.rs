//! A round of requests to many hosts: several hosts at once, one request after the other to each, with a pause between two.
//!
//! What a host says with `Retry-After` holds for all of its addresses: they wait, or are left for the next run if that is too
//! long. In a round through the whole site robots.txt of each host is asked first; an address that a person names is asked as a
//! browser would.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use parking_lot::{Condvar, Mutex};
use url::Url;

use super::robots::{self, Robots};
use crate::dom::charset;
use crate::http::client::{Client, Limits, Request, Response};
use crate::http::fetch_error::FetchError;
use crate::sys::worker::in_parallel;

/// How a round is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RoundOptions {
    /// How many hosts are asked at the same time.
    pub(crate) at_once: usize,
    /// Between two requests to one host.
    pub(crate) pause: Duration,
    /// A host that wants to be left alone for longer is left for the next run.
    pub(crate) most_wait: Duration,
    pub(crate) robots: RobotsUse,
}

/// Whether robots.txt is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RobotsUse {
    /// The round goes through a site's addresses by itself.
    Obeyed,
    /// A person named the addresses.
    NotAsked,
}

impl RoundOptions {
    /// Sixteen hosts at once, a second between two requests to one.
    pub(crate) fn polite(robots: RobotsUse) -> Self {
        Self { at_once: 16, pause: Duration::from_secs(1), most_wait: Duration::from_secs(60), robots }
    }
}

/// What came of an address.
#[derive(Debug)]
pub(crate) enum Answered {
    Response(Box<Response>),
    Failed(FetchError),
    /// robots.txt of the host asks programs not to.
    Disallowed,
    /// The host wants to be left alone; another run asks it.
    Postponed,
}

/// The addresses of one host that are still to be asked.
struct HostQueue {
    waiting: VecDeque<Waiting>,
    ready: Instant,
    pause: Duration,
    robots: Option<Robots>,
}

#[derive(Clone, Copy)]
struct Waiting {
    /// Its number in the list.
    number: usize,
    tries: u32,
}

/// The hosts of a round.
struct Hosts {
    idle: Vec<HostQueue>,
    /// How many are being asked.
    busy: usize,
}

/// Asks for all addresses, in their order for each host. `request` makes the request for one, and `done` gets what came of it, from
/// any thread.
pub(crate) fn ask_all(
    client: &Client,
    addresses: &[Url],
    options: &RoundOptions,
    request: &(dyn Fn(&Url) -> Request + Sync),
    done: &(dyn Fn(usize, Answered) + Sync),
) {
    let mut hosts: BTreeMap<String, HostQueue> = BTreeMap::new();
    let now = Instant::now();
    for (number, url) in addresses.iter().enumerate() {
        let host = url.host_str().unwrap_or_default();
        // One service that many link to, and that counts requests.
        let pause = if host == "github.com" { 2 * options.pause } else { options.pause };
        let key = format!("{host}:{}", url.port_or_known_default().unwrap_or_default());
        let queue = hosts.entry(key).or_insert_with(|| HostQueue {
            waiting: VecDeque::new(),
            ready: now,
            pause,
            robots: None,
        });
        queue.waiting.push_back(Waiting { number, tries: 0 });
    }
    let hosts = Mutex::new(Hosts { idle: hosts.into_values().collect(), busy: 0 });
    let changed = Condvar::new();
    let round = Round { client, addresses, options, request, done };
    in_parallel(options.at_once, |_| round.work(&hosts, &changed));
}

struct Round<'a> {
    client: &'a Client,
    addresses: &'a [Url],
    options: &'a RoundOptions,
    request: &'a (dyn Fn(&Url) -> Request + Sync),
    done: &'a (dyn Fn(usize, Answered) + Sync),
}

impl Round<'_> {
    /// Asks one address of the host that is ready first, again and again until all are done.
    fn work(&self, hosts: &Mutex<Hosts>, changed: &Condvar) {
        while let Some(mut queue) = next_host(hosts, changed) {
            if let Some(waiting) = queue.waiting.pop_front() {
                self.ask(waiting, &mut queue);
            }
            let mut hosts = hosts.lock();
            hosts.busy -= 1;
            if !queue.waiting.is_empty() {
                hosts.idle.push(queue);
            }
            changed.notify_all();
        }
    }

    fn ask(&self, waiting: Waiting, queue: &mut HostQueue) {
        let Some(url) = self.addresses.get(waiting.number) else { return };
        if self.options.robots == RobotsUse::Obeyed && queue.robots.is_none() {
            queue.robots = Some(self.robots(url));
            queue.ready = Instant::now() + queue.pause;
            queue.waiting.push_front(waiting);
            return;
        }
        if queue.robots.as_ref().is_some_and(|robots| !robots.allows(url)) {
            (self.done)(waiting.number, Answered::Disallowed);
            return;
        }
        let answer = self.client.fetch(&(self.request)(url));
        queue.ready = Instant::now() + queue.pause;
        match answer {
            Ok(response) => match self.back_off(&response) {
                Some(wait) if wait <= self.options.most_wait && waiting.tries == 0 => {
                    queue.ready = Instant::now() + wait;
                    queue.waiting.push_front(Waiting { tries: 1, ..waiting });
                }
                Some(_) => {
                    (self.done)(waiting.number, Answered::Response(Box::new(response)));
                    queue.waiting.drain(..).for_each(|rest| (self.done)(rest.number, Answered::Postponed));
                }
                None => (self.done)(waiting.number, Answered::Response(Box::new(response))),
            },
            Err(error) => (self.done)(waiting.number, Answered::Failed(error)),
        }
    }

    /// For how long a host wants to be left alone (RFC 6585 section 4, RFC 9110 section 10.2.3).
    fn back_off(&self, response: &Response) -> Option<Duration> {
        if !matches!(response.status, 429 | 503) {
            return None;
        }
        let said = response.retry_after(self.now());
        // A host that only says "unavailable" may mean this page.
        if response.status == 503 { said } else { Some(said.unwrap_or(self.options.most_wait * 2)) }
    }

    fn now(&self) -> DateTime<Utc> {
        crate::sys::clock::Clock::system().now()
    }

    /// The rules of the host of an address. A host without a file allows everything; one that cannot be asked will show that
    /// when the page is asked for.
    fn robots(&self, url: &Url) -> Robots {
        let Ok(file) = url.join("/robots.txt") else { return Robots::default() };
        let limits = Limits { body: robots::LONGEST, ..Limits::default() };
        let request =
            Request::get(file.as_str()).purpose("asking which pages programs may read").limits(limits);
        match self.client.fetch(&request) {
            Ok(response) if response.is_success() => {
                let content_type = response.headers.first("content-type").unwrap_or_default();
                // A page in its place is not a file of rules.
                if charset::media_type(content_type) == "text/html" {
                    return Robots::default();
                }
                Robots::parse(&charset::decode_text(&response.body, "utf-8"))
            }
            _ => Robots::default(),
        }
    }
}

/// The host that is ready first, when it is ready; `None` if no host has addresses left.
fn next_host(hosts: &Mutex<Hosts>, changed: &Condvar) -> Option<HostQueue> {
    let mut hosts = hosts.lock();
    loop {
        let first = hosts.idle.iter().enumerate().min_by_key(|(_, queue)| queue.ready);
        let (number, ready) = match first {
            Some((number, queue)) => (number, queue.ready),
            None if hosts.busy == 0 => return None,
            None => {
                changed.wait(&mut hosts);
                continue;
            }
        };
        if ready <= Instant::now() {
            hosts.busy += 1;
            return Some(hosts.idle.swap_remove(number));
        }
        // Another host may become ready meanwhile.
        changed.wait_until(&mut hosts, ready);
    }
}
