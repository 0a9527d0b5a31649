//! The day on which a report was published, from the many places that a page says it in.
//!
//! Places that state the day of publication come first. Where they are silent, a day in the text is a guess, and said to be one.

use chrono::{DateTime, FixedOffset, NaiveDate, TimeDelta};
use serde_json::{Map, Value};
use url::Url;

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
}

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
            return Some(self.field(said, origin, FieldBasis::Stated));
        }
        let near_headline = self.day_near_headline();
        if let Some((said, origin)) = self.stated_weakly() {
            // Where readers are shown another day, that is the one of the report.
            return Some(match near_headline.filter(|day| *day != self.place_of(said)) {
                Some(day) => guessed(day, "a date near the headline"),
                None => self.field(said, origin, FieldBasis::Stated),
            });
        }
        if let Some((said, origin)) = self.in_address() {
            return Some(self.field(said, origin, FieldBasis::Stated));
        }
        let near_headline = near_headline.map(|day| (day, "a date near the headline"));
        let (day, origin) = near_headline.or_else(|| self.guessed())?;
        Some(guessed(day, origin))
    }

    fn field(&self, said: SaidDay, origin: &'static str, basis: FieldBasis) -> CitedField {
        CitedField { text: self.place_of(said).to_string(), origin, basis }
    }

    fn stated(&self) -> Option<(SaidDay, &'static str)> {
        let of_article = |key: &str| self.article.map(|article| string(article, key)).unwrap_or_default();
        let first_metas = FIRST_METAS.iter().map(|name| (meta_content(self.document, name), "citation_date"));
        let data = std::iter::once((of_article("datePublished"), "JSON-LD datePublished"));
        let metas = METAS.iter().map(|name| (meta_content(self.document, name), *name));
        let marked = self.marked().map(|text| (text, "the marked time of publication"));
        let others =
            self.graph.things().filter(|thing| !kinds(thing).any(|kind| OTHER_THINGS.contains(&kind)));
        let others = others.map(|thing| (string(thing, "datePublished"), "JSON-LD datePublished"));
        let times = self.first_time().into_iter().map(|text| (text, "the first time of the article"));
        let created = std::iter::once((of_article("dateCreated"), "JSON-LD dateCreated"));
        first_metas
            .chain(data)
            .chain(metas)
            .chain(marked)
            .chain(others)
            .chain(times)
            .chain(created)
            .find_map(|(text, origin)| Some((self.read(&text)?, origin)))
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
        let times = self.document.elements().filter(|node| node.name() == "time" && !is_beside(*node));
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
    fn in_address(&self) -> Option<(SaidDay, &'static str)> {
        let canonical = source::metadata::canonical(self.document, self.url);
        let urls = canonical.iter().chain([self.url]);
        let day = urls.into_iter().find_map(|url| day_in_path(url.path()))?;
        self.is_likely(day).then_some((SaidDay { day, moment: None }, "the address"))
    }

    pub(super) fn is_likely(&self, day: NaiveDate) -> bool {
        let first = NaiveDate::from_ymd_opt(1600, 1, 1);
        let last = self.today.succ_opt();
        first.is_some_and(|first| day >= first) && last.is_none_or(|last| day <= last)
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

    /// The day in the place of the report, of a moment that is said in UTC: that of a `<time>` of the same moment which says
    /// its offset, else the day that the address or the page shows, if it is that day somewhere at this moment. An evening in
    /// New York is the next day in UTC.
    fn place_of(&self, said: SaidDay) -> NaiveDate {
        let in_utc = said.moment.filter(|moment| moment.offset().local_minus_utc() == 0);
        let Some(moment) = in_utc else { return said.day };
        let times = self.document.elements().filter(|node| node.name() == "time" && !is_beside(*node));
        let of_time = times
            .filter_map(|node| DateTime::parse_from_rfc3339(node.attribute("datetime")?.trim()).ok())
            .find(|time| time.offset().local_minus_utc() != 0 && (*time - moment).num_seconds().abs() < 60)
            .map(|time| time.date_naive());
        of_time
            .or_else(|| {
                let mut marked = self.marked().filter_map(|text| self.read(&text));
                let marked = marked.find(|said| said.moment.is_none()).map(|said| said.day);
                let shown = [day_in_path(self.url.path()), marked, self.day_near_headline()];
                shown.into_iter().flatten().find(|day| is_day_somewhere(moment, *day))
            })
            .unwrap_or(said.day)
    }
}

fn guessed(day: NaiveDate, origin: &'static str) -> CitedField {
    CitedField { text: day.to_string(), origin, basis: FieldBasis::Guessed }
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
