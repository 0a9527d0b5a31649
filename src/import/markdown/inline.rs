//! What stands in a line: emphasis, links, pictures, code, and HTML where Markdown has no sign.

use icu_properties::CodePointMapData;
use icu_properties::props::{GeneralCategory, GeneralCategoryGroup};

use super::{HtmlUse, MarkdownStyle};
use crate::html::is_void_element;
use crate::import::formulas::LATEX;
use crate::import::html_tree::{
    HtmlElement, HtmlNode, is_block, is_html_space, text_of, to_html, write_start_tag,
};
use crate::post::markdown::escape::{TextPlace, push_escaped};

/// Writes nodes of a line.
pub(super) struct InlineWriter<'a> {
    style: MarkdownStyle<'a>,
    place: TextPlace,
    out: String,
    /// What is in it that only HTML can say in a block.
    is_impossible: bool,
    /// The character behind what is written, where that is known.
    behind: Option<char>,
    /// Whether line breaks are `<br>`, as in headings and cells.
    breaks: LineBreaks,
}

/// How a line break is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineBreaks {
    /// A backslash before the end of a line.
    Backslash,
    /// `<br>`.
    Tag,
}

/// The nodes of a line as Markdown, without white space around; nothing if it has to be HTML.
pub(super) fn inline(
    nodes: &[HtmlNode],
    place: TextPlace,
    breaks: LineBreaks,
    style: MarkdownStyle<'_>,
) -> Option<String> {
    let mut writer =
        InlineWriter { style, place, out: String::new(), is_impossible: false, behind: None, breaks };
    writer.nodes(nodes);
    let text = writer.out.trim_matches(is_html_space);
    // A break at the edge of a block is not seen.
    let text = text.trim_end_matches("\\\n").trim_end_matches(is_html_space);
    let text =
        if text.ends_with('\\') && !text.ends_with("\\\\") { text.trim_end_matches('\\') } else { text };
    (!writer.is_impossible).then(|| text.to_owned())
}

impl<'a> InlineWriter<'a> {
    fn within(&self, behind: Option<char>) -> InlineWriter<'a> {
        InlineWriter {
            style: self.style,
            place: self.place,
            out: String::new(),
            is_impossible: false,
            behind,
            breaks: self.breaks,
        }
    }

    fn nodes(&mut self, nodes: &[HtmlNode]) {
        for (at, node) in nodes.iter().enumerate() {
            let behind = first_char(&nodes[at + 1..]).or(self.behind);
            match node {
                HtmlNode::Text(text) => self.text(text, nodes.get(at + 1)),
                HtmlNode::Comment(_) => {}
                HtmlNode::Element(element) => self.element(element, behind),
            }
        }
    }

    /// Text with its white space folded.
    fn text(&mut self, text: &str, next: Option<&HtmlNode>) {
        let mut folded = String::with_capacity(text.len());
        for c in text.chars() {
            if !is_html_space(c) {
                folded.push(c);
            } else if !(folded.ends_with(' ') || folded.is_empty() && self.ends_in_space()) {
                folded.push(' ');
            }
        }
        push_escaped(&folded, self.place, self.style.text, &mut self.out);
        // Before a link it would make a picture of it.
        let is_before_link = next.is_some_and(|next| next.named("a").is_some());
        if is_before_link && self.out.ends_with('!') {
            self.out.pop();
            self.out.push_str("\\!");
        }
    }

    fn ends_in_space(&self) -> bool {
        self.out.is_empty() || self.out.ends_with([' ', '\n'])
    }

    fn element(&mut self, element: &HtmlElement, behind: Option<char>) {
        match element.name.as_str() {
            "br" => self.line_break(),
            "b" | "strong" if element.attributes.is_empty() => self.emphasis(element, "**", behind),
            "i" | "em" if element.attributes.is_empty() => self.emphasis(element, "*", behind),
            "s" | "del" | "strike" if element.attributes.is_empty() => self.emphasis(element, "~~", behind),
            "code" | "tt" | "samp" if is_plain_code(element) => self.code(element),
            "a" => self.link(element, behind),
            "img" => self.image(element),
            "sup" if element.has_class("footnote-ref") => {
                let number = element.text_content();
                self.out.push_str(&format!("[^{}]", number.trim()));
            }
            "span" if element.attributes.is_empty() => self.nodes(&element.children),
            "math" if self.style.text.has_math && element.attribute(LATEX).is_some() => self.formula(element),
            name if is_block(name) || matches!(name, "iframe" | "object" | "embed" | "svg" | "math") => {
                self.is_impossible = true;
            }
            _ => self.tag(element, behind),
        }
    }

    fn formula(&mut self, element: &HtmlElement) {
        let latex = element.attribute(LATEX).unwrap_or_default();
        // Cells end at it.
        self.is_impossible |= self.place == TextPlace::Cell && latex.contains('|');
        let signs = if element.attribute("display") == Some("block") { "$$" } else { "$" };
        self.out.push_str(&format!("{signs}{latex}{signs}"));
    }

    fn line_break(&mut self) {
        while self.out.ends_with(' ') {
            self.out.pop();
        }
        match self.breaks {
            LineBreaks::Tag => self.out.push_str("<br>"),
            LineBreaks::Backslash if self.style.html == HtmlUse::Forbidden && self.ends_in_space() => {}
            // Two in a row would be a backslash alone in a line.
            LineBreaks::Backslash if self.out.ends_with('\n') || self.out.is_empty() => {
                self.out.push_str("<br>\n")
            }
            LineBreaks::Backslash => self.out.push_str("\\\n"),
        }
    }

    /// An element that only HTML has, with Markdown in it.
    fn tag(&mut self, element: &HtmlElement, behind: Option<char>) {
        write_start_tag(element, &mut self.out);
        if is_void_element(&element.name) {
            return;
        }
        if matches!(element.name.as_str(), "code" | "kbd" | "samp" | "tt" | "var" | "audio" | "video") {
            // Marks of Markdown act in them, so their text is escaped all the same.
            let inner = html_inner(element);
            match inner {
                Some(inner) => self.out.push_str(&inner),
                None => self.is_impossible = true,
            }
        } else {
            self.behind_nodes(&element.children, Some('<').or(behind));
        }
        self.out.push_str(&format!("</{}>", element.name));
    }

    fn behind_nodes(&mut self, nodes: &[HtmlNode], behind: Option<char>) {
        let outer = std::mem::replace(&mut self.behind, behind);
        self.nodes(nodes);
        self.behind = outer;
    }

    fn emphasis(&mut self, element: &HtmlElement, marks: &str, behind: Option<char>) {
        let mut inner = self.within(Some('*'));
        inner.nodes(&element.children);
        self.is_impossible |= inner.is_impossible;
        let text = inner.out.as_str();
        let words = text.trim_matches(is_html_space);
        let lead = &text[..text.len() - text.trim_start_matches(is_html_space).len()];
        let trail = &text[text.trim_end_matches(is_html_space).len().max(lead.len())..];
        if !lead.is_empty() && !self.ends_in_space() {
            self.out.push(' ');
        }
        if words.is_empty() {
            return;
        }
        let after = if trail.is_empty() { behind } else { Some(' ') };
        let mark = marks.chars().next().unwrap_or('*');
        let flanks = opens(self.out.chars().next_back(), words.chars().next())
            && closes(words.chars().next_back(), after)
            && !self.out.ends_with(mark)
            && !words.starts_with(marks)
            && !words.ends_with(marks)
            && !words.ends_with('\\')
            && !words.contains('\n');
        if flanks {
            self.out.push_str(marks);
            self.out.push_str(words);
            self.out.push_str(marks);
        } else if self.style.html == HtmlUse::Forbidden {
            self.out.push_str(words);
        } else {
            let name = match marks {
                "**" => "strong",
                "*" => "em",
                _ => "s",
            };
            self.out.push_str(&format!("<{name}>{words}</{name}>"));
        }
        if !trail.is_empty() {
            self.out.push(' ');
        }
    }

    fn code(&mut self, element: &HtmlElement) {
        let text: String = element.text_content().split(is_html_space).collect::<Vec<_>>().join(" ");
        if text.trim().is_empty() {
            self.out.push_str(&text);
            return;
        }
        let text = if self.place == TextPlace::Cell { text.replace('|', "\\|") } else { text };
        let fence = "`".repeat(longest_run(&text, '`') + 1);
        let needs_room = text.starts_with('`')
            || text.ends_with('`')
            || (text.starts_with(' ') && text.ends_with(' ') && !text.trim().is_empty());
        let room = if needs_room { " " } else { "" };
        self.out.push_str(&format!("{fence}{room}{text}{room}{fence}"));
    }

    fn link(&mut self, element: &HtmlElement, behind: Option<char>) {
        let id = element.attribute("id");
        let Some(href) = element.attribute("href") else {
            if let Some(id) = id {
                self.out.push_str(&format!("<a id=\"{}\"></a>", crate::html::escape(id)));
            }
            self.behind_nodes(&element.children, behind);
            return;
        };
        let mut inner = self.within(Some(']'));
        inner.place = if self.place == TextPlace::Cell { TextPlace::Cell } else { TextPlace::LinkText };
        inner.nodes(&element.children);
        self.is_impossible |= inner.is_impossible;
        let text = inner.out.trim_matches(is_html_space);
        if inner.out.starts_with([' ', '\n']) && !self.ends_in_space() {
            self.out.push(' ');
        }
        if let Some(id) = id {
            self.out.push_str(&format!("<a id=\"{}\"></a>", crate::html::escape(id)));
        }
        if text.is_empty() {
            return;
        }
        let is_bare = text_of(&element.children) == href && is_autolink(href);
        if is_bare {
            self.out.push_str(&format!("<{href}>"));
        } else {
            let title = element.attribute("title").filter(|title| !title.trim().is_empty());
            let destination = destination(&self.style.links.destination(href));
            self.out.push_str(&format!("[{text}]({destination}{})", title.map(quoted).unwrap_or_default()));
        }
        if inner.out.ends_with([' ', '\n']) {
            self.out.push(' ');
        }
    }

    fn image(&mut self, element: &HtmlElement) {
        self.out.push_str(&image(element, None, self.style));
    }
}

/// A picture, with the caption that makes a figure of it.
pub(super) fn image(element: &HtmlElement, caption: Option<&str>, style: MarkdownStyle<'_>) -> String {
    let mut alt = String::new();
    let text = element.attribute("alt").unwrap_or_default();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    push_escaped(&text, TextPlace::LinkText, style.text, &mut alt);
    let source = destination(element.attribute("src").unwrap_or_default());
    let title = caption.map(quoted_markdown).unwrap_or_default();
    let width = element.attribute("width").map(|width| format!("{{width={width}}}")).unwrap_or_default();
    format!("![{alt}]({source}{title}){width}")
}

/// Whether `<…>` around an address makes a link of it (CommonMark 6.5).
fn is_autolink(href: &str) -> bool {
    crate::path::has_scheme(href)
        && href.contains("://")
        && !href
            .contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '\\'))
        && crate::import::xml::decode_entities(href) == href
}

/// The destination of a link (CommonMark 6.3).
pub(in crate::import) fn destination(address: &str) -> String {
    let balanced = {
        let mut depth = 0_i32;
        address.chars().all(|c| {
            depth += i32::from(c == '(') - i32::from(c == ')');
            depth >= 0
        }) && depth == 0
    };
    let has_blanks =
        address.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>'));
    let escaped = address.replace('\\', "\\\\");
    let escaped = guard_entities(&escaped);
    if address.is_empty() || has_blanks || !balanced {
        let inner = escaped.replace('<', "\\<").replace('>', "\\>").replace(['\n', '\r'], "");
        return format!("<{inner}>");
    }
    escaped
}

fn guard_entities(text: &str) -> String {
    if crate::import::xml::decode_entities(text) == text {
        text.to_owned()
    } else {
        text.replace('&', "&amp;")
    }
}

fn quoted(title: &str) -> String {
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    format!(" \"{}\"", guard_entities(&title).replace('\\', "\\\\").replace('"', "\\\""))
}

/// A caption that is Markdown already: only the mark that ends it is escaped.
fn quoted_markdown(caption: &str) -> String {
    // A title is unescaped once before it is read as Markdown.
    format!(" \"{}\"", guard_entities(caption).replace('\\', "\\\\").replace('"', "\\\""))
}

/// The content of an element whose text is not Markdown's, on one line.
fn html_inner(element: &HtmlElement) -> Option<String> {
    let html = to_html(&element.children);
    (!html.contains("\n\n")).then(|| {
        let mut escaped = String::with_capacity(html.len());
        let mut is_in_tag = false;
        for c in html.chars() {
            match c {
                '<' => is_in_tag = true,
                '>' => is_in_tag = false,
                '\\' | '`' | '*' | '_' | '[' | ']' | '$' | '~' if !is_in_tag => escaped.push('\\'),
                _ => {}
            }
            escaped.push(c);
        }
        escaped
    })
}

/// Code without anything in it but text and spans.
fn is_plain_code(element: &HtmlElement) -> bool {
    element.attribute("id").is_none()
        && element.elements().iter().skip(1).all(|inner| inner.name == "span" || inner.name == "wbr")
}

pub(super) fn longest_run(text: &str, mark: char) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == mark { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

/// The first character that Markdown has for nodes; a sign for anything but text.
fn first_char(nodes: &[HtmlNode]) -> Option<char> {
    nodes.iter().find_map(|node| match node {
        HtmlNode::Text(text) => text.chars().next(),
        HtmlNode::Comment(_) => None,
        HtmlNode::Element(element) if element.name == "br" => Some('\n'),
        HtmlNode::Element(element) if element.name == "span" && element.attributes.is_empty() => {
            first_char(&element.children)
        }
        HtmlNode::Element(_) => Some('<'),
    })
}

/// Whether marks between two characters open emphasis (CommonMark 6.2, left-flanking).
fn opens(before: Option<char>, next: Option<char>) -> bool {
    match next {
        None => false,
        Some(next) if next.is_whitespace() => false,
        Some(next) if is_punctuation(next) => {
            before.is_none_or(|before| before.is_whitespace() || is_punctuation(before))
        }
        Some(_) => true,
    }
}

/// Whether they close it (right-flanking).
fn closes(last: Option<char>, behind: Option<char>) -> bool {
    match last {
        None => false,
        Some(last) if last.is_whitespace() => false,
        Some(last) if is_punctuation(last) => {
            behind.is_none_or(|behind| behind.is_whitespace() || is_punctuation(behind))
        }
        Some(_) => true,
    }
}

fn is_punctuation(c: char) -> bool {
    c.is_ascii_punctuation() || {
        let category = CodePointMapData::<GeneralCategory>::new().get(c);
        GeneralCategoryGroup::Punctuation.contains(category)
            || GeneralCategoryGroup::Symbol.contains(category)
    }
}
