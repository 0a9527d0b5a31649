//! The queue and its database: what was submitted, what is looked at next, what was decided, and what of it stands in files.

pub(crate) mod applied;
pub(crate) mod copy;
pub(crate) mod cursor;
pub(crate) mod decisions;
mod quarantine;
mod rows;
mod schema;
pub(crate) mod store;
pub(crate) mod work_signal;
pub(crate) mod writer;
