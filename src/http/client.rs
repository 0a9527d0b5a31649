//! The one client for every request that leaves this machine, and its guard.
