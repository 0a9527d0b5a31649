//! Moderation: which linkbacks a person decides on, what follows from a decision, and the page to decide at.

pub(crate) mod add;
pub(crate) mod apply;
pub(crate) mod policy;
pub(crate) mod service;
pub(crate) mod web;
