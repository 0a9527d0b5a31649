//! What the file of a folder says of the posts below it.
//!
//! `_index.md` has no page here, but in other engines it can keep the posts of its folder back: a draft of Zola's, the
//! `cascade` of Hugo's. What is hidden by it there stays hidden here.

use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::date::Date;
use crate::diagnostic::{Diagnostic, Reach};
use crate::post::front_matter::hiding_keys::{self, PostVisibility};
use crate::post::front_matter::{self, DateContext, FrontMatter};
use crate::spanned::{Fields, SourceText, Spanned, Table, Value};

/// What the file of a folder says of the posts below it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FolderRule {
    /// They are not ready.
    pub draft: bool,
    /// What hides them, as it is written, with the file.
    pub hidden: Option<String>,
    /// They are not shown before.
    pub not_before: Option<Date>,
    /// They are not shown from then on.
    pub expires: Option<Date>,
}

impl FolderRule {
    /// The rule of a file that cannot be read: the key that cannot be read may be the one that hides the posts.
    pub(crate) fn of_unreadable(path: &str) -> Self {
        Self { hidden: Some(format!("front matter that cannot be read in {path}")), ..Self::default() }
    }

    /// Whether it keeps no post back.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The front matter of a post below the folder: a rule only ever hides.
    pub fn over(&self, front: &FrontMatter) -> FrontMatter {
        FrontMatter {
            draft: front.draft || self.draft,
            hidden: front.hidden.clone().or_else(|| self.hidden.clone()),
            not_before: front.not_before.max(self.not_before),
            expires: [front.expires, self.expires].into_iter().flatten().min(),
            ..front.clone()
        }
    }

    fn add(&mut self, found: PostVisibility, file: &str) {
        self.draft |= found.draft;
        self.hidden = self.hidden.take().or_else(|| found.hidden.map(|key| format!("{key} in {file}")));
        self.not_before = self.not_before.max(found.not_before);
        self.expires = [self.expires, found.expires].into_iter().flatten().min();
    }
}

/// Reads the file of a folder.
pub(crate) fn parse(source: SourceText<'_>, config: &Config) -> (FolderRule, Vec<Diagnostic>) {
    let table = match front_matter::split(source) {
        Ok(split) => split.table,
        Err(faults) => return (FolderRule::of_unreadable(source.path), faults),
    };
    let mut faults = Vec::new();
    let mut rule = FolderRule::default();
    let mut fields = Fields::new(source, "", table, &mut faults);
    let cascade = fields.take("cascade");
    let dates = DateContext::of(None, config);
    rule.add(hiding_keys::read_of_folder(&mut fields, &dates), source.path);
    for table in tables(cascade).filter(is_for_posts) {
        let mut fields = Fields::new(source, "cascade.", table, &mut faults);
        rule.add(hiding_keys::read_for_others(&mut fields, &dates), source.path);
    }
    faults.push(remark(&rule, source.path));
    (rule, faults)
}

/// What becomes of the file and the posts of its folder.
fn remark(rule: &FolderRule, path: &str) -> Diagnostic {
    if rule.is_empty() {
        let message = "a folder has no page of its own here: the file is left out";
        let hint = "rename it to `index.md` to make it a page at the folder's address";
        return Diagnostic::warning(path, message).hint(hint);
    }
    let message = if rule.draft || rule.hidden.is_some() {
        "this file keeps back the posts of its folder where it comes from: they are not shown here either"
    } else {
        "the dates of this file hold for the posts of its folder, as where it comes from"
    };
    Diagnostic::warning(path, message).hint("take the key out to show them").reaching(Reach::Public)
}

/// What Hugo hands down: a table, or several for different pages.
fn tables(cascade: Option<Spanned<Value>>) -> impl Iterator<Item = Table> {
    let nodes = match cascade.map(|node| node.value) {
        Some(Value::List(nodes)) => nodes.into_iter().map(|node| node.value).collect(),
        Some(value) => vec![value],
        None => Vec::new(),
    };
    nodes.into_iter().filter_map(|value| match value {
        Value::Table(table) => Some(table),
        _ => None,
    })
}

/// Whether a table of a cascade can be about posts: its target may be other kinds of pages alone.
fn is_for_posts(table: &Table) -> bool {
    let target =
        table.iter().find(|(key, _)| ["target", "_target"].contains(&key.value.to_lowercase().as_str()));
    let Some((_, Spanned { value: Value::Table(target), .. })) = target else { return true };
    let kind = target.iter().find(|(key, _)| key.value.eq_ignore_ascii_case("kind"));
    match kind.map(|(_, node)| &node.value) {
        Some(Value::Text(kind)) => kind.contains("page") || kind.contains('*'),
        _ => true,
    }
}
