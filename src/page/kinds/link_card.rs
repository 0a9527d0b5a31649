//! A picture of a post's title, for previews of links to a post that has no picture.

use serde::Serialize;

use crate::html;
use crate::page::builder::PlanBuilder;
use crate::page::kinds::{FileKind, PageContent, RenderOrder, RendererKind};
use crate::page::{Page, Plan};
use crate::path::UrlPath;
use crate::picture::card::missing_character;
use crate::post::Post;
use crate::site::Site;

/// Posts that have one: of older ones hardly a link is shared.
const NEWEST: usize = 50;

/// The card of a post, by its index.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkCard {
    post: usize,
}

/// Template `card.svg.xml`: a picture of a title. Besides `card` there is `title`, with the `size` of its letters and its
/// `lines`, each with its `text` and its base line `y`.
#[derive(Debug, Clone, Serialize)]
pub struct LinkCardView<'a> {
    pub card: LinkCardText<'a>,
}

/// What a card shows.
#[derive(Debug, Clone, Serialize)]
pub struct LinkCardText<'a> {
    pub title: String,
    pub site: &'a str,
    pub date: Option<String>,
    /// BCP 47 tag of the post's language.
    pub language: &'a str,
    /// `ltr` or `rtl`.
    pub direction: &'static str,
}

impl PageContent for LinkCard {
    type View<'a> = LinkCardView<'a>;

    fn plan(builder: &mut PlanBuilder<'_>) {
        for (index, url) in cards(builder.site) {
            builder.offer(url, Self { post: index });
        }
    }

    fn view<'a>(&'a self, plan: &'a Plan, _page: &'a Page) -> LinkCardView<'a> {
        let site = &plan.site;
        let post = &site.posts[self.post];
        let language = site.language_of(post);
        LinkCardView {
            card: LinkCardText {
                title: post.label(),
                site: &site.config.title,
                date: post.date.map(|date| date.to_text()),
                language,
                direction: html::direction(language),
            },
        }
    }

    fn template(&self) -> Option<&'static str> {
        None
    }

    fn renderer(&self, _site: &Site) -> RendererKind {
        RendererKind::Template("card.svg.xml".to_owned())
    }

    fn label(&self, site: &Site) -> String {
        format!("the card of {}", site.posts[self.post].path)
    }

    fn file_kind(&self) -> FileKind {
        FileKind::Asset
    }

    fn render_order(&self, _site: &Site) -> RenderOrder {
        RenderOrder::Body
    }
}

fn cards(site: &Site) -> impl Iterator<Item = (usize, UrlPath)> {
    let posts = site.posts.iter().take(NEWEST).enumerate();
    posts.filter_map(|(index, post)| Some((index, card_of(site, post)?)))
}

/// The address of a post's card, if it may have one.
fn card_of(site: &Site, post: &Post) -> Option<UrlPath> {
    let has_card = site.config.images.cards
        && post.front.image.is_none()
        && missing_character(&post.label()).is_none()
        && missing_character(&site.config.title).is_none();
    let url = post.url.as_str();
    has_card.then(|| match url.strip_suffix('/') {
        Some(_) => UrlPath::new(&format!("{url}card.png")),
        None => UrlPath::new(&format!("{}-card.png", url.rsplit_once('.').map_or(url, |(stem, _)| stem))),
    })?
}

/// The address of the card that stands for a post.
pub(crate) fn address(site: &Site, post: &Post) -> Option<UrlPath> {
    let is_new = site.posts.iter().take(NEWEST).any(|newest| newest.path == post.path);
    is_new.then(|| card_of(site, post))?
}

/// The newest posts that get no card, and the first character that is missing.
pub(crate) fn undrawable(site: &Site) -> impl Iterator<Item = (&Post, char)> {
    let posts = site.posts.iter().take(NEWEST).filter(|post| post.front.image.is_none());
    let posts = posts.filter(|_| site.config.images.cards);
    posts.filter_map(|post| {
        let missing = missing_character(&post.label()).or_else(|| missing_character(&site.config.title))?;
        Some((&**post, missing))
    })
}
