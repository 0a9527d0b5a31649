//! Pictures: in which sizes and formats they are shown.

use serde::Serialize;

use crate::config::section;
use crate::spanned::{Fields, SourceText, Spanned, Value};

/// How pictures are shown.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct ImageSettings {
    /// Widths in pixels, the smallest first.
    pub widths: Vec<u32>,
    /// Formats besides that of the fallback, the one that is preferred first.
    pub formats: Vec<ImageFormat>,
    /// How much of a photograph is kept.
    pub quality: ImageQuality,
    /// From 1, the slowest and smallest, to 10.
    pub avif_speed: u8,
    /// Pictures with more pixels are not decoded.
    pub max_pixels: u64,
    /// What decoding pictures may take in all, in megabytes.
    pub memory_mb: u64,
    /// Which of the files that pictures are made of are published.
    pub original: PublishedOriginals,
    /// What becomes of places, names and other data in published files.
    pub strip: PrivateDataRule,
    /// Whether posts without a picture get one of their title, for previews of links.
    pub cards: bool,
}

/// A format that browsers choose among.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ImageFormat {
    /// Understood by each browser since 2020.
    Webp,
    /// A quarter smaller, and nine times as slow to make.
    Avif,
}

/// How much of a photograph is kept, from 1 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct ImageQuality {
    /// Of WebP.
    pub webp: u8,
    /// Of JPEG.
    pub jpeg: u8,
    /// Of AVIF.
    pub avif: u8,
}

/// Which of the files that pictures are made of are published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PublishedOriginals {
    /// Beside posts those that something leads to; in `static/` all.
    Linked,
    /// All.
    All,
}

/// What becomes of places, names and other data in published files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PrivateDataRule {
    /// It is left out.
    All,
    /// It is published.
    Nothing,
}

impl Default for ImageSettings {
    fn default() -> Self {
        Self {
            widths: vec![480, 960, 1600],
            formats: vec![ImageFormat::Webp],
            quality: ImageQuality { webp: 75, jpeg: 80, avif: 60 },
            avif_speed: 10,
            max_pixels: 100_000_000,
            memory_mb: 128,
            original: PublishedOriginals::Linked,
            strip: PrivateDataRule::All,
            cards: false,
        }
    }
}

pub(super) fn read(source: SourceText<'_>, fields: &mut Fields<'_>) -> ImageSettings {
    let default = ImageSettings::default();
    section(source, fields, "images", |fields| ImageSettings {
        widths: widths(fields).unwrap_or(default.widths),
        formats: formats(fields).unwrap_or(default.formats),
        quality: quality(source, fields, default.quality),
        avif_speed: fields.integer("avif_speed", 1..=10).map_or(default.avif_speed, small),
        max_pixels: fields
            .integer("max_pixels", 1..=4_000_000_000)
            .map_or(default.max_pixels, |most| most as u64),
        memory_mb: fields.integer("memory_mb", 16..=65_536).map_or(default.memory_mb, |most| most as u64),
        original: choice(
            fields,
            "original",
            [("linked", PublishedOriginals::Linked), ("all", PublishedOriginals::All)],
        )
        .unwrap_or(default.original),
        strip: choice(
            fields,
            "strip",
            [("all", PrivateDataRule::All), ("nothing", PrivateDataRule::Nothing)],
        )
        .unwrap_or(default.strip),
        cards: fields.bool("cards").unwrap_or(default.cards),
    })
}

fn small(number: usize) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}

fn widths(fields: &mut Fields<'_>) -> Option<Vec<u32>> {
    const HINT: &str = "write it as `widths = [480, 960, 1600]`, with whole numbers from 16 to 16000";
    let taken = fields.take("widths")?;
    let numbers = match &taken.value {
        Value::List(nodes) => nodes.iter().map(width).collect::<Option<Vec<u32>>>(),
        _ => None,
    };
    let Some(mut widths) = numbers.filter(|numbers| !numbers.is_empty() && numbers.len() <= 12) else {
        fields.report(
            taken.span,
            "`images.widths` must be a list of widths in pixels",
            Some(HINT.to_owned()),
        );
        return None;
    };
    widths.sort_unstable();
    widths.dedup();
    Some(widths)
}

fn width(node: &Spanned<Value>) -> Option<u32> {
    let Value::Integer(number) = &node.value else { return None };
    u32::try_from(*number).ok().filter(|width| (16..=16_000).contains(width))
}

fn formats(fields: &mut Fields<'_>) -> Option<Vec<ImageFormat>> {
    if !fields.has("formats") {
        return None;
    }
    let mut formats = Vec::new();
    for taken in fields.texts("formats") {
        let format = match taken.value.to_ascii_lowercase().as_str() {
            "webp" => ImageFormat::Webp,
            "avif" if cfg!(feature = "avif") => ImageFormat::Avif,
            "avif" => {
                let hint =
                    "install one that does with `cargo install backmatter --features avif`, or leave it out";
                fields.report(taken.span, "this program was built without AVIF", Some(hint.to_owned()));
                continue;
            }
            other => {
                let message = format!("`{other}` is not a format that pictures are made in");
                let hint = "known are `webp` and `avif`; a JPEG or the file itself is always there as well";
                fields.report(taken.span, message, Some(hint.to_owned()));
                continue;
            }
        };
        if !formats.contains(&format) {
            formats.push(format);
        }
    }
    // A browser takes the first it understands, and the smaller one has to come first.
    formats.sort_by_key(|format| *format == ImageFormat::Webp);
    Some(formats)
}

fn quality(source: SourceText<'_>, fields: &mut Fields<'_>, default: ImageQuality) -> ImageQuality {
    section(source, fields, "quality", |fields| ImageQuality {
        webp: fields.integer("webp", 1..=100).map_or(default.webp, small),
        jpeg: fields.integer("jpeg", 1..=100).map_or(default.jpeg, small),
        avif: fields.integer("avif", 1..=100).map_or(default.avif, small),
    })
}

fn choice<T>(fields: &mut Fields<'_>, key: &'static str, choices: [(&str, T); 2]) -> Option<T> {
    let taken = fields.text(key)?;
    let hint = format!("write `\"{}\"` or `\"{}\"`", choices[0].0, choices[1].0);
    let found = choices.into_iter().find(|(name, _)| *name == taken.value);
    if found.is_none() {
        fields.report(taken.span, format!("`images.{key}` cannot be `{}`", taken.value), Some(hint));
    }
    found.map(|(_, value)| value)
}
