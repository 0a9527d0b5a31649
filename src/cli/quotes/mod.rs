//! `backmatter quotes`: quotations made of addresses, and whether the quoted words still stand in their reports.

mod add;
mod check;
mod report;
mod save;

pub(super) use self::report::CheckProgress;

use clap::{Args, Subcommand};

use crate::cli::common::{CommonArgs, Ending};
use crate::cli::output::Output;
use crate::error::Result;

/// The arguments of `quotes`.
#[derive(Debug, Args)]
pub(super) struct QuotesArgs {
    #[command(subcommand)]
    command: QuotesCommand,
}

/// What is done with quotations.
#[derive(Debug, Subcommand)]
enum QuotesCommand {
    /// Make a quotation of an address: the words with headline, authors, publication, date
    ///
    /// The words are those of `--text`, of standard input, or those that the address names: "Copy link to highlight" of a browser
    /// gives `https://…#:~:text=…`. Prints the blockquote with its attribution, and says which fields are guesses.
    Add(add::QuoteAddArgs),
    /// Check whether quoted words still stand in their reports
    ///
    /// Each report is asked for, politely; what was found is kept in `quotes.toml`, which belongs into version control. The exit
    /// code is 1 if a report was edited, lost words or is gone, and 0 if it only cannot be seen from here.
    Check(check::QuoteCheckArgs),
    /// Find copies of quoted reports in the Wayback Machine, and make them where there are none
    ///
    /// Copies are made only with the keys of an account, `KEY:SECRET` in `BACKMATTER_ARCHIVE_KEYS`. Their addresses are kept in
    /// `quotes.toml`.
    Save(save::QuoteSaveArgs),
}

/// Does what a command says.
pub(super) fn run(arguments: &QuotesArgs, common: &CommonArgs, output: Output) -> Result<Ending> {
    match &arguments.command {
        QuotesCommand::Add(arguments) => add::run(arguments, common, output),
        QuotesCommand::Check(arguments) => check::run(arguments, common, output),
        QuotesCommand::Save(arguments) => save::run(arguments, common, output),
    }
}
