//! The archive of a year.

use serde::Serialize;

use crate::page::builder::PlanBuilder;
use crate::page::kinds::{FileKind, PageContent};
use crate::page::view::{PeriodLinkView, PostLinkView};
use crate::page::{Page, Plan, links};
use crate::site::Site;
use crate::site::calendar::Month;

/// A year that has posts.
#[derive(Debug, Clone, PartialEq)]
pub struct YearPage {
    year: i32,
}

/// Template `year.html`: a year, month by month.
#[derive(Debug, Clone, Serialize)]
pub struct YearView {
    /// `2016`.
    pub year: i32,
    /// How many posts it has.
    pub count: usize,
    /// Months that have posts, newest first.
    pub months: Vec<YearMonthView>,
    /// The nearest earlier year that has posts.
    pub previous: Option<PeriodLinkView>,
    /// The nearest later year that has posts.
    pub next: Option<PeriodLinkView>,
}

/// A month on its year's page.
#[derive(Debug, Clone, Serialize)]
pub struct YearMonthView {
    /// `2016-12`.
    pub month: String,
    pub url: String,
    /// How many posts it has.
    pub count: usize,
    /// Its posts, newest first.
    pub posts: Vec<PostLinkView>,
}

impl PageContent for YearPage {
    type View<'a> = YearView;

    fn plan(builder: &mut PlanBuilder<'_>) {
        for (year, _) in builder.site.calendar.years() {
            builder.claim(links::year_url(builder.site, year), Self { year });
        }
    }

    fn view(&self, plan: &Plan, _page: &Page) -> YearView {
        let (site, year) = (&plan.site, self.year);
        let (previous, next) = site.calendar.around_year(year);
        YearView {
            year,
            count: site.calendar.count_of_year(year),
            months: (1..=12).rev().filter_map(|number| year_month(site, Month { year, number })).collect(),
            previous: previous.map(|year| links::year_link(site, year)),
            next: next.map(|year| links::year_link(site, year)),
        }
    }

    fn template(&self) -> Option<&'static str> {
        Some("year")
    }

    fn title(&self, _site: &Site) -> String {
        self.year.to_string()
    }

    fn label(&self, _site: &Site) -> String {
        format!("the archive of {}", self.year)
    }

    fn file_kind(&self) -> FileKind {
        FileKind::List
    }
}

fn year_month(site: &Site, month: Month) -> Option<YearMonthView> {
    let count = site.calendar.count_of_month(month);
    let posts = site.calendar.days_of(month).rev().flat_map(|(_, posts)| posts);
    (count > 0).then(|| YearMonthView {
        month: month.to_string(),
        url: site.config.url(&links::month_url(site, month)),
        count,
        posts: posts.map(|&post| links::post_link(site, &site.posts[post])).collect(),
    })
}
