//! Lists that are looked at a page at a time: however long one is, a page of it costs as much as any other.

use rusqlite::Connection;

use crate::error::Result;
use crate::linkback::inbox::state::InboxItem;

use super::rows;
use super::store::{ItemFilter, LinkbackStore};

/// Where a page of a list begins. The newest stand first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PagePosition {
    /// At its beginning.
    Newest,
    /// Behind the linkback of this number, whether it is in the list or not any more.
    OlderThan(i64),
    /// So that it ends before the linkback of this number.
    NewerThan(i64),
}

/// A page of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ItemPage {
    /// What stands on it, newest first.
    pub items: Vec<InboxItem>,
    /// How many of the list are newer than all on it.
    pub newer: usize,
    /// How many there are in the list.
    pub all: usize,
}

impl ItemPage {
    /// How many of the list are older than all on it.
    pub fn older(&self) -> usize {
        self.all.saturating_sub(self.newer + self.items.len())
    }
}

impl LinkbackStore {
    /// A page of at most `length` linkbacks. A position without any gives the first page.
    pub fn page(&self, filter: &ItemFilter, place: PagePosition, length: usize) -> Result<ItemPage> {
        self.read(|connection| {
            let found = match place {
                PagePosition::Newest => Vec::new(),
                PagePosition::OlderThan(id) => items(connection, filter, Side::Older, id, length)?,
                PagePosition::NewerThan(id) => items(connection, filter, Side::Newer, id, length)?,
            };
            let is_enough = match place {
                PagePosition::NewerThan(_) => found.len() == length,
                PagePosition::Newest | PagePosition::OlderThan(_) => !found.is_empty(),
            };
            let items =
                if is_enough { found } else { items(connection, filter, Side::Older, i64::MAX, length)? };
            let newer = match items.first() {
                Some(first) if is_enough => count(connection, filter, Some(first.id))?,
                _ => 0,
            };
            Ok(ItemPage { items, newer, all: count(connection, filter, None)? })
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Older,
    Newer,
}

/// The nearest on one side of a linkback, newest first; of all if there is none of this number.
fn items(
    connection: &Connection,
    filter: &ItemFilter,
    side: Side,
    id: i64,
    length: usize,
) -> rusqlite::Result<Vec<InboxItem>> {
    let (condition, values) = filter.condition();
    let (sign, order) = match side {
        Side::Older => ("<", "DESC"),
        Side::Newer => (">", "ASC"),
    };
    let beside = format!(
        "(received, id) {sign} (SELECT received, id FROM linkbacks WHERE id = {id}
                                UNION ALL SELECT {far}, {far} LIMIT 1)",
        far = if side == Side::Older { i64::MAX } else { i64::MIN },
    );
    let sql = format!(
        "SELECT * FROM linkbacks WHERE {condition} AND {beside}
         ORDER BY received {order}, id {order} LIMIT {length}"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let found = statement.query_map(rusqlite::params_from_iter(&values), rows::item)?;
    let mut items = found.collect::<rusqlite::Result<Vec<InboxItem>>>()?;
    if side == Side::Newer {
        items.reverse();
    }
    Ok(items)
}

/// How many there are, or how many are newer than a linkback.
fn count(connection: &Connection, filter: &ItemFilter, newer_than: Option<i64>) -> rusqlite::Result<usize> {
    let (condition, values) = filter.condition();
    let beside = newer_than.map_or_else(String::new, |id| {
        format!(" AND (received, id) > (SELECT received, id FROM linkbacks WHERE id = {id})")
    });
    let sql = format!("SELECT count(*) FROM linkbacks WHERE {condition}{beside}");
    connection.prepare_cached(&sql)?.query_row(rusqlite::params_from_iter(&values), |row| row.get(0))
}
