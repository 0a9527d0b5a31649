//! Operations that failed: what was tried, on which path, and why.
//!
//! A fault in the user's content is not an [`Error`] but a [`Diagnostic`](crate::diagnostic::Diagnostic).

// A type of the public interface is documented to its last field.
#![warn(missing_docs)]

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// What a failed operation returns.
pub type Result<T> = std::result::Result<T, Error>;

/// The error of another module or library, or a text.
pub(crate) type Cause = Box<dyn std::error::Error + Send + Sync>;

/// A failed operation.
#[derive(Debug)]
pub enum Error {
    /// The file system said no.
    Io {
        /// What was tried: `read`, `write`.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// The folder holds no `backmatter.toml`, nor does any above it.
    NoSite {
        /// Where the search began.
        start: PathBuf,
    },
    /// The folder that was named holds no `backmatter.toml`.
    NoSettings {
        /// The folder.
        root: PathBuf,
    },
    /// The output directory holds files and none of them is our marker.
    ForeignOutput {
        /// The directory.
        path: PathBuf,
        /// Some file in it.
        example: String,
    },
    /// The output directory is where it would overwrite the site, or be scanned as part of it.
    OutputInside {
        /// The directory.
        path: PathBuf,
        /// The folder of the site it collides with.
        folder: String,
    },
    /// A build failed while it moved its files to their places.
    PartlyBuilt {
        /// How many are in their places.
        placed: usize,
        /// How many there are.
        of: usize,
        /// The last of those that are, in the order of their paths; empty if none is.
        last: String,
        /// What failed.
        source: Box<Error>,
    },
    /// A file stands where one would be made.
    Exists {
        /// The file.
        path: PathBuf,
        /// What would have been made.
        what: &'static str,
    },
    /// An address cannot be listened on.
    Listen {
        /// The address and port.
        address: String,
        /// The program that listens there, if it is known.
        holder: Option<String>,
        /// What the system said.
        source: io::Error,
    },
    /// There is no database of linkbacks.
    NoDatabase {
        /// Where it would be.
        path: PathBuf,
    },
    /// The database of linkbacks said no.
    Database {
        /// Its file.
        path: PathBuf,
        /// Why.
        source: Cause,
    },
    /// A place to publish to said no.
    Target {
        /// What the settings call it.
        name: String,
        /// Why.
        source: Cause,
    },
    /// An output is no longer what the build made.
    ChangedWhilePublishing {
        /// The file.
        path: PathBuf,
    },
    /// Another process is doing the same.
    Busy {
        /// What is being done.
        what: &'static str,
        /// The file that says so.
        path: PathBuf,
    },
    /// An argument that cannot be used.
    Argument {
        /// What was written, with the option's name.
        given: String,
        /// Why it cannot be used, and what can.
        reason: String,
    },
}

impl Error {
    /// An [`Error::Io`] made from the file system's answer.
    pub fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { action, path, source } => {
                write!(f, "cannot {action} `{}`: {source}", path.display())
            }
            Self::NoSite { start } => write!(
                f,
                "no `backmatter.toml` in `{}` or above it; `backmatter init` makes a new site, `--root DIR` names another one",
                start.display()
            ),
            Self::NoSettings { root } => write!(
                f,
                "no `backmatter.toml` in `{}`; `backmatter init {}` makes a new site there",
                root.display(),
                root.display()
            ),
            Self::ForeignOutput { path, example } => write!(
                f,
                "`{}` was not made by backmatter and is not empty (it holds `{example}`); choose another folder with `-o DIR`, or empty this one yourself",
                path.display()
            ),
            Self::OutputInside { path, folder } => write!(
                f,
                "the output folder `{}` would mix with the site's own `{folder}`; choose another one with `-o DIR`",
                path.display()
            ),
            Self::PartlyBuilt { placed: 0, of: _, last: _, source } => {
                write!(f, "{source}; the output folder is as it was")
            }
            Self::PartlyBuilt { placed, of, last, source } => write!(
                f,
                "{source}; {placed} of {of} files, up to `{last}` in the order of their paths, were replaced; the next build does the rest"
            ),
            Self::Exists { path, what } => {
                write!(f, "`{}` exists already; {what} never overwrites a file", path.display())
            }
            Self::Listen { address, holder, source } if source.kind() == io::ErrorKind::AddrInUse => {
                let holder = holder.as_deref().unwrap_or("another program");
                write!(
                    f,
                    "cannot listen on `{address}`: {holder} does already; stop it, or choose another address with `--port` (serve) or `--listen` (receive)"
                )
            }
            Self::Listen { address, source, .. } => write!(f, "cannot listen on `{address}`: {source}"),
            Self::NoDatabase { path } => write!(
                f,
                "there is no database of linkbacks `{}`; `backmatter receive` makes it, or name another one with `--db FILE`",
                path.display()
            ),
            Self::Database { path, source } => {
                write!(f, "the database of linkbacks `{}` cannot be used: {source}", path.display())
            }
            Self::Target { name, source } => write!(f, "`{name}`: {source}"),
            Self::ChangedWhilePublishing { path } => {
                write!(f, "`{}` has changed since the site was built; run the command again", path.display())
            }
            Self::Busy { what, path } => {
                write!(
                    f,
                    "{what} is running for this site already; wait for it to end (it holds `{}`)",
                    path.display()
                )
            }
            Self::Argument { given, reason } => write!(f, "`{given}`: {reason}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } | Self::Listen { source, .. } => Some(source),
            Self::Database { source, .. } | Self::Target { source, .. } => Some(source.as_ref()),
            Self::PartlyBuilt { source, .. } => Some(source.as_ref()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;

    #[test]
    fn a_cause_is_kept_and_said_once() {
        let cause = || io::Error::other("no answer");
        let path = PathBuf::from("links.db");
        let errors = [
            Error::Database { path: path.clone(), source: cause().into() },
            Error::Target { name: "host".to_owned(), source: cause().into() },
            Error::io("read", &path)(cause()),
        ];
        for error in errors {
            assert!(error.source().is_some_and(|source| source.is::<io::Error>()), "{error:?}");
            assert_eq!(error.to_string().matches("no answer").count(), 1, "{error}");
        }
    }
}
