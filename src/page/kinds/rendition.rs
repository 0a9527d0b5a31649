//! A smaller picture of a picture that the site shows.

use crate::page::builder::PlanBuilder;
use crate::page::kinds::{FileKind, PageContent, RenderOrder};
use crate::page::{Page, Plan};
use crate::path::SourcePath;
use crate::picture::renditions::{FOLDER, Rendition};
use crate::site::Site;

/// A rendition, and the file that it is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct RenditionFile {
    pub picture: SourcePath,
    pub rendition: Rendition,
}

impl PageContent for RenditionFile {
    /// How it is made. Of what, its name states.
    type View<'a> = &'a Rendition;

    fn plan(builder: &mut PlanBuilder<'_>) {
        let site = builder.site;
        for path in &site.pictures.shown {
            let renditions = site.renditions(path).unwrap_or_default();
            for rendition in renditions.shown() {
                // Two files of one name and content have the same.
                let file = Self { picture: path.clone(), rendition: rendition.clone() };
                builder.offer(rendition.url.clone(), file);
            }
        }
        // Previews of links have a JPEG, lists the smallest of the others.
        for path in site.shown().filter_map(|post| site.picture_of(post)) {
            let renditions = site.renditions(&path).unwrap_or_default();
            for rendition in renditions.preview.iter().chain(renditions.smallest()) {
                let file = Self { picture: path.clone(), rendition: rendition.clone() };
                builder.offer(rendition.url.clone(), file);
            }
        }
    }

    fn view<'a>(&'a self, _plan: &'a Plan, _page: &'a Page) -> &'a Rendition {
        &self.rendition
    }

    fn template(&self) -> Option<&'static str> {
        None
    }

    fn label(&self, _site: &Site) -> String {
        format!("{} in the folder `{FOLDER}`", self.picture)
    }

    fn source<'s>(&'s self, _site: &'s Site) -> Option<&'s SourcePath> {
        None
    }

    fn file_kind(&self) -> FileKind {
        FileKind::Asset
    }

    fn render_order(&self, _site: &Site) -> RenderOrder {
        RenderOrder::List(usize::MAX)
    }
}
