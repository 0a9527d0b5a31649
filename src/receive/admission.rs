//! What all protocols have in common: who may submit, what is taken, and where it goes.
//!
//! `Reception::admit` is the only way in. It looks at the sender's share, the two addresses and the site's table, in
//! this order and without asking anybody else; then the submission goes to the [intake](crate::receive::queue::writer).

use std::net::IpAddr;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::{Mutex, MutexGuard};

use crate::config::linkbacks::LinkbackSettings;
use crate::linkback::LinkbackKind;
use crate::linkback::address::Address;
use crate::linkback::inbox::state::{Hints, Submission};
use crate::linkback::protocol::trackback;
use crate::linkback::protocol::webmention::{self, Webmention};
use crate::receive::clock::Clock;
use crate::receive::endpoints::pages::ReceiverPages;
use crate::receive::limits::RateLimiter;
use crate::receive::metrics::{Metrics, SubmissionOutcome};
use crate::receive::moderation::policy::is_too_old;
use crate::receive::queue::store::{LinkbackStore, Receipt};
use crate::receive::queue::writer::SubmissionWriter;
use crate::receive::site_index::SiteIndex;
use crate::receive::site_index::addresses::{LinkTarget, TargetIndex};

/// Everything that answering takes.
pub struct Admission {
    /// The site's settings for it.
    pub(super) settings: LinkbackSettings,
    /// The site's posts.
    pub(super) index: Arc<SiteIndex>,
    /// Where submissions go.
    pub(super) intake: SubmissionWriter,
    /// What was counted.
    pub(super) counts: Arc<Metrics>,
    /// What time it is.
    pub(super) clock: Clock,
    store: Mutex<LinkbackStore>,
    limiter: Mutex<RateLimiter>,
}

/// What somebody sent, as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RawSubmission {
    /// How it was sent.
    pub(super) protocol: LinkbackKind,
    /// The page that links.
    pub(super) source: String,
    /// The post.
    pub(super) target: String,
    /// What is said of the page.
    pub(super) hints: Hints,
    /// Who sent it.
    pub(super) sender: IpAddr,
}

/// Why a letter was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum AdmissionError {
    /// An address is none, or both are one.
    Form(webmention::WebmentionError),
    /// The target is no post of this site that takes linkbacks. Which of the many reasons it is, nobody is told.
    Target,
    /// The sender has sent too much, and has to wait so long.
    TooMuch(TimeDelta),
    /// The queue is full.
    Full,
    /// The database does not work.
    Broken,
}

/// How long to wait when the queue is full, or the database broken.
pub(super) const WHEN_FULL: TimeDelta = TimeDelta::minutes(5);

impl Admission {
    /// A reception with a connection of its own for questions.
    pub fn new(
        settings: &LinkbackSettings,
        index: Arc<SiteIndex>,
        (intake, store): (SubmissionWriter, LinkbackStore),
        (clock, counts): (Clock, Arc<Metrics>),
    ) -> Self {
        Self {
            settings: settings.clone(),
            index,
            intake,
            counts,
            clock,
            store: Mutex::new(store),
            limiter: Mutex::new(RateLimiter::new(settings.hourly, settings.burst)),
        }
    }

    /// The connection for questions.
    pub(super) fn store(&self) -> MutexGuard<'_, LinkbackStore> {
        self.store.lock()
    }

    /// The words for people.
    pub(super) fn words(&self) -> Arc<ReceiverPages> {
        Arc::clone(&self.index.snapshot().pages)
    }

    /// What time it is.
    pub(super) fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }

    /// Takes a letter, or says why not.
    pub(super) async fn admit(&self, letter: RawSubmission) -> Result<Receipt, AdmissionError> {
        let protocol = letter.protocol;
        let answer = match self.check(letter) {
            Ok(submission) => match self.intake.submit(submission).await {
                Ok(Receipt::Full) => Err(AdmissionError::Full),
                Ok(receipt) => Ok(receipt),
                Err(_) => Err(AdmissionError::Broken),
            },
            Err(refusal) => Err(refusal),
        };
        self.counts.submitted(protocol, outcome_of(&answer));
        answer
    }

    /// Counts what is refused before it is a letter.
    pub(super) fn turn_away(&self, protocol: LinkbackKind, refusal: AdmissionError) -> AdmissionError {
        self.counts.submitted(protocol, outcome_of_refusal(&refusal));
        refusal
    }

    /// Counts a request against its sender's share, before anything of it is read.
    pub(super) fn charge(&self, sender: IpAddr, protocol: LinkbackKind) -> Result<(), AdmissionError> {
        let mut limiter = self.limiter.lock();
        limiter
            .take(sender, self.now())
            .map_err(|wait| self.turn_away(protocol, AdmissionError::TooMuch(wait)))
    }

    fn check(&self, letter: RawSubmission) -> Result<Submission, AdmissionError> {
        let mention = Webmention::new(&letter.source, &letter.target).map_err(AdmissionError::Form)?;
        let table = self.index.targets();
        let target = self.open_target(&table, &mention.target)?;
        if table.find(&mention.source).is_some_and(|source| source.post == target.post) {
            return Err(AdmissionError::Form(webmention::WebmentionError::Same));
        }
        let is_own = target.links(None).contain(mention.target.url());
        Ok(Submission {
            source: mention.source.as_str().to_owned(),
            target: target.url.clone(),
            written: (!is_own).then(|| mention.target.without_fragment().as_str().to_owned()),
            post: target.post.as_str().to_owned(),
            protocol: letter.protocol,
            hints: letter.hints,
            sender: letter.sender.to_string(),
        })
    }

    /// The post at an address, if it takes linkbacks.
    pub(super) fn open_target(
        &self,
        table: &TargetIndex,
        address: &Address,
    ) -> Result<Arc<LinkTarget>, AdmissionError> {
        let target = table.find(address).filter(|target| self.is_open(target));
        target.cloned().ok_or(AdmissionError::Target)
    }

    fn is_open(&self, target: &LinkTarget) -> bool {
        let published = target.published.map(|published| published.time().to_utc());
        let is_too_old = is_too_old(published, &self.index.snapshot().config, self.now());
        // A database that cannot be asked says no to nobody: the submission itself will meet it.
        let is_closed = || self.store().is_closed(target.post.as_str()).unwrap_or(false);
        target.takes_linkbacks && !is_too_old && !is_closed()
    }
}

fn outcome_of(answer: &Result<Receipt, AdmissionError>) -> SubmissionOutcome {
    match answer {
        Ok(Receipt::New { .. }) => SubmissionOutcome::New,
        Ok(Receipt::Known { .. }) => SubmissionOutcome::Known,
        Ok(Receipt::Full) => SubmissionOutcome::Full,
        Err(refusal) => outcome_of_refusal(refusal),
    }
}

fn outcome_of_refusal(refusal: &AdmissionError) -> SubmissionOutcome {
    match refusal {
        AdmissionError::Form(_) => SubmissionOutcome::Malformed,
        AdmissionError::Target => SubmissionOutcome::WrongTarget,
        AdmissionError::TooMuch(_) => SubmissionOutcome::Limited,
        AdmissionError::Full => SubmissionOutcome::Full,
        AdmissionError::Broken => SubmissionOutcome::Broken,
    }
}

impl AdmissionError {
    /// What its sender is told, whatever the protocol.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Form(fault) => fault.to_string(),
            Self::Target => "target: this is no page here that takes linkbacks".to_owned(),
            Self::TooMuch(_) => "too many requests from your address; try again later".to_owned(),
            Self::Full => "too much is waiting here already; try again later".to_owned(),
            Self::Broken => "this cannot be taken at the moment; try again later".to_owned(),
        }
    }

    /// How long its sender has to wait before another try, in seconds.
    pub(super) fn retry_after(&self) -> Option<i64> {
        match self {
            Self::TooMuch(wait) => Some(wait.num_seconds() + 1),
            Self::Full | Self::Broken => Some(WHEN_FULL.num_seconds()),
            Self::Form(_) | Self::Target => None,
        }
    }

    /// As the answer to a trackback.
    pub(super) fn trackback(&self) -> trackback::TrackbackResponse {
        trackback::TrackbackResponse::Refused(self.text())
    }
}
