//! `backmatter publish`: builds the site, shows what would change at a target, asks, and does it.

mod prompt;
mod report;

use std::collections::BTreeSet;
use std::path::Path;

use clap::Args;

use crate::cli::common::{CommonArgs, Ending, keep_site_id, site_source};
use crate::cli::diff::{self, DifferenceReport};
use crate::cli::output::Output;
use crate::cli::publish::report::{
    AppliedReport, BuildFaults, EndReport, InitReport, PlanReport, PublishProgress, StoppedReport, WaitReport,
};
use crate::cli::send::SendProgress;
use crate::cli::{init, linkbacks};
use crate::compare::difference;
use crate::compare::{SiteDigest, kept};
use crate::config::Config;
use crate::config::publish::{MaxDeletes, PublishTarget};
use crate::diagnostic::{Diagnostic, Reach};
use crate::engine::workspace::{Access, Workspace};
use crate::engine::{BuildOptions, RenditionWork};
use crate::error::Result;
use crate::http::client::Client;
use crate::publish::wait_online::{self, OnlineReport};
use crate::publish::{
    self, ForeignFiles, PriorState, PublishPlan, PublishRequest, UnfinishedPolicy, workflow,
};
use crate::scan::OutsideLink;
use crate::send::SendRequest;
use crate::sys::clock::{self, Clock};

/// The arguments of `publish`.
#[derive(Debug, Args)]
pub(super) struct PublishArgs {
    /// The target: the NAME of a [publish.NAME] in the settings [default: the only one]
    #[arg(value_name = "TARGET")]
    target: Option<String>,
    /// Show the plan, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// With --dry-run: show what readers would see change as well
    #[arg(long, requires = "dry_run")]
    words: bool,
    /// Publish without asking
    #[arg(long, short)]
    yes: bool,
    /// The most files that may be deleted, as a number or as a part of the files there [default: 10 files or 25%, whichever is
    /// more]
    #[arg(long, value_name = "N|P%", value_parser = MaxDeletes::parse)]
    max_deletes: Option<MaxDeletes>,
    /// Send no linkbacks
    #[arg(long)]
    no_send: bool,
    /// Resume an unfinished publish that was started elsewhere
    #[arg(long)]
    take_over: bool,
    /// Replace files at the target that were not published from here
    #[arg(long)]
    overwrite: bool,
    /// Write the file with which a service publishes the site automatically: github-pages, gitlab-pages, codeberg, netlify,
    /// cloudflare, neocities, s3 or webdav
    #[arg(long, value_name = "SERVICE", conflicts_with_all = ["target", "dry_run", "yes", "max_deletes", "no_send", "take_over", "overwrite"])]
    init: Option<String>,
    /// With --init: the git repository of Backmatter's source from which the service installs it, with #TAG to stay with one
    /// version
    #[arg(long, value_name = "ADDRESS", requires = "init", value_parser = source)]
    from: Option<String>,
}

/// Parses an address that a shell command can hold without quotes.
fn source(text: &str) -> std::result::Result<String, String> {
    let is_address = text.starts_with("https://") || text.starts_with("ssh://");
    match is_address && text.chars().all(|c| c.is_ascii_alphanumeric() || "-._~:/@+%#".contains(c)) {
        true => Ok(text.to_owned()),
        false => Err(
            "write it as `https://example.com/backmatter.git` or `https://example.com/backmatter.git#v0.1.0`"
                .to_owned(),
        ),
    }
}

/// Says what is published from outside the site.
fn outside(link: &OutsideLink) -> Diagnostic {
    let target = link.target.display();
    let message = format!("this link leads out of the site, to `{target}`: what is there is published");
    let hint = "take it out of `allow` below `[symlinks]` in the settings if it is not meant";
    Diagnostic::warning(link.name.as_str(), message).hint(hint).reaching(Reach::Public)
}

/// Publishes the site.
pub(super) fn run(arguments: &PublishArgs, common: &CommonArgs, output: Output) -> Result<Ending> {
    let source = site_source(common)?;
    keep_site_id(&source, output);
    let mut site = Workspace::open(&source, Clock::system().now(), Access::Build)?;
    if site.settings_faults().iter().any(Diagnostic::is_error) {
        output.diagnostics(site.settings_faults());
        return Ok(Ending::SiteHasErrors);
    }
    let config = site.config().clone();
    if let Some(name) = &arguments.init {
        let written = workflow::write(&source.root, &config, name, arguments.from.as_deref())?;
        output.emit(&InitReport { written: &written, config: &config });
        return Ok(Ending::Done);
    }
    linkbacks::complete_decisions(&source, &config, output);
    let target = publish::choose_target(&config, arguments.target.as_deref())?;
    if let Some(base_url) = &target.base_url {
        let elsewhere = publish::site_at(base_url, &source, &config, target);
        site = Workspace::open(&elsewhere, site.now(), Access::Build)?;
    }
    // A target that has all smaller pictures needs none of them made here.
    let mut renditions = RenditionWork::Listed;
    let (report, plan) = loop {
        let options = BuildOptions { renditions: renditions.clone(), ..BuildOptions::default() };
        let (report, built) = site.build_and_keep(&options, &output.build_progress())?;
        let Some(built) = built else {
            output.emit(&report);
            return Ok(Ending::SiteHasErrors);
        };
        // What is missing here would be deleted at the target.
        if report.diagnostics.iter().any(Diagnostic::is_error) {
            output.emit(&report);
            output.terminal().error("nothing was published, as the site is not whole");
            return Ok(Ending::SiteHasErrors);
        }
        let plan = PublishPlan::new(&PublishRequest {
            root: &source.root,
            output: &report.output,
            built: &built,
            target,
            max_deletes: arguments.max_deletes,
            others: if arguments.take_over { UnfinishedPolicy::TakeOver } else { UnfinishedPolicy::Respect },
            foreign: if arguments.overwrite { ForeignFiles::Overwrite } else { ForeignFiles::Keep },
            now: site.now(),
        });
        let unmade = plan.as_ref().map_or_else(
            |_| BTreeSet::new(),
            |plan| match arguments.action(plan) {
                PlanAction::Apply => plan.unmade(),
                _ => BTreeSet::new(),
            },
        );
        let wanted = RenditionWork::Some(unmade);
        // What could not be made is named by a warning, and refused when its bytes are needed.
        if wanted == RenditionWork::Some(BTreeSet::new()) || wanted == renditions {
            break (report, plan);
        }
        renditions = wanted;
    };
    output.diagnostics(&samples_left(&source.root));
    output.emit(&BuildFaults {
        build: &report.diagnostics,
        plan: plan.as_ref().map_or(&[], |plan| &plan.faults),
    });
    let mut plan = plan?;
    plan.faults.extend(site.snapshot().tree.outside.iter().map(outside));
    let action = arguments.action(&plan);
    output.emit(&PlanReport { plan: &plan, target, action });
    if arguments.words {
        output.emit(&words(&plan, &config, &source.root, &target.name)?);
    }
    let online = match action {
        PlanAction::Refuse => return Ok(Ending::SiteHasErrors),
        PlanAction::Show => return Ok(Ending::Done),
        PlanAction::Nothing => None,
        PlanAction::Apply => match arguments.apply(&plan, target, &config, output)? {
            Some(online) => Some(online),
            None => return Ok(Ending::SiteHasErrors),
        },
    };
    if action == PlanAction::Apply {
        kept::write(&source.root, &target.name, &published(&plan, kept::read(&source.root, &target.name))?)?;
    }
    let sends = !arguments.no_send && publish::is_main_site(target, &config);
    let sent = sends.then(|| crate::send::run(&mut site, &SendRequest::all(), &SendProgress::new(output)));
    output.emit(&EndReport { plan: &plan, target, action, online, sent });
    Ok(Ending::Done)
}

/// What readers would see change, by what is remembered of the last publish or by what is at the target.
fn words(plan: &PublishPlan, config: &Config, root: &Path, target: &str) -> Result<DifferenceReport> {
    let before = if plan.prior == PriorState::Empty { None } else { diff::of_target(config, root, target)? };
    let after = published(plan, kept::read(root, target))?;
    let difference = difference::between(&before.unwrap_or_default(), &after);
    Ok(DifferenceReport { difference, most: MOST_WORDS })
}

/// How many groups of changes a plan shows.
const MOST_WORDS: usize = 10;

/// What is online after a publish. Of a site that is remembered only the files that travelled are read.
fn published(plan: &PublishPlan, before: Option<SiteDigest>) -> Result<SiteDigest> {
    let folder = plan.desired.folder();
    let Some(mut digest) = before else { return SiteDigest::of_folder(folder) };
    let gone = plan.diff.in_the_way.iter().chain(&plan.diff.deletes).map(|delete| &delete.path);
    digest.update(folder, plan.diff.uploads.iter().map(|upload| &upload.path), gone)?;
    Ok(digest)
}

/// Posts of a new site that are as they were made: their reports and responses are invented.
fn samples_left(root: &Path) -> Vec<Diagnostic> {
    let samples = init::untouched(root).into_iter().map(|path| {
        Diagnostic::warning(
            path,
            "this sample of `init` is as it was made, and its reports and responses are invented",
        )
        .hint("delete it, or write a post of your own in its place")
        .reaching(Reach::Public)
    });
    samples.collect()
}

impl PublishArgs {
    fn action(&self, plan: &PublishPlan) -> PlanAction {
        if plan.is_refused() {
            PlanAction::Refuse
        } else if self.dry_run {
            PlanAction::Show
        } else if plan.is_empty() {
            PlanAction::Nothing
        } else {
            PlanAction::Apply
        }
    }

    /// Applies a plan, if the user agrees, and waits until the posts are online. `None` if it was not applied to its end.
    fn apply(
        &self,
        plan: &PublishPlan,
        target: &PublishTarget,
        config: &Config,
        output: Output,
    ) -> Result<Option<OnlineReport>> {
        if !self.yes && !prompt::agrees(&target.name)? {
            output.terminal().warning("nothing was published");
            return Ok(None);
        }
        if let Err(stopped) = plan.apply(&PublishProgress::new(output), &clock::sleep) {
            output.emit(&StoppedReport { stopped: &stopped, target });
            return Ok(None);
        }
        output.emit(&AppliedReport { plan, target });
        let client = Client::new(&config.network, &config.base_url);
        let online = wait_online::wait(plan, target, &client, &clock::sleep);
        output.emit(&WaitReport { online: &online, target });
        Ok(Some(online))
    }
}

/// What is done with a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PlanAction {
    /// An error forbids it.
    Refuse,
    /// It is only shown.
    Show,
    /// There is nothing to change.
    Nothing,
    /// It is applied, if the user agrees.
    Apply,
}
