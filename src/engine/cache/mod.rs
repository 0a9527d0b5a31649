//! What outlives a page: the ledger and the coloured code of the last build, and the bodies that wait between parsing and
//! rendering.

pub(super) mod body_cache;
pub(super) mod counted_terms;
pub(crate) mod highlights;
pub(crate) mod ledger;
pub(super) mod state_file;
