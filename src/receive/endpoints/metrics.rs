//! What was counted, in the text format of Prometheus (version 0.0.4).

use std::fmt::Write;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use super::typed;
use crate::receive::admission::Admission;

pub(super) async fn show(State(admission): State<Arc<Admission>>) -> Response {
    typed("text/plain; version=0.0.4; charset=utf-8", text(&admission))
}

fn text(admission: &Admission) -> String {
    let mut text = String::new();
    head(&mut text, "submissions_total", "counter", "Submissions by protocol and outcome since the start.");
    for (protocol, outcome, count) in admission.metrics.submissions() {
        let _ = writeln!(
            text,
            "backmatter_submissions_total{{protocol=\"{protocol}\",outcome=\"{outcome}\"}} {count}"
        );
    }
    head(&mut text, "looks_total", "counter", "Sources that were fetched, by what was found.");
    for (found, count) in admission.metrics.verifications() {
        let _ = writeln!(text, "backmatter_looks_total{{found=\"{found}\"}} {count}");
    }
    let tallies = admission.store().tallies().unwrap_or_default();
    head(&mut text, "linkbacks", "gauge", "Linkbacks in the database by state.");
    for (state, count) in tallies {
        let _ = writeln!(text, "backmatter_linkbacks{{state=\"{}\"}} {count}", state.name());
    }
    head(&mut text, "targets", "gauge", "Posts and pages that can be linked to.");
    let _ = writeln!(text, "backmatter_targets {}", admission.index.targets().len());
    text
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(text, "# HELP backmatter_{name} {help}\n# TYPE backmatter_{name} {kind}");
}
