//! The code of a fenced block as HTML: (language, code) in, classed spans out.
//!
//! [`highlight`] is the entry point. Around it: [`FenceOptions::parse_info`] reads the words after
//! the opening fence, [`language_name`] and [`nearest_language`] say whether a language is known,
//! and [`lines`] adds line numbers and marks to what was highlighted or merely escaped.
//!
//! Everything here is a function of its arguments. In particular this module keeps no time: it asks
//! its caller before each line whether to go on. The caller needs a deadline of its own as well,
//! because a grammar can, in principle, loop within one line (syntect issue 460).
//!
//! Classes are one letter, so that the HTML stays near twice the size of the code; syntect's own
//! generator writes fourteen times. See `Class` for the letters a style sheet has to know.
//!
//! Grammars come from syntect's own set first, and from two-face only where that one has none. Each
//! grammar was fed some 300 000 hostile inputs; those that did not return are not in `LANGUAGES`.

mod memory;

use std::ops::{Range, RangeInclusive};
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use syntect::parsing::{ClearAmount, ParseState, Scope, ScopeStackOp, SyntaxReference, SyntaxSet};

pub use self::memory::Memory;

/// The version of everything that decides the result; part of the cache key.
///
/// Raise it with any change to the rules, the table of languages, or the version of syntect or
/// two-face.
pub const VERSION: u32 = 1;

/// Highlights `code` as HTML, one token class per `<span>`, no span across the end of a line.
///
/// `language` is any name or alias in any case. Taking the tags out and resolving the four escapes
/// (`&amp;`, `&lt;`, `&gt;`, `&quot;`) gives back `code` exactly.
///
/// The result is `None`, and the caller escapes the code as it is, when the language is unknown or
/// plain, when a line is longer than 4,096 bytes (256 or 512 for a few grammars), when the grammar
/// fails, and when `keep_going`, asked before each line, says `false`.
pub fn highlight(
    language: &str,
    code: &str,
    memory: &mut Memory,
    keep_going: &mut dyn FnMut() -> bool,
) -> Option<String> {
    let grammar = find(language)?.grammar.for_code(code);
    let (set, syntax) = grammar.load()?;
    let longest = grammar.longest_line();
    if code.lines().any(|line| line.len() > longest) {
        return None;
    }
    let mut html = String::with_capacity(code.len() * 5 / 2);
    let mut reader = memory.reader(grammar, || State::new(syntax));
    for line in code.split_inclusive('\n') {
        if !keep_going() {
            return None;
        }
        reader.line(line, &mut html, |state, html| state.line(line, set, html))?;
    }
    Some(html)
}

/// The name of the language a fence asks for by name or alias, in any case: `rs` is `rust`.
///
/// `None` for an unknown language. `text` is known, and not highlighted.
pub fn language_name(token: &str) -> Option<&'static str> {
    find(token).map(|language| language.name)
}

/// The known name most like `token`, for a warning about an unknown language.
///
/// At most a third of the letters differ; a swap of neighbours counts once.
pub fn nearest_language(token: &str) -> Option<String> {
    let token: Vec<char> = token.to_lowercase().chars().take(32).collect();
    let reach = token.len() / 3;
    LANGUAGES
        .iter()
        .map(|language| language.name)
        .chain(LANGUAGES.iter().flat_map(|language| language.aliases).copied())
        .filter(|name| name.len() > 2)
        .map(|name| (distance(&token, name), name))
        .filter(|(distance, _)| *distance <= reach)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name.to_owned())
}

/// Puts line numbers and marks into code that is highlighted, or escaped with no tag across lines.
///
/// A highlighted line, with its number and its end, becomes `<mark class="line">…</mark>`: the end
/// of the line is inside so that a style sheet may make the mark a block. A number is an empty
/// `<span class="ln" data-n="12"></span>` at the start of its line, so that it is not copied along.
/// A newline at the very end ends the last line and does not begin another.
pub fn lines(html_or_escaped: &str, options: &FenceOptions) -> String {
    let mut html = String::with_capacity(html_or_escaped.len() + html_or_escaped.len() / 2);
    for (index, line) in html_or_escaped.split_inclusive('\n').enumerate() {
        let marked = options.highlighted.iter().any(|range| range.contains(&(index + 1)));
        if marked {
            html.push_str("<mark class=\"line\">");
        }
        if let Some(first) = options.line_numbers {
            let number = first.saturating_add(index);
            html.push_str(&format!("<span class=\"ln\" data-n=\"{number}\"></span>"));
        }
        html.push_str(line);
        if marked {
            html.push_str("</mark>");
        }
    }
    html
}

/// What the words after an opening fence ask for, in the manner of rustdoc, Zola, Hugo or Pandoc.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FenceOptions {
    /// The first word in lower case, known or not; empty if there is none.
    pub language: String,
    /// Lines to mark, counted from 1 whatever number the first line shows; neither sorted nor
    /// bounded by the block, and never empty ranges.
    pub highlighted: Vec<RangeInclusive<usize>>,
    /// The number of the first line, if lines are to be numbered.
    pub line_numbers: Option<usize>,
    /// What the code is: the name of a file, or a title.
    pub name: Option<String>,
    /// Words and settings that mean nothing here, as written, for a warning.
    pub unknown: Vec<String>,
}

impl FenceOptions {
    /// Reads the info string of a fenced block.
    ///
    /// Never fails: what is not understood is listed in `unknown`.
    pub fn parse_info(info: &str) -> FenceOptions {
        let mut options = FenceOptions::default();
        let mut numbered = false;
        let mut start = 1;
        for (position, setting) in settings(info).into_iter().enumerate() {
            let (key, value) = (setting.key, setting.value.as_deref());
            let understood = match (key.trim_start_matches('.'), value) {
                (word, None) if word.starts_with(|c: char| c.is_ascii_digit()) => options.mark(word),
                ("linenos" | "numberLines" | "number-lines", _) => {
                    numbered = !matches!(value, Some("false" | "no" | "0"));
                    true
                }
                ("linenostart" | "startFrom", Some(number)) => {
                    number.parse().map(|number| start = number).is_ok()
                }
                ("hl_lines" | "highlight", Some(ranges)) => options.mark(ranges),
                ("name" | "title" | "filename" | "file", Some(name)) => {
                    options.name = Some(name.to_owned());
                    true
                }
                (word, None) if position == 0 => {
                    options.language = word.to_lowercase();
                    true
                }
                (word, None) => is_rustdoc(word),
                _ => false,
            };
            if !understood {
                options.unknown.push(setting.to_string());
            }
        }
        options.line_numbers = numbered.then_some(start);
        options
    }

    /// Adds `3-5 8`, `3-5,8` or `2,"4-6"` to the marked lines, or nothing if a part is no range.
    fn mark(&mut self, ranges: &str) -> bool {
        let ranges: Option<Vec<_>> = ranges
            .split(|c: char| c.is_whitespace() || matches!(c, ',' | '"' | '\'' | '[' | ']'))
            .filter(|range| !range.is_empty())
            .map(line_range)
            .collect();
        match ranges {
            Some(ranges) if !ranges.is_empty() => self.highlighted.extend(ranges),
            _ => return false,
        }
        true
    }
}

/// `8` or `3-5`; lines count from 1, and a range must not run backwards.
fn line_range(text: &str) -> Option<RangeInclusive<usize>> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let range = first.parse().ok()?..=last.parse().ok()?;
    (*range.start() > 0 && !range.is_empty()).then_some(range)
}

/// Words for rustdoc and mdBook: they say how to test the code, which is not our concern.
fn is_rustdoc(word: &str) -> bool {
    const WORDS: [&str; 9] = [
        "ignore",
        "should_panic",
        "no_run",
        "compile_fail",
        "test_harness",
        "standalone_crate",
        "editable",
        "noplayground",
        "mdbook-runnable",
    ];
    let error_code = |rest: &str| rest.len() == 4 && rest.bytes().all(|b| b.is_ascii_digit());
    WORDS.contains(&word)
        || word.starts_with("ignore-")
        || word.strip_prefix("edition").is_some_and(error_code)
        || word.strip_prefix('E').is_some_and(error_code)
}

/// One word of an info string: `linenos`, or `name="src/main.rs"` with the quotes gone.
struct Setting<'a> {
    key: &'a str,
    value: Option<String>,
}

impl std::fmt::Display for Setting<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.value {
            Some(value) => write!(f, "{}={value}", self.key),
            None => f.write_str(self.key),
        }
    }
}

/// Splits an info string at spaces, commas and braces, except within quotes and brackets.
fn settings(info: &str) -> Vec<Setting<'_>> {
    let separates = |c: char| c.is_whitespace() || matches!(c, ',' | '{' | '}');
    let mut settings = Vec::new();
    let mut rest = info.trim_start_matches(separates);
    while !rest.is_empty() {
        let end = rest.find(|c| separates(c) || c == '=').unwrap_or(rest.len());
        let (key, after) = rest.split_at(end);
        let (value, after) = match after.strip_prefix('=') {
            Some(after) => {
                let (value, after) = split_value(after, separates);
                (Some(value.to_owned()), after)
            }
            None => (None, after),
        };
        settings.push(Setting { key, value });
        rest = after.trim_start_matches(separates);
    }
    settings
}

/// The value at the start of `text`, without its quotes or brackets, and what follows it.
fn split_value(text: &str, separates: impl Fn(char) -> bool) -> (&str, &str) {
    let closing = match text.chars().next() {
        Some('[') => ']',
        Some(quote @ ('"' | '\'')) => quote,
        _ => return text.split_at(text.find(separates).unwrap_or(text.len())),
    };
    let inner = &text[1..];
    inner.split_once(closing).unwrap_or((inner, ""))
}

/// What a token is, as far as a reader cares; the name of its class in HTML is one letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// `a`: attribute of markup, annotation, decorator.
    Attribute,
    /// `b`: built-in function or constant, `true`, `self`.
    Builtin,
    /// `c`: comment, whatever is inside.
    Comment,
    /// `d`: deleted line of a diff.
    Deleted,
    /// `e`: escape or placeholder in a string, regular expression.
    Escape,
    /// `f`: name of a function, where it is defined or called.
    Function,
    /// `g`: name of a tag; with its brackets in HTML.
    Tag,
    /// `g` as well: key of JSON, which a grammar calls a string.
    Key,
    /// `h`: heading of a text, header of a diff.
    Heading,
    /// `i`: inserted line of a diff.
    Inserted,
    /// `k`: keyword, storage, property of a style.
    Keyword,
    /// `m`: macro or preprocessor.
    Macro,
    /// `n`: number, date, colour.
    Number,
    /// `o`: operator in signs; one in letters is a keyword.
    Operator,
    /// `p`: punctuation that would get lost: the ends of code within a string, a list's bullet.
    /// All other punctuation has no class, which halves the number of spans.
    Punctuation,
    /// `s`: string, literal text.
    Text,
    /// `t`: type, class, module.
    Type,
    /// `v`: parameter, variable with a sign such as `$`.
    Variable,
}

impl Class {
    fn letter(self) -> &'static str {
        match self {
            Class::Attribute => "a",
            Class::Builtin => "b",
            Class::Comment => "c",
            Class::Deleted => "d",
            Class::Escape => "e",
            Class::Function => "f",
            Class::Tag | Class::Key => "g",
            Class::Heading => "h",
            Class::Inserted => "i",
            Class::Keyword => "k",
            Class::Macro => "m",
            Class::Number => "n",
            Class::Operator => "o",
            Class::Punctuation => "p",
            Class::Text => "s",
            Class::Type => "t",
            Class::Variable => "v",
        }
    }
}

/// Which class a scope gives to what it covers: of several prefixes that match, the longest counts.
///
/// `None` takes the class away from code within a string. A scope no prefix matches changes nothing.
#[rustfmt::skip]
const RULES: &[(&str, Option<Class>)] = &[
    ("comment", Some(Class::Comment)),
    ("constant", Some(Class::Builtin)),
    ("constant.character", Some(Class::Escape)),
    ("constant.numeric", Some(Class::Number)),
    ("constant.other.character-class", Some(Class::Escape)),
    ("constant.other.color", Some(Class::Number)),
    ("constant.other.date", Some(Class::Number)),
    ("constant.other.datetime", Some(Class::Number)),
    ("constant.other.format-spec", Some(Class::Escape)),
    ("constant.other.placeholder", Some(Class::Escape)),
    ("constant.other.timestamp", Some(Class::Number)),
    ("entity.name", Some(Class::Type)),
    ("entity.name.constant", Some(Class::Builtin)),
    ("entity.name.constant.preprocessor", Some(Class::Macro)),
    ("entity.name.function", Some(Class::Function)),
    ("entity.name.function.decorator", Some(Class::Attribute)),
    ("entity.name.macro", Some(Class::Macro)),
    ("entity.name.section", Some(Class::Heading)),
    ("entity.name.table", Some(Class::Heading)),
    ("entity.name.tag", Some(Class::Tag)),
    ("entity.other.attribute-name", Some(Class::Attribute)),
    ("entity.other.inherited-class", Some(Class::Type)),
    ("entity.other.pseudo-class", Some(Class::Attribute)),
    ("entity.other.pseudo-element", Some(Class::Attribute)),
    ("keyword", Some(Class::Keyword)),
    ("keyword.control.directive", Some(Class::Macro)),
    ("keyword.control.import.define", Some(Class::Macro)),
    ("keyword.control.import.include", Some(Class::Macro)),
    ("keyword.control.preprocessor", Some(Class::Macro)),
    ("keyword.operator", Some(Class::Operator)),
    ("keyword.operator.expression", Some(Class::Keyword)),
    ("keyword.operator.logical.continue", None),
    ("keyword.operator.logical.python", Some(Class::Keyword)),
    ("keyword.operator.new", Some(Class::Keyword)),
    ("keyword.operator.optional", None),
    ("keyword.operator.type.annotation", None),
    ("keyword.operator.word", Some(Class::Keyword)),
    ("keyword.other.preprocessor", Some(Class::Macro)),
    ("keyword.other.unit", Some(Class::Number)),
    ("markup.deleted", Some(Class::Deleted)),
    ("markup.heading", Some(Class::Heading)),
    ("markup.inserted", Some(Class::Inserted)),
    ("markup.raw", Some(Class::Text)),
    ("markup.underline.link", Some(Class::Text)),
    ("meta.annotation", Some(Class::Attribute)),
    ("meta.decorator", Some(Class::Attribute)),
    ("meta.diff.header", Some(Class::Heading)),
    ("meta.diff.index", Some(Class::Heading)),
    ("meta.diff.range", Some(Class::Heading)),
    ("meta.embedded", None),
    ("meta.group.expansion.command", None),
    ("meta.group.expansion.parameter", Some(Class::Variable)),
    ("meta.interpolation", None),
    ("meta.structure.dictionary.key", Some(Class::Key)),
    ("meta.tag.table", Some(Class::Heading)),
    ("meta.template.expression", None),
    ("punctuation.definition.list_item", Some(Class::Punctuation)),
    ("punctuation.definition.tag", Some(Class::Tag)),
    ("punctuation.definition.template-expression", Some(Class::Punctuation)),
    ("punctuation.section.embedded", Some(Class::Punctuation)),
    ("punctuation.section.interpolation", Some(Class::Punctuation)),
    ("source", None),
    ("source.regexp", Some(Class::Escape)),
    ("storage", Some(Class::Keyword)),
    ("storage.modifier.lifetime", Some(Class::Type)),
    ("storage.type.numeric", Some(Class::Number)),
    ("storage.type.string", Some(Class::Text)),
    ("string", Some(Class::Text)),
    ("string.regexp", Some(Class::Escape)),
    ("support", Some(Class::Builtin)),
    ("support.class", Some(Class::Type)),
    ("support.class.component", Some(Class::Tag)),
    ("support.function.rust", Some(Class::Function)),
    ("support.macro", Some(Class::Macro)),
    ("support.type", Some(Class::Type)),
    ("support.type.custom-property", Some(Class::Variable)),
    ("support.type.property-name", Some(Class::Keyword)),
    ("text", None),
    ("variable.annotation", Some(Class::Attribute)),
    ("variable.function", Some(Class::Function)),
    ("variable.language", Some(Class::Builtin)),
    ("variable.other.php", Some(Class::Variable)),
    ("variable.other.readwrite.assignment", Some(Class::Variable)),
    ("variable.other.readwrite.class", Some(Class::Variable)),
    ("variable.other.readwrite.global", Some(Class::Variable)),
    ("variable.other.readwrite.instance", Some(Class::Variable)),
    ("variable.other.readwrite.shell", Some(Class::Variable)),
    ("variable.parameter", Some(Class::Variable)),
    ("variable.type", Some(Class::Type)),
];

/// A prefix of scopes and what it says.
type Rule = (Scope, Option<Class>);

/// [`RULES`] by the first word of a scope, longest prefix first: a lookup compares a few integers.
static RULES_BY_WORD: LazyLock<Vec<(u16, Vec<Rule>)>> = LazyLock::new(|| {
    let mut words: Vec<(u16, Vec<Rule>)> = Vec::new();
    for (prefix, class) in RULES {
        let scope = Scope::new(prefix).expect("a prefix has at most eight words");
        let word = scope.atom_at(0);
        match words.iter_mut().find(|(known, _)| *known == word) {
            Some((_, rules)) => rules.push((scope, *class)),
            None => words.push((word, vec![(scope, *class)])),
        }
    }
    for (_, rules) in &mut words {
        rules.sort_by_key(|(scope, _)| std::cmp::Reverse(scope.len()));
    }
    words
});

/// What [`RULES`] say about one scope, whatever is around it.
fn rule(scope: Scope) -> Option<Option<Class>> {
    let word = scope.atom_at(0);
    let (_, rules) = RULES_BY_WORD.iter().find(|(known, _)| *known == word)?;
    rules.iter().find(|(prefix, _)| prefix.is_prefix_of(scope)).map(|(_, class)| *class)
}

/// Everything that decides, with a line's text, what its HTML is and what the next one begins in.
#[derive(Debug, Clone, PartialEq, Eq)]
struct State {
    parser: ParseState,
    scopes: Scopes,
}

impl State {
    fn new(syntax: &SyntaxReference) -> Self {
        Self { parser: ParseState::new(syntax), scopes: Scopes::default() }
    }

    /// Writes one line; `None` if the grammar fails.
    fn line(&mut self, line: &str, set: &SyntaxSet, html: &mut String) -> Option<()> {
        let changes = match line.ends_with('\n') {
            true => self.parser.parse_line(line, set).ok()?,
            // The grammars match `\n`, and misread a line that has none.
            false => self.parser.parse_line(&format!("{line}\n"), set).ok()?,
        };
        Painter { html, open: None }.line(line, &changes, &mut self.scopes)
    }
}

/// The scopes around the current place in the code, each as the class that holds within it.
///
/// A class is worked out once, when its scope opens; the innermost is then the answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Scopes {
    classes: Vec<Option<Class>>,
    cleared: Vec<Vec<Option<Class>>>,
}

impl Scopes {
    fn class(&self) -> Option<Class> {
        self.classes.last().copied().flatten()
    }

    fn apply(&mut self, change: &ScopeStackOp) {
        match change {
            ScopeStackOp::Push(scope) => self.classes.push(self.class_within(*scope)),
            ScopeStackOp::Pop(count) => self.keep_all_but(*count),
            ScopeStackOp::Clear(amount) => {
                let kept = match amount {
                    ClearAmount::TopN(count) => self.classes.len().saturating_sub(*count),
                    ClearAmount::All => 0,
                };
                self.cleared.push(self.classes.split_off(kept));
            }
            ScopeStackOp::Restore => self.classes.extend(self.cleared.pop().unwrap_or_default()),
            ScopeStackOp::Noop => {}
        }
    }

    fn keep_all_but(&mut self, count: usize) {
        self.classes.truncate(self.classes.len().saturating_sub(count));
    }

    fn class_within(&self, scope: Scope) -> Option<Class> {
        let outer = self.class();
        if outer == Some(Class::Comment) {
            return outer;
        }
        match (outer, rule(scope)) {
            (_, None) => outer,
            (Some(Class::Key), Some(Some(Class::Text))) => outer,
            (Some(Class::Attribute), Some(Some(Class::Function | Class::Type))) => outer,
            // The operators of a regular expression are part of it.
            (Some(Class::Escape), Some(Some(_))) => outer,
            (_, Some(class)) => class,
        }
    }
}

/// Writes code as HTML, with as few spans as look the same.
struct Painter<'h> {
    html: &'h mut String,
    /// The class of the span that is open.
    open: Option<Class>,
}

impl Painter<'_> {
    /// Writes one line; `None` if the changes do not fit the line.
    fn line(&mut self, line: &str, changes: &[(usize, ScopeStackOp)], scopes: &mut Scopes) -> Option<()> {
        let mut written = 0;
        let mut start = 0;
        for (end, change) in changes {
            // A newline that was added for the parser is not part of the line.
            let end = (*end).min(line.len());
            if start < end {
                written = self.piece(line, written, start..end, scopes.class())?;
                start = end;
            }
            scopes.apply(change);
        }
        written = self.piece(line, written, start..line.len(), scopes.class())?;
        self.switch(None);
        self.html.push_str(line.get(written..)?);
        Some(())
    }

    /// Writes the piece of `line` at `range`, with the white space left over since `written`.
    ///
    /// White space at the end of a piece waits for what follows: within a run of one class it is
    /// part of the span, and otherwise it stands between spans. Returns what is written now.
    fn piece(
        &mut self,
        line: &str,
        written: usize,
        range: Range<usize>,
        class: Option<Class>,
    ) -> Option<usize> {
        let text = line.get(range.clone())?;
        let visible = text.trim();
        if visible.is_empty() {
            return Some(written);
        }
        let start = range.start + (text.len() - text.trim_start().len());
        let space = line.get(written..start)?;
        if class == self.open {
            self.html.push_str(space);
        } else {
            self.switch(None);
            self.html.push_str(space);
            self.switch(class);
        }
        push_escaped(self.html, visible);
        Some(start + visible.len())
    }

    /// Ends the open span, if any, and begins one of `class`, if any.
    fn switch(&mut self, class: Option<Class>) {
        if self.open.is_some() {
            self.html.push_str("</span>");
        }
        if let Some(class) = class {
            self.html.push_str("<span class=\"");
            self.html.push_str(class.letter());
            self.html.push_str("\">");
        }
        self.open = class;
    }
}

/// Appends `text` with the characters that mean something in HTML escaped.
fn push_escaped(html: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '"']) {
        html.push_str(&rest[..at]);
        html.push_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            _ => "&quot;",
        });
        rest = &rest[at + 1..];
    }
    html.push_str(rest);
}

/// Where the grammar of a language is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Grammar {
    /// Known, and shown as it is.
    Plain,
    /// In syntect's own set, by name.
    Own(&'static str),
    /// In two-face's set, by name.
    Extra(&'static str),
}

/// Syntect's own grammars. Immutable once loaded, and loaded by the first block that needs it.
static OWN: LazyLock<SyntaxSet> = LazyLock::new(SyntaxSet::load_defaults_newlines);

/// Two-face's grammars, for languages the first set lacks.
static EXTRA: LazyLock<SyntaxSet> = LazyLock::new(two_face::syntax::extra_newlines);

impl Grammar {
    /// The one for this code.
    fn for_code(self, code: &str) -> Self {
        match self {
            // The grammar for whole files takes what stands before `<?php` for HTML.
            Grammar::Own("PHP") if !code.contains("<?") => Grammar::Own("PHP Source"),
            usual => usual,
        }
    }

    /// The grammar, and the set it is part of.
    fn load(self) -> Option<(&'static SyntaxSet, &'static SyntaxReference)> {
        let (set, name): (&'static SyntaxSet, _) = match self {
            Grammar::Plain => return None,
            Grammar::Own(name) => (&OWN, name),
            Grammar::Extra(name) => (&EXTRA, name),
        };
        Some((set, set.find_syntax_by_name(name)?))
    }

    /// The length in bytes of the longest line we give to the grammar.
    ///
    /// Longer ones are minified code or data. Many grammars need quadratic time on a line that is
    /// one long word: some ten seconds at this length. Those with a limit of their own need cubic
    /// time or worse, seconds at a few hundred bytes.
    fn longest_line(self) -> usize {
        match self {
            Grammar::Extra("Less" | "Sass" | "SCSS") => 256,
            Grammar::Own("Makefile") | Grammar::Extra("INI" | "SystemVerilog") => 512,
            _ => 4096,
        }
    }
}

/// A language we know.
struct Language {
    /// In lower case, as people write it behind a fence.
    name: &'static str,
    grammar: Grammar,
    /// Other words for it, in lower case; no word means two languages.
    aliases: &'static [&'static str],
}

fn find(token: &str) -> Option<&'static Language> {
    let token = token.to_lowercase();
    LANGUAGES.iter().find(|language| language.name == token || language.aliases.contains(&token.as_str()))
}

/// The number of letters to insert, delete, replace or swap with a neighbour to get from one to the
/// other ("optimal string alignment").
fn distance(from: &[char], to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut rows = vec![vec![0; to.len() + 1]; from.len() + 1];
    for i in 0..=from.len() {
        for j in 0..=to.len() {
            rows[i][j] = match (i, j) {
                (0, _) => j,
                (_, 0) => i,
                _ => {
                    let replaced = rows[i - 1][j - 1] + usize::from(from[i - 1] != to[j - 1]);
                    let shifted = rows[i - 1][j].min(rows[i][j - 1]) + 1;
                    let swaps = i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
                    let swapped = if swaps { rows[i - 2][j - 2] + 1 } else { usize::MAX };
                    replaced.min(shifted).min(swapped)
                }
            };
        }
    }
    rows[from.len()][to.len()]
}

const fn own(name: &'static str, grammar: &'static str, aliases: &'static [&'static str]) -> Language {
    Language { name, grammar: Grammar::Own(grammar), aliases }
}

const fn extra(name: &'static str, grammar: &'static str, aliases: &'static [&'static str]) -> Language {
    Language { name, grammar: Grammar::Extra(grammar), aliases }
}

const fn plain(name: &'static str, aliases: &'static [&'static str]) -> Language {
    Language { name, grammar: Grammar::Plain, aliases }
}

/// Every language we know, the common ones first.
///
/// Not used, because they loop for ever: two-face's JavaScript (`x /*`) and Svelte (`{{ x /* }}`,
/// read as HTML instead), and Scala. Feed a new grammar hostile input in a process of its own first.
#[rustfmt::skip]
static LANGUAGES: &[Language] = &[
    plain("text", &["txt", "plain", "plaintext", "none", "output"]),
    // Both Scala grammars loop for ever on `:x@>`.
    plain("scala", &["sbt", "sc"]),
    own("rust", "Rust", &["rs"]),
    own("shell", "Bourne Again Shell (bash)", &["sh", "bash", "zsh", "ksh", "console", "shell-session", "shellsession", "sh-session", "terminal"]),
    own("python", "Python", &["py", "python3", "py3", "pyi", "pycon"]),
    own("javascript", "JavaScript", &["js", "mjs", "cjs", "node"]),
    extra("typescript", "TypeScript", &["ts", "mts", "cts"]),
    extra("tsx", "TypeScriptReact", &[]),
    extra("jsx", "TypeScriptReact", &[]),
    own("html", "HTML", &["htm", "xhtml", "astro", "handlebars", "hbs", "mustache", "liquid", "svelte"]),
    own("css", "CSS", &[]),
    own("json", "JSON", &["jsonc", "json5", "jsonl", "ndjson", "geojson", "webmanifest"]),
    extra("toml", "TOML", &[]),
    own("yaml", "YAML", &["yml"]),
    own("markdown", "Markdown", &["md", "mdx", "commonmark"]),
    own("xml", "XML", &["xsd", "xsl", "xslt", "svg", "rss", "atom", "opml", "plist", "mathml"]),
    own("sql", "SQL", &["mysql", "postgres", "postgresql", "pgsql", "sqlite", "plsql", "tsql"]),
    own("diff", "Diff", &["patch", "udiff"]),
    own("c", "C", &["h"]),
    own("c++", "C++", &["cpp", "cxx", "cc", "hpp", "hxx", "hh", "arduino", "ino", "cuda", "cu"]),
    own("c#", "C#", &["cs", "csharp"]),
    own("go", "Go", &["golang"]),
    own("java", "Java", &[]),
    own("php", "PHP", &["php3", "php5", "php7", "php8", "phtml"]),
    own("ruby", "Ruby", &["rb", "irb", "rake", "gemspec"]),
    extra("dockerfile", "Dockerfile (with bash)", &["docker", "containerfile"]),
    extra("ini", "INI", &["cfg", "conf", "editorconfig", "desktop", "systemd", "service", "reg"]),
    extra("kotlin", "Kotlin", &["kt", "kts"]),
    extra("swift", "Swift", &[]),
    extra("powershell", "PowerShell", &["ps1", "psm1", "pwsh", "posh"]),
    extra("http", "HTTP Request and Response", &["https"]),

    own("actionscript", "ActionScript", &["as3"]),
    own("applescript", "AppleScript", &["osascript"]),
    own("asp", "HTML (ASP)", &[]),
    own("batch", "Batch File", &["bat", "cmd", "dos", "batchfile"]),
    own("bibtex", "BibTeX", &["bib"]),
    own("clojure", "Clojure", &["clj", "cljs", "cljc", "edn"]),
    own("d", "D", &["dlang"]),
    own("erb", "HTML (Rails)", &["rhtml", "html+erb"]),
    own("erlang", "Erlang", &["erl", "hrl"]),
    own("graphviz", "Graphviz (DOT)", &["dot", "gv"]),
    own("groovy", "Groovy", &["gradle", "jenkinsfile"]),
    own("haml", "Ruby Haml", &[]),
    own("haskell", "Haskell", &["hs"]),
    own("jsp", "Java Server Page (JSP)", &[]),
    own("latex", "LaTeX", &["tex"]),
    own("lisp", "Lisp", &["common-lisp", "commonlisp", "cl", "elisp", "emacs-lisp", "el", "scheme", "scm"]),
    own("lua", "Lua", &["luau"]),
    own("makefile", "Makefile", &["make", "mk", "gnumake"]),
    own("matlab", "MATLAB", &["octave"]),
    own("objective-c", "Objective-C", &["objc", "objectivec", "obj-c"]),
    own("objective-c++", "Objective-C++", &["objc++", "objcpp", "mm"]),
    own("ocaml", "OCaml", &["ml", "mli"]),
    own("pascal", "Pascal", &["pas", "delphi", "freepascal"]),
    own("perl", "Perl", &["pl", "pm"]),
    own("properties", "Java Properties", &[]),
    own("r", "R", &["rscript", "rlang"]),
    own("regex", "Regular Expression", &["regexp"]),
    own("rst", "reStructuredText", &["restructuredtext", "rest"]),
    own("tcl", "Tcl", &[]),
    own("textile", "Textile", &[]),

    extra("ada", "Ada", &["adb", "ads"]),
    extra("apache", "Apache Conf", &["apacheconf", "htaccess"]),
    extra("arm", "ARM Assembly", &["armasm", "aarch64"]),
    extra("asciidoc", "AsciiDoc (Asciidoctor)", &["adoc"]),
    extra("asm", "x86_64 Assembly", &["nasm", "assembly", "x86asm", "yasm"]),
    extra("awk", "AWK", &["gawk", "mawk"]),
    extra("cabal", "Cabal", &[]),
    extra("cmake", "CMake", &[]),
    extra("coffeescript", "CoffeeScript", &["coffee", "cson"]),
    extra("crontab", "Crontab", &["cron"]),
    extra("crystal", "Crystal", &["cr"]),
    extra("csv", "Comma Separated Values", &[]),
    extra("dart", "Dart", &["flutter"]),
    extra("dotenv", "DotENV", &["env"]),
    extra("eex", "HTML (EEx)", &["heex", "leex"]),
    extra("elixir", "Elixir", &["ex", "exs", "iex"]),
    extra("elm", "Elm", &[]),
    extra("email", "Email", &["eml", "mbox"]),
    extra("f#", "F#", &["fs", "fsharp", "fsx"]),
    extra("fish", "Fish", &[]),
    extra("fortran", "Fortran (Modern)", &["f90", "f95", "f03", "f08"]),
    extra("fstab", "fstab", &[]),
    extra("gdscript", "GDScript (Godot Engine)", &["gd", "godot"]),
    extra("gitconfig", "Git Config", &["git-config", "gitmodules"]),
    extra("gitignore", "Git Ignore", &["dockerignore"]),
    extra("gitlog", "Git Log", &[]),
    extra("glsl", "GLSL", &["hlsl", "vert", "frag"]),
    extra("gnuplot", "gnuplot", &[]),
    extra("gomod", "Gomod", &["go.mod"]),
    extra("graphql", "GraphQL", &["gql"]),
    extra("hosts", "Hosts File", &[]),
    extra("html+jinja", "HTML (Jinja2)", &["html.j2", "jinja-html", "django", "tera", "nunjucks", "njk", "askama"]),
    extra("idris", "Idris", &["idr"]),
    extra("jinja", "Jinja2", &["jinja2", "j2"]),
    extra("jq", "JQ", &[]),
    extra("jsonnet", "jsonnet", &["libsonnet"]),
    extra("julia", "Julia", &["jl"]),
    extra("lean", "Lean 4", &["lean4"]),
    extra("less", "Less", &[]),
    extra("llvm", "LLVM", &["ll"]),
    extra("log", "log", &[]),
    extra("mediawiki", "MediaWiki", &["wikitext", "wiki"]),
    extra("nginx", "nginx", &["nginxconf"]),
    extra("nim", "Nim", &["nims"]),
    extra("ninja", "Ninja", &[]),
    extra("nix", "Nix", &[]),
    extra("nsis", "NSIS", &[]),
    extra("odin", "Odin", &[]),
    extra("org", "orgmode", &["org-mode", "orgmode"]),
    extra("protobuf", "Protocol Buffer", &["proto", "proto3"]),
    extra("puppet", "Puppet", &[]),
    extra("purescript", "PureScript", &["purs"]),
    extra("qml", "QML", &[]),
    extra("racket", "Racket", &["rkt"]),
    extra("rego", "Rego", &[]),
    extra("requirements", "Requirements.txt", &["requirements.txt"]),
    extra("robot", "Robot Framework", &["robotframework"]),
    extra("sass", "Sass", &[]),
    extra("scss", "SCSS", &[]),
    extra("slim", "Ruby Slim", &[]),
    extra("sml", "SML", &["standard-ml"]),
    extra("solidity", "Solidity", &["sol"]),
    extra("ssh-config", "SSH Config", &["sshconfig", "ssh_config"]),
    extra("sshd-config", "SSHD Config", &["sshd_config"]),
    extra("strace", "Strace", &[]),
    extra("stylus", "Stylus", &["styl"]),
    extra("syslog", "syslog", &[]),
    extra("systemverilog", "SystemVerilog", &["sv"]),
    extra("terraform", "Terraform", &["tf", "hcl", "opentofu"]),
    extra("troff", "Groff/troff", &["groff", "nroff", "roff", "man"]),
    extra("tsv", "Tab Separated Values", &[]),
    extra("twig", "HTML (Twig)", &["html.twig"]),
    extra("typst", "Typst", &["typ"]),
    extra("verilog", "Verilog", &["v"]),
    extra("vhdl", "VHDL", &["vhd"]),
    extra("vim", "VimL", &["viml", "vimscript", "vimrc"]),
    extra("vue", "Vue Component", &[]),
    extra("vyper", "Vyper", &["vy"]),
    extra("wgsl", "WGSL", &[]),
    extra("zig", "Zig", &["zon"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn html(language: &str, code: &str) -> String {
        highlight(language, code, &mut Memory::default(), &mut || true).expect("the language is known")
    }

    /// Highlighted code with `[k fn]` for `<span class="k">fn</span>`, and nothing escaped.
    fn short(language: &str, code: &str) -> String {
        let html = html(language, code);
        unescape(&html.replace("<span class=\"", "[").replace("\">", " ").replace("</span>", "]"))
    }

    fn check(language: &str, code: &str, expected: &str) {
        assert_eq!(short(language, code), expected, "{language}");
    }

    fn unescape(html: &str) -> String {
        html.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
    }

    /// The text of highlighted code, if all its tags are spans of one known class.
    fn text(html: &str) -> Option<String> {
        let mut text = String::new();
        let mut rest = html;
        while let Some((before, tag)) = rest.split_once('<') {
            text.push_str(before);
            rest = match tag.strip_prefix("/span>") {
                Some(rest) => rest,
                None => {
                    let (class, rest) = tag.strip_prefix("span class=\"")?.split_once("\">")?;
                    ("abcdefghikmnopstv".contains(class) && class.len() == 1).then_some(rest)?
                }
            };
        }
        text.push_str(rest);
        Some(unescape(&text))
    }

    const SNIPPETS: &[(&str, &str)] = &[
        ("rust", "#[a(b = \"c\")]\nfn f<'a>(x: &'a str) -> u8 { x.len() as u8 & 1 }\n"),
        ("rust", "let s = \"two\n   lines\";\n/* and\n\n  a comment */"),
        ("python", "@d\ndef f(x, *a):\n    '''doc\n\n    more'''\n    return f\"{x!r} <b>\"\n"),
        ("js", "const f = `a ${b < 1 && c} d\n  e`; // <script>\n"),
        ("ts", "function f<T>(x?: T[]): x is T { return x! }\n"),
        ("jsx", "const a = <B c={d => <i>&amp;</i>} />;\n"),
        ("html", "<!-- a\nb --><script>\nif (a < b) \"</script>\n<p title='x'>\u{a0}é 🎈"),
        ("php", "echo \"$a[0] {$b->c}\" . PHP_EOL;"),
        ("bash", "cat <<EOF | tee \"$f\"\n$a $(b \"c\") \\\nEOF\nx=${y:-\"z\"}\n"),
        ("toml", "[a.b]\nc = \"\"\"\n d \\\"\n\"\"\"\n"),
        ("diff", "--- a\n+++ b\n@@ -1 +1 @@\n-x <y>\n+x  \n"),
        ("yaml", "a: &b\n  - \"c\": |\n      d\n\t\n"),
        ("json", "{\"a\": [1, \"\\u00e9\", null],}"),
        ("css", "@media (x) { a > b::c { d: url(\"e\") } }\r\n.f {}\r\n"),
        ("markdown", "# A *b*\n\n- `c`\n\n```\nd\n"),
        ("sql", "SELECT 'a''b' -- c"),
        ("dockerfile", "FROM a AS b\nRUN c && \\\n  d \"$E\"\n"),
        ("makefile", "a: b\n\t@echo $(C) <d>\n"),
    ];

    #[test]
    fn rust() {
        check(
            "rs",
            "pub fn f(x: &str) -> u8 { println!(\"a {}\\n\", 1.5); None } // <c>\n",
            "[k pub fn] [f f]([v x]: [o &][k str]) -> [k u8] \
             { [m println!]([s \"a] [e {}\\n][s \"], [n 1.5]); [t None] } [c // <c>]\n",
        );
        check("rust", "#[derive(Debug)]\n", "[a #[derive(Debug)]]\n");
    }

    #[test]
    fn python() {
        check(
            "python",
            "@d(1)\ndef f(a, b=None):\n    return f\"x {a}\" is not len(b)\n",
            "[a @d(][n 1][a )]\n[k def] [f f]([v a], [v b][o =][b None]):\n    \
             [k return] [s f\"x] [p {]a[p }][s \"] [k is not] [b len](b)\n",
        );
        check("py", "class A(B): pass", "[k class] [t A]([t B]): [k pass]");
    }

    #[test]
    fn javascript_and_its_kin() {
        check(
            "js",
            "const f = (a) => `x ${a.b(1)}`;",
            "[k const] [f f] [o =] ([v a]) [k =>] [s `x] [p ${]a.[f b]([n 1])[p }][s `];",
        );
        check("js", "x = /a[b]\\d+/g;", "x [o =] [e /a[b]\\d+/g];");
        check("ts", "let x: number = 1;", "[k let] x: [t number] [o =] [n 1];");
        check("tsx", "<A b=\"c\" />;", "[g <A] [a b][o =][s \"c\"] [g />];");
    }

    #[test]
    fn html_and_css() {
        check(
            "html",
            "<a href=\"x\">b &amp; c</a><!-- d -->\n",
            "[g <a] [a href]=[s \"x\"][g >]b [e &amp;] c[g </a>][c <!-- d -->]\n",
        );
        check("html", "<script>let x = 1</script>", "[g <script>][k let] x [o =] [n 1][g </script>]");
        check("css", "a.b { color: #fff }", "[g a][a .b] { [k color]: [n #fff] }");
    }

    #[test]
    fn bash() {
        check(
            "console",
            "for x in \"$A\"; do ls -l > y; done # z",
            "[k for] x [k in] [s \"][v $A][s \"]; [k do] [f ls] [v -l] [o >] y; [k done] [c # z]",
        );
    }

    #[test]
    fn data_formats() {
        check(
            "toml",
            "[a.b]\nc = \"d\\n\" # e\nf = true\n",
            "[[h a.b]]\n[g c] = [s \"d][e \\n][s \"] [c # e]\n[g f] = [b true]\n",
        );
        check("yml", "a: b\nc: [1, \"d\"]\n", "[g a]: [s b]\n[g c]: [[n 1], [s \"d\"]]\n");
        check(
            "jsonc",
            "{\"a\": [1, true, \"b\"]} // c",
            "{[g \"a\"]: [[n 1], [b true], [s \"b\"]]} [c // c]",
        );
    }

    #[test]
    fn diff() {
        check(
            "patch",
            "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a  b\n+c\n d\n",
            "[h --- a/x]\n[h +++ b/x]\n[h @@ -1 +1 @@]\n[d -a  b]\n[i +c]\n d\n",
        );
    }

    #[test]
    fn markup_in_code_is_escaped() {
        let html = html("js", "f('<script>alert(\"1\")</script>&') // </pre>");
        assert_eq!(
            html,
            "<span class=\"f\">f</span>(<span class=\"s\">'&lt;script&gt;alert(&quot;1&quot;)\
             &lt;/script&gt;&amp;'</span>) <span class=\"c\">// &lt;/pre&gt;</span>",
        );
    }

    #[test]
    fn text_without_tags_is_the_code_exactly() {
        for (language, code) in SNIPPETS {
            assert_eq!(text(&html(language, code)).as_deref(), Some(*code), "{language}");
            // Every start and every end of the code as well: blocks are often cut.
            for at in (0..code.len()).filter(|at| code.is_char_boundary(*at)) {
                for part in [&code[..at], &code[at..]] {
                    assert_eq!(text(&html(language, part)).as_deref(), Some(part), "{language}");
                }
            }
        }
    }

    #[test]
    fn no_span_crosses_the_end_of_a_line_or_another_span() {
        for (language, code) in SNIPPETS {
            for line in html(language, code).lines() {
                let open: Vec<usize> = line.match_indices("<span").map(|(at, _)| at).collect();
                let close: Vec<usize> = line.match_indices("</span>").map(|(at, _)| at).collect();
                assert_eq!(open.len(), close.len(), "{line}");
                let pairs = open.iter().zip(&close);
                assert!(pairs.clone().all(|(open, close)| open < close), "{line}");
                let gaps = close.iter().zip(open.iter().skip(1));
                assert!(gaps.clone().all(|(close, open)| close < open), "{line}");
            }
        }
    }

    #[test]
    fn every_grammar_returns_on_unbalanced_input() {
        let nasty = [
            "x /*",
            "{{ x /* }}",
            "${",
            "`${`${`",
            "\"abc",
            "'abc",
            "<!--",
            "<script>x /*",
            "<a b=\"",
            "(((((((([[[[[[[[{{{{{{{{",
            "))))]]]]}}}}",
            "```js\nx /*\n",
            "<<EOF\n",
            "\\",
            "\0",
            "\n\n",
        ];
        for language in LANGUAGES.iter().filter(|language| language.grammar != Grammar::Plain) {
            for code in nasty {
                let html = highlight(language.name, code, &mut Memory::default(), &mut || true);
                let text = html.and_then(|html| text(&html));
                assert_eq!(text.as_deref(), Some(code), "{}", language.name);
            }
        }
    }

    #[test]
    fn a_memory_changes_nothing() {
        let here_documents = "cat <<A\n$a\nA\ncat <<B\n$a\nA\nB\ncat <<A\n$a\nA\nls\n";
        let mut memory = Memory::default();
        for (language, code) in SNIPPETS.iter().chain(&[("bash", here_documents)]) {
            let lines: Vec<&str> = code.split_inclusive('\n').collect();
            // The lines in every order that begins with another one, so that each is met in many states.
            for start in 0..lines.len() {
                let turned = [&lines[start..], &lines[..start]].concat().concat();
                let remembered = highlight(language, &turned, &mut memory, &mut || true);
                assert_eq!(remembered, Some(html(language, &turned)), "{language}");
                assert_eq!(highlight(language, &turned, &mut memory, &mut || true), remembered);
            }
        }
    }

    #[test]
    fn what_cannot_be_highlighted_is_left_to_the_caller() {
        let ask =
            |language: &str, code: &str| highlight(language, code, &mut Memory::default(), &mut || true);
        assert_eq!(ask("klingon", "x"), None);
        assert_eq!(ask("", "x"), None);
        assert_eq!(ask("text", "x"), None);
        let longest = "a ".repeat(2_048);
        assert!(ask("json", &longest).is_some());
        assert_eq!(ask("json", &format!("{longest}a")), None);
        assert!(ask("makefile", &"a".repeat(512)).is_some());
        assert_eq!(ask("makefile", &"a".repeat(513)), None);
        assert_eq!(ask("rust", ""), Some(String::new()));
    }

    #[test]
    fn the_caller_is_asked_before_each_line() {
        let mut asked = 0;
        let html = highlight("rust", "a\nb\nc\n", &mut Memory::default(), &mut || {
            asked += 1;
            asked < 3
        });
        assert_eq!((html, asked), (None, 3));
    }

    #[test]
    fn every_language_has_its_grammar_and_a_word_of_its_own() {
        let mut words = std::collections::BTreeSet::new();
        for language in LANGUAGES {
            let known = language.grammar == Grammar::Plain || language.grammar.load().is_some();
            assert!(known, "{}", language.name);
            for word in [language.name].iter().chain(language.aliases) {
                assert_eq!(*word, word.to_lowercase());
                assert!(words.insert(*word), "`{word}` is there twice");
            }
        }
    }

    #[test]
    fn languages_are_known_by_name_and_alias() {
        for (word, name) in [
            ("rs", "rust"),
            ("Rust", "rust"),
            ("sh", "shell"),
            ("bash", "shell"),
            ("zsh", "shell"),
            ("console", "shell"),
            ("js", "javascript"),
            ("jsx", "jsx"),
            ("ts", "typescript"),
            ("tsx", "tsx"),
            ("jsonc", "json"),
            ("json5", "json"),
            ("yml", "yaml"),
            ("md", "markdown"),
            ("Dockerfile", "dockerfile"),
            ("toml", "toml"),
            ("py", "python"),
            ("rb", "ruby"),
            ("c++", "c++"),
            ("cs", "c#"),
            ("c#", "c#"),
            ("kt", "kotlin"),
            ("ps1", "powershell"),
            ("txt", "text"),
            ("plain", "text"),
            ("none", "text"),
        ] {
            assert_eq!(language_name(word), Some(name), "{word}");
        }
        assert_eq!(language_name("klingon"), None);
    }

    #[test]
    fn a_mistyped_language_has_a_suggestion() {
        for (word, name) in [
            ("rsut", Some("rust")),
            ("pyhton", Some("python")),
            ("JavaScrpt", Some("javascript")),
            ("dokerfile", Some("dockerfile")),
            ("qqq", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(nearest_language(word).as_deref(), name, "{word}");
        }
    }

    fn options(language: &str) -> FenceOptions {
        FenceOptions { language: language.to_owned(), ..FenceOptions::default() }
    }

    fn marked(language: &str, highlighted: &[RangeInclusive<usize>]) -> FenceOptions {
        FenceOptions { highlighted: highlighted.to_vec(), ..options(language) }
    }

    #[test]
    fn an_info_string_names_the_language_first() {
        for (info, language) in [
            ("", ""),
            ("  ", ""),
            ("Rust", "rust"),
            ("c++", "c++"),
            ("C# ", "c#"),
            ("rust,ignore", "rust"),
            ("rust,should_panic,edition2021,E0308", "rust"),
            ("{.rust}", "rust"),
            ("{rust}", "rust"),
        ] {
            assert_eq!(FenceOptions::parse_info(info), options(language), "{info}");
        }
    }

    #[test]
    fn lines_are_marked_in_every_manner() {
        for info in [
            "rs {3-5,8}",
            "rs{3-5, 8}",
            "rs hl_lines=\"3-5 8\"",
            "rs,hl_lines=3-5 8",
            "rs {hl_lines=[\"3-5\",8]}",
            "rs {hl_lines=[3-5, '8']}",
            "rs hl_lines='3-5,8'",
        ] {
            assert_eq!(FenceOptions::parse_info(info), marked("rs", &[3..=5, 8..=8]), "{info}");
        }
        assert_eq!(FenceOptions::parse_info("{2}"), marked("", &[2..=2]));
    }

    #[test]
    fn zola_and_hugo_settings_are_read() {
        let hugo = "python {linenos=true, linenostart=10, hl_lines=[2,\"4-6\"], name=\"src/main.rs\"}";
        let expected = FenceOptions {
            line_numbers: Some(10),
            name: Some("src/main.rs".to_owned()),
            ..marked("python", &[2..=2, 4..=6])
        };
        assert_eq!(FenceOptions::parse_info(hugo), expected);
        let zola = "rust,linenos,hl_lines=3-5,name=main.rs";
        let expected = FenceOptions {
            line_numbers: Some(1),
            name: Some("main.rs".to_owned()),
            ..marked("rust", &[3..=5])
        };
        assert_eq!(FenceOptions::parse_info(zola), expected);
        for (info, first) in [
            ("a {linenos=inline}", Some(1)),
            ("a {linenos=false}", None),
            ("a linenostart=3", None),
            ("{.a .numberLines startFrom=\"7\"}", Some(7)),
        ] {
            assert_eq!(FenceOptions::parse_info(info).line_numbers, first, "{info}");
        }
    }

    #[test]
    fn what_means_nothing_is_listed() {
        for (info, unknown) in [
            ("a b", &["b"][..]),
            ("a hide_lines=1-2,copy", &["hide_lines=1-2", "copy"]),
            ("a {5-3,0-1,x}", &["5-3", "0-1", "x"]),
            ("a hl_lines=\"1 b\"", &["hl_lines=1 b"]),
            ("a linenostart=b", &["linenostart=b"]),
            ("a =b", &["=b"]),
            ("a hl_lines=[]", &["hl_lines="]),
            ("a 99999999999999999999999", &["99999999999999999999999"]),
        ] {
            assert_eq!(FenceOptions::parse_info(info).unknown, unknown, "{info}");
        }
        assert_eq!(FenceOptions::parse_info("a name=\"b").name.as_deref(), Some("b"));
    }

    #[test]
    fn lines_are_numbered_and_marked() {
        let number = |n: usize| format!("<span class=\"ln\" data-n=\"{n}\"></span>");
        let both = FenceOptions { line_numbers: Some(9), ..marked("", &[2..=9]) };
        let expected = format!(
            "{}a\n<mark class=\"line\">{}b\n</mark><mark class=\"line\">{}c</mark>",
            number(9),
            number(10),
            number(11),
        );
        assert_eq!(lines("a\nb\nc", &both), expected);
        assert_eq!(lines("<i>a</i>\n\n", &options("")), "<i>a</i>\n\n");
        assert_eq!(lines("a\n", &marked("", &[1..=1, 1..=2])), "<mark class=\"line\">a\n</mark>");
        assert_eq!(lines("", &both), "");
    }

    #[test]
    fn a_final_newline_begins_no_line() {
        let numbered = FenceOptions { line_numbers: Some(1), ..options("") };
        assert_eq!(lines("a\n", &numbered).matches("data-n").count(), 1);
        assert_eq!(lines("a\n\n", &numbered).matches("data-n").count(), 2);
    }

    #[test]
    fn rules_are_well_formed_and_sorted() {
        assert!(RULES.is_sorted_by(|a, b| a.0 < b.0));
        assert!(RULES.iter().all(|(prefix, _)| Scope::new(prefix).is_ok()));
    }
}
