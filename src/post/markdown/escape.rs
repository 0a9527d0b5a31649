//! Text as Markdown that means the text.

use crate::dom::Document;

/// How much is escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Escaping {
    /// What would act where it stands, as far as that can be told by looking.
    Where,
    /// Everything that could act anywhere.
    Everything,
}

/// How text becomes Markdown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EscapeStyle {
    pub(crate) escaping: Escaping,
    /// Whether `$x$` is a formula.
    pub(crate) has_math: bool,
}

/// Where a text stands, as that decides what acts there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextPlace {
    Line,
    /// Between the brackets of a link.
    LinkText,
    /// In a cell of a table.
    Cell,
}

/// What acts somewhere.
const ACTIVE: &str = "\\`*_[]<>$~!|{}#^@";

/// Appends a text whose white space is folded. `before` is the character before it.
pub(crate) fn push_escaped(text: &str, place: TextPlace, style: EscapeStyle, out: &mut String) {
    let tildes = text.matches('~').count();
    // Looked for once: a text of brackets alone would be searched to its end for each.
    let last_link_end = LINK_ENDS.iter().filter_map(|end| text.rfind(end)).max();
    let mut has_open_bracket = out.contains("\\[");
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let rest = &text[at + c.len_utf8()..];
        let next = chars.peek().map(|(_, next)| *next);
        let before = out.chars().next_back();
        if style.escaping == Escaping::Everything {
            match c {
                '&' => out.push_str("&amp;"),
                c if ACTIVE.contains(c) => {
                    out.push('\\');
                    out.push(c);
                }
                c => out.push(c),
            }
            continue;
        }
        let acts = match c {
            '\\' => next.is_none_or(|next| next.is_ascii_punctuation()),
            '*' => !(is_space(before) && is_space(next)),
            '_' => !(is_word(before) && is_word(next) || is_space(before) && is_space(next)),
            '`' => true,
            '[' => {
                let has_link_end = last_link_end.is_some_and(|end| end > at);
                place == TextPlace::LinkText || has_link_end || opens_box(rest) || next == Some('[')
            }
            ']' => place == TextPlace::LinkText || rest.starts_with(['(', '[', ':']) && has_open_bracket,
            '<' => next.is_some_and(|next| next.is_ascii_alphabetic() || matches!(next, '/' | '!' | '?')),
            '~' => tildes > 1 && !(is_space(before) && is_space(next)),
            '$' => style.has_math && is_formula_start(before, next, rest),
            '!' => next == Some('['),
            '|' => place == TextPlace::Cell,
            '{' => matches!(next, Some('@' | '#' | '.')) || before == Some(')'),
            _ => false,
        };
        if c == '&' && is_entity(rest) {
            out.push_str("&amp;");
            continue;
        }
        if acts {
            out.push('\\');
            has_open_bracket |= c == '[';
        }
        out.push(c);
    }
}

fn is_space(c: Option<char>) -> bool {
    c.is_none_or(char::is_whitespace)
}

fn is_word(c: Option<char>) -> bool {
    c.is_some_and(|c| c.is_alphanumeric() || c == '_')
}

/// What ends the text of a link, with the start of where it leads.
const LINK_ENDS: [&str; 3] = ["](", "][", "]:"];

/// Whether what follows a bracket makes a note, a box of a task or an alert of it.
fn opens_box(rest: &str) -> bool {
    let is_box = ["x]", "X]", " ]"].iter().any(|inner| rest.starts_with(inner));
    is_box || rest.starts_with(['^', '!'])
}

/// Whether a dollar sign can begin or end a formula. Money is not one: a digit behind it, and none of a letter.
fn is_formula_start(before: Option<char>, next: Option<char>, rest: &str) -> bool {
    let begins =
        next.is_some_and(|next| !next.is_whitespace() && !next.is_ascii_digit()) && rest.contains('$');
    let ends = before.is_some_and(|before| !before.is_whitespace() && !before.is_ascii_digit());
    begins || ends || next == Some('$')
}

/// Whether `&` and what follows it would be read as a reference.
fn is_entity(rest: &str) -> bool {
    let end = rest.as_bytes().iter().take(40).position(|byte| *byte == b';');
    end.filter(|end| rest[..*end].bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'#'))
        .is_some_and(|end| {
            let written = format!("&{}", &rest[..=end]);
            Document::parse(&written).root().text_content() != written
        })
}

/// The lines of a paragraph with their starts escaped, where they would begin another block.
pub(crate) fn escape_line_starts(paragraph: &str) -> String {
    let lines: Vec<String> =
        paragraph.split('\n').enumerate().map(|(at, line)| escape_line_start(line, at)).collect();
    lines.join("\n")
}

fn escape_line_start(line: &str, number: usize) -> String {
    let trimmed = line.trim_start_matches([' ', '\t']);
    let indent = &line[..line.len() - trimmed.len()];
    let first = trimmed.chars().next();
    let after_first = first.map_or("", |first| &trimmed[first.len_utf8()..]);
    let has_space = after_first.is_empty() || after_first.starts_with([' ', '\t']);
    let acts = match first {
        Some('#') => {
            let rest = trimmed.trim_start_matches('#');
            trimmed.len() - rest.len() <= 6 && (rest.is_empty() || rest.starts_with([' ', '\t']))
        }
        Some('>') => true,
        Some('-' | '+') => has_space || is_rule(trimmed) || number == 0 && trimmed.starts_with("+++"),
        Some('*') => has_space || is_rule(trimmed),
        Some('=') => number > 0 && trimmed.trim_end().chars().all(|c| c == '='),
        Some('~') => trimmed.starts_with("~~~"),
        Some(':') => has_space || after_first.starts_with("::"),
        Some('|') => true,
        Some('{') => number == 0 && trimmed.starts_with("{\""),
        _ => false,
    };
    if acts {
        return format!("{indent}\\{trimmed}");
    }
    // `1.` and `1)` begin a list.
    let digits = trimmed.bytes().take_while(u8::is_ascii_digit).count();
    if (1..=9).contains(&digits) {
        let rest = &trimmed[digits..];
        let is_item = rest.starts_with(['.', ')']) && (rest.len() == 1 || rest[1..].starts_with([' ', '\t']));
        if is_item {
            return format!("{indent}{}\\{rest}", &trimmed[..digits]);
        }
    }
    // The indent of a line is not part of the text.
    trimmed.to_owned()
}

/// Whether a line is a thematic break or the line below a heading.
fn is_rule(line: &str) -> bool {
    let mut marks = line.chars().filter(|c| !c.is_whitespace());
    let first = marks.next();
    marks.all(|c| Some(c) == first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(text: &str, escaping: Escaping) -> String {
        let mut out = String::new();
        let style = EscapeStyle { escaping, has_math: true };
        push_escaped(text, TextPlace::Line, style, &mut out);
        escape_line_starts(&out)
    }

    #[test]
    fn only_what_acts_is_escaped() {
        for (text, expected) in [
            ("a * b, 5*6, snake_case, _x_", "a * b, 5\\*6, snake_case, \\_x\\_"),
            ("[sic], [a](b), [^1], {@id}", "\\[sic], \\[a\\](b), \\[^1], \\{@id}"),
            ("a [sic] b", "a [sic] b"),
            ("1 < 2 <b> AT&T &copy; C:\\new \\*", "1 < 2 \\<b> AT&T &amp;copy; C:\\new \\\\\\*"),
            ("$5 and $6, $x^2$", "$5 and $6, \\$x^2$"),
            ("~5 and ~~x~~", "\\~5 and \\~\\~x\\~\\~"),
            ("1986. A year", "1986\\. A year"),
            ("# a", "\\# a"),
            ("#tag", "#tag"),
            ("- a", "\\- a"),
            ("-5 degrees", "-5 degrees"),
            (": a", "\\: a"),
        ] {
            assert_eq!(escaped(text, Escaping::Where), expected, "{text}");
        }
        assert_eq!(escaped("a*b & [c]", Escaping::Everything), "a\\*b &amp; \\[c\\]");
    }

    /// Each bracket would be searched to the end of the text, which takes minutes.
    #[test]
    fn a_text_of_brackets_alone_is_read_once() {
        let text = "[a] ".repeat(200_000);
        assert_eq!(escaped(&text, Escaping::Where), text);
    }
}
