//! Pingback 1.0: `POST /pingback`, and `/xmlrpc.php` where WordPress looks for it.
//!
//! The answer is always 200 with a fault or a text, and comes at once: WordPress hangs up after three seconds. What only
//! a look at the source can tell, its sender learns if it pings again.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::{Sender, content_type, read, with_retry_after, xml};
use crate::linkback::Kind;
use crate::linkback::address::Address;
use crate::linkback::inbox::state::{FaultKind, Hints, State as Standing};
use crate::linkback::protocol::pingback::{Call, Fault, read_call, write_done, write_fault, write_list};
use crate::linkback::protocol::webmention;
use crate::receive::admission::{Letter, Reception, Refusal};
use crate::receive::queue::store::Receipt;

/// As WordPress says it.
pub(super) async fn wrong_method() -> Response {
    let allow = [(header::ALLOW, "POST")];
    (StatusCode::METHOD_NOT_ALLOWED, allow, "XML-RPC server accepts POST requests only.").into_response()
}

pub(super) async fn receive(
    State(reception): State<Arc<Reception>>,
    Sender(sender): Sender,
    headers: HeaderMap,
    body: Body,
) -> Response {
    if let Err(refusal) = reception.charge(sender, Kind::Pingback) {
        return with_retry_after(fault(&of_refusal(&refusal)), &refusal);
    }
    let Some(body) = read(body).await else {
        return fault(&Fault::new(Fault::MALFORMED, "the message is too long"));
    };
    match read_call(&body, content_type(&headers)) {
        Ok(Call::Ping { source, target }) => {
            let letter = Letter { protocol: Kind::Pingback, source, target, hints: Hints::default(), sender };
            ping(&reception, letter).await
        }
        Ok(Call::Pingbacks { target }) => pingbacks(&reception, &target),
        Err(malformed) => fault(&malformed),
    }
}

async fn ping(reception: &Reception, letter: Letter) -> Response {
    let (source, target) = (letter.source.clone(), letter.target.clone());
    let done =
        || xml(write_done(&format!("Pingback from {source} to {target} received; it will be looked at.")));
    match reception.admit(letter).await {
        Ok(Receipt::New { .. }) => done(),
        Ok(Receipt::Known { fault: Some(kind), .. }) => fault(&of_look(kind)),
        // It was refused or withdrawn, and gets another chance.
        Ok(Receipt::Known { state: Standing::Refused | Standing::Gone, .. }) => done(),
        Ok(Receipt::Known { .. }) => {
            fault(&Fault::new(Fault::ALREADY_REGISTERED, "The pingback has already been registered."))
        }
        Ok(Receipt::Full) => with_retry_after(fault(&of_refusal(&Refusal::Full)), &Refusal::Full),
        Err(refusal) => with_retry_after(fault(&of_refusal(&refusal)), &refusal),
    }
}

/// The pages that link to a post, as far as they are shown.
fn pingbacks(reception: &Reception, target: &str) -> Response {
    let table = reception.catalogue.addresses();
    let target = Address::parse(target).ok().and_then(|target| reception.open_target(&table, &target).ok());
    let Some(target) = target else { return fault(&of_refusal(&Refusal::Target)) };
    match reception.store().sources_of(&target.url, &[Standing::Approved]) {
        Ok(sources) => xml(write_list(&sources)),
        Err(_) => fault(&of_refusal(&Refusal::Broken)),
    }
}

fn fault(fault: &Fault) -> Response {
    xml(write_fault(fault))
}

/// The codes of Pingback 1.0, section 3.
fn of_refusal(refusal: &Refusal) -> Fault {
    let code = match refusal {
        Refusal::Form(webmention::Fault::Source(_)) => Fault::NO_SOURCE,
        Refusal::Form(webmention::Fault::Target(_)) => Fault::NO_TARGET,
        Refusal::Form(webmention::Fault::Same) | Refusal::Broken => Fault::GENERIC,
        Refusal::Target => Fault::TARGET_UNUSABLE,
        Refusal::TooMuch(_) | Refusal::Full => Fault::ACCESS_DENIED,
    };
    Fault::new(code, refusal.text())
}

fn of_look(kind: FaultKind) -> Fault {
    match kind {
        FaultKind::NoLink => Fault::new(Fault::NO_LINK, "source: it has no link to the target"),
        FaultKind::NoPage | FaultKind::Withdrawn => Fault::new(Fault::NO_SOURCE, "source: there is no page"),
        FaultKind::Unreachable => Fault::new(Fault::UPSTREAM, "source: its server did not answer"),
        FaultKind::Blocked => Fault::new(Fault::ACCESS_DENIED, "source: it is not taken here"),
    }
}
