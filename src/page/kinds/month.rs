//! The archive of a month, with its calendar.

use chrono::{Datelike, NaiveDate, Weekday};
use serde::Serialize;

use crate::page::builder::PlanBuilder;
use crate::page::cards::{self, Card};
use crate::page::kinds::{FileKind, PageContent, RenderOrder};
use crate::page::view::PeriodLinkView;
use crate::page::{Page, Plan, links};
use crate::site::Site;
use crate::site::calendar::Month;

/// A month that has posts.
#[derive(Debug, Clone, PartialEq)]
pub struct MonthPage {
    month: Month,
}

/// Template `month.html`: a month with its calendar.
#[derive(Debug, Clone, Serialize)]
pub struct MonthView<'a> {
    /// `2016-12`.
    pub month: String,
    /// How many posts it has.
    pub count: usize,
    pub calendar: CalendarView,
    /// Newest first.
    pub posts: Vec<Card<'a>>,
    /// The page of its year.
    pub year: PeriodLinkView,
    /// The nearest earlier month that has posts.
    pub previous: Option<PeriodLinkView>,
    /// The nearest later month that has posts.
    pub next: Option<PeriodLinkView>,
}

/// A month as a table of weeks.
#[derive(Debug, Clone, Serialize)]
pub struct CalendarView {
    /// Seven weekdays in the order of the columns, 1 is Monday and 7 Sunday.
    pub weekdays: Vec<u8>,
    /// Rows of seven cells.
    pub weeks: Vec<Vec<DayCellView>>,
}

/// A cell of a calendar.
#[derive(Debug, Clone, Serialize)]
pub struct DayCellView {
    /// 1 to 31; 0 before the first and after the last of the month.
    pub day: u32,
    /// `2016-12-18`; empty where `day` is 0.
    pub date: String,
    /// The day's page, or its newest post where the settings make no pages of days; none if it has no posts.
    pub url: Option<String>,
    /// How many posts it has.
    pub count: usize,
}

impl PageContent for MonthPage {
    type View<'a> = MonthView<'a>;

    fn plan(builder: &mut PlanBuilder<'_>) {
        for (month, _) in builder.site.calendar.months() {
            builder.claim(links::month_url(builder.site, month), Self { month });
        }
    }

    fn view<'a>(&'a self, plan: &'a Plan, _page: &'a Page) -> MonthView<'a> {
        let (site, month) = (&plan.site, self.month);
        let (previous, next) = site.calendar.around_month(month);
        let posts = site.calendar.days_of(month).rev().flat_map(|(_, posts)| posts);
        MonthView {
            month: month.to_string(),
            count: site.calendar.count_of_month(month),
            calendar: calendar(site, month),
            posts: cards::cards(plan, posts.copied()),
            year: links::year_link(site, month.year),
            previous: previous.map(|month| links::month_link(site, month)),
            next: next.map(|month| links::month_link(site, month)),
        }
    }

    fn template(&self) -> Option<&'static str> {
        Some("month")
    }

    fn title(&self, _site: &Site) -> String {
        self.month.to_string()
    }

    fn label(&self, _site: &Site) -> String {
        format!("the archive of {}", self.month)
    }

    fn file_kind(&self) -> FileKind {
        FileKind::List
    }

    fn render_order(&self, site: &Site) -> RenderOrder {
        let newest = site.calendar.days_of(self.month).next_back();
        RenderOrder::List(newest.and_then(|(_, posts)| posts.first().copied()).unwrap_or(0))
    }
}

/// The month as a table. Weeks begin where the language's region begins them.
fn calendar(site: &Site, month: Month) -> CalendarView {
    let first_weekday = first_weekday(&site.config.language);
    let weekdays: Vec<Weekday> =
        std::iter::successors(Some(first_weekday), |day| Some(day.succ())).take(7).collect();
    let first = month.first_day();
    let days: Vec<NaiveDate> = first.iter_days().take_while(|day| Month::of(*day) == month).collect();
    let mut cells: Vec<DayCellView> = Vec::with_capacity(42);
    let blanks = first.weekday().days_since(first_weekday) as usize;
    cells.resize_with(blanks, blank_cell);
    cells.extend(days.into_iter().map(|day| day_cell(site, day)));
    cells.resize_with(cells.len().next_multiple_of(7), blank_cell);
    CalendarView {
        weekdays: weekdays.iter().map(|day| u8::try_from(day.number_from_monday()).unwrap_or(1)).collect(),
        weeks: cells.chunks(7).map(<[DayCellView]>::to_vec).collect(),
    }
}

fn blank_cell() -> DayCellView {
    DayCellView { day: 0, date: String::new(), url: None, count: 0 }
}

fn day_cell(site: &Site, day: NaiveDate) -> DayCellView {
    let posts = site.calendar.posts_of(day);
    // The month lists all its posts in the order of days, so from the newest one of a day the others are near.
    let url = posts.first().map(|&newest| match site.config.archives.days {
        true => site.config.url(&links::day_url(site, day)),
        false => site.config.url(&site.posts[newest].url),
    });
    DayCellView { day: day.day(), date: day.to_string(), url, count: posts.len() }
}

/// Where weeks begin on Sunday or Saturday, by the language's region or usual region (Unicode CLDR,
/// supplemental data `weekData`); elsewhere on Monday.
fn first_weekday(language: &str) -> Weekday {
    let mut subtags = language.split('-');
    let primary = subtags.next().unwrap_or_default().to_ascii_lowercase();
    let region = subtags.find(|subtag| subtag.len() == 2).map(str::to_ascii_uppercase);
    const SUNDAY: [&str; 25] = [
        "US", "CA", "MX", "BR", "CO", "PE", "VE", "JP", "KR", "TW", "HK", "IL", "IN", "PH", "TH", "ZA", "ID",
        "PK", "BD", "SA", "KE", "SG", "PT", "AU", "CN",
    ];
    const SATURDAY: [&str; 8] = ["AE", "EG", "DZ", "IQ", "IR", "AF", "SY", "JO"];
    match region.as_deref() {
        Some(region) if SUNDAY.contains(&region) => Weekday::Sun,
        Some(region) if SATURDAY.contains(&region) => Weekday::Sat,
        Some(_) => Weekday::Mon,
        None if ["en", "ja", "ko", "he", "hi", "th", "pt"].contains(&primary.as_str()) => Weekday::Sun,
        None if ["fa", "ar"].contains(&primary.as_str()) => Weekday::Sat,
        None => Weekday::Mon,
    }
}
