//! Links, and the addresses of links and images.

use std::ops::Range;

use pulldown_cmark::LinkType;

use crate::post::text_fragment::split_directive;
use crate::post::{Link, Target};

use super::Fill;
use super::destination::Destination;
use super::image::file_of;
use super::writer::{Mode, Writer};

impl Writer<'_, '_> {
    pub(super) fn link(
        &mut self,
        kind: LinkType,
        url: &str,
        title: &str,
        inner: Range<usize>,
        span: &Range<usize>,
    ) {
        match self.mode {
            Mode::Full => {}
            Mode::Comment => return self.comment_link(kind, url, inner, span),
            Mode::Summary | Mode::Listed => return self.run(inner),
        }
        let mailto;
        let url = if kind == LinkType::Email {
            mailto = format!("mailto:{url}");
            &mailto
        } else {
            url
        };
        let destination = Destination::of(url, self.context.path, self.context.options.config);
        self.remember_link(&destination, url, span.clone());
        self.document.linked_files.extend(file_of(&destination));
        self.out.push("<a href=\"");
        self.write_destination(&destination, "");
        if !title.is_empty() {
            self.out.push("\" title=\"");
            self.out.push_text(title);
        }
        self.out.push("\">");
        let was_linked = std::mem::replace(&mut self.is_linked, true);
        self.run(inner);
        self.is_linked = was_linked;
        self.out.push("</a>");
    }

    /// Writes an address for an attribute, with a text fragment behind it or `""`.
    pub(super) fn write_destination(&mut self, destination: &Destination, fragment: &str) {
        let Destination { target, suffix, .. } = destination;
        match target {
            Target::Post(path, _) => {
                self.out.hole(Fill::PostUrl(path.clone(), destination.path.clone()));
            }
            Target::File(path) => {
                self.out.hole(Fill::FileUrl(path.clone(), destination.path.clone()));
            }
            Target::Address(url, _) => {
                let url = self.context.options.config.url(url);
                self.out.push_text(&url);
            }
            Target::Anchor(_) => {}
            Target::External(url) => self.out.push_text(url),
        }
        self.out.push_text(suffix);
        let has_anchor = suffix.contains('#') || matches!(target, Target::External(url) if url.contains('#'));
        let fragment = if has_anchor { fragment.trim_start_matches('#') } else { fragment };
        self.out.push_text(fragment);
    }

    /// Notes a link for the checks and for the sites it leads to.
    pub(super) fn remember_link(&mut self, destination: &Destination, written: &str, span: Range<usize>) {
        let (line, column) = self.line_and_column(&span);
        self.document.links.push(Link {
            // Directives are for the browser, and no part of what is linked.
            target: match &destination.target {
                Target::External(url) => Target::External(split_directive(url).clean.to_owned()),
                target => target.clone(),
            },
            // Of links to other sites only the words that they name are of use, to check whether these are there.
            written: match &destination.target {
                Target::External(url) if split_directive(url).directive.is_empty() => String::new(),
                Target::External(url) => url.clone(),
                _ => written.to_owned(),
            },
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(column).unwrap_or(u32::MAX),
        });
    }
}
