//! Marks in quoted words: which of them end a stretch, and which end a term.

use std::borrow::Cow;

use super::words::{is_mark, letters};

/// Whether narrow spaces stand before `:`, `;`, `!`, `?` and within guillemets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spacing {
    /// As in French. No engine finds a word that such a space joins to a mark.
    Narrow,
    /// As elsewhere.
    None,
}

impl Spacing {
    pub(super) fn of(language: Option<&str>) -> Self {
        let primary = language.and_then(|tag| tag.split(['-', '_']).next()).unwrap_or_default();
        if ["fr", "br", "oc"].iter().any(|tag| primary.eq_ignore_ascii_case(tag)) {
            Self::Narrow
        } else {
            Self::None
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'t> {
    /// A word with marks that are spelled alike everywhere.
    Word(&'t str),
    /// No term goes on here.
    Cut,
}

/// Splits a line where words may be left out: at `[…]`, `(...)`, and an ellipsis of any kind. Dots may also trail off, but
/// the words on both sides of them are found as well if each stands alone.
pub(crate) fn omissions(line: &str) -> Vec<String> {
    let line = without_invisible(line);
    let mut parts = vec![String::new()];
    let mut rest = &*line;
    while !rest.is_empty() {
        let plain = rest.find(begins_omission).unwrap_or(rest.len());
        parts.last_mut().into_iter().for_each(|part| part.push_str(&rest[..plain]));
        rest = &rest[plain..];
        let Some(first) = rest.chars().next() else { break };
        match bracketed_omission(rest).or_else(|| ellipsis(rest)) {
            Some(length) => {
                parts.push(String::new());
                rest = &rest[length..];
            }
            None => {
                parts.last_mut().into_iter().for_each(|part| part.push(first));
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    parts
}

/// Whether an omission can begin with a character.
fn begins_omission(c: char) -> bool {
    match c {
        '[' | '(' | '{' | '<' | '.' => true,
        // Every character of every quote is asked.
        c if c.is_ascii() => false,
        c => OPENING_BRACKETS.contains(&c) || ELLIPSES.contains(&c) || DOTS.contains(&c),
    }
}

const OPENING_BRACKETS: [char; 8] = ['[', '(', '{', '<', '［', '（', '〔', '【'];
const ELLIPSES: [char; 7] = ['…', '⋯', '‥', '︙', '⋮', '︰', '᠁'];
const DOTS: [char; 4] = ['.', '。', '・', '·'];

/// What engines skip, and what was typed for the line's sake.
fn without_invisible(line: &str) -> Cow<'_, str> {
    if line.is_ascii() || !line.contains(is_invisible) {
        return Cow::Borrowed(line);
    }
    Cow::Owned(line.chars().filter(|c| !is_invisible(*c)).collect())
}

fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
    )
}

/// The length of the ellipsis in brackets that a text begins with.
fn bracketed_omission(text: &str) -> Option<usize> {
    let inner = text.strip_prefix(OPENING_BRACKETS)?.trim_start();
    let after = &inner[ellipsis(inner)?..];
    let closed = after.trim_start().strip_prefix([']', ')', '}', '>', '］', '）', '〕', '】'])?;
    Some(text.len() - closed.len())
}

/// The length of the ellipsis that a text begins with: one or more of `…`, `⋯`, `‥`; three dots or more, also with spaces
/// between.
fn ellipsis(text: &str) -> Option<usize> {
    let run = text.len() - text.trim_start_matches(ELLIPSES).len();
    if run > 0 {
        return Some(run);
    }
    let dot = text.chars().next().filter(|c| DOTS.contains(c))?;
    let (mut length, mut dots) = (0, 0);
    for (at, c) in text.char_indices() {
        if c == dot {
            dots += 1;
            length = at + c.len_utf8();
        } else if c != ' ' && c != '\u{a0}' {
            break;
        }
    }
    (dots >= 3).then_some(length)
}

/// The words of a part of a line, cut at the marks that house styles spell in several ways.
pub(super) fn tokens(part: &str, spacing: Spacing) -> Vec<Token<'_>> {
    let typed: Vec<&str> = outside_brackets(part);
    let mut tokens = Vec::new();
    let mut number = 0;
    while let Some(&token) = typed.get(number) {
        let next = typed.get(number + 1).copied().unwrap_or_default();
        let previous =
            number.checked_sub(1).and_then(|before| typed.get(before)).copied().unwrap_or_default();
        if token == BRACKETED
            || is_grouped(previous, token)
            || is_grouped(token, next)
            || is_measure(token, next)
        {
            tokens.push(Token::Cut);
            // The unit of a number is set with any of three spaces.
            if is_grouped(previous, token) && !is_grouped(token, next) || is_measure(token, next) {
                number += 1;
            }
        } else if is_beside_narrow_space(token, next, previous, spacing) {
            tokens.push(Token::Cut);
        } else {
            split(token, &mut tokens);
        }
        number += 1;
    }
    tokens
}

/// What stands for brackets and all they touch.
const BRACKETED: &str = "";

const SQUARE_BRACKETS: [char; 4] = ['[', ']', '［', '］'];

/// The tokens between white space. What touches square brackets is not as the report has it.
fn outside_brackets(part: &str) -> Vec<&str> {
    if !part.contains(SQUARE_BRACKETS) {
        return part.split_whitespace().collect();
    }
    let mut tokens = Vec::new();
    let mut depth = 0_usize;
    for token in part.split_whitespace() {
        let behind = depth_behind(token, depth);
        if depth == 0 && !token.contains(SQUARE_BRACKETS) {
            tokens.push(token);
        } else {
            tokens.push(BRACKETED);
        }
        depth = behind;
    }
    if depth > 0 {
        // A bracket that is never closed encloses nothing.
        return part
            .split_whitespace()
            .map(|token| if token.contains(SQUARE_BRACKETS) { BRACKETED } else { token })
            .collect();
    }
    tokens
}

/// How many brackets are open behind a token.
fn depth_behind(token: &str, depth: usize) -> usize {
    token.chars().fold(depth, |depth, c| match c {
        '[' | '［' => depth + 1,
        ']' | '］' => depth.saturating_sub(1),
        _ => depth,
    })
}

/// Whether two tokens are groups of the digits of one number: `1 000`.
fn is_grouped(token: &str, next: &str) -> bool {
    if digits(next) != 3 {
        return false;
    }
    let first = token.trim_start_matches(|c: char| !c.is_alphanumeric());
    let count = digits(first);
    let ends_with_digits = count > 0 && first.chars().count() == count;
    let after = next.trim_start_matches(|c: char| c.is_numeric());
    ends_with_digits && count <= 3 && !after.starts_with(char::is_alphanumeric)
}

/// The digits that a text begins with.
fn digits(text: &str) -> usize {
    text.chars().take_while(|c| c.is_numeric()).count()
}

/// Whether two tokens are a number and its unit: `10 km`, `5 %`.
fn is_measure(token: &str, next: &str) -> bool {
    let number = token.trim_start_matches(['(', '−', '-', '±', '~']);
    let is_number = number.starts_with(char::is_numeric)
        && number.chars().all(|c| c.is_numeric() || matches!(c, '.' | ','))
        && number.ends_with(char::is_numeric);
    if !is_number {
        return false;
    }
    let unit = next.trim_end_matches(['.', ',', ';', ':', ')', '!', '?']);
    !unit.is_empty() && unit.chars().count() <= 2 && !unit.starts_with(char::is_numeric)
}

/// Whether a narrow space may join a token to a mark beside it.
fn is_beside_narrow_space(token: &str, next: &str, previous: &str, spacing: Spacing) -> bool {
    const BEFORE: [char; 9] = [':', ';', '!', '?', '»', '›', '%', '€', '‰'];
    const AFTER: [char; 2] = ['«', '‹'];
    let marked = spacing == Spacing::Narrow
        && (token.ends_with(&BEFORE[..])
            || token.starts_with(&AFTER[..])
            || token.trim_end_matches([',', '.', ')']).ends_with(QUOTATION_MARKS)
            || token.trim_start_matches('(').starts_with(QUOTATION_MARKS));
    marked || is_lone_mark(next, &BEFORE) || is_lone_mark(previous, &AFTER)
}

/// Whether a token is one of the marks, and no word is joined to it.
fn is_lone_mark(token: &str, marks: &[char]) -> bool {
    !token.is_empty() && token.starts_with(marks) && letters(token) == 0
}

const QUOTATION_MARKS: [char; 21] = [
    '"', '“', '”', '„', '‟', '«', '»', '‹', '›', '‘', '‚', '‛', '「', '」', '『', '』', '〝', '〞', '＂',
    '″', '`',
];

/// Marks of which the report may have others: of quotation, and dashes but the hyphen.
fn is_variable(c: char) -> bool {
    QUOTATION_MARKS.contains(&c) || matches!(c, '\u{2011}'..='―' | '−' | '﹘' | '～' | '…' | '⋯' | '‥' | '′')
}

/// Cuts a token at its marks.
fn split<'t>(token: &'t str, tokens: &mut Vec<Token<'t>>) {
    // Most tokens are plain words.
    if !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        tokens.push(Token::Word(token));
        return;
    }
    if letters(token) == 0 {
        tokens.push(Token::Cut);
        return;
    }
    let mut start = 0;
    let mut is_cut = false;
    for cut in cuts(token).chain(std::iter::once(token.len()..token.len())) {
        let piece = &token[start..cut.start];
        // A number beside a dash is half of a range.
        let is_half = (is_cut || cut.start < token.len()) && piece.chars().all(|c| !c.is_alphabetic());
        if !is_half && letters(piece) > 0 {
            tokens.push(Token::Word(piece));
        }
        if !cut.is_empty() || is_half {
            tokens.push(Token::Cut);
        }
        is_cut = true;
        start = cut.end;
    }
}

/// Where a token is cut: at variable marks, two hyphens or more, a hyphen between digits, two dots or more, and an
/// apostrophe at the edge of a word.
fn cuts(token: &str) -> impl Iterator<Item = std::ops::Range<usize>> {
    let characters: Vec<(usize, char)> = token.char_indices().collect();
    let cuts: Vec<_> = (0..characters.len())
        .filter(|index| is_cut(&characters, *index))
        .map(|index| characters[index].0..characters[index].0 + characters[index].1.len_utf8())
        .collect();
    cuts.into_iter()
}

fn is_cut(characters: &[(usize, char)], index: usize) -> bool {
    let before = index.checked_sub(1).and_then(|before| characters.get(before)).map(|(_, c)| *c);
    let after = characters.get(index + 1).map(|(_, c)| *c);
    match characters[index].1 {
        c @ ('-' | '.') if before == Some(c) || after == Some(c) => true,
        '-' => before.is_some_and(char::is_numeric) && after.is_some_and(char::is_numeric),
        // An apostrophe stands between two letters; elsewhere it may be a quotation mark.
        '\'' | '’' => !(before.is_some_and(is_part_of_word) && after.is_some_and(is_part_of_word)),
        c => is_variable(c),
    }
}

/// Whether a text has no mark within that house styles spell in several ways, and no word that a narrow space may join to
/// one.
pub(super) fn is_spelled_one_way(text: &str, spacing: Spacing) -> bool {
    let tokens: Vec<&str> = text.split_whitespace().collect();
    (0..tokens.len()).all(|at| {
        let previous = at.checked_sub(1).and_then(|before| tokens.get(before)).copied().unwrap_or_default();
        let next = tokens.get(at + 1).copied().unwrap_or_default();
        cuts(tokens[at]).next().is_none() && !is_beside_narrow_space(tokens[at], next, previous, spacing)
    })
}

fn is_part_of_word(c: char) -> bool {
    c.is_alphanumeric() || is_mark(c)
}
