//! The machine the program runs on: what files change, and when.
//!
//! Nothing here knows what a site, a post or a linkback is. [`http`](crate::http) stands beside it, not in it: it
//! knows the settings (`[network] allow`) and protocols, and uses this module as the programs do.

pub mod watch;
