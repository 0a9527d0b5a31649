//! HTML of the author's own.

use std::ops::Range;

use pulldown_cmark::Event;

use crate::html::{self, ImageTag};
use crate::path::is_own;
use crate::post::Target;

use super::destination::Destination;
use super::image::file_of;

use super::writer::{Mode, Writer};
use super::{Fill, PictureLoading, PicturePlace, ShownPicture, ShownSize};

impl Writer<'_, '_> {
    pub(super) fn html_block(&mut self, inner: Range<usize>) {
        let mut html = String::new();
        for (event, _) in &self.events.list[inner] {
            if let Event::Html(part) | Event::Text(part) = event {
                html.push_str(part);
            }
        }
        if self.mode == Mode::Comment {
            self.out.push("<p>");
            self.out.push_text(html.trim_end());
            self.out.push("</p>\n");
            return;
        }
        if self.mode == Mode::Listed {
            let text = html::plain_text(&html);
            if !text.is_empty() {
                self.out.push("<p class=\"p-content\">");
                self.out.push_text(&text);
                self.out.push("</p>\n");
            }
        }
        self.raw_html(&html);
    }

    /// HTML of the author's own. Addresses that begin with `/` get the path of `base_url`.
    pub(super) fn raw_html(&mut self, html: &str) {
        if self.mode == Mode::Comment {
            self.out.push_text(html);
        }
        if !self.is_full() {
            return;
        }
        html::each_anchor(html, |anchor| self.document.anchors.push(anchor.to_owned()));
        let mut written = 0;
        for tag in html::Tags::of(html) {
            let text = &html[tag.clone()];
            // Its author has chosen the sizes already.
            self.is_in_picture =
                html::is_start_tag(text, "picture") || self.is_in_picture && !text.starts_with("</picture");
            if let Some(picture) = html::ImageTag::of(text).filter(|_| !self.is_in_picture)
                && let Some(shown) = self.shown_picture(picture)
            {
                self.raw_piece(&html[written..tag.start]);
                self.document.pictures.push(shown.path.clone());
                self.out.hole(Fill::Picture(Box::new(shown)));
                written = tag.end;
            }
        }
        self.raw_piece(&html[written..]);
    }

    /// HTML of which nothing but addresses changes.
    fn raw_piece(&mut self, html: &str) {
        let base = self.context.options.config.base_path();
        let (path, config) = (self.context.path, self.context.options.config);
        let mut files = Vec::new();
        let changed = html::change_addresses(html, |url| {
            files.extend(file_of(&Destination::of(&self.without_base(url), path, config)));
            let there_already =
                url.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            (is_own(url) && !there_already && !base.is_empty()).then(|| format!("{base}{url}"))
        });
        self.document.linked_files.extend(files);
        self.out.push(&changed);
    }

    fn without_base(&self, url: &str) -> String {
        let base = self.context.options.config.base_path();
        let below = url.strip_prefix(base).filter(|rest| !base.is_empty() && rest.starts_with('/'));
        below.unwrap_or(url).to_owned()
    }

    /// An image of raw HTML that is a file of the site.
    fn shown_picture(&mut self, tag: ImageTag<'_>) -> Option<ShownPicture> {
        let config = self.context.options.config;
        let source = self.without_base(&tag.source);
        let destination = Destination::of(&source, self.context.path, config);
        let path = file_of(&destination)?;
        let is_first = !std::mem::replace(&mut self.has_image, true);
        let loading = match (tag.says("loading"), is_first) {
            (true, _) => PictureLoading::AsWritten,
            (false, true) => PictureLoading::Eager,
            (false, false) => PictureLoading::Lazy,
        };
        let length =
            |name| tag.attribute(name).map(|value| value.trim_end_matches("px").trim().parse::<u32>());
        let (width, height) = (length("width"), length("height"));
        let is_number = |given: &Option<Result<u32, _>>| given.as_ref().is_none_or(Result::is_ok);
        let style = if is_number(&width) && is_number(&height) { "" } else { "as it is written" };
        let address = match &destination.target {
            Target::Address(url, _) => Some(config.url(url)),
            _ => None,
        };
        Some(ShownPicture {
            path,
            written: destination.path,
            address,
            suffix: destination.suffix,
            before: tag.before,
            after: tag.after,
            size: ShownSize {
                width: width.and_then(Result::ok),
                height: height.and_then(Result::ok),
                style: style.to_owned(),
            },
            loading,
            place: PicturePlace::Html,
        })
    }
}
