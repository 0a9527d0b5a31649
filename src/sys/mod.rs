//! The machine the program runs on: the time, chance, threads, other programs, files, and when they change.
//!
//! Nothing here knows what a site, a post or a linkback is. [`http`](crate::http) stands beside it, not in it: it
//! knows the settings (`[network] allow`) and protocols, and uses this module as the programs do.

pub(crate) mod atomic_file;
pub(crate) mod clock;
pub(crate) mod lock;
pub(crate) mod process;
pub(crate) mod random;
pub(crate) mod temporary;
pub(crate) mod watch;
pub(crate) mod worker;
