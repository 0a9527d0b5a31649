//! Which posts are shown, and in what order.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::date::Date;
use crate::path::SourcePath;
use crate::post::front_matter::FrontMatter;
use crate::post::front_matter::folder_rule::FolderRule;
use crate::post::{Kind, Post};
use crate::site::AbsentPost;

/// What is shown besides posts that are due.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selection {
    pub drafts: bool,
    /// Posts whose date is still to come.
    pub future: bool,
    pub expired: bool,
}

/// Why a post is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Absence {
    /// It is not ready.
    Draft,
    /// Its date is still to come.
    Future,
    Expired,
    /// A key of its front matter hides it.
    Hidden,
    /// Its address is another one's as well.
    Clash,
}

/// Posts by whether and where they stand.
pub(super) struct PostLists {
    pub(super) posts: Vec<Arc<Post>>,
    pub(super) pages: Vec<Arc<Post>>,
    pub(super) absent: Vec<AbsentPost>,
}

/// The first reason not to show a post, whatever is selected.
pub(crate) fn absence(post: &Post, now: Date) -> Option<Absence> {
    if post.front.hidden.is_some() {
        Some(Absence::Hidden)
    } else if post.front.draft {
        Some(Absence::Draft)
    } else if post.has_expired(now) {
        Some(Absence::Expired)
    } else if post.is_future(now) {
        Some(Absence::Future)
    } else {
        None
    }
}

impl Selection {
    fn shows(self, post: &Post, now: Date) -> Result<(), Absence> {
        if post.front.hidden.is_some() {
            Err(Absence::Hidden)
        } else if post.front.draft && !self.drafts {
            Err(Absence::Draft)
        } else if post.has_expired(now) && !self.expired {
            Err(Absence::Expired)
        // A draft with a date to come is looked at as a draft.
        } else if post.is_future(now) && !self.future && !(post.front.draft && self.drafts) {
            Err(Absence::Future)
        } else {
            Ok(())
        }
    }
}

/// Posts with what the files of the folders around them say.
pub(super) fn under_rules(
    posts: Vec<Arc<Post>>,
    folders: &BTreeMap<SourcePath, FolderRule>,
) -> Vec<Arc<Post>> {
    if folders.is_empty() {
        return posts;
    }
    let ruled = |post: Arc<Post>| {
        let is_around = |file: &SourcePath| {
            post.path.as_str().strip_prefix(file.folder()).is_some_and(|below| below.starts_with('/'))
        };
        let rules = folders.iter().filter(|(file, _)| is_around(file)).map(|(_, rule)| rule);
        let front = rules.fold(None, |front: Option<FrontMatter>, rule| {
            Some(rule.over(front.as_ref().unwrap_or(&post.front)))
        });
        match front {
            Some(front) => Arc::new(Post { front, ..Post::clone(&post) }),
            None => post,
        }
    };
    posts.into_iter().map(ruled).collect()
}

pub(super) fn order(
    all: Vec<Arc<Post>>,
    clashing: &BTreeSet<SourcePath>,
    selection: Selection,
    now: Date,
) -> PostLists {
    let mut ordered =
        PostLists { posts: Vec::with_capacity(all.len()), pages: Vec::new(), absent: Vec::new() };
    for post in all {
        match selection.shows(&post, now) {
            Err(because) => ordered.absent.push(AbsentPost { post, because }),
            Ok(()) if clashing.contains(&post.path) => {
                ordered.absent.push(AbsentPost { post, because: Absence::Clash });
            }
            Ok(()) if post.kind == Kind::Post => ordered.posts.push(post),
            Ok(()) => ordered.pages.push(post),
        }
    }
    // Posts of the same moment stand in the order of their paths, so that no build differs from another.
    ordered.posts.sort_by(|a, b| (Reverse(a.date), &a.path).cmp(&(Reverse(b.date), &b.path)));
    ordered.pages.sort_by(|a, b| a.path.cmp(&b.path));
    ordered.absent.sort_by(|a, b| a.post.path.cmp(&b.post.path));
    ordered
}

/// All quotes, those of the newest post first and in a post as they stand.
pub(super) fn quotes(posts: &[Arc<Post>]) -> Vec<(usize, usize)> {
    let posts = posts.iter().enumerate();
    posts.flat_map(|(index, post)| (0..post.quotes.len()).map(move |quote| (index, quote))).collect()
}
