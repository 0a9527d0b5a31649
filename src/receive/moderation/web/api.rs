//! For programs: the feed of what waits, and the export of what is approved.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::header;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;

use crate::linkback::inbox::state;
use crate::linkback::protocol::jf2;
use crate::receive::queue::store::ItemFilter;
use crate::receive::request_log::refused;
use crate::receive::sync::export;

use super::login::{WRONG_TOKEN, with_retry_after};
use super::queue::filter;
use super::{ModerationApp, Peer, SHOWN, auth, blocking, feed, field, fields, plain};

pub(super) async fn atom(
    State(app): State<Arc<ModerationApp>>,
    Peer(peer): Peer,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let query = fields(query.unwrap_or_default().as_bytes());
    let is_key = || app.token.opens_feed(field(&query, "key")) || shows_token(&app, &headers);
    match app.opens(peer, is_key) {
        Ok(true) => {}
        Ok(false) => {
            let text = "the feed's address has a key, which the moderation page shows";
            return refused(plain(StatusCode::FORBIDDEN, text), WRONG_TOKEN);
        }
        Err(wait) => return too_many(wait),
    }
    blocking(move || {
        let items = app.store()?.list(&ItemFilter { limit: SHOWN, ..filter(state::InboxState::Held) })?;
        let snapshot = app.index.snapshot();
        let place = snapshot.config.linkbacks.public_address();
        let page = if place.is_empty() { String::new() } else { format!("{place}/moderate/") };
        let feed = feed::atom(&items, &snapshot.config, &page);
        Ok(([(header::CONTENT_TYPE, "application/atom+xml; charset=utf-8")], feed).into_response())
    })
    .await
}

/// Whether a program shows the token itself.
fn shows_token(app: &ModerationApp, headers: &HeaderMap) -> bool {
    auth::bearer(headers).is_some_and(|token| app.token.is(token))
}

fn too_many(wait: TimeDelta) -> Response {
    with_retry_after(plain(StatusCode::TOO_MANY_REQUESTS, "too many attempts; try again later"), wait)
}

/// The form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ExportFormat {
    Jf2,
    Json,
}

pub(super) async fn export_jf2(
    State(app): State<Arc<ModerationApp>>,
    Peer(peer): Peer,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    exported(app, peer, query, &headers, ExportFormat::Jf2).await
}

pub(super) async fn export_json(
    State(app): State<Arc<ModerationApp>>,
    Peer(peer): Peer,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    exported(app, peer, query, &headers, ExportFormat::Json).await
}

/// What is approved, from a cursor on, for a site that is built elsewhere.
async fn exported(
    app: Arc<ModerationApp>,
    peer: IpAddr,
    query: Option<String>,
    headers: &HeaderMap,
    format: ExportFormat,
) -> Response {
    match app.opens(peer, || shows_token(&app, headers)) {
        Ok(true) => {}
        Ok(false) => {
            let challenge = [(header::WWW_AUTHENTICATE, "Bearer realm=\"linkbacks\"")];
            let body = "{\"error\":\"unauthorized\"}";
            return refused((StatusCode::UNAUTHORIZED, challenge, body).into_response(), WRONG_TOKEN);
        }
        Err(wait) => return too_many(wait),
    }
    blocking(move || {
        let query = fields(query.unwrap_or_default().as_bytes());
        let snapshot = app.index.snapshot();
        let page = export::page(&app.store()?, &snapshot.config, field(&query, "cursor"))?;
        let (content_type, body) = match format {
            ExportFormat::Jf2 => {
                ("application/jf2feed+json", jf2::feed("Linkbacks", &page.entries, Some(&page.cursor)))
            }
            ExportFormat::Json => ("application/json", export::json(&page.entries)),
        };
        Ok(([(header::CONTENT_TYPE, content_type)], body.to_string()).into_response())
    })
    .await
}
