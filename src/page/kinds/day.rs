//! The archive of a day.

use chrono::{Datelike, NaiveDate};
use serde::Serialize;

use crate::page::builder::PlanBuilder;
use crate::page::cards::{self, Card};
use crate::page::kinds::{FileKind, PageContent, RenderOrder};
use crate::page::view::PeriodLinkView;
use crate::page::{Page, Plan, links};
use crate::site::Site;
use crate::site::calendar::Month;

/// A day that has posts.
#[derive(Debug, Clone, PartialEq)]
pub struct DayPage {
    day: NaiveDate,
}

/// Template `day.html`: a day.
#[derive(Debug, Clone, Serialize)]
pub struct DayView<'a> {
    /// `2016-12-18`.
    pub date: String,
    /// Newest first.
    pub posts: Vec<Card<'a>>,
    /// The page of its year.
    pub year: PeriodLinkView,
    /// The page of its month.
    pub month: PeriodLinkView,
    /// The nearest earlier day that has posts.
    pub previous: Option<PeriodLinkView>,
    /// The nearest later day that has posts.
    pub next: Option<PeriodLinkView>,
}

impl PageContent for DayPage {
    type View<'a> = DayView<'a>;

    fn plan(builder: &mut PlanBuilder<'_>) {
        if !builder.site.config.archives.days {
            return;
        }
        for (day, _) in builder.site.calendar.days() {
            builder.claim(links::day_url(builder.site, day), Self { day });
        }
    }

    fn view<'a>(&'a self, plan: &'a Plan, _page: &'a Page) -> DayView<'a> {
        let (site, day) = (&plan.site, self.day);
        let (previous, next) = site.calendar.around_day(day);
        DayView {
            date: day.to_string(),
            posts: cards::cards(plan, site.calendar.posts_of(day).iter().copied()),
            year: links::year_link(site, day.year()),
            month: links::month_link(site, Month::of(day)),
            previous: previous.map(|day| links::day_link(site, day)),
            next: next.map(|day| links::day_link(site, day)),
        }
    }

    fn template(&self) -> Option<&'static str> {
        Some("day")
    }

    fn title(&self, _site: &Site) -> String {
        self.day.to_string()
    }

    fn label(&self, _site: &Site) -> String {
        format!("the archive of {}", self.day)
    }

    fn file_kind(&self) -> FileKind {
        FileKind::List
    }

    fn render_order(&self, site: &Site) -> RenderOrder {
        RenderOrder::List(site.calendar.posts_of(self.day).first().copied().unwrap_or(0))
    }
}
