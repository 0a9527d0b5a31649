//! Tests of text fragments.

use super::*;
use crate::path::percent_decode;

/// The directives, decoded: what separates them and their terms is `&` and `,` as it was encoded or not.
fn directives_in(language: Option<&str>, lines: &[&str]) -> Vec<String> {
    let lines: Vec<String> = lines.iter().map(|&line| line.to_owned()).collect();
    let fragment = text_fragment(&lines, language);
    let Some(directives) = fragment.strip_prefix("#:~:text=") else {
        assert_eq!(fragment, "");
        return Vec::new();
    };
    directives
        .split("&text=")
        .map(|directive| directive.split(',').map(percent_decode).collect::<Vec<_>>().join(" | "))
        .collect()
}

#[track_caller]
fn check(lines: &[&str], expected: &[&str]) {
    assert_eq!(directives_in(None, lines), expected, "{lines:?}");
}

#[test]
fn up_to_five_words_are_named_whole_and_more_by_their_ends() {
    check(&["The council voted on Tuesday."], &["The council voted on Tuesday", "council voted on"]);
    check(&["One two three four five six."], &["One two three four | five six", "two three four | five six"]);
    check(
        &["Rain fell upon every harbour wall while sleepy gulls."],
        &["Rain fell upon every | wall while sleepy gulls", "fell upon every | wall while sleepy"],
    );
    check(
        &[
            "The council voted on Monday to close the library on Ferry Street, citing a deficit that had grown since the spring of last year.",
        ],
        &[
            "The council voted on Monday to close | spring of last year",
            "the library on Ferry Street, citing | had grown since the",
        ],
    );
}

#[test]
fn no_end_overlaps_its_start() {
    let words = "alpha bravo charlie delta echo foxtrot golf hotel india juliett kilo lima mike november oscar papa quebec romeo";
    let words: Vec<&str> = words.split(' ').collect();
    for count in 1..=words.len() {
        let text = words[..count].join(" ");
        for directive in directives_in(None, &[&text]) {
            let terms: Vec<&str> = directive.split(" | ").collect();
            assert!(terms.iter().all(|term| text.contains(term)), "{directive}");
            if let [start, end] = terms.as_slice() {
                let start = text.find(start).map(|at| at + start.len());
                assert!(start < text.rfind(end), "{directive}");
            }
            assert_eq!(
                terms.len() == 2,
                directive.split_whitespace().filter(|word| *word != "|").count() >= 4 && count >= 6,
                "{directive}"
            );
        }
    }
}

#[test]
fn marks_of_several_spellings_are_in_no_term() {
    check(&["\"We had no choice,\" she said."], &["We had no choice | she said", "had no choice | she said"]);
    check(&["“We had no choice,” she said."], &["We had no choice | she said", "had no choice | she said"]);
    check(
        &["Der Leiter sagte: „Wir hatten keine Wahl“."],
        &["Der Leiter sagte | Wir hatten keine Wahl", "Leiter sagte | Wir hatten keine"],
    );
    check(&["The vote -- a farce -- ended late that evening."], &["ended late that evening"]);
    check(
        &["The leader of them said—few others spoke"],
        &["The leader of them said | few others spoke", "leader of them said | few others"],
    );
    for range in ["7–2", "7-2"] {
        let quoted = format!("They voted {range} on the last Tuesday of March");
        check(&[&quoted], &["on the last Tuesday | of March", "the last Tuesday | of March"]);
    }
    check(&["And then... silence fell on us."], &["silence fell on us"]);
    check(
        &["The workers' union called it a 'bad joke', and 10 km away few cared."],
        &["union called it a | away few cared", "called it a | away few"],
    );
}

#[test]
fn too_few_words_are_named_as_they_were_typed_if_all_houses_spell_them_so() {
    check(&["It cost 1 000 kronor."], &["It cost 1 000 kronor"]);
    check(&["Bread & butter"], &["Bread & butter"]);
    check(&["\"No, thanks.\""], &["No, thanks"]);
    // Other marks may be printed, and the words between them are found in too many places.
    for quoted in
        ["\"No,\" he said.", "What -- now?", "Yes – we can", "\"Oh,\" and \"no\"", "it's 'fine' now"]
    {
        check(&[quoted], &[]);
    }
    assert_eq!(directives_in(Some("fr"), &["Oui ! Non !"]), Vec::<String>::new());
}

#[test]
fn a_word_that_a_narrow_space_may_join_to_a_mark_is_in_no_term() {
    check(
        &["L'équipe n'a rien dit : elle attend la suite !"],
        &["L'équipe n'a rien | elle attend la", "n'a rien | elle attend"],
    );
    check(&["« Nous n'avions pas le choix », dit-elle."], &["n'avions pas le | dit-elle"]);
    let french = |quoted: &str| directives_in(Some("fr-CA"), &[quoted]);
    assert_eq!(
        french("L'équipe n'a rien dit: elle attend la suite!"),
        ["L'équipe n'a rien | elle attend la", "n'a rien | elle attend"]
    );
    assert_eq!(french("\"Nous n'avions pas le choix\", dit-elle."), ["n'avions pas le | dit-elle"]);
}

#[test]
fn an_omission_of_any_kind_ends_a_stretch() {
    for omission in [
        "[…]",
        "[...]",
        "(…)",
        "(...)",
        "( . . . )",
        "{…}",
        "…",
        "...",
        ". . .",
        "[ … ]",
        "……",
        "....",
        "⋯",
        "⋯⋯",
        "‥",
        "‥‥",
        "[⋯⋯]",
        "[‥]",
    ] {
        for quoted in [
            format!("It began so well {omission} and then it ended badly"),
            format!("It began so well{omission} and then it ended badly"),
        ] {
            check(&[&quoted], &["It began so well", "and then it ended badly"]);
        }
    }
    for omission in ["……", "⋯⋯", "…", "・・・", "。。。。。。", "‥‥"] {
        let quoted = format!("他们昨天在北京开会{omission}图书馆将于明年关闭");
        check(&[&quoted], &["他们昨天在北京开会", "图书馆将于明年关闭"]);
    }
    check(&["[…]"], &[]);
    // A word or two behind an omission find the wrong place.
    check(&["It began so well […] and then"], &["It began so well"]);
}

#[test]
fn what_an_author_put_into_brackets_is_in_no_term() {
    check(
        &["[T]he council decided that it would not close the library."],
        &["council decided that it | not close the library", "decided that it | not close the"],
    );
    check(
        &["He walk[ed] home to the harbour that night [sic] and slept."],
        &["home to the harbour that night | and slept", "to the harbour that night | and slept"],
    );
    check(
        &["One two three […] four five six [the council] seven eight nine"],
        &["One two three", "four five six | seven eight nine"],
    );
}

#[test]
fn no_small_word_is_an_end() {
    check(&["The [the editor] cat"], &[]);
    check(
        &["The [editor] cat sat on the mat and slept."],
        &["cat sat on the mat | and slept", "sat on the mat | and slept"],
    );
    check(&["We never [ever] go"], &[]);
    check(&["We never went there [again] ok"], &["We never went there"]);
    check(&["Rain", "fell", "down"], &[]);
}

#[test]
fn marks_that_belong_to_a_letter_stay_with_it() {
    for word in ["தமிழ்", "မြန်", "ഞാൻ", "ഞാന്\u{200d}", "తెలుగున్", "ಕನ್ನಡದಲ್", "සිංහලෙන්", "हिन्दुस्तान्", "cafe\u{301}"]
    {
        check(&[word], &[word]);
    }
    check(&["😀 तमिल ❤\u{fe0f}"], &["तमिल"]);
}

#[test]
fn no_term_has_fewer_than_three_letters() {
    check(&["a", "b", "1", "2"], &[]);
    check(&["No."], &[]);
    check(&["Yes"], &["Yes"]);
    check(&["北京"], &["北京"]);
    check(
        &["“No,” he said. “The library on Ferry Street is not for sale.”"],
        &["The library on Ferry | is not for sale", "library on Ferry | is not for"],
    );
}

#[test]
fn no_term_crosses_the_end_of_a_line() {
    check(&["Rain fell", "on walls", "of stone"], &["Rain fell | of stone"]);
    check(
        &["The first paragraph of the report.", "And here is the second one."],
        &[
            "The first paragraph of the report | is the second one",
            "first paragraph of the report | is the second",
        ],
    );
}

#[test]
fn scripts_without_spaces_are_cut_at_words() {
    check(
        &[
            "東京都の図書館は月曜日に閉まる。館長は「予算が足りない」と述べ、新しい建物へ移る予定だと説明した。",
        ],
        &["東京都の図書館は月曜日に閉まる | 新しい建物へ移る予定だと説明した", "予算が足りない | と述べ"],
    );
    // Spaces around other scripts are a matter of setting.
    check(&["他在 2024 年开会，讨论 iPhone 手机的问题。"], &["手机的问题"]);
    check(&["ห้องสมุดปิดวันจันทร์"], &["ห้องสมุดปิดวันจันทร์"]);
    for quoted in [
        "图书馆将于明年三月关闭所有的书都会搬到市中心的新馆".repeat(20),
        "ห้องสมุดปิดวันจันทร์เพราะไม่มีงบประมาณ".repeat(20),
    ] {
        let fragment = text_fragment(&[quoted], None);
        assert!(fragment.len() < 1_000 && fragment.contains(','), "{} bytes", fragment.len());
    }
}

#[test]
fn what_has_a_meaning_in_a_directive_is_encoded() {
    let fragment = |line: &str| text_fragment(&[line.to_owned()], None);
    assert_eq!(fragment("half-way, yes"), "#:~:text=half%2Dway%2C%20yes");
    assert_eq!(fragment("Bread & butter"), "#:~:text=Bread%20%26%20butter");
    assert_eq!(fragment("R&D in C++ today"), "#:~:text=R%26D%20in%20C%2B%2B%20today");
}

#[test]
fn directives_of_other_programs_are_taken_off() {
    for (address, clean, directive) in [
        ("https://u.example/x", "https://u.example/x", ""),
        ("https://u.example/x#:~:text=foo", "https://u.example/x", ":~:text=foo"),
        ("https://u.example/x#sec:~:text=foo", "https://u.example/x#sec", ":~:text=foo"),
        ("https://u.example/:~:/x", "https://u.example/:~:/x", ""),
        ("https://u.example/x#!/route", "https://u.example/x#!/route", ""),
    ] {
        assert_eq!(split_directive(address), DirectedAddress { clean, directive });
    }
}
