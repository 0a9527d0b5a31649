//! The outbox: links wanted, minus links sent. Pure; time is an argument.
//!
//! [`plan`] compares the posts there are with the [ledger](crate::linkback::outbox::log) and writes into it, as waiting,
//! whatever is to be sent; [`begin`] and [`settle`] move one record on. So the ledger is the queue: each of these
//! steps is to be saved before anything else is done, and a process that dies between two of them leaves a ledger
//! from which the next one goes on.
//!
//! A message that was under way when its process died may have arrived. It is not sent again: a linkback that is lost can be
//! sent by hand, one that comes twice cannot be called back. [`recover`] sees to that.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use crate::linkback::outbox::log::{LinkChange, SendKey, SendLog, SendRecord, SendState};
use crate::linkback::protocol::discovery::Endpoint;

/// A post that is online, as far as the outbox has to do with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PublishedPost {
    /// Its stable id.
    pub post: String,
    /// Its address.
    pub source: String,
    /// The fingerprint of its text.
    pub text: String,
    /// When it was published or last changed, by its own word; the end of the day if it names no hour.
    pub moment: DateTime<Utc>,
    /// Where its text links to.
    pub links: PostLinks,
}

/// Where the text of a post links to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PostLinks {
    /// To the same pages as when linkbacks were last sent.
    Unchanged,
    Now(Vec<String>),
    /// Its author wants nothing to be sent.
    Nobodys,
}

/// Why a linkback is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SendReason {
    New,
    /// The text around it has changed.
    Changed,
    Removed,
    Gone,
    /// It was tried before, this many times.
    Again(u32),
}

/// One linkback to be sent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SendTask {
    /// Which record it is.
    pub key: SendKey,
    pub reason: SendReason,
}

/// How often and when something is tried again: the pause after the first, second and third attempt.
const PAUSES: [TimeDelta; 3] = [TimeDelta::minutes(15), TimeDelta::hours(2), TimeDelta::days(1)];

/// What came of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SendOutcome {
    /// The linkback was accepted.
    Told {
        answer: String,
        /// Where it says what becomes of it.
        status: String,
    },
    /// The target takes no linkbacks.
    Silent,
    /// It may go better later, and not before this long.
    Later {
        reason: String,
        /// How long the other side wants to be left alone.
        after: Option<TimeDelta>,
    },
    /// It will not go better.
    Refused { reason: String },
}

/// Whether the links of a post have to be read: it is recent, or its text has changed since linkbacks were sent.
pub(crate) fn is_news(sent: &SendLog, post: &str, text: &str, moment: DateTime<Utc>) -> bool {
    let mut records = records_of(sent, post);
    is_recent(sent, moment)
        || records.any(|(_, record)| record.state != SendState::Withdrawn && record.text != text)
}

/// Whether linkbacks of a post are sent though none was sent before. For an entry that was deleted from the log they are sent again.
fn is_recent(sent: &SendLog, moment: DateTime<Utc>) -> bool {
    sent.since.is_none_or(|since| moment >= since)
}

fn records_of<'s>(sent: &'s SendLog, post: &str) -> impl Iterator<Item = (&'s SendKey, &'s SendRecord)> {
    let first = SendKey { post: post.to_owned(), target: String::new() };
    let post = post.to_owned();
    sent.records.range(first..).take_while(move |(key, _)| key.post == post)
}

/// Settles what was under way when a process died: whether it arrived is unknown, and it is not sent twice.
pub(crate) fn recover(sent: &mut SendLog) -> Vec<SendKey> {
    let mut recovered = Vec::new();
    for (key, record) in &mut sent.records {
        if record.state == SendState::Sending {
            record.answer = "interrupted: whether it arrived is not known".to_owned();
            record.told = record.time;
            record.state = match record.news {
                LinkChange::Link => SendState::Sent,
                LinkChange::Removal | LinkChange::Deletion => SendState::Withdrawn,
            };
            recovered.push(key.clone());
        }
    }
    recovered
}

/// Writes into the ledger what is to be sent, and returns what is due, in the order of the ledger.
///
/// `published` holds every post that is online, or a few: the scope says which.
pub(crate) fn plan(
    sent: &mut SendLog,
    published: &[PublishedPost],
    scope: PlanScope,
    now: DateTime<Utc>,
) -> Vec<SendTask> {
    let mut tasks = Vec::new();
    for post in published {
        bring_up_to_date(sent, post);
        match &post.links {
            PostLinks::Nobodys => {}
            PostLinks::Unchanged => tasks.extend(due(sent, &post.post, now)),
            PostLinks::Now(targets) => tasks.extend(difference(sent, post, targets, now)),
        }
    }
    if scope == PlanScope::Site {
        let there: BTreeSet<&str> = published.iter().map(|post| post.post.as_str()).collect();
        tasks.extend(removed(sent, &there, now));
        tasks.extend(by_hand(sent, now));
    }
    tasks.sort();
    tasks
}

/// A post that was to be reported as gone is there again, and linkbacks that wait get its present address.
fn bring_up_to_date(sent: &mut SendLog, post: &PublishedPost) {
    for key in keys_of(sent, &post.post) {
        let Some(record) = sent.records.get_mut(&key) else { continue };
        if record.news == LinkChange::Deletion && record.state != SendState::Withdrawn {
            record.news = LinkChange::Link;
            record.state = SendState::Sent;
            record.next = None;
        }
        if record.news == LinkChange::Link && record.state == SendState::Waiting {
            record.source.clone_from(&post.source);
        }
    }
}

fn keys_of(sent: &SendLog, post: &str) -> Vec<SendKey> {
    records_of(sent, post).map(|(key, _)| key.clone()).collect()
}

/// What is waiting or has failed is tried now, as a person asks for it.
pub(crate) fn hurry(sent: &mut SendLog, post: &str) {
    for key in keys_of(sent, post) {
        let Some(record) = sent.records.get_mut(&key) else { continue };
        if matches!(record.state, SendState::Waiting | SendState::Failed) {
            record.state = SendState::Waiting;
            record.next = None;
        }
    }
}

/// What a plan is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PlanScope {
    /// Every post there is: one that is missing is gone.
    Site,
    /// Only the posts that are named.
    Posts,
}

/// What of a post is waiting and may be tried now.
fn due(sent: &SendLog, post: &str, now: DateTime<Utc>) -> Vec<SendTask> {
    due_among(records_of(sent, post), now)
}

/// What of some records is waiting and may be tried now.
fn due_among<'s>(
    records: impl Iterator<Item = (&'s SendKey, &'s SendRecord)>,
    now: DateTime<Utc>,
) -> Vec<SendTask> {
    records
        .filter(|(_, record)| {
            record.state == SendState::Waiting && record.next.is_none_or(|next| next <= now)
        })
        .map(|(key, record)| SendTask { key: key.clone(), reason: reason_of(record) })
        .collect()
}

/// Whether a linkback was sent by hand from a page that is not a post.
fn is_by_hand(key: &SendKey, record: &SendRecord) -> bool {
    key.post == record.source
}

/// Linkbacks that were sent by hand and failed for the moment.
fn by_hand(sent: &SendLog, now: DateTime<Utc>) -> Vec<SendTask> {
    due_among(sent.records.iter().filter(|(key, record)| is_by_hand(key, record)), now)
}

fn reason_of(record: &SendRecord) -> SendReason {
    match (record.attempts, record.news, record.told) {
        (0, LinkChange::Removal, _) => SendReason::Removed,
        (0, LinkChange::Deletion, _) => SendReason::Gone,
        (0, LinkChange::Link, None) => SendReason::New,
        (0, LinkChange::Link, Some(_)) => SendReason::Changed,
        (attempts, ..) => SendReason::Again(attempts),
    }
}

/// Brings the records of a post in line with where its text links to now.
fn difference(
    sent: &mut SendLog,
    post: &PublishedPost,
    targets: &[String],
    now: DateTime<Utc>,
) -> Vec<SendTask> {
    let known = keys_of(sent, &post.post);
    for target in targets {
        let key = SendKey { post: post.post.clone(), target: target.clone() };
        let record = sent.records.entry(key).or_insert_with(|| SendRecord::new(&post.source, target, ""));
        if record.text != post.text || record.state == SendState::Withdrawn {
            // A pause that a host asked for holds for other words as well.
            *record = SendRecord {
                next: record.next,
                told: record.told.filter(|_| record.state != SendState::Withdrawn),
                ..SendRecord::new(&post.source, target, &post.text)
            };
        }
    }
    for key in known.iter().filter(|key| !targets.contains(&key.target)) {
        take_back(sent, key, LinkChange::Removal, &post.text);
    }
    due(sent, &post.post, now)
}

/// A link that was reported has to be taken back; one that was not is removed from the log.
fn take_back(sent: &mut SendLog, key: &SendKey, news: LinkChange, text: &str) {
    let Some(record) = sent.records.get_mut(key) else { return };
    if record.told.is_none() {
        sent.records.remove(key);
        return;
    }
    let is_on_its_way = record.news != LinkChange::Link;
    if record.state != SendState::Withdrawn && !is_on_its_way {
        let SendRecord { told, next, .. } = *record;
        *record = SendRecord { news, told, next, ..SendRecord::new(&record.source, &record.target, text) };
    }
    record.text = text.to_owned();
}

/// Posts that are there no more.
fn removed(sent: &mut SendLog, there: &BTreeSet<&str>, now: DateTime<Utc>) -> Vec<SendTask> {
    let gone: Vec<SendKey> = sent
        .records
        .iter()
        .filter(|(key, record)| !is_by_hand(key, record) && !there.contains(key.post.as_str()))
        .map(|(key, _)| key.clone())
        .collect();
    let posts: BTreeSet<&str> = gone.iter().map(|key| key.post.as_str()).collect();
    for key in &gone {
        let text = sent.records.get(key).map_or_else(String::new, |record| record.text.clone());
        take_back(sent, key, LinkChange::Deletion, &text);
    }
    posts.into_iter().flat_map(|post| due(sent, post, now)).collect()
}

/// Puts a pair into the ledger that a person named, to be sent now.
pub(crate) fn add_by_hand(sent: &mut SendLog, key: &SendKey, source: &str, text: &str) -> SendTask {
    let told = sent.records.get(key).and_then(|record| record.told);
    let record = SendRecord { told, ..SendRecord::new(source, &key.target, text) };
    let reason = reason_of(&record);
    sent.records.insert(key.clone(), record);
    SendTask { key: key.clone(), reason }
}

/// Writes everything that links at the moment into the ledger as if it had been sent.
pub(crate) fn mark(sent: &mut SendLog, published: &[PublishedPost], now: DateTime<Utc>) {
    sent.since = Some(now);
    // Posts that were published before are not sent for. What names only its day would be until that is over.
    for post in published.iter().filter(|post| post.moment >= now) {
        let PostLinks::Now(targets) = &post.links else { continue };
        for target in targets {
            let key = SendKey { post: post.post.clone(), target: target.clone() };
            let mut record = SendRecord::new(&post.source, target, &post.text);
            record.state = SendState::Sent;
            record.answer = "marked as sent".to_owned();
            sent.records.entry(key).or_insert(record);
        }
    }
}

/// Notes that a message is about to leave. Saved before it does, this is what keeps it from leaving twice.
pub(crate) fn begin(sent: &mut SendLog, key: &SendKey, endpoint: &Endpoint, now: DateTime<Utc>) {
    if let Some(record) = sent.records.get_mut(key) {
        record.state = SendState::Sending;
        record.protocol = Some(endpoint.kind);
        record.endpoint = endpoint.url.to_string();
        record.time = Some(now);
        record.next = None;
    }
}

/// Notes that nothing was tried, as the host of the endpoint wants to be left alone until then.
pub(crate) fn postpone(sent: &mut SendLog, key: &SendKey, until: DateTime<Utc>) {
    if let Some(record) = sent.records.get_mut(key) {
        record.next = Some(until);
    }
}

/// Notes what came of it.
pub(crate) fn settle(sent: &mut SendLog, key: &SendKey, outcome: &SendOutcome, now: DateTime<Utc>) {
    let Some(record) = sent.records.get_mut(key) else { return };
    record.time = Some(now);
    record.next = None;
    record.attempts += 1;
    let done = if record.news == LinkChange::Link { SendState::Sent } else { SendState::Withdrawn };
    match outcome {
        SendOutcome::Told { answer, status } => {
            record.state = done;
            record.answer.clone_from(answer);
            record.status.clone_from(status);
            record.verdict.clear();
            record.told = Some(now);
        }
        SendOutcome::Silent => {
            record.state =
                if record.news == LinkChange::Link { SendState::Silent } else { SendState::Withdrawn };
            record.answer = "no endpoint".to_owned();
            record.protocol = None;
            record.endpoint.clear();
        }
        SendOutcome::Later { reason, after } => {
            record.answer.clone_from(reason);
            match pause_after(record.attempts) {
                Some(pause) => {
                    record.state = SendState::Waiting;
                    record.next = Some(now + pause.max(after.unwrap_or_default().min(LONGEST_PAUSE)));
                }
                None => record.state = SendState::Failed,
            }
        }
        SendOutcome::Refused { reason } => {
            record.state = SendState::Failed;
            record.answer.clone_from(reason);
        }
    }
}

/// The longest pause that a host can ask for.
const LONGEST_PAUSE: TimeDelta = TimeDelta::days(7);

fn pause_after(attempts: u32) -> Option<TimeDelta> {
    PAUSES.get(usize::try_from(attempts).ok()?.checked_sub(1)?).copied()
}

/// For how long a receiver is asked what became of a linkback.
const ASKED_FOR: TimeDelta = TimeDelta::days(10);

/// The status pages of linkbacks that receivers have not decided on. Linkbacks that were taken back need no decision.
pub(crate) fn undecided(sent: &SendLog, now: DateTime<Utc>) -> BTreeMap<SendKey, String> {
    sent.records
        .iter()
        .filter(|(_, record)| {
            record.state == SendState::Sent
                && !record.status.is_empty()
                && is_open_verdict(&record.verdict)
                && record.told.is_some_and(|told| now - told < ASKED_FOR)
        })
        .map(|(key, record)| (key.clone(), record.status.clone()))
        .collect()
}

fn is_open_verdict(verdict: &str) -> bool {
    matches!(verdict, "" | "queued" | "pending" | "processing" | "waiting" | "held" | "accepted" | "created")
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use crate::linkback::LinkbackKind;

    fn endpoint(url: &str) -> Endpoint {
        Endpoint { kind: LinkbackKind::Webmention, url: Url::parse(url).expect("it is an address") }
    }

    fn at(text: &str) -> DateTime<Utc> {
        let text = if text.len() == 10 { format!("{text}T12:00:00Z") } else { text.to_owned() };
        DateTime::parse_from_rfc3339(&text).unwrap().to_utc()
    }

    fn post(id: &str, text: &str, targets: &[&str]) -> PublishedPost {
        PublishedPost {
            post: id.to_owned(),
            source: format!("https://b.example/{id}/"),
            text: text.to_owned(),
            moment: at("2026-11-22"),
            links: PostLinks::Now(
                targets.iter().map(|target| format!("https://{target}.example/")).collect(),
            ),
        }
    }

    fn key(id: &str, target: &str) -> SendKey {
        SendKey { post: id.to_owned(), target: format!("https://{target}.example/") }
    }

    fn told() -> SendOutcome {
        SendOutcome::Told { answer: "202".to_owned(), status: String::new() }
    }

    fn later() -> SendOutcome {
        SendOutcome::Later { reason: "no answer".to_owned(), after: None }
    }

    /// Plans as a run does: posts whose text is known are not looked at.
    fn planned(sent: &mut SendLog, posts: &[PublishedPost], now: &str) -> Vec<(String, SendReason)> {
        let look = |post: &PublishedPost| match is_news(sent, &post.post, &post.text, post.moment) {
            true => post.clone(),
            false => PublishedPost { links: PostLinks::Unchanged, ..post.clone() },
        };
        let posts: Vec<PublishedPost> = posts.iter().map(look).collect();
        let tasks = plan(sent, &posts, PlanScope::Site, at(now));
        let name = |task: SendTask| (format!("{} {}", task.key.post, &task.key.target[8..9]), task.reason);
        tasks.into_iter().map(name).collect()
    }

    fn tasks(expected: &[(&str, SendReason)]) -> Vec<(String, SendReason)> {
        expected.iter().map(|(name, reason)| ((*name).to_owned(), *reason)).collect()
    }

    #[test]
    fn a_new_post_tells_each_target_once() {
        let mut sent = SendLog::default();
        let posts = [post("one", "v1", &["x", "y"])];
        assert_eq!(
            planned(&mut sent, &posts, "2026-11-22"),
            tasks(&[("one x", SendReason::New), ("one y", SendReason::New)])
        );
        settle(&mut sent, &key("one", "x"), &told(), at("2026-11-22"));
        // The run died here; the next one goes on with what is left.
        assert_eq!(planned(&mut sent, &posts, "2026-11-22"), tasks(&[("one y", SendReason::New)]));
        settle(&mut sent, &key("one", "y"), &SendOutcome::Silent, at("2026-11-22"));
        assert_eq!(planned(&mut sent, &posts, "2026-11-23"), tasks(&[]));
        assert_eq!(sent.records[&key("one", "y")].state, SendState::Silent);
        // A person wants it to be sent again.
        sent.records.remove(&key("one", "x"));
        assert_eq!(planned(&mut sent, &posts, "2026-11-23"), tasks(&[("one x", SendReason::New)]));
    }

    #[test]
    fn a_changed_post_tells_all_its_targets_again() {
        let mut sent = SendLog::default();
        planned(&mut sent, &[post("one", "v1", &["x", "y"])], "2026-11-22");
        for target in ["x", "y"] {
            settle(&mut sent, &key("one", target), &told(), at("2026-11-22"));
        }
        let changed = [post("one", "v2", &["x", "z"])];
        assert_eq!(
            planned(&mut sent, &changed, "2026-11-23"),
            tasks(&[
                ("one x", SendReason::Changed),
                ("one y", SendReason::Removed),
                ("one z", SendReason::New)
            ])
        );
        for target in ["x", "y", "z"] {
            settle(&mut sent, &key("one", target), &told(), at("2026-11-23"));
        }
        assert_eq!(planned(&mut sent, &changed, "2026-11-24"), tasks(&[]));
        assert_eq!(sent.records[&key("one", "y")].state, SendState::Withdrawn);
        // The link comes back.
        assert_eq!(
            planned(&mut sent, &[post("one", "v3", &["y"])], "2026-11-25"),
            tasks(&[
                ("one x", SendReason::Removed),
                ("one y", SendReason::New),
                ("one z", SendReason::Removed)
            ])
        );
    }

    #[test]
    fn what_was_never_told_is_not_taken_back() {
        let mut sent = SendLog::default();
        planned(&mut sent, &[post("one", "v1", &["x", "y", "z"])], "2026-11-22");
        settle(&mut sent, &key("one", "x"), &SendOutcome::Silent, at("2026-11-22"));
        settle(
            &mut sent,
            &key("one", "y"),
            &SendOutcome::Refused { reason: "400".to_owned() },
            at("2026-11-22"),
        );
        assert_eq!(planned(&mut sent, &[post("one", "v2", &[])], "2026-11-23"), tasks(&[]));
        assert_eq!(sent.records.len(), 0);
    }

    #[test]
    fn a_removed_post_tells_once_more() {
        let mut sent = SendLog::default();
        planned(&mut sent, &[post("one", "v1", &["x"])], "2026-11-22");
        settle(&mut sent, &key("one", "x"), &told(), at("2026-11-22"));
        assert_eq!(planned(&mut sent, &[], "2026-11-23"), tasks(&[("one x", SendReason::Gone)]));
        // Its page was still online, so nothing was done; the next run finds it again.
        assert_eq!(planned(&mut sent, &[], "2026-11-23"), tasks(&[("one x", SendReason::Gone)]));
        // It was only away for a while.
        assert_eq!(planned(&mut sent, &[post("one", "v1", &["x"])], "2026-11-23"), tasks(&[]));
        assert_eq!(planned(&mut sent, &[], "2026-11-23"), tasks(&[("one x", SendReason::Gone)]));
        settle(&mut sent, &key("one", "x"), &told(), at("2026-11-23"));
        assert_eq!(planned(&mut sent, &[], "2026-11-24"), tasks(&[]));
        // The post comes back.
        assert_eq!(
            planned(&mut sent, &[post("one", "v1", &["x"])], "2026-11-25"),
            tasks(&[("one x", SendReason::New)])
        );
    }

    #[test]
    fn a_plan_for_one_post_removes_no_other() {
        let mut sent = SendLog::default();
        planned(&mut sent, &[post("one", "v1", &["x"]), post("two", "v1", &["x"])], "2026-11-22");
        for id in ["one", "two"] {
            settle(&mut sent, &key(id, "x"), &told(), at("2026-11-22"));
        }
        let tasks = plan(&mut sent, &[post("one", "v2", &["x"])], PlanScope::Posts, at("2026-11-23"));
        assert_eq!(tasks, [SendTask { key: key("one", "x"), reason: SendReason::Changed }]);
    }

    #[test]
    fn failures_are_tried_again_after_15_minutes_2_hours_and_a_day() {
        let mut sent = SendLog::default();
        let posts = [post("one", "v1", &["x"])];
        planned(&mut sent, &posts, "2026-11-22T12:00:00Z");
        for (now, too_early, next) in [
            ("2026-11-22T12:00:00Z", "2026-11-22T12:14:59Z", "2026-11-22T12:15:00Z"),
            ("2026-11-22T12:15:00Z", "2026-11-22T14:14:59Z", "2026-11-22T14:15:00Z"),
            ("2026-11-22T14:15:00Z", "2026-11-23T14:14:59Z", "2026-11-23T14:15:00Z"),
        ] {
            settle(&mut sent, &key("one", "x"), &later(), at(now));
            assert_eq!(planned(&mut sent, &posts, too_early), tasks(&[]));
            let attempts = sent.records[&key("one", "x")].attempts;
            assert_eq!(planned(&mut sent, &posts, next), tasks(&[("one x", SendReason::Again(attempts))]));
        }
        settle(&mut sent, &key("one", "x"), &later(), at("2026-11-23T14:15:00Z"));
        let record = &sent.records[&key("one", "x")];
        assert_eq!(
            (record.state, record.answer.as_str(), record.attempts),
            (SendState::Failed, "no answer", 4)
        );
        assert_eq!(planned(&mut sent, &posts, "2027-01-01"), tasks(&[]));
        hurry(&mut sent, "one");
        assert_eq!(planned(&mut sent, &posts, "2027-01-01"), tasks(&[("one x", SendReason::Again(4))]));
        // Another text is another attempt.
        let changed = [post("one", "v2", &["x"])];
        assert_eq!(planned(&mut sent, &changed, "2027-01-01"), tasks(&[("one x", SendReason::New)]));
    }

    #[test]
    fn who_wants_to_be_left_alone_for_longer_is() {
        for (after, next) in [
            (TimeDelta::seconds(5), "2026-11-22T12:15:00Z"),
            (TimeDelta::hours(1), "2026-11-22T13:00:00Z"),
            (TimeDelta::days(400), "2026-11-29T12:00:00Z"),
        ] {
            let mut sent = SendLog::default();
            planned(&mut sent, &[post("one", "v1", &["x"])], "2026-11-22");
            let busy = SendOutcome::Later { reason: "429".to_owned(), after: Some(after) };
            settle(&mut sent, &key("one", "x"), &busy, at("2026-11-22"));
            assert_eq!(sent.records[&key("one", "x")].next, Some(at(next)));
            // Other words do not shorten the pause.
            assert_eq!(planned(&mut sent, &[post("one", "v2", &["x"])], "2026-11-22T12:14:59Z"), tasks(&[]));
            let changed = [post("one", "v2", &["x"])];
            assert_eq!(planned(&mut sent, &changed, next), tasks(&[("one x", SendReason::New)]));
        }
    }

    #[test]
    fn what_was_under_way_when_the_process_died_is_not_sent_again() {
        let mut sent = SendLog::default();
        let posts = [post("one", "v1", &["x"])];
        planned(&mut sent, &posts, "2026-11-22");
        begin(&mut sent, &key("one", "x"), &endpoint("https://x.example/wm"), at("2026-11-22"));
        assert_eq!(recover(&mut sent), [key("one", "x")]);
        assert_eq!(planned(&mut sent, &posts, "2026-11-23"), tasks(&[]));
        let record = &sent.records[&key("one", "x")];
        assert_eq!((record.state, record.told), (SendState::Sent, Some(at("2026-11-22"))));
        // It may have arrived, so it is taken back like any other, and that once as well.
        assert_eq!(planned(&mut sent, &[], "2026-11-24"), tasks(&[("one x", SendReason::Gone)]));
        begin(&mut sent, &key("one", "x"), &endpoint("https://x.example/wm"), at("2026-11-24"));
        recover(&mut sent);
        assert_eq!(planned(&mut sent, &[], "2026-11-25"), tasks(&[]));
        assert_eq!(recover(&mut sent), []);
    }

    #[test]
    fn old_posts_are_left_alone_until_they_change_by_their_own_word() {
        let mut sent = SendLog { since: Some(at("2026-11-23")), ..SendLog::default() };
        let old = post("old", "v1", &["x"]);
        assert_eq!(planned(&mut sent, std::slice::from_ref(&old), "2026-11-24"), tasks(&[]));
        let updated = PublishedPost { moment: at("2026-11-24"), text: "v2".to_owned(), ..old };
        assert_eq!(planned(&mut sent, &[updated], "2026-11-24"), tasks(&[("old x", SendReason::New)]));
    }

    #[test]
    fn everything_can_be_marked_as_sent() {
        let mut sent = SendLog::default();
        let today = PublishedPost { moment: at("2026-11-22T23:59:59Z"), ..post("today", "v1", &["x"]) };
        let posts = [post("old", "v1", &["x"]), today];
        mark(&mut sent, &posts, at("2026-11-22T13:00:00Z"));
        assert_eq!(planned(&mut sent, &posts, "2026-11-23"), tasks(&[]));
        assert_eq!(sent.records.len(), 1);
        let new = PublishedPost { moment: at("2026-11-22T23:59:59Z"), ..post("new", "v1", &["x"]) };
        let posts = [posts[0].clone(), posts[1].clone(), new];
        assert_eq!(planned(&mut sent, &posts, "2026-11-23"), tasks(&[("new x", SendReason::New)]));
    }

    #[test]
    fn a_post_that_tells_nobody_tells_nobody() {
        let mut sent = SendLog::default();
        planned(&mut sent, &[post("one", "v1", &["x"])], "2026-11-22");
        let closed = PublishedPost { links: PostLinks::Nobodys, ..post("one", "v2", &[]) };
        assert_eq!(plan(&mut sent, &[closed], PlanScope::Site, at("2026-11-23")), []);
    }

    #[test]
    fn a_renamed_post_is_the_same_post() {
        let mut sent = SendLog::default();
        planned(&mut sent, &[post("one", "v1", &["x"])], "2026-11-22");
        settle(&mut sent, &key("one", "x"), &told(), at("2026-11-22"));
        let source = "https://b.example/other/".to_owned();
        let renamed = PublishedPost { source: source.clone(), ..post("one", "v1", &["x"]) };
        assert_eq!(planned(&mut sent, std::slice::from_ref(&renamed), "2026-11-23"), tasks(&[]));
        // Linkbacks that wait get the present address of the post.
        planned(&mut sent, &[post("two", "v1", &["y"])], "2026-11-22");
        settle(&mut sent, &key("two", "y"), &later(), at("2026-11-22"));
        let moved = PublishedPost { source: source.clone(), ..post("two", "v1", &["y"]) };
        assert_eq!(
            planned(&mut sent, &[renamed, moved], "2026-11-23"),
            tasks(&[("two y", SendReason::Again(1))])
        );
        assert_eq!(sent.records[&key("two", "y")].source, source);
    }

    #[test]
    fn what_a_person_names_is_sent_and_belongs_to_no_post() {
        let mut sent = SendLog::default();
        let pair =
            SendKey { post: "https://b.example/page/".to_owned(), target: "https://x.example/".to_owned() };
        let task = add_by_hand(&mut sent, &pair, "https://b.example/page/", "");
        assert_eq!(task.reason, SendReason::New);
        settle(&mut sent, &pair, &later(), at("2026-11-22"));
        let again = vec![("https://b.example/page/ x".to_owned(), SendReason::Again(1))];
        assert_eq!(planned(&mut sent, &[], "2026-11-22T12:16:00Z"), again);
        settle(&mut sent, &pair, &told(), at("2026-11-22T12:16:00Z"));
        assert_eq!(planned(&mut sent, &[], "2026-11-23"), tasks(&[]));
        assert_eq!(add_by_hand(&mut sent, &pair, "https://b.example/page/", "").reason, SendReason::Changed);
    }

    #[test]
    fn receivers_are_asked_until_they_have_decided() {
        let mut sent = SendLog::default();
        planned(&mut sent, &[post("one", "v1", &["x"])], "2026-11-22");
        let created =
            SendOutcome::Told { answer: "201".to_owned(), status: "https://x.example/status/1".to_owned() };
        settle(&mut sent, &key("one", "x"), &created, at("2026-11-22"));
        assert_eq!(undecided(&sent, at("2026-11-23")).len(), 1);
        assert_eq!(undecided(&sent, at("2026-12-03")).len(), 0);
        sent.records.get_mut(&key("one", "x")).unwrap().state = SendState::Withdrawn;
        assert_eq!(undecided(&sent, at("2026-11-23")).len(), 0);
        sent.records.get_mut(&key("one", "x")).unwrap().state = SendState::Sent;
        sent.records.get_mut(&key("one", "x")).unwrap().verdict = "success".to_owned();
        assert_eq!(undecided(&sent, at("2026-11-23")).len(), 0);
    }
}
