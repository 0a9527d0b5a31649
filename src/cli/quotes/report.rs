//! How a check of quotations is printed.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::citation::watch_list::QuoteState;
use crate::citation::word_diff::WordChange;
use crate::cli::output::{Output, Report, Terminal, counted};
use crate::outgoing::quote_check::{CheckObserver, CheckedQuote, QuoteCheckReport, QuoteEdit};
use crate::outgoing::quote_fix::{QuoteFix, QuoteFixEnd};

/// Shows which address is asked, where a person looks on.
pub(in crate::cli) struct CheckProgress {
    output: Output,
}

impl CheckProgress {
    pub(in crate::cli) fn new(output: Output) -> Self {
        Self { output }
    }
}

impl CheckObserver for CheckProgress {
    fn asked(&self, url: &str, number: usize, of: usize) {
        if self.output.shows_progress() {
            self.output.terminal().note(&format!("{number} of {of}: {url}"));
        }
    }
}

/// The states in the order in which they are printed: what the author can mend comes first.
const ORDER: [QuoteState; 7] = [
    QuoteState::Edited,
    QuoteState::Partly,
    QuoteState::Gone,
    QuoteState::Dead,
    QuoteState::Moved,
    QuoteState::Hidden,
    QuoteState::Unsure,
];

/// A check, and what was written into the posts.
pub(super) struct QuoteCheckOutcome<'r> {
    pub(super) report: &'r QuoteCheckReport,
    pub(super) fixes: Vec<QuoteFix>,
}

impl Report for QuoteCheckOutcome<'_> {
    fn json(&self) -> Option<Value> {
        let report = self.report;
        Some(json!({
            "asked": report.asked,
            "fresh": report.fresh,
            "left": report.left,
            "states": states(&report.quotes),
            "quotes": report.quotes.iter().map(json_quote).collect::<Vec<_>>(),
            "fixed": self.fixes.iter().map(json_fix).collect::<Vec<_>>(),
        }))
    }

    fn text(&self, terminal: Terminal) {
        let report = self.report;
        for state in ORDER {
            for checked in report.quotes.iter().filter(|checked| checked.state == state) {
                tell(checked, terminal);
            }
        }
        let there = report.quotes.iter().filter(|checked| {
            matches!(checked.state, QuoteState::Exact | QuoteState::Moved)
                && !checked.quote.absence_remark.is_empty()
        });
        for CheckedQuote { quote, .. } in there {
            terminal.result(&format!(
                "{}#{}: the words stand in the report, and its attribution says `{}`",
                quote.file, quote.anchor, quote.absence_remark
            ));
        }
        for QuoteFix { file, anchor, end } in &self.fixes {
            terminal.result(&match end {
                QuoteFixEnd::Written => format!("{file}#{anchor}: written into its attribution"),
                QuoteFixEnd::LeftAlone => {
                    format!("{file}#{anchor}: its attribution is left to you; nothing could be added without doubt")
                }
            });
        }
        let states: Vec<String> =
            states(&report.quotes).into_iter().map(|(state, count)| format!("{count} {state}")).collect();
        let states = if states.is_empty() { "none".to_owned() } else { states.join(", ") };
        terminal.info(&format!("{}: {states}", counted(report.quotes.len(), "quote", "quotes")));
        if report.fresh > 0 {
            let fresh = counted(report.fresh, "report was", "reports were");
            terminal.info(&format!("{fresh} asked for not long ago; `--all` asks again"));
        }
        if report.left > 0 {
            let left = counted(report.left, "report is", "reports are");
            terminal.info(&format!("{left} left for another run"));
        }
    }
}

fn json_fix(fix: &QuoteFix) -> Value {
    let is_written = fix.end == QuoteFixEnd::Written;
    json!({ "file": fix.file.as_str(), "anchor": fix.anchor, "written": is_written })
}

fn states(quotes: &[CheckedQuote]) -> BTreeMap<&'static str, usize> {
    let mut states = BTreeMap::new();
    for checked in quotes {
        *states.entry(checked.state.name()).or_default() += 1;
    }
    states
}

fn json_quote(checked: &CheckedQuote) -> Value {
    json!({
        "file": checked.quote.file.as_str(),
        "post": checked.quote.post,
        "anchor": checked.quote.anchor,
        "url": checked.quote.url,
        "title": checked.quote.title,
        "state": checked.state.name(),
        "since": checked.since.to_string(),
        "reason": checked.reason,
        "final": checked.found_at,
        "archive": checked.archive,
        "edits": checked.edits.iter().map(json_edit).collect::<Vec<_>>(),
        "missing": checked.missing,
        "absence_remark": checked.quote.absence_remark,
        "headline": checked.headline.as_ref().map(json_change),
    })
}

fn json_edit(edit: &QuoteEdit) -> Value {
    let changes: Vec<Value> = edit.changes.iter().map(json_change).collect();
    json!({ "changes": changes, "now": edit.now, "marks_only": edit.is_marks_only })
}

fn json_change(change: &WordChange) -> Value {
    json!({ "before": change.removed, "now": change.added })
}

fn tell(checked: &CheckedQuote, terminal: Terminal) {
    let quote = &checked.quote;
    let since =
        if checked.state.can_be_mended() { format!(" since {}", checked.since) } else { String::new() };
    let reason = if checked.reason.is_empty() { String::new() } else { format!(" ({})", checked.reason) };
    terminal.result(&format!("{}#{}: {}{since}{reason}", quote.file, quote.anchor, checked.state.name()));
    terminal.result(&format!("  {}", quote.url));
    if !checked.found_at.is_empty() {
        terminal.result(&format!("  now at {}", checked.found_at));
    }
    if let Some(headline) = &checked.headline {
        terminal.result(&format!("  headline changed from `{}` to `{}`", headline.removed, headline.added));
    }
    for edit in &checked.edits {
        for change in &edit.changes {
            terminal.result(&format!("  {}", told(change)));
        }
        if edit.changes.is_empty() {
            terminal.result("  the words stand there in another order");
        }
        terminal.result(&format!("  now: {}", edit.now.split_whitespace().collect::<Vec<_>>().join(" ")));
    }
    for words in &checked.missing {
        terminal.result(&format!("  missing: {words}"));
    }
    if !checked.archive.is_empty() && checked.state.can_be_mended() {
        terminal.result(&format!("  copy: {}", checked.archive));
    }
}

fn told(change: &WordChange) -> String {
    match (change.removed.is_empty(), change.added.is_empty()) {
        (true, _) => format!("+ {}", change.added),
        (_, true) => format!("- {}", change.removed),
        _ => format!("- {} + {}", change.removed, change.added),
    }
}
