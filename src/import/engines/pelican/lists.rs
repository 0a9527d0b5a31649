//! The lists and feeds that Pelican makes by itself, and what is nearest to each here.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Pelican;
use super::urls::UrlValues;
use crate::import::engines::head::text_of;
use crate::import::engines::site::SiteCollector;
use crate::import::model::{Entry, EntryState};
use crate::post::slug::term_slug;

/// A list of articles, which may stand on several pages.
#[derive(Debug)]
struct PelicanList {
    entries: usize,
    /// The list that is nearest to it here.
    to: String,
}

/// A list that an article stands in, and its feeds.
struct PelicanListKind {
    /// The name of the setting with its address, and what it is without one.
    url: (&'static str, &'static str),
    feeds: [PelicanFeed; 2],
}

/// The setting of a feed, what it is without one, and the file of the feed here.
struct PelicanFeed {
    setting: &'static str,
    usual: &'static str,
    here: &'static str,
}

const fn feed(setting: &'static str, usual: &'static str, here: &'static str) -> PelicanFeed {
    PelicanFeed { setting, usual, here }
}

const TAG: PelicanListKind = PelicanListKind {
    url: ("TAG_URL", "tag/{slug}.html"),
    feeds: [feed("TAG_FEED_ATOM", "", "atom.xml"), feed("TAG_FEED_RSS", "", "rss.xml")],
};
const CATEGORY: PelicanListKind = PelicanListKind {
    url: ("CATEGORY_URL", "category/{slug}.html"),
    feeds: [
        feed("CATEGORY_FEED_ATOM", "feeds/{slug}.atom.xml", "atom.xml"),
        feed("CATEGORY_FEED_RSS", "", "rss.xml"),
    ],
};
const AUTHOR: PelicanListKind = PelicanListKind {
    url: ("AUTHOR_URL", "author/{slug}.html"),
    feeds: [
        feed("AUTHOR_FEED_ATOM", "feeds/{slug}.atom.xml", "atom.xml"),
        feed("AUTHOR_FEED_RSS", "feeds/{slug}.rss.xml", "rss.xml"),
    ],
};

/// The feeds of all articles, and of those in a language.
const FEEDS: [PelicanFeed; 6] = [
    feed("FEED_ALL_ATOM", "feeds/all.atom.xml", "atom.xml"),
    feed("FEED_ATOM", "", "atom.xml"),
    feed("FEED_ALL_RSS", "", "rss.xml"),
    feed("FEED_RSS", "", "rss.xml"),
    feed("TRANSLATION_FEED_ATOM", "feeds/all-{lang}.atom.xml", "atom.xml"),
    feed("TRANSLATION_FEED_RSS", "", "rss.xml"),
];

/// Lists of all articles of a year, a month, a day, and the form of the day in their addresses here.
const PERIODS: [(&str, &str); 3] =
    [("YEAR_ARCHIVE", "%Y"), ("MONTH_ARCHIVE", "%Y/%m"), ("DAY_ARCHIVE", "%Y/%m/%d")];

/// An address below the top, as hosts answer it.
fn address_of(path: &str) -> String {
    let path = path.trim_start_matches('/');
    format!("/{}", path.strip_suffix("index.html").unwrap_or(path))
}

impl Pelican {
    /// Lets old lists and feeds lead to those here.
    pub(super) fn redirect_lists(&self, site: &mut SiteCollector<'_>) {
        let posts: Vec<Entry> = site
            .documents()
            .iter()
            .map(|document| &document.entry)
            .filter(|entry| entry.state == EntryState::Public && entry.date.is_some())
            .cloned()
            .collect();
        let has_several = self.has_several_authors(&posts);
        let mut lists = BTreeMap::new();
        for post in &posts {
            for tag in &post.tags {
                self.stands_in(&TAG, tag, format!("/tags/{}/", term_slug(tag)), &mut lists, site);
            }
            let default = self.text_or("DEFAULT_CATEGORY", "misc");
            match post.categories.first() {
                Some(name) => {
                    self.stands_in(
                        &CATEGORY,
                        name,
                        format!("/categories/{}/", term_slug(name)),
                        &mut lists,
                        site,
                    );
                }
                None => self.stands_in(&CATEGORY, &default, "/archives/".to_owned(), &mut lists, site),
            }
            let own = Some(self.text("AUTHOR")).filter(|_| post.authors.is_empty());
            for name in post.authors.iter().chain(&own) {
                let to = if has_several { format!("/authors/{}/", term_slug(name)) } else { "/".to_owned() };
                self.stands_in(&AUTHOR, name, to, &mut lists, site);
            }
            let language = post.language.clone().unwrap_or_else(|| self.language());
            let values = UrlValues { language: &language, ..UrlValues::default() };
            self.redirect_feeds(&FEEDS, &values, "/", site);
            self.redirect_periods(post, site);
        }
        self.redirect_named_lists(&posts, site);
        lists.insert("/".to_owned(), PelicanList { entries: posts.len(), to: "/".to_owned() });
        let on_page = self.value("DEFAULT_PAGINATION").as_u64().and_then(|count| usize::try_from(count).ok());
        for (address, list) in &lists {
            if *address != list.to {
                site.redirect(address, &list.to);
            }
            if let Some(on_page) = on_page.filter(|on_page| *on_page > 0) {
                let pages = list.entries.div_ceil(on_page);
                site.redirect_pages(&list.to, 2..=pages, &|page| self.page_address(address, page));
            }
        }
    }

    /// Whether those of the articles are more than one, so that each has a page here.
    fn has_several_authors(&self, posts: &[Entry]) -> bool {
        let own = self.text("AUTHOR");
        let unnamed = posts.iter().filter(|post| post.authors.is_empty()).map(|_| &own);
        let named = posts.iter().flat_map(|post| &post.authors);
        named.chain(unnamed).filter(|name| !name.is_empty()).collect::<BTreeSet<_>>().len() > 1
    }

    /// Notes that an article stands in a list with a name.
    fn stands_in(
        &self,
        kind: &PelicanListKind,
        name: &str,
        to: String,
        lists: &mut BTreeMap<String, PelicanList>,
        site: &mut SiteCollector<'_>,
    ) {
        let slug = self.slugs.of_text(name);
        let values = UrlValues { slug: &slug, ..UrlValues::default() };
        let address = values.filled(&self.text_or(kind.url.0, kind.url.1));
        let Some(address) = address.filter(|address| !address.is_empty() && !slug.is_empty()) else { return };
        let has_feeds = ["/tags/", "/categories/", "/authors/"].iter().any(|folder| to.starts_with(folder));
        self.redirect_feeds(&kind.feeds, &values, if has_feeds { &to } else { "/" }, site);
        lists.entry(address_of(&address)).or_insert(PelicanList { entries: 0, to }).entries += 1;
    }

    /// Lets feeds lead to those in a folder here. `None` turns one off.
    fn redirect_feeds(
        &self,
        feeds: &[PelicanFeed],
        values: &UrlValues<'_>,
        folder: &str,
        site: &mut SiteCollector<'_>,
    ) {
        for feed in feeds {
            let usual = Value::String(feed.usual.to_owned());
            let setting = self.settings.values.get(feed.setting).unwrap_or(&usual);
            // Before version 4 the name stood at `%s`.
            let pattern = text_of(setting)
                .unwrap_or_default()
                .replace("%s", if values.slug.is_empty() { "{lang}" } else { "{slug}" });
            let to = format!("{folder}{}", feed.here);
            let from = values.filled(&pattern).filter(|from| !from.is_empty()).map(|from| address_of(&from));
            if let Some(from) = from.filter(|from| *from != to) {
                site.redirect(&from, &to);
            }
        }
    }

    fn redirect_periods(&self, post: &Entry, site: &mut SiteCollector<'_>) {
        let Some(date) = post.date.as_deref().and_then(|date| super::date_of(date, self.zone)) else {
            return;
        };
        let values = UrlValues { date: Some(date), ..UrlValues::default() };
        for (name, form) in PERIODS {
            let to = format!("/{}/", date.time().format(form));
            let named = ["_URL", "_SAVE_AS"].map(|ending| self.text(&format!("{name}{ending}")));
            let from =
                named.iter().filter(|pattern| !pattern.is_empty()).find_map(|pattern| values.filled(pattern));
            if let Some(from) = from.map(|from| address_of(&from)).filter(|from| *from != to) {
                site.redirect(&from, &to);
            }
        }
    }

    /// The lists of all articles and of all terms.
    fn redirect_named_lists(&self, posts: &[Entry], site: &mut SiteCollector<'_>) {
        for (name, to, is_there) in [
            ("tags", "/tags/", posts.iter().any(|post| !post.tags.is_empty())),
            ("categories", "/categories/", posts.iter().any(|post| !post.categories.is_empty())),
            ("archives", "/archives/", !posts.is_empty()),
            ("authors", if self.has_several_authors(posts) { "/authors/" } else { "/" }, !posts.is_empty()),
        ] {
            let setting = format!("{}_SAVE_AS", name.to_uppercase());
            let from = self.text_or(&setting, &format!("{name}.html"));
            if is_there && !from.is_empty() && address_of(&from) != to {
                site.redirect(&address_of(&from), to);
            }
        }
    }

    /// Where a further page of a list stands, by `PAGINATION_PATTERNS`.
    fn page_address(&self, list: &str, page: usize) -> String {
        let file = match list.trim_start_matches('/') {
            folder if folder.is_empty() || folder.ends_with('/') => format!("{folder}index.html"),
            file => file.to_owned(),
        };
        let (name, extension) = file.rsplit_once('.').unwrap_or((&file, ""));
        let rules = self.value("PAGINATION_PATTERNS").as_array().map(Vec::as_slice).unwrap_or_default();
        let rule = rules.iter().rfind(|rule| rule[0].as_u64().is_some_and(|first| first <= page as u64));
        let pattern = rule.and_then(|rule| rule[1].as_str()).unwrap_or("{name}{number}{extension}");
        let extension = if extension.is_empty() { String::new() } else { format!(".{extension}") };
        let filled = pattern
            .replace("{name}", name)
            .replace("{base_name}", name.rsplit_once('/').map_or("", |(folder, _)| folder))
            .replace("{number}", &page.to_string())
            .replace("{extension}", &extension)
            .replace("{url}", list.trim_start_matches('/'));
        address_of(&filled)
    }
}
