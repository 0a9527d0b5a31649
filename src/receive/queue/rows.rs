//! Between an [`InboxItem`] and its row.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use rusqlite::types::Type;
use rusqlite::{Connection, Row, named_params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::linkback::LinkbackKind;
use crate::linkback::address::Address;
use crate::linkback::inbox::signals::ModerationSignal;
use crate::linkback::inbox::state::{Hints, InboxItem, InboxState, Mention, SourceError};

/// A moment as it is stored.
pub(super) fn millis(moment: DateTime<Utc>) -> i64 {
    moment.timestamp_millis()
}

/// The host that a page is fetched from, as fetches are spread by it.
pub(crate) fn host_of(source: &str) -> String {
    Address::parse(source).map(|source| source.host().to_owned()).unwrap_or_default()
}

/// The item of a row with all columns.
pub(super) fn item(row: &Row<'_>) -> rusqlite::Result<InboxItem> {
    Ok(InboxItem {
        id: row.get("id")?,
        token: row.get("token")?,
        source: row.get("source")?,
        page: row.get("page")?,
        target: row.get("target")?,
        written: row.get("written")?,
        post: row.get("post")?,
        protocols: protocols(&json::<Vec<String>>(row, "protocols")?.unwrap_or_default()),
        hints: json(row, "hints")?.unwrap_or_default(),
        sender: row.get("sender")?,
        state: state(row)?,
        words: json(row, "words")?,
        pending: json(row, "pending")?,
        reasons: json(row, "reasons")?.unwrap_or_default(),
        fault: json(row, "fault")?,
        due: moment(row, "due")?,
        failures: row.get("failures")?,
        strikes: row.get("strikes")?,
        struck: moment(row, "struck")?,
        received: moment(row, "received")?.unwrap_or_default(),
        found: moment(row, "found")?,
        looked: moment(row, "looked")?,
        changed: moment(row, "changed")?.unwrap_or_default(),
    })
}

/// The columns of a row that cannot be read.
pub(super) fn not_understood(row: &Row<'_>) -> Vec<&'static str> {
    let checks = [
        ("protocols", json::<Vec<String>>(row, "protocols").err()),
        ("hints", json::<Hints>(row, "hints").err()),
        ("state", state(row).err()),
        ("words", json::<Mention>(row, "words").err()),
        ("pending", json::<Mention>(row, "pending").err()),
        ("reasons", json::<Vec<ModerationSignal>>(row, "reasons").err()),
        ("fault", json::<SourceError>(row, "fault").err()),
        ("due", moment(row, "due").err()),
    ];
    checks.into_iter().filter(|(_, error)| error.is_some()).map(|(column, _)| column).collect()
}

fn state(row: &Row<'_>) -> rusqlite::Result<InboxState> {
    let name: String = row.get("state")?;
    InboxState::of_name(&name).ok_or_else(|| corrupt(format!("there is no state `{name}`")))
}

fn protocols(names: &[String]) -> BTreeSet<LinkbackKind> {
    LinkbackKind::ALL
        .iter()
        .filter(|(name, _)| names.iter().any(|known| known == name))
        .map(|(_, kind)| *kind)
        .collect()
}

fn moment(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<DateTime<Utc>>> {
    Ok(row.get::<_, Option<i64>>(column)?.and_then(DateTime::from_timestamp_millis))
}

fn json<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<T>> {
    let text: Option<String> = row.get(column)?;
    text.map(|text| serde_json::from_str(&text).map_err(corrupt)).transpose()
}

fn corrupt(fault: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, Type::Text, fault.into())
}

fn text_of<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("our values have text for keys")
}

const COLUMNS: &str =
    "token, source, target, written, post, host, protocols, hints, sender, state, words, pending, reasons,
    fault, due, failures, strikes, struck, received, found, looked, changed, page, source_key, revision";

const VALUES: &str =
    ":token, :source, :target, :written, :post, :host, :protocols, :hints, :sender, :state, :words, :pending,
    :reasons, :fault, :due, :failures, :strikes, :struck, :received, :found, :looked, :changed, :page,
    :source_key";

/// The number of a change that is written now. No other connection writes before this transaction ends.
const NEXT_REVISION: &str = "(SELECT coalesce(max(revision), 0) + 1 FROM linkbacks)";

/// Writes an item: a new row if its id is 0, else over its own. Returns its id.
pub(super) fn write(connection: &Connection, item: &InboxItem) -> rusqlite::Result<i64> {
    let sql = if item.id == 0 {
        format!("INSERT INTO linkbacks (id, {COLUMNS}) VALUES (nullif(:id, 0), {VALUES}, {NEXT_REVISION})")
    } else {
        let is_same = "state IS :state AND words IS :words AND changed IS :changed";
        let revision = format!("iif({is_same}, revision, {NEXT_REVISION})");
        format!("UPDATE linkbacks SET ({COLUMNS}) = ({VALUES}, {revision}) WHERE id = :id")
    };
    let protocols: Vec<&str> = item.protocols.iter().map(|kind| kind.name()).collect();
    // Read once for both columns that are made of it.
    let address = Address::parse(&item.source).ok();
    connection.prepare_cached(&sql)?.execute(named_params! {
        ":id": item.id,
        ":token": item.token,
        ":source": item.source,
        ":target": item.target,
        ":written": item.written,
        ":post": item.post,
        ":host": address.as_ref().map_or("", Address::host),
        ":protocols": text_of(&protocols),
        ":hints": (!item.hints.is_empty()).then(|| text_of(&item.hints)),
        ":sender": item.sender,
        ":state": item.state.name(),
        ":words": item.words.as_ref().map(text_of),
        ":pending": item.pending.as_ref().map(text_of),
        ":reasons": text_of(&item.reasons),
        ":fault": item.fault.as_ref().map(text_of),
        ":due": item.due.map(millis),
        ":failures": item.failures,
        ":strikes": item.strikes,
        ":struck": item.struck.map(millis),
        ":received": millis(item.received),
        ":found": item.found.map(millis),
        ":looked": item.looked.map(millis),
        ":changed": millis(item.changed),
        ":page": item.page,
        ":source_key": address.as_ref().map(Address::key),
    })?;
    Ok(if item.id == 0 { connection.last_insert_rowid() } else { item.id })
}
