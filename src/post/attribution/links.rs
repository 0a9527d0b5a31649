//! Which link of an attribution is the report, which its author's page, and which its publication's.

use super::lexer::{Joint, LinePiece, PieceKind};
use super::names::{NameKind, kind_of_name};
use super::vocabulary::{JoinRole, is_place_within, is_remark, names_a_copy, names_a_via};

/// What a link leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LinkRole {
    Report,
    Author,
    Publication,
    Via,
    Archived,
    /// Something else, which is printed and known no further.
    Other,
}

/// How deep in its site an address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Depth {
    /// The front page.
    Front,
    /// The page of a person.
    Profile,
    /// A page like any other.
    Page,
}

/// A link at the top level of the line.
struct Candidate<'p> {
    /// Its place among the pieces.
    at: usize,
    piece: &'p LinePiece,
    host: &'p str,
    depth: Depth,
    is_emphasised: bool,
}

/// Says of each piece that is a link what it leads to; `None` of the others.
pub(super) fn roles(pieces: &[LinePiece], text: &str) -> Vec<Option<LinkRole>> {
    let mut roles: Vec<Option<LinkRole>> =
        pieces.iter().map(|piece| piece.is_link().then_some(LinkRole::Other)).collect();
    let candidates: Vec<Candidate<'_>> =
        pieces.iter().enumerate().filter_map(|(at, piece)| candidate(at, piece)).collect();
    // A copy, and the place where the author came across the report, are recognised by their words; a copy by its host
    // as well, if it is not the only link.
    let is_copy = |link: &Candidate<'_>| {
        link.piece.role == Some(JoinRole::Archived)
            || (candidates.len() > 1
                && (names_a_copy(&text[link.piece.range.clone()]) || is_archive_host(link.host)))
    };
    let mut links: Vec<&Candidate<'_>> = Vec::new();
    for link in &candidates {
        if link.piece.role == Some(JoinRole::Via) || names_a_via(&text[link.piece.range.clone()]) {
            roles[link.at] = Some(LinkRole::Via);
        } else if is_copy(link) {
            roles[link.at] = Some(LinkRole::Archived);
        } else {
            links.push(link);
        }
    }
    let Some(report) = report(&links, pieces) else { return roles };
    let before = &links[..report];
    let main = links[report];
    roles[main.at] = Some(LinkRole::Report);
    let mut has_publication = pieces.iter().any(|piece| matches!(piece.kind, PieceKind::Emphasis));
    for link in before {
        let is_paper =
            link.host == main.host && link.depth == Depth::Front || link.piece.role == Some(JoinRole::Within);
        roles[link.at] = Some(if is_paper && link.depth != Depth::Profile {
            LinkRole::Publication
        } else {
            LinkRole::Author
        });
        has_publication |= is_paper;
    }
    let behind = &links[report + 1..];
    let later_paper = behind.iter().any(|link| is_paper(link, main));
    let has_author =
        roles.contains(&Some(LinkRole::Author)) || pieces[..main.at].iter().any(LinePiece::is_words);
    let mut may_be_report = true;
    // `[One](…), [two](…) and [three](…)` are reports of as many sites.
    let list_end = behind
        .iter()
        .rposition(|link| link.piece.before == Joint::And && is_report_elsewhere(link, main))
        .filter(|&last| behind[..last].iter().all(|link| is_report_elsewhere(link, main)));
    for (number, link) in behind.iter().enumerate() {
        let is_listed = list_end.is_some_and(|last| number <= last);
        let is_seen = link.piece.role == Some(JoinRole::Source) && link.depth == Depth::Page;
        // `[p. 3](…)` is a part of the report.
        let linked = &text[link.piece.range.clone()];
        let is_part = link.host == main.host && (is_place_within(linked) || is_remark(linked));
        let role = if is_part {
            LinkRole::Other
        } else if is_listed || is_seen {
            LinkRole::Report
        } else if link.piece.role == Some(JoinRole::By)
            || (!has_author && (link.depth == Depth::Profile || is_person(link, linked)))
        {
            LinkRole::Author
        } else if link.piece.before == Joint::And && may_be_report && link.depth == Depth::Page {
            LinkRole::Report
        } else if !has_publication && (is_paper(link, main) || !later_paper) {
            has_publication = true;
            LinkRole::Publication
        } else if may_be_report && link.depth == Depth::Page && link.host != main.host {
            LinkRole::Report
        } else {
            LinkRole::Other
        };
        may_be_report = role == LinkRole::Report || (role == LinkRole::Publication && may_be_report);
        roles[link.at] = Some(role);
    }
    roles
}

/// Whether a link leads to a report on another site.
fn is_report_elsewhere(link: &Candidate<'_>, main: &Candidate<'_>) -> bool {
    link.depth == Depth::Page
        && link.host != main.host
        && !link.is_emphasised
        && matches!(link.piece.role, None | Some(JoinRole::And))
}

/// Whether a link behind the report is on the name of a person.
fn is_person(link: &Candidate<'_>, linked: &str) -> bool {
    !link.is_emphasised && link.piece.role.is_none() && kind_of_name(linked) == NameKind::Person
}

/// Whether a link behind the report is of its publication.
fn is_paper(link: &Candidate<'_>, main: &Candidate<'_>) -> bool {
    link.depth == Depth::Front
        || link.is_emphasised
        || (link.piece.role == Some(JoinRole::Within) && link.host == main.host)
}

/// The place of the report among the links.
fn report(links: &[&Candidate<'_>], pieces: &[LinePiece]) -> Option<usize> {
    let [first, ..] = links else { return None };
    let is_alone = links.len() == 1;
    // `[Jane Doe](https://jane.example/), "A headline in print"` has no link to its report.
    let has_headline_behind =
        pieces[first.at + 1..].iter().any(|piece| matches!(piece.kind, PieceKind::Quoted));
    if is_alone && has_headline_behind && first.depth != Depth::Page {
        return None;
    }
    let has_named_author = pieces[..first.at].iter().any(LinePiece::is_words);
    let deep =
        links.iter().position(|link| link.depth == Depth::Page && link.piece.role != Some(JoinRole::By));
    let Some(deep) = deep else {
        // Front pages alone: author, report and publication, or the first.
        let second =
            links.len() >= 3 && !has_named_author || first.depth == Depth::Profile && links.len() > 1;
        return Some(usize::from(second));
    };
    let [_, second, third, ..] = links else { return Some(deep) };
    // Three links before a date are author, report and publication, unless a sign says otherwise.
    let date =
        pieces.iter().position(|piece| matches!(piece.kind, PieceKind::Date(_))).unwrap_or(pieces.len());
    let are_a_list = second.piece.before == Joint::Separator && third.piece.before != Joint::And;
    let is_paper_second = second.host == first.host && second.depth == Depth::Front;
    let is_author_first =
        deep == 0 && !has_named_author && third.at < date.max(third.at + 1) && second.depth == Depth::Page;
    Some(usize::from(is_author_first && are_a_list && !is_paper_second).max(deep))
}

fn candidate(at: usize, piece: &LinePiece) -> Option<Candidate<'_>> {
    let PieceKind::Link { url, is_emphasised, .. } = &piece.kind else { return None };
    let (host, path) = host_and_path(url);
    Some(Candidate { at, piece, host, depth: depth(host, path), is_emphasised: *is_emphasised })
}

/// Host without `www.` and path of an address; a path on this site has no host.
fn host_and_path(url: &str) -> (&str, &str) {
    let Some((scheme, rest)) = url.split_once(':') else { return ("", url) };
    if scheme.eq_ignore_ascii_case("mailto") {
        return ("", "/@");
    }
    let rest = rest.trim_start_matches('/');
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let host = &rest[..end];
    (host.strip_prefix("www.").unwrap_or(host), &rest[end..])
}

fn depth(host: &str, path: &str) -> Depth {
    const FOLDERS: [&str; 36] = [
        "author",
        "authors",
        "by",
        "people",
        "person",
        "profile",
        "profiles",
        "user",
        "users",
        "u",
        "staff",
        "team",
        "contributor",
        "contributors",
        "journalist",
        "journalists",
        "reporter",
        "reporters",
        "writer",
        "writers",
        "autor",
        "autoren",
        "autores",
        "autorin",
        "auteur",
        "auteurs",
        "redaktion",
        "personen",
        "skribent",
        "skribenter",
        "forfattare",
        "byline",
        "correspondents",
        "in",
        "columnist",
        "columnists",
    ];
    const SOCIAL: [&str; 10] = [
        "x.com",
        "twitter.com",
        "facebook.com",
        "instagram.com",
        "github.com",
        "threads.net",
        "threads.com",
        "medium.com",
        "tiktok.com",
        "youtube.com",
    ];
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    match segments.as_slice() {
        [] if !host.is_empty() || path == "/" => Depth::Front,
        [] => Depth::Page,
        [language] if language.len() == 2 && !host.is_empty() => Depth::Front,
        ["index.html" | "index.php" | "home"] => Depth::Front,
        [only] if only.starts_with(['@', '~']) || SOCIAL.contains(&host) => Depth::Profile,
        ["about" | "about.html" | "bio" | "cv" | "ueber-mich" | "a-propos" | "om" | "sobre-mi"] => {
            Depth::Profile
        }
        [.., folder, name]
            if FOLDERS.contains(folder)
                && !name.contains(|c: char| c.is_ascii_digit() && name.len() > 24) =>
        {
            Depth::Profile
        }
        _ => Depth::Page,
    }
}

/// Hosts that keep copies.
fn is_archive_host(host: &str) -> bool {
    const HOSTS: [&str; 13] = [
        "web.archive.org",
        "archive.org",
        "archive.today",
        "archive.is",
        "archive.ph",
        "archive.md",
        "archive.li",
        "archive.vn",
        "archive.fo",
        "perma.cc",
        "ghostarchive.org",
        "megalodon.jp",
        "webcitation.org",
    ];
    HOSTS.contains(&host)
}

/// Whether an address is one of a copy.
pub(super) fn leads_to_a_copy(url: &str) -> bool {
    is_archive_host(host_and_path(url).0)
}

/// Whether an address is the front page of a site.
pub(super) fn leads_to_a_front_page(url: &str) -> bool {
    let (host, path) = host_and_path(url);
    depth(host, path) == Depth::Front
}
