//! Archives by date: all years, and each year, month and day that has posts.

use chrono::{Datelike, NaiveDate, Weekday};

use crate::page::view::{
    ArchivesView, CalendarView, DateLinksView, DayCellView, DayView, MonthCountView, MonthView,
    PeriodLinkView, YearCountView, YearMonthView, YearView,
};
use crate::page::{PageKind, Plan, PlanBuilder, list};
use crate::path::UrlPath;
use crate::site::Site;

/// Claims the addresses of all archives.
pub(super) fn plan(builder: &mut PlanBuilder<'_>) {
    let site = builder.site;
    builder.claim(site.config.paths.archives.clone(), PageKind::Archives);
    for (year, _) in site.calendar.years() {
        builder.claim(year_url(site, year), PageKind::Year(year));
    }
    for ((year, month), _) in site.calendar.months() {
        builder.claim(month_url(site, (year, month)), PageKind::Month(year, month));
    }
    for (day, _) in site.calendar.days() {
        builder.claim(day_url(site, day), PageKind::Day(day));
    }
}

fn year_url(site: &Site, year: i32) -> UrlPath {
    site.config.permalink.front().child(&format!("{year:04}/"))
}

fn month_url(site: &Site, (year, month): (i32, u32)) -> UrlPath {
    site.config.permalink.front().child(&format!("{year:04}/{month:02}/"))
}

fn day_url(site: &Site, day: NaiveDate) -> UrlPath {
    site.config.permalink.front().child(&day.format("%Y/%m/%d/").to_string())
}

/// The archive pages a day stands in.
pub(super) fn date_links(site: &Site, day: NaiveDate) -> DateLinksView {
    DateLinksView {
        year: site.config.url(&year_url(site, day.year())),
        month: site.config.url(&month_url(site, (day.year(), day.month()))),
        day: site.config.url(&day_url(site, day)),
    }
}

fn year_link(site: &Site, year: i32) -> PeriodLinkView {
    PeriodLinkView { date: format!("{year:04}"), url: site.config.url(&year_url(site, year)) }
}

fn month_link(site: &Site, (year, month): (i32, u32)) -> PeriodLinkView {
    PeriodLinkView { date: month_name(year, month), url: site.config.url(&month_url(site, (year, month))) }
}

fn day_link(site: &Site, day: NaiveDate) -> PeriodLinkView {
    PeriodLinkView { date: day.to_string(), url: site.config.url(&day_url(site, day)) }
}

fn month_name(year: i32, month: u32) -> String {
    format!("{year:04}-{month:02}")
}

pub(super) fn archives(site: &Site) -> ArchivesView {
    ArchivesView { count: site.posts.len(), years: years(site) }
}

/// All years with their months, newest first.
pub(super) fn years(site: &Site) -> Vec<YearCountView> {
    let year = |(year, count)| YearCountView {
        year,
        url: site.config.url(&year_url(site, year)),
        count,
        months: (1..=12).map(|month| month_count(site, year, month)).collect(),
    };
    site.calendar.years().rev().map(year).collect()
}

fn month_count(site: &Site, year: i32, month: u32) -> MonthCountView {
    let count = site.calendar.count_of_month((year, month));
    MonthCountView {
        month: month_name(year, month),
        url: (count > 0).then(|| site.config.url(&month_url(site, (year, month)))),
        count,
    }
}

pub(super) fn year(site: &Site, year: i32) -> YearView {
    let (previous, next) = site.calendar.around_year(year);
    YearView {
        year,
        count: site.calendar.count_of_year(year),
        months: (1..=12).rev().filter_map(|month| year_month(site, (year, month))).collect(),
        previous: previous.map(|year| year_link(site, year)),
        next: next.map(|year| year_link(site, year)),
    }
}

fn year_month(site: &Site, (year, month): (i32, u32)) -> Option<YearMonthView> {
    let count = site.calendar.count_of_month((year, month));
    let posts = site.calendar.days_of((year, month)).rev().flat_map(|(_, posts)| posts);
    (count > 0).then(|| YearMonthView {
        month: month_name(year, month),
        url: site.config.url(&month_url(site, (year, month))),
        count,
        posts: posts.map(|&post| list::post_link(site, &site.posts[post])).collect(),
    })
}

pub(super) fn month(plan: &Plan, (year, month): (i32, u32)) -> MonthView<'_> {
    let site = &plan.site;
    let (previous, next) = site.calendar.around_month((year, month));
    let posts = site.calendar.days_of((year, month)).rev().flat_map(|(_, posts)| posts);
    MonthView {
        month: month_name(year, month),
        count: site.calendar.count_of_month((year, month)),
        calendar: calendar(site, (year, month)),
        posts: list::cards(plan, posts.copied()),
        year: year_link(site, year),
        previous: previous.map(|month| month_link(site, month)),
        next: next.map(|month| month_link(site, month)),
    }
}

/// The month as a table. Weeks begin where the language's region begins them.
fn calendar(site: &Site, (year, month): (i32, u32)) -> CalendarView {
    let first_weekday = first_weekday(&site.config.language);
    let weekdays: Vec<Weekday> =
        std::iter::successors(Some(first_weekday), |day| Some(day.succ())).take(7).collect();
    let first = NaiveDate::from_ymd_opt(year, month, 1).unwrap_or_default();
    let days: Vec<NaiveDate> = first.iter_days().take_while(|day| day.month() == month).collect();
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
    let count = site.calendar.posts_of(day).len();
    DayCellView {
        day: day.day(),
        date: day.to_string(),
        url: (count > 0).then(|| site.config.url(&day_url(site, day))),
        count,
    }
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

pub(super) fn day(plan: &Plan, day: NaiveDate) -> DayView<'_> {
    let site = &plan.site;
    let (previous, next) = site.calendar.around_day(day);
    DayView {
        date: day.to_string(),
        posts: list::cards(plan, site.calendar.posts_of(day).iter().copied()),
        year: year_link(site, day.year()),
        month: month_link(site, (day.year(), day.month())),
        previous: previous.map(|day| day_link(site, day)),
        next: next.map(|day| day_link(site, day)),
    }
}
