//! Makes the files of a segment: the terms of its posts, counted and weighed, and cut into shards.

use std::cmp::Ordering;

use hashbrown::{HashMap, HashSet};

use crate::post::markdown::Body;
use crate::search::bits::BitWriter;
use crate::search::counted::{CountedTerms, TermPostings};
use crate::search::segments::{IndexPart, SHARDS_A_FILE, Segment};
use crate::search::text::{self, Passage};
use crate::search::tokenizer::{TextToken, Tokenizer, WordForm};
use crate::site::Site;

/// Words between two passages that a phrase does not reach across.
const GAP: u32 = 8;

/// How soon more of the same word says nothing new, in tenths: k1 of BM25.
const K1: u32 = 12;

/// The most that a posting's impact can be.
const MOST_IMPACT: u32 = 15;

/// The bytes of the files of a segment, but for those of addresses and titles.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct SegmentFiles {
    directory: Vec<u8>,
    terms: Vec<Vec<u8>>,
    positions: Vec<Vec<u8>>,
}

impl SegmentFiles {
    /// The bytes of a file.
    pub(crate) fn bytes(&self, part: IndexPart) -> &[u8] {
        let file = match part {
            IndexPart::Directory => Some(&self.directory),
            IndexPart::Terms(number) => self.terms.get(number),
            IndexPart::Positions(number) => self.positions.get(number),
            IndexPart::Documents(_) => None,
        };
        file.map_or(&[], Vec::as_slice)
    }
}

/// A term in the post that is being added.
#[derive(Debug, Default)]
struct Count {
    term: u32,
    weight: u32,
    positions: Vec<u32>,
}

/// A term, while posts are added.
#[derive(Debug, Default)]
struct GrowingTerm {
    postings: TermPostings,
    /// Its place in [`IndexBuilder::counts`], if it stands in the post that is being added.
    count: Option<u32>,
}

/// Collects the terms of a segment.
pub(crate) struct IndexBuilder<'s> {
    site: &'s Site,
    segment: &'s Segment,
    /// What the last build counted, and where its posts stand now.
    last: CountedTerms,
    places: Vec<Option<u32>>,
    numbers: HashMap<Box<str>, u32>,
    terms: Vec<GrowingTerm>,
    counts: Vec<Count>,
    /// How many of the counts are taken; the others keep their memory for posts to come.
    counted: usize,
}

impl<'s> IndexBuilder<'s> {
    /// A builder that knows what the last build counted.
    pub(crate) fn new(site: &'s Site, segment: &'s Segment, last: CountedTerms) -> Self {
        let places = last.places(&segment.fingerprints(site));
        Self {
            site,
            segment,
            last,
            places,
            numbers: HashMap::new(),
            terms: Vec::new(),
            counts: Vec::new(),
            counted: 0,
        }
    }

    /// The numbers of the posts whose words are not known: they are to be added, in this order.
    pub(crate) fn unknown(&self) -> Vec<usize> {
        let known: HashSet<u32> = self.places.iter().flatten().copied().collect();
        let numbers = (0_u32..).zip(&self.segment.posts).map(|(number, _)| number);
        numbers.filter(|number| !known.contains(number)).map(|number| number as usize).collect()
    }

    /// Adds the post of a number.
    pub(crate) fn add(&mut self, number: usize, body: &Body) {
        let post = self.site.at(self.segment.posts[number]);
        let language = post.front.language.as_deref().unwrap_or(&self.site.config.language);
        let mut tokenizer = Tokenizer::new(language);
        for Passage { field, text } in text::passages(post, body) {
            tokenizer.read(&text, &mut |token: TextToken<'_>| {
                let weight = match token.form {
                    WordForm::Written => field.weight(),
                    WordForm::Folded => field.weight().div_ceil(2),
                };
                self.count(token.term, weight, Some(token.position));
            });
            tokenizer.skip(GAP);
        }
        for filter in text::filters(post, &self.site.config) {
            self.count(&filter, 0, None);
        }
        self.end_post(u32::try_from(number).unwrap_or(u32::MAX));
    }

    fn count(&mut self, term: &str, weight: u32, position: Option<u32>) {
        let number = match self.numbers.get(term) {
            Some(&number) => number,
            None => {
                let number = u32::try_from(self.terms.len()).expect("a segment has fewer terms than bytes");
                self.numbers.insert(term.into(), number);
                self.terms.push(GrowingTerm::default());
                number
            }
        };
        let known = &mut self.terms[number as usize];
        let place = *known.count.get_or_insert_with(|| {
            if self.counts.len() == self.counted {
                self.counts.push(Count::default());
            }
            let count = &mut self.counts[self.counted];
            count.positions.clear();
            (count.term, count.weight) = (number, 0);
            self.counted += 1;
            u32::try_from(self.counted - 1).expect("a post has fewer terms than bytes")
        });
        let count = &mut self.counts[place as usize];
        count.weight += weight;
        count.positions.extend(position);
    }

    fn end_post(&mut self, number: u32) {
        for count in &self.counts[..self.counted] {
            let term = &mut self.terms[count.term as usize];
            term.count = None;
            term.postings.add(number, count.weight, &count.positions);
        }
        self.counted = 0;
    }

    /// The files of the segment, and what the next build can use of it.
    pub(crate) fn finish(self) -> (SegmentFiles, CountedTerms) {
        let Self { site, segment, last, places, numbers, mut terms, .. } = self;
        let fresh = numbers.into_iter().map(|(text, number)| {
            let postings = std::mem::take(&mut terms[number as usize].postings);
            (text, postings)
        });
        let mut terms = match last.posts.is_empty() {
            true => fresh.collect(),
            false => last.merged(&places, fresh.collect()),
        };
        terms.sort_unstable_by(|(a, _), (b, _)| utf16_order(a, b));
        let counted = CountedTerms { posts: segment.fingerprints(site), terms };
        (write_files(site, segment, &counted.terms), counted)
    }
}

/// Lengths of the posts of a segment, beside the usual one.
struct Norms {
    of: Vec<u32>,
}

fn write_files(site: &Site, segment: &Segment, terms: &[(Box<str>, TermPostings)]) -> SegmentFiles {
    let usual_length = u32::try_from(segment.usual_length(site)).unwrap_or(u32::MAX);
    let norm = |words: usize| normalisation(u32::try_from(words).unwrap_or(u32::MAX), usual_length);
    let norms = Norms { of: segment.posts.iter().map(|&index| norm(site.at(index).words)).collect() };
    let posts = u32::try_from(segment.posts.len()).unwrap_or(u32::MAX);
    let shards = segment.shards;
    let ends = shard_ends(terms, posts, shards);
    let mut files = SegmentFiles::default();
    let mut directory = ShardDirectory::default();
    let (mut file, mut positions) = (Vec::new(), Vec::new());
    let mut start = 0;
    for (shard, end) in ends.into_iter().enumerate() {
        let first = terms.get(start).map_or("\u{ffff}", |_| separator(terms, start));
        let mut bytes = write_shard(&terms[start..end], &norms, &mut positions);
        bytes.resize(bytes.len().next_multiple_of(SIZE_UNIT), 0);
        directory.add(first, bytes.len() / SIZE_UNIT);
        file.extend(bytes);
        start = end;
        if (shard + 1) % SHARDS_A_FILE == 0 || shard + 1 == shards {
            files.terms.push(std::mem::take(&mut file));
            files.positions.push(std::mem::take(&mut positions));
        }
    }
    let directory = (&directory.firsts, &directory.sizes);
    files.directory = serde_json::to_vec(&directory).expect("texts and numbers are JSON");
    files
}

/// Shards are filled up to a multiple of as many bytes, so that the list of their sizes is short.
const SIZE_UNIT: usize = 64;

/// Where the shards of a segment begin, as `index.json` has it.
#[derive(Debug, Default)]
struct ShardDirectory {
    /// Texts, sorted and with commas between them, which terms do not have: of each a digit to base 36, how many code units of
    /// UTF-16 it shares with the text before, and the rest.
    firsts: String,
    /// In [`SIZE_UNIT`]s.
    sizes: Vec<usize>,
    /// The last one of them.
    last: String,
}

impl ShardDirectory {
    fn add(&mut self, first: &str, size: usize) {
        let alike = self.last.chars().zip(first.chars()).take_while(|(a, b)| a == b);
        let (mut units, mut bytes) = (0, 0);
        for (c, _) in alike {
            if units + c.len_utf16() >= 36 {
                break;
            }
            units += c.len_utf16();
            bytes += c.len_utf8();
        }
        if !self.sizes.is_empty() {
            self.firsts.push(',');
        }
        self.firsts.extend(u32::try_from(units).ok().and_then(|units| char::from_digit(units, 36)));
        self.firsts.push_str(&first[bytes..]);
        first.clone_into(&mut self.last);
        self.sizes.push(size);
    }
}

/// Behind which terms the shards end. They are about as large as each other, as far as terms are not cut; of the terms
/// around the place where all would be alike, the one that begins with the shortest text begins the next shard.
fn shard_ends(terms: &[(Box<str>, TermPostings)], posts: u32, shards: usize) -> Vec<usize> {
    let mut costs = vec![0];
    costs.extend(terms.iter().scan(0, |sum, (_, term)| {
        *sum += cost(term, posts);
        Some(*sum)
    }));
    let all: u64 = *costs.last().unwrap_or(&0);
    let slack = all / shards as u64 / 6;
    let mut ends = Vec::with_capacity(shards);
    for shard in 1..shards {
        let target = all * shard as u64 / shards as u64;
        let earliest = ends.last().copied().unwrap_or(0);
        let nearest = costs.partition_point(|&cost| cost < target);
        let from = costs.partition_point(|&cost| cost + slack < target).max(earliest);
        let to = costs.partition_point(|&cost| cost <= target + slack).min(terms.len());
        let shortest =
            (from..to).min_by_key(|&end| (separator(terms, end).chars().count(), end.abs_diff(nearest)));
        ends.push(shortest.unwrap_or(nearest.min(terms.len())).max(earliest));
    }
    ends.push(terms.len());
    ends
}

/// The shortest beginning of a term that is behind the term before.
fn separator(terms: &[(Box<str>, TermPostings)], at: usize) -> &str {
    let before = at.checked_sub(1).map_or("", |before| &*terms[before].0);
    shortest_behind(before, &terms[at].0)
}

fn shortest_behind<'t>(before: &str, first: &'t str) -> &'t str {
    let shared = before.chars().zip(first.chars()).take_while(|(a, b)| a == b);
    let shared: usize = shared.map(|(c, _)| c.len_utf8()).sum();
    let differs = first[shared..].chars().next().map_or(0, char::len_utf8);
    &first[..shared + differs]
}

/// How much a text of this length has to say a word, beside one of the usual length: in tenths, times k1.
fn normalisation(length: u32, usual_length: u32) -> u32 {
    let ratio = (u64::from(length) * 100 / u64::from(usual_length.max(1))).min(1000);
    // 0.4 + 0.6 × length ÷ usual length, in hundredths, times k1 in tenths, over a hundred.
    let hundredths = 40 + 60 * ratio / 100;
    u32::try_from(u64::from(K1) * hundredths / 100).unwrap_or(u32::MAX)
}

fn impact(weight: u32, norm: u32) -> u8 {
    let impact = (MOST_IMPACT * weight + (weight + norm) / 2) / (weight + norm).max(1);
    u8::try_from(impact.clamp(1, MOST_IMPACT)).unwrap_or(1)
}

/// Bits that a term takes, about: what shards are cut by.
fn cost(term: &TermPostings, posts: u32) -> u64 {
    let each = 6 + rice_parameter(posts, term.posts);
    30 + u64::from(term.posts) * u64::from(each)
}

/// The largest power of two that is not more than the mean distance.
fn rice_parameter(of: u32, count: u32) -> u32 {
    (of / count.max(1)).max(1).ilog2()
}

/// The order in which a script compares texts: by code units of UTF-16. It differs from that of bytes where one text has a
/// character beyond U+FFFF and the other one of the last before it.
fn utf16_order(a: &str, b: &str) -> Ordering {
    let differs = a.bytes().zip(b.bytes()).find(|(a, b)| a != b);
    match differs {
        Some((a, b)) if a >= 0xee && b >= 0xee && (a >= 0xf0) != (b >= 0xf0) => b.cmp(&a),
        _ => a.cmp(b),
    }
}

/// Writes the terms of a shard. Their positions go behind those that are in their file already.
fn write_shard(terms: &[(Box<str>, TermPostings)], norms: &Norms, positions: &mut Vec<u8>) -> Vec<u8> {
    let mut out = BitWriter::default();
    out.gamma(u32::try_from(terms.len()).unwrap_or_default() + 1);
    out.gamma(u32::try_from(positions.len()).unwrap_or_default() + 1);
    let mut before: Vec<u16> = Vec::new();
    for (text, term) in terms {
        let units: Vec<u16> = text.encode_utf16().collect();
        write_text(&before, &units, &mut out);
        before = units;
        let own = term_positions(term);
        out.gamma(term.posts);
        out.gamma(u32::try_from(own.len()).unwrap_or_default() + 1);
        positions.extend(own);
        write_postings(term, norms, &mut out);
    }
    out.finish()
}

/// Codes of five bits that are not letters.
mod code {
    pub(super) const END: u32 = 26;
    pub(super) const DIGIT: u32 = 27;
    pub(super) const ASCII: u32 = 28;
    pub(super) const UNIT: u32 = 29;
    pub(super) const LOW_BYTE: u32 = 30;
}

fn write_text(before: &[u16], units: &[u16], out: &mut BitWriter) {
    let shared = before.iter().zip(units).take_while(|(a, b)| a == b).count();
    out.gamma(u32::try_from(shared).unwrap_or_default() + 1);
    let mut last = shared.checked_sub(1).map_or(0, |at| units[at]);
    for &unit in &units[shared..] {
        let number = u32::from(unit);
        match number {
            0x61..=0x7a => out.bits(number - 0x61, 5),
            0x30..=0x39 => {
                out.bits(code::DIGIT, 5);
                out.bits(number - 0x30, 4);
            }
            0..0x80 => {
                out.bits(code::ASCII, 5);
                out.bits(number, 7);
            }
            _ if unit >> 8 == last >> 8 => {
                out.bits(code::LOW_BYTE, 5);
                out.bits(number & 0xff, 8);
            }
            _ => {
                out.bits(code::UNIT, 5);
                out.bits(number, 16);
            }
        }
        last = unit;
    }
    out.bits(code::END, 5);
}

fn write_postings(term: &TermPostings, norms: &Norms, out: &mut BitWriter) {
    let posts = u32::try_from(norms.of.len()).unwrap_or(u32::MAX);
    let k = rice_parameter(posts, term.posts);
    let mut next = 0;
    for posting in term.iter() {
        out.rice(posting.post - next, k);
        next = posting.post + 1;
        out.bits(u32::from(impact(posting.weight, norms.of[posting.post as usize])), 4);
    }
}

/// Where in its posts a term stands.
fn term_positions(term: &TermPostings) -> Vec<u8> {
    let (mut count, mut sum) = (0_u64, 0_u64);
    for posting in term.iter().filter(|posting| posting.count > 0) {
        count += u64::from(posting.count);
        sum += posting.distances().map(u64::from).sum::<u64>();
    }
    let mean = u32::try_from(sum / count.max(1)).unwrap_or(u32::MAX);
    let k = mean.max(1).ilog2();
    let mut out = BitWriter::default();
    out.bits(k, 5);
    for posting in term.iter() {
        out.gamma(posting.count + 1);
        posting.distances().for_each(|distance| out.rice(distance, k));
    }
    out.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_begins_with_the_shortest_text_behind_the_one_before() {
        assert_eq!(shortest_behind("", "boats"), "b");
        assert_eq!(shortest_behind("boats", "bread"), "br");
        assert_eq!(shortest_behind("boat", "boats"), "boats");
        assert_eq!(shortest_behind("\u{1}year:2026", "10"), "1");
        assert_eq!(shortest_behind("図書", "図館"), "図館");
        assert_eq!(shortest_behind("é", "éa"), "éa");
        for (before, first) in [("boats", "bread"), ("boat", "boats"), ("𠮷家", "𠮷野"), ("𠮷家", "\u{ffee}")]
        {
            let separator = shortest_behind(before, first);
            assert!(first.starts_with(separator));
            assert!(before.encode_utf16().lt(separator.encode_utf16()), "{before} {separator}");
        }
    }

    #[test]
    fn the_list_of_shards_has_the_rest_of_each_text() {
        let mut directory = ShardDirectory::default();
        let long = "a".repeat(40);
        for first in ["\u{1}", "\u{1}tag:a", "b", "boat", "boats", &long, &format!("{long}b"), "𠮷家", "𠮷野"]
        {
            directory.add(first, 1);
        }
        let alike = format!("0{long},z{}", "aaaaab");
        assert_eq!(directory.firsts, format!("0\u{1},1tag:a,0b,1oat,4s,{alike},0𠮷家,2野"));
        assert_eq!(directory.sizes.len(), 9);
    }
}
