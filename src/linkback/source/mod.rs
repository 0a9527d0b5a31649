//! Does a page link to a post, and what does it say? From the bytes of a response to a [`LinkCheck`].
//!
//! A link is an element that leads somewhere: `<a href>`, or the picture, film or sound of `<img>`, `<video>` and `<audio>`. Its address
//! has to be one of the post's, whole; an address in text, in a comment, in a script or in a template is not a link.
//! If the page says by microformats where its entry is, the link has to stand in it. Of JSON, a property has to have the address for
//! its value. A page of plain text holds no links.
//!
//! [`read`] follows no link and makes no request: all it knows is the page.

pub(crate) mod excerpt;
mod json;
pub(crate) mod metadata;
pub(crate) mod microformats;
mod place;
pub(crate) mod sanitize;

use std::fmt;

use url::Url;

use crate::config::Author;
use crate::date::Date;
use crate::dom::{Document, Node, charset};
use crate::linkback::Relation;
use crate::linkback::address::{Address, Targets};
use crate::linkback::inbox::state::Mention;
use crate::linkback::source::excerpt::Paragraph;
use crate::linkback::source::metadata::Metadata;
use crate::linkback::source::microformats::{MicroformatItem, Microformats};
use crate::linkback::source::sanitize::{MAX_EXCERPT, MAX_NAME, MAX_TITLE, plain, reorders};

pub(crate) use self::place::LinkPlacement;

/// A page as it was fetched.
#[derive(Debug, Clone, Copy)]
pub struct SourcePage<'a> {
    /// Where it was found after all redirects.
    pub url: &'a Url,
    /// The value of its `Content-Type`, empty if there was none.
    pub content_type: &'a str,
    /// What it holds, unpacked.
    pub body: &'a [u8],
}

/// What a page is to a post.
#[derive(Debug, Clone, PartialEq)]
pub enum LinkCheck {
    /// It links to the post.
    Linked(Box<LinkingPage>),
    Missing(NoLinkReason),
    /// It says of itself that it is gone: `<meta http-equiv="status" content="410 Gone">`, for hosts that cannot answer 410.
    Gone,
}

/// A page that links.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkingPage {
    /// What would be shown of it. All of it is one line of visible text, and the addresses are http or https.
    pub words: Mention,
    /// Where the best of its links to the post stands.
    pub place: LinkPlacement,
    /// How many links to other sites stand beside it, in the entry or on the page.
    pub links: usize,
    /// The text of the entry or the page, up to [`MAX_TEXT`], to be compared with the post.
    pub text: String,
    /// Whether its words had marks that change the order of letters. They were taken out.
    pub has_reordering_marks: bool,
}

/// Why a page does not count as linking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoLinkReason {
    /// No link leads to the post.
    NoLink,
    /// One does, but not in an entry of the page.
    OutsideEntry,
    /// It is nothing that can hold a link.
    NotAPage,
}

impl fmt::Display for NoLinkReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoLink => "the page has no link to the post",
            Self::OutsideEntry => "the page links to the post outside its text only",
            Self::NotAPage => "the source is neither HTML nor JSON",
        })
    }
}

/// How much of a page's text is kept, in bytes.
pub(crate) const MAX_TEXT: usize = 64 * 1024;

/// How many links to the post are looked at. A page with more links to one post has no better one behind them.
const MAX_LINKS: usize = 100;

/// Reads a page. `targets` are the addresses of the post.
pub fn read(page: &SourcePage<'_>, targets: &Targets) -> LinkCheck {
    let media_type = charset::media_type(page.content_type);
    match media_type.as_str() {
        "text/html" | "application/xhtml+xml" | "" => {
            let html = charset::decode(page.body, page.content_type);
            read_html(&Document::parse(&html), page.url, targets)
        }
        json if json == "application/json" || json.ends_with("+json") => json::read(page, targets),
        _ => LinkCheck::Missing(NoLinkReason::NotAPage),
    }
}

/// A page and what is known of it.
struct Reading<'a> {
    document: &'a Document,
    base: Url,
    targets: &'a Targets,
    formats: Microformats<'a>,
}

fn read_html(document: &Document, url: &Url, targets: &Targets) -> LinkCheck {
    if says_gone(document) {
        return LinkCheck::Gone;
    }
    let base = base_of(document, url);
    let reading = Reading { document, base, targets, formats: Microformats::below(document.root()) };
    let links: Vec<Node<'_>> = reading.links().take(MAX_LINKS).collect();
    let counted: Vec<_> = links.iter().filter_map(|link| reading.counted(*link)).collect();
    // The first of those that stand at the best place.
    let Some((link, entry, place)) = counted.into_iter().min_by_key(|(_, _, place)| *place) else {
        return LinkCheck::Missing(if links.is_empty() {
            NoLinkReason::NoLink
        } else {
            NoLinkReason::OutsideEntry
        });
    };
    LinkCheck::Linked(Box::new(reading.found(link, entry, place)))
}

/// Whether the page stands in for an answer of 410.
fn says_gone(document: &Document) -> bool {
    document.elements().filter(|node| node.name() == "meta").any(|meta| {
        let is_status =
            meta.attribute("http-equiv").is_some_and(|name| name.trim().eq_ignore_ascii_case("status"));
        is_status && meta.attribute("content").is_some_and(|content| content.trim().starts_with("410"))
    })
}

/// What addresses of a page are relative to (HTML standard, section 2.4.2): its first `<base>`, else itself.
pub(crate) fn base_of(document: &Document, url: &Url) -> Url {
    let bases = document.elements().filter(|node| node.name() == "base");
    let first = bases.filter_map(|base| base.attribute("href")).next();
    first.and_then(|href| url.join(href.trim()).ok()).unwrap_or_else(|| url.clone())
}

impl<'a> Reading<'a> {
    /// The elements that lead to the post.
    fn links(&self) -> impl Iterator<Item = Node<'a>> {
        self.document.elements().filter(|node| {
            let address = match node.name() {
                "a" => node.attribute("href"),
                "img" | "video" | "audio" => node.attribute("src"),
                "source"
                    if node.parent().is_some_and(|parent| matches!(parent.name(), "video" | "audio")) =>
                {
                    node.attribute("src")
                }
                _ => None,
            };
            address.is_some_and(|address| self.leads_to_post(address))
        })
    }

    fn leads_to_post(&self, address: &str) -> bool {
        self.base.join(address.trim()).is_ok_and(|url| self.targets.contain(&url))
    }

    /// A link with its entry and its place, if it counts.
    fn counted<'s>(
        &'s self,
        link: Node<'a>,
    ) -> Option<(Node<'a>, Option<&'s MicroformatItem<'a>>, LinkPlacement)> {
        let entry = self.formats.entry_of(link);
        if entry.is_none() && self.formats.has_entries() {
            return None;
        }
        let place = if self.formats.is_in_response(link) {
            LinkPlacement::Comments
        } else {
            LinkPlacement::of(link, entry)
        };
        // What a page answers is often linked without a word, for machines.
        let is_hidden_answer = place == LinkPlacement::Hidden
            && entry.is_some_and(|entry| self.relation(entry) != Relation::Mention);
        let place = if is_hidden_answer { LinkPlacement::Page } else { place };
        Some((link, entry, place))
    }

    fn found(
        &self,
        link: Node<'a>,
        entry: Option<&MicroformatItem<'a>>,
        place: LinkPlacement,
    ) -> LinkingPage {
        let top = entry.map_or(self.document.root(), |entry| entry.node);
        let metadata = Metadata::of(self.document);
        let content = entry.and_then(|entry| self.content(entry));
        let paragraph = Paragraph::around(link, top);
        // Where the link stands beside the text of the entry, the text says more than the words around the link.
        let beside = content
            .filter(|content| place <= LinkPlacement::Page && *content != link && !link.is_inside(*content));
        let start = beside.map(excerpt::start_of).filter(|start| !start.is_empty());
        let excerpt = start.or_else(|| excerpt::of_quotation(link)).unwrap_or_else(|| paragraph.excerpt());
        let title = self.title(entry, &metadata, content);
        let site =
            entry.and_then(|entry| self.formats.feed_name(entry)).unwrap_or_else(|| metadata.site.clone());
        let (name, author_url) = self.author(entry, &metadata);
        let published = entry.and_then(|entry| self.formats.value(entry, "published"));
        let published = published.map_or_else(|| metadata.published.clone(), |date| self.formats.text(date));
        let relation = entry.map_or(Relation::Mention, |entry| self.relation(entry));
        let raw = [&paragraph.text, &title, &site, &name];
        let name = plain(&name, MAX_NAME);
        LinkingPage {
            has_reordering_marks: raw.into_iter().any(|text| reorders(text)),
            words: Mention {
                relation,
                title: plain(&title, MAX_TITLE),
                site: plain(&site, MAX_NAME),
                author: (!name.is_empty()).then(|| Author { name, url: author_url, ..Author::default() }),
                excerpt: plain(&excerpt, MAX_EXCERPT),
                published: date(&published),
            },
            place,
            links: self.links_elsewhere(top),
            text: excerpt::text_of(top, MAX_TEXT),
        }
    }

    /// What the entry is to the post. Likes and reposts are often marked as replies as well, for readers that know only these.
    fn relation(&self, entry: &MicroformatItem<'a>) -> Relation {
        const NAMES: [(&str, Relation); 8] = [
            ("repost-of", Relation::Repost),
            ("repost", Relation::Repost),
            ("like-of", Relation::Like),
            ("like", Relation::Like),
            ("bookmark-of", Relation::Bookmark),
            ("bookmark", Relation::Bookmark),
            ("quotation-of", Relation::Quotation),
            ("in-reply-to", Relation::Reply),
        ];
        let named = NAMES.into_iter().find(|(name, _)| self.property_leads_to_post(entry, name));
        named.map_or(Relation::Mention, |(_, relation)| relation)
    }

    fn property_leads_to_post(&self, entry: &MicroformatItem<'a>, name: &str) -> bool {
        let values = self.formats.values(entry, name).take(MAX_LINKS);
        values.filter_map(|value| self.formats.url(value, &self.base)).any(|url| self.targets.contain(&url))
    }

    /// The element that is the text of the entry: by microformats, or by what most themes call it.
    fn content(&self, entry: &MicroformatItem<'a>) -> Option<Node<'a>> {
        let said = self.formats.value(entry, "content").map(|content| content.node);
        said.or_else(|| entry.node.descendants().find(|node| place::is_content(*node)))
    }

    /// The title. A note has none: what it is called is its text.
    fn title(
        &self,
        entry: Option<&MicroformatItem<'a>>,
        metadata: &Metadata,
        content: Option<Node<'a>>,
    ) -> String {
        let name =
            entry.and_then(|entry| self.formats.value(entry, "name")).map(|name| self.formats.text(name));
        let Some(name) = name.filter(|name| !name.trim().is_empty()) else { return metadata.title.clone() };
        let text = content.map_or_else(String::new, |content| excerpt::text_of(content, MAX_TITLE * 8));
        let name_start = without_white_space(&name);
        let is_note = without_white_space(&text).starts_with(name_start.trim_end_matches(['…', '.']));
        if is_note { String::new() } else { name }
    }

    /// The author's name and page.
    fn author(&self, entry: Option<&MicroformatItem<'a>>, metadata: &Metadata) -> (String, Option<String>) {
        let formats = &self.formats;
        let said = entry
            .and_then(|entry| formats.author_of(entry))
            .map(|author| (formats.text(author), formats.url(author, &self.base)));
        let (name, url) = match said {
            Some(said) => said,
            None if metadata.author.trim().is_empty() => formats
                .only_card()
                .map(|card| (formats.name(card), formats.url_of(card, &self.base)))
                .unwrap_or_default(),
            None => (
                metadata.author.clone(),
                self.base.join(metadata.author_url.trim()).ok().filter(|_| !metadata.author_url.is_empty()),
            ),
        };
        let url = url.and_then(|url| Address::of_url(url).ok()).map(|url| url.as_str().to_owned());
        // An address is not a name.
        let name = if Url::parse(name.trim()).is_ok() { String::new() } else { name };
        (name, url)
    }

    fn links_elsewhere(&self, top: Node<'a>) -> usize {
        let links =
            top.descendants().filter(|node| node.name() == "a").filter_map(|node| node.attribute("href"));
        let urls = links.filter_map(|href| self.base.join(href.trim()).ok());
        urls.filter(|url| matches!(url.scheme(), "http" | "https") && url.host() != self.base.host()).count()
    }
}

fn without_white_space(text: &str) -> String {
    text.split_whitespace().collect()
}

/// A date as pages write it. Where it has no offset, it is taken for one in UTC.
fn date(text: &str) -> Option<Date> {
    Date::parse(text.trim(), chrono_tz::UTC).ok()
}

#[cfg(test)]
mod tests;
