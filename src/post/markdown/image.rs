//! Images, alone in a paragraph or not.

use std::ops::Range;

use pulldown_cmark::{Event, Tag};

use crate::html;
use crate::path::SourcePath;
use crate::post::Target;

use super::destination::Destination;
use super::events::{Events, is_inline};
use super::image_attributes::{ImageAttributes, ImageLength, title_of};
use super::writer::{Mode, Writer};
use super::{Context, Fill, PictureLoading, PicturePlace, ShownPicture, ShownSize};

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
        let is_image = matches!(self.events.event(start), Some(Event::Start(Tag::Image { .. })));
        let is_captioned = is_alone && is_image && self.has_caption(start);
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
        self.figcaption(image);
        self.out.push("</figure>\n");
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
        self.document.pictures.extend(document.pictures);
        self.document.linked_files.extend(document.linked_files);
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
        let alt = self.events.plain_text(inner);
        let mut after = "\"".to_owned();
        attribute("alt", &alt, &mut after);
        if !title.is_empty() && !self.is_captioned {
            attribute("title", title, &mut after);
        }
        if let Some(id) = &attributes.id {
            let id = self.given_id(id, &span);
            attribute("id", &id, &mut after);
            self.document.anchors.push(id);
        }
        if !attributes.classes.is_empty() {
            attribute("class", &attributes.classes.join(" "), &mut after);
        }
        let size = shown_size(&attributes);
        // The first picture of a post is usually in view, and is waited for.
        let is_first = !std::mem::replace(&mut self.has_image, true);
        let loading = if is_first { PictureLoading::Eager } else { PictureLoading::Lazy };
        let is_fixed = self.is_linked || alt.trim().is_empty();
        let place = match (is_fixed, self.is_in_gallery) {
            (false, false) => PicturePlace::Text,
            (false, true) => PicturePlace::Gallery,
            (true, false) => PicturePlace::Fixed,
            (true, true) => PicturePlace::FixedInGallery,
        };
        match file_of(&destination) {
            Some(path) => {
                self.document.pictures.push(path.clone());
                let address = match &destination.target {
                    Target::Address(url, _) => Some(self.context.options.config.url(url)),
                    _ => None,
                };
                self.out.hole(Fill::Picture(Box::new(ShownPicture {
                    path,
                    written: destination.path,
                    address,
                    suffix: destination.suffix,
                    before: "<img src=\"".to_owned(),
                    after,
                    size,
                    loading,
                    place,
                })));
            }
            None => {
                self.out.push("<img src=\"");
                self.write_destination(&destination, "");
                self.out.push(&after);
                self.out.push(&size.attributes(None));
                self.out.push(if is_first { ">" } else { " loading=\"lazy\">" });
            }
        }
    }

    /// Writes a paragraph of several pictures of the site and nothing else as a gallery. Returns whether it is one.
    pub(super) fn gallery(&mut self, inner: Range<usize>) -> bool {
        if !self.is_full() {
            return false;
        }
        let Some(items) = self.gallery_items(inner) else { return false };
        self.out.push("<div class=\"gallery\">\n");
        self.is_in_gallery = true;
        for GalleryItem { range, image, path } in items {
            self.out.push("<figure class=\"image\" style=\"--r:");
            self.out.hole(Fill::PictureRatio(path));
            self.out.push("\">");
            self.is_captioned = self.has_caption(image);
            self.run(range);
            if std::mem::take(&mut self.is_captioned) {
                self.figcaption(image);
            }
            self.out.push("</figure>\n");
        }
        self.is_in_gallery = false;
        self.out.push("</div>\n");
        true
    }

    /// The pictures of a paragraph, each with the link around it; `None` if there are fewer than two, or anything else.
    fn gallery_items(&self, inner: Range<usize>) -> Option<Vec<GalleryItem>> {
        let mut items = Vec::new();
        let mut at = inner.start;
        while at < inner.end {
            let end = self.events.ends[at];
            let image = match &self.events.list[at].0 {
                Event::Start(Tag::Image { .. }) => at,
                Event::Start(Tag::Link { .. })
                    if matches!(self.events.event(at + 1), Some(Event::Start(Tag::Image { .. })))
                        && self.events.ends[at + 1] + 1 == end =>
                {
                    at + 1
                }
                Event::SoftBreak | Event::HardBreak => {
                    at += 1;
                    continue;
                }
                Event::Text(text) if text.trim().is_empty() => {
                    at += 1;
                    continue;
                }
                _ => return None,
            };
            let Event::Start(Tag::Image { dest_url, .. }) = &self.events.list[image].0 else { return None };
            let destination = Destination::of(dest_url, self.context.path, self.context.options.config);
            items.push(GalleryItem { range: at..end + 1, image, path: file_of(&destination)? });
            at = end + 1;
        }
        (items.len() > 1).then_some(items)
    }

    fn has_caption(&self, image: usize) -> bool {
        let (event, span) = &self.events.list[image];
        let credit = self.events.images.get(&span.start).and_then(|attributes| attributes.credit.as_ref());
        title_of(event).is_some() || credit.is_some()
    }

    /// The title of an image as Markdown, and its credit.
    fn figcaption(&mut self, image: usize) {
        self.out.push("<figcaption>");
        self.caption_of_image(image);
        let (event, span) = &self.events.list[image];
        let credit = self.events.images.get(&span.start).and_then(|attributes| attributes.credit.clone());
        if let Some(credit) = credit {
            self.out.push(if title_of(event).is_some() {
                " <small class=\"credit\">"
            } else {
                "<small class=\"credit\">"
            });
            self.counter.read(&credit);
            self.out.push_text(&credit);
            self.out.push("</small>");
        }
        self.out.push("</figcaption>");
    }
}

/// A picture of a gallery.
struct GalleryItem {
    /// Its events, with those of a link around it.
    range: Range<usize>,
    image: usize,
    path: SourcePath,
}

fn attribute(name: &str, value: &str, out: &mut String) {
    out.push_str(&format!(" {name}=\""));
    html::escape_to(value, out);
    out.push('"');
}

/// The size as it is given.
fn shown_size(attributes: &ImageAttributes) -> ShownSize {
    ShownSize {
        width: pixels(attributes.width),
        height: pixels(attributes.height),
        style: percent("width", attributes.width) + &percent("height", attributes.height),
    }
}

/// The file of the site that a destination names.
pub(super) fn file_of(destination: &Destination) -> Option<SourcePath> {
    match &destination.target {
        Target::File(path) => Some(path.clone()),
        Target::Address(url, _) => SourcePath::new(&format!("static{url}")),
        _ => None,
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
