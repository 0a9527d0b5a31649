//! The command line: opens the site, calls one command, and turns what happened into an exit code.
//!
//! 0: done. 1: the site has errors. 2: the program could not run.

mod args;
mod init;
mod linkbacks;
mod new;
mod publish;
mod receive;
mod send;
mod serve;
mod show;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::cli::args::{Arguments, Command, CommonArgs, PostFilter};
use crate::cli::show::Voice;
use crate::date::Date;
use crate::diagnostic::Diagnostic;
use crate::engine::{self, Request};
use crate::error::{Error, Result};
use crate::post::Kind;
use crate::scan;
use crate::site::order::{Absence, Selection, absence};

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Done,
    SiteHasErrors,
}

/// Runs the program with these arguments, the program's name first.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let arguments = match Arguments::try_parse_from(&arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // What cannot be parsed may have asked for JSON all the same.
            let is_for_machines = arguments
                .iter()
                .take_while(|argument| *argument != "--")
                .any(|argument| argument == "--json");
            if is_for_machines && error.use_stderr() {
                show::clap_json(&error)
            } else {
                show::clap(&error)
            }
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let voice = Voice::new(&arguments.common);
    match command(arguments, voice) {
        Ok(Ending::Done) => ExitCode::SUCCESS,
        Ok(Ending::SiteHasErrors) => ExitCode::from(1),
        Err(error) => {
            voice.error(&error);
            ExitCode::from(2)
        }
    }
}

fn command(arguments: Arguments, voice: Voice) -> Result<Ending> {
    let Arguments { command, common } = arguments;
    match command {
        Command::Init { folder } => {
            let folder = common.root.unwrap_or(folder);
            let files = init::run(&folder, chrono::Utc::now())?;
            voice.new_site(&folder, &files);
            Ok(Ending::Done)
        }
        Command::New { title, draft, date } => {
            let root = root(&common)?;
            let request = request(root, &common, chrono::Utc::now());
            let (config, _) = engine::settings(&request)?;
            let path = new::run(&request, &config, &new::NewPost { title, draft, date })?;
            voice.new_post(&path);
            Ok(Ending::Done)
        }
        Command::Build(build) => {
            let request = Request {
                output: build.output.clone(),
                base_url: build.base_url.clone(),
                selection: build.selection(),
                strict: build.strict,
                why: build.why.clone(),
                ..request(root(&common)?, &common, build.now.unwrap_or_else(chrono::Utc::now))
            };
            let report = engine::run(&request, &voice.watch())?;
            voice.report(&report);
            // A build may find fault with itself when all is written; with `--strict` that counts as well.
            let built = report.built && !report.diagnostics.iter().any(Diagnostic::is_error);
            // The process ends here; freeing ten thousand posts one by one is time for nothing.
            std::mem::forget(report);
            Ok(if built { Ending::Done } else { Ending::SiteHasErrors })
        }
        Command::Serve(serve) => serve::run(serve, &common, voice),
        Command::List { what, now } => {
            let request = request(root(&common)?, &common, now.unwrap_or_else(chrono::Utc::now));
            list(&request, what, voice)
        }
        Command::Publish(arguments) => publish::run(&arguments, &common, voice),
        Command::Receive(arguments) => receive::run(&arguments, &common, voice),
        Command::Linkbacks(arguments) => linkbacks::run(&arguments, &common, voice),
        Command::Send(arguments) => send::run(&arguments, &common, voice),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "backmatter", &mut script);
            show::print_now(&String::from_utf8_lossy(&script));
            Ok(Ending::Done)
        }
    }
}

fn root(common: &CommonArgs) -> Result<PathBuf> {
    match (&common.root, &common.config) {
        (Some(root), Some(_)) => Ok(root.clone()),
        (Some(root), None) if root.join(crate::config::FILE_NAME).is_file() => Ok(root.clone()),
        (Some(root), None) => Err(Error::NoSettings { root: root.clone() }),
        (None, Some(config)) => Ok(config
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
            .unwrap_or(Path::new("."))
            .to_owned()),
        (None, None) => scan::find_root(&working_folder()),
    }
}

/// The current folder by the path the shell shows (`PWD`, POSIX 2.5.3), where links are kept: `serve` and `receive`
/// go on with the folder that such a link leads to later.
fn working_folder() -> PathBuf {
    let here = Path::new(".");
    let shown = std::env::var_os("PWD").map(PathBuf::from).filter(|path| path.is_absolute());
    let is_here = |path: &PathBuf| path.canonicalize().ok() == here.canonicalize().ok();
    shown.filter(is_here).unwrap_or_else(|| here.to_owned())
}

fn request(root: PathBuf, common: &CommonArgs, now: chrono::DateTime<chrono::Utc>) -> Request {
    Request {
        root,
        settings: common.config.clone(),
        output: None,
        base_url: None,
        receiver: None,
        selection: Selection::default(),
        now,
        strict: false,
        why: None,
    }
}

/// Lists posts of one state, newest first. Faults of the site are shown and do not hide the rest.
fn list(request: &Request, what: PostFilter, voice: Voice) -> Result<Ending> {
    let (mut posts, config, diagnostics) = engine::posts(request)?;
    let now = Date::of_moment(request.now, config.timezone);
    posts.sort_by(|a, b| (std::cmp::Reverse(a.date), &a.path).cmp(&(std::cmp::Reverse(b.date), &b.path)));
    let (wanted, name) = match what {
        PostFilter::Posts => (None, "posts"),
        PostFilter::Drafts => (Some(Absence::Draft), "drafts"),
        PostFilter::Future => (Some(Absence::Future), "posts with a date to come"),
        PostFilter::Expired => (Some(Absence::Expired), "expired posts"),
    };
    let states = posts.iter().map(|post| (&**post, absence(post, now)));
    let listed: Vec<_> = states
        .filter(|(post, absence)| *absence == wanted && (wanted.is_some() || post.kind == Kind::Post))
        .collect();
    voice.posts(&listed, name, &config);
    let errors: Vec<_> = diagnostics.into_iter().filter(Diagnostic::is_error).collect();
    voice.diagnostics(&errors);
    Ok(if errors.is_empty() { Ending::Done } else { Ending::SiteHasErrors })
}
