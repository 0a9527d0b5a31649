//! `backmatter linkbacks`: lists what other sites wrote, and applies decisions on it.

pub(super) mod report;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand, ValueEnum};

use crate::cli::common::{CommonArgs, Ending, site_source};
use crate::cli::linkbacks::report::{
    AddedReport, DecisionReport, Details, ExportReport, ForgetReport, ListReport, PostReport, PullSummary,
    RetryReport, TrustListsReport, TrustReport, UndoReport,
};
use crate::cli::output::{Output, counted};
use crate::config::Config;
use crate::engine::workspace::{Access, SiteSource, Workspace};
use crate::error::{Error, Result};
use crate::http::client::Client;
use crate::linkback::inbox::signals;
use crate::linkback::inbox::state::{InboxItem, InboxState};
use crate::linkback::inbox::trust::TrustKey;
use crate::linkback::protocol::jf2;
use crate::path::SourcePath;
use crate::receive::moderation::service::{ApplyReport, ModerationService};
use crate::receive::moderation::web::VARIABLE;
use crate::receive::queue::decisions::{Decision, TrustList};
use crate::receive::queue::store::{ItemFilter, LinkbackStore};
use crate::receive::sync::export;
use crate::receive::sync::pull::{self, PullExtent, PullOptions, PullOrigin, PullTrust};
use crate::sys::clock::Clock;

/// The arguments of `linkbacks`.
#[derive(Debug, Args)]
pub(super) struct LinkbacksArgs {
    #[command(subcommand)]
    action: Action,
    /// The receiver's database [default: the settings' `database`, which is linkbacks.db]
    #[arg(long, global = true, value_name = "FILE")]
    db: Option<PathBuf>,
}

/// What is done.
#[derive(Debug, Subcommand)]
enum Action {
    /// List the linkbacks that wait for a decision, the likeliest answers first
    List(ItemsArgs),
    /// Show everything about some linkbacks
    Show {
        /// Their numbers
        #[arg(required = true, value_name = "NUMBER", value_parser = number)]
        numbers: Vec<i64>,
    },
    /// Put linkbacks into the back matter
    Approve(ItemsArgs),
    /// Approve linkbacks, and from now on everything from the same site or author
    ///
    /// A site or author can be named instead of a linkback.
    Trust(ItemsOrSitesArgs),
    /// Keep linkbacks out of the back matter
    Reject(ItemsArgs),
    /// Reject linkbacks as spam
    Spam(ItemsArgs),
    /// Reject linkbacks, and everything else from the same site or author
    ///
    /// A site or author can be named instead of a linkback.
    Block(ItemsOrSitesArgs),
    /// Undo the last decision; used again, the one before it
    Undo,
    /// Have the receiver verify linkbacks again [default: those that failed]
    Retry(ItemsArgs),
    /// Fetch a page that links to a post, and approve it
    Add {
        /// The page
        url: String,
        /// The file of the post
        #[arg(long, value_name = "FILE")]
        post: PathBuf,
    },
    /// Fetch linkbacks that arrived elsewhere: at another receiver, or at webmention.io
    ///
    /// What was approved at a receiver is approved here; what a service received waits for a decision.
    Pull {
        /// The receiver's address, or `https://webmention.io`
        #[arg(long, value_name = "URL")]
        from: String,
        /// The file of the token [default: BACKMATTER_TOKEN in the environment]
        #[arg(long, value_name = "FILE")]
        token_file: Option<PathBuf>,
        /// Compare everything, instead of what is new since the last pull
        #[arg(long)]
        full: bool,
        /// Approve what a service received, without a decision on each
        #[arg(long)]
        approve: bool,
    },
    /// Print what is approved
    Export {
        /// How
        #[arg(long, value_enum, default_value = "jf2")]
        format: ExportFormat,
    },
    /// Show the sites and authors that decisions have trusted or blocked
    Lists,
    /// Remove a site or author from the lists
    Forget {
        /// As `linkbacks lists` names it
        #[arg(required = true, value_name = "SITE")]
        sites: Vec<String>,
    },
    /// Take no more linkbacks for a post
    Close {
        /// Its file
        post: PathBuf,
    },
    /// Take linkbacks for a post again
    Reopen {
        /// Its file
        post: PathBuf,
    },
}

/// A form of export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ExportFormat {
    /// JF2, as webmention.io speaks it
    Jf2,
    /// The fields of back matter files
    Json,
}

/// Which linkbacks are meant.
#[derive(Debug, Args)]
pub(super) struct ItemsArgs {
    /// Their numbers
    #[arg(value_name = "NUMBER", value_parser = number)]
    numbers: Vec<i64>,
    #[command(flatten)]
    filter: FilterArgs,
}

/// Which linkbacks are meant, or whose.
#[derive(Debug, Args)]
struct ItemsOrSitesArgs {
    /// Their numbers, or sites: example.com, medium.com/@ann
    #[arg(value_name = "NUMBER|SITE")]
    names: Vec<String>,
    #[command(flatten)]
    filter: FilterArgs,
}

/// Linkbacks by what they have in common.
#[derive(Debug, Args)]
struct FilterArgs {
    /// All of them, or all that the other options leave
    #[arg(long)]
    all: bool,
    /// Only those in this state [default: those that wait for a decision]
    #[arg(long, value_name = "STATE", value_delimiter = ',', value_parser = state_parser())]
    state: Vec<InboxState>,
    /// Only those of this post's file
    #[arg(long, value_name = "FILE")]
    post: Option<PathBuf>,
    /// Only those from this host
    #[arg(long, value_name = "HOST")]
    host: Option<String>,
}

/// Reads a state by its name; the help says what each means.
fn state_parser() -> impl TypedValueParser<Value = InboxState> {
    let names = InboxState::ALL.map(|(name, state)| PossibleValue::new(name).help(meaning(state)));
    PossibleValuesParser::new(names)
        .map(|name| InboxState::of_name(&name).expect("only names of states are possible"))
}

fn meaning(state: InboxState) -> &'static str {
    match state {
        InboxState::Queued => "Not verified yet",
        InboxState::Held => "Waiting for a decision",
        InboxState::Approved => "In the back matter",
        InboxState::Rejected => "Rejected",
        InboxState::Spam => "Rejected as spam",
        InboxState::Refused => "No link was found",
        InboxState::Gone => "Withdrawn by its source",
    }
}

/// The number of a linkback.
fn number(text: &str) -> std::result::Result<i64, String> {
    text.parse().map_err(|_| "expected a linkback number (see `backmatter linkbacks list`)".to_owned())
}

/// Runs one of the actions.
pub(super) fn run(arguments: &LinkbacksArgs, common: &CommonArgs, output: Output) -> Result<Ending> {
    let site = Workspace::open(&site_source(common)?, Clock::system().now(), Access::Read)?;
    let site = SiteArgs { site, database: arguments.db.clone(), output };
    match &arguments.action {
        Action::List(items) => site.list(items),
        Action::Show { numbers } => site.show(numbers),
        Action::Approve(items) => site.decide(Decision::Approve, &items.numbers, &items.filter),
        Action::Reject(items) => site.decide(Decision::Reject, &items.numbers, &items.filter),
        Action::Spam(items) => site.decide(Decision::Spam, &items.numbers, &items.filter),
        Action::Trust(items) => site.decide_or_list(Decision::Trust, TrustList::Allow, items),
        Action::Block(items) => site.decide_or_list(Decision::Block, TrustList::Block, items),
        Action::Undo => site.undo(),
        Action::Retry(items) => site.retry(items),
        Action::Add { url, post } => site.add(url, post),
        Action::Pull { from, token_file, full, approve } => {
            let options = PullOptions {
                extent: if *full { PullExtent::All } else { PullExtent::New },
                trust: if *approve { PullTrust::Approve } else { PullTrust::Hold },
            };
            let origin = PullOrigin::new(from)?.with_token(&token(token_file.as_deref())?);
            site.pull(&origin, options)
        }
        Action::Export { format } => site.export(*format),
        Action::Lists => site.lists(),
        Action::Forget { sites } => site.forget(sites),
        Action::Close { post } => site.close(post),
        Action::Reopen { post } => site.reopen(post),
    }
}

/// Writes and builds what was decided by a program that did not end. A database that cannot be used stops nothing: the
/// site is built without it.
pub(super) fn complete_decisions(source: &SiteSource, config: &Config, output: Output) {
    let database = source.root.join(&config.linkbacks.database);
    if !database.is_file() {
        return;
    }
    match complete(source, &database, output) {
        Ok(count) if count > 0 && !output.is_json() => {
            let decisions = counted(count, "interrupted decision is", "interrupted decisions are");
            output.terminal().note(&format!("{decisions} in the site now"));
        }
        Ok(_) => {}
        Err(error) => {
            output.terminal().warning(&format!("decisions on linkbacks were not looked at: {error}"))
        }
    }
}

/// How many decisions were completed.
fn complete(source: &SiteSource, database: &Path, output: Output) -> Result<usize> {
    let outstanding = LinkbackStore::open_existing(database)?.outstanding()?;
    if outstanding == 0 {
        return Ok(0);
    }
    // A decision is shown in the site as its settings say, whatever the options of this command are.
    let source = SiteSource { settings: source.settings.clone(), ..SiteSource::at(&source.root) };
    let site = Workspace::open(&source, Clock::system().now(), Access::Build)?;
    let mut service = ModerationService::open(site, Some(database))?;
    let applied = service.apply(&())?;
    output.diagnostics(&applied.changes.faults);
    Ok(outstanding.saturating_sub(service.store.outstanding()?))
}

/// A site, its database, and where reports go.
struct SiteArgs {
    site: Workspace,
    database: Option<PathBuf>,
    output: Output,
}

/// Access to the site and its database.
impl SiteArgs {
    fn root(&self) -> &Path {
        &self.site.source().root
    }

    /// The file of the database.
    fn database(&self) -> Result<PathBuf> {
        match &self.database {
            Some(path) => Ok(path.clone()),
            None => Ok(self.root().join(&self.site.config().linkbacks.database)),
        }
    }

    /// The database without the site. It is made if there is none.
    fn new_store(&self) -> Result<LinkbackStore> {
        LinkbackStore::open(&self.database()?)
    }

    /// The database without the site. It has to exist.
    fn store(&self) -> Result<LinkbackStore> {
        LinkbackStore::open_existing(&self.database()?)
    }

    /// The database, if there is one: a site that has received nothing has none. One that is named has to exist.
    fn store_if_any(&self) -> Result<Option<LinkbackStore>> {
        let path = self.database()?;
        if self.database.is_none() && !path.exists() {
            Ok(None)
        } else {
            LinkbackStore::open_existing(&path).map(Some)
        }
    }

    /// The site with its linkbacks. The database has to exist.
    fn service(&self) -> Result<ModerationService> {
        drop(self.store()?);
        self.new_service()
    }

    /// The site with its linkbacks. The database is made if there is none.
    fn new_service(&self) -> Result<ModerationService> {
        ModerationService::open(self.site.unread(Access::Build), self.database.as_deref())
    }

    fn apply(&self, service: &mut ModerationService) -> Result<ApplyReport> {
        service.apply_and_notify(&self.output.build_progress())
    }

    /// The file of a post, as the database names it: below the root of the site.
    fn post(&self, written: &Path) -> Result<SourcePath> {
        let root = self.root().canonicalize().map_err(Error::io("find", self.root()))?;
        // A path may be relative to the current folder or to the site's.
        let file = [written.to_owned(), root.join(written)].into_iter().find(|file| file.is_file());
        let Some(file) = file else {
            return Err(wrong(written.display(), "there is no such post; name its Markdown file"));
        };
        let file = file.canonicalize().map_err(Error::io("find", &file))?;
        let below = file.strip_prefix(&root).ok().and_then(|below| SourcePath::new(&below.to_string_lossy()));
        below.ok_or_else(|| wrong(written.display(), "this file is not in the site"))
    }

    fn filter(&self, filter: &FilterArgs) -> Result<ItemFilter> {
        let post = filter.post.as_deref().map(|post| self.post(post)).transpose()?;
        Ok(ItemFilter {
            states: filter.state.iter().copied().collect(),
            waiting: filter.state.is_empty(),
            post: post.map(|post| post.to_string()),
            host: filter.host.clone().map(|host| host.to_lowercase()),
            found_since: None,
            limit: 0,
        })
    }

    /// The numbers that are given, or those of the linkbacks that a filter leaves.
    fn numbers(&self, store: &LinkbackStore, numbers: &[i64], filter: &FilterArgs) -> Result<Vec<i64>> {
        let has_filter =
            filter.all || !filter.state.is_empty() || filter.post.is_some() || filter.host.is_some();
        match (numbers.is_empty(), has_filter) {
            (false, false) => {
                for number in numbers {
                    item(store, *number)?;
                }
                Ok(numbers.to_vec())
            }
            (true, true) => Ok(store.list(&self.filter(filter)?)?.iter().map(|item| item.id).collect()),
            (true, false) => Err(wrong("linkbacks", "name them by number, or all that wait with `--all`")),
            (false, true) => Err(wrong("linkbacks", "name them by number or by options, not both")),
        }
    }
}

fn wrong(given: impl ToString, reason: &str) -> Error {
    Error::Argument { given: given.to_string(), reason: reason.to_owned() }
}

fn item(store: &LinkbackStore, number: i64) -> Result<InboxItem> {
    let found = store.item(number)?;
    found.ok_or_else(|| {
        wrong(number, "there is no linkback of this number; `backmatter linkbacks list` shows them")
    })
}

/// The actions.
impl SiteArgs {
    fn list(&self, arguments: &ItemsArgs) -> Result<Ending> {
        let Some(store) = self.store_if_any()? else {
            self.output.emit(&ListReport { items: Vec::new(), tallies: BTreeMap::new(), outstanding: 0 });
            return Ok(Ending::Done);
        };
        let mut filter = self.filter(&arguments.filter)?;
        filter.waiting &= !arguments.filter.all;
        let wanted: BTreeSet<i64> = arguments.numbers.iter().copied().collect();
        let mut items = store.list(&filter)?;
        items.retain(|item| wanted.is_empty() || wanted.contains(&item.id));
        // Those that wait come first, likely answers before unlikely ones; all others as they came.
        items.sort_by_key(|item| {
            let confidence = if item.is_waiting() { signals::confidence(&item.reasons) } else { 0 };
            (!item.is_waiting(), Reverse(confidence))
        });
        let (tallies, outstanding) = (store.tallies()?, store.outstanding()?);
        self.output.emit(&ListReport { items, tallies, outstanding });
        Ok(Ending::Done)
    }

    fn show(&self, numbers: &[i64]) -> Result<Ending> {
        let store = self.store()?;
        let items = numbers.iter().map(|number| item(&store, *number)).collect::<Result<Vec<_>>>()?;
        self.output.emit(&Details { items });
        Ok(Ending::Done)
    }

    fn decide(&self, decision: Decision, numbers: &[i64], filter: &FilterArgs) -> Result<Ending> {
        let mut service = self.service()?;
        let numbers = self.numbers(&service.store, numbers, filter)?;
        let results = service.store.decide(&numbers, decision, self.site.now())?;
        let applied = self.apply(&mut service)?;
        let is_complete = applied.is_complete() && results.iter().all(|result| result.refused.is_none());
        self.output.emit(&DecisionReport { decision, results, applied });
        Ok(if is_complete { Ending::Done } else { Ending::SiteHasErrors })
    }

    /// Decides on linkbacks by number, or puts sites and authors on a list by name.
    fn decide_or_list(
        &self,
        decision: Decision,
        list: TrustList,
        arguments: &ItemsOrSitesArgs,
    ) -> Result<Ending> {
        let names = &arguments.names;
        let numbers: Vec<i64> = names.iter().filter_map(|name| name.parse().ok()).collect();
        if numbers.len() == names.len() {
            return self.decide(decision, &numbers, &arguments.filter);
        }
        if !numbers.is_empty() {
            return Err(wrong(names.join(" "), "name linkbacks by number or sites, not both at once"));
        }
        let keys = keys(names)?;
        let mut store = self.new_store()?;
        let mut entries = Vec::new();
        for key in keys {
            let is_changed = store.put_on_list(list, &key, self.site.now())?;
            entries.push(ListEntry { key, is_changed });
        }
        self.output.emit(&TrustReport { list, entries });
        Ok(Ending::Done)
    }

    fn undo(&self) -> Result<Ending> {
        let mut service = self.service()?;
        let undone = service.store.undo(None, self.site.now())?;
        let applied = self.apply(&mut service)?;
        let is_complete = applied.is_complete();
        self.output.emit(&UndoReport { undone, applied });
        Ok(if is_complete { Ending::Done } else { Ending::SiteHasErrors })
    }

    fn retry(&self, arguments: &ItemsArgs) -> Result<Ending> {
        let mut store = self.store()?;
        let numbers = if arguments.numbers.is_empty() && arguments.filter.state.is_empty() {
            let states = BTreeSet::from([InboxState::Refused, InboxState::Gone]);
            let filter = ItemFilter { states, waiting: false, ..self.filter(&arguments.filter)? };
            store.list(&filter)?.iter().map(|item| item.id).collect()
        } else {
            self.numbers(&store, &arguments.numbers, &arguments.filter)?
        };
        let items = store.retry(&numbers, self.site.now())?;
        self.output.emit(&RetryReport { items });
        Ok(Ending::Done)
    }

    fn add(&self, url: &str, post: &Path) -> Result<Ending> {
        let mut service = self.new_service()?;
        let report = service.add(url, &self.post(post)?, &self.output.build_progress())?;
        let is_complete = report.item.state == InboxState::Approved && report.applied.is_complete();
        self.output.emit(&AddedReport(report));
        Ok(if is_complete { Ending::Done } else { Ending::SiteHasErrors })
    }

    fn pull(&self, origin: &PullOrigin, options: PullOptions) -> Result<Ending> {
        let mut service = self.new_service()?;
        let config = &service.site.config;
        let client = Client::new(&config.network, &config.base_url);
        let pulled = pull::pull(&mut service, origin, &client, options, self.site.now())?;
        let applied = self.apply(&mut service)?;
        let is_complete = applied.is_complete();
        self.output.emit(&PullSummary { pulled, applied });
        Ok(if is_complete { Ending::Done } else { Ending::SiteHasErrors })
    }

    fn export(&self, format: ExportFormat) -> Result<Ending> {
        let config = self.site.config();
        let entries = match self.store_if_any()? {
            Some(store) => export::all(&store, config)?,
            None => Vec::new(),
        };
        self.output.emit(&ExportReport(match format {
            ExportFormat::Jf2 => jf2::feed("Linkbacks", &entries, None),
            ExportFormat::Json => export::json(&entries),
        }));
        Ok(Ending::Done)
    }

    fn lists(&self) -> Result<Ending> {
        let report = match self.store_if_any()? {
            Some(store) => TrustListsReport {
                allow: store.listed(TrustList::Allow)?,
                block: store.listed(TrustList::Block)?,
            },
            None => TrustListsReport::default(),
        };
        self.output.emit(&report);
        Ok(Ending::Done)
    }

    fn forget(&self, sites: &[String]) -> Result<Ending> {
        let mut store = self.store()?;
        let mut entries = Vec::new();
        for key in keys(sites)? {
            let was_allowed = store.take_from_list(TrustList::Allow, &key)?;
            let was_blocked = store.take_from_list(TrustList::Block, &key)?;
            entries.push(ListEntry { key, is_changed: was_allowed || was_blocked });
        }
        let is_complete = entries.iter().all(|entry| entry.is_changed);
        self.output.emit(&ForgetReport { entries });
        Ok(if is_complete { Ending::Done } else { Ending::SiteHasErrors })
    }

    fn close(&self, post: &Path) -> Result<Ending> {
        let post = self.post(post)?;
        self.new_store()?.close(post.as_str(), self.site.now())?;
        self.output.emit(&PostReport::Closed(post));
        Ok(Ending::Done)
    }

    fn reopen(&self, post: &Path) -> Result<Ending> {
        let post = self.post(post)?;
        self.store()?.reopen(post.as_str())?;
        self.output.emit(&PostReport::Open(post));
        Ok(Ending::Done)
    }
}

/// A site or author, and whether a list was changed for it.
struct ListEntry {
    key: TrustKey,
    is_changed: bool,
}

fn keys(names: &[String]) -> Result<Vec<TrustKey>> {
    names.iter().map(|name| key(name)).collect()
}

fn key(name: &str) -> Result<TrustKey> {
    TrustKey::written(name)
        .ok_or_else(|| wrong(name, "this is not a site; write it as `example.com` or `medium.com/@ann`"))
}

/// The token of the other side: from a file, else from the environment.
fn token(file: Option<&Path>) -> Result<String> {
    match file {
        Some(file) => std::fs::read_to_string(file).map_err(Error::io("read", file)),
        None => std::env::var(VARIABLE).map_err(|_| Error::Argument {
            given: "pull".to_owned(),
            reason: format!(
                "it needs the token of the other side; set {VARIABLE}, or name a file with `--token-file`"
            ),
        }),
    }
}
