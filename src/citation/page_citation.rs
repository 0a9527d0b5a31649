//! What a page says of the report that it is: headline, authors, publication, day and language, each with its source.
//!
//! Structured data comes before the head, and the head before the text. The order of each field is the one that was
//! right most often on real pages; the first plausible value counts.

use chrono::NaiveDate;
use serde_json::{Map, Value};
use url::Url;

use super::guessed_day::{heading_of, letters_of};
use super::persons::persons;
use super::published::DatedPage;
use crate::date::reader::DateReader;
use crate::dom::{Document, Node};
use crate::linkback::source::linked_data::{LinkedData, LinkedGraph, each, kinds, string, strings};
use crate::linkback::source::metadata::{canonical, meta_content, site_of_feed, site_of_home_link};
use crate::linkback::source::microformats::Microformats;
use crate::linkback::source::place::is_in_comments;
use crate::linkback::source::sanitize::{MAX_NAME, MAX_TITLE, plain, unescaped};
use crate::linkback::source::without_site;

/// Something that a page says of itself, in plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CitedField {
    pub(crate) text: String,
    /// Where it stands: `JSON-LD headline`, `og:title`.
    pub(crate) origin: &'static str,
    pub(crate) basis: FieldBasis,
}

/// How sure a field is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FieldBasis {
    /// The page states it.
    Stated,
    /// It stands where such a thing often stands.
    Guessed,
}

/// Whether everyone can read the report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum ReportAccess {
    #[default]
    Open,
    /// It is for subscribers (schema.org `isAccessibleForFree`).
    Subscribers,
}

/// What a page says of the report that it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PageCitation {
    pub(crate) headline: Option<CitedField>,
    /// In their order; all from one place.
    pub(crate) authors: Vec<CitedField>,
    pub(crate) publication: Option<CitedField>,
    /// ISO 8601, a whole day.
    pub(crate) published: Option<CitedField>,
    /// A BCP 47 tag.
    pub(crate) language: Option<CitedField>,
    /// When the page says that it was changed, as it says it.
    pub(crate) modified: String,
    pub(crate) access: ReportAccess,
    /// The page's own address for itself.
    pub(crate) canonical: Option<Url>,
}

impl PageCitation {
    /// Reads a page that was found at `url`. A report is not from a day after `today`.
    pub(crate) fn of(document: &Document, url: &Url, today: NaiveDate) -> Self {
        let data = LinkedData::of(document);
        let graph = data.graph();
        let formats = Microformats::below(document.root());
        let article = graph.article(document, url);
        let heading = heading_of(document);
        let page = CitedPage { document, url, graph: &graph, article, formats: &formats, heading };
        let publication = page.publication();
        let name = publication.as_ref().map_or("", |field| field.text.as_str());
        let language = page.language();
        let tag = language.as_ref().map_or("en", |field| field.text.as_str());
        let reader = DateReader::of(tag);
        let dated =
            DatedPage { document, url, formats: &formats, graph: &graph, article, reader, today, heading };
        Self {
            headline: page.headline(name),
            authors: page.authors(name),
            published: dated.published(),
            modified: page.modified(),
            access: page.access(),
            canonical: canonical(document, url),
            publication,
            language,
        }
    }
}

/// A page, and what is read of it.
struct CitedPage<'p, 'd> {
    document: &'d Document,
    url: &'p Url,
    graph: &'p LinkedGraph<'p>,
    article: Option<&'p Map<String, Value>>,
    formats: &'p Microformats<'d>,
    heading: Option<Node<'d>>,
}

impl CitedPage<'_, '_> {
    fn meta(&self, name: &str) -> String {
        unescaped(&meta_content(self.document, name))
    }

    fn of_article(&self, key: &str) -> String {
        self.article.map(|article| unescaped(&string(article, key))).unwrap_or_default()
    }

    fn headline(&self, publication: &str) -> Option<CitedField> {
        let site = self.meta("og:site_name");
        let candidates = [
            (self.meta("citation_title"), "citation_title", FieldBasis::Stated),
            (self.of_article("headline"), "JSON-LD headline", FieldBasis::Stated),
            (self.meta("og:title"), "og:title", FieldBasis::Stated),
            (self.meta("twitter:title"), "twitter:title", FieldBasis::Stated),
            (self.heading_text(), "the first heading", FieldBasis::Stated),
            (self.first_text("title"), "the title of the page", FieldBasis::Guessed),
        ];
        candidates.into_iter().find_map(|(text, origin, basis)| {
            let text = plain(&text, MAX_TITLE);
            let text =
                [publication, &site].into_iter().fold(text.as_str(), |title, site| without_site(title, site));
            let text = self.without_tail(text);
            (!text.is_empty() && text != publication).then(|| CitedField {
                text: text.to_owned(),
                origin,
                basis,
            })
        })
    }

    fn heading_text(&self) -> String {
        self.heading.map(spaced_text).unwrap_or_default()
    }

    /// A headline without what a program put behind it: what follows the heading of the page, or the name of its host.
    fn without_tail<'t>(&self, headline: &'t str) -> &'t str {
        let heading = plain(&self.heading_text(), MAX_TITLE);
        if heading.chars().count() > 12
            && let Some(rest) = headline.strip_prefix(heading.as_str())
            && TAIL_MARKS.iter().any(|mark| rest.starts_with(mark))
        {
            return &headline[..heading.len()];
        }
        let cut = TAIL_MARKS.iter().filter_map(|mark| headline.rsplit_once(mark));
        let cut = cut.into_iter().find(|(_, tail)| self.is_name_of_host(tail));
        cut.map(|(headline, _)| headline.trim_end())
            .filter(|headline| !headline.is_empty())
            .unwrap_or(headline)
    }

    /// Whether a text is the name of the site as its host has it: `La Stampa` of `lastampa.example`.
    fn is_name_of_host(&self, text: &str) -> bool {
        const ARTICLES: [&str; 9] = ["the ", "der ", "die ", "das ", "le ", "la ", "el ", "il ", "de "];
        let lower = text.trim().to_lowercase();
        let bare = ARTICLES.iter().find_map(|article| lower.strip_prefix(article)).unwrap_or(&lower);
        let names = [letters_of(&lower), letters_of(bare)];
        let canonical = canonical(self.document, self.url);
        let hosts = [Some(self.url), canonical.as_ref()].into_iter().flatten().filter_map(Url::domain);
        hosts.into_iter().any(|host| {
            let host = host.trim_start_matches("www.");
            let site = host.rsplit('.').nth(1).unwrap_or_default();
            names
                .iter()
                .any(|name| name.len() > 3 && (*name == letters_of(site) || *name == letters_of(host)))
        })
    }

    fn first_text(&self, name: &str) -> String {
        let mut texts = self
            .document
            .elements()
            .filter(|node| node.name() == name && !is_beside(*node))
            .map(Node::text_content);
        texts.find(|text| !text.trim().is_empty()).unwrap_or_default()
    }

    fn authors(&self, publication: &str) -> Vec<CitedField> {
        let sources = [
            (all_of_metas(self.document, &["citation_author"]), "citation_author", FieldBasis::Stated),
            (self.authors_of_data(), "JSON-LD author", FieldBasis::Stated),
            (self.authors_of_entry(), "p-author", FieldBasis::Stated),
            (all_of_metas(self.document, &["author"]), "meta author", FieldBasis::Stated),
            (
                all_of_metas(
                    self.document,
                    &[
                        "og:article:author",
                        "article:author",
                        "byl",
                        "dc.creator",
                        "parsely-author",
                        "sailthru.author",
                    ],
                ),
                "meta author",
                FieldBasis::Stated,
            ),
            (self.authors_by_markup(), "the marked author", FieldBasis::Stated),
            (self.authors_by_class(), "a byline near the headline", FieldBasis::Guessed),
        ];
        for (texts, origin, basis) in sources {
            let mut names: Vec<String> = Vec::new();
            for name in texts.iter().flat_map(|text| persons(text, publication)) {
                if !names.contains(&name) && !self.is_name_of_host(&name) {
                    names.push(name);
                }
            }
            if !names.is_empty() {
                let names = names.into_iter().map(|name| plain(&name, MAX_NAME));
                return names.map(|text| CitedField { text, origin, basis }).collect();
            }
        }
        Vec::new()
    }

    /// The persons of the article's data. An organization is not one.
    fn authors_of_data(&self) -> Vec<String> {
        let Some(article) = self.article else { return Vec::new() };
        let authors = each(article.get("author").or_else(|| article.get("creator")));
        let named = authors.filter_map(|author| match self.graph.resolved(author) {
            Some(thing) if kinds(thing).any(|kind| kind != "Person") => None,
            Some(thing) => {
                let name = string(thing, "name");
                let parts = ["givenName", "familyName"].map(|key| string(thing, key));
                Some(if name.is_empty() { parts.join(" ").trim().to_owned() } else { name })
            }
            None => author.as_str().map(str::to_owned),
        });
        named.map(|name| unescaped(&name)).collect()
    }

    fn authors_of_entry(&self) -> Vec<String> {
        let entries = self.formats.entries().filter(|entry| !self.formats.is_response(entry));
        let entries: Vec<_> = entries.collect();
        // A list of entries is not a report.
        let [entry] = entries.as_slice() else { return Vec::new() };
        self.formats.authors_of(entry).map(|author| self.formats.text(author)).collect()
    }

    /// `itemprop=author` and `rel=author`, outside of comments and what stands beside the article.
    fn authors_by_markup(&self) -> Vec<String> {
        let marked = |attribute: &'static str| {
            self.document.elements().filter(move |node| {
                node.words(attribute).any(|word| word.eq_ignore_ascii_case("author"))
                    && !is_beside(*node)
                    && !is_in_comments(*node)
            })
        };
        let by_property: Vec<String> = marked("itemprop").map(name_in).collect();
        if by_property.iter().any(|name| !name.trim().is_empty()) {
            return by_property;
        }
        marked("rel").map(spaced_text).collect()
    }

    /// An element that its class calls a byline or an author, and whose text begins as a byline does or is one name.
    fn authors_by_class(&self) -> Vec<String> {
        const NAMES: [&str; 12] = [
            "byline",
            "author",
            "author-name",
            "byline__name",
            "byline-name",
            "article-author",
            "article__author",
            "post-author",
            "c-byline",
            "authors",
            "article-byline",
            "story-byline",
        ];
        let named = self.document.elements().filter(|node| {
            let mut names = node.words("class").chain(node.words("id"));
            names.any(|name| NAMES.contains(&name.to_ascii_lowercase().as_str()))
        });
        let mut texts = named
            .filter(|node| !is_beside(*node) && !is_in_comments(*node))
            .map(spaced_text)
            .filter(|text| text.trim().chars().count() <= 80);
        texts.find(|text| !text.trim().is_empty()).into_iter().collect()
    }

    fn publication(&self) -> Option<CitedField> {
        let publisher =
            self.article.map(|article| self.graph.name_of(article.get("publisher"))).unwrap_or_default();
        let part =
            self.article.map(|article| self.graph.site_of_part(article.get("isPartOf"))).unwrap_or_default();
        let site_name = self.meta("og:site_name");
        // A section is often put where the name of the site belongs: `U.S.`
        let site_name = if site_name.chars().filter(|c| c.is_alphabetic()).count() < 3 {
            String::new()
        } else {
            site_name
        };
        let site = self.graph.of_type(&["WebSite"]).map(|site| string(site, "name")).unwrap_or_default();
        let organization = self.graph.of_type(&["NewsMediaOrganization", "Organization"]);
        let organization = organization.map(|thing| string(thing, "name")).unwrap_or_default();
        let title = self.first_text("title");
        let home = site_of_home_link(self.document, self.url, &title).unwrap_or_default();
        let candidates = [
            (self.meta("citation_journal_title"), "citation_journal_title", FieldBasis::Stated),
            (publisher, "JSON-LD publisher", FieldBasis::Stated),
            (site_name, "og:site_name", FieldBasis::Stated),
            (part, "JSON-LD isPartOf", FieldBasis::Stated),
            (unescaped(&site), "JSON-LD WebSite", FieldBasis::Stated),
            (unescaped(&organization), "JSON-LD Organization", FieldBasis::Stated),
            (self.meta("application-name"), "application-name", FieldBasis::Stated),
            (home, "the link to the home page", FieldBasis::Stated),
            (site_of_feed(self.document), "the title of the feed", FieldBasis::Guessed),
            (self.tail_of_title(&title), "the end of the title", FieldBasis::Guessed),
            (self.host(), "the host", FieldBasis::Guessed),
        ];
        candidates.into_iter().find_map(|(text, origin, basis)| {
            let text = plain(&text, MAX_NAME);
            let is_name =
                !text.is_empty() && !text.starts_with('@') && (origin == "the host" || !text.contains("://"));
            is_name.then_some(CitedField { text, origin, basis })
        })
    }

    /// What follows the headline in the title: `A letter answered | The Ferry Street Gazette`.
    fn tail_of_title(&self, title: &str) -> String {
        let heading = plain(&self.first_text("h1"), MAX_TITLE);
        let title = plain(title, MAX_TITLE);
        let rest = title.strip_prefix(heading.as_str()).filter(|_| !heading.is_empty()).unwrap_or_default();
        let tail = TAIL_MARKS.iter().find_map(|mark| rest.strip_prefix(mark));
        tail.unwrap_or_default().to_owned()
    }

    fn host(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        host.trim_start_matches("www.").to_owned()
    }

    fn language(&self) -> Option<CitedField> {
        let html = self.document.elements().find(|node| node.name() == "html");
        let html = html.and_then(|node| node.attribute("lang").or_else(|| node.attribute("xml:lang")));
        let candidates = [
            (self.of_article("inLanguage"), "JSON-LD inLanguage"),
            (html.unwrap_or_default().to_owned(), "the page's lang"),
            (self.meta("content-language"), "content-language"),
            (self.meta("og:locale"), "og:locale"),
        ];
        candidates.into_iter().find_map(|(text, origin)| {
            let tag = text.trim().replace('_', "-");
            oxilangtag::LanguageTag::parse_and_normalize(&tag).ok().map(|tag| CitedField {
                text: tag.into_inner(),
                origin,
                basis: FieldBasis::Stated,
            })
        })
    }

    fn modified(&self) -> String {
        let of_data = self.of_article("dateModified");
        if of_data.is_empty() { self.meta("article:modified_time") } else { of_data }
    }

    fn access(&self) -> ReportAccess {
        let said = self.article.and_then(|article| article.get("isAccessibleForFree")).is_some_and(is_false);
        let tier = self.meta("article:content_tier");
        let is_locked = ["locked", "metered"].iter().any(|name| tier.eq_ignore_ascii_case(name));
        if said || is_locked { ReportAccess::Subscribers } else { ReportAccess::Open }
    }
}

/// Whether a value says no: as a boolean, or as its name.
fn is_false(value: &Value) -> bool {
    match value {
        Value::Bool(is_true) => !is_true,
        other => strings(Some(other)).any(|text| text.eq_ignore_ascii_case("false")),
    }
}

/// The contents of all `<meta>` elements of some names.
fn all_of_metas(document: &Document, names: &[&str]) -> Vec<String> {
    names.iter().flat_map(|name| all_metas(document, name)).map(|name| unescaped(&name)).collect()
}

/// The contents of all `<meta>` elements of a name.
fn all_metas(document: &Document, wanted: &str) -> Vec<String> {
    let metas = document.elements().filter(|node| node.name() == "meta");
    metas
        .filter(|meta| {
            ["property", "name", "itemprop"].iter().any(|attribute| {
                meta.attribute(attribute).is_some_and(|name| name.trim().eq_ignore_ascii_case(wanted))
            })
        })
        .filter_map(|meta| meta.attribute("content"))
        .map(str::to_owned)
        .collect()
}

/// The name in an element that microdata calls an author.
fn name_in(node: Node<'_>) -> String {
    let name = node.descendants().find(|inner| inner.words("itemprop").any(|name| name == "name"));
    let said = name.unwrap_or(node);
    said.attribute("content").map_or_else(|| spaced_text(said), str::to_owned)
}

/// The text of an element. A word for screen readers and a name, or a kicker and a headline, are often elements without a space
/// between them.
fn spaced_text(node: Node<'_>) -> String {
    let mut text = String::new();
    let mut next = Some(node);
    while let Some(at) = next {
        let piece = at.text().unwrap_or_default();
        let is_glued = text.ends_with(char::is_alphanumeric) && piece.starts_with(char::is_alphanumeric);
        // One letter alone is an initial that is set large.
        if is_glued && text.chars().rev().take_while(|c| c.is_alphanumeric()).count() > 1 {
            text.push(' ');
        }
        text.push_str(piece);
        next = if at.is_hidden() { at.following_beside(node) } else { at.following(node) };
    }
    text
}

/// Marks behind which the name of a site or of a section follows a headline.
const TAIL_MARKS: [&str; 10] = [" | ", " – ", " — ", " - ", " · ", " :: ", " » ", " › ", " : ", " • "];

/// Whether an element stands beside the report: in a menu, a sidebar, a footer, a list of others.
pub(super) fn is_beside(node: Node<'_>) -> bool {
    const NAMES: [&str; 15] = [
        "related",
        "recommend",
        "sidebar",
        "comment",
        "teaser",
        "promo",
        "popular",
        "most-read",
        "newsletter",
        "trending",
        "latest",
        "more-news",
        "widget",
        "breaking",
        // The bar of the Wayback Machine, with the day of the copy.
        "wm-ipp",
    ];
    std::iter::once(node).chain(node.ancestors()).any(|node| {
        if is_aside_of_article(node) {
            return false;
        }
        if matches!(node.name(), "nav" | "aside" | "footer" | "blockquote" | "template") {
            return true;
        }
        // Some programs write the whole page into one form.
        if node.name() == "form" {
            return !holds_heading(node);
        }
        // A theme puts such a word on the whole page as well.
        if matches!(node.name(), "html" | "body" | "main" | "article" | "") {
            return false;
        }
        let mut names = node.words("class").chain(node.words("id")).chain(node.words("role"));
        names.any(|name| {
            let name = name.to_ascii_lowercase();
            let is_named = NAMES.iter().any(|part| name.contains(part));
            // The frame of a page may be called by the sidebar that it has.
            is_named && !holds_heading(node) || name == "complementary" || name == "contentinfo"
        })
    })
}

/// Whether an `<aside>` in an article has what is known of the article: its day, its authors.
fn is_aside_of_article(node: Node<'_>) -> bool {
    const NAMES: [&str; 6] = ["meta", "byline", "dateline", "publish", "article-info", "post-info"];
    node.name() == "aside" && node.ancestors().any(|outer| outer.name() == "article") && {
        let mut names = node.words("class").chain(node.words("id")).map(str::to_ascii_lowercase);
        names.any(|name| NAMES.iter().any(|part| name.contains(part)))
    }
}

fn holds_heading(node: Node<'_>) -> bool {
    node.descendants().any(|below| below.name() == "h1")
}
