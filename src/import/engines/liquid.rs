//! Liquid as Jekyll has it in posts: evaluated where its result is known, and kept as it is written where it is not.
//!
//! A library of Liquid ends at the first tag or variable that it does not know. A post has to come over with such a tag in it,
//! so each construct is evaluated by itself.

use std::collections::HashMap;
use std::ops::Range;

use serde_json::Value;

use super::replacements::{Figure, alert, alert_kind, fence, figure, quotation, video};
use crate::html::escape;

/// What tags ask the site for.
pub(super) trait LiquidSite {
    /// The settings, as `site`.
    fn settings(&self) -> &Value;
    /// The head of the document, as `page`.
    fn page(&self) -> &Value;
    /// The text of a file of `_includes`.
    fn include(&self, name: &str) -> Option<String>;
    /// The text of a file beside the document.
    fn include_relative(&self, path: &str) -> Option<String>;
    /// The address of a post or file that a tag names.
    fn address(&self, reference: LiquidReference<'_>) -> Option<String>;
}

/// What a tag names.
#[derive(Debug, Clone, Copy)]
pub(super) enum LiquidReference<'a> {
    /// `{% post_url 2015-02-03-second %}`.
    Post(&'a str),
    /// `{% link _posts/2015-02-03-second.md %}`.
    File(&'a str),
}

/// How deep files may include each other.
const DEEPEST: usize = 8;
/// How much text a document may become.
const LONGEST: usize = 8 * 1024 * 1024;
/// How many tags are evaluated in one document.
const MOST_STEPS: usize = 100_000;

enum LiquidToken<'t> {
    Text(&'t str),
    Output(LiquidPiece<'t>),
    Tag(LiquidPiece<'t>),
}

/// What stands between braces.
#[derive(Clone)]
struct LiquidPiece<'t> {
    /// The first word of a tag.
    name: &'t str,
    /// The rest; all of an output.
    arguments: &'t str,
    span: Range<usize>,
}

/// Evaluates a text. What is not understood is noted.
pub(super) fn render(text: &str, site: &dyn LiquidSite, remarks: &mut Vec<String>) -> String {
    if !text.contains("{{") && !text.contains("{%") {
        return text.to_owned();
    }
    let mut run = LiquidRun { site, variables: HashMap::new(), remarks, length: 0, steps: 0 };
    run.text(text, 0, UnknownLiquid::Keep).unwrap_or_else(|| text.to_owned())
}

/// What is done with a construct that is not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum UnknownLiquid {
    /// It stays as it is written.
    Keep,
    /// The whole text is of no use.
    Fail,
}

/// Whether what is read is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LiquidShow {
    Yes,
    /// It stands in a branch that is not taken.
    No,
}

struct LiquidRun<'a> {
    site: &'a dyn LiquidSite,
    variables: HashMap<String, Value>,
    remarks: &'a mut Vec<String>,
    length: usize,
    steps: usize,
}

/// A text on its way through.
struct LiquidText<'t> {
    text: &'t str,
    tokens: Vec<LiquidToken<'t>>,
    at: usize,
    out: String,
    unknown: UnknownLiquid,
    has_failed: bool,
    depth: usize,
}

impl<'t> LiquidText<'t> {
    fn push(&mut self, text: &str, show: LiquidShow) {
        if show == LiquidShow::Yes {
            self.out.push_str(text);
        }
    }

    fn keep(&mut self, span: Range<usize>, show: LiquidShow) {
        if show == LiquidShow::Yes {
            self.has_failed |= self.unknown == UnknownLiquid::Fail;
            self.out.push_str(&self.text[span]);
        }
    }

    /// Goes to behind the tag that closes a block, and returns what stands between, and the end of the tag.
    fn skip_block(&mut self, name: &str, start: usize) -> Option<SkippedBlock> {
        let mut depth = 1_usize;
        for (index, token) in self.tokens.iter().enumerate().skip(self.at) {
            let LiquidToken::Tag(piece) = token else { continue };
            if piece.name == name {
                depth += 1;
            } else if piece.name.strip_prefix("end") == Some(name) {
                depth -= 1;
            }
            if depth == 0 {
                let found = SkippedBlock { inner: start..piece.span.start, end: piece.span.end };
                self.at = index + 1;
                return Some(found);
            }
        }
        None
    }
}

struct SkippedBlock {
    inner: Range<usize>,
    end: usize,
}

impl LiquidRun<'_> {
    fn text(&mut self, text: &str, depth: usize, unknown: UnknownLiquid) -> Option<String> {
        if depth > DEEPEST {
            return None;
        }
        let (tokens, out) = (tokens(text), String::with_capacity(text.len()));
        let mut state = LiquidText { text, tokens, at: 0, out, unknown, has_failed: false, depth };
        while state.at < state.tokens.len() {
            self.block(&mut state, &[], LiquidShow::Yes);
            // A tag that closes nothing.
            if let Some(LiquidToken::Tag(piece)) = state.tokens.get(state.at) {
                let span = piece.span.clone();
                self.unknown_tag(&mut state, span, LiquidShow::Yes);
                state.at += 1;
            }
        }
        self.length += state.out.len();
        (!state.has_failed && self.length <= LONGEST && self.steps <= MOST_STEPS).then_some(state.out)
    }

    /// Reads up to one of the tags that end a block, which is left to the caller.
    fn block(&mut self, state: &mut LiquidText<'_>, ends: &[&str], show: LiquidShow) {
        while let Some(token) = state.tokens.get(state.at) {
            self.steps += 1;
            if self.steps > MOST_STEPS {
                state.at = state.tokens.len();
                return;
            }
            match token {
                LiquidToken::Text(text) => {
                    let text = *text;
                    state.at += 1;
                    state.push(text, show);
                }
                LiquidToken::Output(piece) => {
                    let piece = piece.clone();
                    state.at += 1;
                    match self.value(piece.arguments) {
                        Some(value) => state.push(&shown(&value), show),
                        None => self.unknown_tag(state, piece.span, show),
                    }
                }
                LiquidToken::Tag(piece) if ends.contains(&piece.name) => return,
                LiquidToken::Tag(piece) if is_orphan(piece.name) && ends.is_empty() => return,
                LiquidToken::Tag(piece) => {
                    let piece = piece.clone();
                    state.at += 1;
                    self.tag(state, &piece, show);
                }
            }
        }
    }

    fn unknown_tag(&mut self, state: &mut LiquidText<'_>, span: Range<usize>, show: LiquidShow) {
        if show == LiquidShow::Yes && state.unknown == UnknownLiquid::Keep {
            let written =
                crate::html::shorten(state.text[span.clone()].lines().next().unwrap_or_default(), 60);
            self.remarks
                .push(format!("`{written}` is kept as it is written: Liquid that is not evaluated here"));
        }
        state.keep(span, show);
    }

    fn tag(&mut self, state: &mut LiquidText<'_>, piece: &LiquidPiece<'_>, show: LiquidShow) {
        match piece.name {
            "comment" | "highlight" | "capture" | "for" | "tablerow" | "case" => {
                self.whole_block(state, piece, show)
            }
            "if" | "unless" => self.condition(state, piece, show),
            "assign" => {
                let assigned = piece.arguments.split_once('=');
                let value = assigned.and_then(|(name, value)| Some((name.trim(), self.value(value.trim())?)));
                match value {
                    Some((name, value)) if show == LiquidShow::Yes => {
                        self.variables.insert(name.to_owned(), value);
                    }
                    Some(_) => {}
                    None => self.unknown_tag(state, piece.span.clone(), show),
                }
            }
            name if name.starts_with('#') => {}
            _ if show == LiquidShow::No => {}
            name if BLOCKS.contains(&name) || alert_kind(name).is_some() => {
                self.whole_block(state, piece, show)
            }
            _ => match self.inline_tag(piece, state.depth) {
                Some(text) => {
                    let text = placed(&text, &state.out);
                    state.push(&text, show);
                }
                None => self.unknown_tag(state, piece.span.clone(), show),
            },
        }
    }

    /// A tag that stands for a text: a reference, an included file, a player.
    fn inline_tag(&mut self, piece: &LiquidPiece<'_>, depth: usize) -> Option<String> {
        let arguments = piece.arguments.trim();
        let first = arguments.split_whitespace().next().unwrap_or_default();
        match piece.name {
            "post_url" => self.site.address(LiquidReference::Post(first)),
            // Jekyll puts variables in before it looks for the file.
            "link" => {
                let path = self.text(arguments, depth + 1, UnknownLiquid::Fail)?;
                self.site.address(LiquidReference::File(path.trim()))
            }
            "include" | "include_cached" => self.include(arguments, depth),
            "include_relative" => {
                let text = self.site.include_relative(first)?;
                self.text(&text, depth + 1, UnknownLiquid::Fail)
            }
            "gist" => {
                let name = first.trim_matches(['"', '\'']);
                let path = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '/' | '_'));
                (path && !name.is_empty()).then(|| format!("<https://gist.github.com/{name}>"))
            }
            "img" => octopress_image(arguments),
            "youtube" | "vimeo" => video(piece.name, first.trim_matches(['"', '\''])),
            _ => None,
        }
    }

    fn include(&mut self, arguments: &str, depth: usize) -> Option<String> {
        let end = arguments.find("}}").map_or(0, |end| end + 2);
        let end = arguments[end..].find(char::is_whitespace).map_or(arguments.len(), |at| end + at);
        let (name, rest) = arguments.split_at(if arguments.starts_with("{{") {
            end
        } else {
            arguments.find(char::is_whitespace).unwrap_or(arguments.len())
        });
        let name = self.text(name.trim_matches(['"', '\'']), depth + 1, UnknownLiquid::Fail)?;
        let name = name.as_str();
        let mut parameters = serde_json::Map::new();
        for argument in named_arguments(rest)? {
            parameters.insert(argument.name.to_owned(), self.value(argument.value)?);
        }
        let around = self.variables.insert("include".to_owned(), Value::Object(parameters.clone()));
        let remarks = self.remarks.len();
        let text = self.site.include(name).and_then(|text| self.text(&text, depth + 1, UnknownLiquid::Fail));
        self.remarks.truncate(remarks);
        match around {
            Some(around) => self.variables.insert("include".to_owned(), around),
            None => self.variables.remove("include"),
        };
        let html = text.map(|text| as_block(&text));
        html.or_else(|| known_include(name, &parameters))
    }

    /// A block that is evaluated as one, or stays as one.
    fn whole_block(&mut self, state: &mut LiquidText<'_>, piece: &LiquidPiece<'_>, show: LiquidShow) {
        let before = state.at;
        let Some(found) = state.skip_block(piece.name, piece.span.end) else {
            state.at = before;
            self.unknown_tag(state, piece.span.clone(), show);
            return;
        };
        let inner = &state.text[found.inner.clone()];
        match piece.name {
            "comment" => {}
            "highlight" if show == LiquidShow::Yes => {
                let text = self.text(inner, state.depth + 1, state.unknown);
                let code = text.unwrap_or_else(|| inner.to_owned());
                let code = without_indent(&code, line_of(&state.out));
                let block = placed(&highlighted(piece.arguments, &code), &state.out);
                state.push(&block, show);
            }
            "capture" => {
                if let Some(text) =
                    self.text(inner, state.depth + 1, state.unknown).filter(|_| show == LiquidShow::Yes)
                {
                    self.variables.insert(
                        piece.arguments.trim().trim_matches(['"', '\'']).to_owned(),
                        Value::String(text),
                    );
                }
            }
            name if BLOCKS.contains(&name) || alert_kind(name).is_some() => {
                let inner = inner.to_owned();
                let unknown = if name == "codeblock" { UnknownLiquid::Fail } else { state.unknown };
                let text = self.text(&inner, state.depth + 1, unknown).unwrap_or(inner);
                let block = placed(&block_of_plugin(piece, &text), &state.out);
                state.push(&block, show);
            }
            "for" if show == LiquidShow::Yes => match self.repeated(piece.arguments, inner, state.depth) {
                Some(text) => state.push(&text, show),
                None => self.unknown_tag(state, piece.span.start..found.end, show),
            },
            _ => self.unknown_tag(state, piece.span.start..found.end, show),
        }
    }

    /// A text for each item of a list that is known.
    fn repeated(&mut self, arguments: &str, inner: &str, depth: usize) -> Option<String> {
        let (name, list) = arguments.trim().split_once(" in ")?;
        let (list, is_reversed) = match list.trim().strip_suffix(" reversed") {
            Some(list) => (list, true),
            None => (list.trim(), false),
        };
        let Value::Array(mut items) = self.value(list)? else { return None };
        if is_reversed {
            items.reverse();
        }
        let around = self.variables.remove(name.trim());
        let remarks = self.remarks.len();
        let mut out = Some(String::new());
        for item in items {
            self.variables.insert(name.trim().to_owned(), item);
            let text = self.text(inner, depth + 1, UnknownLiquid::Fail);
            out = out.zip(text).map(|(out, text)| out + &text);
            if out.is_none() {
                break;
            }
        }
        self.remarks.truncate(remarks);
        self.variables.remove(name.trim());
        self.variables.extend(around.map(|value| (name.trim().to_owned(), value)));
        out
    }

    fn condition(&mut self, state: &mut LiquidText<'_>, piece: &LiquidPiece<'_>, show: LiquidShow) {
        let end = if piece.name == "if" { "endif" } else { "endunless" };
        let before = state.at;
        let Some(found) = state.skip_block(piece.name, piece.span.end) else {
            state.at = before;
            self.unknown_tag(state, piece.span.clone(), show);
            return;
        };
        let behind = std::mem::replace(&mut state.at, before);
        let wanted = piece.name == "if";
        let Some(mut holds) = self.holds(piece.arguments).map(|holds| holds == wanted) else {
            state.at = behind;
            self.unknown_tag(state, piece.span.start..found.end, show);
            return;
        };
        let mut is_done = false;
        loop {
            let shows = if holds && !is_done { show } else { LiquidShow::No };
            self.block(state, &["elsif", "else", end], shows);
            is_done |= holds;
            let Some(LiquidToken::Tag(next)) = state.tokens.get(state.at) else { break };
            let next = next.clone();
            state.at += 1;
            match next.name {
                "elsif" => holds = self.holds(next.arguments).unwrap_or_default(),
                "else" => holds = true,
                _ => break,
            }
        }
    }

    /// Whether a condition holds; nothing if it names what is not known.
    fn holds(&self, condition: &str) -> Option<bool> {
        // Liquid reads `and` and `or` from the right.
        for (word, is_and) in [(" and ", true), (" or ", false)] {
            if let Some((left, right)) = split_outside(condition, word) {
                let (left, right) = (self.holds(left)?, self.holds(right)?);
                return Some(if is_and { left && right } else { left || right });
            }
        }
        for operator in ["==", "!=", "<>", ">=", "<=", ">", "<", " contains "] {
            if let Some((left, right)) = split_outside(condition, operator) {
                return compare(&self.value(left)?, operator.trim(), &self.value(right)?);
            }
        }
        Some(is_true(&self.value(condition)?))
    }

    /// The value of an expression with its filters; nothing if a part of it is not known.
    fn value(&self, expression: &str) -> Option<Value> {
        let (first, filters) = match split_outside(expression, "|") {
            Some((first, rest)) => (first, Some(rest)),
            None => (expression, None),
        };
        let mut value = self.term(first.trim())?;
        let mut rest = filters;
        while let Some(filters) = rest {
            let (filter, next) = match split_outside(filters, "|") {
                Some((filter, next)) => (filter, Some(next)),
                None => (filters, None),
            };
            value = self.filtered(value, filter.trim())?;
            rest = next;
        }
        Some(value)
    }

    fn term(&self, term: &str) -> Option<Value> {
        let quoted = ['"', '\''].into_iter().find_map(|mark| term.strip_prefix(mark)?.strip_suffix(mark));
        if let Some(text) = quoted {
            return Some(Value::String(text.to_owned()));
        }
        match term {
            "true" => return Some(Value::Bool(true)),
            "false" => return Some(Value::Bool(false)),
            "nil" | "null" => return Some(Value::Null),
            "empty" | "blank" => return Some(Value::String(String::new())),
            _ => {}
        }
        if let Ok(number) = term.parse::<i64>() {
            return Some(number.into());
        }
        let mut parts = term.split('.');
        let root = parts.next().unwrap_or_default();
        if !term.split('.').all(is_variable_name) {
            return None;
        }
        let (mut value, is_settings) = match root {
            "site" => (self.site.settings(), true),
            "page" => (self.site.page(), false),
            name => (self.variables.get(name)?, false),
        };
        for part in parts {
            value = match value.get(part) {
                Some(inner) => inner,
                // Lists of posts and the like are of the site, and not among its settings.
                None if is_settings => return None,
                None => &Value::Null,
            };
        }
        Some(value.clone())
    }

    fn filtered(&self, value: Value, filter: &str) -> Option<Value> {
        let (name, arguments) = filter.split_once(':').unwrap_or((filter, ""));
        let mut given = Vec::new();
        let mut rest = Some(arguments.trim()).filter(|arguments| !arguments.is_empty());
        while let Some(arguments) = rest {
            let (argument, next) = match split_outside(arguments, ",") {
                Some((argument, next)) => (argument, Some(next)),
                None => (arguments, None),
            };
            given.push(shown(&self.term(argument.trim())?));
            rest = next;
        }
        match (name.trim(), &value) {
            ("split", Value::String(text)) => {
                let mark = given.first().map(String::as_str).unwrap_or_default();
                return Some(text.split(mark).filter(|part| !part.is_empty()).collect());
            }
            ("join", Value::Array(items)) => {
                let items: Vec<String> = items.iter().map(shown).collect();
                return Some(Value::String(items.join(given.first().map_or(" ", String::as_str))));
            }
            ("size", Value::Array(items)) => return Some(items.len().into()),
            ("first", Value::Array(items)) => return items.first().cloned(),
            ("last", Value::Array(items)) => return items.last().cloned(),
            _ => {}
        }
        let text = shown(&value);
        let first = given.first().map(String::as_str).unwrap_or_default();
        let filtered = match name.trim() {
            "relative_url" | "absolute_url" => self.site_address(&text, name.trim()),
            "default" if text.is_empty() || value == Value::Bool(false) => first.to_owned(),
            "replace" => text.replace(first, given.get(1).map(String::as_str).unwrap_or_default()),
            name => text_filter(name, text, first)?,
        };
        Some(Value::String(filtered))
    }

    fn site_address(&self, path: &str, filter: &str) -> String {
        let setting = |key: &str| self.site.settings().get(key).map(shown).unwrap_or_default();
        if crate::path::has_scheme(path) {
            return path.to_owned();
        }
        let origin = if filter == "absolute_url" { setting("url") } else { String::new() };
        let slash = if path.starts_with('/') { "" } else { "/" };
        format!("{}{}{slash}{path}", origin.trim_end_matches('/'), setting("baseurl").trim_end_matches('/'))
    }
}

fn is_variable_name(part: &str) -> bool {
    !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
}

/// Filters that make a text of a text.
fn text_filter(name: &str, text: String, given: &str) -> Option<String> {
    Some(match name {
        "prepend" => format!("{given}{text}"),
        "append" => format!("{text}{given}"),
        "default" | "to_s" | "markdownify" | "smartify" | "normalize_whitespace" => text,
        "escape" | "xml_escape" | "escape_once" => escape(&text),
        "strip" => text.trim().to_owned(),
        "strip_newlines" => text.replace(['\n', '\r'], ""),
        "upcase" => text.to_uppercase(),
        "downcase" => text.to_lowercase(),
        "capitalize" => {
            let mut letters = text.chars();
            letters.next().map(|c| c.to_uppercase().chain(letters).collect()).unwrap_or_default()
        }
        "remove" => text.replace(given, ""),
        "slugify" => super::jekyll::slugified(&text),
        "url_encode" | "cgi_escape" | "uri_escape" => {
            let mut encoded = String::new();
            crate::path::percent_encode(&text, &mut encoded);
            encoded
        }
        _ => return None,
    })
}

/// A tag that belongs to a block.
fn is_orphan(name: &str) -> bool {
    matches!(name, "else" | "elsif" | "when") || name.starts_with("end")
}

/// What stands in the last line of a text.
fn line_of(out: &str) -> &str {
    &out[out.rfind('\n').map_or(0, |at| at + 1)..]
}

/// Lines without the indent of the tag around them.
fn without_indent(text: &str, indent: &str) -> String {
    let lines = text.split('\n').map(|line| line.strip_prefix(indent).unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n")
}

/// A text of several lines as a block: apart from what stands before it in its line, indented as its tag was.
fn placed(text: &str, out: &str) -> String {
    let line = line_of(out);
    if !text.contains('\n') || !line.trim().is_empty() || line.is_empty() {
        return text.to_owned();
    }
    text.replace('\n', &format!("\n{line}"))
}

/// A file of `_includes` as it stands in Markdown: in HTML an empty line would end the block, and an indented one be code.
fn as_block(text: &str) -> String {
    let text = text.trim_matches(['\n', '\r']);
    if !text.trim_start().starts_with('<') || text.contains("<pre") {
        return text.trim_end().to_owned();
    }
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.join("\n")
}

/// Files of themes that many posts include, by what they are called.
fn known_include(name: &str, parameters: &serde_json::Map<String, Value>) -> Option<String> {
    let name = name.rsplit('/').next().unwrap_or(name).trim_end_matches(".html").to_lowercase();
    let id = parameter(parameters, &["id", "youtube_id", "video_id", "youtubeId"]);
    if name.contains("youtube") || name.contains("vimeo") {
        return video(if name.contains("vimeo") { "vimeo" } else { "youtube" }, &id);
    }
    if name == "video" {
        return video(&parameter(parameters, &["provider"]), &id);
    }
    let source = parameter(parameters, &["src", "image_path", "url", "image", "path", "file"]);
    let is_picture = ["figure", "image", "img", "picture"].iter().any(|kind| name.contains(kind));
    (is_picture && !source.is_empty()).then(|| {
        let (alt, caption) =
            (parameter(parameters, &["alt", "title"]), parameter(parameters, &["caption", "description"]));
        figure(&Figure { source: &source, alt: &alt, caption: &caption, link: "" })
    })
}

/// The first of several parameters that is there.
fn parameter(parameters: &serde_json::Map<String, Value>, names: &[&str]) -> String {
    names.iter().find_map(|name| parameters.get(*name)).map(shown).unwrap_or_default()
}

fn highlighted(arguments: &str, code: &str) -> String {
    let (language, rest) = arguments.trim().split_once(char::is_whitespace).unwrap_or((arguments.trim(), ""));
    let mut options = String::from(language);
    if rest.split_whitespace().any(|word| word.starts_with("linenos")) {
        options.push_str(" linenos");
    }
    for argument in ["hl_lines", "mark_lines"] {
        let lines = rest.split_once(&format!("{argument}=")).map(|(_, value)| value);
        let lines = lines.and_then(|value| value.split(['"', '\'']).find(|part| !part.trim().is_empty()));
        if let Some(lines) =
            lines.filter(|lines| lines.chars().all(|c| c.is_ascii_digit() || " -,".contains(c)))
        {
            options.push_str(&format!(" hl_lines=\"{}\"", lines.trim()));
        }
    }
    fence(&options, code.trim_start_matches(['\n', '\r']).trim_end())
}

/// An argument `name=value`.
struct NamedArgument<'t> {
    name: &'t str,
    value: &'t str,
}

/// Arguments `name="value" other=page.x`; nothing if they are something else.
fn named_arguments(text: &str) -> Option<Vec<NamedArgument<'_>>> {
    let mut arguments = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (name, value) = rest.split_once('=')?;
        let value = value.trim_start();
        let end = match value.chars().next().filter(|c| matches!(c, '"' | '\'')) {
            Some(mark) => value[1..].find(mark)? + 2,
            None => value.find(char::is_whitespace).unwrap_or(value.len()),
        };
        arguments.push(NamedArgument { name: name.trim(), value: &value[..end] });
        rest = value[end..].trim_start();
    }
    Some(arguments)
}

/// Blocks of plugins: `figure` of jekyll-figure, and quotes and code as Octopress has them.
const BLOCKS: [&str; 4] = ["figure", "blockquote", "pullquote", "codeblock"];

/// What a block of a plugin shows.
fn block_of_plugin(piece: &LiquidPiece<'_>, inner: &str) -> String {
    let arguments = piece.arguments.trim();
    let inner = inner.trim_matches(['\n', '\r']).trim_end();
    match piece.name {
        "figure" => {
            let caption = argument_with_colon(arguments, "caption").unwrap_or_default();
            let caption = if caption.trim().is_empty() {
                String::new()
            } else {
                format!("<figcaption>\n\n{}\n\n</figcaption>\n", caption.trim())
            };
            format!("<figure>\n\n{inner}\n\n{caption}</figure>")
        }
        "blockquote" => octopress_quote(arguments, inner),
        // The words in braces are shown larger beside the paragraph as well.
        "pullquote" => inner.replace("{\"", "").replace("\"}", ""),
        "codeblock" => {
            let language = argument_with_colon(arguments, "lang").unwrap_or_default();
            let end = ["lang:", "http://", "https://", "start:", "mark:", "linenos:"].iter();
            let end = end.filter_map(|mark| arguments.find(mark)).min().unwrap_or(arguments.len());
            let title = arguments[..end].trim().replace('"', "'");
            let title = if title.is_empty() { title } else { format!(" title=\"{title}\"") };
            fence(&format!("{}{title}", if language.is_empty() { "text" } else { &language }), inner)
        }
        name => {
            let title = arguments.trim_matches(['"', '\'']);
            let is_title = !title.starts_with('-') && !title.contains([':', '=']);
            alert(alert_kind(name).unwrap_or("NOTE"), if is_title { title } else { "" }, inner)
        }
    }
}

/// `{% img left /images/net.png 300 200 "Its title" "What it shows" %}`.
fn octopress_image(arguments: &str) -> Option<String> {
    let source = arguments.split_whitespace().find(|word| word.contains(['/', '.']))?;
    let rest = arguments[arguments.find(source)? + source.len()..].trim_start();
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c.is_whitespace() || c == '%');
    let quoted: Vec<&str> = rest.split(['"', '\'']).map(str::trim).filter(|part| !part.is_empty()).collect();
    let alt = match &quoted[..] {
        [_, alt] => alt,
        _ => rest.trim().trim_matches(['"', '\'']),
    };
    Some(figure(&Figure { source, alt, caption: "", link: "" }))
}

/// `{% blockquote Ida Ash https://quay.example/nets On nets %}`, or `{% blockquote Ida Ash, On nets %}`.
fn octopress_quote(arguments: &str, inner: &str) -> String {
    let (author, rest) = match arguments.find("http://").or_else(|| arguments.find("https://")) {
        Some(at) => arguments.split_at(at),
        None => {
            let (author, work) = arguments.split_once(',').unwrap_or((arguments, ""));
            return quotation(inner, author.trim(), "", work.trim());
        }
    };
    let (address, title) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    quotation(inner, author.trim(), address, title)
}

/// An argument `name:"value"` or `name:value`.
fn argument_with_colon(arguments: &str, name: &str) -> Option<String> {
    let value = arguments.split_once(&format!("{name}:"))?.1.trim_start();
    let mut letters = value.chars();
    let Some(mark) = letters.next().filter(|c| matches!(c, '"' | '\'')) else {
        return Some(value.split_whitespace().next().unwrap_or_default().to_owned());
    };
    let mut text = String::new();
    while let Some(c) = letters.next() {
        match c {
            '\\' => text.extend(letters.next()),
            c if c == mark => break,
            c => text.push(c),
        }
    }
    Some(text)
}

/// A text as it stands before and behind a mark that is not between quotation marks.
fn split_outside<'t>(text: &'t str, mark: &str) -> Option<(&'t str, &'t str)> {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if matches!(c, '"' | '\'') => quote = Some(c),
            None if text[at..].starts_with(mark) => return Some((&text[..at], &text[at + mark.len()..])),
            None => {}
        }
    }
    None
}

fn compare(left: &Value, operator: &str, right: &Value) -> Option<bool> {
    let equal = left == right || matches!(right, Value::String(text) if text.is_empty() && left.is_null());
    Some(match operator {
        "==" => equal,
        "!=" | "<>" => !equal,
        "contains" => match left {
            Value::Array(items) => items.contains(right),
            other => shown(other).contains(&shown(right)),
        },
        _ => {
            let (left, right) = (left.as_f64()?, right.as_f64()?);
            match operator {
                ">" => left > right,
                "<" => left < right,
                ">=" => left >= right,
                _ => left <= right,
            }
        }
    })
}

fn is_true(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Bool(false))
}

/// A value as a page shows it.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(shown).collect(),
        other => other.to_string(),
    }
}

/// Whether the blanks beside a tag are shown: `{%-` takes them out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Blanks {
    Shown,
    Taken,
}

impl Blanks {
    fn of(mark: Option<char>) -> Self {
        if mark == Some('-') { Self::Taken } else { Self::Shown }
    }
}

fn tokens(text: &str) -> Vec<LiquidToken<'_>> {
    let mut tokens = Vec::new();
    // Behind the last end of a kind nothing of it can begin.
    let last_ends = ["}}", "%}"].map(|end| text.rfind(end).unwrap_or_default());
    let (mut at, mut before) = (0, Blanks::Shown);
    let openings: Vec<usize> = text.match_indices('{').map(|(start, _)| start).collect();
    for start in openings {
        let (end, last_end) = match text[start + 1..].chars().next() {
            Some('{') => ("}}", last_ends[0]),
            Some('%') => ("%}", last_ends[1]),
            _ => continue,
        };
        if start < at || start + 2 > last_end {
            continue;
        }
        let Some(length) = text[start + 2..].find(end) else { continue };
        let inner = &text[start + 2..start + 2 + length];
        push_text(&text[at..start], before, Blanks::of(inner.chars().next()), &mut tokens);
        before = Blanks::of(inner.chars().next_back());
        let span = start..start + 2 + length + 2;
        at = span.end;
        let inner = inner.trim_start_matches('-').trim_end_matches('-').trim();
        let (name, arguments) = inner.split_once(char::is_whitespace).unwrap_or((inner, ""));
        let raw = raw_block(&text[at..]).filter(|_| name == "raw" && end == "%}");
        match raw {
            Some(raw) => {
                tokens.push(LiquidToken::Text(&text[at..at + raw.start]));
                at += raw.end;
            }
            None if end == "}}" => {
                tokens.push(LiquidToken::Output(LiquidPiece { name: "", arguments: inner, span }));
            }
            None => tokens.push(LiquidToken::Tag(LiquidPiece { name, arguments, span })),
        }
    }
    push_text(&text[at..], before, Blanks::Shown, &mut tokens);
    tokens
}

fn push_text<'t>(text: &'t str, before: Blanks, behind: Blanks, tokens: &mut Vec<LiquidToken<'t>>) {
    let text = if before == Blanks::Taken { text.trim_start() } else { text };
    let text = if behind == Blanks::Taken { text.trim_end() } else { text };
    if !text.is_empty() {
        tokens.push(LiquidToken::Text(text));
    }
}

/// The tag that ends what is raw.
fn raw_block(text: &str) -> Option<Range<usize>> {
    text.match_indices("{%").find_map(|(start, _)| {
        let end = start + text[start..].find("%}")?;
        let name = text[start + 2..end].trim_matches(['-', ' ', '\n', '\t']);
        (name == "endraw").then_some(start..end + 2)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Site {
        settings: Value,
        page: Value,
    }

    impl LiquidSite for Site {
        fn settings(&self) -> &Value {
            &self.settings
        }

        fn page(&self) -> &Value {
            &self.page
        }

        fn include(&self, name: &str) -> Option<String> {
            match name {
                "figure.html" => Some("<figure>\n\n  <img src=\"{{ include.src | relative_url }}\">\n  {% if include.caption %}<figcaption>{{ include.caption }}</figcaption>{% endif %}\n</figure>\n".to_owned()),
                "list.html" => Some("{% for post in site.posts %}x{% endfor %}".to_owned()),
                "again.html" => Some("{% include again.html %}{% include again.html %}".to_owned()),
                _ => None,
            }
        }

        fn include_relative(&self, _: &str) -> Option<String> {
            None
        }

        fn address(&self, reference: LiquidReference<'_>) -> Option<String> {
            matches!(reference, LiquidReference::Post("2015-02-03-second")).then(|| "/second/".to_owned())
        }
    }

    #[track_caller]
    fn check(text: &str, expected: &str, kept: usize) {
        let site = Site {
            settings: serde_json::json!({ "baseurl": "/blog", "url": "https://e.example", "title": "Quay" }),
            page: serde_json::json!({ "title": "Page", "count": 3 }),
        };
        let mut remarks = Vec::new();
        assert_eq!(render(text, &site, &mut remarks), expected);
        assert_eq!(remarks.len(), kept, "{remarks:?}");
    }

    #[test]
    fn what_is_known_is_evaluated() {
        let loops = "{% assign l = 'a|b' | split: '|' %}{% for x in l reversed %}{{ x }} {% endfor %}";
        check(loops, "b a ", 0);
        check("[x]({% post_url 2015-02-03-second %}) {{ site.title }}", "[x](/second/) Quay", 0);
        check("{{ '/a.png' | relative_url }} {{ page.none }}.", "/blog/a.png .", 0);
        check("{% assign n = 2 %}{% if n == 2 %}yes{% else %}no{% endif %}", "yes", 0);
        check("{% unless page.count > 2 %}a{% elsif true %}b{% endunless %}", "b", 0);
        check(
            "{% if page.title == 'Page' and false %}a{% endif %}b{%- comment %} c {% endcomment -%} d",
            "bd",
            0,
        );
        check("{% capture x %}a{{ page.count }}{% endcapture %}{{ x | upcase | append: '!' }}", "A3!", 0);
        check(
            "{% raw %}{{ braces }}{% endraw %} {% if 1 %}{% if 2 %}in{% endif %}{% endif %}",
            "{{ braces }} in",
            0,
        );
    }

    #[test]
    fn what_is_not_known_stays_as_it_is_written() {
        check("{{ not liquid }} {{ a", "{{ not liquid }} {{ a", 1);
        check(
            "{% for p in site.posts %}{{ p.title }}{% endfor %}.",
            "{% for p in site.posts %}{{ p.title }}{% endfor %}.",
            1,
        );
        check("{% spoiler %}x{% endspoiler %}", "{% spoiler %}x{% endspoiler %}", 2);
        check("{% if site.posts %}x{% endif %}", "{% if site.posts %}x{% endif %}", 1);
        check("{% post_url 2015-01-01-gone %}", "{% post_url 2015-01-01-gone %}", 1);
        check("{% include list.html %}{% endif %}", "{% include list.html %}{% endif %}", 2);
        check("{% include again.html %}", "{% include again.html %}", 1);
        check("{% if x %}", "{% if x %}", 1);
    }

    #[test]
    fn blocks_of_plugins_are_what_they_show() {
        check(
            "{% figure caption:\"The *old* \\\"net\\\"\" class:\"wide\" %}\n![n]({{ site.baseurl }}/n.png)\n{% endfigure %}\n",
            "<figure>\n\n![n](/blog/n.png)\n\n<figcaption>\n\nThe *old* \"net\"\n\n</figcaption>\n</figure>\n",
            0,
        );
        check("{% notice %}\nMind **it**.\n{% endnotice %}", "> [!NOTE]\n> Mind **it**.", 0);
        check(
            "{% blockquote Ida Ash https://quay.example/n On nets %}\nWords.\n{% endblockquote %}",
            "> Words.\n>\n> — Ida Ash, [On nets](https://quay.example/n)",
            0,
        );
        check(
            "{% codeblock Tides lang:ruby %}\nx = {{ y }}\n{% endcodeblock %}",
            "```ruby title=\"Tides\"\nx = {{ y }}\n```",
            0,
        );
        check("{% note %} x", "{% note %} x", 1);
        check("{% img left /n.png 300 200 \"A net\" \"The old net\" %}", "![The old net](/n.png)", 0);
        check("{% img /n.png A net %}", "![A net](/n.png)", 0);
        check("{% pullquote %}\nAll {\" of it \"} here.\n{% endpullquote %}", "All  of it  here.", 0);
        check(
            "{% assign f = 'figure.html' %}{% include {{ f }} src='/a.png' %}",
            "<figure>\n<img src=\"/blog/a.png\">\n</figure>",
            0,
        );
        check("{% link {{ page.title }}.md %}", "{% link {{ page.title }}.md %}", 1);
    }

    #[test]
    fn includes_and_code_are_blocks() {
        check(
            "{% include figure.html src=\"/n.png\" caption=page.title %}",
            "<figure>\n<img src=\"/blog/n.png\">\n<figcaption>Page</figcaption>\n</figure>",
            0,
        );
        check("{% include youtube.html id=\"abc\" %}", "<https://www.youtube.com/watch?v=abc>", 0);
        check(
            "- a\n  {% highlight ruby linenos %}\n  x\n  {% endhighlight %}\n",
            "- a\n  ```ruby linenos\n  x\n  ```\n",
            0,
        );
    }
}
