//! The actions of the moderation page, and their notices on the next page.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use tracing::info;

use crate::error::Result;
use crate::receive::moderation::service::ApplyReport;
use crate::receive::pages::ReceiverPages;
use crate::receive::queue::decisions::{Decision, DecisionResult, UndoResult};

use super::cursor::ListPosition;
use super::login::admit;
use super::views::Notice;
use super::{ModerationApp, blocking, field, see};

pub(super) async fn act(State(app): State<Arc<ModerationApp>>, headers: HeaderMap, body: Body) -> Response {
    let fields = match admit(&app, &headers, body).await {
        Ok(fields) => fields,
        Err(refused) => return refused,
    };
    blocking(move || {
        let (name, number) = field(&fields, "act").split_once(' ').unwrap_or((field(&fields, "act"), ""));
        let numbers = match number.parse() {
            Ok(number) => vec![number],
            Err(_) => chosen(&fields),
        };
        let notices = match Decision::of_name(name) {
            _ if numbers.is_empty() => vec![Notice::bad(&app.pages().text("moderate_no_tick"))],
            Some(decision) => decide(&app, &numbers, decision)?,
            None if name == "retry" => {
                let items = app.store()?.retry(&numbers, app.now())?;
                let pages = app.pages();
                let count = pages.counted("moderate_count", items.len());
                vec![Notice::good(&pages.text_with("moderate_done_retry", &[("count", &count)]))]
            }
            None => vec![Notice::bad(&app.pages().text("moderate_no_button"))],
        };
        Ok(back(&app, &headers, notices, ListPosition::of(&fields)))
    })
    .await
}

/// The linkbacks that are ticked, or all that the page showed: those that came since then were not seen.
fn chosen(fields: &[(String, String)]) -> Vec<i64> {
    let name = if field(fields, "all") == "yes" { "shown" } else { "number" };
    let chosen = fields.iter().filter(|(known, _)| known == name);
    chosen.filter_map(|(_, number)| number.parse().ok()).collect()
}

pub(super) async fn undo(State(app): State<Arc<ModerationApp>>, headers: HeaderMap, body: Body) -> Response {
    let fields = match admit(&app, &headers, body).await {
        Ok(fields) => fields,
        Err(refused) => return refused,
    };
    blocking(move || {
        let now = app.now();
        let mut service = app.service(now)?;
        // The button may be pressed twice, or on an old page: it undoes the decision that it was shown for.
        let undone = service.store.undo(field(&fields, "batch").parse().ok(), now)?;
        let numbers = undone.iter().flat_map(|undone| &undone.items).map(|item| item.id).collect::<Vec<_>>();
        info!(decision = undone.as_ref().map(|undone| undone.decision.name()), ?numbers, "undone");
        let report = service.apply(&())?;
        let pages = app.pages();
        let mut notices = vec![Notice::good(&undo_text(&pages, undone.as_ref()))];
        notices.extend(notices_of(&pages, &report));
        // The page is answered at once: a command that publishes may take minutes.
        report.notification().into_iter().for_each(|notification| app.notifications.push(notification));
        Ok(back(&app, &headers, notices, ListPosition::of(&fields)))
    })
    .await
}

fn decide(app: &ModerationApp, numbers: &[i64], decision: Decision) -> Result<Vec<Notice>> {
    let now = app.now();
    let mut service = app.service(now)?;
    let results = service.store.decide(numbers, decision, now)?;
    info!(decision = decision.name(), ?numbers, "decided");
    let report = service.apply(&())?;
    let pages = app.pages();
    let mut notices = Vec::new();
    let done: Vec<&DecisionResult> = results.iter().filter(|result| result.refused.is_none()).collect();
    if !done.is_empty() {
        notices.push(Notice::good(&decision_text(&pages, decision, &done)));
    }
    for result in &results {
        if let Some(reason) = &result.refused {
            let number = result.item.id.to_string();
            let values = [("n", number.as_str()), ("reason", reason)];
            notices.push(Notice::bad(&pages.text_with("moderate_left", &values)));
        }
    }
    notices.extend(notices_of(&pages, &report));
    report.notification().into_iter().for_each(|notification| app.notifications.push(notification));
    Ok(notices)
}

fn undo_text(pages: &ReceiverPages, undone: Option<&UndoResult>) -> String {
    let Some(undone) = undone else { return pages.text("moderate_undone_before") };
    let decision = pages.text(&format!("moderate_name_{}", undone.decision.name()));
    let count = pages.counted("moderate_count", undone.items.len());
    pages.text_with("moderate_done_undo", &[("decision", &decision), ("count", &count)])
}

fn decision_text(pages: &ReceiverPages, decision: Decision, done: &[&DecisionResult]) -> String {
    let key = match decision {
        Decision::Approve | Decision::Trust => "moderate_done_approve",
        Decision::Reject => "moderate_done_reject",
        Decision::Spam => "moderate_done_spam",
        Decision::Block => "moderate_done_block",
    };
    let text = pages.text_with(key, &[("count", &pages.counted("moderate_count", done.len()))]);
    let sites: BTreeSet<&str> = done.iter().filter_map(|one| Some(one.listed.as_ref()?.as_str())).collect();
    let sites = sites.into_iter().collect::<Vec<_>>().join(", ");
    let listed = match decision {
        Decision::Trust if sites.is_empty() => pages.text("moderate_not_trusted"),
        Decision::Block if sites.is_empty() => pages.text("moderate_not_blocked"),
        Decision::Trust => pages.text_with("moderate_trusted", &[("sites", &sites)]),
        Decision::Block => pages.text_with("moderate_blocked", &[("sites", &sites)]),
        Decision::Approve | Decision::Reject | Decision::Spam => return text,
    };
    format!("{text} {listed}")
}

/// What went wrong when decisions were applied.
fn notices_of(pages: &ReceiverPages, report: &ApplyReport) -> Vec<Notice> {
    let faults = report.changes.faults.iter().map(|fault| format!("{}: {}", fault.path, fault.message));
    let failures = report.failures.iter().map(ToString::to_string);
    let kept = faults.chain(failures);
    let mut notices: Vec<Notice> =
        kept.map(|reason| Notice::bad(&pages.text_with("moderate_kept", &[("reason", &reason)]))).collect();
    if report.build.as_ref().is_some_and(|build| !build.built) {
        notices.push(Notice::bad(&pages.text("moderate_not_built")));
    }
    notices
}

/// Back to the list, with notices for the next page.
fn back(app: &ModerationApp, headers: &HeaderMap, notices: Vec<Notice>, position: ListPosition) -> Response {
    app.with_session(headers, |session| session.notices.extend(notices));
    see(&position.href())
}
