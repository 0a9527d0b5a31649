//! The posts as the outbox needs them: which are to be online, and the links of those that have changed.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use rayon::prelude::*;
use url::Url;

use crate::config::Config;
use crate::date::Date;
use crate::diagnostic::Diagnostic;
use crate::engine::workspace::Workspace;
use crate::error::{Error, Result};
use crate::html;
use crate::linkback::outbox::log::SendLog;
use crate::linkback::outbox::outlinks::{self, OutlinkRules, OwnLinks};
use crate::linkback::outbox::plan::{self, PostLinks, PublishedPost};
use crate::nearest_name::did_you_mean;
use crate::path::{SourcePath, UrlPath};
use crate::post::markdown::{Body, Fill};
use crate::post::{self, Kind, Post};
use crate::scan;
use crate::send::SendScope;
use crate::send::pages::{OnlinePageResult, RenderedPosts};
use crate::site::order::{Absence, absence};

/// The posts of a site.
pub(super) struct Posts {
    pub(super) config: Config,
    /// Errors that keep the site from being built. A post that cannot be read would look like a removed one.
    pub(super) errors: Vec<Diagnostic>,
    /// Posts that are to be online.
    shown: Vec<Arc<Post>>,
    /// The other posts, and why they are not.
    absent: Vec<(Arc<Post>, Absence)>,
    urls: BTreeMap<SourcePath, UrlPath>,
    root: PathBuf,
    pages: RenderedPosts,
}

impl Posts {
    /// Reads the posts that are to be online at a moment.
    pub(super) fn read(site: &mut Workspace) -> Self {
        let snapshot = site.snapshot();
        let config = snapshot.config.clone();
        let now = Date::of_moment(site.now(), config.timezone);
        Self {
            errors: snapshot.diagnostics().into_iter().filter(Diagnostic::is_error).collect(),
            urls: snapshot.posts().map(|post| (post.path.clone(), post.url.clone())).collect(),
            absent: snapshot
                .posts()
                .filter_map(|post| Some((Arc::clone(post), absence(post, now)?)))
                .collect(),
            shown: snapshot.posts().filter(|post| absence(post, now).is_none()).map(Arc::clone).collect(),
            root: site.source().root.clone(),
            pages: RenderedPosts::new(site),
            config,
        }
    }

    /// The page of a post as a build would make it now; none if there is no such post.
    pub(super) fn page(&self, id: &str) -> Option<OnlinePageResult> {
        Some(self.pages.of(self.by_id(id)?))
    }

    /// The post of an id.
    pub(super) fn by_id(&self, id: &str) -> Option<&Post> {
        self.shown.iter().find(|post| post.id == id).map(|post| &**post)
    }

    /// The posts that a run is about, with the links of those that are news.
    pub(super) fn published(&self, sent: &SendLog, scope: &SendScope) -> Result<Vec<PublishedPost>> {
        let wanted: Vec<&Arc<Post>> = match scope {
            SendScope::Post(path) => vec![self.named(path)?],
            SendScope::All | SendScope::Pair { .. } => self.shown.iter().collect(),
        };
        wanted.into_par_iter().map(|post| self.published_post(post, sent, scope)).collect()
    }

    /// The post that a person named by its file, or by its id as the ledger calls it.
    fn named(&self, path: &SourcePath) -> Result<&Arc<Post>> {
        if let Some((_, absence)) = self.absent.iter().find(|(post, _)| is_named(post, path)) {
            return Err(not_sent(
                path,
                format!("no linkbacks are sent for it, as it {}", reason_of(*absence)),
            ));
        }
        let found = self.shown.iter().find(|post| is_named(post, path)).ok_or_else(|| {
            let nearest = did_you_mean(path.as_str(), self.shown.iter().map(|post| post.path.as_str()));
            let what_to_do =
                nearest.unwrap_or_else(|| "name its file, as in content/2016/aleppo.md".to_owned());
            not_sent(path, format!("there is no such post; {what_to_do}"))
        })?;
        if !found.front.linkbacks {
            let reason = "no linkbacks are sent for it, as it says `linkbacks = false`";
            return Err(not_sent(path, reason.to_owned()));
        }
        Ok(found)
    }

    fn published_post(&self, post: &Post, sent: &SendLog, scope: &SendScope) -> Result<PublishedPost> {
        let text = post.hash.short_hex();
        let moment = moment(post);
        let is_news = match scope {
            // A page is not sent by itself; it can be named.
            SendScope::All => post.kind == Kind::Post && plan::is_news(sent, &post.id, &text, moment),
            // Whoever names a post wants it to be looked at, however old it is.
            SendScope::Post(_) => true,
            SendScope::Pair { .. } => false,
        };
        let links = if !post.front.linkbacks {
            PostLinks::Nobodys
        } else if is_news {
            PostLinks::Now(self.targets(post)?)
        } else {
            PostLinks::Unchanged
        };
        Ok(PublishedPost {
            post: post.id.clone(),
            source: self.config.absolute(&post.url),
            text,
            moment,
            links,
        })
    }

    /// Where the text of a post leads. It is read again: few posts are news, and no build has to remember it.
    fn targets(&self, post: &Post) -> Result<Vec<String>> {
        let path = scan::on_disk(&self.root, post.path.as_str());
        let bytes = fs::read(&path).map_err(Error::io("read", &path))?;
        let text = String::from_utf8_lossy(&bytes);
        let Some((_, body)) = post::parse(&post.path, &text, &self.config).post else {
            return Ok(Vec::new());
        };
        let (Ok(page), Ok(site)) =
            (Url::parse(&self.config.absolute(&post.url)), Url::parse(&self.config.base_url))
        else {
            return Ok(Vec::new());
        };
        let own = if self.config.send.own_site { OwnLinks::Include } else { OwnLinks::Exclude };
        let rules = OutlinkRules {
            page: &page,
            site: &site,
            hosts: &self.config.linkbacks.hosts,
            own,
            except: &post.front.no_linkbacks_to,
        };
        Ok(outlinks::targets(&self.printed(post, &body), &rules))
    }

    /// The text as it is printed, as far as links go; the page that a link post is about comes first.
    fn printed(&self, post: &Post, body: &Body) -> String {
        let mut printed = String::new();
        if let Some(link) = &post.front.link {
            printed.push_str("<p><a href=\"");
            html::escape_to(link, &mut printed);
            printed.push_str("\"></a></p>\n");
        }
        let mut written = 0;
        for hole in &body.holes {
            printed.push_str(&body.html[written..hole.at]);
            written = hole.at;
            if let Fill::PostUrl(path, as_written) = &hole.fill {
                let url = self.urls.get(path).map(|url| self.config.url(url));
                html::escape_to(url.as_deref().unwrap_or(as_written), &mut printed);
            }
        }
        printed.push_str(&body.html[written..]);
        printed
    }
}

/// Whether a post is the one named by its file or its id.
fn is_named(post: &Post, path: &SourcePath) -> bool {
    post.path == *path || post.id == path.as_str()
}

fn not_sent(path: &SourcePath, reason: String) -> Error {
    Error::Argument { given: format!("--post {path}"), reason }
}

fn reason_of(absence: Absence) -> &'static str {
    match absence {
        Absence::Draft => "is a draft",
        Absence::Future => "has a date in the future",
        Absence::Expired => "has expired",
        Absence::Hidden => "is hidden",
        Absence::Clash => "is left out, as its address is taken",
    }
}

/// When a post was published or last changed, by its front matter.
fn moment(post: &Post) -> DateTime<Utc> {
    let date = post.date.map(end);
    date.max(post.front.updated.map(end)).unwrap_or(DateTime::UNIX_EPOCH)
}

/// The end of a date: a post of today is news at any hour.
fn end(date: Date) -> DateTime<Utc> {
    let time = date.time().to_utc();
    if date.has_time() { time } else { time + TimeDelta::days(1) - TimeDelta::seconds(1) }
}
