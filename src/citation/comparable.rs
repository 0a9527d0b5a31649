//! Text in the one spelling in which quotations and reports are compared.
//!
//! House styles differ in marks, not in words: `“No,”` and `"No,"`, `1914–18` and `1914-18`, `« Non »` and `"Non"`. So marks of
//! quotation are one, dashes are one, white space is folded, and what is not seen is left out. The case of letters is kept.

use std::ops::Range;

use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::CodePointMapData;
use icu_properties::props::{GeneralCategory, GeneralCategoryGroup};

use crate::linkback::source::sanitize::is_invisible;

/// A text in the spelling for comparisons, and where each part of it stands in the text it was made of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Comparable {
    text: String,
    /// For each byte of the text the byte of the original.
    origins: Vec<u32>,
    original_length: usize,
    /// Whether a guillemet was opened, behind which a space is a matter of style.
    takes_no_space: bool,
}

impl Comparable {
    /// Brings a text into the spelling.
    pub(crate) fn of(original: &str) -> Self {
        let mut spelled = Self { original_length: original.len(), ..Self::default() };
        let normalizer = ComposingNormalizerBorrowed::new_nfkc();
        let mut start = 0;
        while let Some(first) = original[start..].chars().next() {
            // A letter and the marks that follow it become one character or several.
            let after = start + first.len_utf8();
            let rest = &original[after..];
            let marks = rest.find(|c| !is_combining(c)).unwrap_or(rest.len());
            let end = after + marks;
            if first.is_ascii() && marks == 0 {
                spelled.push(first, start);
            } else if matches!(first, '»' | '›') {
                spelled.push_closing(start);
            } else {
                for c in normalizer.normalize(&original[start..end]).chars() {
                    spelled.push(c, start);
                }
                spelled.takes_no_space = matches!(first, '«' | '‹');
            }
            start = end;
        }
        if spelled.text.ends_with(' ') {
            spelled.pop();
        }
        spelled
    }

    /// The text in the spelling for comparisons.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Where a part of this text stands in the original.
    pub(crate) fn in_original(&self, range: &Range<usize>) -> Range<usize> {
        let at = |byte: usize| self.origins.get(byte).map_or(self.original_length, |origin| *origin as usize);
        at(range.start)..at(range.end).max(at(range.start))
    }

    fn push(&mut self, c: char, origin: usize) {
        let Some(c) = unified(c) else { return };
        let last = self.text.chars().next_back();
        match c {
            ' ' if self.takes_no_space || matches!(last, None | Some(' ' | '-')) => return,
            '-' if last == Some('-') => return,
            '-' | ':' | ';' | '!' | '?' | '%' if last == Some(' ') => self.pop(),
            // `. . .`
            '.' if self.text.ends_with(". ") => self.pop(),
            _ => {}
        }
        let mut bytes = [0; 4];
        let bytes = c.encode_utf8(&mut bytes);
        self.origins.extend(std::iter::repeat_n(origin as u32, bytes.len()));
        self.text.push(c);
        self.takes_no_space = false;
    }

    /// A guillemet that closes may have a space before it.
    fn push_closing(&mut self, origin: usize) {
        if self.text.ends_with(' ') {
            self.pop();
        }
        self.push('»', origin);
    }

    fn pop(&mut self) {
        if let Some(c) = self.text.pop() {
            self.origins.truncate(self.origins.len() - c.len_utf8());
        }
    }
}

/// The one spelling of a character; none if it is not seen.
fn unified(c: char) -> Option<char> {
    Some(match c {
        c if c.is_whitespace() => ' ',
        '"' | '“' | '”' | '„' | '‟' | '«' | '»' | '‹' | '›' | '‘' | '’' | '‚' | '‛' | '`' | '´' | '′'
        | '″' => '\'',
        '‐'..='―' | '−' | '﹘' | '﹣' | '－' => '-',
        c if is_invisible(c) => return None,
        c => c,
    })
}

fn is_combining(c: char) -> bool {
    !c.is_ascii() && GeneralCategoryGroup::Mark.contains(CodePointMapData::<GeneralCategory>::new().get(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn house_styles_are_one() {
        for (one, other) in [
            ("“No,” she said", "\"No,\" she said"),
            ("« Non », dit-elle", "\"Non\", dit-elle"),
            ("It’s  done", "It's done"),
            ("a – b", "a — b"),
            ("a—b", "a -- b"),
            ("1914–18", "1914-18"),
            ("Wait…", "Wait..."),
            ("Wait. . .", "Wait..."),
            ("hy\u{ad}phen", "hyphen"),
            ("e\u{301}cole", "école"),
            ("ﬁnd", "find"),
            ("10\u{a0}km", "10 km"),
            ("Quoi\u{202f}?", "Quoi?"),
            ("one\ntwo", "one two"),
        ] {
            assert_eq!(Comparable::of(one).as_str(), Comparable::of(other).as_str(), "{one}");
        }
        assert_ne!(Comparable::of("The art").as_str(), Comparable::of("the art").as_str());
    }

    #[test]
    fn each_place_is_known_in_the_original() {
        let original = "He said “No…” and left";
        let spelled = Comparable::of(original);
        let at = spelled.as_str().find("No...'").unwrap();
        assert_eq!(&original[spelled.in_original(&(at..at + 6))], "No…”");
    }
}
