//! The receiver's pages for people: templates, filled with the words of the site's language.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::Value;
use tera::{Context, Tera};

use crate::config::Config;
use crate::html::direction;
use crate::theme::Theme;
use crate::theme::words::Locale;

/// The templates. Everything that is put into them is escaped.
static TEMPLATES: LazyLock<Tera> = LazyLock::new(|| {
    let mut tera = Tera::new();
    tera.add_raw_templates([
        ("message.html", include_str!("templates/message.html")),
        ("form.html", include_str!("templates/form.html")),
        ("accepted.html", include_str!("templates/accepted.html")),
        ("comment.html", include_str!("templates/comment.html")),
        ("comment_accepted.html", include_str!("templates/comment_accepted.html")),
        ("notice.html", include_str!("templates/notice.html")),
        ("refused.html", include_str!("templates/refused.html")),
        ("status.html", include_str!("templates/status.html")),
        ("login.html", include_str!("templates/login.html")),
        ("queue.html", include_str!("templates/queue.html")),
    ])
    .expect("the templates are valid");
    tera
});

/// The style sheet of the moderation page.
pub(super) const STYLE: &str = include_str!("templates/style.css");

/// The pages of a site's receiver.
#[derive(Debug)]
pub struct ReceiverPages {
    language: String,
    locale: Locale,
    /// The name of the site, for the pages that readers see.
    site: String,
    home: String,
    /// The colours of the built-in theme's options, as CSS.
    look: String,
}

impl ReceiverPages {
    /// The pages in a site's language, with the words of its theme.
    pub fn of(theme: &Theme, config: &Config) -> Self {
        Self {
            language: config.language.clone(),
            locale: theme.locales.locale(&config.language),
            site: config.title.clone(),
            home: format!("{}/", config.base_url),
            look: look_of(&theme.options),
        }
    }

    /// Renders a template.
    pub(super) fn render(&self, template: &str, mut context: Context) -> String {
        context.insert("language", &self.language);
        context.insert("direction", direction(&self.language));
        context.insert("words", &self.words());
        if !context.contains_key("site") {
            context.insert("site", &self.site);
        }
        context.insert("home", &self.home);
        context.insert("style", STYLE);
        context.insert("look", &self.look);
        TEMPLATES.render(template, &context).unwrap_or_else(|error| {
            debug_assert!(false, "`{template}` cannot be rendered: {error:?}");
            String::new()
        })
    }

    fn words(&self) -> BTreeMap<&str, &str> {
        self.locale.words()
    }

    /// A sentence of the site's language.
    pub(super) fn text(&self, key: &str) -> String {
        self.locale.word(key, None).unwrap_or(key).to_owned()
    }

    /// A sentence with values in it: `{name}` becomes the value of that name.
    pub(super) fn text_with(&self, key: &str, values: &[(&str, &str)]) -> String {
        fill(self.locale.word(key, None).unwrap_or(key), values)
    }

    /// A sentence with a number in it, `{n}`, in the plural form of the number.
    pub(super) fn counted(&self, key: &str, number: usize) -> String {
        let form = self.locale.word(key, u64::try_from(number).ok()).unwrap_or(key);
        fill(form, &[("n", &number.to_string())])
    }
}

/// The accent and the scheme that a site has chosen. Other themes have other options, and none of these.
fn look_of(options: &Value) -> String {
    let hue = options["accent"].as_f64().map(|hue| format!("--hue:{hue}"));
    let scheme = options["scheme"].as_str().filter(|scheme| matches!(*scheme, "light" | "dark"));
    let scheme = scheme.map(|scheme| format!("color-scheme:{scheme}"));
    let declarations: Vec<String> = hue.into_iter().chain(scheme).collect();
    if declarations.is_empty() { String::new() } else { format!(":root{{{}}}", declarations.join(";")) }
}

/// One pass from left to right: a value is never searched for names.
fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let value = after.split_once('}').and_then(|(name, behind)| {
            let (_, value) = values.iter().find(|(known, _)| *known == name)?;
            Some((value, behind))
        });
        match value {
            Some((value, behind)) => {
                filled.push_str(value);
                rest = behind;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_filled_in_once() {
        let values = [("a", "{b}"), ("b", "x")];
        assert_eq!(fill("{a} {b} {c} {", &values), "{b} x {c} {");
    }

    #[test]
    fn the_pages_have_the_accent_and_the_scheme_of_the_site() {
        let look = |options: &str| look_of(&serde_json::from_str(options).unwrap());
        assert_eq!(look(r#"{"accent": 250, "scheme": "dark"}"#), ":root{--hue:250;color-scheme:dark}");
        assert_eq!(look(r#"{"accent": 12.5, "scheme": "auto"}"#), ":root{--hue:12.5}");
        assert_eq!(look(r#"{"accent": "</style>", "scheme": "}"}"#), "");
        assert_eq!(look("null"), "");
    }

    /// Every language of the built-in theme has every word of the receiver's pages, with the same values in it.
    #[test]
    fn every_language_has_the_words_of_the_receiver() {
        let words = |language: &str| {
            let path = format!("i18n/{language}.toml");
            let (_, bytes) = crate::theme::built_in::FILES
                .iter()
                .find(|(name, _)| *name == path)
                .expect("the theme has the language");
            let text = std::str::from_utf8(bytes).expect("it is text");
            let values = |line: &str| {
                let names: BTreeMap<String, ()> = line
                    .split('{')
                    .skip(1)
                    .filter_map(|rest| rest.split_once('}'))
                    .filter(|(name, _)| name.chars().all(|c| c.is_ascii_lowercase()))
                    .map(|(name, _)| (name.to_owned(), ()))
                    .collect();
                names.into_keys().collect::<Vec<_>>()
            };
            let is_ours = |key: &str| {
                ["tell_", "comment_", "refused_", "status_", "moderate_", "signal_", "quoting_"]
                    .iter()
                    .any(|start| key.starts_with(start))
            };
            let lines = text.lines().filter_map(|line| line.split_once(" = "));
            lines
                .filter(|(key, _)| is_ours(key))
                .map(|(key, line)| (key.to_owned(), values(line)))
                .collect::<BTreeMap<_, _>>()
        };
        let english = words("en");
        assert!(english.len() > 100, "{}", english.len());
        for language in ["de", "es", "fr", "sv"] {
            assert_eq!(words(language), english, "{language}");
        }
    }
}
