//! Headings.

use std::ops::Range;

use crate::path::nfc;
use crate::post::Heading;
use crate::post::slug::anchor_of;

use super::Fill;
use super::writer::{Mode, Writer};

impl Writer<'_, '_> {
    pub(super) fn heading(&mut self, level: u8, id: Option<&str>, inner: Range<usize>) {
        if !self.is_full() {
            return;
        }
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
        titles.run(inner.clone());
        let title_html = titles.finish().body.html;

        self.out.push(&format!("<h{level} id=\""));
        self.out.push_text(&id);
        self.out.push("\">");
        self.run(inner);
        if self.context.options.config.markdown.heading_anchors {
            self.out.push(" <a class=\"anchor\" href=\"#");
            self.out.push_text(&id);
            self.out.push("\" aria-label=\"");
            self.out.hole(Fill::Word("heading_anchor".into()));
            self.out.push("\">#</a>");
        }
        self.out.push(&format!("</h{level}>\n"));
        self.counter.gap();
        self.document.headings.push(Heading { level, id, title_html });
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
