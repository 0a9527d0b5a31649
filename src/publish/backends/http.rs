//! What targets that are spoken to over HTTP have in common: the guarded client with the limits of uploads, and what
//! an answer means.

use std::time::Duration;

use crate::config::Config;
use crate::http::client::{Client, Limits, Request, Response};
use crate::http::fetch_error::FetchError;
use crate::path::{OutputPath, percent_encode};
use crate::publish::backends::{BackendError, Retry};
use crate::sys::clock::Clock;
use crate::sys::worker::in_parallel;

/// The client of a target.
pub(super) struct Web {
    client: Client,
    /// What the target is called in messages: `Netlify`.
    name: &'static str,
}

/// Uploads are larger than what a stranger may send us, and slower.
const LIMITS: Limits = Limits {
    connect: Duration::from_secs(10),
    total: Duration::from_secs(300),
    body: 64 << 20,
    head: 32 << 10,
    // A secret is sent to the place that the settings name, and to no other.
    redirects: 0,
};

impl Web {
    pub(super) fn new(name: &'static str, config: &Config) -> Self {
        let client = Client::for_many(&config.network, &config.base_url);
        Self { client: client.with_limits(LIMITS), name }
    }

    /// Sends a request. An answer of any status is an answer, but for those that ask to come again.
    pub(super) fn send(&self, request: &Request) -> Result<Response, BackendError> {
        let response = self.client.fetch(request).map_err(|error| {
            let reason = match &error {
                FetchError::TooManyRedirects { .. } => {
                    format!("{} leads elsewhere; write the address that it leads to", self.name)
                }
                FetchError::Timeout { .. } | FetchError::Io { .. } | FetchError::Dns { .. } => {
                    let place = place(request.url());
                    format!(
                        "{} at `{place}`: {}; look at its address in the settings, and whether this machine is online",
                        self.name,
                        error.without_address()
                    )
                }
                _ => format!("{}: {}", self.name, error.without_address()),
            };
            if error.is_passing() { BackendError::transient(reason) } else { BackendError::permanent(reason) }
        })?;
        match response.status {
            408 | 425 | 429 | 500 | 502..=504 => {
                let reason = self.told(&response);
                Err(BackendError::new(reason, Retry::Later(response.retry_after(Clock::system().now()))))
            }
            _ => Ok(response),
        }
    }

    /// Sends a request that has to succeed.
    pub(super) fn ask(&self, request: &Request) -> Result<Response, BackendError> {
        let response = self.send(request)?;
        self.checked(&response)?;
        Ok(response)
    }

    /// An answer that has to be a success.
    pub(super) fn checked(&self, response: &Response) -> Result<(), BackendError> {
        if response.is_success() { Ok(()) } else { Err(self.refusal(response)) }
    }

    /// Whether there is a file, by the answer to a HEAD.
    pub(super) fn is_there(&self, response: &Response) -> Result<bool, BackendError> {
        match response.status {
            404 | 410 => Ok(false),
            _ => self.checked(response).map(|()| true),
        }
    }

    /// What the status of a failed request means.
    pub(super) fn refusal(&self, response: &Response) -> BackendError {
        let told = self.told(response);
        BackendError::permanent(match response.status {
            401 | 403 => format!("{told}; look at the key or the password, and at what it is allowed to do"),
            _ => told,
        })
    }

    /// The status, and what the body says in few words.
    fn told(&self, response: &Response) -> String {
        let body = String::from_utf8_lossy(&response.body);
        let message = between(&body, "<Message>", "</Message>")
            .or_else(|| between(&body, "\"message\":\"", "\""))
            .map(|message| message.lines().next().unwrap_or_default().chars().take(200).collect::<String>());
        let message = message.map_or_else(String::new, |message| format!(": {message}"));
        format!("{} answered with status {}{message}", self.name, response.status)
    }
}

/// The host and the port of an address, which holds no secret.
fn place(url: &str) -> String {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    after_scheme.split('/').next().unwrap_or_default().to_owned()
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(before)?;
    let (inner, _) = rest.split_once(after)?;
    Some(inner)
}

/// Those paths of which something is true, asked about several at a time.
pub(super) fn those(
    paths: &[&OutputPath],
    workers: usize,
    is_true: impl Fn(&OutputPath) -> Result<bool, BackendError> + Sync,
) -> Result<Vec<OutputPath>, BackendError> {
    let share = paths.len().div_ceil(workers).max(1);
    let shares: Vec<_> = paths.chunks(share).collect();
    let found: Result<Vec<_>, _> =
        in_parallel(shares.len(), |number| filtered(shares[number], &is_true)).into_iter().collect();
    Ok(found?.concat())
}

fn filtered(
    paths: &[&OutputPath],
    is_true: &impl Fn(&OutputPath) -> Result<bool, BackendError>,
) -> Result<Vec<OutputPath>, BackendError> {
    let mut found = Vec::new();
    for path in paths {
        if is_true(path)? {
            found.push((*path).clone());
        }
    }
    Ok(found)
}

/// The address of a file below another one.
pub(super) fn below(folder: &str, path: &str) -> String {
    let mut url = format!("{}/", folder.trim_end_matches('/'));
    percent_encode(path, &mut url);
    url
}
