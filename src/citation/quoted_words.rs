//! The words that an address names by its text fragment, cut out of the page (WICG Scroll to Text Fragment, section 3.4).
//!
//! "Copy link to highlight" of every browser writes `#:~:text=prefix-,start,end,-suffix`; what stands from `start` to `end` was
//! selected.

use std::ops::Range;

use percent_encoding::percent_decode_str;

use super::comparable::Comparable;
use super::report_text::ReportText;
use crate::post::text_fragment::split_directive;

/// One `text=` of an address, decoded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct TextDirective {
    prefix: String,
    start: String,
    /// Empty if the start is all.
    end: String,
    suffix: String,
}

/// What stands between two passages of one quotation.
const OMISSION: &str = "[…]";

/// The words that an address names on its page, by paragraphs; none if it names none, or none that are there.
pub(crate) fn selected_words(address: &str, report: &ReportText) -> Option<Vec<String>> {
    let page = SelectablePage::of(report);
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for directive in directives(address) {
        let Some(range) = page.find(&directive) else { continue };
        // A further directive may name the same words in other terms, for browsers that do not find the first.
        if !ranges.iter().any(|known| known.start < range.end && range.start < known.end) {
            ranges.push(range);
        }
    }
    ranges.sort_by_key(|range| range.start);
    let mut paragraphs: Vec<String> = Vec::new();
    for (number, range) in ranges.into_iter().enumerate() {
        let mut lines = report.as_str()[range].split('\n').map(str::trim).filter(|line| !line.is_empty());
        if number > 0
            && let (Some(last), Some(first)) = (paragraphs.last_mut(), lines.next())
        {
            last.push_str(&format!(" {OMISSION} {first}"));
        }
        paragraphs.extend(lines.map(str::to_owned));
    }
    (!paragraphs.is_empty()).then_some(paragraphs)
}

/// Whether an address names words.
pub(crate) fn names_words(address: &str) -> bool {
    !directives(address).is_empty()
}

/// The text directives of an address.
fn directives(address: &str) -> Vec<TextDirective> {
    let directive = split_directive(address).directive;
    let parts = directive.trim_start_matches('#').trim_start_matches(":~:").split('&');
    parts.filter_map(|part| part.strip_prefix("text=")).filter_map(TextDirective::read).collect()
}

impl TextDirective {
    fn read(text: &str) -> Option<Self> {
        let mut terms: Vec<&str> = text.split(',').collect();
        let prefix = terms.first().and_then(|term| term.strip_suffix('-')).map(decoded);
        if prefix.is_some() {
            terms.remove(0);
        }
        let suffix = terms.last().and_then(|term| term.strip_prefix('-')).map(decoded);
        if suffix.is_some() {
            terms.pop();
        }
        let (start, end) = match terms.as_slice() {
            [start] => (decoded(start), String::new()),
            [start, end] => (decoded(start), decoded(end)),
            _ => return None,
        };
        let directive =
            Self { prefix: prefix.unwrap_or_default(), start, end, suffix: suffix.unwrap_or_default() };
        (!directive.start.trim().is_empty()).then_some(directive)
    }
}

fn decoded(term: &str) -> String {
    percent_decode_str(term).decode_utf8_lossy().into_owned()
}

/// A page whose words can be named: without regard to case.
struct SelectablePage {
    text: Comparable,
    letters: Vec<char>,
    bytes: Vec<usize>,
}

impl SelectablePage {
    fn of(report: &ReportText) -> Self {
        let text = Comparable::of(report.as_str());
        let (bytes, letters) = text.as_str().char_indices().map(|(at, c)| (at, lower(c))).unzip();
        Self { text, letters, bytes }
    }

    /// Where the words of a directive stand in the page's text.
    fn find(&self, directive: &TextDirective) -> Option<Range<usize>> {
        let [prefix, start, end, suffix] =
            [&directive.prefix, &directive.start, &directive.end, &directive.suffix].map(|term| terms(term));
        let mut from = 0;
        loop {
            let begins = self.next(&start, from)?;
            from = begins.start + 1;
            if !prefix.is_empty() && !self.ends_before(&prefix, begins.start) {
                continue;
            }
            let ends =
                if end.is_empty() { Some(begins.clone()) } else { self.end_after(&end, &suffix, begins.end) };
            let ends = ends?;
            if end.is_empty() && !suffix.is_empty() && !self.begins_behind(&suffix, ends.end) {
                continue;
            }
            let place = self.byte(begins.start)..self.byte(ends.end);
            return Some(self.text.in_original(&place));
        }
    }

    fn end_after(&self, end: &[char], suffix: &[char], from: usize) -> Option<Range<usize>> {
        let mut from = from;
        loop {
            let found = self.next(end, from)?;
            if suffix.is_empty() || self.begins_behind(suffix, found.end) {
                return Some(found);
            }
            from = found.start + 1;
        }
    }

    /// The next place of a term as whole words.
    fn next(&self, term: &[char], from: usize) -> Option<Range<usize>> {
        let mut at = from;
        while at + term.len() <= self.letters.len() {
            at += self.letters[at..].windows(term.len()).position(|window| window == term)?;
            let range = at..at + term.len();
            if self.is_edge(range.start) && self.is_edge(range.end) {
                return Some(range);
            }
            at += 1;
        }
        None
    }

    /// Whether a word can begin or end at a place. Scripts without spaces have no such edges.
    fn is_edge(&self, at: usize) -> bool {
        let is_of_word = |c: Option<&char>| c.is_some_and(|c| c.is_alphanumeric() && *c < '\u{e00}');
        let before = at.checked_sub(1).and_then(|before| self.letters.get(before));
        !(is_of_word(before) && is_of_word(self.letters.get(at)))
    }

    fn ends_before(&self, term: &[char], at: usize) -> bool {
        let mut end = at;
        while end > 0 && self.letters[end - 1] == ' ' {
            end -= 1;
        }
        self.letters[..end].ends_with(term)
    }

    fn begins_behind(&self, term: &[char], at: usize) -> bool {
        let skipped = self.letters[at..].iter().take_while(|c| **c == ' ').count();
        self.letters[at + skipped..].starts_with(term)
    }

    fn byte(&self, letter: usize) -> usize {
        self.bytes.get(letter).copied().unwrap_or(self.text.as_str().len())
    }
}

fn terms(term: &str) -> Vec<char> {
    Comparable::of(term).as_str().trim().chars().map(lower).collect()
}

fn lower(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(fragment: &str, expected: &[&str]) {
        let report = ReportText::of_plain(
            "A letter answered\nThe widow, Mrs. Thorne, is ninety-three. She said “no”.\nIt rained on Monday. It was late.\nOn Monday it rained, too.\n",
        );
        let words = selected_words(&format!("https://a.example/letter{fragment}"), &report);
        assert_eq!(words.unwrap_or_default(), expected, "{fragment}");
    }

    #[test]
    fn a_fragment_names_words() {
        check(
            "#:~:text=The%20widow%2C%20Mrs.%20Thorne%2C%20is%20ninety%2Dthree.",
            &["The widow, Mrs. Thorne, is ninety-three."],
        );
        check(
            "#:~:text=she%20said,it%20was%20late.",
            &["She said “no”.", "It rained on Monday. It was late."],
        );
        check("#letter:~:text=rained-,on%20monday", &["on Monday"]);
        check("#:~:text=Monday,-it", &["Monday"]);
        check("#:~:text=It%20rained,Monday&text=rained%20on", &["It rained on Monday"]);
        check("#:~:text=The%20widow&text=It%20was%20late.", &["The widow […] It was late."]);
        check("#:~:text=late.-,On%20Monday,too", &["On Monday it rained, too"]);
    }

    #[test]
    fn what_is_not_there_is_not_named() {
        for fragment in [
            "",
            "#letter",
            "#:~:text=",
            "#:~:text=dow",
            "#:~:text=It,harbour",
            "#:~:text=a,b,c",
            "#:~:selector(x)",
        ] {
            check(fragment, &[]);
        }
    }

    #[test]
    fn our_own_fragments_name_the_words_they_are_made_of() {
        let report = ReportText::of_plain(
            "Before it.\nThe widow, Mrs. Thorne, is ninety-three, and she did not expect it so soon, as she said.\nAfter.\n",
        );
        let words =
            "The widow, Mrs. Thorne, is ninety-three, and she did not expect it so soon, as she said."
                .to_owned();
        let fragment = crate::post::text_fragment::text_fragment(std::slice::from_ref(&words), None);
        let found = selected_words(&format!("https://a.example/{fragment}"), &report).unwrap();
        assert!(words.contains(&found[0]) && found[0].len() > 70, "{found:?}");
    }
}
