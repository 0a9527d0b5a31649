//! The database by itself: what is acknowledged, what is next, and what two processes do to each other.

use std::sync::Barrier;

use rusqlite::StatementStatus;

use super::*;
use crate::linkback::inbox::signals::ModerationSignal;
use crate::linkback::inbox::state::{Hints, Mention, SourceError, SourceErrorKind, Transition, Verification};
use crate::linkback::{LinkbackKind, Relation};

const NO_DELAY: TimeDelta = TimeDelta::zero();
const PACE: FetchPace = FetchPace { rest: TimeDelta::seconds(2), longest_rest: TimeDelta::hours(1) };

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(1_700_000_000 + seconds)
}

fn store() -> (tempfile::TempDir, LinkbackStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = LinkbackStore::open(&folder.path().join("linkbacks.db")).unwrap();
    (folder, store)
}

fn submission(source: &str, protocol: LinkbackKind) -> Submission {
    Submission {
        source: source.to_owned(),
        target: "https://me.example/post/".to_owned(),
        written: None,
        post: "content/post.md".to_owned(),
        protocol,
        hints: Hints::default(),
        sender: "192.0.2.7".to_owned(),
        comment: None,
    }
}

fn submit(store: &mut LinkbackStore, source: &str, seconds: i64) -> Receipt {
    let one = vec![(submission(source, LinkbackKind::Webmention), NO_DELAY)];
    store.submit(one, 1000, at(seconds)).unwrap().remove(0)
}

fn gone() -> Verification {
    Verification::Lost(SourceError::new(SourceErrorKind::Withdrawn, "gone"))
}

fn next(store: &LinkbackStore, busy: &[&str], seconds: i64) -> String {
    let busy = busy.iter().map(|host| (*host).to_owned()).collect();
    match store.next(&busy, at(seconds)).unwrap() {
        NextFetch::Now(item) => item.source,
        NextFetch::At(moment) => format!("at {}", (moment - at(0)).num_seconds()),
        NextFetch::Never => "never".to_owned(),
    }
}

#[test]
fn a_full_disk_is_named_and_loses_nothing() {
    let (_folder, mut store) = store();
    submit(&mut store, "https://a.example/", 0);
    // SQLite reports a database that may not grow as a disk that is full.
    store.connection.pragma_update(None, "max_page_count", 1).unwrap();
    let many = (0..500).map(|n| submission(&format!("https://b.example/{n}"), LinkbackKind::Webmention));
    let error = store.submit(many.map(|one| (one, NO_DELAY)).collect(), 1000, at(1)).unwrap_err();
    let text = error.to_string();
    assert!(
        text.ends_with("there is no room left on the disk; nothing was changed, so make room and try again"),
        "{text}"
    );
    assert_eq!(store.list(&ItemFilter::default()).unwrap().len(), 1);
}

#[test]
fn one_page_and_one_post_are_one_row_whatever_the_protocol() {
    let (_folder, mut store) = store();
    let all = LinkbackKind::ALL.map(|(_, kind)| (submission("https://a.example/", kind), NO_DELAY)).to_vec();
    let receipts = store.submit(all, 1000, at(0)).unwrap();
    let Receipt::New { token } = &receipts[0] else { panic!("{receipts:?}") };
    let known = Receipt::Known { token: token.clone(), state: InboxState::Queued, fault: None };
    assert_eq!(receipts[1..], [known.clone(), known.clone(), known]);
    let items = store.list(&ItemFilter::default()).unwrap();
    assert_eq!(items.len(), 1);
    assert_eq!(items[0].protocols.len(), 4);
    assert_eq!(store.item_by_token(token).unwrap().as_ref(), Some(&items[0]));
    assert_eq!(
        store.find("https://a.example/", "https://me.example/post/").unwrap().as_ref(),
        Some(&items[0])
    );
}

#[test]
fn everything_of_an_item_comes_back_from_the_disk() {
    let (folder, mut store) = store();
    let mut sent = submission("https://ä.example/?a=1&b=2", LinkbackKind::Trackback);
    sent.written = Some("https://me.example/post/?utm_source=x".to_owned());
    sent.hints =
        Hints { title: "Tit\"le".to_owned(), excerpt: "<b>".to_owned(), site: "\u{202e}".to_owned() };
    store.submit(vec![(sent, TimeDelta::milliseconds(1234))], 1000, at(0)).unwrap();
    let mut wanted = store.item(1).unwrap().unwrap();
    wanted.state = InboxState::Gone;
    (wanted.strikes, wanted.failures) = (2, 3);
    wanted.reasons = vec![ModerationSignal::NoAuthor, ModerationSignal::Word("casino".to_owned())];
    wanted.fault = Some(SourceError::new(SourceErrorKind::NoLink, "no link"));
    (wanted.struck, wanted.found, wanted.looked) = (Some(at(1)), Some(at(2)), Some(at(3)));
    store.change(1, |item| *item = wanted.clone()).unwrap();
    drop(store);
    let store = LinkbackStore::open(&folder.path().join("linkbacks.db")).unwrap();
    assert_eq!(store.item(1).unwrap(), Some(wanted));
}

#[test]
fn the_queue_takes_what_it_can_hold() {
    let (_folder, mut store) = store();
    let sources = ["https://a.example/", "https://b.example/", "https://c.example/", "https://a.example/"];
    let all = sources.map(|source| (submission(source, LinkbackKind::Pingback), NO_DELAY)).to_vec();
    let receipts = store.submit(all, 2, at(0)).unwrap();
    assert_eq!(receipts[2], Receipt::Full);
    assert!(
        matches!(receipts[3], Receipt::Known { .. }),
        "what is there already takes no room: {receipts:?}"
    );
    assert_eq!(store.tallies().unwrap()[&InboxState::Queued], 2);
    store.change(1, |item| item.settle(gone(), at(1))).unwrap();
    assert_eq!(store.tallies().unwrap()[&InboxState::Queued], 1);
    assert!(matches!(submit(&mut store, "https://c.example/", 2), Receipt::New { .. }));
}

#[test]
fn hosts_take_turns_and_rest() {
    let (_folder, mut store) = store();
    for (source, seconds) in
        [("https://a.example/1", 0), ("https://a.example/2", 1), ("https://b.example/1", 2)]
    {
        submit(&mut store, source, seconds);
    }
    assert_eq!(next(&store, &[], 5), "https://a.example/1");
    assert_eq!(next(&store, &["a.example"], 5), "https://b.example/1");
    assert_eq!(next(&store, &["a.example", "b.example"], 5), "never");
    let done = store.change(1, |item| item.settle(gone(), at(5))).unwrap();
    assert_eq!(done, Some(Transition::Dropped));
    store.rest("a.example", FetchResult::Answered, PACE, at(5)).unwrap();
    assert_eq!(next(&store, &[], 5), "https://b.example/1");
    assert_eq!(next(&store, &["b.example"], 5), "at 7");
    assert_eq!(next(&store, &["b.example"], 7), "https://a.example/2");
}

#[test]
fn a_host_that_fails_is_left_alone_for_longer_and_longer() {
    let (_folder, mut store) = store();
    submit(&mut store, "https://a.example/", 0);
    let mut rests = Vec::new();
    for _ in 0..13 {
        store.rest("a.example", FetchResult::Failed, PACE, at(0)).unwrap();
        rests.push(next(&store, &[], 0));
    }
    assert_eq!(rests[..4], ["at 4", "at 8", "at 16", "at 32"]);
    assert_eq!(rests[12], "at 3600");
    store.rest("a.example", FetchResult::Answered, PACE, at(0)).unwrap();
    assert_eq!(next(&store, &[], 0), "at 2");
}

#[test]
fn lists_are_cut_by_state_post_and_host() {
    let (_folder, mut store) = store();
    for (number, source) in
        ["https://a.example/1", "https://a.example/2", "https://b.example/"].iter().enumerate()
    {
        submit(&mut store, source, i64::try_from(number).unwrap());
    }
    store.change(2, |item| (item.state, item.found) = (InboxState::Held, Some(at(5)))).unwrap();
    let list =
        |filter: &ItemFilter| store.list(filter).unwrap().iter().map(|item| item.id).collect::<Vec<_>>();
    assert_eq!(list(&ItemFilter::default()), [3, 2, 1]);
    assert_eq!(list(&ItemFilter { limit: 1, ..ItemFilter::default() }), [3]);
    assert_eq!(
        (list(&ItemFilter { waiting: true, ..ItemFilter::default() }), store.waiting().unwrap()),
        (vec![2], 1)
    );
    let found = |seconds| list(&ItemFilter { found_since: Some(at(seconds)), ..ItemFilter::default() });
    assert_eq!((found(5), found(6)), (vec![2], Vec::new()));
    assert_eq!(
        list(&ItemFilter { states: BTreeSet::from([InboxState::Queued]), ..ItemFilter::default() }),
        [3, 1]
    );
    assert_eq!(list(&ItemFilter { host: Some("a.example".to_owned()), ..ItemFilter::default() }), [2, 1]);
    assert_eq!(
        list(&ItemFilter { post: Some("content/other.md".to_owned()), ..ItemFilter::default() }),
        Vec::<i64>::new()
    );
    assert_eq!(
        store.sources_of("https://me.example/post/", &[InboxState::Held]).unwrap(),
        ["https://a.example/2"]
    );
}

#[test]
fn changes_are_handed_on_in_the_order_in_which_they_were_written() {
    let (_folder, mut store) = store();
    for number in 1..=3 {
        submit(&mut store, &format!("https://a.example/{number}"), 0);
    }
    let hold = |store: &mut LinkbackStore, id: i64, seconds: i64| {
        let words = Mention {
            relation: Relation::Mention,
            title: String::new(),
            site: String::new(),
            author: None,
            excerpt: String::new(),
            published: None,
            content: String::new(),
            parent: None,
        };
        store
            .change(id, |item| item.settle(Verification::Found(Box::new(words), Vec::new()), at(seconds)))
            .unwrap();
    };
    let after = |store: &LinkbackStore, revision: i64| {
        let (items, last) = store.changed_after(revision, 10).unwrap();
        (items.iter().map(|item| item.id).collect::<Vec<_>>(), last)
    };
    hold(&mut store, 2, 9);
    let (ids, seen) = after(&store, 0);
    assert_eq!(ids, [2]);
    // One whose look ended before that one's, and was written later.
    hold(&mut store, 1, 5);
    hold(&mut store, 3, 9);
    let (ids, last) = after(&store, seen);
    assert_eq!(ids, [1, 3]);
    // Submitting again changes nothing that is handed on.
    submit(&mut store, "https://a.example/1", 20);
    assert_eq!(after(&store, last), (Vec::new(), last));
}

#[test]
fn many_writers_lose_and_double_nothing() {
    let (folder, store) = store();
    drop(store);
    let path = folder.path().join("linkbacks.db");
    let together = Barrier::new(3);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let mut store = LinkbackStore::open(&path).unwrap();
                together.wait();
                for number in 0..8 {
                    submit(&mut store, &format!("https://a.example/{number}"), 0);
                }
            });
        }
    });
    let store = LinkbackStore::open(&path).unwrap();
    assert_eq!(store.list(&ItemFilter::default()).unwrap().len(), 8);
    assert_eq!(store.tallies().unwrap()[&InboxState::Queued], 8);
}

#[test]
fn a_database_of_a_later_release_is_left_alone() {
    let (folder, store) = store();
    store.read(|connection| connection.pragma_update(None, "user_version", 99)).unwrap();
    drop(store);
    let path = folder.path().join("linkbacks.db");
    let error = LinkbackStore::open(&path).err().map(|error| error.to_string());
    let wanted = format!(
        "the database of linkbacks `{}` cannot be used: it was made by a later release of backmatter; use that one",
        path.display()
    );
    assert_eq!(error, Some(wanted));
}

/// Spellings of one address.
const SPELLINGS: [&str; 5] = [
    "https://a.example/caf%c3%a9/%7Ejo/",
    "http://A.example/café/~jo",
    "https://a.example:443/caf%C3%A9/~jo#part",
    "https://a.example./x/../café/%7ejo/",
    "https://a.example/caf%C3%A9/~jo",
];

/// Addresses of other pages.
const OTHERS: [&str; 4] = [
    "https://a.example/",
    "https://a.example/café/~jo?x",
    "https://a.example:8080/café/~jo",
    "https://b.example/café/~jo",
];

#[test]
fn an_address_finds_its_linkback_however_it_is_spelt() {
    for stored in SPELLINGS {
        let (_folder, mut store) = store();
        OTHERS.iter().chain([&stored]).for_each(|source| drop(submit(&mut store, source, 0)));
        for asked in SPELLINGS {
            let found = store.find_page(asked, "https://me.example/post/").unwrap();
            assert_eq!(found.map(|item| item.source).as_deref(), Some(stored), "{asked}");
            assert!(matches!(submit(&mut store, asked, 1), Receipt::Known { .. }), "{asked}");
        }
        assert_eq!(store.find_page(stored, "https://me.example/other/").unwrap(), None);
        assert_eq!(store.list(&ItemFilter::default()).unwrap().len(), OTHERS.len() + 1);
    }
}

#[test]
fn linkbacks_of_an_older_release_are_found_by_every_spelling() {
    for stored in SPELLINGS {
        let (folder, mut store) = store();
        OTHERS.iter().chain([&stored, &"no address"]).for_each(|source| drop(submit(&mut store, source, 0)));
        let before = store.list(&ItemFilter::default()).unwrap();
        // As the release before the keys left it.
        store
            .connection
            .execute_batch(
                "DROP INDEX linkbacks_by_source;
                 CREATE INDEX linkbacks_by_target ON linkbacks (target, state);
                 ALTER TABLE linkbacks DROP COLUMN source_key;
                 ALTER TABLE unreadable DROP COLUMN source_key;
                 CREATE INDEX linkbacks_by_page ON linkbacks (target, host);
                 DROP TABLE withdrawn_answers;
                 PRAGMA user_version = 6;",
            )
            .unwrap();
        drop(store);
        let store = LinkbackStore::open(&folder.path().join("linkbacks.db")).unwrap();
        assert_eq!(store.list(&ItemFilter::default()).unwrap(), before);
        for asked in SPELLINGS {
            let found = store.find_page(asked, "https://me.example/post/").unwrap();
            assert_eq!(found.map(|item| item.source).as_deref(), Some(stored), "{asked}");
        }
        spoil(&store, stored, "hints", "not JSON");
        assert_eq!(
            store.list(&ItemFilter::default()).unwrap().len(),
            before.len(),
            "rows are set aside as before"
        );
    }
}

#[test]
fn statements_of_a_submission_are_compiled_once() {
    let (_folder, mut store) = store();
    (0..3).for_each(|number| drop(submit(&mut store, &format!("https://a.example/{number}"), number)));
    for sql in [SPELLED_SO, READ_AT] {
        let statement = store.connection.prepare_cached(sql).unwrap();
        let counts =
            [StatementStatus::Run, StatementStatus::RePrepare].map(|count| statement.get_status(count));
        assert_eq!(counts, [3, 0], "{sql}");
    }
}

/// The columns of all linkbacks are made to hold this.
fn spoil(store: &LinkbackStore, source: &str, column: &str, value: &str) {
    let sql = format!("UPDATE linkbacks SET {column} = ?1 WHERE source = ?2");
    assert_eq!(store.connection.execute(&sql, [value, source]).unwrap(), 1);
}

#[test]
fn a_row_that_cannot_be_read_holds_up_no_other() {
    for (column, value, reason) in [
        ("hints", "no JSON", "`hints`: expected ident at line 1 column 2"),
        ("state", "dreaming", "`state`: there is no state `dreaming`"),
        ("reasons", "[\"Hunch\"]", "`reasons`: invalid type: string \"Hunch\""),
        ("protocols", "7", "`protocols`: invalid type: integer `7`"),
    ] {
        let (_folder, mut store) = store();
        submit(&mut store, "https://a.example/", 0);
        submit(&mut store, "https://b.example/", 1);
        spoil(&store, "https://a.example/", column, value);
        assert_eq!(next(&store, &[], 10), "https://b.example/", "{column}");
        let all = store.list(&ItemFilter::default()).unwrap();
        let broken = &all[1];
        assert_eq!(
            (broken.source.as_str(), broken.state, broken.due),
            ("https://a.example/", InboxState::Refused, None)
        );
        let told = &broken.fault.as_ref().unwrap().text;
        let expected = format!("its row in the database cannot be read: {reason}");
        assert!(told.starts_with(&expected), "{told}");
        assert_eq!(store.tallies().unwrap()[&InboxState::Refused], 1);
        let sql = format!("SELECT {column} FROM unreadable WHERE source = 'https://a.example/'");
        let kept: String = store.connection.query_row(&sql, [], |row| row.get(0)).unwrap();
        assert_eq!(kept, value, "nothing is lost");
        // Sent again, it is looked at again.
        submit(&mut store, "https://a.example/", 20);
        assert_eq!(next(&store, &["b.example"], 30), "https://a.example/");
    }
}

#[test]
fn what_stands_in_the_back_matter_stays_though_its_row_cannot_be_read() {
    let (_folder, mut store) = store();
    submit(&mut store, "https://a.example/", 0);
    let id = store.list(&ItemFilter::default()).unwrap()[0].id;
    let words = Mention {
        relation: Relation::Mention,
        title: "A".to_owned(),
        site: String::new(),
        author: None,
        excerpt: String::new(),
        published: None,
        content: String::new(),
        parent: None,
    };
    store
        .change(id, |item| {
            item.settle(Verification::Found(Box::new(words.clone()), Vec::new()), at(1));
            item.move_to(InboxState::Approved, at(2));
        })
        .unwrap();
    let item = store.item(id).unwrap().unwrap();
    store.mark_written(&[(item.clone(), Some("content/post.md".to_owned()))]).unwrap();
    spoil(&store, "https://a.example/", "words", "{}");
    assert_eq!(store.item(id).unwrap(), Some(item));
    assert_eq!(store.pending_edits().unwrap(), []);
}
