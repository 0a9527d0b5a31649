//! The little that is done to HTML as text: escaping, taking the tags out, and changing addresses.

use std::borrow::Cow;
use std::ops::Range;

use icu_properties::CodePointMapData;
use icu_properties::props::BidiClass;
use unicode_segmentation::GraphemeCursor;

/// Appends `text` so that it means itself between tags and in quoted attributes.
pub(crate) fn escape_to(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = first_mark(rest.as_bytes()) {
        out.push_str(&rest[..at]);
        out.push_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            _ => "&quot;",
        });
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
}

/// Where the first byte is that has to be escaped.
fn first_mark(bytes: &[u8]) -> Option<usize> {
    const STEP: usize = 16;
    // Not `matches!`: the compiler makes one instruction of each of these, for all bytes of a step.
    let is_mark = |byte: &u8| (*byte == b'&') | (*byte == b'<') | (*byte == b'>') | (*byte == b'"');
    let steps = bytes.chunks_exact(STEP);
    let plain =
        steps.take_while(|step| !step.iter().fold(false, |any, byte| any | is_mark(byte))).count() * STEP;
    bytes[plain..].iter().position(is_mark).map(|at| plain + at)
}

/// [`escape_to`] into a new string.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    escape_to(text, &mut out);
    out
}

/// Escapes for XML: as HTML, and without the characters XML 1.0 section 2.2 excludes.
pub(crate) fn escape_xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    escape_xml_to(text, &mut out);
    out
}

/// [`escape_xml`] to the end of a text.
pub(crate) fn escape_xml_to(text: &str, out: &mut String) {
    let allowed = |c: &char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    // No text that lacks these bytes, as nearly all do, holds a character that is not allowed. Bytes are looked at
    // many at a time, characters one by one.
    let is_suspicious = text.bytes().fold(false, |any, byte| {
        any | (byte < b' ') & (byte != b'\t') & (byte != b'\n') & (byte != b'\r') | (byte == 0xef)
    });
    if is_suspicious && !text.chars().all(|c| allowed(&c)) {
        escape_to(&text.chars().filter(allowed).collect::<String>(), out);
    } else {
        escape_to(text, out);
    }
}

/// The text between tags, with the entities our own writer makes undone and white space folded.
/// For HTML of our own making; strangers' pages need a real parser.
pub fn plain_text(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        text.push_str(&rest[..open]);
        let tag = &rest[open..];
        let Some(close) = tag.find('>') else {
            rest = tag;
            break;
        };
        if separates_words(&tag[..close]) {
            text.push(' ');
        }
        rest = &tag[close + 1..];
    }
    text.push_str(rest);
    fold_white_space(&decode_references(&text))
}

/// A text with the characters that its character references stand for, as far as the engine writes any.
pub(crate) fn decode_references(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'");
    Cow::Owned(text.replace("&nbsp;", " ").replace("&amp;", "&"))
}

/// Whether a tag, which begins with `<`, separates the words before it from those behind it.
pub(crate) fn separates_words(tag: &str) -> bool {
    let name = tag.trim_start_matches(['<', '/']).trim_end_matches('>');
    !INLINE.iter().any(|inline| is_tag(name, inline))
}

/// Tags that do not separate words.
const INLINE: [&str; 18] = [
    "a", "abbr", "b", "cite", "code", "del", "em", "i", "ins", "kbd", "mark", "q", "s", "span", "strong",
    "sub", "sup", "u",
];

fn is_tag(tag: &str, name: &str) -> bool {
    tag.strip_prefix(name).is_some_and(|rest| {
        rest.is_empty() || rest.starts_with(|c: char| c.is_ascii_whitespace() || c == '/')
    })
}

/// Words with single spaces between them and none around.
pub fn fold_white_space(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(word);
    }
    folded
}

/// The first words of a text, at most `limit` characters, with an ellipsis if anything was left out.
pub(crate) fn shorten(text: &str, limit: usize) -> String {
    if text.chars().nth(limit).is_none() {
        return text.to_owned();
    }
    let room = text.char_indices().nth(limit.saturating_sub(1)).map_or(0, |(at, _)| at);
    // What is seen as one character is not cut through.
    let mut cursor = GraphemeCursor::new(room, text.len(), true);
    let cut = match cursor.is_boundary(text, 0) {
        Ok(true) => &text[..room],
        _ => &text[..cursor.prev_boundary(text, 0).ok().flatten().unwrap_or_default()],
    };
    let end = cut.rfind(char::is_whitespace).filter(|&end| end > limit / 2).unwrap_or(cut.len());
    let cut = cut[..end].trim_end_matches(|c: char| c.is_whitespace() || ",;:–—-".contains(c));
    format!("{cut}…")
}

/// The beginning of a paragraph of well-formed HTML, at most `limit` characters of text, with an ellipsis behind it; `None` if
/// hardly more than that would be left out, or if it cannot be cut.
pub(crate) fn shorten_markup(html: &str, limit: usize) -> Option<String> {
    let mut open: Vec<&str> = Vec::new();
    // The last place to cut, and what is open there.
    let (mut cut, mut open_there): (Option<usize>, Vec<&str>) = (None, Vec::new());
    let mut length = 0;
    let mut at = 0;
    // A line or two more are less than a reader's way to the post.
    let most = limit + limit / 4;
    for tag in Tags::of(html).chain(std::iter::once(html.len()..html.len())) {
        // A formula, a picture or a line of code is shown whole or not at all.
        let can_be_cut = open.iter().all(|name| CAN_BE_CUT.contains(name));
        let mut is_entity = false;
        let mut cut_here = None;
        for (place, c) in html[at..tag.start].char_indices() {
            let is_end = c.is_whitespace() || "。、，．！？".contains(c);
            if can_be_cut && is_end && length < limit {
                let end = at + place + if c.is_whitespace() { 0 } else { c.len_utf8() };
                cut_here = Some(end);
            }
            is_entity = c == '&' || is_entity && c != ';';
            length += usize::from(!is_entity);
        }
        if let Some(end) = cut_here {
            cut = Some(end);
            open_there.clone_from(&open);
        }
        if length > most {
            break;
        }
        at = tag.end;
        let is_end_tag = html[tag.clone()].starts_with("</");
        let name = html[tag].trim_start_matches(['<', '/']);
        let name = &name[..name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len())];
        if is_end_tag {
            // What a writer of raw HTML closes in another order ends with what is around it.
            let opened = open.iter().rposition(|&opened| opened == name);
            open.truncate(opened.unwrap_or(open.len()));
        } else if !name.is_empty() && !html[..at].ends_with("/>") && !is_void_element(name) {
            open.push(name);
        }
    }
    let end = cut.filter(|_| length > most)?;
    let start = html[..end].trim_end_matches(|c: char| c.is_whitespace() || ",:–—-、，".contains(c));
    let ends: String = open_there.iter().rev().map(|name| format!("</{name}>")).collect();
    Some(format!("{start}…{ends}"))
}

/// Elements whose text can be cut anywhere between words.
const CAN_BE_CUT: [&str; 22] = [
    "a", "abbr", "b", "bdi", "bdo", "cite", "del", "dfn", "em", "i", "ins", "mark", "p", "q", "s", "small",
    "span", "strong", "sub", "sup", "time", "u",
];

/// Whether an element, by its name in lower case, has neither content nor an end tag (HTML, section 13.1.2).
pub(crate) fn is_void_element(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "br"
            | "col"
            | "embed"
            | "hr"
            | "img"
            | "input"
            | "link"
            | "meta"
            | "source"
            | "track"
            | "wbr"
    )
}

/// Changes the addresses in raw HTML: `change` is given each value of an attribute that holds one
/// address (`href`, `xlink:href`, `src`, `poster`, `data`, `cite`, `action`) and each address of a `srcset`, decoded, and returns another
/// one or `None` to leave it. A fragment that is not a link's stays, as `<use href="#x">` means a part of its own drawing.
pub(crate) fn change_addresses(html: &str, mut change: impl FnMut(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(html.len() + 64);
    let mut copied = 0;
    for tag in Tags::of(html) {
        out.push_str(&html[copied..tag.start]);
        change_tag(&html[tag.clone()], &mut change, &mut out);
        copied = tag.end;
    }
    out.push_str(&html[copied..]);
    out
}

/// Finds the anchors in raw HTML: each value of `id`, and of `name` on a link.
pub(crate) fn each_anchor(html: &str, mut found: impl FnMut(&str)) {
    for tag in Tags::of(html) {
        let tag = &html[tag];
        let is_link = is_start_tag(tag, "a");
        each_attribute(tag, |name, value| {
            if name.eq_ignore_ascii_case("id") || (is_link && name.eq_ignore_ascii_case("name")) {
                found(value);
            }
        });
    }
}

/// The elements whose text means itself, so that tags in it are text (HTML, section 13.1.2: raw text, escapable raw
/// text, and what a browser parses as such). The last one cannot be closed.
const RAW_TEXT: [&str; 9] =
    ["script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "plaintext"];

/// The name of the element that a start tag begins, if its text means itself.
pub(crate) fn raw_text_element(tag: &str) -> Option<&'static str> {
    // Every tag of every page is asked, so its name is found once and compared with those as long as it.
    let inner = tag.strip_prefix('<')?;
    let end = inner.bytes().position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'))?;
    RAW_TEXT.into_iter().find(|name| name.len() == end && inner[..end].eq_ignore_ascii_case(name))
}

/// Where the end tag of an element begins.
pub(crate) fn find_end_tag(html: &str, name: &str) -> Option<usize> {
    html.match_indices("</").map(|(at, _)| at).find(|at| {
        let rest = &html[at + 2..];
        let is_name = rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
        is_name && rest[name.len()..].starts_with(|c: char| c.is_ascii_whitespace() || c == '>' || c == '/')
    })
}

/// The tags of a piece of HTML, by their bytes. What is in a comment, and in an element whose text means itself, is not a tag.
pub(crate) struct Tags<'h> {
    html: &'h str,
    at: usize,
}

impl<'h> Tags<'h> {
    pub(crate) fn of(html: &'h str) -> Self {
        Self { html, at: 0 }
    }
}

impl Iterator for Tags<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        loop {
            let start = self.at + memchr::memchr(b'<', &self.html.as_bytes()[self.at..])?;
            let rest = &self.html[start..];
            if rest.starts_with("<!--") {
                self.at = start + comment_end(rest).unwrap_or(rest.len());
                continue;
            }
            if !rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/') {
                self.at = start + 1;
                continue;
            }
            let end = start + tag_end(rest);
            self.at = match raw_text_element(rest) {
                Some(name) => {
                    find_end_tag(&self.html[end..], name).map_or(self.html.len(), |close| end + close)
                }
                None => end,
            };
            return Some(start..end);
        }
    }
}

/// Where the comment ends that a text begins with; `<!-->` and `<!--->` are whole ones (HTML, section 13.2.5.43).
pub(crate) fn comment_end(html: &str) -> Option<usize> {
    let inner = &html["<!--".len()..];
    let closed_at_once = [">", "->"].into_iter().find(|close| inner.starts_with(close));
    match closed_at_once {
        Some(close) => Some("<!--".len() + close.len()),
        None => inner.find("-->").map(|at| at + "<!---->".len()),
    }
}

/// Whether a text begins with the start tag of an element.
pub(crate) fn is_start_tag(html: &str, name: &str) -> bool {
    let rest = html.strip_prefix('<').and_then(|tag| {
        tag.get(..name.len()).filter(|start| start.eq_ignore_ascii_case(name)).map(|_| &tag[name.len()..])
    });
    rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_whitespace() || c == '>' || c == '/'))
}

/// The value of an attribute of a tag, decoded.
pub(crate) fn attribute(tag: &str, wanted: &str) -> Option<String> {
    let mut value = None;
    each_attribute(tag, |name, found| {
        if value.is_none() && name.eq_ignore_ascii_case(wanted) {
            value = Some(found.replace("&quot;", "\"").replace("&amp;", "&"));
        }
    });
    value
}

/// The start tag of a link with one more class, and with a text fragment behind its address. Other tags stay as they are.
pub(crate) fn with_class_and_fragment(tag: &str, class: &str, fragment: &str) -> String {
    if !is_start_tag(tag, "a") {
        return tag.to_owned();
    }
    let tag = change_addresses(tag, |url| {
        // A directive that is there already makes room for this one.
        let clean = url.split(":~:").next().unwrap_or(url);
        let clean = if clean.len() < url.len() { clean.trim_end_matches('#') } else { clean };
        let fragment = if clean.contains('#') { fragment.trim_start_matches('#') } else { fragment };
        Some(format!("{clean}{fragment}"))
    });
    with_class(&tag, class)
}

/// A start tag with one more class, and with a `datetime` if it has none.
pub(crate) fn with_class_and_datetime(tag: &str, class: &str, datetime: &str) -> String {
    let classed = with_class(tag, class);
    if attribute(tag, "datetime").is_some() {
        return classed;
    }
    let (name, rest) = classed.split_at(tag_name_end(&classed));
    format!("{name} datetime=\"{}\"{rest}", escape(datetime))
}

/// A start tag with one more class.
pub(crate) fn with_class(tag: &str, class: &str) -> String {
    let mut classes = None;
    each_attribute(tag, |name, value| {
        if name.eq_ignore_ascii_case("class") {
            classes = Some(value.as_ptr() as usize - tag.as_ptr() as usize);
        }
    });
    match classes {
        Some(at) => format!("{}{class} {}", &tag[..at], &tag[at..]),
        None => {
            let (name, rest) = tag.split_at(tag_name_end(tag));
            format!("{name} class=\"{class}\"{rest}")
        }
    }
}

/// Where the name of a start tag ends.
fn tag_name_end(tag: &str) -> usize {
    tag.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/')).unwrap_or(tag.len())
}

/// An image in HTML, taken apart around its address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ImageTag<'t> {
    tag: &'t str,
    /// Up to the address: `<img src="`.
    pub before: String,
    /// The address, decoded.
    pub source: String,
    /// Behind the address, without the end of the tag.
    pub after: String,
}

impl<'t> ImageTag<'t> {
    /// `None` if it is another tag, has no address, or has several to choose from already.
    pub(crate) fn of(tag: &'t str) -> Option<Self> {
        if !is_start_tag(tag, "img") || attribute(tag, "srcset").is_some() {
            return None;
        }
        let mut value = None;
        each_attribute(tag, |name, found| {
            if value.is_none() && name.eq_ignore_ascii_case("src") {
                let start = found.as_ptr() as usize - tag.as_ptr() as usize;
                value = Some(start..start + found.len());
            }
        });
        let value = value?;
        let quote = tag[..value.start].chars().next_back().filter(|c| matches!(c, '"' | '\''));
        let before = &tag[..value.start];
        let after = tag[value.end..].strip_prefix(|c| Some(c) == quote).unwrap_or(&tag[value.end..]);
        let after = after.trim_end_matches('>').trim_end().trim_end_matches('/').trim_end();
        Some(Self {
            tag,
            before: if quote.is_some() { before.to_owned() } else { format!("{before}\"") },
            source: attribute(tag, "src")?.trim().to_owned(),
            after: format!("{}{after}", quote.unwrap_or('"')),
        })
    }

    /// The value of an attribute, decoded.
    pub(crate) fn attribute(&self, name: &str) -> Option<String> {
        attribute(self.tag, name)
    }

    /// Whether it has an attribute.
    pub(crate) fn says(&self, name: &str) -> bool {
        self.attribute(name).is_some()
    }
}

fn each_attribute(tag: &str, mut found: impl FnMut(&str, &str)) {
    let mut from = 0;
    while let Some(at) = tag[from..].find('=').map(|at| at + from) {
        let value = value_range(tag, at + 1);
        found(attribute_name(&tag[..at]), &tag[value.clone()]);
        from = value.end.max(at + 1);
    }
}

/// The name at the end of a tag's text before `=`.
fn attribute_name(before: &str) -> &str {
    let before = before.trim_end();
    let start =
        before.rfind(|c: char| c.is_ascii_whitespace() || c == '"' || c == '\'').map_or(0, |at| at + 1);
    &before[start..]
}

/// Makes WordPress take some HTML together with the text before it. It makes the excerpt of a pingback from the text around a
/// link, between two tags such as `<p>`, which it knows in small letters only (`pingback_ping` in WordPress 6). So
/// these tags are written in capitals up to the first word.
pub(crate) fn join_in_wordpress(html: &mut str) {
    const BREAKS: [&str; 14] =
        ["h1", "h2", "h3", "h4", "h5", "h6", "p", "th", "td", "li", "dt", "dd", "pre", "caption"];
    let mut at = 0;
    while let Some(open) = html[at..].find('<') {
        if html[at..at + open].contains(char::is_alphanumeric) {
            return;
        }
        let start = at + open;
        let end = start + tag_end(&html[start..]);
        let name = start + 1 + usize::from(html[start + 1..].starts_with('/'));
        let name_end = name + html[name..].find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(0);
        if BREAKS.contains(&&html[name..name_end]) {
            html[name..name_end].make_ascii_uppercase();
        }
        at = end;
    }
}

/// Whether an element, by its name in lower case, begins a line of its own.
pub(crate) fn is_block_element(name: &str) -> bool {
    const BLOCKS: [&str; 49] = [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "button",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
        "option",
        "p",
        "pre",
        "search",
        "section",
        "select",
        "summary",
        "table",
        "tbody",
        "td",
        "textarea",
        "th",
        "tr",
        "ul",
    ];
    BLOCKS.binary_search(&name).is_ok()
}

/// Where a tag ends, quotes respected.
pub(crate) fn tag_end(tag: &str) -> usize {
    let mut at = 0;
    while let Some(found) = memchr::memchr3(b'>', b'"', b'\'', &tag.as_bytes()[at..]) {
        at += found + 1;
        let quote = match tag.as_bytes()[at - 1] {
            b'"' => '"',
            b'\'' => '\'',
            _ => return at,
        };
        match tag[at..].find(quote) {
            Some(end) => at += end + 1,
            None => break,
        }
    }
    tag.len()
}

fn change_tag(tag: &str, change: &mut impl FnMut(&str) -> Option<String>, out: &mut String) {
    let is_link = is_start_tag(tag, "a") || is_start_tag(tag, "area");
    let mut copied = 0;
    let mut from = 0;
    while let Some(at) = tag[from..].find('=').map(|at| at + from) {
        from = at + 1;
        let name = attribute_name(&tag[..at]);
        let is_set = name.eq_ignore_ascii_case("srcset") || name.eq_ignore_ascii_case("imagesrcset");
        let holds_one = ["href", "xlink:href", "src", "poster", "data", "cite", "action"]
            .iter()
            .any(|known| name.eq_ignore_ascii_case(known));
        if !holds_one && !is_set {
            // Skip a quoted value, which may hold a `=` itself.
            from = value_range(tag, from).end.max(from);
            continue;
        }
        let value = value_range(tag, from);
        let decoded = tag[value.clone()].replace("&amp;", "&");
        let changed = if is_set {
            change_candidates(&decoded, change)
        } else if decoded.starts_with('#') && !is_link {
            None
        } else {
            change(&decoded)
        };
        if let Some(changed) = changed {
            out.push_str(&tag[copied..value.start]);
            let quoted = matches!(tag.as_bytes().get(value.start.wrapping_sub(1)), Some(b'"' | b'\''));
            if !quoted {
                out.push('"');
            }
            out.push_str(&escape(&changed).replace('\'', "&#39;"));
            if !quoted {
                out.push('"');
            }
            copied = value.end;
        }
        from = value.end;
    }
    out.push_str(&tag[copied..]);
}

/// Changes the addresses of a `srcset` (HTML, section 4.8.4.2.1): each ends at white space, what describes it at a comma.
fn change_candidates(set: &str, change: &mut impl FnMut(&str) -> Option<String>) -> Option<String> {
    let mut out = String::with_capacity(set.len());
    let mut is_changed = false;
    let mut rest = set;
    loop {
        let start = rest.find(|c: char| !c.is_ascii_whitespace() && c != ',').unwrap_or(rest.len());
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        if rest.is_empty() {
            return is_changed.then_some(out);
        }
        let end = rest.find(|c: char| c.is_ascii_whitespace()).unwrap_or(rest.len());
        let url = rest[..end].trim_end_matches(',');
        match change(url) {
            Some(changed) => {
                out.push_str(&changed);
                is_changed = true;
            }
            None => out.push_str(url),
        }
        let is_described = url.len() == end;
        rest = &rest[url.len()..];
        if is_described {
            let end = rest.find(',').unwrap_or(rest.len());
            out.push_str(&rest[..end]);
            rest = &rest[end..];
        }
    }
}

/// The bytes of an attribute's value that begins at or after `from`, without its quotes.
fn value_range(tag: &str, from: usize) -> Range<usize> {
    let start = from + tag[from..].len() - tag[from..].trim_start().len();
    let rest = &tag[start..];
    match rest.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            let end = rest[1..].find(quote).map_or(rest.len(), |at| at + 1);
            start + 1..start + end
        }
        _ => {
            let end = rest.find(|c: char| c.is_ascii_whitespace() || c == '>').unwrap_or(rest.len());
            start..start + end
        }
    }
}

/// Whether text of this language is written from right to left, by its primary subtag or script.
pub(crate) fn direction(language: &str) -> &'static str {
    let mut subtags = language.split(['-', '_']);
    let primary = subtags.next().unwrap_or_default().to_ascii_lowercase();
    let script = subtags.find(|subtag| subtag.len() == 4).map(str::to_ascii_lowercase);
    let right_to_left = match script.as_deref() {
        Some(script) => ["arab", "hebr", "thaa", "syrc", "nkoo", "adlm"].contains(&script),
        None => {
            ["ar", "arc", "ckb", "dv", "fa", "he", "iw", "ks", "nqo", "ps", "sd", "syr", "ug", "ur", "yi"]
                .contains(&primary.as_str())
        }
    };
    if right_to_left { "rtl" } else { "ltr" }
}

/// Whether a text has another direction than a language: by its first letter that has one (UAX #9, rule P2).
pub(crate) fn turns_direction(text: &str, language: &str) -> bool {
    let classes = CodePointMapData::<BidiClass>::new();
    let strong = text.chars().map(|c| classes.get(c)).find(|class| {
        matches!(*class, BidiClass::LeftToRight | BidiClass::RightToLeft | BidiClass::ArabicLetter)
    });
    strong.is_some_and(|class| (class != BidiClass::LeftToRight) != (direction(language) == "rtl"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_before_the_first_word_are_in_capitals() {
        for (html, expected) in [
            ("<p class=\"a\">One <em>p</em></p><p>Two</p>", "<P class=\"a\">One <em>p</em></p><p>Two</p>"),
            ("<ul>\n<li>One</li>", "<ul>\n<LI>One</li>"),
            (
                "<p><img src=\"p.png\" alt=\"\"></p>\n<p>One</p>",
                "<P><img src=\"p.png\" alt=\"\"></P>\n<P>One</p>",
            ),
            ("</h2>\n", "</H2>\n"),
            ("One <p>", "One <p>"),
            ("<", "<"),
        ] {
            let mut joined = html.to_owned();
            join_in_wordpress(&mut joined);
            assert_eq!(joined, expected);
        }
    }

    #[test]
    fn addresses_in_raw_html_are_changed_and_nothing_else() {
        let html = r#"<p title="href=/x">a=b <a class=x href="/a?b&amp;c">x</a><img src=/i.png alt='="/y"'><!-- <a href="/z"> -->"#;
        let changed =
            change_addresses(html, |url| url.starts_with('/').then(|| format!("https://e.org{url}")));
        assert_eq!(
            changed,
            r#"<p title="href=/x">a=b <a class=x href="https://e.org/a?b&amp;c">x</a><img src="https://e.org/i.png" alt='="/y"'><!-- <a href="/z"> -->"#
        );
    }

    #[test]
    fn each_address_of_a_set_is_changed() {
        let changed = |set: &str| {
            let html = format!("<img srcset=\"{set}\">");
            change_addresses(&html, |url| url.starts_with('/').then(|| format!("/b{url}")))
        };
        for (set, expected) in [
            ("/a.png", "/b/a.png"),
            ("/a.png 1x, /c.png 2x", "/b/a.png 1x, /b/c.png 2x"),
            (" /a.png,/c.png 2x , d.png 3x", " /b/a.png,/c.png 2x , d.png 3x"),
            ("/a,b.png 300w,/c.png", "/b/a,b.png 300w,/b/c.png"),
            ("/a.png, /c.png", "/b/a.png, /b/c.png"),
            ("a.png 1x", "a.png 1x"),
            (",,", ",,"),
            ("", ""),
        ] {
            assert_eq!(changed(set), format!("<img srcset=\"{expected}\">"), "{set}");
        }
    }

    #[test]
    fn broken_html_is_left_as_it_is() {
        for html in ["<a href=", "<a href='x", "<", "<!--", "<a =", "a < b = c"] {
            assert_eq!(change_addresses(html, |_| None), html);
        }
    }

    #[test]
    fn plain_text_keeps_words_apart() {
        assert_eq!(plain_text("<p>a <em>b</em>c</p><p>d &amp;amp; e</p>"), "a bc d &amp; e");
    }

    #[test]
    fn shortened_text_ends_with_a_word() {
        assert_eq!(shorten("one two three four", 12), "one two…");
        assert_eq!(shorten("short", 12), "short");
        assert_eq!(shorten("üüüüüüüüüüüüüüüü", 5), "üüüü…");
    }

    #[test]
    fn shortened_markup_is_well_formed() {
        let html = "<p>One <em>two <a href=\"/x?a=1&amp;b=2\">three four</a></em> &amp; five six seven</p>";
        for (limit, expected) in [
            (9, Some("<p>One <em>two…</em></p>")),
            (14, Some("<p>One <em>two <a href=\"/x?a=1&amp;b=2\">three…</a></em></p>")),
            (21, Some("<p>One <em>two <a href=\"/x?a=1&amp;b=2\">three four</a></em> &amp;…</p>")),
            // Two words more are shown as well.
            (30, None),
        ] {
            assert_eq!(shorten_markup(html, limit).as_deref(), expected, "{limit}");
        }
        assert_eq!(
            shorten_markup("<p>One <code>a b c d</code> two three<br>four</p>", 9).as_deref(),
            Some("<p>One…</p>"),
        );
        assert_eq!(
            shorten_markup("<p>港口的灯塔今夜没有点亮。渡船停在岸边，没有人说话。</p>", 15).as_deref(),
            Some("<p>港口的灯塔今夜没有点亮。…</p>"),
        );
        assert_eq!(shorten_markup("<p>Onewordwithoutanyspaceinit</p>", 9), None);
    }

    #[test]
    fn every_mark_is_escaped_wherever_it_stands() {
        for before in 0..40 {
            for after in [0, 1, 15, 16, 17, 40] {
                let (before, after) = ("é".repeat(before), "x".repeat(after));
                assert_eq!(
                    escape(&format!("{before}<&\"'>{after}&")),
                    format!("{before}&lt;&amp;&quot;'&gt;{after}&amp;")
                );
            }
        }
    }

    #[test]
    fn characters_that_xml_excludes_are_left_out() {
        assert_eq!(escape_xml("a\u{0}b\u{b}\tc\r\n\u{1f}\u{7f}<"), "ab\tc\r\n\u{7f}&lt;");
        assert_eq!(
            escape_xml("\u{fffd}\u{fffe}\u{ffff}\u{feff}\u{10000}\u{efff}"),
            "\u{fffd}\u{feff}\u{10000}\u{efff}"
        );
    }

    #[test]
    fn scripts_decide_direction_before_languages() {
        assert_eq!(direction("ar"), "rtl");
        assert_eq!(direction("fa-IR"), "rtl");
        assert_eq!(direction("az-Arab"), "rtl");
        assert_eq!(direction("ks-Deva"), "ltr");
        assert_eq!(direction("sv"), "ltr");
    }
}
