//! What readers would see change: two states of a site, page by page; the same change on many pages is one entry.
//!
//! [`PageDigest`] is a page in four parts: words, links, what it says to machines, and mark-up. [`SiteDigest`] is all
//! of a site's pages, of a build in memory, of a folder, or of the last publish. [`difference`] compares two of them.

pub(crate) mod difference;
mod digest;
pub(crate) mod kept;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use rayon::prelude::*;
use walkdir::WalkDir;

use crate::engine::in_memory::{AssetInMemory, PageInMemory};
use crate::error::{Error, Result};
use crate::path::OutputPath;
use crate::scan;

use self::digest::PageDigest;

/// The pages of a site by their paths in the output.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct SiteDigest {
    pages: BTreeMap<String, PageDigest>,
}

impl SiteDigest {
    /// Of pages that were rendered.
    pub(crate) fn of_pages(pages: &[PageInMemory]) -> Self {
        let digests = pages.par_iter().filter(|page| is_compared(page.path.as_str())).map(|page| {
            let path = page.path.as_str();
            (path.to_owned(), PageDigest::of(path, &page.bytes))
        });
        Self { pages: digests.collect() }
    }

    /// Adds the files of a site that are copied as they are. Those that are made for pages, such as the index of the search, are not
    /// compared: `before` loses them as well.
    pub(crate) fn add_assets(&mut self, root: &Path, assets: &[AssetInMemory], before: &mut Self) {
        for asset in assets.iter().filter(|asset| is_compared(asset.path.as_str())) {
            let path = asset.path.as_str();
            let source = asset.source.as_ref().map(|source| scan::on_disk(root, source.as_str()));
            match source.and_then(|file| fs::read(file).ok()) {
                Some(bytes) => self.pages.insert(path.to_owned(), PageDigest::of(path, &bytes)),
                None => before.pages.remove(path),
            };
        }
    }

    /// The same site after some of its files were replaced and others were removed.
    pub(crate) fn update<'p>(
        &mut self,
        folder: &Path,
        put: impl Iterator<Item = &'p OutputPath>,
        removed: impl Iterator<Item = &'p OutputPath>,
    ) -> Result<()> {
        for path in removed {
            self.pages.remove(path.as_str());
        }
        for path in put.filter(|path| is_compared(path.as_str())) {
            let file = folder.join(path.as_str());
            // What a host is given besides the outputs is not in the folder.
            if file.is_file() {
                let bytes = fs::read(&file).map_err(Error::io("read", &file))?;
                self.pages.insert(path.to_string(), PageDigest::of(path.as_str(), &bytes));
            }
        }
        Ok(())
    }

    /// Of a folder: an output of a build, a release at a target.
    pub(crate) fn of_folder(folder: &Path) -> Result<Self> {
        let mut files = Vec::new();
        for entry in WalkDir::new(folder).sort_by_file_name() {
            let entry = entry.map_err(|error| Error::io("read", folder)(error.into()))?;
            let below = entry.path().strip_prefix(folder).unwrap_or(entry.path());
            let path = below.to_string_lossy().replace('\\', "/");
            let is_hidden = path.split('/').any(|part| part.starts_with('.'));
            if entry.file_type().is_file() && !is_hidden && is_compared(&path) {
                files.push((path, entry.into_path()));
            }
        }
        let digests = files.into_par_iter().map(|(path, file)| {
            let bytes = fs::read(&file).map_err(Error::io("read", &file))?;
            let digest = PageDigest::of(&path, &bytes);
            Ok((path, digest))
        });
        Ok(Self { pages: digests.collect::<Result<BTreeMap<_, _>>>()? })
    }
}

/// Whether an output is compared: pages, feeds, the sitemap and rules, not the files that pages need.
pub(crate) fn is_compared(path: &str) -> bool {
    [".html", ".xml", ".txt", ".json", ".webmanifest"].iter().any(|end| path.ends_with(end))
        || path == "_redirects"
}
