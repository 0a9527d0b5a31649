//! A day that a page only shows: where the places are silent that state the day of publication, it is a guess.

use std::sync::LazyLock;

use chrono::NaiveDate;
use regex::Regex;

use crate::citation::page_citation::is_beside;
use crate::citation::published::{DatedPage, marks_publication, time_of};
use crate::citation::report_text::ReportText;
use crate::date::reader::{DateForm, DateReader, FoundDate};
use crate::dom::Node;
use crate::html::fold_white_space;
use crate::linkback::source;
use crate::linkback::source::linked_data::string;
use crate::linkback::source::metadata::meta_content;

/// An element with more text is more than a line with a date.
const LONGEST_DATE_LINE: usize = 300;

/// A line of the text with more characters is prose, in which a date counts only where it begins.
const LONGEST_SHORT_LINE: usize = 120;
const BEGINNING_OF_PROSE: usize = 40;

/// How many lines before and behind the headline may hold the day.
const LINES_BEFORE: usize = 3;
const LINES_BEHIND: usize = 8;

/// Words that stand before the day of publication.
const LEADS: [&str; 25] = [
    "published",
    "posted",
    "date:",
    "created",
    "released",
    "veröffentlich",
    "erschienen",
    "erstellt",
    "gepostet",
    "eingestellt",
    "mitteilung vom",
    "datum:",
    "publié",
    "mise en ligne",
    "mis en ligne",
    "publicado",
    "fecha:",
    "pubblicato",
    "gepubliceerd",
    "geplaatst",
    "publicerad",
    "udgivet",
    "opublikowano",
    "опубликовано",
    "stand:",
];

/// Words that stand before the day of a change.
const CHANGE_LEADS: [&str; 12] = [
    "last edited",
    "last modified",
    "last updated",
    "last change",
    "updated",
    "zuletzt",
    "aktualisiert",
    "letzte änderung",
    "mis à jour",
    "actualizado",
    "aggiornato",
    "bijgewerkt",
];

/// Languages whose months are looked for where the page's own language finds no day: many a template states another
/// language than its text has, or none.
const LANGUAGES: [&str; 18] = [
    "de", "fr", "es", "it", "nl", "pt", "sv", "da", "nb", "fi", "pl", "cs", "hu", "ro", "ru", "uk", "tr",
    "el",
];

impl DatedPage<'_, '_> {
    /// The day that an element shows which its class calls a date, a byline or the like.
    pub(super) fn day_near_headline(&self) -> Option<NaiveDate> {
        let named = self.document.elements().filter(|node| is_named_date(*node) && !is_beside(*node));
        let texts = named.map(|node| source::excerpt::text_of(node, LONGEST_DATE_LINE));
        texts.filter(|text| text.len() <= LONGEST_DATE_LINE).find_map(|text| self.first_day(&text))
    }

    /// A day that the page shows where articles have theirs.
    pub(super) fn guessed(&self) -> Option<(NaiveDate, &'static str)> {
        let text = ReportText::of(self.document);
        let lines: Vec<&str> = text.as_str().split('\n').collect();
        let beginning =
            text.as_str().char_indices().nth(1500).map_or(text.as_str(), |(at, _)| &text.as_str()[..at]);
        let guesses: [(&dyn Fn() -> Option<NaiveDate>, &'static str); 7] = [
            (&|| self.day_marked_anywhere(), "a marked time beside the article"),
            (&|| self.day_around_headline(&lines), "a date near the headline"),
            (&|| self.day_behind(&lines, &LEADS), "a date in the text"),
            (&|| self.day_in_scripts(), "a script of the page"),
            (&|| self.first_day(&self.title()), "the title of the page"),
            (&|| beginning.split('\n').find_map(|line| self.day_of_short_line(line)), "a date in the text"),
            (&|| self.day_of_change(&lines), "the last change of the page"),
        ];
        guesses.into_iter().find_map(|(guess, origin)| Some((guess()?, origin)))
    }

    /// The day that is marked as that of publication, if the page marks one only, wherever it stands.
    fn day_marked_anywhere(&self) -> Option<NaiveDate> {
        let marked = self.document.elements().filter(|node| marks_publication(*node));
        let mut days = marked.filter_map(|node| self.read(&time_of(node))).map(|said| said.day);
        let first = days.next()?;
        days.all(|day| day == first).then_some(first)
    }

    /// The day in the headline, or in the lines around it.
    fn day_around_headline(&self, lines: &[&str]) -> Option<NaiveDate> {
        let heading = self.heading()?;
        if let Some(day) = self.first_day(&heading) {
            return Some(day);
        }
        let at = lines.iter().position(|line| line.contains(&heading))?;
        let behind = lines.iter().skip(at).take(LINES_BEHIND + 1);
        let before = lines[at.saturating_sub(LINES_BEFORE)..at].iter().rev();
        behind.chain(before).find_map(|line| self.day_of_line(line))
    }

    /// The heading that the title of the page repeats, else the first: many a page has its name in one.
    fn heading(&self) -> Option<String> {
        let headings = self.document.elements().filter(|node| matches!(node.name(), "h1" | "h2" | "h3"));
        let headings = headings.filter(|node| !is_beside(*node)).map(|node| {
            let text = source::excerpt::text_of(node, LONGEST_DATE_LINE).trim().to_owned();
            (node.name() == "h1", text)
        });
        let headings: Vec<(bool, String)> = headings.filter(|(_, text)| !text.is_empty()).collect();
        let title = fold_white_space(&self.title());
        let repeated = headings.iter().filter(|(_, text)| text.len() > 12 && title.contains(text.as_str()));
        let longest = repeated.max_by_key(|(_, text)| text.len());
        longest.or_else(|| headings.iter().find(|(is_first, _)| *is_first)).map(|(_, text)| text.clone())
    }

    /// The day in a short line, or at the beginning of a long one.
    fn day_of_line(&self, line: &str) -> Option<NaiveDate> {
        let is_short = line.chars().count() <= LONGEST_SHORT_LINE;
        let most = if is_short { LONGEST_SHORT_LINE } else { BEGINNING_OF_PROSE };
        self.first_day(start_of(line, most))
    }

    fn day_of_short_line(&self, line: &str) -> Option<NaiveDate> {
        (line.chars().count() <= 80).then(|| self.first_day(line)).flatten()
    }

    /// The first day behind one of some words, in the same line.
    fn day_behind(&self, lines: &[&str], leads: &[&str]) -> Option<NaiveDate> {
        lines.iter().find_map(|line| {
            let lower = line.to_lowercase();
            let behind = leads.iter().filter_map(|lead| {
                let at = lower.find(lead).filter(|at| *at < 200)?;
                // A letter may have another length in lower case.
                self.first_day(start_of(line.get(at..)?, LONGEST_SHORT_LINE))
            });
            behind.into_iter().next()
        })
    }

    /// The day that the data of a script calls that of publication, if all that do agree.
    fn day_in_scripts(&self) -> Option<NaiveDate> {
        static FIELD: LazyLock<Option<Regex>> = LazyLock::new(|| {
            let names =
                "first[_-]?publi[a-z]*|publi[a-z]*[_-]?(?:date|time|at|on|first)|date[_-]?published|pubdate";
            Regex::new(&format!(
                r#"(?i)["']?\b(?:[a-z]+[_-])*(?:{names})["']?\s*[:=]\s*["']([^"'<>]{{8,40}})["']"#
            ))
            .ok()
        });
        let scripts = self.document.elements().filter(|node| node.name() == "script");
        let texts = scripts.map(|node| node.children().filter_map(Node::text).collect::<String>());
        let days = texts.flat_map(|text| {
            let fields =
                FIELD.as_ref().map(|field| field.captures_iter(&text).map(|found| found[1].to_owned()));
            fields.into_iter().flatten().filter_map(|value| self.read(&value)).collect::<Vec<_>>()
        });
        let mut days = days.map(|said| said.day);
        let first = days.next()?;
        days.all(|day| day == first).then_some(first)
    }

    fn title(&self) -> String {
        let title = self.document.elements().find(|node| node.name() == "title");
        title.map(Node::text_content).unwrap_or_default()
    }

    /// The day of the last change, where the page has no other.
    fn day_of_change(&self, lines: &[&str]) -> Option<NaiveDate> {
        let data = self.article.map(|article| string(article, "dateModified")).unwrap_or_default();
        let meta = meta_content(self.document, "article:modified_time");
        let stated = [data, meta].iter().find_map(|text| self.read(text)).map(|said| said.day);
        stated.or_else(|| self.day_behind(lines, &CHANGE_LEADS))
    }

    /// The first whole day in a text that can be that of a report.
    fn first_day(&self, text: &str) -> Option<NaiveDate> {
        if !text.contains(|c: char| c.is_numeric()) {
            return None;
        }
        let own =
            self.days(&self.reader, text, |form, _| matches!(form, DateForm::Figures | DateForm::Words));
        own.or_else(|| {
            // Names of months say which language it is; figures with dots have the day first in all of them.
            let others = LANGUAGES.iter().filter(|language| **language != self.reader.language());
            others.into_iter().find_map(|language| {
                self.days(&DateReader::of(language), text, |form, written| {
                    form == DateForm::Words || form == DateForm::Figures && written.contains('.')
                })
            })
        })
        .or_else(|| self.day_of_short_year(text))
    }

    /// A day with two figures for its year, which stand last where dots are between them: `31.10.23`.
    fn day_of_short_year(&self, text: &str) -> Option<NaiveDate> {
        static SHORT: LazyLock<Option<Regex>> = LazyLock::new(|| {
            Regex::new(r"(?:^|[^0-9.])([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{2})(?:[^0-9.]|$)").ok()
        });
        let found = SHORT.as_ref()?.captures(text)?;
        let written = format!("{}.{}.20{}", &found[1], &found[2], &found[3]);
        NaiveDate::parse_from_str(&written, "%d.%m.%Y").ok().filter(|day| self.is_likely(*day))
    }

    fn days(
        &self,
        reader: &DateReader,
        text: &str,
        counts: impl Fn(DateForm, &str) -> bool,
    ) -> Option<NaiveDate> {
        let found = reader.find(text).into_iter();
        found
            .filter(|found: &FoundDate| counts(found.form, &text[found.range.clone()]))
            .filter_map(|found| found.reading.ok()?.whole_day())
            .find(|day| self.is_likely(*day))
    }
}

/// The first characters of a text.
fn start_of(text: &str, most: usize) -> &str {
    text.char_indices().nth(most).map_or(text, |(at, _)| &text[..at])
}

/// Whether the class or id of an element says that it shows when the report was published.
fn is_named_date(node: Node<'_>) -> bool {
    const NAMES: [&str; 14] = [
        "date",
        "publi",
        "posted",
        "time",
        "byline",
        "dateline",
        "meta",
        "datum",
        "fecha",
        "pubdate",
        "created",
        "authored",
        "submitted",
        "erstellt",
    ];
    let mut names = node.words("class").chain(node.words("id"));
    names.any(|name| {
        let name = name.to_ascii_lowercase();
        NAMES.iter().any(|part| name.contains(part)) && !name.contains("update") && !name.contains("modified")
    })
}
