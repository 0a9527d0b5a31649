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

/// A comment that answers another response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommentAnswer {
    pub source: String,
    pub target: String,
    /// The id of the response that it answers.
    pub parent: String,
}

impl LinkbackStore {
    /// All comments that answer another response, in whatever state they are, also withdrawn ones.
    pub fn answers(&self) -> Result<Vec<CommentAnswer>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT source, target, coalesce(words ->> 'parent', withdrawn_answers.parent) AS answered
                 FROM linkbacks LEFT JOIN withdrawn_answers ON withdrawn_answers.linkback = linkbacks.id
                 WHERE source GLOB 'comment:*' AND answered IS NOT NULL",
            )?;
            let rows = statement.query_map([], |row| {
                Ok(CommentAnswer {
                    source: row.get("source")?,
                    target: row.get("target")?,
                    parent: row.get("answered")?,
                })
            })?;
            rows.collect()
        })
    }

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

    /// Records that files were written, and are to be built: each linkback with the post it stands in now, or that it
    /// stands in none.
    pub fn mark_written(&mut self, written: &[(InboxItem, Option<String>)]) -> Result<()> {
        self.write(|connection| {
            for (item, post) in written {
                connection.prepare_cached("INSERT OR IGNORE INTO unbuilt VALUES (?1)")?.execute([item.id])?;
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

    /// Linkbacks whose back matter was written, and whose site was not built since.
    pub fn unbuilt(&self) -> Result<Vec<InboxItem>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT linkbacks.* FROM unbuilt JOIN linkbacks ON linkbacks.id = unbuilt.linkback ORDER BY id",
            )?;
            let rows = statement.query_map([], rows::item)?;
            rows.collect()
        })
    }

    /// Records that a build showed what was written of linkbacks.
    pub fn mark_built(&mut self, items: &[InboxItem]) -> Result<()> {
        self.write(|connection| {
            let mut statement = connection.prepare_cached("DELETE FROM unbuilt WHERE linkback = ?1")?;
            items.iter().try_for_each(|item| statement.execute([item.id]).map(drop))
        })
    }

    /// How many linkbacks were decided on and are not in the site yet: their back matter is to be written, or to be
    /// built. The queries follow indices, as every build asks.
    pub fn outstanding(&self) -> Result<usize> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT count(*) FROM (
                     SELECT id FROM linkbacks LEFT JOIN written ON written.linkback = id
                     WHERE state = 'approved' AND written.words IS NOT linkbacks.words
                     UNION SELECT linkback FROM written JOIN linkbacks ON id = linkback WHERE state <> 'approved'
                     UNION SELECT linkback FROM unbuilt
                 )",
            )?;
            statement.query_row([], |row| row.get(0))
        })
    }

    /// Linkbacks that a person or a look has changed after the change of a number, in the order in which they changed;
    /// and the number of the last of these changes.
    pub fn changed_after(&self, revision: i64, limit: usize) -> Result<(Vec<InboxItem>, i64)> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT * FROM linkbacks
                 WHERE revision > ?1 AND (words IS NOT NULL OR source GLOB 'comment:*') ORDER BY revision LIMIT ?2",
            )?;
            let rows =
                statement.query_map(params![revision, limit], |row| Ok((rows::item(row)?, row.get("revision")?)))?;
            let changes = rows.collect::<rusqlite::Result<Vec<(InboxItem, i64)>>>()?;
            let last = changes.last().map_or(revision, |(_, revision)| *revision);
            Ok((changes.into_iter().map(|(item, _)| item).collect(), last))
        })
    }
}
