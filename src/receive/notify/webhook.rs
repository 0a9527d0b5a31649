//! The webhook: a message as JSON, signed with a secret if there is one.

use std::fs;
use std::path::Path;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use url::Url;

use crate::config::Config;
use crate::error::{Error, Result};
use crate::hash::hex;
use crate::http::client::{Client, Request};
use crate::linkback::inbox::state::InboxItem;
use crate::linkback::protocol::jf2;
use crate::receive::notify::{Notification, NotifyFailure};
use crate::receive::sync::export::entry_of;

/// The header of the signature; its name and form are those of GitHub and of WebSub.
const SIGNATURE: &str = "x-hub-signature-256";

/// The message of a notification: an object with `event`, `site`, `posts` and `linkbacks`, these as JF2.
pub(super) fn message(notification: &Notification, config: &Config) -> Value {
    let (event, posts, items) = match notification {
        Notification::Held(items) => ("held", &[][..], items),
        Notification::Changed { posts, items } => ("changed", posts.as_slice(), items),
    };
    let posts: Vec<Value> = posts.iter().map(|post| json!({ "file": post.file, "url": post.url })).collect();
    json!({ "event": event, "site": config.base_url, "posts": posts, "linkbacks": entries(items, config) })
}

fn entries(items: &[InboxItem], config: &Config) -> Vec<Value> {
    let entries = items.iter().filter_map(|item| entry_of(item, config));
    entries.map(|entry| jf2::entry(&entry)).collect()
}

/// Sends a message to the webhook of the settings, if they have one.
pub(super) fn call(message: String, config: &Config, root: &Path) -> std::result::Result<(), NotifyFailure> {
    let Some(address) = &config.linkbacks.moderation.webhook else { return Ok(()) };
    post(address, message, config, root)
        .map_err(|reason| NotifyFailure { recipient: origin_of(address), reason })
}

/// The address as it may be shown: the path of a webhook is often its password.
fn origin_of(address: &str) -> String {
    Url::parse(address).map_or_else(|_| "webhook".to_owned(), |url| url.origin().ascii_serialization())
}

fn post(address: &str, message: String, config: &Config, root: &Path) -> std::result::Result<(), String> {
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

/// The signature of a message: its HMAC (RFC 2104) with SHA-256, in hexadecimal.
fn signature(secret: &[u8], message: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("a key may have any length");
    mac.update(message);
    format!("sha256={}", hex(&mac.finalize().into_bytes()))
}

/// The secret that messages are signed with, if there is one. The error says what is wrong with its file.
pub(crate) fn secret(config: &Config, root: &Path) -> Result<Option<String>> {
    let Some(file) = &config.linkbacks.moderation.webhook_secret_file else { return Ok(None) };
    let path = root.join(file);
    let text = fs::read_to_string(&path).map_err(Error::io("read", &path))?;
    match text.trim() {
        // Anybody could sign with an empty secret.
        "" => Err(Error::Argument {
            given: path.display().to_string(),
            reason: "there is no secret in it; `openssl rand -hex 32` makes a good one".to_owned(),
        }),
        secret => Ok(Some(secret.to_owned())),
    }
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
