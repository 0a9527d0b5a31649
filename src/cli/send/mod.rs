//! `backmatter send`: tells the sites that posts link to, once each.

mod report;

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use clap::Args;

use crate::cli::common::{CommonArgs, Ending, moment, request, root};
use crate::cli::output::Output;
use crate::diagnostic::Diagnostic;
use crate::engine;
use crate::error::{Error, Result};
use crate::path::SourcePath;
use crate::send::{self, PAUSE, SendMode, SendScope};
use crate::sys::clock::Clock;

/// The arguments of `send`.
#[derive(Debug, Args)]
pub(super) struct SendArgs {
    /// Show who would be told, how and why, and tell nobody
    #[arg(long)]
    dry_run: bool,
    /// Only what this post has news for, by its file or its id; what waits or failed is tried at once
    #[arg(long, value_name = "PATH")]
    post: Option<PathBuf>,
    /// A page with a link, to tell one page of it by hand
    #[arg(long, value_name = "URL", requires = "target", conflicts_with = "post")]
    source: Option<String>,
    /// The page that it leads to
    #[arg(long, value_name = "URL", requires = "source")]
    target: Option<String>,
    /// Tell of posts from this day on; it is remembered
    #[arg(long, value_name = "DATE", conflicts_with_all = ["post", "source"])]
    since: Option<String>,
    /// Count all links there are now as told, and tell nobody
    #[arg(long, conflicts_with_all = ["post", "source", "since", "dry_run"])]
    mark_all_sent: bool,
    /// List what was told to whom
    #[arg(long, conflicts_with_all = ["post", "source", "since", "dry_run", "mark_all_sent"])]
    status: bool,
    /// Pretend that it is this moment
    #[arg(long, value_name = "TIME", value_parser = moment)]
    now: Option<DateTime<Utc>>,
}

/// Tells whoever is to be told.
pub(super) fn run(arguments: &SendArgs, common: &CommonArgs, voice: Output) -> Result<Ending> {
    let site = request(root(common)?, common, arguments.now.unwrap_or_else(|| Clock::system().now()));
    let (config, faults) = engine::settings(&site)?;
    if faults.iter().any(Diagnostic::is_error) {
        voice.diagnostics(&faults);
        return Ok(Ending::SiteHasErrors);
    }
    if arguments.status {
        let status = send::read_log(&site.root, &config)?;
        voice.sent_status(&status);
        let is_good = !status.diagnostics.iter().any(Diagnostic::is_error);
        return Ok(if is_good { Ending::Done } else { Ending::SiteHasErrors });
    }
    let mode = match (arguments.mark_all_sent, arguments.dry_run) {
        (true, _) => SendMode::MarkSent,
        (_, true) => SendMode::DryRun,
        _ => SendMode::Send,
    };
    let scope = arguments.scope(&site.root)?;
    let asked = send::SendRequest { site, scope, since: arguments.since.clone(), mode, pause: PAUSE };
    deliver(&asked, voice)
}

/// Tells after a publish whoever it is news for. What goes wrong here is no failure of the publish: the site is online.
pub(super) fn after_publish(site: engine::Request, voice: Output) -> Result<send::SendReport> {
    let asked =
        send::SendRequest { site, scope: SendScope::All, since: None, mode: SendMode::Send, pause: PAUSE };
    send::run(&asked, &voice.watch_send())
}

fn deliver(asked: &send::SendRequest, voice: Output) -> Result<Ending> {
    let report = send::run(asked, &voice.watch_send())?;
    voice.sent(&report);
    let is_good = asked.mode == SendMode::DryRun || !report.needs_attention();
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

/// The file of a post as the site calls it, however it was typed: from here, from the site, or in full.
fn source_path(typed: &Path, root: &Path) -> Result<SourcePath> {
    let absolute = |path: &Path| std::path::absolute(path).map_err(Error::io("find", path));
    let root = absolute(root)?;
    let from_here = absolute(typed)?;
    let below = match from_here.strip_prefix(&root) {
        Ok(below) if from_here.exists() => below,
        _ => typed,
    };
    SourcePath::new(&below.to_string_lossy().replace('\\', "/")).ok_or_else(|| Error::Argument {
        given: format!("--post {}", typed.display()),
        reason: "name the file of a post, as in content/2016/aleppo.md".to_owned(),
    })
}
