//! The events a browser gets: its page has changed, or files it may have loaded have.
//!
//! After each change the page is rendered again and compared with what the browser has. So a change that does not show
//! sends no event, and one that shows is not missed, even if the browser was away.

use std::sync::Arc;

use serde_json::json;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use crate::preview::handlers::{PreviewResource, find};
use crate::preview::served::{CurrentSite, PreviewState};

/// An event for a browser.
pub(super) struct BrowserEvent {
    pub(super) name: &'static str,
    pub(super) data: String,
}

/// The news for a browser that shows `page` in the version `seen`.
pub(super) fn of_page(
    shared: Arc<PreviewState>,
    page: String,
    mut seen: String,
) -> ReceiverStream<BrowserEvent> {
    let (send, receive) = mpsc::channel(4);
    tokio::spawn(async move {
        let mut changes = shared.subscribe();
        let mut told = *changes.borrow_and_update();
        loop {
            let (own, at, has) = (Arc::clone(&shared), page.clone(), seen.clone());
            let looked = tokio::task::spawn_blocking(move || look(&own, &at, &has, told)).await;
            // A panic was reported where it happened; the next change may mend it.
            if let Ok(look) = looked {
                for news in look.news {
                    if send.send(news).await.is_err() {
                        return;
                    }
                }
                (seen, told) = (look.version, look.generation);
            }
            let goes_on = tokio::select! {
                changed = changes.changed() => changed.is_ok(),
                () = send.closed() => false,
            };
            if !goes_on {
                return;
            }
        }
    });
    ReceiverStream::new(receive)
}

/// What there is to tell.
struct LiveUpdate {
    news: Vec<BrowserEvent>,
    /// The version of the page now.
    version: String,
    /// The generation up to which files have been told of.
    generation: u64,
}

fn look(shared: &PreviewState, page: &str, seen: &str, told: u64) -> LiveUpdate {
    let CurrentSite { generation, site: shown } = shared.now();
    let found = find(shared, page);
    let version = found.version().to_owned();
    let mut news = Vec::new();
    if version != seen {
        news.push(BrowserEvent { name: "page", data: version.clone() });
    }
    let config = &shown.plan.site.config;
    let files = shared.files_since(told).into_iter().map(|url| config.url(&url));
    let files: Vec<String> = files.filter(|url| concerns(&found, url)).collect();
    if !files.is_empty() {
        news.push(BrowserEvent { name: "files", data: json!(files).to_string() });
    }
    LiveUpdate { news, version, generation }
}

/// Whether a page may show a file: it names it, or its style sheets may.
fn concerns(found: &PreviewResource, url: &str) -> bool {
    let PreviewResource::Page { html, .. } = found else { return false };
    const OF_SHEETS: [&str; 10] =
        [".css", ".woff", ".woff2", ".ttf", ".otf", ".png", ".jpg", ".svg", ".webp", ".avif"];
    OF_SHEETS.iter().any(|end| url.ends_with(end))
        || html.windows(url.len()).any(|window| window == url.as_bytes())
}
