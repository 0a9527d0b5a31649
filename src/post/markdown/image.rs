//! Images, alone in a paragraph or not.

use std::ops::Range;

use pulldown_cmark::{Event, Tag};

use crate::path::SourcePath;
use crate::post::Target;

use super::destination::Destination;
use super::events::{Events, is_inline};
use super::image_attributes::{ImageAttributes, ImageLength, title_of};
use super::writer::{Mode, Writer};
use super::{Context, Fill, ShownSize};

impl Writer<'_, '_> {
    /// Writes the image that is all there is in a paragraph, within a link or not, and has a title, as a figure. Returns
    /// whether there is one.
    pub(super) fn captioned_image(&mut self, inner: Range<usize>) -> bool {
        let (start, end) = match self.events.event(inner.start) {
            Some(Event::Start(Tag::Link { .. })) if self.events.ends[inner.start] + 1 == inner.end => {
                (inner.start + 1, inner.end - 1)
            }
            _ => (inner.start, inner.end),
        };
        let is_alone = self.events.ends.get(start).is_some_and(|last| last + 1 == end);
        let is_captioned = is_alone && self.events.event(start).and_then(title_of).is_some();
        if is_captioned && self.is_full() {
            self.figure_of_image(inner, start);
        }
        is_captioned
    }

    /// The same at the start of what holds text without a paragraph, as the items of a tight list do. Returns the index to
    /// go on at.
    pub(super) fn image_at_start(&mut self, inner: Range<usize>) -> usize {
        let events = &self.events.list[inner.clone()];
        let text = events.iter().take_while(|(event, _)| is_inline(event)).count();
        let end = inner.start + text;
        if self.mode != Mode::Comment && self.captioned_image(inner.start..end) { end } else { inner.start }
    }

    /// An image with its title below it.
    fn figure_of_image(&mut self, inner: Range<usize>, image: usize) {
        self.out.push("<figure class=\"image\">");
        self.is_captioned = true;
        self.run(inner);
        self.is_captioned = false;
        self.out.push("<figcaption>");
        self.caption_of_image(image);
        self.out.push("</figcaption></figure>\n");
    }

    /// The title of an image as Markdown. Where it stands in the source as it is, its links have their places.
    fn caption_of_image(&mut self, image: usize) {
        let (event, span) = &self.events.list[image];
        let Some(title) = title_of(event) else { return };
        let source = &self.context.text[span.clone()];
        let context = match source.rfind(title) {
            Some(at) => {
                let start = span.start + at;
                let text = &self.context.text[start..start + title.len()];
                Context { text, offset: self.context.offset + start, ..self.context }
            }
            None => Context { text: title, offset: 0, file: "", ..self.context },
        };
        let mut events = Events::parse(context.text, self.context.options);
        events.refer_to_notes_of(self.events);
        let is_one_paragraph = events.is_paragraph(0) && events.ends[0] + 1 == events.list.len();
        if !is_one_paragraph {
            // `1. A caption` would be a list.
            self.counter.read(title);
            self.out.push_text(title);
            return;
        }
        let mut writer = Writer::new(&events, context, Mode::Full, self.diagnostics);
        writer.warn_of_remarks();
        writer.anchors = std::mem::take(&mut self.anchors);
        writer.notes = std::mem::take(&mut self.notes);
        writer.has_image = true;
        writer.run(1..events.list.len() - 1);
        self.anchors = std::mem::take(&mut writer.anchors);
        self.notes = std::mem::take(&mut writer.notes);
        let document = writer.finish();
        self.document.words += document.words;
        self.document.links.extend(document.links);
        self.document.anchors.extend(document.anchors);
        self.out.append(document.body);
    }

    pub(super) fn image(&mut self, url: &str, title: &str, inner: Range<usize>) {
        if self.mode == Mode::Comment {
            return self.comment_image(url, inner);
        }
        if !self.is_full() {
            return;
        }
        let destination = Destination::of(url, self.context.path, self.context.options.config);
        let span = self.events.list[inner.start - 1].1.clone();
        let attributes = self.events.images.get(&span.start).cloned().unwrap_or_default();
        self.remember_link(&destination, url, span.clone());
        self.out.push("<img src=\"");
        self.write_destination(&destination, "");
        self.out.push("\" alt=\"");
        let alt = self.events.plain_text(inner);
        self.out.push_text(&alt);
        self.out.push("\"");
        if !title.is_empty() && !self.is_captioned {
            self.attribute("title", title);
        }
        if let Some(id) = &attributes.id {
            let id = self.given_id(id, &span);
            self.attribute("id", &id);
            self.document.anchors.push(id);
        }
        if !attributes.classes.is_empty() {
            self.attribute("class", &attributes.classes.join(" "));
        }
        self.size(&destination, &attributes);
        // The first picture of a post is usually in view, and is waited for.
        self.out.push(if std::mem::replace(&mut self.has_image, true) { " loading=\"lazy\">" } else { ">" });
    }

    fn attribute(&mut self, name: &str, value: &str) {
        self.out.push(&format!(" {name}=\""));
        self.out.push_text(value);
        self.out.push("\"");
    }

    /// The size as it is given; what is not, from the file.
    fn size(&mut self, destination: &Destination, attributes: &ImageAttributes) {
        let shown = ShownSize {
            width: pixels(attributes.width),
            height: pixels(attributes.height),
            style: percent("width", attributes.width) + &percent("height", attributes.height),
        };
        let file = match &destination.target {
            Target::File(path) => Some(path.clone()),
            Target::Address(url, _) => SourcePath::new(&format!("static{url}")),
            _ => None,
        };
        match file {
            Some(path) => self.out.hole(Fill::ImageSize(path, shown)),
            None => self.out.push(&shown.attributes(None)),
        }
    }
}

fn pixels(length: Option<ImageLength>) -> Option<u32> {
    match length {
        Some(ImageLength::Pixels(pixels)) => Some(pixels),
        _ => None,
    }
}

/// The declaration of a length in percent, which has no attribute in HTML.
fn percent(name: &str, length: Option<ImageLength>) -> String {
    match length {
        Some(ImageLength::Percent(percent)) => format!("{name}:{percent}%;"),
        _ => String::new(),
    }
}
