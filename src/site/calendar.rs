//! Years, months and days that have posts.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};

use crate::post::Post;

/// A month of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    pub year: i32,
    /// 1 to 12.
    pub number: u32,
}

impl Month {
    /// The month of a day.
    pub fn of(day: NaiveDate) -> Self {
        Self { year: day.year(), number: day.month() }
    }

    /// Its first day.
    pub fn first_day(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.year, self.number, 1).unwrap_or_default()
    }
}

/// `2016-12`.
impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.number)
    }
}

/// Posts by day. Days without posts are not in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    days: BTreeMap<NaiveDate, Vec<usize>>,
    months: BTreeMap<Month, usize>,
    years: BTreeMap<i32, usize>,
}

impl Calendar {
    /// The calendar of posts that stand newest first. Posts without a date are not in it.
    pub fn of(posts: &[Arc<Post>]) -> Self {
        let mut calendar = Self::default();
        for (index, post) in posts.iter().enumerate() {
            let Some(day) = post.date.map(|date| date.day()) else { continue };
            calendar.days.entry(day).or_default().push(index);
            *calendar.months.entry(Month::of(day)).or_default() += 1;
            *calendar.years.entry(day.year()).or_default() += 1;
        }
        calendar
    }

    /// Years with how many posts they have, oldest first.
    pub fn years(&self) -> impl DoubleEndedIterator<Item = (i32, usize)> + '_ {
        self.years.iter().map(|(&year, &count)| (year, count))
    }

    /// Months with how many posts they have, oldest first.
    pub fn months(&self) -> impl DoubleEndedIterator<Item = (Month, usize)> + '_ {
        self.months.iter().map(|(&month, &count)| (month, count))
    }

    /// Days with their posts, newest first within a day, oldest day first.
    pub fn days(&self) -> impl DoubleEndedIterator<Item = (NaiveDate, &[usize])> + '_ {
        self.days.iter().map(|(&day, posts)| (day, posts.as_slice()))
    }

    /// Days of a month that have posts.
    pub fn days_of(&self, month: Month) -> impl DoubleEndedIterator<Item = (NaiveDate, &[usize])> + '_ {
        let first = month.first_day();
        let last = first.checked_add_months(chrono::Months::new(1)).unwrap_or(NaiveDate::MAX);
        self.days.range(first..last).map(|(&day, posts)| (day, posts.as_slice()))
    }

    /// The posts of a day, newest first.
    pub fn posts_of(&self, day: NaiveDate) -> &[usize] {
        self.days.get(&day).map_or(&[], Vec::as_slice)
    }

    /// How many posts a year has.
    pub fn count_of_year(&self, year: i32) -> usize {
        self.years.get(&year).copied().unwrap_or(0)
    }

    /// How many posts a month has.
    pub fn count_of_month(&self, month: Month) -> usize {
        self.months.get(&month).copied().unwrap_or(0)
    }

    /// The nearest years before and after that have posts.
    pub fn around_year(&self, year: i32) -> (Option<i32>, Option<i32>) {
        around(&self.years, &year)
    }

    /// The nearest months before and after that have posts.
    pub fn around_month(&self, month: Month) -> (Option<Month>, Option<Month>) {
        around(&self.months, &month)
    }

    /// The nearest days before and after that have posts.
    pub fn around_day(&self, day: NaiveDate) -> (Option<NaiveDate>, Option<NaiveDate>) {
        around(&self.days, &day)
    }
}

fn around<K: Ord + Copy, V>(map: &BTreeMap<K, V>, key: &K) -> (Option<K>, Option<K>) {
    let before = map.range(..key).next_back().map(|(&key, _)| key);
    let after =
        map.range((std::ops::Bound::Excluded(key), std::ops::Bound::Unbounded)).next().map(|(&key, _)| key);
    (before, after)
}
