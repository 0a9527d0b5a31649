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

/// Words a minute (Brysbaert 2019, silent reading of non-fiction in English).
const WORDS_A_MINUTE: usize = 238;
/// Characters a minute in scripts without spaces.
const IDEOGRAPHS_A_MINUTE: usize = 500;

impl WordCounter {
    pub(super) fn read(&mut self, text: &str) {
        let mut rest = text;
        loop {
            let other = if rest.is_ascii() { None } else { rest.bytes().position(|byte| !byte.is_ascii()) };
            let ascii = other.unwrap_or(rest.len());
            self.read_ascii(&rest.as_bytes()[..ascii]);
            let mut others = rest[ascii..].chars();
            match others.next() {
                Some(c) => self.read_char(c),
                None => return,
            }
            rest = others.as_str();
        }
    }

    fn read_char(&mut self, c: char) {
        if matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
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

    /// All of most texts, so it is worth a table.
    fn read_ascii(&mut self, text: &[u8]) {
        const LETTER: u8 = 1;
        const SPACE: u8 = 2;
        const CLASSES: [u8; 256] = {
            let mut classes = [0; 256];
            let mut byte = 0;
            while byte < 128 {
                let c = byte as u8;
                if c.is_ascii_alphanumeric() {
                    classes[byte] = LETTER;
                } else if c.is_ascii_whitespace() {
                    classes[byte] = SPACE;
                }
                byte += 1;
            }
            classes
        };
        // Without branches: words are too short to be foreseen.
        let mut in_word = u8::from(self.in_word);
        let mut words = 0;
        for byte in text {
            let class = CLASSES[usize::from(*byte)];
            let (is_letter, is_space) = (class & LETTER, class >> 1);
            words += usize::from(is_letter & !in_word);
            in_word = (in_word | is_letter) & !is_space;
        }
        self.words += words;
        self.in_word = in_word == 1;
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
