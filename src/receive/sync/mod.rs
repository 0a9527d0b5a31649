//! Linkbacks from elsewhere and for elsewhere: pulled from a receiver or a service, and exported.

pub(crate) mod export;
pub(crate) mod pull;
