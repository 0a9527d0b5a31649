//! The counted terms of a segment, as the next build can use them: a post that is as it was is not read again.

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use crate::hash::Hash;

/// A term, and where it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct TermPostings {
    /// How many posts have it.
    pub(super) posts: u32,
    last_post: u32,
    /// For each post, in numbers as [`put`] writes them: the posts since the last one, the weight, how many positions
    /// there are, and the words since the position before each.
    bytes: Vec<u8>,
}

/// A post that has a term.
#[derive(Debug, Clone, Copy)]
pub(super) struct TermPosting<'b> {
    pub(super) post: u32,
    pub(super) weight: u32,
    /// How many positions there are.
    pub(super) count: u32,
    /// The words since the position before each.
    distances: &'b [u8],
}

impl TermPostings {
    /// Adds a post, which comes after those before.
    pub(super) fn add(&mut self, post: u32, weight: u32, positions: &[u32]) {
        put(&mut self.bytes, post - self.last_post);
        put(&mut self.bytes, weight);
        put(&mut self.bytes, u32::try_from(positions.len()).unwrap_or_default());
        let mut before = 0;
        for &position in positions {
            put(&mut self.bytes, position - before);
            before = position;
        }
        self.last_post = post;
        self.posts += 1;
    }

    fn add_as_it_is(&mut self, posting: TermPosting<'_>) {
        put(&mut self.bytes, posting.post - self.last_post);
        put(&mut self.bytes, posting.weight);
        put(&mut self.bytes, posting.count);
        self.bytes.extend_from_slice(posting.distances);
        self.last_post = posting.post;
        self.posts += 1;
    }

    /// The posts that have it.
    pub(super) fn iter(&self) -> impl Iterator<Item = TermPosting<'_>> {
        let mut rest = self.bytes.as_slice();
        let mut post = 0;
        std::iter::from_fn(move || {
            post += take(&mut rest)?;
            let (weight, count) = (take(&mut rest)?, take(&mut rest)?);
            let from = rest;
            for _ in 0..count {
                take(&mut rest)?;
            }
            let distances = &from[..from.len() - rest.len()];
            Some(TermPosting { post, weight, count, distances })
        })
    }
}

impl TermPosting<'_> {
    /// The words since the position before each.
    pub(super) fn distances(&self) -> impl Iterator<Item = u32> {
        let mut rest = self.distances;
        std::iter::from_fn(move || take(&mut rest))
    }
}

/// All terms of a segment.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct CountedTerms {
    /// A fingerprint of each post, in order.
    pub(super) posts: Vec<Hash>,
    pub(super) terms: Vec<(Box<str>, TermPostings)>,
}

/// What stands before the postings in the bytes.
#[derive(Serialize, Deserialize)]
struct CountedHeader {
    posts: Vec<Hash>,
    /// Each term with the number of its posts, the last of them, and how many bytes its postings have.
    terms: Vec<(Box<str>, u32, u32, u32)>,
}

impl CountedTerms {
    /// As bytes, to be kept.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let terms = self.terms.iter().map(|(text, term)| {
            let size = u32::try_from(term.bytes.len()).unwrap_or_default();
            (text.clone(), term.posts, term.last_post, size)
        });
        let header = CountedHeader { posts: self.posts.clone(), terms: terms.collect() };
        let header = postcard::to_stdvec(&header).expect("all our values have known lengths");
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header);
        self.terms.iter().for_each(|(_, term)| bytes.extend_from_slice(&term.bytes));
        bytes
    }

    /// What was kept; `None` if it is cut off.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let (size, rest) = bytes.split_at_checked(8)?;
        let size = usize::try_from(u64::from_le_bytes(size.try_into().ok()?)).ok()?;
        let (header, mut rest) = rest.split_at_checked(size)?;
        let CountedHeader { posts, terms } = postcard::from_bytes(header).ok()?;
        let mut parsed = Vec::with_capacity(terms.len());
        for (text, posts, last_post, size) in terms {
            let (own, behind) = rest.split_at_checked(size as usize)?;
            parsed.push((text, TermPostings { posts, last_post, bytes: own.to_vec() }));
            rest = behind;
        }
        Some(Self { posts, terms: parsed })
    }

    /// Where each of its posts stands among those of now: only posts that follow each other as before.
    pub(super) fn places(&self, now: &[Hash]) -> Vec<Option<u32>> {
        let numbers: HashMap<Hash, u32> = now.iter().copied().zip(0..).collect();
        let mut next = 0;
        let place = |post: &Hash| {
            let number = numbers.get(post).copied().filter(|&number| number >= next)?;
            next = number + 1;
            Some(number)
        };
        self.posts.iter().map(place).collect()
    }

    /// Its terms at other places, with those of posts that were read now.
    pub(super) fn merged(
        self,
        places: &[Option<u32>],
        mut fresh: HashMap<Box<str>, TermPostings>,
    ) -> Vec<(Box<str>, TermPostings)> {
        let mut terms = Vec::with_capacity(self.terms.len());
        for (text, old) in self.terms {
            let kept = old.iter().filter_map(|posting| {
                let post = places.get(posting.post as usize).copied().flatten()?;
                Some(TermPosting { post, ..posting })
            });
            let new = fresh.remove(&text).unwrap_or_default();
            let mut kept = kept.peekable();
            let mut term = TermPostings::default();
            for posting in new.iter() {
                while let Some(before) = kept.next_if(|kept| kept.post < posting.post) {
                    term.add_as_it_is(before);
                }
                term.add_as_it_is(posting);
            }
            kept.for_each(|posting| term.add_as_it_is(posting));
            if term.posts > 0 {
                terms.push((text, term));
            }
        }
        terms.extend(fresh);
        terms
    }
}

/// Writes a number in bytes of seven bits, lowest first.
fn put(bytes: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        bytes.push(u8::try_from(number & 0x7f).unwrap_or_default() | 0x80);
        number >>= 7;
    }
    bytes.push(u8::try_from(number).unwrap_or_default());
}

/// Takes a number that [`put`] wrote.
fn take(bytes: &mut &[u8]) -> Option<u32> {
    let (mut number, mut shift) = (0, 0);
    loop {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u32::from(byte & 0x7f).checked_shl(shift)?;
        if byte < 0x80 {
            return Some(number);
        }
        shift += 7;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// The terms of posts, each given by its words: a word's weight is 10 for each time it stands there.
    fn counted(posts: &[(&str, &str)]) -> CountedTerms {
        let mut terms: BTreeMap<&str, TermPostings> = BTreeMap::new();
        for (number, (_, text)) in (0..).zip(posts) {
            let mut places: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
            for (place, word) in (0..).zip(text.split(' ')) {
                places.entry(word).or_default().push(place);
            }
            for (word, places) in places {
                let weight = 10 * u32::try_from(places.len()).unwrap();
                terms.entry(word).or_default().add(number, weight, &places);
            }
        }
        CountedTerms {
            posts: posts.iter().map(|(name, _)| Hash::of(name.as_bytes())).collect(),
            terms: terms.into_iter().map(|(word, term)| (word.into(), term)).collect(),
        }
    }

    /// A term as it is read back: post, weight, positions.
    fn read(term: &TermPostings) -> Vec<(u32, u32, Vec<u32>)> {
        let positions = |posting: &TermPosting<'_>| {
            let places = posting.distances().scan(0, |at, distance| {
                *at += distance;
                Some(*at)
            });
            places.collect()
        };
        term.iter().map(|posting| (posting.post, posting.weight, positions(&posting))).collect()
    }

    #[test]
    fn numbers_are_taken_as_they_were_put() {
        let numbers = [0, 1, 127, 128, 300, 16_383, 16_384, u32::MAX];
        let mut bytes = Vec::new();
        numbers.iter().for_each(|&number| put(&mut bytes, number));
        assert_eq!(&bytes[..6], [0, 1, 127, 0x80, 1, 0xac]);
        let mut rest = bytes.as_slice();
        assert_eq!(std::iter::from_fn(|| take(&mut rest)).collect::<Vec<_>>(), numbers);
        assert_eq!(take(&mut &bytes[bytes.len() - 2..bytes.len() - 1]), None, "the number is cut off");
        assert_eq!(take(&mut [0xff; 8].as_slice()), None, "no number has that many bytes");
    }

    #[test]
    fn a_term_is_read_as_it_was_added() {
        let mut term = TermPostings::default();
        term.add(3, 50, &[0, 7, 1000]);
        term.add(4, 0, &[]);
        term.add(4000, 6, &[2]);
        assert_eq!(read(&term), [(3, 50, vec![0, 7, 1000]), (4, 0, vec![]), (4000, 6, vec![2])]);
        assert_eq!(term.posts, 3);
    }

    #[test]
    fn terms_are_parsed_from_their_bytes_and_from_no_part_of_them() {
        let terms = counted(&[("a", "boats and boats"), ("b", "and ferries")]);
        let bytes = terms.to_bytes();
        assert_eq!(CountedTerms::parse(&bytes), Some(terms));
        for cut in 0..bytes.len() {
            assert_eq!(CountedTerms::parse(&bytes[..cut]), None, "{cut} of {} bytes", bytes.len());
        }
    }

    /// What the next build makes of the terms of the last one is what counting all posts gives.
    #[test]
    fn terms_of_other_posts_are_merged_as_if_all_were_counted() {
        let [a, b, c, d, e] =
            [("a", "one two"), ("b", "two three two"), ("c", "three one"), ("d", "four"), ("e", "one")];
        for (last, now) in [
            (vec![a, b, c], vec![a, b, c]),
            (vec![a, b, c], vec![a, c]),
            (vec![a, c], vec![a, b, c]),
            (vec![a, b], vec![d, a, e, b, c]),
            (vec![a, b, c], vec![d]),
            (vec![a, b, c], vec![c, a, b]),
            (vec![], vec![a, b]),
        ] {
            let wanted = counted(&now);
            let last = counted(&last);
            let places = last.places(&wanted.posts);
            let known: Vec<u32> = places.iter().flatten().copied().collect();
            assert!(known.is_sorted(), "{known:?}");
            let mut fresh: HashMap<Box<str>, TermPostings> = HashMap::new();
            for (text, term) in &wanted.terms {
                let mut unknown = TermPostings::default();
                term.iter()
                    .filter(|posting| !known.contains(&posting.post))
                    .for_each(|posting| unknown.add_as_it_is(posting));
                if unknown.posts > 0 {
                    fresh.insert(text.clone(), unknown);
                }
            }
            let mut merged = last.merged(&places, fresh);
            merged.sort_by(|(a, _), (b, _)| a.cmp(b));
            assert_eq!(merged, wanted.terms);
        }
    }
}
