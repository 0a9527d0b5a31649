//! Old addresses: aliases and `[[redirects]]`, checked, answered by the preview and written for each host.

use std::fmt::Write as _;

use crate::cli::{command, run};
use crate::site_test::{Files, SiteTest, files};

const POST: &str = "\
-- content/2016/aleppo.md --
+++
title = \"Aleppo\"
date = 2016-12-15
aliases = [\"/old/aleppo/\", \"/?p=7\", \"/bad%e8/\"]
+++
Words.
";

const REDIRECTS: &str = "\
[[redirects]]
from = \"/?p=101\"
to = \"/2016/12/15/aleppo/\"
[[redirects]]
from = \"/?page_id=5\"
to = \"/about/?x=1#y\"
status = 302
[[redirects]]
from = \"/*/feed/\"
to = \"/rss.xml\"
[[redirects]]
from = \"/tag/:name/page/:number/\"
to = \"/tags/:name/\"
[[redirects]]
from = \"/author/*\"
to = \"https://jo.example/*\"
status = 308
[[redirects]]
from = \"/wp-rss2.php\"
to = \"/rss.xml\"
[[redirects]]
from = \"/photo.jpg\"
to = \"/2016/12/15/aleppo/\"
";

fn site(settings: &str) -> SiteTest {
    SiteTest::new(&format!(
        "\
-- backmatter.toml --
base_url = \"https://me.github.io/blög\"
{REDIRECTS}{settings}
[network]
allow = [\"me.github.io\"]
[publish.web]
kind = \"directory\"
to = \"web\"
mode = \"in-place\"
host = \"plain\"
{POST}-- content/pages/about.md --
About.
"
    ))
}

/// What is published for a host, and what is said.
fn published(site: &mut SiteTest, host: &str) -> (Files, String) {
    site.edit("backmatter.toml", "host = \"plain\"", &format!("host = \"{host}\""));
    let run = run(&mut command(site.root(), ["publish", "--yes"]));
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    (files(&site.path("web")), run.stderr)
}

#[track_caller]
fn holds(files: &Files, path: &str, lines: &[&str]) {
    let text = files.get(path).unwrap_or_else(|| panic!("there is no `{path}`"));
    let text = String::from_utf8(text.clone()).expect("it is text");
    for line in lines {
        assert!(text.lines().any(|known| known.trim() == *line), "`{line}` is not in\n{text}");
    }
}

#[test]
fn a_page_stands_where_one_can_and_the_rest_is_in_the_file_of_rules() {
    let mut site = site("");
    site.build().holds("wp-rss2.php", &["url=https://me.github.io/bl%C3%B6g/rss.xml"]);
    site.holds("old/aleppo/index.html", &["https://me.github.io/bl%C3%B6g/2016/12/15/aleppo/"]);
    site.exists("photo.jpg", false);
    site.page("_redirects", |text| {
        let expected = "\
/bl%C3%B6g/ p=7 /bl%C3%B6g/2016/12/15/aleppo/ 301!
/bl%C3%B6g/ p=101 /bl%C3%B6g/2016/12/15/aleppo/ 301!
/bl%C3%B6g/ page_id=5 /bl%C3%B6g/about/?x=1#y 302!
/bl%C3%B6g/old/aleppo/ /bl%C3%B6g/2016/12/15/aleppo/ 301
/bl%C3%B6g/bad%E8/ /bl%C3%B6g/2016/12/15/aleppo/ 301
/bl%C3%B6g/wp-rss2.php /bl%C3%B6g/rss.xml 301
/bl%C3%B6g/photo.jpg /bl%C3%B6g/2016/12/15/aleppo/ 301
/bl%C3%B6g/*/feed/ /bl%C3%B6g/rss.xml 301
/bl%C3%B6g/tag/:name/page/:number/ /bl%C3%B6g/tags/:name/ 301
/bl%C3%B6g/author/* https://jo.example/:splat 308
";
        assert_eq!(text, expected);
    });
}

#[test]
fn faults_are_told_with_their_line() {
    let redirect = |from: &str, to: &str| format!("[[redirects]]\nfrom = \"{from}\"\nto = \"{to}\"\n");
    let settings = [
        redirect("/about/", "/"),
        redirect("/old/aleppo", "/about/"),
        redirect("/?p=7", "/about/"),
        redirect("/gone/", "/abuot/"),
        redirect("/one/", "/two/"),
        redirect("/two/", "/about/"),
    ];
    let mut site = SiteTest::new(&format!(
        "-- backmatter.toml --\nbase_url = \"https://example.com\"\n{}{POST}-- content/pages/about.md --\nAbout.\n",
        settings.concat()
    ));
    site.build().warnings(&[
        "backmatter.toml:3:8: the redirect from `/about/` is already the address of `content/pages/about.md` (leave the redirect out)",
        "backmatter.toml:6:8: `/old/aleppo/` already leads to `/2016/12/15/aleppo/` (leave one of the two out)",
        "backmatter.toml:9:8: `/?p=7` already leads to `/2016/12/15/aleppo/` (leave one of the two out)",
        "backmatter.toml:12:8: nothing stands at `/abuot/`, to which `/gone/` leads (did you mean `/about/`?)",
    ]);
    // One step instead of two.
    site.holds("one/index.html", &["url=https://example.com/about/"]);

    let loops = [redirect("/one/", "/two/"), redirect("/two/", "/one/"), redirect("/*/feed/", "/x/feed/")];
    site.write("backmatter.toml", format!("base_url = \"https://example.com\"\n{}", loops.concat())).fails(&[
        "backmatter.toml:3:8: the redirect from `/one/` leads back to itself by `/two/` (let one of them lead to a page)",
        "backmatter.toml:6:8: the redirect from `/two/` leads back to itself by `/one/` (let one of them lead to a page)",
        "backmatter.toml:9:8: the redirect from `/*/feed/` is for `/x/feed/` as well: it leads back to itself (let it lead to an address that it is not for)",
    ]);

    let wrong = [
        "[[redirects]]\nfrom = \"old/\"\nto = \"/about/\"\n",
        "[[redirects]]\nfrom = \"/a*b/\"\nto = \"/about/\"\n",
        "[[redirects]]\nfrom = \"/a/\"\nto = \"javascript:alert(1)\"\n",
        "[[redirects]]\nfrom = \"/b/\"\nto = \"/about/\"\nstatus = 200\n",
        "[[redirects]]\nfrom = \"/c/\"\n",
        "[[redirects]]\nfrom = \"/d/\"\ntarget = \"/about/\"\n",
    ];
    site.write("backmatter.toml", format!("base_url = \"https://example.com\"\n{}", wrong.concat())).fails(&[
        "backmatter.toml:3:8: `redirects.from` cannot be `old/` (an address of this site begins with `/`)",
        "backmatter.toml:6:8: `redirects.from` cannot be `/a*b/` (`*` stands for a whole part between slashes; write `%2A` for the character)",
        "backmatter.toml:10:6: `redirects.to` cannot be `javascript:alert(1)` (write a path on this site, such as `/new/name/`, or an address that begins with `https://`)",
        "backmatter.toml:14:10: `200` is not the status of a redirect (known are 301 and 308 for good, 302, 303 and 307 for a while)",
        "backmatter.toml:15:1: an entry of `redirects` needs a `from` and a `to`",
        "backmatter.toml:17:1: an entry of `redirects` needs a `from` and a `to`",
        "backmatter.toml:19:1: unknown key `redirects.target` (it is called `to` here)",
    ]);
}

#[test]
fn each_host_gets_them_in_its_own_words() {
    let to = "/bl%C3%B6g/2016/12/15/aleppo/";
    let (files, told) = published(&mut site(""), "netlify");
    holds(
        &files,
        "_redirects",
        &[
            &format!("/bl%C3%B6g/ p=101 {to} 301!"),
            &format!("/bl%C3%B6g/old/aleppo/ {to} 301!"),
            "/bl%C3%B6g/:part1/:part2/feed/ /bl%C3%B6g/rss.xml 301",
            "/bl%C3%B6g/tag/:name/page/:number/ /bl%C3%B6g/tags/:name/ 301",
            "/bl%C3%B6g/author/* https://jo.example/:splat 301",
        ],
    );
    assert!(!told.contains("will not be answered"), "{told}");

    let (files, told) = published(&mut site(""), "cloudflare");
    holds(
        &files,
        "_redirects",
        &["/bl%C3%B6g/*/feed/ /bl%C3%B6g/rss.xml 301", "/bl%C3%B6g/author/* https://jo.example/:splat 308"],
    );
    assert!(
        told.contains("the host has no redirects by query: `/?p=7` and 2 more will not be answered"),
        "{told}"
    );

    let (files, told) = published(&mut site(""), "gitlab-pages");
    holds(
        &files,
        "_redirects",
        &[&format!("/bl%C3%B6g/old/aleppo/ {to} 301"), "/bl%C3%B6g/tag/:b/page/:d/ /bl%C3%B6g/tags/:b/ 301"],
    );
    // There the page would go before the rule.
    assert!(!files.contains_key("old/aleppo/index.html"));
    assert!(told.contains("the host has no redirects by query"), "{told}");

    let (files, told) = published(&mut site(""), "apache");
    holds(
        &files,
        ".htaccess",
        &[
            // `RedirectMatch` would encode the target once more.
            "RewriteCond \"%{THE_REQUEST}\" \"^[A-Z]+ /bl(?i:%C3)(?i:%B6)g/old/aleppo/?[? ]\"",
            "RewriteRule \"^\" \"/bl\\%C3\\%B6g/2016/12/15/aleppo/\" [R=301,NE,L]",
            "RewriteCond \"%{THE_REQUEST}\" \"^[A-Z]+ /bl(?i:%C3)(?i:%B6)g/bad(?i:%E8)/?[? ]\"",
            "RewriteCond \"%{QUERY_STRING}\" \"(?:^|&)p=101(?:&|$)\"",
            "RewriteRule \"^\" \"/bl\\%C3\\%B6g/about/?x=1#y\" [R=302,NE,L,QSD]",
            "RewriteRule \"^\" \"https://jo.example/%1\" [R=308,NE,L]",
        ],
    );
    assert!(!files.contains_key("_redirects"));
    assert!(!told.contains("will not be answered"), "{told}");

    let (files, told) = published(&mut site(""), "nginx");
    holds(
        &files,
        ".backmatter-nginx.conf",
        &[
            &format!("location = \"/blög/old/aleppo/\" {{ return 301 \"{to}\"; }}"),
            &format!("location ~ \"^/blög/bad\\xE8/$\" {{ return 301 \"{to}\"; }}"),
            "if ($backmatter_query_1) { return 301 $backmatter_query_1; }",
        ],
    );
    holds(
        &files,
        ".backmatter-nginx-map.conf",
        &["map \"$uri?p=$arg_p&\" $backmatter_query_1 {", &format!("\"/blög/?p=101&\" \"{to}\";")],
    );
    assert!(!told.contains("will not be answered"), "{told}");

    let (files, told) = published(&mut site(""), "caddy");
    holds(
        &files,
        ".backmatter-caddy",
        &[&format!("redir \"/blög/old/aleppo/\" \"{to}\" 301"), &format!("\"/blög/?p=101&\" \"{to}\"")],
    );
    assert!(!told.contains("will not be answered"), "{told}");

    let (files, told) = published(&mut site(""), "plain");
    assert!(files.contains_key("old/aleppo/index.html") && files.contains_key("_redirects"));
    for said in [
        "the host has no redirects by query: `/?p=7` and 2 more will not be answered",
        "the host has no such patterns: `/*/feed/` and 2 more will not be answered",
        "the host has no redirects, and no page can stand at `/bad%E8/` and 1 more",
        "a page leads on from `/wp-rss2.php`, which a feed reader does not follow",
    ] {
        assert!(told.contains(said), "{told}");
    }
}

#[test]
fn a_hosts_limit_is_filled_by_worth() {
    let mut many = String::new();
    for number in 0..2100 {
        write!(many, "[[redirects]]\nfrom = \"/feeds/{number}/\"\nto = \"/rss.xml\"\n").unwrap();
    }
    let (files, told) = published(&mut site(&many), "cloudflare");
    let rules = String::from_utf8(files["_redirects"].clone()).unwrap();
    let is_pattern = |line: &&str| line.contains('*') || line.contains("/:");
    assert_eq!(rules.lines().filter(|line| !is_pattern(line)).count(), 2000);
    assert_eq!(rules.lines().filter(is_pattern).count(), 3);
    // The old address of a post is worth more than that of a feed.
    holds(&files, "_redirects", &["/bl%C3%B6g/old/aleppo/ /bl%C3%B6g/2016/12/15/aleppo/ 301"]);
    assert!(told.contains("the host takes no more redirects: `/feeds/1996/` and 103 more"), "{told}");

    let (files, told) = published(&mut site(&many), "gitlab-pages");
    let rules = String::from_utf8(files["_redirects"].clone()).unwrap();
    assert!(rules.lines().count() == 1000 && rules.len() <= 64 * 1024, "{}", rules.lines().count());
    assert!(told.contains("the host takes no more redirects"), "{told}");
    // What has no rule keeps its page.
    assert!(files.contains_key("feeds/2099/index.html") && !files.contains_key("feeds/1/index.html"));
}

#[test]
fn the_authors_own_rules_come_first_and_take_nothing_away() {
    let mut site = site("");
    site.write("static/_redirects", "# Mine.\n/mine /about/ 302\n/*/feed/ /atom.xml").build();
    site.page("_redirects", |text| {
        assert!(
            text.starts_with("# Mine.\n/mine /about/ 302\n/*/feed/ /atom.xml\n/bl%C3%B6g/ p=7 "),
            "{text}"
        );
        assert!(text.contains("/bl%C3%B6g/old/aleppo/ "), "{text}");
    });
    site.write("static/_redirects", "/mine /about/ 301\n").build();
    site.page("_redirects", |text| {
        assert!(text.starts_with("/mine /about/ 301\n/bl%C3%B6g/ p=7 "), "{text}")
    });
    let (files, _) = published(&mut site, "netlify");
    holds(
        &files,
        "_redirects",
        &["/mine /about/ 301", "/bl%C3%B6g/old/aleppo/ /bl%C3%B6g/2016/12/15/aleppo/ 301!"],
    );
    site.edit("backmatter.toml", "host = \"netlify\"", "host = \"plain\"");
    let (files, told) = published(&mut site, "nginx");
    assert!(!files.contains_key("_redirects"));
    assert!(
        told.contains("the host does not read `static/_redirects`: `/mine` will not be answered"),
        "{told}"
    );
}
