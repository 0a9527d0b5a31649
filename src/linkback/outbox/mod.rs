//! The outbox: the links of posts that call for a linkback, what is to be sent, and the log of what was sent.

pub(crate) mod log;
pub(crate) mod outlinks;
pub(crate) mod plan;
