//! Addresses as Hugo makes them of sections, names and dates.

use crate::date::Date;

use super::settings::HugoSettings;

/// What addresses are made of.
pub(super) struct HugoNames<'a> {
    pub(super) date: Option<Date>,
    pub(super) title: &'a str,
    pub(super) slug: Option<&'a str>,
    /// The folders below the content.
    pub(super) folder: &'a str,
    /// The name of the file, or of the folder that it is a page of.
    pub(super) base: &'a str,
    pub(super) settings: &'a HugoSettings,
}

impl HugoNames<'_> {
    /// The address below that of the language.
    pub(super) fn address(&self) -> String {
        let section = self.folder.split('/').next().unwrap_or_default();
        let path = match self.settings.permalink(section) {
            Some(pattern) => self.filled(&pattern),
            None => {
                let last = self.slug.unwrap_or(self.base);
                let parts = self.folder.split('/').chain([last]).filter(|part| !part.is_empty());
                let parts: Vec<String> = parts.map(|part| path_part(part, self.settings)).collect();
                format!("/{}/", parts.join("/"))
            }
        };
        if self.settings.has_files_for(section) && !path.ends_with(".html") {
            format!("{}.html", path.trim_end_matches('/'))
        } else {
            path
        }
    }

    fn filled(&self, pattern: &str) -> String {
        let mut out = String::new();
        let mut pieces = pattern.split(':');
        out.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            let end = piece.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(piece.len());
            let (name, rest) = piece.split_at(end);
            let (slice, rest) = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
                Some((slice, rest)) => (slice, rest),
                None => ("", rest),
            };
            out.push_str(&self.token(name, slice).unwrap_or_else(|| format!(":{name}")));
            out.push_str(rest);
        }
        let parts: Vec<&str> = out.split('/').filter(|part| !part.is_empty()).collect();
        let end = if out.ends_with('/') || !out.ends_with(".html") { "/" } else { "" };
        format!("/{}{end}", parts.join("/"))
    }

    fn token(&self, name: &str, slice: &str) -> Option<String> {
        let date = self.date.map(|date| date.time());
        let dated = match name {
            "year" => Some("%Y"),
            "month" => Some("%m"),
            "monthname" => Some("%B"),
            "day" => Some("%d"),
            "weekday" => Some("%w"),
            "weekdayname" => Some("%A"),
            "yearday" => Some("%-j"),
            _ => None,
        };
        if let Some(format) = dated {
            return Some(date.map(|date| date.format(format).to_string().to_lowercase()).unwrap_or_default());
        }
        let (settings, title) = (self.settings, if self.title.is_empty() { self.base } else { self.title });
        let part = match name {
            "slug" => self.slug.unwrap_or(title),
            "title" => title,
            "slugorfilename" | "slugorcontentbasename" => self.slug.unwrap_or(self.base),
            "filename" | "contentbasename" | "contentbasenames" => self.base,
            "section" | "sectionslug" => self.folder.split('/').next().unwrap_or_default(),
            "sections" | "sectionslugs" => return Some(sections(self.folder, slice, settings)),
            _ => return None,
        };
        Some(path_part(part, settings))
    }
}

/// Sections from one to another, as `[1:]`, `[:last]` or `[last]` choose them.
fn sections(folder: &str, slice: &str, settings: &HugoSettings) -> String {
    let parts: Vec<String> =
        folder.split('/').filter(|part| !part.is_empty()).map(|part| path_part(part, settings)).collect();
    let place = |word: &str, usual: usize| match word {
        "" => usual,
        "last" => parts.len().saturating_sub(1),
        number => number.parse().unwrap_or(usual).min(parts.len()),
    };
    let (from, to) = match slice.split_once(':') {
        None if slice.is_empty() => (0, parts.len()),
        None => (place(slice, 0), place(slice, 0) + 1),
        Some((from, to)) => (place(from, 0), place(to, parts.len())),
    };
    parts.get(from..to.min(parts.len())).unwrap_or_default().join("/")
}

/// A name as a part of an address: blanks as hyphens, and without what Hugo takes out.
pub(super) fn path_part(name: &str, settings: &HugoSettings) -> String {
    let mut out = String::with_capacity(name.len());
    let mut is_behind_blank = false;
    for c in name.chars() {
        if c.is_alphanumeric() || is_mark(c) || ".-_#+~@%/".contains(c) {
            if is_behind_blank && c != '-' {
                out.push('-');
            }
            is_behind_blank = false;
            out.push(c);
        } else if c.is_whitespace() && !out.is_empty() && !out.ends_with('-') {
            is_behind_blank = true;
        }
    }
    let out = if settings.strips_accents() { without_accents(&out) } else { out };
    if settings.keeps_capitals() { out } else { out.to_lowercase() }
}

/// A combining mark, without which many scripts cannot be written.
fn is_mark(c: char) -> bool {
    use icu_properties::CodePointMapData;
    use icu_properties::props::{GeneralCategory, GeneralCategoryGroup};
    GeneralCategoryGroup::Mark.contains(CodePointMapData::<GeneralCategory>::new().get(c))
}

fn without_accents(text: &str) -> String {
    let decomposed = icu_normalizer::DecomposingNormalizerBorrowed::new_nfd().normalize(text);
    crate::path::nfc(&decomposed.chars().filter(|c| !is_mark(*c)).collect::<String>()).into_owned()
}
