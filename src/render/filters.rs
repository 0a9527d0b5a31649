//! The filters of templates. All are pure; those that write dates use the page's language.

use std::sync::Arc;

use parking_lot::Mutex;
use tera::{Kwargs, State, Tera, TeraResult, Value};

use crate::config::Config;
use crate::post::markdown::comment;
use crate::post::slug::slugify;
use crate::render::functions::check_arguments;
use crate::render::{Places, RenderState};
use crate::theme::Theme;
use crate::theme::words::Locale;

/// The names of our own filters, for suggestions.
pub(super) const NAMES: [&str; 8] =
    ["date", "time", "datetime", "url", "absolute", "slug", "json", "comment"];

/// Registers the filters of a worker.
pub(super) fn register(
    tera: &mut Tera,
    render_state: &Arc<Mutex<RenderState>>,
    theme: &Arc<Theme>,
    places: &Places,
) {
    date_filter(tera, "date", render_state, theme, |locale, date, kwargs| {
        locale.date(date, kwargs.get::<&str>("format").ok().flatten().unwrap_or("long"))
    });
    date_filter(tera, "time", render_state, theme, |locale, date, _| locale.time(date));
    date_filter(tera, "datetime", render_state, theme, |locale, date, _| locale.date_time(date));

    let own = places.clone();
    tera.register_filter("url", move |path: &str, _: Kwargs, _: &State<'_>| below(&own.base_path, path));
    let own = places.clone();
    tera.register_filter("absolute", move |url: &str, _: Kwargs, _: &State<'_>| absolute(&own, url));
    tera.register_filter("slug", |text: &str, _: Kwargs, _: &State<'_>| slugify(text));
    tera.register_filter("group_by", |list: &[Value], kwargs: Kwargs, _: &State<'_>| group_by(list, &kwargs));
    tera.register_filter("json", |value: &Value, _: Kwargs, _: &State<'_>| json(value));
}

/// Registers `comment`, which makes HTML of the Markdown of a comment. Pages are rendered again when the settings of
/// Markdown change.
pub(super) fn register_comment(
    tera: &mut Tera,
    render_state: &Arc<Mutex<RenderState>>,
    config: &Arc<Config>,
) {
    let (render_state, config) = (Arc::clone(render_state), Arc::clone(config));
    tera.register_filter("comment", move |text: &str, _: Kwargs, _: &State<'_>| {
        let language = render_state.lock().language.clone();
        Value::safe_string(&comment::html(text, &language, &config))
    });
}

fn date_filter(
    tera: &mut Tera,
    name: &'static str,
    render_state: &Arc<Mutex<RenderState>>,
    theme: &Arc<Theme>,
    write: impl Fn(&Locale, &str, &Kwargs) -> Result<String, String> + Send + Sync + 'static,
) {
    let (render_state, theme) = (Arc::clone(render_state), Arc::clone(theme));
    tera.register_filter(name, move |date: &str, kwargs: Kwargs, _: &State<'_>| -> TeraResult<String> {
        check_arguments(name, &kwargs, if name == "date" { &["format", "lang"] } else { &["lang"] })?;
        let written = match kwargs.get::<&str>("lang")? {
            Some(tag) => write(&theme.locales.locale(tag), date, &kwargs),
            None => write(&render_state.lock().locale, date, &kwargs),
        };
        written.map_err(tera::Error::message)
    });
}

fn below(base: &str, path: &str) -> String {
    format!("{base}/{}", path.trim_start_matches('/'))
}

/// A path of views, which begins with the path of `base_url` already, or one without it.
fn absolute(places: &Places, url: &str) -> String {
    if url.contains("://") {
        return url.to_owned();
    }
    let has_base = !places.base_path.is_empty()
        && url
            .strip_prefix(places.base_path.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    if has_base { format!("{}{url}", places.origin) } else { below(&places.base_url, url) }
}

/// Tera's own walks through a hash map, so its groups stand in another order each time. These stand in the
/// order of their first members.
fn group_by(list: &[Value], kwargs: &Kwargs) -> TeraResult<Value> {
    let attribute = kwargs.must_get::<&str>("attribute")?;
    let mut groups: Vec<(String, Vec<Value>)> = Vec::new();
    for member in list {
        let key = match member.get_from_path(attribute) {
            Some(value) if value.is_none() || value.is_undefined() => continue,
            Some(value) => value.to_string(),
            None => continue,
        };
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, members)) => members.push(member.clone()),
            None => groups.push((key, vec![member.clone()])),
        }
    }
    let groups: tera::Map = groups.into_iter().map(|(key, members)| (key.into(), members.into())).collect();
    Ok(groups.into())
}

/// JSON that can stand within `<script>`.
fn json(value: &Value) -> TeraResult<Value> {
    let text = serde_json::to_string(value).map_err(tera::Error::message)?;
    Ok(Value::safe_string(&text.replace('<', "\\u003c")))
}
