//! Typographic marks as WordPress shows them: `wptexturize` (wp-includes/formatting.php, 6.1.9), which runs before paragraphs
//! are made.
//!
//! Dashes, ellipses and signs of multiplication are set as WordPress has them, as Backmatter sets other ones: ` - ` is a
//! dash there and a hyphen here. Quotation marks are set for English; in other languages they stay straight, and Backmatter
//! sets those of the language.

use std::sync::LazyLock;

use regex::Regex;

/// Which quotation marks are set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum QuotationStyle {
    /// “ ” ‘ ’ ″ ′.
    English,
    /// None: they are left to the language of the page.
    Straight,
}

/// Elements whose text is left alone.
const PLAIN_TAGS: [&str; 6] = ["pre", "code", "kbd", "style", "script", "tt"];

/// A tag, a comment, or a shortcode: what is not text. A `<` that closes nowhere runs to the end.
static MARKUP: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"<!--(?s:.*?)(?:-->|\z)|<[^>]*(?:>|\z)|\[/?[A-Za-z][A-Za-z0-9_-]*(?:[ \t\n/](?:[^\[\]<>]|<[^\[\]>]*>)*)?\]")
        .expect("the pattern is valid")
});

static TIMES: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b(0[\d.,]+|[1-9][\d.,]*|0)x(\d[\d.,]*)\b").expect("the pattern is valid"));
static BARE_AMPERSAND: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)&(#(?:\d+|x[a-f0-9]+);|[a-z1-4]{1,8};)?").expect("the pattern is valid")
});

/// The text with typographic marks. `is_shortcode` says of a name whether a shortcode has it; what else stands in
/// brackets is text.
pub(super) fn texturize(text: &str, style: QuotationStyle, is_shortcode: &dyn Fn(&str) -> bool) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    let mut open: Vec<&str> = Vec::new();
    let mut at = 0;
    for found in MARKUP.find_iter(text) {
        let markup = found.as_str();
        if let Some(inner) = markup.strip_prefix('[') {
            let name = inner.trim_start_matches('/');
            let name =
                name.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '-').next().unwrap_or_default();
            if !is_shortcode(name) {
                continue;
            }
        }
        if open.is_empty() {
            push_text(&text[at..found.start()], style, &mut out);
        } else {
            out.push_str(&text[at..found.start()]);
        }
        at = found.end();
        out.push_str(markup);
        remember(markup, &mut open);
    }
    if open.is_empty() {
        push_text(&text[at..], style, &mut out);
    } else {
        out.push_str(&text[at..]);
    }
    out
}

/// Keeps count of the elements whose text is left alone.
fn remember<'t>(markup: &'t str, open: &mut Vec<&'t str>) {
    let Some(tag) = markup.strip_prefix('<') else { return };
    let (is_end, tag) = match tag.strip_prefix('/') {
        Some(tag) => (true, tag),
        None => (false, tag),
    };
    let name = tag.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    if !PLAIN_TAGS.contains(&name) {
        return;
    }
    if !is_end {
        open.push(name);
    } else if open.last() == Some(&name) {
        open.pop();
    }
}

fn push_text(text: &str, style: QuotationStyle, out: &mut String) {
    let mut text = text.replace("...", "…").replace(" (tm)", " ™");
    if style == QuotationStyle::English {
        text = text.replace("``", "“").replace("''", "”");
        text = cockney(&text);
        if text.contains('\'') {
            text = primes(
                &single_quotes(&text),
                &Marks { needle: '\'', prime: '′', open: OPEN_SINGLE, close: '’' },
            )
            .replace(APOSTROPHE, "’")
            .replace(OPEN_SINGLE, "‘");
        }
        if text.contains('"') {
            text = primes(
                &double_quotes(&text),
                &Marks { needle: '"', prime: '″', open: OPEN_DOUBLE, close: '”' },
            )
            .replace(OPEN_DOUBLE, "“");
        }
    }
    if text.contains('-') {
        text = dashes(&text);
    }
    let text = TIMES.replace_all(&text, "$1×$2");
    out.push_str(&BARE_AMPERSAND.replace_all(&text, |found: &regex::Captures<'_>| match found.get(1) {
        Some(_) => found[0].to_owned(),
        None => "&#038;".to_owned(),
    }));
}

// Characters of Unicode's private use area stand for marks that are not decided yet.
const APOSTROPHE: char = '\u{e000}';
const OPEN_SINGLE: char = '\u{e001}';
const OPEN_DOUBLE: char = '\u{e002}';
const FLAG: char = '\u{e003}';

/// Words that begin with an apostrophe.
const COCKNEY: [&str; 9] =
    ["'tain't", "'twere", "'twas", "'tis", "'twill", "'til", "'bout", "'nuff", "'round"];

fn cockney(text: &str) -> String {
    let mut text = text.to_owned();
    for word in COCKNEY.into_iter().chain(["'cause", "'em"]) {
        if text.contains(word) {
            text = text.replace(word, &word.replace('\'', "’"));
        }
    }
    text
}

/// What stands around a place in a text.
struct Around<'t> {
    before: &'t str,
    after: &'t str,
}

impl Around<'_> {
    /// Whether white space is before it.
    fn follows_space(&self) -> bool {
        self.before.ends_with(['\r', '\n', '\t', ' ', '\u{a0}']) || self.before.ends_with("&nbsp;")
    }

    fn precedes_space(&self) -> bool {
        self.after.starts_with(['\r', '\n', '\t', ' ', '\u{a0}']) || self.after.starts_with("&nbsp;")
    }

    fn is_first(&self) -> bool {
        self.before.is_empty()
    }

    fn is_last(&self) -> bool {
        self.after.is_empty()
    }

    /// Whether what follows ends a quotation: the end, punctuation, or white space.
    fn precedes_end(&self) -> bool {
        self.is_last()
            || self.after.starts_with(['.', ',', ':', ';', '!', '?', ')', '}', '-', ']'])
            || self.after.starts_with("&gt;")
            || self.precedes_space()
    }
}

/// A number as it may stand between quotation marks, and the mark behind it: how many bytes both have.
fn quoted_number(after: &str, mark: char) -> Option<usize> {
    let rest = after.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c == ',');
    let length = after.len() - rest.len();
    (after.starts_with(|c: char| c.is_ascii_digit()) && rest.starts_with(mark)).then_some(length)
}

/// Two digits, and what stands behind them.
fn two_digits(after: &str) -> Option<&str> {
    let bytes = after.as_bytes();
    (bytes.len() >= 2 && bytes[0].is_ascii_digit() && bytes[1].is_ascii_digit()).then(|| &after[2..])
}

fn single_quotes(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut at = 0;
    while let Some(found) = text[at..].find('\'').map(|found| at + found) {
        out.push_str(&text[at..found]);
        let around = Around { before: &text[..found], after: &text[found + 1..] };
        at = found + 1;
        // '99' and '99": a year at the end of a quotation.
        let year = two_digits(around.after).and_then(|rest| {
            let mark = rest.chars().next().filter(|mark| matches!(mark, '\'' | '"'))?;
            Around { before: "", after: &rest[1..] }.precedes_end().then_some(mark)
        });
        if let Some(mark) = year {
            out.push(APOSTROPHE);
            out.push_str(&around.after[..2]);
            out.push(if mark == '"' { '”' } else { '’' });
            at += 3;
        } else if is_year(around.after) {
            out.push(APOSTROPHE);
        } else if let Some(length) =
            quoted_number(around.after, '\'').filter(|_| around.is_first() || around.follows_space())
        {
            out.push(OPEN_SINGLE);
            out.push_str(&around.after[..length]);
            out.push('’');
            at += length + 1;
        } else if around.is_first()
            || around.before.ends_with(['(', '[', '{', '"', '-'])
            || around.before.ends_with("&lt;")
            || around.follows_space()
        {
            out.push(OPEN_SINGLE);
        } else if !around.is_last()
            && !around
                .after
                .starts_with(['.', ',', ':', ';', '!', '?', '"', '\'', '(', ')', '{', '}', '[', ']', '-'])
            && !around.after.starts_with("&lt;")
            && !around.after.starts_with("&gt;")
            && !around.precedes_space()
        {
            out.push(APOSTROPHE);
        } else {
            out.push('\'');
        }
    }
    out.push_str(&text[at..]);
    out
}

/// Whether an apostrophe before this makes a year: two digits that are not part of a longer number.
fn is_year(after: &str) -> bool {
    two_digits(after).is_some_and(|rest| {
        let mut next = rest.chars();
        match next.next() {
            Some('%') => false,
            Some(c) if c.is_ascii_digit() => false,
            Some('.' | ',') => !next.next().is_some_and(|c| c.is_ascii_digit()),
            _ => true,
        }
    })
}

fn double_quotes(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut at = 0;
    while let Some(found) = text[at..].find('"').map(|found| at + found) {
        out.push_str(&text[at..found]);
        let around = Around { before: &text[..found], after: &text[found + 1..] };
        at = found + 1;
        let opens = around.is_first() || around.follows_space();
        if let Some(length) = quoted_number(around.after, '"').filter(|_| opens) {
            out.push(OPEN_DOUBLE);
            out.push_str(&around.after[..length]);
            out.push('”');
            at += length + 1;
        } else if (opens || around.before.ends_with(['(', '[', '{', '-']) || around.before.ends_with("&lt;"))
            && !around.precedes_space()
        {
            out.push(OPEN_DOUBLE);
        } else {
            out.push('"');
        }
    }
    out.push_str(&text[at..]);
    out
}

/// The marks of one kind of quotation.
struct Marks {
    /// As it is typed.
    needle: char,
    prime: char,
    /// Stands for one that opens.
    open: char,
    close: char,
}

/// Decides between closing marks and primes (`wptexturize_primes`).
fn primes(text: &str, marks: &Marks) -> String {
    let sentences = text.split(marks.open).enumerate().map(|(at, sentence)| {
        if !sentence.contains(marks.needle) {
            return sentence.to_owned();
        }
        let mut sentence = if at > 0 && !sentence.contains(marks.close) {
            closed(sentence, marks)
        } else {
            let primed = after_digit(sentence, marks.needle, marks.prime);
            at_ends(&primed, marks.needle, marks.close)
        };
        if marks.needle == '"' {
            sentence = sentence.replace('"', "”");
        }
        sentence
    });
    sentences.collect::<Vec<_>>().join(&marks.open.to_string())
}

/// A sentence that follows an opening mark and has no closing one yet.
fn closed(sentence: &str, marks: &Marks) -> String {
    let flagged = at_ends(sentence, marks.needle, FLAG);
    let close = marks.close.to_string();
    let mut text = match flagged.matches(FLAG).count() {
        0 => sentence.to_owned(),
        1 => flagged.replace(FLAG, &close),
        _ => {
            let mut text = not_after_digit(&flagged, FLAG, marks.close);
            if text == flagged {
                let at = text.rfind(&format!("{FLAG}.")).or_else(|| text.rfind(FLAG));
                if let Some(at) = at {
                    text.replace_range(at..at + FLAG.len_utf8(), &close);
                }
            }
            text
        }
    };
    text = after_digit(&text, marks.needle, marks.prime);
    text = after_digit(&text, FLAG, marks.prime);
    text.replace(FLAG, &close)
}

/// Replaces a mark where `wanted` says so of what is around it.
fn replace_where(text: &str, mark: char, with: char, wanted: fn(&Around<'_>) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let around = Around { before: &text[..at], after: &text[at + c.len_utf8()..] };
        out.push(if c == mark && wanted(&around) { with } else { c });
    }
    out
}

fn at_ends(text: &str, mark: char, with: char) -> String {
    replace_where(text, mark, with, |around| around.precedes_end())
}

fn after_digit(text: &str, mark: char, with: char) -> String {
    replace_where(text, mark, with, |around| around.before.ends_with(|c: char| c.is_ascii_digit()))
}

fn not_after_digit(text: &str, mark: char, with: char) -> String {
    replace_where(text, mark, with, |around| !around.before.ends_with(|c: char| c.is_ascii_digit()))
}

fn dashes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let text = text.replace("---", "—");
    let mut at = 0;
    while let Some(found) = text[at..].find('-').map(|found| at + found) {
        out.push_str(&text[at..found]);
        let length = if text[found..].starts_with("--") { 2 } else { 1 };
        let around = Around { before: &text[..found], after: &text[found + length..] };
        let stands_alone =
            (around.is_first() || around.follows_space()) && (around.is_last() || around.precedes_space());
        let dash = match length {
            2 if stands_alone => "—",
            2 if around.before.ends_with("xn") => "--",
            2 => "–",
            _ if stands_alone => "–",
            _ => "-",
        };
        out.push_str(dash);
        at = found + length;
    }
    out.push_str(&text[at..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(texturize(text, QuotationStyle::English, &|name| name == "gallery"), expected);
    }

    #[test]
    fn marks_are_those_of_wordpress() {
        check(
            "She wrote: \"It's gone\", 'gone' --- and nothing else... 3x4 lamps, '89 vintage, 6'2\" tall.",
            "She wrote: “It’s gone”, ‘gone’ — and nothing else… 3×4 lamps, ’89 vintage, 6’2″ tall.",
        );
        check("a -- b - c, d--e, 0x7f", "a — b – c, d–e, 0x7f");
        check("R&D &amp; &#38; (tm) x (tm)", "R&#038;D &amp; &#38; ™ x ™");
        check("'tis 12' by 7\"", "’tis 12′ by 7″");
        check("say \"one\" and \"two\"", "say “one” and “two”");
    }

    #[test]
    fn code_tags_and_shortcodes_are_left_alone() {
        check("<code>\"a\" -- b</code> \"c\"", "<code>\"a\" -- b</code> “c”");
        check("<a title=\"x -- y\">\"z\"</a>", "<a title=\"x -- y\">“z”</a>");
        check("[gallery ids=\"1\"] [other a=\"1\"]", "[gallery ids=\"1\"] [other a=”1″]");
    }

    #[test]
    fn other_languages_keep_straight_quotes() {
        let text = texturize("\"Ja\" -- nein...", QuotationStyle::Straight, &|_| false);
        assert_eq!(text, "\"Ja\" — nein…");
    }
}
