//! The head of a post's file: splitting it off, reading its keys, and naming every fault in it.

pub(crate) mod folder_rule;
mod hiding_keys;
mod unfenced;

use std::ops::Range;

use chrono_tz::Tz;
use hashbrown::HashSet;
use serde::{Deserialize, Serialize};

use crate::config::moderation::names_site;
use crate::config::redirects::{RedirectSource, names_page_file};
use crate::config::{Author, Config, author_fields, language_tag};
use crate::date::reader::DateReader;
use crate::date::{Date, WRITTEN};
use crate::diagnostic::{Diagnostic, Reach, Severity};
use crate::path::UrlPath;
use crate::post::attribution::Attribution;
use crate::post::quote::{StoredQuote, is_id};
use crate::spanned::{self, Fields, SourceText, Spanned, SyntaxError, Table, Value};

/// The keys that a post keeps as its author gave them. A new key of this kind is a field here and a line in [`read`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FrontMatter {
    /// When the post was last changed.
    pub updated: Option<Date>,
    /// From when it is no longer shown.
    pub expires: Option<Date>,
    /// Old addresses, which redirect to the post.
    pub aliases: Vec<UrlPath>,
    /// Old addresses at which no page can stand: those with a query, and those that are not UTF-8.
    pub alias_rules: Vec<RedirectSource>,
    /// Tags, as written.
    pub tags: Vec<String>,
    /// Categories, as written.
    pub categories: Vec<String>,
    /// The series the post belongs to.
    pub series: Option<String>,
    /// Its authors; empty means the site's author.
    pub authors: Vec<Author>,
    /// BCP 47 tag of its language, if it is not the site's.
    pub language: Option<String>,
    /// The picture that stands for it, as written: an address, or a file beside the post.
    pub image: Option<String>,
    /// What that picture shows, for those who do not see it.
    pub image_alt: Option<String>,
    /// The page a link post points to.
    pub link: Option<String>,
    /// Whether the post is left out of a build without `--drafts`.
    pub draft: bool,
    /// The key by which it is never shown, as it is written: `visibility: private`.
    pub hidden: Option<String>,
    /// Before when it is not shown, besides its date.
    pub not_before: Option<Date>,
    pub linkbacks: bool,
    /// Pages and hosts to which no linkbacks are sent, though the post links to them.
    pub no_linkbacks_to: Vec<String>,
    /// Whether it stands above the list of posts.
    pub pinned: bool,
    /// What it has in common with its versions in other languages.
    pub translation_key: Option<String>,
    /// Whether the list of posts stands below it, if it is the front page's own text.
    pub list: bool,
    /// The template to use instead of its kind's.
    pub template: Option<String>,
    /// `[extra]` as JSON text; empty if there is none.
    pub extra: String,
}

/// The keys that replace what is otherwise derived from the text or from the file's name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Overrides {
    /// Instead of the first heading.
    pub title: Option<String>,
    /// The publication date, instead of the date in the file's name.
    pub date: Option<Date>,
    /// The last segment of the address, instead of the file's name.
    pub slug: Option<String>,
    /// The whole address, instead of the permalink pattern.
    pub path: Option<UrlPath>,
    /// Markdown shown in lists, instead of the first paragraph.
    pub summary: Option<String>,
    /// Plain text for search engines, instead of the first words.
    pub description: Option<String>,
    /// A stable id, instead of the file's path.
    pub id: Option<String>,
    /// Where `list` stands, which has a meaning on the front page only.
    pub list_key: Option<Range<usize>>,
    /// The sources of quotes, to which attributions in the text refer by id.
    pub quotes: Vec<StoredQuote>,
}

/// A file in two: the table of its front matter and where its body begins.
pub(crate) struct Split {
    /// The keys; empty if there is no front matter.
    pub table: Table,
    /// The byte of the file where the body begins.
    pub body: usize,
    /// A warning, if the front matter is not where or as it should be.
    pub remark: Option<Diagnostic>,
}

/// Splits a file. On an error the front matter cannot be read at all.
pub(crate) fn split(source: SourceText<'_>) -> Result<Split, Vec<Diagnostic>> {
    let text = source.text;
    // Editors of Windows write a byte order mark, before which the fence is not at the start.
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    if let Some(split) = json_head(text, start) {
        return Ok(split);
    }
    let (first_line, remark) = match misplaced_fence(source, start) {
        Some((at, remark)) => (at, Some(remark)),
        None => (start, None),
    };
    let start = first_line;
    let (fence, name): (&str, &str) = match text[start..].lines().next().unwrap_or_default().trim() {
        "+++" => ("+++", "TOML"),
        "---" => ("---", "YAML"),
        _ => {
            let none = Split { table: Table::new(), body: start, remark: None };
            return Ok(unfenced::split(source, start).unwrap_or(none));
        }
    };
    let inner_start = text[start..].find('\n').map_or(text.len(), |at| start + at + 1);
    let Some((inner_end, body)) = closing_fence(text, inner_start, fence) else {
        return Err(vec![
            Diagnostic::error(source.path, format!("the {name} front matter is never closed"))
                .at(text, start..start + fence.len())
                .hint(format!("end it with a line `{fence}`, also if the post is empty")),
        ]);
    };
    let inner = &text[inner_start..inner_end];
    let parsed =
        if name == "TOML" { spanned::toml(inner, inner_start) } else { spanned::yaml(inner, inner_start) };
    match parsed {
        Ok(table) => Ok(Split { table, body, remark }),
        Err(errors) => Err(errors
            .into_iter()
            .map(|error| {
                let hint = syntax_hint(name, inner, &error, inner_start);
                Diagnostic::error(source.path, format!("{name} front matter: {}", error.message))
                    .at(text, error.span)
                    .maybe_hint(hint)
            })
            .collect()),
    }
}

/// The first fence, if spaces or empty lines stand before it and what it opens is front matter: it may hide the post.
fn misplaced_fence(source: SourceText<'_>, start: usize) -> Option<(usize, Diagnostic)> {
    let text = &source.text[start..];
    let line = text.lines().find(|line| !line.trim().is_empty())?;
    let fence = ["+++", "---"].into_iter().find(|fence| line.trim() == *fence)?;
    let at = line.as_ptr() as usize - text.as_ptr() as usize;
    if at == 0 && line.starts_with(fence) {
        return None;
    }
    let inner = at + line.len();
    let inner_start = inner + text[inner..].find('\n')? + 1;
    let (inner_end, _) = closing_fence(text, inner_start, fence)?;
    let inner = &text[inner_start..inner_end];
    let table = if fence == "+++" { spanned::toml(inner, 0) } else { spanned::yaml(inner, 0) }.ok()?;
    let names_head = table.iter().any(|(key, _)| {
        HEAD_KEYS.contains(&key.value.to_lowercase().as_str()) || hiding_keys::decides(&key.value)
    });
    if !names_head {
        return None;
    }
    let message = "this front matter is read, although it does not begin the file";
    let warning =
        Diagnostic::warning(source.path, message).at(source.text, start + at..start + at + line.len());
    Some((start + at, warning.hint("delete the spaces and empty lines before it")))
}

/// A head in JSON, as Hugo has it: an object with a title or a date. JSON is YAML as well (YAML 1.2, section 1.3).
fn json_head(text: &str, start: usize) -> Option<Split> {
    let head = &text[start..];
    if !head.starts_with('{') {
        return None;
    }
    let mut values = serde_json::Deserializer::from_str(head).into_iter::<serde_json::Value>();
    let object = values.next()?.ok()?;
    let is_head = ["title", "date", "draft", "tags", "slug"].iter().any(|key| object.get(key).is_some());
    let end = values.byte_offset();
    let rest = &head[end..];
    let line_end = rest.find('\n').map_or(rest.len(), |at| at + 1);
    if !is_head || !rest[..line_end].trim().is_empty() {
        return None;
    }
    let table = spanned::yaml(&head[..end], start).ok()?;
    Some(Split { table, body: start + end + line_end, remark: None })
}

/// What looks like front matter at the start of a body and is none: it would be published as text.
pub(crate) fn overlooked(source: SourceText<'_>, body: usize) -> Option<Diagnostic> {
    let text = &source.text[body..];
    let line = text.lines().find(|line| !line.trim().is_empty())?;
    let key = line.split([':', '=']).next().unwrap_or_default().trim();
    let has_key =
        line.contains([':', '=']) && HEAD_KEYS.contains(&key.to_lowercase().as_str()) && !key.is_empty();
    let is_fence = ["+++", "---"].contains(&line.trim()) && !text.starts_with(line);
    let is_json = line.trim_start().starts_with("{\"") || (line.trim() == "{" && text.contains("\":"));
    if !has_key && !is_fence && !is_json && !line.starts_with(" ---") && !line.starts_with(" +++") {
        return None;
    }
    let start = body + line.as_ptr() as usize - text.as_ptr() as usize;
    let message = "this looks like front matter, but is part of the text";
    let fault = Diagnostic::warning(source.path, message).reaching(Reach::Public);
    let hint = if has_key && key.starts_with(char::is_uppercase) {
        "put a line `---` before and behind these lines, and write their keys in lower case"
    } else {
        "begin the file with a line `+++` (TOML) or `---` (YAML), without spaces or empty lines before it"
    };
    Some(fault.at(source.text, start..start + line.len()).hint(hint))
}

/// Keys by which lines are known as a head without its fences.
const HEAD_KEYS: [&str; 9] =
    ["title", "date", "draft", "tags", "layout", "slug", "category", "modified", "author"];

/// Where the front matter ends and where the body begins.
fn closing_fence(text: &str, from: usize, fence: &str) -> Option<(usize, usize)> {
    let mut at = from;
    for line in text[from..].split_inclusive('\n') {
        let end = at + line.len();
        let closes = line.trim_end() == fence || (fence == "---" && line.trim_end() == "...");
        if closes {
            return Some((at, end));
        }
        at = end;
    }
    None
}

fn syntax_hint(format: &str, text: &str, error: &SyntaxError, offset: usize) -> Option<String> {
    let message = error.message.as_str();
    let first = text.lines().find(|line| !line.trim().is_empty())?;
    if format == "YAML" && first.contains(" = ") {
        return Some("this looks like TOML, whose fences are `+++`".to_owned());
    }
    if format == "TOML" && first.contains(": ") && !first.contains('=') {
        return Some("this looks like YAML, whose fences are `---`".to_owned());
    }
    if format == "YAML" && message.contains("mapping values") {
        return Some("put a text that holds `: ` in quotes".to_owned());
    }
    let is_unquoted = message.starts_with("string values must be quoted");
    let key = key_at(text, error.span.start.saturating_sub(offset));
    let is_date = ["date", "updated", "expires", "published", "accessed"].contains(&key);
    if ["invalid date", "invalid time", "invalid offset"].iter().any(|start| message.starts_with(start))
        || (is_unquoted && is_date)
    {
        return Some(date_hint(text, error.span.start.saturating_sub(offset)));
    }
    (is_unquoted && !key.is_empty()).then(|| format!("write `{key} = \"…\"`"))
}

/// How to write the date of the line that holds this byte.
fn date_hint(text: &str, at: usize) -> String {
    let written = line_at(text, at).split_once('=').map_or("", |(_, value)| value.trim());
    match Date::read(written.trim_matches(['"', '\'']), Tz::UTC, &DateReader::of("en")) {
        Ok(read) => format!("write it as {}", read.date.to_text()),
        Err(fault) => fault.hint.unwrap_or_else(|| WRITTEN.to_owned()),
    }
}

/// The key of the line that holds this byte.
fn key_at(text: &str, at: usize) -> &str {
    line_at(text, at).split_once('=').map_or("", |(key, _)| key.trim())
}

/// The line that holds this byte.
fn line_at(text: &str, at: usize) -> &str {
    let mut end = 0;
    let mut lines = text.split_inclusive('\n');
    let line = lines.find(|line| {
        end += line.len();
        at < end
    });
    line.unwrap_or_default()
}

/// Reads the keys of a table that was split off `source`.
pub(crate) fn read(
    source: SourceText<'_>,
    table: Table,
    config: &Config,
    diagnostics: &mut Vec<Diagnostic>,
) -> (FrontMatter, Overrides) {
    let table = in_lower_case(source, table, diagnostics);
    warn_of_swallowed_keys(source, &table, diagnostics);
    let mut fields = Fields::new(source, "", table, diagnostics);
    // The language comes first: dates are read in its words and its order of day and month.
    let language = language(&mut fields, "lang");
    let dates = DateContext::of(language.as_deref(), config);
    let mut date = fields.date("date", dates.zone, &dates.reader);
    let visibility = hiding_keys::read(&mut fields, &dates, &mut date);
    let list = fields.take("list");
    let list_key = list.as_ref().map(|list| list.span.clone());
    fields.put_back("list", list);
    let overrides = Overrides {
        list_key,
        title: optional_text(&mut fields, "title"),
        date,
        slug: slug(&mut fields),
        path: fields.text("path").and_then(|taken| address(&mut fields, "path", taken)),
        summary: optional_text(&mut fields, "summary"),
        description: optional_text(&mut fields, "description"),
        id: optional_text(&mut fields, "id"),
        quotes: stored_quotes(source, &mut fields, &dates),
    };
    let Aliases { pages, rules } = aliases(&mut fields);
    let mut front = FrontMatter {
        updated: fields.date("updated", dates.zone, &dates.reader),
        expires: visibility.expires,
        aliases: pages,
        alias_rules: rules,
        tags: terms(&mut fields, "tags"),
        categories: terms(&mut fields, "categories"),
        series: series(&mut fields),
        authors: authors(source, &mut fields).into_iter().map(|author| config.person(author)).collect(),
        language,
        image: image(&mut fields),
        image_alt: optional_text(&mut fields, "image_alt"),
        link: optional_text(&mut fields, "link").map(|link| config.link_to(&link)),
        draft: visibility.draft,
        hidden: visibility.hidden,
        not_before: visibility.not_before,
        linkbacks: switch(&mut fields, "linkbacks").unwrap_or(true),
        no_linkbacks_to: sites(&mut fields, "no_linkbacks_to"),
        pinned: switch(&mut fields, "pinned").unwrap_or(false),
        translation_key: optional_text(&mut fields, "translation_key"),
        list: switch(&mut fields, "list").unwrap_or(true),
        template: template(&mut fields),
        extra: extra(&mut fields),
    };
    // Last, as every key that was not taken by now is unknown.
    zola_taxonomies(source, &mut fields, &mut front);
    fields.finish(Severity::Warning, explain_foreign_key);
    (front, overrides)
}

/// A table whose keys are in lower case where only that keeps them from being known.
fn in_lower_case(source: SourceText<'_>, mut table: Table, diagnostics: &mut Vec<Diagnostic>) -> Table {
    const KEYS: [&str; 23] = [
        "title",
        "date",
        "updated",
        "slug",
        "path",
        "aliases",
        "id",
        "tags",
        "categories",
        "series",
        "summary",
        "description",
        "author",
        "authors",
        "lang",
        "image",
        "image_alt",
        "pinned",
        "translation_key",
        "link",
        "linkbacks",
        "template",
        "extra",
    ];
    for at in 0..table.len() {
        let lower = table[at].0.value.to_lowercase();
        let is_known = KEYS.contains(&lower.as_str()) && lower != table[at].0.value;
        if is_known && !table.iter().any(|(key, _)| key.value == lower) {
            let (key, _) = &mut table[at];
            let message = format!("`{}` is read as `{lower}`", key.value);
            diagnostics.push(
                Diagnostic::warning(source.path, message)
                    .at(source.text, key.span.clone())
                    .hint("write keys in lower case"),
            );
            key.value = lower;
        }
    }
    table
}

fn optional_text(fields: &mut Fields<'_>, key: &'static str) -> Option<String> {
    fields.text(key).map(|taken| taken.value.trim().to_owned()).filter(|text| !text.is_empty())
}

/// The series of a post, which is a part of one. Hugo has a list of them.
fn series(fields: &mut Fields<'_>) -> Option<String> {
    let node = fields.take("series")?;
    let Value::List(nodes) = &node.value else {
        fields.put_back("series", Some(node));
        return optional_text(fields, "series");
    };
    let span = node.span.clone();
    let count = nodes.len();
    fields.put_back("series", Some(node));
    let first = names(fields, "series").into_iter().next()?;
    let message = if count > 1 {
        format!("a post is a part of one series: of these the first is taken, `{first}`")
    } else {
        format!("`series` is a list, of which `{first}` is taken")
    };
    fields.warn(span, message, Some(format!("write `series = \"{first}\"`")));
    Some(first)
}

/// What dates of a post are read with.
struct DateContext {
    reader: DateReader,
    zone: Tz,
}

impl DateContext {
    /// Dates in the language of the post and the time zone of the site.
    fn of(language: Option<&str>, config: &Config) -> Self {
        Self { reader: DateReader::of(language.unwrap_or(&config.language)), zone: config.timezone }
    }
}

/// `true` or `false`; `yes`, `on` and `1` as YAML 1.1 and other engines have them are read with a warning.
fn switch(fields: &mut Fields<'_>, key: &'static str) -> Option<bool> {
    let node = fields.take(key)?;
    let word = match &node.value {
        Value::Bool(value) => return Some(*value),
        Value::Text(text) => text.trim().to_lowercase(),
        Value::Integer(number) => number.to_string(),
        _ => String::new(),
    };
    let value = match word.as_str() {
        "yes" | "y" | "on" | "1" | "true" => true,
        "no" | "n" | "off" | "0" | "false" => false,
        _ => {
            let message =
                format!("`{key}` must be true or false, without quotes, but this is {}", node.value.kind());
            fields.report(node.span, message, None);
            return None;
        }
    };
    let hint = format!("write {value}, without quotes");
    fields.warn(node.span, format!("`{word}` is read as {value}"), Some(hint));
    Some(value)
}

/// A picture by its file or address. Other engines have a table with it.
fn image(fields: &mut Fields<'_>) -> Option<String> {
    const KEYS: [&str; 8] = ["url", "src", "path", "feature", "file", "image", "teaser", "thumbnail"];
    let node = fields.take("image")?;
    if let Some(image) = image_text(&node) {
        return Some(image);
    }
    let inner = match &node.value {
        Value::Text(_) => return None,
        Value::Table(table) => {
            // In the order of the keys, not of the table: the address counts more than the thumbnail.
            KEYS.iter().find_map(|wanted| {
                let (_, node) = table.iter().find(|(key, _)| key.value == **wanted)?;
                image_text(node)
            })
        }
        Value::List(nodes) => nodes.first().and_then(image_text),
        _ => None,
    };
    let message = match &inner {
        Some(image) => format!("`image` is {}, of which `{image}` is taken", node.value.kind()),
        None => format!("`image` is {} without an address: the post has no picture", node.value.kind()),
    };
    fields.warn(node.span, message, Some("write `image = \"…\"` with a file or an address".to_owned()));
    inner
}

fn image_text(node: &Spanned<Value>) -> Option<String> {
    match &node.value {
        Value::Text(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        _ => None,
    }
}

/// Names of tags or categories. Several in one text, as Pelican and Jekyll have them, are taken apart with a warning.
fn terms(fields: &mut Fields<'_>, key: &'static str) -> Vec<String> {
    let node = fields.take(key);
    if let Some(Spanned { value: Value::Text(text), span }) = &node
        && text.contains([',', ';'])
    {
        let names = distinct(text.split([',', ';']));
        let quoted: Vec<_> = names.iter().map(|name| format!("\"{name}\"")).collect();
        let message = format!("these {key} stand in one text and are read as {} names", names.len());
        fields.warn(span.clone(), message, Some(format!("write them as a list: [{}]", quoted.join(", "))));
        return names;
    }
    fields.put_back(key, node);
    names(fields, key)
}

/// Names without white space around them, without empty ones and without repetition.
fn distinct<'t>(names: impl IntoIterator<Item = &'t str>) -> Vec<String> {
    let mut known = HashSet::new();
    let names = names.into_iter().map(str::trim);
    let names: Box<[String]> =
        names.filter(|name| !name.is_empty() && known.insert(*name)).map(str::to_owned).collect();
    // Without spare room: it is kept for as long as the site.
    names.into_vec()
}

/// Keys of the author's own as JSON text.
fn extra(fields: &mut Fields<'_>) -> String {
    fields.table("extra").map_or(String::new(), |taken| spanned::table_to_json(&taken.value).to_string())
}

/// In TOML every key below `[extra]` or another table is a part of it, also one that was meant for the post.
fn warn_of_swallowed_keys(source: SourceText<'_>, table: &Table, diagnostics: &mut Vec<Diagnostic>) {
    if !source.text.trim_start_matches('\u{feff}').starts_with("+++") {
        return;
    }
    for wanted in ["title", "date"] {
        if table.iter().any(|(key, _)| key.value == wanted) {
            continue;
        }
        // Tables that have such keys of their own.
        let tables =
            table.iter().filter(|(key, _)| !["quotes", "author", "authors", "image"].contains(&&*key.value));
        let found = tables.into_iter().find_map(|(key, node)| swallowed(&key.value, &node.value, wanted));
        if let Some(SwallowedKey { table, span }) = found {
            let message = format!("`{wanted}` stands below `[{table}]` and is part of it: the post has none");
            let hint = format!("move `[{table}]` to the end of the front matter");
            diagnostics.push(Diagnostic::warning(source.path, message).at(source.text, span).hint(hint));
        }
    }
}

/// A key that stands in a table and is one of the post's.
struct SwallowedKey {
    /// `extra.links`.
    table: String,
    span: Range<usize>,
}

fn swallowed(name: &str, value: &Value, wanted: &str) -> Option<SwallowedKey> {
    let Value::Table(table) = value else { return None };
    let own = table.iter().find(|(key, _)| key.value == wanted);
    match own {
        Some((key, _)) => Some(SwallowedKey { table: name.to_owned(), span: key.span.clone() }),
        None => table
            .iter()
            .find_map(|(key, node)| swallowed(&format!("{name}.{}", key.value), &node.value, wanted)),
    }
}

fn slug(fields: &mut Fields<'_>) -> Option<String> {
    let taken = fields.text("slug")?;
    let slug = crate::path::percent_decode(taken.value.trim());
    let segments: Vec<&str> = slug.split('/').filter(|segment| !segment.is_empty()).collect();
    let is_address = slug.contains('/') && !segments.is_empty();
    let slug = if is_address { segments.join("-") } else { slug };
    if is_address {
        let message = format!("a slug is one part of an address: this one is read as `{slug}`");
        let hint = format!("write `{slug}`, or the whole address into `path`");
        fields.warn(taken.span.clone(), message, Some(hint));
    }
    let usable = !slug.is_empty() && !matches!(slug.as_str(), "." | "..") && !slug.contains(['\\', '?', '#']);
    if !usable || slug.chars().any(char::is_control) {
        let hint = "write one word, or words joined by `-`; a whole address goes into `path`".to_owned();
        fields.report(taken.span, format!("`{slug}` cannot be a slug"), Some(hint));
        return None;
    }
    Some(slug)
}

/// An address a post claims: `2014/12/12/x` is the folder `/2014/12/12/x/`, `old.html` is a file.
fn address(fields: &mut Fields<'_>, key: &str, taken: Spanned<String>) -> Option<UrlPath> {
    let written = taken.value.trim();
    let decoded = crate::path::percent_decode(written);
    let url =
        if names_page_file(&decoded) || decoded.ends_with('/') { decoded } else { format!("{decoded}/") };
    let foreign = url.contains("://") || url.contains(['?', '#']);
    match UrlPath::new(&url).filter(|_| !foreign && !written.is_empty()) {
        Some(url) => Some(url),
        None => {
            let hint = "write a path on this site, such as `/2016/12/old-name/`".to_owned();
            fields.report(taken.span, format!("`{key}` cannot be `{written}`"), Some(hint));
            None
        }
    }
}

/// Old addresses of a post.
#[derive(Default)]
struct Aliases {
    /// At which a page can lead on.
    pages: Vec<UrlPath>,
    /// Which only a host can answer.
    rules: Vec<RedirectSource>,
}

fn aliases(fields: &mut Fields<'_>) -> Aliases {
    let mut aliases = Aliases::default();
    for taken in fields.texts("aliases") {
        if let Some(rule) = only_a_rule(&taken.value) {
            if !aliases.rules.contains(&rule) {
                aliases.rules.push(rule);
            }
        } else if let Some(url) = address(fields, "aliases", taken)
            && !aliases.pages.contains(&url)
        {
            aliases.pages.push(url);
        }
    }
    aliases
}

/// An old address that no file can have: one with a query (`/?p=101`), or one that is not UTF-8, as WordPress makes
/// it when it cuts a slug within a character (`/bad%e8/`).
fn only_a_rule(written: &str) -> Option<RedirectSource> {
    let is_text = percent_encoding::percent_decode_str(written).decode_utf8().is_ok();
    let rule = RedirectSource::parse(written).ok().filter(RedirectSource::is_literal)?;
    (!rule.query.is_empty() || !is_text).then_some(rule)
}

/// Pages and hosts.
fn sites(fields: &mut Fields<'_>, key: &'static str) -> Vec<String> {
    let mut sites = Vec::new();
    for taken in fields.texts(key) {
        if names_site(&taken.value) {
            sites.push(taken.value.trim().to_owned());
        } else {
            let hint = "write it as `example.com` or `https://example.com/page/`".to_owned();
            fields.report(
                taken.span,
                format!("`{}` in `{key}` is neither a page nor a host", taken.value),
                Some(hint),
            );
        }
    }
    sites
}

fn names(fields: &mut Fields<'_>, key: &'static str) -> Vec<String> {
    let taken = fields.texts(key);
    distinct(taken.iter().map(|taken| taken.value.as_str()))
}

/// `author = "Jane"`, `authors = ["Jane", {name = "John", url = "…"}]`.
fn authors(source: SourceText<'_>, fields: &mut Fields<'_>) -> Vec<Author> {
    let mut nodes: Vec<Spanned<Value>> = Vec::new();
    for key in ["author", "authors"] {
        match fields.take(key) {
            Some(Spanned { value: Value::List(list), .. }) => nodes.extend(list),
            Some(node) => nodes.push(node),
            None => {}
        }
    }
    let mut authors = Vec::with_capacity(nodes.len());
    for node in nodes {
        match node.value {
            Value::Text(name) if !name.trim().is_empty() => {
                authors.push(Author { name: name.trim().to_owned(), ..Author::default() });
            }
            Value::Table(table) => {
                let mut inner = Fields::new(source, "authors.", table, fields.diagnostics());
                let author = author_fields(&mut inner);
                inner.finish(Severity::Warning, |_| None);
                authors.push(author);
            }
            Value::Text(_) | Value::Null => {}
            _ => fields.report(node.span, "an author is a name, or a table with `name` and `url`", None),
        }
    }
    authors
}

fn language(fields: &mut Fields<'_>, key: &'static str) -> Option<String> {
    let taken = fields.text(key)?;
    if let Some(tag) = language_tag(&taken.value) {
        return Some(tag);
    }
    let message = format!("`{}` is not a language tag", taken.value);
    fields.report(taken.span, message, Some("write it as `en`, `de` or `pt-BR`".to_owned()));
    None
}

fn template(fields: &mut Fields<'_>) -> Option<String> {
    let taken = fields.text("template")?;
    let name = taken.value.trim();
    Some(if name.contains('.') { name.to_owned() } else { format!("{name}.html") })
}

fn stored_quotes(source: SourceText<'_>, fields: &mut Fields<'_>, dates: &DateContext) -> Vec<StoredQuote> {
    let mut quotes: Vec<StoredQuote> = Vec::new();
    for table in fields.tables("quotes") {
        let mut inner = Fields::new(source, "quotes.", table.value, fields.diagnostics());
        let quote = stored_quote(&mut inner, &table.span, dates);
        inner.finish(Severity::Warning, explain_quote_key);
        if quotes.iter().any(|known| known.id == quote.id) {
            fields.report(table.span, format!("two quotes have the id `{}`", quote.id), None);
        } else {
            quotes.push(quote);
        }
    }
    quotes
}

fn stored_quote(fields: &mut Fields<'_>, table: &Range<usize>, dates: &DateContext) -> StoredQuote {
    let id = match fields.text("id") {
        Some(taken) if is_id(&taken.value) => taken.value,
        Some(taken) => {
            let hint = "use letters, digits, `-`, `_` and `.`".to_owned();
            fields.report(taken.span, format!("`{}` cannot be the id of a quote", taken.value), Some(hint));
            taken.value
        }
        None => {
            let hint = "add `id = \"…\"`, which `> — @id` in the text refers to".to_owned();
            fields.report(table.clone(), "a quote needs an `id`", Some(hint));
            String::new()
        }
    };
    let mut authors = names(fields, "author");
    authors.extend(names(fields, "authors"));
    let mut text = |key| fields.text(key).map_or_else(String::new, |taken| taken.value.trim().to_owned());
    let source = Attribution {
        authors,
        title: text("title"),
        url: text("url"),
        publication: text("publication"),
        archive: text("archive"),
        notes: Some(text("remark")).filter(|remark| !remark.is_empty()).into_iter().collect(),
        ..Attribution::default()
    };
    let words = text("text");
    let published = partial_date(fields, "published", dates);
    let accessed = partial_date(fields, "accessed", dates);
    let language = language(fields, "lang").unwrap_or_default();
    StoredQuote { id, source: Attribution { published, accessed, language, ..source }, text: words }
}

/// The date of a report in ISO 8601: a day, a month or a year, as in an attribution.
fn partial_date(fields: &mut Fields<'_>, key: &'static str, dates: &DateContext) -> String {
    let Some(taken) = fields.text(key) else { return String::new() };
    if let Ok(reading) = dates.reader.read(&taken.value)
        && reading.day.is_none()
    {
        return reading.iso();
    }
    match Date::read(&taken.value, dates.zone, &dates.reader) {
        Ok(read) => read.date.to_text(),
        Err(fault) => {
            fields.report(taken.span, fault.message, fault.hint);
            String::new()
        }
    }
}

fn explain_quote_key(key: &str) -> Option<String> {
    match key {
        "date" => Some("it is called `published` here".to_owned()),
        "source" | "link" => Some("it is called `url` here".to_owned()),
        "note" | "notes" | "remarks" => Some("it is called `remark` here".to_owned()),
        _ => None,
    }
}

/// `[taxonomies]` is where Zola keeps tags and categories.
fn zola_taxonomies(source: SourceText<'_>, fields: &mut Fields<'_>, front: &mut FrontMatter) {
    let Some(table) = fields.table("taxonomies") else { return };
    let mut inner = Fields::new(source, "taxonomies.", table.value, fields.diagnostics());
    front.tags.extend(names(&mut inner, "tags"));
    front.categories.extend(names(&mut inner, "categories"));
    inner.finish(Severity::Warning, |key| {
        Some(format!("there are tags and categories; `{key}` could be a tag"))
    });
}

/// What other engines call our keys.
fn explain_foreign_key(key: &str) -> Option<String> {
    let hint = match key {
        "lastmod" | "modified" | "last_modified_at" => "it is called `updated` here",
        "url" | "permalink" => "it is called `path` here",
        "language" | "locale" => "it is called `lang` here",
        "category" => "it is called `categories` here",
        "tag" | "keywords" => "it is called `tags` here",
        "layout" | "type" => "it is called `template` here",
        "redirect_from" => "it is called `aliases` here",
        "excerpt" | "subtitle" => "it is called `summary` here",
        "cover" | "thumbnail" | "featured_image" => "it is called `image` here",
        "external_url" | "external-url" => "it is called `link` here",
        "weight" | "sort_by" | "paginate_by" | "transparent" => "posts are ordered by date; leave it out",
        "params" => "put keys of your own under `[extra]`",
        _ => return None,
    };
    Some(hint.to_owned())
}
