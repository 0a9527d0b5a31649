//! What the commands have in common: the arguments of all, how each finds its site, and how it ends.

use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate, Utc};
use clap::{Args, ValueEnum};

use crate::cli::output::Output;
use crate::config::FILE_NAME;
use crate::engine::site_id;
use crate::engine::workspace::{OutsideLinks, SiteSource};
use crate::error::{Error, Result};
use crate::path::SourcePath;
use crate::scan;

/// What every command takes.
#[derive(Debug, Clone, Args)]
pub(super) struct CommonArgs {
    /// The site's folder [default: the nearest one at or above this that has a backmatter.toml]
    #[arg(long, global = true, value_name = "DIR")]
    pub(super) root: Option<PathBuf>,
    /// The file of settings [default: backmatter.toml in the site's folder]
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Refuse all links of the file system that lead out of the site, whatever the settings allow
    #[arg(long, global = true)]
    pub(super) no_outside_links: bool,
    /// Print errors only
    #[arg(long, short, global = true)]
    pub(super) quiet: bool,
    /// Print results as JSON, for other programs
    #[arg(long, global = true)]
    pub(super) json: bool,
    /// When to use colours; NO_COLOR is respected
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", hide_possible_values = false)]
    pub(super) color: Color,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// Exit code 0.
    Done,
    /// Exit code 1.
    SiteHasErrors,
    /// Exit code 3: the site was built without files that have errors.
    FilesHaveErrors,
}

/// The folder of the site: the one given, or the nearest one at or above this that holds the settings.
fn root(common: &CommonArgs) -> Result<PathBuf> {
    match (&common.root, &common.config) {
        // Both are named, so the folder needs no settings of its own.
        (Some(root), Some(_)) => Ok(root.clone()),
        (Some(root), None) if root.join(FILE_NAME).is_file() => Ok(root.clone()),
        (Some(root), None) => Err(Error::NoSettings { root: root.clone() }),
        (None, Some(config)) => Ok(config
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
            .unwrap_or(Path::new("."))
            .to_owned()),
        (None, None) => scan::find_root(&working_folder()),
    }
}

/// The current folder by the path the shell shows (`PWD`, POSIX 2.5.3), where links are kept: `serve` and `receive`
/// go on with the folder that such a link leads to later.
fn working_folder() -> PathBuf {
    let here = Path::new(".");
    let shown = std::env::var_os("PWD").map(PathBuf::from).filter(|path| path.is_absolute());
    shown
        .filter(|path| path.canonicalize().ok() == here.canonicalize().ok())
        .unwrap_or_else(|| here.to_owned())
}

/// The site the arguments mean, as its settings say.
pub(super) fn site_source(common: &CommonArgs) -> Result<SiteSource> {
    let outside_links = if common.no_outside_links { OutsideLinks::Refused } else { OutsideLinks::AsAllowed };
    Ok(SiteSource { settings: common.config.clone(), outside_links, ..SiteSource::at(&root(common)?) })
}

/// Gives the site a key for the ids of its feeds, if it has none. Settings that cannot be written stay as they are: the
/// ids are the same until the address changes.
pub(super) fn keep_site_id(source: &SiteSource, output: Output) {
    match site_id::keep(source) {
        Ok(Some(id)) => output.terminal().note(&format!(
            "`id = \"{id}\"` was added to the settings: the ids of the feeds are made of it; keep it if the site moves"
        )),
        Ok(None) => {}
        Err(error) => output.terminal().note(&format!("the settings could not get an `id`: {error}")),
    }
}

/// Parses a moment given as an argument: RFC 3339, or a day, which begins at midnight UTC.
pub(super) fn moment(text: &str) -> std::result::Result<DateTime<Utc>, String> {
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Ok(moment.to_utc());
    }
    let day: Option<NaiveDate> = text.parse().ok();
    day.and_then(|day| day.and_hms_opt(0, 0, 0))
        .map(|midnight| midnight.and_utc())
        .ok_or_else(|| "write it as 2026-11-22 or 2026-11-22T12:00:00Z".to_owned())
}

/// The file of a post as the site calls it, however it was typed: from here, from the site, or in full.
pub(super) fn source_path(typed: &Path, root: &Path) -> Result<SourcePath> {
    let root = std::path::absolute(root).map_err(Error::io("find", root))?;
    let from_here = std::path::absolute(typed).map_err(Error::io("find", typed))?;
    let below = match from_here.strip_prefix(&root) {
        Ok(below) if from_here.exists() => below,
        _ => typed,
    };
    SourcePath::new(&below.to_string_lossy().replace('\\', "/")).ok_or_else(|| Error::Argument {
        given: typed.display().to_string(),
        reason: "name the file of a post, as in content/2016/aleppo.md".to_owned(),
    })
}
