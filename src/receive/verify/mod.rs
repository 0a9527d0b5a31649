//! A look at a source: it is fetched, searched for the link, and weighed; what that means is recorded.
//!
//! Whatever happens on the way, a look ends in a transaction that says when the next one is due, if ever. Nothing that
//! a page holds is followed.

pub mod pool;

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::error::Result;
use crate::http::client::{Client, Request, Response};
use crate::linkback::LinkbackKind;
use crate::linkback::address::{Address, Targets};
use crate::linkback::inbox::signals::{PolicyDecision, Signal};
use crate::linkback::inbox::state::{
    Hints, InboxItem, InboxState, Mention, SourceError, SourceErrorKind, Transition, Verification,
};
use crate::linkback::source::{self, LinkPlacement, LinkingPage, NoLinkReason, SourcePage};
use crate::receive::clock::Clock;
use crate::receive::metrics::{Metrics, VerificationOutcome};
use crate::receive::moderation::policy::SourceTraits;
use crate::receive::queue::store::{FetchPace, FetchResult, LinkbackStore, NextFetch, host_of};
use crate::receive::site_index::{IndexSnapshot, SiteIndex};

/// Whoever looks at sources.
#[derive(Clone)]
pub struct Verifier {
    /// What fetches them.
    pub client: Client,
    /// What they may link to.
    pub index: Arc<SiteIndex>,
    /// How often a host is asked.
    pub pace: FetchPace,
    /// What time it is.
    pub clock: Clock,
    /// What is counted.
    pub counts: Arc<Metrics>,
}

/// What a look led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerificationReport {
    /// The linkback as it is now.
    pub item: InboxItem,
    /// What changed with it.
    pub moved: Transition,
    /// Whether it was let in by the trust in whom it comes from.
    pub let_in: bool,
}

/// What a source was found to be.
struct Finding {
    look: Verification,
    let_in: bool,
    fetched: FetchResult,
}

impl Verifier {
    /// Looks at the source of a linkback, and records what was found. `None` if the linkback is gone from the database.
    pub fn look(&self, store: &mut LinkbackStore, item: &InboxItem) -> Result<Option<VerificationReport>> {
        let finding = self.find(store, item)?;
        self.counts.looked(sight_of(&finding.look));
        let Finding { look, let_in, fetched } = finding;
        let now = (self.clock)();
        let settled = store.change(item.id, |item| {
            let moved = item.settle(look, now);
            let let_in = let_in && item.is_waiting();
            if let_in {
                item.move_to(InboxState::Approved, now);
            }
            VerificationReport { item: item.clone(), moved, let_in }
        })?;
        store.rest(&host_of(&item.source), fetched, self.pace, now)?;
        Ok(settled)
    }

    /// Looks at everything that is due, one after the other.
    pub fn work_off(&self, store: &mut LinkbackStore) -> Result<Vec<VerificationReport>> {
        let mut all = Vec::new();
        while let NextFetch::Now(item) = store.next(&BTreeSet::new(), (self.clock)())? {
            all.extend(self.look(store, &item)?);
        }
        Ok(all)
    }

    fn find(&self, store: &LinkbackStore, item: &InboxItem) -> Result<Finding> {
        let snapshot = self.index.snapshot();
        if let Some(entry) = snapshot.policy.blocks(store, &item.source)? {
            let fault = SourceError::new(SourceErrorKind::Blocked, format!("`{entry}` is blocked"));
            return Ok(Finding {
                look: Verification::Lost(fault),
                let_in: false,
                fetched: FetchResult::Answered,
            });
        }
        let protocol = item.protocols.last().map_or("linkback", |kind| kind.name());
        let request =
            Request::get(&item.source).purpose(&format!("verifying {protocol} from {}", item.sender));
        let response = match self.client.fetch(&request) {
            Ok(response) => response,
            Err(error) => {
                let passes = error.is_passing();
                let kind = if passes { SourceErrorKind::Unreachable } else { SourceErrorKind::NoPage };
                let fetched = if passes { FetchResult::Failed } else { FetchResult::Answered };
                let fault = SourceError::new(kind, error.to_string());
                return Ok(Finding { look: Verification::Lost(fault), let_in: false, fetched });
            }
        };
        if let Some((fault, fetched)) = fault_of_status(response.status) {
            return Ok(Finding { look: Verification::Lost(fault), let_in: false, fetched });
        }
        let targets = targets_of(&snapshot, item);
        // Parsers of strangers' pages are tested with all we could think of. A page that nobody thought of must
        // not come back for ever.
        let verdict = catch_unwind(AssertUnwindSafe(|| verdict_of(&response, &targets)));
        let answered = |look| Ok(Finding { look, let_in: false, fetched: FetchResult::Answered });
        let found = match verdict {
            Ok(source::LinkCheck::Linked(found)) => found,
            Ok(source::LinkCheck::Missing(absence)) => {
                return answered(Verification::Lost(fault_of(absence, &response)));
            }
            Ok(source::LinkCheck::Gone) => return answered(Verification::Lost(withdrawn())),
            Err(_) => {
                let fault = SourceError::new(SourceErrorKind::NoPage, "the page cannot be understood");
                return answered(Verification::Lost(fault));
            }
        };
        self.weigh(store, item, *found)
    }

    /// What is to be done with a page that links.
    fn weigh(&self, store: &LinkbackStore, item: &InboxItem, found: LinkingPage) -> Result<Finding> {
        let seen = SourceTraits {
            text: &found.text,
            links: found.links,
            boilerplate: found.place.boilerplate(),
            is_hidden: found.place == LinkPlacement::Hidden,
            other_sender: is_from_elsewhere(item, &self.client),
        };
        let words = with_hints(found.words.clone(), &item.hints);
        let snapshot = self.index.snapshot();
        let verdict = snapshot.policy.weigh(store, item, (&words, seen), (self.clock)())?;
        let (mut reasons, let_in) = match verdict {
            PolicyDecision::Approve(reasons) => (reasons, true),
            PolicyDecision::Hold(reasons) => (reasons, false),
            PolicyDecision::Refuse(entry) => {
                let fault = SourceError::new(SourceErrorKind::Blocked, format!("`{entry}` is blocked"));
                return Ok(Finding {
                    look: Verification::Lost(fault),
                    let_in: false,
                    fetched: FetchResult::Answered,
                });
            }
        };
        if found.has_reordering_marks {
            reasons.push(Signal::InvisibleMarks);
        }
        // Letters that were made to look like others are for a person to judge, whoever sent them.
        let let_in = let_in && !found.has_reordering_marks;
        Ok(Finding {
            look: Verification::Found(Box::new(words), reasons),
            let_in,
            fetched: FetchResult::Answered,
        })
    }
}

/// Whether a trackback was sent by another machine than its page is on. Pages of honest senders are on the machine
/// that sends, nearly all of the time; of forgers, never.
fn is_from_elsewhere(item: &InboxItem, client: &Client) -> bool {
    if item.protocols.iter().any(|kind| *kind != LinkbackKind::Trackback) {
        return false;
    }
    let (Ok(sender), Ok(source)) = (item.sender.parse::<IpAddr>(), Address::parse(&item.source)) else {
        return true;
    };
    let addresses = client.addresses_of(source.host()).unwrap_or_default();
    !addresses.iter().any(|address| address.to_canonical() == sender.to_canonical())
}

/// The addresses that a link may lead to. A post that is not shown at the moment is still known by what was sent.
fn targets_of(snapshot: &IndexSnapshot, item: &InboxItem) -> Targets {
    let by_address = || snapshot.targets.find(&Address::parse(&item.target).ok()?);
    match by_address().or_else(|| snapshot.targets.by_post(&item.post)) {
        Some(target) => {
            let sent = std::iter::once(item.target.as_str()).chain(item.written.as_deref());
            Targets::new(target.addresses.iter().map(String::as_str).chain(sent))
        }
        None => Targets::new(std::iter::once(item.target.as_str()).chain(item.written.as_deref())),
    }
}

fn verdict_of(response: &Response, targets: &Targets) -> source::LinkCheck {
    let content_type = response.headers.first("content-type").unwrap_or_default();
    source::read(&SourcePage { url: &response.url, content_type, body: &response.body }, targets)
}

/// What a status says that is none of success. Only 404 and 410 speak of the page; the others of its server, and what a
/// server in trouble says deletes nothing.
fn fault_of_status(status: u16) -> Option<(SourceError, FetchResult)> {
    let fault = |kind, text: &str| SourceError::new(kind, text);
    match status {
        200..=299 => None,
        404 => Some((
            fault(SourceErrorKind::NoPage, "there is no page at the address (404)"),
            FetchResult::Answered,
        )),
        410 => Some((withdrawn(), FetchResult::Answered)),
        status => {
            let fetched =
                if status >= 500 || status == 429 { FetchResult::Failed } else { FetchResult::Answered };
            Some((fault(SourceErrorKind::Unreachable, &format!("the server answered {status}")), fetched))
        }
    }
}

fn withdrawn() -> SourceError {
    SourceError::new(SourceErrorKind::Withdrawn, "the source says that it is gone (410)")
}

fn fault_of(absence: NoLinkReason, response: &Response) -> SourceError {
    let kind = match absence {
        NoLinkReason::NoLink | NoLinkReason::OutsideEntry => SourceErrorKind::NoLink,
        NoLinkReason::NotAPage => SourceErrorKind::NoPage,
    };
    let more = if response.is_cut {
        format!(", of which the first {} bytes were read", response.body.len())
    } else {
        String::new()
    };
    SourceError::new(kind, format!("{absence}{more}"))
}

/// What a trackback says of its page, where the page itself is silent.
fn with_hints(mut words: Mention, hints: &Hints) -> Mention {
    for (word, hint) in [
        (&mut words.title, &hints.title),
        (&mut words.excerpt, &hints.excerpt),
        (&mut words.site, &hints.site),
    ] {
        if word.is_empty() {
            word.clone_from(hint);
        }
    }
    words
}

fn sight_of(look: &Verification) -> VerificationOutcome {
    match look {
        Verification::Found(..) => VerificationOutcome::Found,
        Verification::Lost(fault) => match fault.kind {
            SourceErrorKind::NoLink | SourceErrorKind::NoPage => VerificationOutcome::Missing,
            SourceErrorKind::Withdrawn => VerificationOutcome::Withdrawn,
            SourceErrorKind::Unreachable => VerificationOutcome::Unreachable,
            SourceErrorKind::Blocked => VerificationOutcome::Blocked,
        },
    }
}
