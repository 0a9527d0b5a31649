//! Finds dates in running text, as people write them in the language of a page.
//!
//! In words (`4. März 2026`, `March 4, 2026 at 10:32 pm`, `del 4 de marzo de 2026`), in figures (`04.03.2026`,
//! `2026/03/04`, `2026年3月4日`), as ISO 8601, as months and years, and as spans of days. English is read beside
//! the language of the page.

use std::ops::Range;
use std::sync::Arc;

use chrono::{FixedOffset, NaiveDate, NaiveTime};

use super::names::{DateNames, DayOrder, folded};

/// Reads dates in one language, and in English.
#[derive(Debug, Clone)]
pub struct DateReader {
    names: [Arc<DateNames>; 2],
    /// The primary subtag of the language, in lower case.
    language: String,
}

/// What a date says, as precisely as it says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateReading {
    /// 1000 to 2399 in running text; 1 to 9999 in ISO 8601.
    pub year: i32,
    /// 1 to 12.
    pub month: Option<u32>,
    /// 1 to 31; there is none without a month.
    pub day: Option<u32>,
    /// The time of day.
    pub clock: Option<NaiveTime>,
    /// The offset from UTC, behind a time.
    pub offset: Option<FixedOffset>,
    /// Whether the time is a leap second (`23:59:60`), which is read as the second before it.
    pub is_leap_second: bool,
}

/// How a date is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateForm {
    /// All in figures, with signs between them.
    Figures,
    /// With the name of a month.
    Words,
    /// From one day, month or year to another; the reading is of the first.
    Span,
    /// Four figures that can be a year.
    Year,
}

/// Why what looks like a date is not read as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DateDoubt {
    /// What is wrong, to stand behind the date in backticks: `is not a date: there is no month 13`.
    pub message: String,
    /// How to write it instead, as far as that can be guessed.
    pub mended: Vec<String>,
}

/// A date in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundDate {
    /// Its bytes in the text, with the time.
    pub range: Range<usize>,
    /// The bytes of the day, month or year; all of it where the time follows without a space (`2026-03-04T10:32Z`).
    pub day: Range<usize>,
    /// What it says, or why that is not known.
    pub reading: Result<DateReading, DateDoubt>,
    pub form: DateForm,
}

impl DateReading {
    fn of_day(year: i32, month: Option<u32>, day: Option<u32>) -> Self {
        Self { year, month, day, clock: None, offset: None, is_leap_second: false }
    }

    /// The whole day, if it is one.
    pub fn whole_day(&self) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(self.year, self.month?, self.day?)
    }

    /// ISO 8601: `2026`, `2026-03`, `2026-03-04`; RFC 3339 if it has a time and an offset. A time without one is
    /// left out, as it says no moment.
    pub fn iso(&self) -> String {
        let Some(day) = self.whole_day() else {
            return match self.month {
                Some(month) => format!("{:04}-{month:02}", self.year),
                None => format!("{:04}", self.year),
            };
        };
        let moment = self
            .clock
            .zip(self.offset)
            .and_then(|(clock, offset)| day.and_time(clock).and_local_timezone(offset).single());
        moment.map_or_else(
            || day.to_string(),
            |moment| moment.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        )
    }
}

impl DateReader {
    /// A reader of dates in the language of a BCP 47 tag.
    pub fn of(language: &str) -> Self {
        let primary = language.split(['-', '_']).next().unwrap_or_default().to_lowercase();
        Self { names: [DateNames::of(language), DateNames::of("en")], language: primary }
    }

    /// The primary subtag of the language (RFC 5646, section 2.2.1), in lower case.
    pub fn language(&self) -> &str {
        &self.language
    }

    /// All dates in a text, in order.
    pub fn find(&self, text: &str) -> Vec<FoundDate> {
        // Every date has a figure in it.
        if !text.chars().any(|c| figure(c).is_some()) {
            return Vec::new();
        }
        let scan = DateScan { reader: self, tokens: tokens(text) };
        let mut found = Vec::new();
        let mut at = 0;
        while at < scan.tokens.len() {
            match scan.date_at(at) {
                Some(match_) => {
                    let start = scan.tokens[at].range.start;
                    let range = start..scan.tokens[match_.next - 1].range.end;
                    let day = start..scan.tokens[match_.day_end - 1].range.end;
                    at = match_.next;
                    found.push(FoundDate { range, day, reading: match_.reading, form: match_.form });
                }
                None => at += 1,
            }
        }
        found
    }

    /// Reads a text that is one date and nothing else but its weekday and small words.
    pub fn read(&self, text: &str) -> Result<DateReading, DateDoubt> {
        if let Some(reading) = basic_format(text) {
            return Ok(reading);
        }
        let found = self.find(text);
        let [date] = found.as_slice() else { return Err(self.doubt_of(text)) };
        let around = [&text[..date.range.start], &text[date.range.end..]];
        let bare =
            around.iter().flat_map(|part| part.split([' ', ',', '.', '(', ')', '\u{a0}'])).map(folded).all(
                |word| word.is_empty() || self.is_weekday(&word) || SMALL_WORDS.contains(&word.as_str()),
            );
        match (&date.reading, date.form) {
            (_, DateForm::Span) => Err(DateDoubt {
                message: "is more than one day".to_owned(),
                mended: date.reading.iter().map(DateReading::iso).collect(),
            }),
            (Ok(reading), _) if bare => Ok(*reading),
            (Ok(reading), _) => {
                let mut doubt = self.doubt_of(text);
                if doubt.mended.is_empty() && reading.day.is_some() {
                    doubt.mended.push(reading.iso());
                }
                Err(doubt)
            }
            (Err(doubt), _) => Err(doubt.clone()),
        }
    }

    /// Whether a word is a weekday of one of the languages.
    pub fn is_weekday(&self, word: &str) -> bool {
        let word = folded(word);
        self.names.iter().any(|names| names.is_weekday(&word))
    }

    /// Whether a word is a weekday of this language or one that dates are often written in.
    pub fn is_weekday_of_any(&self, word: &str) -> bool {
        self.is_weekday(word) || OFTEN_MEANT.iter().any(|language| Self::of(language).is_weekday(word))
    }

    fn month(&self, name: &str) -> Option<u32> {
        self.names.iter().find_map(|names| names.month(name))
    }

    /// What a text that holds no date may have been meant as: its month in another language, or misspelt.
    fn doubt_of(&self, text: &str) -> DateDoubt {
        if let Some(moment) = seconds_since_1970(text) {
            return DateDoubt { message: "is not a date".to_owned(), mended: vec![moment] };
        }
        let in_others = OFTEN_MEANT.iter().find_map(|language| {
            let found = Self::of(language).find(text);
            let [FoundDate { reading: Ok(reading), form: DateForm::Words, .. }] = found.as_slice() else {
                return None;
            };
            Some(reading.iso())
        });
        let mended = in_others.or_else(|| {
            let mut words: Vec<String> = Vec::new();
            for word in text.split_whitespace() {
                let name = folded(word);
                let nearest = (name.chars().count() > 3)
                    .then(|| self.names.iter().find_map(|names| names.nearest_month(&name)));
                words.push(match nearest.flatten() {
                    Some(month) => ENGLISH_MONTHS[month as usize - 1].to_owned(),
                    None => word.to_owned(),
                });
            }
            let found = self.find(&words.join(" "));
            found.first()?.reading.as_ref().ok().filter(|reading| reading.day.is_some()).map(DateReading::iso)
        });
        DateDoubt { message: "is not a date".to_owned(), mended: mended.into_iter().collect() }
    }
}

/// `20161218`: the basic format of ISO 8601 (section 5.2.2.1), where it is all of a text.
fn basic_format(text: &str) -> Option<DateReading> {
    let is_whole = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    let year: u32 = text.get(..4).filter(|_| is_whole)?.parse().ok()?;
    let (month, day) = (text[4..6].parse().ok()?, text[6..].parse().ok()?);
    checked(year, Some(month), Some(day)).ok().filter(|_| is_likely_year(year))
}

/// The moment that a number of seconds or milliseconds since 1970 is, as programs write it.
fn seconds_since_1970(text: &str) -> Option<String> {
    let number: i64 = text.parse().ok()?;
    let seconds = match text.len() {
        9 | 10 => number,
        12 | 13 => number / 1000,
        _ => return None,
    };
    let moment = chrono::DateTime::from_timestamp(seconds, 0)?;
    Some(moment.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
}

const ENGLISH_MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Languages in which a date is looked for that the page's own language does not have.
const OFTEN_MEANT: [&str; 8] = ["de", "fr", "es", "sv", "it", "pt", "nl", "pl"];

/// Words that may stand around a whole date, in their folded forms.
const SMALL_WORDS: [&str; 16] =
    ["on", "the", "at", "am", "den", "der", "dem", "vom", "le", "el", "il", "del", "dia", "kl", "uhr", "of"];

/// Words between day, month and year: `4th of March`, `4 de marzo de 2026`, `2026 m. kovo 4 d.`.
const BETWEEN: [&str; 9] = ["of", "de", "del", "d", "den", "gada", "m", "mese", "i"];

/// Abbreviations of "year" behind it: `2026 r.`, `2026 г.`.
const YEAR_SIGNS: [&str; 6] = ["r", "g", "rr", "roku", "goda", "god"];

/// Words between a date and its time, folded: `at 10:32 pm`, `um 22:32 Uhr`, `kl. 22.32`, `godz. 10:32`, `lúc 10:32`.
const BEFORE_TIME: [&str; 29] = [
    "at", "um", "a", "las", "les", "kl", "alle", "om", "o", "ore", "ora", "klo", "kello", "t", "as", "v",
    "ve", "u", "w", "godz", "godzina", "saat", "luc", "pukul", "jam", "stis", "about", "gegen", "vers",
];

/// Those of them behind which a number is an hour.
const BEFORE_HOURS: [&str; 10] = ["kl", "klo", "kello", "ore", "ora", "las", "les", "godz", "pukul", "jam"];

/// Words behind an hour, folded.
const HOUR_SIGNS: [&str; 10] = ["uhr", "h", "hrs", "heures", "horas", "uur", "hodin", "ch", "ora", "orakor"];

/// Words before an hour of East Asia, and whether they name the second half of the day: `午後3時`, `오후 3시`.
const EAST_ASIAN_HALVES: [(&str, bool); 6] =
    [("午前", false), ("午後", true), ("上午", false), ("下午", true), ("오전", false), ("오후", true)];

/// Names of zones that are read in capitals and small letters, with their hours from UTC: those of RFC 2822, section 4.3, the
/// other name of UTC (RFC 3339, section 5.6), and the zones of Central Europe.
const STANDARD_ZONES: [(&str, i32); 14] = [
    ("z", 0),
    ("ut", 0),
    ("utc", 0),
    ("gmt", 0),
    ("edt", -4),
    ("est", -5),
    ("cdt", -5),
    ("cst", -6),
    ("mdt", -6),
    ("mst", -7),
    ("pdt", -7),
    ("pst", -8),
    ("cet", 1),
    ("cest", 2),
];

/// Other names of zones behind a time, which are read in capitals alone, folded, with their hours from UTC; without where
/// several zones have one name.
const ZONES: [(&str, Option<i32>); 30] = [
    ("et", None),
    ("ct", None),
    ("mt", None),
    ("pt", None),
    ("ist", None),
    ("ast", None),
    ("bst", Some(1)),
    ("mez", Some(1)),
    ("mesz", Some(2)),
    ("wet", Some(0)),
    ("west", Some(1)),
    ("eet", Some(2)),
    ("eest", Some(3)),
    ("msk", Some(3)),
    ("trt", Some(3)),
    ("wib", Some(7)),
    ("ict", Some(7)),
    ("sgt", Some(8)),
    ("hkt", Some(8)),
    ("awst", Some(8)),
    ("jst", Some(9)),
    ("kst", Some(9)),
    ("aest", Some(10)),
    ("aedt", Some(11)),
    ("nzst", Some(12)),
    ("nzdt", Some(13)),
    ("brt", Some(-3)),
    ("akst", Some(-9)),
    ("akdt", Some(-8)),
    ("hst", Some(-10)),
];

/// The months of the Solar Hijri calendar, from the spring equinox on.
const PERSIAN_MONTHS: [&str; 12] =
    ["فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"];

/// Words between the ends of a span.
const SPAN_WORDS: [&str; 12] =
    ["to", "and", "until", "till", "bis", "und", "au", "et", "al", "y", "och", "a"];

/// A text cut into figures, words and marks.
#[derive(Debug)]
struct Token {
    range: Range<usize>,
    kind: TokenKind,
    /// Whether white space stands before it.
    is_spaced: bool,
    /// Whether it is a word in capitals.
    is_capitals: bool,
}

#[derive(Debug)]
enum TokenKind {
    /// Its value, and how many figures it has.
    Number { value: u32, figures: usize },
    /// A word in its folded form.
    Word(String),
    /// Any other character, and the signs for year, month and day of East Asia.
    Mark(char),
}

/// The value of a decimal figure of any script that dates are written in.
fn figure(c: char) -> Option<u32> {
    if c.is_ascii() {
        return c.to_digit(10);
    }
    const ZEROS: [char; 7] = ['\u{660}', '\u{6f0}', '\u{966}', '\u{9e6}', '\u{e50}', '\u{ae6}', '\u{ff10}'];
    ZEROS.iter().find_map(|&zero| (c as u32).checked_sub(zero as u32).filter(|value| *value < 10))
}

/// Characters that are a token each, though letters: they follow figures without a space.
fn is_east_asian_sign(c: char) -> bool {
    matches!(
        c,
        '年' | '月'
            | '日'
            | '년'
            | '월'
            | '일'
            | '時'
            | '时'
            | '點'
            | '点'
            | '시'
            | '分'
            | '분'
            | '秒'
            | '초'
    )
}

fn is_word_char(c: char) -> bool {
    // Marks of Indian and other scripts belong to the letter before them.
    let is_other_letter = !c.is_ascii() && !c.is_whitespace() && unicode_normal_mark(c);
    (c.is_alphabetic() || is_other_letter) && !is_east_asian_sign(c) && figure(c).is_none()
}

/// Whether a character is a combining mark of the blocks that names of months are written in.
fn unicode_normal_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5c7}' | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{900}'..='\u{963}' | '\u{970}'..='\u{ddf}' | '\u{e31}'..='\u{e4e}')
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut is_spaced = true;
    let mut chars = text.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        if c.is_whitespace() {
            is_spaced = true;
            continue;
        }
        let mut end = start + c.len_utf8();
        let kind = if let Some(mut value) = figure(c) {
            let mut figures = 1;
            while let Some(&(at, next)) = chars.peek()
                && let Some(digit) = figure(next)
            {
                value = value.saturating_mul(10).saturating_add(digit);
                figures += 1;
                end = at + next.len_utf8();
                chars.next();
            }
            TokenKind::Number { value, figures }
        } else if is_word_char(c) {
            while let Some(&(at, next)) = chars.peek()
                && is_word_char(next)
            {
                end = at + next.len_utf8();
                chars.next();
            }
            TokenKind::Word(folded(&text[start..end]))
        } else {
            TokenKind::Mark(c)
        };
        let is_capitals = text[start..end].chars().all(char::is_uppercase);
        tokens.push(Token { range: start..end, kind, is_spaced, is_capitals });
        is_spaced = false;
    }
    tokens
}

/// A date that was found at a token, and the token behind it.
struct DateMatch {
    reading: Result<DateReading, DateDoubt>,
    form: DateForm,
    next: usize,
}

/// A date with its time.
struct TimedMatch {
    reading: Result<DateReading, DateDoubt>,
    form: DateForm,
    /// The token behind the day.
    day_end: usize,
    /// The token behind the time.
    next: usize,
}

/// A part of a date: its value and the token behind it.
#[derive(Clone, Copy)]
struct DatePart {
    value: u32,
    next: usize,
    is_span: bool,
}

struct DateScan<'r> {
    reader: &'r DateReader,
    tokens: Vec<Token>,
}

impl DateScan<'_> {
    fn date_at(&self, at: usize) -> Option<TimedMatch> {
        // Not within a number such as `1.2026` or a name such as `A4`.
        let stands_alone = at == 0
            || self.tokens[at].is_spaced
            || matches!(self.tokens[at - 1].kind, TokenKind::Mark(c) if !matches!(c, '/' | '-' | '_' | '.' | '#' | '$' | '€' | '£' | '='))
            || self.follows_part_of_a_year(at);
        if !stands_alone {
            return None;
        }
        let found = self
            .persian(at)
            .or_else(|| self.east_asian(at))
            .or_else(|| self.in_figures(at))
            .or_else(|| self.vietnamese(at))
            .or_else(|| self.in_words(at))
            .or_else(|| self.year_alone(at))?;
        let day_end = found.next;
        let found = self.with_time(found);
        let is_apart = self.tokens.get(day_end).is_none_or(|token| token.is_spaced)
            || self.is_mark(day_end, &[',', '،', '、', '，', '(', '（'])
            || (self.kind(day_end).is_some() && self.is_mark(day_end - 1, &['日', '일']));
        Some(TimedMatch {
            day_end: if is_apart { day_end } else { found.next },
            reading: found.reading,
            form: found.form,
            next: found.next,
        })
    }

    /// Whether a token stands behind the first half of a word such as `mid-March` or `mid-2026`.
    fn follows_part_of_a_year(&self, at: usize) -> bool {
        const PARTS: [&str; 5] = ["mid", "mi", "early", "late", "medio"];
        at > 1
            && self.is_mark(at - 1, &['-', '‐', '‑'])
            && self.is_tight(at - 1)
            && self.word(at - 2).is_some_and(|word| PARTS.contains(&word))
    }

    fn kind(&self, at: usize) -> Option<&TokenKind> {
        self.tokens.get(at).map(|token| &token.kind)
    }

    fn number(&self, at: usize, widths: std::ops::RangeInclusive<usize>) -> Option<u32> {
        match self.kind(at)? {
            TokenKind::Number { value, figures } if widths.contains(figures) => Some(*value),
            _ => None,
        }
    }

    fn word(&self, at: usize) -> Option<&str> {
        match self.kind(at)? {
            TokenKind::Word(word) => Some(word),
            _ => None,
        }
    }

    fn is_mark(&self, at: usize, marks: &[char]) -> bool {
        matches!(self.kind(at), Some(TokenKind::Mark(c)) if marks.contains(c))
    }

    fn is_tight(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| !token.is_spaced)
    }

    /// Whether nothing that belongs to a number or word follows without a space.
    fn ends(&self, next: usize) -> bool {
        match self.tokens.get(next) {
            None => true,
            Some(token) if token.is_spaced => true,
            Some(Token { kind: TokenKind::Mark(c), .. }) => {
                let continues = matches!(c, '/' | '-' | '_' | '.')
                    && self.is_tight(next + 1)
                    && !matches!(self.kind(next + 1), Some(TokenKind::Mark(_)));
                !continues
            }
            Some(_) => false,
        }
    }

    /// `2026年3月4日`, `2026년 3월 4일`, and what is less of it.
    fn east_asian(&self, at: usize) -> Option<DateMatch> {
        if let Some(found) = self.in_era(at) {
            return Some(found);
        }
        let year = self.number(at, 4..=4).filter(|_| self.is_mark(at + 1, &['年', '년']))?;
        let month = self.number(at + 2, 1..=2).filter(|_| self.is_mark(at + 3, &['月', '월']));
        let day = month.and(self.number(at + 4, 1..=2)).filter(|_| self.is_mark(at + 5, &['日', '일']));
        let next = at + 2 + 2 * (usize::from(month.is_some()) + usize::from(day.is_some()));
        Some(DateMatch { reading: checked(year, month, day), form: DateForm::Figures, next })
    }

    /// `۱۳ اسفند ۱۴۰۴`, `۱۴۰۴/۱۲/۱۳`: a day of the Solar Hijri calendar, on a Persian page.
    fn persian(&self, at: usize) -> Option<DateMatch> {
        if self.reader.language != "fa" {
            return None;
        }
        let first = self.number(at, 1..=4)?;
        let in_words = self.word(at + 1).and_then(|name| {
            let month = PERSIAN_MONTHS.iter().position(|month| folded(month) == name)?;
            Some((self.number(at + 2, 4..=4)?, u8::try_from(month + 1).ok()?, first, at + 3))
        });
        let is_sign = |at| self.is_mark(at, &['/', '-', '٫']) && self.is_tight(at) && self.is_tight(at + 1);
        let (year, month, day, next) = in_words.or_else(|| {
            let (month, day) = (self.number(at + 2, 1..=2)?, self.number(at + 4, 1..=2)?);
            let is_date = is_sign(at + 1) && is_sign(at + 3) && self.ends(at + 5);
            is_date.then_some((first, u8::try_from(month).ok()?, day, at + 5))
        })?;
        if !is_hijri_year(year) {
            return None;
        }
        let (year, day) = (i32::try_from(year).ok()?, u8::try_from(day).ok()?);
        let date = icu_calendar::Date::try_new_persian(year, month, day).ok()?.to_calendar(icu_calendar::Iso);
        let reading = checked(
            u32::try_from(date.year().extended_year()).ok()?,
            Some(u32::from(date.month().ordinal)),
            Some(u32::from(date.day_of_month().0)),
        );
        Some(DateMatch { reading, form: DateForm::Words, next })
    }

    /// `4 tháng 3 năm 2026`, `tháng 3 năm 2026`, whose months have numbers.
    fn vietnamese(&self, at: usize) -> Option<DateMatch> {
        if self.reader.language != "vi" {
            return None;
        }
        let day = self.number(at, 1..=2);
        let month_at = at + usize::from(day.is_some());
        let month = self.number(month_at + 1, 1..=2).filter(|_| self.word(month_at) == Some("thang"))?;
        let between = self.comma_skipped(month_at + 2);
        let year = self.year(between + usize::from(self.word(between) == Some("nam")))?;
        let reading = checked(year.value, Some(month), day);
        Some(DateMatch { reading, form: DateForm::Words, next: year.next })
    }

    /// The year of the Gregorian calendar that four figures are on a page in this language. Years of the Islamic calendars
    /// begin within one, and are none.
    fn gregorian_year(&self, figures: u32) -> Option<u32> {
        match self.reader.language.as_str() {
            // The Buddhist era.
            "th" if (2400..2700).contains(&figures) => Some(figures - 543),
            "ar" | "fa" | "ur" | "ps" if is_hijri_year(figures) => None,
            _ => Some(figures).filter(|&year| is_likely_year(year)),
        }
    }

    /// `令和8年3月4日`, `民國115年3月4日`: a year of an era.
    fn in_era(&self, at: usize) -> Option<DateMatch> {
        // The year before the first of each.
        const ERAS: [(&str, u32); 7] = [
            ("令和", 2018),
            ("平成", 1988),
            ("昭和", 1925),
            ("大正", 1911),
            ("明治", 1867),
            ("民國", 1911),
            ("民国", 1911),
        ];
        let year = self.number(at + 1, 1..=3).filter(|_| self.is_mark(at + 2, &['年']))?;
        let word = self.word(at)?;
        let &(_, before) = ERAS.iter().find(|(era, _)| folded(era) == word)?;
        let year = before + year;
        let month = self.number(at + 3, 1..=2).filter(|_| self.is_mark(at + 4, &['月']));
        let day = month.and(self.number(at + 5, 1..=2)).filter(|_| self.is_mark(at + 6, &['日']));
        let next = at + 3 + 2 * (usize::from(month.is_some()) + usize::from(day.is_some()));
        Some(DateMatch { reading: checked(year, month, day), form: DateForm::Words, next })
    }

    /// `2026-03-04`, `2026-03`, `2026/03/04`, `04.03.2026`, `4. 3. 2026`, `4/3/2026`, `04.03.26`.
    fn in_figures(&self, at: usize) -> Option<DateMatch> {
        let first = self.number(at, 1..=4)?;
        let sign = ['-', '/', '.']
            .into_iter()
            .find(|&sign| self.is_mark(at + 1, &[sign]) && self.is_tight(at + 1))?;
        let second = self.number(at + 2, 1..=2).filter(|_| self.is_joined(at + 2, sign))?;
        let is_year_first = self.number(at, 4..=4).is_some();
        let third = (self.is_mark(at + 3, &[sign]) && self.is_tight(at + 3) && self.is_joined(at + 4, sign))
            .then(|| self.number(at + 4, if is_year_first { 1..=2 } else { 2..=4 }))
            .flatten();
        let form = DateForm::Figures;
        match third {
            Some(day) if is_year_first => {
                let next = at + 5;
                self.closes_figures(next, sign).then(|| DateMatch {
                    reading: checked(first, Some(second), Some(day)),
                    form,
                    next,
                })
            }
            Some(year) => {
                let next = at + 5;
                self.closes_figures(next, sign).then(|| DateMatch {
                    reading: self.in_some_order([first, second], year, sign),
                    form,
                    next,
                })
            }
            None if is_year_first
                && sign == '-'
                && self.ends(at + 3)
                && self.number(at + 2, 2..=2).is_some() =>
            {
                // `2024-26` is a span of years.
                let (reading, form) = match second {
                    13.. => (checked(first, None, None), DateForm::Span),
                    _ => (checked(first, Some(second), None), form),
                };
                (is_likely_year(first)).then_some(DateMatch { reading, form, next: at + 3 })
            }
            // A point may stand in a number of another kind where the day does not stand first.
            None if !is_year_first
                && (sign == '/'
                    || (sign == '.'
                        && self.reader.names[0].order == DayOrder::DayFirst
                        && self.is_tight(at + 2))) =>
            {
                self.figures_and_year([first, second], at + 3, sign)
            }
            None => None,
        }
    }

    /// `4/3 2026`, `4/3-2026`, `4.3 2026`: day and month as Sweden, Denmark and Norway write them, before their year.
    fn figures_and_year(&self, figures: [u32; 2], at: usize, sign: char) -> Option<DateMatch> {
        let year_at =
            at + usize::from(self.is_mark(at, &['-', '–']) && self.is_tight(at) && self.is_tight(at + 1));
        let year = self.year(year_at)?;
        let is_apart = year_at > at || !self.is_tight(at);
        let is_day = figures.iter().all(|figure| (1..=31).contains(figure))
            && figures.iter().any(|&figure| figure <= 12);
        (is_apart && is_day).then(|| DateMatch {
            reading: self.in_some_order(figures, year.value, sign),
            form: DateForm::Figures,
            next: year.next,
        })
    }

    /// Whether a part of a date in figures belongs to the sign before it. Only behind a full stop may there be a space.
    fn is_joined(&self, number: usize, sign: char) -> bool {
        self.is_tight(number) || sign == '.'
    }

    /// Whether a date in figures ends before a token. A time may follow it without a space.
    fn closes_figures(&self, next: usize, sign: char) -> bool {
        let begins_time = self.word(next) == Some("t") && self.number(next + 1, 2..=2).is_some();
        // `2026.03.04.` in Hungarian and Latvian; no fourth figure, which makes it a version or an address.
        let has_more = self.is_mark(next, &[sign])
            && self.is_tight(next)
            && self.is_tight(next + 1)
            && self.number(next + 1, 1..=9).is_some();
        !has_more && (begins_time || self.ends(next))
    }

    /// Day and month before a year. With full stops the day stands first everywhere.
    fn in_some_order(&self, figures: [u32; 2], year: u32, sign: char) -> Result<DateReading, DateDoubt> {
        let [first, second] = figures;
        let in_full = if year < 100 { 2000 + year } else { year };
        let order = if sign == '.' { DayOrder::DayFirst } else { self.reader.names[0].order };
        let in_full = self.gregorian_year(in_full).unwrap_or(in_full);
        let day_first = checked(in_full, Some(second), Some(first));
        let month_first = checked(in_full, Some(first), Some(second));
        if year < 100 {
            let message = "has only two figures of its year".to_owned();
            let mended = match order {
                DayOrder::DayFirst => isos([&day_first, &day_first]),
                DayOrder::MonthFirst => isos([&month_first, &month_first]),
                DayOrder::Either => isos([&day_first, &month_first]),
            };
            return Err(DateDoubt { message, mended });
        }
        if !is_likely_year(in_full) {
            return Err(DateDoubt { message: "is not a date".to_owned(), mended: Vec::new() });
        }
        match (order, &day_first, &month_first) {
            (_, Ok(one), Ok(other)) if one == other => day_first,
            (_, Err(_), Ok(_)) if sign != '.' => month_first,
            (DayOrder::Either, Ok(_), Ok(_)) => {
                let message = "can be two days".to_owned();
                Err(DateDoubt { message, mended: isos([&day_first, &month_first]) })
            }
            (DayOrder::MonthFirst, Ok(_), Ok(_)) => month_first,
            _ => day_first,
        }
    }

    /// Skips words and signs that stand between the parts of a date.
    fn after_between(&self, at: usize) -> usize {
        // `ม.ค.` begins as a word between the parts does.
        if self.dotted_month(at).is_some() {
            return at;
        }
        let mut at = at;
        for _ in 0..3 {
            let is_word = self.word(at).is_some_and(|word| BETWEEN.contains(&word));
            let is_apostrophe = self.is_mark(at, &['\'', '’']) && at > 0 && self.word(at - 1) == Some("d");
            let is_stop = self.is_mark(at, &['.'])
                && at > 0
                && self.word(at - 1).is_some_and(|word| BETWEEN.contains(&word));
            if !is_word && !is_apostrophe && !is_stop {
                break;
            }
            at += 1;
        }
        at
    }

    /// `4`, `4.`, `4th`, `1er`, `4:e`, and from one day to another: `4–5`, `4. bis 5.`.
    fn day(&self, at: usize) -> Option<DatePart> {
        let first = self.one_day(at)?;
        let sign = self.is_mark(first.next, &['–', '—', '-', '/', '−', '+', '&']);
        let word = self.word(first.next).is_some_and(|word| SPAN_WORDS.contains(&word));
        match self.one_day(first.next + 1).filter(|_| sign || word) {
            Some(last) => Some(DatePart { value: first.value, next: last.next, is_span: true }),
            None => Some(first),
        }
    }

    fn one_day(&self, at: usize) -> Option<DatePart> {
        const SUFFIXES: [&str; 15] =
            ["st", "nd", "rd", "th", "er", "re", "e", "o", "a", "eme", "go", "oe", "ro", "te", "ten"];
        let value = self.number(at, 1..=2).filter(|day| (1..=31).contains(day))?;
        let mut next = at + 1;
        if self.is_tight(next) && self.is_mark(next, &['.', 'º', 'ª', '°', ':']) {
            next += 1;
        }
        if self.is_tight(next) && self.word(next).is_some_and(|word| SUFFIXES.contains(&word)) {
            next += 1;
        }
        Some(DatePart { value, next, is_span: false })
    }

    fn month(&self, at: usize) -> Option<DatePart> {
        if let Some(month) = self.dotted_month(at) {
            return Some(month);
        }
        let word = self.word(at)?;
        let two = self.word(at + 1).map(|second| format!("{word} {second}"));
        // Hebrew writes the preposition with the name: `במרץ`.
        let bare = word.strip_prefix("b").filter(|rest| rest.len() > 2);
        let (value, mut next) = match two.as_deref().and_then(|name| self.reader.names[0].month(name)) {
            Some(value) => (value, at + 2),
            None => (
                self.reader.month(word).or_else(|| bare.and_then(|bare| self.reader.names[0].month(bare)))?,
                at + 1,
            ),
        };
        if self.is_tight(next) && self.is_mark(next, &['.']) {
            next += 1;
        }
        // `مارس/آذار`: the name of the month in two countries.
        if self.is_mark(next, &['/'])
            && self.word(next + 1).and_then(|name| self.reader.month(name)) == Some(value)
        {
            next += 2;
        }
        Some(DatePart { value, next, is_span: false })
    }

    /// `มี.ค.`: an abbreviation of several letters, each with its full stop.
    fn dotted_month(&self, at: usize) -> Option<DatePart> {
        let (first, second) = (self.word(at)?, self.word(at + 2)?);
        let is_dotted =
            [at + 1, at + 3].iter().all(|&mark| self.is_mark(mark, &['.']) && self.is_tight(mark));
        let name = format!("{first}.{second}");
        let value = self.reader.names[0].month(&name).filter(|_| is_dotted && self.is_tight(at + 2))?;
        Some(DatePart { value, next: at + 4, is_span: false })
    }

    /// The month of a date that has both a day before it and a year behind it.
    fn inflected_month(&self, at: usize) -> Option<DatePart> {
        let value = self.reader.names[0].inflected_month(self.word(at)?)?;
        Some(DatePart { value, next: at + 1, is_span: false })
    }

    fn year(&self, at: usize) -> Option<DatePart> {
        let value = self.number(at, 4..=4).and_then(|figures| self.gregorian_year(figures))?;
        let mut next = at + 1;
        if self.word(next).is_some_and(|word| YEAR_SIGNS.contains(&word)) {
            next += 1 + usize::from(self.is_tight(next + 1) && self.is_mark(next + 1, &['.']));
        }
        (self.ends(next) || next > at + 1).then_some(DatePart { value, next, is_span: false })
    }

    fn comma_skipped(&self, at: usize) -> usize {
        at + usize::from(self.is_mark(at, &[',', '،']))
    }

    fn in_words(&self, at: usize) -> Option<DateMatch> {
        self.day_first(at).or_else(|| self.month_first(at)).or_else(|| self.year_first(at))
    }

    /// `4 March 2026`, `4. bis 5. März 2026`, `28 February – 4 March 2026`, `4 March`.
    fn day_first(&self, at: usize) -> Option<DateMatch> {
        let day = self.day(at)?;
        let month_at = self.after_between(day.next);
        let month = self.month(month_at).or_else(|| {
            self.inflected_month(month_at).filter(|month| self.year(self.after_between(month.next)).is_some())
        })?;
        let year_at = self.after_between(self.comma_skipped(month.next));
        if let Some(year) = self.year(year_at) {
            let form = if day.is_span { DateForm::Span } else { DateForm::Words };
            let reading = checked(year.value, Some(month.value), Some(day.value));
            return Some(DateMatch { reading, form, next: year.next });
        }
        // The other end of a span has the year.
        if self.is_mark(month.next, &['–', '—', '-', '−'])
            || self.word(month.next).is_some_and(|word| SPAN_WORDS.contains(&word))
        {
            let other = self.day(month.next + 1)?;
            let other_month = self.month(self.after_between(other.next))?;
            let year = self.year(self.after_between(other_month.next))?;
            let reading = checked(year.value, Some(month.value), Some(day.value));
            return Some(DateMatch { reading, form: DateForm::Span, next: year.next });
        }
        let message = "has no year".to_owned();
        Some(DateMatch {
            reading: Err(DateDoubt { message, mended: Vec::new() }),
            form: DateForm::Words,
            next: month.next,
        })
    }

    /// `March 4, 2026`, `March 4–5, 2026`, `March 2026`, `Sun Dec 18 22:32:00 CET 2016`.
    fn month_first(&self, at: usize) -> Option<DateMatch> {
        let month = self.month(at)?;
        if let Some(day) = self.day(self.after_between(month.next)) {
            let mut next = self.comma_skipped(day.next);
            let clock = self.clock(next).filter(|_| next == day.next);
            let mut offset = None;
            if let Some((_, behind)) = clock {
                next = behind;
                // `date` of Unix has the zone between time and year.
                offset = self.offset(next);
                next = offset.map_or(next, |(_, behind)| behind);
            }
            if let Some(year) = self.year(self.after_between(next)) {
                let mut reading = checked(year.value, Some(month.value), Some(day.value));
                if let (Ok(reading), Some((clock, _))) = (&mut reading, clock) {
                    reading.set_clock(clock);
                    reading.offset = offset.map(|(offset, _)| offset);
                }
                let form = if day.is_span { DateForm::Span } else { DateForm::Words };
                return Some(DateMatch { reading, form, next: year.next });
            }
            // `März 4` is not a German date, and `March 4` without a year is not a name.
            if self.ends(day.next)
                && self.reader.names[1].month(self.word(at)?).is_some()
                && day.value > 0
                && !day.is_span
            {
                let message = "has no year".to_owned();
                return Some(DateMatch {
                    reading: Err(DateDoubt { message, mended: Vec::new() }),
                    form: DateForm::Words,
                    next: day.next,
                });
            }
        }
        let mut last = month;
        let mut form = DateForm::Words;
        if self.is_mark(month.next, &['–', '—', '-', '/'])
            && let Some(other) = self.month(month.next + 1)
        {
            last = other;
            form = DateForm::Span;
        }
        let year = self.year(self.after_between(self.comma_skipped(last.next)))?;
        let (next, form) =
            match self.is_mark(year.next, &['–', '—', '-']).then(|| self.month(year.next + 1)).flatten() {
                Some(other) => match self.year(self.after_between(other.next)) {
                    Some(other) => (other.next, DateForm::Span),
                    None => (year.next, form),
                },
                None => (year.next, form),
            };
        Some(DateMatch { reading: checked(year.value, Some(month.value), None), form, next })
    }

    /// `2026. március 4.`, `2026 m. kovo 4 d.`, `2026 March 4`, `2026, March 4`.
    fn year_first(&self, at: usize) -> Option<DateMatch> {
        let year = self.number(at, 4..=4).and_then(|figures| self.gregorian_year(figures))?;
        let next = at + 1 + usize::from(self.is_tight(at + 1) && self.is_mark(at + 1, &['.']));
        let next = self.after_between(next);
        if let Some(day) = self.one_day(next)
            && let Some(month) = self.month(day.next)
        {
            return Some(DateMatch {
                reading: checked(year, Some(month.value), Some(day.value)),
                form: DateForm::Words,
                next: month.next,
            });
        }
        let month_at = self.comma_skipped(next);
        let month = self.month(month_at)?;
        let day = self.one_day(month.next)?;
        // `2025, March 4, 2026` is a year, and a day with its own.
        if month_at > next && self.year(self.comma_skipped(day.next)).is_some() {
            return None;
        }
        let mut next = day.next;
        if self.word(next) == Some("d") {
            next += 1 + usize::from(self.is_tight(next + 1) && self.is_mark(next + 1, &['.']));
        }
        Some(DateMatch {
            reading: checked(year, Some(month.value), Some(day.value)),
            form: DateForm::Words,
            next,
        })
    }

    /// `2026`, `2024–2026`, `2024–26`.
    fn year_alone(&self, at: usize) -> Option<DateMatch> {
        let year = self.number(at, 4..=4).and_then(|figures| self.gregorian_year(figures))?;
        let is_tight_span =
            self.is_mark(at + 1, &['–', '—', '-', '/']) && self.is_tight(at + 1) && self.is_tight(at + 2);
        let is_wide_span = self.is_mark(at + 1, &['–', '—', '-']) && !self.is_tight(at + 1)
            || self.word(at + 1).is_some_and(|word| SPAN_WORDS.contains(&word));
        let ends_in_year = self.number(at + 2, 4..=4).is_some_and(is_likely_year);
        if self.ends(at + 3)
            && (is_tight_span && (ends_in_year || self.number(at + 2, 2..=2).is_some())
                || is_wide_span && ends_in_year)
        {
            return Some(DateMatch {
                reading: checked(year, None, None),
                form: DateForm::Span,
                next: at + 3,
            });
        }
        let year = self.year(at)?;
        Some(DateMatch { reading: checked(year.value, None, None), form: DateForm::Year, next: year.next })
    }

    /// The time behind a whole day, if there is one.
    fn with_time(&self, found: DateMatch) -> DateMatch {
        let Ok(mut reading) = found.reading else { return found };
        if reading.day.is_none() || found.form == DateForm::Span {
            return DateMatch { reading: Ok(reading), ..found };
        }
        let mut next = self.weekday_skipped(found.next);
        if reading.clock.is_none() {
            let mut at = self.comma_skipped(next);
            let mut hour_follows = false;
            for _ in 0..2 {
                if self.word(at).is_some_and(|word| BEFORE_TIME.contains(&word)) {
                    hour_follows |= self.word(at).is_some_and(|word| BEFORE_HOURS.contains(&word));
                    at += 1 + usize::from(self.is_tight(at + 1) && self.is_mark(at + 1, &['.']));
                }
            }
            // `12-18-2016 - 22:32`
            at += usize::from(self.is_mark(at, &['-', '–', '|']) && self.number(at + 1, 1..=2).is_some());
            let clock = self
                .clock(at)
                .or_else(|| self.clock_in_words(at))
                .or_else(|| self.east_asian_clock(at))
                .or_else(|| {
                    // `4 Mar 2026 10.32 GMT`
                    self.hour(at).filter(|&(_, next)| {
                        let has_minute = next > at + 1;
                        let has_zone = self.offset(next).is_some() || self.zone(next).is_some();
                        hour_follows || (has_minute && has_zone)
                    })
                });
            let Some((clock, behind)) = clock else {
                return DateMatch { reading: Ok(reading), next, ..found };
            };
            reading.set_clock(clock);
            next = behind;
        }
        if let Some((offset, behind)) = self.offset(next) {
            reading.offset = Some(offset);
            next = behind;
        } else if let Some((offset, behind)) = self.zone(next) {
            reading.offset = offset;
            next = behind;
        }
        DateMatch { reading: Ok(reading), next, ..found }
    }

    /// Behind the weekday that follows a day: `2026. március 4., szerda 10:32`, `2026年3月4日(水)`. `Sunday Times` is not one.
    fn weekday_skipped(&self, at: usize) -> usize {
        let at_bracket = self.is_mark(at, &['(', '（']);
        let word_at = if at_bracket { at + 1 } else { self.comma_skipped(at) };
        let Some(word) = self.word(word_at).filter(|word| self.reader.is_weekday(word)) else { return at };
        let mut next = word_at + 1;
        if at_bracket {
            return if self.is_mark(next, &[')', '）']) { next + 1 } else { at };
        }
        next += usize::from(self.is_tight(next) && self.is_mark(next, &['.']));
        let is_long = word.chars().count() > 3;
        let is_before_time = self.clock(self.comma_skipped(next)).is_some();
        let ends = self.kind(next).is_none() || self.is_mark(next, &[',', '،', ')', '）', ';']);
        if is_before_time || (is_long && ends) { next } else { at }
    }

    /// A zone by its name in capitals, and its offset if it has one everywhere.
    fn zone(&self, at: usize) -> Option<(Option<FixedOffset>, usize)> {
        let at_bracket = self.is_mark(at, &['(', '（']);
        let word_at = at + usize::from(at_bracket);
        let word = self.word(word_at).filter(|_| self.tokens[word_at].is_capitals)?;
        let &(_, hours) = ZONES.iter().find(|(zone, _)| *zone == word)?;
        let next = word_at + 1;
        if at_bracket && !self.is_mark(next, &[')', '）']) {
            return None;
        }
        let offset = hours.and_then(|hours| FixedOffset::east_opt(hours * 3600));
        Some((offset, next + usize::from(at_bracket)))
    }

    /// `10時32分`, `午後3時`, `오후 3시 30분`.
    fn east_asian_clock(&self, at: usize) -> Option<(WrittenTime, usize)> {
        let half = self.word(at).and_then(|word| {
            EAST_ASIAN_HALVES
                .iter()
                .find(|(half, _)| folded(half) == word)
                .map(|(_, is_afternoon)| *is_afternoon)
        });
        let at = at + usize::from(half.is_some());
        let hour =
            self.number(at, 1..=2).filter(|_| self.is_mark(at + 1, &['時', '时', '點', '点', '시']))?;
        let hour = if half == Some(true) && hour < 12 { hour + 12 } else { hour };
        let mut clock = WrittenTime { hour, minute: 0, second: 0 };
        let mut next = at + 2;
        for (value, signs) in [(&mut clock.minute, ['分', '분']), (&mut clock.second, ['秒', '초'])] {
            if let Some(number) = self.number(next, 1..=2).filter(|_| self.is_mark(next + 1, &signs)) {
                *value = number;
                next += 2;
            }
        }
        clock.time()?;
        Some((clock, next))
    }

    /// `22:32`, `22:32:10.5`, `10:32 pm`, `10 p.m.`, `22:32 Uhr`, `22h32`.
    fn clock(&self, at: usize) -> Option<(WrittenTime, usize)> {
        let hour = self.number(at, 1..=2)?;
        let mut clock = WrittenTime { hour, minute: 0, second: 0 };
        let mut next = at + 1;
        let is_colon = self.is_mark(next, &[':', '：']) && self.is_tight(next);
        let is_hour_sign = self.word(next) == Some("h") && self.is_tight(next);
        if let Some(minute) = self.number(next + 1, 2..=2).filter(|_| is_colon || is_hour_sign) {
            clock.minute = minute;
            next += 2;
            if let Some(second) =
                self.number(next + 1, 2..=2).filter(|_| self.is_mark(next, &[':']) && self.is_tight(next))
            {
                clock.second = second;
                next += 2;
                if self.is_mark(next, &['.', ','])
                    && self.is_tight(next)
                    && self.is_tight(next + 1)
                    && self.number(next + 1, 1..=9).is_some()
                {
                    next += 2;
                }
            }
        } else if !is_hour_sign {
            // An hour alone needs its half of the day.
            self.half_of_day(next)?;
        } else {
            next += 1;
        }
        if let Some((is_afternoon, behind)) = self.half_of_day(next) {
            if !(1..=12).contains(&clock.hour) {
                return None;
            }
            clock.hour = clock.hour % 12 + if is_afternoon { 12 } else { 0 };
            next = behind;
        }
        if self.word(next).is_some_and(|word| ["uhr", "h", "hrs"].contains(&word)) {
            next += 1;
        }
        clock.time()?;
        Some((clock, next))
    }

    /// `10 Uhr`, `10 Uhr 30`, `10.30 Uhr`, `18 h 30`, `18.30 h`.
    fn clock_in_words(&self, at: usize) -> Option<(WrittenTime, usize)> {
        let (mut clock, mut next) = self.hour(at)?;
        let has_minute = next > at + 1;
        self.word(next).filter(|word| HOUR_SIGNS.contains(word))?;
        next += 1;
        if let Some(minute) = self.number(next, 2..=2).filter(|minute| !has_minute && *minute < 60) {
            clock.minute = minute;
            next += 1;
        }
        Some((clock, next))
    }

    /// `10`, `10.30`: an hour by the words around it.
    fn hour(&self, at: usize) -> Option<(WrittenTime, usize)> {
        let mut clock = WrittenTime { hour: self.number(at, 1..=2)?, minute: 0, second: 0 };
        let mut next = at + 1;
        let has_sign = self.is_mark(next, &['.']) && self.is_tight(next) && self.is_tight(next + 1);
        if let Some(minute) = self.number(next + 1, 2..=2).filter(|_| has_sign) {
            clock.minute = minute;
            next += 2;
        }
        clock.time()?;
        self.ends(next).then_some((clock, next))
    }

    /// `am`, `p.m.`: whether it is the second half, and the token behind.
    fn half_of_day(&self, at: usize) -> Option<(bool, usize)> {
        match self.word(at)? {
            "am" => Some((false, at + 1)),
            "pm" => Some((true, at + 1)),
            half @ ("a" | "p") if self.is_mark(at + 1, &['.']) && self.word(at + 2) == Some("m") => Some((
                half == "p",
                at + 3 + usize::from(self.is_tight(at + 3) && self.is_mark(at + 3, &['.'])),
            )),
            _ => None,
        }
    }

    /// `Z`, `UTC`, `GMT`, `+01:00`, `+0100`, `+01`, and the zones of RFC 2822 section 4.3.
    fn offset(&self, at: usize) -> Option<(FixedOffset, usize)> {
        if let Some(word) = self.word(at) {
            let &(_, hours) = STANDARD_ZONES.iter().find(|(zone, _)| *zone == word)?;
            return Some((FixedOffset::east_opt(hours * 3600)?, at + 1));
        }
        let sign = match self.kind(at)? {
            TokenKind::Mark('+') => 1,
            TokenKind::Mark('-' | '−') => -1,
            _ => return None,
        };
        if !self.is_tight(at + 1) {
            return None;
        }
        let (hours, minutes, next) = match self.kind(at + 1)? {
            TokenKind::Number { value, figures: 4 } => (value / 100, value % 100, at + 2),
            TokenKind::Number { value, figures: 2 } if self.is_mark(at + 2, &[':']) => {
                (*value, self.number(at + 3, 2..=2)?, at + 4)
            }
            TokenKind::Number { value, figures: 2 } => (*value, 0, at + 2),
            _ => return None,
        };
        let seconds = i32::try_from(hours * 3600 + minutes * 60).ok().filter(|_| minutes < 60)?;
        Some((FixedOffset::east_opt(sign * seconds)?, next))
    }
}

/// A time as it is written.
#[derive(Clone, Copy)]
struct WrittenTime {
    hour: u32,
    minute: u32,
    second: u32,
}

impl WrittenTime {
    fn time(self) -> Option<NaiveTime> {
        NaiveTime::from_hms_opt(self.hour, self.minute, if self.second == 60 { 59 } else { self.second })
    }
}

impl DateReading {
    fn set_clock(&mut self, clock: WrittenTime) {
        self.clock = clock.time();
        self.is_leap_second = clock.second == 60;
    }
}

/// Whether a number is a year of the last centuries of the Islamic calendars.
fn is_hijri_year(year: u32) -> bool {
    (1200..1500).contains(&year)
}

/// Numbers outside of it are counted as something else than years.
fn is_likely_year(year: u32) -> bool {
    (1000..2400).contains(&year)
}

/// A date that exists.
fn checked(year: u32, month: Option<u32>, day: Option<u32>) -> Result<DateReading, DateDoubt> {
    let Ok(year) = i32::try_from(year) else { return doubt("is not a date".to_owned(), Vec::new()) };
    let reading = DateReading::of_day(year, month, day);
    match (month, day) {
        (Some(month), _) if !(1..=12).contains(&month) => {
            // Day and month may have changed places; else the month before is the likeliest.
            let swapped = day.and_then(|day| {
                NaiveDate::from_ymd_opt(year, day, month)
                    .or_else(|| NaiveDate::from_ymd_opt(year, 12, day).filter(|_| month == 13))
            });
            doubt(
                format!("is not a date: there is no month {month}"),
                swapped.iter().map(ToString::to_string).collect(),
            )
        }
        (Some(_), Some(day)) if reading.whole_day().is_none() => {
            doubt(format!("is not a date: that month has no day {day}"), Vec::new())
        }
        _ if year == 0 => doubt("is not a date".to_owned(), Vec::new()),
        _ => Ok(reading),
    }
}

fn doubt(message: String, mended: Vec<String>) -> Result<DateReading, DateDoubt> {
    Err(DateDoubt { message, mended })
}

/// The days that are possible, in ISO 8601, each once.
fn isos(readings: [&Result<DateReading, DateDoubt>; 2]) -> Vec<String> {
    let mut isos: Vec<String> =
        readings.iter().filter_map(|reading| reading.as_ref().ok().map(DateReading::iso)).collect();
    isos.dedup();
    isos
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, language: &str) -> Vec<String> {
        let describe = |found: FoundDate| {
            let reading =
                found.reading.map_or_else(|doubt| format!("? {}", doubt.message), |reading| reading.iso());
            format!("{} {:?} {reading}", &text[found.range], found.form)
        };
        DateReader::of(language).find(text).into_iter().map(describe).collect()
    }

    #[test]
    fn months_are_read_in_the_language_of_the_page() {
        for (language, text) in [
            ("bg", "4 март 2026"),
            ("ca", "4 de març de 2026"),
            ("cs", "4. března 2026"),
            ("da", "4. marts 2026"),
            ("de", "4. März 2026"),
            ("de-AT", "4. März 2026"),
            ("el", "4 Μαρτίου 2026"),
            ("el", "Μάρτιος 4, 2026"),
            ("en", "March 4th, 2026"),
            ("es", "4 de marzo de 2026"),
            ("et", "4. märts 2026"),
            ("fi", "4. maaliskuuta 2026"),
            ("fr", "4 mars 2026"),
            ("hr", "4. ožujka 2026"),
            ("hu", "2026. március 4."),
            ("it", "4 marzo 2026"),
            ("ja", "2026年3月4日"),
            ("ko", "2026년 3월 4일"),
            ("lt", "2026 m. kovo 4 d."),
            ("lv", "2026. gada 4. marts"),
            ("nb", "4. mars 2026"),
            ("nl", "4 maart 2026"),
            ("pl", "4 marca 2026 r."),
            ("pt-BR", "4 de março de 2026"),
            ("ro", "4 martie 2026"),
            ("ru", "4 марта 2026 г."),
            ("sk", "4. marca 2026"),
            ("sl", "4. marec 2026"),
            ("sr", "4. март 2026"),
            ("sv", "4 mars 2026"),
            ("tr", "4 Mart 2026"),
            ("uk", "4 березня 2026"),
            ("zh", "2026年3月4日"),
            ("ar", "٤ مارس ٢٠٢٦"),
            ("he", "4 במרץ 2026"),
            ("hi", "4 मार्च 2026"),
        ] {
            let dates = DateReader::of(language).find(text);
            let readings: Vec<_> =
                dates.iter().filter_map(|date| date.reading.as_ref().ok().map(DateReading::iso)).collect();
            assert_eq!(readings, ["2026-03-04"], "{language}: {text}: {dates:?}");
            assert_eq!(
                dates[0].range,
                0..text.len(),
                "{language}: {text}: {:?}",
                &text[dates[0].range.clone()]
            );
        }
    }

    #[test]
    fn years_of_other_calendars_are_read_where_they_are_used() {
        for (text, language, expected) in [
            ("۱۳ اسفند ۱۴۰۴", "fa", "2026-03-04"),
            ("۱۴۰۴/۱۲/۱۳", "fa", "2026-03-04"),
            ("۱ فروردین ۱۴۰۵", "fa", "2026-03-21"),
            ("۴ مارس ۲۰۲۶", "fa", "2026-03-04"),
            ("4 มีนาคม 2569", "th", "2026-03-04"),
            ("04/03/2569", "th", "2026-03-04"),
            ("4 มี.ค. 2569", "th", "2026-03-04"),
            ("4 ม.ค. 2569", "th", "2026-01-04"),
            ("4 มิ.ย. 2569", "th", "2026-06-04"),
            ("令和8年3月4日", "ja", "2026-03-04"),
        ] {
            let reading = DateReader::of(language).read(text).map(|reading| reading.iso());
            assert_eq!(reading.as_deref(), Ok(expected), "{text}");
        }
        for (text, language) in
            [("۱۴۰۴", "fa"), ("٤ رمضان ١٤٤٧", "ar"), ("in 1447", "ar"), ("۳۱ اسفند ۱۴۰۴", "fa")]
        {
            assert_eq!(found(text, language), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn months_with_numbers_or_two_names_are_read() {
        for (text, language, expected) in [
            ("4 tháng 3 năm 2026", "vi", "2026-03-04"),
            ("4 tháng 3, 2026", "vi", "2026-03-04"),
            ("tháng 3 năm 2026", "vi", "2026-03"),
            ("٤ مارس/آذار ٢٠٢٦", "ar", "2026-03-04"),
            ("4 آذار / مارس 2026", "ar", "2026-03-04"),
            ("March/April 2026", "en", "2026-03"),
        ] {
            let dates: Vec<String> = DateReader::of(language)
                .find(text)
                .into_iter()
                .filter_map(|date| Some(date.reading.ok()?.iso()))
                .collect();
            assert_eq!(dates, [expected], "{text}");
        }
    }

    #[test]
    fn times_are_read_as_they_are_written() {
        for (text, language, expected) in [
            ("March 4, 2026 at 10:32 a.m. ET", "en", "2026-03-04"),
            ("4 Mar 2026 10.32 GMT", "en", "2026-03-04T10:32:00Z"),
            ("4 March 2026, 10:32 (BST)", "en", "2026-03-04T10:32:00+01:00"),
            ("4. März 2026, 10:32 Uhr MEZ", "de", "2026-03-04T10:32:00+01:00"),
            ("4 maart 2026, 10.32 uur", "nl", "2026-03-04"),
            ("4 marca 2026, godz. 10:32", "pl", "2026-03-04"),
            ("4 марта 2026, 10:32 (МСК)", "ru", "2026-03-04T10:32:00+03:00"),
            ("2026年3月4日(水)10時32分", "ja", "2026-03-04"),
            ("2026年3月4日 午後3時", "ja", "2026-03-04"),
            ("2026년 3월 4일 오후 3시 30분", "ko", "2026-03-04"),
            ("2026. március 4., szerda 10:32", "hu", "2026-03-04"),
            ("4 Mart 2026 Çarşamba, 10:32", "tr", "2026-03-04"),
            ("4. března 2026 v 10:32", "cs", "2026-03-04"),
        ] {
            let dates = DateReader::of(language).find(text);
            let [date] = dates.as_slice() else { panic!("{text}: {dates:?}") };
            assert_eq!(date.range, 0..text.len(), "{text}");
            let reading = date.reading.as_ref().expect("it is a date");
            assert!(reading.clock.is_some(), "{text}");
            assert_eq!(reading.iso(), expected, "{text}");
        }
        // A newspaper is not a weekday.
        assert_eq!(found("4 March 2026, Sunday Times", "en"), ["4 March 2026 Words 2026-03-04"]);
        assert_eq!(found("4 March 2026, Sun", "en"), ["4 March 2026 Words 2026-03-04"]);
    }

    #[test]
    fn figures_are_read_by_the_region() {
        for (language, text, expected) in [
            ("de", "04.03.2026", "04.03.2026 Figures 2026-03-04"),
            ("en", "04.03.2026", "04.03.2026 Figures 2026-03-04"),
            ("en", "04/03/2026", "04/03/2026 Figures ? can be two days"),
            ("en", "03/03/2026", "03/03/2026 Figures 2026-03-03"),
            ("en", "14/03/2026", "14/03/2026 Figures 2026-03-14"),
            ("en", "03/14/2026", "03/14/2026 Figures 2026-03-14"),
            ("en-US", "4/3/2026", "4/3/2026 Figures 2026-04-03"),
            ("en-GB", "4/3/2026", "4/3/2026 Figures 2026-03-04"),
            ("fr", "04/03/2026", "04/03/2026 Figures 2026-03-04"),
            ("es", "4/3/2026", "4/3/2026 Figures 2026-03-04"),
            ("nl", "4-3-2026", "4-3-2026 Figures 2026-03-04"),
            ("sv", "4/3/2026", "4/3/2026 Figures 2026-03-04"),
            ("sv", "4/3 2026", "4/3 2026 Figures 2026-03-04"),
            ("da", "4/3-2026", "4/3-2026 Figures 2026-03-04"),
            ("en", "4/3 2026", "4/3 2026 Figures ? can be two days"),
            ("lv", "2026.03.04.", "2026.03.04 Figures 2026-03-04"),
            ("en", "2026-03", "2026-03 Figures 2026-03"),
            ("en", "2026-13-40", "2026-13-40 Figures ? is not a date: there is no month 13"),
            ("en", "2026-03-04T10:00:00Z", "2026-03-04T10:00:00Z Figures 2026-03-04T10:00:00Z"),
            ("en", "2024-26", "2024-26 Span 2024"),
            ("en", "2024–2026", "2024–2026 Span 2024"),
        ] {
            assert_eq!(found(text, language), [expected], "{language}: {text}");
        }
    }

    #[test]
    fn spans_begin_with_their_first_day() {
        for (language, text, first) in [
            ("en", "4–5 March 2026", "2026-03-04"),
            ("en", "March 4-5, 2026", "2026-03-04"),
            ("en", "28 February – 4 March 2026", "2026-02-28"),
            ("de", "4. bis 5. März 2026", "2026-03-04"),
            ("de", "4./5. März 2026", "2026-03-04"),
            ("es", "4 y 5 de marzo de 2026", "2026-03-04"),
            ("en", "March–April 2026", "2026-03"),
        ] {
            assert_eq!(found(text, language), [format!("{text} Span {first}")], "{text}");
        }
    }

    #[test]
    fn hours_are_read_as_each_language_writes_them() {
        for (language, text, expected) in [
            ("fr", "4 mars 2026 à 18 h 30", Some((18, 30))),
            ("fr", "4 mars 2026, 18h30", Some((18, 30))),
            ("fr", "4 mars 2026 à 18h", Some((18, 0))),
            ("fr", "4 mars 2026 à 18 heures", Some((18, 0))),
            ("de", "4. März 2026, 10 Uhr", Some((10, 0))),
            ("de", "4. März 2026 um 10.30 Uhr", Some((10, 30))),
            ("de", "4. März 2026, 10 Uhr 30", Some((10, 30))),
            ("sv", "4 mars 2026 kl. 10.30", Some((10, 30))),
            ("fi", "4. maaliskuuta 2026 klo 10", Some((10, 0))),
            ("es", "4 de marzo de 2026 a las 18.30 h", Some((18, 30))),
            ("en", "4 March 2026, 10", None),
        ] {
            let found = DateReader::of(language).find(text);
            let [date] = found.as_slice() else { panic!("{text}: {found:?}") };
            let clock = date.reading.as_ref().ok().and_then(|reading| reading.clock);
            assert_eq!(
                clock,
                expected.and_then(|(hour, minute)| NaiveTime::from_hms_opt(hour, minute, 0)),
                "{text}"
            );
            assert_eq!(&text[date.range.clone()] == text, expected.is_some(), "{text}");
        }
    }

    #[test]
    fn other_figures_are_not_dates() {
        for text in [
            "version 1.2.2026.4",
            "192.168.10.20",
            "Area 51",
            "ISBN 978-3-16-148410-0",
            "page 7",
            "A2026",
            "2026x",
            "7–2",
            "$2026",
            "no. 12/2026/7",
            "May 4-H club",
        ] {
            let read: Vec<_> =
                DateReader::of("en").find(text).into_iter().filter(|date| date.reading.is_ok()).collect();
            assert_eq!(read, [], "{text}");
        }
        assert_eq!(
            found("Marco 2026, Julia 12, May 2026", "es"),
            ["2026 Year 2026", "May 2026 Words 2026-05"]
        );
        assert_eq!(
            found("updated 5 March 2026, in 2024.", "en"),
            ["5 March 2026 Words 2026-03-05", "2024 Year 2024"]
        );
    }
}
