//! How a camera was held.

use std::io::Cursor;

use imagesize::ImageType;
use serde::{Deserialize, Serialize};

/// How the rows and columns of a picture are to be shown (Exif 2.32, tag 274): 1 as they are, 2 to 8 mirrored, turned or
/// both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Orientation(u8);

impl Orientation {
    /// As they are.
    pub const UPRIGHT: Self = Self(1);

    /// The number of the tag.
    pub fn number(self) -> u8 {
        self.0
    }

    /// Whether width and height change places.
    pub fn exchanges_sides(self) -> bool {
        self.0 >= 5
    }
}

/// The orientation that browsers show a file in. They look for it in JPEG and PNG; they do not in WebP, and AVIF has
/// properties of its own for it, which are in its size already.
pub(super) fn orientation(bytes: &[u8]) -> Orientation {
    if !matches!(imagesize::image_type(bytes), Ok(ImageType::Jpeg | ImageType::Png)) {
        return Orientation::UPRIGHT;
    }
    let mut reader = exif::Reader::new();
    reader.continue_on_error(true);
    let read = reader.read_from_container(&mut Cursor::new(bytes));
    let read = read.or_else(|error| error.distill_partial_result(|_| {}));
    let number = read.ok().and_then(|exif| {
        let field = exif.get_field(exif::Tag::Orientation, exif::In::PRIMARY)?;
        field.value.get_uint(0)
    });
    let number =
        number.and_then(|number| u8::try_from(number).ok()).filter(|number| (1..=8).contains(number));
    number.map_or(Orientation::UPRIGHT, Orientation)
}
