//! A build renders exactly what shows what changed, and what it leaves is what a build from nothing would make.

use std::collections::BTreeSet;
use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::{Duration, SystemTime};

use backmatter::internals::engine::snapshot::Change;
use backmatter::internals::engine::workspace::SiteSource;
use backmatter::internals::engine::{BuildObserver, BuildOptions, LedgerFault, Strangers};
use backmatter::internals::site::order::Selection;
use backmatter::internals::sys::watch::ChangedPaths;

use crate::site_test::{SiteTest, files, same_files, stamps, tell};

/// Five posts; feeds hold the newest two. Every kind of list exists, so that no footer changes.
const BLOG: &str = r#"
-- backmatter.toml --
base_url = "https://example.com"
[feed]
limit = 2
-- content/one.md --
+++
title = "One"
date = 2016-01-10
tags = ["x"]
categories = ["News"]
+++
First words of one.

> Quoted words.
>
> — [A report](https://report.example/), *The Example*
-- content/two.md --
+++
title = "Two"
date = 2016-02-10
tags = ["x"]
series = "Tour"
+++
First words of two.

More words of two.
-- content/three.md --
+++
title = "Three"
date = 2016-02-20
tags = ["y"]
series = "Tour"
+++
First words of three.
-- content/four.md --
+++
title = "Four"
date = 2017-03-01
+++
First words of four, see [two](two.md).
-- content/five.md --
+++
title = "Five"
date = 2017-03-05
tags = ["y"]
+++
First words of five.

More words of five.
-- content/pages/about.md --
+++
title = "About"
+++
Who writes.
"#;

const FEEDS_OF_X: &str = "tags/x/{atom.xml,feed.json,rss.xml}";
const FEEDS_OF_TOUR: &str = "series/tour/{atom.xml,feed.json,rss.xml}";

fn blog() -> SiteTest {
    let mut site = SiteTest::new(BLOG);
    site.build();
    site
}

/// A blog of 121 posts, one every third day from 2015-01-01 on, five to a page of a list.
fn large_blog() -> SiteTest {
    let mut site = SiteTest::new("-- backmatter.toml --\nbase_url = \"https://example.com\"\npaginate = 5\n");
    for number in 0..121_u64 {
        let day =
            chrono::NaiveDate::from_ymd_opt(2015, 1, 1).expect("it is a day") + chrono::Days::new(3 * number);
        let tag = ["red", "green", "blue"][number as usize % 3];
        site.write(
            &format!("content/{}/post-{number}.md", day.format("%Y")),
            format!(
                "+++\ntitle = \"Post {number}\"\ndate = {day}\ntags = [\"{tag}\"]\n+++\nWords of post {number}.\n\nMore.\n"
            ),
        );
    }
    site.build();
    site
}

#[test]
fn an_unchanged_site_is_not_rendered_and_not_written() {
    blog().is_settled();
}

#[test]
fn an_unchanged_site_leaves_its_ledger_alone() {
    let mut site = blog();
    std::thread::sleep(Duration::from_millis(25));
    site.build();
    let ledger = site.path(&ledger_of(&site));
    let before = stamps(&ledger);
    site.build().rendered(&[]);
    assert_eq!(stamps(&ledger), before);
}

/// The file that says what a build with nothing to do would find.
fn record_of(site: &SiteTest) -> Option<Vec<u8>> {
    let entries = std::fs::read_dir(site.path(".backmatter")).expect("there is a state");
    let mut paths = entries.flatten().map(|entry| entry.path());
    let path = paths
        .find(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("settled-")))?;
    std::fs::read(path).ok()
}

#[test]
fn a_build_with_nothing_to_do_reports_what_the_last_one_did() {
    let mut site = blog();
    let broken = "\nSee [this](/nowhere/) and [that](gone.md).\n";
    let text = site.text("content/four.md");
    site.write("content/four.md", format!("{text}{broken}")).build();
    // Until the files are too old to have changed in the same tick.
    site.build().build();
    assert!(record_of(&site).is_some());
    let report = |site: &SiteTest| {
        let report = site.report();
        let lines: Vec<_> = report.diagnostics.iter().map(|fault| fault.place.clone()).collect();
        (report.diagnostics.clone(), lines, report.posts, report.kept, report.not_shown, report.left_out)
    };
    let before = report(&site);
    assert!(before.0.len() == 2 && before.3 > 20, "{before:?}");
    site.is_settled();
    assert_eq!(report(&site), before);
    // What another program did to an output, to the ledger or to a template is seen.
    site.remove("public/index.html").build().rendered(&["index.html"]);
    site.write("templates/partials/card.html", "X").build().holds("index.html", &["X"]);
    site.remove("templates/partials/card.html").build().lacks("index.html", &["X"]);
    assert_eq!(report(&site).0, before.0);
    site.strict().fails_on(&[
        "content/four.md:7:5: nothing stands at `/nowhere/` on this site",
        "content/four.md:7:27: there is no post `content/gone.md` (did you mean `content/one.md`?)",
    ]);
}

#[test]
fn what_a_card_asks_is_asked_by_every_list_that_shows_it() {
    // The newest title is not in the view of any list, and a card is printed once for all of them.
    let mut site = blog();
    site.write(
        "templates/partials/card.html",
        "{% set newest = recent_posts(n=1) %}<p>{{ card.title }}, {{ newest[0].title }}</p>",
    )
    .build();
    site.edit("content/five.md", "title = \"Five\"", "title = \"Last\"").build();
    for list in ["2016/01/10/index.html", "2016/01/index.html", "categories/news/index.html"] {
        site.holds(list, &["<p>One, Last</p>"]);
    }
    site.is_settled();
}

#[test]
fn what_is_printed_once_is_of_every_page_it_stands_on() {
    let mut site = blog();
    site.write(
        "templates/partials/colophon.html",
        "{% set newest = recent_posts(n=1) %}<p>{{ newest[0].title }}</p>",
    );
    site.build().edit("content/five.md", "title = \"Five\"", "title = \"Last\"").build();
    for page in ["2016/01/10/one/index.html", "about/index.html", "404.html"] {
        site.holds(page, &["<p>Last</p>"]);
    }
    site.is_settled();
}

#[test]
fn a_new_post_changes_one_page_of_each_list_it_stands_in() {
    let mut site = SiteTest::new(
        "-- backmatter.toml --\nbase_url = \"https://example.com\"\npaginate = 2\nauthor = \"Ada\"\n\
         [[terms]]\nname = \"Oil\"\nparent = \"Lamps\"\n\
         -- content/other.md --\n+++\ntitle = \"Other\"\nauthor = \"Ben\"\ndate = 2014-12-01\n+++\nWords.\n",
    );
    let post = |day: usize| {
        let category = ["Lamps", "Oil"][day % 2];
        let front = format!("date = 2015-01-0{day}\ntags = [\"x\"]\ncategories = [\"{category}\"]");
        format!("+++\ntitle = \"Post {day}\"\n{front}\n+++\nWords.\n")
    };
    for day in 1..=7 {
        site.write(&format!("content/{day}.md"), post(day));
    }
    site.build()
        .holds("authors/ada/index.html", &["<p>7 posts</p>"])
        .holds("tags/x/index.html", &["<p>7 posts</p>"]);
    site.lacks("authors/ada/page/1/index.html", &["7 posts"]);
    // The newest pages have room for it, so that no list becomes longer by a page.
    site.write("content/8.md", post(8)).build();
    let lists = ["tags/x/", "authors/ada/", "categories/lamps/"];
    let rendered = site.rendered_now().into_iter();
    let pages =
        rendered.filter(|page| page.ends_with(".html") && lists.iter().any(|list| page.starts_with(list)));
    let pages: Vec<&str> = pages.collect();
    assert_eq!(pages, ["authors/ada/index.html", "categories/lamps/index.html", "tags/x/index.html"]);
}

#[test]
fn editing_the_body_of_an_old_post_rerenders_only_its_page() {
    blog().edit("content/two.md", "More words of two.", "Other words of two.").build().rendered(&[
        "2016/02/10/two/index.html",
        FEEDS_OF_TOUR,
        FEEDS_OF_X,
    ]);
}

#[test]
fn making_an_old_post_longer_rerenders_only_its_page() {
    blog()
        .edit(
            "content/two.md",
            "More words of two.",
            "Many more words of two.\n\nAnd a paragraph that was not there.",
        )
        .build()
        .rendered(&["2016/02/10/two/index.html", FEEDS_OF_TOUR, FEEDS_OF_X]);
}

#[test]
fn editing_the_body_of_a_new_post_rerenders_its_page_and_the_feeds() {
    blog().edit("content/five.md", "More words of five.", "Other words of five.").build().rendered(&[
        "2017/03/05/five/index.html",
        "atom.xml",
        "feed.json",
        "rss.xml",
        "tags/y/{atom.xml,feed.json,rss.xml}",
    ]);
}

#[test]
fn editing_the_summary_rerenders_what_shows_it() {
    blog().edit("content/one.md", "First words of one.", "Other words of one.").build().rendered(&[
        "2016/01/10/index.html",
        "2016/01/10/one/index.html",
        "2016/01/index.html",
        "categories/news/{atom.xml,feed.json,rss.xml}",
        "categories/news/index.html",
        "index.html",
        "tags/x/{atom.xml,feed.json,rss.xml}",
        "tags/x/index.html",
    ]);
}

#[test]
fn editing_a_title_rerenders_its_neighbours_and_its_lists() {
    blog().edit("content/three.md", "\"Three\"", "\"Third\"").build().rendered(&[
        "2016/02/10/two/index.html",
        "2016/02/20/index.html",
        "2016/02/20/three/index.html",
        "2016/02/index.html",
        "2016/index.html",
        "2017/03/01/four/index.html",
        // It names it as another post with its tag.
        "2017/03/05/five/index.html",
        "index.html",
        "series/tour/{atom.xml,feed.json,index.html,rss.xml}",
        "tags/y/{atom.xml,feed.json,rss.xml}",
        "tags/y/index.html",
    ]);
}

#[test]
fn editing_a_slug_rerenders_who_links_to_the_post_and_removes_the_old_page() {
    blog()
        .edit("content/two.md", "title", "slug = \"deux\"\ntitle")
        .build()
        .exists("2016/02/10/two", false)
        .holds("2017/03/01/four/index.html", &["<a href=\"/2016/02/10/deux/\">two</a>"])
        .rendered(&[
            "2016/01/10/one/index.html",
            "2016/02/10/deux/index.html",
            "2016/02/10/index.html",
            "2016/02/20/three/index.html",
            "2016/02/index.html",
            "2016/index.html",
            "2017/03/01/four/index.html",
            // The newest two entries of the feeds hold the link.
            "atom.xml",
            "feed.json",
            "index.html",
            "rss.xml",
            "series/tour/{atom.xml,feed.json,index.html,rss.xml}",
            "sitemap.xml",
            "tags/x/{atom.xml,feed.json,rss.xml}",
            "tags/x/index.html",
        ]);
}

#[test]
fn a_post_of_today_changes_a_handful_of_a_large_site() {
    let mut site = large_blog();
    site.write(
        "content/2026/today.md",
        "+++\ntitle = \"Today\"\ndate = 2026-11-22\ntags = [\"red\"]\n+++\nWords of today.\n",
    );
    site.build().rendered(&[
        "2015/12/27/index.html",
        "2015/12/27/post-120/index.html",
        "2015/12/index.html",
        "2015/index.html",
        "2026/11/22/index.html",
        "2026/11/22/today/index.html",
        "2026/11/index.html",
        "2026/index.html",
        "archives/index.html",
        "atom.xml",
        "feed.json",
        "index.html",
        "rss.xml",
        "sitemap.xml",
        "tags/index.html",
        "tags/red/{atom.xml,feed.json,rss.xml}",
        "tags/red/index.html",
    ]);
    // The next one of the same day finds its archives there already.
    site.write(
        "content/2026/later.md",
        "+++\ntitle = \"Later\"\ndate = 2026-11-22T10:00:00Z\ntags = [\"red\"]\n+++\nWords of later.\n",
    );
    site.build().rendered(&[
        // The newest one of its tag before today names both.
        "2015/12/27/post-120/index.html",
        "2026/11/22/index.html",
        "2026/11/22/later/index.html",
        "2026/11/22/today/index.html",
        "2026/11/index.html",
        "2026/index.html",
        "archives/index.html",
        "atom.xml",
        "feed.json",
        "index.html",
        "rss.xml",
        "sitemap.xml",
        "tags/index.html",
        "tags/red/{atom.xml,feed.json,rss.xml}",
        "tags/red/index.html",
    ]);
}

#[test]
fn a_full_page_of_a_list_is_made_once() {
    let mut site = large_blog();
    for number in 1..=4 {
        site.write(
            &format!("content/2026/new-{number}.md"),
            format!("+++\ntitle = \"New {number}\"\ndate = 2026-11-0{number}\n+++\nWords.\n"),
        );
    }
    site.build().exists("page/25/index.html", false);
    // The newest page shows the posts of page 25, which the next one ends.
    site.write("content/2026/new-5.md", "+++\ntitle = \"New 5\"\ndate = 2026-11-05\n+++\nWords.\n");
    site.build().exists("page/25/index.html", true);
    let rendered = site.rendered_now();
    let lists: Vec<_> = rendered.into_iter().filter(|path| path.starts_with("page/")).collect();
    // Page 24 led to the newest page, which is another one now; from here on it stays as it is.
    assert_eq!(lists, ["page/24/index.html", "page/25/index.html"]);
    site.write("content/2026/new-6.md", "+++\ntitle = \"New 6\"\ndate = 2026-11-06\n+++\nWords.\n").build();
    assert!(!site.rendered_now().iter().any(|path| path.starts_with("page/")), "full pages never change");
}

#[test]
fn deleting_a_post_removes_its_pages_and_rerenders_its_neighbours() {
    blog()
        .remove("content/one.md")
        .build()
        .exists("2016/01", false)
        .exists("categories", false)
        .exists("quotes", false)
        .exists("2016/02/10/two/index.html", true);
    // With no quotes and categories left every page's footer changes; a deletion that leaves them changes little.
    blog().remove("content/two.md").edit("content/four.md", ", see [two](two.md)", "").build().rendered(&[
        "2016/01/10/index.html",
        "2016/01/10/one/index.html",
        "2016/02/20/index.html",
        "2016/02/20/three/index.html",
        "2016/02/index.html",
        "2016/index.html",
        "2017/03/01/four/index.html",
        "2017/03/01/index.html",
        "2017/03/index.html",
        "archives/index.html",
        "atom.xml",
        "feed.json",
        "index.html",
        "rss.xml",
        "series/index.html",
        "series/tour/{atom.xml,feed.json,index.html,rss.xml}",
        "sitemap.xml",
        "tags/index.html",
        "tags/x/{atom.xml,feed.json,rss.xml}",
        "tags/x/index.html",
    ]);
}

#[test]
fn moving_a_tag_rerenders_both_tags() {
    blog().edit("content/two.md", "[\"x\"]", "[\"y\"]").build().rendered(&[
        "2016/02/10/index.html",
        "2016/02/10/two/index.html",
        "2016/02/index.html",
        // It names the post, as both have the tag now.
        "2017/03/05/five/index.html",
        "index.html",
        "series/tour/{atom.xml,feed.json,index.html,rss.xml}",
        "tags/index.html",
        "tags/x/{atom.xml,feed.json,rss.xml}",
        "tags/x/index.html",
        // Its feed holds the newest two posts, and this is not one of them.
        "tags/y/index.html",
    ]);
}

#[test]
fn a_date_that_moves_to_another_month_moves_the_post() {
    blog()
        .edit("content/three.md", "2016-02-20", "2016-03-01")
        .build()
        .exists("2016/02/20", false)
        .exists("2016/03/01/three/index.html", true)
        .rendered(&[
            "2016/02/10/index.html",
            "2016/02/10/two/index.html",
            "2016/02/index.html",
            "2016/03/01/index.html",
            "2016/03/01/three/index.html",
            "2016/03/index.html",
            "2016/index.html",
            "2017/03/01/four/index.html",
            "2017/03/01/index.html",
            "2017/03/05/five/index.html",
            "2017/03/index.html",
            "archives/index.html",
            "index.html",
            "series/tour/{atom.xml,feed.json,index.html,rss.xml}",
            "sitemap.xml",
            "tags/y/{atom.xml,feed.json,rss.xml}",
            "tags/y/index.html",
        ]);
}

#[test]
fn a_linkback_that_arrives_rerenders_its_page_and_the_feeds_that_count_it() {
    let rendered = ["2016/01/10/one/index.html", "categories/news/{atom,rss}.xml", "tags/x/{atom,rss}.xml"];
    blog()
        .write(
            "content/one.backmatter.toml",
            "[[linkback]]\nkind = \"pingback\"\nsource = \"https://a.example/\"\nexcerpt = \"[…] like this […]\"\nreceived = 2016-12-18T22:32:00Z\n",
        )
        .build()
        .rendered(&rendered)
        .holds("2016/01/10/one/index.html", &["[…] like this […]"])
        .holds("tags/x/atom.xml", &["thr:count=\"1\"", "<thr:total>1</thr:total>"])
        .holds("tags/x/rss.xml", &["one/#_responses</comments>", "<slash:comments>1</slash:comments>"])
        .remove("content/one.backmatter.toml")
        .build()
        .rendered(&rendered)
        .lacks("tags/x/atom.xml", &["thr:"])
        .lacks("2016/01/10/one/index.html", &["like this"]);
}

#[test]
fn a_linkback_to_an_old_post_rerenders_one_page() {
    let linkback = "[[linkback]]\nkind = \"pingback\"\nsource = \"https://a.example/\"\n";
    let mut site = large_blog();
    site.write("content/2015/post-0.backmatter.toml", linkback);
    site.build().rendered(&["2015/01/01/post-0/index.html"]);
}

#[test]
fn touching_a_file_renders_nothing() {
    blog().touch("content/one.md").touch("content/five.md").touch("backmatter.toml").build().rendered(&[]);
}

#[test]
fn an_edit_that_keeps_length_and_time_is_seen_if_the_file_is_young() {
    let mut site = blog();
    let time = fs::metadata(site.path("content/two.md")).and_then(|m| m.modified()).expect("it has a time");
    site.edit("content/two.md", "More words", "Less words").date_file("content/two.md", time);
    site.build().holds("2016/02/10/two/index.html", &["Less words of two."]);
}

#[test]
fn files_that_change_places_are_seen_whatever_their_times() {
    let mut site = SiteTest::new(
        "-- content/a.md --\n+++\ntitle = \"A\"\ndate = 2016-01-01\n+++\nWords of a.\n\
         -- content/b.md --\n+++\ntitle = \"B\"\ndate = 2016-01-02\n+++\nWords of b.\n",
    );
    // As an archive with one time for all its files leaves them.
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    site.date_file("content/a.md", time).date_file("content/b.md", time).build();
    site.rename("content/a.md", "content/c.md")
        .rename("content/b.md", "content/a.md")
        .rename("content/c.md", "content/b.md")
        .build();
}

#[test]
fn a_template_of_the_site_rerenders_everything_and_writes_what_differs() {
    let mut site = blog();
    let all = site.report().rendered.len();
    site.write("templates/not_found.html", "<!DOCTYPE html><title>Gone</title>").build();
    assert_eq!((site.report().rendered.len(), site.report().written), (all, 1));
    site.holds("404.html", &["Gone"])
        .edit("templates/not_found.html", "Gone", "Lost")
        .build()
        .holds("404.html", &["Lost"])
        .remove("templates/not_found.html")
        .build()
        .holds("404.html", &["Page not found"]);
    assert_eq!(site.report().written, 1);
}

#[test]
fn a_setting_that_pages_see_rerenders_them() {
    blog()
        .edit("backmatter.toml", "[feed]", "title = \"Another name\"\n[feed]")
        .build()
        .holds("index.html", &["<title>Another name</title>"])
        .edit("backmatter.toml", "limit = 2", "limit = 1")
        .build()
        .rendered(&[
            "atom.xml",
            "feed.json",
            "rss.xml",
            "series/tour/{atom.xml,feed.json,rss.xml}",
            "tags/x/{atom.xml,feed.json,rss.xml}",
            "tags/y/{atom.xml,feed.json,rss.xml}",
        ]);
}

#[test]
fn a_setting_that_decides_addresses_moves_all_posts() {
    blog()
        .edit("backmatter.toml", "[feed]", "permalink = \"/blog/:slug/\"\n[feed]")
        .build()
        .exists("blog/one/index.html", true)
        .exists("blog/2016/01/index.html", true)
        .exists("2016", false);
}

#[test]
fn a_markdown_setting_parses_the_posts_anew() {
    blog()
        .edit("content/one.md", "First words", "\"First\" words")
        .build()
        .holds("2016/01/10/one/index.html", &["“First”"])
        .edit("backmatter.toml", "[feed]", "[markdown]\nsmart_punctuation = false\n[feed]")
        .build()
        .holds("2016/01/10/one/index.html", &["&quot;First&quot;"]);
}

#[test]
fn a_static_file_that_no_page_asks_for_is_copied_alone() {
    blog()
        .write("static/robots.txt", "User-agent: *\n")
        .write("static/a/b.txt", "b")
        .build()
        .rendered(&["a/b.txt", "robots.txt"])
        .write("static/a/b.txt", "c")
        .build()
        .rendered(&["a/b.txt"])
        .remove("static/a")
        .build()
        .rendered(&[])
        .exists("a", false)
        .remove("static/robots.txt")
        .build()
        .rendered(&["robots.txt"])
        .holds("robots.txt", &["Sitemap: https://example.com/sitemap.xml"]);
}

#[test]
fn the_style_sheet_rerenders_every_page_that_names_it() {
    let mut site = blog();
    site.write("static/style.css", "body { color: black }").build();
    let rendered = site.rendered_now();
    assert!(rendered.iter().all(|path| path.ends_with(".html") || *path == "style.css"), "{rendered:?}");
    let pages: Vec<_> = site.outputs().into_keys().filter(|path| path.ends_with(".html")).collect();
    assert_eq!(rendered.len(), pages.len() + 1);
}

/// The first bytes of a PNG of this size: all that is looked at.
fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend_from_slice(&width.to_be_bytes());
    bytes.extend_from_slice(&height.to_be_bytes());
    bytes.extend_from_slice(&[8, 6, 0, 0, 0]);
    bytes
}

#[test]
fn an_image_that_changes_its_size_rerenders_the_pages_that_show_it() {
    blog()
        .write("static/map.png", png(40, 30))
        .edit("content/two.md", "More words of two.", "![Map](/map.png)")
        .build()
        .holds("2016/02/10/two/index.html", &["src=\"/map.png\" alt=\"Map\" width=\"40\" height=\"30\""])
        .write("static/map.png", png(80, 60))
        .build()
        .rendered(&["2016/02/10/two/index.html", "map.png", FEEDS_OF_TOUR, FEEDS_OF_X])
        .holds("2016/02/10/two/index.html", &["width=\"80\" height=\"60\""]);
}

#[test]
fn a_draft_appears_when_it_is_published_and_vanishes_again() {
    let mut site = blog();
    let published = site.outputs();
    site.edit("content/three.md", "title", "draft = true\ntitle")
        .build()
        .exists("2016/02/20", false)
        .edit("content/three.md", "draft = true\n", "")
        .build();
    same_files(&site.outputs(), &published);
    site.edit("content/three.md", "title", "draft = true\ntitle")
        .selection(Selection { drafts: true, ..Selection::default() })
        .build()
        .holds("2016/02/20/three/index.html", &["<meta name=\"robots\" content=\"noindex\">"])
        .selection(Selection::default())
        .build()
        .exists("2016/02/20", false);
}

#[test]
fn a_post_becomes_due_when_only_the_clock_moves() {
    let mut site = blog();
    site.write(
        "content/soon.md",
        "+++\ntitle = \"Soon\"\ndate = 2026-12-01T08:00:00Z\nexpires = 2027-01-01\n+++\nWords.\n",
    );
    site.build().rendered(&[]).exists("2026", false);
    site.now("2026-12-01T07:59:59Z").build().rendered(&[]);
    site.now("2026-12-01T08:00:00Z").build().exists("2026/12/01/soon/index.html", true);
    site.now("2027-01-01T00:00:00Z").build().exists("2026", false);
    site.now("2026-11-22T12:00:00Z").build().exists("2026", false);
}

#[test]
fn what_a_template_asked_for_is_watched() {
    let mut site = SiteTest::new(BLOG);
    site.write(
        "templates/page.html",
        "{% extends \"base.html\" %}{% block main %}{{ content | safe }}\
         {% for post in recent_posts(n=2) %}<p>{{ post.title }}</p>{% endfor %}{% endblock main %}",
    );
    site.build().main_of("about/index.html", "<p>Who writes.</p>\n<p>Five</p><p>Four</p>");
    site.edit("content/one.md", "\"One\"", "\"The first\"").build();
    assert!(!site.rendered_now().contains(&"about/index.html"));
    site.edit("content/four.md", "\"Four\"", "\"The fourth\"").build();
    assert!(site.rendered_now().contains(&"about/index.html"));
    site.main_of("about/index.html", "<p>Who writes.</p>\n<p>Five</p><p>The fourth</p>");
}

#[test]
fn an_output_that_was_deleted_is_mended() {
    let mut site = blog();
    let whole = site.outputs();
    site.remove("public/2016/02/10/two/index.html")
        .remove("public/style.css")
        .build()
        .rendered(&["2016/02/10/two/index.html", "style.css"]);
    site.remove("public").build();
    same_files(&site.outputs(), &whole);
}

#[test]
fn an_output_that_was_changed_is_mended() {
    blog()
        .write("public/2016/02/10/two/index.html", "somebody was here")
        .write("public/style.css", "body {}")
        .build()
        .rendered(&["2016/02/10/two/index.html", "style.css"])
        .remove("public/index.html")
        .write("public/index.html/index.html", "a folder in the way")
        .remove("public/index.html")
        .build()
        .rendered(&["index.html"]);
}

const STRANGERS: &str = "(no build wrote them, or another program changed them; delete what is not needed, or build with \
    `--clean`)";

#[test]
fn a_vanished_output_that_somebody_changed_stays_and_is_named() {
    let mut site = blog();
    site.write("public/2016/02/10/two/index.html", "somebody was here");
    site.remove("content/two.md").edit("content/four.md", ", see [two](two.md)", "");
    // It is said again until the file is gone, however little there is to build.
    for _ in 0..3 {
        site.build_alone().warnings(&[&format!(
            "public: the folder holds a file that is not of the site and stays: `2016/02/10/two/index.html` {STRANGERS}"
        )]);
    }
    assert_eq!(site.output("2016/02/10/two/index.html"), "somebody was here");
    site.remove("public/2016/02/10/two/index.html").build_alone().warnings(&[]);
}

#[test]
fn a_damaged_ledger_counts_as_none_and_nothing_is_written_twice() {
    let mut site = blog();
    let ledger = ledger_of(&site);
    let good = fs::read(site.path(&ledger)).expect("there is a ledger");
    let pages = site.report().rendered.len();
    let before = stamps(&site.path("public"));
    let mut flipped = good.clone();
    flipped[good.len() / 2] ^= 1;
    let mut damaged = vec![Vec::new(), b"x".to_vec(), good[..good.len() / 2].to_vec(), flipped];
    damaged.push([&good[..16], &[0xff; 64]].concat());
    for bytes in damaged {
        site.write(&ledger, bytes).build();
        assert_eq!(site.report().rendered.len(), pages);
        assert_eq!(site.report().written, 0, "files with the same bytes were written");
        assert_eq!(stamps(&site.path("public")), before);
        site.is_settled();
    }
}

fn ledger_of(site: &SiteTest) -> String {
    let names = fs::read_dir(site.path(".backmatter")).expect("there is a folder of state").flatten();
    let names = names.map(|entry| entry.file_name().into_string().expect("its name is text"));
    let mut ledgers = names.filter(|name| name.starts_with("ledger-"));
    format!(".backmatter/{}", ledgers.next().expect("there is a ledger"))
}

#[test]
fn the_folder_of_state_can_be_deleted() {
    let mut site = blog();
    let before = stamps(&site.path("public"));
    site.remove(".backmatter").build();
    assert_eq!(stamps(&site.path("public")), before);
    site.is_settled();
}

/// The state is lost as in a service that keeps the output alone, or is that of another time.
#[test]
fn without_its_ledger_a_build_removes_what_earlier_builds_wrote() {
    let mut site = blog();
    let old_ledger = fs::read(site.path(&ledger_of(&site))).expect("there is a ledger");
    let ledger = ledger_of(&site);
    site.write("content/pages/about.md", "+++\ntitle = \"About\"\n+++\nOthers.\n").build();
    for loss in ["all of it", "damaged", "an older one"] {
        site.write("content/draft.md", "+++\ndate = 2016-05-05\ndraft = true\n+++\nSecret.\n");
        site.write("static/old.txt", "old").selection(Selection { drafts: true, ..Selection::default() });
        site.build().exists("2016/05/05/draft/index.html", true).exists("old.txt", true);
        site.write("public/theirs.txt", "theirs").write("public/old.txt", "changed");
        match loss {
            "all of it" => site.remove(".backmatter"),
            "damaged" => site.write(&ledger, "x"),
            _ => site.write(&ledger, &old_ledger),
        };
        site.remove("static/old.txt").selection(Selection::default());
        for _ in 0..2 {
            site.build_alone()
                .exists("2016/05/05/draft/index.html", false)
                .exists("2016/05/05/index.html", false)
                .warnings(&[&format!(
                    "public: the folder holds 2 files that are not of the site and stay: `old.txt`, `theirs.txt` {STRANGERS}"
                )]);
        }
        site.remove("public/theirs.txt").remove("public/old.txt").build().warnings(&[]);
        site.is_settled();
    }
}

#[test]
fn a_marker_that_somebody_edited_deletes_nothing_of_others() {
    let mut site = blog();
    site.write("outside.txt", "outside").write("public/theirs.txt", "theirs");
    let marker = site.path("public/.backmatter-output");
    let good = fs::read(&marker).expect("there is a marker");
    std::os::unix::fs::symlink("..", site.path("public/up")).expect("a link can be made");
    let hostile: [&[u8]; 5] = [
        b"",
        b"../outside.txt\n/etc/hostname\ntheirs.txt\n",
        b"\xff\xfe\n0123456789abcdef\n0123456789abcdeg\n\n\n",
        &vec![b'0'; 1 << 20],
        &good[..good.len() / 2],
    ];
    for bytes in hostile {
        site.write("public/.backmatter-output", bytes).remove(".backmatter").build_alone();
        assert_eq!(fs::read(&marker).expect("it is there"), good, "the marker is not written again");
        assert!(site.path("outside.txt").exists() && site.path("public/theirs.txt").exists());
        assert!(site.path("public/up").symlink_metadata().is_ok());
    }
    // Written through, a link would change a file elsewhere.
    fs::remove_file(&marker).expect("it is there");
    std::os::unix::fs::symlink("../outside.txt", &marker).expect("a link can be made");
    let error = site.open().build(&BuildOptions::default(), &()).expect_err("the marker is a link");
    assert!(error.to_string().contains("was not made by backmatter"), "{error}");
    assert_eq!(fs::read_to_string(site.path("outside.txt")).expect("it is there"), "outside");
}

#[test]
fn a_clean_build_removes_what_is_not_of_the_site() {
    let mut site = blog();
    site.write("public/theirs.txt", "theirs")
        .write("public/old/a.txt", "theirs")
        .write("public/.git/HEAD", "theirs")
        .write("public/.git/config", "theirs")
        .write("public/.well-known/x", "theirs")
        .write("outside.txt", "outside");
    std::os::unix::fs::symlink("../outside.txt", site.path("public/link")).expect("a link can be made");
    let options = BuildOptions { strangers: Strangers::Remove, ..BuildOptions::default() };
    let report = site.open().build(&options, &()).expect("it can be built");
    assert_eq!((report.removed, report.rendered.len()), (3, 0));
    let warnings: Vec<String> = report.diagnostics.iter().map(tell).collect();
    assert_eq!(
        warnings,
        [format!(
            "public: the folder holds 3 files that are not of the site and stay: `.git/` (2 files), `.well-known/x` {STRANGERS}"
        )]
    );
    assert!(!site.path("public/old").exists() && site.path("public/link").symlink_metadata().is_err());
    assert!(site.path("outside.txt").exists());
}

#[test]
fn what_a_cache_gave_other_times_is_ours_all_the_same() {
    let mut site = blog();
    let outputs = site.outputs();
    for (path, bytes) in &outputs {
        site.write(&format!("public/{path}"), bytes);
    }
    site.remove("content/pages/about.md").build().exists("about/index.html", false).warnings(&[]);
}

#[test]
fn an_interrupted_build_is_mended_by_the_next() {
    let mut site = blog();
    let ledger = ledger_of(&site);
    let old_ledger = fs::read(site.path(&ledger)).expect("there is a ledger");
    // Half of a build was written and its ledger was not.
    site.edit("content/five.md", "\"Five\"", "\"Fifth\"")
        .edit("content/two.md", "\"Two\"", "\"Second\"")
        .build();
    let whole = site.outputs();
    site.write(&ledger, &old_ledger);
    site.remove("public/index.html").write("public/atom.xml", "<feed><ent");
    site.build();
    same_files(&site.outputs(), &whole);
    site.is_settled();
    // The first build of all was interrupted.
    site.remove(".backmatter").remove("public/2016").remove("public/rss.xml").write("public/feed.json", "{");
    site.build();
    same_files(&site.outputs(), &whole);
    site.is_settled();
}

#[test]
fn a_leftover_of_an_interrupted_write_does_no_harm() {
    let mut site = blog();
    let leftover =
        format!("public/.{}.new", backmatter::internals::hash::Hash::of(b"index.html").short_hex());
    site.write(&leftover, "half a page").remove(".backmatter").build();
    assert!(!site.path(&leftover).exists());
}

/// Tells when a build waits, and holds another one up while it renders.
struct Holding {
    waited: AtomicUsize,
    begun: mpsc::SyncSender<()>,
    go_on: std::sync::Mutex<mpsc::Receiver<()>>,
}

impl BuildObserver for Holding {
    fn rendering(&self, _pages: usize) {
        self.begun.send(()).expect("the test is there");
        self.go_on.lock().expect("nobody panicked").recv().expect("the test is there");
    }
}

struct Waiting {
    waited: AtomicUsize,
    tell: mpsc::SyncSender<()>,
}

impl BuildObserver for Waiting {
    fn waiting(&self) {
        self.waited.fetch_add(1, Ordering::SeqCst);
        self.tell.send(()).expect("the test is there");
    }
}

#[test]
fn of_two_builds_at_once_one_waits_and_both_succeed() {
    let site = SiteTest::new(BLOG);
    let (begun, has_begun) = mpsc::sync_channel(1);
    let (go_on, go_on_receiver) = mpsc::sync_channel(1);
    let (tell, is_waiting) = mpsc::sync_channel(1);
    let first = Holding { waited: AtomicUsize::new(0), begun, go_on: std::sync::Mutex::new(go_on_receiver) };
    let second = Waiting { waited: AtomicUsize::new(0), tell };
    let source = site.source();
    std::thread::scope(|scope| {
        let one = scope.spawn(|| site.build_source(&source, &first));
        has_begun.recv().expect("the first build renders");
        let two = scope.spawn(|| site.build_source(&source, &second));
        is_waiting.recv().expect("the second build waits");
        go_on.send(()).expect("the first build is there");
        let one = one.join().expect("it does not panic").expect("the first build succeeds");
        let two = two.join().expect("it does not panic").expect("the second build succeeds");
        assert!(one.built && two.built);
        assert_eq!(two.rendered.len(), 0, "the second build finds everything done");
    });
    assert_eq!((first.waited.into_inner(), second.waited.into_inner()), (0, 1));
    assert!(files(&site.path("public")).contains_key("index.html"));
}

#[test]
fn two_output_folders_do_not_mix() {
    let site = SiteTest::new(BLOG);
    let to = |folder: &str| {
        let source = SiteSource { output: Some(site.path(folder)), ..site.source() };
        site.build_source(&source, &()).expect("the build succeeds")
    };
    let all = to("one").rendered.len();
    assert_eq!(to("two").rendered.len(), all);
    assert_eq!(to("one").rendered.len(), 0);
    assert_eq!(to("two").rendered.len(), 0);
    same_files(&files(&site.path("one")), &files(&site.path("two")));
}

#[test]
fn a_post_changes_between_file_and_folder() {
    let mut site = blog();
    let page = site.output("2016/02/10/two/index.html");
    site.edit("content/four.md", "(two.md)", "(two/index.md)")
        .rename("content/two.md", "content/two/index.md")
        .write("content/two/note.txt", "a note")
        .build()
        .exists("2016/02/10/two/note.txt", true);
    assert_eq!(
        site.output("2016/02/10/two/index.html"),
        page.replace("content/two.md", "content/two/index.md")
    );
    site.rename("content/two/index.md", "content/two.md")
        .edit("content/four.md", "(two/index.md)", "(two.md)")
        .build()
        .exists("2016/02/10/two/note.txt", false)
        .exists("two/note.txt", true);
}

#[test]
fn an_output_can_turn_from_a_file_into_a_folder_and_back() {
    blog()
        .write("static/downloads", "a file")
        .build()
        .holds("downloads", &["a file"])
        .remove("static/downloads")
        .write("static/downloads/a.txt", "in a folder")
        .build()
        .holds("downloads/a.txt", &["in a folder"])
        .remove("static/downloads")
        .write("static/downloads", "a file again")
        .build()
        .holds("downloads", &["a file again"]);
}

#[test]
fn after_errors_are_mended_the_build_goes_on_where_it_was() {
    let mut site = blog();
    site.edit("content/two.md", "2016-02-10", "2016-02-31")
        .edit("content/five.md", "More words", "Better words")
        .builds_without(&["content/two.md:3:8: TOML front matter: invalid date, expected day between 01 and 29 (write it as 2016-12-15 or 2016-12-15T22:32:00+01:00)"])
        .edit("content/two.md", "2016-02-31", "2016-02-10")
        .build()
        .holds("2017/03/05/five/index.html", &["Better words"]);
}

#[test]
fn a_setting_that_changes_bodies_alone_rerenders_them() {
    let mut site = SiteTest::new(
        "-- backmatter.toml --\nbase_url = \"https://example.com\"\n\
         -- content/a.md --\n+++\ntitle = \"A\"\ndate = 2016-01-01\n+++\nWords.\n\n## Part\n\n\"Quoted\".\n",
    );
    site.build().holds("2016/01/01/a/index.html", &["class=\"anchor\"", "“Quoted”"]);
    site.write(
        "backmatter.toml",
        "base_url = \"https://example.com\"\n[markdown]\nheading_anchors = false\nsmart_punctuation = false\n",
    )
    .build()
    .lacks("2016/01/01/a/index.html", &["class=\"anchor\"", "“Quoted”"]);
}

#[test]
fn a_page_that_failed_is_removed_with_its_post() {
    let mut site = SiteTest::new(
        "-- content/a.md --\n+++\ntitle = \"A\"\ndate = 2016-01-01\n+++\nWords.\n\
         -- content/b.md --\n+++\ntitle = \"B\"\ndate = 2016-01-02\n+++\nWords.\n\
         -- templates/broken.html --\n{{ post.nope.x }}\n",
    );
    site.build();
    site.edit("content/a.md", "title", "template = \"broken\"\ntitle").fails_on(&["templates/broken.html:1:9: field `nope` is not defined. Available fields: authors, categories, \
           comment_form, date, description, direction, draft, expired, extra, future, id, image, language, link, linkbacks, minutes, \
           permalink, picture, quoted, respond, source, tags, title, toc, updated, url, words, while rendering `content/a.md`"],
    );
    site.remove("content/a.md").build().exists("2016/01/01/a/index.html", false);
}

/// A change of a site.
type Edit = dyn Fn(&mut SiteTest) -> &mut SiteTest;

/// As a build leaves it that is killed after it moved its files: they are there, and the ledger is that of before.
#[test]
fn what_an_interrupted_build_wrote_is_removed_with_its_posts() {
    let edits: [(&str, &Edit); 8] = [
        ("deleted", &|site| site.remove("content/x.md")),
        ("renamed", &|site| site.rename("content/x.md", "content/y.md")),
        ("a draft", &|site| site.edit("content/x.md", "date", "draft = true\ndate")),
        ("expired", &|site| site.edit("content/x.md", "date", "expires = 2016-06-02\ndate")),
        ("with a slug", &|site| site.edit("content/x.md", "date", "slug = \"z\"\ndate")),
        ("with another date", &|site| site.edit("content/x.md", "2016-06-01", "2016-07-01")),
        ("without tag and alias", &|site| {
            site.write("content/x.md", "+++\ndate = 2016-06-01\n+++\nWords.\n")
        }),
        ("under another permalink", &|site| {
            site.edit("backmatter.toml", "base_url", "permalink = \"/:slug/\"\nbase_url")
        }),
    ];
    for (name, edit) in edits {
        for is_new in [false, true] {
            let mut site = blog();
            let post = "+++\ntags = [\"only\"]\naliases = [\"/was/\"]\ndate = 2016-06-01\n+++\nWords.\n";
            if !is_new {
                site.write("content/x.md", post).build();
            }
            let ledger = ledger_of(&site);
            let before = fs::read(site.path(&ledger)).expect("there is a ledger");
            site.write("content/x.md", post.replace("Words", "Other words"))
                .write("static/x.txt", "x")
                .build();
            site.write(&ledger, &before).write("public/.backmatter-new/0/1", "half a page");
            edit(&mut site);
            site.remove("static/x.txt").build();
            assert_eq!(site.report().ledger, Some(LedgerFault::Outdated), "{name}");
            site.warnings(&[]).is_settled();
        }
    }
}

const LATE: &str = "+++\ntitle = \"Late\"\npath = \"/late/\"\n+++\nLate words.\n";

#[test]
fn an_open_site_is_read_once_until_it_is_refreshed() {
    let mut site = SiteTest::new(BLOG);
    site.build();
    let mut open = site.open();
    let pages = open.snapshot().plan.pages.len();
    // Nothing of this is read: neither the tree nor the settings.
    site.write("content/pages/late.md", LATE).edit("backmatter.toml", "limit = 2", "limit = 1");
    let report = open.build(&BuildOptions::default(), &()).expect("it can be built");
    assert_eq!((report.rendered.len(), open.snapshot().plan.pages.len()), (0, pages));
    let paths = BTreeSet::from([site.path("content/pages/late.md")]);
    let changed = ChangedPaths { paths, and_others: false };
    assert_eq!(open.refresh(&changed, site.time()).expect("the settings can be read"), Change::Content);
    assert!(open.config().feed.limit == 2 && open.snapshot().plan.pages.len() > pages);
    let change = open.refresh(&ChangedPaths::any(), site.time()).expect("the settings can be read");
    assert_eq!((change, open.config().feed.limit), (Change::Theme, 1));
    site.build_open(&mut open);
}

#[test]
fn a_build_of_an_open_site_undoes_no_later_build() {
    let mut site = SiteTest::new(BLOG);
    site.build();
    let mut open = site.open();
    open.snapshot();
    // Another process builds an edit that the open site does not know.
    site.edit("content/two.md", "More words of two.", "Better words of two.").build();
    site.build_open(&mut open);
    assert_eq!(site.rendered_now(), Vec::<&str>::new());
}
