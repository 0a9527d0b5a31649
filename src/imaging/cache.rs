//! Renditions that were made, by what they are made of: `.backmatter/images/`.
//!
//! The folder can be deleted at any time. What no build has used for thirty days is removed: a picture that is gone today
//! may be back tomorrow.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hashbrown::HashSet;
use serde::{Deserialize, Serialize};

use crate::hash::Hash;
use crate::path::OutputPath;
use crate::picture::renditions::Rendition;
use crate::scan::STATE;
use crate::sys::atomic_file;
use crate::sys::clock;

/// The folder.
#[derive(Debug, Clone)]
pub(crate) struct RenditionCache {
    folder: PathBuf,
}

/// Pictures that could not be decoded, as they are kept.
#[derive(Debug, Default, Serialize, Deserialize)]
struct UnusablePictures {
    /// The release that could not.
    release: String,
    /// By the fingerprint of the file, and why.
    pictures: BTreeMap<String, String>,
}

const UNUSABLE: &str = "unusable.json";

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl RenditionCache {
    /// That of a site.
    pub(crate) fn of(root: &Path) -> Self {
        Self { folder: root.join(STATE).join("images") }
    }

    /// Where it is.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The file of a rendition, if it was made before.
    pub(crate) fn get(&self, rendition: &Rendition) -> Option<PathBuf> {
        let file = self.file(rendition);
        // An encoder writes no empty file, but a power cut leaves one.
        file.metadata().is_ok_and(|metadata| metadata.len() > 0).then_some(file)
    }

    /// Keeps a rendition, and returns its file.
    pub(crate) fn put(&self, rendition: &Rendition, bytes: &[u8]) -> io::Result<PathBuf> {
        let file = self.file(rendition);
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        atomic_file::replace(&file, bytes)?;
        Ok(file)
    }

    fn file(&self, rendition: &Rendition) -> PathBuf {
        let name = name_of(&rendition.url.output());
        self.folder.join(&name[..2]).join(name)
    }

    /// Pictures that could not be decoded, by their content, and why.
    pub(crate) fn unusable(&self) -> BTreeMap<Hash, String> {
        let kept = self.read_unusable().pictures.into_iter();
        kept.filter_map(|(hash, reason)| Some((Hash::parse(&hash)?, reason))).collect()
    }

    /// Remembers that pictures cannot be decoded.
    pub(crate) fn add_unusable(&self, found: &BTreeMap<Hash, String>) -> io::Result<()> {
        let mut kept = self.read_unusable();
        kept.release = env!("CARGO_PKG_VERSION").to_owned();
        kept.pictures.extend(found.iter().map(|(hash, reason)| (hash.to_string(), reason.clone())));
        fs::create_dir_all(&self.folder)?;
        let text = serde_json::to_string_pretty(&kept).map_err(io::Error::other)?;
        atomic_file::replace(&self.folder.join(UNUSABLE), text.as_bytes())
    }

    fn read_unusable(&self) -> UnusablePictures {
        let text = fs::read(self.folder.join(UNUSABLE)).unwrap_or_default();
        let kept: UnusablePictures = serde_json::from_slice(&text).unwrap_or_default();
        // Another release may have another decoder.
        if kept.release == env!("CARGO_PKG_VERSION") { kept } else { UnusablePictures::default() }
    }

    /// Removes what no build has used for thirty days. What a build uses is marked as used.
    pub(crate) fn sweep<'p>(&self, used: impl Iterator<Item = &'p OutputPath>) {
        let used: HashSet<String> = used.map(name_of).collect();
        let now = clock::system_time();
        for entry in walkdir::WalkDir::new(&self.folder).min_depth(2).into_iter().flatten() {
            let Ok(metadata) = entry.metadata() else { continue };
            let age = metadata.modified().ok().and_then(|modified| now.duration_since(modified).ok());
            let age = age.unwrap_or_default();
            // What cannot be marked or removed costs room or time only.
            if used.contains(entry.file_name().to_string_lossy().as_ref()) {
                if age > DAY {
                    let _ = File::options()
                        .append(true)
                        .open(entry.path())
                        .and_then(|file| file.set_modified(now));
                }
            } else if metadata.is_file() && age > 30 * DAY {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

/// The part of a rendition's name that states its content: `3f2a9c01d4e5-960.webp`.
fn name_of(path: &OutputPath) -> String {
    let name = path.as_str().rsplit('/').next().unwrap_or_default();
    let start = name.rmatch_indices('-').nth(1).map_or(0, |(at, _)| at + 1);
    name[start..].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::UrlPath;
    use crate::picture::renditions::RenditionEncoding;

    /// A rendition that was kept some days ago.
    fn kept(cache: &RenditionCache, name: &str, days: u32) -> Rendition {
        let url = UrlPath::new(&format!("/i/{name}")).expect("it is an address");
        let encoding = RenditionEncoding::Webp { quality: 75 };
        let rendition = Rendition { url, width: 480, height: 320, encoding };
        let file = cache.put(&rendition, b"a picture").expect("it can be written");
        let time = clock::system_time() - days * DAY;
        let file = File::options().append(true).open(file).expect("it is there");
        file.set_modified(time).expect("its time can be set");
        rendition
    }

    #[test]
    fn what_no_build_has_used_for_thirty_days_goes() {
        let site = tempfile::tempdir().expect("a folder can be made");
        let cache = RenditionCache::of(site.path());
        let used = kept(&cache, "a-111111111111-480.webp", 40);
        let unused = kept(&cache, "b-222222222222-480.webp", 40);
        let young = kept(&cache, "c-333333333333-480.webp", 29);
        cache.sweep([used.url.output()].iter());
        assert_eq!(
            [&used, &unused, &young].map(|rendition| cache.get(rendition).is_some()),
            [true, false, true]
        );
        // What was used is young again: it stays for thirty days more.
        cache.sweep([].iter());
        assert!(cache.get(&used).is_some());
    }
}
