//! All pages of a site as a build would write them, in memory: nothing is written.

use rayon::prelude::*;

use crate::diagnostic::Diagnostic;
use crate::engine::snapshot;
use crate::engine::workspace::Workspace;
use crate::page::kinds::FileKind;
use crate::path::{OutputPath, SourcePath, UrlPath};

/// A page that was rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PageInMemory {
    pub(crate) path: OutputPath,
    pub(crate) url: UrlPath,
    pub(crate) kind: FileKind,
    /// The file of the post that it is the page of.
    pub(crate) post: Option<SourcePath>,
    pub(crate) bytes: Vec<u8>,
}

impl PageInMemory {
    /// The file that faults of the page are reported for.
    pub(crate) fn source(&self) -> &str {
        self.post.as_ref().map_or(self.path.as_str(), SourcePath::as_str)
    }
}

/// A file that pages need: it is not rendered here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AssetInMemory {
    pub(crate) path: OutputPath,
    /// The file of the site that is copied; none if it is made otherwise.
    pub(crate) source: Option<SourcePath>,
}

/// The files of a site that pages need.
pub(crate) fn assets(site: &mut Workspace) -> Vec<AssetInMemory> {
    let plan = &site.snapshot().plan;
    let assets = plan.pages.iter().filter(|page| page.kind.content().file_kind() == FileKind::Asset);
    assets
        .map(|page| AssetInMemory {
            path: page.to.clone(),
            source: page.kind.content().source(&plan.site).cloned(),
        })
        .collect()
}

/// The pages of a site, and the faults that kept some from being rendered.
pub(crate) fn render_all(site: &mut Workspace) -> (Vec<PageInMemory>, Vec<Diagnostic>) {
    let (renderer, mut faults) = site.renderer();
    let snapshot = site.snapshot();
    if faults.iter().any(Diagnostic::is_error) {
        return (Vec::new(), faults);
    }
    let plan = &snapshot.plan;
    let rendered: Vec<Result<PageInMemory, Box<Diagnostic>>> = plan
        .pages
        .par_iter()
        .filter(|page| page.kind.content().file_kind() != FileKind::Asset)
        .map_init(
            || renderer.worker(),
            |worker, page| {
                let input = plan.render_input(page);
                let post = input.json_ld.as_ref().map(|json_ld| json_ld.post.path.clone());
                let output = snapshot::render(page, &input, worker)?;
                let kind = page.kind.content().file_kind();
                Ok(PageInMemory {
                    path: page.to.clone(),
                    url: page.url.clone(),
                    kind,
                    post,
                    bytes: output.bytes,
                })
            },
        )
        .collect();
    let mut pages = Vec::with_capacity(rendered.len());
    for page in rendered {
        match page {
            Ok(page) => pages.push(page),
            Err(fault) => faults.push(*fault),
        }
    }
    (pages, faults)
}
