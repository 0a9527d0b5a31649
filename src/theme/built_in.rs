//! The theme in the binary: the files of `themes/default/`.

macro_rules! file {
    ($path:literal) => {
        ($path, include_bytes!(concat!("../../themes/default/", $path)))
    };
}

/// Path below the theme's folder, and content. A test sees to it that the list is complete.
pub const FILES: &[(&str, &[u8])] = &[
    file!("i18n/de.toml"),
    file!("i18n/en.toml"),
    file!("i18n/es.toml"),
    file!("i18n/fr.toml"),
    file!("i18n/sv.toml"),
    file!("static/favicon.svg"),
    file!("static/style.css"),
    file!("templates/archives.html"),
    file!("templates/base.html"),
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
    file!("templates/series.html"),
    file!("templates/term.html"),
    file!("templates/terms.html"),
    file!("templates/year.html"),
    file!("theme.toml"),
];
