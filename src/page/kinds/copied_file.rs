//! A file of `content/`, `static/` or the theme, copied as it is.

use crate::hash::Hash;
use crate::page::builder::PlanBuilder;
use crate::page::kinds::{FileKind, PageContent};
use crate::page::{Page, Plan};
use crate::path::SourcePath;
use crate::site::Site;

/// A copied file.
#[derive(Debug, Clone, PartialEq)]
pub struct CopiedFile {
    pub path: SourcePath,
}

impl PageContent for CopiedFile {
    /// The fingerprint of its content.
    type View<'a> = Hash;

    fn plan(builder: &mut PlanBuilder<'_>) {
        let replaced = &builder.site.pictures.replaced;
        for (path, file) in builder.site.files.iter().filter(|(path, _)| !replaced.contains(*path)) {
            builder.claim(file.url.clone(), Self { path: path.clone() });
        }
    }

    fn view(&self, plan: &Plan, _page: &Page) -> Hash {
        let hash = plan.site.files.get(&self.path).map_or_else(Hash::default, |file| file.hash);
        match plan.site.stripped(&self.path) {
            Some(_) => Hash::of_value(&("without private data", hash)),
            None => hash,
        }
    }

    fn template(&self) -> Option<&'static str> {
        None
    }

    fn label(&self, _site: &Site) -> String {
        self.path.to_string()
    }

    fn source<'s>(&'s self, _site: &'s Site) -> Option<&'s SourcePath> {
        Some(&self.path)
    }

    fn file_kind(&self) -> FileKind {
        FileKind::Asset
    }
}
