//! The home page: its own text if there is one, the newest posts, and the pages of older ones.

use std::sync::Arc;

use serde::Serialize;

use crate::page::builder::PlanBuilder;
use crate::page::cards::{self, Card};
use crate::page::kinds::{FileKind, PageContent, RenderOrder, RendererKind};
use crate::page::pagination::Pagination;
use crate::page::post_view::{self, BackMatterView, PostBodyView};
use crate::page::view::{HeadView, PagerView};
use crate::page::{Page, Plan, links};
use crate::post::Post;
use crate::site::Site;

/// A page of the list of all posts.
#[derive(Debug, Clone, PartialEq)]
pub struct HomePage {
    number: usize,
    /// The text that stands above the newest posts, by its index in the pages of the site.
    text: Option<usize>,
}

/// Template `home.html`: the newest posts. With a text of its own there are `content` and `json_ld` as well.
#[derive(Debug, Clone, Serialize)]
pub struct HomeView<'a> {
    /// The text above the list, with the same fields as a post: the page whose address is `/`.
    pub post: Option<Box<PostBodyView<'a>>>,
    /// What the web wrote under it.
    pub back_matter: Option<BackMatterView<'a>>,
    /// Posts that are kept at the top, newest first: on the newest page, whose `posts` are the others.
    pub pinned: Vec<Card<'a>>,
    /// Newest first.
    pub posts: Vec<Card<'a>>,
    /// Neighbours of this page.
    pub pager: PagerView,
}

impl PageContent for HomePage {
    type View<'a> = HomeView<'a>;

    fn plan(builder: &mut PlanBuilder<'_>) {
        let site = builder.site;
        let list = &site.config.paths.posts;
        let text = site.front_page().filter(|_| *list == links::home_url());
        if text.is_some_and(|text| !site.pages[text].front.list) {
            // The text stands instead of the list, which is nowhere.
            return;
        }
        let pages = pagination(site);
        for number in 1..=pages.pages() {
            let text = text.filter(|_| number == pages.pages());
            builder.claim(pages.url(list, number), Self { number, text });
        }
    }

    fn view<'a>(&'a self, plan: &'a Plan, _page: &'a Page) -> HomeView<'a> {
        let pages = pagination(&plan.site);
        let text = self.text.map(|text| &*plan.site.pages[text]);
        let is_newest = self.number == pages.pages();
        let pinned =
            (0..plan.site.posts.len()).filter(|post| is_newest && plan.site.posts[*post].front.pinned);
        let posts =
            pages.entries(self.number).filter(|post| !is_newest || !plan.site.posts[*post].front.pinned);
        HomeView {
            post: text.map(|text| Box::new(post_view::body(&plan.site, text))),
            back_matter: text.map(|text| post_view::back_matter(&plan.site, text)),
            pinned: cards::cards(plan, pinned),
            posts: cards::cards(plan, posts),
            pager: pages.view(&plan.site.config, &plan.site.config.paths.posts, self.number),
        }
    }

    fn template(&self) -> Option<&'static str> {
        Some("home")
    }

    fn renderer(&self, site: &Site) -> RendererKind {
        let own = self.text.and_then(|text| site.pages[text].front.template.clone());
        RendererKind::Template(own.unwrap_or_else(|| "home.html".to_owned()))
    }

    fn head(&self, site: &Site, page: &Page) -> Option<HeadView> {
        let Some(text) = self.text.map(|text| &site.pages[text]) else {
            let head = HeadView::of_list(site, page, "home", String::new());
            return Some(HeadView { description: site.config.description.clone(), ..head });
        };
        let head = post_view::head(site, page, "home", text);
        let described =
            if head.description.is_empty() { &site.config.description } else { &head.description };
        // Without a title it is the home page of the site, and has its name.
        Some(HeadView { title: text.title.clone(), description: described.clone(), ..head })
    }

    fn post<'s>(&self, site: &'s Site) -> Option<&'s Arc<Post>> {
        site.pages.get(self.text?)
    }

    fn label(&self, site: &Site) -> String {
        let text = self.text.map(|text| site.pages[text].path.to_string());
        text.unwrap_or_else(|| "the home page".to_owned())
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
