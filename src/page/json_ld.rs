//! The JSON-LD of a post: schema.org, with the reports it quotes.

use serde::Serialize;

use crate::config::Config;
use crate::page::view::AuthorView;
use crate::page::{links, post_view};
use crate::post::{Kind, Post};
use crate::site::Site;

/// What the JSON-LD of a post is made of. It is made only when its page is rendered.
#[derive(Clone, Copy)]
pub struct JsonLd<'a> {
    pub(super) site: &'a Site,
    pub post: &'a Post,
}

impl JsonLd<'_> {
    /// schema.org `BlogPosting` with the reports it quotes as `citation`, safe within `<script>`.
    pub fn text(&self) -> String {
        let permalink = self.site.config.absolute(&self.post.url);
        let posting = posting(self.site, self.post, &permalink);
        script_text(&posting)
    }
}

/// The JSON-LD of an author's page, safe within `<script>`.
pub(super) fn profile(config: &Config, author: &AuthorView<'_>, description: &str) -> String {
    let image = author.photo.map(|photo| config.absolute_link(photo));
    let person = Named { description, image, ..person(config, author.clone()) };
    script_text(&Profile { context: "https://schema.org", kind: "ProfilePage", person })
}

fn script_text<T: Serialize>(value: &T) -> String {
    let text = serde_json::to_string(value).expect("it is plain data");
    if !text.contains(['<', '\u{2028}', '\u{2029}']) {
        return text;
    }
    text.replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
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
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<String>,
    name: &'a str,
    /// Their own page, if `url` is their page on this site.
    #[serde(rename = "sameAs", skip_serializing_if = "Option::is_none")]
    same_as: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

/// schema.org's `ProfilePage`.
#[derive(Serialize)]
struct Profile<'a> {
    #[serde(rename = "@context")]
    context: &'static str,
    #[serde(rename = "@type")]
    kind: &'static str,
    #[serde(rename = "mainEntity")]
    person: Named<'a>,
}

/// A report that is quoted.
#[derive(Serialize)]
struct Article<'a> {
    #[serde(rename = "@type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    author: Vec<Named<'a>>,
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
    Posting {
        context: "https://schema.org",
        id: permalink,
        kind: if post.kind == Kind::Post { "BlogPosting" } else { "WebPage" },
        author: post_view::authors(site, post).into_iter().map(|author| person(config, author)).collect(),
        citation: citations(site, post),
        modified: post.front.updated.or(post.date).map(|date| date.rfc3339()),
        published: post.date.map(|date| date.rfc3339()),
        description: &post.description,
        headline: post.label(),
        image: post_view::image(site, post),
        language: site.language_of(post),
        blog: Named { id: Some(config.absolute(&links::home_url())), ..named("Blog", &config.title) },
        keywords: (!post.front.tags.is_empty()).then(|| post.front.tags.join(", ")),
        page: permalink,
        publisher: Named {
            url: Some(config.absolute(&links::home_url())),
            ..named("Organization", &config.title)
        },
        url: permalink,
        words: post.words,
    }
}

fn person<'a>(config: &Config, author: AuthorView<'a>) -> Named<'a> {
    let own = author.url.map(|url| config.absolute_link(url));
    let posts = author.posts.map(|url| config.absolute_link(&url));
    let (url, same_as) = if posts.is_some() { (posts, own) } else { (own, None) };
    Named { url, same_as, ..named("Person", author.name) }
}

fn named<'a>(kind: &'static str, name: &'a str) -> Named<'a> {
    Named { id: None, kind, description: "", image: None, name, same_as: None, url: None }
}

/// A person or organization, if the quote names one.
fn known<'a>(kind: &'static str, name: &'a str) -> Option<Named<'a>> {
    (!name.is_empty()).then(|| named(kind, name))
}

/// The reports that a post quotes, each once: what one quote does not say of it another may.
fn citations<'a>(site: &Site, post: &'a Post) -> Vec<Article<'a>> {
    let mut articles: Vec<Article<'a>> = Vec::new();
    for quote in &post.quotes {
        let source = &quote.source;
        let first = quote.target.iter().map(|target| Article {
            author: source.authors.iter().map(|author| named("Person", author)).collect(),
            published: &source.published,
            headline: &source.title,
            publisher: known("Organization", &source.publication),
            ..Article::at(links::absolute(site, target).unwrap_or_default())
        });
        let further = source.further.iter().filter_map(|report| {
            let url = links::absolute(site, report.target.as_ref()?)?;
            Some(Article { headline: &report.title, ..Article::at(url) })
        });
        for article in first.chain(further).filter(|article| !article.url.is_empty()) {
            match articles.iter_mut().find(|known| known.url == article.url) {
                Some(known) => known.complete(article),
                None => articles.push(article),
            }
        }
    }
    articles
}

impl<'a> Article<'a> {
    fn at(url: String) -> Self {
        Self { kind: "Article", author: Vec::new(), published: "", headline: "", publisher: None, url }
    }

    fn complete(&mut self, other: Self) {
        if self.author.is_empty() {
            self.author = other.author;
        }
        if self.published.is_empty() {
            self.published = other.published;
        }
        if self.headline.is_empty() {
            self.headline = other.headline;
        }
        self.publisher = self.publisher.take().or(other.publisher);
    }
}
