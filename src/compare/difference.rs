//! The difference of two states of a site, grouped by what was changed: one edit of a template is one entry, however many pages it is on.

use std::collections::BTreeMap;

use similar::{Algorithm, DiffTag, capture_diff_slices};

use super::SiteDigest;
use super::digest::PageDigest;

/// Which part of pages a change is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum PagePart {
    Words,
    Links,
    Metadata,
    Markup,
}

impl PagePart {
    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Words => "words",
            Self::Links => "links",
            Self::Metadata => "metadata",
            Self::Markup => "mark-up",
        }
    }
}

/// Lines that were replaced by others, on some pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ChangeGroup {
    pub(crate) part: PagePart,
    pub(crate) removed: Vec<String>,
    pub(crate) added: Vec<String>,
    /// The pages it is on, each once.
    pub(crate) pages: Vec<String>,
}

/// Entries of a feed that a reader would show as new, though their posts are old.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ChangedIds {
    pub(crate) feed: String,
    /// The addresses of the entries.
    pub(crate) links: Vec<String>,
}

/// What differs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SiteDifference {
    /// Pages that are new.
    pub(crate) new: Vec<String>,
    /// Pages that are gone, and where their address leads now if a redirect stands there.
    pub(crate) gone: Vec<String>,
    /// What was changed, the widest first.
    pub(crate) groups: Vec<ChangeGroup>,
    pub(crate) ids: Vec<ChangedIds>,
    /// Pages that are in both and differ.
    pub(crate) changed: usize,
    /// Pages that are in both and do not.
    pub(crate) same: usize,
}

impl SiteDifference {
    /// Whether nothing differs.
    pub(crate) fn is_empty(&self) -> bool {
        self.new.is_empty() && self.gone.is_empty() && self.groups.is_empty() && self.ids.is_empty()
    }
}

/// What identifies a group.
type GroupKey = (PagePart, Vec<String>, Vec<String>);

/// Compares two states of a site.
pub(crate) fn between(before: &SiteDigest, after: &SiteDigest) -> SiteDifference {
    let mut difference = SiteDifference::default();
    let mut groups: BTreeMap<GroupKey, Vec<String>> = BTreeMap::new();
    for (path, old) in &before.pages {
        let Some(new) = after.pages.get(path) else {
            difference.gone.push(address(path));
            continue;
        };
        if !new.redirect.is_empty() && old.redirect.is_empty() {
            difference.gone.push(format!("{} ({})", address(path), new.redirect));
            continue;
        }
        if old == new {
            difference.same += 1;
            continue;
        }
        difference.changed += 1;
        for (part, removed, added) in changes(old, new) {
            groups.entry((part, removed, added)).or_default().push(address(path));
        }
        let links = changed_ids(old, new);
        if !links.is_empty() {
            difference.ids.push(ChangedIds { feed: address(path), links });
        }
    }
    difference.new = after
        .pages
        .keys()
        .filter(|path| !before.pages.contains_key(*path))
        .map(|path| address(path))
        .collect();
    difference.groups = groups
        .into_iter()
        .map(|((part, removed, added), mut pages)| {
            pages.dedup();
            ChangeGroup { part, removed, added, pages }
        })
        .collect();
    difference.groups.sort_by_key(|group| (std::cmp::Reverse(group.pages.len()), group.part));
    difference
}

/// The address of an output.
fn address(path: &str) -> String {
    format!("/{}", path.strip_suffix("index.html").unwrap_or(path))
}

/// The changed lines of a page, part by part. The words of a link belong to the words.
fn changes(old: &PageDigest, new: &PageDigest) -> Vec<GroupKey> {
    let parts = [
        (PagePart::Words, &old.words, &new.words),
        (PagePart::Links, &old.links, &new.links),
        (PagePart::Metadata, &old.metadata, &new.metadata),
        (PagePart::Markup, &old.markup, &new.markup),
    ];
    let mut found = Vec::new();
    for (part, old, new) in parts {
        if old == new {
            continue;
        }
        for op in capture_diff_slices(Algorithm::Myers, old, new) {
            let (tag, removed, added) = op.as_tag_tuple();
            if tag != DiffTag::Equal {
                found.push((part, old[removed].to_vec(), new[added].to_vec()));
            }
        }
    }
    found
}

/// Entries with the same address and another id.
fn changed_ids(old: &PageDigest, new: &PageDigest) -> Vec<String> {
    let known: BTreeMap<&str, &str> =
        old.entries.iter().map(|entry| (entry.link.as_str(), entry.id.as_str())).collect();
    let changed =
        new.entries.iter().filter(|entry| known.get(entry.link.as_str()).is_some_and(|id| *id != entry.id));
    changed.map(|entry| entry.link.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(pages: &[(&str, &str)]) -> SiteDigest {
        let pages =
            pages.iter().map(|(path, html)| ((*path).to_owned(), PageDigest::of(path, html.as_bytes())));
        SiteDigest { pages: pages.collect() }
    }

    #[test]
    fn one_edit_of_a_template_is_one_entry() {
        let page = |class: &str, words: &str| format!("<p>{words}</p><footer class={class}>f</footer>");
        let before: Vec<(String, String)> = (0..50)
            .map(|number| (format!("{number}/index.html"), page("a", &format!("words {number}"))))
            .collect();
        let after: Vec<(String, String)> = before
            .iter()
            .enumerate()
            .map(|(at, (path, _))| {
                (path.clone(), page("b", &if at == 7 { "other".to_owned() } else { format!("words {at}") }))
            })
            .collect();
        let of = |pages: &[(String, String)]| {
            site(&pages.iter().map(|(path, html)| (path.as_str(), html.as_str())).collect::<Vec<_>>())
        };
        let difference = between(&of(&before), &of(&after));
        let told: Vec<_> = difference.groups.iter().map(|group| (group.part, group.pages.len())).collect();
        assert_eq!(told, [(PagePart::Markup, 50), (PagePart::Words, 1)]);
        assert_eq!(difference.groups[1].added, ["other"]);
    }

    #[test]
    fn lost_addresses_and_other_ids_are_told() {
        let feed = |id: &str| format!("<feed><entry><id>{id}</id><link href=\"/a\"/></entry></feed>");
        let difference = between(
            &site(&[("a/index.html", "<p>x"), ("b/index.html", "<p>y"), ("atom.xml", &feed("1"))]),
            &site(&[("b/index.html", "<p>y"), ("c/index.html", "<p>z"), ("atom.xml", &feed("2"))]),
        );
        assert_eq!(
            (difference.gone, difference.new, difference.same),
            (vec!["/a/".to_owned()], vec!["/c/".to_owned()], 1)
        );
        assert_eq!(difference.ids, [ChangedIds { feed: "/atom.xml".into(), links: vec!["/a".into()] }]);
    }
}
