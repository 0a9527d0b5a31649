//! Where a caption can break its line, so that its headline stands alone.
//!
//! A headline is printed where its author wrote it: `Jane Doe, [Headline](url), The Paper`. The commas around it are marked,
//! so that a theme can put a break in their place; without a style sheet the caption is the line as it is written.

use std::ops::Range;

use super::lexer::is_quotation_mark;
use super::line::{Mark, MarkKind};

/// The marks of the separators before and after each headline, none where the caption begins or ends with it.
pub(crate) fn headline_breaks(text: &str, marks: &[Mark]) -> Vec<Mark> {
    let ranges_of =
        |kind: MarkKind| marks.iter().filter(move |mark| mark.kind == kind).map(|mark| &mark.range);
    let mut titles: Vec<&Range<usize>> = ranges_of(MarkKind::Title).collect();
    titles.sort_by_key(|range| range.start);
    let hidden: Vec<&Range<usize>> = ranges_of(MarkKind::Hidden).collect();
    let mut breaks = Vec::new();
    for (number, title) in titles.iter().enumerate() {
        let before = number.checked_sub(1).map_or(0, |previous| titles[previous].end);
        let after = titles.get(number + 1).map_or(text.len(), |next| next.start);
        // A title within a title, as `<cite>` in `*…*` can be, has no place of its own.
        let (Some(before), Some(after)) = (text.get(before..title.start), text.get(title.end..after)) else {
            continue;
        };
        // `[One](…) and [Two](…)`: the word that joins two headlines stays before the second.
        let joins = number > 0 && before.split_whitespace().filter(|word| has_words(word)).count() < 2;
        if !joins && has_words(before) {
            // `« [Titre](…) »` has spaces within its marks.
            let bare = before.trim_end_matches(|c: char| is_quotation_mark(c) || c.is_whitespace());
            let end = before[bare.len()..].find(is_quotation_mark).map_or(before.len(), |at| bare.len() + at);
            let start = before[..end].trim_end_matches(is_separator).len();
            breaks.push(title.start - before.len() + start..title.start - before.len() + end);
        }
        let printed = after.char_indices().any(|(at, c)| {
            c.is_alphanumeric() && !hidden.iter().any(|range| range.contains(&(title.end + at)))
        });
        if printed || number + 1 < titles.len() {
            let closing =
                after.char_indices().take_while(|&(_, c)| is_quotation_mark(c) || matches!(c, '.' | ','));
            let last = closing.filter(|&(_, c)| is_quotation_mark(c)).last();
            let spaced = text[..title.start].trim_end().ends_with('«') && after.trim_start().starts_with('»');
            let start = match last {
                None if spaced => after.find('»').map_or(0, |at| at + '»'.len_utf8()),
                last => last.map_or(0, |(at, c)| at + c.len_utf8()),
            };
            let length = after[start..].len() - after[start..].trim_start_matches(ends_headline).len();
            breaks.push(title.end + start..title.end + start + length);
        }
    }
    let written = breaks.into_iter().filter(|range| !range.is_empty());
    written.map(|range| Mark { range, kind: MarkKind::LineBreak }).collect()
}

fn has_words(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}

/// Whether a character separates the parts of an attribution and says nothing else.
fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, ',' | ';' | ':' | '·' | '|' | '/' | '–' | '—' | '―' | '~' | '،' | '，' | '、' | '：')
}

/// Whether a character behind a headline separates it from what follows. A full stop does, where one before it would end an
/// initial.
fn ends_headline(c: char) -> bool {
    is_separator(c) || matches!(c, '.' | '-' | '。')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::date::reader::DateReader;
    use crate::post::attribution::{AttributionLine, LineSpan, LineSpanKind, read};

    /// The lines of a caption whose links stand in brackets.
    fn lines(written: &str) -> Vec<String> {
        let mut line = AttributionLine::default();
        let mut open = None;
        for c in written.chars() {
            match c {
                '[' => open = Some(line.text.len()),
                ']' => {
                    let range = open.take().expect("a bracket is open")..line.text.len();
                    let url = "https://example.org/2026/03/a-report.html".to_owned();
                    line.spans.push(LineSpan { range, kind: LineSpanKind::Link { url } });
                }
                _ => line.text.push(c),
            }
        }
        let reading = read(&line, &DateReader::of("en"));
        let mut lines = Vec::new();
        let mut at = 0;
        for mark in headline_breaks(&line.text, &reading.marks) {
            lines.push(line.text[at..mark.range.start].to_owned());
            at = mark.range.end;
        }
        lines.push(line.text[at..].to_owned());
        lines
    }

    #[test]
    fn a_headline_stands_alone() {
        for (written, expected) in [
            (
                "Jane Doe, [The harbour], The Post, 4 March 2026",
                vec!["Jane Doe", "The harbour", "The Post, 4 March 2026"],
            ),
            ("[The harbour]", vec!["The harbour"]),
            ("[The harbour], The Post", vec!["The harbour", "The Post"]),
            ("Jane Doe: “[The harbour].” The Post", vec!["Jane Doe", "“The harbour.”", "The Post"]),
            ("Jane Doe, “[The harbour]”", vec!["Jane Doe", "“The harbour”"]),
            ("Jane Doe, « [The harbour] », The Post", vec!["Jane Doe", "« The harbour »", "The Post"]),
            ("[The harbour] by Jane Doe", vec!["The harbour", "by Jane Doe"]),
            ("[The harbour] (The Post, 4 March 2026)", vec!["The harbour", "(The Post, 4 March 2026)"]),
            ("J. R. [The harbour].", vec!["J. R.", "The harbour."]),
        ] {
            assert_eq!(lines(written), expected, "{written}");
        }
    }

    #[test]
    fn two_headlines_have_one_break_between_them() {
        assert_eq!(
            lines("[The harbour in winter] and [The ferries]"),
            ["The harbour in winter", "and The ferries"]
        );
    }
}
