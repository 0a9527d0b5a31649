//! How a submission stands, and how the receiver does.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::{Asker, html, typed};
use crate::receive::admission::Admission;
use crate::receive::endpoints::pages::PublicStatus;

/// The status of the submission that a token names.
pub(super) async fn show(
    State(admission): State<Arc<Admission>>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    let found = admission.store().item_by_token(&token);
    match found {
        Ok(Some(item)) if Asker::of(&headers) == Asker::Person => html(admission.pages().status(&item)),
        Ok(Some(item)) => {
            let (status, summary) = PublicStatus::of(&item).for_machines();
            let answer = json!({
                "status": status,
                "summary": summary,
                "source": item.source,
                "target": item.target,
                "received": item.received.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            });
            typed("application/json", format!("{answer}\n"))
        }
        Ok(None) => (StatusCode::NOT_FOUND, "there is no such submission\n").into_response(),
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, "the database cannot be read\n").into_response(),
    }
}

/// Takes a comment back, for whoever has its token.
pub(super) async fn withdraw(State(admission): State<Arc<Admission>>, Path(token): Path<String>) -> Response {
    match admission.withdraw(&token) {
        Ok(true) => html(admission.pages().message("status_title", "comment_withdrawn")),
        Ok(false) => (StatusCode::NOT_FOUND, "there is no such comment\n").into_response(),
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, "the database cannot be written to\n").into_response(),
    }
}

/// Whether submissions can be taken.
pub(super) async fn health(State(admission): State<Arc<Admission>>) -> Response {
    match admission.health() {
        Ok(()) => "ok\n".into_response(),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the database cannot be written to\n").into_response(),
    }
}
