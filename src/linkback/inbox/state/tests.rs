//! Every state with everything that can happen in it.

use super::*;

fn day(days: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000 + days)
}

fn submission(protocol: Kind) -> Submission {
    Submission {
        source: "https://a.example/news/".to_owned(),
        target: "https://me.example/post/".to_owned(),
        written: None,
        post: "content/post.md".to_owned(),
        protocol,
        hints: Hints::default(),
        sender: "192.0.2.7".to_owned(),
    }
}

fn words(excerpt: &str) -> Box<Words> {
    Box::new(Words {
        relation: Relation::Mention,
        title: "News".to_owned(),
        site: "A".to_owned(),
        author: None,
        excerpt: excerpt.to_owned(),
        published: None,
    })
}

fn found(excerpt: &str) -> Look {
    Look::Found(words(excerpt), vec![Reason::UnknownHost("a.example".to_owned())])
}

fn missing() -> Look {
    Look::Lost(Fault::new(FaultKind::NoLink, "no link"))
}

fn unreachable() -> Look {
    Look::Lost(Fault::new(FaultKind::Unreachable, "timed out"))
}

fn withdrawn() -> Look {
    Look::Lost(Fault::new(FaultKind::Withdrawn, "gone"))
}

/// An item in a state, a day after it was submitted.
fn item_in(state: State) -> Item {
    let mut item = Item::new(submission(Kind::Webmention), "t".to_owned(), day(-1), TimeDelta::zero());
    match state {
        State::Queued => {}
        State::Refused => drop(item.settle(missing(), day(-1))),
        _ => drop(item.settle(found("old words"), day(-1))),
    }
    match state {
        State::Gone => drop(item.settle(withdrawn(), day(-1))),
        State::Approved | State::Rejected | State::Spam => item.move_to(state, day(-1)),
        _ => {}
    }
    assert_eq!(item.state, state);
    item
}

#[test]
fn a_look_moves_each_state_as_the_map_says() {
    use State::{Approved, Gone, Held, Queued, Refused, Rejected, Spam};
    let check = |from: State, look: &Look, to: State, moved: Moved| {
        let mut item = item_in(from);
        let was = item.settle(look.clone(), day(0));
        assert_eq!((item.state, was), (to, moved), "{from:?} and {look:?}");
    };
    let same = found("old words");
    let other = found("new words");
    for (from, to, moved) in [
        (Queued, Held, Moved::Held),
        (Held, Held, Moved::Nothing),
        (Approved, Approved, Moved::Nothing),
        (Rejected, Rejected, Moved::Nothing),
        (Spam, Spam, Moved::Nothing),
        (Refused, Held, Moved::Held),
        (Gone, Held, Moved::Held),
    ] {
        check(from, &same, to, moved);
    }
    check(Approved, &other, Approved, Moved::Held);
    check(Approved, &found("  OLD words "), Approved, Moved::Reworded);
    for (from, to, moved) in [
        (Queued, Refused, Moved::Dropped),
        (Held, Gone, Moved::Dropped),
        (Approved, Gone, Moved::Removed),
        (Rejected, Rejected, Moved::Nothing),
        (Spam, Spam, Moved::Nothing),
        (Refused, Refused, Moved::Nothing),
        (Gone, Gone, Moved::Nothing),
    ] {
        check(from, &withdrawn(), to, moved);
    }
    check(Queued, &missing(), Refused, Moved::Dropped);
    for state in [Held, Approved, Rejected, Spam, Refused, Gone] {
        check(state, &missing(), state, Moved::Nothing);
    }
    for state in [Queued, Held, Approved, Rejected, Spam, Refused, Gone] {
        check(state, &unreachable(), state, Moved::Nothing);
    }
}

#[test]
fn other_words_of_an_approved_one_wait_beside_the_approved_ones() {
    let mut item = item_in(State::Approved);
    item.settle(found("new words"), day(0));
    assert_eq!((&item.words, &item.pending), (&Some(*words("old words")), &Some(*words("new words"))));
    assert!(item.is_waiting());
    item.move_to(State::Approved, day(0));
    assert_eq!((&item.words, &item.pending), (&Some(*words("new words")), &None));
    // The page takes them back before anybody decided.
    item.settle(found("third words"), day(1));
    item.settle(found("new words"), day(2));
    assert_eq!((&item.words, &item.pending), (&Some(*words("new words")), &None));
}

#[test]
fn a_link_is_gone_after_three_days_without_it() {
    let mut item = item_in(State::Approved);
    // Three looks on one day are one strike, however often the page is sent.
    for minutes in [0, 10, 20] {
        assert_eq!(item.settle(missing(), day(0) + TimeDelta::minutes(minutes)), Moved::Nothing);
    }
    assert_eq!((item.strikes, item.due), (1, Some(day(1) + TimeDelta::minutes(20))));
    assert_eq!(item.settle(missing(), day(1)), Moved::Nothing);
    assert_eq!(item.settle(missing(), day(2)), Moved::Removed);
    assert_eq!((item.state, item.due), (State::Gone, None));
    // A link that was found in between starts the count anew.
    let mut item = item_in(State::Held);
    for (at, look) in
        [(0, missing()), (1, missing()), (2, found("old words")), (3, missing()), (4, missing())]
    {
        item.settle(look, day(at));
    }
    assert_eq!(item.state, State::Held);
    assert_eq!(item.settle(missing(), day(5)), Moved::Dropped);
}

#[test]
fn a_page_without_link_and_no_page_are_the_same_for_a_linkback() {
    let mut item = item_in(State::Approved);
    item.settle(missing(), day(0));
    item.settle(Look::Lost(Fault::new(FaultKind::NoPage, "404")), day(1));
    assert_eq!(item.strikes, 2);
}

#[test]
fn a_server_in_trouble_deletes_nothing() {
    let mut item = item_in(State::Approved);
    for at in 0..100 {
        item.settle(unreachable(), day(at));
    }
    assert_eq!((item.state, item.strikes, item.failures), (State::Approved, 0, 100));
}

#[test]
fn a_source_that_cannot_be_reached_is_tried_three_times_more() {
    let mut item = item_in(State::Queued);
    let mut waits = Vec::new();
    let mut now = day(0);
    while item.state == State::Queued {
        item.settle(unreachable(), now);
        waits.extend(item.due.map(|due| (due - now).num_minutes()));
        now = item.due.unwrap_or(now);
    }
    assert_eq!((item.state, waits), (State::Refused, vec![5, 60, 360]));
}

#[test]
fn what_was_found_is_looked_at_again_after_1_7_and_30_days() {
    let mut item = item_in(State::Queued);
    let mut days = Vec::new();
    let mut now = day(0);
    loop {
        item.settle(found("old words"), now);
        let Some(due) = item.due else { break };
        days.push((due - day(0)).num_days());
        now = due;
    }
    assert_eq!(days, [1, 7, 30]);
}

#[test]
fn sending_again_asks_for_a_look_unless_a_person_refused_it() {
    for (_, state) in State::ALL {
        let mut item = item_in(state);
        item.due = None;
        item.resubmit(submission(Kind::Pingback), day(0), TimeDelta::seconds(9));
        let due = (!state.is_closed()).then(|| day(0) + TimeDelta::seconds(9));
        assert_eq!((item.state, item.due), (state, due));
        assert_eq!(item.protocols, BTreeSet::from([Kind::Pingback, Kind::Webmention]));
    }
}

#[test]
fn sending_the_same_page_over_and_over_fetches_it_every_five_minutes_at_most() {
    let mut item = item_in(State::Held);
    item.settle(found("old words"), day(0));
    for seconds in 0..100 {
        item.resubmit(submission(Kind::Webmention), day(0) + TimeDelta::seconds(seconds), TimeDelta::zero());
    }
    assert_eq!(item.due, Some(day(0) + TimeDelta::minutes(5)));
    // Longer, if it is the page that fails.
    let mut item = item_in(State::Refused);
    for at in 0..4 {
        item.settle(unreachable(), day(0) + TimeDelta::seconds(at));
    }
    item.resubmit(submission(Kind::Webmention), day(0), TimeDelta::zero());
    assert_eq!(item.due, Some(day(0) + TimeDelta::seconds(3) + TimeDelta::minutes(80)));
}

#[test]
fn a_refusal_ends_the_looks_and_its_undoing_begins_them_again() {
    let mut item = item_in(State::Approved);
    item.settle(found("new words"), day(0));
    item.move_to(State::Spam, day(0));
    assert_eq!((item.due, &item.pending), (None, &None));
    item.move_to(State::Held, day(0));
    assert_eq!(item.due, Some(day(6)));
}
