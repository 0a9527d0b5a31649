//! What a template may show: the data that all kinds of pages share; each kind has its own beside it.
//!
//! A view is the *whole* input of a page besides the bodies it prints and the questions its template
//! asks. It is hashed to tell whether the page is stale, so it holds exactly the words the page
//! shows and nothing more: of a neighbour its title and address, of a tag its name and address.
//!
//! Conventions, for theme authors as well:
//! - `url` starts with a slash and with the path of `base_url`; `permalink` is absolute.
//! - A date is text: `2016-12-18`, or `2016-12-18T22:32:00+01:00` if its time is known. The filters
//!   `date`, `time` and `datetime` print it in the page's language.
//! - A field named `…_html` is HTML, to be printed with `| safe`; all others are plain text.

use serde::Serialize;

use crate::config::Author;
use crate::html;
use crate::page::Page;
use crate::site::Site;

/// The site as every page sees it: settings only, nothing that a post could change.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct SiteView<'a> {
    pub title: &'a str,
    /// One sentence about the blog; may be empty.
    pub description: &'a str,
    /// The address the site is built for, without a slash at the end.
    pub base_url: &'a str,
    /// The path of `base_url`: empty, or `/repo`.
    pub base_path: &'a str,
    /// Scheme and host of `base_url`: `https://example.com`.
    pub origin: &'a str,
    /// The address of the home page as a path.
    pub url: String,
    /// BCP 47 language tag of the site.
    pub language: &'a str,
    /// `ltr` or `rtl`.
    pub direction: &'static str,
    /// The theme's words in that language, for what frames the pages of all languages.
    pub words: serde_json::Value,
    /// The author of posts that name none, without `posts`.
    pub author: Option<AuthorView<'a>>,
    /// The line at the foot of each page.
    pub copyright: &'a str,
    /// Entries of the navigation, as the settings list them.
    pub menu: Vec<MenuView>,
    /// Addresses of the lists the engine makes.
    pub paths: PathsView,
    /// Feeds of the whole site.
    pub feeds: Vec<FeedLinkView>,
    /// The pingback server, if the settings name one.
    pub pingback: Option<&'a str>,
    /// The webmention endpoint, if the settings name one.
    pub webmention: Option<&'a str>,
    /// The theme's options: its defaults, overlaid with `[theme_options]` of the settings.
    pub options: serde_json::Value,
    /// `[extra]` of the settings.
    pub extra: serde_json::Value,
    /// `Backmatter` and its version.
    pub generator: &'static str,
}

/// Addresses of the lists the engine makes. Those that a site may lack are asked for with `has(what=…)`.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct PathsView {
    pub posts: String,
    pub archives: String,
    pub tags: String,
    pub categories: String,
    pub series: String,
    pub authors: String,
    pub quotes: String,
    pub search: String,
}

/// An entry of the navigation.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct MenuView {
    pub name: String,
    pub url: String,
}

/// A feed, as a `<link rel="alternate">` needs it.
#[derive(Debug, Clone, Serialize)]
pub struct FeedLinkView {
    /// `application/atom+xml`, `application/rss+xml` or `application/feed+json`.
    pub media_type: &'static str,
    pub title: String,
    pub url: String,
}

/// A person.
#[derive(Debug, Clone, Serialize)]
pub struct AuthorView<'a> {
    /// The name as it is printed.
    pub name: &'a str,
    /// Their own page.
    pub url: Option<&'a str>,
    /// Their picture.
    pub photo: Option<&'a str>,
    /// Their address for letters.
    pub email: Option<&'a str>,
    /// The page with their posts; none where the site has no such pages, and for those who write elsewhere.
    pub posts: Option<String>,
}

impl<'a> AuthorView<'a> {
    /// A person without a page of this site.
    pub fn of(author: &'a Author) -> Self {
        Self {
            name: &author.name,
            url: author.url.as_deref(),
            photo: author.photo.as_deref(),
            email: author.email.as_deref(),
            posts: None,
        }
    }
}

/// A version of a page in one of its languages.
#[derive(Debug, Clone, Serialize)]
pub struct TranslationView {
    /// BCP 47 tag of its language.
    pub language: String,
    /// What its speakers call the language.
    pub name: String,
    /// Its address.
    pub url: String,
    /// Its absolute address.
    pub permalink: String,
}

/// What is true of every page, whatever it shows.
#[derive(Debug, Clone, Serialize)]
pub struct HeadView {
    /// `home`, `post`, `page`, `archives`, `year`, `month`, `day`, `terms`, `term`, `series`, `author`, `quotes`, `search`, `not_found`, `redirect`.
    pub kind: &'static str,
    /// The name of a post, page, term, series, author or publication, or the date of an archive; empty elsewhere.
    pub title: String,
    /// Its address as a path.
    pub url: String,
    /// Its absolute address.
    pub permalink: String,
    /// Plain text for `<meta name="description">`; may be empty.
    pub description: String,
    /// BCP 47 tag of the page's language.
    pub language: String,
    /// `ltr` or `rtl`.
    pub direction: &'static str,
    /// Absolute address of the picture that stands for the page.
    pub image: Option<String>,
    /// In pixels, if it is a file of the site.
    pub image_width: Option<u32>,
    /// In pixels, if it is a file of the site.
    pub image_height: Option<u32>,
    /// What it shows; the name of the page if nothing is said.
    pub image_alt: String,
    /// Its versions in all its languages, by their tags; empty if there is one only.
    pub translations: Vec<TranslationView>,
    /// Feeds of this page alone, besides the site's.
    pub feeds: Vec<FeedLinkView>,
}

impl HeadView {
    /// What a page that is not a post's says of itself.
    pub(super) fn of_list(site: &Site, page: &Page, kind: &'static str, title: String) -> Self {
        let config = &site.config;
        Self {
            kind,
            title,
            url: config.url(&page.url),
            permalink: config.absolute(&page.url),
            description: String::new(),
            language: config.language.clone(),
            direction: html::direction(&config.language),
            image: None,
            image_width: None,
            image_height: None,
            image_alt: String::new(),
            translations: Vec::new(),
            feeds: Vec::new(),
        }
    }
}

/// A post's title and address: all that its neighbours show of it.
#[derive(Debug, Clone, Serialize)]
pub struct PostLinkView {
    /// The title; for an untitled note its first words.
    pub title: String,
    pub url: String,
    /// Its date, if it has one.
    pub date: Option<String>,
}

/// A tag, category or series on a post.
#[derive(Debug, Clone, Serialize)]
pub struct TermLinkView<'a> {
    /// The name as it is printed.
    pub name: &'a str,
    pub url: String,
}

/// A term in the list of terms.
#[derive(Debug, Clone, Serialize)]
pub struct TermCountView {
    /// The name as it is printed.
    pub name: String,
    pub url: String,
    /// How many posts it has.
    pub count: usize,
}

/// A neighbouring year, month or day that has posts.
#[derive(Debug, Clone, Serialize)]
pub struct PeriodLinkView {
    /// `2016`, `2016-12` or `2016-12-18`.
    pub date: String,
    pub url: String,
}

/// A date that has archive pages.
#[derive(Debug, Clone, Serialize)]
pub struct DateLinksView {
    /// `/2016/`.
    pub year: String,
    /// `/2016/12/`.
    pub month: String,
    /// `/2016/12/18/`; the month's where the settings make no pages of days.
    pub day: String,
}

/// Where a page of a list stands. Pages are numbered from the oldest, so that a full page never
/// changes again: the newest page has the highest number and no number in its address, and shows the newest posts,
/// some of which stand on the page before it as well.
#[derive(Debug, Clone, Serialize)]
pub struct PagerView {
    /// This page's number; 1 holds the oldest posts.
    pub number: usize,
    /// Whether this is the newest page.
    pub is_newest: bool,
    /// The page with newer posts.
    pub newer: Option<String>,
    /// The page with older posts.
    pub older: Option<String>,
    /// The newest page; none on itself.
    pub newest: Option<String>,
    /// The oldest page; none on itself.
    pub oldest: Option<String>,
}
