//! The page of a post.

use std::sync::Arc;

use serde::Serialize;

use crate::page::builder::PlanBuilder;
use crate::page::kinds::{FileKind, PageContent, RenderOrder, RendererKind};
use crate::page::post_view::{self, BackMatterView, PostBodyView};
use crate::page::related::FurtherPosts;
use crate::page::view::{DateLinksView, HeadView, PostLinkView};
use crate::page::{Page, Plan, links};
use crate::post::Post;
use crate::site::Site;
use crate::site::taxonomy::Taxonomy;

/// A post, by its index.
#[derive(Debug, Clone, PartialEq)]
pub struct PostPage {
    post: usize,
}

/// Template `post.html`: a post. Besides these fields there are `content`, its body as HTML, and `json_ld`, its
/// JSON-LD ready to stand in a `<script>`.
#[derive(Debug, Clone, Serialize)]
pub struct PostView<'a> {
    pub post: PostBodyView<'a>,
    pub newer: Option<PostLinkView>,
    pub older: Option<PostLinkView>,
    pub series: Option<SeriesPlaceView<'a>>,
    /// Other posts on its subject, newest first: at most three that share tags or categories and are neither `newer` and
    /// `older` nor parts of its series.
    pub related: FurtherPosts<'a>,
    /// Archive pages of its date.
    pub archive: Option<DateLinksView>,
    /// What the web wrote under it.
    pub back_matter: BackMatterView<'a>,
}

/// Where a post stands in a series.
#[derive(Debug, Clone, Serialize)]
pub struct SeriesPlaceView<'a> {
    pub name: &'a str,
    pub url: String,
    /// The post's number in it, from 1.
    pub position: usize,
    pub previous: Option<PostLinkView>,
    pub next: Option<PostLinkView>,
}

impl PageContent for PostPage {
    type View<'a> = Box<PostView<'a>>;

    fn plan(builder: &mut PlanBuilder<'_>) {
        for (index, post) in builder.site.posts.iter().enumerate() {
            builder.claim(post.url.clone(), Self { post: index });
        }
    }

    fn view<'a>(&'a self, plan: &'a Plan, _page: &'a Page) -> Box<PostView<'a>> {
        let site = &plan.site;
        let post = &site.posts[self.post];
        Box::new(PostView {
            post: post_view::body(site, post),
            newer: link(site, self.post.checked_sub(1)),
            older: link(site, self.post.checked_add(1)),
            series: series_place(site, self.post),
            related: FurtherPosts::of(site, self.post),
            archive: post.date.map(|date| links::date_links(site, date.day())),
            back_matter: post_view::back_matter(site, post),
        })
    }

    fn template(&self) -> Option<&'static str> {
        Some("post")
    }

    fn renderer(&self, site: &Site) -> RendererKind {
        let own = site.posts[self.post].front.template.clone();
        RendererKind::Template(own.unwrap_or_else(|| "post.html".to_owned()))
    }

    fn head(&self, site: &Site, page: &Page) -> Option<HeadView> {
        Some(post_view::head(site, page, "post", &site.posts[self.post]))
    }

    fn label(&self, site: &Site) -> String {
        site.posts[self.post].path.to_string()
    }

    fn post<'s>(&self, site: &'s Site) -> Option<&'s Arc<Post>> {
        site.posts.get(self.post)
    }

    fn file_kind(&self) -> FileKind {
        FileKind::Post
    }

    fn render_order(&self, _site: &Site) -> RenderOrder {
        RenderOrder::Body
    }
}

fn link(site: &Site, index: Option<usize>) -> Option<PostLinkView> {
    site.posts.get(index?).map(|post| links::post_link(site, post))
}

fn series_place(site: &Site, index: usize) -> Option<SeriesPlaceView<'_>> {
    let name = site.posts[index].front.series.as_deref()?;
    let term = site.taxonomies.term(Taxonomy::Series, name)?;
    // Members stand newest first; a series is read from its oldest.
    let from_newest = term.members.binary_search(&index).ok()?;
    Some(SeriesPlaceView {
        name: &term.name,
        url: site.config.url(&links::term_url(site, Taxonomy::Series, &term.slug)),
        position: term.members.len() - from_newest,
        previous: link(site, term.members.get(from_newest + 1).copied()),
        next: link(site, from_newest.checked_sub(1).map(|at| term.members[at])),
    })
}
