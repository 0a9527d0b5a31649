//! Writes events as HTML. One pass, no tree: what needs to see ahead looks up the index of its end.

use std::cell::Cell;
use std::collections::HashMap;
use std::ops::Range;

use pulldown_cmark::{Alignment, BlockQuoteKind, CodeBlockKind, CowStr, Event, LinkType, Tag, TagEnd};

use crate::diagnostic::{Diagnostic, Place};
use crate::html;
use crate::path::is_own;
use crate::post::highlight::{self, FenceOptions};
use crate::post::math::{self, Style};
use crate::post::quote::placed_id;
use crate::post::slug::anchor_of;
use crate::post::{Heading, Link, Target};

use super::destination::Destination;
use super::{Body, CodeBlock, Context, Document, Events, Fill};

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Everything.
    Full,
    /// The author's own words, for lists: without links, anchors, images, footnotes and quotes, as it
    /// stands on pages of its own.
    Summary,
    /// Quoted words, for lists of quotes: the same, but with quotes within the quote.
    Listed,
}

/// No text has more quotes within quotes, and the stack has an end.
const DEEPEST: usize = 64;

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

/// Writes one text.
pub(super) struct Writer<'e, 't> {
    pub(super) events: &'e Events<'t>,
    pub(super) context: Context<'e>,
    mode: Mode,
    pub(super) out: Body,
    pub(super) document: Document,
    pub(super) anchors: Anchors,
    pub(super) diagnostics: &'e mut Vec<Diagnostic>,
    notes: Notes<'t>,
    counter: WordCounter,
    /// A byte of the file, its line and its column, to count on from.
    counted: Cell<(usize, (usize, usize))>,
    /// Alignments of the table being written, and the next cell's column.
    table: (Vec<Alignment>, usize),
    in_table_head: bool,
    /// Blockquotes around what is written.
    depth: usize,
    /// Whether the next text begins with a backslash that is no part of it.
    escaped_dash: bool,
}

/// Footnotes in the order of their first reference.
#[derive(Default)]
struct Notes<'t> {
    definitions: HashMap<CowStr<'t>, Range<usize>>,
    /// Name and number of references so far.
    referred: Vec<(CowStr<'t>, usize)>,
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
            document: Document::default(),
            anchors: Anchors::default(),
            diagnostics,
            notes: Notes::default(),
            counter: WordCounter::default(),
            counted: Cell::new((0, (1, 1))),
            table: (Vec::new(), 0),
            in_table_head: false,
            depth: 0,
            escaped_dash: false,
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
    pub(super) fn finish(mut self) -> Document {
        if self.mode == Mode::Full {
            self.footnotes();
        }
        self.document.words += self.counter.words;
        self.document.minutes = self.counter.minutes(self.document.words);
        self.document.body = self.out;
        self.document
    }

    fn is_full(&self) -> bool {
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
            Tag::FootnoteDefinition(name) => {
                self.notes.definitions.insert(name.clone(), inner);
            }
            Tag::Table(alignments) => self.table(alignments, inner),
            Tag::Image { link_type: _, dest_url, title, .. } => self.image(dest_url, title, inner),
            Tag::Link { link_type, dest_url, title, .. } => {
                self.link(*link_type, dest_url, title, inner, span)
            }
            tag => {
                self.open(tag, at);
                return at + 1;
            }
        }
        end + 1
    }

    /// Writes the start of an element that has nothing to look ahead for.
    fn open(&mut self, tag: &Tag<'t>, at: usize) {
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
            Tag::DefinitionListTitle => "<dt>",
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
            Event::InlineMath(latex) => self.inline_math(latex, span),
            Event::DisplayMath(latex) => self.math(latex, Style::Display, span),
            Event::Html(html) | Event::InlineHtml(html) => self.raw_html(html),
            Event::FootnoteReference(name) => self.footnote_reference(name),
            Event::SoftBreak => {
                self.counter.gap();
                self.out.push("\n");
            }
            Event::HardBreak => {
                self.counter.gap();
                self.out.push("<br>\n");
            }
            Event::Rule => self.out.push("<hr>\n"),
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
        let after = |at: usize| self.events.list.get(at).map(|(event, _)| event);
        match after(item + 1) {
            Some(Event::TaskListMarker(_)) => true,
            Some(Event::Start(Tag::Paragraph)) => matches!(after(item + 2), Some(Event::TaskListMarker(_))),
            _ => false,
        }
    }

    fn paragraph(&mut self, inner: Range<usize>, span: &Range<usize>) -> usize {
        let next = inner.end + 1;
        let source = &self.context.text[span.clone()];
        if let Some(id) = placed_id(source) {
            if self.is_full()
                && let Some(quoted) = self.placed(id, span)
            {
                self.quote(quoted);
            }
            return next;
        }
        if let Some(title) = self.lone_image_title(inner.clone()) {
            if self.is_full() {
                self.out.push("<figure class=\"image\">");
                self.run(inner);
                self.out.push("<figcaption>");
                self.out.push_text(&title);
                self.out.push("</figcaption></figure>\n");
            }
            return next;
        }
        // `\—` is not an attribution. CommonMark leaves a backslash before such a dash, as it is not ASCII.
        self.escaped_dash = ["\\—", "\\―"].iter().any(|escape| source.starts_with(escape));
        self.out.push("<p>");
        self.run(inner);
        self.out.push("</p>\n");
        self.counter.gap();
        next
    }

    /// The title of an image that is all there is in a paragraph, within a link or not.
    fn lone_image_title(&self, inner: Range<usize>) -> Option<String> {
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

    fn heading(&mut self, level: u8, id: Option<&str>, inner: Range<usize>) {
        if !self.is_full() {
            return;
        }
        let text = self.events.plain_text(inner.clone());
        let wanted = match id {
            Some(id) => id.to_owned(),
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

    fn block_quote(&mut self, kind: Option<BlockQuoteKind>, inner: Range<usize>) {
        if self.mode == Mode::Summary {
            return;
        }
        if self.depth == DEEPEST {
            if self.is_full() {
                let span = self.events.list[inner.start.saturating_sub(1)].1.clone();
                let message = format!("quotes are nested deeper than {DEEPEST} levels");
                let fault = self.context.error(&span, message).hint("take some `>` away");
                self.diagnostics.push(fault);
            }
            return;
        }
        self.depth += 1;
        self.block_quote_within(kind, inner);
        self.depth -= 1;
    }

    fn block_quote_within(&mut self, kind: Option<BlockQuoteKind>, inner: Range<usize>) {
        if let Some(kind) = kind {
            self.alert(kind, inner);
            return;
        }
        if self.is_full()
            && let Some(quoted) = self.quoted(inner.clone())
        {
            self.quote(quoted);
            return;
        }
        self.out.push("<blockquote>\n");
        self.run(inner);
        self.out.push("</blockquote>\n");
    }

    fn alert(&mut self, kind: BlockQuoteKind, inner: Range<usize>) {
        let name = match kind {
            BlockQuoteKind::Note => "note",
            BlockQuoteKind::Tip => "tip",
            BlockQuoteKind::Important => "important",
            BlockQuoteKind::Warning => "warning",
            BlockQuoteKind::Caution => "caution",
        };
        self.out
            .push(&format!("<div class=\"alert alert-{name}\" role=\"note\">\n<p class=\"alert-title\">"));
        self.out.hole(Fill::Word(name.into()));
        self.out.push("</p>\n");
        self.run(inner);
        self.out.push("</div>\n");
    }

    fn code_block(&mut self, kind: &CodeBlockKind<'t>, inner: Range<usize>, span: &Range<usize>) {
        let mut code = String::new();
        for (event, _) in &self.events.list[inner] {
            if let Event::Text(text) = event {
                code.push_str(text);
            }
        }
        if !self.is_full() {
            self.out.push("<pre><code>");
            self.out.push_text(&code);
            self.out.push("</code></pre>\n");
            return;
        }
        let options = match kind {
            CodeBlockKind::Fenced(info) => FenceOptions::parse_info(info),
            CodeBlockKind::Indented => FenceOptions::default(),
        };
        self.diagnose_code(&options, span);
        let (line, _) = self.line_and_column(span);
        self.out.hole(Fill::Code(Box::new(CodeBlock { options, code, line })));
        self.out.push("\n");
    }

    fn diagnose_code(&mut self, options: &FenceOptions, span: &Range<usize>) {
        let first_line =
            span.start..span.start + self.context.text[span.clone()].find('\n').unwrap_or(span.len());
        if !options.language.is_empty()
            && highlight::language_name(&options.language).is_none()
            && let Some(nearest) = highlight::nearest_language(&options.language)
        {
            let message = format!("unknown language `{}`; the code is not highlighted", options.language);
            self.warn(&first_line, message, Some(format!("did you mean `{nearest}`?")));
        }
        for option in &options.unknown {
            let hint = "known are `hl_lines`, `linenos`, `linenostart` and `name`";
            self.warn(
                &first_line,
                format!("unknown option `{option}` of a code block"),
                Some(hint.to_owned()),
            );
        }
    }

    fn html_block(&mut self, inner: Range<usize>) {
        let mut html = String::new();
        for (event, _) in &self.events.list[inner] {
            if let Event::Html(part) | Event::Text(part) = event {
                html.push_str(part);
            }
        }
        self.raw_html(&html);
    }

    /// HTML of the author's own. Addresses that begin with `/` get the path of `base_url`.
    fn raw_html(&mut self, html: &str) {
        if !self.is_full() {
            return;
        }
        html::each_anchor(html, |anchor| self.document.anchors.push(anchor.to_owned()));
        let base = self.context.options.config.base_path();
        if base.is_empty() {
            self.out.push(html);
            return;
        }
        let below_base = |url: &str| {
            let there_already =
                url.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            (is_own(url) && !there_already).then(|| format!("{base}{url}"))
        };
        self.out.push(&html::change_addresses(html, below_base));
    }

    fn table(&mut self, alignments: &[Alignment], inner: Range<usize>) {
        let before = std::mem::replace(&mut self.table, (alignments.to_vec(), 0));
        self.out.push("<div class=\"table\" role=\"group\" tabindex=\"0\" aria-label=\"");
        self.out.hole(Fill::Word("table".into()));
        self.out.push("\"><table>\n");
        self.run(inner);
        self.out.push("</tbody>\n</table></div>\n");
        self.table = before;
    }

    fn cell(&mut self) {
        let (alignments, column) = &mut self.table;
        let align = match alignments.get(*column) {
            Some(Alignment::Left) => " style=\"text-align:left\"",
            Some(Alignment::Center) => " style=\"text-align:center\"",
            Some(Alignment::Right) => " style=\"text-align:right\"",
            _ => "",
        };
        *column += 1;
        self.out.push(if self.in_table_head { "<th scope=\"col\"" } else { "<td" });
        self.out.push(align);
        self.out.push(">");
    }

    fn image(&mut self, url: &str, title: &str, inner: Range<usize>) {
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
                if let Some(path) = crate::path::SourcePath::new(&format!("static{url}")) {
                    self.out.hole(Fill::ImageSize(path));
                }
            }
            _ => {}
        }
        self.out.push(" loading=\"lazy\">");
    }

    fn link(&mut self, kind: LinkType, url: &str, title: &str, inner: Range<usize>, span: &Range<usize>) {
        if !self.is_full() {
            self.run(inner);
            return;
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
        self.out.push("<a href=\"");
        self.write_destination(&destination, "");
        if !title.is_empty() {
            self.out.push("\" title=\"");
            self.out.push_text(title);
        }
        self.out.push("\">");
        self.run(inner);
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
            target: destination.target.clone(),
            // Only links within the site are ever reported.
            written: match destination.target {
                Target::External(_) => String::new(),
                _ => written.to_owned(),
            },
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(column).unwrap_or(u32::MAX),
        });
    }

    /// Where a range begins in the file, from 1; zeros for text that stands in the front matter.
    fn line_and_column(&self, span: &Range<usize>) -> (usize, usize) {
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

    fn inline_math(&mut self, latex: &str, span: &Range<usize>) {
        // "$5 (or $7" is money: a closing dollar is not followed by a digit (Pandoc's rule).
        let followed_by_digit = self.context.text[span.end..].starts_with(|c: char| c.is_ascii_digit());
        // So is "US$5": no formula begins within a word.
        let within_word = self.context.text[..span.start].ends_with(|c: char| c.is_alphanumeric());
        if followed_by_digit || within_word {
            let source = &self.context.text[span.clone()];
            self.counter.read(source);
            self.out.push_text(source);
        } else {
            self.math(latex, Style::Inline, span);
        }
    }

    fn math(&mut self, latex: &str, style: Style, span: &Range<usize>) {
        match math::to_mathml(latex, style) {
            Ok(html) if style == Style::Display => {
                self.out.push("<span class=\"math\" tabindex=\"0\">");
                self.out.push(&html);
                self.out.push("</span>");
            }
            Ok(html) => self.out.push(&html),
            Err(message) => {
                let hint =
                    "the formula is shown as it is written; a dollar sign that is none is written `\\$`";
                self.warn(span, format!("formula: {message}"), Some(hint.to_owned()));
                self.out.push("<code>");
                self.out.push_text(&self.context.text[span.clone()]);
                self.out.push("</code>");
            }
        }
    }

    fn footnote_reference(&mut self, name: &CowStr<'t>) {
        if !self.is_full() {
            return;
        }
        let referred = &mut self.notes.referred;
        let index = match referred.iter().position(|(known, _)| known == name) {
            Some(index) => index,
            None => {
                referred.push((name.clone(), 0));
                referred.len() - 1
            }
        };
        referred[index].1 += 1;
        let (number, id) = (index + 1, reference_id(index + 1, referred[index].1));
        self.out.push(&format!(
            "<sup class=\"footnote-ref\"><a id=\"{id}\" href=\"#fn-{number}\" role=\"doc-noteref\">{number}</a></sup>"
        ));
    }

    /// All footnotes that are referred to. A footnote may refer to others, which then follow it.
    fn footnotes(&mut self) {
        if self.notes.referred.is_empty() {
            return;
        }
        self.out.push("<div class=\"footnotes\" role=\"doc-endnotes\" aria-label=\"");
        self.out.hole(Fill::Word("footnotes".into()));
        self.out.push("\">\n<ol>\n");
        let mut number = 0;
        while let Some((name, _)) = self.notes.referred.get(number).cloned() {
            number += 1;
            let definition = self.notes.definitions.get(&name).cloned().unwrap_or(0..0);
            let note = self.aside(definition);
            let references = self.notes.referred[number - 1].1;
            self.footnote(number, references, note);
        }
        self.out.push("</ol>\n</div>\n");
    }

    /// A footnote; the links back stand in its last paragraph.
    fn footnote(&mut self, number: usize, references: usize, mut note: Body) {
        let closing = note.html.ends_with("</p>\n");
        if closing {
            note.html.truncate(note.html.len() - "</p>\n".len());
        }
        self.out.push(&format!("<li id=\"fn-{number}\">\n"));
        self.out.append(note);
        for reference in 1..=references {
            let id = reference_id(number, reference);
            self.out.push(&format!(
                " <a class=\"footnote-back\" href=\"#{id}\" role=\"doc-backlink\" aria-label=\""
            ));
            self.out.hole(Fill::Word("footnote_back".into()));
            self.out.push("\">↩</a>");
        }
        self.out.push(if closing { "</p>\n</li>\n" } else { "</li>\n" });
    }

    pub(super) fn warn(&mut self, span: &Range<usize>, message: String, hint: Option<String>) {
        if !self.is_full() {
            return;
        }
        let place = (!self.context.file.is_empty()).then(|| {
            let (line, _) = self.line_and_column(span);
            Place::on_line(self.context.file, self.context.moved(span), line)
        });
        self.diagnostics
            .push(Diagnostic::warning(self.context.path.as_str(), message).placed(place).maybe_hint(hint));
    }
}

/// Counted in bytes, of which one instruction adds many; so few that none overflows.
fn newlines(text: &[u8]) -> usize {
    let of_some = |some: &[u8]| usize::from(some.iter().map(|&byte| u8::from(byte == b'\n')).sum::<u8>());
    text.chunks(usize::from(u8::MAX)).map(of_some).sum()
}

fn reference_id(number: usize, reference: usize) -> String {
    if reference == 1 { format!("fnref-{number}") } else { format!("fnref-{number}-{reference}") }
}

/// Counts words as a reader would: runs with a letter or digit, and each character of scripts that
/// have no spaces between words.
#[derive(Debug, Default)]
struct WordCounter {
    words: usize,
    /// Characters of scripts without spaces, read faster than words.
    ideographs: usize,
    in_word: bool,
}

/// Words a minute (Brysbaert 2019, silent reading of non-fiction in English).
const WORDS_A_MINUTE: usize = 238;
/// Characters a minute in scripts without spaces.
const IDEOGRAPHS_A_MINUTE: usize = 500;

impl WordCounter {
    fn read(&mut self, text: &str) {
        let mut rest = text;
        loop {
            let other = if rest.is_ascii() { None } else { rest.bytes().position(|byte| !byte.is_ascii()) };
            let ascii = other.unwrap_or(rest.len());
            self.read_ascii(&rest.as_bytes()[..ascii]);
            let mut others = rest[ascii..].chars();
            match others.next() {
                Some(c) => self.read_char(c),
                None => return,
            }
            rest = others.as_str();
        }
    }

    fn read_char(&mut self, c: char) {
        if matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
        {
            self.words += 1;
            self.ideographs += 1;
            self.in_word = false;
        } else if c.is_alphanumeric() {
            self.words += usize::from(!self.in_word);
            self.in_word = true;
        } else if c.is_whitespace() {
            self.in_word = false;
        }
    }

    /// All of most texts, so it is worth a table.
    fn read_ascii(&mut self, text: &[u8]) {
        const LETTER: u8 = 1;
        const SPACE: u8 = 2;
        const CLASSES: [u8; 256] = {
            let mut classes = [0; 256];
            let mut byte = 0;
            while byte < 128 {
                let c = byte as u8;
                if c.is_ascii_alphanumeric() {
                    classes[byte] = LETTER;
                } else if c.is_ascii_whitespace() {
                    classes[byte] = SPACE;
                }
                byte += 1;
            }
            classes
        };
        // Without branches: words are too short to be foreseen.
        let mut in_word = u8::from(self.in_word);
        let mut words = 0;
        for byte in text {
            let class = CLASSES[usize::from(*byte)];
            let (is_letter, is_space) = (class & LETTER, class >> 1);
            words += usize::from(is_letter & !in_word);
            in_word = (in_word | is_letter) & !is_space;
        }
        self.words += words;
        self.in_word = in_word == 1;
    }

    fn gap(&mut self) {
        self.in_word = false;
    }

    fn minutes(&self, words: usize) -> usize {
        let alphabetic = words.saturating_sub(self.ideographs);
        (alphabetic * IDEOGRAPHS_A_MINUTE + self.ideographs * WORDS_A_MINUTE)
            .div_ceil(WORDS_A_MINUTE * IDEOGRAPHS_A_MINUTE)
    }
}
