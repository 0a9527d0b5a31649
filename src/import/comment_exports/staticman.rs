//! Staticman: a file of YAML or JSON for each comment, in a folder for each post (`_data/comments/the-post/1.yml`).

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::DateTime;
use chrono_tz::Tz;
use serde_json::Value;

use super::{CommentThread, html_of_markdown, moment_of_seconds};
use crate::date::Date;
use crate::error::{Error, Result};
use crate::import::account::Account;
use crate::import::model::{ImportedResponse, ResponseState};
use crate::spanned;

/// Where the folder of the comments is below that of a site.
const FOLDERS: [&str; 4] = ["_data/comments", "data/comments", "_data/staticman", "data/staticman"];
/// The largest file that is read.
const MAX_FILE: u64 = 1 << 20;
/// How many files are looked at to tell what they are.
const LOOKED_AT: usize = 20;
/// Keys of the fields, which each site names for itself. The first that is there counts.
const MESSAGE: [&str; 6] = ["message", "comment", "body", "content", "text", "comments"];
const NAME: [&str; 3] = ["name", "author", "username"];
const WEBSITE: [&str; 4] = ["url", "website", "site", "link"];
const MOMENT: [&str; 5] = ["date", "timestamp", "created", "created_at", "published"];
const ID: [&str; 3] = ["_id", "id", "uid"];
const PARENT: [&str; 16] = [
    "replying_to_uid",
    "replying_to_id",
    "replying_to",
    "replyingto",
    "reply_to",
    "replyto",
    "reply_id",
    "replyid",
    "in_reply_to",
    "parent_id",
    "parentid",
    "parent",
    "replythread",
    "reply_thread",
    "thread_id",
    "_parent",
];
const PAGE: [&str; 5] = ["slug", "path", "page", "post_id", "permalink"];

/// Whether a folder is one of comments, or of a site that has some.
pub(in crate::import) fn is_in(folder: &Path) -> bool {
    let Some(root) = root_of(folder) else { return false };
    files(&root).into_iter().take(LOOKED_AT).any(|file| {
        let text = fs::read_to_string(file).unwrap_or_default();
        let entries = entries(&text).unwrap_or_default();
        entries.iter().any(|entry| field(entry, &MESSAGE).is_some() && field(entry, &NAME).is_some())
    })
}

fn root_of(folder: &Path) -> Option<PathBuf> {
    let below = FOLDERS.iter().map(|below| folder.join(below)).find(|below| below.is_dir());
    below.or_else(|| folder.is_dir().then(|| folder.to_owned()))
}

fn files(root: &Path) -> Vec<PathBuf> {
    // Links are not followed: they may lead out of the folder.
    let walk = walkdir::WalkDir::new(root)
        .sort_by_file_name()
        .max_depth(8)
        .into_iter()
        .filter_map(std::result::Result::ok);
    walk.filter(|entry| entry.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .filter(|path| {
            let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
            ["yml", "yaml", "json"].iter().any(|known| extension.eq_ignore_ascii_case(known))
        })
        .collect()
}

/// The threads of folders.
pub(in crate::import) fn threads(
    sources: &[PathBuf],
    zone: Tz,
    account: &mut Account,
) -> Result<Vec<CommentThread>> {
    let mut threads: BTreeMap<String, CommentThread> = BTreeMap::new();
    for source in sources {
        let Some(root) = root_of(source) else {
            let reason = "name the folder of the comments, such as `_data/comments`".to_owned();
            return Err(Error::Argument { given: source.display().to_string(), reason });
        };
        for file in files(&root) {
            let below = file.strip_prefix(&root).unwrap_or(&file).with_extension("");
            let below = below.to_string_lossy().replace('\\', "/");
            let size = fs::metadata(&file).map_err(Error::io("read", &file))?.len();
            let text =
                if size > MAX_FILE { String::new() } else { fs::read_to_string(&file).unwrap_or_default() };
            match entries(&text) {
                Some(found) => add(&below, found, zone, &mut threads),
                None => account.leave_out(format!("file {below}"), "it is not YAML or JSON with a comment"),
            }
        }
    }
    let mut threads: Vec<CommentThread> = threads.into_values().collect();
    for thread in &mut threads {
        number_parents(&mut thread.comments);
    }
    Ok(threads)
}

/// Adds the comments of a file to their threads. One comment stands in the folder of its post, several in a file that
/// is named like it.
fn add(below: &str, found: Vec<Value>, zone: Tz, threads: &mut BTreeMap<String, CommentThread>) {
    let is_list = found.len() > 1;
    let (folder, stem) = below.rsplit_once('/').unwrap_or(("", below));
    for (at, entry) in found.iter().enumerate() {
        let of_file = if is_list { below } else { folder };
        let page = field(entry, &PAGE).filter(|_| of_file.is_empty());
        let place = page.unwrap_or_else(|| of_file.to_owned());
        let thread = threads.entry(place.clone()).or_insert_with(|| CommentThread {
            name: format!("comments on “{place}”"),
            // A list may have any name in the folder of its post.
            places: [place.as_str(), folder]
                .into_iter()
                .filter(|place| !place.is_empty())
                .flat_map(|place| [place.to_owned(), format!("/{place}/")])
                .collect(),
            comments: Vec::new(),
        });
        let name = if is_list { format!("{stem}-{}", at + 1) } else { stem.to_owned() };
        thread.comments.push(comment(entry, &name, zone));
    }
}

/// The comments in a file: a table, a list of tables, or a table of tables.
fn entries(text: &str) -> Option<Vec<Value>> {
    let text = text.trim_start_matches('\u{feff}').trim();
    let value: Value = match serde_json::from_str(text) {
        Ok(value) => value,
        Err(_) => {
            let text = text.strip_prefix("---").unwrap_or(text).trim_end_matches("---").trim_end();
            match spanned::yaml(text, 0) {
                Ok(table) => spanned::table_to_json(&table),
                // The reader of front matter takes tables alone, and a list below a key is one.
                Err(_) => {
                    spanned::table_to_json(&spanned::yaml(&format!("list:\n{text}"), 0).ok()?)["list"].clone()
                }
            }
        }
    };
    let entries = match value {
        Value::Array(entries) => entries,
        Value::Object(ref table) if field(&value, &MESSAGE).is_none() => table.values().cloned().collect(),
        value => vec![value],
    };
    let has_all = !entries.is_empty() && entries.iter().all(|entry| field(entry, &MESSAGE).is_some());
    has_all.then_some(entries)
}

/// The first of several fields that is there, as text.
fn field(entry: &Value, names: &[&str]) -> Option<String> {
    let table = entry.as_object()?;
    names.iter().find_map(|name| {
        let (_, value) = table.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        Some(text).filter(|text| !text.trim().is_empty())
    })
}

fn comment(entry: &Value, name: &str, zone: Tz) -> ImportedResponse {
    let id = field(entry, &ID).unwrap_or_else(|| name.to_owned());
    let is =
        |key: &str, wanted: bool| entry[key] == wanted || entry[key] == if wanted { "true" } else { "false" };
    let state = if is("spam", true) || is("deleted", true) {
        ResponseState::Binned
    } else if is("approved", false) || is("published", false) || is("hidden", true) {
        ResponseState::Held
    } else {
        ResponseState::Approved
    };
    ImportedResponse {
        parent: field(entry, &PARENT),
        author: field(entry, &NAME).unwrap_or_default(),
        author_url: field(entry, &WEBSITE).and_then(|written| web_address(&written)).unwrap_or_default(),
        published: field(entry, &MOMENT).and_then(|written| moment(&written, zone)),
        content: html_of_markdown(&field(entry, &MESSAGE).unwrap_or_default()),
        state,
        ..ImportedResponse::comment(&id)
    }
}

/// The address of a site, also if it was written without its scheme.
fn web_address(written: &str) -> Option<String> {
    let written = written.trim();
    if written.contains("://") {
        return Some(written.to_owned());
    }
    let host = written.split('/').next().unwrap_or_default();
    let is_host = host.contains('.')
        && !host.starts_with('.')
        && !host.ends_with('.')
        && host.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | ':'));
    is_host.then(|| format!("http://{written}"))
}

/// `2015-01-03T10:00:00.000Z`, `Sat Jan 03 2015 10:00:00 GMT+0000 (UTC)` as JavaScript has it, or seconds or milliseconds since 1970.
fn moment(written: &str, zone: Tz) -> Option<String> {
    const SECONDS_OF_THIS_AGE: f64 = 1e11;
    if let Ok(number) = written.parse::<f64>() {
        return moment_of_seconds(if number > SECONDS_OF_THIS_AGE { number / 1000.0 } else { number });
    }
    let bare = written.split(" (").next().unwrap_or(written);
    if let Ok(moment) = DateTime::parse_from_str(bare, "%a %b %d %Y %H:%M:%S GMT%z") {
        return Some(moment.to_utc().format("%Y-%m-%dT%H:%M:%SZ").to_string());
    }
    let date = Date::parse(written, zone).ok()?;
    Some(date.time().to_utc().format("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// Some sites number the comments of a post from 1, in the order of their dates, and answers name the number.
fn number_parents(comments: &mut [ImportedResponse]) {
    comments.sort_by(|a, b| (&a.published, &a.id).cmp(&(&b.published, &b.id)));
    let ids: Vec<String> = comments.iter().map(|comment| comment.id.clone()).collect();
    for comment in comments.iter_mut() {
        let Some(parent) = comment.parent.take() else { continue };
        let last = parent.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let numbered = parent.parse::<usize>().ok().and_then(|number| ids.get(number.checked_sub(1)?));
        // It may be in another file of the same post; one that is nowhere is dropped with the others.
        comment.parent =
            numbered.filter(|_| !ids.iter().any(|id| id == last)).cloned().or(Some(last.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_read_in_all_their_shapes() {
        for (text, count) in [
            ("name: Ina\nmessage: x", Some(1)),
            ("---\nname: Ina\nmessage: >-\n  x\n  y\n---\n", Some(1)),
            ("- name: Ina\n  message: x\n- name: Bo\n  message: y", Some(2)),
            ("entry1:\n  message: x\nentry2:\n  message: y", Some(2)),
            ("[{\"message\": \"x\"}]", Some(1)),
            ("{\"comment\": \"x\", \"name\": \"Ina\"}", Some(1)),
            ("{\"title\": \"x\"}", None),
            ("", None),
            ("a: [", None),
        ] {
            assert_eq!(entries(text).map(|entries| entries.len()), count, "{text}");
        }
    }

    #[test]
    fn addresses_of_sites_may_lack_their_scheme() {
        for (written, expected) in [
            ("https://ida.example", Some("https://ida.example")),
            ("ida.example/about", Some("http://ida.example/about")),
            ("none", None),
            ("ida@quay.example", None),
            ("n. a.", None),
        ] {
            assert_eq!(web_address(written).as_deref(), expected, "{written}");
        }
    }

    #[test]
    fn moments_are_read_in_all_their_shapes() {
        for (written, expected) in [
            ("2015-01-03T10:00:00.123Z", Some("2015-01-03T10:00:00Z")),
            ("2015-01-03 10:00:00 +0100", Some("2015-01-03T09:00:00Z")),
            ("Sat Jan 03 2015 11:00:00 GMT+0100 (Mitteleuropäische Zeit)", Some("2015-01-03T10:00:00Z")),
            ("1420279200", Some("2015-01-03T10:00:00Z")),
            ("1420279200123", Some("2015-01-03T10:00:00Z")),
            ("soon", None),
            ("1e300", None),
            ("NaN", None),
        ] {
            assert_eq!(moment(written, Tz::UTC).as_deref(), expected, "{written}");
        }
    }
}
