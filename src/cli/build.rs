//! `backmatter build`: builds the site and reports what was done.

use std::fmt::Write as _;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use crate::cli::common::{CommonArgs, Ending, keep_site_id, moment, site_source};
use crate::cli::linkbacks;
use crate::cli::output::{Output, Report, Terminal, counted, elapsed};
use crate::diagnostic::Diagnostic;
use crate::engine::cache::ledger::LedgerFault;
use crate::engine::explain::Explanation;
use crate::engine::workspace::{Access, SiteSource, Workspace};
use crate::engine::{
    BuildOptions, BuildReport, MissingPosts, NotShown, RenditionWork, Strangers, Strictness,
};
use crate::error::Result;
use crate::site::order::Selection;
use crate::sys::clock::Clock;

/// The arguments of `build`.
#[derive(Debug, Args)]
pub(super) struct BuildArgs {
    /// Where to write [default: the settings' `output`, which is public]
    #[arg(long, short, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Build for this address instead of the settings' `base_url`
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// Show drafts
    #[arg(long)]
    drafts: bool,
    /// Show posts with a future date
    #[arg(long)]
    future: bool,
    /// Show posts that have expired
    #[arg(long)]
    expired: bool,
    /// Build as if it were this moment: 2026-11-22, or 2026-11-22T12:00:00Z
    #[arg(long, value_name = "TIME", value_parser = moment)]
    now: Option<DateTime<Utc>>,
    /// Remove all files from the output folder that are not of this build, but for those whose path begins with a dot
    #[arg(long)]
    clean: bool,
    /// Treat warnings as errors
    #[arg(long)]
    strict: bool,
    /// Make the smaller pictures that pages name, or leave out those that are not made yet: `publish` makes what the
    /// target does not have
    #[arg(long, value_enum, default_value_t = ImageWork::Made, value_name = "WHICH")]
    images: ImageWork,
    /// Explain why a page was rendered, or was not: an address, an output or a source
    #[arg(long, value_name = "PATH")]
    why: Option<String>,
}

/// What becomes of smaller pictures that are not made yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ImageWork {
    /// They are made
    Made,
    /// They are named only
    Listed,
}

/// Builds the site.
pub(super) fn run(arguments: BuildArgs, common: &CommonArgs, output: Output) -> Result<Ending> {
    let BuildArgs { output: folder, base_url, drafts, future, expired, now, clean, strict, images, why } =
        arguments;
    let source = SiteSource {
        output: folder,
        base_url,
        selection: Selection { drafts, future, expired },
        ..site_source(common)?
    };
    let options = BuildOptions {
        strictness: if strict { Strictness::WarningsToo } else { Strictness::ErrorsOnly },
        strangers: if clean { Strangers::Remove } else { Strangers::Keep },
        renditions: match images {
            ImageWork::Made => RenditionWork::Made,
            ImageWork::Listed => RenditionWork::Listed,
        },
        explain: why,
    };
    keep_site_id(&source, output);
    let mut site = Workspace::open(&source, now.unwrap_or_else(|| Clock::system().now()), Access::Build)?;
    linkbacks::complete_decisions(&source, site.config(), output);
    let report = site.build(&options, &output.build_progress())?;
    output.emit(&report);
    // A build may find errors when all is written; with `--strict` warnings are among them.
    let ending = if !report.built || report.diagnostics.iter().any(Diagnostic::stops_build) {
        Ending::SiteHasErrors
    } else if report.diagnostics.iter().any(Diagnostic::is_error) {
        Ending::FilesHaveErrors
    } else {
        Ending::Done
    };
    // The process ends here; freeing ten thousand posts would only take time.
    std::mem::forget((report, site));
    Ok(ending)
}

impl Report for BuildReport {
    fn json(&self) -> Option<Value> {
        Some(json!(self))
    }

    fn text(&self, terminal: Terminal) {
        terminal.diagnostics(&self.diagnostics);
        if let Some(explanation) = &self.why {
            terminal.result(&explanation_text(explanation));
        }
        if self.built {
            if let Some(fault) = self.ledger {
                terminal.note(ledger_note(fault));
            }
            terminal.info(&summary(self));
            left_out(self, terminal);
        } else {
            let errors = self.diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count();
            terminal.error(&format!("{}: the site was not built", counted(errors, "error", "errors")));
        }
    }
}

/// Why a build looked for files of earlier builds by itself.
fn ledger_note(fault: LedgerFault) -> &'static str {
    match fault {
        LedgerFault::Missing => "there is no ledger of an earlier build: all pages were rendered again",
        LedgerFault::Unusable => {
            "the ledger of the last build is damaged or of another release: all pages were rendered again"
        }
        LedgerFault::Outdated => {
            "the output folder was not as the last whole build left it: it was searched for files of earlier builds"
        }
    }
}

/// The counts of a build on one line, and what it left out on another.
pub(super) fn summary(report: &BuildReport) -> String {
    let mut text = format!(
        "{} rendered, {} kept, {} written, {} removed in {}",
        counted(report.rendered.len(), "page", "pages"),
        report.kept,
        report.written,
        report.removed,
        elapsed(report.elapsed)
    );
    if report.encoded > 0 {
        let _ = write!(text, "\n{} made", counted(report.encoded, "smaller picture", "smaller pictures"));
    }
    if let Some(not_shown) = not_shown_text(report.not_shown) {
        let _ = write!(text, "\n{not_shown}");
    }
    text
}

/// `2 posts not shown: 1 draft, 1 future`, and the command that lists the first kind. `None` if all are shown.
pub(super) fn not_shown_text(not_shown: NotShown) -> Option<String> {
    let NotShown { drafts, future, expired, hidden } = not_shown;
    let reasons = [
        (drafts, "draft", "drafts"),
        (future, "future", "future"),
        (expired, "expired", "expired"),
        (hidden, "hidden", "hidden"),
    ];
    let reasons: Vec<_> = reasons.into_iter().filter(|(count, ..)| *count > 0).collect();
    let (_, _, list) = reasons.first()?;
    let all = counted(drafts + future + expired + hidden, "post", "posts");
    let parts: Vec<String> = reasons.iter().map(|(count, one, many)| counted(*count, one, many)).collect();
    Some(format!("{all} not shown: {} (`backmatter list {list}`)", parts.join(", ")))
}

/// Says what should be shown and cannot be.
pub(super) fn left_out(report: &BuildReport, terminal: Terminal) {
    let errors = report.diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count();
    let MissingPosts { files, of } = report.left_out;
    let errors =
        if errors == 0 { String::new() } else { format!("{}: ", counted(errors, "error", "errors")) };
    if files == 0 && errors.is_empty() {
        return;
    }
    let missing = format!("{files} of {} left out", counted(of, "post or page is", "posts and pages are"));
    // Of a site that lacks most of its posts the rest may look well.
    if files > 0 && files * 2 >= of {
        terminal.error(&format!("{errors}most of the site is missing: {missing}"));
    } else if files > 0 && errors.is_empty() {
        terminal.warning(&format!("warning: {missing}"));
    } else if files > 0 {
        terminal.error(&format!("{errors}the site was built, but {missing}"));
    } else {
        terminal.error(&format!("{errors}the site was built, with faults in it"));
    }
}

fn explanation_text(explanation: &Explanation) -> String {
    let mut text = format!("{}:", explanation.page);
    for reason in &explanation.reasons {
        let _ = write!(text, "\n  {reason}");
    }
    text
}
