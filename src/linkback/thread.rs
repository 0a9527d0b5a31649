//! Threads: which response stands below which.

use std::collections::HashMap;

use crate::linkback::Linkback;

/// How many levels answers are set in. Deeper ones stand at the deepest level, each below what it answers.
pub(crate) const MAX_DEPTH: usize = 5;

/// The place of a linkback among the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ThreadEntry {
    /// Its index in the list.
    pub index: usize,
    /// 0 for one that answers the post, at most [`MAX_DEPTH`].
    pub depth: usize,
    /// The index of the linkback that it answers.
    pub parent: Option<usize>,
    /// Why its `parent` has no effect.
    pub fault: Option<ThreadFault>,
}

/// What is wrong with a `parent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ThreadFault {
    /// No linkback has this id.
    Unknown,
    /// The linkback answers itself.
    Own,
    /// Its parent, or what that one answers, answers it.
    Circular,
}

/// All linkbacks as they are read: each followed by its answers, those of one linkback in the order of the list.
pub(crate) fn threads(linkbacks: &[&Linkback]) -> Vec<ThreadEntry> {
    let mut forest = Forest::of(linkbacks);
    let roots: Vec<usize> = (0..linkbacks.len()).filter(|&index| forest.parents[index].is_err()).collect();
    for root in roots {
        forest.walk(root, forest.parents[root].err().flatten());
    }
    // What no root leads to answers itself by way of others. The first of each circle is cut loose.
    for index in 0..linkbacks.len() {
        if !forest.is_placed[index] {
            forest.walk(index, Some(ThreadFault::Circular));
        }
    }
    forest.placed
}

struct Forest {
    /// For each linkback the one it answers, or why it answers none.
    parents: Vec<Result<usize, Option<ThreadFault>>>,
    answers: Vec<Vec<usize>>,
    placed: Vec<ThreadEntry>,
    is_placed: Vec<bool>,
}

impl Forest {
    fn of(linkbacks: &[&Linkback]) -> Self {
        let by_id: HashMap<&str, usize> =
            linkbacks.iter().enumerate().map(|(index, linkback)| (linkback.id.as_str(), index)).collect();
        let parent_of = |(index, linkback): (usize, &&Linkback)| match linkback.parent.as_deref() {
            None => Err(None),
            Some(id) => match by_id.get(id) {
                None => Err(Some(ThreadFault::Unknown)),
                Some(&parent) if parent == index => Err(Some(ThreadFault::Own)),
                Some(&parent) => Ok(parent),
            },
        };
        let parents: Vec<_> = linkbacks.iter().enumerate().map(parent_of).collect();
        let mut answers = vec![Vec::new(); linkbacks.len()];
        for (index, parent) in parents.iter().enumerate() {
            if let Ok(parent) = parent {
                answers[*parent].push(index);
            }
        }
        let is_placed = vec![false; linkbacks.len()];
        Self { parents, answers, placed: Vec::with_capacity(linkbacks.len()), is_placed }
    }

    /// Places a linkback and what answers it. Without recursion, as a thread can be as long as the list.
    fn walk(&mut self, root: usize, fault: Option<ThreadFault>) {
        let mut open = vec![ThreadEntry { index: root, depth: 0, parent: None, fault }];
        while let Some(entry) = open.pop() {
            if std::mem::replace(&mut self.is_placed[entry.index], true) {
                continue;
            }
            self.placed.push(entry);
            let depth = (entry.depth + 1).min(MAX_DEPTH);
            let answers = self.answers[entry.index].iter().rev();
            open.extend(answers.map(|&index| ThreadEntry {
                index,
                depth,
                parent: Some(entry.index),
                fault: None,
            }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linkback::{LinkbackKind, Relation};

    /// A list of `id<parent` as lines of `depth id`, with a mark for a fault.
    fn shown(list: &str) -> String {
        let linkbacks: Vec<Linkback> = list
            .split(' ')
            .map(|item| {
                let (id, parent) = item.split_once('<').unwrap_or((item, ""));
                Linkback {
                    id: id.to_owned(),
                    kind: LinkbackKind::Comment,
                    relation: Relation::Reply,
                    source: String::new(),
                    title: String::new(),
                    site: String::new(),
                    author: None,
                    excerpt: String::new(),
                    content: String::new(),
                    published: None,
                    received: None,
                    parent: Some(parent.to_owned()).filter(|parent| !parent.is_empty()),
                    anchor: None,
                }
            })
            .collect();
        let lines = threads(&linkbacks.iter().collect::<Vec<_>>()).into_iter().map(|entry| {
            let fault = entry.fault.map_or(String::new(), |fault| format!(" {fault:?}"));
            format!("{}{}{fault}", entry.depth, linkbacks[entry.index].id)
        });
        lines.collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn answers_follow_what_they_answer() {
        assert_eq!(shown("a b<a c d<b e<a"), "0a, 1b, 2d, 1e, 0c");
        // An answer may be dated before what it answers.
        assert_eq!(shown("b<a a"), "0a, 1b");
        assert_eq!(shown("a b<a c<b d<c e<d f<e g<f h<g"), "0a, 1b, 2c, 3d, 4e, 5f, 5g, 5h");
    }

    #[test]
    fn none_is_lost_whatever_they_answer() {
        assert_eq!(shown("a<z b<b c"), "0a Unknown, 0b Own, 0c");
        assert_eq!(shown("a<c b<a c<b d<b e"), "0e, 0a Circular, 1b, 2c, 2d");
    }
}
