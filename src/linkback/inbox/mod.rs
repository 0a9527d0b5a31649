//! The inbox: the states of a received linkback, the signals for and against it, and the keys of trust.

pub(crate) mod signals;
pub(crate) mod state;
pub(crate) mod trust;
