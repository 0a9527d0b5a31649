//! The message to an endpoint in each of the three protocols, and what the answer means.

use chrono::TimeDelta;

use crate::http::client::{Client, Request, Response};
use crate::http::fetch_error::FetchError;
use crate::linkback::LinkbackKind;
use crate::linkback::inbox::state::Hints;
use crate::linkback::outbox::log::{LinkChange, SendRecord};
use crate::linkback::outbox::plan::SendOutcome;
use crate::linkback::protocol::discovery::Endpoint;
use crate::linkback::protocol::pingback::{self, PingbackCall, PingbackFault, PingbackResponse};
use crate::linkback::protocol::trackback::{self, Trackback};
use crate::linkback::protocol::webmention;
use crate::linkback::source::sanitize;
use crate::sys::clock::Clock;

/// A message about one link.
pub(super) struct LinkbackMessage<'a> {
    /// The link, and what has changed.
    pub(super) record: &'a SendRecord,
    /// What a trackback says besides the address; with the other protocols the receiver reads the page itself.
    pub(super) hints: Hints,
}

impl LinkbackMessage<'_> {
    /// Sends the message.
    pub(super) fn send(&self, endpoint: &Endpoint, client: &Client, clock: &Clock) -> SendOutcome {
        let answer = match client.fetch(&self.request(endpoint)) {
            Ok(answer) => answer,
            Err(error) => return of_failure(&error),
        };
        match endpoint.kind {
            LinkbackKind::Webmention | LinkbackKind::Comment => self.of_webmention(&answer, clock),
            // WordPress takes a trackback at an address without a post's own and answers it under 404.
            LinkbackKind::Trackback if answer.is_success() || is_taken(&answer) => of_trackback(&answer),
            _ if !answer.is_success() => of_status(&answer, clock),
            LinkbackKind::Trackback => of_trackback(&answer),
            LinkbackKind::Pingback => self.of_pingback(&answer),
        }
    }

    fn request(&self, endpoint: &Endpoint) -> Request {
        let (url, SendRecord { source, target, .. }) = (endpoint.url.as_str(), self.record);
        match endpoint.kind {
            // Webmention, section 3.1.3.
            LinkbackKind::Webmention | LinkbackKind::Comment => {
                Request::post(url, FORM, webmention::write(source, target).into_bytes())
                    .purpose("sending Webmention")
            }
            // Pingback 1.0, section 3. The target has no fragment: WordPress rejects it.
            LinkbackKind::Pingback => {
                let target = target.split('#').next().unwrap_or_default().to_owned();
                let call = PingbackCall::Ping { source: source.clone(), target };
                Request::post_xml(url, &pingback::write_call(&call)).purpose("sending pingback")
            }
            // TrackBack 1.2. WordPress drops one without a title.
            LinkbackKind::Trackback => {
                let ping = Trackback { url: source.clone(), hints: self.hints.clone() };
                Request::post(url, FORM, trackback::write(&ping).into_bytes()).purpose("sending trackback")
            }
        }
    }

    /// Webmention, section 3.1.3: any status of success will do, and 201 gives an address that says what becomes of it.
    fn of_webmention(&self, answer: &Response, clock: &Clock) -> SendOutcome {
        if answer.is_success() {
            let place = answer.headers.first("location").filter(|_| answer.status == 201);
            let status = place.and_then(|place| answer.url.join(place).ok());
            let status = status.map_or_else(String::new, |status| status.to_string());
            return SendOutcome::Told { answer: answer.status.to_string(), status };
        }
        match of_status(answer, clock) {
            SendOutcome::Refused { reason } if self.record.news != LinkChange::Link => heard(reason),
            outcome => outcome,
        }
    }

    /// Pingback 1.0, section 3: any text is success, and so is the fault "already registered".
    fn of_pingback(&self, answer: &Response) -> SendOutcome {
        let content_type = answer.headers.first("content-type").unwrap_or_default();
        match pingback::read_answer(&answer.body, content_type) {
            Ok(PingbackResponse::Done(words)) => heard(sanitize::plain(&words, MOST_WORDS)),
            Ok(PingbackResponse::Fault(fault)) => of_fault(&fault, self.record.news),
            Err(reason) => SendOutcome::Refused { reason: format!("the answer is not XML-RPC: {reason}") },
        }
    }
}

const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";
/// How many characters of an answer are kept.
const MOST_WORDS: usize = 120;

/// The message has arrived. A receiver that rejects a removed link because it finds no link has understood it, too.
fn heard(answer: String) -> SendOutcome {
    SendOutcome::Told { answer, status: String::new() }
}

fn trackback_answer(answer: &Response) -> Option<trackback::TrackbackResponse> {
    let content_type = answer.headers.first("content-type").unwrap_or_default();
    trackback::read_answer(&answer.body, content_type)
}

fn is_taken(answer: &Response) -> bool {
    trackback_answer(answer) == Some(trackback::TrackbackResponse::Taken)
}

/// TrackBack 1.2: an error of 0 is success. So is the error that the trackback is there already.
fn of_trackback(answer: &Response) -> SendOutcome {
    match trackback_answer(answer) {
        Some(trackback::TrackbackResponse::Taken) => heard("taken".to_owned()),
        Some(trackback::TrackbackResponse::Refused(words))
            if words.to_lowercase().contains("already a ping") =>
        {
            heard(sanitize::plain(&words, MOST_WORDS))
        }
        Some(trackback::TrackbackResponse::Refused(words)) => {
            SendOutcome::Refused { reason: format!("refused: {}", sanitize::plain(&words, MOST_WORDS)) }
        }
        None => SendOutcome::Refused { reason: "the answer is not one of TrackBack".to_owned() },
    }
}

pub(super) fn of_failure(error: &FetchError) -> SendOutcome {
    let reason = error.to_string();
    if error.is_passing() {
        SendOutcome::Later { reason, after: None }
    } else {
        SendOutcome::Refused { reason }
    }
}

/// What a status says that is none of success.
pub(super) fn of_status(response: &Response, clock: &Clock) -> SendOutcome {
    let reason = match words_of(response) {
        words if words.is_empty() => response.status.to_string(),
        words => format!("{}: {words}", response.status),
    };
    let reason = match response.headers.first("location").and_then(|place| response.url.join(place).ok()) {
        Some(to) if (300..400).contains(&response.status) => {
            format!("{reason}: it has moved to {to}, and the linked page still names the old address")
        }
        _ => reason,
    };
    if !is_passing(response.status) {
        return SendOutcome::Refused { reason };
    }
    let after = response.retry_after(clock.now()).and_then(|after| TimeDelta::from_std(after).ok());
    SendOutcome::Later { reason, after }
}

/// Whether a status says only that it may be otherwise another time.
pub(super) fn is_passing(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500..=599)
}

/// What a server says about a failure, in a line: the texts of JSON, or the first words of anything else.
fn words_of(response: &Response) -> String {
    let body = String::from_utf8_lossy(&response.body[..response.body.len().min(8192)]);
    if let Ok(json) = serde_json::from_slice::<serde_json::Value>(&response.body) {
        let said = ["error_description", "message", "summary", "error", "code"];
        let words = said.iter().find_map(|key| json.get(key)?.as_str());
        return sanitize::plain(words.unwrap_or_default(), MOST_WORDS);
    }
    let is_page = response.media_type().contains("html");
    if is_page {
        sanitize::plain(&sanitize::of_html(&body), MOST_WORDS)
    } else {
        sanitize::plain(&body, MOST_WORDS)
    }
}

/// What a fault says. One is success, and the one that WordPress says of nearly everything says nothing.
fn of_fault(fault: &PingbackFault, news: LinkChange) -> SendOutcome {
    let words = sanitize::plain(&fault.text, MOST_WORDS);
    let answer = match (fault.code, words.as_str()) {
        (PingbackFault::GENERIC, "") => "fault 0 without a word, which is all that WordPress says: no link found, pings closed, or no such post"
            .to_owned(),
        (code, "") => format!("fault {code}"),
        (code, words) => format!("fault {code}: {words}"),
    };
    match fault.code {
        PingbackFault::ALREADY_REGISTERED => heard(answer),
        _ if news != LinkChange::Link => heard(answer),
        // The page may be in a cache on the way, or too many pings have come.
        PingbackFault::NO_SOURCE | PingbackFault::NO_LINK | PingbackFault::UPSTREAM | 429 => {
            SendOutcome::Later { reason: answer, after: None }
        }
        _ => SendOutcome::Refused { reason: answer },
    }
}

/// What a receiver says became of a webmention: a word of JSON if there is one, else its status.
pub(super) fn verdict(response: &Response) -> String {
    let json = serde_json::from_slice::<serde_json::Value>(&response.body).unwrap_or_default();
    let word = ["status", "state"].iter().find_map(|key| json.get(key)?.as_str());
    match word {
        Some(word) => sanitize::plain(&word.to_lowercase(), MOST_WORDS),
        None => response.status.to_string(),
    }
}
