//! The queue and its database: what was submitted, what is looked at next, what was decided, and what of it stands in files.

pub mod applied;
pub mod cursor;
pub mod decisions;
mod quarantine;
mod rows;
mod schema;
pub mod store;
pub mod work_signal;
pub mod writer;
