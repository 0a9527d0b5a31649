//! Settings in Python, read as data: literals that are given to names at the top. Nothing is run.

use serde_json::{Map, Value};

/// How deep lists may stand in each other.
const DEEPEST: usize = 32;

/// What a file of settings says.
#[derive(Debug, Default)]
pub(super) struct PythonSettings {
    pub(super) values: Map<String, Value>,
    /// Names that are given something else than a literal.
    pub(super) unread: Vec<String>,
}

impl PythonSettings {
    /// Reads the assignments of a file over those that are there.
    pub(super) fn read(&mut self, text: &str) {
        let mut rest = text;
        while !rest.is_empty() {
            let mut reader = PythonReader { rest, values: &self.values };
            // What is indented belongs to a condition or a function.
            let is_at_top = !rest.starts_with([' ', '\t', '\n', '\r', '#']);
            let name = if is_at_top { reader.assigned_name() } else { None };
            let start = reader.rest;
            let value = name.as_ref().and_then(|_| reader.expression(0)).filter(|_| reader.ends_statement());
            if value.is_none() {
                reader.rest = start;
                reader.skip_statement();
            }
            rest = reader.rest;
            match (name, value) {
                // Later assignments see earlier ones.
                (Some(name), Some(value)) => {
                    self.values.insert(name, value);
                }
                (Some(name), None) => self.unread.push(name),
                (None, _) => {}
            }
        }
    }
}

/// A text, and whether it is put together when it is run.
struct PythonText {
    text: String,
    is_formatted: bool,
}

struct PythonReader<'t, 'v> {
    rest: &'t str,
    values: &'v Map<String, Value>,
}

impl PythonReader<'_, '_> {
    /// The name before an equals sign, which is read.
    fn assigned_name(&mut self) -> Option<String> {
        let end = self.rest.find(|c: char| !c.is_alphanumeric() && c != '_')?;
        let (name, behind) = self.rest.split_at(end);
        let behind = behind.trim_start_matches([' ', '\t']);
        let value = behind.strip_prefix('=').filter(|value| !value.starts_with('='))?;
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        self.rest = value;
        Some(name.to_owned())
    }

    /// Goes to the next line that begins a statement: brackets and texts may go over several.
    fn skip_statement(&mut self) {
        let mut depth = 0_usize;
        while let Some(c) = self.rest.chars().next() {
            if self.text_start().is_some() {
                if self.text().is_none() {
                    // Its first mark may close nothing.
                    self.rest = &self.rest[self.rest.find('\n').unwrap_or(self.rest.len())..];
                }
                continue;
            }
            if c == '#' {
                self.rest = &self.rest[self.rest.find('\n').unwrap_or(self.rest.len())..];
                continue;
            }
            self.rest = &self.rest[c.len_utf8()..];
            match c {
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' => depth = depth.saturating_sub(1),
                '\\' => self.rest = self.rest.strip_prefix('\n').unwrap_or(self.rest),
                '\n' if depth == 0 => return,
                _ => {}
            }
        }
    }

    /// Whether nothing more stands in the line. Its end is read.
    fn ends_statement(&mut self) -> bool {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\r']);
        if self.rest.starts_with('#') {
            self.rest = &self.rest[self.rest.find('\n').unwrap_or(self.rest.len())..];
        }
        let ends = self.rest.is_empty() || self.rest.starts_with(['\n', ';']);
        if ends && !self.rest.is_empty() {
            self.rest = &self.rest[1..];
        }
        ends
    }

    /// Blanks, and within brackets line ends and comments.
    fn skip_blanks(&mut self, depth: usize) {
        loop {
            self.rest =
                if depth == 0 { self.rest.trim_start_matches([' ', '\t']) } else { self.rest.trim_start() };
            if depth > 0 && self.rest.starts_with('#') {
                self.rest = &self.rest[self.rest.find('\n').unwrap_or(self.rest.len())..];
            } else if let Some(rest) = self.rest.strip_prefix("\\\n") {
                self.rest = rest;
            } else {
                return;
            }
        }
    }

    fn expression(&mut self, depth: usize) -> Option<Value> {
        if depth > DEEPEST {
            return None;
        }
        let mut value = self.term(depth)?;
        loop {
            self.skip_blanks(depth);
            if let Some(rest) = self.rest.strip_prefix('+') {
                self.rest = rest;
                value = sum(value, self.term(depth)?)?;
            } else if depth == 0 && self.rest.starts_with(',') {
                return self.bare_tuple(value);
            } else {
                return Some(value);
            }
        }
    }

    /// `'a', 'b'` without parentheses.
    fn bare_tuple(&mut self, first: Value) -> Option<Value> {
        let mut items = vec![first];
        while let Some(rest) = self.rest.strip_prefix(',') {
            self.rest = rest.trim_start_matches([' ', '\t']);
            if self.rest.is_empty() || self.rest.starts_with(['\n', '\r', '#']) {
                break;
            }
            items.push(self.term(0)?);
            self.skip_blanks(0);
        }
        Some(Value::Array(items))
    }

    fn term(&mut self, depth: usize) -> Option<Value> {
        self.skip_blanks(depth);
        match self.rest.chars().next()? {
            '(' => self.list('(', ')', depth),
            '[' => self.list('[', ']', depth),
            '{' => self.table(depth),
            c if c.is_ascii_digit() || c == '-' || c == '.' => self.number(),
            _ if self.text_start().is_some() => {
                let mut whole = String::new();
                // Texts beside each other are one.
                while self.text_start().is_some() {
                    let part = self.text()?;
                    if part.is_formatted && part.text.contains('{') {
                        return None;
                    }
                    whole.push_str(&part.text);
                    self.skip_blanks(depth);
                }
                Some(Value::String(whole))
            }
            _ => self.name(),
        }
    }

    fn name(&mut self) -> Option<Value> {
        let end = self.rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(self.rest.len());
        let (name, behind) = self.rest.split_at(end);
        // A call, an attribute or an index is code.
        if name.is_empty() || behind.starts_with(['(', '.', '[']) {
            return None;
        }
        self.rest = behind;
        match name {
            "True" => Some(Value::Bool(true)),
            "False" => Some(Value::Bool(false)),
            "None" => Some(Value::Null),
            name => self.values.get(name).cloned(),
        }
    }

    fn number(&mut self) -> Option<Value> {
        let end = self
            .rest
            .find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '.' | '_'))
            .unwrap_or(self.rest.len());
        let (number, behind) = self.rest.split_at(end);
        self.rest = behind;
        let digits = number.replace('_', "");
        match digits.parse::<i64>() {
            Ok(whole) => Some(whole.into()),
            Err(_) => digits.parse::<f64>().ok().map(Value::from),
        }
    }

    fn list(&mut self, open: char, close: char, depth: usize) -> Option<Value> {
        self.rest = self.rest.strip_prefix(open)?;
        let mut items = Vec::new();
        let mut has_comma = open == '[';
        loop {
            self.skip_blanks(depth + 1);
            if let Some(rest) = self.rest.strip_prefix(close) {
                self.rest = rest;
                break;
            }
            items.push(self.expression(depth + 1)?);
            self.skip_blanks(depth + 1);
            if let Some(rest) = self.rest.strip_prefix(',') {
                self.rest = rest;
                has_comma = true;
            } else if !self.rest.starts_with(close) {
                return None;
            }
        }
        // Parentheses around one value are only parentheses.
        match items.len() {
            1 if !has_comma => items.pop(),
            _ => Some(Value::Array(items)),
        }
    }

    fn table(&mut self, depth: usize) -> Option<Value> {
        self.rest = self.rest.strip_prefix('{')?;
        let mut table = Map::new();
        loop {
            self.skip_blanks(depth + 1);
            if let Some(rest) = self.rest.strip_prefix('}') {
                self.rest = rest;
                return Some(Value::Object(table));
            }
            let key = self.expression(depth + 1)?;
            self.skip_blanks(depth + 1);
            self.rest = self.rest.strip_prefix(':')?;
            let value = self.expression(depth + 1)?;
            let key = key.as_str().map_or_else(|| key.to_string(), str::to_owned);
            table.insert(key, value);
            self.skip_blanks(depth + 1);
            if let Some(rest) = self.rest.strip_prefix(',') {
                self.rest = rest;
            } else if !self.rest.starts_with('}') {
                return None;
            }
        }
    }

    /// How long the prefix of a text is, if one begins here.
    fn text_start(&self) -> Option<usize> {
        // No prefix is longer than two letters.
        let start = self.rest.bytes().take(3);
        let prefix = start.enumerate().find_map(|(at, byte)| matches!(byte, b'"' | b'\'').then_some(at))?;
        let is_prefix = self.rest[..prefix].chars().all(|c| "rRuUbBfF".contains(c));
        is_prefix.then_some(prefix)
    }

    /// A text; nothing if it does not end.
    fn text(&mut self) -> Option<PythonText> {
        let prefix = self.text_start()?;
        let is_raw = self.rest[..prefix].contains(['r', 'R']);
        let is_formatted = self.rest[..prefix].contains(['f', 'F']);
        let quoted = &self.rest[prefix..];
        let mark = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|mark| quoted.starts_with(mark))?;
        let mut text = String::new();
        let mut rest = &quoted[mark.len()..];
        loop {
            if let Some(behind) = rest.strip_prefix(mark) {
                self.rest = behind;
                return Some(PythonText { text, is_formatted });
            }
            let c = rest.chars().next()?;
            rest = &rest[c.len_utf8()..];
            match c {
                '\n' if mark.len() == 1 => return None,
                '\\' => {
                    let next = rest.chars().next()?;
                    rest = &rest[next.len_utf8()..];
                    if is_raw {
                        text.extend(['\\', next]);
                    } else {
                        push_escaped(next, &mut rest, &mut text);
                    }
                }
                c => text.push(c),
            }
        }
    }
}

fn push_escaped(c: char, rest: &mut &str, text: &mut String) {
    let digits = match c {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        _ => 0,
    };
    let number =
        rest.get(..digits).and_then(|digits| u32::from_str_radix(digits, 16).ok()).and_then(char::from_u32);
    match (c, number) {
        ('\n', _) => {}
        ('n', _) => text.push('\n'),
        ('t', _) => text.push('\t'),
        ('\\' | '\'' | '"', _) => text.push(c),
        (_, Some(letter)) if digits > 0 => {
            text.push(letter);
            *rest = &rest[digits..];
        }
        (c, _) => text.extend(['\\', c]),
    }
}

fn sum(left: Value, right: Value) -> Option<Value> {
    match (left, right) {
        (Value::String(left), Value::String(right)) => Some(Value::String(left + &right)),
        (Value::Array(mut left), Value::Array(right)) => {
            left.extend(right);
            Some(Value::Array(left))
        }
        (Value::Number(left), Value::Number(right)) => {
            Some((left.as_i64()?.checked_add(right.as_i64()?)?).into())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_read_and_code_is_not_run() {
        let mut settings = PythonSettings::default();
        settings.read(
            "#!/usr/bin/env python\n# A = 1\nfrom os import environ\nimport sys\n\
             SITENAME = u'Quay \\u00e9 \"x\"' # name\nURL = 'a/' \\\n  'b/'\nSAVE = URL + 'index.html'\n\
             LINKS = (('One', 'https://e.example/'),\n  # comment\n  ('Two', '/two/'),)\nONE = ('x',)\nSAME = ('x')\n\
             T = {'a': [1, -2, 3.5], \"b\": {'c': True, 'd': None}}\nR = r'\\d+'\nBARE = 'a', 'b'\n\
             SECRET = environ['X']\nCALL = dict(a=1)\nF = f'{URL}x'\nif True:\n    SITENAME = 'No'\n\
             def f():\n    return \"\"\"\nSITENAME = 'No'\n\"\"\"\nLONG = '''a\nb'''\nA == 1\nLAST = 1;\n",
        );
        let expected = serde_json::json!({
            "SITENAME": "Quay é \"x\"", "URL": "a/b/", "SAVE": "a/b/index.html",
            "LINKS": [["One", "https://e.example/"], ["Two", "/two/"]], "ONE": ["x"], "SAME": "x",
            "T": { "a": [1, -2, 3.5], "b": { "c": true, "d": null } }, "R": "\\d+", "BARE": ["a", "b"],
            "LONG": "a\nb", "LAST": 1,
        });
        assert_eq!(Value::Object(settings.values), expected);
        assert_eq!(settings.unread, ["SECRET", "CALL", "F"]);
    }

    #[test]
    fn what_is_broken_ends() {
        for text in
            ["A = '", "A = [1, [", "A = {'a'", "A = ((((((((((", &"[".repeat(100_000), "A = \"\\", "'''"]
        {
            let mut settings = PythonSettings::default();
            settings.read(text);
            assert!(settings.values.is_empty());
        }
    }
}
