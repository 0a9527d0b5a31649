//! What Chinese, Japanese and Korean text needs and CommonMark does not know: which line breaks are spaces, and which
//! characters emphasis may stand beside.

use std::ops::Range;

use hashbrown::HashSet;
use icu_properties::props::{
    EastAsianWidth, Emoji, GeneralCategory, GeneralCategoryGroup, LineBreak, Script,
};
use icu_properties::{CodePointMapData, CodePointSetData};
use pulldown_cmark::{CowStr, Event};

use super::events::is_inline;
use super::leaf::Leaf;
use super::mask::{Mask, StandIn};

/// Whether a language is written without spaces between words in Han characters, kana or Yi syllables.
fn breaks_without_space(language: &str) -> bool {
    let primary = language.split('-').next().unwrap_or_default().to_ascii_lowercase();
    ["zh", "ja", "yue", "wuu", "nan", "hak", "cmn", "lzh", "ii"].contains(&primary.as_str())
}

/// Whether a character fills a whole square, or the half of one, by its East Asian Width (Unicode Standard Annex 11).
/// Pictures do not count: they stand in every script.
pub(super) fn is_wide(c: char) -> bool {
    let width = CodePointMapData::<EastAsianWidth>::new().get(c);
    !c.is_ascii()
        && [EastAsianWidth::Wide, EastAsianWidth::Fullwidth, EastAsianWidth::Halfwidth].contains(&width)
        && !CodePointSetData::new::<Emoji>().contains(c)
}

/// Whether a text may have a character for which [`is_wide`] holds: one from U+1100 on that is not general punctuation,
/// as curly quotes and dashes are. To ask each character costs more than all that hangs on the answer.
pub(super) fn may_hold_wide(text: &str) -> bool {
    const FIRST: u8 = 0xe1;
    const BLOCK: usize = 64;
    const GENERAL_PUNCTUATION: [[u8; 2]; 2] = [[0xe2, 0x80], [0xe2, 0x81]];
    let bytes = text.as_bytes();
    // The highest byte of a block is found with a few wide instructions, and of most blocks it is ASCII.
    let blocks = bytes.chunks(BLOCK).enumerate();
    let with_others = blocks.filter(|(_, block)| block.iter().fold(0, |most, &byte| byte.max(most)) >= FIRST);
    with_others.map(|(number, block)| (number * BLOCK, block)).any(|(start, block)| {
        let mut starts = (start..).zip(block).filter(|(_, byte)| **byte >= FIRST);
        starts.any(|(at, _)| !GENERAL_PUNCTUATION.iter().any(|start| bytes[at..].starts_with(start)))
    })
}

fn is_hangul(c: char) -> bool {
    CodePointMapData::<Script>::new().get(c) == Script::Hangul
}

/// Whether a word may follow this letter without a space between them: it is of Chinese, Japanese or Korean, or of a
/// script of South-East Asia.
pub(super) fn needs_no_space(c: char) -> bool {
    is_wide(c) || CodePointMapData::<LineBreak>::new().get(c) == LineBreak::ComplexContext
}

/// Punctuation and symbols, which CommonMark treats alike (section 2.1).
fn is_punctuation(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_punctuation();
    }
    let category = CodePointMapData::<GeneralCategory>::new().get(c);
    GeneralCategoryGroup::Punctuation.contains(category) || GeneralCategoryGroup::Symbol.contains(category)
}

/// Takes out the line breaks that are not spaces: those between two wide characters (CSS Text Module Level 4, section
/// 4.1.3). Korean has spaces between its words, and keeps them.
pub(super) fn join_lines(list: &mut [(Event<'_>, Range<usize>)], language: &str) {
    let is_east_asian = breaks_without_space(language);
    for at in 0..list.len() {
        if !matches!(list[at].0, Event::SoftBreak) {
            continue;
        }
        let before = list[..at]
            .iter()
            .rev()
            .take_while(|(event, _)| is_inline(event))
            .find_map(|(event, _)| last_char(event));
        let after = list[at + 1..]
            .iter()
            .take_while(|(event, _)| is_inline(event))
            .find_map(|(event, _)| first_char(event));
        if let (Some(before), Some(after)) = (before, after)
            && (needs_no_break(before, after) || is_east_asian && is_mark_beside_wide(before, after))
        {
            list[at].0 = Event::Text(CowStr::Borrowed(""));
        }
    }
}

fn last_char(event: &Event<'_>) -> Option<char> {
    match event {
        Event::Text(text) | Event::Code(text) => text.chars().next_back(),
        Event::SoftBreak | Event::HardBreak => Some('\n'),
        Event::InlineMath(_) | Event::DisplayMath(_) => Some('x'),
        _ => None,
    }
}

fn first_char(event: &Event<'_>) -> Option<char> {
    match event {
        Event::Text(text) | Event::Code(text) => text.chars().next(),
        Event::SoftBreak | Event::HardBreak => Some('\n'),
        Event::InlineMath(_) | Event::DisplayMath(_) => Some('x'),
        _ => None,
    }
}

fn needs_no_break(before: char, after: char) -> bool {
    const ZERO_WIDTH_SPACE: char = '\u{200b}';
    before == ZERO_WIDTH_SPACE || after == ZERO_WIDTH_SPACE || fills(before) && fills(after)
}

/// Dashes, ellipses and quotation marks are as wide as the text around them, but only in a text of Chinese or Japanese.
fn is_mark_beside_wide(before: char, after: char) -> bool {
    adapts(before) && fills(after) || fills(before) && adapts(after)
}

/// Wide letters of a script without spaces between words.
fn fills(c: char) -> bool {
    is_wide(c) && !is_hangul(c)
}

/// Punctuation that takes the width of its neighbours.
fn adapts(c: char) -> bool {
    CodePointMapData::<EastAsianWidth>::new().get(c) == EastAsianWidth::Ambiguous && is_punctuation(c)
}

/// Lets emphasis begin and end beside the punctuation of scripts that have no spaces, where CommonMark (section 6.2)
/// looks for one. The rule is the one that is proposed for it (commonmark-spec, issue 650): a wide letter is as good
/// as a space, and wide punctuation is as good as a letter.
pub(super) fn widen_flanks(text: &str, leaves: &[Leaf], mask: &mut Mask<'_>) {
    if !may_hold_wide(text) {
        return;
    }
    for leaf in leaves {
        let runs = leaf.delimiter_runs(text);
        let flankers = flankers(text, &runs);
        for run in runs {
            // A single tilde is a range more often than emphasis: `10~20（円）`.
            if text[run.clone()] == *"~" {
                continue;
            }
            let (Some(before), Some(after)) =
                (text[..run.start].chars().next_back(), text[run.end..].chars().next())
            else {
                continue;
            };
            let (is_mark_before, is_mark_after) = (is_punctuation(before), is_punctuation(after));
            if before.is_whitespace() || after.is_whitespace() || is_mark_before == is_mark_after {
                continue;
            }
            let (before_at, after_at) = (run.start - before.len_utf8(), run.end);
            // What stands between two runs is seen by both, and must not keep either from its part. Punctuation there
            // lets one close and the other open only as what it is.
            if is_mark_after && is_wide(before) && !flankers.contains(&before_at) {
                mask.put(before_at, before, StandIn::Punctuation);
            } else if is_mark_before && is_wide(after) && !flankers.contains(&after_at) {
                mask.put(after_at, after, StandIn::Punctuation);
            } else if is_mark_after && is_wide(after) && !is_between_delimiters(text, after_at, after) {
                mask.put(after_at, after, StandIn::Letter);
            } else if is_mark_before && is_wide(before) && !is_between_delimiters(text, before_at, before) {
                mask.put(before_at, before, StandIn::Letter);
            }
        }
    }
}

/// Where letters stand that let emphasis begin before them, behind another letter, or end behind them, before another
/// letter: as punctuation they would prevent it. Whether a run begins or ends emphasis follows from those before it.
fn flankers(text: &str, runs: &[Range<usize>]) -> HashSet<usize> {
    let is_letter = |c: &char| !c.is_whitespace() && !is_punctuation(*c);
    let mut open: HashSet<&str> = HashSet::new();
    let mut flankers = HashSet::new();
    for run in runs {
        let delimiter = &text[run.clone()];
        let before = text[..run.start].chars().next_back();
        let after = text[run.end..].chars().next();
        let (is_after_letter, is_before_letter) =
            (before.as_ref().is_some_and(is_letter), after.as_ref().is_some_and(is_letter));
        if open.remove(delimiter) {
            flankers.extend(before.filter(|_| is_before_letter).map(|c| run.start - c.len_utf8()));
        } else {
            open.insert(delimiter);
            flankers.extend(after.filter(|_| is_after_letter).map(|_| run.end));
        }
    }
    flankers
}

fn is_between_delimiters(text: &str, at: usize, c: char) -> bool {
    let delimiters = ['*', '_', '~'];
    text[..at].ends_with(delimiters) && text[at + c.len_utf8()..].starts_with(delimiters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_wide_character_is_overlooked() {
        for c in (char::MIN..=char::MAX).filter(|c| is_wide(*c)) {
            assert!(may_hold_wide(&format!("a “b” {c}")), "{c:?} is wide");
        }
        assert!(!may_hold_wide("Über “naïve” readers—and Ελλάδα…"));
    }
}
