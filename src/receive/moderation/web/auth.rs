//! Authentication: the token, sessions, and protection against forms of other sites (CSRF).
//!
//! The token stands in a file of its own or in the environment, never in the settings, which are often published. A client
//! that shows it gets a session: a random number in a cookie, of which only a fingerprint is kept.

use std::collections::BTreeMap;
use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;

use axum::http::HeaderMap;
use axum::http::header;
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::config::Config;
use crate::error::{Error, Result};
use crate::hash::hex;
use crate::receive::rate_limiter::RateLimiter;
use crate::sys::random;

use super::views::Notice;

/// The variable of the environment that can hold the token.
pub(crate) const VARIABLE: &str = "BACKMATTER_TOKEN";

/// A shorter token could be guessed.
const SHORTEST_TOKEN: usize = 16;

/// How long a session lasts.
const SESSION: TimeDelta = TimeDelta::hours(12);

/// Sessions at once. The oldest makes room.
const SESSIONS: usize = 32;

const COOKIE: &str = "moderate";

/// The secret of the moderators, as a fingerprint.
#[derive(Clone)]
pub struct ModerationToken {
    digest: [u8; 32],
    feed_key: String,
}

impl ModerationToken {
    /// The token of a site: from the environment, whose variable was read by the caller, else from the file that the
    /// settings name. `None` if there is none, and so no moderation from afar.
    pub fn of(config: &Config, root: &Path, variable: Option<String>) -> Result<Option<Self>> {
        if let Some(text) = variable.filter(|text| !text.trim().is_empty()) {
            return Self::new(&text)
                .map(Some)
                .map_err(|reason| Error::Argument { given: VARIABLE.to_owned(), reason });
        }
        let Some(file) = &config.linkbacks.moderation.token_file else { return Ok(None) };
        let path = root.join(file);
        let text = fs::read_to_string(&path).map_err(Error::io("read", &path))?;
        Self::new(&text)
            .map(Some)
            .map_err(|reason| Error::Argument { given: path.display().to_string(), reason })
    }

    /// A token from its text. The error says what is wrong with it.
    pub fn new(text: &str) -> std::result::Result<Self, String> {
        let text = text.trim();
        if text.chars().count() < SHORTEST_TOKEN {
            return Err(format!(
                "a token has at least {SHORTEST_TOKEN} characters; `openssl rand -hex 16` makes a good one"
            ));
        }
        let feed_key = hex(&Sha256::digest(format!("feed of backmatter\n{text}")))[..32].to_owned();
        Ok(Self { digest: Sha256::digest(text).into(), feed_key })
    }

    /// Whether this is the token.
    pub fn is(&self, text: &str) -> bool {
        let digest: [u8; 32] = Sha256::digest(text.trim()).into();
        digest.ct_eq(&self.digest).into()
    }

    /// What the address of the feed has instead of the token. It opens nothing else.
    pub fn feed_key(&self) -> &str {
        &self.feed_key
    }

    /// Whether this opens the feed.
    pub fn opens_feed(&self, key: &str) -> bool {
        key.as_bytes().ct_eq(self.feed_key.as_bytes()).into()
    }
}

/// How many wrong secrets are accepted.
struct AttemptLimit {
    /// In an hour.
    hourly: usize,
    /// At once.
    burst: usize,
}

/// The limit of one address.
const ATTEMPTS: AttemptLimit = AttemptLimit { hourly: 20, burst: 10 };

/// The limit of all addresses together: an attacker may have many.
const ALL_ATTEMPTS: AttemptLimit = AttemptLimit { hourly: 200, burst: 50 };

/// Counts wrong secrets. A right one costs nothing, so that a program may ask every minute.
#[derive(Debug)]
pub(super) struct LoginAttempts {
    of_one: RateLimiter,
    of_all: RateLimiter,
}

impl Default for LoginAttempts {
    fn default() -> Self {
        Self {
            of_one: RateLimiter::new(ATTEMPTS.hourly, ATTEMPTS.burst),
            of_all: RateLimiter::new(ALL_ATTEMPTS.hourly, ALL_ATTEMPTS.burst),
        }
    }
}

/// In whose name all addresses guess together.
const EVERYBODY: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

impl LoginAttempts {
    /// Says whether a guess of an address is right. After too many wrong ones the error is how long the next wrong one
    /// has to wait. The right token always passes: it cannot be guessed, so a limit for it would only let strangers
    /// lock its owner out.
    pub(super) fn judge(
        &mut self,
        peer: IpAddr,
        is_right: impl FnOnce() -> bool,
        now: DateTime<Utc>,
    ) -> std::result::Result<bool, TimeDelta> {
        if is_right() {
            return Ok(true);
        }
        if let Some(wait) = self.of_one.wait(peer, now).max(self.of_all.wait(EVERYBODY, now)) {
            return Err(wait);
        }
        // Where there is no room to count it, the limit of all addresses counts it.
        let _ = self.of_one.take(peer, now);
        let _ = self.of_all.take(EVERYBODY, now);
        Ok(false)
    }
}

/// The session of a client that has shown the token.
#[derive(Debug, Clone)]
pub(super) struct LoginSession {
    /// What each of our forms has with it.
    pub(super) csrf: String,
    /// What is to be said on the next page.
    pub(super) notices: Vec<Notice>,
    until: DateTime<Utc>,
}

/// All sessions, by the fingerprints of their numbers.
#[derive(Default)]
pub(super) struct LoginSessions(BTreeMap<[u8; 32], LoginSession>);

impl LoginSessions {
    /// Begins a session, and returns its number.
    pub(super) fn begin(&mut self, now: DateTime<Utc>) -> String {
        self.0.retain(|_, session| session.until > now);
        if self.0.len() >= SESSIONS {
            let oldest = self.0.iter().min_by_key(|(_, session)| session.until).map(|(number, _)| *number);
            oldest.map(|number| self.0.remove(&number));
        }
        let number = random::token::<32>();
        let session = LoginSession { csrf: random::token::<32>(), notices: Vec::new(), until: now + SESSION };
        self.0.insert(Sha256::digest(&number).into(), session);
        number
    }

    /// The session that a request belongs to.
    pub(super) fn of(&mut self, headers: &HeaderMap, now: DateTime<Utc>) -> Option<&mut LoginSession> {
        let number = number_in(headers)?;
        self.0.get_mut(&<[u8; 32]>::from(Sha256::digest(number))).filter(|session| session.until > now)
    }

    /// Ends the session that a request belongs to.
    pub(super) fn end(&mut self, headers: &HeaderMap) {
        if let Some(number) = number_in(headers) {
            self.0.remove(&<[u8; 32]>::from(Sha256::digest(number)));
        }
    }
}

/// The cookie of a session. Without a path it goes to the moderation page alone, wherever a proxy has put it.
pub(super) fn cookie(number: &str, transport: Transport) -> String {
    let secure = if transport == Transport::Https { "; Secure" } else { "" };
    format!("{COOKIE}={number}; Max-Age={}; HttpOnly; SameSite=Strict{secure}", SESSION.num_seconds())
}

/// The cookie that takes the cookie away.
pub(super) fn no_cookie() -> String {
    format!("{COOKIE}=; Max-Age=0; HttpOnly; SameSite=Strict")
}

/// How the moderation page is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    /// By HTTPS: the cookie is marked `Secure`.
    Https,
    /// By HTTP: from this machine, or through a tunnel.
    Http,
}

/// Whether a request may act: browsers say from which site a form was sent.
pub(super) fn is_from_here(headers: &HeaderMap) -> bool {
    let fetch_site = header_text(headers, "sec-fetch-site");
    let origin = header_text(headers, "origin").filter(|origin| *origin != "null");
    let is_same_origin = match (origin, header_text(headers, "host")) {
        (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, from)| {
            // A proxy may have replaced the host; then `Sec-Fetch-Site` decides.
            from.eq_ignore_ascii_case(host) || fetch_site.is_some()
        }),
        _ => true,
    };
    is_same_origin && fetch_site.is_none_or(|site| matches!(site, "same-origin" | "none"))
}

fn header_text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The token that a program shows: `Authorization: Bearer …`.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn number_in(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|value| value.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='))
        .filter(|number| number.len() == 64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (header::HeaderName::from_static(name), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn a_token_is_long_and_its_feed_key_opens_no_more_than_the_feed() {
        assert!(ModerationToken::new(" short ").is_err());
        let token = ModerationToken::new("a token that is long enough\n").unwrap();
        assert!(token.is("a token that is long enough"));
        assert!(!token.is(""));
        assert!(!token.is(token.feed_key()));
        assert!(token.opens_feed(token.feed_key()) && !token.opens_feed("") && !token.opens_feed("x"));
    }

    #[test]
    fn sessions_end_and_are_not_without_number() {
        let mut sessions = LoginSessions::default();
        let now = DateTime::UNIX_EPOCH;
        let first = sessions.begin(now);
        let with = |number: &str| headers(&[("cookie", &format!("a=b; {COOKIE}={number}"))]);
        assert!(sessions.of(&with(&first), now).is_some());
        assert!(sessions.of(&with(&"0".repeat(64)), now).is_none());
        assert!(sessions.of(&with(&first), now + SESSION).is_none());
        for _ in 0..SESSIONS {
            sessions.begin(now + TimeDelta::seconds(1));
        }
        assert!(sessions.of(&with(&first), now).is_none());
        let last = sessions.begin(now);
        sessions.end(&with(&last));
        assert!(sessions.of(&with(&last), now).is_none());
    }

    #[test]
    fn a_form_of_another_site_is_known_by_what_browsers_say() {
        for (pairs, expected) in [
            (&[("host", "me.example")][..], true),
            (&[("host", "me.example"), ("origin", "https://me.example")], true),
            (
                &[
                    ("host", "127.0.0.1:8787"),
                    ("origin", "https://me.example"),
                    ("sec-fetch-site", "same-origin"),
                ],
                true,
            ),
            (&[("host", "127.0.0.1:8787"), ("origin", "https://evil.example")], false),
            (
                &[
                    ("host", "me.example"),
                    ("origin", "https://evil.example"),
                    ("sec-fetch-site", "cross-site"),
                ],
                false,
            ),
            (&[("host", "me.example"), ("sec-fetch-site", "same-site")], false),
        ] {
            assert_eq!(is_from_here(&headers(pairs)), expected, "{pairs:?}");
        }
    }
}
