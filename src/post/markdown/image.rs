//! Images, alone in a paragraph or not.

use std::ops::Range;

use pulldown_cmark::{Event, Tag};

use crate::path::SourcePath;
use crate::post::Target;

use super::Fill;
use super::destination::Destination;
use super::writer::Writer;

impl Writer<'_, '_> {
    /// The title of an image that is all there is in a paragraph, within a link or not.
    pub(super) fn lone_image_title(&self, inner: Range<usize>) -> Option<String> {
        let event = |at: usize| self.events.list.get(at).map(|(event, _)| event);
        let (start, end) = match event(inner.start)? {
            Event::Start(Tag::Link { .. }) if self.events.ends[inner.start] + 1 == inner.end => {
                (inner.start + 1, inner.end - 1)
            }
            _ => (inner.start, inner.end),
        };
        match event(start)? {
            Event::Start(Tag::Image { title, .. })
                if self.events.ends[start] + 1 == end && !title.is_empty() =>
            {
                Some(title.to_string())
            }
            _ => None,
        }
    }

    pub(super) fn image(&mut self, url: &str, title: &str, inner: Range<usize>) {
        if !self.is_full() {
            return;
        }
        let destination = Destination::of(url, self.context.path, self.context.options.config);
        let span = self.events.list[inner.start - 1].1.clone();
        self.remember_link(&destination, url, span);
        self.out.push("<img src=\"");
        self.write_destination(&destination, "");
        self.out.push("\" alt=\"");
        let alt = self.events.plain_text(inner);
        self.out.push_text(&alt);
        self.out.push("\"");
        if !title.is_empty() {
            self.out.push(" title=\"");
            self.out.push_text(title);
            self.out.push("\"");
        }
        match &destination.target {
            Target::File(path) => self.out.hole(Fill::ImageSize(path.clone())),
            Target::Address(url, _) => {
                if let Some(path) = SourcePath::new(&format!("static{url}")) {
                    self.out.hole(Fill::ImageSize(path));
                }
            }
            _ => {}
        }
        self.out.push(" loading=\"lazy\">");
    }
}
