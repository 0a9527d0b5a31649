//! Makes smaller pictures: decodes, shrinks, corrects colours, turns and encodes them, and keeps what was made.
//!
//! Which pictures there are is decided in [`picture`](crate::picture). One file is decoded once for all of its
//! renditions, each of which is made of the next larger one. How many files are decoded at the same time follows from the
//! memory that this takes, not from the number of processors alone.

pub(crate) mod cache;
pub(crate) mod color;
mod decode;
mod encode;
pub(crate) mod maker;
mod pixels;

use std::fmt;

/// Why a rendition was not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PictureFault {
    /// The file is another one than when the site was read.
    Changed,
    /// The file cannot be read.
    Unreadable(String),
    /// Its bytes are not a picture, or not all of one.
    Undecodable(String),
}

impl fmt::Display for PictureFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed => f.write_str("the file changed while the site was built"),
            Self::Unreadable(reason) | Self::Undecodable(reason) => f.write_str(reason),
        }
    }
}
