//! Dates as authors write them, in the site's time zone.
//!
//! [`Date::parse`] takes the forms of ISO 8601 that programs write; [`Date::read`] takes what people and other engines
//! write, by way of the [`reader`].

pub(crate) mod names;
pub(crate) mod reader;

use std::cmp::Ordering;

use chrono::{
    DateTime, Datelike, FixedOffset, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone,
    Timelike,
};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use self::reader::{DateDoubt, DateReader, DateReading};

/// A moment in the site's time zone, or a day if no time was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Date {
    time: DateTime<FixedOffset>,
    has_time: bool,
}

impl Date {
    /// Reads `2016-12-15`, `2016-12-15 22:32`, `2016-12-15T22:32:10`, each with an optional offset
    /// (`Z`, `+01:00`, `+0100`) if it has a time. Without an offset it is in `zone`; with one it is moved to
    /// `zone`, so that a post stands under the same day wherever the site is built.
    pub fn parse(text: &str, zone: Tz) -> Result<Self, String> {
        let text = text.trim();
        let (day, rest) = text.split_at_checked(10).unwrap_or((text, ""));
        let day = parse_day(day, text)?;
        if rest.is_empty() {
            if day.year() == 0 {
                return Err(not_a_date(text));
            }
            return Ok(Self { time: local(day.and_time(NaiveTime::MIN), zone), has_time: false });
        }
        let rest = rest.strip_prefix(['T', 't', ' ']).ok_or_else(|| not_a_date(text))?.trim();
        let (clock, offset) = match rest.find(['Z', 'z', '+', '-', ' ']) {
            Some(at) => (rest[..at].trim(), rest[at..].trim()),
            None => (rest, ""),
        };
        let moment = day.and_time(parse_clock(clock)?);
        let time = if offset.is_empty() {
            local(moment, zone)
        } else {
            let offset = parse_offset(offset)
                .ok_or_else(|| format!("`{offset}` is not an offset; write `Z` or `+01:00`"))?;
            let fixed = offset.from_local_datetime(&moment).single().ok_or_else(|| not_a_date(text))?;
            fixed.with_timezone(&zone).fixed_offset()
        };
        // RFC 2822, which feeds use, knows no other years; a zone may have moved the date out of them.
        if !(1..=9999).contains(&time.year()) {
            return Err(not_a_date(text));
        }
        Ok(Self { time, has_time: true })
    }

    /// Reads a date in any form that the reader knows. What is wrong with another text comes with a remedy, which is this
    /// date mended where that can be guessed.
    pub fn read(text: &str, zone: Tz, reader: &DateReader) -> Result<ReadDate, DateFault> {
        let text = text.trim();
        let reading = match reader.read(text) {
            Ok(reading) => reading,
            Err(doubt) => {
                // Years before 1000 are only read as ISO 8601.
                let date = Self::parse(text, zone);
                return date
                    .map(|date| ReadDate { date, remark: None })
                    .map_err(|error| DateFault::of(text, &doubt, error));
            }
        };
        let Some(day) = reading.whole_day() else {
            let mended =
                vec![DateReading { month: Some(reading.month.unwrap_or(1)), day: Some(1), ..reading }.iso()];
            let doubt = DateDoubt { message: "names no day".to_owned(), mended };
            return Err(DateFault::of(text, &doubt, String::new()));
        };
        let moment = day.and_time(reading.clock.unwrap_or(NaiveTime::MIN));
        let time = match reading.offset {
            Some(offset) => offset
                .from_local_datetime(&moment)
                .single()
                .map(|time| time.with_timezone(&zone).fixed_offset()),
            None => Some(local(moment, zone)),
        };
        let time = time.filter(|time| (1..=9999).contains(&time.year())).ok_or_else(|| DateFault {
            message: format!("`{text}` is not a date"),
            hint: Some(WRITTEN.to_owned()),
        })?;
        let date = Self { time, has_time: reading.clock.is_some() };
        let is_skipped =
            reading.offset.is_none() && matches!(zone.from_local_datetime(&moment), LocalResult::None);
        let remark = if reading.is_leap_second {
            Some(format!("`{text}` is a leap second, which is taken as the second before it"))
        } else if is_skipped && (date.has_time || date.day() != day) {
            Some(format!(
                "`{text}` does not exist in {}, where clocks skip it; it is taken as {}",
                zone.name(),
                date.to_text()
            ))
        } else {
            None
        };
        Ok(ReadDate { date, remark })
    }

    /// The day that a file name or folder gives.
    pub fn of_day(year: i32, month: u32, day: u32, zone: Tz) -> Option<Self> {
        let day = NaiveDate::from_ymd_opt(year, month, day).filter(|day| day.year() > 0)?;
        Some(Self { time: local(day.and_time(NaiveTime::MIN), zone), has_time: false })
    }

    /// A moment, shown in `zone`. It is the whole second, as every date is that was written down: what is written and read
    /// again is the same.
    pub fn of_moment(moment: DateTime<chrono::Utc>, zone: Tz) -> Self {
        let time = moment.with_nanosecond(0).unwrap_or(moment);
        Self { time: time.with_timezone(&zone).fixed_offset(), has_time: true }
    }

    /// The moment itself; midnight if only the day is known.
    pub fn time(&self) -> DateTime<FixedOffset> {
        self.time
    }

    /// The day in the site's time zone.
    pub fn day(&self) -> NaiveDate {
        self.time.date_naive()
    }

    /// Whether the hour is known.
    pub fn has_time(&self) -> bool {
        self.has_time
    }

    /// As templates see it: `2016-12-15`, or RFC 3339 if the hour is known.
    pub fn to_text(&self) -> String {
        if self.has_time { self.rfc3339() } else { self.day().to_string() }
    }

    /// RFC 3339 with seconds, for feeds and machines.
    pub fn rfc3339(&self) -> String {
        self.time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
    }

    /// RFC 2822 with a four-digit year, as RSS 2.0 asks for.
    pub fn rfc2822(&self) -> String {
        self.time.to_rfc2822()
    }
}

/// A date that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadDate {
    pub date: Date,
    /// What its author may not expect of it.
    pub remark: Option<String>,
}

/// Why a text cannot be read as a date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DateFault {
    pub message: String,
    pub hint: Option<String>,
}

impl DateFault {
    /// The fault of `text` as a reader doubts it; `strict` is what the stricter reading says.
    fn of(text: &str, doubt: &DateDoubt, strict: String) -> Self {
        // Of a time that is none the stricter reading says more.
        let is_about_a_part =
            doubt.message == "is not a date" && !strict.is_empty() && !strict.contains("is not a date;");
        let message = if is_about_a_part { strict } else { format!("`{text}` {}", doubt.message) };
        let hint = match doubt.mended.as_slice() {
            // What is wrong with the day or the month is said already.
            _ if is_about_a_part => None,
            [] if message.contains("not a date: ") => None,
            [] => Some(WRITTEN.to_owned()),
            mended => Some(format!("write it as {}", mended.join(" or "))),
        };
        Self { message, hint }
    }
}

impl PartialOrd for Date {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Date {
    fn cmp(&self, other: &Self) -> Ordering {
        self.time.cmp(&other.time).then(self.has_time.cmp(&other.has_time))
    }
}

/// How a date is written, for hints.
pub(crate) const WRITTEN: &str = "write it as 2016-12-15 or 2016-12-15T22:32:00+01:00";

fn not_a_date(text: &str) -> String {
    format!("`{text}` is not a date; {WRITTEN}")
}

/// Reads a day. What is wrong is said of the `whole`, of which the day is the beginning.
fn parse_day(text: &str, whole: &str) -> Result<NaiveDate, String> {
    if !text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
        return Err(not_a_date(whole));
    }
    let parts: Vec<&str> = text.split('-').collect();
    let &[year, month, day] = parts.as_slice() else { return Err(not_a_date(whole)) };
    let widths = [year.len(), month.len(), day.len()] == [4, 2, 2];
    let (Ok(year), Ok(month), Ok(day), true) =
        (year.parse(), month.parse::<u32>(), day.parse::<u32>(), widths)
    else {
        return Err(not_a_date(whole));
    };
    if !(1..=12).contains(&month) {
        return Err(format!("`{whole}` is not a date: there is no month {month}"));
    }
    NaiveDate::from_ymd_opt(year, month, day)
        .ok_or_else(|| format!("`{whole}` is not a date: that month has no day {day}"))
}

fn parse_clock(text: &str) -> Result<NaiveTime, String> {
    ["%H:%M:%S%.f", "%H:%M"]
        .iter()
        .find_map(|format| NaiveTime::parse_from_str(text, format).ok())
        // A leap second (RFC 3339 section 5.7) is shown as the second before it.
        .map(|time| time.with_nanosecond(0).unwrap_or(time))
        .ok_or_else(|| format!("`{text}` is not a time; write it as 22:32 or 22:32:00"))
}

fn parse_offset(text: &str) -> Option<FixedOffset> {
    if text.eq_ignore_ascii_case("z") || text.eq_ignore_ascii_case("utc") {
        return FixedOffset::east_opt(0);
    }
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    // One digit is enough in YAML (its timestamp type: `-5`, `+5:30`).
    let (hours, minutes) = match (digits.split_once(':'), digits.len()) {
        (Some(parts), _) => parts,
        (None, 1 | 2) => (digits, "0"),
        (None, 4) => digits.split_at_checked(2)?,
        _ => return None,
    };
    if ![hours, minutes].iter().all(|part| part.len() <= 2 && part.bytes().all(|byte| byte.is_ascii_digit()))
    {
        return None;
    }
    let (hours, minutes) = (hours.parse::<i32>().ok()?, minutes.parse::<i32>().ok()?);
    FixedOffset::east_opt(sign * (hours * 3600 + minutes * 60))
}

/// The moment a clock in `zone` shows. When the clock is put back the first of the two is meant; a time that is skipped
/// when it is put forward is later by what was skipped, be it an hour or a day.
fn local(moment: NaiveDateTime, zone: Tz) -> DateTime<FixedOffset> {
    match zone.from_local_datetime(&moment) {
        LocalResult::Single(time) | LocalResult::Ambiguous(time, _) => time.fixed_offset(),
        LocalResult::None => {
            let before = moment.checked_sub_signed(chrono::TimeDelta::days(2)).unwrap_or(moment);
            let offset = zone.offset_from_utc_datetime(&before).fix();
            let moment = moment.checked_sub_offset(offset).unwrap_or(moment);
            moment.and_utc().with_timezone(&zone).fixed_offset()
        }
    }
}

/// The year, month and day that stand in a path as `2016/12/15` or `2016-12-15`, wherever they stand.
pub(crate) fn day_in_path(path: &str) -> Option<(i32, u32, u32)> {
    let parts: Vec<&str> = path.split('/').collect();
    let in_folders = parts.windows(3).find_map(|window| to_day(window[0], window[1], window[2]));
    in_folders.or_else(|| parts.iter().rev().find_map(|part| day_in_name(part).map(|(day, _)| day)))
}

/// A name's date and what follows it: `2016-12-15-slug` -> (2016, 12, 15), `slug`.
pub(crate) fn day_in_name(name: &str) -> Option<((i32, u32, u32), &str)> {
    let day = name.get(..10)?;
    let rest = name.get(10..)?;
    let mut parts = day.split('-');
    let day = to_day(parts.next()?, parts.next()?, parts.next()?)?;
    let rest = match rest.chars().next() {
        None => rest,
        Some('-' | '_' | ' ') => &rest[1..],
        Some(_) => return None,
    };
    Some((day, rest))
}

fn to_day(year: &str, month: &str, day: &str) -> Option<(i32, u32, u32)> {
    let year = i32::try_from(digits(year, 4)?).ok()?;
    let (month, day) = (digits(month, 2)?, digits(day, 2)?);
    NaiveDate::from_ymd_opt(year, month, day).map(|date| (date.year(), date.month(), date.day()))
}

/// A number that is written in `width` digits.
fn digits(text: &str, width: usize) -> Option<u32> {
    let is_number = text.len() == width && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let date = Date::parse(text, chrono_tz::Europe::Stockholm);
        assert_eq!(date.map_or_else(|error| error, |date| date.to_text()), expected, "{text}");
    }

    #[test]
    fn dates_are_read_as_authors_write_them() {
        check("2016-12-15", "2016-12-15");
        check("2016-12-15 22:32", "2016-12-15T22:32:00+01:00");
        check("2016-07-15T22:32:10.5", "2016-07-15T22:32:10+02:00");
        check("2016-12-15T23:30:00Z", "2016-12-16T00:30:00+01:00");
        check("2016-12-15T22:32:00 -0500", "2016-12-16T04:32:00+01:00");
        check("2016-12-15 22:32:00 -5", "2016-12-16T04:32:00+01:00");
        check("2016-12-15 22:32:00 +5:30", "2016-12-15T18:02:00+01:00");
        check("2016-12-15 22:32:00 -05", "2016-12-16T04:32:00+01:00");
    }

    #[test]
    fn a_moment_is_the_same_when_it_was_written_and_read() {
        let moment = DateTime::from_timestamp_millis(1_481_837_530_789).expect("it is a moment");
        let zone = chrono_tz::Europe::Stockholm;
        let date = Date::of_moment(moment, zone);
        assert_eq!(Date::parse(&date.to_text(), zone), Ok(date));
    }

    #[test]
    fn wrong_dates_say_what_is_wrong() {
        check("2016-12-15T22:32+1é1", "`+1é1` is not an offset; write `Z` or `+01:00`");
        check(
            "0000-01-01",
            "`0000-01-01` is not a date; write it as 2016-12-15 or 2016-12-15T22:32:00+01:00",
        );
        let late = "9999-12-31T23:59:59-01:00";
        check(late, &format!("`{late}` is not a date; write it as 2016-12-15 or 2016-12-15T22:32:00+01:00"));
        check("2016-13-40", "`2016-13-40` is not a date: there is no month 13");
        check("2016-02-30", "`2016-02-30` is not a date: that month has no day 30");
        check(
            "15.12.2016",
            "`15.12.2016` is not a date; write it as 2016-12-15 or 2016-12-15T22:32:00+01:00",
        );
        check("2016-12-15T25:00", "`25:00` is not a time; write it as 22:32 or 22:32:00");
        check(
            "Dec 15, 2016",
            "`Dec 15, 2016` is not a date; write it as 2016-12-15 or 2016-12-15T22:32:00+01:00",
        );
        check("2016-13-01 10:00", "`2016-13-01 10:00` is not a date: there is no month 13");
        check(
            "2016-12-1ü",
            "`2016-12-1ü` is not a date; write it as 2016-12-15 or 2016-12-15T22:32:00+01:00",
        );
    }

    #[test]
    fn skipped_and_doubled_hours_have_one_meaning() {
        check("2016-03-27 02:30", "2016-03-27T03:30:00+02:00");
        check("2016-10-30 02:30", "2016-10-30T02:30:00+02:00");
    }

    #[test]
    fn paths_and_names_give_days() {
        assert_eq!(day_in_path("2014/12/12/1.0-Timeline"), Some((2014, 12, 12)));
        assert_eq!(day_in_path("inside-rust/2019/09/25/x"), Some((2019, 9, 25)));
        assert_eq!(day_in_path("notes/2016-12-15-x"), Some((2016, 12, 15)));
        assert_eq!(day_in_path("2016/13/12/x"), None);
        assert_eq!(day_in_name("2016-12-15-slug"), Some(((2016, 12, 15), "slug")));
        assert_eq!(day_in_name("2016-12-151"), None);
    }

    fn read(text: &str, language: &str) -> String {
        match Date::read(text, chrono_tz::Europe::Berlin, &DateReader::of(language)) {
            Ok(ReadDate { date, remark: None }) => date.to_text(),
            Ok(ReadDate { remark: Some(remark), .. }) => remark,
            Err(fault) => {
                [Some(fault.message), fault.hint].into_iter().flatten().collect::<Vec<_>>().join("; ")
            }
        }
    }

    #[test]
    fn dates_of_other_engines_are_read() {
        for (text, expected) in [
            ("2016-12-18", "2016-12-18"),
            ("2016-12-18 22:32", "2016-12-18T22:32:00+01:00"),
            ("2016-12-18T22:32:10.5", "2016-12-18T22:32:10+01:00"),
            ("2016-12-18 22:32:00 +0100", "2016-12-18T22:32:00+01:00"),
            ("2016-12-18T21:32:00Z", "2016-12-18T22:32:00+01:00"),
            ("2016-12-18T22:32+01", "2016-12-18T22:32:00+01:00"),
            ("2016-1-5", "2016-01-05"),
            ("2016/12/18", "2016-12-18"),
            ("2016/12/18 22:32", "2016-12-18T22:32:00+01:00"),
            ("2016.12.18", "2016-12-18"),
            ("18.12.2016", "2016-12-18"),
            ("18. 12. 2016", "2016-12-18"),
            ("18/12/2016", "2016-12-18"),
            ("18 December 2016", "2016-12-18"),
            ("18th of December, 2016", "2016-12-18"),
            ("Dec 18, 2016", "2016-12-18"),
            ("December 18, 2016 at 10:32 pm", "2016-12-18T22:32:00+01:00"),
            ("December 18, 2016 10:32 p.m.", "2016-12-18T22:32:00+01:00"),
            ("Sunday, December 18th, 2016", "2016-12-18"),
            ("Sun, 18 Dec 2016 22:32:00 +0100", "2016-12-18T22:32:00+01:00"),
            ("Sun, 18 Dec 2016 21:32:00 GMT", "2016-12-18T22:32:00+01:00"),
            ("Sun Dec 18 22:32:00 2016", "2016-12-18T22:32:00+01:00"),
            ("Sun Dec 18 22:32:00 CET 2016", "2016-12-18T22:32:00+01:00"),
            ("Sun Dec 18 21:32:00 UTC 2016", "2016-12-18T22:32:00+01:00"),
            ("20161218", "2016-12-18"),
            ("2016-12-18 10 pm", "2016-12-18T22:00:00+01:00"),
            ("0800-12-25", "0800-12-25"),
        ] {
            assert_eq!(read(text, "en"), expected, "{text}");
        }
        assert_eq!(read("18. Dezember 2016 um 22:32 Uhr", "de"), "2016-12-18T22:32:00+01:00");
        assert_eq!(read("le 18 décembre 2016 à 22h32", "fr"), "2016-12-18T22:32:00+01:00");
        assert_eq!(read("den 18 december 2016 kl. 22:32", "sv"), "2016-12-18T22:32:00+01:00");
    }

    #[test]
    fn the_remedy_of_a_wrong_date_is_that_date_mended() {
        for (text, expected) in [
            ("04/03/2016", "`04/03/2016` can be two days; write it as 2016-03-04 or 2016-04-03"),
            ("18.12.16", "`18.12.16` has only two figures of its year; write it as 2016-12-18"),
            ("2016-18-12", "`2016-18-12` is not a date: there is no month 18; write it as 2016-12-18"),
            ("18 Dezember 2016", "`18 Dezember 2016` is not a date; write it as 2016-12-18"),
            ("Decmber 18, 2016", "`Decmber 18, 2016` is not a date; write it as 2016-12-18"),
            ("1482096720", "`1482096720` is not a date; write it as 2016-12-18T21:32:00Z"),
            ("1482096720000", "`1482096720000` is not a date; write it as 2016-12-18T21:32:00Z"),
            ("2016-13-18", "`2016-13-18` is not a date: there is no month 13; write it as 2016-12-18"),
            ("20161318", "`20161318` is not a date; write it as 2016-12-15 or 2016-12-15T22:32:00+01:00"),
            ("December 2016", "`December 2016` names no day; write it as 2016-12-01"),
            ("December 18", "`December 18` has no year; write it as 2016-12-15 or 2016-12-15T22:32:00+01:00"),
            ("on 2016-12-18 or so", "`on 2016-12-18 or so` is not a date; write it as 2016-12-18"),
            ("18-19 December 2016", "`18-19 December 2016` is more than one day; write it as 2016-12-18"),
            ("soon", "`soon` is not a date; write it as 2016-12-15 or 2016-12-15T22:32:00+01:00"),
            ("2016-02-30", "`2016-02-30` is not a date: that month has no day 30"),
        ] {
            assert_eq!(read(text, "en"), expected, "{text}");
        }
    }

    #[test]
    fn times_that_are_changed_are_remarked_on() {
        let remark = read("2016-12-18T23:59:60Z", "en");
        assert_eq!(remark, "`2016-12-18T23:59:60Z` is a leap second, which is taken as the second before it");
        let skipped = |text: &str, zone| {
            Date::read(text, zone, &DateReader::of("en"))
                .map(|read| (read.date.to_text(), read.remark.is_some()))
        };
        assert_eq!(
            skipped("2016-03-27 02:30", chrono_tz::Europe::Berlin),
            Ok(("2016-03-27T03:30:00+02:00".to_owned(), true))
        );
        assert_eq!(skipped("2011-12-30", chrono_tz::Pacific::Apia), Ok(("2011-12-31".to_owned(), true)));
        assert_eq!(
            skipped("2011-12-30 12:00", chrono_tz::Pacific::Apia),
            Ok(("2011-12-31T12:00:00+14:00".to_owned(), true))
        );
        assert_eq!(
            skipped("2018-11-04", chrono_tz::America::Sao_Paulo),
            Ok(("2018-11-04".to_owned(), false))
        );
    }
}
