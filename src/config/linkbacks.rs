//! `[linkbacks]`: where other sites reach this one, and how much of it the receiver takes.

use serde::Serialize;

use crate::config::moderation::{self, ModerationSettings};
use crate::config::network::AllowedHost;
use crate::config::{section, text_or};
use crate::spanned::{Fields, SourceText};

/// The settings of `[linkbacks]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LinkbackSettings {
    /// Where the receiver stands on the web, without a slash at the end.
    pub receiver: Option<String>,
    /// The pingback server that pages announce.
    pub pingback: Option<String>,
    /// The webmention endpoint that pages announce.
    pub webmention: Option<String>,
    /// The address the receiver listens on.
    pub listen: String,
    /// The file of its database, relative to the site.
    pub database: String,
    /// Other names this site is known by, in lower case.
    pub hosts: Vec<String>,
    /// Machines that forward requests to the receiver, with the client in `X-Forwarded-For`.
    pub trusted_proxies: Vec<AllowedHost>,
    /// Submissions that one network address may make in an hour.
    pub hourly: usize,
    /// How many of them at once.
    pub burst: usize,
    /// Submissions that may wait to be looked at.
    pub queue: usize,
    /// Seconds that a submission waits at most before it is looked at; how long is left to chance.
    pub delay: usize,
    /// Seconds that a host is left alone after a page was fetched from it.
    pub host_pause: usize,
    /// Whether readers can write comments into a form of the receiver.
    pub comments: CommentSource,
    /// Hours after which the network address of a sender is forgotten.
    pub sender_hours: usize,
    /// Which are let in, and what follows.
    pub moderation: ModerationSettings,
}

/// Where comments come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum CommentSource {
    /// From nowhere: only what an earlier blog had is shown.
    Nowhere,
    /// From a form of the receiver.
    Form,
}

/// The address the receiver listens on, unless another one is given.
pub(crate) const LISTEN: &str = "127.0.0.1:8787";

impl LinkbackSettings {
    /// Lets pages announce a receiver that stands at another address than the settings say.
    pub fn announce(&mut self, receiver: &str) {
        self.pingback = Some(format!("{receiver}/xmlrpc.php"));
        self.webmention = Some(format!("{receiver}/webmention"));
        self.receiver = Some(receiver.to_owned());
    }

    /// Whether pages lead to an address as one of the receiver, whatever query it has.
    pub fn announces(&self, address: &str) -> bool {
        let address = address.split(['?', '#']).next().unwrap_or(address);
        let is_endpoint =
            [&self.webmention, &self.pingback].into_iter().flatten().any(|known| known == address);
        let is_form = self.comments == CommentSource::Form
            && address.strip_prefix(self.public_address()).is_some_and(|below| below == "/comment");
        is_endpoint || is_form
    }

    /// Where the receiver's own pages stand: the receiver's address, else what the announced webmention endpoint
    /// shows of it; empty if neither is known.
    pub fn public_address(&self) -> &str {
        let shown = self.webmention.as_deref().and_then(|endpoint| endpoint.strip_suffix("/webmention"));
        self.receiver.as_deref().or(shown).unwrap_or_default()
    }
}

/// Reads the section.
pub(super) fn read(source: SourceText<'_>, fields: &mut Fields<'_>) -> LinkbackSettings {
    section(source, fields, "linkbacks", |fields| {
        let receiver = absolute(fields, "receiver").map(|url| url.trim_end_matches('/').to_owned());
        LinkbackSettings {
            listen: text_or(fields, "listen", LISTEN),
            database: text_or(fields, "database", "linkbacks.db"),
            pingback: absolute(fields, "pingback")
                .or(receiver.as_ref().map(|url| format!("{url}/xmlrpc.php"))),
            webmention: absolute(fields, "webmention")
                .or(receiver.as_ref().map(|url| format!("{url}/webmention"))),
            hosts: hosts(fields),
            trusted_proxies: trusted_proxies(fields),
            hourly: fields.integer("hourly", 1..=100_000).unwrap_or(60),
            burst: fields.integer("burst", 1..=10_000).unwrap_or(10),
            queue: fields.integer("queue", 1..=1_000_000).unwrap_or(1000),
            delay: fields.integer("delay", 0..=3600).unwrap_or(10),
            host_pause: fields.integer("host_pause", 0..=3600).unwrap_or(3),
            comments: comments(fields),
            sender_hours: fields.integer("sender_hours", 1..=8760).unwrap_or(6),
            moderation: moderation::read(fields),
            receiver,
        }
    })
}

pub(super) fn absolute(fields: &mut Fields<'_>, key: &'static str) -> Option<String> {
    let taken = fields.text(key)?;
    let is_absolute = taken.value.starts_with("https://") || taken.value.starts_with("http://");
    let is_usable = is_absolute && !taken.value.contains(char::is_whitespace);
    // Pages print endpoints, and would print a password with them.
    if !is_usable
        || !url::Url::parse(&taken.value)
            .is_ok_and(|url| url.username().is_empty() && url.password().is_none())
    {
        let hint = "write it as `https://example.com/endpoint`, without a name or a password".to_owned();
        fields.report(taken.span, format!("`linkbacks.{key}` must be an absolute address"), Some(hint));
        return None;
    }
    Some(as_uri(&taken.value))
}

/// An address as other programs get it: a URI, with its host in ASCII and its path percent-encoded. No slash is added.
pub(super) fn as_uri(written: &str) -> String {
    let Ok(url) = url::Url::parse(written) else { return written.to_owned() };
    let uri = String::from(url);
    match written.ends_with('/') {
        true => uri,
        false => uri.strip_suffix('/').map_or_else(|| uri.clone(), str::to_owned),
    }
}

fn comments(fields: &mut Fields<'_>) -> CommentSource {
    let Some(taken) = fields.text("comments") else { return CommentSource::Nowhere };
    if taken.value != "form" {
        let hint = "write `comments = \"form\"`, or leave it out for no form".to_owned();
        fields.report(taken.span, format!("`{}` is not a source of comments", taken.value), Some(hint));
        return CommentSource::Nowhere;
    }
    CommentSource::Form
}

fn hosts(fields: &mut Fields<'_>) -> Vec<String> {
    let mut hosts = Vec::new();
    for taken in fields.texts("hosts") {
        if taken.value.is_empty() || taken.value.contains(['/', '@', ' ']) {
            let hint = "write it as `www.example.com`".to_owned();
            fields.report(taken.span, format!("`{}` is not a host", taken.value), Some(hint));
        } else {
            let host = taken.value.to_lowercase();
            let uri = as_uri(&format!("https://{host}"));
            hosts.push(uri.trim_start_matches("https://").to_owned());
        }
    }
    hosts
}

/// A proxy usually runs on the same machine.
fn trusted_proxies(fields: &mut Fields<'_>) -> Vec<AllowedHost> {
    let is_written = fields.has("trusted_proxies");
    let mut proxies = Vec::new();
    for taken in fields.texts("trusted_proxies") {
        match AllowedHost::parse(&taken.value).ok().filter(AllowedHost::is_range) {
            Some(range) => proxies.push(range),
            None => {
                let hint = "write an address or a range: `127.0.0.1`, `10.0.0.0/8`".to_owned();
                fields.report(
                    taken.span,
                    format!("`{}` is not the address of a proxy", taken.value),
                    Some(hint),
                );
            }
        }
    }
    if !is_written {
        let own = ["127.0.0.0/8", "::1"].map(|range| AllowedHost::parse(range).expect("it is an address"));
        proxies.extend(own);
    }
    proxies
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    #[test]
    fn the_receivers_address_gives_the_endpoints_that_are_announced() {
        let read = |text: &str| {
            Config::parse(&format!("base_url = 'https://me.example'\n[linkbacks]\n{text}")).0.linkbacks
        };
        let linkbacks = read("receiver = 'https://me.example/hear/'");
        assert_eq!(linkbacks.pingback.as_deref(), Some("https://me.example/hear/xmlrpc.php"));
        assert_eq!(linkbacks.webmention.as_deref(), Some("https://me.example/hear/webmention"));
        assert_eq!(linkbacks.public_address(), "https://me.example/hear");
        assert!(linkbacks.announces("https://me.example/hear/webmention?target=x#y"));
        assert!(!linkbacks.announces("https://me.example/hear/webmentions"));
        assert!(!linkbacks.announces("https://me.example/hear/comment"));
        let linkbacks = read("receiver = 'https://me.example'\ncomments = 'form'");
        assert!(linkbacks.announces("https://me.example/comment?target=x"));
        let linkbacks = read("webmention = 'https://me.example/webmention'");
        assert_eq!((linkbacks.pingback.as_deref(), linkbacks.public_address()), (None, "https://me.example"));
        let linkbacks = read("receiver = 'https://me.example'\npingback = 'https://other.example/'");
        assert_eq!(linkbacks.pingback.as_deref(), Some("https://other.example/"));
    }
}
