//! What `send` says: who was told, who was not and why, and what is in the ledger.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::cli::output::{Output, counted, error_free_line, error_line, line};
use crate::diagnostic::Diagnostic;
use crate::linkback::LinkbackKind;
use crate::linkback::outbox::log::{FILE_NAME, LinkChange, SendKey, SendRecord, SendState};
use crate::linkback::outbox::plan::SendReason;
use crate::send::{Delivery, DeliveryOutcome, FirstRun, FirstRunCause, SendObserver, SendReport, SendStatus};

impl Output {
    /// What a run of `send` did. The pages that were told have been named as they were.
    pub(in crate::cli) fn sent(self, report: &SendReport) {
        if self.is_json() {
            line(&serde_json::to_value(report).unwrap_or_default().to_string());
            return;
        }
        self.diagnostics(&report.diagnostics);
        if report.diagnostics.iter().any(Diagnostic::is_error) {
            error_line(
                "nobody was told: the errors come first, so that nothing is sent twice and no post is taken for one that is gone",
            );
            return;
        }
        for key in &report.interrupted {
            error_free_line(&interrupted(key));
        }
        if let Some(surprise) = &report.first_run {
            self.surprise(surprise);
            if report.deliveries.is_empty() {
                return;
            }
        }
        if self.is_quiet() {
            return;
        }
        match report.marked {
            Some(_) => line(
                "everything that is linked now counts as told; new posts and changed ones are news from here on",
            ),
            None => line(&summary(report)),
        }
    }

    /// The ledger does not know what this blog has told.
    fn surprise(self, surprise: &FirstRun) {
        let what = format!(
            "{} in {}",
            counted(surprise.links, "link", "links"),
            counted(surprise.posts, "post", "posts")
        );
        error_line(&match surprise.why {
            FirstRunCause::Old => format!(
                "nobody was ever told of the links of this blog, {what}, and some posts are older than a week"
            ),
            FirstRunCause::Lost => format!(
                "`{FILE_NAME}` is gone, and with it what was told to whom: everyone would be told again of {what}; put it back"
            ),
        });
        error_free_line(
            "  `backmatter send --mark-all-sent`     counts them all as told, and begins with the next post\n  \
             `backmatter send --since 2026-11-01`  tells of the posts from a day on\n  \
             `backmatter send --post PATH`         tells of one post\n  \
             `backmatter send --dry-run`           shows who would be told",
        );
    }

    /// Somebody to name each page as it is told.
    pub(in crate::cli) fn watch_send(self) -> SendProgress {
        SendProgress { voice: self }
    }

    /// The ledger as a table.
    pub(in crate::cli) fn sent_status(self, status: &SendStatus) {
        if self.is_json() {
            let records: Vec<_> = status.records.iter().map(entry).collect();
            let diagnostics = &status.diagnostics;
            line(
                &json!({ "since": status.since, "records": records, "diagnostics": diagnostics }).to_string(),
            );
            return;
        }
        self.diagnostics(&status.diagnostics);
        if status.records.is_empty() && status.diagnostics.is_empty() && !self.is_quiet() {
            error_free_line(&format!(
                "nobody was told of anything yet; `{}` is empty",
                status.path.display()
            ));
        }
        if !status.records.is_empty() {
            line(&table(&status.records));
        }
        if let Some(since) = status.since.filter(|_| !self.is_quiet()) {
            error_free_line(&format!("posts from before {} are left alone", time(since)));
        }
    }
}

/// Names each page as it is told.
pub(in crate::cli) struct SendProgress {
    voice: Output,
}

impl SendObserver for SendProgress {
    fn delivered(&self, letter: &Delivery) {
        let is_trouble =
            matches!(letter.outcome, DeliveryOutcome::Failed { .. } | DeliveryOutcome::NotYet { .. });
        if !self.voice.is_json() && (is_trouble || !self.voice.is_quiet()) {
            line(&letter_line(letter));
        }
    }

    fn waits(&self, host: &str, left: Duration) {
        let seconds = left.as_secs_f32().ceil();
        if !self.voice.is_json() && !self.voice.is_quiet() {
            error_free_line(&format!("waiting for {seconds:.0} s before the next message to `{host}`"));
        }
    }
}

fn letter_line(letter: &Delivery) -> String {
    let about = format!("{} `{}`", why(letter.reason), letter.post);
    let target = &letter.target;
    let how = letter.protocol.map_or("", LinkbackKind::name);
    match &letter.outcome {
        DeliveryOutcome::Would { but } => {
            let but = but.as_ref().map_or_else(String::new, |reason| format!(": but {reason}"));
            format!("would   {target} by {how} at {}, {about}{but}", letter.endpoint)
        }
        DeliveryOutcome::Unasked => format!("would   {target}, {about}, if it takes linkbacks"),
        DeliveryOutcome::Told { answer } => format!("told    {target} by {how}, {about}: {answer}"),
        DeliveryOutcome::Silent => format!("silent  {target}, {about}: it takes no linkbacks"),
        DeliveryOutcome::Kept { reason } => format!("kept    {target} by {how}, {about}: {reason}"),
        DeliveryOutcome::Later { reason, next } => {
            format!("later   {target}, {about}: {reason}; again after {}", time(*next))
        }
        DeliveryOutcome::Failed { reason } => format!("failed  {target}, {about}: {reason}"),
        DeliveryOutcome::NotYet { reason } => format!("not yet {target}, {about}: {reason}"),
    }
}

fn why(reason: SendReason) -> String {
    match reason {
        SendReason::New => "linked by".to_owned(),
        SendReason::Changed => "linked by the changed".to_owned(),
        SendReason::Removed => "no longer linked by".to_owned(),
        SendReason::Gone => "linked by the removed".to_owned(),
        SendReason::Again(attempts) => format!("attempt {} for", attempts + 1),
    }
}

fn interrupted(key: &SendKey) -> String {
    format!(
        "a message to {} about `{}` was interrupted; whether it arrived is not known, and it is not sent again; `--source` and `--target` do so by hand",
        key.target, key.post
    )
}

fn summary(report: &SendReport) -> String {
    let count = |is_wanted: &dyn Fn(&DeliveryOutcome) -> bool| {
        report.deliveries.iter().filter(|letter| is_wanted(&letter.outcome)).count()
    };
    let parts = [
        (count(&|end| matches!(end, DeliveryOutcome::Would { .. } | DeliveryOutcome::Unasked)), "to be told"),
        (count(&|end| matches!(end, DeliveryOutcome::Told { .. })), "told"),
        (count(&|end| matches!(end, DeliveryOutcome::Silent)), "silent"),
        (count(&|end| matches!(end, DeliveryOutcome::Kept { .. })), "kept as told"),
        (count(&|end| matches!(end, DeliveryOutcome::Later { .. })), "to be tried again"),
        (count(&|end| matches!(end, DeliveryOutcome::Failed { .. })), "failed"),
        (count(&|end| matches!(end, DeliveryOutcome::NotYet { .. })), "not yet"),
    ];
    let parts: Vec<_> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    let has_failed =
        report.deliveries.iter().any(|letter| matches!(letter.outcome, DeliveryOutcome::Failed { .. }));
    match (report.next, parts.is_empty()) {
        (None, true) => "no news for anyone".to_owned(),
        (None, false) if has_failed => format!("{}; `--post` tries again what failed", parts.join(", ")),
        (None, false) => parts.join(", "),
        (Some(next), true) => {
            format!(
                "nothing is due; {} from {} on, and with `--post` at once",
                wait(report.waiting),
                time(next)
            )
        }
        (Some(next), false) => format!("{}; run it again after {}", parts.join(", "), time(next)),
    }
}

fn wait(waiting: usize) -> String {
    if waiting == 1 { "1 is tried again".to_owned() } else { format!("{waiting} are tried again") }
}

fn time(moment: DateTime<Utc>) -> String {
    moment.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// An entry of the ledger for a machine: what stands in the file, and whose it is.
fn entry((key, record): &(SendKey, SendRecord)) -> Value {
    let mut entry = json!(record);
    entry["post"] = json!(key.post);
    entry["protocol"] = json!(record.protocol.map(LinkbackKind::name));
    entry
}

/// How wide a column may get.
const WIDEST: usize = 60;

fn table(records: &[(SendKey, SendRecord)]) -> String {
    let rows: Vec<[String; 6]> = records.iter().map(|(key, record)| row(key, record)).collect();
    let heads = ["state", "post", "target", "protocol", "when", "answer"].map(str::to_owned);
    let all: Vec<&[String; 6]> = std::iter::once(&heads).chain(&rows).collect();
    let width = |column: usize| {
        let widths = all.iter().map(|row| row[column].chars().count());
        widths.max().unwrap_or(0).min(WIDEST)
    };
    let widths: Vec<usize> = (0..heads.len()).map(width).collect();
    let lines = all.iter().map(|row| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn row(key: &SendKey, record: &SendRecord) -> [String; 6] {
    let state = match (record.state, record.news) {
        (SendState::Waiting, LinkChange::Removal | LinkChange::Deletion) => "to withdraw",
        (state, _) => state.name(),
    };
    let when = match (record.next, record.time) {
        (Some(next), _) => format!("next {}", time(next)),
        (None, Some(at)) => time(at),
        (None, None) => String::new(),
    };
    let answer = if record.verdict.is_empty() {
        record.answer.clone()
    } else {
        format!("{} ({})", record.answer, record.verdict)
    };
    let protocol = record.protocol.map_or("", LinkbackKind::name).to_owned();
    [state.to_owned(), key.post.clone(), key.target.clone(), protocol, when, answer]
}
