//! The keys of trust and distrust: a site, or one author of a site that many share.
//!
//! To let everything in from `medium.com` because one friend writes there would let the world in. So an approval that
//! is to last is kept under a [`TrustKey`]: the host, if one person or house speaks from it; the host and the author's part
//! of the address, if the address names the author; the author's own page, if the host only carries the words of
//! others; and none at all where the author is not known.

use std::collections::{BTreeSet, HashSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// A site or author, as the lists of trust and distrust name them: `example.com`, `medium.com/@ann`, or
/// `social.example/@ann via brid.gy`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TrustKey(String);

/// How a host that many share tells its authors apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shared {
    /// By as many parts of the path: `medium.com/@ann`.
    Path(usize),
    /// By the parts of the path that follow a first one: `bsky.app/profile/ann.example`.
    PathAfter(&'static str),
    /// By nothing in the address: a bridge forwards what was written elsewhere, and names the pages of the authors.
    Carried,
    /// By the name before the host's own, so that the host alone names no author: `ann.wordpress.com`.
    Subdomain,
}

/// Hosts that many share. `www.` and what stands before a subdomain's host do not count.
const SHARED: [(&str, Shared); 61] = [
    ("bandcamp.com", Shared::Subdomain),
    ("bearblog.dev", Shared::Subdomain),
    ("blogger.com", Shared::Subdomain),
    ("blogspot.com", Shared::Subdomain),
    ("brid.gy", Shared::Carried),
    ("bsky.app", Shared::PathAfter("profile")),
    ("bsky.brid.gy", Shared::Carried),
    ("buttondown.com", Shared::Path(1)),
    ("codeberg.org", Shared::Path(1)),
    ("codeberg.page", Shared::Subdomain),
    ("dev.to", Shared::Path(1)),
    ("dreamwidth.org", Shared::Subdomain),
    ("facebook.com", Shared::Path(1)),
    ("fed.brid.gy", Shared::Carried),
    ("flickr.com", Shared::PathAfter("photos")),
    ("fly.dev", Shared::Subdomain),
    ("ghost.io", Shared::Subdomain),
    ("github.com", Shared::Path(1)),
    ("github.io", Shared::Subdomain),
    ("gist.github.com", Shared::Path(1)),
    ("gitlab.com", Shared::Path(1)),
    ("gitlab.io", Shared::Subdomain),
    ("glitch.me", Shared::Subdomain),
    ("goodreads.com", Shared::Path(3)),
    ("hashnode.dev", Shared::Subdomain),
    ("herokuapp.com", Shared::Subdomain),
    ("instagram.com", Shared::Path(1)),
    ("lemmy.world", Shared::PathAfter("u")),
    ("letterboxd.com", Shared::Path(1)),
    ("linkedin.com", Shared::PathAfter("in")),
    ("livejournal.com", Shared::Subdomain),
    ("lobste.rs", Shared::Carried),
    ("medium.com", Shared::Path(1)),
    ("micro.blog", Shared::Subdomain),
    ("neocities.org", Shared::Subdomain),
    ("netlify.app", Shared::Subdomain),
    ("news.ycombinator.com", Shared::Carried),
    ("notion.site", Shared::Subdomain),
    ("omg.lol", Shared::Subdomain),
    ("pages.dev", Shared::Subdomain),
    ("pinboard.in", Shared::PathAfter("u")),
    ("pixelfed.social", Shared::Path(1)),
    ("prose.sh", Shared::Subdomain),
    ("reddit.com", Shared::PathAfter("user")),
    ("sites.google.com", Shared::PathAfter("view")),
    ("squarespace.com", Shared::Subdomain),
    ("substack.com", Shared::Subdomain),
    ("surge.sh", Shared::Subdomain),
    ("telegra.ph", Shared::Carried),
    ("threads.net", Shared::Path(1)),
    ("tumblr.com", Shared::Path(1)),
    ("twitter.com", Shared::Path(1)),
    ("typepad.com", Shared::Subdomain),
    ("vercel.app", Shared::Subdomain),
    ("weebly.com", Shared::Subdomain),
    ("wixsite.com", Shared::Path(1)),
    ("wordpress.com", Shared::Subdomain),
    ("write.as", Shared::Path(1)),
    ("x.com", Shared::Path(1)),
    ("youtube.com", Shared::Path(1)),
    ("vk.com", Shared::Path(1)),
];

/// First parts of paths that are places of the host itself and name no author.
const NO_AUTHORS: [&str; 22] = [
    "about", "article", "articles", "comments", "groups", "hashtag", "i", "p", "post", "posts", "r", "s",
    "search", "share", "status", "statuses", "t", "tag", "topic", "topics", "watch", "web",
];

impl TrustKey {
    /// The site or author of a page. `author` is the page of its author, as the page names it. `None` if it is not one in
    /// particular.
    pub fn of(source: &str, author: Option<&str>) -> Option<Self> {
        let url = Url::parse(source).ok()?;
        let host = host_of(&url)?;
        let parts = parts_of(&url);
        // `/@ann` and `/~ann` are authors wherever they stand: there are thousands of such servers.
        if let Some(name) = parts.first().filter(|part| part.starts_with(['@', '~']) && part.len() > 1) {
            return Some(Self(format!("{host}/{name}")));
        }
        let Some(shared) = shared(&host) else { return Some(Self(host)) };
        let path = match shared {
            Shared::Subdomain => return (!is_listed(&host)).then_some(Self(host)),
            Shared::Carried => return carried(&host, author?),
            Shared::Path(count) => parts.get(..count)?.join("/"),
            Shared::PathAfter(first) if parts.first().is_some_and(|part| part == first) => {
                parts.get(..2)?.join("/")
            }
            Shared::PathAfter(_) => return None,
        };
        let first = parts.first().map(String::as_str).unwrap_or_default();
        let is_author = matches!(shared, Shared::PathAfter(_)) || !NO_AUTHORS.contains(&first);
        is_author.then(|| Self(format!("{host}/{path}")))
    }

    /// The sites and authors of pages. Of the thousands of links of a blog most lead to few hosts, whose addresses need not
    /// all be parsed.
    pub fn of_all<'s>(sources: impl Iterator<Item = &'s str>) -> BTreeSet<Self> {
        let mut keys = BTreeSet::new();
        // Hosts of one author each, as they are written: their pages have the key of the host whatever their path is.
        let mut known: HashSet<&str> = HashSet::new();
        for source in sources {
            let host = written_host(source);
            if host.is_some_and(|host| known.contains(host)) {
                continue;
            }
            if let Some(key) = Self::of(source, None) {
                known.extend(host.filter(|_| !key.0.contains('/')));
                keys.insert(key);
            }
        }
        keys
    }

    /// A key as a person writes it: a host, an address, or a host with the part of a path. `None` if it is none.
    pub fn written(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some((author, host)) = text.split_once(" via ") {
            return Some(Self(format!("{} via {}", Self::written(author)?, Self::written(host)?)));
        }
        let url = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
        let url = Url::parse(&url).ok()?;
        let host = host_of(&url).filter(|host| host.contains(['.', ':']) || host == "localhost")?;
        let parts = parts_of(&url);
        Some(Self(if parts.is_empty() { host } else { format!("{host}/{}", parts.join("/")) }))
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this entry of a list of distrust covers a page: a host covers its subdomains and all its pages, a path
    /// what lies below it, an author their words wherever they are carried from.
    pub fn covers(&self, source: &str, author: Option<&str>) -> bool {
        if Self::of(source, author).as_ref() == Some(self) {
            return true;
        }
        let Ok(url) = Url::parse(source) else { return false };
        let Some(host) = host_of(&url) else { return false };
        let (own_host, own_path) = self.0.split_once('/').unwrap_or((&self.0, ""));
        if self.0.contains(" via ") {
            return false;
        }
        let covers_host = if own_path.is_empty() {
            host == own_host || host.strip_suffix(own_host).is_some_and(|before| before.ends_with('.'))
        } else {
            host == own_host
        };
        let own_parts = own_path.split('/').filter(|part| !part.is_empty());
        let parts = parts_of(&url);
        covers_host
            && own_parts.enumerate().all(|(at, part)| parts.get(at).is_some_and(|known| known == part))
    }
}

impl fmt::Display for TrustKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether many write on the host of an address.
pub(crate) fn is_shared(source: &str) -> bool {
    let host = Url::parse(source).ok().and_then(|url| host_of(&url));
    host.is_some_and(|host| shared(&host).is_some())
}

/// Whether the host of an address is a number and no name.
pub(crate) fn is_numbered(address: &str) -> bool {
    Url::parse(address).is_ok_and(|url| matches!(url.host(), Some(Host::Ipv4(_) | Host::Ipv6(_))))
}

/// The host of an address as it is named to people: without `www.` and a usual port.
pub(crate) fn host(address: &str) -> Option<String> {
    host_of(&Url::parse(address).ok()?)
}

fn carried(host: &str, author: &str) -> Option<TrustKey> {
    let author = TrustKey::of(author, None)?;
    let is_elsewhere = author.0 != *host && !author.0.contains(" via ");
    is_elsewhere.then(|| TrustKey(format!("{author} via {host}")))
}

/// The host of an address as it is written, with its port. `None` if the path names an author, or may name one when it
/// is normalized (URL Standard, section 4.4).
fn written_host(source: &str) -> Option<&str> {
    let rest = source.strip_prefix("https://").or_else(|| source.strip_prefix("http://"))?;
    let (host, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let names_author = path.trim_start_matches('/').starts_with(['@', '~']);
    let is_normal = !path.contains("/.") && !rest.contains(['%', '\\', '\t', '\n', '\r']);
    (is_normal && !names_author && !host.contains('@')).then_some(host)
}

fn host_of(url: &Url) -> Option<String> {
    let host = url.host_str()?.trim_end_matches('.');
    let host = host.strip_prefix("www.").filter(|rest| rest.contains('.')).unwrap_or(host);
    Some(match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

fn parts_of(url: &Url) -> Vec<String> {
    let parts = url.path_segments().into_iter().flatten().filter(|part| !part.is_empty());
    // Names of accounts do not tell small letters from capitals.
    parts.map(|part| crate::path::percent_decode(part).to_lowercase()).collect()
}

/// The nearest listed host at or above this one.
fn shared(host: &str) -> Option<Shared> {
    let mut rest = Some(host);
    while let Some(name) = rest {
        if let Some((_, shared)) = SHARED.iter().find(|(known, _)| *known == name) {
            let is_account = *shared != Shared::Subdomain && name != host && name == "tumblr.com";
            return Some(if is_account { Shared::Subdomain } else { *shared });
        }
        rest = name.split_once('.').map(|(_, parent)| parent);
    }
    None
}

fn is_listed(host: &str) -> bool {
    SHARED.iter().any(|(known, _)| *known == host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source: &str, author: Option<&str>, expected: Option<&str>) {
        let key = TrustKey::of(source, author);
        assert_eq!(key.as_ref().map(TrustKey::as_str), expected, "{source}");
    }

    #[test]
    fn the_keys_of_many_pages_are_those_of_each() {
        let hosts =
            ["example.com", "www.example.com", "EXAMPLE.com:8443", "medium.com", "ann.tumblr.com", "brid.gy"];
        let paths = [
            "",
            "/",
            "/a/b",
            "//@ann/x",
            "/./~ann",
            "/a/../@ann",
            "/%40ann",
            "/a/%2e%2e/@ann",
            "\\@ann",
            "?/@ann",
            "/@bob",
        ];
        let all: Vec<String> = hosts
            .iter()
            .flat_map(|host| paths.iter().map(move |path| format!("https://{host}{path}")))
            .chain(
                ["https://me@example.com/a", "http://example.com/\t@ann", "mailto:a@example.com"]
                    .map(str::to_owned),
            )
            .collect();
        let each: BTreeSet<TrustKey> = all.iter().filter_map(|source| TrustKey::of(source, None)).collect();
        assert_eq!(TrustKey::of_all(all.iter().map(String::as_str)), each);
        assert_eq!(TrustKey::of_all(all.iter().rev().map(String::as_str)), each);
    }

    #[test]
    fn a_site_of_ones_own_is_trusted_as_a_whole() {
        check("https://www.example.com/2026/a/", None, Some("example.com"));
        check("https://EXAMPLE.com:8443/a", None, Some("example.com:8443"));
        check("https://blog.example.com./a", None, Some("blog.example.com"));
    }

    #[test]
    fn on_a_shared_site_an_author_is_trusted() {
        check("https://medium.com/@Ann/a-story-1f", None, Some("medium.com/@ann"));
        check("https://ann.wordpress.com/2026/a/", None, Some("ann.wordpress.com"));
        check("https://ann.github.io/a", None, Some("ann.github.io"));
        check("https://github.com/Ann/notes/issues/1", None, Some("github.com/ann"));
        check("https://bsky.app/profile/ann.example/post/3k", None, Some("bsky.app/profile/ann.example"));
        check("https://social.example/@ann/1234", None, Some("social.example/@ann"));
        check("https://www.cs.example.edu/~ann/a.html", None, Some("cs.example.edu/~ann"));
        check("https://ann.tumblr.com/post/1", None, Some("ann.tumblr.com"));
        check("https://www.tumblr.com/ann/1/x", None, Some("tumblr.com/ann"));
    }

    #[test]
    fn a_carrier_is_trusted_for_each_author_apart() {
        let ann = Some("https://social.example/@ann");
        check("https://brid.gy/comment/mastodon/@me/1/2", ann, Some("social.example/@ann via brid.gy"));
        check("https://fed.brid.gy/c/1", ann, Some("social.example/@ann via fed.brid.gy"));
        check("https://brid.gy/like/mastodon/@me/1/2", None, None);
        check("https://brid.gy/like/x", Some("https://brid.gy/"), None);
    }

    #[test]
    fn nobody_is_trusted_where_the_author_cannot_be_told() {
        check("https://wordpress.com/read/1", None, None);
        check("https://medium.com/", None, None);
        check("https://medium.com/p/1f", None, None);
        check("https://www.reddit.com/r/x/comments/1", None, None);
        check("https://news.ycombinator.com/item?id=1", None, None);
        check("no address", None, None);
    }

    #[test]
    fn distrust_reaches_further_than_trust() {
        let covers = |entry: &str, source: &str| TrustKey::written(entry).unwrap().covers(source, None);
        assert!(covers("example.com", "https://a.b.example.com/x"));
        assert!(!covers("example.com", "https://notexample.com/x"));
        assert!(covers("medium.com", "https://medium.com/@ann/x"));
        assert!(covers("medium.com/@ann", "https://medium.com/@Ann/x"));
        assert!(!covers("medium.com/@ann", "https://medium.com/@anna/x"));
        assert!(covers("https://example.com/spam/", "https://example.com/spam/1"));
        assert!(!covers("https://example.com/spam/", "https://example.com/ham/"));
        let via = TrustKey::written("social.example/@ann via brid.gy").unwrap();
        assert!(via.covers("https://brid.gy/x", Some("https://social.example/@Ann")));
        assert!(!via.covers("https://brid.gy/x", Some("https://social.example/@bob")));
        assert_eq!(TrustKey::written("not a host"), None);
        assert_eq!(TrustKey::written("host"), None);
    }

    #[test]
    fn the_list_of_shared_hosts_has_each_once() {
        let mut names: Vec<_> = SHARED.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), SHARED.len());
    }
}
