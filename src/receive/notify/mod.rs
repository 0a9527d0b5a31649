//! Tells others what happened: a command of the site's author, an address, and a daily list.
//!
//! Whatever fails here has failed after the decision was made and written; it is reported, and nothing is taken back.

mod command;
pub mod worker;

use std::fmt;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use url::Url;

use crate::config::Config;
use crate::date::Date;
use crate::error::{Error, Result};
use crate::hash::hex;
use crate::http::client::{Client, Request};
use crate::linkback::LinkbackKind;
use crate::linkback::inbox::signals;
use crate::linkback::inbox::state::{InboxItem, InboxState};
use crate::linkback::protocol::jf2::{self, Jf2Entry};
use crate::receive::moderation::apply::linkback_of;
use crate::receive::moderation::web::VARIABLE;
use crate::receive::queue::store::{ItemFilter, LinkbackStore};
use crate::sys::atomic_file;

/// Something that others may want to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notification {
    /// Linkbacks wait for a decision.
    Held(Vec<InboxItem>),
    /// The pages of these posts changed.
    Changed {
        /// Their files and addresses.
        posts: Vec<(String, String)>,
        /// The linkbacks that came or went.
        items: Vec<InboxItem>,
    },
}

/// Somebody who could not be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotifyFailure {
    /// The command or the address.
    pub whom: String,
    /// What went wrong.
    pub reason: String,
}

impl fmt::Display for NotifyFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.whom, self.reason)
    }
}

/// Tells whom the settings name.
pub fn tell(news: &Notification, config: &Config, root: &Path) -> Vec<NotifyFailure> {
    let moderation = &config.linkbacks.moderation;
    let message = message(news, config).to_string();
    let mut untold = Vec::new();
    if let (Notification::Changed { posts, .. }, [program, arguments @ ..]) =
        (news, moderation.on_change.as_slice())
    {
        let files: Vec<&str> = posts.iter().map(|(file, _)| file.as_str()).collect();
        let mut command = Command::new(program);
        // Whatever it starts has no business at the moderation page.
        command
            .args(arguments)
            .current_dir(root)
            .env_remove(VARIABLE)
            .env("BACKMATTER_POSTS", files.join("\n"));
        if let Err(reason) = command::run(command, message.clone(), moderation.on_change_limit) {
            untold.push(NotifyFailure { whom: moderation.on_change.join(" "), reason });
        }
    }
    if let Some(address) = &moderation.webhook
        && let Err(reason) = send(address, message, (config, root))
    {
        untold.push(NotifyFailure { whom: origin_of(address), reason });
    }
    untold
}

/// The address as it may be shown: the path of a webhook is often its password.
fn origin_of(address: &str) -> String {
    Url::parse(address).map_or_else(|_| "webhook".to_owned(), |url| url.origin().ascii_serialization())
}

/// What is told: an object with `event`, `site`, `posts` and `linkbacks`, these as JF2.
fn message(news: &Notification, config: &Config) -> Value {
    let entries = |items: &[InboxItem]| {
        let entries = items.iter().filter_map(|item| entry_of(item, config));
        entries.map(|entry| jf2::entry(&entry)).collect::<Vec<_>>()
    };
    match news {
        Notification::Held(items) => {
            json!({ "event": "held", "site": config.base_url, "posts": [], "linkbacks": entries(items) })
        }
        Notification::Changed { posts, items } => json!({
            "event": "changed",
            "site": config.base_url,
            "posts": posts.iter().map(|(file, url)| json!({ "file": file, "url": url })).collect::<Vec<_>>(),
            "linkbacks": entries(items),
        }),
    }
}

/// A linkback as it is handed to others. One that is not approved is one that was deleted, unless it waits.
pub fn entry_of(item: &InboxItem, config: &Config) -> Option<Jf2Entry> {
    Some(Jf2Entry {
        id: u64::try_from(item.id).ok()?,
        source: item.source.clone(),
        target: item.target.clone(),
        protocol: linkback_of(item, config).map_or(LinkbackKind::Webmention, |linkback| linkback.kind),
        words: item.words.clone()?,
        received: Some(Date::of_moment(item.received, config.timezone)),
        is_deleted: !item.state.is_live(),
    })
}

fn send(address: &str, message: String, (config, root): (&Config, &Path)) -> std::result::Result<(), String> {
    let client = Client::new(&config.network, &config.base_url);
    let secret = secret(config, root).map_err(|error| error.to_string())?;
    let signature = secret.map(|secret| signature(secret.as_bytes(), message.as_bytes()));
    let request =
        Request::post(address, "application/json", message.into_bytes()).purpose("telling of linkbacks");
    let request = match &signature {
        Some(signature) => request.header(SIGNATURE, signature),
        None => request,
    };
    let response = client.fetch(&request).map_err(|error| error.without_address())?;
    if response.is_success() { Ok(()) } else { Err(format!("it answered with status {}", response.status)) }
}

/// What tells the receiver of a message that it is ours; the name and form are those of GitHub and of WebSub.
const SIGNATURE: &str = "x-hub-signature-256";

/// The signature of a message: its HMAC (RFC 2104) with SHA-256, in hexadecimal.
fn signature(secret: &[u8], message: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("a key may have any length");
    mac.update(message);
    format!("sha256={}", hex(&mac.finalize().into_bytes()))
}

/// The secret that messages are signed with, if there is one. The error says what is wrong with its file.
pub fn secret(config: &Config, root: &Path) -> Result<Option<String>> {
    let Some(file) = &config.linkbacks.moderation.webhook_secret_file else { return Ok(None) };
    let path = root.join(file);
    let text = fs::read_to_string(&path).map_err(Error::io("read", &path))?;
    match text.trim() {
        // Anybody could sign with it.
        "" => Err(Error::Argument {
            given: path.display().to_string(),
            reason: "there is no secret in it; `openssl rand -hex 32` makes a good one".to_owned(),
        }),
        secret => Ok(Some(secret.to_owned())),
    }
}

/// Writes the list of what was found on a day, anew each time it changes. Nothing is written if nothing is asked for.
pub fn write_digest(store: &LinkbackStore, config: &Config, root: &Path, now: DateTime<Utc>) -> Result<()> {
    let Some(folder) = &config.linkbacks.moderation.digest else { return Ok(()) };
    let day = Date::of_moment(now, config.timezone).day();
    // A day is at most 25 hours long, and began less than that ago.
    let found_since = Some(now - TimeDelta::hours(26));
    let items = store.list(&ItemFilter { found_since, ..ItemFilter::default() })?;
    let of_day = |item: &InboxItem| {
        item.found.is_some_and(|found| Date::of_moment(found, config.timezone).day() == day)
    };
    let items: Vec<InboxItem> = items.into_iter().filter(of_day).collect();
    if items.is_empty() {
        return Ok(());
    }
    let folder = root.join(folder);
    fs::create_dir_all(&folder).map_err(Error::io("make", &folder))?;
    atomic_file::replace_durably(&folder.join(format!("{day}.md")), digest(day, items).as_bytes())
}

/// The list of a day, as Markdown: what waits first, likely answers before unlikely ones.
fn digest(day: NaiveDate, mut items: Vec<InboxItem>) -> String {
    items.sort_by_key(|item| {
        let confidence = signals::confidence(&item.reasons);
        (!item.is_waiting(), std::cmp::Reverse(confidence), item.id)
    });
    let waiting = items.iter().filter(|item| item.is_waiting()).count();
    let mut text = format!("# Linkbacks of {day}\n\n{} found, {waiting} to be decided on.\n", items.len());
    for item in &items {
        let words = item.pending.as_ref().or(item.words.as_ref());
        let title = words.map(|words| words.title.as_str()).filter(|title| !title.is_empty());
        let state = if item.is_waiting() { InboxState::Held } else { item.state };
        let _ =
            write!(text, "\n## {}: {} ({})\n", item.id, plain(title.unwrap_or(&item.source)), state.name());
        if let Some(author) = words.and_then(|words| words.author.as_ref()).filter(|a| !a.name.is_empty()) {
            let _ = write!(text, "\nBy {}\n", plain(&author.name));
        }
        if let Some(words) = words.filter(|words| !words.excerpt.is_empty()) {
            let _ = write!(text, "\n> {}\n", plain(&words.excerpt));
        }
        let _ = write!(text, "\n- from <{}>\n- to <{}>\n", item.source, item.target);
        for reason in &item.reasons {
            let _ = writeln!(text, "- {reason}");
        }
    }
    text
}

/// A stranger's words in Markdown, as words.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_punctuation() && !matches!(c, '.' | ',' | '\'' | '"' | '?' | ':' | ';' | '/') {
            plain.push('\\');
        }
        plain.push(c);
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_signed_as_rfc_4231_says() {
        // Its second test case.
        assert_eq!(
            signature(b"Jefe", b"what do ya want for nothing?"),
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
