//! `backmatter init`: a working site in one step.

use std::fmt::Write as _;
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Days, Utc};
use clap::Args;
use serde_json::{Value, json};

use crate::cli::common::{CommonArgs, Ending};
use crate::cli::output::{Output, Report, Terminal};
use crate::error::{Error, Result};
use crate::sys::clock::Clock;
use crate::sys::random;

/// The arguments of `init`.
#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// Where; made if it does not exist
    #[arg(default_value = ".", value_name = "DIR")]
    folder: PathBuf,
    /// The look of the site, which the settings can change at any time
    #[arg(long, value_name = "LOOK", visible_alias = "look", default_value = "news")]
    theme: SiteLook,
}

/// The looks that the built-in theme has.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum SiteLook {
    /// Dates and notes in the margin, the author's voice in serifs and reports in sans
    News,
    /// One column, entries on cards
    Notebook,
    /// Text, links and nothing besides
    Plain,
}

/// Makes a new site.
pub(super) fn run(arguments: InitArgs, common: CommonArgs, output: Output) -> Result<Ending> {
    let folder = common.root.unwrap_or(arguments.folder);
    let files = make_site(&folder, arguments.theme, Clock::system().now())?;
    output.emit(&NewSite { folder, files });
    Ok(Ending::Done)
}

struct NewSite {
    folder: PathBuf,
    /// Relative to the folder.
    files: Vec<String>,
}

impl Report for NewSite {
    fn json(&self) -> Option<Value> {
        Some(json!({ "folder": self.folder.display().to_string(), "files": self.files }))
    }

    fn text(&self, terminal: Terminal) {
        let mut text = String::new();
        for file in &self.files {
            let _ = writeln!(text, "  {}", self.folder.join(file).display());
        }
        let is_here = self.folder == Path::new(".");
        let enter = if is_here { String::new() } else { format!("cd {} && ", shell_word(&self.folder)) };
        let _ = write!(
            text,
            "\nA site of {} files. Build it with: {enter}backmatter build\n\
             Before you publish it, set `base_url` in backmatter.toml: the address there is an example.",
            self.files.len()
        );
        terminal.info(&text);
    }
}

/// A path as one word of a shell.
fn shell_word(path: &Path) -> String {
    let path = path.display().to_string();
    match path.chars().all(|c| c.is_alphanumeric() || "/._-+,:@%".contains(c)) && !path.starts_with('-') {
        true => path,
        false if path.starts_with('-') => format!("-- '{}'", path.replace('\'', "'\\''")),
        false => format!("'{}'", path.replace('\'', "'\\''")),
    }
}

/// Makes the site and returns the paths of its files. `now` dates the sample posts.
fn make_site(folder: &Path, look: SiteLook, now: DateTime<Utc>) -> Result<Vec<String>> {
    let files = files(look, now);
    // Looked at first, so that nothing is written if anything is in the way.
    for (path, _) in &files {
        let path = folder.join(path);
        if path.symlink_metadata().is_ok() {
            return Err(Error::Exists { path, what: "`init`" });
        }
    }
    for (path, text) in &files {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(Error::io("make", parent))?;
        }
        let written = fs::File::create_new(&path).and_then(|mut file| file.write_all(text.as_bytes()));
        match written {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                return Err(Error::Exists { path, what: "`init`" });
            }
            Err(error) => return Err(Error::io("write", &path)(error)),
        }
    }
    Ok(files.into_iter().map(|(path, _)| path).collect())
}

macro_rules! sample {
    ($path:literal) => {
        ($path, include_str!(concat!("init/", $path)))
    };
}

/// The files of a new site. `YEAR` in a path and `{{today}}`, `{{yesterday}}`, `{{last_week}}` in a text
/// stand for dates, `{{look}}` for the line of the look, `{{id}}` for a key that no other site has.
const SAMPLES: &[(&str, &str)] = &[
    sample!("backmatter.toml"),
    sample!("content/YEAR/two-reports-caught-my-eye.md"),
    sample!("content/YEAR/two-reports-caught-my-eye.backmatter.toml"),
    sample!("content/YEAR/a-note.md"),
    sample!("content/YEAR/what-a-post-can-hold.md"),
    sample!("content/pages/about.md"),
    sample!("content/pages/reports/harbour-library.md"),
    sample!("content/pages/reports/night-buses.md"),
    ("static/.gitkeep", ""),
    (".gitignore", "/public\n/.backmatter\n/linkbacks.db*\n"),
];

/// Sample posts and pages of a new site that are as they were made, but for their dates.
pub(super) fn untouched(root: &Path) -> Vec<String> {
    let years = fs::read_dir(root.join("content")).into_iter().flatten().flatten();
    let years = years.filter_map(|entry| entry.file_name().into_string().ok());
    let years: Vec<String> = years.filter(|name| name.len() == 4 && name.parse::<u16>().is_ok()).collect();
    let posts = SAMPLES.iter().filter(|(path, _)| path.starts_with("content/YEAR/") && path.ends_with(".md"));
    let mut found = Vec::new();
    for (path, text) in posts {
        for path in years.iter().map(|year| path.replace("YEAR", year)) {
            if fs::read_to_string(root.join(&path)).is_ok_and(|written| is_sample(&written, text)) {
                found.push(path);
            }
        }
    }
    found
}

/// Whether a text is that of a sample with dates in their places.
fn is_sample(written: &str, sample: &str) -> bool {
    const DATE: &str = "2026-11-22";
    let mut rest = written;
    for (at, piece) in sample.split("{{").enumerate() {
        let fixed = match piece.split_once("}}").filter(|_| at > 0) {
            Some((_, fixed)) => {
                let Some(behind) = rest.get(DATE.len()..) else { return false };
                rest = behind;
                fixed
            }
            None => piece,
        };
        let Some(behind) = rest.strip_prefix(fixed) else { return false };
        rest = behind;
    }
    rest.is_empty()
}

fn files(look: SiteLook, now: DateTime<Utc>) -> Vec<(String, String)> {
    let before = |days| now.checked_sub_days(Days::new(days)).unwrap_or(now).date_naive();
    let (today, yesterday, last_week) = (before(0), before(1), before(7));
    let year = yesterday.format("%Y").to_string();
    let id = random::token::<16>();
    let look = match look {
        SiteLook::News => r#"# look = "news"         "#,
        SiteLook::Notebook => r#"look = "notebook"       "#,
        SiteLook::Plain => r#"look = "plain"          "#,
    };
    let dated = SAMPLES.iter().map(|(path, text)| {
        let text = text
            .replace("{{today}}", &today.to_string())
            .replace("{{yesterday}}", &yesterday.to_string())
            .replace("{{last_week}}", &last_week.to_string())
            .replace("{{look}}", look)
            .replace("{{id}}", &id);
        (path.replace("YEAR", &year), text)
    });
    dated.collect()
}
