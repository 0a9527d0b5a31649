//! The inbox: what becomes of a linkback from the moment it is submitted. Pure; time is an argument.
//!
//! An [`InboxItem`] is one page that links to one post, whatever protocols reported it. It is submitted, then verified
//! (the source is fetched and searched for the link), then decided on by a person, and looked at again after days.
//! Its [`InboxState`] says where it stands, its `due` when it is to be looked at next; a look never waits for a state, and
//! a state never says that a look is under way, so that a process may be killed at any moment.
//!
//! ```text
//!              found                 approve
//!   queued ------------> held <-----------------> approved
//!     |                   |  \   undo, change       |
//!     | no link,          |   \ reject, spam        | 410, or the link
//!     | not reachable     |    v                    | gone three times
//!     v                   |   rejected, spam        v
//!   refused               +----------------------> gone
//! ```
//!
//! A refused or gone one that is submitted again and found is held again. A rejected one or spam stays what it is
//! however often it is sent: only a decision moves it. [`InboxItem::resubmit`], [`InboxItem::settle`] and [`InboxItem::move_to`] are
//! the only moves.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::config::Author;
use crate::date::Date;
use crate::linkback::inbox::signals::ModerationSignal;
use crate::linkback::{LinkbackKind, Relation};

/// Where a linkback stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InboxState {
    /// Acknowledged, and not looked at yet.
    Queued,
    /// Its link was found; a person has to decide.
    Held,
    /// A person, or the trust of one, let it in: it stands in the back matter.
    Approved,
    /// A person did not want it.
    Rejected,
    /// A person did not want it, nor its like.
    Spam,
    /// It was looked at, and there was no link or no page.
    Refused,
    /// It was held or approved, and its source has withdrawn it.
    Gone,
}

impl InboxState {
    /// All states with their names.
    pub const ALL: [(&'static str, Self); 7] = [
        ("queued", Self::Queued),
        ("held", Self::Held),
        ("approved", Self::Approved),
        ("rejected", Self::Rejected),
        ("spam", Self::Spam),
        ("refused", Self::Refused),
        ("gone", Self::Gone),
    ];

    /// Its name, in the database and on the command line.
    pub fn name(self) -> &'static str {
        crate::linkback::name_in(&Self::ALL, self)
    }

    /// The state of a name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, state)| *state)
    }

    /// Whether a person refused it for good: nothing that is sent changes that.
    pub fn is_closed(self) -> bool {
        matches!(self, Self::Rejected | Self::Spam)
    }

    /// Whether its source was seen to link here, and it has not been refused since.
    pub fn is_live(self) -> bool {
        matches!(self, Self::Held | Self::Approved)
    }
}

/// A submission: a page links to a post. The addresses are absolute and checked, and the post is of this site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// The page that links, without a fragment.
    pub source: String,
    /// The post's own address, whichever of its addresses was sent.
    pub target: String,
    /// The address that was sent, if it is spelt as none of the post's own: `…/post/?utm_source=x`.
    pub written: Option<String>,
    /// The file of the post: `content/2016/aleppo.md`.
    pub post: String,
    pub protocol: LinkbackKind,
    /// What the sender says of the page. Only trackbacks say anything.
    pub hints: Hints,
    /// The network address it came from.
    pub sender: String,
    /// The words of a comment, which has no page that is fetched.
    pub comment: Option<Box<Mention>>,
}

/// What the source of a comment begins with; its token follows.
pub(crate) const COMMENT_SOURCE: &str = "comment:";

/// What a sender says of its page, to be believed only where the page itself is silent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hints {
    pub title: String,
    /// Some of its words.
    pub excerpt: String,
    pub site: String,
}

impl Hints {
    /// Whether nothing was said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What is shown of a linkback: all that the back matter takes from its source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mention {
    /// What it is to the post.
    pub relation: Relation,
    pub title: String,
    pub site: String,
    pub author: Option<Author>,
    /// The words around the link.
    pub excerpt: String,
    pub published: Option<Date>,
    /// All the words of a comment, in Markdown.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub content: String,
    /// The id of the response that a comment answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
}

impl Mention {
    /// What is left of a reply that was taken back.
    pub fn forgotten() -> Self {
        Self {
            relation: Relation::Reply,
            title: String::new(),
            site: String::new(),
            author: None,
            excerpt: String::new(),
            published: None,
            content: String::new(),
            parent: None,
        }
    }

    /// Whether the words differ for a reader, so that they need a decision. White space, letter case and the date of
    /// publication make no difference.
    pub fn differ_materially(&self, other: &Self) -> bool {
        self.normal() != other.normal()
    }

    fn normal(&self) -> Self {
        let author = self.author.clone().unwrap_or_default();
        Self {
            relation: self.relation,
            title: normal(&self.title),
            site: normal(&self.site),
            author: Some(Author { name: normal(&author.name), email: None, ..author }),
            excerpt: normal(&self.excerpt),
            published: None,
            content: self.content.clone(),
            parent: self.parent.clone(),
        }
    }
}

fn normal(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// A linkback in the inbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InboxItem {
    /// Its number in the database.
    pub id: i64,
    /// The token of its status page: random, so that status pages cannot be enumerated.
    pub token: String,
    /// The page that links.
    pub source: String,
    /// The key of the page that the source leads to, or that it says is its own address; none before it was read.
    #[serde(skip)]
    pub page: Option<String>,
    /// The post's own address.
    pub target: String,
    /// The post's address as it was last sent, if it was spelt as none of its own.
    pub written: Option<String>,
    /// The file of the post.
    pub post: String,
    /// Every protocol that reported it.
    pub protocols: BTreeSet<LinkbackKind>,
    /// What its last trackback said.
    pub hints: Hints,
    /// The network address its last submission came from.
    pub sender: String,
    pub state: InboxState,
    /// Its words. Of an approved one: those that were approved.
    pub words: Option<Mention>,
    /// Other words that an approved one has now, which are not approved yet.
    pub pending: Option<Mention>,
    /// What speaks for it and against it.
    pub reasons: Vec<ModerationSignal>,
    /// Why the last look found nothing.
    pub fault: Option<SourceError>,
    /// When its source is to be fetched next.
    pub due: Option<DateTime<Utc>>,
    /// Looks in a row at which the source could not be reached.
    pub failures: u32,
    /// Days at which the link was missing, in a row.
    pub strikes: u32,
    /// When the last of them was counted.
    pub struck: Option<DateTime<Utc>>,
    /// When it was first submitted.
    pub received: DateTime<Utc>,
    /// When its link was first found.
    pub found: Option<DateTime<Utc>>,
    /// When it was last looked at.
    pub looked: Option<DateTime<Utc>>,
    /// When its state or words last changed.
    pub changed: DateTime<Utc>,
}

/// What a look at the source found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verification {
    /// The link, with the words around it, and why a person should look.
    Found(Box<Mention>, Vec<ModerationSignal>),
    /// It is not there, and why.
    Lost(SourceError),
}

/// Why a look did not find the link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceError {
    pub kind: SourceErrorKind,
    /// What a person should know of it.
    pub text: String,
}

/// A kind of [`SourceError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceErrorKind {
    /// The page has no link to the post.
    NoLink,
    /// There is no page at the address (404), or none that can be read.
    NoPage,
    /// The source says that it is gone for good (410).
    Withdrawn,
    /// Nothing that says anything about the link: an error of the server, or no answer.
    Unreachable,
    /// The site's author blocks where it comes from.
    Blocked,
    /// The page is the one of another linkback, by another address.
    SamePage,
}

impl SourceError {
    /// A fault with its text.
    pub fn new(kind: SourceErrorKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }
}

/// What a move changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transition {
    /// Nothing to act on.
    Nothing,
    /// It was let into the queue of those that a person decides on, or came back to it with other words.
    Held,
    /// An approved one has new words in the back matter, without a difference that matters.
    Reworded,
    /// An approved one has to leave the back matter.
    Removed,
    /// It was refused, or left the queue.
    Dropped,
}

/// How long to wait after each look at which the source could not be reached.
const RETRIES: [TimeDelta; 3] = [TimeDelta::minutes(5), TimeDelta::hours(1), TimeDelta::hours(6)];

/// When a link that was found is looked at again, counted from when it was first found.
const REVISITS: [TimeDelta; 3] = [TimeDelta::days(1), TimeDelta::days(7), TimeDelta::days(30)];

/// The number of days without the link after which it is gone.
const STRIKES: u32 = 3;

/// Strikes are counted on different days. A little less than a day, as a look is never on the minute.
const BETWEEN_STRIKES: TimeDelta = TimeDelta::hours(20);

/// Nothing that is sent makes us fetch one page for one post more often than this.
const BETWEEN_LOOKS: TimeDelta = TimeDelta::minutes(5);

impl InboxItem {
    /// An item made of its first submission. `delay` is how long its first look has to wait.
    pub fn new(submission: Submission, token: String, now: DateTime<Utc>, delay: TimeDelta) -> Self {
        let Submission { source, target, written, post, protocol, hints, sender, comment } = submission;
        Self {
            id: 0,
            token,
            source,
            page: None,
            target,
            written,
            post,
            protocols: BTreeSet::from([protocol]),
            hints,
            sender,
            state: InboxState::Queued,
            words: comment.map(|words| *words),
            pending: None,
            reasons: Vec::new(),
            fault: None,
            due: Some(now + delay),
            failures: 0,
            strikes: 0,
            struck: None,
            received: now,
            found: None,
            looked: None,
            changed: now,
        }
    }

    /// The same page was submitted again: it is looked at again, unless a person refused it for good.
    pub fn resubmit(&mut self, submission: Submission, now: DateTime<Utc>, delay: TimeDelta) {
        self.protocols.insert(submission.protocol);
        self.post = submission.post;
        if self.state.is_closed() {
            return;
        }
        self.sender = submission.sender;
        self.written = submission.written;
        if !submission.hints.is_empty() {
            self.hints = submission.hints;
        }
        let wait = BETWEEN_LOOKS * (1 << self.failures.min(8));
        // A look in the future was made by a clock that was ahead.
        let soonest = self
            .looked
            .filter(|looked| *looked - now < BETWEEN_STRIKES)
            .map_or(now, |looked| looked + wait)
            .max(now)
            + delay;
        self.due = Some(self.due.map_or(soonest, |due| due.min(soonest)));
    }

    /// Whether it was written into the site's own form.
    pub fn is_comment(&self) -> bool {
        self.protocols.contains(&LinkbackKind::Comment)
    }

    /// Where it comes from, for the lists of trust: its page, or the address that the author of a comment gives; empty if
    /// there is none.
    pub fn origin(&self) -> &str {
        if !self.is_comment() {
            return &self.source;
        }
        let author = self.words.as_ref().and_then(|words| words.author.as_ref());
        author.and_then(|author| author.url.as_deref()).unwrap_or_default()
    }

    /// Whether its author took it back. Only comments are forgotten so.
    pub fn is_withdrawn(&self) -> bool {
        self.is_comment() && self.words.is_none()
    }

    /// Its author takes a comment back: its words are forgotten, and it is looked at at once.
    pub fn withdraw(&mut self, now: DateTime<Utc>) {
        (self.words, self.pending) = (None, None);
        self.reasons.clear();
        self.sender.clear();
        self.due = Some(now);
    }

    /// Takes in what a look found, and says what that means.
    pub fn settle(&mut self, look: Verification, now: DateTime<Utc>) -> Transition {
        self.looked = Some(now);
        self.due = None;
        if self.state.is_closed() {
            return Transition::Nothing;
        }
        let fault = match look {
            Verification::Found(words, reasons) => return self.settle_found(*words, reasons, now),
            Verification::Lost(fault) => fault,
        };
        let kind = fault.kind;
        self.fault = Some(fault);
        match kind {
            SourceErrorKind::NoLink | SourceErrorKind::NoPage => self.settle_missing(now),
            // A block is for what comes from now on; what was approved before stays.
            SourceErrorKind::Blocked | SourceErrorKind::SamePage if self.state == InboxState::Approved => {
                Transition::Nothing
            }
            SourceErrorKind::Withdrawn | SourceErrorKind::Blocked | SourceErrorKind::SamePage => {
                self.leave(now)
            }
            SourceErrorKind::Unreachable => self.settle_unreachable(now),
        }
    }

    /// A person's decision, or its undoing. What was pending becomes the words with an approval, and is forgotten with
    /// a refusal.
    pub fn move_to(&mut self, state: InboxState, now: DateTime<Utc>) {
        if state == InboxState::Approved
            && let Some(words) = self.pending.take()
        {
            self.words = Some(words);
        }
        if state.is_closed() {
            self.pending = None;
            self.due = None;
        } else if self.due.is_none() {
            self.due = self.next_visit(now);
        }
        self.state = state;
        self.changed = now;
    }

    /// Why it was refused, if that was so short a time ago that sending it again changes nothing.
    pub fn recent_fault(&self, now: DateTime<Utc>) -> Option<SourceErrorKind> {
        let is_recent = self.looked.is_some_and(|looked| now - looked < BETWEEN_LOOKS);
        let fault = self.fault.as_ref().filter(|_| self.state == InboxState::Refused && is_recent)?;
        Some(fault.kind)
    }

    /// Whether a person has to decide something about it.
    pub fn is_waiting(&self) -> bool {
        self.state == InboxState::Held || self.pending.is_some()
    }

    fn settle_found(
        &mut self,
        words: Mention,
        reasons: Vec<ModerationSignal>,
        now: DateTime<Utc>,
    ) -> Transition {
        (self.failures, self.strikes, self.struck, self.fault) = (0, 0, None, None);
        self.found.get_or_insert(now);
        self.due = self.next_visit(now);
        let last = self.pending.as_ref().or(self.words.as_ref()).filter(|_| self.state.is_live());
        if last == Some(&words) {
            return Transition::Nothing;
        }
        self.changed = now;
        let approved = self.words.as_ref().filter(|_| self.state == InboxState::Approved);
        match approved {
            Some(approved) if approved.differ_materially(&words) => {
                self.pending = Some(words);
                self.reasons = reasons;
                Transition::Held
            }
            Some(_) => {
                self.pending = None;
                self.words = Some(words);
                Transition::Reworded
            }
            None => {
                let was_held = self.state == InboxState::Held;
                self.words = Some(words);
                self.reasons = reasons;
                self.state = InboxState::Held;
                if was_held { Transition::Nothing } else { Transition::Held }
            }
        }
    }

    fn settle_missing(&mut self, now: DateTime<Utc>) -> Transition {
        self.failures = 0;
        if !self.state.is_live() {
            return self.leave(now);
        }
        if self.struck.is_none_or(|struck| now - struck >= BETWEEN_STRIKES) {
            self.strikes += 1;
            self.struck = Some(now);
        }
        if self.strikes >= STRIKES {
            return self.leave(now);
        }
        self.due = Some(now + TimeDelta::days(1));
        Transition::Nothing
    }

    fn settle_unreachable(&mut self, now: DateTime<Utc>) -> Transition {
        let retry = usize::try_from(self.failures).ok().and_then(|failures| RETRIES.get(failures));
        self.failures += 1;
        match retry {
            Some(wait) => {
                self.due = Some(now + *wait);
                Transition::Nothing
            }
            None if self.state.is_live() => {
                self.due = self.next_visit(now);
                Transition::Nothing
            }
            None => self.leave(now),
        }
    }

    /// Leaves the queue or the back matter. What was never held has nothing to be gone from: it is refused.
    fn leave(&mut self, now: DateTime<Utc>) -> Transition {
        let was = self.state;
        self.state =
            if was.is_live() || was == InboxState::Gone { InboxState::Gone } else { InboxState::Refused };
        self.pending = None;
        if was == self.state {
            return Transition::Nothing;
        }
        self.changed = now;
        if was == InboxState::Approved { Transition::Removed } else { Transition::Dropped }
    }

    /// The next of the days on which a link that was found is looked at again.
    fn next_visit(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let found = self.found?.min(now);
        REVISITS.iter().map(|days| found + *days).find(|visit| *visit > now)
    }
}

#[cfg(test)]
mod tests;
