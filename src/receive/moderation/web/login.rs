//! Coming in and going out: the token is shown once, and a session stands for it.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::header::{self, HeaderValue};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use chrono::TimeDelta;
use subtle::ConstantTimeEq;
use tera::Context;
use tracing::info;
use url::form_urlencoded;

use crate::receive::request_log::refused;

use super::quote::QUOTE;
use super::{ModerationApp, Peer, auth, field, fields, html, plain, read, see};

pub(super) async fn login_page(
    State(app): State<Arc<ModerationApp>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let fields = fields(query.unwrap_or_default().as_bytes());
    let next = next_of(&fields);
    if app.with_session(&headers, |_| ()).is_some() {
        return see(next);
    }
    show_login(&app, StatusCode::OK, next, "")
}

/// The login, and the form for quotations behind it.
pub(super) fn see_login(next: &str) -> Response {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
    see(&format!("login?{query}"))
}

/// Where a login leads: to the list, or to the form for quotations as it was opened.
fn next_of(fields: &[(String, String)]) -> &str {
    let next = field(fields, "next");
    let is_quote = next.strip_prefix(QUOTE).is_some_and(|rest| rest.is_empty() || rest.starts_with('?'));
    if is_quote && next.is_ascii() { next } else { "./" }
}

fn show_login(app: &ModerationApp, status: StatusCode, next: &str, fault: &str) -> Response {
    let mut context = Context::new();
    context.insert("next", next);
    context.insert("site", &app.index.snapshot().config.title);
    context.insert("fault", fault);
    html(status, app.pages().render("login.html", context))
}

pub(super) async fn login(
    State(app): State<Arc<ModerationApp>>,
    Peer(peer): Peer,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let Some(body) = read(body).await else {
        return plain(StatusCode::PAYLOAD_TOO_LARGE, "this form is too long");
    };
    if !auth::is_from_here(&headers) {
        return refused(
            plain(StatusCode::FORBIDDEN, "this form was sent from another site"),
            "form of another site",
        );
    }
    let fields = fields(&body);
    match app.opens(peer, || app.token.is(field(&fields, "token"))) {
        Ok(true) => {
            info!("logged in");
            let number = app.sessions.lock().begin(app.now());
            with_cookie(see(next_of(&fields)), &auth::cookie(&number, app.transport))
        }
        Ok(false) => {
            let page = show_login(
                &app,
                StatusCode::FORBIDDEN,
                next_of(&fields),
                &app.pages().text("moderate_wrong_token"),
            );
            refused(page, WRONG_TOKEN)
        }
        Err(wait) => {
            let minutes = usize::try_from(wait.num_minutes() + 1).unwrap_or(1);
            let fault = app.pages().counted("moderate_too_many", minutes);
            with_retry_after(show_login(&app, StatusCode::TOO_MANY_REQUESTS, next_of(&fields), &fault), wait)
        }
    }
}

pub(super) fn with_retry_after(mut response: Response, wait: TimeDelta) -> Response {
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.num_seconds().max(1)));
    refused(response, "too many wrong tokens")
}

pub(super) async fn logout(
    State(app): State<Arc<ModerationApp>>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    match admit(&app, &headers, body).await {
        Ok(_) => {
            app.sessions.lock().end(&headers);
            with_cookie(see("login"), &auth::no_cookie())
        }
        Err(refused) => refused,
    }
}

fn with_cookie(mut response: Response, cookie: &str) -> Response {
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// What the log says where a token or a key is wrong.
pub(super) const WRONG_TOKEN: &str = "wrong token";

/// The fields of a form that was sent with a session, from a page of the session.
pub(super) async fn admit(
    app: &ModerationApp,
    headers: &HeaderMap,
    body: Body,
) -> std::result::Result<Vec<(String, String)>, Response> {
    // Without a session not even the form is read.
    let Some(csrf) = app.with_session(headers, |session| session.csrf.clone()) else {
        return Err(see("login"));
    };
    if !auth::is_from_here(headers) {
        return Err(foreign_form());
    }
    let Some(body) = read(body).await else {
        return Err(plain(StatusCode::PAYLOAD_TOO_LARGE, "this form is too long"));
    };
    let fields = fields(&body);
    let is_own: bool = field(&fields, "csrf").as_bytes().ct_eq(csrf.as_bytes()).into();
    if is_own { Ok(fields) } else { Err(foreign_form()) }
}

fn foreign_form() -> Response {
    let text = "this form is not from a page of yours; go back and load it again";
    refused(plain(StatusCode::FORBIDDEN, text), "form of another site")
}
