//! `backmatter send`: sends linkbacks to the pages that posts link to.

mod report;

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use clap::Args;

use crate::cli::common::{CommonArgs, Ending, moment, site_source, source_path};
use crate::cli::output::Output;
use crate::diagnostic::Diagnostic;
use crate::engine::workspace::{Access, Workspace};
use crate::error::Result;
use crate::send::{self, PAUSE, SendMode, SendRequest, SendScope};
use crate::sys::clock::Clock;

pub(super) use crate::cli::send::report::SendProgress;

/// The arguments of `send`.
#[derive(Debug, Args)]
pub(super) struct SendArgs {
    /// Show what would be sent, how and why, and send nothing
    #[arg(long)]
    dry_run: bool,
    /// Only the linkbacks of this post, by its file or its id; what waits or failed is tried at once
    #[arg(long, value_name = "PATH")]
    post: Option<PathBuf>,
    /// The page with the link, to send one linkback by hand
    #[arg(long, value_name = "URL", requires = "target", conflicts_with = "post")]
    source: Option<String>,
    /// The linked page
    #[arg(long, value_name = "URL", requires = "source")]
    target: Option<String>,
    /// Send linkbacks of posts from this day on; it is remembered
    #[arg(long, value_name = "DATE", conflicts_with_all = ["post", "source"])]
    since: Option<String>,
    /// Record all links there are now as sent, and send nothing
    #[arg(long, conflicts_with_all = ["post", "source", "since", "dry_run"])]
    mark_all_sent: bool,
    /// List what was sent
    #[arg(long, conflicts_with_all = ["post", "source", "since", "dry_run", "mark_all_sent"])]
    status: bool,
    /// Use this moment as the current time
    #[arg(long, value_name = "TIME", value_parser = moment)]
    now: Option<DateTime<Utc>>,
}

/// Sends linkbacks.
pub(super) fn run(arguments: &SendArgs, common: &CommonArgs, output: Output) -> Result<Ending> {
    let now = arguments.now.unwrap_or_else(|| Clock::system().now());
    let mut site = Workspace::open(&site_source(common)?, now, Access::Read)?;
    if site.settings_faults().iter().any(Diagnostic::is_error) {
        output.diagnostics(site.settings_faults());
        return Ok(Ending::SiteHasErrors);
    }
    if arguments.status {
        let status = send::read_log(&site.source().root, site.config())?;
        output.emit(&status);
        let is_good = !status.diagnostics.iter().any(Diagnostic::is_error);
        return Ok(if is_good { Ending::Done } else { Ending::SiteHasErrors });
    }
    let mode = match (arguments.mark_all_sent, arguments.dry_run) {
        (true, _) => SendMode::MarkSent,
        (_, true) => SendMode::DryRun,
        _ => SendMode::Send,
    };
    let scope = arguments.scope(&site.source().root)?;
    let request = SendRequest { scope, since: arguments.since.clone(), mode, pause: PAUSE };
    let report = send::run(&mut site, &request, &SendProgress::new(output))?;
    output.emit(&report);
    let is_good = mode == SendMode::DryRun || !report.needs_attention();
    Ok(if is_good { Ending::Done } else { Ending::SiteHasErrors })
}

impl SendArgs {
    fn scope(&self, root: &Path) -> Result<SendScope> {
        match (&self.post, &self.source, &self.target) {
            (Some(path), ..) => Ok(SendScope::Post(source_path(path, root)?)),
            (None, Some(source), Some(target)) => {
                Ok(SendScope::Pair { source: source.clone(), target: target.clone() })
            }
            _ => Ok(SendScope::All),
        }
    }
}
