//! From pixels to the bytes of a file.

use jpeg_encoder::{ColorType, SamplingFactor};
use webpx::Unstoppable;

use super::PictureFault;
use super::pixels::{Channels, Pixels};
use crate::picture::renditions::RenditionEncoding;

/// Encodes pixels in sRGB.
pub(super) fn encode(pixels: &Pixels, encoding: RenditionEncoding) -> Result<Vec<u8>, PictureFault> {
    match encoding {
        RenditionEncoding::Jpeg { quality } => jpeg(pixels, quality),
        RenditionEncoding::Webp { quality } => {
            webp(pixels, |encoder| encoder.quality(f32::from(quality)).method(4))
        }
        RenditionEncoding::LosslessWebp => {
            webp(pixels, |encoder| encoder.lossless(true).quality(70.0).method(4))
        }
        RenditionEncoding::Avif { quality, speed } => avif(pixels, quality, speed),
    }
}

fn failed(error: impl std::fmt::Display) -> PictureFault {
    PictureFault::Undecodable(error.to_string())
}

fn webp(
    pixels: &Pixels,
    set: impl for<'p> Fn(webpx::Encoder<'p>) -> webpx::Encoder<'p>,
) -> Result<Vec<u8>, PictureFault> {
    let (width, height) = (pixels.width, pixels.height);
    let data = pixels.in_rgb();
    let encoder = match pixels.channels {
        Channels::Rgba => webpx::Encoder::new_rgba(&data, width, height),
        _ => webpx::Encoder::new_rgb(&data, width, height),
    };
    set(encoder).encode(Unstoppable).map_err(failed)
}

fn jpeg(pixels: &Pixels, quality: u8) -> Result<Vec<u8>, PictureFault> {
    let mut out = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut out, quality);
    encoder.set_sampling_factor(SamplingFactor::R_4_2_0);
    encoder.set_optimized_huffman_tables(true);
    let side = |side: u32| u16::try_from(side).map_err(failed);
    let color = match pixels.channels {
        Channels::Gray => ColorType::Luma,
        Channels::Rgb => ColorType::Rgb,
        Channels::Rgba | Channels::Cmyk => ColorType::Rgba,
    };
    encoder.encode(&pixels.data, side(pixels.width)?, side(pixels.height)?, color).map_err(failed)?;
    Ok(out)
}

#[cfg(feature = "avif")]
fn avif(pixels: &Pixels, quality: u8, speed: u8) -> Result<Vec<u8>, PictureFault> {
    use ravif::{Img, RGB8, RGBA8};
    let encoder = ravif::Encoder::new()
        .with_quality(f32::from(quality))
        .with_alpha_quality(f32::from(quality))
        .with_speed(speed)
        // Files are encoded side by side already.
        .with_num_threads(Some(1));
    let (width, height) = (pixels.width as usize, pixels.height as usize);
    let data = pixels.in_rgb();
    let encoded = match pixels.channels {
        Channels::Rgba => {
            let pixels: Vec<RGBA8> =
                data.chunks_exact(4).map(|p| RGBA8::new(p[0], p[1], p[2], p[3])).collect();
            encoder.encode_rgba(Img::new(&pixels, width, height))
        }
        _ => {
            let pixels: Vec<RGB8> = data.chunks_exact(3).map(|p| RGB8::new(p[0], p[1], p[2])).collect();
            encoder.encode_rgb(Img::new(&pixels, width, height))
        }
    };
    encoded.map(|encoded| encoded.avif_file).map_err(failed)
}

#[cfg(not(feature = "avif"))]
fn avif(_: &Pixels, _: u8, _: u8) -> Result<Vec<u8>, PictureFault> {
    Err(failed("this program was built without AVIF"))
}
