//! Hands approved linkbacks to others: to a site that is built elsewhere, or to whoever wants them in a file.
//!
//! A cursor says up to which change somebody has them; what changed since then is handed over, and what is no longer
//! approved as deleted.

use serde_json::{Value, json};

use crate::config::Config;
use crate::error::Result;
use crate::linkback::inbox::state::{InboxItem, InboxState};
use crate::linkback::protocol::jf2::Jf2Entry;
use crate::receive::notify::entry_of;
use crate::receive::queue::store::{ItemFilter, LinkbackStore};

/// Entries of one page.
const PAGE: usize = 500;

/// Some of what changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportPage {
    /// In the order in which they changed.
    pub entries: Vec<Jf2Entry>,
    /// Where the next page begins.
    pub cursor: String,
}

/// What changed after a cursor; from the beginning if it is empty.
pub fn page(store: &LinkbackStore, config: &Config, cursor: &str) -> Result<ExportPage> {
    let after = read_cursor(cursor);
    let (items, last) = store.changed_after(after, PAGE)?;
    // Whoever begins has nothing that could be taken away.
    let is_wanted = |item: &&InboxItem| item.state == InboxState::Approved || !cursor.is_empty();
    let entries = items.iter().filter(is_wanted).filter_map(|item| entry(item, config)).collect();
    Ok(ExportPage { entries, cursor: last.to_string() })
}

/// Everything that is approved now.
pub fn all(store: &LinkbackStore, config: &Config) -> Result<Vec<Jf2Entry>> {
    let filter = ItemFilter { states: [InboxState::Approved].into(), ..ItemFilter::default() };
    let items = store.list(&filter)?;
    Ok(items.iter().rev().filter_map(|item| entry(item, config)).collect())
}

/// One that was never approved is one that others never had, and deleting it does no harm.
fn entry(item: &InboxItem, config: &Config) -> Option<Jf2Entry> {
    let entry = entry_of(item, config)?;
    Some(Jf2Entry { is_deleted: item.state != InboxState::Approved, ..entry })
}

/// Entries in the plain words of our own back matter.
pub fn json(entries: &[Jf2Entry]) -> Value {
    let entry = |entry: &Jf2Entry| {
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
            "published": entry.words.published.map(|date| date.to_text()),
            "received": entry.received.map(|date| date.to_text()),
            "deleted": entry.is_deleted,
        })
    };
    entries.iter().map(entry).collect()
}

/// The number of a change; the beginning if it is nothing of ours.
fn read_cursor(cursor: &str) -> i64 {
    cursor.parse().unwrap_or(0)
}
