//! Writes what was approved into the back matter files of the site, and removes what no longer is.
//!
//! The database knows what was decided and what was written; [`write()`] does what the two differ in. So nothing is lost
//! when a file cannot be written, or the machine stops between a decision and its file: the next call does it. What an
//! author changes or deletes in a file by hand is not undone, as only differences are changes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use crate::config::Config;
use crate::date::Date;
use crate::diagnostic::Diagnostic;
use crate::engine;
use crate::error::{Error, Result};
use crate::hash::Hash;
use crate::linkback::back_matter::edit::BackMatterEditor;
use crate::linkback::inbox::state::InboxItem;
use crate::linkback::{Linkback, LinkbackKind, back_matter};
use crate::path::SourcePath;
use crate::receive::queue::applied::PendingEdit;
use crate::receive::queue::store::LinkbackStore;
use crate::scan;
use crate::sys::atomic_file;
use crate::sys::lock::FileLock;

/// What was changes.
#[derive(Debug, Default)]
pub struct BackMatterChanges {
    /// Posts whose back matter changed.
    pub posts: BTreeSet<SourcePath>,
    /// Linkbacks that stand in a file now, or no longer do.
    pub items: Vec<InboxItem>,
    /// Why some could not be changes. They stay approved, and are tried again.
    pub faults: Vec<Diagnostic>,
}

/// Brings the back matter files of a site up to what was decided. `post_of` finds the post of a linkback where it is
/// now.
pub fn write(
    store: &mut LinkbackStore,
    root: &Path,
    config: &Config,
    post_of: &dyn Fn(&InboxItem) -> Option<SourcePath>,
) -> Result<BackMatterChanges> {
    // Two processes that edit one file would undo each other.
    let _lock = FileLock::take(&engine::state(root)?.join("back-matter.lock"))?;
    let mut changes = BackMatterChanges::default();
    let mut by_post: BTreeMap<SourcePath, Vec<Edit>> = BTreeMap::new();
    for pending in store.pending_edits()? {
        let post = post_of(&pending.item);
        if post.is_none() && pending.is_wanted() {
            changes.faults.push(no_post(&pending.item));
            continue;
        }
        for (post, edit) in edits(&pending, post) {
            by_post.entry(post).or_default().push(edit);
        }
    }
    let mut failed: BTreeSet<i64> = BTreeSet::new();
    let mut done: BTreeMap<i64, (InboxItem, Option<String>)> = BTreeMap::new();
    let answered = if by_post.is_empty() { AnsweredIds::default() } else { answered_ids(store)? };
    for (post, edits) in by_post {
        match edit_file(root, &post, &edits, &answered, config) {
            Ok(true) => drop(changes.posts.insert(post.clone())),
            Ok(false) => {}
            Err(faults) => {
                failed.extend(edits.iter().map(|edit| edit.item.id));
                changes.faults.extend(faults);
            }
        }
        for Edit { item, action } in edits {
            let place = (action == Action::Put).then(|| post.to_string());
            // A linkback whose post has moved is removed from one file and put into another: the place it is in counts.
            let known = done.entry(item.id).or_insert_with(|| (item, None));
            known.1 = place.or(known.1.take());
        }
    }
    let done: Vec<_> = done.into_values().filter(|(item, _)| !failed.contains(&item.id)).collect();
    store.mark_written(&done)?;
    changes.items = done.into_iter().map(|(item, _)| item).collect();
    Ok(changes)
}

/// A change of one file.
struct Edit {
    item: InboxItem,
    action: Action,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Put,
    Remove,
}

impl Edit {
    /// What is put into the file; `None` if the linkback is removed from it.
    fn words_to_put(&self, config: &Config) -> Option<Linkback> {
        (self.action == Action::Put).then(|| linkback_of(&self.item, config)).flatten()
    }
}

/// What has to change for a linkback. One whose post has moved leaves the file it was in, if that was left behind.
fn edits(pending: &PendingEdit, post: Option<SourcePath>) -> Vec<(SourcePath, Edit)> {
    let was_in = pending.was_in.as_deref().and_then(SourcePath::new);
    let left = was_in.filter(|old| !pending.is_wanted() || post.as_ref() != Some(old));
    let action = if pending.is_wanted() { Action::Put } else { Action::Remove };
    let removal = left.map(|post| (post, Action::Remove));
    let edits = removal.into_iter().chain(post.map(|post| (post, action)));
    edits.map(|(post, action)| (post, Edit { item: pending.item.clone(), action })).collect()
}

/// The linkback that stands in a file for an item.
pub(crate) fn linkback_of(item: &InboxItem, config: &Config) -> Option<Linkback> {
    let words = item.words.clone()?;
    Some(Linkback {
        id: id_of(&item.source, &item.target),
        kind: kind_of(item),
        relation: words.relation,
        source: if item.is_comment() { String::new() } else { item.source.clone() },
        title: words.title,
        site: words.site,
        author: words.author,
        // A comment is printed whole.
        excerpt: if words.content.is_empty() { words.excerpt } else { String::new() },
        content: words.content,
        published: words.published,
        received: Some(Date::of_moment(item.received, config.timezone)),
        parent: words.parent,
        anchor: None,
    })
}

/// The kind of an item: of several protocols the one that says most.
pub(crate) fn kind_of(item: &InboxItem) -> LinkbackKind {
    let kinds =
        [LinkbackKind::Comment, LinkbackKind::Webmention, LinkbackKind::Pingback, LinkbackKind::Trackback];
    kinds.into_iter().find(|kind| item.protocols.contains(kind)).unwrap_or(LinkbackKind::Webmention)
}

/// The id that a linkback has in a file.
fn id_of(source: &str, target: &str) -> String {
    Hash::of_value(&(source, target)).short_hex()
}

/// For the id of each comment that answers a response, the id of that one: also where a file says otherwise, as what is
/// answered was removed.
type AnsweredIds = BTreeMap<String, String>;

fn answered_ids(store: &LinkbackStore) -> Result<AnsweredIds> {
    let answers = store.answers()?.into_iter();
    Ok(answers.map(|answer| (id_of(&answer.source, &answer.target), answer.parent)).collect())
}

/// The response of a file that a comment stands below: the one it answers, or the nearest above that is among `known`.
fn parent_among(answered: &AnsweredIds, id: &str, known: &BTreeSet<String>) -> Option<String> {
    let mut parent = answered.get(id)?;
    // A stranger can name anything; responses that answer one another in a circle end after each was asked once.
    for _ in 0..answered.len() {
        if known.contains(parent) {
            return Some(parent.clone());
        }
        parent = answered.get(parent)?;
    }
    None
}

/// Edits the back matter file of a post. Whether its bytes changed.
fn edit_file(
    root: &Path,
    post: &SourcePath,
    edits: &[Edit],
    answered: &AnsweredIds,
    config: &Config,
) -> std::result::Result<bool, Vec<Diagnostic>> {
    let path = back_matter::path_of(post);
    let file = scan::on_disk(root, path.as_str());
    let text = read(&file).map_err(|error| vec![fault(&path, &error)])?;
    let mut editor = BackMatterEditor::open(&path, &text, config)?;
    // First, so that no answer is put below what is removed.
    for Edit { item, .. } in edits.iter().filter(|edit| edit.words_to_put(config).is_none()) {
        // A page is known by its address, and comments have none.
        if item.is_comment() {
            editor.remove_comment(&id_of(&item.source, &item.target));
        } else {
            editor.remove(&item.source);
        }
    }
    let put: Vec<Linkback> = edits.iter().filter_map(|edit| edit.words_to_put(config)).collect();
    let before: BTreeSet<String> = editor.linkbacks().map(|known| known.id.clone()).collect();
    let known: BTreeSet<String> =
        before.iter().cloned().chain(put.iter().map(|put| put.id.clone())).collect();
    for mut linkback in put {
        linkback.parent = parent_among(answered, &linkback.id, &known);
        editor.put(&linkback);
    }
    // What was removed and is back has its answers below it again, unless their author put them elsewhere.
    editor.change_parents(|answer| {
        let is_where_it_was = answer.parent == parent_among(answered, &answer.id, &before);
        let parent = parent_among(answered, &answer.id, &known);
        (is_where_it_was && answer.parent != parent).then_some(parent)
    });
    let edited = editor.finish()?;
    if edited.as_deref().unwrap_or_default() == text {
        return Ok(false);
    }
    // A file without linkbacks left would be an empty file in the author's folder.
    match edited {
        Some(text) => atomic_file::replace_durably(&file, text.as_bytes()),
        None => fs::remove_file(&file).map_err(Error::io("remove", &file)),
    }
    .map_err(|error| vec![fault(&path, &error)])?;
    Ok(true)
}

fn fault(path: &SourcePath, error: &Error) -> Diagnostic {
    Diagnostic::error(path.as_str(), error.to_string())
}

fn read(file: &Path) -> Result<String> {
    match fs::read_to_string(file) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(Error::io("read", file)(error)),
    }
}

fn no_post(item: &InboxItem) -> Diagnostic {
    let message = format!("the post that `{}` links to is not there any more", item.source);
    Diagnostic::error(item.post.as_str(), message)
        .hint("if it moved, give it its old address as an alias; else reject the linkback")
}
