//! Reasons not to publish, looked for before the first byte travels. Nothing is asked of the system but which folders
//! are which.

mod base_url;
mod links;

use chrono::TimeDelta;

use crate::config::publish::{MaxDeletes, TargetKind};
use crate::config::{Config, FILE_NAME};
use crate::date::Date;
use crate::diagnostic::Diagnostic;
use crate::engine::output::{is_within, source_around};
use crate::path::OutputPath;
use crate::post::Target as LinkTarget;
use crate::publish::desired::DesiredFiles;
use crate::publish::diff::Diff;
use crate::publish::manifest::Manifest;
use crate::publish::redirect_rules::{UnansweredReason, UnansweredRedirects};
use crate::publish::state::UnfinishedPublish;
use crate::publish::{PublishRequest, UnfinishedPolicy};
use crate::site::links as post_links;
use crate::site::order::{Absence, absence};

/// The deletes that are allowed by default, however few files there are.
const FEW_DELETES: usize = 10;
/// The deletes that are allowed by default in a larger site.
const USUAL_DELETES: MaxDeletes = MaxDeletes::Percent(25);

/// How many foreign files are named one by one.
const SHOWN_FOREIGN: usize = 50;

/// The age from which an unfinished publish counts as dead.
const LONGEST_PUBLISH: TimeDelta = TimeDelta::hours(1);

/// What the checks look at.
pub(super) struct CheckInput<'a> {
    pub request: &'a PublishRequest<'a>,
    pub desired: &'a DesiredFiles,
    pub diff: &'a Diff,
    /// The manifest at the target.
    pub remote: &'a Manifest,
    /// The manifest after the last publish from here.
    pub last: Option<Manifest>,
    /// The address of the repository that the target is, if it is one.
    pub repository: Option<String>,
}

/// Everything that speaks against publishing, and what is worth knowing.
pub(super) fn all(input: &CheckInput<'_>) -> Vec<Diagnostic> {
    let CheckInput { request, desired, diff, remote, .. } = *input;
    let config = request.config();
    let mut faults = Vec::new();
    faults.extend(localhost(config));
    faults.extend(own_folder(request));
    faults.extend(not_due(request));
    faults.extend(base_url::all(request, desired, input.repository.as_deref()));
    faults.extend(local_links(request));
    faults.extend(moved(remote, config));
    faults.extend(elsewhere(remote, input.last.as_ref()));
    faults.extend(refused(desired));
    faults.extend(desired.left_out.iter().map(not_answered));
    faults.extend(deletes(request, diff, remote));
    if request.target.check_links {
        faults.extend(links::broken_links(request, desired, diff));
    }
    // They are given with the usual name, and shown with that of the file the settings were read from.
    for fault in faults.iter_mut().filter(|fault| fault.path == FILE_NAME) {
        fault.path.clone_from(&config.file);
    }
    faults
}

/// Addresses of this machine mean nothing to anybody else, unless the settings name the place in `[network] allow`: then it is
/// this machine that is meant.
fn localhost(config: &Config) -> Vec<Diagnostic> {
    let own = [(
        "`base_url`".to_owned(),
        &config.base_url,
        "set it to the address that readers type; to try things out, name its host in `[network] allow`",
    )];
    let endpoints = [("pingback", &config.linkbacks.pingback), ("webmention", &config.linkbacks.webmention)];
    let endpoints = endpoints.into_iter().filter_map(|(key, url)| {
        Some((format!("`linkbacks.{key}`"), url.as_ref()?, "set it to an address that others can reach"))
    });
    let menu = config.menu.iter().map(|entry| {
        (format!("`{}` in the menu", entry.name), &entry.url, "an address of this site begins with `/`")
    });
    let all = own.into_iter().chain(endpoints).chain(menu);
    all.filter(|(_, url, _)| is_of_this_machine(url, config))
        .map(|(what, url, hint)| {
            let message = format!("{what} is `{url}`, which leads every reader to their own machine");
            Diagnostic::error(FILE_NAME, message).hint(hint)
        })
        .collect()
}

/// Whether an address leads to the machine of whoever follows it.
fn is_of_this_machine(url: &str, config: &Config) -> bool {
    let Ok(url) = url::Url::parse(url) else { return false };
    if config.network.names(&url) {
        return false;
    }
    match url.host() {
        Some(url::Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
        Some(url::Host::Ipv4(address)) => address.is_loopback() || address.is_unspecified(),
        Some(url::Host::Ipv6(address)) => address.is_loopback() || address.is_unspecified(),
        None => false,
    }
}

/// A folder that a build reads or writes: what is published there would become part of the site, and grow with each publish.
fn own_folder(request: &PublishRequest<'_>) -> Option<Diagnostic> {
    let TargetKind::Directory { to, .. } = &request.target.place else { return None };
    let folder = request.root.join(to);
    let is_site = is_within(&folder, request.root) && is_within(request.root, &folder);
    let is_own =
        is_site || source_around(&folder, request.root).is_some() || is_within(&folder, request.output);
    let message =
        format!("`publish.{}` leads to `{to}`, which is a folder of the site itself", request.target.name);
    let hint = "name a folder that nothing is built from or into, such as `../www`";
    is_own.then(|| Diagnostic::error(FILE_NAME, message).hint(hint))
}

/// The site was built without drafts and posts of the future; a post that came in all the same stays here.
fn not_due(request: &PublishRequest<'_>) -> Vec<Diagnostic> {
    let site = &request.built.plan.site;
    let now = Date::of_moment(request.now, site.config.timezone);
    site.shown()
        .filter_map(|post| {
            let what = match absence(post, now)? {
                Absence::Draft => "is a draft",
                Absence::Future => "has a date in the future",
                Absence::Expired => "has expired",
                Absence::Hidden => "is hidden",
                Absence::Clash => "is left out, as its address is taken",
            };
            Some(Diagnostic::error(post.path.as_str(), format!("this post {what} and would be published")))
        })
        .collect()
}

/// Links of posts to this machine: sometimes meant, never useful.
fn local_links(request: &PublishRequest<'_>) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    let site = &request.built.plan.site;
    for post in site.shown() {
        for link in &post.links {
            if let LinkTarget::External(url) = &link.target
                && is_of_this_machine(url, &site.config)
            {
                let message = format!("`{url}` leads every reader to their own machine");
                let hint = "if it is meant as an example, write it as code: `` `http://localhost/` ``";
                let fault = Diagnostic::warning(post.path.as_str(), message).hint(hint);
                faults.push(post_links::place(fault, link));
            }
        }
    }
    faults
}

/// The site was published there for another address.
fn moved(there: &Manifest, config: &Config) -> Option<Diagnostic> {
    let differs = !there.base_url.is_empty() && there.base_url != config.base_url;
    differs.then(|| {
        let message = format!(
            "the site there was published for `{}`, and this one is for `{}`",
            there.base_url, config.base_url
        );
        Diagnostic::warning(FILE_NAME, message)
            .hint("if the site has not moved, this may be the wrong target")
    })
}

/// The site was published from elsewhere since the last time from here.
fn elsewhere(there: &Manifest, last: Option<&Manifest>) -> Option<Diagnostic> {
    let last = last?;
    let message = match there.generation.cmp(&last.generation) {
        std::cmp::Ordering::Equal => return None,
        std::cmp::Ordering::Less => "the target no longer holds what was published from here".to_owned(),
        std::cmp::Ordering::Greater if there.session.is_some() => return None,
        std::cmp::Ordering::Greater => {
            let when = there
                .at
                .map_or_else(String::new, |at| format!(", last on {}", at.format("%Y-%m-%d %H:%M UTC")));
            format!("the site has been published from elsewhere since{when}")
        }
    };
    Some(
        Diagnostic::warning(FILE_NAME, message)
            .hint("what is not in this folder would be removed there; look at the plan"),
    )
}

fn refused(desired: &DesiredFiles) -> Option<Diagnostic> {
    let first = desired.refused.first()?;
    let others = match desired.refused.len() {
        1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    let message = format!("the host does not take `{first}`{others}: left out");
    Some(
        Diagnostic::warning(FILE_NAME, message)
            .hint("an account that pays takes files of every kind: `supporter = true`"),
    )
}

/// Redirects that the host does not answer as they are meant.
fn not_answered(left_out: &UnansweredRedirects) -> Diagnostic {
    let UnansweredRedirects { first, count, reason } = left_out;
    let others = match count {
        1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    let redirects = format!("`{first}`{others}");
    let (what, hint) = match reason {
        UnansweredReason::Query => (
            format!("the host has no redirects by query: {redirects} will not be answered"),
            "Netlify, Apache, nginx and Caddy have them",
        ),
        UnansweredReason::Pattern => (
            format!("the host has no such patterns: {redirects} will not be answered"),
            "name the addresses one by one, or choose a host that reads patterns",
        ),
        UnansweredReason::NoRules => (
            format!("the host has no redirects, and no page can stand at {redirects}"),
            "put a file there, or choose a host that reads redirects",
        ),
        UnansweredReason::FeedByPage => (
            format!(
                "the host has no redirects: a page leads on from {redirects}, which a feed reader does not follow"
            ),
            "a file of that name in `static/` would be found: a copy of the feed's last state",
        ),
        UnansweredReason::Limit => (
            format!("the host takes no more redirects: {redirects} will not be answered by a rule"),
            "those of most worth were written first; patterns such as `/*/feed/` are one rule for many addresses",
        ),
        UnansweredReason::HidesPage => (
            format!(
                "at this host a redirect goes before a page, so {redirects} would hide one and is left out"
            ),
            "write a pattern that no page has",
        ),
        UnansweredReason::WrittenFile => (
            format!("the host does not read `static/_redirects`: {redirects} will not be answered"),
            "write them as `[[redirects]]` in the settings, which every host gets in its own form",
        ),
    };
    Diagnostic::warning(FILE_NAME, what).hint(hint)
}

/// A publish from elsewhere that has not ended.
pub(super) fn other_publish(
    request: &PublishRequest<'_>,
    remote: &Manifest,
    resumed: Option<&UnfinishedPublish>,
) -> Option<Diagnostic> {
    let session = remote.session.as_ref().filter(|_| resumed.is_none())?;
    let age = request.now.signed_duration_since(session.since);
    let since = session.since.format("%Y-%m-%d %H:%M UTC");
    if request.others == UnfinishedPolicy::TakeOver || age > LONGEST_PUBLISH {
        return None;
    }
    let message = format!(
        "another publish to `{}` began on `{}` at {since} and has not ended",
        request.target.name, session.machine
    );
    Some(
        Diagnostic::error(FILE_NAME, message)
            .hint("wait for it; if it is dead, `--take-over` goes on from what it left"),
    )
}

/// Files there that are not ours, where ours would stand.
pub(super) fn foreign(taken: &[OutputPath]) -> Vec<Diagnostic> {
    let shown = taken.iter().take(SHOWN_FOREIGN);
    let named = shown.map(|path| format!("`{path}` is at the target already, and not from here"));
    let others = taken.len().saturating_sub(SHOWN_FOREIGN);
    let rest = match others {
        0 => None,
        1 => Some("so is 1 more file".to_owned()),
        count => Some(format!("so are {count} more files")),
    };
    let hint = "move it away, or remove the site's own file; `--overwrite` replaces such files, which cannot be undone";
    named.chain(rest).map(|message| Diagnostic::error(FILE_NAME, message).hint(hint)).collect()
}

/// More deletes than a usual change makes.
fn deletes(request: &PublishRequest<'_>, diff: &Diff, there: &Manifest) -> Option<Diagnostic> {
    let count = there.paths().len();
    let limit = match request.max_deletes.or(request.target.max_deletes) {
        Some(limit) => limit.of(count),
        None => USUAL_DELETES.of(count).max(FEW_DELETES),
    };
    let deleted = diff.deleted();
    (deleted > limit).then(|| {
        let message = format!(
            "{deleted} of {count} files would be deleted, which is more than the {limit} that may be"
        );
        let hint = format!("if that is meant, say `--max-deletes {deleted}`");
        Diagnostic::error(FILE_NAME, message).hint(hint)
    })
}
