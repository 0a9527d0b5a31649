//! From the bytes of a file to pixels, no more of them than are needed.

use std::io::Cursor;

use jpeg_decoder::PixelFormat;
use png::{BitDepth, ColorType, Limits, Transformations};

use super::PictureFault;
use super::pixels::{Channels, Extent, Pixels};
use crate::picture::header::{PictureFormat, PictureHeader};

/// A decoded picture.
pub(super) struct Decoded {
    pub(super) pixels: Pixels,
    /// The part of the pixels that the picture takes.
    pub(super) extent: Extent,
    /// The profile of its colours.
    pub(super) profile: Option<Vec<u8>>,
}

/// Decodes a picture. Its sides may be divided by `shrinking` on the way.
pub(super) fn decode(bytes: &[u8], header: &PictureHeader, shrinking: u32) -> Result<Decoded, PictureFault> {
    match header.format {
        PictureFormat::Jpeg => jpeg(bytes, shrinking),
        PictureFormat::Png => png(bytes, shrinking),
        PictureFormat::Webp => webp(bytes),
        _ => Err(PictureFault::Undecodable("files of this format are not decoded".to_owned())),
    }
}

fn undecodable(error: impl std::fmt::Display) -> PictureFault {
    PictureFault::Undecodable(error.to_string())
}

fn jpeg(bytes: &[u8], shrinking: u32) -> Result<Decoded, PictureFault> {
    let mut decoder = jpeg_decoder::Decoder::new(bytes);
    decoder.read_info().map_err(undecodable)?;
    let info = decoder.info().ok_or_else(|| undecodable("the file has no frame"))?;
    let shrunk = |side: u16| u16::try_from(u32::from(side).div_ceil(shrinking)).unwrap_or(side);
    let (width, height) = decoder.scale(shrunk(info.width), shrunk(info.height)).map_err(undecodable)?;
    let mut data = decoder.decode().map_err(undecodable)?;
    let channels = match info.pixel_format {
        PixelFormat::L8 => Channels::Gray,
        PixelFormat::L16 => {
            // Two bytes in the order of the machine; the upper one is enough for the eye.
            data = data
                .chunks_exact(2)
                .map(|pair| u16::from_ne_bytes([pair[0], pair[1]]).to_be_bytes()[0])
                .collect();
            Channels::Gray
        }
        PixelFormat::RGB24 => Channels::Rgb,
        PixelFormat::CMYK32 => Channels::Cmyk,
    };
    let profile = decoder.icc_profile();
    let pixels = Pixels { width: width.into(), height: height.into(), channels, data };
    let factor = f64::from(u32::from(info.width).div_ceil(u32::from(width)));
    let extent = Extent { width: f64::from(info.width) / factor, height: f64::from(info.height) / factor };
    Ok(Decoded { pixels, extent, profile })
}

fn png(bytes: &[u8], shrinking: u32) -> Result<Decoded, PictureFault> {
    const MOST_BESIDES_PIXELS: usize = 64 << 20;
    let mut decoder =
        png::Decoder::new_with_limits(Cursor::new(bytes), Limits { bytes: MOST_BESIDES_PIXELS });
    decoder.set_ignore_text_chunk(true);
    decoder.set_transformations(Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(undecodable)?;
    let (width, height) = (reader.info().width, reader.info().height);
    let profile = reader.info().icc_profile.as_ref().map(|profile| profile.to_vec());
    let (color, depth) = reader.output_color_type();
    if depth != BitDepth::Eight {
        return Err(undecodable("the pixels have no whole bytes"));
    }
    let is_gray_with_alpha = color == ColorType::GrayscaleAlpha;
    let channels = match color {
        ColorType::Grayscale => Channels::Gray,
        ColorType::Rgb => Channels::Rgb,
        _ => Channels::Rgba,
    };
    if shrinking > 1 {
        let mut rows = RowSums::new(width, shrinking, channels);
        while let Some(row) = reader.next_row().map_err(undecodable)? {
            match is_gray_with_alpha {
                true => rows.add(&with_colors(row.data())),
                false => rows.add(row.data()),
            }
        }
        let pixels = rows.finish();
        let factor = f64::from(shrinking);
        let extent = Extent { width: f64::from(width) / factor, height: f64::from(height) / factor };
        return Ok(Decoded { pixels, extent, profile });
    }
    let size = reader.output_buffer_size().ok_or_else(|| undecodable("the picture is too large"))?;
    let mut data = vec![0; size];
    reader.next_frame(&mut data).map_err(undecodable)?;
    if is_gray_with_alpha {
        data = with_colors(&data);
    }
    let pixels = Pixels { width, height, channels, data };
    Ok(Decoded { extent: pixels.extent(), pixels, profile })
}

/// Gray and alpha as red, green, blue and alpha.
fn with_colors(row: &[u8]) -> Vec<u8> {
    row.chunks_exact(2).flat_map(|pixel| [pixel[0], pixel[0], pixel[0], pixel[1]]).collect()
}

/// Makes one pixel of each square of several, as the rows come: the whole picture is never in memory.
struct RowSums {
    width: usize,
    factor: usize,
    channels: Channels,
    /// Sums of the squares of the current rows; of colours with alpha as far as they are seen.
    sums: Vec<u64>,
    rows: usize,
    shrunk: Pixels,
}

impl RowSums {
    fn new(width: u32, factor: u32, channels: Channels) -> Self {
        let columns = width.div_ceil(factor);
        Self {
            width: width as usize,
            factor: factor as usize,
            channels,
            sums: vec![0; columns as usize * channels.count()],
            rows: 0,
            shrunk: Pixels { width: columns, height: 0, channels, data: Vec::new() },
        }
    }

    fn add(&mut self, row: &[u8]) {
        let each = self.channels.count();
        for (square, sums) in row.chunks(self.factor * each).zip(self.sums.chunks_exact_mut(each)) {
            for pixel in square.chunks_exact(each) {
                match (self.channels, pixel) {
                    (Channels::Rgba, &[red, green, blue, alpha]) => {
                        for (sum, color) in sums.iter_mut().zip([red, green, blue]) {
                            *sum += u64::from(color) * u64::from(alpha);
                        }
                        sums[3] += u64::from(alpha);
                    }
                    _ => sums.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += u64::from(*value)),
                }
            }
        }
        self.rows += 1;
        if self.rows == self.factor {
            self.end_square();
        }
    }

    fn end_square(&mut self) {
        let each = self.channels.count();
        let byte = |value: u64| u8::try_from(value).unwrap_or(u8::MAX);
        for (column, sums) in self.sums.chunks_exact(each).enumerate() {
            let columns = self.factor.min(self.width - column * self.factor);
            let pixels = (columns * self.rows) as u64;
            match (self.channels, sums) {
                (Channels::Rgba, &[red, green, blue, alpha]) => {
                    let seen = alpha.max(1);
                    self.shrunk.data.extend([red, green, blue].map(|sum| byte((sum + seen / 2) / seen)));
                    self.shrunk.data.push(byte((alpha + pixels / 2) / pixels));
                }
                _ => self.shrunk.data.extend(sums.iter().map(|sum| byte((sum + pixels / 2) / pixels))),
            }
        }
        self.sums.fill(0);
        self.rows = 0;
        self.shrunk.height += 1;
    }

    fn finish(mut self) -> Pixels {
        if self.rows > 0 {
            self.end_square();
        }
        self.shrunk
    }
}

fn webp(bytes: &[u8]) -> Result<Decoded, PictureFault> {
    let mut decoder = image_webp::WebPDecoder::new(Cursor::new(bytes)).map_err(undecodable)?;
    let (width, height) = decoder.dimensions();
    let profile = decoder.icc_profile().ok().flatten();
    let size = decoder.output_buffer_size().ok_or_else(|| undecodable("the picture is too large"))?;
    let mut data = vec![0; size];
    decoder.read_image(&mut data).map_err(undecodable)?;
    let channels = if decoder.has_alpha() { Channels::Rgba } else { Channels::Rgb };
    let pixels = Pixels { width, height, channels, data };
    Ok(Decoded { extent: pixels.extent(), pixels, profile })
}
