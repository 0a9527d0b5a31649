//! The command line as it is typed.

use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, Utc};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::cli::serve::ServeArgs;
use crate::site::order::Selection;

/// A static blog engine that answers back: Markdown posts, quoted reports, date archives and linkbacks, as plain HTML.
#[derive(Debug, Parser)]
#[command(name = "backmatter", version, max_term_width = 100, arg_required_else_help = true)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
    #[command(flatten)]
    pub(super) common: CommonArgs,
}

/// What every command takes.
#[derive(Debug, Args)]
pub(super) struct CommonArgs {
    /// The site's folder [default: the nearest one at or above this that has a backmatter.toml]
    #[arg(long, global = true, value_name = "DIR")]
    pub(super) root: Option<PathBuf>,
    /// The file of settings [default: backmatter.toml in the site's folder]
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Print errors only
    #[arg(long, short, global = true)]
    pub(super) quiet: bool,
    /// Print what there is to say as JSON, for machines
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

/// The commands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a new site with settings and three sample posts
    ///
    /// Asks nothing and never overwrites a file.
    Init {
        /// Where; made if it does not exist
        #[arg(default_value = ".", value_name = "DIR")]
        folder: PathBuf,
    },
    /// Make a new post and print its path
    New {
        /// The post's title; its file name is made of it
        title: String,
        /// Mark it as not ready
        #[arg(long)]
        draft: bool,
        /// Its date: 2016-12-15, or 2016-12-15T22:32 [default: now]
        #[arg(long, value_name = "DATE")]
        date: Option<String>,
    },
    /// Build the site
    Build(BuildArgs),
    /// Show the site in a browser, and follow every change
    ///
    /// Renders the pages that are asked for and writes nothing. Drafts and posts with a date to come are shown, and marked.
    Serve(ServeArgs),
    /// List posts, or those that are not shown
    List {
        /// What to list
        #[arg(value_enum, default_value = "posts")]
        what: PostFilter,
        /// Pretend that it is this moment
        #[arg(long, value_name = "TIME", value_parser = moment)]
        now: Option<DateTime<Utc>>,
    },
    /// Put the site online: what changed travels, after you have seen what
    Publish(super::publish::PublishArgs),
    /// Hear from other sites: pingbacks, trackbacks and webmentions
    Receive(super::receive::ReceiveArgs),
    /// Decide on what other sites wrote about yours
    Linkbacks(super::linkbacks::LinkbacksArgs),
    /// Tell the sites that posts link to, once each, by webmention or pingback
    Send(super::send::SendArgs),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
}

/// The arguments of `build`.
#[derive(Debug, Args)]
pub(super) struct BuildArgs {
    /// Where to write [default: the settings' `output`, which is public]
    #[arg(long, short, value_name = "DIR")]
    pub(super) output: Option<PathBuf>,
    /// Build for this address instead of the settings' `base_url`
    #[arg(long, value_name = "URL")]
    pub(super) base_url: Option<String>,
    /// Show drafts
    #[arg(long)]
    drafts: bool,
    /// Show posts whose date is still to come
    #[arg(long)]
    future: bool,
    /// Show posts that have expired
    #[arg(long)]
    expired: bool,
    /// Pretend that it is this moment: 2026-11-22, or 2026-11-22T12:00:00Z
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(super) now: Option<DateTime<Utc>>,
    /// Treat warnings as errors
    #[arg(long)]
    pub(super) strict: bool,
    /// Say why a page was rendered, or was not: an address, an output or a source
    #[arg(long, value_name = "PATH")]
    pub(super) why: Option<String>,
}

impl BuildArgs {
    pub(super) fn selection(&self) -> Selection {
        Selection { drafts: self.drafts, future: self.future, expired: self.expired }
    }
}

/// What `list` lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum PostFilter {
    /// Posts that are shown.
    Posts,
    /// Posts that are not ready.
    Drafts,
    /// Posts whose date is still to come.
    Future,
    /// Posts that have expired.
    Expired,
}

/// RFC 3339, or a day, which begins at midnight UTC.
pub(super) fn moment(text: &str) -> Result<DateTime<Utc>, String> {
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Ok(moment.to_utc());
    }
    let day: Option<NaiveDate> = text.parse().ok();
    day.and_then(|day| day.and_hms_opt(0, 0, 0))
        .map(|midnight| midnight.and_utc())
        .ok_or_else(|| "write it as 2026-11-22 or 2026-11-22T12:00:00Z".to_owned())
}
