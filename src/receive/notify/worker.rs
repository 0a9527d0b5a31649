//! Delivers notifications while the receiver goes on: one thread, one command at a time.
//!
//! A command that publishes may take minutes. Notifications that come while it runs are combined and delivered when it
//! has ended: ten decisions in a row are at most two runs, never ten at once.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;

use crate::engine::workspace::SiteSource;
use crate::error::Result;
use crate::linkback::inbox::state::InboxItem;
use crate::receive::notify::{self, ChangedPost, Notification, NotifyFailure};
use crate::sys::worker::{BatchWorker, Batching};

/// Called with each failure, from the thread that delivers.
pub(crate) type OnNotifyFailure = Arc<dyn Fn(&NotifyFailure) + Send + Sync>;

/// Everything that waits is delivered together.
const BATCHING: Batching = Batching { waiting: None, most: usize::MAX, quiet: Duration::ZERO };

/// Failures that are kept for the moderation page.
const MAX_FAILURES: usize = 20;

/// The thread and its queue. When this is dropped the thread delivers what is queued, and ends.
pub struct NotificationQueue {
    worker: BatchWorker<Notification>,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    failures: Mutex<Vec<NotifyFailure>>,
    /// Notifications that are not delivered yet.
    pending: AtomicUsize,
}

impl NotificationQueue {
    /// Starts the thread for a site.
    pub fn start(site: SiteSource, on_failure: OnNotifyFailure) -> Result<Self> {
        let shared: Arc<Shared> = Arc::default();
        let of_thread = Arc::clone(&shared);
        let worker = BatchWorker::start("notifications", BATCHING, move |notifications| {
            of_thread.deliver_all(notifications, &site, &on_failure);
        })?;
        Ok(Self { worker, shared })
    }

    /// Queues a notification.
    pub fn push(&self, notification: Notification) {
        self.shared.pending.fetch_add(1, Ordering::Relaxed);
        // After a panic of the thread, which was reported, nothing can be delivered.
        let _ = self.worker.send(notification);
    }

    /// Whether a notification is not delivered yet.
    pub fn is_busy(&self) -> bool {
        self.shared.pending.load(Ordering::Relaxed) > 0
    }

    /// The failures since this was called last.
    pub fn take_failures(&self) -> Vec<NotifyFailure> {
        std::mem::take(&mut *self.shared.failures.lock())
    }
}

impl Shared {
    fn deliver_all(&self, notifications: Vec<Notification>, site: &SiteSource, on_failure: &OnNotifyFailure) {
        let count = notifications.len();
        for failure in Batch::of(notifications).deliver(site) {
            on_failure(&failure);
            self.keep(failure);
        }
        self.pending.fetch_sub(count, Ordering::Relaxed);
    }

    fn keep(&self, failure: NotifyFailure) {
        let mut failures = self.failures.lock();
        failures.push(failure);
        let surplus = failures.len().saturating_sub(MAX_FAILURES);
        failures.drain(..surplus);
    }
}

/// Notifications that are delivered together.
#[derive(Debug, Default, PartialEq, Eq)]
struct Batch {
    held: BTreeMap<i64, InboxItem>,
    /// Addresses of posts by their files.
    posts: BTreeMap<String, String>,
    /// As they are after the last change.
    changed: BTreeMap<i64, InboxItem>,
}

impl Batch {
    fn of(notifications: Vec<Notification>) -> Self {
        let mut batch = Self::default();
        notifications.into_iter().for_each(|notification| batch.add(notification));
        batch
    }

    fn add(&mut self, notification: Notification) {
        match notification {
            Notification::Held(items) => self.held.extend(items.into_iter().map(|item| (item.id, item))),
            Notification::Changed { posts, items } => {
                self.posts.extend(posts.into_iter().map(|post| (post.file, post.url)));
                self.changed.extend(items.into_iter().map(|item| (item.id, item)));
            }
        }
    }

    /// What is delivered, changes of the site first.
    fn into_notifications(self) -> impl Iterator<Item = Notification> {
        let changed = (!self.posts.is_empty()).then(|| Notification::Changed {
            posts: self.posts.into_iter().map(|(file, url)| ChangedPost { file, url }).collect(),
            items: self.changed.into_values().collect(),
        });
        let held = (!self.held.is_empty()).then(|| Notification::Held(self.held.into_values().collect()));
        changed.into_iter().chain(held)
    }

    /// Delivers by the settings of this moment.
    fn deliver(self, site: &SiteSource) -> Vec<NotifyFailure> {
        match site.read_settings() {
            Ok((config, _)) => self
                .into_notifications()
                .flat_map(|notification| notify::notify(&notification, &config, &site.root))
                .collect(),
            Err(error) => {
                vec![NotifyFailure { recipient: "settings".to_owned(), reason: error.to_string() }]
            }
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;

    use super::*;

    fn changed(post: &str) -> Notification {
        Notification::Changed {
            posts: vec![ChangedPost { file: post.to_owned(), url: format!("https://example.com/{post}") }],
            items: vec![],
        }
    }

    /// The first run waits until the second and third news are there.
    #[test]
    fn notifications_that_come_while_a_command_runs_are_delivered_together() {
        let root = tempfile::tempdir().expect("there is room");
        let write = |name: &str, text: &str| fs::write(root.path().join(name), text).expect("there is room");
        let script = "echo $BACKMATTER_POSTS >> told; until test -e go; do sleep 0.01; done";
        write(
            "backmatter.toml",
            &format!("base_url = 'https://example.com'\n[linkbacks]\non_change = ['sh', '-c', '{script}']\n"),
        );
        let queue =
            NotificationQueue::start(SiteSource::at(root.path()), Arc::new(|_| ())).expect("it starts");
        queue.push(changed("a"));
        let told = root.path().join("told");
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
        while !told.exists() {
            assert!(std::time::Instant::now() < deadline, "the command is not run");
            std::thread::yield_now();
        }
        for post in ["c", "b", "c"] {
            queue.push(changed(post));
        }
        assert!(queue.is_busy());
        write("go", "");
        drop(queue);
        assert_eq!(fs::read_to_string(told).expect("it was written"), "a\nb c\n");
    }
}
