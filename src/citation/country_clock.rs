//! The day of a moment in the country of a report, where its page says the moment in UTC and shows no day.
//!
//! The country is that of the address, or the one home of the language. `en-US` and the like do not count: they are what programs
//! for web sites write by default. Countries have several zones, and clocks go forward in summer; a day counts only
//! if it is the day in all of them.

use chrono::{DateTime, FixedOffset, NaiveDate, TimeDelta, Timelike};

/// How far the clocks of some countries are ahead of UTC.
struct ClockRange {
    /// Ends of addresses (ISO 3166-1, and `uk`).
    countries: &'static [&'static str],
    /// In minutes, from the west of the country to its east, in winter and in summer (IANA time zone database).
    minutes: [i64; 2],
}

const fn clocks(countries: &'static [&'static str], west: i64, east: i64) -> ClockRange {
    ClockRange { countries, minutes: [west, east] }
}

/// Countries whose addresses are used in them. Those of small countries that everyone uses (`co`, `io`, `tv`) are left out.
const CLOCKS: [ClockRange; 27] = [
    clocks(&["us"], -600, -240),
    clocks(&["ca"], -480, -150),
    clocks(&["mx"], -480, -300),
    clocks(&["br"], -300, -120),
    clocks(&["ar", "uy"], -180, -180),
    clocks(&["cl"], -360, -180),
    clocks(&["pe", "ec"], -360, -300),
    clocks(&["uk", "ie"], 0, 60),
    clocks(&["pt"], -60, 60),
    clocks(&["es"], 0, 120),
    clocks(
        &[
            "fr", "de", "at", "ch", "it", "nl", "be", "lu", "dk", "no", "se", "pl", "cz", "sk", "hu", "si",
            "hr", "rs",
        ],
        60,
        120,
    ),
    clocks(&["fi", "ee", "lv", "lt", "ro", "bg", "gr", "ua", "cy", "il", "eg"], 120, 180),
    clocks(&["za"], 120, 120),
    clocks(&["ng"], 60, 60),
    clocks(&["tr", "by", "sa", "ke"], 180, 180),
    clocks(&["ru"], 120, 720),
    clocks(&["ae"], 240, 240),
    clocks(&["ir"], 210, 270),
    clocks(&["pk"], 300, 300),
    clocks(&["in", "lk"], 330, 330),
    clocks(&["bd"], 360, 360),
    clocks(&["th", "vn"], 420, 420),
    clocks(&["id"], 420, 540),
    clocks(&["cn", "tw", "hk", "sg", "my", "ph"], 480, 480),
    clocks(&["jp", "kr"], 540, 540),
    clocks(&["au"], 480, 660),
    clocks(&["nz"], 720, 780),
];

/// Languages that are at home in countries of one clock, by one of these.
const HOMES: [(&str, &str); 19] = [
    ("de", "de"),
    ("it", "it"),
    ("nl", "nl"),
    ("da", "dk"),
    ("nb", "no"),
    ("nn", "no"),
    ("no", "no"),
    ("pl", "pl"),
    ("cs", "cz"),
    ("sk", "sk"),
    ("hu", "hu"),
    ("ro", "ro"),
    ("bg", "bg"),
    ("el", "gr"),
    ("uk", "ua"),
    ("tr", "tr"),
    ("ja", "jp"),
    ("ko", "kr"),
    ("vi", "vn"),
];

/// The day at a moment in the country of a page: that of the first of its `hosts` which has one, else that of its language.
/// `None` if the country is not known, has the day of UTC, or has two days at this moment.
pub(super) fn day_in_country(
    moment: DateTime<FixedOffset>,
    hosts: &[&str],
    language: &str,
) -> Option<NaiveDate> {
    // A program that knows the day alone writes midnight.
    if moment.num_seconds_from_midnight() == 0 {
        return None;
    }
    let ends = hosts.iter().filter_map(|host| host.rsplit('.').next());
    let known = ends.into_iter().find_map(clocks_of);
    let [west, east] = known.or_else(|| {
        let home = HOMES.iter().find(|(known, _)| *known == language)?;
        clocks_of(home.1)
    })?;
    let days = [west, east].map(|minutes| (moment.naive_utc() + TimeDelta::minutes(minutes)).date());
    (days[0] == days[1] && days[0] != moment.naive_utc().date()).then_some(days[0])
}

fn clocks_of(country: &str) -> Option<[i64; 2]> {
    CLOCKS.iter().find(|clocks| clocks.countries.contains(&country)).map(|clocks| clocks.minutes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(moment: &str, host: &str, language: &str) -> String {
        let moment = DateTime::parse_from_rfc3339(moment).expect("it is a moment");
        day_in_country(moment, &["127.0.0.1", host], language).map_or_else(String::new, |day| day.to_string())
    }

    #[test]
    fn a_day_is_that_of_the_country() {
        assert_eq!(day("2020-12-05T23:15:00Z", "quay.example.it", "en"), "2020-12-06");
        assert_eq!(day("2020-08-25T00:23:33Z", "quay.example.ca", "fr"), "2020-08-24");
        assert_eq!(day("2020-08-24T16:23:33Z", "quay.example.jp", ""), "2020-08-25");
        assert_eq!(day("2018-12-31T23:11:59Z", "quay.example.com", "de"), "2019-01-01");
    }

    #[test]
    fn where_the_day_is_in_doubt_there_is_none() {
        // Between the west and the east of the country, and between winter and summer.
        assert_eq!(day("2020-08-25T05:00:00Z", "quay.example.ca", "en"), "");
        assert_eq!(day("2020-01-04T22:30:00Z", "quay.example.de", "de"), "");
        // The day of UTC.
        assert_eq!(day("2020-08-25T12:00:00Z", "quay.example.ca", "en"), "");
        // A day without a time, a language of many countries, and addresses that everyone uses.
        assert_eq!(day("2020-08-25T00:00:00Z", "quay.example.ca", "en"), "");
        assert_eq!(day("2020-08-25T00:23:33Z", "quay.example.com", "en"), "");
        assert_eq!(day("2020-08-25T00:23:33Z", "quay.example.co", "es"), "");
    }
}
