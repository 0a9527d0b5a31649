//! Edits a back matter file: puts linkbacks into it, in order, and takes them out again.
//!
//! A file belongs to its author, who may have commented and arranged it. So it is cut into the text of its
//! entries, and only the entry that changes is written again; of that one, only the values that change. What comes
//! out is read back before it is handed over.

use toml_edit::{Datetime, Document, DocumentMut, InlineTable, Item, Table, Value};

use crate::config::{Author, Config};
use crate::date::Date;
use crate::diagnostic::Diagnostic;
use crate::hash::Hash;
use crate::linkback::address::Address;
use crate::linkback::back_matter::read;
use crate::linkback::{Linkback, LinkbackKind, Relation};
use crate::path::SourcePath;

/// A back matter file, taken apart.
pub struct BackMatterEditor<'c> {
    path: SourcePath,
    config: &'c Config,
    /// What stands before the first entry.
    head: String,
    entries: Vec<Entry>,
    /// What stands after the last one, a blank line between.
    tail: String,
}

/// An entry with the comments that stand right above it.
struct Entry {
    linkback: Linkback,
    text: String,
}

impl<'c> BackMatterEditor<'c> {
    /// Takes a file apart; an empty text is a file that is not there yet. A file with faults is not touched.
    pub fn open(path: &SourcePath, text: &str, config: &'c Config) -> Result<Self, Vec<Diagnostic>> {
        let (linkbacks, diagnostics) = read::entries(path, text, config);
        if diagnostics.iter().any(Diagnostic::is_error) {
            return Err(diagnostics);
        }
        let mut editor = Self {
            path: path.clone(),
            config,
            head: text.to_owned(),
            entries: Vec::new(),
            tail: String::new(),
        };
        if linkbacks.is_empty() && !has_list(text) {
            return Ok(editor);
        }
        let Some(cuts) = cuts(text).filter(|cuts| cuts.starts.len() == linkbacks.len()) else {
            let fault = Diagnostic::error(path.as_str(), "the linkbacks of this file stand in one list")
                .hint("write each one under a `[[linkback]]` of its own, so that others can be added");
            return Err(vec![fault]);
        };
        let ends = cuts.starts.iter().skip(1).copied().chain([cuts.end]);
        editor.entries = std::iter::zip(linkbacks, std::iter::zip(&cuts.starts, ends))
            .map(|(linkback, (&start, end))| Entry { linkback, text: text[start..end].to_owned() })
            .collect();
        editor.head.truncate(cuts.starts.first().copied().unwrap_or(text.len()));
        text[cuts.end..].trim_start_matches(['\r', '\n']).clone_into(&mut editor.tail);
        Ok(editor)
    }

    /// Puts a linkback in, or in the place of the one from the same source, whose id it then takes: links to
    /// its anchor stay whole. Returns the id.
    pub fn put(&mut self, linkback: &Linkback) -> String {
        let mut linkback = normal(linkback, self.config);
        let known = self.position(&linkback);
        match known {
            Some(at) => linkback.id.clone_from(&self.entries[at].linkback.id),
            None => {
                // Short fingerprints can be made to meet.
                while self.entries.iter().any(|entry| entry.linkback.id == linkback.id) {
                    linkback.id = Hash::of_value(&(&linkback.id, &linkback.source)).short_hex();
                }
            }
        }
        let id = linkback.id.clone();
        let entry = match known {
            Some(at) => self.entries.remove(at).changed_to(linkback),
            None => Entry::new(linkback),
        };
        self.entries.push(entry);
        id
    }

    /// Takes the linkback out that came from a page. Whether there was one.
    pub fn remove(&mut self, source: &str) -> bool {
        self.take_out(|known| known.source == source && known.kind != LinkbackKind::Comment)
    }

    /// Takes a comment out. Whether there was one.
    pub fn remove_comment(&mut self, id: &str) -> bool {
        self.take_out(|known| known.id == id && known.kind == LinkbackKind::Comment)
    }

    /// Takes linkbacks out. Answers to them stay, as answers to what these answered: other people wrote them.
    fn take_out(&mut self, is_taken: impl Fn(&Linkback) -> bool) -> bool {
        let all = std::mem::take(&mut self.entries);
        let (taken, kept): (Vec<Entry>, Vec<Entry>) =
            all.into_iter().partition(|entry| is_taken(&entry.linkback));
        self.entries = kept;
        for Entry { linkback: taken, .. } in &taken {
            let grandparent = taken.parent.clone().filter(|parent| *parent != taken.id);
            self.change_parents(|answer| {
                (answer.parent.as_ref() == Some(&taken.id)).then(|| grandparent.clone())
            });
        }
        !taken.is_empty()
    }

    /// Puts answers below other responses: those of which `change` says what they answer now.
    pub fn change_parents(&mut self, change: impl Fn(&Linkback) -> Option<Option<String>>) {
        for entry in &mut self.entries {
            if let Some(parent) = change(&entry.linkback) {
                let moved = Linkback { parent, ..entry.linkback.clone() };
                let whole = Entry { linkback: entry.linkback.clone(), text: std::mem::take(&mut entry.text) };
                *entry = whole.changed_to(moved);
            }
        }
    }

    /// The linkbacks as they stand.
    pub fn linkbacks(&self) -> impl Iterator<Item = &Linkback> {
        self.entries.iter().map(|entry| &entry.linkback)
    }

    /// The text of the file, sorted as it is read; `None` if nothing is left that a file is needed for.
    pub fn finish(mut self) -> Result<Option<String>, Vec<Diagnostic>> {
        self.entries.sort_by(|a, b| a.linkback.order().cmp(&b.linkback.order()));
        let mut text = std::mem::take(&mut self.head);
        for entry in &self.entries {
            separate(&mut text);
            text.push_str(&entry.text);
        }
        if !self.tail.is_empty() {
            separate(&mut text);
            text.push_str(&self.tail);
        }
        let text = format!("{}\n", text.trim_end());
        if text.trim().is_empty() {
            return Ok(None);
        }
        self.check(&text)?;
        Ok(Some(text))
    }

    /// What was written has to be read as it was meant.
    fn check(&self, text: &str) -> Result<(), Vec<Diagnostic>> {
        let (linkbacks, mut diagnostics) = read::parse(&self.path, text, self.config);
        diagnostics.retain(Diagnostic::is_error);
        if diagnostics.is_empty() && linkbacks.iter().ne(self.linkbacks()) {
            let fault = "editing this file would change what it says, which is a fault of backmatter";
            diagnostics
                .push(Diagnostic::error(self.path.as_str(), fault).hint("please report it with the file"));
        }
        if diagnostics.is_empty() { Ok(()) } else { Err(diagnostics) }
    }

    fn position(&self, linkback: &Linkback) -> Option<usize> {
        self.entries.iter().position(|Entry { linkback: known, .. }| match linkback.kind {
            LinkbackKind::Comment => known.id == linkback.id && known.kind == LinkbackKind::Comment,
            _ => known.kind != LinkbackKind::Comment && is_same_page(&known.source, &linkback.source),
        })
    }
}

impl Entry {
    fn new(linkback: Linkback) -> Self {
        let mut table = Table::new();
        for (key, value) in values(&linkback) {
            set(&mut table, key, value);
        }
        Self { linkback, text: format!("[[linkback]]\n{table}") }
    }

    /// The entry with other values. Values that stay keep the way they are written.
    fn changed_to(self, linkback: Linkback) -> Self {
        let Some(text) = self.edited(&linkback) else { return Self::new(linkback) };
        let is_windows = self.text.contains("\r\n");
        let text = if is_windows { text.replace("\r\n", "\n").replace('\n', "\r\n") } else { text };
        Self { linkback, text }
    }

    fn edited(&self, linkback: &Linkback) -> Option<String> {
        let mut document: DocumentMut = self.text.parse().ok()?;
        let table = document.get_mut("linkback")?.as_array_of_tables_mut()?.get_mut(0)?;
        for ((key, old), (_, new)) in std::iter::zip(values(&self.linkback), values(linkback)) {
            // An entry without an id has one that its values make, and would change with them.
            let is_named = key != "id" || table.contains_key("id");
            if !is_named || old.map(|old| old.to_string()) != new.as_ref().map(ToString::to_string) {
                set(table, key, new);
            }
        }
        Some(document.to_string())
    }
}

/// The values of an entry, in the order in which they are written.
fn values(linkback: &Linkback) -> [(&'static str, Option<Value>); 13] {
    let relation = Some(linkback.relation).filter(|relation| *relation != Relation::Mention);
    [
        ("id", filled(&linkback.id)),
        ("kind", filled(linkback.kind.name())),
        ("type", relation.and_then(|relation| filled(relation.name()))),
        ("source", filled(&linkback.source)),
        ("title", filled(&linkback.title)),
        ("site", filled(&linkback.site)),
        ("author", linkback.author.as_ref().and_then(author)),
        ("excerpt", filled(&linkback.excerpt)),
        ("content", filled(&linkback.content)),
        ("published", linkback.published.and_then(date)),
        ("received", linkback.received.and_then(date)),
        ("parent", linkback.parent.as_deref().and_then(filled)),
        ("anchor", linkback.anchor.as_deref().and_then(filled)),
    ]
}

/// A text as a value, unless it is empty.
fn filled(text: &str) -> Option<Value> {
    Some(text).filter(|text| !text.is_empty()).map(Value::from)
}

/// A name alone, or a table.
fn author(author: &Author) -> Option<Value> {
    let rest = [("url", &author.url), ("photo", &author.photo), ("email", &author.email)]
        .map(|(key, text)| (key, text.as_deref().and_then(filled)));
    let name = filled(&author.name);
    if rest.iter().all(|(_, value)| value.is_none()) {
        return name;
    }
    let mut table = InlineTable::new();
    for (key, value) in std::iter::once(("name", name)).chain(rest) {
        if let Some(value) = value {
            table.insert(key, value);
        }
    }
    Some(Value::from(table))
}

fn date(date: Date) -> Option<Value> {
    date.to_text().parse::<Datetime>().ok().map(Value::from)
}

fn set(table: &mut Table, key: &str, new: Option<Value>) {
    match (table.get_mut(key).and_then(Item::as_value_mut), new) {
        // Comments behind a value stay.
        (Some(old), Some(mut new)) => {
            *new.decor_mut() = old.decor().clone();
            *old = new;
        }
        (None, Some(new)) => {
            table.remove(key);
            table.insert(key, Item::Value(new));
        }
        (_, None) => {
            table.remove(key);
        }
    }
}

/// Where the text of a file is cut.
struct Cuts {
    /// Where each entry begins: with the comments right above its header.
    starts: Vec<usize>,
    /// Where the last entry ends.
    end: usize,
}

/// Whether a file says that it has a list of linkbacks, though it be empty.
fn has_list(text: &str) -> bool {
    Document::parse(text).is_ok_and(|document| document.as_table().contains_key("linkback"))
}

/// `None` if the linkbacks do not each stand under a header of their own.
fn cuts(text: &str) -> Option<Cuts> {
    let document = Document::parse(text).ok()?;
    let tables = document.as_table().get("linkback")?.as_array_of_tables()?;
    let starts = tables.iter().map(|table| {
        let above = table.decor().prefix().and_then(|prefix| prefix.span());
        let header = table.span()?.start;
        Some(after_blank_line(text, above.map_or(header, |above| above.start)..header))
    });
    let below = document.trailing().span().map_or(text.len(), |below| below.start);
    Some(Cuts { starts: starts.collect::<Option<_>>()?, end: end_of_comments(text, below) })
}

/// The start of the lines that follow the last blank line of a range.
fn after_blank_line(text: &str, range: std::ops::Range<usize>) -> usize {
    let mut start = range.start;
    let mut at = range.start;
    for line in text[range].split_inclusive('\n') {
        at += line.len();
        if line.trim().is_empty() && line.ends_with('\n') {
            start = at;
        }
    }
    start
}

/// Where the comments end that stand right below the last entry.
fn end_of_comments(text: &str, start: usize) -> usize {
    let lines = text[start..].split_inclusive('\n').take_while(|line| !line.trim().is_empty());
    start + lines.map(str::len).sum::<usize>()
}

/// Ends a text so that an entry can follow: with a blank line, if there is anything.
fn separate(text: &mut String) {
    if text.trim_start_matches('\u{feff}').is_empty() {
        return;
    }
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    if !text.ends_with('\n') {
        text.push_str(newline);
    }
    let last = text.trim_end_matches(['\r', '\n']).len();
    if text[last..].matches('\n').count() < 2 {
        text.push_str(newline);
    }
}

/// Whether two addresses are of one page, however they are spelt.
fn is_same_page(one: &str, other: &str) -> bool {
    let key = |address: &str| Address::parse(address).map(|address| address.key());
    one == other || key(one).is_ok_and(|one| key(other) == Ok(one))
}

/// A linkback as the reader gives it back.
fn normal(linkback: &Linkback, config: &Config) -> Linkback {
    let author = linkback.author.as_ref().map(|author| Author {
        name: trimmed(&author.name),
        url: trimmed_or_none(author.url.as_deref()),
        photo: trimmed_or_none(author.photo.as_deref()),
        email: trimmed_or_none(author.email.as_deref()),
    });
    Linkback {
        id: trimmed(&linkback.id),
        source: trimmed(&linkback.source),
        title: trimmed(&linkback.title),
        site: trimmed(&linkback.site),
        author: author.filter(|author| *author != Author::default()),
        excerpt: trimmed(&linkback.excerpt),
        content: normal_content(&linkback.content),
        published: linkback.published.and_then(|date| written_date(date, config)),
        received: linkback.received.and_then(|date| written_date(date, config)),
        parent: trimmed_or_none(linkback.parent.as_deref()),
        anchor: trimmed_or_none(linkback.anchor.as_deref()),
        ..linkback.clone()
    }
}

fn trimmed(text: &str) -> String {
    text.trim().to_owned()
}

fn trimmed_or_none(text: Option<&str>) -> Option<String> {
    text.map(trimmed).filter(|text| !text.is_empty())
}

/// A text as it is read from a file, in which white space at the start of a line has a meaning.
pub(super) fn normal_content(text: &str) -> String {
    let mut rest = text.trim_end();
    while let Some((_, after)) = rest.split_once('\n').filter(|(line, _)| line.trim().is_empty()) {
        rest = after;
    }
    rest.to_owned()
}

/// A date as it is read from a file, which has no parts of seconds.
fn written_date(date: Date, config: &Config) -> Option<Date> {
    Date::parse(&date.to_text(), config.timezone).ok()
}
