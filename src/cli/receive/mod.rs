//! `backmatter receive`: receives linkbacks until it is interrupted.

mod hosting;
mod report;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{ArgAction, Args};

use crate::cli::common::{CommonArgs, Ending, site_source};
use crate::cli::log;
use crate::cli::output::{Output, Report};
use crate::cli::receive::hosting::HostingProgram;
use crate::cli::receive::report::StartReport;
use crate::diagnostic::Diagnostic;
use crate::engine::workspace::SiteSource;
use crate::error::{Error, Result};
use crate::http::server::{self, Listener};
use crate::receive::moderation::web::VARIABLE;
use crate::receive::{Event, LIMITS, OnEvent, Service, ServiceOptions, Unattended};
use crate::site::order::Selection;
use crate::sys::clock::Clock;
use crate::sys::worker;

/// The arguments of `receive`.
#[derive(Debug, Args)]
pub(super) struct ReceiveArgs {
    /// The address to listen on [default: the settings' `linkbacks.listen`, which is 127.0.0.1:8787]
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// The file of the database [default: the settings' `linkbacks.database`, which is linkbacks.db]
    #[arg(long, value_name = "FILE")]
    db: Option<PathBuf>,
    // The name of the option that all commands have: a value of it is the settings, unless it names a program.
    /// Print the configuration of a web server or a service for this site and its receiver, and receive nothing: nginx, caddy,
    /// apache or systemd. Another value is the file of settings, as for every command
    #[arg(id = "config", long = "config", value_name = "SERVER|FILE", action = ArgAction::Append)]
    configs: Vec<PathBuf>,
}

/// Runs the receiver, or prints a configuration.
pub(super) fn run(arguments: &ReceiveArgs, common: &CommonArgs, output: Output) -> Result<Ending> {
    let (programs, settings): (Vec<&PathBuf>, Vec<&PathBuf>) =
        arguments.configs.iter().partition(|config| HostingProgram::named(config).is_some());
    if let Some(program) = programs.first().and_then(|config| HostingProgram::named(config)) {
        let common = CommonArgs { config: settings.first().map(|file| (*file).clone()), ..common.clone() };
        return hosting::run(program, arguments, &common, output);
    }
    log::start();
    let site = site_source(common)?;
    let (config, diagnostics) = site.read_settings()?;
    if diagnostics.iter().any(Diagnostic::is_error) {
        output.diagnostics(&diagnostics);
        return Ok(Ending::SiteHasErrors);
    }
    let listen = arguments.listen.as_deref().unwrap_or(&config.linkbacks.listen);
    let listener = Listener::bind(address(listen)?)?.behind(&config.linkbacks.trusted_proxies);
    let options = ServiceOptions {
        build: site.clone(),
        site,
        unattended: Unattended::Apply,
        database: arguments.db.clone(),
        token: std::env::var(VARIABLE).ok(),
        clock: Clock::system(),
    };
    let service = Service::start(options, events_to(output))?;
    let server = listener.serve(service.router(), LIMITS)?;
    output.emit(&StartReport { address: server.address(), overview: service.overview() });
    server::until_interrupted().map_err(Error::io("wait for a signal in", Path::new(".")))?;
    server.stop();
    stop(service, output);
    if !output.is_json() {
        output.terminal().note("stopped; everything that was acknowledged is kept");
    }
    Ok(Ending::Done)
}

fn address(listen: &str) -> Result<SocketAddr> {
    listen.parse().map_err(|_| Error::Argument {
        given: listen.to_owned(),
        reason: "it is not an address to listen on; write it as `127.0.0.1:8787` or `[::1]:8787`".to_owned(),
    })
}

/// Prints the events of a service.
fn events_to(output: Output) -> OnEvent {
    Arc::new(move |event| match event {
        // Warnings go to standard error in either format.
        Event::NotifyFailed(_) | Event::Unwatchable(_) => event.text(output.terminal()),
        Event::Verified(_) | Event::Applied(_) | Event::Failed(_) => output.emit(event),
    })
}

/// Starts a receiver beside a preview, which shows the site at `here`. It is a trial: only what a person decides is
/// written and built, for the site as it is.
pub(super) fn start_embedded(site: &SiteSource, here: &SiteSource, output: Output) -> Result<Service> {
    let options = ServiceOptions {
        site: here.clone(),
        // A preview shows more posts than a build, such as drafts.
        build: SiteSource { selection: Selection::default(), base_url: None, ..site.clone() },
        unattended: Unattended::Report,
        database: None,
        token: std::env::var(VARIABLE).ok(),
        clock: Clock::system(),
    };
    Service::start(options, events_to(output))
}

/// Says where the linkbacks of a receiver beside a preview are moderated.
pub(super) fn tell_moderation(service: &Service, here: &str, output: Output) {
    if !output.is_json() {
        report::moderation_text(service.overview().moderation, here, output.terminal());
    }
}

/// Stops a service whose router is not served any more. Notifications may take as long as a publish: a second
/// interrupt ends the program without them.
#[expect(
    clippy::exit,
    reason = "what was acknowledged is on the disk, and only notifications are still to be sent"
)]
pub(super) fn stop(service: Service, output: Output) {
    let notifications = service.stop();
    if notifications.is_busy() {
        if !output.is_json() {
            output
                .terminal()
                .note("notifications are still being sent; a second Ctrl-C does not wait for them");
        }
        // Without this thread the notifications are waited for.
        worker::in_background("second interrupt", || {
            if server::until_interrupted().is_ok() {
                std::process::exit(1);
            }
        });
    }
    drop(notifications);
}
