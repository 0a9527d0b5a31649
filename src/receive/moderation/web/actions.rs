//! What a person does with linkbacks, and what is said of it on the next page.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use crate::error::Result;
use crate::receive::moderation::service::ApplyReport;
use crate::receive::queue::decisions::{Decision, DecisionResult};

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
            _ if numbers.is_empty() => vec![Notice::bad("No linkback is ticked.")],
            Some(decision) => decide(&app, &numbers, decision)?,
            None if name == "retry" => {
                let items = app.store()?.retry(&numbers, app.now())?;
                vec![Notice::good(&format!("{} will be looked at again.", counted(items.len())))]
            }
            None => vec![Notice::bad("There is no such button.")],
        };
        Ok(back(&app, &headers, notices, ListPosition::of(&fields)))
    })
    .await
}

/// The linkbacks that are ticked, or all that the page showed; what came since then nobody has seen.
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
        // Whoever presses the button twice, or on an old page, means one decision only.
        let undone = service.store.undo(field(&fields, "batch").parse().ok(), now)?;
        let report = service.apply(now, &())?;
        let said = match &undone {
            Some(undone) => {
                format!("Taken back: {} of {}.", undone.decision.name(), counted(undone.items.len()))
            }
            None => "This decision was taken back already, or is not the last any more.".to_owned(),
        };
        let mut notices = vec![Notice::good(&said)];
        notices.extend(notices_of(&report));
        // The page is answered at once: a command that publishes may take minutes.
        report.notification().into_iter().for_each(|notification| app.notifications.push(notification));
        Ok(back(&app, &headers, notices, ListPosition::of(&fields)))
    })
    .await
}

fn decide(app: &ModerationApp, numbers: &[i64], decision: Decision) -> Result<Vec<Notice>> {
    let now = app.now();
    let mut service = app.service(now)?;
    let decided = service.store.decide(numbers, decision, now)?;
    let report = service.apply(now, &())?;
    let mut notices = vec![];
    let done: Vec<&DecisionResult> = decided.iter().filter(|one| one.refused.is_none()).collect();
    if !done.is_empty() {
        notices.push(Notice::good(&said_of_decision(decision, &done)));
    }
    let refused = decided.iter().filter_map(|one| Some((one.item.id, one.refused.as_ref()?)));
    notices.extend(
        refused.map(|(id, reason)| Notice::bad(&format!("Number {id} was left as it is: {reason}."))),
    );
    notices.extend(notices_of(&report));
    report.notification().into_iter().for_each(|notification| app.notifications.push(notification));
    Ok(notices)
}

fn said_of_decision(decision: Decision, done: &[&DecisionResult]) -> String {
    let word = match decision {
        Decision::Approve | Decision::Trust => "Approved",
        Decision::Reject => "Rejected",
        Decision::Spam => "Marked as spam",
        Decision::Block => "Rejected and blocked",
    };
    let whom: BTreeSet<&str> = done.iter().filter_map(|one| Some(one.listed.as_ref()?.as_str())).collect();
    let whom = whom.into_iter().collect::<Vec<_>>().join(", ");
    let listed = match decision {
        Decision::Trust if whom.is_empty() => {
            " Its author cannot be told from others there, and is not trusted.".to_owned()
        }
        Decision::Block if whom.is_empty() => {
            " Its author cannot be told from others there, and is not blocked.".to_owned()
        }
        Decision::Trust => format!(" From now on {whom} is trusted."),
        Decision::Block => format!(" From now on nothing is taken from {whom}."),
        _ => String::new(),
    };
    format!("{word}: {}.{listed}", counted(done.len()))
}

/// What became of the site.
fn notices_of(report: &ApplyReport) -> Vec<Notice> {
    let mut notices = Vec::new();
    for fault in &report.changes.faults {
        notices.push(Notice::bad(&format!("{}: {}. The decision is kept.", fault.path, fault.message)));
    }
    if report.build.as_ref().is_some_and(|build| !build.built) {
        let fault = "The decision is kept and written, but the site has errors and was not built.";
        notices.push(Notice::bad(fault));
    }
    notices.extend(
        report.failures.iter().map(|untold| Notice::bad(&format!("{untold}. The decision is kept."))),
    );
    notices
}

fn counted(count: usize) -> String {
    if count == 1 { "1 linkback".to_owned() } else { format!("{count} linkbacks") }
}

/// Back to the page, with something to say.
fn back(app: &ModerationApp, headers: &HeaderMap, notices: Vec<Notice>, position: ListPosition) -> Response {
    app.with_session(headers, |session| session.notices.extend(notices));
    see(&position.href())
}
