//! What `receive` says: where it listens, and a line for each look that changed something.

use std::net::SocketAddr;

use serde_json::json;

use crate::cli::output::{Output, counted, error_free_line, line};
use crate::linkback::inbox::state::{InboxState, Transition};
use crate::receive::Receiver;
use crate::receive::notify::NotifyFailure;
use crate::receive::verify::VerificationReport;

impl Output {
    /// Where the receiver listens.
    pub(in crate::cli) fn receiving(self, address: SocketAddr, receiver: &Receiver) {
        let targets = receiver.looker.index.targets().len();
        let database = receiver.database.display();
        if self.is_json() {
            let value = json!({ "listening": format!("http://{address}"), "targets": targets, "database": database.to_string() });
            line(&value.to_string());
        } else if !self.is_quiet() {
            let targets = counted(targets, "page", "pages");
            line(&format!("Receiving on http://{address} for {targets}, into {database}; Ctrl-C ends it"));
            let snapshot = receiver.looker.index.snapshot();
            let settings = &snapshot.config.linkbacks;
            if settings.webmention.is_none() && settings.pingback.is_none() {
                error_free_line(
                    "no page says so yet: add `receiver = \"https://…\"` to `[linkbacks]`, the address this is reached at, and build",
                );
            }
        }
    }

    /// Where the moderation page is.
    pub(in crate::cli) fn moderated_at(self, address: SocketAddr) {
        if !self.is_json() && !self.is_quiet() {
            line(&format!("Moderate at http://{address}/moderate/"));
        }
    }

    /// There is no moderation page.
    pub(in crate::cli) fn not_moderated(self) {
        if !self.is_json() && !self.is_quiet() {
            error_free_line(
                "there is no page to moderate at: set BACKMATTER_TOKEN, or `token_file` in `[linkbacks]`; `backmatter linkbacks list` works without",
            );
        }
    }

    /// What a look led to, if it led to anything.
    pub(in crate::cli) fn looked(self, looked: &VerificationReport) {
        let VerificationReport { item, moved, let_in } = looked;
        if self.is_json() {
            let value = json!({
                "looked": item.source,
                "target": item.target,
                "state": item.state.name(),
                "fault": item.fault.as_ref().map(|fault| &fault.text),
                "let_in": let_in,
            });
            line(&value.to_string());
            return;
        }
        if self.is_quiet() {
            return;
        }
        let what = match (moved, item.state) {
            _ if *let_in => "approved, as you trust its site",
            (Transition::Held, InboxState::Approved) => "changed, and waits for you with its new words",
            (Transition::Held, _) => "waits for you",
            (Transition::Reworded, _) => "changed a little",
            (Transition::Removed, _) => "gone, and taken out of the back matter",
            (Transition::Dropped, InboxState::Gone) => "gone before you decided",
            (Transition::Dropped, _) => "not taken",
            (Transition::Nothing, InboxState::Queued) => "not reached; will be tried again",
            (Transition::Nothing, _) => return,
        };
        let why = item.fault.as_ref().map_or_else(String::new, |fault| format!(" ({})", fault.text));
        line(&format!("{} -> {}: {what}{why}", item.source, item.target));
    }

    /// Somebody who could not be told.
    pub(in crate::cli) fn untold(self, untold: &NotifyFailure) {
        error_free_line(&untold.to_string());
    }

    /// A command still runs, or an address is still told.
    pub(in crate::cli) fn still_telling(self) {
        if !self.is_quiet() && !self.is_json() {
            error_free_line("others are still told of what changed; Ctrl-C once more does not wait for it");
        }
    }

    /// The end.
    pub(in crate::cli) fn received_enough(self) {
        if !self.is_quiet() && !self.is_json() {
            error_free_line("stopped; everything that was acknowledged is kept");
        }
    }
}
