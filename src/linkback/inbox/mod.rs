//! The inbox: the states of a received linkback, the signals for and against it, and the keys of trust.

pub mod signals;
pub mod state;
pub mod trust;
