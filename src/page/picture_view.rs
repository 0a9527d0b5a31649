//! What pages need to know of a picture to show it.

use serde::{Deserialize, Serialize};

use crate::path::SourcePath;
use crate::picture::renditions::Rendition;
use crate::picture::size::ImageSize;
use crate::site::Site;

/// A picture, its renditions and their addresses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PictureAnswer {
    /// The address of the file itself.
    pub url: String,
    /// How large it is shown.
    pub size: Option<ImageSize>,
    /// Of each format, the one that is preferred first: its media type, and `srcset`.
    pub sources: Vec<PictureSources>,
    /// What is shown where none of these formats is understood, if it is not the file itself.
    pub fallback: Option<PictureFallback>,
    /// The address of the largest rendition.
    pub largest: Option<String>,
}

/// The renditions of one format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PictureSources {
    pub media_type: String,
    pub srcset: String,
}

/// A rendition in place of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PictureFallback {
    pub url: String,
    pub width: u32,
    pub height: u32,
}

impl PictureAnswer {
    /// `None` if there is no such file.
    pub(super) fn of(site: &Site, path: &SourcePath) -> Option<Self> {
        let file = site.files.get(path)?;
        let config = &site.config;
        let renditions = site.renditions(path).unwrap_or_default();
        let url = |rendition: &Rendition| config.url(&rendition.url);
        let sources = renditions.sources.iter().filter_map(|of_format| {
            let media_type = of_format.first()?.encoding.media_type().to_owned();
            let each = of_format.iter().map(|rendition| format!("{} {}w", url(rendition), rendition.width));
            Some(PictureSources { media_type, srcset: each.collect::<Vec<_>>().join(", ") })
        });
        Some(Self {
            url: config.url(&file.url),
            size: file.picture.and_then(|picture| picture.size),
            sources: sources.collect(),
            fallback: renditions.fallback.as_ref().map(|rendition| PictureFallback {
                url: url(rendition),
                width: rendition.width,
                height: rendition.height,
            }),
            largest: renditions.largest().map(url),
        })
    }

    /// Width and height, or their proportion.
    pub(crate) fn sides(&self) -> Option<(u32, u32)> {
        self.size.map(|size| match size {
            ImageSize::Pixels(width, height) | ImageSize::Ratio(width, height) => (width, height),
        })
    }

    /// Whether only the proportion of its sides is known.
    pub(crate) fn is_ratio(&self) -> bool {
        matches!(self.size, Some(ImageSize::Ratio(..)))
    }
}
