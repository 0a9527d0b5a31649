//! Text fragments: the part of an address that makes a browser scroll to the quoted words (WICG Scroll to Text
//! Fragment), so that Chromium, Firefox and WebKit find them.
//!
//! A term must be spelled as in the report, and begin and end where each engine sees the edge of a word. So terms hold
//! no marks that house styles spell in several ways, and a passage is named by its first and its last words: between
//! them may stand anything.

mod marks;
mod words;

use crate::path::percent_encode;

pub(crate) use self::marks::omissions;

use self::marks::Spacing;
use self::words::{Span, Stretch, Word, letters, trimmed};

/// More stretches than this make an unwieldy address and do not find more.
const MOST_STRETCHES: usize = 4;
/// A passage of at least this many half words is named by its ends.
const RANGE: usize = 12;
/// The most half words of a start. A long start is found at one place only, though a report begins twice alike.
const START: usize = 14;
/// The most half words of an end.
const END: usize = 9;
/// Letters of a term that a report has hardly twice, if they are two words or more.
const STRONG: usize = 12;
/// The same for three words or more.
const STRONG_OF_THREE: usize = 10;
/// Letters of a word that can be an end of a range by itself.
const LONG_WORD: usize = 7;
/// The most bytes of a term in UTF-8; percent-encoded they are three times as many.
const LONGEST: usize = 80;
/// A fragment of at least this many bytes gets no further directive.
const LONG: usize = 1000;
/// Letters that each term has at least.
const FEWEST: usize = 3;

/// The text fragment with its `#` that finds quoted words: a directive for each stretch between ellipses, and one for
/// other words of the first stretch, as engines scroll to the first that they find. `lines` are the words as they were
/// typed, without marks of Markdown, each of which ends where a paragraph or a line of verse does; `language` is their
/// BCP 47 tag. Empty if nothing is left to find.
pub fn text_fragment(lines: &[String], language: Option<&str>) -> String {
    let spacing = Spacing::of(language);
    let mut stretches = words::stretches(lines, spacing);
    // Two words after an omission find the wrong place more often than the right one.
    let longest = stretches.iter().map(Stretch::halves).max().unwrap_or(0);
    stretches.retain(|stretch| stretch.halves() > 4 || stretch.halves() == longest);
    let mut directives: Vec<String> = Vec::new();
    for (number, stretch) in stretches.iter().take(MOST_STRETCHES).enumerate() {
        let most = if number == 0 { 2 } else { 1 };
        for directive in stretch.directives(spacing).into_iter().take(most) {
            if directives.is_empty()
                || directives.iter().map(String::len).sum::<usize>() + directive.len() < LONG
            {
                directives.push(directive);
            }
        }
    }
    if directives.is_empty() { String::new() } else { format!("#:~:text={}", directives.join("&text=")) }
}

/// An address in its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DirectedAddress<'a> {
    /// What names a document or a part of it, without a `#` before nothing.
    pub clean: &'a str,
    /// What is for the browser alone, from `:~:` on (WICG Scroll to Text Fragment, section 3.3); may be empty.
    pub directive: &'a str,
}

/// Takes an address apart that may have been copied with the directive of another program.
pub(crate) fn split_directive(address: &str) -> DirectedAddress<'_> {
    let found = address.find('#').and_then(|hash| Some(hash + address[hash..].find(":~:")?));
    let (clean, directive) = address.split_at(found.unwrap_or(address.len()));
    DirectedAddress {
        clean: if directive.is_empty() { clean } else { clean.trim_end_matches('#') },
        directive,
    }
}

impl Stretch {
    fn halves(&self) -> usize {
        self.spans.iter().flatten().map(|word| word.halves).sum()
    }

    /// The best directive, and one that is found if the report has something within the terms of the first: a drop
    /// cap, the mark of a footnote, a picture.
    fn directives(&self, spacing: Spacing) -> Vec<String> {
        let spans: Vec<&[Word]> = self.spans.iter().map(Span::as_slice).collect();
        let found = Terms::of(&spans);
        let strongest = self.spans.iter().map(|span| letters_of(span)).max().unwrap_or(0);
        let typed = match self.lines.as_slice() {
            [line] if strongest < STRONG_OF_THREE => trimmed(line),
            _ => "",
        };
        let mut directives = Vec::new();
        // Too few words to leave a number or a single sign out.
        if letters(typed) > strongest
            && marks::is_spelled_one_way(typed, spacing)
            && !typed.contains(['[', ']'])
            && typed.split_whitespace().count() < RANGE
        {
            directives.push(encoded(typed));
            let safe = found.filter(|terms| {
                terms.is_safe() && (!terms.end.is_empty() || letters_of(terms.start) >= STRONG_OF_THREE)
            });
            directives.extend(safe.map(|terms| terms.directive()));
            return directives;
        }
        let Some(terms) = found else { return directives };
        directives.push(terms.directive());
        directives.extend(terms.fallback(&spans).filter(Terms::is_safe).map(|terms| terms.directive()));
        directives
    }
}

/// What a directive names: a start and an end, or all of the words.
#[derive(Debug, Clone)]
struct Terms<'w> {
    start: &'w [Word],
    /// Empty if the start is all.
    end: &'w [Word],
}

impl<'w> Terms<'w> {
    /// The terms for words that may stand apart from span to span.
    fn of(spans: &[&'w [Word]]) -> Option<Self> {
        let first = spans.iter().position(|span| is_strong(span)).or_else(|| {
            let most = spans.iter().map(|span| letters_of(span)).max()?;
            spans.iter().position(|span| letters_of(span) == most)
        })?;
        let (span, after) = (spans[first], &spans[first + 1..]);
        if letters_of(span) < FEWEST {
            return None;
        }
        let last = after.iter().rev().find(|span| is_found_at_one_place(last_words(span, END)));
        // Of words between others that are left out, a few are found anywhere.
        let is_alone = spans.len() > 1 && last.is_none();
        let is_weak = if is_alone {
            letters_of(span) < STRONG_OF_THREE || count_of(span) < 2
        } else {
            !is_found_at_one_place(span)
        };
        if spans.len() > 1 && is_weak {
            return None;
        }
        match last {
            None if halves_of(span) < RANGE => Some(Self { start: span, end: &[] }),
            None => {
                let mut start = first_words(span, START.min(halves_of(span) / 2));
                // A few small words are found in many places.
                while letters_of(start) < STRONG && start.len() + 2 < span.len() {
                    start = &span[..=start.len()];
                }
                Some(Self { start, end: last_words(&span[start.len()..], END.min(halves_of(span) / 2)) })
            }
            Some(last) => Some(Self { start: first_words(span, START), end: last_words(last, END) }),
        }
    }

    /// Terms that hold none of these words if enough others are between them, else the same without the first and
    /// the last word.
    fn fallback(&self, spans: &[&'w [Word]]) -> Option<Self> {
        let between = self.between(spans);
        if between.iter().map(|span| halves_of(span)).sum::<usize>() >= RANGE {
            return Self::of(&between);
        }
        let (_, start) = self.start.split_first()?;
        if self.end.is_empty() {
            let (_, start) = start.split_last()?;
            return Some(Self { start, end: &[] }).filter(|terms| letters_of(terms.start) >= STRONG_OF_THREE);
        }
        let (_, end) = self.end.split_last()?;
        Some(Self { start, end: if is_safe(end) { end } else { self.end } })
    }

    /// The words behind the start and before the end.
    fn between(&self, spans: &[&'w [Word]]) -> Vec<&'w [Word]> {
        let (Some(last_of_start), Some(first_of_end)) = (self.start.last(), self.end.first()) else {
            return Vec::new();
        };
        let mut between = Vec::new();
        let mut is_behind = false;
        for span in spans {
            let from = match position_of(last_of_start, span) {
                Some(at) => at + 1,
                None => 0,
            };
            is_behind |= from > 0;
            let to = position_of(first_of_end, span);
            if is_behind && from < to.unwrap_or(span.len()) {
                between.push(&span[from..to.unwrap_or(span.len())]);
            }
            if to.is_some() {
                break;
            }
        }
        between
    }

    fn is_safe(&self) -> bool {
        is_safe(self.start) && (self.end.is_empty() || is_safe(self.end))
    }

    fn directive(&self) -> String {
        let start = encoded(&text_of(self.start));
        if self.end.is_empty() { start } else { format!("{start},{}", encoded(&text_of(self.end))) }
    }
}

/// Whether a term can be an end of a range: one small word is found in too many places.
fn is_found_at_one_place(term: &[Word]) -> bool {
    is_safe(term) || letters_of(term) >= LONG_WORD
}

/// Whether a report hardly has a term twice.
fn is_strong(span: &[Word]) -> bool {
    let letters = letters_of(span);
    letters >= STRONG && count_of(span) >= 2 || letters >= STRONG_OF_THREE && count_of(span) >= 3
}

/// The place of this very word in a span, not of another one that is alike.
fn position_of(word: &Word, span: &[Word]) -> Option<usize> {
    span.iter().position(|other| std::ptr::eq(other, word))
}

/// As many of the first words as fit, one at least, up to the end of a sentence if those are enough: behind it may
/// stand a footnote mark, or a paragraph end.
fn first_words(words: &[Word], halves: usize) -> &[Word] {
    let mut count = 0;
    for (index, word) in words.iter().enumerate() {
        count += word.halves;
        if (count > halves || bytes_of(&words[..=index]) > LONGEST) && index > 0 {
            return &words[..index];
        }
        if word.ends_sentence && count >= 6 && letters_of(&words[..=index]) >= STRONG {
            return &words[..=index];
        }
    }
    words
}

/// As many of the last words as fit, one at least, from the beginning of a sentence on if those are enough.
fn last_words(words: &[Word], halves: usize) -> &[Word] {
    let mut count = 0;
    for (index, word) in words.iter().enumerate().rev() {
        let behind = &words[index + 1..];
        if word.ends_sentence && count >= 6 && letters_of(behind) >= STRONG_OF_THREE {
            return behind;
        }
        count += word.halves;
        if (count > halves || bytes_of(&words[index..]) > LONGEST) && !behind.is_empty() {
            return behind;
        }
    }
    words
}

/// Whether a term has two words and six letters, so that it is not found just anywhere.
fn is_safe(term: &[Word]) -> bool {
    count_of(term) >= 2 && letters_of(term) >= 6
}

fn halves_of(words: &[Word]) -> usize {
    words.iter().map(|word| word.halves).sum()
}

fn letters_of(words: &[Word]) -> usize {
    words.iter().map(|word| word.letters).sum()
}

fn count_of(words: &[Word]) -> usize {
    words.iter().map(|word| word.count).sum()
}

fn bytes_of(words: &[Word]) -> usize {
    words.iter().map(|word| word.gap.len() + word.text.len()).sum()
}

fn text_of(words: &[Word]) -> String {
    let mut text = String::new();
    for word in words {
        text.push_str(word.gap);
        text.push_str(&word.text);
    }
    trimmed(&text).to_owned()
}

/// Percent-encodes what has a meaning in a directive: `-`, `,` and `&` besides what no address holds.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() + text.len() / 2);
    for part in text.split_inclusive(['-', ',', '&', '+', '\'']) {
        let plain = part.trim_end_matches(['-', ',', '&', '+', '\'']);
        percent_encode(plain, &mut encoded);
        encoded.push_str(match &part[plain.len()..] {
            "-" => "%2D",
            "," => "%2C",
            "&" => "%26",
            "+" => "%2B",
            "'" => "%27",
            _ => "",
        });
    }
    encoded
}

#[cfg(test)]
mod tests;
