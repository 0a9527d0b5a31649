//! Formulas in LaTeX as MathML, which browsers set without any script.

use pulldown_latex::config::{DisplayMode, RenderConfig};
use pulldown_latex::event::{Dimension, DimensionUnit, Event};
use pulldown_latex::{Parser, Storage, push_mathml};

/// How a formula stands in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// Within a line: `$x$`.
    Inline,
    /// On a line of its own: `$$x$$`.
    Display,
}

/// The formula as a `<math>` element, or what is wrong with it.
pub(crate) fn to_mathml(latex: &str, style: Style) -> Result<String, String> {
    let storage = Storage::new();
    if latex.contains(r"\sideset") {
        // The library leaves out what stands at the sides.
        return Err(
            "`\\sideset` cannot be shown; write the scripts beside an empty group, as `{}_1\\sum`".to_owned()
        );
    }
    if hides_words(latex) {
        return Err("a percent sign hides the rest of its line".to_owned());
    }
    let latex = prepared(latex);
    let events: Vec<_> = Parser::new(&latex, &storage)
        .collect::<Result<_, _>>()
        .map_err(|error| first_sentence(&error.to_string()))?;
    let config = RenderConfig {
        display_mode: match style {
            Style::Inline => DisplayMode::Inline,
            Style::Display => DisplayMode::Block,
        },
        ..RenderConfig::default()
    };
    let mut html = String::new();
    let events = events.into_iter().map(|event| Ok::<_, std::convert::Infallible>(with_width(event)));
    push_mathml(&mut html, events, config).map_err(|error| error.to_string())?;
    Ok(escape_operators(&html).replace(STRUCK_CLASS, STRUCK_STYLE))
}

/// The mark of what `\cancel` strikes out, whose line the library leaves to its style sheet.
const STRUCK_CLASS: &str = "class=\"mop-negated\"";

/// The line of `\cancel`, drawn without a style sheet: without the line the formula says the contrary, and feed readers
/// load no style sheet.
const STRUCK_STYLE: &str = "style=\"background: linear-gradient(to top left, transparent calc(50% - .04em), \
    currentcolor calc(50% - .04em) calc(50% + .04em), transparent calc(50% + .04em))\"";

/// Whether a percent sign without a backslash, which begins a comment in TeX, hides what may be meant to be seen: in a
/// formula on one line, or behind a digit. A comment between the lines of a longer formula is one.
pub(super) fn hides_words(latex: &str) -> bool {
    let latex = latex.trim();
    latex.match_indices('%').any(|(at, _)| {
        let before = &latex[..at];
        let backslashes = before.bytes().rev().take_while(|&byte| byte == b'\\').count();
        backslashes.is_multiple_of(2)
            && (!latex.contains('\n') || before.ends_with(|c: char| c.is_ascii_digit()))
    })
}

/// A strut has no width, and the library leaves out the beginning of its tag then.
fn with_width(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Space { width: None, height, depth } => {
            Event::Space { width: Some(Dimension::new(0.0, DimensionUnit::Em)), height, depth }
        }
        event => event,
    }
}

/// The formula in commands that the library knows, which shows some of the others as they are written.
fn prepared(latex: &str) -> String {
    without_optional_arguments(&with_operators(&with_primes(&with_text(latex))))
}

/// Commands whose argument is text, in which `$` leads back into the formula.
const TEXT_COMMANDS: [&str; 7] =
    ["\\text", "\\textrm", "\\textnormal", "\\textbf", "\\textit", "\\mbox", "\\hbox"];

/// The first group of text of a formula: what is before it, its command, its words, and what is behind it.
struct TextGroup<'a> {
    before: &'a str,
    command: &'a str,
    words: &'a str,
    after: &'a str,
}

impl<'a> TextGroup<'a> {
    fn first(latex: &'a str) -> Option<Self> {
        latex.match_indices('\\').find_map(|(at, _)| {
            let name_end = latex[at + 1..]
                .find(|c: char| !c.is_ascii_alphabetic())
                .map_or(latex.len(), |end| at + 1 + end);
            let command = &latex[at..name_end];
            let argument = latex[name_end..].trim_start();
            if !TEXT_COMMANDS.contains(&command) {
                return None;
            }
            let end = group_end(argument)?;
            Some(Self {
                before: &latex[..at],
                command,
                words: &argument[1..end - 1],
                after: &argument[end..],
            })
        })
    }
}

/// `\text{if $x > 0$}` holds a formula within its words (TeXbook, chapter 16), which the library shows with its dollar
/// signs. An odd number of them is left as it is.
fn with_text(latex: &str) -> String {
    let mut prepared = String::with_capacity(latex.len());
    let mut rest = latex;
    while let Some(TextGroup { before, command, words, after }) = TextGroup::first(rest) {
        prepared.push_str(before);
        let parts: Vec<&str> = words.split('$').collect();
        if parts.len().is_multiple_of(2) || words.contains("\\$") {
            prepared.push_str(&format!("{command}{{{words}}}"));
        } else {
            for (index, part) in parts.iter().enumerate() {
                match index % 2 {
                    0 if part.is_empty() => {}
                    0 => prepared.push_str(&format!("{command}{{{part}}}")),
                    _ => prepared.push_str(&format!("{{{part}}}")),
                }
            }
        }
        rest = after;
    }
    prepared.push_str(rest);
    prepared
}

/// A prime is a superscript, and what is raised behind it stands beside it: `f'^2` is `f^{\prime 2}` (TeXbook, chapter
/// 18), while the library raises the 2 above the prime. Words are left as they are.
fn with_primes(latex: &str) -> String {
    let mut prepared = String::with_capacity(latex.len());
    let mut rest = latex;
    while let Some(TextGroup { before, command, words, after }) = TextGroup::first(rest) {
        push_with_primes(&mut prepared, before);
        prepared.push_str(&format!("{command}{{{words}}}"));
        rest = after;
    }
    push_with_primes(&mut prepared, rest);
    prepared
}

fn push_with_primes(prepared: &mut String, latex: &str) {
    let mut rest = latex;
    while let Some((before, after)) = rest.split_once('\'') {
        prepared.push_str(before);
        let more = after.len() - after.trim_start_matches('\'').len();
        let next = after[more..].trim_start();
        let raised = next.strip_prefix('^').map(str::trim_start);
        let end = raised.and_then(argument_end);
        match (raised, end) {
            (Some(raised), Some(end)) => {
                prepared.push_str(&format!("^{{{}{{{}}}}}", "\\prime ".repeat(more + 1), &raised[..end]));
                rest = &raised[end..];
            }
            _ if next.starts_with('_') => {
                prepared.push_str(&format!("^{{{}}}", "\\prime ".repeat(more + 1)));
                rest = next;
            }
            _ => {
                prepared.push_str(&"'".repeat(more + 1));
                rest = &after[more..];
            }
        }
    }
    prepared.push_str(rest);
}

/// Where the argument ends that a text begins with: a group, a command without arguments, or one character.
fn argument_end(text: &str) -> Option<usize> {
    match text.chars().next()? {
        '{' => group_end(text),
        '\\' => {
            let letters = text[1..].find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len() - 1);
            (letters > 0).then_some(1 + letters)
        }
        first => Some(first.len_utf8()),
    }
}

/// `\operatorname*{argmax}_x` has its scripts below and above, as `\lim` has (amsmath, section 5.1); a name may hold
/// spaces and letters of other fonts.
fn with_operators(latex: &str) -> String {
    const COMMAND: &str = "\\operatorname";
    let mut prepared = String::with_capacity(latex.len());
    let mut rest = latex;
    while let Some((before, after)) = rest.split_once(COMMAND) {
        prepared.push_str(before);
        let starred = after.strip_prefix('*');
        let argument = starred.unwrap_or(after).trim_start();
        let Some(end) = group_end(argument) else {
            prepared.push_str(COMMAND);
            rest = after;
            continue;
        };
        let name = [r"\,", r"\:", r"\;", r"\ ", r"\!", "~"]
            .iter()
            .fold(argument[1..end - 1].to_owned(), |name, space| {
                name.replace(space, if *space == r"\!" { "" } else { " " })
            });
        rest = &argument[end..];
        let has_scripts = rest.trim_start().starts_with(['_', '^']);
        if name.contains(['\\', '{', '_', '^']) {
            prepared.push_str(&format!("{{\\mathrm{{{name}}}}}"));
            continue;
        }
        prepared.push_str(&format!("{COMMAND}{{{name}}}"));
        if has_scripts {
            prepared.push_str(if starred.is_some() { "\\limits" } else { "\\nolimits" });
        }
    }
    prepared.push_str(rest);
    prepared
}

/// Where a group in braces ends that a text begins with.
fn group_end(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut is_escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if std::mem::take(&mut is_escaped) => {}
            '\\' => is_escaped = true,
            '{' => depth += 1,
            '}' if depth == 1 => return Some(at + 1),
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return None;
        }
    }
    None
}

/// A bracket behind `\\` that holds no length is a part of the next line (amsmath, section 3.1): an empty group keeps it
/// from being read as an argument.
fn without_optional_arguments(latex: &str) -> String {
    let mut prepared = String::with_capacity(latex.len());
    let mut rest = latex;
    while let Some((before, after)) = rest.split_once(r"\\") {
        prepared.push_str(before);
        prepared.push_str(r"\\");
        let bracket = after.trim_start().strip_prefix('[');
        if bracket.is_some_and(|inner| !is_length(inner.split(']').next().unwrap_or_default())) {
            prepared.push_str("{}");
        }
        rest = after;
    }
    prepared.push_str(rest);
    prepared
}

fn is_length(text: &str) -> bool {
    let unit =
        text.trim().trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | ' '));
    ["pt", "em", "ex", "mu", "mm", "cm", "in", "pc", "bp", "dd", "cc", "sp"].contains(&unit)
}

/// Escapes the operators `<` and `&`, which the library writes as they are, and puts the space between attributes that
/// it leaves out. Text it has escaped already.
fn escape_operators(html: &str) -> String {
    let mut escaped = String::with_capacity(html.len());
    let mut is_in_tag = false;
    let mut quotes = 0;
    for (at, c) in html.char_indices() {
        let rest = &html[at + c.len_utf8()..];
        let is_tag = rest.starts_with(|next: char| next.is_ascii_alphabetic() || next == '/');
        let is_entity =
            ["lt;", "gt;", "amp;", "nbsp;", "quot;"].iter().any(|entity| rest.starts_with(entity));
        match c {
            '<' if !is_tag => escaped.push_str("&lt;"),
            '&' if !is_entity => escaped.push_str("&amp;"),
            c => escaped.push(c),
        }
        match c {
            '<' if is_tag => (is_in_tag, quotes) = (true, 0),
            '>' => is_in_tag = false,
            '"' if is_in_tag => {
                quotes += 1;
                if quotes % 2 == 0 && rest.starts_with(|next: char| next.is_ascii_alphabetic()) {
                    escaped.push(' ');
                }
            }
            _ => {}
        }
    }
    escaped
}

fn first_sentence(report: &str) -> String {
    let line = report.lines().find(|line| !line.trim().is_empty()).unwrap_or("it cannot be read");
    line.trim().trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_become_mathml() {
        let html = to_mathml("x^2 < 3", Style::Inline).unwrap();
        assert!(html.starts_with("<math") && html.contains("<msup>") && html.contains("&lt;"), "{html}");
        let html = to_mathml(r"\text{<b> & {c}} \& d", Style::Inline).unwrap();
        assert!(html.contains("&lt;b&gt;") && !html.contains("<b>"), "{html}");
        let html = to_mathml(r"\frac{1}{2}", Style::Display).unwrap();
        assert!(html.contains("display=\"block\"") && html.contains("<mfrac>"), "{html}");
    }

    #[test]
    fn what_the_library_lacks_is_put_right() {
        let html = to_mathml(r"\operatorname*{arg\,max}_x f(x)", Style::Inline).unwrap();
        assert!(html.contains("<munder><mi>arg max</mi><mi>x</mi></munder>"), "{html}");
        let html = to_mathml(r"\operatorname{rank}_k A", Style::Display).unwrap();
        assert!(html.contains("<msub><mi>rank</mi><mi>k</mi></msub>"), "{html}");
        let html = to_mathml(r"\operatorname{a_b} \operatorname{\mathbf{X}}", Style::Inline).unwrap();
        assert!(html.contains("<msub>") && !html.contains('\\'), "{html}");
        let html = to_mathml(r"\mathstrut x", Style::Inline).unwrap();
        assert!(html.contains("<mspace width=\"0em\" height="), "{html}");
        assert!(to_mathml(r"\sideset{_1}{^2}\sum", Style::Inline).is_err());
        let html = to_mathml(r"\bigl( x \bigr)", Style::Inline).unwrap();
        assert!(html.contains("stretchy=\"true\" minsize=") && !html.contains("\"minsize"), "{html}");
        let html =
            to_mathml("\\begin{align}\na &= b \\\\\n[c] &= d \\\\[1ex] e\n\\end{align}", Style::Display)
                .unwrap();
        // The library makes an empty row of a length.
        assert_eq!(html.matches("<mtr><").count(), 3, "{html}");
        assert!(html.contains('[') && !html.contains("1ex]"), "{html}");
    }

    #[test]
    fn words_primes_and_strikes_keep_their_meaning() {
        let html = to_mathml(r"\text{if $x>0$, don't} y", Style::Inline).unwrap();
        assert!(
            html.contains("<mi>x</mi>") && html.contains(", don't</mtext>") && !html.contains('$'),
            "{html}"
        );
        let html = to_mathml(r"\text{costs \$5}", Style::Inline).unwrap();
        assert!(html.contains('$'), "{html}");
        for latex in [r"f'^2", r"f''^{2}", r"f'^\alpha_a", r"f_a'^2"] {
            let html = to_mathml(latex, Style::Inline).unwrap();
            assert!(!html.contains("<msup><mi>′</mi>") && html.contains("<mi>′</mi>"), "{latex}: {html}");
        }
        let html = to_mathml(r"\cancel{x} \text{and } y'", Style::Inline).unwrap();
        assert!(html.contains("linear-gradient") && !html.contains("mop-negated"), "{html}");
    }

    #[test]
    fn a_percent_sign_hides_nothing() {
        for latex in ["50%", "x % y", "a=5%", "%x", "%", r"x \\% y", r"\% 5%", "\na = 5% b\n", "a = 5%\nb"] {
            assert!(hides_words(latex) && to_mathml(latex, Style::Display).is_err(), "{latex}");
        }
        assert!(!hides_words(r"x \\\% y"));
        for latex in [r"50\%", "a % the first\n+ b", "\n% all\na\n+ b\n"] {
            let html = to_mathml(latex, Style::Display).unwrap();
            assert_eq!(html.contains('%'), latex.contains(r"\%"), "{html}");
        }
    }

    #[test]
    fn wrong_formulas_say_what_is_wrong() {
        assert!(to_mathml(r"\frac{1", Style::Inline).is_err());
        assert!(to_mathml(r"\nosuchcommand", Style::Inline).is_err());
    }
}
