//! The pages for people: the form, the answer to a submission, and its status. Answers to programs are in English.

use tera::Context;

use crate::linkback::inbox::state::{InboxItem, InboxState, SourceErrorKind};
use crate::linkback::protocol::webmention::WebmentionError;
use crate::receive::admission::AdmissionError;
use crate::receive::pages::ReceiverPages;

/// The policy for browsers: nothing is loaded, nothing runs, and forms are sent to this address only.
pub(super) const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

impl ReceiverPages {
    /// The form to submit a response. `target` may be filled in already.
    pub(super) fn form(&self, target: &str) -> String {
        let mut context = self.titled("tell_title");
        context.insert("target", target);
        self.render("form.html", context)
    }

    /// The answer to a submission that was accepted.
    pub(super) fn accepted(&self, status: &str) -> String {
        let mut context = self.titled("tell_taken");
        context.insert("status", status);
        self.render("accepted.html", context)
    }

    /// The answer to a submission that was refused.
    pub(super) fn refused(&self, error: &AdmissionError) -> String {
        let reason = match error {
            AdmissionError::Form(WebmentionError::Source(_)) => "refused_source",
            AdmissionError::Form(WebmentionError::Target(_)) | AdmissionError::Target => "refused_target",
            AdmissionError::Form(WebmentionError::Same) => "refused_same",
            AdmissionError::TooMuch(_) => "refused_often",
            AdmissionError::Full | AdmissionError::Broken => "refused_later",
        };
        let mut context = self.titled("tell_refused");
        context.insert("reason", &self.text(reason));
        self.render("refused.html", context)
    }

    /// The answer to a comment that was accepted.
    pub(super) fn comment_accepted(&self, status: &str) -> String {
        let mut context = self.titled("tell_taken");
        context.insert("status", status);
        self.render("comment_accepted.html", context)
    }

    /// A page with one sentence.
    pub(super) fn message(&self, title: &str, text: &str) -> String {
        let mut context = self.titled(title);
        context.insert("text", &self.text(text));
        self.render("notice.html", context)
    }

    /// The status of a submission.
    pub(super) fn status(&self, item: &InboxItem) -> String {
        let mut context = self.titled("status_title");
        context.insert("status", &self.text(PublicStatus::of(item).word()));
        context.insert("source", if item.is_comment() { "" } else { item.source.as_str() });
        context.insert("comment", &item.words.as_ref().map(|words| &words.content));
        context.insert("withdrawable", &(item.is_comment() && item.words.is_some()));
        context.insert("target", &item.target);
        context.insert("received", &item.received.format("%Y-%m-%d %H:%M").to_string());
        self.render("status.html", context)
    }

    fn titled(&self, key: &str) -> Context {
        let mut context = Context::new();
        context.insert("title", &self.text(key));
        context
    }
}

/// How a submission stands, for its sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PublicStatus {
    /// It waits to be looked at.
    Queued,
    /// Its link was found; a decision against it is not shown.
    Held,
    Approved,
    /// Its page has no link.
    NoLink,
    /// Its page could not be read. The status does not say how an address failed: that would be a map of the network.
    Unread,
    /// Its page or its link is gone.
    Gone,
}

impl PublicStatus {
    /// What its sender may know: rejection and spam look like waiting.
    pub(super) fn of(item: &InboxItem) -> Self {
        match item.state {
            _ if item.is_comment() && item.words.is_none() => Self::Gone,
            InboxState::Queued if item.is_comment() => Self::Held,
            InboxState::Queued => Self::Queued,
            InboxState::Held | InboxState::Rejected | InboxState::Spam => Self::Held,
            InboxState::Approved => Self::Approved,
            InboxState::Refused => match item.fault.as_ref().map(|fault| fault.kind) {
                Some(SourceErrorKind::NoLink) => Self::NoLink,
                Some(SourceErrorKind::SamePage) => Self::Held,
                _ => Self::Unread,
            },
            InboxState::Gone => Self::Gone,
        }
    }

    /// Its name, and a sentence in English, for programs.
    pub(super) fn for_machines(self) -> (&'static str, &'static str) {
        match self {
            Self::Queued => ("queued", "the page waits to be looked at"),
            Self::Held => ("held", "the link was found; a person decides whether it is shown"),
            Self::Approved => ("approved", "it is shown under the post"),
            Self::NoLink => ("refused", "not taken: the page has no link to the post"),
            Self::Unread => ("refused", "not taken: the page could not be read"),
            Self::Gone => ("gone", "the page or its link is gone"),
        }
    }

    /// The word of it in a theme.
    fn word(self) -> &'static str {
        match self {
            Self::Queued => "status_queued",
            Self::Held => "status_held",
            Self::Approved => "status_approved",
            Self::NoLink => "status_no_link",
            Self::Unread => "status_unread",
            Self::Gone => "status_gone",
        }
    }
}
