//! Putting the site online: what differs from what is there, shown, confirmed, and applied in a safe order.
//!
//! [`PublishPlan::new`] compares the files of the build ([`desired`]) with the manifest stored at the target
//! ([`manifest`]) and collects reasons not to publish ([`checks`]); [`PublishPlan::apply`] uploads and deletes what
//! differs. A target is reached through a [`Backend`]. Nothing here knows how a publish is shown.

pub(crate) mod apply;
pub(crate) mod backends;
pub(crate) mod checks;
pub(crate) mod desired;
pub(crate) mod diff;
pub(crate) mod headers;
pub(crate) mod host_files;
pub(crate) mod manifest;
pub(crate) mod redirect_rules;
pub(crate) mod secret;
pub(crate) mod state;
pub(crate) mod wait_online;
pub(crate) mod workflow;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::config::Config;
use crate::config::publish::{MaxDeletes, PublishTarget};
use crate::diagnostic::Diagnostic;
use crate::engine::workspace::SiteSource;
use crate::engine::{self, BuildOutputs, NotShown};
use crate::error::{Error, Result};
use crate::nearest_name::did_you_mean;
use crate::path::{OutputPath, fold_name};
use crate::publish::apply::{ApplyError, PublishObserver};
use crate::publish::backends::{Backend, BackendContext, BackendError};
use crate::publish::checks::CheckInput;
use crate::publish::desired::DesiredFiles;
use crate::publish::diff::Diff;
use crate::publish::manifest::{Manifest, PublishSession};
use crate::publish::state::{TargetState, UnfinishedPublish};
use crate::sys::random;

/// The target of a name, or the only one.
pub(crate) fn choose_target<'c>(config: &'c Config, name: Option<&str>) -> Result<&'c PublishTarget> {
    let names: Vec<&str> = config.publish.iter().map(|target| target.name.as_str()).collect();
    let listed = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let reason = match (name, config.publish.as_slice()) {
        (_, []) => "the settings name no place to publish to; add three lines such as these to `backmatter.toml`:\n\n\
             [publish.web]\n\
             kind = \"directory\"\n\
             to = \"/srv/www/blog\"\n\n\
             other kinds are `git`, `rsync`, `sftp`, `netlify`, `neocities`, `s3`, `azure` and `webdav`"
            .to_owned(),
        (None, [only]) => return Ok(only),
        (None, _) => format!("there are several targets; name one of {listed}"),
        (Some(name), targets) => match targets.iter().find(|target| target.name == name) {
            Some(target) => return Ok(target),
            None => {
                let hint = did_you_mean(name, names).unwrap_or_else(|| format!("known are {listed}"));
                format!("the settings have no `[publish.{name}]`; {hint}")
            }
        },
    };
    Err(Error::Argument {
        given: name.filter(|_| !config.publish.is_empty()).unwrap_or("publish").to_owned(),
        reason,
    })
}

/// The site for a target that has another address, with an output folder and a ledger of its own.
pub(crate) fn site_at(
    base_url: &str,
    source: &SiteSource,
    config: &Config,
    target: &PublishTarget,
) -> SiteSource {
    let folder = format!("{}-{}", config.output, target.name);
    SiteSource {
        base_url: Some(base_url.to_owned()),
        output: Some(source.root.join(folder)),
        ..source.clone()
    }
}

/// Whether a target holds the site at its own address. Linkbacks say where the site is, so none are sent for a copy elsewhere.
pub(crate) fn is_main_site(target: &PublishTarget, config: &Config) -> bool {
    target.base_url.as_ref().is_none_or(|url| *url == config.base_url)
}

/// What is published, where, and when.
pub struct PublishRequest<'a> {
    pub root: &'a Path,
    /// The folder that the build wrote.
    pub output: &'a Path,
    pub built: &'a BuildOutputs,
    pub target: &'a PublishTarget,
    /// How many files may be deleted, if the command line says.
    pub max_deletes: Option<MaxDeletes>,
    /// What to do about a publish from elsewhere that has not ended.
    pub others: UnfinishedPolicy,
    /// What to do about files there that are not ours, where ours would stand.
    pub foreign: ForeignFiles,
    pub now: DateTime<Utc>,
}

/// What to do about a publish from elsewhere that has not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnfinishedPolicy {
    /// It may be running: leave it alone.
    Respect,
    /// It is known to be dead: go on from what it left.
    TakeOver,
}

/// What to do about files at the target that are not ours, where ours would stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForeignFiles {
    /// Leave them and refuse the publish.
    Keep,
    /// They may be lost.
    Overwrite,
}

/// A planned publish: what [`PublishPlan::apply`] needs, and what a person wants to see before.
pub struct PublishPlan {
    /// The files that are wanted at the target.
    pub desired: DesiredFiles,
    /// The difference to what the target holds.
    pub diff: Diff,
    /// Reasons not to publish, and what is worth knowing.
    pub faults: Vec<Diagnostic>,
    /// What the last publish left at the target.
    pub prior: PriorState,
    /// Posts and pages that are not part of it.
    pub not_shown: NotShown,
    remote: RemoteManifest,
    /// Files of an interrupted publish that are known to be at the target.
    arrived: BTreeSet<OutputPath>,
    backend: Box<dyn Backend>,
    state: TargetState,
    session: PublishSession,
    base_url: String,
    now: DateTime<Utc>,
}

/// The manifest stored at a target.
struct RemoteManifest {
    /// The bytes as they were read; `None` if the target has no manifest.
    bytes: Option<Vec<u8>>,
    manifest: Manifest,
}

impl RemoteManifest {
    fn read(request: &PublishRequest<'_>, backend: &dyn Backend) -> Result<Self> {
        let bytes = backend.manifest().map_err(|error| request.failed(error))?;
        let manifest = match &bytes {
            Some(bytes) => Manifest::parse(bytes).map_err(|reason| {
                let reason = format!("its `{}` cannot be read: {reason}", manifest::FILE_NAME);
                request.failed(BackendError::permanent(reason))
            })?,
            // Nothing was ever published there: every file of the plan is new.
            None => Manifest::default(),
        };
        Ok(Self { bytes, manifest })
    }

    fn prior(&self) -> PriorState {
        match (&self.bytes, &self.manifest.session) {
            (None, _) => PriorState::Empty,
            (Some(_), None) => PriorState::Complete,
            (Some(_), Some(_)) => PriorState::Interrupted,
        }
    }

    /// Whether the unfinished publish at the target is this one.
    fn is_of(&self, unfinished: &UnfinishedPublish) -> bool {
        self.manifest.session.as_ref().is_some_and(|session| session.id == unfinished.session)
    }
}

/// What the last publish left at a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PriorState {
    /// Nothing was published there yet.
    Empty,
    /// The last one ended.
    Complete,
    /// The last one was broken off.
    Interrupted,
}

impl PublishRequest<'_> {
    fn config(&self) -> &Config {
        &self.built.plan.site.config
    }

    fn failed(&self, error: BackendError) -> Error {
        Error::Target { name: self.target.name.clone(), source: error.into() }
    }
}

impl PublishPlan {
    /// Compares the site with what is at the target.
    pub fn new(request: &PublishRequest<'_>) -> Result<Self> {
        let state = TargetState::open(request.root, &request.target.name)?;
        let context = BackendContext { root: request.root, config: request.config() };
        let backend = backends::open(request.target, &context, &state)?;
        Self::with_backend(request, backend, state)
    }

    /// Compares the site with what a back end holds.
    pub fn with_backend(
        request: &PublishRequest<'_>,
        backend: Box<dyn Backend>,
        state: TargetState,
    ) -> Result<Self> {
        let remote = RemoteManifest::read(request, &*backend)?;
        let resumed = resumed(&remote, &*backend, &state)?;
        let unfinished = checks::other_publish(request, &remote.manifest, resumed.as_ref());
        let UnfinishedPublish { session, arrived } = match resumed {
            Some(resumed) => resumed,
            // Random, as machines that share nothing but the target have to tell their publishes apart.
            None => UnfinishedPublish { session: random::token::<16>(), arrived: BTreeSet::new() },
        };
        let mut desired = DesiredFiles::list(request.built, request.output, request.target);
        desired.learn_lengths(&remote.manifest);
        let diff = Diff::between(&desired.files, &remote.manifest, &arrived);
        let mut faults = checks::all(&CheckInput {
            request,
            desired: &desired,
            diff: &diff,
            remote: &remote.manifest,
            last: state.manifest(),
            repository: backend.repository(),
        });
        faults.extend(unfinished);
        faults.extend(foreign_files(request, &*backend, &remote.manifest, &diff)?);
        engine::fill_places(request.root, &mut faults);
        faults.sort_by(|a, b| a.order().cmp(&b.order()));
        Ok(Self {
            desired,
            diff,
            faults,
            prior: remote.prior(),
            not_shown: NotShown::of(&request.built.plan.site),
            remote,
            arrived,
            backend,
            state,
            session: PublishSession { id: session, machine: machine(), since: request.now },
            base_url: request.config().base_url.clone(),
            now: request.now,
        })
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        // A publish that was broken off has to be ended, even if all its files arrived.
        self.diff.is_empty() && self.prior == PriorState::Complete
    }

    /// Whether something speaks against it.
    pub fn is_refused(&self) -> bool {
        self.faults.iter().any(Diagnostic::is_error)
    }

    /// Smaller pictures that the target lacks and that have not been made.
    pub fn unmade(&self) -> BTreeSet<OutputPath> {
        self.desired.unmade(self.diff.uploads.iter().map(|upload| upload.path.clone()))
    }

    /// Bytes that have to travel, as far as they are known: what is compressed on its way is smaller.
    pub fn bytes(&self) -> u64 {
        self.diff.uploads.iter().map(|upload| self.desired.file(&upload.path).entry.size).sum()
    }

    /// The same plan for a site that is seen at another address than its own.
    pub fn seen_at(self, base_url: &str) -> Self {
        Self { base_url: base_url.to_owned(), ..self }
    }

    /// The absolute address of a file, if it is a page or a feed.
    pub fn address(&self, path: &OutputPath) -> Option<String> {
        self.desired.file(path).url.as_ref().map(|url| url.encoded(&self.base_url))
    }

    /// Uploads and deletes what differs. `pause` waits before another try. Returns the new manifest.
    pub fn apply(
        &self,
        observer: &dyn PublishObserver,
        pause: &(dyn Fn(Duration) + Sync),
    ) -> std::result::Result<Manifest, ApplyError> {
        apply::apply(self, observer, pause)
    }
}

/// The publish from here that the target says has not ended, if it can be resumed.
fn resumed(
    remote: &RemoteManifest,
    backend: &dyn Backend,
    state: &TargetState,
) -> Result<Option<UnfinishedPublish>> {
    let Some(unfinished) = state.unfinished() else { return Ok(None) };
    if let Some(bytes) = &remote.bytes
        && remote.manifest.session.is_none()
        && unfinished.session == remote.manifest.by
    {
        // Killed after its last step, it had published everything: only the local notes are missing.
        state.end(bytes)?;
        backend.tidy();
    }
    Ok(Some(unfinished).filter(|unfinished| remote.is_of(unfinished)))
}

/// Files at the target that would be replaced and are not from here.
fn foreign_files(
    request: &PublishRequest<'_>,
    backend: &dyn Backend,
    remote: &Manifest,
    diff: &Diff,
) -> Result<Vec<Diagnostic>> {
    let known = remote.paths();
    let unknown: Vec<&OutputPath> =
        diff.uploads.iter().map(|upload| &upload.path).filter(|path| !known.contains(path)).collect();
    if request.foreign == ForeignFiles::Overwrite || unknown.is_empty() {
        return Ok(Vec::new());
    }
    let taken = backend.taken(&unknown).map_err(|error| request.failed(error))?;
    // Where letter case does not count, a page that got another case is there under its old name.
    let (renamed, foreign): (Vec<OutputPath>, Vec<OutputPath>) =
        taken.into_iter().partition(|path| is_renamed(path, diff));
    let mut foreign = foreign;
    if !renamed.is_empty() && !ignores_case(&renamed, backend).map_err(|error| request.failed(error))? {
        foreign.extend(renamed);
    }
    Ok(checks::foreign(&foreign))
}

/// Whether one of our own files is there under a name that differs in letter case or in the form of Unicode only.
fn is_renamed(path: &OutputPath, diff: &Diff) -> bool {
    let folded = fold_name(path.as_str());
    diff.in_the_way.iter().any(|delete| fold_name(delete.path.as_str()) == folded)
}

/// Whether a target takes names for one that differ in letter case. Asked for a spelling that no file has, a target that
/// tells them apart says that nothing is there.
fn ignores_case(taken: &[OutputPath], backend: &dyn Backend) -> std::result::Result<bool, BackendError> {
    let probes: Vec<OutputPath> =
        taken.iter().filter_map(|path| OutputPath::new(&odd_case(path.as_str()))).collect();
    let probes: Vec<&OutputPath> = probes.iter().filter(|probe| !taken.contains(probe)).collect();
    // Without a letter that has a case, the names differ in the form of Unicode, and what is there is ours.
    Ok(probes.is_empty() || !backend.taken(&probes)?.is_empty())
}

/// A name with letters of every second place in the other case.
fn odd_case(name: &str) -> String {
    let mut letters = 0;
    let chars = name.chars().map(|c| {
        if c.is_ascii_alphabetic() {
            letters += 1;
        }
        match letters % 3 {
            0 => c.to_ascii_lowercase(),
            1 => c.to_ascii_uppercase(),
            _ if c.is_ascii_uppercase() => c.to_ascii_lowercase(),
            _ => c.to_ascii_uppercase(),
        }
    });
    chars.collect()
}

/// The name of this machine, as it is shown for an unfinished publish.
fn machine() -> String {
    let named = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let named =
        named.or_else(|| std::env::var("COMPUTERNAME").ok()).or_else(|| std::env::var("HOSTNAME").ok());
    named
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "unknown".to_owned())
}
