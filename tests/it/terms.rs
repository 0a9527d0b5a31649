//! `[[terms]]`: slugs, parents, descriptions and old addresses of tags and categories.

use crate::site_test::SiteTest;

const BLOG: &str = "\
-- backmatter.toml --
base_url = \"https://example.com\"
permalink = \"/:categories/:slug/\"
[paths]
categories = \"/category/\"
tags = \"/tag/\"
[[terms]]
name = \"C++\"
taxonomy = \"tags\"
slug = \"c\"
[[terms]]
name = \"C\"
taxonomy = \"tags\"
slug = \"c-2\"
[[terms]]
name = \"Lamps\"
description = \"All that burns & shines.\"
aliases = [\"/lamps/\", \"/?cat=3\"]
[[terms]]
name = \"Oil Lamps\"
slug = \"oil\"
parent = \"Lamps\"
-- content/2016/wick.md --
+++
title = \"Wick\"
date = 2016-12-15
categories = [\"oil lamps\"]
tags = [\"C\", \"C++\"]
+++
Words.
-- content/2016/none.md --
+++
title = \"None\"
date = 2016-12-16
+++
Words.
";

#[test]
fn terms_have_the_address_that_the_settings_say() {
    let mut site = SiteTest::new(BLOG);
    site.build().warnings(&[]);
    site.holds("tag/c/index.html", &["<h1>C++</h1>"]).holds("tag/c-2/index.html", &["<h1>C</h1>"]);
    site.holds(
        "lamps/oil/wick/index.html",
        &["href=\"/category/lamps/oil/\"", "href=\"/tag/c-2/\"", "href=\"/tag/c/\""],
    );
    site.exists("uncategorized/none/index.html", true);
    // The posts of a term are those of the term above it as well.
    site.holds(
        "category/lamps/index.html",
        &[
            "<meta name=\"description\" content=\"All that burns &amp; shines.\">",
            "<p>All that burns &amp; shines.</p>",
            "<a href=\"/category/lamps/oil/\">Oil Lamps</a>",
            "/lamps/oil/wick/",
        ],
    );
    site.holds(
        "category/lamps/oil/index.html",
        &["<a href=\"/category/lamps/\">Lamps</a>", "<h1>Oil Lamps</h1>"],
    );
    site.exists("category/lamps/oil/atom.xml", true);
    site.holds("lamps/index.html", &["https://example.com/category/lamps/"]);
    site.holds("_redirects", &["/ cat=3 /category/lamps/ 301!\n", "/lamps/ /category/lamps/ 301\n"]);
}

#[test]
fn a_term_that_is_changed_moves_its_pages_and_posts() {
    let mut site = SiteTest::new(BLOG);
    site.build().edit("backmatter.toml", "slug = \"oil\"\n", "slug = \"öl\"\n").build();
    site.exists("category/lamps/öl/index.html", true).exists("category/lamps/oil/index.html", false);
    site.exists("lamps/öl/wick/index.html", true);
    site.edit("backmatter.toml", "parent = \"Lamps\"\n", "").build().exists("category/öl/index.html", true);
}

#[test]
fn faults_of_terms_are_told_with_their_line() {
    let mut site = SiteTest::new(BLOG);
    site.write("backmatter.toml", "base_url = \"https://example.com\"\n[[terms]]\nname = \"Oil Lamp\"\n[[terms]]\nname = \"c\"\nslug = \"c-plus-plus\"\n").build();
    site.warnings(&[
        "backmatter.toml:3:8: no post has the term `Oil Lamp` (did you mean `oil lamps`?)",
        "content/2016/wick.md: `C++` has the same address as `c`: they are listed as one (write both alike, or give one of them another `slug` with `[[terms]]` in the settings)",
    ]);
    let wrong = "base_url = \"https://example.com\"
[[terms]]
name = \"A\"
parent = \"B\"
[[terms]]
name = \"B\"
parent = \"a\"
[[terms]]
name = \"b\"
taxonomy = \"tags\"
[[terms]]
slug = \"x/y\"
title = \"X\"
[[terms]]
name = \"D\"
taxonomy = \"authors\"
aliases = [\"/*/d/\", \"d/\"]
";
    site.write("backmatter.toml", wrong).fails(&[
        "backmatter.toml:3:8: `A` stands below itself (leave out the `parent` of one of the terms above it)",
        "backmatter.toml:6:8: `B` stands below itself (leave out the `parent` of one of the terms above it)",
        "backmatter.toml:9:8: `b` stands twice among the terms of tags (say which of the two is meant with `taxonomy = \"tags\"` or `\"categories\"`, or leave one out)",
        "backmatter.toml:11:1: an entry of `terms` needs a `name`",
        "backmatter.toml:12:8: `x/y` cannot be a slug (write one part of an address; what stands above it is its `parent`)",
        "backmatter.toml:13:1: unknown key `terms.title` (it is called `name` here)",
        "backmatter.toml:16:12: there is no taxonomy `authors` (what is to be said of an author stands in `[[authors]]`)",
        "backmatter.toml:17:12: `aliases` cannot be `/*/d/` (write patterns as `[[redirects]]`)",
        "backmatter.toml:17:21: `aliases` cannot be `d/` (an address of this site begins with `/`)",
    ]);
}
