//! Posts as lists show them. They are made once and shared, as a post stands in a dozen lists.

use std::fmt;
use std::sync::OnceLock;

use parking_lot::Mutex;
use serde::{Serialize, Serializer};
use tera::Value;

use crate::fifo_cache::FifoCache;
use crate::hash::Hash;
use crate::html;
use crate::page::view::{AuthorView, TermLinkView};
use crate::page::{Plan, links, post_view};
use crate::picture::renditions::Rendition;
use crate::picture::size::ImageSize;
use crate::post::Post;
use crate::site::Site;
use crate::site::taxonomy::Taxonomy;

/// A picture in the size of a list.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ThumbnailView {
    /// Its address; absolute if it is not a file of the site.
    pub url: String,
    /// In pixels, if it is a file of the site.
    pub width: Option<u32>,
    /// In pixels, if it is a file of the site.
    pub height: Option<u32>,
}

/// A post as lists show it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct CardView<'a> {
    /// The title; empty if the post is an untitled note.
    pub title: &'a str,
    pub url: String,
    /// Its absolute address.
    pub permalink: String,
    pub date: Option<String>,
    /// When it was last changed, if the post says so.
    pub updated: Option<String>,
    /// Its authors; the site's author if it names none.
    pub authors: Vec<AuthorView<'a>>,
    pub tags: Vec<TermLinkView<'a>>,
    pub categories: Vec<TermLinkView<'a>>,
    /// The author's own first words, or what the post gives as its summary.
    pub summary_html: &'a str,
    /// Whether the post has more than its summary.
    pub has_more: bool,
    /// Minutes a reader needs.
    pub minutes: usize,
    /// The page a link post points to.
    pub link: Option<&'a str>,
    /// BCP 47 tag of the post's language.
    pub language: &'a str,
    /// `ltr` or `rtl`.
    pub direction: &'static str,
    /// The picture that stands for the post.
    pub image: Option<String>,
    /// The same in the size of a list.
    pub thumbnail: Option<ThumbnailView>,
    /// How many reports the post quotes.
    pub quotes: usize,
    /// Whether it is a draft (built only with `--drafts`).
    pub draft: bool,
    /// Whether its date is still to come (built only with `--future`).
    pub future: bool,
    /// Whether it has expired (built only with `--expired`).
    pub expired: bool,
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
pub(crate) const CARDS_KEPT: usize = 4096;

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

impl<'a> Card<'a> {
    fn view(&self) -> CardView<'a> {
        card(&self.plan.site, &self.plan.site.posts[self.post])
    }
}

impl fmt::Debug for Card<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Card({})", self.plan.site.posts[self.post].path)
    }
}

impl Serialize for Card<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let cards = &self.plan.cards;
        // Fingerprints are made of a binary form, views of one that has names.
        if serializer.is_human_readable() {
            return cards.value(self.post, || Value::from_serializable(&self.view())).serialize(serializer);
        }
        cards.hashes[self.post].get_or_init(|| Hash::of_value(&self.view())).serialize(serializer)
    }
}

/// The cards of posts, by their indices.
pub(super) fn cards(plan: &Plan, posts: impl Iterator<Item = usize>) -> Vec<Card<'_>> {
    posts.map(|post| Card { plan, post }).collect()
}

/// The terms of a post that lists and feeds name: each term has a list, so that to name all of many in each would take
/// quadratic room. Its own page names them all.
pub(super) fn listed(terms: &[String]) -> &[String] {
    const MOST: usize = 50;
    &terms[..terms.len().min(MOST)]
}

/// The picture that stands for a post, in the smallest of its sizes if it has several.
fn thumbnail(site: &Site, post: &Post) -> Option<ThumbnailView> {
    let Some(path) = site.picture_of(post) else {
        let url = post_view::image(site, post)?;
        return Some(ThumbnailView { url, width: None, height: None });
    };
    let renditions = site.renditions(&path).unwrap_or_default();
    if let Some(Rendition { url, width, height, .. }) = renditions.smallest() {
        let (url, width, height) = (site.config.url(url), Some(*width), Some(*height));
        return Some(ThumbnailView { url, width, height });
    }
    let file = site.files.get(&path)?;
    let (width, height) = match file.picture.and_then(|picture| picture.size) {
        Some(ImageSize::Pixels(width, height)) => (Some(width), Some(height)),
        _ => (None, None),
    };
    Some(ThumbnailView { url: site.config.url(&file.url), width, height })
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
        authors: post_view::authors(site, post),
        tags: links::term_links(site, Taxonomy::Tags, listed(&post.front.tags)),
        categories: links::term_links(site, Taxonomy::Categories, listed(&post.front.categories)),
        summary_html: &post.summary_html,
        has_more: post.has_more,
        minutes: post.minutes,
        link: post.front.link.as_deref(),
        language,
        direction: html::direction(language),
        image: post_view::image(site, post),
        thumbnail: thumbnail(site, post),
        quotes: post.quotes.len(),
        draft: post.front.draft,
        future: post.is_future(site.now),
        expired: post.has_expired(site.now),
    }
}
