//! Faults of templates, with the place, the page that was being rendered, and what the same thing is
//! called now if it is from an older Tera or from another engine.

use std::collections::BTreeMap;

use tera::{Context, ErrorKind, ReportError};

use crate::diagnostic::{Diagnostic, Location};
use crate::html::fold_white_space;
use crate::nearest_name::{did_you_mean, nearest};
use crate::render::open_tag::{OpenTag, open_tags};
use crate::render::{Renderer, filters, functions};
use crate::theme::{Template, contract};

/// Why the templates cannot be compiled. Each template that is broken by itself is named.
pub(super) fn of_templates(renderer: &Renderer, error: &tera::Error) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    for (name, template) in &renderer.theme.templates {
        let mut tera = renderer.empty_tera();
        if let Err(error) = tera.add_raw_template(name, &template.text)
            && let ErrorKind::SyntaxError(report) = error.kind()
            && is_grammar(report.message())
        {
            faults.push(located(renderer, report));
        }
    }
    if faults.is_empty() {
        faults.extend(of_references(renderer, error));
    }
    if faults.is_empty() {
        faults.push(of_error(renderer, error, None));
    }
    faults
}

/// Unknown filters, functions, components and includes. Tera tells of them all at once, but only as text: reports
/// with `error: what` and ` --> template:line:column` in their first two lines.
fn of_references(renderer: &Renderer, error: &tera::Error) -> Vec<Diagnostic> {
    let ErrorKind::Msg(reports) = error.kind() else { return Vec::new() };
    let mut faults: Vec<Diagnostic> = Vec::new();
    for fault in reports.split("error: ").filter_map(|report| of_report(renderer, report)) {
        if !faults.contains(&fault) {
            faults.push(fault);
        }
    }
    faults
}

fn of_report(renderer: &Renderer, report: &str) -> Option<Diagnostic> {
    let mut lines = report.lines();
    let message = lines.next()?;
    let mut place = lines.next()?.trim().strip_prefix("--> ")?.rsplitn(3, ':');
    let column: usize = place.next()?.parse().ok()?;
    let line: usize = place.next()?.parse().ok()?;
    let name = place.next()?;
    let template = renderer.theme.templates.get(name)?;
    let block = message.contains("is not defined in any parent template").then(|| named(message)).flatten();
    if let Some(fault) = block.and_then(|block| of_missing_block(renderer, template, block)) {
        return Some(fault);
    }
    let text = template.text.lines().nth(line.checked_sub(1)?)?;
    let mark = lines.last().unwrap_or_default();
    let place =
        Location { line, column, width: mark.matches('^').count().max(1), text: text.to_owned(), skipped: 0 };
    let fault = Diagnostic::error(template.path.as_str(), lower_first(message)).placed(Some(place));
    let near = block.and_then(|block| did_you_mean(block, blocks_above(renderer, template)));
    Some(fault.maybe_hint(near.or_else(|| hint(renderer, message, None))))
}

/// A template that replaces one that others extend may lack a block that those fill: then it is the one to mend.
fn of_missing_block(renderer: &Renderer, template: &Template, block: &str) -> Option<Diagnostic> {
    let parent = parent_of(renderer, template)?;
    if layer(&parent.path) <= layer(&template.path) {
        return None;
    }
    let message = format!("there is no block `{block}`, which other templates fill");
    let hint = format!("add `{{% block {block} %}}{{% endblock {block} %}}` where it belongs");
    Some(Diagnostic::error(parent.path.as_str(), message).hint(hint))
}

/// The layers of a theme: built in, of the site's theme, of the site.
fn layer(path: &str) -> usize {
    if path.starts_with("templates/") { 2 } else { usize::from(!path.starts_with("themes/default/")) }
}

fn parent_of<'r>(renderer: &'r Renderer, template: &Template) -> Option<&'r Template> {
    renderer.theme.templates.get(contract::parent(&template.text)?)
}

/// The blocks of the templates that a template extends.
fn blocks_above<'r>(renderer: &'r Renderer, template: &Template) -> Vec<&'r str> {
    let mut blocks = Vec::new();
    let mut above = parent_of(renderer, template);
    // Parents that extend each other are a fault that is reported elsewhere; without a limit they would never end.
    for _ in 0..16 {
        let Some(parent) = above else { break };
        let words = parent.text.split("block ").skip(1);
        blocks.extend(words.filter_map(|rest| rest.split([' ', '%', '-']).next()));
        above = parent_of(renderer, parent);
    }
    blocks
}

/// A template tried alone lacks its parents, includes and components; that is not its own fault.
fn is_grammar(message: &str) -> bool {
    let lower = message.to_lowercase();
    !["component", "include", "parent", "extends"].iter().any(|word| lower.contains(word))
}

/// A page whose rendering failed.
pub(super) struct FailedPage<'a> {
    pub template: &'a str,
    /// What the user calls it.
    pub subject: &'a str,
    pub context: &'a Context,
}

/// Why a page could not be rendered.
pub(super) fn of_render(renderer: &Renderer, error: &tera::Error, page: &FailedPage<'_>) -> Diagnostic {
    let mut fault = of_error(renderer, error, Some(page.template));
    if let Some((message, variables)) = fault.message.split_once("Available variables: ")
        && let Some(name) = named(message).filter(|name| history(name).is_none())
        && let Some(nearest) = nearest_variable(name, variables, page.context)
    {
        fault.hint = Some(format!("did you mean `{nearest}`?"));
    }
    fault.message = format!("{}, while rendering {}", fault.message, page.subject);
    fault
}

/// The variable, or the field of the page or its post, that an unknown name was meant for.
fn nearest_variable(name: &str, variables: &str, context: &Context) -> Option<String> {
    let variables: Vec<&str> = variables.split([',', ' ']).filter(|variable| !variable.is_empty()).collect();
    let mut by_name: BTreeMap<String, String> =
        variables.iter().map(|variable| ((*variable).to_owned(), (*variable).to_owned())).collect();
    // A card or a partial does not see the page.
    for view in ["page", "post"].into_iter().filter(|view| variables.contains(view)) {
        let fields = context.get(view).and_then(tera::Value::as_map).into_iter().flatten();
        for field in fields.filter_map(|(key, _)| key.as_str()) {
            by_name.entry(field.to_owned()).or_insert_with(|| format!("{view}.{field}"));
        }
    }
    let nearest = nearest(name, by_name.keys().map(String::as_str))?;
    by_name.get(nearest).cloned()
}

fn of_error(renderer: &Renderer, error: &tera::Error, template: Option<&str>) -> Diagnostic {
    match error.kind() {
        ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => located(renderer, report),
        ErrorKind::MissingParent { current, parent } => {
            let names = renderer.theme.templates.keys().map(String::as_str);
            let message = format!("there is no template `{parent}` to extend");
            Diagnostic::error(path_of(renderer, current), message).maybe_hint(did_you_mean(parent, names))
        }
        other => {
            let path = path_of(renderer, template.unwrap_or("templates"));
            Diagnostic::error(path, lower_first(&other.to_string()))
        }
    }
}

fn located(renderer: &Renderer, report: &ReportError) -> Diagnostic {
    let name = report.filename();
    if let Some(template) = renderer.theme.templates.get(name)
        && let Some(fault) = of_open_tags(template, report)
    {
        return fault;
    }
    let message = in_plain_words(&lower_first(report.message().trim_end_matches('.')));
    let word = word_at(renderer, report);
    let hint = hint(renderer, report.message(), tag_before(renderer, report))
        .or_else(|| history(word?).map(str::to_owned));
    let fault = Diagnostic::error(path_of(renderer, name), message).maybe_hint(hint);
    let Some(template) = renderer.theme.templates.get(name) else { return fault };
    let line = template.text.lines().nth(report.span().start_line.saturating_sub(1)).unwrap_or_default();
    let span = report.span();
    let width =
        if span.end_line == span.start_line { span.end_col.saturating_sub(span.start_col) } else { 1 };
    fault.placed(Some(Location {
        line: span.start_line,
        column: span.start_col + 1,
        width: width.max(1),
        text: line.to_owned(),
        skipped: 0,
    }))
}

/// A tag that is closed in the wrong place, or nowhere.
fn of_open_tags(template: &Template, report: &ReportError) -> Option<Diagnostic> {
    let text = &template.text;
    let message = report.message().to_lowercase();
    let at = report.span().range.start.min(text.len());
    if message.starts_with("unexpected end of input") {
        let open = open_tags(text, text.len()).pop()?;
        let fault =
            Diagnostic::error(template.path.as_str(), format!("`{}` is not closed", one_line(text, &open)));
        return Some(fault.at(text, open.range.clone()).hint(format!("add `{}`", open.end())));
    }
    if !message.starts_with("unknown tag") {
        return None;
    }
    let start = text[..at].rfind("{%")?;
    let end = start + text[start..].find("%}")? + 2;
    let tag = text[start + 2..end - 2].trim_matches(['-', ' ', '\n', '\t', '\r']);
    let word = tag.split_whitespace().next()?;
    let begin = word.strip_prefix("end").or_else(|| ["else", "elif"].contains(&word).then_some("if"))?;
    let mut open_tags = open_tags(text, start);
    let has_begun = begin == "block"
        || open_tags.iter().any(|open| open.name == begin || (word == "else" && open.name == "for"));
    let (message, hint) = match open_tags.pop().filter(|_| has_begun) {
        Some(open) => {
            let line = text[..open.range.start].matches('\n').count() + 1;
            (
                format!(
                    "`{{% {tag} %}}` stands where `{}` of line {line} is still open",
                    one_line(text, &open)
                ),
                format!("write `{}` before it", open.end()),
            )
        }
        None => (
            format!("`{{% {tag} %}}` has no `{{% {begin} … %}}` before it"),
            "remove it, or write the tag that it belongs to".to_owned(),
        ),
    };
    let fault = Diagnostic::error(template.path.as_str(), message);
    Some(fault.at(text, start..end).hint(hint))
}

fn one_line(text: &str, tag: &OpenTag<'_>) -> String {
    fold_white_space(&text[tag.range.clone()])
}

/// A message with plain words for the names of types: `usize` is "a whole number, 0 or more".
fn in_plain_words(message: &str) -> String {
    const TYPES: [(&str, &str); 17] = [
        ("usize", "a whole number, 0 or more"),
        ("u64", "a whole number, 0 or more"),
        ("u32", "a whole number, 0 or more"),
        ("i64", "a number"),
        ("i128", "a number"),
        ("u128", "a number"),
        ("f64", "a number"),
        ("integer", "a number"),
        ("float", "a number"),
        ("&str", "text"),
        ("string", "text"),
        ("String", "text"),
        ("bool", "true or false"),
        ("array", "a list"),
        ("map", "a table of values"),
        ("undefined", "nothing"),
        ("none", "nothing"),
    ];
    let speaks_of_types =
        ["invalid type", "out of range", "expected", "operands", "cannot compare", "found `"];
    if !speaks_of_types.iter().any(|words| message.contains(words)) {
        return message.to_owned();
    }
    let plain = TYPES
        .iter()
        .fold(message.to_owned(), |message, (name, words)| message.replace(&format!("`{name}`"), words));
    let plain = plain.replace("invalid type for the value, expected ", "this has to be ");
    let plain = plain.replace(" but got ", ", and is ");
    let plain = plain.replace("is out of range for ", "is out of range: this has to be ");
    plain.replace("one of: integer, float, string, bool, ident,", "one of: a number, text, a name,")
}

/// The word a report points at: the name of an unknown tag is not in its message.
fn word_at<'r>(renderer: &'r Renderer, report: &ReportError) -> Option<&'r str> {
    let text = &renderer.theme.templates.get(report.filename())?.text;
    let rest = text.get(report.span().range.start..)?;
    let rest = rest.trim_start_matches(['{', '%', '-', ' ']);
    rest.split(|c: char| !c.is_alphanumeric() && c != '_').next()
}

/// The name of the tag that a report points into.
fn tag_before<'r>(renderer: &'r Renderer, report: &ReportError) -> Option<&'r str> {
    let text = &renderer.theme.templates.get(report.filename())?.text;
    let before = text.get(..report.span().range.start)?;
    let tag = &before[before.rfind("{%")? + 2..];
    tag.trim_start_matches(['-', ' ']).split_whitespace().next()
}

fn path_of(renderer: &Renderer, template: &str) -> String {
    match renderer.theme.templates.get(template) {
        Some(template) => template.path.clone(),
        None => template.to_owned(),
    }
}

/// What is named first in backticks or quotes.
fn named(message: &str) -> Option<&str> {
    let start = message.find(['`', '\''])? + 1;
    let end = message[start..].find(['`', '\''])? + start;
    Some(&message[start..end])
}

fn hint(renderer: &Renderer, message: &str, word: Option<&str>) -> Option<String> {
    let lower = message.to_lowercase();
    if word == Some("else") && lower.contains("but expected %}") {
        return Some("write `{% elif … %}` for `else if`".to_owned());
    }
    if let Some(sign) = ["}}", "%}"].iter().find(|sign| lower.contains(&format!("but expected {sign}"))) {
        let open = if *sign == "}}" { "{{" } else { "{%" };
        return Some(format!("the `{open}` before it is not closed: write `{sign}` behind its last word"));
    }
    let name = named(message)?;
    let is_unknown = ["unknown", "not defined", "undefined", "not found", "doesn't exist"]
        .iter()
        .any(|word| lower.contains(word));
    if !is_unknown {
        return None;
    }
    if let Some((_, fields)) = message.split_once("Available fields: ") {
        return did_you_mean(name, fields.split([',', ' ']).filter(|field| !field.is_empty()));
    }
    if let Some(hint) = history(name) {
        return Some(hint.to_owned());
    }
    if lower.contains("filter") {
        return did_you_mean(name, filters::NAMES.into_iter().chain(TERA_FILTERS));
    }
    if lower.contains("function") {
        return did_you_mean(name, functions::FUNCTIONS.iter().map(|(name, _)| *name));
    }
    if lower.contains("template") || lower.contains("include") {
        return did_you_mean(name, renderer.theme.templates.keys().map(String::as_str));
    }
    let (_, variables) = message.split_once("Available variables: ")?;
    did_you_mean(name, variables.split([',', ' ']).filter(|variable| !variable.is_empty()))
}

/// Filters of Tera's own that people reach for.
const TERA_FILTERS: [&str; 22] = [
    "abs",
    "capitalize",
    "default",
    "escape",
    "first",
    "float",
    "get",
    "group_by",
    "indent",
    "int",
    "join",
    "last",
    "length",
    "lower",
    "nth",
    "replace",
    "reverse",
    "safe",
    "sort",
    "str",
    "title",
    "upper",
];

/// What older versions of Tera and other engines wrote, and what to write here.
fn history(name: &str) -> Option<&'static str> {
    Some(match name {
        "macro" | "endmacro" => {
            "Tera 2 has components instead: `{% component card(title: string) %}…{% endcomponent card %}`, used as `{{ <card title={x}/> }}`"
        }
        "import" => "components need no import in Tera 2; they are known in all templates",
        "spaceless" => "`spaceless` is gone in Tera 2; write `{%- … -%}`",
        "concat" => "`concat` is gone in Tera 2; write `[...list, item]`",
        "slice" => "`slice` is gone in Tera 2; write `list[start:end]`",
        "map" => "`map` is gone in Tera 2; write `[x.name for x in list]`",
        "get_env" => "a build depends on no environment; put the value under `[extra]` in the settings",
        "now" => "a build depends on no clock; the moment of a build is given by `--now`",
        "get_random" => "a build gives the same bytes every time; there is nothing random",
        "get_page" => "write `post(path=\"content/…\")`",
        "get_section" => "write `recent_posts(n=…)`, `tags()`, `categories()` or `years()`",
        "get_taxonomy" | "get_taxonomy_url" | "get_taxonomy_term" => {
            "write `tags()`, `categories()` or `series()`"
        }
        "get_url" => {
            "write `asset(path=\"/style.css\")` for a file and `url_of(path=\"content/…\")` for a post"
        }
        "trans" => "write `t(key=\"…\")`",
        "load_data" => {
            "templates read no files; put the values under `[extra]` in the settings or the front matter"
        }
        "config" => "it is called `site` here, and `config.extra` is `site.extra`",
        "section" => "there are no sections here: lists have `posts` and `pager`",
        "paginator" => "it is called `pager` here, and its posts are `posts`",
        "current_url" => "it is called `page.permalink` here",
        "current_path" => "it is called `page.url` here",
        "lang" => "it is called `page.language` here",
        "markdown" => "bodies are Markdown already; write `{{ content }}`",
        "striptags" | "linebreaksbr" | "slugify" => {
            "write `slug` for addresses; views hold plain text and HTML in fields of their own"
        }
        _ => return None,
    })
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}
