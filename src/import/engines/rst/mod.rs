//! reStructuredText as HTML: what articles of Pelican are written with. The crates that read it end at the first directive that they
//! do not know; here such a directive stays as it is written, and is noted.

mod directives;
mod inline;
mod tables;

use serde_json::{Map, Value};

use self::inline::{RstTargets, folded, is_note, to_html};
use crate::html::escape;

/// How deep blocks may stand in each other.
const DEEPEST: usize = 40;

/// An article: its fields, and its text.
#[derive(Debug, Default)]
pub(super) struct RstDocument {
    /// The title and the fields before the text, in lower case.
    pub(super) keys: Map<String, Value>,
    pub(super) html: String,
}

/// Reads a text.
pub(super) fn read(text: &str, remarks: &mut Vec<String>) -> RstDocument {
    let text = text.replace('\t', "        ");
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let mut document = RstDocument::default();
    let targets = targets(&lines);
    let notes = targets.notes.iter().map(|_| String::new()).collect();
    let mut reader =
        RstReader { targets, marks: Vec::new(), remarks, has_title: false, notes, notes_read: 0 };
    let start = reader.head(&lines, &mut document.keys);
    reader.blocks(&lines[start..], 0, &mut document.html);
    if !reader.notes.is_empty() {
        let items: String = reader.notes.iter().map(|note| format!("<li>{note}</li>")).collect();
        document.html.push_str(&format!("<div class=\"footnotes\"><ol>{items}</ol></div>\n"));
    }
    document
}

struct RstReader<'r> {
    targets: RstTargets,
    /// How sections are marked, the first level first.
    marks: Vec<SectionMark>,
    remarks: &'r mut Vec<String>,
    has_title: bool,
    /// The texts of footnotes, in the order of their labels.
    notes: Vec<String>,
    notes_read: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct SectionMark {
    character: char,
    is_above: bool,
}

/// A title with its marks.
struct SectionTitle<'l> {
    title: &'l str,
    mark: SectionMark,
    lines: usize,
}

/// A line of one punctuation character.
fn adornment(line: &str) -> Option<char> {
    let first = line.chars().next().filter(char::is_ascii_punctuation)?;
    line.chars().all(|c| c == first).then_some(first)
}

fn section<'l>(lines: &[&'l str]) -> Option<SectionTitle<'l>> {
    if let [above, title, below, ..] = lines
        && let Some(character) = adornment(above).filter(|c| adornment(below) == Some(*c))
        && !title.is_empty()
        && above.len() == below.len()
    {
        return Some(SectionTitle {
            title: title.trim(),
            mark: SectionMark { character, is_above: true },
            lines: 3,
        });
    }
    let [title, below, ..] = lines else { return None };
    let character = adornment(below)?;
    let is_title = !title.is_empty() && !title.starts_with(' ') && adornment(title).is_none();
    let is_long = below.len() >= title.chars().count().min(4);
    (is_title && is_long).then_some(SectionTitle {
        title,
        mark: SectionMark { character, is_above: false },
        lines: 2,
    })
}

impl RstReader<'_> {
    /// The title and the fields at the top.
    fn head(&mut self, lines: &[&str], keys: &mut Map<String, Value>) -> usize {
        let mut at = skip_blank(lines, 0);
        if let Some(found) = section(&lines[at..]) {
            keys.insert("title".to_owned(), Value::String(plain(&to_html(found.title, &self.targets))));
            self.has_title = true;
            at = skip_blank(lines, at + found.lines);
        }
        while let Some(field) = lines.get(at).and_then(|line| field(line)) {
            let end = block_end(lines, at + 1, 1);
            let more = lines[at + 1..end].iter().map(|line| line.trim()).filter(|line| !line.is_empty());
            let value: Vec<&str> =
                [field.value].into_iter().chain(more).filter(|line| !line.is_empty()).collect();
            keys.insert(field.name.to_lowercase(), Value::String(value.join(" ")));
            at = end;
        }
        at
    }

    fn inline(&self, text: &str) -> String {
        to_html(text, &self.targets)
    }

    /// The blocks of lines that stand at the same indent.
    fn blocks(&mut self, lines: &[&str], depth: usize, out: &mut String) {
        if depth > DEEPEST {
            out.push_str(&format!("<pre>{}</pre>", escape(&lines.join("\n"))));
            return;
        }
        let mut at = skip_blank(lines, 0);
        while at < lines.len() {
            let used = self.block(&lines[at..], depth, out);
            at = skip_blank(lines, at + used.max(1));
        }
    }

    /// One block. Returns how many lines it has.
    fn block(&mut self, lines: &[&str], depth: usize, out: &mut String) -> usize {
        let line = lines[0];
        if line.starts_with(' ') {
            return self.quote(lines, depth, out);
        }
        if let Some(found) = section(lines).filter(|_| depth == 0) {
            let level = self.level(found.mark);
            out.push_str(&format!("<h{level}>{}</h{level}>\n", self.inline(found.title)));
            return found.lines;
        }
        if adornment(line).is_some() && line.len() >= 4 && lines.get(1).is_none_or(|next| next.is_empty()) {
            out.push_str("<hr>\n");
            return 1;
        }
        if line == ".." || line.starts_with(".. ") {
            return self.explicit(lines, depth, out);
        }
        if line.starts_with("__ ") {
            return 1;
        }
        if line.starts_with("| ") || line == "|" {
            return self.line_block(lines, out);
        }
        if line.starts_with(">>> ") {
            let end = lines.iter().position(|line| line.is_empty()).unwrap_or(lines.len());
            out.push_str(&format!(
                "<pre><code class=\"language-pycon\">{}</code></pre>\n",
                escape(&lines[..end].join("\n"))
            ));
            return end;
        }
        if let Some(used) = tables::table(self, lines, depth, out) {
            return used;
        }
        if list_item(line).is_some() {
            return self.list(lines, depth, out);
        }
        if field(line).is_some() {
            return self.fields(lines, depth, out);
        }
        self.paragraph(lines, depth, out)
    }

    fn level(&mut self, mark: SectionMark) -> usize {
        let known = self.marks.iter().position(|known| *known == mark);
        let at = known.unwrap_or_else(|| {
            self.marks.push(mark);
            self.marks.len() - 1
        });
        (at + 2).min(6)
    }

    /// What is indented is a quote; its last line may name its source.
    fn quote(&mut self, lines: &[&str], depth: usize, out: &mut String) -> usize {
        let end = block_end(lines, 0, 1);
        let inner = dedented(&lines[..end]);
        let (text, source) =
            match inner.iter().rposition(|line| line.starts_with("-- ") || line.starts_with("— ")) {
                Some(at) if at > 0 => (&inner[..at], inner[at..].join(" ")),
                _ => (&inner[..], String::new()),
            };
        out.push_str("<blockquote>");
        self.blocks(text, depth + 1, out);
        if !source.is_empty() {
            let source = source.trim_start_matches(['-', '—', ' ']);
            out.push_str(&format!("<p>— {}</p>", self.inline(source)));
        }
        out.push_str("</blockquote>\n");
        end
    }

    fn line_block(&mut self, lines: &[&str], out: &mut String) -> usize {
        let end = lines
            .iter()
            .position(|line| !line.starts_with('|') && !line.starts_with("  "))
            .unwrap_or(lines.len());
        let verses: Vec<String> =
            lines[..end].iter().map(|line| self.inline(line.trim_start_matches('|').trim())).collect();
        out.push_str(&format!("<p>{}</p>\n", verses.join("<br>")));
        end
    }

    fn list(&mut self, lines: &[&str], depth: usize, out: &mut String) -> usize {
        let Some(first) = list_item(lines[0]) else { return 0 };
        let tag = if first.number.is_some() { "ol" } else { "ul" };
        let start = first
            .number
            .filter(|number| *number > 1)
            .map(|number| format!(" start=\"{number}\""))
            .unwrap_or_default();
        out.push_str(&format!("<{tag}{start}>"));
        let mut at = 0;
        while let Some(item) =
            lines.get(at).and_then(|line| list_item(line)).filter(|item| item.is_like(&first))
        {
            let end = block_end(lines, at + 1, item.indent);
            let mut inner = vec![&lines[at][item.indent.min(lines[at].len())..]];
            inner.extend(lines[at + 1..end].iter().map(|line| line.get(item.indent..).unwrap_or_default()));
            out.push_str("<li>");
            let mut html = String::new();
            self.blocks(&inner, depth + 1, &mut html);
            out.push_str(without_lone_paragraph(html.trim_end()));
            out.push_str("</li>");
            at = skip_blank(lines, end);
        }
        out.push_str(&format!("</{tag}>\n"));
        at.max(1)
    }

    fn fields(&mut self, lines: &[&str], depth: usize, out: &mut String) -> usize {
        out.push_str("<dl>");
        let mut at = 0;
        while let Some(found) = lines.get(at).and_then(|line| field(line)) {
            let end = block_end(lines, at + 1, 1);
            let mut inner = vec![found.value];
            inner.extend(dedented(&lines[at + 1..end]));
            out.push_str(&format!("<dt>{}</dt><dd>", self.inline(found.name)));
            self.blocks(&inner, depth + 1, out);
            out.push_str("</dd>");
            at = end;
        }
        out.push_str("</dl>\n");
        at.max(1)
    }

    /// A paragraph, what it defines, or the code that it announces with two colons.
    fn paragraph(&mut self, lines: &[&str], depth: usize, out: &mut String) -> usize {
        let mut end = 1;
        while lines.get(end).is_some_and(|line| !line.is_empty() && !line.starts_with(' ')) {
            end += 1;
        }
        let is_definition =
            end == 1 && lines.get(1).is_some_and(|line| line.starts_with(' ') && !line.trim().is_empty());
        if is_definition && !lines[0].ends_with("::") {
            return self.definitions(lines, depth, out);
        }
        let text = lines[..end].join("\n");
        let Some(before) = text.strip_suffix("::") else {
            out.push_str(&format!("<p>{}</p>\n", self.inline(&text)));
            return end;
        };
        if !before.trim().is_empty() {
            let colon = if before.ends_with(' ') { "" } else { ":" };
            out.push_str(&format!("<p>{}</p>\n", self.inline(&format!("{}{colon}", before.trim_end()))));
        }
        let start = skip_blank(lines, end);
        let last = block_end(lines, start, 1);
        if last > start {
            out.push_str(&format!(
                "<pre><code>{}</code></pre>\n",
                escape(&dedented(&lines[start..last]).join("\n"))
            ));
        }
        last.max(end)
    }

    fn definitions(&mut self, lines: &[&str], depth: usize, out: &mut String) -> usize {
        out.push_str("<dl>");
        let mut at = 0;
        while let [term, next, ..] = &lines[at..]
            && !term.is_empty()
            && !term.starts_with(' ')
            && next.starts_with(' ')
        {
            let end = block_end(lines, at + 1, 1);
            let term = term.split(" : ").next().unwrap_or(term);
            out.push_str(&format!("<dt>{}</dt><dd>", self.inline(term)));
            self.blocks(&dedented(&lines[at + 1..end]), depth + 1, out);
            out.push_str("</dd>");
            at = skip_blank(lines, end);
        }
        out.push_str("</dl>\n");
        at.max(1)
    }
}

/// A field: `:name: value`.
struct RstField<'l> {
    name: &'l str,
    value: &'l str,
}

fn field(line: &str) -> Option<RstField<'_>> {
    let (name, value) = line.strip_prefix(':')?.split_once(':')?;
    let is_field = !name.is_empty()
        && !name.starts_with(' ')
        && !name.contains('`')
        && (value.is_empty() || value.starts_with(' '));
    is_field.then(|| RstField { name, value: value.trim() })
}

/// How an item of a list begins.
struct ListItem {
    /// Of what stands behind its mark.
    indent: usize,
    /// For one that is counted.
    number: Option<usize>,
    mark: char,
}

impl ListItem {
    fn is_like(&self, other: &Self) -> bool {
        self.number.is_some() == other.number.is_some() && (self.number.is_some() || self.mark == other.mark)
    }
}

fn list_item(line: &str) -> Option<ListItem> {
    let mark = line.chars().next()?;
    if "*-+•".contains(mark) {
        let rest = &line[mark.len_utf8()..];
        let blanks = rest.len() - rest.trim_start().len();
        return (rest.starts_with(' ') && !rest.trim().is_empty()).then_some(ListItem {
            indent: mark.len_utf8() + blanks,
            number: None,
            mark,
        });
    }
    let inner = line.strip_prefix('(').unwrap_or(line);
    let end = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '#')?;
    let (number, rest) = inner.split_at(end);
    let close = rest.chars().next().filter(|c| matches!(c, '.' | ')'))?;
    let blanks = rest[1..].len() - rest[1..].trim_start().len();
    let number = match number {
        "#" => 1,
        letter if letter.len() == 1 && letter.chars().all(|c| c.is_ascii_alphabetic()) => {
            usize::from(letter.to_ascii_lowercase().as_bytes()[0] - b'a') + 1
        }
        digits => digits.parse().ok()?,
    };
    let indent = line.len() - inner.len() + end + 1 + blanks;
    (blanks > 0 && indent < line.len()).then_some(ListItem { indent, number: Some(number), mark: close })
}

/// What the explicit markup of a text names: `.. _name: address` and `.. |name| replace:: text`.
fn targets(lines: &[&str]) -> RstTargets {
    let mut targets = RstTargets::default();
    let mut waiting: Vec<String> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if let Some(found) = section(&lines[at..]).filter(|_| line.starts_with(|c: char| !c.is_whitespace()))
        {
            let anchor = format!("#{}", crate::post::slug::slugify(found.title));
            targets.links.entry(folded(found.title)).or_insert(anchor);
        }
        let label = note_label(line);
        let line = line.trim_start();
        if let Some(address) = line.strip_prefix("__ ").or_else(|| line.strip_prefix(".. __:")) {
            targets.anonymous.push(address.trim().to_owned());
        } else if let Some(label) = label {
            if is_note(label) {
                targets.notes.push(label.to_owned());
            } else {
                targets.links.insert(folded(label), format!("#{}", crate::post::slug::slugify(label)));
            }
        } else if let Some((name, address)) = line.strip_prefix(".. _").and_then(|line| line.split_once(':'))
        {
            let name = folded(name.trim_matches('`'));
            if address.trim().is_empty() {
                waiting.push(name);
                continue;
            }
            for name in waiting.drain(..).chain([name]) {
                targets.links.insert(name, address.trim().replace(' ', ""));
            }
        } else if let Some((name, directive)) =
            line.strip_prefix(".. |").and_then(|line| line.split_once("| "))
        {
            let html = match directive.split_once("::") {
                Some(("image", source)) => {
                    format!("<img src=\"{0}\" alt=\"{1}\">", escape(source.trim()), escape(name))
                }
                Some(("replace", text)) => to_html(text.trim(), &RstTargets::default()),
                Some(("unicode", text)) => escape(text.trim()),
                _ => continue,
            };
            targets.substitutions.insert(folded(name), html);
        } else if !line.is_empty() {
            // A name without an address is that of the place itself.
            for name in waiting.drain(..) {
                let anchor = format!("#{}", crate::post::slug::slugify(&name));
                targets.links.entry(name).or_insert(anchor);
            }
        }
    }
    targets
}

/// The label of a footnote or citation: `.. [1] Text`.
fn note_label(line: &str) -> Option<&str> {
    let (label, behind) = line.strip_prefix(".. [")?.split_once(']')?;
    let is_label = !label.is_empty() && !label.contains(char::is_whitespace);
    (is_label && (behind.is_empty() || behind.starts_with(' '))).then_some(label)
}

fn skip_blank(lines: &[&str], from: usize) -> usize {
    lines.iter().skip(from).position(|line| !line.trim().is_empty()).map_or(lines.len(), |at| from + at)
}

/// Behind the last line from a place on that is indented at least as far. Empty lines within belong to it.
fn block_end(lines: &[&str], from: usize, indent: usize) -> usize {
    let mut end = from;
    for (at, line) in lines.iter().enumerate().skip(from) {
        if line.trim().is_empty() {
            continue;
        }
        if line.len() - line.trim_start().len() < indent {
            break;
        }
        end = at + 1;
    }
    end
}

/// Lines without the indent that all of them have.
fn dedented<'l>(lines: &[&'l str]) -> Vec<&'l str> {
    let indents =
        lines.iter().filter(|line| !line.trim().is_empty()).map(|line| line.len() - line.trim_start().len());
    let indent = indents.min().unwrap_or_default();
    lines.iter().map(|line| line.get(indent..).unwrap_or_default()).collect()
}

/// A paragraph that is alone in an item needs no marks.
fn without_lone_paragraph(html: &str) -> &str {
    let inner = html.strip_prefix("<p>").and_then(|html| html.strip_suffix("</p>"));
    inner.filter(|inner| !inner.contains("<p>")).unwrap_or(html)
}

/// The words of a title.
fn plain(html: &str) -> String {
    crate::html::plain_text(html)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let html = read(text, &mut Vec::new()).html;
        assert_eq!(html.replace('\n', ""), expected.replace('\n', ""), "{text}");
    }

    #[test]
    fn heads_are_titles_and_fields() {
        let document = read(
            "Second *one*\n############\n\n:date: 2016-02-02 10:00\n:tags: a,\n  b\n\nText.\n",
            &mut Vec::new(),
        );
        assert_eq!(
            Value::Object(document.keys),
            serde_json::json!({ "title": "Second one", "date": "2016-02-02 10:00", "tags": "a, b" })
        );
        assert_eq!(document.html, "<p>Text.</p>\n");
    }

    #[test]
    fn blocks_are_html() {
        check("T\n=\n\nA\n--\n\nx\n\nB\n~~~\n\n----\n", "<h2>A</h2><p>x</p><h3>B</h3><hr>");
        check("A:: \n\n    x <\n\n    y\n\nb\n", "<p>A:</p><pre><code>x &lt;\n\ny</code></pre><p>b</p>");
        check("- a\n\n  - b\n- c\n", "<ul><li><p>a</p><ul><li>b</li></ul></li><li>c</li></ul>");
        check("3. a\n4. b\n", "<ol start=\"3\"><li>a</li><li>b</li></ol>");
        check("term\n  meaning\n", "<dl><dt>term</dt><dd><p>meaning</p></dd></dl>");
        check("    Words.\n\n    -- Ida\n", "<blockquote><p>Words.</p><p>— Ida</p></blockquote>");
        check("| a\n| b\n", "<p>a<br>b</p>");
        check("x\n\n.. a comment\n   of two lines\n\ny\n", "<p>x</p><p>y</p>");
    }

    #[test]
    fn marks_are_html() {
        check(
            "``code <`` *em* **strong** `link <https://x.example/a b>`_ `other`_ other_ x_y 2*3*4 \\*n\n\n.. _other: /o/\n",
            "<p><code>code &lt;</code> <em>em</em> <strong>strong</strong> <a href=\"https://x.example/ab\">link</a> <a href=\"/o/\">other</a> <a href=\"/o/\">other</a> x_y 2*3*4 *n</p>",
        );
        check(
            ":code:`a` :sup:`2` https://e.example/x. H\\ :sub:`2`",
            "<p><code>a</code> <sup>2</sup> <a href=\"https://e.example/x\">https://e.example/x</a>. H<sub>2</sub></p>",
        );
        check("|n| a `b`__\n\n.. |n| replace:: N & o\n__ /b/\n", "<p>N &amp; o a <a href=\"/b/\">b</a></p>");
        check(
            "The net_. (`two words`_), `a`__ and b__,\n\n`c`__\n\n.. _net: /n/\n.. _two words: net_\n__ /a/\n__ /b/\n__ /c/\n",
            "<p>The <a href=\"/n/\">net</a>. (<a href=\"/n/\">two words</a>), <a href=\"/a/\">a</a> and <a href=\"/b/\">b</a>,</p><p><a href=\"/c/\">c</a></p>",
        );
        check(
            "`Old part`_ and place_\n\nOld part\n--------\n\n.. _place:\n\nx\n",
            "<p><a href=\"#old-part\">Old part</a> and <a href=\"#place\">place</a></p><h2>Old part</h2><a id=\"place\"></a><p>x</p>",
        );
    }

    #[test]
    fn footnotes_stand_at_the_end_and_citations_where_they_are() {
        check(
            "One [1]_, two [#]_, three [#n]_, [Ida]_ [7]_.\n\n.. [1] First\n   note.\n.. [#n] Third.\n.. [#] Second.\n.. [Ida] A book.\n",
            "<p>One <sup class=\"footnote-ref\"><a href=\"#fn-1\">1</a></sup>, two <sup class=\"footnote-ref\"><a href=\"#fn-3\">3</a></sup>, three <sup class=\"footnote-ref\"><a href=\"#fn-2\">2</a></sup>, <a href=\"#ida\">[Ida]</a> <sup>[7]</sup>.</p><p id=\"ida\">[Ida]</p><p>A book.</p><div class=\"footnotes\"><ol><li><p>First\nnote.</p></li><li><p>Third.</p></li><li><p>Second.</p></li></ol></div>",
        );
    }

    #[test]
    fn directives_are_what_they_show() {
        check(
            ".. code-block:: python\n   :linenos:\n\n   x = 1\n",
            "<pre><code class=\"language-python\">x = 1</code></pre>",
        );
        check(
            ".. image:: {static}/n.png\n   :alt: A net\n   :target: /x/\n",
            "<a href=\"/x/\"><img src=\"{static}/n.png\" alt=\"A net\"></a>",
        );
        check(
            ".. figure:: n.png\n\n   The *net*\n",
            "<figure><img src=\"n.png\" alt=\"\"><figcaption>The <em>net</em></figcaption></figure>",
        );
        check(
            ".. note:: Mind\n   it.\n",
            "<div class=\"note\"><p><strong>Note</strong></p><p>Mind\nit.</p></div>",
        );
        check(".. raw:: html\n\n   <b>x</b>\n", "<b>x</b>");
        check(
            "==== ===\na    b\n==== ===\nc    d\n==== ===\n",
            "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>c</td><td>d</td></tr></tbody></table>",
        );
        let mut remarks = Vec::new();
        let html = read(".. chart:: x\n\n   y\n", &mut remarks).html;
        assert_eq!(html, "<pre>.. chart:: x\n\n   y</pre>\n");
        assert_eq!(remarks, ["the directive `chart` is kept as it is written"]);
    }
}
