//! The words of a theme in its languages, and dates as readers of each write them.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::OnceLock;

use chrono::format::{Item, StrftimeItems};
use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use hashbrown::HashMap;
use icu_locale_fallback::LocaleFallbacker;
use icu_plurals::{PluralCategory, PluralRules, PluralRulesOptions};
use serde::Serialize;

use crate::diagnostic::Diagnostic;
use crate::nearest_name::did_you_mean;
use crate::spanned::{self, Spanned, Table, Value};
use crate::theme::{Template, date_forms};

/// All languages a theme has words for, by lower-case tag.
#[derive(Debug, Default, Serialize)]
pub struct Locales(BTreeMap<String, Language>);

/// The files of one language: that of the theme in the binary, and what other layers lay over it.
#[derive(Debug, Default, Serialize)]
struct Language {
    /// As text until a page asks for it: a site needs two or three of the thirty languages.
    built_in: Option<String>,
    over_it: LocaleFile,
    #[serde(skip)]
    both: OnceLock<LocaleFile>,
}

impl Language {
    fn file(&self) -> &LocaleFile {
        self.both.get_or_init(|| {
            // Tests read the built-in files; they have nothing to report.
            let built_in =
                self.built_in.as_deref().map(|text| LocaleFile::parse("i18n", text, &mut Vec::new()));
            let mut file = built_in.unwrap_or_default();
            file.overlay(self.over_it.clone());
            file
        })
    }
}

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
                ("dates", Value::Table(table)) => language.dates = dates(path, text, table, diagnostics),
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

/// Lists of names, with how many there are.
const NAMES: [(&str, usize); 5] =
    [("months", 12), ("months_standalone", 12), ("months_short", 12), ("weekdays", 7), ("weekdays_short", 7)];

/// What `[dates]` has besides names.
const PATTERNS: [&str; 7] = ["long", "month", "time", "datetime", "am", "pm", "first_day"];

fn dates(
    path: &str,
    text: &str,
    table: Table,
    diagnostics: &mut Vec<Diagnostic>,
) -> BTreeMap<String, Vec<String>> {
    let mut dates = BTreeMap::new();
    for (key, node) in table {
        let entries: Vec<String> = match &node.value {
            Value::List(nodes) => nodes.iter().map(|node| text_of(&node.value)).collect(),
            value => vec![text_of(value)],
        };
        let name = key.value.as_str();
        let fault = match NAMES.iter().find(|(list, _)| *list == name) {
            Some((_, count)) if entries.len() != *count => Some(
                Diagnostic::error(
                    path,
                    format!("`{name}` must have {count} names, but has {}", entries.len()),
                )
                .hint("write all names, those of weekdays from Monday on"),
            ),
            None if !PATTERNS.contains(&name) => {
                let known: Vec<&str> = NAMES.iter().map(|(list, _)| *list).chain(PATTERNS).collect();
                let hint = did_you_mean(name, known.iter().copied()).unwrap_or_else(|| {
                    format!(
                        "there are {}",
                        known.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ")
                    )
                });
                Some(Diagnostic::warning(path, format!("`[dates]` has no key `{name}`")).hint(hint))
            }
            _ => None,
        };
        diagnostics.extend(fault.map(|fault| fault.at(text, key.span)));
        dates.insert(key.value, entries);
    }
    dates
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
                    Value::Text(word) => {
                        diagnostics.extend(no_plural_form(path, text, &form));
                        Some((form.value, word))
                    }
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

/// The names of the plural forms (Unicode CLDR).
const PLURAL_FORMS: [&str; 6] = ["zero", "one", "two", "few", "many", OTHER];

fn no_plural_form(path: &str, text: &str, form: &Spanned<String>) -> Option<Diagnostic> {
    if PLURAL_FORMS.contains(&form.value.as_str()) {
        return None;
    }
    let hint = did_you_mean(&form.value, PLURAL_FORMS).unwrap_or_else(|| {
        format!("the forms are {}", PLURAL_FORMS.map(|form| format!("`{form}`")).join(", "))
    });
    let message = format!("there is no plural form `{}`", form.value);
    Some(Diagnostic::warning(path, message).at(text, form.span.clone()).hint(hint))
}

impl Locales {
    /// Adds the text of a file of the theme in the binary.
    pub fn add_built_in(&mut self, tag: &str, text: &str) {
        self.0.entry(tag.to_lowercase()).or_default().built_in = Some(text.to_owned());
    }

    /// Lays a file over those of the layers below.
    pub fn lay_over(&mut self, tag: &str, file: LocaleFile) {
        let language = self.0.entry(tag.to_lowercase()).or_default();
        language.over_it.overlay(file);
        language.both.take();
    }

    fn file(&self, tag: &str) -> Option<&LocaleFile> {
        self.0.get(tag).map(Language::file)
    }

    /// The keys of all words, for suggestions.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.values().flat_map(|language| language.file().words.keys().map(String::as_str))
    }

    /// Warns of the words of a language file that are neither words in English nor used by a template.
    pub fn warn_of_unknown_words(
        &self,
        path: &str,
        text: &str,
        templates: &BTreeMap<String, Template>,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let Some(english) = self.file("en") else { return };
        let table = spanned::toml(text, 0).unwrap_or_default();
        let words = table.into_iter().filter(|(key, _)| key.value == "words");
        let words = words.filter_map(|(_, node)| match node.value {
            Value::Table(words) => Some(words),
            _ => None,
        });
        for (key, _) in words.flatten() {
            let is_used = templates.values().any(|template| template.text.contains(&key.value));
            if english.words.contains_key(&key.value) || is_used {
                continue;
            }
            let hint = did_you_mean(&key.value, english.words.keys().map(String::as_str))
                .unwrap_or_else(|| "leave it out, or use it in a template".to_owned());
            let message = format!("no template uses the word `{}`, and English does not have it", key.value);
            diagnostics.push(Diagnostic::warning(path, message).at(text, key.span).hint(hint));
        }
    }

    /// The tags of all languages.
    pub fn tags(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Whether there are words of a language, or of a more general one.
    pub fn know(&self, tag: &str) -> bool {
        tags_of(tag).iter().any(|tag| self.0.contains_key(tag))
    }

    /// All that can be said in a language: `pt-BR` over `pt` over English.
    pub fn locale(&self, tag: &str) -> Locale {
        let tags = tags_of(tag);
        let own: Vec<&LocaleFile> = tags.iter().filter_map(|tag| self.file(tag)).collect();
        let mut locale = Locale { dates: self.dates_of(tag, &own), ..Locale::default() };
        let own_rules = tags.last().map_or("en", String::as_str);
        let english = std::iter::once(("en", "en"));
        // The words of `pt` are also those of `pt-PT`, whose plurals are others (CLDR: no articles are `other`, not `one`).
        for (tag, rules) in english.chain(tags.iter().map(|tag| (tag.as_str(), own_rules))) {
            for (key, forms) in self.file(tag).into_iter().flat_map(|language| &language.words) {
                locale.words.insert(key.clone(), (rules.to_owned(), forms.clone()));
            }
        }
        locale
    }

    /// The dates of a language that has a file: what its files say of them, over what CLDR does. The page of a language
    /// without one has its words in English, and so its dates.
    fn dates_of(&self, tag: &str, own: &[&LocaleFile]) -> HashMap<String, Vec<String>> {
        let english = date_forms::of("en").into_iter().flat_map(|forms| (*forms).clone());
        let mut dates: HashMap<String, Vec<String>> = english.collect();
        let known = date_forms::of(current(tag).as_str()).filter(|_| !own.is_empty());
        match &known {
            Some(forms) => dates.extend((**forms).clone()),
            None => dates.extend(self.file("en").map(|english| english.dates.clone()).unwrap_or_default()),
        }
        for language in own {
            dates.extend(language.dates.clone());
        }
        // A file with one list of months may have its names in another spelling than the data.
        let gives = |list| own.iter().any(|language| language.dates.contains_key(list));
        let has_their_months = known.is_some_and(|forms| forms.get("months") == dates.get("months"));
        if gives("months") && !gives("months_standalone") && !has_their_months {
            dates.remove("months_standalone");
        }
        dates
    }
}

/// A tag in lower case, with the language code that replaced a withdrawn one (IANA Language Subtag Registry).
fn current(tag: &str) -> String {
    let tag = tag.to_lowercase();
    let (primary, rest) = tag.split_at(tag.find('-').unwrap_or(tag.len()));
    let primary = match primary {
        "iw" => "he",
        "in" => "id",
        "ji" => "yi",
        other => other,
    };
    format!("{primary}{rest}")
}

/// A tag and those that it takes words from, the most general first: `pt`, `pt-br`; and by the parents that CLDR has
/// for a locale (UTS #35, "Parent Locales"): `no`, `nb`, and `zh`, `zh-hant`, `zh-tw`.
fn tags_of(tag: &str) -> Vec<String> {
    let tag = current(tag);
    let ends = tag.match_indices('-').map(|(at, _)| at);
    let mut tags: Vec<String> = Vec::new();
    if let Ok(locale) = icu_locale_core::Locale::try_from_str(&tag) {
        let fallbacker = LocaleFallbacker::new();
        let mut parents = fallbacker.for_config(Default::default()).fallback_for(locale.into());
        while !parents.get().is_unknown() {
            tags.insert(0, parents.get().to_string().to_lowercase());
            parents.step();
        }
    }
    // CLDR has its own short form of a tag, and does not go from one script to another.
    let shorter: Vec<String> =
        ends.map(|end| tag[..end].to_owned()).filter(|tag| !tags.contains(tag)).collect();
    tags.splice(0..0, shorter);
    if !tags.contains(&tag) {
        tags.push(tag);
    }
    tags
}

/// All that can be said in one language.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Locale {
    dates: HashMap<String, Vec<String>>,
    /// Each word with the language whose plurals it has: that of the page, or English.
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
            "month" => self.fill(self.pattern("month"), &moment, MonthForm::Standalone),
            "long" if text.len() == 7 => self.fill(self.pattern("month"), &moment, MonthForm::Standalone),
            "long" => self.fill(self.pattern("long"), &moment, MonthForm::InDate),
            "month_name" => self.month_name(&moment, MonthForm::Standalone).to_owned(),
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
        Ok(if moment.has_time {
            self.fill(self.pattern("time"), &moment, MonthForm::InDate)
        } else {
            String::new()
        })
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
    fn month_name(&self, moment: &Moment, form: MonthForm) -> &str {
        let list = match form {
            MonthForm::Standalone if self.dates.contains_key("months_standalone") => "months_standalone",
            MonthForm::Standalone | MonthForm::InDate => "months",
        };
        self.name_of(list, moment.day.month0())
    }

    fn fill(&self, pattern: &str, moment: &Moment, form: MonthForm) -> String {
        let mut filled = String::with_capacity(pattern.len() + 16);
        let mut rest = pattern;
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let Some((place, after)) = after.split_once('}') else { break };
            self.place(place, moment, form, &mut filled).expect("writing to a string cannot fail");
            rest = after;
        }
        filled.push_str(rest);
        filled
    }

    fn place(&self, place: &str, moment: &Moment, form: MonthForm, out: &mut String) -> std::fmt::Result {
        let (day, time) = (moment.day, moment.time);
        let (is_pm, hour12) = time.hour12();
        match place {
            "year" => write!(out, "{}", day.year()),
            "month" => out.write_str(self.month_name(moment, form)),
            "month_number" => write!(out, "{}", day.month()),
            "month_number2" => write!(out, "{:02}", day.month()),
            "day" if day.day() == 1 && self.dates.contains_key("first_day") => {
                out.write_str(self.pattern("first_day"))
            }
            "day" => write!(out, "{}", day.day()),
            "day2" => write!(out, "{:02}", day.day()),
            "hour" => write!(out, "{}", time.hour()),
            "hour12" => write!(out, "{hour12}"),
            "hour24" => write!(out, "{:02}", time.hour()),
            "minute" => write!(out, "{:02}", time.minute()),
            "ampm" => out.write_str(self.pattern(if is_pm { "pm" } else { "am" })),
            other => write!(out, "{{{other}}}"),
        }
    }
}

/// Where the name of a month stands, which many languages inflect by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MonthForm {
    /// Behind a day: `18 grudnia 2016`.
    InDate,
    /// Alone or with a year: `grudzień 2016`.
    Standalone,
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
    use std::collections::BTreeSet;

    use super::*;

    fn languages() -> Locales {
        let mut locales = Locales::default();
        for (path, bytes) in crate::theme::built_in::FILES {
            let tag = path.strip_prefix("i18n/").and_then(|name| name.strip_suffix(".toml"));
            if let Some(tag) = tag {
                locales.add_built_in(tag, std::str::from_utf8(bytes).unwrap());
            }
        }
        locales
    }

    #[test]
    fn dates_are_written_as_readers_write_them() {
        let languages = languages();
        let evening = "2016-12-18T22:32:00+01:00";
        let date_time = |tag, date| languages.locale(tag).date_time(date).unwrap();
        let date = |tag, date, format| languages.locale(tag).date(date, format);
        assert_eq!(date_time("en", evening), "December 18, 2016 at 10:32\u{202f}pm");
        assert_eq!(date_time("de", evening), "18. Dezember 2016 um 22:32 Uhr");
        assert_eq!(date_time("en", "2016-12-18"), "December 18, 2016");
        assert_eq!(date("fr", "2016-05-01", "long").unwrap(), "1er mai 2016");
        assert_eq!(date("sv-FI", "2016-05", "month").unwrap(), "maj 2016");
        assert_eq!(date("xx", "2016-05-01", "%-d.%-m.%Y").unwrap(), "1.5.2016");
        assert!(date("en", "2016-05-01", "%Q").is_err());
        assert!(date("en", "soon", "long").is_err());
        assert!(date("en", "2016-05-01", "%Y %z").is_err());
    }

    /// The strings are those of `Intl.DateTimeFormat` with CLDR 48, but for narrow spaces, names of parts of the day and
    /// what language files replace.
    #[test]
    fn dates_are_those_of_unicode() {
        let languages = languages();
        for (tag, expected) in [
            ("ar", ["18 ديسمبر 2016 في 10:32 م", "1 مارس 2021", "مارس 2021", "الأحد"]),
            (
                "ca",
                ["18 de desembre del 2016, a les 22:32", "1 de març del 2021", "març del 2021", "diumenge"],
            ),
            ("cs", ["18. prosince 2016 v 22:32", "1. března 2021", "březen 2021", "neděle"]),
            ("da", ["18. december 2016 kl. 22.32", "1. marts 2021", "marts 2021", "søndag"]),
            ("de", ["18. Dezember 2016 um 22:32 Uhr", "1. März 2021", "März 2021", "Sonntag"]),
            (
                "el",
                ["18 Δεκεμβρίου 2016 στις 10:32\u{202f}μ.μ.", "1 Μαρτίου 2021", "Μάρτιος 2021", "Κυριακή"],
            ),
            ("en", ["December 18, 2016 at 10:32\u{202f}pm", "March 1, 2021", "March 2021", "Sunday"]),
            ("es", ["18 de diciembre de 2016, 22:32", "1 de marzo de 2021", "marzo de 2021", "domingo"]),
            ("fa", ["18 دسامبر 2016 ساعت 22:32", "1 مارس 2021", "مارس 2021", "یکشنبه"]),
            ("fi", ["18. joulukuuta 2016 klo 22.32", "1. maaliskuuta 2021", "maaliskuu 2021", "sunnuntai"]),
            ("fr", ["18 décembre 2016 à 22\u{a0}h\u{a0}32", "1er mars 2021", "mars 2021", "dimanche"]),
            ("he", ["18 בדצמבר 2016 בשעה 22:32", "1 במרץ 2021", "מרץ 2021", "יום ראשון"]),
            ("hi", ["18 दिसंबर 2016 को 10:32 pm बजे", "1 मार्च 2021", "मार्च 2021", "रविवार"]),
            ("hu", ["2016. december 18. 22:32", "2021. március 1.", "2021. március", "vasárnap"]),
            ("id", ["18 Desember 2016 pukul 22.32", "1 Maret 2021", "Maret 2021", "Minggu"]),
            ("it", ["18 dicembre 2016 alle ore 22:32", "1 marzo 2021", "marzo 2021", "domenica"]),
            ("ja", ["2016年12月18日 22:32", "2021年3月1日", "2021年3月", "日曜日"]),
            ("ko", ["2016년 12월 18일 오후 10:32", "2021년 3월 1일", "2021년 3월", "일요일"]),
            ("nl", ["18 december 2016 om 22:32", "1 maart 2021", "maart 2021", "zondag"]),
            ("no", ["18. desember 2016 kl. 22:32", "1. mars 2021", "mars 2021", "søndag"]),
            ("pl", ["18 grudnia 2016 22:32", "1 marca 2021", "marzec 2021", "niedziela"]),
            ("pt-PT", ["18 de dezembro de 2016 às 22:32", "1 de março de 2021", "março de 2021", "domingo"]),
            ("pt-BR", ["18 de dezembro de 2016 às 22:32", "1 de março de 2021", "março de 2021", "domingo"]),
            ("ro", ["18 decembrie 2016 la 22:32", "1 martie 2021", "martie 2021", "duminică"]),
            (
                "ru",
                [
                    "18 декабря 2016\u{202f}г. в 22:32",
                    "1 марта 2021\u{202f}г.",
                    "март 2021\u{202f}г.",
                    "воскресенье",
                ],
            ),
            ("sv", ["18 december 2016 kl. 22:32", "1 mars 2021", "mars 2021", "söndag"]),
            ("tr", ["18 Aralık 2016 22:32", "1 Mart 2021", "Mart 2021", "Pazar"]),
            (
                "uk",
                [
                    "18 грудня 2016\u{202f}р. о 22:32",
                    "1 березня 2021\u{202f}р.",
                    "березень 2021\u{202f}р.",
                    "неділя",
                ],
            ),
            ("vi", ["lúc 22:32 18 tháng 12, 2016", "1 tháng 3, 2021", "Tháng 3 năm 2021", "Chủ Nhật"]),
            ("zh", ["2016年12月18日 22:32", "2021年3月1日", "2021年3月", "星期日"]),
            ("zh-TW", ["2016年12月18日 下午10:32", "2021年3月1日", "2021年3月", "星期日"]),
        ] {
            let locale = languages.locale(tag);
            let shown = [
                locale.date_time("2016-12-18T22:32:00+01:00").unwrap(),
                locale.date("2021-03-01", "long").unwrap(),
                locale.date("2021-03", "month").unwrap(),
                locale.date("2016-12-18", "weekday").unwrap(),
            ];
            assert_eq!(shown, expected, "{tag}");
        }
    }

    #[test]
    fn months_have_two_forms_where_the_language_has() {
        let mut diagnostics = Vec::new();
        let patterns = "[dates]\nlong = '{day}. {month} {year}'\nmonth = '{month} {year}'\n";
        let mut locales = languages();
        for tag in ["pl", "ru", "uk", "cs", "hr", "lt", "el", "ca", "fi", "sk", "hy"] {
            locales.lay_over(tag, LocaleFile::parse(tag, patterns, &mut diagnostics));
        }
        let shown = |tag: &str| {
            let locale = locales.locale(tag);
            ["long", "month", "month_name"].map(|format| locale.date("2016-12-18", format).unwrap())
        };
        for (tag, expected) in [
            ("pl", ["18. grudnia 2016", "grudzień 2016", "grudzień"]),
            ("pl-PL", ["18. grudnia 2016", "grudzień 2016", "grudzień"]),
            ("ru", ["18. декабря 2016", "декабрь 2016", "декабрь"]),
            ("uk", ["18. грудня 2016", "грудень 2016", "грудень"]),
            ("cs", ["18. prosince 2016", "prosinec 2016", "prosinec"]),
            ("hr", ["18. prosinca 2016", "prosinac 2016", "prosinac"]),
            ("lt", ["18. gruodžio 2016", "gruodis 2016", "gruodis"]),
            ("el", ["18. Δεκεμβρίου 2016", "Δεκέμβριος 2016", "Δεκέμβριος"]),
            ("ca", ["18. de desembre 2016", "desembre 2016", "desembre"]),
            ("fi", ["18. joulukuuta 2016", "joulukuu 2016", "joulukuu"]),
            ("hy", ["18. դեկտեմբերի 2016", "դեկտեմբեր 2016", "դեկտեմբեր"]),
            ("sk", ["18. decembra 2016", "december 2016", "december"]),
            ("de", ["18. Dezember 2016", "Dezember 2016", "Dezember"]),
        ] {
            assert_eq!(shown(tag), expected, "{tag}");
        }
        assert_eq!(locales.locale("pl").date("2016-12", "long").unwrap(), "grudzień 2016");
        assert_eq!(locales.locale("pl").date("2016-12-18", "weekday").unwrap(), "niedziela");
        let mut own =
            |file: &str| LocaleFile::parse("i18n/pl.toml", &format!("{patterns}{file}"), &mut diagnostics);
        let list =
            |names: &str| names.split(' ').map(|name| format!("'{name}'")).collect::<Vec<_>>().join(",");
        let genitive = list("I II III IV V VI VII VIII IX X XI XII");
        let nominative = list("i ii iii iv v vi vii viii ix x xi xii");
        locales.lay_over("pl", own(&format!("months = [{genitive}]")));
        assert_eq!(locales.locale("pl").date("2016-12-18", "month").unwrap(), "XII 2016");
        locales.lay_over("pl", own(&format!("months = [{genitive}]\nmonths_standalone = [{nominative}]")));
        assert_eq!(locales.locale("pl").date("2016-12-18", "month").unwrap(), "xii 2016");
        assert_eq!(locales.locale("pl").date("2016-12-18", "long").unwrap(), "18. XII 2016");
        assert_eq!(diagnostics, []);
    }

    #[test]
    fn tags_inherit_as_locales_do() {
        for (tag, tags) in [
            ("pt-BR", "pt pt-br"),
            ("zh-TW", "zh zh-hant zh-tw"),
            ("zh-Hant-HK", "zh zh-hant zh-hk zh-hant-hk"),
            ("zh-Hans", "zh zh-hans"),
            ("nb-NO", "no nb nb-no"),
            ("nn", "no nn"),
            ("es-MX", "es es-419 es-mx"),
            ("iw-IL", "he he-il"),
            ("no tag", "no tag"),
        ] {
            assert_eq!(tags_of(tag).join(" "), tags, "{tag}");
        }
    }

    #[test]
    fn files_of_words_have_dates_and_pages_without_a_file_english_ones() {
        let mut diagnostics = Vec::new();
        let mut locales = languages();
        let evening = "2016-12-18T22:32:00+01:00";
        let shown = |locales: &Locales, tag: &str| locales.locale(tag).date_time(evening).unwrap();
        assert_eq!(shown(&locales, "hr"), shown(&locales, "en"));
        assert_eq!(shown(&locales, "en-GB"), "18 December 2016 at 22:32");
        let words = "[words]\nhome = 'Naslovnica'\n";
        locales.lay_over("hr", LocaleFile::parse("hr", words, &mut diagnostics));
        assert_eq!(shown(&locales, "hr"), "18. prosinca 2016. u 22:32");
        assert_eq!(locales.locale("hr").date("2016-12", "month").unwrap(), "prosinac 2016.");
        let time = "[dates]\ntime = '{hour}.{minute} h'\n";
        locales.lay_over("hr", LocaleFile::parse("hr", time, &mut diagnostics));
        assert_eq!(shown(&locales, "hr"), "18. prosinca 2016. u 22.32 h");
        assert_eq!(diagnostics, []);
    }

    /// The forms that whole numbers have in a language, each with how many numbers from one on have it.
    fn forms_of(tag: &str) -> BTreeMap<&'static str, usize> {
        let mut forms = BTreeMap::from([(plural_form(tag, 0), 0)]);
        for number in 1..=200 {
            *forms.entry(plural_form(tag, number)).or_default() += 1;
        }
        forms
    }

    fn places_of(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(place, _)| place).collect()
    }

    #[test]
    fn every_language_has_every_word() {
        let languages = languages();
        let english = languages.file("en").unwrap();
        let keys: Vec<_> = english.words.keys().collect();
        assert!(languages.0.len() >= 30);
        for (tag, language) in &languages.0 {
            let mut diagnostics = Vec::new();
            let file = LocaleFile::parse(tag, language.built_in.as_ref().unwrap(), &mut diagnostics);
            assert_eq!(diagnostics, [], "{tag}");
            assert_eq!(file.words.keys().collect::<Vec<_>>(), keys, "{tag}");
        }
    }

    #[test]
    fn every_language_has_every_plural_and_every_place() {
        let languages = languages();
        let english = languages.file("en").unwrap();
        for (tag, language) in &languages.0 {
            let plurals = forms_of(tag);
            for (key, forms) in &language.file().words {
                let expected = places_of(&english.words[key][OTHER]);
                let has_number = expected.contains("n") && plurals.len() > 1;
                for (form, text) in forms {
                    // "One response" needs no figure, where no other number is "one".
                    let is_named =
                        expected.len() == 1 && plurals.get(form.as_str()).is_some_and(|&count| count <= 1);
                    assert!(places_of(text) == expected || is_named && has_number, "{tag}: {key}: {text}");
                    assert!(form == OTHER || plurals.contains_key(form.as_str()), "{tag}: {key}: {form}");
                }
                if forms.len() > 1 {
                    let missing: Vec<_> = plurals.keys().filter(|form| !forms.contains_key(**form)).collect();
                    assert_eq!(missing, Vec::<&&str>::new(), "{tag}: {key}");
                }
            }
        }
    }

    #[test]
    fn words_have_the_plural_of_their_language() {
        let languages = languages();
        assert_eq!(languages.locale("en").word("responses", Some(1)), Some("{n} response"));
        assert_eq!(languages.locale("en-GB").word("responses", Some(2)), Some("{n} responses"));
        assert_eq!(languages.locale("pt").word("posts", Some(0)), Some("{n} artigo"));
        assert_eq!(languages.locale("pt-PT").word("posts", Some(0)), Some("{n} artigos"));
        assert_eq!(languages.locale("pt-PT").word("posts", Some(1)), Some("{n} artigo"));
        assert_eq!(languages.locale("xx").word("responses", Some(0)), Some("{n} responses"));
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
