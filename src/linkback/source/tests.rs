//! Pages and what is made of them.

use super::*;

const POST: &str = "https://blog.example/post/";

fn read_as(content_type: &str, body: &[u8]) -> LinkCheck {
    let url = Url::parse("https://a.example/2016/news/").unwrap();
    let targets = Targets::new([POST, "https://blog.example/?p=7"]);
    read(&SourcePage { url: &url, content_type, body }, &targets)
}

fn found(html: &str) -> LinkingPage {
    match read_as("text/html; charset=utf-8", html.as_bytes()) {
        LinkCheck::Linked(found) => *found,
        other => panic!("{html}: {other:?}"),
    }
}

fn missing(html: &str, why: NoLinkReason) {
    assert_eq!(read_as("text/html", html.as_bytes()), LinkCheck::Missing(why), "{html}");
}

/// What is found in one line: relation, title, site, author, author's page, date, excerpt.
fn check(html: &str, expected: [&str; 7]) {
    let words = found(html).words;
    let author = words.author.unwrap_or_default();
    let date = words.published.map_or_else(String::new, |date| date.to_text());
    let told = [
        words.relation.name(),
        &words.title,
        &words.site,
        &author.name,
        author.url.as_deref().unwrap_or_default(),
        &date,
        &words.excerpt,
    ];
    assert_eq!(told, expected, "{html}");
}

fn place(html: &str, expected: LinkPlacement) {
    assert_eq!(found(html).place, expected, "{html}");
}

#[test]
fn elements_that_lead_to_the_post_are_links() {
    for link in [
        "<a href=https://blog.example/post/>x</a>",
        "<A HREF='http://BLOG.example:80/post#part'>x</A>",
        "<a href=' https://blog.example/post/ '>x</a>",
        "<a href=//blog.example/post/>x</a>",
        "<a href='https://blog.example/?p=7'>x</a>",
        "<a href='https://blog.example/p&#111;st/'>x</a>",
        "<a href='https://blog.example/%70ost/'>x</a>",
        "<img src=https://blog.example/post/>",
        "<video src=https://blog.example/post/></video>",
        "<audio><source src=https://blog.example/post/></audio>",
    ] {
        found(link);
    }
}

#[test]
fn what_is_no_element_is_no_link() {
    for page in [
        "",
        "<p>See https://blog.example/post/ for more.",
        "<!-- <a href=https://blog.example/post/>x</a> -->",
        "<script>var a = \"<a href='https://blog.example/post/'>x</a>\"</script>",
        "<template><a href=https://blog.example/post/>x</a></template>",
        "<noscript><a href=https://blog.example/post/>x</a></noscript>",
        "<textarea><a href=https://blog.example/post/>x</a></textarea>",
        "<title><a href=https://blog.example/post/>x</a></title>",
        "<iframe srcdoc=\"<a href='https://blog.example/post/'>x</a>\"></iframe>",
        "<code>&lt;a href=https://blog.example/post/>x&lt;/a></code>",
        "<p data-href=https://blog.example/post/ title=https://blog.example/post/>x",
        "<link rel=canonical href=https://blog.example/post/>",
        "<picture><source src=https://blog.example/post/></picture>",
    ] {
        missing(page, NoLinkReason::NoLink);
    }
}

#[test]
fn only_the_whole_address_is_the_address() {
    for href in [
        "https://blog.example/post/other",
        "https://blog.example/pos",
        "https://blog.example/",
        "https://blog.example/post/?x=1",
        "https://blog.example.evil.example/post/",
        "https://evil.example/https://blog.example/post/",
        "https://blog.example@evil.example/post/",
        "https://me:secret@blog.example/post/",
        "javascript:location='https://blog.example/post/'",
        "/post/",
        "",
    ] {
        missing(&format!("<a href=\"{href}\">x</a>"), NoLinkReason::NoLink);
    }
}

#[test]
fn relative_addresses_are_relative_to_the_base() {
    found("<base href=https://blog.example/x/><a href=../post/>x</a>");
    found("<base target=_blank><base href=//blog.example><base href=/no/><a href=post>x</a>");
    missing("<base href=https://other.example/><a href=/post/>x</a>", NoLinkReason::NoLink);
    missing("<!-- <base href=https://blog.example/> --><a href=/post/>x</a>", NoLinkReason::NoLink);
}

#[test]
fn where_a_page_has_entries_the_link_stands_in_one() {
    let entry = "<div class=h-entry><div class=e-content>words</div></div>";
    missing(&format!("{entry}<ul class=blogroll><li><a href={POST}>x</a></ul>"), NoLinkReason::OutsideEntry);
    missing(&format!("{entry}<a href={POST}>x</a>"), NoLinkReason::OutsideEntry);
    found(&format!("<div class=h-feed>{entry}<div class=h-entry><a href={POST}>x</a></div></div>"));
    // A theme's classic class promises nothing about the rest of the page.
    found(&format!("<div class=hentry>words</div><div class=entry-content><a href={POST}>x</a></div>"));
    found(&format!("<div class=h-card>Ann</div><a href={POST}>x</a>"));
}

#[test]
fn other_types_hold_no_links() {
    let link = format!("<a href={POST}>x</a> {POST}");
    for content_type in ["text/plain", "image/png", "application/pdf", "text/xml", "application/octet-stream"]
    {
        assert_eq!(
            read_as(content_type, link.as_bytes()),
            LinkCheck::Missing(NoLinkReason::NotAPage),
            "{content_type}"
        );
    }
    for content_type in ["", "TEXT/HTML", "application/xhtml+xml; charset=utf-8"] {
        assert!(matches!(read_as(content_type, link.as_bytes()), LinkCheck::Linked(_)), "{content_type}");
    }
}

#[test]
fn pages_in_other_encodings_are_read() {
    let body =
        [b"<title>Caf\xe9</title><p>\x93quoted\x94 <a href=".as_slice(), POST.as_bytes(), b">x</a>"].concat();
    let LinkCheck::Linked(found) = read_as("text/html; charset=iso-8859-1", &body) else { panic!() };
    assert_eq!((found.words.title.as_str(), found.words.excerpt.as_str()), ("Café", "“quoted” x"));
}

#[test]
fn a_page_may_say_that_it_is_gone() {
    let gone = |html: &str| read_as("text/html", html.as_bytes()) == LinkCheck::Gone;
    assert!(gone("<meta http-equiv=status content='410 Gone'>"));
    assert!(gone(&format!("<meta HTTP-EQUIV=Status content=410><a href={POST}>x</a>")));
    assert!(!gone("<meta http-equiv=status content=200>"));
    assert!(!gone("<meta name=status content=410>"));
    assert!(!gone("<!-- <meta http-equiv=status content=410> -->"));
}

/// An entry with everything, and a link of a kind.
fn entry(link: &str) -> String {
    format!(
        "<title>no</title><div class=h-entry><h1 class=p-name>News</h1><a class='p-author h-card' href=/ann>Ann</a>\
         <time class=dt-published datetime=2016-12-18T22:32:00+01:00></time><div class=e-content><p>I read {link} today.</div></div>"
    )
}

#[test]
fn an_entry_says_what_it_is_to_the_post() {
    for (class, relation) in [
        ("", "mention"),
        ("u-in-reply-to", "reply"),
        ("u-like-of u-in-reply-to", "like"),
        ("u-in-reply-to u-repost-of", "repost"),
        ("u-bookmark-of", "bookmark"),
        ("u-quotation-of", "quotation"),
        ("u-in-reply-to h-cite", "reply"),
        ("p-in-reply-to", "reply"),
    ] {
        check(
            &entry(&format!("<a class='{class}' href={POST}>a post</a>")),
            [
                relation,
                "News",
                "",
                "Ann",
                "https://a.example/ann",
                "2016-12-18T21:32:00Z",
                "I read a post today.",
            ],
        );
    }
    let other = "<a class=u-like-of href=https://other.example/>other</a>";
    assert_eq!(
        found(&entry(&format!("{other} <a href={POST}>a post</a>"))).words.relation,
        Relation::Mention
    );
    let cite = format!("<p class='u-in-reply-to h-cite'><a class=u-url href={POST}>x</a></p>");
    assert_eq!(found(&entry(&cite)).words.relation, Relation::Reply);
    let data = format!("<data class=u-quotation-of value={POST}></data><a href={POST}#:~:text=x>x</a>");
    assert_eq!(found(&entry(&data)).words.relation, Relation::Quotation);
}

#[test]
fn a_note_has_no_title() {
    check(
        &format!(
            "<title>Ann</title><div class=h-entry><p class='p-name e-content'>Nice! <a href={POST}>x</a></p></div>"
        ),
        ["mention", "", "", "", "", "", "Nice! x"],
    );
    check(
        &format!(
            "<div class=h-entry><p class=p-name>Nice words…</p><div class=e-content>Nice words on <a href={POST}>x</a></div></div>"
        ),
        ["mention", "", "", "", "", "", "Nice words on x"],
    );
}

#[test]
fn a_reply_is_told_by_its_text() {
    check(
        &format!(
            "<div class=h-entry><a class=u-in-reply-to href={POST}></a><p class='e-content'>I think otherwise.</p></div>"
        ),
        ["reply", "", "", "", "", "", "I think otherwise."],
    );
    let long = "word ".repeat(100);
    let expected = format!("{}[…]", "word ".repeat(40));
    check(
        &format!(
            "<div class=h-entry><h1><a class=u-bookmark-of href={POST}>A title</a></h1><p class='e-content'>{long}</p></div>"
        ),
        ["bookmark", "A title", "", "", "", "", &expected],
    );
}

#[test]
fn a_link_to_everybody_is_told_by_the_words_around_it() {
    let page = format!(
        "<div class=h-entry><p class='e-content'>Other words.</p><footer>Friends: <a href={POST}>x</a></footer></div>"
    );
    check(&page, ["mention", "", "", "", "", "", "Friends: x"]);
}

#[test]
fn pages_without_microformats_say_what_they_can() {
    check(
        &format!(
            "<title>T – S</title><meta property=og:title content=T><meta property=og:site_name content=S><meta name=author content=Ann><meta property=article:published_time content=2016-12-18><main><p>I read <a href={POST}>a post</a>.</main>"
        ),
        ["mention", "T", "S", "Ann", "", "2016-12-18", "I read a post."],
    );
    check(
        &format!("<h1>T</h1><p><a rel=author href=/ann>Ann</a><p><a href={POST}>x</a>"),
        ["mention", "T", "", "Ann", "https://a.example/ann", "", "x"],
    );
    check(&format!("<p><a href={POST}>x</a>"), ["mention", "", "", "", "", "", "x"]);
}

#[test]
fn the_best_link_is_the_one_that_counts() {
    let link = |text: &str| format!("<a href={POST}>{text}</a>");
    place(
        &format!("<nav>{}</nav><div class=entry-content><p>In {}</div>", link("a"), link("b")),
        LinkPlacement::Text,
    );
    check(
        &format!(
            "<aside>{}</aside><article><p>First {}<p>Then {}</article>",
            link("a"),
            link("b"),
            link("c")
        ),
        ["mention", "", "", "", "", "", "First b"],
    );
}

#[test]
fn links_to_everybody_are_told_from_links_in_the_text() {
    let link = format!("<a href={POST}>x</a>");
    place(&format!("<article><p>{link}</article>"), LinkPlacement::Text);
    place(&format!("<div class=entry-content><aside>{link}</aside></div>"), LinkPlacement::Text);
    place(&format!("<p>{link}"), LinkPlacement::Page);
    place(&format!("<footer>{link}</footer>"), LinkPlacement::Footer);
    place(
        &format!("<article><blockquote>a<footer>{link}</footer></blockquote></article>"),
        LinkPlacement::Text,
    );
    place(&format!("<div id=sidebar>{link}</div>"), LinkPlacement::Aside);
    place(&format!("<body class='has sidebar'><p>{link}"), LinkPlacement::Page);
    place(&format!("<div role=navigation>{link}</div>"), LinkPlacement::Navigation);
    place(
        &format!("<article><p>a</p><ol class=comment-list><li>{link}</ol></article>"),
        LinkPlacement::Comments,
    );
    place(&format!("<div class=h-entry><p class=u-comment>{link}</p></div>"), LinkPlacement::Comments);
    let boilerplate = found(&format!("<footer>{link}</footer>")).place.boilerplate();
    assert_eq!(boilerplate, Some("footer"));
}

#[test]
fn hidden_links_are_seen_to_be_hidden() {
    for html in [
        format!("<p hidden><a href={POST}>x</a>"),
        format!("<div style='Display : NONE'><p><a href={POST}>x</a></div>"),
        format!("<p style='font-size:0'><a href={POST}>x</a>"),
        format!("<p>a<a href={POST}> </a>"),
    ] {
        place(&html, LinkPlacement::Hidden);
    }
    place(&format!("<p><a href={POST}><img src=x></a>"), LinkPlacement::Page);
    place(&format!("<div class=h-entry><a class=u-like-of href={POST}></a></div>"), LinkPlacement::Page);
}

#[test]
fn what_a_stranger_writes_is_text() {
    let evil =
        "&lt;script&gt;alert(1)&lt;/script&gt;<script>alert(2)</script><img src=x onerror=alert(3)>\u{202e}";
    check(
        &format!(
            "<div class=h-entry><h1 class=p-name>{evil}T</h1><span class='p-author h-card'><b class=p-name>{evil}Ann</b>\
             <a class=u-url href='j&#x41;vascript:alert(4)'>x</a></span><time class=dt-published datetime='<b>2016'></time>\
             <div class=e-content>{evil}<a href={POST}>x</a></div></div>"
        ),
        [
            "mention",
            "<script>alert(1)</script>T",
            "",
            "<script>alert(1)</script>Ann",
            "",
            "",
            "<script>alert(1)</script> x",
        ],
    );
    let found = found(&format!("<title>a\u{202e}b</title><a href={POST}>x</a>"));
    assert!(found.has_reordering_marks);
    assert_eq!(found.words.title, "ab");
}

#[test]
fn addresses_of_authors_are_addresses_of_pages() {
    let url = |href: &str| {
        let author = format!(
            "<div class=h-entry><a class='p-author h-card' href=\"{href}\">Ann</a> <a href={POST}>x</a></div>"
        );
        found(&author).words.author.unwrap().url
    };
    for href in [
        "javascript:alert(1)",
        "data:text/html,x",
        "https://u:p@a.example/",
        "vbscript:x",
        "mailto:a@a.example",
        "http://",
    ] {
        assert_eq!(url(href), None, "{href}");
    }
    assert_eq!(url("/ann"), Some("https://a.example/ann".to_owned()));
    assert_eq!(url(&"a".repeat(3000)), None);
    let named = format!(
        "<div class=h-entry><a class=u-author href=https://a.example/ann></a><a href={POST}>x</a></div>"
    );
    assert_eq!(found(&named).words.author, None);
}

#[test]
fn long_words_are_cut() {
    let long = "word ".repeat(1000);
    let words = found(&format!(
        "<title>{long}</title><meta name=author content='{long}'><meta property=og:site_name content='{long}'><p>{long}<a href={POST}>{long}</a>{long}"
    ))
    .words;
    let lengths = [&words.title, &words.site, &words.author.unwrap().name, &words.excerpt]
        .map(|text| text.chars().count());
    assert!(
        std::iter::zip(lengths, [250, 100, 100, 300])
            .all(|(length, limit)| length <= limit && length > limit / 2),
        "{lengths:?}"
    );
}

#[test]
fn the_text_and_the_links_elsewhere_are_told() {
    let page = found(&format!(
        "<nav>menu</nav><div class=h-entry><p>one</p><p>two <a href={POST}>x</a><a href=/own>y</a><a href=https://c.example>z</a><a href=mailto:a@b.example>m</a></div>"
    ));
    assert_eq!(page.links, 2);
    assert_eq!(page.text.split_whitespace().collect::<Vec<_>>().join(" "), "one two xyzm");
    assert!(
        found(&format!("<a href={POST}>x</a>{}", "word ".repeat(100_000))).text.len() < MAX_TEXT + 600_000
    );
}

fn check_json(json: &str, expected: [&str; 4]) {
    let LinkCheck::Linked(found) = read_as("application/json", json.as_bytes()) else { panic!("{json}") };
    let words = found.words;
    let author = words.author.unwrap_or_default().name;
    assert_eq!([words.relation.name(), &words.title, &author, &words.excerpt], expected, "{json}");
}

#[test]
fn json_links_by_the_value_of_a_property() {
    check_json(
        r#"{"type":"entry","name":"T","author":{"name":"Ann","url":"/ann"},"content":{"text":"words"},"in-reply-to":"http://blog.example/post"}"#,
        ["reply", "T", "Ann", "words"],
    );
    check_json(
        r#"{"items":[{"type":["h-entry"],"properties":{"name":["T"],"author":[{"type":["h-card"],"properties":{"name":["Ann"]}}],"content":[{"html":"<p>wo<b>rds</b></p>"}],"like-of":[{"type":["h-cite"],"properties":{"url":["https://blog.example/post/"]}}]}}]}"#,
        ["like", "T", "Ann", "words"],
    );
    check_json(
        r#"{"@context":"https://www.w3.org/ns/activitystreams","type":"Note","attributedTo":"Ann","content":"w &amp; <script>x</script>","inReplyTo":{"id":"https://blog.example/post/"}}"#,
        ["reply", "", "Ann", "w &"],
    );
    for json in [
        r#"{"content":"see https://blog.example/post/"}"#,
        r#"{"url":"https://blog.example/post/other"}"#,
        r#"{"https://blog.example/post/":1}"#,
        "[]",
        "1",
    ] {
        assert_eq!(
            read_as("application/jf2+json", json.as_bytes()),
            LinkCheck::Missing(NoLinkReason::NoLink),
            "{json}"
        );
    }
    for json in ["", "{", &"[".repeat(100_000), "\u{feff}{}x"] {
        assert_eq!(read_as("application/json", json.as_bytes()), LinkCheck::Missing(NoLinkReason::NotAPage));
    }
}
