//! The desk of whoever moderates: a site, its linkbacks, and what follows from a decision.
//!
//! [`ModerationService::bring_in`] is what every decision ends with: back matter files are written, the site is built as ever, and
//! whoever wants to know is told.

use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::engine::{self, BuildObserver, BuildReport, Request};
use crate::error::Result;
use crate::linkback::address::Address;
use crate::linkback::inbox::state::InboxItem;
use crate::path::SourcePath;
use crate::receive::moderation::apply::{self, BackMatterChanges};
use crate::receive::moderation::policy::ModerationPolicy;
use crate::receive::notify::{self, Notification, NotifyFailure};
use crate::receive::queue::store::LinkbackStore;
use crate::receive::site_index::addresses::{LinkTarget, TargetIndex};
use crate::scan;

/// A site and its linkbacks.
pub struct ModerationService {
    /// How the site is built.
    pub request: Request,
    /// Its settings.
    pub config: Config,
    /// Its posts, by their addresses.
    pub addresses: TargetIndex,
    /// Whom it trusts.
    pub judge: ModerationPolicy,
    /// Its linkbacks.
    pub store: LinkbackStore,
    /// What is wrong with the site, and keeps it from being built.
    pub diagnostics: Vec<Diagnostic>,
}

/// What followed from decisions.
#[derive(Debug, Default)]
pub struct ApplyReport {
    /// What was written.
    pub written: BackMatterChanges,
    /// The build, if there was anything to build.
    pub report: Option<BuildReport>,
    /// The posts whose pages changed, with their addresses.
    pub posts: Vec<(String, String)>,
    /// Who could not be told.
    pub untold: Vec<NotifyFailure>,
}

impl ApplyReport {
    /// Whether everything went as it should.
    pub fn is_whole(&self) -> bool {
        self.written.faults.is_empty()
            && self.untold.is_empty()
            && self.report.as_ref().is_none_or(|report| report.built)
    }

    /// What others may want to know of it.
    pub fn news(&self) -> Option<Notification> {
        let is_built = self.report.as_ref().is_some_and(|report| report.built);
        is_built
            .then(|| Notification::Changed { posts: self.posts.clone(), items: self.written.items.clone() })
    }
}

impl ModerationService {
    /// Opens the database of a site, and reads the site.
    pub fn open(request: &Request, database: Option<&Path>) -> Result<Self> {
        let snapshot = engine::snapshot(request)?;
        let (plan, diagnostics) = (Arc::clone(&snapshot.plan), snapshot.diagnostics());
        let config = plan.site.config.clone();
        let path = database.map_or_else(|| request.root.join(&config.linkbacks.database), Path::to_owned);
        Ok(Self {
            request: request.clone(),
            addresses: TargetIndex::of(&plan),
            judge: ModerationPolicy::of(&request.root, &plan),
            store: LinkbackStore::open(&path)?,
            config,
            diagnostics: diagnostics.into_iter().filter(Diagnostic::is_error).collect(),
        })
    }

    /// The post of a linkback, by its address, else by the file it had when the linkback came.
    pub fn post_of(&self, item: &InboxItem) -> Option<SourcePath> {
        post_of(&self.addresses, &self.request.root, item)
    }

    /// Writes what was decided, builds the site if that changed it, and tells whom the settings name.
    pub fn bring_in(&mut self, now: DateTime<Utc>, observer: &dyn BuildObserver) -> Result<ApplyReport> {
        let mut brought = self.rebuild(now, observer)?;
        if let Some(news) = brought.news() {
            brought.untold.extend(notify::tell(&news, &self.config, &self.request.root));
        }
        Ok(brought)
    }

    /// Writes what was decided and the list of the day, and builds the site if that changed it.
    pub fn rebuild(&mut self, now: DateTime<Utc>, observer: &dyn BuildObserver) -> Result<ApplyReport> {
        let Self { store, request, config, addresses, .. } = self;
        let written =
            apply::write(store, &request.root, config, &|item| post_of(addresses, &request.root, item))?;
        let mut brought = ApplyReport { written, ..ApplyReport::default() };
        if !brought.written.posts.is_empty() {
            brought.posts = self.changed_posts(&brought.written);
            brought.report = Some(engine::run(&Request { now, ..self.request.clone() }, observer)?);
        }
        if let Err(error) = notify::write_digest(&self.store, &self.config, &self.request.root, now) {
            let whom = self.config.linkbacks.moderation.digest.clone().unwrap_or_default();
            brought.untold.push(NotifyFailure { whom, reason: error.to_string() });
        }
        Ok(brought)
    }

    /// The files and addresses of the posts that were written.
    fn changed_posts(&self, written: &BackMatterChanges) -> Vec<(String, String)> {
        let address = |post: &SourcePath| {
            let item = written.items.iter().find(|item| self.post_of(item).as_ref() == Some(post));
            item.map_or_else(String::new, |item| item.target.clone())
        };
        written.posts.iter().map(|post| (post.to_string(), address(post))).collect()
    }
}

/// The post that a linkback is for, if it is shown.
pub(in crate::receive) fn target<'a>(
    addresses: &'a TargetIndex,
    item: &InboxItem,
) -> Option<&'a Arc<LinkTarget>> {
    addresses.find(&Address::parse(&item.target).ok()?)
}

fn post_of(addresses: &TargetIndex, root: &Path, item: &InboxItem) -> Option<SourcePath> {
    let by_address = target(addresses, item).map(|target| target.post.clone());
    // A draft has no address, and keeps its linkbacks.
    by_address
        .or_else(|| SourcePath::new(&item.post).filter(|post| scan::on_disk(root, post.as_str()).is_file()))
}
