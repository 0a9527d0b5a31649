//! Lists cut into pages that are numbered from the oldest.
//!
//! Page 1 holds the oldest posts. All pages but the newest are full and never change again; the newest holds the newest
//! posts, as many as a full page, of which some stand on the page before it as well. So a post of today changes the newest
//! page of each list it stands in, not all of them, and a link to a page stays true.

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
        self.len.div_ceil(self.size).max(1)
    }

    /// The entries of page `number` in a list that stands newest first.
    pub(crate) fn entries(self, number: usize) -> Range<usize> {
        if number == self.pages() {
            return 0..self.size.min(self.len);
        }
        self.len - number * self.size..self.len - (number - 1) * self.size
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
    fn every_entry_stands_on_one_page_or_on_the_newest_two() {
        for len in 0..130 {
            let pages = Pagination::new(len, 20);
            let mut seen = vec![0; len];
            for number in 1..=pages.pages() {
                let entries = pages.entries(number);
                assert!(number == 1 || entries.len() == 20, "page {number} of {len} entries");
                entries.for_each(|entry| seen[entry] += 1);
            }
            let twice = pages.pages() * 20 - len;
            assert!(seen.iter().all(|&times| times == 1 || times == 2), "{len} entries");
            if len > 20 {
                assert_eq!(seen.iter().filter(|&&times| times == 2).count(), twice, "{len} entries");
            }
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
        assert_eq!(from_oldest(39, 2), 19..39);
        assert_eq!(from_oldest(79, 4), 59..79);
    }
}
