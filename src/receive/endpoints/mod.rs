//! What the receiver answers on the web.
//!
//! [`router`] is all of it. Another server that shows the site at the same address asks [`claims`] which requests are
//! the receiver's: trackbacks go to an address below the post's own.

mod metrics;
mod pages;
mod pingback;
mod status;
mod trackback;
mod webmention;

use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequestParts, Request};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;

use crate::receive::admission::{Admission, AdmissionError};
use crate::receive::client_ip;

/// How long a body may be. A pingback has 300 bytes.
const LONGEST_BODY: usize = 16 * 1024;

/// All endpoints.
pub(crate) fn router(admission: Arc<Admission>) -> Router {
    Router::new()
        .route("/webmention", get(webmention::form).post(webmention::receive))
        .route("/pingback", post(pingback::receive).fallback(pingback::wrong_method))
        .route("/xmlrpc.php", post(pingback::receive).fallback(pingback::wrong_method))
        .route("/trackback/{*address}", get(trackback::lead_to_post).post(trackback::receive))
        .route("/wp-trackback.php", get(trackback::lead_to_post).post(trackback::receive))
        .route("/wp-trackback.php/{id}", get(trackback::lead_to_post).post(trackback::receive))
        .route("/status/{token}", get(status::show))
        .route("/healthz", get(status::health))
        .route("/metrics", get(metrics::show))
        .fallback(trackback::below_a_post)
        .layer(middleware::map_response(careful))
        .with_state(admission)
}

/// Whether a request is the receiver's, where it shares an address with the site.
pub(crate) fn claims(method: &Method, path: &str) -> bool {
    let is_known = matches!(
        path,
        "/webmention" | "/pingback" | "/xmlrpc.php" | "/wp-trackback.php" | "/healthz" | "/metrics"
    );
    let is_below =
        ["/trackback/", "/wp-trackback.php/", "/status/"].iter().any(|start| path.starts_with(start));
    is_known || is_below || (method == Method::POST && path.trim_end_matches('/').ends_with("/trackback"))
}

/// Lets `receiver` answer what `is_its` says, and `pages` everything else.
pub(crate) fn in_front_of(pages: Router, receiver: Router, is_its: fn(&Method, &str) -> bool) -> Router {
    let (pages, receiver) = (TowerToHyperService::new(pages), TowerToHyperService::new(receiver));
    Router::new().fallback(move |request: Request| {
        let chosen = if is_its(request.method(), request.uri().path()) { &receiver } else { &pages };
        let answer = chosen.call(request);
        async move { answer.await.unwrap_or_else(|never| match never {}) }
    })
}

/// The address of the client, behind all trusted proxies.
struct Sender(IpAddr);

impl FromRequestParts<Arc<Admission>> for Sender {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, admission: &Arc<Admission>) -> Result<Self, StatusCode> {
        client_ip::of(parts, &admission.settings.trusted_proxies).map(Self)
    }
}

/// The whole body, if it is not too long.
async fn read(body: Body) -> Option<Bytes> {
    axum::body::to_bytes(body, LONGEST_BODY).await.ok()
}

fn content_type(headers: &HeaderMap) -> &str {
    headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// The kind of client an answer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asker {
    /// A person with a browser.
    Person,
    /// A program.
    Machine,
}

impl Asker {
    fn of(headers: &HeaderMap) -> Self {
        let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if accept.contains("text/html") { Self::Person } else { Self::Machine }
    }
}

/// A body of a type.
fn typed(content_type: &'static str, body: String) -> Response {
    ([(header::CONTENT_TYPE, content_type)], body).into_response()
}

fn html(body: String) -> Response {
    typed("text/html; charset=utf-8", body)
}

fn xml(body: String) -> Response {
    typed("text/xml; charset=utf-8", body)
}

/// Says when to come again, if that is any use.
fn with_retry_after(mut response: Response, refusal: &AdmissionError) -> Response {
    if let Some(seconds) = refusal.retry_after() {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// What every answer says: that its type is what it says, and that nothing is to be loaded or run in it.
async fn careful(mut response: Response) -> Response {
    let set: [(HeaderName, &'static str); 4] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, pages::POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in set {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}
