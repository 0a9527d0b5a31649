//! The tables of the database, and how an older one becomes one of today.

use rusqlite::{Connection, TransactionBehavior};

use crate::linkback::address::Address;

/// Each step changes the database of the step before it; a step that was released is never edited. The number of
/// steps that were taken is the database's `user_version`.
const STEPS: [MigrationStep; 9] = [
    MigrationStep::Statements(FIRST),
    MigrationStep::Statements(REVISIONS),
    MigrationStep::Statements(UNREADABLE),
    MigrationStep::Statements(UNBUILT),
    MigrationStep::Statements(SPELLINGS),
    MigrationStep::Statements(PAGES),
    MigrationStep::Function(add_source_keys),
    MigrationStep::Statements(ONE_INDEX_OF_TARGETS),
    MigrationStep::Statements(WITHDRAWN_ANSWERS),
];

/// A change of the database.
enum MigrationStep {
    /// What SQLite can do by itself.
    Statements(&'static str),
    /// What has to read the rows.
    Function(fn(&Connection) -> rusqlite::Result<()>),
}

/// Moments are milliseconds since 1970, UTC. Structured values are JSON.
const FIRST: &str = "
-- One row for a page that links to a post, whatever told of it. See `linkback::inbox::state::Item` for what the columns mean.
CREATE TABLE linkbacks (
    id        INTEGER PRIMARY KEY,
    token     TEXT NOT NULL UNIQUE,
    source    TEXT NOT NULL,
    target    TEXT NOT NULL,
    written   TEXT,
    post      TEXT NOT NULL,
    host      TEXT NOT NULL,            -- of the source: fetches are spread by it
    protocols TEXT NOT NULL,            -- JSON: [\"pingback\", \"webmention\"]
    hints     TEXT,                     -- JSON: inbox::Hints
    sender    TEXT NOT NULL,
    state     TEXT NOT NULL,
    words     TEXT,                     -- JSON: inbox::Words
    pending   TEXT,                     -- JSON: inbox::Words
    reasons   TEXT NOT NULL DEFAULT '[]', -- JSON: reason::Reason
    fault     TEXT,                     -- JSON: inbox::Fault
    due       INTEGER,
    failures  INTEGER NOT NULL DEFAULT 0,
    strikes   INTEGER NOT NULL DEFAULT 0,
    struck    INTEGER,
    received  INTEGER NOT NULL,
    found     INTEGER,
    looked    INTEGER,
    changed   INTEGER NOT NULL,
    UNIQUE (source, target)
);
CREATE INDEX linkbacks_by_due ON linkbacks (host, due) WHERE due IS NOT NULL;
CREATE INDEX linkbacks_by_state ON linkbacks (state, received);
CREATE INDEX linkbacks_waiting ON linkbacks (received) WHERE state = 'held' OR pending IS NOT NULL;
CREATE INDEX linkbacks_by_target ON linkbacks (target, state);

-- The hosts that have something due: when the next fetch from each may begin. One look at this table finds the next
-- job among a hundred thousand, and no host can crowd out another.
CREATE TABLE hosts (
    host     TEXT PRIMARY KEY,
    ready    INTEGER,                   -- the later of its first due linkback and `rests`; NULL if it has none
    rests    INTEGER NOT NULL DEFAULT 0, -- no fetch before this moment
    failures INTEGER NOT NULL DEFAULT 0  -- fetches in a row that failed
) WITHOUT ROWID;
CREATE INDEX hosts_by_ready ON hosts (ready) WHERE ready IS NOT NULL;

-- How many linkbacks there are in each state, kept by triggers: the limit of the queue is asked at every submission.
CREATE TABLE tallies (state TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
CREATE TRIGGER linkbacks_inserted AFTER INSERT ON linkbacks BEGIN
    INSERT INTO tallies VALUES (new.state, 1) ON CONFLICT DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER linkbacks_deleted AFTER DELETE ON linkbacks BEGIN
    UPDATE tallies SET count = count - 1 WHERE state = old.state;
END;
CREATE TRIGGER linkbacks_moved AFTER UPDATE OF state ON linkbacks WHEN old.state <> new.state BEGIN
    UPDATE tallies SET count = count - 1 WHERE state = old.state;
    INSERT INTO tallies VALUES (new.state, 1) ON CONFLICT DO UPDATE SET count = count + 1;
END;

-- What persons decided, with the linkback as it was before, so that it can be undone.
CREATE TABLE decisions (
    id       INTEGER PRIMARY KEY,
    at       INTEGER NOT NULL,
    linkback INTEGER NOT NULL REFERENCES linkbacks (id) ON DELETE CASCADE,
    decision TEXT NOT NULL,
    before   TEXT NOT NULL,             -- JSON: what undoing puts back
    batch    INTEGER NOT NULL,          -- decisions that were made at once are undone at once
    undone   INTEGER
);
CREATE INDEX decisions_by_batch ON decisions (batch);
CREATE INDEX decisions_by_linkback ON decisions (linkback);

-- Whose linkbacks are let in, and whose are never taken: hosts, or authors on hosts that many share.
CREATE TABLE lists (
    list  TEXT NOT NULL CHECK (list IN ('allow', 'block')),
    entry TEXT NOT NULL,
    added INTEGER NOT NULL,
    PRIMARY KEY (list, entry)
) WITHOUT ROWID;

-- What stands in back matter files, as it was written there: the difference to the linkbacks is what is still to be
-- written. What its author changes or deletes in a file is left as it is.
CREATE TABLE written (
    linkback INTEGER PRIMARY KEY REFERENCES linkbacks (id) ON DELETE CASCADE,
    post     TEXT NOT NULL,
    words    TEXT NOT NULL              -- JSON: inbox::Words
);

-- Posts that take no more linkbacks.
CREATE TABLE closed (post TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;

-- Single values.
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
";

/// Numbers for changes, in the order in which they reached the disk.
const REVISIONS: &str = "
-- The number of the last change of state or words: higher than all before it. Moments do not tell the order of changes
-- that are made at once, nor of those on both sides of a clock that was set back.
ALTER TABLE linkbacks ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
UPDATE linkbacks SET revision = ranked.number
    FROM (SELECT id, row_number() OVER (ORDER BY changed, id) AS number FROM linkbacks) AS ranked
    WHERE ranked.id = linkbacks.id;
CREATE INDEX linkbacks_by_revision ON linkbacks (revision);
";

/// Room for rows that cannot be read.
const UNREADABLE: &str = "
-- Rows as they were when they could not be read, with the reason. A step that changes the columns of `linkbacks` has
-- to change them here as well.
CREATE TABLE unreadable AS SELECT '' AS reason, * FROM linkbacks WHERE false;
";

/// What a build still has to show.
const UNBUILT: &str = "
-- Linkbacks whose back matter was written, and whose site was not built since.
CREATE TABLE unbuilt (linkback INTEGER PRIMARY KEY REFERENCES linkbacks (id) ON DELETE CASCADE);
";

/// A way to the other spellings of a source.
const SPELLINGS: &str = "
CREATE INDEX linkbacks_by_page ON linkbacks (target, host);
";

/// A way to the page that a source leads to.
const PAGES: &str = "
-- The key of the address that the source was read from, or that the page says is its own; NULL before it was read.
ALTER TABLE linkbacks ADD COLUMN page TEXT;
ALTER TABLE unreadable ADD COLUMN page TEXT;
CREATE INDEX linkbacks_by_key ON linkbacks (target, page) WHERE page IS NOT NULL;
";

/// The key that all spellings of a source share: with it a submission finds its linkback by one look-up, where it read
/// and parsed each source of the same host.
fn add_source_keys(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(
        "-- The key of the address that was submitted; NULL if `source` is not an address.
         ALTER TABLE linkbacks ADD COLUMN source_key TEXT;
         ALTER TABLE unreadable ADD COLUMN source_key TEXT;",
    )?;
    let mut fill = connection.prepare("UPDATE linkbacks SET source_key = ?2 WHERE id = ?1")?;
    let mut sources = connection.prepare("SELECT id, source FROM linkbacks ORDER BY id")?;
    // The rows are collected first: SQLite leaves open what a query returns of a table that changes under it.
    let rows = sources.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    for (id, source) in rows.collect::<rusqlite::Result<Vec<(i64, String)>>>()? {
        if let Ok(address) = Address::parse(&source) {
            fill.execute((id, address.key()))?;
        }
    }
    // The index comes after the rows, which is less work than an index that each row changes.
    connection.execute_batch(
        "DROP INDEX linkbacks_by_page;
         CREATE INDEX linkbacks_by_source_key ON linkbacks (target, source_key) WHERE source_key IS NOT NULL;",
    )
}

/// One index for the linkbacks of a target and for a source among them: each index is a page more that every submission
/// writes.
const ONE_INDEX_OF_TARGETS: &str = "
DROP INDEX linkbacks_by_target;
DROP INDEX linkbacks_by_source_key;
CREATE INDEX linkbacks_by_source ON linkbacks (target, source_key);
";

/// The places of comments whose words are forgotten.
const WITHDRAWN_ANSWERS: &str = "
-- What a withdrawn comment answered, by id: an answer to it that is approved later stands below that.
CREATE TABLE withdrawn_answers (
    linkback INTEGER PRIMARY KEY REFERENCES linkbacks (id) ON DELETE CASCADE,
    parent   TEXT NOT NULL
);
";

/// What can be wrong with a database before it is used.
pub(super) enum MigrationError {
    /// SQLite said no.
    Sql(rusqlite::Error),
    /// It was made by a later release.
    TooNew,
}

impl From<rusqlite::Error> for MigrationError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

/// Takes the steps that the database has not taken yet, each with its number in one transaction.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), MigrationError> {
    // Asked before locking: a database that is up to date is opened by many at once.
    if version(connection)? == STEPS.len() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let taken = version(&transaction)?;
    if taken > STEPS.len() {
        return Err(MigrationError::TooNew);
    }
    for step in &STEPS[taken..] {
        match step {
            MigrationStep::Statements(sql) => transaction.execute_batch(sql)?,
            MigrationStep::Function(migrate) => migrate(&transaction)?,
        }
    }
    transaction.pragma_update(None, "user_version", STEPS.len())?;
    transaction.commit()?;
    Ok(())
}

fn version(connection: &Connection) -> Result<usize, rusqlite::Error> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}
