//! The theme in the binary: the files of `themes/default/`.

use std::borrow::Cow;
use std::sync::LazyLock;

macro_rules! file {
    ($path:literal) => {
        ($path, include_bytes!(concat!("../../themes/default/", $path)))
    };
}

/// Path below the theme's folder, and content. A test sees to it that the list is complete.
pub const FILES: &[(&str, &[u8])] = &[
    file!("i18n/ar.toml"),
    file!("i18n/ca.toml"),
    file!("i18n/cs.toml"),
    file!("i18n/da.toml"),
    file!("i18n/de.toml"),
    file!("i18n/el.toml"),
    file!("i18n/en.toml"),
    file!("i18n/es.toml"),
    file!("i18n/fa.toml"),
    file!("i18n/fi.toml"),
    file!("i18n/fr.toml"),
    file!("i18n/he.toml"),
    file!("i18n/hi.toml"),
    file!("i18n/hu.toml"),
    file!("i18n/id.toml"),
    file!("i18n/it.toml"),
    file!("i18n/ja.toml"),
    file!("i18n/ko.toml"),
    file!("i18n/nl.toml"),
    file!("i18n/no.toml"),
    file!("i18n/pl.toml"),
    file!("i18n/pt.toml"),
    file!("i18n/pt-BR.toml"),
    file!("i18n/ro.toml"),
    file!("i18n/ru.toml"),
    file!("i18n/sv.toml"),
    file!("i18n/tr.toml"),
    file!("i18n/uk.toml"),
    file!("i18n/vi.toml"),
    file!("i18n/zh.toml"),
    file!("i18n/zh-Hant.toml"),
    file!("static/embed.js"),
    file!("static/favicon.svg"),
    file!("static/look-notebook.css"),
    file!("static/look-plain.css"),
    file!("static/scheme.js"),
    file!("static/style.css"),
    file!("templates/archives.html"),
    file!("templates/author.html"),
    file!("templates/base.html"),
    file!("templates/card.svg.xml"),
    file!("templates/day.html"),
    file!("templates/home.html"),
    file!("templates/month.html"),
    file!("templates/not_found.html"),
    file!("templates/page.html"),
    file!("templates/partials/back_matter.html"),
    file!("templates/partials/byline.html"),
    file!("templates/partials/calendar.html"),
    file!("templates/partials/card.html"),
    file!("templates/partials/colophon.html"),
    file!("templates/partials/components.html"),
    file!("templates/partials/foot_extra.html"),
    file!("templates/partials/head.html"),
    file!("templates/partials/head_extra.html"),
    file!("templates/partials/index.html"),
    file!("templates/partials/pager.html"),
    file!("templates/partials/periods.html"),
    file!("templates/partials/post_end.html"),
    file!("templates/partials/posts.html"),
    file!("templates/partials/response.html"),
    file!("templates/partials/toc.html"),
    file!("templates/post.html"),
    file!("templates/quotes.html"),
    file!("templates/redirect.html"),
    file!("templates/search.html"),
    file!("templates/series.html"),
    file!("templates/term.html"),
    file!("templates/terms.html"),
    file!("templates/year.html"),
    file!("theme.toml"),
];

/// A static file as it is published.
struct PublishedFile {
    path: &'static str,
    bytes: Cow<'static, [u8]>,
}

/// The static files as they are published: style sheets and scripts without the comments, which are for those who read the
/// sources and would be a sixth of what is sent.
static PUBLISHED: LazyLock<Vec<PublishedFile>> = LazyLock::new(|| {
    let files = FILES.iter().filter(|(path, _)| path.starts_with("static/"));
    let published = files.map(|(path, bytes)| PublishedFile {
        path,
        bytes: match path.ends_with(".css") || path.ends_with(".js") {
            true => Cow::Owned(without_comments(&String::from_utf8_lossy(bytes)).into_bytes()),
            false => Cow::Borrowed(*bytes),
        },
    });
    published.collect()
});

/// The static files as they are published, by their paths.
pub(crate) fn static_files() -> impl Iterator<Item = (&'static str, &'static [u8])> {
    PUBLISHED.iter().map(|file| (file.path, file.bytes.as_ref()))
}

/// A style sheet or script of the theme without its comments and the lines that held nothing else. None of these files has
/// the signs of a comment in a string.
fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, comment)) = rest.split_once("/*") {
        out.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, behind)| behind);
        if out.is_empty() || out.ends_with('\n') {
            rest = rest.strip_prefix('\n').unwrap_or(rest);
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn comments_stay_in_the_sources() {
        let sheet = "/* One\n   and two */\n\na { b: c } /* three */\n/* four */\nd { e: f }\n";
        assert_eq!(without_comments(sheet), "\na { b: c } \nd { e: f }\n");
        for (path, bytes) in static_files() {
            let text = String::from_utf8_lossy(bytes);
            assert!(!text.contains("/*") && !text.contains("*/"), "{path}");
        }
    }

    /// What a look costs a reader: the sheet of the theme and its own.
    #[test]
    fn a_look_is_below_8_kilobytes() {
        let sheet = |name: &str| {
            static_files().find(|(path, _)| *path == name).map(|(_, bytes)| bytes).unwrap_or_default()
        };
        for look in ["", "static/look-notebook.css", "static/look-plain.css"] {
            let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            packed.write_all(sheet("static/style.css")).expect("memory can be written to");
            packed.write_all(sheet(look)).expect("memory can be written to");
            let size = packed.finish().expect("memory can be written to").len();
            assert!((4000..8000).contains(&size), "{look}: {size} bytes");
        }
    }
}
