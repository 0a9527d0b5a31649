//! A theme: templates, words and options, layered file by file.
//!
//! The layers, each over the one before: the theme in the binary, `themes/<name>/` of the site, and the site's
//! own `templates/`. Static files of themes are laid over each other by the scan in the same order.

pub(crate) mod built_in;
pub(crate) mod contract;
mod date_forms;
pub(crate) mod embeds;
mod layers;
mod options;
pub(crate) mod words;

use std::collections::BTreeMap;

use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::hash::Hash;
use crate::spanned::{self, SourceText, Table, Value};
use crate::theme::embeds::EmbedTable;
use crate::theme::options::ThemeOptions;
use crate::theme::words::{LocaleFile, Locales};

pub(crate) use self::options::unchosen_files;

/// A template and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize)]
pub struct Template {
    /// Its path in the site, or where it would be if it were not built in.
    pub path: String,
    pub text: String,
}

/// A theme, ready to render with.
#[derive(Debug)]
pub struct Theme {
    /// By name: `post.html`, `partials/card.html`.
    pub templates: BTreeMap<String, Template>,
    /// The words of all languages.
    pub locales: Locales,
    /// Warnings of templates that no other template names, by name.
    pub unreferenced: BTreeMap<String, Diagnostic>,
    /// Sites whose pages can be shown in a frame.
    pub(crate) embeds: EmbedTable,
    /// The options: the theme's defaults, overlaid with the settings'.
    pub options: serde_json::Value,
    /// How wide it shows pictures.
    pub pictures: PictureLayout,
    /// The fingerprint of all of it.
    pub fingerprint: Hash,
}

/// How wide a theme shows pictures, as `sizes` in HTML says it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize)]
pub struct PictureLayout {
    /// In a text.
    pub sizes: String,
    /// Beside others.
    pub gallery_sizes: String,
    pub zoom: PictureZoom,
}

/// What a reader can do to see a picture larger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
pub enum PictureZoom {
    /// Nothing.
    None,
    /// Follow a link to its largest size.
    Link,
    /// Press on it, and see its largest size above the page.
    Popover,
}

impl Default for PictureLayout {
    fn default() -> Self {
        Self { sizes: "100vw".to_owned(), gallery_sizes: "50vw".to_owned(), zoom: PictureZoom::None }
    }
}

/// The text files of one layer: path in the site, and text. Their path below `root` says what they are.
#[derive(Debug, Clone)]
pub struct Layer {
    /// `themes/default`, or empty for the site's own `templates/`.
    pub root: String,
    /// Path below the root (`templates/post.html`, `i18n/en.toml`, `theme.toml`) and text.
    pub files: BTreeMap<String, String>,
}

impl Theme {
    /// Lays the layers over each other. The first one is the theme in the binary.
    pub fn of(layers: &[Layer], config: &Config) -> (Self, Vec<Diagnostic>) {
        let mut diagnostics = Vec::new();
        let templates = layers::stack(layers);
        let mut locales = Locales::default();
        let mut options = ThemeOptions::default();
        let mut embeds = EmbedTable::default();
        let mut pictures = PictureLayout::default();
        for (place, layer) in layers.iter().enumerate() {
            for (below, text) in &layer.files {
                let path =
                    if layer.root.is_empty() { below.clone() } else { format!("{}/{below}", layer.root) };
                if let Some(name) = below.strip_prefix("i18n/").and_then(|name| name.strip_suffix(".toml")) {
                    if place == 0 {
                        locales.add_built_in(name, text);
                    } else {
                        locales.lay_over(name, LocaleFile::parse(&path, text, &mut diagnostics));
                    }
                } else if below == "theme.toml" {
                    let table = parse(&path, text, &mut diagnostics);
                    diagnostics.extend(no_tables(&path, text, &table));
                    options.lay_over(&table);
                    embeds.lay_over(SourceText { path: &path, text }, &table, &mut diagnostics);
                    diagnostics.extend(options.wrong_conditions(&path, text, &table));
                    pictures.read(&path, text, &table, &mut diagnostics);
                }
            }
        }
        diagnostics.extend(options.choose(config));
        warn_of_words(layers, &locales, &templates, &mut diagnostics);
        diagnostics.extend(no_words(&locales, config));
        diagnostics.extend(contract::unset_variables(layers, &templates));
        let options = serde_json::Value::Object(options.values);
        let fingerprint = Hash::of_value(&(&templates, &locales, &embeds, options.to_string(), &pictures));
        let unreferenced = layers::unreferenced(layers, &templates);
        (Self { templates, locales, unreferenced, embeds, options, pictures, fingerprint }, diagnostics)
    }
}

/// A word of the site's own language files that nothing shows is a slip of the pen. The built-in files are tested.
fn warn_of_words(
    layers: &[Layer],
    locales: &Locales,
    templates: &BTreeMap<String, Template>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    for layer in layers.iter().skip(1) {
        for (below, text) in layer.files.iter().filter(|(below, _)| below.starts_with("i18n/")) {
            let path = if layer.root.is_empty() { below.clone() } else { format!("{}/{below}", layer.root) };
            locales.warn_of_unknown_words(&path, text, templates, diagnostics);
        }
    }
}

impl PictureLayout {
    /// Reads what a `theme.toml` says of pictures.
    fn read(&mut self, path: &str, text: &str, table: &Table, diagnostics: &mut Vec<Diagnostic>) {
        for (key, node) in table {
            let wrong = match (key.value.as_str(), &node.value) {
                ("image_sizes", Value::Text(sizes)) => {
                    self.sizes.clone_from(sizes);
                    continue;
                }
                ("gallery_sizes", Value::Text(sizes)) => {
                    self.gallery_sizes.clone_from(sizes);
                    continue;
                }
                ("image_zoom", Value::Bool(zoom)) => {
                    self.zoom = if *zoom { PictureZoom::Link } else { PictureZoom::None };
                    continue;
                }
                ("image_zoom", Value::Text(zoom)) if zoom == "popover" => {
                    self.zoom = PictureZoom::Popover;
                    continue;
                }
                ("image_sizes" | "gallery_sizes", _) => "text, such as `\"(min-width: 44rem) 42rem, 100vw\"`",
                ("image_zoom", _) => "`true`, `false` or `\"popover\"`",
                _ => continue,
            };
            let message = format!("`{}` must be {wrong}, but this is {}", key.value, node.value.kind());
            diagnostics.push(Diagnostic::error(path, message).at(text, node.span.clone()));
        }
    }
}

/// What `theme.toml` holds as a value where a table belongs.
fn no_tables(path: &str, text: &str, table: &Table) -> Vec<Diagnostic> {
    let wrong = table.iter().filter(|(key, node)| {
        ["options", "choices", "files", "embeds"].contains(&key.value.as_str())
            && !matches!(node.value, Value::Table(_))
    });
    let faults = wrong.map(|(key, node)| {
        let message = format!("`{}` must be a table, but this is {}", key.value, node.value.kind());
        let fault = Diagnostic::error(path, message).at(text, node.span.clone());
        fault.hint(format!("write `[{}]`, and what is in it below", key.value))
    });
    faults.collect()
}

/// Where the theme lacks a language, its own words are shown in English.
fn no_words(locales: &Locales, config: &Config) -> Option<Diagnostic> {
    let language = &config.language;
    if locales.know(language) {
        return None;
    }
    let tags = locales.tags().map(|tag| {
        icu_locale_core::Locale::try_from_str(tag).map_or_else(|_| tag.to_owned(), |tag| tag.to_string())
    });
    let known: Vec<String> = tags.map(|tag| format!("`{tag}`")).collect();
    // A language that is spelled nearly alike is another language.
    let hint = format!(
        "it has {}; words of `{language}` go into `themes/{}/i18n/{language}.toml`",
        known.join(", "),
        config.theme
    );
    let message = format!("the theme has no words in `{language}`, and says its own in English");
    let warning = Diagnostic::warning(&config.file, message).hint(hint);
    Some(warning.placed(config.language_place.clone()))
}

fn parse(path: &str, text: &str, diagnostics: &mut Vec<Diagnostic>) -> Table {
    spanned::toml(text, 0).unwrap_or_else(|errors| {
        diagnostics.extend(
            errors.into_iter().map(|error| Diagnostic::error(path, error.message).at(text, error.span)),
        );
        Table::new()
    })
}
