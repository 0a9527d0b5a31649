//! The posts of a tag or category.

use serde::Serialize;

use crate::page::builder::PlanBuilder;
use crate::page::cards::{self, Card};
use crate::page::kinds::feed;
use crate::page::kinds::{FileKind, PageContent, RenderOrder};
use crate::page::pagination::Pagination;
use crate::page::view::{HeadView, PagerView, TermCountView, TermLinkView};
use crate::page::{Page, Plan, links};
use crate::site::Site;
use crate::site::taxonomy::{Taxonomy, Term};

/// A page of the list of a term's posts.
#[derive(Debug, Clone, PartialEq)]
pub struct TermPage {
    taxonomy: Taxonomy,
    /// Its index in the taxonomy.
    term: usize,
    number: usize,
}

/// Template `term.html`: the posts of a tag or category.
#[derive(Debug, Clone, Serialize)]
pub struct TermView<'a> {
    /// `tags` or `categories`.
    pub taxonomy: &'static str,
    pub name: String,
    /// The list of all terms.
    pub terms_url: String,
    /// The terms above it, from the top.
    pub parents: Vec<TermLinkView<'a>>,
    /// The terms right below it, in alphabetical order; on the newest page only, as a new post changes no other.
    pub children: Vec<TermCountView>,
    /// What the settings say of it; plain text, may be empty.
    pub description: &'a str,
    /// How many posts it has; on the newest page only.
    pub count: Option<usize>,
    /// Newest first.
    pub posts: Vec<Card<'a>>,
    /// Neighbours of this page.
    pub pager: PagerView,
}

impl TermPage {
    fn term<'s>(&self, site: &'s Site) -> &'s Term {
        &site.taxonomies.terms(self.taxonomy)[self.term]
    }
}

impl PageContent for TermPage {
    type View<'a> = TermView<'a>;

    fn plan(builder: &mut PlanBuilder<'_>) {
        let site = builder.site;
        for taxonomy in [Taxonomy::Tags, Taxonomy::Categories] {
            for (index, term) in site.taxonomies.terms(taxonomy).iter().enumerate() {
                let url = links::term_url(site, taxonomy, &term.slug);
                let pages = Pagination::new(term.members.len(), site.config.paginate);
                for number in 1..=pages.pages() {
                    builder.claim(pages.url(&url, number), Self { taxonomy, term: index, number });
                }
            }
        }
    }

    fn view<'a>(&'a self, plan: &'a Plan, _page: &'a Page) -> TermView<'a> {
        let site = &plan.site;
        let term = self.term(site);
        let pages = Pagination::new(term.members.len(), site.config.paginate);
        let is_newest = self.number == pages.pages();
        TermView {
            taxonomy: self.taxonomy.name(),
            name: term.name.clone(),
            terms_url: site.config.url(links::taxonomy_url(site, self.taxonomy)),
            parents: links::parents(site, self.taxonomy, term),
            children: match is_newest {
                true => links::children(site, self.taxonomy, term),
                false => Vec::new(),
            },
            count: is_newest.then_some(term.members.len()),
            description: description(site, self.taxonomy, term),
            posts: cards::cards(plan, term.members[pages.entries(self.number)].iter().copied()),
            pager: pages.view(&site.config, &links::term_url(site, self.taxonomy, &term.slug), self.number),
        }
    }

    fn template(&self) -> Option<&'static str> {
        Some("term")
    }

    fn title(&self, site: &Site) -> String {
        self.term(site).name.clone()
    }

    fn head(&self, site: &Site, page: &Page) -> Option<HeadView> {
        let mut head = HeadView::of_list(site, page, "term", self.title(site));
        description(site, self.taxonomy, self.term(site)).clone_into(&mut head.description);
        head.feeds = feed::links_of_term(site, self.taxonomy, self.term);
        Some(head)
    }

    fn label(&self, site: &Site) -> String {
        format!("`{}` in {}", self.term(site).name, self.taxonomy.name())
    }

    fn file_kind(&self) -> FileKind {
        FileKind::List
    }

    fn render_order(&self, site: &Site) -> RenderOrder {
        let members = &self.term(site).members;
        let entries = Pagination::new(members.len(), site.config.paginate).entries(self.number);
        RenderOrder::List(members[entries].first().copied().unwrap_or(0))
    }
}

fn description<'s>(site: &'s Site, taxonomy: Taxonomy, term: &Term) -> &'s str {
    site.taxonomies.entry(taxonomy, term).map_or("", |entry| &entry.description)
}
