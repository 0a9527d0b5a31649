//! What the pages of a site hold: addresses, metadata, archives, lists, files, and what the web wrote.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::site_test::SiteTest;

/// A site with something of everything, at an address with a path.
pub(crate) const BLOG: &str = r#"
-- backmatter.toml --
title = "Jane & her news"
description = "Comments"
base_url = "https://me.github.io/repo"
timezone = "Europe/Stockholm"
author = { name = "Jane Doe", url = "https://jane.example/" }
paginate = 2
[linkbacks]
pingback = "https://hub.example/pingback?a=1&b=2"
webmention = "https://hub.example/webmention"
[[menu]]
name = "About"
url = "/about/"
-- content/first.md --
+++
title = "First"
date = 2015-12-30
tags = ["town"]
series = "Tour"
+++
The first.
-- content/aleppo.md --
+++
title = "Aleppo & <b>"
date = 2016-12-15T22:32:00
updated = 2016-12-20
tags = ["town", "C++"]
categories = ["News"]
series = "Tour"
aliases = ["/old/aleppo/", "old.html"]
image = "/map.png"
+++
My words about *it*, see [the first](first.md) and [about](/about/).

> The council voted.
>
> — Ann Lee, [Library to close](https://report.example/lib?a=1&b=2), *The Example*, 2016-12-14

![Map](/map.png "The map")

![Map](/map.png)
-- content/mosul/index.md --
+++
title = "Mosul"
date = 2016-12-18
linkbacks = false
+++
![Beside](photo.png) and [a file](papers/a.pdf).
-- content/mosul/papers/a.pdf --
paper
-- content/note.md --
+++
date = 2016-12-18T09:00:00
tags = ["town"]
series = "Tour"
+++
A note.
-- content/2017-02-01-later.md --
+++
title = "Later"
lang = "de"
tags = ["town"]
+++
Später.
-- content/pages/about.md --
+++
title = "About"
tags = ["town"]
+++
Who writes.
-- content/pages/deep/er.md --
+++
title = "Deeper"
+++
Words.
-- content/aleppo.backmatter.toml --
[[linkback]]
id = "3f2a9c01"
kind = "pingback"
source = "https://a.example/?x=1&y=2"
title = "<script>alert(1)</script> & more"
site = "A site"
excerpt = "[…] words <b>around</b> the link […]"
received = 2016-12-18T22:32:00+01:00

[[linkback]]
kind = "webmention"
type = "reply"
source = "https://eve.example/?javascript"
title = "Evil"
author = { name = "Eve", url = "javascript:alert(2)" }
received = 2016-12-19

[[linkback]]
kind = "webmention"
type = "like"
source = "https://like.example/"
author = { name = "Liz", url = "https://liz.example/" }
received = 2016-12-20

[[linkback]]
kind = "comment"
author = "Old reader"
excerpt = "A comment"
published = 2016-12-17T08:05:00
parent = "3f2a9c01"
"#;

const ALEPPO: &str = "2016/12/15/aleppo/index.html";

const ODD_AUTHOR: &str = "content/aleppo.backmatter.toml:15:32: `author.url` is not linked to: an address is neither http nor https (write an address of the web: `https://…`)";

fn blog() -> SiteTest {
    let mut site = SiteTest::new(BLOG);
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x28\0\0\0\x1e\x08\x06\0\0\0".to_vec();
    site.write("static/map.png", &png);
    png[19] = 9;
    site.write("content/mosul/photo.png", &png);
    // `source`s that are not addresses stop a build; the address of an author is left out.
    site.build().warnings(&[ODD_AUTHOR]);
    site
}

#[test]
fn every_link_within_the_site_leads_somewhere() {
    let site = blog();
    let outputs = site.outputs();
    let pages: Vec<_> = outputs.iter().filter(|(path, _)| path.ends_with(".html")).collect();
    assert!(pages.len() > 20);
    let mut broken = BTreeSet::new();
    for (path, bytes) in pages {
        let html = String::from_utf8_lossy(bytes);
        for attribute in ["href=\"", "src=\"", "content=\"0; url="] {
            for (at, _) in html.match_indices(attribute) {
                let rest = &html[at + attribute.len()..];
                let url = &rest[..rest.find('"').expect("an attribute ends")];
                let own = url.strip_prefix("https://me.github.io").unwrap_or(url);
                let own = own.split(['#', '?']).next().unwrap_or_default();
                if own.is_empty() || own.contains(':') {
                    continue;
                }
                let target = own.strip_prefix("/repo/").map(|below| {
                    if below.is_empty() || below.ends_with('/') {
                        format!("{below}index.html")
                    } else {
                        below.to_owned()
                    }
                });
                if target.is_none_or(|target| !outputs.contains_key(&target)) {
                    broken.insert(format!("{path}: {url}"));
                }
            }
        }
    }
    assert_eq!(broken, BTreeSet::new());
}

#[test]
fn lists_that_were_moved_are_found_by_every_page() {
    let mut site = SiteTest::new(
        "-- backmatter.toml --\nbase_url = \"https://example.com\"\n[paths]\narchives = \"/all/\"\ntags = \"/t/\"\n\
         -- content/a.md --\n+++\ntitle = \"A\"\ndate = 2016-01-01\ntags = [\"x\"]\n+++\nWords.\n",
    );
    site.build().exists("all/index.html", true).exists("archives", false).exists("t/x/index.html", true);
    for (path, bytes) in site.outputs() {
        let html = String::from_utf8_lossy(&bytes);
        assert!(!html.contains("/archives/") && !html.contains("/tags/"), "`{path}` links to the old place");
    }
}

#[test]
fn the_head_names_the_page() {
    let mut site = blog();
    site.holds(
        ALEPPO,
        &[
            "<html lang=\"en\" dir=\"ltr\">",
            "<title>Aleppo &amp; &lt;b&gt; · Jane &amp; her news</title>",
            "<link rel=\"canonical\" href=\"https://me.github.io/repo/2016/12/15/aleppo/\">",
            "<meta name=\"description\" content=\"My words about it, see the first and about.\">",
            "<meta property=\"og:type\" content=\"article\">",
            "<meta property=\"og:title\" content=\"Aleppo &amp; &lt;b&gt;\">",
            "<meta property=\"og:url\" content=\"https://me.github.io/repo/2016/12/15/aleppo/\">",
            "<meta property=\"og:image\" content=\"https://me.github.io/repo/map.png\">",
            "<meta property=\"article:published_time\" content=\"2016-12-15T22:32:00+01:00\">",
            "<meta property=\"article:modified_time\" content=\"2016-12-20\">",
            "<link rel=\"alternate\" type=\"application/atom+xml\" title=\"Jane &amp; her news\" href=\"/repo/atom.xml\">",
        ],
    );
    site.holds("404.html", &["<meta name=\"robots\" content=\"noindex\">"]).lacks("404.html", &["canonical"]);
    site.holds(
        "index.html",
        &["<link rel=\"canonical\" href=\"https://me.github.io/repo/\">", "og:type\" content=\"website\""],
    );
}

#[test]
fn linkback_endpoints_are_announced_in_the_very_form_of_the_specification() {
    let mut site = blog();
    site.page(ALEPPO, |html| {
        // Pingback 1.0 section 2.2: the expression a client may use instead of a parser.
        let link = "<link rel=\"pingback\" href=\"https://hub.example/pingback?a=1&amp;b=2\">";
        let at = html.find(link).expect("the link is there");
        assert!(at + link.len() < 1024, "it stands at {at}");
        assert!(html.contains("<link rel=\"webmention\" href=\"https://hub.example/webmention\">"));
    });
    site.holds("about/index.html", &["rel=\"pingback\"", "rel=\"webmention\""]);
    for path in ["2016/12/18/mosul/index.html", "index.html", "404.html", "archives/index.html"] {
        site.lacks(path, &["rel=\"pingback\"", "rel=\"webmention\""]);
    }
}

#[test]
fn the_json_ld_cites_the_reports() {
    let mut site = blog();
    site.page(ALEPPO, |html| {
        let (_, rest) = html.split_once("<script type=\"application/ld+json\">").expect("there is JSON-LD");
        let (data, _) = rest.split_once("</script>").expect("it ends");
        let data: Value = serde_json::from_str(data).expect("it is JSON");
        let url = "https://me.github.io/repo/2016/12/15/aleppo/";
        let expected = json!({
            "@context": "https://schema.org",
            "@type": "BlogPosting",
            "@id": url,
            "url": url,
            "mainEntityOfPage": url,
            "headline": "Aleppo & <b>",
            "description": "My words about it, see the first and about.",
            "inLanguage": "en",
            "datePublished": "2016-12-15T22:32:00+01:00",
            "dateModified": "2016-12-20T00:00:00+01:00",
            "wordCount": data["wordCount"],
            "keywords": "town, C++",
            "image": "https://me.github.io/repo/map.png",
            "author": [{"@type": "Person", "name": "Jane Doe", "url": "https://jane.example/"}],
            "publisher":
                {"@type": "Organization", "name": "Jane & her news", "url": "https://me.github.io/repo/"},
            "isPartOf": {"@type": "Blog", "@id": "https://me.github.io/repo/", "name": "Jane & her news"},
            "citation": [{
                "@type": "Article",
                "url": "https://report.example/lib?a=1&b=2",
                "headline": "Library to close",
                "author": [{"@type": "Person", "name": "Ann Lee"}],
                "publisher": {"@type": "Organization", "name": "The Example"},
                "datePublished": "2016-12-14",
            }],
        });
        assert_eq!(data, expected);
    });
    site.holds(ALEPPO, &["<data class=\"u-quotation-of\" value=\"https://report.example/lib?a=1&amp;b=2\">"]);
}

#[test]
fn posts_lead_to_their_neighbours() {
    let mut site = blog();
    site.holds(
        ALEPPO,
        &[
            "<a rel=\"prev\" href=\"/repo/2015/12/30/first/\"><small>Older</small> <bdi>First</bdi></a>",
            "<a rel=\"next\" href=\"/repo/2016/12/18/mosul/\"><small>Newer</small> <bdi>Mosul</bdi></a>",
        ],
    );
    site.lacks("2015/12/30/first/index.html", &["rel=\"prev\""])
        .lacks("2017/02/01/later/index.html", &["rel=\"next\""]);
    site.holds(
        "2016/12/18/note/index.html",
        &[
            "<a rel=\"prev\" href=\"/repo/2016/12/18/mosul/\">",
            "<a rel=\"next\" href=\"/repo/2017/02/01/later/\">",
        ],
    );
}

#[test]
fn series_lead_from_part_to_part() {
    let mut site = blog();
    site.holds(
        ALEPPO,
        &[
            "<p id=\"_series\">Part 2 of the series <a href=\"/repo/series/tour/\">Tour</a></p>",
            "Previous part: <a href=\"/repo/2015/12/30/first/\"><bdi>First</bdi></a>",
            "Next part: <a href=\"/repo/2016/12/18/note/\"><bdi>A note.</bdi></a>",
        ],
    );
    site.holds("series/tour/index.html", &["First", "Aleppo", "2016/12/18/note/"])
        .holds("series/index.html", &["Tour", "3"]);
}

#[test]
fn archives_count_posts_and_lead_to_those_that_have_some() {
    let mut site = blog();
    site.holds(
        "archives/index.html",
        &[
            "<p>5 posts</p>",
            "<a href=\"/repo/2017/\">2017</a> <small>1 post</small>",
            "<a href=\"/repo/2017/02/\" style=\"--posts:1\">Feb",
            "<a href=\"/repo/2016/\">2016</a> <small>3 posts</small>",
            "<li>Jan</li>",
            "<a href=\"/repo/2016/12/\" style=\"--posts:3\">Dec",
            "<small>3</small>",
            "<a href=\"/repo/2015/\">2015</a>",
        ],
    );
    let around = |site: &mut SiteTest, path: &str, previous: &str, next: &str| {
        let link = |rel: &str, to: &str| format!("<a rel=\"{rel}\" href=\"/repo/{to}/\">");
        match previous {
            "" => site.lacks(path, &["rel=\"prev\""]),
            to => site.holds(path, &[&link("prev", to)]),
        };
        match next {
            "" => site.lacks(path, &["rel=\"next\""]),
            to => site.holds(path, &[&link("next", to)]),
        };
    };
    around(&mut site, "2016/index.html", "2015", "2017");
    around(&mut site, "2015/index.html", "", "2016");
    around(&mut site, "2016/12/index.html", "2015/12", "2017/02");
    around(&mut site, "2016/12/15/index.html", "2015/12/30", "2016/12/18");
    around(&mut site, "2016/12/18/index.html", "2016/12/15", "2017/02/01");
    around(&mut site, "2017/02/01/index.html", "2016/12/18", "");
    site.holds(
        "2016/12/18/index.html",
        &["<h1>December 18, 2016</h1>", "<p>Sunday</p>", "2016/12/18/note/", "2016/12/18/mosul/"],
    );
    site.exists("2016/11", false).exists("2016/12/16", false);
}

#[test]
fn a_month_has_a_calendar() {
    let mut site = blog();
    site.holds(
        "2016/12/index.html",
        &[
            "<h1>December 2016</h1>",
            "<th scope=\"col\" abbr=\"Sunday\">Sun</th>",
            "<th scope=\"col\" abbr=\"Saturday\">Sat</th>",
            // December 2016 began on a Thursday.
            "<tr>\n<td></td>\n<td></td>\n<td></td>\n<td></td>\n<td>1</td>",
            "<td><a href=\"/repo/2016/12/15/\" aria-label=\"December 15, 2016: 1 post\">15</a></td>",
            "<td><a href=\"/repo/2016/12/18/\" aria-label=\"December 18, 2016: 2 posts\">18</a></td>",
            "<td>31</td>\n</tr>\n</tbody>",
        ],
    );
    site.edit("backmatter.toml", "timezone", "language = \"de\"\ntimezone").build().holds(
        "2016/12/index.html",
        &["<th scope=\"col\" abbr=\"Montag\">Mo</th>", "<tr>\n<td></td>\n<td></td>\n<td></td>\n<td>1</td>"],
    );
}

#[test]
fn without_pages_of_days_dates_lead_to_their_month() {
    let mut site = blog();
    site.edit("backmatter.toml", "[linkbacks]", "[archives]\ndays = false\n[linkbacks]").build();
    site.exists("2016/12/18/index.html", false)
        .exists("2016/12/18/mosul/index.html", true)
        .holds("2016/12/18/mosul/index.html", &["<a href=\"/repo/2016/12/\"><time class=\"dt-published\""])
        .lacks("2016/12/18/mosul/index.html", &["\"/repo/2016/12/18/\""])
        .holds(
            "2016/12/index.html",
            &[
                "<td><a href=\"/repo/2016/12/18/note/\" aria-label=\"December 18, 2016: 2 posts\">18</a></td>",
                "2016/12/18/mosul/",
            ],
        )
        .lacks("sitemap.xml", &["/repo/2016/12/18/<"]);
    // A day that a reader may have bookmarked is redirected by the pattern that the guide names.
    let redirect = "[[redirects]]\nfrom = \"/:year/:month/:day/\"\nto = \"/:year/:month/\"\n[linkbacks]";
    site.edit("backmatter.toml", "[linkbacks]", redirect).build();
    let faults: Vec<_> =
        site.report().diagnostics.iter().filter(|fault| fault.path == "backmatter.toml").collect();
    assert!(faults.is_empty(), "{faults:?}");
    site.edit("backmatter.toml", "days = false", "days = true").build().exists("2016/12/18/index.html", true);
}

#[test]
fn lists_are_numbered_from_the_oldest() {
    let mut site = blog();
    // Five posts, two to a page: the newest page holds two, and one of them stands on the page before it as well.
    site.holds(
        "index.html",
        &["Later", "2016/12/18/note/", "<a rel=\"prev\" href=\"/repo/page/2/\">Older posts</a>", "Page 3"],
    )
    .lacks("index.html", &["rel=\"next\"", ">Aleppo", ">Mosul"])
    .holds("page/2/index.html", &["2016/12/18/note/", "Mosul"])
    .lacks("page/2/index.html", &[">Later", ">Aleppo"])
    .holds(
        "page/1/index.html",
        &["<title>Page 1 · ", "Aleppo", "First", "<a rel=\"next\" href=\"/repo/page/2/\">Newer posts</a>"],
    )
    .exists("page/3", false);
    site.holds("tags/town/index.html", &["Later", "<a rel=\"prev\" href=\"/repo/tags/town/page/1/\">"])
        .lacks("tags/town/index.html", &["About</a></h2>"])
        .holds(
            "tags/index.html",
            &["/repo/tags/c-plus-plus/", "<small>1</small>", "/repo/tags/town/", "<small>4</small>"],
        )
        .holds("categories/news/index.html", &["Aleppo"])
        .holds("tags/town/index.html", &["href=\"/repo/tags/town/atom.xml\""]);
}

#[test]
fn pages_without_a_date_stand_at_their_address_alone() {
    let mut site = blog();
    site.holds("about/index.html", &["<h1 class=\"p-name\">About</h1>", "Who writes."])
        .exists("deep/er/index.html", true);
    for list in ["index.html", "archives/index.html", "atom.xml", "tags/town/index.html"] {
        site.lacks(list, &["Who writes."]);
    }
    site.holds("sitemap.xml", &["https://me.github.io/repo/about/"]);
    site.lacks("about/index.html", &["/repo/tags/town/"]);
}

#[test]
fn old_addresses_lead_on() {
    let mut site = blog();
    let url = "https://me.github.io/repo/2016/12/15/aleppo/";
    for path in ["old/aleppo/index.html", "old.html"] {
        site.holds(
            path,
            &[
                &format!("<link rel=\"canonical\" href=\"{url}\">"),
                &format!("<meta http-equiv=\"refresh\" content=\"0; url={url}\">"),
                "<meta name=\"robots\" content=\"noindex\">",
                &format!("<a href=\"{url}\">"),
            ],
        );
    }
    site.page("_redirects", |text| {
        assert_eq!(
            text,
            "/repo/old/aleppo/ /repo/2016/12/15/aleppo/ 301\n/repo/old.html /repo/2016/12/15/aleppo/ 301\n"
        );
    });
    site.lacks("sitemap.xml", &["old"]);
    // An alias gives way to what stands there.
    site.edit("content/first.md", "title", "aliases = [\"/about/\"]\ntitle").build().warnings(&[
        ODD_AUTHOR,
        "content/first.md: the alias `/about/` is already the address of `content/pages/about.md` (leave the alias out)",
    ]);
    site.holds("about/index.html", &["Who writes."]);
}

#[test]
fn files_of_a_bundle_stand_beside_its_post() {
    let mut site = blog();
    site.exists("2016/12/18/mosul/photo.png", true).holds("2016/12/18/mosul/papers/a.pdf", &["paper"]);
    site.body_of(
        "2016/12/18/mosul/index.html",
        "<p><img src=\"/repo/2016/12/18/mosul/photo.png\" alt=\"Beside\" width=\"9\" height=\"30\"> and \
         <a href=\"/repo/2016/12/18/mosul/papers/a.pdf\">a file</a>.</p>",
    );
    // They move with it, and are not shown before it is.
    site.edit("content/mosul/index.md", "title", "slug = \"city\"\ntitle")
        .build()
        .exists("2016/12/18/city/photo.png", true);
    site.edit("content/mosul/index.md", "title", "draft = true\ntitle").build();
    assert!(!site.outputs().keys().any(|path| path.contains("photo")));
}

#[test]
fn images_know_their_size_and_titles_become_captions() {
    blog().holds(
        ALEPPO,
        &[
            "<figure class=\"image\"><img src=\"/repo/map.png\" alt=\"Map\" width=\"40\" height=\"30\"><figcaption>The map</figcaption></figure>",
            "<p><img src=\"/repo/map.png\" alt=\"Map\" width=\"40\" height=\"30\" loading=\"lazy\"></p>",
        ],
    );
}

#[test]
fn the_web_writes_the_back_matter() {
    let mut site = blog();
    site.page(ALEPPO, |html| {
        let (_, rest) = html.split_once("<section class=\"back-matter\"").expect("there is back matter");
        let (section, _) = rest.split_once("</section>").expect("it ends");
        let evil = section.find("Eve").expect("she is there");
        let anchor = section[..evil].rfind("id=\"").map(|at| &section[at + 4..at + 4 + "linkback-01234567".len()]).expect("an anchor");
        let comment = section.find("depth-1\" id=\"").map(|at| &section[at + 13..at + 13 + "linkback-01234567".len()]).expect("an anchor");
        let like = section.find("u-like").map(|at| &section[at + "u-like h-cite\" id=\"".len()..][.."linkback-01234567".len()]).expect("one");
        assert_eq!(
            section,
            format!(
                r##" aria-labelledby="_responses">
<h2 id="_responses">4 responses</h2>
<ol class="responses">
<li class="u-comment h-cite" id="linkback-3f2a9c01">
<p class="meta"><span>Pingback</span>
<a href="#linkback-3f2a9c01"><time class="dt-published" datetime="2016-12-18T22:32:00+01:00">December 18, 2016</time></a></p>
<p class="source"><cite class="p-name"><a class="u-url" rel="ugc nofollow" href="https://a.example/?x=1&amp;y=2" dir="auto">&lt;script&gt;alert(1)&lt;/script&gt; &amp; more</a></cite>, <span class="p-publication">A site</span></p>
<p class="p-content" dir="auto">[…] words &lt;b&gt;around&lt;/b&gt; the link […]</p>
</li>
<li class="u-comment h-cite depth-1" id="{comment}">
<p class="meta"><span>Comment</span>
<a href="#{comment}"><time class="dt-published" datetime="2016-12-17T08:05:00+01:00">December 17, 2016</time></a></p>
<p class="source"><span class="p-author h-card">Old reader</span></p>
<p class="p-content" dir="auto">A comment</p>
<p class="answers"><a href="#linkback-3f2a9c01">In answer to another response</a></p>
</li>
<li class="u-comment h-cite" id="{anchor}">
<p class="meta"><span>Webmention</span>
<span>Reply</span>
<a href="#{anchor}"><time class="dt-published" datetime="2016-12-19">December 19, 2016</time></a></p>
<p class="source"><span class="p-author h-card">Eve</span>, <cite class="p-name"><a class="u-url" rel="ugc nofollow" href="https://eve.example/?javascript" dir="auto">Evil</a></cite></p>
</li>
</ol>
<h3 id="_likes">1 like</h3>
<ul class="names" aria-labelledby="_likes">
<li class="u-like h-cite" id="{like}"><a class="u-url p-author h-card" rel="ugc nofollow" href="https://like.example/">Liz</a></li>
</ul>
"##
            )
        );
    });
    for (_, bytes) in site.outputs() {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(!text.contains("javascript:") && !text.contains("<script>alert"), "{text}");
    }
}

#[test]
fn comments_are_markdown_and_answers_stand_below_what_they_answer() {
    let mut site = SiteTest::new("");
    let comment = |id: &str, parent: &str, day: u32, rest: &str| {
        format!(
            "[[linkback]]\nkind = 'comment'\nid = '{id}'\nparent = '{parent}'\npublished = 2026-01-{day:02}\n{rest}\n"
        )
    };
    let thread = [
        comment(
            "1",
            "",
            3,
            "author = 'Ida'\nanchor = 'comment-201'\ncontent = 'See *[this](https://a.example/)*.'",
        ),
        comment("2", "1", 2, "content = '<b>bold</b>'"),
        comment("3", "2", 4, "author = 'Per'\nexcerpt = 'Plain *text*.'"),
        comment("4", "gone", 5, "author = 'Eve'\ncontent = 'Last.'"),
    ];
    site.write(
        "content/a.md",
        "+++\ndate = 2026-01-01\n+++\nWords. [Ida](#comment-201) and [none](#comment-202)\n",
    )
    .write("content/a.backmatter.toml", thread.concat())
    .build();
    site.warnings(&[
        "content/a.backmatter.toml:25:10: no linkback of this file has the id `gone` (it is printed as an answer to the post; write the id of the response that it answers)",
        "content/a.md:4:32: `content/a.md` has no heading `#comment-202`",
    ]);
    site.page("2026/01/01/a/index.html", |html| {
        let list = html.split_once("<ol class=\"responses\">").and_then(|(_, rest)| rest.split_once("</ol>"));
        let words =
            ["depth-1", "depth-2", "\"linkback-1\"", "\"linkback-2\"", "\"linkback-3\"", "\"linkback-4\""];
        let (list, _) = list.expect("there is a list");
        let mut places: Vec<_> =
            words.iter().filter_map(|word| list.find(word).map(|at| (at, *word))).collect();
        places.sort_unstable();
        let order: Vec<_> = places.into_iter().map(|(_, word)| word).collect();
        assert_eq!(
            order,
            ["\"linkback-1\"", "depth-1", "\"linkback-2\"", "depth-2", "\"linkback-3\"", "\"linkback-4\""]
        );
    });
    site.holds(
        "2026/01/01/a/index.html",
        &[
            "<p class=\"source\"><span id=\"comment-201\"></span><span class=\"p-author h-card\">Ida</span></p>",
            "<div class=\"e-content\" dir=\"auto\">\n<p>See <em><a rel=\"ugc nofollow\" href=\"https://a.example/\">this</a></em>.</p>\n</div>",
            "<span class=\"p-author\">Anonymous</span>",
            "<p>&lt;b&gt;bold&lt;/b&gt;</p>",
            "<a href=\"#linkback-1\">In answer to Ida</a>",
            "<p class=\"p-content\" dir=\"auto\">Plain *text*.</p>",
            "<a href=\"#linkback-2\">In answer to another response</a>",
        ],
    )
    .lacks("2026/01/01/a/index.html", &["#linkback-gone"]);
    // The settings of Markdown concern comments as well.
    site.edit("content/a.backmatter.toml", "Last.", "\"Last.\"").build();
    site.holds("2026/01/01/a/index.html", &["<p>“Last.”</p>"]);
    site.write(
        "backmatter.toml",
        "base_url = \"https://example.com\"\n[markdown]\nsmart_punctuation = false\n",
    )
    .build();
    site.holds("2026/01/01/a/index.html", &["<p>&quot;Last.&quot;</p>"]);
}

#[test]
fn dates_are_written_in_the_language_of_the_site() {
    let mut site = blog();
    site.write("content/note.md", "+++\ndate = 2016-12-14T08:05:00+01:00\n+++\nA note.\n");
    site.edit("backmatter.toml", "timezone", "language = \"de\"\ntimezone").build();
    site.holds(ALEPPO, &["15. Dezember 2016", "4 Reaktionen", ">18. Dezember 2016</time>"])
        .holds("2016/12/14/note/index.html", &["14. Dezember 2016 um 08:05 Uhr"])
        .holds("2016/12/index.html", &["<h1>Dezember 2016</h1>"])
        .holds("archives/index.html", &["5 Beiträge"]);
}

#[test]
fn a_post_in_another_language_speaks_it() {
    blog()
        .holds(
            "2017/02/01/later/index.html",
            &["<main id=\"_main\" lang=\"de\" dir=\"ltr\">", "1. Februar 2017"],
        )
        .holds("index.html", &["<html lang=\"en\"", "<h2 lang=\"de\" dir=\"ltr\"><a ", ">Later</a>"]);
}

#[test]
fn days_are_those_of_the_time_zone() {
    let mut site = SiteTest::new(
        "-- backmatter.toml --\nbase_url = \"https://example.com\"\ntimezone = \"Europe/Stockholm\"\n\
         -- content/a.md --\n+++\ntitle = \"A\"\ndate = 2016-12-31T23:30:00Z\n+++\nWords.\n",
    );
    site.build().exists("2017/01/01/a/index.html", true);
    site.edit("backmatter.toml", "Europe/Stockholm", "America/New_York")
        .build()
        .exists("2016/12/31/a/index.html", true);
}

#[test]
fn permalinks_follow_their_pattern() {
    let mut site = SiteTest::new(
        "-- backmatter.toml --\nbase_url = \"https://me.github.io/repo\"\npermalink = \"PATTERN\"\n\
         -- content/notes/2016-12-15-Über-alles.md --\n+++\ntitle = \"Ein Titel\"\ncategories = [\"Die Stadt\"]\n+++\nWords.\n",
    );
    let mut pattern = "PATTERN".to_owned();
    for (next, output, archive) in [
        ("/:year/:month/:day/:slug/", "2016/12/15/uber-alles/index.html", "2016/12/index.html"),
        ("/:year/:month/:slug.html", "2016/12/uber-alles.html", "2016/12/index.html"),
        ("/blog/:category/:title/", "blog/die-stadt/ein-titel/index.html", "blog/2016/12/index.html"),
        (
            "/archives/p-:id.html",
            "archives/p-notes-2016-12-15-uber-alles.html",
            "archives/2016/12/index.html",
        ),
    ] {
        site.edit("backmatter.toml", &pattern, next).build().exists(output, true).exists(archive, true);
        next.clone_into(&mut pattern);
    }
}

#[test]
fn front_matter_names_addresses() {
    SiteTest::new(
        "-- content/a.md --\n+++\ntitle = \"A\"\ndate = 2016-12-15\npath = \"2014/07/x\"\n+++\nWords.\n\
         -- content/b.md --\n+++\ntitle = \"B\"\ndate = 2016-12-15\npath = \"/old/b.html\"\n+++\nWords.\n\
         -- content/c.md --\n+++\ntitle = \"C\"\ndate = 2016-12-15\nslug = \"日本 语\"\n+++\nWords.\n",
    )
    .build()
    .exists("2014/07/x/index.html", true)
    .exists("old/b.html", true)
    .exists("2016/12/15/日本 语/index.html", true)
    .holds("index.html", &["href=\"/2016/12/15/%E6%97%A5%E6%9C%AC%20%E8%AF%AD/\""]);
}

#[test]
fn an_authors_own_files_take_the_place_of_the_engines() {
    let mut site = SiteTest::new(
        "-- static/robots.txt --\nmine\n-- static/404.html --\nmine\n-- static/.nojekyll --\nmine\n-- static/favicon.svg --\nmine\n",
    );
    site.build();
    for path in ["robots.txt", "404.html", ".nojekyll", "favicon.svg"] {
        site.page(path, |text| assert_eq!(text, "mine\n", "{path}"));
    }
}

#[test]
fn quotes_are_listed_by_publication() {
    let mut site = blog();
    site.holds(
        "quotes/index.html",
        &[
            "<h1>Quotes</h1>",
            "<a href=\"/repo/quotes/from/the-example/\"><bdi>The Example</bdi></a>",
            "href=\"https://report.example/lib?a=1&amp;b=2#:~:text=The%20council%20voted\">Library to close</a>",
            "December 14, 2016",
            "</figcaption>\n<blockquote cite=\"https://report.example/lib?a=1&amp;b=2\" dir=\"auto\">",
            "The council voted.",
            "/repo/2016/12/15/aleppo/#q-",
        ],
    )
    .holds("quotes/from/the-example/index.html", &["<h1>The Example</h1>", "The council voted."])
    .holds("index.html", &["<a href=\"/repo/quotes/\">Quotes</a>"]);
    SiteTest::new("").build().exists("quotes", false).lacks("index.html", &["Quotes"]);
}

#[test]
fn links_between_posts_survive_another_address() {
    let mut site = blog();
    site.holds(ALEPPO, &["see <a href=\"/repo/2015/12/30/first/\">the first</a>"])
        .edit("backmatter.toml", "paginate", "permalink = \"/p/:slug/\"\npaginate")
        .build()
        .holds("p/aleppo/index.html", &["see <a href=\"/repo/p/first/\">the first</a>"]);
}

#[test]
fn an_empty_site_is_a_site() {
    let mut site = SiteTest::new("");
    let none = "content: the site has no folder `content/`, and so no posts (if this is not the site you mean, `--root DIR` names another one)";
    site.build().warnings(&[none]).is_settled();
    let outputs: Vec<_> = site.outputs().into_keys().collect();
    assert_eq!(
        outputs,
        [
            ".nojekyll",
            "404.html",
            "archives/index.html",
            "atom.xml",
            "embed.js",
            "favicon.svg",
            "feed.json",
            "index.html",
            "robots.txt",
            "rss.xml",
            "sitemap.xml",
            "style.css"
        ]
    );
}

#[test]
fn bodies_are_never_templates() {
    SiteTest::new("-- content/a.md --\n+++\ntitle = \"{{ site.title }}\"\ndate = 2016-01-01\n+++\n{{ site.title }} {% raw %} {{ '<b>' }}\n")
        .build()
        .body_of("2016/01/01/a/index.html", "<p>{{ site.title }} {% raw %} {{ ‘<b>’ }}</p>")
        .holds("2016/01/01/a/index.html", &["<h1 class=\"p-name\">{{ site.title }}</h1>"]);
}

#[test]
fn names_in_two_forms_of_unicode_are_one() {
    let composed = "Überführt";
    let decomposed = "U\u{308}berfu\u{308}hrt";
    let mut test = SiteTest::new(
        "-- backmatter.toml --\nbase_url = \"https://e.org\"\n-- content/a.md --\n+++\ndate = 2020-01-02\ntags = [\"Ünion\"]\n+++\n",
    );
    test.write(
        &format!("content/{decomposed}.md"),
        format!(
            "+++\ntitle = \"B\"\ndate = 2020-01-01\ntags = [\"U\u{308}nion\"]\nseries = \"R\u{308}eihe\"\n+++\n\n## {decomposed} 日本か\u{3099}\n\n![x]({composed}.png)\n"
        ),
    );
    test.write(&format!("content/{decomposed}.png"), b"no picture");
    test.write(&format!("static/{decomposed}.txt"), b"text");
    test.write(
        "content/a.md",
        format!(
            "+++\ndate = 2020-01-02\ntags = [\"Ünion\"]\n+++\n[one]({composed}.md#uberfuhrt-日本が) [two]({decomposed}.md#uberfuhrt-日本か\u{3099}) [three](/{composed}.txt)\n"
        ),
    );
    test.build();
    test.warnings(&[]);
    test.holds(
        "2020/01/02/a/index.html",
        &[
            "<a href=\"/2020/01/01/uberfuhrt/#uberfuhrt-日本が\">one</a>",
            "<a href=\"/2020/01/01/uberfuhrt/#uberfuhrt-%E6%97%A5%E6%9C%AC%E3%81%8C\">two</a>",
            "<a href=\"/%C3%9Cberf%C3%BChrt.txt\">three</a>",
        ],
    );
    test.holds("tags/union/index.html", &["/2020/01/02/a/", "/2020/01/01/uberfuhrt/"]);
    test.exists(&format!("{composed}.txt"), true);
}

#[test]
fn the_front_page_has_a_text_of_its_own() {
    let mut site = SiteTest::new(
        "-- backmatter.toml --\ntitle = \"Pier\"\nbase_url = \"https://example.com/blog\"\npaginate = 1\n\
         [[menu]]\nname = \"Start\"\nurl = \"/\"\n\
         [linkbacks]\nwebmention = \"https://hub.example/webmention\"\n\
         -- content/a.md --\n+++\ntitle = \"First\"\ndate = 2026-01-01\n+++\nOne.\n\
         -- content/b.md --\n+++\ntitle = \"Second\"\ndate = 2026-01-02\n+++\nTwo.\n\
         -- content/pages/index.md --\n+++\ntitle = \"Welcome\"\n+++\nHello, *reader*.\n",
    );
    site.build().warnings(&[]).page("index.html", |html| {
        let places = ["<h1 class=\"p-name\">Welcome</h1>", "<p>Hello, <em>reader</em>.</p>", ">Second</a>"];
        let found: Vec<_> = places.iter().filter_map(|place| html.find(place)).collect();
        assert!(found.len() == 3 && found.is_sorted(), "{html}");
        assert!(html.contains("<title>Welcome · Pier</title>"), "{html}");
        assert!(html.contains("<meta name=\"description\" content=\"Hello, reader.\">"), "{html}");
        assert!(html.contains("<link rel=\"webmention\""), "{html}");
        assert!(html.contains("<a href=\"/blog/\" aria-current=\"page\">Start</a>"), "{html}");
        assert_eq!(html.matches("<h1").count(), 1, "{html}");
    });
    site.lacks("page/1/index.html", &["Hello,"]).lacks("atom.xml", &["Hello,"]);
    site.exists("pages/index.html", false);
    let sitemap = site.output("sitemap.xml");
    assert_eq!(sitemap.matches("<loc>https://example.com/blog/</loc>").count(), 1, "{sitemap}");
    // Its words change its page and nothing else.
    site.edit("content/pages/index.md", "reader", "friend");
    site.build().rendered(&["index.html"]).holds("index.html", &["<em>friend</em>", ">Second</a>"]);
    // Without a title the page has the site's name.
    site.edit("content/pages/index.md", "title = \"Welcome\"\n", "");
    site.build().holds("index.html", &["<title>Pier</title>", "<h1 class=\"site-title\">"]);
    site.edit("content/pages/index.md", "+++\n+++", "+++\nlist = false\n+++");
    site.build().warnings(&[]).holds("index.html", &["<em>friend</em>"]).lacks("index.html", &["Second"]);
    site.exists("page/1/index.html", false);
    let sitemap = site.output("sitemap.xml");
    assert_eq!(sitemap.matches("<loc>https://example.com/blog/</loc>").count(), 1, "{sitemap}");
    site.edit("content/pages/index.md", "list = false", "template = \"page\"");
    site.build().lacks("index.html", &["Second"]).exists("page/1/index.html", true);
    // A draft leaves the list alone.
    site.edit("content/pages/index.md", "template = \"page\"", "draft = true");
    site.build().holds("index.html", &["Second"]).lacks("index.html", &["friend"]);
}

#[test]
fn one_text_stands_on_the_front_page() {
    let page = "+++\ntitle = \"A\"\n+++\nWords.\n";
    let mut site = SiteTest::new(&format!(
        "-- backmatter.toml --\nbase_url = \"https://example.com\"\n\
         -- content/start.md --\n+++\ntitle = \"Start\"\npath = \"/\"\n+++\nAt the root.\n\
         -- content/about.md --\n{page}\
         -- content/post.md --\n+++\ntitle = \"Post\"\ndate = 2026-01-01\n+++\nOne.\n"
    ));
    site.build().warnings(&[]).holds("index.html", &["At the root.", ">Post</a>"]);
    site.write("content/pages/index.md", page);
    site.builds_without(&[
        "content/start.md: `/` is the address of both `content/start.md` and `content/pages/index.md` (the front page has one text of its own, `content/pages/index.md`; the list of posts stands below it, or with `list = false` nowhere)",
    ]);
    site.remove("content/pages/index.md");
    site.edit("content/about.md", "+++\ntitle", "+++\nlist = false\ntitle");
    site.build()
        .warnings(&["content/about.md:2:8: `list` has a meaning at the address `/` only (leave it out)"]);
}

#[test]
fn the_list_of_posts_can_leave_the_front_page() {
    let settings =
        "base_url = \"https://example.com/repo\"\ntitle = \"S\"\npaginate = 1\n[paths]\nposts = \"blog\"\n";
    let mut site = SiteTest::new(
        "-- content/a.md --\n+++\ntitle = \"A\"\ndate = 2026-01-02\n+++\nOwn.\n\
         -- content/b.md --\n+++\ntitle = \"B\"\ndate = 2026-01-03\n+++\nOwn.\n",
    );
    site.write("backmatter.toml", settings).fails(&[
        "backmatter.toml: the list of posts stands at `/blog/`, and nothing at `/` (write the front page, `content/pages/index.md`, or leave `posts` out of `[paths]`)",
    ]);
    site.write("content/pages/index.md", "+++\ntitle = \"Welcome\"\n+++\nHello. [The blog](/blog/)\n")
        .build()
        .holds("index.html", &["<title>Welcome · S</title>", "Hello.", "href=\"/repo/blog/\">Posts</a>"])
        .lacks("index.html", &["class=\"card", "rel=\"prev\""])
        .holds(
            "blog/index.html",
            &[
                "<title>Posts · S</title>",
                "<p class=\"site-title\">",
                "<h1 class=\"heading\">Posts</h1>",
                "href=\"/repo/blog/page/1/\"",
            ],
        )
        .holds("blog/page/1/index.html", &["<title>Posts · Page 1 · S</title>", "href=\"/repo/blog/\""])
        .exists("page/1/index.html", false);
    // A file of the site may be the front page as well, and `/` is where the list stands anyway.
    site.remove("content/pages/index.md").write("static/index.html", "<!DOCTYPE html>").build();
    site.remove("static/index.html")
        .write("backmatter.toml", settings.replace("\"blog\"", "\"/\""))
        .build()
        .holds("index.html", &["class=\"card"]);
}

#[test]
fn pinned_posts_stand_above_the_newest() {
    let mut site = SiteTest::new("-- backmatter.toml --\nbase_url = \"https://example.com\"\npaginate = 2\n");
    for day in 1..=5 {
        let pinned = if day == 1 { "pinned = true\n" } else { "" };
        site.write(
            &format!("content/{day}.md"),
            format!("+++\ntitle = \"Post {day}\"\ndate = 2026-01-0{day}\n{pinned}+++\nWords.\n"),
        );
    }
    site.build().holds(
        "index.html",
        &[
            "<section class=\"posts pinned\" aria-label=\"Pinned\">",
            "Post 1",
            "</section>",
            "Post 5",
            "Post 4",
        ],
    );
    // Its place among the others stays, on the page of that place.
    site.lacks("index.html", &["Post 3"]).holds("page/1/index.html", &["Post 2", "Post 1"]);
    site.lacks("page/1/index.html", &["pinned"]);
    // One that is among the newest stands once.
    site.write("content/5.md", "+++\ntitle = \"Post 5\"\ndate = 2026-01-05\npinned = true\n+++\nWords.\n")
        .build();
    assert_eq!(site.output("index.html").matches(">Post 5<").count(), 1);
    site.holds("index.html", &["Post 5", "Post 1", "</section>", "Post 4"]);
}

#[test]
fn versions_in_several_languages_name_each_other() {
    let mut site = SiteTest::new(
        "-- content/quay.md --\n+++\ntitle = \"The quay\"\ndate = 2026-01-02\ntranslation_key = \"quay\"\n+++\nWords.\n\
         -- content/kai.md --\n+++\ntitle = \"Der Kai\"\ndate = 2026-01-03\nlang = \"de\"\ntranslation_key = \"quay\"\n+++\nWorte.\n\
         -- content/pages/alone.md --\n+++\ntitle = \"Alone\"\ntranslation_key = \"alone\"\n+++\nWords.\n",
    );
    let links = [
        "<link rel=\"alternate\" hreflang=\"de\" href=\"https://example.com/2026/01/03/kai/\">",
        "<link rel=\"alternate\" hreflang=\"en\" href=\"https://example.com/2026/01/02/quay/\">",
    ];
    site.build()
        .holds("2026/01/02/quay/index.html", &links)
        .holds("2026/01/03/kai/index.html", &links)
        .holds(
            "2026/01/02/quay/index.html",
            &["<a rel=\"alternate\" href=\"/2026/01/03/kai/\" lang=\"de\" hreflang=\"de\">Deutsch</a>"],
        )
        .holds("2026/01/03/kai/index.html", &["lang=\"en\" hreflang=\"en\">English</a>"])
        .lacks("2026/01/03/kai/index.html", &[">Deutsch</a>"])
        .lacks("alone/index.html", &["hreflang"])
        .lacks("index.html", &["hreflang"]);
    // Another address of one makes the page of the other as well.
    site.edit("content/kai.md", "title = \"Der Kai\"", "title = \"Der Kai\"\nslug = \"am-kai\"")
        .build()
        .holds("2026/01/02/quay/index.html", &["https://example.com/2026/01/03/am-kai/"]);
    site.edit("content/kai.md", "lang = \"de\"\n", "").build().warnings(&[
        "content/quay.md: `content/kai.md` has `translation_key = \"quay\"` in the same language as well (give one of them another `lang` or another key)",
    ]);
}
