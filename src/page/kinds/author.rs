//! The posts of an author.

use serde::Serialize;

use crate::page::builder::PlanBuilder;
use crate::page::cards::{self, Card};
use crate::page::json_ld;
use crate::page::kinds::feed;
use crate::page::kinds::{FileKind, PageContent, RenderOrder};
use crate::page::pagination::Pagination;
use crate::page::view::{AuthorView, HeadView, PagerView};
use crate::page::{Page, Plan, links};
use crate::path::UrlPath;
use crate::site::Site;
use crate::site::taxonomy::{Taxonomy, Term};

/// A page of the list of an author's posts.
#[derive(Debug, Clone, PartialEq)]
pub struct AuthorPage {
    /// Their index among the authors.
    author: usize,
    number: usize,
}

/// Template `author.html`: an author and their posts. `json_ld` is their JSON-LD, ready to stand in a `<script>`.
#[derive(Debug, Clone, Serialize)]
pub struct AuthorPageView<'a> {
    pub author: AuthorView<'a>,
    /// What the settings say of them; plain text, may be empty.
    pub description: &'a str,
    /// The list of all authors.
    pub terms_url: String,
    /// How many posts they have; on the newest page only, as a new post changes no other.
    pub count: Option<usize>,
    /// Newest first.
    pub posts: Vec<Card<'a>>,
    /// Neighbours of this page.
    pub pager: PagerView,
    /// schema.org's `ProfilePage`.
    pub json_ld: String,
}

impl AuthorPage {
    fn term<'s>(&self, site: &'s Site) -> &'s Term {
        &site.taxonomies.terms(Taxonomy::Authors)[self.author]
    }

    fn url(&self, site: &Site) -> UrlPath {
        links::term_url(site, Taxonomy::Authors, &self.term(site).slug)
    }

    fn pages(&self, site: &Site) -> Pagination {
        Pagination::new(self.term(site).members.len(), site.config.paginate)
    }

    fn description<'s>(&self, site: &'s Site) -> &'s str {
        site.config.authors.get(&self.term(site).name).map_or("", |entry| &entry.description)
    }
}

impl PageContent for AuthorPage {
    type View<'a> = AuthorPageView<'a>;

    fn plan(builder: &mut PlanBuilder<'_>) {
        let site = builder.site;
        for author in 0..site.taxonomies.terms(Taxonomy::Authors).len() {
            let newest = Self { author, number: 1 };
            let (url, pages) = (newest.url(site), newest.pages(site));
            for number in 1..=pages.pages() {
                // Blogs that wrote pages of their authors by hand may have them at these addresses.
                builder.offer(pages.url(&url, number), Self { author, number });
            }
        }
    }

    fn view<'a>(&'a self, plan: &'a Plan, _page: &'a Page) -> AuthorPageView<'a> {
        let site = &plan.site;
        let (term, pages, url) = (self.term(site), self.pages(site), self.url(site));
        let author = AuthorView {
            name: &term.name,
            posts: Some(site.config.url(&url)),
            ..AuthorView::of(site.taxonomies.person(self.author))
        };
        AuthorPageView {
            description: self.description(site),
            terms_url: site.config.url(links::taxonomy_url(site, Taxonomy::Authors)),
            count: (self.number == pages.pages()).then_some(term.members.len()),
            posts: cards::cards(plan, term.members[pages.entries(self.number)].iter().copied()),
            pager: pages.view(&site.config, &url, self.number),
            json_ld: json_ld::profile(&site.config, &author, self.description(site)),
            author,
        }
    }

    fn template(&self) -> Option<&'static str> {
        Some("author")
    }

    fn title(&self, site: &Site) -> String {
        self.term(site).name.clone()
    }

    fn head(&self, site: &Site, page: &Page) -> Option<HeadView> {
        let mut head = HeadView::of_list(site, page, "author", self.title(site));
        self.description(site).clone_into(&mut head.description);
        let photo = site.taxonomies.person(self.author).photo.as_deref();
        head.image = photo.map(|photo| site.config.absolute_link(photo));
        head.image_alt = if photo.is_some() { self.title(site) } else { String::new() };
        head.feeds = feed::links_of_term(site, Taxonomy::Authors, self.author);
        Some(head)
    }

    fn label(&self, site: &Site) -> String {
        format!("the posts of `{}`", self.term(site).name)
    }

    fn file_kind(&self) -> FileKind {
        FileKind::List
    }

    fn render_order(&self, site: &Site) -> RenderOrder {
        let entries = self.pages(site).entries(self.number);
        RenderOrder::List(self.term(site).members[entries].first().copied().unwrap_or(0))
    }
}
