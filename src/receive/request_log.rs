//! A line of the log for each request that is refused or changes something: from which address, what, and how it was
//! answered. Programs such as fail2ban read the address in it.
//!
//! What strangers send is a field of a line, never its text: fields are quoted, so that no request can make a line of its
//! own.

use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use tracing::{Instrument, debug, info, info_span, warn};

use crate::config::network::AllowedHost;
use crate::receive::client_ip;

/// Why a request is refused, on its response. The status does not tell: trackbacks and pingbacks are refused with 200.
#[derive(Debug, Clone)]
struct Refusal(String);

/// A response that refuses, with the reason for the log.
pub(super) fn refused(mut response: Response, reason: impl Into<String>) -> Response {
    response.extensions_mut().insert(Refusal(reason.into()));
    response
}

/// Logs a request when it is answered. Everything that is logged while it is handled names its address too.
pub(super) async fn log(
    State(trusted): State<std::sync::Arc<[AllowedHost]>>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let peer = client_ip::of(&parts, &trusted).map_or_else(|_| "unknown".to_owned(), |peer| peer.to_string());
    let is_read = matches!(parts.method, Method::GET | Method::HEAD);
    let span = info_span!("request", %peer, method = %parts.method, path = ?parts.uri.path());
    async {
        let response = next.run(Request::from_parts(parts, body)).await;
        let status = response.status().as_u16();
        match response.extensions().get::<Refusal>() {
            Some(Refusal(reason)) => warn!(%peer, status, ?reason, "refused"),
            // The status says it all: no such address, another method, a body that is too long.
            None if status >= 400 => warn!(%peer, status, "refused"),
            None if is_read => debug!(%peer, status, "answered"),
            None => info!(%peer, status, "answered"),
        }
        response
    }
    .instrument(span)
    .await
}
