//! Places to publish to, behind one trait: what [`apply`](crate::publish::apply) asks of each.

pub(crate) mod azure;
pub(crate) mod directory;
pub(crate) mod git;
mod http;
pub(crate) mod neocities;
pub(crate) mod netlify;
mod object_store;
pub(crate) mod s3;
pub(crate) mod ssh;
mod tool;
pub(crate) mod webdav;

use std::fmt;
use std::path::Path;
use std::time::Duration;

use crate::config::Config;
use crate::config::publish::{PublishTarget, TargetKind};
use crate::error::{Cause, Error};
use crate::path::OutputPath;
use crate::publish::backends::http::Web;
use crate::publish::desired::DesiredFiles;
use crate::publish::diff::Diff;
use crate::publish::secret::{self, Secrets};
use crate::publish::state::TargetState;

/// A place to publish to.
///
/// `begin`, then uploads and deletes, then `finish`. What goes up between is seen at once in some places and only
/// after `finish` in others.
pub trait Backend: Sync {
    /// How it wants to be spoken to.
    fn capabilities(&self) -> Capabilities;

    /// The manifest that is stored there; `None` if there is none.
    fn manifest(&self) -> Result<Option<Vec<u8>>, BackendError>;

    /// Which of these paths, none of which the manifest names, have a file of another origin that an upload would
    /// replace for good. A place that keeps what it held before loses nothing, and names none.
    fn taken(&self, _paths: &[&OutputPath]) -> Result<Vec<OutputPath>, BackendError> {
        Ok(Vec::new())
    }

    /// The address of the repository that is pushed to, if it is one: hosts serve a site by it.
    fn repository(&self) -> Option<String> {
        None
    }

    /// Begins a publish, unless the manifest that is there is no longer `opening.old`.
    fn begin(&self, opening: &PublishStart<'_>) -> Result<(), BackendError>;

    /// Puts files there. When it returns, all of them are there, or none of them counts.
    fn upload(&self, batch: &[&OutputPath], desired: &DesiredFiles) -> Result<(), BackendError>;

    /// Takes files away. One that is not there is no failure.
    fn delete(&self, batch: &[&OutputPath]) -> Result<(), BackendError>;

    /// Takes away what a publish from here left that was killed after its last step. Nothing depends on it.
    fn tidy(&self) {}

    /// Ends the publish: what is there becomes visible, if it is not yet, and the manifest is stored.
    fn finish(&self, manifest: &[u8]) -> Result<(), BackendError>;
}

/// The target that the settings describe.
pub(crate) fn open(
    target: &PublishTarget,
    site: &BackendContext<'_>,
    state: &TargetState,
) -> Result<Box<dyn Backend>, Error> {
    let secrets = Secrets { target: &target.name, variable: &secret::of_environment };
    make(&target.place, site, state, &secrets)
        .map_err(|error| Error::Target { name: target.name.clone(), source: error.into() })
}

/// The target at a place.
pub(crate) fn make(
    place: &TargetKind,
    site: &BackendContext<'_>,
    state: &TargetState,
    secrets: &Secrets<'_>,
) -> Result<Box<dyn Backend>, BackendError> {
    let config = site.config;
    Ok(match place {
        TargetKind::Directory { to, mode } => Box::new(directory::Directory::new(site.root.join(to), *mode)),
        TargetKind::Git { to, branch } => {
            let cache = state.folder().join("git");
            Box::new(git::Git::new(site, cache, to, branch))
        }
        TargetKind::Rsync(shell) => Box::new(ssh::rsync::Rsync::new(shell.clone(), state.staging()?)),
        TargetKind::Sftp(shell) => Box::new(ssh::sftp::Sftp::new(shell.clone(), state.staging()?)),
        TargetKind::Netlify { site: name, api } => {
            let token = secrets.needed("TOKEN", "NETLIFY_AUTH_TOKEN")?;
            Box::new(netlify::Netlify::new(Web::new("Netlify", config), api, name, token))
        }
        TargetKind::Neocities { site: name, api, .. } => {
            let key = secrets.needed("KEY", "NEOCITIES_API_KEY")?;
            let known = state.manifest_bytes();
            Box::new(neocities::Neocities::new(Web::new("Neocities", config), api, name, key, known))
        }
        TargetKind::S3(bucket) => Box::new(s3::S3::new(
            Web::new("the object store", config),
            bucket.clone(),
            s3::S3Credentials::find(secrets)?,
        )),
        TargetKind::Azure { account, container, endpoint } => {
            let credentials = azure::AzureCredentials::find(secrets)?;
            Box::new(azure::Azure::new(
                Web::new("Azure", config),
                account,
                format!("{endpoint}/{container}"),
                credentials,
            ))
        }
        TargetKind::Webdav { to } => {
            Box::new(webdav::Webdav::new(Web::new("the WebDAV server", config), to, webdav::login(secrets)?))
        }
    })
}

/// What a target has to know of the site.
pub struct BackendContext<'a> {
    pub root: &'a Path,
    pub config: &'a Config,
}

/// How a target wants to be spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// How many batches at a time.
    pub workers: usize,
    /// How many files in a batch.
    pub batch: usize,
    /// When visitors see what goes up.
    pub visibility: Visibility,
}

/// When visitors see what goes up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// File by file. A publish that was broken off goes on where it was.
    Immediate,
    /// All at once, at the end. A publish that was broken off leaves nothing behind, and begins again.
    AtFinish,
}

/// What a publish begins with.
pub struct PublishStart<'a> {
    /// The manifest that was read before.
    pub old: Option<&'a [u8]>,
    /// The one to store until the publish ends, where it is seen at once what goes up.
    pub during: &'a [u8],
    /// The one to store when all is done.
    pub after: &'a [u8],
    pub desired: &'a DesiredFiles,
    /// What is about to be done.
    pub diff: &'a Diff,
}

/// Something at a target that did not work.
#[derive(Debug)]
pub struct BackendError {
    /// What, in lower case and without a full stop.
    pub reason: String,
    /// Whether it may work later.
    pub retry: Retry,
    /// The error of the system or of a library that `reason` tells of.
    source: Option<Cause>,
}

impl fmt::Display for BackendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for BackendError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// Whether what failed may work later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Not before a setting or the target is changed.
    Never,
    /// It may; the target says after how long, or does not say.
    Later(Option<Duration>),
}

impl BackendError {
    /// A failure that stays one.
    pub fn permanent(reason: impl Into<String>) -> Self {
        Self::new(reason, Retry::Never)
    }

    /// A failure that may pass.
    pub fn transient(reason: impl Into<String>) -> Self {
        Self::new(reason, Retry::Later(None))
    }

    /// A failure.
    pub fn new(reason: impl Into<String>, retry: Retry) -> Self {
        Self { reason: reason.into(), retry, source: None }
    }

    /// The same failure with the error that it comes from.
    pub fn caused_by(self, source: impl Into<Cause>) -> Self {
        Self { source: Some(source.into()), ..self }
    }

    /// Another publish to the same place.
    pub fn conflict() -> Self {
        Self::permanent(
            "another publish has changed the target in the meantime; run `backmatter publish` again to see what is left to do",
        )
    }
}

impl From<Error> for BackendError {
    fn from(error: Error) -> Self {
        Self::permanent(error.to_string()).caused_by(error)
    }
}
