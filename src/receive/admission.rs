//! Admission of a submission, whatever its protocol: rate limit, addresses, target.
//!
//! [`Admission::admit`] is the only way in. It checks the two addresses and the site's index, in this order and without
//! a request to another server; then the submission goes to the [writer](crate::receive::queue::writer).

use std::net::IpAddr;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::{Mutex, MutexGuard};
use tracing::{info, info_span};

use crate::config::Author;
use crate::config::linkbacks::LinkbackSettings;
use crate::error::Result;
use crate::linkback::address::Address;
use crate::linkback::inbox::state::{COMMENT_SOURCE, Hints, Mention, Submission};
use crate::linkback::protocol::trackback;
use crate::linkback::protocol::webmention::{self, Webmention};
use crate::linkback::source::sanitize::{self, MAX_EXCERPT, MAX_NAME};
use crate::linkback::{LinkbackKind, Relation};
use crate::receive::metrics::{Metrics, SubmissionOutcome};
use crate::receive::moderation::policy::is_too_old;
use crate::receive::pages::ReceiverPages;
use crate::receive::queue::store::{LinkbackStore, Receipt};
use crate::receive::queue::writer::SubmissionWriter;
use crate::receive::rate_limiter::RateLimiter;
use crate::receive::site_index::SiteIndex;
use crate::receive::site_index::addresses::{LinkTarget, TargetIndex};
use crate::sys::clock::Clock;
use crate::sys::random;

/// Admits submissions.
pub(crate) struct Admission {
    pub(super) settings: LinkbackSettings,
    pub(super) index: Arc<SiteIndex>,
    pub(super) writer: SubmissionWriter,
    pub(super) metrics: Arc<Metrics>,
    pub(super) clock: Clock,
    store: Mutex<LinkbackStore>,
    /// When something was last written to the disk to see whether it can be.
    probed: Mutex<Option<DateTime<Utc>>>,
    limiter: Mutex<RateLimiter>,
}

/// A submission as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RawSubmission {
    pub(super) protocol: LinkbackKind,
    pub(super) source: String,
    pub(super) target: String,
    /// What the sender says of the source.
    pub(super) hints: Hints,
    pub(super) sender: IpAddr,
}

/// A comment as it was sent, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CommentText {
    /// The post's own address.
    pub(super) target: String,
    /// The id of the response that it answers.
    pub(super) parent: Option<String>,
    pub(super) name: String,
    pub(super) url: Option<String>,
    /// Markdown.
    pub(super) text: String,
    pub(super) sender: IpAddr,
}

/// Why a submission is not admitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum AdmissionError {
    /// An address is unusable, or both are the same.
    Form(webmention::WebmentionError),
    /// No post that accepts linkbacks is at the target. Which of the possible reasons it is, the answer does not say.
    Target,
    /// The sender has used up its share, and has to wait this long.
    TooMuch(TimeDelta),
    Full,
    Broken,
}

/// How long a sender has to wait when the queue is full or the database has failed.
pub(super) const WHEN_FULL: TimeDelta = TimeDelta::minutes(5);

/// How long a success of writing to the disk counts.
const PROBE_INTERVAL: TimeDelta = TimeDelta::seconds(5);

impl Admission {
    /// The admission to a site. `store` is a connection of its own, for reading.
    pub(crate) fn new(
        settings: &LinkbackSettings,
        index: Arc<SiteIndex>,
        writer: SubmissionWriter,
        store: LinkbackStore,
        metrics: Arc<Metrics>,
        clock: Clock,
    ) -> Self {
        Self {
            settings: settings.clone(),
            index,
            writer,
            metrics,
            clock,
            store: Mutex::new(store),
            probed: Mutex::default(),
            limiter: Mutex::new(RateLimiter::new(settings.hourly, settings.burst)),
        }
    }

    /// The connection for reading.
    pub(super) fn store(&self) -> MutexGuard<'_, LinkbackStore> {
        self.store.lock()
    }

    /// Whether submissions can be taken: whether something can be written to the disk. A success counts for some
    /// seconds, as everyone may ask.
    pub(super) fn health(&self) -> Result<()> {
        let now = self.now();
        let mut probed = self.probed.lock();
        if probed.is_none_or(|probed| (now - probed).abs() >= PROBE_INTERVAL) {
            *probed = None;
            self.store().probe(now)?;
            *probed = Some(now);
        }
        Ok(())
    }

    /// The pages for people.
    pub(super) fn pages(&self) -> Arc<ReceiverPages> {
        Arc::clone(&self.index.snapshot().pages)
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Admits a submission and waits until it is on the disk.
    pub(super) async fn admit(
        &self,
        submission: RawSubmission,
    ) -> std::result::Result<Receipt, AdmissionError> {
        let protocol = submission.protocol;
        // The writer takes the submission, and the log names it when it is known what became of it.
        let span = info_span!("submission", source = ?submission.source, target = ?submission.target);
        let result = self.store_on_disk(self.check(submission)).await;
        span.in_scope(|| self.count(protocol, outcome_of(&result)));
        result
    }

    /// Admits a comment and waits until it is on the disk.
    pub(super) async fn admit_comment(
        &self,
        comment: CommentText,
    ) -> std::result::Result<Receipt, AdmissionError> {
        let result = self.store_on_disk(self.submission_of(comment)).await;
        self.count(LinkbackKind::Comment, outcome_of(&result));
        result
    }

    async fn store_on_disk(
        &self,
        checked: std::result::Result<Submission, AdmissionError>,
    ) -> std::result::Result<Receipt, AdmissionError> {
        match self.writer.submit(checked?).await {
            Ok(Receipt::Full) => Err(AdmissionError::Full),
            Ok(receipt) => Ok(receipt),
            Err(_) => {
                // The disk may be full: the next question about health tries it again, however soon it comes.
                *self.probed.lock() = None;
                Err(AdmissionError::Broken)
            }
        }
    }

    fn submission_of(&self, comment: CommentText) -> std::result::Result<Submission, AdmissionError> {
        let CommentText { target, parent, name, url, text, sender } = comment;
        let address = Address::parse(&target).map_err(|_| AdmissionError::Target)?;
        let target = self.open_target(&self.index.targets(), &address)?;
        let words = Mention {
            relation: Relation::Reply,
            title: String::new(),
            site: String::new(),
            author: Some(Author { name: sanitize::plain(&name, MAX_NAME), url, ..Author::default() }),
            excerpt: sanitize::plain(&text, MAX_EXCERPT),
            published: None,
            content: sanitize::visible_lines(&text),
            parent,
        };
        Ok(Submission {
            // A comment has no page. Two with the same words are two comments, so each gets an address of its own.
            source: format!("{COMMENT_SOURCE}{}", random::token::<16>()),
            target: target.url.clone(),
            written: None,
            post: target.post.as_str().to_owned(),
            protocol: LinkbackKind::Comment,
            hints: Hints::default(),
            sender: sender.to_string(),
            comment: Some(Box::new(words)),
        })
    }

    /// Takes the comment of a token back. Whether there is one.
    pub(super) fn withdraw(&self, token: &str) -> Result<bool> {
        let mut store = self.store();
        let item = store.item_by_token(token)?.filter(|item| item.is_comment() && !item.is_withdrawn());
        let Some(item) = item else { return Ok(false) };
        let now = self.now();
        store.withdraw_comment(item.id, now)?;
        self.writer.notify();
        Ok(true)
    }

    /// The secret that forms for comments are signed with. It is kept, so that a form outlives a restart.
    pub(super) fn comment_key(&self) -> Result<String> {
        const KEY: &str = "comment_key";
        let mut store = self.store();
        if let Some(key) = store.meta(KEY)? {
            return Ok(key);
        }
        let key = random::token::<32>();
        store.set_meta(KEY, &key)?;
        Ok(key)
    }

    fn count(&self, protocol: LinkbackKind, outcome: SubmissionOutcome) {
        self.metrics.submitted(protocol, outcome);
        info!(protocol = protocol.name(), ?outcome, "submitted");
    }

    /// Counts a request that is refused before it is read.
    pub(super) fn refuse(&self, protocol: LinkbackKind, error: AdmissionError) -> AdmissionError {
        self.metrics.submitted(protocol, outcome_of_error(&error));
        error
    }

    /// Counts a request against its sender's share, before anything of it is read.
    pub(super) fn charge(
        &self,
        sender: IpAddr,
        protocol: LinkbackKind,
    ) -> std::result::Result<(), AdmissionError> {
        let mut limiter = self.limiter.lock();
        limiter.take(sender, self.now()).map_err(|wait| self.refuse(protocol, AdmissionError::TooMuch(wait)))
    }

    fn check(&self, submission: RawSubmission) -> std::result::Result<Submission, AdmissionError> {
        let mention =
            Webmention::new(&submission.source, &submission.target).map_err(AdmissionError::Form)?;
        let table = self.index.targets();
        let target = self.open_target(&table, &mention.target)?;
        if table.find(&mention.source).is_some_and(|source| source.post == target.post) {
            return Err(AdmissionError::Form(webmention::WebmentionError::Same));
        }
        // An address that leads to the post by a redirect may stand in the source as it was written.
        let is_own = target.links(None).contain(mention.target.url());
        Ok(Submission {
            source: mention.source.as_str().to_owned(),
            target: target.url.clone(),
            written: (!is_own).then(|| mention.target.without_fragment().as_str().to_owned()),
            post: target.post.as_str().to_owned(),
            protocol: submission.protocol,
            hints: submission.hints,
            sender: submission.sender.to_string(),
            comment: None,
        })
    }

    /// The post at an address, if it takes linkbacks.
    pub(super) fn open_target(
        &self,
        table: &TargetIndex,
        address: &Address,
    ) -> std::result::Result<Arc<LinkTarget>, AdmissionError> {
        let target = table.find(address).filter(|target| self.is_open(target));
        target.cloned().ok_or(AdmissionError::Target)
    }

    fn is_open(&self, target: &LinkTarget) -> bool {
        let published = target.published.map(|published| published.time().to_utc());
        target.takes_linkbacks
            && !is_too_old(published, &self.index.snapshot().config, self.now())
            // If the database cannot be read, the submission itself fails and its sender tries again later.
            && !self.store().is_closed(target.post.as_str()).unwrap_or(false)
    }
}

fn outcome_of(result: &std::result::Result<Receipt, AdmissionError>) -> SubmissionOutcome {
    match result {
        Ok(Receipt::New { .. }) => SubmissionOutcome::New,
        Ok(Receipt::Known { .. }) => SubmissionOutcome::Known,
        Ok(Receipt::Full) => SubmissionOutcome::Full,
        Err(error) => outcome_of_error(error),
    }
}

fn outcome_of_error(error: &AdmissionError) -> SubmissionOutcome {
    match error {
        AdmissionError::Form(_) => SubmissionOutcome::Malformed,
        AdmissionError::Target => SubmissionOutcome::WrongTarget,
        AdmissionError::TooMuch(_) => SubmissionOutcome::Limited,
        AdmissionError::Full => SubmissionOutcome::Full,
        AdmissionError::Broken => SubmissionOutcome::Broken,
    }
}

impl AdmissionError {
    /// The text for the sender, whatever the protocol.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Form(fault) => fault.to_string(),
            Self::Target => "target: no page on this site accepts linkbacks at that URL".to_owned(),
            Self::TooMuch(_) => "too many requests from your address; try again later".to_owned(),
            Self::Full => "the queue is full; try again later".to_owned(),
            Self::Broken => "the submission cannot be stored at the moment; try again later".to_owned(),
        }
    }

    /// The value of `Retry-After` (RFC 9110, section 10.2.3), in seconds; `None` if another try is useless.
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
