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
