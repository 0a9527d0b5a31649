//! The day on which a report was published, from the many places that a page says it in.
//!
//! Places that state the day of publication come first. Where they are silent, a day in the text is a guess, and said to be one.

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use serde_json::{Map, Value};
use url::Url;

use crate::citation::page_citation::{CitedField, FieldBasis, is_beside};
use crate::date::reader::{DateForm, DateReader, FoundDate};
use crate::dom::{Document, Node};
use crate::linkback::source::linked_data::string;
use crate::linkback::source::metadata::meta_content;
use crate::linkback::source::microformats::Microformats;
use crate::linkback::source::{self};

/// The page whose day is looked for.
pub(super) struct DatedPage<'p, 'd> {
    pub(super) document: &'d Document,
    pub(super) url: &'p Url,
    pub(super) formats: &'p Microformats<'d>,
    pub(super) article: Option<&'p Map<String, Value>>,
    /// Of the page's language.
    pub(super) reader: DateReader,
    /// A report is not from a later day.
    pub(super) today: NaiveDate,
}

/// A day that a page says, and the moment if it says that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct SaidDay {
    day: NaiveDate,
    moment: Option<DateTime<FixedOffset>>,
}

/// `<meta>` names of the day of publication, the most exact first.
const FIRST_METAS: [&str; 4] =
    ["citation_online_date", "citation_publication_date", "citation_date", "citation_cover_date"];
const METAS: [&str; 33] = [
    "article:published_time",
    "og:article:published_time",
    "article:published",
    "og:published_time",
    "rnews:datepublished",
    "dc.date.issued",
    "dcterms.issued",
    "dcterms.available",
    "dc.date.created",
    "dcterms.created",
    "dc.date",
    "dcterms.date",
    "dc.created",
    "parsely-pub-date",
    "pdate",
    "pubdate",
    "publish-date",
    "publishdate",
    "publish_date",
    "publication_date",
    "publication-date",
    "publisheddate",
    "published_date",
    "originalpublicationdate",
    "article_date_original",
    "cxenseparse:recs:publishtime",
    "sailthru.date",
    "datepublished",
    "date_published",
    "article.published",
    "article.created",
    "bt:pubdate",
    "date",
];

impl DatedPage<'_, '_> {
    /// The day of publication.
    pub(super) fn published(&self) -> Option<CitedField> {
        let said = self.stated().or_else(|| self.in_address());
        match said {
            Some((said, origin)) => Some(self.field(said, origin, FieldBasis::Stated)),
            None => {
                let (day, origin) = self.guessed()?;
                Some(self.field(SaidDay { day, moment: None }, origin, FieldBasis::Guessed))
            }
        }
    }

    fn field(&self, said: SaidDay, origin: &'static str, basis: FieldBasis) -> CitedField {
        let day = self.local_day(said).unwrap_or(said.day);
        CitedField { text: day.to_string(), origin, basis }
    }

    fn stated(&self) -> Option<(SaidDay, &'static str)> {
        let of_article = |key: &str| self.article.map(|article| string(article, key)).unwrap_or_default();
        let first_metas = FIRST_METAS.iter().map(|name| (meta_content(self.document, name), "citation_date"));
        let data = std::iter::once((of_article("datePublished"), "JSON-LD datePublished"));
        let metas = METAS.iter().map(|name| (meta_content(self.document, name), *name));
        let marked = self.marked().map(|text| (text, "the marked time of publication"));
        let times = self.first_time().into_iter().map(|text| (text, "the first time of the article"));
        let created = std::iter::once((of_article("dateCreated"), "JSON-LD dateCreated"));
        first_metas
            .chain(data)
            .chain(metas)
            .chain(marked)
            .chain(times)
            .chain(created)
            .find_map(|(text, origin)| Some((self.read(&text)?, origin)))
    }

    /// The texts of elements that microdata, microformats or `pubdate` mark.
    fn marked(&self) -> impl Iterator<Item = String> {
        let microdata = self.document.elements().filter(|node| {
            node.words("itemprop").any(|name| name.eq_ignore_ascii_case("datePublished"))
                || node.name() == "time" && node.attribute("pubdate").is_some()
                || node.name() == "abbr" && node.words("class").any(|class| class == "published")
        });
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

    /// The day that an element shows which its class calls a date, a byline or the like.
    fn day_near_headline(&self) -> Option<NaiveDate> {
        let named = self.document.elements().filter(|node| is_named_date(*node) && !is_beside(*node));
        let texts = named.map(|node| source::excerpt::text_of(node, LONGEST_DATE_LINE));
        texts.filter(|text| text.len() <= LONGEST_DATE_LINE).find_map(|text| self.first_day(&text))
    }

    /// A day that the text shows where articles have theirs.
    fn guessed(&self) -> Option<(NaiveDate, &'static str)> {
        if let Some(day) = self.day_near_headline() {
            return Some((day, "a date near the headline"));
        }
        let text = super::report_text::ReportText::of(self.document);
        let said = text.as_str().split('\n').find_map(|line| {
            const LEADS: [&str; 12] = [
                "published",
                "posted",
                "date:",
                "created",
                "veröffentlicht",
                "erschienen",
                "stand:",
                "publié",
                "publicado",
                "pubblicato",
                "publicerad",
                "opublikowano",
            ];
            let start = line.char_indices().nth(200).map_or(line, |(at, _)| &line[..at]);
            let lower = start.to_lowercase();
            LEADS.iter().any(|lead| lower.contains(lead)).then(|| self.first_day(start)).flatten()
        });
        if let Some(day) = said {
            return Some((day, "a date in the text"));
        }
        let beginning =
            text.as_str().char_indices().nth(1500).map_or(text.as_str(), |(at, _)| &text.as_str()[..at]);
        let short_lines = beginning.split('\n').filter(|line| line.chars().count() <= 80);
        short_lines.filter_map(|line| self.first_day(line)).next().map(|day| (day, "a date in the text"))
    }

    /// The first whole day in a text that can be that of a report.
    fn first_day(&self, text: &str) -> Option<NaiveDate> {
        let found = self.reader.find(text).into_iter();
        found
            .filter(|found: &FoundDate| matches!(found.form, DateForm::Figures | DateForm::Words))
            .filter_map(|found| found.reading.ok()?.whole_day())
            .find(|day| self.is_likely(*day))
    }

    fn is_likely(&self, day: NaiveDate) -> bool {
        let first = NaiveDate::from_ymd_opt(1600, 1, 1);
        let last = self.today.succ_opt();
        first.is_some_and(|first| day >= first) && last.is_none_or(|last| day <= last)
    }

    /// A text that is one date.
    fn read(&self, text: &str) -> Option<SaidDay> {
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
    /// its offset, else the day that the address or the page shows, if it is the day before or after. An evening in New York is
    /// the next day in UTC.
    fn local_day(&self, said: SaidDay) -> Option<NaiveDate> {
        let moment = said.moment.filter(|moment| moment.offset().local_minus_utc() == 0)?;
        let times = self.document.elements().filter(|node| node.name() == "time" && !is_beside(*node));
        let of_time = times
            .filter_map(|node| DateTime::parse_from_rfc3339(node.attribute("datetime")?.trim()).ok())
            .find(|time| time.offset().local_minus_utc() != 0 && (*time - moment).num_seconds().abs() < 60)
            .map(|time| time.date_naive());
        let shown = [day_in_path(self.url.path()), self.day_near_headline()].into_iter().flatten();
        of_time.or_else(|| shown.into_iter().find(|day| (*day - said.day).num_days().abs() <= 1))
    }
}

/// An element with more text is more than a line with a date.
const LONGEST_DATE_LINE: usize = 300;

/// Whether the class or id of an element says that it shows when the report was published.
fn is_named_date(node: Node<'_>) -> bool {
    const NAMES: [&str; 9] =
        ["date", "publi", "posted", "time", "byline", "dateline", "meta", "datum", "pubdate"];
    let mut names = node.words("class").chain(node.words("id"));
    names.any(|name| {
        let name = name.to_ascii_lowercase();
        NAMES.iter().any(|part| name.contains(part)) && !name.contains("update") && !name.contains("modified")
    })
}

/// The machine's text of an element that is a date, else its words.
fn time_of(node: Node<'_>) -> String {
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

/// A date as programs write it: ISO 8601, RFC 2822, the output of `date`, seconds since 1970.
fn of_machine(text: &str) -> Option<SaidDay> {
    if let Some(date) = source::date(text) {
        // The day as it is written; one in UTC is not moved.
        let written = DateTime::parse_from_rfc3339(text).ok();
        let moment = written.or_else(|| date.has_time().then(|| date.time()));
        return Some(SaidDay {
            day: written.map_or_else(|| date.day(), |moment| moment.date_naive()),
            moment,
        });
    }
    if let Some(seconds) = seconds(text) {
        let moment = DateTime::<Utc>::from_timestamp(seconds, 0)?;
        return Some(SaidDay { day: moment.date_naive(), moment: Some(moment.fixed_offset()) });
    }
    // `2020-01-28 15:28:56.0`, `2020/01/28 15:28`, `20200128T152856`, `2020-01-28T15:28:56+0100[Europe/Berlin]`.
    let start: String = text.chars().take(10).collect();
    let start = start.replace(['/', '.'], "-");
    if let Ok(day) = NaiveDate::parse_from_str(&start, "%Y-%m-%d")
        && !text[start.len()..].starts_with(|c: char| c.is_ascii_digit())
    {
        return Some(SaidDay { day, moment: None });
    }
    if let (Some(day), Some('T' | ' ')) = (text.get(..8), text.chars().nth(8)) {
        return Some(SaidDay { day: NaiveDate::parse_from_str(day, "%Y%m%d").ok()?, moment: None });
    }
    // The output of `date` and of Java: `Tue Jan 28 15:28:56 CET 2020`.
    let words: Vec<&str> = text.split_whitespace().collect();
    if let [_, month, day, clock, .., year] = words.as_slice()
        && clock.contains(':')
        && year.len() == 4
    {
        let day = NaiveDate::parse_from_str(&format!("{day} {month} {year}"), "%d %b %Y").ok()?;
        return Some(SaidDay { day, moment: None });
    }
    // `Jan 28, 2020 3:28:56 PM`, `Tue, 28 Jan 2020 15:28`: what stands before the clock.
    let clock =
        words.iter().position(|word| word.contains(':') && word.starts_with(|c: char| c.is_ascii_digit()))?;
    let before = words[..clock].join(" ");
    let before = before.trim_end_matches(" at").trim_end_matches([',', ' ', '|', '-']);
    [
        "%b %d, %Y",
        "%B %d, %Y",
        "%a, %d %b %Y",
        "%A, %B %d, %Y",
        "%a, %b %d, %Y",
        "%d %b %Y",
        "%d %B %Y",
        "%d-%b-%Y",
    ]
    .iter()
    .find_map(|form| NaiveDate::parse_from_str(before, form).ok())
    .map(|day| SaidDay { day, moment: None })
}

/// Seconds or milliseconds since 1970, of this century.
fn seconds(text: &str) -> Option<i64> {
    let number: i64 = text.parse().ok()?;
    match text.len() {
        9 | 10 => Some(number),
        12 | 13 => Some(number / 1000),
        _ => None,
    }
}

/// `/2020/08/16/`, `/2020-08-16-…`, `/20200816/`, `/2020/aug/16/`.
fn day_in_path(path: &str) -> Option<NaiveDate> {
    let parts: Vec<&str> = path.split('/').collect();
    let three = parts.windows(3).find_map(|parts| {
        let is_year = parts[0].len() == 4 && parts[0].bytes().all(|byte| byte.is_ascii_digit());
        let joined = parts.join("-");
        is_year
            .then(|| {
                ["%Y-%m-%d", "%Y-%b-%d"].iter().find_map(|form| NaiveDate::parse_from_str(&joined, form).ok())
            })
            .flatten()
    });
    let in_part = parts.iter().find_map(|part| {
        let is_long = part.len() > 10 || part.len() == 10;
        let day = part.get(..10).filter(|_| is_long)?;
        NaiveDate::parse_from_str(day, "%Y-%m-%d").ok()
    });
    let packed = parts.iter().find_map(|part| {
        let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
        (digits.len() == 8).then(|| NaiveDate::parse_from_str(&digits, "%Y%m%d").ok()).flatten()
    });
    three.or(in_part).or(packed).filter(|day| *day >= NaiveDate::from_ymd_opt(1990, 1, 1).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dates_of_programs_are_read() {
        for text in [
            "2020-01-28",
            "2020-01-28T15:28:56Z",
            "2020-01-28T15:28:56+01:00",
            "2020-01-28 15:28:56",
            "2020/01/28 15:28",
            "20200128",
            "20200128T152856",
            "Tue Jan 28 15:28:56 CET 2020",
            "Tue, 28 Jan 2020 15:28:56 +0100",
            "1580221736",
            "1580221736000",
            "Jan 28, 2020 3:28 PM EST",
            "January 28, 2020 at 3:28 pm",
            "Tue, 28 Jan 2020 15:28",
            "2020-01-28T15:28:56.000+0000",
        ] {
            let day = of_machine(text).map(|said| said.day.to_string());
            assert_eq!(day.as_deref(), Some("2020-01-28"), "{text}");
        }
        for text in ["soon", "", "2020", "01/02/2020", "12"] {
            assert_eq!(of_machine(text), None, "{text}");
        }
    }

    #[test]
    fn an_address_may_hold_the_day() {
        for path in [
            "/2020/08/16/stairs",
            "/news/2020-08-16-stairs",
            "/a/20200816/stairs.html",
            "/2020/aug/16/stairs",
        ] {
            assert_eq!(day_in_path(path).map(|day| day.to_string()).as_deref(), Some("2020-08-16"), "{path}");
        }
        for path in ["/2020/08/stairs", "/123456789", "/2020/13/40/x"] {
            assert_eq!(day_in_path(path), None, "{path}");
        }
    }
}
