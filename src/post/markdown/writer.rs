//! Writes events as HTML. One pass, no tree: what needs to see ahead looks up the index of its end.

use std::cell::Cell;
use std::ops::Range;

use pulldown_cmark::{Alignment, Event, Tag, TagEnd};

use crate::diagnostic::{Diagnostic, Location};
use crate::post::math::Style;
use crate::post::quote::placed_id;

use super::anchors::Anchors;
use super::events::Events;
use super::footnote::Notes;
use super::word_counter::WordCounter;
use super::{Body, Context, Fill, MarkdownDocument};

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Full,
    /// The author's own words, for lists: without links, anchors, images, footnotes and quotes, as it
    /// stands on pages of its own.
    Summary,
    /// Quoted words, for lists of quotes: the same, but with quotes within the quote.
    Listed,
    /// Words of a stranger under a post: all of them, with links, without images, raw HTML, anchors and headings.
    Comment,
}

/// Writes one text.
pub(super) struct Writer<'e, 't> {
    pub(super) events: &'e Events<'t>,
    pub(super) context: Context<'e>,
    pub(super) mode: Mode,
    pub(super) out: Body,
    pub(super) document: MarkdownDocument,
    pub(super) anchors: Anchors,
    pub(super) diagnostics: &'e mut Vec<Diagnostic>,
    pub(super) notes: Notes,
    pub(super) counter: WordCounter,
    /// A byte of the file, its line and its column, to count on from.
    counted: Cell<(usize, (usize, usize))>,
    /// Alignments of the table being written, and the next cell's column.
    pub(super) table: (Vec<Alignment>, usize),
    pub(super) in_table_head: bool,
    /// Blockquotes around what is written.
    pub(super) depth: usize,
    /// Lists around what is written, that of the footnotes among them.
    pub(super) lists: usize,
    /// Whether the next image shows its title below itself.
    pub(super) is_captioned: bool,
    /// Whether an image was written, after which others are out of view.
    pub(super) has_image: bool,
    /// Whether a link is around what is written.
    pub(super) is_linked: bool,
    /// Whether the next images stand beside each other.
    pub(super) is_in_gallery: bool,
    /// Whether an element of raw HTML is open that has its own choice of pictures.
    pub(super) is_in_picture: bool,
    /// Of these, those that are quotations, and no alerts.
    pub(super) quotes_around: usize,
    /// Whether the quoted words around say their language.
    pub(super) is_foreign: bool,
    /// Whether the quoted words around have another direction than the page.
    pub(super) is_turned: bool,
    /// Whether the next text begins with a backslash that does not belong to it.
    escaped_dash: bool,
    /// Whether the words of a link are written, in a comment.
    pub(super) is_in_link: bool,
    /// The start tag of a paragraph.
    pub(super) paragraph_start: &'static str,
}

impl<'e, 't> Writer<'e, 't> {
    pub(super) fn new(
        events: &'e Events<'t>,
        context: Context<'e>,
        mode: Mode,
        diagnostics: &'e mut Vec<Diagnostic>,
    ) -> Self {
        Self {
            events,
            context,
            mode,
            out: Body::default(),
            document: MarkdownDocument::default(),
            anchors: Anchors::default(),
            diagnostics,
            notes: Notes::default(),
            counter: WordCounter::default(),
            counted: Cell::new((0, (1, 1))),
            table: (Vec::new(), 0),
            in_table_head: false,
            depth: 0,
            lists: 0,
            is_captioned: false,
            has_image: false,
            is_linked: false,
            is_in_gallery: false,
            is_in_picture: false,
            quotes_around: 0,
            is_foreign: false,
            is_turned: false,
            escaped_dash: false,
            is_in_link: false,
            paragraph_start: "<p>",
        }
    }

    /// Writes a range of events.
    pub(super) fn run(&mut self, range: Range<usize>) {
        let events = self.events;
        let mut at = range.start;
        while at < range.end {
            let (event, span) = &events.list[at];
            at = match event {
                Event::Start(tag) => self.start(tag, at, span),
                event => {
                    self.leaf(event, span);
                    at + 1
                }
            };
        }
    }

    /// Writes a range of events apart from the rest.
    pub(super) fn aside(&mut self, range: Range<usize>) -> Body {
        let before = std::mem::take(&mut self.out);
        self.run(range);
        std::mem::replace(&mut self.out, before)
    }

    /// The footnotes, and everything that was found on the way.
    pub(super) fn finish(mut self) -> MarkdownDocument {
        if self.mode == Mode::Full {
            self.footnotes();
        }
        self.document.words += self.counter.words;
        self.document.minutes = self.counter.minutes(self.document.words);
        self.document.body = self.out;
        self.document
    }

    pub(super) fn is_full(&self) -> bool {
        self.mode == Mode::Full
    }

    /// Writes the start of an element, or all of it. Returns the index to go on at.
    fn start(&mut self, tag: &Tag<'t>, at: usize, span: &Range<usize>) -> usize {
        let end = self.events.ends[at];
        let inner = at + 1..end;
        match tag {
            Tag::Paragraph => return self.paragraph(inner, span),
            Tag::Heading { level, id, .. } => self.heading(*level as u8, id.as_deref(), inner),
            Tag::BlockQuote(kind) => self.block_quote(*kind, inner),
            Tag::CodeBlock(kind) => self.code_block(kind, inner, span),
            Tag::HtmlBlock => self.html_block(inner),
            Tag::FootnoteDefinition(name) if self.mode == Mode::Comment => self.comment_footnote(name, inner),
            Tag::FootnoteDefinition(name) => self.footnote_definition(name, span, inner),
            Tag::Table(alignments) => self.table(alignments, inner),
            Tag::Image { link_type: _, dest_url, title, .. } => self.image(dest_url, title, inner),
            Tag::Link { link_type, dest_url, title, .. } => {
                self.link(*link_type, dest_url, title, inner, span)
            }
            tag => {
                self.open(tag, at);
                let holds_blocks = matches!(tag, Tag::Item | Tag::DefinitionListDefinition | Tag::TableCell);
                return if holds_blocks { self.image_at_start(inner) } else { at + 1 };
            }
        }
        end + 1
    }

    /// Writes the start of an element that has nothing to look ahead for.
    fn open(&mut self, tag: &Tag<'t>, at: usize) {
        self.lists += usize::from(matches!(tag, Tag::List(_) | Tag::DefinitionList));
        let html = match tag {
            Tag::List(None) => "<ul>\n",
            Tag::List(Some(1)) => "<ol>\n",
            Tag::List(Some(start)) => {
                self.out.push(&format!("<ol start=\"{start}\">\n"));
                ""
            }
            Tag::Item if self.is_task(at) => "<li class=\"task\">",
            Tag::Item => "<li>",
            Tag::DefinitionList => "<dl>\n",
            Tag::DefinitionListTitle => {
                self.open_term(at);
                ""
            }
            Tag::DefinitionListDefinition => "<dd>",
            Tag::TableHead => {
                self.in_table_head = true;
                self.table.1 = 0;
                "<thead><tr>"
            }
            Tag::TableRow => {
                self.table.1 = 0;
                "<tr>"
            }
            Tag::TableCell => {
                self.cell();
                ""
            }
            Tag::Emphasis => "<em>",
            Tag::Strong => "<strong>",
            Tag::Strikethrough => "<del>",
            Tag::Superscript => "<sup>",
            Tag::Subscript => "<sub>",
            _ => "",
        };
        self.out.push(html);
    }

    fn close(&mut self, tag: &TagEnd) {
        let is_list = matches!(tag, TagEnd::List(_) | TagEnd::DefinitionList);
        self.lists = self.lists.saturating_sub(usize::from(is_list));
        let html = match tag {
            TagEnd::List(false) => "</ul>\n",
            TagEnd::List(true) => "</ol>\n",
            TagEnd::Item => "</li>\n",
            TagEnd::DefinitionList => "</dl>\n",
            TagEnd::DefinitionListTitle => "</dt>\n",
            TagEnd::DefinitionListDefinition => "</dd>\n",
            TagEnd::TableHead => {
                self.in_table_head = false;
                "</tr></thead>\n<tbody>\n"
            }
            TagEnd::TableRow => "</tr>\n",
            TagEnd::TableCell if self.in_table_head => "</th>",
            TagEnd::TableCell => "</td>",
            TagEnd::Emphasis => "</em>",
            TagEnd::Strong => "</strong>",
            TagEnd::Strikethrough => "</del>",
            TagEnd::Superscript => "</sup>",
            TagEnd::Subscript => "</sub>",
            _ => "",
        };
        self.out.push(html);
        self.counter.gap();
    }

    fn leaf(&mut self, event: &Event<'t>, span: &Range<usize>) {
        match event {
            Event::Text(text) => {
                let text = if std::mem::take(&mut self.escaped_dash) { &text[1..] } else { text };
                self.counter.read(text);
                self.out.push_text(text);
            }
            Event::Code(code) => {
                self.counter.read(code);
                self.out.push("<code>");
                self.out.push_text(code);
                self.out.push("</code>");
            }
            Event::InlineMath(latex) => self.math(latex, Style::Inline, span),
            Event::DisplayMath(latex) => self.math(latex, Style::Display, span),
            Event::Html(html) | Event::InlineHtml(html) => self.raw_html(html),
            Event::FootnoteReference(name) => self.footnote_reference(name),
            Event::SoftBreak if self.mode != Mode::Comment => {
                self.counter.gap();
                self.out.push("\n");
            }
            // Who writes a comment into a field of a form ends lines on purpose.
            Event::SoftBreak | Event::HardBreak => {
                self.counter.gap();
                self.out.push("<br>\n");
            }
            Event::Rule => self.out.push("<hr>\n"),
            // The words of the theme are not at hand in a summary.
            Event::TaskListMarker(done) if !self.is_full() => {
                self.out.push(if *done { "☑ " } else { "☐ " })
            }
            Event::TaskListMarker(done) => {
                let checked = if *done { " checked" } else { "" };
                self.out.push(&format!("<input type=\"checkbox\" disabled{checked} aria-label=\""));
                self.out.hole(Fill::Word(if *done { "task_done" } else { "task_open" }.into()));
                self.out.push("\"> ");
            }
            Event::End(tag) => self.close(tag),
            Event::Start(_) => {}
        }
    }

    fn is_task(&self, item: usize) -> bool {
        match self.events.event(item + 1) {
            Some(Event::TaskListMarker(_)) => true,
            Some(Event::Start(Tag::Paragraph)) => {
                matches!(self.events.event(item + 2), Some(Event::TaskListMarker(_)))
            }
            _ => false,
        }
    }

    fn paragraph(&mut self, inner: Range<usize>, span: &Range<usize>) -> usize {
        let next = inner.end + 1;
        let source = &self.context.text[span.clone()];
        if self.mode == Mode::Comment {
            self.out.push("<p>");
            self.run(inner);
            self.out.push("</p>\n");
            return next;
        }
        if let Some(id) = placed_id(source) {
            if self.is_full()
                && let Some(quoted) = self.placed(id, span)
            {
                self.quote(quoted);
            }
            return next;
        }
        if self.captioned_image(inner.clone()) || self.gallery(inner.clone()) {
            return next;
        }
        // `\—` is not an attribution. CommonMark leaves a backslash before such a dash, as it is not ASCII.
        self.escaped_dash = ["\\—", "\\―", "\\–"].iter().any(|escape| source.starts_with(escape));
        let embed = self.embed(&inner).map(ToOwned::to_owned);
        match &embed {
            Some(address) => self.out.hole(Fill::EmbedStart(address.clone())),
            None => self.out.push(self.paragraph_start),
        }
        self.run(inner);
        match embed {
            Some(address) => self.out.hole(Fill::EmbedEnd(address)),
            None => self.out.push("</p>"),
        }
        self.out.push("\n");
        self.counter.gap();
        next
    }

    /// The address that a paragraph is, if its page may be shown in a frame: those of lists and quotes stay links.
    fn embed(&self, inner: &Range<usize>) -> Option<&'e str> {
        let may_be_shown = self.is_full() && self.context.options.config.markdown.embeds;
        let address = self.events.plain_link(inner).filter(|_| may_be_shown);
        address.filter(|_| self.depth == 0 && self.lists == 0 && self.paragraph_start == "<p>")
    }

    /// Where a range begins in the file, from 1; zeros for text that stands in the front matter.
    pub(super) fn line_and_column(&self, span: &Range<usize>) -> (usize, usize) {
        let file = self.context.file;
        if file.is_empty() || span.is_empty() {
            return (0, 0);
        }
        let start = span.start + self.context.offset;
        // Links come in order, so each character is counted once, also in a line of a hundred thousand links.
        let (counted_to, known) = self.counted.get();
        let (from, (line, column)) = if counted_to <= start { (counted_to, known) } else { (0, (1, 1)) };
        let passed = &file[from..start];
        let place = match passed.rfind('\n') {
            Some(at) => (line + newlines(passed.as_bytes()), passed[at + 1..].chars().count() + 1),
            None => (line, column + passed.chars().count()),
        };
        self.counted.set((start, place));
        place
    }

    /// Warns of what stays as it is written, though it may have been meant otherwise.
    pub(super) fn warn_of_remarks(&mut self) {
        for remark in &self.events.remarks {
            self.warn(&remark.span, remark.message.clone(), Some(remark.hint.to_owned()));
        }
        self.warn_of_inner_ids();
    }

    pub(super) fn warn(&mut self, span: &Range<usize>, message: String, hint: Option<String>) {
        if !self.is_full() {
            return;
        }
        let place = (!self.context.file.is_empty()).then(|| {
            let (line, _) = self.line_and_column(span);
            Location::on_line(self.context.file, self.context.moved(span), line)
        });
        self.diagnostics
            .push(Diagnostic::warning(self.context.path.as_str(), message).placed(place).maybe_hint(hint));
    }
}

/// Counted in bytes, of which one instruction adds many; so few that none overflows.
fn newlines(text: &[u8]) -> usize {
    text.chunks(usize::from(u8::MAX))
        .map(|some| usize::from(some.iter().map(|&byte| u8::from(byte == b'\n')).sum::<u8>()))
        .sum()
}
