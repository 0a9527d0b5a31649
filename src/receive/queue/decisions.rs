//! Decisions, each with what is needed to undo it, and the lists of trust and distrust.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::linkback::inbox::signals::SourceHistory;
use crate::linkback::inbox::state::{InboxItem, InboxState, Mention};
use crate::linkback::inbox::trust::TrustKey;

use super::rows::{host_of, item, millis};
use super::store::{LinkbackStore, by_id, save};

/// What a person decides on a linkback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// Put it into the back matter.
    Approve,
    /// Approve it, and everything else from the same author or site.
    Trust,
    /// Keep it out of the back matter.
    Reject,
    /// Reject it, and count it against its site.
    Spam,
    /// Reject it, and refuse everything else from the same author or site.
    Block,
}

impl Decision {
    /// All decisions with their names.
    pub const ALL: [(&'static str, Self); 5] = [
        ("approve", Self::Approve),
        ("trust", Self::Trust),
        ("reject", Self::Reject),
        ("spam", Self::Spam),
        ("block", Self::Block),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, known)| *known == self).map_or("", |(name, _)| name)
    }

    /// The decision of a name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, decision)| *decision)
    }

    /// The state it leads to.
    fn state(self) -> InboxState {
        match self {
            Self::Approve | Self::Trust => InboxState::Approved,
            Self::Reject => InboxState::Rejected,
            Self::Spam | Self::Block => InboxState::Spam,
        }
    }

    fn list(self) -> Option<TrustList> {
        match self {
            Self::Trust => Some(TrustList::Allow),
            Self::Block => Some(TrustList::Block),
            Self::Approve | Self::Reject | Self::Spam => None,
        }
    }
}

/// A list of sites and authors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TrustList {
    Allow,
    Block,
}

impl TrustList {
    fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Block => "block",
        }
    }
}

/// What became of one linkback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionResult {
    pub item: InboxItem,
    /// Where it stood.
    pub before: InboxState,
    /// The site or author that was put on a list by the decision.
    pub listed: Option<TrustKey>,
    /// Why it could not be decided on.
    pub refused: Option<String>,
}

/// What undoing puts back.
#[derive(Debug, Serialize, Deserialize)]
struct Before {
    state: InboxState,
    words: Option<Mention>,
    pending: Option<Mention>,
    due: Option<DateTime<Utc>>,
    /// Where it led.
    after: InboxState,
    /// The entry it added to a list.
    listed: Option<(TrustList, String)>,
}

/// A batch of decisions that was undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoResult {
    /// What had been decided.
    pub decision: Decision,
    pub at: DateTime<Utc>,
    pub items: Vec<InboxItem>,
}

impl LinkbackStore {
    /// Decides on linkbacks, all in one transaction, so that one `undo` takes all of it back.
    pub fn decide(
        &mut self,
        ids: &[i64],
        decision: Decision,
        now: DateTime<Utc>,
    ) -> Result<Vec<DecisionResult>> {
        self.write(|connection| {
            let batch: i64 =
                connection
                    .query_row("SELECT coalesce(max(batch), 0) + 1 FROM decisions", [], |row| row.get(0))?;
            let mut decided = Vec::new();
            for &id in ids {
                if let Some(item) = by_id(connection, id)? {
                    decided.push(decide(connection, item, decision, batch, now)?);
                }
            }
            Ok(decided)
        })
    }

    /// Takes the last batch of decisions back that has not been taken back; only if it is the one that is `meant`, if
    /// that is said. What its source has withdrawn since then stays away.
    pub fn undo(&mut self, meant: Option<i64>, now: DateTime<Utc>) -> Result<Option<UndoResult>> {
        self.write(|connection| {
            let last = last_batch(connection)?;
            let Some(batch) = last.filter(|batch| meant.is_none_or(|meant| meant == *batch)) else {
                return Ok(None);
            };
            let mut statement = connection.prepare(
                "SELECT linkback, decision, before, at FROM decisions WHERE batch = ?1 ORDER BY id DESC",
            )?;
            let rows = statement
                .query_map([batch], |row| {
                    Ok((
                        row.get::<_, i64>(0)?,
                        row.get::<_, String>(1)?,
                        row.get::<_, String>(2)?,
                        row.get(3)?,
                    ))
                })?
                .collect::<rusqlite::Result<Vec<(i64, String, String, i64)>>>()?;
            let mut undone = UndoResult { decision: Decision::Approve, at: now, items: Vec::new() };
            for (id, decision, before, at) in rows {
                undone.decision = Decision::of_name(&decision).unwrap_or(Decision::Approve);
                undone.at = DateTime::from_timestamp_millis(at).unwrap_or(now);
                if let (Some(item), Ok(before)) = (by_id(connection, id)?, serde_json::from_str(&before)) {
                    undone.items.push(put_back(connection, item, before, now)?);
                }
            }
            connection
                .execute("UPDATE decisions SET undone = ?2 WHERE batch = ?1", params![batch, millis(now)])?;
            Ok(Some(undone))
        })
    }

    /// The number of the last batch of decisions that can be taken back.
    pub fn last_batch(&self) -> Result<Option<i64>> {
        self.read(last_batch)
    }

    /// Takes a comment back for its author. Its words are forgotten, also those that undoing a decision would put back.
    /// Which response it answered is kept: that is the place of the answers to it.
    pub fn withdraw_comment(&mut self, id: i64, now: DateTime<Utc>) -> Result<()> {
        self.write(|connection| {
            let Some(mut item) = by_id(connection, id)? else { return Ok(()) };
            if let Some(parent) = item.words.as_ref().and_then(|words| words.parent.as_deref()) {
                let sql = "INSERT OR REPLACE INTO withdrawn_answers (linkback, parent) VALUES (?1, ?2)";
                connection.prepare_cached(sql)?.execute((id, parent))?;
            }
            item.withdraw(now);
            save(connection, &item)?;
            let forgotten = "json_set(before, '$.words', NULL, '$.pending', NULL)";
            let sql = format!("UPDATE decisions SET before = {forgotten} WHERE linkback = ?1");
            connection.prepare_cached(&sql)?.execute([id]).map(drop)
        })
    }

    /// Lets the receiver look at linkbacks again, at once.
    pub fn retry(&mut self, ids: &[i64], now: DateTime<Utc>) -> Result<Vec<InboxItem>> {
        let mut items = Vec::new();
        for &id in ids {
            let item = self.change(id, |item| {
                if !item.state.is_closed() {
                    (item.due, item.failures) = (Some(now), 0);
                }
                item.clone()
            })?;
            items.extend(item.filter(|item| !item.state.is_closed()));
        }
        Ok(items)
    }

    /// The entries of a list.
    pub fn listed(&self, list: TrustList) -> Result<BTreeSet<TrustKey>> {
        self.read(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT entry FROM lists WHERE list = ?1 ORDER BY entry")?;
            let entries = statement.query_map([list.name()], |row| row.get::<_, String>(0))?;
            let entries = entries.collect::<rusqlite::Result<Vec<_>>>()?;
            Ok(entries.iter().filter_map(|entry| TrustKey::written(entry)).collect())
        })
    }

    /// Puts an entry on a list, and takes it from the other one. Whether it was not there yet.
    pub fn put_on_list(&mut self, list: TrustList, entry: &TrustKey, now: DateTime<Utc>) -> Result<bool> {
        self.write(|connection| put_on_list(connection, list, entry, now))
    }

    /// Takes an entry from a list. Whether it was there.
    pub fn take_from_list(&mut self, list: TrustList, entry: &TrustKey) -> Result<bool> {
        self.write(|connection| take_from_list(connection, list, entry.as_str()))
    }

    /// Whether a person closed a post for linkbacks.
    pub fn is_closed(&self, post: &str) -> Result<bool> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached("SELECT 1 FROM closed WHERE post = ?1")?;
            statement.exists([post])
        })
    }

    /// Closes a post for linkbacks.
    pub fn close(&mut self, post: &str, now: DateTime<Utc>) -> Result<()> {
        self.write(|connection| {
            connection
                .execute("INSERT OR IGNORE INTO closed VALUES (?1, ?2)", params![post, millis(now)])
                .map(drop)
        })
    }

    /// Opens a post for linkbacks again.
    pub fn reopen(&mut self, post: &str) -> Result<()> {
        self.write(|connection| connection.execute("DELETE FROM closed WHERE post = ?1", [post]).map(drop))
    }

    /// What became of earlier linkbacks from where this one comes from.
    pub fn past(
        &self,
        id: i64,
        source: &str,
        author: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<SourceHistory> {
        let key = TrustKey::of(source, author);
        let host = host_of(source);
        let plain = host.strip_prefix("www.").unwrap_or(&host);
        self.read(|connection| {
            let mut past = SourceHistory::default();
            // A page that is submitted again, or links to several posts, is one page.
            let mut recent = BTreeSet::new();
            let mut statement = connection.prepare_cached(
                "SELECT * FROM linkbacks WHERE host IN (?1, 'www.' || ?1) AND id <> ?2
                 ORDER BY received DESC LIMIT 1000",
            )?;
            let mut rows = statement.query(params![plain, id])?;
            while let Some(row) = rows.next()? {
                let known = item(row)?;
                let author = author_of(&known);
                let is_same = TrustKey::of(&known.source, author.as_deref()) == key;
                if now - known.received < TimeDelta::days(1) && known.source != source {
                    recent.insert(known.source.clone());
                }
                past.rejected_of_host += usize::from(known.state.is_closed());
                past.approved_of_host += usize::from(known.state == InboxState::Approved);
                past.approved_of_key += usize::from(known.state == InboxState::Approved && is_same);
            }
            past.recent_of_host = recent.len();
            Ok(past)
        })
    }
}

/// The page of a linkback's author, as its source names it.
pub(crate) fn author_of(item: &InboxItem) -> Option<String> {
    item.words.as_ref()?.author.as_ref()?.url.clone()
}

fn last_batch(connection: &Connection) -> rusqlite::Result<Option<i64>> {
    let sql = "SELECT max(batch) FROM decisions WHERE undone IS NULL";
    connection.prepare_cached(sql)?.query_row([], |row| row.get(0))
}

fn decide(
    connection: &Connection,
    mut item: InboxItem,
    decision: Decision,
    batch: i64,
    now: DateTime<Utc>,
) -> rusqlite::Result<DecisionResult> {
    let before = item.state;
    if let Some(refused) = cannot(&item, decision) {
        return Ok(DecisionResult { item, before, listed: None, refused: Some(refused) });
    }
    // The address that the author of a comment gives is not verified: it can be blocked, not trusted.
    let list = decision.list().filter(|list| !item.is_comment() || *list == TrustList::Block);
    let key = list.zip(TrustKey::of(item.origin(), author_of(&item).as_deref()));
    let mut kept = Before {
        state: item.state,
        words: item.words.clone(),
        pending: item.pending.clone(),
        due: item.due,
        after: decision.state(),
        listed: None,
    };
    if let Some((list, key)) = &key
        && put_on_list(connection, *list, key, now)?
    {
        kept.listed = Some((*list, key.to_string()));
    }
    item.move_to(decision.state(), now);
    save(connection, &item)?;
    connection
        .prepare_cached(
            "INSERT INTO decisions (at, linkback, decision, before, batch) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![millis(now), item.id, decision.name(), json(&kept), batch])?;
    Ok(DecisionResult { item, before, listed: key.map(|(_, key)| key), refused: None })
}

/// Why a linkback cannot be decided on so.
fn cannot(item: &InboxItem, decision: Decision) -> Option<String> {
    let is_approval = matches!(decision, Decision::Approve | Decision::Trust);
    let fault = item.fault.as_ref().map(|fault| fault.text.as_str());
    let reason = match item.state {
        InboxState::Queued | InboxState::Refused | InboxState::Gone if is_approval => {
            fault.unwrap_or("its source has not been looked at yet")
        }
        _ if is_approval && item.words.is_none() => "its source has not been looked at yet",
        InboxState::Approved if decision == Decision::Approve && item.pending.is_none() => {
            "it was approved already"
        }
        InboxState::Rejected if decision == Decision::Reject => "it was rejected already",
        InboxState::Spam if decision == Decision::Spam => "it was spam already",
        _ => return None,
    };
    Some(reason.to_owned())
}

fn put_back(
    connection: &Connection,
    mut item: InboxItem,
    before: Before,
    now: DateTime<Utc>,
) -> rusqlite::Result<InboxItem> {
    if let Some((list, entry)) = &before.listed {
        take_from_list(connection, *list, entry)?;
    }
    if item.state == before.after && !item.is_withdrawn() {
        item.state = before.state;
        item.words = before.words;
        item.pending = before.pending;
        item.due = before.due;
        item.changed = now;
        save(connection, &item)?;
    }
    Ok(item)
}

fn put_on_list(
    connection: &Connection,
    list: TrustList,
    entry: &TrustKey,
    now: DateTime<Utc>,
) -> rusqlite::Result<bool> {
    let other = if list == TrustList::Allow { TrustList::Block } else { TrustList::Allow };
    take_from_list(connection, other, entry.as_str())?;
    let added = connection
        .prepare_cached("INSERT OR IGNORE INTO lists VALUES (?1, ?2, ?3)")?
        .execute(params![list.name(), entry.as_str(), millis(now)])?;
    Ok(added > 0)
}

fn take_from_list(connection: &Connection, list: TrustList, entry: &str) -> rusqlite::Result<bool> {
    let taken = connection
        .prepare_cached("DELETE FROM lists WHERE list = ?1 AND entry = ?2")?
        .execute([list.name(), entry])?;
    Ok(taken > 0)
}

fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("our values have text for keys")
}
