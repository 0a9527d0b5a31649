//! Runs the programs that transfer files, and turns their error output into messages.

use std::io::ErrorKind;
use std::process::{Command, Output};

use crate::publish::backends::BackendError;
use crate::sys::process;

/// Runs a program to its end, with `input` on its standard input.
pub(super) fn run(command: &mut Command, input: &[u8]) -> Result<Output, BackendError> {
    let name = command.get_program().to_string_lossy().into_owned();
    process::run(command, input).map_err(|error| cannot_run(&name, error))
}

/// Why a program cannot be run.
pub(super) fn cannot_run(name: &str, error: std::io::Error) -> BackendError {
    let reason = match error.kind() {
        ErrorKind::NotFound => format!("this needs the program `{name}`, which is not installed"),
        _ => format!("cannot run `{name}`: {error}"),
    };
    BackendError::permanent(reason).caused_by(error)
}

/// What a program complained about, and what to do: the last lines that say something, and the line that git calls fatal,
/// without names and passwords in addresses.
pub(super) fn complaint(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let mut lines: Vec<&str> = text.lines().map(str::trim).filter(|line| says_something(line)).collect();
    let surplus = lines.len().saturating_sub(4);
    // git says what is wrong first, and then at length what it may be due to.
    if let Some(first) = lines[..surplus].iter().position(|line| line.starts_with("fatal: ")) {
        lines.drain(surplus..=surplus);
        lines.insert(surplus, lines[first]);
    }
    let last = lines[surplus..].join("; ");
    let last = without_credentials(last.trim_end_matches('.'));
    match advice(&text) {
        Some(advice) if !last.is_empty() => format!("{last}; {advice}"),
        _ => last,
    }
}

/// Whether a line is more than an echo of another one.
fn says_something(line: &str) -> bool {
    let echoes = [
        "hint:",
        "rsync error:",
        "rsync: connection unexpectedly closed",
        "Connection closed",
        "Please make sure you have the correct access rights",
        "and the repository exists",
        "fatal: Could not read from remote repository",
        "error: failed to push some refs",
    ];
    !line.is_empty() && !echoes.into_iter().any(|echo| line.starts_with(echo))
}

/// What programs say of what a person can do something about, and what that is. The first that fits.
const ADVICE: [(&str, &str); 27] = [
    ("Host key verification failed", KNOW_THE_HOST),
    ("Permission denied (", GIVE_A_KEY),
    ("could not read Username", LOG_IN),
    ("could not read Password", LOG_IN),
    ("Authentication failed", LOG_IN),
    ("Could not resolve host", "look at the name of the host, and whether this machine is online"),
    ("Connection refused", LOOK_FOR_IT),
    ("Failed to connect", LOOK_FOR_IT),
    ("timed out", LOOK_FOR_IT),
    ("No route to host", LOOK_FOR_IT),
    ("unreachable", LOOK_FOR_IT),
    ("No space left", "make room there"),
    // What sftp's protocol has for a disk that is full, among others.
    (": Failure", "look whether there is room left there, and who may write"),
    (
        "from write-only server",
        "the account has to be allowed to read there too: leave out `-wo` of `rrsync`",
    ),
    ("to read-only server", "the account has to be allowed to write there: leave out `-ro` of `rrsync`"),
    ("been disabled on this server", "allow it there: leave out `-no-del` and `-no-overwrite` of `rrsync`"),
    ("command not found", "install the program there, or publish by `sftp`, which needs none"),
    ("does not appear to be a git repository", LOOK_AT_TO),
    ("epository not found", LOOK_AT_TO),
    ("' not found", LOOK_AT_TO),
    ("protected branch", ALLOW_THE_BRANCH),
    ("hook declined", ALLOW_THE_BRANCH),
    ("returned error: 403", "look at what your key or token is allowed to do there"),
    ("denied to", "look at what your key or token is allowed to do there"),
    ("mkdir", "make the folder there by hand, or name another one"),
    ("ermission denied", "look at who may write there"),
    ("No such file or directory", "look at `to`"),
];

const KNOW_THE_HOST: &str = "connect to it once by hand with `ssh`, so that its key is known";
const GIVE_A_KEY: &str = "it takes no key of yours: give it one with `ssh-copy-id` or on its page of settings, or name it in `ssh`; Backmatter does not ask for a password";
const LOG_IN: &str =
    "git has no way to log in there: write `to` as an address of ssh, or set up a credential helper of git";
const LOOK_FOR_IT: &str = "look at the name and the port, and whether it runs";
const LOOK_AT_TO: &str =
    "look at `to`: the repository has to be there, and you have to be allowed to write to it";
const ALLOW_THE_BRANCH: &str =
    "the host allows no push to this branch: allow it there, or name another `branch`";

fn advice(said: &str) -> Option<&'static str> {
    ADVICE.into_iter().find(|(sign, _)| said.contains(sign)).map(|(_, advice)| advice)
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
    fn a_complaint_is_what_went_wrong_and_what_to_do() {
        let check = |said: &str, expected: &str| assert_eq!(complaint(said.as_bytes()), expected);
        check(
            "me@example.com: Permission denied (publickey).\r\nConnection closed.  \r\n",
            &format!("me@example.com: Permission denied (publickey); {GIVE_A_KEY}"),
        );
        check(
            "Host key verification failed.\nrsync: connection unexpectedly closed (0 bytes received so far) [Receiver]\n\
             rsync error: unexplained error (code 255) at io.c(232) [Receiver=3.2.7]\n",
            &format!("Host key verification failed; {KNOW_THE_HOST}"),
        );
        check(
            "fatal: '/x.git' does not appear to be a git repository\nfatal: Could not read from remote repository.\n\n\
             Please make sure you have the correct access rights\nand the repository exists.\n",
            &format!("fatal: '/x.git' does not appear to be a git repository; {LOOK_AT_TO}"),
        );
        check(
            "remote: error: GH006: Protected branch update failed\n ! [remote rejected] a -> b (protected branch hook declined)\n\
             error: failed to push some refs to 'https://me:pw@github.com/me/x'\n",
            &format!(
                "remote: error: GH006: Protected branch update failed; ! [remote rejected] a -> b (protected branch hook declined); {ALLOW_THE_BRANCH}"
            ),
        );
        check(
            "/usr/bin/rrsync error: reading from write-only server is not allowed\n\
             rsync: connection unexpectedly closed (0 bytes received so far) [Receiver]\n\
             rsync error: error in rsync protocol data stream (code 12) at io.c(285) [Receiver=3.5.0]\n",
            "/usr/bin/rrsync error: reading from write-only server is not allowed; \
             the account has to be allowed to read there too: leave out `-wo` of `rrsync`",
        );
        check(
            "fatal: Unable to create '/srv/x.git/shallow.lock': File exists.\n\nAnother git process seems to be running in \
             this repository, e.g.\nan editor opened by 'git commit'. Please make sure all processes\nare terminated then \
             try again. If it still fails, a git process\nmay have crashed in this repository earlier:\nremove the file \
             manually to continue.\n",
            "fatal: Unable to create '/srv/x.git/shallow.lock': File exists.; are terminated then try again. If it still \
             fails, a git process; may have crashed in this repository earlier:; remove the file manually to continue",
        );
        check("something else\n", "something else");
        check("", "");
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let failure = run(&mut process::command("no-such-program"), b"").unwrap_err();
        assert_eq!(failure.reason, "this needs the program `no-such-program`, which is not installed");
    }
}
