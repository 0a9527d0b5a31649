//! Pages of posts, and of what stands beside them without a date.

use serde::Serialize;
use serde_json::Value;

use crate::config::Author;
use crate::html;
use crate::linkback::{Linkback, Relation};
use crate::page::view::{
    BackMatterView, HeadView, HeadingView, LinkbackView, PostBodyView, PostView, SeriesPlaceView,
    StaticPageView,
};
use crate::page::{self, Page, PageKind, PlanBuilder, archive, list};
use crate::path::{SourcePath, UrlPath};
use crate::post::quote::Quote;
use crate::post::{Heading, Kind, Post, Target};
use crate::site::Site;
use crate::site::taxonomy::Taxonomy;

/// Claims the addresses of posts and pages.
pub(super) fn plan(builder: &mut PlanBuilder<'_>) {
    let site = builder.site;
    for (index, post) in site.posts.iter().enumerate() {
        builder.claim(post.url.clone(), PageKind::Post(index));
    }
    for (index, page) in site.pages.iter().enumerate() {
        builder.claim(page.url.clone(), PageKind::StaticPage(index));
    }
}

pub(super) fn head(site: &Site, page: &Page, kind: &'static str, post: &Post) -> HeadView {
    let language = language(site, post);
    HeadView {
        kind,
        title: post.label(),
        url: site.config.url(&page.url),
        permalink: site.config.absolute(&page.url),
        description: post.description.clone(),
        language: language.to_owned(),
        direction: html::direction(language),
        image: image(site, post),
        feeds: Vec::new(),
    }
}

fn language<'s>(site: &'s Site, post: &'s Post) -> &'s str {
    post.front.language.as_deref().unwrap_or(&site.config.language)
}

pub(super) fn view(site: &Site, index: usize) -> PostView<'_> {
    let post = &site.posts[index];
    let neighbour = |index: Option<usize>| {
        index.and_then(|index| site.posts.get(index)).map(|post| list::post_link(site, post))
    };
    PostView {
        post: body(site, post),
        newer: neighbour(index.checked_sub(1)),
        older: neighbour(index.checked_add(1)),
        series: series_place(site, index),
        archive: post.date.map(|date| archive::date_links(site, date.day())),
        back_matter: back_matter(site, post),
    }
}

pub(super) fn page_view(site: &Site, index: usize) -> StaticPageView<'_> {
    let post = &site.pages[index];
    StaticPageView { post: body(site, post), back_matter: back_matter(site, post) }
}

fn body<'s>(site: &'s Site, post: &'s Post) -> PostBodyView<'s> {
    let config = &site.config;
    let language = language(site, post);
    PostBodyView {
        title: &post.title,
        url: config.url(&post.url),
        permalink: config.absolute(&post.url),
        id: feed_id(site, &post.id),
        source: post.path.as_str(),
        date: post.date.map(|date| date.to_text()),
        updated: post.front.updated.map(|date| date.to_text()),
        authors: list::authors(site, post),
        tags: list::term_links(site, Taxonomy::Tags, listed(post, &post.front.tags)),
        categories: list::term_links(site, Taxonomy::Categories, listed(post, &post.front.categories)),
        description: &post.description,
        words: post.words,
        minutes: post.minutes,
        toc: toc(&post.headings),
        link: post.front.link.as_deref(),
        language,
        direction: html::direction(language),
        image: image(site, post),
        quoted: quoted(site, post),
        draft: post.front.draft,
        future: post.is_future(site.now),
        expired: post.has_expired(site.now),
        linkbacks: post.front.linkbacks,
        extra: extra(post),
    }
}

/// A page's tags have no pages, as it stands in no list.
fn listed<'p>(post: &Post, names: &'p [String]) -> &'p [String] {
    if post.is_listed() { names } else { &[] }
}

fn extra(post: &Post) -> Value {
    let empty = || Value::Object(serde_json::Map::new());
    if post.front.extra.is_empty() {
        empty()
    } else {
        serde_json::from_str(&post.front.extra).unwrap_or_else(|_| empty())
    }
}

/// The id of an entry in feeds, the same for ever: an IRI is taken as it is (an imported `guid`), anything
/// else becomes a UUID of version 8 (RFC 9562 section 5.8) of the site's host and the id.
pub(crate) fn feed_id(site: &Site, id: &str) -> String {
    if id.contains("://") || id.starts_with("urn:") || id.starts_with("tag:") {
        return id.to_owned();
    }
    let digits = crate::hash::Hash::of_value(&(site.config.host(), id)).to_string();
    format!(
        "urn:uuid:{}-{}-8{}-8{}-{}",
        &digits[..8],
        &digits[8..12],
        &digits[13..16],
        &digits[17..20],
        &digits[20..]
    )
}

/// The absolute address of the picture that stands for a post.
pub(super) fn image(site: &Site, post: &Post) -> Option<String> {
    let written = post.front.image.as_deref()?;
    if written.contains("://") {
        return Some(written.to_owned());
    }
    if written.starts_with('/') {
        return Some(site.config.absolute_link(&site.config.link_to(written)));
    }
    let file = site.files.get(&post.path.join(written)?)?;
    Some(site.config.absolute(&file.url))
}

/// The absolute address of a link's target; none if nothing stands there.
pub(super) fn absolute(site: &Site, target: &Target) -> Option<String> {
    match target {
        Target::External(url) => Some(url.clone()),
        Target::Address(url, _) => Some(site.config.absolute(url)),
        Target::Post(path, _) => page::shown(site, path).map(|post| site.config.absolute(&post.url)),
        Target::File(path) => file_url(site, path).map(|url| site.config.absolute(&url)),
        Target::Anchor(_) => None,
    }
}

/// The address of a file that is copied.
pub(super) fn file_url(site: &Site, path: &SourcePath) -> Option<UrlPath> {
    site.files.get(path).map(|file| file.url.clone())
}

/// The reports a post quotes, each once.
fn quoted(site: &Site, post: &Post) -> Vec<String> {
    let mut urls: Vec<String> = Vec::new();
    for quote in &post.quotes {
        if let Some(url) = quote.target.as_ref().and_then(|target| absolute(site, target))
            && !urls.contains(&url)
        {
            urls.push(url);
        }
    }
    urls
}

/// Headings as a tree: each below the nearest heading before it that has a lower level.
fn toc(headings: &[Heading]) -> Vec<HeadingView<'_>> {
    let mut tree: Vec<HeadingView> = Vec::new();
    let mut at = 0;
    while let Some(heading) = headings.get(at) {
        let below = headings[at + 1..].iter().take_while(|next| next.level > heading.level).count();
        tree.push(HeadingView {
            level: heading.level,
            id: &heading.id,
            title_html: &heading.title_html,
            children: toc(&headings[at + 1..at + 1 + below]),
        });
        at += 1 + below;
    }
    tree
}

fn series_place(site: &Site, index: usize) -> Option<SeriesPlaceView<'_>> {
    let name = site.posts[index].front.series.as_deref()?;
    let term = site.taxonomies.term(Taxonomy::Series, name)?;
    // Members stand newest first; a series is read from its oldest.
    let from_newest = term.members.binary_search(&index).ok()?;
    let link = |at: Option<usize>| {
        at.and_then(|at| term.members.get(at)).map(|&post| list::post_link(site, &site.posts[post]))
    };
    Some(SeriesPlaceView {
        name: &term.name,
        url: site.config.url(&list::term_url(site, Taxonomy::Series, &term.slug)),
        position: term.members.len() - from_newest,
        previous: link(from_newest.checked_add(1)),
        next: link(from_newest.checked_sub(1)),
    })
}

fn back_matter<'s>(site: &'s Site, post: &Post) -> BackMatterView<'s> {
    let linkbacks = site.linkbacks.get(&post.path).map_or(&[][..], Vec::as_slice);
    let of = |wanted: fn(Relation) -> bool| {
        linkbacks.iter().filter(|l| wanted(l.relation)).map(linkback).collect()
    };
    BackMatterView {
        count: linkbacks.len(),
        responses: of(|relation| !matches!(relation, Relation::Like | Relation::Repost)),
        likes: of(|relation| relation == Relation::Like),
        reposts: of(|relation| relation == Relation::Repost),
    }
}

fn linkback(linkback: &Linkback) -> LinkbackView<'_> {
    // The source is a stranger's text: only what a browser may safely open becomes a link.
    let is_web = |url: &str| url.starts_with("https://") || url.starts_with("http://");
    LinkbackView {
        id: anchor(&linkback.id),
        kind: linkback.kind.name(),
        relation: linkback.relation.name(),
        source: if is_web(&linkback.source) { &linkback.source } else { "" },
        title: &linkback.title,
        site: &linkback.site,
        author: linkback.author.clone().map(|author| Author {
            url: author.url.filter(|url| is_web(url)),
            photo: author.photo.filter(|url| is_web(url)),
            ..author
        }),
        excerpt: &linkback.excerpt,
        date: linkback.date().map(|date| date.to_text()),
        parent: linkback.parent.as_deref().map(anchor),
    }
}

fn anchor(id: &str) -> String {
    format!(
        "linkback-{}",
        id.chars().filter(|c| c.is_alphanumeric() || "-_.".contains(*c)).collect::<String>()
    )
}

/// What the JSON-LD of a post is made of. It is made only when its page is rendered.
#[derive(Clone, Copy)]
pub struct JsonLd<'a> {
    pub(super) site: &'a Site,
    pub(super) post: &'a Post,
}

impl JsonLd<'_> {
    /// schema.org `BlogPosting` with the reports it quotes as `citation`, safe within `<script>`.
    pub fn text(&self) -> String {
        let permalink = self.site.config.absolute(&self.post.url);
        let posting = posting(self.site, self.post, &permalink);
        let text = serde_json::to_string(&posting).expect("it is plain data");
        if !text.contains(['<', '\u{2028}', '\u{2029}']) {
            return text;
        }
        text.replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
    }
}

/// schema.org's `BlogPosting` or `WebPage`. Here and below, fields stand in the order of their names.
#[derive(Serialize)]
struct Posting<'a> {
    #[serde(rename = "@context")]
    context: &'static str,
    #[serde(rename = "@id")]
    id: &'a str,
    #[serde(rename = "@type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    author: Vec<Named<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    citation: Vec<Article<'a>>,
    #[serde(rename = "dateModified", skip_serializing_if = "Option::is_none")]
    modified: Option<String>,
    #[serde(rename = "datePublished", skip_serializing_if = "Option::is_none")]
    published: Option<String>,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    headline: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<String>,
    #[serde(rename = "inLanguage")]
    language: &'a str,
    #[serde(rename = "isPartOf")]
    blog: Named<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    keywords: Option<String>,
    #[serde(rename = "mainEntityOfPage")]
    page: &'a str,
    /// Of the post. Without one, metascraper and defuddle name the publisher of the first report in `citation`.
    publisher: Named<'a>,
    url: &'a str,
    #[serde(rename = "wordCount")]
    words: usize,
}

/// A `Person`, an `Organization` or a `Blog`.
#[derive(Serialize)]
struct Named<'a> {
    #[serde(rename = "@id", skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(rename = "@type")]
    kind: &'static str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

/// A report that is quoted.
#[derive(Serialize)]
struct Article<'a> {
    #[serde(rename = "@type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<Named<'a>>,
    #[serde(rename = "datePublished", skip_serializing_if = "str::is_empty")]
    published: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    headline: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    publisher: Option<Named<'a>>,
    url: String,
}

fn posting<'a>(site: &'a Site, post: &'a Post, permalink: &'a str) -> Posting<'a> {
    let config = &site.config;
    let person = |author: &'a Author| Named {
        url: author.url.as_deref().map(|url| config.absolute_link(url)),
        ..named("Person", &author.name)
    };
    Posting {
        context: "https://schema.org",
        id: permalink,
        kind: if post.kind == Kind::Post { "BlogPosting" } else { "WebPage" },
        author: list::authors(site, post).into_iter().map(person).collect(),
        citation: post.quotes.iter().filter_map(|quote| citation(site, quote)).collect(),
        modified: post.front.updated.or(post.date).map(|date| date.rfc3339()),
        published: post.date.map(|date| date.rfc3339()),
        description: &post.description,
        headline: post.label(),
        image: image(site, post),
        language: language(site, post),
        blog: Named { id: Some(config.absolute(&list::home_url())), ..named("Blog", &config.title) },
        keywords: (!post.front.tags.is_empty()).then(|| post.front.tags.join(", ")),
        page: permalink,
        publisher: Named {
            url: Some(config.absolute(&list::home_url())),
            ..named("Organization", &config.title)
        },
        url: permalink,
        words: post.words,
    }
}

fn named<'a>(kind: &'static str, name: &'a str) -> Named<'a> {
    Named { id: None, kind, name, url: None }
}

fn citation<'a>(site: &Site, quote: &'a Quote) -> Option<Article<'a>> {
    let source = &quote.source;
    let some = |kind, name: &'a str| (!name.is_empty()).then(|| named(kind, name));
    Some(Article {
        kind: "Article",
        author: some("Person", &source.author),
        published: &source.published,
        headline: &source.title,
        publisher: some("Organization", &source.publication),
        url: absolute(site, quote.target.as_ref()?)?,
    })
}
