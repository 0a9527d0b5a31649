//! Quotes: a blockquote with its attribution as `figure.h-cite`.

use std::ops::Range;

use pulldown_cmark::{Event, Tag, TagEnd};

use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::hash::Hash;
use crate::html;
use crate::post::quote::{self, Attribution, Part, Quote, StoredQuote};
use crate::post::text_fragment;

use super::destination::Destination;
use super::events::Events;
use super::quoted_lines::QuotedText;
use super::writer::{Mode, Writer};
use super::{Body, Context, Fill};

/// A blockquote taken apart.
pub(super) struct Quoted {
    /// The events of the quoted words.
    pub(super) words: Range<usize>,
    /// Where they come from.
    source: Attribution,
    /// The words from the front matter, if the blockquote has none of its own.
    stored_text: Option<String>,
    /// Where the attribution stands.
    span: Range<usize>,
}

impl Writer<'_, '_> {
    /// Finds the attribution of the blockquote whose content is `inner`. `None` if it has none.
    pub(super) fn quoted(&mut self, inner: Range<usize>) -> Option<Quoted> {
        let children = self.events.children(inner.clone());
        let last = children.last()?.clone();
        if !self.events.is_paragraph(last.start) {
            return None;
        }
        let span = self.events.list[last.start].1.clone();
        let source = &self.context.text[span.clone()];
        if !quote::is_attribution(source) {
            self.warn_of_joined_attribution(source, &span);
            return None;
        }
        let words = inner.start..last.start;
        if let Some(id) = quote::cited_id(source) {
            let stored = self.stored(id, &span)?;
            let stored_text = (children.len() == 1).then(|| stored.text.clone());
            return Some(Quoted { words, source: stored.source.clone(), stored_text, span });
        }
        // Dashes before every paragraph are people speaking.
        let speaks = |child: &Range<usize>| {
            self.events.is_paragraph(child.start)
                && quote::is_attribution(&self.context.text[self.events.list[child.start].1.clone()])
        };
        if children.iter().all(speaks) {
            return None;
        }
        let source = quote::parse(&parts(self.events, last.start + 1..last.end - 1));
        Some(Quoted { words, source, stored_text: None, span })
    }

    /// The commonest slip: the attribution on the line right below the quoted words, and so part of them.
    fn warn_of_joined_attribution(&mut self, source: &str, span: &Range<usize>) {
        let last_line = source.trim_end().rsplit('\n').next().unwrap_or_default();
        let words = last_line.trim_start_matches(['>', ' ']);
        if last_line.len() < source.trim_end().len() && quote::is_attribution(words) && words.contains("](") {
            let start = span.start + source.trim_end().len() - words.len();
            let hint = "put a line with only `>` before it, so that it is the source of the quote";
            self.warn(
                &(start..span.end),
                "this attribution is part of the quoted words".to_owned(),
                Some(hint.to_owned()),
            );
        }
    }

    /// The quote of the front matter that a paragraph `{@id}` places here.
    pub(super) fn placed(&mut self, id: &str, span: &Range<usize>) -> Option<Quoted> {
        let stored = self.stored(id, span)?;
        if stored.text.is_empty() {
            let fault = self
                .context
                .error(span, format!("the quote `{id}` has no `text` to place here"))
                .hint("add `text = \"\"\"…\"\"\"` to it, or cite it with `> — @id` below the quoted words");
            self.diagnostics.push(fault);
            return None;
        }
        let (source, stored_text) = (stored.source.clone(), Some(stored.text.clone()));
        Some(Quoted { words: 0..0, source, stored_text, span: span.clone() })
    }

    fn stored(&mut self, id: &str, span: &Range<usize>) -> Option<&'_ StoredQuote> {
        let stored = self.context.options.stored;
        let found = stored.iter().find(|quote| quote.id == id);
        if found.is_none() {
            let ids = stored.iter().map(|quote| quote.id.as_str());
            let hint = did_you_mean(id, ids).unwrap_or_else(|| {
                let known: Vec<_> = stored.iter().map(|quote| format!("`{}`", quote.id)).collect();
                match known.as_slice() {
                    [] => "the front matter has no `[[quotes]]`".to_owned(),
                    known => format!("the front matter has {}", known.join(", ")),
                }
            });
            let fault = self.context.error(span, format!("there is no quote `{id}`")).hint(hint);
            self.diagnostics.push(fault);
        }
        found
    }

    /// Writes a quote and remembers it.
    pub(super) fn quote(&mut self, quoted: Quoted) {
        let Quoted { words, mut source, stored_text, span } = quoted;
        let (body, paragraphs, lines, text_html) = match &stored_text {
            Some(text) => self.stored_words(text),
            None => {
                let paragraphs = raw_paragraphs(self.events, self.context.text, words.clone());
                let text_html = self.listed(words.clone());
                let body = self.quoted_body(words.clone());
                (body, paragraphs, self.quoted_lines(words), text_html)
            }
        };
        let plain = paragraphs.join("\n");
        let written = std::mem::take(&mut source.url);
        let address = text_fragment::split_directive(&written);
        address.clean.clone_into(&mut source.url);
        let destination = (!source.url.is_empty())
            .then(|| Destination::of(&source.url, self.context.path, self.context.options.config));
        let anchor = self.anchors.unique(format!("q-{}", Hash::of_value(&(&plain, &source.url)).short_hex()));
        let language = Some(source.language.clone()).filter(|tag| crate::config::is_language_tag(tag));
        let mut fragment = match &destination {
            Some(destination) if destination.is_page() => {
                let language = language.as_deref().unwrap_or(self.context.options.language);
                text_fragment::text_fragment(&lines, Some(language))
            }
            _ => String::new(),
        };
        if fragment.is_empty() && !address.directive.is_empty() {
            fragment = format!("#{}", address.directive);
        }
        if let Some(destination) = &destination {
            self.remember_link(destination, &source.url, span);
        }
        self.figure(&Figure {
            anchor: &anchor,
            language: language.as_deref(),
            starts_right_to_left: html::starts_right_to_left(&plain),
            body,
            source: &source,
            destination: destination.as_ref(),
            fragment: &fragment,
        });
        let target = destination.map(|destination| destination.target);
        self.document.quotes.push(Quote { anchor, source, target, fragment, text_html, language });
    }

    /// The words of a quote that stand in the front matter: HTML, paragraphs, and HTML for lists.
    fn stored_words(&mut self, text: &str) -> (Body, Vec<String>, Vec<String>, String) {
        let events = Events::parse(text, self.context.options);
        let context = Context { text, offset: 0, file: "", ..self.context };
        let all = 0..events.list.len();
        let paragraphs = raw_paragraphs(&events, text, all.clone());
        let mut ignored = Vec::new();
        let mut lister = Writer::new(&events, context, Mode::Listed, &mut ignored);
        lister.quoted_blocks(all.clone());
        let text_html = lister.finish().body.html.trim_end().to_owned();
        let mut writer = Writer::new(&events, context, Mode::Full, self.diagnostics);
        writer.warn_of_remarks();
        // A text that is placed twice has each of its headings twice.
        writer.anchors = std::mem::take(&mut self.anchors);
        writer.anchors.learn(&events);
        writer.quoted_blocks(all);
        let lines = writer.quoted_lines(0..events.list.len());
        self.anchors = std::mem::take(&mut writer.anchors);
        let document = writer.finish();
        self.document.words += document.words;
        self.document.links.extend(document.links);
        (document.body, paragraphs, lines, text_html)
    }

    /// Quoted words that have been written, as lines.
    fn quoted_lines(&self, words: Range<usize>) -> Vec<String> {
        let text = QuotedText {
            events: self.events,
            text: self.context.text,
            captions: &self.captions,
            stored: self.context.options.stored,
            options: self.context.options,
        };
        text.lines(words)
    }

    fn listed(&self, words: Range<usize>) -> String {
        let mut ignored = Vec::new();
        let mut writer = Writer::new(self.events, self.context, Mode::Listed, &mut ignored);
        writer.quoted_blocks(words);
        writer.finish().body.html.trim_end().to_owned()
    }

    /// Writes quoted words apart from the rest.
    fn quoted_body(&mut self, words: Range<usize>) -> Body {
        let before = std::mem::take(&mut self.out);
        self.quoted_blocks(words);
        std::mem::replace(&mut self.out, before)
    }

    /// Writes quoted words. `p-content` stands on each paragraph, in Microformats a property with several values.
    /// On the blockquote, Readability and its kin would count the word "content" for the quotation, and show a
    /// long one instead of the post.
    fn quoted_blocks(&mut self, words: Range<usize>) {
        for (number, block) in self.events.children(words).into_iter().enumerate() {
            if self.events.is_paragraph(block.start) {
                // WordPress takes the excerpt of a pingback from the text around the link, between two tags such
                // as `<p>` in small letters. So the text around the link in the caption goes on to these words.
                let is_after_caption = number == 0 && self.mode == Mode::Full;
                self.paragraph_start =
                    if is_after_caption { "<P class=\"p-content\">" } else { "<p class=\"p-content\">" };
            }
            self.run(block);
            self.paragraph_start = "<p>";
        }
    }

    fn figure(&mut self, figure: &Figure<'_>) {
        self.out.push("<figure class=\"quote h-cite\" id=\"");
        self.out.push(figure.anchor);
        self.out.push("\">\n<figcaption>");
        self.caption(figure);
        self.out.push("</figcaption>\n<blockquote");
        if let Some(destination) = figure.destination {
            self.out.push(" cite=\"");
            self.write_destination(destination, "");
            self.out.push("\"");
        }
        if let Some(language) = figure.language {
            self.out.push(&format!(" lang=\"{language}\" dir=\"{}\"", html::direction(language)));
        } else if figure.starts_right_to_left {
            self.out.push(" dir=\"auto\"");
        }
        self.out.push(">\n");
        self.out.append(figure.body.clone());
        self.out.push("</blockquote>\n</figure>\n");
    }

    fn caption(&mut self, figure: &Figure<'_>) {
        let source = figure.source;
        let mut separator = "";
        if !source.author.is_empty() {
            self.out.push("<span class=\"p-author h-card\">");
            self.out.push_text(&source.author);
            self.out.push("</span>");
            separator = ", ";
        }
        if !source.title.is_empty() || figure.destination.is_some() {
            self.out.push(separator);
            self.headline(figure);
            separator = ", ";
        }
        if !source.publication.is_empty() {
            self.out.push(separator);
            self.out.push("<span class=\"p-publication\">");
            self.out.push_text(&source.publication);
            self.out.push("</span>");
            separator = ", ";
        }
        if !source.published.is_empty() {
            self.out.push(separator);
            self.date(&source.published);
        }
        self.asides(source);
        self.out.push(" <a class=\"quote-permalink\" href=\"#");
        self.out.push(figure.anchor);
        self.out.push("\" aria-label=\"");
        self.out.hole(Fill::Word("quote_permalink".into()));
        // The sign is the style sheet's, so that no copy and no excerpt has it.
        self.out.push("\"></a>");
    }

    fn headline(&mut self, figure: &Figure<'_>) {
        let source = figure.source;
        let title =
            [&source.title, &source.publication, &source.url].into_iter().find(|text| !text.is_empty());
        let title = title.map_or("", String::as_str);
        self.out.push("<cite class=\"p-name\">");
        match figure.destination {
            Some(destination) => {
                self.out.push("<a class=\"u-url\" href=\"");
                self.write_destination(destination, figure.fragment);
                self.out.push("\">");
                self.out.push_text(title);
                self.out.push("</a>");
            }
            None => self.out.push_text(title),
        }
        self.out.push("</cite>");
    }

    fn date(&mut self, date: &str) {
        let is_iso = date.starts_with(|c: char| c.is_ascii_digit())
            && date.chars().all(|c| c.is_ascii_digit() || "-:T+Z".contains(c));
        if is_iso {
            self.out.push("<time class=\"dt-published\" datetime=\"");
            self.out.push(date);
            self.out.push("\">");
            self.out.hole(Fill::Date(date.to_owned()));
            self.out.push("</time>");
        } else {
            self.out.push_text(date);
        }
    }

    /// `(via X)`, notes, and the archived copy.
    fn asides(&mut self, source: &Attribution) {
        if let Some((text, url)) = &source.via {
            self.out.push(" <span class=\"quote-via\">(");
            self.out.hole(Fill::Word("via".into()));
            self.out.push(" ");
            if url.is_empty() {
                self.out.push_text(text);
            } else {
                self.out.push("<a href=\"");
                self.address(url);
                self.out.push("\">");
                self.out.push_text(text);
                self.out.push("</a>");
            }
            self.out.push(")</span>");
        }
        for note in &source.notes {
            self.out.push(" <span class=\"quote-note\">(");
            self.out.push_text(note);
            self.out.push(")</span>");
        }
        if !source.archive.is_empty() {
            self.out.push(" <a class=\"quote-archived\" href=\"");
            self.address(&source.archive);
            self.out.push("\">");
            self.out.hole(Fill::Word("archived".into()));
            self.out.push("</a>");
        }
    }

    /// An address of an attribution, understood as in any link.
    fn address(&mut self, written: &str) {
        let destination = Destination::of(written, self.context.path, self.context.options.config);
        self.remember_link(&destination, written, 0..0);
        self.write_destination(&destination, "");
    }
}

/// What a quote's figure shows.
struct Figure<'a> {
    anchor: &'a str,
    language: Option<&'a str>,
    starts_right_to_left: bool,
    body: Body,
    source: &'a Attribution,
    destination: Option<&'a Destination>,
    fragment: &'a str,
}

impl Context<'_> {
    /// An error at a range of the Markdown.
    pub(super) fn error(&self, span: &Range<usize>, message: String) -> Diagnostic {
        let fault = Diagnostic::error(self.path.as_str(), message);
        if self.file.is_empty() { fault } else { fault.at(self.file, self.moved(span)) }
    }

    /// A range of the Markdown as one of the file, without white space at its end.
    pub(super) fn moved(&self, span: &Range<usize>) -> Range<usize> {
        let end = span.start + self.text[span.clone()].trim_end().len();
        span.start + self.offset..end + self.offset
    }
}

/// An attribution paragraph as its parts.
fn parts(events: &Events<'_>, range: Range<usize>) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut at = range.start;
    while at < range.end {
        let end = events.ends[at];
        let inside = || html::fold_white_space(&events.plain_text(at..end));
        let part = match &events.list[at].0 {
            Event::Start(Tag::Link { dest_url, .. }) => {
                Part::Link { text: inside(), url: dest_url.to_string() }
            }
            Event::Start(Tag::Emphasis) => Part::Emphasis(inside()),
            Event::Start(_) => Part::Text(events.plain_text(at..end)),
            _ => Part::Text(events.plain_text(at..at + 1)),
        };
        match (parts.last_mut(), part) {
            (Some(Part::Text(before)), Part::Text(text)) => before.push_str(&text),
            (_, part) => parts.push(part),
        }
        at = end + 1;
    }
    parts
}

/// The quoted words, paragraph by paragraph, as the author typed them: without typographic quotes and
/// dashes that only our own output has.
fn raw_paragraphs(events: &Events<'_>, text: &str, range: Range<usize>) -> Vec<String> {
    let mut paragraphs = vec![String::new()];
    for (event, span) in &events.list[range] {
        let paragraph = paragraphs.last_mut().expect("there is always one");
        match event {
            Event::Text(part) => {
                let typed = &text[span.clone()];
                let is_set = typed.bytes().all(|byte| b"\"'-.".contains(&byte));
                paragraph.push_str(if is_set { typed } else { part });
            }
            Event::Code(part) => paragraph.push_str(part),
            Event::SoftBreak | Event::HardBreak => paragraph.push(' '),
            Event::End(
                TagEnd::Paragraph | TagEnd::Item | TagEnd::Heading(_) | TagEnd::TableCell | TagEnd::CodeBlock,
            ) => {
                paragraphs.push(String::new());
            }
            _ => {}
        }
    }
    paragraphs
        .into_iter()
        .map(|paragraph| html::fold_white_space(&paragraph))
        .filter(|p| !p.is_empty())
        .collect()
}
