//! Comments: a form for readers without a site of their own, `GET` and `POST /comment`.
//!
//! It works without script and sets no cookie. What a form was opened for and when stands in hidden fields with a
//! signature, so that nothing can be posted without opening one; a field that people do not see stays empty, and a form
//! that is sent within seconds is shown again. A comment is shown to its author before it is sent, and waits for a person then.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;
use subtle::ConstantTimeEq;
use tera::Context;

use super::{Sender, field, html, read, read_form, refused};
use crate::config::linkbacks::CommentSource;
use crate::error::Result;
use crate::hash::hex;
use crate::linkback::address::Address;
use crate::linkback::{ANCHOR_PREFIX, LinkbackKind, is_id};
use crate::post::markdown::comment;
use crate::receive::admission::{Admission, AdmissionError, CommentText};
use crate::receive::queue::store::Receipt;
use crate::receive::site_index::addresses::LinkTarget;

/// How long a form has to be open before it is sent.
const SHORTEST: TimeDelta = TimeDelta::seconds(3);

/// How long a form may be open.
const LONGEST: TimeDelta = TimeDelta::hours(24);

/// How long a comment and a name may be, in characters.
const MOST_TEXT: usize = 8000;
const MOST_NAME: usize = 100;

/// What the form is opened with.
#[derive(Deserialize)]
pub(super) struct CommentQuery {
    #[serde(default)]
    target: String,
    #[serde(default)]
    parent: String,
}

/// The fields of the form.
#[derive(Debug, Clone, Default)]
struct CommentForm {
    target: String,
    /// The id of the response that is answered; empty for the post.
    parent: String,
    name: String,
    url: String,
    text: String,
    /// When the form was opened, in seconds since 1970.
    opened: String,
    mark: String,
    /// The field that people leave empty.
    trap: String,
    act: String,
}

/// Why a form is shown again: the word of it in a theme.
struct FormFault(&'static str);

pub(super) async fn form(
    State(admission): State<Arc<Admission>>,
    Query(wish): Query<CommentQuery>,
) -> Response {
    let form = CommentForm {
        target: wish.target,
        parent: wish.parent.strip_prefix(ANCHOR_PREFIX).unwrap_or(&wish.parent).to_owned(),
        ..CommentForm::default()
    };
    match target_of(&admission, &form) {
        Some(target) => show(&admission, &target, form, None, StatusCode::OK),
        None => nothing_here(&admission),
    }
}

pub(super) async fn receive(
    State(admission): State<Arc<Admission>>,
    Sender(sender): Sender,
    headers: HeaderMap,
    body: Body,
) -> Response {
    if let Err(refusal) = admission.charge(sender, LinkbackKind::Comment) {
        return refuse(&admission, &refusal);
    }
    let Some(body) = read(body).await else {
        return (StatusCode::PAYLOAD_TOO_LARGE, "the comment is too long\n").into_response();
    };
    let fields = match read_form(&headers, body).await {
        Ok(fields) => fields,
        Err(answer) => return answer,
    };
    let form = CommentForm::of(&fields);
    let Some(target) = target_of(&admission, &form) else { return nothing_here(&admission) };
    if let Err(FormFault(word)) = form.check(&admission) {
        return show(&admission, &target, form, Some(word), StatusCode::BAD_REQUEST);
    }
    if form.act != "send" {
        return show(&admission, &target, form, None, StatusCode::OK);
    }
    if !form.trap.is_empty() {
        // Who fills in what is not shown is a program, and is not told.
        return html(admission.pages().comment_accepted(admission.settings.public_address()));
    }
    let text = CommentText {
        target: target.url.clone(),
        parent: Some(form.parent.clone()).filter(|parent| !parent.is_empty()),
        name: form.name.trim().to_owned(),
        url: Address::parse(&form.url).ok().map(|url| url.as_str().to_owned()),
        text: form.text.trim().to_owned(),
        sender,
    };
    match admission.admit_comment(text).await {
        Ok(Receipt::New { token } | Receipt::Known { token, .. }) => {
            let status = format!("{}/status/{token}", admission.settings.public_address());
            let page = html(admission.pages().comment_accepted(&status));
            (StatusCode::CREATED, [(header::LOCATION, status)], page).into_response()
        }
        Ok(Receipt::Full) => refuse(&admission, &AdmissionError::Full),
        Err(refusal) => refuse(&admission, &refusal),
    }
}

impl CommentForm {
    fn of(fields: &[(String, String)]) -> Self {
        let value = |name| field(fields, name).to_owned();
        Self {
            target: value("target"),
            parent: value("parent"),
            name: value("name"),
            url: value("url"),
            // Browsers end lines as the form's coding says (HTML standard, section 4.10.21.8).
            text: value("text").replace("\r\n", "\n"),
            opened: value("opened"),
            mark: value("mark"),
            trap: value("website"),
            act: value("act"),
        }
    }

    fn check(&self, admission: &Admission) -> std::result::Result<(), FormFault> {
        let is_human = self.age(admission).is_some_and(|age| (SHORTEST..=LONGEST).contains(&age));
        let name = self.name.trim().chars().count();
        let text = self.text.trim().chars().count();
        match () {
            () if !is_human => Err(FormFault("refused_stale")),
            () if name == 0 || name > MOST_NAME => Err(FormFault("refused_name")),
            () if text == 0 || text > MOST_TEXT => Err(FormFault("refused_text")),
            () if !self.url.trim().is_empty() && Address::parse(&self.url).is_err() => {
                Err(FormFault("refused_url"))
            }
            () => Ok(()),
        }
    }

    /// How long the form has been open, if it was opened here.
    fn age(&self, admission: &Admission) -> Option<TimeDelta> {
        let mark = self.signature(admission, &self.opened).ok()?;
        let is_own: bool = mark.as_bytes().ct_eq(self.mark.as_bytes()).into();
        let opened = chrono::DateTime::from_timestamp(self.opened.parse().ok()?, 0)?;
        is_own.then(|| admission.now() - opened)
    }

    /// What shows that a form was opened here, for this post, at this moment.
    fn signature(&self, admission: &Admission, opened: &str) -> Result<String> {
        let key = admission.comment_key()?;
        let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("a key may have any length");
        mac.update(format!("{opened}\n{}\n{}", self.target, self.parent).as_bytes());
        Ok(hex(&mac.finalize().into_bytes()))
    }
}

/// The post that a form is for, if comments can be written about it.
fn target_of(admission: &Admission, form: &CommentForm) -> Option<Arc<LinkTarget>> {
    let snapshot = admission.index.snapshot();
    if snapshot.config.linkbacks.comments != CommentSource::Form {
        return None;
    }
    let address = Address::parse(&form.target).ok().filter(|_| is_id(&form.parent))?;
    admission.open_target(&snapshot.targets, &address).ok()
}

/// The form, with the comment as it will look if there is one.
fn show(
    admission: &Admission,
    target: &LinkTarget,
    form: CommentForm,
    fault: Option<&'static str>,
    status: StatusCode,
) -> Response {
    // A form that is shown again goes on from when it was opened first, unless that is too long ago: who sends it too early
    // would be too early again.
    let is_kept = form.age(admission).is_some_and(|age| age <= LONGEST);
    let opened = if is_kept { form.opened.clone() } else { admission.now().timestamp().to_string() };
    let Ok(mark) = form.signature(admission, &opened) else {
        return refuse(admission, &AdmissionError::Broken);
    };
    let snapshot = admission.index.snapshot();
    let pages = admission.pages();
    let preview = match fault {
        None if !form.text.trim().is_empty() => {
            comment::html(form.text.trim(), &snapshot.config.language, &snapshot.config)
        }
        _ => String::new(),
    };
    let mut context = Context::new();
    context.insert("title", &pages.text("comment_title"));
    context.insert("fault", &fault.map(|word| pages.text(word)));
    context.insert("preview", &preview);
    context.insert("post", &target.title);
    context.insert("post_url", &target.url);
    let hours = snapshot.config.linkbacks.sender_hours;
    context.insert("privacy", &pages.counted("comment_privacy", hours));
    for (key, value) in [
        ("target", &form.target),
        ("parent", &form.parent),
        ("name", &form.name),
        ("url", &form.url),
        ("text", &form.text),
        ("opened", &opened),
        ("mark", &mark),
    ] {
        context.insert(key, value);
    }
    (status, html(pages.render("comment.html", context))).into_response()
}

fn nothing_here(admission: &Admission) -> Response {
    let page = admission.pages().message("comment_title", "refused_no_comments");
    (StatusCode::NOT_FOUND, html(page)).into_response()
}

fn refuse(admission: &Admission, refusal: &AdmissionError) -> Response {
    let status = match refusal {
        AdmissionError::Form(_) | AdmissionError::Target => StatusCode::BAD_REQUEST,
        AdmissionError::TooMuch(_) | AdmissionError::Full => StatusCode::TOO_MANY_REQUESTS,
        AdmissionError::Broken => StatusCode::INTERNAL_SERVER_ERROR,
    };
    refused((status, html(admission.pages().refused(refusal))).into_response(), refusal)
}
