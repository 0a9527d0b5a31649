//! Is an output still good? Pure, and the heart of the increment.
//!
//! Tracking goes from outputs backward: an output is good if the data it was made of and every answer its
//! template was given are what they were. No event is classified and nothing is declared, so nothing can be forgotten.

use crate::engine::cache::ledger::OutputEntry;
use crate::hash::Hash;
use crate::page::question::Question;

/// Why an output is made again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StaleReason {
    /// It was not there in the last build.
    New,
    /// The engine, the theme or the settings are other ones.
    Setting,
    /// The data it shows is another one.
    Data,
    /// The answer to a question of its template is another one.
    Answer(Question),
    Missing,
    /// Its file was changed by another program.
    Tampered,
}

/// What there is of an output in the output folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileState {
    Intact,
    Missing,
    /// Not as we wrote it.
    Changed,
}

/// What the engine, the theme and the settings are, compared with the last build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SettingsState {
    Same,
    Changed,
}

/// Why an output has to be made again; `None` if it is good. The fingerprint of its data, and whether a question of its
/// template has another answer now, are asked for only if they can make a difference.
pub(crate) fn staleness(
    made: Option<&OutputEntry>,
    fingerprint: impl FnOnce() -> Hash,
    other_answer: impl FnOnce(&OutputEntry) -> Option<Question>,
    settings: SettingsState,
    on_disk: FileState,
) -> Option<StaleReason> {
    let Some(made) = made else { return Some(StaleReason::New) };
    if settings == SettingsState::Changed {
        return Some(StaleReason::Setting);
    }
    if made.fingerprint != fingerprint() {
        return Some(StaleReason::Data);
    }
    if let Some(question) = other_answer(made) {
        return Some(StaleReason::Answer(question));
    }
    match on_disk {
        FileState::Intact => None,
        FileState::Missing => Some(StaleReason::Missing),
        FileState::Changed => Some(StaleReason::Tampered),
    }
}
