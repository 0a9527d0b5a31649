//! Markdown to a [`MarkdownDocument`]: the body as HTML with holes, and everything the head knows from it.
//!
//! pulldown-cmark's events are written by [`writer`](self), twice over the part that is the summary.
//! What cannot be known here (the address of another post, the size of an image, the words of the
//! theme) is a [`Hole`] in the HTML, filled when a page is rendered. Text of the author's that looks like a
//! template is text.

mod anchors;
mod autolink;
mod cjk;
mod code;
pub(crate) mod comment;
mod destination;
mod dollars;
pub(crate) mod escape;
mod events;
mod footnote;
mod foreign_syntax;
mod formula;
mod heading;
mod html_blocks;
mod html_elements;
mod image;
mod image_attributes;
mod leaf;
mod limits;
mod link;
mod mask;
mod prose_marks;
mod quotation_marks;
mod quotes;
mod raw_html;
mod raw_text;
mod table;
mod typography;
mod word_counter;
mod writer;

use std::borrow::Cow;
use std::ops::Range;

use pulldown_cmark::{Event, Tag, TagEnd};
use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::html;
use crate::path::SourcePath;
use crate::post::highlight::FenceOptions;
use crate::post::quote::{Quote, StoredQuote, placed_id};
use crate::post::{Heading, Link};

use self::events::Events;
use self::writer::{Mode, Writer};

/// What parsing needs to know besides the text.
#[derive(Clone, Copy)]
pub(crate) struct Options<'a> {
    pub config: &'a Config,
    /// BCP 47 tag of the language the text is in.
    pub language: &'a str,
    /// The quotes of the front matter.
    pub stored: &'a [StoredQuote],
    /// The summary of the front matter, in Markdown.
    pub summary: Option<&'a str>,
    /// Whether a heading at the start is the title, because the front matter has none.
    pub take_title: bool,
}

/// A parsed body.
#[derive(Debug, Default)]
pub(crate) struct MarkdownDocument {
    pub body: Body,
    /// The first heading's text, if it was taken as the title.
    pub title: Option<String>,
    /// What lists show.
    pub summary_html: String,
    /// Whether there is more than the summary.
    pub has_more: bool,
    pub description: String,
    /// Words in the body.
    pub words: usize,
    /// Minutes a reader needs.
    pub minutes: usize,
    pub headings: Vec<Heading>,
    pub quotes: Vec<Quote>,
    pub links: Vec<Link>,
    /// Anchors in raw HTML.
    pub anchors: Vec<String>,
    /// Files that are shown as pictures.
    pub pictures: Vec<SourcePath>,
    /// Files that are named otherwise.
    pub linked_files: Vec<SourcePath>,
}

impl MarkdownDocument {
    /// Gives back what its parts have room for beyond their contents. They are kept for as long as the site, and a list
    /// begins with room for four: with one quote in it, three quarters are spare.
    fn shrink(&mut self) {
        self.body.html.shrink_to_fit();
        self.body.holes.shrink_to_fit();
        self.headings.shrink_to_fit();
        self.quotes.shrink_to_fit();
        self.links.shrink_to_fit();
        self.anchors.shrink_to_fit();
        self.pictures.shrink_to_fit();
        self.linked_files.shrink_to_fit();
    }
}

/// HTML with holes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// The HTML between the holes.
    pub html: String,
    /// In the order of their places.
    pub holes: Vec<Hole>,
}

/// A place in the HTML that is filled when a page is rendered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hole {
    /// The byte it stands before.
    pub at: usize,
    pub fill: Fill,
}

/// What belongs into a hole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fill {
    /// The address of a post; what was written, if there is no such post.
    PostUrl(SourcePath, String),
    /// The address of a file beside the post; what was written, if there is no such file.
    FileUrl(SourcePath, String),
    /// A picture that is a file of the site, with its smaller sizes.
    Picture(Box<ShownPicture>),
    /// Width divided by height of a picture.
    PictureRatio(SourcePath),
    /// A word of the theme in the post's language.
    Word(Cow<'static, str>),
    /// A date in the post's language.
    Date(String),
    Code(Box<CodeBlock>),
    /// The start of a paragraph that is one plain link, by its address: a box, if the theme can show the page in a frame.
    EmbedStart(String),
    /// The end of such a paragraph.
    EmbedEnd(String),
}

/// A block of code as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeBlock {
    /// What stands behind the fence.
    pub options: FenceOptions,
    /// The code, ending with a newline.
    pub code: String,
    /// The line of the file it begins at, from 1, for warnings.
    pub line: usize,
}

/// A picture that is shown, as far as the text says how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownPicture {
    pub path: SourcePath,
    /// The address as it is written, for a file that is not there.
    pub written: String,
    /// The address, if it is known without the file.
    pub address: Option<String>,
    /// What stands behind an address: a query or a fragment.
    pub suffix: String,
    /// The start tag up to the address: `<img src="`.
    pub before: String,
    /// The start tag behind the address, without its end: `" alt="…"`.
    pub after: String,
    pub size: ShownSize,
    pub loading: PictureLoading,
    pub place: PicturePlace,
}

impl ShownPicture {
    /// The picture with an address and, as far as they are known, its proportions.
    pub fn tag(&self, address: &str, proportions: Option<(u32, u32)>, more: &str) -> String {
        let mut tag = self.before.clone();
        html::escape_to(address, &mut tag);
        tag.push_str(&self.after);
        match self.place {
            PicturePlace::Html => tag.push_str(&self.size.missing_attributes(proportions)),
            _ => tag.push_str(&self.size.attributes(proportions)),
        }
        tag + more + ">"
    }
}

/// When a browser fetches a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PictureLoading {
    /// At once, as it is the first of its page.
    Eager,
    /// When it comes near the part that is seen.
    Lazy,
    /// As the author says.
    AsWritten,
}

/// What stands around a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PicturePlace {
    /// It may lead to its largest size.
    Text,
    /// The same, beside others.
    Gallery,
    /// It is the text of a link, or has nothing that could be the text of one.
    Fixed,
    /// In a link, beside others.
    FixedInGallery,
    /// It is HTML of the author's own, which stays as it is where it can.
    Html,
}

/// How large an image is shown, as far as the text says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownSize {
    /// In CSS pixels.
    pub width: Option<u32>,
    /// In CSS pixels.
    pub height: Option<u32>,
    /// Declarations of CSS, each with a semicolon.
    pub style: String,
}

impl ShownSize {
    /// The attributes of an `<img>`, where the file's own proportions fill in what the text does not say.
    pub fn attributes(&self, proportions: Option<(u32, u32)>) -> String {
        let (width, height) = match (self.width, self.height, proportions) {
            (Some(width), None, Some((x, y))) => (Some(width), Some(scaled(width, x, y))),
            (None, Some(height), Some((x, y))) => (Some(scaled(height, y, x)), Some(height)),
            (None, None, Some((x, y))) => (Some(x), Some(y)),
            (width, height, _) => (width, height),
        };
        let style = self.style.trim_end_matches(';');
        let style = if style.is_empty() { String::new() } else { format!(" style=\"{style}\"") };
        format!("{}{}{style}", length_attribute("width", width), length_attribute("height", height))
    }
}

impl ShownSize {
    /// The attributes that a tag lacks which has the others already.
    fn missing_attributes(&self, proportions: Option<(u32, u32)>) -> String {
        let Some((x, y)) = proportions.filter(|_| self.style.is_empty()) else { return String::new() };
        match (self.width, self.height) {
            (Some(_), Some(_)) => String::new(),
            (Some(width), None) => length_attribute("height", Some(scaled(width, x, y))),
            (None, Some(height)) => length_attribute("width", Some(scaled(height, y, x))),
            (None, None) => length_attribute("width", Some(x)) + &length_attribute("height", Some(y)),
        }
    }
}

/// A length in proportion to another, in whole pixels and never 0.
fn scaled(given: u32, from: u32, to: u32) -> u32 {
    let scaled = (u64::from(given) * u64::from(to) + u64::from(from) / 2) / u64::from(from.max(1));
    u32::try_from(scaled.max(1)).unwrap_or(u32::MAX)
}

fn length_attribute(name: &str, length: Option<u32>) -> String {
    length.map_or(String::new(), |length| format!(" {name}=\"{length}\""))
}

impl Body {
    /// Its blocks of code.
    pub fn code(&self) -> impl Iterator<Item = &CodeBlock> {
        self.holes.iter().filter_map(|hole| match &hole.fill {
            Fill::Code(block) => Some(&**block),
            _ => None,
        })
    }

    fn push(&mut self, html: &str) {
        self.html.push_str(html);
    }

    fn push_text(&mut self, text: &str) {
        html::escape_to(text, &mut self.html);
    }

    fn hole(&mut self, fill: Fill) {
        self.holes.push(Hole { at: self.html.len(), fill });
    }

    /// Appends another one, holes and all.
    fn append(&mut self, other: Self) {
        let moved = self.html.len();
        self.html.push_str(&other.html);
        self.holes.extend(other.holes.into_iter().map(|hole| Hole { at: hole.at + moved, ..hole }));
    }
}

/// Where a text comes from: for messages and relative links.
#[derive(Clone, Copy)]
struct Context<'a> {
    path: &'a SourcePath,
    file: &'a str,
    /// Where the Markdown begins in the file.
    offset: usize,
    text: &'a str,
    options: &'a Options<'a>,
}

impl Context<'_> {
    /// An error at a range of the Markdown.
    fn error(&self, span: &Range<usize>, message: String) -> Diagnostic {
        let fault = Diagnostic::error(self.path.as_str(), message);
        if self.file.is_empty() { fault } else { fault.at(self.file, self.moved(span)) }
    }

    /// A range of the Markdown as one of the file, without white space at its end.
    fn moved(&self, span: &Range<usize>) -> Range<usize> {
        let end = span.start + self.text[span.clone()].trim_end().len();
        span.start + self.offset..end + self.offset
    }
}

/// Parses the body of `file`, which begins at byte `start`.
pub(crate) fn parse(
    path: &SourcePath,
    file: &str,
    start: usize,
    options: &Options<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> MarkdownDocument {
    let text = &file[start..];
    let context = Context { path, file, offset: start, text, options };
    if limits::has_too_many_marks(text) {
        let message = format!("this text has more than {} marks of Markdown", limits::MOST_MARKS);
        let hint = "split it into several posts, or put data into a file beside the post";
        diagnostics.push(Diagnostic::error(path.as_str(), message).hint(hint));
        return MarkdownDocument::default();
    }
    let events = Events::parse(text, options);
    let mut blocks = events.children(0..events.list.len());
    let title = if options.take_title { take_title(&events, &mut blocks) } else { None };

    let mut writer = Writer::new(&events, context, Mode::Full, diagnostics);
    // Anchors that the author gives come first, so that one made from a heading does not take their place.
    writer.anchors.learn(&events);
    writer.warn_of_remarks();
    writer.warn_of_markers(&blocks);
    for block in &blocks {
        writer.run(block.clone());
    }
    let mut document = writer.finish();
    document.shrink();
    document.title = title;

    let own_words = own_words(&events, context, &blocks, diagnostics);
    document.has_more = own_words.has_more;
    document.summary_html = own_words.html;
    document.description = own_words.text;
    document
}

/// A level-1 heading at the very start of a text without a title.
fn take_title(events: &Events<'_>, blocks: &mut Vec<Range<usize>>) -> Option<String> {
    let first = blocks.first()?.clone();
    match &events.list[first.start].0 {
        Event::Start(Tag::Heading { level: pulldown_cmark::HeadingLevel::H1, .. }) => {
            blocks.remove(0);
            Some(html::fold_white_space(&events.plain_text(first)))
        }
        _ => None,
    }
}

/// How many characters of a first paragraph lists show. What an author chose as the summary is shown whole.
const LONGEST_SUMMARY: usize = 400;

struct OwnWords {
    html: String,
    text: String,
    has_more: bool,
}

/// The summary: the front matter's, else what stands before `<!-- more -->`, else the first paragraph
/// that is the author's own.
fn own_words(
    events: &Events<'_>,
    context: Context<'_>,
    blocks: &[Range<usize>],
    diagnostics: &mut Vec<Diagnostic>,
) -> OwnWords {
    if let Some(summary) = context.options.summary {
        let summary_events = Events::parse(summary, context.options);
        // Places in the summary are not places in the file: a warning of it names the file alone.
        let context = Context { text: summary, offset: 0, file: "", ..context };
        Writer::new(&summary_events, context, Mode::Full, diagnostics).warn_of_remarks();
        let all = summary_events.children(0..summary_events.list.len());
        return OwnWords {
            html: write_summary(&summary_events, context, &all),
            text: text_of(&summary_events, &all),
            has_more: !blocks.is_empty(),
        };
    }
    if let Some(more) = blocks.iter().position(|block| is_more_marker(events, block)) {
        return OwnWords {
            html: write_summary(events, context, &blocks[..more]),
            text: text_of(events, &blocks[..more]),
            has_more: more + 1 < blocks.len(),
        };
    }
    let own: Vec<usize> =
        (0..blocks.len()).filter(|&at| is_own_paragraph(events, context, &blocks[at])).collect();
    let in_words = own.iter().copied().find(|&at| !is_plain_link(events, &blocks[at]));
    let first = in_words.or_else(|| {
        let list =
            blocks.iter().position(|block| matches!(events.list[block.start].0, Event::Start(Tag::List(_))));
        list.or_else(|| own.first().copied())
    });
    match first {
        Some(first) => {
            let html = write_summary(events, context, &blocks[first..=first]);
            let shortened = html::shorten_markup(&html, LONGEST_SUMMARY);
            OwnWords {
                text: text_of(events, &blocks[first..=first]),
                has_more: blocks.len() > 1 || shortened.is_some(),
                html: shortened.unwrap_or(html),
            }
        }
        None => OwnWords { html: String::new(), text: String::new(), has_more: !blocks.is_empty() },
    }
}

fn write_summary(events: &Events<'_>, context: Context<'_>, blocks: &[Range<usize>]) -> String {
    let mut ignored = Vec::new();
    let mut writer = Writer::new(events, context, Mode::Summary, &mut ignored);
    for block in blocks {
        writer.run(block.clone());
    }
    writer.finish().body.html.trim_end().to_owned()
}

/// The author's own words as plain text; formulas as they are written.
fn text_of(events: &Events<'_>, blocks: &[Range<usize>]) -> String {
    let mut text = String::new();
    for block in blocks {
        let mut at = block.start;
        while at < block.end {
            let not_words = matches!(
                events.list[at].0,
                Event::Start(
                    Tag::Image { .. } | Tag::BlockQuote(None) | Tag::CodeBlock(_) | Tag::Heading { .. }
                )
            );
            if not_words {
                at = events.ends[at] + 1;
                continue;
            }
            text.push_str(&events.plain_text(at..at + 1));
            if matches!(events.list[at].0, Event::End(TagEnd::Paragraph | TagEnd::Item | TagEnd::TableCell)) {
                text.push(' ');
            }
            at += 1;
        }
    }
    html::fold_white_space(&text)
}

impl Writer<'_, '_> {
    /// Warns of a marker for the end of the summary that ends nothing, as it is in a paragraph or a list.
    fn warn_of_markers(&mut self, blocks: &[Range<usize>]) {
        if self.context.options.summary.is_some() {
            return;
        }
        let mut markers = (0..self.events.list.len()).filter(|&at| holds_marker(&self.events.list[at].0));
        let ends_summary = |at: usize| {
            let block = blocks.get(blocks.partition_point(|block| block.end <= at));
            block.is_some_and(|block| block.contains(&at) && is_more_marker(self.events, block))
        };
        if let Some(at) = markers.find(|&at| !ends_summary(at)) {
            let span = self.events.list[at].1.clone();
            let hint = "put it on a line of its own, with an empty line before and behind it";
            self.warn(&span, "this marker ends no summary".to_owned(), Some(hint.to_owned()));
        }
    }
}

/// `<!-- more -->`, with or without the spaces.
fn is_more_marker(events: &Events<'_>, block: &Range<usize>) -> bool {
    let mut html = String::new();
    for (event, _) in &events.list[block.clone()] {
        match event {
            Event::Html(part) | Event::InlineHtml(part) => html.push_str(part),
            Event::Start(Tag::HtmlBlock | Tag::Paragraph)
            | Event::End(TagEnd::HtmlBlock | TagEnd::Paragraph) => {}
            _ => return false,
        }
    }
    let comment = html.trim().strip_prefix("<!--").and_then(|rest| rest.strip_suffix("-->"));
    comment.is_some_and(|comment| comment.trim().eq_ignore_ascii_case("more"))
}

/// Whether HTML holds the marker for the end of the summary.
fn holds_marker(event: &Event<'_>) -> bool {
    match event {
        Event::Html(html) | Event::InlineHtml(html) => html.split("<!--").skip(1).any(|rest| {
            rest.split("-->").next().is_some_and(|comment| comment.trim().eq_ignore_ascii_case("more"))
        }),
        _ => false,
    }
}

fn is_own_paragraph(events: &Events<'_>, context: Context<'_>, block: &Range<usize>) -> bool {
    events.is_paragraph(block.start)
        && placed_id(&context.text[events.list[block.start].1.clone()]).is_none()
        && !outside_images(events, block).trim().is_empty()
}

/// Whether a block is a paragraph that is an address alone, which says nothing of the post.
fn is_plain_link(events: &Events<'_>, block: &Range<usize>) -> bool {
    block.len() > 2 && events.plain_link(&(block.start + 1..block.end - 1)).is_some()
}

fn outside_images(events: &Events<'_>, block: &Range<usize>) -> String {
    let mut text = String::new();
    let mut at = block.start;
    while at < block.end {
        if matches!(events.list[at].0, Event::Start(Tag::Image { .. })) {
            at = events.ends[at] + 1;
        } else {
            text.push_str(&events.plain_text(at..at + 1));
            at += 1;
        }
    }
    text
}

#[cfg(test)]
mod prose_tests;
#[cfg(test)]
mod tests;
