//! What the moderation page shows: values for its templates, which escape all of it.

use serde::Serialize;

use crate::date::Date;
use crate::linkback::inbox::signals::{self, ModerationSignal};
use crate::linkback::inbox::state::{InboxItem, InboxState};
use crate::linkback::inbox::trust;
use crate::linkback::{LinkbackKind, Relation};
use crate::receive::moderation::apply::linkback_of;
use crate::receive::pages::ReceiverPages;
use crate::receive::site_index::IndexSnapshot;

/// A linkback on the page.
#[derive(Debug, Serialize)]
pub(super) struct ItemView {
    number: i64,
    number_label: String,
    choose: String,
    decide: String,
    waiting: bool,
    likely: u8,
    band: &'static str,
    title: String,
    source: String,
    host: String,
    target: String,
    post: String,
    author: String,
    kind: String,
    relation: String,
    received: String,
    day: String,
    excerpt: String,
    old_excerpt: String,
    fault: String,
    reasons: Vec<SignalView>,
    acts: Vec<ActionButton>,
}

#[derive(Debug, Serialize)]
struct SignalView {
    text: String,
    against: bool,
}

/// A button.
#[derive(Debug, Clone, Serialize)]
pub(super) struct ActionButton {
    name: &'static str,
    label: String,
    hint: String,
    first: bool,
}

/// A state with how many are in it.
#[derive(Debug, Serialize)]
pub(super) struct StateTab {
    pub(super) name: String,
    pub(super) href: String,
    pub(super) count: usize,
    pub(super) here: bool,
}

/// Something that is said once.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Notice {
    bad: bool,
    text: String,
}

impl Notice {
    /// Something was done.
    pub(super) fn good(text: &str) -> Self {
        Self { bad: false, text: quoted(text) }
    }

    /// Something went wrong.
    pub(super) fn bad(text: &str) -> Self {
        Self { bad: true, text: quoted(text) }
    }
}

impl ActionButton {
    /// An action whose words are `moderate_<word>`.
    fn new(pages: &ReceiverPages, name: &'static str, word: &str) -> Self {
        Self {
            name,
            label: pages.text(&format!("moderate_{word}")),
            hint: pages.text(&format!("moderate_{word}_hint")),
            first: false,
        }
    }
}

/// The words of the actions on an item, and of those a state allows.
fn actions(state: InboxState) -> &'static [(&'static str, &'static str)] {
    const APPROVE: (&str, &str) = ("approve", "approve");
    const TRUST: (&str, &str) = ("trust", "trust");
    const REJECT: (&str, &str) = ("reject", "reject");
    // An approved linkback that is rejected is removed.
    const REMOVE: (&str, &str) = ("reject", "remove");
    const SPAM: (&str, &str) = ("spam", "spam");
    const BLOCK: (&str, &str) = ("block", "block");
    const RETRY: (&str, &str) = ("retry", "retry");
    match state {
        InboxState::Held => &[APPROVE, TRUST, REJECT, SPAM, BLOCK],
        InboxState::Approved => &[TRUST, REMOVE, BLOCK, RETRY],
        InboxState::Rejected | InboxState::Spam => &[APPROVE, BLOCK],
        InboxState::Refused | InboxState::Gone | InboxState::Queued => &[RETRY, SPAM, BLOCK],
    }
}

fn buttons(pages: &ReceiverPages, state: InboxState) -> Vec<ActionButton> {
    actions(state).iter().map(|(name, word)| ActionButton::new(pages, name, word)).collect()
}

/// The buttons of one linkback. The first of those that wait is the default.
fn buttons_of(pages: &ReceiverPages, item: &InboxItem) -> Vec<ActionButton> {
    if !item.is_waiting() {
        return buttons(pages, item.state);
    }
    let mut buttons = buttons(pages, InboxState::Held);
    if let Some(first) = buttons.first_mut() {
        first.first = true;
    }
    buttons
}

/// The buttons for many linkbacks of a state.
pub(super) fn bulk(pages: &ReceiverPages, state: InboxState) -> Vec<ActionButton> {
    let mut buttons = buttons(pages, state);
    buttons.retain(|button| button.name != "block");
    buttons
}

impl ItemView {
    pub(super) fn of(item: &InboxItem, site: &IndexSnapshot) -> Self {
        let IndexSnapshot { config, targets, pages, .. } = site;
        let words = item.pending.as_ref().or(item.words.as_ref());
        let likely = signals::confidence(&item.reasons);
        let received = Date::of_moment(item.received, config.timezone);
        let title = words.map_or("", |words| &words.title);
        let author = words.and_then(|words| words.author.as_ref());
        let approved = item.pending.as_ref().and(item.words.as_ref());
        let number = item.id.to_string();
        let number = [("n", number.as_str())];
        Self {
            number: item.id,
            number_label: pages.text_with("moderate_number", &number),
            choose: pages.text_with("moderate_choose", &number),
            decide: pages.text_with("moderate_decide", &number),
            waiting: item.is_waiting(),
            likely,
            band: match likely {
                60.. => "high",
                30.. => "middle",
                _ => "low",
            },
            title: match title {
                "" if item.is_comment() => pages.text("kind_comment"),
                "" => item.source.clone(),
                title => title.to_owned(),
            },
            source: if item.is_comment() { web(&item.target) } else { web(&item.source) },
            host: trust::host(item.origin()).unwrap_or_default(),
            target: web(&item.target),
            post: targets.of_item(item).map_or_else(|| item.post.clone(), |target| target.title.clone()),
            author: author.map_or_else(String::new, |author| author.name.clone()),
            kind: kind(item, site),
            relation: words.map_or_else(String::new, |words| relation(words.relation, pages)),
            received: received.rfc3339(),
            day: received.day().to_string(),
            // A comment is decided on by all of its words.
            excerpt: words.map_or_else(String::new, |words| match words.content.as_str() {
                "" => words.excerpt.clone(),
                content => content.to_owned(),
            }),
            old_excerpt: approved.map_or_else(String::new, |words| words.excerpt.clone()),
            fault: item.fault.as_ref().map_or_else(String::new, |fault| quoted(&fault.text)),
            reasons: if item.is_waiting() {
                item.reasons.iter().map(|signal| SignalView::of(signal, pages)).collect()
            } else {
                Vec::new()
            },
            acts: buttons_of(pages, item),
        }
    }
}

/// The protocol, as the site calls it.
fn kind(item: &InboxItem, site: &IndexSnapshot) -> String {
    let kind = linkback_of(item, &site.config).map_or(LinkbackKind::Webmention, |linkback| linkback.kind);
    site.pages.text(&format!("kind_{}", kind.name()))
}

/// What the source is to the post, as the site calls it; empty for a mere mention.
fn relation(relation: Relation, pages: &ReceiverPages) -> String {
    match relation {
        Relation::Mention => String::new(),
        Relation::Like | Relation::Repost => pages.text(&format!("moderate_{}", relation.name())),
        Relation::Reply | Relation::Bookmark | Relation::Quotation => {
            pages.text(&format!("relation_{}", relation.name()))
        }
    }
}

impl SignalView {
    fn of(signal: &ModerationSignal, pages: &ReceiverPages) -> Self {
        Self { text: signal_text(signal, pages), against: signal.weight() < 0 }
    }
}

/// A signal in the site's language.
fn signal_text(signal: &ModerationSignal, pages: &ReceiverPages) -> String {
    match signal {
        ModerationSignal::Trusted(value) => pages.text_with("signal_trusted", &[("value", value)]),
        ModerationSignal::Friend(value) => pages.text_with("signal_friend", &[("value", value)]),
        ModerationSignal::ApprovedBefore(count) => pages.counted("signal_approved_before", *count),
        ModerationSignal::UnknownHost(value) => pages.text_with("signal_unknown_host", &[("value", value)]),
        ModerationSignal::FirstTimeAuthor(value) => {
            pages.text_with("signal_first_time_author", &[("value", value)])
        }
        ModerationSignal::SharedHost(value) => pages.text_with("signal_shared_host", &[("value", value)]),
        ModerationSignal::NumberedHost(value) => pages.text_with("signal_numbered_host", &[("value", value)]),
        ModerationSignal::RejectedBefore(count) => pages.counted("signal_rejected_before", *count),
        ModerationSignal::Flood(count) => pages.counted("signal_flood", *count),
        ModerationSignal::Boilerplate(value) => pages.text_with("signal_boilerplate", &[("value", value)]),
        ModerationSignal::Hidden => pages.text("signal_hidden"),
        ModerationSignal::Copied(share) => pages.counted("signal_copied", *share),
        ModerationSignal::ManyLinks(count) => pages.counted("signal_many_links", *count),
        ModerationSignal::BuiltInWord(value) => pages.text_with("signal_built_in_word", &[("value", value)]),
        ModerationSignal::Word(value) => pages.text_with("signal_word", &[("value", value)]),
        ModerationSignal::OtherSender => pages.text("signal_other_sender"),
        ModerationSignal::NoAuthor => pages.text("signal_no_author"),
        ModerationSignal::InvisibleMarks => pages.text("signal_invisible_marks"),
        ModerationSignal::OtherWords => pages.text("signal_other_words"),
    }
}

/// An address that a browser may safely open, else none.
fn web(url: &str) -> String {
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    if is_web { url.to_owned() } else { String::new() }
}

/// What a terminal shows between backticks, as print shows it.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 8);
    for (at, part) in text.split('`').enumerate() {
        if at > 0 {
            quoted.push(if at % 2 == 1 { '“' } else { '”' });
        }
        quoted.push_str(part);
    }
    quoted
}
