//! Copies of the reports that the site quotes: looked up, made, or kept beside the site.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use chrono::NaiveDate;

use super::report_page;
use super::site_quotes::{self, SiteQuote};
use super::warc;
use super::watch_file::WatchFile;
use super::wayback::{ArchiveFault, ArchiveService};
use crate::engine::workspace::Workspace;
use crate::error::{Error, Result};
use crate::hash::Hash;
use crate::http::client::Client;
use crate::path::SourcePath;
use crate::sys::{atomic_file, random};

/// Where copies of one's own are kept, in the folder of the site. What lies there is not published.
pub(crate) const FOLDER: &str = "quotes/warc";

/// What is to be saved.
pub(crate) struct QuoteSaveRequest<'a> {
    /// Posts by file or id; all if there are none.
    pub(crate) posts: Vec<SourcePath>,
    /// The most copies that one run makes.
    pub(crate) limit: usize,
    pub(crate) own: OwnCopies,
    pub(crate) archive: ArchiveService,
    /// Between two requests to the archive.
    pub(crate) pause: Duration,
    pub(crate) sleep: &'a (dyn Fn(Duration) + Sync),
}

/// Whether a copy is kept beside the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OwnCopies {
    None,
    Warc,
}

/// What became of the copies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct QuoteSaveReport {
    pub(crate) copies: Vec<SavedCopy>,
    /// Reports whose copy was known.
    pub(crate) known: usize,
    /// Reports that are left for another run.
    pub(crate) left: usize,
}

/// A report, and its copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SavedCopy {
    pub(crate) url: String,
    pub(crate) end: SaveEnd,
    /// The file of one's own copy.
    pub(crate) file: Option<PathBuf>,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SaveEnd {
    /// The archive had a copy.
    Found {
        archive: String,
    },
    /// It made one.
    Made {
        archive: String,
    },
    Failed(ArchiveFault),
}

/// Looks for copies of the reports that have none, and makes them where there are keys. Each is noted as soon as it is known.
pub(crate) fn save(site: &mut Workspace, request: &QuoteSaveRequest<'_>) -> Result<QuoteSaveReport> {
    let now = site.now();
    let quotes = site_quotes::of_site(site, &request.posts, None)?;
    let root = site.source().root.clone();
    let mut file = WatchFile::open(&root)?;
    let client = Client::new(&site.config().network, &site.config().base_url);
    let mut reports: BTreeMap<&str, &SiteQuote> = BTreeMap::new();
    for quote in &quotes {
        reports.entry(&quote.url).or_insert(quote);
    }
    let mut report = QuoteSaveReport::default();
    let (mut made, mut is_over) = (0, false);
    for (url, quote) in reports {
        let known = file.list.reports.get(url);
        if !quote.archive.is_empty() || known.is_some_and(|known| !known.archive.is_empty()) {
            report.known += 1;
            continue;
        }
        if is_over || made >= request.limit {
            report.left += 1;
            continue;
        }
        let kept = keep(&client, &root, url, request.own, now)?;
        (request.sleep)(request.pause);
        let end = find_or_make(&client, request, url, quote.day);
        match &end {
            SaveEnd::Found { archive } | SaveEnd::Made { archive } => {
                file.list.reports.entry(url.to_owned()).or_default().archive.clone_from(archive);
                file.save()?;
            }
            SaveEnd::Failed(ArchiveFault::Today { .. }) => is_over = true,
            SaveEnd::Failed(_) => {}
        }
        made += usize::from(matches!(end, SaveEnd::Made { .. }));
        report.copies.push(SavedCopy { url: url.to_owned(), end, file: kept });
    }
    Ok(report)
}

fn find_or_make(
    client: &Client,
    request: &QuoteSaveRequest<'_>,
    url: &str,
    near: Option<NaiveDate>,
) -> SaveEnd {
    match request.archive.closest(client, url, near) {
        Ok(Some(copy)) => return SaveEnd::Found { archive: copy.url },
        Ok(None) => {}
        Err(fault) => return SaveEnd::Failed(fault),
    }
    match request.archive.save(client, url, request.sleep) {
        Ok(copy) => SaveEnd::Made { archive: copy.url },
        Err(fault) => SaveEnd::Failed(fault),
    }
}

/// Keeps a response beside the site.
fn keep(
    client: &Client,
    root: &std::path::Path,
    url: &str,
    own: OwnCopies,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Option<PathBuf>> {
    if own == OwnCopies::None {
        return Ok(None);
    }
    let Ok(response) = client.fetch(&report_page::request(url, "keeping a copy of a quoted report")) else {
        return Ok(None);
    };
    if !response.is_success() {
        return Ok(None);
    }
    let folder = root.join(FOLDER);
    fs::create_dir_all(&folder).map_err(Error::io("make", &folder))?;
    let name = format!("{}-{}.warc.gz", Hash::of(url.as_bytes()).short_hex(), now.format("%Y%m%d%H%M%S"));
    let path = folder.join(name);
    let bytes = warc::record(&response, &random::token::<16>(), now).map_err(Error::io("write", &path))?;
    atomic_file::replace(&path, &bytes).map_err(Error::io("write", &path))?;
    Ok(Some(path))
}
