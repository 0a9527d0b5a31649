//! Opening a file where its author writes it.
//!
//! Which editor that is comes from the author's own command line or environment, never from the site: the site of
//! another author must not choose what runs here.

use std::io;
use std::path::Path;
use std::process::{Command, ExitStatus};

use crate::path::percent_encode;
use crate::sys::process;

/// What opens a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EditorCommand {
    /// A program and its arguments, with `{file}` and `{line}` in them.
    Command(Vec<String>),
    /// An address that the browser hands to a program: `vscode://file{file}:{line}`.
    Link(String),
}

/// Editors that need the terminal, which is ours while the preview runs.
const IN_TERMINALS: [&str; 14] =
    ["vi", "vim", "nvim", "view", "nano", "pico", "micro", "helix", "hx", "ed", "joe", "kak", "ne", "mcedit"];

impl EditorCommand {
    /// An editor as it is written: a command, or an address. `None` if nothing is.
    pub fn parse(written: &str) -> Option<Self> {
        let written = written.trim();
        if written.contains("://") && !written.contains(char::is_whitespace) {
            return Some(Self::Link(written.to_owned()));
        }
        let mut words = words(written);
        if words.is_empty() {
            return None;
        }
        if !words.iter().any(|word| word.contains("{file}")) {
            words.push("{file}".to_owned());
        }
        Some(Self::Command(words))
    }

    /// Whether it would write to the terminal in which the preview runs.
    pub fn needs_terminal(&self) -> bool {
        let Self::Command(words) = self else { return false };
        let name = Path::new(&words[0]).file_stem().unwrap_or_default().to_string_lossy().to_lowercase();
        IN_TERMINALS.contains(&name.as_str())
            || (name.starts_with("emacs")
                && words.iter().any(|word| word == "-nw" || word == "-t" || word == "-tty"))
    }

    /// The address that opens a file, if it is one.
    pub(super) fn link(&self, file: &Path, line: usize) -> Option<String> {
        let Self::Link(pattern) = self else { return None };
        let mut path = String::new();
        percent_encode(&file.to_string_lossy(), &mut path);
        Some(pattern.replace("{file}", &path).replace("{line}", &line.to_string()))
    }

    /// Runs the command, if it is one, and does not wait for it.
    pub(super) fn open(&self, file: &Path, line: usize) -> io::Result<()> {
        self.command(file, line).map_or(Ok(()), |mut command| process::open(&mut command))
    }

    /// Runs the command in the terminal of this program and waits for its end. An address cannot be waited for.
    pub fn run(&self, file: &Path, line: usize) -> io::Result<ExitStatus> {
        let mut command = self.command(file, line).ok_or(io::ErrorKind::Unsupported)?;
        process::run_in_terminal(&mut command)
    }

    fn command(&self, file: &Path, line: usize) -> Option<Command> {
        let Self::Command(words) = self else { return None };
        let fill = |word: &String| {
            word.replace("{line}", &line.to_string()).replace("{file}", &file.to_string_lossy())
        };
        let mut command = process::command(&words[0]);
        command.args(words[1..].iter().map(fill));
        Some(command)
    }
}

/// The words of a command, quoted or not. No shell is asked.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in command.chars() {
        match quote {
            Some(mark) if c == mark => quote = None,
            None if c == '"' || c == '\'' => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            None if c.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_cut_into_words_without_a_shell() {
        let command = |words: &[&str]| {
            Some(EditorCommand::Command(words.iter().map(|word| (*word).to_owned()).collect()))
        };
        assert_eq!(EditorCommand::parse("code -w"), command(&["code", "-w", "{file}"]));
        assert_eq!(
            EditorCommand::parse("'/opt/my editor/run' --at {file}:{line} \"\""),
            command(&["/opt/my editor/run", "--at", "{file}:{line}", ""])
        );
        assert_eq!(EditorCommand::parse("  "), None);
        assert_eq!(EditorCommand::parse("a; rm -rf ~"), command(&["a;", "rm", "-rf", "~", "{file}"]));
    }

    #[test]
    fn an_address_is_filled_in() {
        let editor = EditorCommand::parse("vscode://file{file}:{line}").expect("it is one");
        assert_eq!(
            editor.link(Path::new("/home/me/a b.md"), 7),
            Some("vscode://file/home/me/a%20b.md:7".to_owned())
        );
    }

    #[test]
    fn editors_of_the_terminal_are_known() {
        let needs = |command: &str| EditorCommand::parse(command).expect("it is one").needs_terminal();
        assert!(needs("vim") && needs("/usr/bin/nvim -p") && needs("emacs -nw"));
        assert!(!needs("code -w") && !needs("emacs") && !needs("vscode://file{file}"));
    }
}
