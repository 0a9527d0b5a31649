//! The search page: a form, and a place for what is found.

use serde::Serialize;

use crate::hash::Hash;
use crate::page::builder::PlanBuilder;
use crate::page::kinds::search_file::script_url;
use crate::page::kinds::{FileKind, PageContent};
use crate::page::{Page, Plan};
use crate::search::script::SCRIPT;
use crate::site::Site;

/// The search page.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchPage;

/// Template `search.html`: a form, and a place for what is found.
#[derive(Debug, Serialize)]
pub struct SearchView {
    /// The address of the script, with a mark that changes when the script does.
    pub script: String,
    /// The folder of the index.
    pub base: String,
    /// The parts of the index as JSON, oldest first: name, posts, fingerprint and shards of each.
    pub segments: String,
    /// Where the form leads without JavaScript.
    pub action: String,
    /// The host of the search engine that it leads to; empty if it leads to the archives.
    pub engine: String,
    /// What that engine calls the words of a reader.
    pub query: String,
    /// What it gets besides.
    pub fields: Vec<FormFieldView>,
}

/// A hidden field of a form.
#[derive(Debug, Serialize)]
pub struct FormFieldView {
    pub name: String,
    pub value: String,
}

impl PageContent for SearchPage {
    type View<'a> = SearchView;

    fn plan(builder: &mut PlanBuilder<'_>) {
        let config = &builder.site.config;
        if config.search.enabled {
            let url = config.paths.search.clone();
            builder.claim(url, Self);
        }
    }

    fn view(&self, plan: &Plan, _page: &Page) -> SearchView {
        let site = &plan.site;
        let config = &site.config;
        let segments = plan.search.0.iter().map(|segment| {
            let mark = segment.digest(site).short_hex();
            (segment.name.clone(), segment.posts.len(), mark, segment.shards)
        });
        let script = script_url(site);
        let (action, engine, query, fields) = match &config.search.fallback {
            Some(engine) => {
                let fields = engine.others.iter().map(|(name, value)| FormFieldView {
                    name: name.clone(),
                    value: value.replace("{host}", config.host()),
                });
                (engine.action.clone(), engine.host.clone(), engine.query.clone(), fields.collect())
            }
            None => (config.url(&config.paths.archives), String::new(), "q".to_owned(), Vec::new()),
        };
        SearchView {
            script: format!("{}?v={}", config.url(&script), Hash::of(SCRIPT.as_bytes()).short_hex()),
            base: config.url(&config.paths.search),
            segments: serde_json::json!(segments.collect::<Vec<_>>()).to_string(),
            action,
            engine,
            query,
            fields,
        }
    }

    fn template(&self) -> Option<&'static str> {
        Some("search")
    }

    fn label(&self, _site: &Site) -> String {
        "the search page".to_owned()
    }

    fn file_kind(&self) -> FileKind {
        FileKind::List
    }
}
