//! What `serve` reports.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};

use crate::cli::output::{Output, Report, Terminal, counted, elapsed};
use crate::error::Error;
use crate::preview::{Preview, PreviewObserver, PreviewUpdate};

/// The preview answers.
pub(super) struct Started<'a> {
    pub(super) preview: &'a Preview,
    pub(super) took: Duration,
}

impl Report for Started<'_> {
    fn json(&self) -> Option<Value> {
        let milliseconds = u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX);
        let Self { preview, .. } = self;
        Some(json!({ "url": preview.url(), "posts": preview.posts(), "milliseconds": milliseconds }))
    }

    fn text(&self, terminal: Terminal) {
        let posts = counted(self.preview.posts(), "post", "posts");
        // Also with `--quiet`: without the port the preview cannot be used.
        terminal.result(&format!(
            "{} shows {posts} after {}; Ctrl-C stops",
            self.preview.url(),
            elapsed(self.took)
        ));
    }
}

/// The usual port was taken, for this reason.
pub(super) struct PortTaken<'a>(pub(super) &'a Error);

impl Report for PortTaken<'_> {
    fn json(&self) -> Option<Value> {
        None
    }

    fn text(&self, terminal: Terminal) {
        terminal.note(&format!("{}; the next free one is used", self.0));
    }
}

/// Warns that other machines can reach the preview.
pub(super) fn open_to_others(output: Output, address: SocketAddr) {
    output.terminal().note(&format!(
        "warning: everyone who can reach this machine at `{address}` can read the site, drafts and all"
    ));
}

/// Warns that no browser could be started.
pub(super) fn no_browser(output: Output, url: &str) {
    output.terminal().warning(&format!("no browser could be opened; go to {url}"));
}

impl Report for PreviewUpdate<'_> {
    fn json(&self) -> Option<Value> {
        let (files, count) = self.files;
        let milliseconds = self.took.as_secs_f64() * 1000.0;
        Some(json!({
            "files": files,
            "count": count,
            "milliseconds": milliseconds,
            "diagnostics": self.diagnostics,
        }))
    }

    fn text(&self, terminal: Terminal) {
        if self.has_new_faults {
            terminal.diagnostics(self.diagnostics);
        }
        let (files, count) = self.files;
        let what = match (files, count) {
            ([], _) => "looked again".to_owned(),
            ([one], _) => one.clone(),
            (files, count) if files.len() == count => files.join(", "),
            (files, count) => format!("{} and {} more", files.join(", "), count - files.len()),
        };
        let errors = self.diagnostics.iter().filter(|fault| fault.is_error()).count();
        let state =
            if errors == 0 { String::new() } else { format!(", {}", counted(errors, "error", "errors")) };
        terminal.info(&format!("{what}: shown after {:.1} ms{state}", self.took.as_secs_f64() * 1000.0));
    }
}

/// The settings cannot be read.
struct Unreadable<'a>(&'a Error);

impl Report for Unreadable<'_> {
    fn json(&self) -> Option<Value> {
        self.0.json()
    }

    fn text(&self, terminal: Terminal) {
        terminal.error(&format!("{}; the preview shows the site as it was before", self.0));
    }
}

/// The settings can be read again.
struct Readable;

impl Report for Readable {
    fn json(&self) -> Option<Value> {
        None
    }

    fn text(&self, terminal: Terminal) {
        terminal.info("the site can be read again");
    }
}

impl PreviewObserver for Output {
    fn changed(&self, update: &PreviewUpdate<'_>) {
        self.emit(update);
    }

    fn polling(&self, reason: &str) {
        self.terminal().warning(&format!(
            "warning: the system does not report all changes ({reason}): the files are checked twice a second instead"
        ));
    }

    fn unreadable(&self, error: &Error) {
        self.emit(&Unreadable(error));
    }

    fn readable_again(&self) {
        self.emit(&Readable);
    }

    fn moved(&self, base_path: &str) {
        self.terminal()
            .warning(&format!("the address of the site is now `{base_path}/`, as `base_url` says"));
    }
}
