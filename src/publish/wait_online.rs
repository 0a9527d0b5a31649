//! After a publish: waits until the changed posts are online, and notifies the hub of the feeds.

use std::time::Duration;

use serde::Serialize;

use crate::config::publish::PublishTarget;
use crate::http::client::{Client, Request};
use crate::page::kinds::FileKind;
use crate::path::OutputPath;
use crate::publish::PublishPlan;
use crate::publish::diff::UploadReason;

/// A page that is to be online.
struct ExpectedPage {
    url: String,
    bytes: Vec<u8>,
}

/// How many posts are looked at: when they are online, so are the others.
const MOST_PAGES: usize = 10;
/// The longest time between two looks.
const LONGEST_LOOK: Duration = Duration::from_secs(10);

/// What is online after a publish.
#[derive(Debug, Default, Serialize)]
pub struct OnlineReport {
    /// Posts that are online as they were published.
    pub live: usize,
    /// Posts that were not online in time.
    pub late: Vec<LatePost>,
    /// Why the hub could not be notified, if it could not.
    pub hub: Option<String>,
}

/// A post that was not online in time.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct LatePost {
    pub url: String,
    /// What was found there instead.
    pub reason: String,
}

/// Waits until the changed posts are online, at most as long as the target says, and then notifies the hub of the target
/// of the changed feeds (WebSub section 7). `pause` waits between two looks.
pub fn wait(
    plan: &PublishPlan,
    target: &PublishTarget,
    client: &Client,
    pause: &dyn Fn(Duration),
) -> OnlineReport {
    let mut online = OnlineReport::default();
    let patience = Duration::from_secs(target.wait as u64);
    if !patience.is_zero() {
        let pages = pages(plan);
        online.late = late_posts(&pages, patience, client, pause);
        online.live = pages.len() - online.late.len();
    }
    if let Some(hub) = &target.hub {
        online.hub = notify_hub(client, hub, &feeds(plan)).err();
    }
    online
}

/// The posts that are not online when the time is over.
fn late_posts(
    pages: &[ExpectedPage],
    patience: Duration,
    client: &Client,
    pause: &dyn Fn(Duration),
) -> Vec<LatePost> {
    let mut wanted: Vec<&ExpectedPage> = pages.iter().collect();
    let (mut waited, mut next) = (Duration::ZERO, Duration::from_secs(1));
    loop {
        let mut late = Vec::new();
        wanted.retain(|page| match check_online(client, page) {
            Ok(()) => false,
            Err(reason) => {
                late.push(LatePost { url: page.url.clone(), reason });
                true
            }
        });
        if late.is_empty() || waited >= patience {
            return late;
        }
        pause(next);
        waited += next;
        next = (next * 2).min(LONGEST_LOOK);
    }
}

/// The posts that changed, the first of them.
fn pages(plan: &PublishPlan) -> Vec<ExpectedPage> {
    changed(plan, FileKind::Post)
        .filter_map(|path| {
            let url = plan.address(path)?;
            Some(ExpectedPage { url, bytes: plan.desired.bytes(path).ok()? })
        })
        .take(MOST_PAGES)
        .collect()
}

fn feeds(plan: &PublishPlan) -> Vec<String> {
    changed(plan, FileKind::Feed).filter_map(|path| plan.address(path)).collect()
}

fn changed(plan: &PublishPlan, kind: FileKind) -> impl Iterator<Item = &OutputPath> {
    let uploads = plan.diff.uploads.iter();
    uploads
        .filter(move |upload| upload.kind == kind && upload.why != UploadReason::Headers)
        .map(|upload| &upload.path)
}

/// Checks that a page is online as it was published; the error says what is there. Hosts add scripts to a page, but leave its
/// `<main>` as it is.
fn check_online(client: &Client, page: &ExpectedPage) -> Result<(), String> {
    let request = Request::get(&page.url)
        .purpose("looking whether a page is online")
        .header("cache-control", "no-cache");
    let answer = client.fetch(&request).map_err(|error| error.to_string())?;
    if answer.status != 200 {
        return Err(format!("the answer has status {}", answer.status));
    }
    let is_same =
        answer.body == page.bytes || main(&answer.body).is_some_and(|there| Some(there) == main(&page.bytes));
    if is_same { Ok(()) } else { Err("another page is there, perhaps an older one".to_owned()) }
}

/// What stands in a page's `<main>`.
fn main(page: &[u8]) -> Option<&[u8]> {
    let rest = page.get(find(page, b"<main")?..)?;
    rest.get(..find(rest, b"</main>")?)
}

fn find(bytes: &[u8], word: &[u8]) -> Option<usize> {
    bytes.windows(word.len()).position(|window| window == word)
}

/// Notifies a hub that feeds have changed. The error says why that failed.
fn notify_hub(client: &Client, hub: &str, feeds: &[String]) -> Result<(), String> {
    for feed in feeds {
        let request = Request::post_form(hub, &[("hub.mode", "publish"), ("hub.url", feed)]);
        match client.fetch(&request) {
            Ok(answer) if answer.is_success() => {}
            Ok(answer) => return Err(format!("it answered with status {}", answer.status)),
            Err(error) => return Err(error.to_string()),
        }
    }
    Ok(())
}
