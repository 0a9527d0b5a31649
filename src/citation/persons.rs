//! Names of persons as pages write them: `By Jane Doe and John Roe, Chief Reporter` is two.
//!
//! A wrong author in print is worse than none. So what can be a company, a desk, an account or an address is not taken for a
//! person.

use std::sync::LazyLock;

use regex::Regex;

use crate::linkback::source::sanitize::{clean, is_name};

/// Words that stand before a list of authors.
static BYLINE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)^(?:(?:(?:zeige )?alle (?:beiträge|artikel)|(?:show|view|see) all (?:posts|articles)|(?:more|all) (?:posts|articles)|voir tous les articles|ver todas las entradas|beitrag|author|autor|story|text|words|report|reporting|written|posted|published|article|veröffentlicht|erstellt|geschrieben|ein (?:artikel|beitrag|text)|eine (?:analyse|reportage))\s+)?(?:by|of|von|par|por|di|av|af|door|przez|от|текст|автор)\b:?\s+",
    )
    .expect("it is a pattern")
});

/// What parts the authors of a list.
static PARTS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\s*(?:;|\||/|·|•|&|\s(?:and|und|et|y|och|og|en|e|with|mit)\s)\s*")
        .expect("it is a pattern")
});

/// What follows a name and is not part of it.
static TAIL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\s*(?:\(.*\)|,?\s*(?:updated|published|posted|last modified|on\s+\w+day|(?:(?:mo|di|mi|do|fr|sa|so|mon|tue|wed|thu|fri|sat|sun)[.,]{1,2}\s+)?\d{1,2}[./: ]|im gespräch|in conversation).*|\s[-–—|]\s.*)$")
        .expect("it is a pattern")
});

/// Names of accounts, desks and roles, in lower case: the whole name, or a word of it.
const ROLES: [&str; 58] = [
    "admin",
    "administrator",
    "agencies",
    "agency",
    "author",
    "anonymous",
    "association",
    "bot",
    "bureau",
    "by",
    "contributor",
    "contributors",
    "correspondent",
    "correspondents",
    "council",
    "daily",
    "department",
    "desk",
    "editor",
    "editorial",
    "editors",
    "foundation",
    "gazette",
    "guest",
    "herald",
    "institute",
    "journal",
    "magazine",
    "media",
    "network",
    "news",
    "newsroom",
    "online",
    "press",
    "publisher",
    "publishing",
    "redacción",
    "redaktion",
    "reporter",
    "reporters",
    "reuters",
    "rédaction",
    "redazione",
    "redactie",
    "service",
    "services",
    "staff",
    "studio",
    "team",
    "the",
    "times",
    "tribune",
    "university",
    "unknown",
    "user",
    "webmaster",
    "website",
    "writers",
];

/// Endings of the names of companies, in lower case.
const COMPANIES: [&str; 16] = [
    "gmbh", "ag", "ltd", "ltd.", "limited", "inc", "inc.", "llc", "plc", "s.a.", "sarl", "corp", "corp.",
    "co.", "kg", "e.v.",
];

/// Ends of German words for bodies: `Landesanstalt`, `Caritasverband`.
const BODIES: [&str; 9] = [
    "anstalt",
    "verband",
    "verbandes",
    "verein",
    "ministerium",
    "stiftung",
    "redaktion",
    "zentrale",
    "agentur",
];

/// The persons that a byline names, in its order, each once. `publication` is not one of them.
pub(super) fn persons(byline: &str, publication: &str) -> Vec<String> {
    let line = clean(byline);
    let line = BYLINE.replace(&line, "");
    let line = TAIL.replace(&line, "");
    let mut names: Vec<String> = Vec::new();
    for part in PARTS.split(&line) {
        for name in commas(part) {
            let name = turned(&name);
            if is_person(&name, publication) && !names.iter().any(|known| known.eq_ignore_ascii_case(&name)) {
                names.push(name);
            }
        }
    }
    names
}

/// The parts between the commas of a list. `Doe, Jane` is one name: two parts of which one is a single word.
fn commas(part: &str) -> Vec<String> {
    let pieces: Vec<&str> = part.split(',').map(str::trim).filter(|piece| !piece.is_empty()).collect();
    match pieces.as_slice() {
        [surname, given]
            if !surname.contains(' ') && given.split(' ').count() <= 3 && begins_upper(given) =>
        {
            vec![format!("{surname}, {given}")]
        }
        // What follows the first name is a second one, or an office, which is not a name.
        pieces => pieces.iter().map(|piece| (*piece).to_owned()).collect(),
    }
}

/// `Doe, Jane` as `Jane Doe`.
fn turned(name: &str) -> String {
    let name = BYLINE.replace(name, "");
    match name.split_once(", ") {
        Some((surname, given)) => format!("{given} {surname}"),
        None => unshouted(&name),
    }
}

/// A name in capitals as names are written: `JANE DOE`.
fn unshouted(name: &str) -> String {
    let letters = name.chars().filter(|c| c.is_alphabetic()).count();
    if letters < 6 || !name.contains(' ') || name.contains(char::is_lowercase) {
        return name.to_owned();
    }
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        let is_start = out.chars().next_back().is_none_or(|before| !before.is_alphabetic() && before != '’');
        if is_start { out.push(c) } else { out.extend(c.to_lowercase()) }
    }
    out
}

fn begins_upper(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() && !c.is_lowercase())
}

/// Whether a name can be that of a person.
pub(super) fn is_person(name: &str, publication: &str) -> bool {
    let lower = name.to_lowercase();
    let words: Vec<&str> = lower.split([' ', '\u{a0}']).filter(|word| !word.is_empty()).collect();
    let has_case = name.chars().any(|c| c.is_uppercase() || c.is_lowercase());
    let is_like_publication = !publication.is_empty() && {
        let publication = publication.to_lowercase();
        publication == lower || publication.trim_start_matches("the ") == lower.trim_start_matches("the ")
    };
    is_name(name)
        && !is_like_publication
        // A single word in a script with capitals is an account more often than a person.
        && (words.len() >= 2 || !has_case)
        && words.len() <= 6
        && name.chars().count() <= 60
        && !name.contains(['@', '/', ':', '|', '{', '<', '#', '"', '?', '!', '…', '_', '='])
        && !name.contains(char::is_numeric)
        && !lower.contains(".com") && !lower.contains(".org") && !lower.contains("www.")
        && !words.iter().any(|word| ROLES.contains(&word.trim_matches(['.', ','])) )
        && !words.last().is_some_and(|word| COMPANIES.contains(word))
        && !lower.ends_with(" e. v.")
        && !words.iter().any(|word| BODIES.iter().any(|end| word.len() > end.len() && word.ends_with(end)))
        && !lower.starts_with("no ")
        && (!has_case || begins_upper(name) || words.iter().any(|word| ["von", "van", "de", "di", "la", "le", "al", "bin"].contains(word)))
        && (!has_case || name.split(' ').filter(|word| begins_upper(word)).count() * 2 >= words.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(byline: &str, expected: &[&str]) {
        assert_eq!(persons(byline, "The Ferry Street Gazette"), expected, "{byline}");
    }

    #[test]
    fn a_byline_is_its_persons() {
        check("Samuel Ekwall", &["Samuel Ekwall"]);
        check("By Samuel Ekwall and Mirren Vale", &["Samuel Ekwall", "Mirren Vale"]);
        check("By SAMUEL EKWALL", &["Samuel Ekwall"]);
        check("Ekwall, Samuel", &["Samuel Ekwall"]);
        check("Ekwall, Samuel; Vale, Mirren", &["Samuel Ekwall", "Mirren Vale"]);
        check("Samuel Ekwall, Mirren Vale, Tam Oduya", &["Samuel Ekwall", "Mirren Vale", "Tam Oduya"]);
        check("Von Samuel Ekwall und Mirren Vale", &["Samuel Ekwall", "Mirren Vale"]);
        check("Samuel Ekwall, Chief Reporter", &["Samuel Ekwall"]);
        check("Samuel Ekwall (Ferry Street)", &["Samuel Ekwall"]);
        check("Posted by Samuel Ekwall", &["Samuel Ekwall"]);
        check("Zeige alle Beiträge von Samuel Ekwall", &["Samuel Ekwall"]);
        check("Show all articles of Samuel Ekwall", &["Samuel Ekwall"]);
        check("Veröffentlicht von Samuel Ekwall", &["Samuel Ekwall"]);
        check("Samuel Ekwall Fr., 18. Oktober 2019", &["Samuel Ekwall"]);
        check("Samuel Ekwall im Gespräch mit Mirren Vale", &["Samuel Ekwall"]);

        check("Ludwig van der Aa & Tam Oduya", &["Ludwig van der Aa", "Tam Oduya"]);
        check("山田太郎", &["山田太郎"]);
    }

    #[test]
    fn what_is_not_a_person_is_left_out() {
        for byline in [
            "The Ferry Street Gazette",
            "Ferry Street Gazette",
            "No Author",
            "admin",
            "Staff",
            "@ekwall",
            "https://a.example/ekwall",
            "Editorial Team",
            "Low Stairs GmbH",
            "Reuters",
            "News desk",
            "Redaktion",
            "ekwall",
            "",
            "7 min read",
            "Staff Reporter",
            "Uferländische Landesanstalt für Häfen",
            "Deutscher Fährverband e. V.",
        ] {
            check(byline, &[]);
        }
    }
}
