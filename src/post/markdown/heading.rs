//! Headings, and the anchors that are unique on a page.

use std::collections::HashMap;
use std::ops::Range;

use crate::path::nfc;
use crate::post::Heading;
use crate::post::slug::anchor_of;

use super::Fill;
use super::writer::{Mode, Writer};

/// Anchors given on a page so far, each with the last number that was put behind it.
#[derive(Debug, Default)]
pub(super) struct Anchors(HashMap<String, usize>);

impl Anchors {
    /// The anchor itself, or with the first number behind it that makes it new.
    pub(super) fn unique(&mut self, anchor: String) -> String {
        let Some(&last) = self.0.get(&anchor) else {
            self.0.insert(anchor.clone(), 1);
            return anchor;
        };
        let mut number = last + 1;
        while self.0.contains_key(&format!("{anchor}-{number}")) {
            number += 1;
        }
        self.0.insert(anchor.clone(), number);
        let unique = format!("{anchor}-{number}");
        self.0.insert(unique.clone(), 1);
        unique
    }
}

impl Writer<'_, '_> {
    pub(super) fn heading(&mut self, level: u8, id: Option<&str>, inner: Range<usize>) {
        if !self.is_full() {
            return;
        }
        let text = self.events.plain_text(inner.clone());
        let wanted = match id {
            Some(id) => nfc(id).into_owned(),
            None => anchor_of(&text),
        };
        let id = self.anchors.unique(if wanted.is_empty() { "section".to_owned() } else { wanted });
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
}
