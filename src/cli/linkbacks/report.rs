//! What `linkbacks` says: what waits and why, what was decided, and what became of the site.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::cli::build::summary;
use crate::cli::output::{Output, Report, error_free_line, error_line, line, print_now, without_control};
use crate::html::shorten;
use crate::linkback::inbox::signals;
use crate::linkback::inbox::state::{InboxItem, InboxState, Mention};
use crate::linkback::inbox::trust::TrustKey;
use crate::path::SourcePath;
use crate::receive::moderation::service::ApplyReport;
use crate::receive::queue::decisions::{Decision, DecisionResult, TrustList, UndoResult};
use crate::receive::sync::pull::PullReport;

impl Output {
    /// A list of linkbacks, and how many there are in all.
    pub(in crate::cli) fn linkbacks(self, items: &[InboxItem], tallies: &BTreeMap<InboxState, usize>) {
        if self.is_json() {
            line(&Value::from(items.iter().map(json_item).collect::<Vec<_>>()).to_string());
            return;
        }
        let mut text = String::new();
        for item in items {
            let _ = writeln!(text, "{}", short(item));
        }
        print_now(&without_control(&text));
        if !self.is_quiet() {
            let counts: Vec<String> = tallies
                .iter()
                .filter(|(_, count)| **count > 0)
                .map(|(state, count)| format!("{count} {}", state.name()))
                .collect();
            let counts = if counts.is_empty() { "no linkbacks".to_owned() } else { counts.join(", ") };
            error_free_line(&counts);
        }
    }

    /// All that is known of some linkbacks.
    pub(in crate::cli) fn linkback_details(self, items: &[InboxItem]) {
        if self.is_json() {
            line(&Value::from(items.iter().map(json_item).collect::<Vec<_>>()).to_string());
            return;
        }
        let texts: Vec<String> = items.iter().map(long).collect();
        print_now(&without_control(&texts.join("\n")));
    }

    /// What was decided, and what became of the site by it.
    pub(in crate::cli) fn decided(
        self,
        decision: Decision,
        decided: &[DecisionResult],
        brought: &ApplyReport,
    ) {
        if self.is_json() {
            let each: Vec<Value> = decided
                .iter()
                .map(|one| {
                    json!({
                        "number": one.item.id,
                        "source": one.item.source,
                        "before": one.before.name(),
                        "state": one.item.state.name(),
                        "listed": one.listed.as_ref().map(TrustKey::as_str),
                        "refused": one.refused,
                    })
                })
                .collect();
            line(
                &json!({ "decision": decision.name(), "linkbacks": each, "site": json_brought(brought) })
                    .to_string(),
            );
            return;
        }
        for one in decided {
            match &one.refused {
                Some(reason) => {
                    error_line(&format!("linkback {} cannot be decided on so: {reason}", one.item.id));
                }
                None if self.is_quiet() => {}
                None => line(&decision_text(decision, one)),
            }
        }
        if decided.is_empty() && !self.is_quiet() {
            error_free_line("no linkback is meant");
        }
        self.brought(brought);
    }

    /// What was taken back.
    pub(in crate::cli) fn undone(self, undone: Option<&UndoResult>, brought: &ApplyReport) {
        if self.is_json() {
            let undone = undone.map(|undone| {
                json!({
                    "decision": undone.decision.name(),
                    "linkbacks": undone.items.iter().map(json_item).collect::<Vec<_>>(),
                })
            });
            line(&json!({ "undone": undone, "site": json_brought(brought) }).to_string());
            return;
        }
        match undone {
            None => error_free_line("there is no decision to take back"),
            Some(_) if self.is_quiet() => {}
            Some(undone) => {
                for item in &undone.items {
                    let was = undone.decision.name();
                    line(&format!(
                        "{}: `{was}` taken back, now {}: {}",
                        item.id,
                        item.state.name(),
                        item.source
                    ));
                }
            }
        }
        self.brought(brought);
    }

    /// What will be looked at again.
    pub(in crate::cli) fn retried(self, items: &[InboxItem]) {
        if self.is_json() {
            line(&Value::from(items.iter().map(json_item).collect::<Vec<_>>()).to_string());
        } else if !self.is_quiet() {
            for item in items {
                line(&format!("{}: will be looked at again: {}", item.id, item.source));
            }
            if items.is_empty() {
                error_free_line("there is none to look at again");
            }
        }
    }

    /// A page that was added by hand.
    pub(in crate::cli) fn added(self, item: &InboxItem, brought: &ApplyReport) {
        if self.is_json() {
            line(&json!({ "linkback": json_item(item), "site": json_brought(brought) }).to_string());
            return;
        }
        match &item.fault {
            Some(fault) if item.state != InboxState::Approved => {
                error_line(&format!("`{}` was not added: {}", item.source, fault.text));
            }
            _ if self.is_quiet() => {}
            _ => line(&format!("{}: {}: {}", item.id, item.state.name(), item.source)),
        }
        self.brought(brought);
    }

    /// What was pulled.
    pub(in crate::cli) fn pulled(self, pulled: &PullReport, brought: &ApplyReport) {
        if self.is_json() {
            line(&json!({ "pulled": pulled, "site": json_brought(brought) }).to_string());
            return;
        }
        if !self.is_quiet() {
            let counts = [
                (pulled.approved, "approved"),
                (pulled.held, "to be decided on"),
                (pulled.removed, "taken away"),
                (pulled.unchanged, "as before"),
                (pulled.unknown, "for pages that are not here"),
                (pulled.skipped, "not understood or private"),
            ];
            let said: Vec<String> = counts
                .iter()
                .filter(|(count, _)| *count > 0)
                .map(|(count, what)| format!("{count} {what}"))
                .collect();
            line(&if said.is_empty() { "nothing new".to_owned() } else { said.join(", ") });
        }
        self.brought(brought);
    }

    /// Linkbacks for other programs.
    pub(in crate::cli) fn exported(self, value: &Value) {
        line(&value.to_string());
    }

    /// Whom you trust, and whom you have blocked.
    pub(in crate::cli) fn linkback_lists(self, allow: &BTreeSet<TrustKey>, block: &BTreeSet<TrustKey>) {
        if self.is_json() {
            let texts = |keys: &BTreeSet<TrustKey>| keys.iter().map(TrustKey::to_string).collect::<Vec<_>>();
            line(&json!({ "trust": texts(allow), "block": texts(block) }).to_string());
            return;
        }
        for key in allow {
            line(&format!("trust  {key}"));
        }
        for key in block {
            line(&format!("block  {key}"));
        }
        if allow.is_empty() && block.is_empty() && !self.is_quiet() {
            error_free_line("nobody was trusted or blocked by a decision");
        }
    }

    /// Sites that were put on a list.
    pub(in crate::cli) fn listed(self, list: TrustList, added: &[(bool, TrustKey)]) {
        let word = if list == TrustList::Allow { "trusted" } else { "blocked" };
        if self.is_json() {
            let names: Vec<&str> = added.iter().map(|(_, key)| key.as_str()).collect();
            line(&json!({ word: names }).to_string());
        } else if !self.is_quiet() {
            for (is_new, key) in added {
                let already = if *is_new { "" } else { " already" };
                line(&format!("`{key}` is {word}{already}"));
            }
        }
    }

    /// Sites that were taken from the lists.
    pub(in crate::cli) fn forgotten(self, forgotten: &[(bool, TrustKey)]) {
        if self.is_json() {
            let names: Vec<&str> =
                forgotten.iter().filter(|(was, _)| *was).map(|(_, key)| key.as_str()).collect();
            line(&json!({ "forgotten": names }).to_string());
            return;
        }
        for (was_listed, key) in forgotten {
            match was_listed {
                true if self.is_quiet() => {}
                true => line(&format!("`{key}` is neither trusted nor blocked")),
                false => error_line(&format!(
                    "`{key}` is on no list; `backmatter linkbacks lists` shows them, and the settings have their own"
                )),
            }
        }
    }

    /// A post that was closed.
    pub(in crate::cli) fn linkbacks_closed(self, post: &SourcePath) {
        self.post_said(post, "closed", "takes no more linkbacks");
    }

    /// A post that was opened.
    pub(in crate::cli) fn linkbacks_reopened(self, post: &SourcePath) {
        self.post_said(post, "open", "takes linkbacks");
    }

    fn post_said(self, post: &SourcePath, word: &str, sentence: &str) {
        if self.is_json() {
            line(&json!({ word: post }).to_string());
        } else if !self.is_quiet() {
            line(&format!("`{post}` {sentence}"));
        }
    }

    /// What followed from decisions that nobody made at this terminal.
    pub(in crate::cli) fn brought_in(self, brought: &ApplyReport) {
        if self.is_json() {
            line(&json!({ "site": json_brought(brought) }).to_string());
        } else {
            self.brought(brought);
        }
    }

    /// What became of the site.
    fn brought(self, brought: &ApplyReport) {
        self.diagnostics(&brought.written.faults);
        if let Some(report) = &brought.report {
            if report.built {
                self.diagnostics(&report.diagnostics);
                if !self.is_quiet() {
                    line(&summary(report));
                }
            } else {
                self.diagnostics(&report.diagnostics);
                error_line("the decision is kept and written, but the site has errors and was not built");
            }
        }
        for untold in &brought.untold {
            error_line(&format!("the decision is kept, but one could not be told: {untold}"));
        }
    }
}

fn decision_text(decision: Decision, one: &DecisionResult) -> String {
    let item = &one.item;
    let state = item.state.name();
    let whom = match (&one.listed, decision) {
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
    format!("{}: {state}: {}{whom}", item.id, item.source)
}

/// What a person decides on: the words that wait, else those there are.
fn words_of(item: &InboxItem) -> Option<&Mention> {
    item.pending.as_ref().or(item.words.as_ref())
}

/// A linkback in three lines.
fn short(item: &InboxItem) -> String {
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
fn long(item: &InboxItem) -> String {
    let mut text = format!("linkback {}\n", item.id);
    let mut row = |name: &str, value: &str| {
        if !value.is_empty() {
            let _ = writeln!(text, "  {name:<11} {value}");
        }
    };
    row("state", item.state.name());
    row("source", &item.source);
    row("target", &item.target);
    row("post", &item.post);
    let kinds: Vec<&str> = item.protocols.iter().map(|kind| kind.name()).collect();
    row("came as", &kinds.join(", "));
    row("sender", &item.sender);
    row("received", &item.received.format("%Y-%m-%d %H:%M UTC").to_string());
    let moment = |moment: Option<chrono::DateTime<chrono::Utc>>| {
        moment.map_or_else(String::new, |moment| moment.format("%Y-%m-%d %H:%M UTC").to_string())
    };
    row("looked at", &moment(item.looked));
    row("next look", &moment(item.due));
    row("fault", item.fault.as_ref().map_or("", |fault| &fault.text));
    for (name, words) in [("", item.words.as_ref()), ("new ", item.pending.as_ref())] {
        let Some(words) = words else { continue };
        row(&format!("{name}type"), words.relation.name());
        row(&format!("{name}title"), &words.title);
        row(&format!("{name}site"), &words.site);
        if let Some(author) = &words.author {
            let url = author.url.as_ref().map_or_else(String::new, |url| format!(" <{url}>"));
            row(&format!("{name}author"), &format!("{}{url}", author.name));
        }
        row(&format!("{name}published"), &words.published.map_or_else(String::new, |date| date.to_text()));
        row(&format!("{name}excerpt"), &words.excerpt);
    }
    if item.is_waiting() {
        row("likely", &format!("{} %", signals::confidence(&item.reasons)));
    }
    for reason in &item.reasons {
        let sign = if reason.weight() < 0 { "against" } else { "for" };
        row(sign, &reason.to_string());
    }
    text
}

fn json_words(words: &Mention) -> Value {
    json!({
        "type": words.relation.name(),
        "title": words.title,
        "site": words.site,
        "author": words.author,
        "excerpt": words.excerpt,
        "published": words.published.map(|date| date.to_text()),
    })
}

fn json_item(item: &InboxItem) -> Value {
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
        "words": item.words.as_ref().map(json_words),
        "new_words": item.pending.as_ref().map(json_words),
        "reasons": item.reasons.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "fault": item.fault,
        "received": item.received.to_rfc3339(),
        "looked": item.looked.map(|moment| moment.to_rfc3339()),
        "due": item.due.map(|moment| moment.to_rfc3339()),
    })
}

fn json_brought(brought: &ApplyReport) -> Value {
    json!({
        "written": brought.written.posts,
        "faults": brought.written.faults,
        "build": brought.report.as_ref().and_then(Report::json),
        "untold": brought.untold.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}
