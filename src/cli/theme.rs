//! `backmatter theme`: the files of the built-in theme, for those who have the program without its sources.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use crate::cli::common::{CommonArgs, Ending, site_source};
use crate::cli::output::{Output, Report, Terminal};
use crate::engine::workspace::{Access, Workspace};
use crate::error::{Error, Result};
use crate::nearest_name::did_you_mean;
use crate::sys::clock::Clock;
use crate::theme::built_in::FILES;

/// The arguments of `theme`.
#[derive(Debug, Args)]
pub(super) struct ThemeArgs {
    /// Files to print, such as templates/post.html or i18n/en.toml; without one all are listed
    #[arg(value_name = "FILE")]
    files: Vec<String>,
    /// Copy the files into the site's folder of its theme, to be changed there
    #[arg(long, requires = "files")]
    copy: bool,
}

/// A file of the built-in theme.
#[derive(Debug, Clone, Copy)]
struct ThemeFile {
    /// Its path in the folder of a theme.
    path: &'static str,
    bytes: &'static [u8],
}

impl ThemeFile {
    /// The file of a path. A template is found by its name as well, as other templates write it: `partials/card.html`.
    fn find(given: &str) -> Result<Self> {
        let names = [given.to_owned(), format!("templates/{given}")];
        let found = FILES.iter().find(|(path, _)| names.iter().any(|name| name == path));
        found.map(|&(path, bytes)| Self { path, bytes }).ok_or_else(|| {
            let paths = FILES.iter().map(|(path, _)| *path);
            let templates = paths.clone().filter_map(|path| path.strip_prefix("templates/"));
            let hint = did_you_mean(given, paths.chain(templates));
            let hint = hint.unwrap_or_else(|| "`backmatter theme` lists all files".to_owned());
            Error::Argument {
                given: given.to_owned(),
                reason: format!("the built-in theme has no such file; {hint}"),
            }
        })
    }
}

/// Lists the files of the built-in theme, or prints or copies some of them.
pub(super) fn run(arguments: &ThemeArgs, common: &CommonArgs, output: Output) -> Result<Ending> {
    let files = arguments.files.iter().map(|given| ThemeFile::find(given)).collect::<Result<Vec<_>>>()?;
    if arguments.copy {
        let copies = copy(&files, common)?;
        output.emit(&CopiedFiles { copies });
    } else if files.is_empty() {
        output.emit(&FileNames);
    } else {
        output.emit(&PrintedFiles { files });
    }
    Ok(Ending::Done)
}

/// Copies files into the folder of the site's theme, and returns where they are. Nothing is copied if one is there already.
fn copy(files: &[ThemeFile], common: &CommonArgs) -> Result<Vec<PathBuf>> {
    let site = Workspace::open(&site_source(common)?, Clock::system().now(), Access::Read)?;
    let folder = site.source().root.join("themes").join(&site.config().theme);
    let copies: Vec<PathBuf> = files.iter().map(|file| folder.join(file.path)).collect();
    if let Some(path) = copies.iter().find(|path| path.exists()) {
        return Err(Error::Exists { path: path.clone(), what: "`theme --copy`" });
    }
    for (file, path) in files.iter().zip(&copies) {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(Error::io("make", folder))?;
        }
        let written = fs::File::create_new(path).and_then(|mut copy| copy.write_all(file.bytes));
        written.map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => Error::Exists { path: path.clone(), what: "`theme --copy`" },
            _ => Error::io("write", path)(error),
        })?;
    }
    Ok(copies)
}

struct FileNames;

impl Report for FileNames {
    fn json(&self) -> Option<Value> {
        Some(FILES.iter().map(|(path, _)| Value::from(*path)).collect())
    }

    fn text(&self, terminal: Terminal) {
        terminal.result(&FILES.iter().map(|(path, _)| *path).collect::<Vec<_>>().join("\n"));
    }
}

struct PrintedFiles {
    files: Vec<ThemeFile>,
}

impl Report for PrintedFiles {
    fn json(&self) -> Option<Value> {
        let files = self.files.iter();
        Some(
            files
                .map(|file| json!({ "path": file.path, "text": String::from_utf8_lossy(file.bytes) }))
                .collect(),
        )
    }

    fn text(&self, terminal: Terminal) {
        for file in &self.files {
            terminal.result(String::from_utf8_lossy(file.bytes).trim_end_matches('\n'));
        }
    }
}

struct CopiedFiles {
    copies: Vec<PathBuf>,
}

impl CopiedFiles {
    /// The paths from the current folder, of those below it.
    fn shown_paths(&self) -> Vec<String> {
        let here = std::env::current_dir().unwrap_or_default();
        self.copies
            .iter()
            .map(|path| path.strip_prefix(&here).unwrap_or(path).display().to_string())
            .collect()
    }
}

impl Report for CopiedFiles {
    fn json(&self) -> Option<Value> {
        Some(self.shown_paths().iter().map(|path| json!({ "path": path })).collect())
    }

    fn text(&self, terminal: Terminal) {
        terminal.result(&self.shown_paths().join("\n"));
    }
}
