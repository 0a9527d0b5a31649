//! Moderation: which linkbacks a person decides on, what follows from a decision, and the page to decide at.

pub mod add;
pub mod apply;
pub mod policy;
pub mod service;
pub mod web;
