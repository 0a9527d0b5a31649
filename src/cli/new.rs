//! `backmatter new`: a file for a new post.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use crate::config::Config;
use crate::date::Date;
use crate::date::reader::DateReader;
use crate::engine::Request;
use crate::error::{Error, Result};
use crate::hash::Hash;
use crate::post::CONTENT;
use crate::post::slug::{fitting, slugify};

/// What is to be made.
pub(super) struct NewPost {
    pub(super) title: String,
    pub(super) draft: bool,
    pub(super) date: Option<String>,
}

/// Makes the file and returns its path.
pub(super) fn run(request: &Request, config: &Config, new: &NewPost) -> Result<PathBuf> {
    let date = match &new.date {
        Some(date) => {
            Date::read(date, config.timezone, &DateReader::of(&config.language))
                .map_err(|fault| Error::Argument { given: format!("--date {date}"), reason: fault.message })?
                .date
        }
        None => Date::of_moment(request.now, config.timezone),
    };
    let slug = match slugify(&new.title) {
        slug if slug.is_empty() => Hash::of(new.title.as_bytes()).short_hex(),
        // `index.md` would make a bundle of the whole folder.
        slug if slug == "index" => "index-post".to_owned(),
        slug => fitting(slug),
    };
    let path =
        request.root.join(CONTENT).join(date.day().format("%Y").to_string()).join(format!("{slug}.md"));
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(Error::io("make", folder))?;
    }
    let mut file = match fs::File::create_new(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            return Err(Error::Exists { path, what: "`new`" });
        }
        Err(error) => return Err(Error::io("write", &path)(error)),
    };
    let text = text(new, &date);
    file.write_all(text.as_bytes()).map_err(Error::io("write", &path))?;
    Ok(path)
}

fn text(new: &NewPost, date: &Date) -> String {
    // A JSON string is a basic string of TOML (1.1, section String).
    let title = serde_json::Value::from(new.title.as_str());
    let draft = if new.draft { "draft = true\n" } else { "" };
    format!("+++\ntitle = {title}\ndate = {}\ntags = []\n{draft}+++\n\n", date.to_text())
}
