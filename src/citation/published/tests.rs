//! Days of pages, and other days that pages show.

use super::*;
use crate::citation::PageCitation;

/// The day that is found in a page at an address, and `?` behind it if it is a guess.
fn day_at(url: &str, html: &str) -> String {
    let today = NaiveDate::from_ymd_opt(2026, 11, 30).unwrap_or_default();
    let Ok(url) = Url::parse(url) else { return "not an address".to_owned() };
    let found = PageCitation::of(&Document::parse(html), &url, today).published;
    found.map_or_else(String::new, |field| {
        let mark = if field.basis == FieldBasis::Guessed { "?" } else { "" };
        format!("{}{mark}", field.text)
    })
}

fn day(html: &str) -> String {
    day_at("https://quay.example/stairs", html)
}

/// A page with metadata in its head and an article.
fn page(head: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=en><head><title>The stairs are open again | The Quay Post</title>{head}</head>\
         <body>{body}</body></html>"
    )
}

const HEADLINE: &str = "<h1>The stairs are open again</h1>";

#[test]
fn an_evening_in_the_west_is_the_day_that_the_page_shows() {
    let stamp = "<meta property=article:published_time content='2020-05-02T02:54:29Z'>";
    let shown = |text: &str| day(&page(stamp, &format!("<main>{HEADLINE}<p class=date>{text}</p></main>")));
    assert_eq!(shown("May 1, 2020"), "2020-05-01");
    assert_eq!(shown("May 2, 2020"), "2020-05-02");
    // A day that it can be nowhere at this moment is another thing.
    assert_eq!(shown("April 28, 2020"), "2020-05-02");
    let marked = "<meta itemprop=datePublished content='2020-05-01T22:54:29-04:00'>";
    assert_eq!(day(&page(stamp, &format!("{HEADLINE}{marked}"))), "2020-05-01");
}

#[test]
fn a_page_that_shows_the_day_in_utc_keeps_it() {
    let stamp = "<meta property=article:published_time content='2020-05-02T12:00:00+00:00'>";
    let body = format!("<p class=date>3 May 2020</p>{HEADLINE}<p class=date>2 May 2020</p>");
    assert_eq!(day(&page(stamp, &body)), "2020-05-02");
}

#[test]
fn a_time_without_a_zone_is_in_the_place_of_the_report() {
    let stamp = "<meta property=article:published_time content='2020-09-29 23:43:13'>";
    let body = format!("<p class=date>30 September 2020</p>{HEADLINE}");
    assert_eq!(day(&page(stamp, &body)), "2020-09-29");
}

#[test]
fn the_day_of_the_visit_in_the_head_of_the_site_is_not_that_of_the_report() {
    let weak = "<meta name=date content='2017-05-01T17:05:00+02:00'>";
    for masthead in [
        "<header><h1>The Quay Post</h1><span class=date>Wednesday, 26 February 2020</span></header>",
        "<div class=td-header-top-menu><div class=data_time>26 February 2020</div></div>",
        "<div id=headerContainer><p>Wednesday, 26 February 2020</p></div>",
        "<div class=navtop><time datetime=2020-02-26>26 February 2020</time></div>",
    ] {
        let body = format!(
            "{masthead}<main><article>{HEADLINE}<p>The stairs were closed all winter.</p></article></main>"
        );
        assert_eq!(day(&page(weak, &body)), "2017-05-01", "{masthead}");
    }
    let of_article = format!("<div class=article-header><p class=date>26 February 2020</p></div>{HEADLINE}");
    assert_eq!(day(&page("", &of_article)), "2020-02-26?");
}

#[test]
fn dates_of_other_reports_and_of_events_are_not_that_of_the_report() {
    let others = "<li><span class=date>27 February 2020</span> One</li><li><span class=date>28 February 2020</span> Two</li>";
    let weak = "<meta name=date content=2020-02-11>";
    assert_eq!(day(&page(weak, &format!("<ul>{others}</ul>{HEADLINE}"))), "2020-02-11");
    let article = "<article><h2>Rain</h2><p class=date>27 February 2020</p></article>";
    let own = format!("<article>{HEADLINE}<p>Words.</p></article>");
    assert_eq!(day(&page(weak, &format!("{article}{own}"))), "2020-02-11");
    // The list of what is known of a report is not a list of reports.
    let facts = "<ul><li class=date>12 February 2020</li><li class=reading-time>3 minutes</li></ul>";
    assert_eq!(day(&page("", &format!("{HEADLINE}{facts}"))), "2020-02-12?");
}

#[test]
fn metadata_that_may_be_of_a_change_gives_way_to_what_the_text_says() {
    let weak = "<meta name=date content=2021-10-15>";
    let told = |text: &str| day(&page(weak, &format!("{HEADLINE}<p>{text}</p>")));
    assert_eq!(told("Published on 13 October 2021 by the harbour office"), "2021-10-13?");
    assert_eq!(told("13 October 2021"), "2021-10-13?");
    // What is later than a change is not the day of publication.
    assert_eq!(told("Next market: 30 October 2021"), "2021-10-15");
}

#[test]
fn of_two_stated_days_the_one_that_is_shown_counts() {
    let head = "<script type=application/ld+json>{\"@type\":\"NewsArticle\",\"headline\":\"The stairs are open again\",\
                \"datePublished\":\"2023-11-03T10:25:56+00:00\"}</script>\
                <meta property=article:published_time content='2023-11-06T14:25:00+00:00'>";
    let shown = |text: &str| day(&page(head, &format!("{HEADLINE}<p>{text}</p>")));
    assert_eq!(shown("6 November 2023, 15:25"), "2023-11-06");
    assert_eq!(shown("3 November 2023"), "2023-11-03");
    assert_eq!(shown("3 November 2023, at the quay: 6 November 2023"), "2023-11-03");
    assert_eq!(shown("Updated 6 November 2023"), "2023-11-03");
    assert_eq!(shown("Nothing"), "2023-11-03");
}

#[test]
fn days_of_persons_are_not_that_of_the_report() {
    for line in [
        "Joined: 18.09.2008",
        "Registriert: 18.09.2008, 05:56",
        "Born on 18 September 2008",
        "Mitglied seit 18. September 2008",
    ] {
        assert_eq!(day(&page("", &format!("{HEADLINE}<p>{line}</p>"))), "", "{line}");
    }
    let later = "<p>Joined: 18.09.2008</p><p>21.01.2009, 05:42</p>";
    assert_eq!(day(&page("", &format!("{HEADLINE}{later}"))), "2009-01-21?");
    // Days before there were pages are of what a page is about, unless it says otherwise.
    assert_eq!(day(&page("", &format!("{HEADLINE}<p>28 January 1975</p>"))), "");
    assert_eq!(day(&page("", &format!("{HEADLINE}<p>Published 28 January 1975</p>"))), "1975-01-28?");
}

#[test]
fn a_word_that_announces_a_day_stands_right_before_it() {
    let far = "According to a paper that was published by the institute for small ports and stairs, on 15 April 2020";
    let near = "<p>The office gave no reasons.</p>".repeat(10);
    let body = format!("{HEADLINE}{near}<p>{far}</p><p>Posted 22 April 2020</p>");
    assert_eq!(day(&page("", &body)), "2020-04-22?");
}

#[test]
fn a_copy_of_the_wayback_machine_does_not_have_the_day_of_the_copy() {
    let url = "https://web.archive.org/web/20131110121040/http://quay.example/stairs";
    let body = format!("<table><tr><td>10 Nov 2013</td></tr></table>{HEADLINE}<p>Words.</p>");
    assert_eq!(day_at(url, &page("", &body)), "");
    let dated = format!("{HEADLINE}<div class=date><b>Apr</b> <b>04</b><b>2013</b></div>");
    assert_eq!(day_at(url, &page("", &dated)), "2013-04-04?");
}

#[test]
fn files_and_fields_of_forms_are_not_dates() {
    for class in ["datei-liste", "candidate", "datepicker"] {
        let body = format!(
            "{HEADLINE}<p>Words of a report.</p><div class={class}>{}</div>",
            "List of 14 October 2021 ".repeat(6)
        );
        assert_eq!(day(&page("<meta name=date content=2021-10-18>", &body)), "2021-10-18", "{class}");
    }
}

#[test]
fn a_moment_in_utc_is_the_day_of_the_country_where_nothing_else_says_the_day() {
    let stamp = "<meta property=article:published_time content='2020-12-05T23:15:00Z'>";
    let at = |url: &str, lang: &str, shown: &str| {
        let html = page(stamp, &format!("{HEADLINE}<p class=date>{shown}</p>"));
        day_at(url, &html.replace("lang=en", &format!("lang={lang}")))
    };
    assert_eq!(at("https://quay.example.it/x", "en", "Words"), "2020-12-06");
    assert_eq!(at("https://quay.example/x", "ja", "Words"), "2020-12-06");
    assert_eq!(at("https://quay.example/x", "en", "Words"), "2020-12-05");
    assert_eq!(at("https://quay.example.it/x", "en", "5 December 2020"), "2020-12-05");
    let said = format!("{stamp}<meta property=og:url content='https://quay.example.it/x'>");
    assert_eq!(day(&page(&said, HEADLINE)), "2020-12-06");
}

#[test]
fn a_marked_day_is_read_in_the_language_of_its_months() {
    let marked = |text: &str| day(&page("", &format!("{HEADLINE}<p itemprop=datePublished>{text}</p>")));
    assert_eq!(marked("06 Dicembre 2020"), "2020-12-06");
    assert_eq!(marked("Veröffentlicht am 6. Dezember 2020"), "2020-12-06");
    // Nothing tells the day from the month.
    assert_eq!(marked("06/12/2020"), "");
    let stamp = "<meta property=article:published_time content='2020-12-05T23:15:00Z'>";
    let body = format!("{HEADLINE}<p itemprop=datePublished>06 Dicembre 2020</p>");
    assert_eq!(day(&page(stamp, &body)), "2020-12-06");
}

#[test]
fn the_aside_of_an_article_that_is_about_it_has_its_day() {
    let aside = |class: &str| {
        let time = "<time datetime=2022-01-28>28.01.2022</time>";
        let body =
            format!("<article>{HEADLINE}<aside class='{class}' role=complementary>{time}</aside></article>");
        day(&page("<meta name=date content=2022-01-26>", &body))
    };
    assert_eq!(aside("article-meta"), "2022-01-28");
    assert_eq!(aside("related"), "2022-01-26");
}

#[test]
fn the_day_of_a_change_of_the_visit_or_of_an_event_is_not_that_of_the_report() {
    let of = |body: &str| day(&page("", &format!("{HEADLINE}{body}")));
    assert_eq!(of("<div class=today>Wednesday, 19 August 2020</div>"), "");
    assert_eq!(
        of("<p>page revision: 12, last edited: <span class=odate>17 Jun 2018</span></p>"),
        "2018-06-17?"
    );
    // A market after the last change is announced.
    let changed = "<p>This page was last changed: last edited 29 January 2020.</p>";
    assert_eq!(of(&format!("<p>The next market: 5 February 2020</p>{changed}")), "2020-01-29?");
    assert_eq!(of(&format!("<p>Market of 25 January 2020</p>{changed}")), "2020-01-25?");
}
