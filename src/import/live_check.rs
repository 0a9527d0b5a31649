//! The old site itself, asked which of its addresses answer: what was dead before is not lost by a move. Only when it is
//! asked for.

use std::collections::HashSet;
use std::time::Duration;

use url::Url;

use super::ImportObserver;
use super::account::Account;
use crate::config::network::Network;
use crate::diagnostic::counted;
use crate::error::{Error, Result};
use crate::http::client::{Client, Limits, Request};
use crate::sys::clock;

/// The time between two requests.
const PAUSE: Duration = Duration::from_secs(1);
/// More addresses are not asked for.
const MOST_ASKED: usize = 3_600;
/// A site that fails this often in a row is left alone.
const MAX_FAILURES: usize = 5;

/// The old site, as long as it is online.
pub(super) struct LiveSite {
    client: Client,
    /// Without a slash at its end.
    base_url: String,
}

impl LiveSite {
    /// The site at an address.
    pub(super) fn at(base_url: &str, network: &Network, site_url: &str) -> Result<Self> {
        let is_web = Url::parse(base_url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        if !is_web {
            let reason =
                "`--check` takes the address at which the old site answers, such as https://example.com";
            return Err(Error::Argument { given: base_url.to_owned(), reason: reason.to_owned() });
        }
        let limits = Limits { total: Duration::from_secs(30), body: 1 << 20, ..Limits::default() };
        let client = Client::for_many(network, site_url).with_limits(limits);
        Ok(Self { client, base_url: base_url.trim_end_matches('/').to_owned() })
    }

    /// Those of some addresses, paths below the blog's with their queries, that are gone.
    pub(super) fn dead_among(
        &self,
        addresses: &[String],
        account: &mut Account,
        observer: &dyn ImportObserver,
    ) -> HashSet<String> {
        let mut dead = HashSet::new();
        let mut failures = 0;
        observer.fetching(addresses.len().min(MOST_ASKED));
        for (at, address) in addresses.iter().enumerate() {
            if at >= MOST_ASKED || failures >= MAX_FAILURES {
                let rest = addresses.len() - at;
                account.remark(
                    &format!(
                        "{} not asked for on the old site: it did not answer, or they are too many",
                        counted(rest, "address was", "addresses were")
                    ),
                    "",
                );
                break;
            }
            if at > 0 {
                clock::sleep(PAUSE);
            }
            match self.status(address) {
                Some(404 | 410) => {
                    failures = 0;
                    dead.insert(address.clone());
                }
                Some(_) => failures = 0,
                None => failures += 1,
            }
            observer.fetched();
        }
        dead
    }

    /// How the old site answers; nothing if it does not.
    fn status(&self, address: &str) -> Option<u16> {
        let url = format!("{}{address}", self.base_url);
        let purpose = "asking which addresses of this blog answer before it moves";
        let head = self.client.fetch(&Request::head(&url).purpose(purpose)).ok()?;
        // Some servers know no such request.
        if matches!(head.status, 405 | 501) {
            return self.client.fetch(&Request::get(&url).purpose(purpose)).ok().map(|answer| answer.status);
        }
        Some(head.status)
    }
}
