//! How large an image is shown, from its first bytes.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde::{Deserialize, Serialize};

use crate::path::SourcePath;
use crate::picture::orientation::orientation;

/// How large an image is shown unless a style says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ImageSize {
    /// Width and height in CSS pixels.
    Pixels(u32, u32),
    /// Width to height, in lowest terms: an SVG without a size of its own fills the width that there is.
    Ratio(u32, u32),
}

impl ImageSize {
    /// The size of an image of the formats that browsers show, as Chromium shows it; `None` for any other file.
    pub fn of(path: &SourcePath, bytes: &[u8]) -> Option<Self> {
        match path.extension().as_str() {
            "svg" => svg(bytes),
            "png" | "apng" | "jpg" | "jpeg" | "gif" | "webp" | "avif" | "bmp" | "ico" | "tiff" => {
                raster(bytes)
            }
            _ => None,
        }
    }
}

fn raster(bytes: &[u8]) -> Option<ImageSize> {
    let size = imagesize::blob_size(bytes).ok()?;
    let (width, height) = (u32::try_from(size.width).ok()?, u32::try_from(size.height).ok()?);
    Some(match orientation(bytes).exchanges_sides() {
        true => ImageSize::Pixels(height, width),
        false => ImageSize::Pixels(width, height),
    })
}

/// The size of an SVG by the attributes of its root (SVG 2, section 8.11 and CSS Images 3, section 5.1).
fn svg(bytes: &[u8]) -> Option<ImageSize> {
    // A root stands at the start, also in a drawing of many megabytes.
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(1 << 16)]);
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    reader.config_mut().check_end_names = false;
    let root = loop {
        match reader.read_event().ok()? {
            Event::Start(root) | Event::Empty(root) => break root,
            Event::Eof => return None,
            _ => {}
        }
    };
    if root.local_name().as_ref() != "svg" {
        return None;
    }
    let width = attribute(&root, "width").and_then(|width| pixels(&width));
    let height = attribute(&root, "height").and_then(|height| pixels(&height));
    let ratio = attribute(&root, "viewBox").and_then(|view_box| ratio(&view_box));
    match (width, height, ratio) {
        (Some(width), Some(height), _) => rounded(width, height),
        (Some(width), None, Some((x, y))) => rounded(width, width * y / x),
        (None, Some(height), Some((x, y))) => rounded(height * x / y, height),
        (None, None, Some((x, y))) => lowest_terms(x, y),
        _ => None,
    }
}

fn attribute(root: &BytesStart<'_>, name: &str) -> Option<String> {
    let found =
        root.attributes().with_checks(false).flatten().find(|attribute| attribute.key.as_ref() == name)?;
    Some(found.value.into_owned())
}

/// A length in CSS pixels (CSS Values 4, section 6.2). Lengths relative to a font or to what is around are not known here.
fn pixels(length: &str) -> Option<f64> {
    let length = length.trim();
    let end = length.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | '+' | '-' | 'e' | 'E'));
    // `1em` begins like a number with an exponent.
    let end = end.map_or(length.len(), |end| length[..end].trim_end_matches(['e', 'E']).len());
    let (number, unit) = length.split_at(end);
    let factor = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "px" => 1.0,
        "pt" => 96.0 / 72.0,
        "pc" => 16.0,
        "in" => 96.0,
        "cm" => 96.0 / 2.54,
        "mm" => 96.0 / 25.4,
        "q" => 96.0 / 101.6,
        _ => return None,
    };
    number
        .parse::<f64>()
        .ok()
        .map(|number| number * factor)
        .filter(|pixels| pixels.is_finite() && *pixels > 0.0)
}

fn ratio(view_box: &str) -> Option<(f64, f64)> {
    let numbers: Option<Vec<f64>> = view_box
        .split(|c: char| c.is_ascii_whitespace() || c == ',')
        .filter(|part| !part.is_empty())
        .map(|part| part.parse().ok())
        .collect();
    match numbers?.as_slice() {
        [_, _, width, height] if *width > 0.0 && *height > 0.0 && width.is_finite() && height.is_finite() => {
            Some((*width, *height))
        }
        _ => None,
    }
}

fn rounded(width: f64, height: f64) -> Option<ImageSize> {
    Some(ImageSize::Pixels(whole(width)?, whole(height)?))
}

/// At least 1, as an image of no width is none.
fn whole(number: f64) -> Option<u32> {
    const LARGEST: f64 = 1_000_000.0;
    // Cut off only what was rounded.
    (number <= LARGEST).then(|| number.round().max(1.0) as u32)
}

fn lowest_terms(width: f64, height: f64) -> Option<ImageSize> {
    let (width, height) = (whole(width * 100.0)?, whole(height * 100.0)?);
    let (mut divisor, mut rest) = (width, height);
    while rest > 0 {
        (divisor, rest) = (rest, divisor % rest);
    }
    Some(ImageSize::Ratio(width / divisor, height / divisor))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size_of(name: &str, bytes: &[u8]) -> Option<ImageSize> {
        ImageSize::of(&SourcePath::new(name).unwrap(), bytes)
    }

    /// The smallest block of Exif: one directory with an orientation.
    fn exif(orientation: u8) -> Vec<u8> {
        let mut block = b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
        block.extend([orientation, 0, 0, 0, 0, 0, 0]);
        block
    }

    fn jpeg(orientation: u8) -> Vec<u8> {
        let mut bytes = b"\xff\xd8\xff\xe1".to_vec();
        let exif = [b"Exif\0\0".to_vec(), exif(orientation)].concat();
        bytes.extend(u16::try_from(exif.len() + 2).unwrap().to_be_bytes());
        bytes.extend(exif);
        bytes.extend(b"\xff\xc0\0\x11\x08\x01\x2c\x01\x90\x03\x01\x22\0\x02\x11\x01\x03\x11\x01\xff\xd9");
        bytes
    }

    fn png(orientation: u8) -> Vec<u8> {
        let chunk = |name: &[u8], data: &[u8]| {
            [&u32::try_from(data.len()).unwrap().to_be_bytes(), name, data, &[0; 4]].concat()
        };
        let header = b"\0\0\x01\x90\0\0\x01\x2c\x08\x02\0\0\0";
        [
            b"\x89PNG\r\n\x1a\n".to_vec(),
            chunk(b"IHDR", header),
            chunk(b"eXIf", &exif(orientation)),
            chunk(b"IEND", b""),
        ]
        .concat()
    }

    fn webp(orientation: u8) -> Vec<u8> {
        let exif = exif(orientation);
        let chunk = |name: &[u8], data: &[u8]| {
            [name, &u32::try_from(data.len()).unwrap().to_le_bytes(), data].concat()
        };
        let extended = chunk(b"VP8X", b"\x08\0\0\0\x8f\x01\0\x2b\x01\0");
        let body = [b"WEBP".to_vec(), extended, chunk(b"EXIF", &exif)].concat();
        chunk(b"RIFF", &body)
    }

    #[test]
    fn a_photograph_on_its_side_is_turned_where_browsers_turn_it() {
        for orientation in 0..=9 {
            let turned = (5..=8).contains(&orientation);
            let expected =
                Some(if turned { ImageSize::Pixels(300, 400) } else { ImageSize::Pixels(400, 300) });
            assert_eq!(size_of("p.jpg", &jpeg(orientation)), expected, "{orientation}");
            assert_eq!(size_of("p.png", &png(orientation)), expected, "{orientation}");
            assert_eq!(size_of("p.jpeg", &png(orientation)), expected, "a wrong ending");
            assert_eq!(size_of("p.webp", &webp(orientation)), Some(ImageSize::Pixels(400, 300)));
        }
        assert_eq!(size_of("p.txt", &jpeg(1)), None);
        assert_eq!(size_of("p.jpg", b"no picture"), None);
    }

    #[test]
    fn an_svg_has_the_size_of_its_root() {
        let size = |attributes: &str| {
            let text = format!(
                "<?xml version=\"1.0\"?>\n<!-- a --><!DOCTYPE svg>\n<svg xmlns=\"http://www.w3.org/2000/svg\" {attributes}><rect width=\"1\"/></svg>"
            );
            size_of("p.svg", text.as_bytes())
        };
        for (attributes, expected) in [
            ("width='100' height='50'", Some(ImageSize::Pixels(100, 50))),
            ("width='100px' height='50.4px' viewBox='0 0 1 1'", Some(ImageSize::Pixels(100, 50))),
            ("width='72pt' height='1in'", Some(ImageSize::Pixels(96, 96))),
            ("width='2.54cm' height='25.4mm'", Some(ImageSize::Pixels(96, 96))),
            ("width='6pc' height='1e2'", Some(ImageSize::Pixels(96, 100))),
            ("width='100' viewBox='0 0 200 100'", Some(ImageSize::Pixels(100, 50))),
            ("height='100' viewBox='0,0,200,100'", Some(ImageSize::Pixels(200, 100))),
            ("viewBox='0 0 24 12'", Some(ImageSize::Ratio(2, 1))),
            ("width='100%' height='100%' viewBox='-1 -1 12.5 5'", Some(ImageSize::Ratio(5, 2))),
            ("width='10em' height='2em'", None),
            ("width='10em' height='2em' viewBox='0 0 4 3'", Some(ImageSize::Ratio(4, 3))),
            ("width='0' height='10'", None),
            ("viewBox='0 0 0 10'", None),
            ("", None),
        ] {
            assert_eq!(size(attributes), expected, "{attributes}");
        }
        assert_eq!(size_of("p.svg", b"<svg:svg width='3' height='4'/>"), Some(ImageSize::Pixels(3, 4)));
        assert_eq!(size_of("p.svg", b"<html></html>"), None);
        assert_eq!(size_of("p.svg", b"<svg width='3"), None);
    }
}
