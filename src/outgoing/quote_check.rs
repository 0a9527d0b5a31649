//! Whether quoted words still stand in their reports.
//!
//! Each report is asked for once, however often it is quoted. What was found is noted in [`quotes.toml`](crate::citation::watch_list)
//! while the round goes on, so that a run that is broken off is resumed by the next one. A consent wall, a paywall or a page made by
//! a script is never taken for a report without the words, and a report counts as dead only when it was missing on three days.

use std::collections::BTreeMap;
use std::ops::Range;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use parking_lot::Mutex;
use url::Url;

use super::report_page::{self, ReportPage};
use super::round::{Answered, RoundOptions, ask_all};
use super::site_quotes::{self, SiteQuote};
use super::verdict::{self, PageVerdict};
use super::watch_file::WatchFile;
use crate::citation::page_citation::ReportAccess;
use crate::citation::passage::{ComparedReport, PassageContext, StretchMatch, StretchState};
use crate::citation::sketch::TextSketch;
use crate::citation::watch_list::{QuoteState, WatchedQuote, WatchedReport};
use crate::citation::word_diff::{WordChange, is_only_marks, word_changes};
use crate::date::Date;
use crate::engine::workspace::Workspace;
use crate::error::Result;
use crate::hash::Hash;
use crate::http::client::Client;
use crate::path::SourcePath;

/// What is checked.
#[derive(Debug, Clone)]
pub(crate) struct QuoteCheckRequest {
    /// Posts by file or id; all if there are none.
    pub(crate) posts: Vec<SourcePath>,
    /// Only posts from this day on.
    pub(crate) since: Option<Date>,
    /// The most reports of one run, those first that were not asked for longest.
    pub(crate) limit: Option<usize>,
    /// A report that was asked within this time is not asked again, unless its post is named.
    pub(crate) fresh: TimeDelta,
    pub(crate) round: RoundOptions,
}

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct QuoteCheckReport {
    /// In the order of their posts.
    pub(crate) quotes: Vec<CheckedQuote>,
    /// Reports that were asked.
    pub(crate) asked: usize,
    /// Reports that were not, as they were asked not long ago.
    pub(crate) fresh: usize,
    /// Reports that are left for another run by the limit.
    pub(crate) left: usize,
}

/// What became of a quotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CheckedQuote {
    pub(crate) quote: SiteQuote,
    pub(crate) state: QuoteState,
    /// The day from which it has the state.
    pub(crate) since: NaiveDate,
    /// Why, if the state does not say all.
    pub(crate) reason: String,
    /// Where the report is, if it is at another address.
    pub(crate) found_at: String,
    /// What was changed in the words.
    pub(crate) edits: Vec<QuoteEdit>,
    /// Stretches that are not there.
    pub(crate) missing: Vec<String>,
    /// The headline before and now, if it was changed since the last check.
    pub(crate) headline: Option<WordChange>,
    pub(crate) archive: String,
}

/// Changed words, with the sentences that they stand in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct QuoteEdit {
    /// The changes from the quoted words to the report's.
    pub(crate) changes: Vec<WordChange>,
    /// The words of the report from the start of their first sentence to the end of their last.
    pub(crate) now: String,
    /// Whether only marks were changed, and no word.
    pub(crate) is_marks_only: bool,
}

impl QuoteCheckReport {
    /// Whether there is something that the author can mend.
    pub(crate) fn needs_attention(&self) -> bool {
        self.quotes.iter().any(|checked| checked.state.can_be_mended())
    }
}

/// How many failures on as many days make a report dead.
const STRIKES: usize = 3;
/// After this many reports the file is written.
const SAVE_EVERY: usize = 25;
/// A text that shares less with that of the last time is another page.
const LEAST_ALIKE: f64 = 0.2;

/// Checks the quotations of a site.
pub(crate) fn check(
    site: &mut Workspace,
    request: &QuoteCheckRequest,
    observer: &dyn CheckObserver,
) -> Result<QuoteCheckReport> {
    let now = site.now();
    let quotes = site_quotes::of_site(site, &request.posts, request.since)?;
    let mut file = WatchFile::open(&site.source().root)?;
    let client = Client::new(&site.config().network, &site.config().base_url);
    let mut by_url: BTreeMap<String, Vec<SiteQuote>> = BTreeMap::new();
    for quote in quotes {
        by_url.entry(quote.url.clone()).or_default().push(quote);
    }
    let mut report = QuoteCheckReport::default();
    let mut due: Vec<(Option<DateTime<Utc>>, Url)> = Vec::new();
    for (url, quotes) in &by_url {
        let known = file.list.reports.get(url);
        let checked = known.and_then(|known| known.checked);
        let has_new = quotes
            .iter()
            .any(|quote| known.is_none_or(|known| known.quote(&quote.post, &quote.anchor).is_none()));
        let is_fresh = request.posts.is_empty()
            && !has_new
            && checked.is_some_and(|checked| now - checked < request.fresh);
        match Url::parse(url) {
            Ok(_) if is_fresh => report.fresh += 1,
            Ok(parsed) => due.push((checked, parsed)),
            Err(_) => {}
        }
    }
    due.sort_by_key(|(checked, _)| *checked);
    let limit = request.limit.unwrap_or(due.len()).min(due.len());
    report.left = due.len() - limit;
    report.asked = limit;
    let addresses: Vec<Url> = due.into_iter().take(limit).map(|(_, url)| url).collect();
    let run = CheckRun {
        addresses: &addresses,
        by_url: &by_url,
        now,
        observer,
        state: Mutex::new(CheckState::new(&mut file)),
    };
    ask_all(
        &client,
        &addresses,
        &request.round,
        &|url| report_page::request(url.as_str(), "checking quoted words"),
        &|number, answer| run.take(number, &answer),
    );
    let state = run.state.into_inner();
    report.quotes = state.checked;
    report.quotes.extend(state.file.remembered(&by_url, &addresses));
    report.quotes.sort_by(|one, other| {
        (&one.quote.file, &one.quote.anchor).cmp(&(&other.quote.file, &other.quote.anchor))
    });
    if request.posts.is_empty() && request.since.is_none() {
        state.file.forget_others(&by_url);
    }
    state.file.save()?;
    state.failed.map_or(Ok(report), Err)
}

/// Observes a check.
pub(crate) trait CheckObserver: Sync {
    /// An address was asked, and how many of how many that are.
    fn asked(&self, url: &str, number: usize, of: usize);
}

/// A check that is under way.
struct CheckRun<'a> {
    addresses: &'a [Url],
    by_url: &'a BTreeMap<String, Vec<SiteQuote>>,
    now: DateTime<Utc>,
    observer: &'a dyn CheckObserver,
    state: Mutex<CheckState<'a>>,
}

struct CheckState<'a> {
    file: &'a mut WatchFile,
    checked: Vec<CheckedQuote>,
    done: usize,
    /// Why the file could not be written on the way.
    failed: Option<crate::error::Error>,
}

impl<'a> CheckState<'a> {
    fn new(file: &'a mut WatchFile) -> Self {
        Self { file, checked: Vec::new(), done: 0, failed: None }
    }
}

impl CheckRun<'_> {
    /// Notes what came of an address.
    fn take(&self, number: usize, answer: &Answered) {
        let Some(url) = self.addresses.get(number) else { return };
        let Some((key, quotes)) = self.quotes_of(url) else { return };
        let known = self.state.lock().file.list.reports.get(key).cloned().unwrap_or_default();
        let judged = judge(url, answer, known, quotes, self.now);
        let mut state = self.state.lock();
        state.file.list.reports.insert(key.clone(), judged.report);
        state.checked.extend(judged.quotes);
        state.done += 1;
        self.observer.asked(url.as_str(), state.done, self.addresses.len());
        if state.done.is_multiple_of(SAVE_EVERY)
            && let Err(error) = state.file.save()
        {
            state.failed = Some(error);
        }
    }

    fn quotes_of(&self, url: &Url) -> Option<(&String, &[SiteQuote])> {
        let found = self.by_url.get_key_value(url.as_str());
        let found = found
            .or_else(|| self.by_url.iter().find(|(key, _)| Url::parse(key).is_ok_and(|key| key == *url)));
        found.map(|(key, quotes)| (key, quotes.as_slice()))
    }
}

impl WatchFile {
    /// What is known of quotations whose reports were not asked this time.
    fn remembered(&self, by_url: &BTreeMap<String, Vec<SiteQuote>>, asked: &[Url]) -> Vec<CheckedQuote> {
        let mut quotes = Vec::new();
        for (url, of_url) in by_url {
            if Url::parse(url).is_ok_and(|url| asked.contains(&url)) {
                continue;
            }
            let Some(report) = self.list.reports.get(url) else { continue };
            for quote in of_url {
                let Some(known) = report.quote(&quote.post, &quote.anchor) else { continue };
                quotes.push(CheckedQuote {
                    since: known.since,
                    reason: report
                        .checked
                        .map_or_else(String::new, |checked| format!("found on {}", checked.date_naive())),
                    found_at: report.found_at.clone(),
                    archive: archive_of(quote, report),
                    ..CheckedQuote::new(quote, known.state)
                });
            }
        }
        quotes
    }

    /// Forgets what is not quoted any more.
    fn forget_others(&mut self, by_url: &BTreeMap<String, Vec<SiteQuote>>) {
        self.list.reports.retain(|url, _| by_url.contains_key(url));
        for (url, report) in &mut self.list.reports {
            let quotes = &by_url[url];
            report.quotes.retain(|known| {
                quotes.iter().any(|quote| quote.post == known.post && quote.anchor == known.anchor)
            });
        }
    }
}

fn archive_of(quote: &SiteQuote, report: &WatchedReport) -> String {
    if quote.archive.is_empty() { report.archive.clone() } else { quote.archive.clone() }
}

impl CheckedQuote {
    fn new(quote: &SiteQuote, state: QuoteState) -> Self {
        Self {
            quote: quote.clone(),
            state,
            since: NaiveDate::MIN,
            reason: String::new(),
            found_at: String::new(),
            edits: Vec::new(),
            missing: Vec::new(),
            headline: None,
            archive: String::new(),
        }
    }
}

/// What came of a report: what is remembered of it, and what became of its quotations.
pub(crate) struct JudgedReport {
    pub(crate) report: WatchedReport,
    pub(crate) quotes: Vec<CheckedQuote>,
}

/// Judges the answer for one report. `known` is what was remembered of it.
pub(crate) fn judge(
    url: &Url,
    answer: &Answered,
    known: WatchedReport,
    quotes: &[SiteQuote],
    now: DateTime<Utc>,
) -> JudgedReport {
    let today = now.date_naive();
    let mut report = WatchedReport { checked: Some(now), ..known.clone() };
    let verdict = verdict::of_answer(url, answer);
    report.status = match answer {
        Answered::Response(response) => response.status,
        Answered::Failed(_) | Answered::Disallowed | Answered::Postponed => 0,
    };
    let page = match answer {
        Answered::Response(response) if response.is_success() => Some(report_page::read(response, today)),
        _ => None,
    };
    let mut checked = match (&page, &verdict) {
        (Some(page), verdict) => {
            judge_page(&JudgedPage { page, verdict, known: &known, today }, &mut report, quotes)
        }
        (None, PageVerdict::Missing { reason }) => missing(&mut report, reason, quotes, today),
        (None, PageVerdict::Refused { reason }) => without_page(QuoteState::Hidden, reason, quotes),
        (None, PageVerdict::Unknown { reason }) => without_page(QuoteState::Unsure, reason, quotes),
        (None, PageVerdict::Present | PageVerdict::Moved { .. }) => {
            without_page(QuoteState::Unsure, "", quotes)
        }
    };
    for quote in &mut checked {
        let context = quote.context.take().unwrap_or_default();
        report.note(WatchedQuote {
            post: quote.checked.quote.post.clone(),
            anchor: quote.checked.quote.anchor.clone(),
            state: quote.checked.state,
            since: today,
            before: context.before,
            after: context.after,
        });
        let noted = report.quote(&quote.checked.quote.post, &quote.checked.quote.anchor);
        quote.checked.since = noted.map_or(today, |noted| noted.since);
        quote.checked.archive = archive_of(&quote.checked.quote, &report);
    }
    JudgedReport { report, quotes: checked.into_iter().map(|quote| quote.checked).collect() }
}

/// A quotation that was judged, and what stands around its words now.
struct JudgedQuote {
    checked: CheckedQuote,
    context: Option<PassageContext>,
}

impl JudgedQuote {
    fn of(quote: &SiteQuote, state: QuoteState, reason: &str) -> Self {
        Self {
            checked: CheckedQuote { reason: reason.to_owned(), ..CheckedQuote::new(quote, state) },
            context: None,
        }
    }
}

/// A page that answered, and what was known of it.
struct JudgedPage<'a> {
    page: &'a ReportPage,
    verdict: &'a PageVerdict,
    known: &'a WatchedReport,
    today: NaiveDate,
}

fn without_page(state: QuoteState, reason: &str, quotes: &[SiteQuote]) -> Vec<JudgedQuote> {
    quotes.iter().map(|quote| JudgedQuote::of(quote, state, reason)).collect()
}

/// A report that is not there: dead after some days of it, and until then something that may pass.
fn missing(
    report: &mut WatchedReport,
    reason: &str,
    quotes: &[SiteQuote],
    today: NaiveDate,
) -> Vec<JudgedQuote> {
    if !report.failures.contains(&today) {
        report.failures.push(today);
    }
    let count = report.failures.len();
    if count >= STRIKES {
        return without_page(QuoteState::Dead, reason, quotes);
    }
    let reason = format!("{reason}; missing on {count} of {STRIKES} days");
    without_page(QuoteState::Unsure, &reason, quotes)
}

fn judge_page(judged: &JudgedPage<'_>, report: &mut WatchedReport, quotes: &[SiteQuote]) -> Vec<JudgedQuote> {
    let compared = ComparedReport::of(&judged.page.text);
    let found: Vec<Vec<StretchMatch>> = quotes
        .iter()
        .map(|quote| {
            let context = judged.known.quote(&quote.post, &quote.anchor).map(WatchedQuote::context);
            compared.look_for(&quote.lines, context.as_ref())
        })
        .collect();
    let is_any_found = found.iter().flatten().any(|stretch| stretch.state != StretchState::Missing);
    if !is_any_found && let Some(verdict) = judged.obstacle() {
        return match verdict {
            PageVerdict::Refused { reason } => without_page(QuoteState::Hidden, &reason, quotes),
            PageVerdict::Missing { reason } => missing(report, &reason, quotes, judged.today),
            PageVerdict::Unknown { reason } => without_page(QuoteState::Unsure, &reason, quotes),
            PageVerdict::Present | PageVerdict::Moved { .. } => Vec::new(),
        };
    }
    let headline = judged.note_page(report);
    let quotes = quotes.iter().zip(found);
    quotes.map(|(quote, found)| judged.quote(quote, &found, &compared, headline.as_ref())).collect()
}

impl JudgedPage<'_> {
    /// Why a page without the words is not the report as a reader sees it.
    fn obstacle(&self) -> Option<PageVerdict> {
        if let PageVerdict::Missing { .. } = self.verdict {
            return Some(self.verdict.clone());
        }
        if verdict::says_missing(self.page) {
            return Some(PageVerdict::Missing { reason: "its page says that it is not there".to_owned() });
        }
        if self.page.citation.access == ReportAccess::Subscribers {
            return Some(PageVerdict::Refused { reason: "it is for subscribers".to_owned() });
        }
        if let Some(wall) = verdict::wall_of(self.page) {
            return Some(wall);
        }
        let length = self.page.text.report().chars().count();
        if length * 3 < self.known.length {
            return Some(PageVerdict::Refused {
                reason: "less than a third of its text is shown".to_owned(),
            });
        }
        let sketch = TextSketch::of(self.page.text.report());
        (sketch.similarity(&TextSketch::parse(&self.known.sketch)) < LEAST_ALIKE)
            .then(|| PageVerdict::Refused { reason: "another page is shown in its place".to_owned() })
    }

    /// Remembers the page, and returns how its headline was changed.
    fn note_page(&self, report: &mut WatchedReport) -> Option<WordChange> {
        let text = self.page.text.report();
        report.failures.clear();
        report.found_at = match self.verdict {
            PageVerdict::Moved { to } => to.clone(),
            _ => String::new(),
        };
        report.length = text.chars().count();
        report.text = Hash::of(text.as_bytes()).short_hex();
        report.sketch = TextSketch::of(text).to_text();
        report.modified.clone_from(&self.page.citation.modified);
        let title =
            self.page.citation.headline.as_ref().map(|headline| headline.text.clone()).unwrap_or_default();
        let before = std::mem::replace(&mut report.title, title.clone());
        let is_changed = !before.is_empty() && !title.is_empty() && !word_changes(&before, &title).is_empty();
        is_changed.then_some(WordChange { removed: before, added: title })
    }

    fn quote(
        &self,
        quote: &SiteQuote,
        found: &[StretchMatch],
        compared: &ComparedReport<'_>,
        headline: Option<&WordChange>,
    ) -> JudgedQuote {
        let count = |state| found.iter().filter(|stretch| stretch.state == state).count();
        let (changed, gone) = (count(StretchState::Changed), count(StretchState::Missing));
        let is_closed = self.page.citation.access == ReportAccess::Subscribers
            || self.page.text.report().chars().count() * 3 < self.known.length;
        let state = match (changed, gone) {
            // Of a report that is cut off behind its first paragraphs the rest is not gone.
            (_, gone) if gone > 0 && is_closed => QuoteState::Hidden,
            (_, gone) if gone == found.len() => QuoteState::Gone,
            (_, gone) if gone > 0 => QuoteState::Partly,
            (changed, _) if changed > 0 => QuoteState::Edited,
            _ if matches!(self.verdict, PageVerdict::Moved { .. }) => QuoteState::Moved,
            _ => QuoteState::Exact,
        };
        let edits = found.iter().filter(|stretch| stretch.state == StretchState::Changed).map(|stretch| {
            let now = &compared.original()[stretch.place.clone()];
            let mut changes = word_changes(&stretch.words, now);
            // Beside words that were changed, marks are not worth a line.
            if !is_only_marks(&changes) {
                changes.retain(|change| !is_only_marks(std::slice::from_ref(change)));
            }
            let sentences = compared.sentences_around(&stretch.place);
            QuoteEdit {
                is_marks_only: is_only_marks(&changes),
                changes,
                now: compared.original()[sentences].trim().to_owned(),
            }
        });
        let missing = found.iter().filter(|stretch| stretch.state == StretchState::Missing);
        let checked = CheckedQuote {
            edits: edits.collect(),
            missing: missing.map(|stretch| stretch.words.clone()).collect(),
            found_at: match self.verdict {
                PageVerdict::Moved { to } => to.clone(),
                _ => String::new(),
            },
            headline: headline.cloned(),
            ..CheckedQuote::new(quote, state)
        };
        JudgedQuote { checked, context: context_of(found, compared) }
    }
}

/// What stands before the first stretch that was found and behind the last.
fn context_of(found: &[StretchMatch], compared: &ComparedReport<'_>) -> Option<PassageContext> {
    let mut places =
        found.iter().filter(|stretch| stretch.state != StretchState::Missing).map(|stretch| &stretch.place);
    let first = places.next()?;
    let last: &Range<usize> = places.next_back().unwrap_or(first);
    (first.start <= last.end).then(|| compared.context_of(&(first.start..last.end)))
}
