//! How much markup a text may have.
//!
//! What a text costs grows with its marks rather than with its bytes: a megabyte of words takes a few megabytes of memory, a
//! megabyte of `>` or `[` several hundred, as each mark may begin an element. So the marks are counted before the text is
//! parsed.

/// Marks that a text may have. Each takes up to 900 bytes (nested lists on one line), most of them 250.
pub(super) const MOST_MARKS: usize = 700_000;

/// Whether a text has too many marks to be parsed.
pub(super) fn has_too_many_marks(text: &str) -> bool {
    // Each mark takes a byte at least.
    text.len() > MOST_MARKS && marks(text) > MOST_MARKS
}

/// Marks of Markdown in a text. In what looks like a block of code four count as one: the parser does not look at them, but
/// whether it is code only the parser can tell.
fn marks(text: &str) -> usize {
    /// Shorter lines are elements of their own more often than words that go on.
    const SHORT: usize = 16;
    let mut count = 0;
    let mut fence: Option<u8> = None;
    for line in text.split_inclusive('\n') {
        let start = line.trim_start_matches([' ', '>']);
        let opens = [b'`', b'~']
            .into_iter()
            .find(|&mark| start.bytes().take_while(|&byte| byte == mark).count() >= 3);
        let in_line = line.bytes().filter(|byte| is_mark(*byte)).count()
            + items(start)
            + usize::from(line.len() < SHORT);
        count += if fence.is_some() { in_line.div_ceil(4) } else { in_line };
        fence = match (fence, opens) {
            (Some(open), Some(mark)) if open == mark => None,
            (None, Some(mark)) => Some(mark),
            (open, _) => open,
        };
    }
    count
}

fn is_mark(byte: u8) -> bool {
    matches!(
        byte,
        b'[' | b']'
            | b'!'
            | b'<'
            | b'>'
            | b'&'
            | b'*'
            | b'_'
            | b'~'
            | b'`'
            | b'$'
            | b'"'
            | b'\''
            | b'|'
            | b'#'
            | b'{'
            | b'}'
            | b'^'
            | b'\\'
            | b'@'
    )
}

/// Items of lists that begin in one line: `- - 1. a` begins three.
fn items(line: &str) -> usize {
    line.split([' ', '\t'])
        .take_while(|word| {
            let marker = word.trim_end_matches(['.', ')']);
            ["", "-", "+", "*", ">"].contains(word)
                || (marker.len() < word.len() && marker.bytes().all(|byte| byte.is_ascii_digit()))
        })
        .filter(|word| !word.is_empty())
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_counted_and_words_are_not() {
        assert_eq!(marks("Plain words, and more of them; with a stop.\n"), 0);
        assert_eq!(marks("> > > a quotation within one within another\n"), 3);
        assert_eq!(marks("- - 1. an item within one within another\n"), 3);
        assert_eq!(marks("[^a] and a footnote, which is a reference\n"), 3);
        assert_eq!(marks("```\n[[[[[[[[ and some other code of the author's\n```\n"), 3 + 1 + 2 + 2);
        assert!(!has_too_many_marks(&"word and ".repeat(10_000_000)));
        assert!(has_too_many_marks(&"[".repeat(MOST_MARKS + 1)));
    }
}
