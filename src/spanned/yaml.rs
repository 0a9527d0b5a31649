//! YAML front matter as libyaml reads it, which Jekyll and Pelican use, and of which js-yaml is a port.

use std::collections::HashMap;
use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle};

use super::yaml_continuation::Indented;
use super::{DEEPEST, Spanned, SyntaxError, Table, Value, moved};

/// Parses YAML 1.2, and what libyaml takes besides: texts in quotes whose next lines are not indented, and a comment right
/// behind a text in quotes.
pub fn yaml(text: &str, offset: usize) -> Result<Table, Vec<SyntaxError>> {
    read(text, offset, text, &|at| at).or_else(|error| {
        // Only a text that is not good YAML is changed: the change could not be told from what an author meant.
        let indented = Indented::of(text);
        let read = read(indented.text(), offset, text, &|at| indented.original(at));
        // What stopped the first reading may be no fault: then the second one came further.
        read.map_err(|second| vec![if second.span.start > error.span.start { second } else { error }])
    })
}

/// Reads a text that was made of `original`; `place` finds the byte that a byte was made of.
fn read(
    text: &str,
    offset: usize,
    original: &str,
    place: &dyn Fn(usize) -> usize,
) -> Result<Table, SyntaxError> {
    let parser = Parser::new_from_str(text);
    let reader = YamlReader { parser, text, original, place, offset, anchors: HashMap::new(), copied: 0 };
    reader.document()
}

/// Values that aliases may stand for together: a few bytes of them can stand for gigabytes.
const MOST_COPIED: usize = 10_000;

struct YamlReader<'t> {
    parser: Parser<'t, granit_parser::StrInput<'t>>,
    text: &'t str,
    original: &'t str,
    place: &'t dyn Fn(usize) -> usize,
    offset: usize,
    /// Values with a name, by the number that the parser gives it.
    anchors: HashMap<usize, Value>,
    /// Values that aliases stood for so far.
    copied: usize,
}

impl<'t> YamlReader<'t> {
    fn document(mut self) -> Result<Table, SyntaxError> {
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamStart | Event::DocumentStart(..) => {}
                Event::StreamEnd | Event::DocumentEnd => return Ok(Table::new()),
                event => {
                    let node = self.node(event, span, 0)?;
                    return match node.value {
                        Value::Table(table) => Ok(table),
                        Value::Null => Ok(Table::new()),
                        other => Err(SyntaxError {
                            message: format!("expected `key: value` lines, found {}", other.kind()),
                            span: node.span,
                        }),
                    };
                }
            }
        }
    }

    fn next(&mut self) -> Result<(Event<'t>, Range<usize>), SyntaxError> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => Ok((event, self.bytes(span.byte_range()))),
            Some(Err(error)) => {
                let at = error.marker().byte_offset().unwrap_or_else(|| {
                    self.text
                        .split_inclusive('\n')
                        .take(error.marker().line().saturating_sub(1))
                        .map(str::len)
                        .sum()
                });
                let message = error.kind().to_string();
                Err(SyntaxError { message, span: self.bytes(Some(at..at)) })
            }
            None => Ok((Event::StreamEnd, self.bytes(None))),
        }
    }

    fn bytes(&self, range: Option<Range<usize>>) -> Range<usize> {
        let range = match range {
            Some(range) => (self.place)(range.start)..(self.place)(range.end),
            None => self.original.len()..self.original.len(),
        };
        moved(range, self.offset)
    }

    fn node(
        &mut self,
        event: Event<'t>,
        span: Range<usize>,
        depth: usize,
    ) -> Result<Spanned<Value>, SyntaxError> {
        if depth > DEEPEST {
            return Err(SyntaxError { message: format!("nested deeper than {DEEPEST} levels"), span });
        }
        let anchor = event.anchor_id();
        let value = match event {
            Event::Scalar(text, ScalarStyle::Plain, _, _) => plain_scalar(&text),
            Event::Scalar(text, ..) => Value::Text(text.into_owned()),
            Event::SequenceStart(..) => self.sequence(depth)?,
            Event::MappingStart(..) => self.mapping(depth)?,
            Event::Alias(name) => self.alias(name, &span)?,
            _ => return Err(SyntaxError { message: "this is not a value".to_owned(), span }),
        };
        if let Some(name) = anchor {
            self.anchors.insert(name, value.clone());
        }
        Ok(Spanned { value, span })
    }

    /// What an alias stands for. An anchor that is still open, within which the alias stands, is not known yet.
    fn alias(&mut self, name: usize, span: &Range<usize>) -> Result<Value, SyntaxError> {
        let error = |message: String| SyntaxError { message, span: span.clone() };
        let value =
            self.anchors.get(&name).ok_or_else(|| error("this alias stands for itself".to_owned()))?;
        self.copied += size(value);
        if self.copied > MOST_COPIED {
            return Err(error(format!("the aliases stand for more than {MOST_COPIED} values")));
        }
        Ok(value.clone())
    }

    fn sequence(&mut self, depth: usize) -> Result<Value, SyntaxError> {
        let mut nodes = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd | Event::StreamEnd, _) => return Ok(Value::List(nodes)),
                (event, span) => nodes.push(self.node(event, span, depth + 1)?),
            }
        }
    }

    fn mapping(&mut self, depth: usize) -> Result<Value, SyntaxError> {
        let mut table: Table = Vec::new();
        let mut merged: Vec<Value> = Vec::new();
        loop {
            let key = match self.next()? {
                (Event::MappingEnd | Event::StreamEnd, _) => {
                    return Ok(Value::Table(with_merged(table, merged)));
                }
                (Event::Scalar(name, ..), span) => Spanned { value: name.into_owned(), span },
                (_, span) => {
                    return Err(SyntaxError { message: "a key must be plain text".to_owned(), span });
                }
            };
            let (event, span) = self.next()?;
            let node = self.node(event, span, depth + 1)?;
            match node.value {
                value @ (Value::Table(_) | Value::List(_)) if key.value == "<<" => merged.push(value),
                value => table.push((key, Spanned { value, span: node.span })),
            }
        }
    }
}

/// The values in a value, itself included.
fn size(value: &Value) -> usize {
    1 + match value {
        Value::List(nodes) => nodes.iter().map(|node| size(&node.value)).sum(),
        Value::Table(table) => table.iter().map(|(_, node)| size(&node.value)).sum(),
        _ => 0,
    }
}

/// A table with the keys of others that it merges (`<<: *name`), where it does not have them itself.
fn with_merged(mut table: Table, merged: Vec<Value>) -> Table {
    let tables = merged.into_iter().flat_map(|value| match value {
        Value::List(nodes) => nodes.into_iter().map(|node| node.value).collect(),
        value => vec![value],
    });
    for other in tables {
        let Value::Table(other) = other else { continue };
        for (key, node) in other {
            if !table.iter().any(|(known, _)| known.value == key.value) {
                table.push((key, node));
            }
        }
    }
    table
}

/// YAML 1.2 core schema (section 10.3.2); `yes`, `no`, `on`, `off` are text.
fn plain_scalar(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    // A leading zero is kept: `007` and `02134` are meant as they are written.
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let numeric = digits.starts_with(|c: char| c.is_ascii_digit())
        && (digits.len() == 1 || !digits.starts_with('0') || digits.starts_with("0."));
    if numeric {
        if let Ok(number) = text.parse() {
            return Value::Integer(number);
        }
        if let Ok(number) = text.parse::<f64>() {
            return Value::Float(number);
        }
    }
    Value::Text(text.to_owned())
}
