//! `[send]`: which of the pages that a post links to get a linkback.

use serde::Serialize;

use crate::config::section;
use crate::spanned::{Fields, SourceText};

/// The settings of `[send]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SendSettings {
    /// Whether trackbacks are sent where nothing better is offered.
    pub trackbacks: bool,
    /// Whether links between posts of this site send linkbacks.
    pub own_site: bool,
}

/// Reads `[send]`.
pub(super) fn read(source: SourceText<'_>, fields: &mut Fields<'_>) -> SendSettings {
    section(source, fields, "send", |fields| SendSettings {
        trackbacks: fields.bool("trackbacks").unwrap_or(false),
        own_site: fields.bool("own_site").unwrap_or(false),
    })
}
