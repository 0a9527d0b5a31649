//! HTML of the author's own.

use std::ops::Range;

use pulldown_cmark::Event;

use crate::html;
use crate::path::is_own;

use super::writer::{Mode, Writer};

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
        let base = self.context.options.config.base_path();
        if base.is_empty() {
            self.out.push(html);
            return;
        }
        let changed = html::change_addresses(html, |url| {
            let there_already =
                url.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            (is_own(url) && !there_already).then(|| format!("{base}{url}"))
        });
        self.out.push(&changed);
    }
}
