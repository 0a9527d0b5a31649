//! What a site adds to the built-in theme, without replacing what it does not change.

use crate::cli::backmatter;
use crate::site_test::{SiteTest, folder};

const SITE: &str = "-- backmatter.toml --\nbase_url = \"https://example.com\"\n\
    -- content/a.md --\n+++\ntitle = \"A\"\ndate = 2026-01-02\n+++\nWords.\n";

#[test]
fn files_of_ones_own_have_their_places() {
    let mut site = SiteTest::new(SITE);
    site.build().lacks("index.html", &["custom.css"]);
    site.write("static/custom.css", "p { color: red }\n")
        .write("templates/partials/head_extra.html", "<meta name=\"extra\" content=\"{{ page.kind }}\">\n")
        .write("templates/partials/foot_extra.html", "<script src=\"/count.js\"></script>\n")
        .write("templates/partials/post_end.html", "<p>Below {{ post.title }}</p>\n")
        .build()
        .holds(
            "2026/01/02/a/index.html",
            &[
                "style.css?v=",
                "<link rel=\"stylesheet\" href=\"/custom.css?v=",
                "<meta name=\"extra\" content=\"post\">",
                "</head>",
                "<p>Below A</p>",
                "<script src=\"/count.js\"></script>",
            ],
        )
        .holds(
            "archives/index.html",
            &["/custom.css?v=", "<meta name=\"extra\" content=\"archives\">", "/count.js"],
        )
        .lacks("archives/index.html", &["Below"]);
    // A file that goes, goes from every page.
    site.remove("static/custom.css").build().lacks("archives/index.html", &["custom.css"]);
}

#[test]
fn a_template_extends_the_one_it_replaces() {
    let mut site = SiteTest::new(SITE);
    site.write(
        "templates/post.html",
        "{% extends \"theme:post.html\" %}\n{% block head %}{{ super() }}<meta name=\"own\">{% endblock head %}\n",
    )
    .write(
        "templates/base.html",
        "{% extends \"theme:base.html\" %}\n{% block robots %}{{ super() }}<meta name=\"base\">{% endblock robots %}\n",
    )
    .build()
    .holds("2026/01/02/a/index.html", &["<meta name=\"base\">", "application/ld+json", "<meta name=\"own\">", "<p>Words.</p>"])
    .holds("archives/index.html", &["rel=\"canonical\"", "<meta name=\"base\">"]);
}

#[test]
fn a_template_that_nothing_uses_is_a_warning() {
    let mut site = SiteTest::new(SITE);
    site.write("templates/psot.html", "{{ post.title }}")
        .build()
        .warnings(&["templates/psot.html: nothing uses this template (did you mean `post.html`?)"]);
    site.write(
        "content/b.md",
        "+++\ntitle = \"B\"\ndate = 2026-01-03\ntemplate = \"psot.html\"\n+++\nWords.\n",
    )
    .build()
    .holds("2026/01/03/b/index.html", &["B"])
    .warnings(&[]);
}

#[test]
fn a_frame_of_ones_own_needs_its_blocks_and_nothing_else() {
    let mut site = SiteTest::new(
        "-- backmatter.toml --\nbase_url = \"https://example.com\"\npaginate = 1\n\
         -- content/about.md --\n+++\ntitle = \"About\"\n+++\n# One\n\n# Two\n\n# Three\n\nMe.\n\
         -- content/a.md --\n+++\ntitle = \"A\"\ndate = 2026-01-02\ntags = [\"x\"]\nseries = \"S\"\naliases = [\"/old/\"]\n+++\nOwn.\n\n> Words.\n>\n> — Jane Doe, [Title](https://report.example/), *The Paper*, 2026-01-01\n\
         -- content/b.md --\n+++\ndate = 2026-01-03\ntags = [\"x\"]\ncategories = [\"y\"]\nseries = \"S\"\n+++\nA note.\n\n> Words.\n>\n> — Jane Doe, [Title](https://report.example/b), *The Paper*, 2026-01-01\n",
    );
    site.write(
        "templates/base.html",
        "<!DOCTYPE html>\n<title>{% block title %}{{ page.title }}{% endblock title %}</title>\n\
         {% block robots %}{% endblock robots %}<meta content=\"{% block og_type %}website{% endblock og_type %}\">\n\
         {% block head %}{% endblock head %}\n<main>{% block main %}{% endblock main %}</main>\n",
    )
    .build()
    .warnings(&[])
    .holds("index.html", &["<title></title>", "A note."])
    .holds("page/1/index.html", &["<title>Page 1</title>", "<h1 class=\"heading\">Page 1</h1>"])
    .holds("2026/01/index.html", &["<title>January 2026</title>", "<h1>January 2026</h1>"])
    .holds("tags/x/page/1/index.html", &["<title>x · Page 1</title>", "<h1>x · Page 1</h1>"])
    .holds("about/index.html", &["<title>About</title>", "<h1 class=\"p-name\">About</h1>"]);
    for page in [
        "404.html",
        "archives/index.html",
        "2026/index.html",
        "2026/01/02/index.html",
        "quotes/index.html",
        "series/s/index.html",
        "tags/index.html",
    ] {
        site.holds(page, &["<!DOCTYPE html>\n<title>", "<main>", "<h1>"]);
    }
}

#[test]
fn a_new_site_has_the_look_that_was_asked_for() {
    for (look, written) in
        [("news", "# look = \"news\" "), ("notebook", "look = \"notebook\" "), ("plain", "look = \"plain\" ")]
    {
        let folder = folder();
        assert_eq!(backmatter(folder.path(), ["init", "--theme", look, "blog"]).code, Some(0));
        let root = folder.path().join("blog");
        let settings = std::fs::read_to_string(root.join("backmatter.toml")).expect("settings are there");
        assert!(settings.lines().any(|line| line.starts_with(written)), "{settings}");
        assert_eq!(backmatter(&root, ["build", "--strict"]).code, Some(0));
        let page = std::fs::read_to_string(root.join("public/index.html")).expect("a page is there");
        assert_eq!(page.contains(&format!("/look-{look}.css?v=")), look != "news");
    }
}

#[test]
fn files_of_a_theme_come_with_a_choice() {
    let mut site = SiteTest::new(SITE);
    site.build()
        .lacks("index.html", &["scheme.js", "class=\"scheme\""])
        .exists("scheme.js", false)
        .exists("look-plain.css", false)
        .exists("look-notebook.css", false);
    site.write(
        "backmatter.toml",
        "base_url = \"https://example.com\"\n[theme_options]\nscheme_switch = true\nlook = \"plain\"\n",
    )
    .build()
    .holds(
        "index.html",
        &[
            // Before the first paint.
            "<script src=\"/scheme.js?v=",
            "\"></script>\n<link rel=\"stylesheet\" href=\"/style.css?v=",
            "<link rel=\"stylesheet\" href=\"/look-plain.css?v=",
            "<button class=\"scheme\" type=\"button\" hidden aria-label=\"Dark colours\"",
        ],
    )
    .holds("scheme.js", &["localStorage"])
    .exists("look-notebook.css", false);
    // A file of the site is published whatever the theme says of one with its name.
    site.write("static/look-notebook.css", "p { color: red }\n")
        .build()
        .holds("look-notebook.css", &["p { color: red }"]);
    site.remove("static/look-notebook.css").build().exists("look-notebook.css", false);
}

#[test]
fn a_theme_of_ones_own_has_files_by_choice() {
    let mut site = SiteTest::new(
        "-- backmatter.toml --\nbase_url = \"https://example.com\"\ntheme = \"own\"\n[theme_options]\nwater = \"low\"\n\
         -- content/a.md --\n+++\ntitle = \"A\"\ndate = 2026-01-02\n+++\nWords.\n\
         -- themes/own/static/high.css --\nhigh\n-- themes/own/static/low.css --\nlow\n\
         -- themes/own/theme.toml --\n[options]\nwater = \"high\"\n[files]\n\"high.css\" = { water = \"high\" }\n\"low.css\" = { water = \"low\" }\n",
    );
    site.build().holds("low.css", &["low"]).exists("high.css", false);
    // A slip is told with its line.
    site.write(
        "themes/own/theme.toml",
        "[options]\nwater = \"high\"\n[files]\n\"high.css\" = { watre = \"high\" }\n\"low.css\" = \"low\"\n",
    )
    .fails(&[
        "themes/own/theme.toml:4:16: the theme has no option `watre` (did you mean `water`?)",
        "themes/own/theme.toml:5:13: `files.low.css` must be a table, but this is text (name an option and its value, as in `{ look = \"plain\" }`)",
    ]);
}

#[test]
fn every_page_has_a_description() {
    let mut site = SiteTest::new(
        "-- backmatter.toml --\nbase_url = \"https://example.com\"\ntitle = \"Harbour notes\"\n\
         -- content/a.md --\n+++\ntitle = \"A\"\ndate = 2026-01-02\ntags = [\"x\"]\n+++\nWords.\n",
    );
    site.build()
        .holds("index.html", &["<meta name=\"description\" content=\"Harbour notes\">"])
        .holds("archives/index.html", &["<meta name=\"description\" content=\"Archives · Harbour notes\">"])
        .holds("tags/x/index.html", &["<meta name=\"description\" content=\"x · Harbour notes\">"]);
}

const FILM: &str = "+++\ntitle = \"A film\"\ndate = 2026-01-02\n+++\nSee this:\n\n\
    <https://www.youtube.com/watch?v=aB3-_x9Qw1E>\n\nAnd [this](https://vimeo.com/123456789).\n\n\
    [Words](https://vimeo.com/123456789)\n\n- <https://vimeo.com/1234567890>\n\n- Two\n\n\
    > <https://vimeo.com/12345678901>\n\n<https://example.org/a>\n\nA note[^1].\n\n[^1]: <https://vimeo.com/123456789012>\n";

#[test]
fn an_address_alone_in_its_paragraph_is_a_box_that_asks_nobody() {
    let mut site = SiteTest::new("-- backmatter.toml --\nbase_url = \"https://example.com\"\n");
    let page = "2026/01/02/a/index.html";
    site.write("content/a.md", FILM).build().holds(
        page,
        &[
            "<script src=\"/embed.js?v=",
            "\" defer></script>",
            "<div class=\"embed embed-video\" data-frame=\"https://www.youtube-nocookie.com/embed/aB3-_x9Qw1E?autoplay=1\">\
             <p>YouTube: <a href=\"https://www.youtube.com/watch?v=aB3-_x9Qw1E\">https://www.youtube.com/watch?v=aB3-_x9Qw1E</a></p>\
             <button type=\"button\" hidden>Load from YouTube</button></div>\n",
            "<p><a href=\"https://vimeo.com/123456789\">Words</a></p>",
            "<p><a href=\"https://example.org/a\">https://example.org/a</a></p>",
        ],
    );
    // Nothing but links leads elsewhere, and nothing but the one box is one.
    let html = site.output(page);
    assert_eq!(html.matches("class=\"embed").count(), 1);
    assert!(!html.contains("<iframe") && !html.contains("<img"));
    // A feed has the link.
    site.holds("rss.xml", &["watch?v=aB3-_x9Qw1E&lt;/a&gt;&lt;/p&gt;"])
        .lacks("rss.xml", &["embed", "Load from"]);
    // What lists say of the post is its own words.
    site.holds("index.html", &["<p>See this:</p>"]).lacks("index.html", &["embed.js"]);
}

#[test]
fn bare_addresses_are_boxes_where_they_are_links() {
    let bare = "+++\ntitle = \"A\"\ndate = 2026-01-02\n+++\nhttps://social.example/@ada/109876543210987654\n\nWords.\n";
    let mut site = SiteTest::new("-- backmatter.toml --\nbase_url = \"https://example.com\"\n");
    let page = "2026/01/02/a/index.html";
    site.write("content/a.md", bare).build().lacks(page, &["class=\"embed", "embed.js"]);
    site.write("backmatter.toml", "base_url = \"https://example.com\"\n[markdown]\nautolink = true\n").build().holds(
        page,
        &["<div class=\"embed embed-post\" data-frame=\"https://social.example/@ada/109876543210987654/embed\"><p>social.example: "],
    );
    site.holds("index.html", &["<p>Words.</p>"]);
    site.write(
        "backmatter.toml",
        "base_url = \"https://example.com\"\n[markdown]\nautolink = true\nembeds = false\n",
    )
    .build()
    .lacks(page, &["class=\"embed", "embed.js"])
    .holds(page, &["<p><a href=\"https://social.example/@ada/109876543210987654\">"]);
}

#[test]
fn a_theme_adds_to_the_table_of_embeds() {
    let mut site = SiteTest::new(
        "-- backmatter.toml --\nbase_url = \"https://example.com\"\nlanguage = \"de\"\n\
         -- content/a.md --\n+++\ntitle = \"A\"\ndate = 2026-01-02\n+++\n<https://films.example/7>\n\n<https://youtu.be/aB3-_x9Qw1E>\n\
         -- themes/default/theme.toml --\n[embeds.films]\nname = \"Films & more\"\nlinks = [\"https://films.example/{number}\"]\n\
         frame = \"https://films.example/frame?film={number}&from={url}\"\nshape = \"tall\"\n[embeds.youtube]\nlinks = []\n",
    );
    site.build().holds(
        "2026/01/02/a/index.html",
        &[
            "<div class=\"embed embed-tall\" data-frame=\"https://films.example/frame?film=7&amp;from=https%3A%2F%2Ffilms.example%2F7\">\
             <p>Films &amp; more: <a",
            "hidden>Von Films &amp; more laden</button>",
            "<p><a href=\"https://youtu.be/aB3-_x9Qw1E\">",
        ],
    );
}

#[test]
fn a_template_asks_for_related_posts_and_those_of_a_term() {
    let mut site = SiteTest::new("-- backmatter.toml --\nbase_url = \"https://example.com\"\n");
    site.write(
        "templates/partials/post_end.html",
        "R:{% for other in related_posts(path=post.source, n=3) %}{{ other.title }},{% endfor %} \
         T:{% for other in posts_of(tag=\"News\", n=2) %}{{ other.title }},{% endfor %} \
         C:{% for other in posts_of(category=\"none\") %}{{ other.title }},{% endfor %}.",
    );
    let posts = [
        ("a", "tags = [\"news\", \"ferries\"]"),
        ("b", "tags = [\"news\"]"),
        ("c", "tags = [\"news\"]"),
        ("d", "tags = [\"ferries\"]"),
        ("e", "tags = [\"boats\"]\nseries = \"S\""),
        ("f", "series = \"S\""),
    ];
    for (day, (name, front)) in posts.iter().enumerate() {
        let text = format!("+++\ntitle = \"{name}\"\ndate = 2026-01-0{}\n{front}\n+++\nWords.\n", day + 1);
        site.write(&format!("content/{name}.md"), text);
    }
    site.build()
        .holds("2026/01/01/a/index.html", &["R:d,c,b, T:c,b, C:."])
        .holds("2026/01/02/b/index.html", &["R:c,a, T:"])
        .holds("2026/01/05/e/index.html", &["R:f, T:"]);
    // A post that goes makes the pages that showed it again.
    site.remove("content/d.md").build().holds("2026/01/01/a/index.html", &["R:c,b, T:c,b, C:."]);
}

#[test]
fn a_post_names_others_on_its_subject() {
    let mut site =
        SiteTest::new("-- backmatter.toml --\nbase_url = \"https://example.com\"\nlanguage = \"en\"\n");
    let posts = [
        ("one", "tags = [\"ports\", \"fog\"]"),
        ("two", "tags = [\"ports\"]\nseries = \"S\""),
        ("three", "tags = [\"ports\"]"),
        ("four", "tags = [\"ports\", \"fog\"]"),
        ("five", "tags = [\"ports\"]\nseries = \"S\""),
        ("six", "tags = [\"ports\", \"fog\"]"),
        ("sechs", "tags = [\"ports\", \"fog\"]\nlang = \"de\""),
        ("alone", "tags = [\"rope\"]"),
    ];
    for (at, (name, front)) in posts.iter().enumerate() {
        let text = format!("+++\ntitle = \"{name}\"\ndate = 2026-01-0{}\n{front}\n+++\nWords.\n", at + 1);
        site.write(&format!("content/{name}.md"), text);
    }
    site.build();
    let mut related = |page: &str| {
        let mut titles = Vec::new();
        site.page(page, |html| {
            let block = html.split_once("<nav class=\"related\"").map_or("", |(_, rest)| rest);
            let block = block.split_once("</nav>").map_or("", |(block, _)| block);
            titles = block
                .split("<bdi>")
                .skip(1)
                .map(|rest| rest.split('<').next().unwrap_or_default().to_owned())
                .collect();
        });
        titles.join(" ")
    };
    // The rare term counts for more, and what the pager and the series link is not named again.
    assert_eq!(related("2026/01/06/six/index.html"), "four three one");
    assert_eq!(related("2026/01/05/five/index.html"), "three one");
    // One is later, and as many more as there are too few earlier ones.
    assert_eq!(related("2026/01/04/four/index.html"), "six two one");
    assert_eq!(related("2026/01/01/one/index.html"), "five four three");
    // Not in another language, and none without anything in common.
    assert_eq!(related("2026/01/07/sechs/index.html"), "");
    assert_eq!(related("2026/01/08/alone/index.html"), "");
    site.write("backmatter.toml", "base_url = \"https://example.com\"\n[theme_options]\nrelated = false\n");
    site.build().lacks("2026/01/06/six/index.html", &["class=\"related\""]);
}

#[test]
fn the_files_of_the_built_in_theme_are_printed_and_copied() {
    let folder = folder();
    let run = |arguments: &[&str]| backmatter(folder.path(), arguments);
    // Without a site.
    let listed = run(&["theme"]);
    assert!(
        listed.stdout.contains("templates/partials/card.html\n") && listed.stdout.contains("theme.toml"),
        "{listed:?}"
    );
    let printed = run(&["theme", "partials/pager.html"]);
    assert!(printed.stdout.contains("<nav class=\"pager\""), "{printed:?}");
    let unknown = run(&["theme", "partials/cart.html"]);
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.stderr.contains("did you mean `partials/card.html`?"), "{unknown:?}");
    assert_eq!(run(&["init", "."]).code, Some(0));
    let copied = run(&["theme", "--copy", "post.html", "i18n/de.toml"]);
    assert_eq!(
        copied.stdout, "themes/default/templates/post.html\nthemes/default/i18n/de.toml\n",
        "{copied:?}"
    );
    let again = run(&["theme", "--copy", "year.html", "post.html"]);
    assert!(again.code == Some(2) && again.stderr.contains("never overwrites"), "{again:?}");
    assert!(!folder.path().join("themes/default/templates/year.html").exists());
    assert_eq!(run(&["build", "--strict", "--quiet"]).code, Some(0));
}
