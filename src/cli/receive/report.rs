//! The reports of `receive`: where it listens, and a line for each event.

use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::cli::linkbacks::report::{apply_json, apply_text};
use crate::cli::output::{Report, Terminal, counted};
use crate::linkback::inbox::state::{InboxState, Transition};
use crate::receive::verify::VerificationReport;
use crate::receive::{Event, ModerationPage, ServiceOverview};

/// A receiver that has started.
pub(super) struct StartReport {
    pub(super) address: SocketAddr,
    pub(super) overview: ServiceOverview,
}

impl Report for StartReport {
    fn json(&self) -> Option<Value> {
        let Self { address, overview } = self;
        Some(json!({
            "listening": format!("http://{address}"),
            "targets": overview.targets,
            "database": overview.database.display().to_string(),
        }))
    }

    fn text(&self, terminal: Terminal) {
        let Self { address, overview } = self;
        let targets = counted(overview.targets, "post or page", "posts and pages");
        let database = overview.database.display();
        terminal.info(&format!(
            "Receiving on http://{address} for {targets} of the site, into {database}; Ctrl-C ends it"
        ));
        if !overview.is_announced {
            terminal.note(
                "no page announces the receiver yet: add its public address to `[linkbacks]`, `receiver = \"https://…\"`, and build",
            );
        }
        let here = format!("http://{address}");
        let public = Some(overview.public_address.as_str()).filter(|public| !public.is_empty());
        moderation_text(overview.moderation, public.unwrap_or(&here), terminal);
    }
}

/// Where linkbacks are moderated.
pub(super) fn moderation_text(moderation: ModerationPage, address: &str, terminal: Terminal) {
    if moderation == ModerationPage::Open {
        terminal.info(&format!("Moderate at {address}/moderate/"));
    } else {
        terminal.note(
            "there is no moderation page: set BACKMATTER_TOKEN, or `token_file` in `[linkbacks]`; `backmatter linkbacks list` works without one",
        );
    }
}

impl Report for Event<'_> {
    fn json(&self) -> Option<Value> {
        match self {
            Self::Verified(report) => Some(verification_json(report)),
            Self::Applied(report) => Some(json!({ "site": apply_json(report) })),
            Self::Failed(error) => error.json(),
            Self::NotifyFailed(_) | Self::Unwatchable(_) => None,
        }
    }

    fn text(&self, terminal: Terminal) {
        match self {
            Self::Verified(report) => {
                if let Some(text) = verification_text(report) {
                    terminal.info(&text);
                }
            }
            Self::Applied(report) => apply_text(report, terminal),
            Self::NotifyFailed(failure) => terminal.warning(&failure.to_string()),
            Self::Unwatchable(reason) => terminal.note(&format!(
                "changes of the site cannot be watched ({reason}); it is read once a minute instead"
            )),
            Self::Failed(error) => error.text(terminal),
        }
    }
}

fn verification_json(report: &VerificationReport) -> Value {
    let VerificationReport { item, is_auto_approved, .. } = report;
    json!({
        "looked": item.source,
        "target": item.target,
        "state": item.state.name(),
        "fault": item.fault.as_ref().map(|fault| &fault.text),
        "let_in": is_auto_approved,
    })
}

/// What a verification led to; `None` if nothing changed.
fn verification_text(report: &VerificationReport) -> Option<String> {
    let VerificationReport { item, transition, is_auto_approved } = report;
    let result = match (transition, item.state) {
        _ if *is_auto_approved => "approved, as you trust its site",
        (Transition::Held, InboxState::Approved) => "changed, and waits for you with its new words",
        (Transition::Held, _) => "waits for you",
        (Transition::Reworded, _) => "changed a little",
        (Transition::Removed, _) => "gone, and taken out of the back matter",
        (Transition::Dropped, InboxState::Gone) => "gone before you decided",
        (Transition::Dropped, _) => "not taken",
        (Transition::Nothing, InboxState::Queued) => "not reached; will be tried again",
        (Transition::Nothing, _) => return None,
    };
    let reason = item.fault.as_ref().map_or_else(String::new, |fault| format!(" ({})", fault.text));
    Some(format!("{} -> {}: {result}{reason}", item.source, item.target))
}
