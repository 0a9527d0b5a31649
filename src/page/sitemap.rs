//! The sitemap (sitemaps.org), robots.txt, the page for missing addresses, and the file that keeps GitHub Pages from running Jekyll.

use serde::Serialize;

use crate::page::{PageKind, Plan, PlanBuilder, list};
use crate::path::UrlPath;
use crate::post::Post;
use crate::site::Site;
use crate::site::order::absence;

/// The protocol allows 50,000 addresses in a file.
const MOST: usize = 40_000;

/// A sitemap, or a list of sitemaps.
#[derive(Debug, Serialize)]
pub struct SitemapView {
    /// Whether it lists other sitemaps.
    pub is_index: bool,
    /// Absolute addresses, each with the day of its last change if that is known.
    pub entries: Vec<(String, Option<String>)>,
}

/// Claims the addresses. Files of the author's own have precedence.
pub(super) fn plan(builder: &mut PlanBuilder<'_>) {
    let address = |path: &str| UrlPath::new(path).expect("it is an address");
    let config = &builder.site.config;
    let robots =
        format!("User-agent: *\nAllow: /\n\nSitemap: {}\n", config.absolute(&address("/sitemap.xml")));
    builder.offer(address("/robots.txt"), PageKind::Text(robots));
    builder.offer(address("/404.html"), PageKind::NotFound);
    builder.offer(address("/.nojekyll"), PageKind::Text(String::new()));
    builder.offer(address("/sitemap.xml"), PageKind::Sitemap(0));
    let parts = parts(builder.site);
    if parts > 1 {
        for number in 1..=parts {
            builder.claim(part_url(number), PageKind::Sitemap(number));
        }
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
        .filter(|post| absence(post, site.now).is_none())
}

fn part_url(number: usize) -> UrlPath {
    list::home_url().child(&format!("sitemap-{number}.xml"))
}

pub(super) fn view(plan: &Plan, number: usize) -> SitemapView {
    let site = &plan.site;
    let parts = parts(site);
    if number == 0 && parts > 1 {
        let entries = (1..=parts).map(|number| (site.config.absolute(&part_url(number)), None)).collect();
        return SitemapView { is_index: true, entries };
    }
    let part = number.max(1);
    // From the oldest on, so that a new post changes the last file only.
    let home = std::iter::once((site.config.absolute(&list::home_url()), None));
    let posts = listed(site).map(|post| {
        let changed = post.front.updated.or(post.date).map(|date| date.day().to_string());
        (site.config.absolute(&post.url), changed)
    });
    SitemapView { is_index: false, entries: home.chain(posts).skip((part - 1) * MOST).take(MOST).collect() }
}
