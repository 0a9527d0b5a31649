//! Settings and front matter as a tree in which every value knows its place, TOML and YAML alike.
//!
//! [`toml()`] and [`yaml()`] parse; [`Fields`] takes a table apart, key by key, and reports each value of
//! a wrong type and each unknown key. Nothing stops at the first fault.

mod yaml;
mod yaml_continuation;

use std::ops::Range;

use chrono_tz::Tz;
use toml::de::{DeTable, DeValue};

use crate::date::Date;
use crate::date::reader::DateReader;
use crate::diagnostic::{Diagnostic, Reach, Severity};
use crate::nearest_name::did_you_mean;

pub use self::yaml::yaml;

/// A value, or the name of a key, and where it stands.
#[derive(Debug, Clone)]
pub struct Spanned<T> {
    pub value: T,
    /// The byte range of its text in the file.
    pub span: Range<usize>,
}

/// A value as both formats know it.
#[derive(Debug, Clone)]
pub enum Value {
    /// Text. Dates in YAML are text, and so are quoted dates in TOML.
    Text(String),
    /// An unquoted date in TOML, as it would be written in RFC 3339.
    Date(String),
    Integer(i64),
    Float(f64),
    /// `true` or `false`.
    Bool(bool),
    List(Vec<Spanned<Value>>),
    /// A table, in the order of the text for YAML and by name for TOML.
    Table(Table),
    /// A key with nothing behind it, in YAML.
    Null,
}

/// Keys with their values.
pub(crate) type Table = Vec<(Spanned<String>, Spanned<Value>)>;

/// Why a text is not in its format.
#[derive(Debug)]
pub struct SyntaxError {
    pub message: String,
    pub span: Range<usize>,
}

impl Value {
    /// What it is, as a fault names it: `text`, `a list`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Date(_) => "a date",
            Self::Integer(_) | Self::Float(_) => "a number",
            Self::Bool(_) => "true or false",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
            Self::Null => "empty",
        }
    }

    /// The value as JSON, for templates. Dates become text.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Text(text) | Self::Date(text) => text.as_str().into(),
            Self::Integer(number) => (*number).into(),
            Self::Float(number) => (*number).into(),
            Self::Bool(value) => (*value).into(),
            Self::List(nodes) => nodes.iter().map(|node| node.value.to_json()).collect(),
            Self::Table(table) => table_to_json(table),
            Self::Null => serde_json::Value::Null,
        }
    }
}

/// A table as JSON, for templates.
pub(crate) fn table_to_json(table: &Table) -> serde_json::Value {
    table.iter().map(|(key, node)| (key.value.clone(), node.value.to_json())).collect()
}

/// Parses TOML 1.1. The places are moved by `offset`, so that front matter can be parsed apart from
/// the file it stands in.
pub(crate) fn toml(text: &str, offset: usize) -> Result<Table, Vec<SyntaxError>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        return Ok(toml_table(table.into_inner(), offset));
    }
    if let Some(span) = unfinished_merge(text) {
        let message = "a merge was not finished: keep what is right of both sides, and delete the lines with `<<<<<<<`, \
                       `=======` and `>>>>>>>`";
        return Err(vec![SyntaxError { message: message.to_owned(), span: moved(span, offset) }]);
    }
    let errors = errors.iter().map(|error| SyntaxError {
        message: error.message().lines().collect::<Vec<_>>().join("; "),
        span: moved(error.span().unwrap_or(0..0), offset),
    });
    Err(errors.collect())
}

/// The first mark of a conflict that version control left in a text. Each of its lines would be a fault of its own.
fn unfinished_merge(text: &str) -> Option<Range<usize>> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if line.starts_with("<<<<<<< ") {
            return Some(start..start + line.trim_end().len());
        }
        start += line.len();
    }
    None
}

fn toml_table(table: DeTable<'_>, offset: usize) -> Table {
    table
        .into_iter()
        .map(|(key, value)| {
            let span = moved(key.span(), offset);
            (Spanned { value: key.into_inner().into_owned(), span }, toml_node(value, offset))
        })
        .collect()
}

fn toml_node(node: toml::Spanned<DeValue<'_>>, offset: usize) -> Spanned<Value> {
    let span = moved(node.span(), offset);
    let value = match node.into_inner() {
        DeValue::String(text) => Value::Text(text.into_owned()),
        DeValue::Integer(number) => {
            let digits = number.as_str().replace('_', "");
            match i64::from_str_radix(&digits, number.radix()) {
                Ok(number) => Value::Integer(number),
                Err(_) => Value::Text(digits),
            }
        }
        DeValue::Float(number) => {
            let digits = number.as_str().replace('_', "");
            digits.parse().map_or(Value::Text(digits), Value::Float)
        }
        DeValue::Boolean(value) => Value::Bool(value),
        DeValue::Datetime(date) => Value::Date(date.to_string()),
        DeValue::Array(nodes) => Value::List(nodes.into_iter().map(|node| toml_node(node, offset)).collect()),
        DeValue::Table(table) => Value::Table(toml_table(table, offset)),
    };
    Spanned { value, span }
}

fn moved(span: Range<usize>, offset: usize) -> Range<usize> {
    span.start + offset..span.end + offset
}

/// Front matter has no business being deeper or larger than this.
const DEEPEST: usize = 64;

/// The text a tree was parsed from, and what its file is called.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SourceText<'a> {
    /// The file's path, for diagnostics.
    pub path: &'a str,
    pub text: &'a str,
}

/// Takes a table apart. Each method takes one key; [`Fields::finish`] reports those never taken.
pub(crate) struct Fields<'a> {
    source: SourceText<'a>,
    /// Before the names of keys in messages: empty, or `feed.`.
    prefix: &'a str,
    rest: Table,
    known: Vec<&'static str>,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl<'a> Fields<'a> {
    /// Reads `table`, which was parsed from `source`.
    pub(crate) fn new(
        source: SourceText<'a>,
        prefix: &'a str,
        table: Table,
        diagnostics: &'a mut Vec<Diagnostic>,
    ) -> Self {
        Self { source, prefix, rest: table, known: Vec::new(), diagnostics }
    }

    /// The value of `key`, whatever it is.
    pub(crate) fn take(&mut self, key: &'static str) -> Option<Spanned<Value>> {
        self.known.push(key);
        let at = self.rest.iter().rposition(|(name, _)| name.value == key)?;
        let (name, node) = self.rest.remove(at);
        // Libraries of YAML take the last of several values.
        while let Some(earlier) = self.rest.iter().position(|(name, _)| name.value == key) {
            self.rest.remove(earlier);
            let message = format!("`{}{key}` stands here twice: the last value counts", self.prefix);
            self.warn(name.span.clone(), message, Some("delete the other one".to_owned()));
        }
        if matches!(node.value, Value::Null) { None } else { Some(node) }
    }

    /// All keys that a name admits, with their values.
    pub(crate) fn take_those(
        &mut self,
        admits: impl Fn(&str) -> bool,
    ) -> Vec<(Spanned<String>, Spanned<Value>)> {
        let (taken, rest) =
            std::mem::take(&mut self.rest).into_iter().partition(|(key, _)| admits(&key.value));
        self.rest = rest;
        taken
    }

    /// Puts a key back that was taken to look at it.
    pub(crate) fn give_back(&mut self, key: Spanned<String>, node: Spanned<Value>) {
        self.rest.push((key, node));
    }

    /// Whether the table has a key that has not been taken yet.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.rest.iter().any(|(name, _)| name.value == key)
    }

    /// Puts a value back that was taken to look at it.
    pub(crate) fn put_back(&mut self, key: &'static str, node: Option<Spanned<Value>>) {
        if let Some(node) = node {
            self.rest.push((Spanned { value: key.to_owned(), span: node.span.clone() }, node));
        }
    }

    /// Text; a number or a date is taken as it is written.
    pub(crate) fn text(&mut self, key: &'static str) -> Option<Spanned<String>> {
        let node = self.take(key)?;
        match self.text_of(&node) {
            Some(value) => Some(Spanned { value, span: node.span }),
            None => self.wrong_type(key, "text", &node),
        }
    }

    /// A date with or without a time, in the language of a reader; one without an offset is in `zone`.
    pub(crate) fn date(&mut self, key: &'static str, zone: Tz, dates: &DateReader) -> Option<Date> {
        let taken = self.text(key)?;
        self.read_date(taken, zone, dates)
    }

    /// The date of a value that was taken.
    pub(crate) fn date_of(&mut self, node: &Spanned<Value>, zone: Tz, dates: &DateReader) -> Option<Date> {
        match self.text_of(node) {
            Some(value) => self.read_date(Spanned { value, span: node.span.clone() }, zone, dates),
            None => {
                self.report(
                    node.span.clone(),
                    format!("this must be a date, but it is {}", node.value.kind()),
                    None,
                );
                None
            }
        }
    }

    fn read_date(&mut self, taken: Spanned<String>, zone: Tz, dates: &DateReader) -> Option<Date> {
        match Date::read(&taken.value, zone, dates) {
            Ok(read) => {
                if let Some(remark) = read.remark {
                    self.warn(taken.span, remark, None);
                }
                Some(read.date)
            }
            Err(fault) => {
                self.report(taken.span, fault.message, fault.hint);
                None
            }
        }
    }

    /// `true` or `false`.
    pub(crate) fn bool(&mut self, key: &'static str) -> Option<bool> {
        let node = self.take(key)?;
        match node.value {
            Value::Bool(value) => Some(value),
            _ => self.wrong_type(key, "true or false, without quotes", &node),
        }
    }

    /// A whole number in a range.
    pub(crate) fn integer(
        &mut self,
        key: &'static str,
        range: std::ops::RangeInclusive<usize>,
    ) -> Option<usize> {
        let node = self.take(key)?;
        match node.value {
            Value::Integer(number) => match usize::try_from(number).ok().filter(|n| range.contains(n)) {
                Some(number) => Some(number),
                None => {
                    let message =
                        format!("`{}{key}` must be from {} to {}", self.prefix, range.start(), range.end());
                    self.error(&node, message);
                    None
                }
            },
            _ => self.wrong_type(key, "a whole number", &node),
        }
    }

    /// A list of texts; a single text is a list of one.
    pub(crate) fn texts(&mut self, key: &'static str) -> Vec<Spanned<String>> {
        let Some(node) = self.take(key) else { return Vec::new() };
        let nodes = match node.value {
            Value::List(nodes) => nodes,
            _ => vec![node],
        };
        let mut texts = Vec::with_capacity(nodes.len());
        // An empty entry of a YAML list says nothing.
        for node in nodes.into_iter().filter(|node| !matches!(node.value, Value::Null)) {
            match self.text_of(&node).filter(|_| !matches!(node.value, Value::Date(_))) {
                Some(value) => texts.push(Spanned { value, span: node.span }),
                None => {
                    let message = format!(
                        "`{}{key}` must be a list of texts, but this is {}",
                        self.prefix,
                        node.value.kind()
                    );
                    self.diagnostics.push(
                        Diagnostic::error(self.source.path, message)
                            .at(self.source.text, node.span)
                            .hint("write them as `[\"…\", \"…\"]`, each one in quotes"),
                    );
                }
            }
        }
        texts
    }

    /// A table.
    pub(crate) fn table(&mut self, key: &'static str) -> Option<Spanned<Table>> {
        let node = self.take(key)?;
        match node.value {
            Value::Table(value) => Some(Spanned { value, span: node.span }),
            _ => self.wrong_type(key, "a table", &node),
        }
    }

    /// A list of tables, as `[[key]]` writes it.
    pub(crate) fn tables(&mut self, key: &'static str) -> Vec<Spanned<Table>> {
        let Some(node) = self.take(key) else { return Vec::new() };
        let Value::List(nodes) = node.value else {
            let _: Option<()> = self.wrong_type(key, "a list of tables", &node);
            return Vec::new();
        };
        let mut tables = Vec::with_capacity(nodes.len());
        for node in nodes {
            match node.value {
                Value::Table(value) => tables.push(Spanned { value, span: node.span }),
                _ => {
                    let _: Option<()> = self.wrong_type(key, "a list of tables", &node);
                }
            }
        }
        tables
    }

    /// Reports a fault at a place of this table.
    pub(crate) fn report(&mut self, span: Range<usize>, message: impl Into<String>, hint: Option<String>) {
        self.diagnostics
            .push(Diagnostic::error(self.source.path, message).at(self.source.text, span).maybe_hint(hint));
    }

    /// Warns of a place of this table.
    pub(crate) fn warn(&mut self, span: Range<usize>, message: impl Into<String>, hint: Option<String>) {
        self.diagnostics
            .push(Diagnostic::warning(self.source.path, message).at(self.source.text, span).maybe_hint(hint));
    }

    /// Warns of a place of this table that decides what becomes public.
    pub(crate) fn warn_of_exposure(&mut self, span: Range<usize>, message: String, hint: &str) {
        let warning = Diagnostic::warning(self.source.path, message).at(self.source.text, span);
        self.diagnostics.push(warning.hint(hint).reaching(Reach::Public));
    }

    /// Where to put other diagnostics about this table.
    pub(crate) fn diagnostics(&mut self) -> &mut Vec<Diagnostic> {
        self.diagnostics
    }

    /// The keys that were asked for so far.
    pub(crate) fn known(&self) -> &[&'static str] {
        &self.known
    }

    /// Reports every key that was not taken. `explain` may know a key from somewhere else.
    pub(crate) fn finish(self, severity: Severity, explain: impl Fn(&str) -> Option<String>) {
        for (key, _) in &self.rest {
            let hint = explain(&key.value).or_else(|| did_you_mean(&key.value, self.known.iter().copied()));
            self.diagnostics.push(Diagnostic {
                severity,
                ..Diagnostic::error(self.source.path, format!("unknown key `{}{}`", self.prefix, key.value))
                    .at(self.source.text, key.span.clone())
                    .maybe_hint(hint)
            });
        }
    }

    fn text_of(&self, node: &Spanned<Value>) -> Option<String> {
        match &node.value {
            Value::Text(text) | Value::Date(text) => Some(text.clone()),
            Value::Integer(_) | Value::Float(_) => {
                let written = self.source.text.get(node.span.clone());
                Some(written.unwrap_or_default().trim().to_owned()).filter(|text| !text.is_empty())
            }
            _ => None,
        }
    }

    fn error(&mut self, node: &Spanned<Value>, message: String) {
        self.diagnostics
            .push(Diagnostic::error(self.source.path, message).at(self.source.text, node.span.clone()));
    }

    fn wrong_type<T>(&mut self, key: &str, expected: &str, node: &Spanned<Value>) -> Option<T> {
        let message = format!("`{}{key}` must be {expected}, but this is {}", self.prefix, node.value.kind());
        self.error(node, message);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(table: Table, text: &str) -> (Option<String>, Vec<String>, Vec<Diagnostic>) {
        let mut diagnostics = Vec::new();
        let source = SourceText { path: "a.md", text };
        let mut fields = Fields::new(source, "", table, &mut diagnostics);
        let title = fields.text("title").map(|title| title.value);
        let tags = fields.texts("tags").into_iter().map(|tag| tag.value).collect();
        fields.finish(Severity::Warning, |_| None);
        (title, tags, diagnostics)
    }

    #[test]
    fn both_formats_read_alike() {
        let toml_text = "title = \"A: b\"\ntags = [\"x\", \"2016\"]\n";
        let yaml_text = "title: \"A: b\"\ntags:\n  - x\n  - 2016\n";
        for (text, table) in [(toml_text, toml(toml_text, 0)), (yaml_text, yaml(yaml_text, 0))] {
            let (title, tags, diagnostics) = read(table.unwrap(), text);
            assert_eq!(title.as_deref(), Some("A: b"));
            assert_eq!(tags, ["x", "2016"]);
            assert_eq!(diagnostics, []);
        }
    }

    #[test]
    fn every_fault_is_reported_with_its_place() {
        let text = "tilte: x\ntags: [a, {b: c}]\n";
        let (_, tags, diagnostics) = read(yaml(text, 0).unwrap(), text);
        assert_eq!(tags, ["a"]);
        let places: Vec<_> = diagnostics
            .iter()
            .map(|d| (d.place.as_ref().unwrap().line, d.place.as_ref().unwrap().column, d.message.as_str()))
            .collect();
        assert_eq!(
            places,
            [(2, 11, "`tags` must be a list of texts, but this is a table"), (1, 1, "unknown key `tilte`"),]
        );
        assert_eq!(diagnostics[1].hint.as_deref(), Some("did you mean `title`?"));
    }

    #[test]
    fn toml_reports_all_its_syntax_errors() {
        let errors = toml("a = \nb = 1\nc = \"x\n", 0).unwrap_err();
        assert_eq!(errors.len(), 2, "{errors:?}");
    }

    #[test]
    fn yaml_refuses_aliases_and_depth() {
        assert!(yaml(&"[".repeat(5000), 0).is_err());
        assert!(yaml("a: &x [*x]\n", 0).is_err());
        let doubled = (1..40).map(|n| format!("k{n}: &k{n} [*k{0}, *k{0}]\n", n - 1));
        let bomb = format!("k0: &k0 x\n{}", doubled.collect::<String>());
        let error = yaml(&bomb, 0).unwrap_err().remove(0);
        assert_eq!(error.message, "the aliases stand for more than 10000 values");
    }

    #[test]
    fn yaml_is_read_as_libyaml_reads_it() {
        let json = |text: &str| table_to_json(&yaml(text, 0).expect("libyaml reads it")).to_string();
        for (text, expected) in [
            ("title: \"How to\nrun it\"\nx: 1\n", r#"{"title":"How to run it","x":1}"#),
            ("title: 'How to\r\nrun it'\r\nx: 1\r\n", r#"{"title":"How to run it","x":1}"#),
            ("title: \"How to\n\nrun it\"\nx: 1\n", r#"{"title":"How to\nrun it","x":1}"#),
            ("title: \"a\n\tb\"\nx: 1\n", r#"{"title":"a b","x":1}"#),
            ("a:\n    b: \"x\n  y\"\nc: 1\n", r#"{"a":{"b":"x y"},"c":1}"#),
            ("tags:\n  - \"x\ny\"\nc: 1\n", r#"{"c":1,"tags":["x y"]}"#),
            ("tags: [a,\nb\n]\nx: 1\n", r#"{"tags":["a","b"],"x":1}"#),
            (
                "a: \"it is \\\"so\\\"\nsaid\"\nb: 'It''s\nso' # \"\nc: 1\n",
                r#"{"a":"it is \"so\" said","b":"It's so","c":1}"#,
            ),
            ("a: |\n  \"x\n  y\nb: \"x\ny\"\n", r#"{"a":"\"x\ny\n","b":"x y"}"#),
            ("title: \"a\"#c\nx: 1\n", r#"{"title":"a","x":1}"#),
            ("a: &x [1, 2]\nb: *x\n", r#"{"a":[1,2],"b":[1,2]}"#),
            ("d: &d {a: 1, b: 2}\ne:\n  b: 3\n  <<: *d\n", r#"{"d":{"a":1,"b":2},"e":{"a":1,"b":3}}"#),
            ("a: 1\na: 2\n", r#"{"a":2}"#),
        ] {
            assert_eq!(json(text), expected, "{text:?}");
        }
    }

    #[test]
    fn places_are_those_of_the_text_as_it_is_written() {
        let text = "title: \"How\nto\nrun it\"\nother: \"x\ny\"\ntags: 1\n";
        let table = yaml(text, 0).expect("libyaml reads it");
        let written: Vec<&str> = table
            .iter()
            .flat_map(|(key, node)| [&text[key.span.clone()], &text[node.span.clone()]])
            .collect();
        assert_eq!(written, ["title", "\"How\nto\nrun it\"", "other", "\"x\ny\"", "tags", "1"]);
        let error = yaml("title: \"x\ny\"\nb: [\n", 0).unwrap_err().remove(0);
        assert!(error.span.start >= 13, "{error:?}");
    }
}
