//! The index of the search page, read back as its format says: what is in it, what is not, and what a change writes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::site_test::SiteTest;

const BLOG: &str = r#"
-- backmatter.toml --
title = "A blog"
base_url = "https://blog.example"
[search]
enabled = true
-- content/2014/harbour.md --
+++
title = "The harbour"
date = 2014-05-06
tags = ["Night buses"]
+++
Boats leave at night, and boats come back. The Café is closed.

> Nobody counted the ferries.
>
> — Jane Doe, [A letter](https://gazette.example/a), *The Ferry Gazette*, 3 May 2014
-- content/2026/library.md --
+++
title = "図書館"
date = 2026-03-04
lang = "ja"
+++
東京都の図書館は月曜日に閉まる。
-- content/2026/swedish.md --
+++
title = "Om får"
date = 2026-03-05
lang = "sv"
+++
Fåret bor i Malmö.
-- content/pages/about.md --
+++
title = "About"
+++
Who writes here.
-- content/2026/draft.md --
+++
title = "Secretdraft"
date = 2026-03-06
draft = true
+++
Secretword.
-- content/2026/future.md --
+++
title = "Secretfuture"
date = 2036-03-06
+++
Secretword.
-- content/2026/expired.md --
+++
title = "Secretexpired"
date = 2026-03-06
expires = 2026-03-07
+++
Secretword.
-- content/2026/hidden.md --
+++
title = "Secrethidden"
date = 2026-03-06
password = "open"
+++
Secretword.
"#;

/// Reads bits, highest first.
struct Bits<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl Bits<'_> {
    fn bit(&mut self) -> usize {
        let bit = self.bytes[self.at / 8] >> (7 - self.at % 8) & 1;
        self.at += 1;
        usize::from(bit)
    }

    fn bits(&mut self, count: usize) -> usize {
        (0..count).fold(0, |value, _| value * 2 + self.bit())
    }

    fn gamma(&mut self) -> usize {
        let mut digits = 0;
        while self.bit() == 0 {
            digits += 1;
        }
        (1 << digits) + self.bits(digits)
    }

    fn rice(&mut self, k: usize) -> usize {
        let mut ones = 0;
        while self.bit() == 1 {
            ones += 1;
        }
        (ones << k) + self.bits(k)
    }
}

/// The titles of posts that have a term, with their impacts and the positions.
type Postings = BTreeMap<String, (usize, Vec<usize>)>;

/// All terms of a site.
fn index_of(site: &SiteTest) -> BTreeMap<String, Postings> {
    let folder = site.path("public/search");
    let mut index: BTreeMap<String, Postings> = BTreeMap::new();
    for segment in fs::read_dir(&folder).unwrap().flatten().filter(|entry| entry.path().is_dir()) {
        let read = |name: String| fs::read(segment.path().join(name)).ok();
        let documents = (0..).map_while(|number| read(format!("d{number}.json")));
        let titles: Vec<String> = documents
            .flat_map(|bytes| serde_json::from_slice::<Vec<Vec<Option<String>>>>(&bytes).unwrap())
            .map(|row| row[1].clone().unwrap())
            .collect();
        let (firsts, sizes): (String, Vec<usize>) =
            serde_json::from_slice(&read("index.json".to_owned()).unwrap()).unwrap();
        let mut first: Vec<u16> = Vec::new();
        let mut start = 0;
        for (number, (own, size)) in firsts.split(',').zip(&sizes).enumerate() {
            first.truncate(own[..1].chars().next().and_then(|digit| digit.to_digit(36)).unwrap() as usize);
            first.extend(own[1..].encode_utf16());
            let (first, size) = (&String::from_utf16(&first).unwrap(), size * 64);
            let shards = read(format!("t{}.bin", number / 24)).unwrap();
            let positions = read(format!("p{}.bin", number / 24)).unwrap();
            start = if number % 24 == 0 { 0 } else { start };
            let shard = &shards[start..start + size];
            start += size;
            let mut bits = Bits { bytes: shard, at: 0 };
            let terms = bits.gamma() - 1;
            let mut at = bits.gamma() - 1;
            let mut text: Vec<u16> = Vec::new();
            for term in 0..terms {
                text.truncate(bits.gamma() - 1);
                read_units(&mut bits, &mut text);
                let posts = bits.gamma();
                let size = bits.gamma() - 1;
                let mut places = Bits { bytes: &positions[at..at + size], at: 0 };
                at += size;
                let (k, position_k) = ((titles.len() / posts).max(1).ilog2() as usize, places.bits(5));
                let mut post = 0;
                let term_text = String::from_utf16(&text).unwrap();
                assert!(
                    term > 0 || term_text.starts_with(first),
                    "{term_text} is the first of shard {number}"
                );
                assert!(term_text >= *first, "{term_text} is behind the beginning of shard {number}");
                for nth in 0..posts {
                    post += bits.rice(k) + usize::from(nth > 0);
                    let impact = bits.bits(4);
                    let mut place = 0;
                    let own = (1..places.gamma()).map(|_| {
                        place += places.rice(position_k);
                        place
                    });
                    let own = own.collect();
                    let known = index.entry(term_text.clone()).or_default();
                    known.insert(titles[post].clone(), (impact, own));
                }
            }
        }
    }
    index
}

fn read_units(bits: &mut Bits<'_>, text: &mut Vec<u16>) {
    loop {
        let unit = match bits.bits(5) {
            26 => return,
            27 => 0x30 + bits.bits(4),
            28 => bits.bits(7),
            29 => bits.bits(16),
            30 => usize::from(text.last().copied().unwrap_or(0) & 0xff00) + bits.bits(8),
            letter => 0x61 + letter,
        };
        text.push(unit as u16);
    }
}

fn titles(index: &BTreeMap<String, Postings>, term: &str) -> Vec<String> {
    index.get(term).map_or_else(Vec::new, |postings| postings.keys().cloned().collect())
}

#[test]
fn the_index_has_the_words_of_each_part_of_a_post() {
    let mut site = SiteTest::new(BLOG);
    site.now("2026-03-10T12:00:00Z").build();
    let index = index_of(&site);
    for term in ["harbour", "boats", "cafe", "nobody", "doe", "ferry", "buses", "\u{1}tag:night buses"] {
        assert_eq!(titles(&index, term), ["The harbour"], "{term}");
    }
    for filter in ["from:gazette", "from:the ferry gazette", "from:gazette example", "is:quote", "year:2014"]
    {
        assert_eq!(titles(&index, &format!("\u{1}{filter}")), ["The harbour"], "{filter}");
    }
    assert_eq!(titles(&index, "writes"), ["About"]);
    for term in ["東京", "京都", "図書", "書館", "館"] {
        assert_eq!(titles(&index, term), ["図書館"], "{term}");
    }
    for term in ["får", "far", "malmö", "malmo"] {
        assert_eq!(titles(&index, term), ["Om får"], "{term}");
    }
    // A word counts more in a title than in a text, and more where it stands twice.
    let impact = |term: &str| index[term]["The harbour"].0;
    assert!(impact("harbour") > impact("boats") && impact("boats") > impact("leave"), "{index:?}");
    assert!(impact("leave") > impact("counted"), "quoted words weigh less");
    let places = |term: &str| index[term]["The harbour"].1.clone();
    assert_eq!(places("leave")[0], places("boats")[0] + 1);
    assert_eq!(places("boats").len(), 2);
}

#[test]
fn what_readers_cannot_see_is_not_in_the_index() {
    let mut site = SiteTest::new(BLOG);
    site.now("2026-03-10T12:00:00Z").build();
    let secret = |index: &BTreeMap<String, Postings>| {
        index.keys().filter(|term| term.contains("secret")).cloned().collect::<Vec<_>>()
    };
    assert_eq!(secret(&index_of(&site)), [""; 0]);
    // Nor where a preview shows it.
    let all = backmatter::internals::site::order::Selection { drafts: true, future: true, expired: true };
    site.selection(all).build();
    assert_eq!(secret(&index_of(&site)), [""; 0]);
}

#[test]
fn a_changed_text_writes_the_files_of_its_segment_only() {
    let mut site = SiteTest::new(BLOG);
    site.now("2026-03-10T12:00:00Z").build();
    site.edit("content/2026/swedish.md", "Fåret bor", "Lammet bor").build();
    let written: BTreeSet<&str> =
        site.rendered_now().into_iter().filter(|path| path.starts_with("search/")).collect();
    let expected =
        ["search/index.html", "search/2026-03/index.json", "search/2026-03/p0.bin", "search/2026-03/t0.bin"];
    assert_eq!(written, BTreeSet::from(expected));
    assert_eq!(titles(&index_of(&site), "lammet"), ["Om får"]);
    // A post of a new month closes the month before, and leaves what stands before that.
    site.write("content/2026/new.md", "+++\ntitle = \"New\"\ndate = 2026-03-09\n+++\nWords.\n").build();
    let is_old = |path: &&str| path.starts_with("search/2014-05/");
    assert_eq!(site.rendered_now().into_iter().filter(is_old).count(), 0);
}

#[test]
fn the_search_page_is_a_form_without_a_script() {
    let mut site = SiteTest::new(BLOG);
    site.now("2026-03-10T12:00:00Z").build();
    site.holds("search/index.html", &["search.js?v=", " defer>", "action=\"/archives/\"", "type=\"search\""]);
    site.holds("index.html", &["class=\"find\" href=\"/search/\" rel=\"search\"", "<a href=\"/search/\""]);
    site.holds(
        "404.html",
        &["<form class=\"search\" role=\"search\" action=\"/search/\">", "type=\"search\"", "name=\"q\""],
    );
    site.edit(
        "backmatter.toml",
        "enabled = true",
        "enabled = true\nfallback = \"https://find.example/?q={query}&on={host}\"",
    );
    site.build();
    site.holds(
        "search/index.html",
        &[
            "action=\"https://find.example/\"",
            "name=\"q\"",
            "name=\"on\" value=\"blog.example\"",
            "find.example",
        ],
    );
    site.edit("backmatter.toml", "enabled = true", "enabled = false").build();
    site.exists("search", false).lacks("index.html", &["/search/"]).lacks("404.html", &["<form"]);
}
