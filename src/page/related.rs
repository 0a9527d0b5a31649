//! Posts that share tags, categories or a series with a post.

use std::cmp::Reverse;

use hashbrown::HashMap;

use crate::path::SourcePath;
use crate::site::taxonomy::Taxonomy;
use crate::site::{PostIndex, Site};

/// What a term that two posts share weighs if no other post has it. One of a hundred posts weighs a hundredth: that two posts
/// are about *news* says little.
const RAREST: usize = 1_000_000;

/// The posts of a site that share most with a post, by their indices; of those that share as much the newest first. A post
/// that shares nothing is not among them.
pub(super) fn related(site: &Site, path: &SourcePath) -> Vec<usize> {
    let Some(PostIndex::Post(own)) = site.entry(path) else { return Vec::new() };
    let front = &site.posts[own].front;
    let names = [
        (Taxonomy::Tags, front.tags.as_slice()),
        (Taxonomy::Categories, front.categories.as_slice()),
        (Taxonomy::Series, front.series.as_slice()),
    ];
    let mut shared: HashMap<usize, usize> = HashMap::new();
    for (taxonomy, names) in names {
        for term in names.iter().filter_map(|name| site.taxonomies.term(taxonomy, name)) {
            let weight = RAREST / term.members.len().max(1);
            for &post in term.members.iter().filter(|&&post| post != own) {
                *shared.entry(post).or_default() += weight;
            }
        }
    }
    let mut related: Vec<usize> = shared.keys().copied().collect();
    // Posts are in order, the newest first.
    related.sort_unstable_by_key(|post| (Reverse(shared[post]), *post));
    related
}
