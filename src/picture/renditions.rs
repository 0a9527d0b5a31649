//! Which smaller pictures there are of a picture, and their names.
//!
//! All of it follows from the header, the fingerprint of the file and the settings: nothing has to be decoded before a
//! page can name them. A name states its content, so a file of that name never changes, and one that is at its place
//! already need not be made again, on whichever machine.

use serde::Serialize;

use crate::config::images::{ImageFormat, ImageSettings};
use crate::hash::Hash;
use crate::path::{SourcePath, UrlPath};
use crate::picture::header::{Decoding, PictureContent, PictureFormat, PictureHeader};
use crate::picture::size::ImageSize;
use crate::post::slug::slugify;

/// Where renditions stand.
pub(crate) const FOLDER: &str = "i";

/// Changes whenever the same settings give other pixels or other bytes that are worth a new name.
const RECIPE: u32 = 1;

/// The width of pictures that stand for a page in previews of links.
const PREVIEW_WIDTH: u32 = 1200;

/// A smaller picture.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Rendition {
    pub url: UrlPath,
    pub width: u32,
    pub height: u32,
    pub encoding: RenditionEncoding,
}

/// How a rendition is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum RenditionEncoding {
    Jpeg { quality: u8 },
    Webp { quality: u8 },
    LosslessWebp,
    Avif { quality: u8, speed: u8 },
}

impl RenditionEncoding {
    /// The ending of its files.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg { .. } => "jpg",
            Self::Webp { .. } | Self::LosslessWebp => "webp",
            Self::Avif { .. } => "avif",
        }
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg { .. } => "image/jpeg",
            Self::Webp { .. } | Self::LosslessWebp => "image/webp",
            Self::Avif { .. } => "image/avif",
        }
    }

    /// The encoder, as another release of it may write other bytes.
    fn encoder(self) -> &'static str {
        match self {
            Self::Jpeg { .. } => "jpeg-encoder 0.7",
            Self::Webp { .. } => "libwebp 1.6 method 4",
            Self::LosslessWebp => "libwebp 1.6 lossless",
            Self::Avif { .. } => "ravif 0.13",
        }
    }
}

/// The smaller pictures of a picture.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Renditions {
    /// Of each format, the one that is preferred first, the smallest first.
    pub sources: Vec<Vec<Rendition>>,
    /// What is shown where none of these formats is understood; the file itself if there is none.
    pub fallback: Option<Rendition>,
    /// What stands for a page in previews of links; the file itself if there is none.
    pub preview: Option<Rendition>,
}

/// Why a picture has no renditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoRenditions {
    /// It is small enough as it is, or of a format that is shown as it is.
    AsItIs,
    /// It has more pixels than the settings admit.
    TooManyPixels,
    /// Decoding it takes more memory than the settings admit: this number of megabytes.
    TooMuchMemory(u64),
}

/// A file that renditions are made of.
#[derive(Debug, Clone, Copy)]
pub struct PictureFile<'a> {
    pub path: &'a SourcePath,
    pub header: &'a PictureHeader,
    /// The fingerprint of its bytes.
    pub hash: Hash,
    /// Its length.
    pub bytes: u64,
}

impl Renditions {
    /// The renditions of a file.
    pub fn of(file: PictureFile<'_>, settings: &ImageSettings) -> Result<Self, NoRenditions> {
        let Some(ImageSize::Pixels(width, height)) = file.header.size else {
            return Err(NoRenditions::AsItIs);
        };
        let is_decoded =
            matches!(file.header.format, PictureFormat::Jpeg | PictureFormat::Png | PictureFormat::Webp);
        let is_still = matches!(file.header.content, PictureContent::Photograph | PictureContent::Drawing);
        let widths = widths(file, width, height, settings);
        let Some(&largest) = widths.last().filter(|_| is_decoded && is_still) else {
            return Err(NoRenditions::AsItIs);
        };
        if u64::from(width) * u64::from(height) > settings.max_pixels {
            return Err(NoRenditions::TooManyPixels);
        }
        let megabytes = file.header.decoding_bytes(largest).div_ceil(1 << 20);
        if megabytes > settings.memory_mb {
            return Err(NoRenditions::TooMuchMemory(megabytes));
        }
        let is_drawing = file.header.content == PictureContent::Drawing;
        let encoding = |format: &ImageFormat| match format {
            ImageFormat::Webp if is_drawing => RenditionEncoding::LosslessWebp,
            ImageFormat::Webp => RenditionEncoding::Webp { quality: settings.quality.webp },
            ImageFormat::Avif => {
                RenditionEncoding::Avif { quality: settings.quality.avif, speed: settings.avif_speed }
            }
        };
        let of_format = |format: &ImageFormat| {
            widths
                .iter()
                .map(|&wanted| rendition(file, wanted, scaled(height, width, wanted), encoding(format)))
                .collect()
        };
        // A transparent part or a line of a drawing does not survive as a JPEG.
        let as_jpeg = |wanted: u32| {
            let is_smaller = u64::from(wanted) * 115 <= u64::from(width) * 100;
            let encoding = RenditionEncoding::Jpeg { quality: settings.quality.jpeg };
            (is_smaller && !is_drawing)
                .then(|| rendition(file, wanted, scaled(height, width, wanted), encoding))
        };
        let middle = settings.widths[settings.widths.len() / 2];
        Ok(Self {
            sources: settings.formats.iter().map(of_format).collect(),
            fallback: as_jpeg(middle),
            preview: as_jpeg(PREVIEW_WIDTH),
        })
    }

    /// Those that show the picture.
    pub fn shown(&self) -> impl Iterator<Item = &Rendition> {
        self.sources.iter().flatten().chain(&self.fallback)
    }

    /// The smallest one, of the format that most browsers understand.
    pub fn smallest(&self) -> Option<&Rendition> {
        self.sources.last()?.first()
    }

    /// The largest one, of the format that most browsers understand.
    pub fn largest(&self) -> Option<&Rendition> {
        self.sources.last()?.last()
    }
}

/// The widths that a picture is made in, the smallest first.
fn widths(file: PictureFile<'_>, width: u32, height: u32, settings: &ImageSettings) -> Vec<u32> {
    /// The longest side of a WebP.
    const LONGEST: u64 = 16_383;
    let smallest = settings.widths.first().copied().unwrap_or(u32::MAX);
    if width <= smallest {
        return Vec::new();
    }
    // Within 15 % of the next width a step is not worth a file.
    let mut widths: Vec<u32> = settings.widths.clone();
    widths.retain(|&wanted| u64::from(wanted) * 115 <= u64::from(width) * 100);
    let largest = settings.widths.last().copied().unwrap_or(0);
    let pixels = u64::from(width) * u64::from(height);
    // What was compressed well already only grows when it is encoded once more.
    let is_worth_it = file.header.format == PictureFormat::Png || file.bytes * 8 > pixels;
    if u64::from(width) * 100 < u64::from(largest) * 115 && is_worth_it {
        widths.push(width);
    }
    widths.retain(|&wanted| {
        u64::from(scaled(height, width, wanted)) <= LONGEST && u64::from(wanted) <= LONGEST
    });
    widths
}

fn rendition(file: PictureFile<'_>, width: u32, height: u32, encoding: RenditionEncoding) -> Rendition {
    const LONGEST_STEM: usize = 60;
    let name = file.path.file_name();
    let stem = slugify(name.rsplit_once('.').map_or(name, |(stem, _)| stem));
    let stem: String = stem.chars().take(LONGEST_STEM).collect();
    let stem = if stem.trim_matches('-').is_empty() { "image" } else { stem.trim_matches('-') };
    let key = Hash::of_value(&(RECIPE, file.hash, width, height, encoding, encoding.encoder())).to_string();
    let name = format!("/{FOLDER}/{stem}-{}-{width}.{}", &key[..12], encoding.extension());
    let url = UrlPath::new(&name).expect("letters, digits and dashes are an address");
    Rendition { url, width, height, encoding }
}

impl PictureHeader {
    /// What decoding takes at its peak for pictures of at most this width, in bytes.
    pub fn decoding_bytes(&self, largest: u32) -> u64 {
        let Some(ImageSize::Pixels(width, height)) = self.size else { return 0 };
        let pixels = u64::from(width) * u64::from(height);
        let factor = u64::from(self.shrinking(largest));
        // Each channel by itself and all together, on the way to the pixels.
        let shrunk = (pixels / (factor * factor)) * 7;
        match self.decoding {
            Decoding::Rows => shrunk,
            Decoding::Whole(each) if self.format == PictureFormat::Jpeg => pixels * u64::from(each) + shrunk,
            Decoding::Whole(each) => pixels * (u64::from(each) + 3),
        }
    }

    /// By how much a decoder may divide both sides on the way, if no picture wider than this is wanted.
    pub fn shrinking(&self, largest: u32) -> u32 {
        let Some(ImageSize::Pixels(width, _)) = self.size else { return 1 };
        let most = (width / largest.max(1)).max(1);
        match self.format {
            // The factors of a decoder that leaves out what is finest.
            PictureFormat::Jpeg => [8, 4, 2].into_iter().find(|factor| *factor <= most).unwrap_or(1),
            PictureFormat::Png if self.decoding == Decoding::Rows => most,
            _ => 1,
        }
    }
}

/// A length in proportion to another, in whole pixels and never 0.
fn scaled(length: u32, from: u32, to: u32) -> u32 {
    let scaled = (u64::from(length) * u64::from(to) + u64::from(from) / 2) / u64::from(from.max(1));
    u32::try_from(scaled.max(1)).unwrap_or(u32::MAX)
}
