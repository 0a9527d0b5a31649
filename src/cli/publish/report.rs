//! What `publish` says: the plan in the author's words, the progress, and how it ended.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _};
use std::sync::OnceLock;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use crate::cli::output::{Output, counted, error_free_line, error_line, line, without_control};
use crate::cli::publish::Way;
use crate::config::Config;
use crate::config::publish::PublishTarget;
use crate::diagnostic::Diagnostic;
use crate::error::Result;
use crate::page::kind::FileKind;
use crate::publish::apply::{ApplyError, PublishObserver};
use crate::publish::backends::Visibility;
use crate::publish::diff::{Diff, Upload, UploadReason};
use crate::publish::wait_online::{LatePost, OnlineReport};
use crate::publish::workflow::{CiService, Workflow};
use crate::publish::{PriorState, PublishPlan};
use crate::send::SendReport;

/// So many posts and pages are named; the others are counted.
const MOST_NAMED: usize = 20;

impl Output {
    /// Faults of a build whose report is not what was asked for.
    pub(in crate::cli) fn diagnostics_beside(self, diagnostics: &[Diagnostic]) {
        if !self.is_json() {
            self.diagnostics(diagnostics);
        }
    }

    /// What would change at a target.
    pub(in crate::cli) fn publish_plan(self, plan: &PublishPlan, target: &PublishTarget, way: Way) {
        if self.is_json() {
            // What is done is told when all of it is, the sending included.
            if matches!(way, Way::Refused | Way::DryRun) {
                line(&json_plan(plan, target, way).to_string());
            }
            return;
        }
        self.diagnostics(&plan.faults);
        if way == Way::Refused {
            let errors = plan.faults.iter().filter(|fault| fault.is_error()).count();
            error_line(&format!("{}: nothing was published", counted(errors, "error", "errors")));
            return;
        }
        if self.is_quiet() {
            return;
        }
        if plan.is_empty() {
            line(&format!("{}: nothing to publish, {} there", target.name, files(plan.diff.kept)));
            return;
        }
        line(&plan_text(plan, target));
    }

    /// Asks whether the plan is to be applied.
    pub(in crate::cli) fn ask_to_publish(self, name: &str) {
        let mut error = anstream::stderr().lock();
        let _ = write!(error, "Publish to {name}? [y/N] ").and_then(|()| error.flush());
    }

    /// Whoever was asked did not agree.
    pub(in crate::cli) fn publish_declined(self) {
        error_free_line("nothing was published");
    }

    /// All of it is there.
    pub(in crate::cli) fn published(self, plan: &PublishPlan, target: &PublishTarget) {
        if !self.is_quiet() && !self.is_json() {
            line(&format!(
                "{}: {} published, {} deleted",
                target.name,
                files(plan.diff.uploads.len()),
                plan.diff.deleted()
            ));
        }
    }

    /// A publish has ended, and so has what comes after it, if anything did: for a machine all is one object.
    pub(in crate::cli) fn publish_ended(
        self,
        plan: &PublishPlan,
        target: &PublishTarget,
        (way, online, sent): (Way, Option<OnlineReport>, Option<Result<SendReport>>),
    ) {
        if self.is_json() {
            let mut told = json_plan(plan, target, way);
            told["online"] = json!(online);
            told["sent"] = match sent {
                Some(Ok(report)) => json!(report),
                Some(Err(error)) => json!({ "error": error.to_string() }),
                None => serde_json::Value::Null,
            };
            line(&told.to_string());
            return;
        }
        match sent {
            Some(Ok(report)) if report.has_news() => self.sent(&report),
            Some(Err(error)) => self.error(&error),
            _ => {}
        }
    }

    /// Some of it is not there.
    pub(in crate::cli) fn publish_stopped(self, stopped: &ApplyError, target: &PublishTarget) {
        let ApplyError { error, uploaded, of, visibility } = stopped;
        if self.is_json() {
            let told = json!({
                "target": target.name,
                "published": false,
                "error": error.reason,
                "uploaded": uploaded,
                "uploads": of,
            });
            line(&told.to_string());
            return;
        }
        error_line(&format!("`{}`: {}", target.name, error.reason));
        let state = match visibility {
            Visibility::Immediate => format!(
                "{uploaded} of {} went up, and nothing was deleted; run the command again to go on from there",
                files(*of)
            ),
            Visibility::AtFinish => "the site there is as it was; run the command again".to_owned(),
        };
        error_free_line(&state);
    }

    /// It may take a while until a host shows what it was given.
    pub(in crate::cli) fn looks_online(self, plan: &PublishPlan, patience: Duration) {
        let has_posts = plan.diff.uploads.iter().any(|upload| upload.kind == FileKind::Post);
        if !self.is_quiet() && !self.is_json() && has_posts && !patience.is_zero() {
            error_free_line(&format!(
                "waiting until the posts are online, for {} s at most; all of it is published, so this can be stopped",
                patience.as_secs()
            ));
        }
    }

    /// Whether the changed posts are online.
    pub(in crate::cli) fn online(self, online: &OnlineReport, target: &PublishTarget) {
        if self.is_json() {
            return;
        }
        if online.live > 0 && !self.is_quiet() {
            line(&format!("{}: {} online", target.name, counted(online.live, "post", "posts")));
        }
        for LatePost { url, reason } in &online.late {
            error_free_line(&format!(
                "`{url}` is not online yet as it was published: {}",
                without_control(reason)
            ));
        }
        if !online.late.is_empty() {
            error_free_line(
                "a host may take some minutes; whom you linked is told by `backmatter send`, or the next publish, once they are",
            );
        }
        if let (Some(reason), Some(hub)) = (&online.hub, &target.hub) {
            error_free_line(&format!("the hub `{hub}` could not be told: {reason}"));
        }
    }

    /// A service will publish the site.
    pub(in crate::cli) fn publish_init(self, service: &CiService, workflow: &Workflow, config: &Config) {
        let receives = config.linkbacks.receiver.is_some();
        let secrets: Vec<&str> =
            service.secrets.iter().copied().chain(receives.then_some("BACKMATTER_TOKEN")).collect();
        if self.is_json() {
            let told = json!({
                "path": service.path,
                "settings": workflow.settings,
                "secrets": secrets,
                "variables": service.variables,
                "lacks_source": workflow.lacks_source,
            });
            line(&told.to_string());
            return;
        }
        if self.is_quiet() {
            return;
        }
        let mut text = format!("{}\n", service.path);
        if workflow.lacks_source {
            text.push_str(
                "\nIt cannot install Backmatter yet: write the address of the git repository with its source where the file \
                 says so,\nor remove the file and name it: --from https://example.com/backmatter.git\n",
            );
        }
        if let Some(settings) = &workflow.settings {
            let _ = write!(text, "\nAdd to backmatter.toml:\n\n{settings}");
        }
        if !secrets.is_empty() {
            let _ = writeln!(text, "\nGive the service these secrets: {}", secrets.join(", "));
        }
        if receives {
            text.push_str("By BACKMATTER_TOKEN it fetches new linkbacks from your receiver.\n");
        }
        if !service.variables.is_empty() {
            let _ = writeln!(text, "\nGive it these variables: {}", service.variables.join(", "));
        }
        line(text.trim_end());
    }

    /// Somebody to watch a publish, with a progress bar if a person is looking.
    pub(in crate::cli) fn watch_publish(self) -> PublishProgress {
        let person = !self.is_quiet() && !self.is_json() && std::io::stderr().is_terminal();
        PublishProgress { person, quiet: self.is_quiet() || self.is_json(), bar: OnceLock::new() }
    }
}

fn files(count: usize) -> String {
    counted(count, "file", "files")
}

/// The plan as a person reads it: a line of the whole, then the posts and pages by name.
fn plan_text(plan: &PublishPlan, target: &PublishTarget) -> String {
    let mut text = format!("{}: {}", target.name, summary(&plan.diff));
    match plan.prior {
        PriorState::Empty => text.push_str("\n  nothing of ours is there yet"),
        PriorState::Interrupted => text.push_str("\n  goes on from a publish that was broken off"),
        PriorState::Complete => {}
    }
    let named: Vec<&Upload> = plan
        .diff
        .uploads
        .iter()
        .filter(|upload| {
            matches!(upload.kind, FileKind::Post | FileKind::Page) && upload.why != UploadReason::Headers
        })
        .collect();
    for upload in named.iter().take(MOST_NAMED) {
        let sign = if upload.why == UploadReason::New { '+' } else { '~' };
        let title = plan.desired.file(&upload.path).title.as_deref();
        let title = title.map_or_else(String::new, |title| format!("  {title}"));
        let _ = write!(text, "\n  {sign} {}{title}", upload.path);
    }
    if named.len() > MOST_NAMED {
        let _ = write!(text, "\n    and {} more", counted(named.len() - MOST_NAMED, "page", "pages"));
    }
    let deletes: Vec<_> = plan.diff.in_the_way.iter().chain(&plan.diff.deletes).collect();
    for delete in deletes.iter().take(MOST_NAMED) {
        let _ = write!(text, "\n  - {}", delete.path);
    }
    if deletes.len() > MOST_NAMED {
        let _ = write!(text, "\n    and {} more", files(deletes.len() - MOST_NAMED));
    }
    let _ = write!(
        text,
        "\n  {} to upload, {} in all; {} kept",
        files(plan.diff.uploads.len()),
        bytes(plan.bytes()),
        plan.diff.kept
    );
    without_control(&text)
}

/// `1 new post, 3 changed lists, 2 removed`.
fn summary(changes: &Diff) -> String {
    let mut counts: BTreeMap<(FileKind, UploadReason), usize> = BTreeMap::new();
    for upload in &changes.uploads {
        *counts.entry((upload.kind, upload.why)).or_default() += 1;
    }
    let order = [
        FileKind::Post,
        FileKind::Page,
        FileKind::List,
        FileKind::Feed,
        FileKind::Redirect,
        FileKind::Asset,
        FileKind::Host,
    ];
    let mut parts = Vec::new();
    for kind in order {
        for why in [UploadReason::New, UploadReason::Changed, UploadReason::Headers] {
            if let Some(count) = counts.get(&(kind, why)) {
                parts.push(part(*count, kind, why));
            }
        }
    }
    let mut removed: BTreeMap<FileKind, usize> = BTreeMap::new();
    for delete in changes.in_the_way.iter().chain(&changes.deletes) {
        *removed.entry(delete.kind).or_default() += 1;
    }
    for kind in order {
        if let Some(count) = removed.get(&kind) {
            parts.push(format!("{count} removed {}", noun(kind, *count)));
        }
    }
    if parts.is_empty() { "only its list of files".to_owned() } else { parts.join(", ") }
}

fn part(count: usize, kind: FileKind, why: UploadReason) -> String {
    let noun = noun(kind, count);
    match why {
        UploadReason::New => format!("{count} new {noun}"),
        UploadReason::Changed => format!("{count} changed {noun}"),
        UploadReason::Headers => format!("{count} {noun} with other headers"),
    }
}

fn noun(kind: FileKind, count: usize) -> &'static str {
    let (one, many) = match kind {
        FileKind::Post => ("post", "posts"),
        FileKind::Page => ("page", "pages"),
        FileKind::List => ("list", "lists"),
        FileKind::Feed => ("feed", "feeds"),
        FileKind::Redirect => ("redirect", "redirects"),
        FileKind::Asset => ("file", "files"),
        FileKind::Host => ("file for the host", "files for the host"),
    };
    if count == 1 { one } else { many }
}

/// `1.2 MB`.
fn bytes(count: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if count < 1000 {
        return format!("{count} bytes");
    }
    let mut unit = 0;
    let mut rest = count;
    while rest >= 1_000_000 && unit + 1 < UNITS.len() {
        rest /= 1000;
        unit += 1;
    }
    format!("{}.{} {}", rest / 1000, rest % 1000 / 100, UNITS[unit])
}

fn json_plan(plan: &PublishPlan, target: &PublishTarget, way: Way) -> serde_json::Value {
    let uploads: Vec<_> = plan
        .diff
        .uploads
        .iter()
        .map(|upload| {
            let file = plan.desired.file(&upload.path);
            json!({
                "path": upload.path,
                "kind": upload.kind,
                "why": upload.why,
                "size": file.entry.size,
                "title": file.title,
            })
        })
        .collect();
    let deletes: Vec<_> = plan
        .diff
        .in_the_way
        .iter()
        .chain(&plan.diff.deletes)
        .map(|delete| json!({ "path": delete.path, "kind": delete.kind }))
        .collect();
    json!({
        "target": target.name,
        "published": way == Way::Apply,
        "refused": way == Way::Refused,
        "resumed": plan.prior == PriorState::Interrupted,
        "diagnostics": plan.faults,
        "uploads": uploads,
        "deletes": deletes,
        "kept": plan.diff.kept,
    })
}

/// Watches a publish for a person.
pub(in crate::cli) struct PublishProgress {
    person: bool,
    quiet: bool,
    bar: OnceLock<ProgressBar>,
}

impl PublishObserver for PublishProgress {
    fn begins(&self, files: usize) {
        if !self.person {
            return;
        }
        let style = ProgressStyle::with_template("{bar:40} {pos}/{len} files {msg}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        let _ = self.bar.set(ProgressBar::new(files as u64).with_style(style));
    }

    fn done(&self, files: usize) {
        if let Some(bar) = self.bar.get() {
            bar.inc(files as u64);
        }
    }

    fn waits(&self, reason: &str, pause: Duration) {
        if self.quiet {
            return;
        }
        let text = without_control(&format!("{reason}; trying again in {:.1} s", pause.as_secs_f64()));
        match self.bar.get() {
            Some(bar) => bar.suspend(|| error_free_line(&text)),
            None => error_free_line(&text),
        }
    }

    fn ends(&self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}
