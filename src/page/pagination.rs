//! Lists cut into pages that are numbered from the oldest.
//!
//! Page 1 holds the oldest posts. All pages but the newest are full and never change again; the newest
//! holds from one page's worth to just under two. So a post of today changes the newest page of each list it
//! stands in, not all of them, and a link to a page stays true.

use std::ops::Range;

use crate::config::Config;
use crate::page::view::PagerView;
use crate::path::UrlPath;

/// How a list of `len` entries falls into pages of `size`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pagination {
    len: usize,
    size: usize,
}

impl Pagination {
    /// A list with at least one page, also if it is empty.
    pub(crate) fn new(len: usize, size: usize) -> Self {
        Self { len, size: size.max(1) }
    }

    /// How many pages there are; also the number of the newest.
    pub(crate) fn pages(self) -> usize {
        (self.len / self.size).max(1)
    }

    /// The entries of page `number` in a list that stands newest first.
    pub(crate) fn entries(self, number: usize) -> Range<usize> {
        let oldest = self.len - (number - 1) * self.size;
        let newest = if number == self.pages() { 0 } else { self.len - number * self.size };
        newest..oldest
    }

    /// The address of a page of the list at `list`.
    pub(crate) fn url(self, list: &UrlPath, number: usize) -> UrlPath {
        if number == self.pages() { list.clone() } else { list.child(&format!("page/{number}/")) }
    }

    /// What a page says about its neighbours.
    pub(crate) fn view(self, config: &Config, list: &UrlPath, number: usize) -> PagerView {
        let newest = self.pages();
        let url = |number| config.url(&self.url(list, number));
        PagerView {
            number,
            is_newest: number == newest,
            newer: (number < newest).then(|| url(number + 1)),
            older: (number > 1).then(|| url(number - 1)),
            newest: (number != newest).then(|| url(newest)),
            oldest: (number != 1).then(|| url(1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_stands_on_exactly_one_page() {
        for len in 0..130 {
            let pages = Pagination::new(len, 20);
            let mut seen = Vec::new();
            for number in (1..=pages.pages()).rev() {
                seen.extend(pages.entries(number));
            }
            assert_eq!(seen, (0..len).collect::<Vec<_>>(), "{len} entries");
        }
    }

    #[test]
    fn full_pages_hold_the_same_posts_for_ever() {
        // Entries counted from the oldest, as their indices move with each new post.
        let from_oldest = |len: usize, number: usize| {
            let entries = Pagination::new(len, 20).entries(number);
            len - entries.end..len - entries.start
        };
        for len in 40..130 {
            assert_eq!(from_oldest(len, 1), 0..20);
        }
        assert_eq!(from_oldest(39, 1), 0..39);
        assert_eq!(from_oldest(79, 3), 40..79);
    }
}
