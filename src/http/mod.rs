//! HTTP in both directions: the one guarded client for what leaves this machine, and the one way to listen.

pub mod client;
pub mod guard;
pub mod seats;
pub mod server;
