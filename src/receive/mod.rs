//! Hearing from the sites that link here: three protocols, one queue, and what is kept of it.

pub mod addresses;
pub mod back_matter;
pub mod desk;
pub mod judge;
pub mod limits;
pub mod notify;
pub mod store;
