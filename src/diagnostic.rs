//! Faults in what the user wrote: where, what is wrong, and what to do about it.
//!
//! Diagnostics travel beside values, so that one build shows every fault of a site. They carry the
//! line they point at: whoever prints them needs no file.

// A type of the public interface is documented to its last field.
#![warn(missing_docs)]

use std::borrow::Cow;
use std::ops::Range;

use rapidfuzz::distance::osa;
use serde::{Deserialize, Serialize};

/// Whether the site can be built in spite of the fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The site is not built, or one file is left out of it: see [`Reach`].
    Error,
    /// The site is built; `--strict` makes it an error.
    Warning,
}

/// What a fault reaches besides the place it stands at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reach {
    /// An error stops the build. Of many warnings of one kind some are printed.
    #[default]
    Site,
    /// An error concerns one file: the site is built without what cannot be read.
    File,
    /// Something may become public that was hidden: printed however many there are.
    Public,
}

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// What it reaches.
    pub reach: Reach,
    /// The file, relative to the site's root.
    pub path: String,
    /// Where in the file, if it is about a place in it.
    pub place: Option<Location>,
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// A place in a file, with the line itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// How many characters are meant, at least 1.
    pub width: usize,
    /// The line without its end; of a very long one the part around the mark.
    pub text: String,
    /// Characters of the line before `text`.
    pub skipped: usize,
}

impl Diagnostic {
    /// A fault that stops the build.
    pub fn error(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            reach: Reach::Site,
            path: path.into(),
            place: None,
            message: message.into(),
            hint: None,
        }
    }

    /// A fault worth reading that does not stop the build.
    pub fn warning(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(path, message) }
    }

    /// Points at a range of bytes of the file's text.
    #[must_use]
    pub fn at(mut self, text: &str, span: Range<usize>) -> Self {
        self.place = Some(Location::of(text, span));
        self
    }

    /// Points at a place found earlier.
    #[must_use]
    pub fn placed(mut self, place: Option<Location>) -> Self {
        self.place = place;
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Says what to do, if something is known.
    #[must_use]
    pub fn maybe_hint(mut self, hint: Option<String>) -> Self {
        self.hint = hint;
        self
    }

    /// Says what it reaches.
    #[must_use]
    pub fn reaching(mut self, reach: Reach) -> Self {
        self.reach = reach;
        self
    }

    /// Whether it is an error, of the site or of one file.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// Whether it stops the build.
    pub fn stops_build(&self) -> bool {
        self.is_error() && self.reach != Reach::File
    }

    /// What diagnostics are sorted by: errors first, then by file and line.
    pub fn order(&self) -> impl Ord + '_ {
        let place = self.place.as_ref().map(|place| (place.line, place.column));
        (self.severity, self.path.as_str(), place, self.message.as_str())
    }
}

/// Lines longer than this are cut around the mark.
const WIDEST_LINE: usize = 160;

impl Location {
    /// The place of a range of bytes. Ranges that are out of bounds or cut a character are moved to
    /// the nearest place that exists, as they come from parsers of three formats.
    pub fn of(text: &str, span: Range<usize>) -> Self {
        let start = floor_boundary(text, span.start);
        let line = text.as_bytes()[..start].iter().filter(|&&byte| byte == b'\n').count() + 1;
        Self::on_line(text, start..span.end, line)
    }

    /// The place of a range whose line is known: counting from the start for each of many places would take
    /// quadratic time.
    pub fn on_line(text: &str, span: Range<usize>, number: usize) -> Self {
        let start = floor_boundary(text, span.start);
        let end = floor_boundary(text, span.end.max(start));
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        let line = text[line_start..line_end].trim_end_matches('\r');
        let column = text[line_start..start].chars().count();
        let end = end.min(line_start + line.len()).max(start);
        let (shown, skipped) = shorten(line, column);
        Self {
            line: number,
            column: column + 1,
            width: text[start..end].chars().count().clamp(1, WIDEST_LINE),
            text: shown,
            skipped,
        }
    }
}

/// A long line is cut so that the mark stays in sight. Returns what is left, and how much was skipped.
fn shorten(line: &str, column: usize) -> (String, usize) {
    if line.chars().nth(WIDEST_LINE).is_none() {
        return (line.to_owned(), 0);
    }
    let skipped = column.saturating_sub(WIDEST_LINE / 2);
    (line.chars().skip(skipped).take(WIDEST_LINE).collect(), skipped)
}

fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// How many names of a kind get a hint, such as addresses that links lead to: as many as are shown, as each is compared with
/// all posts of the site.
pub(crate) const MOST_HINTS: usize = 10;

/// The candidate nearest to what was written, if one is near enough to be meant. The folders that both share make
/// neither more like the other.
pub(crate) fn nearest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    KnownNames::of(candidates).nearest(written)
}

/// Names that others may have been meant by, read once for all of those.
pub(crate) struct KnownNames<'a>(Vec<KnownName<'a>>);

struct KnownName<'a> {
    name: &'a str,
    lower: Cow<'a, str>,
    letters: LetterCounts,
}

impl<'a> KnownNames<'a> {
    pub(crate) fn of(names: impl IntoIterator<Item = &'a str>) -> Self {
        let known = |name| {
            let lower = lower_case(name);
            KnownName { name, letters: LetterCounts::of(&lower), lower }
        };
        Self(names.into_iter().map(known).collect())
    }

    /// The name nearest to what was written, if one is near enough to be meant.
    pub(crate) fn nearest(&self, written: &str) -> Option<&'a str> {
        let written = written.to_lowercase();
        let letters = LetterCounts::of(&written);
        let is_short = written.len() <= LONGEST_COMPARED;
        let comparator = osa::BatchComparator::new(written.chars());
        let mut best: Option<(usize, &str)> = None;
        for KnownName { name, lower, letters: known } in &self.0 {
            // This alone keeps most names of a large site from being compared.
            let loosest = 1 + written.len().min(lower.len()) / 4;
            let nearest_yet = best.map_or(usize::MAX, |(distance, _)| distance);
            if letters.fewest_edits(known) > loosest.min(nearest_yet) {
                continue;
            }
            // No candidate that is farther away than the best one so far is compared to its end.
            let most = most_edits(&written, lower).min(nearest_yet);
            let distance = if is_short && lower.len() <= LONGEST_COMPARED {
                comparator.distance_with_args(lower.chars(), &osa::Args::default().score_cutoff(most))
            } else {
                distance(&written, lower, most)
            };
            let found = distance.map(|distance| (distance, *name));
            if found.is_some_and(|found| best.is_none_or(|best| found < best)) {
                best = found;
            }
        }
        best.map(|(_, name)| name)
    }

    /// ``did you mean `title`?``, if something is near.
    pub(crate) fn did_you_mean(&self, written: &str) -> Option<String> {
        self.nearest(written).map(|nearest| format!("did you mean `{nearest}`?"))
    }
}

/// How often each letter stands in a name, whatever their order: the bag distance, which is never more than the edit
/// distance and takes no time (Bartolini, Ciaccia and Patella, SPIRE 2002).
struct LetterCounts {
    /// Bytes by their last five bits, in which the letters of ASCII differ.
    counts: [u8; 32],
    is_ascii: bool,
}

impl LetterCounts {
    fn of(name: &str) -> Self {
        let mut counts = [0_u8; 32];
        for byte in name.bytes() {
            let count = &mut counts[usize::from(byte & 31)];
            *count = count.saturating_add(1);
        }
        Self { counts, is_ascii: name.is_ascii() }
    }

    /// The least number of insertions, deletions and substitutions that separate two names.
    fn fewest_edits(&self, other: &Self) -> usize {
        let differences = self.counts.iter().zip(&other.counts).map(|(a, b)| u16::from(a.abs_diff(*b)));
        let differences = usize::from(differences.sum::<u16>());
        // A substitution takes one letter away and adds another one; a letter has up to four bytes.
        let most_for_one = if self.is_ascii && other.is_ascii { 2 } else { 2 * char::MAX_LEN_UTF8 };
        differences.div_ceil(most_for_one)
    }
}

fn lower_case(text: &str) -> Cow<'_, str> {
    let is_lower = text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
    if is_lower { Cow::Borrowed(text) } else { Cow::Owned(text.to_lowercase()) }
}

/// The most edits for which one name can be meant by another: one, and a quarter of what differs.
fn most_edits(written: &str, known: &str) -> usize {
    let shared = written.bytes().zip(known.bytes()).take_while(|(a, b)| a == b).count();
    let folder = written.as_bytes()[..shared].iter().rposition(|&byte| byte == b'/');
    let start = folder.map_or(0, |at| at + 1);
    1 + known[start..].chars().count().min(written[start..].chars().count()) / 4
}

/// ``did you mean `title`?``, if something is near.
pub(crate) fn did_you_mean<'a>(
    written: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    KnownNames::of(candidates).did_you_mean(written)
}

/// The number of insertions, deletions, substitutions and swaps of neighbours that separate two names. `None` if they
/// are more than `most` or if it would take long to say.
pub(crate) fn distance(a: &str, b: &str, most: usize) -> Option<usize> {
    let (a, b) = without_common_ends(a, b);
    let (long, short) = (a.chars().count().max(b.chars().count()), a.chars().count().min(b.chars().count()));
    // The time grows with the product of the lengths, and names may be whole addresses that a stranger wrote.
    if long - short > most || long > LONGEST_COMPARED {
        return None;
    }
    osa::distance_with_args(a.chars(), b.chars(), &osa::Args::default().score_cutoff(most))
}

/// Names that differ in a longer part than this, in characters, are not compared.
const LONGEST_COMPARED: usize = 64;

/// What is left of two texts without their common start and end, which do not change the distance.
fn without_common_ends<'t>(a: &'t str, b: &'t str) -> (&'t str, &'t str) {
    let start: usize = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).map(|(c, _)| c.len_utf8()).sum();
    let (a, b) = (&a[start..], &b[start..]);
    let ends = a.chars().rev().zip(b.chars().rev()).take_while(|(a, b)| a == b);
    let end: usize = ends.map(|(c, _)| c.len_utf8()).sum();
    (&a[..a.len() - end], &b[..b.len() - end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_counts_characters_and_keeps_the_line() {
        let text = "eins\nzwölf Männer\nend";
        let place = Location::of(text, 12..19);
        assert_eq!((place.line, place.column, place.width), (2, 7, 6));
        assert_eq!(place.text, "zwölf Männer");
    }

    #[test]
    fn places_outside_the_text_are_moved_into_it() {
        assert_eq!(Location::of("", 7..9).line, 1);
        assert_eq!(Location::of("ä", 1..2).column, 1);
        assert_eq!(Location::of("a\r\nb", 0..4).text, "a");
    }

    #[test]
    fn long_lines_are_cut_around_the_mark() {
        let text = format!("{}X{}", "a".repeat(5000), "b".repeat(5000));
        let place = Location::of(&text, 5000..5001);
        assert_eq!(place.column, 5001);
        assert_eq!(place.text.chars().nth(place.column - 1 - place.skipped), Some('X'));
        assert_eq!(place.text.len(), WIDEST_LINE);
    }

    #[test]
    fn only_near_names_are_suggested() {
        let keys = ["title", "date", "tags"];
        assert_eq!(nearest("tilte", keys), Some("title"));
        assert_eq!(nearest("Tag", keys), Some("tags"));
        assert_eq!(nearest("weight", keys), None);
    }

    #[test]
    fn long_names_are_compared_where_they_differ() {
        let address = |end: &str| format!("/{}/{end}/", "one-of-many-posts-of-a-year".repeat(20));
        let known = [address("second"), address("first")];
        assert_eq!(nearest(&address("frist"), known.iter().map(String::as_str)), Some(known[1].as_str()));
        assert_eq!(distance(&"a".repeat(100_000), &"b".repeat(100_000), 100_000), None);
        assert_eq!(distance("äöü", "äüö", 1), Some(1));
        assert_eq!(distance("aab", "ab", 2), Some(1));
    }

    #[test]
    fn names_with_the_same_letters_are_compared_and_others_are_not() {
        let edits = |a: &str, b: &str| LetterCounts::of(a).fewest_edits(&LetterCounts::of(b));
        assert_eq!((edits("tilte", "title"), edits("title", "titles"), edits("abcd", "wxyz")), (0, 1, 4));
        // Never more than what separates them: here one insertion, one substitution of two bytes each.
        assert_eq!((edits("aä", "a"), edits("ä", "ö")), (1, 1));
        assert_eq!(nearest("änderung", ["anderung"]), Some("anderung"));
        assert_eq!(edits(&"a".repeat(1000), &"a".repeat(900)), 0, "counts end at 255");
    }

    #[test]
    fn shared_folders_make_no_name_like_another() {
        assert_eq!(nearest("content/2026/nope.md", ["content/2026/a-note.md"]), None);
        assert_eq!(
            nearest("content/2026/a-not.md", ["content/2026/a-note.md"]),
            Some("content/2026/a-note.md")
        );
        assert_eq!(
            nearest("/2026/12/15/alepo/", ["/2026/12/15/aleppo/", "/2026/12/15/"]),
            Some("/2026/12/15/aleppo/")
        );
        assert_eq!(nearest("tilte", ["title"]), Some("title"));
        assert_eq!(nearest("contnet/a.md", ["content/a.md"]), Some("content/a.md"));
    }
}
