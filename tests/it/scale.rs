//! On a large site a change costs what it changes. Counts are compared, never times.

use crate::site_test::SiteTest;

/// One more than a hundred full pages of the home list, so that another post begins no page.
const POSTS: usize = 2001;

/// Two posts a day, with tags, and feeds of twenty.
pub(crate) fn large_site() -> SiteTest {
    let mut site = SiteTest::new("");
    for number in 0..POSTS {
        let day = chrono::NaiveDate::from_ymd_opt(2020, 1, 1).expect("it is a day")
            + chrono::Days::new(number as u64 / 2);
        let tag = ["red", "green", "blue", "black", "white"][number % 5];
        let quote =
            if number % 50 == 0 { "\n> Words.\n>\n> — [H](https://e.org/), *The Example*\n" } else { "" };
        site.write(
            &format!("content/{}/post-{number}.md", day.format("%Y/%m")),
            format!(
                "+++\ntitle = \"Post {number}\"\ndate = {day}\ntags = [\"{tag}\"]\n+++\nSummary of {number}.\n\nBody of {number}.\n{quote}"
            ),
        );
    }
    site
}

#[test]
fn a_change_costs_what_it_changes() {
    let mut site = large_site();
    site.build_alone();
    let all = site.report().rendered.len();
    assert_eq!((site.report().posts, site.report().kept), (POSTS, 0));
    let count = |site: &mut SiteTest| {
        site.build_alone();
        let report = site.report();
        assert!(report.kept + report.rendered.len() >= all);
        report.rendered.len()
    };
    assert_eq!(count(&mut site), 0, "nothing changed");

    let old = "content/2021/03/post-902.md";
    site.edit(old, "Body of 902", "Other body of 902");
    assert_eq!(count(&mut site), 1, "a body: its page");
    site.edit(old, "Summary of 902", "Other summary of 902");
    assert_eq!(
        count(&mut site),
        5,
        "a summary: its page, its day, its month, a page of the home list and of its tag"
    );
    site.edit(old, "\"Post 902\"", "\"Nine hundred and two\"");
    assert_eq!(
        count(&mut site),
        11,
        "a title: these, two neighbours, its year, and three posts that name it as another on their subject"
    );

    site.write(
        "content/2021/03/post-902.backmatter.toml",
        "[[linkback]]\nkind = \"webmention\"\nsource = \"https://a.example/\"\nreceived = 2026-11-22\n",
    );
    assert_eq!(count(&mut site), 1, "a linkback: its post's page");

    site.write(
        "content/2022/new.md",
        "+++\ntitle = \"New\"\ndate = 2022-09-28\ntags = [\"red\"]\n+++\nWords.\n",
    );
    assert_eq!(count(&mut site), 17, "a new post: {:?}", site.rendered_now());
    // Compared with a build from nothing only once, as that takes its time.
    site.build().rendered(&[]);
}
