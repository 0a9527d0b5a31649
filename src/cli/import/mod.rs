//! `backmatter import`: a blog of another system becomes a site.

use std::path::PathBuf;
use std::sync::OnceLock;

use chrono_tz::Tz;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;
use url::Url;

use crate::cli::common::{CommonArgs, Ending};
use crate::cli::output::{Output, Report, Terminal};
use crate::error::{Error, Result};
use crate::import::{
    FetchHost, ImportFormat, ImportMode, ImportObserver, ImportOptions, ImportReport, ImportRequest, import,
};

/// The arguments of `import`.
#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    /// The files of the export or the folder of the site, and before them the format, which is found by looking otherwise
    #[arg(required = true, value_name = "[FORMAT] SOURCE")]
    sources: Vec<PathBuf>,
    /// The folder of the old blog's pictures and files, such as wp-content/uploads
    #[arg(long, value_name = "DIR")]
    uploads: Option<PathBuf>,
    /// The time zone of the old blog [default: told by its dates]
    #[arg(long, value_name = "ZONE", value_parser = zone)]
    timezone: Option<Tz>,
    /// The address of the old blog [default: as the export says]
    #[arg(long, value_name = "URL", value_parser = web_address)]
    base_url: Option<String>,
    /// The folder of the site; an empty one becomes a site
    #[arg(long, value_name = "DIR", default_value = ".")]
    into: PathBuf,
    /// Saved pages of the old site, to compare each post with what readers saw
    #[arg(long, value_name = "DIR")]
    rendered: Option<PathBuf>,
    /// Old addresses to look up: a sitemap, the log of a server, or a list [may be repeated]
    #[arg(long, value_name = "FILE")]
    addresses: Vec<PathBuf>,
    /// Write the responses that wait for approval into this file
    #[arg(long, value_name = "FILE")]
    held: Option<PathBuf>,
    /// Fetch files of the old blog that are missing, from its own host or from HOST, and from no other
    #[arg(long, value_name = "HOST", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    fetch: Option<String>,
    /// Ask the old site at URL, one address a second, which of those that would be lost answer today
    #[arg(long, value_name = "URL", value_parser = web_address)]
    check: Option<String>,
    /// Read and check everything, and write nothing
    #[arg(long)]
    dry_run: bool,
}

fn zone(text: &str) -> std::result::Result<Tz, String> {
    text.parse().map_err(|_| "write it as Europe/Stockholm".to_owned())
}

fn web_address(text: &str) -> std::result::Result<String, String> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    url.map(|_| text.trim_end_matches('/').to_owned())
        .ok_or_else(|| "write it as https://example.com".to_owned())
}

/// Imports a blog.
pub(super) fn run(arguments: ImportArgs, common: &CommonArgs, output: Output) -> Result<Ending> {
    let ImportArgs {
        mut sources,
        uploads,
        timezone,
        base_url,
        into,
        rendered,
        addresses,
        held,
        fetch,
        check,
        dry_run,
    } = arguments;
    let format = take_format(&mut sources)?;
    let request = ImportRequest {
        format,
        sources,
        uploads,
        rendered,
        addresses,
        into: common.root.clone().unwrap_or(into),
        held,
        fetch: fetch.map(|host| if host.is_empty() { FetchHost::Own } else { FetchHost::Named(host) }),
        check,
        options: ImportOptions { timezone, base_url },
        mode: if dry_run { ImportMode::DryRun } else { ImportMode::Write },
    };
    let report = import(&request, &ImportProgress { output, bar: OnceLock::new() })?;
    let is_cut = report.is_cut();
    output.emit(&PrintedImport { report, request });
    Ok(if is_cut { Ending::SiteHasErrors } else { Ending::Done })
}

/// Takes the name of a format from the front of the sources.
fn take_format(sources: &mut Vec<PathBuf>) -> Result<Option<ImportFormat>> {
    let first = sources.first().and_then(|first| first.to_str()).unwrap_or_default();
    let found = ImportFormat::ALL.iter().find(|(name, _)| *name == first).map(|(_, format)| *format);
    if found.is_some() {
        sources.remove(0);
    } else if sources.len() > 1 && !sources[0].exists() {
        let names: Vec<_> = ImportFormat::ALL.iter().map(|(name, _)| format!("`{name}`")).collect();
        let reason = format!("there is no such file, and no such format; known are {}", names.join(", "));
        return Err(Error::Argument { given: first.to_owned(), reason });
    }
    if sources.is_empty() {
        let reason = "name the files of the export behind it".to_owned();
        let given = found.map_or("import", ImportFormat::name).to_owned();
        return Err(Error::Argument { given, reason });
    }
    Ok(found)
}

struct PrintedImport {
    report: ImportReport,
    request: ImportRequest,
}

impl Report for PrintedImport {
    fn json(&self) -> Option<Value> {
        Some(self.report.json())
    }

    fn text(&self, terminal: Terminal) {
        terminal.info(&self.report.summary());
        let folder = self.request.into.display();
        match self.request.mode {
            ImportMode::DryRun => {
                terminal.info(&format!("\nNothing was written.\n\n{}", self.report.markdown()));
            }
            ImportMode::Write if self.report.has_written_nothing() => {
                terminal.info("\nNothing is new, and nothing was written; `--dry-run` prints the whole report.");
            }
            ImportMode::Write => terminal.info(&format!(
                "\nWhat to look at stands in {folder}/{}. See the site with: backmatter serve --root {folder}",
                self.report.file_name()
            )),
        }
        if let Some(file) = self.report.offered_settings() {
            terminal.warning(&format!(
                "the settings that are there stay as they are: paste {folder}/{file} at their end, or old addresses lead nowhere"
            ));
        }
        if self.report.is_cut() {
            terminal.warning("the export ends in the middle of an item; make it again");
        }
    }
}

/// Shows how an import goes on.
struct ImportProgress {
    output: Output,
    bar: OnceLock<ProgressBar>,
}

impl ImportObserver for ImportProgress {
    fn surveyed(&self) {
        if self.output.shows_progress() {
            let style = ProgressStyle::with_template("{spinner} {pos} entries")
                .unwrap_or_else(|_| ProgressStyle::default_spinner());
            let _ = self.bar.set(ProgressBar::new_spinner().with_style(style));
        }
    }

    fn written(&self, entries: usize) {
        if let Some(bar) = self.bar.get() {
            bar.inc(entries as u64);
        }
    }

    fn fetching(&self, files: usize) {
        if let Some(bar) = self.bar.get() {
            bar.reset();
            bar.set_length(files as u64);
            bar.set_style(
                ProgressStyle::with_template("{spinner} {pos} of {len} files")
                    .unwrap_or_else(|_| ProgressStyle::default_spinner()),
            );
        }
    }

    fn fetched(&self) {
        if let Some(bar) = self.bar.get() {
            bar.inc(1);
        }
    }

    fn done(&self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}
