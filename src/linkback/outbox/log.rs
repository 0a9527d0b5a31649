//! The log of the linkbacks that were sent: `linkbacks.sent.toml`, text beside the site.
//!
//! It is the only record of what was sent, so it belongs into version control. It is sorted, so that a change is a
//! change in few lines. It may be edited by hand: after an entry is deleted, its linkback counts as not sent.
//!
//! ```toml
//! since = 2026-11-22T12:00:00Z
//!
//! [[linkback]]
//! post = "2016/aleppo"
//! source = "https://blog.example/2016/12/15/aleppo/"
//! target = "https://example.com/report"
//! text = "3f2a9c01"
//! state = "sent"
//! protocol = "webmention"
//! endpoint = "https://example.com/webmention"
//! answer = "202"
//! attempts = 1
//! time = 2026-11-22T12:00:07Z
//! told = 2026-11-22T12:00:07Z
//! ```

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Range;

use chrono::{DateTime, SecondsFormat, Utc};
use chrono_tz::Tz;
use serde::Serialize;
use toml_edit::{Item, Table, value};

use crate::date::Date;
use crate::diagnostic::{Diagnostic, Severity};
use crate::linkback::LinkbackKind;
use crate::linkback::address::Address;
use crate::linkback::back_matter::read::{one_of, text};
use crate::spanned::{self, Fields, SourceText};

/// The file, in the folder of the site.
pub const FILE_NAME: &str = "linkbacks.sent.toml";

/// The linkbacks that were sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SendLog {
    /// For posts that were published before this moment, and not changed since, nothing is sent.
    pub since: Option<DateTime<Utc>>,
    /// Everything that was sent or is to be sent.
    pub records: BTreeMap<SendKey, SendRecord>,
}

/// What identifies a record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct SendKey {
    /// The stable id of the post, so that a new address is not a new post; the source's address if it is not a post.
    pub post: String,
    /// The page that is linked.
    pub target: String,
}

/// The linkback from one post to one page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SendRecord {
    /// The address of the post when the linkback was sent.
    pub source: String,
    /// The page that is linked.
    pub target: String,
    /// The fingerprint of the post's text when the linkback was sent.
    pub text: String,
    /// How far it has come.
    pub state: SendState,
    pub news: LinkChange,
    pub protocol: Option<LinkbackKind>,
    pub endpoint: String,
    /// What was answered, or why nothing was sent.
    pub answer: String,
    /// Where the receiver says what became of it.
    pub status: String,
    /// What it said there last.
    pub verdict: String,
    /// How often it was tried since it last went well.
    pub attempts: u32,
    /// When it was last tried.
    pub time: Option<DateTime<Utc>>,
    /// When it is tried again.
    pub next: Option<DateTime<Utc>>,
    /// When the link was last reported. A link that was reported has to be taken back when it is removed.
    pub told: Option<DateTime<Utc>>,
}

/// How far a record has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SendState {
    /// It is to be sent.
    Waiting,
    /// It is being sent at this moment. If a process finds it so, another one died on the way, and it is unknown whether the
    /// message arrived.
    Sending,
    /// It was sent, or the target was found to know it.
    Sent,
    /// The target takes no linkbacks.
    Silent,
    /// It was tried often enough, or refused.
    Failed,
    Withdrawn,
}

/// What a linkback reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LinkChange {
    /// That it is linked.
    Link,
    /// That it is linked no more.
    Removal,
    /// That the page that linked to it is gone.
    Deletion,
}

impl SendState {
    const ALL: [(&'static str, Self); 6] = [
        ("waiting", Self::Waiting),
        ("sending", Self::Sending),
        ("sent", Self::Sent),
        ("silent", Self::Silent),
        ("failed", Self::Failed),
        ("withdrawn", Self::Withdrawn),
    ];

    /// Its name in the file.
    pub fn name(self) -> &'static str {
        crate::linkback::name_in(&Self::ALL, self)
    }
}

impl LinkChange {
    const ALL: [(&'static str, Self); 3] =
        [("link", Self::Link), ("removal", Self::Removal), ("deletion", Self::Deletion)];

    /// Its name in the file.
    pub fn name(self) -> &'static str {
        crate::linkback::name_in(&Self::ALL, self)
    }
}

impl SendRecord {
    /// A record of nothing that was done yet.
    pub fn new(source: &str, target: &str, text: &str) -> Self {
        Self {
            source: source.to_owned(),
            target: target.to_owned(),
            text: text.to_owned(),
            state: SendState::Waiting,
            news: LinkChange::Link,
            protocol: None,
            endpoint: String::new(),
            answer: String::new(),
            status: String::new(),
            verdict: String::new(),
            attempts: 0,
            time: None,
            next: None,
            told: None,
        }
    }
}

/// Reads the log. With any error among the diagnostics nothing may be sent, as what is lost would be sent again.
pub fn parse(text: &str, zone: Tz) -> (SendLog, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let source = SourceText { path: FILE_NAME, text };
    let table = match spanned::toml(text, 0) {
        Ok(table) => table,
        Err(errors) => {
            let faults = errors
                .into_iter()
                .map(|error| Diagnostic::error(FILE_NAME, error.message).at(text, error.span));
            return (SendLog::default(), faults.collect());
        }
    };
    let mut fields = Fields::new(source, "", table, &mut diagnostics);
    let mut sent = SendLog { since: moment(&mut fields, "since", zone), ..SendLog::default() };
    for entry in fields.tables("linkback") {
        let span = entry.span.clone();
        let mut inner = Fields::new(source, "linkback.", entry.value, fields.diagnostics());
        let read = record(&mut inner, &span, zone);
        inner.finish(Severity::Error, |_| None);
        let Some((key, record)) = read else { continue };
        match sent.records.entry(key) {
            Entry::Vacant(entry) => {
                entry.insert(record);
            }
            Entry::Occupied(known) => {
                let message = format!("`{}` stands here twice for `{}`", record.target, known.key().post);
                fields.report(span, message, Some("delete one of the two entries".to_owned()));
            }
        }
    }
    fields.finish(Severity::Error, |_| Some("what was sent stands under `[[linkback]]`".to_owned()));
    (sent, diagnostics)
}

fn record(fields: &mut Fields<'_>, span: &Range<usize>, zone: Tz) -> Option<(SendKey, SendRecord)> {
    let (source, target) = (address(fields, "source"), address(fields, "target"));
    let post = text(fields, "post");
    let mut record = SendRecord::new(&source, &target, &text(fields, "text"));
    record.endpoint = text(fields, "endpoint");
    record.answer = text(fields, "answer");
    record.status = text(fields, "status");
    record.verdict = text(fields, "verdict");
    record.state = one_of(fields, "state", &SendState::ALL).unwrap_or(SendState::Waiting);
    record.news = one_of(fields, "news", &LinkChange::ALL).unwrap_or(LinkChange::Link);
    record.protocol = one_of(fields, "protocol", &LinkbackKind::ALL);
    record.attempts = fields.integer("attempts", 0..=1_000_000).map_or(0, |n| u32::try_from(n).unwrap_or(0));
    record.time = moment(fields, "time", zone);
    record.next = moment(fields, "next", zone);
    record.told = moment(fields, "told", zone);
    if source.is_empty() || target.is_empty() {
        fields.report(span.clone(), "an entry needs a `source` and a `target`", None);
        return None;
    }
    let post = if post.is_empty() { source } else { post };
    Some((SendKey { post, target }, record))
}

/// The address of a page; nothing if there is none.
fn address(fields: &mut Fields<'_>, key: &'static str) -> String {
    let Some(taken) = fields.text(key) else { return String::new() };
    let written = taken.value.trim().to_owned();
    if let Err(refusal) = Address::parse(&written) {
        let message = format!("`{written}` is not a `{key}`: {refusal}");
        fields.report(taken.span, message, Some("write it as https://example.com/page/".to_owned()));
    }
    written
}

fn moment(fields: &mut Fields<'_>, key: &'static str, zone: Tz) -> Option<DateTime<Utc>> {
    let taken = fields.text(key)?;
    match Date::parse(&taken.value, zone) {
        Ok(date) => Some(date.time().to_utc()),
        Err(message) => {
            fields.report(taken.span, message, None);
            None
        }
    }
}

/// What stands at the top of the file.
const HEADER: &str =
    "# The linkbacks that `backmatter send` has sent. Keep this file under version control: it is the only record.
# Delete an entry to have it sent again; comments are not kept.

";

/// Writes the log, entry by entry: one document of many years of entries would be many times as large in memory.
pub(crate) fn write(sent: &SendLog) -> String {
    let mut text = HEADER.to_owned();
    if let Some(since) = sent.since {
        let mut head = Table::new();
        head["since"] = time(since);
        text.push_str(&head.to_string());
    }
    for (at, (key, record)) in sent.records.iter().enumerate() {
        let gap = if at == 0 && sent.since.is_none() { "" } else { "\n" };
        text.push_str(&format!("{gap}[[linkback]]\n{}", entry(key, record)));
    }
    text
}

fn entry(key: &SendKey, record: &SendRecord) -> Table {
    let mut table = Table::new();
    if key.post != record.source {
        put(&mut table, "post", &key.post);
    }
    put(&mut table, "source", &record.source);
    put(&mut table, "target", &record.target);
    put(&mut table, "text", &record.text);
    put(&mut table, "state", record.state.name());
    if record.news != LinkChange::Link {
        put(&mut table, "news", record.news.name());
    }
    put(&mut table, "protocol", record.protocol.map_or("", LinkbackKind::name));
    put(&mut table, "endpoint", &record.endpoint);
    put(&mut table, "answer", &record.answer);
    put(&mut table, "status", &record.status);
    put(&mut table, "verdict", &record.verdict);
    if record.attempts > 0 {
        table["attempts"] = value(i64::from(record.attempts));
    }
    for (name, moment) in [("time", record.time), ("next", record.next), ("told", record.told)] {
        if let Some(moment) = moment {
            table[name] = time(moment);
        }
    }
    table
}

/// Sets a key, unless its text is empty.
fn put(table: &mut Table, key: &str, text: &str) {
    if !text.is_empty() {
        table[key] = value(text);
    }
}

fn time(moment: DateTime<Utc>) -> Item {
    let text = moment.to_rfc3339_opts(SecondsFormat::Secs, true);
    value(text.parse::<toml_edit::Datetime>().expect("TOML writes moments as RFC 3339 does"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment_of(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    #[test]
    fn what_is_written_is_read() {
        let mut sent = SendLog { since: Some(moment_of("2026-11-22T12:00:00Z")), ..SendLog::default() };
        for (state_name, state) in SendState::ALL {
            for (news_name, news) in LinkChange::ALL {
                let key = SendKey {
                    post: format!("2016/{state_name}"),
                    target: format!("https://a.example/{news_name}"),
                };
                let record = SendRecord {
                    state,
                    news,
                    protocol: Some(LinkbackKind::Pingback),
                    endpoint: "https://a.example/xmlrpc".to_owned(),
                    answer: "fault 48: \"known\"\nalready".to_owned(),
                    attempts: 3,
                    time: Some(moment_of("2026-11-22T12:00:07Z")),
                    next: Some(moment_of("2026-11-22T14:00:07Z")),
                    told: Some(moment_of("2026-11-20T14:00:07Z")),
                    status: "https://a.example/status/1".to_owned(),
                    verdict: "queued".to_owned(),
                    ..SendRecord::new("https://b.example/post/", &key.target, "3f2a9c01")
                };
                sent.records.insert(key, record);
            }
        }
        let by_hand =
            SendKey { post: "https://b.example/page/".to_owned(), target: "https://a.example/x".to_owned() };
        sent.records.insert(by_hand, SendRecord::new("https://b.example/page/", "https://a.example/x", ""));
        let (read, faults) = parse(&write(&sent), Tz::UTC);
        assert_eq!(faults, []);
        assert_eq!(read, sent);
    }

    #[test]
    fn the_file_is_one_that_people_can_read() {
        let mut sent = SendLog { since: Some(moment_of("2026-11-22T12:00:00Z")), ..SendLog::default() };
        let key = SendKey { post: "2016/aleppo".to_owned(), target: "https://a.example/x".to_owned() };
        let record = SendRecord {
            state: SendState::Sent,
            protocol: Some(LinkbackKind::Webmention),
            endpoint: "https://a.example/webmention".to_owned(),
            answer: "202".to_owned(),
            attempts: 1,
            time: Some(moment_of("2026-11-22T12:00:07.5Z")),
            ..SendRecord::new("https://b.example/2016/12/15/aleppo/", "https://a.example/x", "3f2a9c01")
        };
        sent.records.insert(key, record);
        let expected = format!(
            "{HEADER}since = 2026-11-22T12:00:00Z\n\n[[linkback]]\npost = \"2016/aleppo\"\n\
             source = \"https://b.example/2016/12/15/aleppo/\"\ntarget = \"https://a.example/x\"\ntext = \"3f2a9c01\"\n\
             state = \"sent\"\nprotocol = \"webmention\"\nendpoint = \"https://a.example/webmention\"\nanswer = \"202\"\n\
             attempts = 1\ntime = 2026-11-22T12:00:07Z\n"
        );
        assert_eq!(write(&sent), expected);
        assert_eq!(write(&SendLog::default()), HEADER);
    }

    #[test]
    fn faults_are_named_and_keep_everything_from_being_sent() {
        let (_, faults) = parse(
            "sinc = 1\n[[linkback]]\nsource = 'https://a.example/'\ntarget = 'https://b.example/'\nstate = 'send'\n\
             [[linkback]]\nsource = 'https://a.example/'\ntarget = 'https://b.example/'\n[[linkback]]\ntime = 'noon'\n\
             [[linkback]]\nsource = 'https://a.example/'\ntarget = 'b'\n",
            Tz::UTC,
        );
        let told: Vec<_> = faults.iter().map(|fault| fault.message.as_str()).collect();
        assert_eq!(
            told,
            [
                "there is no state `send`",
                "`https://b.example/` stands here twice for `https://a.example/`",
                "`noon` is not a date; write it as 2016-12-15 or 2016-12-15T22:32:00+01:00",
                "an entry needs a `source` and a `target`",
                "`b` is not a `target`: an address is not absolute",
                "unknown key `sinc`",
            ]
        );
        assert!(faults.iter().all(Diagnostic::is_error));
        assert_eq!(parse("[[linkback", Tz::UTC).1.len(), 1);
        let merge = "[[linkback]]\n<<<<<<< HEAD\nanswer = '1'\n=======\nanswer = '2'\n>>>>>>> other\n";
        let (_, faults) = parse(merge, Tz::UTC);
        let told: Vec<_> = faults
            .iter()
            .map(|fault| (fault.place.as_ref().map(|place| place.line), fault.message.as_str()))
            .collect();
        let message = "a merge was not finished: keep what is right of both sides, and delete the lines with \
            `<<<<<<<`, `=======` and `>>>>>>>`";
        assert_eq!(told, [(Some(2), message)]);
    }
}
