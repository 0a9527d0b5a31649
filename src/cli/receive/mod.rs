//! `backmatter receive`: hears from other sites until somebody ends it.

mod report;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use axum::Router;
use axum::http::Method;
use chrono::Utc;
use clap::Args;
use parking_lot::Mutex;

use crate::cli::common::{CommonArgs, Ending, request, root};
use crate::cli::output::Output;
use crate::diagnostic::Diagnostic;
use crate::engine::{self, Request};
use crate::error::{Error, Result};
use crate::http::server::{self, Listener};
use crate::linkback::inbox::state::Transition;
use crate::receive::endpoints;
use crate::receive::moderation::service::ModerationService;
use crate::receive::moderation::web::{self, ModerationApp, ModerationToken};
use crate::receive::notify::worker::NotificationQueue;
use crate::receive::notify::{self, Notification};
use crate::receive::queue::store::LinkbackStore;
use crate::receive::verify::VerificationReport;
use crate::receive::verify::pool::OnVerified;
use crate::receive::{LIMITS, Receiver, ReceiverOptions, clock};
use crate::site::order::Selection;

/// The arguments of `receive`.
#[derive(Debug, Args)]
pub(super) struct ReceiveArgs {
    /// The address to listen on [default: the settings' `linkbacks.listen`, which is 127.0.0.1:8787]
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// The file of the database [default: the settings' `linkbacks.database`, which is linkbacks.db]
    #[arg(long, value_name = "FILE")]
    db: Option<PathBuf>,
}

/// Runs the receiver.
pub(super) fn run(arguments: &ReceiveArgs, common: &CommonArgs, voice: Output) -> Result<Ending> {
    let request = request(root(common)?, common, Utc::now());
    let (config, faults) = engine::settings(&request)?;
    if faults.iter().any(Diagnostic::is_error) {
        voice.diagnostics(&faults);
        return Ok(Ending::SiteHasErrors);
    }
    // What cannot be read is said now, not at the first linkback.
    notify::secret(&config, &request.root)?;
    let listen = arguments.listen.as_deref().unwrap_or(&config.linkbacks.listen);
    let address: SocketAddr = listen.parse().map_err(|_| Error::Argument {
        given: listen.to_owned(),
        reason: "it is no address to listen on; write it as `127.0.0.1:8787` or `[::1]:8787`".to_owned(),
    })?;
    let listener = Listener::bind(address)?.behind(&config.linkbacks.trusted_proxies);
    let setup =
        ReceiverOptions { request: request.clone(), database: arguments.db.clone(), clock: clock::system() };
    let mut receiver = Receiver::open(setup)?;
    let herald = Arc::new(herald(&request, voice)?);
    let after = After::Act(request.clone(), Arc::clone(&herald));
    let aftermath = Aftermath::begin(after, &receiver.database, voice)?;
    receiver.look(aftermath.told())?;
    let office = office(&request, &receiver, &herald)?;
    let router = with_office(receiver.router(), office.as_ref());
    let server = listener.serve(router, LIMITS)?;
    voice.receiving(server.address(), &receiver);
    match &office {
        Some(_) => voice.moderated_at(server.address()),
        None => voice.not_moderated(),
    }
    server::until_interrupted().map_err(Error::io("wait for a signal in", Path::new(".")))?;
    server.stop();
    drop(receiver);
    aftermath.end();
    drop(office);
    let_finish(herald, voice);
    voice.received_enough();
    Ok(Ending::Done)
}

fn herald(request: &Request, voice: Output) -> Result<NotificationQueue> {
    NotificationQueue::begin(request.clone(), Arc::new(move |untold| voice.untold(untold)))
}

/// Lets the herald tell what it has heard, when the last of those who had news is gone. That may take as long as a
/// publish; who does not want to wait says so once more.
#[expect(clippy::exit, reason = "what was acknowledged is on the disk, and nobody waits for anything else")]
fn let_finish(herald: Arc<NotificationQueue>, voice: Output) {
    if herald.is_telling() {
        voice.still_telling();
        let leave = || {
            if server::until_interrupted().is_ok() {
                std::process::exit(1);
            }
        };
        // Without a thread it is waited for.
        let _ = std::thread::Builder::new().name("impatience".to_owned()).spawn(leave);
    }
    drop(herald);
}

/// The moderation page, if there is a token that opens it.
fn office(
    request: &Request,
    receiver: &Receiver,
    herald: &Arc<NotificationQueue>,
) -> Result<Option<Arc<ModerationApp>>> {
    let (config, _) = engine::settings(request)?;
    let variable = std::env::var(web::VARIABLE).ok();
    let Some(token) = ModerationToken::of(&config, &request.root, variable)? else { return Ok(None) };
    Ok(Some(Arc::new(ModerationApp::new(web::ModerationOptions {
        request: request.clone(),
        index: receiver.index(),
        database: receiver.database.clone(),
        token,
        clock: clock::system(),
        herald: Arc::clone(herald),
    }))))
}

fn with_office(router: Router, office: Option<&Arc<ModerationApp>>) -> Router {
    match office {
        Some(office) => router.merge(web::router(Arc::clone(office))),
        None => router,
    }
}

/// A receiver beside a preview, on the preview's address.
pub(super) struct EmbeddedReceiver {
    receiver: Receiver,
    aftermath: Aftermath,
    office: Option<Arc<ModerationApp>>,
    herald: Arc<NotificationQueue>,
}

impl EmbeddedReceiver {
    /// Starts it for the site as it is reached `here`. What is let in without a person is not written: this is a
    /// trial, and nothing is built or published by itself. What a person decides is, for the site as it is.
    pub(super) fn begin(site: &Request, here: &Request, voice: Output) -> Result<Self> {
        let setup = ReceiverOptions { request: here.clone(), database: None, clock: clock::system() };
        let mut receiver = Receiver::open(setup)?;
        let aftermath = Aftermath::begin(After::Say, &receiver.database, voice)?;
        receiver.look(aftermath.told())?;
        // What a preview shows besides, such as drafts, is not what is built.
        let built = Request { selection: Selection::default(), base_url: None, ..site.clone() };
        let herald = Arc::new(herald(&built, voice)?);
        let office = office(&built, &receiver, &herald)?;
        Ok(Self { receiver, aftermath, office, herald })
    }

    /// Answers in front of the preview's pages what is the receiver's.
    pub(super) fn in_front_of(&self, pages: Router) -> Router {
        let router = with_office(self.receiver.router(), self.office.as_ref());
        let is_its = |method: &Method, path: &str| endpoints::claims(method, path) || web::claims(path);
        endpoints::in_front_of(pages, router, is_its)
    }

    /// Ends when all is done that was begun.
    pub(super) fn end(self, voice: Output) {
        drop(self.receiver);
        self.aftermath.end();
        drop(self.office);
        let_finish(self.herald, voice);
    }
}

/// What has to be done after a look: the back matter that changed without a person is written, and whoever wants to
/// know of what waits is told. One thread does it, a moment later, for all that came together.
pub(super) struct Aftermath {
    sender: mpsc::Sender<VerificationReport>,
    thread: JoinHandle<()>,
}

/// What is done after a look.
pub(super) enum After {
    /// It is said.
    Say,
    /// And the site is brought up to it, and others are told.
    Act(Request, Arc<NotificationQueue>),
}

/// Looks that end so close to each other are treated together.
const TOGETHER: Duration = Duration::from_millis(500);

impl Aftermath {
    /// Starts the thread.
    pub(super) fn begin(after: After, database: &Path, voice: Output) -> Result<Self> {
        let (sender, looks) = mpsc::channel();
        let database = database.to_owned();
        let thread = std::thread::Builder::new().name("aftermath".to_owned());
        let thread = thread
            .spawn(move || {
                while let Ok(first) = looks.recv() {
                    let mut all = vec![first];
                    while let Ok(next) = looks.recv_timeout(TOGETHER) {
                        all.push(next);
                    }
                    all.iter().for_each(|looked| voice.looked(looked));
                    if let After::Act(request, herald) = &after
                        && let Err(error) = act(request, &database, &all, (voice, herald))
                    {
                        voice.error(&error);
                    }
                }
            })
            .map_err(Error::io("start", Path::new("aftermath")))?;
        Ok(Self { sender, thread })
    }

    /// Whom the workers tell.
    pub(super) fn told(&self) -> OnVerified {
        let sender = Mutex::new(self.sender.clone());
        Arc::new(move |looked| {
            // The thread ends after the workers.
            let _ = sender.lock().send(looked);
        })
    }

    /// Waits until all that was told is done.
    pub(super) fn end(self) {
        drop(self.sender);
        let _ = self.thread.join();
    }
}

fn act(
    request: &Request,
    database: &Path,
    all: &[VerificationReport],
    (voice, herald): (Output, &NotificationQueue),
) -> Result<()> {
    let changes_site = |looked: &VerificationReport| {
        looked.let_in || matches!(looked.moved, Transition::Reworded | Transition::Removed)
    };
    let held: Vec<_> =
        all.iter().filter(|looked| looked.moved == Transition::Held && !looked.let_in).collect();
    let now = Utc::now();
    if all.iter().any(changes_site) {
        let request = Request { now, ..request.clone() };
        let brought = ModerationService::open(&request, Some(database))?.rebuild(now, &())?;
        voice.brought_in(&brought);
        brought.news().into_iter().for_each(|news| herald.tell(news));
    }
    if !held.is_empty() {
        herald.tell(Notification::Held(held.into_iter().map(|looked| looked.item.clone()).collect()));
        let (config, _) = engine::settings(request)?;
        notify::write_digest(&LinkbackStore::open(database)?, &config, &request.root, now)?;
    }
    Ok(())
}
