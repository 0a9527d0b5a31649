//! `backmatter diff`: what readers would see change.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use clap::Args;
use serde_json::{Value, json};

use crate::cli::common::{CommonArgs, Ending, moment, site_source};
use crate::cli::output::{Output, Report, Terminal, counted};
use crate::compare::difference::{self, ChangeGroup, SiteDifference};
use crate::compare::{SiteDigest, kept};
use crate::config::Config;
use crate::config::publish::TargetKind;
use crate::diagnostic::Diagnostic;
use crate::engine;
use crate::engine::in_memory::{assets, render_all};
use crate::engine::workspace::{Access, SiteSource, Workspace};
use crate::error::{Error, Result};
use crate::sys::clock::Clock;
use crate::sys::process;
use crate::sys::temporary::TemporaryFolder;

/// The arguments of `diff`.
#[derive(Debug, Args)]
pub(super) struct DiffArgs {
    /// What to compare with: a target of the settings, a folder of pages, a revision of the site in its git repository, as
    /// `git:v1` or `git:HEAD~3`, or another version of this program, which builds the site for the comparison [default: the
    /// output folder]
    #[arg(long, value_name = "TARGET|DIR|git:REV|PROGRAM")]
    against: Option<String>,
    /// Print all groups, not the first 20
    #[arg(long)]
    all: bool,
    /// Build as if it were this moment
    #[arg(long, value_name = "TIME", value_parser = moment)]
    now: Option<DateTime<Utc>>,
}

/// Compares the site as it would be built with another state of it.
pub(super) fn run(arguments: &DiffArgs, common: &CommonArgs, output: Output) -> Result<Ending> {
    let now = arguments.now.unwrap_or_else(|| Clock::system().now());
    let mut site = Workspace::open(&site_source(common)?, now, Access::Read)?;
    if site.settings_faults().iter().any(Diagnostic::is_error) {
        output.diagnostics(site.settings_faults());
        return Ok(Ending::SiteHasErrors);
    }
    let mut before = before(&site, arguments.against.as_deref(), now)?;
    let (pages, faults) = render_all(&mut site);
    if faults.iter().any(Diagnostic::is_error) {
        output.diagnostics(&faults);
        return Ok(Ending::SiteHasErrors);
    }
    let mut after = SiteDigest::of_pages(&pages);
    after.add_assets(&site.source().root.clone(), &assets(&mut site), &mut before);
    let difference = difference::between(&before, &after);
    let is_empty = difference.is_empty();
    let most = if arguments.all { usize::MAX } else { MOST_GROUPS };
    output.emit(&DifferenceReport { difference, most });
    Ok(if is_empty { Ending::Done } else { Ending::SiteHasErrors })
}

/// How many groups are printed.
const MOST_GROUPS: usize = 20;

/// The state that is compared with.
fn before(site: &Workspace, against: Option<&str>, now: DateTime<Utc>) -> Result<SiteDigest> {
    let Some(against) = against else { return SiteDigest::of_folder(&site.output_folder()) };
    let root = &site.source().root;
    if let Some(revision) = against.strip_prefix("git:") {
        return at_revision(site.source(), revision, now);
    }
    if let Some(digest) = of_target(site.config(), root, against)? {
        return Ok(digest);
    }
    let path = Path::new(against);
    if path.is_dir() {
        return SiteDigest::of_folder(path);
    }
    if path.is_file() {
        return built_by(path, root, now);
    }
    Err(Error::Argument {
        given: format!("--against {against}"),
        reason: "this is neither a target of the settings nor a folder nor a program, and a revision of git is written as `git:HEAD~1`".to_owned(),
    })
}

/// What is online at a target: its folder, or what is remembered of the last publish from here.
pub(super) fn of_target(config: &Config, root: &Path, name: &str) -> Result<Option<SiteDigest>> {
    let Some(target) = config.publish.iter().find(|target| target.name == name) else { return Ok(None) };
    if let Some(digest) = kept::read(root, name) {
        return Ok(Some(digest));
    }
    if let TargetKind::Directory { to, .. } = &target.place {
        let folder = root.join(to);
        let current = folder.join("current");
        let folder = if current.is_dir() { current } else { folder };
        if folder.is_dir() {
            return SiteDigest::of_folder(&folder).map(Some);
        }
    }
    Err(Error::Argument {
        given: format!("--against {name}"),
        reason: "nothing is remembered of what was published there; it is from the next publish on"
            .to_owned(),
    })
}

/// The site as its git repository has it at a revision. The working tree and the index of the repository are left alone.
fn at_revision(source: &SiteSource, revision: &str, now: DateTime<Utc>) -> Result<SiteDigest> {
    let root = &source.root;
    let folder = engine::state(root)?.join("revision");
    remove_folder(&folder)?;
    let tree = folder.join("tree");
    fs::create_dir_all(&tree).map_err(Error::io("make", &tree))?;
    // The name is resolved first, so that it cannot be an option of the commands below.
    let commit = git(
        root,
        &folder,
        &["rev-parse", "--verify", "--end-of-options", &format!("{revision}^{{commit}}")],
    )?;
    let top = PathBuf::from(git(root, &folder, &["rev-parse", "--show-toplevel"])?);
    let below = git(root, &folder, &["rev-parse", "--show-prefix"])?;
    git(&top, &folder, &["read-tree", &commit])?;
    let prefix = format!("{}/", tree.canonicalize().map_err(Error::io("find", &tree))?.display());
    git(&top, &folder, &["checkout-index", "--all", "--force", &format!("--prefix={prefix}")])?;
    let then = SiteSource { root: tree.join(below), ..source.clone() };
    let mut then = Workspace::open(&then, now, Access::Read)?;
    let (pages, _) = render_all(&mut then);
    let mut digest = SiteDigest::of_pages(&pages);
    digest.add_assets(&then.source().root.clone(), &assets(&mut then), &mut SiteDigest::default());
    remove_folder(&folder)?;
    Ok(digest)
}

/// Runs git with an index of its own, and returns the line that it prints.
fn git(root: &Path, folder: &Path, arguments: &[&str]) -> Result<String> {
    let mut command = process::command("git");
    command.current_dir(root).env("GIT_INDEX_FILE", folder.join("index")).args(arguments);
    let ended = process::run(&mut command, &[]).map_err(Error::io("run", Path::new("git")))?;
    if ended.status.success() {
        return Ok(String::from_utf8_lossy(&ended.stdout).trim().to_owned());
    }
    let reason = String::from_utf8_lossy(&ended.stderr).trim().to_owned();
    Err(Error::Argument { given: format!("git {}", arguments.join(" ")), reason })
}

fn remove_folder(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::io("remove", folder)(error)),
        _ => Ok(()),
    }
}

/// The site as another version of this program builds it.
fn built_by(program: &Path, root: &Path, now: DateTime<Utc>) -> Result<SiteDigest> {
    let program = program.canonicalize().map_err(Error::io("find", program))?;
    // Outside of the site: its own folders cannot hold an output.
    let temporary = TemporaryFolder::of(root).map_err(Error::io("make a folder for", root))?;
    let folder = temporary.path().join("site");
    let mut command = process::command(&program);
    command
        .args(["build", "--quiet", "--clean", "--now"])
        .arg(now.to_rfc3339())
        .arg("--root")
        .arg(root)
        .arg("-o")
        .arg(&folder);
    let ended = process::run(&mut command, &[]).map_err(Error::io("run", &program))?;
    // 3: some files have errors and are left out, in this version as well.
    if !matches!(ended.status.code(), Some(0 | 3)) {
        let reason = String::from_utf8_lossy(&ended.stderr).trim().to_owned();
        return Err(Error::Argument { given: format!("--against {}", program.display()), reason });
    }
    if !folder.is_dir() {
        return Err(Error::Argument {
            given: format!("--against {}", program.display()),
            reason: "it built no site; name the file of another version of Backmatter".to_owned(),
        });
    }
    SiteDigest::of_folder(&folder)
}

/// A difference as it is printed.
pub(super) struct DifferenceReport {
    pub(super) difference: SiteDifference,
    /// How many groups are printed.
    pub(super) most: usize,
}

impl Report for DifferenceReport {
    fn json(&self) -> Option<Value> {
        let difference = &self.difference;
        let ids: Vec<Value> =
            difference.ids.iter().map(|ids| json!({ "feed": ids.feed, "links": ids.links })).collect();
        Some(json!({
            "new": difference.new,
            "gone": difference.gone,
            "changed": difference.changed,
            "same": difference.same,
            "ids": ids,
            "groups": difference.groups.iter().map(json_group).collect::<Vec<_>>(),
        }))
    }

    fn text(&self, terminal: Terminal) {
        let difference = &self.difference;
        for ids in &difference.ids {
            terminal.result(&format!(
                "{}: {} and would appear as new to subscribers, such as {}",
                ids.feed,
                counted(ids.links.len(), "entry has another id", "entries have other ids"),
                ids.links.first().map_or("", String::as_str)
            ));
        }
        for address in difference.gone.iter().take(self.most) {
            terminal.result(&format!("gone: {address}"));
        }
        for address in difference.new.iter().take(self.most) {
            terminal.result(&format!("new: {address}"));
        }
        for group in difference.groups.iter().take(self.most) {
            tell(group, terminal);
        }
        let left = difference.groups.len().saturating_sub(self.most);
        if left > 0 {
            terminal.result(&format!(
                "{}; `--all` prints {}",
                counted(left, "more group", "more groups"),
                if left == 1 { "it" } else { "them" }
            ));
        }
        terminal.info(&format!(
            "{} changed, {} new, {} gone, {} the same",
            counted(difference.changed, "page", "pages"),
            difference.new.len(),
            difference.gone.len(),
            difference.same
        ));
    }
}

fn json_group(group: &ChangeGroup) -> Value {
    json!({ "part": group.part.name(), "pages": group.pages, "removed": group.removed, "added": group.added })
}

fn tell(group: &ChangeGroup, terminal: Terminal) {
    let first = group.pages.first().map_or("", String::as_str);
    let pages = match group.pages.len() {
        1 => first.to_owned(),
        count => format!("{count} pages (such as {first})"),
    };
    terminal.result(&format!("{pages}: {}", group.part.name()));
    for (sign, lines, others) in [("-", &group.removed, &group.added), ("+", &group.added, &group.removed)] {
        for line in lines.iter().take(MOST_LINES) {
            terminal.result(&format!("  {sign} {}", around_change(line, others)));
        }
        if lines.len() > MOST_LINES {
            terminal.result(&format!(
                "  {sign} {}",
                counted(lines.len() - MOST_LINES, "more line", "more lines")
            ));
        }
    }
}

/// A line, from shortly before the place where it differs from the one of the other state that is most alike.
fn around_change(line: &str, others: &[String]) -> String {
    let differs_at = others.iter().map(|other| length_in_common(line, other)).max().unwrap_or_default();
    if line.chars().count() <= LONGEST_LINE || differs_at < LONGEST_LINE / 2 {
        return crate::html::shorten(line, LONGEST_LINE);
    }
    let start = line[..differs_at].char_indices().rev().nth(SHOWN_BEFORE).map_or(0, |(at, _)| at);
    format!("…{}", crate::html::shorten(&line[start..], LONGEST_LINE))
}

/// How many bytes of a line are at the beginning of another one.
fn length_in_common(line: &str, other: &str) -> usize {
    let mut pairs = line.char_indices().zip(other.chars());
    pairs.find(|((_, one), other)| one != other).map_or(line.len().min(other.len()), |((at, _), _)| at)
}

/// How many characters of a long line are printed before a change.
const SHOWN_BEFORE: usize = 30;

/// How many lines of a group are printed, and how much of a line.
const MOST_LINES: usize = 3;
const LONGEST_LINE: usize = 160;
