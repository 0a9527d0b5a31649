//! Tables.

use std::ops::Range;

use pulldown_cmark::Alignment;

use super::Fill;
use super::writer::Writer;

impl Writer<'_, '_> {
    pub(super) fn table(&mut self, alignments: &[Alignment], inner: Range<usize>) {
        let before = std::mem::replace(&mut self.table, (alignments.to_vec(), 0));
        // The words of the theme are not at hand in a summary, and a group without a name is none.
        if self.is_full() {
            self.out.push("<div class=\"table\" role=\"group\" tabindex=\"0\" aria-label=\"");
            self.out.hole(Fill::Word("table".into()));
            self.out.push("\"><table>\n");
        } else {
            self.out.push("<div class=\"table\"><table>\n");
        }
        self.run(inner);
        self.out.push("</tbody>\n</table></div>\n");
        self.table = before;
    }

    pub(super) fn cell(&mut self) {
        let (alignments, column) = &mut self.table;
        let align = match alignments.get(*column) {
            Some(Alignment::Left) => " style=\"text-align:left\"",
            Some(Alignment::Center) => " style=\"text-align:center\"",
            Some(Alignment::Right) => " style=\"text-align:right\"",
            _ => "",
        };
        *column += 1;
        self.out.push(if self.in_table_head { "<th scope=\"col\"" } else { "<td" });
        self.out.push(align);
        self.out.push(">");
    }
}
