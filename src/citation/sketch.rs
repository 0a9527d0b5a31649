//! A sketch of a text by which two versions of it are compared without keeping either (A. Broder, "On the resemblance and
//! containment of documents", 1997).

use crate::hash::Hash;

/// How many of its smallest hashes stand for a text.
const SIZE: usize = 32;
/// How many words stand together in what is hashed.
const SHINGLE: usize = 4;

/// The smallest hashes of the shingles of a text, by as many ways to hash.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TextSketch(Vec<u16>);

impl TextSketch {
    /// The sketch of a text.
    pub(crate) fn of(text: &str) -> Self {
        let words: Vec<&str> = text.split_whitespace().collect();
        if words.is_empty() {
            return Self::default();
        }
        let mut least = [u64::MAX; SIZE];
        for shingle in words.windows(SHINGLE.min(words.len())) {
            let hash = Hash::of(shingle.join(" ").as_bytes()).long();
            for (number, least) in least.iter_mut().enumerate() {
                *least = (*least).min(mixed(hash, number as u64));
            }
        }
        // The low bits, as the high bits of a minimum are mostly zero.
        Self(least.iter().map(|hash| (hash & 0xffff) as u16).collect())
    }

    /// How much of two texts is the same, from 0 to 1; 1 if one of them is unknown.
    pub(crate) fn similarity(&self, other: &Self) -> f64 {
        if self.0.len() != SIZE || other.0.len() != SIZE {
            return 1.0;
        }
        let same = self.0.iter().zip(&other.0).filter(|(one, other)| one == other).count();
        same as f64 / SIZE as f64
    }

    /// The sketch as text.
    pub(crate) fn to_text(&self) -> String {
        self.0.iter().map(|hash| format!("{hash:04x}")).collect()
    }

    /// Reads a sketch; an empty one if the text is not one.
    pub(crate) fn parse(text: &str) -> Self {
        let hashes = (0..SIZE).map_while(|at| u16::from_str_radix(text.get(4 * at..4 * at + 4)?, 16).ok());
        let hashes: Vec<u16> = hashes.collect();
        if hashes.len() == SIZE { Self(hashes) } else { Self::default() }
    }
}

/// Another hash of the same value for each number (the finalizer of SplitMix64).
fn mixed(hash: u64, number: u64) -> u64 {
    let mut value = hash.wrapping_add(number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(from: usize, to: usize) -> String {
        (from..to).map(|number| format!("word{number} ")).collect()
    }

    #[test]
    fn texts_are_as_similar_as_their_words() {
        let whole = TextSketch::of(&text(0, 300));
        assert!((whole.similarity(&TextSketch::of(&text(0, 300))) - 1.0).abs() < f64::EPSILON);
        assert!(whole.similarity(&TextSketch::of(&text(30, 330))) > 0.5);
        assert!(whole.similarity(&TextSketch::of(&text(1000, 1300))) < 0.2);
        assert_eq!(TextSketch::parse(&whole.to_text()), whole);
        assert_eq!(TextSketch::parse("x"), TextSketch::default());
    }
}
