//! Whether quoted words stand in a report: as they are, changed, or not.
//!
//! The words are cut where something was left out, at brackets and between paragraphs; each stretch is looked for by itself, and
//! they have to come in their order. A stretch that is not there as it is counts as changed if few of its characters are
//! others, if most pairs of its words stand close together, or if the words around it are still there. A short one is
//! found exactly or not at all: a few letters are nearly found everywhere.

use std::collections::HashMap;
use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use super::comparable::Comparable;
use super::report_text::ReportText;
use super::search::nearest;
use crate::post::text_fragment::omissions;

/// Shorter stretches are found exactly or not at all.
const LEAST_NEAR: usize = 32;
/// From this length on a near match needs no context.
const LEAST_ALONE: usize = 64;
/// How many characters of context are remembered on each side.
pub(crate) const CONTEXT: usize = 32;

/// A page that words are looked for in.
pub(crate) struct ComparedReport<'t> {
    original: &'t str,
    text: Comparable,
    chars: Vec<char>,
    /// The byte of each character.
    bytes: Vec<usize>,
}

/// The words before and after a passage, as they stood in the report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PassageContext {
    pub(crate) before: String,
    pub(crate) after: String,
}

/// What became of a stretch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StretchState {
    Exact,
    Changed,
    Missing,
}

/// A stretch of quoted words, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StretchMatch {
    /// As it was quoted.
    pub(crate) words: String,
    pub(crate) state: StretchState,
    /// Its bytes in the text of the page.
    pub(crate) place: Range<usize>,
}

impl<'t> ComparedReport<'t> {
    /// Prepares the text of a page.
    pub(crate) fn of(report: &'t ReportText) -> Self {
        let original = report.as_str();
        let text = Comparable::of(original);
        let (bytes, chars) = text.as_str().char_indices().unzip();
        Self { original, text, chars, bytes }
    }

    /// The text of the page, as it is.
    pub(crate) fn original(&self) -> &'t str {
        self.original
    }

    /// Looks for quoted words, whose paragraphs are `lines`. `context` is what stood around them the last time.
    pub(crate) fn look_for(&self, lines: &[String], context: Option<&PassageContext>) -> Vec<StretchMatch> {
        let stretches = stretches(lines);
        let last = stretches.len().saturating_sub(1);
        let mut after = 0;
        let mut found = Vec::new();
        for (number, words) in stretches.into_iter().enumerate() {
            // The context stands before the first stretch and behind the last.
            let known = context.map(|context| PassageContext {
                before: if number == 0 { context.before.clone() } else { String::new() },
                after: if number == last { context.after.clone() } else { String::new() },
            });
            let (state, place) = self.find(&words, after, known.as_ref());
            if state != StretchState::Missing {
                after = place.end;
            }
            found.push(StretchMatch { words, state, place: self.text.in_original(&place) });
        }
        found
    }

    fn find(
        &self,
        words: &str,
        after: usize,
        context: Option<&PassageContext>,
    ) -> (StretchState, Range<usize>) {
        let wanted = Comparable::of(words);
        let wanted = trimmed(wanted.as_str());
        if wanted.is_empty() {
            return (StretchState::Exact, after..after);
        }
        if let Some(place) = self.exact(wanted, after) {
            return (StretchState::Exact, place);
        }
        // The report has the words in another order.
        if let Some(place) = self.exact(wanted, 0) {
            return (StretchState::Changed, place);
        }
        let length = wanted.chars().count();
        let near = (length >= LEAST_NEAR)
            .then(|| self.near(wanted, context).or_else(|| self.rewritten(wanted)))
            .flatten();
        match near.or_else(|| self.between(wanted, context?)) {
            Some(place) => (StretchState::Changed, place),
            None => (StretchState::Missing, 0..0),
        }
    }

    /// The words as they are, not within other words.
    fn exact(&self, wanted: &str, after: usize) -> Option<Range<usize>> {
        let text = self.text.as_str();
        let mut from = after;
        while let Some(at) = text.get(from..)?.find(wanted) {
            let (start, end) = (from + at, from + at + wanted.len());
            let before = text[..start].chars().next_back();
            let behind = text[end..].chars().next();
            let first = wanted.chars().next();
            let last = wanted.chars().next_back();
            if !is_within_word(before, first) && !is_within_word(last, behind) {
                return Some(start..end);
            }
            from = start + first.map_or(1, char::len_utf8);
        }
        None
    }

    /// Words of which at most one character in eight is another one.
    fn near(&self, wanted: &str, context: Option<&PassageContext>) -> Option<Range<usize>> {
        let pattern: Vec<char> = wanted.chars().collect();
        let most = (pattern.len() * 12 / 100).max(2);
        let found = nearest(&pattern, &self.chars, most)?;
        let place = self.byte(found.range.start)..self.byte(found.range.end);
        let is_sure = pattern.len() >= LEAST_ALONE;
        let has_context = context.is_none_or(|context| {
            (context.before.is_empty() && context.after.is_empty()) || self.stands_around(&place, context)
        });
        (is_sure || has_context).then_some(place)
    }

    fn byte(&self, character: usize) -> usize {
        self.bytes.get(character).copied().unwrap_or(self.text.as_str().len())
    }

    /// Whether the words on one side of a place are those of the context.
    fn stands_around(&self, place: &Range<usize>, context: &PassageContext) -> bool {
        let text = self.text.as_str();
        let before: Vec<char> = text[..place.start].chars().rev().take(2 * CONTEXT).collect();
        let before: Vec<char> = before.into_iter().rev().collect();
        let after: Vec<char> = text[place.end..].chars().take(2 * CONTEXT).collect();
        is_nearly_in(&context.before, &before) || is_nearly_in(&context.after, &after)
    }

    /// A passage in which a sentence was rewritten: of the pairs of words that stand side by side, a good part stands close
    /// together in the report.
    fn rewritten(&self, wanted: &str) -> Option<Range<usize>> {
        let pairs_wanted = pairs(wanted);
        if pairs_wanted.len() < 4 {
            return None;
        }
        let mut counts: HashMap<(&str, &str), usize> = HashMap::new();
        for pair in &pairs_wanted {
            *counts.entry((pair.first, pair.second)).or_default() += 1;
        }
        let text = self.text.as_str();
        let hits: Vec<WordPair<'_>> =
            pairs(text).into_iter().filter(|pair| counts.contains_key(&(pair.first, pair.second))).collect();
        let reach = wanted.len() * 3 / 2 + 40;
        let mut best: Option<(usize, Range<usize>)> = None;
        let mut start = 0;
        for (end, hit) in hits.iter().enumerate() {
            while hits[start].range.start + reach < hit.range.end {
                start += 1;
            }
            let mut left = counts.clone();
            let count = hits[start..=end]
                .iter()
                .filter(|pair| match left.get_mut(&(pair.first, pair.second)) {
                    Some(count) if *count > 0 => {
                        *count -= 1;
                        true
                    }
                    _ => false,
                })
                .count();
            if best.as_ref().is_none_or(|(most, _)| count > *most) {
                best = Some((count, hits[start].range.start..hit.range.end));
            }
        }
        let (count, place) = best?;
        (count >= 4.max(pairs_wanted.len() * 35 / 100)).then_some(place)
    }

    /// What stands between the words that stood around the passage.
    fn between(&self, wanted: &str, context: &PassageContext) -> Option<Range<usize>> {
        let (before, after) = (Comparable::of(&context.before), Comparable::of(&context.after));
        let (before, after) = (before.as_str().trim(), after.as_str().trim());
        if before.chars().count() < 12 || after.chars().count() < 12 {
            return None;
        }
        let text = self.text.as_str();
        let start = text.find(before)? + before.len();
        let end = start + text[start..].find(after)?;
        let (gap, length) = (text[start..end].trim().chars().count(), wanted.chars().count());
        // Where the words were cut out, nothing or little is left.
        (gap * 4 >= length && gap <= length * 3 + 40).then_some(start..end)
    }

    /// The words around a place of the page's text, to be remembered.
    pub(crate) fn context_of(&self, place: &Range<usize>) -> PassageContext {
        let before: Vec<char> = self.original[..place.start].chars().rev().take(CONTEXT).collect();
        PassageContext {
            before: one_line(&before.into_iter().rev().collect::<String>()),
            after: one_line(&self.original[place.end..].chars().take(CONTEXT).collect::<String>()),
        }
    }

    /// A place of the page's text, from the start of the sentence that it begins in to the end of the one that it ends in.
    pub(crate) fn sentences_around(&self, place: &Range<usize>) -> Range<usize> {
        let line_start = self.original[..place.start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = self.original[place.end..].find('\n').map_or(self.original.len(), |at| place.end + at);
        let line = &self.original[line_start..line_end];
        let mut around = place.clone();
        for (at, sentence) in line.split_sentence_bound_indices() {
            let sentence = line_start + at..line_start + at + sentence.len();
            if sentence.start <= place.start && place.start < sentence.end {
                around.start = sentence.start;
            }
            if sentence.start < place.end && place.end <= sentence.end {
                around.end = sentence.end;
            }
        }
        around
    }
}

/// Whether a text that was remembered stands in another, but for a quarter of its characters.
fn is_nearly_in(remembered: &str, text: &[char]) -> bool {
    let pattern: Vec<char> = Comparable::of(remembered).as_str().chars().collect();
    !pattern.is_empty() && nearest(&pattern, text, pattern.len() / 4).is_some()
}

/// Two words that stand side by side.
struct WordPair<'t> {
    first: &'t str,
    second: &'t str,
    range: Range<usize>,
}

fn pairs(text: &str) -> Vec<WordPair<'_>> {
    let words: Vec<(usize, &str)> = text.unicode_word_indices().collect();
    words
        .windows(2)
        .map(|two| WordPair { first: two[0].1, second: two[1].1, range: two[0].0..two[1].0 + two[1].1.len() })
        .collect()
}

/// The stretches of quoted words: cut where something was left out, at brackets and between paragraphs.
pub(crate) fn stretches(lines: &[String]) -> Vec<String> {
    let mut stretches: Vec<String> = Vec::new();
    for line in lines {
        for part in omissions(line) {
            stretches.extend(outside_brackets(&part));
        }
    }
    stretches.retain(|stretch| stretch.chars().any(char::is_alphanumeric));
    // Of a few letters between brackets nothing can be said, if there is more.
    let longest = stretches.iter().map(|stretch| stretch.chars().count()).max().unwrap_or_default();
    stretches.retain(|stretch| stretch.chars().count() >= longest.min(8));
    stretches
}

/// What stands outside square brackets, and does not touch them.
fn outside_brackets(part: &str) -> Vec<String> {
    if !part.contains(['[', ']']) {
        return vec![part.trim().to_owned()];
    }
    let mut pieces = vec![String::new()];
    let mut depth = 0_usize;
    for token in part.split_whitespace() {
        let is_touched = depth > 0 || token.contains(['[', ']']);
        depth = token.chars().fold(depth, |depth, c| match c {
            '[' => depth + 1,
            ']' => depth.saturating_sub(1),
            _ => depth,
        });
        if is_touched {
            pieces.push(String::new());
        } else if let Some(piece) = pieces.last_mut() {
            if !piece.is_empty() {
                piece.push(' ');
            }
            piece.push_str(token);
        }
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

/// Words without the marks around them, which belong to the sentence that quotes.
fn trimmed(words: &str) -> &str {
    let is_mark = |c: char| c.is_whitespace() || matches!(c, '\'' | '.' | ',' | ';' | ':' | '-');
    let bare = words.trim_matches(is_mark);
    if bare.is_empty() { words.trim() } else { bare }
}

/// Whether two characters are of one word. Scripts without spaces have no such edges.
fn is_within_word(left: Option<char>, right: Option<char>) -> bool {
    let is_of_word = |c: Option<char>| {
        c.is_some_and(|c| c.is_alphanumeric() && !matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{2e80}'..))
    };
    is_of_word(left) && is_of_word(right)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn states(words: &[&str], page: &str, context: Option<(&str, &str)>) -> Vec<StretchState> {
        let report = ReportText::of_plain(page);
        let lines: Vec<String> = words.iter().map(|line| (*line).to_owned()).collect();
        let context =
            context.map(|(before, after)| PassageContext { before: before.into(), after: after.into() });
        let found = ComparedReport::of(&report).look_for(&lines, context.as_ref());
        found.into_iter().map(|stretch| stretch.state).collect()
    }

    use StretchState::{Changed, Exact, Missing};

    const PAGE: &str = "A letter answered\nThe widow is ninety-three. “I did not expect it so soon,” she said. It rained on Monday.\nThe library \
        intends to paste the answer beside the letter, on page seven of the bound volume.\nMenu\n";

    #[test]
    fn words_that_stand_there_are_exact() {
        assert_eq!(
            states(
                &["The widow is ninety-three. […] \"I did not expect it so soon,\" she said."],
                PAGE,
                None
            ),
            [Exact, Exact]
        );
        assert_eq!(states(&["“It rained on Monday.”"], PAGE, None), [Exact]);
        assert_eq!(states(&["[T]he widow is ninety-three"], PAGE, None), [Exact]);
        assert_eq!(
            states(&["It rained on Monday.", "The library intends to paste"], PAGE, None),
            [Exact, Exact]
        );
    }

    #[test]
    fn words_that_were_changed_are_found() {
        assert_eq!(
            states(
                &["The library intends to paste the reply beside the letter, on page 7 of the bound volume."],
                PAGE,
                None
            ),
            [Changed]
        );
        assert_eq!(
            states(
                &[
                    "The library plans, as soon as it can, to paste the answer beside the letter; it stands on page seven of the bound volume."
                ],
                PAGE,
                None
            ),
            [Changed]
        );
        assert_eq!(
            states(&["It snowed all day."], PAGE, Some(("soon,” she said.", "The library intends to"))),
            [Changed]
        );
        assert_eq!(
            states(&["The library intends to paste […] The widow is ninety-three."], PAGE, None),
            [Exact, Changed]
        );
    }

    #[test]
    fn words_that_are_not_there_are_missing() {
        assert_eq!(
            states(
                &["The harbour was dredged twice, and the ferry stood still for the whole of the winter."],
                PAGE,
                None
            ),
            [Missing]
        );
        assert_eq!(states(&["It snowed on Monday."], PAGE, None), [Missing]);
        // Anchors that other programs got wrong.
        assert_eq!(states(&["Linus"], "the chines of the coast", None), [Missing]);
        assert_eq!(states(&["Robin"], "Robins sing. Robert left.", None), [Missing]);
        assert_eq!(states(&["Developer, Frontend"], "developers and desi", None), [Missing]);
    }

    #[test]
    fn a_place_knows_its_sentences() {
        let report = ReportText::of_plain(PAGE);
        let compared = ComparedReport::of(&report);
        let place = compared.look_for(&["not expect it so soon".to_owned()], None).remove(0).place;
        let context = compared.context_of(&place);
        assert_eq!(context.before, "e widow is ninety-three. “I did");
        assert!(PAGE[compared.sentences_around(&place)].contains("“I did not expect it so soon,”"));
    }
}
