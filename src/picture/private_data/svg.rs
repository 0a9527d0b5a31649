//! What a drawing program notes in an SVG besides the drawing.

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::picture::header::format;

/// A part of a file, and what takes its place.
pub(super) struct Replacement {
    pub(super) part: Range<usize>,
    pub(super) by: String,
}

/// Comments, metadata, the paths of files on the author's machine, and what embedded photographs tell. A comment on a licence
/// stays: its authors ask for that.
pub(super) fn replacements(bytes: &[u8]) -> Vec<Replacement> {
    let mut found = Vec::new();
    let Ok(text) = std::str::from_utf8(bytes) else { return found };
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    loop {
        let start = place_of(&reader);
        let Ok(event) = reader.read_event() else { return found };
        let mut end = place_of(&reader);
        let is_private = match event {
            Event::Eof => return found,
            Event::Comment(_) => !is_licence(&text[start..end]),
            Event::PI(_) => text[start..end].starts_with("<?xpacket"),
            Event::Empty(tag) if is_metadata(&tag) => true,
            Event::Start(tag) if is_metadata(&tag) => {
                if reader.read_to_end(tag.name()).is_err() {
                    return found;
                }
                end = place_of(&reader);
                true
            }
            Event::Start(_) | Event::Empty(_) => {
                of_tag(&text[start..end], start, &mut found);
                false
            }
            _ => false,
        };
        if is_private {
            found.push(Replacement { part: start..end, by: String::new() });
        }
    }
}

fn place_of(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

/// Metadata (SVG 2, section 5.8), and what Illustrator and Inkscape keep for themselves.
fn is_metadata(tag: &BytesStart<'_>) -> bool {
    matches!(tag.name().as_ref(), "metadata" | "svg:metadata" | "x:xmpmeta" | "i:pgf" | "i:aipgf")
}

fn is_licence(comment: &str) -> bool {
    let comment = comment.to_lowercase();
    ["licen", "copyright", "©"].iter().any(|word| comment.contains(word))
}

/// What of a tag that begins at this place tells more than the drawing.
fn of_tag(tag: &str, place: usize, found: &mut Vec<Replacement>) {
    const PATHS: [&str; 3] = ["sodipodi:docname", "sodipodi:absref", "inkscape:export-filename"];
    let mut at = tag.find(|c: char| c.is_whitespace()).unwrap_or(tag.len());
    while let Some(attribute) = Attribute::next(tag, at) {
        at = attribute.end;
        let value = &tag[attribute.value.clone()];
        if PATHS.contains(&attribute.name) {
            found.push(Replacement { part: place + attribute.start..place + at, by: String::new() });
        } else if let Some(by) = embedded_picture(value) {
            let part = place + attribute.value.start..place + attribute.value.end;
            found.push(Replacement { part, by });
        }
    }
}

/// An attribute of a tag, with the blanks before it.
struct Attribute<'t> {
    name: &'t str,
    start: usize,
    value: Range<usize>,
    end: usize,
}

impl<'t> Attribute<'t> {
    /// The first one that begins at this place of a tag (XML 1.0, production 41).
    fn next(tag: &'t str, start: usize) -> Option<Self> {
        let equals = start + tag.get(start..)?.find('=')?;
        let open = equals + tag[equals..].find(['"', '\''])?;
        let quote = char::from(tag.as_bytes()[open]);
        let close = open + 1 + tag[open + 1..].find(quote)?;
        Some(Self { name: tag[start..equals].trim(), start, value: open + 1..close, end: close + 1 })
    }
}

/// A picture within an address, without what it tells besides; none if it tells nothing.
fn embedded_picture(address: &str) -> Option<String> {
    let (head, data) = address.trim_start().strip_prefix("data:image/")?.split_once(";base64,")?;
    let packed: String = data.chars().filter(|c| !c.is_whitespace()).collect();
    let bytes = STANDARD.decode(packed).ok()?;
    let format = format(&bytes);
    (format.is_pixels() && super::is_in(format, &bytes))
        .then(|| format!("data:image/{head};base64,{}", STANDARD.encode(super::without(format, &bytes))))
}
