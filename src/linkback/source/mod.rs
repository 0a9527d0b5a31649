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
pub(crate) mod linked_data;
pub(crate) mod metadata;
pub(crate) mod microformats;
pub(crate) mod place;
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
use crate::linkback::source::sanitize::{MAX_EXCERPT, MAX_NAME, MAX_TITLE, is_name, plain, reorders};

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
    /// Where the page says that it is, if that is another address of the same site.
    pub canonical: Option<String>,
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
    url: &'a Url,
    base: Url,
    targets: &'a Targets,
    formats: Microformats<'a>,
}

/// A link to the post that counts.
#[derive(Clone, Copy)]
struct CountedLink<'s, 'a> {
    link: Node<'a>,
    /// The entry or response whose author made it.
    speaker: Option<&'s MicroformatItem<'a>>,
    place: LinkPlacement,
}

fn read_html<'a>(document: &'a Document, url: &'a Url, targets: &'a Targets) -> LinkCheck {
    if says_gone(document) {
        return LinkCheck::Gone;
    }
    let base = base_of(document, url);
    let reading = Reading { document, url, base, targets, formats: Microformats::below(document.root()) };
    let links: Vec<Node<'_>> = reading.links().take(MAX_LINKS).collect();
    let has_own_entry = reading.has_own_entry();
    let counted = links.iter().map(|link| reading.place_of(*link));
    let counted = counted.filter(|counted| counted.speaker.is_some() || !has_own_entry);
    // The first of those that stand at the best place: rather in a sentence than in the caption of a quotation.
    let Some(best) = counted.min_by_key(|counted| (counted.place, reading.is_caption(counted.link))) else {
        return LinkCheck::Missing(if links.is_empty() {
            NoLinkReason::NoLink
        } else {
            NoLinkReason::OutsideEntry
        });
    };
    LinkCheck::Linked(Box::new(reading.found(best)))
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
                "a" | "area" => node.attribute("href"),
                // An element of a drawing, which the parser gives no name.
                "" if node.is_drawn_link() => node.attribute("href"),
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

    /// Whether an entry is the page's own, as far as the page tells: one that has another address is not, such as an
    /// item of a list of other posts.
    fn has_own_entry(&self) -> bool {
        let pages = [self.url.clone()].into_iter().chain(metadata::canonical(self.document, self.url));
        let own: Vec<String> = pages.filter_map(|url| Some(Address::of_url(url).ok()?.key())).collect();
        self.formats.entries().filter(|entry| !self.formats.is_response(entry)).any(|entry| {
            let urls = self.formats.values(entry, "url");
            let urls: Vec<_> = urls.filter_map(|url| self.formats.url(url, &self.base)).collect();
            let mut keys = urls.iter().filter_map(|url| Some(Address::of_url(url.clone()).ok()?.key()));
            urls.is_empty() || keys.any(|key| own.contains(&key))
        })
    }

    fn place_of<'s>(&'s self, link: Node<'a>) -> CountedLink<'s, 'a> {
        let speaker = self.formats.speaker_of(link);
        let place = match speaker {
            Some(speaker) if self.formats.is_response(speaker) => LinkPlacement::Comments,
            _ => LinkPlacement::of(link, speaker),
        };
        // What a page answers is often linked without a word, for machines.
        let is_hidden_answer = place == LinkPlacement::Hidden
            && speaker.is_some_and(|speaker| self.relation(speaker) != Relation::Mention);
        let place = if is_hidden_answer { LinkPlacement::Page } else { place };
        CountedLink { link, speaker, place }
    }

    /// Whether a link says where something is from, and the words that are meant stand elsewhere.
    fn is_caption(&self, link: Node<'a>) -> bool {
        place::is_empty(link)
            || self.formats.citation_of(link).is_some()
            || excerpt::of_quotation(link).is_some()
    }

    fn found(&self, counted: CountedLink<'_, 'a>) -> LinkingPage {
        let CountedLink { link, place, .. } = counted;
        let comment = (place == LinkPlacement::Comments).then(|| place::comment_of(link)).flatten();
        // An entry around a comment is the page's, whose author did not write the comment.
        let speaker = counted.speaker.filter(|speaker| {
            place != LinkPlacement::Comments
                || place::is_in_comments(speaker.node)
                || self.formats.is_response(speaker)
        });
        let top = speaker.map(|speaker| speaker.node).or(comment).unwrap_or(self.document.root());
        let metadata = Metadata::of(self.document, self.url);
        let content = speaker.and_then(|speaker| self.content(speaker));
        let relation = speaker.map_or(Relation::Mention, |speaker| self.relation(speaker));
        let paragraph = Paragraph::around(link, top);
        let excerpt = self.excerpt(CountedLink { speaker, ..counted }, relation, &paragraph);
        let site =
            speaker.and_then(|entry| self.formats.feed_name(entry)).unwrap_or_else(|| metadata.site.clone());
        let is_comment = place == LinkPlacement::Comments;
        let (name, author_url) = match (speaker, comment) {
            (None, Some(comment)) => self.commenter(comment),
            _ => self.author(speaker, (!is_comment).then_some(&metadata)),
        };
        let author_url =
            author_url.and_then(|url| Address::of_url(url).ok()).map(|url| url.as_str().to_owned());
        let known =
            KnownWords { metadata: &metadata, site: &site, author: &name, excerpt: &excerpt, content };
        let title = self.title(speaker, relation, &known);
        let dates = speaker.into_iter().flat_map(|speaker| self.formats.dates(speaker, "published"));
        let published = dates
            .chain(comment.and_then(time_in))
            .chain((!is_comment).then(|| metadata.published.clone()))
            .find_map(|text| date(&text));
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
                published,
                content: String::new(),
                parent: None,
            },
            place,
            links: self.links_elsewhere(top),
            text: excerpt::text_of(top, MAX_TEXT),
            canonical: metadata::canonical(self.document, self.url)
                .and_then(|url| Address::of_url(url).ok())
                .map(|address| address.without_fragment().as_str().to_owned()),
        }
    }

    /// The words that are shown of a page.
    fn excerpt(&self, counted: CountedLink<'_, 'a>, relation: Relation, paragraph: &Paragraph) -> String {
        let CountedLink { link, speaker, place } = counted;
        let is_mark = matches!(relation, Relation::Like | Relation::Repost | Relation::Bookmark);
        let Some(content) = speaker.and_then(|speaker| self.content(speaker)) else {
            let summary = speaker.and_then(|speaker| self.formats.value(speaker, "summary"));
            return match summary.filter(|_| is_mark || relation == Relation::Reply) {
                Some(summary) => excerpt::start_of(summary.node, None),
                None if is_mark => String::new(),
                None => self.quoted_words(link, speaker).unwrap_or_else(|| paragraph.excerpt()),
            };
        };
        let is_within = content == link || link.is_inside(content);
        if is_within && (is_mark || relation == Relation::Reply) {
            let cited = self.cited(link, content);
            if cited.is_some() || paragraph.is_bare() {
                let block = link.ancestors().find(|node| excerpt::is_block(*node));
                let skipped = cited.or(block.filter(|block| block.is_inside(content)));
                let own = excerpt::start_of(content, skipped.or(Some(link)));
                if !own.is_empty() || is_mark && (cited.is_some() || content != link) {
                    return own;
                }
            }
        }
        // Where the link stands beside the text of the entry, the text says more than the words around the link.
        let beside = !is_within && (place <= LinkPlacement::Page || is_mark);
        let start =
            beside.then(|| excerpt::start_of(content, None)).filter(|start| !start.is_empty() || is_mark);
        start.or_else(|| self.quoted_words(link, speaker)).unwrap_or_else(|| paragraph.excerpt())
    }

    /// The words that a link is the source of.
    fn quoted_words(&self, link: Node<'a>, speaker: Option<&MicroformatItem<'a>>) -> Option<String> {
        let cited = self.formats.citation_of(link);
        let cited = cited.filter(|cited| speaker.is_none_or(|speaker| cited.node.is_inside(speaker.node)));
        let quoted = cited.and_then(|cited| self.formats.value(cited, "content"));
        let quoted = quoted.filter(|quoted| quoted.node != link && !link.is_inside(quoted.node));
        let words = quoted.map(|quoted| excerpt::start_of(quoted.node, None));
        words.filter(|words| !words.is_empty()).or_else(|| excerpt::of_quotation(link))
    }

    /// The part of the text of an entry that cites the post: an item, or a quotation.
    fn cited(&self, link: Node<'a>, content: Node<'a>) -> Option<Node<'a>> {
        let item = self.formats.citation_of(link).map(|cited| cited.node);
        let quotation = || link.ancestors().find(|node| matches!(node.name(), "blockquote" | "figure"));
        item.filter(|node| *node != link && node.is_inside(content))
            .or_else(|| quotation().filter(|node| node.is_inside(content)))
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
        speaker: Option<&MicroformatItem<'a>>,
        relation: Relation,
        known: &KnownWords<'_, 'a>,
    ) -> String {
        let text = known.content.map_or_else(String::new, |content| excerpt::text_of(content, MAX_TITLE * 8));
        let text = without_white_space(&text);
        let names = speaker.into_iter().flat_map(|speaker| self.formats.values(speaker, "name"));
        let name = names.map(|name| self.formats.text(name)).find(|name| !name.trim().is_empty());
        if let Some(name) = name {
            let is_all = without_white_space(&name) == without_white_space(known.excerpt);
            return if is_all || begins(&text, &name) { String::new() } else { name };
        }
        let is_mark = matches!(relation, Relation::Like | Relation::Repost);
        let title = without_site(&known.metadata.title, known.site);
        let is_name = |name: &str| !name.trim().is_empty() && name.trim() == title.trim();
        // What stands before or behind a dash is often the author or the site.
        let repeats = speaker.is_some()
            && title.split([':', '|', '–', '—', '·', '«', '»', '-']).any(|part| {
                let is_long = without_white_space(part).chars().count() >= LEAST_REPEATED;
                !part.trim().is_empty()
                    && begins(&text, part)
                    && (is_long || text == without_white_space(part))
            });
        let is_none = is_mark && known.content.is_none()
            || is_name(known.site)
            || is_name(known.author)
            || repeats
            || !text.is_empty() && begins(&text, title);
        if is_none && speaker.is_some() || is_name(known.site) { String::new() } else { title.to_owned() }
    }

    /// The author's name and page: of all that the page says, the first that is a name. `metadata` is what the page as a
    /// whole says, if its author is the one that is looked for.
    fn author(
        &self,
        speaker: Option<&MicroformatItem<'a>>,
        metadata: Option<&Metadata>,
    ) -> (String, Option<Url>) {
        let formats = &self.formats;
        let mut address = None;
        for said in speaker.into_iter().flat_map(|speaker| formats.authors_of(speaker)) {
            let name = formats.text(said);
            let url = formats.url(said, &self.base);
            if is_name(&name) {
                return (name, url);
            }
            address = address.or(url).or_else(|| Url::parse(name.trim()).ok());
        }
        let Some(metadata) = metadata else {
            // A response says little of itself: a person in it wrote it.
            let card = speaker.and_then(|speaker| formats.card_in(speaker.node));
            return card
                .map(|card| (formats.name(card), formats.url_of(card, &self.base)))
                .unwrap_or_default();
        };
        let address = address.or_else(|| self.linked_author());
        if let Some(card) = address.as_ref().and_then(|url| formats.card_at(url, &self.base))
            && is_name(&formats.name(card))
        {
            return (formats.name(card), address);
        }
        if is_name(&metadata.author) {
            let url = self.base.join(metadata.author_url.trim()).ok();
            return (metadata.author.clone(), address.or(url.filter(|_| !metadata.author_url.is_empty())));
        }
        let card = formats.only_card().map(|card| (formats.name(card), formats.url_of(card, &self.base)));
        card.filter(|(name, _)| is_name(name)).unwrap_or_default()
    }

    /// The address that `rel=author` leads to.
    fn linked_author(&self) -> Option<Url> {
        let mut links = self.document.elements().filter(|node| {
            matches!(node.name(), "link" | "a")
                && node.words("rel").any(|rel| rel.eq_ignore_ascii_case("author"))
        });
        links.find_map(|link| self.base.join(link.attribute("href")?.trim()).ok())
    }

    /// Who wrote a comment that no microformat marks.
    fn commenter(&self, comment: Node<'a>) -> (String, Option<Url>) {
        if let Some(card) = self.formats.card_in(comment) {
            return (self.formats.name(card), self.formats.url_of(card, &self.base));
        }
        const NAMES: [&str; 5] = ["comment-author-name", "comment-author", "comment__author", "fn", "author"];
        let is_author = |node: &Node<'a>| {
            node.words("class").any(|class| NAMES.contains(&class))
                || node.words("itemprop").any(|name| name == "author")
        };
        let Some(author) = comment.descendants().find(is_author) else { return Default::default() };
        let mut links = std::iter::once(author).chain(author.descendants());
        let url = links.find_map(|node| self.base.join(node.attribute("href")?.trim()).ok());
        (author.text_content(), url)
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

/// What is known of a page when its title is looked for.
struct KnownWords<'s, 'a> {
    metadata: &'s Metadata,
    site: &'s str,
    author: &'s str,
    /// The words that are shown of it.
    excerpt: &'s str,
    /// The text of the entry.
    content: Option<Node<'a>>,
}

/// How many characters a part of a title has at least that is taken for the beginning of the text.
const LEAST_REPEATED: usize = 10;

/// Whether a text, without its white space, begins with what a title says.
fn begins(text: &str, title: &str) -> bool {
    text.starts_with(without_white_space(title).trim_end_matches(['…', '.']))
}

/// A title without the name of its site, which `<title>` often ends with.
pub(crate) fn without_site<'t>(title: &'t str, site: &str) -> &'t str {
    let (title, site) = (title.trim(), site.trim());
    if site.is_empty() {
        return title;
    }
    let marks = ['–', '—', '-', '|', '·', '•', '»', '«', ':'];
    let Some(rest) = title.strip_suffix(site) else { return title };
    let cut = rest.trim_end();
    let is_apart = cut.len() < rest.len();
    match cut.strip_suffix(marks).filter(|_| is_apart).map(str::trim_end) {
        Some(title) if !title.is_empty() => title,
        _ => title,
    }
}

/// The date of the first `<time>` below a node.
fn time_in(node: Node<'_>) -> Option<String> {
    let mut times = node.descendants().filter(|node| node.name() == "time");
    times.find_map(|time| time.attribute("datetime")).map(str::to_owned)
}

/// A date as pages write it, in the forms of ISO 8601, also with the day's number in the year, and of e-mail. Where it has
/// no offset, it is taken for one in UTC.
pub(crate) fn date(text: &str) -> Option<Date> {
    let text = text.trim();
    let read = |text: &str| Date::parse(text, chrono_tz::UTC).ok();
    read(text).or_else(|| read(&chrono::DateTime::parse_from_rfc2822(text).ok()?.to_rfc3339())).or_else(
        || {
            let (day, rest) = text.split_at(text.find('T').unwrap_or(text.len()));
            let day = ["%Y-%j", "%Y%j", "%Y%m%d"].iter().find_map(|form| {
                let day = chrono::NaiveDate::parse_from_str(day, form).ok()?;
                // A form without hyphens also reads what is shorter or longer than it.
                (day.format(form).to_string() == text[..text.len() - rest.len()]).then_some(day)
            })?;
            read(&format!("{}{rest}", day.format("%Y-%m-%d")))
        },
    )
}

#[cfg(test)]
mod tests;
