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
        "<a href='https://blog.example/post/?ref=a.example'>x</a>",
        "<a href='https://blog.example/post?utm_source=n&amp;utm_medium=email#part'>x</a>",
        "<a href='https://blog.example/post/?'>x</a>",
        "<a href=https://blog.example/post/index.html>x</a>",
        "<map><area href=https://blog.example/post/ alt=x></map>",
        "<svg><a href=https://blog.example/post/><text>x</text></a></svg>",
        "<svg><a xlink:href=https://blog.example/post/><text>x</text></a></svg>",
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
        "https://blog.example/post/?p=8",
        "https://blog.example/?ref=x",
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
        "<title>Title {long}</title><meta name=author content='{long}'><meta property=og:site_name content='{long}'><p>{long}<a href={POST}>{long}</a>{long}"
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
    assert_eq!(page.text.split_whitespace().collect::<Vec<_>>().join(" "), "one two x y z m");
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
    check_json(
        r#"{"version":"https://jsonfeed.org/version/1.1","title":"F","items":[{"id":"1","title":"First","content_html":"<p>one"},{"id":"2","title":"Second","content_html":"<p>I read <a href='https://blog.example/post/'>this</a>"}]}"#,
        ["mention", "Second", "", "I read this"],
    );
    check_json(
        r#"{"type":"Note","content":"<p>so <a href=\"https://blog.example/post/\">it</a> is","inReplyTo":"https://blog.example/post/"}"#,
        ["reply", "", "", "so it is"],
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

/// Author, author's page, title, excerpt and place.
fn speaks(html: &str, expected: [&str; 4], place: LinkPlacement) {
    let found = found(html);
    let author = found.words.author.unwrap_or_default();
    let told =
        [&author.name, author.url.as_deref().unwrap_or_default(), &found.words.title, &found.words.excerpt];
    assert_eq!((told, found.place), (expected, place), "{html}");
}

#[test]
fn a_comment_is_its_commenters() {
    let own = "<h1 class=p-name>Blog post</h1><p class='p-author h-card'>Ann Author</p><time class=dt-published datetime=2011-01-01></time><div class=e-content><p>My own words.</p></div>";
    let said = format!("<p>See <a href={POST}>the stairs</a> here.</p>");
    let carl = "<span class='p-author h-card'>Carl</span>";
    let noted = ["Carl", "", "", "See the stairs here."];
    let text = format!("<div class='e-content p-name'>{said}</div>");
    for (page, expected) in [
        (
            format!(
                "<article class=h-entry>{own}<section id=comments><div class=h-entry>{carl}{text}</div></section></article>"
            ),
            noted,
        ),
        (
            format!(
                "<article class=h-entry>{own}<ol class=commentlist><li class=comment><div class=h-cite>{carl}<div class='comment-content e-content'>{said}</div></div></ol></article>"
            ),
            ["Carl", "", "T", "See the stairs here."],
        ),
        (
            format!(
                "<article class=h-entry>{own}</article><ol><li class='comment h-entry'>{carl}{text}</ol>"
            ),
            noted,
        ),
        (
            format!(
                "<article class=h-entry>{own}</article><div id=comments><article class='h-entry p-comment'>{carl}{text}</article></div>"
            ),
            noted,
        ),
        (
            format!("<article class=h-entry>{own}<div class='u-comment h-cite'>{carl}{text}</div></article>"),
            noted,
        ),
        (
            format!(
                "<article class=hentry>{own}<ol class=comment-list><li id=comment-7><div class='comment-author vcard'><b class=fn>Carl</b></div><div class=comment-content>{said}</div></ol></article>"
            ),
            ["Carl", "", "T", "See the stairs here."],
        ),
        (
            format!(
                "<article class=h-entry>{own}<div id=comments><div class=comment><span class=comment-author>Carl</span>{said}</div></div></article>"
            ),
            ["Carl", "", "T", "See the stairs here."],
        ),
        (
            format!(
                "<meta name=author content='Ann Author'><div id=comments><div class=comment>{said}</div></div>"
            ),
            ["", "", "T", "See the stairs here."],
        ),
    ] {
        speaks(&format!("<title>T</title>{page}"), expected, LinkPlacement::Comments);
        assert_eq!(found(&page).words.published, None, "{page}");
    }
}

#[test]
fn what_an_entry_cites_is_its_own_words() {
    let page = |inner: &str| {
        format!(
            "<div class=h-entry><h1 class=p-name>News</h1><p class=p-author>Ann</p><div class=e-content>{inner}</div></div>"
        )
    };
    speaks(
        &page(&format!(
            "<p>Own.<figure class=h-cite><figcaption><a class=u-url href={POST}>Stairs</a></figcaption><blockquote class=p-content>Thirteen steps.</blockquote></figure>"
        )),
        ["Ann", "", "News", "Thirteen steps."],
        LinkPlacement::Text,
    );
    speaks(
        &page(&format!(
            "<div class=h-cite><p class=p-content>Thirteen steps.</p><p>— <a class=u-url href={POST}>Stairs</a></p></div><p>Own <a href={POST}>words</a>."
        )),
        ["Ann", "", "News", "Own words."],
        LinkPlacement::Text,
    );
    speaks(
        &page(&format!(
            "<div class=h-cite><p class=p-content>Thirteen steps.</p><p>— <a class=u-url href={POST}>Stairs</a></p></div>"
        )),
        ["Ann", "", "News", "Thirteen steps."],
        LinkPlacement::Text,
    );
    for (html, excerpt) in [
        (
            format!(
                "<blockquote><p>Thirteen.</p></blockquote><p>— <a href={POST}>Stairs</a>, 2016 <a href='#q'>#</a></p>"
            ),
            "Thirteen.",
        ),
        (
            format!(
                "<p>I drew it.</p><figure><img src=i><figcaption>After <a href={POST}>Stairs</a></figcaption></figure>"
            ),
            "I drew it.",
        ),
        (
            format!(
                "<p>As <a href={POST}>Stairs</a> has it<a href='#fn1'>1</a>. <a href='#top'>Up</a> <a href='#'>¶</a></p>"
            ),
            "As Stairs has it. Up",
        ),
    ] {
        assert_eq!(found(&page(&html)).words.excerpt, excerpt, "{html}");
    }
}

#[test]
fn an_entry_of_another_page_is_not_the_pages_own() {
    let other = "<li class=h-entry><a class=u-url href=/other/>Other</a></li>";
    found(&format!("<main><p>I read <a href={POST}>it</a>.</main><ul>{other}</ul>"));
    found(&format!("<ul>{other}</ul><p><a href={POST}>it</a>"));
    let own = "<div class=h-entry><a class=u-url href=/2016/news>N</a></div>";
    missing(&format!("{own}<p><a href={POST}>it</a>"), NoLinkReason::OutsideEntry);
    let canonical =
        "<link rel=canonical href=/news/><div class=h-entry><a class=u-url href=/news>N</a></div>";
    missing(&format!("{canonical}<p><a href={POST}>it</a>"), NoLinkReason::OutsideEntry);
    // A bridge shows an entry that lives elsewhere.
    let bridged = format!(
        "<div class=h-entry><a class=u-url href=https://social.example/1></a><p class=p-author>Ann</p><p class=e-content>Nice <a href={POST}>words</a></p></div>"
    );
    assert_eq!(found(&bridged).words.author.unwrap_or_default().name, "Ann");
}

#[test]
fn links_without_words_that_microformats_name_are_seen() {
    let page = |link: &str| {
        format!(
            "<article class=h-entry><div class='e-content p-name'>Have you read it? {link}</div></article>"
        )
    };
    speaks(
        &page(&format!("<a class=u-mention aria-hidden=true href={POST}></a>")),
        ["", "", "", "Have you read it?"],
        LinkPlacement::Text,
    );
    place(&page(&format!("<a aria-hidden=true href={POST}></a>")), LinkPlacement::Hidden);
    place(&page(&format!("<span hidden><a class=u-mention href={POST}></a></span>")), LinkPlacement::Hidden);
}

#[test]
fn the_first_author_that_is_named_counts() {
    let said = format!("<div class=e-content><p>I went down <a href={POST}>the stairs</a>.</p></div>");
    let card = "<div class=h-card><a class=u-url href=/me></a><span class=p-name>Ann Author</span></div>";
    let other = "<div class=h-card><a class=u-url href=/zed></a><span class=p-name>Zed</span></div>";
    let ann = ["Ann Author", "https://a.example/me"];
    for (page, expected) in [
        (format!("<article class=h-entry><a class=u-author href=/me></a>{said}</article>{other}{card}"), ann),
        (
            format!(
                "<article class=h-entry><span class=p-author>https://a.example/me</span>{said}</article>{other}{card}"
            ),
            ann,
        ),
        (format!("<link rel=author href=/me><article class=h-entry>{said}</article>{other}{card}"), ann),
        (
            format!(
                "<meta name=author content='Ann Author'><article class=h-entry><a class=u-author href=/></a>{said}</article>"
            ),
            ["Ann Author", "https://a.example/"],
        ),
        (
            format!(
                "<meta name=author content='Ann Author'><article class=h-entry><span class=p-author></span>{said}</article>"
            ),
            ["Ann Author", ""],
        ),
        (
            format!(
                "<article class=h-entry><span class=p-author> </span><span class=p-author>Ann Author</span>{said}</article>"
            ),
            ["Ann Author", ""],
        ),
    ] {
        let author = found(&page).words.author.unwrap_or_default();
        assert_eq!([author.name.as_str(), author.url.as_deref().unwrap_or_default()], expected, "{page}");
    }
}

#[test]
fn the_first_date_that_is_one_counts() {
    for (text, expected) in [
        ("2024-06-05", "2024-06-05"),
        ("Wed, 05 Jun 2024 10:00:00 GMT", "2024-06-05T10:00:00Z"),
        ("Wed, 5 Jun 2024 12:00:00 +0200", "2024-06-05T10:00:00Z"),
        ("2024-157", "2024-06-05"),
        ("2024-157T10:00:00Z", "2024-06-05T10:00:00Z"),
        ("20240605", "2024-06-05"),
        ("20240605T10:00:00Z", "2024-06-05T10:00:00Z"),
        ("2024-367", ""),
        ("20241", ""),
        ("soon", ""),
    ] {
        assert_eq!(date(text).map_or_else(String::new, |date| date.to_text()), expected, "{text}");
    }
    let page = |said: &str| {
        format!(
            "<meta property='article:published_time' content='2024-06-05T10:00:00Z'><article class=h-entry>{said}<div class=e-content><a href={POST}>x</a></div></article>"
        )
    };
    let published =
        |said: &str| found(&page(said)).words.published.map_or_else(String::new, |date| date.to_text());
    assert_eq!(published("<span class=dt-published>the other day</span>"), "2024-06-05T10:00:00Z");
    assert_eq!(
        published("<span class=dt-published>?</span><time class=dt-published datetime=2024-06-04></time>"),
        "2024-06-04"
    );
    assert_eq!(
        published(
            "<p class=dt-published><span class=value>2024-06-03</span> at <span class=value>11:00</span></p>"
        ),
        "2024-06-03T11:00:00Z"
    );
}

#[test]
fn a_reply_is_shown_without_what_it_answers() {
    let page = |inner: &str| format!("<div class=h-entry><div class=e-content>{inner}</div></div>");
    let own = "<div><p>I did not like them at all.</p></div>";
    for context in [
        format!(
            "<div class='u-in-reply-to h-cite'><p><i>In reply to <a class=u-url href={POST}>{POST}</a>.</i></p></div>"
        ),
        format!("<p><a class=u-in-reply-to href={POST}>{POST}</a></p>"),
        format!("<p>In reply to <a class=u-in-reply-to href={POST}>Stairs</a>:</p>"),
        format!(
            "<blockquote>Thirteen steps. <cite><a class=u-in-reply-to href={POST}>Stairs</a></cite></blockquote>"
        ),
    ] {
        let words = found(&page(&format!("{context}{own}"))).words;
        assert_eq!(
            (words.relation, words.excerpt.as_str()),
            (Relation::Reply, "I did not like them at all."),
            "{context}"
        );
    }
    let liked = format!(
        "<div class='u-like-of h-cite'><p>Likes <a class=u-url href={POST}>Stairs</a> by Mirren.</p></div>"
    );
    assert_eq!(found(&page(&liked)).words.excerpt, "");
    let bare = format!(
        "<div class=h-entry><a class=u-like-of href={POST}>liked</a><time class=dt-published>3 Feb 2026</time><a class=u-url href=/2016/news/>permalink</a></div>"
    );
    assert_eq!(found(&bare).words.excerpt, "");
    // The sentence with the link says more than nothing.
    let only = page(&format!("<p>No to <a class=u-in-reply-to href={POST}>Stairs</a>.</p>"));
    assert_eq!(found(&only).words.excerpt, "No to Stairs.");
}

#[test]
fn words_of_elements_side_by_side_are_kept_apart() {
    let page = format!(
        "<p><time>3 Feb</time><a href=/x>permalink</a><span class=p-author>Ann</span><a href={POST}>x</a>"
    );
    assert_eq!(found(&page).words.excerpt, "3 Feb permalink Ann x");
    assert_eq!(found(&format!("<p><b>Wo</b><i>rd</i>s <a href={POST}>x</a>")).words.excerpt, "Words x");
}

#[test]
fn titles_that_are_none_are_not_shown() {
    let note = |title: &str, rest: &str| {
        format!(
            "<title>{title}</title><div class=h-entry>{rest}<div class=e-content>I also went down <a href={POST}>the stairs</a> today.</div></div>"
        )
    };
    for title in [
        "Ann: I also went down the stairs today. - Ann's notes",
        "I also went down the stairs…",
        "Ann",
        "I also went down the stairs today. | Notes",
    ] {
        assert_eq!(found(&note(title, "<p class=p-author>Ann</p>")).words.title, "", "{title}");
    }
    assert_eq!(found(&note("Going down - Notes", "")).words.title, "Going down - Notes");
    let like =
        format!("<title>Bridgy Response</title><div class=h-entry><a class=u-like-of href={POST}></a></div>");
    assert_eq!(found(&like).words.title, "");
    let page = |head: &str| format!("{head}<p><a href={POST}>x</a>");
    let feed =
        "<link rel=alternate type=application/rss+xml title='Alder &amp; Ash &raquo; Feed' href=/feed/>";
    for mark in ["–", "|", "-", "·", "—"] {
        let words = found(&page(&format!("<title>Frag {mark} Alder &amp; Ash</title>{feed}"))).words;
        assert_eq!([words.title.as_str(), &words.site], ["Frag", "Alder & Ash"]);
    }
    let words = found(&page(&format!("<title>Alder &amp; Ash</title>{feed}"))).words;
    assert_eq!([words.title.as_str(), &words.site], ["", "Alder & Ash"]);
    assert_eq!(without_site("Well-Ash", "Ash"), "Well-Ash");
}

#[test]
fn of_several_things_in_json_the_one_that_links_counts() {
    check_json(
        r#"{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","title":"A","content_text":"no"},{"id":"2","title":"B","content_text":"yes","external_url":"https://blog.example/post/"}]}"#,
        ["mention", "B", "", "yes"],
    );
    check_json(
        r#"[{"type":"entry","name":"A"},{"type":"entry","name":"B","like-of":"https://blog.example/post/"}]"#,
        ["like", "B", "", ""],
    );
}

#[test]
fn a_page_may_name_its_own_address() {
    let canonical =
        |href: &str| found(&format!("<link rel=canonical href='{href}'><a href={POST}>x</a>")).canonical;
    assert_eq!(canonical("/news/").as_deref(), Some("https://a.example/news/"));
    assert_eq!(canonical("https://other.example/"), None);
    assert_eq!(canonical(""), None);
}
