//! What the page of a post shows, with a date or without: its text, headings and back matter.

use serde::Serialize;
use serde_json::Value;
use url::form_urlencoded;

use crate::config::linkbacks::CommentSource;
use crate::date::names::language_name;
use crate::html;
use crate::linkback::thread::{ThreadEntry, threads};
use crate::linkback::{ANCHOR_PREFIX, Linkback, Relation};
use crate::page::kinds::link_card;
use crate::page::view::{AuthorView, HeadView, TermLinkView, TranslationView};
use crate::page::{Page, links};
use crate::picture::card::CARD_SIZE;
use crate::picture::size::ImageSize;
use crate::post::{Heading, Post};
use crate::site::Site;
use crate::site::taxonomy::{Taxonomy, authors_of};

/// A post as its own page shows it. Its `content` is printed by `{{ content }}`.
#[derive(Debug, Clone, Serialize)]
pub struct PostBodyView<'a> {
    /// The title; empty if the post is an untitled note.
    pub title: &'a str,
    pub url: String,
    /// Its absolute address.
    pub permalink: String,
    /// Its stable id, the same as in the feeds.
    pub id: String,
    /// Where it was written: `content/2016/aleppo.md`.
    pub source: &'a str,
    pub date: Option<String>,
    /// When it was last changed, if the post says so.
    pub updated: Option<String>,
    /// Its authors; the site's author if it names none.
    pub authors: Vec<AuthorView<'a>>,
    pub tags: Vec<TermLinkView<'a>>,
    pub categories: Vec<TermLinkView<'a>>,
    /// Plain text: what the post is about, in its author's words.
    pub description: &'a str,
    /// Words in the body.
    pub words: usize,
    /// Minutes a reader needs.
    pub minutes: usize,
    pub toc: Vec<HeadingView<'a>>,
    /// The page a link post points to.
    pub link: Option<&'a str>,
    /// BCP 47 tag of the post's language.
    pub language: &'a str,
    /// `ltr` or `rtl`.
    pub direction: &'static str,
    /// The picture that stands for the post.
    pub image: Option<String>,
    /// The same to be shown above the text; none if the text shows it.
    pub picture: Option<PictureView<'a>>,
    /// Absolute addresses of the reports it quotes.
    pub quoted: Vec<String>,
    /// Whether it is a draft (built only with `--drafts`).
    pub draft: bool,
    /// Whether its date is still to come (built only with `--future`).
    pub future: bool,
    /// Whether it has expired (built only with `--expired`).
    pub expired: bool,
    pub linkbacks: bool,
    /// The form of the receiver to tell of a response; none if there is no receiver, or no linkbacks are accepted.
    pub respond: Option<String>,
    /// The form of the receiver for comments; none if there is none.
    pub comment_form: Option<String>,
    /// `[extra]` of the front matter.
    pub extra: serde_json::Value,
}

/// The picture of a post in the sizes that are made for lists and previews of links.
#[derive(Debug, Clone, Serialize)]
pub struct PictureView<'a> {
    /// Its address; absolute if it is not a file of the site.
    pub url: String,
    /// In pixels, if it is a file of the site.
    pub width: Option<u32>,
    /// In pixels, if it is a file of the site.
    pub height: Option<u32>,
    /// The addresses of its sizes, as HTML has them; empty if there is one only.
    pub srcset: String,
    /// What it shows, for those who do not see it; may be empty.
    pub alt: &'a str,
}

/// A heading of a post.
#[derive(Debug, Clone, Serialize)]
pub struct HeadingView<'a> {
    /// 1 to 6.
    pub level: u8,
    pub id: &'a str,
    /// Its text as HTML without links.
    pub title_html: &'a str,
    pub children: Vec<HeadingView<'a>>,
}

/// What the web wrote under a post, from its back matter file.
#[derive(Debug, Clone, Default, Serialize)]
pub struct BackMatterView<'a> {
    /// How many there are in all.
    pub count: usize,
    /// Mentions, replies, quotations, bookmarks and comments, oldest first, each followed by its answers.
    pub responses: Vec<LinkbackView<'a>>,
    /// Likes, printed as one line.
    pub likes: Vec<LinkbackView<'a>>,
    /// Reposts, printed as one line.
    pub reposts: Vec<LinkbackView<'a>>,
}

/// One linkback or comment.
#[derive(Debug, Clone, Serialize)]
pub struct LinkbackView<'a> {
    /// Its anchor on the page, the same for ever: `linkback-3f2a9c01`.
    pub id: String,
    /// `pingback`, `trackback`, `webmention` or `comment`.
    pub kind: &'static str,
    /// `mention`, `reply`, `like`, `repost`, `bookmark` or `quotation`.
    pub relation: &'static str,
    /// The page that links here; empty for a comment without one.
    pub source: &'a str,
    pub title: &'a str,
    pub site: &'a str,
    pub author: Option<AuthorView<'a>>,
    /// The words around the link, plain text.
    pub excerpt: &'a str,
    /// All the words of a comment or a reply, in Markdown; the filter `comment` makes HTML of them. Empty if there is
    /// only an excerpt.
    pub content: &'a str,
    /// When it was published, else received.
    pub date: Option<String>,
    /// The `id` of the response this one answers.
    pub parent: Option<String>,
    /// The name of that response's author; empty if it has none.
    pub parent_author: &'a str,
    /// How far it is set in: 0 for one that answers the post, at most 5.
    pub depth: usize,
    /// A second anchor that it had on an earlier blog: `comment-201`.
    pub anchor: Option<&'a str>,
}

pub(super) fn head(site: &Site, page: &Page, kind: &'static str, post: &Post) -> HeadView {
    let language = site.language_of(post);
    let picture = picture(site, post);
    let size = picture.as_ref().and_then(|picture| picture.size);
    HeadView {
        kind,
        title: post.label(),
        url: site.config.url(&page.url),
        permalink: site.config.absolute(&page.url),
        description: post.description.clone(),
        language: language.to_owned(),
        direction: html::direction(language),
        image_width: size.map(|(width, _)| width),
        image_height: size.map(|(_, height)| height),
        image_alt: post.front.image_alt.clone().unwrap_or_else(|| post.label()),
        image: picture.map(|picture| picture.url),
        translations: translations(site, post),
        feeds: Vec::new(),
    }
}

/// The versions of a post in all its languages, its own as well; none if it has one only.
fn translations(site: &Site, post: &Post) -> Vec<TranslationView> {
    let key = post.front.translation_key.as_ref();
    let versions = key.and_then(|key| site.translations.get(key)).map(Vec::as_slice).unwrap_or_default();
    let views = versions.iter().map(|index| {
        let version = site.at(*index);
        let language = site.language_of(version);
        TranslationView {
            language: language.to_owned(),
            name: language_name(language),
            url: site.config.url(&version.url),
            permalink: site.config.absolute(&version.url),
        }
    });
    let mut views: Vec<TranslationView> = views.collect();
    views.sort_by(|a, b| a.language.cmp(&b.language));
    views
}

/// A post's authors; the site's if it names none.
pub(super) fn authors<'s>(site: &'s Site, post: &'s Post) -> Vec<AuthorView<'s>> {
    authors_of(&site.config, post).iter().map(|author| links::author_view(site, author)).collect()
}

/// The post itself, but for its body.
pub(super) fn body<'s>(site: &'s Site, post: &'s Post) -> PostBodyView<'s> {
    let config = &site.config;
    let language = site.language_of(post);
    PostBodyView {
        title: &post.title,
        url: config.url(&post.url),
        permalink: config.absolute(&post.url),
        id: links::feed_id(site, &post.id),
        source: post.path.as_str(),
        date: post.date.map(|date| date.to_text()),
        updated: post.front.updated.map(|date| date.to_text()),
        authors: authors(site, post),
        tags: links::term_links(site, Taxonomy::Tags, listed(post, &post.front.tags)),
        categories: links::term_links(site, Taxonomy::Categories, listed(post, &post.front.categories)),
        description: &post.description,
        words: post.words,
        minutes: post.minutes,
        toc: toc(&post.headings),
        link: post.front.link.as_deref(),
        language,
        direction: html::direction(language),
        image: image(site, post),
        picture: picture_above(site, post),
        quoted: quoted(site, post),
        draft: post.front.draft,
        future: post.is_future(site.now),
        expired: post.has_expired(site.now),
        linkbacks: post.front.linkbacks,
        respond: form_at(site, post, "webmention"),
        comment_form: match config.linkbacks.comments {
            CommentSource::Form => form_at(site, post, "comment"),
            CommentSource::Nowhere => None,
        },
        extra: extra(post),
    }
}

/// The address of a form of the receiver, opened for a post.
fn form_at(site: &Site, post: &Post, form: &str) -> Option<String> {
    let receiver = site.config.linkbacks.receiver.as_deref().filter(|_| post.front.linkbacks)?;
    let address = site.config.absolute(&post.url);
    let target: String = form_urlencoded::byte_serialize(address.as_bytes()).collect();
    Some(format!("{receiver}/{form}?target={target}"))
}

/// A page's tags have no pages, as it stands in no list.
fn listed<'p>(post: &Post, names: &'p [String]) -> &'p [String] {
    if post.is_listed() { names } else { &[] }
}

fn extra(post: &Post) -> Value {
    // It was written by this program; an empty text stands for a table without keys.
    serde_json::from_str(&post.front.extra).unwrap_or_else(|_| Value::Object(serde_json::Map::new()))
}

/// The picture that stands for a post.
struct PostPicture {
    /// Absolute.
    url: String,
    size: Option<(u32, u32)>,
}

/// The absolute address of the picture that stands for a post.
pub(super) fn image(site: &Site, post: &Post) -> Option<String> {
    own_picture(site, post).map(|picture| picture.url)
}

/// The picture that stands for a post in previews of links: its own, or one of its title.
fn picture(site: &Site, post: &Post) -> Option<PostPicture> {
    own_picture(site, post).or_else(|| {
        let card = link_card::address(site, post)?;
        Some(PostPicture { url: site.config.absolute(&card), size: Some(CARD_SIZE) })
    })
}

/// The picture that stands for a post: the rendition for previews of links, if it is a file of the site that has one.
fn own_picture(site: &Site, post: &Post) -> Option<PostPicture> {
    if let Some(path) = site.picture_of(post) {
        let preview = site.renditions(&path).and_then(|renditions| renditions.preview);
        if let Some(preview) = preview {
            let size = Some((preview.width, preview.height));
            return Some(PostPicture { url: site.config.absolute(&preview.url), size });
        }
        let file = site.files.get(&path)?;
        let size = match file.picture.as_ref().and_then(|picture| picture.size) {
            Some(ImageSize::Pixels(width, height)) => Some((width, height)),
            _ => None,
        };
        return Some(PostPicture { url: site.config.absolute(&file.url), size });
    }
    written_image(site, post).map(|url| PostPicture { url, size: None })
}

/// The picture of a post for a place above its text. A text that shows it would show it twice.
fn picture_above<'p>(site: &Site, post: &'p Post) -> Option<PictureView<'p>> {
    let alt = post.front.image_alt.as_deref().unwrap_or_default();
    let Some(path) = site.picture_of(post) else {
        let url = written_image(site, post)?;
        return Some(PictureView { url, width: None, height: None, srcset: String::new(), alt });
    };
    let file = site.files.get(&path).filter(|_| !post.pictures.contains(&path))?;
    let renditions = site.renditions(&path).unwrap_or_default();
    let Some(preview) = &renditions.preview else {
        let (width, height) = match file.picture.as_ref().and_then(|picture| picture.size) {
            Some(ImageSize::Pixels(width, height)) => (Some(width), Some(height)),
            _ => (None, None),
        };
        return Some(PictureView {
            url: site.config.url(&file.url),
            width,
            height,
            srcset: String::new(),
            alt,
        });
    };
    let url = site.config.url(&preview.url);
    let smaller = renditions.smallest().filter(|smallest| smallest.width < preview.width);
    let srcset = smaller.map(|smaller| {
        format!("{} {}w, {url} {}w", site.config.url(&smaller.url), smaller.width, preview.width)
    });
    Some(PictureView {
        width: Some(preview.width),
        height: Some(preview.height),
        srcset: srcset.unwrap_or_default(),
        url,
        alt,
    })
}

/// The absolute address of a picture that is not a file of the site.
fn written_image(site: &Site, post: &Post) -> Option<String> {
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

/// The reports a post quotes, each once.
fn quoted(site: &Site, post: &Post) -> Vec<String> {
    let mut urls: Vec<String> = Vec::new();
    for quote in &post.quotes {
        for target in quote.targets() {
            if let Some(url) = links::absolute(site, target)
                && !urls.contains(&url)
            {
                urls.push(url);
            }
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

/// The linkbacks of a post.
pub(super) fn back_matter<'s>(site: &'s Site, post: &Post) -> BackMatterView<'s> {
    let linkbacks = site.linkbacks.get(&post.path).map_or(&[][..], Vec::as_slice);
    let mut view = BackMatterView { count: linkbacks.len(), ..BackMatterView::default() };
    let (marks, responses): (Vec<&Linkback>, Vec<&Linkback>) =
        linkbacks.iter().partition(|linkback| matches!(linkback.relation, Relation::Like | Relation::Repost));
    for mark in marks {
        let list = if mark.relation == Relation::Like { &mut view.likes } else { &mut view.reposts };
        list.push(linkback_view(mark));
    }
    let response_view = |entry: ThreadEntry| {
        let parent = entry.parent.map(|parent| responses[parent]);
        LinkbackView {
            depth: entry.depth,
            parent: parent.map(|parent| anchor(&parent.id)),
            parent_author: parent.and_then(|parent| parent.author.as_ref()).map_or("", |author| &author.name),
            ..linkback_view(responses[entry.index])
        }
    };
    view.responses = threads(&responses).into_iter().map(response_view).collect();
    view
}

/// A linkback by itself, as if it answered the post.
fn linkback_view(linkback: &Linkback) -> LinkbackView<'_> {
    // The source is a stranger's text: only what a browser may safely open becomes a link.
    LinkbackView {
        id: anchor(&linkback.id),
        kind: linkback.kind.name(),
        relation: linkback.relation.name(),
        source: if is_web(&linkback.source) { &linkback.source } else { "" },
        title: &linkback.title,
        site: &linkback.site,
        author: linkback.author.as_ref().map(|author| {
            let author = AuthorView::of(author);
            let (url, photo) = (author.url.filter(|url| is_web(url)), author.photo.filter(|url| is_web(url)));
            AuthorView { url, photo, ..author }
        }),
        excerpt: &linkback.excerpt,
        content: &linkback.content,
        date: linkback.date().map(|date| date.to_text()),
        parent: None,
        parent_author: "",
        depth: 0,
        anchor: linkback.anchor.as_deref(),
    }
}

fn is_web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

fn anchor(id: &str) -> String {
    format!(
        "{ANCHOR_PREFIX}{}",
        id.chars().filter(|c| c.is_alphanumeric() || "-_.".contains(*c)).collect::<String>()
    )
}
