//! The files that the search page loads: its script, and the index in parts.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use crate::hash::Hash;
use crate::page::builder::PlanBuilder;
use crate::page::kinds::{FileKind, PageContent, RenderOrder};
use crate::page::{Page, Plan};
use crate::path::UrlPath;
use crate::search::script::SCRIPT;
use crate::search::segments::{IndexPart, Segment};
use crate::site::Site;

/// A file that the search page loads.
#[derive(Debug, Clone, PartialEq)]
pub enum SearchFile {
    Script,
    /// A file of a segment, by its index.
    Index(usize, IndexPart),
}

/// What a file is made of.
#[derive(Debug, Serialize)]
pub enum SearchFileView<'a> {
    Script(&'static str),
    /// Posts with their addresses.
    Documents(Vec<DocumentRow>),
    /// All posts of a segment with their bodies.
    Index(IndexInput<'a>),
}

/// Address, title, day, and the language if it is not the site's. The script reads them in this order.
#[derive(Debug, Serialize)]
pub struct DocumentRow(String, String, Option<String>, Option<String>);

/// What the files of a segment are made of.
#[derive(Serialize)]
pub struct IndexInput<'a> {
    pub(crate) part: IndexPart,
    /// Of all that follows.
    pub(crate) digest: Hash,
    #[serde(skip)]
    pub(crate) site: &'a Site,
    #[serde(skip)]
    pub(crate) segment: &'a Segment,
}

impl fmt::Debug for IndexInput<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IndexInput({}/{})", self.segment.name, self.part.file_name())
    }
}

impl PageContent for SearchFile {
    type View<'a> = SearchFileView<'a>;

    fn plan(builder: &mut PlanBuilder<'_>) {
        let site = builder.site;
        if !site.config.search.enabled {
            return;
        }
        builder.claim(script_url(site), Self::Script);
        let segments = Arc::clone(&builder.search);
        for (number, segment) in segments.0.iter().enumerate() {
            for part in segment.parts() {
                let name = format!("{}/{}", segment.name, part.file_name());
                builder.claim(site.config.paths.search.child(&name), Self::Index(number, part));
            }
        }
    }

    fn view<'a>(&'a self, plan: &'a Plan, _page: &'a Page) -> SearchFileView<'a> {
        let site = &plan.site;
        match self {
            Self::Script => SearchFileView::Script(&SCRIPT),
            Self::Index(number, IndexPart::Documents(part)) => {
                let rows = plan.search.0[*number].listed(*part).iter().map(|&index| {
                    let post = site.at(index);
                    let day = post.date.map(|date| date.day().to_string());
                    let language =
                        post.front.language.clone().filter(|language| *language != site.config.language);
                    DocumentRow(site.config.url(&post.url), post.label(), day, language)
                });
                SearchFileView::Documents(rows.collect())
            }
            Self::Index(number, part) => {
                let segment = &plan.search.0[*number];
                let digest = segment.digest(site);
                SearchFileView::Index(IndexInput { part: *part, digest, site, segment })
            }
        }
    }

    fn template(&self) -> Option<&'static str> {
        None
    }

    fn label(&self, _site: &Site) -> String {
        "the index of the search page".to_owned()
    }

    fn file_kind(&self) -> FileKind {
        FileKind::Asset
    }

    fn render_order(&self, _site: &Site) -> RenderOrder {
        match self {
            Self::Script | Self::Index(_, IndexPart::Documents(_)) => RenderOrder::List(0),
            Self::Index(segment, _) => RenderOrder::Index(*segment),
        }
    }
}

/// The address of the script.
pub(super) fn script_url(site: &Site) -> UrlPath {
    site.config.paths.search.child("search.js")
}
