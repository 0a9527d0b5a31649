//! Pages that may link to a post. The first byte chooses what the response calls them.
#![no_main]

use backmatter::internals::linkback::address::Targets;
use backmatter::internals::linkback::source::{self, LinkCheck, SourcePage};
use libfuzzer_sys::fuzz_target;
use url::Url;

const TYPES: [&str; 7] = [
    "text/html; charset=utf-8",
    "text/html",
    "application/json",
    "text/html; charset=shift_jis",
    "text/html; charset=utf-16le",
    "application/xhtml+xml; charset=iso-2022-jp",
    "",
];

fuzz_target!(|data: &[u8]| {
    let Some((first, body)) = data.split_first() else { return };
    let content_type = TYPES[usize::from(*first) % TYPES.len()];
    let url = Url::parse("https://a.example/2016/news/").expect("it is an address");
    let page = SourcePage { url: &url, content_type, body };
    let LinkCheck::Linked(found) = source::read(&page, &Targets::new(["https://blog.example/post/"])) else {
        return;
    };
    let words = found.words;
    let author = words.author.unwrap_or_default();
    for (text, limit) in [(&words.title, 250), (&words.site, 100), (&author.name, 100), (&words.excerpt, 300)]
    {
        assert!(
            text.chars().count() <= limit && !text.contains(char::is_control) && text.trim() == text,
            "{text:?}"
        );
    }
    assert!(author.url.is_none_or(|url| url.starts_with("https://") || url.starts_with("http://")));
});
