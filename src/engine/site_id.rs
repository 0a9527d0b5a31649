//! The key of a site, of which the ids of its feeds are made: written into the settings once, so that it stays whatever
//! becomes of the address.

use std::fs;

use crate::config::{Config, is_for_examples, is_local};
use crate::diagnostic::Diagnostic;
use crate::engine::workspace::SiteSource;
use crate::error::{Error, Result};
use crate::scan::STATE;
use crate::sys::atomic_file;

/// Writes the key into settings that have none, and returns it. A site that was built here before, and so has readers, gets
/// the one that gives the ids it has.
pub(crate) fn keep(source: &SiteSource) -> Result<Option<String>> {
    let settings = SiteSource { base_url: None, ..source.clone() };
    let Ok((config, faults)) = settings.read_settings() else { return Ok(None) };
    let Some(place) = config.base_url_place.clone().filter(|_| config.id.is_none()) else { return Ok(None) };
    let is_final = !is_for_examples(config.host()) && !is_local(config.host());
    if !is_final || faults.iter().any(Diagnostic::is_error) {
        return Ok(None);
    }
    let id = if was_built(source) { place.host.clone() } else { config.site_key() };
    let file = settings.settings_file();
    let text = fs::read_to_string(&file).map_err(Error::io("read", &file))?;
    let line_end = text[place.end.min(text.len())..].find('\n').map_or(text.len(), |at| place.end + at + 1);
    let (before, after) = text.split_at(line_end);
    let newline = if before.ends_with('\n') { "" } else { "\n" };
    let line = format!("{newline}id = {}\n", serde_json::Value::from(id.as_str()));
    let changed = format!("{before}{line}{after}");
    // What another key of the file makes of it is not left to chance.
    if Config::parse(&changed).0.id.as_deref() != Some(&id) {
        return Ok(None);
    }
    atomic_file::replace(&file, changed.as_bytes()).map_err(Error::io("write", &file))?;
    Ok(Some(id))
}

/// Whether a build of the site has left its notes here.
fn was_built(source: &SiteSource) -> bool {
    let notes = fs::read_dir(source.root.join(STATE)).into_iter().flatten().flatten();
    notes.into_iter().any(|note| note.file_name().to_string_lossy().starts_with("ledger-"))
}
