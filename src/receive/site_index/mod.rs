//! What the receiver needs of the site: its settings, and its posts by their addresses.
//!
//! The [updater](updater::IndexUpdater) reads the site again when its files change, and when a post becomes due or
//! expires. While the site cannot be read, the last index stays in force.

pub(crate) mod addresses;
pub(crate) mod updater;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use parking_lot::{Mutex, RwLock};

use crate::config::Config;
use crate::engine::snapshot::Change;
use crate::engine::workspace::Workspace;
use crate::error::Result;
use crate::receive::moderation::policy::ModerationPolicy;
use crate::receive::pages::ReceiverPages;
use crate::receive::site_index::addresses::TargetIndex;
use crate::site::Site;
use crate::sys::watch::ChangedPaths;

/// The site's posts by their addresses, replaced as a whole when the site changes.
pub struct SiteIndex {
    /// The site, if the index is to follow it.
    site: Option<Mutex<Workspace>>,
    current: RwLock<Arc<IndexSnapshot>>,
}

/// The index at one moment.
pub struct IndexSnapshot {
    pub config: Config,
    /// The posts and pages that can be linked to.
    pub targets: Arc<TargetIndex>,
    /// The lists of trust in the settings, and the sites that posts link to.
    pub policy: ModerationPolicy,
    /// The receiver's pages in the site's language.
    pub pages: Arc<ReceiverPages>,
    /// When a post will be shown, or no longer be, if nothing else changes.
    pub next_change: Option<DateTime<Utc>>,
}

impl SiteIndex {
    /// The index of a site, which follows it.
    pub fn of(mut site: Workspace) -> Self {
        let current = RwLock::new(Arc::new(IndexSnapshot::of(&mut site)));
        Self { site: Some(Mutex::new(site)), current }
    }

    /// The index of a site at one moment.
    pub fn fixed(snapshot: Arc<IndexSnapshot>) -> Self {
        Self { site: None, current: RwLock::new(snapshot) }
    }

    /// The index as it is now.
    pub fn snapshot(&self) -> Arc<IndexSnapshot> {
        Arc::clone(&self.current.read())
    }

    /// The posts and pages that can be linked to.
    pub fn targets(&self) -> Arc<TargetIndex> {
        Arc::clone(&self.snapshot().targets)
    }

    /// Brings the index up to date after a change of files, as the site is at `now`. If the settings cannot be read, the
    /// index stays as it was.
    pub fn refresh(&self, changed: &ChangedPaths, now: DateTime<Utc>) -> Result<()> {
        let Some(site) = &self.site else { return Ok(()) };
        let mut site = site.lock();
        if site.refresh(changed, now)? > Change::Nothing {
            *self.current.write() = Arc::new(IndexSnapshot::of(&mut site));
        }
        Ok(())
    }
}

impl IndexSnapshot {
    /// The index of a site as it was read last.
    pub fn of(site: &mut Workspace) -> Self {
        let snapshot = site.snapshot();
        Self {
            targets: Arc::new(TargetIndex::of(&snapshot.plan)),
            policy: ModerationPolicy::of(&site.source().root, &snapshot.plan),
            pages: Arc::new(ReceiverPages::of(&snapshot.theme, &snapshot.config)),
            next_change: next_change(&snapshot.plan.site),
            config: snapshot.config.clone(),
        }
    }
}

/// When the first post to come will be shown, or the first that expires no longer be.
fn next_change(site: &Site) -> Option<DateTime<Utc>> {
    let to_come =
        site.absent.iter().filter(|absent| !absent.post.front.draft).filter_map(|absent| absent.post.date);
    let to_go = site.shown().filter_map(|post| post.front.expires);
    let later =
        to_come.chain(to_go).map(|date| date.time().to_utc()).filter(|time| *time > site.now.time().to_utc());
    later.min()
}
