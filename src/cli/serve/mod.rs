//! `backmatter serve`: the preview, from the terminal's side.

mod report;

use std::net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use clap::Args;

use crate::cli::common::{CommonArgs, Ending, moment, site_source};
use crate::cli::log;
use crate::cli::output::Output;
use crate::cli::receive;
use crate::cli::serve::report::{PortTaken, Started};
use crate::config::Config;
use crate::engine::workspace::{Access, SiteSource, Workspace};
use crate::error::{Error, Result};
use crate::http::server::{self, Listener};
use crate::preview::editor::EditorCommand;
use crate::preview::{Preview, PreviewOptions, Reload};
use crate::site::order::Selection;
use crate::sys::clock::Clock;
use crate::sys::process;
use crate::sys::watch::Watching;

/// The port of a preview that asks for none.
const PORT: u16 = 4000;
/// If it is taken, one of those after it will do.
const PORTS: u16 = 20;

/// The arguments of `serve`.
#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    /// The port [default: 4000, or the next one that is free]
    #[arg(long, short, value_name = "PORT")]
    port: Option<u16>,
    /// The address to listen on; `0.0.0.0` lets other machines in
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    host: String,
    /// Open the site in a browser
    #[arg(long)]
    open: bool,
    /// Show what a build would show: no drafts, no posts with a future date, none that expired
    #[arg(long)]
    no_drafts: bool,
    /// Let pages in browsers stay as they are until they are loaded again
    #[arg(long)]
    no_reload: bool,
    /// Show the site as if it stood at this address instead of the settings' `base_url`
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// What opens a file from its page: a command, or an address such as `vscode://file{file}:{line}`
    /// [default: what VISUAL or EDITOR says, unless it needs a terminal]
    #[arg(long, value_name = "COMMAND")]
    editor: Option<String>,
    /// Check the files at this interval instead of waiting for the system to report changes, which network file
    /// systems do not
    #[arg(long, value_name = "MILLISECONDS", num_args = 0..=1, default_missing_value = "500")]
    poll: Option<u64>,
    /// Receive pingbacks, trackbacks and webmentions as well, to try everything on one machine
    #[arg(long)]
    receive: bool,
    /// Show the site as if it were this moment
    #[arg(long, value_name = "TIME", value_parser = moment)]
    now: Option<DateTime<Utc>>,
}

/// Shows the site until it is interrupted.
pub(super) fn run(serve: ServeArgs, common: &CommonArgs, output: Output) -> Result<Ending> {
    log::start();
    let began = Instant::now();
    let source = site_source(common)?;
    let source = SiteSource {
        // The system reports changes of files by their whole path.
        root: std::path::absolute(&source.root).map_err(Error::io("find", &source.root))?,
        base_url: serve.base_url.clone(),
        selection: serve.selection(),
        ..source
    };
    // A folder that is not a site is refused before a port is taken.
    let now = serve.now.unwrap_or_else(|| Clock::system().now());
    let mut site = Workspace::open(&source, now, Access::Read)?;
    let listener = serve.listener(output)?;
    if !listener.address().ip().is_loopback() {
        report::open_to_others(output, listener.address());
    }
    let receiver = match serve.receive {
        true => {
            let here = reachable(&source, site.config(), listener.address());
            site = Workspace::open(&here, now, Access::Read)?;
            Some(receive::start_embedded(&source, &here, output)?)
        }
        false => None,
    };
    let preview = Preview::start(
        listener,
        serve.options(site),
        |pages| match &receiver {
            Some(receiver) => receiver.in_front_of(pages),
            None => pages,
        },
        Arc::new(output),
    )?;
    let url = preview.url();
    output.diagnostics(preview.diagnostics());
    output.emit(&Started { preview: &preview, took: began.elapsed() });
    if let Some(receiver) = &receiver {
        receive::tell_moderation(receiver, url.trim_end_matches('/'), output);
    }
    if serve.open && open_browser(&url).is_err() {
        report::no_browser(output, &url);
    }
    server::until_interrupted().map_err(|source| Error::Listen { address: url, holder: None, source })?;
    drop(preview);
    if let Some(receiver) = receiver {
        receive::stop(receiver, output);
    }
    Ok(Ending::Done)
}

impl ServeArgs {
    fn selection(&self) -> Selection {
        let all = !self.no_drafts;
        Selection { drafts: all, future: all, expired: all }
    }

    fn options(&self, site: Workspace) -> PreviewOptions {
        PreviewOptions {
            site,
            clock: self.now.map_or_else(Clock::system, Clock::fixed),
            reload: if self.no_reload { Reload::Off } else { Reload::Live },
            watching: match self.poll {
                Some(interval) => Watching::Polling(Duration::from_millis(interval.max(10))),
                None => Watching::Events,
            },
            editor: self.editor(),
            names: vec![self.host.clone()],
        }
    }

    fn editor(&self) -> Option<EditorCommand> {
        let given = self.editor.as_deref().and_then(EditorCommand::parse);
        given.or_else(|| {
            let commands = ["VISUAL", "EDITOR"].into_iter().filter_map(|name| std::env::var(name).ok());
            let mut editors = commands.filter_map(|command| EditorCommand::parse(&command));
            editors.find(|editor| !editor.needs_terminal())
        })
    }

    /// Takes the port that was asked for, or the first that is free.
    fn listener(&self, output: Output) -> Result<Listener> {
        let address = self.address()?;
        if let Some(port) = self.port {
            return Listener::bind(SocketAddr::new(address, port));
        }
        let first = Listener::bind(SocketAddr::new(address, PORT));
        let Err(taken) = first else { return first };
        let others = (PORT + 1..PORT + PORTS).map(|port| Listener::bind(SocketAddr::new(address, port)));
        match others.flatten().next() {
            Some(listener) => {
                output.emit(&PortTaken(&taken));
                Ok(listener)
            }
            None => Err(taken),
        }
    }

    fn address(&self) -> Result<IpAddr> {
        let written = self.host.trim_start_matches('[').trim_end_matches(']');
        if written.eq_ignore_ascii_case("localhost") {
            return Ok(IpAddr::V4(Ipv4Addr::LOCALHOST));
        }
        if let Ok(address) = written.parse() {
            return Ok(address);
        }
        let resolved = (written, 0).to_socket_addrs().ok().and_then(|mut addresses| addresses.next());
        resolved.map(|address| address.ip()).ok_or_else(|| Error::Argument {
            given: format!("--host {}", self.host),
            reason:
                "this is not an address of this machine; write one such as `127.0.0.1`, or `0.0.0.0` for all"
                    .to_owned(),
        })
    }
}

/// The site as it is reached at this address, which linkbacks sent on this machine lead to.
fn reachable(source: &SiteSource, config: &Config, address: SocketAddr) -> SiteSource {
    let here = format!("http://{address}");
    let base_url = format!("{here}{}", config.base_path());
    SiteSource {
        base_url: source.base_url.clone().or(Some(base_url)),
        receiver: Some(here),
        ..source.clone()
    }
}

/// Hands an address to the system's browser.
fn open_browser(url: &str) -> std::io::Result<()> {
    let (program, arguments): (&str, &[&str]) = if cfg!(target_os = "macos") {
        ("open", &[])
    } else if cfg!(windows) {
        ("explorer", &[])
    } else {
        ("xdg-open", &[])
    };
    process::open(process::command(program).args(arguments).arg(url))
}
