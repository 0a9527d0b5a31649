//! The reports of `publish`: the plan, its progress, and how it ended.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::OnceLock;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use crate::cli::build::not_shown_text;
use crate::cli::output::{Output, Report, Terminal, counted, json_causes, json_error, without_control};
use crate::cli::publish::PlanAction;
use crate::config::Config;
use crate::config::publish::{DirectoryMode, PublishTarget, TargetKind};
use crate::diagnostic::Diagnostic;
use crate::error::Result;
use crate::page::kinds::FileKind;
use crate::publish::apply::{ApplyError, PublishObserver};
use crate::publish::backends::Visibility;
use crate::publish::diff::{Diff, Upload, UploadReason};
use crate::publish::wait_online::{LatePost, OnlineReport};
use crate::publish::workflow::WrittenWorkflow;
use crate::publish::{PriorState, PublishPlan};
use crate::send::SendReport;

/// How many posts and pages are named; the others are counted.
const MOST_NAMED: usize = 20;

/// Faults of a build whose report is not printed, without those that the plan names at the same place: a link that leads
/// nowhere is a warning there and an error here.
pub(super) struct BuildFaults<'a> {
    pub(super) build: &'a [Diagnostic],
    pub(super) plan: &'a [Diagnostic],
}

impl BuildFaults<'_> {
    fn is_repeated(&self, fault: &Diagnostic) -> bool {
        let mut others = self.plan.iter().filter(|other| other.path == fault.path);
        place_of(fault).is_some() && others.any(|other| place_of(other) == place_of(fault))
    }
}

/// The line and the column of a fault.
fn place_of(fault: &Diagnostic) -> Option<(usize, usize)> {
    fault.place.as_ref().map(|place| (place.line, place.column))
}

impl Report for BuildFaults<'_> {
    fn json(&self) -> Option<Value> {
        None
    }

    fn text(&self, terminal: Terminal) {
        let faults: Vec<Diagnostic> =
            self.build.iter().filter(|fault| !self.is_repeated(fault)).cloned().collect();
        terminal.diagnostics(&faults);
    }
}

/// What would change at a target.
pub(super) struct PlanReport<'a> {
    pub(super) plan: &'a PublishPlan,
    pub(super) target: &'a PublishTarget,
    pub(super) action: PlanAction,
}

impl Report for PlanReport<'_> {
    /// A plan that is applied is part of the report of the end.
    fn json(&self) -> Option<Value> {
        matches!(self.action, PlanAction::Refuse | PlanAction::Show)
            .then(|| json_plan(self.plan, self.target, self.action))
    }

    fn text(&self, terminal: Terminal) {
        let Self { plan, target, action } = self;
        terminal.diagnostics(&plan.faults);
        if *action == PlanAction::Refuse {
            let errors = plan.faults.iter().filter(|fault| fault.is_error()).count();
            terminal.error(&format!("{}: nothing was published", counted(errors, "error", "errors")));
        } else if plan.is_empty() {
            let text = format!("{}: nothing to publish, {} there", target.name, files(plan.diff.kept));
            terminal.info(&with_not_shown(text, plan));
        } else {
            terminal.info(&plan_text(plan, target));
        }
    }
}

/// A plan that was applied; what is online is waited for.
pub(super) struct AppliedReport<'a> {
    pub(super) plan: &'a PublishPlan,
    pub(super) target: &'a PublishTarget,
}

impl Report for AppliedReport<'_> {
    fn json(&self) -> Option<Value> {
        None
    }

    fn text(&self, terminal: Terminal) {
        let Self { plan, target } = self;
        let uploads = files(plan.diff.uploads.len());
        terminal.info(&format!("{}: {uploads} published, {} deleted", target.name, plan.diff.deleted()));
        let has_posts = plan.diff.uploads.iter().any(|upload| upload.kind == FileKind::Post);
        if has_posts && target.wait > 0 {
            terminal.note(&format!(
                "waiting until the posts are online, for {} s at most; everything is published, so this can be interrupted",
                target.wait
            ));
        }
    }
}

/// A plan that was not applied to its end.
pub(super) struct StoppedReport<'a> {
    pub(super) stopped: &'a ApplyError,
    pub(super) target: &'a PublishTarget,
}

impl Report for StoppedReport<'_> {
    fn json(&self) -> Option<Value> {
        let ApplyError { error, uploaded, of, .. } = self.stopped;
        Some(json!({
            "target": self.target.name,
            "published": false,
            "error": error.reason,
            "causes": json_causes(error),
            "uploaded": uploaded,
            "uploads": of,
        }))
    }

    fn text(&self, terminal: Terminal) {
        let ApplyError { error, uploaded, of, visibility } = self.stopped;
        terminal.error(&format!("`{}`: {}", self.target.name, error.reason));
        terminal.warning(&match visibility {
            Visibility::Immediate => format!(
                "{uploaded} of {} went up, and nothing was deleted; run the command again to go on from there",
                files(*of)
            ),
            Visibility::AtFinish => "the site there is as it was; run the command again".to_owned(),
        });
    }
}

/// Whether the changed posts are online.
pub(super) struct WaitReport<'a> {
    pub(super) online: &'a OnlineReport,
    pub(super) target: &'a PublishTarget,
}

impl Report for WaitReport<'_> {
    fn json(&self) -> Option<Value> {
        None
    }

    fn text(&self, terminal: Terminal) {
        let Self { online, target } = self;
        if online.live > 0 {
            terminal.info(&format!("{}: {} online", target.name, counted(online.live, "post", "posts")));
        }
        for LatePost { url, reason } in &online.late {
            terminal.warning(&format!("`{url}` is not online yet as it was published: {reason}"));
        }
        if !online.late.is_empty() {
            terminal.warning(
                "a host may take some minutes; `backmatter send`, or the next publish, sends the linkbacks once they are",
            );
        }
        if let (Some(reason), Some(hub)) = (&online.hub, &target.hub) {
            terminal.warning(&format!("the hub `{hub}` could not be notified: {reason}"));
        }
    }
}

/// A publish that has ended, and the linkbacks that were sent afterwards.
pub(super) struct EndReport<'a> {
    pub(super) plan: &'a PublishPlan,
    pub(super) target: &'a PublishTarget,
    pub(super) action: PlanAction,
    pub(super) online: Option<OnlineReport>,
    /// An error here is not one of the publish: the site is online.
    pub(super) sent: Option<Result<SendReport>>,
}

impl Report for EndReport<'_> {
    fn json(&self) -> Option<Value> {
        let mut report = json_plan(self.plan, self.target, self.action);
        report["online"] = json!(self.online);
        report["sent"] = match &self.sent {
            Some(Ok(sent)) => json!(sent),
            Some(Err(error)) => json_error(error),
            None => Value::Null,
        };
        Some(report)
    }

    fn text(&self, terminal: Terminal) {
        match &self.sent {
            Some(Ok(sent)) if sent.has_news() => sent.text(terminal),
            Some(Err(error)) => error.text(terminal),
            _ => {}
        }
    }
}

/// The file with which a service publishes the site.
pub(super) struct InitReport<'a> {
    pub(super) written: &'a WrittenWorkflow,
    pub(super) config: &'a Config,
}

impl InitReport<'_> {
    /// The secrets that the service needs.
    fn secrets(&self) -> Vec<&str> {
        let receives = self.config.linkbacks.receiver.is_some();
        let secrets = self.written.service.secrets.iter().copied();
        secrets.chain(receives.then_some("BACKMATTER_TOKEN")).collect()
    }
}

impl Report for InitReport<'_> {
    fn json(&self) -> Option<Value> {
        let WrittenWorkflow { service, workflow } = self.written;
        Some(json!({
            "path": service.path,
            "settings": workflow.settings,
            "secrets": self.secrets(),
            "variables": service.variables,
            "lacks_source": workflow.lacks_source,
        }))
    }

    fn text(&self, terminal: Terminal) {
        let WrittenWorkflow { service, workflow } = self.written;
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
        let secrets = self.secrets();
        if !secrets.is_empty() {
            let _ = writeln!(text, "\nGive the service these secrets: {}", secrets.join(", "));
        }
        if self.config.linkbacks.receiver.is_some() {
            text.push_str("By BACKMATTER_TOKEN it fetches new linkbacks from your receiver.\n");
        }
        if !service.variables.is_empty() {
            let _ = writeln!(text, "\nGive it these variables: {}", service.variables.join(", "));
        }
        terminal.info(text.trim_end());
    }
}

fn files(count: usize) -> String {
    counted(count, "file", "files")
}

/// The plan as a person reads it: a line of the whole, then the posts and pages by name.
fn plan_text(plan: &PublishPlan, target: &PublishTarget) -> String {
    let mut text = format!("{}: {}", target.name, summary(&plan.diff));
    match plan.prior {
        PriorState::Empty => text.push_str("\n  nothing of this site is there yet"),
        PriorState::Interrupted => text.push_str("\n  goes on from a publish that was broken off"),
        PriorState::Complete => {}
    }
    if plan.prior == PriorState::Empty
        && let TargetKind::Directory { to, mode: DirectoryMode::Releases(_) } = &target.place
    {
        let _ = write!(text, "\n  visitors see it in `{}/current`", to.trim_end_matches('/'));
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
    with_not_shown(without_control(&text), plan)
}

/// A post that is missing in the plan may be a draft, or one of the future.
fn with_not_shown(text: String, plan: &PublishPlan) -> String {
    match not_shown_text(plan.not_shown) {
        Some(not_shown) => format!("{text}\n  {not_shown}"),
        None => text,
    }
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

fn json_plan(plan: &PublishPlan, target: &PublishTarget, action: PlanAction) -> serde_json::Value {
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
        "published": action == PlanAction::Apply,
        "refused": action == PlanAction::Refuse,
        "resumed": plan.prior == PriorState::Interrupted,
        "diagnostics": plan.faults,
        "not_shown": plan.not_shown,
        "uploads": uploads,
        "deletes": deletes,
        "kept": plan.diff.kept,
    })
}

/// A call that is made again.
struct RetryNote(String);

impl Report for RetryNote {
    fn json(&self) -> Option<Value> {
        None
    }

    fn text(&self, terminal: Terminal) {
        terminal.note(&self.0);
    }
}

/// Shows the progress of a publish.
pub(super) struct PublishProgress {
    output: Output,
    bar: OnceLock<ProgressBar>,
}

impl PublishProgress {
    pub(super) fn new(output: Output) -> Self {
        Self { output, bar: OnceLock::new() }
    }
}

impl PublishObserver for PublishProgress {
    fn begins(&self, files: usize) {
        if !self.output.shows_progress() {
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
        let note = RetryNote(format!("{reason}; trying again in {:.1} s", pause.as_secs_f64()));
        match self.bar.get() {
            Some(bar) => bar.suspend(|| self.output.emit(&note)),
            None => self.output.emit(&note),
        }
    }

    fn ends(&self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}
