//! What other engines and their templates would act on, and is text here: a warning for each kind, once in a text.

use std::ops::Range;

use pulldown_cmark::{Event, Tag, TagEnd};

use super::cjk;
use super::events::Remark;
use super::leaf::{Leaf, overlap};

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
    addresses: AddressRule,
}

/// Whether the address of a link can hold a kind of foreign syntax.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AddressRule {
    /// A template engine puts text anywhere.
    Holds,
    /// Its signs are brackets, which belong to the address or to the link.
    HasSigns,
}

const AS_TEXT: &str =
    "it is shown as it is written; write what it would make in Markdown or HTML, or put it between backticks";

const SYNTAXES: [ForeignSyntax; 20] = [
    ForeignSyntax {
        name: "a shortcode of Hugo",
        hint: AS_TEXT,
        openings: &["{{<", "{{%"],
        find: |text| between(text, "{{<", ">}}").or_else(|| between(text, "{{%", "%}}")),
        label: |tag| command(tag, 3),
        addresses: AddressRule::Holds,
    },
    ForeignSyntax {
        name: "a tag of Liquid or Jinja",
        hint: AS_TEXT,
        openings: &["{%"],
        find: liquid,
        label: |tag| command(tag, 2),
        addresses: AddressRule::Holds,
    },
    ForeignSyntax {
        name: "a variable of a template",
        hint: AS_TEXT,
        openings: &["{{"],
        find: variable,
        label: |tag| command(tag, 2),
        addresses: AddressRule::Holds,
    },
    ForeignSyntax {
        name: "a tag of ERB or EJS",
        hint: AS_TEXT,
        openings: &["<%"],
        find: |text| between(text, "<%", "%>"),
        label: |_| "<% … %>".to_owned(),
        addresses: AddressRule::Holds,
    },
    ForeignSyntax {
        name: "a container of Docusaurus, VitePress or Pandoc",
        hint: "it is shown as it is written; for a note write `> [!NOTE]` and the text behind `>`",
        openings: &[":::"],
        find: container,
        label: as_written,
        addresses: AddressRule::Holds,
    },
    ForeignSyntax {
        name: "a list of attributes of kramdown",
        hint: "it is shown as it is written; attributes stand behind a heading or an image, as `{#id}` or `{width=200}`",
        openings: &["{:"],
        find: kramdown,
        label: |_| "{: … }".to_owned(),
        addresses: AddressRule::Holds,
    },
    ForeignSyntax {
        name: "a link of a wiki",
        hint: "it is shown as it is written; write `[text](file.md)`",
        openings: &["[["],
        find: wiki_link,
        label: |_| "[[…]]".to_owned(),
        addresses: AddressRule::HasSigns,
    },
    ForeignSyntax {
        name: "a shortcode of WordPress",
        hint: AS_TEXT,
        openings: &WORDPRESS,
        find: wordpress,
        label: |tag| format!("[{}]", tag.trim_matches(['[', ']']).split(' ').next().unwrap_or_default()),
        addresses: AddressRule::Holds,
    },
    ForeignSyntax {
        name: "a formula between `\\(` and `\\)`",
        hint: "write it between dollar signs: `$…$` in a line, `$$…$$` on lines of its own",
        openings: &["\\(", "\\["],
        find: parenthesized_formula,
        label: as_written,
        addresses: AddressRule::HasSigns,
    },
    ForeignSyntax {
        name: "the mark of a footnote that is not defined",
        hint: "it is shown as it is written; write the note on a line of its own, as `[^name]: text`, or `\\` before the bracket",
        openings: &["[^"],
        find: footnote_mark,
        label: as_written,
        addresses: AddressRule::HasSigns,
    },
    ForeignSyntax {
        name: "a footnote of Pandoc",
        hint: "it is shown as it is written; write `[^name]`, and the note on a line of its own, as `[^name]: text`",
        openings: &["^["],
        find: |text| between(text, "^[", "]").filter(|found| text[found.clone()].contains(' ')),
        label: |_| "^[…]".to_owned(),
        addresses: AddressRule::HasSigns,
    },
    ForeignSyntax {
        name: "a callout of Obsidian",
        hint: "it is shown as it is written; an alert has `[!NOTE]`, `[!TIP]`, `[!IMPORTANT]`, `[!WARNING]` or `[!CAUTION]` \
               alone on its first line",
        openings: &["[!"],
        find: callout,
        label: as_written,
        addresses: AddressRule::HasSigns,
    },
    ForeignSyntax {
        name: "the place for a table of contents",
        hint: "it is shown as it is written; the theme shows the contents of a post that has three sections (`toc` in the settings)",
        openings: &["[TOC]", "[toc]"],
        find: contents,
        label: as_written,
        addresses: AddressRule::HasSigns,
    },
    ForeignSyntax {
        name: "an admonition of Python-Markdown or MkDocs",
        hint: "it is shown as it is written; for a note write `> [!NOTE]` and the text behind `>`",
        openings: &["!!!", "???"],
        find: admonition,
        label: as_written,
        addresses: AddressRule::HasSigns,
    },
    ForeignSyntax {
        name: "marked text of Obsidian, Hugo or Pandoc",
        hint: "it is shown as it is written; write `<mark>…</mark>`",
        openings: &["=="],
        find: marked,
        label: |_| "==…==".to_owned(),
        addresses: AddressRule::HasSigns,
    },
    ForeignSyntax {
        name: "a subscript of Pandoc",
        hint: "it is shown as it is written; write `<sub>…</sub>`",
        openings: &["~"],
        find: subscript,
        label: |_| "~…~".to_owned(),
        addresses: AddressRule::HasSigns,
    },
    ForeignSyntax {
        name: "a superscript of Pandoc",
        hint: "it is shown as it is written; write `<sup>…</sup>`",
        openings: &["^"],
        find: superscript,
        label: |_| "^…^".to_owned(),
        addresses: AddressRule::HasSigns,
    },
    ForeignSyntax {
        name: "a comment of Obsidian",
        hint: "every reader sees it; write `<!-- … -->`",
        openings: &["%%"],
        find: hidden_comment,
        label: |_| "%%…%%".to_owned(),
        addresses: AddressRule::HasSigns,
    },
    ForeignSyntax {
        name: "a mark of CriticMarkup",
        hint: "every reader sees it; write the text as it is to be, and a comment as `<!-- … -->`",
        openings: &["{++", "{--", "{~~", "{==", "{>>"],
        find: critic,
        label: as_written,
        addresses: AddressRule::HasSigns,
    },
    ForeignSyntax {
        name: "the short name of an emoji",
        hint: "it is shown as it is written; write the emoji itself",
        openings: &[":"],
        find: emoji,
        label: |_| ":…:".to_owned(),
        addresses: AddressRule::HasSigns,
    },
];

/// What opens most kinds: looked for in one pass.
const COMMON: [u8; 6] = *b"{[\\<:^";

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
    let addresses = addresses(list);
    let tags: Vec<Range<usize>> = list
        .iter()
        .filter(|(event, _)| matches!(event, Event::InlineHtml(_)))
        .map(|(_, span)| span.clone())
        .collect();
    let mut noted: Vec<String> = Vec::new();
    for (syntax, _) in SYNTAXES.iter().zip(present).filter(|(_, is_present)| *is_present) {
        let tags = tags.iter().filter(|_| syntax.addresses == AddressRule::Holds);
        for piece in pieces.iter().chain(tags) {
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
                let is_of_a_link = syntax.addresses == AddressRule::HasSigns
                    && addresses.iter().any(|address| overlap(address, &span));
                if !is_of_a_link && !noted.contains(&message) {
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
    for (syntax, is_present) in SYNTAXES.iter().zip(&mut present) {
        let mut rare = syntax.openings.iter().filter(|opening| !COMMON.contains(&opening.as_bytes()[0]));
        *is_present = rare.any(|opening| memchr::memmem::find(bytes, opening.as_bytes()).is_some());
    }
    let [first, second, third, others @ ..] = COMMON;
    let others = memchr::memchr3_iter(others[0], others[1], others[2], bytes);
    for at in memchr::memchr3_iter(first, second, third, bytes).chain(others) {
        // A colon alone is in every text.
        if bytes[at] == b':' && bytes.get(at + 1) != Some(&b':') && short_name(&text[at..]).is_none() {
            continue;
        }
        for (syntax, is_present) in SYNTAXES.iter().zip(&mut present) {
            *is_present |= syntax.openings.iter().any(|opening| bytes[at..].starts_with(opening.as_bytes()));
        }
    }
    present
}

/// What follows the text of each link and picture, by its bytes: the bracket, and the address behind it.
fn addresses(list: &[(Event<'_>, Range<usize>)]) -> Vec<Range<usize>> {
    let mut addresses = Vec::new();
    let mut text_end = 0;
    for (event, span) in list {
        match event {
            Event::Start(Tag::Link { .. } | Tag::Image { .. }) => text_end = span.start,
            Event::End(TagEnd::Link | TagEnd::Image) => {
                addresses.push(text_end..span.end);
                text_end = span.end;
            }
            _ => text_end = span.end,
        }
    }
    addresses
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

/// `{% include … %}`; not the inner part of a shortcode of Hugo.
fn liquid(text: &str) -> Option<Range<usize>> {
    let mut openings = text.match_indices("{%").filter(|(at, _)| !text[..*at].ends_with('{'));
    openings.find_map(|(start, _)| {
        let found = between(&text[start..], "{%", "%}")?;
        Some(start..start + found.end)
    })
}

/// `{{ site.url }}`, `{{ video(id="x") }}`, `{{#if x}}`, `{{{ raw }}}`; not two braces around anything else.
fn variable(text: &str) -> Option<Range<usize>> {
    let found = between(text, "{{", "}}")?;
    let inner = text[found.start + 2..found.end - 2].trim_matches(['-', ' ', '{', '}']);
    if inner.strip_prefix(['#', '/', '>']).is_some_and(|name| name.starts_with(char::is_alphabetic)) {
        return Some(found);
    }
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

/// `{: .class #id key="value"}`, `{:toc}`; not `{:ok, value}` of a programming language.
fn kramdown(text: &str) -> Option<Range<usize>> {
    text.match_indices("{:").find_map(|(start, _)| {
        let end = start + text[start..].find('}')? + 1;
        let list = text[start + 2..end - 1].trim();
        let is_list =
            list.starts_with(['.', '#']) || list.contains("=\"") || list.contains("='") || list == "toc";
        // Behind an image or a link they have a warning of their own.
        let has_own_warning = text[..start].ends_with([')', ']']) && !list.contains('\n');
        (is_list && !list.contains("::") && !has_own_warning).then_some(start..end)
    })
}

/// `[^name]`, which the parser takes for a footnote if there is one of that name; not `[^a-z]+` of a regular expression.
fn footnote_mark(text: &str) -> Option<Range<usize>> {
    text.match_indices("[^").find_map(|(start, opening)| {
        let end = start + text[start..].find(']')? + 1;
        let name = &text[start + opening.len()..end - 1];
        let is_name =
            !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'));
        let is_range = name.chars().nth(1) == Some('-');
        let is_repeated = text[end..].starts_with(['+', '*', '?', '{', '$', '\\', '|']);
        let is_part_of_a_pattern = text[..start].ends_with(['\\', '^', '(', '"', '\'', '|', '*', '+']);
        (is_name && !is_range && !is_repeated && !is_part_of_a_pattern).then_some(start..end)
    })
}

/// `[!info] Title` at the start of a quote: alerts have one of five names, and nothing behind it.
fn callout(text: &str) -> Option<Range<usize>> {
    let start = text.len() - text.trim_start().len();
    let name = text[start..].strip_prefix("[!")?;
    let end = name.find(|c: char| !c.is_alphanumeric() && c != '-' && c != '_')?;
    (end > 0 && name[end..].starts_with(']')).then(|| start..start + "[!".len() + end + 1)
}

/// `[TOC]` alone in its paragraph.
fn contents(text: &str) -> Option<Range<usize>> {
    let start = text.len() - text.trim_start().len();
    text.trim().eq_ignore_ascii_case("[toc]").then(|| start..start + "[toc]".len())
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
        // `\s` and `\d` are of a regular expression.
        let has_command = commands.any(|rest| rest.chars().take_while(char::is_ascii_alphabetic).count() > 1);
        (has_command || inner.contains(['^', '='])).then(|| start..start + inner.len() + 4)
    })
}

/// `!!! note`, `??? tip`, `!!! custom "Title"` at the start of a line.
fn admonition(text: &str) -> Option<Range<usize>> {
    const KINDS: [&str; 32] = [
        "note",
        "seealso",
        "abstract",
        "summary",
        "tldr",
        "info",
        "todo",
        "tip",
        "hint",
        "important",
        "success",
        "check",
        "done",
        "question",
        "help",
        "faq",
        "warning",
        "caution",
        "attention",
        "failure",
        "fail",
        "missing",
        "danger",
        "error",
        "bug",
        "example",
        "snippet",
        "quote",
        "cite",
        "deprecated",
        "versionadded",
        "versionchanged",
    ];
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let words = line.trim_start_matches([' ', '\t', '>']).trim_end();
        let behind = words.strip_prefix("!!!").or_else(|| words.strip_prefix("???"));
        let behind = behind.map(|behind| behind.strip_prefix('+').unwrap_or(behind));
        let mut kinds =
            behind.and_then(|behind| behind.strip_prefix(' ')).unwrap_or_default().split_whitespace();
        let kind = kinds.next().unwrap_or_default().to_ascii_lowercase();
        if KINDS.contains(&kind.as_str())
            || (!kind.is_empty() && kinds.any(|word| word.starts_with(['"', '“'])))
        {
            let at = start + line.len() - line.trim_start_matches([' ', '\t', '>']).len();
            return Some(at..at + words.len());
        }
        start += line.len();
    }
    None
}

/// Whether a mark may touch a character on its outer side: words of programs, such as `a==b`, have letters there.
fn is_outside(c: Option<char>) -> bool {
    c.is_none_or(|c| !c.is_alphanumeric() || cjk::is_wide(c))
}

/// `==text==`; not `a==b` and not the `==` of a comparison.
fn marked(text: &str) -> Option<Range<usize>> {
    text.match_indices("==").find_map(|(start, mark)| {
        let before = text[..start].chars().next_back();
        let inner = &text[start + mark.len()..];
        let length = inner.find(mark)?;
        let end = start + length + 2 * mark.len();
        let is_tight = inner[..length].trim() == &inner[..length] && !inner[..length].is_empty();
        let is_mark = is_tight
            && !matches!(before, Some('=' | '{'))
            && !inner.starts_with('=')
            && !text[end..].starts_with('=')
            && is_outside(before)
            && is_outside(text[end..].chars().next());
        is_mark.then_some(start..end)
    })
}

/// `H~2~O`
fn subscript(text: &str) -> Option<Range<usize>> {
    raised_or_lowered(text, '~')
}

/// `19^th^`; not the `2^3^4` of a calculation.
fn superscript(text: &str) -> Option<Range<usize>> {
    raised_or_lowered(text, '^')
}

/// A few letters between two signs, behind a letter. The word around it belongs to its place.
fn raised_or_lowered(text: &str, sign: char) -> Option<Range<usize>> {
    const MOST_LETTERS: usize = 12;
    text.match_indices(sign).find_map(|(at, _)| {
        let word =
            text[..at].chars().rev().take_while(|c| c.is_alphanumeric()).map(char::len_utf8).sum::<usize>();
        let inner = &text[at + 1..];
        let length = inner.find(|c: char| !c.is_alphanumeric() && !matches!(c, '+' | '-' | '−'))?;
        let behind = inner[length..].strip_prefix(sign)?;
        let is_calculation = sign == '^' && behind.starts_with(char::is_alphanumeric);
        (word > 0 && !behind.starts_with(sign) && !is_calculation && (1..=MOST_LETTERS).contains(&length))
            .then_some(at - word..text.len() - behind.len())
    })
}

/// `%%not for readers%%`, and the line `%%` that begins a longer one; not `100%% of`.
fn hidden_comment(text: &str) -> Option<Range<usize>> {
    text.match_indices("%%").find_map(|(start, mark)| {
        if !is_outside(text[..start].chars().next_back()) {
            return None;
        }
        let inner = &text[start + mark.len()..];
        let is_first = text[..start].trim().is_empty();
        match inner.find(mark) {
            Some(length) => inner[..length]
                .contains(char::is_alphabetic)
                .then_some(start..start + length + 2 * mark.len()),
            None if is_first && inner.starts_with(['\n', '\r']) => Some(start..start + mark.len()),
            None => None,
        }
    })
}

/// `{++added++}`, `{--taken out--}`, `{~~old~>new~~}`, `{==marked==}`, `{>>comment<<}`
fn critic(text: &str) -> Option<Range<usize>> {
    let pairs = [("{++", "++}"), ("{--", "--}"), ("{~~", "~~}"), ("{==", "==}"), ("{>>", "<<}")];
    pairs.into_iter().filter_map(|(open, close)| between(text, open, close)).min_by_key(|found| found.start)
}

/// `:smile:`
fn emoji(text: &str) -> Option<Range<usize>> {
    memchr::memchr_iter(b':', text.as_bytes()).find_map(|start| {
        let name = short_name(&text[start..])?;
        let end = start + name.len() + 2;
        let is_alone = !text[..start].ends_with(|c: char| c.is_alphanumeric() || c == ':' || c == '/')
            && !text[end..].starts_with(|c: char| c.is_alphanumeric() || c == ':');
        (is_alone && emojis::get_by_shortcode(name).is_some()).then_some(start..end)
    })
}

/// What stands between a colon and the next one, if it may be the name of an emoji.
fn short_name(text: &str) -> Option<&str> {
    let name = &text[1..];
    let length = name
        .bytes()
        .take_while(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'+' | b'-')
        })
        .count();
    (length > 0 && name[length..].starts_with(':')).then(|| &name[..length])
}
