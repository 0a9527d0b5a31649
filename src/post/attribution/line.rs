//! An attribution as the grammar reads it: its plain text, and where links and emphasis lie over it.

use std::ops::Range;

/// The words of an attribution, without their mark-up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttributionLine {
    /// The text of all its inline elements, with a line feed where a line ends. Pictures and footnote marks have none.
    pub text: String,
    /// Elements that mean something, in order; an outer one stands before those within it.
    pub spans: Vec<LineSpan>,
}

impl AttributionLine {
    /// A part of the line as a line of its own.
    pub(super) fn part(&self, range: &Range<usize>) -> Self {
        let spans =
            self.spans.iter().filter(|span| span.range.start >= range.start && span.range.end <= range.end);
        let moved = spans.map(|span| LineSpan {
            range: span.range.start - range.start..span.range.end - range.start,
            kind: span.kind.clone(),
        });
        Self { text: self.text[range.clone()].to_owned(), spans: moved.collect() }
    }
}

/// An element that lies over the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineSpan {
    /// Its bytes of the text.
    pub range: Range<usize>,
    pub kind: LineSpanKind,
}

/// What an element of an attribution means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineSpanKind {
    /// A link, at any depth of emphasis.
    Link {
        /// Where it leads, as it is written.
        url: String,
    },
    /// `*emphasis*`: a title or a publication.
    Emphasis,
    /// `<cite>`: the same, or all of an attribution.
    Cite,
    /// `<time>`: a date for machines.
    Time {
        /// Its `datetime`, or its text if it has none (HTML, section 4.5.14).
        datetime: String,
    },
}

impl LineSpanKind {
    /// Whether it is a title or a publication.
    pub(super) fn is_emphasis(&self) -> bool {
        matches!(self, Self::Emphasis | Self::Cite)
    }
}

/// What the grammar understood, laid over the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Its bytes of the text.
    pub range: Range<usize>,
    pub kind: MarkKind,
}

/// The kinds of parts that a caption marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MarkKind {
    Author,
    Title,
    /// A link to a report, whose address gets the text fragment.
    Report {
        /// Where it leads, as it is written.
        url: String,
    },
    /// An address without mark-up, which becomes a link.
    BareLink {
        url: String,
    },
    Publication,
    /// When it was published, in ISO 8601.
    Published {
        iso: String,
        /// Whether it is printed as it is written or in the form of the page.
        print: DatePrint,
    },
    /// Where the author came across it.
    Via,
    /// A link to a copy.
    Archived,
    /// A remark in parentheses.
    Note,
    /// A directive such as `(lang: de)`, which is not printed.
    Hidden,
    /// What separates a headline from what stands beside it: a theme can break the line there.
    LineBreak,
}

/// How a date is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatePrint {
    /// As its author wrote it, with the name of a month.
    AsWritten,
    /// In the page's form for dates: it is written in figures.
    InPageForm,
}

/// A part that is printed as it is written and known no further, or not for sure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// Its bytes of the text.
    pub range: Range<usize>,
    pub reason: UnreadReason,
}

/// Why a part of an attribution is known no further.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnreadReason {
    NotUnderstood,
    /// It is a date, and something is wrong with it.
    Date(crate::date::reader::DateDoubt),
    /// It is taken for the publication, and may be an author.
    PersonOrPublication,
}
