//! The protocols: what a message of each says, how an endpoint is found, and linkbacks as JF2.

pub mod discovery;
pub mod jf2;
pub mod pingback;
pub mod trackback;
pub mod webmention;
