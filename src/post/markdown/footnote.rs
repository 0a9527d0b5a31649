//! Footnotes, numbered in the order in which the text refers to them.

use std::ops::Range;

use hashbrown::HashMap;

use super::writer::{Mode, Writer};
use super::{Body, Fill};

/// Footnotes in the order of their first reference.
#[derive(Default)]
pub(super) struct Notes {
    pub(super) definitions: HashMap<String, Range<usize>>,
    /// Name and number of references so far.
    referred: Vec<(String, usize)>,
    /// The index of each name in `referred`.
    by_name: HashMap<String, usize>,
}

impl Writer<'_, '_> {
    pub(super) fn footnote_reference(&mut self, name: &str) {
        if self.mode == Mode::Comment {
            self.out.push_text(&format!("[^{name}]"));
        }
        if !self.is_full() {
            return;
        }
        let referred = &mut self.notes.referred;
        let index = match self.notes.by_name.get(name) {
            Some(&index) => index,
            None => {
                referred.push((name.to_owned(), 0));
                self.notes.by_name.insert(name.to_owned(), referred.len() - 1);
                referred.len() - 1
            }
        };
        referred[index].1 += 1;
        let (number, id) = (index + 1, reference_id(index + 1, referred[index].1));
        self.out.push(&format!(
            "<sup class=\"footnote-ref\"><a id=\"{id}\" href=\"#fn-{number}\" role=\"doc-noteref\">{number}</a></sup>"
        ));
    }

    /// All footnotes that are referred to. A footnote may refer to others, which then follow it.
    pub(super) fn footnotes(&mut self) {
        if self.notes.referred.is_empty() {
            return;
        }
        self.out.push("<div class=\"footnotes\" role=\"doc-endnotes\" aria-label=\"");
        self.out.hole(Fill::Word("footnotes".into()));
        self.out.push("\">\n<ol>\n");
        let mut number = 0;
        while let Some((name, _)) = self.notes.referred.get(number).cloned() {
            number += 1;
            let definition = self.notes.definitions.get(&name).cloned().unwrap_or(0..0);
            let note = self.aside(definition);
            let references = self.notes.referred[number - 1].1;
            self.footnote(number, references, note);
        }
        self.out.push("</ol>\n</div>\n");
    }

    /// A footnote; the links back stand in its last paragraph.
    fn footnote(&mut self, number: usize, references: usize, mut note: Body) {
        let closing = note.html.ends_with("</p>\n");
        if closing {
            note.html.truncate(note.html.len() - "</p>\n".len());
        }
        self.out.push(&format!("<li id=\"fn-{number}\">\n"));
        self.out.append(note);
        for reference in 1..=references {
            let id = reference_id(number, reference);
            self.out.push(&format!(
                " <a class=\"footnote-back\" href=\"#{id}\" role=\"doc-backlink\" aria-label=\""
            ));
            self.out.hole(Fill::Word("footnote_back".into()));
            self.out.push("\">↩</a>");
        }
        self.out.push(if closing { "</p>\n</li>\n" } else { "</li>\n" });
    }
}

pub(super) fn reference_id(number: usize, reference: usize) -> String {
    if reference == 1 { format!("fnref-{number}") } else { format!("fnref-{number}-{reference}") }
}
