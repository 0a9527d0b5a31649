//! The command line: parses the arguments, runs one command, and turns how it ended into an exit code.
//!
//! 0: done. 1: the site has errors. 2: the program could not run.

// A type of the public interface is documented to its last field.
#![warn(missing_docs)]

mod args;
mod backup;
mod build;
mod check;
mod common;
mod diff;
mod import;
mod init;
mod linkbacks;
mod list;
mod log;
mod man;
mod new;
mod output;
mod publish;
mod quotes;
mod receive;
mod send;
mod serve;
mod theme;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser};
use clap_complete::Shell;

use crate::cli::args::{Arguments, Command};
use crate::cli::common::Ending;
use crate::cli::output::Output;
use crate::error::Result;

/// Runs the program with these arguments, the program's name first.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let parsed = match Arguments::try_parse_from(&arguments) {
        Ok(parsed) => parsed,
        Err(error) => return refuse(&arguments, &with_tip(&arguments, error)),
    };
    let output = Output::new(&parsed.common);
    match dispatch(parsed, output) {
        Ok(Ending::Done) => ExitCode::SUCCESS,
        Ok(Ending::SiteHasErrors) => ExitCode::from(1),
        Ok(Ending::FilesHaveErrors) => ExitCode::from(3),
        Err(error) => {
            output.error(&error);
            ExitCode::from(2)
        }
    }
}

/// Reports arguments that cannot be parsed, and prints `--help` and `--version`, which clap returns as errors.
fn refuse(arguments: &[OsString], error: &clap::Error) -> ExitCode {
    // Arguments that cannot be parsed may ask for JSON all the same.
    let asks_for_json =
        arguments.iter().take_while(|argument| *argument != "--").any(|argument| argument == "--json");
    if asks_for_json && error.use_stderr() {
        output::clap_json(error);
    } else {
        output::clap(error);
    }
    ExitCode::from(if error.use_stderr() { 2 } else { 0 })
}

/// Adds what a command of another engine is called here, and that a title of several words is one argument.
fn with_tip(arguments: &[OsString], mut error: clap::Error) -> clap::Error {
    let command = arguments.get(1).and_then(|word| word.to_str()).unwrap_or_default();
    let tip = match error.kind() {
        ErrorKind::InvalidSubcommand => match command {
            "deploy" | "upload" | "push" | "sync" => "to put the site online: `backmatter publish`",
            "start" | "server" | "dev" | "develop" | "preview" | "watch" | "s" => {
                "to see the site while you write: `backmatter serve`"
            }
            "generate" | "render" | "b" => "to make the site: `backmatter build`",
            "post" | "create" | "add" | "draft" => "to begin a post: `backmatter new \"A title\"`",
            "doctor" | "lint" | "validate" => "to look for faults: `backmatter check`",
            _ => return error,
        },
        ErrorKind::UnknownArgument if command == "new" => {
            "a title of several words is one argument: `backmatter new \"A title\"`"
        }
        _ => return error,
    };
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    error
}

fn dispatch(arguments: Arguments, output: Output) -> Result<Ending> {
    let Arguments { command, common } = arguments;
    match command {
        Command::Init(arguments) => init::run(arguments, common, output),
        Command::Import(arguments) => import::run(arguments, &common, output),
        Command::New(arguments) => new::run(&arguments, &common, output),
        Command::Build(arguments) => build::run(arguments, &common, output),
        Command::Serve(arguments) => serve::run(arguments, &common, output),
        Command::List(arguments) => list::run(&arguments, &common, output),
        Command::Theme(arguments) => theme::run(&arguments, &common, output),
        Command::Publish(arguments) => publish::run(&arguments, &common, output),
        Command::Receive(arguments) => receive::run(&arguments, &common, output),
        Command::Linkbacks(arguments) => linkbacks::run(&arguments, &common, output),
        Command::Send(arguments) => send::run(&arguments, &common, output),
        Command::Check(arguments) => check::run(&arguments, &common, output),
        Command::Diff(arguments) => diff::run(&arguments, &common, output),
        Command::Quotes(arguments) => quotes::run(&arguments, &common, output),
        Command::Backup(arguments) => backup::run(&arguments, &common, output),
        Command::Restore(arguments) => backup::run_restore(&arguments, output),
        Command::Completions { shell } => {
            completions(shell);
            Ok(Ending::Done)
        }
        Command::Man(arguments) => man::run(&arguments),
    }
}

fn completions(shell: Shell) {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "backmatter", &mut script);
    output::print_now(&String::from_utf8_lossy(&script));
}
