//! What the moderation page shows: values for its templates, which escape all of it.

use serde::Serialize;
use tera::{Context, Tera};

use crate::config::Config;
use crate::date::Date;
use crate::linkback::inbox::signals;
use crate::linkback::inbox::state::{InboxItem, InboxState, Mention};
use crate::linkback::inbox::trust;
use crate::receive::moderation::apply::linkback_of;
use crate::receive::site_index::addresses::TargetIndex;

/// A linkback on the page.
#[derive(Debug, Serialize)]
pub(super) struct ItemView {
    number: i64,
    waiting: bool,
    likely: u8,
    band: &'static str,
    title: String,
    source: String,
    host: String,
    target: String,
    post: String,
    author: String,
    kind: &'static str,
    relation: &'static str,
    received: String,
    day: String,
    excerpt: String,
    old_excerpt: String,
    fault: String,
    reasons: Vec<ReasonView>,
    acts: Vec<ActionButton>,
}

#[derive(Debug, Serialize)]
struct ReasonView {
    text: String,
    against: bool,
}

/// A button.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct ActionButton {
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    first: bool,
}

/// A state with how many are in it.
#[derive(Debug, Serialize)]
pub(super) struct StateTab {
    pub(super) name: &'static str,
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

const APPROVE: ActionButton =
    ActionButton { name: "approve", label: "Approve", hint: "Print it under the post", first: true };
const TRUST: ActionButton = ActionButton {
    name: "trust",
    label: "Approve and trust",
    hint: "Also approve what comes from the same site or author from now on",
    first: false,
};
const REJECT: ActionButton =
    ActionButton { name: "reject", label: "Reject", hint: "Do not print it", first: false };
const REMOVE: ActionButton =
    ActionButton { name: "reject", label: "Remove", hint: "Take it from under the post", first: false };
const SPAM: ActionButton = ActionButton {
    name: "spam",
    label: "Spam",
    hint: "Reject it, and hold it against its site",
    first: false,
};
const BLOCK: ActionButton = ActionButton {
    name: "block",
    label: "Block",
    hint: "Reject it, and take nothing more from its site or author",
    first: false,
};
const RETRY: ActionButton =
    ActionButton { name: "retry", label: "Look again", hint: "Fetch its source once more", first: false };

/// The buttons for linkbacks of a state.
pub(super) fn acts(state: InboxState, waiting: bool) -> Vec<ActionButton> {
    match state {
        _ if waiting => vec![APPROVE, TRUST, REJECT, SPAM, BLOCK],
        InboxState::Approved => vec![TRUST, REMOVE, BLOCK, RETRY]
            .into_iter()
            .map(|act| ActionButton { first: false, ..act })
            .collect(),
        InboxState::Rejected | InboxState::Spam => vec![ActionButton { first: false, ..APPROVE }, BLOCK],
        InboxState::Refused | InboxState::Gone | InboxState::Queued => vec![RETRY, SPAM, BLOCK],
        InboxState::Held => vec![APPROVE, TRUST, REJECT, SPAM, BLOCK],
    }
}

/// The buttons for many at once.
pub(super) fn bulk(state: InboxState) -> Vec<ActionButton> {
    let waiting = state == InboxState::Held;
    let acts = acts(state, waiting).into_iter().filter(|act| act.name != "block");
    acts.map(|act| ActionButton { first: false, ..act }).collect()
}

impl ItemView {
    pub(super) fn of(item: &InboxItem, config: &Config, targets: &TargetIndex) -> Self {
        let words = item.pending.as_ref().or(item.words.as_ref());
        let text = |of: fn(&Mention) -> &str| words.map_or_else(String::new, |words| of(words).to_owned());
        let likely = signals::confidence(&item.reasons);
        let received = Date::of_moment(item.received, config.timezone);
        let title = text(|words| &words.title);
        let old = item.pending.as_ref().and(item.words.as_ref());
        Self {
            number: item.id,
            waiting: item.is_waiting(),
            likely,
            band: match likely {
                60.. => "high",
                30.. => "middle",
                _ => "low",
            },
            title: if title.is_empty() { item.source.clone() } else { title },
            source: web(&item.source),
            host: trust::host(&item.source).unwrap_or_default(),
            target: web(&item.target),
            post: targets.of_item(item).map_or_else(|| item.post.clone(), |target| target.title.clone()),
            author: text(|words| words.author.as_ref().map_or("", |author| &author.name)),
            kind: linkback_of(item, config).map_or("linkback", |linkback| linkback.kind.name()),
            relation: words.map_or("mention", |words| words.relation.name()),
            received: received.rfc3339(),
            day: received.day().to_string(),
            excerpt: text(|words| &words.excerpt),
            old_excerpt: old.map_or_else(String::new, |words| words.excerpt.clone()),
            fault: item.fault.as_ref().map_or_else(String::new, |fault| quoted(&fault.text)),
            reasons: if item.is_waiting() {
                item.reasons.iter().map(ReasonView::of).collect()
            } else {
                Vec::new()
            },
            acts: acts(item.state, item.is_waiting()),
        }
    }
}

impl ReasonView {
    fn of(reason: &signals::Signal) -> Self {
        Self { text: quoted(&reason.to_string()), against: reason.weight() < 0 }
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

/// The templates.
pub(super) fn templates() -> Tera {
    let mut tera = Tera::new();
    let files = [
        ("queue.html", include_str!("templates/queue.html")),
        ("login.html", include_str!("templates/login.html")),
    ];
    tera.add_raw_templates(files).expect("our templates are valid");
    tera
}

/// A page of a template.
pub(super) fn page(tera: &Tera, name: &str, context: &Context) -> String {
    tera.render(name, context).unwrap_or_else(|error| {
        debug_assert!(false, "`{name}` cannot be rendered: {error:?}");
        String::new()
    })
}
