//! "Did you mean": the known name that is nearest to one that was written.

use std::borrow::Cow;

use rapidfuzz::distance::osa;

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
