//! `backmatter publish`: builds the site, shows what would change at a target, asks, and does it.

mod report;

use std::fs;
use std::io::{BufRead, ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use crate::cli::common::{CommonArgs, Ending, request, root};
use crate::cli::output::Output;
use crate::cli::send;
use crate::config::Config;
use crate::config::publish::{MaxDeletes, PublishTarget};
use crate::diagnostic::did_you_mean;
use crate::engine;
use crate::error::{Error, Result};
use crate::http::client::Client;
use crate::publish::{self, ForeignFiles, PublishPlan, UnfinishedPolicy, wait_online, workflow};
use crate::sys::clock::{self, Clock};

/// The arguments of `publish`.
#[derive(Debug, Args)]
pub(super) struct PublishArgs {
    /// Where to: the NAME of a [publish.NAME] in the settings [default: the only one]
    #[arg(value_name = "TARGET")]
    target: Option<String>,
    /// Show what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    /// Refuse to delete more files than this: 20, or 10% of what is there
    #[arg(long, value_name = "N|P%", value_parser = MaxDeletes::parse)]
    max_deletes: Option<MaxDeletes>,
    /// Tell nobody about new links
    #[arg(long)]
    no_send: bool,
    /// Go on from what a publish of somebody else left that has died
    #[arg(long)]
    take_over: bool,
    /// Replace files at the target that are not ours, where ours stand
    #[arg(long)]
    overwrite: bool,
    /// Write the file by which a service publishes the site by itself: github-pages, gitlab-pages, codeberg, netlify,
    /// cloudflare, neocities, s3 or webdav
    #[arg(long, value_name = "SERVICE", conflicts_with_all = ["target", "dry_run", "yes", "max_deletes", "no_send", "take_over", "overwrite"])]
    init: Option<String>,
    /// With --init: the git repository of Backmatter's source from which the service installs it, with #TAG to stay with one
    /// version
    #[arg(long, value_name = "ADDRESS", requires = "init", value_parser = source)]
    from: Option<String>,
}

/// An address that can stand in a command of a shell as it is.
fn source(text: &str) -> std::result::Result<String, String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/@+%#".contains(c);
    let is_address = text.starts_with("https://") || text.starts_with("ssh://");
    match is_address && text.chars().all(is_plain) {
        true => Ok(text.to_owned()),
        false => Err(
            "write it as `https://example.com/backmatter.git` or `https://example.com/backmatter.git#v0.1.0`"
                .to_owned(),
        ),
    }
}

/// Publishes the site.
pub(super) fn run(arguments: &PublishArgs, common: &CommonArgs, voice: Output) -> Result<Ending> {
    let now = Clock::system().now();
    let root = root(common)?;
    let mut request = request(root, common, now);
    let (config, faults) = engine::settings(&request)?;
    if faults.iter().any(crate::diagnostic::Diagnostic::is_error) {
        voice.diagnostics(&faults);
        return Ok(Ending::SiteHasErrors);
    }
    if let Some(name) = &arguments.init {
        return init((name, arguments.from.as_deref()), &request.root, &config, voice);
    }
    let target = choose(&config, arguments.target.as_deref())?;
    request.base_url = target.base_url.clone();
    // The site for another address is another site, with a folder and a memory of its own.
    request.output = target.base_url.as_ref().map(|_| {
        let folder = format!("{}-{}", config.output, target.name);
        request.root.join(folder)
    });
    let (report, built) = engine::run_and_keep(&request, &voice.build_progress())?;
    let Some(built) = built else {
        voice.emit(&report);
        return Ok(Ending::SiteHasErrors);
    };
    voice.diagnostics_beside(&report.diagnostics);
    let publication = PublishPlan::new(&publish::PublishRequest {
        root: &request.root,
        output: &report.output,
        built: &built,
        target,
        max_deletes: arguments.max_deletes,
        others: if arguments.take_over { UnfinishedPolicy::TakeOver } else { UnfinishedPolicy::Respect },
        foreign: if arguments.overwrite { ForeignFiles::Overwrite } else { ForeignFiles::Keep },
        now,
    })?;
    let way = match (arguments.dry_run, publication.is_refused()) {
        (_, true) => Way::Refused,
        (true, false) => Way::DryRun,
        (false, false) if publication.is_empty() => Way::NothingToDo,
        (false, false) => Way::Apply,
    };
    voice.publish_plan(&publication, target, way);
    let mut online = None;
    match way {
        Way::Refused => return Ok(Ending::SiteHasErrors),
        Way::DryRun => return Ok(Ending::Done),
        Way::NothingToDo => {}
        Way::Apply => {
            if !arguments.yes && !agrees(voice, &target.name)? {
                voice.publish_declined();
                return Ok(Ending::SiteHasErrors);
            }
            if let Err(stopped) = publication.apply(&voice.watch_publish(), &clock::sleep) {
                voice.publish_stopped(&stopped, target);
                return Ok(Ending::SiteHasErrors);
            }
            voice.published(&publication, target);
            online = Some(look_online(&publication, target, &built.plan.site.config, voice));
        }
    }
    // Linkbacks say where the site is, and a copy of it elsewhere is not the site.
    let sends = !arguments.no_send && target.base_url.as_ref().is_none_or(|url| *url == config.base_url);
    let sent = sends.then(|| send::after_publish(request, voice));
    voice.publish_ended(&publication, target, (way, online, sent));
    Ok(Ending::Done)
}

/// Waits until what was published is online, and tells the hub of the target.
fn look_online(
    publication: &PublishPlan,
    target: &PublishTarget,
    config: &Config,
    voice: Output,
) -> wait_online::OnlineReport {
    let client = Client::new(&config.network, &config.base_url);
    let patience = Duration::from_secs(target.wait as u64);
    voice.looks_online(publication, patience);
    let online = wait_online::wait(publication, target, &client, &clock::sleep);
    voice.online(&online, target);
    online
}

/// Writes the file by which a service publishes the site.
fn init((name, source): (&str, Option<&str>), root: &Path, config: &Config, voice: Output) -> Result<Ending> {
    let names = || workflow::SERVICES.iter().map(|service| service.name);
    let Some(service) = workflow::SERVICES.iter().find(|service| service.name == name) else {
        let known = names().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let reason = did_you_mean(name, names()).unwrap_or_else(|| format!("known are {known}"));
        return Err(Error::Argument { given: format!("--init {name}"), reason });
    };
    let path = root.join(service.path);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(Error::io("make", folder))?;
    }
    let workflow = service.workflow(config, source);
    match fs::File::create_new(&path) {
        Ok(mut file) => file.write_all(workflow.text.as_bytes()).map_err(Error::io("write", &path))?,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            return Err(Error::Exists { path, what: "`publish --init`" });
        }
        Err(error) => return Err(Error::io("write", &path)(error)),
    }
    voice.publish_init(service, &workflow, config);
    Ok(Ending::Done)
}

/// What becomes of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Something speaks against it.
    Refused,
    /// It is only shown.
    DryRun,
    /// There is no difference.
    NothingToDo,
    /// It is applied, if the user agrees.
    Apply,
}

/// The target of a name, or the only one.
fn choose<'c>(config: &'c Config, name: Option<&str>) -> Result<&'c PublishTarget> {
    let names = || config.publish.iter().map(|target| target.name.as_str());
    let listed = || names().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let refuse = |given: &str, reason: String| Err(Error::Argument { given: given.to_owned(), reason });
    match (name, config.publish.as_slice()) {
        (_, []) => refuse(
            "publish",
            "the settings name no place to publish to; add three lines such as these to `backmatter.toml`:\n\n\
             [publish.web]\n\
             kind = \"directory\"\n\
             to = \"/srv/www/blog\"\n\n\
             other kinds are `git`, `rsync`, `sftp`, `netlify`, `neocities`, `s3`, `azure` and `webdav`"
                .to_owned(),
        ),
        (None, [only]) => Ok(only),
        (None, _) => refuse("publish", format!("there are several targets; name one of {}", listed())),
        (Some(name), targets) => match targets.iter().find(|target| target.name == name) {
            Some(target) => Ok(target),
            None => {
                let hint = did_you_mean(name, names()).unwrap_or_else(|| format!("known are {}", listed()));
                refuse(name, format!("the settings have no `[publish.{name}]`; {hint}"))
            }
        },
    }
}

/// Asks whoever sits at the terminal.
fn agrees(voice: Output, name: &str) -> Result<bool> {
    if !std::io::stdin().is_terminal() {
        let reason =
            "nobody can be asked here; `--yes` publishes without asking, `--dry-run` only shows".to_owned();
        return Err(Error::Argument { given: "publish".to_owned(), reason });
    }
    voice.ask_to_publish(name);
    let mut answer = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(Error::io("read", &PathBuf::from("the terminal")))?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
