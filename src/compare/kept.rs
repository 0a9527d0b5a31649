//! What was published to a target, kept beside its manifest, so that the next publish can say what readers would see change.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use super::SiteDigest;
use crate::error::{Error, Result};
use crate::scan::STATE;
use crate::sys::atomic_file;

fn file(root: &Path, target: &str) -> PathBuf {
    root.join(STATE).join("publish").join(target).join("words.gz")
}

/// What was published last from here; none if that is not known.
pub(crate) fn read(root: &Path, target: &str) -> Option<SiteDigest> {
    let mut bytes = Vec::new();
    GzDecoder::new(fs::File::open(file(root, target)).ok()?).read_to_end(&mut bytes).ok()?;
    postcard::from_bytes(&bytes).ok()
}

/// Keeps what was published.
pub(crate) fn write(root: &Path, target: &str, digest: &SiteDigest) -> Result<()> {
    let path = file(root, target);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(Error::io("make", folder))?;
    }
    let bytes = postcard::to_stdvec(digest).unwrap_or_default();
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let packed = encoder.write_all(&bytes).and_then(|()| encoder.finish());
    packed.and_then(|packed| atomic_file::replace(&path, &packed)).map_err(Error::io("write", &path))
}
