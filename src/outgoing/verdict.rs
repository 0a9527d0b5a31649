//! What an answer says of a page: there, moved, missing, or not to be seen by a program. The same for quoted reports and for links.

use url::Url;

use super::report_page::{PageForm, ReportPage};
use super::round::Answered;
use crate::http::client::Response;
use crate::http::fetch_error::FetchError;
use crate::linkback::address::Address;

/// What became of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PageVerdict {
    Present,
    /// It is for good at another address, which is not only another spelling.
    Moved {
        to: String,
    },
    /// It is not there: this may be for a while.
    Missing {
        reason: String,
    },
    /// The host shows it to persons only, or to subscribers.
    Refused {
        reason: String,
    },
    /// Nothing can be said this time.
    Unknown {
        reason: String,
    },
}

/// Judges an answer to a request for `asked`.
pub(crate) fn of_answer(asked: &Url, answer: &Answered) -> PageVerdict {
    match answer {
        Answered::Response(response) => of_response(asked, response),
        Answered::Failed(error) => of_error(error),
        Answered::Disallowed => {
            PageVerdict::Unknown { reason: "robots.txt of the host asks programs to stay away".to_owned() }
        }
        Answered::Postponed => {
            PageVerdict::Unknown { reason: "the host wants fewer requests; another run asks it".to_owned() }
        }
    }
}

fn of_error(error: &FetchError) -> PageVerdict {
    match error {
        FetchError::Dns { host } => PageVerdict::Missing { reason: format!("there is no host `{host}`") },
        FetchError::Tls { reason } => {
            PageVerdict::Refused { reason: format!("no safe connection: {reason}") }
        }
        error => PageVerdict::Unknown { reason: error.without_address() },
    }
}

fn of_response(asked: &Url, response: &Response) -> PageVerdict {
    let status = response.status;
    match status {
        404 | 410 => PageVerdict::Missing { reason: format!("status {status}") },
        401 | 402 | 403 | 405 | 406 | 429 | 451 | 503 | 999 => {
            PageVerdict::Refused { reason: format!("status {status}") }
        }
        200..=299 if leads_home(asked, &response.url) => {
            PageVerdict::Missing { reason: "it leads to the front page".to_owned() }
        }
        200..=299 if is_moved(asked, response) => PageVerdict::Moved { to: response.url.to_string() },
        200..=299 => PageVerdict::Present,
        _ => PageVerdict::Unknown { reason: format!("status {status}") },
    }
}

/// Whether a page that is not a front page leads to one.
pub(crate) fn leads_home(asked: &Url, found: &Url) -> bool {
    is_front(found) && !is_front(asked) && found.query().is_none() && asked != found
}

fn is_front(url: &Url) -> bool {
    let path = url.path().trim_end_matches('/');
    const LANGUAGES: [&str; 20] = [
        "/en", "/de", "/fr", "/es", "/it", "/pt", "/nl", "/sv", "/da", "/no", "/fi", "/pl", "/cs", "/ru",
        "/uk", "/tr", "/ja", "/zh", "/ko", "/ar",
    ];
    path.is_empty() || matches!(path, "/index.html" | "/index.php" | "/home") || LANGUAGES.contains(&path)
}

/// Whether all redirects are for good and lead to another page, not to another spelling of the same address.
fn is_moved(asked: &Url, response: &Response) -> bool {
    let are_for_good =
        !response.redirects.is_empty() && response.redirects.iter().all(|status| matches!(status, 301 | 308));
    let key = |url: &Url| Address::of_url(url.clone()).ok().map(|address| address.key());
    let (asked, found) = (key(asked), key(&response.url));
    are_for_good && asked != found
}

/// Words of pages that stand in the way of the one that was asked for, in lower case.
const WALLS: [&str; 26] = [
    "just a moment",
    "attention required",
    "access denied",
    "are you a robot",
    "are you human",
    "verify you are human",
    "checking your browser",
    "unusual traffic",
    "enable javascript",
    "enable cookies",
    "javascript is disabled",
    "captcha",
    "cookie",
    "consent",
    "your privacy",
    "privatsphäre",
    "zustimm",
    "einwilligung",
    "subscribe to",
    "subscribers only",
    "subscriber",
    "log in to",
    "sign in to",
    "abonn",
    "paywall",
    "to continue reading",
];

/// A page with less text is not the report whole.
const SHORT: usize = 2500;
/// A page with less text is made by a script, or is next to nothing.
const SCANT: usize = 400;

/// Why a page that has not the words may not be the report as a reader sees it; none if it looks like one.
pub(crate) fn wall_of(page: &ReportPage) -> Option<PageVerdict> {
    if page.form == PageForm::Other {
        return Some(PageVerdict::Unknown { reason: "it is not text, so its words are not read".to_owned() });
    }
    let text = page.text.as_str();
    let length = text.chars().count();
    let title =
        page.citation.headline.as_ref().map(|headline| headline.text.to_lowercase()).unwrap_or_default();
    let lower = text.to_lowercase();
    let is_gate =
        ["consent", "login", "signin", "sign-in", "subscribe", "captcha", "challenge"].iter().any(|word| {
            let host = page.url.host_str().unwrap_or_default();
            host.starts_with(&format!("{word}."))
                || page.url.path().split(['/', '.', '-', '_']).any(|part| part == *word)
        });
    if is_gate || length < SHORT && WALLS.iter().any(|wall| lower.contains(wall) || title.contains(wall)) {
        let reason = "a wall for consent, accounts or programs stands before it".to_owned();
        return Some(PageVerdict::Refused { reason });
    }
    (length < SCANT).then(|| PageVerdict::Unknown {
        reason: "its text is made by a script, or there is hardly any".to_owned(),
    })
}

/// Whether a page that answers as if it were there says that it is not, in its headline.
pub(crate) fn says_missing(page: &ReportPage) -> bool {
    const WORDS: [&str; 14] = [
        "not found",
        "404",
        "does not exist",
        "doesn’t exist",
        "doesn't exist",
        "no longer available",
        "page unavailable",
        "nicht gefunden",
        "introuvable",
        "no encontrada",
        "non trovata",
        "niet gevonden",
        "nie znaleziono",
        "hittades inte",
    ];
    let headline =
        page.citation.headline.as_ref().map(|headline| headline.text.to_lowercase()).unwrap_or_default();
    WORDS.iter().any(|words| headline.contains(words)) && page.text.report().chars().count() < SHORT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_to_the_front_page_is_not_a_move() {
        let url = |path: &str| Url::parse(&format!("https://a.example{path}")).unwrap();
        assert!(leads_home(&url("/2016/letter"), &url("/")));
        assert!(leads_home(&url("/2016/letter"), &url("/en/")));
        assert!(!leads_home(&url("/"), &url("/")));
        assert!(!leads_home(&url("/2016/letter"), &url("/letter")));
        assert!(!leads_home(&url("/"), &url("/en/")));
    }
}
