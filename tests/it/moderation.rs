//! What persons decide, and what becomes of the site by it.

use std::path::Path;

use backmatter::internals::config::{Author, Config};
use backmatter::internals::linkback::inbox::signals::ModerationSignal;
use backmatter::internals::linkback::inbox::state::{
    Hints, InboxItem, InboxState, Mention, SourceError, SourceErrorKind, Submission, Verification,
};
use backmatter::internals::linkback::inbox::trust::TrustKey;
use backmatter::internals::linkback::{LinkbackKind, Relation};
use backmatter::internals::path::SourcePath;
use backmatter::internals::receive::moderation::apply::{self, BackMatterChanges};
use backmatter::internals::receive::queue::decisions::{Decision, DecisionResult, TrustList};
use backmatter::internals::receive::queue::store::LinkbackStore;
use chrono::{DateTime, TimeDelta, Utc};

use crate::cli::backmatter;
use crate::site_test::{SiteTest, moment};

const SITE: &str = "-- content/2026/a.md --\n+++\ntitle = \"A\"\ndate = 2026-11-01\n+++\nStairs.\n\
    -- content/2026/b.md --\n+++\ntitle = \"B\"\ndate = 2026-11-02\n+++\nHarbour.\n";

/// A site with a database of linkbacks.
pub(crate) struct Desk {
    pub(crate) site: SiteTest,
    pub(crate) store: LinkbackStore,
    pub(crate) now: DateTime<Utc>,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let mut site = SiteTest::new(SITE);
        site.build();
        let store = LinkbackStore::open(&site.path("linkbacks.db")).expect("a database can be made");
        Self { site, store, now: moment("2026-11-22T12:00:00Z") }
    }

    /// A held linkback to a post, from a page whose link was found.
    pub(crate) fn held(&mut self, source: &str, post: &str) -> i64 {
        self.found(source, post, words("words around the link"))
    }

    pub(crate) fn found(&mut self, source: &str, post: &str, words: Mention) -> i64 {
        let target = format!("https://example.com/2026/11/0{}/{post}/", if post == "a" { 1 } else { 2 });
        let submission = Submission {
            source: source.to_owned(),
            target: target.clone(),
            written: None,
            post: format!("content/2026/{post}.md"),
            protocol: LinkbackKind::Webmention,
            hints: Hints::default(),
            sender: "192.0.2.7".to_owned(),
            comment: None,
        };
        self.now += TimeDelta::seconds(1);
        self.store.submit(vec![(submission, TimeDelta::zero())], 100, self.now).expect("there is room");
        let id = self.store.find(source, &target).expect("it can be asked").expect("it was submitted").id;
        self.look(id, words);
        id
    }

    /// A comment on the post `a` that a person has to decide on.
    pub(crate) fn commented(&mut self, text: &str, parent: Option<&str>) -> i64 {
        self.now += TimeDelta::seconds(1);
        let comment = Mention {
            relation: Relation::Reply,
            title: String::new(),
            site: String::new(),
            excerpt: text.split_whitespace().collect::<Vec<_>>().join(" "),
            content: text.to_owned(),
            parent: parent.map(str::to_owned),
            ..words("")
        };
        let submission = Submission {
            source: format!("comment:{}", self.now.timestamp()),
            target: "https://example.com/2026/11/01/a/".to_owned(),
            written: None,
            post: "content/2026/a.md".to_owned(),
            protocol: LinkbackKind::Comment,
            hints: Hints::default(),
            sender: "192.0.2.7".to_owned(),
            comment: Some(Box::new(comment.clone())),
        };
        let sent = self.store.submit_one(submission, TimeDelta::zero(), self.now).expect("there is room");
        self.look(sent.id, comment);
        sent.id
    }

    /// A comment that answers another one.
    fn answered(&mut self, text: &str, parent: i64) -> i64 {
        let InboxItem { source, target, .. } = self.item(parent);
        let parent = backmatter::internals::hash::Hash::of_value(&(source, target)).short_hex();
        self.commented(text, Some(&parent))
    }

    pub(crate) fn look(&mut self, id: i64, words: Mention) {
        self.now += TimeDelta::seconds(1);
        let reasons = vec![ModerationSignal::UnknownHost("x.example".to_owned())];
        let look = Verification::Found(Box::new(words), reasons);
        let now = self.now;
        self.store.change(id, |item| item.settle(look, now)).expect("it can be changed");
    }

    pub(crate) fn decide(&mut self, ids: &[i64], decision: Decision) -> Vec<DecisionResult> {
        self.now += TimeDelta::seconds(1);
        self.store.decide(ids, decision, self.now).expect("it can be decided")
    }

    fn undo(&mut self) -> Option<Decision> {
        self.now += TimeDelta::seconds(1);
        self.store.undo(None, self.now).expect("it can be undone").map(|undone| undone.decision)
    }

    #[track_caller]
    fn state(&self, id: i64, expected: InboxState) {
        assert_eq!(self.item(id).state, expected);
    }

    pub(crate) fn item(&self, id: i64) -> InboxItem {
        self.store.item(id).expect("it can be asked").expect("it is there")
    }

    pub(crate) fn write(&mut self) -> BackMatterChanges {
        let (config, _) = Config::parse("base_url = 'https://example.com'");
        let root = self.site.root().to_owned();
        apply::write(&mut self.store, &root, &config, &|item| post_of(&root, item))
            .expect("it can be written")
    }

    /// Writes without faults, builds, and compares what was rendered.
    #[track_caller]
    fn brings(&mut self, rendered: &[&str]) {
        let written = self.write();
        assert_eq!(written.faults, []);
        self.site.build().rendered(rendered);
    }
}

fn post_of(root: &Path, item: &InboxItem) -> Option<SourcePath> {
    SourcePath::new(&item.post).filter(|post| root.join(post.as_str()).is_file())
}

pub(crate) fn words(excerpt: &str) -> Mention {
    Mention {
        relation: Relation::Mention,
        title: "News".to_owned(),
        site: "X".to_owned(),
        author: Some(Author { name: "Ann".to_owned(), ..Author::default() }),
        excerpt: excerpt.to_owned(),
        published: None,
        content: String::new(),
        parent: None,
    }
}

const PAGE_A: &str = "2026/11/01/a/index.html";
const FEEDS: &str = "{atom,rss}.xml";

#[test]
fn what_is_approved_changes_its_page_and_the_feeds_that_count_it() {
    let mut desk = Desk::new();
    let id = desk.held("https://x.example/news/", "a");
    desk.brings(&[]);
    desk.decide(&[id], Decision::Approve);
    desk.brings(&[PAGE_A, FEEDS]);
    desk.site.holds(PAGE_A, &["words around the link"]);
    desk.brings(&[]);
}

#[test]
fn what_is_undone_leaves_no_trace() {
    let mut desk = Desk::new();
    let before = desk.site.outputs();
    let ids = [desk.held("https://x.example/1", "a"), desk.held("https://y.example/2", "b")];
    desk.decide(&ids, Decision::Trust);
    desk.write();
    assert!(desk.site.path("content/2026/b.backmatter.toml").exists());
    assert_eq!(desk.store.listed(TrustList::Allow).expect("it can be asked").len(), 2);
    assert_eq!(desk.undo(), Some(Decision::Trust));
    desk.brings(&[]);
    assert_eq!(desk.site.outputs(), before);
    assert!(!desk.site.path("content/2026/b.backmatter.toml").exists());
    assert_eq!(desk.store.listed(TrustList::Allow).expect("it can be asked").len(), 0);
    desk.state(ids[0], InboxState::Held);
    assert_eq!(desk.undo(), None);
}

#[test]
fn each_undo_goes_one_decision_further_back() {
    let mut desk = Desk::new();
    let id = desk.held("https://x.example/1", "a");
    for decision in [Decision::Approve, Decision::Reject, Decision::Approve, Decision::Spam] {
        desk.decide(&[id], decision);
    }
    for (decision, state) in [
        (Decision::Spam, InboxState::Approved),
        (Decision::Approve, InboxState::Rejected),
        (Decision::Reject, InboxState::Approved),
        (Decision::Approve, InboxState::Held),
    ] {
        assert_eq!(desk.undo(), Some(decision));
        desk.state(id, state);
    }
}

/// What each comment of the post `a` answers, in the order of the file: `Two<One`.
fn threads(desk: &Desk) -> Vec<String> {
    let text = std::fs::read_to_string(desk.site.path("content/2026/a.backmatter.toml")).unwrap_or_default();
    let table: toml_edit::DocumentMut = text.parse().expect("it is TOML");
    let entries: Vec<_> = table["linkback"].as_array_of_tables().expect("there are some").iter().collect();
    let value = |entry: &toml_edit::Table, key: &str| {
        entry.get(key).and_then(|value| value.as_str()).unwrap_or_default().to_owned()
    };
    let name = |id: &str| {
        let known = entries.iter().find(|entry| value(entry, "id") == id);
        known.map_or_else(|| id.to_owned(), |entry| value(entry, "content"))
    };
    let lines = entries.iter().map(|entry| match value(entry, "parent") {
        parent if parent.is_empty() => value(entry, "content"),
        parent => format!("{}<{}", value(entry, "content"), name(&parent)),
    });
    lines.collect()
}

#[test]
fn answers_stand_below_what_is_back_unless_their_author_moved_them() {
    let mut desk = Desk::new();
    let one = desk.commented("One", None);
    let two = desk.answered("Two", one);
    let three = desk.answered("Three", two);
    let four = desk.answered("Four", two);
    let check = |desk: &mut Desk, ids: &[i64], decision: Decision, expected: &[&str]| {
        desk.decide(ids, decision);
        assert_eq!(desk.write().faults, []);
        assert_eq!(threads(desk), expected);
    };
    let (approve, reject) = (Decision::Approve, Decision::Reject);
    check(&mut desk, &[one, three], approve, &["One", "Three<One"]);
    check(&mut desk, &[two, four], approve, &["One", "Two<One", "Three<Two", "Four<Two"]);
    check(&mut desk, &[two], reject, &["One", "Three<One", "Four<One"]);
    check(&mut desk, &[one], reject, &["Three", "Four"]);
    check(&mut desk, &[two], approve, &["Two", "Three<Two", "Four<Two"]);
    check(&mut desk, &[one], approve, &["One", "Two<One", "Three<Two", "Four<Two"]);
    check(&mut desk, &[two], reject, &["One", "Three<One", "Four<One"]);
    let file = "content/2026/a.backmatter.toml";
    let text = std::fs::read_to_string(desk.site.path(file)).expect("it is there");
    let lines: Vec<&str> = text.lines().collect();
    let last = lines.iter().rposition(|line| line.starts_with("parent")).expect("both answer");
    let moved = [&lines[..last], &lines[last + 1..]].concat().join("\n");
    desk.site.write(file, &moved);
    check(&mut desk, &[two], approve, &["One", "Two<One", "Three<Two", "Four"]);
}

#[test]
fn an_answer_to_what_was_withdrawn_stands_below_what_that_answered() {
    let mut desk = Desk::new();
    let one = desk.commented("One", None);
    let two = desk.answered("Two", one);
    let three = desk.answered("Three", two);
    let four = desk.answered("Four", three);
    desk.decide(&[one, two], Decision::Approve);
    desk.write();
    assert_eq!(threads(&desk), ["One", "Two<One"]);
    for id in [two, three] {
        desk.store.withdraw_comment(id, desk.now).expect("the database works");
        let now = desk.now;
        let lost = Verification::Lost(SourceError::new(SourceErrorKind::Withdrawn, "gone"));
        desk.store.change(id, |item| item.settle(lost, now)).expect("it can be changed");
    }
    desk.decide(&[four], Decision::Approve);
    desk.write();
    assert_eq!(threads(&desk), ["One", "Four<One"]);
}

#[test]
fn what_was_rejected_stays_so_however_often_it_is_sent() {
    let mut desk = Desk::new();
    let id = desk.held("https://x.example/1", "a");
    desk.decide(&[id], Decision::Approve);
    desk.brings(&[PAGE_A, FEEDS]);
    desk.decide(&[id], Decision::Reject);
    desk.brings(&[PAGE_A, FEEDS]);
    assert_eq!(desk.held("https://x.example/1", "a"), id);
    desk.state(id, InboxState::Rejected);
    desk.brings(&[]);
}

#[test]
fn new_words_of_an_approved_one_wait_for_approval() {
    let mut desk = Desk::new();
    let id = desk.held("https://x.example/1", "a");
    desk.decide(&[id], Decision::Approve);
    desk.brings(&[PAGE_A, FEEDS]);
    desk.look(id, words("buy watches"));
    desk.brings(&[]);
    desk.site.holds(PAGE_A, &["words around the link"]);
    desk.decide(&[id], Decision::Approve);
    desk.brings(&[PAGE_A]);
    desk.site.holds(PAGE_A, &["buy watches"]);
    desk.undo();
    desk.brings(&[PAGE_A]);
    desk.site.holds(PAGE_A, &["words around the link"]);
    assert!(desk.item(id).is_waiting());
}

#[test]
fn what_an_author_changes_by_hand_stays() {
    let mut desk = Desk::new();
    let ids = [desk.held("https://x.example/1", "a"), desk.held("https://y.example/2", "a")];
    desk.decide(&ids, Decision::Approve);
    desk.brings(&[PAGE_A, FEEDS]);
    let file = "content/2026/a.backmatter.toml";
    desk.site.edit(file, "title = \"News\"", "title = \"Olds\"");
    let text = std::fs::read_to_string(desk.site.path(file)).expect("it is there");
    let (first, _) = text.split_once("\n\n").expect("there are two");
    desk.site.write(file, first);
    desk.brings(&[PAGE_A, FEEDS]);
    desk.site.holds(PAGE_A, &["Olds"]).lacks(PAGE_A, &["y.example"]);
    desk.held("https://z.example/3", "b");
    desk.brings(&[]);
}

#[test]
fn a_file_with_faults_waits_until_it_is_mended() {
    let mut desk = Desk::new();
    let ids = [desk.held("https://x.example/1", "a"), desk.held("https://y.example/2", "b")];
    let file = "content/2026/a.backmatter.toml";
    desk.site.write(file, "# mine\n[[linkback]]\nkind = 'pingbak'\n");
    desk.decide(&ids, Decision::Approve);
    let written = desk.write();
    let faults: Vec<_> =
        written.faults.iter().map(|fault| (fault.path.as_str(), fault.message.as_str())).collect();
    assert_eq!(faults, [(file, "there is no kind `pingbak`")]);
    assert_eq!(written.posts.iter().map(SourcePath::as_str).collect::<Vec<_>>(), ["content/2026/b.md"]);
    desk.site.write(file, "# mine\n");
    assert_eq!(desk.write().posts.iter().map(SourcePath::as_str).collect::<Vec<_>>(), ["content/2026/a.md"]);
    desk.site.build();
    desk.site.holds(PAGE_A, &["words around the link"]);
    let text = std::fs::read_to_string(desk.site.path(file)).expect("it is there");
    assert!(text.starts_with("# mine\n\n[[linkback]]\n"), "{text}");
}

#[test]
fn whom_to_trust_is_kept_by_author_where_many_share_a_host() {
    let mut desk = Desk::new();
    let ids = [desk.held("https://medium.com/@ann/1", "a"), desk.held("https://medium.com/p/2", "a")];
    let decided = desk.decide(&ids, Decision::Trust);
    let keys: Vec<_> = decided.iter().map(|decided| decided.listed.as_ref().map(TrustKey::as_str)).collect();
    assert_eq!(keys, [Some("medium.com/@ann"), None]);
    desk.state(ids[1], InboxState::Approved);
    let blocked = desk.held("https://medium.com/@ann/3", "a");
    desk.decide(&[blocked], Decision::Block);
    let listed = |list| {
        desk.store.listed(list).expect("it can be asked").iter().map(TrustKey::to_string).collect::<Vec<_>>()
    };
    assert_eq!(
        (listed(TrustList::Allow), listed(TrustList::Block)),
        (vec![], vec!["medium.com/@ann".to_owned()])
    );
}

#[test]
fn what_was_never_seen_cannot_be_approved() {
    let mut desk = Desk::new();
    let id = desk.held("https://x.example/1", "a");
    let now = desk.now;
    desk.store
        .change(id, |item| {
            item.settle(Verification::Lost(SourceError::new(SourceErrorKind::Withdrawn, "gone")), now)
        })
        .expect("it can be changed");
    let decided = desk.decide(&[id, 4711], Decision::Approve);
    let refused: Vec<_> = decided.iter().map(|decided| decided.refused.as_deref()).collect();
    assert_eq!(refused, [Some("gone")], "the reason is the one that the look gave");
    assert_eq!(desk.undo(), None);
}

#[test]
fn what_its_source_withdrew_is_not_brought_back_by_undoing() {
    let mut desk = Desk::new();
    let id = desk.held("https://x.example/1", "a");
    desk.decide(&[id], Decision::Approve);
    desk.decide(&[id], Decision::Trust);
    let now = desk.now;
    desk.store
        .change(id, |item| {
            item.settle(Verification::Lost(SourceError::new(SourceErrorKind::Withdrawn, "gone")), now)
        })
        .expect("it can be changed");
    desk.undo();
    desk.state(id, InboxState::Gone);
}

#[test]
fn a_post_that_moved_takes_its_linkbacks_along() {
    let mut desk = Desk::new();
    let ids = [desk.held("https://x.example/1", "a"), desk.held("https://y.example/2", "a")];
    desk.decide(&ids[..1], Decision::Approve);
    desk.write();
    desk.site.rename("content/2026/a.md", "content/stairs/a.md");
    desk.site.rename("content/2026/a.backmatter.toml", "content/stairs/a.backmatter.toml");
    desk.decide(&ids[1..], Decision::Approve);
    desk.decide(&ids[..1], Decision::Reject);
    let (config, _) = Config::parse("base_url = 'https://example.com'");
    let root = desk.site.root().to_owned();
    let moved = SourcePath::new("content/stairs/a.md");
    let written =
        apply::write(&mut desk.store, &root, &config, &|_| moved.clone()).expect("it can be written");
    assert_eq!(written.faults, []);
    let text =
        std::fs::read_to_string(desk.site.path("content/stairs/a.backmatter.toml")).expect("it is there");
    assert!(text.contains("y.example") && !text.contains("x.example"), "{text}");
    assert!(!desk.site.path("content/2026/a.backmatter.toml").exists());
}

#[test]
fn two_that_write_at_once_lose_nothing() {
    let mut desk = Desk::new();
    let ids: Vec<i64> = (0..20).map(|n| desk.held(&format!("https://x{n}.example/"), "a")).collect();
    let root = desk.site.root().to_owned();
    let now = desk.now;
    let writer = |ids: &[i64]| {
        let mut store = LinkbackStore::open(&root.join("linkbacks.db")).expect("a database can be opened");
        let (config, _) = Config::parse("base_url = 'https://example.com'");
        for id in ids {
            store.decide(&[*id], Decision::Approve, now).expect("it can be decided");
            let written = apply::write(&mut store, &root, &config, &|item| post_of(&root, item));
            assert_eq!(written.expect("it can be written").faults, []);
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(|| writer(&ids[..10]));
        scope.spawn(|| writer(&ids[10..]));
    });
    let text =
        std::fs::read_to_string(desk.site.path("content/2026/a.backmatter.toml")).expect("it is there");
    assert_eq!(text.matches("[[linkback]]").count(), 20, "{text}");
    assert_eq!(desk.store.pending_edits().expect("it can be asked"), []);
}

/// What a program leaves that is killed right after its decision, and what it leaves when files are written.
#[test]
fn interrupted_decisions_are_said_and_completed_by_the_next_build() {
    for is_written in [false, true] {
        let mut desk = Desk::new();
        let ids: Vec<i64> = (0..3).map(|n| desk.held(&format!("https://x{n}.example/"), "a")).collect();
        desk.decide(&ids, Decision::Approve);
        if is_written {
            assert_eq!(desk.write().faults, []);
            assert_eq!(desk.store.pending_edits().expect("it can be asked"), []);
        }
        let list = backmatter(desk.site.root(), ["linkbacks", "list"]);
        list.is(
            0,
            "",
            "3 approved\n3 decisions are not in the site yet; `backmatter build` writes and builds what is missing\n",
        );
        desk.site.lacks(PAGE_A, &["words around the link"]);
        let build = backmatter(desk.site.root(), ["build", "--now", "2026-11-22"]);
        assert_eq!(
            (build.code, build.stderr.as_str()),
            (Some(0), "3 interrupted decisions are in the site now\n")
        );
        desk.site.holds(PAGE_A, &["https://x0.example/", "https://x1.example/", "https://x2.example/"]);
        backmatter(desk.site.root(), ["linkbacks", "list"]).is(0, "", "3 approved\n");
        // One that was shown and is rejected is removed in the same way.
        desk.decide(&ids[..1], Decision::Reject);
        if is_written {
            desk.write();
        }
        backmatter(desk.site.root(), ["build", "--now", "2026-11-22"]);
        desk.site.lacks(PAGE_A, &["https://x0.example/"]);
        assert_eq!(desk.store.outstanding().expect("it can be asked"), 0);
    }
}

#[test]
fn a_database_that_cannot_be_read_stops_no_build() {
    let desk = Desk::new();
    let Desk { site, store, .. } = desk;
    drop(store);
    std::fs::write(site.path("linkbacks.db"), "not a database").expect("it can be written");
    let build = backmatter(site.root(), ["build"]);
    assert_eq!(build.code, Some(0));
    assert!(build.stderr.starts_with("decisions on linkbacks were not looked at: "), "{}", build.stderr);
}
