//! A page without a date, such as *About*.

use std::sync::Arc;

use serde::Serialize;

use crate::page::builder::PlanBuilder;
use crate::page::kinds::{FileKind, PageContent, RenderOrder, RendererKind};
use crate::page::post_view::{self, BackMatterView, PostBodyView};
use crate::page::view::HeadView;
use crate::page::{Page, Plan, links};
use crate::post::Post;
use crate::site::Site;

/// A page without a date, by its index.
#[derive(Debug, Clone, PartialEq)]
pub struct StaticPage {
    page: usize,
}

/// Template `page.html`: a page without a date, such as *About*. There are `content` and `json_ld` as well.
#[derive(Debug, Clone, Serialize)]
pub struct StaticPageView<'a> {
    /// The page itself, with the same fields as a post.
    pub post: PostBodyView<'a>,
    /// What the web wrote under it.
    pub back_matter: BackMatterView<'a>,
}

impl PageContent for StaticPage {
    type View<'a> = Box<StaticPageView<'a>>;

    fn plan(builder: &mut PlanBuilder<'_>) {
        let site = builder.site;
        // The front page with its list is one of another kind.
        let is_list_there = site.config.paths.posts == links::home_url();
        let with_list = site.front_page().filter(|&index| is_list_there && site.pages[index].front.list);
        for (index, page) in site.pages.iter().enumerate().filter(|(index, _)| Some(*index) != with_list) {
            builder.claim(page.url.clone(), Self { page: index });
        }
    }

    fn view<'a>(&'a self, plan: &'a Plan, _page: &'a Page) -> Box<StaticPageView<'a>> {
        let site = &plan.site;
        let post = &site.pages[self.page];
        Box::new(StaticPageView {
            post: post_view::body(site, post),
            back_matter: post_view::back_matter(site, post),
        })
    }

    fn template(&self) -> Option<&'static str> {
        Some("page")
    }

    fn renderer(&self, site: &Site) -> RendererKind {
        let own = site.pages[self.page].front.template.clone();
        RendererKind::Template(own.unwrap_or_else(|| "page.html".to_owned()))
    }

    fn head(&self, site: &Site, page: &Page) -> Option<HeadView> {
        Some(post_view::head(site, page, "page", &site.pages[self.page]))
    }

    fn label(&self, site: &Site) -> String {
        site.pages[self.page].path.to_string()
    }

    fn post<'s>(&self, site: &'s Site) -> Option<&'s Arc<Post>> {
        site.pages.get(self.page)
    }

    fn file_kind(&self) -> FileKind {
        FileKind::Page
    }

    fn render_order(&self, _site: &Site) -> RenderOrder {
        RenderOrder::Body
    }
}
