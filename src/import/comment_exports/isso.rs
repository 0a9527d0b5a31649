//! Isso: its database of SQLite, with a table of threads and one of comments in Markdown.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, Row, config::DbConfig};

use super::{CommentThread, html_of_markdown, moment_of_seconds};
use crate::error::{Error, Result};
use crate::import::export_files::ExportFile;
use crate::import::model::{ImportedResponse, ResponseState};

/// The longest text of a comment.
const MAX_TEXT: usize = 1 << 20;

/// The threads of databases.
pub(super) fn threads(files: &[ExportFile]) -> Result<Vec<CommentThread>> {
    let mut threads = Vec::new();
    for file in files {
        let read = open(file).and_then(|database| read(&database));
        threads.extend(read.map_err(|error| Error::Argument {
            given: file.name().to_owned(),
            reason: format!("this is not a database of Isso: {error}"),
        })?);
    }
    Ok(threads)
}

/// Opens a database of a stranger: nothing in its schema may act, and nothing is written beside it.
fn open(file: &ExportFile) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let database = Connection::open_with_flags(file.path(), flags)?;
    database.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    database.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    database.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    Ok(database)
}

/// Mail addresses, addresses of machines and votes are not asked for.
fn read(database: &Connection) -> rusqlite::Result<Vec<CommentThread>> {
    let mut statement = database.prepare("SELECT id, uri, title FROM threads ORDER BY id")?;
    let mut rows = statement.query([])?;
    let mut threads = Vec::new();
    let mut numbers = std::collections::HashMap::new();
    while let Some(row) = rows.next()? {
        let [number, uri, title] = [0, 1, 2].map(|column| text(row, column));
        let called = if title.is_empty() { &uri } else { &title };
        let name = format!("thread {number} “{}”", crate::html::shorten(called, 60));
        numbers.insert(number, threads.len());
        threads.push(CommentThread { name, places: vec![uri], comments: Vec::new() });
    }
    let mut statement = database
        .prepare("SELECT tid, id, parent, created, mode, text, author, website FROM comments ORDER BY id")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let number = text(row, 0);
        let at = *numbers.entry(number).or_insert_with_key(|number| {
            let name = format!("thread {number}, which is not in the database");
            threads.push(CommentThread { name, places: Vec::new(), comments: Vec::new() });
            threads.len() - 1
        });
        threads[at].comments.push(comment(row));
    }
    Ok(threads)
}

fn comment(row: &Row<'_>) -> ImportedResponse {
    let [id, parent, created, mode, content, author, website] =
        [1, 2, 3, 4, 5, 6, 7].map(|column| text(row, column));
    // Isso's own numbers: 1 is accepted, 2 waits, 4 was deleted and is kept for its answers.
    let state = match mode.as_str() {
        "1" => ResponseState::Approved,
        "2" => ResponseState::Held,
        _ => ResponseState::Binned,
    };
    ImportedResponse {
        parent: Some(format!("isso-{parent}")).filter(|_| !parent.is_empty()),
        anchor: Some(format!("isso-{id}")),
        author,
        author_url: website,
        published: created.parse().ok().and_then(moment_of_seconds),
        content: html_of_markdown(&content),
        state,
        ..ImportedResponse::comment(&format!("isso-{id}"))
    }
}

/// A value as text, whatever its type; empty if there is none, or if it is too long.
fn text(row: &Row<'_>, column: usize) -> String {
    match row.get_ref(column) {
        Ok(ValueRef::Integer(number)) => number.to_string(),
        Ok(ValueRef::Real(number)) => number.to_string(),
        Ok(ValueRef::Text(bytes) | ValueRef::Blob(bytes)) => {
            String::from_utf8_lossy(&bytes[..bytes.len().min(MAX_TEXT)]).into_owned()
        }
        Ok(ValueRef::Null) | Err(_) => String::new(),
    }
}
