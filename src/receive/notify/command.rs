//! Runs the command of the settings, with a text on its standard input and a time limit.

use std::process::Command;
use std::time::Duration;

use crate::html;
use crate::sys::process::{self, ProcessEnd};

/// Runs a command. The error says how it ended, and its last words.
pub(super) fn run(command: &mut Command, input: &str, limit: Duration) -> Result<(), String> {
    let (end, stderr) = process::run_within(command, input.as_bytes(), limit)
        .map_err(|error| format!("it cannot be run: {error}"))?;
    let last = last_words(&stderr);
    match end {
        ProcessEnd::Exited(status) if status.success() => Ok(()),
        ProcessEnd::Exited(status) => Err(format!("it ended with {status}{last}")),
        ProcessEnd::OutOfTime => {
            Err(format!("it was ended after the {} s of `on_change_limit`{last}", limit.as_secs()))
        }
    }
}

fn last_words(said: &[u8]) -> String {
    let said = String::from_utf8_lossy(said);
    let last = said.lines().rev().find(|line| !line.trim().is_empty());
    last.map_or_else(String::new, |line| format!(": {}", html::shorten(line.trim(), 300)))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str, limit: Duration) -> Result<(), String> {
        let mut command = process::command("sh");
        command.args(["-c", script]);
        run(&mut command, "{}", limit)
    }

    const LONG: Duration = Duration::from_secs(20);

    #[test]
    fn how_a_command_ended_is_told_with_its_last_words() {
        assert_eq!(shell("cat >/dev/null", LONG), Ok(()));
        assert_eq!(
            shell("echo first >&2; echo last >&2; exit 3", LONG),
            Err("it ended with exit status: 3: last".to_owned())
        );
        let missing = run(&mut process::command("./no-such-command"), "", LONG);
        assert!(missing.is_err_and(|reason| reason.starts_with("it cannot be run: ")));
    }

    #[test]
    fn a_command_that_does_not_end_is_ended() {
        assert_eq!(
            shell("echo waiting >&2; exec sleep 1000", Duration::from_millis(200)),
            Err("it was ended after the 0 s of `on_change_limit`: waiting".to_owned())
        );
    }
}
