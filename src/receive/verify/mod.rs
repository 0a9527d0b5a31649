//! Verifies a linkback: its source is fetched, searched for the link, and weighed; the result is recorded.
//!
//! Every verification ends in a transaction that says when the next one is due, if ever. Nothing that a page refers to
//! is fetched.

pub(crate) mod pool;

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tracing::{info, info_span};

use crate::error::Result;
use crate::http::client::{Client, Request, Response};
use crate::http::guard::Resolve;
use crate::linkback::LinkbackKind;
use crate::linkback::address::{Address, Targets};
use crate::linkback::inbox::signals::{ModerationSignal, PolicyDecision};
use crate::linkback::inbox::state::{
    Hints, InboxItem, InboxState, Mention, SourceError, SourceErrorKind, Transition, Verification,
};
use crate::linkback::inbox::trust::TrustKey;
use crate::linkback::source::{
    self, LinkCheck, LinkPlacement, LinkingPage, NoLinkReason, SourcePage, without_site,
};
use crate::receive::metrics::{Metrics, VerificationOutcome};
use crate::receive::moderation::policy::SourceTraits;
use crate::receive::queue::store::{FetchPace, FetchResult, LinkbackStore, NextFetch, host_of};
use crate::receive::site_index::{IndexSnapshot, SiteIndex};
use crate::sys::clock::Clock;

/// Verifies linkbacks.
#[derive(Clone)]
pub struct Verifier {
    /// How the hosts of sources are looked up.
    pub resolver: Arc<dyn Resolve>,
    /// The posts that sources may link to.
    pub index: Arc<SiteIndex>,
    /// How often a host is asked.
    pub pace: FetchPace,
    pub clock: Clock,
    pub metrics: Arc<Metrics>,
}

/// The result of a verification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerificationReport {
    pub item: InboxItem,
    pub transition: Transition,
    /// Whether it was approved because its source is trusted.
    pub is_auto_approved: bool,
}

/// What a source was found to be.
struct Finding {
    verification: Verification,
    /// The key of the page on which the link was found.
    page: Option<String>,
    is_auto_approved: bool,
    fetch: FetchResult,
}

impl Finding {
    /// The link was not found though the host answered.
    fn lost(fault: SourceError) -> Self {
        Self::lost_by(fault, FetchResult::Answered)
    }

    fn lost_by(fault: SourceError, fetch: FetchResult) -> Self {
        Self { verification: Verification::Lost(fault), page: None, is_auto_approved: false, fetch }
    }

    fn blocked(entry: &TrustKey) -> Self {
        Self::lost(SourceError::new(SourceErrorKind::Blocked, format!("`{entry}` is blocked")))
    }
}

impl Verifier {
    /// Verifies a linkback, and records the result. `None` if the linkback is gone from the database.
    pub fn verify(&self, store: &mut LinkbackStore, item: &InboxItem) -> Result<Option<VerificationReport>> {
        let span = info_span!("linkback", number = item.id, source = ?item.source, target = ?item.target);
        let _entered = span.enter();
        let Finding { verification, page, is_auto_approved, fetch } = self.find(store, item)?;
        self.metrics.verified(outcome_of(&verification));
        let now = self.clock.now();
        // The item is read again: while the page was fetched, which takes seconds, a person may have decided.
        let report = store.change(item.id, |item| {
            let transition = item.settle(verification, now);
            item.page = page.or(item.page.take());
            let is_auto_approved = is_auto_approved && item.is_waiting();
            if is_auto_approved {
                item.move_to(InboxState::Approved, now);
            }
            VerificationReport { item: item.clone(), transition, is_auto_approved }
        })?;
        if let Some(VerificationReport { item, transition, is_auto_approved }) = &report {
            let fault = item.fault.as_ref().map(|fault| fault.text.as_str());
            info!(state = item.state.name(), ?transition, is_auto_approved, fault, "verified");
        }
        store.rest(&host_of(&item.source), fetch, self.pace, now)?;
        Ok(report)
    }

    /// Verifies everything that is due, one after the other.
    pub fn verify_due(&self, store: &mut LinkbackStore) -> Result<Vec<VerificationReport>> {
        let mut reports = Vec::new();
        while let NextFetch::Now(item) = store.next(&BTreeSet::new(), self.clock.now())? {
            reports.extend(self.verify(store, &item)?);
        }
        Ok(reports)
    }

    fn find(&self, store: &LinkbackStore, item: &InboxItem) -> Result<Finding> {
        let site = self.index.snapshot();
        // Before the fetch: a blocked host could keep the receiver busy otherwise.
        if let Some(entry) = site.policy.blocks(store, item.origin())? {
            return Ok(Finding::blocked(&entry));
        }
        if item.is_comment() {
            return self.weigh_comment(store, item);
        }
        let protocol = item.protocols.last().map_or("linkback", |kind| kind.name());
        let purpose = match item.sender.as_str() {
            "" => format!("verifying {protocol}"),
            sender => format!("verifying {protocol} from {sender}"),
        };
        // `[network] allow` may have changed since the start.
        let resolver = Arc::clone(&self.resolver);
        let client = Client::with_resolver(&site.config.network, &site.config.base_url, resolver);
        let response = match client.fetch(&Request::get(&item.source).purpose(&purpose)) {
            Ok(response) => response,
            Err(error) => {
                let (kind, fetch) = match error.is_passing() {
                    true => (SourceErrorKind::Unreachable, FetchResult::Failed),
                    false => (SourceErrorKind::NoPage, FetchResult::Answered),
                };
                return Ok(Finding::lost_by(SourceError::new(kind, error.to_string()), fetch));
            }
        };
        if let Some(finding) = finding_of_status(response.status) {
            return Ok(finding);
        }
        let targets = targets_of(&site, item);
        // The parsers are tested with every hostile page known. One that makes them panic all the same must not stay
        // in the queue for ever.
        match catch_unwind(AssertUnwindSafe(|| check(&response, &targets))) {
            Ok(LinkCheck::Linked(page)) => {
                let address = address_of(&response, &page);
                let known = address.as_ref().map(|address| store.other_of_page(address, item));
                if let Some(known) = known.transpose()?.flatten() {
                    let text = format!("this is the page of linkback {}, `{}`", known.id, known.source);
                    return Ok(Finding::lost(SourceError::new(SourceErrorKind::SamePage, text)));
                }
                let finding = self.weigh(store, item, *page, &client)?;
                Ok(Finding { page: address.map(|address| address.key()), ..finding })
            }
            Ok(LinkCheck::Missing(reason)) => Ok(Finding::lost(fault_of(reason, &response))),
            Ok(LinkCheck::Gone) => Ok(Finding::lost(withdrawn())),
            Err(_) => {
                let text = "the page cannot be understood";
                Ok(Finding::lost(SourceError::new(SourceErrorKind::NoPage, text)))
            }
        }
    }

    /// Applies the moderation policy to a comment. It is never approved by itself: anybody can give an address that is
    /// trusted.
    fn weigh_comment(&self, store: &LinkbackStore, item: &InboxItem) -> Result<Finding> {
        let Some(words) = item.words.clone() else { return Ok(Finding::lost(withdrawn())) };
        let traits = SourceTraits {
            text: &words.content,
            links: words.content.matches("://").count(),
            ..SourceTraits::unseen(&words)
        };
        let decision = self.index.snapshot().policy.weigh(store, item, &traits, self.clock.now())?;
        let signals = match decision {
            PolicyDecision::Approve(signals) | PolicyDecision::Hold(signals) => signals,
            PolicyDecision::Refuse(entry) => return Ok(Finding::blocked(&entry)),
        };
        let verification = Verification::Found(Box::new(words), signals);
        Ok(Finding { verification, page: None, is_auto_approved: false, fetch: FetchResult::Answered })
    }

    /// Applies the moderation policy to a page that links.
    fn weigh(
        &self,
        store: &LinkbackStore,
        item: &InboxItem,
        page: LinkingPage,
        client: &Client,
    ) -> Result<Finding> {
        let words = with_hints(page.words, &item.hints);
        let traits = SourceTraits {
            words: &words,
            text: &page.text,
            links: page.links,
            boilerplate: page.place.boilerplate(),
            is_hidden: page.place == LinkPlacement::Hidden,
            other_sender: is_from_elsewhere(item, client),
        };
        let decision = self.index.snapshot().policy.weigh(store, item, &traits, self.clock.now())?;
        let (mut signals, is_approved) = match decision {
            PolicyDecision::Approve(signals) => (signals, true),
            PolicyDecision::Hold(signals) => (signals, false),
            PolicyDecision::Refuse(entry) => return Ok(Finding::blocked(&entry)),
        };
        if page.has_reordering_marks {
            signals.push(ModerationSignal::InvisibleMarks);
        }
        Ok(Finding {
            verification: Verification::Found(Box::new(words), signals),
            page: None,
            // Text that was made to be read otherwise than it is written needs a person, whatever its source.
            is_auto_approved: is_approved && !page.has_reordering_marks,
            fetch: FetchResult::Answered,
        })
    }
}

/// The address of a page: the one that it says is its own, else the one that it was read from. A site whose pages all name
/// its home page as theirs says nothing.
fn address_of(response: &Response, page: &LinkingPage) -> Option<Address> {
    let read = Address::of_url(response.url.clone()).ok();
    let is_home = |address: &Address| address.url().path() == "/" && address.url().query().is_none();
    let canonical = page.canonical.as_deref().and_then(|address| Address::parse(address).ok());
    let canonical = canonical.filter(|canonical| !is_home(canonical) || read.as_ref().is_some_and(is_home));
    canonical.or(read)
}

/// Whether a trackback was sent by another machine than its page is on. The pages of honest senders are nearly always
/// on the sending machine, those of forgers never.
fn is_from_elsewhere(item: &InboxItem, client: &Client) -> bool {
    // The other protocols carry no words: all that is shown comes from the page, whoever named it.
    if item.protocols.iter().any(|kind| *kind != LinkbackKind::Trackback) {
        return false;
    }
    let (Ok(sender), Ok(source)) = (item.sender.parse::<IpAddr>(), Address::parse(&item.source)) else {
        return true;
    };
    let addresses = client.addresses_of(source.host()).unwrap_or_default();
    !addresses.iter().any(|address| address.to_canonical() == sender.to_canonical())
}

/// The addresses that a link may lead to. Those that were submitted count for a post that is not shown now.
fn targets_of(site: &IndexSnapshot, item: &InboxItem) -> Targets {
    let submitted = std::iter::once(item.target.as_str()).chain(item.written.as_deref());
    match site.targets.of_item(item).or_else(|| site.targets.by_post(&item.post)) {
        Some(target) => Targets::new(target.addresses.iter().map(String::as_str).chain(submitted)),
        None => Targets::new(submitted),
    }
}

fn check(response: &Response, targets: &Targets) -> LinkCheck {
    let content_type = response.headers.first("content-type").unwrap_or_default();
    source::read(&SourcePage { url: &response.url, content_type, body: &response.body }, targets)
}

/// What a status that is not success says. Only 404 and 410 speak of the page, the others of its server: an answer of a
/// server in trouble deletes nothing.
fn finding_of_status(status: u16) -> Option<Finding> {
    match status {
        200..=299 => None,
        404 => {
            let text = "there is no page at the address (404)";
            Some(Finding::lost(SourceError::new(SourceErrorKind::NoPage, text)))
        }
        410 => Some(Finding::lost(withdrawn())),
        status => {
            let is_overloaded = status >= 500 || status == 429;
            let fetch = if is_overloaded { FetchResult::Failed } else { FetchResult::Answered };
            let text = format!("the server answered {status}");
            Some(Finding::lost_by(SourceError::new(SourceErrorKind::Unreachable, text), fetch))
        }
    }
}

fn withdrawn() -> SourceError {
    SourceError::new(SourceErrorKind::Withdrawn, "the source says that it is gone (410)")
}

fn fault_of(reason: NoLinkReason, response: &Response) -> SourceError {
    let kind = match reason {
        NoLinkReason::NoLink | NoLinkReason::OutsideEntry => SourceErrorKind::NoLink,
        NoLinkReason::NotAPage => SourceErrorKind::NoPage,
    };
    let more = if response.is_cut {
        format!(", of which the first {} bytes were read", response.body.len())
    } else {
        String::new()
    };
    SourceError::new(kind, format!("{reason}{more}"))
}

/// The words of a page, completed by what its trackback says.
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
    words.title = without_site(&words.title, &words.site).to_owned();
    words
}

fn outcome_of(verification: &Verification) -> VerificationOutcome {
    match verification {
        Verification::Found(..) => VerificationOutcome::Found,
        Verification::Lost(fault) => match fault.kind {
            SourceErrorKind::NoLink | SourceErrorKind::NoPage => VerificationOutcome::Missing,
            SourceErrorKind::Withdrawn => VerificationOutcome::Withdrawn,
            SourceErrorKind::Unreachable => VerificationOutcome::Unreachable,
            SourceErrorKind::Blocked => VerificationOutcome::Blocked,
            SourceErrorKind::SamePage => VerificationOutcome::Found,
        },
    }
}
