//! The redirects of a site: aliases, those of the settings, and the lines of `static/_redirects`.
//!
//! A page goes before every redirect but one with a query. Of two redirects for one address the first stands.

use std::cell::LazyCell;

use hashbrown::{HashMap, HashSet};

use crate::config::Config;
use crate::config::authors::AuthorEntry;
use crate::config::redirects::{
    RedirectEntry, RedirectSource, RedirectStatus, RedirectTarget, SourcePart, normal_path,
};
use crate::diagnostic::{Diagnostic, Location};
use crate::nearest_name::{KnownNames, MOST_HINTS};
use crate::page::builder::PlanBuilder;
use crate::page::kinds::FileKind;
use crate::page::kinds::redirect::RedirectPage;
use crate::page::links;
use crate::path::UrlPath;
use crate::post::Post;
use crate::site::Site;
use crate::site::taxonomy::{Taxonomy, Term};

/// A redirect of the site.
#[derive(Debug, Clone, PartialEq)]
pub struct Redirect {
    /// Which addresses it is for.
    pub from: RedirectSource,
    /// Where they lead, in one step.
    pub to: RedirectTarget,
    /// The status of the answer.
    pub status: RedirectStatus,
    /// What is lost without it.
    pub worth: RedirectWorth,
}

/// What is lost without a redirect, most first: hosts that take few of them get the first ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RedirectWorth {
    /// Many addresses.
    Pattern,
    /// An old address of a post that others link to.
    LinkedPost,
    /// An old address of a post or page.
    Post,
    /// An old address of a list or a file.
    Other,
    /// A short address: `/?p=101`.
    Query,
    /// A feed: a reader that finds none asks its user.
    Feed,
}

/// All redirects of a site.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Redirects {
    /// In the order in which they count.
    pub rules: Vec<Redirect>,
    /// The lines of `static/_redirects`, as they are.
    pub written: String,
}

impl Redirects {
    /// Where an address leads that no page answers: a path with that of `base_url`, or an absolute address. `path` is below `base_url`.
    pub fn find(&self, config: &Config, path: &str, query: &str) -> Option<String> {
        find(self.rules.iter(), config, path, query)
    }

    /// Where an address leads because of its query, whatever page stands there.
    pub fn find_by_query(&self, config: &Config, path: &str, query: &str) -> Option<String> {
        find(self.rules.iter().filter(|rule| !rule.from.query.is_empty()), config, path, query)
    }
}

fn find<'r>(
    rules: impl Iterator<Item = &'r Redirect>,
    config: &Config,
    path: &str,
    query: &str,
) -> Option<String> {
    let path = normal_path(path);
    let mut fitting = rules.filter(|rule| rule.from.matches_query(query));
    let (rule, captured) = fitting.find_map(|rule| Some((rule, rule.from.captures(&path)?)))?;
    Some(
        rule.to.link(config.base_path(), |index| captured.get(index).copied().unwrap_or_default().to_owned()),
    )
}

/// A redirect before it is checked.
struct Candidate<'s> {
    from: RedirectSource,
    to: RedirectTarget,
    status: RedirectStatus,
    /// Whose old address it is.
    post: Option<&'s Post>,
    place: RedirectPlace,
}

/// Where a redirect is written.
#[derive(Clone)]
pub(super) struct RedirectPlace {
    file: String,
    line: Option<Location>,
    /// `the alias` or `the redirect from`, before its source.
    called: &'static str,
    /// What to do without it.
    without: &'static str,
}

impl RedirectPlace {
    fn warning(&self, message: impl Into<String>) -> Diagnostic {
        Diagnostic::warning(&self.file, message).placed(self.line.clone())
    }

    fn error(&self, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(&self.file, message).placed(self.line.clone())
    }
}

/// Claims a page for each old address that can have one, and lists all redirects.
pub(super) fn plan(builder: &mut PlanBuilder<'_>) {
    let mut by_source: HashMap<RedirectSource, usize> = HashMap::new();
    let mut rules: Vec<(Redirect, RedirectPlace)> = Vec::new();
    for candidate in candidates(builder) {
        let Candidate { from, to, status, post, place } = candidate;
        if let Some(url) = from.page_url()
            && let Some(claimant) = builder.claimant_of(&url)
        {
            // A post's own address, written as an alias as well, was reported with the post.
            if post.is_none_or(|post| post.url != url) {
                let message = format!("{} `{from}` is already the address of `{claimant}`", place.called);
                builder.report(place.warning(message).hint(place.without));
            }
            continue;
        }
        if let Some(&first) = by_source.get(&from) {
            let message = format!("`{from}` already leads to `{}`", rules[first].0.to);
            builder.report(place.warning(message).hint("leave one of the two out"));
            continue;
        }
        by_source.insert(from.clone(), rules.len());
        let worth = worth(builder, &from, &to, post);
        rules.push((Redirect { from, to, status, worth }, place));
    }
    join(builder, &mut rules, &by_source);
    check_loops(builder, &rules);
    let open = builder.site.shown().filter(|post| post.front.linkbacks);
    let open: HashSet<String> = open.map(|post| builder.site.config.absolute(&post.url)).collect();
    for (rule, _) in &rules {
        if let Some(url) = rule.from.page_url().filter(|_| rule.from.can_be_page()) {
            let linkbacks = open.contains(&rule.to.absolute(&builder.site.config));
            builder.claim(url, RedirectPage { target: rule.to.clone(), linkbacks });
        }
    }
    // Hosts take the first that fits.
    rules.sort_by_key(|(rule, _)| (!rule.from.is_literal(), rule.from.query.is_empty()));
    let written = builder.site.redirects_file.as_deref().unwrap_or_default().to_owned();
    let (rules, places) = rules.into_iter().unzip();
    builder.redirect_places = places;
    builder.redirects = Redirects { rules, written };
}

fn candidates<'s>(builder: &PlanBuilder<'s>) -> Vec<Candidate<'s>> {
    let site = builder.site;
    let mut candidates = Vec::new();
    for post in site.shown() {
        let place = RedirectPlace {
            file: post.path.to_string(),
            line: None,
            called: "the alias",
            without: "leave the alias out",
        };
        let pages = post.front.aliases.iter().map(RedirectSource::of_url);
        candidates.extend(pages.chain(post.front.alias_rules.iter().cloned()).map(|from| Candidate {
            from,
            to: RedirectTarget::of_url(&post.url),
            status: RedirectStatus::Permanent,
            post: Some(post),
            place: place.clone(),
        }));
    }
    for taxonomy in [Taxonomy::Tags, Taxonomy::Categories] {
        candidates
            .extend(site.taxonomies.terms(taxonomy).iter().flat_map(|term| of_term(site, taxonomy, term)));
    }
    candidates.extend(site.config.authors.all().flat_map(|entry| of_author(site, entry)));
    candidates.extend(site.config.redirects.iter().map(|entry| {
        let RedirectEntry { from, to, status, place } = entry.clone();
        let file = site.config.file.clone();
        let place = RedirectPlace {
            file,
            line: place,
            called: "the redirect from",
            without: "leave the redirect out",
        };
        Candidate { from, to, status, post: None, place }
    }));
    candidates
}

/// The old addresses of a term.
fn of_term<'s>(site: &Site, taxonomy: Taxonomy, term: &Term) -> Vec<Candidate<'s>> {
    let Some(entry) = site.taxonomies.entry(taxonomy, term) else { return Vec::new() };
    // One that was written for tags and categories alike leads to the tag.
    if taxonomy == Taxonomy::Categories
        && site.config.terms.get(Taxonomy::Tags, &entry.name).is_some_and(|tag| tag.place == entry.place)
        && site.taxonomies.term(Taxonomy::Tags, &entry.name).is_some()
    {
        return Vec::new();
    }
    from_settings(site, &entry.aliases, entry.place.as_ref(), &links::term_url(site, taxonomy, &term.slug))
}

/// The old addresses of an author, if they have a page.
fn of_author<'s>(site: &Site, entry: &AuthorEntry) -> Vec<Candidate<'s>> {
    let term = site.taxonomies.term(Taxonomy::Authors, &entry.author.name);
    term.map_or_else(Vec::new, |term| {
        let url = links::term_url(site, Taxonomy::Authors, &term.slug);
        from_settings(site, &entry.aliases, entry.place.as_ref(), &url)
    })
}

/// Aliases that the settings give to a page.
fn from_settings<'s>(
    site: &Site,
    aliases: &[RedirectSource],
    line: Option<&Location>,
    to: &UrlPath,
) -> Vec<Candidate<'s>> {
    let place = RedirectPlace {
        file: site.config.file.clone(),
        line: line.cloned(),
        called: "the alias",
        without: "leave the alias out",
    };
    let aliases = aliases.iter().map(|from| Candidate {
        from: from.clone(),
        to: RedirectTarget::of_url(to),
        status: RedirectStatus::Permanent,
        post: None,
        place: place.clone(),
    });
    aliases.collect()
}

fn worth(
    builder: &PlanBuilder<'_>,
    from: &RedirectSource,
    to: &RedirectTarget,
    post: Option<&Post>,
) -> RedirectWorth {
    let page = to.own_path().and_then(|url| builder.page_at(&url));
    let site = builder.site;
    let post = post.or_else(|| page?.kind.post(site).map(|post| &**post));
    let is_linked =
        post.is_some_and(|post| site.linkbacks.get(&post.path).is_some_and(|all| !all.is_empty()));
    if !from.is_literal() {
        RedirectWorth::Pattern
    } else if !from.query.is_empty() {
        RedirectWorth::Query
    } else if page.is_some_and(|page| page.kind.content().file_kind() == FileKind::Feed) {
        RedirectWorth::Feed
    } else if is_linked {
        RedirectWorth::LinkedPost
    } else if post.is_some() {
        RedirectWorth::Post
    } else {
        RedirectWorth::Other
    }
}

/// Lets a redirect to an old address lead where that leads, and reports those that lead back to themselves.
fn join(
    builder: &mut PlanBuilder<'_>,
    rules: &mut [(Redirect, RedirectPlace)],
    by_source: &HashMap<RedirectSource, usize>,
) {
    let targets = rules.iter().map(|(rule, _)| rule.to.own_path());
    let leads: Vec<Option<usize>> =
        targets.map(|to| by_source.get(&RedirectSource::of_url(&to?)).copied()).collect();
    for at in 0..rules.len() {
        let mut last = at;
        let mut steps = 0;
        while let Some(then) = leads[last] {
            last = then;
            steps += 1;
            if last == at || steps > leads.len() {
                break;
            }
        }
        if steps > 0 && last == at {
            let (rule, place) = &rules[at];
            let message = format!("{} `{}` leads back to itself by `{}`", place.called, rule.from, rule.to);
            builder.report(place.error(message).hint("let one of them lead to a page"));
        } else if steps > 0 && leads[last].is_none() {
            let to = rules[last].0.to.clone();
            rules[at].0.to = to;
        }
    }
}

/// Reports patterns that are for the address they lead to, where no page stands.
fn check_loops(builder: &mut PlanBuilder<'_>, rules: &[(Redirect, RedirectPlace)]) {
    for (rule, place) in rules {
        if rule.from.is_literal() || !rule.to.is_own {
            continue;
        }
        let to = rule.to.link("", |_| "x".to_owned());
        let path = normal_path(to.split(['?', '#']).next().unwrap_or_default());
        let is_page = rule.to.own_path().is_some_and(|url| builder.page_at(&url).is_some());
        if !is_page && rule.from.captures(&path).is_some() {
            let message = format!(
                "{} `{}` is for `{}` as well: it leads back to itself",
                place.called, rule.from, rule.to
            );
            builder.report(place.error(message).hint("let it lead to an address that it is not for"));
        }
    }
}

/// Redirects at whose target nothing stands.
pub(super) fn check_targets(builder: &PlanBuilder<'_>) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    let known = LazyCell::new(|| KnownNames::of(builder.pages.iter().map(|page| page.url.as_str())));
    for (rule, place) in builder.redirects.rules.iter().zip(&builder.redirect_places) {
        let Some(url) = rule.to.own_path() else { continue };
        if builder.answering(&url).is_some() {
            continue;
        }
        let message = format!("nothing stands at `{url}`, to which `{}` leads", rule.from);
        let hint = if faults.len() < MOST_HINTS { known.did_you_mean(url.as_str()) } else { None };
        faults.push(place.warning(message).maybe_hint(hint));
    }
    faults
}

/// Whose reading of `_redirects` is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RedirectsDialect {
    /// Of all that read it, as far as they agree: it is in the output of every build.
    Common,
    /// Netlify: a page goes before a rule without `!`, `*` stands at the end only, and queries are parameters.
    Netlify,
    /// Cloudflare: a rule goes before a page, and there are no queries.
    Cloudflare,
    /// GitLab: a page goes before a rule, there are two statuses, and no queries.
    Gitlab,
    /// Codeberg: `*` stands at the end only, and there are no other patterns.
    Codeberg,
}

/// Rules that Cloudflare reads in all, patterns among them, and characters of a line.
const CLOUDFLARE: RuleLimits =
    RuleLimits { literals: 2000, patterns: 100, line: 1000, bytes: usize::MAX, all: usize::MAX };
/// Rules that GitLab reads unless its administrator sets another number, and the size of their file.
const GITLAB: RuleLimits =
    RuleLimits { literals: usize::MAX, patterns: usize::MAX, line: usize::MAX, bytes: 64 * 1024, all: 1000 };
const UNLIMITED: RuleLimits = RuleLimits {
    literals: usize::MAX,
    patterns: usize::MAX,
    line: usize::MAX,
    bytes: usize::MAX,
    all: usize::MAX,
};

/// What a host takes of `_redirects`.
pub(crate) struct RuleLimits {
    literals: usize,
    patterns: usize,
    line: usize,
    bytes: usize,
    all: usize,
}

impl RedirectsDialect {
    /// What hosts that read this take.
    pub(crate) fn limits(self) -> RuleLimits {
        match self {
            Self::Cloudflare => CLOUDFLARE,
            Self::Gitlab => GITLAB,
            Self::Common | Self::Netlify | Self::Codeberg => UNLIMITED,
        }
    }
}

impl RuleLimits {
    /// What is left behind the lines of a `_redirects`.
    pub(crate) fn behind(self, written: &str) -> Self {
        let patterns =
            written_sources(written).filter(|from| from.contains('*') || from.contains("/:")).count();
        let rules = written_sources(written).count();
        Self {
            literals: self.literals.saturating_sub(rules - patterns),
            patterns: self.patterns.saturating_sub(patterns),
            bytes: self.bytes.saturating_sub(written.len() + 1),
            all: self.all.saturating_sub(rules),
            ..self
        }
    }

    /// Whether these lines have room, which they take.
    pub(crate) fn takes(&mut self, rule: &Redirect, lines: &[String]) -> bool {
        let bytes: usize = lines.iter().map(|line| line.len() + 1).sum();
        let kind = if rule.from.is_literal() { &mut self.literals } else { &mut self.patterns };
        let has_room = *kind >= lines.len()
            && self.all >= lines.len()
            && self.bytes >= bytes
            && lines.iter().all(|line| line.chars().count() <= self.line);
        if has_room {
            *kind -= lines.len();
            self.all -= lines.len();
            self.bytes -= bytes;
        }
        has_room
    }
}

/// As many parts of a path as `*` within a path stands for at Netlify, which knows it at the end only.
const MOST_PARTS: usize = 6;

/// The lines of `_redirects` for a rule; none if the host cannot have it.
pub(crate) fn lines(rule: &Redirect, config: &Config, dialect: RedirectsDialect) -> Vec<String> {
    let RedirectSource { path, query } = &rule.from;
    let takes_queries = matches!(dialect, RedirectsDialect::Common | RedirectsDialect::Netlify);
    if !query.is_empty() && !takes_queries {
        return Vec::new();
    }
    let ends_with_splat = path.last() == Some(&SourcePart::Splat);
    let has_splat = path.contains(&SourcePart::Splat);
    let has_segments = path.iter().any(|part| matches!(part, SourcePart::Segment(_)));
    if dialect == RedirectsDialect::Codeberg && (has_segments || has_splat && !ends_with_splat) {
        return Vec::new();
    }
    let splats: Vec<String> = if dialect == RedirectsDialect::Netlify && has_splat && !ends_with_splat {
        (1..=MOST_PARTS).map(named_parts).collect()
    } else {
        vec!["*".to_owned()]
    };
    let status = status(rule, dialect);
    let query: String = query.iter().map(|pair| format!("{}={} ", pair.name, pair.value)).collect();
    let lines = splats.into_iter().map(|splat| {
        let parts = path.iter().enumerate().map(|(at, part)| match part {
            SourcePart::Text(text) => text.clone(),
            SourcePart::Segment(_) => segment_name(path, at, dialect),
            SourcePart::Splat => splat.clone(),
        });
        let from: String = parts.collect();
        let to = rule.to.link(config.base_path(), |at| match path.get(at) {
            Some(SourcePart::Splat) if splat == "*" => ":splat".to_owned(),
            Some(SourcePart::Splat) => splat.clone(),
            _ => segment_name(path, at, dialect),
        });
        format!("{}{from} {query}{to} {status}", config.base_path())
    });
    lines.collect()
}

/// As many parts of a path as a number says, each by a name.
fn named_parts(count: usize) -> String {
    (1..=count).map(|number| format!(":part{number}")).collect::<Vec<_>>().join("/")
}

/// GitLab takes letters only for a name.
fn segment_name(path: &[SourcePart], at: usize, dialect: RedirectsDialect) -> String {
    match (dialect, path.get(at)) {
        (RedirectsDialect::Gitlab, _) => {
            let letter = u8::try_from(at % 26).unwrap_or_default() + b'a';
            format!(":{}", char::from(letter))
        }
        (_, Some(SourcePart::Segment(name))) => format!(":{name}"),
        _ => String::new(),
    }
}

fn status(rule: &Redirect, dialect: RedirectsDialect) -> String {
    let code = match (dialect, rule.status) {
        (RedirectsDialect::Cloudflare | RedirectsDialect::Common, status) => status.code(),
        (_, RedirectStatus::Permanent | RedirectStatus::PermanentSameMethod) => 301,
        (_, RedirectStatus::Found | RedirectStatus::SeeOther | RedirectStatus::Temporary) => 302,
    };
    // The page that leads on, or the home page of a short address, would go before the rule.
    let is_forced = match dialect {
        RedirectsDialect::Netlify => rule.from.is_literal(),
        RedirectsDialect::Common => !rule.from.query.is_empty(),
        _ => false,
    };
    format!("{code}{}", if is_forced { "!" } else { "" })
}

/// The addresses that the lines of a `_redirects` are for.
pub(crate) fn written_sources(written: &str) -> impl Iterator<Item = &str> {
    let lines = written.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.filter_map(|line| line.split_whitespace().next())
}

/// `_redirects` as the output of every build has it; `None` if there is nothing to say.
pub(super) fn common_file(redirects: &Redirects, config: &Config) -> Option<String> {
    let mut text = redirects.written.clone();
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    for line in redirects.rules.iter().flat_map(|rule| lines(rule, config, RedirectsDialect::Common)) {
        text.push_str(&line);
        text.push('\n');
    }
    (!text.is_empty()).then_some(text)
}

/// The address of `_redirects`.
pub(super) fn file_url() -> UrlPath {
    links::home_url().child("_redirects")
}
