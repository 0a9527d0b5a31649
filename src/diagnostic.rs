//! Faults in what the user wrote: where, what is wrong, and what to do about it.
//!
//! Diagnostics travel beside values, so that one build shows every fault of a site. They carry the
//! line they point at: whoever prints them needs no file.

// A type of the public interface is documented to its last field.
#![warn(missing_docs)]

use std::ops::Range;

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

/// A number with the word for it: `1 page`, `2 pages`.
pub(crate) fn counted(count: usize, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
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
}
