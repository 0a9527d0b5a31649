//! A day that a page only shows: where the places are silent that state the day of publication, it is a guess.

use std::sync::LazyLock;

use chrono::{Datelike, NaiveDate};
use regex::Regex;

use crate::citation::page_citation::is_beside;
use crate::citation::published::{DatedPage, contains_any, marks_publication, time_of};
use crate::citation::report_text::ReportText;
use crate::date::reader::{DateForm, DateReader, FoundDate};
use crate::dom::{Document, Node};
use crate::linkback::source;
use crate::linkback::source::linked_data::string;
use crate::linkback::source::metadata::meta_content;

/// An element with more text is more than a line with a date.
const LONGEST_DATE_LINE: usize = 300;

/// A line of the text with more characters is prose, in which a date counts only where it begins.
const LONGEST_SHORT_LINE: usize = 120;
const BEGINNING_OF_PROSE: usize = 40;
/// A line with no more characters is a date with a word or two.
const LONGEST_BARE_LINE: usize = 40;
/// How many characters may stand between a word that announces a day and the end of that day.
const FARTHEST_FROM_LEAD: usize = 40;

/// Where a guess comes from.
pub(super) const NEAR_HEADLINE: &str = "a date near the headline";
const IN_TEXT: &str = "a date in the text";

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
        self.days_near_headline().next()
    }

    /// All such days, in the order of the page.
    pub(super) fn days_near_headline(&self) -> impl Iterator<Item = NaiveDate> {
        let named = self.document.elements().filter(|node| is_named_date(*node) && !self.is_beside(*node));
        let named = named.filter(|node| !is_of_visit(*node) && !is_behind_change(*node));
        let texts = named.filter(|node| !self.is_of_list(*node)).map(|node| (node, text_of_line(node)));
        texts
            .filter(|(_, text)| text.len() <= LONGEST_DATE_LINE)
            .filter_map(|(node, text)| self.first_day(&text).or_else(|| self.first_day(&in_pieces(node))))
    }

    /// Whether an element stands in a list whose other items have days of their own: events, other reports.
    fn is_of_list(&self, node: Node<'_>) -> bool {
        // Limits, as strangers write the page: a list may have thousands of items.
        let items = node.ancestors().filter(|outer| outer.name() == "li").take(2);
        items.filter_map(|item| Some((item, item.parent()?))).any(|(item, list)| {
            let others = list.children().filter(|other| *other != item && other.name() == "li");
            others.take(12).any(|other| {
                let mut named =
                    other.descendants().filter(|below| is_named_date(*below) || below.name() == "time");
                named.any(|below| self.first_day(&text_of_line(below)).is_some())
            })
        })
    }

    /// A day that the page shows where articles have theirs.
    pub(super) fn guessed(&self) -> Option<(NaiveDate, &'static str)> {
        let text = ReportText::of(self.document);
        let of_visit = self.lines_of_visit();
        let lines = text.as_str().split('\n').filter(|line| !of_visit.iter().any(|text| text == line));
        let lines: Vec<&str> = lines.collect();
        let shown = lines.join("\n");
        let beginning = start_of(&shown, 1500);
        let guesses: [(&dyn Fn() -> Option<NaiveDate>, &'static str); 10] = [
            (&|| self.day_marked_anywhere(), "a marked time beside the article"),
            (&|| self.day_of_web(&self.heading_text()), NEAR_HEADLINE),
            (&|| self.day_around_headline(&lines, LONGEST_BARE_LINE), NEAR_HEADLINE),
            (&|| self.day_behind(&lines, &LEADS), IN_TEXT),
            (&|| self.day_around_headline(&lines, LONGEST_SHORT_LINE), NEAR_HEADLINE),
            (&|| self.day_in_scripts(), "a script of the page"),
            (&|| self.day_of_web(&title_of(self.document)), "the title of the page"),
            (&|| self.day_around_headline(&lines, usize::MAX), NEAR_HEADLINE),
            (&|| beginning.split('\n').find_map(|line| self.day_of_short_line(line)), IN_TEXT),
            (&|| self.day_of_change(&lines), "the last change of the page"),
        ];
        let changed = self.day_of_change(&lines);
        let mut found = guesses.into_iter().filter_map(|(guess, origin)| Some((guess()?, origin)));
        // What is later than the last change is a day that the page is about, such as that of an event. The change may be said in
        // UTC, in which it is the day before.
        let last = changed.and_then(|day| day.succ_opt());
        found.find(|(day, _)| last.is_none_or(|last| *day <= last))
    }

    /// The lines that show the day of the visit.
    fn lines_of_visit(&self) -> Vec<String> {
        self.document.elements().filter(|node| is_of_visit(*node)).map(text_of_line).collect()
    }

    /// The day that the text says to be that of publication, or shows beside the headline.
    pub(super) fn day_written_in_text(&self) -> Option<(NaiveDate, &'static str)> {
        let text = ReportText::of(self.document);
        let lines: Vec<&str> = text.as_str().split('\n').collect();
        let behind = self.day_behind(&lines, &LEADS).map(|day| (day, IN_TEXT));
        behind.or_else(|| Some((self.day_around_headline(&lines, LONGEST_SHORT_LINE)?, NEAR_HEADLINE)))
    }

    /// All days that the page shows where articles have theirs.
    pub(super) fn days_shown(&self) -> Vec<NaiveDate> {
        let text = ReportText::of(self.document);
        let lines: Vec<&str> = text.as_str().split('\n').collect();
        let around = self.lines_around_headline(&lines);
        let around = around.filter(|line| line.chars().count() <= LONGEST_SHORT_LINE);
        let around = around.filter(|line| !contains_any(&line.to_lowercase(), &CHANGE_LEADS));
        self.days_near_headline().chain(around.filter_map(|line| self.first_day(line))).collect()
    }

    /// The day that is marked as that of publication, if the page marks one only, wherever it stands.
    fn day_marked_anywhere(&self) -> Option<NaiveDate> {
        let marked = self.document.elements().filter(|node| marks_publication(*node));
        let mut days = marked.filter_map(|node| self.read(&time_of(node))).map(|said| said.day);
        let first = days.next()?;
        days.all(|day| day == first).then_some(first)
    }

    fn heading_text(&self) -> String {
        self.heading.map(text_of_line).unwrap_or_default()
    }

    /// The day in the lines around the headline that have `most` characters.
    fn day_around_headline(&self, lines: &[&str], most: usize) -> Option<NaiveDate> {
        let lines = self.lines_around_headline(lines).filter(|line| line.chars().count() <= most);
        lines.into_iter().find_map(|line| self.day_of_line(line))
    }

    /// The lines from the headline on, and those before it.
    fn lines_around_headline<'l>(&self, lines: &'l [&'l str]) -> impl Iterator<Item = &'l str> {
        let heading = self.heading_text();
        let at = lines.iter().position(|line| !heading.is_empty() && line.contains(&heading));
        let behind = at.map_or(0..0, |at| at..(at + LINES_BEHIND + 1).min(lines.len()));
        let before = at.map_or(0..0, |at| at.saturating_sub(LINES_BEFORE)..at);
        lines[behind].iter().chain(lines[before].iter().rev()).copied()
    }

    /// The day in a short line, or at the beginning of a long one.
    fn day_of_line(&self, line: &str) -> Option<NaiveDate> {
        let is_short = line.chars().count() <= LONGEST_SHORT_LINE;
        let most = if is_short { LONGEST_SHORT_LINE } else { BEGINNING_OF_PROSE };
        self.day_of_web(start_of(line, most))
    }

    fn day_of_short_line(&self, line: &str) -> Option<NaiveDate> {
        (line.chars().count() <= 80).then(|| self.day_of_web(line)).flatten()
    }

    /// The first day of a text, since there are pages: an older one is that of what the page is about.
    fn day_of_web(&self, text: &str) -> Option<NaiveDate> {
        self.first_day(text).filter(|day| day.year() >= 1990)
    }

    /// The first day behind one of some words, in the same line.
    fn day_behind(&self, lines: &[&str], leads: &[&str]) -> Option<NaiveDate> {
        lines.iter().find_map(|line| {
            let lower = line.to_lowercase();
            let behind = leads.iter().filter_map(|lead| {
                let at = lower.find(lead).filter(|at| *at < 200)?;
                // A letter may have another length in lower case.
                self.first_day(start_of(line.get(at..)?, lead.chars().count() + FARTHEST_FROM_LEAD))
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

    /// The day of the last change, where the page has no other.
    fn day_of_change(&self, lines: &[&str]) -> Option<NaiveDate> {
        let data = self.article.map(|article| string(article, "dateModified")).unwrap_or_default();
        let meta = meta_content(self.document, "article:modified_time");
        let stated = [data, meta].iter().find_map(|text| self.read(text)).map(|said| said.day);
        stated.or_else(|| self.day_behind(lines, &CHANGE_LEADS))
    }

    /// The first whole day in a text that can be that of a report.
    pub(super) fn first_day(&self, text: &str) -> Option<NaiveDate> {
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
            .filter(|found| !is_of_person(&text[..found.range.start]))
            .filter_map(|found| found.reading.ok()?.whole_day())
            .find(|day| self.is_likely(*day) && self.day_of_copy() != Some(*day))
    }
}

/// Words that stand before the day of a person's birth or joining.
const OF_PERSONS: [&str; 18] = [
    "born",
    "joined",
    "registered",
    "member since",
    "geboren",
    "geb.",
    "registriert",
    "mitglied seit",
    "beigetreten",
    "né le",
    "née le",
    "inscrit",
    "nacido",
    "nacida",
    "miembro desde",
    "nato il",
    "nata il",
    "iscritto",
];

/// Whether the words before a day say that it is one of a person.
fn is_of_person(before: &str) -> bool {
    let lower = before.to_lowercase();
    let start = lower.char_indices().rev().nth(24).map_or(0, |(at, _)| at);
    contains_any(&lower[start..], &OF_PERSONS)
}

/// Whether the class or id of an element says that it shows the day of the visit.
fn is_of_visit(node: Node<'_>) -> bool {
    const NAMES: [&str; 7] =
        ["today", "date-today", "todays-date", "current-date", "currentdate", "current_date", "date-now"];
    let mut names = node.words("class").chain(node.words("id"));
    names.any(|name| NAMES.contains(&name.to_ascii_lowercase().as_str()))
}

/// Whether the words right before an element say that it is the day of a change: `last edited: <span>17 Jun 2018</span>`.
fn is_behind_change(node: Node<'_>) -> bool {
    let Some(outer) = node.parent() else { return false };
    let before = outer.children().take_while(|child| *child != node).filter_map(Node::text).last();
    before.is_some_and(|text| {
        let text = text.trim().trim_end_matches([':', ',', '-', ' ']).to_lowercase();
        CHANGE_LEADS.iter().any(|lead| text.ends_with(lead))
    })
}

/// The text of an element whose pieces may stand in elements of their own, with spaces between them.
fn in_pieces(node: Node<'_>) -> String {
    let texts: Vec<&str> = node.descendants().filter_map(Node::text).collect();
    texts.join(" ")
}

/// The heading that the title of the page repeats, else the first: many a page has its name in one.
pub(super) fn heading_of(document: &Document) -> Option<Node<'_>> {
    let headings = document.elements().filter(|node| matches!(node.name(), "h1" | "h2" | "h3"));
    let headings =
        headings.filter(|node| !is_beside(*node)).map(|node| (node, letters_of(&text_of_line(node))));
    let headings: Vec<(Node<'_>, String)> = headings.filter(|(_, letters)| !letters.is_empty()).collect();
    let title = letters_of(&title_of(document));
    let repeated = headings.iter().filter(|(_, letters)| letters.len() > 12 && title.contains(letters));
    let longest = repeated.max_by_key(|(_, letters)| letters.len());
    longest.or_else(|| headings.iter().find(|(node, _)| node.name() == "h1")).map(|(node, _)| *node)
}

/// Letters and figures alone: marks and spaces of a headline differ in the title of its page.
pub(super) fn letters_of(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

fn text_of_line(node: Node<'_>) -> String {
    source::excerpt::text_of(node, LONGEST_DATE_LINE).trim().to_owned()
}

fn title_of(document: &Document) -> String {
    let title = document.elements().find(|node| node.name() == "title");
    title.map(Node::text_content).unwrap_or_default()
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
    // Of a change, a file (German), or a field of a form.
    const OTHERS: [&str; 6] = ["update", "modified", "datei", "candidate", "validate", "picker"];
    let mut names = node.words("class").chain(node.words("id"));
    names.any(|name| {
        let name = name.to_ascii_lowercase();
        contains_any(&name, &NAMES) && !contains_any(&name, &OTHERS)
    })
}
