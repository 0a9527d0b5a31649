//! An attribution as it stands in the text: read as a line, and written as its author wrote it with the marks of the grammar
//! laid over it.

use std::ops::Range;

use pulldown_cmark::{CowStr, Event, LinkType, Tag};

use crate::html;
use crate::post::attribution::{
    AttributionLine, AttributionReading, DatePrint, LineSpan, LineSpanKind, Mark, MarkKind, UnreadReason,
    headline_breaks, is_direction_control,
};

use crate::post::text_fragment;

use super::figure::robust_attributes;
use super::robust_link::RobustLink;
use crate::post::markdown::destination::Destination;
use crate::post::markdown::writer::Writer;
use crate::post::markdown::{Events, Fill};

/// A run of inline events as a line, and where each of its events begins in the text of the line.
pub(in crate::post::markdown) struct InlineLine {
    pub(in crate::post::markdown) line: AttributionLine,
    events: Range<usize>,
    /// For each event, and for the end, its place in the text.
    starts: Vec<usize>,
    /// Elements, made by Markdown or by tags of HTML, in the order of their starts.
    elements: Vec<InlineElement>,
    /// The events of pictures but for their starts, which are written at once.
    pictures: Vec<Range<usize>>,
}

/// An inline element, by the events that open and close it.
struct InlineElement {
    open: usize,
    close: usize,
    kind: Option<LineSpanKind>,
}

/// A tag of HTML that waits for its end.
struct OpenTag {
    name: String,
    element: usize,
}

impl InlineLine {
    /// Reads inline events.
    pub(in crate::post::markdown) fn of(events: &Events<'_>, range: Range<usize>) -> Self {
        let mut line = Self {
            line: AttributionLine::default(),
            events: range.clone(),
            starts: Vec::new(),
            elements: Vec::new(),
            pictures: Vec::new(),
        };
        let mut tags: Vec<OpenTag> = Vec::new();
        let mut at = range.start;
        while at < range.end {
            line.starts.push(line.line.text.len());
            match &events.list[at].0 {
                Event::Text(text)
                | Event::Code(text)
                | Event::InlineMath(text)
                | Event::DisplayMath(text) => line.line.text.push_str(text),
                Event::SoftBreak | Event::HardBreak => line.line.text.push('\n'),
                Event::InlineHtml(html) | Event::Html(html) => line.html(html, at, &mut tags),
                Event::Start(Tag::Image { .. }) => {
                    // Its alternative text is read where there is nothing else in a link.
                    let close = events.ends[at];
                    let is_all_of_link = line
                        .elements
                        .last()
                        .is_some_and(|element| element.open + 1 == at && element.close == close + 1);
                    let text = if is_all_of_link { events.plain_text(at..close) } else { String::new() };
                    let inner = line.line.text.len();
                    line.line.text.push_str(&text);
                    // All of its events but the last begin where it does.
                    line.starts.extend(std::iter::repeat_n(inner, close - at - 1));
                    line.starts.push(line.line.text.len());
                    line.pictures.push(at + 1..close + 1);
                    at = close;
                }
                Event::Start(tag) => {
                    let kind = match tag {
                        Tag::Link { link_type, dest_url, .. } => {
                            Some(LineSpanKind::Link { url: address_of(*link_type, dest_url) })
                        }
                        Tag::Emphasis => Some(LineSpanKind::Emphasis),
                        _ => None,
                    };
                    line.elements.push(InlineElement { open: at, close: events.ends[at], kind });
                }
                _ => {}
            }
            at += 1;
        }
        line.starts.push(line.line.text.len());
        line.elements.retain(|element| element.close > element.open);
        line.line.spans = line
            .elements
            .iter()
            .filter_map(|element| {
                Some(LineSpan { range: line.range_of(element), kind: element.kind.clone()? })
            })
            .collect();
        line
    }

    /// Whether a link or an address is in it.
    pub(in crate::post::markdown) fn has_link(&self) -> bool {
        self.line.spans.iter().any(|span| matches!(span.kind, LineSpanKind::Link { .. }))
            || self.line.text.contains("https://")
            || self.line.text.contains("http://")
    }

    /// The place in the text at which an event begins.
    fn place(&self, event: usize) -> usize {
        self.starts[event - self.events.start]
    }

    /// A tag of HTML. Text between tags, which only a block of HTML has in one event, is read as text.
    fn html(&mut self, html: &str, at: usize, tags: &mut Vec<OpenTag>) {
        let Some(tag) = html.trim().strip_prefix('<') else { return };
        let is_end = tag.starts_with('/');
        let name: String = tag
            .trim_start_matches('/')
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect::<String>()
            .to_ascii_lowercase();
        if name == "br" {
            self.line.text.push('\n');
        } else if is_end {
            if let Some(open) = tags.iter().rposition(|open| open.name == name) {
                let element = tags[open].element;
                self.elements[element].close = at;
                let inner = self.place(self.elements[element].open + 1);
                if let Some(LineSpanKind::Time { datetime }) = &mut self.elements[element].kind
                    && datetime.is_empty()
                {
                    self.line.text[inner..].trim().clone_into(datetime);
                }
                // Tags that were never closed within it do not make elements.
                tags.truncate(open);
            }
        } else if !name.is_empty() && !html.trim_end().ends_with("/>") {
            let kind = match name.as_str() {
                "a" => html::attribute(html, "href").map(|url| LineSpanKind::Link { url }),
                "cite" => Some(LineSpanKind::Cite),
                "em" | "i" => Some(LineSpanKind::Emphasis),
                "time" => Some(LineSpanKind::Time {
                    datetime: html::attribute(html, "datetime").unwrap_or_default(),
                }),
                _ => None,
            };
            tags.push(OpenTag { name, element: self.elements.len() });
            self.elements.push(InlineElement { open: at, close: at, kind });
        }
    }

    /// The bytes of the Markdown from which a range of the text comes.
    pub(in crate::post::markdown) fn source_of(
        &self,
        events: &Events<'_>,
        range: &Range<usize>,
    ) -> Range<usize> {
        let start = self.byte_of(events, range.start);
        // The last character is in the text, the place behind it may be in another element.
        let last = self.line.text[range.clone()].chars().next_back().map_or(0, char::len_utf8);
        start..(self.byte_of(events, range.end - last) + last).max(start + 1)
    }

    /// The byte of the source at a place of the line; the start of its event, if that is written otherwise.
    fn byte_of(&self, events: &Events<'_>, place: usize) -> usize {
        let index = self
            .starts
            .partition_point(|&start| start <= place)
            .saturating_sub(1)
            .min(self.events.len().saturating_sub(1));
        let (event, span) = &events.list[self.events.start + index];
        let is_as_written = matches!(event, Event::Text(text) if text.len() == span.len());
        if is_as_written { span.start + (place - self.starts[index]).min(span.len()) } else { span.start }
    }

    /// Where marks open and close, so that they nest with the elements. A mark that would cross one is left out: what it
    /// says is data all the same.
    fn seams<'m>(&self, marks: &'m [Mark]) -> Vec<Seam<'m>> {
        let mut seams: Vec<Seam<'m>> = Vec::new();
        for (number, mark) in marks.iter().enumerate() {
            // A `<time>` of the author's is marked by a class of its own.
            if matches!(mark.kind, MarkKind::Published { .. }) && self.has_time(&mark.range) {
                continue;
            }
            let opens = self.slots(mark.range.start);
            let closes = self.slots(mark.range.end);
            let mut fitting: Vec<SlotPair> = Vec::new();
            for open in &opens {
                let ends =
                    closes.iter().filter(|close| close.inside == open.inside && close.order() > open.order());
                fitting.extend(ends.map(|close| SlotPair { open: *open, close: *close }));
            }
            // The outermost that fits, and of these the tightest, so that pictures and footnote marks beside it stay outside.
            let outermost = fitting.iter().map(|pair| self.depth(pair.open.inside)).min();
            let tightest = fitting
                .iter()
                .filter(|pair| Some(self.depth(pair.open.inside)) == outermost)
                .max_by_key(|pair| (pair.open.order(), std::cmp::Reverse(pair.close.order())));
            if let Some(pair) = tightest {
                seams.push(Seam { slot: pair.open, side: Side::Open, number, mark });
                seams.push(Seam { slot: pair.close, side: Side::Close, number, mark });
            }
        }
        // What ends at a place ends before anything begins there; of what ends, the inner first.
        seams.sort_by_key(|seam| {
            let number = if seam.side == Side::Open { seam.number } else { marks.len() - seam.number };
            (seam.slot.event, seam.slot.offset, seam.side == Side::Open, number)
        });
        seams
    }

    /// All slots at a place of the text: before and after each event that begins or ends there, or within one.
    fn slots(&self, place: usize) -> Vec<Slot> {
        let first = self.starts.partition_point(|&start| start < place);
        let last = self.starts.partition_point(|&start| start <= place);
        let events = (first..last).map(|index| self.events.start + index);
        let outside = events.filter(|event| !self.pictures.iter().any(|picture| picture.contains(event)));
        let mut slots: Vec<Slot> = outside.map(|event| self.slot(event, 0)).collect();
        if slots.is_empty() && first > 0 {
            slots.push(self.slot(self.events.start + first - 1, place - self.starts[first - 1]));
        }
        slots
    }

    fn slot(&self, event: usize, offset: usize) -> Slot {
        let inside = self
            .elements
            .iter()
            .enumerate()
            .rev()
            .find(|(_, element)| element.open < event && event <= element.close)
            .map(|(index, _)| index);
        Slot { event, offset, inside }
    }

    fn depth(&self, inside: Option<usize>) -> usize {
        let Some(inner) = inside.map(|index| &self.elements[index]) else { return 0 };
        self.elements
            .iter()
            .filter(|element| element.open <= inner.open && inner.close <= element.close)
            .count()
    }

    fn range_of(&self, element: &InlineElement) -> Range<usize> {
        self.place(element.open + 1)..self.place(element.close)
    }

    /// Whether a `<time>` is around a range.
    fn has_time(&self, range: &Range<usize>) -> bool {
        self.elements.iter().any(|element| {
            matches!(element.kind, Some(LineSpanKind::Time { .. })) && self.range_of(element) == *range
        })
    }

    /// The date of the report, if the `<time>` that opens at an event is it.
    fn published_at<'m>(&self, event: usize, marks: &'m [Mark]) -> Option<&'m str> {
        let mut opened = self.elements.iter().filter(|element| element.open == event);
        let time = opened.find(|element| matches!(element.kind, Some(LineSpanKind::Time { .. })))?;
        let range = self.range_of(time);
        marks.iter().find_map(|mark| match &mark.kind {
            MarkKind::Published { iso, .. } if mark.range == range => Some(iso.as_str()),
            _ => None,
        })
    }

    /// The address of the report that a link at an event leads to, if it is one.
    fn report_at<'m>(&self, event: usize, marks: &'m [Mark]) -> Option<&'m str> {
        // An element around a link, or within one, can have its range.
        let mut opened = self.elements.iter().filter(|element| element.open == event);
        let link = opened.find(|element| matches!(element.kind, Some(LineSpanKind::Link { .. })))?;
        let range = self.range_of(link);
        marks.iter().find_map(|mark| match &mark.kind {
            MarkKind::Report { url } if mark.range == range => Some(url.as_str()),
            _ => None,
        })
    }
}

/// The address of a link as its tag has it.
fn address_of(kind: LinkType, url: &CowStr<'_>) -> String {
    if kind == LinkType::Email { format!("mailto:{url}") } else { url.to_string() }
}

/// A place between events, or within a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Slot {
    event: usize,
    offset: usize,
    /// The innermost element around it.
    inside: Option<usize>,
}

impl Slot {
    fn order(&self) -> impl Ord + use<> {
        (self.event, self.offset)
    }
}

struct SlotPair {
    open: Slot,
    close: Slot,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Open,
    Close,
}

/// Where a mark begins or ends.
struct Seam<'m> {
    slot: Slot,
    side: Side,
    /// The place of the mark among all.
    number: usize,
    mark: &'m Mark,
}

/// A destination, and the text fragment behind it.
struct Directed {
    destination: Destination,
    fragment: String,
}

/// What is written of a line.
pub(in crate::post::markdown) struct WrittenLine<'l> {
    pub(in crate::post::markdown) line: &'l InlineLine,
    pub(in crate::post::markdown) reading: &'l AttributionReading,
    /// The text fragment behind the address of a report.
    pub(in crate::post::markdown) fragment: &'l str,
    pub(in crate::post::markdown) robust: Option<&'l RobustLink<'l>>,
}

impl Writer<'_, '_> {
    /// Writes an attribution as its author wrote it.
    pub(in crate::post::markdown) fn attribution(&mut self, written: &WrittenLine<'_>) {
        // A caption does not count towards the reading time, which measures the author's text.
        let counter = std::mem::take(&mut self.counter);
        let line = written.line;
        let marks = nested(&line.line.text, &written.reading.marks);
        let seams = line.seams(&marks);
        let mut hidden = 0_usize;
        let mut next = 0;
        let mut at = line.events.start;
        while at <= line.events.end {
            let mut offset = 0;
            let text = match self.events.list.get(at).map(|(event, _)| event) {
                Some(Event::Text(text)) if at < line.events.end => Some(text.clone()),
                _ => None,
            };
            while let Some(seam) = seams.get(next).filter(|seam| seam.slot.event <= at) {
                if let Some(text) = text.as_deref().filter(|_| seam.slot.offset > offset) {
                    self.caption_text(&text[offset..seam.slot.offset], hidden);
                    offset = seam.slot.offset;
                }
                match seam.side {
                    Side::Open => self.open_mark(seam.mark, written, &mut hidden),
                    Side::Close => self.close_mark(seam.mark, &mut hidden),
                }
                next += 1;
            }
            match &text {
                Some(text) => self.caption_text(&text[offset..], hidden),
                None if at < line.events.end => at = self.caption_event(at, written, hidden),
                None => {}
            }
            at += 1;
        }
        self.counter = counter;
    }

    fn caption_text(&mut self, text: &str, hidden: usize) {
        if hidden == 0 {
            let text: String = text.chars().filter(|&c| !is_direction_control(c)).collect();
            self.out.push_text(&text);
        }
    }

    /// Writes an event other than text. Returns the last event that was written.
    fn caption_event(&mut self, at: usize, written: &WrittenLine<'_>, hidden: usize) -> usize {
        let events = self.events;
        let (event, span) = &events.list[at];
        match event {
            Event::Start(Tag::Link { link_type, dest_url, title, .. }) => {
                let url = address_of(*link_type, dest_url);
                let report = written.line.report_at(at, &written.reading.marks);
                let directed = self.directed(&url, report.map(|_| written));
                let destination = &directed.destination;
                self.remember_link(destination, &url, span.clone());
                let is_report = report.is_some() && destination.is_page();
                self.out.push(if is_report { "<a class=\"u-url\" href=\"" } else { "<a href=\"" });
                self.write_destination(destination, &directed.fragment);
                if !title.is_empty() {
                    self.out.push("\" title=\"");
                    self.out.push_text(title);
                }
                self.out.push("\"");
                self.out.push(&robust_attributes(written.robust, &url));
                self.out.push(">");
            }
            Event::End(pulldown_cmark::TagEnd::Link) => self.out.push("</a>"),
            Event::Start(Tag::Image { .. }) => {
                self.run(at..events.ends[at] + 1);
                return events.ends[at];
            }
            Event::InlineHtml(html) | Event::Html(html) => {
                match written.line.report_at(at, &written.reading.marks) {
                    Some(url)
                        if Destination::of(url, self.context.path, self.context.options.config).is_page() =>
                    {
                        let directed = self.directed(url, Some(written));
                        self.remember_link(&directed.destination, url, span.clone());
                        self.raw_html(&html::with_class_and_fragment(html, "u-url", &directed.fragment));
                    }
                    _ => match written.line.published_at(at, &written.reading.marks) {
                        Some(iso) => self.raw_html(&html::with_class_and_datetime(html, "dt-published", iso)),
                        None => self.raw_html(html),
                    },
                }
            }
            Event::SoftBreak | Event::HardBreak if hidden > 0 => {}
            _ => self.run(at..at + 1),
        }
        at
    }

    /// Where a link leads, with the text fragment behind it: that of the quoted words if it is a report, else the one that
    /// its author wrote.
    fn directed(&self, url: &str, report: Option<&WrittenLine<'_>>) -> Directed {
        let config = self.context.options.config;
        let Some(written) = report else {
            let destination = Destination::of(url, self.context.path, config);
            return Directed { destination, fragment: String::new() };
        };
        let address = text_fragment::split_directive(url);
        let destination = Destination::of(address.clean, self.context.path, config);
        let fragment = match (destination.is_page(), written.fragment, address.directive) {
            (true, "", "") | (false, ..) => String::new(),
            (true, "", directive) => format!("#{directive}"),
            (true, fragment, _) => fragment.to_owned(),
        };
        Directed { destination, fragment }
    }

    fn open_mark(&mut self, mark: &Mark, written: &WrittenLine<'_>, hidden: &mut usize) {
        match &mark.kind {
            MarkKind::Author => self.out.push("<span class=\"p-author h-card\">"),
            MarkKind::Title => self.out.push("<cite class=\"p-name\">"),
            MarkKind::Publication => self.out.push("<span class=\"p-publication\">"),
            MarkKind::Via => self.out.push("<span class=\"quote-via\">"),
            MarkKind::Archived => self.out.push("<span class=\"quote-archived\">"),
            MarkKind::Note => self.out.push("<span class=\"quote-note\">"),
            MarkKind::LineBreak => self.out.push("<span class=\"quote-break\">"),
            MarkKind::BareLink { url } => {
                let is_report =
                    written.reading.marks.iter().any(|other| {
                        matches!(other.kind, MarkKind::Report { .. }) && other.range == mark.range
                    });
                let directed = self.directed(url, is_report.then_some(written));
                let span = written.line.source_of(self.events, &mark.range);
                self.remember_link(&directed.destination, url, span);
                self.out.push(if is_report { "<a class=\"u-url\" href=\"" } else { "<a href=\"" });
                self.write_destination(&directed.destination, &directed.fragment);
                self.out.push("\"");
                self.out.push(&robust_attributes(written.robust, url));
                self.out.push(">");
            }
            MarkKind::Published { iso, print } => {
                self.out.push("<time class=\"dt-published\" datetime=\"");
                self.out.push_text(iso);
                self.out.push("\">");
                if *print == DatePrint::InPageForm {
                    self.out.hole(Fill::Date(iso.clone()));
                    *hidden += 1;
                }
            }
            MarkKind::Hidden => *hidden += 1,
            MarkKind::Report { .. } => {}
        }
    }

    fn close_mark(&mut self, mark: &Mark, hidden: &mut usize) {
        match &mark.kind {
            MarkKind::Author
            | MarkKind::Publication
            | MarkKind::Via
            | MarkKind::Note
            | MarkKind::LineBreak
            | MarkKind::Archived => self.out.push("</span>"),
            MarkKind::Title => self.out.push("</cite>"),
            MarkKind::BareLink { .. } => self.out.push("</a>"),
            MarkKind::Published { print, .. } => {
                *hidden -= usize::from(*print == DatePrint::InPageForm);
                self.out.push("</time>");
            }
            MarkKind::Hidden => *hidden -= 1,
            MarkKind::Report { .. } => {}
        }
    }

    /// Warns of each part of an attribution that is not understood.
    pub(in crate::post::markdown) fn warn_of_unread(
        &mut self,
        line: &InlineLine,
        reading: &AttributionReading,
    ) {
        for unread in &reading.unread {
            let span = line.source_of(self.events, &unread.range);
            let text = &line.line.text[unread.range.clone()];
            let (message, hint) = match &unread.reason {
                UnreadReason::Date(doubt) => {
                    let hint = match doubt.mended.as_slice() {
                        [] => "it is printed as it is written; write dates as 2026-03-04".to_owned(),
                        mended => {
                            format!("it is printed as it is written; write it as {}", mended.join(" or "))
                        }
                    };
                    (format!("`{text}` {}", doubt.message), hint)
                }
                UnreadReason::NotUnderstood => (
                    format!("this part of the attribution is not understood: `{text}`"),
                    "it is printed as it is written; a remark stands in parentheses".to_owned(),
                ),
                UnreadReason::PersonOrPublication => (
                    format!("`{text}` may be an author or a publication: it is taken for the publication"),
                    format!("write `*{text}*` for a publication, `by {text}` for an author"),
                ),
            };
            self.warn(&span, message, Some(hint));
        }
    }
}

/// Marks in the order in which they open, with the breaks around headlines: of those with one range the outer first.
fn nested(text: &str, marks: &[Mark]) -> Vec<Mark> {
    let breaks = headline_breaks(text, marks);
    let mut marks = [marks, &breaks].concat();
    marks.sort_by_key(|mark| (mark.range.start, std::cmp::Reverse(mark.range.end), rank(mark)));
    marks
}

/// How deep a mark goes into others of the same range.
fn rank(mark: &Mark) -> usize {
    match mark.kind {
        MarkKind::Hidden => 0,
        MarkKind::Via | MarkKind::Note => 1,
        MarkKind::Author | MarkKind::Publication | MarkKind::Archived => 2,
        MarkKind::Title | MarkKind::Published { .. } => 3,
        MarkKind::BareLink { .. } | MarkKind::Report { .. } | MarkKind::LineBreak => 4,
    }
}
