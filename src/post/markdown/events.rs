//! The events of a text as the writer reads them: those of the parser, with what CommonMark makes of real prose put right.
//!
//! What the parser takes for something else than the author meant is [masked](super::mask) before it reads the text a
//! second time; marks, line breaks and bare addresses are set in its events. Every event keeps the bytes it is written in.

use std::ops::Range;

use hashbrown::HashMap;
use pulldown_cmark::{CowStr, Event, LinkType, Options as Extensions, Tag, TagEnd};

use crate::config::MarkdownConfig;

use super::image_attributes::{self, ImageAttributes};
use super::leaf::leaves;
use super::mask::Mask;
use super::quotes::attribution_places;
use super::raw_text::{self, RawText};
use super::{
    Options, autolink, cjk, dollars, foreign_syntax, limits, prose_marks, quotation_marks, typography,
};

/// The events of a text, each with its bytes, and for each start the index of its end.
pub(super) struct Events<'t> {
    pub(super) list: Vec<(Event<'t>, Range<usize>)>,
    pub(super) ends: Vec<usize>,
    /// The attributes of images, by the byte each image begins at.
    pub(super) images: HashMap<usize, ImageAttributes>,
    /// The `cite` attributes of blockquotes in HTML, by the byte each begins at.
    pub(super) addresses: HashMap<usize, String>,
    /// What was found on the way, for warnings.
    pub(super) remarks: Vec<Remark>,
}

/// Something that stays as it is written, though it may have been meant otherwise.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Remark {
    pub(super) span: Range<usize>,
    pub(super) message: String,
    pub(super) hint: &'static str,
}

impl Remark {
    pub(super) fn new(span: Range<usize>, message: String, hint: &'static str) -> Self {
        Self { span, message, hint }
    }
}

/// The direct children between two indices, each from its start to behind its end. `ends` holds the index at which
/// each event ends.
pub(super) fn children(ends: &[usize], range: Range<usize>) -> Vec<Range<usize>> {
    let mut children = Vec::new();
    let mut at = range.start;
    while at < range.end {
        let next = ends[at] + 1;
        children.push(at..next);
        at = next;
    }
    children
}

impl<'t> Events<'t> {
    pub(super) fn parse(text: &'t str, options: &Options<'_>) -> Self {
        if limits::has_too_many_marks(text) {
            return Self::as_written(text);
        }
        let markdown = &options.config.markdown;
        let mut remarks = Vec::new();
        let mut mask = Mask::new(text);
        mask_tabs(text, &mut mask);
        let (mut list, extensions) = parse_definitions(text, &mut mask);
        let raw_text = RawText::hide(text, &list, &mut mask);
        if !raw_text.is_empty() {
            list = mask.parse(extensions);
        }
        let formulas = read_leaves(text, &list, markdown, &mut mask, &mut remarks);
        let mut list = if formulas.is_empty() {
            if mask.has_changed() { mask.parse(extensions) } else { list }
        } else {
            hide_dollars(text, &formulas, &mut mask);
            mask.parse(extensions | Extensions::ENABLE_MATH)
        };
        raw_text::remark_unclosed(text, &list, &mut remarks);
        merge(&mut list, text);
        let mut list = raw_text.restore(list, &mut remarks);
        prose_marks::keep_surplus_cells(&mut list, text, &mut remarks);
        prose_marks::remark_on_products(&list, text, &mut remarks);
        let images = image_attributes::take(&mut list, &mut remarks);
        cjk::join_lines(&mut list, options.language);
        if markdown.autolink {
            list = autolink::link(list);
        }
        if markdown.smart_punctuation {
            let marks = markdown.quotes.clone().unwrap_or_else(|| quotation_marks::of(options.language));
            list = typography::set(list, text, &marks);
        }
        let arranged = attribution_places::arrange(list, text, options, &mut remarks);
        remarks.sort_by_key(|remark| remark.span.start);
        Self {
            ends: ends(&arranged.list),
            list: arranged.list,
            images,
            addresses: arranged.addresses,
            remarks,
        }
    }

    /// Makes references of `[^name]` to the footnotes that another text defines, of which this one is a part.
    pub(super) fn refer_to_notes_of(&mut self, whole: &Events<'_>) {
        let names: Vec<&str> = whole
            .list
            .iter()
            .filter_map(|(event, _)| match event {
                Event::Start(Tag::FootnoteDefinition(name)) => Some(&**name),
                _ => None,
            })
            .collect();
        if names.is_empty() {
            return;
        }
        self.remarks
            .retain(|remark| !names.iter().any(|name| remark.message.starts_with(&format!("`[^{name}]`"))));
        let mut list = Vec::with_capacity(self.list.len());
        for (event, span) in std::mem::take(&mut self.list) {
            match event {
                Event::Text(CowStr::Borrowed(text)) => {
                    split_at_references(text, span.start, &names, &mut list)
                }
                event => list.push((event, span)),
            }
        }
        self.ends = ends(&list);
        self.list = list;
    }

    /// A text that is too much for the parser, as one paragraph of plain words.
    fn as_written(text: &'t str) -> Self {
        let all = 0..text.len();
        let list = vec![
            (Event::Start(Tag::Paragraph), all.clone()),
            (Event::Text(CowStr::Borrowed(text)), all.clone()),
            (Event::End(TagEnd::Paragraph), all),
        ];
        Self {
            ends: ends(&list),
            list,
            images: HashMap::new(),
            remarks: Vec::new(),
            addresses: Default::default(),
        }
    }

    /// Whether inline events are an attribution: an em dash, a bar or two hyphens that are not escaped, and something behind.
    pub(super) fn is_attribution(&self, inner: Range<usize>, text: &str) -> bool {
        let Some(events) =
            self.list.get(inner.clone()).filter(|events| attribution_places::begins_with_dash(events))
        else {
            return false;
        };
        if text[..events[0].1.start].ends_with('\\') {
            return false;
        }
        let plain = self.plain_text(inner);
        let source = text[events[0].1.start..].trim_start_matches(['*', '_', ' ']);
        plain.trim_start().starts_with(['—', '―']) || source.starts_with("--")
    }

    /// Whether a block is a paragraph that is an attribution.
    pub(super) fn is_attribution_paragraph(&self, block: &Range<usize>, text: &str) -> bool {
        self.is_paragraph(block.start) && self.is_attribution(block.start + 1..block.end - 1, text)
    }

    /// The event at a place, if there is one.
    pub(super) fn event(&self, at: usize) -> Option<&Event<'_>> {
        self.list.get(at).map(|(event, _)| event)
    }

    /// The direct children between two indices, each from its start to behind its end.
    pub(super) fn children(&self, range: Range<usize>) -> Vec<Range<usize>> {
        children(&self.ends, range)
    }

    pub(super) fn is_paragraph(&self, at: usize) -> bool {
        matches!(self.list[at].0, Event::Start(Tag::Paragraph))
    }

    /// The address that what stands in a paragraph is, if it is a link without words of its own and nothing else.
    pub(super) fn plain_link(&self, inner: &Range<usize>) -> Option<&str> {
        match self.list.get(inner.clone())? {
            [
                (Event::Start(Tag::Link { link_type: LinkType::Autolink, dest_url, .. }), _),
                (Event::Text(_), _),
                _,
            ] => Some(dest_url),
            _ => None,
        }
    }

    /// The text of a range of events, formatting left out.
    pub(super) fn plain_text(&self, range: Range<usize>) -> String {
        let mut text = String::new();
        for (event, _) in &self.list[range] {
            match event {
                Event::Text(part) | Event::Code(part) | Event::InlineMath(part) => text.push_str(part),
                Event::SoftBreak | Event::HardBreak => text.push(' '),
                _ => {}
            }
        }
        text
    }
}

/// Splits a text at its references to footnotes.
fn split_at_references<'t>(
    text: &'t str,
    start: usize,
    names: &[&str],
    out: &mut Vec<(Event<'t>, Range<usize>)>,
) {
    let mut written = 0;
    for (at, _) in text.match_indices("[^") {
        let rest = &text[at + 2..];
        let name = &rest[..rest.find(']').unwrap_or(rest.len())];
        if !names.contains(&name) {
            continue;
        }
        let end = at + name.len() + "[^]".len();
        out.push((Event::Text(CowStr::Borrowed(&text[written..at])), start + written..start + at));
        out.push((Event::FootnoteReference(CowStr::Borrowed(name)), start + at..start + end));
        written = end;
    }
    out.push((Event::Text(CowStr::Borrowed(&text[written..])), start + written..start + text.len()));
}

const EXTENSIONS: Extensions = Extensions::ENABLE_TABLES
    .union(Extensions::ENABLE_FOOTNOTES)
    .union(Extensions::ENABLE_STRIKETHROUGH)
    .union(Extensions::ENABLE_TASKLISTS)
    .union(Extensions::ENABLE_HEADING_ATTRIBUTES)
    .union(Extensions::ENABLE_GFM);

/// Parses a text in which a colon makes a definition only where white space and words follow it. A colon that is masked
/// can bring another one to the start of a definition; no text of an author's has that happen many times.
fn parse_definitions<'t>(text: &'t str, mask: &mut Mask<'t>) -> (Vec<(Event<'t>, Range<usize>)>, Extensions) {
    const MOST_ROUNDS: usize = 8;
    let extensions = EXTENSIONS | Extensions::ENABLE_DEFINITION_LIST;
    for _ in 0..MOST_ROUNDS {
        let list = mask.parse(extensions);
        let starts =
            list.iter().filter(|(event, _)| matches!(event, Event::Start(Tag::DefinitionListDefinition)));
        let colons = starts.filter_map(|(_, span)| text[span.start..].find(':').map(|at| span.start + at));
        let bare: Vec<usize> = colons.filter(|colon| !is_definition(&text[colon + 1..])).collect();
        if bare.is_empty() {
            return (list, extensions);
        }
        for colon in bare {
            mask.hide(colon);
        }
    }
    (mask.parse(EXTENSIONS), EXTENSIONS)
}

/// Whether what follows a colon is a definition: white space, and something in the same line.
fn is_definition(rest: &str) -> bool {
    let line = rest.lines().next().unwrap_or_default();
    line.starts_with([' ', '\t']) && !line.trim().is_empty()
}

/// The parser knows only spaces behind a closing fence, around the closing signs of a heading and in the line below the
/// head of a table, CommonMark and GFM tabs as well (sections 4.2, 4.5 and 4.10).
fn mask_tabs(text: &str, mask: &mut Mask<'_>) {
    if !text.contains('\t') {
        return;
    }
    let mut line_end = 0;
    for line in text.split_inclusive('\n') {
        let line_start = line_end;
        line_end += line.len();
        if let Some(from) = tabs_are_spaces_from(line) {
            for (at, _) in line[from..].match_indices('\t') {
                mask.space(line_start + from + at);
            }
        }
    }
}

/// Where in a line tabs begin that the parser should read as spaces.
fn tabs_are_spaces_from(line: &str) -> Option<usize> {
    let words = line.trim_end();
    let content = words.trim_start_matches([' ', '\t', '>']);
    let hashes = words.trim_end_matches('#');
    if hashes.len() < words.len() && hashes.ends_with('\t') && content.starts_with('#') {
        return Some(hashes.trim_end().len());
    }
    let marks = words.trim_end_matches(['`', '~']);
    let is_prefix = marks.bytes().all(|byte| b" \t>-*+.)".contains(&byte) || byte.is_ascii_digit());
    if words.len() >= marks.len() + 3 && is_prefix {
        return Some(words.len());
    }
    let is_below_head = content.contains('|')
        && content.contains('-')
        && content.bytes().all(|byte| b"|:- \t".contains(&byte));
    is_below_head.then_some(words.len() - content.len())
}

/// Masks and notes what the parser reads otherwise in prose than it is meant, and returns the formulas.
fn read_leaves(
    text: &str,
    list: &[(Event<'_>, Range<usize>)],
    markdown: &MarkdownConfig,
    mask: &mut Mask<'_>,
    remarks: &mut Vec<Remark>,
) -> Vec<Range<usize>> {
    let may_have_formulas = markdown.math && text.contains('$');
    // Hardly a text of most blogs has anything that is looked for in its leaves.
    let has_leaves = may_have_formulas
        || markdown.autolink && autolink::may_hold_delimiter(text)
        || cjk::may_hold_wide(text)
        || foreign_syntax::may_stand_in(text);
    if !has_leaves {
        return Vec::new();
    }
    let mut leaves = leaves(text, list);
    if markdown.autolink {
        autolink::close_addresses(text, &mut leaves, mask);
    }
    let formulas = if may_have_formulas { dollars::formulas(text, &leaves, remarks) } else { Vec::new() };
    cjk::widen_flanks(text, &leaves, mask);
    foreign_syntax::remark(text, list, &leaves, remarks);
    formulas
}

/// Hides all dollar signs but those of formulas, and those whose meaning a backslash has taken already.
fn hide_dollars(text: &str, formulas: &[Range<usize>], mask: &mut Mask<'_>) {
    let mut formulas = formulas.iter().peekable();
    for (at, _) in text.match_indices('$') {
        while formulas.next_if(|formula| formula.end <= at).is_some() {}
        let is_of_formula = formulas.peek().is_some_and(|formula| formula.contains(&at));
        let backslashes = text[..at].bytes().rev().take_while(|&byte| byte == b'\\').count();
        if !is_of_formula && backslashes.is_multiple_of(2) {
            mask.hide(at);
        }
    }
}

/// Makes one event of text that stands together, which the parser leaves in parts where it looked for marks.
fn merge<'t>(list: &mut Vec<(Event<'t>, Range<usize>)>, text: &'t str) {
    // In place: to move all events of a text into another list costs as much as to find them.
    list.dedup_by(|(event, span), (last, last_span)| {
        let is_one = last_span.end == span.start
            && is_as_written(last, text, last_span)
            && is_as_written(event, text, span);
        if is_one {
            last_span.end = span.end;
            *last = Event::Text(CowStr::Borrowed(&text[last_span.clone()]));
        }
        is_one
    });
}

/// Whether an event is text as it stands in the source: without escapes and entities.
fn is_as_written(event: &Event<'_>, text: &str, span: &Range<usize>) -> bool {
    matches!(event, Event::Text(part) if **part == text[span.clone()])
}

/// For each event the index of its end, which for all but starts is its own.
pub(super) fn ends(list: &[(Event<'_>, Range<usize>)]) -> Vec<usize> {
    let mut ends: Vec<usize> = (0..list.len()).collect();
    let mut open = Vec::new();
    for (index, (event, _)) in list.iter().enumerate() {
        match event {
            Event::Start(_) => open.push(index),
            Event::End(_) => {
                if let Some(start) = open.pop() {
                    ends[start] = index;
                }
            }
            _ => {}
        }
    }
    ends
}

/// Whether an event stands within a line.
pub(super) fn is_inline(event: &Event<'_>) -> bool {
    match event {
        Event::Start(
            Tag::Emphasis
            | Tag::Strong
            | Tag::Strikethrough
            | Tag::Superscript
            | Tag::Subscript
            | Tag::Link { .. }
            | Tag::Image { .. },
        )
        | Event::End(
            TagEnd::Emphasis
            | TagEnd::Strong
            | TagEnd::Strikethrough
            | TagEnd::Superscript
            | TagEnd::Subscript
            | TagEnd::Link
            | TagEnd::Image,
        ) => true,
        Event::Start(_) | Event::End(_) | Event::Html(_) | Event::Rule => false,
        _ => true,
    }
}

/// Whether the first character of a text that begins at `start`, behind the events `before`, has a backslash before it.
pub(super) fn is_escaped(text: &str, start: usize, before: &[(Event<'_>, Range<usize>)]) -> bool {
    text[..start].ends_with('\\') && before.last().is_none_or(|(_, span)| span.end != start)
}
