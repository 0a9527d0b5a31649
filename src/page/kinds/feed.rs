//! Feeds: Atom (RFC 4287), RSS 2.0 and JSON Feed 1.1, full text, with ids that never change.

use serde::Serialize;

use crate::config::{Author, Config};
use crate::page::builder::PlanBuilder;
use crate::page::cards::listed;
use crate::page::kind::{FileKind, PageContent, RenderOrder};
use crate::page::quote_view::{QuoteView, quote_view};
use crate::page::view::FeedLinkView;
use crate::page::{Page, Plan, links, post_view};
use crate::path::UrlPath;
use crate::post::Post;
use crate::site::Site;
use crate::site::taxonomy::Taxonomy;

/// A feed.
#[derive(Debug, Clone, PartialEq)]
pub struct FeedPage {
    format: FeedFormat,
    of: FeedOf,
}

/// How a feed is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum FeedFormat {
    /// RFC 4287.
    Atom,
    /// RSS 2.0, with `content:encoded`.
    Rss,
    /// JSON Feed 1.1.
    Json,
}

/// What a feed is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
enum FeedOf {
    /// All posts.
    Site,
    /// The posts of a tag or category, by its index.
    Term(Taxonomy, usize),
    Quotes,
}

/// A feed.
#[derive(Debug, Serialize)]
pub struct FeedView<'a> {
    pub format: FeedFormat,
    pub title: String,
    pub subtitle: &'a str,
    /// Its stable id.
    pub id: String,
    /// Its own absolute address.
    pub url: String,
    /// The absolute address of the page it belongs to.
    pub home: String,
    /// BCP 47 tag of the site.
    pub language: &'a str,
    /// The site's author.
    pub author: Option<&'a Author>,
    /// When the newest entry was changed, RFC 3339; none if there are no entries.
    pub updated: Option<String>,
    /// Newest first.
    pub entries: Vec<FeedEntry<'a>>,
    /// The WebSub hub that knows when it changes.
    pub hub: Option<&'a str>,
    /// The line of rights.
    pub copyright: &'a str,
    /// Scheme and host, for addresses that lack them.
    pub origin: &'a str,
}

/// An entry of a feed.
#[derive(Debug, Serialize)]
pub struct FeedEntry<'a> {
    /// The same for ever.
    pub id: String,
    /// Never empty.
    pub title: String,
    /// Whether the title is the author's and not made of the first words.
    pub has_title: bool,
    /// Absolute.
    pub url: String,
    /// The page a link post points to.
    pub link: Option<String>,
    /// RFC 3339.
    pub published: String,
    /// RFC 3339.
    pub updated: String,
    /// RFC 2822.
    pub published_rfc2822: String,
    pub authors: Vec<&'a Author>,
    /// Tags and categories.
    pub categories: Vec<String>,
    /// Plain text.
    pub summary: String,
    /// BCP 47 tag.
    pub language: String,
    /// Absolute address of the picture that stands for it.
    pub image: Option<String>,
    /// The entry's text, if it is not the body of a post.
    pub quote: Option<QuoteView<'a>>,
}

impl FeedPage {
    /// The indices of the posts it holds, newest first.
    pub(in crate::page) fn posts(&self, site: &Site) -> Vec<usize> {
        let limit = site.config.feed_limit;
        match &self.of {
            FeedOf::Site => (0..site.posts.len().min(limit)).collect(),
            FeedOf::Term(taxonomy, index) => {
                site.taxonomies.terms(*taxonomy)[*index].members.iter().copied().take(limit).collect()
            }
            FeedOf::Quotes => Vec::new(),
        }
    }

    fn entries<'s>(&self, site: &'s Site) -> Vec<FeedEntry<'s>> {
        if self.of == FeedOf::Quotes {
            let quotes = site.quotes.iter().take(site.config.feed_limit);
            return quotes.map(|&(post, quote)| quote_entry(site, &site.posts[post], quote)).collect();
        }
        self.posts(site).into_iter().map(|index| entry(site, &site.posts[index])).collect()
    }
}

impl PageContent for FeedPage {
    type View<'a> = Box<FeedView<'a>>;

    fn plan(builder: &mut PlanBuilder<'_>) {
        let site = builder.site;
        for (name, format) in
            [("atom.xml", FeedFormat::Atom), ("rss.xml", FeedFormat::Rss), ("feed.json", FeedFormat::Json)]
        {
            builder.claim(links::home_url().child(name), Self { format, of: FeedOf::Site });
        }
        for taxonomy in [Taxonomy::Tags, Taxonomy::Categories] {
            for index in 0..site.taxonomies.terms(taxonomy).len() {
                let of = FeedOf::Term(taxonomy, index);
                builder.claim(term_feed(site, taxonomy, index), Self { format: FeedFormat::Atom, of });
            }
        }
        if !site.quotes.is_empty() {
            builder.claim(quotes_feed(site), Self { format: FeedFormat::Atom, of: FeedOf::Quotes });
        }
    }

    fn view<'a>(&'a self, plan: &'a Plan, page: &'a Page) -> Box<FeedView<'a>> {
        let site = &plan.site;
        let config = &site.config;
        let (title, home) = match &self.of {
            FeedOf::Site => (config.title.clone(), links::home_url()),
            FeedOf::Term(taxonomy, index) => {
                let term = &site.taxonomies.terms(*taxonomy)[*index];
                let home = links::term_url(site, *taxonomy, &term.slug);
                (format!("{}: {}", config.title, term.name), home)
            }
            FeedOf::Quotes => (quotes_title(site), config.paths.quotes.clone()),
        };
        let entries = self.entries(site);
        Box::new(FeedView {
            format: self.format,
            title,
            subtitle: &config.description,
            id: links::feed_id(site, page.url.as_str()),
            url: config.absolute(&page.url),
            home: config.absolute(&home),
            language: &config.language,
            author: config.author.as_ref(),
            updated: entries.iter().map(|entry| &entry.updated).max_by_key(|date| moment(date)).cloned(),
            entries,
            hub: config.publish.iter().find_map(|target| target.hub.as_deref()),
            copyright: &config.copyright,
            origin: config.origin(),
        })
    }

    fn template(&self) -> Option<&'static str> {
        None
    }

    fn label(&self, _site: &Site) -> String {
        "a feed".to_owned()
    }

    fn bodies<'s>(&self, site: &'s Site) -> Vec<&'s Post> {
        self.posts(site).into_iter().map(|index| &*site.posts[index]).collect()
    }

    fn file_kind(&self) -> FileKind {
        FileKind::Feed
    }

    fn render_order(&self, _site: &Site) -> RenderOrder {
        RenderOrder::Feed
    }
}

fn term_feed(site: &Site, taxonomy: Taxonomy, index: usize) -> UrlPath {
    let slug = &site.taxonomies.terms(taxonomy)[index].slug;
    links::term_url(site, taxonomy, slug).child("atom.xml")
}

fn quotes_feed(site: &Site) -> UrlPath {
    site.config.paths.quotes.child("atom.xml")
}

/// The feeds of the whole site, as every page announces them.
pub(crate) fn site_feeds(config: &Config) -> Vec<FeedLinkView> {
    [
        ("application/atom+xml", "atom.xml"),
        ("application/rss+xml", "rss.xml"),
        ("application/feed+json", "feed.json"),
    ]
    .into_iter()
    .map(|(media_type, name)| FeedLinkView {
        media_type,
        title: config.title.clone(),
        url: config.url(&links::home_url().child(name)),
    })
    .collect()
}

/// The feed of a term, as the term's page announces it.
pub(super) fn link_of_term(site: &Site, taxonomy: Taxonomy, index: usize) -> FeedLinkView {
    FeedLinkView {
        media_type: "application/atom+xml",
        title: format!("{}: {}", site.config.title, site.taxonomies.terms(taxonomy)[index].name),
        url: site.config.url(&term_feed(site, taxonomy, index)),
    }
}

/// The feed of quotes, as their pages announce it.
pub(super) fn link_of_quotes(site: &Site) -> FeedLinkView {
    FeedLinkView {
        media_type: "application/atom+xml",
        title: quotes_title(site),
        url: site.config.url(&quotes_feed(site)),
    }
}

fn quotes_title(site: &Site) -> String {
    format!("{}: “…”", site.config.title)
}

fn moment(date: &str) -> Option<chrono::DateTime<chrono::FixedOffset>> {
    chrono::DateTime::parse_from_rfc3339(date).ok()
}

fn entry<'s>(site: &'s Site, post: &'s Post) -> FeedEntry<'s> {
    let config = &site.config;
    let published = post.date.unwrap_or(site.now);
    FeedEntry {
        id: links::feed_id(site, &post.id),
        title: post.label(),
        has_title: !post.title.is_empty(),
        url: config.absolute(&post.url),
        link: post.front.link.as_deref().map(|link| config.absolute_link(link)),
        published: published.rfc3339(),
        updated: post.front.updated.unwrap_or(published).rfc3339(),
        published_rfc2822: published.rfc2822(),
        authors: post_view::authors(site, post),
        categories: [listed(&post.front.categories), listed(&post.front.tags)].concat(),
        summary: post.description.clone(),
        language: post.front.language.clone().unwrap_or_else(|| config.language.clone()),
        image: post_view::image(site, post),
        quote: None,
    }
}

fn quote_entry<'s>(site: &'s Site, post: &'s Post, quote: usize) -> FeedEntry<'s> {
    let quote = &post.quotes[quote];
    let view = quote_view(site, post, quote);
    let title = [view.title, &view.author, view.publication].into_iter().find(|text| !text.is_empty());
    let entry = entry(site, post);
    FeedEntry {
        id: links::feed_id(site, &format!("{}#{}", post.id, quote.anchor)),
        title: title.map_or_else(|| post.label(), str::to_owned),
        has_title: true,
        url: format!("{}#{}", site.config.absolute(&post.url), quote.anchor),
        link: view.cite.clone(),
        summary: String::new(),
        image: None,
        quote: Some(view),
        ..entry
    }
}
