//! TrackBack 1.2: the form and its answer, read and written.
//!
//! A trackback says what its page is called and quotes it, and nothing of that is proved. So it is taken for a
//! submission like the others, whose words are [`Hints`]; the page itself is fetched and has to contain the link.

use url::form_urlencoded;

use crate::dom::charset;
use crate::html::escape_xml;
use crate::linkback::inbox::state::Hints;
use crate::linkback::source::sanitize::{self, MAX_EXCERPT, MAX_NAME, MAX_TITLE};

/// What a trackback says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trackback {
    /// The page that links, as it was sent; empty if it was not.
    pub url: String,
    /// What the sender says of it, as plain text.
    pub hints: Hints,
}

/// Whether a trackback was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrackbackResponse {
    /// It was.
    Taken,
    /// It was not, and why.
    Refused(String),
}

/// Reads the form. Its text is in the encoding that the field `charset` names, which WordPress sends, else the one of the content type; and it is
/// often escaped for HTML, once.
pub fn read(form: &[u8], content_type: &str) -> Trackback {
    let fields: Vec<(Vec<u8>, Vec<u8>)> = form
        .split(|byte| *byte == b'&')
        .map(|pair| {
            let (name, value) = match pair.iter().position(|byte| *byte == b'=') {
                Some(at) => (&pair[..at], &pair[at + 1..]),
                None => (pair, &[][..]),
            };
            (undo(name), undo(value))
        })
        .collect();
    let named = String::from_utf8_lossy(value(&fields, "charset"));
    let label = match named.trim() {
        "" => charset::parameter(content_type, "charset").unwrap_or_default(),
        label => label,
    };
    let [url, title, excerpt, site] = ["url", "title", "excerpt", "blog_name"]
        .map(|name| charset::decode_text(value(&fields, name), label));
    Trackback {
        url: url.trim().to_owned(),
        hints: Hints {
            title: sanitize::plain(&sanitize::of_html(&title), MAX_TITLE),
            excerpt: sanitize::plain(&sanitize::of_html(&excerpt), MAX_EXCERPT),
            site: sanitize::plain(&sanitize::of_html(&site), MAX_NAME),
        },
    }
}

/// The value of a field; empty if there is none.
fn value<'f>(fields: &'f [(Vec<u8>, Vec<u8>)], name: &str) -> &'f [u8] {
    let field = fields.iter().find(|(found, _)| found == name.as_bytes());
    field.map_or(&[][..], |(_, value)| value)
}

/// A name or value of a form as the bytes it means.
fn undo(text: &[u8]) -> Vec<u8> {
    let spaced: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent_encoding::percent_decode(&spaced).collect()
}

/// The body of the form, in UTF-8. Its texts are escaped for HTML, as WordPress sends them: a receiver takes what looks like
/// a tag for one and drops it.
pub(crate) fn write(trackback: &Trackback) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    let Hints { title, excerpt, site } = &trackback.hints;
    for (name, value) in
        [("title", title), ("url", &trackback.url), ("blog_name", site), ("excerpt", excerpt)]
    {
        if !value.is_empty() {
            let escaped = if name == "url" { value.clone() } else { escape_text(value) };
            form.append_pair(name, &escaped);
        }
    }
    form.finish()
}

fn escape_text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The message of an answer.
pub(crate) fn write_answer(answer: &TrackbackResponse) -> String {
    let inside = match answer {
        TrackbackResponse::Taken => "<error>0</error>\n".to_owned(),
        TrackbackResponse::Refused(why) => {
            format!("<error>1</error>\n<message>{}</message>\n", escape_xml(why))
        }
    };
    format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<response>\n{inside}</response>\n")
}

/// Reads an answer; `None` if it is none. Servers put warnings before it, so the element is looked for.
pub fn read_answer(body: &[u8], content_type: &str) -> Option<TrackbackResponse> {
    let text = charset::decode_xml(body, content_type);
    let error = inside(&text, "error")?;
    match error.trim() {
        "0" => Some(TrackbackResponse::Taken),
        // WordPress says a flood this way: an element `error` with elements in it.
        _ => Some(TrackbackResponse::Refused(sanitize::plain(&message_of(&text), MAX_EXCERPT))),
    }
}

fn message_of(text: &str) -> String {
    let message = inside(text, "message").unwrap_or_default().trim();
    match message.strip_prefix("<![CDATA[").and_then(|data| data.strip_suffix("]]>")) {
        Some(data) => data.to_owned(),
        None => sanitize::of_html(message),
    }
}

/// What stands in the first element of a name.
fn inside<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, after) = text.split_once(&format!("<{name}>"))?;
    after.split_once(&format!("</{name}>")).map(|(inside, _)| inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(form: &[u8], content_type: &str, expected: [&str; 4]) {
        let Trackback { url, hints } = read(form, content_type);
        assert_eq!([url, hints.title, hints.site, hints.excerpt], expected, "{}", form.escape_ascii());
    }

    const FORM: &str = "application/x-www-form-urlencoded";

    #[test]
    fn the_form_of_wordpress_is_understood() {
        let form = "title=Source+tb-a-to-b+%26%23038%3B+%E2%80%9Cmore%E2%80%9D&url=http%3A%2F%2Fa.example%2Fpost%2F&blog_name=Alder+%26amp%3B+Ash&excerpt=This+post+one+%26amp%3B+two%2C+%C3%A9";
        let expected =
            ["http://a.example/post/", "Source tb-a-to-b & “more”", "Alder & Ash", "This post one & two, é"];
        check(form.as_bytes(), FORM, expected);
    }

    #[test]
    fn encodings_are_seen_through() {
        check(
            b"url=http://a.example/&title=%82%a0&charset=Shift_JIS",
            FORM,
            ["http://a.example/", "あ", "", ""],
        );
        check(b"url=u&title=caf%e9&charset=ISO-8859-1", FORM, ["u", "café", "", ""]);
        check(b"url=u&title=%e9", "application/x-www-form-urlencoded; charset=koi8-r", ["u", "И", "", ""]);
        check(b"url=u&title=caf%e9", FORM, ["u", "café", "", ""]);
        check(b"url=u&title=%2BADw-&charset=utf-7", FORM, ["u", "+ADw-", "", ""]);
    }

    #[test]
    fn what_is_missing_or_odd_is_empty() {
        check(b"", "", ["", "", "", ""]);
        check(b"title=x&&=&url", FORM, ["", "x", "", ""]);
        check(b"url=a&url=b&title=100%&excerpt=%zz", FORM, ["a", "100%", "", "%zz"]);
    }

    #[test]
    fn tags_and_scripts_become_text() {
        let form = b"url=u&title=<b>a</b>%26lt;script%26gt;&excerpt=x<script>alert(1)</script><img src=x onerror=alert(1)>&blog_name=a%E2%80%AEb";
        check(form, FORM, ["u", "a<script>", "ab", "x"]);
    }

    #[test]
    fn what_is_written_can_be_read() {
        let hints = Hints { title: "A & <b>".into(), excerpt: "é + ü".into(), site: String::new() };
        let trackback = Trackback { url: "https://a.example/?x=1&y=2".into(), hints };
        assert_eq!(
            write(&trackback),
            "title=A+%26amp%3B+%26lt%3Bb%26gt%3B&url=https%3A%2F%2Fa.example%2F%3Fx%3D1%26y%3D2&excerpt=%C3%A9+%2B+%C3%BC"
        );
        assert_eq!(read(write(&trackback).as_bytes(), FORM), trackback);
        for answer in [TrackbackResponse::Taken, TrackbackResponse::Refused("no <link> & no hope".into())] {
            assert_eq!(read_answer(write_answer(&answer).as_bytes(), ""), Some(answer));
        }
    }

    #[test]
    fn answers_of_known_servers_are_understood() {
        let read = |text: &str| read_answer(text.as_bytes(), "text/xml");
        let duplicate = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<response>\n<error>1</error>\n<message>There is already a ping from that URL for this post.</message>\n</response>";
        assert_eq!(
            read(duplicate),
            Some(TrackbackResponse::Refused("There is already a ping from that URL for this post.".into()))
        );
        let flood = "<error>\n<code>wp_die</code>\n<title><![CDATA[Error]]></title>\n<message><![CDATA[You are posting comments too quickly. Slow down.]]></message>\n</error>";
        assert_eq!(
            read(flood),
            Some(TrackbackResponse::Refused("You are posting comments too quickly. Slow down.".into()))
        );
        assert_eq!(
            read("<b>Warning</b>\n<response><error> 0 </error></response>"),
            Some(TrackbackResponse::Taken)
        );
        assert_eq!(read("<html>Not found</html>"), None);
        assert_eq!(read(""), None);
    }
}
