//! Texts in quotes over several lines, indented as YAML 1.2 wants them.
//!
//! By the letter (sections 6.1 and 7.3) each line of such a text is indented deeper than its key, and by spaces. libyaml and
//! js-yaml take any indentation, also none, and fold it away in either case.

use std::ops::Range;

/// A text of YAML with spaces added, and the way back from its bytes to those of the original.
pub(super) struct Indented {
    text: String,
    /// Where spaces were added, in bytes of the new text.
    added: Vec<Range<usize>>,
}

impl Indented {
    /// Adds what is missing before the lines of texts in quotes, and between such a text and a comment.
    pub(super) fn of(original: &str) -> Self {
        let mut writer = IndentWriter {
            rest: original,
            indented: Self { text: String::with_capacity(original.len() + 64), added: Vec::new() },
            flow: 0,
            is_start: true,
            block: None,
        };
        while !writer.rest.is_empty() {
            writer.line();
        }
        writer.indented
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The byte of the original that a byte of the text was made of.
    pub(super) fn original(&self, at: usize) -> usize {
        let before = self.added.iter().take_while(|added| added.start < at);
        at - before.map(|added| added.end.min(at) - added.start).sum::<usize>()
    }
}

struct IndentWriter<'t> {
    rest: &'t str,
    indented: Indented,
    /// Open brackets and braces.
    flow: usize,
    /// Whether a value or a key may begin at the next character.
    is_start: bool,
    /// The indentation of the key of a block of text that is open (`|`, `>`).
    block: Option<usize>,
}

impl IndentWriter<'_> {
    fn copy(&mut self, bytes: usize) {
        let (part, rest) = self.rest.split_at(bytes);
        self.indented.text.push_str(part);
        self.rest = rest;
    }

    fn spaces(&mut self, count: usize) {
        let start = self.indented.text.len();
        self.indented.text.extend(std::iter::repeat_n(' ', count));
        self.indented.added.push(start..start + count);
    }

    /// Copies a line, or several if a text in quotes goes over them.
    fn line(&mut self) {
        let line = self.rest.lines().next().unwrap_or_default();
        let indentation = line.len() - line.trim_start_matches(' ').len();
        if let Some(parent) = self.block {
            if line.trim().is_empty() || indentation > parent {
                self.copy_line();
                return;
            }
            self.block = None;
        }
        self.copy(indentation);
        self.is_start = true;
        while let Some(next) = self.rest.chars().next() {
            match next {
                '\n' => {
                    self.copy(1);
                    return;
                }
                '#' if self.is_start || self.indented.text.ends_with([' ', '\t', '\n']) => {
                    self.copy_line();
                    return;
                }
                '"' | '\'' if self.is_start => {
                    self.quoted(next);
                    self.is_start = false;
                }
                '|' | '>' if self.is_start && self.flow == 0 => {
                    self.block = Some(indentation);
                    self.copy_line();
                    return;
                }
                '&' | '!' if self.is_start => {
                    let end = self.rest.find(char::is_whitespace).unwrap_or(self.rest.len());
                    self.copy(end);
                }
                _ => {
                    self.is_start = self.starts_after(next);
                    self.copy(next.len_utf8());
                }
            }
        }
    }

    /// Whether a value or a key may begin behind a character.
    fn starts_after(&mut self, next: char) -> bool {
        let is_before_space = self.rest[next.len_utf8()..].chars().next().is_none_or(char::is_whitespace);
        match next {
            '[' | '{' if self.is_start || self.flow > 0 => {
                self.flow += 1;
                true
            }
            ']' | '}' if self.flow > 0 => {
                self.flow -= 1;
                false
            }
            ',' if self.flow > 0 => true,
            ':' => is_before_space || self.indented.text.ends_with(['"', '\'']),
            '-' | '?' if self.is_start => is_before_space,
            ' ' | '\t' | '\r' => self.is_start,
            _ => false,
        }
    }

    /// Copies a text in quotes, each of its lines as deep as its first character.
    fn quoted(&mut self, quote: char) {
        let line_start = self.indented.text.rfind('\n').map_or(0, |at| at + 1);
        let column = self.indented.text.len() - line_start + 1;
        self.copy(1);
        while let Some(next) = self.rest.chars().next() {
            match next {
                '\\' if quote == '"' => {
                    self.copy(1);
                    // A line break that is escaped begins a line as any other does.
                    let escaped = self.rest.chars().next().filter(|escaped| *escaped != '\n');
                    self.copy(escaped.map_or(0, char::len_utf8));
                }
                '\'' if quote == '\'' && self.rest.starts_with("''") => self.copy(2),
                '\n' => {
                    self.copy(1);
                    self.continuation(column);
                }
                _ => {
                    self.copy(next.len_utf8());
                    if next == quote {
                        break;
                    }
                }
            }
        }
        if self.rest.starts_with('#') {
            self.spaces(1);
        }
    }

    fn copy_line(&mut self) {
        let end = self.rest.find('\n').map_or(self.rest.len(), |at| at + 1);
        self.copy(end);
    }

    /// Indents a line of a text in quotes; a tab in its indentation becomes a space.
    fn continuation(&mut self, column: usize) {
        self.spaces(column);
        let line = self.rest.lines().next().unwrap_or_default();
        let indentation = line.len() - line.trim_start_matches([' ', '\t']).len();
        self.indented.text.extend(std::iter::repeat_n(' ', indentation));
        self.rest = &self.rest[indentation..];
    }
}
