//! Lists of posts: the home page, tags, categories and series.

use crate::config::Author;
use crate::html;
use crate::page::pagination::Pagination;
use crate::page::view::{
    CardView, HeadView, HomeView, PostLinkView, SeriesView, TermCountView, TermLinkView, TermView, TermsView,
};
use crate::page::{Draft, Page, Subject, post};
use crate::path::UrlPath;
use crate::post::Post;
use crate::site::Site;
use crate::site::taxonomy::{Taxonomy, term_slug};

/// Claims the addresses of all lists.
pub(super) fn plan(draft: &mut Draft<'_>) {
    let site = draft.site;
    let home = home_url();
    let pages = Pagination::new(site.posts.len(), site.config.paginate);
    for number in 1..=pages.pages() {
        draft.claim(pages.url(&home, number), Subject::Home(number));
    }
    for taxonomy in Taxonomy::ALL {
        let terms = site.taxonomies.terms(taxonomy);
        if terms.is_empty() {
            continue;
        }
        draft.claim(folder(site, taxonomy).clone(), Subject::Terms(taxonomy));
        for (index, term) in terms.iter().enumerate() {
            let url = term_url(site, taxonomy, &term.slug);
            if taxonomy == Taxonomy::Series {
                draft.claim(url, Subject::Series(index));
                continue;
            }
            let pages = Pagination::new(term.members.len(), site.config.paginate);
            for number in 1..=pages.pages() {
                draft.claim(pages.url(&url, number), Subject::Term(taxonomy, index, number));
            }
        }
    }
}

/// The address of the home page.
pub(super) fn home_url() -> UrlPath {
    UrlPath::new("/").expect("the root is an address")
}

/// Where the terms of a kind are listed.
pub(super) fn folder(site: &Site, taxonomy: Taxonomy) -> &UrlPath {
    match taxonomy {
        Taxonomy::Tags => &site.config.paths.tags,
        Taxonomy::Categories => &site.config.paths.categories,
        Taxonomy::Series => &site.config.paths.series,
    }
}

/// The address of a term.
pub(super) fn term_url(site: &Site, taxonomy: Taxonomy, slug: &str) -> UrlPath {
    folder(site, taxonomy).child(&format!("{slug}/"))
}

pub(super) fn head(site: &Site, page: &Page, kind: &'static str, title: &str) -> HeadView {
    let config = &site.config;
    HeadView {
        kind,
        title: title.to_owned(),
        url: config.url(&page.url),
        permalink: config.absolute(&page.url),
        description: if kind == "home" { config.description.clone() } else { String::new() },
        language: config.language.clone(),
        direction: html::direction(&config.language),
        image: None,
        feeds: Vec::new(),
    }
}

pub(super) fn home(site: &Site, number: usize) -> HomeView<'_> {
    let config = &site.config;
    let pages = Pagination::new(site.posts.len(), config.paginate);
    HomeView {
        posts: site.posts[pages.entries(number)].iter().map(|post| card(site, post)).collect(),
        pager: pages.view(config, &home_url(), number),
    }
}

pub(super) fn terms(site: &Site, taxonomy: Taxonomy) -> TermsView {
    let mut terms: Vec<_> = site.taxonomies.terms(taxonomy).iter().collect();
    terms.sort_by_cached_key(|term| (term.name.to_lowercase(), &term.slug));
    TermsView {
        taxonomy: taxonomy.name(),
        terms: terms
            .into_iter()
            .map(|term| TermCountView {
                name: term.name.clone(),
                url: site.config.url(&term_url(site, taxonomy, &term.slug)),
                count: term.members.len(),
            })
            .collect(),
    }
}

pub(super) fn term(site: &Site, taxonomy: Taxonomy, index: usize, number: usize) -> TermView<'_> {
    let term = &site.taxonomies.terms(taxonomy)[index];
    let pages = Pagination::new(term.members.len(), site.config.paginate);
    TermView {
        taxonomy: taxonomy.name(),
        name: term.name.clone(),
        terms_url: site.config.url(folder(site, taxonomy)),
        posts: term.members[pages.entries(number)]
            .iter()
            .map(|&post| card(site, &site.posts[post]))
            .collect(),
        pager: pages.view(&site.config, &term_url(site, taxonomy, &term.slug), number),
    }
}

pub(super) fn series(site: &Site, index: usize) -> SeriesView<'_> {
    let term = &site.taxonomies.terms(Taxonomy::Series)[index];
    SeriesView {
        name: term.name.clone(),
        terms_url: site.config.url(folder(site, Taxonomy::Series)),
        posts: term.members.iter().rev().map(|&post| card(site, &site.posts[post])).collect(),
    }
}

/// A post as lists show it.
pub(super) fn card<'s>(site: &'s Site, post: &'s Post) -> CardView<'s> {
    let config = &site.config;
    let language = post.language.as_deref().unwrap_or(&config.language);
    CardView {
        title: &post.title,
        url: config.url(&post.url),
        permalink: config.absolute(&post.url),
        date: post.date.map(|date| date.to_text()),
        updated: post.updated.map(|date| date.to_text()),
        authors: authors(site, post),
        tags: term_links(site, Taxonomy::Tags, &post.tags),
        categories: term_links(site, Taxonomy::Categories, &post.categories),
        summary_html: &post.summary_html,
        has_more: post.has_more,
        words: post.words,
        minutes: post.minutes,
        link: post.link.as_deref(),
        language,
        direction: html::direction(language),
        image: post::image(site, post),
        quotes: post.quotes.len(),
        draft: post.draft,
        future: post.date.is_some_and(|date| date.time() > site.now.time()),
        expired: post.expires.is_some_and(|expires| expires.time() <= site.now.time()),
    }
}

/// A post's title, address and date.
pub(super) fn post_link(site: &Site, post: &Post) -> PostLinkView {
    PostLinkView {
        title: post.label(),
        url: site.config.url(&post.url),
        date: post.date.map(|date| date.to_text()),
    }
}

/// A post's authors; the site's if it names none.
pub(super) fn authors<'s>(site: &'s Site, post: &'s Post) -> Vec<&'s Author> {
    let authors = if post.authors.is_empty() { site.config.author.as_slice() } else { &post.authors };
    authors.iter().collect()
}

/// The terms of a post with their addresses.
pub(super) fn term_links<'s>(site: &Site, taxonomy: Taxonomy, names: &'s [String]) -> Vec<TermLinkView<'s>> {
    names
        .iter()
        .map(|name| TermLinkView { name, url: site.config.url(&term_url(site, taxonomy, &term_slug(name))) })
        .collect()
}
