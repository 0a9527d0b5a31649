//! HTTP in both directions: the one guarded client for what leaves this machine, and the one way to listen.

pub mod client;
pub mod connection_limit;
pub mod fetch_error;
pub mod guard;
pub mod server;
