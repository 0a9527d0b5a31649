//! `backmatter receive`: hears from other sites until somebody ends it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use chrono::Utc;
use clap::Args;

use crate::build::{self, Request, Unwatched};
use crate::cli::args::Common;
use crate::cli::show::Voice;
use crate::cli::{Ending, request, root};
use crate::diagnostic::Diagnostic;
use crate::error::{Error, Result};
use crate::http::server::{self, Listener};
use crate::linkback::inbox::Moved;
use crate::receive::desk::Desk;
use crate::receive::look::Looked;
use crate::receive::moderate::{self, Office, Token};
use crate::receive::notify::{self, News};
use crate::receive::workers::Told;
use crate::receive::{LIMITS, Receiver, Setup, clock};

/// The arguments of `receive`.
#[derive(Debug, Args)]
pub(super) struct Receive {
    /// The address to listen on [default: the settings' `linkbacks.listen`, which is 127.0.0.1:8787]
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// The file of the database [default: the settings' `linkbacks.database`, which is linkbacks.db]
    #[arg(long, value_name = "FILE")]
    db: Option<PathBuf>,
}

/// Runs the receiver.
pub(super) fn run(arguments: &Receive, common: &Common, voice: Voice) -> Result<Ending> {
    let request = request(root(common)?, common, Utc::now());
    let (config, faults) = build::settings(&request)?;
    if faults.iter().any(Diagnostic::is_error) {
        voice.diagnostics(&faults);
        return Ok(Ending::SiteHasErrors);
    }
    let listen = arguments.listen.as_deref().unwrap_or(&config.linkbacks.listen);
    let address: SocketAddr = listen.parse().map_err(|_| Error::Argument {
        given: listen.to_owned(),
        reason: "it is no address to listen on; write it as `127.0.0.1:8787` or `[::1]:8787`".to_owned(),
    })?;
    let listener = Listener::bind(address)?;
    let setup = Setup { request: request.clone(), database: arguments.db.clone(), clock: clock::system() };
    let mut receiver = Receiver::open(setup)?;
    let aftermath = Aftermath::begin(&request, &receiver.database, voice)?;
    receiver.look(aftermath.told())?;
    let office = office(&request, &receiver.database)?;
    let router = office
        .iter()
        .fold(receiver.router(), |router, office| router.merge(moderate::router(Arc::clone(office))));
    let server = listener.serve(router, LIMITS)?;
    voice.receiving(server.address(), &receiver);
    match office {
        Some(_) => voice.moderated_at(server.address()),
        None => voice.not_moderated(),
    }
    server::until_interrupted().map_err(Error::io("wait for a signal in", Path::new(".")))?;
    server.stop();
    drop(receiver);
    aftermath.end();
    voice.received_enough();
    Ok(Ending::Done)
}

/// The moderation page, if there is a token that opens it.
pub(super) fn office(request: &Request, database: &Path) -> Result<Option<Arc<Office>>> {
    let (config, _) = build::settings(request)?;
    let variable = std::env::var(moderate::VARIABLE).ok();
    let Some(token) = Token::of(&config, &request.root, variable)? else { return Ok(None) };
    let office = Office::new(request.clone(), database.to_owned(), token, clock::system())?;
    Ok(Some(Arc::new(office)))
}

/// What has to be done after a look: the back matter that changed without a person is written, and whoever wants to
/// know of what waits is told. One thread does it, a moment later, for all that came together.
pub(super) struct Aftermath {
    sender: mpsc::Sender<Looked>,
    thread: JoinHandle<()>,
}

/// Looks that end so close to each other are treated together.
const TOGETHER: Duration = Duration::from_millis(500);

impl Aftermath {
    /// Starts the thread.
    pub(super) fn begin(request: &Request, database: &Path, voice: Voice) -> Result<Self> {
        let (sender, looks) = mpsc::channel();
        let (request, database) = (request.clone(), database.to_owned());
        let thread = std::thread::Builder::new().name("aftermath".to_owned());
        let thread = thread
            .spawn(move || {
                while let Ok(first) = looks.recv() {
                    let mut all = vec![first];
                    while let Ok(next) = looks.recv_timeout(TOGETHER) {
                        all.push(next);
                    }
                    if let Err(error) = follow(&request, &database, &all, voice) {
                        voice.error(&error);
                    }
                }
            })
            .map_err(Error::io("start", Path::new("aftermath")))?;
        Ok(Self { sender, thread })
    }

    /// Whom the workers tell.
    pub(super) fn told(&self) -> Told {
        let sender = Mutex::new(self.sender.clone());
        Arc::new(move |looked| {
            // The thread ends after the workers.
            let _ = sender.lock().unwrap_or_else(PoisonError::into_inner).send(looked);
        })
    }

    /// Waits until all that was told is done.
    pub(super) fn end(self) {
        drop(self.sender);
        let _ = self.thread.join();
    }
}

fn follow(request: &Request, database: &Path, all: &[Looked], voice: Voice) -> Result<()> {
    for looked in all {
        voice.looked(looked);
    }
    let changes_site =
        |looked: &Looked| looked.let_in || matches!(looked.moved, Moved::Reworded | Moved::Removed);
    let held: Vec<_> = all.iter().filter(|looked| looked.moved == Moved::Held && !looked.let_in).collect();
    let now = Utc::now();
    if all.iter().any(changes_site) {
        let request = Request { now, ..request.clone() };
        let brought = Desk::open(&request, Some(database))?.bring_in(now, &Unwatched)?;
        voice.brought_in(&brought);
    }
    if !held.is_empty() {
        let (config, _) = build::settings(request)?;
        let news = News::Held(held.into_iter().map(|looked| looked.item.clone()).collect());
        for untold in notify::tell(&news, &config, &request.root) {
            voice.untold(&untold);
        }
    }
    Ok(())
}
