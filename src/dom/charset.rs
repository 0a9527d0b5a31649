//! Bytes to text, as the HTML standard's section 13.2.3 decides it: a byte order mark, else what the response says, else what
//! the page says about itself.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::Document;

/// How far into a page it may say what its encoding is.
const MAX_PRESCAN: usize = 1024;

/// The text of a response. `content_type` is the value of its header; a page that does not name its encoding is UTF-8 if it can be,
/// else windows-1252.
pub(crate) fn decode<'a>(bytes: &'a [u8], content_type: &str) -> Cow<'a, str> {
    let said = parameter(content_type, "charset").and_then(|label| Encoding::for_label(label.as_bytes()));
    let encoding = said.or_else(|| said_inside(bytes)).unwrap_or_else(|| guess(bytes));
    // Sees a byte order mark first, and takes it out.
    encoding.decode(bytes).0
}

/// The text of an XML message: UTF-8 if it can be, whatever it says, since senders declare what they please; else as
/// it or the response says, else windows-1252.
pub fn decode_xml<'a>(bytes: &'a [u8], content_type: &str) -> Cow<'a, str> {
    let start = &bytes[..bytes.len().min(MAX_PRESCAN)];
    let inside = declared(&WINDOWS_1252.decode_without_bom_handling(start).0);
    let label = inside.or_else(|| parameter(content_type, "charset").map(str::to_owned));
    decode_text(bytes, label.as_deref().unwrap_or_default())
}

/// The text of a message that its sender says is in `label`: UTF-8 if it can be, else that, else windows-1252.
pub(crate) fn decode_text<'a>(bytes: &'a [u8], label: &str) -> Cow<'a, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text.trim_start_matches('\u{feff}'));
    }
    let said =
        Encoding::for_label(label.as_bytes()).filter(|said| said.is_ascii_compatible() && *said != UTF_8);
    said.unwrap_or(WINDOWS_1252).decode(bytes).0
}

/// The media type of a `Content-Type` in lower case, without parameters: `text/html`.
pub(crate) fn media_type(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// A parameter of a `Content-Type`, with its quotes taken off.
pub(crate) fn parameter<'a>(content_type: &'a str, wanted: &str) -> Option<&'a str> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches(['"', '\'']);
        (name.trim().eq_ignore_ascii_case(wanted) && !value.is_empty()).then_some(value)
    })
}

/// What the first bytes of a page say: an XML declaration, or a `<meta>`, which a parser finds so that none in a comment counts.
fn said_inside(bytes: &[u8]) -> Option<&'static Encoding> {
    let start = &bytes[..bytes.len().min(MAX_PRESCAN)];
    let start = WINDOWS_1252.decode_without_bom_handling(start).0;
    let label = declared(&start).or_else(|| metas(&Document::parse(&start)))?;
    let encoding = Encoding::for_label(label.as_bytes())?;
    // What could be read so far is not UTF-16, whatever it says.
    Some(if [UTF_16BE, UTF_16LE].contains(&encoding) { UTF_8 } else { encoding })
}

fn declared(start: &str) -> Option<String> {
    let (declaration, _) = start.trim_start().strip_prefix("<?xml")?.split_once("?>")?;
    let (_, value) = declaration.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    value[1..].split_once(quote).map(|(label, _)| label.to_owned())
}

fn metas(start: &Document) -> Option<String> {
    start.elements().filter(|node| node.name() == "meta").find_map(|meta| {
        let direct = meta.attribute("charset");
        let label = direct.or_else(|| {
            let name = meta.attribute("http-equiv")?;
            let content = meta.attribute("content")?;
            name.trim().eq_ignore_ascii_case("content-type").then(|| parameter(content, "charset"))?
        });
        label.map(str::to_owned)
    })
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    match std::str::from_utf8(bytes) {
        // Only the last character is broken: the page was cut there.
        Err(error) if error.error_len().is_some() => WINDOWS_1252,
        _ => UTF_8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], content_type: &str, expected: &str) {
        assert_eq!(decode(bytes, content_type), expected, "{content_type} {}", bytes.escape_ascii());
    }

    #[test]
    fn a_byte_order_mark_says_it_best() {
        check(b"\xef\xbb\xbf\xc3\xa9", "text/html; charset=iso-8859-1", "é");
        check(b"\xff\xfe\xe9\x00", "text/html", "é");
    }

    #[test]
    fn the_response_says_it_better_than_the_page() {
        let page = b"<meta charset=utf-8>\xe9";
        check(page, "text/html; Charset=\"ISO-8859-1\"", "<meta charset=utf-8>é");
        check(b"\x82\xa0", "text/html;charset=Shift_JIS", "あ");
    }

    #[test]
    fn the_page_says_it() {
        check(b"<meta charset=latin1>\xe9", "text/html", "<meta charset=latin1>é");
        let old = "<meta http-equiv=Content-Type content='text/html; charset=windows-1251'>";
        check(&[old.as_bytes(), b"\xe9"].concat(), "text/html", &format!("{old}й"));
        let xml = "<?xml version='1.0' encoding='koi8-r'?>";
        check(&[xml.as_bytes(), b"\xc9"].concat(), "application/xhtml+xml", &format!("{xml}и"));
        let fooled = "<!-- <meta charset=koi8-r> --><meta charset=utf-16>é";
        check(fooled.as_bytes(), "", fooled);
    }

    #[test]
    fn what_nobody_says_is_seen() {
        check("é".as_bytes(), "text/html", "é");
        check(b"caf\xe9 \x93x\x94", "text/html; charset=", "café “x”");
        check(b"caf\xc3\xa9 \xc3", "text/html; charset=unknown", "café \u{fffd}");
    }

    #[test]
    fn media_types_are_compared_without_their_parameters() {
        assert_eq!(media_type(" Text/HTML ; charset=utf-8"), "text/html");
        assert_eq!(media_type(""), "");
    }
}
