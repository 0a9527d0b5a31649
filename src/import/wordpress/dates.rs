//! Dates of WordPress: the blog's own time without its zone, beside UTC, which tells the zone.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, LocalResult, NaiveDateTime, Offset, TimeZone, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};

/// `2019-03-31 00:40:00`; nothing for zeros and dates that are none.
pub(super) fn local_time(text: &str) -> Option<NaiveDateTime> {
    let text = text.trim();
    if text.starts_with("0000") {
        return None;
    }
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok()
}

/// Moments with the offset from UTC that the blog had then, in minutes.
#[derive(Debug, Default)]
pub(super) struct OffsetSamples {
    samples: BTreeMap<NaiveDateTime, i64>,
}

/// How many moments are looked at.
const MOST_SAMPLES: usize = 2000;
/// Zones that are named first where several have the same offsets: those of most people.
const LARGE: [&str; 30] = [
    "UTC",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Helsinki",
    "Europe/Lisbon",
    "Europe/Moscow",
    "Europe/Istanbul",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "America/Phoenix",
    "America/Toronto",
    "America/Sao_Paulo",
    "America/Mexico_City",
    "America/Bogota",
    "Asia/Tokyo",
    "Asia/Shanghai",
    "Asia/Kolkata",
    "Asia/Singapore",
    "Asia/Dubai",
    "Asia/Bangkok",
    "Asia/Karachi",
    "Asia/Tehran",
    "Australia/Sydney",
    "Australia/Brisbane",
    "Pacific/Auckland",
    "Africa/Johannesburg",
    "Africa/Lagos",
    "Africa/Nairobi",
];

impl OffsetSamples {
    /// Notes a moment in both times.
    pub(super) fn add(&mut self, local: &str, utc: &str) {
        let (Some(local), Some(utc)) = (local_time(local), local_time(utc)) else { return };
        let minutes = (local - utc).num_minutes();
        if self.samples.len() < MOST_SAMPLES && minutes.abs() <= 14 * 60 {
            self.samples.insert(utc, minutes);
        }
    }

    /// Whether nothing is known.
    pub(super) fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    /// The zone that has most of the offsets.
    pub(super) fn zone(&self) -> Tz {
        let large = LARGE.iter().filter_map(|name| name.parse::<Tz>().ok());
        let mut best = (Tz::UTC, self.fits(Tz::UTC));
        for zone in large.chain(TZ_VARIANTS) {
            if best.1 == self.samples.len() {
                break;
            }
            let fits = self.fits(zone);
            if fits > best.1 {
                best = (zone, fits);
            }
        }
        best.0
    }

    fn fits(&self, zone: Tz) -> usize {
        let fitting = self.samples.iter().filter(|(utc, minutes)| {
            let offset = zone.offset_from_utc_datetime(utc).fix();
            i64::from(offset.local_minus_utc()) == **minutes * 60
        });
        fitting.count()
    }
}

/// A moment as front matter has it, with the offset of its day.
pub(in crate::import) fn moment_text(local: &str, utc: &str, zone: Tz) -> Option<String> {
    let moment: DateTime<FixedOffset> = match (local_time(local), local_time(utc)) {
        (Some(local), Some(utc)) => {
            let seconds = (local - utc).num_seconds();
            let offset =
                i32::try_from(seconds).ok().filter(|seconds| seconds.abs() <= 14 * 3600 && seconds % 60 == 0);
            match offset.and_then(FixedOffset::east_opt) {
                Some(offset) => utc.and_utc().with_timezone(&offset),
                None => in_zone(local, zone)?,
            }
        }
        (Some(local), None) => in_zone(local, zone)?,
        (None, Some(utc)) => utc.and_utc().with_timezone(&zone).fixed_offset(),
        (None, None) => return None,
    };
    Some(moment.format("%Y-%m-%dT%H:%M:%S%:z").to_string())
}

fn in_zone(local: NaiveDateTime, zone: Tz) -> Option<DateTime<FixedOffset>> {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(moment) | LocalResult::Ambiguous(moment, _) => Some(moment.fixed_offset()),
        // In the hour that summer time leaves out.
        LocalResult::None => Some(DateTime::<Utc>::from_naive_utc_and_offset(local, Utc).fixed_offset()),
    }
}

/// A moment in UTC as back matter has it.
pub(in crate::import) fn utc_text(local: &str, utc: &str, zone: Tz) -> Option<String> {
    let text = moment_text(local, utc, zone)?;
    let moment = DateTime::parse_from_rfc3339(&text).ok()?;
    Some(moment.to_utc().format("%Y-%m-%dT%H:%M:%SZ").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_zone_is_told_by_winter_and_summer() {
        let mut samples = OffsetSamples::default();
        samples.add("2019-01-10 12:00:00", "2019-01-10 11:00:00");
        samples.add("2019-07-10 12:00:00", "2019-07-10 10:00:00");
        assert_eq!(samples.zone(), Tz::Europe__Berlin);
        let mut samples = OffsetSamples::default();
        samples.add("2019-01-10 12:00:00", "2019-01-10 06:30:00");
        assert_eq!(samples.zone(), Tz::Asia__Kolkata);
        assert_eq!(OffsetSamples::default().zone(), Tz::UTC);
    }

    #[test]
    fn moments_have_the_offset_that_the_file_says() {
        let vienna = Tz::Europe__Vienna;
        for (local, utc, expected) in [
            ("2019-03-31 00:40:00", "2019-03-30 23:40:00", Some("2019-03-31T00:40:00+01:00")),
            ("2024-10-27 02:30:00", "2024-10-27 00:30:00", Some("2024-10-27T02:30:00+02:00")),
            ("2003-11-09 17:15:00", "0000-00-00 00:00:00", Some("2003-11-09T17:15:00+01:00")),
            ("", "0000-00-00 00:00:00", None),
        ] {
            assert_eq!(moment_text(local, utc, vienna).as_deref(), expected);
        }
        assert_eq!(utc_text("2019-03-31 08:00:00", "", vienna).as_deref(), Some("2019-03-31T06:00:00Z"));
    }
}
