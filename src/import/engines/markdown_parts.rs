//! Places in Markdown that a rewriting of its text must leave alone.

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// Code, in lines and in blocks: the bytes of each, in their order.
pub(super) fn code_ranges(markdown: &str) -> Vec<Range<usize>> {
    if !markdown.contains(['`', '~']) && !markdown.contains("    ") && !markdown.contains('\t') {
        return Vec::new();
    }
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for (event, span) in
        Parser::new_ext(markdown, Options::ENABLE_FOOTNOTES | Options::ENABLE_TABLES).into_offset_iter()
    {
        if matches!(event, Event::Code(_) | Event::Start(Tag::CodeBlock(_)) | Event::End(TagEnd::CodeBlock))
            && ranges.last().is_none_or(|last| last.end < span.end)
        {
            ranges.push(span);
        }
    }
    ranges
}

/// Whether a byte is in one of the ranges.
pub(super) fn is_within(ranges: &[Range<usize>], at: usize) -> bool {
    let next = ranges.partition_point(|range| range.end <= at);
    ranges.get(next).is_some_and(|range| range.contains(&at))
}

/// Abbreviations, which are defined in lines of their own (`*[HTML]: …`), as elements of HTML.
pub(super) fn abbreviations(text: &str) -> String {
    if !text.contains("*[") {
        return text.to_owned();
    }
    let code = code_ranges(text);
    let mut meanings: Vec<Abbreviation<'_>> = Vec::new();
    let mut rest = String::with_capacity(text.len());
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let definition = line.strip_prefix("*[").and_then(|line| line.split_once("]:"));
        match definition.filter(|(short, _)| !short.is_empty() && !is_within(&code, start)) {
            Some((short, meaning)) => meanings.push(Abbreviation { short, meaning: meaning.trim() }),
            None => rest.push_str(line),
        }
    }
    for abbreviation in &meanings {
        rest = abbreviation.marked_in(&rest);
    }
    rest
}

struct Abbreviation<'t> {
    short: &'t str,
    meaning: &'t str,
}

impl Abbreviation<'_> {
    /// Marks the word where it stands in running text.
    fn marked_in(&self, text: &str) -> String {
        let mut words: Vec<Range<usize>> = Vec::new();
        for (event, span) in
            Parser::new_ext(text, Options::ENABLE_FOOTNOTES | Options::ENABLE_TABLES).into_offset_iter()
        {
            if !matches!(event, Event::Text(_)) {
                continue;
            }
            for (start, _) in text[span.clone()].match_indices(self.short) {
                let word = span.start + start..span.start + start + self.short.len();
                let is_whole = !text[..word.start].ends_with(char::is_alphanumeric)
                    && !text[word.end..].starts_with(char::is_alphanumeric);
                if is_whole {
                    words.push(word);
                }
            }
        }
        let code = code_ranges(text);
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for word in words.into_iter().filter(|word| !is_within(&code, word.start)) {
            if word.start < at {
                continue;
            }
            out.push_str(&text[at..word.start]);
            out.push_str(&format!(
                "<abbr title=\"{}\">{}</abbr>",
                crate::html::escape(self.meaning),
                self.short
            ));
            at = word.end;
        }
        out.push_str(&text[at..]);
        out
    }
}

/// Markdown within elements of HTML, which other engines read if an attribute asks for it. Here empty lines do.
pub(super) fn with_markdown_in_html(text: &str) -> String {
    if !text.contains("markdown=") {
        return text.to_owned();
    }
    let mut lines: Vec<String> = Vec::new();
    let mut open: Vec<String> = Vec::new();
    for line in text.lines() {
        let attribute =
            [" markdown=\"1\"", " markdown=\"block\"", " markdown='1'", " markdown=\"span\"", " markdown=1"];
        let asked = attribute.iter().find(|attribute| line.contains(**attribute));
        let name: String = line
            .trim_start()
            .trim_start_matches('<')
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect();
        let closes = open.last().is_some_and(|name| line.trim_start().starts_with(&format!("</{name}")));
        if let Some(attribute) = asked.filter(|_| line.trim_start().starts_with('<') && !name.is_empty()) {
            let whole = line.replacen(attribute, "", 1);
            let tag_end = whole.find('>').map_or(whole.len(), |at| at + 1);
            let (tag, inner) = whole.split_at(tag_end);
            let end = format!("</{name}>");
            lines.extend([tag.trim().to_owned(), String::new()]);
            match inner.trim_end().strip_suffix(&end) {
                Some(inner) => lines.extend([inner.to_owned(), String::new(), end]),
                None => {
                    lines.extend(Some(inner.trim().to_owned()).filter(|inner| !inner.is_empty()));
                    open.push(name);
                }
            }
        } else if closes {
            open.pop();
            lines.extend([String::new(), line.trim_start().to_owned()]);
        } else if open.is_empty() {
            lines.push(line.to_owned());
        } else {
            // What is indented within an element would be code here.
            let indent = line.len() - line.trim_start().len();
            lines.push(if indent >= 4 { line.trim_start().to_owned() } else { line.to_owned() });
        }
    }
    let mut out = lines.join("\n");
    if text.ends_with('\n') {
        out.push('\n');
    }
    out
}

/// A text with emoji instead of their short names (`:smile:`), which are words here.
pub(super) fn with_emoji(text: &str) -> String {
    let mut code: Option<Vec<Range<usize>>> = None;
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (start, _) in text.match_indices(':') {
        let name = text[start + 1..].split(':').next().unwrap_or_default();
        let end = start + 1 + name.len() + 1;
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, ':' | '/');
        if start < at
            || end > text.len()
            || text[..start].ends_with(is_part)
            || text[end..].starts_with(is_part)
        {
            continue;
        }
        let Some(emoji) = emojis::get_by_shortcode(name) else { continue };
        if is_within(code.get_or_insert_with(|| code_ranges(text)), start) {
            continue;
        }
        out.push_str(&text[at..start]);
        out.push_str(emoji.as_str());
        at = end;
    }
    out.push_str(&text[at..]);
    out
}

/// Whether a text has elements of HTML in it.
pub(super) fn has_html(markdown: &str) -> bool {
    markdown.contains('<')
        && Parser::new(markdown).any(|event| match event {
            Event::Html(html) | Event::InlineHtml(html) => !html.trim_start().starts_with("<!--"),
            _ => false,
        })
}
