//! What a page says of its entries, their authors and itself.
#![no_main]

use backmatter::internals::dom::Document;
use backmatter::internals::linkback::source::excerpt::Paragraph;
use backmatter::internals::linkback::source::metadata::Metadata;
use backmatter::internals::linkback::source::microformats::Microformats;
use libfuzzer_sys::fuzz_target;
use url::Url;

fuzz_target!(|data: &[u8]| {
    let document = Document::parse(&String::from_utf8_lossy(data));
    let base = Url::parse("https://a.example/2016/news/").expect("it is an address");
    let formats = Microformats::below(document.root());
    let _ = (
        Metadata::of(&document, &base),
        formats.only_card().map(|card| (formats.name(card), formats.url_of(card, &base))),
    );
    for link in document.elements().filter(|node| node.name() == "a").take(20) {
        let paragraph = Paragraph::around(link, document.root());
        assert!(paragraph.excerpt().chars().count() <= 310);
        let Some(entry) = formats.speaker_of(link) else { continue };
        assert!(link.is_inside(entry.node));
        let authors = formats.authors_of(entry).take(20);
        let _ = (authors.map(|author| formats.text(author)).count(), formats.feed_name(entry));
        for name in ["name", "author", "published", "content", "in-reply-to", "url"] {
            let values = formats.values(entry, name).take(20);
            let _ = values.map(|value| (formats.text(value), formats.url(value, &base))).count();
        }
    }
});
