//! Putting the site online: what differs from what is there, shown, confirmed, and applied in a safe order.
//!
//! [`Publication::plan`] compares what the build made ([`desired`]) with the manifest that is stored at the target
//! ([`manifest`]) and looks for reasons not to publish ([`checks`]); [`Publication::apply`] brings the target to
//! what is wanted. A target is whatever implements [`Backend`]. Nothing here knows how a publish is shown.

pub mod apply;
pub mod backends;
pub mod checks;
pub mod desired;
pub mod diff;
pub mod headers;
pub mod host_files;
pub mod manifest;
pub mod secret;
pub mod state;
pub mod wait_online;
pub mod workflow;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::config::publish::{MaxDeletes, PublishTarget};
use crate::diagnostic::Diagnostic;
use crate::engine::{self, BuildOutputs};
use crate::error::{Error, Result};
use crate::hash::hex;
use crate::path::OutputPath;
use crate::publish::apply::{ApplyContext, ApplyError, ApplyInput, PublishObserver};
use crate::publish::backends::{Backend, BackendError};
use crate::publish::desired::DesiredFiles;
use crate::publish::diff::Diff;
use crate::publish::manifest::{Manifest, PublishSession};
use crate::publish::state::TargetState;

/// What is published, where, and when.
pub struct PublishRequest<'a> {
    /// The folder of the site.
    pub root: &'a Path,
    /// The folder that the build wrote.
    pub output: &'a Path,
    /// What the build made.
    pub built: &'a BuildOutputs,
    /// The target's settings.
    pub target: &'a PublishTarget,
    /// How many files may be deleted, if the command line says.
    pub max_deletes: Option<MaxDeletes>,
    /// What to do about a publish of somebody else that has not ended.
    pub others: UnfinishedPolicy,
    /// What to do about files there that are not ours, where ours would stand.
    pub foreign: ForeignFiles,
    /// The moment.
    pub now: DateTime<Utc>,
}

/// What to do about a publish of somebody else that has not ended.
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
    /// They are somebody's: do not publish.
    Keep,
    /// They may be lost.
    Overwrite,
}

/// After so long a publish that has not ended is taken for dead.
const LONGEST_PUBLISH: TimeDelta = TimeDelta::hours(1);

/// A publish that is planned: everything that [`Publication::apply`] needs, and that a person wants to see before.
pub struct PublishPlan {
    /// What is wanted there.
    pub local: DesiredFiles,
    /// What is there.
    pub there: Manifest,
    /// The difference.
    pub changes: Diff,
    /// Reasons not to publish, and what is worth knowing.
    pub faults: Vec<Diagnostic>,
    /// Whether it goes on from a publish that was broken off.
    pub beginning: PriorState,
    there_bytes: Option<Vec<u8>>,
    arrived: BTreeSet<OutputPath>,
    target: Box<dyn Backend>,
    state: TargetState,
    session: PublishSession,
    base_url: String,
    now: DateTime<Utc>,
}

/// What a publish begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PriorState {
    /// There is nothing of ours yet.
    Empty,
    /// The last one ended.
    Complete,
    /// The last one was broken off.
    Interrupted,
}

impl PublishPlan {
    /// Compares what is wanted with what is there.
    pub fn plan(request: &PublishRequest<'_>) -> Result<Self> {
        let state = TargetState::open(request.root, &request.target.name)?;
        let site = backends::BackendContext { root: request.root, config: &request.built.plan.site.config };
        let target = backends::open(request.target, &site, &state)?;
        Self::plan_for(request, target, state)
    }

    /// Compares what is wanted with what is at a target of the caller's own.
    pub fn plan_for(
        request: &PublishRequest<'_>,
        target: Box<dyn Backend>,
        state: TargetState,
    ) -> Result<Self> {
        let name = &request.target.name;
        let failed = |failure: BackendError| Error::Target { name: name.clone(), reason: failure.reason };
        let there_bytes = target.manifest().map_err(failed)?;
        let there = match &there_bytes {
            Some(bytes) => Manifest::parse(bytes).map_err(|reason| Error::Target {
                name: name.clone(),
                reason: format!("its `{}` cannot be read: {reason}", manifest::FILE_NAME),
            })?,
            None => Manifest::default(),
        };
        let unfinished = state.unfinished();
        if let Some(bytes) = &there_bytes
            && there.session.is_none()
            && unfinished.as_ref().is_some_and(|unfinished| unfinished.session == there.by)
        {
            // It was killed after its last step, and had published all the same: what it had still to note is noted.
            state.end(bytes)?;
            target.tidy();
        }
        let ours = unfinished.filter(|unfinished| {
            there.session.as_ref().is_some_and(|session| session.id == unfinished.session)
        });
        let beginning = match (&there_bytes, &there.session) {
            (None, _) => PriorState::Empty,
            (Some(_), None) => PriorState::Complete,
            (Some(_), Some(_)) => PriorState::Interrupted,
        };
        let mut faults = Vec::new();
        if let (Some(session), None) = (&there.session, &ours) {
            faults.extend(checks::other_publish(request, session, LONGEST_PUBLISH));
        }
        let (id, arrived) = match ours {
            Some(unfinished) => (unfinished.session, unfinished.arrived),
            None => (token()?, BTreeSet::new()),
        };
        let local = DesiredFiles::list(request.built, request.output, request.target);
        let changes = Diff::between(&local.files, &there, &arrived);
        if request.foreign == ForeignFiles::Keep {
            let ours = there.paths();
            let unknown = changes.uploads.iter().map(|upload| &upload.path);
            let unknown: Vec<_> = unknown.filter(|path| !ours.contains(path)).collect();
            if !unknown.is_empty() {
                faults.extend(checks::foreign(&target.taken(&unknown).map_err(failed)?));
            }
        }
        let last = state.manifest();
        let told = checks::RemoteState { manifest: &there, last: last.as_ref() };
        faults.extend(checks::all(request, &local, &told, target.repository().as_deref()));
        faults.extend(checks::deletes(request, &changes, &there));
        if request.target.check_links {
            faults.extend(checks::links::broken_links(&local, &changes, &request.built.plan.site.config));
        }
        engine::fill_places(request.root, &mut faults);
        faults.sort_by(|a, b| a.order().cmp(&b.order()));
        let base_url = request.built.plan.site.config.base_url.clone();
        let session = PublishSession { id, machine: machine(), since: request.now };
        let now = request.now;
        Ok(Self {
            local,
            there,
            changes,
            faults,
            beginning,
            there_bytes,
            arrived,
            target,
            state,
            session,
            base_url,
            now,
        })
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.there.session.is_none() && self.there_bytes.is_some()
    }

    /// Whether something speaks against it.
    pub fn is_refused(&self) -> bool {
        self.faults.iter().any(Diagnostic::is_error)
    }

    /// Bytes that have to travel, as far as they are known: what is compressed on its way is smaller.
    pub fn bytes(&self) -> u64 {
        self.changes.uploads.iter().map(|upload| self.local.file(&upload.path).entry.size).sum()
    }

    /// The same, seen at another address than the site's own.
    pub fn seen_at(self, base_url: &str) -> Self {
        Self { base_url: base_url.to_owned(), ..self }
    }

    /// The absolute address of a file, if it is a page or a feed.
    pub fn address(&self, path: &OutputPath) -> Option<String> {
        self.local.file(path).url.as_ref().map(|url| url.encoded(&self.base_url))
    }

    /// Brings the target to what is wanted.
    pub fn apply(
        &self,
        watch: &dyn PublishObserver,
        pause: &(dyn Fn(Duration) + Sync),
    ) -> std::result::Result<Manifest, ApplyError> {
        let work = ApplyInput {
            target: &*self.target,
            local: &self.local,
            there: &self.there,
            there_bytes: self.there_bytes.as_deref(),
            arrived: &self.arrived,
            changes: &self.changes,
        };
        let around = ApplyContext {
            state: &self.state,
            session: self.session.clone(),
            base_url: self.base_url.clone(),
            now: self.now,
            watch,
            pause,
        };
        apply::apply(&work, &around)
    }
}

/// A name that nobody else has.
fn token() -> Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::Target { name: "random numbers".to_owned(), reason: error.to_string() })?;
    Ok(hex(&bytes))
}

/// What this machine is called, for whoever finds a publish of it that has not ended.
fn machine() -> String {
    let named = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let named =
        named.or_else(|| std::env::var("COMPUTERNAME").ok()).or_else(|| std::env::var("HOSTNAME").ok());
    named
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "unknown".to_owned())
}
