//! The day on which a report was published, from the many places that a page says it in.
//!
//! Places that state the day of publication come first. Where they are silent, a day in the text is a guess, and said to be one.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, TimeDelta};
use serde_json::{Map, Value};
use url::Url;

use crate::citation::country_clock::day_in_country;
use crate::citation::guessed_day::NEAR_HEADLINE;
use crate::citation::machine_date::{SaidDay, day_in_path, of_machine};
use crate::citation::page_citation::{CitedField, FieldBasis, is_beside};
use crate::date::reader::DateReader;
use crate::dom::{Document, Node};
use crate::linkback::source;
use crate::linkback::source::linked_data::{LinkedGraph, kinds, string};
use crate::linkback::source::metadata::meta_content;
use crate::linkback::source::microformats::Microformats;

/// The page whose day is looked for.
pub(super) struct DatedPage<'p, 'd> {
    pub(super) document: &'d Document,
    pub(super) url: &'p Url,
    pub(super) formats: &'p Microformats<'d>,
    pub(super) graph: &'p LinkedGraph<'p>,
    pub(super) article: Option<&'p Map<String, Value>>,
    /// Of the page's language.
    pub(super) reader: DateReader,
    /// A report is not from a later day.
    pub(super) today: NaiveDate,
    /// What stands above it, outside of the article, is the head of the site.
    pub(super) heading: Option<Node<'d>>,
}

/// Where the day stands in JSON-LD.
const LINKED_DAY: &str = "JSON-LD datePublished";

/// Where the day stands in an element that is marked as the day of publication.
const MARKED: &str = "the marked time of publication";

/// `<meta>` names of the day of publication, the most exact first.
const FIRST_METAS: [&str; 4] =
    ["citation_online_date", "citation_publication_date", "citation_date", "citation_cover_date"];
const METAS: [&str; 36] = [
    "article:published_time",
    "og:article:published_time",
    "article:published",
    "article:published_date",
    "og:published_time",
    "published_time",
    "shareaholic:article_published_time",
    "vr:published_time",
    "rnews:datepublished",
    "dc.date.issued",
    "dcterms.issued",
    "dc.date.publication",
    "parsely-pub-date",
    "pdate",
    "pubdate",
    "pub_date",
    "og:pubdate",
    "publish-date",
    "publishdate",
    "publish_date",
    "publish_time",
    "publication_date",
    "publication-date",
    "published-date",
    "publisheddate",
    "published_date",
    "originalpublicationdate",
    "article_date_original",
    "cxenseparse:recs:publishtime",
    "sailthru.date",
    "datepublished",
    "date_published",
    "dateposted",
    "article.published",
    "article.created",
    "bt:pubdate",
];

/// `<meta>` names of a day that many a program writes when the page is changed.
const WEAK_METAS: [&str; 14] = [
    "dcterms.available",
    "dc.date.created",
    "dcterms.created",
    "dc.date",
    "dcterms.date",
    "dc.created",
    "date",
    "displaydate",
    "release_date",
    "date_created",
    "datecreated",
    "created",
    "gentime",
    "timestamp",
];

/// Things of schema.org whose day is not that of the page that shows them.
const OTHER_THINGS: [&str; 12] = [
    "Comment",
    "Review",
    "UserReview",
    "Answer",
    "ImageObject",
    "VideoObject",
    "AudioObject",
    "MediaObject",
    "Product",
    "Event",
    "Person",
    "Organization",
];

impl DatedPage<'_, '_> {
    /// The day of publication.
    pub(super) fn published(&self) -> Option<CitedField> {
        if let Some((said, origin)) = self.stated() {
            let day = self.place_of(said);
            let (day, origin) = self.shown_instead_of(day).unwrap_or((day, origin));
            return Some(stated(day, origin));
        }
        let near_headline = self.day_near_headline();
        if let Some((said, origin)) = self.stated_weakly() {
            let day = self.place_of(said);
            // Where readers are shown another day, that is the one of the report.
            let shown = near_headline.filter(|shown| *shown != day).map(|shown| (shown, NEAR_HEADLINE));
            // What has no name is believed only where the metadata can be of a later change.
            let shown = shown.or_else(|| self.day_written_in_text().filter(|(shown, _)| *shown < day));
            return Some(match shown {
                Some((shown, origin)) => guessed(shown, origin),
                None => stated(day, origin),
            });
        }
        if let Some(day) = self.in_address() {
            return Some(stated(day, "the address"));
        }
        let near_headline = near_headline.map(|day| (day, NEAR_HEADLINE));
        let (day, origin) = near_headline.or_else(|| self.guessed())?;
        Some(guessed(day, origin))
    }

    fn stated(&self) -> Option<(SaidDay, &'static str)> {
        let first_metas = FIRST_METAS.iter().map(|name| (meta_content(self.document, name), "citation_date"));
        let marked = self.marked().map(|text| (text, MARKED));
        let others =
            self.graph.things().filter(|thing| !kinds(thing).any(|kind| OTHER_THINGS.contains(&kind)));
        let others = others.map(|thing| (string(thing, "datePublished"), LINKED_DAY));
        let times = self.first_time().into_iter().map(|text| (text, "the first time of the article"));
        let created = std::iter::once((self.of_article("dateCreated"), "JSON-LD dateCreated"));
        first_metas.chain(self.metadata()).chain(marked).chain(others).chain(times).chain(created).find_map(
            |(text, origin)| {
                let said = if origin == MARKED { self.read_marked(&text) } else { self.read(&text) };
                Some((said?, origin))
            },
        )
    }

    fn of_article(&self, key: &str) -> String {
        self.article.map(|article| string(article, key)).unwrap_or_default()
    }

    /// What the head of the page says of the publication.
    fn metadata(&self) -> impl Iterator<Item = (String, &'static str)> {
        let data = std::iter::once((self.of_article("datePublished"), LINKED_DAY));
        data.chain(METAS.iter().map(|name| (meta_content(self.document, name), *name)))
    }

    /// The day that another part of the metadata states, if the page shows that one to its readers and not `day`: the parts
    /// are written by several programs, one of which may keep the day of a draft.
    fn shown_instead_of(&self, day: NaiveDate) -> Option<(NaiveDate, &'static str)> {
        // Microdata of this name are often of a picture or of another report.
        let others = self.metadata().filter(|(_, origin)| *origin != "datepublished");
        let others = others.filter_map(|(text, origin)| Some((self.place_of(self.read(&text)?), origin)));
        let others: Vec<_> = others.filter(|(other, _)| *other != day).collect();
        if others.is_empty() {
            return None;
        }
        let shown = self.days_shown();
        if shown.contains(&day) {
            return None;
        }
        others.into_iter().find(|(other, _)| shown.contains(other))
    }

    /// What metadata says that may be of a change.
    fn stated_weakly(&self) -> Option<(SaidDay, &'static str)> {
        let metas = WEAK_METAS.iter().map(|name| (meta_content(self.document, name), *name));
        // Nothing tells which of day and month a program has written first.
        let metas = metas.filter(|(text, _)| !is_either_order(text));
        metas.into_iter().find_map(|(text, origin)| Some((self.read(&text)?, origin)))
    }

    /// The texts of elements that microdata, microformats or `pubdate` mark.
    fn marked(&self) -> impl Iterator<Item = String> {
        let microdata = self.document.elements().filter(|node| marks_publication(*node));
        let microdata = microdata.filter(|node| !is_beside(*node)).map(time_of);
        let entry = self.formats.entries().find(|entry| !self.formats.is_response(entry));
        let entry = entry.into_iter().flat_map(|entry| self.formats.dates(entry, "published"));
        microdata.chain(entry).collect::<Vec<_>>().into_iter()
    }

    /// The first `<time>` that stands in the article, and not beside it.
    fn first_time(&self) -> Option<String> {
        let times = self.document.elements().filter(|node| node.name() == "time" && !self.is_beside(*node));
        let times = times.filter(|node| !is_of_update(*node));
        let mut times: Vec<Node<'_>> = times.filter(|node| self.read(&time_of(*node)).is_some()).collect();
        // Of a list of many times none is the article's, unless one stands in it.
        let inside = times.iter().position(|node| {
            node.ancestors().any(|outer| outer.name() == "article" || outer.name() == "header")
        });
        if times.len() > 3 && inside.is_none() {
            times.clear();
        }
        times.get(inside.unwrap_or(0)).map(|node| time_of(*node))
    }

    /// The day in the page's address: `/2020/08/16/`.
    fn in_address(&self) -> Option<NaiveDate> {
        let canonical = source::metadata::canonical(self.document, self.url);
        let urls = canonical.iter().chain([self.url]);
        let day = urls.into_iter().find_map(|url| day_in_path(url.path()))?;
        self.is_likely(day).then_some(day)
    }

    /// Whether an element stands beside the report, in another one, or in the head of the site.
    pub(super) fn is_beside(&self, node: Node<'_>) -> bool {
        is_beside(node) || self.is_in_other_article(node) || self.is_in_masthead(node)
    }

    /// Whether the headline stands in an article, and an element in another.
    fn is_in_other_article(&self, node: Node<'_>) -> bool {
        let Some(heading) = self.heading.filter(|heading| nearest_article(*heading).is_some()) else {
            return false;
        };
        nearest_article(node).is_some_and(|article| !heading.is_inside(article))
    }

    /// Whether an element stands in the head of the site, above the headline: many a newspaper shows the day of the visit
    /// there.
    fn is_in_masthead(&self, node: Node<'_>) -> bool {
        const NAMES: [&str; 7] = ["header", "masthead", "topbar", "top-bar", "top-menu", "navtop", "topnav"];
        // The head of an article has such a name as well.
        const OF_ARTICLES: [&str; 6] = ["article", "entry", "post", "story", "content", "title"];
        let Some(heading) = self.heading.filter(|heading| node.id() < heading.id()) else { return false };
        if nearest_article(node).is_some() {
            return false;
        }
        let around = std::iter::once(node).chain(node.ancestors());
        let around = around.filter(|outer| !matches!(outer.name(), "html" | "body" | "main" | ""));
        around.filter(|outer| !heading.is_inside(*outer)).any(|outer| {
            let names = outer.words("class").chain(outer.words("id")).map(str::to_ascii_lowercase);
            let names: Vec<String> = names.collect();
            (outer.name() == "header" || names.iter().any(|name| contains_any(name, &NAMES)))
                && !names.iter().any(|name| contains_any(name, &OF_ARTICLES))
        })
    }

    pub(super) fn is_likely(&self, day: NaiveDate) -> bool {
        let first = NaiveDate::from_ymd_opt(1600, 1, 1);
        let last = self.day_of_copy().or_else(|| self.today.succ_opt());
        first.is_some_and(|first| day >= first) && last.is_none_or(|last| day <= last)
    }

    /// The day of the copy that the page is: one in the Wayback Machine, at `/web/20200816120000/https://…`.
    pub(super) fn day_of_copy(&self) -> Option<NaiveDate> {
        let (_, rest) = self.url.path().split_once("/web/")?;
        let (stamp, original) = rest.split_once('/')?;
        let stamp = stamp.get(..14).filter(|_| original.starts_with("http"))?;
        NaiveDateTime::parse_from_str(stamp, "%Y%m%d%H%M%S").ok().map(|moment| moment.date())
    }

    /// A text that is one date.
    pub(super) fn read(&self, text: &str) -> Option<SaidDay> {
        let text = text.trim();
        if text.is_empty() || text.len() > 80 {
            return None;
        }
        let said = of_machine(text).or_else(|| {
            let reading = self.reader.read(text).ok()?;
            Some(SaidDay { day: reading.whole_day()?, moment: None })
        })?;
        self.is_likely(said.day).then_some(said)
    }

    /// A marked text that holds one date, in any language: the element says what it is.
    fn read_marked(&self, text: &str) -> Option<SaidDay> {
        self.read(text).or_else(|| {
            let text = Some(text.trim()).filter(|text| text.len() <= 80)?;
            Some(SaidDay { day: self.first_day(text)?, moment: None })
        })
    }

    /// The day in the place of the report, of a moment that is said in UTC: that of a marked time of the same moment which
    /// says its offset, else the day that the address or the page shows, if it is that day somewhere at this moment, else the
    /// day in its country. An evening in New York is the next day in UTC.
    fn place_of(&self, said: SaidDay) -> NaiveDate {
        let in_utc = said.moment.filter(|moment| moment.offset().local_minus_utc() == 0);
        let Some(moment) = in_utc else { return said.day };
        let stamps =
            self.document.elements().filter(|node| node.name() == "time" || marks_publication(*node));
        let with_offset = stamps
            .filter(|node| !is_beside(*node))
            .filter_map(|node| DateTime::parse_from_rfc3339(time_of(node).trim()).ok())
            .find(|time| time.offset().local_minus_utc() != 0 && (*time - moment).num_seconds().abs() < 60)
            .map(|time| time.date_naive());
        with_offset
            .or_else(|| day_in_path(self.url.path()).filter(|day| is_day_somewhere(moment, *day)))
            .unwrap_or_else(|| {
                let marked = self.marked().filter_map(|text| self.read_marked(&text));
                let marked = marked.filter(|said| said.moment.is_none()).map(|said| said.day);
                let shown: Vec<NaiveDate> = marked.chain(self.days_near_headline()).collect();
                // A page that shows the day in UTC has its clock there.
                if shown.contains(&said.day) {
                    return said.day;
                }
                shown
                    .into_iter()
                    .find(|day| is_day_somewhere(moment, *day))
                    .or_else(|| self.day_in_country(moment))
                    .unwrap_or(said.day)
            })
    }

    fn day_in_country(&self, moment: DateTime<FixedOffset>) -> Option<NaiveDate> {
        let canonical = source::metadata::canonical(self.document, self.url);
        let said = Url::parse(&meta_content(self.document, "og:url")).ok();
        let urls = [Some(self.url), canonical.as_ref(), said.as_ref()];
        let hosts: Vec<&str> = urls.into_iter().flatten().filter_map(Url::domain).collect();
        day_in_country(moment, &hosts, self.reader.language())
    }
}

pub(super) fn contains_any(text: &str, parts: &[&str]) -> bool {
    parts.iter().any(|part| text.contains(part))
}

fn stated(day: NaiveDate, origin: &'static str) -> CitedField {
    CitedField { text: day.to_string(), origin, basis: FieldBasis::Stated }
}

fn guessed(day: NaiveDate, origin: &'static str) -> CitedField {
    CitedField { text: day.to_string(), origin, basis: FieldBasis::Guessed }
}

fn nearest_article(node: Node<'_>) -> Option<Node<'_>> {
    node.ancestors().find(|outer| outer.name() == "article")
}

/// Whether it is a day at a moment in some inhabited place: clocks are up to ten hours behind UTC and fourteen ahead.
fn is_day_somewhere(moment: DateTime<FixedOffset>, day: NaiveDate) -> bool {
    let first = (moment.naive_utc() - TimeDelta::hours(10)).date();
    let last = (moment.naive_utc() + TimeDelta::hours(14)).date();
    (first..=last).contains(&day)
}

/// Whether a date in figures can be read with the day first and with the month first: `11/01/2023`.
fn is_either_order(text: &str) -> bool {
    let day = text.split_whitespace().next().unwrap_or_default();
    let parts: Vec<u32> = day.split(['/', '-', '.']).filter_map(|part| part.parse().ok()).collect();
    matches!(parts.as_slice(), [first, second, _] if *first <= 12 && *second <= 12 && first != second)
}

/// Whether a property of RDFa is the day of a page: `dc:date`, `schema:datePublished`.
fn names_publication(property: &str) -> bool {
    let name = property.rsplit(':').next().unwrap_or_default();
    property.contains(':') && matches!(name, "datePublished" | "dateCreated" | "date" | "issued" | "created")
}

/// Whether microdata, RDFa, microformats or `pubdate` say that an element is the day of publication.
pub(super) fn marks_publication(node: Node<'_>) -> bool {
    node.words("itemprop").any(|name| name.eq_ignore_ascii_case("datePublished"))
        || node.name() == "time" && node.attribute("pubdate").is_some()
        || node.words("property").any(names_publication)
        || node.name() == "abbr" && node.words("class").any(|class| class == "published")
}

/// The machine's text of an element that is a date, else its words.
pub(super) fn time_of(node: Node<'_>) -> String {
    let attribute = ["datetime", "content", "title"].into_iter().find_map(|name| node.attribute(name));
    match attribute.filter(|text| text.contains(|c: char| c.is_ascii_digit())) {
        Some(text) => text.to_owned(),
        None => node.text_content(),
    }
}

/// Whether a time is that of a change.
fn is_of_update(node: Node<'_>) -> bool {
    let around = std::iter::once(node).chain(node.parent());
    around.into_iter().any(|node| {
        let names = node.words("class").chain(node.words("id")).chain(node.words("itemprop"));
        names.map(str::to_ascii_lowercase).any(|name| {
            ["update", "modif", "dtstamp", "event", "comment"].iter().any(|part| name.contains(part))
        })
    })
}

#[cfg(test)]
mod tests;
