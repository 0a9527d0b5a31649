//! What a run did: one delivery for each task.

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
    /// Faults of the site or of the log. With an error among them nothing was sent.
    pub diagnostics: Vec<Diagnostic>,
    /// Why nothing was sent although there is something: the log does not know what was sent before.
    #[serde(rename = "surprise")]
    pub first_run: Option<FirstRun>,
    /// The deliveries, by post and target.
    #[serde(rename = "letters")]
    pub deliveries: Vec<Delivery>,
    /// What receivers now say became of a linkback that was sent earlier.
    pub verdicts: Vec<ReceiverVerdict>,
    /// Messages during which an earlier run was killed; whether they arrived is not known.
    pub interrupted: Vec<SendKey>,
    /// How many posts were recorded as sent.
    pub marked: Option<usize>,
    /// How many messages wait for another try.
    pub waiting: usize,
    /// When the first of them is due.
    pub next: Option<DateTime<Utc>>,
}

/// What a receiver says became of a linkback.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReceiverVerdict {
    /// The post's id, or the address of a page that is not a post.
    pub post: String,
    pub target: String,
    /// Its word, such as `approved`; the status of its answer if it has none.
    pub verdict: String,
}

/// Messages that an author may not expect to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FirstRun {
    pub why: FirstRunCause,
    /// How many posts have links that the log does not know.
    pub posts: usize,
    /// How many such links there are.
    pub links: usize,
}

/// Why messages are unexpected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FirstRunCause {
    /// The blog is older than its log.
    Old,
    /// The log existed and does not any more.
    Lost,
}

/// One message that was sent, or was to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Delivery {
    /// The post's id, or the address of a page that is not a post.
    pub post: String,
    /// The page with the link.
    pub source: String,
    pub target: String,
    /// Why the message is sent.
    #[serde(serialize_with = "reason_name")]
    pub reason: SendReason,
    /// The protocol, once the endpoint is known.
    #[serde(serialize_with = "protocol_name")]
    pub protocol: Option<LinkbackKind>,
    /// The endpoint; empty if it is not known.
    pub endpoint: String,
    #[serde(flatten)]
    pub outcome: DeliveryOutcome,
}

impl Delivery {
    pub(super) fn new(
        task: &SendTask,
        record: &SendRecord,
        endpoint: Option<&Endpoint>,
        outcome: DeliveryOutcome,
    ) -> Self {
        Self {
            post: task.key.post.clone(),
            source: record.source.clone(),
            target: record.target.clone(),
            reason: task.reason,
            protocol: endpoint.map(|endpoint| endpoint.kind),
            endpoint: endpoint.map_or_else(String::new, |endpoint| endpoint.url.to_string()),
            outcome,
        }
    }
}

/// What came of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "end")]
pub enum DeliveryOutcome {
    /// It would be sent, but for the dry run.
    Would {
        /// What would prevent it at the moment.
        but: Option<String>,
    },
    /// Its endpoint was not looked for, as it is not certain that anything is to be sent.
    Unasked,
    Told {
        answer: String,
    },
    /// The page takes no linkbacks.
    Silent,
    /// It was sent once, by a protocol that cannot change or withdraw it.
    Kept {
        /// Which protocol.
        reason: String,
    },
    /// It is tried again.
    Later {
        reason: String,
        next: DateTime<Utc>,
    },
    /// It is not tried again.
    Failed {
        reason: String,
    },
    /// The own page that is online is not as it has to be.
    NotYet {
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
    /// Whether there is anything to report.
    pub fn has_news(&self) -> bool {
        self.needs_attention()
            || !self.deliveries.is_empty()
            || !self.verdicts.is_empty()
            || !self.interrupted.is_empty()
    }

    /// Whether something has to be done: a message was not sent that should have been.
    pub fn needs_attention(&self) -> bool {
        self.first_run.is_some()
            || self.diagnostics.iter().any(Diagnostic::is_error)
            || self.deliveries.iter().any(|delivery| {
                matches!(delivery.outcome, DeliveryOutcome::Failed { .. } | DeliveryOutcome::NotYet { .. })
            })
    }
}
