//! Whether a name is a person's or a publication's, as far as it says so by itself.
//!
//! Behind a report stand both: `[Headline](…), Jane Doe` and `[Headline](…), Foreign Affairs`.

use super::vocabulary::{begins_with_article, looks_like_a_person};

/// Whose name it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NameKind {
    Person,
    Publication,
    /// Two or three words in upper case, as both have them.
    Unclear,
}

/// Says whose name a text is.
pub(super) fn kind_of_name(text: &str) -> NameKind {
    let words: Vec<&str> = text.split_whitespace().collect();
    let [first, rest @ ..] = words.as_slice() else { return NameKind::Publication };
    if text.starts_with('@') || is_title_of_address(first) {
        return NameKind::Person;
    }
    let is_publication = begins_with_article(text)
        || PUBLICATIONS_LIKE_PERSONS.contains(&text.to_lowercase().as_str())
        || words.iter().any(|word| has_form_of_a_publication(word))
        || words.iter().any(|word| stands_in(PUBLICATION_WORDS, word))
        // `Jane Story` is a person, and `Jane Wall Street` is not.
        || (words.iter().any(|word| stands_in(COMMON_WORDS, word))
            && !(words.len() == 2 && is_given_name(first)));
    if is_publication {
        return NameKind::Publication;
    }
    let surnames = rest.iter().filter(|word| !is_particle(word));
    let is_called_like_a_person = (rest.is_empty() || !is_particle(rest[rest.len() - 1]))
        && surnames.clone().count() <= 3
        && surnames.clone().all(|word| word.starts_with(char::is_uppercase));
    if is_called_like_a_person && (is_given_name(first) || (is_initial(first) && !rest.is_empty())) {
        return NameKind::Person;
    }
    if rest.iter().any(|word| is_initial(word) || is_behind_a_surname(word)) && looks_like_a_person(text) {
        return NameKind::Person;
    }
    let is_short = match (text.contains(char::is_uppercase), rest.len()) {
        (true, 1 | 2) => words.iter().all(|word| is_particle(word) || word.starts_with(char::is_uppercase)),
        (true, _) => false,
        // A name in Han or kana is written without a space.
        (false, 0) => !text.is_ascii() && (2..=4).contains(&text.chars().count()) && is_without_spaces(text),
        (false, more) => more <= 2,
    };
    if is_short && looks_like_a_person(text) { NameKind::Unclear } else { NameKind::Publication }
}

/// Whether a word is a given name: `Jane`, `Jean-Pierre`.
pub(super) fn is_given_name(word: &str) -> bool {
    let word = word.to_lowercase();
    let first = word.split('-').next().unwrap_or_default();
    GIVEN_NAMES.split_whitespace().any(|name| name == word || name == first)
}

/// `J.`, `J.R.`, and the `Q.` of `John Q. Public`.
fn is_initial(word: &str) -> bool {
    word.ends_with('.')
        && word.split(['.', '-']).filter(|part| !part.is_empty()).all(|part| {
            let mut letters = part.chars();
            letters.next().is_some_and(char::is_uppercase) && letters.next().is_none()
        })
}

/// `Dr.`, `Prof.` and the like before a name.
fn is_title_of_address(word: &str) -> bool {
    const TITLES: [&str; 18] = [
        "dr", "prof", "mr", "mrs", "ms", "mx", "sir", "dame", "rev", "fr", "herr", "frau", "mme", "mlle",
        "sra", "sr", "don", "doña",
    ];
    let bare = word.trim_end_matches('.');
    (bare.len() < word.len() || matches!(bare, "Sir" | "Dame" | "Herr" | "Frau"))
        && TITLES.contains(&bare.to_lowercase().as_str())
}

/// `Jr.`, `III` and the like behind a surname.
fn is_behind_a_surname(word: &str) -> bool {
    matches!(word, "Jr." | "Jr" | "Sr." | "Sr" | "II" | "III" | "IV" | "PhD" | "Ph.D." | "MD" | "M.D.")
}

/// Words between given name and surname: `von`, `de la`, `bin`.
fn is_particle(word: &str) -> bool {
    const PARTICLES: [&str; 33] = [
        "von", "vom", "van", "der", "den", "de", "del", "della", "di", "da", "do", "dos", "das", "du", "des",
        "la", "le", "las", "los", "zu", "zur", "zum", "ten", "ter", "af", "av", "y", "e", "al", "el", "bin",
        "ibn", "ben",
    ];
    PARTICLES.contains(&word)
}

/// Whether a word is written as no person's name is.
fn has_form_of_a_publication(word: &str) -> bool {
    let bare = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '&');
    let lower = bare.to_lowercase();
    let letters = bare.chars().filter(|c| c.is_alphabetic()).count();
    // `BBC`, `taz.de`, `Harper’s`, `TechCrunch`; but `McKay`, `DeVito`, `O’Brien` and `J.R.`
    let is_abbreviation = letters > 1
        && !bare.contains('.')
        && !is_behind_a_surname(bare)
        && bare.chars().all(|c| c.is_uppercase());
    let is_host = bare.split_once('.').is_some_and(|(_, ending)| ending.starts_with(char::is_lowercase));
    let is_possessive = lower.ends_with("'s") || lower.ends_with("’s");
    let inner = bare
        .char_indices()
        .skip(1)
        .find(|(at, c)| c.is_uppercase() && bare[..*at].chars().next_back().is_some_and(char::is_lowercase));
    let is_compound = inner.is_some_and(|(at, _)| {
        !matches!(&bare[..at], "Mc" | "Mac" | "De" | "Di" | "Du" | "La" | "Le" | "Fitz" | "Van" | "Ter")
    });
    is_abbreviation
        || is_host
        || is_possessive
        || is_compound
        || bare == "&"
        || bare.contains(char::is_numeric)
        || ENDINGS.iter().any(|ending| lower.ends_with(ending))
}

fn is_without_spaces(text: &str) -> bool {
    text.chars()
        .all(|c| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{323af}'))
}

fn stands_in(list: &str, word: &str) -> bool {
    let lower = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    list.split_whitespace().any(|known| known == lower)
}

/// Endings of the names of publications, in lower case.
const ENDINGS: [&str; 30] = [
    "zeitung",
    "blatt",
    "anzeiger",
    "nachrichten",
    "rundschau",
    "kurier",
    "spiegel",
    "tidningen",
    "bladet",
    "posten",
    "nytt",
    "avisen",
    "lehti",
    "sanomat",
    "报",
    "報",
    "新闻",
    "新聞",
    "社",
    "网",
    "網",
    "刊",
    "志",
    "誌",
    "台",
    "テレビ",
    "放送",
    "通信",
    "时报",
    "時報",
];

/// Words of the names of publications, in lower case.
const PUBLICATION_WORDS: &str = "
    abendblatt advertiser affairs allgemeine almanac app archive archives broadcasting bulletin business cable
    channel chronicle chronicles computing correo courier culture daily data department diario dispatch editions
    engineering enquirer examiner expansión financial forum gazette gazeta gazzetta geographic guide health herald
    humanité independent inquirer insider intelligencer international jornal journal journalen kurier letters
    libération list magasin magazin magazine media medicine mensuel monde monthly mundo museum music national
    nationalist nature neue neues new news newsletter newspaper newswire nouvel nyheter observer occasional online
    opinion país papers periódico philosophy physics podcast political politics popular presse press prensa
    proceedings programme publishing quarterly radio realtor recorder register report reporter reports repubblica
    research review revista revue rolling science sciences scientific scotsman security show society sport sports
    stampa studies süddeutsche svenska tablet tageblatt tages tageszeitung tagesspiegel tech technica technology
    telegraaf telegraph television tidende tidskrift times today today's transcript transport tribune trouw tv union
    united universal vanguardia variety volkskrant weekend weekly wired woche zeit дня газета журнал новости
    известия время вести";

/// Words of the names of publications that are surnames as well, in lower case.
const COMMON_WORDS: &str = "
    age american american's argus atlantic aujourd'hui australian beobachter blog blogs book books british capital
    central critic cuadernos die digest echo economic economist el evening express fakt figaro films focus foreign
    frankfurter free future global globe guardian hacker herold home hour indian india irish kultur law life london
    mail mercury messenger mirror monitor morning patriot people point police post public radical record reforma
    screen sentinel sketch standard star states statesman story street sun sunday talk time trust voice voices wall
    watch web week welt wire wireless world правда труд";

/// Publications that are called as persons are, in lower case.
const PUBLICATIONS_LIKE_PERSONS: [&str; 9] = [
    "marie claire",
    "frankie",
    "brigitte",
    "elle",
    "grazia",
    "christian century",
    "christian today",
    "ada",
    "paul",
];

/// Given names, in lower case. Those that are places or common words as well, such as `Paris` and `Will`, are not here.
const GIVEN_NAMES: &str = "
    aaron abdul abdullah abigail adam adela adele adrian agata agnes agnieszka ahmad ahmed aiko aisha akira alain alan albert alberto
    alejandra alejandro aleksander alena alessandro alex alexander alexandra alexandre alexei alexis alfred alfredo ali alice alicia
    alina alison allison álvaro amanda amelia amelie amina amir amit amy ana anastasia anders andrea andreas andreea andrei
    andrés andrew andrey andrzej andy angela angelika angelo anita anja anke ann anna annabel anne annette annie annika anthony
    anton antonia antonio antti anusha april arjun arne arnold arthur arturo astrid åsa audrey axel ayşe barbara bart bartosz
    bastian beata beatrice beatriz ben benjamin benoît bernadette bernard bernd bertrand betty bianca birgit bjørn björn bob bogdan boris
    brenda brian bridget bruce bruno camila camille carla carlo carlos carmen carol carole caroline carolyn catalina caterina
    catherine cecilia cédric céline chantal charles charlotte chiara chloe chloé chris christa christiane christina christine
    christoph christophe christopher claire clara claude claudia claudio claus clemens colin concepción connor constanze cornelia craig
    cristian cristina cynthia damien dan daniel daniela daniele daniil danielle dariusz dave david deborah delphine denis denise dennis
    derek diane dick didier diego dieter dimitri dina dirk dmitri dmitry dolores dominik dominique donald donna dorothea dorothy doug
    douglas ebba eberhard eddie edgar edith eduardo edward eileen einar elena eleanor eleni elisa elisabeth eliza elizabeth elke ella
    ellen elsa emanuel emil emilia emilie émilie emily emma emmanuel emre enrico enrique eric erica erik erika erin ernest ernesto ernst
    esteban esther eugene eva evelyn fabian fabio fatima federica federico felipe felix ferdinand fernando filip fiona flavia
    francesca francesco francine francisca francisco françois françoise frank franz fred freddie frederic frédéric frederick frederik
    friedrich fritz gabriel gabriela gabriele gareth gary gavin geert geoff geoffrey george georg georges gerald gérard gerd gerhard
    gertrude gianni giorgio giovanni giulia giuseppe gloria gonzalo gordon graham greg gregor gregory greta grzegorz guido guillaume
    guillermo gunnar günter gustav hana hannah hanna hannes hans harald haruki harold harriet harry hassan heather hector heidi heike
    heinrich heinz helen helena helene hélène helga helmut hendrik henning henri henrik henrike henry herbert hermann hilda hiroshi holger
    holly howard hubert hugo hugh ian ibrahim idris ignacio igor ilaria ilse ilya inês inga inge ingeborg ingrid irene irina iris isabel isabella isabelle
    ivan iwona jaakko jack jackie jacob jacqueline jacques jakob jakub james jamie jan jana jane janet janina janine janne jaroslav
    jasmin jason javier jean jeanette jeanne jeff jeffrey jennifer jenny jens jeremy jérôme jerzy jessica jill jim jiří joachim joan
    joana joanna joanne jochen joe joel joelle johan johann johanna johannes john johnny jon jonas jonathan jörg jordi jorge josé josef
    joseph josh joshua joyce jozef juan juana juha juho judith julia julian juliane julie julien juliet jürgen justin justyna kai kaja
    kamila karel karen karin karina karl karla karolina karsten kasia katarina katarzyna kate katharina katherine kathleen kathrin kathryn kathy katie
    katja kay keiko keith ken kenji kenneth kerstin kevin khalid kim kirsten kjell klaus krystyna krzysztof kurt kyle lars larry laura
    lauren laurence laurent lea léa leah leila lena leon leonard leonie leonora leslie leticia lia liam lidia lila lilian lina linda lindsay
    linnea lisa lise liz lorenzo lorraine lothar lotte louis louisa louise luc luca lucas lucia lucía lucie lucille lucy ludwig luigi
    luis luisa luise lukas luke lutz lydia lynn maarten maciej magdalena magnus maja małgorzata manfred manuel manuela mara marc marcel
    marcello marcia marcin marco marcos marcus marek margaret margarita margarete margit margot maria maría mariam marian mariana marianne marie
    marina mario marion mariusz marjorie mark markus marlene marta martha martin martina martine mary maryam mateo mateusz mathias
    mathieu mathilde matteo matthew matthias matthieu matti matt maud maureen maurice mauricio max maxim maximilian megan mehmet melanie
    melissa michael michaela michał michel michela michele michelle miguel mikael mike mikhail mikko milan milena mirren mirjam miriam mirosław mohamed
    mohammad mohammed moira mona monica monika monique moritz muhammad mustafa nadia nadine nancy naomi natalia natalie natasha nathalie
    nathan neil nicholas nick nicola nicolas nicole nils nina nora norbert norma norman oleg olga oliver olivier olivia omar oscar oskar
    osman otto pablo pamela paola paolo pascal pat patrice patricia patrick patrik paula paulina pauline pavel pawel paweł pedro peggy penelope pekka per
    pete peter petr petra phil philip philipp philippe phillip phoebe pia pierre pilar piotr priya rachel rafael rainer ralf ralph ramón
    raphael raquel rashid rasmus raúl ravi raymond rebecca regina reinhard renate renata renaud rené ricardo riccardo richard rick rita
    robert roberta roberto robin rodrigo roger roland rolf roman ronald ronja rosa rosemary rosie ross roy rubén rudolf rupert russell
    ruth ryan sabine sabrina sally salvatore sam samantha samir samuel sandra sandrine sanjay sara sarah sascha scott sean sebastian
    sébastien seb sergei sergey sergio shane sharon sheila shirley sibylle siegfried sigrid silke silvia silvio simon simona simone
    simonetta sofia sofie sonia sonja sophia sophie søren stacey stefan stefania stefanie steffen stella stephan stephanie stéphane stéphanie stephen steve
    steven stig stuart sunil susan susana susanna susanne susie suzanne sven svenja svetlana sylvia sylvie tadeusz takashi tamara tanja tania
    tatiana ted teresa terry thea theodor theresa thérèse thierry thomas thorsten tiago tiina tim timo timothy tina tobias todd tom tomás
    tomasz tommaso tommy tone toni torsten tove tracy ulf uli ulla ulrich ulrike ursula uta ute uwe valentina valérie vanessa vera véronique
    veronika vicente vicky victor viktor viktoria vincent vincenzo viola virginie vivian vladimir volker walter waltraud wanda wendy werner wilfried
    wilhelm willem william wojciech wolf wolfgang xavier yann yannick yasmin yoko yolanda yuki yuri yusuf yves yvonne zbigniew zoe zoë zofia
    zuzana александр алексей анастасия анатолий андрей анна антон борис валентина василий вера виктор виктория владимир галина дарья
    денис дмитрий евгений екатерина елена иван игорь ирина константин ксения людмила максим мария марина михаил надежда наталья
    николай олег ольга павел пётр светлана сергей софья татьяна юлия юрий αλέξανδρος άννα βασίλης γιώργος γιάννης δημήτρης ελένη
    κώστας μαρία νίκος παναγιώτης σοφία";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_by_itself_whose_it_is() {
        for person in [
            "Jane Doe",
            "J. R. Smith",
            "J.R. Smith",
            "Jean-Pierre Petit",
            "Eva von der Aue",
            "John Q. Orde",
            "Dr. Orsolya Quill",
            "@jane",
            "Kessler M. Quill",
            "Orsolya Quill Jr.",
            "Samuel McKay",
            "Анна Роу",
            "Jane",
            "María de la Peña",
            "Jane Story",
            "Emily Post",
        ] {
            assert_eq!(kind_of_name(person), NameKind::Person, "{person}");
        }
        for publication in [
            "The Weekly",
            "Reuters",
            "BBC World",
            "Harper’s Bazaar",
            "TechCrunch",
            "Le Matin",
            "Foreign Affairs",
            "20 Minutes",
            "paper.example",
            "Neue Wochenzeitung",
            "Ferry & Sons",
            "Marie Claire",
            "人民日报",
            "Orte",
            "Dagens Bladet",
            "University of Example",
            "Jane Austen Society",
            "Jane Magazine",
            "the desk",
        ] {
            assert_eq!(kind_of_name(publication), NameKind::Publication, "{publication}");
        }
        for unclear in ["Orsolya Quill", "Rock Paper Shotgun", "Daring Fireball", "张三", "Quill van Orde"]
        {
            assert_eq!(kind_of_name(unclear), NameKind::Unclear, "{unclear}");
        }
    }
}
