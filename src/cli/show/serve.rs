//! What `serve` says.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::json;

use super::{Voice, counted, elapsed, error_free_line, error_line, line};
use crate::error::Error;
use crate::preview::{Preview, PreviewObserver, PreviewUpdate};

impl Voice {
    /// The preview answers.
    pub(in crate::cli) fn serving(self, preview: &Preview, took: Duration) {
        self.diagnostics(preview.diagnostics());
        let (url, posts) = (preview.url(), preview.posts());
        if self.json {
            let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
            line(&json!({ "url": url, "posts": posts, "milliseconds": milliseconds }).to_string());
        } else {
            // Also with `--quiet`: which port it is must be known.
            line(&format!(
                "{url} shows {} after {}; Ctrl-C stops",
                counted(posts, "post", "posts"),
                elapsed(took)
            ));
        }
    }

    /// The usual port was taken.
    pub(in crate::cli) fn port_taken(self, taken: &Error) {
        if !self.quiet && !self.json {
            error_free_line(&format!("{taken}; the next free one is used"));
        }
    }

    /// Other machines can look at the preview.
    pub(in crate::cli) fn open_to_others(self, address: SocketAddr) {
        if !self.quiet {
            error_free_line(&format!(
                "warning: everyone who can reach this machine at `{address}` can read the site, drafts and all"
            ));
        }
    }

    /// No browser could be started.
    pub(in crate::cli) fn no_browser(self, url: &str) {
        error_free_line(&format!("no browser could be opened; go to {url}"));
    }
}

impl PreviewObserver for Voice {
    fn changed(&self, news: &PreviewUpdate<'_>) {
        if self.json {
            let (files, count) = news.files;
            let milliseconds = news.took.as_secs_f64() * 1000.0;
            let report = json!({ "files": files, "count": count, "milliseconds": milliseconds, "diagnostics": news.diagnostics });
            line(&report.to_string());
            return;
        }
        if news.has_new_faults {
            self.diagnostics(news.diagnostics);
        }
        if self.quiet {
            return;
        }
        let (files, count) = news.files;
        let what = match (files, count) {
            ([], _) => "looked again".to_owned(),
            ([one], _) => one.clone(),
            (files, count) if files.len() == count => files.join(", "),
            (files, count) => format!("{} and {} more", files.join(", "), count - files.len()),
        };
        let errors = news.diagnostics.iter().filter(|fault| fault.is_error()).count();
        let state =
            if errors == 0 { String::new() } else { format!(", {}", counted(errors, "error", "errors")) };
        line(&format!("{what}: shown after {:.1} ms{state}", news.took.as_secs_f64() * 1000.0));
    }

    fn polling(&self, reason: &str) {
        error_free_line(&format!(
            "warning: the system does not tell of all changes ({reason}): the files are looked at twice a second instead"
        ));
    }

    fn unreadable(&self, error: &Error) {
        if self.json {
            self.error(error);
        } else {
            error_line(&format!("{error}; the site is shown as it was until that is mended"));
        }
    }

    fn readable_again(&self) {
        if !self.json && !self.quiet {
            line("the site can be read again");
        }
    }

    fn moved(&self, base_path: &str) {
        error_free_line(&format!("the site stands at `{base_path}/` from now on, as `base_url` says"));
    }
}
