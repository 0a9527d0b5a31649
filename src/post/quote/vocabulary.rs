//! The words that join the parts of an attribution: they are printed where they stand, and belong to no name.
//!
//! In English, German, French, Spanish and Swedish, all at once: a German page quotes English papers, and the other way
//! round.

/// What a joining word says of the part that follows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JoinRole {
    /// `by Jane Doe`.
    By,
    /// `via Ann`.
    Via,
    /// `in *The Weekly*`, `for The Weekly`.
    Within,
    /// `published on 4 March 2026`.
    Published,
    /// `updated 5 March 2026`.
    Updated,
    /// `accessed 10 March 2026`.
    Accessed,
    /// `archived at …`.
    Archived,
    /// `Source: …`.
    Source,
    /// `Jane Doe and John Roe`.
    And,
    /// Nothing.
    Neutral,
}

/// Joining words by what they say, in lower case.
const JOINING: [(JoinRole, &[&str]); 10] = [
    (
        JoinRole::By,
        &["by", "von", "par", "por", "av", "text:", "autor", "autorin", "author", "auteur", "författare"],
    ),
    (JoinRole::Via, &["via", "vía", "h/t", "ht"]),
    (
        JoinRole::Within,
        &[
            "in", "on", "at", "for", "from", "im", "bei", "beim", "für", "aus", "auf", "an", "am", "dans",
            "sur", "pour", "chez", "en", "au", "aux", "à", "para", "desde", "del", "al", "du", "des", "i",
            "för", "från", "på", "hos", "ur", "till", "vid", "vom", "zum",
        ],
    ),
    (
        JoinRole::Published,
        &[
            "published",
            "posted",
            "dated",
            "printed",
            "appeared",
            "written",
            "veröffentlicht",
            "erschienen",
            "datiert",
            "publié",
            "publiée",
            "paru",
            "parue",
            "publicado",
            "publicada",
            "publicerad",
            "publicerat",
            "tryckt",
        ],
    ),
    (
        JoinRole::Updated,
        &[
            "updated",
            "modified",
            "revised",
            "corrected",
            "edited",
            "aktualisiert",
            "geändert",
            "jour",
            "modifié",
            "modifiée",
            "actualizado",
            "actualizada",
            "modificado",
            "uppdaterad",
            "uppdaterat",
            "ändrad",
        ],
    ),
    (
        JoinRole::Accessed,
        &[
            "accessed",
            "retrieved",
            "visited",
            "viewed",
            "abgerufen",
            "aufgerufen",
            "gelesen",
            "consulté",
            "consultée",
            "consultado",
            "consultada",
            "hämtad",
            "hämtat",
            "läst",
        ],
    ),
    (
        JoinRole::Archived,
        &[
            "archived",
            "archive",
            "cached",
            "archiviert",
            "archivé",
            "archivée",
            "archivado",
            "archivada",
            "arkiverad",
            "arkiverat",
        ],
    ),
    (
        JoinRole::Source,
        &[
            "source",
            "sources",
            "quelle",
            "quellen",
            "fuente",
            "fuentes",
            "källa",
            "källor",
            "credit",
            "reference",
            "ref",
            "see",
            "siehe",
            "voir",
            "véase",
            "vgl",
        ],
    ),
    (JoinRole::And, &["and", "und", "et", "y", "e", "och", "&", "+", "sowie"]),
    (
        JoinRole::Neutral,
        &[
            "as",
            "quoted",
            "cited",
            "reported",
            "reporting",
            "writing",
            "wrote",
            "writes",
            "speaking",
            "said",
            "says",
            "told",
            "zitiert",
            "cité",
            "citado",
            "citerad",
            "nach",
            "laut",
            "selon",
            "según",
            "enligt",
            "according",
            "to",
            "of",
            "ca",
            "c",
            "circa",
            "a",
            "an",
            "ein",
            "eine",
            "einem",
            "einer",
            "un",
            "une",
            "una",
            "ett",
            "his",
            "her",
            "their",
            "um",
            "first",
            "originally",
            "last",
            "zuletzt",
            "ursprünglich",
            "zuerst",
            "mis",
            "mise",
            "the",
            "was",
            "originalmente",
            "ursprungligen",
            "senast",
            "hat",
            "tip",
        ],
    ),
];

/// Words that join a date to what stands before it, and nothing else: `le 4 mars`, `den 4 mars`.
const BEFORE_DATES: [&str; 9] = ["le", "el", "der", "dem", "den", "de", "dia", "día", "on"];

/// What a word says, by its lower case.
pub(super) fn role_of(word: &str) -> Option<JoinRole> {
    let word = word.trim_end_matches(['.', ':']);
    JOINING.iter().find(|(_, words)| words.contains(&word)).map(|&(role, _)| role)
}

/// Whether a word is an article that can stand between a joining word and a name: `in der Zeitung`, `dans le Journal`.
pub(super) fn is_article(word: &str) -> bool {
    const ARTICLES: [&str; 14] =
        ["the", "der", "die", "das", "dem", "den", "le", "la", "les", "l'", "l’", "el", "los", "las"];
    ARTICLES.contains(&word)
}

/// Whether a word only joins a date.
pub(super) fn is_before_dates(word: &str) -> bool {
    BEFORE_DATES.contains(&word)
}

/// Words that also begin a line in upper case: `By Jane Doe`, `Source: …`, `Via Ann`.
pub(super) fn may_begin_a_line(role: JoinRole) -> bool {
    !matches!(role, JoinRole::Within | JoinRole::And | JoinRole::Neutral)
}

/// Texts of links to a copy of the report.
pub(super) fn names_a_copy(text: &str) -> bool {
    let text = text.trim().to_lowercase();
    let copies = [
        "archived copy",
        "copy",
        "archived version",
        "archivierte kopie",
        "kopie",
        "copie",
        "copia",
        "kopia",
        "arkiv",
        "archiv",
        "archivo",
    ];
    copies.contains(&text.as_str()) || role_of(&text) == Some(JoinRole::Archived)
}

/// Whether a text is the place within a report: `p. 7`, `Seite 7`, `vol. 2`, `§ 3`.
pub(super) fn is_place_within(text: &str) -> bool {
    const KINDS: [&str; 38] = [
        "p",
        "pp",
        "page",
        "pages",
        "s",
        "seite",
        "seiten",
        "sida",
        "sidan",
        "sidor",
        "pág",
        "págs",
        "página",
        "páginas",
        "vol",
        "volume",
        "bd",
        "band",
        "tome",
        "no",
        "nr",
        "núm",
        "num",
        "n°",
        "nº",
        "issue",
        "number",
        "ch",
        "chapter",
        "kap",
        "kapitel",
        "cap",
        "capítulo",
        "chapitre",
        "§",
        "line",
        "minute",
        "part",
    ];
    let mut words = text.split_whitespace();
    let first = words.next().unwrap_or_default().to_lowercase();
    let kind = first.trim_end_matches(|c: char| c == '.' || c.is_ascii_digit());
    KINDS.contains(&kind)
        && (first.contains(|c: char| c.is_ascii_digit())
            || words.next().is_some_and(|word| {
                word.contains(char::is_numeric) || word.chars().all(|c| "ivxlc–-".contains(c))
            }))
}

/// Whether a text is a remark about the quotation, and no name.
pub(super) fn is_remark(text: &str) -> bool {
    const SIGNS: [&str; 40] = [
        "emphasis",
        "emphases",
        "italics",
        "hervorhebung",
        "italique",
        "italiques",
        "cursiva",
        "kursiv",
        "kursivering",
        "translated",
        "translation",
        "trans",
        "transl",
        "übersetzt",
        "übersetzung",
        "traduit",
        "traduction",
        "traducido",
        "traducción",
        "översatt",
        "översättning",
        "paywall",
        "paywalled",
        "abo",
        "mine",
        "added",
        "ours",
        "pdf",
        "video",
        "audio",
        "podcast",
        "interview",
        "paraphrased",
        "shortened",
        "gekürzt",
        "abrégé",
        "abreviado",
        "förkortat",
        "subscription",
        "emphasised",
    ];
    let lower = text.to_lowercase();
    lower.split(|c: char| !c.is_alphanumeric()).any(|word| SIGNS.contains(&word))
}

/// Whether a name begins as publications do, with an article: `The Example`, `Die Zeitung`, `Le Matin`.
pub(super) fn begins_with_article(text: &str) -> bool {
    const ARTICLES: [&str; 15] =
        ["The", "Die", "Der", "Das", "Le", "La", "Les", "El", "Los", "Las", "Il", "Lo", "O", "De", "Den"];
    text.split_once(' ').is_some_and(|(first, rest)| ARTICLES.contains(&first) && !rest.is_empty())
        || text.starts_with("L’")
        || text.starts_with("L'")
}

/// Whether a text looks like given name and surname.
pub(crate) fn looks_like_a_person(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let has_case = text.contains(char::is_uppercase);
    let capitals = words
        .iter()
        .filter(|word| word.starts_with(|c: char| c.is_alphabetic() && !c.is_lowercase()))
        .count();
    let is_short = if has_case { (2..=5).contains(&words.len()) } else { words.len() <= 5 };
    let has_office = words.iter().any(|word| OFFICES.contains(&word.to_lowercase().as_str()));
    is_short
        && !has_office
        && capitals + 2 >= words.len()
        && capitals > usize::from(has_case)
        && !begins_with_article(text)
        && !text.contains(char::is_numeric)
}

/// Offices and professions, which stand behind a name and are none.
const OFFICES: [&str; 34] = [
    "editor",
    "reporter",
    "correspondent",
    "journalist",
    "columnist",
    "minister",
    "president",
    "chancellor",
    "professor",
    "director",
    "secretary",
    "senator",
    "mayor",
    "chief",
    "ceo",
    "spokesperson",
    "spokesman",
    "spokeswoman",
    "redakteur",
    "redakteurin",
    "ministerin",
    "präsident",
    "präsidentin",
    "kanzler",
    "bundeskanzler",
    "sprecher",
    "sprecherin",
    "ministre",
    "président",
    "présidente",
    "ministro",
    "presidente",
    "statsminister",
    "redaktör",
];
