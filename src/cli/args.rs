//! The command line as it is typed.

use clap::{Parser, Subcommand};
use clap_complete::Shell;

use crate::cli::backup::{BackupArgs, RestoreArgs};
use crate::cli::build::BuildArgs;
use crate::cli::check::CheckArgs;
use crate::cli::common::CommonArgs;
use crate::cli::diff::DiffArgs;
use crate::cli::import::ImportArgs;
use crate::cli::init::InitArgs;
use crate::cli::linkbacks::LinkbacksArgs;
use crate::cli::list::ListArgs;
use crate::cli::man::ManArgs;
use crate::cli::new::NewArgs;
use crate::cli::publish::PublishArgs;
use crate::cli::quotes::QuotesArgs;
use crate::cli::receive::ReceiveArgs;
use crate::cli::send::SendArgs;
use crate::cli::serve::ServeArgs;
use crate::cli::theme::ThemeArgs;

/// A static blog engine that answers back: Markdown posts, quoted reports, date archives and linkbacks, as plain HTML.
#[derive(Debug, Parser)]
#[command(name = "backmatter", version, max_term_width = 100, arg_required_else_help = true)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
    #[command(flatten)]
    pub(super) common: CommonArgs,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a new site with settings and three sample posts
    ///
    /// Asks nothing and never overwrites a file.
    Init(InitArgs),
    /// Import a blog of another system: posts, pages, comments and linkbacks, at their old addresses
    ///
    /// Reads exports of WordPress, Blogger, Movable Type, TypePad, Ghost, Medium, Substack and Tumblr, also compressed or in an
    /// archive, and comments of Disqus, Isso and Staticman for posts that are there. Nothing is
    /// fetched without `--fetch`, and no post that is there is changed.
    Import(ImportArgs),
    /// Make a new post and print its path
    New(NewArgs),
    /// Build the site
    Build(BuildArgs),
    /// Show the site in a browser, and follow every change
    ///
    /// Renders the pages that are asked for and writes nothing. Drafts and posts with a future date are shown, and marked.
    Serve(ServeArgs),
    /// List posts, or those that are not shown
    List(ListArgs),
    /// List, print or copy files of the built-in theme
    ///
    /// A copy lies over the built-in file of its name. Nothing is overwritten.
    Theme(ThemeArgs),
    /// Put the site online: what changed travels, after you have seen what
    Publish(PublishArgs),
    /// Hear from other sites: pingbacks, trackbacks and webmentions
    Receive(ReceiveArgs),
    /// Decide on what other sites wrote about yours
    Linkbacks(LinkbacksArgs),
    /// Send linkbacks to the pages that posts link to, by webmention or pingback
    Send(SendArgs),
    /// Check everything in one report: the site's files, its pages, and where its links lead
    ///
    /// Each linked page is asked for, politely, and its answer holds for days: with `--limit` a daily run goes through all links of a site.
    /// A host that shows its pages to persons only is not counted as dead, and a page counts as dead after three strikes in six days.
    Check(CheckArgs),
    /// Show what readers would see change: words, links, metadata and mark-up, grouped by what was changed
    ///
    /// The exit code is 1 if something differs.
    Diff(DiffArgs),
    /// Make quotations of addresses, and watch whether the quoted words still stand in their reports
    #[command(visible_alias = "quote")]
    Quotes(QuotesArgs),
    /// Write a backup: the site and the receiver's database, in one archive
    ///
    /// A receiver may run meanwhile. What a build makes again is left out.
    Backup(BackupArgs),
    /// Restore a backup into an empty folder
    Restore(RestoreArgs),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Write the manual pages into a folder, for packages
    #[command(hide = true)]
    Man(ManArgs),
}
