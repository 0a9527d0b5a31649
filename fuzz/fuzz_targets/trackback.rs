//! Forms of trackbacks and webmentions, and the answers to trackbacks.
#![no_main]

use backmatter::internals::linkback::protocol::trackback;
use backmatter::internals::linkback::protocol::webmention::{self, Webmention};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    for content_type in
        ["application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=koi8-r"]
    {
        let hints = trackback::read(data, content_type).hints;
        for (text, limit) in [(&hints.title, 250), (&hints.site, 100), (&hints.excerpt, 300)] {
            assert!(text.chars().count() <= limit && !text.contains(char::is_control) && text.trim() == text);
        }
    }
    let _ = trackback::read_answer(data, "text/xml");
    if let Ok(mention) = Webmention::read(data) {
        let form = webmention::write(mention.source.as_str(), mention.target.as_str());
        assert_eq!(Webmention::read(form.as_bytes()), Ok(mention));
    }
});
