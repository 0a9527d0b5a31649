//! `backmatter receive --config`: prints the configuration of a web server or a service.

use std::path::Path;

use serde_json::{Value, json};

use crate::cli::common::{CommonArgs, Ending, site_source};
use crate::cli::output::{self, Output, Report, Terminal};
use crate::cli::receive::{ReceiveArgs, address};
use crate::config::Config;
use crate::config::publish::TargetKind;
use crate::diagnostic::Diagnostic;
use crate::engine::workspace::{Access, SiteSource, Workspace};
use crate::error::{Error, Result};
use crate::hosting::{self, HostingConfig, HostingInput, ServiceInput, WebServer};
use crate::sys::clock::Clock;

/// A program that a configuration is printed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HostingProgram {
    Web(WebServer),
    Systemd,
}

impl HostingProgram {
    /// The program of a name; `./nginx` is a file.
    pub(super) fn named(name: &Path) -> Option<Self> {
        Some(match name.to_str()? {
            "nginx" => Self::Web(WebServer::Nginx),
            "caddy" => Self::Web(WebServer::Caddy),
            "apache" => Self::Web(WebServer::Apache),
            "systemd" => Self::Systemd,
            _ => return None,
        })
    }
}

/// Prints a configuration.
pub(super) fn run(
    program: HostingProgram,
    arguments: &ReceiveArgs,
    common: &CommonArgs,
    output: Output,
) -> Result<Ending> {
    let source = site_source(common)?;
    let mut site = Workspace::open(&source, Clock::system().now(), Access::Read)?;
    if site.settings_faults().iter().any(Diagnostic::is_error) {
        output.diagnostics(site.settings_faults());
        return Ok(Ending::SiteHasErrors);
    }
    let report = match program {
        HostingProgram::Web(server) => {
            let listen = arguments.listen.as_deref().unwrap_or(&site.config().linkbacks.listen);
            let listen = address(listen)?;
            let folder = site.output_folder();
            hosting::web_server(
                server,
                &HostingInput { plan: &site.snapshot().plan, root: &source.root, output: &folder, listen },
            )
        }
        HostingProgram::Systemd => {
            let text = service(&source, site.config(), arguments, common)?;
            HostingConfig { text, lacking_receiver: None, hidden: Vec::new() }
        }
    };
    output.emit(&report);
    Ok(Ending::Done)
}

/// The unit for a site, with the options of this command.
fn service(
    source: &SiteSource,
    config: &Config,
    arguments: &ReceiveArgs,
    common: &CommonArgs,
) -> Result<String> {
    let root = source.root.canonicalize().map_err(Error::io("find", &source.root))?;
    let mut options = Vec::new();
    if let Some(settings) = &common.config {
        options.extend(["--root".to_owned(), root.display().to_string()]);
        options.extend(["--config".to_owned(), absolute(settings)?]);
    }
    for (name, value) in
        [("--listen", arguments.listen.clone()), ("--db", arguments.db.as_deref().map(absolute).transpose()?)]
    {
        options.extend(value.into_iter().flat_map(|value| [name.to_owned(), value]));
    }
    let mut writes = Vec::new();
    let database = arguments.db.clone().unwrap_or_else(|| root.join(&config.linkbacks.database));
    let database = absolute(&database)?;
    let folders = config.publish.iter().filter_map(|target| match &target.place {
        TargetKind::Directory { to, .. } => Some(root.join(to).display().to_string()),
        _ => None,
    });
    let database_folder = Path::new(&database).parent().map(|folder| folder.display().to_string());
    for folder in database_folder.into_iter().chain(folders) {
        if !Path::new(&folder).starts_with(&root) && !writes.contains(&folder) {
            writes.push(folder);
        }
    }
    let program = std::env::current_exe().map_err(Error::io("find", Path::new("backmatter")))?;
    Ok(hosting::service(&ServiceInput {
        base_url: &config.base_url,
        root: &root,
        user: &owner(&root).unwrap_or_else(|| "blog".to_owned()),
        program: &program,
        arguments: &options,
        writes: &writes,
    }))
}

fn absolute(path: &Path) -> Result<String> {
    std::path::absolute(path).map(|path| path.display().to_string()).map_err(Error::io("find", path))
}

/// The account that owns a folder, by its name or its number.
#[cfg(unix)]
fn owner(folder: &Path) -> Option<String> {
    use std::os::unix::fs::MetadataExt as _;
    let id = std::fs::metadata(folder).ok()?.uid().to_string();
    // The fields of an account are its name, a word and its number (passwd(5)).
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let named = accounts.lines().find_map(|account| {
        let mut fields = account.split(':');
        let name = fields.next()?;
        (fields.nth(1) == Some(&id)).then(|| name.to_owned())
    });
    named.or(Some(id))
}

/// Elsewhere there is no systemd, and the unit is for another machine.
#[cfg(not(unix))]
fn owner(_: &Path) -> Option<String> {
    None
}

impl Report for HostingConfig {
    fn json(&self) -> Option<Value> {
        let Self { text, lacking_receiver, hidden } = self;
        Some(json!({ "config": text, "lacking_receiver": lacking_receiver, "hidden": hidden }))
    }

    fn text(&self, terminal: Terminal) {
        let Self { text, lacking_receiver, hidden } = self;
        output::print_now(text);
        if let Some(address) = lacking_receiver {
            terminal.note(&format!(
                "no page announces the receiver yet: add `receiver = \"{address}\"` to `[linkbacks]`, and build"
            ));
        }
        for page in hidden {
            terminal.warning(&format!("the receiver's own address hides the page `{page}`"));
        }
    }
}
