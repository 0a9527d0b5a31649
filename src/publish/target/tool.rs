//! Programs of the system that carry files: how they are run, and what becomes of their complaints.

use std::io::{ErrorKind, Write as _};
use std::process::{Command, Output, Stdio};

use crate::publish::target::Failure;

/// Runs a program to its end, with `input` on its standard input.
pub(super) fn run(command: &mut Command, input: &[u8]) -> Result<Output, Failure> {
    let name = command.get_program().to_string_lossy().into_owned();
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| cannot_run(&name, &error))?;
    let stdin = child.stdin.take().expect("it was asked for");
    // A program that says much before it has read all would wait for us, and we for it.
    let output = std::thread::scope(|scope| {
        scope.spawn(move || {
            let mut stdin = stdin;
            // A program that ends early says why.
            let _ = stdin.write_all(input);
        });
        child.wait_with_output()
    });
    output.map_err(|error| cannot_run(&name, &error))
}

/// Why a program cannot be run.
pub(super) fn cannot_run(name: &str, error: &std::io::Error) -> Failure {
    match error.kind() {
        ErrorKind::NotFound => {
            Failure::for_good(format!("this needs the program `{name}`, which is not installed"))
        }
        _ => Failure::for_good(format!("cannot run `{name}`: {error}")),
    }
}

/// What a program complained about: the last lines, without names and passwords in addresses.
pub(super) fn complaint(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let lines: Vec<&str> =
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("hint:")).collect();
    let last = lines[lines.len().saturating_sub(4)..].join("; ");
    without_credentials(&last)
}

/// The text with `https://name:password@host` as `https://host`.
pub(super) fn without_credentials(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        clean.push_str(before);
        let end = after.find(|c: char| c == '/' || c.is_whitespace() || c == '\'').unwrap_or(after.len());
        rest = match after[..end].rfind('@') {
            Some(at) => &after[at + 1..],
            None => after,
        };
    }
    clean.push_str(rest);
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_in_addresses_are_not_repeated() {
        assert_eq!(
            without_credentials("fatal: 'https://me:s3cr@t@example.com/x.git/' not found; see http://b/"),
            "fatal: 'https://example.com/x.git/' not found; see http://b/"
        );
        assert_eq!(without_credentials("no address at all://"), "no address at all://");
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let failure = run(&mut Command::new("no-such-program"), b"").unwrap_err();
        assert_eq!(failure.reason, "this needs the program `no-such-program`, which is not installed");
    }
}
