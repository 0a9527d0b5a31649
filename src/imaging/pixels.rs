//! Pixels, and making fewer of them.

use std::borrow::Cow;

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{PixelType, ResizeOptions, Resizer};

use crate::imaging::PictureFault;
use crate::picture::orientation::Orientation;

/// What the bytes of a pixel are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Channels {
    Gray,
    Rgb,
    Rgba,
    /// Amounts of ink.
    Cmyk,
}

impl Channels {
    pub(super) fn count(self) -> usize {
        match self {
            Self::Gray => 1,
            Self::Rgb => 3,
            Self::Rgba | Self::Cmyk => 4,
        }
    }

    fn pixel_type(self) -> PixelType {
        match self {
            Self::Gray => PixelType::U8,
            Self::Rgb => PixelType::U8x3,
            Self::Rgba | Self::Cmyk => PixelType::U8x4,
        }
    }

    /// Rows that are made at a time of a picture that is made this high from one this wide. Between its two steps the resizer
    /// keeps these rows in the width of the source: for all rows of a photograph that is more memory than its result.
    fn band_rows(self, source_width: u32, height: u32) -> usize {
        const BAND_BYTES: usize = 4 << 20;
        match self {
            // The resizer multiplies the whole source by its alpha for each band.
            Self::Rgba => height as usize,
            Self::Gray | Self::Rgb | Self::Cmyk => {
                (BAND_BYTES / (source_width as usize * self.count()).max(1)).max(1)
            }
        }
    }
}

/// A picture in memory, a byte for each channel of each pixel.
#[derive(Debug, Clone)]
pub(super) struct Pixels {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) channels: Channels,
    pub(super) data: Vec<u8>,
}

/// The part of a picture that holds it: the last column and row may be filled up by a decoder.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extent {
    pub(super) width: f64,
    pub(super) height: f64,
}

/// A length in pixels, to 1/65,536 of one: sums and differences of such lengths have no rounding error, with which a part would
/// end an ulp beyond the picture.
fn exact(length: f64) -> f64 {
    (length * 65_536.0).floor() / 65_536.0
}

impl Pixels {
    /// The whole of it.
    pub(super) fn extent(&self) -> Extent {
        Extent { width: f64::from(self.width), height: f64::from(self.height) }
    }

    /// The same picture with other numbers of columns and rows.
    pub(super) fn resized(
        &self,
        extent: Extent,
        width: u32,
        height: u32,
        resizer: &mut Resizer,
    ) -> Result<Self, PictureFault> {
        self.resized_by(self.channels.band_rows(self.width, height), extent, width, height, resizer)
    }

    /// Makes a number of rows at a time.
    fn resized_by(
        &self,
        band_rows: usize,
        extent: Extent,
        width: u32,
        height: u32,
        resizer: &mut Resizer,
    ) -> Result<Self, PictureFault> {
        let failed = |error: &dyn std::fmt::Display| PictureFault::Undecodable(error.to_string());
        let pixel_type = self.channels.pixel_type();
        let from =
            ImageRef::new(self.width, self.height, &self.data, pixel_type).map_err(|error| failed(&error))?;
        let columns = exact(extent.width.min(f64::from(self.width)));
        let rows = exact(extent.height.min(f64::from(self.height)));
        let row_bytes = width as usize * self.channels.count();
        let mut data = vec![0; row_bytes * height as usize];
        let mut top = 0;
        for band in data.chunks_mut(row_bytes * band_rows) {
            let band_height = u32::try_from(band.len() / row_bytes).unwrap_or(u32::MAX);
            let from_top = exact(rows * f64::from(top) / f64::from(height));
            top += band_height;
            let from_bottom = exact(rows * f64::from(top) / f64::from(height));
            let mut to =
                Image::from_slice_u8(width, band_height, band, pixel_type).map_err(|error| failed(&error))?;
            // The resizer reads rows beyond this part too: a row at the edge of a band is what it is in the whole.
            let options = ResizeOptions::new()
                .crop(0.0, from_top, columns, from_bottom - from_top)
                .use_alpha(self.channels == Channels::Rgba);
            resizer.resize(&from, &mut to, &options).map_err(|error| failed(&error))?;
        }
        Ok(Self { width, height, channels: self.channels, data })
    }

    /// The picture as its camera meant it (Exif 2.32, tag 274).
    pub(super) fn turned(self, orientation: Orientation) -> Self {
        if orientation == Orientation::UPRIGHT {
            return self;
        }
        let Self { width, height, channels, data } = self;
        let (columns, rows) = match orientation.exchanges_sides() {
            true => (height, width),
            false => (width, height),
        };
        let (last_x, last_y) = (width - 1, height - 1);
        let each = channels.count();
        let mut turned = Vec::with_capacity(data.len());
        for y in 0..rows {
            for x in 0..columns {
                let (from_x, from_y) = match orientation.number() {
                    2 => (last_x - x, y),
                    3 => (last_x - x, last_y - y),
                    4 => (x, last_y - y),
                    5 => (y, x),
                    6 => (y, last_y - x),
                    7 => (last_x - y, last_y - x),
                    8 => (last_x - y, x),
                    _ => (x, y),
                };
                let at = (from_y as usize * width as usize + from_x as usize) * each;
                turned.extend_from_slice(&data[at..at + each]);
            }
        }
        Self { width: columns, height: rows, channels, data: turned }
    }

    /// The picture in red, green and blue, for encoders that know no gray.
    pub(super) fn in_rgb(&self) -> Cow<'_, [u8]> {
        match self.channels {
            Channels::Gray => Cow::Owned(self.data.iter().flat_map(|&gray| [gray; 3]).collect()),
            _ => Cow::Borrowed(&self.data),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture with no two rows alike.
    fn noise(width: u32, height: u32, channels: Channels) -> Pixels {
        let mut state = 7_u32;
        let data = (0..width as usize * height as usize * channels.count())
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                state.to_be_bytes()[0]
            })
            .collect();
        Pixels { width, height, channels, data }
    }

    #[test]
    fn bands_leave_no_seams() {
        for (width, height, to_width, to_height) in
            [(90, 1001, 37, 383), (64, 300, 64, 299), (31, 200, 62, 400)]
        {
            let whole = noise(width, height, Channels::Rgb);
            let mut resizer = Resizer::new();
            for extent in [
                whole.extent(),
                Extent { width: f64::from(width) - 0.5, height: f64::from(height) - 1.0 / 3.0 },
            ] {
                let in_bands =
                    whole.resized(extent, to_width, to_height, &mut resizer).expect("it can be resized");
                let from =
                    ImageRef::new(width, height, &whole.data, PixelType::U8x3).expect("it is a picture");
                let mut at_once = Image::new(to_width, to_height, PixelType::U8x3);
                let options = ResizeOptions::new().crop(0.0, 0.0, extent.width, extent.height);
                resizer.resize(&from, &mut at_once, &options).expect("it can be resized");
                let farthest = in_bands.data.iter().zip(at_once.buffer()).map(|(a, b)| a.abs_diff(*b)).max();
                // Two steps, each rounded.
                assert!(farthest <= Some(2), "{width}x{height}: {farthest:?}");
                assert_eq!(in_bands.data.len(), at_once.buffer().len());
            }
        }
    }
}
