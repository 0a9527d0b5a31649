//! Smaller pictures, made when a browser asks for them.
//!
//! Pages name them before any is made. What was asked for last is made first, as it is what is looked at; what a browser
//! does not wait for any more is not made.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::oneshot;

use crate::hash::Hash;
use crate::imaging::PictureFault;
use crate::imaging::cache::RenditionCache;
use crate::imaging::maker::{PictureOrder, make};
use crate::page::Page;
use crate::page::kinds::PageKind;
use crate::picture::header::{PictureFormat, PictureHeader};
use crate::picture::private_data;
use crate::picture::renditions::Rendition;
use crate::preview::served::ServedSite;
use crate::scan::FileOrigin;

/// A picture that is not the bytes of a file.
pub(super) enum PictureWork {
    Rendition {
        origin: FileOrigin,
        header: PictureHeader,
        hash: Hash,
        rendition: Rendition,
    },
    /// A file without what it tells besides the picture.
    Stripped {
        origin: FileOrigin,
        format: PictureFormat,
    },
}

impl PictureWork {
    /// What has to be done for an output; `None` if it is another one.
    pub(super) fn of(shown: &ServedSite, page: &Page) -> Option<Self> {
        let site = &shown.plan.site;
        match &page.kind {
            PageKind::Rendition(file) => {
                let found = site.files.get(&file.picture)?;
                let origin = shown.origins.get(&file.picture)?.clone();
                let (header, rendition) = (found.picture?, file.rendition.clone());
                Some(Self::Rendition { origin, header, hash: found.hash, rendition })
            }
            PageKind::Copy(file) => {
                let format = site.stripped(&file.path)?;
                Some(Self::Stripped { origin: shown.origins.get(&file.path)?.clone(), format })
            }
            _ => None,
        }
    }
}

/// Makes pictures one after the other.
pub(super) struct PictureDesk {
    cache: RenditionCache,
    /// Whether one is being made, and who waits, the last to come at the end.
    queue: Mutex<DeskQueue>,
}

#[derive(Default)]
struct DeskQueue {
    is_busy: bool,
    waiting: Vec<oneshot::Sender<DeskTurn>>,
}

/// The right to make a picture, which goes to the next when it is dropped.
struct DeskTurn(Option<Arc<PictureDesk>>);

impl Drop for DeskTurn {
    fn drop(&mut self) {
        let Some(desk) = self.0.take() else { return };
        let mut queue = desk.queue.lock();
        while let Some(next) = queue.waiting.pop() {
            match next.send(DeskTurn(Some(Arc::clone(&desk)))) {
                Ok(()) => return,
                // It waits no more. The turn that comes back is spent, as this one is still to be passed on.
                Err(mut turn) => turn.0 = None,
            }
        }
        queue.is_busy = false;
    }
}

impl PictureDesk {
    /// That of a site.
    pub(super) fn new(root: &Path) -> Arc<Self> {
        Arc::new(Self { cache: RenditionCache::of(root), queue: Mutex::default() })
    }

    /// The bytes of a picture, or why there are none.
    pub(super) async fn bytes(self: &Arc<Self>, work: PictureWork) -> Result<Vec<u8>, String> {
        if let PictureWork::Rendition { rendition, .. } = &work
            && let Some(cached) = self.cache.get(rendition)
        {
            return std::fs::read(cached).map_err(|error| error.to_string());
        }
        let turn = self.turn().await;
        let desk = Arc::clone(self);
        let made = tokio::task::spawn_blocking(move || {
            let made = desk.make(&work);
            drop(turn);
            made
        });
        made.await.unwrap_or_else(|_| Err("the picture cannot be made".to_owned()))
    }

    async fn turn(self: &Arc<Self>) -> DeskTurn {
        let waiting = {
            let mut queue = self.queue.lock();
            if !queue.is_busy {
                queue.is_busy = true;
                None
            } else {
                let (send, receive) = oneshot::channel();
                queue.waiting.push(send);
                Some(receive)
            }
        };
        match waiting {
            None => DeskTurn(Some(Arc::clone(self))),
            // A turn is always passed on, so that this one comes.
            Some(waiting) => waiting.await.unwrap_or_else(|_| DeskTurn(Some(Arc::clone(self)))),
        }
    }

    fn make(&self, work: &PictureWork) -> Result<Vec<u8>, String> {
        let (origin, header, hash, rendition) = match work {
            PictureWork::Stripped { origin, format } => {
                let bytes = origin.read().map_err(|error| error.to_string())?;
                return Ok(private_data::without(*format, &bytes));
            }
            PictureWork::Rendition { origin, header, hash, rendition } => (origin, header, *hash, rendition),
        };
        let order = PictureOrder { origin, header, hash, wanted: vec![rendition] };
        match make(&order, || {}).map(|mut made| made.pop().unwrap_or_default()) {
            Ok(bytes) => {
                // The next build takes it from there.
                let _ = self.cache.put(rendition, &bytes);
                Ok(bytes)
            }
            Err(fault) => {
                if let PictureFault::Undecodable(reason) = &fault {
                    let _ = self.cache.add_unusable(&BTreeMap::from([(hash, reason.clone())]));
                }
                // Browsers show what they can of the file itself.
                let bytes = origin.read().map_err(|_| fault.to_string())?;
                Ok(if header.has_private_data { private_data::without(header.format, &bytes) } else { bytes })
            }
        }
    }
}
