//! Whether the pages that the site links to are still there.
//!
//! Each address is asked once, however often it is linked, and the one first that was not asked for longest: a daily run with a
//! limit goes through all links of a site. A host that shows its pages to persons only is not asked again for a month and is
//! never counted as dead; what is missing counts as dead after three strikes in six days or more.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::quote_check::CheckObserver;
use super::report_page::{self, PageForm, ReportPage};
use super::round::{Answered, RoundOptions, ask_all};
use super::verdict::{self, PageVerdict};
use crate::citation::quoted_words::{names_words, selected_words};
use crate::citation::sketch::TextSketch;
use crate::citation::word_diff::word_changes;
use crate::config::Config;
use crate::date::Date;
use crate::dom::{Document, charset};
use crate::engine;
use crate::engine::workspace::Workspace;
use crate::error::{Error, Result};
use crate::hash::Hash;
use crate::http::client::Client;
use crate::path::{SourcePath, percent_decode};
use crate::post::text_fragment::split_directive;
use crate::post::{Post, Target};
use crate::site::order::absence;
use crate::sys::atomic_file;

/// What is checked.
#[derive(Debug, Clone)]
pub(crate) struct LinkCheckRequest {
    /// The most addresses of one run.
    pub(crate) limit: Option<usize>,
    /// Only links of posts from this day on.
    pub(crate) since: Option<Date>,
    /// Whether addresses are asked that are not due.
    pub(crate) due: DueRule,
    pub(crate) round: RoundOptions,
}

/// Which addresses are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DueRule {
    /// Those whose last answer has grown old.
    WhenDue,
    All,
}

/// Where a link stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LinkPlace {
    pub(crate) file: SourcePath,
    /// From 1.
    pub(crate) line: usize,
    pub(crate) column: usize,
    /// What stands behind `#`, with the directive for the browser.
    fragment: String,
}

/// What became of a linked page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LinkState {
    Ok,
    /// It is for good at another address.
    Moved,
    /// It was missing, but not often or not long enough to count as dead.
    Failing,
    Dead,
    /// The place on the page that a link names is not there.
    AnchorGone,
    /// The words that a link names are not there.
    WordsGone,
    /// The page has another headline in another language: the domain may have another owner.
    Changed,
    /// It is not shown to programs.
    Refused,
    Unknown,
}

impl LinkState {
    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Moved => "moved",
            Self::Failing => "failing",
            Self::Dead => "dead",
            Self::AnchorGone => "anchor-gone",
            Self::WordsGone => "words-gone",
            Self::Changed => "changed",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
        }
    }

    /// Whether it makes a check fail.
    pub(crate) fn fails(self) -> bool {
        matches!(self, Self::Dead | Self::WordsGone)
    }

    /// Whether the author can mend it, or has to look.
    pub(crate) fn can_be_mended(self) -> bool {
        matches!(
            self,
            Self::Moved | Self::Failing | Self::Dead | Self::AnchorGone | Self::WordsGone | Self::Changed
        )
    }

    /// For how many days an answer holds.
    fn days(self) -> i64 {
        match self {
            Self::Ok | Self::Moved | Self::Refused => 30,
            Self::AnchorGone | Self::WordsGone | Self::Changed => 7,
            Self::Failing | Self::Dead => 3,
            Self::Unknown => 1,
        }
    }
}

/// A linked page, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CheckedLink {
    /// Without what stands behind `#`.
    pub(crate) url: String,
    pub(crate) state: LinkState,
    pub(crate) reason: String,
    /// Where it is, if it moved.
    pub(crate) found_at: String,
    /// Where it is linked.
    pub(crate) places: Vec<LinkPlace>,
}

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct LinkCheckReport {
    /// By state, then address.
    pub(crate) links: Vec<CheckedLink>,
    pub(crate) asked: usize,
    /// Addresses whose last answer still holds.
    pub(crate) fresh: usize,
    /// Addresses that are due and left for another run by the limit.
    pub(crate) left: usize,
}

/// What is remembered of an address. The file can be lost.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct KnownLink {
    checked: DateTime<Utc>,
    state: LinkState,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    found_at: String,
    #[serde(default)]
    strikes: Vec<NaiveDate>,
    #[serde(default)]
    title: String,
    #[serde(default)]
    language: String,
}

/// Three strikes on as many days, over at least this time, make a page dead.
const STRIKES: usize = 3;
const LEAST_DEAD: TimeDelta = TimeDelta::days(6);

/// Checks the links of the posts that are shown.
pub(crate) fn check(
    site: &mut Workspace,
    request: &LinkCheckRequest,
    observer: &dyn CheckObserver,
) -> Result<LinkCheckReport> {
    let now = site.now();
    let links = links_of(site, request.since);
    let path = known_path(&site.source().root)?;
    let known = read_known(&path);
    let mut report = LinkCheckReport::default();
    let mut due: Vec<(Option<DateTime<Utc>>, Url)> = Vec::new();
    for url in links.keys() {
        let Ok(parsed) = Url::parse(url) else { continue };
        let last = known.get(url);
        let holds = last.is_some_and(|last| now - last.checked < holds_for(url, last.state));
        if holds && request.due == DueRule::WhenDue {
            report.fresh += 1;
        } else {
            due.push((last.map(|last| last.checked), parsed));
        }
    }
    due.sort_by_key(|(checked, _)| *checked);
    let limit = request.limit.unwrap_or(due.len()).min(due.len());
    (report.left, report.asked) = (due.len() - limit, limit);
    let addresses: Vec<Url> = due.into_iter().take(limit).map(|(_, url)| url).collect();
    let client = Client::new(&site.config().network, &site.config().base_url);
    let run = LinkRun {
        addresses: &addresses,
        links: &links,
        now,
        path: &path,
        observer,
        state: Mutex::new(LinkRunState { known, done: 0, scant: Vec::new() }),
    };
    ask_all(
        &client,
        &addresses,
        &request.round,
        &|url| report_page::request(url.as_str(), "checking links"),
        &|number, answer| run.take(number, &answer),
    );
    let LinkRunState { mut known, scant, .. } = run.state.into_inner();
    for (url, missing) in soft_missing(&client, &request.round, scant, now) {
        known.insert(url, missing);
    }
    write_known(&path, &known)?;
    report.links = links
        .into_iter()
        .filter_map(|(url, places)| {
            let known = known.get(&url)?;
            let (state, reason, found_at) = (known.state, known.reason.clone(), known.found_at.clone());
            Some(CheckedLink { url, state, reason, found_at, places })
        })
        .collect();
    report.links.sort_by(|one, other| (one.state, &one.url).cmp(&(other.state, &other.url)));
    Ok(report)
}

/// For how long an answer holds: not for the same time for all, so that they do not fall due together.
fn holds_for(url: &str, state: LinkState) -> TimeDelta {
    let days = state.days();
    let spread = i64::from(Hash::of(url.as_bytes()).short() % 401) - 200;
    TimeDelta::minutes(days * 1440 + days * 1440 * spread / 1000)
}

/// A check that is under way.
struct LinkRun<'a> {
    addresses: &'a [Url],
    links: &'a BTreeMap<String, Vec<LinkPlace>>,
    now: DateTime<Utc>,
    path: &'a Path,
    observer: &'a dyn CheckObserver,
    state: Mutex<LinkRunState>,
}

struct LinkRunState {
    known: BTreeMap<String, KnownLink>,
    done: usize,
    /// Pages with little text, which may be what their host shows for every address.
    scant: Vec<ScantPage>,
}

/// A page with little text.
struct ScantPage {
    url: Url,
    title: String,
    sketch: TextSketch,
    last: Option<KnownLink>,
}

/// After this many addresses the file is written.
const SAVE_EVERY: usize = 100;

impl LinkRun<'_> {
    fn take(&self, number: usize, answer: &Answered) {
        let Some(url) = self.addresses.get(number) else { return };
        let places = self.links.get(url.as_str()).map_or(&[][..], Vec::as_slice);
        let last = self.state.lock().known.get(url.as_str()).cloned();
        let (judged, page) = judge(url, answer, last.as_ref(), places, self.now);
        let scant =
            page.filter(|_| judged.state == LinkState::Ok).and_then(|page| ScantPage::of(url, &page, last));
        let mut state = self.state.lock();
        state.scant.extend(scant);
        state.known.insert(url.to_string(), judged);
        state.done += 1;
        self.observer.asked(url.as_str(), state.done, self.addresses.len());
        if state.done.is_multiple_of(SAVE_EVERY) {
            // It is written again at the end, where a fault is reported.
            let _ = write_known(self.path, &state.known);
        }
    }
}

fn judge(
    url: &Url,
    answer: &Answered,
    last: Option<&KnownLink>,
    places: &[LinkPlace],
    now: DateTime<Utc>,
) -> (KnownLink, Option<ReportPage>) {
    let mut known = KnownLink::unasked(last, now);
    let verdict = verdict::of_answer(url, answer);
    let page = match (answer, &verdict) {
        (Answered::Response(response), PageVerdict::Present | PageVerdict::Moved { .. }) => {
            Some((report_page::read(response, now.date_naive()), response))
        }
        _ => None,
    };
    match verdict {
        PageVerdict::Missing { reason } => known.strike(last, reason, now),
        PageVerdict::Refused { reason } => known.is(LinkState::Refused, reason),
        PageVerdict::Unknown { reason } => known.is(LinkState::Unknown, reason),
        PageVerdict::Moved { to } => {
            known.is(LinkState::Moved, String::new());
            known.found_at = to;
        }
        PageVerdict::Present => {}
    }
    let Some((page, response)) = page else { return (known, None) };
    if verdict::says_missing(&page) {
        known.strike(last, "its page says that it is not there".to_owned(), now);
        return (known, None);
    }
    if page.form == PageForm::Html {
        let content_type = response.headers.first("content-type").unwrap_or_default();
        let document = Document::parse(&charset::decode(&response.body, content_type));
        known.check_places(&document, &page, places);
    }
    known.check_owner(&page);
    (known, Some(page))
}

impl ScantPage {
    /// A page that is short, and was not seen with this headline before.
    fn of(url: &Url, page: &ReportPage, last: Option<KnownLink>) -> Option<Self> {
        let title = page.citation.headline.as_ref().map(|title| title.text.clone()).unwrap_or_default();
        let text = page.text.as_str();
        let is_known = last.as_ref().is_some_and(|last| last.state == LinkState::Ok && last.title == title);
        // A front page has no sibling, and an address with a query is often all there is of a site.
        let is_asked = page.form == PageForm::Html && url.path().len() > 1 && !is_known;
        (is_asked && text.chars().count() < SCANT).then(|| Self {
            url: url.clone(),
            title,
            sketch: TextSketch::of(text),
            last,
        })
    }
}

/// A page with more characters is more than a notice that nothing is there.
const SCANT: usize = 2500;
/// How much of a page has to be the same as of one that cannot exist.
const ALIKE: f64 = 0.9;

/// Those of some pages that are missing, though their host does not say so: it shows the same for a sibling that cannot exist.
/// One sibling of each folder is asked for.
fn soft_missing(
    client: &Client,
    options: &RoundOptions,
    pages: Vec<ScantPage>,
    now: DateTime<Utc>,
) -> Vec<(String, KnownLink)> {
    let mut by_sibling: BTreeMap<Url, Vec<ScantPage>> = BTreeMap::new();
    for page in pages {
        by_sibling.entry(sibling_of(&page.url)).or_default().push(page);
    }
    let siblings: Vec<Url> = by_sibling.keys().cloned().collect();
    let found: Mutex<Vec<Option<(String, TextSketch)>>> = Mutex::new(vec![None; siblings.len()]);
    ask_all(
        client,
        &siblings,
        options,
        &|url| report_page::request(url.as_str(), "checking links"),
        &|number, answer| {
            if let Answered::Response(response) = &answer
                && matches!(verdict::of_answer(&siblings[number], &answer), PageVerdict::Present)
            {
                let page = report_page::read(response, now.date_naive());
                let title = page.citation.headline.map(|title| title.text).unwrap_or_default();
                found.lock()[number] = Some((title, TextSketch::of(page.text.as_str())));
            }
        },
    );
    let found = found.into_inner().into_iter();
    let with_sibling = by_sibling.into_values().zip(found).filter_map(|(pages, found)| Some((pages, found?)));
    let missing = with_sibling.flat_map(|(pages, (title, sketch))| {
        let same = pages
            .into_iter()
            .filter(move |page| page.title == title && page.sketch.similarity(&sketch) > ALIKE);
        same.map(|page| {
            let mut known = KnownLink::unasked(page.last.as_ref(), now);
            let reason = "its host shows the same page for an address that cannot exist".to_owned();
            known.strike(page.last.as_ref(), reason, now);
            (page.url.to_string(), known)
        })
    });
    missing.collect()
}

/// The address of a page beside another that does not exist.
fn sibling_of(url: &Url) -> Url {
    let mut sibling = url.clone();
    let path = url.path().trim_end_matches('/');
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let host = format!("{}{folder}", url.host_str().unwrap_or_default());
    sibling.set_path(&format!("{folder}/no-such-page-{}", Hash::of(host.as_bytes()).short_hex()));
    sibling.set_query(None);
    sibling
}

impl KnownLink {
    /// What is known before an answer is judged.
    fn unasked(last: Option<&Self>, now: DateTime<Utc>) -> Self {
        Self {
            checked: now,
            state: LinkState::Ok,
            reason: String::new(),
            found_at: String::new(),
            strikes: Vec::new(),
            title: last.map(|last| last.title.clone()).unwrap_or_default(),
            language: last.map(|last| last.language.clone()).unwrap_or_default(),
        }
    }

    fn is(&mut self, state: LinkState, reason: String) {
        (self.state, self.reason) = (state, reason);
    }

    /// Notes that the page is missing.
    fn strike(&mut self, last: Option<&Self>, reason: String, now: DateTime<Utc>) {
        let today = now.date_naive();
        self.strikes = last.map(|last| last.strikes.clone()).unwrap_or_default();
        if !self.strikes.contains(&today) {
            self.strikes.push(today);
        }
        let first = self.strikes.first().copied().unwrap_or(today);
        if self.strikes.len() >= STRIKES && today - first >= LEAST_DEAD {
            self.is(LinkState::Dead, reason);
        } else {
            self.is(LinkState::Failing, format!("{reason}, since {first}"));
        }
    }

    /// Looks for the places and words on the page that links name.
    fn check_places(&mut self, document: &Document, page: &ReportPage, places: &[LinkPlace]) {
        for place in places {
            let split = split_directive(&place.fragment);
            let anchor = split.clean.trim_start_matches('#');
            if names_words(&place.fragment)
                && selected_words(&place.fragment, &page.text).is_none()
                && verdict::wall_of(page).is_none()
            {
                self.is(
                    LinkState::WordsGone,
                    format!("{}:{}: the words that the link names are not there", place.file, place.line),
                );
            } else if !is_there(document, anchor) && self.state != LinkState::WordsGone {
                if page.text.as_str().len() < SCRIPTED {
                    self.reason =
                        format!("whether `#{anchor}` is there is not known: a script makes the page");
                } else {
                    self.is(
                        LinkState::AnchorGone,
                        format!("{}:{}: `#{anchor}` is not on the page", place.file, place.line),
                    );
                }
            }
        }
    }

    /// Notes who the page is by its headline and language, and whether both were others the last time.
    fn check_owner(&mut self, page: &ReportPage) {
        let title = page.citation.headline.as_ref().map(|title| title.text.clone()).unwrap_or_default();
        let language =
            page.citation.language.as_ref().map(|language| language.text.clone()).unwrap_or_default();
        let is_other_title =
            !self.title.is_empty() && !title.is_empty() && shares_nothing(&self.title, &title);
        if is_other_title
            && !self.language.is_empty()
            && !language.is_empty()
            && self.language != language
            && self.state == LinkState::Ok
        {
            let reason = format!("its headline was `{}` and is `{title}`, in another language", self.title);
            self.is(LinkState::Changed, reason);
        }
        (self.title, self.language) = (title, language);
    }
}

/// A page with less text is made by a script.
const SCRIPTED: usize = 2048;

/// Whether two titles have no word in common.
fn shares_nothing(one: &str, other: &str) -> bool {
    let words: Vec<String> = one.split_whitespace().map(str::to_lowercase).collect();
    !word_changes(one, other).is_empty()
        && !other.split_whitespace().any(|word| words.contains(&word.to_lowercase()))
}

/// Whether a page has a place: by `id`, by `name` of a link, or in the way of GitHub. What a script reads (`#!`, `#/`, lines of
/// source) is not looked for.
fn is_there(document: &Document, anchor: &str) -> bool {
    let is_line = anchor.strip_prefix('L').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    if anchor.is_empty() || anchor == "top" || anchor.starts_with(['!', '/']) || is_line {
        return true;
    }
    let decoded = percent_decode(anchor);
    let names = [anchor.to_owned(), decoded.to_string(), format!("user-content-{anchor}")];
    document.elements().any(|node| {
        let id = node.attribute("id").or_else(|| node.attribute("name").filter(|_| node.name() == "a"));
        id.is_some_and(|id| names.iter().any(|name| name == id))
    })
}

/// The external links of the posts that are shown, by address.
fn links_of(site: &mut Workspace, since: Option<Date>) -> BTreeMap<String, Vec<LinkPlace>> {
    let snapshot = site.snapshot();
    let now = Date::of_moment(site.now(), snapshot.config.timezone);
    let mut links: BTreeMap<String, Vec<LinkPlace>> = BTreeMap::new();
    for post in snapshot.posts() {
        let is_meant = absence(post, now).is_none()
            && since.is_none_or(|since| post.date.is_none_or(|date| date >= since));
        if is_meant {
            add_links(post, &snapshot.config, &mut links);
        }
    }
    links
}

fn add_links(post: &Post, config: &Config, links: &mut BTreeMap<String, Vec<LinkPlace>>) {
    for link in &post.links {
        let Target::External(target) = &link.target else { continue };
        // What was written may name words, which the target leaves to the browser.
        let Ok(mut url) = Url::parse(&link.written).or_else(|_| Url::parse(target)) else { continue };
        if !is_asked(&url, config) {
            continue;
        }
        let fragment = url.fragment().map(|fragment| format!("#{fragment}")).unwrap_or_default();
        url.set_fragment(None);
        let (line, column) = link.position();
        let place = LinkPlace { file: post.path.clone(), line, column, fragment };
        links.entry(url.into()).or_default().push(place);
    }
}

/// Whether an address is one that is asked: no mail, no copy in an archive, no machine of one's own unless the settings name it.
fn is_asked(url: &Url, config: &Config) -> bool {
    const ARCHIVES: [&str; 6] =
        ["web.archive.org", "archive.org", "archive.today", "archive.ph", "archive.is", "webcitation.org"];
    let is_local = match url.host() {
        Some(Host::Domain(host)) => {
            host == "localhost"
                || host.ends_with(".localhost")
                || host.ends_with(".test")
                || host.ends_with(".example")
        }
        Some(Host::Ipv4(address)) => address.is_loopback() || address.is_private(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => true,
    };
    let host = url.host_str().unwrap_or_default();
    matches!(url.scheme(), "http" | "https")
        && !ARCHIVES.contains(&host)
        && (!is_local || config.network.names(url))
}

fn known_path(root: &Path) -> Result<PathBuf> {
    Ok(engine::state(root)?.join("links.json"))
}

/// What is remembered; nothing if the file is missing or damaged.
fn read_known(path: &Path) -> BTreeMap<String, KnownLink> {
    fs::read(path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

fn write_known(path: &Path, known: &BTreeMap<String, KnownLink>) -> Result<()> {
    let bytes = serde_json::to_vec(known).unwrap_or_default();
    atomic_file::replace(path, &bytes).map_err(Error::io("write", path))
}
