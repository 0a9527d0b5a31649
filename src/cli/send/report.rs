//! The reports of `send`: what was sent, what was not and why, and what is in the log.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::cli::output::{Output, Report, Terminal, counted};
use crate::diagnostic::Diagnostic;
use crate::linkback::LinkbackKind;
use crate::linkback::outbox::log::{FILE_NAME, LinkChange, SendKey, SendRecord, SendState};
use crate::linkback::outbox::plan::SendReason;
use crate::send::{
    Delivery, DeliveryOutcome, FirstRun, FirstRunCause, ReceiverVerdict, SendObserver, SendReport, SendStatus,
};

impl Report for SendReport {
    fn json(&self) -> Option<Value> {
        Some(json!(self))
    }

    /// The deliveries were printed one by one.
    fn text(&self, terminal: Terminal) {
        terminal.diagnostics(&self.diagnostics);
        if self.diagnostics.iter().any(Diagnostic::is_error) {
            terminal.error(
                "nothing was sent: correct the errors first, so that nothing is sent twice and no post is taken for a removed one",
            );
            return;
        }
        for key in &self.interrupted {
            terminal.warning(&interrupted(key));
        }
        for ReceiverVerdict { post, target, verdict } in &self.verdicts {
            terminal.info(&format!("answer  {target}, linked by `{post}`: {verdict}"));
        }
        if let Some(first_run) = &self.first_run {
            print_first_run(first_run, terminal);
            if self.deliveries.is_empty() {
                return;
            }
        }
        match self.marked {
            Some(_) => terminal.info(
                "all links are recorded as sent; linkbacks are sent for new and changed posts from now on",
            ),
            None => terminal.info(&summary(self)),
        }
    }
}

/// Prints why nothing was sent, and what to do.
fn print_first_run(first_run: &FirstRun, terminal: Terminal) {
    let links = counted(first_run.links, "link", "links");
    let posts = counted(first_run.posts, "post", "posts");
    terminal.error(&match first_run.why {
        FirstRunCause::Old => format!(
            "no linkbacks were sent before for this blog, which has {links} in {posts}, some of them older than a week"
        ),
        FirstRunCause::Lost => format!(
            "`{FILE_NAME}`, the log of what was sent, is missing, so everything would be sent again: {links} in {posts}; put it back"
        ),
    });
    terminal.warning(
        "  `backmatter send --mark-all-sent`     records them all as sent, and begins with the next post\n  \
         `backmatter send --since 2026-11-01`  sends linkbacks of the posts from a day on\n  \
         `backmatter send --post PATH`         sends linkbacks of one post\n  \
         `backmatter send --dry-run`           shows what would be sent",
    );
}

impl Report for SendStatus {
    fn json(&self) -> Option<Value> {
        let records: Vec<_> = self.records.iter().map(|(key, record)| entry(key, record)).collect();
        Some(json!({ "since": self.since, "records": records, "diagnostics": self.diagnostics }))
    }

    fn text(&self, terminal: Terminal) {
        terminal.diagnostics(&self.diagnostics);
        if !self.records.is_empty() {
            terminal.result(&table(&self.records));
        } else if self.diagnostics.is_empty() {
            terminal.note(&format!("nothing was sent yet; `{}` is empty", self.path.display()));
        }
        if let Some(since) = self.since {
            terminal.note(&format!("no linkbacks are sent for posts from before {}", time(since)));
        }
    }
}

/// Prints each delivery as it is done.
pub(in crate::cli) struct SendProgress {
    output: Output,
}

impl SendProgress {
    pub(in crate::cli) fn new(output: Output) -> Self {
        Self { output }
    }
}

impl SendObserver for SendProgress {
    fn delivered(&self, delivery: &Delivery) {
        self.output.emit(delivery);
    }

    fn waits(&self, host: &str, left: Duration) {
        self.output.emit(&HostPause { host, left });
    }
}

/// A delivery is part of the report of the run.
impl Report for Delivery {
    fn json(&self) -> Option<Value> {
        None
    }

    fn text(&self, terminal: Terminal) {
        match self.outcome {
            DeliveryOutcome::Failed { .. } | DeliveryOutcome::NotYet { .. } => {
                terminal.result(&delivery_line(self));
            }
            _ => terminal.info(&delivery_line(self)),
        }
    }
}

struct HostPause<'a> {
    host: &'a str,
    left: Duration,
}

impl Report for HostPause<'_> {
    fn json(&self) -> Option<Value> {
        None
    }

    fn text(&self, terminal: Terminal) {
        let seconds = self.left.as_secs_f32().ceil();
        terminal.note(&format!("waiting for {seconds:.0} s before the next message to `{}`", self.host));
    }
}

fn delivery_line(delivery: &Delivery) -> String {
    let about = format!("{} `{}`", why(delivery.reason), delivery.post);
    let target = &delivery.target;
    let how = delivery.protocol.map_or("", LinkbackKind::name);
    match &delivery.outcome {
        DeliveryOutcome::Would { but } => {
            let but = but.as_ref().map_or_else(String::new, |reason| format!(": but {reason}"));
            format!("would   {target} by {how} at {}, {about}{but}", delivery.endpoint)
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
        report.deliveries.iter().filter(|delivery| is_wanted(&delivery.outcome)).count()
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
        report.deliveries.iter().any(|delivery| matches!(delivery.outcome, DeliveryOutcome::Failed { .. }));
    match (report.next, parts.is_empty()) {
        (None, true) => "nothing to send".to_owned(),
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
fn entry(key: &SendKey, record: &SendRecord) -> Value {
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
    let widths = (0..heads.len()).map(|column| {
        let widths = all.iter().map(|row| row[column].chars().count());
        widths.max().unwrap_or(0).min(WIDEST)
    });
    let widths: Vec<usize> = widths.collect();
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
