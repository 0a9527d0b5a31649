//! Feeds are what their specifications ask for: read back with real parsers, whole, absolute, and the same for ever.

use roxmltree::{Document, Node};
use serde_json::Value;

use crate::site_test::SiteTest;

const ATOM: &str = "http://www.w3.org/2005/Atom";
const CONTENT: &str = "http://purl.org/rss/1.0/modules/content/";
const DC: &str = "http://purl.org/dc/elements/1.1/";

const BLOG: &str = r#"
-- backmatter.toml --
title = "News & <views>"
description = "What I think"
base_url = "https://example.com/blog"
timezone = "Europe/Stockholm"
copyright = "© Jane"
author = { name = "Jane", url = "https://jane.example/", email = "jane@example.com" }
[feed]
limit = 3
-- content/oldest.md --
+++
title = "Oldest"
date = 2016-01-01
+++
Not in the feeds.
-- content/two.md --
+++
title = "Two & <b>"
date = 2016-12-15 22:32
updated = 2016-12-20T10:00:00+01:00
tags = ["C++", "town"]
categories = ["News"]
author = "John"
lang = "de"
+++
Ein [Link](three/index.md), [noch einer](/about/), [#](#teil) und `a < b`.

## Teil

> Die Worte.
>
> — Jane Doe, [Bericht](https://report.example/a?b=1&c=2), *The Example*, 2026-03-04

```rust
fn main() {}
```
-- content/three/index.md --
+++
title = "Three"
date = 2016-12-16
link = "https://linked.example/x"
image = "map.png"
+++
A picture: ![Map](map.png)
-- content/three/map.png --
not really
-- content/note.md --
+++
date = 2016-12-17
+++
A note without a title]]> & with a control: x.
-- content/pages/about.md --
+++
title = "About"
+++
Not in the feeds.
"#;

fn blog() -> SiteTest {
    let mut site = SiteTest::new(BLOG);
    site.build().warnings(&[]);
    site
}

fn text<'a>(node: Node<'a, 'a>, namespace: &str, name: &str) -> &'a str {
    child(node, namespace, name).and_then(|child| child.text()).unwrap_or_default()
}

fn child<'a>(node: Node<'a, 'a>, namespace: &str, name: &str) -> Option<Node<'a, 'a>> {
    node.children().find(|child| {
        child.has_tag_name(name) && child.tag_name().namespace().unwrap_or_default() == namespace
    })
}

fn entries<'a>(document: &'a Document<'a>, name: &'a str) -> Vec<Node<'a, 'a>> {
    document.descendants().filter(|node| node.has_tag_name(name) || node.tag_name().name() == name).collect()
}

#[test]
fn the_atom_feed_has_what_rfc_4287_requires() {
    let site = blog();
    let xml = site.output("atom.xml");
    let document = Document::parse(&xml).expect("it is XML");
    let feed = document.root_element();
    assert_eq!((feed.tag_name().name(), feed.tag_name().namespace()), ("feed", Some(ATOM)));
    assert_eq!(text(feed, ATOM, "title"), "News & <views>");
    assert_eq!(text(feed, ATOM, "subtitle"), "What I think");
    assert_eq!(text(feed, ATOM, "rights"), "© Jane");
    assert!(text(feed, ATOM, "id").starts_with("urn:uuid:"));
    // The last change of any entry, not the newest entry's.
    assert_eq!(text(feed, ATOM, "updated"), "2016-12-20T10:00:00+01:00");
    let author = child(feed, ATOM, "author").expect("a feed has an author");
    assert_eq!(
        [text(author, ATOM, "name"), text(author, ATOM, "uri"), text(author, ATOM, "email")],
        ["Jane", "https://jane.example/", "jane@example.com"]
    );
    let links: Vec<_> = feed
        .children()
        .filter(|node| node.tag_name().name() == "link")
        .map(|link| (link.attribute("rel").unwrap_or_default(), link.attribute("href").unwrap_or_default()))
        .collect();
    assert_eq!(
        links,
        [("self", "https://example.com/blog/atom.xml"), ("alternate", "https://example.com/blog/")]
    );

    let entries = entries(&document, "entry");
    let titles: Vec<_> = entries.iter().map(|entry| text(*entry, ATOM, "title")).collect();
    assert_eq!(titles, ["A note without a title]]> & with a control: x.", "Three", "Two & <b>"]);
    for entry in &entries {
        assert!(text(*entry, ATOM, "id").starts_with("urn:uuid:"));
        for date in ["published", "updated"] {
            let date = text(*entry, ATOM, date);
            assert!(chrono::DateTime::parse_from_rfc3339(date).is_ok(), "{date}");
        }
        assert!(child(*entry, ATOM, "author").is_some());
    }
    let two = entries[2];
    assert_eq!(two.attribute(("http://www.w3.org/XML/1998/namespace", "lang")), Some("de"));
    assert_eq!(text(two, ATOM, "published"), "2016-12-15T22:32:00+01:00");
    assert_eq!(text(two, ATOM, "updated"), "2016-12-20T10:00:00+01:00");
    let terms: Vec<_> = two.children().filter_map(|node| node.attribute("term")).collect();
    assert_eq!(terms, ["News", "C++", "town"]);
    let author = child(two, ATOM, "author").expect("an entry has an author");
    assert_eq!(text(author, ATOM, "name"), "John");
    assert!(entries[1].children().any(|node| node.attribute("href") == Some("https://linked.example/x")));
}

#[test]
fn entries_hold_the_whole_text_with_absolute_links() {
    let site = blog();
    let xml = site.output("atom.xml");
    let document = Document::parse(&xml).expect("it is XML");
    let content: Vec<_> =
        entries(&document, "entry").iter().map(|entry| text(*entry, ATOM, "content")).collect();
    let url = "https://example.com/blog/2016/12/15/two/";
    assert_eq!(
        content[2].trim_end(),
        format!(
            r##"<p>Ein <a href="https://example.com/blog/2016/12/16/three/">Link</a>, <a href="https://example.com/blog/about/">noch einer</a>, <a href="{url}#teil">#</a> und <code>a &lt; b</code>.</p>
<h2 id="teil">Teil</h2>
<figure class="quote h-cite" id="q-ID">
<figcaption><span class="p-author h-card">Jane Doe</span><span class="quote-break">, </span><cite class="p-name"><a class="u-url" href="https://report.example/a?b=1&amp;c=2#:~:text=Die%20Worte">Bericht</a></cite><span class="quote-break">, </span><span class="p-publication"><em>The Example</em></span>, <time class="dt-published" datetime="2026-03-04">4. März 2026</time></figcaption>
<blockquote cite="https://report.example/a?b=1&amp;c=2">
<P class="p-content">Die Worte.</p>
</blockquote>
</figure>
<pre><code>fn main() {{}}
</code></pre>"##
        )
        .replace("q-ID", anchor(content[2])),
    );
    assert!(
        content[1].contains("src=\"https://example.com/blog/2016/12/16/three/map.png\""),
        "{}",
        content[1]
    );
}

/// The anchor of the first quote.
fn anchor(html: &str) -> &str {
    let start = html.find("\"q-").expect("there is a quote") + 1;
    &html[start..start + "q-01234567".len()]
}

#[test]
fn the_rss_feed_has_what_rss_2_requires() {
    let site = blog();
    let xml = site.output("rss.xml");
    let document = Document::parse(&xml).expect("it is XML");
    let rss = document.root_element();
    assert_eq!((rss.tag_name().name(), rss.attribute("version")), ("rss", Some("2.0")));
    let channel = child(rss, "", "channel").expect("there is a channel");
    assert_eq!(text(channel, "", "title"), "News & <views>");
    assert_eq!(text(channel, "", "link"), "https://example.com/blog/");
    assert_eq!(text(channel, "", "description"), "What I think");
    assert_eq!(text(channel, "", "language"), "en");
    let own = child(channel, ATOM, "link").expect("it names itself");
    assert_eq!(
        (own.attribute("rel"), own.attribute("href")),
        (Some("self"), Some("https://example.com/blog/rss.xml"))
    );
    let items = entries(&document, "item");
    assert_eq!(items.len(), 3);
    let two = items[2];
    assert_eq!(text(two, "", "link"), "https://example.com/blog/2016/12/15/two/");
    assert_eq!(text(two, "", "pubDate"), "Thu, 15 Dec 2016 22:32:00 +0100");
    assert_eq!(text(two, DC, "creator"), "John");
    let guid = child(two, "", "guid").expect("an item has an id");
    assert_eq!(guid.attribute("isPermaLink"), Some("false"));
    assert!(
        text(two, CONTENT, "encoded")
            .contains("<a href=\"https://example.com/blog/2016/12/16/three/\">Link</a>")
    );
    for item in items {
        assert!(chrono::DateTime::parse_from_rfc2822(text(item, "", "pubDate")).is_ok());
    }
}

#[test]
fn the_json_feed_has_what_version_1_1_requires() {
    let site = blog();
    let feed: Value = serde_json::from_str(&site.output("feed.json")).expect("it is JSON");
    assert_eq!(feed["version"], "https://jsonfeed.org/version/1.1");
    assert_eq!(feed["home_page_url"], "https://example.com/blog/");
    assert_eq!(feed["feed_url"], "https://example.com/blog/feed.json");
    assert_eq!(feed["authors"], serde_json::json!([{"name": "Jane", "url": "https://jane.example/"}]));
    let items = feed["items"].as_array().expect("there are items");
    assert_eq!(items.len(), 3);
    assert!(items[0].get("title").is_none(), "a note has no title");
    assert_eq!(items[1]["external_url"], "https://linked.example/x");
    assert_eq!(items[1]["image"], "https://example.com/blog/2016/12/16/three/map.png");
    let two = &items[2];
    assert_eq!(two["url"], "https://example.com/blog/2016/12/15/two/");
    assert_eq!(two["title"], "Two & <b>");
    assert_eq!(two["date_published"], "2016-12-15T22:32:00+01:00");
    assert_eq!(two["tags"], serde_json::json!(["News", "C++", "town"]));
    assert_eq!(two["language"], "de");
    for item in items {
        assert!(
            item["id"].as_str().is_some_and(|id| id.starts_with("urn:uuid:"))
                && item["content_html"].is_string()
        );
    }
}

#[test]
fn feeds_of_terms_hold_as_much_as_the_settings_say() {
    let mut site = blog();
    let terms = |site: &mut SiteTest, from: &str, to: &str| {
        let (from, to) = (format!("limit = 3{from}"), format!("limit = 3{to}"));
        site.edit("backmatter.toml", &from, &to).build().warnings(&[]);
    };
    let full = site.outputs();
    terms(&mut site, "", "\nterms = \"full\"");
    assert_eq!(site.outputs(), full, "the default is the full text");

    terms(&mut site, "\nterms = \"full\"", "\nterms = \"summary\"");
    let summary = "<p>Ein Link, noch einer, ";
    let xml = site.output("tags/town/atom.xml");
    let document = Document::parse(&xml).expect("it is XML");
    let entry = entries(&document, "entry")[0];
    assert!(text(entry, ATOM, "summary").starts_with(summary), "{}", text(entry, ATOM, "summary"));
    assert!(child(entry, ATOM, "content").is_none());
    let xml = site.output("categories/news/rss.xml");
    let document = Document::parse(&xml).expect("it is XML");
    let item = entries(&document, "item")[0];
    assert!(text(item, "", "description").starts_with(summary), "{}", text(item, "", "description"));
    assert!(child(item, CONTENT, "encoded").is_none());
    let feed: Value = serde_json::from_str(&site.output("tags/town/feed.json")).expect("it is JSON");
    // JSON Feed 1.1 asks for one of two texts in each item.
    let content = feed["items"][0]["content_html"].as_str().expect("it is text");
    assert!(content.starts_with(summary) && !content.contains("fn main"), "{content}");
    site.holds("atom.xml", &["fn main"]).holds("tags/town/index.html", &["/blog/tags/town/atom.xml"]);
    // A body beyond the summary makes no such feed stale.
    site.edit("content/two.md", "fn main() {}", "fn other() {}").build();
    assert!(!site.rendered_now().iter().any(|path| path.starts_with("tags/")), "{:?}", site.rendered_now());

    terms(&mut site, "\nterms = \"summary\"", "\nterms = \"none\"");
    site.exists("tags/town/atom.xml", false)
        .exists("categories/news/feed.json", false)
        .exists("tags/town/index.html", true)
        .exists("rss.xml", true)
        .exists("quotes/rss.xml", true)
        .lacks("tags/town/index.html", &["/blog/tags/town/atom.xml"]);
    site.edit("backmatter.toml", "\"none\"", "\"sumary\"")
        .fails(&["backmatter.toml:9:9: `feed.terms` cannot be `sumary` (did you mean `summary`?)"]);
}

#[test]
fn all_formats_name_an_entry_alike() {
    let site = blog();
    let feed: Value = serde_json::from_str(&site.output("feed.json")).expect("it is JSON");
    let json: Vec<_> = feed["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|i| i["id"].as_str().expect("an id").to_owned())
        .collect();
    let ids = |file: &str, entry: &str, id: &str| -> Vec<String> {
        let xml = site.output(file);
        let document = Document::parse(&xml).expect("it is XML");
        let entries = document.descendants().filter(|node| node.tag_name().name() == entry);
        entries
            .filter_map(|node| {
                node.children().find(|child| child.tag_name().name() == id)?.text().map(str::to_owned)
            })
            .collect()
    };
    assert_eq!(ids("atom.xml", "entry", "id"), json);
    assert_eq!(ids("rss.xml", "item", "guid"), json);
}

#[test]
fn ids_outlive_everything_but_the_file() {
    let id = |site: &SiteTest| {
        let feed: Value = serde_json::from_str(&site.output("feed.json")).expect("it is JSON");
        feed["items"][2]["id"].as_str().expect("an id").to_owned()
    };
    let mut site = blog();
    let first = id(&site);
    site.edit("content/two.md", "title = \"Two & <b>\"", "title = \"Zwei\"\nslug = \"zwei\"").build();
    assert_eq!(id(&site), first);
    site.edit("backmatter.toml", "example.com/blog\"", "example.com/other\"\nid = \"example.com/blog\"")
        .build();
    assert_eq!(id(&site), first);
    site.rename("content/two.md", "content/deux.md")
        .edit("content/deux.md", "slug", "id = \"two\"\nslug")
        .build();
    assert_eq!(id(&site), first, "a file that moves takes its id along");
    site.edit("content/deux.md", "id = \"two\"", "id = \"https://old.example/?p=7\"").build();
    assert_eq!(id(&site), "https://old.example/?p=7", "an id from elsewhere is taken as it is");
}

#[test]
fn feeds_never_depend_on_the_clock() {
    let mut site = blog();
    let before = site.outputs();
    site.now("2031-05-05").build().rendered(&[]);
    crate::site_test::same_files(&site.outputs(), &before);
    let mut empty = SiteTest::new("");
    empty.build().holds("atom.xml", &["<updated>1970-01-01T00:00:00Z</updated>"]);
    let xml = empty.output("rss.xml");
    assert!(Document::parse(&xml).is_ok() && !xml.contains("pubDate"));
}

#[test]
fn terms_have_feeds_of_their_own() {
    let site = blog();
    for (path, title) in [
        ("tags/c-plus-plus/atom.xml", "News & <views>: C++"),
        ("categories/news/atom.xml", "News & <views>: News"),
    ] {
        let xml = site.output(path);
        let document = Document::parse(&xml).expect("it is XML");
        assert_eq!(text(document.root_element(), ATOM, "title"), title);
        let titles: Vec<_> =
            entries(&document, "entry").iter().map(|entry| text(*entry, ATOM, "title")).collect();
        assert_eq!(titles, ["Two & <b>"]);
    }
}

#[test]
fn quotes_have_a_feed() {
    let site = blog();
    let xml = site.output("quotes/atom.xml");
    let document = Document::parse(&xml).expect("it is XML");
    let entries = entries(&document, "entry");
    assert_eq!(entries.len(), 1);
    assert_eq!(text(entries[0], ATOM, "title"), "Bericht");
    let content = text(entries[0], ATOM, "content");
    assert_eq!(
        content,
        "<figure><figcaption>Jane Doe, <a href=\"https://report.example/a?b=1&amp;c=2#:~:text=Die%20Worte\"><cite>Bericht</cite></a>, \
         The Example, 2026-03-04</figcaption><blockquote cite=\"https://report.example/a?b=1&amp;c=2\" lang=\"de\" dir=\"auto\">\
         <p class=\"p-content\">Die Worte.</p></blockquote></figure>"
    );
    let link =
        child(entries[0], ATOM, "link").and_then(|link| link.attribute("href")).expect("it has a link");
    let post = site.output("2016/12/15/two/index.html");
    assert_eq!(link, format!("https://example.com/blog/2016/12/15/two/#{}", anchor(&post)));
}

#[test]
fn characters_that_xml_excludes_are_left_out() {
    let mut site = SiteTest::new("");
    site.write(
        "content/a.md",
        "+++\ntitle = \"A \\u0008 \\uFFFF b\"\ndate = 2016-01-01\n+++\nx \u{1}\u{8}\u{c} y\n",
    )
    .build();
    for feed in ["atom.xml", "rss.xml", "sitemap.xml"] {
        let xml = site.output(feed);
        assert!(Document::parse(&xml).is_ok(), "{feed}: {xml:?}");
    }
}

/// The ids of a site's feeds and posts, and its settings, after a build by the program.
fn ids_of(site: &SiteTest) -> (Vec<String>, String) {
    let run = crate::cli::backmatter(site.root(), ["build", "--quiet"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let feed = std::fs::read_to_string(site.path("public/atom.xml")).expect("there is a feed");
    let ids = feed.split("<id>").skip(1).filter_map(|rest| rest.split("</id>").next().map(str::to_owned));
    let settings = std::fs::read_to_string(site.path("backmatter.toml")).expect("there are settings");
    (ids.collect(), settings)
}

fn at(settings: &str) -> SiteTest {
    let post = "-- content/2026/first-post.md --\n+++\ntitle = \"First\"\ndate = 2026-01-01\n+++\nHi\n";
    SiteTest::new(&format!("-- backmatter.toml --\n{settings}{post}"))
}

#[test]
fn ids_are_made_of_a_key_that_stays() {
    // Two sites of one host do not share an id.
    let (a, settings) = ids_of(&at("base_url = \"https://you.github.io/A\"\ntitle = \"A\"\n"));
    assert_eq!(settings, "base_url = \"https://you.github.io/A\"\nid = \"you.github.io/A\"\ntitle = \"A\"\n");
    let (b, _) = ids_of(&at("base_url = \"https://you.github.io/B\"\n"));
    assert!(a.iter().all(|id| !b.contains(id)), "{a:?} {b:?}");
    // A site that was built before has the ids that its readers know.
    let mut site = at("base_url = \"https://you.github.io/A\"\n");
    site.write(".backmatter/ledger-x", "");
    let known =
        ["urn:uuid:16557dcf-9291-8eb8-8cfa-56b7814accba", "urn:uuid:fc0f4fa7-15f8-8b2f-8f70-4722062c21b2"];
    let (ids, settings) = ids_of(&site);
    assert_eq!(ids, known);
    assert!(settings.ends_with("id = \"you.github.io\"\n"), "{settings}");
    // It may move.
    site.edit("backmatter.toml", "https://you.github.io/A", "https://www.you.se");
    assert_eq!(ids_of(&site).0, known);
    // However the host is written.
    let (root, _) = ids_of(&at("base_url = \"https://me.se\"\n"));
    assert_eq!(root[0], "urn:uuid:6dbea1cc-4885-8cd3-8fda-6e1918d3f988");
    assert_eq!(ids_of(&at("base_url = \"https://ME.se:443/\"\n")).0, root);
    let (unicode, _) = ids_of(&at("base_url = \"https://bücherx.se\"\n"));
    assert_eq!(ids_of(&at("base_url = \"https://xn--bcherx-3ya.se\"\n")).0, unicode);
    // An address for examples is not the one that the site will have.
    assert_eq!(ids_of(&at("base_url = \"https://a.example\"\n")).1, "base_url = \"https://a.example\"\n");
}
