//! Marks that a text holds and its readers would miss: cells that a table has no column for, and asterisks between figures.

use std::ops::Range;

use pulldown_cmark::{CowStr, Event, Tag, TagEnd};

use super::events::Remark;

/// Puts what stands in a row behind its last column into the last cell, as it is written: GFM drops it (section 4.10).
pub(super) fn keep_surplus_cells<'t>(
    list: &mut Vec<(Event<'t>, Range<usize>)>,
    text: &'t str,
    remarks: &mut Vec<Remark>,
) {
    if !list.iter().any(|(event, _)| matches!(event, Event::Start(Tag::TableRow))) {
        return;
    }
    let mut kept = Vec::with_capacity(list.len());
    let mut row = 0..0;
    let mut events = std::mem::take(list).into_iter().peekable();
    while let Some((event, span)) = events.next() {
        if matches!(event, Event::Start(Tag::TableRow)) {
            row = span.clone();
        }
        let ends_row = matches!(event, Event::End(TagEnd::TableCell))
            && matches!(events.peek(), Some((Event::End(TagEnd::TableRow), _)));
        if ends_row && let Some(surplus) = surplus(text, span.end, &row) {
            if text[..surplus.start].ends_with(char::is_whitespace) {
                kept.push((Event::Text(CowStr::Borrowed(" ")), surplus.start..surplus.start));
            }
            kept.push((Event::Text(CowStr::Borrowed(&text[surplus.clone()])), surplus.clone()));
            remarks.push(Remark::new(
                surplus,
                "this row has more cells than the head of its table: its last cell holds the rest".to_owned(),
                "write `\\|` for a stroke within a cell, in code as well, or give the head more cells",
            ));
        }
        kept.push((event, span));
    }
    *list = kept;
}

/// What is written behind the last cell of a row, from the stroke before it on.
fn surplus(text: &str, end_of_cell: usize, row: &Range<usize>) -> Option<Range<usize>> {
    let behind = text.get(end_of_cell..row.end.max(end_of_cell))?.lines().next()?;
    let start = end_of_cell + behind.find('|')?;
    let rest = &behind[start - end_of_cell..];
    let shown = rest.trim_end();
    // The stroke that closes the row, unless it is escaped.
    let shown = shown.strip_suffix('|').filter(|open| !open.ends_with('\\')).unwrap_or(shown).trim_end();
    let has_words = shown.contains(|c: char| c != '|' && !c.is_whitespace());
    has_words.then(|| start..start + shown.len())
}

/// Remarks on asterisks between figures, which are emphasis (CommonMark 0.31.2, example 357): `5*6*78`.
pub(super) fn remark_on_products(list: &[(Event<'_>, Range<usize>)], text: &str, remarks: &mut Vec<Remark>) {
    for (event, span) in list {
        if !matches!(event, Event::Start(Tag::Emphasis | Tag::Strong)) || !text[span.start..].starts_with('*')
        {
            continue;
        }
        let is_between_figures = text[..span.start].ends_with(|c: char| c.is_ascii_digit())
            && text[span.end..].starts_with(|c: char| c.is_ascii_digit());
        if is_between_figures {
            remarks.push(Remark::new(
                span.clone(),
                format!("`{}` between figures is emphasis: its asterisks are not shown", &text[span.clone()]),
                "put `\\` before each `*`, or write `×`",
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::post::markdown::tests::parsed;

    #[test]
    fn a_cell_without_a_column_stays() {
        let table = |row: &str| format!("| a | b |\n|---|---|\n{row}\n");
        for (row, cells, fault) in [
            ("| `x|y` | z \\| w |", "<td>`x</td><td>y` | z \\| w</td>", true),
            ("| 1 | 2 | 3 | 4 |", "<td>1</td><td>2 | 3 | 4</td>", true),
            ("1 | 2 | 3", "<td>1</td><td>2 | 3</td>", true),
            ("| 1 | 2 | |", "<td>1</td><td>2</td>", false),
            ("| 1 | 2 |", "<td>1</td><td>2</td>", false),
            ("| 1 |", "<td>1</td><td></td>", false),
        ] {
            let (_, html, faults) = parsed(&table(row));
            assert!(html.contains(cells), "{row}: {html}");
            assert_eq!(faults.len(), usize::from(fault), "{row}: {faults:?}");
        }
    }

    #[test]
    fn asterisks_between_figures_are_remarked_on() {
        for (text, count) in [
            ("2*3*4 = 24", 1),
            ("2*3 and 4*5", 1),
            ("2**3**4", 1),
            ("2 * 3 * 4", 0),
            ("a*3*b", 0),
            ("*2*", 0),
        ] {
            assert_eq!(parsed(text).2.len(), count, "{text}");
        }
    }
}
