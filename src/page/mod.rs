//! Every output of a site: its path, its kind, and what it may show.
//!
//! [`Plan::of`] lists the pages; [`Plan::render_input`] gives the data of one. Both are pure. A page is stale
//! if its fingerprint (its template and its view, with the bodies it prints) or an answer its template asked for
//! has changed; see [`question`]. To add a kind of page, see [`kinds`].

pub(crate) mod builder;
pub(crate) mod cards;
pub(crate) mod json_ld;
pub(crate) mod kinds;
mod links;
mod lint;
pub(crate) mod pagination;
pub(crate) mod picture_view;
pub(crate) mod post_view;
pub(crate) mod question;
pub(crate) mod quote_view;
pub(crate) mod redirects;
mod related;
pub(crate) mod view;

use std::sync::Arc;

use hashbrown::HashMap;
use serde::Serialize;

use crate::diagnostic::Diagnostic;
use crate::hash::Hash;
use crate::linkback::Linkback;
use crate::page::builder::{Clash, PlanBuilder};
use crate::page::cards::Cards;
use crate::page::json_ld::JsonLd;
use crate::page::kinds::{PageKind, RenderOrder, RendererKind, View};
use crate::page::redirects::Redirects;
use crate::page::view::HeadView;
use crate::path::{OutputPath, SourcePath, UrlPath};
use crate::post::Post;
use crate::search::segments::Segments;
use crate::site::{FileContent, Site};

/// An output.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// Where it is written.
    pub to: OutputPath,
    pub url: UrlPath,
    pub kind: PageKind,
}

/// All that an output is rendered from.
#[derive(Serialize)]
pub struct RenderInput<'a> {
    /// What makes its bytes.
    pub renderer: RendererKind,
    /// What every page that a template makes shows.
    pub head: Option<HeadView>,
    /// What this page shows.
    pub view: View<'a>,
    /// The files of the bodies it prints, in order, with their fingerprints.
    pub bodies: Vec<(&'a SourcePath, Hash)>,
    /// The JSON-LD of a post. It is made of the post's file, which is among the bodies, so it is not part of the
    /// fingerprint.
    #[serde(skip)]
    pub json_ld: Option<JsonLd<'a>>,
}

impl RenderInput<'_> {
    /// The fingerprint of all of it.
    pub fn fingerprint(&self) -> Hash {
        Hash::of_value(self)
    }
}

/// What is wrong with the outputs of a site.
pub struct PlanFaults {
    /// Faults that no other site would mend.
    pub diagnostics: Vec<Diagnostic>,
    /// Outputs that cannot both be written. A site without the files that give way has none of them.
    pub clashes: Vec<Clash>,
}

/// All outputs of a site.
pub struct Plan {
    pub site: Site,
    pub pages: Arc<Vec<Page>>,
    /// Where addresses lead that belong to no page.
    pub redirects: Arc<Redirects>,
    /// The parts of the index of the search page.
    pub search: Arc<Segments>,
    by_output: Arc<HashMap<OutputPath, usize>>,
    cards: Cards,
}

impl Plan {
    /// Lists the outputs, and reports addresses that are claimed twice and links that lead to none.
    pub fn of(site: Site) -> (Self, PlanFaults) {
        let PlanBuilder { pages, search, claims, diagnostics, clashes, redirects, .. } =
            PlanBuilder::build(&site);
        let cards = Cards::of(&site);
        let plan = Self {
            site,
            pages: Arc::new(pages),
            redirects: Arc::new(redirects),
            search,
            by_output: Arc::new(claims),
            cards,
        };
        (plan, PlanFaults { diagnostics, clashes })
    }

    /// The plan of a site that has the same outputs, but perhaps for those of the search page: `None` if it has others.
    fn of_like(&self, site: Site) -> Option<Self> {
        let search = Segments::of(&site);
        self.search.have_the_files_of(&search).then(|| Self {
            cards: Cards::of(&site),
            search: Arc::new(search),
            site,
            pages: Arc::clone(&self.pages),
            redirects: Arc::clone(&self.redirects),
            by_output: Arc::clone(&self.by_output),
        })
    }

    /// The plan with another text of a post. `None` if outputs may come or go, or links lead elsewhere: then the site
    /// has to be assembled again.
    pub fn with_post(&self, post: &Arc<Post>) -> Option<Self> {
        self.of_like(self.site.with_post(post)?)
    }

    /// The plan with the linkbacks that a back matter file has now. `None` if links or redirects may lead elsewhere, or
    /// the file belongs to no post.
    pub fn with_linkbacks(&self, file: &SourcePath, linkbacks: &[Linkback]) -> Option<Self> {
        let site = self.site.with_linkbacks(file, linkbacks)?;
        // Redirects to posts that have linkbacks come before others, where a host takes a limited number.
        if !self.redirects.rules.is_empty() && linked_posts(&self.site) != linked_posts(&site) {
            return None;
        }
        self.of_like(site)
    }

    /// The plan with another content of a file to copy. `None` if it is a new one.
    pub fn with_file(&self, path: &SourcePath, content: FileContent) -> Option<Self> {
        self.of_like(self.site.with_file(path, content)?)
    }

    /// The page at an address.
    pub fn page_at(&self, url: &UrlPath) -> Option<&Page> {
        let page = self.by_output.get(&url.output()).map(|&index| &self.pages[index]);
        page.filter(|page| page.url == *url)
    }

    /// When a page is best rendered.
    pub fn render_order(&self, page: &Page) -> RenderOrder {
        page.kind.content().render_order(&self.site)
    }

    /// Drops the cards that lists were made of. They are made again when a list asks for them.
    pub fn forget_cards(&self) {
        self.cards.forget();
    }

    /// How often the bodies of posts are read besides for their own pages: for each feed and for the index of the search
    /// page.
    pub fn body_uses(&self) -> HashMap<&SourcePath, usize> {
        let in_feeds = self.pages.iter().flat_map(|page| match &page.kind {
            PageKind::Feed(feed) => feed.full_posts(&self.site),
            _ => Vec::new(),
        });
        let in_feeds = in_feeds.map(|post| &*self.site.posts[post]);
        let indexed = self.search.0.iter().flat_map(|segment| &segment.posts);
        let indexed = indexed.map(|&index| self.site.at(index));
        let mut uses = HashMap::new();
        for post in in_feeds.chain(indexed) {
            *uses.entry(&post.path).or_default() += 1;
        }
        uses
    }

    /// All that an output is rendered from.
    pub fn render_input<'a>(&'a self, page: &'a Page) -> RenderInput<'a> {
        let (site, content) = (&self.site, page.kind.content());
        RenderInput {
            renderer: content.renderer(site),
            head: content.head(site, page),
            view: page.kind.view(self, page),
            bodies: content.bodies(site).into_iter().map(|post| (&post.path, post.hash)).collect(),
            json_ld: content.post(site).map(|post| JsonLd { site, post }),
        }
    }
}

/// How many posts have linkbacks.
fn linked_posts(site: &Site) -> usize {
    site.linkbacks.values().filter(|linkbacks| !linkbacks.is_empty()).count()
}
