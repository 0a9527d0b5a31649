//! The preview: a server that shows a site as it would be built, and shows it again as soon as a file is saved.
//!
//! [`Preview::start`] reads the site, answers on a [`Listener`], and watches the files. Pages are rendered when
//! they are asked for, from the same [model](mod@crate::engine::snapshot) a build writes; nothing is written to the
//! output folder. The watcher names the files that may have changed; they are read again, or the whole site where
//! they are not all. The page a browser is given differs from the built file by what `overlay` adds to it; over the
//! stream of `live` it learns when to ask again.

pub(crate) mod editor;
mod file_body;
mod handlers;
mod host_check;
mod live;
mod overlay;
mod pictures;
mod rebuild;
mod response;
mod served;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;

use crate::diagnostic::Diagnostic;
use crate::engine::workspace::Workspace;
use crate::error::{Error, Result};
use crate::http::server::{Listener, Server, ServerLimits};
use crate::preview::editor::EditorCommand;
use crate::preview::host_check::HostCheck;
use crate::preview::rebuild::Rebuilder;
use crate::sys::clock::Clock;
use crate::sys::watch::{Stop, Watching};

/// What is previewed, and how.
pub struct PreviewOptions {
    /// The site, by an absolute path. Its output folder is not touched.
    pub site: Workspace,
    /// If it runs, what falls due while the preview runs appears.
    pub clock: Clock,
    /// Whether pages in browsers follow the files.
    pub reload: Reload,
    pub watching: Watching,
    /// What opens a file for its author.
    pub editor: Option<EditorCommand>,
    /// Names by which the server may be called, besides addresses and `localhost`.
    pub names: Vec<String>,
}

/// Whether pages in browsers follow the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reload {
    Live,
    /// They stay as they are until they are loaded again.
    Off,
}

/// Observes what the preview does.
pub trait PreviewObserver: Send + Sync {
    /// The files have changed, and what is shown with them.
    fn changed(&self, _news: &PreviewUpdate<'_>) {}
    /// The system does not tell of changes, for this reason; the preview looks by itself now.
    fn polling(&self, _reason: &str) {}
    /// The site cannot be read, for this reason; what is shown stays as it is until it can.
    fn unreadable(&self, _error: &Error) {}
    /// It can be read again.
    fn readable_again(&self) {}
    /// The settings have moved the site to another path, below which it stands from now on.
    fn moved(&self, _base_path: &str) {}
}

/// What a change brought.
#[derive(Debug)]
pub struct PreviewUpdate<'a> {
    /// The files that were noticed first, relative to the site where they are below it, and how many there were.
    pub files: (&'a [String], usize),
    /// From the moment the change was noticed until it is shown.
    pub took: Duration,
    /// All faults of the site now.
    pub diagnostics: &'a [Diagnostic],
    /// Whether they differ from those before.
    pub has_new_faults: bool,
}

/// A preview at work. It ends when it is dropped.
pub struct Preview {
    server: Option<Server>,
    stop: Stop,
    initial: InitialState,
}

/// What there was at the start.
struct InitialState {
    posts: usize,
    diagnostics: Vec<Diagnostic>,
    base_path: String,
}

/// One person looks at a preview, with a few browsers.
const LIMITS: ServerLimits = ServerLimits {
    connections: 512,
    connections_of_one: 512,
    head_size: 32 * 1024,
    head_time: Duration::from_secs(60),
    answer_time: Duration::from_secs(60),
    write_time: Duration::from_secs(30),
    grace: Duration::from_millis(40),
};

impl Preview {
    /// Reads the site and begins to answer. `around` may put more in front of what the preview answers.
    pub fn start(
        listener: Listener,
        options: PreviewOptions,
        around: impl FnOnce(Router) -> Router,
        observer: Arc<dyn PreviewObserver>,
    ) -> Result<Self> {
        let host_check = HostCheck::new(listener.address(), &options.names);
        let rebuilder = Rebuilder::open(options, observer)?;
        let shared = rebuilder.shared();
        let initial = rebuilder.initial();
        let router = around(handlers::router(Arc::clone(&shared), host_check));
        let server = listener.serve(router, LIMITS)?;
        let stop = rebuilder.keep()?;
        Ok(Self { server: Some(server), stop, initial })
    }

    /// Where the site is: `http://127.0.0.1:4000/blog/`.
    pub fn url(&self) -> String {
        let address = self.address();
        let host = match address.ip() {
            // Every address of this machine is one of them.
            ip if ip.is_unspecified() => format!("localhost:{}", address.port()),
            _ => address.to_string(),
        };
        format!("http://{host}{}/", self.initial.base_path)
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.server.as_ref().expect("it is there until the preview ends").address()
    }

    /// Posts that were shown at the start.
    pub fn posts(&self) -> usize {
        self.initial.posts
    }

    /// The faults the site had at the start.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.initial.diagnostics
    }
}

impl Drop for Preview {
    fn drop(&mut self) {
        // The rebuilder ends by itself. Giving back ten thousand posts is nothing to wait for.
        self.stop.stop();
        self.server = None;
    }
}
