//! The reports of `backup` and `restore`.

use std::path::Path;

use serde_json::{Value, json};

use crate::backup::{BackupSummary, RestoreSummary};
use crate::cli::output::{Report, Terminal, counted};

/// A backup that was written.
pub(super) struct BackupReport<'a> {
    pub(super) archive: &'a Path,
    pub(super) summary: &'a BackupSummary,
    /// How many linkbacks are in the database, if there is one.
    pub(super) linkbacks: Option<usize>,
}

impl Report for BackupReport<'_> {
    fn json(&self) -> Option<Value> {
        let Self { archive, summary, linkbacks } = self;
        let left_out = summary.left_out.iter().map(|one| json!({ "path": one.path, "reason": one.reason }));
        Some(json!({
            "archive": archive.display().to_string(),
            "files": summary.files,
            "bytes": summary.bytes,
            "linkbacks": linkbacks,
            "left_out": left_out.collect::<Vec<_>>(),
        }))
    }

    fn text(&self, terminal: Terminal) {
        let Self { archive, summary, linkbacks } = self;
        let files = counted(summary.files, "file", "files");
        let database = database_text(*linkbacks);
        terminal.info(&format!("{}: {files}{database}, {} bytes", archive.display(), summary.bytes));
        for one in &summary.left_out {
            terminal.warning(&format!("`{}` is not in the backup: {}", one.path, one.reason));
        }
    }
}

/// A site that was restored.
pub(super) struct RestoreReport<'a> {
    pub(super) folder: &'a Path,
    pub(super) summary: &'a RestoreSummary,
}

impl Report for RestoreReport<'_> {
    fn json(&self) -> Option<Value> {
        let Self { folder, summary } = self;
        Some(json!({
            "folder": folder.display().to_string(),
            "files": summary.files,
            "made": summary.made,
            "base_url": summary.base_url,
            "linkbacks": summary.linkbacks,
            "database": summary.database.as_ref().map(|file| file.display().to_string()),
        }))
    }

    fn text(&self, terminal: Terminal) {
        let Self { folder, summary } = self;
        let RestoreSummary { files, made, base_url, linkbacks, .. } = summary;
        let files = counted(*files, "file", "files");
        let database = database_text(*linkbacks);
        terminal.info(&format!("{}: {files}{database}, {base_url} as it was at {made}", folder.display()));
        terminal.note("the pages are not in a backup: `backmatter build` makes them");
    }
}

fn database_text(linkbacks: Option<usize>) -> String {
    linkbacks.map_or_else(String::new, |count| {
        format!(" and a database of {}", counted(count, "linkback", "linkbacks"))
    })
}
