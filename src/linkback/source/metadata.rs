//! What a page says of itself to machines other than microformats: JSON-LD, Open Graph, `<meta>`, `<title>`, `rel=author`.

use serde_json::{Map, Value};
use url::Url;

use crate::dom::{Document, Node};

/// What a page says of itself, unsanitised. A field is empty if the page does not say it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metadata {
    pub title: String,
    pub site: String,
    pub author: String,
    /// The author's page, as it is linked.
    pub author_url: String,
    pub published: String,
}

/// How many scripts with data are read; more are a game.
const MAX_SCRIPTS: usize = 8;

impl Metadata {
    /// What a page says, the better source before the worse for each thing.
    pub fn of(document: &Document) -> Self {
        let mut found = Self::default();
        for script in document.elements().filter(is_json_ld).take(MAX_SCRIPTS) {
            let text: String = script.children().filter_map(Node::text).collect();
            if let Ok(value) = serde_json::from_str(&text) {
                found.or(linked_data(&value));
            }
        }
        found.or(of_metas(document));
        found.or(of_elements(document));
        found
    }

    /// Fills what is missing.
    fn or(&mut self, other: Self) {
        // A name and an address of two persons would make a third.
        if self.author.trim().is_empty() {
            self.author = other.author;
            self.author_url = other.author_url;
        }
        for (mine, other) in [
            (&mut self.title, other.title),
            (&mut self.site, other.site),
            (&mut self.published, other.published),
        ] {
            if mine.trim().is_empty() {
                *mine = other;
            }
        }
    }
}

fn is_json_ld(node: &Node<'_>) -> bool {
    let kind = node.attribute("type").unwrap_or_default().trim();
    node.name() == "script" && kind.eq_ignore_ascii_case("application/ld+json")
}

/// The types of schema.org that are texts of an author.
const TEXTS: [&str; 12] = [
    "Article",
    "BlogPosting",
    "NewsArticle",
    "TechArticle",
    "ScholarlyArticle",
    "OpinionNewsArticle",
    "ReportageNewsArticle",
    "SocialMediaPosting",
    "DiscussionForumPosting",
    "Report",
    "Review",
    "Comment",
];

fn linked_data(value: &Value) -> Metadata {
    let things = things(value);
    let mut texts =
        things.iter().filter(|thing| strings(thing.get("@type")).any(|kind| TEXTS.contains(&kind)));
    let Some(text) = texts.next() else { return Metadata::default() };
    let author_url =
        text.get("author").and_then(|author| resolved(&things, author)).map(|author| string(author, "url"));
    let [author, publisher, part] =
        ["author", "publisher", "isPartOf"].map(|key| name_of(&things, text.get(key)));
    let [headline, called] = ["headline", "name"].map(|key| string(text, key));
    Metadata {
        title: if headline.is_empty() { called } else { headline },
        site: if publisher.is_empty() { part } else { publisher },
        author,
        author_url: author_url.unwrap_or_default(),
        published: string(text, "datePublished"),
    }
}

fn string(thing: &Map<String, Value>, key: &str) -> String {
    strings(thing.get(key)).next().unwrap_or_default().to_owned()
}

/// The name of a person or site: of the object that is meant, else the text itself.
fn name_of(things: &[&Map<String, Value>], value: Option<&Value>) -> String {
    let named = value.and_then(|value| resolved(things, value)).map(|thing| string(thing, "name"));
    named.or_else(|| strings(value).next().map(str::to_owned)).unwrap_or_default()
}

/// The objects at the top of a JSON-LD document: itself, those of its list, those of its graph.
fn things(value: &Value) -> Vec<&Map<String, Value>> {
    let top = match value {
        Value::Array(list) => list.iter().collect(),
        other => vec![other],
    };
    let mut things = Vec::new();
    for thing in top.into_iter().filter_map(Value::as_object) {
        things.push(thing);
        if let Some(Value::Array(graph)) = thing.get("@graph") {
            things.extend(graph.iter().filter_map(Value::as_object));
        }
    }
    things
}

/// An object, or the one it refers to: persons and sites often stand elsewhere in the graph.
fn resolved<'v>(things: &[&'v Map<String, Value>], thing: &'v Value) -> Option<&'v Map<String, Value>> {
    let map = first_map(thing)?;
    let id = map.get("@id").and_then(Value::as_str);
    let mut named = things.iter().copied().filter(|other| {
        id.is_some() && other.get("@id").and_then(Value::as_str) == id && other.contains_key("name")
    });
    Some(named.next().unwrap_or(map))
}

fn first_map(value: &Value) -> Option<&Map<String, Value>> {
    match value {
        Value::Array(list) => list.first()?.as_object(),
        other => other.as_object(),
    }
}

/// A string, or the strings of a list.
fn strings(value: Option<&Value>) -> impl Iterator<Item = &str> {
    let list = match value {
        Some(Value::Array(list)) => list.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    list.iter().filter_map(Value::as_str)
}

fn of_metas(document: &Document) -> Metadata {
    const DATES: [&str; 5] =
        ["article:published_time", "datepublished", "dc.date", "dcterms.created", "date"];
    let mut authors = ["author", "article:author", "dc.creator", "twitter:creator"]
        .iter()
        .map(|name| meta_content(document, name))
        // Open Graph has an address where others have a name.
        .filter(|name| !name.is_empty() && Url::parse(name).is_err());
    Metadata {
        title: first_meta(document, &["og:title", "twitter:title", "dc.title"]),
        site: first_meta(document, &["og:site_name", "application-name"]),
        author: authors.next().unwrap_or_default(),
        author_url: String::new(),
        published: first_meta(document, &DATES),
    }
}

/// The content of the first of some `<meta>` elements that the page has.
fn first_meta(document: &Document, names: &[&str]) -> String {
    names.iter().map(|name| meta_content(document, name)).find(|text| !text.is_empty()).unwrap_or_default()
}

fn meta_content(document: &Document, wanted: &str) -> String {
    let mut contents = document
        .elements()
        .filter(|node| node.name() == "meta")
        .filter(|meta| {
            ["property", "name", "itemprop"].iter().any(|attribute| {
                meta.attribute(attribute).is_some_and(|name| name.trim().eq_ignore_ascii_case(wanted))
            })
        })
        .filter_map(|meta| meta.attribute("content"))
        .filter(|content| !content.trim().is_empty());
    contents.next().unwrap_or_default().to_owned()
}

fn of_elements(document: &Document) -> Metadata {
    let by_rel = document
        .elements()
        .find(|node| node.name() == "a" && node.words("rel").any(|rel| rel.eq_ignore_ascii_case("author")));
    let dated = document.elements().find(|node| {
        node.name() == "time"
            && (node.attribute("pubdate").is_some() || node.attribute("itemprop") == Some("datePublished"))
    });
    let title = first_text(document, "title");
    Metadata {
        title: if title.is_empty() { first_text(document, "h1") } else { title },
        site: String::new(),
        author: by_rel.map_or_else(String::new, Node::text_content),
        author_url: by_rel.and_then(|link| link.attribute("href")).unwrap_or_default().to_owned(),
        published: dated.and_then(|time| time.attribute("datetime")).unwrap_or_default().to_owned(),
    }
}

/// The text of the first element of a name that has some.
fn first_text(document: &Document, name: &str) -> String {
    let mut texts = document.elements().filter(|node| node.name() == name).map(Node::text_content);
    texts.find(|text| !text.trim().is_empty()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(html: &str, [title, site, author, author_url, published]: [&str; 5]) {
        let expected = Metadata {
            title: title.into(),
            site: site.into(),
            author: author.into(),
            author_url: author_url.into(),
            published: published.into(),
        };
        assert_eq!(Metadata::of(&Document::parse(html)), expected, "{html}");
    }

    #[test]
    fn linked_data_comes_first() {
        let data = r#"{"@context":"https://schema.org","@type":["BlogPosting"],"headline":"T","author":[{"@type":"Person","name":"Ann","url":"https://a.example/ann"}],"publisher":{"name":"S"},"datePublished":"2016-12-15"}"#;
        check(
            &format!(
                "<title>no</title><meta property=og:title content=no><script type='application/ld+json'>{data}</script>"
            ),
            ["T", "S", "Ann", "https://a.example/ann", "2016-12-15"],
        );
    }

    #[test]
    fn linked_data_may_refer_to_itself() {
        let data = r##"{"@graph":[{"@type":"WebSite","@id":"#site","name":"S"},{"@type":"Article","name":"T","author":{"@id":"#ann"},"isPartOf":{"@id":"#site"}},{"@type":"Person","@id":"#ann","name":"Ann"}]}"##;
        check(&format!("<script type=application/ld+json>{data}</script>"), ["T", "S", "Ann", "", ""]);
    }

    #[test]
    fn broken_linked_data_is_nothing() {
        for data in [
            "{",
            "[1,2]",
            r#"{"@type":"Article","author":3,"headline":{"a":1}}"#,
            &"[".repeat(100_000),
            "\"x\"",
        ] {
            check(
                &format!("<title>T</title><script type=application/ld+json>{data}</script>"),
                ["T", "", "", "", ""],
            );
        }
    }

    #[test]
    fn metas_come_second() {
        check(
            "<title>no</title><meta property='og:title' content='T &amp; t'><meta name=author content=''><meta property='article:author' content='https://a.example/'><meta name='DC.creator' content=Ann><meta property='og:site_name' content=S><meta property='article:published_time' content=2016-12-15>",
            ["T & t", "S", "Ann", "", "2016-12-15"],
        );
    }

    #[test]
    fn the_page_itself_comes_last() {
        check(
            "<svg><title>no</title></svg><title> </title><h1>T</h1><a rel='nofollow author' href=/me>Ann</a>",
            ["T", "", "Ann", "/me", ""],
        );
        check("", ["", "", "", "", ""]);
    }
}
