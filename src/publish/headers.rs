//! What is sent with a file: its type, and how long it may be kept.

use crate::page::kinds::FileKind;
use crate::page::kinds::feed::FeedFormat;
use crate::path::OutputPath;

/// For what is asked for by an address that changes with its content.
pub(crate) const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// For pages: may be kept, and has to be asked about each time.
pub(crate) const REVALIDATED: &str = "public, max-age=0, must-revalidate";
/// For pictures and the like, whose address stays when they are replaced.
pub(crate) const FOR_AN_HOUR: &str = "public, max-age=3600";

/// How long a file may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lifetime {
    /// Its address changes with its content.
    ForEver,
    /// Its address stays.
    Usual,
}

/// The value of `Cache-Control`.
pub(crate) fn cache_control(kind: FileKind, lifetime: Lifetime) -> &'static str {
    match (kind, lifetime) {
        (FileKind::Asset, Lifetime::ForEver) => FOR_EVER,
        (FileKind::Asset, Lifetime::Usual) => FOR_AN_HOUR,
        _ => REVALIDATED,
    }
}

/// Whether a file that templates ask for by its fingerprint is asked for in no other way: a picture may also
/// stand in a post under its bare address.
pub(crate) fn only_by_fingerprint(path: &OutputPath) -> bool {
    matches!(extension(path.as_str()), "css" | "js" | "mjs" | "woff2" | "woff" | "ttf" | "otf")
}

pub(crate) const HTML: &str = "text/html; charset=utf-8";

/// Whether a page has an address by whose ending a server would take it for something else.
pub(crate) fn has_odd_ending(path: &OutputPath, kind: FileKind) -> bool {
    is_html(kind) && !matches!(extension(path.as_str()), "html" | "htm")
}

fn is_html(kind: FileKind) -> bool {
    matches!(kind, FileKind::Post | FileKind::Page | FileKind::Redirect | FileKind::List)
}

/// Whether only its bytes tell what a file is: its name has no ending, or one that a film and a script share.
pub(crate) fn is_told_by_bytes(path: &OutputPath, kind: FileKind) -> bool {
    let name = path.as_str().rsplit('/').next().unwrap_or_default();
    kind == FileKind::Asset && !name.starts_with('.') && matches!(extension(name), "" | "ts")
}

/// Types that nginx 1.22 does not have in its `mime.types`, or not right, and that Caddy has from the system's only.
pub(crate) const LACKING: [(&str, &str); 24] = [
    ("aac", "audio/aac"),
    ("apng", "image/apng"),
    ("avif", "image/avif"),
    ("csv", "text/csv; charset=utf-8"),
    ("epub", "application/epub+zip"),
    ("flac", "audio/flac"),
    ("heic", "image/heic"),
    ("heif", "image/heif"),
    ("ics", "text/calendar; charset=utf-8"),
    ("jsonld", "application/ld+json"),
    ("jxl", "image/jxl"),
    ("md", "text/markdown; charset=utf-8"),
    ("mjs", "text/javascript; charset=utf-8"),
    ("oga", "audio/ogg"),
    ("ogv", "video/ogg"),
    ("opus", "audio/ogg"),
    ("otf", "font/otf"),
    ("tsv", "text/tab-separated-values; charset=utf-8"),
    ("ttf", "font/ttf"),
    ("vtt", "text/vtt; charset=utf-8"),
    ("wasm", "application/wasm"),
    ("wav", "audio/wav"),
    ("webmanifest", "application/manifest+json; charset=utf-8"),
    ("xsl", "text/xml; charset=utf-8"),
];

/// The type of text that says no more of itself.
pub(crate) const PLAIN_TEXT: &str = "text/plain; charset=utf-8";

/// The value of `Content-Type`.
pub(crate) fn content_type(path: &OutputPath, kind: FileKind) -> String {
    let name = path.as_str().rsplit('/').next().unwrap_or_default();
    let feed =
        FeedFormat::ALL.into_iter().find(|format| kind == FileKind::Feed && format.file_name() == name);
    if let Some(format) = feed {
        return feed_content_type(format);
    }
    // A page is HTML whatever its address ends with: an alias or a path may be `/old.php` or `/old.txt`.
    if is_html(kind) {
        return HTML.to_owned();
    }
    // Every host sends one type for a name.
    if let Some((_, content_type)) =
        LACKING.iter().find(|(ending, _)| extension(name).eq_ignore_ascii_case(ending))
    {
        return (*content_type).to_owned();
    }
    match mime_guess::from_path(name).first() {
        Some(mime) if is_text(&mime) => format!("{}; charset=utf-8", mime.essence_str()),
        Some(mime) => mime.essence_str().to_owned(),
        None => "application/octet-stream".to_owned(),
    }
}

/// The value of `Content-Type` of a feed.
pub(crate) fn feed_content_type(format: FeedFormat) -> String {
    format!("{}; charset=utf-8", format.media_type())
}

fn is_text(mime: &mime_guess::Mime) -> bool {
    mime.type_() == mime_guess::mime::TEXT
        || matches!(
            mime.essence_str(),
            "application/javascript" | "application/json" | "application/xml" | "application/manifest+json"
        )
}

/// Whether a file gets smaller by compression.
pub(crate) fn is_compressible(path: &OutputPath) -> bool {
    matches!(
        extension(path.as_str()),
        "html"
            | "css"
            | "js"
            | "mjs"
            | "json"
            | "xml"
            | "txt"
            | "svg"
            | "md"
            | "csv"
            | "wasm"
            | "ttf"
            | "otf"
    )
}

fn extension(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.rsplit_once('.').map_or("", |(_, extension)| extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_the_types_that_browsers_and_readers_expect() {
        let of = |path: &str, kind| content_type(&OutputPath::new(path).unwrap(), kind);
        assert_eq!(of("a/index.html", FileKind::Post), "text/html; charset=utf-8");
        assert_eq!(of("tags/x/atom.xml", FileKind::Feed), "application/atom+xml; charset=utf-8");
        assert_eq!(of("sitemap.xml", FileKind::Host), "text/xml; charset=utf-8");
        assert_eq!(of("a.svg", FileKind::Asset), "image/svg+xml");
        assert_eq!(of("f.woff2", FileKind::Asset), "font/woff2");
        for page in
            ["old", "old.php", "o.txt", "o.xml", "o.json", "o.aspx", "o.xhtml", "comments/feed.xml", "o.htm"]
        {
            for kind in [FileKind::Redirect, FileKind::Post, FileKind::Page, FileKind::List] {
                assert_eq!(of(page, kind), "text/html; charset=utf-8", "{page}");
            }
        }
        assert_eq!(of("o.txt", FileKind::Asset), "text/plain; charset=utf-8");
        assert_eq!(of("a.MJS", FileKind::Asset), "text/javascript; charset=utf-8");
        assert_eq!(of("a.jxl", FileKind::Asset), "image/jxl");
        assert_eq!(of("LICENCE", FileKind::Asset), "application/octet-stream");
    }
}
