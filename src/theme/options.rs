//! What a theme lets a site choose: `[options]`, `[choices]` and `[files]` of `theme.toml`, and `[theme_options]` of the
//! settings over them.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::nearest_name::did_you_mean;
use crate::spanned::{self, Table};
use crate::theme::Layer;

/// The options of a theme, layer over layer.
#[derive(Debug, Default)]
pub(super) struct ThemeOptions {
    /// Their values: the theme's defaults, then the settings'.
    pub(super) values: Map<String, Value>,
    /// The texts that an option takes.
    choices: Map<String, Value>,
    /// Static files that come with values of options only: by the name of the file a table of these values.
    files: Map<String, Value>,
}

impl ThemeOptions {
    /// Reads the `theme.toml` of the next layer.
    pub(super) fn lay_over(&mut self, table: &Table) {
        self.values.extend(map_of(table, "options"));
        self.choices.extend(map_of(table, "choices"));
        self.files.extend(map_of(table, "files"));
    }

    /// The settings may change what the theme offers, and nothing else: an option that does nothing is a promise broken
    /// silently.
    pub(super) fn choose(&mut self, config: &Config) -> Vec<Diagnostic> {
        let mut faults = Vec::new();
        let Ok(Value::Object(chosen)) = serde_json::from_str(&config.theme_options) else { return faults };
        for (key, value) in chosen {
            let fault = match self.values.get(&key) {
                None => Some(no_such_option(&key, &self.values, config)),
                Some(default) => wrong_value(&key, &value, default, config)
                    .or_else(|| no_choice(&key, &value, &self.choices, config)),
            };
            match fault {
                Some(fault) => faults.push(fault.placed(config.theme_option_places.get(&key).cloned())),
                None => {
                    self.values.insert(key, value);
                }
            }
        }
        faults
    }

    /// Names below `static/` of the files that come with another choice.
    fn unchosen(&self) -> BTreeSet<String> {
        let files = self.files.iter().filter(|(_, conditions)| {
            let mut conditions = conditions.as_object().into_iter().flatten();
            conditions.any(|(option, value)| self.values.get(option) != Some(value))
        });
        files.map(|(name, _)| name.clone()).collect()
    }

    /// Conditions of `[files]` in one `theme.toml` that are not a table of options.
    pub(super) fn wrong_conditions(&self, path: &str, text: &str, table: &Table) -> Vec<Diagnostic> {
        let mut faults = Vec::new();
        for (name, node) in files_of(table) {
            let spanned::Value::Table(conditions) = &node.value else {
                let message = format!("`files.{name}` must be a table, but this is {}", node.value.kind());
                let fault = Diagnostic::error(path, message).at(text, node.span.clone());
                faults.push(fault.hint("name an option and its value, as in `{ look = \"plain\" }`"));
                continue;
            };
            for (option, _) in
                conditions.iter().filter(|(option, _)| !self.values.contains_key(&option.value))
            {
                let message = format!("the theme has no option `{}`", option.value);
                let fault = Diagnostic::error(path, message).at(text, option.span.clone());
                faults.push(
                    fault.maybe_hint(did_you_mean(&option.value, self.values.keys().map(String::as_str))),
                );
            }
        }
        faults
    }
}

/// The entries of `[files]`.
fn files_of(table: &Table) -> impl Iterator<Item = (&str, &spanned::Spanned<spanned::Value>)> {
    let files = table.iter().filter(|(key, _)| key.value == "files");
    let files = files.filter_map(|(_, node)| match &node.value {
        spanned::Value::Table(files) => Some(files),
        _ => None,
    });
    files.flatten().map(|(name, node)| (name.value.as_str(), node))
}

/// Static files of a theme that a site does not have, as they come with another choice of the theme's options: their names
/// below `static/`. What is wrong with the texts is reported by [`Theme::of`](super::Theme::of).
pub(crate) fn unchosen_files(layers: &[Layer], config: &Config) -> BTreeSet<String> {
    let mut options = ThemeOptions::default();
    for text in layers.iter().filter_map(|layer| layer.files.get("theme.toml")) {
        options.lay_over(&spanned::toml(text, 0).unwrap_or_default());
    }
    options.choose(config);
    options.unchosen()
}

/// A table of `theme.toml`.
fn map_of(table: &Table, key: &str) -> Map<String, Value> {
    let table = table.iter().find(|(name, _)| name.value == key);
    match table.map(|(_, node)| node.value.to_json()) {
        Some(Value::Object(map)) => map,
        _ => Map::new(),
    }
}

fn no_such_option(key: &str, options: &Map<String, Value>, config: &Config) -> Diagnostic {
    let hint = did_you_mean(key, options.keys().map(String::as_str)).unwrap_or_else(|| {
        format!("it has {}", options.keys().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", "))
    });
    let message = format!("the theme `{}` has no option `{key}`", config.theme);
    Diagnostic::error(&config.file, message).hint(hint)
}

fn wrong_value(key: &str, value: &Value, default: &Value, config: &Config) -> Option<Diagnostic> {
    if std::mem::discriminant(default) == std::mem::discriminant(value) {
        return None;
    }
    let message = format!("`theme_options.{key}` is `{value}`, but its default is `{default}`");
    Some(Diagnostic::error(&config.file, message).hint("give it a value of the same type"))
}

/// A theme may say which values an option takes. Another layer may have said so of an option that is no longer
/// the same, so that only texts among texts are compared.
fn no_choice(key: &str, value: &Value, choices: &Map<String, Value>, config: &Config) -> Option<Diagnostic> {
    let written = value.as_str()?;
    let known: Vec<&str> =
        choices.get(key)?.as_array()?.iter().filter_map(|choice| choice.as_str()).collect();
    if known.is_empty() || known.contains(&written) {
        return None;
    }
    let hint = did_you_mean(written, known.iter().copied()).unwrap_or_else(|| {
        format!(
            "write {}",
            known.iter().map(|choice| format!("`\"{choice}\"`")).collect::<Vec<_>>().join(" or ")
        )
    });
    let message = format!("`theme_options.{key}` cannot be `{written}`");
    Some(Diagnostic::error(&config.file, message).hint(hint))
}
