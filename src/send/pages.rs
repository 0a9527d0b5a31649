//! Renders the own pages as a build would, to compare them with what is online.
//!
//! The output of the last build cannot be used: it may be older than the posts, or on another machine.

use std::collections::HashMap;
use std::path::PathBuf;
use std::result::Result;
use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;
use url::Url;

use crate::diagnostic::Diagnostic;
use crate::engine::cache::highlights::Highlights;
use crate::engine::snapshot::{self, Snapshot};
use crate::engine::workspace::Workspace;
use crate::post::Post;
use crate::render::RenderWorker;
use crate::send::preflight::OnlinePage;

/// A page, or why there is none.
pub(super) type OnlinePageResult = Result<Arc<OnlinePage>, String>;

/// The pages of posts, each rendered when it is first needed.
pub(super) struct RenderedPosts {
    root: PathBuf,
    snapshot: Arc<Snapshot>,
    highlights: Arc<Highlights>,
    /// Made when the first page is rendered, as most runs render none.
    worker: OnceLock<Result<Mutex<RenderWorker>, String>>,
    /// The rendered pages, by the id of the post.
    known: Mutex<HashMap<String, OnlinePageResult>>,
}

impl RenderedPosts {
    pub(super) fn new(site: &mut Workspace) -> Self {
        Self {
            root: site.source().root.clone(),
            snapshot: site.snapshot(),
            highlights: site.highlights(),
            worker: OnceLock::new(),
            known: Mutex::default(),
        }
    }

    /// The page of a post.
    pub(super) fn of(&self, post: &Post) -> OnlinePageResult {
        if let Some(known) = self.known.lock().get(&post.id) {
            return known.clone();
        }
        let look = self.render(post).map(Arc::new);
        self.known.lock().insert(post.id.clone(), look.clone());
        look
    }

    fn render(&self, post: &Post) -> Result<OnlinePage, String> {
        let url = Url::parse(&self.snapshot.config.absolute(&post.url)).map_err(|error| error.to_string())?;
        let page = self.snapshot.plan.page_at(&post.url).ok_or("the post has no page of its own")?;
        let worker = self.worker.get_or_init(|| self.make_worker()).as_ref().map_err(String::clone)?;
        let rendered = snapshot::render(page, &self.snapshot.plan.render_input(page), &mut worker.lock());
        let bytes = rendered.map_err(|fault| not_rendered(&fault))?.bytes;
        Ok(OnlinePage::read(&url, 200, &url, "text/html; charset=utf-8", &bytes))
    }

    fn make_worker(&self) -> Result<Mutex<RenderWorker>, String> {
        let (renderer, faults) = self.snapshot.renderer(&self.root, &self.highlights);
        match faults.iter().find(|fault| fault.is_error()) {
            Some(fault) => Err(not_rendered(fault)),
            None => Ok(Mutex::new(renderer.worker())),
        }
    }
}

fn not_rendered(fault: &Diagnostic) -> String {
    format!("the page cannot be rendered: {}: {}", fault.path, fault.message)
}
