//! `backmatter backup` and `backmatter restore`.

mod report;

use std::path::{Path, PathBuf};

use clap::Args;

use crate::backup::{self, BackupInput, BackupTarget, CopiedDatabase, RestoreInput};
use crate::cli::backup::report::{BackupReport, RestoreReport};
use crate::cli::common::{CommonArgs, Ending, site_source};
use crate::cli::output::Output;
use crate::error::Result;
use crate::receive::queue::copy::DatabaseCopy;
use crate::sys::clock::Clock;

/// The arguments of `backup`.
#[derive(Debug, Args)]
pub(super) struct BackupArgs {
    /// The archive, or a folder, in which it is named after the site and the moment
    #[arg(value_name = "FILE|DIR")]
    to: PathBuf,
    /// The receiver's database [default: the settings' `database`, which is linkbacks.db]
    #[arg(long, value_name = "FILE")]
    db: Option<PathBuf>,
}

/// The arguments of `restore`.
#[derive(Debug, Args)]
pub(super) struct RestoreArgs {
    /// The archive
    #[arg(value_name = "FILE")]
    archive: PathBuf,
    /// The folder of the site; it is made if it is not there, and has to be empty if it is
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Where to put the receiver's database [default: where it stood]
    #[arg(long, value_name = "FILE")]
    db: Option<PathBuf>,
}

/// Writes a backup.
pub(super) fn run(arguments: &BackupArgs, common: &CommonArgs, output: Output) -> Result<Ending> {
    let source = site_source(common)?;
    // Settings with faults are kept as well: a backup is a backup of what there is.
    let (config, _) = source.read_settings()?;
    let now = Clock::system().now();
    let target = BackupTarget::of(&arguments.to, &source.root, &config, now)?;
    let is_named = arguments.db.is_some();
    let database = arguments.db.clone().unwrap_or_else(|| source.root.join(&config.linkbacks.database));
    let copy = match is_named || database.exists() {
        true => Some(DatabaseCopy::beside(target.path(), &database)?),
        false => None,
    };
    let summary = backup::write(
        &BackupInput {
            root: &source.root,
            settings: &source.settings_file(),
            config: &config,
            database: &database,
            copy: copy.as_ref().map(|copy| CopiedDatabase { file: &copy.path, linkbacks: copy.linkbacks }),
            now,
        },
        &target,
    )?;
    let linkbacks = copy.as_ref().map(|copy| copy.linkbacks);
    output.emit(&BackupReport { archive: target.path(), summary: &summary, linkbacks });
    Ok(Ending::Done)
}

/// Restores a backup.
pub(super) fn run_restore(arguments: &RestoreArgs, output: Output) -> Result<Ending> {
    let RestoreArgs { archive, folder, db } = arguments;
    let summary = backup::restore(&RestoreInput { archive, folder, database: db.as_deref() })?;
    output.emit(&RestoreReport { folder: Path::new(folder), summary: &summary });
    Ok(Ending::Done)
}
