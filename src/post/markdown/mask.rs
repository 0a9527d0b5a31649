//! Characters that the parser has to read otherwise than they are written.
//!
//! A character of the text is replaced by one of the same length that means nothing, or something else, to the parser,
//! so that all positions stay right. What it stands for comes back in the events.

use std::borrow::Cow;
use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, CowStr, Event, Options as Extensions, Parser, Tag};

/// What a wide character is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StandIn {
    Punctuation,
    Letter,
}

/// A text with some of its characters replaced.
pub(super) struct Mask<'t> {
    text: &'t str,
    masked: Cow<'t, [u8]>,
    /// ASCII characters that were replaced, each with its stand-in, which the text does not hold.
    stand_ins: Vec<(char, char)>,
}

impl<'t> Mask<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, masked: Cow::Borrowed(text.as_bytes()), stand_ins: Vec::new() }
    }

    /// Whether any character is replaced.
    pub(super) fn has_changed(&self) -> bool {
        matches!(self.masked, Cow::Owned(_))
    }

    /// Lets the parser read a wide character as another one of the same length.
    pub(super) fn put(&mut self, at: usize, c: char, stand_in: StandIn) {
        let substitute = match (stand_in, c.len_utf8()) {
            (StandIn::Punctuation, 3) => '\u{2e31}',
            (StandIn::Punctuation, 4) => '\u{10100}',
            (StandIn::Letter, 3) => '\u{e000}',
            (StandIn::Letter, 4) => '\u{f0000}',
            _ => return,
        };
        self.put_char(at, substitute);
    }

    /// Hides a character of ASCII from the parser.
    pub(super) fn hide(&mut self, at: usize) {
        let original = char::from(self.text.as_bytes()[at]);
        let known =
            self.stand_ins.iter().find(|(known, _)| *known == original).map(|(_, stand_in)| *stand_in);
        let stand_in = known.or_else(|| {
            // Control characters that are not white space.
            let stand_in = ('\u{1}'..='\u{8}')
                .chain('\u{e}'..='\u{1f}')
                .find(|c| !self.text.contains(*c) && !self.stand_ins.iter().any(|(_, taken)| taken == c))?;
            self.stand_ins.push((original, stand_in));
            Some(stand_in)
        });
        if let Some(stand_in) = stand_in {
            self.put_char(at, stand_in);
        }
    }

    /// Lets the parser read a character of ASCII as a letter, which is only right where all is text.
    pub(super) fn letter(&mut self, at: usize) {
        self.put_char(at, 'x');
    }

    /// Lets the parser read a tab as a space.
    pub(super) fn space(&mut self, at: usize) {
        self.put_char(at, ' ');
    }

    fn put_char(&mut self, at: usize, c: char) {
        let len = c.len_utf8();
        c.encode_utf8(&mut self.masked.to_mut()[at..at + len]);
    }

    /// The events of the text, with what is written where something else was read.
    pub(super) fn parse(&self, extensions: Extensions) -> Vec<(Event<'t>, Range<usize>)> {
        let Cow::Owned(bytes) = &self.masked else {
            return Parser::new_ext(self.text, extensions).into_offset_iter().collect();
        };
        let masked = String::from_utf8_lossy(bytes);
        let events = Parser::new_ext(&masked, extensions).into_offset_iter();
        events.map(|(event, span)| (self.unmasked(event, &masked[span.clone()], &span), span)).collect()
    }

    fn unmasked(&self, event: Event<'_>, read: &str, span: &Range<usize>) -> Event<'t> {
        let written = &self.text[span.clone()];
        match event {
            Event::Text(text) if *text == *read => Event::Text(CowStr::Borrowed(written)),
            Event::Html(html) if *html == *read => Event::Html(CowStr::Borrowed(written)),
            Event::InlineHtml(html) if *html == *read => Event::InlineHtml(CowStr::Borrowed(written)),
            event => self.unmasked_texts(event.into_static()),
        }
    }

    fn unmasked_texts(&self, mut event: Event<'static>) -> Event<'t> {
        match &mut event {
            Event::Text(text)
            | Event::Code(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text)
            | Event::Html(text)
            | Event::InlineHtml(text)
            | Event::FootnoteReference(text)
            | Event::Start(Tag::FootnoteDefinition(text) | Tag::CodeBlock(CodeBlockKind::Fenced(text))) => {
                self.unmask(text)
            }
            Event::Start(Tag::Link { dest_url, title, id, .. } | Tag::Image { dest_url, title, id, .. }) => {
                self.unmask(dest_url);
                self.unmask(title);
                self.unmask(id);
            }
            Event::Start(Tag::Heading { id: Some(id), .. }) => self.unmask(id),
            _ => {}
        }
        event
    }

    fn unmask(&self, text: &mut CowStr<'static>) {
        for (original, stand_in) in &self.stand_ins {
            if text.contains(*stand_in) {
                *text = text.replace(*stand_in, original.encode_utf8(&mut [0; 4])).into();
            }
        }
    }
}
