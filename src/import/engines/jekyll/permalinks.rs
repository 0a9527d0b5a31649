//! Addresses as Jekyll makes them of patterns, names and dates.

use chrono::Datelike;

use crate::date::Date;

/// The patterns that the setting `permalink` stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PermalinkStyle {
    pub(super) posts: String,
    /// What stands behind the path of pages and of documents of collections.
    pub(super) suffix: &'static str,
}

impl Default for PermalinkStyle {
    fn default() -> Self {
        Self::of("")
    }
}

impl PermalinkStyle {
    /// The style of a setting: a name, or a pattern.
    pub(super) fn of(setting: &str) -> Self {
        let named = match setting.trim() {
            "" | "date" => "/:categories/:year/:month/:day/:title:output_ext",
            "pretty" => {
                return Self { posts: "/:categories/:year/:month/:day/:title/".to_owned(), suffix: "/" };
            }
            "ordinal" => "/:categories/:year/:y_day/:title:output_ext",
            "weekdate" => "/:categories/:year/W:week/:short_day/:title:output_ext",
            "none" => "/:categories/:title:output_ext",
            pattern => {
                let suffix = if pattern.ends_with('/') {
                    "/"
                } else if pattern.ends_with(":output_ext") {
                    ".html"
                } else {
                    ""
                };
                return Self { posts: pattern.to_owned(), suffix };
            }
        };
        Self { posts: named.to_owned(), suffix: ".html" }
    }
}

/// What patterns are filled with.
pub(super) struct JekyllNames<'a> {
    pub(super) date: Option<Date>,
    pub(super) slug: &'a str,
    pub(super) categories: &'a [String],
    pub(super) collection: &'a str,
    /// The path of a document below its collection, without its ending.
    pub(super) path: &'a str,
    /// The name of the file without its ending.
    pub(super) name: &'a str,
}

impl JekyllNames<'_> {
    /// The address of a pattern.
    pub(super) fn address(&self, pattern: &str) -> String {
        let mut out = String::from("/");
        let mut pieces = pattern.split(':');
        out.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            let end = piece.find(|c: char| !c.is_ascii_lowercase() && c != '_').unwrap_or(piece.len());
            // The longest name that is one: `:title_x` is a title and `_x`.
            let known = (1..=end).rev().find_map(|end| Some((self.token(&piece[..end])?, end)));
            match known {
                Some((value, end)) => {
                    out.push_str(&value);
                    out.push_str(&piece[end..]);
                }
                None => {
                    out.push(':');
                    out.push_str(piece);
                }
            }
        }
        while let Some(at) = out.find("//") {
            out.remove(at);
        }
        out
    }

    fn token(&self, name: &str) -> Option<String> {
        let dated =
            |format: &str| self.date.map(|date| date.time().format(format).to_string()).unwrap_or_default();
        Some(match name {
            "year" => dated("%Y"),
            "short_year" => dated("%y"),
            "month" => dated("%m"),
            "i_month" => dated("%-m"),
            "short_month" => dated("%b"),
            "long_month" => dated("%B"),
            "day" => dated("%d"),
            "i_day" => dated("%-d"),
            "y_day" => dated("%j"),
            "short_day" => dated("%a"),
            "long_day" => dated("%A"),
            "hour" => dated("%H"),
            "minute" => dated("%M"),
            "second" => dated("%S"),
            "week" => dated("%V"),
            "w_year" => dated("%G"),
            "w_day" => self
                .date
                .map(|date| date.day().weekday().number_from_monday().to_string())
                .unwrap_or_default(),
            "title" => pretty(self.slug),
            "slug" => slugified(self.slug),
            "name" => slugified(self.name),
            "path" => self.path.to_owned(),
            "basename" => self.name.to_owned(),
            "collection" => self.collection.to_owned(),
            "output_ext" => ".html".to_owned(),
            "categories" => self.joined_categories(|name| name.to_lowercase()),
            "slugified_categories" => self.joined_categories(slugified),
            _ => return None,
        })
    }

    fn joined_categories(&self, form: impl Fn(&str) -> String) -> String {
        let mut parts: Vec<String> = Vec::new();
        for part in self.categories.iter().map(|name| form(name)) {
            if !parts.contains(&part) {
                parts.push(part);
            }
        }
        parts.join("/")
    }
}

/// Everything but letters and digits as hyphens, in lower case.
pub(in crate::import::engines) fn slugified(text: &str) -> String {
    hyphenated(text, &|c| c.is_alphanumeric()).to_lowercase()
}

/// The mode of `:title`: what an address can hold stays, and so do capitals.
fn pretty(text: &str) -> String {
    hyphenated(text, &|c| c.is_alphanumeric() || "._~!$&'()+,;=@".contains(c))
}

fn hyphenated(text: &str, stays: &dyn Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if stays(c) {
            out.push(c);
        } else if !out.ends_with('-') {
            out.push('-');
        }
    }
    out.trim_matches('-').to_owned()
}

/// The title that Jekyll makes of a name: `first-post` is `First Post`.
pub(super) fn title_of(slug: &str) -> String {
    let words = slug.split(['-', '_']).filter(|word| !word.is_empty()).map(|word| {
        let mut letters = word.chars();
        letters.next().map(|c| c.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_give_the_addresses_that_jekyll_gave() {
        let date = Date::parse("2015-02-04 04:30:00", chrono_tz::Tz::UTC).ok();
        let categories = ["Harbour".to_owned(), "Sheet Bends".to_owned()];
        let names = JekyllNames {
            date,
            slug: "Ä Day (x)",
            categories: &categories,
            collection: "posts",
            path: "sub/day",
            name: "day",
        };
        for (style, expected) in [
            ("", "/harbour/sheet bends/2015/02/04/Ä-Day-(x).html"),
            ("pretty", "/harbour/sheet bends/2015/02/04/Ä-Day-(x)/"),
            ("ordinal", "/harbour/sheet bends/2015/035/Ä-Day-(x).html"),
            ("weekdate", "/harbour/sheet bends/2015/W06/Wed/Ä-Day-(x).html"),
            ("none", "/harbour/sheet bends/Ä-Day-(x).html"),
            ("/:slugified_categories/:slug", "/harbour/sheet-bends/ä-day-x"),
            ("/:collection/:path:output_ext", "/posts/sub/day.html"),
            ("/:year-:i_month-:title_x/", "/2015-2-Ä-Day-(x)_x/"),
        ] {
            assert_eq!(names.address(&PermalinkStyle::of(style).posts), expected, "{style}");
        }
    }
}
