//! Fetches linkbacks that arrived elsewhere: at a receiver of the same site, or at webmention.io.
//!
//! What was approved at a receiver is approved here. What a service has received was seen by no moderator, and waits
//! for a decision unless its source is trusted. Pulling twice changes nothing; a decision made here stands against any
//! pull. A receiver reports what was taken away; a service does not, so from time to time everything is compared.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::error::{Error, Result};
use crate::http::client::{Client, Limits, Request};
use crate::linkback::LinkbackKind;
use crate::linkback::address::Address;
use crate::linkback::inbox::signals::{ModerationSignal, PolicyDecision};
use crate::linkback::inbox::state::{
    Hints, InboxItem, InboxState, SourceError, SourceErrorKind, Submission, Verification,
};
use crate::linkback::protocol::jf2::{self, Jf2Entry, Jf2Feed};
use crate::receive::moderation::policy::SourceTraits;
use crate::receive::moderation::service::ModerationService;
use crate::receive::queue::store::ItemFilter;

/// Where linkbacks are pulled from.
#[derive(Debug, Clone)]
pub(crate) struct PullOrigin {
    url: Url,
    kind: OriginKind,
    token: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OriginKind {
    /// A receiver of this program.
    Receiver,
    /// webmention.io, or a service with the same API.
    Service,
}

/// How a pull is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PullOptions {
    /// How much is asked for.
    pub extent: PullExtent,
    /// What is done with linkbacks that no moderator has seen.
    pub trust: PullTrust,
}

/// How much is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PullExtent {
    /// What is new; everything when [`FULL_INTERVAL`] has passed since everything was compared.
    New,
    /// Everything. What is no longer at the origin is taken away here.
    All,
}

/// What is done with linkbacks that no moderator has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PullTrust {
    /// They wait for a decision.
    Hold,
    Approve,
}

/// What was pulled.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct PullReport {
    /// Now approved, or approved with other words.
    pub approved: usize,
    /// Now waiting for a decision.
    pub held: usize,
    /// No longer there, and taken away.
    pub removed: usize,
    pub unchanged: usize,
    /// For a page that this site does not have.
    pub unknown: usize,
    /// Not understood, or private.
    pub skipped: usize,
}

/// Where the last pull ended.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct PullCursor {
    cursor: String,
    last_id: u64,
    all_at: Option<DateTime<Utc>>,
}

/// After this time everything is compared again.
pub(crate) const FULL_INTERVAL: TimeDelta = TimeDelta::days(7);

/// Entries of one page of a service.
const PAGE: usize = 100;

/// Pages of one pull. More linkbacks take another pull.
const MAX_PAGES: usize = 1000;

/// A feed may be longer than a source.
const LIMITS: Limits = Limits {
    connect: Duration::from_secs(5),
    total: Duration::from_secs(60),
    body: 16 << 20,
    head: 32 << 10,
    redirects: 2,
};

/// What an origin has.
#[derive(Debug, Default)]
struct OriginEntries {
    entries: Vec<Jf2Entry>,
    skipped: usize,
    end: PullCursor,
}

impl PullOrigin {
    /// The origin at an address, without a token: of a receiver the address of the receiver or of its export, of a
    /// service that of its site or of its API.
    pub(crate) fn new(address: &str) -> Result<Self> {
        let parsed = Address::parse(address)
            .map_err(|refusal| Error::Argument { given: address.to_owned(), reason: refusal.to_string() })?;
        let mut url = parsed.without_fragment().url().clone();
        let is_service = url.path().ends_with("/mentions.jf2") || parsed.host() == "webmention.io";
        if is_service && !url.path().ends_with("/mentions.jf2") {
            url.set_path("/api/mentions.jf2");
        } else if !is_service && !url.path().ends_with("/export.jf2") {
            let base = url.path().trim_end_matches('/').trim_end_matches("/moderate").to_owned();
            url.set_path(&format!("{base}/moderate/export.jf2"));
        }
        url.set_query(None);
        let kind = if is_service { OriginKind::Service } else { OriginKind::Receiver };
        Ok(Self { url, kind, token: String::new() })
    }

    /// The origin with the token that it asks for.
    pub(crate) fn with_token(self, token: &str) -> Self {
        Self { token: token.trim().to_owned(), ..self }
    }

    /// The sender of linkbacks that are pulled from here.
    fn sender(&self) -> String {
        format!("pulled from {}", self.url)
    }

    /// The entries after a cursor.
    fn fetch(
        &self,
        client: &Client,
        from: &PullCursor,
        service: &ModerationService,
    ) -> Result<OriginEntries> {
        let mut fetched = OriginEntries { end: from.clone(), ..OriginEntries::default() };
        for page in 0..MAX_PAGES {
            let before = fetched.end.cursor.clone();
            let url = match self.kind {
                OriginKind::Receiver => self.receiver_page(&before),
                OriginKind::Service => self.service_page(page, from.last_id, service.site.config.host()),
            };
            let feed = self.ask(client, &url, service)?;
            let count = feed.entries.len() + feed.skipped;
            fetched.end.last_id = fetched.end.last_id.max(feed.last_id);
            fetched.end.cursor = feed.cursor.unwrap_or_else(|| before.clone());
            fetched.entries.extend(feed.entries);
            fetched.skipped += feed.skipped;
            let is_last = match self.kind {
                OriginKind::Receiver => fetched.end.cursor == before,
                OriginKind::Service => count < PAGE,
            };
            if is_last {
                break;
            }
        }
        Ok(fetched)
    }

    fn receiver_page(&self, cursor: &str) -> Url {
        let mut url = self.url.clone();
        url.query_pairs_mut().append_pair("cursor", cursor);
        url
    }

    /// A page of a service's API (webmention.io, `GET /api/mentions.jf2`).
    fn service_page(&self, page: usize, since_id: u64, host: &str) -> Url {
        let mut url = self.url.clone();
        url.query_pairs_mut().extend_pairs([
            ("token", self.token.as_str()),
            ("domain", host),
            ("sort-by", "created"),
            ("sort-dir", "up"),
            ("per-page", &PAGE.to_string()),
            ("page", &page.to_string()),
            ("since_id", &since_id.to_string()),
        ]);
        url
    }

    fn ask(&self, client: &Client, url: &Url, service: &ModerationService) -> Result<Jf2Feed> {
        let mut request =
            Request::get(url.as_str()).accept("application/jf2feed+json, application/json").limits(LIMITS);
        if self.kind == OriginKind::Receiver {
            request = request.bearer(&self.token);
        }
        let response = client.fetch(&request).map_err(|error| self.failed(error.to_string()))?;
        if response.is_cut {
            return Err(self.failed("its answer is too long"));
        }
        match (response.status, jf2::parse(&response.body, service.site.config.timezone)) {
            (200, Ok(feed)) => Ok(feed),
            (200, Err(reason)) => Err(self.failed(reason)),
            (401 | 403, _) => Err(self.failed("it does not know this token")),
            (404, _) => {
                Err(self.failed("there is no receiver, or it has no token and so no page to moderate at"))
            }
            (status, _) => Err(self.failed(format!("it answered with status {status}"))),
        }
    }

    /// The address of each page of a service holds the token, so errors name the origin.
    fn failed(&self, reason: impl Into<String>) -> Error {
        Error::Argument { given: self.url.to_string(), reason: reason.into() }
    }
}

/// Pulls, and records what that changes. [`ModerationService::apply`] writes it into back matter files.
pub(crate) fn pull(
    service: &mut ModerationService,
    origin: &PullOrigin,
    client: &Client,
    options: PullOptions,
    now: DateTime<Utc>,
) -> Result<PullReport> {
    let key = format!("pull {}", origin.url);
    let last: PullCursor =
        service.store.meta(&key)?.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    let is_due = last.all_at.is_none_or(|at| now - at >= FULL_INTERVAL);
    let is_full = options.extent == PullExtent::All || is_due;
    let from = if is_full { PullCursor::default() } else { last.clone() };
    let OriginEntries { entries, skipped, mut end } = origin.fetch(client, &from, service)?;
    // A service that has lost everything has a fault, most likely. Nothing is taken away for that, unless a person
    // asks for a comparison.
    let is_believed = options.extent == PullExtent::All || !entries.is_empty() || skipped > 0;
    let mut pull = Pull { service, origin, trust: options.trust, now };
    let mut report = PullReport { skipped, ..PullReport::default() };
    let mut present = BTreeSet::new();
    for entry in &entries {
        present.extend(pull.take(entry)?.count(&mut report));
    }
    if is_full && is_believed {
        report.removed += pull.remove_missing(&present)?;
    }
    end.all_at = if is_full && is_believed { Some(now) } else { last.all_at };
    service.store.set_meta(&key, &serde_json::to_string(&end).expect("a cursor is text"))?;
    Ok(report)
}

/// What became of one entry, with the number of its linkback here.
enum EntryOutcome {
    Approved(i64),
    Held(i64),
    Unchanged(i64),
    Removed,
    Unknown,
    /// Deleted at the origin before it was ever here, or blocked here.
    Ignored,
}

impl EntryOutcome {
    fn count(self, report: &mut PullReport) -> Option<i64> {
        let (count, id) = match self {
            Self::Approved(id) => (&mut report.approved, Some(id)),
            Self::Held(id) => (&mut report.held, Some(id)),
            Self::Unchanged(id) => (&mut report.unchanged, Some(id)),
            Self::Removed => (&mut report.removed, None),
            Self::Unknown => (&mut report.unknown, None),
            Self::Ignored => return None,
        };
        *count += 1;
        id
    }
}

/// A pull in progress.
struct Pull<'a> {
    service: &'a mut ModerationService,
    origin: &'a PullOrigin,
    trust: PullTrust,
    now: DateTime<Utc>,
}

/// What the policy says of an entry.
enum EntryPolicy {
    Approve(Vec<ModerationSignal>),
    Hold(Vec<ModerationSignal>),
    Refuse,
}

impl Pull<'_> {
    fn take(&mut self, entry: &Jf2Entry) -> Result<EntryOutcome> {
        let address = Address::parse(&entry.target).ok();
        let Some(target) = address.and_then(|address| self.service.site.targets.find(&address).cloned())
        else {
            return Ok(EntryOutcome::Unknown);
        };
        let sender = self.origin.sender();
        let known = self.service.store.find_page(&entry.source, &target.url)?;
        if entry.is_deleted {
            return match known.filter(|item| item.state.is_live() && item.sender == sender) {
                Some(item) => self.withdraw(&item).map(|()| EntryOutcome::Removed),
                None => Ok(EntryOutcome::Ignored),
            };
        }
        let item = match known {
            Some(item) if item.state.is_closed() => return Ok(EntryOutcome::Unchanged(item.id)),
            // A linkback that also came here directly is verified here.
            Some(item) if item.sender != sender && item.state != InboxState::Gone => {
                return Ok(EntryOutcome::Unchanged(item.id));
            }
            Some(item) => item,
            None => self.submit(entry, &target.url, target.post.as_str())?,
        };
        self.settle(&item, entry)
    }

    /// Records an entry as a verification of its linkback.
    fn settle(&mut self, item: &InboxItem, entry: &Jf2Entry) -> Result<EntryOutcome> {
        let now = self.now;
        let (signals, is_approved) = match self.policy(item, entry)? {
            EntryPolicy::Approve(signals) => (signals, true),
            EntryPolicy::Hold(signals) => (signals, false),
            EntryPolicy::Refuse => {
                let fault = SourceError::new(SourceErrorKind::Blocked, "where it comes from is blocked");
                self.service.store.change(item.id, |item| item.settle(Verification::Lost(fault), now))?;
                return Ok(EntryOutcome::Ignored);
            }
        };
        let received = entry.received.map_or(item.received, |date| date.time().to_utc());
        let verification = Verification::Found(Box::new(entry.words.clone()), signals);
        let changed = self.service.store.change(item.id, |item| {
            let before = (item.state, item.words.clone(), item.pending.clone());
            item.settle(verification, now);
            if is_approved && item.is_waiting() {
                item.move_to(InboxState::Approved, now);
            }
            // The origin verifies its sources again; this site does not.
            item.due = None;
            item.received = received;
            before != (item.state, item.words.clone(), item.pending.clone())
        })?;
        Ok(match (changed, is_approved) {
            (Some(true), true) => EntryOutcome::Approved(item.id),
            (Some(true), false) => EntryOutcome::Held(item.id),
            _ => EntryOutcome::Unchanged(item.id),
        })
    }

    fn submit(&mut self, entry: &Jf2Entry, target: &str, post: &str) -> Result<InboxItem> {
        let submission = Submission {
            source: entry.source.clone(),
            target: target.to_owned(),
            written: None,
            post: post.to_owned(),
            protocol: entry.protocol,
            hints: Hints::default(),
            sender: self.origin.sender(),
            comment: (entry.protocol == LinkbackKind::Comment).then(|| Box::new(entry.words.clone())),
        };
        // A receiver on the same database does not fetch it before this pull has recorded what the origin says.
        self.service.store.submit_one(submission, TimeDelta::days(1), self.now)
    }

    fn policy(&self, item: &InboxItem, entry: &Jf2Entry) -> Result<EntryPolicy> {
        if self.origin.kind == OriginKind::Receiver || self.trust == PullTrust::Approve {
            return Ok(EntryPolicy::Approve(Vec::new()));
        }
        let ModerationService { site, store, .. } = &*self.service;
        let traits = SourceTraits::unseen(&entry.words);
        Ok(match site.policy.weigh(store, item, &traits, self.now)? {
            PolicyDecision::Approve(signals) => EntryPolicy::Approve(signals),
            PolicyDecision::Hold(signals) => EntryPolicy::Hold(signals),
            PolicyDecision::Refuse(_) => EntryPolicy::Refuse,
        })
    }

    /// Takes away what came from the origin and is no longer there. Returns how many that are.
    fn remove_missing(&mut self, present: &BTreeSet<i64>) -> Result<usize> {
        let states = [InboxState::Approved, InboxState::Held].into();
        let mut missing = self.service.store.list(&ItemFilter { states, ..ItemFilter::default() })?;
        let sender = self.origin.sender();
        missing.retain(|item| {
            // An entry for a post that is not shown now was found unknown: it is not missing.
            let is_shown = self.service.site.targets.of_item(item).is_some();
            item.sender == sender && !present.contains(&item.id) && is_shown
        });
        for item in &missing {
            self.withdraw(item)?;
        }
        Ok(missing.len())
    }

    fn withdraw(&mut self, item: &InboxItem) -> Result<()> {
        let text = format!("it is no longer at {}", self.origin.url);
        let fault = SourceError::new(SourceErrorKind::Withdrawn, text);
        let (now, sender) = (self.now, self.origin.sender());
        if item.is_comment() {
            self.service.store.withdraw_comment(item.id, now)?;
        }
        let change = |item: &mut InboxItem| {
            item.settle(Verification::Lost(fault), now);
            item.sender = sender;
        };
        self.service.store.change(item.id, change).map(drop)
    }
}
