//! Posts on the subject of a post: those that share tags, categories or a series with it.
//!
//! They are earlier posts, and the next later ones. So a new post changes the lists of those few posts that it is the next one
//! for, however many share its terms; and what the list of a post costs does not grow with the site.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::fmt;

use serde::{Serialize, Serializer};

use crate::page::links;
use crate::path::SourcePath;
use crate::site::taxonomy::{Taxonomy, Term};
use crate::site::{PostIndex, Site};

/// How many posts before a post, and after it, are looked at in each of its terms.
const NEAREST: usize = 12;
/// How many of the terms of each kind are looked at. Those that an author wrote first say most.
const TERMS: usize = 10;
/// What a term that two posts share weighs if no earlier post has it. One that a hundred have weighs a hundredth: that two
/// posts are about *news* says little. Later posts do not count, so that they change nothing.
const RAREST: usize = 1_000_000;
/// How many further posts the page of a post names.
const FURTHER: usize = 3;

/// A post that shares terms with another.
#[derive(Debug, Clone, Copy)]
struct Relative {
    /// Its index.
    post: usize,
    /// What the terms weigh that they share.
    weight: usize,
}

/// A term of a post, and where the post stands in it.
#[derive(Clone, Copy)]
struct Membership<'s> {
    term: &'s Term,
    place: usize,
}

impl<'s> Membership<'s> {
    fn weight(self) -> usize {
        RAREST / (self.term.members.len() - self.place)
    }

    /// The nearest posts before it, the newest first.
    fn earlier(self) -> impl Iterator<Item = Relative> + 's {
        let weight = self.weight();
        let earlier = self.term.members[self.place + 1..].iter().take(NEAREST);
        earlier.map(move |&post| Relative { post, weight })
    }

    /// The nearest posts after it, the oldest first.
    fn later(self) -> impl Iterator<Item = Relative> + 's {
        let weight = self.weight();
        let later = self.term.members[..self.place].iter().rev().take(NEAREST);
        later.map(move |&post| Relative { post, weight })
    }
}

/// The posts that share most with a post, by their indices: at most `count`, the newest first. One of them is later than the
/// post if there is one, and more are where fewer than that are earlier.
pub(super) fn related(site: &Site, path: &SourcePath, count: usize) -> Vec<usize> {
    match site.entry(path) {
        Some(PostIndex::Post(own)) => select(site, own, count, |_| true),
        _ => Vec::new(),
    }
}

/// What the page of a post names of them: those that are not linked there as its neighbours or as parts of its series. To a
/// template they are [post links](crate::page::view::PostLinkView); the fingerprint of the page needs not so much as an address.
#[derive(Clone)]
pub struct FurtherPosts<'s> {
    site: &'s Site,
    posts: Vec<usize>,
}

impl<'s> FurtherPosts<'s> {
    pub(super) fn of(site: &'s Site, own: usize) -> Self {
        let series = &site.posts[own].front.series;
        let posts = select(site, own, FURTHER, |other| {
            other.abs_diff(own) > 1 && (series.is_none() || site.posts[other].front.series != *series)
        });
        Self { site, posts }
    }
}

impl fmt::Debug for FurtherPosts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let posts = self.posts.iter().map(|&post| self.site.posts[post].path.as_str());
        f.debug_list().entries(posts).finish()
    }
}

impl Serialize for FurtherPosts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let posts = self.posts.iter().map(|&post| &*self.site.posts[post]);
        // Fingerprints are made of a binary form, views of one that has names.
        match serializer.is_human_readable() {
            true => serializer.collect_seq(posts.map(|post| links::post_link(self.site, post))),
            false => serializer.collect_seq(posts.map(|post| {
                let label =
                    if post.title.is_empty() { post.label().into() } else { Cow::Borrowed(&*post.title) };
                (label, &post.url, post.date)
            })),
        }
    }
}

fn select(site: &Site, own: usize, count: usize, is_wanted: impl Fn(usize) -> bool) -> Vec<usize> {
    let memberships = memberships(site, own);
    let language = site.language_of(&site.posts[own]);
    let is_wanted =
        |other: &Relative| is_wanted(other.post) && site.language_of(&site.posts[other.post]) == language;
    let earlier = by_weight(own, memberships.iter().flat_map(|membership| membership.earlier()).collect());
    // Only the best are looked at: to ask all of them would take longer than all the rest.
    let mut selected: Vec<usize> =
        earlier.into_iter().filter(is_wanted).take(count).map(|relative| relative.post).collect();
    // Only the next one of each term, else a new post would be among the best ones of many.
    let wanted = (count - selected.len()).max(1);
    let later = memberships.iter().flat_map(|membership| membership.later().filter(is_wanted).take(wanted));
    let later = by_weight(own, later.collect()).into_iter().take(wanted.min(count));
    selected.truncate(count - later.len());
    selected.extend(later.map(|relative| relative.post));
    selected.sort_unstable();
    selected
}

fn memberships(site: &Site, own: usize) -> Vec<Membership<'_>> {
    let front = &site.posts[own].front;
    let names = [
        (Taxonomy::Tags, front.tags.as_slice()),
        (Taxonomy::Categories, front.categories.as_slice()),
        (Taxonomy::Series, front.series.as_slice()),
    ];
    let mut memberships = Vec::new();
    for (taxonomy, names) in names {
        let terms = names.iter().take(TERMS).filter_map(|name| site.taxonomies.term(taxonomy, name));
        // Members are in the order of the posts.
        memberships.extend(terms.filter_map(|term| {
            let place = term.members.binary_search(&own).ok()?;
            Some(Membership { term, place })
        }));
    }
    memberships
}

/// Each post once, with what all its terms weigh. Those that weigh most come first; of those that weigh as much the nearest in
/// time.
fn by_weight(own: usize, mut relatives: Vec<Relative>) -> Vec<Relative> {
    relatives.sort_unstable_by_key(|relative| relative.post);
    relatives.dedup_by(|next, kept| {
        let is_same = next.post == kept.post;
        kept.weight += if is_same { next.weight } else { 0 };
        is_same
    });
    relatives.sort_unstable_by_key(|relative| (Reverse(relative.weight), relative.post.abs_diff(own)));
    relatives
}
