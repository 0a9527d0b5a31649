//! Lists of posts: the home page, tags, categories and series.

use std::fmt;
use std::sync::OnceLock;

use parking_lot::Mutex;
use serde::{Serialize, Serializer};
use tera::Value;

use crate::config::Author;
use crate::fifo_cache::FifoCache;
use crate::hash::Hash;
use crate::html;
use crate::page::pagination::Pagination;
use crate::page::view::{
    CardView, HeadView, HomeView, PostLinkView, SeriesView, TermCountView, TermLinkView, TermView, TermsView,
};
use crate::page::{Page, PageKind, Plan, PlanBuilder, post};
use crate::path::UrlPath;
use crate::post::Post;
use crate::site::Site;
use crate::site::taxonomy::{Taxonomy, alphabetical};

/// Claims the addresses of all lists.
pub(super) fn plan(builder: &mut PlanBuilder<'_>) {
    let site = builder.site;
    let home = home_url();
    let pages = Pagination::new(site.posts.len(), site.config.paginate);
    for number in 1..=pages.pages() {
        builder.claim(pages.url(&home, number), PageKind::Home(number));
    }
    for taxonomy in Taxonomy::ALL {
        let terms = site.taxonomies.terms(taxonomy);
        if terms.is_empty() {
            continue;
        }
        builder.claim(folder(site, taxonomy).clone(), PageKind::Terms(taxonomy));
        for (index, term) in terms.iter().enumerate() {
            let url = term_url(site, taxonomy, &term.slug);
            if taxonomy == Taxonomy::Series {
                builder.claim(url, PageKind::Series(index));
                continue;
            }
            let pages = Pagination::new(term.members.len(), site.config.paginate);
            for number in 1..=pages.pages() {
                builder.claim(pages.url(&url, number), PageKind::Term(taxonomy, index, number));
            }
        }
    }
}

/// The first post that a list shows; that of a page that shows none is the first of all.
pub(super) fn first_post(site: &Site, subject: &PageKind) -> usize {
    let first = match subject {
        PageKind::Home(number) => {
            Pagination::new(site.posts.len(), site.config.paginate).entries(*number).next()
        }
        PageKind::Term(taxonomy, index, number) => {
            let members = &site.taxonomies.terms(*taxonomy)[*index].members;
            let entries = Pagination::new(members.len(), site.config.paginate).entries(*number);
            members[entries].first().copied()
        }
        PageKind::Series(index) => site.taxonomies.terms(Taxonomy::Series)[*index].members.first().copied(),
        PageKind::Month(year, month) => {
            site.calendar.days_of((*year, *month)).next_back().and_then(|(_, posts)| posts.first().copied())
        }
        PageKind::Day(day) => site.calendar.posts_of(*day).first().copied(),
        _ => None,
    };
    first.unwrap_or(0)
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

pub(super) fn home(plan: &Plan, number: usize) -> HomeView<'_> {
    let site = &plan.site;
    let config = &site.config;
    let pages = Pagination::new(site.posts.len(), config.paginate);
    HomeView { posts: cards(plan, pages.entries(number)), pager: pages.view(config, &home_url(), number) }
}

pub(super) fn terms(site: &Site, taxonomy: Taxonomy) -> TermsView {
    let terms = alphabetical(site.taxonomies.terms(taxonomy), &site.config.language);
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

pub(super) fn term(plan: &Plan, taxonomy: Taxonomy, index: usize, number: usize) -> TermView<'_> {
    let site = &plan.site;
    let term = &site.taxonomies.terms(taxonomy)[index];
    let pages = Pagination::new(term.members.len(), site.config.paginate);
    TermView {
        taxonomy: taxonomy.name(),
        name: term.name.clone(),
        terms_url: site.config.url(folder(site, taxonomy)),
        posts: cards(plan, term.members[pages.entries(number)].iter().copied()),
        pager: pages.view(&site.config, &term_url(site, taxonomy, &term.slug), number),
    }
}

pub(super) fn series(plan: &Plan, index: usize) -> SeriesView<'_> {
    let site = &plan.site;
    let term = &site.taxonomies.terms(Taxonomy::Series)[index];
    SeriesView {
        name: term.name.clone(),
        terms_url: site.config.url(folder(site, Taxonomy::Series)),
        posts: cards(plan, term.members.iter().rev().copied()),
    }
}

/// What lists need of posts, made when it is first asked for: a post stands in a dozen lists.
pub(super) struct Cards {
    /// As templates see them. Lists share them, as they cost more to make than to print; and a build comes to the
    /// lists of a post one soon after the other.
    values: Mutex<FifoCache<usize, Value>>,
    hashes: Vec<OnceLock<Hash>>,
}

/// How many cards are kept for the lists to come. With the lists in order of their newest posts, most of those
/// that show a post lie within as many.
pub const CARDS_KEPT: usize = 4096;

impl Cards {
    /// The cards of a site.
    pub(super) fn of(site: &Site) -> Self {
        let hashes = site.posts.iter().map(|_| OnceLock::new()).collect();
        Self { values: Mutex::new(FifoCache::new(CARDS_KEPT)), hashes }
    }

    /// Lets go of them, but for their fingerprints.
    pub(super) fn forget(&self) {
        *self.values.lock() = FifoCache::new(CARDS_KEPT);
    }

    fn value(&self, post: usize, view: impl FnOnce() -> Value) -> Value {
        if let Some(value) = self.values.lock().get(&post) {
            return value.clone();
        }
        let value = view();
        self.values.lock().put(post, value.clone());
        value
    }
}

/// A post in a list. To a template it is a [`CardView`]; for the fingerprint of the list its own
/// fingerprint will do, and the view need not be made.
#[derive(Clone, Copy)]
pub struct Card<'a> {
    plan: &'a Plan,
    post: usize,
}

impl fmt::Debug for Card<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Card({})", self.plan.site.posts[self.post].path)
    }
}

impl Serialize for Card<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let view = || card(&self.plan.site, &self.plan.site.posts[self.post]);
        let cards = &self.plan.cards;
        // Fingerprints are made of a binary form, views of one that has names.
        if serializer.is_human_readable() {
            return cards.value(self.post, || Value::from_serializable(&view())).serialize(serializer);
        }
        cards.hashes[self.post].get_or_init(|| Hash::of_value(&view())).serialize(serializer)
    }
}

/// The cards of posts, by their indices.
pub(super) fn cards(plan: &Plan, posts: impl Iterator<Item = usize>) -> Vec<Card<'_>> {
    posts.map(|post| Card { plan, post }).collect()
}

/// A post as lists show it.
pub(super) fn card<'s>(site: &'s Site, post: &'s Post) -> CardView<'s> {
    let config = &site.config;
    let language = post.front.language.as_deref().unwrap_or(&config.language);
    CardView {
        title: &post.title,
        url: config.url(&post.url),
        permalink: config.absolute(&post.url),
        date: post.date.map(|date| date.to_text()),
        updated: post.front.updated.map(|date| date.to_text()),
        authors: authors(site, post),
        tags: term_links(site, Taxonomy::Tags, &post.front.tags),
        categories: term_links(site, Taxonomy::Categories, &post.front.categories),
        summary_html: &post.summary_html,
        has_more: post.has_more,
        minutes: post.minutes,
        link: post.front.link.as_deref(),
        language,
        direction: html::direction(language),
        image: post::image(site, post),
        quotes: post.quotes.len(),
        draft: post.front.draft,
        future: post.is_future(site.now),
        expired: post.has_expired(site.now),
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
    let authors =
        if post.front.authors.is_empty() { site.config.author.as_slice() } else { &post.front.authors };
    authors.iter().collect()
}

/// The terms of a post with their addresses.
pub(super) fn term_links<'s>(site: &Site, taxonomy: Taxonomy, names: &'s [String]) -> Vec<TermLinkView<'s>> {
    names
        .iter()
        .map(|name| TermLinkView {
            name,
            url: site.config.url(&term_url(site, taxonomy, &site.taxonomies.slug(taxonomy, name))),
        })
        .collect()
}
