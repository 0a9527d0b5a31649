//! The list of years and months that have posts.

use serde::Serialize;

use crate::page::builder::PlanBuilder;
use crate::page::kinds::{FileKind, PageContent};
use crate::page::{Page, Plan, links};
use crate::site::Site;
use crate::site::calendar::Month;

/// All years.
#[derive(Debug, Clone, PartialEq)]
pub struct ArchivesPage;

/// Template `archives.html`: all years and months that have posts.
#[derive(Debug, Clone, Serialize)]
pub struct ArchivesView {
    /// How many posts there are.
    pub count: usize,
    /// Newest first.
    pub years: Vec<YearCountView>,
}

/// A year in the list of years.
#[derive(Debug, Clone, Serialize)]
pub struct YearCountView {
    /// `2016`.
    pub year: i32,
    pub url: String,
    /// How many posts it has.
    pub count: usize,
    /// Its twelve months, January first, those without posts as well.
    pub months: Vec<MonthCountView>,
}

/// A month in the list of years.
#[derive(Debug, Clone, Serialize)]
pub struct MonthCountView {
    /// `2016-12`.
    pub month: String,
    /// Its page; none if it has no posts.
    pub url: Option<String>,
    /// How many posts it has.
    pub count: usize,
}

impl PageContent for ArchivesPage {
    type View<'a> = ArchivesView;

    fn plan(builder: &mut PlanBuilder<'_>) {
        builder.claim(builder.site.config.paths.archives.clone(), Self);
    }

    fn view(&self, plan: &Plan, _page: &Page) -> ArchivesView {
        ArchivesView { count: plan.site.posts.len(), years: years(&plan.site) }
    }

    fn template(&self) -> Option<&'static str> {
        Some("archives")
    }

    fn label(&self, _site: &Site) -> String {
        "the list of archives".to_owned()
    }

    fn file_kind(&self) -> FileKind {
        FileKind::List
    }
}

/// All years with their months, newest first.
pub(in crate::page) fn years(site: &Site) -> Vec<YearCountView> {
    let years = site.calendar.years().rev();
    years
        .map(|(year, count)| YearCountView {
            year,
            url: site.config.url(&links::year_url(site, year)),
            count,
            months: (1..=12).map(|number| month_count(site, Month { year, number })).collect(),
        })
        .collect()
}

fn month_count(site: &Site, month: Month) -> MonthCountView {
    let count = site.calendar.count_of_month(month);
    MonthCountView {
        month: month.to_string(),
        url: (count > 0).then(|| site.config.url(&links::month_url(site, month))),
        count,
    }
}
