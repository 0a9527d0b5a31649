//! Which dollar signs are formulas, and which are money, variables of a shell or parts of code.
//!
//! The rules are Pandoc's (`tex_math_dollars`): a space never follows the first sign or precedes the second, and no
//! digit follows that. Besides, code, HTML and addresses bind tighter, as CommonMark has it (section 6.1), and what
//! reads as prose is prose.

use std::ops::Range;

use super::cjk::needs_no_space;
use super::events::Remark;
use super::leaf::{Leaf, overlap};

/// Signs that stand together.
struct Signs {
    at: usize,
    count: usize,
}

/// What the text between two signs is.
enum Reading {
    Formula,
    Text,
    /// Text, but it could have been meant as a formula; why it is not.
    Doubtful(&'static str),
}

const CROSSES: &str = "a formula cannot reach into code, a link or a tag";
const UNBALANCED: &str = "the braces of this formula do not match";
const PROSE: &str = "what stands between these dollar signs reads as text, not as a formula";
const UNPAIRED: &str = "this dollar sign has no partner that would make it a formula";
const SPACED: &str = "a formula begins and ends without a space, and no digit follows it";
const ALONE: &str = "this `$$` has no partner in its paragraph";

/// The formulas of a text with their dollar signs, in order.
pub(super) fn formulas(text: &str, leaves: &[Leaf], remarks: &mut Vec<Remark>) -> Vec<Range<usize>> {
    let mut formulas = Vec::new();
    for leaf in leaves {
        let mut signs = signs(text, leaf);
        let mut at = 0;
        while at < signs.len() {
            at = match signs[at].count {
                1 => inline(text, leaf, &mut signs, at, &mut Found { formulas: &mut formulas, remarks }),
                2 => display(text, leaf, &signs, at, &mut Found { formulas: &mut formulas, remarks }),
                _ => at + 1,
            };
        }
    }
    formulas
}

struct Found<'f> {
    formulas: &'f mut Vec<Range<usize>>,
    remarks: &'f mut Vec<Remark>,
}

impl Found<'_> {
    fn doubt(&mut self, span: Range<usize>, why: &str) {
        let hint = "it is shown as it is written; words of a formula stand in `\\text{…}`, and a dollar sign that is \
                    none is written `\\$`";
        self.remarks.push(Remark::new(span, why.to_owned(), hint));
    }
}

fn signs(text: &str, leaf: &Leaf) -> Vec<Signs> {
    let mut signs: Vec<Signs> = Vec::new();
    for range in &leaf.prose {
        for (offset, _) in text[range.clone()].match_indices('$') {
            let at = range.start + offset;
            if leaf.is_escaped(text, at) {
                continue;
            }
            match signs.last_mut() {
                Some(last) if last.at + last.count == at => last.count += 1,
                _ => signs.push(Signs { at, count: 1 }),
            }
        }
    }
    signs
}

/// Reads the sign at `at` as the first of a formula within a line. Returns the index to go on at.
fn inline(text: &str, leaf: &Leaf, signs: &mut [Signs], at: usize, found: &mut Found<'_>) -> usize {
    let open = signs[at].at;
    let begins_with_command = has_command(text[open + 1..].trim_start().get(..2).unwrap_or_default());
    let Some(next) = signs.get_mut(at + 1) else {
        // A lone sign is money, unless a command of LaTeX follows.
        if begins_with_command {
            found.doubt(open..open + 1, UNPAIRED);
        }
        return at + 1;
    };
    let close = next.at;
    let content = &text[open + 1..close];
    let is_followed_by_digit = text[close + 1..].starts_with(|c: char| c.is_ascii_digit());
    let is_delimited = !content.starts_with(char::is_whitespace)
        && !content.ends_with(char::is_whitespace)
        && !is_followed_by_digit
        && next.count <= 2;
    if !is_delimited {
        if begins_with_command {
            found.doubt(open..close + 1, SPACED);
            return at + 2;
        }
        return at + 1;
    }
    let formula = open..close + 1;
    let before = text[..open].chars().next_back();
    let after = text[close + 1..].chars().next();
    let reading = if crosses(leaf, &formula) { crossing(content) } else { reading(before, content, after) };
    match reading {
        Reading::Formula => {
            found.formulas.push(formula);
            if next.count == 2 {
                // `$a$$b$` are two formulas.
                *next = Signs { at: close + 1, count: 1 };
                return at + 1;
            }
            return at + 2;
        }
        Reading::Text => {}
        Reading::Doubtful(why) => found.doubt(formula, why),
    }
    at + 1
}

/// Reads the two signs at `at` as the beginning of a formula on lines of its own.
fn display(text: &str, leaf: &Leaf, signs: &[Signs], at: usize, found: &mut Found<'_>) -> usize {
    let open = signs[at].at;
    let Some(next) = signs.get(at + 1).filter(|next| next.count == 2) else {
        let is_on_its_own_line =
            text[..open].trim_end_matches([' ', '\t']).ends_with('\n') || open == leaf.span().start;
        let line = text[open + 2..].lines().next().unwrap_or_default();
        // Two signs that the end of a paragraph divides are one mistake, and cause one warning.
        let is_told = found.remarks.last().is_some_and(|remark| remark.message == ALONE);
        if is_on_its_own_line && !is_told && (line.trim().is_empty() || has_command(line)) {
            found.doubt(open..open + 2, ALONE);
        }
        return at + 1;
    };
    let formula = open..next.at + 2;
    let content = &text[open + 2..next.at];
    let reading = if content.trim().is_empty() {
        Reading::Text
    } else if crosses(leaf, &formula) {
        crossing(content)
    } else if !has_balanced_braces(content) {
        Reading::Doubtful(UNBALANCED)
    } else if !content.contains(['\\', '=', '+', '^', '_', '<', '>', '{']) && is_prose(content) {
        Reading::Doubtful(PROSE)
    } else {
        Reading::Formula
    };
    match reading {
        Reading::Formula => {
            found.formulas.push(formula);
            return at + 2;
        }
        Reading::Text => {}
        Reading::Doubtful(why) => {
            found.doubt(formula, why);
            return at + 2;
        }
    }
    at + 1
}

/// Whether a formula would hold or cut something that binds tighter.
fn crosses(leaf: &Leaf, formula: &Range<usize>) -> bool {
    // A formula may be a part of the text of a link, but a link does not end within a formula.
    leaf.closed.iter().any(|closed| overlap(closed, formula))
        || leaf
            .links
            .iter()
            .any(|link| overlap(link, formula) && !(link.start < formula.start && formula.end < link.end))
}

fn crossing(content: &str) -> Reading {
    if has_command(content) { Reading::Doubtful(CROSSES) } else { Reading::Text }
}

fn reading(before: Option<char>, content: &str, after: Option<char>) -> Reading {
    let has_command = has_command(content);
    // "US$5" and "A$AP": no formula begins within a word, unless nothing else can be meant.
    let is_within_word = before.is_some_and(|c| c.is_alphanumeric() && !needs_no_space(c));
    if is_within_word && !has_command {
        return Reading::Text;
    }
    let is_balanced = has_balanced_braces(content);
    if has_command {
        return if is_balanced { Reading::Formula } else { Reading::Doubtful(UNBALANCED) };
    }
    if is_variable(content, after) || is_price(content) || content.contains('"') {
        return Reading::Text;
    }
    if !is_balanced {
        return Reading::Doubtful(UNBALANCED);
    }
    if is_variable_name(content) || !has_balanced_brackets(content) || is_prose(content) {
        return Reading::Doubtful(PROSE);
    }
    let goes_on = after.is_some_and(|c| c.is_ascii_alphabetic());
    if goes_on && content.len() > 1 && content.chars().all(|c| c.is_ascii_alphabetic()) {
        return Reading::Doubtful(PROSE);
    }
    Reading::Formula
}

/// A command of LaTeX, which neither money nor a shell has.
fn has_command(content: &str) -> bool {
    content
        .match_indices('\\')
        .any(|(at, _)| content[at + 1..].starts_with(|c: char| c.is_ascii_alphabetic()))
}

fn has_balanced_braces(content: &str) -> bool {
    is_balanced(content, "{", "}")
}

/// Of any kind, as an interval may be open at one end: `[0, 1)`. A single bracket is a formula about brackets.
fn has_balanced_brackets(content: &str) -> bool {
    content.chars().count() == 1 || is_balanced(content, "([{", ")]}")
}

fn is_balanced(content: &str, open: &str, close: &str) -> bool {
    let mut depth = 0_i32;
    let mut is_escaped = false;
    for c in content.chars() {
        if std::mem::take(&mut is_escaped) {
            continue;
        }
        is_escaped = c == '\\';
        depth += i32::from(open.contains(c)) - i32::from(close.contains(c));
        if depth < 0 {
            return false;
        }
    }
    depth == 0
}

/// `$HOME/$USER`, `$a->$b`, `${A}${B}`, `$(cc)$(flags)`: the second sign begins another variable.
fn is_variable(content: &str, after: Option<char>) -> bool {
    let begins_name = after.is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, '_' | '{' | '('));
    let name = content.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(content.len());
    let is_long = name > 1 && content[..name].bytes().any(|byte| byte.is_ascii_uppercase() || byte == b'_');
    let is_braced = content.starts_with(['{', '(']) && matches!(after, Some('{' | '('));
    let breaks_off = content.ends_with([
        '/', ':', '.', ',', ';', '@', '=', '&', '|', '>', '<', '-', '+', '*', '(', '{', '[', '%', '"', '\\',
    ]);
    begins_name && (is_long || is_braced || breaks_off)
}

/// `10, so I set`, `5/month`, `100 a day`: a number with words behind it.
fn is_price(content: &str) -> bool {
    let begins_with_number = content.starts_with(|c: char| c.is_ascii_digit());
    let holds_letters_of_prose = content.chars().any(|c| c.is_alphabetic() && !c.is_ascii() && !is_greek(c));
    let has_operator = content.contains(['=', '+', '-', '*', '/', '^', '_', '<', '>', '(', '|', '!', '{']);
    begins_with_number
        && (is_prose(content)
            || has_long_word(content)
            || !has_balanced_brackets(content)
            || holds_letters_of_prose
            || content.contains(", ")
            || content.contains(char::is_whitespace) && !has_operator)
}

fn is_greek(c: char) -> bool {
    matches!(c, '\u{370}'..='\u{3ff}' | '\u{1d400}'..='\u{1d7ff}')
}

/// `USER_HOME`, `PATH`: what programs write between two signs.
fn is_variable_name(content: &str) -> bool {
    let is_upper =
        content.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    // `X_1` is a symbol with an index, `HOME_DIR` a name.
    is_upper
        && (["PATH", "HOME", "USER", "SHELL", "PWD", "TERM", "LANG"].contains(&content)
            || content.contains('_') && content.split('_').all(|part| part.len() > 1))
}

/// Two words that stand beside each other, of which one is longer than a letter and not the name of a function.
fn is_prose(content: &str) -> bool {
    let words: Vec<&str> = content
        .split_whitespace()
        .map(|word| word.trim_end_matches([',', '.', ';', ':', '!', '?']))
        .collect();
    words.windows(2).any(|pair| {
        pair.iter().all(|word| is_word(word))
            && pair.iter().any(|word| word.len() > 1 && !FUNCTIONS.contains(word))
    })
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphabetic() || c == '\'' || c == '’')
}

fn has_long_word(content: &str) -> bool {
    let mut words = content.split(|c: char| !c.is_ascii_alphabetic());
    words.any(|word| word.len() > 2 && !FUNCTIONS.contains(&word))
}

/// What has a name of several letters in formulas.
const FUNCTIONS: [&str; 30] = [
    "sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh", "arcsin", "arccos", "arctan", "log",
    "ln", "lg", "exp", "lim", "max", "min", "sup", "inf", "det", "dim", "ker", "gcd", "lcm", "mod", "deg",
    "arg", "sgn",
];
