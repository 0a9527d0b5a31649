//! The reports of `linkbacks`: what waits and why, what was decided, and what became of the site.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::cli::build::{left_out, summary};
use crate::cli::linkbacks::ListEntry;
use crate::cli::output::{Report, Terminal, counted};
use crate::html::shorten;
use crate::linkback::inbox::signals;
use crate::linkback::inbox::state::{InboxItem, InboxState, Mention};
use crate::linkback::inbox::trust::TrustKey;
use crate::path::SourcePath;
use crate::receive::moderation::add::AddReport;
use crate::receive::moderation::service::ApplyReport;
use crate::receive::queue::decisions::{Decision, DecisionResult, TrustList, UndoResult};
use crate::receive::sync::pull::PullReport;
use crate::receive::verify::pool::LONGEST_WAIT;

/// A list of linkbacks, and how many there are in each state.
pub(super) struct ListReport {
    pub(super) items: Vec<InboxItem>,
    pub(super) tallies: BTreeMap<InboxState, usize>,
    /// How many were decided on and are not in the site yet.
    pub(super) outstanding: usize,
}

impl Report for ListReport {
    fn json(&self) -> Option<Value> {
        Some(items_json(&self.items))
    }

    fn text(&self, terminal: Terminal) {
        for item in &self.items {
            terminal.result(&overview(item));
        }
        let counts: Vec<String> = self
            .tallies
            .iter()
            .filter(|(_, count)| **count > 0)
            .map(|(state, count)| format!("{count} {}", state.name()))
            .collect();
        terminal.note(&if counts.is_empty() { "no linkbacks".to_owned() } else { counts.join(", ") });
        let refused = self.tallies.get(&InboxState::Refused).copied().unwrap_or_default();
        if self.items.is_empty() && refused > 0 {
            terminal.note("`backmatter linkbacks list --state refused` says why, and `retry` looks again");
        }
        if self.outstanding > 0 {
            let decisions = counted(self.outstanding, "decision is", "decisions are");
            terminal.warning(&format!(
                "{decisions} not in the site yet; `backmatter build` writes and builds what is missing"
            ));
        }
    }
}

/// All that is known of some linkbacks.
pub(super) struct Details {
    pub(super) items: Vec<InboxItem>,
}

impl Report for Details {
    fn json(&self) -> Option<Value> {
        Some(items_json(&self.items))
    }

    fn text(&self, terminal: Terminal) {
        let texts: Vec<String> = self.items.iter().map(details).collect();
        terminal.result(texts.join("\n").trim_end());
    }
}

/// Decisions, and what became of the site by them.
pub(super) struct DecisionReport {
    pub(super) decision: Decision,
    pub(super) results: Vec<DecisionResult>,
    pub(super) applied: ApplyReport,
}

impl Report for DecisionReport {
    fn json(&self) -> Option<Value> {
        let linkbacks: Vec<Value> = self.results.iter().map(result_json).collect();
        Some(json!({
            "decision": self.decision.name(),
            "linkbacks": linkbacks,
            "site": apply_json(&self.applied),
        }))
    }

    fn text(&self, terminal: Terminal) {
        for result in &self.results {
            match &result.refused {
                Some(reason) => {
                    let id = result.item.id;
                    terminal.error(&format!("linkback {id} was left as it is: {reason}"));
                }
                None => terminal.info(&decision_text(self.decision, result)),
            }
        }
        if self.results.is_empty() {
            terminal.note("no linkback matches");
        }
        apply_text(&self.applied, terminal);
    }
}

fn result_json(result: &DecisionResult) -> Value {
    json!({
        "number": result.item.id,
        "source": result.item.source,
        "before": result.before.name(),
        "state": result.item.state.name(),
        "listed": result.listed.as_ref().map(TrustKey::as_str),
        "refused": result.refused,
    })
}

/// A batch of decisions that was undone, if there was one.
pub(super) struct UndoReport {
    pub(super) undone: Option<UndoResult>,
    pub(super) applied: ApplyReport,
}

impl Report for UndoReport {
    fn json(&self) -> Option<Value> {
        let undone = self.undone.as_ref().map(
            |undone| json!({ "decision": undone.decision.name(), "linkbacks": items_json(&undone.items) }),
        );
        Some(json!({ "undone": undone, "site": apply_json(&self.applied) }))
    }

    fn text(&self, terminal: Terminal) {
        match &self.undone {
            None => terminal.warning("there is no decision to take back"),
            Some(undone) => {
                let decision = undone.decision.name();
                for item in &undone.items {
                    let state = item.state.name();
                    terminal
                        .info(&format!("{}: `{decision}` taken back, now {state}: {}", item.id, item.source));
                }
            }
        }
        apply_text(&self.applied, terminal);
    }
}

/// Linkbacks that will be verified again.
pub(super) struct RetryReport {
    pub(super) items: Vec<InboxItem>,
}

impl Report for RetryReport {
    fn json(&self) -> Option<Value> {
        Some(items_json(&self.items))
    }

    fn text(&self, terminal: Terminal) {
        for item in &self.items {
            terminal.info(&format!("{}: will be verified again: {}", item.id, item.source));
        }
        if self.items.is_empty() {
            terminal.note("no linkback is to be verified again");
        } else {
            let seconds = LONGEST_WAIT.as_secs();
            terminal.note(&format!("a running receiver begins in about {seconds} seconds"));
        }
    }
}

/// A page that was added by hand.
pub(super) struct AddedReport(pub(super) AddReport);

impl Report for AddedReport {
    fn json(&self) -> Option<Value> {
        let AddReport { item, applied } = &self.0;
        Some(json!({ "linkback": item_json(item), "site": apply_json(applied) }))
    }

    fn text(&self, terminal: Terminal) {
        let AddReport { item, applied } = &self.0;
        match &item.fault {
            Some(fault) if item.state != InboxState::Approved => {
                terminal.error(&format!("`{}` was not added: {}", item.source, fault.text));
            }
            _ => terminal.info(&format!("{}: {}: {}", item.id, item.state.name(), item.source)),
        }
        apply_text(applied, terminal);
    }
}

/// What was pulled, and what became of the site by it.
pub(super) struct PullSummary {
    pub(super) pulled: PullReport,
    pub(super) applied: ApplyReport,
}

impl Report for PullSummary {
    fn json(&self) -> Option<Value> {
        Some(json!({ "pulled": self.pulled, "site": apply_json(&self.applied) }))
    }

    fn text(&self, terminal: Terminal) {
        let PullReport { approved, held, removed, unchanged, unknown, skipped } = self.pulled;
        let counts: Vec<String> = [
            (approved, "approved"),
            (held, "to be decided on"),
            (removed, "taken away"),
            (unchanged, "as before"),
            (unknown, "for pages that are not here"),
            (skipped, "not understood or private"),
        ]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| format!("{count} {name}"))
        .collect();
        terminal.info(&if counts.is_empty() { "nothing new".to_owned() } else { counts.join(", ") });
        apply_text(&self.applied, terminal);
    }
}

/// Linkbacks for other programs. They are JSON in either format.
pub(super) struct ExportReport(pub(super) Value);

impl Report for ExportReport {
    fn json(&self) -> Option<Value> {
        Some(self.0.clone())
    }

    fn text(&self, terminal: Terminal) {
        terminal.result(&self.0.to_string());
    }
}

/// The lists that decisions have made.
#[derive(Default)]
pub(super) struct TrustListsReport {
    pub(super) allow: BTreeSet<TrustKey>,
    pub(super) block: BTreeSet<TrustKey>,
}

impl Report for TrustListsReport {
    fn json(&self) -> Option<Value> {
        Some(json!({ "trust": texts(&self.allow), "block": texts(&self.block) }))
    }

    fn text(&self, terminal: Terminal) {
        for key in &self.allow {
            terminal.result(&format!("trust  {key}"));
        }
        for key in &self.block {
            terminal.result(&format!("block  {key}"));
        }
        if self.allow.is_empty() && self.block.is_empty() {
            terminal.note("no decision has trusted or blocked a site or author");
        }
    }
}

fn texts(keys: &BTreeSet<TrustKey>) -> Vec<String> {
    keys.iter().map(TrustKey::to_string).collect()
}

/// Sites that were put on a list.
pub(super) struct TrustReport {
    pub(super) list: TrustList,
    pub(super) entries: Vec<ListEntry>,
}

impl TrustReport {
    fn word(&self) -> &'static str {
        match self.list {
            TrustList::Allow => "trusted",
            TrustList::Block => "blocked",
        }
    }
}

impl Report for TrustReport {
    fn json(&self) -> Option<Value> {
        let names: Vec<&str> = self.entries.iter().map(|entry| entry.key.as_str()).collect();
        Some(json!({ self.word(): names }))
    }

    fn text(&self, terminal: Terminal) {
        let word = self.word();
        for ListEntry { key, is_changed } in &self.entries {
            let already = if *is_changed { "" } else { " already" };
            terminal.info(&format!("`{key}` is {word}{already}"));
        }
    }
}

/// Sites that were taken from the lists.
pub(super) struct ForgetReport {
    pub(super) entries: Vec<ListEntry>,
}

impl Report for ForgetReport {
    fn json(&self) -> Option<Value> {
        let forgotten = self.entries.iter().filter(|entry| entry.is_changed);
        Some(json!({ "forgotten": forgotten.map(|entry| entry.key.as_str()).collect::<Vec<_>>() }))
    }

    fn text(&self, terminal: Terminal) {
        for ListEntry { key, is_changed } in &self.entries {
            if *is_changed {
                terminal.info(&format!("`{key}` is neither trusted nor blocked"));
            } else {
                terminal.error(&format!(
                    "`{key}` is on no list; `backmatter linkbacks lists` shows them, and the settings have their own"
                ));
            }
        }
    }
}

/// A post that was closed or opened for linkbacks.
pub(super) enum PostReport {
    Closed(SourcePath),
    Open(SourcePath),
}

impl Report for PostReport {
    fn json(&self) -> Option<Value> {
        Some(match self {
            Self::Closed(post) => json!({ "closed": post }),
            Self::Open(post) => json!({ "open": post }),
        })
    }

    fn text(&self, terminal: Terminal) {
        terminal.info(&match self {
            Self::Closed(post) => format!("`{post}` takes no more linkbacks"),
            Self::Open(post) => format!("`{post}` takes linkbacks"),
        });
    }
}

/// What became of the site, as JSON.
pub(in crate::cli) fn apply_json(report: &ApplyReport) -> Value {
    json!({
        "written": report.changes.posts,
        "faults": report.changes.faults,
        "build": report.build.as_ref().and_then(Report::json),
        "untold": report.failures.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

/// Prints what became of the site.
pub(in crate::cli) fn apply_text(report: &ApplyReport, terminal: Terminal) {
    terminal.diagnostics(&report.changes.faults);
    if let Some(build) = &report.build {
        terminal.diagnostics(&build.diagnostics);
        if build.built {
            terminal.info(&summary(build));
            left_out(build, terminal);
        } else {
            terminal.error("the decision is kept and written, but the site has errors and was not built");
        }
    }
    for failure in &report.failures {
        terminal.error(&format!("the decision is kept, but a notification failed: {failure}"));
    }
}

fn items_json(items: &[InboxItem]) -> Value {
    items.iter().map(item_json).collect()
}

fn decision_text(decision: Decision, one: &DecisionResult) -> String {
    let item = &one.item;
    let state = item.state.name();
    let listed = match (&one.listed, decision) {
        (Some(key), Decision::Trust) => format!(", and `{key}` is trusted from now on"),
        (Some(key), Decision::Block) => format!(", and `{key}` is blocked"),
        (None, Decision::Trust) => {
            ", but its author cannot be told from others there, and is not trusted".to_owned()
        }
        (None, Decision::Block) => {
            ", but its author cannot be told from others there, and is not blocked".to_owned()
        }
        _ => String::new(),
    };
    format!("{}: {state}: {}{listed}", item.id, item.source)
}

/// What a person decides on: the words that wait, else those there are.
fn words_of(item: &InboxItem) -> Option<&Mention> {
    item.pending.as_ref().or(item.words.as_ref())
}

/// A linkback in three lines.
fn overview(item: &InboxItem) -> String {
    let state = if item.is_waiting() { InboxState::Held } else { item.state };
    let likely = match item.is_waiting() {
        true => format!("{:>3} %", signals::confidence(&item.reasons)),
        false => " ".repeat(5),
    };
    let mut text = format!("{:>5}  {:<8}  {likely}  {}\n", item.id, state.name(), item.source);
    let _ = writeln!(text, "{:24}-> {}", "", item.post);
    if let Some(words) = words_of(item) {
        let said = said(words);
        if !said.is_empty() {
            let _ = writeln!(text, "{:24}{}", "", shorten(&said, 200));
        }
    }
    let last = item.reasons.first().filter(|_| item.is_waiting()).map(ToString::to_string);
    if let Some(last) = last.or_else(|| item.fault.as_ref().map(|fault| fault.text.clone())) {
        let _ = writeln!(text, "{:24}{last}", "");
    }
    text
}

fn said(words: &Mention) -> String {
    let name = words.author.as_ref().map_or("", |author| author.name.as_str());
    let parts = [name, &words.title, &words.excerpt];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ")
}

/// All of a linkback.
fn details(item: &InboxItem) -> String {
    let mut text = format!("linkback {}\n", item.id);
    push_row(&mut text, "state", item.state.name());
    push_row(&mut text, "source", &item.source);
    push_row(&mut text, "target", &item.target);
    push_row(&mut text, "post", &item.post);
    let kinds: Vec<&str> = item.protocols.iter().map(|kind| kind.name()).collect();
    push_row(&mut text, "came as", &kinds.join(", "));
    push_row(&mut text, "sender", &item.sender);
    push_row(&mut text, "received", &minute(Some(item.received)));
    push_row(&mut text, "looked at", &minute(item.looked));
    push_row(&mut text, "next look", &minute(item.due));
    push_row(&mut text, "fault", item.fault.as_ref().map_or("", |fault| &fault.text));
    for (name, words) in [("", item.words.as_ref()), ("new ", item.pending.as_ref())] {
        let Some(words) = words else { continue };
        push_row(&mut text, &format!("{name}type"), words.relation.name());
        push_row(&mut text, &format!("{name}title"), &words.title);
        push_row(&mut text, &format!("{name}site"), &words.site);
        if let Some(author) = &words.author {
            let url = author.url.as_ref().map_or_else(String::new, |url| format!(" <{url}>"));
            push_row(&mut text, &format!("{name}author"), &format!("{}{url}", author.name));
        }
        push_row(
            &mut text,
            &format!("{name}published"),
            &words.published.map_or_else(String::new, |date| date.to_text()),
        );
        push_row(&mut text, &format!("{name}excerpt"), &words.excerpt);
    }
    if item.is_waiting() {
        push_row(&mut text, "likely", &format!("{} %", signals::confidence(&item.reasons)));
    }
    for reason in &item.reasons {
        let sign = if reason.weight() < 0 { "against" } else { "for" };
        push_row(&mut text, sign, &reason.to_string());
    }
    text
}

fn push_row(text: &mut String, name: &str, value: &str) {
    if !value.is_empty() {
        let _ = writeln!(text, "  {name:<11} {value}");
    }
}

fn minute(moment: Option<DateTime<Utc>>) -> String {
    moment.map_or_else(String::new, |moment| moment.format("%Y-%m-%d %H:%M UTC").to_string())
}

fn words_json(words: &Mention) -> Value {
    json!({
        "type": words.relation.name(),
        "title": words.title,
        "site": words.site,
        "author": words.author,
        "excerpt": words.excerpt,
        "content": words.content,
        "parent": words.parent,
        "published": words.published.map(|date| date.to_text()),
    })
}

fn item_json(item: &InboxItem) -> Value {
    json!({
        "number": item.id,
        "state": item.state.name(),
        "waiting": item.is_waiting(),
        "likely": signals::confidence(&item.reasons),
        "source": item.source,
        "target": item.target,
        "post": item.post,
        "kinds": item.protocols.iter().map(|kind| kind.name()).collect::<Vec<_>>(),
        "sender": item.sender,
        "words": item.words.as_ref().map(words_json),
        "new_words": item.pending.as_ref().map(words_json),
        "reasons": item.reasons.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "fault": item.fault,
        "received": item.received.to_rfc3339(),
        "looked": item.looked.map(|moment| moment.to_rfc3339()),
        "due": item.due.map(|moment| moment.to_rfc3339()),
    })
}
