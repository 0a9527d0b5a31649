//! What pictures tell besides what they show: the place, the serial number of the camera, the name of its owner.
//!
//! A published file keeps what its look depends on, which is the orientation and the profile of its colours, and nothing
//! else. Its pixels are not touched.

mod gif;
mod svg;

use std::io::Cursor;
use std::ops::Range;

use img_parts::png::{Png, PngChunk};
use img_parts::webp::WebP;
use img_parts::{Bytes, ImageEXIF};

use self::svg::Replacement;
use crate::picture::header::PictureFormat;
use crate::picture::orientation::{Orientation, orientation};

/// Whether a file holds data that is not published.
pub(super) fn is_in(format: PictureFormat, bytes: &[u8]) -> bool {
    let found = match format {
        PictureFormat::Jpeg => JpegParts::of(bytes).map(|parts| {
            parts.scans.end < bytes.len()
                || parts
                    .segments
                    .iter()
                    .any(|segment| is_private(segment.marker, &bytes[segment.data.clone()]))
        }),
        PictureFormat::Png => {
            let png = Png::from_bytes(Bytes::copy_from_slice(bytes)).ok();
            png.map(|png| png.chunks().iter().any(|chunk| !is_look(chunk)))
        }
        PictureFormat::Webp => {
            let webp = WebP::from_bytes(Bytes::copy_from_slice(bytes)).ok();
            webp.map(|webp| WEBP_PRIVATE.iter().any(|id| webp.has_chunk(*id)))
        }
        PictureFormat::Gif => Some(!gif::private_parts(bytes).is_empty()),
        PictureFormat::Svg => Some(!svg::replacements(bytes).is_empty()),
        PictureFormat::Avif | PictureFormat::Heic | PictureFormat::Other => None,
        PictureFormat::Tiff => Some(has_camera_tags(bytes)),
        PictureFormat::Unknown => Some(false),
    };
    found.unwrap_or_else(|| !blocks(bytes).is_empty())
}

/// The file without the data.
pub fn without(format: PictureFormat, bytes: &[u8]) -> Vec<u8> {
    let orientation = orientation(bytes);
    let exif = (orientation != Orientation::UPRIGHT).then(|| exif_of(orientation));
    let written = match format {
        PictureFormat::Jpeg => jpeg_without(bytes, exif.as_deref()),
        PictureFormat::Png => Png::from_bytes(Bytes::copy_from_slice(bytes)).ok().map(|mut png| {
            png.chunks_mut().retain(is_look);
            png.set_exif(exif.map(Bytes::from));
            png.encoder().bytes().to_vec()
        }),
        PictureFormat::Webp => WebP::from_bytes(Bytes::copy_from_slice(bytes)).ok().map(|mut webp| {
            webp.set_exif(None);
            webp.remove_chunks_by_id(*b"XMP ");
            webp.encoder().bytes().to_vec()
        }),
        PictureFormat::Gif => {
            let parts = gif::private_parts(bytes).into_iter();
            Some(replaced(bytes, parts.map(|part| Replacement { part, by: String::new() })))
        }
        PictureFormat::Svg => Some(replaced(bytes, svg::replacements(bytes).into_iter())),
        // All of it is Exif, its pixels as well: there is a warning instead.
        PictureFormat::Tiff => Some(bytes.to_vec()),
        _ => None,
    };
    written.unwrap_or_else(|| {
        // Where its parts cannot be told apart, or are found by their places, what is taken out leaves its room.
        let mut out = bytes.to_vec();
        for block in blocks(bytes) {
            out[block].fill(b' ');
        }
        out
    })
}

/// A file with other bytes at some places, which come in their order.
fn replaced(bytes: &[u8], replacements: impl Iterator<Item = Replacement>) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut from = 0;
    for Replacement { part, by } in replacements {
        out.extend_from_slice(&bytes[from..part.start]);
        out.extend_from_slice(by.as_bytes());
        from = part.end;
    }
    out.extend_from_slice(&bytes[from..]);
    out
}

fn jpeg_without(bytes: &[u8], exif: Option<&[u8]>) -> Option<Vec<u8>> {
    let parts = JpegParts::of(bytes)?;
    let mut out = Vec::with_capacity(bytes.len());
    out.extend_from_slice(b"\xff\xd8");
    let kept =
        parts.segments.iter().filter(|segment| !is_private(segment.marker, &bytes[segment.data.clone()]));
    let (first, others): (Vec<_>, Vec<_>) = kept.partition(|segment| segment.marker == APP0);
    // JFIF stands first, and Exif right behind it.
    let written = |segment: &JpegSegment| &bytes[segment.data.start - 4..segment.data.end];
    first.into_iter().for_each(|segment| out.extend_from_slice(written(segment)));
    if let Some(exif) = exif {
        out.extend_from_slice(b"\xff\xe1");
        out.extend(u16::try_from(exif.len() + 8).ok()?.to_be_bytes());
        out.extend_from_slice(b"Exif\0\0");
        out.extend_from_slice(exif);
    }
    others.into_iter().for_each(|segment| out.extend_from_slice(written(segment)));
    out.extend_from_slice(&bytes[parts.scans]);
    Some(out)
}

const WEBP_PRIVATE: [[u8; 4]; 2] = [*b"EXIF", *b"XMP "];

const APP0: u8 = 0xe0;

/// Exif, XMP, IPTC, comments and what makers add. JFIF, colour profiles and Adobe's note on the colours stay.
fn is_private(marker: u8, data: &[u8]) -> bool {
    const APP2: u8 = 0xe2;
    const APP14: u8 = 0xee;
    const APP15: u8 = 0xef;
    const COM: u8 = 0xfe;
    match marker {
        APP0 => !data.starts_with(b"JFIF"),
        APP2 => !data.starts_with(b"ICC_PROFILE"),
        APP14 => !data.starts_with(b"Adobe"),
        marker => (APP0..=APP15).contains(&marker) || marker == COM,
    }
}

/// A JPEG taken apart (ITU-T T.81, section B.1).
pub(super) struct JpegParts {
    /// What stands before the first scan.
    pub(super) segments: Vec<JpegSegment>,
    /// From the first scan to the end of the picture. Behind it cameras put further pictures, and films.
    scans: Range<usize>,
}

/// A marker with its data.
pub(super) struct JpegSegment {
    pub(super) marker: u8,
    /// Behind the length.
    pub(super) data: Range<usize>,
}

impl JpegParts {
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        const SCAN: u8 = 0xda;
        const END: u8 = 0xd9;
        let mut segments = Vec::new();
        let mut scans = None;
        let mut at = bytes.starts_with(b"\xff\xd8").then_some(2)?;
        // In a scan a marker is whatever follows 0xFF, but for 0 and restarts.
        while let Some(next) = memchr::memchr(0xff, bytes.get(at..)?).map(|next| at + next) {
            let marker = *bytes.get(next + 1)?;
            match marker {
                0xff => at = next + 1,
                0 | 0x01 | 0xd0..=0xd8 => at = next + 2,
                END => {
                    at = next + 2;
                    break;
                }
                marker => {
                    let length = bytes.get(next + 2..next + 4)?;
                    let end = next + 2 + usize::from(u16::from_be_bytes([length[0], length[1]]).max(2));
                    let data = next + 4..end;
                    bytes.get(data.clone())?;
                    if marker == SCAN {
                        scans.get_or_insert(next);
                    }
                    if scans.is_none() {
                        segments.push(JpegSegment { marker, data });
                    }
                    at = end;
                }
            }
        }
        Some(Self { segments, scans: scans?..at.min(bytes.len()) })
    }
}

/// The chunks that decide how a PNG looks (PNG, third edition, section 11; APNG among them).
fn is_look(chunk: &PngChunk) -> bool {
    const LOOK: [[u8; 4]; 18] = [
        *b"IHDR", *b"PLTE", *b"IDAT", *b"IEND", *b"tRNS", *b"cHRM", *b"gAMA", *b"iCCP", *b"sBIT", *b"sRGB",
        *b"cICP", *b"mDCV", *b"cLLI", *b"bKGD", *b"pHYs", *b"acTL", *b"fcTL", *b"fdAT",
    ];
    LOOK.contains(&chunk.kind())
}

/// Whether a TIFF says more than how its pixels are stored: a place, a camera, a name.
fn has_camera_tags(bytes: &[u8]) -> bool {
    use exif::{Context, Tag};
    const TEXTS: [Tag; 6] =
        [Tag::Make, Tag::Model, Tag::Artist, Tag::Copyright, Tag::DateTime, Tag::ImageDescription];
    let mut reader = exif::Reader::new();
    reader.continue_on_error(true);
    let read = reader.read_from_container(&mut Cursor::new(bytes));
    let read = read.or_else(|error| error.distill_partial_result(|_| {}));
    read.is_ok_and(|exif| {
        exif.fields().any(|field| field.tag.0 != Context::Tiff || TEXTS.contains(&field.tag))
    })
}

/// Exif with an orientation and nothing else (TIFF 6.0, section 2).
fn exif_of(orientation: Orientation) -> Vec<u8> {
    let mut block = b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    block.extend([orientation.number(), 0, 0, 0, 0, 0, 0]);
    block
}

/// Exif and XMP in a file of any format, as ranges of its bytes. In files of boxes (ISO/IEC 14496-12) the orientation is a
/// property of its own.
fn blocks(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut reader = exif::Reader::new();
    reader.continue_on_error(true);
    let read = reader.read_from_container(&mut Cursor::new(bytes));
    let read = read.or_else(|error| error.distill_partial_result(|_| {}));
    let mut blocks = Vec::new();
    if let Ok(exif) = read
        && let Some(at) = memchr::memmem::find(bytes, exif.buf())
        && bytes[at..at + exif.buf().len()].iter().any(|byte| *byte != b' ')
    {
        blocks.push(at..at + exif.buf().len());
    }
    let mut from = 0;
    while let Some(start) = memchr::memmem::find(&bytes[from..], b"<x:xmpmeta").map(|at| from + at) {
        const END: &[u8] = b"</x:xmpmeta>";
        let end = memchr::memmem::find(&bytes[start..], END).map_or(bytes.len(), |at| start + at + END.len());
        blocks.push(start..end);
        from = end;
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::SourcePath;
    use crate::picture::header::PictureHeader;

    /// The same numbers each time.
    struct Numbers(u32);

    impl Numbers {
        fn below(&mut self, most: usize) -> usize {
            self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (self.0 >> 8) as usize % most.max(1)
        }
    }

    fn jpeg() -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 80);
        encoder.set_progressive(true);
        encoder.add_exif_metadata(&exif_of(Orientation::UPRIGHT)).unwrap();
        encoder.encode(&[90; 48 * 32 * 3], 48, 32, jpeg_encoder::ColorType::Rgb).unwrap();
        bytes.extend_from_slice(b"\xff\xd8 a film");
        bytes
    }

    fn png() -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, 20, 20);
        encoder.add_text_chunk("Author".to_owned(), "Mirren Vale".to_owned()).unwrap();
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&[7; 400]).unwrap();
        writer.finish().unwrap();
        bytes
    }

    /// Whatever is done to the bytes of a picture, its header is read, and what is published of it has nothing more to
    /// lose.
    #[test]
    fn damaged_files_are_read_and_stripped_once() {
        let path = SourcePath::new("content/a.jpg").unwrap();
        let webp =
            b"RIFF\x2e\0\0\0WEBPVP8X\x0a\0\0\0\x08\0\0\0\x0f\0\0\x0f\0\0EXIF\x04\0\0\0abcdXMP \x04\0\0\0efgh"
                .to_vec();
        let gif =
            b"GIF89a\x08\0\x08\0\x80\0\0\xff\0\0\0\0\xff\x2c\0\0\0\0\x08\0\x08\0\0\x02\x02\x44\x01\0\x3b"
                .to_vec();
        let avif = b"\0\0\0\x18ftypavif\0\0\0\0mif1avif<x:xmpmeta>Mirren</x:xmpmeta>".to_vec();
        let svg = b"<svg viewBox='0 0 3 2'><script>x</script></svg>".to_vec();
        let mut numbers = Numbers(7);
        for whole in [jpeg(), png(), webp, gif, avif, svg] {
            for round in 0..400 {
                let mut bytes = whole.clone();
                for _ in 0..round % 7 {
                    match numbers.below(3) {
                        0 => bytes.truncate(numbers.below(bytes.len()).max(1)),
                        1 => {
                            let at = numbers.below(bytes.len());
                            bytes[at] = numbers.below(256) as u8;
                        }
                        _ => {
                            let at = numbers.below(bytes.len());
                            bytes.insert(at, 0xff);
                        }
                    }
                }
                let header = PictureHeader::of(&path, &bytes).expect("its name is that of a picture");
                let published = without(header.format, &bytes);
                // Only the orientation is left, which is what is written again.
                if PictureHeader::of(&path, &published).is_some_and(|header| header.has_private_data) {
                    assert_eq!(without(header.format, &published), published, "{header:?} {bytes:?}");
                }
            }
        }
    }

    #[test]
    fn what_tells_of_a_person_is_left_out() {
        let has = |bytes: &[u8], text: &[u8]| memchr::memmem::find(bytes, text).is_some();
        let photograph = without(PictureFormat::Jpeg, &jpeg());
        assert!(
            photograph.ends_with(b"\xff\xd9") && !has(&photograph, b"film") && !has(&photograph, b"Exif")
        );
        assert!(!has(&without(PictureFormat::Png, &png()), b"Mirren"));
        let avif = b"\0\0\0\x18ftypavif\0\0\0\0mif1avif<x:xmpmeta>Mirren</x:xmpmeta>";
        assert_eq!(without(PictureFormat::Avif, avif).len(), avif.len());
        assert!(!has(&without(PictureFormat::Avif, avif), b"Mirren"));
    }

    #[test]
    fn an_animation_keeps_its_frames_and_its_loop_only() {
        let head = b"GIF89a\x08\0\x08\0\x80\0\0\xff\0\0\0\0\xff";
        let times = b"!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0";
        let control = b"!\xf9\x04\0\x0a\0\0\0";
        let frame = b",\0\0\0\0\x08\0\x08\0\0\x02\x02\x44\x01\0";
        let comment = b"!\xfe\x06Mirren\0";
        let xmp = b"!\xff\x0bXMP DataXMP\x08<Mirren>\0";
        let plain = [&head[..], times, control, frame, control, frame, b";"].concat();
        let told =
            [&head[..], comment, times, xmp, control, frame, comment, control, frame, b";Mirren"].concat();
        assert!(is_in(PictureFormat::Gif, &told) && !is_in(PictureFormat::Gif, &plain));
        let published = without(PictureFormat::Gif, &told);
        assert!(!is_in(PictureFormat::Gif, &published));
        assert_eq!(published, plain);
    }

    #[test]
    fn a_drawing_keeps_what_is_drawn_and_who_allows_it() {
        use base64::Engine as _;
        let photograph = base64::engine::general_purpose::STANDARD.encode(jpeg());
        let told = format!(
            "<?xml version=\"1.0\"?>\n<!-- Mirren's draft -->\n<!-- Licence: MIT -->\n<svg xmlns:inkscape='i' \
             sodipodi:docname=\"/home/mirren/a > b.svg\" viewBox=\"0 0 3 2\"\n inkscape:export-filename='/home/mirren/a.png'>\
             <metadata id='m'><rdf:RDF>Mirren</rdf:RDF></metadata><metadata/><style>a &gt; b {{}}</style>\
             <image href=\"data:image/jpeg;base64,{photograph}\"/><text>Mirren</text></svg><?xpacket end='w'?>"
        );
        let published = without(PictureFormat::Svg, told.as_bytes());
        let published = String::from_utf8(published).expect("it is text");
        let inner = base64::engine::general_purpose::STANDARD.encode(without(PictureFormat::Jpeg, &jpeg()));
        assert_eq!(
            published,
            format!(
                "<?xml version=\"1.0\"?>\n\n<!-- Licence: MIT -->\n<svg xmlns:inkscape='i' viewBox=\"0 0 3 2\">\
                 <style>a &gt; b {{}}</style><image href=\"data:image/jpeg;base64,{inner}\"/><text>Mirren</text></svg>"
            )
        );
        assert!(!is_in(PictureFormat::Svg, published.as_bytes()));
    }

    #[test]
    fn a_file_of_tags_keeps_its_pixels() {
        let tiff = exif_of(Orientation::UPRIGHT);
        assert_eq!(without(PictureFormat::Tiff, &tiff), tiff);
        assert!(!is_in(PictureFormat::Tiff, &tiff));
        // The same with the name of a maker, of four bytes, in place of the orientation.
        let told = b"MM\0\x2a\0\0\0\x08\0\x01\x01\x0f\0\x02\0\0\0\x04Ace\0\0\0\0\0";
        assert!(is_in(PictureFormat::Tiff, told));
    }
}
