//! Copies of reports in the Wayback Machine: whether there is one, and a new one where there is none.
//!
//! The forms are those of the availability API, the CDX server and Save Page Now 2 as documented by the Internet Archive. An error
//! of a save comes with status 200; `status_ext` says which it is, and the table here what it means. Limits differ from one edition
//! of the document to the next, so what a host answers is obeyed and not a number.

use std::time::Duration;

use chrono::NaiveDate;
use serde_json::Value;

use crate::http::client::{Client, Limits, Request, Response};

/// The archive's two hosts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ArchiveService {
    /// Where copies are looked up: `https://archive.org`.
    pub(crate) lookup: String,
    /// Where copies are, and where they are made: `https://web.archive.org`.
    pub(crate) web: String,
    /// `KEY:SECRET` of an account; without it copies are only looked up.
    pub(crate) keys: Option<String>,
    /// Between two questions about a save; it grows.
    pub(crate) first_wait: Duration,
}

/// A copy of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ArchivedCopy {
    pub(crate) url: String,
    /// `20261122120000`, in UTC.
    pub(crate) timestamp: String,
}

/// Why there is no copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ArchiveFault {
    /// The archive cannot copy the page, now or later.
    ForGood { reason: String },
    /// No more today.
    Today { reason: String },
    /// Another time.
    Later { reason: String },
    /// There are no keys, so that a copy can only be looked up.
    NoKeys,
}

/// What an archive says of a save that is under way.
#[derive(Debug, Clone, PartialEq, Eq)]
enum SaveProgress {
    Pending,
    Done(ArchivedCopy),
    Failed(ArchiveFault),
}

/// What is answered by a request to save.
#[derive(Debug, Clone, PartialEq, Eq)]
enum SaveStart {
    Job(String),
    Failed(ArchiveFault),
}

/// `status_ext` of pages that the archive will never copy.
const FOR_GOOD: [&str; 12] = [
    "not-found",
    "no-access",
    "unauthorized",
    "blocked",
    "blocked-url",
    "blocked-client-ip",
    "invalid-url-syntax",
    "invalid-host-resolution",
    "filesize-limit",
    "too-many-redirects",
    "not-implemented",
    "method-not-allowed",
];
/// The same of limits of a day.
const TODAY: [&str; 3] = ["max-daily-bandwidth", "max-daily-captures-from-ip", "max-daily-captures-host"];
/// How often a save is asked after.
const MOST_QUESTIONS: u32 = 8;
/// The longest wait between two questions.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

impl ArchiveService {
    /// The Internet Archive.
    pub(crate) fn wayback(keys: Option<String>) -> Self {
        Self {
            lookup: "https://archive.org".to_owned(),
            web: "https://web.archive.org".to_owned(),
            keys,
            first_wait: Duration::from_secs(5),
        }
    }

    /// Another place with the same interface.
    pub(crate) fn at(base: &str, keys: Option<String>) -> Self {
        let base = base.trim_end_matches('/').to_owned();
        Self { lookup: base.clone(), web: base, keys, first_wait: Duration::ZERO }
    }

    /// The copy nearest to a day. The first interface forgets pages at times, so the second is asked as well.
    pub(crate) fn closest(
        &self,
        client: &Client,
        url: &str,
        near: Option<NaiveDate>,
    ) -> Result<Option<ArchivedCopy>, ArchiveFault> {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("url", url);
        if let Some(day) = near {
            query.append_pair("timestamp", &day.format("%Y%m%d120000").to_string());
        }
        let asked = format!("{}/wayback/available?{}", self.lookup, query.finish());
        let available = answer(client, &Request::get(&asked).accept("application/json"))?;
        if let Some(copy) = available_copy(&body(&available)) {
            return Ok(Some(copy));
        }
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("url", url)
            .extend_pairs([
                ("output", "json"),
                ("filter", "statuscode:200"),
                ("fl", "timestamp,original"),
                ("limit", "-1"),
            ])
            .finish();
        let asked = format!("{}/cdx/search/cdx?{query}", self.web);
        let list = answer(client, &Request::get(&asked).accept("application/json"))?;
        Ok(listed_copy(&body(&list), &self.web))
    }

    /// Makes a copy and waits until it is there. `sleep` waits between two questions.
    pub(crate) fn save(
        &self,
        client: &Client,
        url: &str,
        sleep: &dyn Fn(Duration),
    ) -> Result<ArchivedCopy, ArchiveFault> {
        let keys = self.keys.as_ref().ok_or(ArchiveFault::NoKeys)?;
        let fields = [
            ("url", url),
            ("skip_first_archive", "1"),
            ("js_behavior_timeout", "0"),
            ("if_not_archived_within", "30d"),
        ];
        let limits = Limits { total: Duration::from_secs(60), ..Limits::default() };
        let request = Request::post_form(&format!("{}/save", self.web), &fields)
            .accept("application/json")
            .header("authorization", &format!("LOW {keys}"))
            .limits(limits);
        let job = match save_start(&body(&answer(client, &request)?)) {
            SaveStart::Job(job) => job,
            SaveStart::Failed(fault) => return self.unless_archived(client, url, fault),
        };
        let mut wait = self.first_wait;
        for _ in 0..MOST_QUESTIONS {
            sleep(wait);
            wait = (wait * 2).min(LONGEST_WAIT);
            let asked = Request::get(&format!("{}/save/status/{job}", self.web))
                .accept("application/json")
                .header("authorization", &format!("LOW {keys}"));
            match save_progress(&body(&answer(client, &asked)?), &self.web) {
                SaveProgress::Pending => {}
                SaveProgress::Done(copy) => return Ok(copy),
                SaveProgress::Failed(fault) => return self.unless_archived(client, url, fault),
            }
        }
        Err(ArchiveFault::Later { reason: "the copy was not ready in time".to_owned() })
    }

    /// A page that was copied too often today has a copy.
    fn unless_archived(
        &self,
        client: &Client,
        url: &str,
        fault: ArchiveFault,
    ) -> Result<ArchivedCopy, ArchiveFault> {
        match &fault {
            ArchiveFault::Today { reason } if reason.starts_with(TOO_MANY) => {
                self.closest(client, url, None)?.ok_or(fault)
            }
            _ => Err(fault),
        }
    }
}

/// The page itself was copied too often today.
const TOO_MANY: &str = "too-many-daily-captures";

fn answer(client: &Client, request: &Request) -> Result<Response, ArchiveFault> {
    let response =
        client.fetch(request).map_err(|error| ArchiveFault::Later { reason: error.without_address() })?;
    match response.status {
        200..=299 => Ok(response),
        401 | 403 => Err(ArchiveFault::Today {
            reason: format!("the archive answered with status {}: are the keys right?", response.status),
        }),
        429 => Err(ArchiveFault::Today { reason: "the archive wants fewer requests".to_owned() }),
        status => Err(ArchiveFault::Later { reason: format!("the archive answered with status {status}") }),
    }
}

/// The JSON of an answer. A page of HTML in its place is null.
fn body(response: &Response) -> Value {
    serde_json::from_slice(&response.body).unwrap_or(Value::Null)
}

fn available_copy(answer: &Value) -> Option<ArchivedCopy> {
    let closest = &answer["archived_snapshots"]["closest"];
    let is_good = closest["available"].as_bool() == Some(true)
        && closest["status"].as_str().is_none_or(|status| status.starts_with('2'));
    let url = closest["url"].as_str().filter(|_| is_good)?;
    let timestamp = closest["timestamp"].as_str()?.to_owned();
    // The API names copies by http.
    let url = url
        .strip_prefix("http://web.archive.org/")
        .map_or(url.to_owned(), |rest| format!("https://web.archive.org/{rest}"));
    Some(ArchivedCopy { url, timestamp })
}

/// The last row of a list whose first row names the columns.
fn listed_copy(answer: &Value, web: &str) -> Option<ArchivedCopy> {
    let rows = answer.as_array().filter(|rows| rows.len() > 1)?;
    let row = rows.last()?;
    let (timestamp, original) = (row[0].as_str()?, row[1].as_str()?);
    Some(ArchivedCopy { url: format!("{web}/web/{timestamp}/{original}"), timestamp: timestamp.to_owned() })
}

fn save_start(answer: &Value) -> SaveStart {
    match answer["job_id"].as_str() {
        Some(job) => SaveStart::Job(job.to_owned()),
        None => SaveStart::Failed(fault_of(answer)),
    }
}

fn save_progress(answer: &Value, web: &str) -> SaveProgress {
    match answer["status"].as_str() {
        Some("success") => {
            let (timestamp, original) = (answer["timestamp"].as_str(), answer["original_url"].as_str());
            match timestamp.zip(original) {
                Some((timestamp, original)) => SaveProgress::Done(ArchivedCopy {
                    url: format!("{web}/web/{timestamp}/{original}"),
                    timestamp: timestamp.to_owned(),
                }),
                None => SaveProgress::Failed(fault_of(answer)),
            }
        }
        Some("error") => SaveProgress::Failed(fault_of(answer)),
        _ => SaveProgress::Pending,
    }
}

/// What an error means. One that is not known is tried another time.
fn fault_of(answer: &Value) -> ArchiveFault {
    let kind = answer["status_ext"].as_str().unwrap_or_default();
    let kind = kind.strip_prefix("error:").unwrap_or(kind);
    let said = answer["message"].as_str().unwrap_or("the archive gave no reason");
    let reason = if kind.is_empty() { said.to_owned() } else { format!("{kind}: {said}") };
    if FOR_GOOD.contains(&kind) {
        ArchiveFault::ForGood { reason }
    } else if kind == TOO_MANY || TODAY.contains(&kind) || kind.starts_with("max-daily") {
        ArchiveFault::Today { reason }
    } else {
        ArchiveFault::Later { reason }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn answers_are_read_as_documented() {
        let closest = json!({"archived_snapshots":{"closest":{"available":true,"url":"http://web.archive.org/web/20260101000000/https://a.example/x","timestamp":"20260101000000","status":"200"}}});
        assert_eq!(
            available_copy(&closest).unwrap().url,
            "https://web.archive.org/web/20260101000000/https://a.example/x"
        );
        assert_eq!(available_copy(&json!({"archived_snapshots":{}})), None);
        let rows = json!([["timestamp", "original"], ["20250101000000", "https://a.example/x"]]);
        assert_eq!(
            listed_copy(&rows, "https://w.example").unwrap().url,
            "https://w.example/web/20250101000000/https://a.example/x"
        );
        assert_eq!(listed_copy(&json!([["timestamp", "original"]]), ""), None);
        assert_eq!(save_start(&json!({"url":"x","job_id":"spn2-1"})), SaveStart::Job("spn2-1".into()));
        assert_eq!(save_progress(&json!({"status":"pending"}), ""), SaveProgress::Pending);
        let done =
            json!({"status":"success","timestamp":"20260101000000","original_url":"https://a.example/y"});
        assert!(
            matches!(save_progress(&done, "https://w.example"), SaveProgress::Done(copy) if copy.url.ends_with("/https://a.example/y"))
        );
    }

    #[test]
    fn each_error_has_its_meaning() {
        let fault = |kind: &str| {
            fault_of(&json!({"status":"error","status_ext":format!("error:{kind}"),"message":"m"}))
        };
        for kind in FOR_GOOD {
            assert!(matches!(fault(kind), ArchiveFault::ForGood { .. }), "{kind}");
        }
        for kind in [
            "too-many-daily-captures",
            "max-daily-bandwidth",
            "max-daily-captures-from-ip",
            "max-daily-captures-host",
        ] {
            assert!(matches!(fault(kind), ArchiveFault::Today { .. }), "{kind}");
        }
        for kind in [
            "user-session-limit",
            "too-many-requests",
            "cannot-fetch",
            "celery",
            "job-failed",
            "proxy-error",
            "browsing-timeout",
            "soft-time-limit-exceeded",
            "read-timeout",
            "service-unavailable",
            "bad-gateway",
            "gateway-timeout",
            "no-browsers-available",
            "something-new",
            "",
        ] {
            assert!(matches!(fault(kind), ArchiveFault::Later { .. }), "{kind}");
        }
    }
}
