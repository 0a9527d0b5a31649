//! What other engines and their templates would act on, and is text here: a warning for each kind, once in a text.

use std::ops::Range;

use pulldown_cmark::Event;

use super::events::Remark;
use super::leaf::Leaf;

/// A kind of foreign syntax.
struct ForeignSyntax {
    /// What it is, for the message.
    name: &'static str,
    hint: &'static str,
    /// What each of them begins with: the first byte is one of those in [`present`].
    openings: &'static [&'static str],
    /// The first place in a piece of text.
    find: fn(&str) -> Option<Range<usize>>,
    /// What is said of a place: the same for all that a template engine would do the same with.
    label: fn(&str) -> String,
}

const AS_TEXT: &str =
    "it is shown as it is written; write what it would make in Markdown or HTML, or put it between backticks";

const SYNTAXES: [ForeignSyntax; 9] = [
    ForeignSyntax {
        name: "a shortcode of Hugo",
        hint: AS_TEXT,
        openings: &["{{<", "{{%"],
        find: |text| between(text, "{{<", ">}}").or_else(|| between(text, "{{%", "%}}")),
        label: |tag| command(tag, 3),
    },
    ForeignSyntax {
        name: "a tag of Liquid or Jinja",
        hint: AS_TEXT,
        openings: &["{%"],
        find: |text| between(text, "{%", "%}"),
        label: |tag| command(tag, 2),
    },
    ForeignSyntax {
        name: "a variable of a template",
        hint: AS_TEXT,
        openings: &["{{"],
        find: variable,
        label: |tag| command(tag, 2),
    },
    ForeignSyntax {
        name: "a tag of ERB or EJS",
        hint: AS_TEXT,
        openings: &["<%"],
        find: |text| between(text, "<%", "%>"),
        label: |_| "<% … %>".to_owned(),
    },
    ForeignSyntax {
        name: "a container of Docusaurus, VitePress or Pandoc",
        hint: "it is shown as it is written; for a note write `> [!NOTE]` and the text behind `>`",
        openings: &[":::"],
        find: container,
        label: as_written,
    },
    ForeignSyntax {
        name: "a list of attributes of kramdown",
        hint: "it is shown as it is written; attributes stand behind a heading or an image, as `{#id}` or `{width=200}`",
        openings: &["{:"],
        find: |text| between(text, "{:", "}").filter(|found| !text[found.clone()].contains("::")),
        label: |_| "{: … }".to_owned(),
    },
    ForeignSyntax {
        name: "a link of a wiki",
        hint: "it is shown as it is written; write `[text](file.md)`",
        openings: &["[["],
        find: wiki_link,
        label: |_| "[[…]]".to_owned(),
    },
    ForeignSyntax {
        name: "a shortcode of WordPress",
        hint: AS_TEXT,
        openings: &WORDPRESS,
        find: wordpress,
        label: |tag| format!("[{}]", tag.trim_matches(['[', ']']).split(' ').next().unwrap_or_default()),
    },
    ForeignSyntax {
        name: "a formula between `\\(` and `\\)`",
        hint: "write it between dollar signs: `$…$` in a line, `$$…$$` on lines of its own",
        openings: &["\\(", "\\["],
        find: parenthesized_formula,
        label: as_written,
    },
];

const WORDPRESS: [&str; 14] = [
    "[caption",
    "[gallery",
    "[embed",
    "[audio",
    "[video",
    "[playlist",
    "[youtube",
    "[/caption",
    "[/gallery",
    "[/embed",
    "[/audio",
    "[/video",
    "[/playlist",
    "[/youtube",
];

/// Kinds and names that are noted of one text: more are not read to their end.
const MOST: usize = 30;

/// Notes the first place of each name of each kind. What is in code is none.
pub(super) fn remark(
    text: &str,
    list: &[(Event<'_>, Range<usize>)],
    leaves: &[Leaf],
    remarks: &mut Vec<Remark>,
) {
    let present = present(text);
    if !present.contains(&true) {
        return;
    }
    let html = list.iter().filter(|(event, _)| matches!(event, Event::Html(_))).map(|(_, span)| span.clone());
    let pieces: Vec<Range<usize>> = leaves.iter().flat_map(|leaf| pieces(text, leaf)).chain(html).collect();
    let mut noted: Vec<String> = Vec::new();
    for (syntax, _) in SYNTAXES.iter().zip(present).filter(|(_, is_present)| *is_present) {
        for piece in &pieces {
            let mut start = piece.start;
            while noted.len() < MOST
                && let Some(found) = (syntax.find)(&text[start..piece.end])
            {
                let span = start + found.start..start + found.end;
                let message = format!(
                    "`{}` is {}, which has no meaning here",
                    (syntax.label)(&text[span.clone()]),
                    syntax.name
                );
                start = span.end;
                if !noted.contains(&message) {
                    remarks.push(Remark::new(span, message.clone(), syntax.hint));
                    noted.push(message);
                }
            }
        }
    }
}

/// Whether a text can hold any kind.
pub(super) fn may_stand_in(text: &str) -> bool {
    present(text).contains(&true)
}

/// Which kinds a text can hold: hardly any text has one, and to look for each of them in every piece takes a twentieth of
/// a build.
fn present(text: &str) -> [bool; SYNTAXES.len()] {
    let bytes = text.as_bytes();
    let mut present = [false; SYNTAXES.len()];
    for at in memchr::memchr3_iter(b'{', b'[', b'\\', bytes).chain(memchr::memchr2_iter(b'<', b':', bytes)) {
        for (syntax, is_present) in SYNTAXES.iter().zip(&mut present) {
            *is_present |= syntax.openings.iter().any(|opening| bytes[at..].starts_with(opening.as_bytes()));
        }
    }
    present
}

/// The first line of a place.
fn as_written(tag: &str) -> String {
    crate::html::shorten(tag.lines().next().unwrap_or_default(), 40)
}

/// A tag between marks of a length with its first word, which names what it does.
fn command(tag: &str, marks: usize) -> String {
    let inner = tag[marks..tag.len() - marks].trim_matches(['-', ' ', '\n', '\t', '\r']);
    let name = inner.find(|c: char| c.is_whitespace() || "(|".contains(c)).unwrap_or(inner.len());
    let rest = if inner[name..].trim().is_empty() { "" } else { " …" };
    let name = crate::html::shorten(&inner[..name], 30);
    format!("{} {name}{rest} {}", &tag[..marks], &tag[tag.len() - marks..])
}

/// The stretches of a leaf between what is closed.
fn pieces(text: &str, leaf: &Leaf) -> Vec<Range<usize>> {
    let span = leaf.span();
    // A backslash that takes the meaning from the first character is a part of what is written.
    let start = span.start - usize::from(text[..span.start].ends_with('\\'));
    let mut closed = leaf.closed.clone();
    closed.sort_by_key(|range| range.start);
    let mut pieces = Vec::new();
    let mut from = start;
    for range in closed {
        if range.start > from {
            pieces.push(from..range.start);
        }
        from = from.max(range.end);
    }
    pieces.push(from..span.end.max(from));
    pieces
}

fn between(text: &str, open: &str, close: &str) -> Option<Range<usize>> {
    let start = text.find(open)?;
    let end = text[start + open.len()..].find(close)?;
    Some(start..start + open.len() + end + close.len())
}

/// `{{ site.url }}`, `{{ video(id="x") }}`; not two braces around anything else.
fn variable(text: &str) -> Option<Range<usize>> {
    let found = between(text, "{{", "}}")?;
    let inner = text[found.start + 2..found.end - 2].trim_matches(['-', ' ']);
    let name = inner.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(inner.len());
    let is_name = inner.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '.');
    let rest = inner[name..].trim_start();
    (is_name && (rest.is_empty() || rest.starts_with(['.', '(', '|', '[']))).then_some(found)
}

/// `:::note` at the start of a line; the colons alone that close it are not another one.
fn container(text: &str) -> Option<Range<usize>> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let words = line.trim_start_matches([' ', '\t', '>']);
        if words.starts_with(":::") && !words.trim_end().bytes().all(|byte| byte == b':') {
            let at = start + line.len() - words.len();
            return Some(at..at + words.trim_end().len());
        }
        start += line.len();
    }
    None
}

/// `[[Page]]`, `[[Page|text]]`; not `[[1]]`, which some write for a note.
fn wiki_link(text: &str) -> Option<Range<usize>> {
    let found = between(text, "[[", "]]")?;
    let inner = &text[found.start + 2..found.end - 2];
    let is_link = inner.contains(char::is_alphabetic)
        && !inner.contains(['[', ']', '\n', '"', '=', '(', ',', '\\'])
        && !text[found.end..].starts_with(['(', '[']);
    is_link.then_some(found)
}

fn wordpress(text: &str) -> Option<Range<usize>> {
    text.match_indices('[').find_map(|(start, _)| {
        let opening = WORDPRESS.iter().find(|opening| text[start..].starts_with(**opening))?;
        let name = opening.trim_start_matches(['[', '/']);
        let rest = &text[start + opening.len()..];
        let end = rest.find(']')?;
        let is_shortcode =
            rest[..end].contains('=') || rest.starts_with(']') && text.contains(&format!("[/{name}]"));
        let found = start..text.len() - rest.len() + end + 1;
        (is_shortcode && !text[found.end..].starts_with(['(', ':', '['])).then_some(found)
    })
}

fn parenthesized_formula(text: &str) -> Option<Range<usize>> {
    let opening = text.match_indices('\\').filter(|(at, _)| text[at + 1..].starts_with(['(', '[']));
    opening.map(|(at, _)| at).find_map(|start| {
        let close = if text[start..].starts_with("\\(") { "\\)" } else { "\\]" };
        let inner = &text[start + 2..start + 2 + text[start + 2..].find(close)?];
        let mut commands = inner.match_indices('\\').map(|(at, _)| &inner[at + 1..]);
        let has_command = commands.any(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()));
        (has_command || inner.contains(['^', '='])).then(|| start..start + inner.len() + 4)
    })
}
