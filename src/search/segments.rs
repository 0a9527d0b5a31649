//! The parts of the index: which posts stand in which, and in how many files.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Serialize;

use crate::hash::Hash;
use crate::post::Post;
use crate::search::VERSION;
use crate::site::calendar::Month;
use crate::site::order::absence;
use crate::site::{PostIndex, Site};

/// Posts of a segment that is closed for good: as many, or twice, four times, … as many.
const BLOCK: usize = 2048;

/// Posts whose addresses and titles are in one file.
const LISTED: usize = 36;

/// Shards of terms that are in one file, as are their positions. A host that gives no parts of files sends all of it.
pub(super) const SHARDS_A_FILE: usize = 24;

/// Bytes of a shard of terms, about. A query loads one or two for each of its words and segments, and once the list of all,
/// which takes about five bytes for each: of 10,000 posts both are the least at this size.
const SHARD: usize = 2048;

/// A part of the index.
#[derive(Debug)]
pub struct Segment {
    /// The first month, which is the name of its folder.
    pub name: String,
    /// Oldest first.
    pub posts: Vec<PostIndex>,
    /// How many shards its terms are cut into.
    pub shards: usize,
    /// Its place among the others, from the oldest on.
    pub number: usize,
    digest: OnceLock<Hash>,
}

/// All parts of the index, oldest first.
#[derive(Debug, Default)]
pub struct Segments(pub Vec<Segment>);

/// A file of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum IndexPart {
    /// Where the shards begin.
    Directory,
    Terms(usize),
    Positions(usize),
    Documents(usize),
}

impl IndexPart {
    /// The name of the file.
    pub fn file_name(self) -> String {
        match self {
            Self::Directory => "index.json".to_owned(),
            Self::Terms(number) => format!("t{number}.bin"),
            Self::Positions(number) => format!("p{number}.bin"),
            Self::Documents(number) => format!("d{number}.json"),
        }
    }
}

impl Segment {
    fn new(name: String, posts: Vec<PostIndex>, site: &Site) -> Self {
        let words: usize = posts.iter().map(|&index| site.at(index).words).sum();
        // A word takes half a byte, measured on blogs in English, and what is said for the first time more: a vocabulary
        // grows with about the root of the text.
        let bytes = words / 2 + 150 * words.isqrt();
        let shards = (bytes / SHARD).max(1);
        Self { name, posts, shards, number: 0, digest: OnceLock::new() }
    }

    /// All its files.
    pub fn parts(&self) -> impl Iterator<Item = IndexPart> {
        let files = self.shards.div_ceil(SHARDS_A_FILE);
        let documents = self.posts.len().div_ceil(LISTED);
        std::iter::once(IndexPart::Directory)
            .chain((0..files).map(IndexPart::Terms))
            .chain((0..files).map(IndexPart::Positions))
            .chain((0..documents).map(IndexPart::Documents))
    }

    /// The posts of a file of addresses and titles.
    pub fn listed(&self, number: usize) -> &[PostIndex] {
        let from = (number * LISTED).min(self.posts.len());
        &self.posts[from..(from + LISTED).min(self.posts.len())]
    }

    /// The usual number of words of its posts, which changes seldom: it is between two powers of two.
    pub fn usual_length(&self, site: &Site) -> usize {
        let words: usize = self.posts.iter().map(|&index| site.at(index).words).sum();
        let mean = (words / self.posts.len().max(1)).max(1);
        3 << mean.ilog2() >> 1
    }

    /// The fingerprint of all that its files are made of.
    pub fn digest(&self, site: &Site) -> Hash {
        *self.digest.get_or_init(|| {
            Hash::of_all(&[Hash::of_value(&(VERSION, self.shards)), Hash::of_all(&self.fingerprints(site))])
        })
    }

    /// The fingerprint of what the index has of each of its posts.
    pub fn fingerprints(&self, site: &Site) -> Vec<Hash> {
        let fingerprint = |&index: &PostIndex| {
            let Post { path, hash, url, title, date, front, .. } = site.at(index);
            let front = (&front.tags, &front.categories, &front.series, &front.language);
            Hash::of_value(&(path, hash, url, title, date, front))
        };
        self.posts.iter().map(fingerprint).collect()
    }

    fn has_the_files_of(&self, other: &Self) -> bool {
        self.name == other.name && self.shards == other.shards && self.posts == other.posts
    }
}

impl Segments {
    /// The segments of a site.
    pub fn of(site: &Site) -> Self {
        if !site.config.search.enabled {
            return Self::default();
        }
        // What a preview shows besides is not for readers.
        let is_public = |post: &Post| absence(post, site.now).is_none();
        let mut months: BTreeMap<Month, Vec<PostIndex>> = BTreeMap::new();
        for (index, post) in site.posts.iter().enumerate().rev().filter(|(_, post)| is_public(post)) {
            if let Some(date) = post.date {
                months.entry(Month::of(date.day())).or_default().push(PostIndex::Post(index));
            }
        }
        let pages = site.pages.iter().enumerate().filter(|(_, page)| is_public(page));
        let pages = pages.map(|(index, _)| PostIndex::Page(index)).collect::<Vec<_>>();
        let (name, mut newest) = months
            .pop_last()
            .map_or_else(|| ("pages".to_owned(), Vec::new()), |(month, posts)| (month.to_string(), posts));
        newest.extend(pages);
        let mut segments: Vec<Segment> = blocks(months.into_iter().collect())
            .into_iter()
            .map(|(month, posts)| Segment::new(month.to_string(), posts, site))
            .collect();
        if !newest.is_empty() {
            segments.push(Segment::new(name, newest, site));
        }
        for (number, segment) in segments.iter_mut().enumerate() {
            segment.number = number;
        }
        Self(segments)
    }

    /// Whether both are in the same files.
    pub fn have_the_files_of(&self, other: &Self) -> bool {
        self.0.len() == other.0.len()
            && self.0.iter().zip(&other.0).all(|(one, other)| one.has_the_files_of(other))
    }
}

/// Closed months as segments, oldest first: the largest power of two of [`BLOCK`]s that they fill, and so on with what is
/// left. A block that once was made stays until as many posts again stand behind it.
fn blocks(months: Vec<(Month, Vec<PostIndex>)>) -> Vec<(Month, Vec<PostIndex>)> {
    let mut left: usize = months.iter().map(|(_, posts)| posts.len()).sum();
    let mut blocks: Vec<(Month, Vec<PostIndex>)> = Vec::new();
    let mut wanted = 0;
    for (month, mut posts) in months {
        match blocks.last_mut() {
            Some((_, block)) if block.len() < wanted => block.append(&mut posts),
            _ => {
                left -= blocks.last().map_or(0, |(_, block)| block.len());
                wanted = (left / BLOCK).checked_ilog2().map_or(usize::MAX, |power| BLOCK << power);
                blocks.push((month, posts));
            }
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sizes of the segments of as many months with as many posts each.
    fn sizes(months: usize, posts: usize) -> Vec<usize> {
        let month = |number: usize| {
            let month = Month {
                year: 2000 + i32::try_from(number / 12).unwrap(),
                number: u32::try_from(number % 12).unwrap() + 1,
            };
            (month, vec![PostIndex::Post(0); posts])
        };
        blocks((0..months).map(month).collect()).iter().map(|(_, posts)| posts.len()).collect()
    }

    #[test]
    fn closed_months_are_blocks_of_powers_of_two() {
        assert_eq!(sizes(0, 1), [0; 0]);
        assert_eq!(sizes(1, 1), [1]);
        assert_eq!(sizes(20, 100), [2000]);
        assert_eq!(sizes(21, 100), [2100]);
        assert_eq!(sizes(25, 100), [2100, 400]);
        assert_eq!(sizes(41, 100), [4100]);
        assert_eq!(sizes(100, 100), [8200, 1800]);
        assert_eq!(sizes(150, 100), [8200, 4100, 2100, 600]);
        assert_eq!(sizes(2, 5000), [10_000]);
    }
}
