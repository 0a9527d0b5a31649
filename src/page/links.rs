//! Addresses of posts, files, terms and lists, and the links that views show of them.

use chrono::{Datelike, NaiveDate};

use crate::config::Author;
use crate::hash::Hash;
use crate::page::view::{
    AuthorView, DateLinksView, PeriodLinkView, PostLinkView, TermCountView, TermLinkView,
};
use crate::path::{SourcePath, UrlPath};
use crate::post::{Post, Target};
use crate::site::calendar::Month;
use crate::site::taxonomy::{Taxonomy, Term, alphabetical};
use crate::site::{PostIndex, Site};

/// The address of the home page.
pub(super) fn home_url() -> UrlPath {
    UrlPath::new("/").expect("the root is an address")
}

/// Where the terms of a kind are listed.
pub(super) fn taxonomy_url(site: &Site, taxonomy: Taxonomy) -> &UrlPath {
    match taxonomy {
        Taxonomy::Tags => &site.config.paths.tags,
        Taxonomy::Categories => &site.config.paths.categories,
        Taxonomy::Series => &site.config.paths.series,
        Taxonomy::Authors => &site.config.paths.authors,
    }
}

/// The address of a term.
pub(super) fn term_url(site: &Site, taxonomy: Taxonomy, slug: &str) -> UrlPath {
    taxonomy_url(site, taxonomy).child(&format!("{slug}/"))
}

/// The address of the quotes of a publication.
pub(super) fn publication_url(site: &Site, slug: &str) -> UrlPath {
    site.config.paths.quotes.child(&format!("from/{slug}/"))
}

pub(super) fn year_url(site: &Site, year: i32) -> UrlPath {
    site.config.permalink.front().child(&format!("{year:04}/"))
}

pub(super) fn month_url(site: &Site, month: Month) -> UrlPath {
    site.config.permalink.front().child(&format!("{:04}/{:02}/", month.year, month.number))
}

pub(super) fn day_url(site: &Site, day: NaiveDate) -> UrlPath {
    // Each page has some of these, and a pattern of chrono's takes several times as long.
    site.config.permalink.front().child(&format!("{:04}/{:02}/{:02}/", day.year(), day.month(), day.day()))
}

/// The archive pages a day stands in.
pub(super) fn date_links(site: &Site, day: NaiveDate) -> DateLinksView {
    let month = site.config.url(&month_url(site, Month::of(day)));
    DateLinksView {
        year: site.config.url(&year_url(site, day.year())),
        day: match site.config.archives.days {
            true => site.config.url(&day_url(site, day)),
            // Themes link dates to it, and the month shows the day's posts as well.
            false => month.clone(),
        },
        month,
    }
}

pub(super) fn year_link(site: &Site, year: i32) -> PeriodLinkView {
    PeriodLinkView { date: format!("{year:04}"), url: site.config.url(&year_url(site, year)) }
}

pub(super) fn month_link(site: &Site, month: Month) -> PeriodLinkView {
    PeriodLinkView { date: month.to_string(), url: site.config.url(&month_url(site, month)) }
}

pub(super) fn day_link(site: &Site, day: NaiveDate) -> PeriodLinkView {
    PeriodLinkView { date: day.to_string(), url: site.config.url(&day_url(site, day)) }
}

/// A post's title, address and date.
pub(super) fn post_link(site: &Site, post: &Post) -> PostLinkView {
    PostLinkView {
        title: post.label(),
        url: site.config.url(&post.url),
        date: post.date.map(|date| date.to_text()),
    }
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

/// An author of this site, with the page of their posts if there is one.
pub(super) fn author_view<'a>(site: &Site, author: &'a Author) -> AuthorView<'a> {
    let has_page = site.taxonomies.has_author(&author.name);
    let url = || term_url(site, Taxonomy::Authors, &site.taxonomies.slug(Taxonomy::Authors, &author.name));
    AuthorView { posts: has_page.then(|| site.config.url(&url())), ..AuthorView::of(author) }
}

/// The terms above a term, from the top.
pub(super) fn parents<'s>(site: &'s Site, taxonomy: Taxonomy, term: &Term) -> Vec<TermLinkView<'s>> {
    let slashes = term.slug.match_indices('/').map(|(at, _)| &term.slug[..at]);
    let above = slashes.filter_map(|slug| site.taxonomies.by_slug(taxonomy, slug));
    above
        .map(|term| TermLinkView {
            name: &term.name,
            url: site.config.url(&term_url(site, taxonomy, &term.slug)),
        })
        .collect()
}

/// The terms right below a term, in alphabetical order.
pub(super) fn children(site: &Site, taxonomy: Taxonomy, term: &Term) -> Vec<TermCountView> {
    let prefix = format!("{}/", term.slug);
    let terms = site.taxonomies.terms(taxonomy);
    // They are sorted by slug.
    let below = terms[terms.partition_point(|known| known.slug < prefix)..].iter();
    let below = below.take_while(|known| known.slug.starts_with(&prefix));
    let below: Vec<Term> = below.filter(|known| known.above() == Some(term.slug.as_str())).cloned().collect();
    term_counts(site, &below, |term| term_url(site, taxonomy, &term.slug))
}

/// Terms in alphabetical order, with their addresses and counts.
pub(super) fn term_counts(site: &Site, terms: &[Term], url: impl Fn(&Term) -> UrlPath) -> Vec<TermCountView> {
    alphabetical(terms, &site.config.language)
        .into_iter()
        .map(|term| TermCountView {
            name: term.name.clone(),
            url: site.config.url(&url(term)),
            count: term.members.len(),
        })
        .collect()
}

/// The id of an entry in feeds, the same for ever: an IRI is taken as it is (an imported `guid`), anything
/// else becomes a UUID of version 8 (RFC 9562 section 5.8) of the site's key and the id.
pub(super) fn feed_id(site: &Site, id: &str) -> String {
    if id.contains("://") || id.starts_with("urn:") || id.starts_with("tag:") {
        return id.to_owned();
    }
    let digits = Hash::of_value(&(site.config.site_key(), id)).to_string();
    format!(
        "urn:uuid:{}-{}-8{}-8{}-{}",
        &digits[..8],
        &digits[8..12],
        &digits[13..16],
        &digits[17..20],
        &digits[20..]
    )
}

/// The absolute address of a link's target; none if nothing stands there.
pub(super) fn absolute(site: &Site, target: &Target) -> Option<String> {
    match target {
        Target::External(url) => Some(url.clone()),
        Target::Address(url, _) => Some(site.config.absolute(url)),
        Target::Post(path, _) => shown_post(site, path).map(|post| site.config.absolute(&post.url)),
        Target::File(path) => file_url(site, path).map(|url| site.config.absolute(&url)),
        Target::Anchor(_) => None,
    }
}

/// The address of a file that is copied, or of the smaller picture that is published in its place.
pub(super) fn file_url(site: &Site, path: &SourcePath) -> Option<UrlPath> {
    if site.pictures.replaced.contains(path) {
        return site.renditions(path)?.fallback.map(|rendition| rendition.url);
    }
    site.files.get(path).map(|file| file.url.clone())
}

/// The post of a file, if it is shown.
pub(super) fn shown_post<'s>(site: &'s Site, path: &SourcePath) -> Option<&'s Post> {
    match site.entry(path)? {
        PostIndex::Absent(_) => None,
        _ => site.post(path),
    }
}
