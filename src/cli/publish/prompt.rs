//! The question whether a plan is to be applied.

use std::io::{BufRead, IsTerminal, Write};
use std::path::Path;

use crate::error::{Error, Result};

/// Asks on the terminal.
pub(super) fn agrees(target: &str) -> Result<bool> {
    if !std::io::stdin().is_terminal() {
        let reason = "this is not a terminal, so the question whether to publish cannot be asked; `--yes` publishes without \
                      asking, `--dry-run` only shows the plan";
        return Err(Error::Argument { given: "publish".to_owned(), reason: reason.to_owned() });
    }
    let mut error = anstream::stderr().lock();
    let _ = write!(error, "Publish to {target}? [y/N] ").and_then(|()| error.flush());
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).map_err(Error::io("read", Path::new("the terminal")))?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
