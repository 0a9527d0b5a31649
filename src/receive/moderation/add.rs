//! Adds a page by hand: it is fetched and verified as any source, and approved, as the person who names it has decided.

use chrono::TimeDelta;

use std::sync::Arc;

use crate::engine::BuildObserver;
use crate::error::{Error, Result};
use crate::http::guard::System;
use crate::linkback::LinkbackKind;
use crate::linkback::address::Address;
use crate::linkback::inbox::state::{Hints, InboxItem, InboxState, Submission};
use crate::path::SourcePath;
use crate::receive::moderation::service::{ApplyReport, ModerationService};
use crate::receive::queue::decisions::Decision;
use crate::receive::queue::store::FetchPace;
use crate::receive::site_index::SiteIndex;
use crate::receive::verify::Verifier;
use crate::sys::clock::Clock;

/// The first fetch by a receiver that runs on the same database is put off this long; the page is fetched here.
const DELAY: TimeDelta = TimeDelta::minutes(5);

/// What became of the page.
#[derive(Debug)]
pub struct AddReport {
    /// The linkback. It is not approved if its source could not be verified; its fault says why.
    pub item: InboxItem,
    pub applied: ApplyReport,
}

impl ModerationService {
    /// Fetches the page at `source`, which links to a post, and approves it.
    pub fn add(
        &mut self,
        source: &str,
        post: &SourcePath,
        observer: &dyn BuildObserver,
    ) -> Result<AddReport> {
        let now = self.workspace.now();
        let item = self.submit(source, post)?;
        let item = self.verify(item)?;
        let mut decided = match item.state {
            InboxState::Held | InboxState::Rejected | InboxState::Spam => {
                self.store.decide(&[item.id], Decision::Approve, now)?
            }
            _ => Vec::new(),
        };
        let applied = self.apply_and_notify(observer)?;
        let item = decided.pop().map_or(item, |decided| decided.item);
        Ok(AddReport { item, applied })
    }

    fn submit(&mut self, source: &str, post: &SourcePath) -> Result<InboxItem> {
        let address = Address::parse(source)
            .map_err(|refusal| Error::Argument { given: source.to_owned(), reason: refusal.to_string() })?;
        let target = self.site.targets.by_post(post.as_str()).ok_or_else(|| Error::Argument {
            given: post.to_string(),
            reason: "this post is not shown, and has no address to link to".to_owned(),
        })?;
        let submission = Submission {
            source: address.without_fragment().as_str().to_owned(),
            target: target.url.clone(),
            written: None,
            post: post.to_string(),
            protocol: LinkbackKind::Webmention,
            hints: Hints::default(),
            sender: "added by hand".to_owned(),
            comment: None,
        };
        self.store.submit_one(submission, DELAY, self.workspace.now())
    }

    /// Verifies the source now. One that a person has rejected is not fetched.
    fn verify(&mut self, item: InboxItem) -> Result<InboxItem> {
        if item.state.is_closed() {
            return Ok(item);
        }
        let verifier = Verifier {
            resolver: Arc::new(System),
            pace: FetchPace { rest: TimeDelta::zero(), longest_rest: TimeDelta::zero() },
            index: SiteIndex::fixed(self.site.clone()).into(),
            clock: Clock::system(),
            metrics: Default::default(),
        };
        let report = verifier.verify(&mut self.store, &item)?;
        Ok(report.map_or(item, |report| report.item))
    }
}
