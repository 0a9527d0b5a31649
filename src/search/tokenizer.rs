//! Words: how a text is cut into terms. The script of the search page cuts what a reader types in the same way.
//!
//! Both read one table, `table.json`, and one file of examples tests both. A text is normalised (NFKC) and put in lower
//! case; the table says of each character whether it belongs to a word, stands in a script without spaces between
//! words, is left out, or separates. A word is a term. Of a script without spaces each two characters side by side are
//! one, and the last character alone, so that every part of a text can be found and no dictionary is needed.
//!
//! Accents are folded, but for the letters that a language has besides those of the alphabet: `å` in Swedish is not `a`.
//! A word with such a letter has two forms, one with it and one without; a word that a language also spells with two
//! letters (`ü` as `ue`) has a third.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use hashbrown::HashMap;
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use serde::Deserialize;

/// The table, as the script has it as well.
pub(super) const TABLE: &str = include_str!("table.json");

/// Longer runs of letters are data, which are not typed.
const LONGEST: usize = 64;

/// The last two letters behind an apostrophe belong to the word before it: `don’t`, `it’s`, but not `l’école`.
const SHORT_ENDING: usize = 2;

const APOSTROPHES: [char; 4] = ['\'', '’', 'ʼ', '‛'];

/// What a character is to words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CharClass {
    Separator,
    /// It belongs to a word.
    Letter,
    /// It stands in a script without spaces between words.
    Pair,
    /// It is left out.
    Ignored,
}

/// Which of the forms of a word a term is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WordForm {
    /// As it is written, with the letters of its language.
    Written,
    /// With other letters in their place.
    Folded,
}

/// A term, where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TextToken<'t> {
    pub(crate) term: &'t str,
    pub(crate) form: WordForm,
    /// The number of its word. All forms of a word have the same.
    pub(crate) position: u32,
}

#[derive(Deserialize)]
struct WrittenTable {
    /// Runs of characters of one class from U+0000 to U+FFFF: the length in base 36, and the first letter of the class.
    classes: String,
    /// What stands for a character, besides its own without marks.
    folds: BTreeMap<char, String>,
    /// By language tags with spaces between them: letters that are not folded, or `*` for all.
    kept: BTreeMap<String, String>,
    /// By language tags: characters that are also spelt with two.
    spelt: BTreeMap<String, BTreeMap<char, String>>,
}

struct CharTable {
    classes: Vec<CharClass>,
    folds: HashMap<char, String>,
    languages: HashMap<String, Letters>,
}

/// The letters of a language.
#[derive(Debug, Clone, Default)]
struct Letters {
    kept: Vec<char>,
    /// All its letters are kept, with their marks.
    keeps_all: bool,
    spelt: HashMap<char, String>,
}

static READ_TABLE: LazyLock<CharTable> = LazyLock::new(|| {
    let written: WrittenTable = serde_json::from_str(TABLE).expect("a test reads the table");
    let mut languages: HashMap<String, Letters> = HashMap::new();
    for (tags, kept) in &written.kept {
        for tag in tags.split(' ') {
            let letters = languages.entry(tag.to_owned()).or_default();
            letters.keeps_all = kept == "*";
            letters.kept.extend(kept.chars());
        }
    }
    for (tags, spelt) in &written.spelt {
        for tag in tags.split(' ') {
            let pairs = spelt.iter().map(|(from, to)| (*from, to.clone()));
            languages.entry(tag.to_owned()).or_default().spelt.extend(pairs);
        }
    }
    CharTable {
        classes: read_classes(&written.classes),
        folds: written.folds.into_iter().collect(),
        languages,
    }
});

fn read_classes(text: &str) -> Vec<CharClass> {
    let mut classes = Vec::new();
    for run in text.split_inclusive(|c: char| c.is_ascii_uppercase()) {
        let (length, class) = run.split_at(run.len() - 1);
        let class = match class {
            "L" => CharClass::Letter,
            "P" => CharClass::Pair,
            "I" => CharClass::Ignored,
            _ => CharClass::Separator,
        };
        let length = usize::from_str_radix(length, 36).expect("a test reads the table");
        classes.resize(classes.len() + length, class);
    }
    classes
}

fn class_of(c: char) -> CharClass {
    // Beyond what the table has are letters of old scripts, then symbols and emoji, Chinese characters, and marks of
    // the characters before them.
    match u32::from(c) {
        0x1_0000..0x1_f000 => CharClass::Letter,
        0x1_f000..0x2_0000 => CharClass::Separator,
        0x2_0000..0xe_0000 => CharClass::Pair,
        0xe_0000.. => CharClass::Ignored,
        code => READ_TABLE.classes.get(code as usize).copied().unwrap_or(CharClass::Separator),
    }
}

/// Cuts texts into terms.
pub(crate) struct Tokenizer {
    letters: Letters,
    position: u32,
    word: String,
    /// The last character of a script without spaces.
    pair: Option<char>,
    folded: String,
    spelt: String,
}

impl Tokenizer {
    /// A tokenizer for texts of a language, by its BCP 47 tag.
    pub(crate) fn new(language: &str) -> Self {
        let primary = language.split(['-', '_']).next().unwrap_or_default().to_lowercase();
        let letters = READ_TABLE.languages.get(&primary).cloned().unwrap_or_default();
        Self {
            letters,
            position: 0,
            word: String::new(),
            pair: None,
            folded: String::new(),
            spelt: String::new(),
        }
    }

    /// The terms of a text. Its words are numbered on from those of the texts before.
    pub(crate) fn read(&mut self, text: &str, sink: &mut impl FnMut(TextToken<'_>)) {
        if text.is_ascii() {
            self.read_normal(text, sink);
        } else {
            self.read_normal(&ComposingNormalizerBorrowed::new_nfkc().normalize(text), sink);
        }
    }

    /// Numbers the words to come as if others stood between: a phrase does not reach across.
    pub(crate) fn skip(&mut self, words: u32) {
        self.position += words;
    }

    fn read_normal(&mut self, text: &str, sink: &mut impl FnMut(TextToken<'_>)) {
        let mut rest = text.chars();
        while let Some(c) = rest.next() {
            if c.is_ascii_alphanumeric() {
                self.end_pairs(sink);
                self.word.push(c.to_ascii_lowercase());
            } else if c == ' ' {
                self.end_word(sink);
                self.end_pairs(sink);
            } else if APOSTROPHES.contains(&c) {
                if self.word.is_empty() || !has_short_ending(rest.as_str()) {
                    self.end_word(sink);
                    self.end_pairs(sink);
                }
            } else {
                c.to_lowercase().for_each(|c| self.read_char(c, sink));
            }
        }
        self.end_word(sink);
        self.end_pairs(sink);
    }

    fn read_char(&mut self, c: char, sink: &mut impl FnMut(TextToken<'_>)) {
        match class_of(c) {
            CharClass::Ignored => {}
            CharClass::Separator => {
                self.end_word(sink);
                self.end_pairs(sink);
            }
            CharClass::Letter => {
                self.end_pairs(sink);
                self.word.push(c);
            }
            CharClass::Pair => {
                self.end_word(sink);
                if let Some(before) = self.pair.replace(c) {
                    let mut term = String::from(before);
                    term.push(c);
                    sink(TextToken { term: &term, form: WordForm::Written, position: self.position });
                    self.position += 1;
                }
            }
        }
    }

    fn end_pairs(&mut self, sink: &mut impl FnMut(TextToken<'_>)) {
        if let Some(last) = self.pair.take() {
            let term = last.encode_utf8(&mut [0; 4]).to_owned();
            sink(TextToken { term: &term, form: WordForm::Written, position: self.position });
            self.position += 1;
        }
    }

    fn end_word(&mut self, sink: &mut impl FnMut(TextToken<'_>)) {
        if self.word.is_empty() {
            return;
        }
        if self.word.is_ascii() {
            if self.word.len() <= LONGEST {
                sink(TextToken { term: &self.word, form: WordForm::Written, position: self.position });
            }
        } else if self.word.chars().count() <= LONGEST {
            self.forms(sink);
        }
        self.position += 1;
        self.word.clear();
    }

    fn forms(&mut self, sink: &mut impl FnMut(TextToken<'_>)) {
        let mut written = String::with_capacity(self.word.len());
        self.folded.clear();
        self.spelt.clear();
        for c in self.word.chars() {
            let before = self.folded.len();
            fold(c, &mut self.folded);
            let folded = &self.folded[before..];
            match self.letters.keeps_all || self.letters.kept.contains(&c) {
                true => written.push(c),
                false => written.push_str(folded),
            }
            self.spelt.push_str(self.letters.spelt.get(&c).map_or(folded, String::as_str));
        }
        let position = self.position;
        sink(TextToken { term: &written, form: WordForm::Written, position });
        if self.folded != written {
            sink(TextToken { term: &self.folded, form: WordForm::Folded, position });
        }
        if self.spelt != written && self.spelt != self.folded {
            sink(TextToken { term: &self.spelt, form: WordForm::Folded, position });
        }
    }
}

/// Whether one or two letters stand at the start of a text, and no third.
fn has_short_ending(text: &str) -> bool {
    let lower = text.chars().flat_map(char::to_lowercase);
    let letters = lower.take_while(|&c| class_of(c) == CharClass::Letter).take(SHORT_ENDING + 1).count();
    (1..=SHORT_ENDING).contains(&letters)
}

/// A character without its marks.
fn fold(c: char, out: &mut String) {
    if c.is_ascii() {
        out.push(c);
        return;
    }
    if let Some(fold) = READ_TABLE.folds.get(&c) {
        out.push_str(fold);
        return;
    }
    let mut bytes = [0; 4];
    let decomposed = DecomposingNormalizerBorrowed::new_nfd().normalize(c.encode_utf8(&mut bytes));
    for part in decomposed.chars().filter(|&part| class_of(part) != CharClass::Ignored) {
        match READ_TABLE.folds.get(&part) {
            Some(fold) => out.push_str(fold),
            None => out.push(part),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::fmt::Write;

    use icu_properties::CodePointMapData;
    use icu_properties::props::{GeneralCategory, Script};

    use super::*;

    /// What the table has to say of a character; none of one that is not assigned.
    fn class_by_unicode(c: char) -> Option<CharClass> {
        let category = CodePointMapData::<GeneralCategory>::new().get(c);
        let script = CodePointMapData::<Script>::new().get(c);
        let is_pair = matches!(
            script,
            Script::Han
                | Script::Hiragana
                | Script::Katakana
                | Script::Hangul
                | Script::Bopomofo
                | Script::Thai
                | Script::Lao
                | Script::Khmer
                | Script::Myanmar
        ) || c == 'ー';
        // Vowels of the scripts of India are marks, and belong to their words; accents and points of vowels do not.
        let is_point = matches!(c, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5c7}' | '\u{610}'..='\u{61a}'
            | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{6d6}'..='\u{6ed}' | '\u{8d3}'..='\u{8ff}' | '\u{1ab0}'..='\u{1aff}'
            | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}');
        match category {
            GeneralCategory::Unassigned | GeneralCategory::PrivateUse | GeneralCategory::Surrogate => None,
            GeneralCategory::NonspacingMark
            | GeneralCategory::EnclosingMark
            | GeneralCategory::ModifierLetter
                if is_point =>
            {
                Some(CharClass::Ignored)
            }
            GeneralCategory::Format => Some(CharClass::Ignored),
            GeneralCategory::UppercaseLetter
            | GeneralCategory::LowercaseLetter
            | GeneralCategory::TitlecaseLetter
            | GeneralCategory::ModifierLetter
            | GeneralCategory::OtherLetter
            | GeneralCategory::NonspacingMark
            | GeneralCategory::SpacingMark
            | GeneralCategory::EnclosingMark
            | GeneralCategory::DecimalNumber
            | GeneralCategory::LetterNumber
            | GeneralCategory::OtherNumber => Some(if is_pair { CharClass::Pair } else { CharClass::Letter }),
            _ => Some(CharClass::Separator),
        }
    }

    /// The classes as the table writes them. What is not assigned is as what stands before it.
    fn written_classes() -> String {
        let mut runs: Vec<(CharClass, u32)> = Vec::new();
        for number in 0..0x1_0000 {
            let class = char::from_u32(number).and_then(class_by_unicode);
            match (runs.last_mut(), class) {
                (Some((_, length)), None) => *length += 1,
                (Some((last, length)), Some(class)) if *last == class => *length += 1,
                (_, class) => runs.push((class.unwrap_or(CharClass::Separator), 1)),
            }
        }
        let mut text = String::new();
        for (class, length) in runs {
            let letter = match class {
                CharClass::Separator => 'S',
                CharClass::Letter => 'L',
                CharClass::Pair => 'P',
                CharClass::Ignored => 'I',
            };
            let _ = write!(text, "{}{letter}", base_36(length));
        }
        text
    }

    fn base_36(mut number: u32) -> String {
        let mut digits = Vec::new();
        while number > 0 || digits.is_empty() {
            digits.push(char::from_digit(number % 36, 36).unwrap());
            number /= 36;
        }
        digits.iter().rev().collect()
    }

    /// With another version of Unicode, `classes` has to be what this test says it should be; the version of the index
    /// changes with it.
    #[test]
    fn the_table_is_what_unicode_says() {
        let written: WrittenTable = serde_json::from_str(TABLE).unwrap();
        let wanted = written_classes();
        assert!(written.classes == wanted, "`classes` has to be\n{wanted}");
    }

    fn terms(text: &str, language: &str) -> String {
        let mut terms = String::new();
        let mut at = None;
        Tokenizer::new(language).read(text, &mut |token: TextToken<'_>| {
            let joint = if at == Some(token.position) { "|" } else { " " };
            let _ = write!(terms, "{}{}", if at.is_none() { "" } else { joint }, token.term);
            at = Some(token.position);
        });
        terms
    }

    /// The examples, each in a line: language, text and terms with tabs between them. The script is tested with the same.
    #[test]
    fn texts_are_cut_as_the_examples_say() {
        let mut count = 0;
        for line in include_str!("examples.tsv").lines() {
            let [language, text, wanted] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
            assert_eq!(terms(text, language), wanted, "{language}: {text}");
            count += 1;
        }
        assert!(count >= 300, "{count}");
    }
}
