//! Receiving linkbacks: three protocols, one queue, and moderation.
//!
//! ```text
//! a request -> endpoints -> admission     rate limit, addresses, the site's index; nothing is fetched
//!           -> queue::writer              on the disk, then acknowledged
//!    later: verify                        the source is fetched, searched for the link, and weighed
//!           -> queue::store               held, approved, refused, or gone
//!           -> follow_up                  what needs no person is applied; what waits is announced
//!  a person: moderation                   decides; back matter is written, the site built
//! ```
//!
//! [`Service`] owns every thread of this, and reports [events](Event). The possible states of a linkback and the moves
//! between them are in [`crate::linkback::inbox::state`], which is pure.

pub(crate) mod admission;
mod client_ip;
pub(crate) mod endpoints;
mod follow_up;
pub(crate) mod metrics;
pub(crate) mod moderation;
pub(crate) mod notify;
pub(crate) mod pages;
pub(crate) mod queue;
pub(crate) mod rate_limiter;
pub(crate) mod receiver;
mod request_log;
pub(crate) mod site_index;
pub(crate) mod sync;
pub(crate) mod verify;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::Method;
use axum::middleware;
use tracing::{error, info, warn};

use crate::engine::workspace::SiteSource;
use crate::error::{Error, Result};
use crate::http::server::ServerLimits;
use crate::sys::clock::Clock;

use self::follow_up::{FollowUp, FollowUpOptions};
use self::moderation::service::ApplyReport;
use self::moderation::web::{self, ModerationApp, ModerationOptions, ModerationToken};
use self::notify::worker::NotificationQueue;
use self::notify::{NotifyFailure, webhook};
use self::receiver::{Receiver, ReceiverOptions};
use self::verify::VerificationReport;

/// The limits of connections to a receiver. Pingbacks and webmentions are small, and sent by machines.
pub const LIMITS: ServerLimits = ServerLimits {
    connections: 1024,
    connections_of_one: 32,
    head_size: 8192,
    head_time: Duration::from_secs(10),
    answer_time: Duration::from_secs(10),
    write_time: Duration::from_secs(30),
    grace: Duration::from_secs(5),
};

/// What is done after a verification that needs no person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unattended {
    /// Back matter is written, the site is built, and notifications are sent.
    Apply,
    /// It is reported only. For a trial: nothing is built or published by itself.
    Report,
}

/// How a service is run.
pub(crate) struct ServiceOptions {
    /// The site as it is reached: its addresses are the targets of linkbacks.
    pub site: SiteSource,
    /// The site as it is built after a decision. Beside a preview it has another address and fewer posts.
    pub build: SiteSource,
    /// What is done after a verification that needs no person.
    pub unattended: Unattended,
    /// The file of the database, if it is not the settings'.
    pub database: Option<PathBuf>,
    /// The token of the moderation page from the environment, if there is one.
    pub token: Option<String>,
    pub clock: Clock,
}

/// Something that happened in a running service.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Event<'a> {
    /// A source was verified.
    Verified(&'a VerificationReport),
    /// Changes that needed no person were applied.
    Applied(&'a ApplyReport),
    NotifyFailed(&'a NotifyFailure),
    /// Changes of the site's files cannot be watched, for this reason. The site is read at an interval.
    Unwatchable(&'a str),
    /// What follows a verification failed.
    Failed(&'a Error),
}

impl Event<'_> {
    /// Writes the event to the log. A verification has logged itself, with its span.
    fn log(&self) {
        match self {
            Self::Verified(_) => {}
            Self::Applied(report) => {
                let posts: Vec<&str> = report.posts.iter().map(|post| post.file.as_str()).collect();
                info!(?posts, faults = report.changes.faults.len(), "applied");
            }
            Self::NotifyFailed(failure) => {
                warn!(recipient = ?failure.recipient, reason = ?failure.reason, "not notified")
            }
            Self::Unwatchable(reason) => warn!(?reason, "changes of the site cannot be watched"),
            Self::Failed(error) => error!(error = ?error.to_string(), "failed"),
        }
    }
}

/// Called with each event, from any thread of the service.
pub(crate) type OnEvent = Arc<dyn Fn(&Event<'_>) + Send + Sync>;

/// Whether there is a moderation page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ModerationPage {
    /// There is.
    Open,
    /// There is not, as there is no token for it.
    NoToken,
}

/// What a service is when it starts.
#[derive(Debug, Clone)]
pub(crate) struct ServiceOverview {
    /// How many posts and pages can be linked to.
    pub targets: usize,
    pub database: PathBuf,
    /// Whether the site's pages name an endpoint.
    pub is_announced: bool,
    pub moderation: ModerationPage,
    /// Where the receiver's pages are on the web; empty if the settings do not say.
    pub public_address: String,
}

/// A running receiver with its moderation page and notifications.
pub(crate) struct Service {
    receiver: Receiver,
    follow_up: FollowUp,
    moderation: Option<Arc<ModerationApp>>,
    notifications: Arc<NotificationQueue>,
}

impl Service {
    /// Reads the site, opens the database and starts every thread. Endpoints answer when [`Self::router`] is served.
    pub(crate) fn start(options: ServiceOptions, on_event: OnEvent) -> Result<Self> {
        let ServiceOptions { site, build, unattended, database, token, clock } = options;
        let on_event: OnEvent = Arc::new(move |event| {
            event.log();
            on_event(event);
        });
        let of_watcher = Arc::clone(&on_event);
        let mut receiver = Receiver::open(ReceiverOptions {
            site,
            database,
            clock: clock.clone(),
            on_unwatchable: Box::new(move |reason| of_watcher(&Event::Unwatchable(reason))),
        })?;
        let snapshot = receiver.index().snapshot();
        // A file that cannot be read is an error now, not at the first linkback.
        webhook::secret(&snapshot.config, &build.root)?;
        let token = ModerationToken::of(&snapshot.config, &build.root, token)?;
        let of_notifications = Arc::clone(&on_event);
        let notifications = Arc::new(NotificationQueue::start(
            build.clone(),
            Arc::new(move |failure| of_notifications(&Event::NotifyFailed(failure))),
        )?);
        let follow_up = FollowUp::start(FollowUpOptions {
            site: build.clone(),
            database: receiver.database.clone(),
            unattended,
            notifications: Arc::clone(&notifications),
            clock: clock.clone(),
            on_event,
        })?;
        receiver.start_verifying(follow_up.on_verified())?;
        let moderation = token.map(|token| {
            Arc::new(ModerationApp::new(ModerationOptions {
                source: build,
                index: Arc::clone(receiver.index()),
                database: receiver.database.clone(),
                token,
                clock,
                notifications: Arc::clone(&notifications),
            }))
        });
        Ok(Self { receiver, follow_up, moderation, notifications })
    }

    /// What the service is now.
    pub(crate) fn overview(&self) -> ServiceOverview {
        let snapshot = self.receiver.index().snapshot();
        let settings = &snapshot.config.linkbacks;
        ServiceOverview {
            targets: snapshot.targets.len(),
            database: self.receiver.database.clone(),
            is_announced: settings.webmention.is_some() || settings.pingback.is_some(),
            moderation: match self.moderation {
                Some(_) => ModerationPage::Open,
                None => ModerationPage::NoToken,
            },
            public_address: settings.public_address().to_owned(),
        }
    }

    /// The endpoints of the protocols, and the moderation page.
    pub(crate) fn router(&self) -> Router {
        let router = self.receiver.router();
        let router = match &self.moderation {
            Some(app) => router.merge(web::router(Arc::clone(app))),
            None => router,
        };
        let proxies = &self.receiver.index().snapshot().config.linkbacks.trusted_proxies;
        router.layer(middleware::from_fn_with_state(Arc::from(proxies.as_slice()), request_log::log))
    }

    /// Answers the requests that are for the service, and lets `pages` answer all others.
    pub(crate) fn in_front_of(&self, pages: Router) -> Router {
        endpoints::in_front_of(pages, self.router(), is_for_service)
    }

    /// Stops everything but the notifications that are still to be delivered: dropping what is returned waits for
    /// them, which may take as long as a publish. The router must not be served any more.
    pub(crate) fn stop(self) -> Arc<NotificationQueue> {
        let Self { receiver, follow_up, moderation, notifications } = self;
        // The pool hands its last reports to the follow-up, which queues the last notifications.
        drop(receiver);
        follow_up.finish();
        drop(moderation);
        notifications
    }
}

fn is_for_service(method: &Method, path: &str) -> bool {
    endpoints::claims(method, path) || web::claims(path)
}
