//! Fetches linkbacks that arrived elsewhere: at a receiver of ours on another machine, or at webmention.io.
//!
//! What was approved at a receiver is approved here. What a service has received has been seen by nobody, and waits for a
//! decision unless whom it comes from is trusted. Pulling twice changes nothing; a decision made here stands against any
//! pull. A receiver says what was taken away; a service does not, so that from time to time all of it is compared.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::error::{Error, Result};
use crate::http::client::{Client, Limits, Request};
use crate::linkback::address::Address;
use crate::linkback::inbox::signals::{PolicyDecision, Signal};
use crate::linkback::inbox::state::{
    Hints, InboxItem, InboxState, SourceError, SourceErrorKind, Submission, Verification,
};
use crate::linkback::protocol::jf2::{self, Jf2Entry, Jf2Feed};
use crate::receive::moderation::policy::SourceTraits;
use crate::receive::moderation::service::{self, ModerationService};
use crate::receive::queue::store::ItemFilter;

/// Where linkbacks are pulled from.
#[derive(Debug, Clone)]
pub struct PullOrigin {
    url: Url,
    kind: OriginKind,
    token: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OriginKind {
    /// A receiver of ours.
    Receiver,
    /// webmention.io, or what speaks like it.
    Service,
}

/// How much is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PullExtent {
    /// What is new, and now and then all.
    New,
    /// All, so that what is no longer there is taken away here.
    All,
}

/// What is done with linkbacks that nobody has looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PullTrust {
    /// They wait for a decision.
    Hold,
    /// They are let in.
    Approve,
}

/// What was pulled.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct PullReport {
    /// Now approved, or approved with other words.
    pub approved: usize,
    /// Now waiting for a decision.
    pub held: usize,
    /// No longer there, and taken away.
    pub removed: usize,
    /// As they were.
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

/// After so long everything is compared again.
const ALL_AGAIN: TimeDelta = TimeDelta::days(7);

/// Entries of one page of a service.
const PAGE: usize = 100;

/// Pages of one pull. Who has more linkbacks pulls again.
const MOST_PAGES: usize = 1000;

/// A feed is longer than a stranger's page may be.
const LIMITS: Limits = Limits {
    connect: Duration::from_secs(5),
    total: Duration::from_secs(60),
    body: 16 << 20,
    head: 32 << 10,
    redirects: 2,
};

impl PullOrigin {
    /// The origin at an address, without a token yet: of a receiver its own, of a service that of its API.
    pub fn new(address: &str) -> Result<Self> {
        let fault = |reason: &str| Error::Argument { given: address.to_owned(), reason: reason.to_owned() };
        let address = Address::parse(address).map_err(|refusal| fault(&refusal.to_string()))?;
        let mut url = address.without_fragment().url().clone();
        let is_service = url.path().ends_with("/mentions.jf2") || address.host() == "webmention.io";
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

    /// With the token that opens it.
    pub fn with_token(self, token: &str) -> Self {
        Self { token: token.trim().to_owned(), ..self }
    }

    /// What linkbacks from here have for a sender.
    fn sender(&self) -> String {
        format!("pulled from {}", self.url)
    }

    /// Entries from a mark on, or all, and the mark where they end.
    fn fetch(
        &self,
        client: &Client,
        mark: &PullCursor,
        desk: &ModerationService,
    ) -> Result<(Vec<Jf2Entry>, usize, PullCursor)> {
        let mut mark = mark.clone();
        let (mut entries, mut skipped) = (Vec::new(), 0);
        let first_id = mark.last_id;
        for page in 0..MOST_PAGES {
            let before = mark.cursor.clone();
            let mut url = self.url.clone();
            match self.kind {
                OriginKind::Receiver => drop(url.query_pairs_mut().append_pair("cursor", &before)),
                OriginKind::Service => {
                    let host = desk.config.host();
                    let (size, page, since) = (PAGE.to_string(), page.to_string(), first_id.to_string());
                    url.query_pairs_mut().extend_pairs([
                        ("token", self.token.as_str()),
                        ("domain", host),
                        ("sort-by", "created"),
                        ("sort-dir", "up"),
                        ("per-page", &size),
                        ("page", &page),
                        ("since_id", &since),
                    ]);
                }
            }
            let feed = self.ask(client, &url, desk)?;
            let count = feed.entries.len() + feed.skipped;
            mark.last_id = mark.last_id.max(feed.last_id);
            mark.cursor = feed.cursor.unwrap_or_else(|| before.clone());
            entries.extend(feed.entries);
            skipped += feed.skipped;
            let is_last = match self.kind {
                OriginKind::Receiver => mark.cursor == before,
                OriginKind::Service => count < PAGE,
            };
            if is_last {
                break;
            }
        }
        Ok((entries, skipped, mark))
    }

    fn ask(&self, client: &Client, url: &Url, desk: &ModerationService) -> Result<Jf2Feed> {
        // The address as it was asked holds the token of a service.
        let fault = |reason: String| Error::Argument { given: self.url.to_string(), reason };
        let mut request =
            Request::get(url.as_str()).accept("application/jf2feed+json, application/json").limits(LIMITS);
        if self.kind == OriginKind::Receiver {
            request = request.bearer(&self.token);
        }
        let response = client.fetch(&request).map_err(|error| fault(error.to_string()))?;
        if response.is_cut {
            return Err(fault("its answer is too long".to_owned()));
        }
        match (response.status, jf2::parse(&response.body, desk.config.timezone)) {
            (200, Ok(feed)) => Ok(feed),
            (200, Err(reason)) => Err(fault(reason)),
            (401 | 403, _) => Err(fault("it does not know this token".to_owned())),
            (404, _) => Err(fault(
                "there is no receiver, or it has no token and so no page to moderate at".to_owned(),
            )),
            (status, _) => Err(fault(format!("it answered with status {status}"))),
        }
    }
}

/// Pulls, and records what that changes. The back matter is [`ModerationService::bring_in`]'s to write.
pub fn pull(
    desk: &mut ModerationService,
    (origin, client): (&PullOrigin, &Client),
    (extent, unseen): (PullExtent, PullTrust),
    now: DateTime<Utc>,
) -> Result<PullReport> {
    let key = format!("pull {}", origin.url);
    let last: PullCursor =
        desk.store.meta(&key)?.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    let is_due = last.all_at.is_none_or(|at| now - at >= ALL_AGAIN);
    let is_all = extent == PullExtent::All || is_due;
    let from = if is_all { PullCursor::default() } else { last.clone() };
    let (entries, skipped, mut mark) = origin.fetch(client, &from, desk)?;
    let mut pulled = PullReport { skipped, ..PullReport::default() };
    let mut there = BTreeSet::new();
    for entry in &entries {
        there.extend(take(desk, origin, (entry, unseen), now)?.count(&mut pulled));
    }
    // A service that has lost everything has a fault, most likely: what was approved is not thrown away for that,
    // unless a person wants all to be compared.
    let is_believed = extent == PullExtent::All || !entries.is_empty() || skipped > 0;
    if is_all && is_believed {
        let filter =
            ItemFilter { states: [InboxState::Approved, InboxState::Held].into(), ..ItemFilter::default() };
        let known = desk.store.list(&filter)?;
        let is_missing = |item: &&InboxItem| item.sender == origin.sender() && !there.contains(&item.id);
        // What is for a post that is not shown at the moment was found there for no page of ours.
        let is_shown = |item: &&InboxItem| service::target(&desk.addresses, item).is_some();
        let missing: Vec<&InboxItem> = known.iter().filter(is_missing).filter(is_shown).collect();
        for item in missing {
            withdraw(desk, item, origin, now)?;
            pulled.removed += 1;
        }
    }
    mark.all_at = if is_all && is_believed { Some(now) } else { last.all_at };
    desk.store.set_meta(&key, &serde_json::to_string(&mark).expect("a mark is text"))?;
    Ok(pulled)
}

/// What became of one entry, and the linkback it is here.
enum EntryOutcome {
    Approved(i64),
    Held(i64),
    Unchanged(i64),
    Removed,
    Unknown,
    /// One that was taken away before it was ever here, or that is blocked.
    Nothing,
}

impl EntryOutcome {
    fn count(self, pulled: &mut PullReport) -> Option<i64> {
        let (count, id) = match self {
            Self::Approved(id) => (&mut pulled.approved, Some(id)),
            Self::Held(id) => (&mut pulled.held, Some(id)),
            Self::Unchanged(id) => (&mut pulled.unchanged, Some(id)),
            Self::Removed => (&mut pulled.removed, None),
            Self::Unknown => (&mut pulled.unknown, None),
            Self::Nothing => return None,
        };
        *count += 1;
        id
    }
}

fn take(
    desk: &mut ModerationService,
    origin: &PullOrigin,
    (entry, unseen): (&Jf2Entry, PullTrust),
    now: DateTime<Utc>,
) -> Result<EntryOutcome> {
    let address = Address::parse(&entry.target).ok();
    let Some(target) = address.and_then(|address| desk.addresses.find(&address).cloned()) else {
        return Ok(EntryOutcome::Unknown);
    };
    let known = desk.store.find(&entry.source, &target.url)?;
    if entry.is_deleted {
        return match known.filter(|item| item.state.is_live() && item.sender == origin.sender()) {
            Some(item) => withdraw(desk, &item, origin, now).map(|()| EntryOutcome::Removed),
            None => Ok(EntryOutcome::Nothing),
        };
    }
    let item = match known {
        Some(item) if item.state.is_closed() => return Ok(EntryOutcome::Unchanged(item.id)),
        // What also came here by itself is looked at here.
        Some(item) if item.sender != origin.sender() && item.state != InboxState::Gone => {
            return Ok(EntryOutcome::Unchanged(item.id));
        }
        Some(item) => item,
        None => submit(desk, origin, (entry, &target.url, target.post.as_str()), now)?,
    };
    let Some((reasons, is_let_in)) = verdict(desk, origin, (&item, entry), (unseen, now))? else {
        let fault = SourceError::new(SourceErrorKind::Blocked, "where it comes from is blocked");
        desk.store.change(item.id, |item| item.settle(Verification::Lost(fault), now))?;
        return Ok(EntryOutcome::Nothing);
    };
    let received = entry.received.map_or(item.received, |date| date.time().to_utc());
    let look = Verification::Found(Box::new(entry.words.clone()), reasons);
    let changed = desk.store.change(item.id, |item| {
        let before = (item.state, item.words.clone(), item.pending.clone());
        item.settle(look, now);
        if is_let_in && item.is_waiting() {
            item.move_to(InboxState::Approved, now);
        }
        // The origin looks at its source again, not we.
        item.due = None;
        item.received = received;
        before != (item.state, item.words.clone(), item.pending.clone())
    })?;
    Ok(match (changed, is_let_in) {
        (Some(true), true) => EntryOutcome::Approved(item.id),
        (Some(true), false) => EntryOutcome::Held(item.id),
        _ => EntryOutcome::Unchanged(item.id),
    })
}

fn submit(
    desk: &mut ModerationService,
    origin: &PullOrigin,
    (entry, target, post): (&Jf2Entry, &str, &str),
    now: DateTime<Utc>,
) -> Result<InboxItem> {
    let submission = Submission {
        source: entry.source.clone(),
        target: target.to_owned(),
        written: None,
        post: post.to_owned(),
        protocol: entry.protocol,
        hints: Hints::default(),
        sender: origin.sender(),
    };
    // Nobody is to fetch it in between.
    let late = TimeDelta::days(1);
    desk.store.submit(vec![(submission, late)], usize::MAX, now)?;
    desk.store
        .find(&entry.source, target)?
        .ok_or_else(|| Error::Argument { given: entry.source.clone(), reason: "it was not kept".to_owned() })
}

/// What speaks for it and against it, and whether it is let in; `None` if it is never taken.
fn verdict(
    desk: &ModerationService,
    origin: &PullOrigin,
    (item, entry): (&InboxItem, &Jf2Entry),
    (unseen, now): (PullTrust, DateTime<Utc>),
) -> Result<Option<(Vec<Signal>, bool)>> {
    if origin.kind == OriginKind::Receiver || unseen == PullTrust::Approve {
        return Ok(Some((Vec::new(), true)));
    }
    Ok(match desk.judge.weigh(&desk.store, item, (&entry.words, SourceTraits::default()), now)? {
        PolicyDecision::Approve(reasons) => Some((reasons, true)),
        PolicyDecision::Hold(reasons) => Some((reasons, false)),
        PolicyDecision::Refuse(_) => None,
    })
}

fn withdraw(
    desk: &mut ModerationService,
    item: &InboxItem,
    origin: &PullOrigin,
    now: DateTime<Utc>,
) -> Result<()> {
    let fault = SourceError::new(SourceErrorKind::Withdrawn, format!("it is no longer at {}", origin.url));
    desk.store.change(item.id, |item| item.settle(Verification::Lost(fault), now)).map(drop)
}
