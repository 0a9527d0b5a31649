//! The pattern that the addresses of a blog follow, told from its posts.

use std::collections::BTreeMap;

use crate::config::Permalink;

/// Patterns that fit, with how often each does.
#[derive(Debug, Default)]
pub(super) struct PermalinkVotes {
    votes: BTreeMap<String, usize>,
}

/// What a pattern is made from.
pub(super) struct PermalinkSample<'a> {
    /// Decoded, below the blog's address.
    pub(super) path: &'a str,
    /// `2019-03-31…`, in the blog's own time.
    pub(super) date: &'a str,
    pub(super) slug: &'a str,
    /// The slug of the first category.
    pub(super) category: Option<&'a str>,
}

impl PermalinkVotes {
    /// Counts the pattern of an address.
    pub(super) fn add(&mut self, sample: &PermalinkSample<'_>) {
        if let Some(pattern) = pattern(sample) {
            *self.votes.entry(pattern).or_default() += 1;
        }
    }

    /// The pattern that most addresses have.
    pub(super) fn winner(&self) -> Option<&str> {
        // Of two that are equally frequent the first in the order of letters, so that the same file gives the same site.
        let best = self.votes.iter().max_by(|a, b| a.1.cmp(b.1).then(b.0.cmp(a.0)));
        best.map(|(pattern, _)| pattern.as_str())
    }
}

fn pattern(sample: &PermalinkSample<'_>) -> Option<String> {
    let (year, rest) = sample.date.split_at_checked(4)?;
    let (month, day) = (rest.get(1..3)?, rest.get(4..6)?);
    let path = sample.path.trim_start_matches('/');
    let is_folder = path.ends_with('/');
    let parts: Vec<&str> = path.trim_end_matches('/').split('/').collect();
    let (last, folders) = parts.split_last()?;
    let (name, extension) = match last.strip_suffix(".html") {
        Some(name) => (name, ".html"),
        None => (*last, ""),
    };
    if sample.slug.is_empty() || !name.eq_ignore_ascii_case(sample.slug) {
        return None;
    }
    let mut pattern = String::from("/");
    let mut wanted = [(year, ":year"), (month, ":month"), (day, ":day")].into_iter().peekable();
    for folder in folders {
        if let Some((_, token)) = wanted.next_if(|(value, _)| value == folder) {
            pattern.push_str(token);
        } else if sample.category.is_some_and(|category| category == *folder) {
            pattern.push_str(":category");
        } else {
            pattern.push_str(folder);
        }
        pattern.push('/');
    }
    pattern.push_str(":slug");
    pattern.push_str(extension);
    if is_folder || extension.is_empty() {
        pattern.push('/');
    }
    Permalink::parse(&pattern).is_ok().then_some(pattern)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_told_from_addresses() {
        for (path, expected) in [
            ("/2019/03/31/hour/", Some("/:year/:month/:day/:slug/")),
            ("/2019/03/hour.html", Some("/:year/:month/:slug.html")),
            ("/hour/", Some("/:slug/")),
            ("/blog/hour", Some("/blog/:slug/")),
            ("/lamps/hour/", Some("/:category/:slug/")),
            ("/03/31/hour/", Some("/03/31/:slug/")),
            ("/archives/101", None),
        ] {
            let sample =
                PermalinkSample { path, date: "2019-03-31 00:40:00", slug: "hour", category: Some("lamps") };
            assert_eq!(pattern(&sample).as_deref(), expected, "{path}");
        }
    }
}
