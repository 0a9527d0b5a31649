//! The words around a link, compared with what WordPress makes of the same page.
//!
//! `tests/fixtures/wordpress-excerpts.json` is the output of WordPress's own excerpt code for small pages. Where
//! WordPress is sane the words are the same; every difference is a case of [`difference`] with its reason.

use backmatter::internals::linkback::address::Targets;
use backmatter::internals::linkback::source::{self, LinkCheck, SourcePage};
use serde_json::Value;
use url::Url;

const VECTORS: &str = include_str!("../fixtures/wordpress-excerpts.json");

/// What Backmatter says of a case instead of WordPress's words, and why.
fn difference(name: &str) -> Option<&'static str> {
    Some(match name {
        // WordPress takes the first and last word of every paragraph away, as its expression wants a word to leave out.
        "nested-em-in-link" => "I read a great post today ok.",
        "title-newline" | "script-in-para" | "attr-after-href" => "I read x today ok.",
        "two-links" => {
            "First one and then Lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut […]"
        }
        // Where the link is the first or the last of its paragraph the expression fails, and WordPress shows the paragraph
        // whole, however long it is.
        "link-first-in-para" => {
            "A great post Lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore […]"
        }
        "link-last-with-period" => {
            "[…] aute irure dolor in reprehenderit in voluptate velit esse cillum dolore eu fugiat nulla pariatur a great post."
        }
        // WordPress knows elements in small letters only.
        "uppercase-A" => "I read a great post today ok.",
        // A page without a title is a page; its address stands for it.
        "no-title" => "I read x today ok.",
        // WordPress takes line breaks out and glues the words together.
        "br-lines" => "Line one I read x today Line three ok.",
        // The same words, kept as text and escaped when they are shown.
        "xss" => "hi <script>alert(1)</script> x today ok.",
        // WordPress cuts the text of a link at 100 bytes; here the whole has a limit.
        "long-link-text" => {
            "I read word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word today ok."
        }
        // The link leads to another post whose address only begins in the same way.
        "prefix-url" => "none",
        // That an address stands in the text is no link; here they agree.
        "url-as-text-only" => "none",
        _ => return None,
    })
}

#[test]
fn excerpts_are_those_of_wordpress_where_it_is_sane() {
    let cases: Vec<Value> = serde_json::from_str(VECTORS).expect("the fixture is JSON");
    let url = Url::parse("https://source.example/").expect("it is an address");
    for case in &cases {
        let text = |key: &str| case[key].as_str().expect("a case has it");
        let targets = Targets::new([text("target")]);
        let page =
            SourcePage { url: &url, content_type: "text/html; charset=utf-8", body: text("html").as_bytes() };
        let (title, ours) = match source::read(&page, &targets) {
            LinkCheck::Linked(found) => (found.words.title, found.words.excerpt),
            _ => (String::new(), "none".to_owned()),
        };
        let theirs = case["wordpress"]["comment"].as_str().map(|comment| comment.replace("[&#8230;]", "[…]"));
        let expected =
            difference(text("name")).map_or_else(|| theirs.expect("WordPress takes it"), str::to_owned);
        assert_eq!(ours, expected, "{}", text("name"));
        if let Some(theirs) = case["wordpress"]["title"].as_str().filter(|_| ours != "none") {
            // WordPress does not trim a title.
            assert_eq!(title, theirs.trim().replace("   ", " "), "{}", text("name"));
        }
    }
    assert_eq!(cases.len(), 15);
}

/// What WordPress 6 takes for the paragraph of a link: the text between two tags of these names, which it knows in
/// small letters only.
fn paragraph_of_wordpress(html: &str, link: &str) -> String {
    const NAMES: [&str; 18] = [
        "h1", "h2", "h3", "h4", "h5", "h6", "p", "th", "td", "li", "dt", "dd", "pre", "caption", "input",
        "textarea", "button", "body",
    ];
    let at = html.find(link).expect("the page has the link");
    let is_cut = |tag: &usize| {
        let name = html[*tag..].trim_start_matches(['<', '/']);
        NAMES.iter().any(|known| name.starts_with(known))
    };
    let tags: Vec<usize> = html.match_indices('<').map(|(at, _)| at).filter(is_cut).collect();
    let start = tags.iter().rev().find(|tag| **tag < at).map_or(0, |tag| *tag);
    let end = tags.iter().find(|tag| **tag > at).map_or(html.len(), |tag| *tag);
    backmatter::internals::html::fold_white_space(&backmatter::internals::html::plain_text(&html[start..end]))
}

#[test]
fn wordpress_shows_the_quoted_words_beside_the_caption() {
    let mut site = crate::site_test::SiteTest::new(
        "-- content/a.md --\n+++\ntitle = \"A\"\ndate = 2026-01-01\n+++\nMy own words before.\n\n> The council voted on Tuesday.\n>\n> \
         It was late.\n>\n> — Jane Doe, [Library to close](https://report.example/lib), *The Example*, 2026-03-04\n\nAfter it.\n",
    );
    site.build().page("2026/01/01/a/index.html", |html| {
        let paragraph = paragraph_of_wordpress(html, "<a class=\"u-url\" href=\"https://report.example/lib");
        assert!(paragraph.contains("Library to close"), "{paragraph}");
        assert!(paragraph.ends_with("The council voted on Tuesday."), "{paragraph}");
    });
}
