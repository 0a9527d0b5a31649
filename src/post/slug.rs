//! Text to a segment of an address.

use deunicode::deunicode_char;

use crate::hash::Hash;

/// Lower-case words joined by `-`. Letters with a Latin base lose their marks (`é` -> `e`, `ß` ->
/// `ss`); letters of other scripts stay, as a transliterated address helps nobody who reads them.
/// Empty if the text has no letters or digits.
pub fn slugify(text: &str) -> String {
    let mut slug = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.chars() {
        // An apostrophe is part of its word: `don't` -> `dont`.
        if matches!(c, '\'' | '’') {
            continue;
        }
        let start = slug.len();
        let plain = if is_latin(c) { deunicode_char(c) } else { None };
        match plain {
            Some(ascii) => slug.extend(ascii.chars().filter(char::is_ascii_alphanumeric)),
            None if c.is_alphanumeric() || is_mark(c) && !gap => slug.extend(c.to_lowercase()),
            None => {}
        }
        if slug.len() == start {
            gap = true;
        } else {
            if gap && start > 0 {
                slug.insert(start, '-');
            }
            gap = false;
        }
    }
    slug.make_ascii_lowercase();
    slug
}

/// File systems allow 255 bytes for a name; a longer slug ends with its fingerprint instead.
pub fn fitting(slug: String) -> String {
    const LONGEST: usize = 120;
    if slug.len() <= LONGEST {
        return slug;
    }
    let end = (0..=LONGEST).rev().find(|&at| slug.is_char_boundary(at)).unwrap_or(0);
    format!("{}-{}", slug[..end].trim_end_matches('-'), Hash::of(slug.as_bytes()).short_hex())
}

/// The anchor of a heading: as [`slugify`], but an apostrophe separates and a symbol has its name (`🦀` ->
/// `crab`). Links into old posts were made by engines that did so.
pub fn anchor_of(text: &str) -> String {
    let mut named = String::with_capacity(text.len());
    for c in text.chars() {
        let is_symbol = !c.is_alphanumeric() && !c.is_ascii() && !is_mark(c) && !is_latin(c);
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

/// Combining marks are no letters, but Indic and Arabic words are not the same words without them.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5bd}' | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}'
        | '\u{900}'..='\u{903}' | '\u{93a}'..='\u{94f}' | '\u{981}'..='\u{983}' | '\u{9bc}'..='\u{9cd}'
        | '\u{e31}' | '\u{e34}'..='\u{e3a}' | '\u{e47}'..='\u{e4e}' | '\u{3099}' | '\u{309a}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_are_those_that_links_were_written_for() {
        assert_eq!(anchor_of("What's next?"), "what-s-next");
        assert_eq!(anchor_of("Async Rust (🦀, 👩‍💻)"), "async-rust-crab-woman-computer");
        assert_eq!(anchor_of("Die Straße — heute"), "die-strasse-heute");
        assert_eq!(anchor_of("日本語"), "日本語");
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
            ("C++ vs. C#", "c-vs-c"),
            ("???", ""),
        ] {
            assert_eq!(slugify(text), expected);
        }
    }
}
