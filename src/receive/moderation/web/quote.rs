//! The form that makes a quotation, for bookmarklets and the menus for sharing of phones.
//!
//! It opens for a session, as the list does. Another page may lead to it: then the browser keeps the session's cookie back, and a
//! page of our own leads to the form once more. Opening it asks for no page and writes nothing.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::engine::workspace::{Access, Workspace};
use crate::error::Result;
use crate::html::escape;
use crate::outgoing::quote_form::{PostChoice, QuoteForm, QuoteFormPlace, QuoteFormResult, QuotingSite};

use super::login::{admit, see_login};
use super::{FOLDER, ModerationApp, blocking, fields, html};

/// The name of the form below the moderation page.
pub(super) const QUOTE: &str = "quote";
const MANIFEST: &str = "manifest.webmanifest";

pub(super) async fn show(
    State(app): State<Arc<ModerationApp>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    let Some(csrf) = app.with_session(&headers, |session| session.csrf.clone()) else {
        let next = if query.is_empty() { QUOTE.to_owned() } else { format!("{QUOTE}?{query}") };
        return if is_from_elsewhere(&headers) { once_more(&app, &next) } else { see_login(&next) };
    };
    let form = QuoteForm::of(&fields(query.as_bytes()));
    blocking(move || {
        let site = quoting_site(&app)?;
        let session = QuotingSession { csrf: &csrf, headers: &headers };
        Ok(page(&app, &form, &site, &session, &QuoteFormResult::default()))
    })
    .await
}

pub(super) async fn make(State(app): State<Arc<ModerationApp>>, headers: HeaderMap, body: Body) -> Response {
    let fields = match admit(&app, &headers, body).await {
        Ok(fields) => fields,
        Err(refused) => return refused,
    };
    let csrf = app.with_session(&headers, |session| session.csrf.clone()).unwrap_or_default();
    let form = QuoteForm::of(&fields);
    blocking(move || {
        let site = quoting_site(&app)?;
        let result = form.send(&site);
        let session = QuotingSession { csrf: &csrf, headers: &headers };
        Ok(page(&app, &form, &site, &session, &result))
    })
    .await
}

/// What lets a phone take the form into its menu for sharing (Web Share Target, section 3). Browsers ask for it without cookies.
pub(super) async fn manifest(State(app): State<Arc<ModerationApp>>) -> Response {
    let snapshot = app.index.snapshot();
    let name = snapshot.pages.text("quoting_title");
    let manifest = json!({
        "name": format!("{name} · {}", snapshot.config.title),
        "short_name": name,
        "lang": snapshot.config.language,
        "id": QUOTE,
        "start_url": QUOTE,
        "scope": "./",
        "display": "minimal-ui",
        "icons": [{ "src": "icon.svg", "type": "image/svg+xml", "sizes": "any" }],
        "share_target": {
            "action": QUOTE,
            "method": "GET",
            "params": { "title": "title", "text": "text", "url": "url" },
        },
    });
    let headers = [
        (header::CONTENT_TYPE, "application/manifest+json; charset=utf-8"),
        (header::CACHE_CONTROL, "max-age=3600"),
    ];
    (headers, manifest.to_string()).into_response()
}

/// Whether a page of another site leads here (Fetch Metadata, section 2.3).
fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site" || site == "same-site")
}

/// A page that opens the form again, from here.
fn once_more(app: &ModerationApp, next: &str) -> Response {
    let snapshot = app.index.snapshot();
    let next = escape(next);
    let (language, title) = (escape(&snapshot.config.language), snapshot.pages.text("quoting_title"));
    let title = escape(&title);
    let page = format!(
        "<!doctype html><html lang=\"{language}\"><meta charset=\"utf-8\"><meta http-equiv=\"refresh\" content=\"0; url={next}\">\
         <title>{title}</title><p><a href=\"{next}\">{title}</a></p></html>"
    );
    html(StatusCode::OK, page)
}

fn quoting_site(app: &ModerationApp) -> Result<QuotingSite> {
    let now = app.now();
    let mut site = Workspace::open(&app.source, now, Access::Read)?;
    let snapshot = site.snapshot();
    Ok(QuotingSite {
        root: app.source.root.clone(),
        config: snapshot.config.clone(),
        locale: snapshot.theme.locales.locale(&snapshot.config.language),
        posts: PostChoice::all_of(&snapshot.plan.site),
        now,
    })
}

/// Whose browser asks, and by what name it calls this server.
struct QuotingSession<'a> {
    csrf: &'a str,
    headers: &'a HeaderMap,
}

fn page(
    app: &ModerationApp,
    form: &QuoteForm,
    site: &QuotingSite,
    session: &QuotingSession<'_>,
    result: &QuoteFormResult,
) -> Response {
    let host = session.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let here = match app.index.snapshot().config.linkbacks.public_address() {
        "" => format!("http://{host}"),
        public => public.to_owned(),
    };
    let address = format!("{here}{FOLDER}{QUOTE}");
    let place = QuoteFormPlace {
        style: "style.css",
        icon: "icon.svg",
        action: QUOTE,
        address: &address,
        csrf: session.csrf,
        manifest: MANIFEST,
    };
    html(StatusCode::OK, form.page(site, &place, result))
}
