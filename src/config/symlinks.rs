//! Links of the file system: which may lead out of the site.

use serde::Serialize;

use crate::config::section;
use crate::spanned::{Fields, SourceText};

/// Where links of the file system may lead besides the site itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Symlinks {
    /// Files and folders, relative to the site or absolute.
    pub allow: Vec<String>,
}

pub(super) fn read(source: SourceText<'_>, fields: &mut Fields<'_>) -> Symlinks {
    section(source, fields, "symlinks", |fields| {
        let allow = fields.texts("allow").into_iter().map(|taken| taken.value);
        Symlinks { allow: allow.filter(|path| !path.trim().is_empty()).collect() }
    })
}
