//! Which pictures the site shows in smaller sizes, and which of their files are published besides.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::images::{PrivateDataRule, PublishedOriginals};
use crate::diagnostic::{Diagnostic, Reach};
use crate::hash::Hash;
use crate::path::SourcePath;
use crate::picture::header::{PictureContent, PictureFormat};
use crate::picture::renditions::{NoRenditions, PictureFile, Renditions};
use crate::picture::size::ImageSize;
use crate::post::{CONTENT, Post};
use crate::site::{Site, StaticFile};

/// The pictures of a site.
#[derive(Debug, Clone, Default)]
pub struct SitePictures {
    /// Those that posts and pages show.
    pub shown: BTreeSet<SourcePath>,
    /// Those of them that are not published as they are: nothing leads to the file itself.
    pub replaced: BTreeSet<SourcePath>,
    /// Files that could not be decoded, by their content, and why.
    pub unusable: BTreeMap<Hash, String>,
}

impl StaticFile {
    /// The file as renditions are made of it, if it is a picture.
    pub fn as_picture<'a>(&'a self, path: &'a SourcePath) -> Option<PictureFile<'a>> {
        let header = self.picture.as_ref()?;
        Some(PictureFile { path, header, hash: self.hash, bytes: self.bytes })
    }
}

impl Site {
    /// The format of a file that is published without what it tells besides the picture.
    pub fn stripped(&self, path: &SourcePath) -> Option<PictureFormat> {
        let header = self.files.get(path)?.picture.as_ref()?;
        (header.has_private_data && self.config.images.strip == PrivateDataRule::All).then_some(header.format)
    }

    /// The renditions of a picture; `None` if it is shown as it is.
    pub fn renditions(&self, path: &SourcePath) -> Option<Renditions> {
        let file = self.files.get(path)?;
        if self.pictures.unusable.contains_key(&file.hash) {
            return None;
        }
        Renditions::of(file.as_picture(path)?, &self.config.images).ok()
    }

    /// The file of the site that stands for a post, if it is one.
    pub fn picture_of(&self, post: &Post) -> Option<SourcePath> {
        let written = post.front.image.as_deref()?;
        let path = match written.strip_prefix('/') {
            Some(below) => SourcePath::new(&format!("static/{}", crate::path::percent_decode(below))),
            None if written.contains("://") => None,
            None => post.path.join(written),
        };
        path.filter(|path| self.files.contains_key(path))
    }

    /// Finds the pictures that are shown, and those whose file is not published.
    pub(super) fn find_pictures(&mut self, unusable: BTreeMap<Hash, String>) {
        self.pictures_mut().unusable = unusable;
        let shown: BTreeSet<SourcePath> = self.shown().flat_map(|post| &post.pictures).cloned().collect();
        let mut shown = shown;
        shown.retain(|path| self.files.get(path).is_some_and(|file| file.picture.is_some()));
        let replaced = match self.config.images.original {
            PublishedOriginals::All => BTreeSet::new(),
            PublishedOriginals::Linked => self.replaced(&shown),
        };
        let pictures = self.pictures_mut();
        (pictures.shown, pictures.replaced) = (shown, replaced);
    }

    fn pictures_mut(&mut self) -> &mut SitePictures {
        std::sync::Arc::make_mut(&mut self.pictures)
    }

    fn replaced(&self, shown: &BTreeSet<SourcePath>) -> BTreeSet<SourcePath> {
        if shown.is_empty() {
            return BTreeSet::new();
        }
        let linked: BTreeSet<&SourcePath> = self.shown().flat_map(|post| &post.linked_files).collect();
        let stands_for_post: BTreeSet<SourcePath> =
            self.shown().filter_map(|post| self.picture_of(post)).collect();
        // A page or a script that is copied may lead to what lies beside it.
        let may_lead: BTreeSet<&str> =
            self.files.keys().filter(|path| is_text(path)).map(SourcePath::folder).collect();
        let is_replaced = |path: &&SourcePath| {
            let has_all = self.renditions(path).is_some_and(|renditions| {
                let stands = stands_for_post.contains(*path);
                renditions.fallback.is_some() && (!stands || renditions.preview.is_some())
            });
            path.below(CONTENT).is_some()
                && has_all
                && !linked.contains(path)
                && !may_lead.contains(path.folder())
        };
        shown.iter().filter(is_replaced).cloned().collect()
    }

    /// What is wrong with pictures that are shown, and with those that are copied as they are.
    pub(super) fn picture_faults(&self) -> Vec<Diagnostic> {
        let mut faults = Vec::new();
        for (path, file) in self.files.iter().filter(|(_, file)| file.picture.is_some()) {
            let is_shown = self.pictures.shown.contains(path);
            let fault = if is_shown { self.fault_of_shown(path, file) } else { None };
            let fault = fault.or_else(|| fault_of_any(path, file)).or_else(|| self.told_by_tiff(path, file));
            faults.extend(fault.or_else(|| {
                let is_made_smaller = is_shown && self.renditions(path).is_some();
                if is_made_smaller { None } else { too_large(path, file) }
            }));
        }
        faults
    }

    /// What is in a TIFF besides its pixels cannot be taken out.
    fn told_by_tiff(&self, path: &SourcePath, file: &StaticFile) -> Option<Diagnostic> {
        let header = file.picture.as_ref().filter(|header| header.format == PictureFormat::Tiff)?;
        (header.has_private_data && self.config.images.strip == PrivateDataRule::All).then(|| {
            let hint = format!("take it out with `exiftool -all= {path}`, or publish a JPEG of it");
            Diagnostic::warning(
                path.as_str(),
                "this TIFF file is published with what it tells of its camera or place",
            )
            .hint(hint)
        })
    }

    fn fault_of_shown(&self, path: &SourcePath, file: &StaticFile) -> Option<Diagnostic> {
        let header = file.picture.as_ref()?;
        if header.format == PictureFormat::Tiff {
            let to = format!("{}.jpg", path.without_extension());
            let hint = format!("convert it with `magick {path} {to}`, and show that");
            let message = "this is a TIFF file, which most browsers do not show";
            return Some(Diagnostic::error(path.as_str(), message).hint(hint).reaching(Reach::File));
        }
        if header.format == PictureFormat::Heic {
            let to = format!("{}.jpg", path.without_extension());
            let hint = format!(
                "convert it with `heif-convert {path} {to}`, on a Mac `sips -s format jpeg {path} --out {to}`, and show that"
            );
            let message = "this is a HEIC file, which most browsers do not show";
            return Some(Diagnostic::error(path.as_str(), message).hint(hint).reaching(Reach::File));
        }
        // What is shorter stands for a picture that is still to come.
        const SHORTEST: u64 = 100;
        if header.format == PictureFormat::Unknown && file.bytes >= SHORTEST {
            let message = "this is not a picture, though its name says so: browsers show none";
            return Some(Diagnostic::warning(path.as_str(), message).hint("export or download it again"));
        }
        if let Some(reason) = self.pictures.unusable.get(&file.hash) {
            let message = format!("this picture cannot be decoded, and is shown as it is: {reason}");
            return Some(Diagnostic::warning(path.as_str(), message).hint("open it and save it again"));
        }
        let (message, hint) = match Renditions::of(file.as_picture(path)?, &self.config.images).err()? {
            NoRenditions::AsItIs => return None,
            NoRenditions::TooManyPixels => (
                format!(
                    "this picture has more than {} pixels, and is shown as it is",
                    self.config.images.max_pixels
                ),
                "make it smaller, or raise `images.max_pixels` in the settings".to_owned(),
            ),
            NoRenditions::TooMuchMemory(megabytes) => (
                format!("decoding this picture takes {megabytes} MB of memory: it is shown as it is"),
                format!("make it smaller, or set `images.memory_mb = {megabytes}`"),
            ),
        };
        Some(Diagnostic::warning(path.as_str(), message).hint(hint))
    }
}

/// Whether a file is of a kind that may name others.
fn is_text(path: &SourcePath) -> bool {
    const KINDS: [&str; 9] = ["html", "htm", "xhtml", "css", "js", "mjs", "svg", "xml", "json"];
    KINDS.contains(&path.extension().as_str())
}

fn fault_of_any(path: &SourcePath, file: &StaticFile) -> Option<Diagnostic> {
    let header = file.picture.as_ref()?;
    (header.content == PictureContent::Script).then(|| {
        let hint = "in `<img>` it does not run, but it does for those who open the file: take it out";
        Diagnostic::warning(path.as_str(), "this drawing holds a script").hint(hint)
    })
}

/// A picture that readers wait for longer than it is worth: it is copied as it is.
fn too_large(path: &SourcePath, file: &StaticFile) -> Option<Diagnostic> {
    const MOST_PIXELS: u32 = 2000;
    const MOST_BYTES: u64 = 1_000_000;
    let header = file.picture.as_ref()?;
    let (pixels, sides) = match header.size? {
        ImageSize::Pixels(width, height) if header.format != PictureFormat::Svg => {
            (width.max(height), format!("{width} × {height} pixels and "))
        }
        _ => (0, String::new()),
    };
    if pixels <= MOST_PIXELS && file.bytes <= MOST_BYTES {
        return None;
    }
    let megabytes = file.bytes.div_ceil(100_000);
    let message =
        format!("this picture has {sides}{}.{} MB, and is copied as it is", megabytes / 10, megabytes % 10);
    let hint = match header.content {
        PictureContent::Animation => {
            "readers wait for it: as a film it takes a tenth; `ffmpeg` makes one, which `<video>` shows"
                .to_owned()
        }
        _ => format!(
            "readers wait for it: make it smaller than {MOST_PIXELS} pixels and 1 MB, such as with `magick {0} \
             -auto-orient -resize '{MOST_PIXELS}x{MOST_PIXELS}>' -quality 82 {0}`",
            path.file_name()
        ),
    };
    Some(Diagnostic::warning(path.as_str(), message).hint(hint))
}
