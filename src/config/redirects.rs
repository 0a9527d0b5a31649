//! `[[redirects]]`: addresses that belong to no page any more, and where they lead.
//!
//! An address is compared in one spelling: every octet that is not RFC 3986's `pchar` or `/` percent-encoded, with capital
//! digits. Octets that are not UTF-8 keep their place in it: WordPress cuts a slug within a character.

use std::fmt;

use percent_encoding::{CONTROLS, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::diagnostic::{Location, Severity};
use crate::path::{UrlPath, is_own, percent_encode, percent_encode_octets};
use crate::spanned::{Fields, SourceText, Spanned};

/// A redirect as the settings have it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RedirectEntry {
    /// Which addresses it is for.
    pub from: RedirectSource,
    /// Where they lead.
    pub to: RedirectTarget,
    /// The status of the answer.
    pub status: RedirectStatus,
    /// Where `from` is written.
    #[serde(skip)]
    pub place: Option<Location>,
}

/// The addresses that a redirect is for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RedirectSource {
    /// The path below `base_url`.
    pub path: Vec<SourcePart>,
    /// What the query has to hold, percent-encoded; other parameters make no difference.
    pub query: Vec<QueryParameter>,
}

/// A part of a path that is compared.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum SourcePart {
    /// This text, percent-encoded.
    Text(String),
    /// `:name`: any text without a slash.
    Segment(String),
    /// `*`: any text, slashes as well.
    Splat,
}

impl fmt::Display for SourcePart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Segment(name) => write!(f, ":{name}"),
            Self::Splat => f.write_str("*"),
        }
    }
}

/// A parameter of a query, percent-encoded.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct QueryParameter {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// Where a redirect leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RedirectTarget {
    /// Whether it begins with a path below `base_url`; otherwise it is absolute.
    pub is_own: bool,
    /// The address in parts.
    pub parts: Vec<TargetPart>,
}

/// A part of the address that a redirect leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum TargetPart {
    /// This text, percent-encoded.
    Text(String),
    /// What a part of the path stood for, by its index in [`RedirectSource::path`].
    Captured(usize),
}

/// The status of the answer (RFC 9110 section 15.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum RedirectStatus {
    /// 301.
    Permanent,
    /// 302.
    Found,
    /// 303.
    SeeOther,
    /// 307.
    Temporary,
    /// 308.
    PermanentSameMethod,
}

impl RedirectStatus {
    const ALL: [Self; 5] =
        [Self::Permanent, Self::Found, Self::SeeOther, Self::Temporary, Self::PermanentSameMethod];

    /// Its number.
    pub fn code(self) -> u16 {
        match self {
            Self::Permanent => 301,
            Self::Found => 302,
            Self::SeeOther => 303,
            Self::Temporary => 307,
            Self::PermanentSameMethod => 308,
        }
    }
}

impl fmt::Display for RedirectStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.code().fmt(f)
    }
}

/// A path in the spelling that is compared: octets that are not UTF-8 and signs of patterns are percent-encoded.
pub(crate) fn normal_path(written: &str) -> String {
    let octets: Vec<u8> = percent_decode_str(written).collect();
    let mut path = String::with_capacity(written.len());
    match std::str::from_utf8(&octets) {
        Ok(text) => percent_encode(&crate::path::nfc(text), &mut path),
        Err(_) => percent_encode_octets(&octets, &mut path),
    }
    // Hosts would take these for signs of a pattern.
    if path.contains(['*', ':']) {
        path = path.replace('*', "%2A").replace("/:", "/%3A");
        if path.starts_with(':') {
            path.replace_range(..1, "%3A");
        }
    }
    path
}

/// Endings of names that are files and may be pages; a name with another ending or none is a folder.
pub(crate) const PAGE_EXTENSIONS: [&str; 10] =
    ["html", "htm", "xhtml", "php", "asp", "aspx", "jsp", "xml", "txt", "json"];

/// Whether the last part of a path names a file that may be a page.
pub(crate) fn names_page_file(path: &str) -> bool {
    extension(path).is_some_and(|extension| PAGE_EXTENSIONS.contains(&extension.as_str()))
}

/// Whether the last part of a path names a file: it has an ending of few letters and digits.
fn names_file(path: &str) -> bool {
    extension(path).is_some_and(|extension| {
        (1..=5).contains(&extension.len())
            && extension.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && extension.bytes().any(|byte| byte.is_ascii_alphabetic())
    })
}

fn extension(path: &str) -> Option<String> {
    let name = path.rsplit('/').next()?;
    name.rsplit_once('.').map(|(_, extension)| extension.to_lowercase())
}

impl RedirectSource {
    /// The source of an address of this site.
    pub fn of_url(url: &UrlPath) -> Self {
        Self { path: vec![SourcePart::Text(url.encoded(""))], query: Vec::new() }
    }

    /// The source of a path that is not UTF-8, as [`normal_path`] spells it.
    pub fn of_octets(path: &str) -> Self {
        Self { path: vec![SourcePart::Text(path.to_owned())], query: Vec::new() }
    }

    /// Reads what `from` says. The error says what is wrong.
    pub fn parse(written: &str) -> Result<Self, String> {
        let written = written.trim();
        if !is_own(written) {
            return Err("an address of this site begins with `/`".to_owned());
        }
        if written.contains('#') {
            return Err("what follows `#` never reaches a host".to_owned());
        }
        if written.contains(|c: char| c.is_control() || c == '\\')
            || written.split('/').any(|part| part == "..")
        {
            return Err("an address cannot hold `..`, `\\` or control characters".to_owned());
        }
        let (path, query) = written.split_once('?').unwrap_or((written, ""));
        let mut source = Self { path: source_parts(path)?, query: parameters(query) };
        // As with an alias, a name without a slash at its end means the folder.
        if let Some(SourcePart::Text(last)) = source.path.last_mut()
            && !last.ends_with('/')
            && !names_file(last)
        {
            last.push('/');
        }
        Ok(source)
    }

    /// Whether it is for one path.
    pub fn is_literal(&self) -> bool {
        matches!(self.path.as_slice(), [SourcePart::Text(_)])
    }

    /// The path as it is written, percent-encoded.
    pub fn path_text(&self) -> String {
        self.path.iter().map(ToString::to_string).collect()
    }

    /// The address whose page can do the same: only one path, whatever the query.
    pub fn page_url(&self) -> Option<UrlPath> {
        let [SourcePart::Text(path)] = self.path.as_slice() else { return None };
        let decoded = percent_decode_str(path).decode_utf8().ok()?;
        UrlPath::new(&decoded).filter(|_| self.query.is_empty())
    }

    /// Whether a folder or a file can stand at the path and be taken for a page.
    pub fn can_be_page(&self) -> bool {
        self.page_url().is_some_and(|url| url.as_str().ends_with('/') || names_page_file(url.as_str()))
    }

    /// What the parts stand for in a path as [`normal_path`] spells it; `None` if the path is not meant. A slash at
    /// the end makes no difference.
    pub fn captures<'p>(&self, path: &'p str) -> Option<Vec<&'p str>> {
        let mut captured = Vec::new();
        if capture(&self.path, path, &mut captured) {
            return Some(captured);
        }
        None
    }

    /// Whether a query holds the parameters.
    pub fn matches_query(&self, query: &str) -> bool {
        let given = parameters(query);
        self.query.iter().all(|wanted| given.contains(wanted))
    }
}

impl fmt::Display for RedirectSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path_text())?;
        for (at, QueryParameter { name, value }) in self.query.iter().enumerate() {
            write!(f, "{}{name}={value}", if at == 0 { '?' } else { '&' })?;
        }
        Ok(())
    }
}

/// Compares from left to right; a splat takes as much as it can.
fn capture<'p>(parts: &[SourcePart], path: &'p str, captured: &mut Vec<&'p str>) -> bool {
    let Some((first, rest)) = parts.split_first() else { return path.is_empty() };
    match first {
        SourcePart::Text(text) => {
            captured.push("");
            let below = path.strip_prefix(text.as_str());
            let is_end = rest.is_empty() && text.strip_suffix('/') == Some(path);
            if is_end || below.is_some_and(|below| capture(rest, below, captured)) {
                return true;
            }
            captured.pop();
            false
        }
        SourcePart::Segment(_) => {
            let end = path.find('/').unwrap_or(path.len());
            captured.push(&path[..end]);
            if end > 0 && capture(rest, &path[end..], captured) {
                return true;
            }
            captured.pop();
            false
        }
        SourcePart::Splat => {
            for end in (0..=path.len()).rev() {
                captured.push(&path[..end]);
                if capture(rest, &path[end..], captured) {
                    return true;
                }
                captured.pop();
            }
            false
        }
    }
}

/// Takes a path apart: `*` and `:name` stand for a whole part between slashes.
fn source_parts(path: &str) -> Result<Vec<SourcePart>, String> {
    let mut parts = vec![SourcePart::Text(String::new())];
    for (at, segment) in path.split('/').enumerate() {
        if at > 0 {
            push_text(&mut parts, "/");
        }
        match segment.strip_prefix(':').filter(|name| is_name(name)) {
            Some(name) => {
                if parts.iter().any(|part| matches!(part, SourcePart::Segment(known) if known == name)) {
                    return Err(format!("`:{name}` stands there twice"));
                }
                parts.push(SourcePart::Segment(name.to_owned()));
            }
            None if segment == "*" => {
                if parts.contains(&SourcePart::Splat) {
                    return Err("there can be one `*`; write `:name` for one part between slashes".to_owned());
                }
                parts.push(SourcePart::Splat);
            }
            None if segment.contains('*') => {
                return Err(
                    "`*` stands for a whole part between slashes; write `%2A` for the character".to_owned()
                );
            }
            None if segment.is_empty() || segment == "." => {
                // `//` and `/./` are `/`, as in every address.
                if at + 1 != path.split('/').count() && at > 0 {
                    pop_slash(&mut parts);
                }
            }
            None => push_text(&mut parts, &normal_path(segment)),
        }
    }
    parts.retain(|part| !matches!(part, SourcePart::Text(text) if text.is_empty()));
    Ok(parts)
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && name != "splat"
}

fn push_text(parts: &mut Vec<SourcePart>, text: &str) {
    match parts.last_mut() {
        Some(SourcePart::Text(known)) => known.push_str(text),
        _ => parts.push(SourcePart::Text(text.to_owned())),
    }
}

fn pop_slash(parts: &mut [SourcePart]) {
    if let Some(SourcePart::Text(known)) = parts.last_mut() {
        known.pop();
    }
}

/// A name or value of a query in one spelling.
fn normal_parameter(text: &str) -> String {
    normal_path(&text.replace('+', "%20")).replace('/', "%2F")
}

/// The parameters of a query in one spelling (the URL standard's `application/x-www-form-urlencoded`).
fn parameters(query: &str) -> Vec<QueryParameter> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let mut parameters: Vec<QueryParameter> = pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            QueryParameter { name: normal_parameter(name), value: normal_parameter(value) }
        })
        .collect();
    parameters.sort();
    parameters
}

impl RedirectTarget {
    /// The target of an address of this site.
    pub fn of_url(url: &UrlPath) -> Self {
        Self { is_own: true, parts: vec![TargetPart::Text(url.encoded(""))] }
    }

    /// Reads what `to` says, for the parts of `from`. The error says what is wrong.
    pub fn parse(written: &str, from: &RedirectSource) -> Result<Self, String> {
        let written = written.trim();
        if written.contains(|c: char| c.is_control() || c.is_whitespace() || c == '\\') {
            return Err("an address cannot hold white space, `\\` or control characters".to_owned());
        }
        let is_own = is_own(written);
        let written = match is_own {
            true => utf8_percent_encode(written, CONTROLS).to_string(),
            false => absolute(written)?,
        };
        let end = written.find(['?', '#']).unwrap_or(written.len());
        let (path, rest) = written.split_at(end);
        if is_own && UrlPath::new(path).is_none() {
            return Err("the address leads above the site".to_owned());
        }
        let mut target = Self { is_own, parts: vec![TargetPart::Text(String::new())] };
        for (at, segment) in path.split('/').enumerate() {
            if at > 0 {
                target.push("/");
            }
            match captured_by(segment, from)? {
                Some(index) => target.parts.push(TargetPart::Captured(index)),
                None if is_own => target.push(&normal_path(segment)),
                None => target.push(segment),
            }
        }
        target.push(rest);
        target.parts.retain(|part| !matches!(part, TargetPart::Text(text) if text.is_empty()));
        Ok(target)
    }

    fn push(&mut self, text: &str) {
        match self.parts.last_mut() {
            Some(TargetPart::Text(known)) => known.push_str(text),
            _ => self.parts.push(TargetPart::Text(text.to_owned())),
        }
    }

    /// The path of an own address that is the same for all sources, and no query or fragment.
    pub fn own_path(&self) -> Option<UrlPath> {
        let [TargetPart::Text(text)] = self.parts.as_slice() else { return None };
        let path = text.split(['?', '#']).next().unwrap_or_default();
        UrlPath::new(&percent_decode_str(path).decode_utf8().ok()?).filter(|_| self.is_own)
    }

    /// The address for a link on this site, where every captured part is `captured`.
    pub fn link(&self, base: &str, captured: impl Fn(usize) -> String) -> String {
        let mut link = if self.is_own { base.to_owned() } else { String::new() };
        for part in &self.parts {
            match part {
                TargetPart::Text(text) => link.push_str(text),
                TargetPart::Captured(index) => link.push_str(&captured(*index)),
            }
        }
        link
    }

    /// The absolute address, if it is the same for all sources.
    pub fn absolute(&self, config: &Config) -> String {
        self.link(&config.base_url, |_| String::new())
    }
}

impl fmt::Display for RedirectTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.link("", |_| "*".to_owned()))
    }
}

/// The part of the source that a segment of a target means.
fn captured_by(segment: &str, from: &RedirectSource) -> Result<Option<usize>, String> {
    let is_splat = matches!(segment, "*" | ":splat");
    let name = segment.strip_prefix(':').filter(|name| is_name(name));
    let wanted = match (is_splat, name) {
        (true, _) => SourcePart::Splat,
        (false, Some(name)) => SourcePart::Segment(name.to_owned()),
        (false, None) => return Ok(None),
    };
    from.path
        .iter()
        .position(|part| *part == wanted)
        .map(Some)
        .ok_or_else(|| format!("`from` has no `{segment}`"))
}

/// An address of another site, with its host in ASCII and what has to be percent-encoded so.
fn absolute(written: &str) -> Result<String, String> {
    let url = url::Url::parse(written).ok().filter(|url| {
        let has_name = !url.username().is_empty() || url.password().is_some();
        matches!(url.scheme(), "http" | "https") && written.contains("://") && !has_name
    });
    url.map(String::from).ok_or_else(|| {
        "write a path on this site, such as `/new/name/`, or an address that begins with `https://`"
            .to_owned()
    })
}

/// Reads the tables.
pub(super) fn read(source: SourceText<'_>, fields: &mut Fields<'_>) -> Vec<RedirectEntry> {
    let mut entries = Vec::new();
    for table in fields.tables("redirects") {
        let mut entry = Fields::new(source, "redirects.", table.value, fields.diagnostics());
        let from = entry.text("from");
        let to = entry.text("to");
        let status = status(&mut entry);
        entry.finish(Severity::Error, explain_foreign_key);
        let (Some(from), Some(to)) = (from, to) else {
            fields.report(table.span, "an entry of `redirects` needs a `from` and a `to`", None);
            continue;
        };
        entries.extend(entry_of(source, fields, EntryTexts { from, to }, status));
    }
    entries
}

/// What an entry says, as it is written.
struct EntryTexts {
    from: Spanned<String>,
    to: Spanned<String>,
}

fn entry_of(
    source: SourceText<'_>,
    fields: &mut Fields<'_>,
    EntryTexts { from, to }: EntryTexts,
    status: RedirectStatus,
) -> Option<RedirectEntry> {
    let place = Location::of(source.text, from.span.clone());
    let read = RedirectSource::parse(&from.value)
        .map_err(|reason| {
            fields.report(from.span, format!("`redirects.from` cannot be `{}`", from.value), Some(reason));
        })
        .ok()?;
    let target = RedirectTarget::parse(&to.value, &read)
        .map_err(|reason| {
            fields.report(to.span, format!("`redirects.to` cannot be `{}`", to.value), Some(reason));
        })
        .ok()?;
    Some(RedirectEntry { from: read, to: target, status, place: Some(place) })
}

fn status(fields: &mut Fields<'_>) -> RedirectStatus {
    let Some(taken) = fields.text("status") else { return RedirectStatus::Permanent };
    let known = RedirectStatus::ALL.into_iter().find(|status| status.to_string() == taken.value.trim());
    known.unwrap_or_else(|| {
        let message = format!("`{}` is not the status of a redirect", taken.value);
        let hint = "known are 301 and 308 for good, 302, 303 and 307 for a while".to_owned();
        fields.report(taken.span, message, Some(hint));
        RedirectStatus::Permanent
    })
}

/// What other programs call these keys.
fn explain_foreign_key(key: &str) -> Option<String> {
    let hint = match key {
        "source" | "path" | "url" | "old" => "it is called `from` here",
        "target" | "destination" | "dest" | "new" => "it is called `to` here",
        "code" | "statusCode" | "permanent" => "it is called `status` here: a number such as 301",
        "query" => "write the query into `from`: `from = \"/?p=101\"`",
        "force" => "a page stays where it is; a query counts before the page",
        _ => return None,
    };
    Some(hint.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(written: &str) -> RedirectSource {
        RedirectSource::parse(written).unwrap()
    }

    #[test]
    fn an_address_is_compared_in_one_spelling() {
        for (written, path) in [
            ("/old/ü", "/old/%C3%BC/"),
            ("/old/%c3%bc/", "/old/%C3%BC/"),
            ("/bad%e8/", "/bad%E8/"),
            ("/old.html", "/old.html"),
            ("/photo.jpg", "/photo.jpg"),
            ("/v1.2", "/v1.2/"),
            ("//", ""),
            ("/a//./b/", "/a/b/"),
            ("/", "/"),
        ] {
            let read = RedirectSource::parse(written).map(|source| source.path_text());
            assert_eq!(read.unwrap_or_default(), path, "{written}");
        }
        assert_eq!(source("/?p=101").to_string(), "/?p=101");
        assert_eq!(source("/?b=%7ex&a=1+2").to_string(), "/?a=1%202&b=~x");
    }

    #[test]
    fn patterns_capture_what_they_stand_for() {
        let captures = |from: &str, path: &str| {
            let source = source(from);
            let captured = source.captures(path)?;
            Some(captured.into_iter().filter(|text| !text.is_empty()).map(str::to_owned).collect::<Vec<_>>())
        };
        let some = |texts: &[&str]| Some(texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
        assert_eq!(captures("/*/feed/", "/2016/12/aleppo/feed/"), some(&["2016/12/aleppo"]));
        assert_eq!(captures("/*/feed/", "/2016/12/aleppo/feed"), some(&["2016/12/aleppo"]));
        assert_eq!(captures("/*/feed/", "/feed/"), None);
        assert_eq!(captures("/*/page/:number/", "/tag/x/page/2/"), some(&["tag/x", "2"]));
        assert_eq!(captures("/author/*", "/author/jo/page/2/"), some(&["jo/page/2/"]));
        assert_eq!(captures("/:year/x/", "/2016/12/x/"), None);
        assert_eq!(captures("/a/", "/a"), some(&[]));
        assert_eq!(captures("/a/", "/ab"), None);
    }

    #[test]
    fn a_query_counts_whatever_else_it_holds() {
        let source = source("/?p=101");
        assert!(source.matches_query("p=101") && source.matches_query("utm=x&p=101"));
        assert!(
            !source.matches_query("p=1010") && !source.matches_query("") && !source.matches_query("xp=101")
        );
    }

    #[test]
    fn a_target_repeats_what_was_captured() {
        let target = |from: &str, to: &str| {
            let from = source(from);
            let target = RedirectTarget::parse(to, &from)?;
            Ok::<_, String>(target.link("/blog", |index| {
                from.path[index..=index]
                    .iter()
                    .map(|part| match part {
                        SourcePart::Segment(name) => format!("<{name}>"),
                        _ => "<*>".to_owned(),
                    })
                    .collect()
            }))
        };
        assert_eq!(target("/a/*", "/b/*").unwrap(), "/blog/b/<*>");
        assert_eq!(target("/a/*", "/b/:splat").unwrap(), "/blog/b/<*>");
        assert_eq!(target("/:year/:name/", "/:name/?y=1#x").unwrap(), "/blog/<name>/?y=1#x");
        assert_eq!(
            target("/a/", "https://bücher.example/ö").unwrap(),
            "https://xn--bcher-kva.example/%C3%B6"
        );
        assert_eq!(target("/a/", "/ü/").unwrap(), "/blog/%C3%BC/");
        for wrong in ["javascript:alert(1)", "//host/x", "b/", "/../x", "/b/:splat", "/:year/"] {
            assert!(target("/a/", wrong).is_err(), "{wrong}");
        }
    }
}
