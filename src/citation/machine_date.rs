//! Days as programs write them, and days in addresses.

use std::sync::LazyLock;

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};

use regex::Regex;

use crate::linkback::source;

/// A day that a page says, and the moment if it says that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SaidDay {
    pub(super) day: NaiveDate,
    pub(super) moment: Option<DateTime<FixedOffset>>,
}

/// A date as programs write it: ISO 8601, RFC 2822, the output of `date`, seconds since 1970.
pub(super) fn of_machine(text: &str) -> Option<SaidDay> {
    if let Some(date) = source::date(text) {
        // The day as it is written, not the one in UTC. A time without a zone says no moment.
        let moment = zone_of(text).filter(|_| date.has_time()).map(|zone| date.time().with_timezone(&zone));
        return Some(SaidDay {
            day: moment.map_or_else(|| date.day(), |moment| moment.date_naive()),
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

/// The zone behind a time: `Z`, `GMT`, `+01:00`, `-0500`, `+01`.
fn zone_of(text: &str) -> Option<FixedOffset> {
    let (_, clock) = text.split_once(':')?;
    if ["Z", "z", "GMT", "UTC", "UT"].iter().any(|name| clock.ends_with(name)) {
        return FixedOffset::east_opt(0);
    }
    let sign = clock.rfind(['+', '-'])?;
    let figures: String = clock[sign + 1..].chars().filter(|c| *c != ':').collect();
    let hours: i32 = figures.get(..2)?.parse().ok()?;
    let minutes: i32 = figures.get(2..).filter(|rest| !rest.is_empty()).map_or(Ok(0), str::parse).ok()?;
    let seconds = hours * 3600 + minutes * 60;
    FixedOffset::east_opt(if clock[sign..].starts_with('-') { -seconds } else { seconds })
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

/// The order of the figures of a date in one part of an address.
const PART_FORMS: [(&str, &str); 3] = [
    (r"(?:^|[^0-9])((?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2})(?:[^0-9]|$)", "%Y-%m-%d"),
    (r"(?:^|[^0-9])((?:19|20)[0-9]{6})(?:[^0-9]|$)", "%Y%m%d"),
    (r"(?:^|[^0-9])([0-9]{2}-[0-9]{2}-(?:19|20)[0-9]{2})(?:[^0-9]|$)", "%d-%m-%Y"),
];

/// `/2020/08/16/`, `/2020/aug/16/`, `/2020-08-16-…`, `/…-20200816.html`, `/16-08-2020`.
pub(super) fn day_in_path(path: &str) -> Option<NaiveDate> {
    static FORMS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
        let forms = PART_FORMS.iter();
        forms.filter_map(|(pattern, form)| Some((Regex::new(pattern).ok()?, *form))).collect()
    });
    let parts: Vec<&str> = path.split('/').collect();
    let three = parts.windows(3).find_map(|parts| {
        let is_year = parts[0].len() == 4 && parts[0].bytes().all(|byte| byte.is_ascii_digit());
        let joined = parts.join("-");
        let mut forms = ["%Y-%m-%d", "%Y-%b-%d"].into_iter().filter(|_| is_year);
        forms.find_map(|form| NaiveDate::parse_from_str(&joined, form).ok())
    });
    let day = three.or_else(|| {
        FORMS.iter().find_map(|(pattern, form)| {
            let found = parts.iter().find_map(|part| pattern.captures(part))?;
            NaiveDate::parse_from_str(&found[1], form).ok()
        })
    });
    day.filter(|day| *day >= NaiveDate::from_ymd_opt(1990, 1, 1).unwrap_or_default())
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
    fn the_day_is_that_of_the_written_zone() {
        for (text, day, is_moment) in [
            ("2020-06-03T03:01+0400", "2020-06-03", true),
            ("2020-06-03T03:01:00+04:00", "2020-06-03", true),
            ("2020-06-03T03:01:00+04", "2020-06-03", true),
            ("2020-06-02T23:15:0Z", "2020-06-02", true),
            ("2020-06-02T21:40:00-0500", "2020-06-02", true),
            ("Wed, 03 Jun 2020 03:01:00 +0400", "2020-06-03", true),
            ("Tue, 02 Jun 2020 21:16:15 GMT", "2020-06-02", true),
            ("2020-06-02 23:43:13", "2020-06-02", false),
        ] {
            let said = of_machine(text);
            assert_eq!(said.map(|said| said.day.to_string()).as_deref(), Some(day), "{text}");
            assert_eq!(said.is_some_and(|said| said.moment.is_some()), is_moment, "{text}");
        }
    }

    #[test]
    fn an_address_may_hold_the_day() {
        for path in [
            "/2020/08/16/stairs",
            "/news/2020-08-16-stairs",
            "/a/20200816/stairs.html",
            "/2020/aug/16/stairs",
            "/news/stairs-20200816.html",
            "/news/stairs-2020-08-16.html",
            "/news/16-08-2020",
        ] {
            assert_eq!(day_in_path(path).map(|day| day.to_string()).as_deref(), Some("2020-08-16"), "{path}");
        }
        for path in ["/2020/08/stairs", "/123456789", "/2020/13/40/x", "/a/120200816", "/a/2020-08-161"] {
            assert_eq!(day_in_path(path), None, "{path}");
        }
    }
}
