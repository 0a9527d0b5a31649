//! After a publish: are the changed posts online, and do those know who follow the feeds?

use std::time::Duration;

use serde::Serialize;

use crate::http::client::{Client, Request};
use crate::page::kind::FileKind;
use crate::path::OutputPath;
use crate::publish::PublishPlan;
use crate::publish::diff::UploadReason;

/// A page that has to be online.
struct ExpectedPage {
    url: String,
    bytes: Vec<u8>,
}

/// So many posts are looked at: when they are online, so are the others.
const MOST_PAGES: usize = 10;
/// The longest time between two looks.
const LONGEST_LOOK: Duration = Duration::from_secs(10);

/// What became of a publish online.
#[derive(Debug, Default, Serialize)]
pub struct OnlineReport {
    /// Posts that are online as they were published.
    pub live: usize,
    /// Posts that were not online in time.
    pub late: Vec<LatePost>,
    /// Why the hub could not be told, if it could not.
    pub hub: Option<String>,
}

/// A post that was not online in time.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct LatePost {
    /// Its address.
    pub url: String,
    /// What was found there instead.
    pub reason: String,
}

/// Looks at the changed posts until they are online, at most so long, and then tells the hub of the target about the
/// changed feeds (WebSub section 7).
pub fn look(
    publication: &PublishPlan,
    client: &Client,
    (patience, hub): (Duration, Option<&str>),
    pause: &dyn Fn(Duration),
) -> OnlineReport {
    let mut online = OnlineReport::default();
    if !patience.is_zero() {
        let pages = pages(publication);
        let mut missing: Vec<(&ExpectedPage, String)> = Vec::new();
        let (mut waited, mut next) = (Duration::ZERO, Duration::from_secs(1));
        loop {
            let wanted: Vec<&ExpectedPage> = match waited.is_zero() {
                true => pages.iter().collect(),
                false => missing.iter().map(|(page, _)| *page).collect(),
            };
            let look = |page| is_live(client, page).err().map(|reason| (page, reason));
            missing = wanted.into_iter().filter_map(look).collect();
            if missing.is_empty() || waited >= patience {
                break;
            }
            pause(next);
            waited += next;
            next = (next * 2).min(LONGEST_LOOK);
        }
        online.live = pages.len() - missing.len();
        let late = |(page, reason): (&ExpectedPage, String)| LatePost { url: page.url.clone(), reason };
        online.late = missing.into_iter().map(late).collect();
    }
    if let Some(hub) = hub {
        online.hub = tell(client, hub, &feeds(publication)).err();
    }
    online
}

/// The posts that changed, the first of them.
fn pages(publication: &PublishPlan) -> Vec<ExpectedPage> {
    changed(publication, FileKind::Post)
        .filter_map(|path| {
            let url = publication.address(path)?;
            Some(ExpectedPage { url, bytes: publication.desired.bytes(path).ok()? })
        })
        .take(MOST_PAGES)
        .collect()
}

fn feeds(publication: &PublishPlan) -> Vec<String> {
    changed(publication, FileKind::Feed).filter_map(|path| publication.address(path)).collect()
}

fn changed(publication: &PublishPlan, kind: FileKind) -> impl Iterator<Item = &OutputPath> {
    let uploads = publication.diff.uploads.iter();
    uploads
        .filter(move |upload| upload.kind == kind && upload.why != UploadReason::Headers)
        .map(|upload| &upload.path)
}

/// Whether a page is online as it was published; the error says what is there. Hosts add scripts of their own to a page, but
/// not to its text.
fn is_live(client: &Client, page: &ExpectedPage) -> Result<(), String> {
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
    let find = |bytes: &[u8], word: &[u8]| bytes.windows(word.len()).position(|window| window == word);
    let begin = find(page, b"<main")?;
    let rest = page.get(begin..)?;
    rest.get(..find(rest, b"</main>")?)
}

/// Tells a hub that feeds have changed. The error says why it could not be told.
fn tell(client: &Client, hub: &str, feeds: &[String]) -> Result<(), String> {
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
