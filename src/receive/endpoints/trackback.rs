//! TrackBack 1.2, at the three addresses that senders know: `/trackback/` and the post's own, the post's own and
//! `trackback/`, and `/wp-trackback.php?p=7`.
//!
//! What a trackback says of its page is only a hint; the link has to be in the page, as for the other protocols.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use url::form_urlencoded;

use super::{MULTIPART, Sender, content_type, read, read_form, refused, too_long, xml};
use crate::dom::charset;
use crate::linkback::LinkbackKind;
use crate::linkback::address::Address;
use crate::linkback::inbox::state::InboxState;
use crate::linkback::protocol::trackback::{self, Trackback, TrackbackResponse, write_answer};
use crate::path::percent_decode;
use crate::receive::admission::{Admission, AdmissionError, RawSubmission};
use crate::receive::queue::store::Receipt;
use crate::receive::site_index::addresses::{LinkTarget, TargetIndex};

pub(super) async fn receive(
    State(admission): State<Arc<Admission>>,
    Sender(sender): Sender,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    if let Err(refusal) = admission.charge(sender, LinkbackKind::Trackback) {
        return refuse(&refusal);
    }
    let Some(body) = read(body).await else {
        return too_long(answer(&TrackbackResponse::Refused("the form is too long".to_owned())));
    };
    let trackback = read_trackback(&headers, body).await;
    let Some(target) = target_of(&admission, &uri) else {
        return refuse(&admission.refuse(LinkbackKind::Trackback, AdmissionError::Target));
    };
    let submission = RawSubmission {
        protocol: LinkbackKind::Trackback,
        source: trackback.url,
        target: target.url.clone(),
        hints: trackback.hints,
        sender,
    };
    match admission.admit(submission).await {
        Ok(Receipt::New { .. } | Receipt::Known { state: InboxState::Refused | InboxState::Gone, .. }) => {
            answer(&TrackbackResponse::Taken)
        }
        Ok(Receipt::Known { .. }) => answer(&TrackbackResponse::Refused(
            "There is already a ping from that URL for this post.".to_owned(),
        )),
        Ok(Receipt::Full) => refuse(&AdmissionError::Full),
        Err(refusal) => refuse(&refusal),
    }
}

/// The trackback of a form, in either of the codings that forms have. One that cannot be read names no page.
async fn read_trackback(headers: &HeaderMap, body: Bytes) -> Trackback {
    if charset::media_type(content_type(headers)) != MULTIPART {
        return trackback::read(&body, content_type(headers));
    }
    // The parts were decoded by then, whatever the form says of its encoding.
    let fields = read_form(headers, body).await.unwrap_or_default().into_iter();
    let decoded = fields.filter(|(name, _)| name != "charset");
    let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(decoded).finish();
    trackback::read(form.as_bytes(), "")
}

/// A browser that opens the address of a trackback is redirected to the post.
pub(super) async fn lead_to_post(State(admission): State<Arc<Admission>>, uri: Uri) -> Response {
    match target_of(&admission, &uri) {
        Some(target) => (StatusCode::FOUND, [(header::LOCATION, target.url.clone())]).into_response(),
        None => not_found(),
    }
}

/// `<post>/trackback/`, and whatever else is asked for.
pub(super) async fn below_a_post(
    State(admission): State<Arc<Admission>>,
    Sender(sender): Sender,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let is_trackback = uri.path().trim_end_matches('/').ends_with("/trackback");
    match method {
        Method::POST if is_trackback => receive(State(admission), Sender(sender), uri, headers, body).await,
        Method::GET | Method::HEAD if is_trackback => lead_to_post(State(admission), uri).await,
        _ => not_found(),
    }
}

fn not_found() -> Response {
    (StatusCode::NOT_FOUND, "there is nothing here\n").into_response()
}

/// The post that a trackback's address is of.
fn target_of(admission: &Admission, uri: &Uri) -> Option<Arc<LinkTarget>> {
    let snapshot = admission.index.snapshot();
    let (table, config) = (&snapshot.targets, &snapshot.config);
    let path = uri.path();
    if let Some(rest) = path.strip_prefix("/wp-trackback.php") {
        return by_number(table, rest, uri.query().unwrap_or_default()).cloned();
    }
    let post = match path.strip_prefix("/trackback/") {
        Some(post) => post,
        None => path.trim_end_matches('/').strip_suffix("/trackback")?,
    };
    let query = uri.query().map_or_else(String::new, |query| format!("?{query}"));
    let post = post.trim_start_matches('/');
    let (origin, base_url) = (config.origin(), &config.base_url);
    let candidates = [
        // The whole address of the post, encoded or not.
        format!("{}{query}", percent_decode(post)),
        format!("{post}{query}"),
        format!("{origin}/{post}{query}"),
        // Without the path that the whole site stands below.
        format!("{base_url}/{post}{query}"),
    ];
    let addresses = candidates.iter().filter_map(|candidate| Address::parse(candidate).ok());
    addresses.filter_map(|address| table.find(&address).cloned()).next()
}

/// `?p=7`, `?tb_id=7` or `/7`.
fn by_number<'t>(table: &'t TargetIndex, rest: &str, query: &str) -> Option<&'t Arc<LinkTarget>> {
    let in_path = rest.trim_matches('/');
    if !in_path.is_empty() {
        return table.by_number(in_path.parse().ok()?);
    }
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let (_, number) = pairs.find(|(name, _)| name == "p" || name == "tb_id")?;
    table.by_number(number.parse().ok()?)
}

fn answer(answer: &TrackbackResponse) -> Response {
    xml(write_answer(answer))
}

fn refuse(refusal: &AdmissionError) -> Response {
    let status = match refusal {
        AdmissionError::TooMuch(_) | AdmissionError::Full => StatusCode::TOO_MANY_REQUESTS,
        AdmissionError::Form(_) | AdmissionError::Target | AdmissionError::Broken => StatusCode::OK,
    };
    refused((status, answer(&refusal.trackback())).into_response(), refusal)
}
