//! The moderation service: a site, its linkbacks, and what follows from a decision.
//!
//! Every decision ends with [`ModerationService::apply`]: back matter files are written, and the site is built.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::engine::workspace::Workspace;
use crate::engine::{BuildObserver, BuildOptions, BuildReport};
use crate::error::Result;
use crate::linkback::back_matter;
use crate::linkback::inbox::state::InboxItem;
use crate::path::SourcePath;
use crate::receive::moderation::apply::{self, BackMatterChanges};
use crate::receive::notify::{self, ChangedPost, Notification, NotifyFailure, digest};
use crate::receive::queue::store::LinkbackStore;
use crate::receive::site_index::IndexSnapshot;
use crate::receive::site_index::addresses::TargetIndex;
use crate::scan;
use crate::sys::watch::ChangedPaths;

/// A site and its linkbacks.
pub struct ModerationService {
    pub workspace: Workspace,
    /// What the receiver needs of it, as it was when the service was opened.
    pub site: Arc<IndexSnapshot>,
    pub store: LinkbackStore,
}

/// What followed from decisions.
#[derive(Debug, Default)]
pub struct ApplyReport {
    /// The changes of back matter files.
    pub changes: BackMatterChanges,
    /// The build, if a file changed.
    pub build: Option<BuildReport>,
    /// The posts whose pages changed.
    pub posts: Vec<ChangedPost>,
    pub failures: Vec<NotifyFailure>,
}

impl ApplyReport {
    /// Whether nothing failed.
    pub fn is_complete(&self) -> bool {
        self.changes.faults.is_empty()
            && self.failures.is_empty()
            && self.build.as_ref().is_none_or(|build| build.built)
    }

    /// The notification of the changes, if the site was built with them.
    pub fn notification(&self) -> Option<Notification> {
        self.build.as_ref().filter(|build| build.built)?;
        Some(Notification::Changed { posts: self.posts.clone(), items: self.changes.items.clone() })
    }
}

impl ModerationService {
    /// Reads a site, and opens its database: that of the settings, unless another one is named.
    pub fn open(mut workspace: Workspace, database: Option<&Path>) -> Result<Self> {
        let site = Arc::new(IndexSnapshot::of(&mut workspace));
        let of_settings = || workspace.source().root.join(&site.config.linkbacks.database);
        let store = LinkbackStore::open(&database.map_or_else(of_settings, Path::to_owned))?;
        Ok(Self { workspace, site, store })
    }

    fn root(&self) -> &Path {
        &self.workspace.source().root
    }

    /// Applies decisions as [`Self::apply`] does, and notifies the recipients of the settings.
    pub fn apply_and_notify(&mut self, observer: &dyn BuildObserver) -> Result<ApplyReport> {
        let mut report = self.apply(observer)?;
        if let Some(notification) = report.notification() {
            report.failures.extend(notify::notify(&notification, &self.site.config, self.root()));
        }
        Ok(report)
    }

    /// Writes what was decided into back matter files, builds the site if a build has something to show, and writes the
    /// daily list. What another process has begun and not ended is completed as well.
    pub fn apply(&mut self, observer: &dyn BuildObserver) -> Result<ApplyReport> {
        let Self { store, workspace, site } = self;
        let (root, now) = (&workspace.source().root, workspace.now());
        let mut changes =
            apply::write(store, root, &site.config, &|item| post_of(&site.targets, root, item))?;
        let unbuilt = store.unbuilt()?;
        changes.posts.extend(unbuilt.iter().filter_map(|item| post_of(&site.targets, root, item)));
        changes.items.clone_from(&unbuilt);
        let mut report = ApplyReport { changes, ..ApplyReport::default() };
        if !unbuilt.is_empty() {
            report.posts = self.changed_posts(&report.changes);
            let files = report.changes.posts.iter().map(|post| self.back_matter_file(post));
            let changed = ChangedPaths { paths: files.collect(), and_others: false };
            self.workspace.refresh(&changed, now)?;
            let build = self.workspace.build(&BuildOptions::default(), observer)?;
            if build.built {
                self.store.mark_built(&unbuilt)?;
            }
            report.build = Some(build);
        }
        let config = &self.site.config;
        if let Err(error) = digest::write(&self.store, config, self.root(), now) {
            let recipient = config.linkbacks.moderation.digest.clone().unwrap_or_default();
            report.failures.push(NotifyFailure { recipient, reason: error.to_string() });
        }
        Ok(report)
    }

    fn back_matter_file(&self, post: &SourcePath) -> PathBuf {
        scan::on_disk(self.root(), back_matter::path_of(post).as_str())
    }

    fn changed_posts(&self, changes: &BackMatterChanges) -> Vec<ChangedPost> {
        let posts = changes.posts.iter();
        posts.map(|post| ChangedPost { file: post.to_string(), url: self.url_of(post, changes) }).collect()
    }

    /// The address of a post that changed, as its linkbacks have it: a draft is not in the index.
    fn url_of(&self, post: &SourcePath, changes: &BackMatterChanges) -> String {
        let mut items = changes.items.iter();
        let item = items.find(|item| post_of(&self.site.targets, self.root(), item).as_ref() == Some(post));
        item.map_or_else(String::new, |item| item.target.clone())
    }
}

/// The post of a linkback, by its address, else by the file it had when the linkback came.
fn post_of(targets: &TargetIndex, root: &Path, item: &InboxItem) -> Option<SourcePath> {
    if let Some(target) = targets.of_item(item) {
        return Some(target.post.clone());
    }
    // A draft has no address, and keeps its linkbacks.
    SourcePath::new(&item.post).filter(|post| scan::on_disk(root, post.as_str()).is_file())
}
