//! The sitemap (sitemaps.org).

use serde::Serialize;

use crate::page::builder::PlanBuilder;
use crate::page::kinds::{FileKind, PageContent};
use crate::page::{Page, Plan, links};
use crate::path::UrlPath;
use crate::post::Post;
use crate::site::Site;
use crate::site::order::absence;

/// The protocol allows 50,000 addresses in a file.
const MOST: usize = 40_000;

/// A sitemap.
#[derive(Debug, Clone, PartialEq)]
pub struct SitemapPage {
    /// 0 for the one that holds everything, or lists the others.
    number: usize,
}

/// A sitemap, or a list of sitemaps.
#[derive(Debug, Serialize)]
pub struct SitemapView {
    /// Whether it lists other sitemaps.
    pub is_index: bool,
    /// Absolute addresses, each with the day of its last change if that is known.
    pub entries: Vec<(String, Option<String>)>,
}

impl PageContent for SitemapPage {
    type View<'a> = SitemapView;

    fn plan(builder: &mut PlanBuilder<'_>) {
        builder.offer(links::home_url().child("sitemap.xml"), Self { number: 0 });
        let parts = parts(builder.site);
        if parts > 1 {
            for number in 1..=parts {
                builder.claim(part_url(number), Self { number });
            }
        }
    }

    fn view(&self, plan: &Plan, _page: &Page) -> SitemapView {
        let site = &plan.site;
        let parts = parts(site);
        if self.number == 0 && parts > 1 {
            let entries = (1..=parts).map(|number| (site.config.absolute(&part_url(number)), None)).collect();
            return SitemapView { is_index: true, entries };
        }
        let part = self.number.max(1);
        // From the oldest on, so that a new post changes the last file only.
        let home = std::iter::once((site.config.absolute(&links::home_url()), None));
        let posts = listed(site).map(|post| {
            let changed = post.front.updated.or(post.date).map(|date| date.day().to_string());
            (site.config.absolute(&post.url), changed)
        });
        let entries = home.chain(posts).skip((part - 1) * MOST).take(MOST).collect();
        SitemapView { is_index: false, entries }
    }

    fn template(&self) -> Option<&'static str> {
        None
    }

    fn label(&self, _site: &Site) -> String {
        "the sitemap".to_owned()
    }

    fn file_kind(&self) -> FileKind {
        FileKind::Host
    }
}

fn parts(site: &Site) -> usize {
    addresses(site).div_ceil(MOST)
}

fn addresses(site: &Site) -> usize {
    1 + listed(site).count()
}

/// Posts and pages that search engines may know of: what a preview shows besides says `noindex`.
fn listed(site: &Site) -> impl Iterator<Item = &Post> {
    site.pages
        .iter()
        .chain(site.posts.iter().rev())
        .map(|post| &**post)
        // It is there in any case.
        .filter(|post| !post.is_front_page())
        .filter(|post| absence(post, site.now).is_none())
}

fn part_url(number: usize) -> UrlPath {
    links::home_url().child(&format!("sitemap-{number}.xml"))
}
