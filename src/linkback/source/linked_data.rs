//! The JSON-LD of a page: all its scripts as one graph of things of schema.org.
//!
//! Scripts are written by templates, and a large part is not quite JSON: with line breaks in strings, comments, and a comma behind the
//! last value. These are mended. Of a script that stays broken the fields that name an article are taken out one by one.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Map, Value, json};
use url::Url;

use crate::dom::{Document, Node};
use crate::linkback::address::Address;
use crate::linkback::source::base_of;
use crate::linkback::source::metadata::canonical;
use crate::linkback::source::sanitize::unescaped;

/// How many scripts with data are read; more are a game.
const MAX_SCRIPTS: usize = 8;

/// The data of a page's scripts.
pub(crate) struct LinkedData {
    values: Vec<Value>,
}

/// The things that the data of a page describes.
pub(crate) struct LinkedGraph<'v> {
    things: Vec<&'v Map<String, Value>>,
}

/// The types of schema.org that are texts of an author.
const TEXTS: [&str; 18] = [
    "Article",
    "BlogPosting",
    "NewsArticle",
    "TechArticle",
    "ScholarlyArticle",
    "OpinionNewsArticle",
    "ReportageNewsArticle",
    "AnalysisNewsArticle",
    "BackgroundNewsArticle",
    "ReviewNewsArticle",
    "AskPublicNewsArticle",
    "LiveBlogPosting",
    "AdvertiserContentArticle",
    "SocialMediaPosting",
    "DiscussionForumPosting",
    "Report",
    "Review",
    "Comment",
];

impl LinkedData {
    /// Reads the scripts of a page.
    pub(crate) fn of(document: &Document) -> Self {
        let scripts = document.elements().filter(is_json_ld).take(MAX_SCRIPTS);
        Self { values: scripts.filter_map(data_of).collect() }
    }

    /// What the scripts describe.
    pub(crate) fn graph(&self) -> LinkedGraph<'_> {
        LinkedGraph { things: self.values.iter().flat_map(things).collect() }
    }
}

impl<'v> LinkedGraph<'v> {
    /// Of the texts the one that is the page, else the first.
    pub(crate) fn article(&self, document: &Document, url: &Url) -> Option<&'v Map<String, Value>> {
        let texts: Vec<_> = self.things.iter().copied().filter(|thing| is_text(thing)).collect();
        let pages: Vec<Url> = std::iter::once(url.clone()).chain(canonical(document, url)).collect();
        let keys: Vec<String> = pages.into_iter().filter_map(key_of).collect();
        let base = base_of(document, url);
        let meant = texts.iter().find(|text| is_at(text, &keys, &base));
        meant.or(texts.first()).copied()
    }

    /// The first thing of one of some types.
    pub(crate) fn of_type(&self, types: &[&str]) -> Option<&'v Map<String, Value>> {
        self.things
            .iter()
            .copied()
            .find(|thing| kinds(thing).any(|kind| types.contains(&kind)) && thing.contains_key("name"))
    }

    /// All things, in the order in which they are described.
    pub(crate) fn things(&self) -> impl Iterator<Item = &'v Map<String, Value>> {
        self.things.iter().copied()
    }

    /// An object, or the one it refers to: persons and sites often stand elsewhere in the graph.
    pub(crate) fn resolved<'a>(&self, thing: &'a Value) -> Option<&'a Map<String, Value>>
    where
        'v: 'a,
    {
        let map = first_map(thing)?;
        let id = map.get("@id").and_then(Value::as_str);
        let mut named = self.things.iter().copied().filter(|other| {
            id.is_some() && other.get("@id").and_then(Value::as_str) == id && other.contains_key("name")
        });
        Some(named.next().unwrap_or(map))
    }

    /// The name of a person or site: of the object that is meant, else the text itself.
    pub(crate) fn name_of(&self, value: Option<&Value>) -> String {
        let named = value.and_then(|value| Some(string(self.resolved(value)?, "name")));
        let name = named.or_else(|| strings(value).next().map(str::to_owned)).unwrap_or_default();
        unescaped(&name)
    }

    /// The name of the site that a text is part of. What is between them is its page, whose name is another title.
    pub(crate) fn site_of_part(&self, value: Option<&Value>) -> String {
        let page = value.and_then(|value| self.resolved(value));
        match page.filter(|thing| kinds(thing).any(|kind| kind.ends_with("WebPage"))) {
            Some(page) => self.name_of(page.get("isPartOf")),
            None => self.name_of(value),
        }
    }
}

/// The values of a list each, else the one value.
pub(crate) fn each(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    match value {
        Some(Value::Array(list)) => list.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    }
    .iter()
}

/// The first text of a property; empty if there is none.
pub(crate) fn string(thing: &Map<String, Value>, key: &str) -> String {
    strings(thing.get(key)).next().unwrap_or_default().to_owned()
}

/// A string, or the strings of a list.
pub(crate) fn strings(value: Option<&Value>) -> impl Iterator<Item = &str> {
    each(value).filter_map(Value::as_str)
}

/// The types of a thing by their names, which may be written as addresses.
pub(crate) fn kinds(thing: &Map<String, Value>) -> impl Iterator<Item = &str> {
    const SCHEMES: [&str; 3] = ["http://schema.org/", "https://schema.org/", "schema:"];
    strings(thing.get("@type"))
        .map(|kind| SCHEMES.iter().find_map(|scheme| kind.strip_prefix(scheme)).unwrap_or(kind))
}

fn is_json_ld(node: &Node<'_>) -> bool {
    let kind = node.attribute("type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    node.name() == "script" && kind.eq_ignore_ascii_case("application/ld+json")
}

/// Whether a thing is a text of an author.
fn is_text(thing: &Map<String, Value>) -> bool {
    kinds(thing).any(|kind| TEXTS.contains(&kind))
}

/// Whether a thing says that it is at one of some addresses.
fn is_at(thing: &Map<String, Value>, keys: &[String], base: &Url) -> bool {
    let said = ["url", "@id", "mainEntityOfPage"].into_iter().filter_map(|name| thing.get(name));
    let addresses = said.filter_map(|value| match value {
        Value::Object(map) => map.get("@id").or_else(|| map.get("url"))?.as_str(),
        other => other.as_str(),
    });
    addresses
        .filter_map(|address| {
            let mut address = base.join(address.trim()).ok()?;
            // An id such as `https://a.example/post/#article` is one on the page.
            address.set_fragment(None);
            key_of(address)
        })
        .any(|key| keys.contains(&key))
}

fn key_of(url: Url) -> Option<String> {
    Address::of_url(url).ok().map(|address| address.key())
}

/// The objects at the top of a JSON-LD document: itself, those of its list, those of its graph.
fn things(value: &Value) -> Vec<&Map<String, Value>> {
    let mut things = Vec::new();
    for thing in each(Some(value)).filter_map(Value::as_object) {
        add_with_entity(thing, &mut things);
        for thing in each(thing.get("@graph")).flat_map(|part| each(Some(part))).filter_map(Value::as_object)
        {
            add_with_entity(thing, &mut things);
        }
    }
    things
}

/// An object, and what it says that it is about: a `WebPage` holds its `BlogPosting`.
fn add_with_entity<'v>(thing: &'v Map<String, Value>, things: &mut Vec<&'v Map<String, Value>>) {
    things.push(thing);
    if let Some(Value::Object(entity)) = thing.get("mainEntity") {
        things.push(entity);
    }
}

fn first_map(value: &Value) -> Option<&Map<String, Value>> {
    each(Some(value)).next()?.as_object()
}

/// The data of a script, which old themes wrap for parsers of XML.
fn data_of(script: Node<'_>) -> Option<Value> {
    let text: String = script.children().filter_map(Node::text).collect();
    let text = text.trim().trim_start_matches("//").trim_start_matches("/*").trim_start();
    let text = text.strip_prefix("<![CDATA[").map_or(text, |text| text.trim_start_matches("*/"));
    let text = text.trim_end().trim_end_matches("*/").trim_end();
    let text = text.strip_suffix("]]>").map_or(text, str::trim_end);
    let text = text.trim_end_matches("/*").trim_end_matches("//").trim_end_matches(';');
    let strict = serde_json::from_str(text).ok();
    strict.or_else(|| serde_json::from_str(&mended(text)).ok()).or_else(|| fields_of_broken(text))
}

/// A text with what templates write that JSON has not: raw line breaks in strings are escaped, comments and a comma behind
/// the last value are left out.
fn mended(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    let mut is_string = false;
    while let Some(c) = rest.next() {
        match c {
            '\\' if is_string => {
                out.push(c);
                out.extend(rest.next());
            }
            '"' => {
                is_string = !is_string;
                out.push(c);
            }
            c if is_string && c.is_control() => out.push(' '),
            '/' if !is_string && rest.peek() == Some(&'/') => {
                rest.by_ref().find(|c| *c == '\n');
            }
            '/' if !is_string && rest.peek() == Some(&'*') => {
                let mut last = ' ';
                rest.next();
                rest.by_ref().find(|c| std::mem::replace(&mut last, *c) == '*' && *c == '/');
            }
            '}' | ']' if !is_string => {
                let end = out.trim_end().len();
                if out[..end].ends_with(',') {
                    out.truncate(end - 1);
                }
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

/// The fields that name an article, out of a text that is not JSON: each by its first occurrence.
fn fields_of_broken(text: &str) -> Option<Value> {
    static FIELD: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#""(headline|datePublished|dateCreated|inLanguage)"\s*:\s*"((?:[^"\\]|\\.)*)""#)
            .expect("it is a pattern")
    });
    static NAMED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r#""(author|publisher)"\s*:\s*\[?\s*\{[^{}]*?"@type"\s*:\s*"([A-Za-z]+)"[^{}]*?"name"\s*:\s*"((?:[^"\\]|\\.)*)""#,
        )
        .expect("it is a pattern")
    });
    static KIND: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#""@type"\s*:\s*\[?\s*"([A-Za-z]*(?:Article|Posting))""#).expect("it is a pattern")
    });
    let mut thing = Map::new();
    for field in FIELD.captures_iter(text) {
        let value = field[2].split_whitespace().collect::<Vec<_>>().join(" ");
        let value: String = serde_json::from_str(&format!("\"{value}\"")).unwrap_or(value);
        thing.entry(field[1].to_owned()).or_insert(Value::String(value));
    }
    for named in NAMED.captures_iter(text) {
        let name: String = serde_json::from_str(&format!("\"{}\"", &named[3])).unwrap_or_default();
        thing.entry(named[1].to_owned()).or_insert(json!({ "@type": &named[2], "name": name }));
    }
    let kind = KIND.captures(text)?;
    thing.insert("@type".to_owned(), Value::String(kind[1].to_owned()));
    Some(Value::Object(thing))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(script: &str, headline: &str) {
        let document = Document::parse(&format!("<script type=application/ld+json>{script}</script>"));
        let url = Url::parse("https://a.example/").unwrap();
        let data = LinkedData::of(&document);
        let graph = data.graph();
        let found = graph.article(&document, &url).map(|article| string(article, "headline"));
        assert_eq!(found.as_deref(), Some(headline), "{script}");
    }

    #[test]
    fn what_templates_write_is_mended() {
        check("{\"@type\":\"NewsArticle\",\"headline\":\"The\nstairs\"}", "The stairs");
        check(r#"{"@type":"NewsArticle","headline":"a // b",/* c */ "d":[1,2,],}"#, "a // b");
        check("{\"@type\":\"NewsArticle\", // kind\n\"headline\":\"x\",\n}", "x");
        check(
            r#"{"@type":"NewsArticle","headline":"say \"x\"","articleBody":"he said "no" to it"}"#,
            r#"say "x""#,
        );
        check(r#"{"@context":"https://schema.org","@graph":[[{"@type":"Article","headline":"x"}]]}"#, "x");
    }

    #[test]
    fn a_broken_script_gives_its_author_by_type() {
        let text = r#"{"@type":"NewsArticle","headline":"x" "author":[{"@type":"Person","name":"Ann Poe"}],"publisher":{"@type":"Organization","logo":"x","name":"The Gazette"},}}"#;
        let found = fields_of_broken(text).unwrap();
        assert_eq!(found["author"], json!({ "@type": "Person", "name": "Ann Poe" }));
        assert_eq!(found["publisher"]["name"], "The Gazette");
    }
}
