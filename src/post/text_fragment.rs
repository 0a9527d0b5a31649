//! Text fragments: the part of an address that makes a browser scroll to the quoted words (WICG Scroll to Text
//! Fragment).

use crate::path::percent_encode;

/// A run of at most this many words is written out; a longer one is found by its ends.
const WHOLE_RUN: usize = 8;
/// Words at each end of a longer run.
const END_WORDS: usize = 5;
/// More directives than this make an unwieldy address and help nobody.
const MOST_DIRECTIVES: usize = 4;

/// The text fragment (`#:~:text=…`, WICG Scroll to Text Fragment) that finds the quoted words, one
/// directive for each run between ellipses. `paragraphs` holds the words as the author typed them. What is
/// in square brackets is not the report's and is cut out. Empty if nothing is left to find.
pub fn text_directives(paragraphs: &[String]) -> String {
    let runs = runs(paragraphs);
    let mut fragment = String::new();
    for run in runs.iter().take(MOST_DIRECTIVES) {
        fragment.push_str(if fragment.is_empty() { "#:~:text=" } else { "&text=" });
        fragment.push_str(&directive(run));
    }
    fragment
}

/// A stretch of words that stand together in the report, by paragraph and without gaps.
#[derive(Debug, Default, PartialEq)]
struct Run {
    paragraphs: Vec<Vec<String>>,
}

/// Splits the words at `[…]`, `[...]`, a lone `…` and `[insertions]`. An insertion splits a run as well,
/// as the words on its sides do not stand together in the report.
fn runs(paragraphs: &[String]) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut run = Run::default();
    for paragraph in paragraphs {
        let mut words = Vec::new();
        let mut depth = 0_usize;
        for piece in split_brackets(paragraph) {
            match piece {
                Piece::Open => {
                    if depth == 0 {
                        run.paragraphs.push(std::mem::take(&mut words));
                        runs.push(std::mem::take(&mut run));
                    }
                    depth += 1;
                }
                Piece::Close => depth = depth.saturating_sub(1),
                Piece::Word("…" | "..." | ". . .") if depth == 0 => {
                    run.paragraphs.push(std::mem::take(&mut words));
                    runs.push(std::mem::take(&mut run));
                }
                Piece::Word(word) if depth == 0 => words.push(word.to_owned()),
                Piece::Word(_) => {}
            }
        }
        run.paragraphs.push(words);
    }
    runs.push(run);
    for run in &mut runs {
        run.paragraphs.retain(|words| !words.is_empty());
    }
    // A run of two words after an insertion finds the wrong place more often than the right one.
    let longest = runs.iter().map(Run::len).max().unwrap_or(0);
    runs.retain(|run| run.len() > 0 && (run.len() > 2 || run.len() == longest));
    runs
}

impl Run {
    fn len(&self) -> usize {
        self.paragraphs.iter().map(Vec::len).sum()
    }
}

enum Piece<'a> {
    Open,
    Close,
    Word(&'a str),
}

fn split_brackets(text: &str) -> impl Iterator<Item = Piece<'_>> {
    text.split_inclusive(['[', ']', ' ', '\n', '\t']).flat_map(|piece| {
        let (word, end) = match piece.char_indices().next_back() {
            Some((at, '[')) => (&piece[..at], Some(Piece::Open)),
            Some((at, ']')) => (&piece[..at], Some(Piece::Close)),
            _ => (piece, None),
        };
        let word = word.trim();
        let word = (!word.is_empty()).then_some(Piece::Word(word));
        word.into_iter().chain(end)
    })
}

fn directive(run: &Run) -> String {
    let bare = |words: &[String]| {
        let text = words.join(" ");
        encode_directive(text.trim_matches(|c: char| !c.is_alphanumeric()))
    };
    let first = &run.paragraphs[0];
    let last = &run.paragraphs[run.paragraphs.len() - 1];
    if run.paragraphs.len() == 1 && first.len() <= WHOLE_RUN {
        return bare(first);
    }
    let start = &first[..first.len().min(END_WORDS)];
    let end = &last[last.len().saturating_sub(END_WORDS)..];
    format!("{},{}", bare(start), bare(end))
}

/// Percent-encodes what has a meaning in a directive: `-`, `,` and `&` besides what no address holds.
fn encode_directive(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    percent_encode(text, &mut encoded);
    encoded
        .replace('-', "%2D")
        .replace(',', "%2C")
        .replace('&', "%26")
        .replace('+', "%2B")
        .replace('\'', "%27")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directives(paragraphs: &[&str]) -> String {
        text_directives(&paragraphs.iter().map(|&paragraph| paragraph.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn short_quotes_are_written_out_and_long_ones_named_by_their_ends() {
        assert_eq!(
            directives(&["\"We had no choice,\" she said."]),
            "#:~:text=We%20had%20no%20choice%2C%22%20she%20said"
        );
        assert_eq!(
            directives(&[
                "The council voted 7–2 on Tuesday to close",
                "the library, citing a deficit of 1.2m."
            ]),
            "#:~:text=The%20council%20voted%207%E2%80%932%20on,citing%20a%20deficit%20of%201.2m"
        );
    }

    #[test]
    fn ellipses_and_insertions_split_a_quote() {
        assert_eq!(
            directives(&["One two three […] four five six [the council] seven eight nine [...]"]),
            "#:~:text=One%20two%20three&text=four%20five%20six&text=seven%20eight%20nine"
        );
        assert_eq!(directives(&["[…]"]), "");
        assert_eq!(directives(&["half-way, yes"]), "#:~:text=half%2Dway%2C%20yes");
    }
}
