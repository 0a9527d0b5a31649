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
