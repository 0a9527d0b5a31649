//! What was counted, in the text format of Prometheus (version 0.0.4).

use std::fmt::Write;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use super::typed;
use crate::receive::admission::Admission;

pub(super) async fn show(State(reception): State<Arc<Admission>>) -> Response {
    typed("text/plain; version=0.0.4; charset=utf-8", text(&reception))
}

fn text(reception: &Admission) -> String {
    let mut text = String::new();
    head(&mut text, "submissions_total", "counter", "Submissions by protocol and outcome since the start.");
    for (protocol, outcome, count) in reception.counts.submissions() {
        let _ = writeln!(
            text,
            "backmatter_submissions_total{{protocol=\"{protocol}\",outcome=\"{outcome}\"}} {count}"
        );
    }
    head(&mut text, "looks_total", "counter", "Sources that were fetched, by what was found.");
    for (found, count) in reception.counts.looks() {
        let _ = writeln!(text, "backmatter_looks_total{{found=\"{found}\"}} {count}");
    }
    let tallies = reception.store().tallies().unwrap_or_default();
    head(&mut text, "linkbacks", "gauge", "Linkbacks in the database by state.");
    for (state, count) in tallies {
        let _ = writeln!(text, "backmatter_linkbacks{{state=\"{}\"}} {count}", state.name());
    }
    head(&mut text, "targets", "gauge", "Posts and pages that can be linked to.");
    let _ = writeln!(text, "backmatter_targets {}", reception.index.targets().len());
    text
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(text, "# HELP backmatter_{name} {help}\n# TYPE backmatter_{name} {kind}");
}
