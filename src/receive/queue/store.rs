//! The receiver's database: every linkback that was acknowledged, and the decisions.
//!
//! [`LinkbackStore`] is one connection. The receiver has one that takes submissions in ([`LinkbackStore::submit`], many in one
//! transaction) and others that verify and moderate; the command line opens its own beside them. SQLite's write-ahead log
//! keeps them apart, and `synchronous = FULL` means that what a transaction returned from is on the disk: a process
//! that is killed, or a machine that loses power, loses nothing that was acknowledged.
//!
//! What may become of a linkback is decided by [`crate::linkback::inbox::state`], which is pure: [`LinkbackStore::change`] reads an
//! [`InboxItem`], lets it be changed, and writes it back in one transaction. Nothing else writes to `linkbacks`. Taking a
//! job from the queue writes nothing at all: a linkback stays due until the transaction that records what was found,
//! so a look that was cut short is simply made again, and counted once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, ffi, params};

use crate::error::{Error, Result};
use crate::linkback::address::Address;
use crate::linkback::inbox::state::{InboxItem, InboxState, SourceErrorKind, Submission};
use crate::sys::random;

use super::rows::millis;
use super::schema::{self, MigrationError};
use super::{quarantine, rows};

pub(crate) use super::rows::host_of;

/// A connection to the database.
pub struct LinkbackStore {
    connection: Connection,
    path: PathBuf,
}

/// What became of a submission. It is on the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Receipt {
    /// It is new, and waits in the queue.
    New {
        /// What its status is found by.
        token: String,
    },
    /// The same page had been submitted for the same post.
    Known {
        /// What its status is found by.
        token: String,
        /// Where it stood.
        state: InboxState,
        /// What a look at it found a moment ago, if that was no link.
        fault: Option<SourceErrorKind>,
    },
    /// The queue is full: it was not taken.
    Full,
}

/// What to list.
#[derive(Debug, Clone, Default)]
pub struct ItemFilter {
    /// In one of these states; empty means any.
    pub states: BTreeSet<InboxState>,
    /// Only those that wait for a person: held, or approved with other words.
    pub waiting: bool,
    /// Of this post's file only.
    pub post: Option<String>,
    /// Of sources on this host only.
    pub host: Option<String>,
    /// Only those whose link was first found at this moment or later.
    pub found_since: Option<DateTime<Utc>>,
    /// The most that are listed; 0 means all.
    pub limit: usize,
}

impl ItemFilter {
    /// The condition, and the values that stand in it as `?`.
    pub(super) fn condition(&self) -> (String, Vec<String>) {
        let mut wanted = Vec::new();
        let mut values: Vec<String> = Vec::new();
        if !self.states.is_empty() {
            values.extend(self.states.iter().map(|state| state.name().to_owned()));
            wanted.push(format!("state IN ({})", vec!["?"; self.states.len()].join(", ")));
        }
        if self.waiting {
            wanted.push("(state = 'held' OR pending IS NOT NULL)".to_owned());
        }
        for (column, value) in [("post", &self.post), ("host", &self.host)] {
            if let Some(value) = value {
                wanted.push(format!("{column} = ?"));
                values.push(value.clone());
            }
        }
        if let Some(since) = self.found_since {
            wanted.push(format!("found >= {}", millis(since)));
        }
        let condition = if wanted.is_empty() { "true".to_owned() } else { wanted.join(" AND ") };
        (condition, values)
    }
}

/// How fetches are spread over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FetchPace {
    /// How long a host has to itself after a fetch.
    pub rest: TimeDelta,
    /// The longest it is left alone when fetches fail: the rest doubles with each failure in a row.
    pub longest_rest: TimeDelta,
}

impl LinkbackStore {
    /// Opens a database that has to be there, and brings it up to date.
    pub fn open_existing(path: &Path) -> Result<Self> {
        if !path.exists() {
            return Err(Error::NoDatabase { path: path.to_owned() });
        }
        Self::open(path)
    }

    /// Opens the database, and makes it or brings it up to date.
    pub fn open(path: &Path) -> Result<Self> {
        let connection = connect(path).map_err(|fault| match fault {
            MigrationError::Sql(error) => failed(path, error),
            MigrationError::TooNew => Error::Database {
                path: path.to_owned(),
                source: "it was made by a later release of backmatter; use that one".into(),
            },
        })?;
        Ok(Self { connection, path: path.to_owned() })
    }

    /// Takes submissions in, all in one transaction. New ones are refused when `most` wait in the queue.
    pub fn submit(
        &mut self,
        submissions: Vec<(Submission, TimeDelta)>,
        most: usize,
        now: DateTime<Utc>,
    ) -> Result<Vec<Receipt>> {
        self.write(|connection| {
            let mut queued = tally(connection, InboxState::Queued)?;
            let mut receipts = Vec::with_capacity(submissions.len());
            for (submission, delay) in submissions {
                let known = find_page(connection, &submission.source, &submission.target)?;
                let Some(mut item) = known else {
                    // A page that is known takes no further room, so only new ones are refused.
                    if queued >= most {
                        receipts.push(Receipt::Full);
                        continue;
                    }
                    let item = InboxItem::new(submission, random::token::<16>(), now, delay);
                    save(connection, &item)?;
                    queued += 1;
                    receipts.push(Receipt::New { token: item.token });
                    continue;
                };
                let (token, state, fault) = (item.token.clone(), item.state, item.recent_fault(now));
                item.resubmit(submission, now, delay);
                save(connection, &item)?;
                receipts.push(Receipt::Known { token, state, fault });
            }
            Ok(receipts)
        })
    }

    /// Takes one submission in, however many wait, and returns its linkback.
    pub fn submit_one(
        &mut self,
        submission: Submission,
        delay: TimeDelta,
        now: DateTime<Utc>,
    ) -> Result<InboxItem> {
        let (source, target) = (submission.source.clone(), submission.target.clone());
        self.submit(vec![(submission, delay)], usize::MAX, now)?;
        let item = self.find_page(&source, &target)?;
        item.ok_or_else(|| Error::Argument { given: source, reason: "it was not stored".to_owned() })
    }

    /// A linkback by its number.
    pub fn item(&self, id: i64) -> Result<Option<InboxItem>> {
        self.read(|connection| by_id(connection, id))
    }

    /// A linkback by the token of its status page.
    pub fn item_by_token(&self, token: &str) -> Result<Option<InboxItem>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached("SELECT * FROM linkbacks WHERE token = ?1")?;
            statement.query_row([token], rows::item).optional()
        })
    }

    /// The linkback of a page and a post's address.
    pub fn find(&self, source: &str, target: &str) -> Result<Option<InboxItem>> {
        self.read(|connection| find(connection, source, target))
    }

    /// The linkback of a page and a post's address, however the page's address is spelt.
    pub fn find_page(&self, source: &str, target: &str) -> Result<Option<InboxItem>> {
        self.read(|connection| find_page(connection, source, target))
    }

    /// Another linkback of the page at an address.
    pub fn other_of_page(&self, address: &Address, item: &InboxItem) -> Result<Option<InboxItem>> {
        self.read(|connection| {
            let mut known = read_at(connection, address, &item.target)?;
            for id in spelled_so(connection, address, &item.target)? {
                known.extend(by_id(connection, id)?);
            }
            Ok(known.into_iter().find(|known| known.id != item.id && says_something(known)))
        })
    }

    /// Linkbacks, newest first.
    pub fn list(&self, filter: &ItemFilter) -> Result<Vec<InboxItem>> {
        let (condition, values) = filter.condition();
        let limit = if filter.limit == 0 { -1 } else { i64::try_from(filter.limit).unwrap_or(i64::MAX) };
        let sql = format!(
            "SELECT * FROM linkbacks WHERE {condition} ORDER BY received DESC, id DESC LIMIT {limit}"
        );
        self.read(|connection| {
            let mut statement = connection.prepare_cached(&sql)?;
            let items = statement.query_map(rusqlite::params_from_iter(&values), rows::item)?;
            items.collect()
        })
    }

    /// The sources of the approved and held linkbacks of a post's address, oldest first.
    pub fn sources_of(&self, target: &str, states: &[InboxState]) -> Result<Vec<String>> {
        self.read(|connection| {
            let mut statement = connection
                .prepare_cached("SELECT source, state FROM linkbacks WHERE target = ?1 ORDER BY id")?;
            let rows = statement
                .query_map([target], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?
                .collect::<rusqlite::Result<Vec<_>>>()?;
            let wanted = rows.into_iter().filter(|(_, name)| states.iter().any(|state| state.name() == name));
            Ok(wanted.map(|(source, _)| source).collect())
        })
    }

    /// How many linkbacks wait for a person: as many as [`ItemFilter::waiting`] leaves.
    pub fn waiting(&self) -> Result<usize> {
        self.read(|connection| {
            let sql = "SELECT count(*) FROM linkbacks WHERE state = 'held' OR pending IS NOT NULL";
            connection.prepare_cached(sql)?.query_row([], |row| row.get(0))
        })
    }

    /// How many linkbacks there are in each state.
    pub fn tallies(&self) -> Result<BTreeMap<InboxState, usize>> {
        self.read(|connection| {
            InboxState::ALL.iter().map(|(_, state)| Ok((*state, tally(connection, *state)?))).collect()
        })
    }

    /// Changes a linkback: what `change` makes of it is written in the same transaction, and what it returns is
    /// returned. `None` if there is no such linkback.
    pub fn change<T>(&mut self, id: i64, change: impl FnOnce(&mut InboxItem) -> T) -> Result<Option<T>> {
        self.write(|connection| {
            let Some(mut item) = by_id(connection, id)? else { return Ok(None) };
            let before = item.clone();
            let answer = change(&mut item);
            // An unchanged row is not written: each write waits for the disk.
            if item != before {
                save(connection, &item)?;
            }
            Ok(Some(answer))
        })
    }

    /// Several statements in one transaction, for what is kept beside the linkbacks.
    pub(super) fn write<T>(&mut self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        let Self { connection, path } = self;
        let answer = in_transaction(connection, work);
        if matches!(&answer, Err(error) if quarantine::is_unreadable(error)) {
            // What was to be written is not; the next try finds all rows readable.
            quarantine::set_aside(connection).map_err(|error| failed(path, error))?;
        }
        answer.map_err(|error| failed(path, error))
    }

    /// Questions. A row that cannot be read is set aside, and the question asked again.
    pub(super) fn read<T>(&self, work: impl Fn(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        let answer = match work(&self.connection) {
            Err(error) if quarantine::is_unreadable(&error) => {
                quarantine::set_aside(&self.connection).and_then(|()| work(&self.connection))
            }
            answer => answer,
        };
        answer.map_err(|error| failed(&self.path, error))
    }

    /// A single value.
    pub fn meta(&self, key: &str) -> Result<Option<String>> {
        self.read(|connection| {
            connection.query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| row.get(0)).optional()
        })
    }

    /// Keeps a single value.
    pub fn set_meta(&mut self, key: &str, value: &str) -> Result<()> {
        self.write(|connection| {
            connection.execute("INSERT OR REPLACE INTO meta VALUES (?1, ?2)", [key, value]).map(drop)
        })
    }
}

/// The queue: which page is fetched next.
impl LinkbackStore {
    /// The linkback to look at next, on a host that is not `busy`, or when there will be one. The one that has waited
    /// longest on the host that has waited longest.
    pub fn next(&self, busy: &BTreeSet<String>, now: DateTime<Utc>) -> Result<NextFetch> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT host, ready FROM hosts WHERE ready IS NOT NULL ORDER BY ready LIMIT ?1",
            )?;
            let mut hosts = statement.query([busy.len() + 1])?;
            while let Some(row) = hosts.next()? {
                let (host, ready): (String, i64) = (row.get(0)?, row.get(1)?);
                if busy.contains(&host) {
                    continue;
                }
                if ready > millis(now) {
                    return Ok(NextFetch::At(DateTime::from_timestamp_millis(ready).unwrap_or(now)));
                }
                let mut statement = connection.prepare_cached(
                    "SELECT * FROM linkbacks WHERE host = ?1 AND due IS NOT NULL ORDER BY due LIMIT 1",
                )?;
                if let Some(item) = statement.query_row([&host], rows::item).optional()? {
                    return Ok(NextFetch::Now(Box::new(item)));
                }
            }
            Ok(NextFetch::Never)
        })
    }

    /// Records that a host was fetched from, with or without success: it rests before the next fetch.
    pub fn rest(
        &mut self,
        host: &str,
        success: FetchResult,
        pace: FetchPace,
        now: DateTime<Utc>,
    ) -> Result<()> {
        self.write(|connection| {
            let failures: u32 = connection
                .query_row("SELECT failures FROM hosts WHERE host = ?1", [host], |row| row.get(0))
                .optional()?
                .unwrap_or(0);
            let failures = if success == FetchResult::Answered { 0 } else { failures.saturating_add(1) };
            let rest = (pace.rest * (1 << failures.min(20))).min(pace.longest_rest);
            connection
                .prepare_cached(
                    "INSERT INTO hosts (host, rests, failures) VALUES (?1, ?2, ?3)
                     ON CONFLICT DO UPDATE SET rests = excluded.rests, failures = excluded.failures",
                )?
                .execute(params![host, millis(now + rest), failures])?;
            refresh_host(connection, host)
        })
    }
}

/// The longest wait before a submission is looked at, and between two tries.
const LONGEST_WAIT: TimeDelta = TimeDelta::days(1);

/// How long it is remembered that a page had no link.
const REMEMBERED: TimeDelta = TimeDelta::days(90);

impl LinkbackStore {
    /// Brings back what a clock that was ahead put off: a submission waits a day at most, and a host rests no longer.
    pub fn catch_up(&mut self, now: DateTime<Utc>) -> Result<()> {
        let latest = millis(now + LONGEST_WAIT);
        self.write(|connection| {
            let late = "state IN ('queued', 'refused') AND due > ?1";
            let hosts: Vec<String> = connection
                .prepare_cached(&format!(
                    "SELECT DISTINCT host FROM linkbacks WHERE {late}
                     UNION SELECT host FROM hosts WHERE rests > ?1"
                ))?
                .query_map([latest], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            if hosts.is_empty() {
                return Ok(());
            }
            connection
                .execute(&format!("UPDATE linkbacks SET due = ?2 WHERE {late}"), [latest, millis(now)])?;
            connection.execute("UPDATE hosts SET rests = ?2 WHERE rests > ?1", [latest, millis(now)])?;
            hosts.iter().try_for_each(|host| refresh_host(connection, host))
        })
    }

    /// Forgets the network addresses of those whose submissions came before a moment.
    pub fn forget_senders(&mut self, before: DateTime<Utc>) -> Result<()> {
        self.write(|connection| {
            let sql = "UPDATE linkbacks SET sender = '' WHERE sender <> '' AND received < ?1";
            connection.execute(sql, [millis(before)]).map(drop)
        })
    }

    /// Whether something can be written to the disk now.
    pub fn probe(&mut self, now: DateTime<Utc>) -> Result<()> {
        self.set_meta("probed", &millis(now).to_string())
    }

    /// Forgets what was refused long ago, and hosts that nothing comes from any more. What was ever held is kept.
    pub fn prune(&mut self, now: DateTime<Utc>) -> Result<()> {
        self.write(|connection| {
            connection.execute(
                "DELETE FROM linkbacks WHERE state = 'refused' AND due IS NULL AND found IS NULL AND changed < ?1",
                [millis(now - REMEMBERED)],
            )?;
            connection.execute("DELETE FROM hosts WHERE ready IS NULL AND rests < ?1", [millis(now)]).map(drop)
        })
    }
}

/// How a fetch from a host went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FetchResult {
    /// The host answered, whatever it said.
    Answered,
    /// It did not answer, or with an error of its own.
    Failed,
}

/// What the queue holds next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NextFetch {
    Now(Box<InboxItem>),
    /// Something will be due at this moment.
    At(DateTime<Utc>),
    Never,
}

pub(super) fn by_id(connection: &Connection, id: i64) -> rusqlite::Result<Option<InboxItem>> {
    connection.prepare_cached("SELECT * FROM linkbacks WHERE id = ?1")?.query_row([id], rows::item).optional()
}

fn find(connection: &Connection, source: &str, target: &str) -> rusqlite::Result<Option<InboxItem>> {
    connection
        .prepare_cached("SELECT * FROM linkbacks WHERE source = ?1 AND target = ?2")?
        .query_row([source, target], rows::item)
        .optional()
}

/// The linkback of a page by the key that its addresses share: percent-encoding, a slash at the end and the scheme make
/// no other page. Else the one whose source led to this page.
fn find_page(connection: &Connection, source: &str, target: &str) -> rusqlite::Result<Option<InboxItem>> {
    if let Some(item) = find(connection, source, target)? {
        return Ok(Some(item));
    }
    let Ok(address) = Address::parse(source) else { return Ok(None) };
    if let Some(id) = spelled_so(connection, &address, target)?.first() {
        return by_id(connection, *id);
    }
    Ok(read_at(connection, &address, target)?.into_iter().find(says_something))
}

const SPELLED_SO: &str = "SELECT id FROM linkbacks WHERE target = ?1 AND source_key = ?2 ORDER BY id";
const READ_AT: &str = "SELECT * FROM linkbacks WHERE target = ?1 AND page = ?2 ORDER BY id";

/// The numbers of the linkbacks whose source is the same address, however it is spelt.
fn spelled_so(connection: &Connection, address: &Address, target: &str) -> rusqlite::Result<Vec<i64>> {
    connection.prepare_cached(SPELLED_SO)?.query_map([target, &address.key()], |row| row.get(0))?.collect()
}

/// The linkbacks whose sources led to an address when they were read.
fn read_at(connection: &Connection, address: &Address, target: &str) -> rusqlite::Result<Vec<InboxItem>> {
    let mut statement = connection.prepare_cached(READ_AT)?;
    statement.query_map([target, &address.key()], rows::item)?.collect()
}

/// Whether a linkback speaks for its page. One that was refused or is gone says nothing of what the page holds now, by
/// another address.
fn says_something(item: &InboxItem) -> bool {
    item.state.is_live() || item.state.is_closed()
}

/// Writes an item and keeps its host's place in the queue right. Everything that changes a linkback goes through here.
pub(super) fn save(connection: &Connection, item: &InboxItem) -> rusqlite::Result<i64> {
    let id = rows::write(connection, item)?;
    let host = host_of(&item.source);
    if item.due.is_some() {
        connection.prepare_cached("INSERT OR IGNORE INTO hosts (host) VALUES (?1)")?.execute([&host])?;
    }
    refresh_host(connection, &host)?;
    Ok(id)
}

pub(super) fn refresh_host(connection: &Connection, host: &str) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE hosts SET ready = (
                 SELECT max(min(due), hosts.rests) FROM linkbacks WHERE host = hosts.host AND due IS NOT NULL
             ) WHERE host = ?1",
        )?
        .execute([host])
        .map(drop)
}

fn connect(path: &Path) -> std::result::Result<Connection, MigrationError> {
    let mut connection = Connection::open(path)?;
    // Others hold the lock for as long as a transaction takes, which is milliseconds.
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
         PRAGMA cache_size = -4096; PRAGMA temp_store = MEMORY;",
    )?;
    // SQLite 3.54 marks the parameter of `column = ?` in a sorted query as one that the plan may depend on. Clearing the
    // bindings of a cached statement then has it compiled again, at each use.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    schema::migrate(&mut connection)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Does some work in one transaction.
fn in_transaction<T>(
    connection: &mut Connection,
    work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    // Immediate: a transaction that begins by reading could not wait for its turn to write.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let answer = work(&transaction)?;
    transaction.commit()?;
    Ok(answer)
}

fn tally(connection: &Connection, state: InboxState) -> rusqlite::Result<usize> {
    let count = connection
        .prepare_cached("SELECT count FROM tallies WHERE state = ?1")?
        .query_row([state.name()], |row| row.get(0))
        .optional()?;
    Ok(count.unwrap_or(0))
}

fn failed(path: &Path, error: rusqlite::Error) -> Error {
    let source = match error.sqlite_error().map(|error| error.extended_code) {
        // With little room left it is the index of the log that cannot grow.
        Some(ffi::SQLITE_FULL | ffi::SQLITE_IOERR_SHMSIZE) => {
            "there is no room left on the disk; nothing was changed, so make room and try again".into()
        }
        _ => error.into(),
    };
    Error::Database { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests;
