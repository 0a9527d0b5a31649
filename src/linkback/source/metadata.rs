//! What a page says of itself to machines other than microformats: JSON-LD, Open Graph, `<meta>`, `<title>`, `rel=author`.

use serde_json::{Map, Value};
use url::Url;

use crate::dom::{Document, Node};
use crate::linkback::address::Address;
use crate::linkback::source::sanitize::{clean, is_name, unescaped};
use crate::linkback::source::{base_of, date, without_site};

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
    /// What a page says, the better source before the worse for each thing. `url` is where the page was found.
    pub fn of(document: &Document, url: &Url) -> Self {
        let mut found = linked_data(document, url);
        found.or(of_metas(document));
        found.or(of_elements(document));
        if found.site.trim().is_empty() {
            found.site = site_of_feed(document);
        }
        if found.site.trim().is_empty() {
            found.site = site_of_home_link(document, url, &found.title).unwrap_or_default();
        }
        found
    }

    /// Fills what is missing, and what is there but says nothing.
    fn or(&mut self, other: Self) {
        // A name and an address of two persons would make a third.
        if !is_name(&self.author) {
            self.author = other.author;
            self.author_url = other.author_url;
        }
        if date(&self.published).is_none() {
            self.published = other.published;
        }
        for (mine, other) in [(&mut self.title, other.title), (&mut self.site, other.site)] {
            if mine.trim().is_empty() {
                *mine = other;
            }
        }
    }
}

/// Where the page says that it is, if that is on the same host: a page may not speak for another site.
pub(crate) fn canonical(document: &Document, url: &Url) -> Option<Url> {
    let links = document.elements().filter(|node| node.name() == "link");
    let canonical = links.filter(|link| link.words("rel").any(|rel| rel.eq_ignore_ascii_case("canonical")));
    let href = canonical.filter_map(|link| link.attribute("href")).find(|href| !href.trim().is_empty())?;
    let canonical = base_of(document, url).join(href.trim()).ok()?;
    let is_same_site = canonical.host() == url.host() && canonical.port() == url.port();
    (is_same_site && matches!(canonical.scheme(), "http" | "https")).then_some(canonical)
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

/// What the JSON-LD of a page says: of its texts the one that is the page, else the first.
fn linked_data(document: &Document, url: &Url) -> Metadata {
    let scripts = document.elements().filter(is_json_ld).take(MAX_SCRIPTS);
    let values: Vec<Value> = scripts.filter_map(|script| data_of(script)).collect();
    let things: Vec<_> = values.iter().flat_map(things).collect();
    let texts: Vec<_> = things.iter().filter(|thing| is_text(thing)).collect();
    let pages: Vec<Url> = std::iter::once(url.clone()).chain(canonical(document, url)).collect();
    let keys: Vec<String> = pages.into_iter().filter_map(key_of).collect();
    let base = base_of(document, url);
    let is_page = |thing: &Map<String, Value>| {
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
    };
    let meant = texts.iter().find(|text| is_page(text)).or(texts.first());
    meant.map_or_else(Metadata::default, |text| metadata_of(&things, text))
}

fn key_of(url: Url) -> Option<String> {
    Address::of_url(url).ok().map(|address| address.key())
}

/// The data of a script, which old themes wrap for parsers of XML.
fn data_of(script: Node<'_>) -> Option<Value> {
    let text: String = script.children().filter_map(Node::text).collect();
    let text = text.trim().trim_start_matches("//").trim_start_matches("/*").trim_start();
    let text = text.strip_prefix("<![CDATA[").map_or(text, |text| text.trim_start_matches("*/"));
    let text = text.trim_end().trim_end_matches("*/").trim_end();
    let text = text.strip_suffix("]]>").map_or(text, str::trim_end);
    let text = text.trim_end_matches("/*").trim_end_matches("//");
    serde_json::from_str(text).ok()
}

/// Whether a thing is a text of an author. A type may be written as an address.
fn is_text(thing: &Map<String, Value>) -> bool {
    strings(thing.get("@type")).any(|kind| {
        let schemes = ["http://schema.org/", "https://schema.org/", "schema:"];
        let name = schemes.iter().find_map(|scheme| kind.strip_prefix(scheme)).unwrap_or(kind);
        TEXTS.contains(&name)
    })
}

fn metadata_of(things: &[&Map<String, Value>], text: &Map<String, Value>) -> Metadata {
    let author = authors(text.get("author").or_else(|| text.get("creator")))
        .map(|author| {
            let url = resolved(things, author).map(|author| string(author, "url")).unwrap_or_default();
            (name_of(things, Some(author)), url)
        })
        .find(|(name, _)| is_name(name));
    let (author, author_url) = author.unwrap_or_default();
    let publisher = name_of(things, text.get("publisher"));
    let part = site_of_part(things, text.get("isPartOf"));
    let [headline, called] = ["headline", "name"].map(|key| unescaped(&string(text, key)));
    let dates = ["datePublished", "dateCreated", "uploadDate"].map(|key| string(text, key));
    Metadata {
        title: if headline.is_empty() { called } else { headline },
        site: if publisher.is_empty() { part } else { publisher },
        author,
        author_url,
        published: dates.into_iter().find(|text| date(text).is_some()).unwrap_or_default(),
    }
}

/// The authors of a text: of a list each.
fn authors(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    match value {
        Some(Value::Array(list)) => list.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    }
    .iter()
}

fn string(thing: &Map<String, Value>, key: &str) -> String {
    strings(thing.get(key)).next().unwrap_or_default().to_owned()
}

/// The name of the site that a text is part of. What is between them is its page, whose name is another title.
fn site_of_part(things: &[&Map<String, Value>], value: Option<&Value>) -> String {
    let is_page =
        |thing: &&Map<String, Value>| strings(thing.get("@type")).any(|kind| kind.ends_with("WebPage"));
    match value.and_then(|value| resolved(things, value)).filter(is_page) {
        Some(page) => name_of(things, page.get("isPartOf")),
        None => name_of(things, value),
    }
}

/// The name of a person or site: of the object that is meant, else the text itself.
fn name_of(things: &[&Map<String, Value>], value: Option<&Value>) -> String {
    let named = value.and_then(|value| resolved(things, value)).map(|thing| string(thing, "name"));
    let name = named.or_else(|| strings(value).next().map(str::to_owned)).unwrap_or_default();
    unescaped(&name)
}

/// The objects at the top of a JSON-LD document: itself, those of its list, those of its graph.
fn things(value: &Value) -> Vec<&Map<String, Value>> {
    let top = match value {
        Value::Array(list) => list.iter().collect(),
        other => vec![other],
    };
    let mut things = Vec::new();
    for thing in top.into_iter().filter_map(Value::as_object) {
        add_with_entity(thing, &mut things);
        if let Some(Value::Array(graph)) = thing.get("@graph") {
            for thing in graph.iter().filter_map(Value::as_object) {
                add_with_entity(thing, &mut things);
            }
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
        .filter(|name| is_name(name));
    Metadata {
        title: first_meta(document, &["og:title", "twitter:title", "dc.title"]),
        site: first_meta(document, &["og:site_name", "application-name"]),
        author: authors.next().unwrap_or_default(),
        author_url: String::new(),
        published: DATES
            .iter()
            .map(|name| meta_content(document, name))
            .find(|text| date(text).is_some())
            .unwrap_or_default(),
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

/// The name of the site as its feed has it. WordPress appends what the feed is of.
fn site_of_feed(document: &Document) -> String {
    const KINDS: [&str; 3] = ["application/rss+xml", "application/atom+xml", "application/feed+json"];
    const ENDINGS: [&str; 14] = [
        "(rss)",
        "(atom)",
        "rss feed",
        "atom feed",
        "json feed",
        "rss 2.0",
        "atom 1.0",
        "feed rss",
        "flux rss",
        "rss",
        "atom",
        "feed",
        "flux",
        "fluxo",
    ];
    let links = document.elements().filter(|node| {
        let kind = node.attribute("type").unwrap_or_default().trim().to_ascii_lowercase();
        node.name() == "link" && KINDS.contains(&kind.as_str())
    });
    let mut links = links.filter(|link| link.words("rel").any(|rel| rel.eq_ignore_ascii_case("alternate")));
    let Some(title) = links.next().and_then(|link| link.attribute("title")) else { return String::new() };
    if let Some((site, _)) = title.split_once('»') {
        return site.trim().to_owned();
    }
    let mut name = title.trim();
    while let Some(shorter) = ENDINGS.iter().find_map(|ending| {
        let at = name.len().checked_sub(ending.len())?;
        let end = name.get(at..).filter(|end| end.eq_ignore_ascii_case(ending))?;
        let rest = &name[..name.len() - end.len()];
        (rest.is_empty() || rest.ends_with([' ', '-', '–', ':', '|'])).then_some(rest)
    }) {
        name = shorter.trim_end_matches([' ', '-', '–', ':', '|', '·']);
    }
    name.to_owned()
}

/// The name of the site as a link to its home page has it, if the title of the page ends in that name.
fn site_of_home_link(document: &Document, url: &Url, title: &str) -> Option<String> {
    let base = base_of(document, url);
    let is_home = |link: &Node<'_>| {
        let to = link.attribute("href").and_then(|href| base.join(href.trim()).ok());
        to.is_some_and(|to| {
            to.host() == url.host() && to.port() == url.port() && to.path() == "/" && to.query().is_none()
        })
    };
    let links = document.elements().filter(|node| node.name() == "a").filter(is_home);
    let mut names = links.map(|link| clean(&link.text_content()));
    names.find(|name| !name.is_empty() && without_site(title, name) != title.trim())
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
        let url = Url::parse("https://a.example/post/").unwrap();
        assert_eq!(Metadata::of(&Document::parse(html), &url), expected, "{html}");
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
    fn a_page_is_not_a_site() {
        let graph = |part: &str| {
            let data = format!(
                r##"{{"@graph":[{{"@type":"Article","headline":"T","isPartOf":{{"@id":"#page"}}}},{{"@type":"WebPage","@id":"#page","name":"T - S"{part}}},{{"@type":"WebSite","@id":"#site","name":"S"}}]}}"##
            );
            format!("<meta property=og:site_name content=O><script type=application/ld+json>{data}</script>")
        };
        check(&graph(r##","isPartOf":{"@id":"#site"}"##), ["T", "S", "", "", ""]);
        check(&graph(""), ["T", "O", "", "", ""]);
    }

    #[test]
    fn a_link_to_the_home_page_names_the_site_that_the_title_ends_in() {
        let page = |link: &str| format!("<title>Counting | Low Stairs</title><header>{link}</header>");
        check(&page("<a href=/> Low  Stairs </a>"), ["Counting | Low Stairs", "Low Stairs", "", "", ""]);
        check(&page("<a href=/>Home</a>"), ["Counting | Low Stairs", "", "", "", ""]);
        check(&page("<a href=/about/>Low Stairs</a>"), ["Counting | Low Stairs", "", "", "", ""]);
        check(
            &page("<a href=https://other.example/>Low Stairs</a>"),
            ["Counting | Low Stairs", "", "", "", ""],
        );
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
    fn of_several_things_the_one_that_is_the_page_counts() {
        let other = r#"{"@type":"BlogPosting","url":"https://a.example/other/","headline":"Related","author":{"name":"Zed"},"datePublished":"2011-01-02"}"#;
        for own in [
            r#""url":"https://a.example/post""#,
            r#""@id":"https://a.example/post/#article""#,
            r#""mainEntityOfPage":{"@type":"WebPage","@id":"http://a.example/post/"}"#,
            r#""mainEntityOfPage":"https://a.example/canonical/""#,
        ] {
            let own = format!(
                r#"{{"@type":"http://schema.org/BlogPosting",{own},"headline":"Caf&eacute; &amp; bar &#8211; <2>","author":[{{"name":""}},{{"name":"Ann"}}],"datePublished":"2024-01-02"}}"#
            );
            let link = "<link rel=canonical href=/canonical/>";
            let expected = ["Café & bar – <2>", "", "Ann", "", "2024-01-02"];
            let script = |data: &str| format!("<script type=application/ld+json>{data}</script>");
            check(&format!("{link}{}", script(&format!(r#"{{"@graph":[{other},{own}]}}"#))), expected);
            check(&format!("{link}{}{}", script(other), script(&own)), expected);
            check(
                &format!("{link}{}", script(&format!(r#"{{"@type":"WebPage","mainEntity":{own}}}"#))),
                expected,
            );
            check(&format!("{link}{}", script(&format!("//<![CDATA[\n{own}\n//]]>"))), expected);
            check(&format!("{link}{}", script(&format!("/*<![CDATA[*/{own}/*]]>*/"))), expected);
        }
    }

    #[test]
    fn what_says_nothing_does_not_stand_in_the_way() {
        let data =
            r#"{"@type":"Article","headline":" ","author":"https://a.example/","datePublished":"soon"}"#;
        check(
            &format!(
                "<script type=application/ld+json>{data}</script><meta name=author content=Ann>\
                 <meta name=date content=x><meta name=dcterms.created content='Wed, 05 Jun 2024 10:00:00 GMT'><title>T</title>"
            ),
            ["T", "", "Ann", "", "Wed, 05 Jun 2024 10:00:00 GMT"],
        );
    }

    #[test]
    fn a_feed_names_the_site() {
        for (title, site) in [
            ("Alder &amp; Ash &raquo; Feed", "Alder & Ash"),
            ("Low Stairs - RSS Feed", "Low Stairs"),
            ("Low Stairs (Atom)", "Low Stairs"),
            ("Low Stairs", "Low Stairs"),
            ("RSS", ""),
            ("The Atomfeed", "The Atomfeed"),
        ] {
            check(
                &format!(
                    "<title>T</title><link rel=alternate type=application/rss+xml title=\"{title}\" href=/feed>"
                ),
                ["T", site, "", "", ""],
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
