//! `backmatter list`: the posts of one state, newest first.

use std::cmp::Reverse;
use std::fmt::Write as _;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use crate::cli::common::{CommonArgs, Ending, moment, site_source};
use crate::cli::output::{Output, Report, Terminal};
use crate::config::Config;
use crate::date::Date;
use crate::diagnostic::Diagnostic;
use crate::engine::snapshot::Snapshot;
use crate::engine::workspace::{Access, Workspace};
use crate::error::Result;
use crate::post::{Kind, Post};
use crate::site::order::{Absence, absence};
use crate::site::taxonomy::{Taxonomy, Term, alphabetical};
use crate::sys::clock::Clock;

/// The arguments of `list`.
#[derive(Debug, Args)]
pub(super) struct ListArgs {
    /// What to list
    #[arg(value_enum, default_value = "posts")]
    what: ListSubject,
    /// List as if it were this moment
    #[arg(long, value_name = "TIME", value_parser = moment)]
    now: Option<DateTime<Utc>>,
}

/// What is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ListSubject {
    /// Posts that are shown.
    Posts,
    /// Posts that are not ready.
    Drafts,
    /// Posts with a future date.
    Future,
    /// Posts that have expired.
    Expired,
    /// Posts that a key of their front matter hides.
    Hidden,
    /// Tags, with the number of posts that are shown.
    Tags,
    /// Categories, the same.
    Categories,
    /// Series, the same.
    Series,
    /// Authors who have a page, the same.
    Authors,
}

impl ListSubject {
    fn admits(self, post: &Post, absence: Option<Absence>) -> bool {
        match self {
            Self::Posts => absence.is_none() && post.kind == Kind::Post,
            Self::Drafts => absence == Some(Absence::Draft),
            Self::Future => absence == Some(Absence::Future),
            Self::Expired => absence == Some(Absence::Expired),
            Self::Hidden => absence == Some(Absence::Hidden),
            Self::Tags | Self::Categories | Self::Series | Self::Authors => false,
        }
    }

    fn taxonomy(self) -> Option<Taxonomy> {
        match self {
            Self::Tags => Some(Taxonomy::Tags),
            Self::Categories => Some(Taxonomy::Categories),
            Self::Series => Some(Taxonomy::Series),
            Self::Authors => Some(Taxonomy::Authors),
            _ => None,
        }
    }

    fn noun(self) -> &'static str {
        match self {
            Self::Posts => "posts",
            Self::Drafts => "drafts",
            Self::Future => "posts with a future date",
            Self::Expired => "expired posts",
            Self::Hidden => "hidden posts",
            Self::Tags => "tags",
            Self::Categories => "categories",
            Self::Series => "series",
            Self::Authors => "authors with a page",
        }
    }
}

/// Lists the posts. Errors of the site are shown and do not hide the rest.
pub(super) fn run(arguments: &ListArgs, common: &CommonArgs, output: Output) -> Result<Ending> {
    let now = arguments.now.unwrap_or_else(|| Clock::system().now());
    let site = Workspace::open(&site_source(common)?, now, Access::Read)?.snapshot();
    let config = &site.config;
    if let Some(taxonomy) = arguments.what.taxonomy() {
        let terms = alphabetical(site.plan.site.taxonomies.terms(taxonomy), &config.language);
        output.emit(&TermList { terms, subject: arguments.what });
    } else {
        let now = Date::of_moment(now, config.timezone);
        output.emit(&PostList { entries: posts(&site, arguments.what, now), filter: arguments.what, config });
    }
    let errors: Vec<_> = site.diagnostics().into_iter().filter(Diagnostic::is_error).collect();
    output.diagnostics(&errors);
    Ok(if errors.is_empty() { Ending::Done } else { Ending::SiteHasErrors })
}

/// The posts of one state, newest first.
fn posts(site: &Snapshot, filter: ListSubject, now: Date) -> Vec<ListEntry<'_>> {
    let mut posts: Vec<&Arc<Post>> = site.posts().collect();
    posts.sort_by(|a, b| (Reverse(a.date), &a.path).cmp(&(Reverse(b.date), &b.path)));
    let entries = posts.into_iter().map(|post| ListEntry { absence: absence(post, now), post });
    entries.filter(|entry| filter.admits(entry.post, entry.absence)).collect()
}

struct PostList<'a> {
    entries: Vec<ListEntry<'a>>,
    filter: ListSubject,
    config: &'a Config,
}

struct ListEntry<'a> {
    post: &'a Post,
    absence: Option<Absence>,
}

impl Report for PostList<'_> {
    fn json(&self) -> Option<Value> {
        Some(self.entries.iter().map(|entry| entry.json(self.config)).collect())
    }

    fn text(&self, terminal: Terminal) {
        if self.entries.is_empty() {
            terminal.note(&format!("no {}", self.filter.noun()));
            return;
        }
        let mut text = String::new();
        for ListEntry { post, .. } in &self.entries {
            let date = post.date.map_or_else(|| " ".repeat(10), |date| date.day().to_string());
            let why = post.front.hidden.as_ref().map_or_else(String::new, |key| format!("  ({key})"));
            let _ = writeln!(text, "{date}  {}  {}{why}", post.path, post.label());
        }
        terminal.result(text.trim_end_matches('\n'));
    }
}

impl ListEntry<'_> {
    fn json(&self, config: &Config) -> Value {
        let post = self.post;
        json!({
            "path": post.path,
            "url": config.url(&post.url),
            "title": post.label(),
            "date": post.date.map(|date| date.to_text()),
            "draft": post.front.draft,
            "absent": self.absence,
            "hidden": post.front.hidden,
            "words": post.words,
            "tags": post.front.tags,
            "categories": post.front.categories,
        })
    }
}

struct TermList<'a> {
    /// In alphabetical order.
    terms: Vec<&'a Term>,
    subject: ListSubject,
}

impl Report for TermList<'_> {
    fn json(&self) -> Option<Value> {
        let terms = self.terms.iter();
        Some(terms.map(|term| json!({ "name": term.name, "posts": term.members.len() })).collect())
    }

    fn text(&self, terminal: Terminal) {
        if self.terms.is_empty() {
            terminal.note(&format!("no {}", self.subject.noun()));
            return;
        }
        let most = self.terms.iter().map(|term| term.members.len()).max().unwrap_or_default();
        let width = most.to_string().len();
        let lines = self.terms.iter().map(|term| format!("{:>width$}  {}", term.members.len(), term.name));
        terminal.result(&lines.collect::<Vec<_>>().join("\n"));
    }
}
