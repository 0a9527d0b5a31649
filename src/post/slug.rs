//! Text to a segment of an address.

use deunicode::deunicode_char;
use icu_properties::CodePointMapData;
use icu_properties::props::{CanonicalCombiningClass, GeneralCategory, GeneralCategoryGroup};

use crate::config::terms::{Taxonomy, TermEntries};
use crate::hash::Hash;
use crate::path::nfc;

/// Lower-case words joined by `-`, in Unicode's form NFC. Letters with a Latin base lose their marks (`é` -> `e`,
/// `ß` -> `ss`); letters of other scripts stay with all their marks, as a transliterated address does not help
/// those who read them. Empty if the text has no letters or digits.
pub(crate) fn slugify(text: &str) -> String {
    if text.is_ascii() { ascii_slug(text) } else { slug_of_any(text) }
}

/// Nearly all titles and terms need no table of characters.
fn ascii_slug(text: &str) -> String {
    let mut slug = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.chars().filter(|c| *c != '\'') {
        if !c.is_ascii_alphanumeric() {
            gap = true;
            continue;
        }
        if gap && !slug.is_empty() {
            slug.push('-');
        }
        gap = false;
        slug.push(c.to_ascii_lowercase());
    }
    slug
}

fn slug_of_any(text: &str) -> String {
    // The whole text at once, as a sigma at the end of a word is another letter than one within.
    let lower = text.to_lowercase();
    let text = nfc(&lower);
    let mut slug = String::with_capacity(text.len());
    let mut gap = false;
    let mut before = ' ';
    let mut is_behind_latin = false;
    for c in text.chars() {
        // An apostrophe is part of its word: `don't` -> `dont`. So is a mark that no Latin letter holds in one
        // character: `ą̃` -> `a`.
        if matches!(c, '\'' | '’') || is_behind_latin && is_mark(c) {
            continue;
        }
        let start = slug.len();
        let is_within_word = start > 0 && !gap;
        let plain = if is_latin(c) { deunicode_char(c) } else { None };
        match plain {
            // A fraction has two numbers: `½` -> `1-2`.
            Some(ascii) => {
                slug.extend(ascii.trim().chars().filter(|c| c.is_ascii_alphanumeric() || *c == '/'))
            }
            None if c.is_alphanumeric() || is_within_word && (is_mark(c) || joins(before, c)) => {
                slug.push(c);
            }
            None => {}
        }
        if slug[start..].trim_matches('/').is_empty() {
            slug.truncate(start);
            gap = true;
        } else {
            if gap && start > 0 {
                slug.insert(start, '-');
            }
            gap = false;
        }
        is_behind_latin = plain.is_some();
        before = c;
    }
    slug.make_ascii_lowercase();
    nfc(&slug.replace('/', "-")).into_owned()
}

/// The part of an address that names a term: its segment, below those of the terms above it.
pub(crate) fn term_path(terms: &TermEntries, taxonomy: Taxonomy, name: &str) -> String {
    let segments = terms.line_of(taxonomy, name).into_iter().map(|name| {
        let slug = terms.get(taxonomy, name).and_then(|entry| entry.slug.clone());
        slug.unwrap_or_else(|| term_slug(name))
    });
    segments.collect::<Vec<_>>().join("/")
}

/// The segment of a term's address, made of its name.
pub(crate) fn term_slug(name: &str) -> String {
    let slug = slugify(name);
    // `C++` and `C#` are not `C`.
    let marks: Vec<&str> = name
        .chars()
        .filter_map(|c| match c {
            '+' => Some("plus"),
            '#' => Some("sharp"),
            _ => None,
        })
        .collect();
    fitting(match (slug.is_empty(), marks.is_empty()) {
        (true, true) => Hash::of(name.as_bytes()).short_hex(),
        (false, false) => format!("{slug}-{}", marks.join("-")),
        (true, false) => marks.join("-"),
        (false, true) => slug,
    })
}

/// The name of a new post's file, without `.md`.
pub(crate) fn file_stem(title: &str) -> String {
    match slugify(title) {
        slug if slug.is_empty() => Hash::of(title.as_bytes()).short_hex(),
        // `index.md` would make a bundle of the whole folder.
        slug if slug == "index" => "index-post".to_owned(),
        slug => fitting(slug),
    }
}

/// File systems allow 255 bytes for a name; a longer slug ends with its fingerprint instead.
pub(crate) fn fitting(slug: String) -> String {
    const LONGEST: usize = 120;
    if slug.len() <= LONGEST {
        return slug;
    }
    let end = (0..=LONGEST).rev().find(|&at| slug.is_char_boundary(at)).unwrap_or(0);
    format!("{}-{}", slug[..end].trim_end_matches('-'), Hash::of(slug.as_bytes()).short_hex())
}

/// The anchor of a heading: as [`slugify`], but an apostrophe separates and a symbol has its name (`🦀` ->
/// `crab`). Links into old posts were made by engines that did so.
pub(crate) fn anchor_of(text: &str) -> String {
    let mut named = String::with_capacity(text.len());
    let mut before = ' ';
    for c in text.chars() {
        let is_symbol =
            !c.is_alphanumeric() && !c.is_ascii() && !is_mark(c) && !is_latin(c) && !joins(before, c);
        before = c;
        match deunicode_char(c).filter(|_| is_symbol) {
            Some(name) => {
                named.push(' ');
                named.push_str(name);
                named.push(' ');
            }
            None if matches!(c, '\'' | '’') => named.push(' '),
            None => named.push(c),
        }
    }
    slugify(&named)
}

/// Basic Latin to Latin Extended-B, Latin Extended Additional, and the letter-like punctuation
/// between them.
fn is_latin(c: char) -> bool {
    matches!(c, '\0'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' | '\u{fb00}'..='\u{fb06}')
}

/// Combining marks (General_Category M) are not letters, but no script has its words without them. What only chooses
/// between a coloured and a plain picture, or puts a box around a digit, is not a part of a word.
fn is_mark(c: char) -> bool {
    !matches!(c, '\u{fe0e}' | '\u{fe0f}' | '\u{20e3}')
        && GeneralCategoryGroup::Mark.contains(CodePointMapData::<GeneralCategory>::new().get(c))
}

/// Whether a joiner or non-joiner stands behind a virama, where it decides which letters are seen (Unicode Standard
/// Annex 31, rule A2).
fn joins(before: char, c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
        && CodePointMapData::<CanonicalCombiningClass>::new().get(before) == CanonicalCombiningClass::Virama
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_in_ascii_has_the_slug_that_any_text_has() {
        let signs = "aZ0 '-/.+#\t";
        let all = signs.chars().flat_map(|a| signs.chars().map(move |b| format!("{a}{b}")));
        for pair in all.collect::<Vec<_>>() {
            for c in signs.chars() {
                for text in [format!("{pair}{c}"), format!("{c}b{pair}"), format!("{pair}C{c}x")] {
                    assert_eq!(ascii_slug(&text), slug_of_any(&text), "{text:?}");
                }
            }
        }
    }

    #[test]
    fn anchors_are_those_that_links_were_written_for() {
        assert_eq!(anchor_of("What's next?"), "what-s-next");
        assert_eq!(anchor_of("Async Rust (🦀, 👩‍💻)"), "async-rust-crab-woman-computer");
        assert_eq!(anchor_of("Die Straße — heute"), "die-strasse-heute");
        assert_eq!(anchor_of("日本語"), "日本語");
        assert_eq!(anchor_of("ශ්\u{200d}රී ලංකාව"), "ශ්\u{200d}රී-ලංකාව");
        assert_eq!(anchor_of("क्\u{200c}ष: क\u{200c}ष"), "क्\u{200c}ष-क-ष");
        assert_eq!(slugify("क्\u{200c}ष: क\u{200c}ष"), "क्\u{200c}ष-क-ष");
    }

    #[test]
    fn slugs_keep_the_words() {
        for (text, expected) in [
            ("Two reports caught my eye", "two-reports-caught-my-eye"),
            ("Rust 1.0: Scheduling the trains", "rust-1-0-scheduling-the-trains"),
            ("  --Don't   panic!--  ", "dont-panic"),
            ("Ünïcödé für Straße & Œuvre", "unicode-fur-strasse-oeuvre"),
            ("Привет, мир", "привет-мир"),
            ("日本語のブログ 2016", "日本語のブログ-2016"),
            ("हिन्दी ब्लॉग", "हिन्दी-ब्लॉग"),
            ("பொங்கல்", "பொங்கல்"),
            ("తెలుగు బ్లాగు", "తెలుగు-బ్లాగు"),
            ("ಕನ್ನಡ ಬ್ಲಾಗ್", "ಕನ್ನಡ-ಬ್ಲಾಗ್"),
            ("മലയാളം ബ്ലോഗ്", "മലയാളം-ബ്ലോഗ്"),
            ("ਪੰਜਾਬੀ, ગુજરાતી", "ਪੰਜਾਬੀ-ગુજરાતી"),
            ("ଓଡ଼ିଆ ବ୍ଲଗ", "ଓଡ଼ିଆ-ବ୍ଲଗ"),
            ("বাংলা ব্লগ", "বাংলা-ব্লগ"),
            ("ශ්\u{200d}රී ලංකාව", "ශ්\u{200d}රී-ලංකාව"),
            ("မြန်မာ ဘလော့ဂ်", "မြန်မာ-ဘလော့ဂ်"),
            ("ខ្មែរ ប្លុក", "ខ្មែរ-ប្លុក"),
            ("ພາສາລາວ ນີ້", "ພາສາລາວ-ນີ້"),
            ("ภาษาไทย ที่นี่", "ภาษาไทย-ที่นี่"),
            ("བོད་སྐད་", "བོད-སྐད"),
            ("ދިވެހި ބަސް", "ދިވެހި-ބަސް"),
            ("ܠܫܢܐ ܣܘܪܝܝܐ ܒܘܼܪܟܐ", "ܠܫܢܐ-ܣܘܪܝܝܐ-ܒܘܼܪܟܐ"),
            ("שָׁלוֹם עֲלֵיכֶם", "שָׁלוֹם-עֲלֵיכֶם"),
            ("مَرْحَبًا بكم", "مَرْحَبًا-بكم"),
            ("ᯅᯗᯂ᯲ ᯖᯬᯅ", "ᯅᯗᯂ᯲-ᯖᯬᯅ"),
            ("1️⃣ Rust ❤️", "1-rust"),
            ("U\u{308}berfu\u{308}hrt", "uberfuhrt"),
            ("И\u{306}од", "йод"),
            ("か\u{3099}", "が"),
            ("ą̃žuolas, ẹ̀kọ́", "azuolas-eko"),
            ("ΣΊΣΥΦΟΣ, Σίσυφος", "σίσυφος-σίσυφος"),
            ("İstanbul ISI", "istanbul-isi"),
            ("½ cup, m²", "1-2-cup-m2"),
            ("\u{301}α\'\u{301}", "ά"),
            ("C++ vs. C#", "c-vs-c"),
            ("???", ""),
        ] {
            assert_eq!(slugify(text), expected);
        }
    }
}
