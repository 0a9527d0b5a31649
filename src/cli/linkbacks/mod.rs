//! `backmatter linkbacks`: shows what other sites wrote, decides on it, and brings it into the site.

mod report;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use chrono::Utc;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand, ValueEnum};

use crate::cli::common::{CommonArgs, Ending, request, root};
use crate::cli::output::Output;
use crate::engine::{self, Request};
use crate::error::{Error, Result};
use crate::http::client::Client;
use crate::linkback::LinkbackKind;
use crate::linkback::address::Address;
use crate::linkback::inbox::signals;
use crate::linkback::inbox::state::{Hints, InboxItem, InboxState, Submission};
use crate::linkback::inbox::trust::TrustKey;
use crate::linkback::protocol::jf2;
use crate::path::SourcePath;
use crate::receive::clock;
use crate::receive::moderation::service::ModerationService;
use crate::receive::moderation::web::VARIABLE;
use crate::receive::queue::decisions::{Decision, TrustList};
use crate::receive::queue::store::{FetchPace, ItemFilter, LinkbackStore};
use crate::receive::site_index::SiteIndex;
use crate::receive::sync::export;
use crate::receive::sync::pull::{self, PullExtent, PullOrigin, PullTrust};
use crate::receive::verify::Verifier;

/// The arguments of `linkbacks`.
#[derive(Debug, Args)]
pub(super) struct LinkbacksArgs {
    #[command(subcommand)]
    act: Act,
    /// The receiver's database [default: the settings' `database`, which is linkbacks.db]
    #[arg(long, global = true, value_name = "FILE")]
    db: Option<PathBuf>,
}

/// What is to be done.
#[derive(Debug, Subcommand)]
enum Act {
    /// List those that wait for a decision, the likeliest answers first
    List(Chosen),
    /// Show all that is known of some
    Show {
        /// Their numbers
        #[arg(required = true, value_name = "NUMBER", value_parser = number)]
        numbers: Vec<i64>,
    },
    /// Let them into the back matter
    Approve(Chosen),
    /// Approve them, and from now on whatever comes from the same site or author
    ///
    /// A site or author can be named instead of a linkback.
    Trust(ChosenOrSites),
    /// Keep them out of the back matter
    Reject(Chosen),
    /// Reject them as spam
    Spam(Chosen),
    /// Reject them, and whatever else comes from the same site or author
    ///
    /// A site or author can be named instead of a linkback.
    Block(ChosenOrSites),
    /// Take back the last decision; again, the one before it
    Undo,
    /// Let the receiver look at them again [default: those it could not verify]
    Retry(Chosen),
    /// Fetch a page that links to a post, and let it in
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
        /// Approve what a service received, without a look
        #[arg(long)]
        approve: bool,
    },
    /// Print what is approved
    Export {
        /// How
        #[arg(long, value_enum, default_value = "jf2")]
        format: Format,
    },
    /// Show whom you trust and whom you have blocked
    Lists,
    /// Neither trust nor block a site or author any more
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
enum Format {
    /// JF2, as webmention.io speaks it
    Jf2,
    /// The fields of our back matter files
    Json,
}

/// Which linkbacks are meant.
#[derive(Debug, Args)]
pub(super) struct Chosen {
    /// Their numbers
    #[arg(value_name = "NUMBER", value_parser = number)]
    numbers: Vec<i64>,
    #[command(flatten)]
    among: Among,
}

/// Which linkbacks are meant, or whose.
#[derive(Debug, Args)]
struct ChosenOrSites {
    /// Their numbers, or sites: example.com, medium.com/@ann
    #[arg(value_name = "NUMBER|SITE")]
    names: Vec<String>,
    #[command(flatten)]
    among: Among,
}

/// Linkbacks by what they have in common.
#[derive(Debug, Args)]
struct Among {
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
        InboxState::Queued => "Not looked at yet",
        InboxState::Held => "Waiting for a decision",
        InboxState::Approved => "In the back matter",
        InboxState::Rejected => "Not wanted",
        InboxState::Spam => "Neither it nor its like",
        InboxState::Refused => "No link was found",
        InboxState::Gone => "Withdrawn by its source",
    }
}

/// The number of a linkback.
fn number(text: &str) -> std::result::Result<i64, String> {
    text.parse()
        .map_err(|_| "a linkback is meant by its number, as `backmatter linkbacks list` shows it".to_owned())
}

/// Runs one of the acts.
pub(super) fn run(arguments: &LinkbacksArgs, common: &CommonArgs, voice: Output) -> Result<Ending> {
    let now = Utc::now();
    let request = request(root(common)?, common, now);
    let place = Place { request, database: arguments.db.clone() };
    match &arguments.act {
        Act::List(chosen) => list(&place, chosen, voice),
        Act::Show { numbers } => show(&place, numbers, voice),
        Act::Approve(chosen) => decide(&place, Decision::Approve, (&chosen.numbers, &chosen.among), voice),
        Act::Reject(chosen) => decide(&place, Decision::Reject, (&chosen.numbers, &chosen.among), voice),
        Act::Spam(chosen) => decide(&place, Decision::Spam, (&chosen.numbers, &chosen.among), voice),
        Act::Trust(chosen) => decide_or_list(&place, (Decision::Trust, TrustList::Allow), chosen, voice),
        Act::Block(chosen) => decide_or_list(&place, (Decision::Block, TrustList::Block), chosen, voice),
        Act::Undo => undo(&place, voice),
        Act::Retry(chosen) => retry(&place, chosen, voice),
        Act::Add { url, post } => add(&place, url, post, voice),
        Act::Pull { from, token_file, full, approve } => {
            let extent = if *full { PullExtent::All } else { PullExtent::New };
            let unseen = if *approve { PullTrust::Approve } else { PullTrust::Hold };
            let origin = PullOrigin::new(from)?.with_token(&token(token_file.as_deref())?);
            pull_in(&place, &origin, (extent, unseen), voice)
        }
        Act::Export { format } => {
            let (config, _) = engine::settings(&place.request)?;
            let entries = match place.store_if_any()? {
                Some(store) => export::all(&store, &config)?,
                None => Vec::new(),
            };
            voice.exported(&match format {
                Format::Jf2 => jf2::feed("Linkbacks", &entries, None),
                Format::Json => export::json(&entries),
            });
            Ok(Ending::Done)
        }
        Act::Lists => {
            let listed =
                |list| place.store_if_any()?.map_or_else(|| Ok(BTreeSet::new()), |store| store.listed(list));
            voice.linkback_lists(&listed(TrustList::Allow)?, &listed(TrustList::Block)?);
            Ok(Ending::Done)
        }
        Act::Forget { sites } => forget(&place, sites, voice),
        Act::Close { post } => {
            let post = place.post(post)?;
            place.new_store()?.close(post.as_str(), now)?;
            voice.linkbacks_closed(&post);
            Ok(Ending::Done)
        }
        Act::Reopen { post } => {
            let post = place.post(post)?;
            place.store()?.reopen(post.as_str())?;
            voice.linkbacks_reopened(&post);
            Ok(Ending::Done)
        }
    }
}

/// A site and where its database is.
struct Place {
    request: Request,
    database: Option<PathBuf>,
}

impl Place {
    /// The file of the database.
    fn database(&self) -> Result<PathBuf> {
        match &self.database {
            Some(path) => Ok(path.clone()),
            None => {
                let (config, _) = engine::settings(&self.request)?;
                Ok(self.request.root.join(&config.linkbacks.database))
            }
        }
    }

    /// The database alone, for what the site itself has nothing to do with. It is made if there is none.
    fn new_store(&self) -> Result<LinkbackStore> {
        LinkbackStore::open(&self.database()?)
    }

    /// The database, which has to be there.
    fn store(&self) -> Result<LinkbackStore> {
        LinkbackStore::open_existing(&self.database()?)
    }

    /// The database, if there is one: a site that has heard nothing yet has none. One that is named has to be there.
    fn store_if_any(&self) -> Result<Option<LinkbackStore>> {
        let path = self.database()?;
        if self.database.is_none() && !path.exists() {
            Ok(None)
        } else {
            LinkbackStore::open_existing(&path).map(Some)
        }
    }

    /// The site with its linkbacks, which have to be there.
    fn desk(&self) -> Result<ModerationService> {
        drop(self.store()?);
        self.new_desk()
    }

    /// The site with its linkbacks. The database is made if there is none.
    fn new_desk(&self) -> Result<ModerationService> {
        ModerationService::open(&self.request, self.database.as_deref())
    }

    /// The file of a post, as the database names it: below the root of the site.
    fn post(&self, written: &std::path::Path) -> Result<SourcePath> {
        let fault = |reason: &str| Error::Argument {
            given: written.display().to_string(),
            reason: reason.to_owned(),
        };
        let root = self.request.root.canonicalize().map_err(Error::io("find", &self.request.root))?;
        // Either is natural: seen from here, or from the site's folder.
        let file = [written.to_owned(), root.join(written)].into_iter().find(|file| file.is_file());
        let Some(file) = file else { return Err(fault("there is no such post; name its Markdown file")) };
        let file = file.canonicalize().map_err(Error::io("find", &file))?;
        let below = file.strip_prefix(&root).ok().and_then(|below| SourcePath::new(&below.to_string_lossy()));
        below.ok_or_else(|| fault("this file is not in the site"))
    }

    fn filter(&self, among: &Among) -> Result<ItemFilter> {
        let post = among.post.as_deref().map(|post| self.post(post)).transpose()?;
        Ok(ItemFilter {
            states: among.state.iter().copied().collect(),
            waiting: among.state.is_empty(),
            post: post.map(|post| post.to_string()),
            host: among.host.clone().map(|host| host.to_lowercase()),
            found_since: None,
            limit: 0,
        })
    }

    /// The numbers that are meant.
    fn numbers(&self, store: &LinkbackStore, (numbers, among): (&[i64], &Among)) -> Result<Vec<i64>> {
        let is_cut = among.all || !among.state.is_empty() || among.post.is_some() || among.host.is_some();
        match (numbers.is_empty(), is_cut) {
            (false, false) => {
                for number in numbers {
                    known(store, *number)?;
                }
                Ok(numbers.to_vec())
            }
            (true, true) => Ok(store.list(&self.filter(among)?)?.iter().map(|item| item.id).collect()),
            (true, false) => Err(Error::Argument {
                given: "linkbacks".to_owned(),
                reason: "name them by number, or all that wait with `--all`".to_owned(),
            }),
            (false, true) => Err(Error::Argument {
                given: "linkbacks".to_owned(),
                reason: "name them by number or by options, not both".to_owned(),
            }),
        }
    }
}

fn known(store: &LinkbackStore, number: i64) -> Result<InboxItem> {
    store.item(number)?.ok_or_else(|| Error::Argument {
        given: number.to_string(),
        reason: "there is no linkback of this number; `backmatter linkbacks list` shows them".to_owned(),
    })
}

fn list(place: &Place, chosen: &Chosen, voice: Output) -> Result<Ending> {
    let Some(store) = place.store_if_any()? else {
        voice.linkbacks(&[], &BTreeMap::new());
        return Ok(Ending::Done);
    };
    let mut filter = place.filter(&chosen.among)?;
    filter.waiting &= !chosen.among.all;
    let wanted: BTreeSet<i64> = chosen.numbers.iter().copied().collect();
    let mut items = store.list(&filter)?;
    items.retain(|item| wanted.is_empty() || wanted.contains(&item.id));
    // Among those that wait the likeliest answers come first; all others as they came.
    items.sort_by_key(|item| {
        let confidence = if item.is_waiting() { signals::confidence(&item.reasons) } else { 0 };
        (!item.is_waiting(), std::cmp::Reverse(confidence))
    });
    voice.linkbacks(&items, &store.tallies()?);
    Ok(Ending::Done)
}

fn show(place: &Place, numbers: &[i64], voice: Output) -> Result<Ending> {
    let store = place.store()?;
    let items = numbers.iter().map(|number| known(&store, *number)).collect::<Result<Vec<_>>>()?;
    voice.linkback_details(&items);
    Ok(Ending::Done)
}

fn decide(place: &Place, decision: Decision, chosen: (&[i64], &Among), voice: Output) -> Result<Ending> {
    let mut desk = place.desk()?;
    let numbers = place.numbers(&desk.store, chosen)?;
    let decided = desk.store.decide(&numbers, decision, place.request.now)?;
    let brought = desk.bring_in(place.request.now, &voice.build_progress())?;
    voice.decided(decision, &decided, &brought);
    let is_whole = brought.is_whole() && decided.iter().all(|decided| decided.refused.is_none());
    Ok(if is_whole { Ending::Done } else { Ending::SiteHasErrors })
}

/// Decides on linkbacks by number, or puts sites and authors on a list by name.
fn decide_or_list(
    place: &Place,
    (decision, list): (Decision, TrustList),
    chosen: &ChosenOrSites,
    voice: Output,
) -> Result<Ending> {
    let numbers: Vec<i64> = chosen.names.iter().filter_map(|name| name.parse().ok()).collect();
    if numbers.len() == chosen.names.len() {
        return decide(place, decision, (&numbers, &chosen.among), voice);
    }
    if !numbers.is_empty() {
        let reason = "name linkbacks by number or sites, not both at once".to_owned();
        return Err(Error::Argument { given: chosen.names.join(" "), reason });
    }
    let keys = keys(&chosen.names)?;
    let mut store = place.new_store()?;
    let mut added = Vec::new();
    for key in keys {
        added.push((store.put_on_list(list, &key, place.request.now)?, key));
    }
    voice.listed(list, &added);
    Ok(Ending::Done)
}

fn keys(names: &[String]) -> Result<Vec<TrustKey>> {
    let key = |name: &String| {
        TrustKey::written(name).ok_or_else(|| Error::Argument {
            given: name.clone(),
            reason: "this is no site; write it as `example.com` or `medium.com/@ann`".to_owned(),
        })
    };
    names.iter().map(key).collect()
}

fn undo(place: &Place, voice: Output) -> Result<Ending> {
    let mut desk = place.desk()?;
    let undone = desk.store.undo(None, place.request.now)?;
    let brought = desk.bring_in(place.request.now, &voice.build_progress())?;
    voice.undone(undone.as_ref(), &brought);
    Ok(if brought.is_whole() { Ending::Done } else { Ending::SiteHasErrors })
}

fn retry(place: &Place, chosen: &Chosen, voice: Output) -> Result<Ending> {
    let mut store = place.store()?;
    let numbers = if chosen.numbers.is_empty() && chosen.among.state.is_empty() {
        let states = BTreeSet::from([InboxState::Refused, InboxState::Gone]);
        let filter = ItemFilter { states, waiting: false, ..place.filter(&chosen.among)? };
        store.list(&filter)?.iter().map(|item| item.id).collect()
    } else {
        place.numbers(&store, (&chosen.numbers, &chosen.among))?
    };
    let items = store.retry(&numbers, place.request.now)?;
    voice.retried(&items);
    Ok(Ending::Done)
}

/// Fetches a page by hand. Whoever names it has decided on it.
fn add(place: &Place, url: &str, post: &std::path::Path, voice: Output) -> Result<Ending> {
    let now = place.request.now;
    let fault = |given: &str, reason: String| Error::Argument { given: given.to_owned(), reason };
    let source = Address::parse(url).map_err(|refusal| fault(url, refusal.to_string()))?;
    let mut desk = place.new_desk()?;
    let post = place.post(post)?;
    let Some(target) = desk.addresses.by_post(post.as_str()).cloned() else {
        return Err(fault(post.as_str(), "this post is not shown, and has no address to link to".to_owned()));
    };
    let submission = Submission {
        source: source.without_fragment().as_str().to_owned(),
        target: target.url.clone(),
        written: None,
        post: post.to_string(),
        protocol: LinkbackKind::Webmention,
        hints: Hints::default(),
        sender: "added by hand".to_owned(),
    };
    // A receiver that runs beside us is not to fetch it as well.
    let late = chrono::TimeDelta::minutes(5);
    desk.store.submit(vec![(submission.clone(), late)], usize::MAX, now)?;
    let item = desk.store.find(&submission.source, &submission.target)?;
    let Some(item) = item else { return Err(fault(url, "it was not kept".to_owned())) };
    let looker = Verifier {
        client: Client::new(&desk.config.network, &desk.config.base_url),
        pace: FetchPace { rest: chrono::TimeDelta::zero(), longest_rest: chrono::TimeDelta::zero() },
        index: Arc::new(SiteIndex::open(place.request.clone())?),
        clock: clock::system(),
        counts: Arc::default(),
    };
    let looked = if item.state.is_closed() { None } else { looker.look(&mut desk.store, &item)? };
    let item = looked.map_or(item, |looked| looked.item);
    let decided = match item.state {
        InboxState::Held | InboxState::Rejected | InboxState::Spam => {
            desk.store.decide(&[item.id], Decision::Approve, now)?
        }
        _ => Vec::new(),
    };
    let brought = desk.bring_in(now, &voice.build_progress())?;
    let item = decided.first().map_or(item, |decided| decided.item.clone());
    voice.added(&item, &brought);
    let is_done = item.state == InboxState::Approved && brought.is_whole();
    Ok(if is_done { Ending::Done } else { Ending::SiteHasErrors })
}

/// The token for somebody else's door: from a file, else from the environment.
fn token(file: Option<&std::path::Path>) -> Result<String> {
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

fn pull_in(
    place: &Place,
    origin: &PullOrigin,
    how: (PullExtent, PullTrust),
    voice: Output,
) -> Result<Ending> {
    let mut desk = place.new_desk()?;
    let client = Client::new(&desk.config.network, &desk.config.base_url);
    let pulled = pull::pull(&mut desk, (origin, &client), how, place.request.now)?;
    let brought = desk.bring_in(place.request.now, &voice.build_progress())?;
    voice.pulled(&pulled, &brought);
    Ok(if brought.is_whole() { Ending::Done } else { Ending::SiteHasErrors })
}

fn forget(place: &Place, sites: &[String], voice: Output) -> Result<Ending> {
    let mut store = place.store()?;
    let mut forgotten = Vec::new();
    for key in keys(sites)? {
        let was_listed =
            store.take_from_list(TrustList::Allow, &key)? | store.take_from_list(TrustList::Block, &key)?;
        forgotten.push((was_listed, key));
    }
    let all = forgotten.iter().all(|(was_listed, _)| *was_listed);
    voice.forgotten(&forgotten);
    Ok(if all { Ending::Done } else { Ending::SiteHasErrors })
}
