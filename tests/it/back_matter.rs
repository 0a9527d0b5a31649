//! Editing back matter files: what is put in is read back, and what a person wrote stays.

use backmatter::internals::config::{Author, Config};
use backmatter::internals::date::Date;
use backmatter::internals::linkback::back_matter::edit::BackMatterEditor;
use backmatter::internals::linkback::{Linkback, LinkbackKind, Relation, back_matter};
use backmatter::internals::path::SourcePath;

use crate::dice::Dice;

fn config() -> Config {
    Config::parse("base_url = 'https://e.org'\ntimezone = 'Europe/Stockholm'").0
}

fn path() -> SourcePath {
    SourcePath::new("content/a.backmatter.toml").expect("it is a path")
}

fn linkback(source: &str, day: u32) -> Linkback {
    Linkback {
        id: format!("id{day}"),
        kind: LinkbackKind::Webmention,
        relation: Relation::Mention,
        source: source.to_owned(),
        title: String::new(),
        site: String::new(),
        author: None,
        excerpt: String::new(),
        content: String::new(),
        published: None,
        received: Date::of_day(2026, 11, day, chrono_tz::Europe::Stockholm),
        parent: None,
        anchor: None,
    }
}

/// The text after an edit; empty if no file is needed any more.
#[track_caller]
fn edited(text: &str, edit: impl FnOnce(&mut BackMatterEditor<'_>)) -> String {
    let config = config();
    let mut editor =
        BackMatterEditor::open(&path(), text, &config).unwrap_or_else(|faults| panic!("{faults:#?}"));
    edit(&mut editor);
    editor.finish().unwrap_or_else(|faults| panic!("{faults:#?}")).unwrap_or_default()
}

#[test]
fn a_new_file_has_each_value_in_its_place() {
    let full = Linkback {
        kind: LinkbackKind::Pingback,
        relation: Relation::Reply,
        title: "On \"being\" answered".to_owned(),
        site: "Low Stairs".to_owned(),
        author: Some(Author {
            name: "Mirren".to_owned(),
            url: Some("https://low.example/".to_owned()),
            ..Author::default()
        }),
        excerpt: "the landing is mine".to_owned(),
        content: String::new(),
        published: Date::parse("2026-11-12T22:32:00Z", chrono_tz::Europe::Stockholm).ok(),
        ..linkback("https://low.example/answered/", 13)
    };
    let text = edited("", |editor| {
        editor.put(&full);
    });
    assert_eq!(
        text,
        r#"[[linkback]]
id = "id13"
kind = "pingback"
type = "reply"
source = "https://low.example/answered/"
title = 'On "being" answered'
site = "Low Stairs"
author = { name = "Mirren", url = "https://low.example/" }
excerpt = "the landing is mine"
published = 2026-11-12T23:32:00+01:00
received = 2026-11-13
"#
    );
}

/// A file of a person with opinions.
const BY_HAND: &str = r#"# Answers to the post about stairs.
# Written by hand.

# The first one.
[[linkback]]
kind = 'pingback'   # really
source = 'https://b.example/'
excerpt = """two
# lines"""
received = 2026-11-10T10:00:00+01:00

[[linkback]]
id = "keep"
kind = "webmention"
source = "https://d.example/"
title = "D"
received = 2026-11-20T10:00:00+01:00
[linkback.author]
name = "Dee" # her name
# that was D

# That is all.
"#;

#[test]
fn comments_and_spelling_stay_where_they_were() {
    let text = edited(BY_HAND, |editor| {
        editor.put(&linkback("https://c.example/", 15));
        editor.put(&linkback("https://a.example/", 5));
    });
    let expected = BY_HAND
        .replace(
            "# The first one.",
            "[[linkback]]\nid = \"id5\"\nkind = \"webmention\"\nsource = \"https://a.example/\"\nreceived = 2026-11-05\n\n# The first one.",
        )
        .replace(
            "[[linkback]]\nid = \"keep\"",
            "[[linkback]]\nid = \"id15\"\nkind = \"webmention\"\nsource = \"https://c.example/\"\nreceived = 2026-11-15\n\n[[linkback]]\nid = \"keep\"",
        );
    assert_eq!(text, expected);
    let back = edited(&text, |editor| {
        assert!(editor.remove("https://a.example/"));
        assert!(editor.remove("https://c.example/"));
        assert!(!editor.remove("https://c.example/"));
    });
    assert_eq!(back, BY_HAND);
}

#[test]
fn answers_to_what_is_removed_answer_what_that_answered() {
    let entry = |id: &str, parent: &str| {
        format!(
            "[[linkback]]\nid = \"{id}\" # his\nkind = \"comment\"\ncontent = \"x\"\nreceived = 2026-11-05\n{parent}"
        )
    };
    let answers = |parent: &str| {
        ["c", "d"].map(|id| entry(id, parent)).join("\n").replace(parent, &format!("{parent}\n"))
    };
    let text = [entry("a", ""), entry("b", "parent = \"a\"\n"), answers("parent = \"b\" # two")].join("\n");
    let up = edited(&text, |editor| assert!(editor.remove_comment("b")));
    assert_eq!(up, [entry("a", ""), answers("parent = \"a\" # two")].join("\n"));
    let alone = edited(&up, |editor| assert!(editor.remove_comment("a")));
    assert_eq!(alone, ["c", "d"].map(|id| entry(id, "")).join("\n"));
}

#[test]
fn a_changed_entry_keeps_its_id_and_what_did_not_change() {
    let text = edited(BY_HAND, |editor| {
        let dee = Author { name: "Dee".to_owned(), ..Author::default() };
        let received = Date::parse("2026-11-20T10:00:00+01:00", chrono_tz::Europe::Stockholm).ok();
        let new = Linkback {
            title: "D, again".to_owned(),
            author: Some(dee),
            received,
            ..linkback("https://d.example/", 20)
        };
        assert_eq!(editor.put(&new), "keep");
    });
    assert_eq!(text, BY_HAND.replace("title = \"D\"", "title = \"D, again\""));
}

#[test]
fn an_entry_without_an_id_keeps_the_one_it_had_on_the_page() {
    let config = config();
    let (before, _) = back_matter::read::parse(&path(), BY_HAND, &config);
    let text = edited(BY_HAND, |editor| {
        editor.put(&Linkback { kind: LinkbackKind::Pingback, ..linkback("https://b.example/", 10) });
    });
    let (after, faults) = back_matter::read::parse(&path(), &text, &config);
    assert_eq!(faults, []);
    assert_eq!(after[0].id, before[0].id);
    assert_eq!(after[0].excerpt, "");
    assert!(text.contains("kind = 'pingback'   # really\n"), "{text}");
}

#[test]
fn two_sources_never_share_an_id() {
    let mut ids = Vec::new();
    let text = edited("", |editor| {
        for source in ["https://a.example/", "https://b.example/", "https://c.example/"] {
            ids.push(editor.put(&linkback(source, 3)));
        }
    });
    let (linkbacks, faults) = back_matter::read::parse(&path(), &text, &config());
    assert_eq!((linkbacks.len(), faults), (3, Vec::new()));
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 3);
}

#[test]
fn a_moment_is_written_to_the_second() {
    let moment = chrono::DateTime::from_timestamp_millis(1_800_000_000_123).expect("it is a moment");
    let received = Some(Date::of_moment(moment, chrono_tz::Europe::Stockholm));
    let text = edited("", |editor| {
        editor.put(&Linkback { received, ..linkback("https://a.example/", 5) });
    });
    assert!(text.ends_with("received = 2027-01-15T09:00:00+01:00\n"), "{text}");
}

#[test]
fn the_last_entry_takes_the_file_with_it_unless_somebody_wrote_in_it() {
    let alone = edited("", |editor| {
        editor.put(&linkback("https://a.example/", 5));
    });
    let remove = |editor: &mut BackMatterEditor<'_>| assert!(editor.remove("https://a.example/"));
    assert_eq!(edited(&alone, remove), "");
    assert_eq!(edited(&format!("# Mine.\n\n{alone}"), remove), "# Mine.\n");
}

#[test]
fn lines_end_as_they_did() {
    let windows = "# Mine.\r\n\r\n[[linkback]]\r\nid = \"a\"\r\nkind = \"webmention\" # x\r\nsource = \"https://a.example/\"\r\ntitle = \"A\"\r\n";
    let text = edited(windows, |editor| {
        editor.put(&Linkback { title: "B".to_owned(), received: None, ..linkback("https://a.example/", 1) });
    });
    assert_eq!(text.trim_end(), windows.replace("title = \"A\"", "title = \"B\"").trim_end());
}

#[track_caller]
fn refused(text: &str, message: &str) {
    let config = config();
    let faults = BackMatterEditor::open(&path(), text, &config).err().unwrap_or_default();
    assert_eq!(faults.first().map(|fault| fault.message.as_str()), Some(message));
}

#[test]
fn a_file_that_cannot_be_read_is_not_touched() {
    refused("[[linkback]]\nkind = 'pingbak'\n", "there is no kind `pingbak`");
    refused("[[linkback\n", "unclosed array table, expected `]]`");
    refused(
        "linkback = [{ kind = 'comment', excerpt = 'x' }]\n",
        "the linkbacks of this file stand in one list",
    );
    refused("linkback = []\n", "the linkbacks of this file stand in one list");
}

const WORDS: [&str; 12] = [
    "plain",
    "\"quoted\"",
    "it's",
    "back\\slash",
    "[[linkback]]",
    "# no comment",
    "\u{202e}rtl",
    "ü",
    "line\nbreak",
    "'''",
    "\"\"\"",
    "\u{7f}\u{1}",
];

fn text(dice: &mut Dice) -> String {
    (0..dice.below(4)).map(|_| *dice.pick(&WORDS)).collect::<Vec<_>>().join(" ")
}

fn any(dice: &mut Dice, sources: usize) -> Linkback {
    let source = format!("https://{}.example/?q=\"'", dice.below(sources));
    let day = u32::try_from(1 + dice.below(28)).expect("it is a day");
    let author = (!dice.once_in(3)).then(|| Author {
        name: text(dice),
        url: dice.once_in(2).then(|| format!("https://{}.example/me", dice.below(9))),
        photo: None,
        email: dice.once_in(5).then(|| text(dice)),
    });
    Linkback {
        id: format!("{:x}", dice.below(40)),
        kind: LinkbackKind::ALL[dice.below(3)].1,
        relation: dice.pick(&Relation::ALL).1,
        title: text(dice),
        site: text(dice),
        author,
        excerpt: text(dice),
        content: String::new(),
        published: Date::of_day(2025, 3, day, chrono_tz::Europe::Stockholm).filter(|_| dice.once_in(2)),
        ..linkback(&source, day)
    }
}

/// What a linkback says, without the id, which the file may know better.
fn said(linkback: &Linkback) -> String {
    let trimmed = |text: &str| text.trim().to_owned();
    let author = linkback.author.as_ref().map(|author| Author {
        name: trimmed(&author.name),
        email: author.email.as_deref().map(trimmed).filter(|email| !email.is_empty()),
        ..author.clone()
    });
    let plain = Linkback {
        id: String::new(),
        title: trimmed(&linkback.title),
        site: trimmed(&linkback.site),
        excerpt: trimmed(&linkback.excerpt),
        author: author.filter(|author| *author != Author::default()),
        ..linkback.clone()
    };
    format!("{plain:?}")
}

#[test]
fn whatever_is_put_in_and_taken_out_is_what_the_file_says() {
    for seed in 0..200 {
        let mut dice = Dice::new(seed);
        let mut text = String::from("# Kept above.\n\n# Kept below.\n");
        let mut expected: Vec<Linkback> = Vec::new();
        for step in 0..12 {
            let new = any(&mut dice, 8);
            let removes = dice.once_in(4);
            text = edited(&text, |editor| {
                if removes {
                    editor.remove(&new.source);
                } else {
                    editor.put(&new);
                }
            });
            expected.retain(|known| known.source != new.source);
            if !removes {
                expected.push(new);
            }
            let (found, faults) = back_matter::read::parse(&path(), &text, &config());
            assert_eq!(faults, [], "seed {seed}, step {step}:\n{text}");
            let mut found: Vec<_> = found.iter().map(said).collect();
            let mut wanted: Vec<_> = expected.iter().map(said).collect();
            found.sort_unstable();
            wanted.sort_unstable();
            assert_eq!(found, wanted, "seed {seed}, step {step}:\n{text}");
            assert!(
                text.starts_with("# Kept above.\n") && text.contains("# Kept below."),
                "seed {seed}:\n{text}"
            );
        }
    }
}
