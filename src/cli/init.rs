//! `backmatter init`: a working site in one step.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::Path;

use chrono::{DateTime, Days, Utc};

use crate::error::{Error, Result};

/// Makes the site and returns the paths of its files. `now` dates the sample posts.
pub(super) fn run(folder: &Path, now: DateTime<Utc>) -> Result<Vec<String>> {
    let files = files(now);
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
/// stand for dates.
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

fn files(now: DateTime<Utc>) -> Vec<(String, String)> {
    let before = |days| now.checked_sub_days(Days::new(days)).unwrap_or(now).date_naive();
    let (today, yesterday, last_week) = (before(0), before(1), before(7));
    let year = yesterday.format("%Y").to_string();
    let dated = |text: &str| {
        text.replace("{{today}}", &today.to_string())
            .replace("{{yesterday}}", &yesterday.to_string())
            .replace("{{last_week}}", &last_week.to_string())
    };
    SAMPLES.iter().map(|(path, text)| (path.replace("YEAR", &year), dated(text))).collect()
}
