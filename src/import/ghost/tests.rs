//! Exports of several versions of Ghost: cards in each form, texts that no HTML was made of, addresses, menu, tags.

use std::fs;

use serde_json::{Value, json};

use crate::import::tests::{Imported, Silent, check_file, request, texts_by_name};
use crate::import::{ImportFormat, import};

fn imported(data: &Value) -> Imported {
    let source = tempfile::tempdir().unwrap();
    let file = source.path().join("blog.ghost.json");
    fs::write(
        &file,
        json!({ "db": [{ "meta": { "exported_on": 1, "version": "5.0.0" }, "data": data }] }).to_string(),
    )
    .unwrap();
    let imported = Imported::of_folder(source.path());
    imported.config();
    let account = &imported.report.account;
    assert_eq!(account.items, account.accounted());
    assert_eq!(account.imperfect, [], "{:#?}", texts_by_name(&imported));
    imported
}

fn post(id: &str, body: &Value) -> Value {
    let mut post = json!({
        "id": id, "uuid": format!("u-{id}"), "title": id, "slug": id, "status": "published", "type": "post",
        "published_at": "2021-05-01T10:00:00.000Z", "visibility": "public",
    });
    for (key, value) in body.as_object().unwrap() {
        post[key] = value.clone();
    }
    post
}

/// Cards as the facts that both editors store.
const CARDS: [&str; 14] = [
    r#"{"type":"image","src":"__GHOST_URL__/content/images/a.jpg","alt":"A","caption":"<span>The net</span>"}"#,
    r#"{"type":"gallery","images":[{"src":"/content/images/b.jpg","alt":"B"},{"src":"/content/images/c.jpg"}],"caption":"Both"}"#,
    r#"{"type":"bookmark","url":"https://paper.example/x","metadata":{"title":"A report","description":"What it says.","author":"Ida","publisher":"The Paper","icon":"https://paper.example/i.png"},"caption":"Read it"}"#,
    r#"{"type":"callout","calloutEmoji":"💡","calloutText":"Mind the <b>step</b>.","backgroundColor":"grey"}"#,
    r#"{"type":"toggle","heading":"More","content":"<p>Hidden.</p>"}"#,
    r#"{"type":"button","buttonText":"Buy a chart","buttonUrl":"https://shop.example/"}"#,
    r#"{"type":"embed","url":"https://v.example/1","html":"<iframe src=\"https://www.youtube.com/embed/abc\"></iframe>","caption":""}"#,
    r#"{"type":"codeblock","code":"a < b\n\nc","language":"rust","caption":""}"#,
    r#"{"type":"markdown","markdown":"Written *here*"}"#,
    r#"{"type":"audio","src":"__GHOST_URL__/content/media/hiss.mp3","title":"The hiss","duration":3}"#,
    r#"{"type":"file","src":"__GHOST_URL__/content/files/list.pdf","fileTitle":"The list","fileCaption":"Of prices","fileName":"list.pdf"}"#,
    r#"{"type":"product","productTitle":"A lamp","productDescription":"<p>Of brass.</p>","productUrl":"https://shop.example/lamp","productButton":"See it"}"#,
    r#"{"type":"signup","header":"Join us"}"#,
    r#"{"type":"future-card","words":"Something of a later year"}"#,
];

/// What each becomes in Markdown.
const WRITTEN: [&str; 12] = [
    "![A](/content/images/a.jpg \"The net\")",
    "(/content/images/b.jpg)",
    "[A report](https://paper.example/x)\n\nWhat it says.\n\nIda · The Paper\n\nRead it",
    "💡 Mind the **step**.",
    "<summary>More</summary>",
    "[Buy a chart](https://shop.example/)",
    "youtube.com/embed/abc",
    "```rust\na < b\n\nc\n```",
    "Written *here*",
    "The hiss",
    "[The list](/content/files/list.pdf)\n\nOf prices",
    "Something of a later year",
];

#[test]
fn cards_of_both_editors_are_what_they_mean() {
    let cards: Vec<Value> = CARDS.iter().map(|card| serde_json::from_str(card).unwrap()).collect();
    let mut children = vec![json!({ "type": "paragraph", "children": [
        { "type": "extended-text", "text": "Below", "format": 32 },
        { "type": "link", "url": "__GHOST_URL__/other/", "children": [{ "type": "text", "text": "link", "format": 3 }] },
        { "type": "linebreak" },
        { "type": "text", "text": "marked", "format": 128 },
    ] })];
    children.extend(cards.clone());
    let lexical = json!({ "root": { "type": "root", "children": children } }).to_string();
    let sections: Vec<Value> = (0..cards.len()).map(|at| json!([10, at])).collect();
    let mut all = vec![
        json!([1, "p", [[0, [], 0, "Below "], [0, [0, 1], 2, "link"], [1, [], 0, 0], [0, [], 0, "end"]]]),
        json!([3, "ol", [[[0, [], 0, "one"]], [[0, [], 0, "two"]]]]),
    ];
    all.extend(sections);
    let mobiledoc = json!({
        "version": "0.3.1", "atoms": [["soft-return", "", {}]],
        "markups": [["a", ["href", "__GHOST_URL__/other/"]], ["strong"]],
        "cards": cards.iter().map(|card| json!([card["type"], card])).collect::<Vec<_>>(), "sections": all,
    });
    let imported = imported(&json!({ "posts": [
        post("lexical", &json!({ "html": null, "lexical": lexical })),
        post("mobiledoc", &json!({ "html": "", "mobiledoc": mobiledoc.to_string() })),
        post("other", &json!({ "html": "<p>x</p>" })),
    ] }));
    let texts = texts_by_name(&imported);
    for name in ["lexical", "mobiledoc"] {
        check_file(&texts, &format!("content/2021/{name}.md"), &WRITTEN);
        let text = &texts[&format!("content/2021/{name}.md")];
        assert!(text.contains("(other.md)") && !text.contains("Join us"), "{text}");
    }
    check_file(&texts, "content/2021/lexical.md", &["<sub>Below</sub>", "<mark>marked</mark>"]);
    check_file(&texts, "content/2021/mobiledoc.md", &["[**link**](other.md)\\\nend", "1. one\n2. two"]);
    let report = imported.report.markdown();
    assert!(report.contains("`future-card`") && report.contains("`signup`"), "{report}");
}

#[test]
fn cards_on_pages_are_without_the_buttons_of_their_players() {
    let html = concat!(
        "<div class=\"kg-card kg-audio-card\"><img class=\"kg-audio-thumbnail kg-audio-hide\"><div class=\"kg-audio-player-container\"><audio src=\"__GHOST_URL__/content/media/a.mp3\" preload=\"metadata\"></audio><div class=\"kg-audio-title\">The hiss</div><div class=\"kg-audio-player\"><button><svg viewBox=\"0 0 24 24\"></svg></button><span class=\"kg-audio-current-time\">0:00</span><div class=\"kg-audio-time\">/<span class=\"kg-audio-duration\">1:02</span></div></div></div></div>",
        "<figure class=\"kg-card kg-video-card kg-card-hascaption\"><div class=\"kg-video-container\"><video src=\"__GHOST_URL__/content/media/v.mp4\" preload=\"metadata\"></video><div class=\"kg-video-player\"><span>0:00</span></div></div><figcaption>A <b>film</b></figcaption></figure>",
        "<figure class=\"kg-card kg-bookmark-card kg-card-hascaption\"><a class=\"kg-bookmark-container\" href=\"https://paper.example/x\"><div class=\"kg-bookmark-content\"><div class=\"kg-bookmark-title\">A report</div><div class=\"kg-bookmark-description\">What it says.</div><div class=\"kg-bookmark-metadata\"><img class=\"kg-bookmark-icon\" src=\"https://paper.example/i.png\"><span class=\"kg-bookmark-author\">Ida</span><span class=\"kg-bookmark-publisher\">The Paper</span></div></div><div class=\"kg-bookmark-thumbnail\"><img src=\"https://paper.example/t.png\"></div></a><figcaption>Read it</figcaption></figure>",
        "<div class=\"kg-card kg-file-card\"><a class=\"kg-file-card-container\" href=\"__GHOST_URL__/content/files/l.pdf\" download><div class=\"kg-file-card-contents\"><div class=\"kg-file-card-title\">The list</div><div class=\"kg-file-card-caption\">Of prices</div><div class=\"kg-file-card-metadata\"><div class=\"kg-file-card-filename\">l.pdf</div></div></div><div class=\"kg-file-card-icon\"><svg><title>download-circle</title></svg></div></a></div>",
        "<div class=\"kg-card kg-toggle-card\"><div class=\"kg-toggle-heading\"><h4 class=\"kg-toggle-heading-text\">More</h4><button><svg></svg></button></div><div class=\"kg-toggle-content\"><p>Hidden.</p></div></div>",
        "<div class=\"kg-card kg-callout-card kg-callout-card-blue\"><div class=\"kg-callout-emoji\">💡</div><div class=\"kg-callout-text\">Mind it.</div></div>",
        "<div class=\"kg-card kg-signup-card\"><h2>Join us</h2><form><input></form></div>",
    );
    let imported = imported(&json!({ "posts": [post("cards", &json!({ "html": html }))] }));
    let texts = texts_by_name(&imported);
    check_file(
        &texts,
        "content/2021/cards.md",
        &[
            "<audio controls src=\"/content/media/a.mp3\">",
            "The hiss",
            "<video controls src=\"/content/media/v.mp4\">",
            "A <b>film</b>",
            "[A report](https://paper.example/x)\n\nWhat it says.\n\nIda · The Paper\n\nRead it",
            "[The list](/content/files/l.pdf)\n\nOf prices",
            "<details>\n<summary>More</summary>\n\nHidden.\n\n</details>",
            "💡 Mind it.",
        ],
    );
    // The head has a time of its own.
    let (_, text) = texts["content/2021/cards.md"].split_once("\n+++\n").unwrap();
    for unwanted in ["0:00", "1:02", "svg", "download-circle", "Join us", "i.png", "t.png"] {
        assert!(!text.contains(unwanted), "{unwanted}: {text}");
    }
}

#[test]
fn old_versions_have_other_names_for_the_same() {
    let data = json!({
        "posts": [
            { "id": 1, "uuid": "u1", "title": "One", "slug": "one", "markdown": "A *mark*", "html": "<p>A <em>mark</em>, <a href=\"/2014/05/02/two/\">two</a></p>", "image": "/content/images/2014/a.jpg", "page": 0, "status": "published", "author_id": 7, "published_at": 1_398_936_600_000_i64 },
            { "id": 2, "uuid": "u2", "title": "Two", "slug": "two", "html": null, "markdown": "Only *Markdown*", "page": false, "status": "published", "author_id": 8, "published_at": "2014-05-02 09:30:00" },
            { "id": 3, "uuid": "u3", "title": "About", "slug": "about", "html": "<p>x</p>", "page": 1, "status": "published", "author_id": 7, "published_at": "2014-05-02 09:30:00" },
        ],
        "tags": [{ "id": 4, "name": "C++", "slug": "c", "description": "A language" }, { "id": 5, "name": "Unused", "slug": "u" }],
        "posts_tags": [{ "id": 1, "post_id": 1, "tag_id": 4 }],
        "users": [{ "id": 7, "name": "Ida", "slug": "ida", "email": "ida@mail.invalid", "website": "https://ida.example/", "profile_image": "__GHOST_URL__/content/images/ida.jpg", "bio": "Ties knots,\n and writes" }, { "id": 8, "name": "Bo", "slug": "bo" }],
        "settings": [
            { "key": "title", "value": "Old" }, { "key": "activeTimezone", "value": "Asia/Tokyo" }, { "key": "defaultLang", "value": "ja" },
            { "key": "permalinks", "value": "/:year/:month/:day/:slug/" },
            { "key": "navigation", "value": "[{\"label\":\"Home\", \"url\":\"/\"},{\"label\":\"About\", \"url\":\"/about/\"},{\"label\":\"Shop\", \"url\":\"https://shop.example/\"}]" },
        ],
    });
    let imported = imported(&data);
    let texts = texts_by_name(&imported);
    check_file(
        &texts,
        "backmatter.toml",
        &[
            "timezone = \"Asia/Tokyo\"",
            "language = \"ja\"",
            "permalink = \"/:year/:month/:day/:slug/\"",
            "name = \"About\"\nurl = \"/about/\"",
            "name = \"C++\"\ntaxonomy = \"tags\"\nslug = \"c\"\ndescription = \"A language\"",
            "tags = \"/tag/\"\nauthors = \"/author/\"",
            "[[authors]]\nname = \"Ida\"\nurl = \"https://ida.example/\"\nphoto = \"/content/images/ida.jpg\"\ndescription = \"Ties knots, and writes\"",
            "from = \"/rss/\"\nto = \"/rss.xml\"",
        ],
    );
    check_file(
        &texts,
        "content/2014/one.md",
        &[
            "id = \"u1\"",
            "date = 2014-05-01T18:30:00+09:00",
            "author = \"Ida\"",
            "tags = [\"C++\"]",
            "image = \"/content/images/2014/a.jpg\"",
            "[two](two.md)",
        ],
    );
    check_file(&texts, "content/2014/two.md", &["author = \"Bo\"", "Only *Markdown*"]);
    assert!(!texts["content/2014/one.md"].contains("path ="), "{}", texts["content/2014/one.md"]);
    check_file(&texts, "content/pages/about.md", &["id = \"u3\""]);
    assert_eq!(imported.report.account.addresses.kept, 3);
    assert!(!texts.values().any(|text| text.contains("invalid")));
}

#[test]
fn the_pattern_of_addresses_is_told_by_links_between_posts() {
    let link = "<p><a href=\"__GHOST_URL__/blog/2021/two/#part\">two</a></p>";
    let imported = imported(&json!({ "posts": [
        post("one", &json!({ "html": link, "id": "5f0000000000000000000001" })),
        post("two", &json!({ "html": "<p>x</p>", "status": "published" })),
    ] }));
    let texts = texts_by_name(&imported);
    check_file(&texts, "backmatter.toml", &["permalink = \"/blog/:year/:slug/\""]);
    check_file(&texts, "content/2021/one.md", &["id = \"5f0000000000000000000001\"", "[two](two.md#part)"]);
}

#[test]
fn other_json_is_named() {
    let source = tempfile::tempdir().unwrap();
    for (text, part) in [("{}", "no table of posts"), ("[1", "not an export of Ghost")] {
        let file = source.path().join("x.json");
        fs::write(&file, text).unwrap();
        let into = source.path().join("site");
        let request =
            crate::import::ImportRequest { format: Some(ImportFormat::Ghost), ..request(&file, &into) };
        let error = import(&request, &Silent).unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
    }
}
