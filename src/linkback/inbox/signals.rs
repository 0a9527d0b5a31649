//! Why a linkback is held: what speaks for it and what against, so that a person can decide at a glance.
//!
//! Nothing here refuses a linkback by itself. `weigh` gathers the reasons, [`confidence`] sorts by them, and
//! [`verdict`] says whether a person has to decide at all.

use std::collections::{BTreeSet, HashSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation;

use crate::hash::Hash;
use crate::linkback::inbox::state::Mention;
use crate::linkback::inbox::trust::{self, TrustKey};

/// One thing that speaks for a linkback or against it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "reason", content = "about")]
pub enum ModerationSignal {
    /// Its site or author is trusted.
    Trusted(String),
    /// You link to its site yourself.
    Friend(String),
    /// The number of linkbacks from its site that were approved before.
    ApprovedBefore(usize),
    /// None of its site's was approved before.
    UnknownHost(String),
    /// Its site is known, its author is not.
    FirstTimeAuthor(String),
    /// Many write on its site.
    SharedHost(String),
    /// Its site has no name, only a number.
    NumberedHost(String),
    /// The number of linkbacks from its site that were rejected or spam.
    RejectedBefore(usize),
    /// The number of linkbacks from its site within a day.
    Flood(usize),
    /// The link is in a part of the page that holds the same links for every visitor.
    Boilerplate(String),
    /// The link cannot be seen by a reader.
    Hidden,
    /// The percentage of the words that are copied from the post.
    Copied(usize),
    /// The number of links on the page.
    ManyLinks(usize),
    /// It has a word that is on the list of the settings.
    Word(String),
    /// It has a word that is on the built-in list.
    BuiltInWord(String),
    /// A trackback that was sent by another machine than its page's.
    OtherSender,
    NoAuthor,
    /// Its text had invisible marks that change the order of letters; they were taken out.
    InvisibleMarks,
    /// You approved it with other words.
    OtherWords,
}

/// What is known of a linkback and where it comes from.
#[derive(Debug, Clone, Default)]
pub(crate) struct Evidence<'a> {
    /// The page that links.
    pub source: &'a str,
    /// What would be shown of it.
    pub words: Option<&'a Mention>,
    /// The text of the page.
    pub text: &'a str,
    /// The text of the post.
    pub own_text: &'a str,
    /// Links on the page.
    pub links: usize,
    /// The part of the page the link is in, if that holds the same links for every visitor: `footer`, `nav`.
    pub boilerplate: Option<&'a str>,
    /// Whether the link can be seen.
    pub is_hidden: bool,
    /// Whether it is a trackback that another machine sent than its page's.
    pub other_sender: bool,
    /// Whether an approved one has these words now instead of its own.
    pub is_changed: bool,
    /// What became of earlier ones.
    pub past: SourceHistory,
}

/// What became of earlier linkbacks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SourceHistory {
    /// Approved, from the same host.
    pub approved_of_host: usize,
    /// Approved, from the same author, where a host has several.
    pub approved_of_key: usize,
    /// Rejected or spam, from the same host.
    pub rejected_of_host: usize,
    /// Of the last day, from the same host.
    pub recent_of_host: usize,
}

/// What the site's author has said once and for all.
#[derive(Debug, Clone, Default)]
pub(crate) struct TrustRules {
    /// Sites and authors whose linkbacks are approved.
    pub allow: BTreeSet<TrustKey>,
    /// Those whose linkbacks are refused.
    pub block: BTreeSet<TrustKey>,
    /// The sites and authors that the site's posts link to.
    pub friends: BTreeSet<TrustKey>,
    /// Words that speak against a linkback.
    pub words: Vec<String>,
}

impl TrustRules {
    fn has_built_in_words(&self) -> bool {
        self.words == WORDS
    }
}

/// What is to be done with a linkback whose link was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyDecision {
    /// It is approved: its site or author is trusted, and no grave signal speaks against it.
    Approve(Vec<ModerationSignal>),
    /// A person decides.
    Hold(Vec<ModerationSignal>),
    /// It is refused: this entry blocks its site or author.
    Refuse(TrustKey),
}

/// Words of trades that live on other people's pages, where a site has no list of its own.
pub(crate) const WORDS: [&str; 24] = [
    "backlinks",
    "betting",
    "binary options",
    "bitcoin doubler",
    "cam girls",
    "casino",
    "cialis",
    "escort",
    "essay writing service",
    "forex signals",
    "gambling",
    "guest post service",
    "jackpot",
    "levitra",
    "link building",
    "loan offer",
    "payday loan",
    "poker",
    "porn",
    "replica watches",
    "roulette",
    "seo services",
    "slot machine",
    "viagra",
];

/// A page with more links than this is a list of links, or worse.
const MANY_LINKS: usize = 200;

/// As many linkbacks from one host in a day are not conversation.
const FLOOD: usize = 5;

/// What is to be done with a linkback whose link was found.
pub(crate) fn verdict(facts: &Evidence<'_>, rules: &TrustRules) -> PolicyDecision {
    let author = facts.words.and_then(|words| words.author.as_ref()).and_then(|author| author.url.as_deref());
    if let Some(entry) = rules.block.iter().find(|entry| entry.covers(facts.source, author)) {
        return PolicyDecision::Refuse(entry.clone());
    }
    let key = TrustKey::of(facts.source, author);
    let trusted = key.as_ref().filter(|key| rules.allow.contains(key));
    let mut reasons = weigh(facts, rules, key.as_ref());
    let Some(trusted) = trusted else { return PolicyDecision::Hold(reasons) };
    reasons.retain(|reason| !reason.is_about_acquaintance());
    let is_grave = reasons.iter().any(|reason| reason.weight() <= GRAVE);
    reasons.insert(0, ModerationSignal::Trusted(trusted.to_string()));
    if is_grave { PolicyDecision::Hold(reasons) } else { PolicyDecision::Approve(reasons) }
}

/// The entry that blocks a page before it is fetched, if there is one.
pub(crate) fn blocked<'r>(source: &str, rules: &'r TrustRules) -> Option<&'r TrustKey> {
    rules.block.iter().find(|entry| entry.covers(source, None))
}

fn weigh(facts: &Evidence<'_>, rules: &TrustRules, key: Option<&TrustKey>) -> Vec<ModerationSignal> {
    let mut reasons = Vec::new();
    if let Some(host) = trust::host(facts.source) {
        reasons.extend(acquaintance(&host, facts, rules, key));
    }
    if facts.is_changed {
        reasons.push(ModerationSignal::OtherWords);
    }
    if facts.other_sender {
        reasons.push(ModerationSignal::OtherSender);
    }
    if facts.is_hidden {
        reasons.push(ModerationSignal::Hidden);
    }
    reasons.extend(facts.boilerplate.map(|place| ModerationSignal::Boilerplate(place.to_owned())));
    reasons.extend(copied(facts.own_text, facts.text).map(ModerationSignal::Copied));
    if facts.links > MANY_LINKS {
        reasons.push(ModerationSignal::ManyLinks(facts.links));
    }
    if let Some(words) = facts.words {
        let found = rules.words.iter().filter(|word| has_word(facts.source, words, word));
        let signal =
            if rules.has_built_in_words() { ModerationSignal::BuiltInWord } else { ModerationSignal::Word };
        reasons.extend(found.take(3).cloned().map(signal));
        if words.author.as_ref().is_none_or(|author| author.name.is_empty()) {
            reasons.push(ModerationSignal::NoAuthor);
        }
    }
    // What speaks against it is what a person should see first.
    reasons.sort_by_key(ModerationSignal::weight);
    reasons
}

fn acquaintance(
    host: &str,
    facts: &Evidence<'_>,
    rules: &TrustRules,
    key: Option<&TrustKey>,
) -> Vec<ModerationSignal> {
    let mut reasons = Vec::new();
    let past = facts.past;
    let is_shared = key.is_none_or(|key| key.as_str() != host) || trust::is_shared(facts.source);
    if trust::is_numbered(facts.source) {
        reasons.push(ModerationSignal::NumberedHost(host.to_owned()));
    }
    let approved = if is_shared { past.approved_of_key } else { past.approved_of_host };
    match (approved, key) {
        (0, Some(key)) if past.approved_of_host > 0 => {
            reasons.push(ModerationSignal::FirstTimeAuthor(key.to_string()))
        }
        (0, _) => reasons.push(ModerationSignal::UnknownHost(host.to_owned())),
        (count, _) => reasons.push(ModerationSignal::ApprovedBefore(count)),
    }
    if let Some(friend) = key.filter(|key| rules.friends.contains(key)) {
        reasons.push(ModerationSignal::Friend(friend.to_string()));
    }
    if is_shared {
        reasons.push(ModerationSignal::SharedHost(host.to_owned()));
    }
    if past.rejected_of_host > 0 && !is_shared {
        reasons.push(ModerationSignal::RejectedBefore(past.rejected_of_host));
    }
    if past.recent_of_host >= FLOOD && !is_shared {
        reasons.push(ModerationSignal::Flood(past.recent_of_host));
    }
    reasons
}

/// With a reason as heavy as this even a friend's linkback is looked at: their site may be in other hands.
const GRAVE: i32 = -20;

impl ModerationSignal {
    /// How much it speaks for a linkback; below 0, against it.
    pub fn weight(&self) -> i32 {
        match self {
            Self::Trusted(_) => 50,
            Self::Friend(_) => 30,
            Self::ApprovedBefore(count) => 20 + i32::try_from(*count).unwrap_or(20).min(20),
            Self::NoAuthor => -4,
            Self::SharedHost(_) => -5,
            Self::FirstTimeAuthor(_) => -6,
            Self::UnknownHost(_) => -10,
            Self::OtherWords => -12,
            Self::ManyLinks(_) => -20,
            Self::NumberedHost(_) => -20,
            Self::InvisibleMarks => -20,
            Self::RejectedBefore(count) => -20 - i32::try_from(*count).unwrap_or(20).min(20),
            Self::Boilerplate(_) => -25,
            Self::Flood(_) => -25,
            Self::OtherSender => -30,
            Self::Word(_) | Self::BuiltInWord(_) => -35,
            Self::Copied(_) => -35,
            Self::Hidden => -40,
        }
    }

    /// Whether it only says that we have not met.
    fn is_about_acquaintance(&self) -> bool {
        matches!(self, Self::UnknownHost(_) | Self::FirstTimeAuthor(_) | Self::SharedHost(_) | Self::NoAuthor)
    }
}

/// How likely a linkback with these reasons is a person's answer, from 0 to 100.
pub(crate) fn confidence(reasons: &[ModerationSignal]) -> u8 {
    let sum: i32 = reasons.iter().map(ModerationSignal::weight).sum();
    u8::try_from((60 + sum).clamp(0, 100)).expect("it is at most 100")
}

impl fmt::Display for ModerationSignal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Trusted(key) => write!(f, "you trust `{key}`"),
            Self::Friend(host) => write!(f, "you link to `{host}` yourself"),
            Self::ApprovedBefore(1) => write!(f, "you approved one from there before"),
            Self::ApprovedBefore(count) => write!(f, "you approved {count} from there before"),
            Self::UnknownHost(host) => write!(f, "nothing from `{host}` was approved before"),
            Self::FirstTimeAuthor(key) => write!(f, "nothing by `{key}` was approved before"),
            Self::SharedHost(host) => write!(f, "many write on `{host}`, so trust is by author"),
            Self::NumberedHost(host) => write!(f, "its site has no name but a number, `{host}`"),
            Self::RejectedBefore(1) => write!(f, "you rejected one from there before"),
            Self::RejectedBefore(count) => write!(f, "you rejected {count} from there before"),
            Self::Flood(count) => write!(f, "{count} came from there within a day"),
            Self::Boilerplate(place) => write!(f, "the link stands in `{place}`, not in the text"),
            Self::Hidden => write!(f, "readers of the page cannot see the link"),
            Self::Copied(share) => write!(f, "{share} % of the words are copied from your post"),
            Self::ManyLinks(count) => write!(f, "the page has {count} links"),
            Self::Word(word) => write!(f, "it says `{word}`, which is on your list"),
            Self::BuiltInWord(word) => write!(f, "it says `{word}`, which is on the built-in list"),
            Self::OtherSender => write!(f, "it was not sent by the machine its page is on"),
            Self::NoAuthor => write!(f, "it names no author"),
            Self::InvisibleMarks => write!(f, "its text held invisible marks that reorder letters"),
            Self::OtherWords => write!(f, "its words changed after you approved it"),
        }
    }
}

/// The number of words in a row that both texts have in common when one is copied.
const SHINGLE: usize = 5;

/// A shorter post may be quoted as a whole.
const SHORTEST: usize = 60;

/// The percentage from which a page counts as a copy.
const COPY: usize = 40;

/// How many hundredths of a post stand on a page, or of a page's own words come from the post: the greater of the
/// two. `None` if it is not more than a quotation.
fn copied(post: &str, page: &str) -> Option<usize> {
    let (post, page) = (shingles(post), shingles(page));
    if post.len() < SHORTEST || page.is_empty() {
        return None;
    }
    let common = post.intersection(&page).count();
    let share = common * 100 / post.len().min(page.len());
    (share >= COPY && common >= SHORTEST / 2).then_some(share)
}

fn shingles(text: &str) -> HashSet<Hash> {
    let words: Vec<String> = text.unicode_words().map(str::to_lowercase).collect();
    words.windows(SHINGLE).map(|words| Hash::of(words.join(" ").as_bytes())).collect()
}

fn has_word(source: &str, words: &Mention, wanted: &str) -> bool {
    let author = words.author.as_ref().map_or("", |author| author.name.as_str());
    let wanted = folded(wanted);
    let texts = [source, &words.title, &words.site, author, &words.excerpt];
    !wanted.trim().is_empty() && texts.iter().any(|text| folded(text).contains(&wanted))
}

/// The words of a text in small letters, a space before and behind each.
fn folded(text: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.fold(" ".to_owned(), |folded, word| folded + &word.to_lowercase() + " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Author;
    use crate::linkback::Relation;

    const POST: &str = "The council met on Tuesday to talk about the stairs by the harbour which no one has \
        mended since the flood of the year before last. Nine of them are loose and one is missing. I went there \
        with a lamp and counted, twice, because the first count did not agree with what the council says. \
        There are forty steps and a landing. The landing is where people fall. I have fallen there myself, \
        and so has the postman, who no longer brings letters to the upper houses in winter or in rain.";

    fn words(excerpt: &str) -> Mention {
        Mention {
            relation: Relation::Mention,
            title: "News".to_owned(),
            site: "A".to_owned(),
            author: Some(Author { name: "Ann".to_owned(), ..Author::default() }),
            excerpt: excerpt.to_owned(),
            published: None,
            content: String::new(),
            parent: None,
        }
    }

    fn rules() -> TrustRules {
        let keys = |keys: &[&str]| keys.iter().filter_map(|key| TrustKey::written(key)).collect();
        TrustRules {
            allow: keys(&["friend.example", "medium.com/@ann"]),
            block: keys(&["spam.example", "medium.com/@bob"]),
            friends: keys(&["linked.example", "medium.com/@cat"]),
            words: WORDS.map(str::to_owned).to_vec(),
        }
    }

    #[track_caller]
    fn held(facts: Evidence<'_>, expected: &[&str]) {
        let words = words("words around the link");
        let facts = Evidence { words: facts.words.or(Some(&words)), own_text: POST, ..facts };
        let verdict = verdict(&facts, &rules());
        let PolicyDecision::Hold(reasons) = verdict else { panic!("{verdict:?}") };
        assert_eq!(reasons.iter().map(ModerationSignal::to_string).collect::<Vec<_>>(), expected);
    }

    fn from(source: &str) -> Evidence<'_> {
        Evidence { source, ..Evidence::default() }
    }

    #[test]
    fn a_stranger_is_held() {
        held(from("https://a.example/x"), &["nothing from `a.example` was approved before"]);
        held(
            from("https://www.linked.example/x"),
            &["nothing from `linked.example` was approved before", "you link to `linked.example` yourself"],
        );
        let past = SourceHistory { approved_of_host: 3, approved_of_key: 3, ..SourceHistory::default() };
        held(Evidence { past, ..from("https://a.example/x") }, &["you approved 3 from there before"]);
    }

    #[test]
    fn on_a_shared_host_the_author_counts() {
        let past = SourceHistory {
            approved_of_host: 3,
            rejected_of_host: 2,
            recent_of_host: 9,
            ..SourceHistory::default()
        };
        held(
            Evidence { past, ..from("https://medium.com/@eve/x") },
            &[
                "nothing by `medium.com/@eve` was approved before",
                "many write on `medium.com`, so trust is by author",
            ],
        );
        held(
            from("https://medium.com/@cat/x"),
            &[
                "nothing from `medium.com` was approved before",
                "many write on `medium.com`, so trust is by author",
                "you link to `medium.com/@cat` yourself",
            ],
        );
    }

    #[test]
    fn what_speaks_against_it_comes_first() {
        let past = SourceHistory { rejected_of_host: 1, recent_of_host: 7, ..SourceHistory::default() };
        let bad = words("the best Payday  Loan in town");
        held(
            Evidence {
                words: Some(&bad),
                is_hidden: true,
                other_sender: true,
                boilerplate: Some("footer"),
                links: 412,
                text: POST,
                past,
                ..from("http://192.0.2.7/x")
            },
            &[
                "readers of the page cannot see the link",
                "100 % of the words are copied from your post",
                "it says `payday loan`, which is on the built-in list",
                "it was not sent by the machine its page is on",
                "7 came from there within a day",
                "the link stands in `footer`, not in the text",
                "you rejected one from there before",
                "its site has no name but a number, `192.0.2.7`",
                "the page has 412 links",
                "nothing from `192.0.2.7` was approved before",
            ],
        );
    }

    #[test]
    fn a_friend_is_let_in_unless_something_grave_speaks_against_it() {
        let words = words("x");
        let facts = Evidence { words: Some(&words), own_text: POST, ..from("https://friend.example/x") };
        let trusted = ModerationSignal::Trusted("friend.example".to_owned());
        assert_eq!(verdict(&facts, &rules()), PolicyDecision::Approve(vec![trusted.clone()]));
        let hidden = Evidence { is_hidden: true, ..facts };
        assert_eq!(verdict(&hidden, &rules()), PolicyDecision::Hold(vec![trusted, ModerationSignal::Hidden]));
    }

    #[test]
    fn whoever_is_blocked_is_refused() {
        let refused = |source| verdict(&from(source), &rules());
        let key = |text| PolicyDecision::Refuse(TrustKey::written(text).unwrap());
        assert_eq!(refused("https://www.spam.example/x"), key("spam.example"));
        assert_eq!(refused("https://medium.com/@bob/x"), key("medium.com/@bob"));
        assert_eq!(blocked("https://medium.com/@bobby/x", &rules()), None);
    }

    #[test]
    fn a_copy_is_told_from_a_quotation() {
        let quoting =
            format!("{} What a place. {}", &POST[..120], "It reminds me of another one. ".repeat(40));
        assert_eq!(copied(POST, &quoting), None);
        let wrapped =
            format!("{} {POST} {}", "Home About Contact ".repeat(300), "More posts you may like ".repeat(50));
        assert_eq!(copied(POST, &wrapped), Some(100));
        assert_eq!(copied(&POST.repeat(20), &POST[..400]), Some(100));
        assert_eq!(copied("A short note.", "A short note."), None);
    }

    #[test]
    fn words_are_found_as_words() {
        let rules = |word: &str| TrustRules { words: vec![word.to_owned()], ..TrustRules::default() };
        let found = |word: &str, excerpt: &str| {
            let words = words(excerpt);
            let facts = Evidence { words: Some(&words), ..from("https://a.example/seo-services/x") };
            matches!(verdict(&facts, &rules(word)), PolicyDecision::Hold(reasons) if reasons.contains(&ModerationSignal::Word(word.to_owned())))
        };
        assert!(found("poker", "POKER!"));
        assert!(!found("poker", "pokers"));
        assert!(found("seo services", "in the address"));
        assert!(!found("", "anything"));
    }

    #[test]
    fn confidence_sorts_friends_from_strangers_from_spam() {
        let friend =
            confidence(&[ModerationSignal::Friend("a".to_owned()), ModerationSignal::ApprovedBefore(2)]);
        let stranger = confidence(&[ModerationSignal::UnknownHost("a".to_owned())]);
        let spam = confidence(&[
            ModerationSignal::UnknownHost("a".to_owned()),
            ModerationSignal::Word("poker".to_owned()),
            ModerationSignal::Flood(9),
        ]);
        assert_eq!((friend, stranger, spam), (100, 50, 0));
    }
}
