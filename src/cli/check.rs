//! `backmatter check`: everything that can be wrong with the site, in one report: its files, its pages, and where its links lead.

use std::time::Duration;

use chrono::{DateTime, Utc};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use crate::cli::common::{CommonArgs, Ending, moment, site_source};
use crate::cli::output::{Output, Report, Terminal, counted};
use crate::cli::quotes::CheckProgress;
use crate::date::Date;
use crate::diagnostic::Diagnostic;
use crate::engine::in_memory::render_all;
use crate::engine::tidy;
use crate::engine::workspace::{Access, Workspace};
use crate::error::{Error, Result};
use crate::outgoing::link_check::{self, CheckedLink, DueRule, LinkCheckReport, LinkCheckRequest, LinkState};
use crate::outgoing::page_faults;
use crate::outgoing::round::{RobotsUse, RoundOptions};
use crate::sys::clock::Clock;

/// The arguments of `check`.
#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// Ask for no page of another site
    #[arg(long)]
    offline: bool,
    /// Ask for this many addresses at most, those first that were not asked for longest
    #[arg(long, value_name = "N", conflicts_with = "offline")]
    limit: Option<usize>,
    /// Only links of posts from this day on
    #[arg(long, value_name = "DATE", conflicts_with = "offline")]
    since: Option<String>,
    /// Ask also for addresses whose last answer still holds
    #[arg(long, conflicts_with = "offline")]
    all: bool,
    /// What makes the exit code 1
    #[arg(long, value_name = "WHAT", default_value = "dead")]
    fail_on: FailOn,
    /// List also the addresses that refuse programs or did not answer
    #[arg(long, short)]
    verbose: bool,
    /// Seconds between two requests to one host
    #[arg(long, value_name = "SECONDS", default_value_t = 1.0)]
    pause: f64,
    /// Use this moment as the current time
    #[arg(long, value_name = "TIME", value_parser = moment)]
    now: Option<DateTime<Utc>>,
}

/// What makes a check fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
enum FailOn {
    /// Nothing
    Never,
    /// Errors of the site
    Errors,
    /// Errors, and links that are dead or whose words are gone
    Dead,
    /// These, and every warning and every link that moved or lost its place
    Warnings,
}

/// Checks the site.
pub(super) fn run(arguments: &CheckArgs, common: &CommonArgs, output: Output) -> Result<Ending> {
    let now = arguments.now.unwrap_or_else(|| Clock::system().now());
    let mut site = Workspace::open(&site_source(common)?, now, Access::Read)?;
    if site.settings_faults().iter().any(Diagnostic::is_error) {
        output.diagnostics(site.settings_faults());
        return Ok(Ending::SiteHasErrors);
    }
    let (pages, rendering) = render_all(&mut site);
    let mut faults = site.snapshot().diagnostics();
    faults.extend(rendering);
    faults.extend(page_faults::of_pages(&pages));
    tidy(&site.source().root, &mut faults);
    let links = match arguments.offline {
        true => None,
        false => {
            let request = arguments.request(&site)?;
            Some(link_check::check(&mut site, &request, &CheckProgress::new(output))?)
        }
    };
    let report = CheckReport { faults, links, is_verbose: arguments.verbose };
    output.emit(&report);
    Ok(if report.fails(arguments.fail_on) { Ending::SiteHasErrors } else { Ending::Done })
}

impl CheckArgs {
    fn request(&self, site: &Workspace) -> Result<LinkCheckRequest> {
        let since = self.since.as_ref().map(|text| {
            Date::parse(text, site.config().timezone)
                .map_err(|reason| Error::Argument { given: format!("--since {text}"), reason })
        });
        let pause = Duration::try_from_secs_f64(self.pause).map_err(|_| Error::Argument {
            given: format!("--pause {}", self.pause),
            reason: "write it as a number of seconds, such as 1 or 0.5".to_owned(),
        })?;
        Ok(LinkCheckRequest {
            limit: self.limit,
            since: since.transpose()?,
            due: if self.all { DueRule::All } else { DueRule::WhenDue },
            round: RoundOptions { pause, ..RoundOptions::polite(RobotsUse::Obeyed) },
        })
    }
}

/// What a check found.
struct CheckReport {
    faults: Vec<Diagnostic>,
    links: Option<LinkCheckReport>,
    is_verbose: bool,
}

impl CheckReport {
    fn fails(&self, on: FailOn) -> bool {
        let states: Vec<LinkState> =
            self.links.iter().flat_map(|links| &links.links).map(|link| link.state).collect();
        on >= FailOn::Errors && self.faults.iter().any(Diagnostic::is_error)
            || on >= FailOn::Dead && states.iter().any(|state| state.fails())
            || on >= FailOn::Warnings
                && (!self.faults.is_empty() || states.iter().any(|state| state.can_be_mended()))
    }
}

/// The states in the order in which they are printed.
const ORDER: [LinkState; 8] = [
    LinkState::Dead,
    LinkState::WordsGone,
    LinkState::Failing,
    LinkState::AnchorGone,
    LinkState::Changed,
    LinkState::Moved,
    LinkState::Refused,
    LinkState::Unknown,
];

impl Report for CheckReport {
    fn json(&self) -> Option<Value> {
        let links = self.links.as_ref().map(|links| {
            json!({
                "asked": links.asked,
                "fresh": links.fresh,
                "left": links.left,
                "links": links.links.iter().map(json_link).collect::<Vec<_>>(),
            })
        });
        Some(json!({ "diagnostics": self.faults, "external": links }))
    }

    fn text(&self, terminal: Terminal) {
        terminal.diagnostics(&self.faults);
        let Some(links) = &self.links else { return };
        for state in ORDER {
            let of_state: Vec<&CheckedLink> = links.links.iter().filter(|link| link.state == state).collect();
            let is_told = self.is_verbose || !matches!(state, LinkState::Refused | LinkState::Unknown);
            if is_told && !of_state.is_empty() {
                terminal.result(&format!("{} {}:", of_state.len(), state.name()));
                of_state.iter().for_each(|link| tell(link, terminal));
            }
        }
        let counts = std::iter::once(LinkState::Ok).chain(ORDER).filter_map(|state| {
            let count = links.links.iter().filter(|link| link.state == state).count();
            (count > 0).then(|| format!("{count} {}", state.name()))
        });
        let counts: Vec<String> = counts.collect();
        let counts = if counts.is_empty() { "none".to_owned() } else { counts.join(", ") };
        terminal.info(&format!(
            "{}, {} asked: {counts}",
            counted(links.links.len(), "address", "addresses"),
            links.asked
        ));
        if links.left > 0 {
            terminal.info(&format!(
                "{} left for another run",
                counted(links.left, "address is", "addresses are")
            ));
        }
    }
}

fn tell(link: &CheckedLink, terminal: Terminal) {
    let reason = if link.reason.is_empty() { String::new() } else { format!(" ({})", link.reason) };
    terminal.result(&format!("  {}{reason}", link.url));
    if !link.found_at.is_empty() {
        terminal.result(&format!("    now at {}", link.found_at));
    }
    for place in link.places.iter().take(MOST_PLACES) {
        terminal.result(&format!("    {}:{}:{}", place.file, place.line, place.column));
    }
    if link.places.len() > MOST_PLACES {
        terminal.result(&format!("    and {} more", link.places.len() - MOST_PLACES));
    }
}

/// How many places of a link are printed.
const MOST_PLACES: usize = 5;

fn json_link(link: &CheckedLink) -> Value {
    let places = link.places.iter();
    let places: Vec<Value> = places
        .map(|place| json!({ "path": place.file.as_str(), "line": place.line, "column": place.column }))
        .collect();
    json!({ "url": link.url, "state": link.state.name(), "reason": link.reason, "final": link.found_at, "places": places })
}
