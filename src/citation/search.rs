//! A text that is found although some of its characters are others: the bit-parallel algorithm of Myers, with as many words of
//! 64 bits as the text is long (Hyyrö, "A bit-vector algorithm for computing Levenshtein and Damerau edit distances", 2003).

use std::collections::HashMap;
use std::ops::Range;

/// Longer texts are not looked for: their first characters are.
const LONGEST: usize = 4096;

/// A part of a text that is nearly what was looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NearMatch {
    /// Its characters.
    pub(crate) range: Range<usize>,
    /// How many characters were added, left out or replaced.
    pub(crate) errors: usize,
}

/// The part of a text that differs least from a pattern, by at most `most` errors; of several the first.
pub(crate) fn nearest(pattern: &[char], text: &[char], most: usize) -> Option<NearMatch> {
    let pattern = &pattern[..pattern.len().min(LONGEST)];
    let end = best_end(pattern, text, most)?;
    // The start is the end for the same search backwards, of what may belong to the match.
    let first = (end.at + 1).saturating_sub(pattern.len() + most);
    let window: Vec<char> = text[first..=end.at].iter().rev().copied().collect();
    let reversed: Vec<char> = pattern.iter().rev().copied().collect();
    let length = anchored_length(&reversed, &window, end.errors);
    Some(NearMatch { range: end.at + 1 - length..end.at + 1, errors: end.errors })
}

/// Where a match ends.
struct MatchEnd {
    at: usize,
    errors: usize,
}

/// The first of the best ends of a match anywhere.
fn best_end(pattern: &[char], text: &[char], most: usize) -> Option<MatchEnd> {
    let mut columns = Columns::of(pattern)?;
    let mut best: Option<MatchEnd> = None;
    for (at, c) in text.iter().enumerate() {
        let errors = columns.advance(*c, 0);
        if errors <= most && best.as_ref().is_none_or(|best| errors < best.errors) {
            best = Some(MatchEnd { at, errors });
        }
    }
    best
}

/// How many characters of a text, from its start, are a pattern with this many errors.
fn anchored_length(pattern: &[char], text: &[char], errors: usize) -> usize {
    let Some(mut columns) = Columns::of(pattern) else { return 0 };
    for (at, c) in text.iter().enumerate() {
        // The start counts: what is left out there is an error.
        if columns.advance(*c, 1) <= errors {
            return at + 1;
        }
    }
    text.len()
}

/// The column of the matrix of distances at one place of the text, as differences between its rows.
struct Columns {
    /// For each character the rows of the pattern that have it.
    rows: HashMap<char, Vec<u64>>,
    blocks: Vec<Block>,
    /// The last row of the last block.
    last_bit: u64,
    /// The distance in the last row.
    score: usize,
    none: Vec<u64>,
}

#[derive(Clone, Copy)]
struct Block {
    /// Rows whose value is one more than the row above.
    plus: u64,
    /// Rows whose value is one less.
    minus: u64,
}

impl Columns {
    fn of(pattern: &[char]) -> Option<Self> {
        let last = pattern.len().checked_sub(1)?;
        let count = last / 64 + 1;
        let mut rows: HashMap<char, Vec<u64>> = HashMap::new();
        for (row, c) in pattern.iter().enumerate() {
            rows.entry(*c).or_insert_with(|| vec![0; count])[row / 64] |= 1 << (row % 64);
        }
        Some(Self {
            rows,
            blocks: vec![Block { plus: u64::MAX, minus: 0 }; count],
            last_bit: 1 << (last % 64),
            score: pattern.len(),
            none: vec![0; count],
        })
    }

    /// Goes on by one character of the text. `step` is by how much the first row grows: 0 if a match may begin anywhere.
    fn advance(&mut self, c: char, step: i8) -> usize {
        let equal = self.rows.get(&c).unwrap_or(&self.none);
        let mut carry = step;
        let count = self.blocks.len();
        for (number, block) in self.blocks.iter_mut().enumerate() {
            let high = if number + 1 == count { self.last_bit } else { 1 << 63 };
            carry = block.advance(equal[number], carry, high);
        }
        self.score = self.score.saturating_add_signed(isize::from(carry));
        self.score
    }
}

impl Block {
    /// One step of one block: what comes in from the block above, and what goes out to the one below.
    fn advance(&mut self, equal: u64, carry: i8, high: u64) -> i8 {
        let vertical = equal | self.minus;
        let equal = if carry < 0 { equal | 1 } else { equal };
        let horizontal = ((equal & self.plus).wrapping_add(self.plus) ^ self.plus) | equal;
        let mut plus = self.minus | !(horizontal | self.plus);
        let mut minus = self.plus & horizontal;
        let out = if plus & high != 0 {
            1
        } else if minus & high != 0 {
            -1
        } else {
            0
        };
        plus <<= 1;
        minus <<= 1;
        match carry {
            1 => plus |= 1,
            -1 => minus |= 1,
            _ => {}
        }
        self.plus = minus | !(vertical | plus);
        self.minus = plus & vertical;
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The matrix itself, for comparison.
    fn plainly(pattern: &[char], text: &[char]) -> usize {
        let mut column: Vec<usize> = (0..=pattern.len()).collect();
        let mut best = pattern.len();
        for c in text {
            let mut diagonal = 0;
            for row in 1..column.len() {
                let value = (column[row].min(column[row - 1]) + 1)
                    .min(diagonal + usize::from(pattern[row - 1] != *c));
                diagonal = std::mem::replace(&mut column[row], value);
            }
            best = best.min(column[pattern.len()]);
        }
        best
    }

    fn chars(text: &str) -> Vec<char> {
        text.chars().collect()
    }

    #[test]
    fn the_least_different_part_is_found() {
        let text =
            chars("Last night the council voted by seven to two to close the library, and it was late.");
        let found = nearest(&chars("council voted by six to two to close a library"), &text, 8).unwrap();
        assert_eq!(
            text[found.range.clone()].iter().collect::<String>(),
            "council voted by seven to two to close the library"
        );
        assert_eq!(nearest(&chars("the harbour was dredged"), &text, 3), None);
        assert_eq!(nearest(&[], &text, 3), None);
    }

    #[test]
    fn long_patterns_cross_words_of_bits() {
        let mut seed = 7_u32;
        let mut letter = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            char::from(b'a' + (seed >> 24) as u8 % 5)
        };
        for length in [1, 5, 63, 64, 65, 130, 200] {
            let text: Vec<char> = (0..400).map(|_| letter()).collect();
            let mut pattern: Vec<char> = text[100..100 + length].to_vec();
            for at in (0..length).step_by(9) {
                pattern[at] = 'z';
            }
            let expected = plainly(&pattern, &text);
            let found = nearest(&pattern, &text, length).unwrap();
            assert_eq!(found.errors, expected, "{length}");
            assert_eq!(plainly(&pattern, &text[found.range]), expected, "{length}");
        }
    }
}
