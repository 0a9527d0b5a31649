//! Addresses of pages as linkbacks compare them.
//!
//! An [`Address`] is one that a linkback may be about: http or https, no name and password in it, not too long. Two
//! addresses are of one page if their [keys](Address::key) are equal: the letter case of the host, its spelling in Unicode or ASCII, the default
//! port, the spelling of percent-encoding, the scheme and a slash at the end make no difference; the fragment is not a part of it.

use std::collections::BTreeSet;
use std::fmt;

use url::Url;

use crate::path::percent_encode;

/// How long an address may be in bytes.
pub(crate) const MAX_LENGTH: usize = 2048;

/// The absolute address of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address(Url);

/// Why a text is not an [`Address`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressError {
    Empty,
    /// It is longer than [`MAX_LENGTH`].
    TooLong,
    /// It is not an absolute address.
    NotAbsolute,
    /// Its scheme is neither `http` nor `https`.
    Scheme,
    /// It has a name or a password in it.
    Credentials,
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "an address is missing",
            Self::TooLong => "an address is too long",
            Self::NotAbsolute => "an address is not absolute",
            Self::Scheme => "an address is neither http nor https",
            Self::Credentials => "an address has a name or password in it",
        })
    }
}

impl Address {
    /// Reads an address from another site. White space around it is ignored, within it is not allowed.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(AddressError::Empty);
        }
        if text.len() > MAX_LENGTH {
            return Err(AddressError::TooLong);
        }
        if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(AddressError::NotAbsolute);
        }
        // `http:/host` and `http:host` are mended by browsers; a link has both slashes.
        let url = Url::parse(text).map_err(|_| AddressError::NotAbsolute)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(AddressError::Scheme);
        }
        if !text.contains("://") {
            return Err(AddressError::NotAbsolute);
        }
        Self::of_url(url)
    }

    /// An address that was made by resolving one.
    pub fn of_url(url: Url) -> Result<Self, AddressError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(AddressError::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(AddressError::Credentials);
        }
        if url.as_str().len() > MAX_LENGTH {
            return Err(AddressError::TooLong);
        }
        Ok(Self(url))
    }

    /// The address in its normal spelling, fragment included.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The address as a URL.
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// The host, in lower case and ASCII.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// The address without its fragment.
    pub fn without_fragment(&self) -> Self {
        let mut url = self.0.clone();
        url.set_fragment(None);
        Self(url)
    }

    /// Whether its query names a post by its number, as WordPress does: `?p=7`, `?page_id=7`.
    pub fn number(&self) -> Option<u64> {
        let mut pairs = self.0.query_pairs();
        pairs.find(|(key, _)| matches!(&**key, "p" | "page_id" | "attachment_id"))?.1.parse().ok()
    }

    /// The address without what makes no other page of it, if it has such: a query that names no post, as statistics
    /// and newsletters add it, and the name that a server gives the page of a folder.
    pub fn bare(&self) -> Option<Self> {
        if self.number().is_some() {
            return None;
        }
        let mut url = self.0.clone();
        url.set_query(None);
        if let Some(folder) = url.path().strip_suffix("/index.html").map(|folder| format!("{folder}/")) {
            url.set_path(&folder);
        }
        (url != self.0).then_some(Self(url))
    }

    /// What is the same for all addresses of one page.
    pub fn key(&self) -> String {
        let mut key = self.host().trim_end_matches('.').to_owned();
        if let Some(port) = self.0.port() {
            key.push_str(&format!(":{port}"));
        }
        let path = self.0.path();
        spell(path.strip_suffix('/').unwrap_or(path), &mut key);
        if let Some(query) = self.0.query() {
            key.push('?');
            spell(query, &mut key);
        }
        key
    }
}

/// Appends a part of an address in one spelling (RFC 3986 section 6.2.2): what needs no percent-encoding has none, the rest has capital
/// letters.
fn spell(part: &str, out: &mut String) {
    let mut rest = part;
    while let Some(at) = rest.find('%') {
        percent_encode_plain(&rest[..at], out);
        rest = &rest[at..];
        match rest.get(1..3).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => {
                out.push(char::from(byte))
            }
            Some(byte) => out.push_str(&format!("%{byte:02X}")),
            None => {
                out.push_str("%25");
                rest = &rest[1..];
                continue;
            }
        }
        rest = &rest[3..];
    }
    percent_encode_plain(rest, out);
}

/// Percent-encodes what is not allowed in a path or query; `?` and brackets are, in queries.
fn percent_encode_plain(text: &str, out: &mut String) {
    for piece in text.split_inclusive(['?', '[', ']']) {
        let plain = piece.trim_end_matches(['?', '[', ']']);
        percent_encode(plain, out);
        out.push_str(&piece[plain.len()..]);
    }
}

/// The addresses of one post: its permalink, its aliases, its short address.
#[derive(Debug, Clone, Default)]
pub struct Targets(BTreeSet<String>);

impl Targets {
    /// All of one post's addresses. Texts that are not addresses are left out.
    pub fn new<'a>(addresses: impl IntoIterator<Item = &'a str>) -> Self {
        let addresses = addresses.into_iter().filter_map(|text| Address::parse(text).ok());
        Self(addresses.map(|address| address.key()).collect())
    }

    /// Whether a link to `url` leads to the post.
    pub fn contain(&self, url: &Url) -> bool {
        Address::of_url(url.clone()).is_ok_and(|address| {
            self.0.contains(&address.key())
                || address.bare().is_some_and(|address| self.0.contains(&address.key()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(one: &str, other: &str) {
        let key = |text| Address::parse(text).unwrap_or_else(|why| panic!("{text}: {why}")).key();
        assert_eq!(key(one), key(other), "{one} {other}");
    }

    fn different(one: &str, other: &str) {
        let key = |text| Address::parse(text).unwrap_or_else(|why| panic!("{text}: {why}")).key();
        assert_ne!(key(one), key(other), "{one} {other}");
    }

    #[test]
    fn spellings_of_one_address_are_the_same() {
        same("http://Blog.Example/Post/", "https://blog.example./Post");
        same("https://blog.example:443/a", "http://blog.example:80/a/#part");
        same("https://bücher.example/", "https://xn--bcher-kva.example");
        same("https://b.example/caf%c3%a9/%7Ejo", "https://b.example/café/~jo");
        same("https://b.example/a/../b/./c", "https://b.example/b/c");
        same("https://b.example/?p=%41&q=a+b", " https://b.example?p=A&q=a+b ");
        same("https://b.example/100%", "https://b.example/100%25");
    }

    #[test]
    fn other_pages_have_other_addresses() {
        different("https://b.example/post/", "https://b.example/post/other");
        different("https://b.example/post", "https://b.example/Post");
        different("https://b.example/", "https://b.example/?p=1");
        different("https://b.example/?p=1", "https://b.example/?p=12");
        different("https://b.example:8080/", "https://b.example/");
        different("https://b.example/a%2Fb", "https://b.example/a/b");
        different("https://b.example/a%3Fb", "https://b.example/a?b");
        different("https://b.example.evil.example/", "https://b.example/");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let refused = |text: &str, why| assert_eq!(Address::parse(text), Err(why), "{text}");
        refused(" ", AddressError::Empty);
        refused("jwoijgoisd", AddressError::NotAbsolute);
        refused("/2016/12/15/x/", AddressError::NotAbsolute);
        refused("//b.example/", AddressError::NotAbsolute);
        refused("http:b.example", AddressError::NotAbsolute);
        refused("https://", AddressError::NotAbsolute);
        refused("https://b.example/a b", AddressError::NotAbsolute);
        refused("https://b.example/a\nb", AddressError::NotAbsolute);
        refused("javascript:alert(1)", AddressError::Scheme);
        refused("ftp://b.example/", AddressError::Scheme);
        refused("data:text/html,x", AddressError::Scheme);
        refused("https://me@b.example/", AddressError::Credentials);
        refused("https://:secret@b.example/", AddressError::Credentials);
        refused(&format!("https://b.example/{}", "a".repeat(MAX_LENGTH)), AddressError::TooLong);
        refused(&format!("https://b.example/{}", "é".repeat(600)), AddressError::TooLong);
    }

    #[test]
    fn targets_are_all_addresses_of_a_post() {
        let targets = Targets::new(["https://b.example/post/", "https://b.example/?p=7", "nothing"]);
        let leads = |text: &str| targets.contain(&Url::parse(text).unwrap());
        assert!(leads("http://b.example/post#part") && leads("https://b.example/?p=7"));
        assert!(!leads("https://b.example/") && !leads("mailto:post@b.example"));
        assert!(!leads("https://me@b.example/post/"));
        for query in
            ["?ref=a.example", "?utm_source=x&utm_medium=y", "?fbclid=1", "?replytocom=12", "?", "index.html"]
        {
            assert!(leads(&format!("https://b.example/post/{query}")), "{query}");
        }
        for other in ["post/?p=8", "post/?page_id=8", "?utm_source=x", "post/index.html/x", "post/a.html"] {
            assert!(!leads(&format!("https://b.example/{other}")), "{other}");
        }
    }
}
