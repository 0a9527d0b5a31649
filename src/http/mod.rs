//! HTTP in both directions: the one guarded client for what leaves this machine, and the one way to listen.

pub(crate) mod client;
pub(crate) mod connection_limit;
mod content_coding;
pub(crate) mod fetch_error;
pub(crate) mod guard;
pub(crate) mod server;
mod write_deadline;
