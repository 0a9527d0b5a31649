//! Rows that cannot be read, as another program or a later release may have left them: they are set aside, so that they
//! hold up nothing else.
//!
//! What stood in such a row is copied into the table `unreadable` as it was. Then what is not understood is emptied, and
//! the linkback counts as refused, for the reason that is given; a person may let it be looked at again. One that
//! stands in the back matter stays there.

use rusqlite::{Connection, Row, Transaction, TransactionBehavior, params};

use crate::linkback::inbox::state::{InboxState, Mention, SourceError, SourceErrorKind};

use super::rows::{self, host_of};
use super::store::refresh_host;

/// Whether what is wrong is a row, not the database.
pub(super) fn is_unreadable(error: &rusqlite::Error) -> bool {
    use rusqlite::Error::{FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType};
    matches!(error, FromSqlConversionFailure(..) | IntegralValueOutOfRange(..) | InvalidColumnType(..))
}

/// What a row was that could not be read.
struct Broken {
    id: i64,
    source: String,
    state: InboxState,
    /// The columns that are not understood.
    columns: Vec<&'static str>,
    reason: String,
}

/// Sets all rows aside that cannot be read.
pub(super) fn set_aside(connection: &Connection) -> rusqlite::Result<()> {
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    for broken in find(&transaction)? {
        empty(&transaction, &broken)?;
        refresh_host(&transaction, &host_of(&broken.source))?;
    }
    transaction.commit()
}

fn find(connection: &Connection) -> rusqlite::Result<Vec<Broken>> {
    let mut statement = connection.prepare("SELECT * FROM linkbacks")?;
    let mut rows = statement.query([])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        if let Err(error) = rows::item(row) {
            all.push(broken(row, &error)?);
        }
    }
    Ok(all)
}

fn broken(row: &Row<'_>, error: &rusqlite::Error) -> rusqlite::Result<Broken> {
    let columns = rows::not_understood(row);
    let named = columns.iter().map(|column| format!("`{column}`")).collect::<Vec<_>>().join(", ");
    let why = match error {
        rusqlite::Error::FromSqlConversionFailure(_, _, why) => why.to_string(),
        error => error.to_string(),
    };
    Ok(Broken {
        id: row.get("id")?,
        source: row.get("source").unwrap_or_default(),
        state: row
            .get::<_, String>("state")
            .ok()
            .and_then(|name| InboxState::of_name(&name))
            .unwrap_or(InboxState::Refused),
        columns,
        reason: format!("its row in the database cannot be read: {named}: {why}"),
    })
}

fn empty(connection: &Connection, broken: &Broken) -> rusqlite::Result<()> {
    let Broken { id, columns, reason, .. } = broken;
    connection
        .execute("INSERT INTO unreadable SELECT ?2, * FROM linkbacks WHERE id = ?1", params![id, reason])?;
    for column in columns {
        let value = match *column {
            "protocols" | "reasons" => "'[]'",
            "state" => "'refused'",
            // What stands in the back matter is what was approved.
            "words" => "(SELECT words FROM written WHERE linkback = linkbacks.id)",
            _ => "NULL",
        };
        connection.execute(&format!("UPDATE linkbacks SET {column} = {value} WHERE id = ?1"), [id])?;
    }
    let words: Option<String> =
        connection.query_row("SELECT words FROM linkbacks WHERE id = ?1", [id], |row| row.get(0))?;
    let has_words = words.is_some_and(|words| serde_json::from_str::<Mention>(&words).is_ok());
    if broken.state == InboxState::Approved && has_words {
        return Ok(());
    }
    let fault = SourceError::new(SourceErrorKind::Unreachable, reason.clone());
    let fault = serde_json::to_string(&fault).expect("a fault is text");
    let sql = "UPDATE linkbacks SET state = 'refused', due = NULL, fault = ?2 WHERE id = ?1";
    connection.execute(sql, params![id, fault]).map(drop)
}
