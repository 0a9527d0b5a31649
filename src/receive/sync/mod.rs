//! Linkbacks from elsewhere and for elsewhere: pulled from a receiver or a service, and exported.

pub mod export;
pub mod pull;
