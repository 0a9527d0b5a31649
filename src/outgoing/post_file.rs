//! A quotation put into the file of a post.
//!
//! The blockquote takes the place of a paragraph `{quote}` if there is one. Else it stands before the closing line, which is a last
//! paragraph of one line behind another block, or at the end. What is in the file stays as it is.

use std::fs;
use std::io::{ErrorKind, Write};
use std::ops::Range;
use std::path::Path;

use chrono::{DateTime, Utc};

use crate::citation::written_quote::{QuoteDraft, destination};
use crate::config::Config;
use crate::date::Date;
use crate::error::{Error, Result};
use crate::post::CONTENT;
use crate::post::slug::file_stem;

/// The paragraph that a quotation takes the place of.
const PLACE: &str = "{quote}";

/// What is said of a quotation that is put into the same post a second time.
pub(crate) const QUOTED_ALREADY: &str = "the post quotes these words of the report already";

/// Why a quotation cannot be put into a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InsertFault {
    /// Its front matter is neither TOML nor YAML.
    FrontMatterForm,
    /// The id is another report's.
    IdTaken,
}

/// The text of a post with a quotation in its body.
pub(crate) fn with_quote(text: &str, quote: &str) -> String {
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let quote = quote.replace('\n', newline);
    let body = body_start(text);
    let blocks = blocks(text, body);
    if let Some(place) = blocks.iter().find(|block| text[block.start..block.end].trim() == PLACE) {
        return format!("{}{quote}{newline}{}", &text[..place.start], &text[place.end..]);
    }
    match blocks.split_last() {
        Some((last, others)) if !others.is_empty() && is_closing_line(&text[last.start..last.end]) => {
            format!("{}{quote}{newline}{newline}{}", &text[..last.start], &text[last.start..])
        }
        _ => {
            let before = text.trim_end();
            let gap = if before.is_empty() { String::new() } else { newline.repeat(2) };
            format!("{before}{gap}{quote}{newline}")
        }
    }
}

/// Whether a blockquote of a post has the words of a quotation of the same report, however its lines are broken and its
/// attribution was altered.
pub(crate) fn has_quote(text: &str, draft: &QuoteDraft) -> bool {
    let words = one_line(&draft.markdown_words());
    let url = destination(&draft.url);
    blocks(text, body_start(text)).iter().any(|block| {
        let block = one_line(&text[block.start..block.end]);
        let behind = block.strip_prefix(words.as_str());
        // Words that go on are a longer quotation.
        behind.is_some_and(|rest| rest.trim_start().starts_with('—') && rest.contains(&url))
    })
}

/// Lines of a blockquote joined by spaces, without the signs before them.
fn one_line(block: &str) -> String {
    let lines = block.lines().map(|line| line.trim_start().trim_start_matches('>'));
    lines.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

/// Writes a draft that begins with a quotation, named by its headline, and returns its path within the site.
pub(crate) fn new_draft(
    root: &Path,
    config: &Config,
    quote: &QuoteDraft,
    now: DateTime<Utc>,
) -> Result<String> {
    let date = Date::of_moment(now, config.timezone);
    let title = if quote.headline.is_empty() { &quote.url } else { &quote.headline };
    // A JSON string is a basic string of TOML (1.1, section String).
    let written = serde_json::Value::from(title.as_str());
    let text = format!(
        "+++\ntitle = {written}\ndate = {}\ndraft = true\n+++\n\n{}\n",
        date.to_text(),
        quote.blockquote()
    );
    let folder = root.join(CONTENT).join(date.day().format("%Y").to_string());
    fs::create_dir_all(&folder).map_err(Error::io("make", &folder))?;
    let stem = file_stem(title);
    for number in 1.. {
        // A report may be quoted twice.
        let name = if number == 1 { format!("{stem}.md") } else { format!("{stem}-{number}.md") };
        let file = folder.join(&name);
        match fs::File::create_new(&file) {
            Ok(mut file_there) => {
                file_there.write_all(text.as_bytes()).map_err(Error::io("write", &file))?;
                return Ok(format!("{CONTENT}/{}/{name}", date.day().format("%Y")));
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(Error::io("write", &file)(error)),
        }
    }
    Err(Error::Argument { given: title.clone(), reason: "there is no free name for its file".to_owned() })
}

/// The text of a post with a report in its front matter.
pub(crate) fn with_stored(
    text: &str,
    draft: &QuoteDraft,
    id: &str,
) -> std::result::Result<String, InsertFault> {
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let first = text.trim_start_matches('\u{feff}');
    match first.lines().next().map(str::trim) {
        Some("+++") => {
            let end = fence_end(text, "+++").ok_or(InsertFault::FrontMatterForm)?;
            if text[..end].lines().any(|line| is_id_line(line, '=', id)) {
                return Err(InsertFault::IdTaken);
            }
            let table = draft.stored_toml(id).replace('\n', newline);
            Ok(format!("{}{newline}{table}{}", &text[..end], &text[end..]))
        }
        Some("---") => {
            let end = fence_end(text, "---").ok_or(InsertFault::FrontMatterForm)?;
            if text[..end].lines().any(|line| is_id_line(line, ':', id)) {
                return Err(InsertFault::IdTaken);
            }
            let item = draft.stored_yaml(id).replace('\n', newline);
            Ok(with_yaml_item(text, end, &item, newline))
        }
        Some(line) if line.starts_with('{') => Err(InsertFault::FrontMatterForm),
        _ => {
            let table = draft.stored_toml(id).replace('\n', newline);
            Ok(format!("+++{newline}{table}+++{newline}{newline}{first}"))
        }
    }
}

/// Whether a line gives a report this id.
fn is_id_line(line: &str, sign: char, id: &str) -> bool {
    let Some((key, value)) = line.trim().trim_start_matches("- ").split_once(sign) else { return false };
    key.trim() == "id" && value.trim().trim_matches(['"', '\'']) == id
}

/// An entry put behind the last of `quotes:`, or as its first.
fn with_yaml_item(text: &str, end: usize, item: &str, newline: &str) -> String {
    let mut at = 0;
    let mut list: Option<(usize, usize)> = None;
    for line in text[..end].split_inclusive('\n') {
        let start = at;
        at += line.len();
        let is_inside = line.starts_with([' ', '-', '\t']) || line.trim().is_empty();
        match &mut list {
            None if line.trim_end() == "quotes:" => list = Some((at, 0)),
            Some((last, indent)) if is_inside => {
                if *indent == 0 && *last == start && line.trim_start().starts_with("- ") {
                    *indent = line.len() - line.trim_start().len() + 1;
                }
                if !line.trim().is_empty() {
                    *last = at;
                }
            }
            Some(_) => break,
            None => {}
        }
    }
    match list {
        Some((last, indent)) => {
            // The items of one list are indented alike.
            let wanted = " ".repeat(indent.saturating_sub(1));
            let lines = item.split_inclusive('\n').map(|line| {
                let bare = line.strip_prefix("  ").unwrap_or(line);
                if indent == 0 { line.to_owned() } else { format!("{wanted}{bare}") }
            });
            format!("{}{}{}", &text[..last], lines.collect::<String>(), &text[last..])
        }
        None => format!("{}quotes:{newline}{item}{}", &text[..end], &text[end..]),
    }
}

/// Where the line is that closes the front matter.
fn fence_end(text: &str, fence: &str) -> Option<usize> {
    let mut at = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        if number > 0 && line.trim_end() == fence {
            return Some(at);
        }
        at += line.len();
    }
    None
}

/// Where the fields of a post stand between fences; empty if there are none.
pub(crate) fn front_matter(text: &str) -> Range<usize> {
    let first = text.trim_start_matches('\u{feff}').lines().next().map(str::trim).unwrap_or_default();
    let end = if matches!(first, "+++" | "---") { fence_end(text, first) } else { None };
    let start = text.find('\n').map_or(0, |at| at + 1);
    end.map_or(0..0, |end| start..end)
}

/// Where the body of a post begins.
fn body_start(text: &str) -> usize {
    let first = text.trim_start_matches('\u{feff}').lines().next().map(str::trim).unwrap_or_default();
    if !matches!(first, "+++" | "---") {
        return 0;
    }
    let Some(end) = fence_end(text, first) else { return 0 };
    text[end..].find('\n').map_or(text.len(), |at| end + at + 1)
}

/// Lines that stand together.
struct Block {
    start: usize,
    /// Behind the last line and its line break.
    end: usize,
}

/// The blocks of a body, as empty lines part them. What stands in a fence is one.
fn blocks(text: &str, body: usize) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut is_open = false;
    let mut fence: Option<&str> = None;
    let mut at = body;
    for line in text[body..].split_inclusive('\n') {
        let start = at;
        at += line.len();
        let bare = line.trim();
        if bare.is_empty() && fence.is_none() {
            is_open = false;
            continue;
        }
        match (fence, ["```", "~~~"].into_iter().find(|mark| bare.starts_with(mark))) {
            (None, Some(mark)) => fence = Some(mark),
            (Some(open), Some(mark)) if open == mark && bare.trim_start_matches(&mark[..1]).is_empty() => {
                fence = None
            }
            _ => {}
        }
        if is_open && let Some(block) = blocks.last_mut() {
            block.end = at;
        } else {
            blocks.push(Block { start, end: at });
            is_open = true;
        }
    }
    blocks
}

/// Whether a block is a paragraph of one line.
fn is_closing_line(block: &str) -> bool {
    let line = block.trim_end();
    let starts_block = ['>', '#', '|', '<', '{', '-', '+', '`', '~', '\t', ':', '=', '_'];
    let is_reference = line.starts_with('[') && (line.starts_with("[^") || line.contains("]:"));
    let is_item = line.starts_with("* ")
        || line.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with(['.', ')']);
    !line.contains('\n')
        && !line.starts_with(starts_block)
        && !line.starts_with("    ")
        && !is_reference
        && !is_item
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUOTE: &str = "> Words.\n>\n> — Ann Poe";

    #[test]
    fn a_quotation_has_its_place_in_a_post() {
        for (text, expected) in [
            ("+++\ntitle = 'x'\n+++\n", "+++\ntitle = 'x'\n+++\n\nQ\n"),
            ("+++\ntitle = 'x'\n+++\n\nOwn comment.\n", "+++\ntitle = 'x'\n+++\n\nOwn comment.\n\nQ\n"),
            ("Own comment.\n\nClosing line.\n", "Own comment.\n\nQ\n\nClosing line.\n"),
            ("Own comment.\n\nTwo lines\nof text.\n", "Own comment.\n\nTwo lines\nof text.\n\nQ\n"),
            ("One.\n\n{quote}\n\nTwo.\n", "One.\n\nQ\n\nTwo.\n"),
            ("One.\n\n```\na\n\nb\n```\n", "One.\n\n```\na\n\nb\n```\n\nQ\n"),
            ("One.\n\n> A.\n>\n> — B\n", "One.\n\n> A.\n>\n> — B\n\nQ\n"),
            ("One.\n\n[^1]: Note.\n", "One.\n\n[^1]: Note.\n\nQ\n"),
            ("", "Q\n"),
            ("One.\r\n\r\nTwo.\r\n", "One.\r\n\r\nQ\r\n\r\nTwo.\r\n"),
        ] {
            let quote = QUOTE.replace('\n', if text.contains('\r') { "\r\n" } else { "\n" });
            assert_eq!(with_quote(text, QUOTE), expected.replace('Q', &quote), "{text}");
        }
    }

    #[test]
    fn a_quotation_is_found_again_in_a_post() {
        let draft = QuoteDraft {
            paragraphs: vec!["1. It was late.".into(), "None came.".into()],
            headline: "H".into(),
            url: "https://a.example/x_(y)".into(),
            ..QuoteDraft::default()
        };
        let written = with_quote("+++\ntitle = 'x'\n+++\nText.\n", &draft.blockquote());
        assert!(has_quote(&written, &draft));
        assert!(has_quote(&written.replace('\n', "\r\n"), &draft));
        assert!(has_quote(&written.replace("It was late", "It\n> was late"), &draft));
        assert!(has_quote(&written.replace("[H]", "Ann Poe, [H]"), &draft));
        assert!(!has_quote(&written.replace("x_%28y%29", "z"), &draft));
        assert!(!has_quote(&written.replace("None came.", "None came, and then one did."), &draft));
        assert!(!has_quote(&written.replace("None came.", "None came. Then one did."), &draft));
        assert!(!has_quote("Text.\n", &draft));
    }

    #[test]
    fn a_report_is_stored_in_the_front_matter() {
        let draft = QuoteDraft { headline: "H".into(), ..QuoteDraft::default() };
        let toml = "[[quotes]]\nid = \"a\"\ntitle = \"H\"\ntext = \"\"\"\n\n\"\"\"\n";
        assert_eq!(
            with_stored("+++\ntitle = 'x'\n+++\nText\n", &draft, "a").unwrap(),
            format!("+++\ntitle = 'x'\n\n{toml}+++\nText\n")
        );
        assert_eq!(with_stored("Text\n", &draft, "a").unwrap(), format!("+++\n{toml}+++\n\nText\n"));
        let item = "  - id: \"a\"\n    title: \"H\"\n    text: \"\"\n";
        assert_eq!(
            with_stored("---\ntitle: x\n---\nText\n", &draft, "a").unwrap(),
            format!("---\ntitle: x\nquotes:\n{item}---\nText\n")
        );
        assert_eq!(
            with_stored("---\nquotes:\n- id: b\n  title: c\ntitle: x\n---\n", &draft, "a").unwrap(),
            "---\nquotes:\n- id: b\n  title: c\n- id: \"a\"\n  title: \"H\"\n  text: \"\"\ntitle: x\n---\n"
        );
        assert_eq!(with_stored("+++\n[[quotes]]\nid = 'a'\n+++\n", &draft, "a"), Err(InsertFault::IdTaken));
        assert_eq!(with_stored("{\"title\": 1}\n", &draft, "a"), Err(InsertFault::FrontMatterForm));
    }
}
