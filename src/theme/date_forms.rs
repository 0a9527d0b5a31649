//! How a language writes dates, by Unicode CLDR: what a language file says nothing of.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::sync::{Arc, LazyLock};

use icu_calendar::Gregorian;
use icu_datetime::fieldsets::enums::CompositeDateTimeFieldSet;
use icu_datetime::fieldsets::{T, YM, YMD};
use icu_datetime::input::{Date, DateTime, Time};
use icu_datetime::pattern::{
    DateTimePattern, DayPeriodNameLength, FixedCalendarDateTimeNames, MonthNameLength, WeekdayNameLength,
    YearNameLength,
};
use icu_datetime::{DateTimeFormatterPreferences, FixedCalendarDateTimeFormatter, NoCalendarFormatter};
use icu_locale_core::Locale;
use parking_lot::RwLock;

use crate::date::names::CalendarNames;

/// The keys of `[dates]` and what CLDR has for them: a pattern, or a list of names.
pub(super) type DateForms = BTreeMap<String, Vec<String>>;

type Names = FixedCalendarDateTimeNames<Gregorian, CompositeDateTimeFieldSet>;

/// The dates of a language by its tag. `None` if there is no data for it.
pub(super) fn of(tag: &str) -> Option<Arc<DateForms>> {
    static KEPT: LazyLock<RwLock<HashMap<String, Option<Arc<DateForms>>>>> = LazyLock::new(RwLock::default);
    let kept = KEPT.read().get(tag).cloned();
    kept.unwrap_or_else(|| {
        let forms = collected(tag).or_else(|| names_of(tag)).map(Arc::new);
        KEPT.write().entry(tag.to_owned()).or_insert(forms).clone()
    })
}

fn collected(tag: &str) -> Option<DateForms> {
    let preferences: DateTimeFormatterPreferences = Locale::try_from_str(tag).ok()?.into();
    let months = months(preferences, MonthNameLength::Wide, "MMMM")?;
    // The root of CLDR has figures in place of names, and stands for every language that has no data.
    if months.first().is_some_and(|name| name == "M01") {
        return None;
    }
    let mut forms = patterns(preferences)?;
    forms.insert("months".to_owned(), months);
    let standalone = self::months(preferences, MonthNameLength::StandaloneWide, "LLLL")?;
    forms.insert("months_standalone".to_owned(), standalone);
    let short = self::months(preferences, MonthNameLength::StandaloneAbbreviated, "LLL")?;
    forms.insert("months_short".to_owned(), short);
    let weekdays = weekdays(preferences, WeekdayNameLength::StandaloneWide, "cccc")?;
    forms.insert("weekdays".to_owned(), weekdays);
    let short = self::weekdays(preferences, WeekdayNameLength::StandaloneAbbreviated, "ccc")?;
    forms.insert("weekdays_short".to_owned(), short);
    Some(forms)
}

/// The names of some sixty languages that only the locales of the GNU C library have: Walloon, Manx, Yiddish.
fn names_of(tag: &str) -> Option<DateForms> {
    let names = CalendarNames::of(tag)?;
    let lists = [
        ("months", &names.months),
        ("months_standalone", &names.months_standalone),
        ("months_short", &names.months_short),
        ("weekdays", &names.weekdays),
        ("weekdays_short", &names.weekdays_short),
    ];
    Some(lists.map(|(list, names)| (list.to_owned(), names.clone())).into())
}

fn moment(month: u8, day: u8, hour: u8) -> Option<DateTime<Gregorian>> {
    Some(DateTime {
        date: Date::try_new_gregorian(2016, month, day).ok()?,
        time: Time::try_new(hour, 32, 0, 0).ok()?,
    })
}

fn patterns(preferences: DateTimeFormatterPreferences) -> Option<DateForms> {
    let evening = moment(12, 18, 22)?;
    let dates = FixedCalendarDateTimeFormatter::<Gregorian, _>::try_new(preferences, YMD::long()).ok()?;
    let long = places(&dates.format(&evening.date).pattern().to_string());
    let months = FixedCalendarDateTimeFormatter::<Gregorian, _>::try_new(preferences, YM::long()).ok()?;
    let month = places(&months.format(&evening.date).pattern().to_string());
    let times = NoCalendarFormatter::try_new(preferences, T::hm()).ok()?;
    let time = places(&times.format(&evening.time).pattern().to_string());
    let both = YMD::long().with_time_hm();
    let both = FixedCalendarDateTimeFormatter::<Gregorian, _>::try_new(preferences, both).ok()?;
    let both = places(&both.format(&evening).pattern().to_string());
    let joint = both.replacen(&long, "{date}", 1).replacen(&time, "{time}", 1);
    let mut names = Names::new_without_number_formatting(preferences);
    names.include_day_period_names(DayPeriodNameLength::Abbreviated).ok()?;
    let patterns = [
        ("long", long),
        ("month", month),
        ("time", time),
        ("datetime", joint),
        ("am", name(&names, "a", &moment(12, 18, 8)?)?),
        ("pm", name(&names, "a", &evening)?),
    ];
    names.include_year_names(YearNameLength::Abbreviated).ok()?;
    let era = name(&names, "G", &evening)?;
    Some(patterns.map(|(key, pattern)| (key.to_owned(), vec![pattern.replace("{era}", &era)])).into())
}

fn months(
    preferences: DateTimeFormatterPreferences,
    length: MonthNameLength,
    pattern: &str,
) -> Option<Vec<String>> {
    let mut names = Names::new_without_number_formatting(preferences);
    names.include_month_names(length).ok()?;
    (1..=12).map(|month| name(&names, pattern, &moment(month, 1, 0)?)).collect()
}

/// From Monday on, which the second of May 2016 was.
fn weekdays(
    preferences: DateTimeFormatterPreferences,
    length: WeekdayNameLength,
    pattern: &str,
) -> Option<Vec<String>> {
    let mut names = Names::new_without_number_formatting(preferences);
    names.include_weekday_names(length).ok()?;
    (2..=8).map(|day| name(&names, pattern, &moment(5, day, 0)?)).collect()
}

fn name(names: &Names, pattern: &str, moment: &DateTime<Gregorian>) -> Option<String> {
    let pattern = DateTimePattern::try_from_pattern_str(pattern).ok()?;
    let name = names.with_pattern_unchecked(&pattern).format(moment);
    Some(writeable::TryWriteable::try_write_to_string(&name).ok()?.into_owned())
}

/// A pattern of CLDR (UTS #35, part 4, "Date Format Patterns") with the places of a language file.
fn places(pattern: &str) -> String {
    let mut written = String::with_capacity(pattern.len() * 2);
    let mut rest = pattern.chars().peekable();
    let mut is_quoted = false;
    while let Some(c) = rest.next() {
        if c == '\'' {
            // Two apostrophes are one, within a quotation and without.
            match rest.next_if_eq(&'\'') {
                Some(_) => written.push('\''),
                None => is_quoted = !is_quoted,
            }
        } else if is_quoted || !c.is_ascii_alphabetic() {
            written.push(c);
        } else {
            let mut count = 1;
            while rest.next_if_eq(&c).is_some() {
                count += 1;
            }
            match place(c, count) {
                Some(name) => write!(written, "{{{name}}}").expect("writing to a string cannot fail"),
                None => written.extend(std::iter::repeat_n(c, count)),
            }
        }
    }
    written
}

fn place(field: char, count: usize) -> Option<&'static str> {
    Some(match (field, count) {
        ('y', _) => "year",
        ('M' | 'L', 1) => "month_number",
        ('M' | 'L', 2) => "month_number2",
        ('M' | 'L', _) => "month",
        ('d', 1) => "day",
        ('d', _) => "day2",
        ('h', _) => "hour12",
        ('H', 1) => "hour",
        ('H', _) => "hour24",
        ('m', _) => "minute",
        ('a' | 'b' | 'B', _) => "ampm",
        ('G', _) => "era",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_have_the_places_of_language_files() {
        assert_eq!(places("d 'de' MMMM 'de' y"), "{day} de {month} de {year}");
        assert_eq!(places("dd/MM, h 'o''clock' a''"), "{day2}/{month_number2}, {hour12} o'clock {ampm}'");
        assert_eq!(places("y年M月d日 H:mm HH"), "{year}年{month_number}月{day}日 {hour}:{minute} {hour24}");
    }

    #[test]
    fn languages_have_the_data_of_unicode() {
        let entry = |tag: &str, key: &str, index: usize| of(tag).unwrap()[key][index].clone();
        assert_eq!(entry("uk", "months", 1), "лютого");
        assert_eq!(entry("uk", "months_standalone", 1), "лютий");
        assert_eq!(entry("fi", "time", 0), "{hour}.{minute}");
        assert_eq!(entry("pt-PT", "weekdays_short", 0), "segunda");
        assert_eq!(entry("vi", "datetime", 0), "lúc {time} {date}");
        // An era is text as well, as it is the same one for every post.
        assert_eq!(entry("th", "long", 0), "{day} {month} ค.ศ. {year}");
        assert!(of("xx").is_none());
        assert!(of("no tag").is_none());
    }

    #[test]
    fn languages_without_patterns_have_names() {
        let forms = of("wa").unwrap();
        assert_eq!(forms["months"][0], "di djanvî");
        assert_eq!(forms["months_standalone"][0], "djanvî");
        assert!(!forms.contains_key("long"));
    }
}
