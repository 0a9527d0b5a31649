//! How long a text is to its readers.

/// Counts words as a reader would: runs with a letter or digit, and each character of scripts that
/// have no spaces between words.
#[derive(Debug, Default)]
pub(super) struct WordCounter {
    pub(super) words: usize,
    /// Characters of scripts without spaces, read faster than words.
    ideographs: usize,
    in_word: bool,
}

/// As many characters of ASCII are read together as a number has bits.
const BLOCK: usize = 64;

/// As many take as long one by one as together.
const WORTH_A_BLOCK: usize = 12;

/// Words a minute (Brysbaert 2019, silent reading of non-fiction in English).
const WORDS_A_MINUTE: usize = 238;
/// Characters a minute in scripts without spaces.
const IDEOGRAPHS_A_MINUTE: usize = 500;

impl WordCounter {
    pub(super) fn read(&mut self, text: &str) {
        let mut rest = text;
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(rest.floor_char_boundary(BLOCK));
            if piece.len() >= WORTH_A_BLOCK && piece.is_ascii() {
                // NUL is neither a letter nor white space: a word goes on.
                let mut block = [0; BLOCK];
                block[..piece.len()].copy_from_slice(piece.as_bytes());
                self.read_block(&block);
            } else {
                piece.chars().for_each(|c| self.read_char(c));
            }
            rest = after;
        }
    }

    fn read_char(&mut self, c: char) {
        if c.is_ascii() {
            let is_letter = c.is_ascii_alphanumeric();
            self.words += usize::from(is_letter && !self.in_word);
            self.in_word = is_letter || self.in_word && !c.is_ascii_whitespace();
        } else if matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
        {
            self.words += 1;
            self.ideographs += 1;
            self.in_word = false;
        } else if c.is_alphanumeric() {
            self.words += usize::from(!self.in_word);
            self.in_word = true;
        } else if c.is_whitespace() {
            self.in_word = false;
        }
    }

    /// Nearly all characters of most blogs pass through here, so they are counted together: a bit for each. To add the
    /// letters to all that is not white space makes a carry run from the first letter of a word to the space behind
    /// it, whatever other letters the word has.
    fn read_block(&mut self, block: &[u8; BLOCK]) {
        let was_in_word = self.in_word;
        let letters = bits(&block.map(|byte| u8::from(byte.is_ascii_alphanumeric())));
        let spaces = bits(&block.map(|byte| u8::from(byte.is_ascii_whitespace())));
        let (sum, runs_on) = letters.overflowing_add(!spaces);
        let (sum, runs_through) = sum.overflowing_add(u64::from(was_in_word));
        self.in_word = runs_on || runs_through;
        // A word counts as soon as it begins, so the one that goes on behind the block counts, and the one before did.
        self.words += (sum & spaces).count_ones() as usize + usize::from(self.in_word);
        self.words -= usize::from(was_in_word);
    }

    pub(super) fn gap(&mut self) {
        self.in_word = false;
    }

    pub(super) fn minutes(&self, words: usize) -> usize {
        let alphabetic = words.saturating_sub(self.ideographs);
        (alphabetic * IDEOGRAPHS_A_MINUTE + self.ideographs * WORDS_A_MINUTE)
            .div_ceil(WORDS_A_MINUTE * IDEOGRAPHS_A_MINUTE)
    }
}

/// Bytes that are 0 or 1 as the bits of a number, the first one lowest.
fn bits(flags: &[u8; BLOCK]) -> u64 {
    // A multiplication moves the lowest bits of eight bytes side by side into the highest byte.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let (eights, _) = flags.as_chunks::<8>();
    eights
        .iter()
        .rev()
        .fold(0, |bits, eight| bits << 8 | u64::from_le_bytes(*eight).wrapping_mul(GATHER) >> 56)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts one character after the other.
    fn words_one_by_one(text: &str) -> usize {
        let mut counter = WordCounter::default();
        text.chars().for_each(|c| counter.read_char(c));
        counter.words
    }

    #[test]
    fn words_are_counted_across_pieces_and_blocks() {
        let pieces =
            ["a", "-", " ", "word", "\n", "...", "é", "語", "x'y", "\t", "1,000", &"long".repeat(20)];
        // A simple generator of numbers: the same texts in each run.
        let mut state: u32 = 1;
        for _ in 0..2_000 {
            let mut counter = WordCounter::default();
            let mut all = String::new();
            for _ in 0..state >> 8 & 3 {
                let mut text = String::new();
                for _ in 0..state >> 16 & 63 {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    text.push_str(pieces[(state >> 8) as usize % pieces.len()]);
                }
                counter.read(&text);
                all.push_str(&text);
            }
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            assert_eq!(counter.words, words_one_by_one(&all), "{all:?}");
        }
    }
}
