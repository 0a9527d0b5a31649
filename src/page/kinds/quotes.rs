//! The reports this blog has quoted: all of them, and those of each publication.

use serde::Serialize;

use crate::page::builder::PlanBuilder;
use crate::page::kinds::feed;
use crate::page::kinds::{FileKind, PageContent};
use crate::page::pagination::Pagination;
use crate::page::quote_view::{QuoteView, quote_view};
use crate::page::view::{HeadView, PagerView, TermCountView};
use crate::page::{Page, Plan, links};
use crate::path::UrlPath;
use crate::site::Site;
use crate::site::taxonomy::Term;

/// A page of a list of quotes.
#[derive(Debug, Clone, PartialEq)]
pub struct QuotesPage {
    /// The index of a publication; none for all quotes.
    publication: Option<usize>,
    number: usize,
}

/// Template `quotes.html`: the reports this blog has quoted, all or of one publication.
#[derive(Debug, Clone, Serialize)]
pub struct QuotesView<'a> {
    /// The publication whose quotes these are; empty on `/quotes/`.
    pub publication: String,
    /// The list of all quotes.
    pub quotes_url: String,
    /// All publications, on the newest page of `/quotes/` only.
    pub publications: Vec<TermCountView>,
    /// Newest first.
    pub quotes: Vec<QuoteView<'a>>,
    /// Neighbours of this page.
    pub pager: PagerView,
}

impl QuotesPage {
    fn publication<'s>(&self, site: &'s Site) -> Option<&'s Term> {
        self.publication.map(|index| &site.publications[index])
    }

    /// The address of the list's newest page.
    fn list_url(&self, site: &Site) -> UrlPath {
        match self.publication(site) {
            Some(term) => links::publication_url(site, &term.slug),
            None => site.config.paths.quotes.clone(),
        }
    }

    fn pages(&self, site: &Site) -> Pagination {
        let len = self.publication(site).map_or(site.quotes.len(), |term| term.members.len());
        Pagination::new(len, site.config.paginate)
    }
}

impl PageContent for QuotesPage {
    type View<'a> = QuotesView<'a>;

    fn plan(builder: &mut PlanBuilder<'_>) {
        let site = builder.site;
        if site.quotes.is_empty() {
            return;
        }
        for publication in std::iter::once(None).chain((0..site.publications.len()).map(Some)) {
            let newest = Self { publication, number: 1 };
            let pages = newest.pages(site);
            for number in 1..=pages.pages() {
                builder.claim(pages.url(&newest.list_url(site), number), Self { publication, number });
            }
        }
    }

    fn view<'a>(&'a self, plan: &'a Plan, _page: &'a Page) -> QuotesView<'a> {
        let site = &plan.site;
        let publication = self.publication(site);
        let pages = self.pages(site);
        let is_index = publication.is_none() && self.number == pages.pages();
        let quotes = pages.entries(self.number).map(|index| {
            let member = publication.map_or(index, |term| term.members[index]);
            let (post, quote) = site.quotes[member];
            let post = &site.posts[post];
            quote_view(site, post, &post.quotes[quote])
        });
        QuotesView {
            publication: publication.map_or_else(String::new, |term| term.name.clone()),
            quotes_url: site.config.url(&site.config.paths.quotes),
            publications: if is_index { publications(site) } else { Vec::new() },
            quotes: quotes.collect(),
            pager: pages.view(&site.config, &self.list_url(site), self.number),
        }
    }

    fn template(&self) -> Option<&'static str> {
        Some("quotes")
    }

    fn title(&self, site: &Site) -> String {
        self.publication(site).map_or_else(String::new, |term| term.name.clone())
    }

    fn head(&self, site: &Site, page: &Page) -> Option<HeadView> {
        let mut head = HeadView::of_list(site, page, "quotes", self.title(site));
        head.feeds = feed::links_of_quotes(site);
        Some(head)
    }

    fn label(&self, _site: &Site) -> String {
        "the list of quotes".to_owned()
    }

    fn file_kind(&self) -> FileKind {
        FileKind::List
    }
}

fn publications(site: &Site) -> Vec<TermCountView> {
    links::term_counts(site, &site.publications, |term| links::publication_url(site, &term.slug))
}
