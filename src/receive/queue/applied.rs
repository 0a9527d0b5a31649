//! What stands in the site's back matter files, and what is still to be written there.

use rusqlite::params;

use crate::error::Result;
use crate::linkback::inbox::state::{InboxItem, InboxState};

use super::rows;
use super::store::LinkbackStore;

/// A linkback whose back matter is not what was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingEdit {
    pub item: InboxItem,
    /// The post in whose back matter it stands, if it does.
    pub was_in: Option<String>,
}

impl PendingEdit {
    /// Whether it has to stand in the back matter.
    pub fn is_wanted(&self) -> bool {
        self.item.state == InboxState::Approved
    }
}

impl LinkbackStore {
    /// What is to be written into back matter files, and what to be taken out, oldest first.
    pub fn pending_edits(&self) -> Result<Vec<PendingEdit>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT linkbacks.*, written.post AS was_in
                 FROM linkbacks LEFT JOIN written ON written.linkback = linkbacks.id
                 WHERE iif(state = 'approved', written.words IS NOT linkbacks.words, written.linkback IS NOT NULL)
                 ORDER BY id",
            )?;
            let rows = statement
                .query_map([], |row| Ok(PendingEdit { item: rows::item(row)?, was_in: row.get("was_in")? }))?;
            rows.collect()
        })
    }

    /// Records that files were written: each linkback with the post it stands in now, or that it stands in none.
    pub fn mark_written(&mut self, written: &[(InboxItem, Option<String>)]) -> Result<()> {
        self.write(|connection| {
            for (item, post) in written {
                let Some(post) = post else {
                    connection
                        .prepare_cached("DELETE FROM written WHERE linkback = ?1")?
                        .execute([item.id])?;
                    continue;
                };
                // The words that were written: those in the database may have changed since.
                let words = serde_json::to_string(&item.words).expect("words are text");
                connection
                    .prepare_cached("INSERT OR REPLACE INTO written VALUES (?1, ?2, ?3)")?
                    .execute(params![item.id, post, words])?;
            }
            Ok(())
        })
    }

    /// Linkbacks that a person or a look has changed after the change of a number, in the order in which they changed;
    /// and the number of the last of these changes.
    pub fn changed_after(&self, revision: i64, limit: usize) -> Result<(Vec<InboxItem>, i64)> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT * FROM linkbacks WHERE revision > ?1 AND words IS NOT NULL ORDER BY revision LIMIT ?2",
            )?;
            let rows =
                statement.query_map(params![revision, limit], |row| Ok((rows::item(row)?, row.get("revision")?)))?;
            let changes = rows.collect::<rusqlite::Result<Vec<(InboxItem, i64)>>>()?;
            let last = changes.last().map_or(revision, |(_, revision)| *revision);
            Ok((changes.into_iter().map(|(item, _)| item).collect(), last))
        })
    }
}
