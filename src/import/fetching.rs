//! Files of the old blog, fetched from its host. Only when it is asked for, from one host, one file at a time; what is there
//! is not fetched again, so that a second run takes up where the first one stopped.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use url::Url;

use super::ImportObserver;
use super::account::Account;
use super::addresses::host_of;
use super::site_files::{FileFate, SiteFolder};
use crate::config::network::Network;
use crate::diagnostic::counted;
use crate::error::Result;
use crate::http::client::{Client, Limits, Request, Response};
use crate::sys::clock;

/// The largest file that is fetched.
const MAX_FILE: usize = 64 << 20;
/// All files of a run together.
const MAX_TOTAL: u64 = 20 << 30;
/// How often one address may lead to another one of the same host.
const MAX_REDIRECTS: usize = 5;
/// A host that fails this often in a row is left alone.
const MAX_FAILURES: usize = 5;
/// The longest time that a host may ask to wait.
const MAX_WAIT: Duration = Duration::from_secs(120);

/// Between two requests it is waited as long as the last one took, within these bounds.
const LEAST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

/// A file that stands at another host, and where it will stand.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct WantedFile {
    /// Below `static`, with a slash before it.
    pub(super) path: String,
    pub(super) url: String,
}

/// What became of a file.
enum FetchFate {
    Bytes(Vec<u8>),
    /// It is not there, or is not a file; the reason as the report has it.
    Refused(String),
    /// The host did not answer, or not as it should.
    Failed(String),
}

/// Fetches files from one host.
pub(super) struct Fetcher<'a> {
    client: Client,
    /// Without `www.`.
    host: &'a str,
}

impl<'a> Fetcher<'a> {
    /// A client for the files of one host.
    pub(super) fn new(network: &Network, site_url: &str, host: &'a str) -> Self {
        let limits = Limits {
            connect: Duration::from_secs(10),
            total: Duration::from_secs(120),
            body: MAX_FILE,
            // Each address that one leads to is looked at before it is asked.
            redirects: 0,
            ..Limits::default()
        };
        Self { client: Client::for_many(network, site_url).with_limits(limits), host }
    }

    /// Fetches those of the files that are not there.
    pub(super) fn fetch(
        &self,
        wanted: &BTreeMap<String, String>,
        site: &SiteFolder,
        account: &mut Account,
        observer: &dyn ImportObserver,
    ) -> Result<()> {
        let missing: Vec<_> = wanted.iter().filter(|(path, _)| !site.has(&format!("static{path}"))).collect();
        if site.is_dry() {
            account.remark(
                &format!("{} would be fetched from `{}`", counted(missing.len(), "file", "files"), self.host),
                "",
            );
            return Ok(());
        }
        observer.fetching(missing.len());
        let mut failures = 0;
        let mut total = 0_u64;
        let mut pause = LEAST_PAUSE;
        for (at, (path, url)) in missing.iter().enumerate() {
            if failures >= MAX_FAILURES || total > MAX_TOTAL {
                let rest = missing.len() - at;
                account.remark(&format!("{} not fetched: `{}` did not answer, or gave too much; run the import again to go on from here", counted(rest, "file was", "files were"), self.host), "");
                return Ok(());
            }
            if at > 0 {
                clock::sleep(pause.clamp(LEAST_PAUSE, LONGEST_PAUSE));
            }
            let start = Instant::now();
            let fate = self.one(url);
            pause = start.elapsed();
            match fate {
                FetchFate::Bytes(bytes) => {
                    failures = 0;
                    total += bytes.len() as u64;
                    if site.write_new(&format!("static{path}"), &bytes)? == FileFate::Written {
                        account.media_fetched += 1;
                    }
                }
                FetchFate::Refused(why) => {
                    failures = 0;
                    account.remark(&format!("a file could not be fetched: {why}"), url);
                }
                FetchFate::Failed(why) => {
                    failures += 1;
                    account.remark(&format!("a file could not be fetched: {why}"), url);
                }
            }
            observer.fetched();
        }
        Ok(())
    }

    /// Asks for a file, and once more after the time that the host wants.
    fn one(&self, url: &str) -> FetchFate {
        let Ok(mut url) = Url::parse(url) else { return FetchFate::Refused("it has no address".to_owned()) };
        let mut has_waited = false;
        for _ in 0..=MAX_REDIRECTS {
            if host_of(&url) != self.host {
                return FetchFate::Refused(format!("its address leads to another host, `{}`", host_of(&url)));
            }
            let request = Request::get(url.as_str()).accept("*/*").purpose("moving this blog's own files");
            let answer = match self.client.fetch(&request) {
                Ok(answer) => answer,
                Err(error) if error.is_passing() => return FetchFate::Failed(error.to_string()),
                // The host may be well: it is this address that is not asked.
                Err(error) => return FetchFate::Refused(error.to_string()),
            };
            match answer.status {
                301..=303 | 307 | 308 => {
                    let next = answer.headers.first("location").and_then(|place| url.join(place).ok());
                    let Some(next) = next else {
                        return FetchFate::Refused("its address leads nowhere".to_owned());
                    };
                    url = next;
                }
                429 | 503 if !has_waited => {
                    let wait = answer.retry_after(clock::Clock::system().now()).unwrap_or(LONGEST_PAUSE);
                    if wait > MAX_WAIT {
                        return FetchFate::Failed(format!(
                            "the host wants to be left alone for {} seconds",
                            wait.as_secs()
                        ));
                    }
                    has_waited = true;
                    clock::sleep(wait);
                }
                status @ (429 | 500..) => return FetchFate::Failed(format!("the host answered {status}")),
                _ => return read(answer),
            }
        }
        FetchFate::Refused(format!("more than {MAX_REDIRECTS} redirects"))
    }
}

/// The bytes of an answer, if they are those of a file.
fn read(answer: Response) -> FetchFate {
    if !answer.is_success() {
        return FetchFate::Refused(format!("the host answered {}", answer.status));
    }
    if answer.is_cut {
        return FetchFate::Refused(format!("it is larger than {} MiB", MAX_FILE >> 20));
    }
    // Many hosts answer with a page, and as if all were well, where a file is gone.
    if matches!(answer.media_type().as_str(), "text/html" | "application/xhtml+xml") {
        return FetchFate::Refused("the host answered with a page".to_owned());
    }
    FetchFate::Bytes(answer.body)
}
