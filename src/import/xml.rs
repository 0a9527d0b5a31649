//! A reader of exports in XML that forgives what exporters get wrong: text before the root, prefixes that were never declared,
//! entities of HTML, a bare `&`, `]]>` within a section, an end that is missing. It streams, and opens nothing.
//!
//! A parser of XML must stop at each of these (XML 1.0 section 1.2: fatal errors), and quick-xml ends a section at the first
//! `]]>` and has then read markup as markup; so the few rules that decide stand here. A document type declaration is
//! refused: no exporter writes one.

use std::io::{self, Read};

use super::decoding::{Mended, TextReader};

/// How long one text may be. The longest post is a thousandth of it.
const MAX_TEXT: usize = 64 * 1024 * 1024;
/// How long a tag may be.
const MAX_TAG: usize = 64 * 1024;

/// What comes next in a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum XmlToken {
    /// An element begins.
    Start(XmlTag),
    /// An element ends.
    End(String),
    /// The file ends.
    EndOfFile,
}

/// The start of an element.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct XmlTag {
    /// With its prefix: `wp:status`.
    pub(super) name: String,
    attributes: Vec<XmlAttribute>,
    /// Whether it is an element without content: `<link />`.
    pub(super) is_empty: bool,
}

/// An attribute of an element.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct XmlAttribute {
    pub(super) name: String,
    pub(super) value: String,
}

impl XmlTag {
    /// The name without its prefix.
    pub(super) fn local_name(&self) -> &str {
        local(&self.name)
    }

    /// What stands before the colon of its name; empty without one.
    pub(super) fn prefix(&self) -> &str {
        self.name.split_once(':').map_or("", |(prefix, _)| prefix)
    }

    /// The value of an attribute.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|found| found.name == name).map(|found| found.value.as_str())
    }

    /// The addresses of the namespaces it declares, by their prefixes.
    pub(super) fn namespaces(&self) -> impl Iterator<Item = (&str, &str)> {
        self.attributes
            .iter()
            .filter_map(|found| Some((found.name.strip_prefix("xmlns:")?, found.value.as_str())))
    }
}

/// The part of a name behind its prefix.
pub(super) fn local(name: &str) -> &str {
    name.split_once(':').map_or(name, |(_, local)| local)
}

/// The text of an element.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct XmlText {
    pub(super) text: String,
    /// Whether a part of it stood in a CDATA section, and so was written by no one but the author.
    pub(super) has_section: bool,
    /// Whether the file ended in it, or it was too long.
    pub(super) is_cut: bool,
}

/// Where the sections of an element end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SectionEnd {
    /// At the first `]]>`, as XML says.
    First,
    /// At the first `]]>` that the end of the element or another section follows, as plugins do not split others.
    BeforeTag,
}

/// A file that is not what it should be.
#[derive(Debug)]
pub(super) enum XmlError {
    /// It cannot be read.
    Io(io::Error),
    /// The root is not in it.
    NoRoot,
    /// It has a document type declaration.
    HasDoctype,
}

/// Reads a file from its start to its end.
pub(super) struct XmlReader<R> {
    input: TextReader<R>,
    buffer: String,
    at: usize,
    is_at_end: bool,
}

impl<R: Read> XmlReader<R> {
    /// Opens a file, and skips what stands before its root.
    pub(super) fn open(input: R, root: &str) -> Result<Self, XmlError> {
        let mut reader =
            Self { input: TextReader::new(input), buffer: String::new(), at: 0, is_at_end: false };
        let start = format!("<{root}");
        let at = reader.find(&start, 0, MAX_TAG * 16).map_err(XmlError::Io)?.ok_or(XmlError::NoRoot)?;
        if reader.buffer[..at].contains("<!DOCTYPE") {
            return Err(XmlError::HasDoctype);
        }
        reader.at = at;
        Ok(reader)
    }

    /// What was mended up to now.
    pub(super) fn mended(&self) -> &Mended {
        self.input.mended()
    }

    /// The next tag; text between tags is skipped.
    pub(super) fn next(&mut self) -> io::Result<XmlToken> {
        loop {
            let Some(open) = self.find("<", 0, MAX_TEXT)? else { return Ok(XmlToken::EndOfFile) };
            self.at += open;
            self.fill_to(12)?;
            let rest = &self.buffer[self.at..];
            let skipped_to = if rest.starts_with("<!--") {
                Some("-->")
            } else if rest.starts_with("<![CDATA[") {
                Some("]]>")
            } else if rest.starts_with("<?") {
                Some("?>")
            } else {
                None
            };
            if let Some(end) = skipped_to {
                match self.find(end, 2, MAX_TEXT)? {
                    Some(at) => self.at += at + end.len(),
                    None => self.at = self.buffer.len(),
                }
                continue;
            }
            let Some(close) = self.find(">", 1, MAX_TAG)? else {
                self.at += 1;
                continue;
            };
            let tag = self.buffer[self.at + 1..self.at + close].to_owned();
            self.at += close + 1;
            if let Some(name) = tag.strip_prefix('/') {
                return Ok(XmlToken::End(name.trim().to_owned()));
            }
            if tag.starts_with(|c: char| c.is_alphabetic() || c == '_') {
                return Ok(XmlToken::Start(start_tag(&tag)));
            }
        }
    }

    /// The text of the element whose start was the last token, up to its end.
    pub(super) fn text(&mut self, tag: &XmlTag, ends: SectionEnd) -> io::Result<XmlText> {
        let mut found = XmlText::default();
        if tag.is_empty {
            return Ok(found);
        }
        let end = format!("</{}", tag.name);
        loop {
            let Some(open) = self.find("<", 0, MAX_TEXT)? else {
                found.text.push_str(&decode_entities(&self.buffer[self.at..]));
                self.at = self.buffer.len();
                found.is_cut = true;
                return Ok(found);
            };
            found.text.push_str(&decode_entities(&self.buffer[self.at..self.at + open]));
            self.at += open;
            self.fill_to(end.len() + 1)?;
            let rest = &self.buffer[self.at..];
            if rest.starts_with("<![CDATA[") {
                self.at += "<![CDATA[".len();
                // White space around a section belongs to the file, not to the text.
                if !found.has_section && found.text.trim().is_empty() {
                    found.text.clear();
                }
                found.has_section = true;
                if !self.section(&tag.name, ends, &mut found.text)? {
                    found.is_cut = true;
                    return Ok(found);
                }
            } else if rest.starts_with(&end)
                && rest[end.len()..].starts_with(|c: char| c == '>' || c.is_whitespace())
            {
                match self.find(">", 0, MAX_TAG)? {
                    Some(close) => self.at += close + 1,
                    None => self.at = self.buffer.len(),
                }
                return Ok(found);
            } else if rest.starts_with("<!--") {
                match self.find("-->", 0, MAX_TEXT)? {
                    Some(close) => self.at += close + 3,
                    None => self.at = self.buffer.len(),
                }
            } else if found.has_section && found.text.len() > MAX_TEXT {
                found.is_cut = true;
                return Ok(found);
            } else {
                // Markup that was not escaped is text.
                found.text.push('<');
                self.at += 1;
            }
        }
    }

    /// Appends a section. Whether it has an end.
    fn section(&mut self, name: &str, ends: SectionEnd, text: &mut String) -> io::Result<bool> {
        let close = format!("</{name}");
        let mut from = 0;
        loop {
            let Some(end) = self.find("]]>", from, MAX_TEXT)? else {
                let rest = &self.buffer[self.at..];
                // One that is too long is left where it is, and what follows is looked for from there.
                if rest.len() <= MAX_TEXT {
                    text.push_str(rest);
                }
                self.at = self.buffer.len();
                return Ok(false);
            };
            self.fill_to(end + 3 + 64 + close.len())?;
            let after = self.buffer[self.at + end + 3..].trim_start();
            if ends == SectionEnd::First
                || after.starts_with(&close)
                || after.starts_with("<![CDATA[")
                || after.is_empty()
            {
                text.push_str(&self.buffer[self.at..self.at + end]);
                self.at += end + 3;
                if ends == SectionEnd::BeforeTag && after_is_close(&self.buffer[self.at..], &close) {
                    self.skip_blank();
                }
                return Ok(true);
            }
            from = end + 1;
        }
    }

    fn skip_blank(&mut self) {
        let rest = &self.buffer[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }

    /// Where a text begins next, counted from here, from `from` on; nothing if it does not within `limit`.
    fn find(&mut self, wanted: &str, from: usize, limit: usize) -> io::Result<Option<usize>> {
        let mut from = from;
        loop {
            let rest = &self.buffer[self.at..];
            if let Some(at) = rest.get(from..).and_then(|rest| rest.find(wanted)) {
                return Ok(Some(from + at));
            }
            if self.is_at_end || rest.len() > limit {
                return Ok(None);
            }
            from = from.max(rest.len().saturating_sub(wanted.len()));
            while !rest.is_char_boundary(from) {
                from -= 1;
            }
            self.read_more()?;
        }
    }

    /// Reads until `length` bytes are there.
    fn fill_to(&mut self, length: usize) -> io::Result<()> {
        while !self.is_at_end && self.buffer.len() - self.at < length {
            self.read_more()?;
        }
        Ok(())
    }

    fn read_more(&mut self) -> io::Result<()> {
        // What is behind is forgotten when it is most of the buffer, so that each byte moves once or twice.
        if self.at > self.buffer.len() / 2 {
            self.buffer.drain(..self.at);
            self.at = 0;
        }
        self.is_at_end = !self.input.read_to(&mut self.buffer)?;
        Ok(())
    }
}

fn after_is_close(rest: &str, close: &str) -> bool {
    rest.trim_start().starts_with(close)
}

fn start_tag(tag: &str) -> XmlTag {
    let (tag, is_empty) = match tag.strip_suffix('/') {
        Some(tag) => (tag, true),
        None => (tag, false),
    };
    let name_end = tag.find(char::is_whitespace).unwrap_or(tag.len());
    let (name, mut rest) = tag.split_at(name_end);
    let mut attributes = Vec::new();
    while let Some((key, after)) = rest.split_once('=') {
        let after = after.trim_start();
        let Some(quote) = after.chars().next().filter(|quote| matches!(quote, '"' | '\'')) else { break };
        let Some((value, behind)) = after[1..].split_once(quote) else { break };
        attributes.push(XmlAttribute { name: key.trim().to_owned(), value: decode_entities(value) });
        rest = behind;
    }
    XmlTag { name: name.to_owned(), attributes, is_empty }
}

/// Text with its references decoded: the names of HTML and numbers. What is not one of them stays as it is.
pub(super) fn decode_entities(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.as_bytes().iter().take(40).position(|byte| *byte == b';');
        match end.and_then(|end| Some((end, entity(&rest[1..end])?))) {
            Some((end, decoded)) => {
                out.push_str(&decoded);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn entity(name: &str) -> Option<String> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok()?,
            None => number.parse().ok()?,
        };
        // HTML reads the numbers of windows-1252 as what was meant (section 13.2.5.80).
        let c = match u8::try_from(code) {
            Ok(byte @ 0x80..=0x9f) => {
                encoding_rs::WINDOWS_1252.decode_without_bom_handling(&[byte]).0.chars().next()?
            }
            _ => char::from_u32(code).filter(|c| !c.is_control() || matches!(c, '\t' | '\n' | '\r'))?,
        };
        return Some(c.to_string());
    }
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !is_name {
        return None;
    }
    let key = format!("{name};");
    let (first, second) = *html5ever::data::NAMED_ENTITIES.get(key.as_str())?;
    [first, second].into_iter().filter(|code| *code != 0).map(char::from_u32).collect()
}
