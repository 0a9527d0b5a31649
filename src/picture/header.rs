//! What the first bytes of a picture say of it.

use imagesize::ImageType;
use serde::{Deserialize, Serialize};

use crate::path::SourcePath;
use crate::picture::orientation::{Orientation, orientation};
use crate::picture::private_data::{self, JpegParts};
use crate::picture::size::ImageSize;

/// What is known of a picture without decoding it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PictureHeader {
    pub format: PictureFormat,
    /// How large it is shown, as Chromium shows it.
    pub size: Option<ImageSize>,
    pub orientation: Orientation,
    pub content: PictureContent,
    /// What decoding it takes.
    pub decoding: Decoding,
    /// Whether it holds a place, a name or other data besides the picture.
    pub has_private_data: bool,
}

/// The format of a file, by its bytes: a name may end in that of another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PictureFormat {
    Jpeg,
    Png,
    Webp,
    Gif,
    Avif,
    Svg,
    /// What iPhones make, and no browser but Safari shows.
    Heic,
    /// What scanners make, and no browser but Safari shows.
    Tiff,
    /// Another one that browsers show.
    Other,
    /// Not a picture, though the name says so.
    Unknown,
}

impl PictureFormat {
    /// Whether it holds pixels of its own, and not a drawing or another picture.
    pub(super) fn is_pixels(self) -> bool {
        !matches!(self, Self::Svg | Self::Unknown)
    }
}

/// What a picture is made of, as far as its header tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PictureContent {
    /// Light: small losses are not seen.
    Photograph,
    /// Lines, few colours or transparent parts: each loss is seen.
    Drawing,
    /// Several pictures, one after the other.
    Animation,
    /// A drawing that holds a program.
    Script,
}

/// What decoding takes, to bound memory before it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Decoding {
    /// One row after the other: smaller pictures can be made on the way.
    Rows,
    /// All pixels at once, with this number of bytes each.
    Whole(u8),
}

impl PictureHeader {
    /// What the bytes of a file say; `None` if its name is not that of a picture.
    pub fn of(path: &SourcePath, bytes: &[u8]) -> Option<Self> {
        const ENDINGS: [&str; 15] = [
            "svg", "png", "apng", "jpg", "jpeg", "jfif", "gif", "webp", "avif", "bmp", "ico", "tif", "tiff",
            "heic", "heif",
        ];
        if !ENDINGS.contains(&path.extension().as_str()) {
            return None;
        }
        let format = format(bytes);
        let size = ImageSize::of(path, bytes);
        let (content, decoding) = match format {
            PictureFormat::Jpeg => (PictureContent::Photograph, jpeg_decoding(bytes)),
            PictureFormat::Png => png(bytes, size),
            PictureFormat::Webp => (webp_content(bytes), Decoding::Whole(5)),
            PictureFormat::Gif if has_several_frames(bytes) => {
                (PictureContent::Animation, Decoding::Whole(4))
            }
            PictureFormat::Svg if has_script(bytes) => (PictureContent::Script, Decoding::Rows),
            _ => (PictureContent::Drawing, Decoding::Whole(4)),
        };
        Some(Self {
            format,
            size,
            orientation: orientation(bytes),
            content,
            decoding,
            has_private_data: private_data::is_in(format, bytes),
        })
    }
}

/// The format of a file, by its first bytes.
pub(super) fn format(bytes: &[u8]) -> PictureFormat {
    match imagesize::image_type(bytes) {
        Ok(ImageType::Jpeg) => PictureFormat::Jpeg,
        Ok(ImageType::Png) => PictureFormat::Png,
        Ok(ImageType::Webp) => PictureFormat::Webp,
        Ok(ImageType::Gif) => PictureFormat::Gif,
        Ok(ImageType::Heif(imagesize::Compression::Av1)) => PictureFormat::Avif,
        Ok(ImageType::Heif(_)) => PictureFormat::Heic,
        Ok(ImageType::Tiff) => PictureFormat::Tiff,
        Ok(ImageType::Bmp | ImageType::Ico) => PictureFormat::Other,
        _ if is_svg(bytes) => PictureFormat::Svg,
        _ => PictureFormat::Unknown,
    }
}

fn is_svg(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(4096)];
    memchr::memmem::find(start, b"<svg").is_some() || memchr::memmem::find(start, b":svg").is_some()
}

/// Whether an SVG holds a program (SVG 2, chapter 15): a script, an attribute of an event, or an address that is one.
fn has_script(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let mut reader = quick_xml::Reader::from_str(text.trim_start_matches('\u{feff}'));
    reader.config_mut().check_end_names = false;
    loop {
        match reader.read_event() {
            Ok(quick_xml::events::Event::Start(tag) | quick_xml::events::Event::Empty(tag)) => {
                if tag.local_name().as_ref().eq_ignore_ascii_case("script")
                    || tag.attributes().with_checks(false).flatten().any(|attribute| {
                        let name = attribute.key.local_name();
                        let value = attribute.value.trim_start().to_ascii_lowercase();
                        name.as_ref().get(..2).is_some_and(|start| start.eq_ignore_ascii_case("on"))
                            || value.starts_with("javascript:")
                    })
                {
                    return true;
                }
            }
            Ok(quick_xml::events::Event::Eof) | Err(_) => return false,
            Ok(_) => {}
        }
    }
}

/// A progressive JPEG is kept whole, two bytes for each sample of each component, until its last scan (ITU-T T.81,
/// section G.1).
fn jpeg_decoding(bytes: &[u8]) -> Decoding {
    const PROGRESSIVE: u8 = 0xc2;
    let parts = JpegParts::of(bytes);
    let frame =
        parts.as_ref().and_then(|parts| parts.segments.iter().find(|segment| segment.marker == PROGRESSIVE));
    let Some(frame) = frame else { return Decoding::Rows };
    // Section B.2.2: precision, two lengths, the number of components, then three bytes for each.
    let components = bytes[frame.data.clone()].get(6..).unwrap_or_default();
    let sampling: Vec<u8> = components.chunks_exact(3).map(|component| component[1]).collect();
    let samples = |factors: u8| u32::from(factors >> 4) * u32::from(factors & 15);
    let most = sampling.iter().copied().map(samples).max().unwrap_or(1).max(1);
    let all: u32 = sampling.iter().copied().map(samples).sum();
    Decoding::Whole(u8::try_from((2 * all).div_ceil(most)).unwrap_or(u8::MAX))
}

/// PNG, third edition, section 11.
fn png(bytes: &[u8], size: Option<ImageSize>) -> (PictureContent, Decoding) {
    let header = bytes.get(16..29).unwrap_or_default();
    let &[_, _, _, _, _, _, _, _, depth, color, _, _, interlace] = header else {
        return (PictureContent::Drawing, Decoding::Rows);
    };
    let channels: u8 = match color {
        2 => 3,
        4 => 2,
        6 => 4,
        _ => 1,
    };
    let decoding = match interlace {
        0 => Decoding::Rows,
        // An indexed one has up to four channels when its colours are looked up.
        _ => Decoding::Whole(if color == 3 { 4 } else { channels * depth.div_ceil(8) }),
    };
    let before_data = &bytes[..memchr::memmem::find(bytes, b"IDAT").unwrap_or(bytes.len())];
    let has = |chunk: &[u8]| memchr::memmem::find(before_data, chunk).is_some();
    let pixels = match size {
        Some(ImageSize::Pixels(width, height)) => u64::from(width) * u64::from(height),
        _ => 0,
    };
    let content = if has(b"acTL") {
        PictureContent::Animation
    } else if color != 2 || has(b"tRNS") || (bytes.len() as u64) < pixels {
        // What takes less than a byte for a pixel without loss has areas of one colour.
        PictureContent::Drawing
    } else {
        PictureContent::Photograph
    };
    (content, decoding)
}

/// WebP container specification, section "Extended file format".
fn webp_content(bytes: &[u8]) -> PictureContent {
    let kind = bytes.get(12..16).unwrap_or_default();
    let flags = if kind == b"VP8X" { bytes.get(20).copied().unwrap_or_default() } else { 0 };
    if flags & 0x02 != 0 {
        PictureContent::Animation
    } else if flags & 0x10 != 0 || kind == b"VP8L" {
        PictureContent::Drawing
    } else {
        PictureContent::Photograph
    }
}

/// Whether a GIF moves (GIF89a, section 20: each image begins with 0x2C).
fn has_several_frames(bytes: &[u8]) -> bool {
    let table = |flags: u8| if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
    let Some(&flags) = bytes.get(10) else { return false };
    let mut at = 13 + table(flags);
    let mut frames = 0;
    while let Some(&block) = bytes.get(at) {
        at = match block {
            0x2c => {
                frames += 1;
                if frames > 1 {
                    return true;
                }
                let Some(&flags) = bytes.get(at + 9) else { return false };
                at + 11 + table(flags)
            }
            0x21 => at + 2,
            _ => return false,
        };
        // Blocks of data up to one that is empty.
        while let Some(&length) = bytes.get(at) {
            at += 1 + usize::from(length);
            if length == 0 {
                break;
            }
        }
    }
    false
}
