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
        let failed = |error: &dyn std::fmt::Display| PictureFault::Undecodable(error.to_string());
        let pixel_type = self.channels.pixel_type();
        let from =
            ImageRef::new(self.width, self.height, &self.data, pixel_type).map_err(|error| failed(&error))?;
        let mut to = Image::new(width, height, pixel_type);
        let options = ResizeOptions::new()
            .crop(
                0.0,
                0.0,
                extent.width.min(f64::from(self.width)),
                extent.height.min(f64::from(self.height)),
            )
            .use_alpha(self.channels == Channels::Rgba);
        resizer.resize(&from, &mut to, &options).map_err(|error| failed(&error))?;
        Ok(Self { width, height, channels: self.channels, data: to.into_vec() })
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
