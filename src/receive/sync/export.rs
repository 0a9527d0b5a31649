//! Approved linkbacks for others: for a site that is built elsewhere, or as a file.
//!
//! A cursor is the number of the last change its holder has. A page holds what changed after it; what is no longer
//! approved is in it as deleted.

use serde_json::{Value, json};

use crate::config::Config;
use crate::date::Date;
use crate::error::Result;
use crate::linkback::inbox::state::{InboxItem, InboxState, Mention};
use crate::linkback::protocol::jf2::Jf2Entry;
use crate::receive::moderation::apply::kind_of;
use crate::receive::queue::store::{ItemFilter, LinkbackStore};

/// Entries of one page.
const PAGE: usize = 500;

/// Some of what changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ExportPage {
    /// In the order in which they changed.
    pub entries: Vec<Jf2Entry>,
    /// Where the next page begins.
    pub cursor: String,
}

/// What changed after a cursor; from the beginning if it is empty or not a cursor.
pub(crate) fn page(store: &LinkbackStore, config: &Config, cursor: &str) -> Result<ExportPage> {
    let (items, last) = store.changed_after(cursor.parse().unwrap_or(0), PAGE)?;
    // A reader without a cursor has nothing that could be deleted.
    let is_wanted = |item: &&InboxItem| item.state == InboxState::Approved || !cursor.is_empty();
    let entries = items.iter().filter(is_wanted).filter_map(|item| export_entry_of(item, config)).collect();
    Ok(ExportPage { entries, cursor: last.to_string() })
}

/// Everything that is approved now, oldest first.
pub(crate) fn all(store: &LinkbackStore, config: &Config) -> Result<Vec<Jf2Entry>> {
    let filter = ItemFilter { states: [InboxState::Approved].into(), ..ItemFilter::default() };
    let items = store.list(&filter)?;
    Ok(items.iter().rev().filter_map(|item| export_entry_of(item, config)).collect())
}

/// A linkback as JF2: deleted unless it is held or approved. `None` before its source was read. Of a comment that was
/// taken back nothing is left but that.
pub(crate) fn entry_of(item: &InboxItem, config: &Config) -> Option<Jf2Entry> {
    Some(Jf2Entry {
        id: u64::try_from(item.id).ok()?,
        source: item.source.clone(),
        target: item.target.clone(),
        protocol: kind_of(item),
        words: item.words.clone().or_else(|| item.is_withdrawn().then(Mention::forgotten))?,
        received: Some(Date::of_moment(item.received, config.timezone)),
        is_deleted: !item.state.is_live() || item.is_withdrawn(),
    })
}

/// As [`entry_of`], and deleted unless it is approved. A reader ignores the deletion of an entry it never had.
fn export_entry_of(item: &InboxItem, config: &Config) -> Option<Jf2Entry> {
    let entry = entry_of(item, config)?;
    let is_deleted = entry.is_deleted || item.state != InboxState::Approved;
    Some(Jf2Entry { is_deleted, ..entry })
}

/// Entries with the names of the fields of back matter files.
pub(crate) fn json(entries: &[Jf2Entry]) -> Value {
    entries.iter().map(json_entry).collect()
}

fn json_entry(entry: &Jf2Entry) -> Value {
    json!({
        "number": entry.id,
        "kind": entry.protocol.name(),
        "type": entry.words.relation.name(),
        "source": entry.source,
        "target": entry.target,
        "title": entry.words.title,
        "site": entry.words.site,
        "author": entry.words.author,
        "excerpt": entry.words.excerpt,
        "content": entry.words.content,
        "parent": entry.words.parent,
        "published": entry.words.published.map(|date| date.to_text()),
        "received": entry.received.map(|date| date.to_text()),
        "deleted": entry.is_deleted,
    })
}
