//! What is remembered of quoted reports from check to check: `quotes.toml`, text beside the site.
//!
//! It belongs into version control: it says since when a report is another one, and what stood around the quoted words. It is
//! sorted, so that a change is a change in few lines. Of a report it holds no more than 64 characters beside the quoted words.
//!
//! ```toml
//! [[report]]
//! url = "https://example.com/letter"
//! checked = "2026-11-22T12:00:00Z"
//! status = 200
//! title = "A letter answered"
//!
//! [[report.quote]]
//! post = "2026/letter"
//! anchor = "q-3f2a9c01"
//! state = "edited"
//! since = "2026-11-22"
//! before = "ninety-three. “I did"
//! after = "she said. It rained"
//! ```

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

use super::passage::PassageContext;

/// The file, in the folder of the site.
pub(crate) const FILE_NAME: &str = "quotes.toml";

/// What became of quoted words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum QuoteState {
    /// They stand in the report.
    Exact,
    /// They stand in it, and it is at another address.
    Moved,
    /// They stand there in other words.
    Edited,
    /// Some of them stand there.
    Partly,
    /// The report is there, and the words are not.
    Gone,
    /// The report is not there any more.
    Dead,
    /// The report is not shown to a program, or only to those who have an account.
    Hidden,
    /// Nothing can be said this time.
    Unsure,
}

impl QuoteState {
    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Moved => "moved",
            Self::Edited => "edited",
            Self::Partly => "partly",
            Self::Gone => "gone",
            Self::Dead => "dead",
            Self::Hidden => "hidden",
            Self::Unsure => "unsure",
        }
    }

    /// Whether the author of the post can mend it.
    pub(crate) fn can_be_mended(self) -> bool {
        matches!(self, Self::Edited | Self::Partly | Self::Gone | Self::Dead)
    }
}

/// All that is remembered, by the address of the report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct WatchList {
    pub(crate) reports: BTreeMap<String, WatchedReport>,
}

/// A report that is quoted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct WatchedReport {
    /// When it was asked last, whatever came of it.
    pub(crate) checked: Option<DateTime<Utc>>,
    /// The last status; 0 if there was no answer.
    pub(crate) status: u16,
    /// Where it was found, if that is another address.
    #[serde(rename = "final")]
    pub(crate) found_at: String,
    /// The address of a copy.
    pub(crate) archive: String,
    /// The headline that its page had last.
    pub(crate) title: String,
    /// When the page says that it was changed.
    pub(crate) modified: String,
    /// The fingerprint of its text.
    pub(crate) text: String,
    /// Characters of its text.
    pub(crate) length: usize,
    /// By which its text is compared with a later one.
    pub(crate) sketch: String,
    /// The days on which it was not there, since it was there last.
    pub(crate) failures: Vec<NaiveDate>,
    #[serde(rename = "quote")]
    pub(crate) quotes: Vec<WatchedQuote>,
}

/// Quoted words that are watched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct WatchedQuote {
    /// The id of the post.
    pub(crate) post: String,
    /// The anchor of the quote in it.
    pub(crate) anchor: String,
    pub(crate) state: QuoteState,
    /// The day from which it has the state.
    pub(crate) since: NaiveDate,
    /// The words that stood before it in the report.
    #[serde(default)]
    pub(crate) before: String,
    #[serde(default)]
    pub(crate) after: String,
}

impl WatchedReport {
    /// What is remembered of a quote.
    pub(crate) fn quote(&self, post: &str, anchor: &str) -> Option<&WatchedQuote> {
        self.quotes.iter().find(|quote| quote.post == post && quote.anchor == anchor)
    }

    /// Notes what became of a quote. Its context stays as it was if the words were not found.
    pub(crate) fn note(&mut self, found: WatchedQuote) {
        let known =
            self.quotes.iter_mut().find(|quote| quote.post == found.post && quote.anchor == found.anchor);
        match known {
            Some(known) => {
                let (before, after) = if found.before.is_empty() && found.after.is_empty() {
                    (known.before.clone(), known.after.clone())
                } else {
                    (found.before, found.after)
                };
                let since = if known.state == found.state { known.since } else { found.since };
                *known = WatchedQuote { before, after, since, ..found };
            }
            None => self.quotes.push(found),
        }
        self.quotes.sort_by(|one, other| (&one.post, &one.anchor).cmp(&(&other.post, &other.anchor)));
    }
}

impl WatchedQuote {
    /// What stood around the words.
    pub(crate) fn context(&self) -> PassageContext {
        PassageContext { before: self.before.clone(), after: self.after.clone() }
    }
}

/// The form of the file.
#[derive(Serialize, Deserialize)]
struct WatchFile {
    #[serde(default, rename = "report")]
    reports: Vec<WatchFileReport>,
}

#[derive(Serialize, Deserialize)]
struct WatchFileReport {
    url: String,
    #[serde(flatten)]
    report: WatchedReport,
}

impl WatchList {
    /// Reads the file. The error says what is wrong with it, and where.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let file: WatchFile = toml::from_str(text).map_err(|error| error.to_string())?;
        Ok(Self { reports: file.reports.into_iter().map(|entry| (entry.url, entry.report)).collect() })
    }

    /// The text of the file.
    pub(crate) fn to_text(&self) -> String {
        let mut out =
            String::from("# What `backmatter quotes check` remembers. Keep it in version control.\n");
        for (url, report) in &self.reports {
            out.push_str("\n[[report]]\n");
            text_line("url", url, &mut out);
            if let Some(checked) = report.checked {
                text_line("checked", &checked.to_rfc3339_opts(SecondsFormat::Secs, true), &mut out);
            }
            let _ = writeln!(out, "status = {}", report.status);
            let texts = [
                ("final", &report.found_at),
                ("archive", &report.archive),
                ("title", &report.title),
                ("modified", &report.modified),
                ("text", &report.text),
            ];
            texts.into_iter().for_each(|(key, text)| text_line(key, text, &mut out));
            if report.length > 0 {
                let _ = writeln!(out, "length = {}", report.length);
            }
            text_line("sketch", &report.sketch, &mut out);
            if !report.failures.is_empty() {
                let days: Vec<String> = report.failures.iter().map(|day| format!("\"{day}\"")).collect();
                let _ = writeln!(out, "failures = [{}]", days.join(", "));
            }
            for quote in &report.quotes {
                out.push_str("\n[[report.quote]]\n");
                text_line("post", &quote.post, &mut out);
                text_line("anchor", &quote.anchor, &mut out);
                text_line("state", quote.state.name(), &mut out);
                text_line("since", &quote.since.to_string(), &mut out);
                text_line("before", &quote.before, &mut out);
                text_line("after", &quote.after, &mut out);
            }
        }
        out
    }
}

/// `key = "text"`, if there is a text.
fn text_line(key: &str, text: &str, out: &mut String) {
    if !text.is_empty() {
        let _ = writeln!(out, "{key} = {}", toml_edit::Value::from(text).to_string().trim());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let quote = WatchedQuote {
            post: "2026/letter".into(),
            anchor: "q-1".into(),
            state: QuoteState::Edited,
            since: NaiveDate::from_ymd_opt(2026, 11, 22).unwrap(),
            before: "a “b\" c".into(),
            after: String::new(),
        };
        let report = WatchedReport {
            checked: DateTime::from_timestamp(1_800_000_000, 0),
            status: 200,
            found_at: "https://a.example/other".into(),
            title: "A\\B".into(),
            length: 7,
            failures: vec![quote.since],
            quotes: vec![quote],
            ..WatchedReport::default()
        };
        let list = WatchList { reports: BTreeMap::from([("https://a.example/x".to_owned(), report)]) };
        let text = list.to_text();
        assert_eq!(WatchList::parse(&text).unwrap(), list, "{text}");
        assert_eq!(WatchList::parse("").unwrap(), WatchList::default());
        assert!(WatchList::parse("[[report]]\nurl = 1").unwrap_err().contains("line 2"));
    }

    #[test]
    fn a_state_is_dated_from_its_first_day() {
        let day = |day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
        let quote = |state, day, before: &str| WatchedQuote {
            post: "p".into(),
            anchor: "a".into(),
            state,
            since: day,
            before: before.into(),
            after: String::new(),
        };
        let mut report = WatchedReport::default();
        report.note(quote(QuoteState::Exact, day(1), "x"));
        report.note(quote(QuoteState::Gone, day(2), ""));
        report.note(quote(QuoteState::Gone, day(3), ""));
        assert_eq!(report.quotes, [quote(QuoteState::Gone, day(2), "x")]);
    }
}
