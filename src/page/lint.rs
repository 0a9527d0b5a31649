//! Checks of the whole list of outputs: links that lead nowhere, and paths that a file system cannot hold.

use std::cell::LazyCell;

use hashbrown::HashMap;

use crate::diagnostic::Diagnostic;
use crate::nearest_name::{KnownNames, did_you_mean};
use crate::page::Page;
use crate::page::builder::{Clash, PlanBuilder};
use crate::page::kinds::link_card;
use crate::page::{links as page_links, redirects};
use crate::path::{SourcePath, UrlPath, fold_name, has_scheme, is_own, percent_decode};
use crate::post::{Post, Target};
use crate::site::links::{self, Missing, hint_first};

/// All faults of a list of outputs.
pub(super) fn check(builder: &PlanBuilder<'_>) -> Vec<Diagnostic> {
    let mut faults = letter_case(builder);
    faults.extend(links(builder));
    faults.extend(menu(builder));
    faults.extend(front_page(builder));
    faults.extend(redirects::check_targets(builder));
    faults.extend(builder.site.shown().filter_map(|post| image(builder, post)));
    faults.extend(link_card::undrawable(builder.site).map(|(post, missing)| {
        let message = format!("there is no card for previews of links: the fonts have no `{missing}`");
        Diagnostic::warning(post.path.as_str(), message).hint("give the post an `image`")
    }));
    faults
}

/// A list of posts that was moved leaves the front page to a text.
fn front_page(builder: &PlanBuilder<'_>) -> Option<Diagnostic> {
    let config = &builder.site.config;
    if builder.page_at(&page_links::home_url()).is_some() || config.paths.posts == page_links::home_url() {
        return None;
    }
    let message = format!("the list of posts stands at `{}`, and nothing at `/`", config.paths.posts);
    let hint = "write the front page, `content/pages/index.md`, or leave `posts` out of `[paths]`";
    Some(Diagnostic::error(&config.file, message).hint(hint))
}

/// No file can stand where a folder must.
pub(super) fn folders(builder: &PlanBuilder<'_>) -> Vec<Clash> {
    let mut clashes = Vec::new();
    for page in &builder.pages {
        let mut folder = page.to.as_str();
        while let Some((parent, _)) = folder.rsplit_once('/') {
            if let Some(&index) = builder.claims.get(parent) {
                let file = &builder.pages[index];
                let message = format!(
                    "`/{parent}` cannot be both a file (for `{}`) and a folder (for `{}`)",
                    builder.label(file),
                    builder.label(page)
                );
                clashes.push(builder.clash(file, page, message, "give one of them another name or address"));
            }
            folder = parent;
        }
    }
    clashes
}

/// What differs in case only is one file where the file system does not tell capitals from small letters.
fn letter_case(builder: &PlanBuilder<'_>) -> Vec<Diagnostic> {
    let mut capitals: HashMap<String, usize> = HashMap::new();
    let mut faults = Vec::new();
    for (index, page) in builder.pages.iter().enumerate() {
        // Of two such paths one holds a capital; most sites have few of those.
        if page.to.as_str().bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
            continue;
        }
        let small = fold_name(page.to.as_str());
        if small == page.to.as_str() {
            continue;
        }
        let twin = builder.claims.get(small.as_str()).or_else(|| capitals.get(&small)).copied();
        capitals.entry(small).or_insert(index);
        let Some(twin) = twin.map(|twin| &builder.pages[twin]) else { continue };
        let [named, other] = if page.url < twin.url { [page, twin] } else { [twin, page] };
        let message = format!(
            "`{}` (for `{}`) and `{}` (for `{}`) differ in case only",
            named.url,
            builder.label(named),
            other.url,
            builder.label(other)
        );
        faults.push(Diagnostic::warning(builder.file_of(named, other), message).hint(
            "some computers and hosts cannot tell them apart, and show one for the other; give one another name",
        ));
    }
    faults
}

/// Links to addresses and files of this site that no output answers.
fn links(builder: &PlanBuilder<'_>) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    let (mut addresses, mut files) = (Vec::new(), Vec::new());
    for post in builder.site.shown() {
        for link in &post.links {
            let fault = match &link.target {
                Target::Address(url, anchor) => match builder.answering(url) {
                    Some(page) => anchor_on(builder, page, post, url, anchor),
                    None => {
                        addresses.push(Missing { fault: faults.len(), wanted: url });
                        let message = format!("nothing stands at `{url}` on this site");
                        Some(Diagnostic::warning(post.path.as_str(), message))
                    }
                },
                Target::File(path) if is_missing(builder, post, path, &link.written) => {
                    files.push(Missing { fault: faults.len(), wanted: path });
                    let message = format!("there is no file `{path}`");
                    Some(Diagnostic::warning(post.path.as_str(), message).hint(
                        "a link to another site begins with `https://`, one to a page of this site with `/`",
                    ))
                }
                _ => None,
            };
            faults.extend(fault.map(|fault| links::place(fault, link)));
        }
    }
    let posts = LazyCell::new(|| KnownNames::of(builder.site.shown().map(|post| post.url.as_str())));
    hint_first(&mut faults, addresses, |url: &UrlPath| posts.did_you_mean(url.as_str()));
    hint_first(&mut faults, files, |path: &SourcePath| {
        let beside = builder.site.files.keys().filter(|known| known.folder() == path.folder());
        did_you_mean(path.file_name(), beside.map(SourcePath::file_name))
    });
    faults
}

/// The fault of a link to a page that is there, if its anchor is not.
fn anchor_on(
    builder: &PlanBuilder<'_>,
    page: &Page,
    post: &Post,
    url: &UrlPath,
    anchor: &str,
) -> Option<Diagnostic> {
    let target = page.kind.post(builder.site)?;
    (!target.has_anchor(anchor)).then(|| {
        Diagnostic::warning(post.path.as_str(), format!("`{url}` has no heading `#{anchor}`"))
            .maybe_hint(links::nearest_heading(target, anchor))
    })
}

/// Whether a relative link leads to nothing. One that is not to a file may be meant relative to the page's address.
fn is_missing(builder: &PlanBuilder<'_>, post: &Post, path: &SourcePath, written: &str) -> bool {
    if builder.site.files.contains_key(path) {
        return false;
    }
    let end = written.find(['?', '#']).unwrap_or(written.len());
    let base = post.url.as_str();
    let base = &base[..base.rfind('/').map_or(0, |at| at + 1)];
    let url = UrlPath::new(&format!("{base}{}", percent_decode(&written[..end])));
    url.is_none_or(|url| builder.answering(&url).is_none())
}

fn menu(builder: &PlanBuilder<'_>) -> Vec<Diagnostic> {
    let config = &builder.site.config;
    let mut faults = Vec::new();
    for entry in &config.menu {
        let path = entry.url.split(['?', '#']).next().unwrap_or_default();
        let message = if is_own(&entry.url) {
            let url = UrlPath::new(&percent_decode(path));
            if url.is_some_and(|url| builder.answering(&url).is_some()) {
                continue;
            }
            format!("nothing stands at `{path}`, to which `{}` in the menu leads", entry.name)
        } else if has_scheme(&entry.url) || entry.url.starts_with(['#', '/']) {
            continue;
        } else {
            format!("`{}` in the menu leads to `{}`, which is not an address", entry.name, entry.url)
        };
        let hint = "an address of this site begins with `/`, one of another with `https://`";
        faults.push(Diagnostic::warning(&config.file, message).hint(hint));
    }
    faults
}

fn image(builder: &PlanBuilder<'_>, post: &Post) -> Option<Diagnostic> {
    let written = post.front.image.as_deref()?;
    if has_scheme(written) || written.starts_with("//") {
        return None;
    }
    let is_there = match written.starts_with('/') {
        true => UrlPath::new(&percent_decode(written)).is_some_and(|url| builder.answering(&url).is_some()),
        false => post.path.join(written).is_some_and(|path| builder.site.files.contains_key(&path)),
    };
    (!is_there).then(|| {
        Diagnostic::warning(post.path.as_str(), format!("there is no file `{written}` for its `image`"))
            .hint("put it beside the post, or into `static/` and begin its address with `/`")
    })
}
