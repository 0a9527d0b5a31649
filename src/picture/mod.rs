//! Pictures: what their files say of them, and in which sizes and formats they are shown.
//!
//! A [`PictureHeader`](header::PictureHeader) is read from the first bytes of a file, without decoding it. From it, the
//! fingerprint of the file and the settings follow the [`Renditions`](renditions::Renditions): which smaller pictures
//! there are, and their names. So HTML can name them before any of them is made, and their names are the same on each
//! machine. To make them is the work of [`imaging`](crate::imaging).

pub(crate) mod card;
pub(crate) mod header;
pub(crate) mod orientation;
pub(crate) mod private_data;
pub(crate) mod renditions;
pub(crate) mod size;
