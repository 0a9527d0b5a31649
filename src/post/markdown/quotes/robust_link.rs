//! The attributes of Robust Links 1.0, by which scripts and browsers offer the copy of a report where its address is dead:
//! `data-versionurl` and `data-versiondate` of the link to the report, `data-originalurl` of the link to the copy.

use chrono::NaiveDate;

use crate::html;
use crate::post::attribution::Attribution;
use crate::post::text_fragment;

/// A report of another site, and its copy in an archive whose addresses say the day of the copy.
pub(in crate::post::markdown) struct RobustLink<'a> {
    original: &'a str,
    version: &'a str,
    day: NaiveDate,
}

impl<'a> RobustLink<'a> {
    /// `None` if there is no copy, or its day is not known.
    pub(in crate::post::markdown) fn of(source: &'a Attribution) -> Option<Self> {
        let original = text_fragment::split_directive(&source.url).clean;
        let is_of_web = |url: &str| url.starts_with("https://") || url.starts_with("http://");
        (is_of_web(original) && is_of_web(&source.archive)).then_some(())?;
        Some(Self { original, version: &source.archive, day: day_of_copy(&source.archive)? })
    }

    /// The attributes of a link, with a space before each; empty if it leads to something else.
    pub(in crate::post::markdown) fn attributes_of(&self, url: &str) -> String {
        let Self { original, version, day } = self;
        if text_fragment::split_directive(url).clean == *original {
            format!(" data-versionurl=\"{}\" data-versiondate=\"{day}\"", html::escape(version))
        } else if url == *version {
            format!(" data-originalurl=\"{}\" data-versiondate=\"{day}\"", html::escape(original))
        } else {
            String::new()
        }
    }
}

/// The day in the address of a copy as archives of the Wayback Machine's kind have it: `/web/20161215120000/https://…`, also with
/// flags behind the figures (`id_`).
fn day_of_copy(url: &str) -> Option<NaiveDate> {
    let stamps = url.split('/').zip(url.split('/').skip(1));
    let stamps = stamps.filter(|(_, next)| next.starts_with("http")).map(|(stamp, _)| stamp);
    stamps
        .filter(|stamp| stamp.chars().take_while(char::is_ascii_digit).count() == 14)
        .find_map(|stamp| NaiveDate::parse_from_str(stamp.get(..8)?, "%Y%m%d").ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attributes(archive: &str, url: &str) -> String {
        let source = Attribution {
            url: "https://p.example/x?a=1&b=2".to_owned(),
            archive: archive.to_owned(),
            ..Attribution::default()
        };
        RobustLink::of(&source).map_or_else(String::new, |link| link.attributes_of(url))
    }

    const COPY: &str = "https://web.archive.org/web/20161215120000/https://p.example/x?a=1&b=2";

    #[test]
    fn a_report_and_its_copy_name_each_other() {
        assert_eq!(
            attributes(COPY, "https://p.example/x?a=1&b=2"),
            " data-versionurl=\"https://web.archive.org/web/20161215120000/https://p.example/x?a=1&amp;b=2\" \
             data-versiondate=\"2016-12-15\""
        );
        assert_eq!(
            attributes(COPY, COPY),
            " data-originalurl=\"https://p.example/x?a=1&amp;b=2\" data-versiondate=\"2016-12-15\""
        );
        assert_eq!(attributes(COPY, "https://other.example/"), "");
    }

    #[test]
    fn a_copy_whose_day_is_not_known_has_no_attributes() {
        for archive in
            ["", "https://archive.example/1", "https://web.archive.org/web/2016/https://p.example/"]
        {
            assert_eq!(attributes(archive, "https://p.example/x?a=1&b=2"), "", "{archive}");
        }
        let raw = "https://web.archive.org/web/20161215120000id_/https://p.example/x";
        assert!(attributes(raw, raw).contains("2016-12-15"));
    }
}
