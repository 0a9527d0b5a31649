//! Webmention (W3C Recommendation of 12 January 2017, section 3.2): `POST /webmention`, and a form for people.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::{Asker, Sender, field, html, read, read_form, refused, too_long};
use crate::linkback::LinkbackKind;
use crate::linkback::inbox::state::Hints;
use crate::receive::admission::{Admission, AdmissionError, RawSubmission};
use crate::receive::queue::store::Receipt;

/// What the form can be opened with: a post's page links to it with its own address.
#[derive(Deserialize)]
pub(super) struct FormQuery {
    #[serde(default)]
    target: String,
}

pub(super) async fn form(State(admission): State<Arc<Admission>>, Query(wish): Query<FormQuery>) -> Response {
    html(admission.pages().form(&wish.target))
}

pub(super) async fn receive(
    State(admission): State<Arc<Admission>>,
    Sender(sender): Sender,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let asker = Asker::of(&headers);
    if let Err(refusal) = admission.charge(sender, LinkbackKind::Webmention) {
        return refuse(&admission, &refusal, asker);
    }
    let Some(body) = read(body).await else {
        return too_long((StatusCode::PAYLOAD_TOO_LARGE, "the form is too long\n").into_response());
    };
    let fields = match read_form(&headers, body).await {
        Ok(fields) => fields,
        Err(answer) => return answer,
    };
    let submission = RawSubmission {
        protocol: LinkbackKind::Webmention,
        source: field(&fields, "source").to_owned(),
        target: field(&fields, "target").to_owned(),
        hints: Hints::default(),
        sender,
    };
    match admission.admit(submission).await {
        Ok(Receipt::New { token } | Receipt::Known { token, .. }) => taken(&admission, &token, asker),
        Ok(Receipt::Full) => refuse(&admission, &AdmissionError::Full, asker),
        Err(refusal) => refuse(&admission, &refusal, asker),
    }
}

/// Created, whether it is new or was known: the status page is there (section 3.2: 201 with a `Location`).
fn taken(admission: &Admission, token: &str, asker: Asker) -> Response {
    let status = format!("{}/status/{token}", admission.settings.public_address());
    let body = match asker {
        Asker::Person => html(admission.pages().accepted(&status)),
        Asker::Machine => format!("taken; see {status}\n").into_response(),
    };
    (StatusCode::CREATED, [(header::LOCATION, status)], body).into_response()
}

fn refuse(admission: &Admission, refusal: &AdmissionError, asker: Asker) -> Response {
    let status = match refusal {
        AdmissionError::Form(_) | AdmissionError::Target => StatusCode::BAD_REQUEST,
        AdmissionError::TooMuch(_) | AdmissionError::Full => StatusCode::TOO_MANY_REQUESTS,
        AdmissionError::Broken => StatusCode::INTERNAL_SERVER_ERROR,
    };
    let body = match asker {
        Asker::Person => html(admission.pages().refused(refusal)),
        Asker::Machine => format!("{}\n", refusal.text()).into_response(),
    };
    refused((status, body).into_response(), refusal)
}
