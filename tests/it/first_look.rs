//! The first day with a blog of another engine: what was hidden stays hidden, what cannot be read is left out alone, and
//! warnings are true.

use std::process::Command;

use backmatter::internals::diagnostic::Reach;
use backmatter::internals::engine::NotShown;
use backmatter::internals::site::order::{Absence, Selection};

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
params: {draft: true}\nparams: {hidden: yes}\nParams: {password: tiger}\nunpublishdate: 2021-01-01\nunpublish_date: 2021-01-01\nexpires: 2021-01-01\nvisible: false\nroutable: false\nlisted: false";
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
        "params: {hidden: false, status: evergreen, show: false}",
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

/// How many posts a blog has on its first day here.
#[derive(Debug, PartialEq, Eq)]
struct FirstDay {
    posts: usize,
    not_shown: usize,
}

#[track_caller]
fn first_day(blog: &[(&str, &str)], expected: FirstDay, warnings: &[&str]) {
    let mut site = SiteTest::new("");
    for (path, text) in blog {
        site.write(path, text);
    }
    site.build();
    let report = site.report();
    let NotShown { drafts, future, expired, hidden } = report.not_shown;
    assert_eq!(FirstDay { posts: report.posts, not_shown: drafts + future + expired + hidden }, expected);
    let said = report.diagnostics.iter().map(|fault| {
        let file = fault.path.rsplit('/').next().unwrap_or_default();
        format!("{file}: {}", fault.message)
    });
    assert_eq!(said.collect::<Vec<_>>(), warnings);
    for (path, bytes) in crate::site_test::files(&site.path("public")) {
        assert!(!String::from_utf8_lossy(&bytes).contains("Not yet public"), "`{path}`");
    }
}

/// What owners of blogs of other engines have, in a few lines each: it builds on the first day, all warnings are true, and what
/// was hidden is nowhere.
#[test]
fn blogs_of_every_engine_build_on_the_first_day() {
    // Jekyll: `.markdown`, Liquid, a hidden post.
    first_day(
        &[
            (
                "content/_posts/2012-03-04-old-post.markdown",
                "---\nlayout: post\ntitle: \"An old post\"\ndate: 2012-03-04 09:00 -0800\ncomments: true\ncategories: [code, \"life\"]\n---\nSee {% post_url 2012-03-05-next %} and\n\n{% highlight ruby %}\nputs 1\n{% endhighlight %}\n\n{: .note}\nWords.\n",
            ),
            (
                "content/_posts/2012-03-05-next.markdown",
                "---\nlayout: post\ntitle: Next\npublished: false\n---\nNot yet public.\n",
            ),
        ],
        FirstDay { posts: 1, not_shown: 1 },
        &[
            "2012-03-04-old-post.markdown: unknown key `layout`",
            "2012-03-04-old-post.markdown: unknown key `comments`",
            "2012-03-04-old-post.markdown: `{% post_url … %}` is a tag of Liquid or Jinja, which has no meaning here",
            "2012-03-04-old-post.markdown: `{% highlight … %}` is a tag of Liquid or Jinja, which has no meaning here",
            "2012-03-04-old-post.markdown: `{% endhighlight %}` is a tag of Liquid or Jinja, which has no meaning here",
            "2012-03-04-old-post.markdown: `{: … }` is a list of attributes of kramdown, which has no meaning here",
            "2012-03-05-next.markdown: unknown key `layout`",
        ],
    );
    // Jekyll in two languages.
    first_day(
        &[
            (
                "backmatter.toml",
                "base_url = \"https://example.com\"\npermalink = \"/:lang/:folder/:year/:month/:day/:slug/\"\n",
            ),
            (
                "content/en/news/_posts/2013-02-01-release.md",
                "---\nlayout: news_post\ntitle: \"Release\"\nauthor: \"Jane Doe\"\nlang: en\n---\nWords.\n",
            ),
            (
                "content/zh_tw/news/_posts/2013-02-01-release.md",
                "---\nlayout: news_post\ntitle: \"Release\"\ntranslator: \"Jane Doe\"\nlang: zh_tw\n---\nWords.\n",
            ),
        ],
        FirstDay { posts: 2, not_shown: 0 },
        &[
            "2013-02-01-release.md: unknown key `layout`",
            "2013-02-01-release.md: unknown key `layout`",
            "2013-02-01-release.md: unknown key `translator`",
        ],
    );
    // Eleventy: YAML as its library reads it.
    first_day(
        &[(
            "content/posts/2015-03-17-how-to.md",
            "---\ntitle: \"How to\nrun it\"\ndate: 2015-03-17\nauthors:\n- jane\ntags:\n- how we work\nexcerpt: \"A text: with a colon\nand a second line\"\nimage: /assets/a.jpg\npermalink: /2015/03/17/how-to/\n---\n{% asset \"x.png\" %}\n\nWords.\n",
        )],
        FirstDay { posts: 1, not_shown: 0 },
        &[
            "2015-03-17-how-to.md: there is no file `/assets/a.jpg` for its `image`",
            "2015-03-17-how-to.md: unknown key `excerpt`",
            "2015-03-17-how-to.md: unknown key `permalink`",
            "2015-03-17-how-to.md: `{% asset … %}` is a tag of Liquid or Jinja, which has no meaning here",
        ],
    );
    // Pelican.
    first_day(
        &[(
            "content/2016-02-01-this-week-1.md",
            "Title: This Week 1\nDate: 2016-02-01\nCategory: This Week\nNumber: 1\n\nWords of the week.\n",
        )],
        FirstDay { posts: 1, not_shown: 0 },
        &[
            "2016-02-01-this-week-1.md: these lines are read as front matter, as Pelican and MultiMarkdown do (`Title: …`)",
            "2016-02-01-this-week-1.md: unknown key `number`",
        ],
    );
    // Hugo: what is hidden in four ways.
    first_day(
        &[
            (
                "content/post/hidden.md",
                "---\ntitle: Hidden\ndate: 2019-01-01\npublished: false\nsubtitle: never\n---\nNot yet public.\n",
            ),
            (
                "content/post/note.md",
                "---\ntitle: Note\ndate: 2020-02-02T10:00:00+01:00\ndraft: yes\nsubtitle: a\n---\nNot yet public.\n",
            ),
            (
                "content/post/seen.md",
                "+++\ntitle = \"Seen\"\ndate = 2020-02-03\npublishDate = 2020-02-04\nsubtitle = \"b\"\n+++\n{{< youtube id >}} and a [link]({{< ref \"note.md\" >}}).\n",
            ),
            ("content/drafts/_index.md", "---\ncascade:\n  draft: true\n---\n"),
            ("content/drafts/idea.md", "---\ntitle: Idea\ndate: 2020-01-01\n---\nNot yet public.\n"),
        ],
        FirstDay { posts: 1, not_shown: 3 },
        &[
            "_index.md: this file keeps back the posts of its folder where it comes from: they are not shown here either",
            "hidden.md: unknown key `subtitle`",
            "note.md: `yes` is read as true",
            "note.md: unknown key `subtitle`",
            "seen.md: unknown key `subtitle`",
            "seen.md: `{{< youtube … >}}` is a shortcode of Hugo, which has no meaning here",
            "seen.md: `{{< ref … >}}` is a shortcode of Hugo, which has no meaning here",
        ],
    );
    // Hugo's documentation: folders with files of their own, terms with links to them.
    first_day(
        &[
            ("content/docs/_index.md", "---\ntitle: Docs\nweight: 10\n---\nWords.\n"),
            (
                "content/docs/2020-01-01-methods.md",
                "---\ntitle: Methods\nlinkTitle: M\nweight: 20\n---\nGitInfo\n: A term, see [it](#gitinfo).\n",
            ),
        ],
        FirstDay { posts: 1, not_shown: 0 },
        &[
            "2020-01-01-methods.md: unknown key `linkTitle`",
            "2020-01-01-methods.md: unknown key `weight`",
            "_index.md: a folder has no page of its own here: the file is left out",
        ],
    );
    // Zola.
    first_day(
        &[
            (
                "content/blog/2021-05-06-release.md",
                "+++\ntitle = \"Release\"\nauthors = [\"Jane Doe\"]\n[extra]\nrelease = true\n[taxonomies]\ntags = [\"news\"]\n+++\nSee [the other](@/blog/2021-05-07-more.md).\n",
            ),
            ("content/blog/2021-05-07-more.md", "+++\ntitle = \"More\"\ndescription = \"x\"\n+++\nWords.\n"),
        ],
        FirstDay { posts: 2, not_shown: 0 },
        &[],
    );
    // notes without front matter.
    first_day(
        &[
            ("content/python/one-thing.md", "# One thing\n\nWords of it.\n"),
            ("content/README.md", "# Things\n\n- [One thing](python/one-thing.md)\n"),
        ],
        FirstDay { posts: 0, not_shown: 0 },
        &[],
    );
    // Lume.
    first_day(
        &[(
            "content/posts/2022-01-02-a.md",
            "---\ntitle: A\ndate: 2022-01-02\ntags: post\nauthor: Jane Doe\nurl: /a/\ndraft: false\n---\n<!--more-->\nWords.\n",
        )],
        FirstDay { posts: 1, not_shown: 0 },
        &["2022-01-02-a.md: unknown key `url`"],
    );
}

/// Two posts in a folder of two levels with a file `_index.md`, and one outside.
#[track_caller]
fn folder_is_hidden(index: &str, expected: Absence) {
    let mut site = beside_another("---\ntitle: Seen\ndate: 2020-01-01\n---");
    site.write("content/sec/_index.md", index)
        .write("content/sec/a.md", "---\ntitle: Secret one\ndate: 2020-01-01\n---\nKept words.\n")
        .write("content/sec/deep/b.md", "---\ntitle: Secret two\ndate: 2020-01-01\n---\nKept words.\n")
        .build();
    for (path, bytes) in crate::site_test::files(&site.path("public")) {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("Secret") && !text.contains("Kept words"), "`{index}` is public in `{path}`");
    }
    let absent = site.report().not_shown;
    let NotShown { drafts, future, expired, hidden } = absent;
    let count = match expected {
        Absence::Draft => drafts,
        Absence::Future => future,
        Absence::Expired => expired,
        Absence::Hidden | Absence::Clash => hidden,
    };
    assert_eq!(count, 2, "`{index}`: {absent:?}");
    let warned = site.report().diagnostics.iter().filter(|fault| fault.reach == Reach::Public);
    assert!(warned.map(|fault| fault.path.as_str()).eq(["content/sec/_index.md"]), "`{index}`");
    // What the file keeps back appears with it.
    site.write("content/sec/_index.md", "---\ntitle: A section\n---\n").build();
    assert_eq!(site.report().posts, 4, "`{index}`");
}

#[test]
fn what_the_file_of_a_folder_hides_stays_hidden() {
    folder_is_hidden("+++\ndraft = true\n+++\n", Absence::Draft);
    folder_is_hidden("---\npublished: false\n---\n", Absence::Draft);
    folder_is_hidden("---\nexpiryDate: 2021-01-01\n---\n", Absence::Expired);
    folder_is_hidden("---\npublishDate: 2099-01-01\n---\n", Absence::Future);
    folder_is_hidden("---\nparams:\n  private: true\n---\n", Absence::Hidden);
    folder_is_hidden("---\ncascade:\n  draft: true\n---\n", Absence::Draft);
    folder_is_hidden("---\ncascade:\n  params:\n    hidden: true\n---\n", Absence::Hidden);
    folder_is_hidden("---\ncascade:\n  build: {list: never}\n---\n", Absence::Hidden);
    folder_is_hidden(
        "+++\n[[cascade]]\nexpiryDate = 2021-01-01\n[cascade.target]\npath = \"**\"\n+++\n",
        Absence::Expired,
    );
    folder_is_hidden("---\ncascade:\n- target: {kind: page}\n  headless: true\n---\n", Absence::Hidden);
}

#[test]
fn what_the_file_of_a_folder_says_of_its_own_page_hides_no_post() {
    for index in [
        "---\ntitle: A section\n---\nWords.\n",
        "---\nbuild: {render: never}\nheadless: true\nsitemap: false\nrender: false\n---\n",
        "---\ncascade:\n- target: {kind: section}\n  build: {render: never}\n---\n",
        "---\ndraft: false\nparams: {layout: wide}\ncascade: {type: docs}\n---\n",
    ] {
        let mut site = beside_another("---\ntitle: Seen\ndate: 2020-01-01\n---");
        site.write("content/sec/_index.md", index)
            .write("content/sec/a.md", "---\ntitle: A\ndate: 2020-01-02\n---\nWords.\n")
            .build()
            .exists("2020/01/02/a/index.html", true)
            .warnings(&[
                "content/sec/_index.md: a folder has no page of its own here: the file is left out \
                (rename it to `index.md` to make it a page at the folder's address)",
            ]);
    }
}

#[test]
fn a_folder_whose_file_cannot_be_read_is_not_published() {
    let mut site = beside_another("---\ntitle: Seen\ndate: 2020-01-01\n---");
    site.write("content/sec/_index.md", "---\ndraft: [true\n---\n")
        .write("content/sec/a.md", "---\ntitle: A\ndate: 2020-01-02\n---\nWords.\n");
    let report = site.build_source(&site.source(), &()).expect("the build ends");
    let errors = report.diagnostics.iter().filter(|fault| fault.is_error());
    assert!(errors.map(|fault| fault.path.as_str()).eq(["content/sec/_index.md"]));
    assert_eq!((report.built, report.not_shown.hidden), (true, 1));
    site.exists("2020/01/02/a/index.html", false);
    site.write("content/sec/_index.md", b"---\ntitle: \xff\n---\n").builds_without(&[
        "content/sec/_index.md:2:8: this is not UTF-8 text (save the file as UTF-8, or move it to `static/` if it is not a post)",
    ]);
    assert_eq!(site.report().not_shown.hidden, 1);
    site.write("content/sec/_index.md", "").build().exists("2020/01/02/a/index.html", true);
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

/// A site with a folder outside that it has links to, from posts, files, back matter, templates and the theme.
#[cfg(unix)]
fn with_links_out() -> (SiteTest, tempfile::TempDir) {
    use std::os::unix::fs::symlink;
    let outside = crate::site_test::folder();
    let put = |name: &str, text: &str| crate::site_test::put(&outside.path().join(name), text.as_bytes());
    put("note.md", "+++\ntitle = \"Outside\"\ndate = 2016-02-02\n+++\nFrom outside.\n");
    put("secret.txt", "From outside.");
    put("other.backmatter.toml", "[[linkback]]\nkind = \"comment\"\nexcerpt = \"From outside.\"\n");
    put("box.html", "From outside.");
    let site = SiteTest::new(
        "-- content/other.md --\n+++\ntitle = \"Other\"\ndate = 2016-01-01\n+++\nWords.\n-- static/real.txt --\nReal.\n\
         -- .env --\nTOKEN=1\n-- shared/plan.txt --\nA plan.\n-- themes/default/theme.toml --\n\n-- templates/partials/post_end.html --\nx\n",
    );
    for (target, link) in [
        ("note.md", "content/note.md"),
        ("secret.txt", "content/secret.txt"),
        (".", "static/all"),
        ("other.backmatter.toml", "content/other.backmatter.toml"),
    ] {
        symlink(outside.path().join(target), site.path(link)).expect("a link can be made");
    }
    symlink("../static/real.txt", site.path("content/copy.txt")).expect("a link can be made");
    symlink("../shared", site.path("content/shared")).expect("a link can be made");
    symlink("../.env", site.path("static/env.txt")).expect("a link can be made");
    (site, outside)
}

#[cfg(unix)]
#[test]
fn links_out_of_the_site_are_refused_unless_they_are_allowed() {
    let (mut site, outside) = with_links_out();
    let real = outside.path().canonicalize().expect("it exists");
    let leads_out = |link: &str, target: &str| {
        let target = if target.is_empty() { real.clone() } else { real.join(target) };
        let target = target.display();
        format!(
            "{link}: this link leads out of the site, to `{target}`: what is there is left out (if it is meant, allow it in \
                 the settings: `allow = [\"{target}\"]` below `[symlinks]`)"
        )
    };
    let env = site.path(".env").canonicalize().expect("it exists");
    let errors = [
        leads_out("content/note.md", "note.md"),
        leads_out("content/other.backmatter.toml", "other.backmatter.toml"),
        leads_out("content/secret.txt", "secret.txt"),
        leads_out("static/all", ""),
        leads_out("static/env.txt", "").replace(&real.display().to_string(), &env.display().to_string()),
    ];
    let report = site.build_source(&site.source(), &()).expect("the build ends");
    let found: Vec<String> = report.diagnostics.iter().map(crate::site_test::tell).collect();
    assert_eq!((found, report.built), (errors.to_vec(), true));
    for (path, bytes) in crate::site_test::files(&site.path("public")) {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("From outside") && !text.contains("TOKEN"), "`{path}` is from outside");
    }
    site.exists("copy.txt", true).exists("shared/plan.txt", true);

    site.remove("static/env.txt");
    let settings = format!(
        "base_url = \"https://example.com\"\n[symlinks]\nallow = [\"{}\"]\n",
        outside.path().display()
    );
    site.write("backmatter.toml", settings).build().warnings(&[]);
    site.holds("2016/02/02/note/index.html", &["From outside."])
        .holds("2016/01/01/other/index.html", &["From outside."])
        .exists("secret.txt", true)
        .exists("all/secret.txt", true);
}

#[cfg(unix)]
#[test]
fn links_out_of_the_site_stand_in_the_plan_of_a_publish() {
    let (mut site, outside) = with_links_out();
    site.remove("static/env.txt");
    let settings = format!(
        "base_url = \"https://example.org\"\n[symlinks]\nallow = [\"{}\"]\n[publish.web]\nkind = \"directory\"\nto = \"../{}-www\"\n",
        outside.path().display(),
        site.root().file_name().expect("it has a name").display(),
    );
    site.write("backmatter.toml", settings);
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_backmatter"));
        let output = command.args(arguments).current_dir(site.root()).output().expect("the program runs");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, said) = run(&["publish", "web", "--dry-run"]);
    assert_eq!(code, Some(0), "{said}");
    let target = outside.path().canonicalize().expect("it exists");
    let warning = format!(
        "this link leads out of the site, to `{}`: what is there is published\n--> static/all\n",
        target.display()
    );
    assert!(said.contains(&warning), "{said}");
    assert_eq!(said.matches("what is there is published").count(), 4, "{said}");
    let (code, said) = run(&["publish", "web", "--dry-run", "--no-outside-links"]);
    assert_eq!((code, said.matches("what is there is left out").count()), (Some(1), 4), "{said}");
    assert_eq!(run(&["build", "--no-outside-links"]).0, Some(3));
}

#[cfg(unix)]
#[test]
fn templates_and_settings_behind_links_follow_the_same_rule() {
    use std::os::unix::fs::symlink;
    let (mut site, outside) = with_links_out();
    for link in [
        "content/note.md",
        "content/secret.txt",
        "content/other.backmatter.toml",
        "static/all",
        "static/env.txt",
    ] {
        site.remove_link(link);
    }
    symlink(outside.path().join("box.html"), site.path("templates/box.html")).expect("a link can be made");
    let real = outside.path().canonicalize().expect("it exists");
    let error = |link: &str, target: &str| {
        let target = real.join(target).display().to_string();
        format!(
            "{link}: this link leads out of the site, to `{target}`: what is there is left out (if it is meant, allow it in \
                 the settings: `allow = [\"{target}\"]` below `[symlinks]`)"
        )
    };
    site.fails(&[&error("templates/box.html", "box.html")]);
    site.remove_link("templates/box.html");
    site.remove("backmatter.toml");
    crate::site_test::put(&outside.path().join("settings.toml"), b"secret = 1\n");
    symlink(outside.path().join("settings.toml"), site.path("backmatter.toml")).expect("a link can be made");
    site.fails(&[&error("backmatter.toml", "settings.toml")]);
}

#[test]
fn many_tags_of_one_post_are_named_by_its_own_page_alone() {
    let tags: Vec<String> = (0..400).map(|number| format!("\"tag{number}\"")).collect();
    let text = format!("+++\ntitle = \"A\"\ndate = 2016-01-01\ntags = [{}]\n+++\nWords.\n", tags.join(", "));
    let mut site = SiteTest::new("");
    site.write("content/a.md", text)
        .write("templates/partials/card.html", "{% for tag in card.tags %}<i>{{ tag.name }}</i>{% endfor %}");
    site.build().page("2016/01/01/a/index.html", |page| assert!(page.contains(">tag399</a>"), "{page}"));
    for list in ["tags/tag399/index.html", "tags/tag399/atom.xml", "index.html", "atom.xml"] {
        site.page(list, |page| {
            let named = page.matches("<i>tag").count() + page.matches("term=\"tag").count();
            assert_eq!(named, 50, "`{list}`");
        });
    }
}

#[test]
fn a_post_with_too_many_marks_is_left_out() {
    for piece in ["[", ">", "- ", "# a\n", "|a|b|\n", "[^a] ", "\"", "1. ", "a\n\n"] {
        let mut site = beside_another("---\ntitle: Secret\ndate: 2020-01-01\n---");
        let text =
            format!("---\ntitle: Much\ndate: 2020-01-01\n---\n{}x\n", piece.repeat(5_000_000 / piece.len()));
        site.write("content/much.md", text);
        site.builds_without(&["content/much.md: this text has more than 700000 marks of Markdown \
             (split it into several posts, or put data into a file beside the post)"]);
    }
    // As much code and as many words are no trouble.
    let mut site = SiteTest::new("");
    site.write("content/2020-01-01-code.md", format!("```\n{}```\n", "let a = [1, 2];\n".repeat(60_000)))
        .write("content/2020-01-02-words.md", "a word and another one\n".repeat(40_000))
        .build();
}

#[test]
fn the_time_of_footnotes_grows_with_their_number() {
    let notes: String = (1..=40_000).map(|number| format!("[^{number}]\n\n[^{number}]: x\n\n")).collect();
    let mut site = SiteTest::new("");
    site.write("content/2020-01-01-notes.md", format!("Words.\n\n{notes}"));
    let began = std::time::Instant::now();
    let report = site.build_source(&site.source(), &()).expect("the build ends");
    assert!(report.built);
    // Each compared with all before it takes a minute without optimisation.
    assert!(began.elapsed().as_secs() < 30, "{:?}", began.elapsed());
}
