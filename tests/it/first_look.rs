//! The first day with a blog of another engine: what was hidden stays hidden, what cannot be read is left out alone, and
//! warnings are true.

use std::process::Command;

use backmatter::internals::diagnostic::Reach;
use backmatter::internals::site::order::Selection;

use crate::site_test::SiteTest;

/// A site of one post beside one that is always shown.
fn beside_another(head: &str) -> SiteTest {
    let mut site =
        SiteTest::new("-- content/other.md --\n+++\ntitle = \"Other\"\ndate = 2016-01-01\n+++\nWords.\n");
    site.write("content/secret.md", format!("{head}\nUnseen words.\n"));
    site
}

#[track_caller]
fn is_hidden(key: &str) {
    let mut site = beside_another(&format!("---\ntitle: Secret\ndate: 2020-01-01\n{key}\n---"));
    site.selection(Selection { drafts: false, future: false, expired: false }).build();
    for (path, bytes) in crate::site_test::files(&site.path("public")) {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("Secret") && !text.contains("Unseen"), "`{key}` is public in `{path}`");
    }
    let absent = site.report().not_shown;
    let count = absent.drafts + absent.future + absent.expired + absent.hidden;
    assert_eq!(count, 1, "`{key}` is not among the posts that are not shown");
}

#[test]
fn what_any_engine_hides_stays_hidden() {
    let keys = "published: false\npublished: no\npublished: off\npublished: False\npublished: \"false\"\npublished: 0\n\
        Published: false\npublish: false\npublished: perhaps\ndraft: yes\ndraft: on\ndraft: 1\nDraft: true\nisDraft: true\n\
        is_draft: true\nstatus: draft\nstatus: hidden\nStatus: hidden\nstatus: private\nstatus: pending\n\
        status: Auto-Draft\nstatus: seedling\nhidden: true\nhidden: sure\nprivate: true\nvisibility: private\n\
        visibility: members\nvisibility: elsewhere\naccess: registered\npassword: tiger\npost_password: tiger\n\
        password: 1234\nunlisted: true\nheadless: true\nsitemap: false\nsitemap: {disable: true}\nrobots: noindex, nofollow\n\
        robots: [noindex]\nnoindex: true\nbuild: {render: never}\n_build: {render: false}\nbuild: {list: never}\n\
        render: false\npermalink: false\nurl: false\neleventyExcludeFromCollections: true\npublishDate: 2099-01-01\n\
        publish_date: 2099-01-01\npublishdate: 2099-01-01\npubDate: 2099-01-01\npublished: 2099-01-01\n\
        published_at: 2099-01-01\nscheduled: 2099-01-01\nexpiryDate: 2021-01-01\nexpirydate: 2021-01-01\n\
        unpublishdate: 2021-01-01\nunpublish_date: 2021-01-01\nexpires: 2021-01-01\nvisible: false\nroutable: false\nlisted: false";
    keys.lines().for_each(is_hidden);
}

#[test]
fn what_other_engines_show_is_shown() {
    for key in [
        "published: true",
        "published: yes",
        "published:",
        "published: 2020-01-01",
        "draft: no",
        "status: published",
        "status: publish",
        "visibility: public",
        "hidden: false",
        "password:",
        "password: \"\"",
        "sitemap: {priority: 0.5}",
        "sitemap: true",
        "permalink: /a/",
        "output: html_document",
        "hide: [toc]",
        "build: {list: always}",
        "publishDate: 2019-01-01",
        "expiryDate: 2099-01-01",
        "robots: index",
        "status: scheduled",
    ] {
        let mut site = beside_another(&format!("---\ntitle: Secret\ndate: 2020-01-01\n{key}\n---"));
        site.build().exists("2020/01/01/secret/index.html", true);
        assert!(!site.report().diagnostics.iter().any(|fault| fault.reach == Reach::Public), "`{key}`");
    }
}

#[test]
fn no_value_shows_what_another_key_hides() {
    is_hidden("published: true\nstatus: private");
    is_hidden("draft: false\npublished: false");
    is_hidden("publishDate: 2019-01-01\nexpires: 2099-01-01\nunpublishDate: 2020-06-01");
    is_hidden("draft: true\npublished: true");
}

#[test]
fn a_key_that_is_not_understood_hides_and_says_so() {
    let mut site = beside_another("---\ntitle: Secret\ndate: 2020-01-01\nstatus: evergreen\n---");
    site.build()
        .warnings(&["content/secret.md:4:9: `status: evergreen` is not known here: the post is not shown \
         (write `status: published`, or take the key out, to show it)"]);
    let mut site = beside_another("---\ntitle: Secret\ndate: 2020-01-01\nsitemap: no\n---");
    site.build().warnings(&[
        "content/secret.md:4:1: `sitemap` keeps the post out of search engines elsewhere, but here it \
         would stand in lists and feeds: it is not shown (take the key out to show the post)",
    ]);
}

#[test]
fn a_hidden_post_is_listed_and_explained() {
    let mut site = beside_another("---\ntitle: Secret\ndate: 2020-01-01\npassword: tiger\n---");
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_backmatter"));
        let output = command.args(arguments).current_dir(site.root()).output().expect("the program runs");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    assert_eq!(run(&["list", "hidden"]), "2020-01-01  content/secret.md  Secret  (password)\n");
    let built = run(&["build", "--why", "content/secret.md"]);
    let why = "  not shown: `password` in its front matter hides it; take the key out to show it\n";
    assert!(built.contains(why) && !built.contains("tiger"), "{built}");
    assert!(built.ends_with("1 post not shown: 1 hidden (`backmatter list hidden`)\n"), "{built}");
    // No option shows it, as none of them is about hidden posts.
    site.selection(Selection { drafts: true, future: true, expired: true })
        .build()
        .exists("2020/01/01/secret/index.html", false);
}

#[test]
fn folders_of_drafts_and_templates_are_not_published() {
    let mut site = beside_another("---\ntitle: Seen\ndate: 2020-01-01\n---");
    site.write("content/_drafts/idea.md", "---\ntitle: Idea\ndate: 2020-01-01\n---\nUnseen words.\n")
        .write("content/_drafts/idea.png", "x")
        .write("content/_includes/box.md", "Unseen words.\n")
        .write("content/old.html", "---\ntitle: Old\npublished: false\n---\n<p>Unseen words.\n")
        .write("content/plain.html", "<p>Plain.\n")
        .write("content/note.rst", "Note\n====\n\n:status: draft\n")
        .build()
        .exists("_drafts/idea.png", false)
        .exists("old.html", false)
        .exists("note.rst", false)
        .exists("plain.html", true)
        .warnings(&[
            "content/_includes/box.md: other engines put a file of this folder into pages: it is left out \
             (move it into another folder to make it a page)",
            "content/note.rst: `.rst` is not Markdown: the file is left out \
             (turn it into Markdown; a file for readers to download goes into `static/`)",
            "content/old.html: this file is HTML with front matter, a template elsewhere: it is left out \
             (rename it to `.md`, where HTML may stand, or take the front matter out to copy it as it is)",
        ]);
    assert_eq!(site.report().not_shown.drafts, 1);
    assert_eq!((site.report().left_out.files, site.report().left_out.of), (2, 5));
}

#[test]
fn one_post_with_a_fault_leaves_the_others() {
    let mut site = beside_another("---\ntitle: Secret\ndate: 2020-02-31\n---");
    site.write(
        "content/links.md",
        "---\ntitle: Links\ndate: 2019-01-01\n---\n[a](secret.md), [b](@/gone.md)\n",
    )
    .builds_without(&[
        "content/links.md:5:17: there is no post `content/gone.md`",
        "content/secret.md:3:7: `2020-02-31` is not a date: that month has no day 31",
    ])
    .warnings(&[
        "content/links.md:5:1: `secret.md` is left out, as it has errors: the link leads nowhere until then",
    ])
    .exists("2019/01/01/links/index.html", true)
    .edit("content/secret.md", "02-31", "02-28")
    .edit("content/links.md", ", [b](@/gone.md)", "")
    .build()
    .exists("2020/02/28/secret/index.html", true)
    .edit("content/secret.md", "02-28", "02-31")
    .builds_without(&["content/secret.md:3:7: `2020-02-31` is not a date: that month has no day 31"])
    .exists("2020/02/28/secret/index.html", false);
    // A fault that stays is said by each build.
    site.builds_without(&["content/secret.md:3:7: `2020-02-31` is not a date: that month has no day 31"]);
}

#[test]
fn back_matter_with_a_fault_shows_what_can_be_read() {
    let mut site = beside_another("---\ntitle: Secret\ndate: 2020-01-01\n---");
    let good = "[[linkback]]\nkind = \"comment\"\nexcerpt = \"A good answer.\"\n";
    site.write("content/other.backmatter.toml", format!("{good}[[linkback]]\nkind = \"pingbak\"\n"));
    let error = ["content/other.backmatter.toml:5:8: there is no kind `pingbak` (did you mean `pingback`?)"];
    site.builds_without(&error)
        .holds("2016/01/01/other/index.html", &["A good answer."])
        .builds_without(&error);
    site.write("content/other.backmatter.toml", good).build().warnings(&[]);
}

#[test]
fn of_two_posts_on_one_address_the_older_one_stays() {
    let mut site = beside_another("---\ntitle: Secret\ndate: 2020-01-01\nslug: x\n---");
    site.write("content/again.md", "---\ntitle: Again\ndate: 2020-01-01 10:00\nslug: x\n---\nWords.\n");
    site.builds_without(&["content/again.md: `/2020/01/01/x/` is the address of both `content/again.md` and \
         `content/secret.md` (give one of them another `slug` or `path`, or move a list with `[paths]` in the settings)"])
        .holds("2020/01/01/x/index.html", &["Secret"])
        .lacks("index.html", &["Again"]);
}

#[test]
fn languages_have_addresses_of_their_own() {
    let mut site = SiteTest::new(
        "-- backmatter.toml --\nbase_url = \"https://example.com\"\npermalink = \"/:lang/:folder/:year/:slug/\"\n\
         -- content/en/news/_posts/2013-02-01-release.md --\n---\ntitle: Release\nlang: en\n---\nWords.\n\
         -- content/zh_cn/news/_posts/2013-02-01-release.md --\n---\ntitle: Release\nlang: zh_cn\n---\nWords.\n\
         -- content/pt/2013-02-01-release.md --\n---\ntitle: Release\nlang: pt_BR.UTF-8\n---\nWords.\n",
    );
    site.build()
        .exists("en/en/news/2013/release/index.html", true)
        .exists("zh-cn/zh-cn/news/2013/release/index.html", true)
        .holds("pt-br/pt/2013/release/index.html", &["lang=\"pt-BR\""]);
    site.edit("backmatter.toml", "/:lang/:folder/:year", "/:section/:year")
        .build()
        .exists("zh-cn/2013/release/index.html", true);
    site.edit("backmatter.toml", "/:section/:year", "/:year").builds_without(&[
        "content/pt/2013-02-01-release.md: `/2013/release/` is the address of both \
         `content/en/news/_posts/2013-02-01-release.md` and `content/pt/2013-02-01-release.md` (put `:lang` or \
         `:folder` into the `permalink` of the settings, or give one of them another `slug` or `path`)",
        "content/zh_cn/news/_posts/2013-02-01-release.md: `/2013/release/` is the address of both \
         `content/en/news/_posts/2013-02-01-release.md` and `content/zh_cn/news/_posts/2013-02-01-release.md` (put \
         `:lang` or `:folder` into the `permalink` of the settings, or give one of them another `slug` or `path`)",
    ]);
}

#[test]
fn markdown_by_any_of_its_names_is_read() {
    let mut site = SiteTest::new(
        "-- content/2016-01-01-a.markdown --\nWords, see [b](2016-01-02-b.mkd).\n\
         -- content/2016-01-02-b.mkd --\nWords.\n\
         -- content/2016-01-03-c.mdown --\nWords.\n\
         -- content/2016-01-04-d/index.markdown --\nWords. ![A map](map.png)\n\
         -- content/2016-01-04-d/map.png --\nx\n\
         -- content/2016-01-01-a.backmatter.toml --\n[[linkback]]\nkind = \"comment\"\nexcerpt = \"An answer.\"\n",
    );
    site.build()
        .warnings(&[])
        .holds("2016/01/01/a/index.html", &["href=\"/2016/01/02/b/\"", "An answer."])
        .exists("2016/01/03/c/index.html", true)
        .exists("2016/01/04/d/map.png", true);
}

#[test]
fn heads_of_pelican_and_multimarkdown_are_read() {
    let mut site = SiteTest::new(
        "-- content/pelican.md --\nTitle: Boats: a list\nDate: 2016-02-01 10:20\nCategory: Harbour\nTags: quay, boats\n\
         Authors: Ann Lee; Bo Dahl\nSlug: boats\nModified: 2016-03-01\nSummary: Two\n    lines.\n\nThe words.\n\
         -- content/multi.mkd --\nTitle:   A Report\nDate:    2016-02-02\nKeywords: one, two\n\nMore words.\n\
         -- content/hidden.md --\nTitle: Hidden\nDate: 2016-02-03\nStatus: hidden\n\nUnseen.\n\
         -- content/2016-02-04-prose.md --\nNote: this is prose.\n\nTitle: nothing.\n\
         -- content/2016-02-05-late.md --\n\n---\ntitle: Late\ndraft: true\n---\nUnseen.\n\
         -- content/2016-02-06-case.md --\n---\nTitle: Capital\nTAGS: [quay]\n---\nWords.\n",
    );
    let read = "these lines are read as front matter, as Pelican and MultiMarkdown do (`Title: …`) (put a line `---` before and \
                behind them, and write their keys in lower case)";
    site.build()
        .warnings(&[
            "content/2016-02-05-late.md:2:1: this front matter is read, although it does not begin the file \
             (delete the spaces and empty lines before it)",
            "content/2016-02-06-case.md:2:1: `Title` is read as `title` (write keys in lower case)",
            "content/2016-02-06-case.md:3:1: `TAGS` is read as `tags` (write keys in lower case)",
            &format!("content/hidden.md:1:1: {read}"),
            &format!("content/multi.mkd:1:1: {read}"),
            &format!("content/pelican.md:1:1: {read}"),
        ])
        .holds("2016/02/01/boats/index.html", &["Boats: a list", "Ann Lee", "Bo Dahl", "<p>The words."])
        .lacks("2016/02/01/boats/index.html", &["Category:", "Slug:"])
        .holds("tags/quay/index.html", &["Capital", "Boats: a list"])
        .holds("categories/harbour/index.html", &["Boats: a list"])
        .holds("2016/02/02/multi/index.html", &["A Report", "<p>More words."])
        .holds("2016/02/04/prose/index.html", &["<p>Note: this is prose.</p>"]);
    assert_eq!((site.report().not_shown.hidden, site.report().not_shown.drafts), (1, 1));
}

#[test]
fn tags_of_templates_are_counted_by_name() {
    let mut site = SiteTest::new("-- content/pages/about.md --\nWords.\n");
    for day in 1..=9 {
        let text = "{% highlight ruby %}\nx\n{% endhighlight %}\n\nSee {{ site.url }} and {{< youtube id >}}.\n\n{: .note}\n";
        site.write(&format!("content/2016-01-0{day}-a.md"), text);
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_backmatter"));
    let output = command.arg("build").current_dir(site.root()).output().expect("the program runs");
    let stderr = String::from_utf8_lossy(&output.stderr);
    for (what, name) in [
        ("{% highlight … %}", "a tag of Liquid or Jinja"),
        ("{% endhighlight %}", "a tag of Liquid or Jinja"),
        ("{{ site.url }}", "a variable of a template"),
        ("{{< youtube … >}}", "a shortcode of Hugo"),
        ("{: … }", "a list of attributes of kramdown"),
    ] {
        let warning =
            format!("warning: `{what}` is {name}, which has no meaning here (9 times, first here)\n");
        assert_eq!(stderr.matches(&warning).count(), 1, "{warning}\n{stderr}");
    }
    assert_eq!(stderr.matches("warning").count(), 5, "{stderr}");
}
