//! What the receiver needs of the site: its settings, and its posts by their addresses.
//!
//! The [updater](updater::IndexUpdater) reads the site again when its files change, and when a post becomes due or
//! expires. While the site cannot be read, the last index stays in force.

pub mod addresses;
pub mod updater;

use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use parking_lot::RwLock;

use crate::config::Config;
use crate::engine::{self, Request};
use crate::error::Result;
use crate::receive::moderation::policy::ModerationPolicy;
use crate::receive::pages::ReceiverPages;
use crate::receive::site_index::addresses::TargetIndex;
use crate::site::Site;

/// The site's posts by their addresses, replaced as a whole when the site changes.
pub struct SiteIndex {
    request: Request,
    current: RwLock<Arc<IndexSnapshot>>,
}

/// The index at one moment.
pub struct IndexSnapshot {
    /// The settings.
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
    /// Reads the site.
    pub fn open(request: Request) -> Result<Self> {
        let snapshot = Arc::new(IndexSnapshot::read(&request)?);
        Ok(Self::of(request, snapshot))
    }

    /// The index of a site that was read.
    pub fn of(request: Request, snapshot: Arc<IndexSnapshot>) -> Self {
        Self { request, current: RwLock::new(snapshot) }
    }

    /// The index as it is now.
    pub fn snapshot(&self) -> Arc<IndexSnapshot> {
        Arc::clone(&self.current.read())
    }

    /// The posts and pages that can be linked to.
    pub fn targets(&self) -> Arc<TargetIndex> {
        Arc::clone(&self.snapshot().targets)
    }

    /// The folder of the site.
    pub fn root(&self) -> &Path {
        &self.request.root
    }

    /// Reads the site again, as it is at `now`. If that fails, the index stays as it was.
    pub fn reload(&self, now: DateTime<Utc>) -> Result<()> {
        let snapshot = IndexSnapshot::read(&Request { now, ..self.request.clone() })?;
        *self.current.write() = Arc::new(snapshot);
        Ok(())
    }
}

impl IndexSnapshot {
    /// Reads a site.
    pub fn read(request: &Request) -> Result<Self> {
        let snapshot = engine::snapshot(request)?;
        let site = &snapshot.plan.site;
        Ok(Self {
            targets: Arc::new(TargetIndex::of(&snapshot.plan)),
            policy: ModerationPolicy::of(&request.root, &snapshot.plan),
            pages: Arc::new(ReceiverPages::of(&snapshot.theme, &snapshot.config)),
            next_change: next_change(site),
            config: snapshot.config,
        })
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
