//! What a run did, for people and for machines: one letter for each page that was told or was to be.

use std::result::Result;

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};

use crate::diagnostic::Diagnostic;
use crate::linkback::LinkbackKind;
use crate::linkback::outbox::log::{SendKey, SendRecord};
use crate::linkback::outbox::plan::{SendReason, SendTask};
use crate::linkback::protocol::discovery::Endpoint;

/// What a run did.
#[derive(Debug, Default, Serialize)]
pub struct SendReport {
    /// Faults of the site or of the ledger. With an error among them nothing was sent.
    pub diagnostics: Vec<Diagnostic>,
    /// Why nothing was sent although there is something: the ledger does not know what this blog has told.
    pub surprise: Option<FirstRun>,
    /// Everyone that was told or was to be.
    pub letters: Vec<Delivery>,
    /// Messages that an earlier run was killed over: nobody knows whether they arrived.
    pub interrupted: Vec<SendKey>,
    /// How many posts were marked as sent.
    pub marked: Option<usize>,
    /// How many are to be tried again.
    pub waiting: usize,
    /// When the first of them is due.
    pub next: Option<DateTime<Utc>>,
}

/// What would go out if nobody asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FirstRun {
    /// What is unexpected.
    pub why: FirstRunCause,
    /// How many posts have links that nobody was told of.
    pub posts: usize,
    /// How many links.
    pub links: usize,
}

/// Why what would go out is more than anybody expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FirstRunCause {
    /// The blog is older than its ledger.
    Old,
    /// The ledger was there and is not there any more.
    Lost,
}

/// One page that was told, or was to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Delivery {
    /// The post's id, or the address of a page that is no post.
    pub post: String,
    /// The page with the link.
    pub source: String,
    /// The page it leads to.
    pub target: String,
    /// Why it is told.
    #[serde(serialize_with = "reason_name")]
    pub reason: SendReason,
    /// How it is told.
    #[serde(serialize_with = "protocol_name")]
    pub protocol: Option<LinkbackKind>,
    /// Where it is told.
    pub endpoint: String,
    /// How it went.
    #[serde(flatten)]
    pub end: DeliveryOutcome,
}

impl Delivery {
    /// One about what stands in the ledger.
    pub(super) fn about(
        task: &SendTask,
        record: &SendRecord,
        (endpoint, end): (Option<&Endpoint>, DeliveryOutcome),
    ) -> Self {
        Self {
            post: task.key.post.clone(),
            source: record.source.clone(),
            target: record.target.clone(),
            reason: task.reason,
            protocol: endpoint.map(|endpoint| endpoint.kind),
            endpoint: endpoint.map_or_else(String::new, |endpoint| endpoint.url.to_string()),
            end,
        }
    }
}

/// How it went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "end")]
pub enum DeliveryOutcome {
    /// It would be told, if this were no rehearsal.
    Would {
        /// What stands in the way at the moment.
        but: Option<String>,
    },
    /// It would be asked how it wants to be told, if it were certain that anyone is to be.
    Unasked,
    /// It was told.
    Told {
        /// What it answered.
        answer: String,
    },
    /// It takes no linkbacks.
    Silent,
    /// It was told once, in a way that knows no second time.
    Kept {
        /// Which.
        reason: String,
    },
    /// It is tried again.
    Later {
        /// Why.
        reason: String,
        /// When.
        next: DateTime<Utc>,
    },
    /// It is not tried again.
    Failed {
        /// Why.
        reason: String,
    },
    /// Our own page is not as it would have to be.
    NotYet {
        /// How it is.
        reason: String,
    },
}

fn reason_name<S: Serializer>(reason: &SendReason, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(match reason {
        SendReason::New => "new",
        SendReason::Changed => "changed",
        SendReason::Removed => "removed",
        SendReason::Gone => "gone",
        SendReason::Again(_) => "again",
    })
}

fn protocol_name<S: Serializer>(protocol: &Option<LinkbackKind>, serializer: S) -> Result<S::Ok, S::Error> {
    protocol.map(LinkbackKind::name).serialize(serializer)
}

impl SendReport {
    /// Whether there is anything to say.
    pub fn has_news(&self) -> bool {
        self.needs_attention() || !self.letters.is_empty() || !self.interrupted.is_empty()
    }

    /// Whether somebody has to do something: nothing was sent that should have been.
    pub fn needs_attention(&self) -> bool {
        self.surprise.is_some()
            || self.diagnostics.iter().any(Diagnostic::is_error)
            || self.letters.iter().any(|letter| {
                matches!(letter.end, DeliveryOutcome::Failed { .. } | DeliveryOutcome::NotYet { .. })
            })
    }
}
