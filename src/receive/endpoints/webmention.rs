//! Webmention (W3C Recommendation of 12 January 2017, section 3.2): `POST /webmention`, and a form for people.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use url::form_urlencoded;

use super::{Sender, html, read, wants_html, with_retry_after};
use crate::linkback::Kind;
use crate::linkback::inbox::Hints;
use crate::receive::pages;
use crate::receive::reception::{Letter, Reception, Refusal};
use crate::receive::store::Receipt;

/// What the form can be opened with: a post's page links to it with its own address.
#[derive(Deserialize)]
pub(super) struct Wish {
    #[serde(default)]
    target: String,
}

pub(super) async fn form(Query(wish): Query<Wish>) -> Response {
    html(pages::form(&wish.target))
}

pub(super) async fn receive(
    State(reception): State<Arc<Reception>>,
    Sender(sender): Sender,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let for_person = wants_html(&headers);
    if let Err(refusal) = reception.charge(sender, Kind::Webmention) {
        return refuse(&refusal, for_person);
    }
    let Some(body) = read(body).await else {
        return (StatusCode::PAYLOAD_TOO_LARGE, "the form is too long\n").into_response();
    };
    let value = |wanted: &str| {
        let mut pairs = form_urlencoded::parse(&body);
        pairs.find(|(name, _)| name == wanted).map_or_else(String::new, |(_, value)| value.into_owned())
    };
    let letter = Letter {
        protocol: Kind::Webmention,
        source: value("source"),
        target: value("target"),
        hints: Hints::default(),
        sender,
    };
    match reception.admit(letter).await {
        Ok(Receipt::New { token } | Receipt::Known { token, .. }) => taken(&reception, &token, for_person),
        Ok(Receipt::Full) => refuse(&Refusal::Full, for_person),
        Err(refusal) => refuse(&refusal, for_person),
    }
}

/// Created, whether it is new or was known: the status page is there (section 3.2: 201 with a `Location`).
fn taken(reception: &Reception, token: &str, for_person: bool) -> Response {
    let status = format!("{}/status/{token}", reception.settings.public_address());
    let body = if for_person {
        html(pages::taken(&status))
    } else {
        format!("taken; see {status}\n").into_response()
    };
    (StatusCode::CREATED, [(header::LOCATION, status)], body).into_response()
}

fn refuse(refusal: &Refusal, for_person: bool) -> Response {
    let status = match refusal {
        Refusal::Form(_) | Refusal::Target => StatusCode::BAD_REQUEST,
        Refusal::TooMuch(_) | Refusal::Full => StatusCode::TOO_MANY_REQUESTS,
        Refusal::Broken => StatusCode::INTERNAL_SERVER_ERROR,
    };
    let text = refusal.text();
    let body = if for_person { html(pages::refused(&text)) } else { format!("{text}\n").into_response() };
    with_retry_after((status, body).into_response(), refusal)
}
