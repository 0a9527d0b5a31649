//! Runs the command of the settings, with a text on its standard input and a time limit.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStderr, Command};
use tokio::time;

use crate::html;

/// How long what a command said last is waited for when it has ended. What it left running may keep its standard
/// error open for ever.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// How much of what a command says is kept.
const MOST_SAID: usize = 64 * 1024;

/// Runs a command. The error says how it ended, and its last words.
pub(super) fn run(command: std::process::Command, input: String, limit: Duration) -> Result<(), String> {
    // What is still waited for when it has ended goes with the runtime.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("it cannot be run: {error}"))?;
    runtime.block_on(run_for(command.into(), input, limit))
}

async fn run_for(mut command: Command, input: String, limit: Duration) -> Result<(), String> {
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
    apart(&mut command);
    let mut child = command.spawn().map_err(|error| format!("it cannot be run: {error}"))?;
    let (mut stdin, stderr) =
        (child.stdin.take().expect("it is piped"), child.stderr.take().expect("it is piped"));
    // A command that does not want to know closes its end.
    tokio::spawn(async move { stdin.write_all(input.as_bytes()).await });
    let said: Arc<Mutex<Vec<u8>>> = Arc::default();
    let listener = tokio::spawn(listen(stderr, Arc::clone(&said)));
    let ended = time::timeout(limit, child.wait()).await;
    if ended.is_err() {
        end(&mut child).await;
    }
    let _ = time::timeout(LAST_WORDS, listener).await;
    let last = last_words(&said.lock());
    match ended {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) => Err(format!("it ended with {status}{last}")),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("it was ended after the {} s of `on_change_limit`{last}", limit.as_secs())),
    }
}

/// Keeps the end of what a command says.
async fn listen(mut stderr: ChildStderr, said: Arc<Mutex<Vec<u8>>>) {
    let mut part = [0; 4096];
    while let Ok(length @ 1..) = stderr.read(&mut part).await {
        let mut said = said.lock();
        said.extend_from_slice(&part[..length]);
        let surplus = said.len().saturating_sub(MOST_SAID);
        said.drain(..surplus);
    }
}

fn last_words(said: &[u8]) -> String {
    let said = String::from_utf8_lossy(said);
    let last = said.lines().rev().find(|line| !line.trim().is_empty());
    last.map_or_else(String::new, |line| format!(": {}", html::shorten(line.trim(), 300)))
}

/// Gives a command a process group, so that all it starts can be ended with it.
#[cfg(unix)]
fn apart(command: &mut Command) {
    if has_group_of_its_own() {
        command.process_group(0);
    }
}

#[cfg(not(unix))]
fn apart(_: &mut Command) {}

/// At a terminal a command stays in our group: it may have to ask for a password, and Ctrl-C is meant for it as well.
#[cfg(unix)]
fn has_group_of_its_own() -> bool {
    use std::io::{IsTerminal, stdin};
    !stdin().is_terminal()
}

/// Ends a command, and what it started if that has a group of its own.
async fn end(child: &mut Child) {
    #[cfg(unix)]
    if has_group_of_its_own()
        && let Some(group) = child.id().and_then(|id| rustix::process::Pid::from_raw(id.cast_signed()))
    {
        // A process that has ended in the meantime cannot be killed.
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ = child.kill().await;
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str, limit: Duration) -> Result<(), String> {
        let mut command = std::process::Command::new("sh");
        command.args(["-c", script]);
        run(command, "{}".to_owned(), limit)
    }

    const LONG: Duration = Duration::from_secs(20);

    #[test]
    fn how_a_command_ended_is_told_with_its_last_words() {
        assert_eq!(shell("cat >/dev/null", LONG), Ok(()));
        assert_eq!(
            shell("echo first >&2; echo last >&2; exit 3", LONG),
            Err("it ended with exit status: 3: last".to_owned())
        );
        let missing = run(std::process::Command::new("./no-such-command"), String::new(), LONG);
        assert!(missing.is_err_and(|reason| reason.starts_with("it cannot be run: ")));
    }

    #[test]
    fn a_command_that_does_not_end_is_ended() {
        assert_eq!(
            shell("echo waiting >&2; exec sleep 1000", Duration::from_millis(200)),
            Err("it was ended after the 0 s of `on_change_limit`: waiting".to_owned())
        );
    }

    #[test]
    fn what_a_command_leaves_running_is_not_waited_for() {
        // It keeps the standard error open.
        assert_eq!(shell("sleep 5 & exit 0", LONG), Ok(()));
    }

    #[test]
    fn a_command_that_reads_nothing_is_no_trouble() {
        let long = "x".repeat(1 << 20);
        assert_eq!(run(std::process::Command::new("true"), long.clone(), LONG), Ok(()));
        let mut command = std::process::Command::new("sleep");
        command.arg("1000");
        assert!(run(command, long, Duration::from_millis(100)).is_err());
    }
}
