//! Every state with everything that can happen in it.

use super::*;

fn day(days: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000 + days)
}

fn submission(protocol: LinkbackKind) -> Submission {
    Submission {
        source: "https://a.example/news/".to_owned(),
        target: "https://me.example/post/".to_owned(),
        written: None,
        post: "content/post.md".to_owned(),
        protocol,
        hints: Hints::default(),
        sender: "192.0.2.7".to_owned(),
        comment: None,
    }
}

fn words(excerpt: &str) -> Box<Mention> {
    Box::new(Mention {
        relation: Relation::Mention,
        title: "News".to_owned(),
        site: "A".to_owned(),
        author: None,
        excerpt: excerpt.to_owned(),
        published: None,
        content: String::new(),
        parent: None,
    })
}

fn found(excerpt: &str) -> Verification {
    Verification::Found(words(excerpt), vec![ModerationSignal::UnknownHost("a.example".to_owned())])
}

fn missing() -> Verification {
    Verification::Lost(SourceError::new(SourceErrorKind::NoLink, "no link"))
}

fn unreachable() -> Verification {
    Verification::Lost(SourceError::new(SourceErrorKind::Unreachable, "timed out"))
}

fn withdrawn() -> Verification {
    Verification::Lost(SourceError::new(SourceErrorKind::Withdrawn, "gone"))
}

/// An item in a state, a day after it was submitted.
fn item_in(state: InboxState) -> InboxItem {
    let mut item =
        InboxItem::new(submission(LinkbackKind::Webmention), "t".to_owned(), day(-1), TimeDelta::zero());
    match state {
        InboxState::Queued => {}
        InboxState::Refused => drop(item.settle(missing(), day(-1))),
        _ => drop(item.settle(found("old words"), day(-1))),
    }
    match state {
        InboxState::Gone => drop(item.settle(withdrawn(), day(-1))),
        InboxState::Approved | InboxState::Rejected | InboxState::Spam => item.move_to(state, day(-1)),
        _ => {}
    }
    assert_eq!(item.state, state);
    item
}

#[test]
fn a_look_moves_each_state_as_the_map_says() {
    use InboxState::{Approved, Gone, Held, Queued, Refused, Rejected, Spam};
    let check = |from: InboxState, look: &Verification, to: InboxState, moved: Transition| {
        let mut item = item_in(from);
        let was = item.settle(look.clone(), day(0));
        assert_eq!((item.state, was), (to, moved), "{from:?} and {look:?}");
    };
    let same = found("old words");
    let other = found("new words");
    for (from, to, moved) in [
        (Queued, Held, Transition::Held),
        (Held, Held, Transition::Nothing),
        (Approved, Approved, Transition::Nothing),
        (Rejected, Rejected, Transition::Nothing),
        (Spam, Spam, Transition::Nothing),
        (Refused, Held, Transition::Held),
        (Gone, Held, Transition::Held),
    ] {
        check(from, &same, to, moved);
    }
    check(Approved, &other, Approved, Transition::Held);
    check(Approved, &found("  OLD words "), Approved, Transition::Reworded);
    for (from, to, moved) in [
        (Queued, Refused, Transition::Dropped),
        (Held, Gone, Transition::Dropped),
        (Approved, Gone, Transition::Removed),
        (Rejected, Rejected, Transition::Nothing),
        (Spam, Spam, Transition::Nothing),
        (Refused, Refused, Transition::Nothing),
        (Gone, Gone, Transition::Nothing),
    ] {
        check(from, &withdrawn(), to, moved);
    }
    check(Queued, &missing(), Refused, Transition::Dropped);
    for state in [Held, Approved, Rejected, Spam, Refused, Gone] {
        check(state, &missing(), state, Transition::Nothing);
    }
    for state in [Queued, Held, Approved, Rejected, Spam, Refused, Gone] {
        check(state, &unreachable(), state, Transition::Nothing);
    }
}

#[test]
fn other_words_of_an_approved_one_wait_beside_the_approved_ones() {
    let mut item = item_in(InboxState::Approved);
    item.settle(found("new words"), day(0));
    assert_eq!((&item.words, &item.pending), (&Some(*words("old words")), &Some(*words("new words"))));
    assert!(item.is_waiting());
    item.move_to(InboxState::Approved, day(0));
    assert_eq!((&item.words, &item.pending), (&Some(*words("new words")), &None));
    // The page takes them back before anybody decided.
    item.settle(found("third words"), day(1));
    item.settle(found("new words"), day(2));
    assert_eq!((&item.words, &item.pending), (&Some(*words("new words")), &None));
}

#[test]
fn a_link_is_gone_after_three_days_without_it() {
    let mut item = item_in(InboxState::Approved);
    // Three looks on one day are one strike, however often the page is sent.
    for minutes in [0, 10, 20] {
        assert_eq!(item.settle(missing(), day(0) + TimeDelta::minutes(minutes)), Transition::Nothing);
    }
    assert_eq!((item.strikes, item.due), (1, Some(day(1) + TimeDelta::minutes(20))));
    assert_eq!(item.settle(missing(), day(1)), Transition::Nothing);
    assert_eq!(item.settle(missing(), day(2)), Transition::Removed);
    assert_eq!((item.state, item.due), (InboxState::Gone, None));
    // A link that was found in between restarts the count.
    let mut item = item_in(InboxState::Held);
    for (at, look) in
        [(0, missing()), (1, missing()), (2, found("old words")), (3, missing()), (4, missing())]
    {
        item.settle(look, day(at));
    }
    assert_eq!(item.state, InboxState::Held);
    assert_eq!(item.settle(missing(), day(5)), Transition::Dropped);
}

#[test]
fn a_page_without_link_and_no_page_are_the_same_for_a_linkback() {
    let mut item = item_in(InboxState::Approved);
    item.settle(missing(), day(0));
    item.settle(Verification::Lost(SourceError::new(SourceErrorKind::NoPage, "404")), day(1));
    assert_eq!(item.strikes, 2);
}

#[test]
fn a_server_in_trouble_deletes_nothing() {
    let mut item = item_in(InboxState::Approved);
    for at in 0..100 {
        item.settle(unreachable(), day(at));
    }
    assert_eq!((item.state, item.strikes, item.failures), (InboxState::Approved, 0, 100));
}

#[test]
fn a_source_that_cannot_be_reached_is_tried_three_times_more() {
    let mut item = item_in(InboxState::Queued);
    let mut waits = Vec::new();
    let mut now = day(0);
    while item.state == InboxState::Queued {
        item.settle(unreachable(), now);
        waits.extend(item.due.map(|due| (due - now).num_minutes()));
        now = item.due.unwrap_or(now);
    }
    assert_eq!((item.state, waits), (InboxState::Refused, vec![5, 60, 360]));
}

#[test]
fn what_was_found_is_looked_at_again_after_1_7_and_30_days() {
    let mut item = item_in(InboxState::Queued);
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
    for (_, state) in InboxState::ALL {
        let mut item = item_in(state);
        item.due = None;
        item.resubmit(submission(LinkbackKind::Pingback), day(0), TimeDelta::seconds(9));
        let due = (!state.is_closed()).then(|| day(0) + TimeDelta::seconds(9));
        assert_eq!((item.state, item.due), (state, due));
        assert_eq!(item.protocols, BTreeSet::from([LinkbackKind::Pingback, LinkbackKind::Webmention]));
    }
}

#[test]
fn sending_the_same_page_over_and_over_fetches_it_every_five_minutes_at_most() {
    let mut item = item_in(InboxState::Held);
    item.settle(found("old words"), day(0));
    for seconds in 0..100 {
        item.resubmit(
            submission(LinkbackKind::Webmention),
            day(0) + TimeDelta::seconds(seconds),
            TimeDelta::zero(),
        );
    }
    assert_eq!(item.due, Some(day(0) + TimeDelta::minutes(5)));
    // Longer, if it is the page that fails.
    let mut item = item_in(InboxState::Refused);
    for at in 0..4 {
        item.settle(unreachable(), day(0) + TimeDelta::seconds(at));
    }
    item.resubmit(submission(LinkbackKind::Webmention), day(0), TimeDelta::zero());
    assert_eq!(item.due, Some(day(0) + TimeDelta::seconds(3) + TimeDelta::minutes(80)));
}

#[test]
fn a_refusal_ends_the_looks_and_its_undoing_begins_them_again() {
    let mut item = item_in(InboxState::Approved);
    item.settle(found("new words"), day(0));
    item.move_to(InboxState::Spam, day(0));
    assert_eq!((item.due, &item.pending), (None, &None));
    item.move_to(InboxState::Held, day(0));
    assert_eq!(item.due, Some(day(6)));
}
