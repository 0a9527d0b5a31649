//! Small files for robots and hosts: robots.txt, and the file that keeps GitHub Pages from running Jekyll.

use crate::page::builder::PlanBuilder;
use crate::page::kinds::{FileKind, PageContent};
use crate::page::{Page, Plan, links};
use crate::site::Site;

/// A text that the engine writes.
#[derive(Debug, Clone, PartialEq)]
pub struct TextFile {
    pub(super) text: String,
}

impl PageContent for TextFile {
    type View<'a> = &'a str;

    fn plan(builder: &mut PlanBuilder<'_>) {
        let sitemap = builder.site.config.absolute(&links::home_url().child("sitemap.xml"));
        let robots = format!("User-agent: *\nAllow: /\n\nSitemap: {sitemap}\n");
        builder.offer(links::home_url().child("robots.txt"), Self { text: robots });
        builder.offer(links::home_url().child(".nojekyll"), Self { text: String::new() });
    }

    fn view<'a>(&'a self, _plan: &'a Plan, _page: &'a Page) -> &'a str {
        &self.text
    }

    fn template(&self) -> Option<&'static str> {
        None
    }

    fn label(&self, _site: &Site) -> String {
        "a file of the engine's own".to_owned()
    }

    fn file_kind(&self) -> FileKind {
        FileKind::Host
    }
}
