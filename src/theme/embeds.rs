//! Pages of other sites that a post can show in a frame: the table `[embeds]` of `theme.toml`.
//!
//! A pattern of a link is an address with places: `{name}` stands for a part of the path or the value of a parameter.
//! `{number}` takes digits only, `{uuid}` a UUID in either form, and `{host}` a whole host. Parameters that a pattern does not
//! name are ignored, as are `www.`, `m.` and a slash at the end.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;
use url::{Url, form_urlencoded};

use crate::diagnostic::Diagnostic;
use crate::spanned::{Fields, SourceText, Spanned, Table, Value};

/// The sites whose pages can be shown in a frame.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize)]
pub(crate) struct EmbedTable {
    /// By the key of the table.
    sites: BTreeMap<String, EmbedSite>,
}

/// A site whose pages can be shown in a frame.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
struct EmbedSite {
    /// What it is called; may have places.
    name: String,
    links: Vec<LinkPattern>,
    /// The address of the frame, with places.
    frame: String,
    shape: String,
}

/// The address of a page with places in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
struct LinkPattern {
    host: String,
    path: Vec<String>,
    query: Vec<QueryPattern>,
}

/// A parameter that an address has to have.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
struct QueryPattern {
    key: String,
    value: String,
}

/// A frame for an address.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct EmbedFrame {
    /// What the site is called.
    pub(crate) name: String,
    /// The address of the frame.
    pub(crate) url: String,
    /// A word for the style sheet.
    pub(crate) shape: String,
}

/// The shapes that the built-in style sheet knows.
const SHAPES: [&str; 4] = ["video", "tall", "audio", "post"];

/// What the places of a pattern stand for in an address.
type Places = BTreeMap<String, String>;

impl EmbedTable {
    /// Reads `[embeds]` of the next layer. An entry replaces one of the same key.
    pub(super) fn lay_over(&mut self, source: SourceText<'_>, table: &Table, faults: &mut Vec<Diagnostic>) {
        let embeds = table.iter().filter(|(key, _)| key.value == "embeds");
        for (_, node) in embeds {
            let Value::Table(entries) = &node.value else { continue };
            for (key, entry) in entries {
                let Value::Table(fields) = &entry.value else {
                    let message =
                        format!("`embeds.{}` must be a table, but this is {}", key.value, entry.value.kind());
                    faults.push(Diagnostic::error(source.path, message).at(source.text, entry.span.clone()));
                    continue;
                };
                let site = EmbedSite::read(source, &key.value, fields, faults);
                self.sites.insert(key.value.clone(), site);
            }
        }
    }

    /// The frame for an address, if a site of the table has it. A pattern with a host of its own comes first.
    pub(crate) fn frame(&self, address: &str) -> Option<EmbedFrame> {
        let url = Url::parse(address).ok().filter(|url| ["http", "https"].contains(&url.scheme()))?;
        let (site, mut places) = [false, true].into_iter().find_map(|is_of_any_host| {
            self.sites.values().find_map(|site| {
                let mut patterns = site.links.iter().filter(|link| (link.host == "{host}") == is_of_any_host);
                Some((site, patterns.find_map(|link| link.places(&url))?))
            })
        })?;
        let name = filled(&site.name, &places);
        places.insert("url".to_owned(), form_urlencoded::byte_serialize(address.as_bytes()).collect());
        Some(EmbedFrame { name, url: filled(&site.frame, &places), shape: site.shape.clone() })
    }
}

impl EmbedSite {
    fn read(source: SourceText<'_>, key: &str, table: &Table, faults: &mut Vec<Diagnostic>) -> Self {
        let prefix = format!("embeds.{key}.");
        let mut fields = Fields::new(source, &prefix, table.clone(), faults);
        let mut links = Vec::new();
        let mut known: Option<Vec<String>> = None;
        for Spanned { value, span } in fields.texts("links") {
            match LinkPattern::read(&value) {
                Ok(link) => {
                    let names = link.names();
                    known = Some(match known {
                        Some(known) => known.into_iter().filter(|name| names.contains(name)).collect(),
                        None => names,
                    });
                    links.push(link);
                }
                Err(reason) => {
                    fields.report(span, format!("`{value}` is not a pattern of an address: {reason}"), None)
                }
            }
        }
        let frame = fields.text("frame");
        if let Some(frame) = &frame {
            let known = known.unwrap_or_default();
            let unknown = names_in(&frame.value)
                .find(|name| *name != "url" && !known.iter().any(|known| known == name));
            if !frame.value.starts_with("https://") {
                let message = "the address of a frame begins with `https://`";
                fields.report(frame.span.clone(), message, None);
            } else if let Some(name) = unknown.filter(|_| !links.is_empty()).map(ToOwned::to_owned) {
                let message = format!("a pattern in `links` has no place `{{{name}}}`");
                fields.report(frame.span.clone(), message, None);
            }
        } else if !links.is_empty() {
            let message = format!("`embeds.{key}` has no `frame`");
            fields
                .diagnostics()
                .push(Diagnostic::error(source.path, message).hint("give it the address of the frame"));
        }
        let shape = fields.text("shape");
        if let Some(shape) = shape.as_ref().filter(|shape| !SHAPES.contains(&shape.value.as_str())) {
            let hint = SHAPES.map(|shape| format!("`\"{shape}\"`")).join(", ");
            let message = format!("there is no shape `{}`", shape.value);
            fields.report(shape.span.clone(), message, Some(format!("it is one of {hint}")));
        }
        let site = Self {
            name: fields.text("name").map_or_else(|| key.to_owned(), |name| name.value),
            links,
            frame: frame.map(|frame| frame.value).unwrap_or_default(),
            shape: shape.map_or_else(|| "video".to_owned(), |shape| shape.value),
        };
        fields.finish(crate::diagnostic::Severity::Error, |_| None);
        site
    }
}

impl LinkPattern {
    fn read(pattern: &str) -> Result<Self, String> {
        let rest = pattern.strip_prefix("https://").ok_or("it begins with `https://`")?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (host, path) = rest.split_once('/').ok_or("it has no path")?;
        let query = query.split('&').filter(|part| !part.is_empty()).map(|part| {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            QueryPattern { key: key.to_owned(), value: value.to_owned() }
        });
        let read = Self {
            host: plain_host(host).to_owned(),
            path: path.split('/').filter(|part| !part.is_empty()).map(ToOwned::to_owned).collect(),
            query: query.collect(),
        };
        match read.names().is_empty() {
            true => Err("it has no place such as `{id}`".to_owned()),
            false => Ok(read),
        }
    }

    /// The names of its places.
    fn names(&self) -> Vec<String> {
        let parts =
            std::iter::once(&self.host).chain(&self.path).chain(self.query.iter().map(|query| &query.value));
        parts.flat_map(|part| names_in(part)).map(ToOwned::to_owned).collect()
    }

    /// What its places stand for in an address; none if the address is another one.
    fn places(&self, url: &Url) -> Option<Places> {
        let mut places = Places::new();
        let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
        let host = format!("{}{port}", url.host_str()?);
        if self.host == "{host}" {
            // As it is written, for the frame stands on the same host.
            places.insert("host".to_owned(), host);
        } else if self.host != plain_host(&host) {
            return None;
        }
        let path: Vec<&str> = url.path().split('/').filter(|part| !part.is_empty()).collect();
        if path.len() != self.path.len() {
            return None;
        }
        for (pattern, part) in self.path.iter().zip(path) {
            take(pattern, part, &mut places)?;
        }
        for QueryPattern { key, value } in &self.query {
            let (_, found) = url.query_pairs().find(|(name, _)| name == key)?;
            take(value, &found, &mut places)?;
        }
        Some(places)
    }
}

/// A host without what leads to the same pages.
fn plain_host(host: &str) -> &str {
    host.strip_prefix("www.").or_else(|| host.strip_prefix("m.")).unwrap_or(host)
}

/// Reads a part of an address by that of a pattern, which has one place at most: `@{user}`.
fn take(pattern: &str, part: &str, places: &mut Places) -> Option<()> {
    let Some((before, rest)) = pattern.split_once('{') else {
        return (pattern == part).then_some(());
    };
    let (name, after) = rest.split_once('}')?;
    let value = part.strip_prefix(before)?.strip_suffix(after)?;
    let fits = match name {
        "number" => value.bytes().all(|byte| byte.is_ascii_digit()),
        "uuid" => {
            let letters = value.chars().filter(char::is_ascii_alphanumeric).count();
            (value.len() == 22 && letters == 22) || (value.len() == 36 && letters == 32)
        }
        _ => value.chars().all(|c| c.is_ascii_alphanumeric() || "-_.~:%".contains(c)),
    };
    (fits && !value.is_empty()).then(|| places.insert(name.to_owned(), value.to_owned())).map(|_| ())
}

/// The names of the places in a text.
fn names_in(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
}

/// A text with what its places stand for.
fn filled(text: &str, places: &Places) -> String {
    let mut out = String::with_capacity(text.len() + 32);
    let mut parts = text.split('{');
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        match part.split_once('}').map(|(name, rest)| (places.get(name), rest)) {
            Some((Some(value), rest)) => {
                out.push_str(value);
                out.push_str(rest);
            }
            _ => {
                let _ = write!(out, "{{{part}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spanned;

    fn table(text: &str) -> (EmbedTable, Vec<String>) {
        let mut faults = Vec::new();
        let mut embeds = EmbedTable::default();
        let source = SourceText { path: "theme.toml", text };
        embeds.lay_over(source, &spanned::toml(text, 0).expect("it is TOML"), &mut faults);
        (embeds, faults.iter().map(|fault| fault.message.clone()).collect())
    }

    fn built_in() -> EmbedTable {
        let (_, bytes) = crate::theme::built_in::FILES
            .iter()
            .find(|(path, _)| *path == "theme.toml")
            .expect("it is there");
        let (embeds, faults) = table(std::str::from_utf8(bytes).expect("it is text"));
        assert_eq!(faults, Vec::<String>::new());
        embeds
    }

    #[test]
    fn an_address_leads_to_its_frame() {
        let embeds = built_in();
        let cases = [
            (
                "https://www.youtube.com/watch?v=aB3-_x9Qw1E",
                "https://www.youtube-nocookie.com/embed/aB3-_x9Qw1E?autoplay=1",
            ),
            (
                "https://m.youtube.com/watch?app=m&v=aB3-_x9Qw1E&t=9",
                "https://www.youtube-nocookie.com/embed/aB3-_x9Qw1E?autoplay=1",
            ),
            (
                "http://youtu.be/aB3-_x9Qw1E?si=x",
                "https://www.youtube-nocookie.com/embed/aB3-_x9Qw1E?autoplay=1",
            ),
            (
                "https://youtube.com/shorts/aB3-_x9Qw1E/",
                "https://www.youtube-nocookie.com/embed/aB3-_x9Qw1E?autoplay=1",
            ),
            ("https://vimeo.com/123456789", "https://player.vimeo.com/video/123456789?dnt=1&autoplay=1"),
            (
                "https://vimeo.com/123456789/0f1e2d3c4b",
                "https://player.vimeo.com/video/123456789?h=0f1e2d3c4b&dnt=1&autoplay=1",
            ),
            (
                "https://social.example/@ada/109876543210987654",
                "https://social.example/@ada/109876543210987654/embed",
            ),
            (
                "https://www.social.example/@ada/109876543210987654",
                "https://www.social.example/@ada/109876543210987654/embed",
            ),
            (
                "https://bsky.app/profile/ada.example/post/3kabcdefghi2x",
                "https://embed.bsky.app/embed/ada.example/app.bsky.feed.post/3kabcdefghi2x?colorMode=system",
            ),
            (
                "https://bsky.app/profile/did:plc:abc123/post/3kabcdefghi2x",
                "https://embed.bsky.app/embed/did:plc:abc123/app.bsky.feed.post/3kabcdefghi2x?colorMode=system",
            ),
            (
                "https://www.reddit.com/r/lighthouses/comments/1abcdef/a_new_lamp/?utm_source=share",
                "https://embed.reddit.com/r/lighthouses/comments/1abcdef/a_new_lamp/?embed=true",
            ),
            (
                "https://www.threads.net/@ada.lamps/post/C1aB2cD3eF4",
                "https://www.threads.com/@ada.lamps/post/C1aB2cD3eF4/embed/",
            ),
            (
                "https://video.example/w/4GWXjV9zHcLZkJ5qXcbH1p",
                "https://video.example/videos/embed/4GWXjV9zHcLZkJ5qXcbH1p",
            ),
            (
                "https://video.example/videos/watch/9c9de5e8-0a1e-484a-b099-e80766180a6d",
                "https://video.example/videos/embed/9c9de5e8-0a1e-484a-b099-e80766180a6d",
            ),
            (
                "https://soundcloud.com/harbour/night-ferry",
                "https://w.soundcloud.com/player/?url=https%3A%2F%2Fsoundcloud.com%2Fharbour%2Fnight-ferry",
            ),
        ];
        for (address, frame) in cases {
            assert_eq!(embeds.frame(address).map(|found| found.url).as_deref(), Some(frame), "{address}");
        }
    }

    #[test]
    fn other_addresses_have_none() {
        let embeds = built_in();
        for address in [
            "https://www.youtube.com/",
            "https://www.youtube.com/watch",
            "https://www.youtube.com/watch?v=",
            "https://www.youtube.com/watch?v=a%22onload%3D",
            "https://youtube.com.example/watch?v=aB3-_x9Qw1E",
            "https://www.youtube.com:8443/watch?v=aB3-_x9Qw1E",
            "https://vimeo.com/features",
            "https://social.example/@ada",
            "https://social.example/@ada/a-post-1234",
            "https://social.example/@ada@other.example/109876543210987654",
            "https://wiki.example/w/index.php",
            "ftp://youtu.be/aB3-_x9Qw1E",
            "javascript://youtu.be/aB3-_x9Qw1E",
            "not an address",
        ] {
            assert_eq!(embeds.frame(address), None, "{address}");
        }
    }

    #[test]
    fn a_layer_adds_sites_and_replaces_those_below() {
        let mut embeds = built_in();
        let text = "[embeds.films]\nname = \"Films\"\nlinks = [\"https://films.example/{id}\"]\n\
            frame = \"https://films.example/frame/{id}\"\n[embeds.vimeo]\nlinks = []\n";
        let source = SourceText { path: "theme.toml", text };
        let mut faults = Vec::new();
        embeds.lay_over(source, &spanned::toml(text, 0).expect("it is TOML"), &mut faults);
        assert!(faults.is_empty());
        let frame = EmbedFrame {
            name: "Films".to_owned(),
            url: "https://films.example/frame/7".to_owned(),
            shape: "video".to_owned(),
        };
        assert_eq!(embeds.frame("https://films.example/7"), Some(frame));
        assert_eq!(embeds.frame("https://vimeo.com/123456789"), None);
    }

    #[test]
    fn what_is_wrong_with_a_table_is_told() {
        let text = "[embeds]\none = 1\n[embeds.two]\nlinks = [\"two.example/{id}\", \"https://two.example/\", \"https://two.example\"]\n\
            [embeds.three]\nlinks = [\"https://three.example/{id}\"]\n[embeds.four]\nlinks = [\"https://four.example/{id}\"]\nframe = \"https://four.example/{name}\"\n\
            [embeds.five]\nlinks = [\"https://five.example/{id}\"]\nframe = \"http://five.example/{id}\"\nshape = \"round\"\nratio = 1\n";
        let (_, mut faults) = table(text);
        // A table of TOML is read by the names of its keys.
        faults.sort_unstable();
        let mut expected = [
            "`embeds.one` must be a table, but this is a number",
            "`two.example/{id}` is not a pattern of an address: it begins with `https://`",
            "`https://two.example/` is not a pattern of an address: it has no place such as `{id}`",
            "`https://two.example` is not a pattern of an address: it has no path",
            "`embeds.three` has no `frame`",
            "a pattern in `links` has no place `{name}`",
            "the address of a frame begins with `https://`",
            "there is no shape `round`",
            "unknown key `embeds.five.ratio`",
        ];
        expected.sort_unstable();
        assert_eq!(faults, expected);
    }
}
