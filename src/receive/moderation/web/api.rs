//! For programs: the feed of what waits, and the export of what is approved.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::header;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;

use crate::linkback::inbox::state;
use crate::linkback::protocol::jf2;
use crate::receive::queue::store::ItemFilter;
use crate::receive::sync::export;

use super::login::with_retry_after;
use super::queue::filter;
use super::{ModerationApp, Peer, SHOWN, auth, blocking, feed, field, fields, plain};

pub(super) async fn atom(
    State(office): State<Arc<ModerationApp>>,
    Peer(peer): Peer,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let query = fields(query.unwrap_or_default().as_bytes());
    let is_key = || office.token.opens_feed(field(&query, "key")) || shows_token(&office, &headers);
    match office.opens(peer, is_key) {
        Ok(true) => {}
        Ok(false) => {
            let text = "the feed's address has a key, which the moderation page shows";
            return plain(StatusCode::FORBIDDEN, text);
        }
        Err(wait) => return too_many(wait),
    }
    blocking(move || {
        let items = office.store()?.list(&ItemFilter { limit: SHOWN, ..filter(state::InboxState::Held) })?;
        let snapshot = office.index.snapshot();
        let place = snapshot.config.linkbacks.public_address();
        let page = if place.is_empty() { String::new() } else { format!("{place}/moderate/") };
        let feed = feed::atom(&items, &snapshot.config, &page);
        Ok(([(header::CONTENT_TYPE, "application/atom+xml; charset=utf-8")], feed).into_response())
    })
    .await
}

/// Whether a program shows the token itself.
fn shows_token(office: &ModerationApp, headers: &HeaderMap) -> bool {
    auth::bearer(headers).is_some_and(|token| office.token.is(token))
}

fn too_many(wait: TimeDelta) -> Response {
    with_retry_after(plain(StatusCode::TOO_MANY_REQUESTS, "too many attempts; try again later"), wait)
}

pub(super) async fn export_jf2(
    state: State<Arc<ModerationApp>>,
    peer: Peer,
    query: RawQuery,
    headers: HeaderMap,
) -> Response {
    exported(state, peer, (query, headers), "application/jf2feed+json").await
}

pub(super) async fn export_json(
    state: State<Arc<ModerationApp>>,
    peer: Peer,
    query: RawQuery,
    headers: HeaderMap,
) -> Response {
    exported(state, peer, (query, headers), "application/json").await
}

/// What is approved, from a cursor on, for a site that is built elsewhere.
async fn exported(
    State(office): State<Arc<ModerationApp>>,
    Peer(peer): Peer,
    (RawQuery(query), headers): (RawQuery, HeaderMap),
    content_type: &'static str,
) -> Response {
    match office.opens(peer, || shows_token(&office, &headers)) {
        Ok(true) => {}
        Ok(false) => {
            let challenge = [(header::WWW_AUTHENTICATE, "Bearer realm=\"linkbacks\"")];
            return (StatusCode::UNAUTHORIZED, challenge, "{\"error\":\"unauthorized\"}").into_response();
        }
        Err(wait) => return too_many(wait),
    }
    blocking(move || {
        let query = fields(query.unwrap_or_default().as_bytes());
        let snapshot = office.index.snapshot();
        let page = export::page(&office.store()?, &snapshot.config, field(&query, "cursor"))?;
        let body = if content_type == "application/json" {
            export::json(&page.entries).to_string()
        } else {
            jf2::feed("Linkbacks", &page.entries, Some(&page.cursor)).to_string()
        };
        Ok(([(header::CONTENT_TYPE, content_type)], body).into_response())
    })
    .await
}
