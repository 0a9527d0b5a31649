//! `backmatter quotes save`: copies of quoted reports.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};

use crate::cli::common::{CommonArgs, Ending, site_source, source_path};
use crate::cli::output::{Output, Report, Terminal, counted};
use crate::diagnostic::Diagnostic;
use crate::engine::workspace::{Access, Workspace};
use crate::error::Result;
use crate::outgoing::quote_save::{self, OwnCopies, QuoteSaveReport, QuoteSaveRequest, SaveEnd, SavedCopy};
use crate::outgoing::wayback::{ArchiveFault, ArchiveService};
use crate::sys::clock::{self, Clock};

/// The arguments of `quotes save`.
#[derive(Debug, Args)]
pub(super) struct QuoteSaveArgs {
    /// Only reports that these posts quote, by file or id
    #[arg(value_name = "POST")]
    posts: Vec<PathBuf>,
    /// Make this many copies at most
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,
    /// Keep a copy of your own as well, in `quotes/warc/`; it is not published
    #[arg(long)]
    keep: bool,
    /// Another archive with the interface of the Wayback Machine
    #[arg(long, value_name = "URL", hide = true)]
    archive: Option<String>,
}

/// The keys of an account at the archive, as `KEY:SECRET`.
const KEYS: &str = "BACKMATTER_ARCHIVE_KEYS";
/// The archive takes about 30 questions in a minute.
const PAUSE: Duration = Duration::from_secs(2);

/// Looks for copies, and makes them.
pub(super) fn run(arguments: &QuoteSaveArgs, common: &CommonArgs, output: Output) -> Result<Ending> {
    let mut site = Workspace::open(&site_source(common)?, Clock::system().now(), Access::Read)?;
    if site.settings_faults().iter().any(Diagnostic::is_error) {
        output.diagnostics(site.settings_faults());
        return Ok(Ending::SiteHasErrors);
    }
    let keys = std::env::var(KEYS).ok().filter(|keys| keys.contains(':'));
    let archive = match &arguments.archive {
        Some(base) => ArchiveService::at(base, keys),
        None => ArchiveService::wayback(keys),
    };
    let root = site.source().root.clone();
    let request = QuoteSaveRequest {
        posts: arguments.posts.iter().map(|path| source_path(path, &root)).collect::<Result<Vec<_>>>()?,
        limit: arguments.limit,
        own: if arguments.keep { OwnCopies::Warc } else { OwnCopies::None },
        pause: if arguments.archive.is_some() { Duration::ZERO } else { PAUSE },
        archive,
        sleep: &clock::sleep,
    };
    let report = quote_save::save(&mut site, &request)?;
    output.emit(&report);
    Ok(Ending::Done)
}

impl Report for QuoteSaveReport {
    fn json(&self) -> Option<Value> {
        let copies: Vec<Value> = self.copies.iter().map(json_copy).collect();
        Some(json!({ "copies": copies, "known": self.known, "left": self.left }))
    }

    fn text(&self, terminal: Terminal) {
        for copy in &self.copies {
            terminal.result(&format!("{}: {}", copy.url, told(&copy.end)));
            if let Some(file) = &copy.file {
                terminal.result(&format!("  kept in {}", file.display()));
            }
        }
        let known = counted(self.known, "report", "reports");
        terminal.info(&format!("{known} had a copy, {} left for another run", self.left));
    }
}

fn told(end: &SaveEnd) -> String {
    match end {
        SaveEnd::Found { archive } => format!("copy found: {archive}"),
        SaveEnd::Made { archive } => format!("copy made: {archive}"),
        SaveEnd::Failed(ArchiveFault::NoKeys) => {
            format!(
                "there is no copy, and one is made only with the keys of an account, `KEY:SECRET` in {KEYS}"
            )
        }
        SaveEnd::Failed(ArchiveFault::ForGood { reason }) => format!("the archive cannot copy it: {reason}"),
        SaveEnd::Failed(ArchiveFault::Today { reason }) => format!("no more today: {reason}"),
        SaveEnd::Failed(ArchiveFault::Later { reason }) => format!("not now: {reason}"),
    }
}

fn json_copy(copy: &SavedCopy) -> Value {
    let (end, archive, reason) = match &copy.end {
        SaveEnd::Found { archive } => ("found", archive.as_str(), ""),
        SaveEnd::Made { archive } => ("made", archive.as_str(), ""),
        SaveEnd::Failed(ArchiveFault::NoKeys) => ("no-keys", "", ""),
        SaveEnd::Failed(ArchiveFault::ForGood { reason }) => ("never", "", reason.as_str()),
        SaveEnd::Failed(ArchiveFault::Today { reason }) => ("tomorrow", "", reason.as_str()),
        SaveEnd::Failed(ArchiveFault::Later { reason }) => ("later", "", reason.as_str()),
    };
    let file = copy.file.as_ref().map(|file| file.display().to_string());
    json!({ "url": copy.url, "end": end, "archive": archive, "reason": reason, "file": file })
}
