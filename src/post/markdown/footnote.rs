//! Footnotes, numbered in the order in which the text refers to them.

use std::ops::Range;

use hashbrown::HashMap;

use crate::path::fold_name;

use super::writer::{Mode, Writer};
use super::{Body, Fill};

/// Footnotes in the order of their first reference. Names are compared as the parser does, by their folded case.
#[derive(Default)]
pub(super) struct Notes {
    definitions: Vec<NoteDefinition>,
    /// The index of the first definition of each folded name: as for links, a later one counts nothing (CommonMark,
    /// section 4.7).
    defined: HashMap<String, usize>,
    printed: Vec<PrintedNote>,
    /// The index of each name in `printed`.
    by_name: HashMap<String, usize>,
}

/// A footnote where it is defined.
#[derive(Clone)]
struct NoteDefinition {
    /// As it is written.
    name: String,
    /// Its bytes of the text.
    span: Range<usize>,
    /// Its events.
    inner: Range<usize>,
}

/// A footnote where it is printed.
struct PrintedNote {
    /// The folded name, whose definition may follow.
    name: String,
    /// The events of a definition that is not the first of its name.
    repeated: Option<Range<usize>>,
    /// The number of references so far.
    references: usize,
}

impl Notes {
    /// Prints a footnote behind the others. Returns its index.
    fn print(&mut self, name: String) -> usize {
        self.printed.push(PrintedNote { name: name.clone(), repeated: None, references: 0 });
        self.by_name.insert(name, self.printed.len() - 1);
        self.printed.len() - 1
    }

    /// The events of the definition that counts, none if there is none.
    fn definition(&self, name: &str) -> Range<usize> {
        self.defined.get(name).map_or(0..0, |&first| self.definitions[first].inner.clone())
    }
}

impl Writer<'_, '_> {
    pub(super) fn footnote_reference(&mut self, name: &str) {
        if self.mode == Mode::Comment {
            self.out.push_text(&format!("[^{name}]"));
        }
        if !self.is_full() {
            return;
        }
        let name = fold_name(name);
        let known = self.notes.by_name.get(&name).copied();
        let index = known.unwrap_or_else(|| self.notes.print(name));
        self.notes.printed[index].references += 1;
        let number = index + 1;
        let id = reference_id(number, self.notes.printed[index].references);
        self.out.push(&format!(
            "<sup class=\"footnote-ref\"><a id=\"{id}\" href=\"#fn-{number}\" role=\"doc-noteref\">{number}</a></sup>"
        ));
    }

    /// Keeps a footnote for the end of the text.
    pub(super) fn footnote_definition(&mut self, name: &str, span: &Range<usize>, inner: Range<usize>) {
        self.notes.defined.entry(fold_name(name)).or_insert(self.notes.definitions.len());
        self.notes.definitions.push(NoteDefinition { name: name.to_owned(), span: span.clone(), inner });
    }

    /// All footnotes: those that the text refers to, and behind them the others, so that no words are lost. A footnote may
    /// refer to others, which then follow it.
    pub(super) fn footnotes(&mut self) {
        if self.notes.definitions.is_empty() {
            return;
        }
        self.out.push("<div class=\"footnotes\" role=\"doc-endnotes\" aria-label=\"");
        self.out.hole(Fill::Word("footnotes".into()));
        self.out.push("\">\n<ol>\n");
        let mut number = 0;
        for index in 0..=self.notes.definitions.len() {
            while let Some(note) = self.notes.printed.get(number) {
                let inner = note.repeated.clone().unwrap_or_else(|| self.notes.definition(&note.name));
                number += 1;
                // What stands in a list stays a link.
                self.lists += 1;
                let body = self.aside(inner);
                self.lists -= 1;
                self.footnote(number, self.notes.printed[number - 1].references, body);
            }
            self.note_without_reference(index);
        }
        self.out.push("</ol>\n</div>\n");
    }

    /// Prints a definition of a name that nothing has referred to, and warns of it.
    fn note_without_reference(&mut self, index: usize) {
        let Some(definition) = self.notes.definitions.get(index) else { return };
        let name = fold_name(&definition.name);
        let NoteDefinition { name: written, span, inner } = definition.clone();
        if self.notes.defined.get(&name) != Some(&index) {
            self.notes.printed.push(PrintedNote { name, repeated: Some(inner), references: 0 });
            let message = format!("the footnote `[^{written}]` is defined twice: the first one counts");
            let hint = "it is shown behind the others; give it another name";
            self.warn(&span, message, Some(hint.to_owned()));
        } else if !self.notes.by_name.contains_key(&name) {
            self.notes.print(name);
            let message = format!("nothing refers to the footnote `[^{written}]`");
            let hint = format!("it is shown behind the others; write `[^{written}]` where it belongs");
            self.warn(&span, message, Some(hint));
        }
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
