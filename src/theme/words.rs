//! The words of a theme in its languages, and dates as readers of each write them.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;

use chrono::format::{Item, StrftimeItems};
use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use icu_plurals::{PluralCategory, PluralRules, PluralRulesOptions};
use serde::Serialize;

use crate::diagnostic::Diagnostic;
use crate::spanned::{Table, Value};

/// All languages a theme has words for.
#[derive(Debug, Default, Serialize)]
pub struct Locales(BTreeMap<String, LocaleFile>);

/// One language. What it lacks is looked for in a more general one, and then in English.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub struct LocaleFile {
    dates: BTreeMap<String, Vec<String>>,
    words: BTreeMap<String, BTreeMap<String, String>>,
}

/// The form of a word that has no others.
const OTHER: &str = "other";

impl LocaleFile {
    /// Reads `[dates]` and `[words]`.
    pub fn parse(path: &str, text: &str, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let mut language = Self::default();
        for (key, node) in super::parse(path, text, diagnostics) {
            match (key.value.as_str(), node.value) {
                ("dates", Value::Table(table)) => language.dates = dates(table),
                ("words", Value::Table(table)) => language.words = words(path, text, table, diagnostics),
                (name, _) => {
                    let fault = Diagnostic::error(path, format!("unknown table `{name}`"))
                        .at(text, key.span)
                        .hint("there are `[dates]` and `[words]`");
                    diagnostics.push(fault);
                }
            }
        }
        language
    }

    /// Lays another one over this one.
    pub fn overlay(&mut self, other: Self) {
        self.dates.extend(other.dates);
        self.words.extend(other.words);
    }
}

fn dates(table: Table) -> BTreeMap<String, Vec<String>> {
    let entries = table.into_iter().map(|(key, node)| match node.value {
        Value::List(nodes) => (key.value, nodes.iter().map(|node| text_of(&node.value)).collect()),
        value => (key.value, vec![text_of(&value)]),
    });
    entries.collect()
}

fn text_of(value: &Value) -> String {
    value.to_json().as_str().map(str::to_owned).unwrap_or_default()
}

fn words(
    path: &str,
    text: &str,
    table: Table,
    diagnostics: &mut Vec<Diagnostic>,
) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut words = BTreeMap::new();
    for (key, node) in table {
        let forms: Option<BTreeMap<String, String>> = match node.value {
            Value::Text(word) => Some(BTreeMap::from([(OTHER.to_owned(), word)])),
            Value::Table(forms) => forms
                .into_iter()
                .map(|(form, node)| match node.value {
                    Value::Text(word) => Some((form.value, word)),
                    _ => None,
                })
                .collect(),
            _ => None,
        };
        match forms.filter(|forms| forms.contains_key(OTHER)) {
            Some(forms) => {
                words.insert(key.value, forms);
            }
            None => diagnostics.push(
                Diagnostic::error(
                    path,
                    format!("the word `{}` must be text, or a table of plural forms", key.value),
                )
                .at(text, key.span)
                .hint("write `{ one = \"…\", other = \"…\" }`; `other` is always there"),
            ),
        }
    }
    words
}

impl Locales {
    /// Locales by lower-case tag.
    pub fn new(languages: BTreeMap<String, LocaleFile>) -> Self {
        Self(languages)
    }

    /// The keys of all words, for suggestions.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.values().flat_map(|language| language.words.keys().map(String::as_str))
    }

    /// The tags of all languages.
    pub fn tags(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Whether there are words of a language, or of a more general one.
    pub fn know(&self, tag: &str) -> bool {
        tags_of(&tag.to_lowercase()).any(|tag| self.0.contains_key(tag))
    }

    /// All that can be said in a language: `pt-BR` over `pt` over English.
    pub fn locale(&self, tag: &str) -> Locale {
        let tag = tag.to_lowercase();
        let tags = std::iter::once("en").chain(tags_of(&tag));
        let mut locale = Locale::default();
        for tag in tags {
            let Some(language) = self.0.get(tag) else { continue };
            // What a language does not have it borrows, but not another one's ordinals.
            locale.dates.remove("first_day");
            locale.dates.extend(language.dates.clone());
            for (key, forms) in &language.words {
                locale.words.insert(key.clone(), (tag.to_owned(), forms.clone()));
            }
        }
        locale
    }
}

/// A tag and those that are more general, these first: `pt`, `pt-br`.
fn tags_of(tag: &str) -> impl Iterator<Item = &str> {
    let ends = tag.match_indices('-').map(|(at, _)| at).chain([tag.len()]);
    ends.map(|end| &tag[..end])
}

/// All that can be said in one language.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Locale {
    dates: HashMap<String, Vec<String>>,
    /// Each word with the language it is of, as its plural is that one's.
    words: HashMap<String, (String, BTreeMap<String, String>)>,
}

impl Locale {
    /// All words, in the form without a number.
    pub fn words(&self) -> BTreeMap<&str, &str> {
        self.words.keys().filter_map(|key| Some((key.as_str(), self.word(key, None)?))).collect()
    }

    /// A word, in the form for `number` if one is given. `None` if there is none.
    pub fn word(&self, key: &str, number: Option<u64>) -> Option<&str> {
        let (tag, forms) = self.words.get(key)?;
        let other = forms.get(OTHER).map(String::as_str);
        // Most words have one form only; the rules need not be looked up for it.
        let Some(number) = number.filter(|_| forms.len() > 1) else { return other };
        let form = match (plural_form(tag, number), number) {
            // CLDR has no rules for some languages, whose words may still have a form for one.
            (OTHER, 1) => "one",
            (form, _) => form,
        };
        forms.get(form).map(String::as_str).or(other)
    }

    /// A date. `format` is a name (`long`, `month`, `weekday`, …) or a strftime pattern.
    pub fn date(&self, text: &str, format: &str) -> Result<String, String> {
        let moment = Moment::parse(text)?;
        let day = moment.day;
        Ok(match format {
            // A date is never made more precise than it is written.
            "long" if text.len() == 4 => day.year().to_string(),
            "long" if text.len() == 7 => self.fill(self.pattern("month"), &moment),
            "long" | "month" => self.fill(self.pattern(format), &moment),
            "month_name" => self.name_of("months", day.month0()).to_owned(),
            "month_short" => self.name_of("months_short", day.month0()).to_owned(),
            "weekday" => self.name_of("weekdays", day.weekday().num_days_from_monday()).to_owned(),
            "weekday_short" => {
                self.name_of("weekdays_short", day.weekday().num_days_from_monday()).to_owned()
            }
            "year" => day.year().to_string(),
            "iso" => day.to_string(),
            "rfc3339" => text.to_owned(),
            pattern => {
                let items: Vec<Item<'_>> = StrftimeItems::new(pattern).collect();
                if !pattern.contains('%') || items.contains(&Item::Error) {
                    return Err(format!(
                        "`{pattern}` is not a date format; use long, month, month_name, month_short, weekday, weekday_short, year, iso, rfc3339 or a pattern such as `%-d.%-m.%Y`"
                    ));
                }
                let mut written = String::new();
                write!(written, "{}", moment.time.format_with_items(items.iter())).map_err(|_| {
                    format!("`{pattern}` asks for a time zone, which a date here does not have")
                })?;
                written
            }
        })
    }

    /// The time of a date; empty if it has none.
    pub fn time(&self, text: &str) -> Result<String, String> {
        let moment = Moment::parse(text)?;
        Ok(if moment.has_time { self.fill(self.pattern("time"), &moment) } else { String::new() })
    }

    /// The date, and the time if it has one.
    pub fn date_time(&self, text: &str) -> Result<String, String> {
        let date = self.date(text, "long")?;
        let time = self.time(text)?;
        if time.is_empty() {
            return Ok(date);
        }
        Ok(self.pattern("datetime").replace("{date}", &date).replace("{time}", &time))
    }

    fn pattern(&self, name: &str) -> &str {
        let first = self.dates.get(name).and_then(|entries| entries.first());
        first.map_or("{year}-{month}-{day}", String::as_str)
    }

    fn name_of(&self, list: &str, index: u32) -> &str {
        self.dates.get(list).and_then(|entries| entries.get(index as usize)).map_or("", String::as_str)
    }

    /// Fills the places of a pattern in one pass. A place that is none stays as it is written.
    fn fill(&self, pattern: &str, moment: &Moment) -> String {
        let mut filled = String::with_capacity(pattern.len() + 16);
        let mut rest = pattern;
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let Some((place, after)) = after.split_once('}') else { break };
            self.place(place, moment, &mut filled).expect("writing to a string cannot fail");
            rest = after;
        }
        filled.push_str(rest);
        filled
    }

    fn place(&self, place: &str, moment: &Moment, out: &mut String) -> std::fmt::Result {
        let (day, time) = (moment.day, moment.time);
        let (is_pm, hour12) = time.hour12();
        match place {
            "year" => write!(out, "{}", day.year()),
            "month" => out.write_str(self.name_of("months", day.month0())),
            "day" if day.day() == 1 && self.dates.contains_key("first_day") => {
                out.write_str(self.pattern("first_day"))
            }
            "day" => write!(out, "{}", day.day()),
            "hour12" => write!(out, "{hour12}"),
            "hour24" => write!(out, "{:02}", time.hour()),
            "minute" => write!(out, "{:02}", time.minute()),
            "ampm" => out.write_str(self.pattern(if is_pm { "pm" } else { "am" })),
            other => write!(out, "{{{other}}}"),
        }
    }
}

/// A date as views hold it.
struct Moment {
    day: NaiveDate,
    time: NaiveDateTime,
    has_time: bool,
}

impl Moment {
    fn parse(text: &str) -> Result<Self, String> {
        if let Ok(time) = DateTime::<FixedOffset>::parse_from_rfc3339(text) {
            let time = time.naive_local();
            return Ok(Self { day: time.date(), time, has_time: true });
        }
        let whole = match text.len() {
            4 => format!("{text}-01-01"),
            7 => format!("{text}-01"),
            _ => text.to_owned(),
        };
        let day: NaiveDate = whole.parse().map_err(|_| format!("`{text}` is not a date"))?;
        Ok(Self { day, time: day.and_time(NaiveTime::MIN), has_time: false })
    }
}

/// The name of the plural form for a whole number (Unicode CLDR, cardinal rules).
fn plural_form(tag: &str, number: u64) -> &'static str {
    let rules = icu_locale_core::Locale::try_from_str(tag)
        .ok()
        .and_then(|locale| PluralRules::try_new(locale.into(), PluralRulesOptions::default()).ok());
    match rules.map(|rules| rules.category_for(number)) {
        Some(PluralCategory::Zero) => "zero",
        Some(PluralCategory::One) => "one",
        Some(PluralCategory::Two) => "two",
        Some(PluralCategory::Few) => "few",
        Some(PluralCategory::Many) => "many",
        Some(PluralCategory::Other) | None => OTHER,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn languages() -> Locales {
        let mut diagnostics = Vec::new();
        let languages = crate::theme::built_in::FILES
            .iter()
            .filter_map(|(path, bytes)| {
                let tag = path.strip_prefix("i18n/")?.strip_suffix(".toml")?;
                let text = std::str::from_utf8(bytes).unwrap();
                Some((tag.to_owned(), LocaleFile::parse(path, text, &mut diagnostics)))
            })
            .collect();
        assert_eq!(diagnostics, []);
        Locales::new(languages)
    }

    #[test]
    fn dates_are_written_as_readers_write_them() {
        let languages = languages();
        let evening = "2016-12-18T22:32:00+01:00";
        let date_time = |tag, date| languages.locale(tag).date_time(date).unwrap();
        let date = |tag, date, format| languages.locale(tag).date(date, format);
        assert_eq!(date_time("en", evening), "December 18, 2016 at 10:32 pm");
        assert_eq!(date_time("de", evening), "18. Dezember 2016 um 22:32 Uhr");
        assert_eq!(date_time("en", "2016-12-18"), "December 18, 2016");
        assert_eq!(date("fr", "2016-05-01", "long").unwrap(), "1er mai 2016");
        assert_eq!(date("sv-FI", "2016-05", "month").unwrap(), "maj 2016");
        assert_eq!(date("xx", "2016-05-01", "%-d.%-m.%Y").unwrap(), "1.5.2016");
        assert!(date("en", "2016-05-01", "%Q").is_err());
        assert!(date("en", "soon", "long").is_err());
        assert!(date("en", "2016-05-01", "%Y %z").is_err());
    }

    #[test]
    fn every_language_has_every_word() {
        let languages = languages();
        let english = &languages.0["en"];
        for (tag, language) in &languages.0 {
            let missing: Vec<_> =
                english.words.keys().filter(|key| !language.words.contains_key(*key)).collect();
            assert_eq!(missing, Vec::<&String>::new(), "{tag}");
        }
        assert!(languages.0.len() >= 5);
    }

    #[test]
    fn words_have_the_plural_of_their_language() {
        let languages = languages();
        assert_eq!(languages.locale("en").word("responses", Some(1)), Some("{n} response"));
        assert_eq!(languages.locale("en-GB").word("responses", Some(2)), Some("{n} responses"));
        assert_eq!(languages.locale("nl").word("responses", Some(0)), Some("{n} responses"));
        assert_eq!(languages.locale("en").word("no_such_word", None), None);
        let forms: Vec<_> = [1, 2, 5, 11, 21, 22].iter().map(|&n| plural_form("ru", n)).collect();
        assert_eq!(forms, ["one", "few", "many", "many", "one", "few"]);
        let form = |tag, number| plural_form(tag, number);
        assert_eq!([0, 1, 2, 10, 21].map(|n| form("lv", n)), ["zero", "one", "other", "zero", "one"]);
        assert_eq!([0, 1, 2, 3, 6, 4].map(|n| form("cy", n)), ["zero", "one", "two", "few", "many", "other"]);
        assert_eq!([1, 2, 11, 21].map(|n| form("is", n)), ["one", "other", "other", "one"]);
        assert_eq!([form("pt", 0), form("pt-PT", 0), form("ja", 1)], ["one", "other", "other"]);
        assert_eq!([form("xx", 1), form("not a tag", 1)], ["other", "other"]);
    }
}
