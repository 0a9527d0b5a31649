//! Whether a post is shown, by the keys with which other engines hide one.
//!
//! A post that was hidden where it comes from must not become public here because its key has another name. So the keys of
//! other engines are read for what they mean, whatever their case and separators, and they only ever hide: no value of
//! theirs shows what another key hides. A value that cannot be understood hides as well, with a warning.

use chrono::DateTime;

use crate::date::Date;
use crate::post::front_matter::DateContext;
use crate::spanned::{Fields, Spanned, Value};

/// What keys of any engine say.
#[derive(Debug, Default)]
pub(super) struct PostVisibility {
    /// The post is not ready.
    pub(super) draft: bool,
    /// The key that hides the post, as it is written.
    pub(super) hidden: Option<String>,
    /// The post is not shown before.
    pub(super) not_before: Option<Date>,
    /// The post is not shown from then on.
    pub(super) expires: Option<Date>,
}

/// What a value says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Truth {
    Yes,
    No,
}

/// What a key means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    /// Not ready if it is this. A date says when the post was or will be published.
    Draft(Truth),
    /// Hidden if it is this.
    Hidden(Truth),
    /// Hidden if it is this; what is neither true nor false means something else.
    HiddenIfClear(Truth),
    /// The state of the work: `draft`, `published`.
    Status,
    /// Who may read it: `public`, `private`.
    Audience,
    /// Not empty: readers need it.
    Password,
    /// A date to come keeps the post back.
    NotBefore,
    /// A date that is past hides the post.
    Expires,
    /// A table of Hugo: `{ render: never, list: never }`.
    BuildTable,
    /// False, or a table that excludes the page.
    Sitemap,
    /// What search engines should do: `noindex`.
    Robots,
}

/// Keys in lower case and without separators.
const RULES: &[(&str, Rule)] = &[
    ("draft", Rule::Draft(Truth::Yes)),
    ("drafts", Rule::Draft(Truth::Yes)),
    ("isdraft", Rule::Draft(Truth::Yes)),
    ("wip", Rule::Draft(Truth::Yes)),
    ("unpublished", Rule::Draft(Truth::Yes)),
    ("published", Rule::Draft(Truth::No)),
    ("publish", Rule::Draft(Truth::No)),
    ("ispublished", Rule::Draft(Truth::No)),
    ("hidden", Rule::Hidden(Truth::Yes)),
    ("ishidden", Rule::Hidden(Truth::Yes)),
    ("private", Rule::Hidden(Truth::Yes)),
    ("isprivate", Rule::Hidden(Truth::Yes)),
    ("secret", Rule::Hidden(Truth::Yes)),
    ("protected", Rule::Hidden(Truth::Yes)),
    ("unlisted", Rule::Hidden(Truth::Yes)),
    ("headless", Rule::Hidden(Truth::Yes)),
    ("noindex", Rule::Hidden(Truth::Yes)),
    ("membersonly", Rule::Hidden(Truth::Yes)),
    ("excludefromsitemap", Rule::Hidden(Truth::Yes)),
    ("sitemapexclude", Rule::Hidden(Truth::Yes)),
    ("excluded", Rule::HiddenIfClear(Truth::Yes)),
    ("exclude", Rule::HiddenIfClear(Truth::Yes)),
    ("ignored", Rule::HiddenIfClear(Truth::Yes)),
    ("ignore", Rule::HiddenIfClear(Truth::Yes)),
    ("hide", Rule::HiddenIfClear(Truth::Yes)),
    ("skip", Rule::HiddenIfClear(Truth::Yes)),
    ("internal", Rule::HiddenIfClear(Truth::Yes)),
    ("trash", Rule::HiddenIfClear(Truth::Yes)),
    ("trashed", Rule::HiddenIfClear(Truth::Yes)),
    ("deleted", Rule::HiddenIfClear(Truth::Yes)),
    ("eleventyexcludefromcollections", Rule::Hidden(Truth::Yes)),
    ("public", Rule::Hidden(Truth::No)),
    ("ispublic", Rule::Hidden(Truth::No)),
    ("visible", Rule::HiddenIfClear(Truth::No)),
    ("isvisible", Rule::HiddenIfClear(Truth::No)),
    ("listed", Rule::HiddenIfClear(Truth::No)),
    ("routable", Rule::HiddenIfClear(Truth::No)),
    ("render", Rule::HiddenIfClear(Truth::No)),
    ("output", Rule::HiddenIfClear(Truth::No)),
    ("shouldoutput", Rule::HiddenIfClear(Truth::No)),
    ("permalink", Rule::HiddenIfClear(Truth::No)),
    ("url", Rule::HiddenIfClear(Truth::No)),
    ("show", Rule::HiddenIfClear(Truth::No)),
    ("enabled", Rule::HiddenIfClear(Truth::No)),
    ("active", Rule::HiddenIfClear(Truth::No)),
    ("live", Rule::HiddenIfClear(Truth::No)),
    ("article", Rule::HiddenIfClear(Truth::No)),
    ("index", Rule::HiddenIfClear(Truth::No)),
    ("status", Rule::Status),
    ("poststatus", Rule::Status),
    ("visibility", Rule::Audience),
    ("postvisibility", Rule::Audience),
    ("access", Rule::Audience),
    ("password", Rule::Password),
    ("postpassword", Rule::Password),
    ("publishdate", Rule::NotBefore),
    ("publisheddate", Rule::NotBefore),
    ("publicationdate", Rule::NotBefore),
    ("publishedat", Rule::NotBefore),
    ("publishedon", Rule::NotBefore),
    ("publishat", Rule::NotBefore),
    ("publishon", Rule::NotBefore),
    ("pubdate", Rule::NotBefore),
    ("pubdatetime", Rule::NotBefore),
    ("releasedate", Rule::NotBefore),
    ("scheduled", Rule::NotBefore),
    ("scheduledat", Rule::NotBefore),
    ("scheduledfor", Rule::NotBefore),
    ("embargo", Rule::NotBefore),
    ("expires", Rule::Expires),
    ("expiry", Rule::Expires),
    ("expirydate", Rule::Expires),
    ("expiredate", Rule::Expires),
    ("expirationdate", Rule::Expires),
    ("expiresat", Rule::Expires),
    ("expireson", Rule::Expires),
    ("unpublishdate", Rule::Expires),
    ("unpublishat", Rule::Expires),
    ("unpublishon", Rule::Expires),
    ("build", Rule::BuildTable),
    ("sitemap", Rule::Sitemap),
    ("robots", Rule::Robots),
];

/// States of a work that is done.
const DONE: [&str; 12] = [
    "published",
    "publish",
    "public",
    "live",
    "active",
    "done",
    "complete",
    "completed",
    "final",
    "finished",
    "released",
    "visible",
];

/// States of a work that is not.
const NOT_READY: [&str; 10] = [
    "draft",
    "drafts",
    "auto-draft",
    "wip",
    "pending",
    "in progress",
    "in-progress",
    "review",
    "in review",
    "unpublished",
];

/// States and audiences that hide.
const CLOSED: [&str; 16] = [
    "hidden",
    "private",
    "password",
    "protected",
    "unlisted",
    "internal",
    "secret",
    "members",
    "paid",
    "tiers",
    "registered",
    "trash",
    "trashed",
    "deleted",
    "inherit",
    "skip",
];

/// Audiences that are everybody.
const EVERYBODY: [&str; 7] = ["public", "everyone", "everybody", "all", "open", "published", "visible"];

fn rule_of(key: &str) -> Option<Rule> {
    let plain: String = key.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    RULES.iter().find(|(name, _)| *name == plain).map(|(_, rule)| *rule)
}

/// Whether a key decides if a post is shown.
pub(super) fn decides(key: &str) -> bool {
    rule_of(key).is_some()
}

/// Reads every key that can hide the post. `date` is the one that the post has by its own key: without it a date of
/// publication is the date of the post.
pub(super) fn read(fields: &mut Fields<'_>, dates: &DateContext, date: &mut Option<Date>) -> PostVisibility {
    let mut reader = VisibilityReader { dates, date, found: PostVisibility::default() };
    reader.table(fields, decides);
    reader.params(fields);
    reader.found
}

/// Reads what a table says that is handed down to posts.
pub(super) fn read_for_others(fields: &mut Fields<'_>, dates: &DateContext) -> PostVisibility {
    // The posts have dates of their own.
    read(fields, dates, &mut Some(Date::of_moment(DateTime::UNIX_EPOCH, dates.zone)))
}

/// Reads what the file of a folder says of itself, and so of its posts. Keys about its own page, which only lists them, hide
/// no post.
pub(super) fn read_of_folder(fields: &mut Fields<'_>, dates: &DateContext) -> PostVisibility {
    let date = &mut Some(Date::of_moment(DateTime::UNIX_EPOCH, dates.zone));
    let mut reader = VisibilityReader { dates, date, found: PostVisibility::default() };
    reader.table(fields, |key| rule_of(key) == Some(Rule::Status) || hides_whatever_it_stands_in(key));
    reader.params(fields);
    reader.found
}

/// Whether a key hides a post wherever it stands: it is about the post rather than about a page or a list.
fn hides_whatever_it_stands_in(key: &str) -> bool {
    let lower = key.to_lowercase();
    !["headless", "index", "sitemap"].iter().any(|word| lower.contains(word))
        && matches!(
            rule_of(key),
            Some(
                Rule::Draft(_)
                    | Rule::Hidden(_)
                    | Rule::Audience
                    | Rule::Password
                    | Rule::NotBefore
                    | Rule::Expires
            )
        )
}

/// A key with its value.
struct Entry<'e> {
    key: &'e Spanned<String>,
    node: &'e Spanned<Value>,
}

/// What became of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// It was read.
    Known,
    /// It says something else, which is not known here.
    Other,
}

struct VisibilityReader<'r> {
    dates: &'r DateContext,
    /// The date of the post.
    date: &'r mut Option<Date>,
    found: PostVisibility,
}

impl VisibilityReader<'_> {
    /// Reads the keys of a table that are admitted.
    fn table(&mut self, fields: &mut Fields<'_>, admits: impl Fn(&str) -> bool) {
        for (key, node) in fields.take_those(admits) {
            let entry = Entry { key: &key, node: &node };
            if !matches!(node.value, Value::Null) && self.entry(fields, &entry) == Meaning::Other {
                fields.give_back(key, node);
            }
        }
    }

    /// Reads Hugo's `params`, where themes look for such keys. The table stays unknown for all else.
    fn params(&mut self, fields: &mut Fields<'_>) {
        for (key, node) in fields.take_those(|key| key.eq_ignore_ascii_case("params")) {
            if let Value::Table(table) = &node.value {
                for (key, node) in table.iter().filter(|(key, _)| hides_whatever_it_stands_in(&key.value)) {
                    if !matches!(node.value, Value::Null) {
                        self.entry(fields, &Entry { key, node });
                    }
                }
            }
            fields.give_back(key, node);
        }
    }

    fn entry(&mut self, fields: &mut Fields<'_>, entry: &Entry<'_>) -> Meaning {
        let Some(rule) = rule_of(&entry.key.value) else { return Meaning::Other };
        match rule {
            Rule::Draft(_) if entry.has_date() => self.not_before(fields, entry),
            Rule::Draft(hides) => self.found.draft |= entry.is_or_unclear(hides, fields),
            Rule::Hidden(hides) if entry.is_or_unclear(hides, fields) => self.hide(entry),
            Rule::Hidden(_) => {}
            Rule::HiddenIfClear(hides) if entry.truth() == Some(hides) => self.hide(entry),
            Rule::HiddenIfClear(_) if entry.truth().is_none() => return Meaning::Other,
            Rule::HiddenIfClear(_) => {}
            Rule::Status => self.status(fields, entry),
            Rule::Audience if EVERYBODY.contains(&entry.word().as_str()) => {}
            Rule::Audience => self.hide_by_word(fields, entry, "public"),
            Rule::Password if entry.word().is_empty() && entry.is_text() => {}
            Rule::Password => self.hide(entry),
            Rule::NotBefore if entry.has_date() => self.not_before(fields, entry),
            Rule::NotBefore if entry.is_or_unclear(Truth::No, fields) => self.hide(entry),
            Rule::NotBefore => {}
            Rule::Expires => {
                let expires = fields.date_of(entry.node, self.dates.zone, &self.dates.reader);
                self.found.expires = [self.found.expires, expires].into_iter().flatten().min();
            }
            Rule::BuildTable => return self.build_table(entry),
            Rule::Sitemap | Rule::Robots if !entry.keeps_from_search(rule) => return Meaning::Other,
            Rule::Sitemap | Rule::Robots => {
                let message = format!(
                    "`{}` keeps the post out of search engines elsewhere, but here it would stand in lists and feeds: it is not shown",
                    entry.key.value
                );
                fields.warn_of_exposure(entry.key.span.clone(), message, "take the key out to show the post");
                self.hide(entry);
            }
        }
        Meaning::Known
    }

    fn hide(&mut self, entry: &Entry<'_>) {
        self.found.hidden.get_or_insert_with(|| entry.as_written());
    }

    /// Hides the post by a word that is known to, or that is not known at all.
    fn hide_by_word(&mut self, fields: &mut Fields<'_>, entry: &Entry<'_>, shown: &str) {
        if !CLOSED.contains(&entry.word().as_str()) {
            let message = format!("`{}` is not known here: the post is not shown", entry.as_written());
            let hint = format!("write `{}: {shown}`, or take the key out, to show it", entry.key.value);
            fields.warn_of_exposure(entry.node.span.clone(), message, &hint);
        }
        self.hide(entry);
    }

    fn status(&mut self, fields: &mut Fields<'_>, entry: &Entry<'_>) {
        let word = entry.word();
        match word.as_str() {
            // An empty text says nothing, and a date decides by itself when a scheduled post appears.
            "" if entry.is_text() => {}
            "future" | "scheduled" if self.date.is_some() => {}
            word if DONE.contains(&word) || entry.truth() == Some(Truth::Yes) => {}
            word if NOT_READY.contains(&word) => self.found.draft = true,
            _ => self.hide_by_word(fields, entry, "published"),
        }
    }

    fn not_before(&mut self, fields: &mut Fields<'_>, entry: &Entry<'_>) {
        let Some(found) = fields.date_of(entry.node, self.dates.zone, &self.dates.reader) else { return };
        if self.date.is_none() {
            *self.date = Some(found);
            let message = format!("`{}` is read as the date of the post", entry.key.value);
            fields.warn(entry.key.span.clone(), message, Some("it is called `date` here".to_owned()));
        }
        self.found.not_before = self.found.not_before.max(Some(found));
    }

    /// Hugo's build options: a page that is not rendered, or that no list names.
    fn build_table(&mut self, entry: &Entry<'_>) -> Meaning {
        let hides = match &entry.node.value {
            Value::Table(table) => table.iter().any(|(key, node)| {
                let option = Entry { key, node };
                ["render", "list"].contains(&key.value.to_lowercase().as_str())
                    && (option.truth() == Some(Truth::No)
                        || ["never", "link", "local"].contains(&option.word().as_str()))
            }),
            _ => entry.truth() == Some(Truth::No),
        };
        if hides {
            self.hide(entry);
        }
        Meaning::Known
    }
}

impl Entry<'_> {
    /// True or false, as any version of YAML writes it; `None` for anything else.
    fn truth(&self) -> Option<Truth> {
        if let Value::Bool(value) = self.node.value {
            return Some(if value { Truth::Yes } else { Truth::No });
        }
        match self.word().as_str() {
            "yes" | "y" | "on" | "1" | "true" => Some(Truth::Yes),
            "no" | "n" | "off" | "0" | "false" => Some(Truth::No),
            _ => None,
        }
    }

    /// Whether the value is the one that hides, or cannot be understood: then it hides as well.
    fn is_or_unclear(&self, hides: Truth, fields: &mut Fields<'_>) -> bool {
        let truth = self.truth();
        match (truth, &self.node.value) {
            (None, _) => {
                let message =
                    format!("`{}` is neither true nor false: the post is not shown", self.as_written());
                let hint = "write `true` or `false`, without quotes";
                fields.warn_of_exposure(self.node.span.clone(), message, hint);
            }
            (Some(truth), Value::Text(_) | Value::Integer(_)) => {
                let value = truth == Truth::Yes;
                let message = format!("`{}` is read as {value}", self.word());
                fields.warn(self.node.span.clone(), message, Some(format!("write {value}, without quotes")));
            }
            _ => {}
        }
        truth.is_none_or(|truth| truth == hides)
    }

    /// The value in lower case, if it is a single one.
    fn word(&self) -> String {
        match &self.node.value {
            Value::Text(text) | Value::Date(text) => text.trim().to_lowercase(),
            Value::Integer(number) => number.to_string(),
            Value::Bool(value) => value.to_string(),
            _ => String::new(),
        }
    }

    fn is_text(&self) -> bool {
        matches!(self.node.value, Value::Text(_))
    }

    /// Whether the value looks like a date rather than like a word.
    fn has_date(&self) -> bool {
        match &self.node.value {
            Value::Date(_) => true,
            Value::Text(text) => self.truth().is_none() && text.contains(|c: char| c.is_ascii_digit()),
            _ => false,
        }
    }

    fn keeps_from_search(&self, rule: Rule) -> bool {
        match (&self.node.value, rule) {
            (Value::Table(table), _) => table.iter().any(|(key, node)| {
                let names = ["disable", "disabled", "exclude", "excluded", "ignore", "noindex"];
                names.contains(&key.value.to_lowercase().as_str())
                    && Entry { key, node }.truth() == Some(Truth::Yes)
            }),
            (Value::List(nodes), Rule::Robots) => {
                nodes.iter().any(|node| is_noindex(&Entry { key: self.key, node }.word()))
            }
            (_, Rule::Robots) => is_noindex(&self.word()) || self.truth() == Some(Truth::No),
            _ => self.truth() == Some(Truth::No) || ["never", "exclude"].contains(&self.word().as_str()),
        }
    }

    /// `status: private`, as far as one value tells.
    fn as_written(&self) -> String {
        let word = match &self.node.value {
            Value::Text(text) | Value::Date(text) => crate::html::shorten(text.trim(), 40),
            Value::Integer(_) | Value::Bool(_) => self.word(),
            _ => return self.key.value.clone(),
        };
        // A password is not printed.
        if rule_of(&self.key.value) == Some(Rule::Password) {
            self.key.value.clone()
        } else {
            format!("{}: {word}", self.key.value)
        }
    }
}

fn is_noindex(words: &str) -> bool {
    words.split([',', ' ']).any(|word| matches!(word, "noindex" | "none"))
}
