//! What a page says of itself to machines other than microformats: JSON-LD, Open Graph, `<meta>`, `<title>`, `rel=author`.

use serde_json::{Map, Value};
use url::Url;

use crate::dom::{Document, Node};
use crate::linkback::source::linked_data::{LinkedData, LinkedGraph, each, string};
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

/// What the JSON-LD of a page says: of its texts the one that is the page, else the first.
fn linked_data(document: &Document, url: &Url) -> Metadata {
    let data = LinkedData::of(document);
    let graph = data.graph();
    graph.article(document, url).map_or_else(Metadata::default, |text| metadata_of(&graph, text))
}

fn metadata_of(graph: &LinkedGraph<'_>, text: &Map<String, Value>) -> Metadata {
    let author = each(text.get("author").or_else(|| text.get("creator")))
        .map(|author| {
            let url = graph.resolved(author).map(|author| string(author, "url")).unwrap_or_default();
            (graph.name_of(Some(author)), url)
        })
        .find(|(name, _)| is_name(name));
    let (author, author_url) = author.unwrap_or_default();
    let publisher = graph.name_of(text.get("publisher"));
    let part = graph.site_of_part(text.get("isPartOf"));
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

/// The content of the first of some `<meta>` elements that the page has; empty if there is none.
pub(crate) fn first_meta(document: &Document, names: &[&str]) -> String {
    names.iter().map(|name| meta_content(document, name)).find(|text| !text.is_empty()).unwrap_or_default()
}

/// The content of the first `<meta>` element of a name that says something.
pub(crate) fn meta_content(document: &Document, wanted: &str) -> String {
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
pub(crate) fn site_of_feed(document: &Document) -> String {
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
pub(crate) fn site_of_home_link(document: &Document, url: &Url, title: &str) -> Option<String> {
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
