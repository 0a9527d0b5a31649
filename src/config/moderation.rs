//! The part of `[linkbacks]` that says which linkbacks are let in, and what happens when something changes.

use std::time::Duration;

use serde::Serialize;

use crate::spanned::Fields;

/// How linkbacks are moderated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ModerationSettings {
    /// Days after which a post takes no more linkbacks; 0 means never.
    pub close_after: usize,
    /// Whose linkbacks are let in without a look, as written: `example.com`, `medium.com/@ann`.
    pub trust: Vec<String>,
    /// Whose are never taken.
    pub block: Vec<String>,
    /// Words that speak against a linkback; none means the list that comes with the program.
    pub words: Option<Vec<String>>,
    /// A command that is run after the site changed: the program, then its arguments.
    pub on_change: Vec<String>,
    /// How long it may take.
    pub on_change_limit: Duration,
    /// The webhook that gets notifications.
    pub webhook: Option<String>,
    /// The file of the secret that notifications are signed with, relative to the site.
    pub webhook_secret_file: Option<String>,
    /// The file that holds the token of the moderation page, relative to the site.
    pub token_file: Option<String>,
    /// The folder for a daily list of what is new, relative to the site.
    pub digest: Option<String>,
}

/// Reads these keys of the section.
pub(super) fn read(fields: &mut Fields<'_>) -> ModerationSettings {
    let webhook = super::linkbacks::absolute(fields, "webhook");
    let mut some = |key| fields.text(key).map(|taken| taken.value).filter(|value| !value.is_empty());
    let (token_file, digest) = (some("token_file"), some("digest"));
    let webhook_secret_file = some("webhook_secret_file");
    let limit = fields.integer("on_change_limit", 1..=86_400).unwrap_or(600);
    let words = fields.has("words").then(|| texts(fields, "words"));
    ModerationSettings {
        close_after: fields.integer("close_after", 0..=36_500).unwrap_or(0),
        trust: addresses(fields, "trust"),
        block: addresses(fields, "block"),
        words,
        on_change: texts(fields, "on_change"),
        on_change_limit: Duration::from_secs(u64::try_from(limit).unwrap_or(u64::MAX)),
        webhook,
        webhook_secret_file,
        token_file,
        digest,
    }
}

fn texts(fields: &mut Fields<'_>, key: &'static str) -> Vec<String> {
    fields.texts(key).into_iter().map(|taken| taken.value).collect()
}

/// Whether a text names a site, a page or an author: a host with a dot, a port or the part of a path, or an address.
pub(crate) fn names_site(text: &str) -> bool {
    text.split(" via ").all(|part| {
        let part = part.trim();
        let url = if part.contains("://") { part.to_owned() } else { format!("https://{part}") };
        let url = url::Url::parse(&url).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        url.is_some_and(|url| {
            url.host_str().is_some_and(|host| host.contains(['.', ':']) || host == "localhost")
                && url.username().is_empty()
                && url.password().is_none()
        })
    })
}

/// Hosts, or hosts with the part of a path, as [`TrustKey`](crate::linkback::inbox::trust::TrustKey) reads them.
fn addresses(fields: &mut Fields<'_>, key: &'static str) -> Vec<String> {
    let mut addresses = Vec::new();
    for taken in fields.texts(key) {
        let value = taken.value.trim().to_owned();
        if names_site(&value) {
            addresses.push(value);
        } else {
            let hint = "write it as `example.com` or `medium.com/@ann`".to_owned();
            fields.report(taken.span, format!("`{value}` in `linkbacks.{key}` is not a site"), Some(hint));
        }
    }
    addresses
}
