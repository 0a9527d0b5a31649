//! What kramdown reads and Backmatter does not: lists of attributes, extensions, abbreviations, tables without a head.

use std::collections::BTreeMap;
use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, TagEnd};

use super::markdown_parts::{abbreviations, code_ranges, is_within, with_markdown_in_html};
use super::replacements::{alert_kind, quoted};

/// The attributes of a list in braces.
#[derive(Debug, Default, PartialEq, Eq)]
struct AttributeList {
    id: Option<String>,
    classes: Vec<String>,
    values: BTreeMap<String, String>,
    /// `toc` and the names of definitions.
    references: Vec<String>,
}

impl AttributeList {
    fn parse(text: &str) -> Self {
        let mut list = Self::default();
        let mut rest = text.trim();
        while !rest.is_empty() {
            let end = match rest.find(['=', ' ', '\t']) {
                Some(at) if rest[at..].starts_with("=\"") => {
                    rest[at + 2..].find('"').map(|end| at + 2 + end + 1)
                }
                Some(at) if rest[at..].starts_with("='") => {
                    rest[at + 2..].find('\'').map(|end| at + 2 + end + 1)
                }
                Some(at) if rest[at..].starts_with('=') => rest.find([' ', '\t']),
                other => other,
            };
            let (part, behind) = rest.split_at(end.unwrap_or(rest.len()));
            list.add(part);
            rest = behind.trim_start();
        }
        list
    }

    fn add(&mut self, part: &str) {
        if let Some((name, value)) = part.split_once('=') {
            self.values.insert(name.to_owned(), value.trim_matches(['"', '\'']).to_owned());
        } else if let Some(id) = part.strip_prefix('#') {
            self.id = Some(id.to_owned());
        } else {
            // `.one.two` is two classes.
            let classes = part.split('.').filter(|class| !class.is_empty()).map(str::to_owned);
            if part.starts_with('.') { self.classes.extend(classes) } else { self.references.extend(classes) }
        }
    }

    /// As the attributes of an image are written here.
    fn for_image(&self) -> String {
        let mut parts: Vec<String> = Vec::new();
        for (name, value) in &self.values {
            if matches!(name.as_str(), "width" | "height") {
                parts.push(format!("{name}={value}"));
            }
        }
        parts.extend(self.classes.iter().map(|class| format!(".{class}")));
        parts.extend(self.id.iter().map(|id| format!("#{id}")));
        if parts.is_empty() { String::new() } else { format!("{{{}}}", parts.join(" ")) }
    }

    fn alert(&self) -> Option<&'static str> {
        self.classes.iter().find_map(|class| {
            let name = class
                .trim_start_matches("notice--")
                .trim_start_matches("prompt-")
                .trim_start_matches("alert-");
            alert_kind(name)
        })
    }

    fn language(&self) -> Option<&str> {
        self.classes.iter().find_map(|class| class.strip_prefix("language-"))
    }
}

/// A text of kramdown as Markdown that shows the same.
pub(super) fn to_markdown(text: &str, remarks: &mut Vec<String>) -> String {
    let text = without_extensions(text, remarks);
    let text = with_inline_attributes(&text, remarks);
    let text = with_block_attributes(&text, remarks);
    let text = with_inline_formulas(&text);
    with_markdown_in_html(&abbreviations(&text))
}

/// Comments, options and HTML between the marks of extensions: `{::comment}…{:/comment}`.
fn without_extensions(text: &str, remarks: &mut Vec<String>) -> String {
    if !text.contains("{::") {
        return text.to_owned();
    }
    let code = code_ranges(text);
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(start) = text[at..].find("{::").map(|found| at + found) {
        let Some(end) =
            text[start..].find('}').map(|end| start + end + 1).filter(|_| !is_within(&code, start))
        else {
            out.push_str(&text[at..start + 3]);
            at = start + 3;
            continue;
        };
        out.push_str(&text[at..start]);
        at = end;
        let inner = text[start + 3..end - 1].trim();
        let name = inner.split([' ', '/']).next().unwrap_or_default();
        if inner.ends_with('/') {
            remarks.push(format!("options of kramdown were left out: `{}`", &text[start..end]));
            continue;
        }
        let long_end = format!("{{:/{name}}}");
        let close = [long_end.as_str(), "{:/}"]
            .iter()
            .filter_map(|mark| Some((text[end..].find(mark)?, mark.len())))
            .min();
        match (name, close) {
            ("comment", Some((length, mark))) => at = end + length + mark,
            ("nomarkdown", Some((length, mark))) => {
                out.push_str(&text[end..end + length]);
                at = end + length + mark;
            }
            _ => out.push_str(&text[start..end]),
        }
    }
    out.push_str(&text[at..]);
    out
}

/// Attributes directly behind a picture, a link or a mark within a line.
fn with_inline_attributes(text: &str, remarks: &mut Vec<String>) -> String {
    if !text.contains("{:") {
        return text.to_owned();
    }
    let mut pictures: BTreeMap<usize, bool> = BTreeMap::new();
    for (event, span) in
        Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH).into_offset_iter()
    {
        let is_owner = matches!(
            event,
            Event::End(TagEnd::Link | TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough)
                | Event::Code(_)
        );
        if is_owner || matches!(event, Event::End(TagEnd::Image)) {
            pictures.insert(span.end, matches!(event, Event::End(TagEnd::Image)));
        }
    }
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (end, is_picture) in pictures {
        let Some(list) = text[end..].strip_prefix("{:").filter(|list| !list.starts_with([':', '/'])) else {
            continue;
        };
        let Some(length) = list.find('}').filter(|length| end >= at && !list[..*length].contains('\n'))
        else {
            continue;
        };
        let attributes = AttributeList::parse(&list[..length]);
        out.push_str(&text[at..end]);
        if is_picture {
            out.push_str(&attributes.for_image());
        } else {
            remarks.push(format!("attributes of kramdown were left out: `{{:{}}}`", list[..length].trim()));
        }
        at = end + 2 + length + 1;
    }
    out.push_str(&text[at..]);
    out
}

/// The lines of a text, and the blocks that attributes belong to.
struct KramdownLines<'t> {
    lines: Vec<String>,
    code: &'t [Range<usize>],
    /// Attributes that stand before their block.
    ahead: Option<AttributeList>,
}

fn with_block_attributes(text: &str, remarks: &mut Vec<String>) -> String {
    let code = code_ranges(text);
    let mut state = KramdownLines { lines: Vec::new(), code: &code, ahead: None };
    let mut at = 0;
    let mut source = text.split_inclusive('\n').peekable();
    while let Some(line) = source.next() {
        let start = at;
        at += line.len();
        let trimmed = line.trim_end_matches(['\n', '\r']);
        // A block of indented code begins behind its indent.
        let words = start + line.len() - line.trim_start().len();
        let list = attribute_line(trimmed).filter(|_| !is_within(state.code, words));
        let Some(list) = list else {
            if trimmed.trim() == "^" && !is_within(state.code, start) {
                // It only ends the block above.
                state.lines.push("<!-- -->".to_owned());
            } else {
                state.lines.push(trimmed.to_owned());
            }
            continue;
        };
        // A definition for other lists: `{:name: .class}`.
        let is_definition = list.split_once(':').is_some_and(|(name, _)| {
            !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
        });
        let attributes = AttributeList::parse(list);
        let has_block_above = state.lines.last().is_some_and(|line| !line.trim().is_empty());
        if is_definition {
            remarks.push(format!("attributes of kramdown were left out: `{}`", trimmed.trim()));
        } else if has_block_above {
            apply(&mut state.lines, &attributes, trimmed, remarks);
        } else if source.peek().is_some_and(|next| !next.trim().is_empty()) {
            state.ahead = Some(attributes);
        } else {
            remarks.push(format!("attributes of kramdown were left out: `{}`", trimmed.trim()));
        }
        if let Some(id) = state.ahead.take().and_then(|ahead| ahead.id) {
            state.lines.extend([format!("<a id=\"{id}\"></a>"), String::new()]);
        }
    }
    let mut out = with_table_heads(&state.lines).join("\n");
    if text.ends_with('\n') {
        out.push('\n');
    }
    out
}

/// What stands in a line that is only a list of attributes.
fn attribute_line(line: &str) -> Option<&str> {
    let indent = line.len() - line.trim_start().len();
    let list = line.trim().strip_prefix("{:")?.strip_suffix('}')?;
    (indent <= 12 && !list.starts_with([':', '/']) && !list.contains('}')).then_some(list)
}

/// Gives attributes to the block whose last line is the last one.
fn apply(lines: &mut Vec<String>, attributes: &AttributeList, written: &str, remarks: &mut Vec<String>) {
    let start = block_start(lines);
    let last = lines.last().cloned().unwrap_or_default();
    if attributes.references.iter().any(|reference| reference == "toc") {
        // The theme shows the contents.
        lines.truncate(start);
        return;
    }
    let is_heading = last.trim_start().starts_with('#') || is_underline(&last) && lines.len() - start > 1;
    if is_heading {
        let at = if last.trim_start().starts_with('#') { lines.len() - 1 } else { lines.len() - 2 };
        if let Some(id) = &attributes.id {
            lines[at] = format!("{} {{#{id}}}", lines[at].trim_end().trim_end_matches('#').trim_end());
        }
        return;
    }
    if let Some(language) =
        attributes.language().or(attributes.classes.first().map(String::as_str)).filter(|_| is_fence(&last))
    {
        let open = lines[..lines.len() - 1].iter().rposition(|line| is_fence(line));
        if let Some(line) =
            open.map(|open| &mut lines[open]).filter(|line| line.trim().chars().all(|c| c == '`' || c == '~'))
        {
            line.push_str(language);
        }
        return;
    }
    if let Some(kind) = attributes.alert() {
        let block: Vec<String> = lines.drain(start..).collect();
        let is_quote = block.iter().all(|line| line.trim_start().starts_with('>'));
        let inner = if is_quote { block.join("\n") } else { quoted(&block.join("\n")) };
        lines.push(format!("> [!{kind}]\n{inner}"));
        return;
    }
    let is_picture =
        last.trim_start().starts_with("![") && last.trim_end().ends_with(')') && lines.len() - start == 1;
    if is_picture {
        lines[start] = format!("{}{}", last.trim_end(), attributes.for_image());
        return;
    }
    if let Some(id) = &attributes.id {
        let anchor = format!("<a id=\"{id}\"></a>");
        let first = lines[start].trim_start();
        let is_text = !first.starts_with(['>', '|', '<', '-', '*', '+', '`', '~'])
            && !first.starts_with(|c: char| c.is_ascii_digit());
        if is_text {
            lines[start] = format!("{anchor}{}", lines[start]);
        } else {
            lines.insert(start, format!("{anchor}\n"));
        }
    }
    if !attributes.classes.is_empty() || !attributes.values.is_empty() {
        remarks.push(format!("attributes of kramdown were left out: `{}`", written.trim()));
    }
}

/// The index of the first line of the block that ends with the last line.
fn block_start(lines: &[String]) -> usize {
    if lines.last().is_some_and(|line| is_fence(line)) {
        let open = lines[..lines.len() - 1].iter().rposition(|line| is_fence(line));
        return open.unwrap_or(lines.len() - 1);
    }
    lines.iter().rposition(|line| line.trim().is_empty()).map_or(0, |blank| blank + 1)
}

fn is_fence(line: &str) -> bool {
    line.trim_start().starts_with("```") || line.trim_start().starts_with("~~~")
}

fn is_underline(line: &str) -> bool {
    let line = line.trim();
    !line.is_empty() && (line.chars().all(|c| c == '=') || line.chars().all(|c| c == '-'))
}

/// Tables need a line of dashes here; one without gets an empty head.
fn with_table_heads(lines: &[String]) -> Vec<String> {
    let mut out: Vec<String> = Vec::with_capacity(lines.len());
    let mut is_fenced = false;
    for (at, line) in lines.iter().enumerate() {
        is_fenced ^= is_fence(line);
        let is_row = line.starts_with('|') && line.trim_end().ends_with('|') && line.len() > 2;
        let begins = is_row && !is_fenced && (at == 0 || lines[at - 1].trim().is_empty());
        let next = lines.get(at + 1).map(|next| next.trim()).unwrap_or_default();
        if begins && next.starts_with('|') && !is_delimiter(next) && !is_delimiter(line) {
            let columns = line.matches('|').count().saturating_sub(line.matches("\\|").count() + 1);
            out.push(format!("|{}", "  |".repeat(columns)));
            out.push(format!("|{}", "---|".repeat(columns)));
        }
        out.push(line.clone());
    }
    out
}

fn is_delimiter(line: &str) -> bool {
    line.contains('-') && line.chars().all(|c| "|-:+ =".contains(c))
}

/// `$$x$$` within a line is a formula of that line.
fn with_inline_formulas(text: &str) -> String {
    if !text.contains("$$") {
        return text.to_owned();
    }
    let code = code_ranges(text);
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let marks = line.matches("$$").count();
        let is_alone = line.trim().starts_with("$$") && line.trim().ends_with("$$") && marks <= 2;
        if marks < 2 || marks % 2 == 1 || is_alone || is_within(&code, start) || line.contains('`') {
            out.push_str(line);
        } else {
            out.push_str(&line.replace("$$", "$"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(to_markdown(text, &mut Vec::new()), expected, "{text}");
    }

    #[test]
    fn attributes_go_where_they_have_a_form() {
        check("A note\n{: #anchor .cls}\n", "<a id=\"anchor\"></a>A note\n");
        check("## Part ##\n{: #p}\n", "## Part {#p}\n");
        check("Part\n====\n{:#p .no_toc}\n", "Part {#p}\n====\n");
        check("~~~\nx\n~~~\n{: .language-ruby}\n", "~~~ruby\nx\n~~~\n");
        check("![a](b.png){: width=\"200\" .wide}\n", "![a](b.png){width=200 .wide}\n");
        check("![a](b.png)\n{: .wide}\n", "![a](b.png){.wide}\n");
        check("[a](b){:target=\"_blank\"} and {:.cls}\n", "[a](b) and {:.cls}\n");
        check("Mind it.\n{: .notice--warning}\n", "> [!WARNING]\n> Mind it.\n");
        check("> Mind it.\n{: .prompt-tip }\n", "> [!TIP]\n> Mind it.\n");
        check("* TOC\n{:toc}\n\nx\n", "\nx\n");
        check("    {: .x}\n\n`{: .y}`\n", "    {: .x}\n\n`{: .y}`\n");
    }

    #[test]
    fn extensions_and_tables_are_read() {
        check("a {::comment}b{:/comment}c {::options parse=\"x\" /}d\n", "a c d\n");
        check("{::nomarkdown}<b>*</b>{:/}\n", "<b>*</b>\n");
        check("| a | b |\n| c | d |\n", "|  |  |\n|---|---|\n| a | b |\n| c | d |\n");
        check("| a |\n|---|\n| c |\n", "| a |\n|---|\n| c |\n");
        check("With $$x$$ in it\n\n$$y$$\n", "With $x$ in it\n\n$$y$$\n");
        check(
            "The HTML.\n\n*[HTML]: Hyper \"Text\"\n",
            "The <abbr title=\"Hyper &quot;Text&quot;\">HTML</abbr>.\n\n",
        );
    }
}
