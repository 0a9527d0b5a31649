//! `backmatter quotes check`: whether quoted words still stand in their reports.

use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;

use crate::cli::common::{CommonArgs, Ending, moment, site_source, source_path};
use crate::cli::output::Output;
use crate::cli::quotes::report::{CheckProgress, QuoteCheckOutcome};
use crate::date::Date;
use crate::diagnostic::Diagnostic;
use crate::engine::workspace::{Access, Workspace};
use crate::error::{Error, Result};
use crate::outgoing::quote_check::{self, QuoteCheckRequest};
use crate::outgoing::quote_fix;
use crate::outgoing::round::{RobotsUse, RoundOptions};
use crate::sys::clock::Clock;

/// The arguments of `quotes check`.
#[derive(Debug, Args)]
pub(super) struct QuoteCheckArgs {
    /// Only quotes of these posts, by file or id; they are asked for even if they were not long ago
    #[arg(value_name = "POST")]
    posts: Vec<PathBuf>,
    /// Only quotes of posts from this day on
    #[arg(long, value_name = "DATE")]
    since: Option<String>,
    /// Ask for this many reports at most, those first that were not asked for longest
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Ask again for reports that were asked for within the last 20 hours
    #[arg(long)]
    all: bool,
    /// Write into the posts what readers are to know: the copy of a report that was changed or is gone, with a remark, and the new
    /// address of one that has moved
    #[arg(long)]
    fix: bool,
    /// Seconds between two requests to one host
    #[arg(long, value_name = "SECONDS", default_value_t = 1.0)]
    pause: f64,
    /// Use this moment as the current time
    #[arg(long, value_name = "TIME", value_parser = moment)]
    now: Option<DateTime<Utc>>,
}

/// A run that was broken off is resumed within this time.
const FRESH: TimeDelta = TimeDelta::hours(20);

/// Checks quotations.
pub(super) fn run(arguments: &QuoteCheckArgs, common: &CommonArgs, output: Output) -> Result<Ending> {
    let now = arguments.now.unwrap_or_else(|| Clock::system().now());
    let mut site = Workspace::open(&site_source(common)?, now, Access::Read)?;
    if site.settings_faults().iter().any(Diagnostic::is_error) {
        output.diagnostics(site.settings_faults());
        return Ok(Ending::SiteHasErrors);
    }
    let since = arguments.since.as_ref().map(|text| {
        Date::parse(text, site.config().timezone)
            .map_err(|reason| Error::Argument { given: format!("--since {text}"), reason })
    });
    let root = site.source().root.clone();
    let posts = arguments.posts.iter().map(|path| source_path(path, &root)).collect::<Result<Vec<_>>>()?;
    let robots = if posts.is_empty() { RobotsUse::Obeyed } else { RobotsUse::NotAsked };
    let pause = Duration::try_from_secs_f64(arguments.pause).map_err(|_| Error::Argument {
        given: format!("--pause {}", arguments.pause),
        reason: "write it as a number of seconds, such as 1 or 0.5".to_owned(),
    })?;
    let request = QuoteCheckRequest {
        posts,
        since: since.transpose()?,
        limit: arguments.limit,
        fresh: if arguments.all { TimeDelta::zero() } else { FRESH },
        round: RoundOptions { pause, ..RoundOptions::polite(robots) },
    };
    let report = quote_check::check(&mut site, &request, &CheckProgress::new(output))?;
    let fixes = match arguments.fix {
        true => quote_fix::fix(&root, site.config(), &report.quotes)?,
        false => Vec::new(),
    };
    output.emit(&QuoteCheckOutcome { report: &report, fixes });
    Ok(if report.needs_attention() { Ending::SiteHasErrors } else { Ending::Done })
}
