//! The words that join the parts of an attribution: they are printed where they stand, and belong to no name.
//!
//! In English, German, French, Spanish and Swedish, all at once: a German page quotes English papers, and the other way
//! round. Those of other languages are read on pages in them, as `en` is "in" to some and "and" to others.

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
    /// `born 1950`: the date is one of a life, not of a report.
    Life,
    /// `translation: Ann Poe`: who helped with the report.
    Helper,
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
            "also",
            "auch",
            "aussi",
            "también",
            "även",
            "found",
            "gefunden",
            "trouvé",
            "encontrado",
            "hittad",
            "zit",
            "cit",
            "付",
            "d’après",
            "d'après",
            "n",
            "so",
            "extrait",
            "extracto",
            "auszug",
            "excerpt",
            "utdrag",
            "citée",
            "rapporté",
            "rapportée",
            "citada",
        ],
    ),
];

/// Words of further languages, which are read on pages in them alone.
const IN_ONE_LANGUAGE: [LanguageWords; 28] = [
    LanguageWords {
        languages: &["ja"],
        words: &[
            (JoinRole::Source, &["出典", "引用元", "出所", "参照"]),
            (JoinRole::Via, &["経由"]),
            (JoinRole::Neutral, &["より", "から", "にて"]),
        ],
    },
    LanguageWords {
        languages: &["zh", "yue"],
        words: &[(JoinRole::Source, &["来源", "來源", "出处", "出處", "原文"])],
    },
    LanguageWords { languages: &["ko"], words: &[(JoinRole::Source, &["출처", "원문"])] },
    LanguageWords {
        languages: &["nl", "af"],
        words: &[
            (JoinRole::And, &["en"]),
            (JoinRole::By, &["door", "tekst"]),
            (JoinRole::Within, &["uit", "voor", "op", "bij"]),
            (JoinRole::Source, &["bron", "bronnen", "zie"]),
            (JoinRole::Published, &["gepubliceerd", "verschenen"]),
            (JoinRole::Updated, &["bijgewerkt", "gewijzigd"]),
            (JoinRole::Accessed, &["geraadpleegd", "bezocht", "gelezen"]),
        ],
    },
    LanguageWords {
        languages: &["it"],
        words: &[
            (JoinRole::And, &["e", "ed"]),
            (JoinRole::By, &["di", "da", "autore", "autrice", "testo"]),
            (JoinRole::Within, &["su", "per", "nel", "nella", "sul", "sulla", "dal", "dalla"]),
            (JoinRole::Source, &["fonte", "fonti", "vedi"]),
            (JoinRole::Published, &["pubblicato", "pubblicata", "apparso"]),
            (JoinRole::Updated, &["aggiornato", "aggiornata", "modificato"]),
            (JoinRole::Accessed, &["consultato", "visitato", "letto"]),
        ],
    },
    LanguageWords {
        languages: &["pt"],
        words: &[
            (JoinRole::Within, &["em", "no", "na", "para"]),
            (JoinRole::Source, &["fonte", "fontes", "ver"]),
            (JoinRole::Updated, &["atualizado", "atualizada"]),
            (JoinRole::Accessed, &["acessado", "acesso", "acedido"]),
        ],
    },
    LanguageWords {
        languages: &["pl"],
        words: &[
            (JoinRole::And, &["i", "oraz"]),
            (JoinRole::By, &["przez", "autorka", "tekst"]),
            (JoinRole::Within, &["w", "z", "ze", "na", "dla"]),
            (JoinRole::Source, &["źródło", "zob", "za"]),
            (JoinRole::Published, &["opublikowano", "opublikowany"]),
            (JoinRole::Updated, &["aktualizacja", "zaktualizowano"]),
            (JoinRole::Accessed, &["dostęp", "odczyt"]),
        ],
    },
    LanguageWords {
        languages: &["da", "nb", "nn", "no"],
        words: &[
            (JoinRole::And, &["og"]),
            (JoinRole::By, &["af", "tekst"]),
            (JoinRole::Within, &["fra", "til", "ved"]),
            (JoinRole::Source, &["kilde", "kilder", "se"]),
            (JoinRole::Published, &["publisert", "udgivet", "offentliggjort"]),
            (JoinRole::Updated, &["oppdatert", "opdateret"]),
            (JoinRole::Accessed, &["hentet", "besøgt", "lest", "læst"]),
        ],
    },
    LanguageWords {
        languages: &["fi"],
        words: &[
            (JoinRole::And, &["ja", "sekä"]),
            (JoinRole::Source, &["lähde", "lähteet"]),
            (JoinRole::Published, &["julkaistu"]),
            (JoinRole::Updated, &["päivitetty"]),
            (JoinRole::Accessed, &["luettu"]),
        ],
    },
    LanguageWords {
        languages: &["cs", "sk"],
        words: &[
            (JoinRole::And, &["a"]),
            (JoinRole::Within, &["v", "ve", "vo", "na", "z", "ze", "zo", "pro", "pre"]),
            (JoinRole::Source, &["zdroj"]),
        ],
    },
    LanguageWords {
        languages: &["tr"],
        words: &[(JoinRole::And, &["ve"]), (JoinRole::Source, &["kaynak"]), (JoinRole::By, &["yazan"])],
    },
    LanguageWords {
        languages: &["ru", "be", "bg"],
        words: &[
            (JoinRole::And, &["и"]),
            (JoinRole::By, &["автор", "текст"]),
            (JoinRole::Via, &["через"]),
            (JoinRole::Within, &["в", "во", "на", "из", "для", "от", "за"]),
            (JoinRole::Source, &["источник"]),
            (JoinRole::Published, &["опубликовано", "опубликован"]),
            (JoinRole::Updated, &["обновлено"]),
        ],
    },
    LanguageWords {
        languages: &["uk"],
        words: &[
            (JoinRole::And, &["і", "й", "та"]),
            (JoinRole::By, &["автор", "авторка", "текст"]),
            (JoinRole::Within, &["у", "в", "на", "з", "із", "для", "від"]),
            (JoinRole::Source, &["джерело"]),
            (JoinRole::Published, &["опубліковано"]),
            (JoinRole::Updated, &["оновлено"]),
        ],
    },
    LanguageWords {
        languages: &["he", "yi"],
        words: &[
            (JoinRole::By, &["מאת"]),
            (JoinRole::Via, &["דרך"]),
            (JoinRole::Within, &["מתוך", "אצל"]),
            (JoinRole::Source, &["מקור"]),
        ],
    },
    LanguageWords {
        languages: &["ar"],
        words: &[
            (JoinRole::And, &["و"]),
            (JoinRole::By, &["بقلم", "كتب", "كتبت"]),
            (JoinRole::Via, &["عبر"]),
            (JoinRole::Neutral, &["نقلا", "نقلاً"]),
            (JoinRole::Within, &["في", "من", "عن", "على"]),
            (JoinRole::Source, &["المصدر", "مصدر"]),
        ],
    },
    LanguageWords {
        languages: &["fa", "ps"],
        words: &[
            (JoinRole::And, &["و"]),
            (JoinRole::By, &["نوشته", "نویسنده"]),
            (JoinRole::Within, &["در", "از"]),
            (JoinRole::Source, &["منبع", "منابع", "مأخذ"]),
        ],
    },
    LanguageWords {
        languages: &["ur"],
        words: &[(JoinRole::And, &["اور"]), (JoinRole::Source, &["ماخذ", "بشکریہ"])],
    },
    LanguageWords {
        languages: &["el"],
        words: &[
            (JoinRole::And, &["και"]),
            (JoinRole::Via, &["μέσω"]),
            (JoinRole::Within, &["στο", "στη", "στην", "στον", "από"]),
            (JoinRole::Source, &["πηγή", "πηγές"]),
        ],
    },
    LanguageWords {
        languages: &["hi", "mr", "ne"],
        words: &[(JoinRole::And, &["और"]), (JoinRole::Source, &["स्रोत", "साभार"])],
    },
    LanguageWords {
        languages: &["th"],
        words: &[
            (JoinRole::And, &["และ"]),
            (JoinRole::By, &["โดย"]),
            (JoinRole::Source, &["ที่มา", "แหล่งที่มา", "อ้างอิง"]),
        ],
    },
    LanguageWords {
        languages: &["vi"],
        words: &[
            (JoinRole::And, &["và"]),
            (JoinRole::Source, &["nguồn"]),
            (JoinRole::Neutral, &["theo", "ngày"]),
        ],
    },
    LanguageWords {
        languages: &["id", "ms"],
        words: &[
            (JoinRole::And, &["dan"]),
            (JoinRole::By, &["oleh"]),
            (JoinRole::Within, &["di", "dari"]),
            (JoinRole::Source, &["sumber"]),
        ],
    },
    LanguageWords {
        languages: &["hu"], words: &[(JoinRole::And, &["és"]), (JoinRole::Source, &["forrás"])]
    },
    LanguageWords {
        languages: &["ro"],
        words: &[
            (JoinRole::And, &["și"]),
            (JoinRole::By, &["de"]),
            (JoinRole::Within, &["în", "din"]),
            (JoinRole::Source, &["sursa", "sursă", "surse"]),
        ],
    },
    LanguageWords {
        languages: &["hr", "bs", "sr", "sl"],
        words: &[
            (JoinRole::And, &["i", "in", "и"]),
            (JoinRole::Within, &["u", "iz", "v", "у", "из"]),
            (JoinRole::Source, &["izvor", "vir", "извор"]),
        ],
    },
    LanguageWords {
        languages: &["ca"],
        words: &[(JoinRole::And, &["i"]), (JoinRole::Source, &["font", "fonts"])],
    },
    LanguageWords {
        languages: &["et", "lv", "lt"],
        words: &[(JoinRole::And, &["ja", "un", "ir"]), (JoinRole::Source, &["allikas", "avots", "šaltinis"])],
    },
    LanguageWords {
        languages: &["is"],
        words: &[(JoinRole::And, &["og"]), (JoinRole::Source, &["heimild", "heimildir"])],
    },
];

/// Joining words of languages that share them.
struct LanguageWords {
    /// Primary subtags of BCP 47.
    languages: &'static [&'static str],
    words: &'static [(JoinRole, &'static [&'static str])],
}

/// Languages that set the names of newspapers in quotation marks, by their primary subtags.
const QUOTE_PUBLICATIONS: [&str; 14] =
    ["ar", "be", "bg", "cs", "el", "fa", "he", "ja", "ko", "pl", "ru", "sr", "uk", "zh"];

/// Whether a text in quotation marks behind a link names a publication in a language.
pub(super) fn quotes_publications(language: &str) -> bool {
    QUOTE_PUBLICATIONS.contains(&language)
}

/// Whether a word between two names leaves no doubt that the second is a publication: `Jane Doe on The Example`. Words that
/// stand within names do, such as `del` and `am`.
pub(super) fn is_before_publications(word: &str, language: &str) -> bool {
    const WORDS: [&str; 17] = [
        "in", "on", "at", "for", "from", "bei", "beim", "für", "dans", "sur", "chez", "hos", "på", "för",
        "från", "su", "nel",
    ];
    WORDS.contains(&word) || (word == "i" && ["sv", "da", "nb", "nn", "no"].contains(&language))
}

/// Whether a text behind `by` is the way by which words came: `by e-mail`.
pub(super) fn is_medium(text: &str) -> bool {
    const MEDIA: [&str; 12] = [
        "e-mail",
        "email",
        "mail",
        "letter",
        "phone",
        "telephone",
        "post",
        "sms",
        "fax",
        "brief",
        "courriel",
        "correo",
    ];
    MEDIA.contains(&text.to_lowercase().as_str())
}

/// Who helped with a report, in lower case: translators, photographers, people who wrote a preface.
const HELPERS: [&str; 95] = [
    "translated",
    "translation",
    "translator",
    "transl",
    "trans",
    "tr",
    "illustrated",
    "illustration",
    "illustrations",
    "illus",
    "ill",
    "photo",
    "photos",
    "photograph",
    "photographs",
    "photography",
    "image",
    "images",
    "picture",
    "graphics",
    "cartoon",
    "foreword",
    "preface",
    "introduction",
    "afterword",
    "editor",
    "ed",
    "eds",
    "narrated",
    "interviewed",
    "interview",
    "reviewed",
    "recueillis",
    "narrator",
    "recorded",
    "übersetzt",
    "übersetzung",
    "übersetzer",
    "übersetzerin",
    "übers",
    "foto",
    "fotos",
    "bild",
    "bilder",
    "illustriert",
    "vorwort",
    "nachwort",
    "redaktion",
    "hrsg",
    "traduit",
    "traduite",
    "traduction",
    "trad",
    "préface",
    "illustré",
    "traducido",
    "traducida",
    "traducción",
    "prólogo",
    "översatt",
    "översättning",
    "övers",
    "illustratör",
    "förord",
    "vertaling",
    "traduzione",
    "przekład",
    "hg",
    "éd",
    "tradução",
    "tradutor",
    "tradutora",
    "traduttore",
    "vertaald",
    "vertaler",
    "tłum",
    "tłumaczenie",
    "перевод",
    "пер",
    "oversettelse",
    "oversættelse",
    "käännös",
    "překlad",
    "fordítás",
    "μετάφραση",
    "μτφρ",
    "תרגום",
    "مترجم",
    "ترجمة",
    "ترجمه",
    "çeviri",
    "çeviren",
    "翻訳",
    "翻译",
    "번역",
];

/// Where the name of an author ends that words of an interview follow: `Jane Doe in an interview with …`.
pub(super) fn before_interview(text: &str) -> Option<usize> {
    const PHRASES: [&str; 33] = [
        " in an interview",
        " in interview",
        " in conversation",
        " in a conversation",
        " in a speech",
        " in a letter",
        " im interview",
        " im gespräch",
        " in einem interview",
        " in einem gespräch",
        " en entrevista",
        " en una entrevista",
        " en conversación",
        " dans un entretien",
        " dans une interview",
        " au micro",
        " i en intervju",
        " i intervju",
        " i ett samtal",
        " w rozmowie",
        " w wywiadzie",
        " in un'intervista",
        " in un’intervista",
        " in un colloquio",
        " in gesprek met",
        " in een interview",
        " em entrevista",
        " numa entrevista",
        " em conversa",
        " в интервью",
        " в беседе",
        " в разговоре",
        " i samtal med",
    ];
    let lower = text.to_lowercase();
    // Lower case can have other lengths, and then its places say nothing.
    let is_same_length = lower.len() == text.len();
    let found = PHRASES.iter().filter_map(|phrase| lower.find(phrase)).min();
    found.filter(|&at| at > 0 && is_same_length && text.is_char_boundary(at))
}

/// Words before a year of a life, in lower case.
const OF_LIVES: [&str; 27] = [
    "b",
    "born",
    "d",
    "died",
    "fl",
    "f",
    "*",
    "†",
    "geb",
    "geboren",
    "gest",
    "gestorben",
    "né",
    "née",
    "mort",
    "morte",
    "nacido",
    "nacida",
    "fallecido",
    "fallecida",
    "född",
    "död",
    "nato",
    "nata",
    "ur",
    "zm",
    "род",
];

/// Whether a word before a date says that the date is one of a life: `b. 1950`.
pub(super) fn is_of_a_life(word: &str) -> bool {
    OF_LIVES.contains(&word.trim_end_matches(['.', ':']))
}

/// Whether a word before a colon or a joining word says who helped: `Übersetzung: Ann Poe`.
pub(super) fn is_helper(word: &str) -> bool {
    HELPERS.contains(&word.trim_end_matches(['.', ':']))
}

/// Parts of a year that say less than a date: seasons, feasts, quarters.
const PARTS_OF_A_YEAR: [&str; 96] = [
    "spring",
    "summer",
    "autumn",
    "fall",
    "winter",
    "early",
    "late",
    "mid",
    "middle",
    "beginning",
    "end",
    "quarter",
    "half",
    "semester",
    "term",
    "week",
    "season",
    "christmas",
    "easter",
    "holiday",
    "second",
    "third",
    "fourth",
    "year",
    "frühling",
    "frühjahr",
    "sommer",
    "herbst",
    "anfang",
    "mitte",
    "ende",
    "quartal",
    "halbjahr",
    "woche",
    "kw",
    "weihnachten",
    "ostern",
    "pfingsten",
    "sommersemester",
    "wintersemester",
    "jahr",
    "jahre",
    "printemps",
    "été",
    "automne",
    "hiver",
    "début",
    "mi",
    "fin",
    "trimestre",
    "semestre",
    "semaine",
    "noël",
    "pâques",
    "rentrée",
    "année",
    "primavera",
    "verano",
    "otoño",
    "invierno",
    "principios",
    "mediados",
    "finales",
    "fines",
    "comienzos",
    "semana",
    "navidad",
    "pascua",
    "año",
    "våren",
    "vår",
    "sommaren",
    "sommar",
    "hösten",
    "höst",
    "vintern",
    "vinter",
    "början",
    "mitten",
    "slutet",
    "kvartalet",
    "kvartal",
    "vecka",
    "julen",
    "jul",
    "påsken",
    "påsk",
    "året",
    "lente",
    "zomer",
    "herfst",
    "estate",
    "inverno",
    "autunno",
    "wiosna",
    "lato",
];

/// Whether a word before a year names a part of it: `Spring 2026`, `Q1 2026`, `1. Quartal 2026`.
pub(super) fn is_part_of_a_year(word: &str) -> bool {
    let word = word.trim_end_matches(['.', ':', ',', '-', '‐', '‑']);
    let is_quarter =
        word.strip_prefix(['q', 't', 'h', 's']).is_some_and(|rest| matches!(rest, "1" | "2" | "3" | "4"));
    is_quarter || PARTS_OF_A_YEAR.contains(&word)
}

/// `1`, `2nd`, `1er`, `3e`: a number of at most two figures, and what makes it an ordinal.
pub(super) fn is_ordinal(word: &str) -> bool {
    let figures = word.bytes().take_while(u8::is_ascii_digit).count();
    const ENDINGS: [&str; 14] =
        ["", "st", "nd", "rd", "th", "er", "re", "e", "ème", "º", "ª", ":a", ":e", "°"];
    (1..=2).contains(&figures) && ENDINGS.contains(&&word[figures..])
}

/// Words that join a date to what stands before it, and nothing else: `le 4 mars`, `den 4 mars`.
const BEFORE_DATES: [&str; 10] = ["le", "el", "der", "dem", "den", "de", "dia", "día", "on", "van"];

/// What a word says, by its lower case, on a page in a language by its primary subtag.
pub(super) fn role_of(word: &str, language: &str) -> Option<JoinRole> {
    let word = word.trim_end_matches(['.', ':']);
    let own = IN_ONE_LANGUAGE.iter().filter(|words| words.languages.contains(&language));
    own.flat_map(|words| words.words)
        .chain(&JOINING)
        .find(|(_, words)| words.contains(&word))
        .map(|&(role, _)| role)
}

/// Whether a text begins with a word for a source and a colon, or with one for where it was come across: `Source: …`,
/// `(Quelle: …)`, `via …`. `See: …` stands in quoted words as well.
pub(crate) fn names_its_source(text: &str, language: &str) -> bool {
    const REFERENCES: [&str; 11] =
        ["see", "siehe", "voir", "véase", "vgl", "zie", "vedi", "ver", "zob", "se", "za"];
    let text = text.trim_start().trim_start_matches(['(', '[', '（']);
    let end = text.find(|c: char| c.is_whitespace() || matches!(c, ':' | '：')).unwrap_or(text.len());
    let word = text[..end].to_lowercase();
    let has_colon = text[end..].trim_start().starts_with([':', '：']);
    match role_of(&word, language) {
        Some(JoinRole::Source) => has_colon && !REFERENCES.contains(&word.as_str()),
        Some(JoinRole::Via) => true,
        _ => false,
    }
}

/// A text without the joining words at its ends: `Jane Doe` of `by Jane Doe in`.
pub(crate) fn without_joining_words<'t>(text: &'t str, language: &str) -> &'t str {
    let mut text = text.trim();
    while let Some(last) = text.split_whitespace().next_back().filter(|word| is_joining(word, language)) {
        text = text[..text.len() - last.len()].trim_end_matches(|c: char| c.is_whitespace() || c == ',');
    }
    while let Some(first) = text.split_whitespace().next().filter(|word| is_joining(word, language)) {
        text = text[first.len()..].trim_start();
    }
    text
}

fn is_joining(word: &str, language: &str) -> bool {
    role_of(&word.to_lowercase(), language).is_some()
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

/// Whether the text of a link says that its author came across the report there: `h/t Jane Doe`, `via The Example`.
pub(super) fn names_a_via(text: &str) -> bool {
    let text = text.trim().to_lowercase();
    ["via ", "vía ", "h/t ", "h/t: ", "hat tip to ", "hat tip: ", "via: "]
        .iter()
        .any(|start| text.starts_with(start))
}

/// Texts of links to a copy of the report.
pub(super) fn names_a_copy(text: &str) -> bool {
    // Words for copies are those of the five languages that are read everywhere.
    const EVERYWHERE: &str = "";
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
    copies.contains(&text.as_str()) || role_of(&text, EVERYWHERE) == Some(JoinRole::Archived)
}

/// Whether a text is the place within a report, its number, or an hour: `p. 7`, `Seite 7`, `vol. 2`, `Ausgabe 12`,
/// `3rd ed.`, `10 Uhr`, `12:30`.
pub(super) fn is_place_within(text: &str) -> bool {
    if is_page_of_a_section(text) || is_in_a_play(text) || is_in_law_reports(text) {
        return true;
    }
    let lower = text.to_lowercase();
    let mut has_figure = false;
    let mut kinds = usize::from(lower.starts_with('#'));
    for word in lower
        .split(|c: char| c.is_whitespace() || ".,:;/–-—()[]#".contains(c))
        .filter(|word| !word.is_empty())
    {
        if BETWEEN_PLACES.contains(&word) {
            continue;
        }
        let word = word.strip_prefix('第').unwrap_or(word);
        let word = word.trim_end_matches(['\'', '’', '׳']);
        let letters = word.trim_start_matches(char::is_numeric);
        has_figure |= letters.len() < word.len();
        let is_kind = PLACES.contains(&word);
        // `S.7` and `p7`, `3rd` and `18h`; a Roman number behind a kind.
        let is_number = letters.is_empty()
            || (letters.len() < word.len() && (is_ordinal(word) || PLACES.contains(&letters)))
            || PLACES.iter().any(|kind| {
                word.strip_prefix(kind)
                    .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
            });
        let is_roman = !is_kind && kinds > 0 && word.chars().all(|c| "ivxlc".contains(c));
        if !is_kind && !is_number && !is_roman {
            return false;
        }
        has_figure |= is_roman || is_number;
        kinds += usize::from(is_kind || (is_number && !letters.is_empty()));
    }
    // A number alone is one of pages, or of a volume; an hour has a colon.
    let is_bare = !text.contains(char::is_alphabetic);
    let is_hour = lower
        .split_once(':')
        .is_some_and(|(hour, _)| !hour.is_empty() && hour.bytes().all(|byte| byte.is_ascii_digit()));
    has_figure && (kinds > 0 || is_hour || is_bare)
}

/// `A1`, `B12`: a page of a newspaper that has sections.
fn is_page_of_a_section(text: &str) -> bool {
    let mut chars = text.chars();
    let page = chars.next().filter(|c| ('A'..='D').contains(c)).map(|_| chars.as_str());
    page.is_some_and(|page| (1..=2).contains(&page.len()) && page.bytes().all(|byte| byte.is_ascii_digit()))
}

/// `III.i.56`: act, scene and line.
fn is_in_a_play(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_roman = |part: &&str| !part.is_empty() && part.chars().all(|c| "IVXivx".contains(c));
    (2..=3).contains(&parts.len())
        && is_roman(&parts[0])
        && parts.iter().all(|part| is_number(part) || is_roman(part))
        && parts.last().is_some_and(is_number)
}

/// `123 U.S. 456`, `12 F. 3d 34`: volume, reporter and page of a judgment.
fn is_in_law_reports(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let [volume, reporter @ .., page] = words.as_slice() else { return false };
    let is_number = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit());
    let is_short = |word: &&str| word.contains('.') && word.starts_with(char::is_uppercase);
    is_number(volume)
        && is_number(page)
        && reporter.first().is_some_and(is_short)
        && reporter.iter().all(|word| is_short(word) || word.ends_with('d'))
}

/// Kinds of reports that no newspaper is called by, in lower case.
const PRESS_RELEASES: [&str; 33] = [
    "press release",
    "news release",
    "media release",
    "press statement",
    "pressemitteilung",
    "medienmitteilung",
    "presseerklärung",
    "presseaussendung",
    "communiqué",
    "comunicado de prensa",
    "nota de prensa",
    "comunicado de imprensa",
    "comunicado à imprensa",
    "nota à imprensa",
    "comunicado",
    "comunicato stampa",
    "persbericht",
    "pressmeddelande",
    "pressemelding",
    "pressemeddelelse",
    "komunikat prasowy",
    "tisková zpráva",
    "lehdistötiedote",
    "пресс-релиз",
    "прес-реліз",
    "δελτίο τύπου",
    "basın açıklaması",
    "basın bülteni",
    "بيان صحفي",
    "הודעה לעיתונות",
    "プレスリリース",
    "新闻稿",
    "보도자료",
];

/// What stands before the name of a person who did not write the report, in lower case.
const BEFORE_OTHERS: [&str; 25] = [
    "interview with",
    "an interview with",
    "interview mit",
    "entretien avec",
    "entrevista a",
    "entrevista con",
    "entrevista com",
    "intervista a",
    "intervista con",
    "intervju med",
    "interview met",
    "wywiad z",
    "интервью с",
    "attributed to",
    "ascribed to",
    "attribué à",
    "attribuée à",
    "atribuido a",
    "atribuida a",
    "atribuído a",
    "attribuito a",
    "toegeschreven aan",
    "tillskrivet",
    "przypisywane",
    "приписывается",
];

/// Whether a text says what a report is or whose words it may hold, and names no author and no publication: `press release of
/// the city`, `Interview with Jane Doe`, `Attributed to Jane Doe`, `鈴木花子訳`.
pub(super) fn says_what_it_is(text: &str) -> bool {
    let lower = text.to_lowercase();
    let begins_with = |phrase: &&str| {
        lower
            .strip_prefix(*phrase)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
    };
    let is_by_translator =
        text.chars().count() > 2 && ["訳", "译", "譯", "옮김"].iter().any(|sign| text.ends_with(sign));
    PRESS_RELEASES.iter().chain(&BEFORE_OTHERS).any(begins_with)
        || lower.ends_with(" zugeschrieben")
        || is_by_translator
}

/// Whether a text is the name of a publisher, by a word in it.
pub(super) fn is_publisher(text: &str) -> bool {
    const WORDS: [&str; 24] = [
        "press",
        "verlag",
        "books",
        "publishing",
        "publishers",
        "éditions",
        "editorial",
        "editora",
        "edizioni",
        "editore",
        "uitgeverij",
        "wydawnictwo",
        "förlag",
        "förlaget",
        "forlag",
        "forlaget",
        "издательство",
        "видавництво",
        "εκδόσεις",
        "yayınları",
        "yayınevi",
        "kiadó",
        "nakladatelství",
        "kustannus",
    ];
    let lower = text.to_lowercase();
    lower.split_whitespace().any(|word| WORDS.contains(&word))
        || ["书店", "書店", "出版社", "書房", "文庫", "출판사"].iter().any(|ending| text.ends_with(ending))
}

/// Whether a text is the name of a case at law: `Doe v. Roe`.
pub(super) fn is_case_at_law(text: &str) -> bool {
    let sides = [" v. ", " v ", " vs. ", " c. "].iter().find_map(|sign| text.split_once(sign));
    sides.is_some_and(|(one, other)| {
        one.starts_with(char::is_uppercase) && other.starts_with(char::is_uppercase)
    })
}

/// What joins two places: `pp. 7 and 9`.
const BETWEEN_PLACES: [&str; 10] = ["and", "to", "und", "bis", "et", "à", "y", "a", "och", "till"];

/// What places within reports, their numbers and hours are counted in.
const PLACES: [&str; 182] = [
    "p",
    "pp",
    "pg",
    "page",
    "pages",
    "vol",
    "vols",
    "volume",
    "no",
    "nos",
    "issue",
    "issues",
    "number",
    "num",
    "ch",
    "chap",
    "chapter",
    "chapters",
    "line",
    "lines",
    "minute",
    "min",
    "part",
    "pt",
    "edition",
    "ed",
    "section",
    "sec",
    "sect",
    "episode",
    "ep",
    "season",
    "series",
    "book",
    "act",
    "scene",
    "verse",
    "verses",
    "canto",
    "fig",
    "figure",
    "table",
    "plate",
    "column",
    "para",
    "paragraph",
    "footnote",
    "note",
    "fn",
    "art",
    "article",
    "track",
    "slide",
    "loc",
    "location",
    "week",
    "am",
    "pm",
    "hrs",
    "h",
    "f",
    "ff",
    "s",
    "seite",
    "seiten",
    "bd",
    "band",
    "bde",
    "nr",
    "nrn",
    "heft",
    "ausgabe",
    "jg",
    "jahrgang",
    "folge",
    "staffel",
    "auflage",
    "aufl",
    "kap",
    "kapitel",
    "abschnitt",
    "abs",
    "absatz",
    "teil",
    "spalte",
    "sp",
    "zeile",
    "zeilen",
    "vers",
    "akt",
    "szene",
    "abb",
    "uhr",
    "rn",
    "rz",
    "tome",
    "t",
    "n°",
    "nº",
    "numéro",
    "chapitre",
    "partie",
    "livre",
    "acte",
    "scène",
    "ligne",
    "lignes",
    "édition",
    "éd",
    "épisode",
    "saison",
    "colonne",
    "pág",
    "págs",
    "pag",
    "página",
    "páginas",
    "núm",
    "número",
    "cap",
    "capítulo",
    "parte",
    "libro",
    "línea",
    "edición",
    "tomo",
    "episodio",
    "temporada",
    "sida",
    "sidan",
    "sidor",
    "nummer",
    "avsnitt",
    "häfte",
    "årgång",
    "årg",
    "upplaga",
    "uppl",
    "del",
    "bok",
    "rad",
    "säsong",
    "kl",
    "§",
    "§§",
    "¶",
    "blz",
    "hoofdstuk",
    "hfst",
    "deel",
    "jaargang",
    "editie",
    "pagina",
    "capitolo",
    "numero",
    "str",
    "strona",
    "rozdział",
    "tom",
    "стр",
    "с",
    "том",
    "т",
    "гл",
    "глава",
    "№",
    "вып",
    "עמ",
    "עמוד",
    "גיליון",
    "ص",
    "صفحة",
    "العدد",
    "o'clock",
    "号",
    "巻",
    "頁",
    "ページ",
    "回",
    "期",
    "版",
    "页",
];

/// Whether a text is a remark about the quotation, and no name.
pub(super) fn is_remark(text: &str) -> bool {
    const SIGNS: [&str; 72] = [
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
        "corsivo",
        "corsivi",
        "grifos",
        "cursivering",
        "wyróżnienie",
        "выделено",
        "курсив",
        "έμφαση",
        "ההדגשה",
        "vurgu",
        "traduzione",
        "tradução",
        "vertaling",
        "vertaald",
        "przekład",
        "tłumaczenie",
        "перевод",
        "oversettelse",
        "oversættelse",
        "käännös",
        "překlad",
        "fordítás",
        "μετάφραση",
        "תרגום",
        "ترجمة",
        "ترجمتي",
        "ترجمه",
        "çeviri",
        "çeviren",
        "翻訳",
        "翻译",
        "번역",
    ];
    let lower = text.to_lowercase();
    let first = lower.split_whitespace().next().unwrap_or_default();
    // `tr. Ann Poe`
    let begins_with_helper = first.ends_with('.') && is_helper(first);
    begins_with_helper
        || TIMES.contains(&lower.as_str())
        || is_part_of_a_year_in_figures(&lower)
        || lower.split(|c: char| !c.is_alphanumeric()).any(|word| SIGNS.contains(&word))
        || is_translated_from(&lower)
}

/// What says when, and is neither a date nor a name, in lower case.
const TIMES: [&str; 22] = [
    "yesterday",
    "today",
    "recently",
    "last week",
    "last month",
    "last year",
    "gestern",
    "heute",
    "neulich",
    "hier",
    "aujourd’hui",
    "aujourd'hui",
    "ayer",
    "hoy",
    "idag",
    "i dag",
    "igår",
    "i går",
    "våras",
    "somras",
    "höstas",
    "vintras",
];

/// `Englischen von Ann Poe`, behind `aus dem`; not `The French Review`.
fn is_translated_from(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let is_language = words.next().is_some_and(|word| LANGUAGES.contains(&word));
    is_language && words.next().is_none_or(|word| ["by", "von", "par", "por", "de", "av"].contains(&word))
}

/// `Q1/2026`, `mid-2026`.
fn is_part_of_a_year_in_figures(text: &str) -> bool {
    let mut parts = text.split(['/', '-']);
    let is_part = parts.next().is_some_and(is_part_of_a_year);
    let is_year =
        parts.next().is_some_and(|year| year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit()));
    is_part && is_year && parts.next().is_none()
}

/// Languages that a report is translated from: `aus dem Englischen von Ann Poe`, `from the French`, in lower case.
const LANGUAGES: [&str; 57] = [
    "english",
    "englisch",
    "deutsch",
    "französisch",
    "spanisch",
    "italienisch",
    "anglais",
    "allemand",
    "espagnol",
    "italien",
    "français",
    "español",
    "italiano",
    "engelska",
    "tyska",
    "franska",
    "spanska",
    "italienska",
    "svenska",
    "schwedisch",
    "french",
    "german",
    "spanish",
    "swedish",
    "italian",
    "russian",
    "japanese",
    "chinese",
    "arabic",
    "dutch",
    "polish",
    "englischen",
    "französischen",
    "spanischen",
    "schwedischen",
    "italienischen",
    "russischen",
    "japanischen",
    "chinesischen",
    "arabischen",
    "polnischen",
    "l’anglais",
    "l'anglais",
    "l’allemand",
    "l'allemand",
    "l’espagnol",
    "l’italien",
    "inglés",
    "francés",
    "alemán",
    "sueco",
    "engelskan",
    "franskan",
    "tyskan",
    "spanskan",
    "italienskan",
    "ryskan",
];

/// Whether a name begins as publications do, with an article: `The Example`, `Die Zeitung`, `Le Matin`.
pub(super) fn begins_with_article(text: &str) -> bool {
    const ARTICLES: [&str; 15] =
        ["The", "Die", "Der", "Das", "Le", "La", "Les", "El", "Los", "Las", "Il", "Lo", "O", "De", "Den"];
    text.split_once(' ').is_some_and(|(first, rest)| ARTICLES.contains(&first) && !rest.is_empty())
        || text.starts_with("L’")
        || text.starts_with("L'")
}

/// A part of a name without the article or preposition that is elided before it: `d’Arc`, `dell’Orto`.
fn without_elided(word: &str) -> &str {
    let elided = ["d’", "d'", "l’", "l'", "dell’", "dell'", "dall’", "dall'"];
    elided.iter().find_map(|start| word.strip_prefix(start)).unwrap_or(word)
}

/// Whether a text looks like given name and surname.
pub(crate) fn looks_like_a_person(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let has_case = text.contains(char::is_uppercase);
    let capitals = words
        .iter()
        .filter(|word| without_elided(word).starts_with(|c: char| c.is_alphabetic() && !c.is_lowercase()))
        .count();
    let is_short = if has_case { (2..=5).contains(&words.len()) } else { words.len() <= 5 };
    let is_institution =
        words.iter().any(|word| INSTITUTIONS.contains(&word.trim_end_matches(',').to_lowercase().as_str()));
    let has_office = words.iter().any(|word| OFFICES.contains(&word.to_lowercase().as_str()));
    is_short
        && !has_office
        && !is_institution
        && capitals + 2 >= words.len()
        && capitals > usize::from(has_case)
        && !begins_with_article(text)
        && !text.contains(char::is_numeric)
}

/// Words of the names of institutions and companies, and of no person's, in lower case.
const INSTITUTIONS: [&str; 70] = [
    "of",
    "for",
    "university",
    "institute",
    "department",
    "ministry",
    "agency",
    "administration",
    "council",
    "commission",
    "committee",
    "office",
    "bureau",
    "museum",
    "library",
    "society",
    "association",
    "foundation",
    "union",
    "press",
    "news",
    "times",
    "magazine",
    "journal",
    "review",
    "company",
    "co",
    "co.",
    "corp",
    "corp.",
    "inc",
    "inc.",
    "ltd",
    "ltd.",
    "llc",
    "llp",
    "plc",
    "group",
    "partners",
    "sons",
    "brothers",
    "bros",
    "bros.",
    "bank",
    "college",
    "school",
    "party",
    "gmbh",
    "ag",
    "kg",
    "verlag",
    "verein",
    "universität",
    "institut",
    "ministerium",
    "zeitung",
    "stiftung",
    "hijos",
    "fils",
    "frères",
    "cie",
    "université",
    "ministère",
    "société",
    "universidad",
    "ministerio",
    "universitet",
    "institutet",
    "stiftelsen",
    "söner",
];

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
