//! The posts of a series, from its first to its last.

use serde::Serialize;

use crate::page::builder::PlanBuilder;
use crate::page::cards::{self, Card};
use crate::page::kinds::feed;
use crate::page::kinds::{FileKind, PageContent, RenderOrder};
use crate::page::view::HeadView;
use crate::page::{Page, Plan, links};
use crate::site::Site;
use crate::site::taxonomy::{Taxonomy, Term};

/// A series, by its index.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesPage {
    series: usize,
}

/// Template `series.html`: a series from its first post to its last.
#[derive(Debug, Clone, Serialize)]
pub struct SeriesView<'a> {
    pub name: String,
    /// The list of all series.
    pub terms_url: String,
    /// Oldest first.
    pub posts: Vec<Card<'a>>,
}

impl SeriesPage {
    fn term<'s>(&self, site: &'s Site) -> &'s Term {
        &site.taxonomies.terms(Taxonomy::Series)[self.series]
    }
}

impl PageContent for SeriesPage {
    type View<'a> = SeriesView<'a>;

    fn plan(builder: &mut PlanBuilder<'_>) {
        let site = builder.site;
        for (series, term) in site.taxonomies.terms(Taxonomy::Series).iter().enumerate() {
            builder.claim(links::term_url(site, Taxonomy::Series, &term.slug), Self { series });
        }
    }

    fn view<'a>(&'a self, plan: &'a Plan, _page: &'a Page) -> SeriesView<'a> {
        let site = &plan.site;
        let term = self.term(site);
        SeriesView {
            name: term.name.clone(),
            terms_url: site.config.url(links::taxonomy_url(site, Taxonomy::Series)),
            posts: cards::cards(plan, term.members.iter().rev().copied()),
        }
    }

    fn template(&self) -> Option<&'static str> {
        Some("series")
    }

    fn title(&self, site: &Site) -> String {
        self.term(site).name.clone()
    }

    fn head(&self, site: &Site, page: &Page) -> Option<HeadView> {
        let mut head = HeadView::of_list(site, page, "series", self.title(site));
        head.feeds = feed::links_of_term(site, Taxonomy::Series, self.series);
        Some(head)
    }

    fn label(&self, site: &Site) -> String {
        format!("the series `{}`", self.term(site).name)
    }

    fn file_kind(&self) -> FileKind {
        FileKind::List
    }

    fn render_order(&self, site: &Site) -> RenderOrder {
        RenderOrder::List(self.term(site).members.first().copied().unwrap_or(0))
    }
}
