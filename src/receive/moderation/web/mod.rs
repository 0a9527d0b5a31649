//! The moderation page: the linkbacks that wait, the signals, and a button for each decision.
//!
//! [`router`] is all of it, to be merged with the receiver's endpoints. It is HTML in the site's language that works
//! without scripts and allows none; every action is a form with the session's CSRF token, sent by POST. Addresses
//! within it are relative, so that a proxy may put it anywhere.

mod actions;
mod api;
mod auth;
mod cursor;
mod feed;
mod login;
mod queue;
mod quote;
mod views;

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::FromRequestParts;
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::Mutex;
use tracing::{Span, error};

use crate::engine::workspace::{Access, SiteSource, Workspace};
use crate::error::Result;
use crate::http::server::read_body;
use crate::receive::client_ip;
use crate::receive::moderation::service::ModerationService;
use crate::receive::notify::worker::NotificationQueue;
use crate::receive::pages::{self, ReceiverPages};
use crate::receive::queue::store::LinkbackStore;
use crate::receive::site_index::SiteIndex;
use crate::sys::clock::Clock;

pub use self::auth::ModerationToken;
pub(crate) use self::auth::{Transport, VARIABLE};

/// Linkbacks on one page. A person looks at no more at once.
const SHOWN: usize = 50;

/// How long a form may be: a tick is 20 bytes.
const LONGEST_FORM: usize = 64 * 1024;

/// The moderation page of a site.
pub struct ModerationApp {
    source: SiteSource,
    index: Arc<SiteIndex>,
    database: PathBuf,
    token: ModerationToken,
    transport: Transport,
    clock: Clock,
    notifications: Arc<NotificationQueue>,
    sessions: Mutex<auth::LoginSessions>,
    attempts: Mutex<auth::LoginAttempts>,
}

/// The parts of the page.
pub struct ModerationOptions {
    /// How the site is built when a decision changes it.
    pub source: SiteSource,
    /// The site as the receiver knows it: its settings, and the titles of its posts.
    pub index: Arc<SiteIndex>,
    /// The file of the linkbacks.
    pub database: PathBuf,
    /// The token of the page.
    pub token: ModerationToken,
    pub clock: Clock,
    /// Delivers notifications of decisions.
    pub notifications: Arc<NotificationQueue>,
}

impl ModerationApp {
    /// An app that the token opens.
    pub fn new(setup: ModerationOptions) -> Self {
        let ModerationOptions { source, index, database, token, clock, notifications } = setup;
        let is_https = index.snapshot().config.linkbacks.public_address().starts_with("https://");
        Self {
            source,
            index,
            database,
            token,
            transport: if is_https { Transport::Https } else { Transport::Http },
            clock,
            notifications,
            sessions: Mutex::default(),
            attempts: Mutex::default(),
        }
    }

    /// The pages in the site's language.
    fn pages(&self) -> Arc<ReceiverPages> {
        Arc::clone(&self.index.snapshot().pages)
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    fn store(&self) -> Result<LinkbackStore> {
        LinkbackStore::open(&self.database)
    }

    fn service(&self, now: DateTime<Utc>) -> Result<ModerationService> {
        ModerationService::open(Workspace::open(&self.source, now, Access::Build)?, Some(&self.database))
    }

    /// Works with the session of a request; `None` if it has none.
    fn with_session<T>(
        &self,
        headers: &HeaderMap,
        work: impl FnOnce(&mut auth::LoginSession) -> T,
    ) -> Option<T> {
        let now = self.now();
        self.sessions.lock().of(headers, now).map(work)
    }

    /// Whether a secret is right. After too many wrong ones a client has to wait.
    fn opens(&self, peer: IpAddr, is_key: impl FnOnce() -> bool) -> std::result::Result<bool, TimeDelta> {
        self.attempts.lock().judge(peer, is_key, self.now())
    }
}

/// The address of the client, behind all trusted proxies.
struct Peer(IpAddr);

impl FromRequestParts<Arc<ModerationApp>> for Peer {
    type Rejection = StatusCode;

    async fn from_request_parts(
        parts: &mut Parts,
        app: &Arc<ModerationApp>,
    ) -> std::result::Result<Self, StatusCode> {
        client_ip::of(parts, &app.index.snapshot().config.linkbacks.trusted_proxies).map(Self)
    }
}

/// All pages, below `/moderate`.
pub fn router(app: Arc<ModerationApp>) -> Router {
    Router::new()
        .route("/moderate", get(async || see("moderate/")))
        .route("/moderate/", get(queue::queue))
        .route("/moderate/login", get(login::login_page).post(login::login))
        .route("/moderate/logout", post(login::logout))
        .route("/moderate/act", post(actions::act))
        .route("/moderate/undo", post(actions::undo))
        .route("/moderate/quote", get(quote::show).post(quote::make))
        .route("/moderate/manifest.webmanifest", get(quote::manifest))
        .route("/moderate/feed.atom", get(api::atom))
        .route("/moderate/export.jf2", get(api::export_jf2))
        .route("/moderate/export.json", get(api::export_json))
        .route("/moderate/style.css", get(style))
        .route("/moderate/icon.svg", get(icon))
        .layer(middleware::map_response(strict))
        .with_state(app)
}

/// Where the page stands, and all that belongs to it below.
pub(crate) const FOLDER: &str = "/moderate/";

/// Whether a request is for this page, where it shares an address with a site.
pub(crate) fn claims(path: &str) -> bool {
    path == FOLDER.trim_end_matches('/') || path.starts_with(FOLDER)
}

/// Nothing runs, nothing is framed, nothing is stored, and no other site gets a referrer.
async fn strict(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (
            "content-security-policy",
            "default-src 'none'; style-src 'self'; img-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("x-robots-tag", "noindex"),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

async fn style() -> Response {
    let headers =
        [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "max-age=3600")];
    (headers, pages::STYLE).into_response()
}

/// An opening and a closing bracket, with the words between them.
async fn icon() -> Response {
    let icon = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 32 32\"><path fill=\"none\" stroke=\"#9a4a3c\" \
        stroke-width=\"4\" d=\"M10 5H5v22h5M22 5h5v22h-5M11 16h.1M16 16h.1M21 16h.1\" stroke-linecap=\"round\"/></svg>";
    let headers = [(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, "max-age=86400")];
    (headers, icon).into_response()
}

/// Sends a browser on, by GET.
fn see(place: &str) -> Response {
    let place = HeaderValue::from_str(place).unwrap_or(HeaderValue::from_static("./"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response()
}

fn html(status: StatusCode, page: String) -> Response {
    (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

/// Does work that waits for the disk, and says so if it failed.
async fn blocking(work: impl FnOnce() -> Result<Response> + Send + 'static) -> Response {
    // What is logged on the other thread belongs to the request.
    let span = Span::current();
    match tokio::task::spawn_blocking(move || span.in_scope(work)).await {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => {
            error!(error = ?error.to_string(), "failed");
            let headers = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
            (StatusCode::INTERNAL_SERVER_ERROR, headers, error.to_string()).into_response()
        }
        Err(_) => plain(StatusCode::INTERNAL_SERVER_ERROR, "something went wrong here"),
    }
}

/// The fields of a form, or of a query.
fn fields(text: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(text).into_owned().collect()
}

fn field<'f>(fields: &'f [(String, String)], name: &str) -> &'f str {
    fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
}

async fn read(body: Body) -> Option<Bytes> {
    read_body(body, LONGEST_FORM).await
}
