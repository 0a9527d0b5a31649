//! Links between posts: each is looked up, and those that lead nowhere are reported.

use std::cell::LazyCell;
use std::collections::BTreeMap;

use deunicode::deunicode;

use crate::diagnostic::{Diagnostic, Location, Reach, Severity};
use crate::linkback::back_matter;
use crate::nearest_name::{KnownNames, MOST_HINTS, did_you_mean};
use crate::path::SourcePath;
use crate::post::slug::slugify;
use crate::post::{Link, Post, Target};
use crate::site::order::Absence;
use crate::site::{PostIndex, Site};

/// Checks the links from post to post. Links to files and addresses need the list of all outputs and
/// are checked where that is made.
pub(super) fn check(site: &Site) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let mut missing = Vec::new();
    for post in site.shown() {
        diagnostics.extend(taken_anchors(site, post));
        for link in &post.links {
            let fault = match &link.target {
                Target::Post(path, anchor) => {
                    if site.entry(path).is_none() && !site.unreadable.contains(path) {
                        missing.push(Missing { fault: diagnostics.len(), wanted: path });
                    }
                    check_post(site, post, link, path, anchor)
                }
                Target::Address(home, _) if link.written.starts_with("@/") => {
                    let message = format!(
                        "a folder has no page of its own here: the link leads to the list of all posts, `{home}`"
                    );
                    let hint = "write the address of the page or the list that it should lead to";
                    Some(place(Diagnostic::warning(post.path.as_str(), message).hint(hint), link))
                }
                Target::Anchor(anchor) if !has_anchor(site, post, anchor) => {
                    Some(no_anchor(post, post, link, anchor))
                }
                _ => None,
            };
            diagnostics.extend(fault);
        }
    }
    // What all bundles share makes none of them more alike.
    let bundles = LazyCell::new(|| KnownNames::of(site.shown().map(|post| bundle(&post.path))));
    hint_first(&mut diagnostics, missing, |path| nearest_post(site, &bundles, path));
    diagnostics
}

/// What a link leads to that is not there.
pub(crate) struct Missing<'l, T> {
    /// The index of the fault that reports it.
    pub(crate) fault: usize,
    pub(crate) wanted: &'l T,
}

/// Gives a hint to those of each severity that are shown first, and to all that lead to the same. To look for the nearest
/// of all posts for every broken link would take longer than an unchanged build.
pub(crate) fn hint_first<T: Ord>(
    faults: &mut [Diagnostic],
    mut missing: Vec<Missing<'_, T>>,
    hint: impl Fn(&T) -> Option<String>,
) {
    missing.sort_by(|a, b| faults[a.fault].order().cmp(&faults[b.fault].order()));
    for severity in [Severity::Error, Severity::Warning] {
        let mut hints: BTreeMap<&T, Option<String>> = BTreeMap::new();
        for Missing { fault, wanted } in &missing {
            let fault = &mut faults[*fault];
            let is_shown = hints.len() < MOST_HINTS || hints.contains_key(wanted);
            if fault.severity != severity || !is_shown {
                continue;
            }
            if let Some(hint) = hints.entry(wanted).or_insert_with(|| hint(wanted)) {
                fault.hint = Some(hint.clone());
            }
        }
    }
}

fn check_post(site: &Site, post: &Post, link: &Link, path: &SourcePath, anchor: &str) -> Option<Diagnostic> {
    match site.entry(path) {
        None if site.unreadable.contains(path) => {
            let message = format!(
                "`{}` is left out, as it has errors: the link leads nowhere until then",
                link.written
            );
            Some(place(Diagnostic::warning(post.path.as_str(), message), link))
        }
        None => Some(missing(post, link, path)),
        Some(PostIndex::Absent(index)) => {
            let because = match site.absent[index].because {
                Absence::Draft => "a draft",
                Absence::Future => "not published yet",
                Absence::Expired => "expired",
                Absence::Hidden => "hidden",
                Absence::Clash => "left out, as its address is taken",
            };
            let message =
                format!("`{}` is {because}: the link leads nowhere until it is shown", link.written);
            Some(place(Diagnostic::warning(post.path.as_str(), message), link))
        }
        Some(_) => {
            let target = site.post(path)?;
            (!has_anchor(site, target, anchor)).then(|| no_anchor(post, target, link, anchor))
        }
    }
}

/// Anchors of linkbacks that the text of their post has already: a link leads to the first.
fn taken_anchors<'s>(site: &'s Site, post: &'s Post) -> impl Iterator<Item = Diagnostic> {
    let linkbacks = site.linkbacks.get(&post.path).map_or(&[][..], Vec::as_slice);
    let anchors = linkbacks.iter().filter_map(|linkback| linkback.anchor.as_deref());
    anchors.filter(|anchor| post.has_anchor(anchor)).map(|anchor| {
        let file = back_matter::path_of(&post.path);
        let message = format!("the anchor `{anchor}` stands in the text of `{}` already", post.path);
        Diagnostic::warning(file.as_str(), message)
            .hint("links lead to the text; give one of them another name")
    })
}

/// Whether the page of a post has an anchor, in its text or in what the web wrote under it.
fn has_anchor(site: &Site, post: &Post, anchor: &str) -> bool {
    let linkbacks = site.linkbacks.get(&post.path).map_or(&[][..], Vec::as_slice);
    post.has_anchor(anchor) || linkbacks.iter().any(|linkback| linkback.anchor.as_deref() == Some(anchor))
}

fn missing(post: &Post, link: &Link, path: &SourcePath) -> Diagnostic {
    let message = format!("there is no post `{path}`");
    // `@/` can mean nothing else; a relative address may be one of another engine's making.
    let fault = if link.written.starts_with("@/") {
        Diagnostic::error(post.path.as_str(), message).reaching(Reach::File)
    } else {
        Diagnostic::warning(post.path.as_str(), message)
    };
    place(fault, link)
}

fn nearest_post(site: &Site, bundles: &KnownNames<'_>, path: &SourcePath) -> Option<String> {
    let mut paths = site.shown().map(|post| &post.path);
    match paths.find(|known| known.file_name() == path.file_name() && bundle(path) == path.as_str()) {
        Some(known) => {
            Some(format!("there is `{known}`; write `@/{}`", known.below("content").unwrap_or_default()))
        }
        None => bundles.did_you_mean(bundle(path)),
    }
}

/// The path without the name that the posts of all bundles share.
fn bundle(path: &SourcePath) -> &str {
    match path.is_markdown() {
        true => path.without_extension().strip_suffix("/index").unwrap_or(path.as_str()),
        false => path.as_str(),
    }
}

fn no_anchor(post: &Post, target: &Post, link: &Link, anchor: &str) -> Diagnostic {
    let message = format!("`{}` has no heading `#{anchor}`", target.path);
    place(Diagnostic::warning(post.path.as_str(), message).maybe_hint(nearest_heading(target, anchor)), link)
}

/// The heading that an anchor is meant for: one of nearly this name, or one whose transliteration it is, of which Zola makes
/// its anchors.
pub(crate) fn nearest_heading(target: &Post, anchor: &str) -> Option<String> {
    let ids: Vec<&str> = target.headings.iter().map(|heading| heading.id.as_str()).collect();
    match ids.iter().find(|id| slugify(&deunicode(id)) == anchor) {
        Some(id) => Some(format!("the heading is `#{id}` here")),
        None => did_you_mean(anchor, ids),
    }
}

/// Points at a link. The text of the line is filled in by whoever can read the file.
pub(crate) fn place(diagnostic: Diagnostic, link: &Link) -> Diagnostic {
    place_at(diagnostic, link.line as usize, link.column as usize)
}

/// Points at a line and a column, from 1; a line 0 is not known.
pub(crate) fn place_at(diagnostic: Diagnostic, line: usize, column: usize) -> Diagnostic {
    if line == 0 {
        return diagnostic;
    }
    diagnostic.placed(Some(Location { line, column, width: 1, text: String::new(), skipped: 0 }))
}
