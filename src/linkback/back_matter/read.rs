//! Reads a back matter file.

use std::collections::HashMap;
use std::ops::Range;

use crate::config::{Author, Config, author_fields};
use crate::date::reader::DateReader;
use crate::diagnostic::{Diagnostic, Location, Severity};
use crate::hash::Hash;
use crate::linkback::address::{Address, AddressError};
use crate::linkback::back_matter::edit::normal_content;
use crate::linkback::thread::{ThreadEntry, ThreadFault, threads};
use crate::linkback::{ANCHOR_PREFIX, Linkback, LinkbackKind, Relation};
use crate::nearest_name::{MOST_HINTS, did_you_mean};
use crate::path::{SourcePath, has_scheme};
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
    let mut list = EntryList { source, entries: Vec::new(), by_id: HashMap::new() };
    for node in fields.tables("linkback") {
        if let Some(entry) = entry(source, node, config, fields.diagnostics()) {
            list.add(entry, fields.diagnostics());
        }
    }
    list.diagnose_threads(fields.diagnostics());
    list.diagnose_anchors(fields.diagnostics());
    fields.finish(Severity::Error, |_| Some("linkbacks stand under `[[linkback]]`".to_owned()));
    (list.entries.into_iter().map(|entry| entry.linkback).collect(), diagnostics)
}

/// A linkback, and where the parts stand that only the whole file can judge.
struct SpannedLinkback {
    linkback: Linkback,
    span: Range<usize>,
    /// Where its id is written, if it is.
    id: Option<Range<usize>>,
    parent: Range<usize>,
    anchor: Range<usize>,
}

/// The linkbacks of a file, each with an id of its own.
struct EntryList<'t> {
    source: SourceText<'t>,
    entries: Vec<SpannedLinkback>,
    by_id: HashMap<String, usize>,
}

impl EntryList<'_> {
    fn add(&mut self, entry: SpannedLinkback, diagnostics: &mut Vec<Diagnostic>) {
        let Some(&first) = self.by_id.get(&entry.linkback.id) else {
            self.by_id.insert(entry.linkback.id.clone(), self.entries.len());
            self.entries.push(entry);
            return;
        };
        let line = self.line(&self.entries[first].span);
        let (span, message, hint) = match entry.id {
            Some(span) => (
                span,
                format!("two linkbacks have the id `{}`", entry.linkback.id),
                format!("the other one stands in line {line}; give one of them another id"),
            ),
            None if entry.linkback.source.is_empty() => (
                entry.span,
                "this comment stands here twice".to_owned(),
                format!("it stands in line {line} as well; remove one, or give each an `id`"),
            ),
            None => (
                entry.span,
                format!("the linkback from `{}` stands here twice", entry.linkback.source),
                format!("it stands in line {line} as well; remove one, or give each an `id`"),
            ),
        };
        diagnostics.push(self.error(span, message).hint(hint));
    }

    /// Warns of each `parent` that has no effect. Not an error: what is withdrawn may have been answered.
    fn diagnose_threads(&self, diagnostics: &mut Vec<Diagnostic>) {
        let linkbacks: Vec<&Linkback> = self.entries.iter().map(|entry| &entry.linkback).collect();
        let mut hints = 0;
        for ThreadEntry { index, fault, .. } in threads(&linkbacks) {
            let Some(fault) = fault else { continue };
            let entry = &self.entries[index];
            let id = entry.linkback.parent.as_deref().unwrap_or_default();
            let usual =
                "it is printed as an answer to the post; write the id of the response that it answers";
            let (message, hint) = match fault {
                ThreadFault::Unknown => {
                    hints += 1;
                    let ids = linkbacks.iter().map(|linkback| linkback.id.as_str());
                    let nearest = if hints <= MOST_HINTS { did_you_mean(id, ids) } else { None };
                    (format!("no linkback of this file has the id `{id}`"), nearest)
                }
                ThreadFault::Own => (format!("the linkback `{id}` is its own `parent`"), None),
                ThreadFault::Circular => {
                    (format!("`{id}` answers this linkback, which answers `{id}`"), None)
                }
            };
            let warning = Diagnostic::warning(self.source.path, message)
                .at(self.source.text, entry.parent.clone())
                .hint(hint.unwrap_or_else(|| usual.to_owned()));
            diagnostics.push(warning);
        }
    }

    /// Reports anchors that lead nowhere, or to two places.
    fn diagnose_anchors(&self, diagnostics: &mut Vec<Diagnostic>) {
        let mut known: HashMap<&str, &SpannedLinkback> = HashMap::new();
        for entry in &self.entries {
            let Some(anchor) = entry.linkback.anchor.as_deref() else { continue };
            let fault = if anchor.contains(char::is_whitespace) || anchor.starts_with('#') {
                let hint = "write what stands behind the `#` of an address, such as `comment-201`";
                Some(self.error(entry.anchor.clone(), format!("`{anchor}` is not an anchor")).hint(hint))
            } else if anchor.starts_with('_') || anchor.starts_with(ANCHOR_PREFIX) {
                let message = format!("`{anchor}` is an anchor of Backmatter's own");
                let hint = format!("write one that begins neither with `_` nor with `{ANCHOR_PREFIX}`");
                Some(self.error(entry.anchor.clone(), message).hint(hint))
            } else if let Some(first) = known.insert(anchor, entry) {
                let line = self.line(&first.anchor);
                let message = format!("two linkbacks have the anchor `{anchor}`");
                Some(
                    self.error(entry.anchor.clone(), message)
                        .hint(format!("the other one is in line {line}")),
                )
            } else {
                None
            };
            diagnostics.extend(fault);
        }
    }

    fn error(&self, span: Range<usize>, message: String) -> Diagnostic {
        Diagnostic::error(self.source.path, message).at(self.source.text, span)
    }

    fn line(&self, span: &Range<usize>) -> usize {
        Location::of(self.source.text, span.clone()).line
    }
}

fn entry(
    source: SourceText<'_>,
    entry: Spanned<Table>,
    config: &Config,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<SpannedLinkback> {
    let mut fields = Fields::new(source, "linkback.", entry.value, diagnostics);
    let span = entry.span;
    let kind = kind(&mut fields, &span);
    let relation = one_of(&mut fields, "type", &Relation::ALL);
    let author = fields.take("author").and_then(|node| author(source, node, &mut fields));
    let url = source_of(&mut fields);
    let [title, site, excerpt] = ["title", "site", "excerpt"].map(|key| text(&mut fields, key));
    let content = fields.text("content").map_or_else(String::new, |taken| normal_content(&taken.value));
    let [id, parent, anchor] = ["id", "parent", "anchor"].map(|key| named(&mut fields, key));
    let dates = DateReader::of(&config.language);
    let [published, received] =
        ["published", "received"].map(|key| fields.date(key, config.timezone, &dates));
    if kind.is_some_and(|kind| kind != LinkbackKind::Comment) && url.is_none() {
        let hint = "add `source = \"https://…\"`, the page that links here".to_owned();
        fields.report(span.clone(), "a linkback needs a `source`", Some(hint));
    }
    fields.finish(Severity::Error, |_| None);
    let place = |named: &Option<Spanned<String>>| named.as_ref().map(|named| named.span.clone());
    let spans = [place(&id), place(&parent), place(&anchor)];
    let url = url.unwrap_or_default();
    let id = id.map_or_else(
        || {
            let name = author.as_ref().map(|author| author.name.as_str());
            let when = received.or(published).map(|date| date.to_text());
            let words = if excerpt.is_empty() { &content } else { &excerpt };
            Hash::of_value(&(&url, name, when, words)).short_hex()
        },
        |id| id.value,
    );
    let linkback = Linkback {
        id,
        kind: kind?,
        relation: relation.unwrap_or(Relation::Mention),
        source: url,
        title,
        site,
        author,
        excerpt,
        content,
        published,
        received,
        parent: parent.map(|parent| parent.value),
        anchor: anchor.map(|anchor| anchor.value),
    };
    let [id, parent, anchor] = spans;
    let [parent, anchor] = [parent, anchor].map(Option::unwrap_or_default);
    Some(SpannedLinkback { linkback, span, id, parent, anchor })
}

fn kind(fields: &mut Fields<'_>, entry: &Range<usize>) -> Option<LinkbackKind> {
    if !fields.has("kind") {
        let hint = "add `kind = \"pingback\"`, `\"trackback\"`, `\"webmention\"` or `\"comment\"`".to_owned();
        fields.report(entry.clone(), "a linkback needs a `kind`", Some(hint));
    }
    one_of(fields, "kind", &LinkbackKind::ALL)
}

/// The source of a linkback. One that is not an address of the web is reported, and is kept as it is written.
fn source_of(fields: &mut Fields<'_>) -> Option<String> {
    let taken = named(fields, "source")?;
    if let Err(fault) = Address::parse(&taken.value) {
        let hint = match fault {
            AddressError::NotAbsolute if !has_scheme(&taken.value) => {
                format!("write all of it: `https://{}`", taken.value.trim_start_matches('/'))
            }
            _ => "write the address of the page that links here: `https://…`".to_owned(),
        };
        fields.report(taken.span, format!("`source`: {fault}"), Some(hint));
    }
    Some(taken.value)
}

/// The text of a key without white space around it, if there is any.
fn named(fields: &mut Fields<'_>, key: &'static str) -> Option<Spanned<String>> {
    let taken = fields.text(key)?;
    let value = taken.value.trim().to_owned();
    (!value.is_empty()).then_some(Spanned { value, span: taken.span })
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

/// Warns of an address that no page can link to. It is kept as it is written, and not printed.
fn check_web_address(fields: &mut Fields<'_>, key: &'static str) {
    let Some(node) = fields.take(key) else { return };
    if let Value::Text(written) = &node.value
        && !written.trim().is_empty()
        && let Err(fault) = Address::parse(written)
    {
        let hint = match fault {
            AddressError::NotAbsolute if !has_scheme(written) => {
                format!("write all of it: `https://{}`", written.trim().trim_start_matches('/'))
            }
            _ => "write an address of the web: `https://…`".to_owned(),
        };
        let message = format!("`author.{key}` is not linked to: {fault}");
        fields.warn(node.span.clone(), message, Some(hint));
    }
    fields.put_back(key, Some(node));
}

fn author(source: SourceText<'_>, node: Spanned<Value>, fields: &mut Fields<'_>) -> Option<Author> {
    match node.value {
        Value::Text(name) if name.trim().is_empty() => None,
        Value::Text(name) => Some(Author { name: name.trim().to_owned(), ..Author::default() }),
        Value::Table(table) => {
            let mut inner = Fields::new(source, "linkback.author.", table, fields.diagnostics());
            for key in ["url", "photo"] {
                check_web_address(&mut inner, key);
            }
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
    fn whom_an_entry_answers_is_checked() {
        let entry = |id: &str, parent: &str| {
            format!("[[linkback]]\nkind = 'comment'\nid = '{id}'\nparent = '{parent}'\n")
        };
        let list = [
            entry("one", ""),
            entry("two", "oen"),
            entry("three", "three"),
            entry("a", "b"),
            entry("b", "a"),
        ];
        let (linkbacks, faults) = read(&list.concat());
        assert_eq!(linkbacks.len(), 5);
        assert_eq!(
            faults,
            [
                "no linkback of this file has the id `oen`",
                "the linkback `three` is its own `parent`",
                "`b` answers this linkback, which answers `b`"
            ]
        );
    }

    #[test]
    fn what_stands_twice_is_named_by_its_lines() {
        let (config, _) = Config::parse("base_url = 'https://e.org'");
        let path = SourcePath::new("content/a.backmatter.toml").unwrap();
        let twice = "[[linkback]]\nkind = 'pingback'\nsource = 'https://a.example/'\n".repeat(2);
        let (_, diagnostics) = parse(&path, &twice, &config);
        let fault = &diagnostics[0];
        assert_eq!(fault.message, "the linkback from `https://a.example/` stands here twice");
        assert_eq!(fault.place.as_ref().map(|place| place.line), Some(4));
        assert_eq!(
            fault.hint.as_deref(),
            Some("it stands in line 1 as well; remove one, or give each an `id`")
        );
    }

    #[test]
    fn sources_and_anchors_are_checked() {
        let faults = |lines: &str| read(&format!("[[linkback]]\nkind = 'webmention'\n{lines}\n")).1;
        assert_eq!(faults("source = 'a.example/1'"), ["`source`: an address is not absolute"]);
        assert_eq!(
            faults("source = 'javascript:x'\ntitle = 'x'"),
            ["`source`: an address is neither http nor https"]
        );
        assert_eq!(
            faults("source = 'https://me:x@a.example/'"),
            ["`source`: an address has a name or password in it"]
        );
        let author = |fields: &str| faults(&format!("source = 'https://a.example/'\nauthor = {{{fields}}}"));
        assert_eq!(author("name = 'A', url = 'https://a.example/', photo = ''"), Vec::<String>::new());
        assert_eq!(
            author("name = 'A', url = 'a.example', photo = 'javascript:x'"),
            [
                "`author.url` is not linked to: an address is not absolute",
                "`author.photo` is not linked to: an address is neither http nor https"
            ]
        );
        let anchor = |anchor: &str| faults(&format!("source = 'https://a.example/'\nanchor = '{anchor}'"));
        assert_eq!(anchor("comment-201"), Vec::<String>::new());
        assert_eq!(anchor("#comment-201"), ["`#comment-201` is not an anchor"]);
        assert_eq!(anchor("linkback-1"), ["`linkback-1` is an anchor of Backmatter's own"]);
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
