//! The protocols: what a message of each says, how an endpoint is found, and linkbacks as JF2.

pub(crate) mod discovery;
pub(crate) mod jf2;
pub(crate) mod pingback;
pub(crate) mod trackback;
pub(crate) mod webmention;
