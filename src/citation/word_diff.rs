//! What was changed in a text, word by word.
//!
//! A spelling that house styles differ in is not a change, and changes that stand close together are one.

use similar::{Algorithm, DiffTag, capture_diff_slices};
use unicode_segmentation::UnicodeSegmentation;

use super::comparable::Comparable;

/// Words that were replaced, left out or put in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WordChange {
    /// The words that were there.
    pub(crate) removed: String,
    /// The words that are there now.
    pub(crate) added: String,
}

/// A piece of a text between spaces or at the edge of a word.
struct Piece<'t> {
    text: &'t str,
    /// In the spelling for comparisons.
    spelled: String,
    start: usize,
}

/// Changes with at most this many equal words between them are one.
const BETWEEN: usize = 1;

/// The changes from one text to another, in their order.
pub(crate) fn word_changes(before: &str, after: &str) -> Vec<WordChange> {
    let (old, new) = (pieces(before), pieces(after));
    let [old_words, new_words] =
        [&old, &new].map(|pieces| pieces.iter().map(|piece| piece.spelled.as_str()).collect::<Vec<_>>());
    let mut changes: Vec<(std::ops::Range<usize>, std::ops::Range<usize>)> = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, &old_words, &new_words) {
        let (tag, removed, added) = op.as_tag_tuple();
        if tag == DiffTag::Equal {
            continue;
        }
        match changes.last_mut() {
            Some((last_removed, last_added))
                if removed.start <= last_removed.end + BETWEEN && added.start <= last_added.end + BETWEEN =>
            {
                last_removed.end = removed.end;
                last_added.end = added.end;
            }
            _ => changes.push((removed, added)),
        }
    }
    changes
        .into_iter()
        .map(|(removed, added)| WordChange {
            removed: joined(before, &old[removed]),
            added: joined(after, &new[added]),
        })
        .collect()
}

/// Whether no letter and no digit was changed.
pub(crate) fn is_only_marks(changes: &[WordChange]) -> bool {
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    changes.iter().all(|change| letters(&change.removed) == letters(&change.added))
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let bounds = text.split_word_bound_indices().filter(|(_, piece)| !piece.trim().is_empty());
    bounds
        .map(|(start, text)| Piece { text, spelled: Comparable::of(text).as_str().to_owned(), start })
        // What is not seen, such as a soft hyphen that stands alone.
        .filter(|piece| !piece.spelled.is_empty())
        .collect()
}

/// The part of a text that some pieces of it span.
fn joined(text: &str, pieces: &[Piece<'_>]) -> String {
    match (pieces.first(), pieces.last()) {
        (Some(first), Some(last)) => text[first.start..last.start + last.text.len()].to_owned(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(before: &str, after: &str, expected: &[(&str, &str)]) {
        let changes = word_changes(before, after);
        let changes: Vec<_> =
            changes.iter().map(|change| (change.removed.as_str(), change.added.as_str())).collect();
        assert_eq!(changes, expected, "{before} / {after}");
    }

    #[test]
    fn words_are_compared_and_spellings_are_not() {
        check("seven to two", "six to three", &[("seven to two", "six to three")]);
        check("The council voted on Monday, it said.", "The council voted, it said.", &[("on Monday", "")]);
        check("It was late.", "It was very late.", &[("", "very")]);
        check("“It’s late”", "\"It's late\"", &[]);
        check("a b c d e f", "a x c d e y", &[("b", "x"), ("f", "y")]);
        assert!(is_only_marks(&word_changes("late, she said", "late; she said")));
        assert!(!is_only_marks(&word_changes("late", "early")));
    }
}
