//! Quoted words as terms can be made of them: what is spelled alike in every house style, and where it is cut.

use std::sync::LazyLock;

use icu_properties::CodePointMapData;
use icu_properties::props::{GeneralCategory, GeneralCategoryGroup, Script};
use icu_segmenter::options::WordBreakInvariantOptions;
use icu_segmenter::{WordSegmenter, WordSegmenterBorrowed};
use unicode_segmentation::UnicodeSegmentation;

use super::marks;

/// A word of a passage, or a part of it that engines take for a word in a script without spaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// As it was typed, with the marks around it.
    pub(super) text: String,
    /// What stands between the word before and this one.
    pub(super) gap: &'static str,
    /// Its length in halves of a word.
    pub(super) halves: usize,
    /// About how many words it is: more than one if it is a clause of a script without spaces.
    pub(super) count: usize,
    /// Its letters and digits; one of Han, kana or Hangul counts as two.
    pub(super) letters: usize,
    pub(super) ends_sentence: bool,
}

/// Words that a term may hold side by side.
pub(super) type Span = Vec<Word>;

/// Words that stand together in the report, up to the next omission.
#[derive(Debug, Default)]
pub(super) struct Stretch {
    /// The words, cut wherever a term may not go on.
    pub(super) spans: Vec<Span>,
    /// The lines, as they were typed.
    pub(super) lines: Vec<String>,
}

/// No name or compound is longer; what is, such as an address, is better left out of a term.
const LONGEST_WORD: usize = 60;
/// A clause of at most this many characters of Han and kana is not cut, as engines differ in the words that they see
/// in it.
const EAST_ASIAN_CLAUSE: usize = 24;
/// The same for Thai, Lao, Khmer and Burmese, which have spaces between clauses alone.
const SOUTH_EAST_ASIAN_CLAUSE: usize = 90;

/// Cuts lines into stretches. In a language that puts narrow spaces before marks (French), `spaced_marks` is set.
pub(super) fn stretches(lines: &[String], spacing: marks::Spacing) -> Vec<Stretch> {
    let mut stretches = Vec::new();
    let mut stretch = Stretch::default();
    for line in lines {
        for (number, part) in marks::omissions(line).into_iter().enumerate() {
            if number > 0 {
                stretches.push(std::mem::take(&mut stretch));
            }
            stretch.spans.extend(spans(&part, spacing));
            stretch.lines.push(part);
        }
    }
    stretches.push(stretch);
    stretches
}

/// The words of a part of a line, cut at marks.
fn spans(part: &str, spacing: marks::Spacing) -> Vec<Span> {
    let mut spans = vec![Span::new()];
    for token in marks::tokens(part, spacing) {
        match token {
            marks::Token::Cut => spans.push(Span::new()),
            marks::Token::Word(text) if !text.is_ascii() && text.chars().any(is_unspaced) => {
                unspaced(text, &mut spans)
            }
            marks::Token::Word(text) if is_longer(text, LONGEST_WORD) => spans.push(Span::new()),
            marks::Token::Word(text) => {
                spans.last_mut().into_iter().for_each(|span| span.push(spaced_word(text)))
            }
        }
    }
    spans.retain(|span| !span.is_empty());
    spans
}

fn spaced_word(text: &str) -> Word {
    Word {
        text: text.to_owned(),
        gap: " ",
        halves: 2,
        count: 1,
        letters: letters(text),
        ends_sentence: text
            .trim_end_matches([')', ']', '\'', '’'])
            .ends_with(['.', '!', '?', '।', '؟', '۔', '։', '።']),
    }
}

/// Cuts a token of a script without spaces. Letters and digits of other scripts are left out, as it is a matter of
/// taste whether they stand apart, and so are marks.
fn unspaced(text: &str, spans: &mut Vec<Span>) {
    let mut gap = " ";
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let class = class_of(first);
        let end = rest.find(|c| class_of(c) != class && !is_mark(c)).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        match class {
            ScriptClass::Other => spans.push(Span::new()),
            ScriptClass::EastAsian => {
                // A space between two of them is as often a matter of setting.
                let segmenters: &[Segmenter] =
                    if is_longer(run, EAST_ASIAN_CLAUSE) { &[&DICTIONARY] } else { &[] };
                let words = segments(run, segmenters);
                spans.push(words.map(|word| part_of_clause(word, "", word.chars().count(), 2)).collect());
                spans.push(Span::new());
            }
            ScriptClass::SouthEastAsian => {
                let segmenters: &[Segmenter] =
                    if is_longer(run, SOUTH_EAST_ASIAN_CLAUSE) { &[&DICTIONARY, &MODEL] } else { &[] };
                for word in segments(run, segmenters) {
                    let word = part_of_clause(word, gap, word.chars().count().div_ceil(3).max(3), 4);
                    spans.last_mut().into_iter().for_each(|span| span.push(word.clone()));
                    gap = "";
                }
            }
        }
        gap = "";
        rest = after;
    }
}

/// A word, or a clause of words that have `letters_a_word` letters each.
fn part_of_clause(text: &str, gap: &'static str, halves: usize, letters_a_word: usize) -> Word {
    let count = text.chars().count().div_ceil(letters_a_word);
    Word { text: text.to_owned(), gap, halves, count, letters: letters(text), ends_sentence: false }
}

fn is_longer(text: &str, characters: usize) -> bool {
    text.len() > characters && text.chars().nth(characters).is_some()
}

type Segmenter = &'static LazyLock<WordSegmenterBorrowed<'static>>;

static DICTIONARY: LazyLock<WordSegmenterBorrowed<'static>> =
    LazyLock::new(|| WordSegmenter::new_dictionary(WordBreakInvariantOptions::default()));
static MODEL: LazyLock<WordSegmenterBorrowed<'static>> =
    LazyLock::new(|| WordSegmenter::new_lstm(WordBreakInvariantOptions::default()));

/// The words of a run, cut only where all segmenters cut: Chromium and WebKit go by a dictionary, Firefox by a model. All
/// of it if there are none.
fn segments<'t>(run: &'t str, segmenters: &[Segmenter]) -> impl Iterator<Item = &'t str> {
    let mut cuts: Vec<usize> = match segmenters {
        [] => vec![0, run.len()],
        _ => run.char_indices().map(|(at, _)| at).chain([run.len()]).collect(),
    };
    for segmenter in segmenters {
        let found: Vec<usize> = segmenter.segment_str(run).collect();
        cuts.retain(|cut| found.binary_search(cut).is_ok());
    }
    let ends = cuts.clone().into_iter().skip(1);
    cuts.into_iter().zip(ends).map(|(start, end)| &run[start..end])
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ScriptClass {
    /// Han and kana.
    EastAsian,
    /// Thai, Lao, Khmer, Burmese.
    SouthEastAsian,
    Other,
}

fn class_of(c: char) -> ScriptClass {
    if c.is_ascii() || !(c.is_alphanumeric() || is_mark(c)) {
        return ScriptClass::Other;
    }
    match CodePointMapData::<Script>::new().get(c) {
        Script::Han | Script::Hiragana | Script::Katakana | Script::Bopomofo => ScriptClass::EastAsian,
        // The mark of a long vowel stands in both kana and has neither as its script.
        _ if c == 'ー' => ScriptClass::EastAsian,
        Script::Thai | Script::Lao | Script::Khmer | Script::Myanmar => ScriptClass::SouthEastAsian,
        _ => ScriptClass::Other,
    }
}

fn is_unspaced(c: char) -> bool {
    class_of(c) != ScriptClass::Other
}

/// Whether a character belongs to the letter before it: General_Category M.
pub(super) fn is_mark(c: char) -> bool {
    GeneralCategoryGroup::Mark.contains(CodePointMapData::<GeneralCategory>::new().get(c))
}

/// How many letters and digits a text has. A Han character, a kana or a syllable of Hangul says as much as two.
pub(super) fn letters(text: &str) -> usize {
    if text.is_ascii() {
        return text.bytes().filter(u8::is_ascii_alphanumeric).count();
    }
    let scripts = CodePointMapData::<Script>::new();
    let weights = text.chars().filter(|c| c.is_alphanumeric()).map(|c| match scripts.get(c) {
        Script::Han | Script::Hiragana | Script::Katakana | Script::Bopomofo | Script::Hangul => 2,
        _ => 1,
    });
    weights.sum()
}

/// A text without the marks around its first and last letter. What combines with a letter stays with it.
pub(super) fn trimmed(text: &str) -> &str {
    let mut clusters =
        text.grapheme_indices(true).filter(|(_, cluster)| cluster.starts_with(char::is_alphanumeric));
    let Some((start, first)) = clusters.next() else { return "" };
    let (last, cluster) = clusters.next_back().unwrap_or((start, first));
    &text[start..last + cluster.len()]
}
