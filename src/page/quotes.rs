//! The reports this blog has quoted: all of them, and those of each publication.

use crate::page::pagination::Pagination;
use crate::page::view::{QuoteView, QuotesView, TermCountView};
use crate::page::{PageKind, PlanBuilder, list, post};
use crate::path::UrlPath;
use crate::post::Post;
use crate::post::quote::Quote;
use crate::site::Site;
use crate::site::taxonomy::alphabetical;

/// Claims the addresses of the lists of quotes.
pub(super) fn plan(builder: &mut PlanBuilder<'_>) {
    let site = builder.site;
    if site.quotes.is_empty() {
        return;
    }
    let mut claim = |url: &UrlPath, len: usize, publication| {
        let pages = Pagination::new(len, site.config.paginate);
        for number in 1..=pages.pages() {
            builder.claim(pages.url(url, number), PageKind::Quotes(publication, number));
        }
    };
    claim(&site.config.paths.quotes, site.quotes.len(), None);
    for (index, publication) in site.publications.iter().enumerate() {
        claim(&publication_url(site, &publication.slug), publication.members.len(), Some(index));
    }
}

fn publication_url(site: &Site, slug: &str) -> UrlPath {
    site.config.paths.quotes.child(&format!("from/{slug}/"))
}

pub(super) fn view(site: &Site, publication: Option<usize>, number: usize) -> QuotesView<'_> {
    let config = &site.config;
    let publication = publication.map(|index| &site.publications[index]);
    let url = match publication {
        Some(term) => publication_url(site, &term.slug),
        None => config.paths.quotes.clone(),
    };
    let len = publication.map_or(site.quotes.len(), |term| term.members.len());
    let member = |index: usize| publication.map_or(index, |term| term.members[index]);
    let pages = Pagination::new(len, config.paginate);
    let is_index = publication.is_none() && number == pages.pages();
    QuotesView {
        publication: publication.map_or_else(String::new, |term| term.name.clone()),
        quotes_url: config.url(&config.paths.quotes),
        publications: if is_index { publications(site) } else { Vec::new() },
        quotes: pages
            .entries(number)
            .map(|index| {
                let (post, quote) = site.quotes[member(index)];
                let post = &site.posts[post];
                quote_view(site, post, &post.quotes[quote])
            })
            .collect(),
        pager: pages.view(config, &url, number),
    }
}

fn publications(site: &Site) -> Vec<TermCountView> {
    alphabetical(site.publications.iter(), &site.config.language)
        .into_iter()
        .map(|term| TermCountView {
            name: term.name.clone(),
            url: site.config.url(&publication_url(site, &term.slug)),
            count: term.members.len(),
        })
        .collect()
}

/// A quote as lists show it.
pub(super) fn quote_view<'s>(site: &'s Site, post: &'s Post, quote: &'s Quote) -> QuoteView<'s> {
    let cite = quote.target.as_ref().and_then(|target| post::absolute(site, target));
    let url = cite.as_ref().map(|url| {
        let fragment =
            if url.contains('#') { quote.fragment.trim_start_matches('#') } else { &quote.fragment };
        format!("{url}{fragment}")
    });
    QuoteView {
        text_html: &quote.text_html,
        language: quote.language.as_deref().or(post.front.language.as_deref()),
        title: &quote.source.title,
        url,
        cite,
        author: &quote.source.author,
        publication: &quote.source.publication,
        published: Some(quote.source.published.as_str()).filter(|date| !date.is_empty()),
        post: list::post_link(site, post),
        permalink: format!("{}#{}", site.config.url(&post.url), quote.anchor),
    }
}
