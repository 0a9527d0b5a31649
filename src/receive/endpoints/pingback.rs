//! Pingback 1.0: `POST /pingback`, and `/xmlrpc.php` where WordPress looks for it.
//!
//! The answer is always 200 with a fault or a text, and comes at once: WordPress hangs up after three seconds. What only
//! a look at the source can tell, its sender learns if it pings again.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::{Sender, content_type, read, refused, too_long, xml};
use crate::linkback::LinkbackKind;
use crate::linkback::address::Address;
use crate::linkback::inbox::state::{Hints, InboxState, SourceErrorKind};
use crate::linkback::protocol::pingback::{
    PingbackCall, PingbackFault, read_call, write_done, write_fault, write_list,
};
use crate::linkback::protocol::webmention;
use crate::receive::admission::{Admission, AdmissionError, RawSubmission};
use crate::receive::queue::store::Receipt;
use crate::receive::request_log;

/// As WordPress says it.
pub(super) async fn wrong_method() -> Response {
    let allow = [(header::ALLOW, "POST")];
    (StatusCode::METHOD_NOT_ALLOWED, allow, "XML-RPC server accepts POST requests only.").into_response()
}

pub(super) async fn receive(
    State(admission): State<Arc<Admission>>,
    Sender(sender): Sender,
    headers: HeaderMap,
    body: Body,
) -> Response {
    if let Err(refusal) = admission.charge(sender, LinkbackKind::Pingback) {
        return refused(fault(&of_refusal(&refusal)), &refusal);
    }
    let Some(body) = read(body).await else {
        return too_long(fault(&PingbackFault::new(PingbackFault::MALFORMED, "the message is too long")));
    };
    match read_call(&body, content_type(&headers)) {
        Ok(PingbackCall::Ping { source, target }) => {
            let submission = RawSubmission {
                protocol: LinkbackKind::Pingback,
                source,
                target,
                hints: Hints::default(),
                sender,
            };
            ping(&admission, submission).await
        }
        Ok(PingbackCall::Pingbacks { target }) => pingbacks(&admission, &target),
        Err(malformed) => request_log::refused(fault(&malformed), malformed.text),
    }
}

async fn ping(admission: &Admission, submission: RawSubmission) -> Response {
    let (source, target) = (submission.source.clone(), submission.target.clone());
    match admission.admit(submission).await {
        Ok(Receipt::Known { fault: Some(kind), .. }) => fault(&of_source_error(kind)),
        // One that was refused or withdrawn is verified again.
        Ok(Receipt::New { .. } | Receipt::Known { state: InboxState::Refused | InboxState::Gone, .. }) => {
            xml(write_done(&format!("Pingback from {source} to {target} received; it will be looked at.")))
        }
        Ok(Receipt::Known { .. }) => fault(&PingbackFault::new(
            PingbackFault::ALREADY_REGISTERED,
            "The pingback has already been registered.",
        )),
        Ok(Receipt::Full) => refused(fault(&of_refusal(&AdmissionError::Full)), &AdmissionError::Full),
        Err(refusal) => refused(fault(&of_refusal(&refusal)), &refusal),
    }
}

/// The pages that link to a post, as far as they are shown.
fn pingbacks(admission: &Admission, target: &str) -> Response {
    let table = admission.index.targets();
    let target = Address::parse(target).ok().and_then(|target| admission.open_target(&table, &target).ok());
    let Some(target) = target else {
        return refused(fault(&of_refusal(&AdmissionError::Target)), &AdmissionError::Target);
    };
    match admission.store().sources_of(&target.url, &[InboxState::Approved]) {
        Ok(sources) => xml(write_list(&sources)),
        Err(_) => fault(&of_refusal(&AdmissionError::Broken)),
    }
}

fn fault(fault: &PingbackFault) -> Response {
    xml(write_fault(fault))
}

/// The codes of Pingback 1.0, section 3.
fn of_refusal(refusal: &AdmissionError) -> PingbackFault {
    let code = match refusal {
        AdmissionError::Form(webmention::WebmentionError::Source(_)) => PingbackFault::NO_SOURCE,
        AdmissionError::Form(webmention::WebmentionError::Target(_)) => PingbackFault::NO_TARGET,
        AdmissionError::Form(webmention::WebmentionError::Same) | AdmissionError::Broken => {
            PingbackFault::GENERIC
        }
        AdmissionError::Target => PingbackFault::TARGET_UNUSABLE,
        AdmissionError::TooMuch(_) | AdmissionError::Full => PingbackFault::ACCESS_DENIED,
    };
    PingbackFault::new(code, refusal.text())
}

fn of_source_error(kind: SourceErrorKind) -> PingbackFault {
    match kind {
        SourceErrorKind::NoLink => {
            PingbackFault::new(PingbackFault::NO_LINK, "source: it has no link to the target")
        }
        SourceErrorKind::NoPage | SourceErrorKind::Withdrawn => {
            PingbackFault::new(PingbackFault::NO_SOURCE, "source: there is no page")
        }
        SourceErrorKind::Unreachable => {
            PingbackFault::new(PingbackFault::UPSTREAM, "source: its server did not answer")
        }
        SourceErrorKind::SamePage => {
            PingbackFault::new(PingbackFault::ALREADY_REGISTERED, "The pingback has already been registered.")
        }
        SourceErrorKind::Blocked => {
            PingbackFault::new(PingbackFault::ACCESS_DENIED, "source: it is not taken here")
        }
    }
}
