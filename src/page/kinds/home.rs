//! The home page: the newest posts, and the pages of older ones.

use serde::Serialize;

use crate::page::builder::PlanBuilder;
use crate::page::cards::{self, Card};
use crate::page::kind::{FileKind, PageContent, RenderOrder};
use crate::page::pagination::Pagination;
use crate::page::view::{HeadView, PagerView};
use crate::page::{Page, Plan, links};
use crate::site::Site;

/// A page of the list of all posts.
#[derive(Debug, Clone, PartialEq)]
pub struct HomePage {
    number: usize,
}

/// Template `home.html`: the newest posts.
#[derive(Debug, Clone, Serialize)]
pub struct HomeView<'a> {
    /// Newest first.
    pub posts: Vec<Card<'a>>,
    /// Neighbours of this page.
    pub pager: PagerView,
}

impl PageContent for HomePage {
    type View<'a> = HomeView<'a>;

    fn plan(builder: &mut PlanBuilder<'_>) {
        let pages = pagination(builder.site);
        for number in 1..=pages.pages() {
            builder.claim(pages.url(&links::home_url(), number), Self { number });
        }
    }

    fn view<'a>(&'a self, plan: &'a Plan, _page: &'a Page) -> HomeView<'a> {
        let pages = pagination(&plan.site);
        HomeView {
            posts: cards::cards(plan, pages.entries(self.number)),
            pager: pages.view(&plan.site.config, &links::home_url(), self.number),
        }
    }

    fn template(&self) -> Option<&'static str> {
        Some("home")
    }

    fn head(&self, site: &Site, page: &Page) -> Option<HeadView> {
        let head = HeadView::of_list(site, page, "home", String::new());
        Some(HeadView { description: site.config.description.clone(), ..head })
    }

    fn label(&self, _site: &Site) -> String {
        "the home page".to_owned()
    }

    fn file_kind(&self) -> FileKind {
        FileKind::List
    }

    fn render_order(&self, site: &Site) -> RenderOrder {
        RenderOrder::List(pagination(site).entries(self.number).next().unwrap_or(0))
    }
}

fn pagination(site: &Site) -> Pagination {
    Pagination::new(site.posts.len(), site.config.paginate)
}
