//! The names of months and weekdays in the language of a page, and the order of its dates in figures.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use deunicode::deunicode;
use parking_lot::RwLock;
use pure_rust_locales::{Locale, locale_match};

/// Which of day and month stands first where a date is written in figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DayOrder {
    /// `4/3/2026` is in March.
    DayFirst,
    /// `4/3/2026` is in April.
    MonthFirst,
    /// Its readers write it both ways, as those of English do.
    Either,
}

/// The names of months and weekdays as a page shows them.
#[derive(Debug)]
pub(crate) struct CalendarNames {
    /// Within a date: `18 grudnia 2016`.
    pub(crate) months: Vec<String>,
    /// Alone or with a year: `grudzień 2016`.
    pub(crate) months_standalone: Vec<String>,
    pub(crate) months_short: Vec<String>,
    /// From Monday on.
    pub(crate) weekdays: Vec<String>,
    pub(crate) weekdays_short: Vec<String>,
}

impl CalendarNames {
    /// The names of a language by its tag, in its region if that has its own. `None` if there is no data for it.
    pub(crate) fn of(language: &str) -> Option<Arc<Self>> {
        static KEPT: LazyLock<RwLock<HashMap<String, Option<Arc<CalendarNames>>>>> =
            LazyLock::new(RwLock::default);
        let kept = KEPT.read().get(language).cloned();
        kept.unwrap_or_else(|| {
            let names = main_locale_of(language).map(|locale| Arc::new(Self::from(locale)));
            KEPT.write().entry(language.to_owned()).or_insert(names).clone()
        })
    }

    fn from(locale: Locale) -> Self {
        let months = locale_match!(locale => LC_TIME::MON);
        // The data has one list for Finnish, whose dates have the partitive: `18. joulukuuta`.
        let ending = if locale == Locale::fi_FI { "ta" } else { "" };
        let standalone = locale_match!(locale => LC_TIME::ALT_MON).unwrap_or(months);
        Self {
            months: months.iter().map(|name| format!("{name}{ending}")).collect(),
            months_standalone: owned(standalone),
            months_short: owned(locale_match!(locale => LC_TIME::ABMON)),
            weekdays: from_monday(locale_match!(locale => LC_TIME::DAY)),
            weekdays_short: from_monday(locale_match!(locale => LC_TIME::ABDAY)),
        }
    }
}

/// What speakers of a language call it: `Deutsch`. Its tag if there is no data for it.
pub(crate) fn language_name(tag: &str) -> String {
    let name = main_locale_of(tag).and_then(|locale| locale_match!(locale => LC_ADDRESS::LANG_NAME));
    name.unwrap_or(tag).to_owned()
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// The data has weeks that begin on Sunday.
fn from_monday(names: &[&str]) -> Vec<String> {
    let mut names = owned(names);
    names.rotate_left(1);
    names
}

/// What one language calls months and weekdays.
#[derive(Debug)]
pub(super) struct DateNames {
    /// Each name in its folded form, with its month.
    months: Vec<(String, u32)>,
    weekdays: Vec<String>,
    /// The order of day and month in figures.
    pub(super) order: DayOrder,
    is_english: bool,
}

/// A name without case, accents and the stop of an abbreviation.
pub(super) fn folded(name: &str) -> String {
    if name.is_ascii() {
        return name.trim_matches([' ', '.', ',', '\'']).to_ascii_lowercase();
    }
    deunicode(&name.to_lowercase()).to_lowercase().trim_matches([' ', '.', ',', '\'']).to_owned()
}

impl DateNames {
    /// The names of a language by its tag; those of English if there is no data for it. Kept, as each post of a site asks.
    pub(super) fn of(language: &str) -> Arc<Self> {
        static KEPT: LazyLock<RwLock<HashMap<String, Arc<DateNames>>>> = LazyLock::new(RwLock::default);
        let kept = KEPT.read().get(language).cloned();
        kept.unwrap_or_else(|| {
            let names = Arc::new(Self::collected(language));
            let mut all = KEPT.write();
            all.entry(language.to_owned()).or_insert(names).clone()
        })
    }

    fn collected(language: &str) -> Self {
        let mut locales = locales_of(language);
        if locales.is_empty() {
            locales = locales_of("en");
        }
        let mut names = Self {
            months: Vec::new(),
            weekdays: Vec::new(),
            order: order_of(language, &locales),
            is_english: language.split('-').next() == Some("en"),
        };
        for locale in &locales {
            names.add(*locale);
        }
        names
    }

    fn add(&mut self, locale: Locale) {
        let lists = [
            Some(locale_match!(locale => LC_TIME::MON)),
            Some(locale_match!(locale => LC_TIME::ABMON)),
            locale_match!(locale => LC_TIME::ALT_MON),
            locale_match!(locale => LC_TIME::AB_ALT_MON),
        ];
        for list in lists.into_iter().flatten() {
            for (month, name) in (1..).zip(list) {
                // Catalan has the preposition in its genitive: `de març`, `d’abril`.
                let name = name.trim_start_matches("de ").trim_start_matches("d’");
                let entry = (folded(name), month);
                if entry.0.contains(|c: char| c.is_alphabetic()) && !self.months.contains(&entry) {
                    self.months.push(entry);
                }
            }
        }
        for list in [locale_match!(locale => LC_TIME::DAY), locale_match!(locale => LC_TIME::ABDAY)] {
            self.weekdays.extend(list.iter().map(|name| folded(name)));
        }
    }

    /// The month of a folded name: whole, or abbreviated to at least three letters that no other month begins with.
    pub(super) fn month(&self, name: &str) -> Option<u32> {
        let named = self.months.iter().find(|(known, _)| known == name).map(|&(_, month)| month);
        named.or_else(|| {
            let is_long_enough = name.chars().nth(2).is_some();
            self.only(|known| is_long_enough && known.starts_with(name))
        })
    }

    /// The month of an inflected name, where day and year around it leave no doubt that it is one: `maaliskuuta` for
    /// `maaliskuu`, `septembra` for `september`. The data has the genitive of some languages and not of others.
    pub(super) fn inflected_month(&self, name: &str) -> Option<u32> {
        self.only(|known| {
            let common = known.bytes().zip(name.bytes()).take_while(|(a, b)| a == b).count();
            let longer = known.len().max(name.len());
            !self.is_english && common >= 3 && common + 2 >= longer
        })
    }

    fn only(&self, fits: impl Fn(&str) -> bool) -> Option<u32> {
        let mut months = self.months.iter().filter(|(known, _)| fits(known)).map(|&(_, month)| month);
        let month = months.next()?;
        months.all(|other| other == month).then_some(month)
    }

    /// Whether a folded word is a weekday.
    pub(super) fn is_weekday(&self, word: &str) -> bool {
        self.weekdays.iter().any(|known| known == word)
    }

    /// The month whose name a misspelt word comes nearest to.
    pub(super) fn nearest_month(&self, word: &str) -> Option<u32> {
        let names = self.months.iter().map(|(name, _)| name.as_str()).filter(|name| name.len() > 3);
        self.month(crate::nearest_name::nearest(word, names)?)
    }
}

/// Two letters of a region, and what distinguishes locales of one region.
const VARIANTS: [&str; 3] = ["", "@latin", "@cyrillic"];

/// The locale of a tag's region, else of the country that the language has its name from, else any of the language.
fn main_locale_of(language: &str) -> Option<Locale> {
    let locales = locales_of(language);
    let primary = language.split('-').next().unwrap_or_default().to_uppercase();
    let region = language.split('-').skip(1).find(|subtag| subtag.len() == 2).map(str::to_uppercase);
    let of_region = |region: &str| {
        locales.iter().copied().find(|locale| format!("{locale:?}").ends_with(&format!("_{region}")))
    };
    region.and_then(|region| of_region(&region)).or_else(|| of_region(&primary)).or(locales.first().copied())
}

/// All locales of a language. The data names them and does not list them, so that all regions are tried.
fn locales_of(language: &str) -> Vec<Locale> {
    let primary = match language.split('-').next().unwrap_or_default().to_lowercase().as_str() {
        "no" => "nb".to_owned(),
        "iw" => "he".to_owned(),
        other => other.to_owned(),
    };
    let mut locales = Vec::new();
    for first in 'A'..='Z' {
        for second in 'A'..='Z' {
            for variant in VARIANTS {
                let name = format!("{primary}_{first}{second}{variant}");
                locales.extend(Locale::try_from(name.as_str()));
            }
        }
    }
    locales
}

/// The order of day and month in the region of a tag; without one, the order that all regions of the language share.
fn order_of(language: &str, locales: &[Locale]) -> DayOrder {
    let region = language.split('-').skip(1).find(|subtag| subtag.len() == 2);
    let own = region.map(|region| format!("_{}", region.to_uppercase()));
    let of_region: Vec<Locale> = locales
        .iter()
        .filter(|locale| own.as_deref().is_some_and(|own| format!("{locale:?}").contains(own)))
        .copied()
        .collect();
    let of_region = if of_region.is_empty() { locales } else { &of_region };
    let mut orders = of_region.iter().filter_map(|locale| puts_month_first(*locale));
    match orders.next() {
        Some(first) if orders.any(|other| other != first) => DayOrder::Either,
        Some(true) => DayOrder::MonthFirst,
        Some(false) => DayOrder::DayFirst,
        None => DayOrder::DayFirst,
    }
}

/// Whether a locale writes the month before the day; `None` if its format does not tell.
fn puts_month_first(locale: Locale) -> Option<bool> {
    let format = locale_match!(locale => LC_TIME::D_FMT);
    // A format that begins with the year says nothing of the order in which the year comes last.
    if format.starts_with("%Y") || format.starts_with("%O") {
        return None;
    }
    let month = format.find("%m").or_else(|| format.find("%-m"))?;
    let day = format.find("%d").or_else(|| format.find("%-d"))?;
    Some(month < day)
}
