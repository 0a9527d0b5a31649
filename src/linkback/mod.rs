//! Linkbacks: what other sites wrote about a post. Pure, and the same words for both directions.

pub(crate) mod address;
pub(crate) mod back_matter;
pub(crate) mod inbox;
pub(crate) mod outbox;
pub(crate) mod protocol;
pub(crate) mod source;
pub(crate) mod thread;

use serde::{Deserialize, Serialize};

use crate::config::Author;
use crate::date::Date;

/// What the anchor of a linkback on its page begins with; its id follows.
pub(crate) const ANCHOR_PREFIX: &str = "linkback-";

/// Whether a text can be the id of a linkback, as it comes from elsewhere.
pub(crate) fn is_id(text: &str) -> bool {
    text.len() <= 64 && text.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c))
}

/// How it reached us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum LinkbackKind {
    /// Pingback 1.0.
    Pingback,
    /// TrackBack 1.2.
    Trackback,
    /// W3C Webmention.
    Webmention,
    /// A comment: of the blog's earlier life, or of its own form.
    Comment,
}

/// What it is to the post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Relation {
    /// It links to the post.
    Mention,
    /// It answers the post.
    Reply,
    /// Its author likes the post.
    Like,
    /// It repeats the post.
    Repost,
    /// It remembers the post.
    Bookmark,
    /// It quotes the post.
    Quotation,
}

/// An accepted linkback or comment. All text is plain text, but for [`Linkback::content`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Linkback {
    /// What identifies it in its file; its anchor on the page is made of it.
    pub id: String,
    /// How it reached us.
    pub kind: LinkbackKind,
    /// What it is to the post.
    pub relation: Relation,
    /// The page that links here; empty for a comment.
    pub source: String,
    /// That page's title.
    pub title: String,
    pub site: String,
    pub author: Option<Author>,
    /// The words around the link, with `[…]` where text was cut.
    pub excerpt: String,
    /// All that was written, in Markdown, of a comment or a reply; empty if there is only an excerpt.
    pub content: String,
    pub published: Option<Date>,
    pub received: Option<Date>,
    /// The id of the response this one answers.
    pub parent: Option<String>,
    /// A second anchor on the page, such as the one that it had on an earlier blog: `comment-201`.
    pub anchor: Option<String>,
}

impl LinkbackKind {
    /// All kinds with their names in back matter files.
    pub const ALL: [(&'static str, Self); 4] = [
        ("pingback", Self::Pingback),
        ("trackback", Self::Trackback),
        ("webmention", Self::Webmention),
        ("comment", Self::Comment),
    ];

    /// Its name in back matter files and templates.
    pub fn name(self) -> &'static str {
        name_in(&Self::ALL, self)
    }
}

impl Relation {
    /// All relations with their names in back matter files.
    pub const ALL: [(&'static str, Self); 6] = [
        ("mention", Self::Mention),
        ("reply", Self::Reply),
        ("like", Self::Like),
        ("repost", Self::Repost),
        ("bookmark", Self::Bookmark),
        ("quotation", Self::Quotation),
    ];

    /// Its name in back matter files and templates.
    pub fn name(self) -> &'static str {
        name_in(&Self::ALL, self)
    }
}

fn name_in<T: PartialEq>(all: &[(&'static str, T)], wanted: T) -> &'static str {
    all.iter().find(|(_, value)| *value == wanted).map_or("", |(name, _)| name)
}

impl Linkback {
    /// When it was published, else received.
    pub fn date(&self) -> Option<Date> {
        self.published.or(self.received)
    }

    /// What linkbacks are sorted by, in a file and on a page: oldest first.
    pub fn order(&self) -> impl Ord + '_ {
        (self.date(), &self.id)
    }
}
