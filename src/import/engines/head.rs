//! Front matter of another engine, key by key: what has a meaning here is taken, and the rest stays under `[extra]`.

use std::sync::LazyLock;

use chrono_tz::Tz;
use regex::{Captures, Regex};
use serde_json::{Map, Value};

use crate::date::Date;
use crate::date::reader::DateReader;
use crate::import::model::Entry;
use crate::import::xml::decode_entities;
use crate::post::front_matter;
use crate::spanned::{self, SourceText};

/// The head of a file.
#[derive(Debug, Default, Clone)]
pub(super) struct EngineHead {
    keys: Map<String, Value>,
    /// Where the body begins.
    pub(super) body_at: usize,
    /// Dates that stand without quotes, which YAML reads by rules of its own.
    pub(super) has_plain_date: bool,
    /// Why it cannot be read.
    pub(super) fault: Option<String>,
}

/// How a text with several names in it is taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextsIn {
    /// It is one name.
    One,
    /// At blanks, as Jekyll does it.
    Words,
}

/// The names that an engine and its themes give to keys that all of them have; the first that is there counts.
pub(super) struct CommonKeys {
    pub(super) updated: &'static [&'static str],
    pub(super) summary: &'static [&'static str],
}

impl EngineHead {
    /// Takes title, description, summary and the day of the last change into an entry.
    pub(super) fn take_common(&mut self, entry: &mut Entry, keys: &CommonKeys, zone: Tz) {
        entry.title = self.text("title").unwrap_or_default();
        entry.description = self.text("description");
        entry.more.summary = self.first_text(keys.summary).unwrap_or_default();
        let updated = self.first_text(keys.updated).and_then(|text| date_of(&text, zone));
        entry.updated = updated.map(|date| date.to_text()).filter(|date| Some(date) != entry.date.as_ref());
    }

    /// The head of a file with fences, and whether it has one.
    pub(super) fn split(path: &str, text: &str) -> Option<Self> {
        let has_fence = ["---", "+++"]
            .iter()
            .any(|fence| text.lines().next().is_some_and(|line| line.trim_end() == *fence));
        if !has_fence && !text.starts_with('{') {
            return None;
        }
        match front_matter::split(SourceText { path, text }) {
            Ok(split) if split.body == 0 => None,
            Ok(split) => {
                let date = split.table.iter().rev().find(|(key, _)| key.value.eq_ignore_ascii_case("date"));
                let has_plain_date = date.is_some_and(|(_, node)| {
                    !text.get(node.span.clone()).unwrap_or_default().starts_with(['"', '\''])
                });
                let keys = match spanned::table_to_json(&split.table) {
                    Value::Object(keys) => keys,
                    _ => Map::new(),
                };
                Some(Self { keys, body_at: split.body, has_plain_date, fault: None })
            }
            Err(faults) => {
                let fault = faults.first().map(|fault| fault.message.clone()).unwrap_or_default();
                Some(Self { fault: Some(fault), ..Self::default() })
            }
        }
    }

    /// Makes keys known whatever capitals they have.
    pub(super) fn lower_keys(&mut self) {
        self.keys = std::mem::take(&mut self.keys)
            .into_iter()
            .map(|(key, value)| (key.to_lowercase(), value))
            .collect();
    }

    pub(super) fn put(&mut self, key: &str, value: Value) {
        self.keys.insert(key.to_owned(), value);
    }

    /// A head of keys that were read in another way.
    pub(super) fn of(keys: Map<String, Value>, body_at: usize) -> Self {
        Self { keys, body_at, ..Self::default() }
    }

    /// Values for the keys that it does not have.
    pub(super) fn add_defaults(&mut self, defaults: &Map<String, Value>) {
        for (key, value) in defaults {
            if !self.keys.contains_key(key) {
                self.keys.insert(key.clone(), value.clone());
            }
        }
    }

    pub(super) fn keys(&self) -> &Map<String, Value> {
        &self.keys
    }

    pub(super) fn get(&self, key: &str) -> &Value {
        self.keys.get(key).unwrap_or(&Value::Null)
    }

    /// The address of the picture: the first of some keys that has one, itself or in a table. All of the keys are taken.
    pub(super) fn take_picture(&mut self, keys: &[&str], address: &[&str]) -> Option<String> {
        let mut found = None;
        for value in keys.iter().filter_map(|key| self.take(key)) {
            let inner = address.iter().find_map(|key| value.get(key).and_then(text_of));
            found = found.or_else(|| inner.or_else(|| text_of(&value)));
        }
        found
    }

    pub(super) fn take(&mut self, key: &str) -> Option<Value> {
        self.keys.remove(key).filter(|value| !value.is_null())
    }

    /// A text, a number as it is written; the first of a list.
    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        text_of(&self.take(key)?)
    }

    /// The first of several keys that is there. All are taken.
    pub(super) fn first_text(&mut self, keys: &[&str]) -> Option<String> {
        let found: Vec<String> = keys.iter().filter_map(|key| self.text(key)).collect();
        found.into_iter().next()
    }

    pub(super) fn texts(&mut self, key: &str, apart: TextsIn) -> Vec<String> {
        self.take(key).map(|value| texts_of(&value, apart)).unwrap_or_default()
    }

    pub(super) fn flag(&mut self, key: &str) -> Option<bool> {
        match self.take(key)? {
            Value::Bool(flag) => Some(flag),
            Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" => Some(true),
                "false" | "no" | "off" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    /// The names of its authors, from a name, a list or tables with names.
    pub(super) fn authors(&mut self, key: &str) -> Vec<String> {
        self.take(key).map(|value| names_of(&value)).unwrap_or_default()
    }

    /// What was not taken, as the table `[extra]`.
    pub(super) fn extra(self) -> String {
        let table: toml::Table =
            self.keys.into_iter().filter_map(|(key, value)| Some((key, toml_value(value)?))).collect();
        if table.is_empty() {
            return String::new();
        }
        let mut whole = toml::Table::new();
        whole.insert("extra".to_owned(), toml::Value::Table(table));
        let text = toml::to_string(&whole).unwrap_or_default();
        // A table in it alone would have no line of its own.
        format!("\n{text}")
    }
}

/// A value as TOML has it; nothing for an empty one.
fn toml_value(value: Value) -> Option<toml::Value> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(flag) => toml::Value::Boolean(flag),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => toml::Value::Integer(whole),
            (None, Some(part)) => toml::Value::Float(part),
            (None, None) => toml::Value::String(number.to_string()),
        },
        Value::String(text) => toml::Value::String(text),
        Value::Array(items) => toml::Value::Array(items.into_iter().filter_map(toml_value).collect()),
        Value::Object(keys) => toml::Value::Table(
            keys.into_iter().filter_map(|(key, value)| Some((key, toml_value(value)?))).collect(),
        ),
    })
}

static INLINE_TAG: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let names = "em|i|strong|b|code|tt|small|sup|sub|span|a|del|s|ins|mark|abbr|cite|q|u|kbd|br|wbr";
    Regex::new(&format!(r"(?i)</?(?:{names})(?:\s[^<>]*)?/?>")).ok()
});

/// The words of a title where themes print it as HTML. What is not markup within a line stays: `List<T>`.
pub(super) fn words_of_title(title: &str) -> String {
    let bare = match INLINE_TAG.as_ref() {
        Some(tag) => tag.replace_all(title, |found: &Captures<'_>| match found[0].starts_with("<br") {
            true => " ",
            false => "",
        }),
        None => title.into(),
    };
    decode_entities(&bare)
}

/// The text of a value, if it is one and is not empty.
pub(super) fn text_of(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Array(items) => return items.first().and_then(text_of),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// The texts of a list, or of a text that is one.
pub(super) fn texts_of(value: &Value, apart: TextsIn) -> Vec<String> {
    let texts: Vec<String> = match value {
        Value::Array(items) => items.iter().filter_map(text_of).collect(),
        other => match (text_of(other), apart) {
            (None, _) => Vec::new(),
            (Some(text), TextsIn::One) => vec![text],
            (Some(text), TextsIn::Words) => text.split_whitespace().map(str::to_owned).collect(),
        },
    };
    let mut seen = Vec::with_capacity(texts.len());
    for text in texts {
        if !seen.contains(&text) {
            seen.push(text);
        }
    }
    seen
}

fn names_of(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(names_of).collect(),
        Value::Object(keys) => keys.get("name").and_then(text_of).into_iter().collect(),
        other => text_of(other).into_iter().collect(),
    }
}

/// A date of a head, in the zone of the site.
pub(super) fn date_of(text: &str, zone: Tz) -> Option<Date> {
    Date::read(text.trim(), zone, &DateReader::of("en")).ok().map(|read| read.date)
}

/// Whether a date has a time and no offset: `2015-02-03 23:30:00`.
pub(super) fn is_floating(text: &str) -> bool {
    let Some((_, time)) = text.trim().split_once(['T', ' ']) else { return false };
    let time = time.trim();
    time.contains(':') && !time.contains(['+', '-', 'Z', 'z'])
}
