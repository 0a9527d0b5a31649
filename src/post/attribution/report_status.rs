//! What became of a report since it was quoted, as a remark of its attribution says it to readers.
//!
//! A check writes one of these remarks behind the attribution. The same words make the state known to themes, so that an author who
//! writes the remark by hand has all that a check has.

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReportStatus {
    /// It was changed.
    Edited,
    /// It is there, and the quoted words are not.
    Gone,
    /// It is not there any more.
    Dead,
}

/// The remarks of a language.
struct StatusRemarks {
    /// The primary subtag of BCP 47.
    language: &'static str,
    edited: &'static str,
    gone: &'static str,
    dead: &'static str,
}

/// English first: the language of sites in others.
const REMARKS: [StatusRemarks; 5] = [
    StatusRemarks {
        language: "en",
        edited: "has since been changed",
        gone: "no longer in the report",
        dead: "no longer online",
    },
    StatusRemarks {
        language: "de",
        edited: "seither geändert",
        gone: "steht dort nicht mehr",
        dead: "nicht mehr online",
    },
    StatusRemarks {
        language: "es",
        edited: "modificado desde entonces",
        gone: "ya no figura allí",
        dead: "ya no está en línea",
    },
    StatusRemarks {
        language: "fr",
        edited: "modifié depuis",
        gone: "n’y figure plus",
        dead: "n’est plus en ligne",
    },
    StatusRemarks {
        language: "sv",
        edited: "ändrad sedan dess",
        gone: "står inte längre där",
        dead: "inte längre online",
    },
];

impl ReportStatus {
    const ALL: [Self; 3] = [Self::Edited, Self::Gone, Self::Dead];

    /// What the remarks of an attribution say; the last one that is known counts.
    pub(crate) fn of_remarks(remarks: &[String]) -> Option<Self> {
        remarks.iter().rev().find_map(|remark| Self::of_remark(remark))
    }

    /// What a remark says.
    pub(crate) fn of_remark(remark: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.remarks().any(|known| is_same(known, remark)))
    }

    /// The remark in a language; in English where there is none in it.
    pub(crate) fn remark(self, language: &str) -> &'static str {
        let language = language.split(['-', '_']).next().unwrap_or_default();
        let found = REMARKS.iter().find(|remarks| remarks.language.eq_ignore_ascii_case(language));
        self.of(found.unwrap_or(&REMARKS[0]))
    }

    /// The value of `data-status`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Edited => "edited",
            Self::Gone => "gone",
            Self::Dead => "dead",
        }
    }

    fn of(self, remarks: &StatusRemarks) -> &'static str {
        match self {
            Self::Edited => remarks.edited,
            Self::Gone => remarks.gone,
            Self::Dead => remarks.dead,
        }
    }

    fn remarks(self) -> impl Iterator<Item = &'static str> {
        REMARKS.iter().map(move |remarks| self.of(remarks))
    }
}

/// All remarks that are known, in all languages.
pub(crate) fn status_remarks() -> impl Iterator<Item = &'static str> {
    ReportStatus::ALL.into_iter().flat_map(ReportStatus::remarks)
}

/// Whether two remarks are one. An author types an apostrophe as it is on the keyboard, and may begin with a capital.
fn is_same(known: &str, remark: &str) -> bool {
    let plain = |text: &str| text.trim_end_matches('.').replace('’', "'").to_lowercase();
    plain(known) == plain(remark)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_remark_is_known_again() {
        for language in ["en", "de-AT", "es", "fr_CA", "sv"] {
            for status in ReportStatus::ALL {
                let remarks = ["page 7".to_owned(), status.remark(language).to_owned()];
                assert_eq!(ReportStatus::of_remarks(&remarks), Some(status), "{remarks:?}");
            }
        }
        assert_eq!(ReportStatus::Dead.remark("pl"), "no longer online");
        assert_eq!(status_remarks().collect::<std::collections::BTreeSet<_>>().len(), 15);
    }

    #[test]
    fn a_remark_may_be_typed_by_hand_and_the_last_one_counts() {
        let of = |remarks: &[&str]| {
            let remarks: Vec<String> = remarks.iter().map(|remark| (*remark).to_owned()).collect();
            ReportStatus::of_remarks(&remarks)
        };
        assert_eq!(of(&["N'est plus en ligne."]), Some(ReportStatus::Dead));
        assert_eq!(of(&["has since been changed", "no longer online"]), Some(ReportStatus::Dead));
        assert_eq!(of(&["emphasis mine"]), None);
        assert_eq!(of(&["the emphasis has since been changed"]), None);
    }
}
