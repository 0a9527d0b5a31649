//! Whatever a file holds, reading it ends with values or faults, never with a panic.
//!
//! The texts are drawn from seeds: random bytes, and good texts with pieces cut out, doubled, swapped and
//! replaced by what parsers find hard.

use std::panic::{AssertUnwindSafe, catch_unwind};

use backmatter::internals::config::Config;
use backmatter::internals::date::reader::DateReader;
use backmatter::internals::linkback::back_matter;
use backmatter::internals::path::SourcePath;
use backmatter::internals::post;
use backmatter::internals::post::attribution::{self, AttributionLine, LineSpan, LineSpanKind};
use backmatter::internals::post::quote;
use backmatter::internals::post::text_fragment;

use crate::dice::Dice;
use crate::site_test::{SiteTest, put};

const POST: &str = r#"+++
title = "Zwei Berichte: \"eins\" & zwei"
date = 2016-12-15T22:32:00+01:00
updated = "2016-12-16"
slug = "zwei-berichte"
path = "/2016/12/zwei/"
aliases = ["/alt/", "old.html"]
tags = ["Räte", "C++"]
categories = ["News"]
series = "Tour"
summary = "Some *words*"
author = { name = "Jane", url = "https://jane.example/" }
lang = "de"
image = "map.png"
[[quotes]]
id = "lib"
url = "https://example.com/lib"
title = "Library"
published = 2016-12-14
text = "Words […] of the *report*"
[extra]
toc = true
+++
First paragraph with “quotes” -- and $x^2 < 3$, ~~gone~~ [a link](other.md#part "Title") and `code`.[^1]

<!-- more -->

## Überschrift {#own .class}

> The council voted 7–2 on Tuesday. […] "We had no choice," said the leader.
>
> > nested
>
> — Jane Doe, [Library to close](https://example.com/lib?a=b&c), *The Example*, March 4, 2026 (via [X](https://x.example/)) (lang: en) (archived 2026-03-05)

{@lib}

> words
>
> — @lib

> [!WARNING]
> An alert

| a | b |
|:--|--:|
| 1 | $\frac{1}{2}$ |

- [x] done
  1. deep
- [ ] not

Term
: Definition

```rust hl_lines=1-3 linenos name="a.rs"
fn main() { println!("{{ x }}"); }
```

$$
\sum_{i=1}^{n} x_i
$$

![Alt *text*](map.png "A title")

<div id="raw" data-x='1'><a href=/x name=y>raw</a></div>

[^1]: A note with **more** words.
"#;

const YAML_POST: &str = "---\ntitle: \"A: b\"\ndate: 2016-12-15 22:32\ntags:\n  - x\n  - 2016\nextra: {a: [1, 2.5, null, true]}\nquotes:\n  - id: lib\n    text: |\n      Words\n      and more\nsummary: >-\n  folded\n  text\n---\nBody.\n";

const SETTINGS: &str = r#"title = "Blog"
base_url = "https://example.com/blog/"
language = "pt-BR"
timezone = "Europe/Stockholm"
author = { name = "Jane", email = "jane@example.com" }
permalink = "/:year/:month/:slug.html"
paginate = 7
[paths]
tags = "/t/"
[feed]
limit = 3
[markdown]
math = false
[highlight]
budget_ms = 1_000
[linkbacks]
pingback = "https://example.com/pingback"
[[menu]]
name = "About"
url = "/about/"
[theme_options]
accent = 0x1c
[extra]
deep = [[1, 2], { a = 1979-05-27T07:32:00Z }]
"#;

const BACK_MATTER: &str = r#"[[linkback]]
id = "3f2a9c01"
kind = "pingback"
type = "mention"
source = "https://example.com/2016/12/news/"
title = "News of the week"
author = { name = "Ann", url = "javascript:alert(1)" }
excerpt = """words
around"""
published = "2016-12-18T22:32:00+01:00"
received = 2016-12-18T22:32:00+01:00
parent = "x"
"#;

/// What parsers find hard.
const HARD: [&str; 46] = [
    "\0",
    "\u{feff}",
    "\u{2028}",
    "\u{202e}",
    "\u{0301}",
    "é",
    "日本語",
    "🦀👩‍💻",
    "\r",
    "\r\n",
    "\t",
    "\"\"\"",
    "'''",
    "+++\n",
    "---\n",
    "...\n",
    "[[",
    "]]",
    "{{ x }}",
    "{% if %}",
    "${",
    "$$",
    "$",
    "\\",
    "`",
    "```",
    "~~~",
    "> ",
    ">\n>\n> — ",
    "—",
    "--",
    "(via ",
    "[…]",
    "[^1]",
    "[^1]: ",
    "{@",
    "{@lib}",
    "<!--",
    "-->",
    "<a href='",
    "%zz",
    "&#x110000;",
    "9999-99-99",
    "99999999999999999999",
    "&x *x",
    "|\n|-\n",
];

fn mutated(text: &str, dice: &mut Dice) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for _ in 0..=dice.below(4) {
        let at = dice.below(chars.len() + 1);
        let end = (at + dice.below(60)).min(chars.len());
        match dice.below(6) {
            0 => {
                chars.drain(at..end);
            }
            1 => {
                let piece: Vec<char> = chars[at..end].to_vec();
                for _ in 0..=dice.below(20) {
                    chars.splice(at..at, piece.iter().copied());
                }
            }
            2 => chars.truncate(at),
            3 => {
                let to = dice.below(chars.len() + 1);
                let piece: Vec<char> = chars[at..end].to_vec();
                chars.splice(to..to, piece);
            }
            4 => {
                let hard = *dice.pick(&HARD);
                let repeated = if dice.once_in(8) { 300 } else { 1 };
                chars.splice(at..at, hard.repeat(repeated).chars());
            }
            _ => {
                let hard = *dice.pick(&HARD);
                chars.splice(at..end, hard.chars());
            }
        }
    }
    chars.into_iter().collect()
}

fn random_text(dice: &mut Dice) -> String {
    let pieces = (0..dice.below(60)).map(|_| match dice.below(3) {
        0 => (*dice.pick(&HARD)).to_owned(),
        1 => char::from_u32(dice.below(0x11_0000) as u32).map(String::from).unwrap_or_default(),
        _ => char::from(b' ' + dice.below(95) as u8).to_string(),
    });
    pieces.collect()
}

/// Calls `read` with texts that are good texts gone bad, and with texts that never were good.
pub(crate) fn never_panics(rounds: u64, good: &[&str], read: impl Fn(&str)) {
    for seed in 0..rounds {
        let mut dice = Dice::new(seed);
        let start = good[dice.below(good.len())];
        let text = if dice.once_in(5) { random_text(&mut dice) } else { mutated(start, &mut dice) };
        if catch_unwind(AssertUnwindSafe(|| read(&text))).is_err() {
            panic!("seed {seed} panicked with {text:?}");
        }
    }
}

fn source_path(path: &str) -> SourcePath {
    SourcePath::new(path).expect("it is a path")
}

fn config() -> Config {
    Config::parse("base_url = \"https://example.com/blog\"\ntimezone = \"Europe/Stockholm\"\n").0
}

#[test]
fn posts() {
    let config = config();
    let paths = [
        source_path("content/2016/a.md"),
        source_path("content/2016-12-15-é.md"),
        source_path("content/pages/x/index.md"),
    ];
    never_panics(2500, &[POST, YAML_POST], |text| {
        let path = &paths[text.len() % paths.len()];
        let parsed = post::parse(path, text, &config);
        if let Some((post, body)) = parsed.post {
            assert!(body.holes.iter().all(|hole| body.html.is_char_boundary(hole.at)));
            assert!(body.holes.is_sorted_by_key(|hole| hole.at), "holes stand in order");
            let _ = post.label();
        }
    });
}

#[test]
fn bytes_that_are_no_text() {
    for seed in 0..3000 {
        let mut dice = Dice::new(seed);
        let mut bytes = mutated(POST, &mut dice).into_bytes();
        for _ in 0..dice.below(6) {
            let at = dice.below(bytes.len().max(1)).min(bytes.len());
            bytes.insert(at, dice.below(256) as u8);
        }
        let path = source_path("content/a.md");
        let outcome =
            catch_unwind(|| post::text_of(&path, &bytes).map(str::len).map_err(|fault| fault.message));
        match outcome {
            Ok(Ok(len)) => assert!(len == bytes.len() && !bytes.contains(&0)),
            Ok(Err(message)) => assert!(message.starts_with("this is not "), "{message}"),
            Err(_) => panic!("seed {seed} panicked with {bytes:?}"),
        }
    }
}

#[test]
fn settings() {
    never_panics(2000, &[SETTINGS], |text| {
        let (config, _) = Config::parse(text);
        let _ = (config.base_path(), config.origin(), config.host());
    });
}

#[test]
fn back_matter_files() {
    let config = config();
    let path = source_path("content/a.backmatter.toml");
    never_panics(2000, &[BACK_MATTER], |text| {
        let (linkbacks, _) = back_matter::read::parse(&path, text, &config);
        assert!(linkbacks.is_sorted_by_key(|linkback| linkback.date()));
    });
}

#[test]
fn attributions_and_text_fragments() {
    const GOOD: [&str; 3] = [
        "— Jane Doe, “Library” (via X) (lang: de), 4 March 2026 – https://e.example/x, »P«",
        "The council voted 7–2 on Tuesday […] to close [the library] … \"We had no choice,\" said the leader.",
        "— @lib",
    ];
    let dates = DateReader::of("de");
    never_panics(1000, &GOOD, |text| {
        let _ = (quote::cited_id(text), quote::placed_id(text));
        let half = (0..=text.len() / 2).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let quarter = (0..=half / 2).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let spans = vec![
            LineSpan { range: 0..quarter, kind: LineSpanKind::Emphasis },
            LineSpan { range: quarter..half, kind: LineSpanKind::Link { url: text.to_owned() } },
            LineSpan { range: half..text.len(), kind: LineSpanKind::Emphasis },
        ];
        for spans in [Vec::new(), spans] {
            let line = AttributionLine { text: text.to_owned(), spans };
            let reading = attribution::read(&line, &dates);
            let ranges = reading.marks.iter().map(|mark| &mark.range);
            for range in ranges.chain(reading.unread.iter().map(|unread| &unread.range)) {
                assert!(text.get(range.clone()).is_some(), "{range:?} of {text}");
            }
        }
        let paragraphs: Vec<String> = text.lines().map(str::to_owned).collect();
        let fragment = text_fragment::text_fragment(&paragraphs, Some("fr"));
        assert!(fragment.is_empty() || fragment.starts_with("#:~:text="), "{fragment}");
        assert!(fragment.is_ascii() && !fragment.contains([' ', '"', '<', '>']), "{fragment}");
    });
}

/// Deep nesting is met by a stack that ends, and with it the process; so this asks the program itself.
#[test]
fn deep_nesting() {
    let site = SiteTest::new("");
    let mut number = 0;
    let mut write = |text: String| {
        number += 1;
        put(&site.path(&format!("content/deep-{number}.md")), text.as_bytes());
    };
    for piece in [
        "> ",
        "- ",
        "[",
        "*",
        "**a ",
        "((",
        "<b>",
        "`",
        "$",
        "![",
        "1. ",
        "[^a]",
        "{@",
        "| ",
        "> [!NOTE]\n> ",
    ] {
        write(format!("+++\ntitle = \"x\"\ndate = 2016-01-01\n+++\n{}words\n", piece.repeat(5000)));
    }
    for piece in ["[", "{a=", "[[", "- ", "? ", "{"] {
        write(format!("+++\nextra = {{ a = {} }}\n+++\n", piece.repeat(5000)));
        write(format!("---\nextra: {}\n---\n", piece.repeat(5000)));
    }
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_backmatter"))
        .args(["build", "--root"])
        .arg(site.root())
        .output()
        .expect("the program runs");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "it ends with faults of files: {stderr}");
}
