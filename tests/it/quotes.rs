//! Quotations made of addresses, and the watch over them. Reports are pages of servers on loopback.

use backmatter::internals::hash::Hash;
use serde_json::Value;

use crate::cli::{Run, backmatter};
use crate::fake_web::{Answer, FakeWeb};
use crate::site_test::SiteTest;

const WORDS: &str = "It was a good question and it had a date on it. I looked for the reply in the next issues, and there was none.";

fn report(words: &str) -> String {
    let filler: String = (0..60)
        .map(|number| {
            format!(
                "<p>Paragraph {number} tells of the quay, the ferry and the {number} steps down to it.</p>"
            )
        })
        .collect();
    format!(
        r#"<!doctype html><html lang="en"><head><title>A letter answered | The Ferry Street Gazette</title>
        <script type="application/ld+json">{{"@type":"NewsArticle","headline":"A letter answered","datePublished":"2026-11-11T21:40:00Z",
        "author":[{{"@type":"Person","name":"Samuel Ekwall"}}],"publisher":{{"@type":"Organization","name":"The Ferry Street Gazette"}}}}</script>
        </head><body><nav>Menu</nav><article><h1>A letter answered</h1>{filler}<p>“Then it is open,” she said. {words} It rained on
        Monday.</p><p>The end.</p></article></body></html>"#
    )
}

/// The report without the paragraph that is quoted.
fn report_without_words() -> String {
    let report = report(WORDS);
    let (before, rest) = report.split_once("<p>“Then it is open").expect("it has the paragraph");
    let (_, after) = rest.split_once("</p>").expect("the paragraph ends");
    format!("{before}{after}")
}

/// A site that quotes one report of a fake web.
struct QuotingSite {
    site: SiteTest,
    web: FakeWeb,
}

impl QuotingSite {
    fn new() -> Self {
        let web = FakeWeb::new();
        web.page("/letter", report(WORDS));
        web.on("/robots.txt", Answer::status(404));
        let site = SiteTest::new(&format!(
            "-- backmatter.toml --\nbase_url = 'https://low-stairs.example'\n[network]\nallow = ['127.0.0.0/8:*']\n-- content/2026/a.md --\n+++\n\
             title = 'A'\ndate = 2026-10-20\n+++\nOwn comment.\n\n> {WORDS}\n>\n> — Samuel Ekwall, [A letter answered]({})\n\nClosing line.\n",
            web.url("/letter")
        ));
        Self { site, web }
    }

    fn run(&self, arguments: &[&str]) -> Run {
        backmatter(self.site.root(), arguments)
    }

    /// The state of the quote after a check on a day of November, and the exit code.
    fn check(&self, day: u32) -> (String, Option<i32>, Value) {
        let now = format!("2026-11-{day:02}T12:00:00Z");
        let run = self.run(&["quotes", "check", "--json", "--pause", "0", "--now", &now]);
        assert_eq!(run.stderr, "", "{}", run.stdout);
        let report: Value = serde_json::from_str(&run.stdout).expect("it prints JSON");
        let quote = report["quotes"][0].clone();
        (quote["state"].as_str().unwrap_or_default().to_owned(), run.code, quote)
    }
}

#[test]
fn a_highlighted_passage_becomes_a_quotation() {
    let quoting = QuotingSite::new();
    let url = format!("{}#:~:text=It%20was%20a%20good,there%20was%20none.", quoting.web.url("/letter"));
    let run = quoting.run(&["quote", "add", &url, "--now", "2026-11-22"]);
    let expected = format!(
        "> {WORDS}\n>\n> — Samuel Ekwall, [A letter answered]({}), *The Ferry Street Gazette*, 2026-11-11\n",
        quoting.web.url("/letter")
    );
    run.is(0, &expected, "");
}

#[test]
fn a_quotation_is_put_into_a_post_or_its_front_matter() {
    let mut quoting = QuotingSite::new();
    quoting.site.write(
        "content/2026/b.md",
        "+++\ntitle = 'B'\ndate = 2026-11-21\n+++\nOwn comment.\n\nClosing line.\n",
    );
    let url = quoting.web.url("/letter");
    let put = ["quotes", "add", &url, "--text", "It rained on Monday.", "--post", "content/2026/b.md"];
    quoting.run(&put).is(0, "content/2026/b.md\n", "");
    let text = std::fs::read_to_string(quoting.site.path("content/2026/b.md")).unwrap();
    assert!(
        text.contains("Own comment.\n\n> It rained on Monday.\n>\n> — Samuel Ekwall, [A letter answered]("),
        "{text}"
    );
    assert!(text.ends_with("2026-11-11\n\nClosing line.\n"), "{text}");
    // The same command a second time writes nothing.
    let again = quoting.run(&put);
    assert!(again.stderr.contains("the post quotes these words of the report already"), "{}", again.stderr);
    assert_eq!(again.code, Some(2));
    assert_eq!(std::fs::read_to_string(quoting.site.path("content/2026/b.md")).unwrap(), text);
    quoting.run(&[&put[..], &["--id", "rain"]].concat()).is(0, "content/2026/b.md\n", "");
    let text = std::fs::read_to_string(quoting.site.path("content/2026/b.md")).unwrap();
    assert!(
        text.contains("[[quotes]]\nid = \"rain\"\n") && text.contains("\n\n{@rain}\n\nClosing line.\n"),
        "{text}"
    );
    // Without words the report is stored, and there is nothing to place.
    let bare = ["quotes", "add", &url, "--post", "content/2026/b.md", "--id", "bare"];
    assert_eq!(quoting.run(&bare).code, Some(0));
    let text = std::fs::read_to_string(quoting.site.path("content/2026/b.md")).unwrap();
    assert!(text.contains("id = \"bare\"\n") && !text.contains("{@bare}"), "{text}");
    quoting.site.strict().build();
}

#[test]
fn guesses_and_words_that_are_otherwise_are_said() {
    let quoting = QuotingSite::new();
    quoting.web.page(
        "/bare",
        "<html lang=de><title>Der Hafen - Uferblatt</title><h1>Der Hafen</h1><div class=date>4. März 2026</div>\
         <p>Der Hafen wird im kommenden Winter nicht ausgebaggert, sagte der Rat am Montag.</p>",
    );
    let url = quoting.web.url("/bare");
    let text = "Der Hafen wird im kommenden Winter doch ausgebaggert, sagte der Rat am Montag.";
    let run = quoting.run(&["quotes", "add", &url, "--text", text, "--now", "2026-11-22"]);
    assert!(run.stdout.ends_with("*Uferblatt*, 2026-03-04 (lang: de)\n"), "{}", run.stdout);
    for said in [
        "the date is a guess: `2026-03-04`, from a date near the headline; check it",
        "the publication is a guess: `Uferblatt`",
        "the page does not say its author",
        "the page has these words otherwise",
    ] {
        assert!(run.stderr.contains(said), "{said}: {}", run.stderr);
    }
    let missing = quoting.run(&["quotes", "add", &quoting.web.url("/missing"), "--text", "Words."]);
    assert!(missing.stderr.contains("the page answered with status 404"), "{}", missing.stderr);
}

#[test]
fn what_is_not_an_address_of_the_web_is_an_error() {
    let quoting = QuotingSite::new();
    for given in ["not an address", "ftp://gazette.example/letter", "gazette.example/letter", ""] {
        let run = quoting.run(&["quotes", "add", given]);
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{given}: {}", run.stderr);
        assert!(run.stderr.contains("this is not the address of a page"), "{}", run.stderr);
    }
}

#[test]
fn the_head_of_another_page_is_not_that_of_the_report() {
    let quoting = QuotingSite::new();
    let wall = "<title>Before you go on</title><h1>We value your privacy</h1><p>We and our partners store cookies. Consent to go on.";
    let teaser = "<title>Rain</title><meta property=article:published_time content=2026-11-11><h1>Rain on the quay</h1>\
                  <p>Subscribe to continue reading.";
    quoting
        .web
        .page("/wall", wall)
        .page("/teaser", teaser)
        .page("/", "<title>The Quay Post</title><h1>Front</h1>");
    quoting.web.page("/soft", "<title>Page not found</title><h1>Page not found</h1><p>Sorry.");
    quoting.web.on("/2016/rain", Answer::redirect(302, "/")).on("/error", Answer::status(500));
    for (path, said) in [
        ("/wall", "the page is not the report: a wall for consent"),
        ("/soft", "the page is not the report: it says that it is not there"),
        ("/2016/rain", "the page is not the report: it leads to the front page"),
        ("/error", "the page answered with status 500"),
    ] {
        let url = quoting.web.url(path);
        let run = quoting.run(&["quotes", "add", &url, "--text", "It rained on Monday."]);
        assert_eq!(run.stdout, format!("> It rained on Monday.\n>\n> — [{url}]({url})\n"));
        assert!(run.stderr.starts_with(said) && run.stderr.lines().count() == 1, "{}", run.stderr);
    }
    // The head of a page for subscribers is that of the report.
    let run = quoting.run(&["quotes", "add", &quoting.web.url("/teaser"), "--text", "It rained on Monday."]);
    assert!(run.stdout.contains("[Rain on the quay]("), "{}", run.stdout);
}

#[test]
fn beside_changed_words_marks_are_not_told() {
    let mut quoting = QuotingSite::new();
    let url = quoting.web.url("/letter");
    let words = "It was a good question and it had a date on it.";
    let post =
        format!("+++\ntitle = 'A'\ndate = 2026-10-20\n+++\n> {words}\n>\n> — [A letter answered]({url})\n");
    quoting.site.write("content/2026/a.md", post);
    quoting.web.page("/letter", report(&WORDS.replace("good question", "hard question")));
    let (state, _, quote) = quoting.check(2);
    let changes = serde_json::json!([{ "before": "good", "now": "hard" }]);
    assert_eq!((state.as_str(), &quote["edits"][0]["changes"]), ("edited", &changes));
}

#[test]
fn a_post_that_is_not_there_is_an_error() {
    let quoting = QuotingSite::new();
    for command in ["check", "save"] {
        let run = quoting.run(&["quotes", command, "content/2026/none.md"]);
        let message = "error: `content/2026/none.md`: there is no post of this file or id\n";
        assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (Some(2), "", message));
    }
}

#[test]
fn each_state_of_a_quote_is_told() {
    let quoting = QuotingSite::new();
    assert_eq!(quoting.check(1).0, "exact");
    let edited =
        WORDS.replace("a good question", "a very good question").replace("next issues", "later issues");
    quoting.web.page("/letter", report(&edited));
    let (state, code, quote) = quoting.check(2);
    assert_eq!((state.as_str(), code), ("edited", Some(1)));
    let changes = &quote["edits"][0]["changes"];
    assert_eq!((changes[0]["now"].as_str(), changes[1]["before"].as_str()), (Some("very"), Some("next")));
    quoting.web.page("/letter", report(""));
    assert_eq!(quoting.check(3).0, "gone");
    quoting.web.page("/letter", "<title>Consent</title><p>We and our partners use cookies. Accept all?</p>");
    let (state, code, _) = quoting.check(4);
    assert_eq!((state.as_str(), code), ("hidden", Some(0)));
    quoting.web.on("/letter", Answer::status(403));
    assert_eq!(quoting.check(5).0, "hidden");
    quoting.web.on("/letter", Answer::status(500));
    assert_eq!(quoting.check(6).0, "unsure");
    quoting.web.on("/letter", Answer::redirect(301, "/2026/letter"));
    quoting.web.page("/2026/letter", report(WORDS));
    let (state, code, quote) = quoting.check(7);
    assert_eq!(
        (state.as_str(), code, quote["final"].as_str()),
        ("moved", Some(0), Some(quoting.web.url("/2026/letter").as_str()))
    );
}

#[test]
fn a_report_is_dead_after_three_days() {
    let quoting = QuotingSite::new();
    quoting.web.on("/letter", Answer::status(404));
    let states: Vec<String> = (1..=4).map(|day| quoting.check(day).0).collect();
    assert_eq!(states, ["unsure", "unsure", "dead", "dead"]);
    quoting.web.page("/letter", report(WORDS));
    assert_eq!(quoting.check(5).0, "exact");
    let text = std::fs::read_to_string(quoting.site.path("quotes.toml")).unwrap();
    assert!(!text.contains("failures") && text.contains("since = \"2026-11-05\""), "{text}");
}

#[test]
fn a_report_that_was_asked_for_today_is_left_alone() {
    let quoting = QuotingSite::new();
    quoting.check(1);
    quoting.web.forget();
    assert_eq!(quoting.check(1).0, "exact");
    assert_eq!(quoting.web.lines(), Vec::<String>::new());
    let run = quoting.run(&[
        "quotes",
        "check",
        "content/2026/a.md",
        "--now",
        "2026-11-01T12:00:00Z",
        "--pause",
        "0",
    ]);
    run.is(0, "1 quote: 1 exact\n", "");
    assert_eq!(quoting.web.lines().len(), 1, "a page that is named is asked for, and robots.txt is not");
}

#[test]
fn robots_and_retry_after_are_obeyed() {
    let quoting = QuotingSite::new();
    quoting.web.on(
        "/robots.txt",
        Answer::bytes("User-agent: *\nDisallow: /letter\n").header("Content-Type", "text/plain"),
    );
    let (state, code, quote) = quoting.check(1);
    assert_eq!((state.as_str(), code), ("unsure", Some(0)));
    assert!(quote["reason"].as_str().unwrap().contains("robots.txt"), "{quote}");
    quoting.web.on("/robots.txt", Answer::status(404));
    quoting.web.on("/letter", Answer::status(429).header("Retry-After", "3600"));
    assert_eq!(quoting.check(2).0, "hidden");
}

#[test]
fn readers_learn_that_a_report_was_changed_and_where_its_copy_is() {
    let mut quoting = QuotingSite::new();
    assert_eq!(quoting.check(20).0, "exact");
    let memory = std::fs::read_to_string(quoting.site.path("quotes.toml")).expect("it was written");
    let copy = "https://web.archive.org/web/20261112000000/https://gazette.example/letter_(2)";
    quoting
        .site
        .write("quotes.toml", memory.replacen("status = ", &format!("archive = \"{copy}\"\nstatus = "), 1));
    quoting.web.page("/letter", report(&WORDS.replace("good question", "hard question")));
    let fix = |quoting: &QuotingSite, day: u32| {
        let now = format!("2026-11-{day:02}T12:00:00Z");
        let run = quoting.run(&["quotes", "check", "--fix", "--json", "--pause", "0", "--now", &now]);
        let report: Value = serde_json::from_str(&run.stdout).expect("it prints JSON");
        report["fixed"].as_array().map_or(0, Vec::len)
    };
    assert_eq!(fix(&quoting, 22), 1);
    let text = |quoting: &QuotingSite| {
        std::fs::read_to_string(quoting.site.path("content/2026/a.md")).expect("it is there")
    };
    let written = text(&quoting);
    let copied = copy.replace('(', "%28").replace(')', "%29");
    assert!(
        written.contains(&format!(") ([archived]({copied})) (has since been changed)\n\nClosing line.")),
        "{written}"
    );
    assert_eq!(fix(&quoting, 24), 0, "what stands there is not written again");
    assert_eq!(text(&quoting), written);
    let page = "2026/10/20/a/index.html";
    let robust = format!(" data-versionurl=\"{copied}\" data-versiondate=\"2026-11-12\"");
    quoting.site.build().holds(page, &[" data-status=\"edited\">", &robust, " data-originalurl=\""]);
    quoting.site.build().holds("quotes/index.html", &[" data-status=\"edited\"", "has since been changed"]);
    // What is found later takes the place of what was found before.
    quoting.web.page("/letter", report_without_words());
    assert_eq!(fix(&quoting, 26), 1);
    assert_eq!(text(&quoting), written.replace("has since been changed", "no longer in the report"));
    quoting.site.build().holds(page, &[" data-status=\"gone\">"]);
    quoting.web.on("/letter", Answer::status(404));
    assert_eq!([27, 28, 29, 30].map(|day| fix(&quoting, day)), [0, 0, 1, 0]);
    assert_eq!(text(&quoting), written.replace("has since been changed", "no longer online"));
    quoting.site.build().holds(page, &[" data-status=\"dead\">"]);
    // A report that is there again is not taken out of the text by a program, and its author learns of it.
    quoting.web.page("/letter", report(WORDS));
    let run = quoting.run(&["quotes", "check", "--pause", "0", "--now", "2026-12-01T12:00:00Z"]);
    let said =
        ": the words stand in the report, and its attribution says `no longer online`\n1 quote: 1 exact\n";
    assert!(run.code == Some(0) && run.stdout.ends_with(said), "{}", run.stdout);
}

#[test]
fn words_that_stand_in_a_text_by_their_id_have_the_remark_in_the_front_matter() {
    let copy = "https://web.archive.org/web/20261112000000/https://gazette.example/letter";
    let cases = [
        (
            "+++\ntitle = 'A'\ndate = 2026-10-20\n{}+++\n",
            "[[quotes]]\nid = \"letter\"\nurl = \"{}\"\ntitle = \"A letter answered\"\ntext = \"\"\"\nWORDS\"\"\"\n",
            "archive = \"{}\"\nremark = \"has since been changed\"\ntitle = ",
        ),
        (
            "---\ntitle: A\ndate: 2026-10-20\n{}---\n",
            "quotes:\n  - id: letter\n    url: {}\n    text: |\n      WORDS",
            "    archive: \"{}\"\n    remark: \"has since been changed\"\n    text: ",
        ),
    ];
    for (fences, fields, expected) in cases {
        let mut quoting = QuotingSite::new();
        let fields =
            fields.replace("{}", &quoting.web.url("/letter")).replace("WORDS", &format!("{WORDS}\n"));
        let post = format!("{}\nOne.\n\n{{@letter}}\n\nTwo.\n", fences.replace("{}", &fields));
        quoting.site.write("content/2026/a.md", post);
        assert_eq!(quoting.check(20).0, "exact");
        let memory = std::fs::read_to_string(quoting.site.path("quotes.toml")).expect("it was written");
        let memory = memory.replacen("status = ", &format!("archive = \"{copy}\"\nstatus = "), 1);
        quoting.site.write("quotes.toml", memory);
        quoting.web.page("/letter", report(&WORDS.replace("good question", "hard question")));
        let fix = |day: u32| {
            let now = format!("2026-11-{day:02}T12:00:00Z");
            quoting.run(&["quotes", "check", "--fix", "--pause", "0", "--now", &now]).stdout
        };
        let text = || std::fs::read_to_string(quoting.site.path("content/2026/a.md")).expect("it is there");
        assert!(fix(22).contains(": written into its attribution"));
        let written = text();
        assert!(written.contains(&expected.replace("{}", copy)), "{written}");
        assert!(!fix(24).contains("attribution"), "what stands there is not written again");
        assert_eq!(text(), written);
        quoting.web.page("/letter", report_without_words());
        let told = fix(26);
        assert!(told.contains(": written into its attribution"), "{told}");
        assert_eq!(text(), written.replace("has since been changed", "no longer in the report"));
        let remark = "<span class=\"quote-note\">(no longer in the report)</span>";
        let page = "2026/10/20/a/index.html";
        quoting.site.build().holds(page, &[" data-status=\"gone\">", copy, remark]);
    }
}

#[test]
fn a_stored_report_has_its_copy_in_the_front_matter() {
    let copy = "https://web.archive.org/web/20261112000000/https://gazette.example/letter";
    let cases = [
        (
            "+++\ntitle = 'A'\ndate = 2026-10-20\n{}+++\n",
            "[[quotes]]\nid = \"letter\"\nurl = \"{}\"\ntitle = \"A letter answered\"\n",
            " = ",
        ),
        (
            "---\ntitle: A\ndate: 2026-10-20\n{}---\n",
            "quotes:\n  - url: {}\n    id: letter\n    title: A letter answered\n",
            ": ",
        ),
    ];
    for (fences, fields, sign) in cases {
        let mut quoting = QuotingSite::new();
        let post = |fields: &str| {
            let fields = fences.replace("{}", fields);
            format!("{fields}\n> {}\n>\n> — @letter, page 7\n\nClosing line.\n", WORDS.replace('\n', "\n> "))
        };
        let fields = fields.replace("{}", &quoting.web.url("/letter"));
        quoting.site.write("content/2026/a.md", post(&fields));
        assert_eq!(quoting.check(20).0, "exact");
        let memory = std::fs::read_to_string(quoting.site.path("quotes.toml")).expect("it was written");
        let memory = memory.replacen("status = ", &format!("archive = \"{copy}\"\nstatus = "), 1);
        quoting.site.write("quotes.toml", memory);
        quoting.web.page("/letter", report(&WORDS.replace("good question", "hard question")));
        let fix = |day: u32| {
            let now = format!("2026-11-{day:02}T12:00:00Z");
            quoting.run(&["quotes", "check", "--fix", "--pause", "0", "--now", &now]).stdout
        };
        assert!(fix(22).contains(": written into its attribution"));
        let text = || std::fs::read_to_string(quoting.site.path("content/2026/a.md")).expect("it is there");
        let written = text();
        assert!(
            written.contains(&format!("letter{}", if sign == " = " { "\"\n" } else { "\n    " })),
            "{written}"
        );
        assert!(written.contains(&format!("archive{sign}\"{copy}\"\n")), "{written}");
        assert!(
            written.contains("> — @letter, page 7 (has since been changed)\n\nClosing line."),
            "{written}"
        );
        assert!(!fix(24).contains("attribution"), "what stands there is not written again");
        assert_eq!(text(), written);
        quoting.site.build().holds("2026/10/20/a/index.html", &["web.archive.org", "has since been changed"]);
    }
}

#[test]
fn a_report_that_moved_is_linked_where_it_is() {
    let quoting = QuotingSite::new();
    quoting.check(20);
    quoting.web.on("/letter", Answer::redirect(301, "/2026/letter")).page("/2026/letter", report(WORDS));
    let run =
        quoting.run(&["quotes", "check", "--fix", "--all", "--pause", "0", "--now", "2026-11-22T12:00:00Z"]);
    assert_eq!(run.code, Some(0), "{}", run.stdout);
    assert!(run.stdout.contains(": written into its attribution"), "{}", run.stdout);
    let text = std::fs::read_to_string(quoting.site.path("content/2026/a.md")).expect("it is there");
    assert!(text.contains(&format!("[A letter answered]({})\n", quoting.web.url("/2026/letter"))), "{text}");
    assert_eq!(quoting.check(23).0, "exact");
}

/// Sentences of a report, others for each number.
fn sentences(number: usize, paragraph: usize) -> Vec<String> {
    const SMALL: [&str; 12] = ["the", "a", "of", "with", "to", "in", "and", "for", "was", "had", "on", "not"];
    const PARTS: [&str; 16] = [
        "har", "let", "coun", "fer", "win", "lam", "sta", "pag", "bre", "qua", "tid", "nig", "boa", "ans",
        "rea", "ro",
    ];
    let sentence = |sentence: usize| {
        let word = |at: usize| {
            let hash = Hash::of(format!("{number} {paragraph} {sentence} {at}").as_bytes()).short() as usize;
            let part = |place: u32| PARTS[hash / 16_usize.pow(place) % 16];
            // A third of running text is small words.
            if at.is_multiple_of(3) {
                SMALL[hash % 12].to_owned()
            } else {
                [part(0), part(1), part(2)].concat()
            }
        };
        let words = (1..15).map(word).collect::<Vec<_>>().join(" ");
        format!("Report {number} says in {paragraph}.{sentence} that {words}.")
    };
    (0..3).map(sentence).collect()
}

/// A report of twelve paragraphs. The sixth is the one that is quoted.
fn long_report(number: usize, sixth: &str) -> String {
    let paragraph = |at: usize| match at {
        5 => format!("<p>{sixth}</p>"),
        at => format!("<p>{}</p>", sentences(number, at).join(" ")),
    };
    let paragraphs: String = (0..12).map(paragraph).collect();
    format!("<!doctype html><html lang=en><title>Report {number}</title><h1>Report {number}</h1>{paragraphs}")
}

/// What becomes of a report, and the state that its quote has then.
fn later(number: usize) -> (Answer, &'static str) {
    let sixth = sentences(number, 5);
    let page = |text: String| Answer::html(long_report(number, &text));
    let whole = sixth.join(" ");
    match number % 10 {
        0 => (page(whole), "exact"),
        1 => (page(whole.replace(" that ", "&nbsp;that ").replace("harbour", "har&shy;bour")), "exact"),
        2 => (Answer::redirect(301, &format!("/new/{number}")), "moved"),
        3 => (page(whole.replacen(" that ", " that zeppelin ", 1)), "edited"),
        4 => (page(whole.replacen(" says in ", " claims, as it seems, in ", 1)), "edited"),
        5 => (page(format!("{} {}", sixth[0], sixth[2])), "partly"),
        6 => (
            page(
                "Nothing of it was true, as the editors learned a week later, and they are sorry.".to_owned(),
            ),
            "gone",
        ),
        7 => (Answer::status(410), "dead"),
        8 if number % 20 == 8 => (Answer::status(403), "hidden"),
        8 => {
            let wall = "<title>Before you go on</title><h1>We value your privacy</h1><p>We and our partners store cookies. Consent to go on.";
            (Answer::html(wall), "hidden")
        }
        _ => (Answer::status(500), "unsure"),
    }
}

#[test]
fn two_hundred_quotes_have_their_states_and_none_is_gone_by_mistake() {
    const COUNT: usize = 200;
    let web = FakeWeb::new();
    web.on("/robots.txt", Answer::status(404));
    let mut posts: Vec<String> = Vec::new();
    for number in 0..COUNT {
        let sixth = sentences(number, 5);
        let (url, page) = (format!("/r/{number}"), long_report(number, &sixth.join(" ")));
        web.page(&url, page.clone()).page(&format!("/new/{number}"), page);
        let gap = if number % 10 == 5 { " […] " } else { " " };
        if number % 20 == 0 {
            let head = format!(
                "-- content/2026/p{number}.md --\n+++\ntitle = 'P{number}'\ndate = 2026-10-20\n+++\n"
            );
            posts.push(head);
        }
        posts.push(format!(
            "Comment {number}.\n\n> {}{gap}{}\n>\n> — [Report {number}]({})\n\n",
            sixth[0],
            sixth[1],
            web.url(&url)
        ));
    }
    let site = SiteTest::new(&format!(
        "-- backmatter.toml --\nbase_url = 'https://low-stairs.example'\n[network]\nallow = ['127.0.0.0/8:*']\n{}",
        posts.concat()
    ));
    let check = |day: u32| {
        let now = format!("2026-11-{day:02}T12:00:00Z");
        let run = backmatter(site.root(), ["quotes", "check", "--json", "--pause", "0", "--now", &now]);
        serde_json::from_str::<Value>(&run.stdout).expect("it prints JSON")
    };
    assert_eq!(check(1)["states"], serde_json::json!({ "exact": COUNT }));
    for number in 0..COUNT {
        web.on(&format!("/r/{number}"), later(number).0);
    }
    check(8);
    check(10);
    let report = check(12);
    let mut wrong: Vec<String> = Vec::new();
    for quote in report["quotes"].as_array().expect("quotes are listed") {
        let number = quote["url"]
            .as_str()
            .and_then(|url| url.rsplit('/').next()?.parse().ok())
            .expect("it has a number");
        let (state, right) = (quote["state"].as_str().unwrap_or_default(), later(number).1);
        assert!(state != "gone" || right == "gone", "{number} is {right} and said to be gone");
        if state != right {
            wrong.push(format!("{number} is {right}, not {state}"));
        }
    }
    assert!(wrong.len() * 50 <= COUNT, "{} are wrong: {wrong:?}", wrong.len());
}
