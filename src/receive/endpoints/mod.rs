//! What the receiver answers on the web.
//!
//! [`router`] is all of it. Another server that shows the site at the same address asks [`claims`] which requests are
//! the receiver's: trackbacks go to an address below the post's own.

mod comment;
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
use axum::extract::{FromRequest, FromRequestParts, Multipart, Request};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use url::form_urlencoded;

use crate::dom::charset;
use crate::http::server::read_body;
use crate::receive::admission::{Admission, AdmissionError};
use crate::receive::{client_ip, request_log};

/// The type of a form with parts, as forms for files have it.
const MULTIPART: &str = "multipart/form-data";

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
        .route("/comment", get(comment::form).post(comment::receive))
        .route("/status/{token}", get(status::show).post(status::withdraw))
        .route("/healthz", get(status::health))
        .route("/metrics", get(metrics::show))
        .fallback(trackback::below_a_post)
        // One function for all headers: each layer is an allocation at every request.
        .layer(middleware::from_fn(with_headers))
        .with_state(admission)
}

/// Addresses that the web has to reach, besides those below [`FOLDERS`] and `…/trackback/` below a post.
pub(crate) const ADDRESSES: [&str; 6] =
    ["/webmention", "/pingback", "/xmlrpc.php", "/wp-trackback.php", "/comment", "/healthz"];

/// Below each of these all addresses are the receiver's.
pub(crate) const FOLDERS: [&str; 3] = ["/status/", "/trackback/", "/wp-trackback.php/"];

/// Whether a request is the receiver's, where it shares an address with the site.
pub(crate) fn claims(method: &Method, path: &str) -> bool {
    let is_known = ADDRESSES.contains(&path) || path == "/metrics";
    let is_below = FOLDERS.iter().any(|start| path.starts_with(start));
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
    read_body(body, LONGEST_BODY).await
}

/// The fields of a form, in either of the codings that forms have. The error is the answer to anything else.
async fn read_form(headers: &HeaderMap, body: Bytes) -> Result<Vec<(String, String)>, Response> {
    let kind = charset::media_type(content_type(headers));
    if ["json", "xml"].iter().any(|syntax| kind.rsplit(['/', '+']).next() == Some(syntax)) {
        let text = "send the fields as a form: `Content-Type: application/x-www-form-urlencoded`\n";
        return Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, text).into_response());
    }
    if kind != MULTIPART {
        return Ok(form_urlencoded::parse(&body).into_owned().collect());
    }
    let mut request = Request::new(Body::from(body));
    request
        .headers_mut()
        .extend(headers.get(header::CONTENT_TYPE).map(|kind| (header::CONTENT_TYPE, kind.clone())));
    let mut fields = Vec::new();
    let mut multipart = Multipart::from_request(request, &()).await.map_err(IntoResponse::into_response)?;
    while let Some(field) = multipart.next_field().await.map_err(IntoResponse::into_response)? {
        let name = field.name().unwrap_or_default().to_owned();
        fields.push((name, field.text().await.map_err(IntoResponse::into_response)?));
    }
    Ok(fields)
}

/// The first value of a field; empty if there is none.
fn field<'f>(fields: &'f [(String, String)], name: &str) -> &'f str {
    fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
}

/// Answers a request with the headers that every response has.
async fn with_headers(request: Request, next: Next) -> Response {
    let is_public = !matches!(request.uri().path(), "/metrics" | "/healthz" | "/comment");
    let is_question = is_public && request.method() == Method::OPTIONS;
    let mut response = match is_question {
        true => StatusCode::NO_CONTENT.into_response(),
        false => next.run(request).await,
    };
    let headers = response.headers_mut();
    headers.reserve(CAREFUL.len() + OPEN_TO_SCRIPTS.len());
    let open: &[_] = if is_public { &OPEN_TO_SCRIPTS } else { &[] };
    let preflight: &[_] = if is_question { &PREFLIGHT } else { &[] };
    for (name, value) in CAREFUL.iter().chain(open).chain(preflight) {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// The type of a response is what it says, and nothing is to be loaded or run in it.
const CAREFUL: [(HeaderName, &str); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CONTENT_SECURITY_POLICY, pages::POLICY),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
];

/// Scripts of other pages may use the public endpoints, as senders without a server do (Fetch standard, section 3.3).
/// Nothing there depends on who asks: there is no cookie.
const OPEN_TO_SCRIPTS: [(HeaderName, &str); 2] = [
    (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    (header::ACCESS_CONTROL_EXPOSE_HEADERS, "location, retry-after"),
];

/// What a browser asks before it lets a script send (Fetch standard, section 4.8).
const PREFLIGHT: [(HeaderName, &str); 4] = [
    (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, OPTIONS"),
    (header::ACCESS_CONTROL_ALLOW_HEADERS, "content-type"),
    (header::ACCESS_CONTROL_MAX_AGE, "86400"),
    (header::ALLOW, "GET, HEAD, POST, OPTIONS"),
];

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

/// A response that refuses: the log has the reason, and the sender when to come again, if that is any use.
fn refused(mut response: Response, refusal: &AdmissionError) -> Response {
    if let Some(seconds) = refusal.retry_after() {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    request_log::refused(response, refusal.text())
}

/// A response to a body that is too long.
fn too_long(response: Response) -> Response {
    request_log::refused(response, "the body is too long")
}
