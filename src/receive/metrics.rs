//! The counters of the receiver, for `/metrics`.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::linkback::LinkbackKind;

/// What became of a submission, as the metric names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubmissionOutcome {
    /// It is in the queue.
    New,
    Known,
    /// An address in it is none.
    Malformed,
    /// Its target is none.
    WrongTarget,
    /// Its sender had sent too much.
    Limited,
    /// The queue was full.
    Full,
    /// The database did not work.
    Broken,
}

impl SubmissionOutcome {
    /// All outcomes with their names.
    const ALL: [(&'static str, Self); 7] = [
        ("new", Self::New),
        ("known", Self::Known),
        ("malformed", Self::Malformed),
        ("wrong_target", Self::WrongTarget),
        ("limited", Self::Limited),
        ("full", Self::Full),
        ("broken", Self::Broken),
    ];
}

/// What a verification found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VerificationOutcome {
    /// The link.
    Found,
    /// No link, or no page.
    Missing,
    /// That it is gone.
    Withdrawn,
    /// No answer that says anything.
    Unreachable,
    Blocked,
    /// Nothing that could be kept: the database did not work.
    Broken,
}

impl VerificationOutcome {
    /// All of them with their names.
    const ALL: [(&'static str, Self); 6] = [
        ("found", Self::Found),
        ("missing", Self::Missing),
        ("withdrawn", Self::Withdrawn),
        ("unreachable", Self::Unreachable),
        ("blocked", Self::Blocked),
        ("broken", Self::Broken),
    ];
}

/// Counters since the start of the process.
#[derive(Debug, Default)]
pub struct Metrics {
    submissions: [[AtomicU64; SubmissionOutcome::ALL.len()]; PROTOCOLS.len()],
    verifications: [AtomicU64; VerificationOutcome::ALL.len()],
}

const PROTOCOLS: [LinkbackKind; 4] =
    [LinkbackKind::Webmention, LinkbackKind::Pingback, LinkbackKind::Trackback, LinkbackKind::Comment];

impl Metrics {
    /// Counts a submission.
    pub fn submitted(&self, protocol: LinkbackKind, outcome: SubmissionOutcome) {
        let protocol = PROTOCOLS.iter().position(|known| *known == protocol);
        let outcome = SubmissionOutcome::ALL.iter().position(|(_, known)| *known == outcome);
        if let (Some(protocol), Some(outcome)) = (protocol, outcome) {
            self.submissions[protocol][outcome].fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Counts a verification.
    pub fn verified(&self, outcome: VerificationOutcome) {
        if let Some(at) = VerificationOutcome::ALL.iter().position(|(_, known)| *known == outcome) {
            self.verifications[at].fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Submissions by protocol and outcome.
    pub fn submissions(&self) -> impl Iterator<Item = (&'static str, &'static str, u64)> {
        PROTOCOLS.iter().zip(&self.submissions).flat_map(|(protocol, counts)| {
            let named = SubmissionOutcome::ALL.iter().zip(counts);
            named.map(|((outcome, _), count)| (protocol.name(), *outcome, count.load(Ordering::Relaxed)))
        })
    }

    /// Verifications by outcome.
    pub fn verifications(&self) -> impl Iterator<Item = (&'static str, u64)> {
        VerificationOutcome::ALL
            .iter()
            .zip(&self.verifications)
            .map(|((name, _), count)| (*name, count.load(Ordering::Relaxed)))
    }
}
