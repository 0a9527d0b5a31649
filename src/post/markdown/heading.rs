//! Headings.

use std::ops::Range;

use crate::path::nfc;
use crate::post::Heading;
use crate::post::slug::anchor_of;

use super::Fill;
use super::writer::{Mode, Writer};

impl Writer<'_, '_> {
    pub(super) fn heading(&mut self, level: u8, id: Option<&str>, inner: Range<usize>) {
        if self.mode == Mode::Comment {
            // A heading would stand in the outline of the post.
            self.out.push("<p><strong>");
            self.run(inner);
            self.out.push("</strong></p>\n");
            return;
        }
        if !self.is_full() {
            return;
        }
        // A heading inside a quotation belongs to another text: it is left out of the contents, and takes no anchor from
        // the post's own headings.
        let anchor = match self.quotes_around {
            0 => Some(self.heading_anchor(level, id, inner.clone())),
            _ => None,
        };
        self.open_heading(level, anchor.as_deref());
        self.run(inner);
        self.close_heading(level, anchor.as_deref());
        self.counter.gap();
    }

    /// The anchor of a heading, which is noted for the contents.
    pub(super) fn heading_anchor(&mut self, level: u8, id: Option<&str>, inner: Range<usize>) -> String {
        let text = self.events.plain_text(inner.clone());
        let span = self.events.list[inner.start - 1].1.clone();
        let id = match id {
            Some(id) => self.given_id(id, &span),
            None => {
                let made = anchor_of(&text);
                self.anchors.unique(if made.is_empty() { "section".to_owned() } else { made })
            }
        };
        let mut ignored = Vec::new();
        let mut titles = Writer::new(self.events, self.context, Mode::Summary, &mut ignored);
        titles.run(inner);
        let title_html = titles.finish().body.html;
        self.document.headings.push(Heading { level, id: id.clone(), title_html });
        id
    }

    pub(super) fn open_heading(&mut self, level: u8, anchor: Option<&str>) {
        self.out.push(&format!("<h{level}"));
        if let Some(anchor) = anchor {
            self.out.push(" id=\"");
            self.out.push_text(anchor);
            self.out.push("\"");
        }
        self.out.push(">");
    }

    pub(super) fn close_heading(&mut self, level: u8, anchor: Option<&str>) {
        if let Some(anchor) = anchor.filter(|_| self.context.options.config.markdown.heading_anchors) {
            self.out.push(" <a class=\"anchor\" href=\"#");
            self.out.push_text(anchor);
            self.out.push("\" aria-label=\"");
            self.out.hole(Fill::Word("heading_anchor".into()));
            self.out.push("\">#</a>");
        }
        self.out.push(&format!("</h{level}>\n"));
    }

    /// The start tag of a term that is defined, with an anchor, as Hugo gives it one. A heading of the same name keeps its
    /// own.
    pub(super) fn open_term(&mut self, at: usize) {
        let inner = at + 1..self.events.ends[at];
        let made = anchor_of(&self.events.plain_text(inner));
        if !self.is_full() || self.quotes_around > 0 || made.is_empty() || self.anchors.is_of_heading(&made) {
            self.out.push("<dt>");
            return;
        }
        let anchor = self.anchors.unique(made);
        self.out.push("<dt id=\"");
        self.out.push_text(&anchor);
        self.out.push("\">");
        self.document.anchors.push(anchor);
    }

    /// An id that is given in braces. One that the page has already gets a number, and is warned of.
    pub(super) fn given_id(&mut self, id: &str, span: &Range<usize>) -> String {
        if let Some(id) = self.anchors.given(id) {
            return id;
        }
        let unique = self.anchors.unique(nfc(id).into_owned());
        let hint = "links lead to the first; give each an id of its own";
        self.warn(
            span,
            format!("the id `{id}` is there already: this one is `{unique}`"),
            Some(hint.to_owned()),
        );
        unique
    }
}
