//! Pages of authors, and `[[authors]]`: what the settings say of them.

use crate::site_test::SiteTest;

const BLOG: &str = "\
-- backmatter.toml --
title = \"Low Stairs\"
base_url = \"https://example.com/blog\"
author = \"Mirren Vale\"
paginate = 2
[[authors]]
name = \"Mirren Vale\"
url = \"/about/\"
photo = \"/mirren.png\"
description = \"Keeps the lamps & writes.\"
[[authors]]
name = \"Ann Example\"
slug = \"ann\"
url = \"https://ann.example/\"
aliases = [\"/author/aexample/\", \"/?author=2\"]
-- static/mirren.png --
x
-- content/pages/about.md --
+++
title = \"About\"
+++
Words.
-- content/one.md --
+++
title = \"One\"
date = 2026-01-01
+++
Words.
-- content/two.md --
+++
title = \"Two\"
date = 2026-01-02
+++
Words.
-- content/three.md --
+++
title = \"Three\"
date = 2026-01-03
authors = [\"ann\", { name = \"Ivo\", url = \"https://ivo.example/\", email = \"ivo@ivo.example\" }, \"mirren vale\"]
+++
Words.
-- content/four.md --
+++
title = \"Four\"
date = 2026-01-04
author = \"Ivo\"
+++
Words.
";

#[test]
fn several_authors_have_pages_with_their_posts() {
    let mut site = SiteTest::new(BLOG);
    site.build().warnings(&[]);
    site.holds(
        "authors/index.html",
        &[
            "<h1>Authors</h1>",
            "<a href=\"/blog/authors/ann/\"><bdi>Ann Example</bdi></a>",
            "<a href=\"/blog/authors/ivo/\">",
            "<a href=\"/blog/authors/mirren-vale/\">",
        ],
    );
    site.holds(
        "authors/mirren-vale/index.html",
        &[
            "<meta name=\"description\" content=\"Keeps the lamps &amp; writes.\">",
            "<meta property=\"og:type\" content=\"profile\">",
            "<meta property=\"og:image\" content=\"https://example.com/blog/mirren.png\">",
            "{\"@context\":\"https://schema.org\",\"@type\":\"ProfilePage\",\"mainEntity\":{\"@type\":\"Person\",\"description\":\"Keeps the lamps & writes.\",\"image\":\"https://example.com/blog/mirren.png\",\"name\":\"Mirren Vale\",\"sameAs\":\"https://example.com/blog/about/\",\"url\":\"https://example.com/blog/authors/mirren-vale/\"}}",
            "<link rel=\"alternate\" type=\"application/rss+xml\" title=\"Low Stairs: Mirren Vale\" href=\"/blog/authors/mirren-vale/rss.xml\">",
            "<header class=\"heading h-card\">",
            "<img class=\"u-photo portrait\" src=\"/blog/mirren.png\" alt=\"\"",
            "<data class=\"u-url u-uid\" value=\"https://example.com/blog/authors/mirren-vale/\"></data>",
            "<span class=\"p-name\">Mirren Vale</span>",
            "<p class=\"p-note\">Keeps the lamps &amp; writes.</p>",
            "<p>3 posts · <a class=\"u-url\" href=\"/blog/about/\" rel=\"me\">example.com/blog/about</a></p>",
            ">Three</a>",
            ">Two</a>",
        ],
    );
    site.lacks("authors/mirren-vale/index.html", &[">Four</a>", ">One</a>"]);
    site.holds("authors/mirren-vale/page/1/index.html", &[">Two</a>", ">One</a>"]);
    // What the posts say of someone of whom the settings say nothing.
    site.holds(
        "authors/ivo/index.html",
        &["<a class=\"u-email\" href=\"mailto:ivo@ivo.example\" rel=\"me\">", ">Four</a>", ">Three</a>"],
    );
    site.holds(
        "2026/01/03/three/index.html",
        &[
            "{\"@type\":\"Person\",\"name\":\"Ann Example\",\"sameAs\":\"https://ann.example/\",\"url\":\"https://example.com/blog/authors/ann/\"}",
            "<a class=\"p-author h-card\" href=\"/blog/authors/ann/\" rel=\"author\">Ann Example</a>",
            "<a class=\"p-author h-card\" href=\"/blog/authors/ivo/\" rel=\"author\">Ivo</a>",
            "<a class=\"p-author h-card\" href=\"/blog/authors/mirren-vale/\" rel=\"author\">Mirren Vale</a>",
        ],
    );
    site.holds("index.html", &["<a href=\"/blog/authors/\">Authors</a>"]);
    site.holds(
        "authors/ivo/atom.xml",
        &["<title>Low Stairs: Ivo</title>", "<author><name>Ivo</name><uri>https://ivo.example/</uri>"],
    );
    site.holds("author/aexample/index.html", &["https://example.com/blog/authors/ann/"]);
    site.holds("_redirects", &["/blog/ author=2 /blog/authors/ann/ 301!\n"]);
}

#[test]
fn one_author_has_a_page_if_the_settings_say_so() {
    let one = "\
-- backmatter.toml --
base_url = \"https://example.com\"
author = { name = \"Mirren\", url = \"https://mirren.example/\" }
-- content/one.md --
+++
title = \"One\"
date = 2026-01-01
author = \"MIRREN\"
+++
Words.
-- content/two.md --
+++
title = \"Two\"
date = 2026-01-02
+++
Words.
";
    let mut site = SiteTest::new(one);
    site.build().warnings(&[]).exists("authors/index.html", false).lacks("index.html", &["/authors/"]);
    let link = "<a class=\"p-author h-card\" href=\"https://mirren.example/\" rel=\"author\">Mirren</a>";
    site.holds("2026/01/02/two/index.html", &[link]);
    site.edit(
        "backmatter.toml",
        "https://example.com\"\n",
        "https://example.com\"\narchives.authors = \"always\"\n",
    )
    .build();
    site.holds("authors/mirren/index.html", &[">Two</a>", ">One</a>"]);
    let address = "<a class=\"p-author h-card\" href=\"/authors/mirren/\" rel=\"author\">Mirren</a>";
    site.holds("2026/01/02/two/index.html", &[address]);
    // A second author, and a blog that wants no such pages.
    site.edit("backmatter.toml", "archives.authors = \"always\"\n", "").build();
    site.exists("authors/mirren/index.html", false);
    site.edit("content/one.md", "MIRREN", "Ann").build();
    site.exists("authors/ann/index.html", true).exists("authors/mirren/feed.json", true);
    site.edit(
        "backmatter.toml",
        "https://example.com\"\n",
        "https://example.com\"\narchives.authors = \"never\"\n",
    )
    .build();
    site.exists("authors/ann/index.html", false).holds("2026/01/02/two/index.html", &[link]);
}

#[test]
fn a_page_that_is_written_goes_before_one_that_is_made() {
    let mut site = SiteTest::new(BLOG);
    site.write("content/pages/authors.md", "+++\ntitle = \"Who we are\"\n+++\nWords.\n")
        .write("content/pages/authors/ann.md", "+++\ntitle = \"Ann\"\n+++\nI am Ann.\n")
        .build()
        .warnings(&[]);
    site.holds("authors/index.html", &["Who we are"]).holds("authors/ann/index.html", &["I am Ann."]);
    site.holds("authors/ivo/index.html", &["<span class=\"p-name\">Ivo</span>"]);
    site.holds("2026/01/03/three/index.html", &["href=\"/blog/authors/ann/\" rel=\"author\""]);
}

#[test]
fn templates_ask_for_authors() {
    let mut site = SiteTest::new(BLOG);
    site.write(
        "templates/partials/foot_extra.html",
        "{% if has(what=\"authors\") %}{% for one in authors() %}[{{ one.name }} {{ one.count }}]{% endfor %}{% endif %}\
         {% for card in posts_of(author=\"ANN example\", n=5) %}({{ card.title }}, {{ card.authors[0].posts }}){% endfor %}",
    )
    .build();
    site.holds("index.html", &["[Ann Example 1][Ivo 2][Mirren Vale 3](Three, /blog/authors/ann/)"]);
}

#[test]
fn faults_of_authors_are_told_with_their_line() {
    let mut site = SiteTest::new(BLOG);
    site.edit("backmatter.toml", "\"Ann Example\"\nslug = \"ann\"", "\"Ivvo\"").build();
    site.warnings(&["backmatter.toml:11:8: no post has the author `Ivvo` (did you mean `Ivo`?)"]);
    let wrong = "base_url = \"https://example.com\"
[archives]
authors = \"allways\"
[[authors]]
name = \"A\"
bio = \"X\"
slug = \"a/b\"
[[authors]]
name = \"a\"
[[authors]]
url = \"https://b.example\"
";
    site.write("backmatter.toml", wrong).fails(&[
        "backmatter.toml:3:11: `archives.authors` cannot be `allways` (did you mean `always`?)",
        "backmatter.toml:6:1: unknown key `authors.bio` (it is called `description` here)",
        "backmatter.toml:7:8: `a/b` cannot be a slug (write one part of an address)",
        "backmatter.toml:9:8: `a` stands twice among the authors (leave one of the two out)",
        "backmatter.toml:10:1: an entry of `authors` needs a `name`",
    ]);
}
