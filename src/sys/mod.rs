//! The machine the program runs on: the time, chance, threads, other programs, files, and when they change.
//!
//! Nothing here knows what a site, a post or a linkback is. [`http`](crate::http) stands beside it, not in it: it
//! knows the settings (`[network] allow`) and protocols, and uses this module as the programs do.

pub mod atomic_file;
pub mod clock;
pub mod lock;
pub mod process;
pub mod random;
pub mod watch;
pub mod worker;
