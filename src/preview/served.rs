//! What is shown until something changes, and the pages that were looked at last.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};
use tokio::sync::watch;

use crate::diagnostic::Diagnostic;
use crate::engine::snapshot;
use crate::page::{Page, Plan};
use crate::path::{SourcePath, UrlPath};
use crate::preview::Reload;
use crate::preview::editor::EditorCommand;
use crate::preview::pictures::PictureDesk;
use crate::render::{RenderWorker, Renderer};
use crate::scan::FileOrigin;
use crate::theme::Theme;

/// A site, ready to be looked at. It never changes; another one takes its place.
pub(super) struct ServedSite {
    pub(super) plan: Arc<Plan>,
    pub(super) theme: Arc<Theme>,
    /// What renders them; none if the templates had a fault from the start.
    pub(super) renderer: Option<Renderer>,
    /// Where the bytes of copied files are.
    pub(super) origins: Arc<BTreeMap<SourcePath, FileOrigin>>,
    pub(super) faults: Vec<Diagnostic>,
    /// People who can render: each costs more than a page.
    workers: Mutex<Vec<RenderWorker>>,
}

impl ServedSite {
    pub(super) fn new(
        plan: Arc<Plan>,
        theme: Arc<Theme>,
        renderer: Option<Renderer>,
        origins: Arc<BTreeMap<SourcePath, FileOrigin>>,
        faults: Vec<Diagnostic>,
    ) -> Self {
        Self { plan, theme, renderer, origins, faults, workers: Mutex::default() }
    }

    fn render(&self, page: &Page) -> Result<Vec<u8>, Option<Box<Diagnostic>>> {
        let worker = self.workers.lock().pop();
        let mut worker = match (worker, &self.renderer) {
            (Some(worker), _) => worker,
            (None, Some(renderer)) => renderer.worker(),
            (None, None) => return Err(None),
        };
        let rendered = snapshot::render(page, &self.plan.render_input(page), &mut worker);
        self.workers.lock().push(worker);
        rendered.map(|rendered| rendered.bytes).map_err(Some)
    }
}

/// A page as it was rendered, before anything was added to it.
#[derive(Clone)]
pub(super) struct RenderedPage {
    /// Its bytes, or those it had when it could last be rendered; none if that never was.
    pub(super) bytes: Option<Arc<Vec<u8>>>,
    /// Why it cannot be rendered now.
    pub(super) fault: Option<Box<Diagnostic>>,
}

/// The site that is shown now, and how many there were before it.
#[derive(Clone)]
pub(super) struct CurrentSite {
    pub(super) generation: u64,
    pub(super) site: Arc<ServedSite>,
}

/// What the threads of a preview share.
pub(super) struct PreviewState {
    current: RwLock<CurrentSite>,
    cache: Mutex<PageCache>,
    generation: watch::Sender<u64>,
    /// Copied files by the generation in which they changed, the newest last.
    files: Mutex<VecDeque<(u64, UrlPath)>>,
    /// Makes smaller pictures.
    pub(super) pictures: Arc<PictureDesk>,
    pub(super) root: PathBuf,
    pub(super) reload: Reload,
    pub(super) editor: Option<EditorCommand>,
}

/// Changes of files that are remembered for browsers which have not been told yet.
const FILES: usize = 256;

impl PreviewState {
    pub(super) fn new(
        shown: ServedSite,
        root: PathBuf,
        reload: Reload,
        editor: Option<EditorCommand>,
    ) -> Self {
        Self {
            current: RwLock::new(CurrentSite { generation: 0, site: Arc::new(shown) }),
            cache: Mutex::default(),
            generation: watch::Sender::new(0),
            files: Mutex::default(),
            pictures: PictureDesk::new(&root),
            root,
            reload,
            editor,
        }
    }

    /// What is shown now.
    pub(super) fn now(&self) -> CurrentSite {
        self.current.read().clone()
    }

    /// Shows something else from now on, in which these copied files are other ones.
    pub(super) fn show(&self, shown: ServedSite, files: Vec<UrlPath>) {
        let generation = {
            let mut current = self.current.write();
            let generation = current.generation + 1;
            let mut log = self.files.lock();
            log.extend(files.into_iter().map(|file| (generation, file)));
            let surplus = log.len().saturating_sub(FILES);
            log.drain(..surplus);
            *current = CurrentSite { generation, site: Arc::new(shown) };
            generation
        };
        self.generation.send_replace(generation);
    }

    /// A receiver of every change.
    pub(super) fn subscribe(&self) -> watch::Receiver<u64> {
        self.generation.subscribe()
    }

    /// Copied files that changed after a generation.
    pub(super) fn files_since(&self, generation: u64) -> Vec<UrlPath> {
        let files = self.files.lock();
        files.iter().filter(|(changed, _)| *changed > generation).map(|(_, url)| url.clone()).collect()
    }

    /// A page, rendered now or a moment ago.
    pub(super) fn render_page(&self, current: &CurrentSite, page: &Page) -> RenderedPage {
        let CurrentSite { generation, site: shown } = current;
        if let Some(rendered) = self.cache.lock().of_generation(&page.url, *generation) {
            return rendered;
        }
        let rendered = match shown.render(page) {
            Ok(bytes) => RenderedPage { bytes: Some(Arc::new(bytes)), fault: None },
            Err(fault) => RenderedPage { bytes: self.last_good(&page.url), fault },
        };
        self.cache.lock().keep(&page.url, *generation, rendered.clone());
        rendered
    }

    /// The bytes of a page when it was last looked at and could be rendered.
    pub(super) fn last_good(&self, url: &UrlPath) -> Option<Arc<Vec<u8>>> {
        self.cache.lock().last(url)
    }
}

/// The pages that were looked at last: those that are asked for again are not rendered again, and those that cannot
/// be rendered any more are still there.
#[derive(Default)]
struct PageCache {
    /// The one that was asked for last at the end.
    pages: VecDeque<(UrlPath, u64, RenderedPage)>,
    bytes: usize,
}

const RECENT_PAGES: usize = 64;
const RECENT_BYTES: usize = 16 * 1024 * 1024;

impl PageCache {
    fn of_generation(&self, url: &UrlPath, generation: u64) -> Option<RenderedPage> {
        let found = self.pages.iter().find(|(known, at, _)| known == url && *at == generation);
        found.map(|(_, _, rendered)| rendered.clone())
    }

    fn last(&self, url: &UrlPath) -> Option<Arc<Vec<u8>>> {
        self.pages.iter().find(|(known, ..)| known == url).and_then(|(_, _, rendered)| rendered.bytes.clone())
    }

    fn keep(&mut self, url: &UrlPath, generation: u64, rendered: RenderedPage) {
        let size = |rendered: &RenderedPage| rendered.bytes.as_ref().map_or(0, |bytes| bytes.len());
        if let Some(at) = self.pages.iter().position(|(known, ..)| known == url)
            && let Some((.., old)) = self.pages.remove(at)
        {
            self.bytes -= size(&old);
        }
        self.bytes += size(&rendered);
        self.pages.push_back((url.clone(), generation, rendered));
        while self.pages.len() > RECENT_PAGES || (self.bytes > RECENT_BYTES && self.pages.len() > 1) {
            if let Some((.., old)) = self.pages.pop_front() {
                self.bytes -= size(&old);
            }
        }
    }
}
