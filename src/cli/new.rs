//! `backmatter new`: a file for a new post.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use clap::Args;
use serde_json::{Value, json};

use crate::cli::common::{CommonArgs, Ending, site_source};
use crate::cli::output::{Output, Report, Terminal};
use crate::config::{Config, language_tag};
use crate::date::Date;
use crate::date::reader::DateReader;
use crate::engine::workspace::{Access, Workspace};
use crate::error::{Error, Result};
use crate::path::SourcePath;
use crate::post::CONTENT;
use crate::post::slug::file_stem;
use crate::preview::editor::EditorCommand;
use crate::sys::clock::Clock;

/// The arguments of `new`.
#[derive(Debug, Args)]
pub(super) struct NewArgs {
    /// The post's title; its file name is made of it
    title: String,
    /// Mark it as not ready
    #[arg(long)]
    draft: bool,
    /// A tag; may be given several times
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<String>,
    /// A category; may be given several times
    #[arg(long = "category", value_name = "CATEGORY")]
    categories: Vec<String>,
    /// The folder in `content/` [default: the year]
    #[arg(long, value_name = "FOLDER")]
    folder: Option<String>,
    /// Its date: 2016-12-15, or 2016-12-15T22:32 [default: now]
    #[arg(long, value_name = "DATE")]
    date: Option<String>,
    /// Its language, if it is not that of the site: de, pt-BR
    #[arg(long = "lang", visible_alias = "language", value_name = "TAG")]
    language: Option<String>,
    /// Open it in the editor of VISUAL or EDITOR
    #[arg(long)]
    edit: bool,
}

/// Makes a new post and prints its path.
pub(super) fn run(arguments: &NewArgs, common: &CommonArgs, output: Output) -> Result<Ending> {
    let site = Workspace::open(&site_source(common)?, Clock::system().now(), Access::Read)?;
    // Nothing is made that cannot be opened.
    let editor = if arguments.edit { Some(editor()?) } else { None };
    let path = make_post(&site.source().root, site.config(), arguments, site.now())?;
    let post = NewPost { path };
    output.emit(&post);
    if let Some(editor) = editor {
        edit(&editor, &post.path)?;
    }
    Ok(Ending::Done)
}

/// The author's editor.
fn editor() -> Result<EditorCommand> {
    let commands = ["VISUAL", "EDITOR"].into_iter().filter_map(|name| std::env::var(name).ok());
    commands.filter_map(|command| EditorCommand::parse(&command)).next().ok_or_else(|| Error::Argument {
        given: "--edit".to_owned(),
        reason: "neither VISUAL nor EDITOR names an editor; set one, as in `EDITOR=nano`".to_owned(),
    })
}

/// Opens a new post where its text begins, and waits until the editor ends.
fn edit(editor: &EditorCommand, path: &Path) -> Result<()> {
    let lines = fs::read_to_string(path).map_or(1, |text| text.lines().count() + 1);
    let reason = match editor.run(path, lines) {
        Ok(status) if status.success() => return Ok(()),
        Ok(status) => format!("the editor ended with {status}"),
        Err(error) => format!("the editor cannot be run: {error}"),
    };
    Err(Error::Argument { given: "--edit".to_owned(), reason })
}

struct NewPost {
    path: PathBuf,
}

impl NewPost {
    /// The path from the current folder, if the post is below it.
    fn shown_path(&self) -> String {
        let here = std::env::current_dir().unwrap_or_default();
        self.path.strip_prefix(here).unwrap_or(&self.path).display().to_string()
    }
}

impl Report for NewPost {
    fn json(&self) -> Option<Value> {
        Some(json!({ "path": self.shown_path() }))
    }

    fn text(&self, terminal: Terminal) {
        terminal.result(&self.shown_path());
    }
}

/// Makes the file and returns its path.
fn make_post(root: &Path, config: &Config, new: &NewArgs, now: DateTime<Utc>) -> Result<PathBuf> {
    let language = language(new)?;
    let date = match &new.date {
        Some(date) => {
            let reader = DateReader::of(language.as_deref().unwrap_or(&config.language));
            Date::read(date, config.timezone, &reader)
                .map_err(|fault| Error::Argument { given: format!("--date {date}"), reason: fault.message })?
                .date
        }
        None => Date::of_moment(now, config.timezone),
    };
    let stem = file_stem(&new.title);
    let folder = match &new.folder {
        Some(given) => match SourcePath::new(given.trim_start_matches("content/")) {
            Some(folder) => folder.to_string(),
            None => {
                let reason = "a folder in `content/` is named, such as `2026` or `pages/projects`".to_owned();
                return Err(Error::Argument { given: format!("--folder {given}"), reason });
            }
        },
        None => date.day().format("%Y").to_string(),
    };
    let path = root.join(CONTENT).join(folder).join(format!("{stem}.md"));
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
    let text = text(new, &date, language.as_deref());
    file.write_all(text.as_bytes()).map_err(Error::io("write", &path))?;
    Ok(path)
}

/// The language that was asked for.
fn language(new: &NewArgs) -> Result<Option<String>> {
    let Some(given) = &new.language else { return Ok(None) };
    language_tag(given).map(Some).ok_or_else(|| Error::Argument {
        given: format!("--lang {given}"),
        reason: "a language is written as `en`, `de` or `pt-BR`".to_owned(),
    })
}

fn text(new: &NewArgs, date: &Date, language: Option<&str>) -> String {
    // A JSON string is a basic string of TOML (1.1, section String).
    let title = serde_json::Value::from(new.title.as_str());
    let draft = if new.draft { "draft = true\n" } else { "" };
    let categories = match new.categories.as_slice() {
        [] => String::new(),
        categories => format!("categories = {}\n", list(categories)),
    };
    let language = language.map_or_else(String::new, |tag| format!("lang = \"{tag}\"\n"));
    let (date, tags) = (date.to_text(), list(&new.tags));
    format!("+++\ntitle = {title}\ndate = {date}\n{language}tags = {tags}\n{categories}{draft}+++\n\n")
}

/// An array of strings in TOML.
fn list(names: &[String]) -> String {
    let names: Vec<String> =
        names.iter().map(|name| serde_json::Value::from(name.as_str()).to_string()).collect();
    format!("[{}]", names.join(", "))
}
