//! `backmatter man`: writes the manual pages, one for each command, from the same definition as `--help`.

use std::fs;
use std::path::PathBuf;

use clap::{Args, CommandFactory};

use crate::cli::args::Arguments;
use crate::cli::common::Ending;
use crate::error::{Error, Result};

/// The arguments of `man`.
#[derive(Debug, Args)]
pub(super) struct ManArgs {
    /// The folder; it is made if it is not there
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

/// Writes `backmatter.1`, `backmatter-build.1` and so on.
pub(super) fn run(arguments: &ManArgs) -> Result<Ending> {
    let ManArgs { folder } = arguments;
    fs::create_dir_all(folder).map_err(Error::io("make", folder))?;
    // Without `help`, which would get a page for each command once more.
    let command = Arguments::command().disable_help_subcommand(true);
    clap_mangen::generate_to(command, folder).map_err(Error::io("write manual pages into", folder))?;
    Ok(Ending::Done)
}
