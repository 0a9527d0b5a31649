//! Tables of reStructuredText, as far as each cell stands in one row and one column. Others stay as they are written.

use std::ops::Range;

use super::directives::is_simple_border;
use super::{RstReader, without_lone_paragraph};
use crate::html::escape;

/// Rows of cells, of which the first ones are the head.
struct RstRows {
    rows: Vec<Vec<String>>,
    head: usize,
}

/// A table at the beginning of some lines. Returns how many lines it has.
pub(super) fn table(
    reader: &mut RstReader<'_>,
    lines: &[&str],
    depth: usize,
    out: &mut String,
) -> Option<usize> {
    let is_grid = lines[0].starts_with("+-") && lines[0].ends_with('+');
    if !is_grid && !is_simple_border(lines[0]) {
        return None;
    }
    let end = if is_grid {
        lines.iter().position(|line| !line.starts_with(['+', '|'])).unwrap_or(lines.len())
    } else {
        simple_end(lines)?
    };
    let rows = if is_grid { grid_rows(&lines[..end]) } else { simple_rows(&lines[..end]) };
    match rows {
        Some(rows) => write(reader, &rows, depth, out),
        None => {
            reader.remarks.push("a table with cells that span others is kept as it is written".to_owned());
            out.push_str(&format!("<pre>{}</pre>\n", escape(&lines[..end].join("\n"))));
        }
    }
    Some(end)
}

fn write(reader: &mut RstReader<'_>, table: &RstRows, depth: usize, out: &mut String) {
    out.push_str("<table>");
    for (part, tag, rows) in
        [("thead", "th", &table.rows[..table.head]), ("tbody", "td", &table.rows[table.head..])]
    {
        if rows.is_empty() {
            continue;
        }
        out.push_str(&format!("<{part}>"));
        for row in rows {
            out.push_str("<tr>");
            for cell in row {
                let lines: Vec<&str> = cell.lines().collect();
                let mut html = String::new();
                reader.blocks(&lines, depth + 1, &mut html);
                out.push_str(&format!("<{tag}>{}</{tag}>", without_lone_paragraph(html.trim_end())));
            }
            out.push_str("</tr>");
        }
        out.push_str(&format!("</{part}>"));
    }
    out.push_str("</table>\n");
}

/// Behind the border that ends a simple table: the second one, or the third if there is a head.
fn simple_end(lines: &[&str]) -> Option<usize> {
    let borders: Vec<usize> = lines
        .iter()
        .enumerate()
        .take(2000)
        .filter(|(_, line)| is_simple_border(line))
        .map(|(at, _)| at)
        .collect();
    let (second, third) = (*borders.get(1)?, borders.get(2));
    // A head has no empty line before the next border, and the table goes on behind it.
    let goes_on = lines.get(second + 1).is_some_and(|line| !line.is_empty());
    Some(third.filter(|_| goes_on).copied().unwrap_or(second) + 1)
}

fn simple_rows(lines: &[&str]) -> Option<RstRows> {
    let columns = runs(lines[0], '=');
    let mut table = RstRows { rows: Vec::new(), head: 0 };
    for line in &lines[1..lines.len().saturating_sub(1)] {
        if is_simple_border(line) {
            table.head = table.rows.len();
        } else if line.starts_with('-') && line.chars().all(|c| c == '-' || c == ' ') {
            // A rule below cells that span columns.
            return None;
        } else if !line.is_empty() {
            let cells = columns.iter().enumerate().map(|(at, column)| {
                // The last column has no end.
                let end = if at + 1 == columns.len() { usize::MAX } else { column.end };
                part(line, column.start..end)
            });
            let cells: Vec<String> = cells.collect();
            match table.rows.last_mut().filter(|_| cells.first().is_some_and(String::is_empty)) {
                Some(above) => {
                    for (above, cell) in above.iter_mut().zip(&cells).filter(|(_, cell)| !cell.is_empty()) {
                        above.push('\n');
                        above.push_str(cell);
                    }
                }
                None => table.rows.push(cells),
            }
        }
    }
    (!table.rows.is_empty()).then_some(table)
}

fn grid_rows(lines: &[&str]) -> Option<RstRows> {
    let border = lines[0];
    let columns: Vec<Range<usize>> = {
        let crossings: Vec<usize> =
            border.char_indices().filter(|(_, c)| *c == '+').map(|(at, _)| at).collect();
        crossings.windows(2).map(|pair| pair[0] + 1..pair[1]).collect()
    };
    let mut table = RstRows { rows: Vec::new(), head: 0 };
    let mut row: Option<Vec<String>> = None;
    for line in lines {
        if line.starts_with('+') {
            table.rows.extend(row.take());
            if line.contains("+=") {
                table.head = table.rows.len();
            }
            // A border that a cell goes through.
            if line.contains(|c: char| !"+-=".contains(c)) {
                return None;
            }
            continue;
        }
        let ends = columns.iter().all(|column| line.chars().nth(column.end) == Some('|'));
        if !ends {
            return None;
        }
        let cells = row.get_or_insert_with(|| vec![String::new(); columns.len()]);
        for (cell, column) in cells.iter_mut().zip(&columns) {
            cell.push_str(&part(line, column.clone()));
            cell.push('\n');
        }
    }
    (!table.rows.is_empty()).then_some(table)
}

/// The columns of a line that a character fills.
fn runs(line: &str, fill: char) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (at, _) in line.chars().enumerate().filter(|(_, c)| *c == fill) {
        match runs.last_mut().filter(|run| run.end == at) {
            Some(run) => run.end = at + 1,
            None => runs.push(at..at + 1),
        }
    }
    runs
}

/// The characters of a line in some columns, without the blanks around.
fn part(line: &str, columns: Range<usize>) -> String {
    let text: String =
        line.chars().skip(columns.start).take(columns.end.saturating_sub(columns.start)).collect();
    text.trim().to_owned()
}
