//! The quotation marks of languages.

use std::sync::LazyLock;

use hashbrown::HashMap;

use crate::config::QuotationMarks;

/// The marks of a language, by the most of its tag that is known; English ones for others. They are those of CLDR 48
/// (`delimiters`), but for Spanish and the narrow no-break spaces that French has within them.
pub(super) fn of(language: &str) -> QuotationMarks {
    let tag = language.to_ascii_lowercase();
    let tag = match tag.as_str() {
        "zh-tw" | "zh-hk" | "zh-mo" => "zh-hant",
        // Spain keeps the angled marks of the academy (Ortografía de la lengua española, 2010); America does not.
        "es" | "es-gq" | "es-ea" | "es-ic" => "es-es",
        tag => tag,
    };
    let mut part = tag;
    loop {
        if let Some(marks) = MARKS.get(part) {
            return spaced(part, marks);
        }
        match part.rsplit_once('-') {
            Some((general, _)) => part = general,
            None => return spaced("en", &ENGLISH),
        }
    }
}

fn spaced(tag: &str, [open, close, inner_open, inner_close]: &[&str; 4]) -> QuotationMarks {
    const NARROW: &str = "\u{202f}";
    let is_french = tag == "fr" || tag.starts_with("fr-");
    let opening = |mark: &str| {
        if is_french && "«‹".contains(mark) { format!("{mark}{NARROW}") } else { mark.to_owned() }
    };
    let closing = |mark: &str| {
        if is_french && "»›".contains(mark) { format!("{NARROW}{mark}") } else { mark.to_owned() }
    };
    QuotationMarks {
        open: opening(open),
        close: closing(close),
        inner_open: opening(inner_open),
        inner_close: closing(inner_close),
    }
}

const ENGLISH: [&str; 4] = ["“", "”", "‘", "’"];

/// [`LANGUAGES`] by tag: each text asks for its own.
static MARKS: LazyLock<HashMap<&str, &[&str; 4]>> = LazyLock::new(|| {
    LANGUAGES.iter().flat_map(|(tags, marks)| tags.split(' ').map(move |tag| (tag, marks))).collect()
});

/// Tags in lower case, and the marks of each: around a quotation, and around one within it.
const LANGUAGES: &[(&str, [&str; 4])] = &[
    ("am az-arab az-cyrl fa fr-ch gsw mzn rm sdh", ["«", "»", "‹", "›"]),
    ("ar syr ur", ["”", "“", "’", "‘"]),
    (
        "ast br ca cv el es-es eu it kab kk lij mg pms pt-pt pt-ao pt-ch pt-cv pt-gq pt-gw pt-lu pt-mo pt-mz pt-st pt-tl sc sg ti",
        ["«", "»", "“", "”"],
    ),
    ("be bua ky os ru sah tyv uk", ["«", "»", "„", "“"]),
    ("bg lt", ["„", "“", "„", "“"]),
    ("bs", ["„", "”", "‘", "’"]),
    ("bs-cyrl cs de dsb et hr hsb is lb luy mk nds sk sl", ["„", "“", "‚", "‘"]),
    ("el-polyton nb nn no rw", ["«", "»", "‘", "’"]),
    ("fi he lag rn se sn sv yi", ["”", "”", "’", "’"]),
    ("fr hy oc", ["«", "»", "«", "»"]),
    ("fr-ca", ["«", "»", "”", "“"]),
    ("hu szl", ["„", "”", "»", "«"]),
    ("ia tn", ["‘", "’", "“", "”"]),
    ("ja yue zh-hant", ["「", "」", "『", "』"]),
    ("ka", ["„", "“", "«", "»"]),
    ("kk-arab ug", ["»", "«", "›", "‹"]),
    ("nl", ["‘", "’", "‘", "’"]),
    ("pl ro", ["„", "”", "«", "»"]),
    ("shi zgh", ["«", "»", "„", "”"]),
    ("sr", ["„", "”", "’", "’"]),
    ("st", ["“", "’", "“", "”"]),
    ("tk", ["“", "”", "“", "”"]),
    ("uz", ["“", "”", "’", "‘"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_found_by_the_most_of_a_tag() {
        let marks = |language| {
            let QuotationMarks { open, close, inner_open, inner_close } = of(language);
            format!("{open}a{close} {inner_open}b{inner_close}")
        };
        for (language, expected) in [
            ("en-GB", "“a” ‘b’"),
            ("de", "„a“ ‚b‘"),
            ("de-AT", "„a“ ‚b‘"),
            ("fr", "«\u{202f}a\u{202f}» «\u{202f}b\u{202f}»"),
            ("fr-CH", "«\u{202f}a\u{202f}» ‹\u{202f}b\u{202f}›"),
            ("es", "«a» “b”"),
            ("es-MX", "“a” ‘b’"),
            ("sv-FI", "”a” ’b’"),
            ("pl", "„a” «b»"),
            ("pt-BR", "“a” ‘b’"),
            ("pt-PT", "«a» “b”"),
            ("ru", "«a» „b“"),
            ("ja", "「a」 『b』"),
            ("zh-TW", "「a」 『b』"),
            ("zh-Hans-CN", "“a” ‘b’"),
            ("tlh", "“a” ‘b’"),
            ("x-mine", "“a” ‘b’"),
        ] {
            assert_eq!(marks(language), expected, "{language}");
        }
    }
}
