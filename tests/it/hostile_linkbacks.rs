//! Whatever a stranger sends or shows, reading it ends with words or a refusal, and the words are fit to be printed.
//!
//! The messages and pages are drawn from seeds as in [`crate::hostile`], and made to be dear to parse.

use backmatter::internals::config::Author;
use backmatter::internals::dom::{Document, charset};
use backmatter::internals::linkback::address::{Address, Targets};
use backmatter::internals::linkback::inbox::state::Mention;
use backmatter::internals::linkback::protocol::pingback::{self, PingbackResponse};
use backmatter::internals::linkback::protocol::trackback;
use backmatter::internals::linkback::protocol::webmention::{self, Webmention};
use backmatter::internals::linkback::source::{self, LinkCheck, SourcePage};
use url::Url;

use crate::dice::Dice;
use crate::hostile::never_panics;

const CALL: &str = "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>\n<methodCall>\n<methodName>pingback.ping</methodName>\n<params>\n<param><value><string>http://a.example/?a=1&amp;b=&#233;</string></value></param>\n<param><value><![CDATA[http://b.example/post/]]></value></param>\n</params></methodCall>";

const FAULT: &str = "<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>48</int></value></member><member><name>faultString</name><value>known</value></member></struct></value></fault></methodResponse>";

const TRACKBACK: &str = "title=Source+%26%23038%3B+%E2%80%9Cmore%E2%80%9D&url=http%3A%2F%2Fa.example%2Fpost%2F&blog_name=Alder+%26amp%3B+Ash&excerpt=one+%3Cb%3Etwo%2C+%C3%A9&charset=iso-8859-1";

const PAGE: &str = r##"<!DOCTYPE html><html lang=en><head><meta charset="utf-8"><base href="https://a.example/x/"><title>News &amp; more</title>
<meta property="og:site_name" content="A site"><meta name=author content=Ann><meta property="article:published_time" content="2016-12-18T22:32:00+01:00">
<script type="application/ld+json">{"@graph":[{"@type":"BlogPosting","headline":"H","author":{"@id":"#a"}},{"@id":"#a","name":"Ann","url":"/ann"}]}</script></head>
<body><nav><a href=/>home</a></nav><div class="h-feed"><p class=p-name>Feed</p><article class="h-entry hentry"><h1 class="p-name entry-title">News</h1>
<div class="p-author h-card vcard"><img class=u-photo src=p.png alt=Ann><a class="u-url p-name fn" href="/ann">Ann</a></div><time class=dt-published datetime="2016-12-18T22:32:00+01:00">x</time>
<div class="e-content entry-content"><p>Words before, <b>bold</b> ones, then <a class="u-in-reply-to u-quotation-of" href="https://blog.example/post/#:~:text=x">the <em>link</em></a> and words <br>after it.<!-- <a href=x> --></p>
<table><tr><td>cell<template><a href=https://blog.example/post/>no</a></template></table><noscript><img src=x></noscript><svg><title>t</title></svg></div>
<div class="u-comment h-cite"><a class="p-author h-card" href=/bob>Bob</a> <a href=https://blog.example/post/>there</a></div></article></div>
<footer style="display: none"><img src="https://blog.example/post/"></footer></body></html>"##;

const JSON: &str = r#"{"items":[{"type":["h-entry"],"properties":{"name":["T"],"author":[{"type":["h-card"],"properties":{"name":["Ann"],"url":["/ann"]}}],"content":[{"html":"<p>wo<b>rds</b>","value":"words"}],"published":["2016-12-18"],"like-of":["https://blog.example/post/"]}}]}"#;

fn read(content_type: &str, body: &[u8]) -> LinkCheck {
    let url = Url::parse("https://a.example/2016/news/").expect("it is an address");
    source::read(&SourcePage { url: &url, content_type, body }, &Targets::new(["https://blog.example/post/"]))
}

/// Words that a page may print.
fn are_fit(words: &Mention) {
    let Mention { title, site, author, excerpt, .. } = words;
    let Author { name, url, photo, email } = author.clone().unwrap_or_default();
    for (text, limit) in [(title, 250), (site, 100), (&name, 100), (excerpt, 300)] {
        assert!(text.chars().count() <= limit, "{text:?} is longer than {limit}");
        assert!(
            !text.contains(|c: char| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c)),
            "{text:?}"
        );
        assert_eq!(text.trim(), text);
    }
    assert!(url.is_none_or(|url| url.starts_with("https://") || url.starts_with("http://")));
    assert_eq!((photo, email), (None, None));
}

/// A verdict whose words are fit.
fn is_fit(verdict: &LinkCheck) {
    if let LinkCheck::Linked(found) = verdict {
        are_fit(&found.words);
    }
}

#[test]
fn messages_of_xml_rpc() {
    never_panics(4000, &[CALL, FAULT], |text| {
        for content_type in ["text/xml", "text/xml; charset=shift_jis"] {
            if let Ok(call) = pingback::read_call(text.as_bytes(), content_type) {
                let written = pingback::write_call(&call);
                let again = pingback::read_call(written.as_bytes(), "text/xml").expect("it is a call");
                assert_eq!(pingback::write_call(&again), written, "what is written stays the same");
            }
            if let Ok(PingbackResponse::Fault(fault)) = pingback::read_answer(text.as_bytes(), content_type) {
                assert!(pingback::read_answer(pingback::write_fault(&fault).as_bytes(), "").is_ok());
            }
        }
    });
}

#[test]
fn forms_of_trackbacks_and_webmentions() {
    never_panics(
        4000,
        &[TRACKBACK, "source=https%3A%2F%2Fa.example%2F&target=https://b.example/p%C3%B6st"],
        |text| {
            let trackback =
                trackback::read(text.as_bytes(), "application/x-www-form-urlencoded; charset=koi8-r");
            let hints = trackback.hints.clone();
            let words = Mention {
                relation: backmatter::internals::linkback::Relation::Mention,
                title: hints.title,
                site: hints.site,
                author: None,
                excerpt: hints.excerpt,
                published: None,
                content: String::new(),
                parent: None,
            };
            are_fit(&words);
            if let Ok(mention) = Webmention::read(text.as_bytes()) {
                let form = webmention::write(mention.source.as_str(), mention.target.as_str());
                assert_eq!(Webmention::read(form.as_bytes()), Ok(mention));
            }
            let _ = trackback::read_answer(text.as_bytes(), "text/xml");
        },
    );
}

#[test]
fn addresses() {
    const GOOD: [&str; 3] = [
        "https://bücher.example:8080/a/%7Eb/?q=%41&r=[x]#part",
        "http://user:secret@b.example/",
        "http://[::1]/",
    ];
    never_panics(4000, &GOOD, |text| {
        if let Ok(address) = Address::parse(text) {
            let again = Address::parse(address.as_str()).expect("an address is one in its normal spelling");
            assert_eq!((again.key(), again.as_str()), (address.key(), address.as_str()));
            assert_eq!(address.without_fragment().key(), address.key());
        }
    });
}

#[test]
fn pages() {
    never_panics(1500, &[PAGE], |text| is_fit(&read("text/html; charset=utf-8", text.as_bytes())));
}

#[test]
fn pages_of_json() {
    never_panics(3000, &[JSON], |text| is_fit(&read("application/json", text.as_bytes())));
}

/// What no text holds: bytes that are no character in any encoding, or one in another.
#[test]
fn bytes_in_every_encoding() {
    const LABELS: [&str; 9] = [
        "",
        "utf-8",
        "utf-16",
        "iso-8859-1",
        "shift_jis",
        "gb18030",
        "iso-2022-jp",
        "replacement",
        "x-user-defined",
    ];
    for seed in 0..1500 {
        let mut dice = Dice::new(seed);
        let mut bytes = PAGE.as_bytes().to_vec();
        for _ in 0..dice.below(40) {
            let at = dice.below(bytes.len());
            bytes[at] = u8::try_from(dice.below(256)).expect("it is a byte");
        }
        bytes.truncate(dice.below(2 * bytes.len()));
        let content_type = format!("text/html; charset={}", dice.pick(&LABELS));
        is_fit(&read(&content_type, &bytes));
        let _ =
            (charset::decode_xml(&bytes, &content_type), pingback::read_call(&bytes, &content_type).is_ok());
    }
}

/// Pages that are made so that a parser takes the square of their length, or as much stack. That they end is what is
/// tested; without the limits some take minutes.
#[test]
fn pages_that_are_made_to_be_dear() {
    const LINK: &str = "<a href=https://blog.example/post/>x</a>";
    let numbered =
        |piece: &str| (0..60_000).map(|number| piece.replace('N', &number.to_string())).collect::<String>();
    let nested = |piece: &str, inside: &str| format!("{}{}", piece.repeat(400), inside.repeat(3000));
    let many = |piece: &str| piece.repeat((256 << 10) / piece.len());
    let pages = [
        many("<div>"),
        many("<p><b>"),
        many("<table><tr><td>"),
        many("<a><div>"),
        many("<template>"),
        many("<svg><g>"),
        many(LINK),
        many("<p class='h-entry p-author'>"),
        many("<meta name=author>"),
        many("<title></title>"),
        many("\u{301}"),
        many("&"),
        format!("<p {}>{LINK}", numbered("aN ")),
        format!("<p {}>{LINK}", numbered("aN=''")),
        format!("<p {}>{LINK}", numbered("aN/")),
        numbered("<html aN>"),
        format!("<p>{}{}", numbered("<b id=N>"), many("</p><p>x")),
        nested("<div class='h-entry p-author'>", LINK),
        nested("<div style='a:b'>", "<a href=https://blog.example/post/></a>"),
        nested("<div class='e-content p-name'>", "<h1></h1>"),
        format!("<p>{}{LINK}{}", many("語"), many("語")),
        format!("<script type=application/ld+json>{}</script>{LINK}", "[".repeat(200_000)),
    ];
    for page in pages {
        is_fit(&read("text/html", page.as_bytes()));
    }
    let document = Document::parse(&"<b><i>".repeat(100_000));
    assert!(document.is_cut() && document.root().text_content().is_empty());
}
