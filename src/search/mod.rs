//! The index that the search page reads, and the script that reads it. No server and no second program takes part.
//!
//! # Segments
//!
//! The posts are cut by whole months, from the oldest on, into [segments]: blocks of 2,048 posts and of powers
//! of two times that, then what is left of the closed months, and last the month of the newest post with the pages that
//! have no date. A segment is a pure function of the heads of posts, so that the files of the index are known when a
//! site is planned; and a new post changes the files of the last segment only.
//!
//! # Files
//!
//! Below the address of the search page, and for each segment in a folder with the name of its first month:
//!
//! | File | Holds |
//! | :-- | :-- |
//! | `search.js` | the script, with the [table](tokenizer) of characters |
//! | `2009-01/index.json` | where the shards of terms begin, and their sizes in units of 64 bytes: a text and a list |
//! | `2009-01/t0.bin` … | terms with the posts they stand in, in the order of UTF-16 code units: 24 shards of about 2 kB |
//! | `2009-01/p0.bin` … | where in these posts they stand, of the same shards |
//! | `2009-01/d0.json` … | address, title and date of 36 posts each: a list of lists |
//!
//! A shard is found by the shortest text that comes behind the last term of the one before and is the beginning of its
//! first term. Of these texts, which stand in one with commas between them, each begins with a digit to base 36: how many
//! code units it has from the one before. Of the terms around the place where a shard would have 2 kB, the one with the
//! shortest text begins the next shard. The script asks for a part of the file (RFC 9110, section 14), and takes the
//! whole one where a host sends that.
//!
//! The search page itself says which segments there are, with the number of their posts, a fingerprint and the number
//! of their shards. The script asks for every file with the fingerprint behind a `?`, so that a browser and a host may
//! keep it for as long as they like.
//!
//! # Terms
//!
//! A file of terms is a stream of bits, highest first. γ is Elias's gamma code of a number from 1 on: as many zeros as the
//! number has binary digits behind the first, then the number. Rice(*k*) is the number divided by 2^*k* in ones, a zero,
//! and *k* bits of the rest.
//!
//! ```text
//! shard  γ(terms + 1)  γ(byte of its first positions in the file of positions + 1)  term…
//! term   γ(code units that it shares with the term before + 1)  unit…  11010
//!        γ(posts)  γ(bytes of its positions + 1)  posting…
//! unit   five bits: 0 to 25 a letter from a to z; 27 a digit, in four bits; 28 a unit below 128, in seven bits;
//!        29 a unit, in sixteen bits; 30 a unit with the high byte of the one before, in eight bits
//! posting  Rice(k)(posts of the segment since the last one − 1)  impact in four bits
//!        where 2^k is the largest power of two that is not more than posts of the segment ÷ posts of the term
//! ```
//!
//! A posting's impact is what BM25F gives for the term in the post, from 1 to 15: its weighted count *w* as
//! 15 *w* ÷ (*w* + 1.2 (0.4 + 0.6 *length* ÷ *usual length*)). So the script needs no lengths, and multiplies by the
//! inverse frequency over all segments.
//!
//! A term's positions begin at a byte:
//!
//! ```text
//! k in five bits, then for each of its posts  γ(positions + 1)  Rice(k)(words since the position before)…
//! ```
//!
//! What filters ask for is a term as well, with a control character before it that no word has: U+0001 and `by:`,
//! `from:`, `is:`, `tag:` or `year:` and the value.

pub(crate) mod bits;
pub(crate) mod counted;
pub(crate) mod index;
pub(crate) mod script;
pub(crate) mod segments;
pub(crate) mod text;
pub(crate) mod tokenizer;

/// Changes with the format of the files and with what is put into them.
pub(crate) const VERSION: u32 = 4;
