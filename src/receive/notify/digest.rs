//! The daily list: the linkbacks that were found on a day, as Markdown.

use std::cmp::Reverse;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::config::Config;
use crate::date::Date;
use crate::error::{Error, Result};
use crate::linkback::inbox::signals;
use crate::linkback::inbox::state::{InboxItem, InboxState};
use crate::receive::queue::store::{ItemFilter, LinkbackStore};
use crate::sys::atomic_file;

/// Writes the list of the day that holds `now`, if the settings name a folder and the day has linkbacks.
pub(crate) fn write(store: &LinkbackStore, config: &Config, root: &Path, now: DateTime<Utc>) -> Result<()> {
    let Some(folder) = &config.linkbacks.moderation.digest else { return Ok(()) };
    let day = Date::of_moment(now, config.timezone).day();
    // A day is at most 25 hours long, and began less than that ago.
    let found_since = Some(now - TimeDelta::hours(26));
    let mut items = store.list(&ItemFilter { found_since, ..ItemFilter::default() })?;
    items.retain(|item| item.found.is_some_and(|at| Date::of_moment(at, config.timezone).day() == day));
    if items.is_empty() {
        return Ok(());
    }
    let folder = root.join(folder);
    fs::create_dir_all(&folder).map_err(Error::io("make", &folder))?;
    atomic_file::replace_durably(&folder.join(format!("{day}.md")), markdown(day, items).as_bytes())
}

/// The list: linkbacks that wait first, likely answers before unlikely ones.
fn markdown(day: NaiveDate, mut items: Vec<InboxItem>) -> String {
    items.sort_by_key(|item| (!item.is_waiting(), Reverse(signals::confidence(&item.reasons)), item.id));
    let waiting = items.iter().filter(|item| item.is_waiting()).count();
    let mut text = format!("# Linkbacks of {day}\n\n{} found, {waiting} to be decided on.\n", items.len());
    for item in &items {
        push_item(&mut text, item);
    }
    text
}

fn push_item(text: &mut String, item: &InboxItem) {
    let words = item.pending.as_ref().or(item.words.as_ref());
    let title = words.map(|words| words.title.as_str()).filter(|title| !title.is_empty());
    let state = if item.is_waiting() { InboxState::Held } else { item.state };
    let title = escaped(title.unwrap_or(&item.source));
    let _ = write!(text, "\n## {}: {title} ({})\n", item.id, state.name());
    if let Some(author) = words.and_then(|words| words.author.as_ref()).filter(|a| !a.name.is_empty()) {
        let _ = write!(text, "\nBy {}\n", escaped(&author.name));
    }
    if let Some(words) = words.filter(|words| !words.excerpt.is_empty()) {
        let _ = write!(text, "\n> {}\n", escaped(&words.excerpt));
    }
    let _ = write!(text, "\n- from <{}>\n- to <{}>\n", item.source, item.target);
    for signal in &item.reasons {
        let _ = writeln!(text, "- {signal}");
    }
}

/// Text from another site as Markdown that shows it and does nothing else.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_punctuation() && !matches!(c, '.' | ',' | '\'' | '"' | '?' | ':' | ';' | '/') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}
