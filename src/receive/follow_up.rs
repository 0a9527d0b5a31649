//! What follows a verification without a person: back matter that changed is written and the site built, and the
//! linkbacks that wait are announced. Its first work is what another process has decided and not written or built.
//!
//! One thread does this. Verifications that end close to each other are handled together: each build reads the site.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::engine::workspace::{Access, SiteSource, Workspace};
use crate::error::Result;
use crate::linkback::inbox::state::{InboxItem, Transition};
use crate::receive::moderation::service::ModerationService;
use crate::receive::notify::worker::NotificationQueue;
use crate::receive::notify::{Notification, digest};
use crate::receive::queue::store::LinkbackStore;
use crate::receive::verify::VerificationReport;
use crate::receive::verify::pool::OnVerified;
use crate::receive::{Event, OnEvent, Unattended};
use crate::sys::clock::Clock;
use crate::sys::worker::{BatchWorker, Batching};

/// Verifications with less than half a second between them are handled together.
const BATCHING: Batching = Batching { waiting: None, most: usize::MAX, quiet: Duration::from_millis(500) };

/// What the thread needs.
pub(super) struct FollowUpOptions {
    /// The site as it is built.
    pub(super) site: SiteSource,
    pub(super) database: PathBuf,
    pub(super) unattended: Unattended,
    pub(super) notifications: Arc<NotificationQueue>,
    pub(super) clock: Clock,
    pub(super) on_event: OnEvent,
}

/// The thread.
pub(super) struct FollowUp {
    worker: Arc<BatchWorker<FollowUpTask>>,
}

/// What the thread is sent.
enum FollowUpTask {
    /// Complete the decisions that another process began and did not end.
    Complete,
    /// Handle what was verified.
    Handle(Box<VerificationReport>),
}

impl FollowUp {
    pub(super) fn start(options: FollowUpOptions) -> Result<Self> {
        let worker =
            BatchWorker::start("follow-up", BATCHING, move |batch: Vec<_>| options.handle_all(&batch))?;
        // A thread that has just started has not panicked.
        let _ = worker.send(FollowUpTask::Complete);
        Ok(Self { worker: Arc::new(worker) })
    }

    /// Hands the reports of the pool to the thread.
    pub(super) fn on_verified(&self) -> OnVerified {
        let worker = Arc::clone(&self.worker);
        Arc::new(move |report| {
            // After a panic of the thread, which was reported, nothing follows from a report.
            let _ = worker.send(FollowUpTask::Handle(Box::new(report)));
        })
    }

    /// Waits until everything is handled. The pool has to be dropped before.
    pub(super) fn finish(self) {
        drop(self.worker);
    }
}

impl FollowUpTask {
    fn report(&self) -> Option<&VerificationReport> {
        match self {
            Self::Complete => None,
            Self::Handle(report) => Some(report),
        }
    }
}

impl FollowUpOptions {
    fn handle_all(&self, batch: &[FollowUpTask]) {
        let reports: Vec<&VerificationReport> = batch.iter().filter_map(FollowUpTask::report).collect();
        for report in &reports {
            (self.on_event)(&Event::Verified(report));
        }
        if self.unattended == Unattended::Apply
            && let Err(error) = self.handle(batch, &reports)
        {
            (self.on_event)(&Event::Failed(&error));
        }
    }

    fn handle(&self, batch: &[FollowUpTask], reports: &[&VerificationReport]) -> Result<()> {
        let completes = batch.iter().any(|task| matches!(task, FollowUpTask::Complete));
        let is_outstanding = completes && LinkbackStore::open(&self.database)?.outstanding()? > 0;
        if is_outstanding || reports.iter().any(|report| changes_site(report)) {
            self.apply()?;
        }
        let held: Vec<InboxItem> =
            reports.iter().filter(|report| is_held(report)).map(|report| report.item.clone()).collect();
        if !held.is_empty() {
            self.announce(held)?;
        }
        Ok(())
    }

    fn apply(&self) -> Result<()> {
        let now = self.clock.now();
        let site = Workspace::open(&self.site, now, Access::Build)?;
        let report = ModerationService::open(site, Some(&self.database))?.apply(&())?;
        (self.on_event)(&Event::Applied(&report));
        if let Some(notification) = report.notification() {
            self.notifications.push(notification);
        }
        Ok(())
    }

    fn announce(&self, held: Vec<InboxItem>) -> Result<()> {
        self.notifications.push(Notification::Held(held));
        let (config, _) = self.site.read_settings()?;
        let store = LinkbackStore::open(&self.database)?;
        digest::write(&store, &config, &self.site.root, self.clock.now())
    }
}

fn changes_site(report: &VerificationReport) -> bool {
    report.is_auto_approved || matches!(report.transition, Transition::Reworded | Transition::Removed)
}

fn is_held(report: &VerificationReport) -> bool {
    report.transition == Transition::Held && !report.is_auto_approved
}
