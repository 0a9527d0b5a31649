//! Tells others while the receiver goes on: one thread, one command at a time.
//!
//! A command that publishes may take minutes. What happens while it runs is told together when it has ended: ten
//! decisions in a row are at most two runs, never ten at once.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use parking_lot::Mutex;

use crate::engine::{self, Request};
use crate::error::{Error, Result};
use crate::linkback::inbox::state::InboxItem;
use crate::receive::notify::{self, Notification, NotifyFailure};

/// Hears of whom could not be told.
pub type OnNotifyFailure = Arc<dyn Fn(&NotifyFailure) + Send + Sync>;

/// Complaints that are kept for whoever looks next.
const MOST_KEPT: usize = 20;

/// The thread. When this is dropped it tells what it has heard, and ends.
pub struct NotificationQueue {
    /// Dropped to stop.
    news: Option<mpsc::Sender<Notification>>,
    thread: Option<JoinHandle<()>>,
    untold: Arc<Mutex<Vec<NotifyFailure>>>,
    /// News that are not told yet.
    open: Arc<AtomicUsize>,
}

impl NotificationQueue {
    /// Starts it for a site.
    pub fn begin(request: Request, complain: OnNotifyFailure) -> Result<Self> {
        let (sender, news) = mpsc::channel();
        let untold: Arc<Mutex<Vec<NotifyFailure>>> = Arc::default();
        let kept = Arc::clone(&untold);
        let open: Arc<AtomicUsize> = Arc::default();
        let still_open = Arc::clone(&open);
        let thread = std::thread::Builder::new().name("herald".to_owned());
        let thread = thread
            .spawn(move || {
                while let Some(all) = next(&news) {
                    let count = all.count;
                    for failed in all.tell(&request) {
                        complain(&failed);
                        let mut kept = kept.lock();
                        kept.push(failed);
                        let surplus = kept.len().saturating_sub(MOST_KEPT);
                        kept.drain(..surplus);
                    }
                    still_open.fetch_sub(count, Ordering::Relaxed);
                }
            })
            .map_err(Error::io("start", Path::new("herald")))?;
        Ok(Self { news: Some(sender), thread: Some(thread), untold, open })
    }

    /// Tells this when what was told before is done.
    pub fn tell(&self, news: Notification) {
        let sender = self.news.as_ref().expect("it is there until this is dropped");
        self.open.fetch_add(1, Ordering::Relaxed);
        // The thread ends after the last of those who tell it anything.
        let _ = sender.send(news);
    }

    /// Whether there is something that is not told yet.
    pub fn is_telling(&self) -> bool {
        self.open.load(Ordering::Relaxed) > 0
    }

    /// Whom it could not tell since this was asked last.
    pub fn untold(&self) -> Vec<NotifyFailure> {
        std::mem::take(&mut *self.untold.lock())
    }
}

impl Drop for NotificationQueue {
    fn drop(&mut self) {
        self.news = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// News that are told together.
#[derive(Debug, Default, PartialEq, Eq)]
struct Together {
    /// How many they are.
    count: usize,
    held: BTreeMap<i64, InboxItem>,
    posts: BTreeMap<String, String>,
    /// As they are after the last change.
    changed: BTreeMap<i64, InboxItem>,
}

/// Waits for news, and takes all there are. `None` when nobody can send any more.
fn next(news: &mpsc::Receiver<Notification>) -> Option<Together> {
    let mut all = Together::default();
    all.add(news.recv().ok()?);
    while let Ok(more) = news.try_recv() {
        all.add(more);
    }
    Some(all)
}

impl Together {
    fn add(&mut self, news: Notification) {
        self.count += 1;
        match news {
            Notification::Held(items) => self.held.extend(items.into_iter().map(|item| (item.id, item))),
            Notification::Changed { posts, items } => {
                self.posts.extend(posts);
                self.changed.extend(items.into_iter().map(|item| (item.id, item)));
            }
        }
    }

    /// What is to be told, the site's own changes first.
    fn news(self) -> impl Iterator<Item = Notification> {
        let changed = (!self.posts.is_empty()).then(|| Notification::Changed {
            posts: self.posts.into_iter().collect(),
            items: self.changed.into_values().collect(),
        });
        let held = (!self.held.is_empty()).then(|| Notification::Held(self.held.into_values().collect()));
        changed.into_iter().chain(held)
    }

    /// Tells whom the settings of this moment name.
    fn tell(self, request: &Request) -> Vec<NotifyFailure> {
        match engine::settings(request) {
            Ok((config, _)) => {
                self.news().flat_map(|news| notify::tell(&news, &config, &request.root)).collect()
            }
            Err(error) => vec![NotifyFailure { whom: "settings".to_owned(), reason: error.to_string() }],
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;

    use super::*;
    use crate::site::order::Selection;

    fn news(post: &str) -> Notification {
        Notification::Changed {
            posts: vec![(post.to_owned(), format!("https://example.com/{post}"))],
            items: vec![],
        }
    }

    /// The first run waits until the second and third news are there.
    #[test]
    fn what_happens_while_a_command_runs_is_told_together() {
        let root = tempfile::tempdir().expect("there is room");
        let write = |name: &str, text: &str| fs::write(root.path().join(name), text).expect("there is room");
        let script = "echo $BACKMATTER_POSTS >> told; until test -e go; do sleep 0.01; done";
        write(
            "backmatter.toml",
            &format!("base_url = 'https://example.com'\n[linkbacks]\non_change = ['sh', '-c', '{script}']\n"),
        );
        let request = Request {
            root: root.path().to_owned(),
            settings: None,
            output: None,
            base_url: None,
            receiver: None,
            selection: Selection::default(),
            now: chrono::DateTime::UNIX_EPOCH,
            strict: false,
            why: None,
        };
        let herald = NotificationQueue::begin(request, Arc::new(|_| ())).expect("it starts");
        herald.tell(news("a"));
        let told = root.path().join("told");
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
        while !told.exists() {
            assert!(std::time::Instant::now() < deadline, "the command is not run");
            std::thread::yield_now();
        }
        for post in ["c", "b", "c"] {
            herald.tell(news(post));
        }
        assert!(herald.is_telling());
        write("go", "");
        drop(herald);
        assert_eq!(fs::read_to_string(told).expect("it was written"), "a\nb c\n");
    }
}
