//! Feeds: Atom (RFC 4287), RSS 2.0 and JSON Feed 1.1, full text, with ids that never change.

use serde::Serialize;

use crate::config::{Config, TermFeeds};
use crate::page::builder::PlanBuilder;
use crate::page::cards::listed;
use crate::page::kinds::{FileKind, PageContent, RenderOrder};
use crate::page::quote_view::{QuoteView, quote_view};
use crate::page::view::{AuthorView, FeedLinkView};
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

/// How a feed is written. Every list that has a feed has one in each format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum FeedFormat {
    /// RFC 4287.
    Atom,
    /// RSS 2.0, with `content:encoded`.
    Rss,
    /// JSON Feed 1.1.
    Json,
}

impl FeedFormat {
    /// All formats, in the order in which a page names its feeds.
    pub(crate) const ALL: [Self; 3] = [Self::Atom, Self::Rss, Self::Json];

    /// The name of the file, beside the page that the feed belongs to.
    pub(crate) fn file_name(self) -> &'static str {
        match self {
            Self::Atom => "atom.xml",
            Self::Rss => "rss.xml",
            Self::Json => "feed.json",
        }
    }

    /// Without a charset, as a link to the feed names it.
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::Atom => "application/atom+xml",
            Self::Rss => "application/rss+xml",
            Self::Json => "application/feed+json",
        }
    }
}

/// What a feed is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
enum FeedOf {
    /// All posts.
    Site,
    /// The posts of a tag, category, series or author, by its index.
    Term(Taxonomy, usize),
    Quotes,
}

/// How much of each post a feed holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum FeedExtent {
    /// All of it.
    Full,
    /// Its first words.
    Summary,
}

/// A feed.
#[derive(Debug, Serialize)]
pub struct FeedView<'a> {
    pub format: FeedFormat,
    pub extent: FeedExtent,
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
    /// The author of all entries, else of those that name none.
    pub author: Option<AuthorView<'a>>,
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
    pub authors: Vec<AuthorView<'a>>,
    /// Tags and categories.
    pub categories: Vec<String>,
    /// Plain text.
    pub summary: String,
    /// Responses that the post's page shows; 0 in a JSON Feed, which has no place for a count.
    pub responses: usize,
    /// BCP 47 tag.
    pub language: String,
    /// Absolute address of the picture that stands for it.
    pub image: Option<String>,
    /// The entry's text, if it is not the body of a post.
    pub quote: Option<QuoteView<'a>>,
    /// The first words of the post as HTML, in a feed that holds no more of it.
    pub excerpt_html: Option<&'a str>,
}

impl FeedOf {
    /// The page that the feed belongs to.
    fn home(self, site: &Site) -> UrlPath {
        match self {
            Self::Site => links::home_url(),
            Self::Term(taxonomy, index) => {
                links::term_url(site, taxonomy, &site.taxonomies.terms(taxonomy)[index].slug)
            }
            Self::Quotes => site.config.paths.quotes.clone(),
        }
    }

    fn title(self, site: &Site) -> String {
        let title = &site.config.title;
        match self {
            Self::Site => title.clone(),
            Self::Term(taxonomy, index) => {
                format!("{title}: {}", site.taxonomies.terms(taxonomy)[index].name)
            }
            Self::Quotes => format!("{title}: “…”"),
        }
    }

    fn author(self, site: &Site) -> Option<AuthorView<'_>> {
        let author = match self {
            Self::Term(Taxonomy::Authors, index) => Some(site.taxonomies.person(index)),
            Self::Site | Self::Term(..) | Self::Quotes => site.config.author.as_ref(),
        };
        author.map(|author| links::author_view(site, author))
    }

    /// How much of each post its feeds hold; `None` if there are no such feeds.
    fn extent(self, config: &Config) -> Option<FeedExtent> {
        match (self, config.feed.terms) {
            (Self::Term(..), TermFeeds::None) => None,
            (Self::Term(..), TermFeeds::Summary) => Some(FeedExtent::Summary),
            (Self::Site | Self::Quotes, _) | (Self::Term(..), TermFeeds::Full) => Some(FeedExtent::Full),
        }
    }

    /// The feeds, as a page announces them.
    fn links(self, site: &Site) -> Vec<FeedLinkView> {
        match self.extent(&site.config) {
            Some(_) => feed_links(&site.config, &self.home(site), &self.title(site)),
            None => Vec::new(),
        }
    }
}

impl FeedPage {
    /// The indices of the posts it holds in full, newest first.
    pub(in crate::page) fn full_posts(&self, site: &Site) -> Vec<usize> {
        match self.extent(site) {
            FeedExtent::Full => self.posts(site),
            FeedExtent::Summary => Vec::new(),
        }
    }

    fn extent(&self, site: &Site) -> FeedExtent {
        self.of.extent(&site.config).unwrap_or(FeedExtent::Full)
    }

    /// The indices of the posts it holds, newest first.
    fn posts(&self, site: &Site) -> Vec<usize> {
        let limit = site.config.feed.limit;
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
            let quotes = site.quotes.iter().take(site.config.feed.limit);
            return quotes.map(|&(post, quote)| quote_entry(site, &site.posts[post], quote)).collect();
        }
        let responses = |post: &Post| match self.format {
            FeedFormat::Atom | FeedFormat::Rss => site.linkbacks.get(&post.path).map_or(0, Vec::len),
            FeedFormat::Json => 0,
        };
        let is_cut = self.extent(site) == FeedExtent::Summary;
        let posts = self.posts(site).into_iter().map(|index| &*site.posts[index]);
        posts
            .map(|post| FeedEntry {
                responses: responses(post),
                excerpt_html: is_cut.then_some(post.summary_html.as_str()),
                ..entry(site, post)
            })
            .collect()
    }
}

impl PageContent for FeedPage {
    type View<'a> = Box<FeedView<'a>>;

    fn plan(builder: &mut PlanBuilder<'_>) {
        let site = builder.site;
        let mut lists = vec![FeedOf::Site];
        for taxonomy in Taxonomy::ALL {
            let terms = 0..site.taxonomies.terms(taxonomy).len();
            lists.extend(terms.map(|index| FeedOf::Term(taxonomy, index)));
        }
        if !site.quotes.is_empty() {
            lists.push(FeedOf::Quotes);
        }
        for of in lists {
            if of.extent(&site.config).is_none() {
                continue;
            }
            let home = of.home(site);
            for format in FeedFormat::ALL {
                builder.claim(home.child(format.file_name()), Self { format, of });
            }
        }
    }

    fn view<'a>(&'a self, plan: &'a Plan, page: &'a Page) -> Box<FeedView<'a>> {
        let site = &plan.site;
        let config = &site.config;
        let entries = self.entries(site);
        Box::new(FeedView {
            format: self.format,
            extent: self.extent(site),
            title: self.of.title(site),
            subtitle: &config.description,
            id: links::feed_id(site, page.url.as_str()),
            url: config.absolute(&page.url),
            home: config.absolute(&self.of.home(site)),
            language: &config.language,
            author: self.of.author(site),
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
        self.full_posts(site).into_iter().map(|index| &*site.posts[index]).collect()
    }

    fn file_kind(&self) -> FileKind {
        FileKind::Feed
    }

    fn render_order(&self, _site: &Site) -> RenderOrder {
        RenderOrder::Feed
    }
}

/// The feeds of the whole site, as every page announces them.
pub(crate) fn site_feeds(config: &Config) -> Vec<FeedLinkView> {
    feed_links(config, &links::home_url(), &config.title)
}

/// The feeds of a term, as the term's page announces them.
pub(super) fn links_of_term(site: &Site, taxonomy: Taxonomy, index: usize) -> Vec<FeedLinkView> {
    FeedOf::Term(taxonomy, index).links(site)
}

/// The feeds of quotes, as their pages announce them.
pub(super) fn links_of_quotes(site: &Site) -> Vec<FeedLinkView> {
    FeedOf::Quotes.links(site)
}

fn feed_links(config: &Config, home: &UrlPath, title: &str) -> Vec<FeedLinkView> {
    let link = |format: FeedFormat| FeedLinkView {
        media_type: format.media_type(),
        title: title.to_owned(),
        url: config.url(&home.child(format.file_name())),
    };
    FeedFormat::ALL.map(link).into()
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
        responses: 0,
        language: post.front.language.clone().unwrap_or_else(|| config.language.clone()),
        image: post_view::image(site, post),
        quote: None,
        excerpt_html: None,
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
