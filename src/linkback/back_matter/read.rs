//! Reads a back matter file.

use crate::config::{Author, Config, author_fields};
use crate::date::reader::DateReader;
use crate::diagnostic::{Diagnostic, Severity, did_you_mean};
use crate::hash::Hash;
use crate::linkback::{Linkback, LinkbackKind, Relation};
use crate::path::SourcePath;
use crate::spanned::{self, Fields, SourceText, Spanned, Table, Value};

/// Reads a back matter file: its linkbacks, oldest first, and its faults.
pub fn parse(path: &SourcePath, text: &str, config: &Config) -> (Vec<Linkback>, Vec<Diagnostic>) {
    let (mut linkbacks, diagnostics) = entries(path, text, config);
    linkbacks.sort_by(|a, b| a.order().cmp(&b.order()));
    (linkbacks, diagnostics)
}

/// The linkbacks of a file in the order in which they are written, and its faults.
pub(super) fn entries(path: &SourcePath, text: &str, config: &Config) -> (Vec<Linkback>, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let source = SourceText { path: path.as_str(), text };
    let table = match spanned::toml(text, 0) {
        Ok(table) => table,
        Err(errors) => {
            let faults = errors
                .into_iter()
                .map(|error| Diagnostic::error(path.as_str(), error.message).at(text, error.span));
            return (Vec::new(), faults.collect());
        }
    };
    let mut fields = Fields::new(source, "", table, &mut diagnostics);
    let mut linkbacks: Vec<Linkback> = Vec::new();
    for entry in fields.tables("linkback") {
        let span = entry.span.clone();
        let Some(linkback) = linkback(source, entry, config, fields.diagnostics()) else { continue };
        if linkbacks.iter().any(|known| known.id == linkback.id) {
            fields.report(span, format!("two linkbacks have the id `{}`", linkback.id), None);
        } else {
            linkbacks.push(linkback);
        }
    }
    fields.finish(Severity::Error, |_| Some("linkbacks stand under `[[linkback]]`".to_owned()));
    (linkbacks, diagnostics)
}

fn linkback(
    source: SourceText<'_>,
    entry: Spanned<Table>,
    config: &Config,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Linkback> {
    let mut fields = Fields::new(source, "linkback.", entry.value, diagnostics);
    let has_kind = fields.has("kind");
    let kind = one_of(&mut fields, "kind", &LinkbackKind::ALL);
    let relation = one_of(&mut fields, "type", &Relation::ALL);
    let author = fields.take("author").and_then(|node| author(source, node, &mut fields));
    let [id, url, title, site, excerpt, parent] =
        ["id", "source", "title", "site", "excerpt", "parent"].map(|key| text(&mut fields, key));
    let dates = DateReader::of(&config.language);
    let [published, received] =
        ["published", "received"].map(|key| fields.date(key, config.timezone, &dates));
    if !has_kind {
        let hint = "add `kind = \"pingback\"`, `\"trackback\"`, `\"webmention\"` or `\"comment\"`".to_owned();
        fields.report(entry.span.clone(), "a linkback needs a `kind`", Some(hint));
    }
    if kind.is_some_and(|kind| kind != LinkbackKind::Comment) && url.is_empty() {
        let hint = "add `source = \"https://…\"`, the page that links here".to_owned();
        fields.report(entry.span, "a linkback needs a `source`", Some(hint));
    }
    fields.finish(Severity::Error, |_| None);
    let kind = kind?;
    let id = if id.is_empty() {
        let name = author.as_ref().map(|author| author.name.as_str());
        let when = received.or(published).map(|date| date.to_text());
        Hash::of_value(&(&url, name, when, &excerpt)).short_hex()
    } else {
        id
    };
    Some(Linkback {
        id,
        kind,
        relation: relation.unwrap_or(Relation::Mention),
        source: url,
        title,
        site,
        author,
        excerpt,
        published,
        received,
        parent: Some(parent).filter(|parent| !parent.is_empty()),
    })
}

/// The text of a key without white space around it; empty if there is none.
pub(in crate::linkback) fn text(fields: &mut Fields<'_>, key: &'static str) -> String {
    fields.text(key).map_or_else(String::new, |taken| taken.value.trim().to_owned())
}

/// The value of a key that takes one of a few names.
pub(in crate::linkback) fn one_of<T: Copy>(
    fields: &mut Fields<'_>,
    key: &'static str,
    all: &[(&'static str, T)],
) -> Option<T> {
    let taken = fields.text(key)?;
    let found = all.iter().find(|(name, _)| *name == taken.value).map(|(_, value)| *value);
    if found.is_none() {
        let names: Vec<_> = all.iter().map(|(name, _)| *name).collect();
        let hint = did_you_mean(&taken.value, names.iter().copied())
            .unwrap_or_else(|| format!("write {}", alternatives(&names)));
        fields.report(taken.span, format!("there is no {key} `{}`", taken.value), Some(hint));
    }
    found
}

/// ``"pingback"`, `"trackback"` or `"webmention"``, as they are typed.
fn alternatives(names: &[&str]) -> String {
    let typed: Vec<String> = names.iter().map(|name| format!("`\"{name}\"`")).collect();
    match typed.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        typed => typed.concat(),
    }
}

fn author(source: SourceText<'_>, node: Spanned<Value>, fields: &mut Fields<'_>) -> Option<Author> {
    match node.value {
        Value::Text(name) if name.trim().is_empty() => None,
        Value::Text(name) => Some(Author { name: name.trim().to_owned(), ..Author::default() }),
        Value::Table(table) => {
            let mut inner = Fields::new(source, "linkback.author.", table, fields.diagnostics());
            let author = author_fields(&mut inner);
            inner.finish(Severity::Error, |_| None);
            Some(author)
        }
        _ => {
            fields.report(node.span, "`author` is a name, or a table with `name` and `url`", None);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<Linkback>, Vec<String>) {
        let (config, _) = Config::parse("base_url = 'https://e.org'");
        let path = SourcePath::new("content/a.backmatter.toml").unwrap();
        let (linkbacks, diagnostics) = parse(&path, text, &config);
        (linkbacks, diagnostics.into_iter().map(|d| d.message).collect())
    }

    #[test]
    fn a_file_is_read_oldest_first() {
        let (linkbacks, faults) = read(
            "[[linkback]]\nkind = 'webmention'\ntype = 'like'\nsource = 'https://b.example/'\nreceived = 2016-12-19T10:00:00Z\n\
             [[linkback]]\nkind = 'pingback'\nsource = 'https://a.example/'\nreceived = 2016-12-18T22:32:00Z\nauthor = {name = 'Ann'}\n",
        );
        assert_eq!(faults, Vec::<String>::new());
        let sources: Vec<_> = linkbacks.iter().map(|l| (l.source.as_str(), l.relation)).collect();
        assert_eq!(
            sources,
            [("https://a.example/", Relation::Mention), ("https://b.example/", Relation::Like)]
        );
    }

    #[test]
    fn faults_are_named() {
        let (_, faults) = read("[[linkback]]\nkind = 'pingbak'\nsorce = 'x'\n[[links]]\na = 1\n");
        assert_eq!(
            faults,
            ["there is no kind `pingbak`", "unknown key `linkback.sorce`", "unknown key `links`"]
        );
    }
}
