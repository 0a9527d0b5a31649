//! `[search]`: whether readers can search the site, and where those without JavaScript are led.

use serde::Serialize;

use crate::config::section;
use crate::spanned::{Fields, SourceText, Spanned};

/// The settings of `[search]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SearchSettings {
    /// Whether there is a search page.
    pub enabled: bool,
    /// The search engine for readers without JavaScript; the archives if there is none.
    pub fallback: Option<FallbackEngine>,
}

/// A search engine that searches one site, as a form asks it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FallbackEngine {
    /// Where the form leads.
    pub action: String,
    /// Its host, which a reader is shown.
    pub host: String,
    /// The parameter that takes the reader's words.
    pub query: String,
    /// The other parameters, with `{host}` for the host of the site.
    pub others: Vec<(String, String)>,
}

/// Reads `[search]`.
pub(super) fn read(source: SourceText<'_>, fields: &mut Fields<'_>) -> SearchSettings {
    section(source, fields, "search", |fields| SearchSettings {
        enabled: fields.bool("enabled").unwrap_or(false),
        fallback: fields.text("fallback").and_then(|taken| fallback(fields, taken)),
    })
}

const EXAMPLE: &str = "write it as `https://duckduckgo.com/?q={query}&sites={host}`";

fn fallback(fields: &mut Fields<'_>, taken: Spanned<String>) -> Option<FallbackEngine> {
    let read = FallbackEngine::parse(&taken.value);
    if let Err(message) = &read {
        fields.report(taken.span, message.clone(), Some(EXAMPLE.to_owned()));
    }
    read.ok()
}

impl FallbackEngine {
    /// Reads an address with `{query}` as the whole value of a parameter: a form without a script cannot put more beside it.
    fn parse(written: &str) -> Result<Self, String> {
        let url = url::Url::parse(written.trim()).ok();
        let url = url.filter(|url| matches!(url.scheme(), "http" | "https"));
        let Some((url, host)) = url.as_ref().and_then(|url| Some((url, url.host_str()?))) else {
            return Err(format!("`{written}` is not the address of a search engine"));
        };
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let is_query = |(_, value): &&(String, String)| value == "{query}";
        let Some((query, _)) = pairs.iter().find(is_query) else {
            return Err(format!("`{written}` has no parameter whose whole value is `{{query}}`"));
        };
        if !pairs.iter().any(|(_, value)| value.contains("{host}")) {
            return Err(format!(
                "`{written}` has no parameter with `{{host}}`, so all of the web would be searched"
            ));
        }
        let mut action = url.clone();
        action.set_query(None);
        action.set_fragment(None);
        Ok(Self {
            action: action.to_string(),
            host: host.to_owned(),
            query: query.clone(),
            others: pairs.iter().filter(|pair| !is_query(pair)).cloned().collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    fn messages(text: &str) -> Vec<String> {
        let text = format!("base_url = \"https://blog.example\"\n[search]\n{text}");
        Config::parse(&text).1.into_iter().map(|diagnostic| diagnostic.message).collect()
    }

    #[test]
    fn a_search_engine_is_asked_by_a_form() {
        let text = "base_url = \"https://blog.example\"\n[search]\nenabled = true\n\
                    fallback = \"https://duckduckgo.com/?q={query}&sites={host}&kp=-1\"\n";
        let (config, diagnostics) = Config::parse(text);
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        let engine = config.search.fallback.unwrap();
        assert_eq!(
            (engine.action.as_str(), engine.host.as_str()),
            ("https://duckduckgo.com/", "duckduckgo.com")
        );
        assert_eq!(engine.query, "q");
        let others =
            [("sites", "{host}"), ("kp", "-1")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(engine.others, others);
        assert!(config.search.enabled);
    }

    #[test]
    fn what_a_form_cannot_ask_is_an_error() {
        let of = |address: &str| messages(&format!("fallback = \"{address}\"\n"));
        assert_eq!(of("duckduckgo"), ["`duckduckgo` is not the address of a search engine"]);
        assert_eq!(of("ftp://a.example/?q={query}&s={host}").len(), 1);
        let joined = "https://a.example/?q=site:{host}+{query}";
        assert_eq!(of(joined), [format!("`{joined}` has no parameter whose whole value is `{{query}}`")]);
        let everywhere = "https://a.example/?q={query}";
        assert_eq!(
            of(everywhere),
            [format!("`{everywhere}` has no parameter with `{{host}}`, so all of the web would be searched")]
        );
        assert_eq!(messages("enable = true\n").len(), 1);
    }
}
